/**
 * The item ledger: every movement of an item with what was on hand after it. No running balance is stored: a page adds the months
 * before and little more (ledger-balances.ts), so that no page reads the item's whole history.
 */
import { type SQL, sql } from "drizzle-orm";
import { reading } from "../../db/reading";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { addDays } from "../core/dates";
import type { LocalDate } from "../core/facts";
import { inPlaces, isLimited, placesOf, require, type Scope } from "../people/access";
import {
  type Balance,
  balancesAfter,
  type InItem,
  movementSums,
  pointKey,
  type Sums,
  type SumsRow,
  sumsBefore,
  sumsOf,
} from "./ledger-balances";
import {
  backwards,
  beyond,
  type Cursor,
  cursorOf,
  daysOf,
  inOrder,
  isNarrow,
  type LedgerFilter,
  type MovementKind,
  movedIn,
  waysTo,
} from "./ledger-filter";
import { type Late, lateRows, type MovedRow, namesOfRows } from "./ledger-names";
import { purchaseNumber } from "./purchase-reads";

export type LedgerRow = Readonly<{
  /** The cursor of a page that begins after it. */
  key: string;
  on: LocalDate;
  kind: MovementKind;
  document: string;
  number: string;
  order: string | null;
  /** The transfer that it is a part of. */
  transfer: string | null;
  party: string;
  location: string;
  /** Smallest units; signed. */
  qty: bigint;
  valueMinor: bigint;
  /** What of it no lot covers: it has no cost yet (a transfer's stays on hand, and is short where it is sold). */
  short: bigint;
  /** On hand and its worth after this row; of the location, where one is chosen (null where its worth is not known). */
  runningQty: bigint;
  runningMinor: bigint | null;
  /** When it was recorded and by whom, where that was late: more than a day after its own and after one of the ten movements that follow it. */
  late: Late | null;
}>;

/** Quantities in and out and the change of value over what is filtered; opening and closing of the same. */
export type LedgerSpan = Readonly<{
  opening: Readonly<{ qty: bigint; valueMinor: bigint | null }>;
  inQty: bigint;
  outQty: bigint;
  valueMinor: bigint;
  closing: Readonly<{ qty: bigint; valueMinor: bigint | null }>;
  rows: number;
}>;

export type LedgerPage = Readonly<{
  rows: readonly LedgerRow[];
  /** Cursors of the pages before and after this one; null where it is the first or the last. */
  earlier: string | null;
  later: string | null;
  /** Before the first row shown. */
  before: Readonly<{ qty: bigint; valueMinor: bigint | null }> | null;
}>;

/** A page of movements in the order of rule 1: after a cursor, before one, or, without one, the latest. */
export function ledgerPage(scope: Scope, filter: LedgerFilter, page: LedgerAt = {}): Promise<LedgerPage> {
  require(scope, "stock");
  return reading({ ...scope, rows: "few" }, (tx) => ledgerPageIn(tx, scope, filter, page));
}

/** Where a page is: after a cursor, before one, from the start, or at the end. */
export type LedgerAt = Readonly<{
  after?: string | null;
  before?: string | null;
  limit?: number;
  fromStart?: boolean;
}>;

/** The same in the caller's transaction, for who reads page after page of one state of the books. */
export async function ledgerPageIn(tx: Tx, scope: Scope, filter: LedgerFilter, page: LedgerAt): Promise<LedgerPage> {
  const limit = page.limit ?? 60;
  const after = cursorOf(page.after ?? null);
  const before = after === null ? cursorOf(page.before ?? null) : null;
  const isBack = after === null && page.fromStart !== true;
  const found = await movedRows(tx, scope, filter, after ?? before, isBack, limit + 1);
  const hasMore = found.length > limit;
  const shown = found.slice(0, limit);
  if (isBack) shown.reverse();
  const rows = await withBalances(tx, scope, filter, shown);
  const first = rows[0];
  const last = rows.at(-1);
  return {
    rows,
    earlier: first === undefined ? null : isBack ? (hasMore ? first.key : null) : after === null ? null : first.key,
    later: last === undefined ? null : isBack ? (before === null ? null : last.key) : hasMore ? last.key : null,
    before:
      first === undefined
        ? null
        : {
            qty: first.runningQty - first.qty,
            valueMinor: first.runningMinor === null ? null : first.runningMinor - first.valueMinor,
          },
  };
}

/** The item of a filter at the places that are looked at: the one chosen, or those of the one who asks. */
const itemOf = (scope: Scope, { item, location }: LedgerFilter) => ({
  businessId: scope.businessId,
  item,
  places: placesOf(scope, location),
});

/** The bare rows of a page: each way to them gives at most so many, in order. */
async function movedRows(
  tx: Tx,
  scope: Scope,
  filter: LedgerFilter,
  cursor: Cursor | null,
  isBack: boolean,
  limit: number,
): Promise<Found[]> {
  const order = isBack ? backwards : inOrder;
  const of = itemOf(scope, filter);
  const ways = waysTo(of, filter);
  if (ways.length === 0) return [];
  const walks = ways.map(
    ({ from, where }) => sql`(select m.* from ${from} where ${movedIn(of)} and ${daysOf(filter)}
      and ${beyond(cursor, isBack)} and ${where} order by ${order} limit ${limit})`,
  );
  // At `main`, where most things are, and at all places at once there are many.
  const isCounted = isNarrow(filter) && of.places !== null && !of.places.includes("main");
  const page = sql`from (${sql.join(walks, sql` union all `)}) m order by ${order} limit ${limit}`;
  // With the rows, what else is to be known before their balances are asked for: a page is as fast as it asks seldom.
  return rowsOf<Found>(
    tx,
    sql`${isCounted ? sql`with r as materialized (select m.* ${page}) ` : sql``}select ${isCounted ? between(of) : sql`null::int`} as between,
          ${of.places === null ? sql`null` : sql`(select pool from app.businesses where business_id = ${scope.businessId})`} as pool,
          (select extract(epoch from first_recorded_at)::float8 from app.item_stock where business_id = ${scope.businessId} and item_id = ${filter.item}) as first_s,
          m.id, m.leg, m.phase, m.at::text, m.on_date::text as on, m.kind, m.document_id as document, m.location_id as location, m.qty::text,
          m.value_minor::text as value, m.short_qty::text as short, m.recorded_at::text as recorded, extract(epoch from m.recorded_at)::float8 as recorded_s
        ${isCounted ? sql`from r m order by ${order}` : page}`,
  );
}

/**
 * A row with what is the same for all: whether a place has a worth of its own, and how many rows the months have that the page is of, null where
 * that was not counted.
 */
type Found = MovedRow & { pool: string | null; between: number | null };

/** Rows of the months from the first to the last of `r`. */
const between = (of: InItem): SQL => sql`(select coalesce(sum(i."rows"), 0)::int from app.item_months i
    where i.business_id = ${of.businessId} and i.item_id = ${of.item} and ${inPlaces("i.location_id", of.places)}
      and i.month >= (select date_trunc('month', min(r.on_date)::timestamp)::date from r) and i.month <= (select max(r.on_date) from r))`;

/** Rows with their balances, names and marks, asked for together. Where nothing is left out between rows, the first one's balance gives the others. */
async function withBalances(
  tx: Tx,
  scope: Scope,
  filter: LedgerFilter,
  moved: readonly Readonly<Found>[],
): Promise<LedgerRow[]> {
  const first = moved[0];
  if (first === undefined) return [];
  const of = itemOf(scope, filter);
  const isWorthKnown = isWorthTold(scope, of.places, first.pool);
  const [balances, names, late] = await Promise.all([
    balancesAfter(tx, of, isNarrow(filter) ? moved : [first], first.between),
    namesOfRows(tx, scope.businessId, moved),
    lateRows(tx, scope.businessId, filter.item, moved),
  ]);
  let running: Balance = { qty: 0n, value: 0n };
  return moved.map((row) => {
    const qty = BigInt(row.qty);
    const value = BigInt(row.value);
    running = balances.get(pointKey(row)) ?? { qty: running.qty + qty, value: running.value + value };
    const named = names.get(pointKey(row));
    return {
      key: JSON.stringify([row.on, row.phase, row.at, row.id, row.leg]),
      on: row.on,
      kind: row.kind,
      document: row.document,
      number: named?.number ?? purchaseNumber(row.document),
      order: named?.order ?? null,
      transfer: named?.transfer ?? null,
      party: named?.party ?? "",
      location: named?.location ?? "",
      qty,
      valueMinor: isLimited(scope) ? 0n : value,
      short: row.kind === "transfer" || isLimited(scope) ? 0n : BigInt(row.short),
      runningQty: running.qty,
      runningMinor: isWorthKnown ? running.value : null,
      late: late.get(pointKey(row)) ?? null,
    };
  });
}

/**
 * Is the worth of what is filtered known? Of the whole item always; of one place only where cost stays with the place (pool `location`):
 * in pool `business` it follows the item, and a transfer moves quantity alone (costing.md rule 8). Who is limited to some locations is told
 * quantities alone.
 */
const isWorthTold = (scope: Scope, places: readonly string[] | null, pool: string | null): boolean =>
  !isLimited(scope) && (places === null || pool === "location");

async function knowsWorth(tx: Tx, scope: Scope, filter: LedgerFilter): Promise<boolean> {
  const { places } = itemOf(scope, filter);
  if (isLimited(scope) || places === null) return isWorthTold(scope, places, null);
  const [row] = await rowsOf<{ pool: string }>(
    tx,
    sql`select pool from app.businesses where business_id = ${scope.businessId}`,
  );
  return isWorthTold(scope, places, row?.pool ?? null);
}

/** The sums over what is filtered: from months and days; with a kind, party, reason or document chosen, from the rows of the days chosen. */
export function ledgerSpan(scope: Scope, filter: LedgerFilter): Promise<LedgerSpan> {
  require(scope, "stock");
  return reading({ ...scope, rows: "few" }, async (tx) => {
    return ledgerSpanIn(tx, scope, filter);
  });
}

/** The same in the caller's transaction. */
export async function ledgerSpanIn(tx: Tx, scope: Scope, filter: LedgerFilter): Promise<LedgerSpan> {
  const of = itemOf(scope, filter);
  const [start, end, isWorthKnown, part] = await Promise.all([
    filter.from === undefined ? sumsOf([]) : sumsBefore(tx, of, filter.from),
    sumsBefore(tx, of, filter.to === undefined ? null : addDays(filter.to, 1)),
    knowsWorth(tx, scope, filter),
    isNarrow(filter) ? partSums(tx, scope, filter) : null,
  ]);
  const at = (sums: Sums) => ({ qty: sums.inQty - sums.outQty, valueMinor: isWorthKnown ? sums.value : null });
  return {
    opening: at(start),
    closing: at(end),
    inQty: part?.inQty ?? end.inQty - start.inQty,
    outQty: part?.outQty ?? end.outQty - start.outQty,
    valueMinor: isLimited(scope) ? 0n : (part?.value ?? end.value - start.value),
    rows: part?.rows ?? end.rows - start.rows,
  };
}

async function partSums(tx: Tx, scope: Scope, filter: LedgerFilter): Promise<Sums> {
  const of = itemOf(scope, filter);
  const ways = waysTo(of, filter);
  if (ways.length === 0) return sumsOf([]);
  const walks = ways.map(
    ({ from, where }) =>
      sql`select ${movementSums} from ${from} where ${movedIn(of)} and ${daysOf(filter)} and ${where}`,
  );
  return sumsOf(await rowsOf<SumsRow>(tx, sql.join(walks, sql` union all `)));
}

export type StockDocument = Readonly<{
  kind: string;
  id: string;
  number: string;
  on: LocalDate;
  arrivesOn: LocalDate | null;
  note: string;
  from: string | null;
  to: string | null;
  lines: readonly Readonly<{
    id: string;
    item: string;
    name: string;
    decimals: number;
    qty: bigint;
    amountMinor: bigint;
    location: string;
  }>[];
}>;

/** A return whose sale is not in the books, with its lines; null where there is none. */
export function looseReturn(scope: Scope, id: string): Promise<StockDocument | null> {
  require(scope, "read");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<
      Record<"on" | "channel" | "id" | "item" | "name" | "qty" | "amount", string> &
        Readonly<{ decimals: number; location: string | null }>
    >(
      tx,
      sql`select r.on_date::text as on, c.name as channel, l.id, l.item_id as item, i.name, i.decimals, l.qty::text, l.amount_minor::text as amount,
            p.name as location
          from app.returns r
          join app.channels c on c.business_id = ${b} and c.id = r.channel_id
          join app.return_lines l on l.business_id = ${b} and l.return_id = r.id
          join app.items i on i.business_id = ${b} and i.id = l.item_id
          left join app.locations p on p.business_id = ${b} and p.id = l.location_id
          where r.business_id = ${b} and r.id = ${id} and r.order_id is null and not r.is_undone order by l.place, l.id limit 500`,
    );
    const [head] = rows;
    if (head === undefined) return null;
    return {
      kind: "return",
      id,
      number: purchaseNumber(id),
      on: head.on,
      arrivesOn: null,
      note: head.channel,
      from: null,
      to: null,
      lines: rows.map(({ id: line, item, name, decimals, qty, amount, location }) => ({
        id: line,
        item,
        name,
        decimals,
        qty: BigInt(qty),
        amountMinor: BigInt(amount),
        location: location ?? "",
      })),
    };
  });
}

/**
 * An opening, adjustment, transfer, production or purchase return with its lines; null where there is none. Who is limited to some locations
 * sees a transfer of which one end is theirs, and of another document the lines there, without their worth.
 */
export function stockDocument(scope: Scope, kind: string, id: string): Promise<StockDocument | null> {
  require(scope, "stock");
  const own = placesOf(scope);
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const [head] = await rowsOf<Record<string, string | null> & { is_own: boolean | null }>(
      tx,
      sql`select d.on_date::text, d.arrives_on::text, d.reason, ${inPlaces("d.from_location_id", own)} or ${inPlaces("d.to_location_id", own)} as is_own, f.name as from_name, t.name as to_name, p.supplier from app.stock_documents d
          left join app.locations f on f.business_id = ${b} and f.id = d.from_location_id
          left join app.locations t on t.business_id = ${b} and t.id = d.to_location_id
          left join app.purchases p on p.business_id = ${b} and p.id = d.purchase_id
          where d.business_id = ${b} and d.kind = ${kind} and d.id = ${id} and not d.is_undone`,
    );
    if (head === undefined) return null;
    const lines = await rowsOf<Record<string, string | null> & { decimals: number }>(
      tx,
      sql`select s.id, s.item_id, i.name, i.decimals, s.qty::text, s.amount_minor::text, l.name as location from app.stock_lines s
          join app.items i on i.business_id = ${b} and i.id = s.item_id
          left join app.locations l on l.business_id = ${b} and l.id = s.location_id
          where s.business_id = ${b} and s.document_kind = ${kind} and s.document_id = ${id}
            and ${head.is_own === true ? sql`true` : inPlaces("s.location_id", own)} order by s.place, s.id limit 500`,
    );
    if (own !== null && lines.length === 0) return null;
    return {
      kind,
      id,
      number: purchaseNumber(id),
      on: head.on_date ?? "",
      arrivesOn: head.arrives_on ?? null,
      note: head.reason ?? head.supplier ?? "",
      from: head.from_name ?? null,
      to: head.to_name ?? null,
      lines: lines.map((row) => ({
        id: row.id ?? "",
        item: row.item_id ?? "",
        name: row.name ?? "",
        decimals: row.decimals,
        qty: BigInt(row.qty ?? "0"),
        amountMinor: own === null ? BigInt(row.amount_minor ?? "0") : 0n,
        location: row.location ?? "",
      })),
    };
  });
}
