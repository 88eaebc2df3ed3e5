/**
 * How a bank's table is to be read, suggested from its header and its content together. What the content does not decide becomes a
 * doubt that a person settles once for that bank; nothing is decided row by row.
 */
import { Refusal } from "../../../lib/core/errors";
import type { TableRow } from "../csv";
import type { CsvLayout } from "../reading";
import { chainOf } from "./csv-balance";
import { directionOf, isHeader, kindOf, plain, type Role, rankOf } from "./csv-headers";
import { decideDateStyle, looksLikeDate } from "./dates";
import { decideDecimalMark, isWrittenNegative, looksLikeAmount, readAmount } from "./numbers";

/** What a column holds: shares of its cells that are not blank, from 0 to 1. */
type Column = Readonly<{
  index: number;
  cells: readonly string[];
  filled: number;
  dates: number;
  amounts: number;
  distinct: number;
  length: number;
}>;
export type Hints = Readonly<{ currency: string; country: string }>;
type Doubt = CsvLayout["doubts"][number];

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

function isAmountCell(cell: string): boolean {
  return looksLikeAmount(cell) && !looksLikeDate(cell);
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

/** A sample is enough to know a column by; the decisions on days and marks see it whole through `cells`. */
function profile(index: number, data: readonly TableRow[]): Column {
  const cells = data.map((row) => row.cells[index] ?? "");
  const filled = cells.filter((cell) => cell !== "");
  const sample = filled.slice(0, 500);
  const share = (test: (cell: string) => boolean) =>
    sample.length === 0 ? 0 : sample.filter(test).length / sample.length;
  const length = sample.length === 0 ? 0 : sample.reduce((sum, cell) => sum + cell.length, 0) / sample.length;
  return {
    index,
    cells,
    filled: cells.length === 0 ? 0 : filled.length / cells.length,
    dates: share(looksLikeDate),
    amounts: share(isAmountCell),
    distinct: new Set(filled).size,
    length,
  };
}

function pickByName(
  columns: readonly Column[],
  headers: readonly string[] | null,
  role: Role,
  accepts: (column: Column) => boolean,
): Column | null {
  let best: { column: Column; rank: number } | null = null;
  for (const column of headers ? columns : []) {
    const rank = rankOf(headers?.[column.index] ?? "", role);
    if (rank === null || !accepts(column) || (best && best.rank <= rank)) continue;
    best = { column, rank };
  }
  return best?.column ?? null;
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

type Money = { amount: number | null; credit: number | null; debit: number | null; balance: number | null };

function pickMoney(
  columns: readonly Column[],
  headers: readonly string[] | null,
  date: Column,
  hints: Hints,
  doubts: Set<Doubt>,
): Money | null {
  const others = columns.filter((column) => column.index !== date.index);
  const holds = (column: Column) => column.amounts >= 0.5 || column.filled === 0;
  const balance = pickByName(others, headers, "balance", (column) => column.amounts >= 0.5)?.index ?? null;
  const rest = others.filter((column) => column.index !== balance);
  const amount = pickByName(
    rest,
    headers,
    "amount",
    (column) => column.amounts >= 0.5 && column.filled >= date.filled * 0.5,
  );
  const credit = pickByName(rest, headers, "credit", holds);
  const debit = pickByName(rest, headers, "debit", holds);
  if (amount) {
    const twins = rest.filter(
      (column) =>
        column.index !== amount.index && plain(headers?.[column.index] ?? "") === plain(headers?.[amount.index] ?? ""),
    );
    if (twins.length > 0) doubts.add("columns");
    return { amount: amount.index, credit: null, debit: null, balance };
  }
  const hasBoth = credit !== null && debit !== null && credit.filled + debit.filled > 0;
  if (hasBoth) return { amount: null, credit: credit.index, debit: debit.index, balance };
  const only = [credit, debit].find((column) => column !== null && column.filled > 0);
  if (only) return { amount: only.index, credit: null, debit: null, balance };
  const guessed = guessMoney(rest, balance, hints, doubts, columns, date);
  if (guessed) return guessed;
  // Named, though nothing in it reads as an amount: the rows then say what is wrong with them.
  const named = pickByName(rest, headers, "amount", (column) => column.filled > 0);
  return named ? { amount: named.index, credit: null, debit: null, balance } : null;
}

/** Without names the running balance proves the choice; without one it stays a doubt. */
function guessMoney(
  rest: readonly Column[],
  balance: number | null,
  hints: Hints,
  doubts: Set<Doubt>,
  columns: readonly Column[],
  date: Column,
): Money | null {
  const candidates = rest.filter((column) => column.amounts >= 0.8 && column.filled > 0);
  const withCents = candidates.filter((column) => column.cells.some((cell) => /[.,]\d{1,2}\D*$/.test(cell)));
  const pool = withCents.length > 0 ? withCents : candidates;
  const full = pool.filter((column) => column.filled >= 0.8);
  const proven = (money: Money): boolean => isProven(money, columns, date, hints);
  const balances = balance === null ? full.toReversed().map((column) => column.index) : [balance];
  for (const index of balances) {
    const left = pool.filter((column) => column.index !== index);
    for (const column of left.filter((other) => other.filled >= 0.8)) {
      const money: Money = { amount: column.index, credit: null, debit: null, balance: index };
      if (proven(money)) return money;
    }
    for (const [debit, credit] of complementary(left)) {
      for (const money of [
        { amount: null, credit, debit, balance: index },
        { amount: null, credit: debit, debit: credit, balance: index },
      ]) {
        if (proven(money)) return money;
      }
    }
  }
  doubts.add("columns");
  const [pair] = complementary(pool.filter((column) => column.index !== balance));
  const signed = full.find(
    (column) =>
      column.index !== balance &&
      column.cells.some(isWrittenNegative) &&
      column.cells.some((cell) => cell !== "" && !isWrittenNegative(cell)),
  );
  if (signed) return { amount: signed.index, credit: null, debit: null, balance };
  if (pair) return { amount: null, credit: pair[1], debit: pair[0], balance };
  const negative = full.find((column) => column.index !== balance && column.cells.some(isWrittenNegative));
  const first = negative ?? full.find((column) => column.index !== balance);
  return first ? { amount: first.index, credit: null, debit: null, balance } : null;
}

/** Two columns of which each row fills one: banks write money out before money in. */
function complementary(columns: readonly Column[]): readonly (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  for (const [index, first] of columns.entries()) {
    for (const second of columns.slice(index + 1)) {
      const both = first.cells.filter((cell, row) => cell !== "" && (second.cells[row] ?? "") !== "").length;
      const either = first.cells.filter((cell, row) => cell !== "" || (second.cells[row] ?? "") !== "").length;
      if (both === 0 && either >= first.cells.length * 0.8 && first.filled < 1 && second.filled < 1)
        pairs.push([first.index, second.index]);
    }
  }
  return pairs;
}

/** Does the balance follow from these amounts on nearly every row, either way up? */
function isProven(money: Money, columns: readonly Column[], date: Column, hints: Hints): boolean {
  const amounts = amountsOf({ ...money, direction: null, isNegated: false }, columns, hints);
  const { links, broken } = linksOf(amounts, money.balance, columns, date, hints);
  return links >= 2 && broken * 10 <= links;
}

type MoneyLayout = Pick<CsvLayout, "amount" | "credit" | "debit" | "isNegated"> & { direction: number | null };

/** The signed amounts of the rows as a layout reads them, null where a row has none. */
function amountsOf(layout: MoneyLayout, columns: readonly Column[], hints: Hints): readonly (bigint | null)[] {
  const indexes = [layout.amount, layout.credit, layout.debit].filter((index) => index !== null);
  const mark = decideDecimalMark(
    indexes.flatMap((index) => columns[index]?.cells ?? []),
    hints.currency,
  ).mark;
  const at = (index: number | null, row: number): bigint | null => {
    const cell = index === null ? "" : (columns[index]?.cells[row] ?? "");
    const amount = readAmount(cell, hints.currency, mark);
    return amount.ok ? amount.minor : null;
  };
  const debitCells = layout.debit === null ? [] : (columns[layout.debit]?.cells ?? []);
  const isDebitSigned = isSignedDebit(debitCells);
  return (columns[0]?.cells ?? []).map((_, row) => {
    const amount = at(layout.amount, row);
    if (layout.amount !== null) {
      const way = layout.direction === null ? null : directionOf(columns[layout.direction]?.cells[row] ?? "");
      const signed = amount !== null && way === "out" ? -amount : amount;
      return signed !== null && layout.isNegated ? -signed : signed;
    }
    const credit = at(layout.credit, row);
    const debit = at(layout.debit, row);
    if (credit === null && debit === null) return null;
    return (credit ?? 0n) + (isDebitSigned ? (debit ?? 0n) : -(debit ?? 0n));
  });
}

/** Some banks write money out with a minus in its own column, most without. */
export function isSignedDebit(cells: readonly string[]): boolean {
  const filled = cells.filter((cell) => /[1-9]/.test(cell));
  return filled.length > 0 && filled.every(isWrittenNegative);
}

function linksOf(
  amounts: readonly (bigint | null)[],
  balance: number | null,
  columns: readonly Column[],
  date: Column,
  hints: Hints,
): { links: number; broken: number } {
  const cells = balance === null ? [] : (columns[balance]?.cells ?? []);
  const mark = decideDecimalMark(cells, hints.currency).mark;
  const rows = amounts.map((amount, row) => {
    const after = readAmount(cells[row] ?? "", hints.currency, mark);
    const known = { row, payee: "", memo: "", fitid: null, checkNumber: null };
    return { ...known, date: date.cells[row] ?? "", amount: amount ?? 0n, balance: after.ok ? after.minor : null };
  });
  const chain = chainOf(rows.slice(0, 2000));
  return { links: chain?.links ?? 0, broken: chain?.broken.length ?? 0 };
}

/** Whose side the signs are on: the balance proves it; else a column of words; else what a card's lines are called. */
function signs(
  layout: CsvLayout,
  columns: readonly Column[],
  hints: Hints,
  doubts: Set<Doubt>,
): Pick<CsvLayout, "isNegated"> & { direction: number | null } {
  const plainSigns = { isNegated: false, direction: null };
  if (layout.amount === null) return plainSigns;
  const cells = (columns[layout.amount]?.cells ?? []).filter((cell) => /[1-9]/.test(cell));
  const isUnsigned = !cells.some(isWrittenNegative);
  const candidates = columns.filter(
    (column) => column.filled > 0.5 && column.cells.every((cell) => cell === "" || directionOf(cell) !== null),
  );
  const isDirectionColumn = (column: Column) =>
    new Set(column.cells.map(directionOf)).size > 1 || rankOf(layout.headers[column.index] ?? "", "direction") !== null;
  const direction = isUnsigned ? (candidates.find(isDirectionColumn) ?? candidates[0]) : undefined;
  if (direction) return { isNegated: false, direction: direction.index };
  const date = columns[layout.date];
  if (date && layout.balance !== null) {
    const usual = linksOf(
      amountsOf({ ...layout, direction: null, isNegated: false }, columns, hints),
      layout.balance,
      columns,
      date,
      hints,
    );
    const turned = linksOf(
      amountsOf({ ...layout, direction: null, isNegated: true }, columns, hints),
      layout.balance,
      columns,
      date,
      hints,
    );
    if (usual.links >= 1 && usual.broken < turned.broken) return plainSigns;
    if (turned.links >= 2 && turned.broken * 10 <= turned.links && turned.broken < usual.broken)
      return { isNegated: true, direction: null };
  }
  if (isNegatedByKind(layout, columns)) return { isNegated: true, direction: null };
  if (isUnsigned && cells.length >= 3) doubts.add("columns");
  return plainSigns;
}

/** A card's export that shows purchases as positive and payments as negative. */
function isNegatedByKind(layout: CsvLayout, columns: readonly Column[]): boolean {
  const amounts = columns[layout.amount ?? -1]?.cells ?? [];
  return columns.some((column) => {
    if (rankOf(layout.headers[column.index] ?? "", "kind") === null) return false;
    let spentPositive = 0;
    let against = 0;
    for (const [row, cell] of column.cells.entries()) {
      const kind = kindOf(cell);
      const isNegative = isWrittenNegative(amounts[row] ?? "");
      if (kind === "spending" && !isNegative) spentPositive += 1;
      if (kind === "spending" && isNegative) against += 1;
      if (kind === "receiving" && !isNegative) against += 1;
    }
    return spentPositive > 0 && against === 0;
  });
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
