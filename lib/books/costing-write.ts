/** What folds gave, written: allocations and lots that differ from those that are there, and nothing else. */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { allocations, lots } from "../../db/schema";
import type { InBusiness, Tx } from "../../db/scope";
import type { CostingResult, LotAfter } from "../core/costing";
import { invariant } from "../core/errors";
import { compareIds, type LocalDate } from "../core/facts";
import type { Loaded } from "./costing-load";
import { type AllocationRow, type LotRow, locationOfShelf, type MovementRow } from "./costing-rows";
import { instantText } from "./instants";

export type Results = ReadonlyMap<string, CostingResult>;
export type NewAllocation = Omit<typeof allocations.$inferInsert, "businessId">;

/** A movement that was folded, by its key. */
export function rowOf(old: Loaded, step: string): MovementRow {
  const row = old.movements.get(step);
  invariant(row !== undefined, `the movement ${step} was folded, so it was read`);
  return row;
}

/** Every allocation that the folds gave, as it is stored. */
export function* allocationsOf(old: Loaded, results: Results): Generator<NewAllocation> {
  for (const result of results.values()) {
    for (const out of result.outs) {
      const row = rowOf(old, out.id);
      for (const [place, part] of out.allocations.entries()) {
        yield {
          movementId: row.id,
          leg: row.leg,
          itemId: row.item_id,
          onDate: row.on_date,
          lotId: part.lot,
          kind: part.reserved ? "reserved" : "fifo",
          qty: part.qty,
          costMinor: part.cost,
          saleId: null,
          madeLotId: null,
          place,
        };
      }
    }
    for (const back of result.backs) {
      const row = rowOf(old, back.id);
      for (const [place, part] of back.parts.entries()) {
        yield {
          movementId: row.id,
          leg: row.leg,
          itemId: row.item_id,
          onDate: row.on_date,
          lotId: part.from,
          kind: "back",
          qty: -part.qty,
          costMinor: -part.cost,
          saleId: old.backs.get(back.id)?.line ?? null,
          madeLotId: part.lot,
          place,
        };
      }
    }
  }
}

export const allocationKey = (movement: string, leg: number, kind: string, place: number) =>
  `${movement}\u001f${leg}\u001f${kind}\u001f${place}`;

export function isAllocationSame(now: NewAllocation, row: AllocationRow): boolean {
  return (
    now.lotId === row.lot_id &&
    now.itemId === row.item_id &&
    now.onDate === row.on_date &&
    String(now.qty) === row.qty &&
    String(now.costMinor) === row.cost_minor &&
    now.saleId === row.sale_id &&
    now.madeLotId === row.made_lot_id
  );
}

/** Takes away allocations that no longer are, and adds those that now are. */
export async function writeAllocations(tx: Tx, scope: InBusiness, old: Loaded, results: Results): Promise<void> {
  const { businessId } = scope;
  const before = new Map<string, AllocationRow>();
  for (const row of old.allocations) before.set(allocationKey(row.movement_id, row.leg, row.kind, row.place), row);
  const added: (typeof allocations.$inferInsert)[] = [];
  for (const now of allocationsOf(old, results)) {
    const key = before.size === 0 ? "" : allocationKey(now.movementId, now.leg, now.kind, now.place);
    const row = before.get(key);
    if (row !== undefined && isAllocationSame(now, row)) before.delete(key);
    else added.push({ businessId, ...now });
  }
  const stale = [...before.values()];
  if (stale.length > 0) {
    await tx.execute(
      sql`delete from app.allocations a using unnest(${list(
        "text",
        stale.map((row) => row.movement_id),
      )}, ${list(
        "smallint",
        stale.map((row) => row.leg),
      )}, ${list(
        "text",
        stale.map((row) => row.kind),
      )}, ${list(
        "integer",
        stale.map((row) => row.place),
      )}) as u(movement, leg, kind, place)
          where a.business_id = ${scope.businessId} and a.movement_id = u.movement and a.leg = u.leg and a.kind = u.kind and a.place = u.place`,
    );
  }
  added.sort((a, b) => compareIds(a.movementId, b.movementId));
  await bulkInsert(tx, allocations, added);
}

/** The last day on which the folds took something from each lot. */
function lastTaken(old: Loaded, results: Results): ReadonlyMap<string, LocalDate> {
  const days = new Map<string, LocalDate>();
  for (const result of results.values()) {
    for (const out of result.outs) {
      const { on_date: day } = rowOf(old, out.id);
      for (const { lot } of out.allocations) if (day > (days.get(lot) ?? "")) days.set(lot, day);
    }
  }
  return days;
}

/** A lot with the day on which the last of it was taken, null while something is left. What these folds did not touch was used up before them. */
type LotNow = LotAfter & Readonly<{ usedUpOn: LocalDate | null }>;

/** What became of every lot, with when it was used up. */
export function* lotsOf(old: Loaded, results: Results): Generator<LotNow> {
  const taken = lastTaken(old, results);
  for (const result of results.values()) {
    for (const lot of result.lots) {
      const usedUpOn = lot.left > 0n ? null : (taken.get(lot.id) ?? old.lots.get(lot.id)?.used_up_on ?? null);
      yield { ...lot, usedUpOn };
    }
  }
}

/** Takes away lots that no movement makes any more, and writes those that changed. */
export async function writeLots(tx: Tx, scope: InBusiness, old: Loaded, results: Results): Promise<void> {
  const changed: (typeof lots.$inferInsert)[] = [];
  const there = new Set<string>();
  for (const lot of lotsOf(old, results)) {
    there.add(lot.id);
    if (!isLotSame(old.lots.get(lot.id), lot)) changed.push(lotRow(scope, lot));
  }
  const gone = [...old.lots.values()].filter((row) => !there.has(row.id)).map((row) => row.id);
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
        location_id = excluded.location_id, on_date = excluded.on_date, phase = excluded.phase, "at" = excluded."at", place_id = excluded.place_id,
        rank = excluded.rank, acquired_on = excluded.acquired_on, made_on = excluded.made_on, qty = excluded.qty,
        cost_minor = excluded.cost_minor, reserved_qty = excluded.reserved_qty, left_qty = excluded.left_qty, left_minor = excluded.left_minor,
        used_up_on = excluded.used_up_on`,
  );
}

export function isLotSame(before: LotRow | undefined, lot: LotNow): boolean {
  return (
    before !== undefined &&
    before.left_qty === String(lot.left) &&
    before.left_minor === String(lot.value) &&
    before.used_up_on === lot.usedUpOn &&
    before.reserved_qty === String(lot.reserved) &&
    before.qty === String(lot.qty) &&
    before.cost_minor === String(lot.cost) &&
    before.item_id === lot.item &&
    before.location_id === locationOfShelf(lot.location) &&
    before.source === lot.source &&
    before.on_date === lot.place.on &&
    before.phase === lot.place.phase &&
    before.at === (lot.place.at === null ? null : String(lot.place.at)) &&
    before.place_id === lot.place.id &&
    before.rank === lot.place.rank &&
    before.line_id === lineOfLot(lot) &&
    before.number === lot.place.number &&
    before.acquired_on === lot.acquiredOn &&
    before.made_on === lot.madeOn
  );
}

/** The line that made a lot: the place's own id, but for documents of phase 1, which have it. */
const lineOfLot = (lot: LotAfter) => (lot.place.phase === 1 ? lot.place.line : lot.place.id);

function lotRow(scope: InBusiness, lot: LotNow): typeof lots.$inferInsert {
  const { place } = lot;
  return {
    businessId: scope.businessId,
    id: lot.id,
    itemId: lot.item,
    source: lot.source,
    lineId: lineOfLot(lot),
    number: place.number,
    locationId: locationOfShelf(lot.location),
    onDate: place.on,
    phase: place.phase,
    at: place.at === null ? null : instantText(place.at),
    placeId: place.id,
    rank: place.rank,
    acquiredOn: lot.acquiredOn,
    madeOn: lot.madeOn,
    qty: lot.qty,
    costMinor: lot.cost,
    reservedQty: lot.reserved,
    leftQty: lot.left,
    leftMinor: lot.value,
    usedUpOn: lot.usedUpOn,
  };
}
