/** The cells of GSTR-3B one by one: which documents and purchases each is of, and what they come to. */
import { describe, expect, it } from "vitest";
import { type Amounts, nothing } from "../../../lib/core/gst/document";
import { type CellName, cellWords, type FigureOf, gstr3bOf, type Inward, inputOf } from "../../../lib/core/gst/gstr3b";
import { noTax } from "../../../lib/core/gst/tax";
import { april, bought, buyer, document, interLine, line, neighbour, seller, untaxed } from "./shapes";

const inward = (id: string, over: Partial<Inward> = {}): Inward => bought({ id, number: `B-${id}`, ...over });
const value = (taxable: bigint): Amounts => ({ ...nothing, taxable });
const from = (document: string, amounts: Amounts) => ({ document, amounts });
const none: FigureOf = { amounts: nothing, sources: [] };
const names = (figure: FigureOf) => figure.sources.map((source) => source.document);

describe("the input tax that a purchase itself puts on the accounts", () => {
  const amounts: Amounts = { taxable: 200_00n, igst: 1_01n, cgst: 2_02n, sgst: 3_03n, cess: 4_04n };
  const bill = { nature: "taxable", isImport: false, isReverseCharge: false, isBlocked: false, amounts } as const;

  it("is what the supplier was paid, part by part; cess has no account", () =>
    expect(inputOf(bill)).toEqual({ igst: 1_01n, cgst: 2_02n, sgst: 3_03n }));

  it.each<[string, Partial<Parameters<typeof inputOf>[0]>]>([
    ["what is nil rated", { nature: "nil" }],
    ["what is outside of GST", { nature: "non_gst" }],
    ["an import, whose tax is paid at customs", { isImport: true }],
    ["reverse charge, whose tax the buyer pays to the state", { isReverseCharge: true }],
    ["what section 17(5) blocks", { isBlocked: true }],
  ])("is none of %s", (_, over) => expect(inputOf({ ...bill, ...over })).toEqual({ igst: 0n, cgst: 0n, sgst: 0n }));
});

describe("the period of a GSTR-3B", () => {
  const days = ["2026-03-31", "2026-04-01", "2026-04-30", "2026-05-01"];

  it("has its first and its last day, and no other", () => {
    const { cells } = gstr3bOf(
      seller,
      april,
      days.map((on) => document({ id: `sale ${on}`, on })),
      days.map((on) => inward(`bill ${on}`, { on })),
    );
    expect(names(cells["3.1a"])).toEqual(["sale 2026-04-01", "sale 2026-04-30"]);
    expect(names(cells["4A5"])).toEqual(["bill 2026-04-01", "bill 2026-04-30"]);
  });
});

describe("table 3.1", () => {
  it("has each line in the cell of its kind, and a document only where it has such lines", () => {
    const { cells, unregistered } = gstr3bOf(
      seller,
      april,
      [
        document({ id: "mixed", lines: [line(), untaxed("nil", 50_00n), untaxed("non_gst", 30_00n)] }),
        document({ id: "note", kind: "credit_note", lines: [untaxed("exempt", 20_00n)] }),
        // Zero-rated are all its lines, also what would be nil rated within the country.
        document({
          id: "export",
          supply: "export_with",
          pos: "96",
          lines: [interLine({ taxable: 400_00n, igst: 72_00n }), untaxed("nil", 40_00n)],
        }),
        document({ id: "sez", supply: "sez_without", buyer, lines: [line({ taxable: 60_00n, ...noTax })] }),
        // Section 9(5): the operator pays the tax, the seller tells the value.
        document({
          id: "ride",
          operator: { gstin: buyer, pays: true },
          lines: [line({ rate: 500n, taxable: 90_00n, cgst: 2_25n, sgst: 2_25n })],
        }),
        document({
          id: "ride back",
          kind: "credit_note",
          operator: { gstin: buyer, pays: true },
          lines: [line({ rate: 500n, taxable: 40_00n, cgst: 1_00n, sgst: 1_00n })],
        }),
        // Section 52: the operator collects, the seller pays the tax all the same.
        document({
          id: "shop",
          operator: { gstin: buyer, pays: false },
          lines: [line({ taxable: 10_00n, cgst: 90n, sgst: 90n })],
        }),
        document({
          id: "reverse",
          buyer,
          isReverseCharge: true,
          lines: [line({ taxable: 11_00n, cgst: 99n, sgst: 99n })],
        }),
      ],
      [],
    );
    const expected: Record<CellName, FigureOf> = {
      "3.1a": {
        amounts: { taxable: 121_00n, igst: 0n, cgst: 9_90n, sgst: 9_90n, cess: 0n },
        sources: [
          from("mixed", { ...nothing, taxable: 100_00n, cgst: 9_00n, sgst: 9_00n }),
          from("shop", { ...nothing, taxable: 10_00n, cgst: 90n, sgst: 90n }),
          from("reverse", value(11_00n)),
        ],
      },
      "3.1b": {
        amounts: { taxable: 500_00n, igst: 72_00n, cgst: 0n, sgst: 0n, cess: 0n },
        sources: [from("export", { ...nothing, taxable: 440_00n, igst: 72_00n }), from("sez", value(60_00n))],
      },
      "3.1c": { amounts: value(30_00n), sources: [from("mixed", value(50_00n)), from("note", value(-20_00n))] },
      "3.1d": none,
      "3.1e": { amounts: value(30_00n), sources: [from("mixed", value(30_00n))] },
      "3.1.1": { amounts: value(50_00n), sources: [from("ride", value(90_00n)), from("ride back", value(-40_00n))] },
      "4A1": none,
      "4A3": none,
      "4A5": none,
      "4B1": none,
      "4C": none,
      "5inter": none,
      "5intra": none,
      "5nonInter": none,
      "5nonIntra": none,
    };
    expect(cells).toEqual(expected);
    // An export is between states and its buyer has no registration, but 3.2 is a part of 3.1(a).
    expect(unregistered).toEqual([]);
  });
});

describe("table 3.2", () => {
  it("is of taxed sales between states to buyers without a registration, by place, notes taken away", () => {
    const { unregistered } = gstr3bOf(
      seller,
      april,
      [
        document({ id: "k1", pos: "29", lines: [interLine()] }),
        document({ id: "delhi", pos: "07", lines: [interLine({ taxable: 200_00n, igst: 36_00n, cess: 3_00n })] }),
        document({
          id: "k2",
          kind: "credit_note",
          pos: "29",
          lines: [interLine({ taxable: 30_00n, igst: 5_40n }), untaxed("nil", 8_00n)],
        }),
        document({ id: "registered", buyer, pos: "29", lines: [interLine()] }),
        document({ id: "local" }),
        // Nothing of it is taxed: its place has no row.
        document({ id: "books", pos: "33", lines: [untaxed("nil", 70_00n)] }),
        document({ id: "ride", pos: "24", operator: { gstin: buyer, pays: true }, lines: [interLine()] }),
        document({ id: "sez", supply: "sez_with", lines: [interLine()] }),
      ],
      [],
    );
    expect(unregistered).toEqual([
      {
        pos: "07",
        amounts: { taxable: 200_00n, igst: 36_00n, cgst: 0n, sgst: 0n, cess: 3_00n },
        sources: [from("delhi", { ...nothing, taxable: 200_00n, igst: 36_00n, cess: 3_00n })],
      },
      {
        pos: "29",
        amounts: { taxable: 70_00n, igst: 12_60n, cgst: 0n, sgst: 0n, cess: 0n },
        sources: [
          from("k1", { ...nothing, taxable: 100_00n, igst: 18_00n }),
          from("k2", { ...nothing, taxable: -30_00n, igst: -5_40n }),
        ],
      },
    ]);
  });
});

describe("table 4", () => {
  it("has all credit in (A), takes what is blocked away in (B), and nets them in (C)", () => {
    const { cells } = gstr3bOf(
      seller,
      april,
      [],
      [
        inward("bill", {
          supplier: neighbour,
          amounts: { ...nothing, taxable: 200_00n, cgst: 18_00n, sgst: 18_00n },
        }),
        inward("back", {
          supplier: neighbour,
          isReturn: true,
          amounts: { ...nothing, taxable: 50_00n, cgst: 4_50n, sgst: 4_50n },
        }),
        // The tax of imported goods is owed by who receives them too, and is told once: in (A)(1), not in 3.1(d).
        inward("import", {
          supplier: null,
          isImport: true,
          isReverseCharge: true,
          amounts: { ...nothing, taxable: 1_000_00n, igst: 180_00n, cess: 7_00n },
        }),
        inward("car", {
          supplier: null,
          isImport: true,
          isBlocked: true,
          amounts: { ...nothing, taxable: 300_00n, igst: 54_00n },
        }),
        inward("freight", {
          supplier: null,
          isReverseCharge: true,
          amounts: { ...nothing, taxable: 80_00n, cgst: 2_00n, sgst: 2_00n },
        }),
        inward("lunch", { isBlocked: true, amounts: { ...nothing, taxable: 70_00n, igst: 12_60n } }),
        inward("of another registration", { buyer: neighbour }),
      ],
    );
    const bill = from("bill", { ...nothing, taxable: 200_00n, cgst: 18_00n, sgst: 18_00n });
    const back = from("back", { ...nothing, taxable: -50_00n, cgst: -4_50n, sgst: -4_50n });
    const imported = from("import", { ...nothing, taxable: 1_000_00n, igst: 180_00n, cess: 7_00n });
    const car = from("car", { ...nothing, taxable: 300_00n, igst: 54_00n });
    const freight = from("freight", { ...nothing, taxable: 80_00n, cgst: 2_00n, sgst: 2_00n });
    const lunch = from("lunch", { ...nothing, taxable: 70_00n, igst: 12_60n });
    const reverse = {
      amounts: { taxable: 80_00n, igst: 0n, cgst: 2_00n, sgst: 2_00n, cess: 0n },
      sources: [freight],
    };
    const expected: Record<CellName, FigureOf> = {
      "3.1a": none,
      "3.1b": none,
      "3.1c": none,
      "3.1d": reverse,
      "3.1e": none,
      "3.1.1": none,
      "4A1": {
        amounts: { taxable: 1_300_00n, igst: 234_00n, cgst: 0n, sgst: 0n, cess: 7_00n },
        sources: [imported, car],
      },
      "4A3": reverse,
      "4A5": {
        amounts: { taxable: 220_00n, igst: 12_60n, cgst: 13_50n, sgst: 13_50n, cess: 0n },
        sources: [bill, back, lunch],
      },
      "4B1": {
        amounts: { taxable: 370_00n, igst: 66_60n, cgst: 0n, sgst: 0n, cess: 0n },
        sources: [car, lunch],
      },
      "4C": {
        amounts: { taxable: 1_230_00n, igst: 180_00n, cgst: 15_50n, sgst: 15_50n, cess: 7_00n },
        sources: [
          imported,
          car,
          freight,
          bill,
          back,
          lunch,
          from("car", { ...nothing, taxable: -300_00n, igst: -54_00n }),
          from("lunch", { ...nothing, taxable: -70_00n, igst: -12_60n }),
        ],
      },
      "5inter": none,
      "5intra": none,
      "5nonInter": none,
      "5nonIntra": none,
    };
    expect(cells).toEqual(expected);
  });
});

describe("table 5", () => {
  it("divides what was not taxed by kind and by where it came from, and what went back takes away", () => {
    const { cells } = gstr3bOf(
      seller,
      april,
      [],
      [
        inward("a", { nature: "nil", amounts: value(1_00n) }),
        inward("b", { nature: "nil", supplier: neighbour, amounts: value(2_00n) }),
        inward("c", { nature: "non_gst", amounts: value(4_00n) }),
        inward("d", { nature: "non_gst", supplier: neighbour, amounts: value(8_00n) }),
        // A supplier without a registration: the place of supply says where it came from.
        inward("e", { nature: "nil", supplier: null, pos: "27", amounts: value(16_00n) }),
        inward("f", { nature: "nil", supplier: null, pos: "07", amounts: value(32_00n) }),
        // What comes from abroad is between states wherever it goes to.
        inward("g", { nature: "non_gst", supplier: null, isImport: true, amounts: value(64_00n) }),
        inward("h", { nature: "non_gst", supplier: neighbour, isReturn: true, amounts: value(3_00n) }),
      ],
    );
    expect(cells["5inter"]).toEqual({
      amounts: value(33_00n),
      sources: [from("a", value(1_00n)), from("f", value(32_00n))],
    });
    expect(cells["5intra"]).toEqual({
      amounts: value(18_00n),
      sources: [from("b", value(2_00n)), from("e", value(16_00n))],
    });
    expect(cells["5nonInter"]).toEqual({
      amounts: value(68_00n),
      sources: [from("c", value(4_00n)), from("g", value(64_00n))],
    });
    expect(cells["5nonIntra"]).toEqual({
      amounts: value(5_00n),
      sources: [from("d", value(8_00n)), from("h", value(-3_00n))],
    });
    // None of it is credit.
    expect(cells["4C"]).toEqual(none);
  });
});

describe("the words of the cells", () => {
  it("are the form's", () =>
    expect(cellWords).toEqual({
      "3.1a": "(a) Outward taxable supplies (other than zero rated, nil rated and exempted)",
      "3.1b": "(b) Outward taxable supplies (zero rated)",
      "3.1c": "(c) Other outward supplies (nil rated, exempted)",
      "3.1d": "(d) Inward supplies (liable to reverse charge)",
      "3.1e": "(e) Non-GST outward supplies",
      "3.1.1": "3.1.1 Through operators who pay the tax (section 9(5))",
      "4A1": "(A)(1) Import of goods",
      "4A3": "(A)(3) Inward supplies liable to reverse charge",
      "4A5": "(A)(5) All other credit",
      "4B1": "(B)(1) Reversed: section 17(5)",
      "4C": "(C) Net input tax credit",
      "5inter": "Inward nil rated and exempt, between states",
      "5intra": "Inward nil rated and exempt, within the state",
      "5nonInter": "Inward non-GST, between states",
      "5nonIntra": "Inward non-GST, within the state",
    }));
});
