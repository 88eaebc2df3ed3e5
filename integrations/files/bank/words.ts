/** The text of a bank's line: what is kept of it, and how it is cleaned before anybody sees it. */

import type { LocalDate } from "../../../lib/core/facts";
import type { BankRow, Problem } from "../reading";

/** Longer texts are cut; the row is told with text_too_long. */
const textLimit = 4000;

/**
 * One line, without control and direction characters (they could make a page show something else than is stored) and without the
 * runs of blanks that fixed-width systems leave. Markup and formulas stay the text that they are.
 */
export function cleanText(text: string): string {
  return text
    .replace(/[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g, "")
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
}

/**
 * Payee and memo of a row. Where a bank gives only one text, it is the payee; a memo that says the same again is left out. Texts
 * over the limit are cut and told.
 */
export function rowTexts(
  payee: string,
  memo: string,
  row: number,
  problems: Problem[],
): { payee: string; memo: string } {
  const texts = [cleanText(payee), cleanText(memo)].filter((text) => text !== "");
  const [first = "", second = ""] = texts;
  if (texts.some((text) => text.length > textLimit)) {
    const message = `A text of the row is longer than ${textLimit} characters; the rest was cut off.`;
    problems.push({ row, column: null, code: "text_too_long", message });
  }
  return { payee: first.slice(0, textLimit), memo: second === first ? "" : second.slice(0, textLimit) };
}

/** The first and last day of some rows, null where there are none. */
export function firstAndLast(rows: readonly BankRow[]): { from: LocalDate | null; through: LocalDate | null } {
  let from: LocalDate | null = null;
  let through: LocalDate | null = null;
  for (const { date } of rows) {
    if (from === null || date < from) from = date;
    if (through === null || date > through) through = date;
  }
  return { from, through };
}
