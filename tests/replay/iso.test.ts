/** Times of a file of facts: whatever ISO 8601 writes of a calendar day with an offset, read by the product and by the second implementation. */
import { expect, test } from "vitest";
import { isoOf } from "../../lib/core/dates";
import { parseFact } from "../../lib/replay/parse";
import { when } from "./naive/time";
import { refusal } from "./naive/words";

const order = (at: string) => ({ kind: "order", id: "o", channel: "web", at, lines: [] });

test.each([
  ["20250302T100000Z", "2025-03-02T10:00:00Z"],
  ["20250302T1000Z", "2025-03-02T10:00:00Z"],
  ["20250302T10Z", "2025-03-02T10:00:00Z"],
  ["20250302T153000,25+0530", "2025-03-02T10:00:00.25Z"],
  ["20250302T05-05", "2025-03-02T10:00:00Z"],
  ["2025-03-02T10Z", "2025-03-02T10:00:00Z"],
  ["2025-03-02T24:00:00Z", "2025-03-03T00:00:00Z"],
  ["2025-12-31T24:00:00.000+05:30", "2025-12-31T18:30:00Z"],
  ["20241231T24Z", "2025-01-01T00:00:00Z"],
  ["2025-03-02T10:00:00.00000099999Z", "2025-03-02T10:00:00Z"],
  ["2025-03-02T10:00:00.1234567890123456789012345Z", "2025-03-02T10:00:00.123456Z"],
])("%s is %s", (at, instant) => {
  const parsed = parseFact(order(at), "UTC");
  const found = parsed.kind === "fact" && parsed.fact.kind === "order" ? parsed.fact.when : null;
  expect([found?.on, isoOf(found?.at ?? 0n)]).toEqual([instant.slice(0, 10), instant]);
  expect(when(at, "UTC")).toEqual({ date: found?.on, time: found?.at });
});

test.each([
  "2025-03-02T24:00:01Z",
  "2025-03-02T24:00:00.1Z",
  "2025-03-02T24:30Z",
  "2025-03-02T25:00:00Z",
  "20250230T100000Z",
  "20250302T10000Z",
  "20250302T100000",
  "2025-03-02T10:00:00",
  "20250302",
])("%s is refused", (at) => {
  expect(() => parseFact(order(at), "UTC")).toThrow(expect.objectContaining({ code: "bad_date" }));
  expect(refusal([order(at)])).toBe("1 bad_field");
});

test("no day of the books is after the year 9999", () => {
  for (const at of ["9999-12-31T24:00:00Z", "9999-12-31T23:00:00-05:00"])
    expect(() => parseFact(order(at), "UTC")).toThrow(expect.objectContaining({ code: "bad_date" }));
});
