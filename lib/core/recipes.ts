/**
 * Recipes: what goes into a batch and what comes out of it, scaled to any quantity.
 *
 * The problem: a recipe says 1 box for 12 candles, and somebody makes 30 of them. The choice: quantities are scaled as exact fractions
 * and rounded once, to the item's smallest unit: what goes in upwards, since nobody uses the half of a piece and what was short of the
 * recipe was not made by it; what comes out beside it downwards, since a part of a piece did not come out. Waste is what is used up
 * beyond what goes in, on top of it (10 % waste of 100 g uses 110 g: as a "scrap percentage" counts in manufacturing), and its cost stays
 * with what is made; what goes wrong beyond that is removed as scrap. Turned down: rounding batch by batch (it grows with the number of
 * batches), and waste as a part of what is used (100 g for 90 g: nobody weighs that way).
 */
import { invariant } from "./errors";
import { type Minor, smaller } from "./money";

/** What a batch uses of one item, in its smallest units. `wasteRate` is in hundredths of a percent of `qty`, `wasteQty` for a batch. */
export type Used = Readonly<{ qty: bigint; wasteQty: bigint; wasteRate: bigint }>;

/** So many smallest units of the recipe's item (`made`), of which a batch has `batch`. */
export type Times = Readonly<{ made: bigint; batch: bigint }>;

/** An amount of work or overhead: for each batch, or for each whole unit of the recipe's item. */
export type Extra = Readonly<{ amount: Minor; per: "batch" | "unit" }>;

/** Hundredths of a percent in the whole. */
const whole = 10_000n;

/** What a batch uses, in ten-thousandths of the item's smallest unit. */
const ofBatch = ({ qty, wasteQty, wasteRate }: Used): bigint => qty * (whole + wasteRate) + wasteQty * whole;

/** What is used of an input, waste included: rounded up, once. */
export function usedFor(input: Used, { made, batch }: Times): bigint {
  invariant(made >= 0n && batch > 0n, "a recipe makes some of something");
  return up(ofBatch(input) * made, whole * batch);
}

/** What of that is waste: what is used beyond what goes in. */
export function wasteFor(input: Used, times: Times): bigint {
  return usedFor(input, times) - usedFor({ ...input, wasteQty: 0n, wasteRate: 0n }, times);
}

/** What comes out beside the recipe's item: rounded down. */
export function comesOutFor(qty: bigint, { made, batch }: Times): bigint {
  invariant(made >= 0n && batch > 0n, "a recipe makes some of something");
  return (qty * made) / batch;
}

/**
 * How many smallest units of the recipe's item the inputs at hand are enough for; null where it uses nothing. Exact: one more would
 * take more of some input than there is.
 */
export function enoughFor(inputs: readonly Readonly<{ input: Used; onHand: bigint }>[], batch: bigint): bigint | null {
  let most: bigint | null = null;
  for (const { input, onHand } of inputs) {
    const there = onHand > 0n ? onHand : 0n;
    const made = (there * whole * batch) / ofBatch(input);
    most = most === null ? made : smaller(most, made);
  }
  return most;
}

/**
 * Work and overhead of so much, together: each grows with the quantity, and they are rounded once, half away from zero. `unit` is how
 * many smallest units are one whole unit of the recipe's item.
 */
export function extraFor(extras: readonly Extra[], { made, batch }: Times, unit: bigint): Minor {
  invariant(made >= 0n && batch > 0n && unit > 0n, "a recipe makes some of something");
  let sum = 0n;
  for (const { amount, per } of extras) sum += amount * made * (per === "batch" ? unit : batch);
  return (sum * 2n + batch * unit) / (2n * batch * unit);
}

function up(amount: bigint, by: bigint): bigint {
  return (amount + by - 1n) / by;
}
