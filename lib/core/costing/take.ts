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
import { share, smaller } from "../money";
import { comparePlaces } from "./order";
import type { Allocation, OpenLot, Place } from "./types";

/** A lot while the fold runs. Only the functions here change it. */
export type Lot = {
  readonly id: string;
  readonly source: OpenLot["source"];
  readonly place: Place;
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
  const { id, source, place, location, qty, cost, reserved, reservedTaken, taken } = open;
  invariant(qty > 0n && cost >= 0n, `lot ${id} holds something and costs nothing less than 0`);
  const left = qty - reserved - taken;
  invariant(left >= 0n && reservedTaken <= reserved, `lot ${id} gives no more than it holds`);
  const value = cost - share(cost, qty - left, qty);
  return { id, source, place, location, qty, cost, reserved, reservedTaken, left, value };
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
 * The lots that FIFO may draw on, oldest first; those used up leave.
 *
 * Across the business a lot's acquisition date is the date of its own movement, so lots become available in exactly the order in
 * which they are to be taken, returned ones too: a queue with a head is the whole structure, and a million takes are a million
 * steps. Within the grace period a sale may also take from known lots that have not arrived; they are all younger than those that
 * have, so they are a second queue behind the first.
 */
export class Shelf {
  /** Lots that are there, in order, from `head` on. */
  private readonly arrived: Lot[] = [];
  private head = 0;
  /** The first known lot that has not arrived, and the first known lot that grace could still take from. */
  private next = 0;
  private ahead = 0;

  /** `known`: every lot that the fold knows beforehand, in the order of rule 1. */
  constructor(
    private readonly known: readonly Lot[],
    private readonly graceDays: bigint,
  ) {}

  /** Lets every known lot arrive whose movement stands before `place`. */
  arriveBefore(place: Place): void {
    for (;;) {
      const lot = this.known[this.next];
      if (lot === undefined || comparePlaces(lot.place, place) > 0) return;
      this.next += 1;
      this.add(lot);
    }
  }

  /** Puts a lot behind those that are there: its movement comes after theirs. */
  add(lot: Lot): void {
    if (lot.left > 0n) this.arrived.push(lot);
  }

  /** Takes up to `wanted` for a movement at `place`, into `allocations`; gives what no lot covers. */
  take(wanted: bigint, place: Place, allocations: Allocation[]): bigint {
    let missing = wanted;
    while (missing > 0n) {
      const lot = this.arrived[this.head] ?? this.early(place);
      if (lot === undefined) break;
      const allocation = takeFifo(lot, missing);
      missing -= allocation.qty;
      allocations.push(allocation);
      if (lot.left === 0n && lot === this.arrived[this.head]) this.head += 1;
    }
    return missing;
  }

  /**
   * The first lot that has not arrived and that a movement at `place` may take from within the grace period. It is asked for when
   * nothing is left of those that have arrived, so what has something left has not.
   */
  private early(place: Place): Lot | undefined {
    if (this.graceDays === 0n) return undefined;
    for (; ; this.ahead += 1) {
      const lot = this.known[this.ahead];
      if (lot === undefined) return undefined;
      if ((lot.source !== "purchase" && lot.source !== "found") || lot.left === 0n) continue;
      return dayNumber(lot.place.on) - dayNumber(place.on) <= this.graceDays ? lot : undefined;
    }
  }
}
