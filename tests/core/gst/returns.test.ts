import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  amountsOf,
  counted,
  type GstDocument,
  isZeroRated,
  nothing,
  plus,
  wayOfDocument,
} from "../../../lib/core/gst/document";
import { gstr1Of, issuedOf, standing, tableOf, taxableLines, totalOf } from "../../../lib/core/gst/gstr1";
import { creditCells, gstr3bOf } from "../../../lib/core/gst/gstr3b";
import { april, bought, buyer, document, interLine, line, neighbour, seller, someDocuments } from "./shapes";

describe("the table of a document", () => {
  const large = interLine({ taxable: 100_000_00n, igst: 18_000_00n });
  const toOther = { pos: "29", lines: [large] } as const;
  it.each<[string, Partial<GstDocument>, string]>([
    ["registered", { buyer }, "b2b"],
    ["to an SEZ", { buyer, supply: "sez_without" }, "b2b"],
    ["unregistered, within the state", { lines: [line({ taxable: 900_000_00n })] }, "b2cs"],
    ["unregistered, between states, large", toOther, "b2cl"],
    ["the same before August 2024, when it was not", { ...toOther, on: "2024-07-31" }, "b2cs"],
    ["unregistered, between states, exactly at the bound", { pos: "29", value: 100_000_00n }, "b2cs"],
    ["an export", { pos: "96", supply: "export_with" }, "exp"],
    ["an export to somebody with a registration", { pos: "96", supply: "export_without", buyer }, "exp"],
    ["a note to a registered buyer", { kind: "credit_note", buyer }, "cdnr"],
    [
      "a note of a large invoice",
      { ...toOther, kind: "credit_note", of: { number: "1", on: "2026-03-01", value: 118_000_00n } },
      "cdnur",
    ],
    [
      "a note of an invoice that was not large in its time",
      { ...toOther, kind: "credit_note", of: { number: "1", on: "2024-07-01", value: 118_000_00n } },
      "b2cs",
    ],
    ["a note of an export", { kind: "debit_note", pos: "96", supply: "export_with" }, "cdnur"],
    ["a note of nothing that is known", { ...toOther, kind: "credit_note" }, "b2cs"],
  ])("%s", (_, over, table) => expect(tableOf(document(over))).toBe(table));
});

describe("GSTR-1", () => {
  it("puts what is not taxed into NIL, and leaves away what was cancelled or is of other days", () => {
    const mixed = document({
      id: "a",
      lines: [line(), line({ nature: "nil", rate: 0n, cgst: 0n, sgst: 0n, taxable: 50_00n })],
    });
    const note = document({
      id: "b",
      kind: "credit_note",
      lines: [line({ nature: "exempt", rate: 0n, cgst: 0n, sgst: 0n, taxable: 20_00n })],
    });
    const gstr1 = gstr1Of(seller, april, [
      mixed,
      note,
      document({ id: "c", isCancelled: true }),
      document({ id: "d", on: "2026-05-01" }),
      document({ id: "e", seller: neighbour }),
    ]);
    expect(gstr1.nil).toEqual([{ kind: "INTRAB2C", nil: 50_00n, exempt: -20_00n, nonGst: 0n, documents: ["a", "b"] }]);
    expect(gstr1.b2cs).toHaveLength(1);
    expect(gstr1.b2cs[0]).toMatchObject({ pos: "27", way: "intra", rate: 1_800n, documents: ["a"] });
    expect(totalOf(gstr1)).toEqual({ taxable: 100_00n, igst: 0n, cgst: 9_00n, sgst: 9_00n, cess: 0n });
  });

  it("tells what an operator pays the tax of in table 14 alone", () => {
    const through = (pays: boolean, id: string) => document({ id, operator: { gstin: buyer, pays } });
    const gstr1 = gstr1Of(seller, april, [through(false, "a"), through(true, "b")]);
    expect(gstr1.operators.map(({ pays, documents }) => [pays, documents])).toEqual([
      [false, ["a"]],
      [true, ["b"]],
    ]);
    expect(totalOf(gstr1).taxable).toBe(100_00n);
  });

  it("says what an operator is to collect: by the rate of each day, on what is left after notes, nothing where it pays itself", () => {
    const july = { from: "2024-07-01", to: "2024-07-31" };
    const sold = (id: string, on: string, over: Partial<GstDocument> = {}) =>
      document({ id, on, operator: { gstin: buyer, pays: false }, ...over });
    const tcs = (...documents: readonly GstDocument[]) =>
      gstr1Of(seller, july, documents).operators.map((one) => one.tcs);
    expect(tcs(sold("a", "2024-07-09"))).toEqual([1_00n]);
    expect(tcs(sold("a", "2024-07-09"), sold("b", "2024-07-10"))).toEqual([1_50n]);
    expect(tcs(sold("a", "2024-07-10"), sold("b", "2024-07-11", { kind: "credit_note" }))).toEqual([0n]);
    expect(tcs(sold("a", "2024-07-10", { kind: "credit_note" }))).toEqual([0n]);
    expect(tcs(sold("a", "2024-07-10", { operator: { gstin: buyer, pays: true } }))).toEqual([0n]);
  });

  it("divides HSN by buyers since May 2025 and adds quantities of any decimals", () => {
    const whole = gstr1Of(seller, { from: "2025-04-01", to: "2025-04-30" }, [document({ on: "2025-04-10" })]);
    expect(whole.hsn.map(({ toRegistered }) => toRegistered)).toEqual([null]);
    const gstr1 = gstr1Of(seller, april, [
      document({ id: "a", lines: [line({ qty: 2n }), line({ qty: 150n, decimals: 2 })] }),
      document({ id: "b", buyer, lines: [line()] }),
      document({ id: "c", kind: "credit_note", lines: [line({ qty: 1n })] }),
    ]);
    expect(gstr1.hsn.map(({ toRegistered, qty, decimals }) => [toRegistered, qty, decimals])).toEqual([
      [true, 1n, 0],
      [false, 250n, 2],
    ]);
  });

  it("adds up to the documents whatever they are: tables, HSN and rates", () => {
    fc.assert(
      fc.property(someDocuments, (documents) => {
        const gstr1 = gstr1Of(seller, april, documents);
        const told = standing(seller, april, documents).filter(({ operator }) => operator?.pays !== true);
        const sumOf = (lines: (one: GstDocument) => readonly (typeof nothing)[]) =>
          amountsOf(told.map((one) => counted(one.kind, amountsOf(lines(one)))));
        expect(totalOf(gstr1)).toEqual(sumOf(taxableLines));
        expect(amountsOf(gstr1.hsn.map(({ amounts }) => amounts))).toEqual(sumOf(({ lines }) => lines));
        const untaxed = gstr1.nil.reduce((sum, row) => sum + row.nil + row.exempt + row.nonGst, 0n);
        expect(totalOf(gstr1).taxable + untaxed).toBe(sumOf(({ lines }) => lines).taxable);
        for (const table of ["b2b", "b2cl", "exp", "cdnr", "cdnur"] as const)
          for (const { document: one } of gstr1[table]) expect(tableOf(one)).toBe(table);
        for (const { way, amounts } of gstr1.b2cs)
          expect(way === "inter" ? amounts.cgst + amounts.sgst : amounts.igst).toBe(0n);
        const totals = totalOf(gstr1);
        expect(totals.cgst).toBe(totals.sgst);
      }),
    );
  });
});

describe("documents issued", () => {
  const given = (nth: bigint, over: Partial<Parameters<typeof issuedOf>[0][number]> = {}) => ({
    kind: "invoice" as const,
    series: "2026",
    nth,
    number: `INV-${nth}`,
    isCancelled: false,
    ...over,
  });
  it("are unbroken ranges of each series, with what was cancelled", () => {
    expect(
      issuedOf([
        given(3n),
        given(1n),
        given(2n, { isCancelled: true }),
        given(5n),
        given(1n, { series: "2025", number: "OLD-1" }),
      ]),
    ).toEqual([
      {
        kind: "invoice",
        ranges: [
          { from: "OLD-1", to: "OLD-1", total: 1n, cancelled: 0n },
          { from: "INV-1", to: "INV-3", total: 3n, cancelled: 1n },
          { from: "INV-5", to: "INV-5", total: 1n, cancelled: 0n },
        ],
      },
    ]);
    expect(issuedOf([])).toEqual([]);
  });
});

describe("GSTR-3B", () => {
  it("puts each purchase where it belongs, and what went back takes away", () => {
    const { cells } = gstr3bOf(
      seller,
      april,
      [],
      [
        bought(),
        bought({ id: "back", isReturn: true, amounts: { ...nothing, taxable: 50_00n, igst: 9_00n } }),
        bought({ id: "import", isImport: true, supplier: null }),
        bought({ id: "reverse", isReverseCharge: true }),
        bought({ id: "blocked", isBlocked: true }),
        bought({ id: "nil", nature: "nil", supplier: neighbour, amounts: { ...nothing, taxable: 7_00n } }),
        bought({ id: "non", nature: "non_gst", amounts: { ...nothing, taxable: 8_00n } }),
        bought({ id: "later", on: "2026-05-01" }),
        bought({ id: "other", buyer: neighbour }),
      ],
    );
    expect(cells["4A1"].amounts.igst).toBe(36_00n);
    expect(cells["4A3"]).toEqual(cells["3.1d"]);
    expect(cells["4A5"].amounts.igst).toBe(63_00n);
    expect(cells["4A5"].sources.map((source) => source.document)).toEqual(["p1", "back", "blocked"]);
    expect(cells["4B1"].amounts.igst).toBe(36_00n);
    expect(cells["4C"].amounts.igst).toBe(99_00n);
    expect(cells["5intra"].amounts.taxable).toBe(7_00n);
    expect(cells["5nonInter"].amounts.taxable).toBe(8_00n);
  });

  it("agrees with GSTR-1 and with its own sources, whatever the documents are", () => {
    fc.assert(
      fc.property(someDocuments, (documents) => {
        const { cells, unregistered } = gstr3bOf(seller, april, documents, []);
        const gstr1 = gstr1Of(seller, april, documents);
        for (const cell of Object.values(cells))
          expect(amountsOf(cell.sources.map(({ amounts }) => amounts))).toEqual(cell.amounts);
        expect(plus(cells["3.1a"].amounts, cells["3.1b"].amounts)).toEqual(totalOf(gstr1));
        const untaxed = gstr1.nil.reduce((sum, row) => sum + row.nil + row.exempt + row.nonGst, 0n);
        expect(cells["3.1c"].amounts.taxable + cells["3.1e"].amounts.taxable).toBe(untaxed);
        const named = new Map(documents.map((one) => [one.id, one]));
        for (const { pos, sources } of unregistered)
          for (const source of sources) {
            const one = named.get(source.document);
            expect(one === undefined ? null : [one.pos, wayOfDocument(one), one.buyer, isZeroRated(one)]).toEqual([
              pos,
              "inter",
              null,
              false,
            ]);
          }
        for (const name of creditCells) expect(cells[name].sources).toEqual([]);
      }),
    );
  });

  it("tells the value alone where the buyer owes the tax", () => {
    const { cells } = gstr3bOf(seller, april, [document({ buyer, isReverseCharge: true })], []);
    expect(cells["3.1a"].amounts).toEqual({ ...nothing, taxable: 100_00n });
  });
});
