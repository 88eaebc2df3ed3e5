/** Matching, postings, and facts recorded twice or undone, worked out by hand. */
import { describe, expect, it } from "vitest";
import type { Fact } from "../histories";
import { naive } from "./index";
import { balances, buy, giveBack, matches, pin, refusal, sell, WIDGET } from "./words";

describe("matching", () => {
  const other: Fact = { kind: "item", id: "v", name: "Vase", sku: "V", aliases: ["Old  Vase"] };
  function line(id: string, at: string, more: object): Fact {
    return { kind: "order", id, channel: "ebay", at, lines: [{ id: `${id}-1`, name: "", qty: 1, amount: 0, ...more }] };
  }

  it("goes by SKU, then by name or alias, however they are written", () => {
    const result = naive([
      WIDGET,
      other,
      line("a", "2025-03-01", { sku: " ｗ ", name: "Vase" }),
      line("b", "2025-03-01", { sku: "unknown", name: "old\u00a0VASE" }),
      line("c", "2025-03-01", { sku: "", name: " " }),
    ]);
    expect(matches(result)).toEqual({ "a-1": "w sku", "b-1": "v name", "c-1": "null null" });
  });

  it("passes on what gives two, and a second item takes a match away", () => {
    const twin = { kind: "item", id: "u", name: "Urn", sku: "W" };
    const facts = [
      WIDGET,
      other,
      line("a", "2025-03-01", { sku: "W", name: "Vase" }),
      line("b", "2025-03-01", { sku: "W" }),
    ];
    expect(matches(naive(facts))).toEqual({ "a-1": "w sku", "b-1": "w sku" });
    expect(matches(naive([...facts, twin]))).toEqual({ "a-1": "v name", "b-1": "null null" });
  });

  it("remembers a listing from its earliest matched line on", () => {
    const facts = [
      WIDGET,
      other,
      line("d", "2025-03-01", { listing: "L" }),
      line("c", "2025-03-02T10:00:00Z", { listing: "L", sku: "W" }),
      line("b", "2025-03-02T10:00:01Z", { listing: "L", sku: "V" }),
      line("a", "2025-03-03", { listing: "l", sku: "V" }),
    ];
    expect(matches(naive(facts))).toEqual({ "a-1": "v sku", "b-1": "w listing", "c-1": "w sku", "d-1": "null null" });
  });

  it("lets a hand hold all lines of the listing, unless hands disagree", () => {
    const facts = [WIDGET, other, ...["a", "b", "c"].map((id) => line(id, "2025-03-01", { listing: "L", sku: "V" }))];
    const one = [...facts, { kind: "match", sale: "b-1", item: "w" }];
    expect(matches(naive(one))).toEqual({ "a-1": "w listing", "b-1": "w hand", "c-1": "w listing" });
    const two = [...one, { kind: "match", sale: "c-1", item: "v" }];
    expect(matches(naive(two))).toEqual({ "a-1": "v sku", "b-1": "w hand", "c-1": "v hand" });
    const undone = [...two, { kind: "undo", of: "match", sale: "b-1" }];
    expect(matches(naive(undone))).toEqual({ "a-1": "v listing", "b-1": "v listing", "c-1": "v hand" });
  });

  it("keeps a pinned line's match when another item takes its SKU", () => {
    const twin = { kind: "item", id: "u", name: "Urn", sku: "W" };
    const facts = [
      WIDGET,
      buy("p1", "2025-03-01", 2, 10),
      line("a", "2025-03-02", { sku: "W" }),
      line("b", "2025-03-02", { sku: "W" }),
      pin("a", "p1", 1),
    ];
    expect(matches(naive([...facts, twin]))).toEqual({ "a-1": "w sku", "b-1": "null null" });
    expect(refusal([...facts, { kind: "undo", of: "item", id: "w" }])).toBe("6 named");
  });

  it("moves a pinned line off a listing that would not fit its lot", () => {
    const facts = [
      WIDGET,
      other,
      buy("p1", "2025-03-01", 2, 10),
      line("a", "2025-03-02", { listing: "L", sku: "W" }),
      pin("a", "p1", 1),
      line("b", "2025-03-03", { listing: "L" }),
      { kind: "match", sale: "b-1", item: "v" },
    ];
    expect(matches(naive(facts))).toEqual({ "a-1": "w sku", "b-1": "v hand" });
  });

  it("still goes by the listing's first line after a pin moved a later one off it", () => {
    const facts = [
      WIDGET,
      other,
      buy("p1", "2025-03-01", 2, 10, { item: "v" }),
      line("a", "2025-03-02", { listing: "L", sku: "W" }),
      line("b", "2025-03-03", { listing: "L", sku: "V" }),
      line("c", "2025-03-04", { listing: "L", sku: "V" }),
      pin("b", "p1", 1),
    ];
    expect(matches(naive(facts))).toEqual({ "a-1": "w sku", "b-1": "v sku", "c-1": "w listing" });
  });
});

describe("accounting", () => {
  it("posts one order in full, as accounting.md has it", () => {
    const order = {
      kind: "order",
      id: "o1",
      channel: "ebay",
      at: "2025-03-02",
      lines: [{ id: "o1-1", name: "widget", qty: 1, amount: 5000 }],
      shipping: 500,
      tax: 440,
      tax_by: "channel",
      fees: [
        { kind: "final value", amount: 729 },
        { kind: "label", amount: 410 },
      ],
    };
    const payout = { kind: "payout", id: "y1", channel: "ebay", date: "2025-03-04", amount: 4361 };
    const facts = [WIDGET, buy("p1", "2025-03-01", 1, 2000), order, payout];
    expect(balances(naive(facts))).toEqual({
      "1000": -2000,
      "1180": 4361,
      "4000": -5000,
      "4010": -500,
      "5000": 2000,
      "6000": 729,
      "6030": 410,
    });
    const refund = {
      kind: "return",
      id: "r1",
      date: "2025-03-05",
      order: "o1",
      lines: [{ id: "r1-1", line: "o1-1", qty: 1, amount: 900, restock: true }],
    };
    expect(naive([...facts, refund]).trial_balance).toContainEqual({
      code: "1150",
      name: "ebay balance",
      amount: -900,
    });
  });

  it("posts discount, the seller's tax and fees credited back, and numbers channels by name", () => {
    const order = (id: string, channel: string, more: object) => ({
      kind: "order",
      id,
      channel,
      at: "2025-03-02",
      lines: [{ id: `${id}-1`, name: "", qty: 1, amount: 100 }],
      ...more,
    });
    const result = naive([
      order("o1", "etsy", { discount: 10, tax: 7 }),
      order("o2", "Zed", {
        fees: [
          { kind: "advertising", amount: -3 },
          { kind: "payment", amount: 4 },
          { kind: "processing", amount: 1 },
          { kind: "shipping", amount: 2 },
        ],
      }),
    ]);
    expect(balances(result)).toEqual({
      "1150": 96,
      "1151": 97,
      "2200": -7,
      "4000": -200,
      "4080": 10,
      "6010": 5,
      "6020": -3,
      "6030": 2,
    });
  });

  it("posts an opening and an adjustment in", () => {
    const result = naive([
      WIDGET,
      { kind: "opening", id: "g1", date: "2025-01-01", lines: [{ id: "g1-1", item: "w", qty: 2, amount: 30 }] },
      {
        kind: "adjustment",
        id: "a1",
        date: "2025-01-02",
        lines: [
          { id: "a1-1", item: "w", qty: 1, amount: 8 },
          { id: "a1-2", item: "w", qty: 1 },
        ],
      },
    ]);
    expect(balances(result)).toEqual({ "1200": 38, "3090": -30, "5100": -8 });
    expect(result.on_hand).toEqual([{ item: "w", location: "main", qty: 4 }]);
  });
});

describe("the same fact twice, and undo", () => {
  const facts = [WIDGET, buy("p1", "2025-03-01", 3, 1000), sell("o1", "2025-03-02"), pin("o1", "p1", 1)];

  it("skips what is equal and refuses what is not", () => {
    expect(naive([...facts, ...facts])).toEqual(naive(facts));
    expect(refusal([...facts, buy("p1", "2025-03-01", 3, 1001)])).toBe("5 different");
    expect(refusal([...facts, { ...WIDGET, name: "Other" }])).toBe("5 different");
    expect(naive([...facts, { ...WIDGET, colour: "red" }])).toEqual(naive(facts));
  });

  it("counts what is undone as never recorded, recorded again or not", () => {
    const undone = [
      ...facts,
      { kind: "undo", of: "pin", sale: "o1-1", lot: "p1-1" },
      { kind: "undo", of: "order", id: "o1" },
    ];
    const without = naive([WIDGET, buy("p1", "2025-03-01", 3, 1000)]);
    expect(naive(undone)).toEqual(without);
    expect(naive([...undone, sell("o1", "2025-03-02"), pin("o1", "p1", 1), ...undone.slice(4)])).toEqual(without);
    expect(refusal([...undone, giveBack("r1", "2025-03-05", "o1", 1)])).toBe("7 unknown_id");
  });

  it("refuses to undo what another fact names", () => {
    expect(refusal([...facts, { kind: "undo", of: "order", id: "o1" }])).toBe("5 named");
    expect(refusal([...facts, { kind: "undo", of: "purchase", id: "p1" }])).toBe("5 named");
    expect(refusal([...facts, { kind: "undo", of: "item", id: "nothing" }])).toBe("5 unknown_id");
    expect(refusal([...facts, { kind: "undo", of: "close", id: "x" }])).toBe("5 bad_field");
  });
});
