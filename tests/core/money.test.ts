import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Refusal } from "../../lib/core/errors";
import { allocate, decimalsOf, formatMinor, parseMinor, share } from "../../lib/core/money";
import { formatQuantity, parseQuantity } from "../../lib/core/quantity";

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return "nothing was refused";
}

describe("currencies", () => {
  test("have the decimals of ISO 4217: 0, 2, 3 and 4", () => {
    expect(["JPY", "USD", "KWD", "CLF", "usd", " inr "].map(decimalsOf)).toEqual([0, 2, 3, 4, 2, 2]);
  });
  test.each(["XXX", "BTC", "US$", "", "DOLLAR", "constructor"])("%j is refused", (currency) => {
    expect(codeOf(() => decimalsOf(currency))).toBe("unknown_currency");
  });
});

describe("an amount as people and banks write it", () => {
  test.each([
    ["1240", 124000n],
    ["1,240.5", 124050n],
    ["$1,240.50", 124050n],
    ["US$1,240.50", 124050n],
    ["USD 1,240.50", 124050n],
    ["1,240.50 USD", 124050n],
    ["(2.00)", -200n],
    ["($2.00)", -200n],
    ["2.00-", -200n],
    ["12.50-", -1250n],
    ["-2", -200n],
    ["-$2", -200n],
    ["$-2", -200n],
    ["\u22122", -200n],
    ["+2", 200n],
    [".5", 50n],
    ["5.", 500n],
    ["007", 700n],
    ["1\u2009240.50", 124050n],
    ["1\u202f240.50", 124050n],
    ["1\u00a0240\u00a0000.50", 124000050n],
    ["1'240.50", 124050n],
    ["1,23,456.00", 12345600n],
    ["  12 ", 1200n],
    ["0", 0n],
    ["-0", 0n],
    ["92233720368547758.07", 9223372036854775807n],
  ])("%j is read", (text, amount) => {
    expect(parseMinor(text, "USD")).toBe(amount);
  });

  test("a comma before the decimals is read where it is said to be one", () => {
    expect(parseMinor("1.240,50", "EUR", { decimalMark: "," })).toBe(124050n);
    expect(parseMinor("1 240,5 €", "EUR", { decimalMark: "," })).toBe(124050n);
    expect(parseMinor("-1.240", "EUR", { decimalMark: "," })).toBe(-124000n);
  });

  test.each([
    "NaN",
    "Infinity",
    "1e5",
    "0x10",
    "١٢",
    "",
    "   ",
    ".",
    "-",
    "$",
    "--5",
    "(-5)",
    "-5-",
    "1,24",
    "12,34,5",
    "1,2345",
    "1234,567",
    ",123",
    "1.2.3",
    "1,234,56.00",
    "12 34",
    "1,234 567",
    "5 6",
    "(2.00",
    "2.00)",
    "1,23,4,678",
    "5 USD 3",
    "1$2",
    "₿5",
    "€5",
    "EUR 5",
    "$$5",
    "5 apples",
    "=1+1",
    "1,50",
  ])("%j is no amount", (text) => {
    expect(codeOf(() => parseMinor(text, "USD"))).toBe("bad_number");
  });

  test("a sign with letters before it means the currencies that begin so; R$ is Brazil's", () => {
    expect(["$5", "R$5", "BR$5", "BRL 5"].map((text) => parseMinor(text, "BRL"))).toEqual([500n, 500n, 500n, 500n]);
    for (const text of ["US$5", "A$5"]) expect(codeOf(() => parseMinor(text, "BRL"))).toBe("bad_number");
    expect(codeOf(() => parseMinor("R$5", "USD"))).toBe("bad_number");
  });

  test("more decimals than the currency has are refused, zeros too unless said", () => {
    expect(codeOf(() => parseMinor("1.005", "USD"))).toBe("too_many_decimals");
    expect(codeOf(() => parseMinor("1.50", "JPY"))).toBe("too_many_decimals");
    expect(codeOf(() => parseMinor("1240.0", "JPY"))).toBe("too_many_decimals");
    expect(parseMinor("1240.0", "JPY", { allowTrailingZeros: true })).toBe(1240n);
    expect(codeOf(() => parseMinor("1240.5", "JPY", { allowTrailingZeros: true }))).toBe("too_many_decimals");
    expect(() => parseMinor("1.50", "JPY")).toThrow("JPY has no decimals");
  });

  test("what no 64-bit integer holds is refused on both sides of zero", () => {
    expect(codeOf(() => parseMinor("99999999999999999999.99", "USD"))).toBe("out_of_range");
    expect(codeOf(() => parseMinor("92233720368547758.08", "USD"))).toBe("out_of_range");
    expect(codeOf(() => parseMinor("-92233720368547758.08", "USD"))).toBe("out_of_range");
    expect(codeOf(() => parseMinor("9".repeat(50_000), "USD"))).toBe("out_of_range");
  });

  test("a refusal never repeats a long text whole", () => {
    try {
      parseMinor("x".repeat(10_000), "USD");
    } catch (error) {
      expect(error instanceof Refusal && error.message.length < 200).toBe(true);
      return;
    }
    expect.unreachable();
  });

  test("is written with groups of three and a true minus", () => {
    expect(formatMinor(124050n, "USD")).toBe("1,240.50");
    expect(formatMinor(-200n, "USD")).toBe("\u22122.00");
    expect(formatMinor(5n, "USD")).toBe("0.05");
    expect(formatMinor(1234567n, "JPY")).toBe("1,234,567");
    expect(formatMinor(-1n, "KWD")).toBe("\u22120.001");
    expect(formatMinor(0n, "USD")).toBe("0.00");
  });

  test("what is written is read back as it was, in every currency's decimals", () => {
    const amounts = fc.bigInt({ min: -9_223_372_036_854_775_807n, max: 9_223_372_036_854_775_807n });
    fc.assert(
      fc.property(amounts, fc.constantFrom("JPY", "USD", "KWD", "CLF", "INR"), (amount, currency) => {
        expect(parseMinor(formatMinor(amount, currency), currency)).toBe(amount);
      }),
    );
  });

  test("any text is read or refused, never anything else", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const code = codeOf(() => parseMinor(text, "USD"));
        expect(["bad_number", "too_many_decimals", "out_of_range", "nothing was refused"]).toContain(code);
      }),
    );
  });
});

describe("sharing", () => {
  test("rounds halves away from zero, on both sides", () => {
    expect([share(1n, 1n, 2n), share(-1n, 1n, 2n), share(1000n, 1n, 3n), share(1000n, 2n, 3n)]).toEqual([
      1n,
      -1n,
      333n,
      667n,
    ]);
  });

  test("parts of a lot add to exactly its total, each within one unit of its exact share", () => {
    const arbitrary = fc.tuple(
      fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
      fc.array(fc.bigInt({ min: 1n, max: 1000n }), { minLength: 1, maxLength: 30 }),
    );
    fc.assert(
      fc.property(arbitrary, ([total, takes]) => {
        const whole = takes.reduce((sum, take) => sum + take, 0n);
        let taken = 0n;
        let given = 0n;
        for (const take of takes) {
          const part = share(total, taken + take, whole) - share(total, taken, whole);
          const off = part * whole - total * take;
          expect(off <= whole && off >= -whole).toBe(true);
          given += part;
          taken += take;
        }
        expect(given).toBe(total);
      }),
    );
  });

  test("more than the whole is a bug", () => {
    expect(() => share(1n, 3n, 2n)).toThrow("a share is between nothing and the whole");
  });

  test("splitting by largest remainder adds up, is fair to one unit, and serves the earlier part first", () => {
    expect(allocate(100n, [1n, 1n, 1n])).toEqual([34n, 33n, 33n]);
    expect(allocate(-100n, [1n, 1n, 1n])).toEqual([-34n, -33n, -33n]);
    expect(allocate(5960n, [20000n, 5000n])).toEqual([4768n, 1192n]);
    expect(allocate(0n, [0n, 0n])).toEqual([0n, 0n]);
    expect(allocate(0n, [])).toEqual([]);
    expect(allocate(2n, [0n, 1n, 0n])).toEqual([0n, 2n, 0n]);
    const arbitrary = fc.tuple(
      fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
      fc.array(fc.bigInt({ min: 0n, max: 10n ** 9n }), { minLength: 1, maxLength: 30 }),
    );
    fc.assert(
      fc.property(arbitrary, ([total, weights]) => {
        const sum = weights.reduce((all, weight) => all + weight, 0n);
        fc.pre(sum > 0n);
        const parts = allocate(total, weights);
        expect(parts.reduce((all, part) => all + part, 0n)).toBe(total);
        for (const [place, part] of parts.entries()) {
          const off = part * sum - total * (weights[place] ?? 0n);
          expect(off < sum && off > -sum).toBe(true);
        }
      }),
    );
  });
});

describe("quantities", () => {
  test("are whole smallest units of their item", () => {
    expect(parseQuantity("3", 0)).toBe(3n);
    expect(parseQuantity("1,200", 0)).toBe(1200n);
    expect(parseQuantity("2.5", 2)).toBe(250n);
    expect(parseQuantity("3.00", 0)).toBe(3n);
    expect(parseQuantity("0", 0, { from: "zero" })).toBe(0n);
    expect(parseQuantity("-3", 0, { from: "any" })).toBe(-3n);
    expect(formatQuantity(-120050n, 2)).toBe("\u22121,200.50");
    expect(formatQuantity(1200n, 0)).toBe("1,200");
  });
  test.each(["0", "-3", "1.5", "1000000000000", "1e3", "", "three", "--1"])("%j is refused for pieces", (text) => {
    expect(codeOf(() => parseQuantity(text, 0))).toBe("bad_quantity");
  });
});

test("hostile text is answered at once", () => {
  const texts = [
    "0".repeat(100_000),
    `0.${"0".repeat(100_000)}1`,
    "$".repeat(100_000),
    "1,".repeat(50_000),
    `${" ".repeat(50_000)}1 x`,
  ];
  const start = performance.now();
  for (const text of texts) {
    codeOf(() => parseMinor(text, "USD"));
    codeOf(() => parseQuantity(text, 0));
  }
  expect(performance.now() - start).toBeLessThan(500);
});
