/**
 * The periods of reports: named (a tax year, one of its quarters, a month) or from one day to another. They are held in addresses as
 * text, so reading and writing them is one pure pair here. Sums of whole months are kept (account_months); `partsOf` says which
 * months of a period are whole and which days stand over at its two ends.
 */
import {
  addDays,
  daysBetween,
  endOfMonth,
  nextDay,
  parseLocalDate,
  startOfMonth,
  taxYearOf,
  taxYearRange,
} from "../dates";
import { Refusal } from "../errors";
import type { LocalDate } from "../facts";

export type Days = Readonly<{ from: LocalDate; to: LocalDate }>;

/** `number` is the quarter (1 to 4) or month (1 to 12, of the calendar); for a span of days there is none. */
export type Period = Days &
  Readonly<{ kind: "year" | "quarter" | "month" | "days"; year: number; number: number | null }>;

/** The tax year that begins in `year`. */
export function yearPeriod(year: number, startMonth: number): Period {
  return { kind: "year", year, number: null, ...taxYearRange(year, startMonth) };
}

/** One of the four quarters of the tax year that begins in `year`. */
export function quarterPeriod(year: number, quarter: number, startMonth: number): Period {
  const from = monthsAfter(taxYearRange(year, startMonth).from, BigInt(quarter - 1) * 3n);
  return { kind: "quarter", year, number: quarter, from, to: endOfMonth(monthsAfter(from, 2n)) };
}

/** The month that a day lies in. */
export function monthPeriod(day: LocalDate): Period {
  const month = Number.parseInt(day.slice(5, 7), 10);
  const year = Number.parseInt(day.slice(0, 4), 10);
  return { kind: "month", year, number: month, from: startOfMonth(day), to: endOfMonth(day) };
}

/** The quarter of the tax year that a day lies in. */
export function quarterOf(day: LocalDate, startMonth: number): Period {
  const year = taxYearOf(day, startMonth);
  for (const quarter of [1, 2, 3]) {
    const period = quarterPeriod(year, quarter, startMonth);
    if (day <= period.to) return period;
  }
  return quarterPeriod(year, 4, startMonth);
}

/** From one day to another, both included. @throws Refusal `out_of_range` where the last lies before the first */
export function daysPeriod(from: LocalDate, to: LocalDate): Period {
  if (to < from) throw new Refusal("out_of_range", "The last day lies before the first.", { field: "to" });
  return { kind: "days", year: Number.parseInt(from.slice(0, 4), 10), number: null, from, to };
}

/** `2026`, `2026-q3`, `2026-11`, or `2026-01-01..2026-11-21`: how an address names a period. */
export function periodKey(period: Period): string {
  switch (period.kind) {
    case "year":
      return `${period.year}`;
    case "quarter":
      return `${period.year}-q${period.number}`;
    case "month":
      return period.from.slice(0, 7);
    default:
      return `${period.from}..${period.to}`;
  }
}

/**
 * Reads what `periodKey` writes.
 * @throws Refusal `bad_date` or `out_of_range`
 */
export function parsePeriod(key: string, startMonth: number): Period {
  const [from, to] = key.split("..");
  if (from !== undefined && to !== undefined) return daysPeriod(parseLocalDate(from), parseLocalDate(to));
  const named = /^(19[0-9]{2}|[2-9][0-9]{3})(?:-(?:q([1-4])|(0[1-9]|1[0-2])))?$/.exec(key);
  if (named === null) throw new Refusal("bad_date", `“${key.slice(0, 40)}” is not a period. Choose one from the list.`);
  const year = Number.parseInt(named[1] ?? "", 10);
  if (year >= 9999) throw new Refusal("bad_date", "A period lies between the years 1900 and 9998.");
  if (named[2] !== undefined) return quarterPeriod(year, Number.parseInt(named[2], 10), startMonth);
  if (named[3] !== undefined) return monthPeriod(`${named[1]}-${named[3]}-01`);
  return yearPeriod(year, startMonth);
}

/** The period of the same length just before: the year before, the quarter before, as many days before. */
export function periodBefore(period: Period, startMonth: number): Period {
  switch (period.kind) {
    case "year":
      return yearPeriod(period.year - 1, startMonth);
    case "quarter":
      return period.number === 1 || period.number === null
        ? quarterPeriod(period.year - 1, 4, startMonth)
        : quarterPeriod(period.year, period.number - 1, startMonth);
    case "month":
      return monthPeriod(addDays(period.from, -1));
    default: {
      const to = addDays(period.from, -1);
      return daysPeriod(addDays(to, -daysBetween(period.from, period.to)), to);
    }
  }
}

/** The months of a period in their order, the first and the last cut at the period's days. */
export function monthsOf(period: Days): readonly Days[] {
  const months: Days[] = [];
  let from = period.from;
  while (from <= period.to) {
    const end = endOfMonth(from);
    const to = end < period.to ? end : period.to;
    months.push({ from, to });
    from = nextDay(to);
  }
  return months;
}

/** The first days of a period's first and last whole month (null where it has none), and the days that stand over. */
export type Parts = Readonly<{ months: Readonly<{ first: LocalDate; last: LocalDate }> | null; days: readonly Days[] }>;

/** Divides a period into whole months and the days that stand over before and after them. */
export function partsOf(period: Days): Parts {
  const begins = period.from === startOfMonth(period.from);
  const ends = period.to === endOfMonth(period.to);
  const first = begins ? period.from : nextDay(endOfMonth(period.from));
  const last = ends ? startOfMonth(period.to) : startOfMonth(addDays(startOfMonth(period.to), -1));
  if (first > last) return { months: null, days: monthsOf(period) };
  const head = begins ? [] : [{ from: period.from, to: addDays(first, -1) }];
  const tail = ends ? [] : [{ from: startOfMonth(period.to), to: period.to }];
  return { months: { first, last }, days: [...head, ...tail] };
}

/** The first day of the month `count` months after the one that `day` lies in. */
function monthsAfter(day: LocalDate, count: bigint): LocalDate {
  let month = startOfMonth(day);
  for (let i = 0n; i < count; i += 1n) month = nextDay(endOfMonth(month));
  return month;
}
