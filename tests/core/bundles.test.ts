import { describe, expect, test } from "vitest";
import { bundlesIn, packSaid, partsOfBundle, storable } from "../../lib/core/bundles";
import { Refusal } from "../../lib/core/errors";
import type { Component } from "../../lib/core/facts";
import { MAX_MINOR } from "../../lib/core/money";

const lists = (of: Record<string, readonly (readonly [item: string, qty: bigint])[]>) =>
  new Map<string, readonly Component[]>(
    Object.entries(of).map(([item, parts]) => [item, parts.map(([part, qty]) => ({ item: part, qty }))]),
  );

function refusalOf(work: () => unknown): Refusal {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("the parts of a bundle", () => {
  test("are counted through all levels, each item once, in the order in which the lists name them", () => {
    const direct = lists({
      set: [
        ["pair", 2n],
        ["b", 1n],
        ["a", 5n],
      ],
      pair: [
        ["a", 2n],
        ["c", 3n],
      ],
    });
    expect(partsOfBundle("set", direct)).toEqual([
      { item: "a", qty: 9n },
      { item: "c", qty: 6n },
      { item: "b", qty: 1n },
    ]);
    expect(partsOfBundle("a", direct)).toBeNull();
  });

  test("one inside a bundle twice is no circle; one inside itself is", () => {
    const direct = lists({
      set: [
        ["left", 1n],
        ["right", 1n],
      ],
      left: [["pair", 1n]],
      right: [["pair", 2n]],
      pair: [["a", 2n]],
    });
    expect(partsOfBundle("set", direct)).toEqual([{ item: "a", qty: 6n }]);
    const circle = refusalOf(() => partsOfBundle("x", lists({ x: [["y", 1n]], y: [["x", 1n]] })));
    expect([circle.code, circle.message, circle.detail]).toEqual([
      "does_not_fit",
      "A bundle cannot hold itself.",
      { id: "x" },
    ]);
  });

  test("thirty levels of two are worked out once each", () => {
    const levels = Array.from(
      { length: 30 },
      (_, i) =>
        [
          `b${i}`,
          [
            [`b${i + 1}`, 1n],
            [`b${i + 1}`, 1n],
          ],
        ] as const,
    );
    expect(partsOfBundle("b0", lists(Object.fromEntries(levels)))).toEqual([{ item: "b30", qty: 2n ** 30n }]);
  });

  test("are some of something, and no more than can be counted", () => {
    expect(() => partsOfBundle("x", lists({ x: [["a", 0n]] }))).toThrow("some of something");
    expect(storable(MAX_MINOR, "x")).toBe(MAX_MINOR);
    expect(partsOfBundle("x", lists({ x: [["a", MAX_MINOR]] }))).toEqual([{ item: "a", qty: MAX_MINOR }]);
    const beyond = refusalOf(() =>
      partsOfBundle(
        "x",
        lists({
          x: [
            ["a", MAX_MINOR],
            ["a", 1n],
          ],
        }),
      ),
    );
    expect([beyond.code, beyond.message, beyond.detail]).toEqual([
      "out_of_range",
      "The bundle comes to more of a component than can be counted.",
      { id: "x" },
    ]);
  });
});

describe("how many there could be", () => {
  const onHand = (of: Readonly<Record<string, bigint>>) => (item: string) => of[item] ?? 0n;
  const parts = [
    { item: "a", qty: 2n },
    { item: "b", qty: 1n },
  ];
  test("is what the scarcest part allows, and never below none", () => {
    expect(bundlesIn(parts, onHand({ a: 7n, b: 9n }))).toBe(3n);
    expect(bundlesIn(parts, onHand({ a: 7n, b: 2n }))).toBe(2n);
    expect(bundlesIn(parts, onHand({ a: 7n }))).toBe(0n);
    expect(bundlesIn(parts, onHand({ a: 7n, b: -3n }))).toBe(0n);
    expect(bundlesIn([], onHand({}))).toBe(0n);
    expect(() => bundlesIn([{ item: "a", qty: 0n }], onHand({ a: 1n }))).toThrow("some of something");
  });
});

test.each([
  ["Stoneware mug, pack of 3", 3n],
  ["Wick 12-pack", 12n],
  ["Set of 4 jars", 4n],
  ["Box of 250 nails", 250n],
  ["Beads 24ct", 24n],
  ["Beads 100 pcs", 100n],
  ["Candle x6", 6n],
  ["2x Linen cloth", 2n],
  ["x3", 3n],
  ["12x", 12n],
  ["Linen cloth (4×)", 4n],
  ["Linen cloth 10x", 10n],
  ["Lens A2x coated", null],
  ["Candle (×10)", 10n],
  ["Pack of 1", null],
  ["Mug 350 ml", null],
  ["Box of dreams", null],
  ["Model X500", null],
])("the name %s says %s", (name, pieces) => {
  expect(packSaid(name)).toBe(pieces);
});
