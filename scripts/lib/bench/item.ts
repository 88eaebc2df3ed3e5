/** One item with a long history: one more sale at its end, a purchase that comes late, and the pages of its ledger. */
import { sql } from "drizzle-orm";
import { inBusiness } from "../../../db/scope";
import { addDays } from "../../../lib/core/dates";
import type { Fact } from "../../../lib/core/facts";
import type { Scope } from "../../../lib/people/access";
import { removeBusiness } from "../../../lib/people/businesses";
import { record } from "../../../lib/record";
import { ledgerPage } from "../../../lib/stock/item-ledger";
import { analyze } from "./bare";
import { against, median, quantile, type Row, round, seconds } from "./figures";
import { aPurchase, aSale, hotItem, origin } from "./histories";

const one = async (scope: Scope, fact: Fact) => {
  let steps = 0;
  const s = await seconds(async () => {
    steps = (await record(scope, [{ fact, version: null }], origin)).settled.steps;
  });
  return { ms: s * 1e3, steps };
};

/** One more sale of an item with many behind it, and of one with few. */
export async function benchAppend(most: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let small = 0;
  for (const sales of new Set([100, Math.min(most, 10_000), most])) {
    const scope = await hotItem(sales);
    await analyze();
    const times: number[] = [];
    let steps = 0;
    for (let n = 0; n < 45; n += 1) {
      const done = await one(scope, aSale(`more${n}`, "hot", addDays("2025-06-01", n)));
      times.push(done.ms);
      steps = done.steps;
    }
    const ms = median(times.slice(5));
    if (small === 0) small = ms;
    const figures = { what: "append", "sales before": sales, n: 40, "ms a sale": round(ms), "movements folded": steps };
    rows.push(sales === 100 ? figures : { ...figures, ...against(ms / small, 2, 1.1) });
    await removeBusiness(scope);
  }
  return rows;
}

/** A late purchase that all later sales take from, and one that only the last hundredth does. */
export async function benchLate(most: number, bulkUs: number | null): Promise<readonly Row[]> {
  const sales = Math.min(most, 126_000);
  const scope = await hotItem(sales);
  await analyze();
  const ends: number[] = [];
  const alls: number[] = [];
  const changed = async () => {
    const [row] = await inBusiness(scope, (tx) =>
      tx.execute<{ n: number }>(
        sql`select count(*)::int as n from app.journal_entries where business_id = ${scope.businessId} and is_correction`,
      ),
    );
    return row?.n ?? 0;
  };
  let before = await changed();
  let last = { end: 0, all: 0 };
  for (let n = 0; n < (sales > 20_000 ? 3 : 5); n += 1) {
    ends.push((await one(scope, aPurchase(`end${n}`, "hot", addDays("2015-01-01", 3_564), 10n, BigInt(75 + n)))).ms);
    const between = await changed();
    alls.push((await one(scope, aPurchase(`all${n}`, "hot", addDays("2014-12-31", -n), 10n, BigInt(75 + n)))).ms);
    const after = await changed();
    last = { end: between - before, all: after - between };
    before = after;
  }
  const [all, end] = [median(alls), median(ends)];
  const perSale = (all * 1e3) / sales;
  const rows: Row[] = [
    {
      what: "late",
      sales,
      n: alls.length,
      s: round(all / 1e3),
      "µs a sale": round(perSale, 1),
      corrections: last.all,
      ...(bulkUs === null
        ? { measured: "run it with bulk" }
        : { "bulk µs a sale": bulkUs, ...against(perSale / bulkUs, 4, 2) }),
    },
    {
      what: "late-end",
      sales,
      n: ends.length,
      s: round(end / 1e3, 3),
      corrections: last.end,
      ...against(end / all, 0.2, 0.05),
    },
  ];
  await removeBusiness(scope);
  return rows;
}

/** Pages of an item's ledger, forwards from the first and backwards from the last: of a long history, and of one with 20 movements. */
export async function benchLedger(most: number): Promise<readonly Row[]> {
  const sales = Math.min(most, 138_000);
  const measured: { median: number; p95: number }[] = [];
  for (const size of [19, sales]) {
    const scope = await hotItem(size);
    await analyze();
    const times: number[] = [];
    const page = async (where: Parameters<typeof ledgerPage>[2]) => {
      const began = performance.now();
      const found = await ledgerPage(scope, { item: "hot" }, where);
      times.push(performance.now() - began);
      return found;
    };
    for (let n = 0; n < 10; n += 1) {
      // The last page and those before it, then the first and those after it.
      for (let at = await page({}), left = 5; at.earlier !== null && left > 0; left -= 1)
        at = await page({ before: at.earlier });
      for (let at = await page({ fromStart: true }), left = 5; at.later !== null && left > 0; left -= 1)
        at = await page({ after: at.later });
    }
    measured.push({ median: median(times.slice(2)), p95: quantile(times.slice(2), 0.95) });
    await removeBusiness(scope);
  }
  const [small, large] = measured;
  if (small === undefined || large === undefined) return [];
  return [
    {
      what: "ledger",
      movements: sales + 1,
      "ms a page": round(large.median),
      "p95 ms": round(large.p95),
      "ms with 20": round(small.median),
      ...against(large.median / small.median, 5, 2),
    },
  ];
}
