/** One item with a long history: one more sale at its end, and a purchase that comes late. */
import { sql } from "drizzle-orm";
import { inBusiness } from "../../../db/scope";
import { addDays } from "../../../lib/core/dates";
import type { Fact } from "../../../lib/core/facts";
import type { Scope } from "../../../lib/people/access";
import { removeBusiness } from "../../../lib/people/businesses";
import { record } from "../../../lib/record";
import { analyze } from "./bare";
import { against, median, type Row, round, seconds } from "./figures";
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
