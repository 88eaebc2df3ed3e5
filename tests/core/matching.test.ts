import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type KnownItems, type LineToMatch, matchLines, normalise } from "../../lib/core/matching";

const known: KnownItems = {
  bySku: new Map([
    ["a-1", ["A"]],
    ["b-1", ["B"]],
    ["twin", ["A", "B"]],
  ]),
  byName: new Map([
    ["apple", ["A"]],
    ["both", ["B", "C"]],
  ]),
  parts: new Map(),
};

/** One unit pinned to a lot of an item. */
const of = (item: string) => [{ item, qty: 1n }];

let count = 0;
function line(change: Partial<LineToMatch> = {}): LineToMatch {
  count += 1;
  const id = change.id ?? `l${String(count).padStart(4, "0")}`;
  return {
    listing: null,
    sku: "",
    name: "",
    on: "2025-03-01",
    at: null,
    hand: null,
    qty: 1n,
    pinned: [],
    ...change,
    id,
  };
}

/** What each line is of and how, as `item by`. */
function answers(lines: readonly LineToMatch[]): string[] {
  return matchLines(lines, known).map(({ item, by }) => `${item} ${by}`);
}

describe("texts", () => {
  test("are compared without case, width, ligatures and runs of white space", () => {
    expect(normalise("  Ｗｉｄｇｅｔ\u00a0\t ﬁve  ")).toBe("widget five");
    expect(normalise("STRASSE")).toBe(normalise("Straße"));
    expect(normalise("e\u0301")).toBe(normalise("É"));
    expect(normalise(" \u2003 ")).toBe("");
  });
});

describe("a line by itself", () => {
  test("is matched by SKU, then by name; an unknown or ambiguous SKU does not stop the name", () => {
    expect(answers([line({ sku: "b-1", name: "apple" })])).toEqual(["B sku"]);
    expect(answers([line({ sku: "zzz", name: "apple" })])).toEqual(["A name"]);
    expect(answers([line({ sku: "twin", name: "apple" })])).toEqual(["A name"]);
  });
  test("is offered with all that could be meant where nothing gives exactly one", () => {
    expect(matchLines([line({ id: "x", sku: "twin", name: "both" })], known)).toEqual([
      { line: "x", item: null, by: null, candidates: ["A", "B", "C"] },
    ]);
  });
  test("matches nothing where it says nothing", () => {
    const empty = { bySku: new Map([["", ["A"]]]), byName: new Map([["", ["A"]]]), parts: new Map() };
    expect(matchLines([line()], empty)[0]?.item).toBeNull();
  });
  test("a match by hand comes before everything", () => {
    expect(answers([line({ sku: "a-1", name: "apple", hand: "C" })])).toEqual(["C hand"]);
  });
});

describe("a listing", () => {
  test("a match by hand holds for all its lines, before and after, and not for other listings", () => {
    const lines = [
      line({ listing: "L", on: "2025-01-01", sku: "b-1" }),
      line({ listing: "L", on: "2025-02-01", hand: "C" }),
      line({ listing: "L", on: "2025-03-01" }),
      line({ listing: "M", sku: "b-1" }),
    ];
    expect(answers(lines)).toEqual(["C listing", "C hand", "C listing", "B sku"]);
  });
  test("matches by hand that disagree hold for their own lines only; the others ask SKU and name", () => {
    const lines = [
      line({ listing: "L", hand: "A" }),
      line({ listing: "L", hand: "C" }),
      line({ listing: "L", sku: "b-1" }),
      line({ id: "open", listing: "L" }),
    ];
    expect(answers(lines)).toEqual(["A hand", "C hand", "B sku", "null null"]);
    expect(matchLines(lines, known)[3]?.candidates).toEqual(["A", "C"]);
  });
  test("without one, the earliest line that matched by SKU or name decides for the later ones, whatever their SKU", () => {
    const lines = [
      line({ listing: "L", on: "2025-03-03", sku: "b-1" }),
      line({ listing: "L", on: "2025-03-01", sku: "twin" }),
      line({ listing: "L", on: "2025-03-02", name: "apple" }),
      line({ listing: "L", on: "2025-03-04" }),
    ];
    expect(answers(lines)).toEqual(["A listing", "null null", "A name", "A listing"]);
  });
  test("of two lines at one time the smaller id is earlier, and a line without time comes first on its day", () => {
    const at = 5n;
    expect(
      answers([line({ id: "b", listing: "L", at, sku: "b-1" }), line({ id: "a", listing: "L", at, sku: "a-1" })]),
    ).toEqual(["A listing", "A sku"]);
    expect(
      answers([line({ id: "a", listing: "L", at, sku: "a-1" }), line({ id: "b", listing: "L", sku: "b-1" })]),
    ).toEqual(["B listing", "B sku"]);
  });
  test("the order in which lines are handed in does not matter", () => {
    const anyLine = fc.record({
      listing: fc.constantFrom(null, "L", "M"),
      sku: fc.constantFrom("", "a-1", "b-1", "twin", "zzz"),
      name: fc.constantFrom("", "apple", "both"),
      on: fc.constantFrom("2025-03-01", "2025-03-02"),
      at: fc.constantFrom(null, 1n, 2n),
      hand: fc.constantFrom(null, null, null, "A", "C"),
      pinned: fc.constantFrom(...["", "", "A", "B"].map((item) => (item === "" ? [] : of(item)))),
    });
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 12 }), (changes) => {
        const lines = changes.map((change, index) => line({ ...change, id: `${index}` }));
        const sorted = (matches: ReturnType<typeof matchLines>) =>
          [...matches].sort((a, b) => (a.line < b.line ? -1 : 1));
        expect(sorted(matchLines([...lines].reverse(), known))).toEqual(sorted(matchLines(lines, known)));
        for (const match of matchLines(lines, known)) expect(match.item === null).toBe(match.by === null);
      }),
    );
  });
});

describe("a pin holds its line's match", () => {
  test("a second item with the same SKU does not take it away, and it still decides for its listing", () => {
    const lines = [
      line({ listing: "L", on: "2025-03-01", sku: "twin", pinned: of("B") }),
      line({ listing: "L", on: "2025-03-02" }),
    ];
    expect(answers(lines)).toEqual(["B sku", "B listing"]);
  });
  test("where the ordinary match would not fit, the candidate that does is taken: listing, SKU, then name", () => {
    const decided = line({ listing: "L", on: "2025-01-01", sku: "b-1" });
    expect(answers([decided, line({ listing: "L", sku: "a-1", name: "apple", pinned: of("A") })])).toEqual([
      "B sku",
      "A sku",
    ]);
    expect(answers([decided, line({ listing: "L", name: "apple", pinned: of("A") })])).toEqual(["B sku", "A name"]);
    expect(
      answers([
        line({ listing: "L", hand: "A" }),
        line({ listing: "L", hand: "C" }),
        line({ listing: "L", pinned: of("C") }),
      ]),
    ).toEqual(["A hand", "C hand", "C listing"]);
  });
  test("a match by listing is held when an earlier line comes that decides otherwise", () => {
    const pinned = line({ listing: "L", on: "2025-03-02", pinned: of("A") });
    const decided = line({ listing: "L", on: "2025-03-01", sku: "a-1" });
    expect(answers([decided, pinned])).toEqual(["A sku", "A listing"]);
    expect(answers([line({ listing: "L", on: "2025-02-01", sku: "b-1" }), decided, pinned])).toEqual([
      "B sku",
      "B listing",
      "A listing",
    ]);
  });
  test("a pin that fits changes nothing", () => {
    expect(answers([line({ sku: "a-1", pinned: of("A") })])).toEqual(["A sku"]);
  });
});
