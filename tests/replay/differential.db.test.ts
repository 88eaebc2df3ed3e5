/** The product's books against the naive implementation's, over random histories: plain, in chunks and shuffled; each proved by verify. */

import { sql } from "drizzle-orm";
import { afterAll, expect, test } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import { systemScope } from "../../lib/people/access";
import { removeBusiness } from "../../lib/people/businesses";
import { ReplayRefused, replay } from "../../lib/replay/run";
import { shuffleFacts } from "../../lib/replay/shuffle";
import { history, refusedHistory } from "./histories";
import { naive } from "./naive/index";
import { byDay } from "./naive/periods";

afterAll(closeDatabase);

/** More with DIFFERENTIAL_SEEDS: `npm test -- tests/replay/differential.db.test.ts` over thousands takes hours, not minutes. */
const seeds = Number(process.env.DIFFERENTIAL_SEEDS ?? "40");
const firstSeed = Number(process.env.DIFFERENTIAL_FIRST ?? "1");
const all = Array.from({ length: seeds }, (_, i) => firstSeed + i);
const withoutCounts = (result: object) => ({ ...result, entries: 0, adjusting_entries: 0 });
const numbered = (facts: readonly unknown[]) => facts.map((value, i) => ({ line: i + 1, value }));

/** What accounts have on each day: that which entries are about, or that in which they count. */
async function byDayOf(businessId: string, day: "effective_on" | "posted_on"): Promise<Record<string, bigint>> {
  const on = sql.raw(`e.${day}`);
  const rows = await inBusiness(await systemScope(businessId), (tx) =>
    rowsOf<{ id: string; amount: string }>(
      tx,
      sql`select ${on} || ' ' || a.code as id, sum(a.amount)::text as amount from app.postings p
          join app.journal_entries e on e.business_id = p.business_id and e.id = p.entry_id,
          lateral (values (p.debit, p.amount_minor), (p.credit, -p.amount_minor)) a (code, amount)
          where p.business_id = ${businessId} group by 1 having sum(a.amount) <> 0`,
    ),
  );
  return Object.fromEntries(rows.map(({ id, amount }) => [id, BigInt(amount)]));
}

test.each(all)("history %i", { timeout: 120_000 }, async (seed) => {
  const facts = history(seed);
  const expected = withoutCounts(naive(facts));
  const days = byDay(facts);
  const lines = numbered(facts);
  const ways = [
    { name: "plain", lines, chunk: null },
    { name: "in chunks", lines, chunk: 1 + (seed % 4) },
    { name: "shuffled", lines: shuffleFacts(lines, String(seed)), chunk: 5 },
  ];
  for (const way of ways) {
    const done = await replay(way.lines, { chunk: way.chunk, keeps: true, name: "differential" });
    expect(withoutCounts(done.result), way.name).toEqual(expected);
    expect(await byDayOf(done.businessId, "effective_on"), way.name).toEqual(days.effective);
    // In which day an amount counts depends on what was closed when it was posted: it is known where each fact is posted in its turn.
    if (way.lines === lines && way.chunk === 1)
      expect(await byDayOf(done.businessId, "posted_on"), way.name).toEqual(days.posted);
    const proof = await verifyBooks({ businessId: done.businessId });
    expect(
      proof.checks.filter((check) => check.findings.length > 0),
      way.name,
    ).toEqual([]);
    await removeBusiness(await systemScope(done.businessId));
  }
});

test.each(all)("wrong history %i is refused at its line", { timeout: 60_000 }, async (seed) => {
  const wrong = refusedHistory(seed);
  const refused = replay(numbered(wrong.facts), { chunk: null, keeps: false, name: "refused" });
  await expect(refused).rejects.toBeInstanceOf(ReplayRefused);
  await refused.catch((error: ReplayRefused) => expect(error.line).toBe(wrong.line));
});
