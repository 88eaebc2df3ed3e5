/** Amounts at their edges: currencies and their signs, what is read, and what is said of what is not. */
import { describe, expect, test } from "vitest";
import { Refusal } from "../../lib/core/errors";
import {
  allocate,
  decimalsOf,
  formatMinor,
  formatScaled,
  MAX_MINOR,
  type ParseOptions,
  parseMinor,
  readNumber,
  share,
  smaller,
  trimZeros,
} from "../../lib/core/money";

/** An amount, or the code and words with which it is refused. */
function read(text: string, currency = "USD", options: ParseOptions = {}): string {
  try {
    return parseMinor(text, currency, options).toString();
  } catch (error) {
    if (error instanceof Refusal) return `${error.code}: ${error.message}`;
    throw error;
  }
}
const isRefused = (text: string, currency = "USD") => read(text, currency).startsWith("bad_number: ");

describe("currencies", () => {
  test.each<[number, string]>([
    [0, "BIF CLP JPY UYI VND XPF"],
    [2, "AED CNY COP ILS INR MZN NAD SYP SZL ZWL CAD EUR"],
    [3, "BHD KWD TND"],
    [4, "CLF UYW"],
  ])("with %i decimals", (decimals, codes) => {
    expect(codes.split(" ").map(decimalsOf)).toEqual(codes.split(" ").map(() => decimals));
  });

  test("one that nobody knows is named, and what could be meant", () => {
    expect(read("5", "BTC")).toBe(
      "unknown_currency: “BTC” is not a currency that we know. Use a code such as USD, EUR or INR.",
    );
    expect(read("5", "x".repeat(41))).toContain(`“${"x".repeat(39)}…” is not`);
    expect(read("5", "x".repeat(40))).toContain(`“${"x".repeat(40)}” is not`);
    expect(read("5.00", " usd ")).toBe("500");
    expect(read("usd 5.00", " usd ")).toBe("500");
  });
});

describe("signs of currencies", () => {
  test.each([
    ["$", "USD CAD MXN CVE"],
    ["€", "EUR"],
    ["£", "GBP EGP SYP"],
    ["¥", "JPY CNY"],
    ["₹", "INR"],
    ["₨", "INR SCR"],
    ["₩", "KRW KPW"],
    ["₽", "RUB"],
    ["₺", "TRY"],
    ["₴", "UAH"],
    ["₦", "NGN"],
    ["₱", "PHP"],
    ["₪", "ILS"],
    ["฿", "THB"],
    ["₫", "VND"],
    ["₡", "CRC SVC"],
    ["₲", "PYG"],
    ["₸", "KZT"],
    ["₵", "GHS"],
    ["₭", "LAK"],
    ["₮", "MNT"],
    ["৳", "BDT"],
    ["₼", "AZN"],
    ["₾", "GEL"],
    ["֏", "AMD"],
    ["៛", "KHR"],
  ])("%s is read for its own currencies, and for no other", (sign, codes) => {
    for (const code of codes.split(" ")) {
      const amount = (7n * 10n ** BigInt(decimalsOf(code))).toString();
      expect([read(`${sign}7`, code), read(`7 ${sign}`, code)]).toEqual([amount, amount]);
    }
    expect(isRefused(`${sign}7`, "CHF")).toBe(true);
    expect(isRefused(`7${sign}`, "CHF")).toBe(true);
  });

  test("letters before a sign are the beginning of the code, or the R of Brazil", () => {
    expect(["US$7", "U$7", "USD$7", "us$7"].map((text) => read(text))).toEqual(["700", "700", "700", "700"]);
    expect([read("R$7", "BRL"), read("r$ 7", "BRL"), read("CA$7", "CAD")]).toEqual(["700", "700", "700"]);
    expect([isRefused("R$7"), isRefused("CA$7"), isRefused("S$7"), isRefused("XUS$7"), isRefused("D$7")]).toEqual([
      true,
      true,
      true,
      true,
      true,
    ]);
  });

  test("a code stands before or after, alone, and only once", () => {
    expect(
      ["USD7", "USD 7", "7USD", "7 usd", "-USD 7", "USD -7", "7- USD", "(7 USD)"].map((text) => read(text)),
    ).toEqual(["700", "700", "700", "700", "-700", "-700", "-700", "-700"]);
    for (const text of [
      "USDX 7",
      "7 XUSD",
      "EUR 7",
      "7 EUR",
      "USD 7 USD",
      "$7 USD",
      "$7$",
      "USD",
      "US 7",
      "7 US",
      "7 US$",
      "USD (7)",
    ])
      expect([text, isRefused(text)]).toEqual([text, true]);
  });
});

describe("signs of amounts", () => {
  test("stand once: before, after, or as brackets", () => {
    expect(
      ["-7", "\u22127", "7-", "7\u2212", "(7)", "( 7 )", "($7)", "+7", "- 7", "7 -"].map((text) => read(text)),
    ).toEqual(["-700", "-700", "-700", "-700", "-700", "-700", "-700", "700", "-700", "-700"]);
    for (const text of [
      "7+",
      "--7",
      "-7-",
      "+-7",
      "-+7",
      "(-7)",
      "-(7)",
      "(7",
      "7)",
      "((7))",
      "(7)-",
      "+(7)",
      "()",
      "+",
    ])
      expect([text, isRefused(text)]).toEqual([text, true]);
  });
});

describe("digits", () => {
  test("are grouped by threes or as lakhs, by one kind of mark", () => {
    const wholes = [
      "1,234",
      "12,345",
      "123,456",
      "1,234,567",
      "1,23,456",
      "12,34,567",
      "1'234",
      "1\u2019234",
      "1 234",
      "1\t234",
    ];
    expect(wholes.map((text) => readNumber(text, ".")?.whole)).toEqual([
      "1234",
      "12345",
      "123456",
      "1234567",
      "123456",
      "1234567",
      "1234",
      "1234",
      "1234",
      "1234",
    ]);
    const none = [
      "1234,567",
      ",123",
      "1,,234",
      "1,23",
      "1,2345",
      "1,23,45",
      "1,234,56",
      "123,45,678",
      "1,2,345",
      "1,234'567",
    ];
    for (const text of [...none, "1_234", "1;234", "a,234", "1,234a", "1,234 567", "x1", "1.5.5", "1,5.000"])
      expect([text, readNumber(text, ".")]).toEqual([text, null]);
  });

  test("of the other decimal mark group by points", () => {
    expect(readNumber("1.234.567,89", ",")).toEqual({ whole: "1234567", fraction: "89" });
    expect(readNumber("1,234", ",")).toEqual({ whole: "1", fraction: "234" });
    expect(readNumber("1,234,567", ",")).toBeNull();
    expect(readNumber("1.234", ".")).toEqual({ whole: "1", fraction: "234" });
  });

  test("may stand on one side of the mark alone; zeros before them say nothing", () => {
    expect(["5.", ".5", "00", "007.50", "0.5"].map((text) => readNumber(text, "."))).toEqual([
      { whole: "5", fraction: "" },
      { whole: "", fraction: "5" },
      { whole: "0", fraction: "" },
      { whole: "7", fraction: "50" },
      { whole: "0", fraction: "5" },
    ]);
    expect([readNumber("", "."), readNumber(".", "."), readNumber(".x", "."), readNumber(".5x", ".")]).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  test("beyond the decimals are refused, but zeros where they are let pass", () => {
    expect(read("1.005")).toBe("too_many_decimals: USD has 2 decimals, and “1.005” has 3.");
    expect(read("1.5", "jpy")).toBe("too_many_decimals: JPY has no decimals, and “1.5” has 1.");
    const pass = { allowTrailingZeros: true };
    expect([
      read("1.500", "USD", pass),
      read("1.50", "USD", pass),
      read("1.5", "USD", pass),
      read("100", "JPY", pass),
    ]).toEqual(["150", "150", "150", "100"]);
    expect(read("1.500", "USD", { allowTrailingZeros: false })).toContain("too_many_decimals");
    expect(read("1.050", "USD", pass)).toBe("105");
    expect(read("1.0050", "USD", pass)).toBe("too_many_decimals: USD has 2 decimals, and “1.0050” has 3.");
    expect([
      trimZeros("100", 0),
      trimZeros("1000", 2),
      trimZeros("000", 0),
      trimZeros("0", 2),
      trimZeros("", 0),
    ]).toEqual(["1", "10", "", "0", ""]);
  });

  test("are at most what 64 bits hold", () => {
    const beyond = (text: string) => `out_of_range: “${text}” is larger than any amount that the books can hold.`;
    expect(MAX_MINOR).toBe(2n ** 63n - 1n);
    expect(read("92233720368547758.07")).toBe(MAX_MINOR.toString());
    expect(read("92233720368547758.08")).toBe(beyond("92233720368547758.08"));
    expect(read("9".repeat(38))).toBe(beyond("9".repeat(38)));
    expect(read("9".repeat(99))).toBe(beyond(`${"9".repeat(39)}…`));
    expect(read(`${"0".repeat(99)}7`)).toBe("700");
  });

  test("are asked for where there are none", () => {
    expect(read("  ")).toBe("bad_number: An amount is missing here. Write one such as 1,240.50.");
    expect(read("x")).toBe("bad_number: “x” is not an amount. Write it with digits, such as 1240.50 or −1,240.50.");
  });
});

describe("what is written", () => {
  test("has its groups, its decimals and a true minus", () => {
    expect([formatMinor(-123456789n, "USD"), formatMinor(100n, "USD"), formatMinor(-99n, "USD")]).toEqual([
      "\u22121,234,567.89",
      "1.00",
      "\u22120.99",
    ]);
    expect([
      formatMinor(0n, "JPY"),
      formatMinor(999n, "JPY"),
      formatMinor(1000n, "JPY"),
      formatMinor(-1n, "JPY"),
    ]).toEqual(["0", "999", "1,000", "\u22121"]);
    expect([formatScaled(12345n, 4), formatScaled(-1n, 3)]).toEqual(["1.2345", "\u22120.001"]);
  });
});

describe("shares", () => {
  test("are nothing of nothing, all of all, halves away from zero", () => {
    expect([share(7n, 0n, 3n), share(7n, 3n, 3n), share(-7n, 3n, 3n), share(-7n, 0n, 3n), share(0n, 1n, 3n)]).toEqual([
      0n,
      7n,
      -7n,
      0n,
      0n,
    ]);
    expect([share(5n, 1n, 2n), share(-5n, 1n, 2n), share(-1n, 1n, 3n), share(-2n, 1n, 3n)]).toEqual([3n, -3n, 0n, -1n]);
    for (const [taken, whole] of [
      [0n, 0n],
      [-1n, 3n],
      [4n, 3n],
      [0n, -1n],
    ] as const)
      expect(() => share(1n, taken, whole)).toThrow("a share is between nothing and the whole");
  });

  test("by weights go to the largest remainder, the earlier of equals", () => {
    expect(allocate(10n, [1n, 2n, 4n])).toEqual([1n, 3n, 6n]);
    expect(allocate(-10n, [1n, 2n, 4n])).toEqual([-1n, -3n, -6n]);
    expect(allocate(5n, [1n, 1n, 1n])).toEqual([2n, 2n, 1n]);
    expect(allocate(4n, [1n, 1n, 2n])).toEqual([1n, 1n, 2n]);
    expect(() => allocate(1n, [2n, -1n])).toThrow("a weight is not negative");
    expect(() => allocate(0n, [-1n])).toThrow("a weight is not negative");
    expect(() => allocate(1n, [0n, 0n])).toThrow("weights that are not all zero");
    expect(() => allocate(1n, [])).toThrow("weights that are not all zero");
  });

  test("the smaller of two is the smaller, of equals either", () => {
    expect([smaller(1n, 2n), smaller(2n, 1n), smaller(2n, 2n)]).toEqual([1n, 1n, 2n]);
  });
});
