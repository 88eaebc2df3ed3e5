/** What the taxes of an invoice and of a credit note rest on: how shipping and a tax are spread, what is refused, and rates as text. */
import { describe, expect, it } from "vitest";
import { Refusal } from "../../../lib/core/errors";
import {
  invoiceLines,
  looseNoteLines,
  noteLines,
  type OrderToTax,
  offRate,
  type ToTax,
  untold,
} from "../../../lib/core/gst/invoice";
import { divideTax, noTax, parseRate, rateText, taxOn, taxWithin, toRupee } from "../../../lib/core/gst/tax";
import { interLine, line } from "./shapes";

const mug = { hsn: "6912", uqc: "NOS", nature: "taxable", rate: 1_800n } as const;
const sold = (source: string, amount: bigint, over: Partial<ToTax> = {}): ToTax => ({
  source,
  item: "mug",
  description: "Mug",
  qty: 1n,
  decimals: 0,
  amount,
  discount: 0n,
  tax: mug,
  ...over,
});
/** Between states, so that the whole tax of a line is one figure. */
const order = (over: Partial<OrderToTax> = {}): OrderToTax => ({
  seller: "27",
  pos: "29",
  supply: "regular",
  lines: [sold("l1", 100_00n)],
  shipping: 0n,
  tax: 0n,
  isWithin: false,
  ...over,
});

describe("an item that nobody said anything of", () => {
  it("is taxable at no rate, without a code, counted in other units", () =>
    expect(untold).toEqual({ hsn: "", uqc: "OTH", nature: "taxable", rate: 0n }));
});

describe("the shipping of an invoice", () => {
  it("goes by the value of the lines: to a line that was free, nothing", () => {
    const lines = [sold("free", 50_00n, { discount: 50_00n }), sold("paid", 100_00n)];
    expect(invoiceLines(order({ lines, shipping: 10_00n, tax: 19_80n }))).toEqual({
      lines: [
        interLine({ source: "free", taxable: 0n, igst: 0n }),
        interLine({ source: "paid", taxable: 110_00n, igst: 19_80n }),
      ],
      rest: 0n,
    });
  });

  it("goes to all lines alike where all were free", () => {
    const lines = [sold("l1", 50_00n, { discount: 50_00n }), sold("l2", 0n)];
    expect(invoiceLines(order({ lines, shipping: 10_00n, tax: 1_80n }))).toEqual({
      lines: [
        interLine({ source: "l1", taxable: 5_00n, igst: 90n }),
        interLine({ source: "l2", taxable: 5_00n, igst: 90n }),
      ],
      rest: 0n,
    });
  });
});

describe("the tax of an invoice", () => {
  it("belongs to the lines that have a rate", () => {
    const lines = [
      sold("book", 100_00n, { tax: { ...mug, hsn: "4901", nature: "exempt", rate: 0n } }),
      sold("mug", 200_00n, { qty: 250n, decimals: 2 }),
    ];
    expect(invoiceLines(order({ pos: "27", lines, tax: 36_00n }))).toEqual({
      lines: [
        line({ source: "book", hsn: "4901", nature: "exempt", rate: 0n, taxable: 100_00n, ...noTax }),
        line({ source: "mug", qty: 250n, decimals: 2, taxable: 200_00n, cgst: 18_00n, sgst: 18_00n }),
      ],
      rest: 0n,
    });
  });

  it("is nobody's where there are no lines", () => {
    expect(invoiceLines(order({ lines: [] }))).toEqual({ lines: [], rest: 0n });
    expect(invoiceLines(order({ lines: [], tax: 5n }))).toEqual({ lines: [], rest: 5n });
  });
});

describe("an invoice is refused", () => {
  const below = "an invoice is of nothing below 0";
  it.each<[string, Partial<OrderToTax>, string]>([
    ["with a line that its discount takes below 0", { lines: [sold("l1", 1_00n, { discount: 1_01n })] }, below],
    [
      "with such a line beside one that is not",
      { lines: [sold("l1", 100_00n), sold("l2", 1_00n, { discount: 1_01n })] },
      below,
    ],
    ["with shipping below 0", { shipping: -1n }, below],
    ["with a tax below 0", { tax: -1n }, below],
    ["with a tax below 0 that is nobody's", { tax: -1n, lines: [sold("l1", 1_00n, { tax: untold })] }, below],
    ["with shipping that brings nothing", { lines: [], shipping: 1n }, "shipping brings something"],
  ])("%s", (_, over, message) => expect(() => invoiceLines(order(over))).toThrow(message));
});

const at = { seller: "27", pos: "29", supply: "regular", shipping: 0n, tax: 0n } as const;
const back = (source: string, amount: bigint, over: Partial<Parameters<typeof noteLines>[1][number]> = {}) => ({
  source,
  qty: 1n,
  amount,
  of: interLine(),
  ...over,
});

describe("the shipping of a credit note", () => {
  it("goes by what is given back for the lines", () => {
    // 40.00 over 100.00 and 300.00 is 10.00 and 30.00; 79.20 is 18 % of the 440.00.
    expect(
      noteLines({ ...at, shipping: 40_00n, tax: 79_20n }, [back("r1", 100_00n), back("r2", 300_00n, { qty: 3n })]),
    ).toEqual({
      lines: [
        interLine({ source: "r1", taxable: 110_00n, igst: 19_80n }),
        interLine({ source: "r2", qty: 3n, taxable: 330_00n, igst: 59_40n }),
      ],
      rest: 0n,
    });
  });

  it("is none of a line that nothing is given back for, and holds its tax", () => {
    expect(noteLines({ ...at, shipping: 11_80n }, [back("free", 0n), back("paid", 118_00n)])).toEqual({
      lines: [
        interLine({ source: "free", taxable: 0n, igst: 0n }),
        interLine({ source: "paid", taxable: 110_00n, igst: 19_80n }),
      ],
      rest: 0n,
    });
  });

  it("goes to all lines alike where nothing is given back for any", () => {
    expect(noteLines({ ...at, shipping: 11_80n }, [back("r1", 0n), back("r2", 0n)])).toEqual({
      lines: [
        interLine({ source: "r1", taxable: 5_00n, igst: 90n }),
        interLine({ source: "r2", taxable: 5_00n, igst: 90n }),
      ],
      rest: 0n,
    });
  });
});

describe("the tax of a credit note", () => {
  it("goes back with the lines that it was charged on", () => {
    const free = interLine({ igst: 0n });
    expect(noteLines({ ...at, tax: 9_00n }, [back("r1", 50_00n, { of: free }), back("r2", 50_00n)])).toEqual({
      lines: [{ ...free, source: "r1", taxable: 50_00n }, interLine({ source: "r2", taxable: 50_00n, igst: 9_00n })],
      rest: 0n,
    });
  });

  it("is none of nothing", () => expect(noteLines(at, [])).toEqual({ lines: [], rest: 0n }));
});

describe("a credit note is refused", () => {
  const something = "what comes back is something, and costs the seller nothing less than 0";
  const ofSold = "what is given back is of something that was sold";
  it.each<[string, Partial<Record<"shipping" | "tax", bigint>>, ReturnType<typeof back>[], string]>([
    ["that gives back less than nothing", {}, [back("r1", -1n)], something],
    ["that does so on one line of two", {}, [back("r1", 1_00n), back("r2", -1n)], something],
    ["of no quantity", {}, [back("r1", 1_00n, { qty: 0n })], something],
    ["of a quantity below 0", {}, [back("r1", 1_00n, { qty: -1n })], something],
    ["with shipping below 0", { shipping: -1n }, [back("r1", 1_00n)], something],
    ["with a tax below 0", { tax: -1n }, [back("r1", 1_00n)], something],
    ["with shipping of nothing that was sold", { shipping: 1n }, [], ofSold],
    ["with a tax on nothing that was sold", { tax: 1n }, [], ofSold],
    ["with both of them", { shipping: 1n, tax: 1n }, [], ofSold],
  ])("%s", (_, over, lines, message) => expect(() => noteLines({ ...at, ...over }, lines)).toThrow(message));
});

describe("a credit note of what was sold outside the books", () => {
  const local = { seller: "27", pos: "27", supply: "regular" } as const;
  const loose = (source: string, amount: bigint, over: Partial<ToTax> = {}) => {
    const { discount: _, ...rest } = sold(source, amount, over);
    return rest;
  };

  it("holds the tax at the item's rate in what is given back", () => {
    expect(
      looseNoteLines(local, [
        loose("r1", 118_00n, { item: "cup", description: "Cup", qty: 150n, decimals: 2 }),
        loose("r2", 40_00n, { tax: { ...mug, nature: "exempt" } }),
        loose("r3", 0n),
      ]),
    ).toEqual([
      line({ source: "r1", item: "cup", description: "Cup", qty: 150n, decimals: 2 }),
      line({ source: "r2", nature: "exempt", rate: 0n, taxable: 40_00n, ...noTax }),
      line({ source: "r3", taxable: 0n, ...noTax }),
    ]);
    expect(looseNoteLines({ ...local, pos: "29" }, [loose("r1", 118_00n)])).toEqual([interLine({ source: "r1" })]);
  });

  it("holds none where the supply has none", () =>
    expect(looseNoteLines({ ...local, pos: "96", supply: "export_without" }, [loose("r1", 118_00n)])).toEqual([
      line({ source: "r1", taxable: 118_00n, ...noTax }),
    ]));

  it.each([
    ["less than nothing", loose("r1", -1n)],
    ["no quantity", loose("r1", 1_00n, { qty: 0n })],
    ["a quantity below 0", loose("r1", 1_00n, { qty: -1n })],
  ])("is refused of %s", (_, one) =>
    expect(() => looseNoteLines(local, [loose("r0", 1_00n), one])).toThrow(
      "what comes back is something, and costs the seller nothing less than 0",
    ),
  );
});

describe("a tax beside its rate", () => {
  it("is two paise away at most on either side", () => {
    const low = interLine({ igst: 17_97n });
    expect(offRate([interLine({ igst: 17_98n }), low, interLine({ igst: 18_02n })])).toEqual([low]);
  });
});

describe("a tax of nothing", () => {
  it("is none, and no mistake", () => {
    expect(taxOn(0n, 1_800n, "inter")).toEqual(noTax);
    expect(taxWithin(0n, 1_800n, "intra")).toEqual({ taxable: 0n, tax: noTax });
    expect(divideTax(0n, "intra")).toEqual({ parts: noTax, rest: 0n });
    expect(toRupee(0n)).toEqual({ rounded: 0n, roundOff: 0n });
  });

  it("is refused below 0, and so is a rate", () => {
    const below = "an amount and a rate are not below 0";
    expect(() => taxOn(100_00n, -1n, "inter")).toThrow(below);
    expect(() => taxWithin(100_00n, -1n, "intra")).toThrow(below);
    expect(() => toRupee(-1n)).toThrow("an invoice is not below 0");
  });
});

describe("the text of a rate", () => {
  it.each<[bigint, string]>([
    [0n, "0"],
    [5n, "0.05"],
    [25n, "0.25"],
    [750n, "7.5"],
    [1_800n, "18"],
    [1_805n, "18.05"],
    [10_000n, "100"],
  ])("of %s hundredths is %s", (rate, text) => expect(rateText(rate)).toBe(text));

  it("that is no rate is shown in its beginning, with what to write", () => {
    const refused = new Refusal(
      "bad_number",
      "“eighteen per cent an” is not a rate. Write one from 0 to 100, such as 18 or 0.25.",
    );
    expect(() => parseRate("eighteen per cent and a half")).toThrow(refused);
    expect(() => parseRate("eighteen per cent and a half")).toThrow(expect.objectContaining({ code: "bad_number" }));
  });
});
