/** The rows that facts post, each with its words, day and dimensions: what an account's page shows. */
import { describe, expect, test } from "vitest";
import { InvariantBroken } from "../../lib/core/errors";
import type { Fact, OrderFact } from "../../lib/core/facts";
import type { Posting } from "../../lib/core/journal";
import { chargeAccount, costPostings, type PostingContext, postingsOf } from "../../lib/core/posting";

const DAY = "2025-04-07";
const context: PostingContext = {
  channelAccount: (channel) => (channel === "etsy" ? "1150" : "1151"),
  taxByOf: (order) => (order === "o1" ? "channel" : "seller"),
  channelOf: (order) => (order === "o1" ? "etsy" : "nowhere"),
  currency: "USD",
  on: () => DAY,
};
const rows = (fact: Fact) => postingsOf(fact, context);

/** One row whole; what is not said is nothing. */
function row(
  purpose: string,
  memo: string,
  debit: string,
  credit: string,
  amount: bigint,
  dimensions: Partial<Pick<Posting, "channel" | "item" | "location" | "line">> = {},
): Posting {
  const nothing = { channel: null, item: null, location: null, line: null };
  return { purpose, effectiveOn: DAY, memo, debit, credit, amount, ...nothing, ...dimensions };
}

const line = { id: "l1", item: "w1", qty: 2n, amount: 300n, location: "main" };

describe("what comes in", () => {
  test("opening stock, line by line", () => {
    expect(rows({ kind: "opening", id: "b", date: DAY, lines: [line, { ...line, id: "l2", amount: 0n }] })).toEqual([
      row("opening", "Opening stock", "1200", "3090", 300n, { item: "w1", location: "main", line: "l1" }),
    ]);
  });

  test("a purchase, whole, in its supplier's name", () => {
    const purchase = { kind: "purchase", id: "p", date: DAY, amount: 900n, lines: [line], extras: [] } as const;
    expect(rows({ ...purchase, account: "1010", supplier: null })).toEqual([
      row("purchase", "Purchase", "1200", "1010", 900n),
    ]);
    expect(rows({ ...purchase, account: "2000", supplier: "Cooper" })).toEqual([
      row("purchase", "Purchase from Cooper", "1200", "2000", 900n),
    ]);
  });

  test("an adjustment: only what it brings in, at its place, with its reason", () => {
    const lines = [line, { ...line, id: "l2", qty: -1n, amount: 7n }];
    const adjustment = { kind: "adjustment", id: "a", date: DAY, location: "shop", lines } as const;
    const where = { item: "w1", location: "shop", line: "l1" };
    expect(rows({ ...adjustment, reason: null })).toEqual([
      row("adjustment", "Adjustment", "1200", "5100", 300n, where),
    ]);
    expect(rows({ ...adjustment, reason: "count" })).toEqual([
      row("adjustment", "Adjustment: count", "1200", "5100", 300n, where),
    ]);
    expect(rows({ ...adjustment, reason: "data_entry", account: "4100" })).toEqual([
      row("adjustment", "Adjustment: data-entry error", "1200", "4100", 300n, where),
    ]);
    expect(rows({ ...adjustment, reason: "Moths" })[0]?.memo).toBe("Adjustment: Moths");
  });

  test("a production's overhead alone, on its item where it makes only one", () => {
    const output = { id: "m1", item: "kit", qty: 1n, share: 1n };
    const assembly = {
      kind: "assembly",
      id: "m",
      date: DAY,
      location: "shop",
      inputs: [],
      overhead: 50n,
      account: "9991",
    } as const;
    expect(rows({ ...assembly, outputs: [output] })).toEqual([
      row("production", "Production: overhead", "1200", "9991", 50n, { item: "kit", location: "shop" }),
    ]);
    expect(rows({ ...assembly, outputs: [output, { ...output, id: "m2", item: "box" }] })).toEqual([
      row("production", "Production: overhead", "1200", "9991", 50n, { location: "shop" }),
    ]);
    expect(rows({ ...assembly, outputs: [] })[0]?.item).toBeNull();
  });

  test("a cost that was not in the books, on its sale line", () => {
    expect(
      rows({ kind: "backfill", id: "f", sale: "o1-1", date: DAY, amount: 70n, qty: null, account: "3000" }),
    ).toEqual([row("backfill", "Cost of what is not in the books", "1200", "3000", 70n, { line: "o1-1" })]);
  });
});

describe("a channel's money", () => {
  const order: OrderFact = {
    kind: "order",
    id: "o1",
    channel: "etsy",
    when: { on: DAY, at: null },
    number: "1001",
    lines: ["o1-1", "o1-2"].map((id) => ({
      id,
      sku: null,
      name: "Widget",
      listing: null,
      qty: 1n,
      amount: 500n,
      location: "main",
    })),
    shipping: 60n,
    tax: 44n,
    taxBy: "channel",
    discount: 30n,
    fees: [
      { kind: "payment", amount: 25n },
      { kind: "commission", amount: -5n },
    ],
  };

  test("an order: what the buyer paid, the tax remitted, the fees, each under its number", () => {
    const on = { channel: "etsy" };
    const tax = "Tax of order 1001, remitted by the channel";
    expect(rows(order)).toEqual([
      row("order", "Order 1001", "1150", "4000", 1000n, on),
      row("order", "Order 1001", "1150", "4010", 60n, on),
      row("order", "Order 1001", "1150", "2210", 44n, on),
      row("order", "Order 1001", "4080", "1150", 30n, on),
      row("tax", tax, "2210", "1150", 44n, on),
      row("fees", "Fees of order 1001", "6010", "1150", 25n, on),
      row("fees", "Fees of order 1001", "1150", "6000", 5n, on),
    ]);
  });

  test("a refund on its order's channel; goods of no known sale at the cost given", () => {
    const back = { restock: true, writeOff: false, placed: true, qty: 1n, location: null };
    const refunded = ["r1", "r2"].map((id) => ({ ...back, id, line: "o1-1", amount: 125n }));
    expect(rows({ kind: "return", id: "r", date: DAY, order: "o1", lines: refunded })).toEqual([
      row("refund", "Refund of order o1", "4090", "1150", 250n, { channel: "etsy" }),
    ]);
    const loose = { kind: "return", id: "r", date: DAY, order: null, channel: "ebay" } as const;
    const goods = { channel: "ebay", item: "w1", location: "main", line: "l1" };
    expect(rows({ ...loose, lines: [{ ...line, cost: 120n }] })).toEqual([
      row("refund", "Refund", "4090", "1151", 300n, { channel: "ebay" }),
      row("cost", "Return of a sale that is not in the books", "1200", "5000", 120n, goods),
    ]);
  });

  test("a payout and its channel", () => {
    expect(rows({ kind: "payout", id: "y", channel: "ebay", date: DAY, amount: 70n })).toEqual([
      row("payout", "Payout", "1180", "1151", 70n, { channel: "ebay" }),
    ]);
  });

  test("a charge under its memo; under the channel's own word where it has none or nobody knows it", () => {
    const charge = { kind: "charge", id: "c", channel: "etsy", date: DAY, order: null, type: "AD" } as const;
    const memos = (["advertising", "other"] as const).flatMap((category) =>
      ["", "July"].map((memo) => rows({ ...charge, category, memo, amount: -9n })[0]?.memo),
    );
    expect(memos).toEqual(["AD", "July", "AD", "AD: July"]);
    expect(rows({ ...charge, category: "fee", memo: "Plus", amount: -9n })).toEqual([
      row("charge", "Plus", "6000", "1150", 9n, { channel: "etsy" }),
    ]);
    expect(rows({ ...charge, category: "other", type: "", memo: "July", amount: -9n })[0]?.memo).toBe("July");
  });
});

test("what moves no money posts nothing", () => {
  const facts: readonly Fact[] = [
    {
      kind: "purchase_return",
      id: "x",
      date: DAY,
      purchase: "p",
      lines: [{ id: "x1", line: "l1", qty: 1n, amount: 9n }],
    },
    {
      kind: "transfer",
      id: "t",
      date: DAY,
      arrives: null,
      from: "a",
      to: "b",
      lines: [{ id: "t1", item: "w1", qty: 1n }],
    },
    {
      kind: "balance_row",
      id: "r",
      channel: "etsy",
      when: { on: DAY, at: null },
      type: "fee",
      amount: 5n,
      payout: null,
      about: null,
      memo: "",
    },
    { kind: "placement", line: "r1", restock: true, writeOff: false, location: null },
    { kind: "pin", sale: "o1-1", lot: "p1", qty: 1n },
    { kind: "match", sale: "o1-1", item: "w1" },
    { kind: "item", id: "w1", name: "Widget", sku: null, decimals: 0, aliases: [] },
    { kind: "location", id: "main", name: "Main" },
    { kind: "undo", of: "order", key: "order/o1" },
    { kind: "close", through: DAY },
  ];
  expect(facts.map(rows)).toEqual(facts.map(() => []));
});

test("a kind that nobody thought of is a bug, not a row that is missing", () => {
  const strange = { kind: "strange" } as never;
  expect(() => rows(strange)).toThrow(InvariantBroken);
  expect(() => costPostings(strange)).toThrow(InvariantBroken);
  expect(() => chargeAccount("strange" as never, 1n)).toThrow(InvariantBroken);
});

describe("costs", () => {
  const about = { effectiveOn: DAY, item: "w1", location: "main", line: "l1" };
  const on = { item: "w1", location: "main", line: "l1" };

  test("each under its own words", () => {
    const of = (kind: "sale" | "restocked" | "written_off") => costPostings({ ...about, kind, cost: 40n });
    const lost = (account: string, reason: string | null) =>
      costPostings({ ...about, kind: "lost", cost: 40n, account, reason });
    expect(of("sale")).toEqual([row("cost", "Cost of goods sold", "5000", "1200", 40n, on)]);
    expect(lost("5100", null)).toEqual([row("cost", "Stock lost or used up", "5100", "1200", 40n, on)]);
    expect(lost("3010", "own_use")).toEqual([row("cost", "Stock removed: own use", "3010", "1200", 40n, on)]);
    expect(lost("5100", "Moths")[0]?.memo).toBe("Stock removed: Moths");
    expect(of("restocked")).toEqual([row("cost", "Returned to stock", "1200", "5000", 40n, on)]);
    expect(of("written_off")).toEqual([row("cost", "Returned and written off", "5100", "5000", 40n, on)]);
    expect(costPostings({ ...about, kind: "sale", cost: 40n, channel: "etsy" })[0]?.channel).toBe("etsy");
  });

  test("goods sent back, paired with what came back for them", () => {
    expect(costPostings({ ...about, kind: "purchase_return", cost: 100n, back: 80n, account: "1000" })).toEqual([
      row("cost", "Returned to the supplier", "1000", "1200", 80n, on),
      row("cost", "Returned to the supplier", "5110", "1200", 20n, on),
    ]);
  });
});
