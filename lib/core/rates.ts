/**
 * Rates as people and banks write them. The problem: one says what a unit is worth in the books' currency, another how many units one gets
 * for it, a central bank quotes everything against its own; and floating point would make a cent of it. The choice: whole numbers of
 * 10^-10 of the books' currency for one unit, everywhere, and one rounding where a rate is turned round or crossed.
 */
import { addDays } from "./dates";
import { Refusal } from "./errors";
import { rateDecimals } from "./exchange";
import type { LocalDate, Rate } from "./facts";
import { MAX_MINOR, readNumber, trimZeros } from "./money";

const one = 10n ** BigInt(rateDecimals);

/** A day without a rate of its own takes the last one of so many days before: banks rest at weekends and on holidays. */
export const rateReachDays = 7;

/** The first day whose rate still counts on `day`. */
function reachedFrom(day: LocalDate): LocalDate {
  return addDays(day, -rateReachDays);
}

/** Of rates in any order, the one that counts on `day`: the last known on it or up to seven days before. null: it is missing. */
export function rateOn<R extends Pick<Rate, "on">>(rates: readonly R[], day: LocalDate): R | null {
  const first = reachedFrom(day);
  let found: R | null = null;
  for (const rate of rates)
    if (rate.on <= day && rate.on >= first && (found === null || rate.on > found.on)) found = rate;
  return found;
}

/** How a rate is written: what one unit of the other currency is worth in the books', or how many of it one unit of the books' buys. */
export type Direction = "worth" | "buys";

/**
 * Reads a rate: `1.0834`, `1,0834` with a decimal comma, `1 234.5`. Digits beyond the tenth decimal are rounded, half up.
 * @throws Refusal `bad_number` for what is none or not above 0, `out_of_range` for one too large, or too small to be kept
 */
export function parseRate(text: string, direction: Direction = "worth", decimalMark: "." | "," = "."): bigint {
  const number = readNumber(text.trim(), decimalMark);
  if (number === null || number.whole.length + number.fraction.length > 40)
    throw new Refusal("bad_number", `“${text.trim().slice(0, 40)}” is not a rate. Write it as 1.0834.`);
  const digits = BigInt(`${number.whole === "" ? "0" : number.whole}${number.fraction}`);
  if (digits === 0n) throw new Refusal("bad_number", "A rate is above 0.");
  const scale = 10n ** BigInt(number.fraction.length);
  return kept(direction === "worth" ? rounded(digits * one, scale) : rounded(scale * one, digits));
}

/**
 * What one unit of a currency is worth in the books', from what one unit of a third buys of either (a central bank's table).
 * @throws Refusal `out_of_range`
 */
export function crossRate(buys: bigint, buysOfBooks: bigint): bigint {
  return kept(rounded(buysOfBooks * one, buys));
}

function rounded(top: bigint, bottom: bigint): bigint {
  return (2n * top + bottom) / (2n * bottom);
}

function kept(rate: bigint): bigint {
  if (rate <= 0n || rate > MAX_MINOR)
    throw new Refusal("out_of_range", "This rate is too large or too small to be kept with ten decimals.");
  return rate;
}

/** A rate as people read it, with at least four decimals: `1.0834`, `0.0000241537`. */
export function formatRate(rate: bigint): string {
  const digits = rate.toString().padStart(rateDecimals + 1, "0");
  const whole = digits.slice(0, digits.length - rateDecimals);
  return `${whole}.${trimZeros(digits.slice(digits.length - rateDecimals), 4)}`;
}

/** Days that wait for a rate of one currency, near enough to each other to be told in one line. */
export type Span = Readonly<{ currency: string; from: LocalDate; through: LocalDate; count: number }>;

/** Joins days of one currency that are at most seven days apart. `days` are in the order of currency and day. */
export function spansOf(
  days: readonly Readonly<{ currency: string; on: LocalDate; count: number }>[],
): readonly Span[] {
  const spans: Span[] = [];
  for (const { currency, on, count } of days) {
    const last = spans.at(-1);
    if (last !== undefined && last.currency === currency && reachedFrom(on) <= last.through)
      spans[spans.length - 1] = { ...last, through: on, count: last.count + count };
    else spans.push({ currency, from: on, through: on, count });
  }
  return spans;
}
