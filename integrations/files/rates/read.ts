/**
 * Tables of exchange rates, in the books' currency: the European Central Bank's (its history as CSV, its days as XML or CSV, all quoted
 * as what one euro buys) and plain lists of day, currency and rate. Pure: text in, rates out, with what is wrong by its line.
 */
import { Refusal } from "../../../lib/core/errors";
import type { LocalDate } from "../../../lib/core/facts";
import { decimalsOf } from "../../../lib/core/money";
import { crossRate, type Direction, parseRate } from "../../../lib/core/rates";
import { type DateStyle, decideDateStyle, looksLikeDate, readDate } from "../bank/dates";
import { refuseDocumentType } from "../bank/ofx-tags";
import { parseTable, type TableRow } from "../csv";
import type { Problem } from "../reading";
import { decode } from "../text";

/** `rate`: what one unit of `currency` is worth in the books', by ten decimals. `row` is the line of the file. */
export type QuotedRate = Readonly<{ row: number; currency: string; on: LocalDate; rate: bigint }>;
/** How a plain list is written; null: a person has not said so yet. A central bank's table leaves nothing open. */
export type RateLayout = Readonly<{
  direction: Direction | null;
  decimalMark: "." | "," | null;
  dateStyle: DateStyle | null;
}>;
export type RatesReading = Readonly<{
  kind: "ecb" | "list";
  rates: readonly QuotedRate[];
  problems: readonly Problem[];
  /** As it was read: what the person left open is suggested. */
  layout: Readonly<{ direction: Direction; decimalMark: "." | ","; dateStyle: DateStyle }>;
  /** What the file leaves open and nobody has said. */
  doubts: readonly ("direction" | "date style")[];
}>;

export type RateOptions = Readonly<{ books: string; country: string; today: LocalDate; layout: RateLayout }>;

const plain = { direction: "buys", decimalMark: ".", dateStyle: "ymd" } as const;
const euro = "EUR";

/** Reads a file of rates. Refuses what is no such file, and a central bank's table without the books' currency. */
export function readRateFile(bytes: Uint8Array, fileName: string, options: RateOptions): RatesReading {
  const { text } = decode(bytes, fileName);
  if (/^\s*</.test(text)) return central(xmlTable(text), options);
  const { rows } = parseTable(text);
  return isCentral(rows) ? central(csvTable(rows), options) : list(rows, options);
}

/** The same of a provider's answer, which can only be a central bank's table. Throws Refusal where it is none. */
export function readProvided(text: string, options: Omit<RateOptions, "layout">): RatesReading {
  const asked = { ...options, layout: plain };
  if (/^\s*</.test(text)) return central(xmlTable(text), asked);
  const { rows } = parseTable(text);
  if (!isCentral(rows)) throw new Refusal("missing_column", "This is no table of a day and what one euro buys on it.");
  return central(csvTable(rows), asked);
}

/** A day of a central bank's table: what one euro buys, as it is written. */
type CentralDay = Readonly<{ row: number; day: string; buys: ReadonlyMap<string, string> }>;
const code = /^[A-Z]{3}$/;

function isCentral([head]: readonly TableRow[]): boolean {
  const [first = "", ...rest] = head?.cells ?? [];
  const named = rest.filter((name) => name !== "");
  return /^date$/i.test(first) && named.length > 0 && named.every((name) => code.test(name));
}

function csvTable([head, ...rows]: readonly TableRow[]): readonly CentralDay[] {
  const names = head?.cells ?? [];
  return rows.map(({ row, cells }) => ({
    row,
    day: cells[0] ?? "",
    buys: new Map(names.flatMap((name, at) => (at === 0 || name === "" ? [] : [[name, cells[at] ?? ""]]))),
  }));
}

function xmlTable(text: string): readonly CentralDay[] {
  refuseDocumentType(text);
  const days: { row: number; day: string; buys: Map<string, string> }[] = [];
  let [row, seen] = [1, 0];
  for (const found of text.matchAll(
    /<Cube\s+time=['"]([^'"]{1,40})['"]|<Cube\s+currency=['"]([A-Z]{3})['"]\s+rate=['"]([^'"]{1,40})['"]/g,
  )) {
    for (; seen < found.index; seen += 1) if (text[seen] === "\n") row += 1;
    const [, day, currency, rate] = found;
    if (day !== undefined) days.push({ row, day, buys: new Map() });
    else if (currency !== undefined && rate !== undefined) days.at(-1)?.buys.set(currency, rate);
  }
  if (days.length === 0) throw new Refusal("no_data_rows", "No day with rates stands in this document.");
  return days;
}

function central(days: readonly CentralDay[], options: RateOptions): RatesReading {
  const { books, today } = options;
  const problems: Problem[] = [];
  const rates: QuotedRate[] = [];
  const strange = new Set<string>();
  let [without, named] = [0, books === euro];
  for (const { row, day, buys } of days) {
    const on = dayIn(row, day, "ymd", today, problems);
    if (on === null) continue;
    named ||= buys.has(books);
    const ofBooks = books === euro ? parseRate("1") : quoted(row, books, buys.get(books) ?? "", problems);
    if (ofBooks === null) {
      without += 1;
      continue;
    }
    const add = (currency: string, ofCurrency: bigint) => {
      const rate = attempt(row, currency, problems, () => crossRate(ofCurrency, ofBooks));
      if (rate !== null) rates.push({ row, currency, on, rate });
    };
    if (books !== euro) add(euro, parseRate("1"));
    for (const [currency, text] of buys) {
      if (currency === books || currency === euro) continue;
      if (!isKnown(currency)) {
        strange.add(currency);
        continue;
      }
      const ofCurrency = quoted(row, currency, text, problems);
      if (ofCurrency !== null) add(currency, ofCurrency);
    }
  }
  if (!named)
    throw new Refusal("missing_column", `This table has no column ${books}, which the books are kept in.`, {
      column: books,
    });
  if (without > 0)
    problems.push({
      row: null,
      column: books,
      code: "field_missing",
      message: `On ${without} ${without === 1 ? "day" : "days"} the file has no rate of ${books}: they are left out.`,
    });
  if (strange.size > 0)
    problems.push({
      row: null,
      column: null,
      code: "unknown_currency",
      message: `Left out, since they are no currencies that we know: ${[...strange].join(", ")}.`,
    });
  return { kind: "ecb", rates: once(rates, problems), problems, layout: plain, doubts: [] };
}

/** A cell of a central bank's table; null where it quotes nothing (`N/A`) or cannot be read, which is then a problem. */
function quoted(row: number, currency: string, text: string, problems: Problem[]): bigint | null {
  if (text === "" || /^(n\/?a|-)$/i.test(text)) return null;
  return attempt(row, currency, problems, () => parseRate(text));
}

/** A list: which column is which is seen from the first line that has a day and a currency in it. */
function list(rows: readonly TableRow[], { books, country, today, layout }: RateOptions): RatesReading {
  const at = columnsOf(rows);
  if (at === null)
    throw new Refusal(
      "missing_column",
      "No line has a day, a currency such as EUR and a rate. Bring a list with these three columns, or the central bank's own history.",
    );
  const data = rows.slice(at.first);
  const style = decideDateStyle(
    data.map(({ cells }) => cells[at.day] ?? ""),
    country,
  );
  const used = {
    direction: layout.direction ?? "worth",
    decimalMark: layout.decimalMark ?? markOf(data.map(({ cells }) => cells[at.rate] ?? "")),
    dateStyle: layout.dateStyle ?? style.style,
  } as const;
  const problems: Problem[] = [];
  const rates: QuotedRate[] = [];
  for (const { row, cells } of rows.slice(at.first)) {
    const currency = (cells[at.currency] ?? "").toUpperCase();
    const on = dayIn(row, cells[at.day] ?? "", used.dateStyle, today, problems);
    if (on === null) continue;
    if (!isKnown(currency) || currency === books) {
      problems.push({
        row,
        column: "currency",
        code: "unknown_currency",
        message:
          currency === books
            ? `Row ${row}: the books are kept in ${books}, which has no rate.`
            : `Row ${row}: “${currency.slice(0, 10)}” is not a currency that we know.`,
      });
      continue;
    }
    const rate = attempt(row, "rate", problems, () =>
      parseRate(cells[at.rate] ?? "", used.direction, used.decimalMark),
    );
    if (rate !== null) rates.push({ row, currency, on, rate });
  }
  const doubts: RatesReading["doubts"][number][] = layout.direction === null ? ["direction"] : [];
  if (!style.isDecided && layout.dateStyle === null) doubts.push("date style");
  return { kind: "list", rates: once(rates, problems), problems, layout: used, doubts };
}

type Columns = Readonly<{ first: number; day: number; currency: number; rate: number }>;
function columnsOf(rows: readonly TableRow[]): Columns | null {
  for (const [first, { cells }] of rows.slice(0, 50).entries()) {
    const day = cells.findIndex(looksLikeDate);
    const currency = cells.findIndex((cell) => /^[A-Za-z]{3}$/.test(cell) && isKnown(cell.toUpperCase()));
    const rate = cells.findIndex((cell, at) => at !== day && /^[0-9][0-9.,'\u00a0 ]*$/.test(cell));
    if (day >= 0 && currency >= 0 && rate >= 0) return { first, day, currency, rate };
  }
  return null;
}

/** A rate has decimals and seldom thousands: the mark that stands last in a cell is the decimal one. */
function markOf(cells: readonly string[]): "." | "," {
  const marks = cells.map((cell) =>
    cell.lastIndexOf(",") > cell.lastIndexOf(".") ? "," : cell.includes(".") ? "." : "",
  );
  return marks.filter((mark) => mark === ",").length > marks.filter((mark) => mark === ".").length ? "," : ".";
}

function dayIn(row: number, text: string, style: DateStyle, today: LocalDate, problems: Problem[]): LocalDate | null {
  const read = readDate(text, style);
  if (read.ok && read.date <= today) return read.date;
  const [code, message] = read.ok
    ? (["future_date", `${read.date} has not come yet.`] as const)
    : ([read.code, read.message] as const);
  problems.push({ row, column: "date", code, message: `Row ${row}: ${message}` });
  return null;
}

function isKnown(currency: string): boolean {
  try {
    decimalsOf(currency);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

function attempt(row: number, column: string, problems: Problem[], read: () => bigint): bigint | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    problems.push({ row, column, code: error.code, message: `Row ${row}, ${column}: ${error.message}` });
    return null;
  }
}

/** A day's rate of a currency once: the same again says nothing new, another one is a problem of its line. */
function once(rates: readonly QuotedRate[], problems: Problem[]): readonly QuotedRate[] {
  const known = new Map<string, QuotedRate>();
  for (const rate of rates) {
    const key = `${rate.currency} ${rate.on}`;
    const before = known.get(key);
    if (before === undefined) known.set(key, rate);
    else if (before.rate !== rate.rate)
      problems.push({
        row: rate.row,
        column: "rate",
        code: "duplicate_id",
        message: `Row ${rate.row}: ${rate.currency} of ${rate.on} stands in row ${before.row} already, with another rate.`,
      });
  }
  return [...known.values()];
}
