/**
 * A list as an Excel file: rows as text, days and numbers on the first sheets (another begins where one is full), what the list is of on the last.
 * Text stays text whatever it begins with: it is written as such, and nothing is ever a formula.
 */
import { PassThrough } from "node:stream";
import exceljs from "exceljs";
import { plainFigure } from "./csv";
import type { Cell, Column, Sheet } from "./sheet";

/** Rows of a sheet; Excel has 1,048,576. */
const mostRows = 1_000_000;
/** After so many rows others have their turn, and what was made is waited for. */
const breath = 500;
const heldBytes = 1024 * 1024;

export async function* xlsxOf(sheet: Sheet): AsyncGenerator<Uint8Array> {
  const out = new PassThrough({ highWaterMark: heldBytes });
  const filling = fill(sheet, out).catch((error: unknown) => {
    out.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  yield* out as AsyncIterable<Uint8Array>;
  await filling;
}

async function fill(sheet: Sheet, out: PassThrough): Promise<void> {
  const book = new exceljs.stream.xlsx.WorkbookWriter({ stream: out, useSharedStrings: false, useStyles: true });
  let page: exceljs.Worksheet | null = null;
  let rows = 0;
  for await (const line of sheet.lines) {
    // Nobody takes it any more.
    if (out.destroyed) return;
    if (page === null || rows % mostRows === 0) {
      page?.commit();
      page = begin(book, sheet, Math.floor(rows / mostRows) + 1);
    }
    const row = page.addRow(line.cells.map((cell, i) => cellValue(cell, sheet.columns[i])));
    line.cells.forEach((cell, i) => {
      const format = cellFormat(cell, sheet.columns[i]);
      if (format !== null) row.getCell(i + 1).numFmt = format;
    });
    if (line.kind !== "row") row.font = { bold: true };
    row.commit();
    rows += 1;
    if (rows % breath === 0) await taken(out, page);
  }
  (page ?? begin(book, sheet, 1)).commit();
  const about = book.addWorksheet("About");
  about.getColumn(1).width = 90;
  for (const note of [sheet.business, sheet.title, ...sheet.notes]) about.addRow([clean(note)]).commit();
  about.commit();
  await book.commit();
}

function begin(book: exceljs.stream.xlsx.WorkbookWriter, sheet: Sheet, number: number): exceljs.Worksheet {
  const page = book.addWorksheet(number === 1 ? "Rows" : `Rows ${number}`, { views: [{ state: "frozen", ySplit: 1 }] });
  page.columns = sheet.columns.map((column) => ({ width: Math.max(10, column.share * 1.3) }));
  const head = page.addRow(sheet.columns.map((column) => clean(column.head)));
  head.font = { bold: true };
  head.commit();
  return page;
}

/** Excel counts to fifteen digits: a longer number stays the text that it is. */
const mostDigits = 15;
const fits = (units: bigint) => units < 10n ** BigInt(mostDigits) && units > -(10n ** BigInt(mostDigits));

function cellValue(cell: Cell, column: Column | undefined): string | number | Date | null {
  if (cell === null || cell === "") return null;
  if (typeof cell === "string")
    return column?.kind === "day" && /^\d{4}-\d\d-\d\d$/.test(cell) ? new Date(`${cell}T00:00:00Z`) : clean(cell);
  const text = plainFigure(cell.units, cell.decimals);
  return fits(cell.units) ? Number(text) : text;
}

function cellFormat(cell: Cell, column: Column | undefined): string | null {
  if (cell === null) return null;
  if (typeof cell === "string") return column?.kind === "day" ? "yyyy-mm-dd" : null;
  return cell.decimals === 0 ? "#,##0" : `#,##0.${"0".repeat(cell.decimals)}`;
}

/** Without what XML cannot hold, and no longer than a cell of Excel. */
function clean(text: string): string {
  return text.replace(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu, "").slice(0, 32_767);
}

/**
 * Bytes of a sheet that wait to be packed. exceljs (4.4.0) hands them on without waiting for whoever takes them, to a stream that says how many it
 * holds in its state alone.
 */
type Packing = Readonly<{
  stream?: Readonly<{ pipes?: readonly Readonly<{ _writableState?: Readonly<{ length?: number }> }>[] }>;
}>;
const waitingIn = (page: exceljs.Worksheet): number =>
  ((page as unknown as Packing).stream?.pipes ?? []).reduce((sum, pipe) => sum + (pipe._writableState?.length ?? 0), 0);

/** Until what was made is on its way: rows come from memory faster than they are packed and taken. */
async function taken(out: PassThrough, page: exceljs.Worksheet): Promise<void> {
  do await new Promise((resolve) => setImmediate(resolve));
  while (!out.destroyed && out.readableLength + out.writableLength + waitingIn(page) > heldBytes);
}
