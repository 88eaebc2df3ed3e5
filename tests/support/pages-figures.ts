/** Figures as a person reads them off a page, as exact minor units. */
import type { Locator, Page } from "playwright-core";

/** "−1,240.50" is −124050n; a dash is 0. Refuses what is no amount of two decimals. */
export function minorOf(text: string): bigint {
  const plain = text.replaceAll(",", "").replace("\u2212", "-").trim();
  if (plain === "\u2013") return 0n;
  if (!/^-?\d+\.\d\d$/.test(plain)) throw new Error(`"${text}" is no amount`);
  return BigInt(plain.replace(".", ""));
}

/** The figure of a sum's term, by the words above it. */
export async function termOf(page: Page, label: string): Promise<bigint> {
  const term = page.locator(".tape > div").filter({ has: page.locator("dt", { hasText: label }) });
  return minorOf((await term.locator("dd.figure").first().textContent()) ?? "");
}

/** The figure of a table's row in the column of this head, by the words that stand in one of the row's cells. */
export async function figureOf(table: Locator, row: string, head: string): Promise<string> {
  const heads = await table.locator("thead th").allInnerTexts();
  const at = heads.findIndex((one) => one.trim() === head);
  if (at < 0) throw new Error(`no column ${head} in ${heads.join(", ")}`);
  const found = table.locator(`tr:has(:text-is(${JSON.stringify(row)}))`).first();
  const cells = found.locator("> *");
  // A total's label covers several columns; its cells are counted from the end.
  const back = heads.length - at;
  const text = (await cells.nth((await cells.count()) - back).textContent()) ?? "";
  // The mark of a row that opens is no part of its figure.
  return text.replace(/^[▸▾]/, "").trim();
}
