import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addDays, daysBetween, endOfMonth, nextDay, startOfMonth } from "../../lib/core/dates";
import { Refusal } from "../../lib/core/errors";
import {
  daysPeriod,
  monthPeriod,
  monthsOf,
  parsePeriod,
  partsOf,
  periodBefore,
  periodKey,
  quarterOf,
  quarterPeriod,
  yearPeriod,
} from "../../lib/core/reports/periods";

const day = fc.integer({ min: 0, max: 60_000 }).map((n) => addDays("1950-01-01", n));
const span = fc.tuple(day, fc.integer({ min: 0, max: 900 })).map(([from, n]) => ({ from, to: addDays(from, n) }));
const startMonth = fc.integer({ min: 1, max: 12 });

describe("a period", () => {
  test("is a tax year, a quarter of it, a month, or some days", () => {
    expect(yearPeriod(2026, 4)).toMatchObject({ from: "2026-04-01", to: "2027-03-31" });
    expect(quarterPeriod(2026, 1, 4)).toMatchObject({ from: "2026-04-01", to: "2026-06-30" });
    expect(quarterPeriod(2026, 4, 4)).toMatchObject({ from: "2027-01-01", to: "2027-03-31" });
    expect(monthPeriod("2024-02-11")).toMatchObject({ from: "2024-02-01", to: "2024-02-29" });
    expect(() => daysPeriod("2026-02-02", "2026-02-01")).toThrow(Refusal);
  });

  test("comes back from its address as it was", () => {
    fc.assert(
      fc.property(day, startMonth, span, (on, start, { from, to }) => {
        for (const period of [yearPeriod(1990, start), quarterOf(on, start), monthPeriod(on), daysPeriod(from, to)])
          expect(parsePeriod(periodKey(period), start)).toEqual(period);
      }),
    );
  });

  test.each(["", "26", "2026-13", "2026-q5", "2026-Q1", "9999", "2026-01-01..", "2026-01-01..2026-02-30", "1899"])(
    "is not read from %j",
    (key) => {
      expect(() => parsePeriod(key, 1)).toThrow(Refusal);
    },
  );

  test("follows the one before it without a gap, and named ones are of the same kind", () => {
    fc.assert(
      fc.property(day, startMonth, span, (on, start, { from, to }) => {
        for (const period of [quarterOf(on, start), monthPeriod(on), yearPeriod(2001, start), daysPeriod(from, to)]) {
          const before = periodBefore(period, start);
          expect(nextDay(before.to)).toBe(period.from);
          expect(before.kind).toBe(period.kind);
          if (period.kind === "days")
            expect(daysBetween(before.from, before.to)).toBe(daysBetween(period.from, period.to));
        }
      }),
    );
  });

  test("a day lies in its quarter", () => {
    fc.assert(
      fc.property(day, startMonth, (on, start) => {
        const { from, to } = quarterOf(on, start);
        expect(from <= on && on <= to).toBe(true);
      }),
    );
  });
});

describe("whole months and the days over", () => {
  test("cover a period once, in order, and only whole months are months", () => {
    fc.assert(
      fc.property(span, (period) => {
        const { months, days } = partsOf(period);
        const pieces = [
          ...days,
          ...(months === null ? [] : [{ from: months.first, to: endOfMonth(months.last) }]),
        ].sort((a, b) => (a.from < b.from ? -1 : 1));
        let next = period.from;
        for (const { from, to } of pieces) {
          expect(from).toBe(next);
          expect(to >= from).toBe(true);
          next = nextDay(to);
        }
        expect(next).toBe(nextDay(period.to));
        expect(days.length).toBeLessThanOrEqual(2);
        // What stands over lies within one month each, and is never a whole one.
        for (const { from, to } of days) {
          expect(startOfMonth(from)).toBe(startOfMonth(to));
          expect(from === startOfMonth(from) && to === endOfMonth(to)).toBe(false);
        }
      }),
    );
  });

  test("months follow each other and cover the period", () => {
    fc.assert(
      fc.property(span, (period) => {
        const months = monthsOf(period);
        expect(months[0]?.from).toBe(period.from);
        expect(months.at(-1)?.to).toBe(period.to);
        for (const [at, month] of months.entries()) {
          expect(startOfMonth(month.from)).toBe(startOfMonth(month.to));
          if (at > 0) expect(nextDay(months[at - 1]?.to ?? "")).toBe(month.from);
        }
      }),
    );
  });
});
