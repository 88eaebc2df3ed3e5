/** What moves inside the business (rules 1, 4, 8 and 9): production, transfers between pools, pins on what was made. */
import { describe, expect, test } from "vitest";
import { comparePlaces, costOf, type Make, productionAt, type Step, transferAt } from "../../lib/core/costing";
import { lotOfSeveral } from "../../lib/core/ids";
import { bought, cameBack, made, moved, sold, wholeFold } from "./histories";

const at = (item: string, location = "main") => ({ item, location });
const fold = (steps: readonly Step[], pool: "business" | "location" = "business", graceDays = 0) =>
  costOf(wholeFold(steps, graceDays, pool));
const costs = (steps: readonly Step[], pool: "business" | "location" = "business", graceDays = 0) =>
  Object.fromEntries(fold(steps, pool, graceDays).outs.map((out) => [out.id, [out.cost, out.shortage]]));

describe("the order inside a day (rule 1)", () => {
  test("documents come one after the other by their ids, production before a transfer of the same id, a transfer's lines leave before they arrive", () => {
    const on = "2025-03-01";
    const places = [
      productionAt(on, "d1"),
      { ...productionAt(on, "d1"), line: "z" },
      transferAt(on, "d1", "a", "leaves"),
      transferAt(on, "d1", "b", "leaves"),
      transferAt(on, "d1", "a", "arrives"),
      productionAt(on, "d2"),
      transferAt(on, "\u{1f600}", "a", "leaves"),
    ];
    expect([...places].reverse().sort(comparePlaces)).toEqual(places);
  });

  test("what a later document makes is not there for an earlier one, whatever their lines are called", () => {
    const steps = [
      bought(0, "p", 1n, 100n, "purchase", at("a")),
      made(1, "d1", [["b", 1n]], ["c", 1n]),
      made(1, "d2", [["a", 1n]], ["b", 1n]),
    ];
    expect(costs(steps)).toEqual({ "d1.1": [0n, 1n], "d2.1": [100n, 0n] });
    const other = [
      bought(0, "p", 1n, 100n, "purchase", at("a")),
      made(1, "d3", [["b", 1n]], ["c", 1n]),
      made(1, "d2", [["a", 1n]], ["b", 1n]),
    ];
    expect(costs(other)).toEqual({ "d2.1": [100n, 0n], "d3.1": [100n, 0n] });
  });

  test("a thing is never made from itself: what goes in leaves before anything comes out", () => {
    const { lots, makes } = fold([made(0, "d", [["a", 1n]], ["a", 5n], 7n)]);
    expect(makes).toEqual([{ id: "d", cost: 7n, isComplete: false }]);
    expect(lots.map(({ qty, left, value }) => [qty, left, value])).toEqual([[5n, 5n, 7n]]);
  });

  test("what is made on a day is sold on that day, and what comes from outside is there to be used", () => {
    const steps = [
      sold(0, "s", 1n, [], at("b")),
      made(0, "d", [["a", 2n]], ["b", 1n]),
      bought(0, "p", 2n, 300n, "purchase", at("a")),
    ];
    expect(costs(steps)).toEqual({ "d.1": [300n, 0n], s: [300n, 0n] });
  });

  test("lines of one document go by their ids", () => {
    const step: Make = { ...made(1, "d", [], ["b", 1n]), inputs: ["y", "x"].map((id) => ({ id, item: "a", qty: 1n })) };
    const lots = [bought(0, "p1", 1n, 100n, "purchase", at("a")), bought(0, "p2", 1n, 200n, "purchase", at("a"))];
    expect(costs([...lots, step])).toEqual({ x: [100n, 0n], y: [200n, 0n] });
  });
});

describe("production (rule 9)", () => {
  test("shares split all of the cost, equal remainders to the earlier output, and a share of 0 bears nothing", () => {
    const step: Make = {
      ...made(1, "d", [["a", 1n]], ["b", 1n], 1n),
      outputs: ["z", "y", "x", "w"].map((id, i) => ({ id, item: "b", qty: 1n, share: i === 3 ? 0n : 1n })),
    };
    const { lots } = fold([bought(0, "p", 1n, 100n, "purchase", at("a")), step]);
    const made_ = Object.fromEntries(lots.filter((lot) => lot.source === "made").map((lot) => [lot.id, lot.cost]));
    expect(made_).toEqual({ z: 34n, y: 34n, x: 33n, w: 0n });
  });

  test("a cost moves through what was made without any quantity moving", () => {
    const steps = (cost: bigint) => [
      bought(0, "p", 3n, cost, "purchase", at("a")),
      made(1, "d", [["a", 3n]], ["b", 2n]),
      made(2, "e", [["b", 1n]], ["c", 1n]),
      sold(3, "s", 1n, [], at("c")),
    ];
    expect(costs(steps(100n))).toMatchObject({ "e.1": [50n, 0n], s: [50n, 0n] });
    expect(costs(steps(200n))).toMatchObject({ "e.1": [100n, 0n], s: [100n, 0n] });
  });

  test("what is made can be pinned, and gives way to pins like any lot", () => {
    const steps = [
      bought(0, "p", 2n, 10n, "purchase", at("a")),
      made(1, "d", [["a", 1n]], ["b", 1n], 90n),
      made(2, "e", [["a", 1n]], ["b", 1n], 5n),
      sold(3, "s1", 1n, [], at("b")),
      sold(4, "s2", 1n, [{ lot: "d.out", qty: 1n }], at("b")),
    ];
    expect(costs(steps)).toMatchObject({ s1: [10n, 0n], s2: [95n, 0n] });
  });
});

describe("transfers between pools (rule 8)", () => {
  test("bring one lot for each allocation, in the order taken, as old as what they were taken from", () => {
    const steps = [
      bought(0, "p1", 1n, 100n),
      bought(1, "p2", 3n, 1000n),
      moved(5, "t", 3n, "shop"),
      bought(2, "q", 1n, 50n, "purchase", at("item", "shop")),
    ];
    const { lots } = fold(steps, "location");
    const shop = lots
      .filter((lot) => lot.location === "shop")
      .map((lot) => [lot.id, lot.acquiredOn, lot.qty, lot.cost]);
    expect(shop).toEqual([
      [lotOfSeveral("t", 1), "2025-03-01", 1n, 100n],
      [lotOfSeveral("t", 2), "2025-03-02", 2n, 667n],
      ["q", "2025-03-03", 1n, 50n],
    ]);
  });

  test("the oldest acquisition goes first, though it came last; of one day, what came first", () => {
    const steps = [
      bought(3, "q", 1n, 50n, "purchase", at("item", "shop")),
      bought(3, "p", 1n, 70n),
      bought(1, "o", 1n, 90n),
      moved(4, "t1", 1n, "shop"),
      moved(5, "t2", 1n, "shop"),
      ...[6, 7, 8].map((day) => sold(day, `s${day}`, 1n, [], at("item", "shop"))),
    ];
    expect(costs(steps, "location")).toMatchObject({ s6: [90n, 0n], s7: [50n, 0n], s8: [70n, 0n] });
  });

  test("are under way until they arrive, and are there on that day for what leaves", () => {
    const steps = (day: number) => [
      bought(0, "p", 1n, 100n),
      moved(1, "t", 1n, "shop", 4),
      sold(day, "s", 1n, [], at("item", "shop")),
    ];
    expect(costs(steps(3), "location")).toMatchObject({ s: [0n, 1n] });
    expect(costs(steps(4), "location")).toMatchObject({ s: [100n, 0n] });
  });

  test("one that arrives can be sent on by a document after it, not by one before it", () => {
    const steps = (next: string) => [
      bought(0, "p", 1n, 100n),
      moved(1, "m", 1n, "shop"),
      moved(1, next, 1n, "stall", 1, at("item", "shop")),
    ];
    expect(costs(steps("n"), "location")).toMatchObject({ n: [100n, 0n] });
    expect(costs(steps("l"), "location")).toMatchObject({ l: [0n, 1n] });
  });

  test("grace lends only from what the shelf itself will get, and what was lent keeps its day", () => {
    const steps = [
      moved(0, "t", 1n, "shop"),
      bought(3, "late", 1n, 300n),
      bought(2, "own", 1n, 200n, "purchase", at("item", "shop")),
      sold(1, "s", 1n, [], at("item", "shop")),
      sold(1, "u", 1n, [], at("item", "shop")),
    ];
    // The moved lot is there, but its day is later than that of the shop's own, which grace lends: the oldest day goes first.
    expect(costs(steps, "location", 3)).toEqual({ t: [300n, 0n], s: [200n, 0n], u: [300n, 0n] });
  });

  test("a return brings its lots to where it says, and cancels what was short where it was sold", () => {
    const steps = [
      bought(0, "p", 1n, 100n),
      sold(1, "s", 2n),
      cameBack(2, "r", "s", 2n, "restock", at("item", "shop")),
    ];
    const { backs, lots } = fold(steps, "location");
    expect(backs[0]).toMatchObject({ cancelled: 1n, cost: 100n });
    expect(lots.map((lot) => [lot.id, lot.location, lot.left])).toEqual([
      ["p", "main", 0n],
      ["r", "shop", 1n],
    ]);
  });
});
