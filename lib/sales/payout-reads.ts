/**
 * Payouts and their proofs (accounting.md, "Reconciling a channel"): what a channel says that it paid, the rows that it lists in it, and
 * the deposit that it became. A channel that lists no rows in its payouts (Etsy's statement) cannot be proved so, and is told as such.
 */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { reading } from "../../db/reading";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { addDays } from "../core/dates";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { parseMinor } from "../core/money";
import { type PaidRow, type Proof, proof } from "../core/payouts";
import { require, type Scope } from "../people/access";
import { isHeld } from "./channel-reads";
import { type Cursor, turned } from "./keyset";
import { type SaidAbroad, saidAbroad } from "./said-reads";

export type PayoutFilter = Readonly<{
  from: LocalDate;
  to: LocalDate;
  channel?: string | null | undefined;
  /** open: paid and rows differ; proved: they agree; unlisted: the channel lists no rows. */
  proof?: "open" | "proved" | "unlisted" | null | undefined;
  /** `late`: missing, and sent before the day `lateSince`. */
  deposit?: "found" | "missing" | "late" | null | undefined;
  lateSince?: LocalDate | undefined;
  /** A part of its number, or its amount. */
  words?: string | undefined;
}>;

export type PayoutSort = "on" | "amount";
export type PayoutPage = Readonly<{
  sort?: PayoutSort | undefined;
  isDown?: boolean | undefined;
  after?: Cursor | null | undefined;
  before?: Cursor | null | undefined;
  limit?: number | undefined;
}>;

/**
 * A payout as the list shows it. Amounts in minor units of the books' currency; one that was said in another is proved in that, so that its
 * rows and what is left over are of `abroad.currency`.
 */
export type PayoutRow = Readonly<{
  id: string;
  /** The channel's own number for it. */
  number: string;
  channel: string;
  channelName: string;
  on: LocalDate;
  /** What was paid; negative for one that came back. */
  amount: bigint;
  /** What it was said as in another currency; null where that is the books'. */
  abroad: Readonly<{ currency: string; paid: bigint }> | null;
  /** The sum of the rows that the channel lists in it; null where it lists none. */
  rows: bigint | null;
  rowCount: number;
  /** Rows of it in another currency than its own: they are not in the sum, and it is not proved while there are any. */
  strangers: number;
  /** Paid less rows; null where there are no rows. */
  difference: bigint | null;
  /** The bank sent it back: there is a payout the other way. */
  cameBackOn: LocalDate | null;
  deposit: Readonly<{ id: string; on: LocalDate; account: string }> | null;
}>;

const rowsAPage = 60;
const mostRows = 500;

/**
 * Payouts with the sums of their rows; one that came back is proved by the row that is about it, on its day. Made for a filter of days:
 * only the rows of the payouts within it are added.
 */
function payoutsSql(business: string, where: SQL): SQL {
  return sql`
    select p.id, p.channel_id as channel, c.name as "channelName", p.on_date::text as "on", p.amount_minor::text as amount,
      coalesce(p.said_minor, p.amount_minor)::text as paid, p.currency,
      case when p.amount_minor < 0 then back.amount else listed.amount end as rows,
      case when p.amount_minor < 0 then back.books else listed.books end as "rowsInBooks",
      case when p.amount_minor < 0 then back.n else listed.n end as "rowCount",
      case when p.amount_minor < 0 then back.strangers else listed.strangers end as strangers,
      returned.on_date::text as "cameBackOn",
      t.id as deposit_id, t.on_date::text as deposit_on, a.name as deposit_account
    from app.payouts p
    join app.channels c on c.business_id = ${business} and c.id = p.channel_id
    left join lateral (select ${sumsOfRows(sql``)} from app.balance_rows r
      where r.business_id = ${business} and r.payout_id = p.id and not r.is_undone) listed on true
    left join lateral (select ${sumsOfRows(sql`-`)} from app.balance_rows r
      where p.amount_minor < 0 and r.business_id = ${business} and r.channel_id = p.channel_id and r.on_date = p.on_date
        and r.about = 'payout/' || p.id and not r.is_undone) back on true
    left join app.payouts returned on returned.business_id = ${business} and returned.id = p.id || '/returned' and not returned.is_undone
    left join app.transactions t on t.business_id = ${business} and t.id = p.deposit_id and t.state = 'payout' and t.matched_id = p.id
      and not t.is_undone
    left join app.accounts a on a.business_id = ${business} and a.code = t.account_code
    where p.business_id = ${business} and not p.is_undone ${where}`;
}

/** Of the rows `r` of a payout `p`: what those in its own currency add to, what all come to in the books', how many, and how many are in another. */
const sumsOfRows = (sign: SQL) => sql`
  case when count(*) > 0 then ${sign} coalesce(sum(coalesce(r.said_minor, r.amount_minor)) filter (where r.currency is not distinct from p.currency), 0) end as amount,
  ${sign} sum(r.amount_minor) as books, count(*)::int as n, (count(*) filter (where r.currency is distinct from p.currency))::int as strangers`;

/** A payout as `payoutsSql` gives it: amounts as text, the deposit in parts. */
type Read = Omit<PayoutRow, "number" | "amount" | "abroad" | "rows" | "difference" | "deposit"> &
  Readonly<{
    amount: string;
    paid: string;
    currency: string | null;
    rows: string | null;
    deposit_id: string | null;
    deposit_on: string | null;
    deposit_account: string | null;
  }>;

function rowOf({ deposit_id, deposit_on, deposit_account, ...read }: Read): PayoutRow {
  const amount = BigInt(read.amount);
  const paid = BigInt(read.paid);
  const rows = read.rows === null ? null : BigInt(read.rows);
  return {
    id: read.id,
    number: numberOf(read.id, read.channel),
    channel: read.channel,
    channelName: read.channelName,
    on: read.on,
    amount,
    abroad: read.currency === null ? null : { currency: read.currency, paid },
    rows,
    rowCount: read.rowCount,
    strangers: read.strangers,
    difference: rows === null ? null : paid - rows,
    cameBackOn: read.cameBackOn,
    deposit:
      deposit_id === null || deposit_on === null
        ? null
        : { id: deposit_id, on: deposit_on, account: deposit_account ?? "" },
  };
}

/** The channel's own number: the id without what made it unique here. */
function numberOf(id: string, channel: string): string {
  const own = id.startsWith(`${channel}/`) ? id.slice(channel.length + 1) : id;
  return own.replace(/^payout\//, "");
}

/** Sent, not come back, and not found in the bank. */
const away = sql`x.deposit_id is null and x.amount::bigint > 0 and x."cameBackOn" is null`;

/** Its rows add to what it paid, in its own currency, and there are no others. */
const proved = sql`x.rows = x.paid::bigint and x.strangers = 0`;
const open = sql`(x.rows <> x.paid::bigint or x.strangers > 0)`;

/** Where the payouts of a filter are found, as conditions on what payoutsSql gives. */
function wanted(filter: PayoutFilter, currency: string): Readonly<{ inside: SQL; outside: SQL }> {
  const inside = [sql`and p.on_date between ${filter.from}::date and ${filter.to}::date`];
  if (filter.channel != null) inside.push(sql`and p.channel_id = ${filter.channel}`);
  const words = filter.words?.trim() ?? "";
  if (words !== "") {
    const amount = amountOf(words, currency);
    const number = sql`position(lower(${words}) in lower(p.id)) > 0`;
    inside.push(
      amount === null
        ? sql`and ${number}`
        : sql`and (${number} or abs(p.amount_minor) = ${amount}::bigint or abs(p.said_minor) = ${amount}::bigint)`,
    );
  }
  const outside = [sql`true`];
  if (filter.proof === "open") outside.push(open);
  if (filter.proof === "proved") outside.push(proved);
  if (filter.proof === "unlisted") outside.push(sql`x.rows is null`);
  if (filter.deposit === "found") outside.push(sql`x.deposit_id is not null`);
  if (filter.deposit === "missing" || filter.deposit === "late") {
    // Before their rows are added up, so that looking through all years costs no more than what is open.
    inside.push(sql`and p.deposit_id is null and p.amount_minor > 0`);
    outside.push(away);
  }
  if (filter.deposit === "late" && filter.lateSince !== undefined)
    inside.push(sql`and p.on_date < ${filter.lateSince}::date`);
  return { inside: sql.join(inside, sql` `), outside: sql.join(outside, sql` and `) };
}

/** What is looked for as an amount, without its sign; null for what is none. */
function amountOf(words: string, currency: string): bigint | null {
  try {
    const amount = parseMinor(words, currency);
    return amount < 0n ? -amount : amount;
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

export type PayoutsPage = Readonly<{ rows: readonly PayoutRow[]; after: Cursor | null; before: Cursor | null }>;

/** Payouts of a filter, the newest first unless sorted otherwise. */
export function payoutsPage(scope: Scope, filter: PayoutFilter, page: PayoutPage = {}): Promise<PayoutsPage> {
  require(scope, "read");
  const { inside, outside } = wanted(filter, scope.currency);
  const isByAmount = page.sort === "amount";
  const key = isByAmount ? sql`x.amount::bigint` : sql`x."on"::date`;
  return reading(scope, async (tx) => {
    const limit =
      page.limit === undefined || page.limit < 1 ? rowsAPage : page.limit > mostRows ? mostRows : page.limit;
    const found = await turned({ ...page, limit }, rowsAPage, async (way) => {
      const rows = await rowsOf<Read>(
        tx,
        sql`select x.* from (${payoutsSql(scope.businessId, inside)}) x
            where ${outside} ${way.from(key, sql`x.id`, isByAmount ? "bigint" : "date")}
            order by ${key} ${way.direction}, x.id ${way.direction} limit ${way.limit}`,
      );
      return rows.map((row) => ({ ...row, key: isByAmount ? row.amount : row.on }));
    });
    return { ...found, rows: found.rows.map(rowOf) };
  });
}

export type PayoutTotals = Readonly<{
  count: number;
  amount: bigint;
  rows: bigint;
  /** Of those whose rows are listed: paid less rows. Of payouts in the books' currency. */
  difference: bigint;
  /** The same of payouts in other currencies, those where something is left over. */
  others: readonly Readonly<{ currency: string; difference: bigint }>[];
  proved: number;
  open: number;
  unlisted: number;
  /** Sent, not come back, and not found in the bank. */
  onTheWay: number;
  onTheWayMinor: bigint;
}>;

/** The sums of a filter: of its days' rows alone. */
export function payoutTotals(scope: Scope, filter: PayoutFilter): Promise<PayoutTotals> {
  require(scope, "read");
  const { inside, outside } = wanted(filter, scope.currency);
  return reading(scope, async (tx) => {
    const [row] = await rowsOf<
      Record<"count" | "proved" | "open" | "unlisted" | "away", number> & Record<string, string>
    >(
      tx,
      sql`select count(*)::int as count, coalesce(sum(x.amount::bigint), 0)::text as amount, coalesce(sum(x."rowsInBooks"), 0)::text as rows,
            coalesce(sum(x.amount::bigint - x.rows) filter (where x.currency is null), 0)::text as difference,
            count(*) filter (where ${proved})::int as proved,
            count(*) filter (where ${open})::int as open,
            count(*) filter (where x.rows is null)::int as unlisted,
            count(*) filter (where ${away})::int as away,
            coalesce(sum(x.amount::bigint) filter (where ${away}), 0)::text as "awayMinor"
          from (${payoutsSql(scope.businessId, inside)}) x where ${outside}`,
    );
    const others = await rowsOf<{ currency: string; difference: string }>(
      tx,
      sql`select x.currency, sum(x.paid::bigint - x.rows)::text as difference
          from (${payoutsSql(scope.businessId, sql`${inside} and p.currency is not null`)}) x
          where ${outside} and x.rows is not null group by x.currency having sum(x.paid::bigint - x.rows) <> 0 order by 1`,
    );
    const of = (name: string) => BigInt(row?.[name] ?? "0");
    return {
      others: others.map((one) => ({ ...one, difference: BigInt(one.difference) })),
      count: row?.count ?? 0,
      amount: of("amount"),
      rows: of("rows"),
      difference: of("difference"),
      proved: row?.proved ?? 0,
      open: row?.open ?? 0,
      unlisted: row?.unlisted ?? 0,
      onTheWay: row?.away ?? 0,
      onTheWayMinor: of("awayMinor"),
    };
  });
}

/** A row of a payout with the document whose money it is. */
export type PaidLine = Readonly<{
  id: string;
  on: LocalDate;
  type: string;
  memo: string;
  /** As it was said: in `currency`, or the books' own where that is null. */
  amount: bigint;
  currency: string | null;
  /** The key (factKey) of the document, null where nothing explains the row. */
  about: string | null;
  order: string | null;
  number: string | null;
  /** What the order is of: its first line, and how many more there are. */
  name: string | null;
  more: number;
}>;

export type PayoutProof = Readonly<{
  payout: PayoutRow;
  /** What it said in another currency, at which rate; null where that is the books'. */
  said: SaidAbroad | null;
  proof: Proof;
  /** The rows that may explain a difference, those of its very size first; none where all is proved. */
  explains: readonly (PaidLine & Readonly<{ isHere: boolean }>)[];
  /** Payouts of the channel on both sides, for turning from one to the next. */
  earlier: string | null;
  later: string | null;
}>;

/** A payout with its proof, in its own currency. Refuses `not_found`. */
export function payoutProof(scope: Scope, id: string): Promise<PayoutProof> {
  require(scope, "read");
  const business = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const payout = await onePayout(tx, scope, id);
    const currency = sql`${payout.abroad?.currency ?? null}::text`;
    const rows = await rowsOf<Omit<PaidRow, "amount"> & { amount: string; held: boolean }>(
      tx,
      payout.amount < 0n
        ? sql`select id, type, (-coalesce(said_minor, amount_minor))::text as amount, about, false as held from app.balance_rows
              where business_id = ${business} and currency is not distinct from ${currency} and channel_id = ${payout.channel} and on_date = ${payout.on}::date and about = ${`payout/${id}`} and not is_undone`
        : sql`select id, type, coalesce(said_minor, amount_minor)::text as amount, about, ${isHeld(sql`type`)} as held from app.balance_rows
              where business_id = ${business} and currency is not distinct from ${currency} and payout_id = ${id} and not is_undone`,
    );
    const made = proof(
      { amount: payout.abroad?.paid ?? payout.amount },
      rows.map((row) => ({ ...row, amount: BigInt(row.amount) })),
    );
    const held = new Set(rows.filter((row) => row.held).map((row) => row.id));
    // What is held back explains itself: it posts nothing because it moves nothing.
    const checked = { ...made, unexplained: made.unexplained.filter((row) => !held.has(row.id)) };
    const [beside] = await rowsOf<{ earlier: string | null; later: string | null }>(
      tx,
      sql`select
        (select id from app.payouts where business_id = ${business} and channel_id = ${payout.channel} and not is_undone
           and (on_date, id) < (${payout.on}::date, ${id}) order by on_date desc, id desc limit 1) as earlier,
        (select id from app.payouts where business_id = ${business} and channel_id = ${payout.channel} and not is_undone
           and (on_date, id) > (${payout.on}::date, ${id}) order by on_date, id limit 1) as later`,
    );
    return {
      payout,
      said: await saidAbroad(tx, scope, `payout/${id}`, payout.abroad?.paid ?? null),
      proof: checked,
      explains:
        rows.length === 0 || checked.difference === 0n || payout.strangers > 0
          ? []
          : await explaining(tx, scope, payout, checked),
      earlier: beside?.earlier ?? null,
      later: beside?.later ?? null,
    };
  });
}

async function onePayout(tx: Tx, scope: Scope, id: string): Promise<PayoutRow> {
  const [row] = await rowsOf<Read>(tx, payoutsSql(scope.businessId, sql`and p.id = ${id}`));
  if (row === undefined) throw new Refusal("not_found", "There is no such payout.");
  return rowOf(row);
}

const mostExplaining = 20;
const daysAround = 14;

/**
 * Rows that may explain a difference: those in the payout that no document explains, those in it of the very amount that is too much,
 * and those of the channel near its day that are in no payout and would make it whole.
 */
async function explaining(
  tx: Tx,
  scope: Scope,
  payout: PayoutRow,
  { difference, unexplained }: Proof,
): Promise<readonly (PaidLine & Readonly<{ isHere: boolean }>)[]> {
  const ids = unexplained.slice(0, mostExplaining).map((row) => row.id);
  const lines = await rowsOf<ReadLine & { here: boolean }>(
    tx,
    linesSql(
      scope.businessId,
      sql`r.payout_id is not distinct from ${payout.id} as here`,
      sql`(r.payout_id = ${payout.id} and (r.id = any(${list("text", ids)}) or ${said} = ${-difference}::bigint))
          or (r.channel_id = ${payout.channel} and r.on_date between ${addDays(payout.on, -daysAround)}::date and ${addDays(payout.on, daysAround)}::date
            and r.payout_id is null and ${said} = ${difference}::bigint and r.currency is not distinct from ${payout.abroad?.currency ?? null}::text and coalesce(r.about, '') not like 'payout/%')`,
      sql`order by abs(${said}) = abs(${difference}::bigint) desc, r.on_date, r.id limit ${mostExplaining}`,
    ),
  );
  return lines.map(({ here, ...line }) => ({ ...lineOf(line), isHere: here }));
}

type ReadLine = Omit<PaidLine, "amount"> & Readonly<{ amount: string }>;
const lineOf = (line: ReadLine): PaidLine => ({ ...line, amount: BigInt(line.amount) });

/** What a row `r` comes to in its own currency. */
const said = sql`coalesce(r.said_minor, r.amount_minor)`;

/** Rows with their documents' orders. `more` is one more column, `where` and `end` the rest of the query. */
function linesSql(business: string, more: SQL, where: SQL, end: SQL): SQL {
  return sql`
    select r.id, r.on_date::text as "on", r.type, r.memo, ${said}::text as amount, r.currency, r.about, o.id as "order", o.number,
      lines.name, greatest(coalesce(lines.n, 0) - 1, 0) as more, ${more}
    from app.balance_rows r
    left join app.returns b on b.business_id = ${business} and r.about like 'return/%' and b.id = substr(r.about, 8)
    left join app.charges h on h.business_id = ${business} and r.about like 'charge/%' and h.id = substr(r.about, 8)
    left join app.orders o on o.business_id = ${business} and not o.is_undone
      and o.id = coalesce(case when r.about like 'order/%' then substr(r.about, 7) end, b.order_id, h.order_id)
    left join lateral (select (array_agg(l.name order by l.place))[1] as name, count(*)::int as n from app.order_lines l
      where l.business_id = ${business} and l.order_id = o.id and not l.is_undone) lines on true
    where r.business_id = ${business} and not r.is_undone and (${where}) ${end}`;
}

export type PaidLines = Readonly<{
  rows: readonly PaidLine[];
  after: Cursor | null;
  before: Cursor | null;
  count: number;
  amount: bigint;
}>;

/**
 * The rows of a payout, by day; of one type alone where it is given. With their count over all pages, and the sum of those in its own
 * currency.
 */
export function paidLines(
  scope: Scope,
  filter: Readonly<{ payout: string; type?: string | null | undefined }>,
  page: Readonly<{ after?: Cursor | null; before?: Cursor | null; limit?: number }> = {},
): Promise<PaidLines> {
  require(scope, "read");
  const business = scope.businessId;
  const type = filter.type == null ? sql`` : sql`and r.type = ${filter.type}`;
  return inBusiness(scope, async (tx) => {
    const found = await turned({ ...page, isDown: false }, rowsAPage, async (way) => {
      const lines = await rowsOf<ReadLine & { key: string }>(
        tx,
        linesSql(
          business,
          sql`r.on_date::text as key`,
          sql`r.payout_id = ${filter.payout} ${type} ${way.from(sql`r.on_date`, sql`r.id`, "date")}`,
          sql`order by r.on_date ${way.direction}, r.id ${way.direction} limit ${way.limit}`,
        ),
      );
      return lines;
    });
    const [sum] = await rowsOf<{ n: number; amount: string }>(
      tx,
      sql`select count(*)::int as n, coalesce(sum(${said}) filter (where r.currency is not distinct from p.currency), 0)::text as amount
          from app.balance_rows r left join app.payouts p on p.business_id = ${business} and p.id = r.payout_id
          where r.business_id = ${business} and r.payout_id = ${filter.payout} and not r.is_undone ${type}`,
    );
    return {
      ...found,
      rows: found.rows.map(({ key: _key, ...line }) => lineOf(line)),
      count: sum?.n ?? 0,
      amount: BigInt(sum?.amount ?? "0"),
    };
  });
}
