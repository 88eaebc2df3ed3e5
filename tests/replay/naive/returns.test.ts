/** Rules 6 to 10 of costing.md and backfills, worked out by hand. */
import { describe, expect, it } from "vitest";
import { naive } from "./index";
import { balances, buy, costs, giveBack, lots, pin, refusal, sell, sendBack, WIDGET } from "./words";

describe("rule 6: returns", () => {
  it("cancels shortage first, then brings back cost", () => {
    const facts = [
      WIDGET,
      buy("p1", "2025-03-01", 1, 100),
      sell("o1", "2025-03-02", 3),
      giveBack("r1", "2025-03-03", "o1", 2),
    ];
    const cancelled = naive(facts);
    expect(costs(cancelled)).toEqual({ "o1-1": "100" });
    expect(lots(cancelled)).toEqual({ "p1-1": "0 of 1: 0 of 100" });
    expect(cancelled.on_hand).toEqual([]);
    const all = naive([...facts, giveBack("r2", "2025-03-04", "o1", 1)]);
    expect(lots(all)["r2-1"]).toBe("1 of 1: 100 of 100");
    expect(balances(all)).toEqual({ "1000": -100, "1200": 100 });
    expect(refusal([...facts, giveBack("r2", "2025-03-04", "o1", 2)])).toBe("5 too_many_returned");
  });

  it("gives an allocation back cumulatively", () => {
    const result = naive([
      WIDGET,
      buy("p1", "2025-03-01", 3, 1000),
      sell("o1", "2025-03-02", 3),
      ...["r1", "r2", "r3"].map((id) => giveBack(id, "2025-03-03", "o1", 1)),
    ]);
    expect(result.lots.map((l) => l.amount)).toEqual([1000, 333, 334, 333]);
  });

  it("counts pinned allocations as taken first, in the order of their lots", () => {
    const facts = [
      WIDGET,
      buy("p1", "2025-03-01", 2, 300),
      buy("p3", "2025-03-04", 1, 50),
      buy("p2", "2025-03-05", 3, 1000),
      sell("o1", "2025-03-06", 4),
      pin("o1", "p2", 1),
      pin("o1", "p3", 1),
    ];
    expect(costs(naive(facts))).toEqual({ "o1-1": "683" });
    const result = naive([...facts, giveBack("r1", "2025-03-07", "o1", 1), giveBack("r2", "2025-03-08", "o1", 3)]);
    expect(lots(result)).toMatchObject({
      "r1-1": "1 of 1: 150 of 150",
      "r2-1.1": "1 of 1: 150 of 150",
      "r2-1.2": "1 of 1: 333 of 333",
      "r2-1.3": "1 of 1: 50 of 50",
    });
  });

  it("tells what a pin took from a lot and what FIFO took from it apart", () => {
    const facts = [WIDGET, buy("p1", "2025-03-01", 3, 1000), sell("o1", "2025-03-02", 3), pin("o1", "p1", 1)];
    const result = naive([...facts, giveBack("r1", "2025-03-03", "o1", 3)]);
    expect(result.sales[0]?.allocations).toEqual([{ lot: "p1-1", qty: 3, cost: 1000 }]);
    expect(lots(result)).toMatchObject({ "r1-1.1": "2 of 2: 667 of 667", "r1-1.2": "1 of 1: 333 of 333" });
  });

  it("leaves the cost of what is not restocked, and moves what is written off to shrinkage", () => {
    const facts = [
      WIDGET,
      buy("p1", "2025-03-01", 1, 100),
      buy("p2", "2025-03-01", 2, 600),
      sell("o1", "2025-03-02", 3),
    ];
    const lost = giveBack("r1", "2025-03-03", "o1", 1, { restock: false });
    const off = giveBack("r1", "2025-03-03", "o1", 1, { restock: false, write_off: true });
    expect(balances(naive([...facts, lost]))).toEqual({ "1000": -700, "5000": 700 });
    expect(balances(naive([...facts, off]))).toEqual({ "1000": -700, "5000": 400, "5100": 300 });
    const back = giveBack("r2", "2025-03-04", "o1", 2);
    expect(naive([...facts, lost, back]).lots.at(-1)).toMatchObject({ lot: "r2-1", qty: 2, amount: 600 });
    expect(lots(naive([...facts, off, back]))).toMatchObject({
      "r2-1.1": "1 of 1: 300 of 300",
      "r2-1.2": "1 of 1: 100 of 100",
    });
    expect(naive([...facts, off]).on_hand).toEqual([]);
  });

  it("writes off no shortage", () => {
    const off = giveBack("r1", "2025-03-03", "o1", 2, { restock: false, write_off: true });
    const result = naive([WIDGET, buy("p1", "2025-03-01", 1, 100), sell("o1", "2025-03-02", 2), off]);
    expect(costs(result)).toEqual({ "o1-1": "100+1?" });
    expect(balances(result)).toEqual({ "1000": -100, "5100": 100 });
  });

  it("takes in a return of no known sale at the cost given", () => {
    const line = { id: "r1-1", item: "w", qty: 2, amount: 900, cost: 301 };
    const result = naive([
      WIDGET,
      { kind: "return", id: "r1", date: "2025-03-03", channel: "etsy", lines: [line] },
      sell("o1", "2025-03-03"),
      sell("o2", "2025-03-04"),
    ]);
    expect(costs(result)).toEqual({ "o1-1": "0+1?", "o2-1": "151" });
    expect(balances(result)).toEqual({ "1151": -900, "1200": 150, "4090": 900, "5000": -150 });
  });

  it("refuses a return before its sale", () => {
    expect(refusal([WIDGET, sell("o1", "2025-03-02"), giveBack("r1", "2025-03-01", "o1", 1)])).toBe(
      "3 return_before_sale",
    );
  });
});

describe("rule 7: purchase returns", () => {
  const facts = [WIDGET, buy("p1", "2025-03-01", 5, 500), sell("o1", "2025-03-02", 5)];

  it("reserves whatever the dates, and posts the difference as purchase variance", () => {
    const result = naive([...facts, sendBack("v1", "2025-03-10", "p1", 2, 150)]);
    expect(costs(result)).toEqual({ "o1-1": "300+2?" });
    expect(balances(result)).toEqual({ "1000": -350, "5000": 300, "5110": 50 });
    expect(result.on_hand).toEqual([{ item: "w", location: "main", qty: -2 }]);
    expect(balances(naive([...facts, sendBack("v1", "2025-03-10", "p1", 2, 250)]))["5110"]).toBe(-50);
  });

  it("refuses more than is left for pins", () => {
    expect(refusal([...facts, pin("o1", "p1", 4), sendBack("v1", "2025-03-10", "p1", 2, 0)])).toBe("5 does_not_fit");
  });
});

describe("rule 8: transfers", () => {
  it("moves quantity only; what is on its way has arrived in the end", () => {
    const move = { kind: "transfer", date: "2025-03-02", from: "a", to: "b" };
    const result = naive([
      { kind: "location", id: "a", name: "A" },
      { kind: "location", id: "b", name: "B" },
      WIDGET,
      buy("p1", "2025-03-01", 2, 200),
      { ...move, id: "t1", lines: [{ id: "t1-1", item: "w", qty: 3 }] },
      { ...move, id: "t2", arrives: "2025-03-09", lines: [{ id: "t2-1", item: "w", qty: 1 }] },
      sell("o1", "2025-03-03", 1, { location: "b" }),
    ]);
    expect(result.on_hand).toEqual([
      { item: "w", location: "a", qty: -2 },
      { item: "w", location: "b", qty: 3 },
    ]);
    expect(costs(result)).toEqual({ "o1-1": "100" });
  });
});

describe("locations", () => {
  it("brings a return back to where it was sold from unless it says otherwise, and takes a purchase return from where it lies", () => {
    const result = naive([
      ...["a", "b", "c"].map((id) => ({ kind: "location", id, name: id })),
      WIDGET,
      buy("p1", "2025-03-01", 9, 900, { location: "c" }),
      sell("o1", "2025-03-02", 4, { location: "b" }),
      giveBack("r1", "2025-03-03", "o1", 1),
      giveBack("r2", "2025-03-03", "o1", 2, { restock: true, location: "a" }),
      sendBack("v1", "2025-03-04", "p1", 2, 200),
      { kind: "backfill", id: "b1", sale: "o1-1", date: "2025-01-01", amount: 5, qty: 1 },
    ]);
    expect(result.on_hand).toEqual([
      { item: "w", location: "a", qty: 2 },
      { item: "w", location: "b", qty: -2 },
      { item: "w", location: "c", qty: 7 },
    ]);
  });
});

describe("rule 10: landed cost", () => {
  function landed(amounts: [qty: number, amount: number][], extra: number): number[] {
    const lines = amounts.map(([qty, amount], i) => ({ id: `p1-${i}`, item: "w", qty, amount }));
    const amount = amounts.reduce((sum, [, a]) => sum + a, extra);
    return naive([WIDGET, { kind: "purchase", id: "p1", date: "2025-03-01", amount, extra, lines }]).lots.map(
      (l) => l.amount,
    );
  }

  it("gives equal remainders to the earlier line, and the larger remainder first", () => {
    expect(
      landed(
        [
          [1, 10],
          [1, 10],
          [1, 10],
        ],
        5,
      ),
    ).toEqual([12, 12, 11]);
    expect(
      landed(
        [
          [1, 1],
          [1, 2],
        ],
        1,
      ),
    ).toEqual([1, 3]);
  });

  it("goes by quantity where all lines are 0, and stays to be detailed without lines", () => {
    expect(
      landed(
        [
          [1, 0],
          [3, 0],
        ],
        9,
      ),
    ).toEqual([2, 7]);
    const result = naive([{ kind: "purchase", id: "p1", date: "2025-03-01", amount: 90, extra: 50, lines: [] }]);
    expect(result.to_detail).toBe(90);
    expect(balances(result)).toEqual({ "1000": -90, "1200": 90 });
  });

  it("keeps apart what is not detailed yet", () => {
    const lines = [{ id: "p1-1", item: "w", qty: 1, amount: 60 }];
    const result = naive([WIDGET, { kind: "purchase", id: "p1", date: "2025-03-01", amount: 100, extra: 5, lines }]);
    expect(result.to_detail).toBe(35);
    expect(lots(result)).toEqual({ "p1-1": "1 of 1: 65 of 65" });
  });
});

describe("backfill", () => {
  const facts = [WIDGET, buy("p1", "2025-03-01", 5, 500), sell("o1", "2025-03-06", 3)];
  const backfill = { kind: "backfill", id: "b1", sale: "o1-1", date: "2025-01-01", amount: 70 };

  it("makes a lot and pins it", () => {
    const result = naive([...facts, { ...backfill, qty: 2 }]);
    expect(costs(result)).toEqual({ "o1-1": "170" });
    expect(lots(result)).toEqual({ b1: "0 of 2: 0 of 70", "p1-1": "4 of 5: 400 of 500" });
    expect(balances(result)).toEqual({ "1000": -500, "1200": 400, "3000": -70, "5000": 170 });
    expect(result.on_hand).toEqual([{ item: "w", location: "main", qty: 4 }]);
    expect(costs(naive([...facts, backfill]))).toEqual({ "o1-1": "70" });
  });

  it("costs a line that matched nothing, and holds no match", () => {
    const stray = {
      kind: "order",
      id: "o2",
      channel: "ebay",
      at: "2025-03-06",
      lines: [{ id: "o2-1", name: "What", qty: 3, amount: 0 }],
    };
    const result = naive([
      ...facts,
      stray,
      { ...backfill, sale: "o2-1", qty: 1 },
      giveBack("r1", "2025-03-07", "o2", 3),
    ]);
    expect(result.sales[1]).toEqual({
      line: "o2-1",
      item: null,
      matched_by: null,
      qty: 3,
      cost: 70,
      uncosted: 0,
      allocations: [{ lot: "b1", qty: 1, cost: 70 }],
    });
    expect(result.lots).toContainEqual({
      lot: "b1",
      item: null,
      date: "2025-01-01",
      qty: 1,
      amount: 70,
      left: 0,
      value: 0,
    });
    expect(result.lots).toContainEqual({
      lot: "r1-1",
      item: null,
      date: "2025-03-07",
      qty: 1,
      amount: 70,
      left: 1,
      value: 70,
    });
    expect(result.on_hand).toEqual([{ item: "w", location: "main", qty: 2 }]);
    const matched = naive([
      ...facts,
      stray,
      { ...backfill, sale: "o2-1", qty: 1 },
      { kind: "match", sale: "o2-1", item: "w" },
    ]);
    expect(costs(matched)).toEqual({ "o1-1": "300", "o2-1": "270" });
  });
});
