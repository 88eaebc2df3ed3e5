/** The rows of stock against invoices: which items have one, what each shows, and in which order they stand. */
import { describe, expect, it } from "vitest";
import {
  byHsn,
  causeWords,
  type Explained,
  type Reconciled,
  type Reported,
  reconcile,
} from "../../../lib/core/gst/reconcile";
import { april, moved, reported } from "./shapes";

/** What the items themselves say; the papers of these tests say something else where that matters. */
const hsnOf = () => "9999";
const row = (over: Partial<Reconciled> = {}): Reconciled => ({
  item: "mug",
  hsn: "6912",
  out: { moved: 0n, reported: 0n },
  back: { moved: 0n, reported: 0n },
  explained: [],
  ...over,
});
const explained = (over: Partial<Explained> = {}): Explained => ({
  cause: "not_issued",
  side: "out",
  line: "l1",
  moved: 2n,
  reported: 0n,
  order: "1001",
  document: null,
  ...over,
});

describe("a row of stock against invoices", () => {
  it("is none of an item that neither moved nor was reported in the period", () => {
    expect(reconcile(april, [moved({ on: "2026-03-31" })], [reported({ on: "2026-05-01" })], hsnOf)).toEqual([]);
    expect(reconcile(april, [], [reported({ isCancelled: true })], hsnOf)).toEqual([]);
  });

  it("counts the first and the last day of the period", () => {
    const days = ["2026-03-31", "2026-04-01", "2026-04-30", "2026-05-01"];
    const rows = reconcile(
      april,
      days.map((on, at) => moved({ on, qty: 10n ** BigInt(at) })),
      days.map((on, at) => reported({ on, qty: 10n ** BigInt(at) })),
      hsnOf,
    );
    expect(rows).toEqual([row({ out: { moved: 110n, reported: 110n } })]);
  });

  it("has the code of the papers that stand, else of the cancelled ones, else the item's own", () => {
    const cancelled = reported({ id: "d0", number: "INV-0", hsn: "7013", isCancelled: true });
    expect(reconcile(april, [moved()], [cancelled, reported()], hsnOf)).toEqual([
      row({ out: { moved: 2n, reported: 2n } }),
    ]);
    expect(reconcile(april, [moved()], [cancelled], hsnOf)).toEqual([
      row({
        hsn: "7013",
        out: { moved: 2n, reported: 0n },
        explained: [explained({ cause: "cancelled", document: { id: "d0", number: "INV-0", on: "2026-04-11" } })],
      }),
    ]);
    expect(reconcile(april, [moved()], [], hsnOf)).toEqual([
      row({ hsn: "9999", out: { moved: 2n, reported: 0n }, explained: [explained()] }),
    ]);
  });

  it("shows the document of the period before one of another, and one that stands before a cancelled one", () => {
    const cancelled = reported({ id: "d0", number: "INV-0", isCancelled: true });
    const later = reported({ id: "d2", number: "INV-2", on: "2026-05-02" });
    const documents = (papers: readonly Reported[]) =>
      reconcile(april, [moved({ qty: 3n })], papers, hsnOf).flatMap((one) =>
        one.explained.map(({ cause, document }) => [cause, document?.number, document?.on]),
      );
    expect(documents([cancelled, later, reported()])).toEqual([["quantity", "INV-1", "2026-04-11"]]);
    expect(documents([cancelled, later])).toEqual([["issued_other_period", "INV-2", "2026-05-02"]]);
    expect(documents([cancelled])).toEqual([["cancelled", "INV-0", "2026-04-11"]]);
  });

  it("adds up the lines of its item and names each that differs", () => {
    const rows = reconcile(
      april,
      [moved(), moved({ line: "l2", qty: 5n, number: "1002" }), moved({ side: "back", line: "r1", qty: 1n })],
      [
        reported(),
        reported({ line: "l2", qty: 4n, id: "d2", number: "INV-2" }),
        reported({ line: "l3", qty: 7n, id: "d3", number: "INV-3" }),
        reported({ side: "back", line: "r1", qty: 1n, id: "n1", number: "CN-1" }),
      ],
      hsnOf,
    );
    expect(rows).toEqual([
      row({
        out: { moved: 7n, reported: 13n },
        back: { moved: 1n, reported: 1n },
        explained: [
          explained({
            cause: "quantity",
            line: "l2",
            moved: 5n,
            reported: 4n,
            order: "1002",
            document: { id: "d2", number: "INV-2", on: "2026-04-11" },
          }),
          explained({
            cause: "not_moved",
            line: "l3",
            moved: 0n,
            reported: 7n,
            order: null,
            document: { id: "d3", number: "INV-3", on: "2026-04-11" },
          }),
        ],
      }),
    ]);
  });
});

describe("the rows of stock against invoices", () => {
  it("stand by code and then by item, each item in a row of its own", () => {
    const items = [
      ["mug", "6912", 1n],
      ["vase", "7013", 2n],
      ["book", "49", 4n],
      ["cup", "6912", 8n],
      ["map", "4905", 16n],
    ] as const;
    const rows = reconcile(
      april,
      items.map(([item, , qty]) => moved({ item, line: `of ${item}`, qty })),
      items.map(([item, hsn, qty]) => reported({ item, hsn, line: `of ${item}`, qty })),
      hsnOf,
    );
    expect(rows).toEqual([
      row({ item: "book", hsn: "49", out: { moved: 4n, reported: 4n } }),
      row({ item: "map", hsn: "4905", out: { moved: 16n, reported: 16n } }),
      row({ item: "cup", out: { moved: 8n, reported: 8n } }),
      row({ item: "mug", out: { moved: 1n, reported: 1n } }),
      row({ item: "vase", hsn: "7013", out: { moved: 2n, reported: 2n } }),
    ]);
  });
});

describe("the same code by code", () => {
  it("adds up items of the same code and decimals, and no others; by code and then by decimals", () => {
    const decimalsOf = (item: string) => (item === "clay" ? 2 : 0);
    const rows = [
      row({ item: "clay", out: { moved: 150n, reported: 125n }, explained: [explained()] }),
      row({ item: "vase", hsn: "7013", back: { moved: 3n, reported: 4n }, explained: [explained(), explained()] }),
      row({ item: "book", hsn: "49", out: { moved: 9n, reported: 9n } }),
      row({
        item: "cup",
        out: { moved: 1n, reported: 10n },
        back: { moved: 100n, reported: 1_000n },
        explained: [explained()],
      }),
      row({
        item: "mug",
        out: { moved: 2n, reported: 20n },
        back: { moved: 200n, reported: 2_000n },
        explained: [explained(), explained()],
      }),
    ];
    expect(byHsn(rows, decimalsOf)).toEqual([
      {
        hsn: "49",
        decimals: 0,
        items: 1,
        out: { moved: 9n, reported: 9n },
        back: { moved: 0n, reported: 0n },
        differences: 0,
      },
      {
        hsn: "6912",
        decimals: 0,
        items: 2,
        out: { moved: 3n, reported: 30n },
        back: { moved: 300n, reported: 3_000n },
        differences: 3,
      },
      {
        hsn: "6912",
        decimals: 2,
        items: 1,
        out: { moved: 150n, reported: 125n },
        back: { moved: 0n, reported: 0n },
        differences: 1,
      },
      {
        hsn: "7013",
        decimals: 0,
        items: 1,
        out: { moved: 0n, reported: 0n },
        back: { moved: 3n, reported: 4n },
        differences: 2,
      },
    ]);
  });
});

describe("the words of the causes", () => {
  it("say of sales and of returns what differs", () =>
    expect(causeWords).toEqual({
      out: {
        not_issued: "Sold, and no invoice was issued",
        cancelled: "Sold, and its invoice is cancelled",
        issued_other_period: "Sold in this period, invoiced in another",
        moved_other_period: "Invoiced in this period, sold in another",
        not_moved: "Invoiced, and no stock went out for it",
        quantity: "Invoiced in another quantity than was sold",
      },
      back: {
        not_issued: "Came back, and no credit note was issued",
        cancelled: "Came back, and its credit note is cancelled",
        issued_other_period: "Came back in this period, credited in another",
        moved_other_period: "Credited in this period, came back in another",
        not_moved: "Credited, and no stock came back for it",
        quantity: "Credited in another quantity than came back",
      },
    }));
});
