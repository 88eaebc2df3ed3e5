/**
 * What moves inside the business (rules 8 and 9): the lots that a transfer brings to another pool, and those that a production makes.
 *
 * The problem: what is moved or made costs what was taken for it, which may change for as long as facts come in. The choice: its lots
 * are made by the fold, at the cost that the fold has just worked out, and are nothing but lots from then on; so any number of levels of
 * production is one pass, and a cost that changes reaches whatever was made of it. Turned down: a standard cost with a variance to be
 * cleared later (it posts a cost that nobody paid).
 */
import { lotOfSeveral } from "../ids";
import { allocate } from "../money";
import { type Lot, lotOf } from "./take";
import type { Allocation, Make, Move } from "./types";

/** What pins and purchase returns take of lots, by the lot's id. */
export type Counts = ReadonlyMap<string, bigint>;

const untouched = { reserved: 0n, reservedTaken: 0n, taken: 0n };

/** The lots that a transfer brings, one for each allocation, in the order taken; each as old as the lot (of `from`) that it was taken from. */
export function lotsMoved(move: Move, taken: readonly Allocation[], from: readonly Lot[]): readonly Lot[] {
  const several = taken.length > 1;
  return taken.map(({ qty, cost }, index) =>
    lotOf({
      id: several ? lotOfSeveral(move.id, index + 1) : move.id,
      item: move.item,
      source: "transfer",
      place: { ...move.arrives, number: index + 1 },
      acquiredOn: from[index]?.acquiredOn ?? move.place.on,
      madeOn: move.place.on,
      location: move.to,
      qty,
      cost,
      ...untouched,
    }),
  );
}

/**
 * The lots that a production makes of `cost` (its inputs and the overhead): one for each output, by shares with the largest remainder,
 * equal remainders to the earlier output. `reserved`: what pins take of them.
 */
export function lotsMade(make: Make, cost: bigint, reserved: Counts): readonly Lot[] {
  const parts = allocate(
    cost,
    make.outputs.map((output) => output.share),
  );
  return make.outputs.map(({ id, item, qty }, index) =>
    lotOf({
      ...untouched,
      id,
      item,
      source: "made",
      place: { ...make.place, line: id },
      acquiredOn: make.place.on,
      madeOn: make.place.on,
      location: make.location,
      qty,
      cost: parts[index] ?? 0n,
      reserved: reserved.get(id) ?? 0n,
    }),
  );
}
