/**
 * What a fold needs, as rows: the movements from the groups' first days on, what reserves and returns say of them, and the lots and
 * earlier sales that they may touch. Nothing before the first day is read but what is still open.
 */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Reservation } from "../core/costing";
import type { LocalDate } from "../core/facts";
import { costKey } from "../core/ids";
import { accounts } from "../core/posting";
import { inTransit } from "./batch";
import { loadEarlier } from "./costing-earlier";
import { purchaseReturns, type ReturnedLine } from "./costing-returned";
import {
  type AllocationRow,
  allocationColumns,
  daysOf,
  type Earlier,
  fewItems,
  type Groups,
  itemsFrom,
  type LotRow,
  type MovementRow,
  rowsSince,
  stepKey,
} from "./costing-rows";
import type { Books } from "./ledger";

/** What of a production the movements do not say. */
export type MadeRow = Readonly<{ overhead: bigint; shares: ReadonlyMap<string, bigint> }>;

export type Loaded = Readonly<{
  groups: Groups;
  /** Everything dated from the first day on that bears cost, but for the further legs of transfers. By their keys (stepKey). */
  movements: ReadonlyMap<string, MovementRow>;
  /** Where and when transfers of pool `location` arrive, with all their legs as they are now, by line. */
  arrivals: ReadonlyMap<string, MovementRow>;
  transferLegs: readonly MovementRow[];
  /** Which consignment it is that goods on their way are of, by the document that takes them on; empty across the business. */
  consignments: ReadonlyMap<string, string>;
  productions: ReadonlyMap<string, MadeRow>;
  reservations: ReadonlyMap<string, readonly Reservation[]>;
  /** `sale` is the key of the sold line's movement, `line` the line. */
  backs: ReadonlyMap<string, Readonly<{ sale: string; line: string; writeOff: boolean; qty: bigint }>>;
  /** Allocations dated from the first day on, as they are now. */
  allocations: readonly AllocationRow[];
  /** Lots before the first day that the fold may touch, and all lots from it on, as they are now. */
  lots: ReadonlyMap<string, LotRow>;
  reservedBefore: ReadonlyMap<string, bigint>;
  /** By the key of the sale's movement. */
  earlier: ReadonlyMap<string, Earlier>;
  purchaseReturns: ReadonlyMap<string, ReturnedLine>;
  /** What adjustments that took something out say of it, by their ids. */
  removals: ReadonlyMap<string, Readonly<{ account: string; reason: string | null }>>;
}>;

const lotColumns = sql.raw(
  `l.id, l.item_id, l.source, l.line_id, l.number, l.location_id, l.on_date::text, l.phase, (extract(epoch from l."at") * 1000000)::bigint::text as at,
   l.place_id, l.rank, l.acquired_on::text, l.made_on::text, l.qty::text, l.cost_minor::text, l.reserved_qty::text, l.left_qty::text, l.left_minor::text, l.used_up_on::text`,
);
/**
 * The days to fold from. Where a movement before a group's day took from a lot after it (a pin, or grace), that movement must be folded
 * too, so the day moves back until nothing crosses it.
 */
async function widen(tx: Tx, scope: InBusiness, marked: Groups): Promise<Groups> {
  const since = new Map(marked.since);
  for (;;) {
    const groups = { ...marked, since };
    const crossing = await rowsOf<{ item_id: string; first: string }>(
      tx,
      sql`select l.item_id, min(a.on_date)::text as first from ${rowsSince(scope, "lots", "l", daysOf(groups))}
          cross join lateral (
            select r.on_date from app.allocations r
            where r.business_id = ${scope.businessId} and r.lot_id = l.id and r.on_date < g.since and r.kind <> 'back'
            order by r.on_date limit 1) a
          group by l.item_id`,
    );
    if (crossing.length === 0) return groups;
    for (const row of crossing) {
      const group = marked.groupOf.get(row.item_id) ?? row.item_id;
      if (row.first < (since.get(group) ?? "")) since.set(group, row.first);
    }
  }
}

/**
 * Reads what the folds of these groups need, from the days that `widen` gives. Of few items it is read from the days as marked in the
 * meantime, which are mostly right: one waiting less.
 */
export async function loadWidened(tx: Tx, scope: InBusiness, books: Books, marked: Groups): Promise<Loaded> {
  if (marked.groupOf.size > fewItems) return load(tx, scope, books, await widen(tx, scope, marked));
  const [groups, loaded] = await Promise.all([widen(tx, scope, marked), load(tx, scope, books, marked)]);
  const isRight = [...groups.since].every(([group, day]) => marked.since.get(group) === day);
  return isRight ? loaded : load(tx, scope, books, groups);
}

/** Reads what the folds of these groups need, from their days on. */
export async function load(tx: Tx, scope: InBusiness, books: Books, groups: Groups): Promise<Loaded> {
  const days = daysOf(groups);
  // What is asked for together is sent together: none waits for another's answer.
  const [{ movements, arrivals, transferLegs }, allocations, near] = await Promise.all([
    loadMovements(tx, scope, books, days),
    rowsOf<AllocationRow>(tx, sql`select ${allocationColumns} from ${rowsSince(scope, "allocations", "a", days)}`),
    loadLots(tx, scope, days),
  ]);
  const reservations = new Map<string, Reservation[]>();
  const [purchaseReturns, removals, backs] = await Promise.all([
    loadReturned(tx, scope, movements, reservations),
    loadRemovals(tx, scope, movements),
    loadBacks(tx, scope, movements),
    loadPins(tx, scope, movements, reservations),
  ]);
  const lots = await withNamed(tx, scope, near, allocations, reservations);
  const reservedBefore = await loadReservedBefore(tx, scope, days, lots);
  const before = new Map<string, string>();
  for (const { sale, line } of backs.values()) if (!movements.has(sale)) before.set(sale, line);
  return {
    groups,
    movements,
    arrivals,
    transferLegs,
    consignments: books.pool === "business" ? new Map() : await loadConsignments(tx, scope, movements),
    productions: await loadProductions(tx, scope, movements),
    reservations,
    backs,
    allocations,
    lots,
    reservedBefore,
    earlier: await loadEarlier(tx, scope, groups, before),
    purchaseReturns,
    removals,
  };
}

async function loadMovements(tx: Tx, scope: InBusiness, books: Books, days: ReadonlyMap<string, LocalDate>) {
  const movements = new Map<string, MovementRow>();
  const arrivals = new Map<string, MovementRow>();
  const transferLegs: MovementRow[] = [];
  const share = sharing();
  // Across the business a transfer moves quantity only: whatever was where, costs do not ask.
  const wanted = books.pool === "business" ? sql`where m.kind <> 'transfer'` : sql``;
  for (const row of await rowsOf<MovementRow>(
    tx,
    sql`select m.id, m.leg, m.item_id, m.location_id, m.kind, m.document_id, m.on_date::text, m.phase,
          (extract(epoch from m."at") * 1000000)::bigint::text as at, m.qty::text, m.value_minor::text, m.short_qty::text, m.is_posted
        from ${rowsSince(scope, "movements", "m", days)}
        ${wanted}`,
  )) {
    share(row);
    if (row.kind === "transfer") transferLegs.push(row);
    if (row.kind === "transfer" && row.leg > 0) {
      // The last leg is where it comes to; what is before it is the way.
      if (row.leg === 3) arrivals.set(row.id, row);
    } else movements.set(stepKey(row), row);
  }
  return { movements, arrivals, transferLegs };
}

/** The driver makes each row's texts anew: those that many rows of a fold have in common are held once, which is a fifth of their memory. */
function sharing(): (row: MovementRow) => void {
  const texts = new Map<string, string>();
  const once = (text: string): string => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    texts.set(text, text);
    return text;
  };
  return (row) => {
    row.item_id = once(row.item_id);
    row.location_id = once(row.location_id);
    row.kind = once(row.kind);
    row.on_date = once(row.on_date);
    row.qty = once(row.qty);
    row.value_minor = once(row.value_minor);
    row.short_qty = once(row.short_qty);
  };
}

/** Pins name a line and a lot, and so the one of the line's movements that is of the lot's item; a backfill is of the line's own item. */
async function loadPins(
  tx: Tx,
  scope: InBusiness,
  movements: ReadonlyMap<string, MovementRow>,
  reservations: Map<string, Reservation[]>,
): Promise<void> {
  const business = scope.businessId;
  const ids: string[] = [];
  for (const row of movements.values()) if (row.kind === "sale") ids.push(row.id);
  const sales = list("text", ids);
  const rows = await rowsOf<{ sale_id: string; lot_id: string; qty: string }>(
    tx,
    sql`select sale_id, lot_id, qty::text from app.pins where business_id = ${business} and sale_id = any(${sales})
        union all
        select sale_id, id, qty::text from app.backfills where business_id = ${business} and sale_id = any(${sales}) and not is_undone`,
  );
  const ofParts = rows.filter((row) => !movements.has(row.sale_id));
  const items = await itemsOfLots(tx, scope, new Set(ofParts.map((row) => row.lot_id)));
  for (const { sale_id, lot_id, qty } of rows) {
    const step = movements.has(sale_id) ? sale_id : costKey(sale_id, 1, items.get(lot_id) ?? "");
    // The other movements of a bundle's line may be of other groups, which are not folded now.
    if (movements.has(step)) reserve(reservations, step, { lot: lot_id, qty: BigInt(qty) });
  }
}

/** The items of lots that pins name, by the movements that made them. */
async function itemsOfLots(tx: Tx, scope: InBusiness, lots: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
  if (lots.size === 0) return new Map();
  const rows = await rowsOf<{ id: string; item_id: string }>(
    tx,
    sql`select id, item_id from app.movements where business_id = ${scope.businessId} and id = any(${list("text", [...lots])}) and leg = 0`,
  );
  return new Map(rows.map((row) => [row.id, row.item_id]));
}

function reserve(reservations: Map<string, Reservation[]>, step: string, reservation: Reservation): void {
  const known = reservations.get(step);
  if (known === undefined) reservations.set(step, [reservation]);
  else known.push(reservation);
}

/** What each return line takes from its lot is reserved; what the supplier gave for it is kept with its part of the tax. */
async function loadReturned(
  tx: Tx,
  scope: InBusiness,
  movements: ReadonlyMap<string, MovementRow>,
  reservations: Map<string, Reservation[]>,
): Promise<Loaded["purchaseReturns"]> {
  const found = await purchaseReturns(tx, scope, movements);
  for (const [id, { lot, qty }] of found) reserve(reservations, id, { lot, qty });
  return found;
}

/** The account and the reason of each adjustment that took something out. */
async function loadRemovals(
  tx: Tx,
  scope: InBusiness,
  movements: ReadonlyMap<string, MovementRow>,
): Promise<Loaded["removals"]> {
  const ids = new Set<string>();
  for (const row of movements.values())
    if (row.kind === "adjustment" && row.qty.startsWith("-")) ids.add(row.document_id);
  if (ids.size === 0) return new Map();
  const rows = await rowsOf<{ id: string; account: string | null; reason: string | null }>(
    tx,
    sql`select id, account_code as account, reason from app.stock_documents
        where business_id = ${scope.businessId} and kind = 'adjustment' and id = any(${list("text", [...ids])})`,
  );
  return new Map(rows.map(({ id, account, reason }) => [id, { account: account ?? accounts.shrinkage, reason }]));
}

/** What each returned line's movement is of: the same part of the same sold line, as much as came back of it. */
async function loadBacks(
  tx: Tx,
  scope: InBusiness,
  movements: ReadonlyMap<string, MovementRow>,
): Promise<Loaded["backs"]> {
  const business = scope.businessId;
  const backs = new Map<string, { sale: string; line: string; writeOff: boolean; qty: bigint }>();
  const ids = new Set<string>();
  for (const row of movements.values()) if (row.kind === "sale_return" || row.kind === "write_off") ids.add(row.id);
  if (ids.size === 0) return backs;
  const lines = await rowsOf<{ id: string; sale_id: string; qty: string; write_off: boolean }>(
    tx,
    sql`select id, sale_id, qty::text, write_off from app.return_lines where business_id = ${business} and id = any(${list("text", [...ids])})`,
  );
  const keep = (line: (typeof lines)[number], leg: number, item: string, times: bigint) => {
    const { id, sale_id, write_off, qty } = line;
    const step = costKey(id, leg, item);
    if (!movements.has(step)) return;
    const sale = costKey(sale_id, leg, item);
    backs.set(step, { sale, line: sale_id, writeOff: write_off, qty: BigInt(qty) * times });
  };
  for (const line of lines) keep(line, 0, "", 1n);
  const ofBundles = new Map<string, typeof lines>();
  for (const line of lines) {
    if (movements.has(line.id)) continue;
    const own = ofBundles.get(line.sale_id);
    if (own === undefined) ofBundles.set(line.sale_id, [line]);
    else own.push(line);
  }
  if (ofBundles.size === 0) return backs;
  // What is written off moves no quantity, so how much of each part came back follows from the sale: as much as one of its line has.
  for (const row of await rowsOf<{ id: string; leg: number; item_id: string; times: string }>(
    tx,
    sql`select m.id, m.leg, m.item_id, (-m.qty / o.qty)::text as times from unnest(${list("text", [...ofBundles.keys()])}) as u(id)
        join app.order_lines o on o.business_id = ${business} and o.id = u.id
        join app.movements m on m.business_id = ${business} and m.id = u.id and m.kind = 'sale'`,
  )) {
    for (const line of ofBundles.get(row.id) ?? []) keep(line, row.leg, row.item_id, BigInt(row.times));
  }
  return backs;
}

/** The documents that take goods on from between leaving and arriving: receipts, and what is lost there. */
async function loadConsignments(
  tx: Tx,
  scope: InBusiness,
  movements: ReadonlyMap<string, MovementRow>,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Set<string>();
  for (const row of movements.values()) if (row.location_id === inTransit) ids.add(row.document_id);
  if (ids.size === 0) return new Map();
  const rows = await rowsOf<{ kind: string; id: string; consignment_id: string }>(
    tx,
    sql`select kind, id, consignment_id from app.stock_documents
        where business_id = ${scope.businessId} and kind in ('transfer', 'adjustment') and id = any(${list("text", [...ids])}) and consignment_id is not null`,
  );
  return new Map(rows.map((row) => [`${row.kind}/${row.id}`, row.consignment_id]));
}

async function loadProductions(
  tx: Tx,
  scope: InBusiness,
  movements: ReadonlyMap<string, MovementRow>,
): Promise<ReadonlyMap<string, MadeRow>> {
  const business = scope.businessId;
  const made = new Map<string, { overhead: bigint; shares: Map<string, bigint> }>();
  const ids = new Set<string>();
  for (const row of movements.values()) if (row.kind === "assembly") ids.add(row.document_id);
  if (ids.size === 0) return made;
  for (const row of await rowsOf<{ id: string; overhead: string; line: string; share: string | null }>(
    tx,
    sql`select d.id, d.overhead_minor::text as overhead, l.id as line, l.share::text from app.stock_documents d
        join app.stock_lines l on l.business_id = ${business} and l.document_kind = d.kind and l.document_id = d.id
        where d.business_id = ${business} and d.kind = 'assembly' and d.id = any(${list("text", [...ids])})
        order by d.id, l.place`,
  )) {
    const own = made.get(row.id) ?? { overhead: BigInt(row.overhead), shares: new Map<string, bigint>() };
    if (row.share !== null) own.shares.set(row.line, BigInt(row.share));
    made.set(row.id, own);
  }
  return made;
}

/** Lots from the first days on, and those before that still have something left. */
function loadLots(tx: Tx, scope: InBusiness, days: ReadonlyMap<string, LocalDate>): Promise<LotRow[]> {
  const business = scope.businessId;
  return rowsOf<LotRow>(
    tx,
    sql`select ${lotColumns} from ${itemsFrom(days)}
        cross join lateral (
          select r.* from app.lots r where r.business_id = ${business} and r.item_id = g.item and r.on_date < g.since and r.left_qty > 0
          order by r.on_date offset 0) l
        union all
        select ${lotColumns} from ${rowsSince(scope, "lots", "l", days)}`,
  );
}

/** The same with those that allocations and reservations name besides. */
async function withNamed(
  tx: Tx,
  scope: InBusiness,
  near: readonly LotRow[],
  allocations: readonly AllocationRow[],
  reservations: ReadonlyMap<string, readonly Reservation[]>,
): Promise<Map<string, LotRow>> {
  const lots = new Map(near.map((row) => [row.id, row]));
  const named = new Set<string>();
  for (const row of allocations) if (row.kind !== "back" && !lots.has(row.lot_id)) named.add(row.lot_id);
  for (const list of reservations.values()) for (const { lot } of list) if (!lots.has(lot)) named.add(lot);
  if (named.size === 0) return lots;
  for (const row of await rowsOf<LotRow>(
    tx,
    sql`select ${lotColumns} from app.lots l where l.business_id = ${scope.businessId} and l.id = any(${list("text", [...named])})`,
  ))
    lots.set(row.id, row);
  return lots;
}

async function loadReservedBefore(
  tx: Tx,
  scope: InBusiness,
  days: ReadonlyMap<string, LocalDate>,
  lots: ReadonlyMap<string, LotRow>,
): Promise<ReadonlyMap<string, bigint>> {
  const reserved = new Map<string, bigint>();
  const withReserved = [...lots.values()].filter(
    (row) => row.reserved_qty !== "0" && row.on_date < (days.get(row.item_id) ?? ""),
  );
  if (withReserved.length === 0) return reserved;
  for (const row of await rowsOf<{ lot_id: string; qty: string }>(
    tx,
    sql`select a.lot_id, sum(a.qty)::text as qty from app.allocations a
        join ${itemsFrom(days)} on g.item = a.item_id
        where a.business_id = ${scope.businessId} and a.lot_id = any(${list(
          "text",
          withReserved.map((row) => row.id),
        )})
          and a.kind = 'reserved' and a.on_date < g.since
        group by a.lot_id`,
  )) {
    reserved.set(row.lot_id, BigInt(row.qty));
  }
  return reserved;
}
