/**
 * Days as banks write them. One cell rarely says whether 03/04 is in March or April, a whole column mostly does; so a style is decided
 * for a file and never for a row, and where the file does not decide it, that is said.
 */
import type { ErrorCode } from "../../../lib/core/errors";
import type { LocalDate } from "../../../lib/core/facts";

export type DateStyle = "ymd" | "dmy" | "mdy";
type DateResult = Readonly<{ ok: true; date: LocalDate }> | Readonly<{ ok: false; code: ErrorCode; message: string }>;

/** What is written, before it is known which number is the day: `a` and `b` in the order written where the month is a number. */
type Written =
  | Readonly<{ kind: "fixed"; year: number; month: number; day: number; style: DateStyle }>
  | Readonly<{ kind: "open"; a: number; b: number; year: number; isPlainlyDayFirst: boolean }>;

/** The first three letters of each month in the languages of the layouts, without accents; longer ones where three are not enough. */
const monthNames: readonly (readonly string[])[] = [
  ["jan", "janv", "ene", "gen", "jän"],
  ["feb", "fev", "fevr", "febr"],
  ["mar", "mrz", "maerz", "mars", "mrt", "maart"],
  ["apr", "avr", "abr"],
  ["may", "mai", "mei", "mag", "mayo", "maio"],
  ["jun", "juin", "giu", "juni", "junho"],
  ["jul", "juil", "lug", "juli", "julho"],
  ["aug", "aou", "aout", "ago"],
  ["sep", "sept", "set"],
  ["oct", "okt", "ott", "out"],
  ["nov"],
  ["dec", "dez", "dic"],
];

function monthOf(word: string): number | null {
  const plain = word.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/\.$/, "");
  // "juin" and "juillet", "jun" and "jul": three letters decide in every language but for the two French ones.
  const stem = plain.startsWith("juin") ? "juin" : plain.startsWith("juil") ? "juil" : plain.slice(0, 3);
  const index = monthNames.findIndex((names) =>
    names.some((name) => name.normalize("NFD").replace(/\p{M}/gu, "") === stem),
  );
  return index < 0 ? null : index + 1;
}

function century(year: string): number | null {
  if (year.length === 4) return Number(year);
  if (year.length !== 2) return null;
  const short = Number(year);
  return short < 70 ? 2000 + short : 1900 + short;
}

/** A time of day, its fraction and its zone behind a date; they are read over: the bank's own day is the day of the entry. */
const time = String.raw`(?:[T ,]+\d{1,2}[:.h]\d{2}.*|T.*|\[.*)?`;
const patterns = {
  iso: new RegExp(String.raw`^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})${time}$`),
  compact: /^(\d{4})(\d{2})(\d{2})(?:\d{2,6}(?:[.:]\d+)?)?(?:\[.*)?$/,
  compactDayFirst: /^(\d{2})(\d{2})((?:19|20)\d{2})$/,
  open: new RegExp(String.raw`^(\d{1,2})\s?([-/. ])\s?(\d{1,2})\s?(?:\2|')\s?(\d{4}|\d{2})\.?${time}$`),
  dayNameYear: new RegExp(
    String.raw`^(\d{1,2})(?:st|nd|rd|th|º|\.|er)?[-/. ]*(?:de |of )?\s*(\p{L}{3,12}\.?)(?: de)?[-/., ]*(\d{4}|\d{2})${time}$`,
    "u",
  ),
  nameDayYear: new RegExp(
    String.raw`^(\p{L}{3,12}\.?)[-/. ]*(\d{1,2})(?:st|nd|rd|th)?[-/., ]+(\d{4}|\d{2})${time}$`,
    "u",
  ),
  yearNameDay: new RegExp(String.raw`^(\d{4})[-/. ](\p{L}{3,12}\.?)[-/. ](\d{1,2})${time}$`, "u"),
};
const weekday = /^\p{L}{2,10}\.?,?\s+(?=\d)/u;

function written(text: string): Written | null {
  const cell = text
    .trim()
    .replace(/^="?(.*?)"?$/, "$1")
    .replace(/\s+/g, " ");
  if (cell.length < 6 || cell.length > 60) return null;
  const iso = patterns.iso.exec(cell);
  if (iso) return { kind: "fixed", year: Number(iso[1]), month: Number(iso[3]), day: Number(iso[4]), style: "ymd" };
  const compactDay = patterns.compactDayFirst.exec(cell);
  const compact = patterns.compact.exec(cell);
  if (compact && !(compactDay && !isDay(Number(compact[1]), Number(compact[2]), Number(compact[3])))) {
    return {
      kind: "fixed",
      year: Number(compact[1]),
      month: Number(compact[2]),
      day: Number(compact[3]),
      style: "ymd",
    };
  }
  if (compactDay)
    return {
      kind: "open",
      a: Number(compactDay[1]),
      b: Number(compactDay[2]),
      year: Number(compactDay[3]),
      isPlainlyDayFirst: false,
    };
  const open = patterns.open.exec(cell);
  if (open) {
    const year = century(open[4] ?? "");
    // Nobody who writes the month first separates with full stops.
    return year === null
      ? null
      : { kind: "open", a: Number(open[1]), b: Number(open[3]), year, isPlainlyDayFirst: open[2] === "." };
  }
  const yearFirst = patterns.yearNameDay.exec(cell);
  if (yearFirst) return named(yearFirst[1], yearFirst[2], yearFirst[3], "ymd");
  const dayFirst = patterns.dayNameYear.exec(cell.replace(weekday, ""));
  if (dayFirst) return named(dayFirst[3], dayFirst[2], dayFirst[1], "dmy");
  const nameFirst = patterns.nameDayYear.exec(cell);
  if (nameFirst) return named(nameFirst[3], nameFirst[1], nameFirst[2], "mdy");
  return null;
}

function named(
  yearText: string | undefined,
  name: string | undefined,
  dayText: string | undefined,
  style: DateStyle,
): Written | null {
  const month = monthOf(name ?? "");
  const year = century(yearText ?? "");
  return month === null || year === null ? null : { kind: "fixed", year, month, day: Number(dayText), style };
}

function isDay(year: number, month: number, day: number): boolean {
  if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (lengths[month - 1] ?? 0);
}

function toDate(year: number, month: number, day: number): LocalDate | null {
  if (!isDay(year, month, day)) return null;
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

/** Could this cell be a day in some style? For finding the date column. */
export function looksLikeDate(text: string): boolean {
  const parts = written(text);
  if (!parts) return false;
  if (parts.kind === "fixed") return isDay(parts.year, parts.month, parts.day);
  return isDay(parts.year, parts.b, parts.a) || isDay(parts.year, parts.a, parts.b);
}

/** The day in a cell, in the file's style. Gives bad_date with what is wrong; a spreadsheet's day number is offered as the day that it is. */
export function readDate(text: string, style: DateStyle): DateResult {
  const cell = text.trim();
  if (cell === "") return { ok: false, code: "bad_date", message: "There is no date." };
  const parts = written(cell);
  if (!parts) return { ok: false, code: "bad_date", message: serial(cell) ?? `"${cell.slice(0, 40)}" is not a date.` };
  const date =
    parts.kind === "fixed"
      ? toDate(parts.year, parts.month, parts.day)
      : style === "mdy"
        ? toDate(parts.year, parts.a, parts.b)
        : toDate(parts.year, parts.b, parts.a);
  if (date) return { ok: true, date };
  const order = parts.kind === "open" ? ` when read ${style === "mdy" ? "month first" : "day first"}` : "";
  return { ok: false, code: "bad_date", message: `"${cell.slice(0, 40)}" is not a day of the calendar${order}.` };
}

function serial(cell: string): string | null {
  if (!/^\d{5}$/.test(cell)) return null;
  const days = Number(cell);
  if (days < 20_000 || days > 80_000) return null;
  const day = new Date(Date.UTC(1899, 11, 30) + days * 86_400_000).toISOString().slice(0, 10);
  return `"${cell}" is a spreadsheet's day number (${day}). Format the column as a date and save again.`;
}

type StyleDecision = Readonly<{ style: DateStyle; isDecided: boolean }>;

/**
 * The style of a column. Decided where the cells name the month, begin with the year, separate with full stops, or where one
 * order gives impossible days. Else the order that keeps the days in sequence or closer together is suggested, else the country's.
 */
export function decideDateStyle(cells: readonly string[], country: string): StyleDecision {
  const parts = cells.map(written).filter((part) => part !== null);
  const open = parts.filter((part) => part.kind === "open");
  if (open.length === 0) return { style: parts.find((part) => part.kind === "fixed")?.style ?? "ymd", isDecided: true };
  if (open.some((part) => part.isPlainlyDayFirst)) return { style: "dmy", isDecided: true };
  const dayFirst = open.map((part) => toDate(part.year, part.b, part.a));
  const monthFirst = open.map((part) => toDate(part.year, part.a, part.b));
  // A cell that is a day in one order only decides it; one that is a day in neither is wrong whatever the order.
  const onlyDayFirst = open.filter((_, index) => dayFirst[index] !== null && monthFirst[index] === null).length;
  const onlyMonthFirst = open.filter((_, index) => dayFirst[index] === null && monthFirst[index] !== null).length;
  if (onlyDayFirst !== onlyMonthFirst) {
    const isDecided = onlyDayFirst === 0 || onlyMonthFirst === 0;
    return { style: onlyDayFirst > onlyMonthFirst ? "dmy" : "mdy", isDecided };
  }
  // 05/05 is the same day in both: then there is nothing to ask.
  if (open.every((part) => part.a === part.b)) return { style: "dmy", isDecided: true };
  const spanDayFirst = span(dayFirst);
  const spanMonthFirst = span(monthFirst);
  if (spanDayFirst !== spanMonthFirst)
    return { style: spanDayFirst < spanMonthFirst ? "dmy" : "mdy", isDecided: false };
  return { style: ["US", "PH", "PR", "GU"].includes(country) ? "mdy" : "dmy", isDecided: false };
}

/** Turns in the sequence weigh first, then the days between the first and the last. */
function span(dates: readonly (LocalDate | null)[]): number {
  const days = dates.filter((date) => date !== null).map((date) => Date.parse(`${date}T00:00:00Z`) / 86_400_000);
  if (days.length < 2) return 0;
  let up = 0;
  let down = 0;
  for (let index = 1; index < days.length; index += 1) {
    const step = (days[index] ?? 0) - (days[index - 1] ?? 0);
    if (step > 0) up += 1;
    if (step < 0) down += 1;
  }
  const lowest = days.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const highest = days.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return Math.min(up, down) * 100_000 + (highest - lowest);
}
