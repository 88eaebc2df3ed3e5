/**
 * Text to a table, for every reader of separated values: finds the delimiter, keeps the line numbers that a person sees, and refuses
 * what would silently swallow rows (a quote that is never closed, or closed many lines too late).
 */
import { CsvError, parse } from "csv-parse/sync";
import { Refusal } from "../../lib/core/errors";
import type { Problem } from "./reading";
import { limits } from "./text";

/** `row` is the file's line at which the record begins, 1-based; `cells` have no blanks around them. */
export type TableRow = Readonly<{ row: number; cells: string[] }>;
export type Table = Readonly<{ delimiter: string; rows: readonly TableRow[]; problems: readonly Problem[] }>;

const delimiters = [";", "\t", "|", ","] as const;

/**
 * The rows of a table that are not blank. `delimiter` is given where a layout is known; else Excel's `sep=` line or the content
 * decides. Throws Refusal bad_quote (with row) or too_many_rows. The text must come from `decode` (line ends are `\n`).
 */
export function parseTable(text: string, options: Readonly<{ delimiter?: string }> = {}): Table {
  const declared = /^"?sep=(.)"?[ \t;,]*(?:\n|$)/i.exec(text);
  const body = declared ? text.slice(declared[0].length) : text;
  const firstRow = declared ? 2 : 1;
  const delimiter = declared?.[1] ?? options.delimiter ?? detectDelimiter(body);
  if (rowsAtMost(body) > limits.rows * 5) throw tooManyRows();
  const rows = unwrapped(records(body, delimiter, firstRow), delimiter);
  if (rows.length > limits.rows) throw tooManyRows();
  refuseSwallowedRows(rows, delimiter);
  return { delimiter, rows, problems: [] };
}

function tooManyRows(): Refusal {
  return new Refusal(
    "too_many_rows",
    `The file has more than ${limits.rows} rows. Export a shorter period and bring the parts in one by one.`,
  );
}

function rowsAtMost(text: string): number {
  let count = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}

type Parsed = Readonly<{ info: Readonly<{ lines: number }>; record: string[] }>;

function records(body: string, delimiter: string, firstRow: number): TableRow[] {
  const parsed = parseTolerantly(body, delimiter, firstRow);
  const rows: TableRow[] = [];
  let previous = 0;
  for (const { info, record } of parsed) {
    const row = previous + firstRow;
    previous = info.lines;
    const cells = record.map((cell) => cell.trim());
    if (cells.some((cell) => cell !== "")) rows.push({ row, cells });
  }
  return rows;
}

/**
 * Banks quote as they please. First the strict way with blanks around quotes; then quotes within a cell taken as letters; a
 * tab-separated file that still has an open quote never quoted at all.
 */
function parseTolerantly(body: string, delimiter: string, firstRow: number): Parsed[] {
  const run = (extra: object): Parsed[] =>
    parse(body, {
      delimiter,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      record_delimiter: "\n",
      ...extra,
    }) as unknown as Parsed[];
  try {
    return run({ trim: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
  }
  try {
    return run({});
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (delimiter === "\t") return run({ quote: false });
    throw openQuote(openedAt(body, delimiter) + firstRow - 1);
  }
}

function openQuote(row: number): Refusal {
  return new Refusal("bad_quote", `Row ${row}: a quote is opened and not closed.`, { row: String(row) });
}

/** The line at which the quote opens that nothing closes. */
function openedAt(body: string, delimiter: string): number {
  let line = 1;
  let opened = 1;
  let isQuoted = false;
  let isCellStart = true;
  for (const letter of body) {
    if (letter === '"') {
      if (isQuoted) isQuoted = false;
      else if (isCellStart) {
        isQuoted = true;
        opened = line;
      }
    }
    if (letter === "\n") line += 1;
    if (!isQuoted)
      isCellStart = letter === delimiter || letter === "\n" || (letter === " " && isCellStart) || letter === '"';
  }
  return opened;
}

/** Counts each candidate outside quotes, line by line: the one that comes equally often on most lines separates the cells. */
function detectDelimiter(text: string): string {
  const counts = new Map<string, number[]>(delimiters.map((delimiter) => [delimiter, []]));
  let current = new Map<string, number>();
  let isQuoted = false;
  let lines = 0;
  let hasLetters = false;
  for (let index = 0; index <= text.length && lines < 200; index += 1) {
    const letter = text[index] ?? "\n";
    if (letter === '"') isQuoted = !isQuoted;
    if (letter === "\n" && (!isQuoted || index >= text.length)) {
      if (hasLetters) {
        for (const [delimiter, list] of counts) list.push(current.get(delimiter) ?? 0);
        lines += 1;
      }
      current = new Map();
      hasLetters = false;
    } else if (!isQuoted && counts.has(letter)) {
      current.set(letter, (current.get(letter) ?? 0) + 1);
    } else if (letter !== " " && letter !== "\n") hasLetters = true;
  }
  let best: { delimiter: string; score: number } = { delimiter: ",", score: 0 };
  for (const [delimiter, list] of counts) {
    const score = consistency(list);
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

/** Lines that have the commonest count other than none, times that count; many equal lines beat a few full ones. */
function consistency(counts: readonly number[]): number {
  const tally = new Map<number, number>();
  for (const count of counts) if (count > 0) tally.set(count, (tally.get(count) ?? 0) + 1);
  let score = 0;
  for (const [count, lines] of tally) score = Math.max(score, lines * lines * Math.min(count, 12));
  return score;
}

/** A spreadsheet that saved each whole line as one quoted cell: the cells are inside. */
function unwrapped(rows: readonly TableRow[], delimiter: string): readonly TableRow[] {
  const isWrapped = (row: TableRow) =>
    row.cells.slice(1).every((cell) => cell === "") && (row.cells[0] ?? "").includes(delimiter);
  const data = rows.slice(1);
  if (data.length === 0 || data.filter(isWrapped).length * 10 < data.length * 9) return rows;
  return rows.map((row) => {
    if (!isWrapped(row)) return row;
    const inner = records(row.cells[0] ?? "", delimiter, 1)[0];
    return inner ? { row: row.row, cells: inner.cells } : row;
  });
}

/** A cell of several lines, one of which looks like a row of this very table, is a quote that closed too late. */
function refuseSwallowedRows(rows: readonly TableRow[], delimiter: string): void {
  const several = rows.filter(({ cells }) => cells.some((cell) => cell.includes("\n")));
  if (several.length === 0) return;
  const usual = rows.filter(({ cells }) => !cells.some((cell) => cell.includes("\n")));
  const shapes = new Set(usual.map(({ cells }) => shapeOf(cells[0] ?? "")).filter((shape) => shape.includes("9")));
  const widths = new Map<number, number>();
  for (const { cells } of usual) widths.set(cells.length, (widths.get(cells.length) ?? 0) + 1);
  const width = [...widths].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
  if (width < 2) return;
  for (const { row, cells } of several) {
    for (const cell of cells) {
      for (const line of cell.split("\n").slice(1)) {
        const parts = line.split(delimiter);
        if (parts.length >= width && shapes.has(shapeOf((parts[0] ?? "").trim().replaceAll('"', ""))))
          throw openQuote(row);
      }
    }
  }
}

function shapeOf(cell: string): string {
  return cell.replace(/\d+/g, "9").replace(/\p{L}+/gu, "a");
}
