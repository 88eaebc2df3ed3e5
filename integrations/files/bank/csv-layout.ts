/**
 * How a bank's table is to be read, suggested from its header and its content together. What the content does not decide becomes a
 * doubt that a person settles once for that bank; nothing is decided row by row.
 */
import { Refusal } from "../../../lib/core/errors";
import type { TableRow } from "../csv";
import type { CsvLayout } from "../reading";
import { type Column, isAmountCell, pickByName, profile } from "./csv-columns";
import { isHeader, isSalesList, plain, type Role } from "./csv-headers";
import { type Doubt, type Hints, pickMoney, signs } from "./csv-money";
import { decideDateStyle, looksLikeDate } from "./dates";
import { decideDecimalMark } from "./numbers";

/** The data rows under the header, and the header (null where the file has none). */
export type Body = Readonly<{ header: TableRow | null; data: readonly TableRow[] }>;

/** Finds the header: by its words; else the line of words right above the first line that holds a day and an amount. */
export function findBody(rows: readonly TableRow[]): Body {
  const named = rows.slice(0, 60).findIndex(({ cells }) => isHeader(cells));
  if (named >= 0) return { header: rows[named] ?? null, data: rows.slice(named + 1) };
  const first = rows.slice(0, 60).findIndex(({ cells }) => cells.some(looksLikeDate) && cells.some(isAmountCell));
  if (first < 0) return { header: null, data: [] };
  const above = rows[first - 1];
  const width = rows[first]?.cells.length ?? 0;
  const words = above?.cells.filter((cell) => cell !== "") ?? [];
  const isHead =
    above &&
    words.length >= 2 &&
    above.cells.length >= width - 1 &&
    !words.some((cell) => looksLikeDate(cell) || isAmountCell(cell));
  if (isHead) return { header: above, data: rows.slice(first) };
  // Without a header a first line whose day cannot be read is still a line, and must come out as one that is wrong.
  const start = rows.findIndex(({ cells }) => cells.length === width && cells.some(isAmountCell));
  return { header: null, data: rows.slice(start >= 0 ? start : first) };
}

/** What tells one bank's tables from another's: its header's words, or only its width where it has none. */
export function fingerprintOf(header: readonly string[] | null, width: number): string {
  return header ? header.map(plain).join("|") : `no header, ${width} columns`;
}

/** The layout of a table. Throws Refusal no_data_rows (only a header) or missing_column (no day or no amount anywhere). */
export function suggestLayout(rows: readonly TableRow[], delimiter: string, hints: Hints): CsvLayout {
  const { header, data } = findBody(rows);
  if (data.length === 0) {
    if (header) throw new Refusal("no_data_rows", "The file has a header but no rows under it.");
    throw missing("Date or Amount", rows[0]?.cells ?? []);
  }
  const width = header ? header.cells.length : commonWidth(data);
  const headers = header
    ? header.cells.map((cell, index) => cell || `Column ${index + 1}`)
    : Array.from({ length: width }, (_, index) => `Column ${index + 1}`);
  const columns = headers.map((_, index) => profile(index, data));
  const doubts = new Set<Doubt>();
  if (isSalesList(headers)) doubts.add("columns");
  const date = pickDate(columns, header ? headers : null);
  if (!date) throw missing("Date", headers);
  const style = decideDateStyle(
    date.cells.filter((cell) => cell !== ""),
    hints.country,
  );
  if (!style.isDecided) doubts.add("date style");
  const money = pickMoney(columns, header ? headers : null, date, hints, doubts);
  if (!money) throw missing("Amount", headers);
  const taken = new Set([date.index, money.amount, money.credit, money.debit, money.balance]);
  const free = columns.filter((column) => !taken.has(column.index) && column.dates < 0.5);
  const pick = (role: Role, accepts: (column: Column) => boolean) =>
    pickByName(free, header ? headers : null, role, accepts)?.index ?? null;
  const texts = pickTexts(free, header ? headers : null);
  const amounts = [money.amount, money.credit, money.debit, money.balance].flatMap((index) =>
    index === null ? [] : (columns[index]?.cells ?? []),
  );
  const mark = decideDecimalMark(amounts, hints.currency);
  if (!mark.isDecided) doubts.add("decimal mark");
  const layout: CsvLayout = {
    fingerprint: fingerprintOf(header?.cells ?? null, width),
    delimiter,
    headerRow: header?.row ?? 0,
    headers,
    date: date.index,
    dateStyle: style.style,
    amount: money.amount,
    credit: money.credit,
    debit: money.debit,
    direction: null,
    isNegated: false,
    decimalMark: mark.mark,
    ...texts,
    balance: money.balance,
    currency: pick("currency", (column) =>
      column.cells.every((cell) => cell === "" || /^\p{L}{0,3}\p{Sc}$|^[A-Za-z]{3}$/u.test(cell)),
    ),
    id: pick("id", (column) => column.filled === 1 && column.distinct === column.cells.length),
    doubts: [],
  };
  return { ...layout, ...signs(layout, columns, hints, doubts), doubts: [...doubts] };
}

function missing(what: string, found: readonly string[]): Refusal {
  const shown = found
    .filter((cell) => cell !== "")
    .map((cell) => cell.slice(0, 30))
    .slice(0, 20)
    .join(", ");
  return new Refusal(
    "missing_column",
    `No column for ${what} could be found. Found: ${shown === "" ? "nothing" : shown}.`,
    { column: what },
  );
}

function commonWidth(data: readonly TableRow[]): number {
  const widths = new Map<number, number>();
  for (const { cells } of data) widths.set(cells.length, (widths.get(cells.length) ?? 0) + 1);
  return [...widths].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0] ?? 0;
}

/** By name among the columns that hold days, unless another is filled where the named one is often blank; else by content. */
function pickDate(columns: readonly Column[], headers: readonly string[] | null): Column | null {
  const holding = columns.filter((column) => column.dates >= 0.5);
  const fullest = holding.reduce((most, column) => Math.max(most, column.filled), 0);
  const full = holding.filter((column) => column.filled >= fullest * 0.8);
  // A column named for the day is believed where nothing in it reads as one: its rows then say what is wrong with them.
  return (
    pickByName(full, headers, "date", () => true) ??
    full[0] ??
    pickByName(columns, headers, "date", (column) => column.filled > 0)
  );
}

/** Payee and memo: by name; a bank's only text is the payee; without names the two longest texts. */
function pickTexts(
  free: readonly Column[],
  headers: readonly string[] | null,
): { payee: number | null; memo: number | null } {
  const isText = (column: Column) => column.filled > 0 && column.amounts < 0.5;
  const filled = (column: Column) => isText(column) && column.filled >= 0.3;
  const payee = pickByName(free, headers, "payee", filled);
  const memo =
    pickByName(
      free.filter((column) => column !== payee),
      headers,
      "memo",
      filled,
    ) ??
    pickByName(
      free.filter((column) => column !== payee),
      headers,
      "memo",
      isText,
    );
  if (payee || memo) {
    const second = payee
      ? memo
      : pickByName(
          free.filter((column) => column !== memo),
          headers,
          "memo",
          isText,
        );
    return { payee: (payee ?? memo)?.index ?? null, memo: second?.index ?? null };
  }
  const texts = free.filter(
    (column) => isText(column) && column.length >= 4 && column.cells.some((cell) => /\p{L}{2}/u.test(cell)),
  );
  const [first, second] = texts.toSorted(
    (a, b) => b.filled * b.length * (b.distinct > 1 ? 2 : 1) - a.filled * a.length * (a.distinct > 1 ? 2 : 1),
  );
  return {
    payee: first?.index ?? null,
    memo: second && second.length >= 8 && second.distinct > 1 ? second.index : null,
  };
}
