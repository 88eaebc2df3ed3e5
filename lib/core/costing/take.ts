/**
 * Taking from lots: what a lot gives up (rule 3) and which lot FIFO takes next (rule 2).
 *
 * The problem: a late pin may reserve a part of a lot that FIFO drew on long ago, and the cents must still add up. The choice: a lot
 * counts what is reserved before what FIFO takes, each cumulatively, so a lot's cost is cut by two running counts and needs no list
 * of its allocations. Turned down: a unit cost for each lot (it loses cents), and recounting a lot from its first allocation at
 * each take (quadratic for a lot of a million units sold one by one).
 */
import { dayNumber } from "../dates";
import { invariant } from "../errors";
import type { LocalDate } from "../facts";
import { share, smaller } from "../money";
import { Heap } from "./heap";
import { compareLots, comparePlaces } from "./order";
import type { Allocation, OpenLot, Place, Pool } from "./types";

/** A lot while the fold runs. Only the functions here change it. */
export type Lot = {
  readonly id: string;
  readonly item: string;
  readonly source: OpenLot["source"];
  readonly place: Place;
  readonly acquiredOn: LocalDate;
  readonly madeOn: LocalDate;
  readonly location: string;
  readonly qty: bigint;
  readonly cost: bigint;
  /** What pins and purchase returns take, of any date: FIFO counts from here. */
  readonly reserved: bigint;
  /** How far reservations have counted. */
  reservedTaken: bigint;
  /** What FIFO may still take: neither reserved nor taken. FIFO's count is the quantity less this. */
  left: bigint;
  /** What the lot is worth after all that is reserved or taken. */
  value: bigint;
};

/** A lot as the fold begins with it. */
export function lotOf(open: OpenLot): Lot {
  const { id, item, source, place, acquiredOn, madeOn, location, qty, cost, reserved, reservedTaken, taken } = open;
  invariant(qty > 0n && cost >= 0n, `lot ${id} holds something and costs nothing less than 0`);
  const left = qty - reserved - taken;
  invariant(left >= 0n && reservedTaken <= reserved, `lot ${id} gives no more than it holds`);
  const value = cost - share(cost, qty - left, qty);
  return { id, item, source, place, acquiredOn, madeOn, location, qty, cost, reserved, reservedTaken, left, value };
}

/** A pin, a backfill or a purchase return takes what it reserved. Called in the order of rule 1, which is the order of the count. */
export function takeReserved(lot: Lot, qty: bigint): Allocation {
  const from = lot.reservedTaken;
  const to = from + qty;
  invariant(qty > 0n && to <= lot.reserved, `lot ${lot.id} gives by reservation only what is reserved`);
  lot.reservedTaken = to;
  return { lot: lot.id, qty, cost: share(lot.cost, to, lot.qty) - share(lot.cost, from, lot.qty), reserved: true };
}

function takeFifo(lot: Lot, wanted: bigint): Allocation {
  const qty = smaller(wanted, lot.left);
  const before = lot.value;
  lot.left -= qty;
  lot.value = lot.cost - share(lot.cost, lot.qty - lot.left, lot.qty);
  return { lot: lot.id, qty, cost: before - lot.value, reserved: false };
}

/**
 * The lots of one pool that FIFO may draw on, oldest first; those used up leave.
 *
 * Lots mostly arrive in the order in which they are to be taken, so a queue with a head is nearly the whole structure, and a million
 * takes are a million steps. Only a transfer between locations brings lots that are older than what is there: those go to a heap.
 * Within the grace period FIFO may also take from known lots that have not arrived; all together, the oldest acquisition date is first.
 */
export class Shelf {
  /** Every lot that the fold knows beforehand, in the order of arrival once the fold runs; `next` has not arrived. */
  private readonly known: Lot[] = [];
  private next = 0;
  /** Lots under way that the fold itself made: what a transfer brings, by the place of its arrival. */
  private readonly coming = new Heap<Lot>((a, b) => comparePlaces(a.place, b.place));
  /** Lots that are there: in order, from `head` on, and those that came out of order. */
  private readonly arrived: Lot[] = [];
  private head = 0;
  private readonly older = new Heap<Lot>(compareLots);
  /** The first known lot that grace could still take from. */
  private ahead = 0;

  constructor(private readonly graceDays: bigint) {}

  /** A lot that is known before the fold begins. */
  know(lot: Lot): void {
    this.known.push(lot);
  }

  sort(): void {
    this.known.sort((a, b) => comparePlaces(a.place, b.place));
  }

  /** A lot that arrives at its own place, later in the fold. */
  expect(lot: Lot): void {
    this.coming.put(lot);
  }

  /** Lets every lot arrive whose movement stands before `place`. */
  arriveBefore(place: Place): void {
    for (;;) {
      const known = this.known[this.next];
      const made = this.coming.first();
      const lot =
        made !== undefined && (known === undefined || comparePlaces(made.place, known.place) < 0) ? made : known;
      if (lot === undefined || comparePlaces(lot.place, place) > 0) return;
      if (lot === made) this.coming.drop();
      else this.next += 1;
      this.add(lot);
    }
  }

  /** Puts a lot among those that are there. */
  add(lot: Lot): void {
    if (lot.left === 0n) return;
    const last = this.head < this.arrived.length ? this.arrived[this.arrived.length - 1] : undefined;
    if (last === undefined || compareLots(last, lot) <= 0) this.arrived.push(lot);
    else this.older.put(lot);
  }

  /** Takes up to `wanted` for a movement at `place`, into `allocations` (and the lots into `from`); gives what no lot covers. */
  take(wanted: bigint, place: Place, allocations: Allocation[], from?: Lot[]): bigint {
    let missing = wanted;
    while (missing > 0n) {
      const lot = this.first(place);
      if (lot === undefined) break;
      const allocation = takeFifo(lot, missing);
      missing -= allocation.qty;
      allocations.push(allocation);
      from?.push(lot);
      if (lot.left > 0n) continue;
      if (lot === this.arrived[this.head]) this.head += 1;
      else if (lot === this.older.first()) this.older.drop();
    }
    return missing;
  }

  /** The oldest lot that a movement at `place` may take from. */
  private first(place: Place): Lot | undefined {
    const queued = this.arrived[this.head];
    const older = this.older.first();
    const there = older !== undefined && (queued === undefined || compareLots(older, queued) < 0) ? older : queued;
    if (this.graceDays === 0n) return there;
    const early = this.early(place);
    return early !== undefined && (there === undefined || compareLots(early, there) < 0) ? early : there;
  }

  /** The first lot that has not arrived and that a movement at `place` may take from within the grace period. */
  private early(place: Place): Lot | undefined {
    if (this.ahead < this.next) this.ahead = this.next;
    for (; ; this.ahead += 1) {
      const lot = this.known[this.ahead];
      if (lot === undefined) return undefined;
      if ((lot.source !== "purchase" && lot.source !== "found") || lot.left === 0n) continue;
      return dayNumber(lot.place.on) - dayNumber(place.on) <= this.graceDays ? lot : undefined;
    }
  }
}

/** The shelves of a fold: one for each item, or for each item at each location. */
export class Shelves {
  private readonly byItem = new Map<string, Map<string, Shelf>>();
  /** Most folds are of one item: the shelf asked for last is nearly always the one asked for next. */
  private last: Readonly<{ item: string; location: string; shelf: Shelf }> | null = null;

  constructor(
    private readonly pool: Pool,
    private readonly graceDays: bigint,
  ) {}

  of(item: string, at: string): Shelf {
    const location = this.pool === "business" ? "" : at;
    if (this.last !== null && this.last.item === item && this.last.location === location) return this.last.shelf;
    let places = this.byItem.get(item);
    if (places === undefined) {
      places = new Map();
      this.byItem.set(item, places);
    }
    let shelf = places.get(location);
    if (shelf === undefined) {
      shelf = new Shelf(this.graceDays);
      places.set(location, shelf);
    }
    this.last = { item, location, shelf };
    return shelf;
  }

  /** Puts the lots that are known beforehand on their shelves. */
  begin(lots: readonly Lot[]): void {
    for (const lot of lots) this.of(lot.item, lot.location).know(lot);
    for (const places of this.byItem.values()) for (const shelf of places.values()) shelf.sort();
  }
}
