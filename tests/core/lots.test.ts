/** What lots are when the fold made them, which of many comes next, and what is a bug: examples with exact figures. */
import { describe, expect, test } from "vitest";
import {
  comparePlaces,
  costOf,
  lineAt,
  type OpenLot,
  productionAt,
  type Step,
  transferAt,
} from "../../lib/core/costing";
import { InvariantBroken } from "../../lib/core/errors";
import { lotOfSeveral } from "../../lib/core/ids";
import { bought, cameBack, FIRST_DAY, made, moved, placeOf, sold, wholeFold } from "./histories";

const at = (location: string, item = "item") => ({ item, location });
const byLocation = (steps: readonly Step[], graceDays = 0) => costOf(wholeFold(steps, graceDays, "location"));
const costs = (steps: readonly Step[], graceDays = 0) =>
  Object.fromEntries(byLocation(steps, graceDays).outs.map((out) => [out.id, [out.cost, out.shortage]]));

describe("places (rule 1)", () => {
  test("every pair is in order, whichever way it is asked, also before 1970", () => {
    const places = [
      placeOf(0, 2, "z"),
      placeOf(1, 0, "z"),
      placeOf(1, 2, "b"),
      placeOf(1, 2, "b", -5n),
      placeOf(1, 2, "b", 0n),
      placeOf(1, 2, "b", 5n),
      placeOf(1, 2, "a", 9n),
      { ...placeOf(1, 2, "a", 9n), number: 1 },
      placeOf(1, 3, "a"),
      transferAt("2025-03-05", "d", "a", "leaves"),
      transferAt("2025-03-05", "d", "b", "leaves"),
      transferAt("2025-03-05", "d", "a", "arrives"),
    ];
    for (const [i, a] of places.entries())
      for (const [j, b] of places.entries()) expect(Math.sign(comparePlaces(a, b))).toBe(Math.sign(i - j));
  });

  test("say all that decides the order, and nothing else", () => {
    const on = "2025-03-05";
    expect(lineAt(on, 3, 7n, "l")).toEqual({ on, phase: 3, at: 7n, id: "l", rank: 0, line: "", number: 0 });
    expect(productionAt(on, "d")).toEqual({ on, phase: 1, at: null, id: "d", rank: 0, line: "", number: 0 });
    const line = { on, phase: 1, at: null, id: "d", line: "l", number: 0 };
    expect(transferAt(on, "d", "l", "leaves")).toEqual({ ...line, rank: 1 });
    expect(transferAt(on, "d", "l", "arrives")).toEqual({ ...line, rank: 2 });
  });
});

describe("lots that the fold makes", () => {
  test("of a return are dated on it and numbered", () => {
    const back = cameBack(4, "r", "s", 2n);
    const { lots } = costOf(wholeFold([bought(0, "p", 1n, 100n), bought(1, "q", 1n, 300n), sold(2, "s", 2n), back]));
    const whole = {
      item: "item",
      source: "return",
      acquiredOn: "2025-03-05",
      madeOn: "2025-03-05",
      location: "main",
      qty: 1n,
      reserved: 0n,
      left: 1n,
    };
    expect(lots.slice(2)).toEqual([
      { ...whole, id: lotOfSeveral("r", 1), place: { ...back.place, number: 1 }, cost: 300n, value: 300n },
      { ...whole, id: lotOfSeveral("r", 2), place: { ...back.place, number: 2 }, cost: 100n, value: 100n },
    ]);
  });

  test("of a transfer keep their age, and one alone has the line's own name", () => {
    const move = moved(2, "t", 2n, "shop", 4);
    const { lots } = byLocation([bought(0, "p", 3n, 1000n), move]);
    expect(lots.at(-1)).toEqual({
      id: "t",
      item: "item",
      source: "transfer",
      place: { ...move.arrives, number: 1 },
      acquiredOn: FIRST_DAY,
      madeOn: "2025-03-03",
      location: "shop",
      qty: 2n,
      cost: 667n,
      reserved: 0n,
      left: 2n,
      value: 667n,
    });
  });

  test("of a production stand at its place, one for each output", () => {
    const make = made(2, "d", [], ["kit", 4n], 50n, "shop");
    expect(costOf(wholeFold([make])).lots).toEqual([
      {
        id: "d.out",
        item: "kit",
        source: "made",
        place: { ...make.place, line: "d.out" },
        acquiredOn: "2025-03-03",
        madeOn: "2025-03-03",
        location: "shop",
        qty: 4n,
        cost: 50n,
        reserved: 0n,
        left: 4n,
        value: 50n,
      },
    ]);
  });
});

describe("which lot is next", () => {
  test("across the business, place does not matter", () => {
    const { outs } = costOf(wholeFold([bought(0, "p", 1n, 100n), sold(1, "s", 1n, [], at("shop"))]));
    expect(outs[0]).toMatchObject({ cost: 100n, shortage: 0n });
    expect(costs([bought(0, "p", 1n, 100n), sold(1, "s", 1n, [], at("shop"))])).toEqual({ s: [0n, 1n] });
  });

  test("of lots under way, each is there from its own day on", () => {
    const steps = [
      bought(0, "p", 3n, 300n),
      moved(1, "t1", 1n, "shop", 3),
      moved(2, "t2", 1n, "shop", 9),
      moved(2, "t3", 1n, "shop", 5),
      bought(2, "q", 1n, 70n, "purchase", at("shop")),
      sold(4, "s4", 3n, [], at("shop")),
      sold(6, "s6", 3n, [], at("shop")),
      sold(9, "s9", 3n, [], at("shop")),
    ];
    expect(costs(steps)).toMatchObject({ s4: [170n, 1n], s6: [100n, 2n], s9: [100n, 2n] });
  });

  test("a lot bought at the place is not held up by one that is under way", () => {
    const steps = [
      bought(0, "p", 1n, 100n),
      moved(1, "t", 1n, "shop", 5),
      bought(2, "q", 1n, 70n, "purchase", at("shop")),
      sold(3, "s", 1n, [], at("shop")),
    ];
    expect(costs(steps)).toMatchObject({ s: [70n, 0n] });
  });

  test("one that came late goes between those that were there, by its age", () => {
    const shop = (day: number, cost: bigint) => bought(day, `q${day}`, 1n, cost, "purchase", at("shop"));
    const steps = [
      bought(3, "p", 1n, 300n),
      shop(1, 100n),
      shop(5, 500n),
      moved(6, "t", 1n, "shop"),
      ...[7, 8, 9].map((day) => sold(day, `s${day}`, 1n, [], at("shop"))),
    ];
    expect(costs(steps)).toMatchObject({ s7: [100n, 0n], s8: [300n, 0n], s9: [500n, 0n] });
  });

  test("a lot that grace lent whole takes no other away with it", () => {
    const steps = [
      bought(4, "x4", 1n, 400n),
      bought(3, "x3", 1n, 300n, "purchase", at("depot")),
      bought(2, "own", 1n, 200n, "purchase", at("shop")),
      moved(0, "t1", 1n, "shop"),
      moved(0, "t2", 1n, "shop", 0, at("depot")),
      ...["s1", "s2", "s3"].map((id) => sold(1, id, 1n, [], at("shop"))),
    ];
    expect(costs(steps, 5)).toMatchObject({ s1: [200n, 0n], s2: [300n, 0n], s3: [400n, 0n] });
  });

  test("grace reaches as many days as it says, and not one more", () => {
    const cost = (day: number) => costs([sold(1, "s", 1n), bought(day, "p", 1n, 100n)], 2).s;
    expect([cost(2), cost(3), cost(4)]).toEqual([
      [100n, 0n],
      [100n, 0n],
      [0n, 1n],
    ]);
  });
});

test("what is written off beyond what lots covered takes what there is", () => {
  const steps = [bought(0, "p", 2n, 100n), sold(1, "s", 3n), cameBack(2, "r", "s", 3n, "write-off")];
  expect(costOf(wholeFold(steps)).backs[0]).toMatchObject({ cancelled: 0n, cost: 100n, parts: [{ qty: 2n }] });
});

describe("a fold that begins on a day", () => {
  // Made anew in each test: nothing of lib/core runs before the tests do.
  const lotWith = (change: Partial<OpenLot> = {}): OpenLot => ({
    id: "p",
    item: "item",
    source: "purchase",
    place: placeOf(0, 0, "p"),
    acquiredOn: FIRST_DAY,
    madeOn: FIRST_DAY,
    location: "main",
    qty: 10n,
    cost: 1000n,
    reserved: 3n,
    reservedTaken: 1n,
    taken: 4n,
    ...change,
  });
  const inputWith = (change: Partial<OpenLot> = {}) => ({ ...wholeFold([]), openLots: [lotWith(change)] });

  test("goes on from the lots' counts: reservations from theirs, FIFO from its own", () => {
    const steps = [sold(5, "s", 3n, [{ lot: "p", qty: 2n }])];
    const { outs, lots } = costOf({ ...inputWith({ cost: 1001n }), steps });
    // share(1001, 3, 10) − share(1001, 1, 10) = 300 − 100; share(1001, 8, 10) − share(1001, 7, 10) = 801 − 701.
    expect(outs[0]?.allocations).toEqual([
      { lot: "p", qty: 2n, cost: 200n, reserved: true },
      { lot: "p", qty: 1n, cost: 100n, reserved: false },
    ]);
    expect(lots[0]).toMatchObject({ left: 2n, value: 200n });
  });

  test("gives back from what came back of earlier sales already, and leaves its input as it was", () => {
    const allocations = [
      { lot: "a", qty: 3n, cost: 100n, back: 0n },
      { lot: "b", qty: 3n, cost: 1000n, back: 1n },
    ];
    const earlierSales = [{ id: "s", qty: 7n, allocations, shortage: 1n }];
    const before = structuredClone(earlierSales);
    const { backs } = costOf({ ...inputWith(), earlierSales, steps: [cameBack(5, "r", "s", 4n)] });
    expect(backs).toEqual([
      {
        id: "r",
        sale: "s",
        cancelled: 1n,
        cost: 700n,
        parts: [
          { from: "b", allocation: 1, lot: lotOfSeveral("r", 1), qty: 2n, cost: 667n },
          { from: "a", allocation: 0, lot: lotOfSeveral("r", 2), qty: 1n, cost: 33n },
        ],
      },
    ]);
    expect(earlierSales).toEqual(before);
  });

  test.each<[string, Partial<OpenLot>, () => Step[]]>([
    ["lot p holds something", { qty: 0n, reserved: 0n, reservedTaken: 0n, taken: 0n }, () => []],
    ["costs nothing less than 0", { cost: -1n }, () => []],
    ["lot p gives no more than it holds", { taken: 8n }, () => []],
    ["lot p gives no more than it holds", { reservedTaken: 4n }, () => []],
    ["lot p gives by reservation only what is reserved", {}, () => [sold(5, "s", 9n, [{ lot: "p", qty: 3n }])]],
    ["lot p gives by reservation only what is reserved", {}, () => [sold(5, "s", 9n, [{ lot: "p", qty: 0n }])]],
    [
      "s reserves from a lot of its item (p)",
      {},
      () => [sold(5, "s", 9n, [{ lot: "p", qty: 1n }], at("main", "other"))],
    ],
    ["s reserves from a lot of its item (q)", {}, () => [sold(5, "s", 9n, [{ lot: "q", qty: 1n }])]],
    ["movement s moves something", {}, () => [sold(5, "s", 0n)]],
    ["what s reserves is at most its quantity", {}, () => [sold(5, "s", 1n, [{ lot: "p", qty: 2n }])]],
    ["return r refers to a sale before it", {}, () => [cameBack(5, "r", "s", 1n)]],
    [
      "return r refers to a sale before it",
      {},
      () => [{ ...cameBack(5, "r", "s", 1n), place: placeOf(4, 3, "r") }, sold(5, "s", 1n)],
    ],
    ["purchase return s takes its own lots", {}, () => [{ ...sold(5, "s", 1n), source: "purchase-return" }]],
  ])("%s, or it is a bug", (message, change, steps) => {
    const work = () => costOf({ ...inputWith(change), steps: steps() });
    expect(work).toThrow(InvariantBroken);
    expect(work).toThrow(message);
  });
});
