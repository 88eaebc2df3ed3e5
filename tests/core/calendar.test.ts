/** The edges of the calendar, and what is said of a day or a time that is none. */
import { describe, expect, test } from "vitest";
import * as dates from "../../lib/core/dates";
import { Refusal } from "../../lib/core/errors";

function refusalOf(work: () => unknown): readonly [code: string, message: string] {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return [error.code, error.message];
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("days", () => {
  test("are counted from 1970, over leap years, centuries and eras", () => {
    expect(
      ["1970-01-01", "1969-12-31", "1970-03-01", "2000-02-29", "2000-03-01", "1900-01-01", "9999-12-31"].map(
        dates.dayNumber,
      ),
    ).toEqual([0n, -1n, 59n, 11_016n, 11_017n, -25_567n, 2_932_896n]);
    // The calendar reaches back beyond what the books take: year 0 has a leap day.
    expect([dates.dayNumber("0000-02-29"), dates.dayNumber("0000-03-01")]).toEqual([-719_469n, -719_468n]);
  });

  test("lie between 1900 and 9999, both ends included", () => {
    expect(dates.addDays("1900-01-02", -1)).toBe("1900-01-01");
    expect(dates.addDays("9999-12-30", 1n)).toBe("9999-12-31");
    const outside = ["bad_date", "A day lies between 1900-01-01 and 9999-12-31."];
    expect(refusalOf(() => dates.addDays("1900-01-01", -1))).toEqual(outside);
    expect(refusalOf(() => dates.addDays("9999-12-31", 1))).toEqual(outside);
    expect(dates.parseLocalDate("1900-01-01")).toBe("1900-01-01");
  });

  test.each(["01", "03", "05", "07", "08", "10", "12"])("month %s has a 31st", (month) => {
    expect(dates.parseLocalDate(`2025-${month}-31`)).toBe(`2025-${month}-31`);
    expect(dates.endOfMonth(`2025-${month}`)).toBe(`2025-${month}-31`);
  });
  test.each(["04", "06", "09", "11"])("month %s has none", (month) => {
    expect(dates.parseLocalDate(`2025-${month}-30`)).toBe(`2025-${month}-30`);
    expect(dates.endOfMonth(`2025-${month}`)).toBe(`2025-${month}-30`);
    expect(() => dates.parseLocalDate(`2025-${month}-31`)).toThrow("is not a day");
  });
  test("only a leap year has a 29th of February", () => {
    expect(["1900", "2000", "2023", "2024", "2100"].map((year) => dates.endOfMonth(`${year}-02`).slice(8))).toEqual([
      "28",
      "29",
      "28",
      "29",
      "28",
    ]);
  });

  test.each([
    "2025-01-32",
    "2025-01-001",
    "x2025-01-01",
    "2025-01-01x",
    "2025-1-01",
    "12025-01-01",
    "abc2012-05-06",
    "9999-12-99",
    "2025-01-1",
  ])("%j is none", (text) => {
    expect(refusalOf(() => dates.parseLocalDate(text))).toEqual([
      "bad_date",
      `“${text}” is not a day. Write it as year, month and day: 2026-03-31.`,
    ]);
  });
  test("a long text is cut in what is said of it", () => {
    expect(refusalOf(() => dates.parseLocalDate("x".repeat(99)))[1]).toMatch(/^“x{40}” is not a day/);
  });

  test("begin and end months and tax years", () => {
    expect([dates.monthOf("2025-07-31"), dates.startOfMonth("2025-07"), dates.endOfMonth("2025-07-01")]).toEqual([
      "2025-07",
      "2025-07-01",
      "2025-07-31",
    ]);
    expect(dates.daysBetween("2025-03-01", "2025-02-27")).toBe(-2n);
    expect(["2025-06-30", "2025-07-01", "2025-12-31"].map((day) => dates.taxYearOf(day, 7))).toEqual([
      2024, 2025, 2025,
    ]);
    expect(dates.taxYearRange(2023, 3)).toEqual({ from: "2023-03-01", to: "2024-02-29" });
    expect(dates.taxYearRange(2023, 12)).toEqual({ from: "2023-12-01", to: "2024-11-30" });
  });
});

describe("instants", () => {
  test("are microseconds since 1970, finer digits cut off", () => {
    expect(
      [
        "1970-01-01T00:00:00Z",
        "1970-01-01t00:00:01z",
        "1970-01-01 00:01Z",
        "1970-01-01T00:00:00.000001Z",
        "1970-01-01T00:00:00,25Z",
        "1970-01-01T00:00:00.1234567Z",
        "1970-01-01T00:00:00.123456789012345678Z",
        "1970-01-02T00:00:00Z",
        "1969-12-31T23:59:59.999999Z",
        "1970-01-01T23:59:59Z",
      ].map(dates.instantOf),
    ).toEqual([0n, 1_000_000n, 60_000_000n, 1n, 250_000n, 123_456n, 123_456n, 86_400_000_000n, -1n, 86_399_000_000n]);
  });

  test("are as far from UTC as their offset says", () => {
    const hours = (offset: string) => dates.instantOf(`1970-01-01T12:00:00${offset}`) / 60_000_000n;
    expect(["+00:00", "-00:00", "+05:30", "+0530", "+05", "-08", "\u221208:15", "+23:59", "-23:59"].map(hours)).toEqual(
      [720n, 720n, 390n, 390n, 420n, 1200n, 1215n, 720n - 1439n, 720n + 1439n],
    );
  });

  test.each([
    "1970-01-01T24:00:00Z",
    "1970-01-01T00:60:00Z",
    "1970-01-01T00:00:60Z",
    "1970-01-01T00:00:00+24:00",
    "1970-01-01T00:00:00+00:60",
    "1970-01-01T00:00:00.Z",
    "1970-01-01T00:00:00.1234567890123456789Z",
    "1970-01-01T00:00:00.5",
    "1970-01-01T00Z",
    "1970-01-01T0:00Z",
    "1970-01-01T00:00:00Z ",
    " 1970-01-01T00:00:00Z",
    "1970-01-01T00:00:00+5",
    "1970-01-01T00:00:00ZZ",
    "1970-01-01_00:00:00Z",
  ])("%j is none", (text) => {
    expect(refusalOf(() => dates.instantOf(text))).toEqual([
      "bad_date",
      `“${text.slice(0, 40)}” is not a time. Write it with its offset from UTC: 2026-03-31T23:30:00+02:00.`,
    ]);
  });
  test("a day that does not exist is named as such; a long text is cut", () => {
    expect(refusalOf(() => dates.instantOf("1970-02-30T00:00:00Z"))[1]).toContain("“1970-02-30” is not a day");
    expect(refusalOf(() => dates.instantOf("x".repeat(99)))[1]).toMatch(/^“x{40}” is not a time/);
  });

  test("are written in UTC with the digits that they need", () => {
    expect(
      [0n, -1n, -86_400_000_000n, 1n, 100_000n, 86_399_999_999n, 3_661_000_000n, 951_782_400_000_000n].map(dates.isoOf),
    ).toEqual([
      "1970-01-01T00:00:00Z",
      "1969-12-31T23:59:59.999999Z",
      "1969-12-31T00:00:00Z",
      "1970-01-01T00:00:00.000001Z",
      "1970-01-01T00:00:00.1Z",
      "1970-01-01T23:59:59.999999Z",
      "1970-01-01T01:01:01Z",
      "2000-02-29T00:00:00Z",
    ]);
  });
});

describe("the day where the seller lives", () => {
  const day = (text: string, zone: string) => dates.localDateOf(dates.instantOf(text), zone);

  test("is asked of the zone by the hour, and by the moment in an hour that two days share", () => {
    // Kathmandu is 5:45 ahead: its midnight lies inside an hour of UTC. Asked twice, and from both ends of the hour.
    for (const _ of [1, 2]) {
      expect(day("2025-05-01T18:14:59.999999Z", "Asia/Kathmandu")).toBe("2025-05-01");
      expect(day("2025-05-01T18:15:00Z", "Asia/Kathmandu")).toBe("2025-05-02");
      expect(day("2025-05-01T18:00:00Z", "Asia/Kathmandu")).toBe("2025-05-01");
      expect(day("2025-05-01T18:59:59.999Z", "Asia/Kathmandu")).toBe("2025-05-02");
    }
    expect(day("1969-12-31T23:59:59.999999Z", "UTC")).toBe("1969-12-31");
    expect(day("1969-12-31T23:59:59.999999Z", "Asia/Kathmandu")).toBe("1970-01-01");
    expect(day("1965-01-01T00:00:00Z", "America/New_York")).toBe("1964-12-31");
  });

  test("has a year of four digits, however long ago", () => {
    const noon = dates.dayNumber("0999-06-01") * 86_400_000_000n + 43_200_000_000n;
    expect(dates.localDateOf(noon, "UTC")).toBe("0999-06-01");
  });

  test("is never taken from another zone", () => {
    expect(["UTC", "Asia/Tokyo", "America/New_York"].map((zone) => day("2025-05-01T20:30:00Z", zone))).toEqual([
      "2025-05-01",
      "2025-05-02",
      "2025-05-01",
    ]);
  });

  test("is refused for a zone that nobody knows", () => {
    expect(refusalOf(() => dates.localDateOf(0n, "Mars/Olympus"))).toEqual([
      "unknown_time_zone",
      "“Mars/Olympus” is not a time zone that we know. Use a name such as America/New_York.",
    ]);
    expect(refusalOf(() => dates.localDateOf(0n, "x".repeat(99)))[1]).toMatch(/^“x{40}” is not a time zone/);
  });
});
