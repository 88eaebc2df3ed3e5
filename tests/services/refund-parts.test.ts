/** What a refund is made of: goods, shipping and tax, on the order's page, in the lists and in the accounts, whoever remits the tax. */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import type { Fact, ReturnFact } from "../../lib/core/facts";
import type { Scope } from "../../lib/people/access";
import { orderTotals, orderView } from "../../lib/sales/order-reads";
import { soldTotals } from "../../lib/sales/sold-reads";
import { undoFacts } from "../../lib/undo";
import { testDatabase } from "../support/database";
import { aShop, give, item, order, proved, purchase, refused } from "../support/trading";

let scope: Scope;
const year = { from: "2026-01-01", to: "2026-12-31" };
const sold = { shipping: 500n, tax: 440n } as const;
const back = (parts: Readonly<{ tax?: bigint; shipping?: bigint }>, amount = 2_000n): ReturnFact => ({
  kind: "return",
  id: "r1",
  date: "2026-02-10",
  order: "o1",
  ...parts,
  lines: [{ id: "r1-1", line: "o1-1", qty: 1n, amount, restock: true, writeOff: false, location: null, placed: true }],
});
const alone = (parts: Readonly<{ tax?: bigint; shipping?: bigint }>): Fact => ({ ...back(parts), id: "r2", lines: [] });

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);
beforeEach(async () => {
  scope = await aShop("One");
  await give(scope, [item("mug", "Mug", "MUG"), purchase("stock", "2026-01-02", [["mug", 10n, 5_000n]])]);
});

/** Credits less debits of the accounts that a refund touches. */
async function standing(): Promise<Record<string, bigint>> {
  const rows = await inBusiness(scope, (tx) =>
    rowsOf<{ code: string; amount: string }>(
      tx,
      sql`select code, sum(credit_minor - debit_minor)::text as amount from app.account_months
          where business_id = ${scope.businessId} and code in ('1150', '2200', '2210', '4010', '4090') group by code
          having sum(credit_minor - debit_minor) <> 0 order by code`,
    ),
  );
  return Object.fromEntries(rows.map(({ code, amount }) => [code, BigInt(amount)]));
}

const netProfit = async () => {
  const [row] = await inBusiness(scope, (tx) =>
    rowsOf<{ net: string }>(
      tx,
      sql`select coalesce(sum(m.credit_minor - m.debit_minor), 0)::text as net from app.account_months m
          join app.accounts a on a.business_id = ${scope.businessId} and a.code = m.code
          where m.business_id = ${scope.businessId} and a.type in ('income', 'contra_income', 'cost_of_sales', 'expense')`,
    ),
  );
  return BigInt(row?.net ?? "0");
};

describe("a refund with its parts", () => {
  it("takes the seller's tax and shipping back from where they stand, and the order's profit is that of the books", async () => {
    await give(scope, [order("o1", "2026-02-01", [["Mug", 2n, 4_000n, "MUG"]], { ...sold, taxBy: "seller" })]);
    await give(scope, [back({ tax: 220n, shipping: 500n })]);
    expect(await standing()).toEqual({ "1150": -(4_940n - 2_720n), "2200": 220n, "4090": -2_000n });
    const view = await orderView(scope, "o1");
    expect(view).toMatchObject({ refunds: 2_500n, profit: 4_500n - 2_500n - 1_000n + 500n });
    expect(view.returns).toMatchObject([{ tax: 220n, shipping: 500n, lines: [{ amount: 2_000n }] }]);
    expect(await netProfit()).toBe(view.profit);
    expect((await orderTotals(scope, year)).profit).toBe(view.profit);
    // A line has no part of the shipping, given or given back.
    expect(await soldTotals(scope, year)).toMatchObject({ refunds: 2_000n });
    await proved(scope);
    await undoFacts(scope, ["return/r1"], { source: null, userId: scope.userId });
    expect(await standing()).toEqual({ "1150": -4_940n, "2200": 440n, "4010": 500n });
    await proved(scope);
  });

  it("leaves nothing of the tax that the channel remits", async () => {
    await give(scope, [order("o1", "2026-02-01", [["Mug", 2n, 4_000n, "MUG"]], { ...sold, taxBy: "channel" })]);
    await give(scope, [back({ tax: 220n })]);
    expect(await standing()).toEqual({ "1150": -(4_500n - 2_000n), "4010": 500n, "4090": -2_000n });
    const { entries } = await orderView(scope, "o1");
    const tax = entries.flatMap((one) => one.postings).filter((one) => one.amount === 220n);
    expect(tax.map(({ debit, credit }) => `${debit} ${credit}`).sort()).toEqual(["1150 2210", "2210 1150"]);
    await proved(scope);
  });

  it("follows the order's tax where a later version says that another remits it", async () => {
    const of = (taxBy: "seller" | "channel") =>
      order("o1", "2026-02-01", [["Mug", 2n, 4_000n, "MUG"]], { ...sold, taxBy });
    await give(scope, [of("channel"), back({ tax: 220n, shipping: 100n })]);
    await proved(scope);
    await give(scope, [of("seller")]);
    expect(await standing()).toEqual({ "1150": -(4_940n - 2_320n), "2200": 220n, "4010": 400n, "4090": -2_000n });
    await proved(scope);
  });

  it("may be of shipping or tax alone, is replaced by its next version, and is never below 0", async () => {
    await give(scope, [order("o1", "2026-02-01", [["Mug", 2n, 4_000n, "MUG"]], { ...sold, taxBy: "seller" })]);
    await give(scope, [alone({ shipping: 300n, tax: 24n })]);
    expect(await orderView(scope, "o1")).toMatchObject({
      refunds: 300n,
      returns: [{ id: "r2", tax: 24n, shipping: 300n, lines: [] }],
    });
    await proved(scope);
    await give(scope, [alone({ shipping: 500n })]);
    expect(await standing()).toEqual({ "1150": -4_440n, "2200": 440n });
    expect((await orderTotals(scope, year)).profit).toBe(await netProfit());
    await proved(scope);
    expect(await refused(give(scope, [alone({ tax: -1n })]))).toMatchObject({ code: "out_of_range" });
  });
});
