import { describe, expect, test } from "vitest";
import { Refusal } from "../../lib/core/errors";
import { checkDetails, lineCost, remainder, splitRest, spread, spreadAll } from "../../lib/core/purchases";

describe("what lines bear of an extra cost", () => {
  const lines = [
    { amount: 300n, qty: 1n, weight: 5n },
    { amount: 100n, qty: 4n, weight: 15n },
  ];

  test("is by value, quantity or weight, as is said of it", () => {
    expect(spread(lines, 100n)).toEqual([75n, 25n]);
    expect(spread(lines, 100n, "value")).toEqual([75n, 25n]);
    expect(spread(lines, 100n, "quantity")).toEqual([20n, 80n]);
    expect(spread([...lines, { amount: 1n, qty: 1n }], 100n, "weight")).toEqual([25n, 75n, 0n]);
  });

  test("is by quantity where no line has a weight", () => {
    const bare = [
      { amount: 300n, qty: 1n },
      { amount: 100n, qty: 4n },
    ];
    expect(spread(bare, 100n, "weight")).toEqual([20n, 80n]);
  });

  test("of several is worked out together for each basis: the odd cent falls once", () => {
    const three = [1n, 1n, 1n].map((qty) => ({ amount: 10n, qty }));
    // Apart, 1 and 1 would both go to the first line.
    expect(spreadAll(three, [{ amount: 1n }, { amount: 1n, by: "value" }])).toEqual([1n, 1n, 0n]);
    expect(
      spreadAll(lines, [{ amount: 100n }, { amount: 100n, by: "quantity" }, { amount: 50n, by: "weight" }]),
    ).toEqual([75n + 20n + 13n, 25n + 80n + 37n]);
    expect(spreadAll(lines, [])).toEqual([0n, 0n]);
    expect(spreadAll(lines, [{ amount: 7n }, { amount: -7n }])).toEqual([0n, 0n]);
    expect(spreadAll([], [{ amount: 7n }])).toEqual([]);
  });
});

test("a row comes to its price times its quantity, halves away from zero", () => {
  expect(lineCost(250n, 3n, 0)).toBe(750n);
  // 2.50 m at 1.99 the metre: 4.975; 0.01 m of it: 0.0199; half a cent is a cent.
  expect([lineCost(199n, 250n, 2), lineCost(199n, 1n, 2), lineCost(1n, 50n, 2), lineCost(1n, 49n, 2)]).toEqual([
    498n,
    2n,
    1n,
    0n,
  ]);
});

describe("the rest of a mixed lot", () => {
  const open = (qty: bigint) => ({ qty, amount: null });
  const has = (qty: bigint, amount: bigint) => ({ qty, amount });

  test("goes by row or by unit to the rows without a cost", () => {
    expect(splitRest(90n, [open(1n), has(5n, 40n), open(2n)], "row")).toEqual([45n, 40n, 45n]);
    expect(splitRest(90n, [open(1n), has(5n, 40n), open(2n)], "unit")).toEqual([30n, 40n, 60n]);
  });

  test("goes on top of all where each has a cost", () => {
    expect(splitRest(90n, [has(1n, 10n), has(2n, 0n)], "row")).toEqual([55n, 45n]);
    expect(splitRest(90n, [has(1n, 10n), has(2n, 0n)], "unit")).toEqual([40n, 60n]);
  });

  test("goes by value on top of those that have one, in proportion; the others stay open", () => {
    expect(splitRest(90n, [has(1n, 10n), open(7n), has(1n, 20n)], "value")).toEqual([40n, null, 80n]);
  });

  test("changes nothing where there is none, or no row to bear it", () => {
    expect(splitRest(0n, [open(1n)], "row")).toEqual([null]);
    expect(splitRest(-1n, [open(1n)], "row")).toEqual([null]);
    expect(splitRest(1n, [open(1n)], "row")).toEqual([1n]);
    expect(splitRest(90n, [open(1n), has(1n, 0n)], "value")).toEqual([null, 0n]);
    expect(splitRest(90n, [], "row")).toEqual([]);
  });
});

describe("what is left to detail", () => {
  test("is what was paid less lines and, where there are lines, extras", () => {
    expect(remainder(1000n, [{ amount: 300n }, { amount: 100n }], [{ amount: 50n }])).toBe(550n);
    expect(remainder(1000n, [], [{ amount: 50n }])).toBe(1000n);
    expect(remainder(100n, [{ amount: 300n }], [])).toBe(-200n);
  });

  test("is never below zero: by how much is said", () => {
    expect(() => checkDetails(350n, [{ amount: 300n }], [{ amount: 50n }], "USD")).not.toThrow();
    try {
      checkDetails(340n, [{ amount: 300n }], [{ amount: 50n }], "USD");
    } catch (error) {
      expect(error).toBeInstanceOf(Refusal);
      expect(error).toMatchObject({
        code: "over_allocated",
        message: "The details come to 0.10 more than the purchase. Lower a line or an extra cost.",
        detail: { over: "10" },
      });
      return;
    }
    expect.unreachable();
  });
});
