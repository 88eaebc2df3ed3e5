import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byHsn, type Moved, type Reported, reconcile } from "../../../lib/core/gst/reconcile";
import { isQuiet, recordIn, recordOut, recordTerm, stockRecord } from "../../../lib/core/gst/stock-record";
import { outReasons } from "../../../lib/core/reasons";
import { april, moved, reported } from "./shapes";

const hsnOf = () => "6912";
const causesOf = (out: readonly Moved[], papers: readonly Reported[]) =>
  reconcile(april, out, papers, hsnOf).flatMap(({ explained }) => explained.map(({ cause }) => cause));

describe("stock against invoices", () => {
  it.each<[string, readonly Moved[], readonly Reported[], readonly string[]]>([
    ["both agree", [moved()], [reported()], []],
    ["no invoice", [moved()], [], ["not_issued"]],
    ["a cancelled invoice", [moved()], [reported({ isCancelled: true })], ["cancelled"]],
    ["cancelled and issued anew", [moved()], [reported({ isCancelled: true }), reported({ id: "d2" })], []],
    ["invoiced later", [moved()], [reported({ on: "2026-05-02" })], ["issued_other_period"]],
    ["sold before", [moved({ on: "2026-03-31" })], [reported()], ["moved_other_period"]],
    ["nothing went out", [], [reported()], ["not_moved"]],
    ["another quantity", [moved({ qty: 3n })], [reported()], ["quantity"]],
    ["both in another period", [moved({ on: "2026-03-31" })], [reported({ on: "2026-03-31" })], []],
  ])("%s", (_, out, papers, causes) => expect(causesOf(out, papers)).toEqual(causes));

  it("tells sales and returns of a line apart, and where to look", () => {
    const rows = reconcile(
      april,
      [moved(), moved({ side: "back", line: "r1", qty: 1n })],
      [reported(), reported({ side: "back", line: "r1", qty: 1n, on: "2026-05-01", id: "n1", number: "CN-1" })],
      hsnOf,
    );
    expect(rows).toEqual([
      {
        item: "mug",
        hsn: "6912",
        out: { moved: 2n, reported: 2n },
        back: { moved: 1n, reported: 0n },
        explained: [
          {
            cause: "issued_other_period",
            side: "back",
            line: "r1",
            moved: 1n,
            reported: 0n,
            order: "1001",
            document: { id: "n1", number: "CN-1", on: "2026-05-01" },
          },
        ],
      },
    ]);
  });

  it("explains every difference to the last piece, item by item and code by code", () => {
    const day = fc.constantFrom("2026-03-31", "2026-04-01", "2026-04-30", "2026-05-01");
    const common = {
      side: fc.constantFrom("out" as const, "back" as const),
      line: fc.constantFrom("l1", "l2", "l3"),
      item: fc.constantFrom("mug", "cup"),
      on: day,
      qty: fc.bigInt(1n, 5n),
    };
    const some = fc.array(
      fc.record(common).map((one) => moved(one)),
      { maxLength: 8 },
    );
    const papers = fc.array(
      fc
        .record({ ...common, hsn: fc.constantFrom("6912", "7013"), isCancelled: fc.boolean() })
        .map((one) => reported(one)),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(some, papers, (out, said) => {
        const rows = reconcile(april, out, said, hsnOf);
        const sum = (all: readonly Readonly<{ qty: bigint }>[]) => all.reduce((total, { qty }) => total + qty, 0n);
        const isIn = ({ on }: Readonly<{ on: string }>) => on >= april.from && on <= april.to;
        for (const side of ["out", "back"] as const) {
          const total = (of: "moved" | "reported") => rows.reduce((all, row) => all + row[side][of], 0n);
          expect(total("moved")).toBe(sum(out.filter((one) => one.side === side && isIn(one))));
          expect(total("reported")).toBe(sum(said.filter((one) => one.side === side && isIn(one) && !one.isCancelled)));
          for (const row of rows) {
            const explained = row.explained.filter((one) => one.side === side);
            const off = explained.reduce((all, one) => all + one.moved - one.reported, 0n);
            expect(row[side].moved - row[side].reported).toBe(off);
          }
        }
        const codes = byHsn(rows, (item) => (item === "mug" ? 0 : 2));
        for (const side of ["out", "back"] as const)
          expect(codes.reduce((all, row) => all + row[side].moved - row[side].reported, 0n)).toBe(
            rows.reduce((all, row) => all + row[side].moved - row[side].reported, 0n),
          );
        expect(codes.reduce((all, row) => all + row.differences, 0)).toBe(
          rows.reduce((all, row) => all + row.explained.length, 0),
        );
      }),
    );
  });
});

describe("the stock record of rule 56(2)", () => {
  it.each<[string, string | null, bigint, string]>([
    ["opening", null, 5n, "receipt"],
    ["purchase", null, 5n, "receipt"],
    ["backfill", null, 5n, "receipt"],
    ["sale", null, -1n, "supply"],
    ["loose_return", null, 1n, "returned"],
    ["sale_return", null, 1n, "returned"],
    ["purchase_return", null, -1n, "toSupplier"],
    ["assembly", null, 1n, "made"],
    ["assembly", null, -1n, "used"],
    ["transfer", null, 1n, "transferIn"],
    ["transfer", null, -1n, "transferOut"],
    ["adjustment", "found", 1n, "found"],
    ["adjustment", "lost", -1n, "lost"],
    ["adjustment", "stolen", -1n, "stolen"],
    ["adjustment", "destroyed", -1n, "destroyed"],
    ["adjustment", "written_off", -1n, "writtenOff"],
    ["adjustment", "gift", -1n, "gift"],
    ["adjustment", "sample", -1n, "sample"],
    ["adjustment", "own_use", -1n, "other"],
    ["adjustment", "FBA lost:warehouse", -1n, "other"],
    ["adjustment", null, -1n, "other"],
  ])("%s, %s, %s is %s", (kind, reason, qty, term) => expect(recordTerm({ kind, reason, qty })).toBe(term));

  it("adds up: opening and what came in, less what went out, is the balance", () => {
    const move = fc.record({
      kind: fc.constantFrom(
        "opening",
        "purchase",
        "sale",
        "sale_return",
        "purchase_return",
        "assembly",
        "transfer",
        "adjustment",
        "new",
      ),
      reason: fc.constantFrom(null, "their own words", ...outReasons),
      qty: fc.bigInt(-20n, 20n).filter((qty) => qty !== 0n),
    });
    fc.assert(
      fc.property(fc.bigInt(0n, 100n), fc.array(move), (opening, moves) => {
        const record = stockRecord(opening, moves);
        const sum = (terms: readonly (keyof typeof record)[]) =>
          terms.reduce((total, term) => total + record[term], 0n);
        expect(record.opening + sum(recordIn) - sum(recordOut)).toBe(record.balance);
        expect(record.balance).toBe(moves.reduce((total, { qty }) => total + qty, opening));
      }),
    );
  });

  it("has nothing to tell of what never was", () => {
    expect(isQuiet(stockRecord(0n, []))).toBe(true);
    expect(isQuiet(stockRecord(1n, []))).toBe(false);
    expect(isQuiet(stockRecord(0n, [{ kind: "sale", reason: null, qty: -1n }]))).toBe(false);
  });
});
