/**
 * What a purchase's amount is made of: lines, each a lot, and extra costs (tax, shipping) that belong to the lots as well. The parts
 * must add to exactly what was paid; what is not said yet stays *to be detailed* and is worth what it cost.
 */
import { Refusal } from "./errors";
import { allocate, formatMinor } from "./money";

/**
 * Rule 10: what each line bears of `extra`, by largest remainder, equal remainders to the earlier line. By value unless said; where all
 * lines are 0, by quantity. Adds to exactly `extra`; without lines there is nothing to bear it, and it stays to be detailed.
 */
export function spread(
  lines: readonly Readonly<{ amount: bigint; qty: bigint }>[],
  extra: bigint,
  by: "value" | "quantity" = "value",
): bigint[] {
  if (lines.length === 0) return [];
  const isByValue = by === "value" && lines.some((line) => line.amount !== 0n);
  return allocate(
    extra,
    lines.map((line) => (isByValue ? line.amount : line.qty)),
  );
}

type Part = Readonly<{ amount: bigint }>;

/**
 * What of a purchase's amount no lot holds yet. Below 0 where the details say more than was paid (see `checkDetails`). Extras without
 * a line to bear them are not in lots.
 */
export function remainder(amount: bigint, lines: readonly Part[], extras: readonly Part[]): bigint {
  return amount - total(lines) - (lines.length === 0 ? 0n : total(extras));
}

/** Refuses details that say more than was paid. @throws Refusal `over_allocated` */
export function checkDetails(amount: bigint, lines: readonly Part[], extras: readonly Part[], currency: string): void {
  const over = total(lines) + total(extras) - amount;
  if (over <= 0n) return;
  const message = `The details come to ${formatMinor(over, currency)} more than the purchase. Lower a line or an extra cost.`;
  throw new Refusal("over_allocated", message, { over: over.toString() });
}

function total(parts: readonly Part[]): bigint {
  return parts.reduce((sum, part) => sum + part.amount, 0n);
}
