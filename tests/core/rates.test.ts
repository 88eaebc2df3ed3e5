/** Rates as people and banks write them, the rate that counts on a day, and days that wait for one. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Refusal } from "../../lib/core/errors";
import { MAX_MINOR } from "../../lib/core/money";
import { crossRate, formatRate, parseRate, rateOn, spansOf } from "../../lib/core/rates";

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return "nothing was refused";
};

describe("a rate as it is written", () => {
  it.each([
    ["1.0834", "worth", ".", 10_834_000_000n],
    ["1,0834", "worth", ",", 10_834_000_000n],
    ["1", "worth", ".", 10_000_000_000n],
    ["0.92302", "buys", ".", 10_834_001_430n],
    ["1 234.5", "worth", ".", 12_345_000_000_000n],
    ["0.00000000005", "worth", ".", 1n],
  ] as const)("%s, which is what it %s, is %s", (text, direction, mark, rate) => {
    expect(parseRate(text, direction, mark)).toBe(rate);
  });

  it.each([
    ["", "bad_number"],
    ["one", "bad_number"],
    ["-1.2", "bad_number"],
    ["0", "bad_number"],
    ["0.00", "bad_number"],
    ["0.00000000004", "out_of_range"],
    ["99999999999999", "out_of_range"],
    ["1.08.34", "bad_number"],
  ])("%s is refused: %s", (text, code) => {
    expect(codeOf(() => parseRate(text))).toBe(code);
  });

  it.each([
    ["  one thousand", "worth", "“one thousand” is not a rate. Write it as 1.0834."],
    ["x".repeat(50), "worth", `“${"x".repeat(40)}” is not a rate. Write it as 1.0834.`],
    ["0", "worth", "A rate is above 0."],
    [`1.${"0".repeat(40)}`, "worth", `“1.${"0".repeat(38)}” is not a rate. Write it as 1.0834.`],
    ["0.00000000001", "worth", "This rate is too large or too small to be kept with ten decimals."],
    ["922337203.6854775808", "worth", "This rate is too large or too small to be kept with ten decimals."],
  ] as const)("%s, which is what it %s, is refused with words: %s", (text, direction, words) => {
    expect(() => parseRate(text, direction)).toThrow(words);
  });

  it("may have blanks around it, no digit before the mark, forty digits, and be as large as an amount", () => {
    expect(parseRate("  1.5 ")).toBe(15_000_000_000n);
    expect(parseRate(".5")).toBe(5_000_000_000n);
    expect(parseRate(`1.${"0".repeat(39)}`)).toBe(10_000_000_000n);
    expect(parseRate(formatRate(MAX_MINOR))).toBe(MAX_MINOR);
  });

  it("is shown with at least four decimals and no more than it has", () => {
    expect(["1", "1.08", "0.0000241537", "83.5"].map((text) => formatRate(parseRate(text)))).toEqual([
      "1.0000",
      "1.0800",
      "0.0000241537",
      "83.5000",
    ]);
  });

  it("reads back what it shows", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 18n }), (rate) => {
        expect(parseRate(formatRate(rate))).toBe(rate);
      }),
    );
  });
});

describe("a rate by way of a third currency", () => {
  it("is what a unit is worth in the books': one euro buys 1.08 dollars and 0.85 pounds, so a pound is worth 1.2705882353 dollars", () => {
    expect(formatRate(crossRate(parseRate("0.85"), parseRate("1.08")))).toBe("1.2705882353");
    expect(formatRate(crossRate(parseRate("1"), parseRate("1.08")))).toBe("1.0800");
  });

  it("is 1 for a currency against itself, and turned round comes back within the last decimal", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 10n ** 8n, max: 10n ** 12n }),
        fc.bigInt({ min: 10n ** 8n, max: 10n ** 12n }),
        (one, other) => {
          expect(crossRate(one, one)).toBe(10n ** 10n);
          const there = crossRate(one, other);
          const back = crossRate(other, one);
          const product = (there * back) / 10n ** 10n;
          const away = product > 10n ** 10n ? product - 10n ** 10n : 10n ** 10n - product;
          // Each is rounded once, by at most half of the last decimal.
          expect(away <= there / 10n ** 10n + back / 10n ** 10n + 2n).toBe(true);
        },
      ),
    );
  });
});

describe("the rate of a day", () => {
  it("is the first that is known of two of one day", () => {
    const two = ["by hand", "bank"].map((source) => ({ on: "2026-03-02", source }));
    expect(rateOn(two, "2026-03-02")?.source).toBe("by hand");
  });

  const rates = ["2026-03-06", "2026-03-02", "2026-03-03"].map((on) => ({ on }));
  it.each([
    ["2026-03-01", null],
    ["2026-03-02", "2026-03-02"],
    ["2026-03-05", "2026-03-03"],
    ["2026-03-06", "2026-03-06"],
    ["2026-03-13", "2026-03-06"],
    ["2026-03-14", null],
  ])("%s has that of %s", (day, on) => {
    expect(rateOn(rates, day)?.on ?? null).toBe(on);
  });
});

it("days that wait are one span where a week lies between them at most, and never one of two currencies", () => {
  const days = [
    { currency: "EUR", on: "2026-01-01", count: 2 },
    { currency: "EUR", on: "2026-01-08", count: 1 },
    { currency: "EUR", on: "2026-01-16", count: 4 },
    { currency: "GBP", on: "2026-01-17", count: 1 },
  ];
  expect(spansOf(days)).toEqual([
    { currency: "EUR", from: "2026-01-01", through: "2026-01-08", count: 3 },
    { currency: "EUR", from: "2026-01-16", through: "2026-01-16", count: 4 },
    { currency: "GBP", from: "2026-01-17", through: "2026-01-17", count: 1 },
  ]);
});
