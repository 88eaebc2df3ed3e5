/**
 * What would change: the very code that records and posts, run in a transaction that is rolled back. So a preview cannot say anything
 * else than what then happens.
 */
import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf, type Tx } from "../db/scope";
import { settle } from "./books/costing";
import { type Books, lockBooks } from "./books/ledger";
import { taxYearOf, taxYearRange } from "./core/dates";
import { Refusal } from "./core/errors";
import { formatMinor } from "./core/money";
import { isLimited, type Scope } from "./people/access";
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

/** By how much a tax year's cost of goods sold moves; it is named by the calendar year in which it begins. */
export type ChangedYear = Readonly<{ year: number; change: bigint }>;

/**
 * What of a change is about days that are closed. It is posted on the first open day, so no report of those days moves: they differ from
 * then on from what is known. By month and tax year of what it is about; `isClosed`: all of the year's days are closed.
 */
export type Late = Readonly<{
  months: readonly Readonly<{ month: string; change: bigint }>[];
  years: readonly Readonly<ChangedYear & { isClosed: boolean }>[];
}>;

export type Changes = Readonly<{
  /** The first sales that move, largest change first, and how many there are in all. */
  sales: readonly ChangedSale[];
  saleCount: number;
  /** Change of cost of goods sold by the month (YYYY-MM) in which it is posted, and by tax year: there reports count it. */
  months: readonly Readonly<{ month: string; change: bigint; sales: number }>[];
  years: readonly ChangedYear[];
  late: Late;
  /** How many others than sales (returns, counts, goods that went back) have a posted cost that moves. */
  others: number;
  /** Cost of goods sold, profit and Inventory's balance over all: before, change, after (minor units). */
  cost: Figure;
  inventory: Figure;
  /** How many entries fall into a closed period. */
  closed: number;
  /** Stands for each posting that the change makes, with the sale's cost after it: another change has another. */
  postings: string;
}>;
export type Figure = Readonly<{ before: bigint; change: bigint; after: bigint }>;

/** A change that moves costs which are posted already, and that nobody has looked at yet: `detail.seen` accepts it. */
export class MovesCosts extends Refusal {
  /** Null where it is too much to be rehearsed. */
  readonly changes: Changes | null;
  /** `told`: what else was said, and is accepted with it. */
  constructor(message: string, changes: Changes | null, told = "") {
    super("moves_costs", message, { seen: changes === null ? unseen : fingerprint(changes, told) });
    this.changes = changes;
  }
}

/** Says what a change moves. `before` comes first. Who is limited to some locations is told that costs move, not which. */
export function movesCosts(scope: Scope, changes: Changes, before = "", told = ""): MovesCosts {
  if (isLimited(scope)) {
    const also = mustBeSeen(changes)
      ? " It also changes what is in the books already; whoever keeps them sees how."
      : "";
    return new MovesCosts(`${before.trim()}${also} Go on?`.trim(), null);
  }
  return new MovesCosts(`${before}${summary(scope, changes)} Look at what it changes, then go on.`, changes, told);
}

/**
 * What a person has seen of a change before it is made: the fingerprint of its preview, `unseen` for one who takes it whatever it moves,
 * "" for one who has seen nothing yet, null where there is nobody to ask (a job, a script).
 */
export type Seen = string | null;
export const unseen = "unseen";

/** Costs that were posted already move, or something falls into a closed period: a person sees that before it is done. */
export function mustBeSeen(changes: Changes): boolean {
  return (
    changes.closed > 0 ||
    changes.others > 0 ||
    changes.saleCount > changes.sales.length ||
    changes.sales.some((sale) => sale.before !== 0n)
  );
}

/**
 * What stands for a preview that was looked at: one that moves anything else, be it of the same totals, or says something else, is not
 * accepted with it. What the books held before is no part of it, so that a sale that comes in meanwhile asks nobody again.
 */
export function fingerprint(changes: Changes, told = ""): string {
  const { saleCount, others, cost, inventory, closed, postings } = changes;
  const moved = [saleCount, others, cost.change, inventory.change, closed, postings, told].map(String);
  return createHash("sha256").update(JSON.stringify(moved)).digest("base64url");
}

const monthsNamed = 6;

/** How many sales move, in which months and tax years, and by how much, in sentences; months past `most` are counted. */
export function summary(scope: Scope, changes: Changes, most = monthsNamed): string {
  const money = (amount: bigint) => formatMinor(amount, scope.currency);
  const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;
  const moved = [
    ...(changes.saleCount === 0 ? [] : [count(changes.saleCount, "sale", "sales")]),
    ...(changes.others === 0 ? [] : [count(changes.others, "return or count", "returns or counts")]),
  ];
  const monthsOf = (of: readonly Readonly<{ month: string; change: bigint }>[]) => [
    ...of.slice(0, most).map(({ month, change }) => `${month} by ${money(change)}`),
    ...(of.length > most ? [`${of.length - most} months more`] : []),
  ];
  const years = changes.years.map(({ year, change }) => `${year} by ${money(change)}`);
  const { late } = changes;
  const lateYears = late.years.map(
    ({ year, change, isClosed }) => `${year}${isClosed ? " (closed)" : ""} by ${money(change)}`,
  );
  return [
    moved.length === 0 ? "No posted cost moves." : `This moves the posted cost of ${moved.join(" and ")}.`,
    ...(changes.months.length === 0
      ? []
      : [`Cost of goods sold moves in ${monthsOf(changes.months).join(", ")}; tax year ${years.join(", ")}.`]),
    ...(changes.closed === 0
      ? []
      : [
          `${count(changes.closed, "entry falls into a closed period and is", "entries fall into a closed period and are")} posted on the first open day.`,
        ]),
    ...(late.months.length === 0
      ? []
      : [
          `What was filed then differs: ${monthsOf(late.months).join(", ")}${lateYears.length === 0 ? "" : `; tax year ${lateYears.join(", ")}`}.`,
        ]),
  ].join(" ");
}

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
export async function rehearse(scope: Scope, work: (tx: Tx, books: Books) => Promise<unknown>): Promise<Changes> {
  try {
    await inBusiness(scope, async (tx) => {
      throw new RolledBack((await watched(tx, scope, work)).changes);
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.changes;
    throw error;
  }
  throw new Error("a preview ends by being rolled back");
}

/**
 * Changes the books, unless that moves posted costs in a way that was not seen: then `MovesCosts` says how, and nothing was done. It is
 * the change itself that is looked at, under the books' lock, so what was accepted is what happens. `tells`: what a person is to see of
 * its result in any case, in sentences, whether or not posted costs move.
 */
export function changeBooks<Result>(
  scope: Scope,
  seen: Seen,
  work: (tx: Tx, books: Books) => Promise<Result>,
  tells: (result: Result) => string = () => "",
): Promise<Result> {
  return inBusiness(scope, async (tx) => {
    if (seen === null || seen === unseen) return work(tx, await lockBooks(tx, scope));
    const { result, changes } = await watched(tx, scope, work);
    const told = tells(result);
    if ((told !== "" || mustBeSeen(changes)) && fingerprint(changes, told) !== seen)
      throw movesCosts(scope, changes, told === "" ? "" : `${told} `, told);
    return result;
  });
}

async function watched<Result>(
  tx: Tx,
  scope: Scope,
  work: (tx: Tx, books: Books) => Promise<Result>,
): Promise<Readonly<{ result: Result; changes: Changes }>> {
  const books = await lockBooks(tx, scope);
  // Ids grow with time, so what is posted from here on has a greater one.
  const mark = newId();
  const since = new Date().toISOString();
  const before = await balances(tx, scope);
  const result = await work(tx, books);
  return { result, changes: await changesSince(tx, scope, { mark, since }, before) };
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
  { mark, since }: Readonly<{ mark: string; since: string }>,
  before: Readonly<{ inventory: bigint; cost: bigint }>,
): Promise<Changes> {
  const business = scope.businessId;
  const after = await balances(tx, scope);
  // By line, by the month that it is posted in and by that which it is about: a sale that moves to another month changes both.
  const moved = sql`
    select p.line_id as line, to_char(e.posted_on, 'YYYY-MM') as month, to_char(e.effective_on, 'YYYY-MM') as about,
      e.posted_on <> e.effective_on as closed,
      sum(case when p.debit = '5000' then p.amount_minor when p.credit = '5000' then -p.amount_minor else 0 end) as change
    from app.journal_entries e join app.postings p on p.business_id = ${business} and p.entry_id = e.id
    where e.business_id = ${business} and e.id > ${mark}::uuid and e.document_kind = 'cost'
    group by 1, 2, 3, 4`;
  const sales = await rowsOf<Record<string, string> & { closed: boolean; count: number }>(
    tx,
    sql`select o.id as line, o.order_id as "order", h.number, coalesce(i.name, o.name) as name, o.on_date::text as on, m.change::text, o.cost_minor::text as after, m.closed,
          (count(*) over ())::int as count
        from (select line, sum(change) as change, bool_or(closed) as closed from (${moved}) m where change <> 0 group by line) m
        join app.order_lines o on o.business_id = ${business} and o.id = m.line
        join app.orders h on h.business_id = ${business} and h.id = o.order_id
        left join app.items i on i.business_id = ${business} and i.id = o.item_id
        order by abs(m.change) desc, o.id limit ${salesShown}`,
  );
  const months = (
    await rowsOf<{ month: string; change: string; sales: number }>(
      tx,
      sql`select m.month, sum(m.change)::text as change, count(distinct o.id)::int as sales from (${moved}) m
          left join app.order_lines o on o.business_id = ${business} and o.id = m.line
          where m.change <> 0 group by 1 having sum(m.change) <> 0 or count(o.id) > 0 order by 1`,
    )
  ).map((row) => ({ month: row.month, change: BigInt(row.change), sales: row.sales }));
  const late = (
    await rowsOf<{ month: string; change: string }>(
      tx,
      sql`select m.about as month, sum(m.change)::text as change from (${moved}) m where m.closed group by 1 having sum(m.change) <> 0 order by 1`,
    )
  ).map((row) => ({ month: row.month, change: BigInt(row.change) }));
  const [counted] = await rowsOf<{ closed: number; others: number; through: string | null }>(
    tx,
    sql`select (select count(*)::int from app.journal_entries where business_id = ${business} and id > ${mark}::uuid and posted_on <> effective_on) as closed,
          (select count(distinct e.document_id)::int from app.journal_entries e join app.postings p on p.business_id = ${business} and p.entry_id = e.id
            left join app.order_lines o on o.business_id = ${business} and o.id = p.line_id
            where e.business_id = ${business} and e.id > ${mark}::uuid and e.document_kind = 'cost' and e.is_correction and o.id is null) as others,
          (select closed_through::text from app.businesses where business_id = ${business}) as through`,
  );
  const [posted] = await rowsOf<{ is: string }>(tx, postingsSince(business, mark, since));
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
    saleCount: sales[0]?.count ?? 0,
    months,
    years: yearsOf(scope, months),
    late: { months: late, years: lateYearsOf(scope, late, counted?.through ?? null) },
    others: counted?.others ?? 0,
    cost: figure(before.cost, after.cost),
    inventory: figure(before.inventory, after.inventory),
    closed: counted?.closed ?? 0,
    postings: posted?.is ?? "",
  };
}

/**
 * All postings since a mark as one short text, the same whenever the same change is made: each is hashed by itself and the hashes are
 * added, so that it is one pass over what was posted, in no order, and holds none of it. What the change itself brings (a sale by hand, a
 * removal) has another id each time the page is made, so its kind, days and amounts stand for it: a document that was never posted before,
 * and the cost of what was recorded since the change began (`since`). Twice with different seeds: 64 bits would do against chance, 128 leave
 * no doubt.
 */
function postingsSince(business: string, mark: string, since: string) {
  const isNew = sql`case when e.document_kind <> 'cost' then not e.is_correction else exists (select 1 from app.movements m
    where m.business_id = ${business} and m.id = split_part(e.document_id, chr(31), 1) and m.recorded_at >= ${since}::timestamptz) end`;
  const row = sql`concat_ws(chr(31), e.document_kind, case when ${isNew} then 'new' else e.document_id end, e.purpose, e.effective_on::text,
    e.posted_on::text, p.debit, p.credit, p.amount_minor::text, coalesce(o.cost_minor::text, ''))`;
  return sql`
    select concat_ws('/', count(*)::text, sum(hashtextextended(r.said, 0))::text, sum(hashtextextended(r.said, 1))::text) as "is"
    from (select ${row} as said from app.journal_entries e
      join app.postings p on p.business_id = ${business} and p.entry_id = e.id
      left join app.order_lines o on o.business_id = ${business} and o.id = p.line_id
      where e.business_id = ${business} and e.id > ${mark}::uuid) r`;
}

/** Tax years begin with a month, so they are sums of months. */
function yearsOf(scope: Scope, months: readonly Readonly<{ month: string; change: bigint }>[]): readonly ChangedYear[] {
  const years = new Map<number, bigint>();
  for (const { month, change } of months) {
    const year = taxYearOf(`${month}-01`, scope.taxYearStartMonth);
    years.set(year, (years.get(year) ?? 0n) + change);
  }
  return [...years].map(([year, change]) => ({ year, change }));
}

/** A year whose months differ by nothing together was filed as it is known. */
function lateYearsOf(scope: Scope, months: Late["months"], closedThrough: string | null): Late["years"] {
  return yearsOf(scope, months)
    .filter(({ change }) => change !== 0n)
    .map((one) => ({
      ...one,
      isClosed: closedThrough !== null && closedThrough >= taxYearRange(one.year, scope.taxYearStartMonth).to,
    }));
}
