/** What Sold, Balances and the reports say is the same whether it is read from rows, from kept sums, or from some of each. */
import { sql } from "drizzle-orm";
import { expect } from "vitest";
import { inBusiness, rowsOf } from "../../db/scope";
import { balanceReport, profitReport } from "../../lib/books/reports";
import { summariseDays } from "../../lib/books/summarise-days";
import { touchDays } from "../../lib/books/touched-days";
import { addDays } from "../../lib/core/dates";
import type { Scope } from "../../lib/people/access";
import type { Cursor } from "../../lib/sales/keyset";
import { type OrderRow, orderRows, orderTotals } from "../../lib/sales/order-reads";
import { type SoldFilter, type SoldLine, soldLines, soldTotals } from "../../lib/sales/sold-reads";
import { type InventoryChange, inventoryChanges, inventoryTape } from "../../lib/stock/inventory-reads";

/** Whatever the business has ever had something on. */
const ever = { from: "2000-01-01", to: "2099-12-31" };

/** How many days are marked, and how many rows of sums are kept. */
export async function keptNow(
  scope: Scope,
): Promise<Readonly<{ marked: number; sold: number; inventory: number; accounts: number }>> {
  const b = scope.businessId;
  const [row] = await inBusiness(scope, (tx) =>
    rowsOf<{ marked: number; sold: number; inventory: number; accounts: number }>(
      tx,
      sql`select (select count(distinct on_date)::int from app.touched_days where business_id = ${b}) as marked,
            (select count(*)::int from app.sold_days where business_id = ${b}) as sold,
            (select count(*)::int from app.inventory_days where business_id = ${b}) as inventory,
            (select count(distinct on_date)::int from app.account_days where business_id = ${b}) as accounts`,
    ),
  );
  return row ?? { marked: 0, sold: 0, inventory: 0, accounts: 0 };
}

/** Every sold line that a filter lets through, one by one from its own row. */
async function everyLine(scope: Scope, filter: SoldFilter): Promise<readonly SoldLine[]> {
  const rows: SoldLine[] = [];
  let after: Cursor | null = null;
  do {
    const page: Awaited<ReturnType<typeof soldLines>> = await soldLines(scope, filter, { after, limit: 200 });
    rows.push(...page.rows);
    after = page.after;
  } while (after !== null);
  return rows;
}

/** Every order, one by one from its own rows. */
async function everyOrder(scope: Scope): Promise<readonly OrderRow[]> {
  const rows: OrderRow[] = [];
  let after: Cursor | null = null;
  do {
    const page: Awaited<ReturnType<typeof orderRows>> = await orderRows(scope, ever, { after });
    rows.push(...page.rows);
    after = page.after;
  } while (after !== null);
  return rows;
}

/** What orders come to, added up here; what waits to be placed is no sum of them. */
async function ordersAgree(scope: Scope, now: Awaited<ReturnType<typeof orderTotals>>): Promise<void> {
  const orders = await everyOrder(scope);
  const sum = (of: (row: OrderRow) => bigint) => orders.reduce((all, row) => all + of(row), 0n);
  const { toPlace: _, ...sums } = now;
  expect(sums, "what is ordered is the sum of the orders").toEqual({
    orders: orders.length,
    needsCost: orders.filter((row) => row.needsCost > 0).length,
    sales: sum((row) => row.sales),
    fees: sum((row) => row.fees),
    refunds: sum((row) => row.refunds),
    cost: sum((row) => row.cost),
    profit: sum((row) => row.profit),
  });
}

/** What lines come to, added up here. */
function totalsOf(lines: readonly SoldLine[]): Awaited<ReturnType<typeof soldTotals>> {
  const sum = (rows: readonly SoldLine[], of: (line: SoldLine) => bigint) =>
    rows.reduce((all, row) => all + of(row), 0n);
  const known = lines.filter((line) => line.shortQty === 0n);
  return {
    lines: lines.length,
    qty: sum(lines, (line) => line.qty),
    price: sum(lines, (line) => line.price),
    fees: sum(lines, (line) => line.fees),
    refunds: sum(lines, (line) => line.refunds),
    cost: sum(lines, (line) => line.cost ?? 0n),
    knownLines: known.length,
    knownPrice: sum(known, (line) => line.price),
    knownRefunds: sum(known, (line) => line.refunds),
    knownCost: sum(known, (line) => line.cost ?? 0n),
    profit: sum(known, (line) => line.profit ?? 0n),
    unmatched: lines.filter((line) => line.item === null).length,
  };
}

/** Every row of Balances, folded as the page folds them, walked page by page. */
async function everyChange(scope: Scope): Promise<readonly InventoryChange[]> {
  const rows: InventoryChange[] = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof inventoryChanges>> = await inventoryChanges(
      scope,
      { period: ever },
      { after, limit: 40 },
    );
    rows.push(...page.rows);
    after = page.older;
  } while (after !== null);
  return rows;
}

/** The reports as of some of the days on which anything was posted, which lie somewhere in their months. */
async function reported(scope: Scope) {
  const days = await inBusiness(scope, (tx) =>
    rowsOf<{ day: string }>(
      tx,
      sql`select distinct posted_on::text as day from app.journal_entries where business_id = ${scope.businessId} order by 1`,
    ),
  );
  const some = [0.2, 0.5, 0.8].flatMap((part) => days[Math.floor(days.length * part)] ?? []);
  return Promise.all(
    some.map(async ({ day }) => {
      const { asOf: _, ...balance } = await balanceReport(scope, day);
      const { asOf: __, ...profit } = await profitReport(scope, { from: addDays(day, -40), to: day });
      expect(profit.isProved, `the books are even as of ${day}`).toBe(true);
      return { day, balance, profit };
    }),
  );
}

async function shown(scope: Scope) {
  return {
    reports: await reported(scope),
    sold: await soldTotals(scope, ever),
    orders: await orderTotals(scope, ever),
    missing: await soldTotals(scope, { ...ever, isMissing: true }),
    tape: await inventoryTape(scope, ever),
    changes: await everyChange(scope),
  };
}

/** Compares what is shown now, with every day marked, and with every day summed; and with the lines themselves. */
export async function sumsAgree(scope: Scope): Promise<void> {
  const now = await shown(scope);
  expect(now.sold, "what is sold is the sum of its lines").toEqual(totalsOf(await everyLine(scope, ever)));
  expect(now.missing, "what needs a cost is the sum of its lines").toEqual(
    totalsOf(await everyLine(scope, { ...ever, isMissing: true })),
  );
  await ordersAgree(scope, now.orders);
  expect(now.tape.isProved).toBe(true);
  await markAll(scope);
  expect(now, "what is kept is what the rows say").toEqual(await shown(scope));
  await summariseDays(scope);
  expect((await keptNow(scope)).marked).toBe(0);
  expect(await shown(scope), "summed anew, it says the same").toEqual(now);
}

/** Marks every day on which there is anything: all is read from rows. */
async function markAll(scope: Scope): Promise<void> {
  await inBusiness(scope, async (tx) => {
    const days = await rowsOf<{ day: string }>(
      tx,
      sql`select on_date::text as day from app.orders where business_id = ${scope.businessId}
          union select posted_on::text from app.journal_entries where business_id = ${scope.businessId}
          union select on_date::text from app.sold_days where business_id = ${scope.businessId}
          union select on_date::text from app.order_days where business_id = ${scope.businessId}
          union select on_date::text from app.inventory_days where business_id = ${scope.businessId}
          union select on_date::text from app.account_days where business_id = ${scope.businessId}`,
    );
    await touchDays(
      tx,
      scope,
      days.map((row) => row.day),
    );
  });
}
