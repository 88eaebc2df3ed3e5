/** The rows of GSTR-1 as whole rows: which there are, what each comes to, and in which order they stand. */
import { describe, expect, it } from "vitest";
import { nothing } from "../../../lib/core/gst/document";
import { type Given, gstr1Of, issuedOf, standing } from "../../../lib/core/gst/gstr1";
import { april, buyer, document, interLine, line, seller, untaxed } from "./shapes";

const at5 = interLine({ rate: 500n, taxable: 40_00n, igst: 2_00n });
const at12 = interLine({ rate: 1_200n, taxable: 50_00n, igst: 6_00n });

describe("the documents of a return", () => {
  it("are those of its first and its last day too", () => {
    const days = ["2026-03-31", "2026-04-01", "2026-04-30", "2026-05-01"];
    const stand = standing(
      seller,
      april,
      days.map((on) => document({ id: on, on })),
    );
    expect(stand.map(({ id }) => id)).toEqual(["2026-04-01", "2026-04-30"]);
  });
});

describe("a document of a table", () => {
  it("has one sum for each rate, rates rising", () => {
    const one = document({
      buyer,
      pos: "29",
      lines: [interLine(), at5, at12, interLine({ taxable: 10_00n, igst: 1_80n })],
    });
    expect(gstr1Of(seller, april, [one]).b2b).toEqual([
      {
        document: one,
        rates: [
          { rate: 500n, amounts: { ...nothing, taxable: 40_00n, igst: 2_00n } },
          { rate: 1_200n, amounts: { ...nothing, taxable: 50_00n, igst: 6_00n } },
          { rate: 1_800n, amounts: { ...nothing, taxable: 110_00n, igst: 19_80n } },
        ],
      },
    ]);
  });

  it("is in none where nothing of it is taxed", () => {
    const books = document({ id: "books", buyer, lines: [untaxed("exempt", 70_00n)] });
    const gstr1 = gstr1Of(seller, april, [books]);
    expect(gstr1.b2b).toEqual([]);
    expect(gstr1.nil).toEqual([{ kind: "INTRAB2B", nil: 0n, exempt: 70_00n, nonGst: 0n, documents: ["books"] }]);
  });
});

describe("what is sold to others in one sum", () => {
  it("is a row for each place and rate, in that order, notes taken away", () => {
    const { b2cs } = gstr1Of(seller, april, [
      document({ id: "a", pos: "29", lines: [interLine(), at5] }),
      document({ id: "b", lines: [line()] }),
      document({ id: "c", pos: "29", lines: [interLine({ taxable: 300_00n, igst: 54_00n })] }),
      document({ id: "d", pos: "29", kind: "credit_note", lines: [at5, at5] }),
      document({ id: "e", pos: "07", lines: [at12] }),
    ]);
    expect(b2cs).toEqual([
      {
        pos: "07",
        way: "inter",
        rate: 1_200n,
        amounts: { ...nothing, taxable: 50_00n, igst: 6_00n },
        documents: ["e"],
      },
      {
        pos: "27",
        way: "intra",
        rate: 1_800n,
        amounts: { ...nothing, taxable: 100_00n, cgst: 9_00n, sgst: 9_00n },
        documents: ["b"],
      },
      {
        pos: "29",
        way: "inter",
        rate: 500n,
        amounts: { ...nothing, taxable: -40_00n, igst: -2_00n },
        documents: ["a", "d"],
      },
      {
        pos: "29",
        way: "inter",
        rate: 1_800n,
        amounts: { ...nothing, taxable: 400_00n, igst: 72_00n },
        documents: ["a", "c"],
      },
    ]);
  });
});

describe("what is not taxed", () => {
  it("has no row where all is taxed", () =>
    expect(gstr1Of(seller, april, [document(), document({ id: "d2", buyer, pos: "29" })]).nil).toEqual([]));

  it("is told by where it went and whether the buyer is registered", () => {
    const { nil } = gstr1Of(seller, april, [
      document({ id: "a", lines: [untaxed("nil", 1_00n)] }),
      document({ id: "b", buyer, lines: [untaxed("exempt", 2_00n), line()] }),
      document({ id: "c", pos: "29", lines: [untaxed("non_gst", 4_00n), untaxed("nil", 8_00n)] }),
      document({ id: "d", buyer, pos: "29", lines: [untaxed("nil", 16_00n)] }),
      document({ id: "e", buyer, pos: "29", kind: "credit_note", lines: [untaxed("nil", 3_00n)] }),
      // Zero-rated are all lines of an export: it is in another table.
      document({ id: "f", pos: "96", supply: "export_without", lines: [untaxed("nil", 32_00n)] }),
    ]);
    expect(nil).toEqual([
      { kind: "INTRB2B", nil: 13_00n, exempt: 0n, nonGst: 0n, documents: ["d", "e"] },
      { kind: "INTRAB2B", nil: 0n, exempt: 2_00n, nonGst: 0n, documents: ["b"] },
      { kind: "INTRB2C", nil: 8_00n, exempt: 0n, nonGst: 4_00n, documents: ["c"] },
      { kind: "INTRAB2C", nil: 1_00n, exempt: 0n, nonGst: 0n, documents: ["a"] },
    ]);
  });
});

describe("table 12", () => {
  it("has a row for each code and rate, rates rising, and names a document once", () => {
    const local5 = line({ rate: 500n, description: "Cup", qty: 3n, taxable: 40_00n, cgst: 1_00n, sgst: 1_00n });
    const { hsn } = gstr1Of(seller, april, [
      document({ id: "a", lines: [line({ qty: 2n }), line({ description: "Beaker", qty: 5n }), local5] }),
      document({
        id: "b",
        kind: "credit_note",
        lines: [line({ qty: 50n, decimals: 2, taxable: 25_00n, cgst: 2_25n, sgst: 2_25n })],
      }),
    ]);
    const common = { toRegistered: false, hsn: "6912", uqc: "NOS" };
    expect(hsn).toEqual([
      {
        ...common,
        rate: 500n,
        description: "Cup",
        qty: 3n,
        decimals: 0,
        amounts: { ...nothing, taxable: 40_00n, cgst: 1_00n, sgst: 1_00n },
        documents: ["a"],
      },
      {
        ...common,
        rate: 1_800n,
        // 2 and 5 less 0.50.
        description: "Mug",
        qty: 650n,
        decimals: 2,
        amounts: { ...nothing, taxable: 175_00n, cgst: 15_75n, sgst: 15_75n },
        documents: ["a", "b"],
      },
    ]);
  });
});

describe("table 14", () => {
  it("has nothing to collect before section 52 was in force", () => {
    const on = "2018-09-30";
    const one = document({ on, pos: "29", lines: [interLine()], operator: { gstin: buyer, pays: false } });
    expect(gstr1Of(seller, { from: "2018-09-01", to: on }, [one]).operators).toEqual([
      {
        gstin: buyer,
        pays: false,
        amounts: { ...nothing, taxable: 100_00n, igst: 18_00n },
        tcs: 0n,
        documents: ["d1"],
      },
    ]);
  });
});

describe("table 13", () => {
  const given = (series: string, nth: bigint, over: Partial<Given> = {}): Given => ({
    kind: "invoice",
    series,
    nth,
    number: `${series}-${nth}`,
    isCancelled: false,
    ...over,
  });

  it("has the series in order, and does not run one into the next", () => {
    expect(
      issuedOf([
        given("C", 5n),
        given("A", 2n),
        given("B", 3n),
        given("A", 1n, { isCancelled: true }),
        given("C", 6n),
        given("B", 4n),
        given("C", 7n, { isCancelled: true }),
      ]),
    ).toEqual([
      {
        kind: "invoice",
        ranges: [
          { from: "A-1", to: "A-2", total: 2n, cancelled: 1n },
          { from: "B-3", to: "B-4", total: 2n, cancelled: 0n },
          { from: "C-5", to: "C-7", total: 3n, cancelled: 1n },
        ],
      },
    ]);
  });

  it("tells invoices, debit notes and credit notes apart, in the form's order", () => {
    const kinds = ["credit_note", "debit_note", "invoice"] as const;
    expect(issuedOf(kinds.map((kind, at) => given("A", BigInt(at), { kind })))).toEqual([
      { kind: "invoice", ranges: [{ from: "A-2", to: "A-2", total: 1n, cancelled: 0n }] },
      { kind: "debit_note", ranges: [{ from: "A-1", to: "A-1", total: 1n, cancelled: 0n }] },
      { kind: "credit_note", ranges: [{ from: "A-0", to: "A-0", total: 1n, cancelled: 0n }] },
    ]);
  });
});

describe("table 12 of a quarter in which it was divided", () => {
  it("is divided as a whole, so that no row is left out of the file and no two buyers are one", () => {
    const quarter = { from: "2025-04-01", to: "2025-06-30" } as const;
    const documents = [
      document({ id: "d1", on: "2025-04-20", lines: [line({ taxable: 100_00n })] }),
      document({ id: "d2", on: "2025-06-10", lines: [line({ taxable: 777_00n })] }),
      document({ id: "d3", on: "2025-06-11", buyer, lines: [line({ taxable: 40_00n })] }),
    ];
    const rows = gstr1Of(seller, quarter, documents).hsn;
    expect(rows.map(({ toRegistered, amounts, documents: of }) => [toRegistered, amounts.taxable, of])).toEqual([
      [true, 40_00n, ["d3"]],
      [false, 877_00n, ["d1", "d2"]],
    ]);
    // A month before it was divided is told as it was then.
    const month = { from: "2025-04-01", to: "2025-04-30" } as const;
    expect(gstr1Of(seller, month, documents).hsn.map(({ toRegistered }) => toRegistered)).toEqual([null]);
  });
});
