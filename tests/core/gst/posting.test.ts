import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heldOn, outputAccounts, paperPostings, type TaxedPaper } from "../../../lib/core/gst/posting";
import type { Posting } from "../../../lib/core/journal";

const paper = (over: Partial<TaxedPaper> = {}): TaxedPaper => ({
  kind: "invoice",
  number: "INV-1",
  on: "2026-04-03",
  heldOn: "2200",
  taxes: { igst: 0n, cgst: 900n, sgst: 900n },
  ...over,
});
const pairs = (postings: readonly Posting[]) =>
  postings.map(({ debit, credit, amount }) => [debit, credit, amount] as const);

describe("what a paper posts", () => {
  it("is each tax, from where the sale put it to its own account, on the paper's day", () => {
    const postings = paperPostings(paper());
    expect(pairs(postings)).toEqual([
      ["2200", "2221", 900n],
      ["2200", "2222", 900n],
    ]);
    expect(postings.map(({ purpose, effectiveOn, memo }) => [purpose, effectiveOn, memo])).toEqual([
      ["gst", "2026-04-03", "GST of INV-1"],
      ["gst", "2026-04-03", "GST of INV-1"],
    ]);
    expect(pairs(paperPostings(paper({ taxes: { igst: 1_800n, cgst: 0n, sgst: 0n } })))).toEqual([
      ["2200", "2223", 1_800n],
    ]);
  });

  it("goes back the same way with a credit note, out of what was refunded", () => {
    expect(pairs(paperPostings(paper({ kind: "credit_note", heldOn: "4090" })))).toEqual([
      ["2221", "4090", 900n],
      ["2222", "4090", 900n],
    ]);
  });

  it("is nothing where another pays, and where there is no tax", () => {
    expect(paperPostings(paper({ heldOn: null }))).toEqual([]);
    expect(paperPostings(paper({ taxes: { igst: 0n, cgst: 0n, sgst: 0n } }))).toEqual([]);
  });

  it("leaves an invoice's tax on no account once its note gave all of it back", () => {
    const tax = fc.bigInt({ min: 0n, max: 10n ** 12n });
    fc.assert(
      fc.property(tax, tax, (igst, half) => {
        const taxes = { igst, cgst: half, sgst: half };
        const owed = new Map<string, bigint>();
        for (const { debit, credit, amount } of [
          ...paperPostings(paper({ taxes })),
          ...paperPostings(paper({ kind: "credit_note", heldOn: "4090", taxes })),
        ]) {
          expect(amount > 0n).toBe(true);
          owed.set(debit, (owed.get(debit) ?? 0n) - amount);
          owed.set(credit, (owed.get(credit) ?? 0n) + amount);
        }
        for (const code of Object.values(outputAccounts)) expect(owed.get(code) ?? 0n).toBe(0n);
        expect(owed.get("4090") ?? 0n).toBe(igst + half + half);
      }),
    );
  });
});

describe("where a tax stands until its paper is issued", () => {
  const sold = { kind: "invoice", tax: 1_800n, taxBy: "seller", operatorPays: false } as const;
  it.each([
    ["2200", sold],
    ["2210", { ...sold, taxBy: "channel" as const }],
    ["4000", { ...sold, tax: 0n }],
    ["4000", { ...sold, tax: 0n, taxBy: "channel" as const }],
    ["4090", { ...sold, kind: "credit_note" as const, tax: 0n }],
    ["2200", { ...sold, kind: "credit_note" as const }],
    ["2210", { ...sold, kind: "credit_note" as const, taxBy: "channel" as const }],
    [null, { ...sold, operatorPays: true }],
    [null, { ...sold, kind: "credit_note" as const, operatorPays: true }],
  ])("is %s", (account, of) => {
    expect(heldOn(of)).toBe(account);
  });
});
