/** Transactions as pages show them: filtered, a keyset page at a time, with the totals of what is filtered. */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { reading } from "../../db/reading";
import { type InBusiness, inBusiness, rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import type { TransactionState } from "../core/transactions";
import { require, type Scope } from "../people/access";
import { type PossiblePayout, payoutsFor } from "./deposits";

export type TransactionFilter = Readonly<{
  q?: string | undefined;
  account?: string | undefined;
  /** open, or any other state; null: all but hidden. */
  state?: TransactionState | undefined;
  category?: string | undefined;
  direction?: "in" | "out" | undefined;
  /** Of the amount without its sign, minor units. */
  amount?: bigint | undefined;
  /** Both ends included. */
  from?: string | undefined;
  to?: string | undefined;
  importId?: string | undefined;
}>;

/** What a row's category column says, in the parts that it is made of. */
export type TransactionRow = Readonly<{
  id: string;
  version: number;
  account: string;
  accountName: string;
  on: string;
  amount: bigint;
  payee: string;
  memo: string;
  state: TransactionState;
  category: string | null;
  categoryName: string | null;
  matched: string | null;
  /** The purchase that it is, and what of it is still to detail; null where it is none. */
  purchase: string | null;
  leftMinor: bigint | null;
  rule: string | null;
  isByHand: boolean;
  /** Waiting payouts that it may be. */
  payouts: readonly (Readonly<{ id: string }> & Pick<PossiblePayout, "channel" | "on" | "abroad">)[];
}>;

export type Totals = Readonly<{ count: number; cameIn: bigint; wentOut: bigint }>;
export type TransactionPage = Readonly<{ rows: readonly TransactionRow[]; next: string | null; totals: Totals }>;

const mostRows = 500;

/** The address's cursor: the last row's day and id. */
const cursorOf = (row: Readonly<{ on: string; id: string }>) => `${row.on}~${row.id}`;

/** Transactions, newest first. `after` is the cursor of the last row that was seen. */
export async function listTransactions(
  scope: Scope,
  filter: TransactionFilter,
  page: Readonly<{ after?: string | null | undefined; limit?: number | undefined }> = {},
): Promise<TransactionPage> {
  require(scope, "read");
  const limit = Math.min(Math.max(page.limit ?? 60, 1), mostRows);
  return reading(scope, async (tx) => {
    const wanted = wantedOf(scope, filter);
    const [on, ...id] = (page.after ?? "").split("~");
    const isTurned = /^\d{4}-\d{2}-\d{2}$/.test(on ?? "") && id.length > 0;
    const from = isTurned ? sql` and (t.on_date, t.id) < (${on}::date, ${id.join("~")})` : sql``;
    const found = await readRows(
      tx,
      scope,
      sql`where ${wanted}${from} order by t.on_date desc, t.id desc limit ${limit + 1}`,
    );
    const rows = found.slice(0, limit);
    const last = rows.at(-1);
    return {
      rows,
      next: found.length > limit && last !== undefined ? cursorOf(last) : null,
      totals: await totalsOf(tx, wanted),
    };
  });
}

/** One transaction. Refuses `not_found`. */
export async function showTransaction(scope: Scope, id: string): Promise<TransactionRow> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const [row] = await readRows(
      tx,
      scope,
      sql`where t.business_id = ${scope.businessId} and t.id = ${id} and not t.is_undone limit 1`,
    );
    if (row === undefined) throw new Refusal("not_found", "There is no such transaction any more.");
    return row;
  });
}

function wantedOf(scope: InBusiness, filter: TransactionFilter): SQL {
  const wanted = [sql`t.business_id = ${scope.businessId}`, sql`not t.is_undone`];
  if (filter.account !== undefined) wanted.push(sql`t.account_code = ${filter.account}`);
  if (filter.state === "open") wanted.push(sql`t.state = 'open'`);
  else wanted.push(filter.state === undefined ? sql`t.state <> 'hidden'` : sql`t.state = ${filter.state}`);
  if (filter.category !== undefined)
    wanted.push(
      sql`(t.category_code = ${filter.category} or exists (select 1 from app.transaction_splits s where s.business_id = ${scope.businessId}
            and s.transaction_id = t.id and s.category_code = ${filter.category}))`,
    );
  if (filter.direction === "in") wanted.push(sql`t.amount_minor > 0`);
  if (filter.direction === "out") wanted.push(sql`t.amount_minor < 0`);
  if (filter.amount !== undefined)
    wanted.push(sql`t.amount_minor in (${filter.amount}::bigint, ${-filter.amount}::bigint)`);
  if (filter.from !== undefined) wanted.push(sql`t.on_date >= ${filter.from}::date`);
  if (filter.to !== undefined) wanted.push(sql`t.on_date <= ${filter.to}::date`);
  if (filter.importId !== undefined) wanted.push(sql`t.import_id = ${filter.importId}::uuid`);
  for (const word of (filter.q ?? "")
    .split(/\s+/u)
    .filter((one) => one !== "")
    .slice(0, 8)) {
    const like = `%${word.replace(/[\\%_]/g, "\\$&")}%`;
    wanted.push(sql`(t.payee ilike ${like} or t.memo ilike ${like})`);
  }
  return sql.join(wanted, sql` and `);
}

async function totalsOf(tx: Tx, wanted: SQL): Promise<Totals> {
  const [row] = await rowsOf<{ n: number; came: string; went: string }>(
    tx,
    sql`select count(*)::int as n, coalesce(sum(amount_minor) filter (where amount_minor > 0), 0)::text as came,
          coalesce(sum(amount_minor) filter (where amount_minor < 0), 0)::text as went from app.transactions t where ${wanted}`,
  );
  return { count: row?.n ?? 0, cameIn: BigInt(row?.came ?? 0), wentOut: BigInt(row?.went ?? 0) };
}

async function readRows(tx: Tx, scope: InBusiness, rest: SQL): Promise<readonly TransactionRow[]> {
  const business = scope.businessId;
  const rows = await rowsOf<
    Record<string, string | null> & { version: number; state: TransactionState; by_hand: boolean }
  >(
    tx,
    sql`select t.id, t.version, t.account_code, a.name as account_name, t.on_date::text as "on", t.amount_minor::text as amount, t.payee, t.memo, t.state,
          t.category_code, c.name as category_name, t.matched_id, t.rule_id, t.import_id is null as by_hand
        from app.transactions t
        join app.accounts a on a.business_id = ${business} and a.code = t.account_code
        left join app.accounts c on c.business_id = ${business} and c.code = t.category_code ${rest}`,
  );
  const ids = rows.map((row) => row.id ?? "");
  const bought = await rowsOf<{ transaction: string; id: string; left: string }>(
    tx,
    sql`select transaction_id as transaction, id, (amount_minor - detailed_minor)::text as left from app.purchases
        where business_id = ${business} and transaction_id = any(${list("text", ids)}) and not is_undone order by id desc`,
  );
  const purchases = new Map(bought.map((row) => [row.transaction, row]));
  const candidates = await payoutsFor(tx, scope, ids);
  return rows.map((row) => {
    const purchase = purchases.get(row.id ?? "");
    return {
      id: row.id ?? "",
      version: row.version,
      account: row.account_code ?? "",
      accountName: row.account_name ?? "",
      on: row.on ?? "",
      amount: BigInt(row.amount ?? 0),
      payee: row.payee ?? "",
      memo: row.memo ?? "",
      state: row.state,
      category: row.category_code ?? null,
      categoryName: row.category_name ?? null,
      matched: row.matched_id ?? null,
      purchase: purchase?.id ?? null,
      leftMinor: purchase === undefined ? null : BigInt(purchase.left),
      rule: row.rule_id ?? null,
      isByHand: row.by_hand,
      payouts: candidates
        .filter((one) => one.transaction === row.id)
        .map((one) => ({ id: one.payout, channel: one.channel, on: one.on, abroad: one.abroad })),
    };
  });
}

/** The year of the newest transaction, and of the oldest; null where there are none. */
export async function transactionYears(scope: Scope): Promise<Readonly<{ first: number; last: number }> | null> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const end = (way: SQL) =>
      rowsOf<{ year: number }>(
        tx,
        sql`select extract(year from on_date)::int as year from app.transactions where business_id = ${scope.businessId} and not is_undone
            order by on_date ${way}, id ${way} limit 1`,
      );
    const [[first], [last]] = [await end(sql`asc`), await end(sql`desc`)];
    return first === undefined || last === undefined ? null : { first: first.year, last: last.year };
  });
}

/** A category as a form offers it: the account's code, its name and its kind. */
export type Category = Readonly<{ code: string; name: string; type: string }>;

/** The accounts that a transaction may be filed under, by code; own accounts of money and channels' balances are none. */
export async function categories(scope: Scope): Promise<readonly Category[]> {
  require(scope, "read");
  return inBusiness(scope, (tx) =>
    rowsOf<Category>(
      tx,
      sql`select code, name, type from app.accounts where business_id = ${scope.businessId} and holds is null and not is_archived
            and code not in ('1180', '5000', '9990', '9991') order by code`,
    ),
  );
}

export type SplitPart = Readonly<{ category: string; categoryName: string; amount: bigint; memo: string }>;

/** The parts of a split transaction, in their order. */
export function partsOf(scope: Scope, id: string): Promise<readonly SplitPart[]> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<{ category: string; name: string; amount: string; memo: string }>(
      tx,
      sql`select s.category_code as category, a.name, s.amount_minor::text as amount, s.memo from app.transaction_splits s
          join app.accounts a on a.business_id = ${scope.businessId} and a.code = s.category_code
          where s.business_id = ${scope.businessId} and s.transaction_id = ${id} order by s.place`,
    );
    return rows.map((row) => ({
      category: row.category,
      categoryName: row.name,
      amount: BigInt(row.amount),
      memo: row.memo,
    }));
  });
}

/** What each account's last statement says its balance was, and what the books say at that day. */
export type StatedBalance = Readonly<{
  account: string;
  on: string;
  stated: bigint;
  books: bigint;
  hasOpening: boolean;
  /** The day of the account's first line. */
  firstOn: string | null;
}>;

export async function statedBalances(scope: Scope): Promise<readonly StatedBalance[]> {
  require(scope, "read");
  const business = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<{
      account: string;
      on: string;
      stated: string;
      books: string;
      opening: boolean;
      first: string | null;
    }>(
      tx,
      sql`select s.account_code as account, s.through_on::text as "on", s.closing_minor::text as stated,
            (select coalesce(sum(case when p.debit = s.account_code then p.amount_minor else -p.amount_minor end), 0)::text from app.postings p
             where p.business_id = ${business} and (p.debit = s.account_code or p.credit = s.account_code) and p.posted_on <= s.through_on) as books,
            exists (select 1 from app.transactions t where t.business_id = ${business} and t.account_code = s.account_code and t.category_code = '3090' and not t.is_undone) as opening,
            (select min(t.on_date)::text from app.transactions t where t.business_id = ${business} and t.account_code = s.account_code and not t.is_undone) as first
          from (select distinct on (s.account_code) s.account_code, s.through_on, s.closing_minor from app.statements s
                join app.imports i on i.business_id = ${business} and i.id = s.import_id and i.state = 'accepted'
                where s.business_id = ${business} and s.closing_minor is not null and s.through_on is not null
                order by s.account_code, s.through_on desc, s.id desc) s`,
    );
    return rows.map((row) => ({
      account: row.account,
      on: row.on,
      stated: BigInt(row.stated),
      books: BigInt(row.books),
      hasOpening: row.opening,
      firstOn: row.first,
    }));
  });
}
