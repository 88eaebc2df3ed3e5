/**
 * Money is a whole number of a currency's minor units, as a bigint. The problem: sums that are shared out (a lot over its sales, shipping
 * over a purchase's lines) must add up again to the last unit, for ever. The choice: integers everywhere and two ways of sharing, one
 * cumulative (`share`), one all at once (`allocate`). Turned down: decimals with a tolerance (a cent is lost somewhere and an
 * account for "rounding differences" appears) and floating point (0.1 + 0.2).
 */
import { invariant, Refusal } from "./errors";

/** Whole minor units of some currency: cents of USD, yen of JPY, fils of KWD. */
export type Minor = bigint;

/** The largest amount that is stored: what fits a signed 64-bit integer, the same on both sides of zero. */
export const MAX_MINOR: Minor = 9_223_372_036_854_775_807n;

/** ISO 4217, those in use and a few that left it lately and still stand in old statements. By how many decimals they have. */
const currenciesByDecimals: readonly (readonly [decimals: number, codes: string])[] = [
  [0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"],
  [
    2,
    `AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY
    COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS
    INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD
    NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP
    SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG ZWL`,
  ],
  [3, "BHD IQD JOD KWD LYD OMR TND"],
  [4, "CLF UYW"],
];
const decimalsByCurrency: ReadonlyMap<string, number> = new Map(
  currenciesByDecimals.flatMap(([decimals, codes]) => codes.split(/\s+/).map((code) => [code, decimals] as const)),
);

/** Signs that stand for a currency. A sign that cannot mean the books' currency is refused, never read over. */
const currenciesBySign: ReadonlyMap<string, string> = new Map([
  [
    "$",
    "USD CAD AUD NZD HKD SGD MXN ARS CLP COP TWD BRL UYU JMD BBD BSD BZD BMD BND KYD XCD FJD GYD LRD NAD SBD SRD TTD DOP CUP CUC NIO TOP CVE",
  ],
  ["€", "EUR"],
  ["£", "GBP EGP FKP GIP LBP SDG SHP SSP SYP"],
  ["¥", "JPY CNY"],
  ["₹", "INR"],
  ["₨", "INR PKR LKR NPR MUR SCR"],
  ["₩", "KRW KPW"],
  ["₽", "RUB"],
  ["₺", "TRY"],
  ["₴", "UAH"],
  ["₦", "NGN"],
  ["₱", "PHP"],
  ["₪", "ILS"],
  ["฿", "THB"],
  ["₫", "VND"],
  ["₡", "CRC SVC"],
  ["₲", "PYG"],
  ["₸", "KZT"],
  ["₵", "GHS"],
  ["₭", "LAK"],
  ["₮", "MNT"],
  ["৳", "BDT"],
  ["₼", "AZN"],
  ["₾", "GEL"],
  ["֏", "AMD"],
  ["៛", "KHR"],
]);

/**
 * How many decimals a currency has (0, 2, 3 or 4; ISO 4217). The code may be written in small letters.
 * @throws Refusal `unknown_currency`
 */
export function decimalsOf(currency: string): number {
  const decimals = decimalsByCurrency.get(currency) ?? decimalsByCurrency.get(currency.trim().toUpperCase());
  if (decimals === undefined) {
    throw new Refusal(
      "unknown_currency",
      `“${shown(currency)}” is not a currency that we know. Use a code such as USD, EUR or INR.`,
    );
  }
  return decimals;
}

export type ParseOptions = Readonly<{
  /** Which mark stands before the decimals; the other one groups thousands. A point unless said. */
  decimalMark?: "." | ",";
  /** For what programs write ("1240.0" yen): zeros beyond the currency's decimals say nothing and are let pass. */
  allowTrailingZeros?: boolean;
}>;

/**
 * Reads an amount as people and banks write it, in whole minor units: `1240`, `1,240.5`, `$1,240.50`, `(2.00)`, `2.00-`, `-2`, `−2`,
 * `1 240.50` with any kind of space, `1,23,456` (lakhs), `USD 5`, `5 €`.
 * @throws Refusal `bad_number`, `too_many_decimals`, `out_of_range`, `unknown_currency`
 */
export function parseMinor(text: string, currency: string, options: ParseOptions = {}): Minor {
  const decimals = decimalsOf(currency);
  const code = currency.trim().toUpperCase();
  const { negative, rest } = splitSign(text, code);
  const number = readNumber(rest, options.decimalMark ?? ".");
  if (number === null) throw notANumber(text);
  const fraction = options.allowTrailingZeros === true ? trimZeros(number.fraction, decimals) : number.fraction;
  if (fraction.length > decimals) {
    const has = decimals === 0 ? "no decimals" : `${decimals} decimals`;
    throw new Refusal("too_many_decimals", `${code} has ${has}, and “${shown(text)}” has ${fraction.length}.`);
  }
  const digits = number.whole + fraction.padEnd(decimals, "0");
  if (digits.length > 40) throw outOfRange(text);
  const amount = BigInt(digits);
  if (amount > MAX_MINOR) throw outOfRange(text);
  return negative ? -amount : amount;
}

/** Writes an amount for people: `1,240.50`, `−2.00` with a true minus (U+2212), without a sign of the currency. */
export function formatMinor(amount: Minor, currency: string): string {
  return formatScaled(amount, decimalsOf(currency));
}

/** A whole number of units of 10^-decimals, with thousands grouped and a true minus. Shared by money and quantities. */
export function formatScaled(amount: bigint, decimals: number): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ",");
  const sign = amount < 0n ? "\u2212" : "";
  return decimals === 0 ? `${sign}${whole}` : `${sign}${whole}.${digits.slice(digits.length - decimals)}`;
}

/**
 * round(total · taken / whole), halves away from zero (costing.md rule 3). What is taken between a and b is share(b) − share(a), so
 * all parts of a whole add to exactly its total.
 */
export function share(total: Minor, taken: bigint, whole: bigint): Minor {
  invariant(whole > 0n && taken >= 0n && taken <= whole, "a share is between nothing and the whole");
  if (taken === whole) return total;
  if (total < 0n) return -((-total * taken * 2n + whole) / (2n * whole));
  return (total * taken * 2n + whole) / (2n * whole);
}

/**
 * Splits a total by weights so that the parts add to exactly the total (largest remainder, equal remainders to the earlier part;
 * costing.md rule 10). Each part is within one unit of its exact share. Weights are not negative and not all 0, unless the total is.
 */
export function allocate(total: bigint, weights: readonly bigint[]): bigint[] {
  let sum = 0n;
  for (const weight of weights) {
    invariant(weight >= 0n, "a weight is not negative");
    sum += weight;
  }
  if (total === 0n) return weights.map(() => 0n);
  invariant(sum > 0n, "something other than zero is only split by weights that are not all zero");
  const size = total < 0n ? -total : total;
  let left = size;
  const parts: bigint[] = [];
  const remainders: { place: number; remainder: bigint }[] = [];
  for (const [place, weight] of weights.entries()) {
    const part = (size * weight) / sum;
    parts.push(part);
    left -= part;
    remainders.push({ place, remainder: (size * weight) % sum });
  }
  // Array.prototype.sort is stable, so equal remainders stay in their order: the earlier part is served first.
  remainders.sort((a, b) => (a.remainder === b.remainder ? 0 : a.remainder > b.remainder ? -1 : 1));
  for (const { place } of remainders) {
    if (left === 0n) break;
    parts[place] = (parts[place] ?? 0n) + 1n;
    left -= 1n;
  }
  return total < 0n ? parts.map((part) => -part) : parts;
}

/** The smaller of two whole numbers; Math.min cannot take a bigint. */
export function smaller(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

/** Digits without grouping, or null where the text is no plain number. Shared by money and quantities. */
export function readNumber(text: string, decimalMark: "." | ","): { whole: string; fraction: string } | null {
  const at = text.lastIndexOf(decimalMark);
  const before = at < 0 ? text : text.slice(0, at);
  const fraction = at < 0 ? "" : text.slice(at + 1);
  const whole = ungroup(before, decimalMark === "." ? "," : ".");
  if (whole === null || !/^[0-9]*$/.test(fraction) || whole.length + fraction.length === 0) return null;
  return { whole: whole.replace(/^0+(?=[0-9])/, ""), fraction };
}

/** Takes thousands' marks away where they stand as people set them: the last group of 3, those before it of 3 (or of 2, lakhs). */
function ungroup(text: string, mark: "." | ","): string | null {
  if (/^[0-9]*$/.test(text)) return text;
  // One kind of mark in a number: the grouping mark, a space of any width, or an apostrophe.
  const marks = new Set(text.replace(/[0-9]/g, ""));
  if (marks.size !== 1) return null;
  const [used = ""] = marks;
  if (used !== mark && used !== "'" && used !== "\u2019" && !/\p{White_Space}/u.test(used)) return null;
  const groups = text.split(used);
  const [first = "", ...later] = groups;
  if (first.length < 1 || first.length > 3 || later.at(-1)?.length !== 3) return null;
  const width = later[0]?.length === 2 ? 2 : 3;
  if (later.slice(0, -1).some((group) => group.length !== width) || (width === 2 && first.length > 2)) return null;
  return groups.join("");
}

/** Takes the sign (one: before, after, or brackets) and the currency's code or sign off an amount. */
function splitSign(text: string, code: string): { negative: boolean; rest: string } {
  let rest = text.trim();
  let signs = 0;
  let negative = false;
  let currencies = 0;
  if (rest.startsWith("(") && rest.endsWith(")")) {
    rest = rest.slice(1, -1).trim();
    signs += 1;
    negative = true;
  }
  for (;;) {
    const sign = /^[-+\u2212]|[-\u2212]$/.exec(rest);
    if (sign !== null) {
      signs += 1;
      negative = negative || sign[0] !== "+";
      rest = (sign.index === 0 ? rest.slice(1) : rest.slice(0, -1)).trim();
      continue;
    }
    const named = /^(?:[A-Za-z]{0,3}\p{Sc}|[A-Za-z]{3}(?![A-Za-z]))|(?:\p{Sc}|(?<![A-Za-z])[A-Za-z]{3})$/u.exec(rest);
    if (named === null || currencies > 1 || !means(named[0], code)) break;
    currencies += 1;
    rest = (named.index === 0 ? rest.slice(named[0].length) : rest.slice(0, named.index)).trim();
  }
  if (signs > 1 || currencies > 1) throw notANumber(text);
  return { negative, rest };
}

/** Whether a sign or code beside a number can mean this currency: `$`, `US$`, `CA$`, `R$`, `USD`. */
function means(word: string, code: string): boolean {
  const sign = /\p{Sc}/u.exec(word);
  if (sign === null) return word.toUpperCase() === code;
  const letters = word.slice(0, sign.index).toUpperCase();
  const fits = currenciesBySign.get(sign[0]);
  return fits?.includes(code) === true && (code.startsWith(letters) || (letters === "R" && code === "BRL"));
}

/** Cuts zeros off the end of a fraction, down to `keep` digits. (A pattern such as /0+$/ is slow on hostile text.) */
export function trimZeros(fraction: string, keep: number): string {
  let end = fraction.length;
  while (end > keep && fraction[end - 1] === "0") end -= 1;
  return fraction.slice(0, end);
}

function notANumber(text: string): Refusal {
  if (text.trim() === "") return new Refusal("bad_number", "An amount is missing here. Write one such as 1,240.50.");
  return new Refusal(
    "bad_number",
    `“${shown(text)}” is not an amount. Write it with digits, such as 1240.50 or −1,240.50.`,
  );
}

function outOfRange(text: string): Refusal {
  return new Refusal("out_of_range", `“${shown(text)}” is larger than any amount that the books can hold.`);
}

/** What a person typed, short enough for a sentence. */
function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
