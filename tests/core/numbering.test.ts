/** Numbers of documents: what they look like, and which forms are refused. */
import { describe, expect, it, test } from "vitest";
import { Refusal } from "../../lib/core/errors";
import { checkForm, numberOf, type SeriesForm, seriesKinds, usualForm } from "../../lib/core/numbering";

const form = (prefix: string, digits = 4, hasYear = true): SeriesForm => ({ prefix, digits, hasYear });
const refusal = (typed: SeriesForm) => {
  try {
    checkForm(typed);
  } catch (error) {
    if (error instanceof Refusal) return [error.code, error.detail.field];
    throw error;
  }
  return null;
};

test("a number names its kind, its tax year and its place", () => {
  expect(numberOf(form("INV"), 2026, 42)).toBe("INV-2026-0042");
  expect(numberOf(form("INV", 3, false), 2026, 42)).toBe("INV-042");
  expect(numberOf(form("", 5), 2026, 1)).toBe("2026-00001");
  expect(numberOf(form("", 5, false), 2026, 1)).toBe("00001");
  expect(numberOf(form("A", 3), 2026, 12_345)).toBe("A-2026-12345");
});

test("every kind has a form of its own that stands", () => {
  expect(seriesKinds.map((kind) => checkForm(usualForm(kind)))).toEqual(seriesKinds.map(usualForm));
  // What stands on papers that were sent: not changed but by the business.
  expect(seriesKinds.map((kind) => usualForm(kind).prefix)).toEqual(["INV", "CN", "DN", "TR", "ADJ", "PR", "CS", "PO"]);
  expect(numberOf(usualForm("transfer"), 2026, 1)).toBe("TR-2026-0001");
});

describe("a form", () => {
  it("is kept in capitals, without spaces around it", () => {
    expect(checkForm(form(" in/v-a ", 3))).toEqual(form("IN/V-A", 3));
    expect(checkForm(form("", 8, false))).toEqual(form("", 8, false));
  });
  it("is refused with words that say what may be", () => {
    expect(() => checkForm(form("A_B"))).toThrow("Letters A to Z and digits, with - or / between them");
    expect(() => checkForm(form("A-2026"))).toThrow("Four digits at its end would read as a year.");
    expect(() => checkForm(form("A", 2))).toThrow("The count has 3 to 8 digits.");
    expect(() => checkForm(form("ABCDEFG"))).toThrow("A number has at most 16 characters. Take fewer letters");
  });
  it.each(["INV ", "7", "A-123", "A12345", "2026-B"])("takes %s", (prefix) => {
    expect(checkForm(form(prefix, 3)).prefix).toBe(prefix.trim());
  });
  it.each(["-A", "A-", "/A", "A/", "A B", "É", "A_B", "A.", "№", "А"])("refuses %s", (prefix) => {
    expect(refusal(form(prefix))).toEqual(["bad_field", "prefix"]);
  });
  it.each(["2026", "A-2026", "A-0000"])("refuses %s, which ends as a year does", (prefix) => {
    expect(refusal(form(prefix, 3, false))).toEqual(["bad_field", "prefix"]);
  });
  it("has a number of at most 16 characters", () => {
    expect(refusal(form("ABCDEF", 4))).toBeNull();
    expect(refusal(form("ABCDEFG", 4))).toEqual(["text_too_long", "prefix"]);
    expect(refusal(form("ABCDEFGHIJK", 4, false))).toBeNull();
    expect(refusal(form("ABCDEFGHIJKL", 4, false))).toEqual(["text_too_long", "prefix"]);
  });
  it("counts with three to eight digits", () => {
    expect([2, 3, 8, 9, Number.NaN].map((digits) => refusal(form("A", digits)))).toEqual([
      ["out_of_range", "digits"],
      null,
      null,
      ["out_of_range", "digits"],
      ["out_of_range", "digits"],
    ]);
  });
});
