/** Periods as the address holds them and as people read them. */
import { addDays, taxYearOf } from "@/lib/core/dates";
import { Refusal } from "@/lib/core/errors";
import {
  type Days,
  daysPeriod,
  monthPeriod,
  type Period,
  parsePeriod,
  periodKey,
  quarterOf,
  yearPeriod,
} from "@/lib/core/reports/periods";
import type { Scope } from "@/lib/people/access";
import type { SearchParams } from "../../ui/address";
import { dayText, monthText } from "../../ui/days";
import { typedDay } from "../../ui/typed";

/** The period of a report: what the address asks for, or the tax year of today; `problem` says why what it asks for cannot be read. */
export type Chosen = Readonly<{ period: Period; problem: string | null }>;

const one = (value: string | string[] | undefined): string =>
  (Array.isArray(value) ? (value[0] ?? "") : (value ?? "")).trim();

/** Reads `period=2026-q3`, or the form's `from` and `to`, which may be written as people write days. */
export function periodOf(params: SearchParams, scope: Scope, today: string): Chosen {
  const now = yearPeriod(taxYearOf(today, scope.taxYearStartMonth), scope.taxYearStartMonth);
  const [key, from, to] = [one(params.period), one(params.from), one(params.to)];
  try {
    if (from !== "" || to !== "")
      return {
        period: daysPeriod(
          from === "" ? now.from : dayOf(from, scope, today),
          to === "" ? today : dayOf(to, scope, today),
        ),
        problem: null,
      };
    return { period: key === "" ? now : parsePeriod(key, scope.taxYearStartMonth), problem: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { period: now, problem: error.message };
  }
}

/** A day as somebody typed it. @throws Refusal `bad_date` */
export function dayOf(text: string, scope: Scope, today: string): string {
  const read = typedDay(text, today, scope.country === "US" ? "month first" : "day first");
  if ("wrong" in read) throw new Refusal("bad_date", read.wrong);
  return read.value;
}

/** `2026`, `2026/27` for a tax year that begins within a year, `Jul to Sep 2026`, `November 2026`, `1 Jan to 21 Nov 2026`. */
export function periodText(period: Period): string {
  switch (period.kind) {
    case "year":
      return period.from.slice(0, 4) === period.to.slice(0, 4)
        ? `${period.year}`
        : `${period.year}/${period.to.slice(2, 4)}`;
    case "quarter":
      return `${monthOf(period.from)} to ${monthOf(period.to)} ${period.to.slice(0, 4)}`;
    case "month":
      return `${monthOf(period.from)} ${period.year}`;
    default:
      return daysText(period);
  }
}

const monthOf = (day: string) => monthText(Number(day.slice(5, 7)));

/** Where a period begins that has no beginning: before all books. */
export const beginning = "1900-01-01";

/** `1 Jan to 21 Nov 2026`; `all until 31 Dec 2025` from the beginning on. */
export function daysText({ from, to }: Days): string {
  if (from === beginning) return `all until ${dayText(to)}`;
  return from === to ? dayText(from) : `${dayText(from, Number(to.slice(0, 4)))} to ${dayText(to)}`;
}

/** The head of a month's column: `Nov`, `Nov to 21` while it lasts, `21 to 30 Nov`; with its year where there are several. */
export function monthHead({ from, to }: Days, whole: Days): string {
  const month = monthOf(from);
  const year = whole.from.slice(0, 4) === whole.to.slice(0, 4) ? "" : ` ${from.slice(2, 4)}`;
  const starts = from.endsWith("-01");
  const ends = addDays(to, 1).endsWith("-01");
  if (starts && ends) return `${month}${year}`;
  if (starts) return `${month} to ${Number(to.slice(8))}${year}`;
  return `${Number(from.slice(8))} to ${Number(to.slice(8))} ${month}${year}`;
}

/** The periods that one is likely to want, by name. */
export function usualPeriods(scope: Scope, today: string): readonly Readonly<{ label: string; key: string }>[] {
  const start = scope.taxYearStartMonth;
  const year = yearPeriod(taxYearOf(today, start), start);
  const month = monthPeriod(today);
  const quarter = quarterOf(today, start);
  const usual = [
    year,
    yearPeriod(year.year - 1, start),
    quarter,
    quarterOf(addDays(quarter.from, -1), start),
    month,
    monthPeriod(addDays(month.from, -1)),
  ];
  return usual.map((period) => ({ label: periodText(period), key: periodKey(period) }));
}
