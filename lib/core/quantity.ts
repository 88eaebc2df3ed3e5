/**
 * A quantity is a whole number of an item's smallest unit: pieces for what is sold each, centimetres for cloth by the metre (an item
 * with 2 decimals). The unit never changes under an item, so quantities add like any integers.
 */
import { Refusal } from "./errors";
import { formatScaled, readNumber, trimZeros } from "./money";

export type QuantityOptions = Readonly<{
  decimalMark?: "." | ",";
  /** A count may be 0, an adjustment below it; a quantity is above 0 unless said. */
  from?: "above-zero" | "zero" | "any";
}>;

/**
 * Reads a quantity in the item's smallest units: `3`, `1,200`, `2.5` for an item with decimals.
 * @throws Refusal `bad_quantity`
 */
export function parseQuantity(text: string, decimals: number, options: QuantityOptions = {}): bigint {
  const from = options.from ?? "above-zero";
  const trimmed = text.trim();
  const negative = /^[-\u2212]/.test(trimmed);
  const number = readNumber(trimmed.replace(/^[-+\u2212]/, "").trim(), options.decimalMark ?? ".");
  if (number === null) {
    const name = trimmed === "" ? "A quantity is missing here." : `“${trimmed.slice(0, 40)}” is not a quantity.`;
    throw new Refusal("bad_quantity", `${name} Write a number such as 3.`);
  }
  const fraction = trimZeros(number.fraction, 0);
  if (fraction.length > decimals) {
    const rule = decimals === 0 ? "is counted in whole units" : `has at most ${decimals} decimals`;
    throw new Refusal("bad_quantity", `This item ${rule}, so “${trimmed.slice(0, 40)}” does not fit.`);
  }
  if (number.whole.length > 12) throw new Refusal("bad_quantity", "A quantity is less than 1,000,000,000,000.");
  const size = BigInt(number.whole + fraction.padEnd(decimals, "0"));
  if (size === 0n && from === "above-zero") throw new Refusal("bad_quantity", "A quantity is more than 0.");
  if (negative && size !== 0n && from !== "any") throw new Refusal("bad_quantity", "A quantity is not below 0.");
  return negative ? -size : size;
}

/** Writes a quantity for people, with the decimals of its item: `1,200`, `2.50`, `−3`. */
export function formatQuantity(qty: bigint, decimals: number): string {
  return formatScaled(qty, decimals);
}
