/** Orders from canonical facts to costed and posted books: a thousand a batch, and one at a time. */

import { addDays } from "../../../lib/core/dates";
import { removeBusiness } from "../../../lib/people/businesses";
import { record } from "../../../lib/record";
import { analyze, asOwner, now, oneTransactionOf, unnestOf } from "./bare";
import { against, median, quantile, type Row, round, seconds } from "./figures";
import { aBusiness, anItem, aPurchase, aSale, aYear, origin, recordAll } from "./histories";

/** Batches of 1,000 orders, each in a transaction, beside bare INSERT … SELECT FROM unnest of the same rows. */
export async function benchImport(most: number): Promise<readonly Row[]> {
  const batches = Math.max(5, Math.min(20, Math.floor(most / 1_000)));
  const scope = await aBusiness();
  await recordAll(scope, [anItem("i0"), ...itemsAndStock(100, BigInt(batches) * 1_000n)]);
  await analyze();
  const since = await asOwner(now);
  const took: number[] = [];
  for (let b = 0; b < batches; b += 1) {
    const facts = Array.from({ length: 1_000 }, (_, n) => ({
      fact: aSale(`b${b}-${n}`, `t${n % 100}`, addDays("2025-02-01", b)),
      version: null,
    }));
    took.push(await seconds(() => record(scope, facts, origin)));
    if (b === 1) await analyze();
  }
  const all = took.reduce((sum, one) => sum + one, 0);
  const bare = await unnestOf(scope.businessId, since);
  const row = {
    what: "import",
    n: batches,
    "orders/s": Math.round(1_000 / median(took)),
    rows: bare.rows,
    "rows/s": Math.round(bare.rows / all),
    "unnest rows/s": Math.round(bare.rows / bare.seconds),
    ...against(bare.seconds / all, 0.3, 0.6, true),
  };
  await removeBusiness(scope);
  return [row];
}

function* itemsAndStock(items: number, each: bigint) {
  for (let i = 0; i < items; i += 1) {
    yield anItem(`t${i}`);
    yield aPurchase(`stock-t${i}`, `t${i}`, "2025-01-01", each);
  }
}

/** One order a transaction, committed, beside one bare transaction with the same rows. */
export async function benchSingle(most: number): Promise<readonly Row[]> {
  const scope = await aBusiness();
  await recordAll(scope, aYear(Math.min(most, 5_000)));
  await analyze();
  const took: number[] = [];
  let since = "0";
  for (let n = 0; n < 220; n += 1) {
    if (n === 219) since = await asOwner(now);
    const fact = aSale(`x${n}`, `i${n % 10}`, addDays("2026-01-01", n));
    took.push(await seconds(() => record(scope, [{ fact, version: null }], origin)));
  }
  const warm = took.slice(20);
  const bare = await oneTransactionOf(scope.businessId, since, 200);
  const row = {
    what: "single",
    n: warm.length,
    "ms an order": round(median(warm) * 1e3),
    "p95 ms": round(quantile(warm, 0.95) * 1e3),
    rows: bare.rows,
    "bare ms": round(median(bare.seconds) * 1e3),
    ...against(median(bare.seconds) / median(warm), 0.4, 0.8, true),
  };
  await removeBusiness(scope);
  return [row];
}
