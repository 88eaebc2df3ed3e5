/**
 * The naive implementation against results worked out by hand: the examples of costing.md and, rule by rule, the cases in
 * which a careless reading would differ. Rules 6 to 10 are in naive/returns.test.ts, matching and postings in naive/books.test.ts.
 */
import { describe, expect, it } from "vitest";
import { naive } from "./naive/index";
import { balances, buy, costs, giveBack, item, lots, make, pin, refusal, sell, sendBack, WIDGET } from "./naive/words";

describe("the examples of costing.md", () => {
  const five = [WIDGET, buy("p1", "2025-03-05", 2, 300), sell("o1", "2025-03-06", 2)];
  const late = buy("p0", "2025-03-01", 1, 100);

  it("1: three sales use a lot up, to the cent", () => {
    expect(
      naive([
        WIDGET,
        buy("p1", "2025-03-01", 3, 1000),
        sell("o1", "2025-03-02"),
        sell("o2", "2025-03-03"),
        sell("o3", "2025-03-04"),
      ]),
    ).toEqual({
      sales: [
        {
          line: "o1-1",
          item: "w",
          matched_by: "sku",
          qty: 1,
          cost: 333,
          uncosted: 0,
          allocations: [{ lot: "p1-1", qty: 1, cost: 333 }],
        },
        {
          line: "o2-1",
          item: "w",
          matched_by: "sku",
          qty: 1,
          cost: 334,
          uncosted: 0,
          allocations: [{ lot: "p1-1", qty: 1, cost: 334 }],
        },
        {
          line: "o3-1",
          item: "w",
          matched_by: "sku",
          qty: 1,
          cost: 333,
          uncosted: 0,
          allocations: [{ lot: "p1-1", qty: 1, cost: 333 }],
        },
      ],
      lots: [{ lot: "p1-1", item: "w", date: "2025-03-01", qty: 3, amount: 1000, left: 0, value: 0 }],
      on_hand: [],
      trial_balance: [
        { code: "1000", name: "Checking", amount: -1000 },
        { code: "5000", name: "Cost of goods sold", amount: 1000 },
      ],
      to_detail: 0,
    });
  });

  it("2: a sale across two lots", () => {
    expect(
      naive([WIDGET, buy("p1", "2025-03-01", 2, 200), buy("p2", "2025-03-05", 2, 300), sell("o1", "2025-03-06", 3)]),
    ).toEqual({
      sales: [
        {
          line: "o1-1",
          item: "w",
          matched_by: "sku",
          qty: 3,
          cost: 350,
          uncosted: 0,
          allocations: [
            { lot: "p1-1", qty: 2, cost: 200 },
            { lot: "p2-1", qty: 1, cost: 150 },
          ],
        },
      ],
      lots: [
        { lot: "p1-1", item: "w", date: "2025-03-01", qty: 2, amount: 200, left: 0, value: 0 },
        { lot: "p2-1", item: "w", date: "2025-03-05", qty: 2, amount: 300, left: 1, value: 150 },
      ],
      on_hand: [{ item: "w", location: "main", qty: 1 }],
      trial_balance: [
        { code: "1000", name: "Checking", amount: -500 },
        { code: "1200", name: "Inventory", amount: 150 },
        { code: "5000", name: "Cost of goods sold", amount: 350 },
      ],
      to_detail: 0,
    });
  });

  it("3 and 4: bought after it was sold, and pinned all the same", () => {
    const facts = [WIDGET, sell("o1", "2025-03-02"), buy("p1", "2025-03-05", 1, 500)];
    const short = naive(facts);
    expect(costs(short)).toEqual({ "o1-1": "0+1?" });
    expect(lots(short)).toEqual({ "p1-1": "1 of 1: 500 of 500" });
    expect(short.on_hand).toEqual([]);
    const pinned = naive([...facts, pin("o1", "p1", 1)]);
    expect(costs(pinned)).toEqual({ "o1-1": "500" });
    expect(balances(pinned)).toEqual({ "1000": -500, "5000": 500 });
  });

  it("5 and 6: a late purchase changes a sale, in an open period or not", () => {
    expect(balances(naive(five))).toEqual({ "1000": -300, "5000": 300 });
    const after = naive([...five, late]);
    expect(costs(after)).toEqual({ "o1-1": "250" });
    expect(lots(after)).toEqual({ "p0-1": "0 of 1: 0 of 100", "p1-1": "1 of 2: 150 of 300" });
    expect(balances(after)).toEqual({ "1000": -400, "1200": 150, "5000": 250 });
    expect(naive([...five, { kind: "close", through: "2025-03-31" }, late])).toEqual(after);
  });

  it("7: a return brings back what was taken last", () => {
    const result = naive([
      WIDGET,
      buy("p1", "2025-03-01", 1, 100),
      buy("p2", "2025-03-02", 1, 300),
      sell("o1", "2025-03-03", 2),
      giveBack("r1", "2025-03-10", "o1", 1),
      sell("o2", "2025-03-11"),
    ]);
    expect(costs(result)).toEqual({ "o1-1": "400", "o2-1": "300" });
    expect(result.lots.at(-1)).toEqual({
      lot: "r1-1",
      item: "w",
      date: "2025-03-10",
      qty: 1,
      amount: 300,
      left: 0,
      value: 0,
    });
    expect(balances(result)).toEqual({ "1000": -400, "5000": 400 });
  });

  it("8: what arrives on a day can be sold on that day", () => {
    const result = naive([WIDGET, sell("o1", "2025-03-01T00:00:00Z", 4), buy("p1", "2025-03-01", 10, 1000)]);
    expect(costs(result)).toEqual({ "o1-1": "400" });
  });

  it("9: landed cost", () => {
    const lines = [
      { id: "p1-1", item: "w", qty: 500, amount: 20000 },
      { id: "p1-2", item: "v", qty: 100, amount: 5000 },
    ];
    const result = naive([
      WIDGET,
      { kind: "item", id: "v", name: "Widget 2" },
      { kind: "purchase", id: "p1", date: "2025-03-01", amount: 30960, extra: 5960, lines },
    ]);
    expect(lots(result)).toEqual({ "p1-1": "500 of 500: 24768 of 24768", "p1-2": "100 of 100: 6192 of 6192" });
    expect(balances(result)).toEqual({ "1000": -30960, "1200": 30960 });
  });

  it("10: a count finds one less", () => {
    const result = naive([
      WIDGET,
      buy("p1", "2025-03-01", 5, 500),
      sell("o1", "2025-03-02", 3),
      { kind: "adjustment", id: "a1", date: "2025-03-03", lines: [{ id: "a1-1", item: "w", qty: -1 }] },
    ]);
    expect(lots(result)).toEqual({ "p1-1": "1 of 5: 100 of 500" });
    expect(balances(result)).toEqual({ "1000": -500, "1200": 100, "5000": 300, "5100": 100 });
  });

  it("11: two prices", () => {
    const result = naive([
      WIDGET,
      buy("p1", "2025-03-01", 20, 12000),
      buy("p2", "2025-03-02", 30, 21000),
      sell("o1", "2025-03-03", 15),
      sell("o2", "2025-03-04", 20),
    ]);
    expect(costs(result)).toEqual({ "o1-1": "9000", "o2-1": "13500" });
  });

  it("12: nothing comes from nothing", () => {
    const result = naive([
      item("a"),
      item("b"),
      make("m1", "2025-03-01", [["a", 1]], ["b", 1]),
      make("m2", "2025-03-01", [["b", 1]], ["a", 1]),
    ]);
    // m1 finds no a: one a is short, and b costs 0. m2 takes that b, so a costs 0; it came after, so it covers no shortage.
    expect(lots(result)).toEqual({ "m1-q": "0 of 1: 0 of 0", "m2-q": "1 of 1: 0 of 0" });
    expect(result.on_hand).toEqual([]);
    expect(balances(result)).toEqual({});
  });
});

describe("rule 1: order", () => {
  it("takes what has no time first, then by instant, then by id and code point", () => {
    const result = naive([
      WIDGET,
      buy("p1", "2025-03-02", 5, 15),
      buy("p0", "2025-03-01", 1, 100),
      sell("c", "2025-03-02T10:00:00+02:00"), // 08:00 UTC
      sell("b", "2025-03-02T09:00:00Z"),
      sell("z", "2025-03-02"),
      sell("\u{1f600}", "2025-03-02T09:00:00Z"), // after the next one by code point, before it by UTF-16 unit
      sell("\ufb03", "2025-03-02T09:00:00Z"),
    ]);
    expect(costs(result)["z-1"]).toBe("100");
    const short = naive([
      WIDGET,
      buy("p1", "2025-03-02", 4, 12),
      sell("c", "2025-03-02T10:00:00+02:00"),
      sell("b", "2025-03-02T09:00:00Z"),
      sell("z", "2025-03-02"),
      sell("\u{1f600}", "2025-03-02T09:00:00Z"),
      sell("\ufb03", "2025-03-02T09:00:00Z"),
    ]);
    expect(costs(short)).toEqual({ "b-1": "3", "c-1": "3", "z-1": "3", "\ufb03-1": "3", "\u{1f600}-1": "0+1?" });
  });

  it("counts days in the business's time zone", () => {
    const facts = [WIDGET, buy("p1", "2025-03-03", 1, 100), sell("o1", "2025-03-02T23:30:00-05:00")];
    expect(costs(naive(facts))).toEqual({ "o1-1": "100" });
    expect(costs(naive([{ kind: "business", time_zone: "America/New_York" }, ...facts]))).toEqual({ "o1-1": "0+1?" });
  });

  it("sells what is returned on a day from the next day on", () => {
    const facts = [
      WIDGET,
      buy("p1", "2025-03-01", 1, 70),
      sell("o1", "2025-03-02"),
      giveBack("r1", "2025-03-03", "o1", 1),
    ];
    expect(costs(naive([...facts, sell("o2", "2025-03-03T23:59:59Z")]))["o2-1"]).toBe("0+1?");
    expect(costs(naive([...facts, sell("o2", "2025-03-04")]))["o2-1"]).toBe("70");
  });
});

describe("rule 2: grace", () => {
  const facts = [
    { kind: "business", grace_days: 3 },
    WIDGET,
    sell("o2", "2025-03-03"),
    sell("o1", "2025-03-02"),
    buy("p1", "2025-03-05", 1, 500),
  ];

  it("reaches a purchase of that many days later, the older sale first", () => {
    expect(costs(naive(facts))).toEqual({ "o1-1": "500", "o2-1": "0+1?" });
    expect(costs(naive([...facts, buy("p2", "2025-03-06", 1, 600)]))).toEqual({ "o1-1": "500", "o2-1": "600" });
    expect(costs(naive([...facts, buy("p2", "2025-03-07", 1, 600)]))["o2-1"]).toBe("0+1?");
  });

  it("does not reach an opening, but an adjustment in", () => {
    const line = { id: "g1-1", item: "w", qty: 1, amount: 9 };
    expect(costs(naive([...facts, { kind: "opening", id: "g1", date: "2025-03-05", lines: [line] }]))["o2-1"]).toBe(
      "0+1?",
    );
    expect(costs(naive([...facts, { kind: "adjustment", id: "g1", date: "2025-03-05", lines: [line] }]))).toEqual({
      "o1-1": "9",
      "o2-1": "500",
    });
  });
});

describe("rules 3 and 4: exact cost and pins", () => {
  const facts = [
    WIDGET,
    buy("p1", "2025-03-01", 3, 1000),
    sell("o1", "2025-03-02"),
    sell("o2", "2025-03-03"),
    sell("o3", "2025-03-04"),
  ];

  it("counts pinned quantities first, so a pin can move a cent between older sales", () => {
    expect(costs(naive(facts))).toEqual({ "o1-1": "333", "o2-1": "334", "o3-1": "333" });
    expect(costs(naive([...facts, pin("o3", "p1", 1)]))).toEqual({ "o1-1": "334", "o2-1": "333", "o3-1": "333" });
    expect(costs(naive([...facts, pin("o3", "p1", 1), pin("o2", "p1", 1)]))).toEqual({
      "o1-1": "333",
      "o2-1": "333",
      "o3-1": "334",
    });
  });

  it("makes FIFO give way", () => {
    const result = naive([...facts, buy("p2", "2025-03-03", 1, 70), sell("o4", "2025-03-09", 3), pin("o4", "p1", 3)]);
    expect(costs(result)).toEqual({ "o1-1": "0+1?", "o2-1": "70", "o3-1": "0+1?", "o4-1": "1000" });
  });

  it("rounds halves away from zero", () => {
    const half = [WIDGET, buy("p1", "2025-03-01", 2, 5), sell("o1", "2025-03-02"), sell("o2", "2025-03-03")];
    expect(costs(naive(half))).toEqual({ "o1-1": "3", "o2-1": "2" });
  });

  it("is exact beyond 2^53 in between", () => {
    const big = 2 ** 50 - 1;
    const result = naive([
      WIDGET,
      buy("p1", "2025-03-01", big, big - 2),
      sell("o1", "2025-03-02", big - 1),
      sell("o2", "2025-03-03"),
    ]);
    expect(costs(result)).toEqual({ "o1-1": `${big - 3}`, "o2-1": "1" });
  });

  it("refuses what does not fit", () => {
    expect(refusal([...facts, pin("o1", "p1", 2)])).toBe("6 does_not_fit");
    expect(refusal([...facts, sell("o4", "2025-03-05", 9), pin("o4", "p1", 4)])).toBe("7 does_not_fit");
    expect(
      refusal([...facts, sendBack("v1", "2025-04-01", "p1", 2, 0), sell("o4", "2025-03-05", 9), pin("o4", "p1", 2)]),
    ).toBe("8 does_not_fit");
    expect(refusal([...facts, pin("o1", "r1", 1)])).toBe("6 unknown_id");
    expect(refusal([...facts, giveBack("r1", "2025-03-05", "o1", 1), pin("o2", "r1", 1)])).toBe("7 does_not_fit");
    const other = { kind: "item", id: "v", name: "Other" };
    expect(refusal([...facts, other, buy("p2", "2025-03-01", 1, 5, { item: "v" }), pin("o1", "p2", 1)])).toBe(
      "8 does_not_fit",
    );
    expect(
      refusal([
        ...facts,
        pin("o1", "p1", 1),
        { kind: "backfill", id: "b1", sale: "o1-1", date: "2025-03-01", amount: 1 },
      ]),
    ).toBe("7 does_not_fit");
  });
});

describe("rule 5: shortage", () => {
  it("holds for an adjustment out, which costs only what lots cover", () => {
    const out = { kind: "adjustment", id: "a1", date: "2025-03-03", lines: [{ id: "a1-1", item: "w", qty: -3 }] };
    const result = naive([WIDGET, buy("p1", "2025-03-01", 1, 100), out]);
    expect(balances(result)).toEqual({ "1000": -100, "5100": 100 });
    expect(result.on_hand).toEqual([{ item: "w", location: "main", qty: -2 }]);
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
