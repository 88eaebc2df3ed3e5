/** Inventory → Sold: lines with their shares, filters, pages, totals; all of it against the rules in lib/core/orders.ts. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { shareOverLines } from "../../lib/core/orders";
import type { Scope } from "../../lib/people/access";
import type { Cursor } from "../../lib/sales/keyset";
import { readCursor, writeCursor } from "../../lib/sales/keyset";
import { orderRows, orderTotals } from "../../lib/sales/order-reads";
import {
  likelyPurchases,
  nextMissing,
  type SoldFilter,
  type SoldLine,
  type SoldSort,
  soldChoices,
  soldLines,
  soldLinesById,
  soldTotals,
} from "../../lib/sales/sold-reads";
import { testDatabase } from "../support/database";
import { aShop, give, item, order, proved, purchase } from "../support/trading";

let scope: Scope;
let other: Scope;
const year: SoldFilter = { from: "2026-01-01", to: "2026-12-31" };

beforeAll(async () => {
  await testDatabase();
  scope = await aShop("One");
  other = await aShop("Two");
  await give(other, [order("alien", "2026-03-01", [["Pot", 1n, 100n]])]);
  await give(scope, [
    item("pot", "Pot", "POT"),
    item("pan", "Pan"),
    purchase("stock", "2026-01-02", [
      ["pot", 40n, 4001n],
      ["pan", 40n, 8003n],
    ]),
    purchase("box", "2026-01-10", [], { amount: 9000n, supplier: "Estate of a lamp lover" }),
  ]);
  for (let n = 1; n <= 30; n += 1) {
    const day = `2026-02-${String((n % 27) + 1).padStart(2, "0")}`;
    await give(scope, [
      order(
        `o${n}`,
        day,
        [
          ["Pot", 1n, BigInt(100 * n), "POT"],
          ["Pan", 1n, BigInt(333 + n)],
          ...(n % 5 === 0 ? ([["Lamp shade", 1n, 1000n]] as const) : []),
        ],
        { fees: [{ kind: "other", amount: BigInt(101 + n) }], shipping: 500n, discount: n % 3 === 0 ? 77n : 0n },
      ),
    ]);
  }
  await give(scope, [
    {
      kind: "charge",
      id: "label",
      channel: "shop",
      date: "2026-02-20",
      category: "label",
      type: "Label",
      amount: -431n,
      order: "o5",
      memo: "",
    },
    {
      kind: "charge",
      id: "apart",
      channel: "shop",
      date: "2026-02-21",
      category: "refund",
      type: "Refund",
      amount: -200n,
      order: "o6",
      memo: "",
    },
    {
      kind: "return",
      id: "back",
      date: "2026-03-10",
      order: "o7",
      lines: [
        {
          id: "back-1",
          line: "o7-1",
          qty: 1n,
          amount: 700n,
          restock: true,
          writeOff: false,
          location: null,
          placed: true,
        },
      ],
    },
    order(
      "free",
      "2026-02-28",
      [
        ["Pot", 1n, 0n, "POT"],
        ["Pan", 3n, 0n],
      ],
      { fees: [{ kind: "other", amount: 90n }] },
    ),
    order("old", "2025-12-30", [["Pot", 1n, 5000n, "POT"]]),
  ]);
});
afterAll(closeDatabase);

async function all(filter: SoldFilter, sort: SoldSort = "on", isDown = true): Promise<readonly SoldLine[]> {
  const rows: SoldLine[] = [];
  let after: Cursor | null = null;
  do {
    const page: Awaited<ReturnType<typeof soldLines>> = await soldLines(scope, filter, {
      sort,
      isDown,
      after,
      limit: 7,
    });
    rows.push(...page.rows);
    after = page.after;
  } while (after !== null);
  return rows;
}

describe("sold lines", () => {
  it("share an order's fees, charges and loose refunds as the rule says", async () => {
    const lines = await all(year);
    const orders = [
      // Amounts before discount decide; where all was given away, quantities do.
      { id: "o5", charged: 106n + 431n, refunded: 0n, amounts: [500n, 338n, 1000n] },
      { id: "o6", charged: 107n, refunded: 200n, amounts: [600n, 339n] },
      { id: "free", charged: 90n, refunded: 0n, amounts: [0n, 0n] },
    ];
    for (const { id, charged, refunded, amounts } of orders) {
      const own = lines.filter((line) => line.order === id).sort((a, b) => (a.id < b.id ? -1 : 1));
      const weights = own.map((line, at) => ({ amount: amounts[at] ?? 0n, qty: line.qty }));
      expect(own.map((line) => line.fees)).toEqual(shareOverLines(charged, weights));
      expect(own.map((line) => line.refunds)).toEqual(shareOverLines(refunded, weights));
    }
    expect(lines.find((line) => line.id === "o7-1")).toMatchObject({ refunds: 700n, cost: 0n, returnedQty: 1n });
  });

  it("add up to their totals, and with the shipping to the orders' profits", async () => {
    const lines = await all(year);
    const totals = await soldTotals(scope, year);
    const sum = (of: (line: SoldLine) => bigint) => lines.reduce((all, line) => all + of(line), 0n);
    expect(totals).toMatchObject({
      lines: lines.length,
      qty: sum((line) => line.qty),
      price: sum((line) => line.price),
      fees: sum((line) => line.fees),
      refunds: sum((line) => line.refunds),
      cost: sum((line) => line.cost ?? 0n),
      profit: sum((line) => line.profit ?? 0n),
      unmatched: 6,
      knownLines: lines.length - 6,
    });
    const orders = await orderTotals(scope, year);
    const shipping = 30n * 500n;
    const open = lines.filter((line) => line.profit === null);
    const uncosted = open.reduce((all, line) => all + line.price - line.fees - line.refunds, 0n);
    expect(orders.profit).toBe(totals.profit + uncosted + shipping);
    expect(orders).toMatchObject({ orders: 31, needsCost: 6, refunds: 900n });
    const rows = (await orderRows(scope, year, { limit: 100 })).rows;
    expect(rows.reduce((all, row) => all + row.profit, 0n)).toBe(orders.profit);
  });

  it.each(["on", "item", "price", "cost", "profit"] as const)(
    "come page by page, forwards and back, by %s",
    async (sort) => {
      for (const isDown of [true, false]) {
        const walked = await all(year, sort, isDown);
        const once = (await soldLines(scope, year, { sort, isDown, limit: 500 })).rows;
        expect(walked.map((line) => line.id)).toEqual(once.map((line) => line.id));
        expect(new Set(walked.map((line) => line.id)).size).toBe(68);
        const second = await soldLines(scope, year, {
          sort,
          isDown,
          limit: 7,
          after: (await soldLines(scope, year, { sort, isDown, limit: 7 })).after,
        });
        const back = await soldLines(scope, year, { sort, isDown, limit: 7, before: second.before });
        expect(back.rows.map((line) => line.id)).toEqual(once.slice(0, 7).map((line) => line.id));
        expect(back.before).toBeNull();
      }
    },
  );

  it("are filtered by what is missing, channel, item, words and year", async () => {
    expect((await all({ ...year, isMissing: true })).map((line) => line.name)).toEqual(Array(6).fill("Lamp shade"));
    expect(await all({ ...year, isUnmatched: true })).toHaveLength(6);
    expect(await all({ ...year, item: "pan" })).toHaveLength(31);
    expect(await all({ ...year, channel: "nowhere" })).toHaveLength(0);
    expect((await all({ ...year, words: "N-o12" })).map((line) => line.order)).toEqual(["o12", "o12"]);
    expect(await all({ ...year, words: "100%" })).toHaveLength(0);
    expect((await all({ from: "2025-01-01", to: "2025-12-31" })).map((line) => line.order)).toEqual(["old"]);
    expect(await soldChoices(scope, "pot")).toMatchObject({ first: "2025-12-30", last: "2026-02-28", item: "Pot" });
  });

  it("without a cost have the purchase that they were likely bought in, and are walked newest first", async () => {
    const missing = await all({ ...year, isMissing: true });
    const likely = await likelyPurchases(scope, missing);
    expect([...likely.values()].map((one) => one.purchase)).toEqual(Array(6).fill("box"));
    const [first, second] = missing;
    expect(await nextMissing(scope, first?.id ?? "")).toEqual({ next: second?.id, place: 1, count: 7 });
  });

  it("are nobody else's", async () => {
    expect(await soldLinesById(other, ["o1-1"])).toEqual([]);
    expect((await soldTotals(other, year)).lines).toBe(1);
    await proved(scope, other);
  });

  it("have cursors that survive an address, and what somebody wrote there is no cursor", () => {
    const cursor = { key: "2026-01-01", id: "a/ü/1" };
    expect(readCursor(writeCursor(cursor))).toEqual(cursor);
    expect(readCursor("nonsense")).toBeNull();
  });
});
