/** The text of a bank's line: what is kept of it, and how it is cleaned before anybody sees it. */

/** Longer texts are cut; the row is told with text_too_long. */
export const textLimit = 4000;

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
