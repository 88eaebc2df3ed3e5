import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as dates from "../../lib/core/dates";
import { lineOfUnmatchedGroup, unmatchedGroup } from "../../lib/core/ids";

const anyDay = fc
  .date({ min: new Date("1900-01-01T00:00:00Z"), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

describe("days", () => {
  test.each([
    "2026-02-30",
    "2026-02-29",
    "1900-02-29",
    "0000-00-00",
    "1899-12-31",
    "20226-01-01",
    "2026-1-1",
    "2026/01/01",
    "46023",
    "",
    "2026-04-31",
    "2026-13-01",
    "2026-00-10",
    "2026-01-00",
    " 2026-01-01",
    "2026-01-01T00:00",
  ])("%j is refused", (text) => {
    expect(() => dates.parseLocalDate(text)).toThrow("is not a day");
  });

  test("leap days are days", () => {
    expect(["2024-02-29", "2000-02-29", "9999-12-31"].map(dates.parseLocalDate)).toHaveLength(3);
  });

  test("go on and back as the calendar does", () => {
    expect(dates.nextDay("2024-02-28")).toBe("2024-02-29");
    expect(dates.nextDay("2025-12-31")).toBe("2026-01-01");
    expect(dates.addDays("2025-03-01", -1)).toBe("2025-02-28");
    expect(dates.endOfMonth("2024-02-10")).toBe("2024-02-29");
    expect(dates.endOfMonth("2025-12")).toBe("2025-12-31");
    expect(dates.startOfMonth("2025-12-09")).toBe("2025-12-01");
    expect(dates.monthOf("2025-12-09")).toBe("2025-12");
    expect(() => dates.nextDay("9999-12-31")).toThrow("A day lies between");
  });

  test("agree with an independent calendar on any day and distance", () => {
    fc.assert(
      fc.property(anyDay, fc.integer({ min: -400, max: 400 }), (day, distance) => {
        expect(dates.parseLocalDate(day)).toBe(day);
        const moved = new Date(Date.parse(day) + distance * 86_400_000).toISOString().slice(0, 10);
        fc.pre(moved >= "1900" && moved.length === 10);
        expect(dates.addDays(day, distance)).toBe(moved);
        expect(dates.daysBetween(day, moved)).toBe(BigInt(distance));
      }),
    );
  });

  test("belong to the tax year that they lie in", () => {
    expect([dates.taxYearOf("2025-03-31", 4), dates.taxYearOf("2025-04-01", 4)]).toEqual([2024, 2025]);
    expect(dates.taxYearRange(2025, 4)).toEqual({ from: "2025-04-01", to: "2026-03-31" });
    expect(dates.taxYearRange(2025, 1)).toEqual({ from: "2025-01-01", to: "2025-12-31" });
    expect(dates.taxYearOf("2025-12-31", 1)).toBe(2025);
  });
});

describe("instants", () => {
  test("are the same moment whatever offset they are written with", () => {
    const moment = dates.instantOf("2026-03-31T21:30:00Z");
    expect(dates.instantOf("2026-03-31T23:30:00+02:00")).toBe(moment);
    expect(dates.instantOf("2026-03-31T17:00-0430")).toBe(moment);
    expect(dates.instantOf("2026-04-01T02:30:00.000000999+05")).toBe(moment);
    expect(dates.isoOf(moment)).toBe("2026-03-31T21:30:00Z");
    expect(dates.isoOf(dates.instantOf("1969-12-31T23:59:59.5Z"))).toBe("1969-12-31T23:59:59.5Z");
  });

  test.each([
    "2026-03-31",
    "2026-03-31T21:30:00",
    "2026-03-31T24:00:00Z",
    "2026-02-30T10:00:00Z",
    "now",
    "2026-03-31T21:60Z",
  ])("%j is refused", (text) => {
    expect(() => dates.instantOf(text)).toThrow("is not a");
  });

  test("agree with an independent reader", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("1900-01-02"), max: new Date("9998-12-31"), noInvalidDate: true }),
        (date) => {
          const instant = dates.instantOf(date.toISOString());
          expect(instant).toBe(BigInt(date.getTime()) * 1000n);
          expect(dates.instantOf(dates.isoOf(instant))).toBe(instant);
        },
      ),
    );
  });

  test("fall on the day that it is where the seller lives, across clock changes and far from UTC", () => {
    const day = (text: string, zone: string) => dates.localDateOf(dates.instantOf(text), zone);
    expect(day("2026-03-09T03:30:00Z", "America/New_York")).toBe("2026-03-08");
    expect(day("2026-03-09T04:00:00Z", "America/New_York")).toBe("2026-03-09");
    expect(day("2026-03-08T04:59:59.999999Z", "America/New_York")).toBe("2026-03-07");
    expect(day("2026-03-08T05:00:00Z", "America/New_York")).toBe("2026-03-08");
    expect(day("2026-01-01T18:29:59Z", "Asia/Kolkata")).toBe("2026-01-01");
    expect(day("2026-01-01T18:30:00Z", "Asia/Kolkata")).toBe("2026-01-02");
    expect(day("2026-01-01T18:14:59Z", "Asia/Kathmandu")).toBe("2026-01-01");
    expect(day("2026-01-01T18:15:00Z", "Asia/Kathmandu")).toBe("2026-01-02");
    expect(day("2011-12-30T09:59:59Z", "Pacific/Apia")).toBe("2011-12-29");
    expect(day("2011-12-30T10:00:00Z", "Pacific/Apia")).toBe("2011-12-31");
    expect(() => day("2026-01-01T00:00:00Z", "Mars/Olympus")).toThrow("is not a time zone");
  });
});

describe("the first instant of a day", () => {
  const start = (day: string, zone: string) => dates.isoOf(dates.startOfDay(day, zone));

  test("is midnight there, in winter and in summer, ahead of UTC and behind it", () => {
    expect(start("2026-01-05", "America/New_York")).toBe("2026-01-05T05:00:00Z");
    expect(start("2026-07-05", "America/New_York")).toBe("2026-07-05T04:00:00Z");
    expect(start("2026-01-01", "Pacific/Kiritimati")).toBe("2025-12-31T10:00:00Z");
    expect(start("2026-01-01", "Asia/Kathmandu")).toBe("2025-12-31T18:15:00Z");
    expect(start("2026-01-01", "Etc/GMT+12")).toBe("2026-01-01T12:00:00Z");
  });

  test("is one in the morning where the clock is put forward at midnight", () => {
    expect(start("2018-11-04", "America/Sao_Paulo")).toBe("2018-11-04T03:00:00Z");
  });

  test("is of its day, and the microsecond before it is not", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 20_000 }),
        fc.constantFrom("UTC", "Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe", "Asia/Kolkata"),
        (days, zone) => {
          const day = dates.addDays("1990-01-01", days);
          const at = dates.startOfDay(day, zone);
          expect(dates.localDateOf(at, zone)).toBe(day);
          expect(dates.localDateOf(at - 1n, zone) < day).toBe(true);
        },
      ),
    );
  });
});

test("a group without an item is never an item's id", () => {
  expect(lineOfUnmatchedGroup(unmatchedGroup("o1-1"))).toBe("o1-1");
  expect(lineOfUnmatchedGroup("o1-1")).toBeNull();
});
