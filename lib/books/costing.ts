/**
 * Brings costs in line with facts: read what is dirty, fold it (lib/core/costing), write only what changed, post the differences.
 *
 * The work follows what is new. A group is folded from the first day that something touched; what stood before that day is taken
 * as it is, from the lots that are still open. A sale that comes last therefore reads the open lots and itself; a late purchase
 * reads its own item from its own day on. The caller holds the books' lock, so one settle at a time works on a business.
 */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { allocations, lots } from "../../db/schema";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type {
  Allocation,
  Back,
  CostingInput,
  CostingResult,
  EarlierSale,
  Inward,
  LotAfter,
  OpenLot,
  Outward,
  Phase,
  Place,
  Reservation,
  Step,
} from "../core/costing";
import { costOf } from "../core/costing";
import { startOfMonth } from "../core/dates";
import { invariant } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { lineOfUnmatchedGroup } from "../core/ids";
import type { Posting } from "../core/journal";
import { type CostFact, costPostings } from "../core/posting";
import { timed } from "../system/stopwatch";
import { type Books, post, type Wanted } from "./ledger";

/** What a settle did: cost groups folded, entries added, and how many of those correct earlier ones. */
export type Settled = Readonly<{ groups: number; steps: number; entries: number; corrections: number }>;

/** Groups folded together: few enough to hold in memory, many enough to share their queries. */
const groupsAtOnce = 1_000;

/** Works out all that is marked dirty and posts the differences, in the caller's transaction. Safe to run any number of times. */
export function settle(tx: Tx, scope: InBusiness, books: Books): Promise<Settled> {
  return timed("costing", () => settleAll(tx, scope, books));
}

async function settleAll(tx: Tx, scope: InBusiness, books: Books): Promise<Settled> {
  let total: Settled = { groups: 0, steps: 0, entries: 0, corrections: 0 };
  for (;;) {
    const marks = await rowsOf<{ item_id: string; since: string }>(
      tx,
      sql`select item_id, since::text from app.dirty_marks where business_id = ${scope.businessId} order by item_id limit ${groupsAtOnce}`,
    );
    if (marks.length === 0) break;
    const done = await settleGroups(tx, scope, books, new Map(marks.map((mark) => [mark.item_id, mark.since])));
    await tx.execute(
      sql`delete from app.dirty_marks where business_id = ${scope.businessId} and item_id = any(${list(
        "text",
        marks.map((mark) => mark.item_id),
      )})`,
    );
    total = {
      groups: total.groups + marks.length,
      steps: total.steps + done.steps,
      entries: total.entries + done.entries,
      corrections: total.corrections + done.corrections,
    };
  }
  // What is still marked has no movement any more: nothing is wanted for it.
  const gone = await rowsOf<{ document_kind: string; document_id: string }>(
    tx,
    sql`delete from app.posting_marks where business_id = ${scope.businessId} returning document_kind, document_id`,
  );
  const offset = await post(
    tx,
    scope,
    books,
    gone.map((row) => ({ document: { kind: row.document_kind, id: row.document_id }, postings: [], isFresh: false })),
  );
  return { ...total, entries: total.entries + offset.entries, corrections: total.corrections + offset.corrections };
}

/** How many movements the dirty marks ask to be folded again: what decides whether a form waits or a job is asked for. */
export async function waiting(tx: Tx, scope: InBusiness): Promise<number> {
  const [row] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::int as n from app.dirty_marks d
        join app.movements m on m.business_id = d.business_id and m.item_id = d.item_id and m.on_date >= d.since
        where d.business_id = ${scope.businessId} and m.business_id = ${scope.businessId}`,
  );
  return row?.n ?? 0;
}

type MovementRow = {
  id: string;
  item_id: string;
  location_id: string;
  kind: string;
  on_date: string;
  phase: number;
  at: string | null;
  qty: string;
  value_minor: string;
  short_qty: string;
  is_posted: boolean;
};
type LotRow = {
  id: string;
  item_id: string;
  source: OpenLot["source"];
  line_id: string;
  number: number;
  location_id: string;
  on_date: string;
  phase: number;
  at: string | null;
  qty: string;
  cost_minor: string;
  reserved_qty: string;
  left_qty: string;
  left_minor: string;
};
type AllocationRow = {
  movement_id: string;
  lot_id: string;
  kind: "fifo" | "reserved" | "back";
  item_id: string;
  on_date: string;
  qty: string;
  cost_minor: string;
  sale_id: string | null;
  made_lot_id: string | null;
  place: number;
};
type Since = ReadonlyMap<string, LocalDate>;

const microseconds = sql.raw(`(extract(epoch from "at") * 1000000)::bigint::text as at`);
const lotColumns = sql.raw(
  `l.id, l.item_id, l.source, l.line_id, l.number, l.location_id, l.on_date::text, l.phase, (extract(epoch from l."at") * 1000000)::bigint::text as at,
   l.qty::text, l.cost_minor::text, l.reserved_qty::text, l.left_qty::text, l.left_minor::text`,
);
const allocationColumns = sql.raw(
  "a.movement_id, a.lot_id, a.kind, a.item_id, a.on_date::text, a.qty::text, a.cost_minor::text, a.sale_id, a.made_lot_id, a.place",
);

/** `g(item, since)`: the groups and their first days, to join with. */
const groupsFrom = (since: Since) =>
  sql`unnest(${list("text", [...since.keys()])}, ${list("date", [...since.values()])}) as g(item, since)`;

async function settleGroups(
  tx: Tx,
  scope: InBusiness,
  books: Books,
  marked: Since,
): Promise<Readonly<{ steps: number; entries: number; corrections: number }>> {
  const since = await widen(tx, scope, marked);
  const old = await load(tx, scope, since);
  const results = new Map<string, CostingResult>();
  for (const [group, input] of inputs(books, old)) results.set(group, costOf(input));
  await writeAllocations(tx, scope, old, results);
  await writeLots(tx, scope, old, results);
  const wanted = await writeMovements(tx, scope, old, results);
  const done = await post(tx, scope, books, wanted);
  await summarise(tx, scope, since);
  return { steps: old.movements.length, entries: done.entries, corrections: done.corrections };
}

/**
 * The day to fold from. Where a sale before the marked day took from a lot after it (a pin, or grace), that sale must be folded
 * too, so the day moves back until nothing crosses it.
 */
async function widen(tx: Tx, scope: InBusiness, marked: Since): Promise<Since> {
  const since = new Map(marked);
  for (;;) {
    const crossing = await rowsOf<{ item_id: string; first: string }>(
      tx,
      sql`select l.item_id, min(a.on_date)::text as first from ${groupsFrom(since)}
          join app.lots l on l.business_id = ${scope.businessId} and l.item_id = g.item and l.on_date >= g.since
          join app.allocations a on a.business_id = ${scope.businessId} and a.lot_id = l.id and a.on_date < g.since and a.kind <> 'back'
          group by l.item_id`,
    );
    if (crossing.length === 0) return since;
    for (const row of crossing) since.set(row.item_id, row.first);
  }
}

type Loaded = Readonly<{
  since: Since;
  /** Everything dated from the first day on that bears cost, transfers apart. */
  movements: readonly MovementRow[];
  reservations: ReadonlyMap<string, readonly Reservation[]>;
  backs: ReadonlyMap<string, Readonly<{ sale: string; qty: bigint; writeOff: boolean }>>;
  /** Allocations dated from the first day on, as they are now. */
  allocations: readonly AllocationRow[];
  /** Lots before the first day that the fold may touch, and all lots from it on, as they are now. */
  lots: ReadonlyMap<string, LotRow>;
  reservedBefore: ReadonlyMap<string, bigint>;
  earlier: ReadonlyMap<string, EarlierSale & { group: string; costBack: bigint }>;
  purchaseReturns: ReadonlyMap<string, Readonly<{ amount: bigint; account: string }>>;
}>;

async function load(tx: Tx, scope: InBusiness, since: Since): Promise<Loaded> {
  const business = scope.businessId;
  const movements = await rowsOf<MovementRow>(
    tx,
    sql`select m.id, m.item_id, m.location_id, m.kind, m.on_date::text, m.phase, ${microseconds}, m.qty::text, m.value_minor::text, m.short_qty::text, m.is_posted
        from ${groupsFrom(since)} join app.movements m on m.business_id = ${business} and m.item_id = g.item and m.on_date >= g.since
        where m.kind <> 'transfer'`,
  );
  const reservations = new Map<string, Reservation[]>();
  const reserve = (sale: string, lot: string, qty: bigint) => {
    const known = reservations.get(sale);
    if (known === undefined) reservations.set(sale, [{ lot, qty }]);
    else known.push({ lot, qty });
  };
  const sales = movements.filter((row) => row.kind === "sale").map((row) => row.id);
  for (const row of await rowsOf<{ sale_id: string; lot_id: string; qty: string }>(
    tx,
    sql`select sale_id, lot_id, qty::text from app.pins where business_id = ${business} and sale_id = any(${list("text", sales)})
        union all
        select sale_id, id, qty::text from app.backfills where business_id = ${business} and sale_id = any(${list("text", sales)}) and not is_undone`,
  )) {
    reserve(row.sale_id, row.lot_id, BigInt(row.qty));
  }
  const purchaseReturns = new Map<string, { amount: bigint; account: string }>();
  for (const row of await rowsOf<{ id: string; lot_id: string; qty: string; amount: string; account: string }>(
    tx,
    sql`select s.id, s.purchase_line_id as lot_id, s.qty::text, s.amount_minor::text as amount, p.account_code as account
        from app.stock_lines s
        join app.stock_documents d on d.business_id = ${business} and d.kind = s.document_kind and d.id = s.document_id
        join app.purchases p on p.business_id = ${business} and p.id = d.purchase_id
        where s.business_id = ${business} and s.id = any(${list(
          "text",
          movements.filter((row) => row.kind === "purchase_return").map((row) => row.id),
        )})`,
  )) {
    reserve(row.id, row.lot_id, BigInt(row.qty));
    purchaseReturns.set(row.id, { amount: BigInt(row.amount), account: row.account });
  }
  const backs = new Map<string, { sale: string; qty: bigint; writeOff: boolean }>();
  for (const row of await rowsOf<{ id: string; sale_id: string; qty: string; write_off: boolean }>(
    tx,
    sql`select id, sale_id, qty::text, write_off from app.return_lines where business_id = ${business}
        and id = any(${list(
          "text",
          movements.filter((row) => row.kind === "sale_return" || row.kind === "write_off").map((row) => row.id),
        )})`,
  )) {
    backs.set(row.id, { sale: row.sale_id, qty: BigInt(row.qty), writeOff: row.write_off });
  }
  const oldAllocations = await rowsOf<AllocationRow>(
    tx,
    sql`select ${allocationColumns} from ${groupsFrom(since)}
        join app.allocations a on a.business_id = ${business} and a.item_id = g.item and a.on_date >= g.since`,
  );
  const lotRows = new Map<string, LotRow>();
  const keep = (rows: readonly LotRow[]) => {
    for (const row of rows) lotRows.set(row.id, row);
  };
  keep(
    await rowsOf<LotRow>(
      tx,
      sql`select ${lotColumns} from ${groupsFrom(since)}
          join app.lots l on l.business_id = ${business} and l.item_id = g.item and l.on_date < g.since and l.left_qty > 0
          union all
          select ${lotColumns} from ${groupsFrom(since)}
          join app.lots l on l.business_id = ${business} and l.item_id = g.item and l.on_date >= g.since`,
    ),
  );
  const named = new Set<string>();
  for (const row of oldAllocations) if (row.kind !== "back" && !lotRows.has(row.lot_id)) named.add(row.lot_id);
  for (const list of reservations.values()) for (const { lot } of list) if (!lotRows.has(lot)) named.add(lot);
  if (named.size > 0) {
    keep(
      await rowsOf<LotRow>(
        tx,
        sql`select ${lotColumns} from app.lots l where l.business_id = ${business} and l.id = any(${list("text", [...named])})`,
      ),
    );
  }
  const reservedBefore = new Map<string, bigint>();
  const withReserved = [...lotRows.values()].filter(
    (row) => row.reserved_qty !== "0" && row.on_date < (since.get(row.item_id) ?? ""),
  );
  if (withReserved.length > 0) {
    for (const row of await rowsOf<{ lot_id: string; qty: string }>(
      tx,
      sql`select a.lot_id, sum(a.qty)::text as qty from app.allocations a
          join ${groupsFrom(since)} on g.item = a.item_id
          where a.business_id = ${business} and a.lot_id = any(${list(
            "text",
            withReserved.map((row) => row.id),
          )})
            and a.kind = 'reserved' and a.on_date < g.since
          group by a.lot_id`,
    )) {
      reservedBefore.set(row.lot_id, BigInt(row.qty));
    }
  }
  const inFold = new Set(sales);
  const earlierSales = new Set<string>();
  for (const { sale } of backs.values()) if (!inFold.has(sale)) earlierSales.add(sale);
  const earlier = await loadEarlier(tx, scope, since, [...earlierSales]);
  return {
    since,
    movements,
    reservations,
    backs,
    allocations: oldAllocations,
    lots: lotRows,
    reservedBefore,
    earlier,
    purchaseReturns,
  };
}

/** Sales before the first day that returns from it on refer to: their allocations, and what came back before. */
async function loadEarlier(
  tx: Tx,
  scope: InBusiness,
  since: Since,
  sales: readonly string[],
): Promise<Loaded["earlier"]> {
  const earlier = new Map<string, EarlierSale & { group: string; costBack: bigint }>();
  if (sales.length === 0) return earlier;
  const business = scope.businessId;
  const rows = await rowsOf<{ id: string; item_id: string; qty: string }>(
    tx,
    sql`select id, item_id, (-qty)::text as qty from app.movements where business_id = ${business} and id = any(${list("text", sales)}) and leg = 0`,
  );
  const taken = new Map<string, AllocationRow[]>();
  for (const row of await rowsOf<AllocationRow>(
    tx,
    sql`select ${allocationColumns} from app.allocations a where a.business_id = ${business} and a.movement_id = any(${list("text", sales)}) and a.kind <> 'back' order by a.movement_id, a.place`,
  )) {
    const known = taken.get(row.movement_id);
    if (known === undefined) taken.set(row.movement_id, [row]);
    else known.push(row);
  }
  // What returns before the first day gave back, by sale and lot; last taken first, so a lot's parts are told apart by their order.
  const back = new Map<string, { qty: bigint; cost: bigint }>();
  const backAll = new Map<string, { qty: bigint; cost: bigint }>();
  const backOfReturn = new Map<string, bigint>();
  for (const row of await rowsOf<AllocationRow>(
    tx,
    sql`select ${allocationColumns} from app.allocations a join ${groupsFrom(since)} on g.item = a.item_id
        where a.business_id = ${business} and a.sale_id = any(${list("text", sales)}) and a.kind = 'back' and a.on_date < g.since`,
  )) {
    const qty = -BigInt(row.qty);
    const key = `${row.sale_id}\u001f${row.lot_id}`;
    const sum = back.get(key) ?? { qty: 0n, cost: 0n };
    back.set(key, { qty: sum.qty + qty, cost: sum.cost - BigInt(row.cost_minor) });
    const all = backAll.get(row.sale_id ?? "") ?? { qty: 0n, cost: 0n };
    backAll.set(row.sale_id ?? "", { qty: all.qty + qty, cost: all.cost - BigInt(row.cost_minor) });
    backOfReturn.set(row.movement_id, (backOfReturn.get(row.movement_id) ?? 0n) + qty);
  }
  const cancelled = new Map<string, bigint>();
  for (const row of await rowsOf<{ id: string; sale_id: string; qty: string }>(
    tx,
    sql`select r.id, r.sale_id, r.qty::text from app.return_lines r
        join app.movements m on m.business_id = ${business} and m.id = r.id and m.leg = 0 and m.kind = 'sale_return'
        join ${groupsFrom(since)} on g.item = m.item_id
        where r.business_id = ${business} and r.sale_id = any(${list("text", sales)}) and m.on_date < g.since`,
  )) {
    cancelled.set(row.sale_id, (cancelled.get(row.sale_id) ?? 0n) + BigInt(row.qty) - (backOfReturn.get(row.id) ?? 0n));
  }
  for (const row of rows) {
    const parts = (taken.get(row.id) ?? []).map((part) => ({
      lot: part.lot_id,
      qty: BigInt(part.qty),
      cost: BigInt(part.cost_minor),
      back: 0n,
    }));
    // Give what came back to the parts in the order that returns take: last taken first.
    for (let i = parts.length - 1; i >= 0; i -= 1) {
      const part = parts[i];
      const given = part === undefined ? undefined : back.get(`${row.id}\u001f${part.lot}`);
      if (part === undefined || given === undefined || given.qty === 0n) continue;
      const here = given.qty < part.qty ? given.qty : part.qty;
      parts[i] = { ...part, back: here };
      back.set(`${row.id}\u001f${part.lot}`, { qty: given.qty - here, cost: given.cost });
    }
    const qty = BigInt(row.qty);
    const covered = parts.reduce((sum, part) => sum + part.qty, 0n);
    earlier.set(row.id, {
      id: row.id,
      group: row.item_id,
      qty,
      allocations: parts,
      shortage: qty - covered - (cancelled.get(row.id) ?? 0n),
      costBack: backAll.get(row.id)?.cost ?? 0n,
    });
  }
  return earlier;
}

function placeOf(
  row: Readonly<{ on_date: string; phase: number; at: string | null }>,
  id: string,
  number: number,
): Place {
  invariant(row.phase >= 0 && row.phase <= 3, "there are four phases");
  return { on: row.on_date, phase: row.phase as Phase, at: row.at === null ? null : BigInt(row.at), id, number };
}

const inwardSources: Readonly<Record<string, Inward["source"]>> = {
  purchase: "purchase",
  opening: "opening",
  backfill: "backfill",
  loose_return: "loose-return",
};

/** One fold's input for each group. */
function inputs(books: Books, old: Loaded): Map<string, CostingInput> {
  const steps = new Map<string, Step[]>();
  const open = new Map<string, OpenLot[]>();
  const sales = new Map<string, EarlierSale[]>();
  for (const group of old.since.keys()) {
    steps.set(group, []);
    open.set(group, []);
    sales.set(group, []);
  }
  for (const row of old.movements) {
    const place = placeOf(row, row.id, 0);
    const qty = BigInt(row.qty);
    const source = row.kind === "adjustment" && qty > 0n ? "found" : inwardSources[row.kind];
    if (source !== undefined) {
      steps
        .get(row.item_id)
        ?.push({ kind: "in", source, place, location: row.location_id, qty, cost: BigInt(row.value_minor) });
      continue;
    }
    const back = old.backs.get(row.id);
    if (back !== undefined) {
      const step: Back = {
        kind: "back",
        place,
        location: row.location_id,
        sale: back.sale,
        qty: back.qty,
        restock: !back.writeOff,
        writeOff: back.writeOff,
      };
      steps.get(row.item_id)?.push(step);
      continue;
    }
    const out: Outward = {
      kind: "out",
      source: row.kind === "sale" ? "sale" : row.kind === "purchase_return" ? "purchase-return" : "lost",
      place,
      location: row.location_id,
      qty: -qty,
      reservations: old.reservations.get(row.id) ?? [],
    };
    steps.get(row.item_id)?.push(out);
  }
  const takenSince = new Map<string, { fifo: bigint; reserved: bigint }>();
  for (const row of old.allocations) {
    if (row.kind === "back") continue;
    const sum = takenSince.get(row.lot_id) ?? { fifo: 0n, reserved: 0n };
    const qty = BigInt(row.qty);
    takenSince.set(
      row.lot_id,
      row.kind === "fifo" ? { ...sum, fifo: sum.fifo + qty } : { ...sum, reserved: sum.reserved + qty },
    );
  }
  for (const row of old.lots.values()) {
    if (row.on_date >= (old.since.get(row.item_id) ?? "")) continue;
    const qty = BigInt(row.qty);
    const reserved = BigInt(row.reserved_qty);
    open.get(row.item_id)?.push({
      id: row.id,
      source: row.source,
      place: placeOf(row, row.line_id, row.number),
      location: row.location_id,
      qty,
      cost: BigInt(row.cost_minor),
      reserved,
      reservedTaken: old.reservedBefore.get(row.id) ?? 0n,
      taken: qty - reserved - BigInt(row.left_qty) - (takenSince.get(row.id)?.fifo ?? 0n),
    });
  }
  for (const sale of old.earlier.values()) sales.get(sale.group)?.push(sale);
  return new Map(
    [...steps].map(([group, list]) => [
      group,
      {
        graceDays: books.graceDays,
        steps: list,
        openLots: open.get(group) ?? [],
        earlierSales: sales.get(group) ?? [],
      },
    ]),
  );
}

type NewAllocation = typeof allocations.$inferInsert;

async function writeAllocations(
  tx: Tx,
  scope: InBusiness,
  old: Loaded,
  results: ReadonlyMap<string, CostingResult>,
): Promise<void> {
  const dates = new Map(old.movements.map((row) => [row.id, row.on_date]));
  const wanted = new Map<string, NewAllocation>();
  const add = (row: NewAllocation) => wanted.set(`${row.movementId}\u001f${row.kind}\u001f${row.place}`, row);
  for (const [group, result] of results) {
    const common = { businessId: scope.businessId, itemId: group };
    for (const out of result.outs) {
      out.allocations.forEach((part: Allocation, place) => {
        add({
          ...common,
          movementId: out.id,
          onDate: dates.get(out.id) ?? "",
          lotId: part.lot,
          kind: part.reserved ? "reserved" : "fifo",
          qty: part.qty,
          costMinor: part.cost,
          saleId: null,
          madeLotId: null,
          place,
        });
      });
    }
    for (const back of result.backs) {
      back.parts.forEach((part, place) => {
        add({
          ...common,
          movementId: back.id,
          onDate: dates.get(back.id) ?? "",
          lotId: part.from,
          kind: "back",
          qty: -part.qty,
          costMinor: -part.cost,
          saleId: back.sale,
          madeLotId: part.lot,
          place,
        });
      });
    }
  }
  const stale: AllocationRow[] = [];
  for (const row of old.allocations) {
    const key = `${row.movement_id}\u001f${row.kind}\u001f${row.place}`;
    const now = wanted.get(key);
    const isSame =
      now !== undefined &&
      now.lotId === row.lot_id &&
      now.itemId === row.item_id &&
      now.onDate === row.on_date &&
      String(now.qty) === row.qty &&
      String(now.costMinor) === row.cost_minor &&
      now.saleId === row.sale_id &&
      now.madeLotId === row.made_lot_id;
    if (isSame) wanted.delete(key);
    else stale.push(row);
  }
  if (stale.length > 0) {
    await tx.execute(
      sql`delete from app.allocations a using unnest(${list(
        "text",
        stale.map((row) => row.movement_id),
      )}, ${list(
        "text",
        stale.map((row) => row.kind),
      )}, ${list(
        "integer",
        stale.map((row) => row.place),
      )}) as u(movement, kind, place)
          where a.business_id = ${scope.businessId} and a.movement_id = u.movement and a.kind = u.kind and a.place = u.place`,
    );
  }
  await bulkInsert(tx, allocations, [...wanted.values()]);
}

async function writeLots(
  tx: Tx,
  scope: InBusiness,
  old: Loaded,
  results: ReadonlyMap<string, CostingResult>,
): Promise<void> {
  const changed: (typeof lots.$inferInsert)[] = [];
  const there = new Set<string>();
  for (const [group, result] of results) {
    for (const lot of result.lots) {
      there.add(lot.id);
      if (!isLotSame(old.lots.get(lot.id), lot, group)) changed.push(lotRow(scope, group, lot));
    }
  }
  const gone = [...old.lots.values()]
    .filter((row) => !there.has(row.id) && results.has(row.item_id))
    .map((row) => row.id);
  if (gone.length > 0) {
    await tx.execute(
      sql`delete from app.lots where business_id = ${scope.businessId} and id = any(${list("text", gone)})`,
    );
  }
  await bulkInsert(
    tx,
    lots,
    changed,
    sql`on conflict (business_id, id) do update set item_id = excluded.item_id, source = excluded.source, line_id = excluded.line_id, number = excluded.number,
        location_id = excluded.location_id, on_date = excluded.on_date, phase = excluded.phase, "at" = excluded."at", qty = excluded.qty,
        cost_minor = excluded.cost_minor, reserved_qty = excluded.reserved_qty, left_qty = excluded.left_qty, left_minor = excluded.left_minor`,
  );
}

function isLotSame(before: LotRow | undefined, lot: LotAfter, group: string): boolean {
  return (
    before !== undefined &&
    before.item_id === group &&
    before.left_qty === String(lot.left) &&
    before.left_minor === String(lot.value) &&
    before.reserved_qty === String(lot.reserved) &&
    before.qty === String(lot.qty) &&
    before.cost_minor === String(lot.cost) &&
    before.location_id === lot.location &&
    before.source === lot.source &&
    before.on_date === lot.place.on &&
    before.phase === lot.place.phase &&
    before.at === (lot.place.at === null ? null : String(lot.place.at)) &&
    before.line_id === lot.place.id &&
    before.number === lot.place.number
  );
}

function lotRow(scope: InBusiness, group: string, lot: LotAfter): typeof lots.$inferInsert {
  return {
    businessId: scope.businessId,
    id: lot.id,
    itemId: group,
    source: lot.source,
    lineId: lot.place.id,
    number: lot.place.number,
    locationId: lot.location,
    onDate: lot.place.on,
    phase: lot.place.phase,
    at: lot.place.at === null ? null : instantText(lot.place.at),
    qty: lot.qty,
    costMinor: lot.cost,
    reservedQty: lot.reserved,
    leftQty: lot.left,
    leftMinor: lot.value,
  };
}

/** An instant as the database reads it, to the microsecond. */
export function instantText(at: bigint): string {
  const seconds = at / 1_000_000n - (at % 1_000_000n < 0n ? 1n : 0n);
  const micros = at - seconds * 1_000_000n;
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${micros.toString().padStart(6, "0")}Z`;
}

/** Writes what each movement and sold line came to, and gives what their documents now want to have posted. */
async function writeMovements(
  tx: Tx,
  scope: InBusiness,
  old: Loaded,
  results: ReadonlyMap<string, CostingResult>,
): Promise<readonly Wanted[]> {
  const marked = await takeMarks(tx, scope, old);
  const rows = new Map(old.movements.map((row) => [row.id, row]));
  const changed: { id: string; value: bigint; short: bigint; isPosted: boolean }[] = [];
  const wanted: Wanted[] = [];
  const saleTotals = new Map<string, { cost: bigint | null; back: bigint; short: bigint }>();
  // What is written off moves no inventory, so its cost stands in its allocations alone.
  const costBefore = new Map<string, bigint>();
  for (const row of old.allocations) {
    if (row.kind === "back")
      costBefore.set(row.movement_id, (costBefore.get(row.movement_id) ?? 0n) - BigInt(row.cost_minor));
  }
  const note = (row: MovementRow, value: bigint, short: bigint, fact: CostFact) => {
    const isSame = row.value_minor === String(value) && row.short_qty === String(short);
    const isMarked = marked.has(row.id);
    const needsPosting =
      isMarked ||
      row.value_minor !== String(value) ||
      (row.kind === "write_off" && (costBefore.get(row.id) ?? 0n) !== fact.cost) ||
      (row.kind === "purchase_return" && !row.is_posted);
    if (!isSame || (needsPosting && !row.is_posted))
      changed.push({ id: row.id, value, short, isPosted: row.is_posted || needsPosting });
    if (!needsPosting) return;
    const postings: readonly Posting[] = costPostings(fact);
    if (postings.length > 0 || row.is_posted || isMarked) {
      wanted.push({ document: { kind: "cost", id: row.id }, postings, isFresh: !row.is_posted && !isMarked });
    }
  };
  for (const [group, result] of results) {
    const item = lineOfUnmatchedGroup(group) === null ? group : null;
    const cancelled = new Map<string, bigint>();
    const backCost = new Map<string, bigint>();
    for (const back of result.backs) {
      cancelled.set(back.sale, (cancelled.get(back.sale) ?? 0n) + back.cancelled);
      backCost.set(back.sale, (backCost.get(back.sale) ?? 0n) + back.cost);
      const row = rows.get(back.id);
      invariant(row !== undefined, `the return ${back.id} was folded, so it was read`);
      const isRestock = row.kind === "sale_return";
      note(row, isRestock ? back.cost : 0n, 0n, {
        kind: isRestock ? "restocked" : "written_off",
        line: back.id,
        effectiveOn: row.on_date,
        cost: back.cost,
        item,
        location: row.location_id,
      });
    }
    for (const out of result.outs) {
      const row = rows.get(out.id);
      invariant(row !== undefined, `the movement ${out.id} was folded, so it was read`);
      const short = out.shortage - out.cancelled;
      const common = { line: out.id, effectiveOn: row.on_date, cost: out.cost, item, location: row.location_id };
      const paid = old.purchaseReturns.get(out.id);
      const fact: CostFact =
        paid !== undefined
          ? { ...common, kind: "purchase_return", back: paid.amount, account: paid.account }
          : { ...common, kind: row.kind === "sale" ? "sale" : "lost" };
      note(row, -out.cost, short, fact);
      if (row.kind === "sale") saleTotals.set(out.id, { cost: out.cost, back: backCost.get(out.id) ?? 0n, short });
    }
    for (const sale of old.earlier.values()) {
      if (sale.group !== group) continue;
      const short = sale.shortage - (cancelled.get(sale.id) ?? 0n);
      changed.push({
        id: sale.id,
        value: -sale.allocations.reduce((sum, part) => sum + part.cost, 0n),
        short,
        isPosted: true,
      });
      saleTotals.set(sale.id, { cost: null, back: sale.costBack + (backCost.get(sale.id) ?? 0n), short });
    }
  }
  if (changed.length > 0) {
    await tx.execute(
      sql`update app.movements m set value_minor = u.value, short_qty = u.short, is_posted = m.is_posted or u.posted
          from unnest(${list(
            "text",
            changed.map((one) => one.id),
          )}, ${list(
            "bigint",
            changed.map((one) => one.value),
          )}, ${list(
            "bigint",
            changed.map((one) => one.short),
          )}, ${list(
            "boolean",
            changed.map((one) => one.isPosted),
          )}) as u(id, value, short, posted)
          where m.business_id = ${scope.businessId} and m.id = u.id and m.leg = 0`,
    );
  }
  const totals = [...saleTotals];
  if (totals.length > 0) {
    await tx.execute(
      sql`update app.order_lines o set cost_minor = coalesce(u.cost, o.cost_minor), cost_back_minor = u.back, short_qty = u.short
          from unnest(${list(
            "text",
            totals.map(([id]) => id),
          )}, ${list(
            "bigint",
            totals.map(([, one]) => one.cost),
          )}, ${list(
            "bigint",
            totals.map(([, one]) => one.back),
          )}, ${list(
            "bigint",
            totals.map(([, one]) => one.short),
          )}) as u(id, cost, back, short)
          where o.business_id = ${scope.businessId} and o.id = u.id
            and (o.cost_minor, o.cost_back_minor, o.short_qty) is distinct from (coalesce(u.cost, o.cost_minor), u.back, u.short)`,
    );
  }
  return wanted;
}

/** Takes the marks of documents that this fold gives an answer for; the others wait for theirs. */
async function takeMarks(tx: Tx, scope: InBusiness, old: Loaded): Promise<ReadonlySet<string>> {
  const rows = await rowsOf<{ document_id: string }>(
    tx,
    sql`delete from app.posting_marks where business_id = ${scope.businessId} and document_kind = 'cost'
          and document_id = any(${list(
            "text",
            old.movements.map((row) => row.id),
          )})
        returning document_id`,
  );
  return new Set(rows.map((row) => row.document_id));
}

/** Rebuilds the groups' monthly sums from the first day's month on, and what In Stock shows of them. */
async function summarise(tx: Tx, scope: InBusiness, since: Since): Promise<void> {
  const months: Since = new Map(
    [...since]
      .filter(([group]) => lineOfUnmatchedGroup(group) === null)
      .map(([group, day]) => [group, startOfMonth(day)]),
  );
  if (months.size === 0) return;
  const business = scope.businessId;
  await tx.execute(
    sql`delete from app.item_months i using ${groupsFrom(months)} where i.business_id = ${business} and i.item_id = g.item and i.month >= g.since`,
  );
  const columns = sql.raw(`business_id, item_id, month, location_id, in_qty, out_qty, value_minor, "rows"`);
  await tx.execute(
    sql`insert into app.item_months (${columns})
        select m.business_id, m.item_id, date_trunc('month', m.on_date::timestamp)::date, m.location_id,
          coalesce(sum(m.qty) filter (where m.qty > 0), 0), coalesce(-sum(m.qty) filter (where m.qty < 0), 0), sum(m.value_minor), count(*)
        from ${groupsFrom(months)} join app.movements m on m.business_id = ${business} and m.item_id = g.item and m.on_date >= g.since
        where m.kind <> 'write_off'
        group by 1, 2, 3, 4`,
  );
  await tx.execute(
    sql`insert into app.item_stock (business_id, item_id, on_hand_qty, value_minor, short_qty, oldest_lot_on, last_sold_on)
        select g.business_id, g.id,
          coalesce((select sum(i.in_qty - i.out_qty) from app.item_months i where i.business_id = ${business} and i.item_id = g.id), 0),
          coalesce((select sum(l.left_minor) from app.lots l where l.business_id = ${business} and l.item_id = g.id and l.left_qty > 0), 0),
          coalesce((select sum(m.short_qty) from app.movements m where m.business_id = ${business} and m.item_id = g.id and m.short_qty > 0), 0),
          (select min(l.on_date) from app.lots l where l.business_id = ${business} and l.item_id = g.id and l.left_qty > 0),
          (select max(m.on_date) from app.movements m where m.business_id = ${business} and m.item_id = g.id and m.kind = 'sale')
        from app.items g where g.business_id = ${business} and g.id = any(${list("text", [...months.keys()])})
        on conflict (business_id, item_id) do update set on_hand_qty = excluded.on_hand_qty, value_minor = excluded.value_minor,
          short_qty = excluded.short_qty, oldest_lot_on = excluded.oldest_lot_on, last_sold_on = excluded.last_sold_on`,
  );
}

/** What the stored costs differ in from a fold of the whole history: nothing, if everything held (M11 of reliability.md). Writes nothing. */
export async function costDifferences(
  tx: Tx,
  scope: InBusiness,
  books: Books,
  most: number,
): Promise<Readonly<{ groups: number; differences: readonly string[] }>> {
  const differences: string[] = [];
  let groups = 0;
  let after = "";
  for (;;) {
    const items = await rowsOf<{ item_id: string }>(
      tx,
      sql`select distinct item_id from app.movements where business_id = ${scope.businessId} and item_id > ${after} and kind <> 'transfer'
          order by item_id limit ${groupsAtOnce}`,
    );
    const last = items.at(-1);
    if (last === undefined) return { groups, differences };
    after = last.item_id;
    groups += items.length;
    const old = await load(tx, scope, new Map(items.map((row) => [row.item_id, "0001-01-01"])));
    const results = new Map([...inputs(books, old)].map(([group, input]) => [group, costOf(input)]));
    const stored = new Map(
      old.allocations.map((row) => [
        `${row.movement_id} from ${row.lot_id} (${row.kind}, ${row.place + 1})`,
        `${row.qty} for ${row.cost_minor}`,
      ]),
    );
    const seenLots = new Set<string>();
    const compare = (what: string, wanted: string) => {
      const found = stored.get(what);
      stored.delete(what);
      if (found !== wanted && differences.length < most)
        differences.push(`${what}: the facts say ${wanted}, stored is ${found ?? "nothing"}`);
    };
    for (const [group, result] of results) {
      for (const out of result.outs) {
        out.allocations.forEach((part, place) => {
          compare(
            `${out.id} from ${part.lot} (${part.reserved ? "reserved" : "fifo"}, ${place + 1})`,
            `${part.qty} for ${part.cost}`,
          );
        });
      }
      for (const back of result.backs) {
        back.parts.forEach((part, place) => {
          compare(`${back.id} from ${part.from} (back, ${place + 1})`, `${-part.qty} for ${-part.cost}`);
        });
      }
      for (const lot of result.lots) {
        seenLots.add(lot.id);
        if (!isLotSame(old.lots.get(lot.id), lot, group) && differences.length < most)
          differences.push(`lot ${lot.id}: the facts leave ${lot.left} worth ${lot.value}, stored is something else`);
      }
    }
    for (const [what, found] of stored) {
      if (differences.length < most) differences.push(`${what}: stored is ${found}, the facts say nothing of it`);
    }
    for (const lot of old.lots.values()) {
      if (!seenLots.has(lot.id) && differences.length < most)
        differences.push(`lot ${lot.id} is stored, and no fact makes it`);
    }
  }
}
