/**
 * Amounts as banks write them, to minor units without a float. The decimal mark is decided for a whole column: "1.234" alone may be
 * a thousand or a little more than one, and a guess for one row would be wrong by a factor of a thousand.
 */
import { type ErrorCode, Refusal } from "../../../lib/core/errors";
import { decimalsOf, parseMinor } from "../../../lib/core/money";

type DecimalMark = "." | ",";
type AmountResult = Readonly<{ ok: true; minor: bigint }> | Readonly<{ ok: false; code: ErrorCode; message: string }>;

const symbols: Readonly<Record<string, string>> = {
  "€": "EUR",
  "£": "GBP",
  "₹": "INR",
  US$: "USD",
  A$: "AUD",
  AU$: "AUD",
  C$: "CAD",
  CA$: "CAD",
  NZ$: "NZD",
  HK$: "HKD",
  S$: "SGD",
  R$: "BRL",
  "₺": "TRY",
  "₽": "RUB",
  "₩": "KRW",
  "₪": "ILS",
  "฿": "THB",
  "₫": "VND",
  "₴": "UAH",
  "₱": "PHP",
  ZŁ: "PLN",
  KČ: "CZK",
  RS: "INR",
  "RS.": "INR",
  EURO: "EUR",
};
/** The ISO code of a currency as a file names it ("usd", "US$", "€"), null where it is no currency that has money (XXX, BTC). */
export function currencyCode(text: string): string | null {
  const word = text.trim().toUpperCase();
  const code = symbols[word] ?? word;
  if (!/^[A-Z]{3}$/.test(code)) return null;
  try {
    decimalsOf(code);
    return code;
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

/** The number within a cell: its sign, digits with separators, and the currency beside it, if any. */
type Parts = Readonly<{ isNegative: boolean; digits: string; currency: string | null }>;

const spaces = /[\s\u00a0\u202f\u2007\u2009]+/g;
const side = String.raw`(\p{Sc}|[A-Z]{1,3}\$|[A-Z]{3}|kr\.?|zł|Kč|Ft|lei|Rs\.?|euro?s?)`;
const shape = new RegExp(`^${side}?([-+]?)${side}?([0-9][0-9.,']*|[.,][0-9]+)([-+]?)${side}?([-+]?)(CR|DR)?$`, "iu");

function parts(text: string): Parts | null {
  if (text.length > 80) return null;
  // Nearly every cell is a plain number, and the general way below costs ten times as much.
  const simple = /^([-+]?)(\d[\d.,]*)$/.exec(text);
  if (simple) return { isNegative: simple[1] === "-", digits: simple[2] ?? "", currency: null };
  let cell = text
    .replace(/^="?(.*?)"?$/, "$1")
    .replace(spaces, "")
    .replace(/[−–—]/g, "-")
    .replace(/[’‘´`]/g, "'");
  let isBracketed = false;
  const bracket = /^(-?)\((.*)\)$/.exec(cell);
  if (bracket) {
    if (bracket[1] !== "") return null;
    isBracketed = true;
    cell = bracket[2] ?? "";
  }
  const found = shape.exec(cell);
  if (!found) return null;
  const [, before, lead = "", between, digits = "", trail = "", after, last = "", flag = ""] = found;
  const signs = [lead, trail, last].filter((sign) => sign !== "");
  if (signs.length + (isBracketed ? 1 : 0) + (flag === "" ? 0 : 1) > 1) return null;
  const currencies = [before, between, after].filter((word) => word !== undefined);
  if (currencies.length > 1) return null;
  return {
    isNegative: isBracketed || signs[0] === "-" || flag.toUpperCase() === "DR",
    digits,
    currency: currencies[0] === undefined ? null : currencyCode(currencies[0]),
  };
}

/** Could this cell be an amount? Long digit strings without a separator are account numbers and the like. */
export function looksLikeAmount(text: string): boolean {
  const found = parts(text);
  if (!found) return false;
  return (
    found.digits.replace(/\D/g, "").length <= 15 && !/^\d{10,}$/.test(found.digits) && !/^0\d{3,}$/.test(found.digits)
  );
}

/** The currency that stands beside the number, null where none does. A bare "$" is many currencies. */
export function currencyBeside(text: string): string | null {
  return parts(text)?.currency ?? null;
}

/** Is the amount negative as it is written? For guessing what a column's signs mean. */
export function isWrittenNegative(text: string): boolean {
  return parts(text)?.isNegative ?? false;
}

/** What one cell says of the mark: "." or ",", "either" where it could be both ("1,234"), null where it has no separator. */
function markOf(digits: string): DecimalMark | "either" | null {
  const plain = digits.replaceAll("'", "");
  const point = plain.lastIndexOf(".");
  const comma = plain.lastIndexOf(",");
  if (point < 0 && comma < 0) return null;
  if (point >= 0 && comma >= 0) return point > comma ? "." : ",";
  const mark: DecimalMark = point >= 0 ? "." : ",";
  const other: DecimalMark = mark === "." ? "," : ".";
  const pieces = plain.split(mark);
  if (pieces.length > 2) return pieces.at(-1)?.length === 3 ? other : null;
  const [whole = "", fraction = ""] = pieces;
  if (fraction.length !== 3) return mark;
  if (whole.length > 3 || whole === "" || /^0/.test(whole) || digits.includes("'")) return mark;
  return "either";
}

type MarkDecision = Readonly<{ mark: DecimalMark; isDecided: boolean }>;

/**
 * The decimal mark of a column, from all of its cells. Where only cells like "1,234" are there, the separator is suggested to be
 * for thousands, for money seldom has three decimals; that stays a doubt. `fallback` is for columns without any separator.
 */
export function decideDecimalMark(
  cells: readonly string[],
  currency: string,
  fallback: DecimalMark = ".",
): MarkDecision {
  const tally = { ".": 0, ",": 0 };
  let either: DecimalMark | null = null;
  for (const cell of cells) {
    const found = parts(cell);
    const mark = found ? markOf(found.digits) : null;
    if (mark === "either") either = found?.digits.includes(".") ? "." : ",";
    else if (mark) tally[mark] += 1;
  }
  if (tally["."] > 0 || tally[","] > 0) {
    const mark = tally["."] >= tally[","] ? "." : ",";
    const rest = mark === "." ? tally[","] : tally["."];
    return { mark, isDecided: rest === 0 || rest * 20 < tally[mark] };
  }
  if (either === null) return { mark: fallback, isDecided: true };
  const suggested: DecimalMark = either === "." ? "," : ".";
  if (decimalsOf(currency) === 3) return { mark: either, isDecided: false };
  return { mark: suggested, isDecided: decimalsOf(currency) === 0 };
}

/**
 * An amount in minor units of `currency`, signed as it is written. Blanks and apostrophes separate thousands in either style.
 * Gives bad_number, too_many_decimals or out_of_range with what is wrong.
 */
export function readAmount(text: string, currency: string, mark: DecimalMark): AmountResult {
  const cell = text.trim();
  if (cell === "") return { ok: false, code: "bad_number", message: "There is no amount." };
  const found = parts(cell);
  const shown = cell.slice(0, 40);
  if (!found) return { ok: false, code: "bad_number", message: `"${shown}" is not an amount.` };
  const thousands = mark === "." ? "," : ".";
  const [whole = "", fraction = "", ...more] = found.digits.split(mark);
  if (more.length > 0 || fraction.includes(thousands) || fraction.includes("'") || !isGrouped(whole, thousands)) {
    return {
      ok: false,
      code: "bad_number",
      message: `"${shown}" is not an amount with "${mark}" as its decimal mark.`,
    };
  }
  return toMinor(whole.replace(/\D/g, ""), fraction, found.isNegative, currency);
}

/** Groups of three, or of two as in India, the last always of three. */
function isGrouped(whole: string, thousands: string): boolean {
  const groups = whole.replaceAll("'", thousands).split(thousands);
  if (groups.length === 1) return true;
  const [first = "", ...rest] = groups;
  return (
    /^\d{1,3}$/.test(first) &&
    rest.every((group, index) => (index === rest.length - 1 ? /^\d{3}$/ : /^\d{2,3}$/).test(group))
  );
}

function toMinor(whole: string, fraction: string, isNegative: boolean, currency: string): AmountResult {
  try {
    const minor = parseMinor(`${whole === "" ? "0" : whole}.${fraction}`, currency, { allowTrailingZeros: true });
    return { ok: true, minor: isNegative ? -minor : minor };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, code: error.code, message: error.message };
    throw error;
  }
}

/**
 * An OFX amount: a sign, digits, one comma or full stop for decimals. Thousands are not of that format, but where both separators
 * stand the last is the mark. A comma before exactly three digits may be either: ambiguous_number.
 */
export function readPlainAmount(text: string, currency: string): AmountResult {
  const cell = text.trim();
  const shown = cell.slice(0, 40);
  if (cell === "") return { ok: false, code: "bad_number", message: "There is no amount." };
  const found = /^([-+]?)(\d[\d.,]*|[.,]\d+)$/.exec(cell.replace("−", "-"));
  const digits = found?.[2] ?? "";
  if (!found) return { ok: false, code: "bad_number", message: `"${shown}" is not an amount.` };
  if (/^[1-9]\d{0,2},\d{3}$/.test(digits) && decimalsOf(currency) < 3) {
    return { ok: false, code: "ambiguous_number", message: `"${shown}" can be read as thousands or as decimals.` };
  }
  return readAmount(found[0], currency, digits.lastIndexOf(",") > digits.lastIndexOf(".") ? "," : ".");
}
