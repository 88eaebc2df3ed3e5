/** Rule 9 of costing.md: production, chains of it and disassembly, worked out by hand. */
import { describe, expect, it } from "vitest";
import { naive } from "./index";
import { balances, buy, costs, giveBack, item, lots, make, move, places, refusal, sell } from "./words";

const [A, B, C] = [item("a"), item("b"), item("c")];
const buyA = (id: string, date: string, qty: number, amount: number, more: object = {}) =>
  buy(id, date, qty, amount, { item: "a", ...more });
const sellOf = (what: string, id: string, at: string, qty = 1, more: object = {}) =>
  sell(id, at, qty, { sku: what, ...more });
const takeApart = (id: string, shares: number[], more: object = {}) => ({
  kind: "assembly",
  id,
  date: "2025-03-02",
  inputs: [{ id: `${id}-i1`, item: "a", qty: 1 }],
  outputs: shares.map((share, i) => ({ id: `${id}-q${i + 1}`, item: i === 1 ? "c" : "b", qty: 1, share })),
  ...more,
});

describe("what is made", () => {
  it("costs its inputs and the overhead", () => {
    const result = naive([
      A,
      B,
      buyA("p1", "2025-03-01", 10, 1000),
      make("m1", "2025-03-02", [["a", 8]], ["b", 4], { overhead: 100 }),
      sellOf("b", "o1", "2025-03-03"),
    ]);
    // 8 of 10 for 1000 are 800, and 100 on top: 4 for 900. One of them is 225; 3 are left for 675, and 2 a for 200.
    expect(costs(result)).toEqual({ "o1-1": "225" });
    expect(lots(result)).toEqual({ "m1-q": "3 of 4: 675 of 900", "p1-1": "2 of 10: 200 of 1000" });
    expect(balances(result)).toEqual({ "1000": -1000, "1200": 875, "5000": 225, "9991": -100 });
    expect(result.on_hand).toEqual([
      { item: "a", location: "main", qty: 2 },
      { item: "b", location: "main", qty: 3 },
    ]);
  });

  it("takes the overhead from the account that is named", () => {
    const facts = [A, B, buyA("p1", "2025-03-01", 1, 50)];
    const result = naive([...facts, make("m1", "2025-03-02", [["a", 1]], ["b", 1], { overhead: 7, account: "6040" })]);
    // 50 + 7 = 57 in stock; 7 less for packaging, by name.
    expect(balances(result)).toEqual({ "1000": -50, "1200": 57, "6040": -7 });
    expect(result.trial_balance.at(-1)?.name).toBe("Packaging");
  });

  it("is made of several inputs, each by FIFO", () => {
    const result = naive([
      A,
      B,
      C,
      buyA("p1", "2025-03-01", 1, 10),
      buyA("p2", "2025-03-02", 2, 31),
      buy("p3", "2025-03-01", 3, 100, { item: "b" }),
      make(
        "m1",
        "2025-03-03",
        [
          ["a", 2],
          ["b", 1],
        ],
        ["c", 2],
      ),
    ]);
    // a: 10 + round(31/2 = 15.5) = 26; b: round(100/3) = 33; together 59.
    expect(lots(result)).toEqual({
      "m1-q": "2 of 2: 59 of 59",
      "p1-1": "0 of 1: 0 of 10",
      "p2-1": "1 of 2: 15 of 31",
      "p3-1": "2 of 3: 67 of 100",
    });
  });

  it("goes on into what is made of it on the same day, by the documents' ids", () => {
    const facts = [A, B, C, buyA("p1", "2025-03-02", 3, 1000), sellOf("c", "o1", "2025-03-02")];
    const result = naive([
      ...facts,
      make("m2", "2025-03-02", [["b", 1]], ["c", 2]),
      make("m1", "2025-03-02", [["a", 2]], ["b", 1]),
    ]);
    // b is round(1000·2/3) = 667; c is 2 for 667, so one is round(333.5) = 334.
    expect(costs(result)).toEqual({ "o1-1": "334" });
    const other = naive([
      ...facts,
      make("m1", "2025-03-02", [["b", 1]], ["c", 2]),
      make("m2", "2025-03-02", [["a", 2]], ["b", 1]),
    ]);
    // Now c is made first, of a b that is not there: c costs 0, and the b that is made then stays, for 667.
    expect(costs(other)).toEqual({ "o1-1": "0" });
    expect(lots(other)).toEqual({
      "m1-q": "1 of 2: 0 of 0",
      "m2-q": "1 of 1: 667 of 667",
      "p1-1": "1 of 3: 333 of 1000",
    });
  });

  it("costs more once an input that was short is costed, and so does what was made of it and sold", () => {
    const facts = [
      A,
      B,
      C,
      buyA("p2", "2025-03-02", 1, 100),
      make("m1", "2025-03-03", [["a", 2]], ["b", 1]),
      make("m2", "2025-03-04", [["b", 1]], ["c", 1], { overhead: 5 }),
      sellOf("c", "o1", "2025-03-05"),
    ];
    // One of two a is there: b is 100, c is 105.
    expect(costs(naive(facts))).toEqual({ "o1-1": "105" });
    expect(naive(facts).on_hand).toEqual([{ item: "a", location: "main", qty: -1 }]);
    // The late a is 70: b is 170, c is 175.
    const late = naive([...facts, buyA("p1", "2025-03-01", 1, 70)]);
    expect(costs(late)).toEqual({ "o1-1": "175" });
    expect(balances(late)).toEqual({ "1000": -170, "5000": 175, "9991": -5 });
  });

  it("is sold on its day; what comes back on a day is used the day after", () => {
    const facts = [
      A,
      B,
      buyA("p1", "2025-03-01", 1, 80),
      sellOf("a", "o1", "2025-03-01"),
      giveBack("r1", "2025-03-02", "o1", 1),
      sellOf("b", "o2", "2025-03-03"),
    ];
    // Made on the day of the return, it finds nothing: 0. Made the next day, it finds the 80.
    expect(costs(naive([...facts, make("m1", "2025-03-02", [["a", 1]], ["b", 1])]))["o2-1"]).toBe("0");
    expect(costs(naive([...facts, make("m1", "2025-03-03", [["a", 1]], ["b", 1])]))["o2-1"]).toBe("80");
  });

  it("can be the item that it is made of, but not of itself", () => {
    const facts = [A, make("m1", "2025-03-02", [["a", 3]], ["a", 2]), sellOf("a", "o1", "2025-03-02")];
    // Three leave before two arrive: nothing is there to leave, so 3 are short, and two come at 0.
    expect(lots(naive(facts))).toEqual({ "m1-q": "1 of 2: 0 of 0" });
    expect(naive(facts).on_hand).toEqual([{ item: "a", location: "main", qty: -2 }]);
    // With 5 for 500, three are 300 and make two for 300; the sale takes the older lot, at 100.
    const result = naive([...facts, buyA("p1", "2025-03-01", 5, 500)]);
    expect(lots(result)).toEqual({ "m1-q": "2 of 2: 300 of 300", "p1-1": "1 of 5: 100 of 500" });
  });

  it("may use what was bought within the grace period", () => {
    const facts = [A, B, make("m1", "2025-03-02", [["a", 1]], ["b", 1]), buyA("p1", "2025-03-04", 1, 60)];
    expect(lots(naive([{ kind: "business", grace_days: 1 }, ...facts]))["m1-q"]).toBe("1 of 1: 0 of 0");
    expect(lots(naive([{ kind: "business", grace_days: 2 }, ...facts]))["m1-q"]).toBe("1 of 1: 60 of 60");
  });

  it("is no purchase: grace does not reach it", () => {
    const facts = [{ kind: "business", grace_days: 9 }, A, B, buyA("p1", "2025-03-01", 1, 60)];
    const result = naive([...facts, sellOf("b", "o1", "2025-03-02"), make("m1", "2025-03-03", [["a", 1]], ["b", 1])]);
    expect(costs(result)).toEqual({ "o1-1": "0+1?" });
  });

  it("comes before a transfer of the same id", () => {
    const facts = [...places("x", "y"), A, B, buyA("p1", "2025-03-01", 1, 40)];
    const sale = sellOf("b", "o1", "2025-03-02", 1, { location: "y" });
    const made = make("m", "2025-03-02", [["a", 1]], ["b", 1]);
    // Made, then moved, at 40; a transfer whose id is lower finds nothing to move.
    expect(costs(naive([...facts, move("m", "2025-03-02", "x", "y", 1, { of: "b" }), made, sale]))["o1-1"]).toBe("40");
    expect(costs(naive([...facts, move("l", "2025-03-02", "x", "y", 1, { of: "b" }), made, sale]))["o1-1"]).toBe(
      "0+1?",
    );
  });
});

describe("disassembly", () => {
  const facts = [A, B, C, buyA("p1", "2025-03-01", 1, 100)];

  it("splits the cost by shares, equal remainders to the earlier output", () => {
    // 100 in three are 33 each and 1 over, which the first gets.
    expect(lots(naive([...facts, takeApart("m1", [1, 1, 1])]))).toMatchObject({
      "m1-q1": "1 of 1: 34 of 34",
      "m1-q2": "1 of 1: 33 of 33",
      "m1-q3": "1 of 1: 33 of 33",
    });
  });

  it("gives what is over to the larger remainder", () => {
    // 101 by 1 and 2: 33⅔ and 67⅓; the cent that is over goes to ⅔.
    expect(lots(naive([...facts, takeApart("m1", [1, 2], { overhead: 1 })]))).toMatchObject({
      "m1-q1": "1 of 1: 34 of 34",
      "m1-q2": "1 of 1: 67 of 67",
    });
  });

  it("gives nothing to a share of 0, and all of nothing is nothing", () => {
    expect(lots(naive([...facts, takeApart("m1", [0, 3])]))).toMatchObject({
      "m1-q1": "1 of 1: 0 of 0",
      "m1-q2": "1 of 1: 100 of 100",
    });
    expect(balances(naive([...facts, takeApart("m1", [0, 3])]))).toEqual({ "1000": -100, "1200": 100 });
  });

  it("lays lots of one item in the order of their line ids", () => {
    const outputs = [
      { id: "z", item: "b", qty: 1, share: 1 },
      { id: "y", item: "b", qty: 1, share: 3 },
    ];
    // z is listed first, for 25, but y comes first by id, for 75.
    const result = naive([...facts, takeApart("m1", [1], { outputs }), sellOf("b", "o1", "2025-03-02")]);
    expect(costs(result)).toEqual({ "o1-1": "75" });
  });
});

describe("pins on what is made", () => {
  const facts = [
    A,
    B,
    buyA("p1", "2025-03-01", 2, 400),
    make("m1", "2025-03-02", [["a", 1]], ["b", 3]),
    make("m2", "2025-03-03", [["a", 1]], ["b", 1], { overhead: 800 }),
    sellOf("b", "o1", "2025-03-04"),
    sellOf("b", "o2", "2025-03-05"),
  ];
  const pinTo = (sale: string, lot: string, qty = 1) => ({ kind: "pin", sale: `${sale}-1`, lot: `${lot}-q`, qty });

  it("come before FIFO", () => {
    // m1: 3 for 200; m2: 1 for 200 + 800.
    expect(costs(naive(facts))).toEqual({ "o1-1": "67", "o2-1": "66" });
    expect(costs(naive([...facts, pinTo("o1", "m2")]))).toEqual({ "o1-1": "1000", "o2-1": "67" });
  });

  it("are counted first, to the cent", () => {
    // o2 is pinned: round(200/3) = 67 is its cost now, and o1 has round(400/3) − 67 = 66.
    expect(costs(naive([...facts, pinTo("o2", "m1")]))).toEqual({ "o1-1": "66", "o2-1": "67" });
  });

  it("follow the cost of what they name", () => {
    const late = buyA("p0", "2025-02-28", 1, 50);
    // The late a is used first: m1 is 3 for 50, and m2 takes p1: 200 + 800.
    expect(costs(naive([...facts, pinTo("o2", "m1"), late]))).toEqual({ "o1-1": "16", "o2-1": "17" });
  });

  it("name nothing that is made after the sale, nor more than is left", () => {
    const early = sellOf("b", "o0", "2025-03-01", 9);
    expect(refusal([...facts, early, pinTo("o0", "m1")])).toBe("9 does_not_fit");
    expect(refusal([...facts, sellOf("b", "o3", "2025-03-02", 9), pinTo("o3", "m1")])).toBe("accepted");
    expect(refusal([...facts, pinTo("o1", "m1"), sellOf("b", "o3", "2025-03-09", 9), pinTo("o3", "m1", 3)])).toBe(
      "10 does_not_fit",
    );
    expect(refusal([...facts, pinTo("o1", "m1"), { kind: "undo", of: "assembly", id: "m1" }])).toBe("9 named");
  });
});

describe("production that is refused or undone", () => {
  const facts = [A, B, C];

  it("names one output or outputs, with shares that are not all 0", () => {
    expect(refusal([...facts, takeApart("m1", [0, 0])])).toBe("4 bad_field");
    expect(refusal([...facts, takeApart("m1", [1, -1])])).toBe("4 bad_field");
    expect(refusal([...facts, takeApart("m1", [1], { output: { id: "q", item: "b", qty: 1 } })])).toBe("4 bad_field");
    expect(refusal([...facts, takeApart("m1", [1], { outputs: undefined })])).toBe("4 bad_field");
    expect(refusal([...facts, takeApart("m1", [1], { overhead: -1 })])).toBe("4 bad_field");
    expect(refusal([...facts, takeApart("m1", [1], { overhead: 1, account: "none" })])).toBe("4 unknown_id");
    expect(refusal([...facts, make("m1", "2025-03-01", [["a", 1]], ["d", 1])])).toBe("4 unknown_id");
    const twice = { inputs: [{ id: "m1-q1", item: "a", qty: 1 }] };
    expect(refusal([...facts, takeApart("m1", [1], twice)])).toBe("4 duplicate_id");
  });

  it("reads as if it had never been made", () => {
    const before = [...facts, buyA("p1", "2025-03-01", 2, 9), sellOf("b", "o1", "2025-03-03")];
    const made = make("m1", "2025-03-02", [["a", 1]], ["b", 1]);
    expect(costs(naive([...before, made]))).toEqual({ "o1-1": "5" });
    expect(naive([...before, made, { kind: "undo", of: "assembly", id: "m1" }, made])).toEqual(naive(before));
    expect(refusal([...before, made, { kind: "undo", of: "item", id: "b" }])).toBe("7 named");
  });
});
