/**
 * MT940, SWIFT's statement in fields: :60F: the balance before, :61: a line with :86: what it is, :62F: the balance after. The day is the
 * booking day where a line has one beside the value day. R before C or D turns it: the reversal of a credit takes money out.
 */
import { Refusal } from "../../../lib/core/errors";
import type { LocalDate } from "../../../lib/core/facts";
import { parseMinor } from "../../../lib/core/money";
import type { BankReading, BankRow, FileReader, Problem, ReadOptions } from "../reading";
import { limits } from "../text";
import { readDate } from "./dates";
import { currencyCode } from "./numbers";
import { type Balance, readingOf, type Statement } from "./statements";
import { rowTexts } from "./words";

type Field = Readonly<{ tag: string; value: string; row: number }>;

export const mt940Reader: FileReader = {
  recognise: (text) => {
    const head = text.slice(0, 8192);
    // The interim report (MT942) has its own fields, and no balance that would prove it.
    if (/^:(34F|13D):/m.test(head)) return 0;
    const isOne = (/^:20:/m.test(head) && /^:(25|28C?|60[FM]|61):/m.test(head)) || /^:61:\d{6}/m.test(head);
    return isOne ? 1 : 0;
  },
  read,
};

/** Throws Refusal too_many_rows or no_data_rows. */
function read(text: string, encoding: string, options: ReadOptions): BankReading {
  const problems: Problem[] = [];
  const parts: Field[][] = [];
  for (const field of fieldsOf(text)) {
    if (field.tag === "20" || parts.length === 0) parts.push([]);
    parts.at(-1)?.push(field);
  }
  const lines = parts.flat().filter(({ tag }) => tag === "61").length;
  if (lines > limits.rows)
    throw new Refusal("too_many_rows", `The file has more than ${limits.rows} lines. Export a shorter period.`);
  const statements = parts.map((fields) => statementOf(fields, options.currency, problems));
  if (lines === 0 && !statements.some(({ closing }) => closing !== null))
    throw new Refusal("no_data_rows", "The file holds no statement with a line or a balance.");
  return readingOf("mt940", encoding, statements, problems);
}

/** A field goes on over lines that begin no other; a line of a dash ends its message. */
function fieldsOf(text: string): readonly Field[] {
  const fields: { tag: string; value: string; row: number }[] = [];
  let open: { tag: string; value: string; row: number } | null = null;
  for (const [index, line] of text.split("\n").entries()) {
    const begin = /^(?:\{.*\{4:)?:(\d{2}[A-Z]?):(.*)$/.exec(line);
    if (begin) {
      open = { tag: begin[1] ?? "", value: (begin[2] ?? "").trimEnd(), row: index + 1 };
      fields.push(open);
    } else if (/^-\}?/.test(line) && line.trim().length <= 2) open = null;
    else if (open !== null && line.trim() !== "") open.value += `\n${line.trimEnd()}`;
  }
  return fields;
}

const dayOf = (text: string): LocalDate | null => {
  const year = Number(text.slice(0, 2));
  const date = readDate(`${year < 70 ? 20 : 19}${text.slice(0, 2)}-${text.slice(2, 4)}-${text.slice(4, 6)}`, "ymd");
  return date.ok ? date.date : null;
};

function balanceOf(field: Field | undefined): (Balance & { currency: string }) | null {
  const found = /^([CD])(\d{6})([A-Z]{3})([\d,]+)/.exec(field?.value ?? "");
  const on = found === null ? null : dayOf(found[2] ?? "");
  const currency = currencyCode(found?.[3] ?? "");
  if (found === null || on === null || currency === null) return null;
  try {
    const amount = parseMinor(found[4] ?? "", currency, { decimalMark: ",", allowTrailingZeros: true });
    return { amount: found[1] === "D" ? -amount : amount, on, currency };
  } catch (error) {
    // A balance that cannot be read proves nothing; the lines are read all the same.
    if (error instanceof Refusal) return null;
    throw error;
  }
}

function statementOf(fields: readonly Field[], own: string, problems: Problem[]): Statement {
  const opening = balanceOf(fields.find(({ tag }) => tag === "60F" || tag === "60M"));
  const closing = balanceOf(fields.findLast(({ tag }) => tag === "62F" || tag === "62M"));
  const currency = opening?.currency ?? closing?.currency ?? null;
  const rows: BankRow[] = [];
  let lost = 0;
  for (const [index, field] of fields.entries()) {
    if (field.tag !== "61") continue;
    const next = fields[index + 1];
    const row = rowOf(field, next?.tag === "86" ? next.value : "", currency ?? own, problems);
    if (row === null) lost += 1;
    else rows.push(row);
  }
  const account = fields.find(({ tag }) => tag === "25")?.value.split("\n")[0] ?? "";
  return { account: account.replace(/ ?[A-Z]{3}$/, "").trim() || null, currency, opening, closing, rows, lost };
}

const lineShape = /^(\d{6})(\d{4})?(R?[CD])([A-Z])?(\d[\d.]*,\d*)(?:([NSF][A-Z0-9]{3})([^\n]*))?/;

function rowOf(field: Field, details: string, currency: string, problems: Problem[]): BankRow | null {
  const found = lineShape.exec(field.value.replace(/\s+(?=\d*,)/, ""));
  const date = found === null ? null : bookedOn(found[1] ?? "", found[2] ?? "");
  if (found === null || date === null) {
    const message = `“${field.value.slice(0, 30)}” is not a line that can be read.`;
    problems.push({ row: field.row, column: "61", code: found === null ? "bad_number" : "bad_date", message });
    return null;
  }
  try {
    const unsigned = parseMinor(found[5] ?? "", currency, { decimalMark: ",", allowTrailingZeros: true });
    const [reference = "", bank = ""] = (found[7] ?? "").split("//");
    const { payee, memo } = textsOf(details);
    const named = (text: string) => (/^NONREF$/i.test(text.trim()) ? "" : text.trim());
    const id = named(bank) || named(reference);
    return {
      row: field.row,
      date,
      amount: /^(C|RD)$/.test(found[3] ?? "") ? unsigned : -unsigned,
      ...rowTexts(payee, memo || id, field.row, problems),
      fitid: named(bank) || null,
      checkNumber: null,
      balance: null,
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    problems.push({ row: field.row, column: "61", code: error.code, message: error.message });
    return null;
  }
}

/** The booking day has no year: it is the one nearest to the value day, which may be a 30th of February where interest is reckoned so. */
function bookedOn(value: string, entry: string): LocalDate | null {
  if (entry === "") return dayOf(value);
  const turn = Number(entry.slice(0, 2)) - Number(value.slice(2, 4));
  const year = Number(value.slice(0, 2)) + (turn > 6 ? -1 : turn < -6 ? 1 : 0);
  return dayOf(`${String(year).padStart(2, "0")}${entry}`) ?? dayOf(value);
}

/** Who and what for: German banks number the parts (?20 … ?32), Dutch ones name them (/NAME/ … /REMI/), others write a text. */
function textsOf(details: string): { payee: string; memo: string } {
  const numbered = /^\s*(?:\d{3}|[A-Z0-9]{4})?([?>~^+@|])\d{2}/.exec(details);
  if (numbered) {
    const parts = details.replaceAll("\n", "").split(numbered[1] ?? "?");
    const of = (from: number, through: number) =>
      parts.flatMap((part) => {
        const number = Number(part.slice(0, 2));
        return /^\d{2}/.test(part) && number >= from && number <= through ? [part.slice(2)] : [];
      });
    const kind = of(0, 0).join("");
    return { payee: of(32, 33).join("") || kind, memo: [...of(20, 29), ...of(60, 63)].join("") || kind };
  }
  const named = details.replaceAll("\n", "");
  const part = (word: string) =>
    new RegExp(`/${word}/+(.*?)(?=/(?:[A-Z]{4}|EREF|BIC|IBAN)/|$)`).exec(named)?.[1]?.trim() ?? "";
  if (/\/(NAME|REMI|EREF|BENM|ORDP)\//.test(named))
    return { payee: part("NAME") || named, memo: part("REMI") || named };
  const text = details.replaceAll("\n", " ").trim();
  return { payee: text, memo: "" };
}
