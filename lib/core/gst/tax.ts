/**
 * The tax of one line: central and state tax in equal halves within a state, integrated tax between states. Each of the three is a tax of
 * its own and is rounded by itself, to the paisa, a half upwards. A whole invoice may be rounded to the rupee after that, which is a line
 * of its own (`toRupee`) and changes no tax; section 170 of the Act rounds what is paid for a return, not what stands on an invoice.
 *
 * Rates are hundredths of a percent (18 % is 1800), amounts paise. Never below 0: a credit note is told by its kind.
 */
import { invariant, Refusal } from "../errors";
import { readNumber } from "../money";

export type TaxParts = Readonly<{ igst: bigint; cgst: bigint; sgst: bigint }>;
export type Way = "intra" | "inter";

export const noTax: TaxParts = { igst: 0n, cgst: 0n, sgst: 0n };

/** All of them together. */
export const taxSum = ({ igst, cgst, sgst }: TaxParts): bigint => igst + cgst + sgst;

/** a / b, a half upwards. */
const rounded = (a: bigint, b: bigint): bigint => (2n * a + b) / (2n * b);

/** Both halves the same, or all of it integrated. */
const halves = (half: bigint): TaxParts => ({ igst: 0n, cgst: half, sgst: half });

/** The tax that comes on top of an amount without it. */
export function taxOn(taxable: bigint, rate: bigint, way: Way): TaxParts {
  invariant(taxable >= 0n && rate >= 0n, "an amount and a rate are not below 0");
  if (way === "inter") return { ...noTax, igst: rounded(taxable * rate, 10_000n) };
  return halves(rounded(taxable * rate, 20_000n));
}

/**
 * The tax that is in an amount, and what is left without it; the two come to the amount exactly. Within a state the tax is even, so that
 * its halves are equal: the amount without tax takes the paisa that this may cost.
 */
export function taxWithin(gross: bigint, rate: bigint, way: Way): Readonly<{ taxable: bigint; tax: TaxParts }> {
  invariant(gross >= 0n && rate >= 0n, "an amount and a rate are not below 0");
  const whole = 10_000n + rate;
  const tax =
    way === "inter" ? { ...noTax, igst: rounded(gross * rate, whole) } : halves(rounded(gross * rate, 2n * whole));
  return { taxable: gross - taxSum(tax), tax };
}

/**
 * Divides a tax that somebody else worked out (a channel's order) into its parts. Within a state an odd paisa belongs to neither half:
 * it is given back as `rest`, and shown as a difference, never hidden in one of them.
 */
export function divideTax(tax: bigint, way: Way): Readonly<{ parts: TaxParts; rest: bigint }> {
  invariant(tax >= 0n, "a tax is not below 0");
  if (way === "inter") return { parts: { ...noTax, igst: tax }, rest: 0n };
  return { parts: halves(tax / 2n), rest: tax % 2n };
}

/** An invoice's total in whole rupees, and what was added (or taken) for it: `total + roundOff` is the rounded one. */
export function toRupee(total: bigint): Readonly<{ rounded: bigint; roundOff: bigint }> {
  invariant(total >= 0n, "an invoice is not below 0");
  const whole = rounded(total, 100n) * 100n;
  return { rounded: whole, roundOff: whole - total };
}

/**
 * A rate as typed, in hundredths of a percent: `18`, `18 %`, `0.25`.
 * @throws Refusal `bad_number`
 */
export function parseRate(text: string): bigint {
  const number = readNumber(text.replace("%", "").trim(), ".");
  if (number === null || number.fraction.length > 2 || number.whole.length > 3) throw notARate(text);
  const rate = BigInt(number.whole + number.fraction.padEnd(2, "0"));
  if (rate > 10_000n) throw notARate(text);
  return rate;
}

const notARate = (text: string) =>
  new Refusal("bad_number", `“${text.slice(0, 20)}” is not a rate. Write one from 0 to 100, such as 18 or 0.25.`);

/** A rate as people write it, without zeros that say nothing: `18`, `0.25`, `7.5`. */
export function rateText(rate: bigint): string {
  const fraction = (rate % 100n).toString().padStart(2, "0").replace(/0+$/, "");
  return fraction === "" ? `${rate / 100n}` : `${rate / 100n}.${fraction}`;
}
