/**
 * How an item's cost follows its sale: costing.md, rules 1 to 9, as one fold.
 *
 * The problem: facts come late, in any order, are pinned, returned and undone, and the books must say the same to the cent whatever
 * the order of recording. The choice: costs are never kept up to date in place. They are worked out again, from the facts alone, by
 * one pass over the movements of one cost group in the order of rule 1; what differs from what was posted is posted as a further entry
 * (journal.ts). The pass may begin at any day with the state of the lots on that day, and then gives exactly the tail of the whole
 * pass, so that a late fact costs in proportion to what comes after it and a new sale at the end costs next to nothing.
 *
 * Turned down: layers that are updated as facts arrive (a late purchase would need every later take undone by hand, and two workers
 * would differ); a cost kept on each sale and "re-cost" buttons (they drift); average cost (not what the books promise); a fold for
 * each item with what production makes handed from one to the other (two items that are made of each other have no order of items,
 * only one of movements).
 *
 * One cost group is one item at all its locations, or all items that production joins. In pool `business` a transfer moves quantity
 * only and is no step; in pool `location` it moves lots.
 */
import { invariant } from "../errors";
import { compareIds } from "../facts";
import { compareLots, comparePlaces } from "./order";
import { type Counts, lotsMade, lotsMoved } from "./produce";
import {
  giveBack,
  type MutableOut,
  placeOfPart,
  type ReturnableSale,
  returnableOf,
  returnableOfEarlier,
} from "./returns";
import { type Lot, lotOf, type Shelf, Shelves, takeReserved } from "./take";
import type {
  Allocation,
  Back,
  CostedBack,
  CostedMake,
  CostingInput,
  CostingResult,
  Inward,
  LotAfter,
  Make,
  Move,
  Outward,
  Step,
} from "./types";

export { comparePlaces, lineAt, productionAt, transferAt } from "./order";
export type * from "./types";

type Moving = Exclude<Step, Inward>;

/**
 * Costs one group: what each outward movement takes from which lot at what cost, what returns give back, what production makes, and
 * what is left.
 *
 * A whole fold has all steps, no `openLots` and no `earlierSales`. A fold from a day D on has the steps dated D or later and
 * - in `openLots`, each lot of before D that has something left for FIFO or that a reservation in the steps names; and, dated D or later,
 *   each lot that movements before D reserve or (within grace) took from, or that a transfer of before D is bringing. A lot that is in
 *   `openLots` is taken as it is there, whether or not its inward step is among the steps;
 * - in `earlierSales`, each sale of before D that a return in the steps refers to.
 *
 * Quantities are whole smallest units, costs whole minor units. Facts must have been checked: a reservation that does not fit, a
 * return of an unknown sale, a lot of nothing are bugs here (InvariantBroken), not refusals. Exact: rule 3 holds to the last cent.
 */
export function costOf(input: CostingInput): CostingResult {
  const moves: Moving[] = [];
  for (const step of input.steps) if (step.kind !== "in") moves.push(step);
  // Lines of one place (the components of a bundle) are of different items; their order only decides that of the result.
  moves.sort((a, b) => comparePlaces(a.place, b.place) || compareIds(a.id, b.id));
  return new Fold(input, moves).run(moves);
}

/** What runs through the movements: the shelves, the sales that returns may refer to, and what was worked out so far. */
class Fold {
  private readonly shelves: Shelves;
  private readonly lots: Lot[];
  /** What reservations take of each lot, and those lots by name: a few among many. */
  private readonly reserved: Counts;
  private readonly named = new Map<string, Lot>();
  /** Sales that a return refers to, and which those are. */
  private readonly returned = new Set<string>();
  private readonly sales = new Map<string, ReturnableSale>();
  private readonly outs: MutableOut[] = [];
  private readonly backs: CostedBack[] = [];
  private readonly makes: CostedMake[] = [];

  constructor(input: CostingInput, moves: readonly Moving[]) {
    this.reserved = reservedIn(moves);
    this.shelves = new Shelves(input.pool, BigInt(input.graceDays));
    this.lots = this.knownLots(input);
    for (const lot of this.lots) this.nameIfReserved(lot);
    this.shelves.begin(this.lots);
    for (const move of moves) if (move.kind === "back") this.returned.add(move.sale);
    for (const sale of input.earlierSales) this.sales.set(sale.id, returnableOfEarlier(sale));
  }

  run(moves: readonly Moving[]): CostingResult {
    for (const move of moves) {
      if (move.kind === "out") this.leave(move);
      else if (move.kind === "back") this.comeBack(move);
      else if (move.kind === "move") this.move(move);
      else this.make(move);
    }
    const lots = this.lots.sort((a, b) => compareLots(a, b) || compareIds(a.id, b.id)).map(lotAfter);
    return { outs: this.outs, backs: this.backs, makes: this.makes, lots };
  }

  /** Every lot that the fold knows before it begins. */
  private knownLots(input: CostingInput): Lot[] {
    const lots = input.openLots.map(lotOf);
    const open = new Set(input.openLots.map((lot) => lot.id));
    for (const step of input.steps) {
      if (step.kind !== "in" || open.has(step.id)) continue;
      const { id, item, source, place, location, qty, cost } = step;
      const nothing = { reserved: this.reserved.get(id) ?? 0n, reservedTaken: 0n, taken: 0n };
      const on = { acquiredOn: place.on, madeOn: place.on };
      lots.push(lotOf({ id, item, source, place, ...on, location, qty, cost, ...nothing }));
    }
    return lots;
  }

  private nameIfReserved(lot: Lot): void {
    if (this.reserved.has(lot.id)) this.named.set(lot.id, lot);
  }

  /** The shelf that a movement takes from, with everything on it that came before. */
  private shelfAt(step: Readonly<{ place: Outward["place"] }>, item: string, location: string): Shelf {
    const shelf = this.shelves.of(item, location);
    shelf.arriveBefore(step.place);
    return shelf;
  }

  /** Rules 2 to 5 and 7: first what the movement reserved, in the order of the lots, then FIFO; what is left is short. */
  private leave(out: Outward): void {
    const allocations: Allocation[] = out.reservations.length === 0 ? [] : this.reservationsOf(out);
    let missing = out.qty;
    for (const { qty } of allocations) missing -= qty;
    invariant(missing >= 0n, `what ${out.id} reserves is at most its quantity`);
    // A purchase return goes back to where its lots came from, or not at all: FIFO would send other goods.
    invariant(missing === 0n || out.source !== "purchase-return", `purchase return ${out.id} takes its own lots`);
    const row = this.takeFrom(this.shelfAt(out, out.item, out.location), out, missing, allocations);
    if (this.returned.has(row.id)) this.sales.set(row.id, returnableOf(row));
  }

  /** Takes what is missing by FIFO, and writes the movement's row; `from` is given the lots that it took from. */
  private takeFrom(
    shelf: Shelf,
    out: Readonly<{ id: string; place: Outward["place"]; qty: bigint }>,
    missing: bigint,
    allocations: Allocation[],
    from?: Lot[],
  ): MutableOut {
    invariant(out.qty > 0n, `movement ${out.id} moves something`);
    const shortage = shelf.take(missing, out.place, allocations, from);
    let cost = 0n;
    for (const allocation of allocations) cost += allocation.cost;
    const row = { id: out.id, cost, shortage, cancelled: 0n, allocations };
    this.outs.push(row);
    return row;
  }

  /** Takes a movement's reservations, one for each lot, in the order of the lots. */
  private reservationsOf(out: Outward): Allocation[] {
    const wanted = new Map<Lot, bigint>();
    for (const { lot: id, qty } of out.reservations) {
      const lot = this.named.get(id);
      invariant(lot !== undefined && lot.item === out.item, `${out.id} reserves from a lot of its item (${id})`);
      wanted.set(lot, (wanted.get(lot) ?? 0n) + qty);
    }
    return [...wanted].sort(([a], [b]) => compareLots(a, b)).map(([lot, qty]) => takeReserved(lot, qty));
  }

  /** Rule 6; the lots that come back are dated on the return. */
  private comeBack(move: Back): void {
    const sale = this.sales.get(move.sale);
    invariant(sale !== undefined, `return ${move.id} refers to a sale before it`);
    const shelf = this.shelfAt(move, move.item, move.location);
    const back = giveBack(sale, move);
    this.backs.push(back);
    for (const [index, { lot, qty, cost }] of back.parts.entries()) {
      if (lot === null) continue;
      const place = placeOfPart(move, index);
      const on = { acquiredOn: place.on, madeOn: place.on };
      const nothing = { reserved: 0n, reservedTaken: 0n, taken: 0n };
      const { item, location } = move;
      this.bring(lotOf({ id: lot, item, source: "return", place, ...on, location, qty, cost, ...nothing }), shelf);
    }
  }

  private bring(lot: Lot, shelf: Shelf): void {
    this.lots.push(lot);
    this.nameIfReserved(lot);
    shelf.add(lot);
  }

  /** Rule 8, pool `location`: what leaves becomes lots that arrive; what is short moves without a lot. */
  private move(move: Move): void {
    const shelf = this.shelfAt(move, move.item, move.location);
    const from: Lot[] = [];
    const { allocations } = this.takeFrom(shelf, move, move.qty, [], from);
    const to = this.shelves.of(move.item, move.to);
    for (const lot of lotsMoved(move, allocations, from)) {
      this.lots.push(lot);
      to.expect(lot);
    }
  }

  /** Rule 9: the inputs leave in the order of their lines, then the outputs arrive. */
  private make(make: Make): void {
    let cost = make.overhead;
    let isComplete = true;
    for (const input of [...make.inputs].sort((a, b) => compareIds(a.id, b.id))) {
      const shelf = this.shelfAt(make, input.item, make.location);
      const row = this.takeFrom(shelf, { ...input, place: make.place }, input.qty, []);
      cost += row.cost;
      isComplete = isComplete && row.shortage === 0n;
    }
    for (const lot of lotsMade(make, cost, this.reserved)) this.bring(lot, this.shelfAt(make, lot.item, lot.location));
    this.makes.push({ id: make.id, cost, isComplete });
  }
}

/** What pins, backfills and purchase returns among the movements take from each lot. */
function reservedIn(moves: readonly Moving[]): Counts {
  const reserved = new Map<string, bigint>();
  for (const move of moves) {
    if (move.kind !== "out") continue;
    for (const { lot, qty } of move.reservations) reserved.set(lot, (reserved.get(lot) ?? 0n) + qty);
  }
  return reserved;
}

function lotAfter(lot: Lot): LotAfter {
  const { id, item, source, place, acquiredOn, madeOn, location, qty, cost, reserved, left, value } = lot;
  return { id, item, source, place, acquiredOn, madeOn, location, qty, cost, reserved, left, value };
}
