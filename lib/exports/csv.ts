/** A list as CSV: UTF-8 with a mark, RFC 4180, figures with a point and a hyphen for minus, so that any spreadsheet takes them for numbers. */
import { stringify } from "csv-stringify/sync";
import { formatScaled } from "../core/money";
import type { Cell, Sheet } from "./sheet";

/** So many characters are given away at once. */
const chunkLength = 64 * 1024;

export async function* csvOf(sheet: Sheet): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let text = `\ufeff${stringify([sheet.columns.map((column) => harmless(column.head))])}`;
  for await (const { cells } of sheet.lines) {
    text += stringify([cells.map(cellText)]);
    if (text.length < chunkLength) continue;
    yield encoder.encode(text);
    text = "";
  }
  if (text !== "") yield encoder.encode(text);
}

function cellText(cell: Cell): string {
  if (cell === null) return "";
  return typeof cell === "string" ? harmless(cell) : plainFigure(cell.units, cell.decimals);
}

/** A number as a file has it: `-1240.50`, without grouping. */
export function plainFigure(units: bigint, decimals: number): string {
  return formatScaled(units, decimals).replaceAll(",", "").replace("\u2212", "-");
}

/**
 * What a spreadsheet would run as a formula stands behind an apostrophe. csv-stringify's own `escape_formulas` takes negative amounts
 * for formulas too, and a column of amounts must stay one.
 */
export function harmless(text: string): string {
  const mayRun = text.charCodeAt(0) === 0 || /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/u.test(text);
  return mayRun && !/^-\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
}
