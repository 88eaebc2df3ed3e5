/** Matching at its edges: the order of a listing's lines, what fits a pin, decisions that are kept. */
import { describe, expect, test } from "vitest";
import {
  compareLines,
  decideListing,
  fitsPins,
  type KnownItems,
  type LineToMatch,
  matchLine,
  matchLines,
  mayBePinned,
  normalise,
} from "../../lib/core/matching";

const known: KnownItems = {
  bySku: new Map([
    ["a-1", ["A"]],
    ["b-1", ["B"]],
    ["c-1", ["C"]],
    ["twin", ["B", "A"]],
  ]),
  byName: new Map([
    ["apple", ["A"]],
    ["pair", ["C", "B", "C"]],
  ]),
  parts: new Map([
    [
      "KIT",
      [
        { item: "A", qty: 2n },
        { item: "B", qty: 1n },
      ],
    ],
  ]),
};

function line(id: string, change: Partial<LineToMatch> = {}): LineToMatch {
  const day = { on: "2025-03-01", at: null };
  return { id, listing: null, sku: "", name: "", ...day, hand: null, qty: 1n, pinned: [], ...change };
}
const pin = (item: string, qty = 1n) => ({ item, qty });
const none = { kind: "none" } as const;

test("texts are the same without case, width and runs of any white space", () => {
  expect(normalise("\u00a0Two \u2003\n Words\t")).toBe("two words");
  expect(normalise("x")).toBe("x");
  expect(normalise("ﬀ")).toBe("ff");
  expect(normalise("ΑΣ")).toBe(normalise("ας"));
});

test("lines of a listing go by day, time (none first), id", () => {
  const lines = [
    { on: "2025-03-01", at: 9n, id: "z" },
    { on: "2025-03-02", at: null, id: "a" },
    { on: "2025-03-02", at: null, id: "b" },
    { on: "2025-03-02", at: -5n, id: "c" },
    { on: "2025-03-02", at: 0n, id: "c" },
    { on: "2025-03-02", at: 5n, id: "a" },
    { on: "2025-03-02", at: 5n, id: "b" },
    { on: "2025-03-02", at: 7n, id: "a" },
    { on: "2025-03-03", at: 1n, id: "a" },
  ];
  for (const [i, a] of lines.entries())
    for (const [j, b] of lines.entries()) expect(Math.sign(compareLines(a, b))).toBe(Math.sign(i - j));
});

describe("a pin fits", () => {
  const fits = (item: string, qty: bigint, ...pinned: { item: string; qty: bigint }[]) =>
    fitsPins(item, { qty, pinned }, known);

  test("the item itself, up to the line's quantity, however many pins it is in", () => {
    expect([fits("A", 2n), fits("A", 2n, pin("A", 2n)), fits("A", 2n, pin("A", 3n)), fits("A", 2n, pin("B"))]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect([fits("A", 2n, pin("A"), pin("A")), fits("A", 2n, pin("A"), pin("A", 2n))]).toEqual([true, false]);
  });

  test("a bundle's parts, each up to what the line moves of it; never the bundle's own name", () => {
    expect(fits("KIT", 2n, pin("A", 4n), pin("B", 2n))).toBe(true);
    expect([fits("KIT", 2n, pin("A", 5n)), fits("KIT", 2n, pin("B", 3n)), fits("KIT", 2n, pin("KIT"))]).toEqual([
      false,
      false,
      false,
    ]);
    expect(fits("KIT", 2n, pin("A"), pin("C"))).toBe(false);
  });
});

describe("what a listing decides", () => {
  test("nothing, where no line matches by itself", () => {
    expect(decideListing([line("1", { sku: "twin" }), line("2")], known)).toEqual(none);
    expect(decideListing([], known)).toEqual(none);
  });

  test("by its first line; the others in the order of their first lines, each item once", () => {
    const lines = [
      line("4", { on: "2025-03-04", sku: "b-1" }),
      line("1", { on: "2025-03-01", sku: "c-1" }),
      line("5", { on: "2025-03-05", name: "apple" }),
      line("3", { on: "2025-03-03", sku: "a-1" }),
      line("2", { on: "2025-03-02", sku: "b-1" }),
      line("0", { on: "2025-02-01" }),
    ];
    expect(decideListing(lines, known)).toEqual({ kind: "first", item: "C", line: lines[1], others: ["B", "A"] });
  });

  test("by an item's first line, also where that comes last", () => {
    const lines = [
      line("3", { on: "2025-03-03", sku: "a-1" }),
      line("2", { on: "2025-03-02", sku: "b-1" }),
      line("1", { on: "2025-03-01", sku: "a-1" }),
    ];
    expect(decideListing(lines, known)).toEqual({ kind: "first", item: "A", line: lines[2], others: ["B"] });
  });

  test("by hand, each item once and in their order, whatever the lines say themselves", () => {
    const lines = [
      line("1", { hand: "C" }),
      line("2", { hand: "A" }),
      line("3", { hand: "C" }),
      line("4", { sku: "b-1" }),
    ];
    expect(decideListing(lines, known)).toEqual({ kind: "hand", items: ["A", "C"], others: ["B"] });
    expect(decideListing(lines.slice(0, 1), known)).toEqual({ kind: "hand", items: ["C"], others: [] });
  });
});

describe("a line", () => {
  test("is asked after by hand, listing, SKU, name; none of them alone gives nothing, and all are candidates", () => {
    const hand = { kind: "hand", items: ["A", "C"], others: [] } as const;
    expect(matchLine(line("x", { sku: "twin", name: "pair" }), known, hand)).toEqual({
      line: "x",
      item: null,
      by: null,
      candidates: ["A", "C", "B"],
    });
    expect(matchLine(line("x", { sku: "twin", name: "apple" }), known, none)).toEqual({
      line: "x",
      item: "A",
      by: "name",
      candidates: [],
    });
    expect(matchLine(line("x", { sku: "no", name: "no" }), known, none).candidates).toEqual([]);
  });

  test("takes the first line's item only after it", () => {
    const first = line("5", { on: "2025-03-05", sku: "b-1" });
    const decision = { kind: "first", item: "B", line: first, others: [] } as const;
    const by = (id: string, on: string) => matchLine(line(id, { on, sku: "a-1" }), known, decision);
    expect(
      [by("6", "2025-03-05"), by("4", "2025-03-05"), by("5", "2025-03-05")].map(({ item, by }) => [item, by]),
    ).toEqual([
      ["B", "listing"],
      ["A", "sku"],
      ["A", "sku"],
    ]);
  });

  test("stands alone without a listing, and apart from other listings", () => {
    const lines = [
      line("1", { listing: "L", hand: "C" }),
      line("2", { sku: "a-1" }),
      line("3", { listing: "M", sku: "b-1" }),
      line("4", { listing: "L" }),
    ];
    expect(matchLines(lines, known).map(({ line: id, item, by }) => [id, item, by])).toEqual([
      ["1", "C", "hand"],
      ["2", "A", "sku"],
      ["3", "B", "sku"],
      ["4", "C", "listing"],
    ]);
  });
});

describe("a pinned line", () => {
  const match = (change: Partial<LineToMatch>, decision: Parameters<typeof matchLine>[2] = none) => {
    const { item, by } = matchLine(line("x", change), known, decision);
    return [item, by];
  };

  test("is the one of several that fits, the first of them by id", () => {
    expect(match({ sku: "twin", pinned: [pin("B")] })).toEqual(["B", "sku"]);
    expect(matchLine(line("x", { name: "pair", pinned: [pin("C")] }), known, none)).toEqual({
      line: "x",
      item: "C",
      by: "name",
      candidates: [],
    });
    expect(match({ sku: "twin" })).toEqual([null, null]);
  });

  test("may be pinned to what it, or another line of its listing, could be; what stands is held where nothing is left", () => {
    const may = (pinned: LineToMatch, ...earlier: LineToMatch[]) => {
      const own = pinned.listing === null ? [] : [...earlier, pinned];
      return mayBePinned(pinned, known, decideListing(own, known), own);
    };
    const of = (item: string, change: Partial<LineToMatch> = {}) =>
      line("x", { listing: "L", pinned: [pin(item)], ...change });
    const other = (change: Partial<LineToMatch>) => line("1", { listing: "L", on: "2025-01-01", ...change });
    expect(may(line("x", { listing: "L" }))).toBe(true);
    expect(may(of("A", { sku: "a-1" }))).toBe(true);
    expect(may(of("A", { hand: "A" }))).toBe(true);
    expect(may(of("C", { sku: "a-1" }))).toBe(false);
    expect(may(of("A"))).toBe(false);
    expect(may(of("A"), other({ sku: "a-1" }))).toBe(true);
    expect(may(of("A", { sku: "b-1" }), other({ sku: "a-1" }))).toBe(true);
    expect(may(of("A"), other({ hand: "KIT", on: "2025-09-01" }))).toBe(true);
    // That line says nothing by itself any more since another item has its SKU; what it could be, this one may be.
    expect(may(of("A"), other({ sku: "twin" }))).toBe(true);
    expect(may(of("C"), other({ sku: "twin" }))).toBe(false);
    // A line decides for those after it.
    expect(may(of("A"), other({ sku: "a-1", on: "2025-09-01" }))).toBe(false);
    // And none does for one without a listing.
    expect(may(line("x", { pinned: [pin("A")] }))).toBe(false);
    expect(match({ listing: "L", sku: "a-1", pinned: [pin("C")] })).toEqual(["C", "listing"]);
    expect(match({ sku: "a-1", pinned: [pin("C")] })).toEqual(["A", "sku"]);
  });

  test("keeps the ordinary answer where that fits, or where nothing else does", () => {
    expect(match({ sku: "a-1", name: "pair", pinned: [pin("A")] })).toEqual(["A", "sku"]);
    expect(match({ sku: "twin", name: "apple", pinned: [pin("A")] })).toEqual(["A", "name"]);
    expect(match({ sku: "a-1", pinned: [pin("B")] })).toEqual(["A", "sku"]);
    expect(match({ pinned: [pin("B")] })).toEqual([null, null]);
  });

  test("of a listing is held as another line's item, or as the lots' own", () => {
    const hand = { kind: "hand", items: ["A"], others: ["KIT", "B"] } as const;
    expect(match({ listing: "L", pinned: [pin("B")] }, hand)).toEqual(["KIT", "listing"]);
    expect(match({ listing: "L", pinned: [pin("B", 2n)], qty: 2n }, hand)).toEqual(["KIT", "listing"]);
    expect(match({ listing: "L", pinned: [pin("C")] }, hand)).toEqual(["C", "listing"]);
    expect(match({ listing: "L", pinned: [pin("C")] })).toEqual(["C", "listing"]);
    // Who has a match has no candidates.
    for (const of of ["B", "C"])
      expect(matchLine(line("x", { listing: "L", pinned: [pin(of)] }), known, hand).candidates).toEqual([]);
    // Two items, or more than the line has: no one item of the lots' own is meant.
    expect(match({ listing: "L", pinned: [pin("C"), pin("D")] })).toEqual([null, null]);
    expect(match({ listing: "L", pinned: [pin("C", 2n)] })).toEqual([null, null]);
    expect(match({ listing: "L", pinned: [pin("C"), pin("C")], qty: 2n })).toEqual(["C", "listing"]);
  });
});
