/** The shapes that the costing rule takes and gives. See index.ts for the problem and the decision. */
import type { Instant, LocalDate } from "../facts";

/** 0 from outside, 1 inside the business, 2 leaving, 3 sale return (costing.md rule 1). */
export type Phase = 0 | 1 | 2 | 3;

/** The place of a movement in the one order of rule 1: (date, phase, time with none first, id by code point, number). */
export type Place = Readonly<{ on: LocalDate; phase: Phase; at: Instant | null; id: string; number: number }>;

/** A pin or a backfill: `qty` units of the sale are taken from `lot`, before FIFO. */
export type Reservation = Readonly<{ lot: string; qty: bigint }>;

/** What brings units in from outside: one lot. `id` is the lot's id (the line's, the backfill's, the opening line's). */
export type Inward = Readonly<{
  kind: "in";
  /** `found`: adjustment in; `loose-return`: a return that refers to no known sale. Only purchases and `found` serve grace. */
  source: "purchase" | "opening" | "found" | "backfill" | "loose-return";
  place: Place;
  location: string;
  qty: bigint;
  cost: bigint;
}>;

/** What takes units out. */
export type Outward = Readonly<{
  kind: "out";
  source: "sale" | "purchase-return" | "lost";
  place: Place;
  location: string;
  qty: bigint;
  /** Pins and backfills of a sale; the lots of the purchase line for a purchase return. In any order. */
  reservations: readonly Reservation[];
}>;

/** A return of a known sale line. */
export type Back = Readonly<{
  kind: "back";
  place: Place;
  location: string;
  /** The id of the outward movement (the sale line) that comes back. */
  sale: string;
  qty: bigint;
  restock: boolean;
  /** Only where not restocked: the cost goes to shrinkage. */
  writeOff: boolean;
}>;

export type Step = Inward | Outward | Back;

/** A lot as a fold begins with it: what it is, and what was taken from it by FIFO before the fold's first day. */
export type OpenLot = Readonly<{
  id: string;
  source: Inward["source"] | "return";
  place: Place;
  location: string;
  qty: bigint;
  cost: bigint;
  /** All that pins and purchase returns of any date take from it, whether before or after the fold's first day. */
  reserved: bigint;
  /** What pins and purchase returns dated before the fold's first day took, a part of `reserved`. */
  reservedTaken: bigint;
  /** What FIFO took from it before the fold's first day. */
  taken: bigint;
}>;

/** A sale before the fold's first day to which a return in the fold refers: how it was costed and what came back since. */
export type EarlierSale = Readonly<{
  id: string;
  qty: bigint;
  /** In the order taken: reservations in the order of their lots, then FIFO. `back`, what returns took of it before. */
  allocations: readonly Readonly<{ lot: string; qty: bigint; cost: bigint; back: bigint }>[];
  /** What no lot covered, less what returns cancelled before. */
  shortage: bigint;
}>;

/** All that one cost group's fold needs. A full fold has no openLots and no earlierSales. */
export type CostingInput = Readonly<{
  graceDays: number;
  /** Everything dated on or after the fold's first day, in any order. */
  steps: readonly Step[];
  openLots: readonly OpenLot[];
  earlierSales: readonly EarlierSale[];
}>;

export type Allocation = Readonly<{ lot: string; qty: bigint; cost: bigint; reserved: boolean }>;

/** What the fold says of an outward movement. `allocations` has one row for each lot and kind (reserved, FIFO). */
export type CostedOut = Readonly<{
  id: string;
  cost: bigint;
  /** What no lot covered, before returns cancelled any of it. */
  shortage: bigint;
  /** What returns in this fold cancelled of it. */
  cancelled: bigint;
  allocations: readonly Allocation[];
}>;

/** What a return gave back: each allocation that gives something back makes one lot (numbered 1, 2, … where several). */
export type CostedBack = Readonly<{
  id: string;
  sale: string;
  /** What it cancelled of the sale line's shortage. */
  cancelled: bigint;
  /** Cost taken out of cost of goods sold, to inventory (restocked) or to shrinkage (written off). */
  cost: bigint;
  /**
   * `from` is the lot whose allocation gives back, and `allocation` that allocation's place in the sale's list: a sale can have two
   * of one lot, a pin and what FIFO took. `lot` is the new lot's id, null where written off.
   */
  parts: readonly Readonly<{ from: string; allocation: number; lot: string | null; qty: bigint; cost: bigint }>[];
}>;

/** A lot after the fold. `left` and `value` are what remains of it after everything, reservations included. */
export type LotAfter = Readonly<{
  id: string;
  source: OpenLot["source"];
  place: Place;
  location: string;
  qty: bigint;
  cost: bigint;
  reserved: bigint;
  /** Taken in all (reserved that is dated, and FIFO), the counts of rule 3. */
  left: bigint;
  value: bigint;
}>;

export type CostingResult = Readonly<{
  outs: readonly CostedOut[];
  backs: readonly CostedBack[];
  /** Every lot of openLots and every lot made in the fold. */
  lots: readonly LotAfter[];
}>;
