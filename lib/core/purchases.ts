/**
 * What a purchase's amount is made of: lines, each a lot, and extra costs (tax, shipping) that belong to the lots as well. The parts
 * must add to exactly what was paid; what is not said yet stays *to be detailed* and is worth what it cost.
 */
import { Refusal } from "./errors";
import type { InputTax, PurchaseFact, SpreadBy } from "./facts";
import { allocate, formatMinor, share, smaller } from "./money";

type SpreadLine = Readonly<{ amount: bigint; qty: bigint; weight?: bigint }>;

/**
 * Rule 10: what each line bears of `extra`, by largest remainder, equal remainders to the earlier line. By value unless said; where all
 * lines are 0 by what is asked for, by quantity. Adds to exactly `extra`; without lines there is nothing to bear it, and it stays to be
 * detailed.
 */
export function spread(lines: readonly SpreadLine[], extra: bigint, by: SpreadBy = "value"): bigint[] {
  if (lines.length === 0) return [];
  const weights = lines.map((line) =>
    by === "value" ? line.amount : by === "weight" ? (line.weight ?? 0n) : line.qty,
  );
  return allocate(extra, weights.some((weight) => weight !== 0n) ? weights : lines.map((line) => line.qty));
}

const bases: readonly SpreadBy[] = ["value", "quantity", "weight"];

/** What each line bears of all extras: those of one basis are spread together, so that a receipt in parts costs what it would in one. */
export function spreadAll(
  lines: readonly SpreadLine[],
  extras: readonly Readonly<{ amount: bigint; by?: SpreadBy }>[],
): bigint[] {
  const borne = lines.map(() => 0n);
  for (const basis of bases) {
    const part = total(extras.filter(({ by = "value" }) => by === basis));
    for (const [place, amount] of spread(lines, part, basis).entries()) borne[place] = (borne[place] ?? 0n) + amount;
  }
  return borne;
}

/**
 * What a row comes to: `each` (minor units for one) times `qty` (smallest units of an item with `decimals`), halves away from zero.
 * Neither is below 0.
 */
export function lineCost(each: bigint, qty: bigint, decimals: number): bigint {
  const one = 10n ** BigInt(decimals);
  return (each * qty * 2n + one) / (2n * one);
}

/**
 * *Split the rest* over the rows of a mixed lot; what the rows come to then, in the same order, adds up to what they had and the
 * rest. By row or by unit it goes to the rows without a cost, or on top of all where each has one; by value on top of those that
 * have one, in proportion. Where no row can bear it, nothing changes.
 */
export function splitRest(
  rest: bigint,
  rows: readonly Readonly<{ qty: bigint; amount: bigint | null }>[],
  by: "row" | "unit" | "value",
): (bigint | null)[] {
  const isOpen = rows.some((row) => row.amount === null);
  const weights = rows.map((row) => {
    if (by === "value") return row.amount ?? 0n;
    if (isOpen && row.amount !== null) return 0n;
    return by === "row" ? 1n : row.qty;
  });
  const amounts = rows.map((row) => row.amount);
  if (rest <= 0n || weights.every((weight) => weight === 0n)) return amounts;
  const parts = allocate(rest, weights);
  return amounts.map((amount, i) => (weights[i] === 0n ? amount : (amount ?? 0n) + (parts[i] ?? 0n)));
}

export const noInput: InputTax = { igst: 0n, cgst: 0n, sgst: 0n };
export const inputSum = ({ igst, cgst, sgst }: InputTax): bigint => igst + cgst + sgst;

/** What of a purchase's amount is the goods' cost: all but the tax that may be set off. Lines and extras come to at most this. */
export const goodsOf = ({ amount, input = noInput }: Readonly<Pick<PurchaseFact, "amount" | "input">>): bigint =>
  amount - inputSum(input);

/**
 * The part of a purchase's input tax that goes back with a return, for each of its lines: what of the purchase came back decides, never
 * more than was paid. Each tax is rounded once, for the whole return; a line has its part up to its end less that up to its beginning, so
 * that the lines come to exactly the return's. `backs`: what the supplier gave for each line, not below 0.
 */
export function returnedInput(
  { paid, input }: Readonly<{ paid: bigint; input: InputTax }>,
  backs: readonly bigint[],
): readonly InputTax[] {
  const all = backs.reduce((sum, back) => sum + back, 0n);
  if (paid <= 0n || all <= 0n) return backs.map(() => noInput);
  const whole = (tax: bigint) => share(tax, smaller(all, paid), paid);
  const [igst, cgst, sgst] = [whole(input.igst), whole(input.cgst), whole(input.sgst)];
  let before = 0n;
  return backs.map((back) => {
    const until = before + back;
    const part = (tax: bigint) => share(tax, until, all) - share(tax, before, all);
    const own = { igst: part(igst), cgst: part(cgst), sgst: part(sgst) };
    before = until;
    return own;
  });
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
