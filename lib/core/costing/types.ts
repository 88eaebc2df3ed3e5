/** The shapes that the costing rule takes and gives. See index.ts for the problem and the decision. */
import type { Instant, LocalDate } from "../facts";

/** What FIFO may draw on: an item across the business, or an item at one location. */
export type Pool = "business" | "location";

/** 0 from outside, 1 inside the business, 2 leaving, 3 sale return (costing.md rule 1). */
export type Phase = 0 | 1 | 2 | 3;

/**
 * The place of a movement in the one order of rule 1: date, phase, time (none first), id by code point, rank, line, number. In phase
 * 1 the id is the document's, since one document comes after the other; `rank` says what of it (0 production, 1 what a transfer takes,
 * 2 what it brings) and `line` which of its lines. In the other phases the id is the line's, and both say nothing.
 */
export type Place = Readonly<{
  on: LocalDate;
  phase: Phase;
  at: Instant | null;
  id: string;
  rank: 0 | 1 | 2;
  line: string;
  number: number;
}>;

/** A pin or a backfill: `qty` units of the sale are taken from `lot`, before FIFO. */
export type Reservation = Readonly<{ lot: string; qty: bigint }>;

/** What every step says of itself: `id` names it in the result (and the lots that it makes), `item` is what moves. */
type Named = Readonly<{ id: string; item: string; place: Place; location: string; qty: bigint }>;

/** What brings units in from outside: one lot, named by `id` (the line's, the backfill's, the opening line's). */
export type Inward = Named &
  Readonly<{
    kind: "in";
    /** `found`: adjustment in; `loose-return`: a return that refers to no known sale. Only purchases and `found` serve grace. */
    source: "purchase" | "opening" | "found" | "backfill" | "loose-return";
    cost: bigint;
  }>;

/** What takes units out. */
export type Outward = Named &
  Readonly<{
    kind: "out";
    source: "sale" | "purchase-return" | "lost";
    /** Pins and backfills of a sale; the lots of the purchase line for a purchase return. In any order. */
    reservations: readonly Reservation[];
  }>;

/** A return of a known sale line. */
export type Back = Named &
  Readonly<{
    kind: "back";
    /** The id of the outward step (the sale line) that comes back. */
    sale: string;
    restock: boolean;
    /** Only where not restocked: the cost goes to shrinkage. */
    writeOff: boolean;
  }>;

/** A transfer's line in pool `location` (rule 8): `place` is where it leaves `location`, `arrives` where it comes to `to`. */
export type Move = Named & Readonly<{ kind: "move"; arrives: Place; to: string }>;

/**
 * One production (rule 9), `id` the document's: its inputs leave by FIFO, then each output arrives as a lot named by its line. The
 * outputs share the inputs' cost and the overhead by `share`, whole numbers that are not all 0.
 */
export type Make = Readonly<{
  kind: "make";
  id: string;
  place: Place;
  location: string;
  inputs: readonly Readonly<{ id: string; item: string; qty: bigint }>[];
  outputs: readonly Readonly<{ id: string; item: string; qty: bigint; share: bigint }>[];
  overhead: bigint;
}>;

export type Step = Inward | Outward | Back | Move | Make;

/** A lot as a fold begins with it: what it is, and what was taken from it by FIFO before the fold's first day. */
export type OpenLot = Readonly<{
  id: string;
  item: string;
  source: Inward["source"] | "return" | "transfer" | "made";
  place: Place;
  /** The day by which FIFO goes: the place's own, but for what a transfer brought, which keeps its acquisition date. */
  acquiredOn: LocalDate;
  /** The day on which what it holds was taken for it: before the place's own while a transfer is under way. */
  madeOn: LocalDate;
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
  pool: Pool;
  graceDays: number;
  /** Everything dated on or after the fold's first day, in any order. */
  steps: readonly Step[];
  openLots: readonly OpenLot[];
  earlierSales: readonly EarlierSale[];
}>;

export type Allocation = Readonly<{ lot: string; qty: bigint; cost: bigint; reserved: boolean }>;

/** What the fold says of an outward movement: a sale, a loss, a transfer's line, a production's input. `allocations` has one row for each lot and kind (reserved, FIFO). */
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

/** What a production came to. `isComplete` false: an input is short, so the cost of what it made will still change (rule 9). */
export type CostedMake = Readonly<{ id: string; cost: bigint; isComplete: boolean }>;

/** A lot after the fold. `left` and `value` are what remains of it after everything, reservations included. */
export type LotAfter = Readonly<{
  id: string;
  item: string;
  source: OpenLot["source"];
  place: Place;
  acquiredOn: LocalDate;
  madeOn: LocalDate;
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
  makes: readonly CostedMake[];
  /** Every lot of openLots and every lot made in the fold. */
  lots: readonly LotAfter[];
}>;
