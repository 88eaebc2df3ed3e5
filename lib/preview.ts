/**
 * What would change: the very code that records and posts, run in a transaction that is rolled back. So a preview cannot say anything
 * else than what then happens.
 */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf, type Tx } from "../db/scope";
import { settle } from "./books/costing";
import type { Books } from "./books/ledger";
import { lockBooks } from "./books/ledger";
import type { Scope } from "./people/access";
import { recordIn, type VersionedFact } from "./record";
import { newId } from "./system/ids";
import { undoIn } from "./undo";

/** One sale whose cost moves, in minor units; `isClosed`: it stands in a closed period, so the change is posted on the first open day. */
export type ChangedSale = Readonly<{
  line: string;
  order: string;
  number: string;
  name: string;
  on: string;
  before: bigint;
  change: bigint;
  after: bigint;
  isClosed: boolean;
}>;

export type Changes = Readonly<{
  /** The first sales that move, largest change first, and how many there are in all. */
  sales: readonly ChangedSale[];
  saleCount: number;
  /** Change of cost of goods sold by month (YYYY-MM) of the sales. */
  months: readonly Readonly<{ month: string; change: bigint; sales: number }>[];
  /** Cost of goods sold, profit and Inventory's balance over all: before, change, after (minor units). */
  cost: Figure;
  inventory: Figure;
  /** How many entries fall into a closed period. */
  closed: number;
}>;
export type Figure = Readonly<{ before: bigint; change: bigint; after: bigint }>;

class RolledBack extends Error {
  readonly changes: Changes;
  constructor(changes: Changes) {
    super("a preview is never kept");
    this.changes = changes;
  }
}

const salesShown = 50;

/** What recording these facts (and undoing those keys first) would change. Refuses as recording would; writes nothing. */
export function preview(
  scope: Scope,
  change: Readonly<{ facts?: readonly VersionedFact[]; undo?: readonly string[] }>,
): Promise<Changes> {
  const origin = { source: null, userId: scope.userId, revives: true };
  return rehearse(scope, async (tx, books) => {
    if (change.undo !== undefined && change.undo.length > 0) await undoIn(tx, scope, books, change.undo, origin);
    await recordIn(tx, scope, books, change.facts ?? [], origin);
    await settle(tx, scope, books);
  });
}

/** Runs any change of the books in a transaction, says what it moved, and takes it back. */
export async function rehearse(scope: Scope, work: (tx: Tx, books: Books) => Promise<void>): Promise<Changes> {
  try {
    await inBusiness(scope, async (tx) => {
      const books = await lockBooks(tx, scope);
      // Ids grow with time, so what is posted from here on has a greater one.
      const mark = newId();
      const before = await balances(tx, scope);
      await work(tx, books);
      throw new RolledBack(await changesSince(tx, scope, mark, before));
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.changes;
    throw error;
  }
  throw new Error("a preview ends by being rolled back");
}

async function balances(tx: Tx, scope: Scope): Promise<Readonly<{ inventory: bigint; cost: bigint }>> {
  const rows = await rowsOf<{ code: string; amount: string }>(
    tx,
    sql`select code, sum(debit_minor - credit_minor)::text as amount from app.account_months
        where business_id = ${scope.businessId} and code in ('1200', '5000') group by code`,
  );
  const of = (code: string) => BigInt(rows.find((row) => row.code === code)?.amount ?? "0");
  return { inventory: of("1200"), cost: of("5000") };
}

async function changesSince(
  tx: Tx,
  scope: Scope,
  mark: string,
  before: Readonly<{ inventory: bigint; cost: bigint }>,
): Promise<Changes> {
  const business = scope.businessId;
  const after = await balances(tx, scope);
  const moved = sql`
    select p.line_id as line, sum(case when p.debit = '5000' then p.amount_minor when p.credit = '5000' then -p.amount_minor else 0 end) as change,
      bool_or(e.posted_on <> e.effective_on) as closed
    from app.journal_entries e join app.postings p on p.business_id = ${business} and p.entry_id = e.id
    where e.business_id = ${business} and e.id > ${mark}::uuid and e.document_kind = 'cost'
    group by p.line_id`;
  const sales = await rowsOf<Record<string, string> & { closed: boolean }>(
    tx,
    sql`select o.id as line, o.order_id as "order", h.number, coalesce(i.name, o.name) as name, o.on_date::text as on, m.change::text, o.cost_minor::text as after, m.closed
        from (${moved}) m
        join app.order_lines o on o.business_id = ${business} and o.id = m.line
        join app.orders h on h.business_id = ${business} and h.id = o.order_id
        left join app.items i on i.business_id = ${business} and i.id = o.item_id
        where m.change <> 0 order by abs(m.change) desc, o.id limit ${salesShown}`,
  );
  const months = await rowsOf<{ month: string; change: string; sales: number }>(
    tx,
    sql`select to_char(o.on_date, 'YYYY-MM') as month, sum(m.change)::text as change, count(*)::int as sales
        from (${moved}) m join app.order_lines o on o.business_id = ${business} and o.id = m.line
        where m.change <> 0 group by 1 order by 1`,
  );
  const [closed] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::int as n from app.journal_entries where business_id = ${business} and id > ${mark}::uuid and posted_on <> effective_on`,
  );
  const figure = (from: bigint, to: bigint): Figure => ({ before: from, change: to - from, after: to });
  return {
    sales: sales.map((row) => ({
      line: row.line ?? "",
      order: row.order ?? "",
      number: row.number ?? "",
      name: row.name ?? "",
      on: row.on ?? "",
      change: BigInt(row.change ?? "0"),
      after: BigInt(row.after ?? "0"),
      before: BigInt(row.after ?? "0") - BigInt(row.change ?? "0"),
      isClosed: row.closed,
    })),
    saleCount: months.reduce((sum, month) => sum + month.sales, 0),
    months: months.map((row) => ({ month: row.month, change: BigInt(row.change), sales: row.sales })),
    cost: figure(before.cost, after.cost),
    inventory: figure(before.inventory, after.inventory),
    closed: closed?.n ?? 0,
  };
}
