/**
 * How an item's cost follows its sale: costing.md, rules 1 to 7, as one fold.
 *
 * The problem: facts come late, in any order, are pinned, returned and undone, and the books must say the same to the cent whatever
 * the order of recording. The choice: costs are never kept up to date in place. They are worked out again, from the facts alone, by
 * one pass over one item's movements in the order of rule 1; what differs from what was posted is posted as a further entry
 * (journal.ts). The pass may begin at any day with the state of the lots on that day, and then gives exactly the tail of the whole
 * pass, so that a late fact costs in proportion to what comes after it and a new sale at the end costs next to nothing.
 *
 * Turned down: layers that are updated as facts arrive (a late purchase would need every later take undone by hand, and two workers
 * would differ); a cost kept on each sale and "re-cost" buttons (they drift); average cost (not what the books promise).
 *
 * One cost group is one item, all its locations together (pool `business`).
 */
import { invariant } from "../errors";
import { compareLots, comparePlaces } from "./order";
import {
  giveBack,
  type MutableOut,
  placeOfPart,
  type ReturnableSale,
  returnableOf,
  returnableOfEarlier,
} from "./returns";
import { type Lot, lotOf, Shelf, takeReserved } from "./take";
import type { Allocation, Back, CostedBack, CostingInput, CostingResult, LotAfter, OpenLot, Outward } from "./types";

export { comparePlaces } from "./order";
export type * from "./types";

/**
 * Costs one group: what each outward movement takes from which lot at what cost, what returns give back, and what is left.
 *
 * A whole fold has all steps, no `openLots` and no `earlierSales`. A fold from a day D on has the steps dated D or later and
 * - in `openLots`, each lot of before D that has something left for FIFO or that a reservation in the steps names; and, dated D or later,
 *   each lot that movements before D reserve or (within grace) took from. A lot that is in `openLots` is taken as it is there,
 *   whether or not its inward step is among the steps;
 * - in `earlierSales`, each sale of before D that a return in the steps refers to.
 *
 * Quantities are whole smallest units, costs whole minor units. Facts must have been checked: a reservation that does not fit, a
 * return of an unknown sale, a lot of nothing are bugs here (InvariantBroken), not refusals. Exact: rule 3 holds to the last cent.
 */
export function costOf(input: CostingInput): CostingResult {
  const moves: (Outward | Back)[] = [];
  for (const step of input.steps) if (step.kind !== "in") moves.push(step);
  moves.sort((a, b) => comparePlaces(a.place, b.place));

  const lots = knownLots(input);
  const named = lotsNamedBy(moves, lots);
  const returned = new Set<string>();
  for (const move of moves) if (move.kind === "back") returned.add(move.sale);
  const sales = new Map<string, ReturnableSale>();
  for (const sale of input.earlierSales) sales.set(sale.id, returnableOfEarlier(sale));

  const shelf = new Shelf(lots, BigInt(input.graceDays));
  const outs: MutableOut[] = [];
  const backs: CostedBack[] = [];
  const made: Lot[] = [];
  for (const move of moves) {
    shelf.arriveBefore(move.place);
    if (move.kind === "out") {
      const row = takeOut(move, shelf, named);
      outs.push(row);
      if (returned.has(row.id)) sales.set(row.id, returnableOf(row));
    } else {
      const sale = sales.get(move.sale);
      invariant(sale !== undefined, `return ${move.place.id} refers to a sale before it`);
      const back = giveBack(sale, move);
      backs.push(back);
      for (const lot of lotsBroughtBack(move, back)) {
        made.push(lot);
        shelf.add(lot);
      }
    }
  }
  return { outs, backs, lots: [...lots, ...made].sort(compareLots).map(lotAfter) };
}

/** Every lot that the fold knows before it begins, in the order of rule 1. */
function knownLots(input: CostingInput): Lot[] {
  const lots = input.openLots.map(lotOf);
  const open = new Set(input.openLots.map((lot) => lot.id));
  const reserved = new Map<string, bigint>();
  for (const step of input.steps) {
    if (step.kind !== "out") continue;
    for (const { lot, qty } of step.reservations) reserved.set(lot, (reserved.get(lot) ?? 0n) + qty);
  }
  for (const step of input.steps) {
    if (step.kind !== "in" || open.has(step.place.id)) continue;
    const { source, place, location, qty, cost } = step;
    const taken = reserved.get(place.id) ?? 0n;
    lots.push(
      lotOf({ id: place.id, source, place, location, qty, cost, reserved: taken, reservedTaken: 0n, taken: 0n }),
    );
  }
  return lots.sort(compareLots);
}

/** The lots that reservations name: a few among many, so only these are kept by name. */
function lotsNamedBy(moves: readonly (Outward | Back)[], lots: readonly Lot[]): ReadonlyMap<string, Lot> {
  const names = new Set<string>();
  for (const move of moves) if (move.kind === "out") for (const { lot } of move.reservations) names.add(lot);
  const named = new Map<string, Lot>();
  if (names.size > 0) for (const lot of lots) if (names.has(lot.id)) named.set(lot.id, lot);
  return named;
}

/** Rules 2 to 5 and 7: first what the movement reserved, in the order of the lots, then FIFO; what is left is short. */
function takeOut(out: Outward, shelf: Shelf, named: ReadonlyMap<string, Lot>): MutableOut {
  invariant(out.qty > 0n, `movement ${out.place.id} moves something`);
  const allocations: Allocation[] = out.reservations.length === 0 ? [] : reservationsOf(out, named);
  let missing = out.qty;
  for (const { qty } of allocations) missing -= qty;
  invariant(missing >= 0n, `what ${out.place.id} reserves is at most its quantity`);
  // A purchase return goes back to where its lots came from, or not at all: FIFO would send other goods.
  invariant(missing === 0n || out.source !== "purchase-return", `purchase return ${out.place.id} takes its own lots`);
  const shortage = shelf.take(missing, out.place, allocations);
  let cost = 0n;
  for (const allocation of allocations) cost += allocation.cost;
  return { id: out.place.id, cost, shortage, cancelled: 0n, allocations };
}

/** Takes a movement's reservations, one for each lot, in the order of the lots. */
function reservationsOf(out: Outward, named: ReadonlyMap<string, Lot>): Allocation[] {
  const wanted = new Map<Lot, bigint>();
  for (const { lot: id, qty } of out.reservations) {
    const lot = named.get(id);
    invariant(lot !== undefined, `${out.place.id} reserves from a lot of its item (${id})`);
    wanted.set(lot, (wanted.get(lot) ?? 0n) + qty);
  }
  return [...wanted].sort(([a], [b]) => compareLots(a, b)).map(([lot, qty]) => takeReserved(lot, qty));
}

/** The lots that a restocked return makes, dated on the return; none where it is written off. */
function lotsBroughtBack(move: Back, back: CostedBack): Lot[] {
  const lots: Lot[] = [];
  for (const [index, part] of back.parts.entries()) {
    if (part.lot === null) continue;
    const place = placeOfPart(move, index);
    const nothing = { reserved: 0n, reservedTaken: 0n, taken: 0n };
    const { qty, cost } = part;
    const lot: OpenLot = { id: part.lot, source: "return", place, location: move.location, qty, cost, ...nothing };
    lots.push(lotOf(lot));
  }
  return lots;
}

function lotAfter(lot: Lot): LotAfter {
  const { id, source, place, location, qty, cost, reserved, left, value } = lot;
  return { id, source, place, location, qty, cost, reserved, left, value };
}
