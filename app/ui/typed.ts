/**
 * What people type into fields, read exactly: sums (`=12*6.5`) as fractions of bigints, never rounded; days as people write them.
 * Used by the fields on leaving, and by actions for what comes without script.
 */
import { addDays, parseLocalDate } from "../../lib/core/dates";
import { Refusal } from "../../lib/core/errors";
import { decimalsOf, formatMinor, formatScaled, parseMinor } from "../../lib/core/money";
import { formatQuantity, parseQuantity } from "../../lib/core/quantity";
import { dayText } from "./days";

/** Either the value with the text that is shown for it, or a sentence that says what is wrong. */
export type Typed<Value> = Readonly<{ value: Value; text: string }> | Readonly<{ wrong: string }>;

/** Money: `1240`, `1,240.5`, `$1,240.50`, `(2.00)`, `-2`, `=12*6.5`. */
export function typedMoney(text: string, currency: string): Typed<bigint> {
  return saying(() => {
    const sum = text.trim().startsWith("=") ? scaled(text, decimalsOf(currency), currency) : null;
    const value = sum ?? parseMinor(text, currency);
    return { value, text: formatMinor(value, currency) };
  });
}

/** A quantity with the item's own decimals; sums too. */
export function typedQuantity(text: string, decimals: number): Typed<bigint> {
  return saying(() => {
    const sum = text.trim().startsWith("=") ? scaled(text, decimals, "This item") : null;
    const value = sum ?? parseQuantity(text, decimals);
    return { value, text: formatQuantity(value, decimals) };
  });
}

/** How the business writes `11/4`: the month first or the day. */
export type DayOrder = "month first" | "day first";

const monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/**
 * A day: `2026-11-14`, `14 nov`, `14 Nov 2026`, `nov 14`, `11/14`, `14.11.26`, `-3` (three days ago), `t` (today). Without a year it is the one
 * nearest to today that does not lie more than a month ahead.
 */
export function typedDay(text: string, today: string, order: DayOrder): Typed<string> {
  const said = text.trim().toLowerCase();
  return saying(() => {
    const value = readDay(said, today, order);
    if (value === null)
      throw new Refusal("bad_date", `“${text.trim().slice(0, 40)}” is not a day. Write it as 14 Nov 2026.`);
    return { value, text: dayText(value) };
  });
}

function readDay(said: string, today: string, order: DayOrder): string | null {
  if (/^(t|today)$/.test(said)) return today;
  if (/^(y|yesterday)$/.test(said)) return addDays(today, -1);
  if (/^[-+\u2212]\d{1,4}$/.test(said)) return addDays(today, Number(said.replace("−", "-")));
  if (/^\d{4}-\d{1,2}-\d{1,2}$/.test(said)) {
    const [year = "", month = "", day = ""] = said.split("-");
    return parseLocalDate(`${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`);
  }
  const words = /^(\d{1,2})\.?[\s-]*([a-z]{3,9})\.?,?[\s-]*(\d{2}|\d{4})?$/.exec(said);
  const turned = /^([a-z]{3,9})\.?\s*(\d{1,2}),?\s*(\d{4})?$/.exec(said);
  const digits = /^(\d{1,2})[/.\-\s](\d{1,2})(?:[/.\-\s](\d{2}|\d{4}))?$/.exec(said);
  let day = "";
  let month = 0;
  let year: string | undefined;
  if (words) {
    [, day = "", , year] = words;
    month = monthNames.indexOf((words[2] ?? "").slice(0, 3)) + 1;
  } else if (turned) {
    [, , day = "", year] = turned;
    month = monthNames.indexOf((turned[1] ?? "").slice(0, 3)) + 1;
  } else if (digits) {
    const [, one = "", two = ""] = digits;
    year = digits[3];
    day = order === "day first" ? one : two;
    month = Number(order === "day first" ? two : one);
  } else return null;
  if (month < 1 || month > 12) return null;
  const rest = `-${String(month).padStart(2, "0")}-${day.padStart(2, "0")}`;
  if (year !== undefined) return parseLocalDate(`${year.length === 2 ? `20${year}` : year}${rest}`);
  const here = Number(today.slice(0, 4));
  const horizon = addDays(today, 31);
  return parseLocalDate(`${here}${rest}` > horizon ? `${here - 1}${rest}` : `${here}${rest}`);
}

/** A refusal of the core becomes the sentence under the field; anything else is a bug and stays one. */
function saying<Value>(read: () => { value: Value; text: string }): Typed<Value> {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal) return { wrong: error.message };
    throw error;
  }
}

type Fraction = Readonly<{ top: bigint; under: bigint }>;

/** `=12*6.5` in units of 10^-decimals; refused when it does not come out even. */
function scaled(text: string, decimals: number, of: string): bigint {
  const { top, under } = sumOf(text.trim().slice(1));
  const unit = 10n ** BigInt(decimals);
  if ((top * unit) % under !== 0n) {
    const near = (top * unit * 100n) / under;
    const has = decimals === 0 ? "no decimals" : decimals === 2 ? "two decimals" : `${decimals} decimals`;
    throw new Refusal(
      "too_many_decimals",
      `${of} has ${has}. ${text.trim()} comes to ${formatScaled(near, decimals + 2)}…`,
    );
  }
  return (top * unit) / under;
}

/** Numbers, + - * / and brackets, by the usual precedence. */
function sumOf(text: string): Fraction {
  const tokens = text.replace(/,(?=\d{3}(\D|$))/g, "").match(/\d+(\.\d+)?|\.\d+|[-+*/()×÷−]|\S/g) ?? [];
  let at = 0;
  const wrong = () => new Refusal("bad_number", `“=${text.trim().slice(0, 40)}” is not a sum. Write it as =12*6.5.`);

  function factor(): Fraction {
    const token = tokens[at];
    at += 1;
    if (token === undefined) throw wrong();
    if (token === "-" || token === "−") {
      const inner = factor();
      return { top: -inner.top, under: inner.under };
    }
    if (token === "(") {
      const inner = terms();
      if (tokens[at] !== ")") throw wrong();
      at += 1;
      return inner;
    }
    if (!/^(\d|\.)/.test(token) || token === "." || token.length > 30) throw wrong();
    const [whole = "", part = ""] = token.split(".");
    return { top: BigInt(`${whole}${part}`), under: 10n ** BigInt(part.length) };
  }

  function product(): Fraction {
    let left = factor();
    for (;;) {
      const token = tokens[at];
      if (token === "*" || token === "×") {
        at += 1;
        const right = factor();
        left = { top: left.top * right.top, under: left.under * right.under };
      } else if (token === "/" || token === "÷") {
        at += 1;
        const right = factor();
        if (right.top === 0n) throw wrong();
        const sign = right.top < 0n ? -1n : 1n;
        left = { top: left.top * right.under * sign, under: left.under * right.top * sign };
      } else return left;
    }
  }

  function terms(): Fraction {
    let left = product();
    for (;;) {
      const token = tokens[at];
      if (token !== "+" && token !== "-" && token !== "−") return left;
      at += 1;
      const right = product();
      const top = right.top * left.under;
      left = { top: left.top * right.under + (token === "+" ? top : -top), under: left.under * right.under };
    }
  }

  const result = terms();
  if (at !== tokens.length) throw wrong();
  return result;
}
