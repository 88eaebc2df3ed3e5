/** What a long history costs those who read and go on writing: reports beside raw sums, and everything at two sizes. */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf } from "../../../db/scope";
import { balanceReport, balancesAt, profitReport } from "../../../lib/books/reports";
import { summariseDays } from "../../../lib/books/summarise-days";
import { verifyBooks } from "../../../lib/books/verify";
import { addDays } from "../../../lib/core/dates";
import { homeOf } from "../../../lib/desk/home";
import { listTransactions } from "../../../lib/money/transaction-reads";
import { needsOf } from "../../../lib/needs";
import type { Scope } from "../../../lib/people/access";
import { record } from "../../../lib/record";
import { orderRows, orderTotals } from "../../../lib/sales/order-reads";
import { payoutsPage } from "../../../lib/sales/payout-reads";
import { soldLines, soldTotals } from "../../../lib/sales/sold-reads";
import { abcList, coverList, stockAgeing } from "../../../lib/stock/analysis";
import { deadStock } from "../../../lib/stock/dead-stock";
import { inventoryChanges, inventoryTape } from "../../../lib/stock/inventory-reads";
import { ledgerPage } from "../../../lib/stock/item-ledger";
import { buyAgain } from "../../../lib/stock/minimums";
import { inStock } from "../../../lib/stock/register";
import { movementSummary } from "../../../lib/stock/summary";
import { analyze } from "./bare";
import { against, median, type Row, round, seconds } from "./figures";
import { aBusiness, aged, aSale, costedYear, origin, recordAll } from "./histories";

const times = 9;
const middle = async (work: () => Promise<unknown>): Promise<number> => {
  const took: number[] = [];
  for (let n = 0; n < times; n += 1) took.push((await seconds(work)) * 1e3);
  return median(took);
};

/** The three reports as of a day in the middle of a month, beside sums over all postings as of the same day. */
export async function benchReports(most: number): Promise<readonly Row[]> {
  const scope = await costedYear(most);
  // As a worker leaves it.
  await summariseDays(scope);
  await analyze();
  const on = "2025-11-17";
  const rows: Row[] = [];
  const count = await inBusiness(scope, (tx) =>
    rowsOf<{ n: number }>(tx, sql`select count(*)::int as n from app.postings where business_id = ${scope.businessId}`),
  );
  const raw = await middle(() =>
    inBusiness(scope, (tx) =>
      tx.execute(sql`select code, sum(amount) from (
          select debit as code, amount_minor as amount from app.postings where business_id = ${scope.businessId} and posted_on <= ${on}::date
          union all select credit, -amount_minor from app.postings where business_id = ${scope.businessId} and posted_on <= ${on}::date) p
        group by code`),
    ),
  );
  const reports: Readonly<Record<string, () => Promise<unknown>>> = {
    "profit and loss": () => profitReport(scope, { from: "2025-01-01", to: on }),
    "balance sheet": () => balanceReport(scope, on),
    "trial balance": () => inBusiness(scope, (tx) => balancesAt(tx, scope, on)),
  };
  for (const [name, report] of Object.entries(reports)) {
    const ms = await middle(report);
    rows.push({
      what: "reports",
      report: name,
      n: times,
      postings: count[0]?.n ?? 0,
      ms: round(ms),
      "raw ms": round(raw),
      ...against(ms / raw, 1 / 20, 1 / 100),
    });
  }
  return rows;
}

/** The proof of a year's books, with all sums of days kept as a worker keeps them. */
export async function benchVerify(most: number): Promise<readonly Row[]> {
  const scope = await costedYear(most);
  await summariseDays(scope);
  await analyze();
  const tries: number[] = [];
  let findings = 0;
  for (let left = most > 200_000 ? 1 : 3; left > 0; left -= 1) {
    const began = performance.now();
    const proof = await verifyBooks(scope);
    tries.push((performance.now() - began) / 1e3);
    findings += proof.findings;
  }
  const took = median(tries);
  return [
    {
      what: "verify",
      lines: most,
      n: tries.length,
      findings,
      s: round(took),
      "peak MB": Math.round(process.resourceUsage().maxRSS / 1024),
      // Two minutes for a million lines, and as much less as there are fewer.
      ...against((took * 1e6) / most, 120, 60),
    },
  ];
}

/** What is read for each main page, as a person opens it. */
const pages: Readonly<Record<string, (scope: Scope) => Promise<unknown>>> = {
  Home: (scope) => homeOf(scope, "2025-12-31"),
  "Needs you": (scope) => needsOf(scope),
  "Sold, a page": (scope) => soldLines(scope, { from: "2025-12-01", to: "2025-12-31" }),
  "Sold, totals of a month": (scope) => soldTotals(scope, { from: "2025-12-01", to: "2025-12-31" }),
  "Sold, totals of a year": (scope) => soldTotals(scope, { from: "2025-01-01", to: "2025-12-31" }),
  "Balances, the sum": (scope) => inventoryTape(scope, { from: "2025-01-01", to: "2025-12-31" }),
  "Balances, a page": (scope) => inventoryChanges(scope, { period: { from: "2025-01-01", to: "2025-12-31" } }),
  "Orders, a page": (scope) => orderRows(scope, { from: "2025-12-01", to: "2025-12-31" }),
  "Orders, totals of a month": (scope) => orderTotals(scope, { from: "2025-12-01", to: "2025-12-31" }),
  "In stock": (scope) => inStock(scope),
  "In stock, half a year ago": (scope) => inStock(scope, { on: "2025-06-30" }),
  "In stock, at a place": (scope) => inStock(scope, { location: "main", sort: "value" }),
  "Movement summary of a year": (scope) => movementSummary(scope, { period: { from: "2025-01-01", to: "2025-12-31" } }),
  Ageing: (scope) => stockAgeing(scope, { today: "2025-12-31" }),
  "ABC of a year": (scope) => abcList(scope, { period: { from: "2025-01-01", to: "2025-12-31" } }),
  "Days of cover": (scope) => coverList(scope, { days: 90, today: "2025-12-20" }),
  "Dead stock": (scope) => deadStock(scope, { today: "2025-12-31" }),
  "Buy again": (scope) => buyAgain(scope, { today: "2025-12-31" }),
  "Item ledger": (scope) => ledgerPage(scope, { item: "i0" }),
  Payouts: (scope) => payoutsPage(scope, { from: "2025-01-01", to: "2025-12-31" }),
  Transactions: (scope) => listTransactions(scope, {}),
  "Profit and loss": (scope) => profitReport(scope, { from: "2025-01-01", to: "2025-12-31" }),
  "Balance sheet": (scope) => balanceReport(scope, "2025-12-31"),
};

/** Milliseconds of `work` for each business, the median of so many turns: one after the other, so that all meet the same noise. */
async function inTurn(
  scopes: readonly Scope[],
  turns: number,
  work: (scope: Scope, turn: number) => Promise<unknown>,
  warmUp = 0,
): Promise<readonly number[]> {
  const took: number[][] = scopes.map(() => []);
  for (let turn = 0; turn < turns; turn += 1)
    for (const [n, scope] of scopes.entries()) took[n]?.push((await seconds(() => work(scope, turn))) * 1e3);
  return took.map((all) => median(all.slice(warmUp)));
}

/** Milliseconds of each, for each business: 1,000 orders more, one more, and what pages read. */
async function figuresOf(scopes: readonly Scope[]): Promise<ReadonlyMap<string, readonly number[]>> {
  const figures = new Map<string, readonly number[]>();
  const orders = (turn: number) =>
    Array.from({ length: 1_000 }, (_, n) => ({
      fact: aSale(`g${turn}-${n}`, `i${n % 50}`, addDays("2025-12-20", turn)),
      version: null,
    }));
  figures.set("1,000 orders", await inTurn(scopes, 5, (scope, turn) => record(scope, orders(turn), origin)));
  const one = (id: string, on: string) => [{ fact: aSale(id, "i1", on), version: null }];
  figures.set(
    "one order",
    await inTurn(scopes, 40, (scope, turn) => record(scope, one(`h${turn}`, "2025-12-30"), origin), 10),
  );
  // As a worker leaves it: all days are summed but the one on which something was just sold.
  for (const scope of scopes) {
    await summariseDays(scope);
    await record(scope, one("just-now", "2025-12-31"), origin);
  }
  for (const [name, page] of Object.entries(pages)) figures.set(name, await inTurn(scopes, 2 * times, page, times));
  return figures;
}

/** Times at `most` lines beside those at a tenth or at 10,000: recording 1,000 more orders, one more, and each page's reads. */
export async function benchGrowth(most: number): Promise<readonly Row[]> {
  const least = Math.min(10_000, Math.floor(most / 10));
  const scopes: Scope[] = [];
  for (const lines of [least, most]) {
    const scope = await aBusiness();
    // Ten times the lines are ten times the days, too: a business that is older, not one that sells more things; of more than that, more each day.
    await recordAll(scope, aged(lines, least, "2025-12-31"));
    scopes.push(scope);
  }
  // They go with the database: to delete ten million rows takes longer than all that is measured.
  await analyze();
  return [...(await figuresOf(scopes))].map(([name, [ms = Number.NaN, then = Number.NaN]]) => ({
    what: "growth",
    of: name,
    lines: most,
    ms: round(then),
    [`ms at ${least}`]: round(ms),
    ...against(then / ms, 1.5, 1.1),
  }));
}
