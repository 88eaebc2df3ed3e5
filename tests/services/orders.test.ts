/** Sales: sales and returns by hand, what came back placed, and an order's page against the journal. */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import {
  type OrderByHand,
  orderToEdit,
  recordReturn,
  saveOrder,
  takeBackOrder,
  takeBackReturn,
} from "../../lib/desk/orders";
import { placeReturn, takeBackPlacement } from "../../lib/desk/placements";
import type { Scope } from "../../lib/people/access";
import { orderRows, orderTotals, orderView } from "../../lib/sales/order-reads";
import { testDatabase } from "../support/database";
import { aShop, booksNow, give, item, order, proved, purchase, refused } from "../support/trading";

let scope: Scope;
let other: Scope;
const year = { from: "2026-01-01", to: "2026-12-31" };

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);
beforeEach(async () => {
  scope = await aShop("One");
  other = await aShop("Two");
  for (const of of [scope, other])
    await give(of, [item("mug", "Mug", "MUG"), purchase("stock", "2026-01-02", [["mug", 10n, 5000n]])]);
});

const sale = (over: Partial<OrderByHand> = {}): OrderByHand => ({
  id: null,
  channel: null,
  number: "",
  on: "2026-02-01",
  lines: [{ row: 0, id: null, item: { id: "mug", name: "Mug" }, qty: "2", amount: 5800n }],
  shipping: 500n,
  discount: 300n,
  tax: 440n,
  fees: 170n,
  ...over,
});

/** Income less cost and expenses, of the whole journal. */
const netProfit = async (of: Scope) => {
  const rows = await inBusiness(of, (tx) =>
    rowsOf<{ net: string }>(
      tx,
      sql`select coalesce(sum(m.credit_minor - m.debit_minor), 0)::text as net from app.account_months m
          join app.accounts a on a.business_id = ${of.businessId} and a.code = m.code
          where m.business_id = ${of.businessId} and a.type in ('income', 'contra_income', 'cost_of_sales', 'expense')`,
    ),
  );
  return BigInt(rows[0]?.net ?? "0");
};

describe("a sale by hand", () => {
  it("makes its channel at first use, is costed, and earns what profit and loss says", async () => {
    const saved = await saveOrder(scope, sale());
    expect(saved.number).toBe("S-1");
    const view = await orderView(scope, saved.id);
    expect(view).toMatchObject({
      channel: { kind: "hand" },
      gross: 5800n,
      cost: 1000n,
      profit: 5800n + 500n - 300n - 170n - 1000n,
    });
    expect(await netProfit(scope)).toBe(view.profit);
    expect((await orderTotals(scope, year)).profit).toBe(view.profit);
    const debits = view.entries
      .flatMap((entry) => entry.postings)
      .map((one) => `${one.debit} ${one.credit} ${one.amount}`);
    expect(debits).toContain("5000 1200 1000");
    expect(debits.some((one) => one.endsWith("2200 440"))).toBe(true);
    expect((await saveOrder(scope, sale())).number).toBe("S-2");
    expect((await orderRows(other, year)).rows).toEqual([]);
    expect(await refused(orderView(other, saved.id))).toMatchObject({ code: "not_found" });
    await proved(scope, other);
  });

  it("is changed and taken back without a trace", async () => {
    const before = await booksNow(scope);
    const saved = await saveOrder(
      scope,
      sale({
        lines: [...sale().lines, { row: 1, id: null, item: { id: null, name: "Teapot" }, qty: "1", amount: 900n }],
      }),
    );
    const { fact } = await orderToEdit(scope, saved.id);
    const [first] = fact.lines;
    await saveOrder(
      scope,
      sale({
        id: saved.id,
        number: "S-9",
        fees: 0n,
        lines: [{ row: 0, id: first?.id ?? "", item: { id: "mug", name: "" }, qty: "1", amount: 2900n }],
      }),
    );
    const view = await orderView(scope, saved.id);
    expect(view).toMatchObject({ number: "S-9", gross: 2900n, cost: 500n, fees: [] });
    expect(view.lines.map((line) => line.id)).toEqual([first?.id]);
    await proved(scope);
    await takeBackOrder(scope, saved.id);
    expect((await booksNow(scope)).trial_balance).toEqual(before.trial_balance);
    expect(await refused(orderView(scope, saved.id))).toMatchObject({ code: "not_found" });
    await proved(scope, other);
  });

  it("refuses what cannot be, at its field; orders of channels change where they come from", async () => {
    expect(await refused(saveOrder(scope, sale({ lines: [] })))).toEqual({
      code: "field_missing",
      field: "lines.0.item",
    });
    expect(await refused(saveOrder(scope, sale({ discount: 5801n })))).toEqual({
      code: "does_not_fit",
      field: "discount",
    });
    const odd = { row: 3, id: null, item: { id: "mug", name: "" }, qty: "1.5", amount: 1n };
    expect((await refused(saveOrder(scope, sale({ lines: [odd] })))).field).toBe("lines.3.qty");
    await give(scope, [order("etsy", "2026-02-01", [["Mug", 1n, 2900n, "MUG"]])]);
    expect(await refused(takeBackOrder(scope, "etsy"))).toMatchObject({ code: "not_found" });
    expect(await refused(saveOrder(scope, sale({ on: "2999-01-01" })))).toEqual({ code: "future_date", field: "on" });
    expect(await refused(saveOrder({ ...scope, role: "viewer" }, sale()))).toMatchObject({ code: "not_allowed" });
    await proved(scope, other);
  });
});

describe("what came back", () => {
  it("is recorded by hand: on the shelf, written off or kept, and taken back", async () => {
    await give(scope, [order("etsy", "2026-02-01", [["Mug", 3n, 8700n, "MUG"]])]);
    const base = { order: "etsy", line: "etsy-1", on: "2026-02-10", qty: "1", amount: 2900n } as const;
    const before = await booksNow(scope);
    const key = await recordReturn(scope, { ...base, fate: "restock" });
    expect(await orderView(scope, "etsy")).toMatchObject({
      refunds: 2900n,
      costBack: 500n,
      profit: 8700n - 2900n - 1500n + 500n,
    });
    expect(await netProfit(scope)).toBe(8700n - 2900n - 1000n);
    expect(await refused(recordReturn(scope, { ...base, qty: "3", fate: "keep" }))).toEqual({
      code: "does_not_fit",
      field: "qty",
    });
    expect(await refused(recordReturn(scope, { ...base, on: "2026-01-31", fate: "keep" }))).toEqual({
      code: "bad_date",
      field: "on",
    });
    await proved(scope);
    await takeBackReturn(scope, key.slice("return/".length));
    expect(await booksNow(scope)).toEqual(before);
    await proved(scope, other);
  });

  it("waits where nobody knows where it is, is placed once, and waits again when that is taken back", async () => {
    await give(scope, [
      order("etsy", "2026-02-01", [["Mug", 1n, 2900n, "MUG"]]),
      {
        kind: "return",
        id: "r",
        date: "2026-02-09",
        order: "etsy",
        lines: [
          {
            id: "r-1",
            line: "etsy-1",
            qty: 1n,
            amount: 2900n,
            restock: false,
            writeOff: false,
            location: null,
            placed: false,
          },
        ],
      },
    ]);
    const before = await booksNow(scope);
    expect((await orderRows(scope, { ...year, isToPlace: true })).rows.map((row) => row.id)).toEqual(["etsy"]);
    for (const [place, fate, back] of [
      ["restock", "restocked", 500n],
      ["write off", "written off", 500n],
      ["keep", "kept", 0n],
    ] as const) {
      await placeReturn(scope, { line: "r-1", place });
      const view = await orderView(scope, "etsy");
      expect(view.returns[0]?.lines[0]).toMatchObject({ fate, isByHand: true });
      expect(view.costBack).toBe(back);
      expect((await orderRows(scope, { ...year, isToPlace: true })).rows).toEqual([]);
      expect(await refused(placeReturn(scope, { line: "r-1", place: "keep" }))).toMatchObject({ code: "does_not_fit" });
      await proved(scope);
      await takeBackPlacement(scope, "r-1");
      expect(await booksNow(scope)).toEqual(before);
    }
    expect(await refused(placeReturn(other, { line: "r-1", place: "keep" }))).toMatchObject({ code: "not_found" });
    await proved(scope, other);
  });
});
