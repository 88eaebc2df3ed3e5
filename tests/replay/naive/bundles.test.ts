/** Bundles, which are sold and never stocked (rules 4, 6 and 9 of costing.md), worked out by hand. */
import { describe, expect, it } from "vitest";
import { naive } from "./index";
import {
  balances,
  bundle,
  buy,
  costs,
  giveBack,
  item,
  lots,
  make,
  matches,
  move,
  pin,
  places,
  refusal,
  sell,
} from "./words";

const [A, B] = [item("a"), item("b")];
const SET = bundle("set", ["a", 2], ["b", 1]);
const buyOf = (what: string, id: string, date: string, qty: number, amount: number, more: object = {}) =>
  buy(id, date, qty, amount, { item: what, ...more });
const sellSet = (id: string, at: string, qty = 1, more: object = {}) => sell(id, at, qty, { sku: "set", ...more });

describe("a bundle", () => {
  it("moves what it is made of", () => {
    const result = naive([
      A,
      B,
      SET,
      buyOf("a", "p1", "2025-03-01", 5, 500),
      buyOf("a", "p2", "2025-03-02", 5, 1000),
      buyOf("b", "p3", "2025-03-01", 4, 90),
      sellSet("o1", "2025-03-03", 3),
    ]);
    // 6 a: 5 for 500 and 1 of 5 for 1000, 200; 3 b: round(90·3/4 = 67.5) = 68. Together 768.
    expect(result.sales).toEqual([
      {
        line: "o1-1",
        item: "set",
        matched_by: "sku",
        qty: 3,
        cost: 768,
        uncosted: 0,
        allocations: [
          { lot: "p1-1", qty: 5, cost: 500 },
          { lot: "p2-1", qty: 1, cost: 200 },
          { lot: "p3-1", qty: 3, cost: 68 },
        ],
      },
    ]);
    expect(result.on_hand).toEqual([
      { item: "a", location: "main", qty: 4 },
      { item: "b", location: "main", qty: 1 },
    ]);
    expect(balances(result)).toEqual({ "1000": -1590, "1200": 822, "5000": 768 });
  });

  it("may hold bundles, and the same twice", () => {
    const box = bundle("box", ["b", 1], ["set", 2], ["a", 1]);
    const facts = [A, B, SET, box, buyOf("a", "p1", "2025-03-01", 9, 900), buyOf("b", "p2", "2025-03-01", 9, 90)];
    const result = naive([...facts, sell("o1", "2025-03-02", 1, { sku: "box" })]);
    // One box is b and two sets of 2 a and a b, and one a more: 5 a for 500 and 3 b for 30.
    expect(costs(result)).toEqual({ "o1-1": "530" });
    expect(result.on_hand.map((h) => h.qty)).toEqual([4, 6]);
  });

  it("is short in its components' units, and costed when they come", () => {
    const facts = [A, B, SET, buyOf("a", "p1", "2025-03-01", 3, 30), sellSet("o1", "2025-03-02", 2)];
    // Wanted: 4 a and 2 b. There are 3 a: 1 + 2 = 3 are short.
    expect(costs(naive(facts))).toEqual({ "o1-1": "30+3?" });
    // A late b for 7: 37, and 2 short.
    expect(costs(naive([...facts, buyOf("b", "p2", "2025-03-01", 1, 7)]))).toEqual({ "o1-1": "37+2?" });
  });

  it("may share its stock with sales of its components, in the order of rule 1", () => {
    const facts = [A, B, SET, buyOf("a", "p1", "2025-03-01", 3, 30), buyOf("b", "p2", "2025-03-01", 1, 5)];
    const single = sell("o1", "2025-03-02T09:00:00Z", 2, { sku: "a" });
    // The single sale at 9 takes 2 of 3 a; the set at 10 finds one.
    expect(costs(naive([...facts, single, sellSet("o2", "2025-03-02T10:00:00Z")]))).toEqual({
      "o1-1": "20",
      "o2-1": "15+1?",
    });
    // The set at 8 comes first: 20 + 5; the single sale finds one.
    expect(costs(naive([...facts, single, sellSet("o2", "2025-03-02T08:00:00Z")]))).toEqual({
      "o1-1": "10+1?",
      "o2-1": "25",
    });
  });

  it("can be made of what production made", () => {
    const facts = [A, B, SET, buyOf("a", "p1", "2025-03-01", 4, 400), sellSet("o1", "2025-03-02")];
    // 2 a make a b for 200 + 9; the set takes the other 2 for 200, and the b.
    const made = make("m1", "2025-03-02", [["a", 2]], ["b", 1], { overhead: 9 });
    expect(costs(naive([...facts, made]))).toEqual({ "o1-1": "409" });
  });
});

describe("a bundle returned", () => {
  const facts = [
    A,
    B,
    SET,
    buyOf("a", "p1", "2025-03-01", 3, 100),
    buyOf("a", "p2", "2025-03-02", 3, 200),
    buyOf("b", "p3", "2025-03-01", 2, 50),
    sellSet("o1", "2025-03-03", 2),
  ];

  it("comes back whole, component by component, last taken first", () => {
    // Taken: 3 a for 100, then 1 of 3 for 200, 67; 2 b for 50. Together 217.
    expect(costs(naive(facts))).toEqual({ "o1-1": "217" });
    const result = naive([...facts, giveBack("r1", "2025-03-05", "o1", 1)]);
    // One set: of 2 a the last, 67, then one of three for 100, 33; one b of two for 50, 25.
    expect(lots(result)).toMatchObject({
      "r1-1.1": "1 of 1: 67 of 67",
      "r1-1.2": "1 of 1: 33 of 33",
      "r1-1.3": "1 of 1: 25 of 25",
    });
    expect(result.lots.map((l) => l.item)).toEqual(["a", "a", "b", "a", "a", "b"]);
    expect(balances(result)).toEqual({ "1000": -350, "1200": 258, "5000": 92 });
    // The other set: 2 a of three for 100: 100 − 33 = 67; the other b, 25.
    const all = naive([...facts, giveBack("r1", "2025-03-05", "o1", 1), giveBack("r2", "2025-03-06", "o1", 1)]);
    expect(lots(all)).toMatchObject({ "r2-1.1": "2 of 2: 67 of 67", "r2-1.2": "1 of 1: 25 of 25" });
    expect(balances(all)).toEqual({ "1000": -350, "1200": 350 });
  });

  it("cancels the shortage of each component first", () => {
    const short = [A, B, SET, buyOf("a", "p1", "2025-03-01", 4, 40), sellSet("o1", "2025-03-02", 2)];
    expect(costs(naive(short))).toEqual({ "o1-1": "40+2?" });
    const result = naive([...short, giveBack("r1", "2025-03-03", "o1", 1)]);
    // One b of two short is cancelled; 2 a of four for 40 come back. A component has one lot: no number behind its name.
    expect(costs(result)).toEqual({ "o1-1": "40+1?" });
    expect(lots(result)["r1-1"]).toBe("2 of 2: 20 of 20");
    expect(result.on_hand).toEqual([
      { item: "a", location: "main", qty: 2 },
      { item: "b", location: "main", qty: -1 },
    ]);
  });

  it("is written off with the cost of all it is made of", () => {
    const off = giveBack("r1", "2025-03-05", "o1", 1, { restock: false, write_off: true });
    // 67 + 33 + 25 = 125 to shrinkage.
    expect(balances(naive([...facts, off]))).toEqual({ "1000": -350, "1200": 133, "5000": 92, "5100": 125 });
    const lost = giveBack("r1", "2025-03-05", "o1", 1, { restock: false });
    expect(balances(naive([...facts, lost]))).toEqual({ "1000": -350, "1200": 133, "5000": 217 });
  });

  it("comes to at most its quantity, in bundles", () => {
    expect(refusal([...facts, giveBack("r1", "2025-03-05", "o1", 3)])).toBe("8 too_many_returned");
  });
});

describe("pins on a bundle's line", () => {
  const facts = [
    A,
    B,
    SET,
    buyOf("a", "p1", "2025-03-01", 9, 900),
    buyOf("a", "p2", "2025-03-09", 9, 270),
    buyOf("b", "p3", "2025-03-01", 9, 9),
    sellSet("o1", "2025-03-03", 2),
  ];

  it("are in the component's units, from a lot of any date", () => {
    // 4 a and 2 b: 3 a pinned to p2 at 30 are 90, one by FIFO 100, two b 2.
    expect(costs(naive([...facts, pin("o1", "p2", 3)]))).toEqual({ "o1-1": "192" });
    // Pins on two components of one line: 4 a for 120, one b chosen and one not.
    expect(costs(naive([...facts, pin("o1", "p2", 4), pin("o1", "p3", 1)]))).toEqual({ "o1-1": "122" });
  });

  it("come to at most what the line moves of the component", () => {
    expect(refusal([...facts, pin("o1", "p2", 5)])).toBe("8 does_not_fit");
    expect(refusal([...facts, pin("o1", "p1", 2), pin("o1", "p2", 3)])).toBe("9 does_not_fit");
    expect(refusal([...facts, pin("o1", "p3", 3)])).toBe("8 does_not_fit");
    const other = [item("c"), buyOf("c", "p4", "2025-03-01", 1, 1)];
    expect(refusal([...facts, ...other, pin("o1", "p4", 1)])).toBe("10 does_not_fit");
  });

  it("count as taken first, so they come back last", () => {
    const result = naive([...facts, pin("o1", "p2", 2), giveBack("r1", "2025-03-05", "o1", 1)]);
    // Two a are pinned, at 30 each, two are by FIFO, at 100 each: the two of FIFO come back.
    expect(lots(result)).toMatchObject({ "r1-1.1": "2 of 2: 200 of 200", "r1-1.2": "1 of 1: 1 of 1" });
    const all = naive([...facts, pin("o1", "p2", 2), giveBack("r1", "2025-03-10", "o1", 2)]);
    expect(lots(all)).toMatchObject({
      "r1-1.1": "2 of 2: 200 of 200",
      "r1-1.2": "2 of 2: 60 of 60",
      "r1-1.3": "2 of 2: 2 of 2",
    });
  });

  it("hold the line's match when another item takes the bundle's SKU", () => {
    const twin = item("twin", { sku: "set" });
    expect(matches(naive([...facts, twin]))).toEqual({ "o1-1": "null null" });
    expect(matches(naive([...facts, pin("o1", "p2", 1), twin]))).toEqual({ "o1-1": "set sku" });
    expect(refusal([...facts, pin("o1", "p2", 1), { kind: "match", sale: "o1-1", item: "a" }])).toBe("accepted");
    expect(refusal([...facts, pin("o1", "p2", 1), { kind: "match", sale: "o1-1", item: "b" }])).toBe("9 does_not_fit");
  });

  it("name a lot at the line's location, where that is the pool", () => {
    const there = { location: "y" };
    const local = [
      ...places("x", "y"),
      A,
      B,
      SET,
      buyOf("a", "p1", "2025-03-01", 9, 90),
      buyOf("a", "p2", "2025-03-01", 9, 180, there),
      buyOf("b", "p3", "2025-03-01", 9, 9),
      sellSet("o1", "2025-03-03", 1, there),
    ];
    // At y there are 9 a at 20, and no b.
    expect(costs(naive(local))).toEqual({ "o1-1": "40+1?" });
    expect(refusal([...local, pin("o1", "p2", 1)])).toBe("accepted");
    expect(refusal([...local, pin("o1", "p1", 1)])).toBe("11 does_not_fit");
    // A b is moved there, with its cost.
    expect(costs(naive([...local, move("t1", "2025-03-02", "x", "y", 1, { of: "b" })]))).toEqual({ "o1-1": "41" });
  });
});

describe("what a bundle cannot be", () => {
  const facts = [A, B, SET];
  const line = { id: "x-1", item: "set", qty: 1, amount: 5 };

  it.each([
    ["bought", buyOf("set", "x", "2025-03-01", 1, 5)],
    ["opened with", { kind: "opening", id: "x", date: "2025-03-01", lines: [line] }],
    ["adjusted", { kind: "adjustment", id: "x", date: "2025-03-01", lines: [line] }],
    [
      "counted short",
      { kind: "adjustment", id: "x", date: "2025-03-01", lines: [{ id: "x-1", item: "set", qty: -1 }] },
    ],
    ["made", make("x", "2025-03-01", [["a", 1]], ["set", 1])],
    ["used", make("x", "2025-03-01", [["set", 1]], ["a", 1])],
    [
      "given back without a sale",
      { kind: "return", id: "x", date: "2025-03-01", channel: "e", lines: [{ ...line, cost: 1 }] },
    ],
  ])("%s", (_, fact) => {
    expect(refusal([...facts, fact])).toBe("4 does_not_fit");
  });

  it("moved", () => {
    const local = [{ kind: "location", id: "x", name: "X" }, { kind: "location", id: "y", name: "Y" }, ...facts];
    expect(refusal([...local, move("t1", "2025-03-01", "x", "y", 1, { of: "set" })])).toBe("6 does_not_fit");
  });

  it("in itself, of what is not there, or of nothing", () => {
    expect(refusal([...facts, bundle("k", ["k", 1])])).toBe("4 unknown_id");
    expect(refusal([...facts, bundle("k", ["a", 1], ["z", 1])])).toBe("4 unknown_id");
    expect(refusal([...facts, bundle("k", ["a", 0])])).toBe("4 bad_field");
    expect(refusal([...facts, { kind: "undo", of: "item", id: "b" }])).toBe("4 named");
  });

  it("backfilled", () => {
    const sold = [...facts, sellSet("o1", "2025-03-03")];
    const backfill = { kind: "backfill", id: "b1", sale: "o1-1", date: "2025-03-01", amount: 3 };
    expect(refusal([...sold, backfill])).toBe("5 does_not_fit");
    // Matched by hand to an item that is none, it can be.
    expect(costs(naive([...sold, { kind: "match", sale: "o1-1", item: "a" }, backfill]))).toEqual({ "o1-1": "3" });
  });
});
