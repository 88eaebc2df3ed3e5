/**
 * Tables with a header, as channels export them: a preamble of any length, then the header, then rows. Columns are found by their
 * names alone, since they come and go between months and sellers; cells that say nothing ("", "--", "N/A") are left out.
 */
import { Refusal } from "../../../lib/core/errors";
import { parseTable } from "../csv";
import type { Problem } from "../reading";

/** One data row: where it stands (1-based line of the file) and its cells that say something, by normalised column name. */
export type Line = Readonly<{ row: number; cells: Readonly<Record<string, string>> }>;
export type HeadedTable = Readonly<{
  /** Normalised column names in the file's order. */
  columns: readonly string[];
  /** The same before they were renamed: in the file's language. */
  header: readonly string[];
  lines: readonly Line[];
  /** The rows before the header, as they are. */
  preamble: readonly (readonly string[])[];
  /** Data rows in the file, with those that could not be told apart into cells. */
  rows: number;
  problems: readonly Problem[];
}>;

/** A column's name without what varies between exports: case, blanks, quotes, byte order marks. */
export function columnName(text: string): string {
  return text
    .replace(/^\uFEFF/, "")
    .replace(/["“”]/g, "")
    .replace(/\s+/g, " ")
    .trim()
    .toLowerCase();
}

/** What a column is called here, for exports whose headers are in the seller's language. Takes and gives normalised names. */
export type Rename = (name: string) => string;
const asIs: Rename = (name) => name;

/** Whether one of the file's first lines has all these columns. Looks at the beginning alone, so that asking costs nothing. */
export function hasHeader(text: string, needed: readonly string[], rename: Rename = asIs): boolean {
  return text
    .slice(0, 40_000)
    .split("\n", 60)
    .some((line) => {
      const names = new Set(line.split(/[,;\t|]/).map((cell) => rename(columnName(cell))));
      return needed.every((name) => names.has(name));
    });
}

/** How far down a header is looked for: the longest known preamble has about a dozen lines. */
const headerWithin = 60;

/**
 * Reads a table whose header has all of `needed`. `isFooter` tells rows behind the data that are none.
 * Throws Refusal missing_column, duplicate_column (of a needed one) or no_data_rows.
 */
export function headedTable(
  text: string,
  needed: readonly string[],
  isFooter: (cells: readonly string[]) => boolean = () => false,
  rename: Rename = asIs,
): HeadedTable {
  const { rows, problems: found } = parseTable(text);
  const problems: Problem[] = [...found];
  const at = rows.slice(0, headerWithin).findIndex(({ cells }) => {
    const names = new Set(cells.map((cell) => rename(columnName(cell))));
    return needed.every((name) => names.has(name));
  });
  const header = rows[at];
  if (header === undefined) throw missingColumn(rows.slice(0, headerWithin), needed, rename);
  const written = header.cells.map(columnName);
  const columns = written.map(rename);
  for (const name of needed) {
    if (columns.indexOf(name) !== columns.lastIndexOf(name)) {
      throw new Refusal("duplicate_column", `Two columns are named “${name}”. Remove one of them.`, { column: name });
    }
  }
  const last = needed.reduce((most, name) => Math.max(most, columns.indexOf(name)), 0);
  const lines: Line[] = [];
  let count = 0;
  for (const { row, cells } of rows.slice(at + 1)) {
    if (isFooter(cells)) continue;
    count += 1;
    // Trailing cells may be missing (old Etsy statements), not those that a row is nothing without.
    const isShort = cells.length <= last;
    if (isShort || cells.slice(columns.length).some((cell) => cell !== "")) {
      const message = `Row ${row} has ${cells.length} columns, the header has ${columns.length}.`;
      problems.push({ row, column: null, code: "column_count", message });
      continue;
    }
    lines.push({ row, cells: filled(columns, cells) });
  }
  if (count === 0) throw new Refusal("no_data_rows", "The file has a header and no rows below it.");
  return {
    columns,
    header: written,
    lines,
    preamble: rows.slice(0, at).map(({ cells }) => cells),
    rows: count,
    problems,
  };
}

/** What exports write where there is nothing: dashes, also as a formula that keeps spreadsheets from reading them, or "N/A". */
const saysNothing = /^(|--|n\/a|="[-–—]*")$/i;

function filled(columns: readonly string[], cells: readonly string[]): Record<string, string> {
  const named: Record<string, string> = Object.create(null);
  for (const [index, name] of columns.entries()) {
    const cell = cells[index] ?? "";
    if (name !== "" && !saysNothing.test(cell) && named[name] === undefined) named[name] = cell;
  }
  return { ...named };
}

function missingColumn(
  rows: readonly Readonly<{ cells: readonly string[] }>[],
  needed: readonly string[],
  rename: Rename,
): Refusal {
  const best = rows
    .map(({ cells }) => cells.map((cell) => rename(columnName(cell))))
    .map((names) => ({ names, missing: needed.filter((name) => !names.includes(name)) }))
    .sort((a, b) => a.missing.length - b.missing.length)[0];
  const missing = best?.missing[0] ?? needed[0] ?? "";
  const names = (best?.names ?? []).filter((name) => name !== "").slice(0, 20);
  return new Refusal("missing_column", `No column for “${missing}”. Found: ${names.join(", ")}.`, { column: missing });
}

/** A cell's text, "" where the file says nothing there. */
export function cell(line: Line, name: string): string {
  return line.cells[name] ?? "";
}

/**
 * The decimal mark of a file's amounts, by those whose last mark is followed by one or two digits. Throws Refusal ambiguous_number
 * where both kinds stand in one file, for then no reading is safe.
 */
export function decimalMarkOf(amounts: readonly string[]): "." | "," {
  const commas = amounts.filter((amount) => /,[0-9]{1,2}(?![0-9])[^0-9.,]*$/.test(amount)).length;
  const points = amounts.filter((amount) => /\.[0-9]{1,2}(?![0-9])[^0-9.,]*$/.test(amount)).length;
  if (commas > 0 && points > 0) {
    throw new Refusal(
      "ambiguous_number",
      "Some amounts have a decimal point and others a decimal comma; export the file again.",
    );
  }
  return commas > 0 ? "," : ".";
}
