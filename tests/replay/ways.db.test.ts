/**
 * Every kind of fact, both pools: what the product takes one by one, it takes all at once, in chunks and in any order, and the books say
 * the same each time and are proved. Nothing here knows what the books should say: examples and the second implementation do.
 */
import { sql } from "drizzle-orm";
import { afterAll, expect, test } from "vitest";
import { closeDatabase, inBusiness } from "../../db/scope";
import { lockBooks } from "../../lib/books/ledger";
import { verifyBooks } from "../../lib/books/verify";
import { Refusal } from "../../lib/core/errors";
import { systemScope } from "../../lib/people/access";
import { createBusiness, removeBusiness } from "../../lib/people/businesses";
import { recordIn } from "../../lib/record";
import { parseFact } from "../../lib/replay/parse";
import { replay, resultOf } from "../../lib/replay/run";
import { shuffleFacts } from "../../lib/replay/shuffle";
import { addChannel } from "../../lib/sales/channel-accounts";
import { newId } from "../../lib/system/ids";
import { businessOf, Proposer } from "./kinds";

afterAll(closeDatabase);

/** More with WAYS_SEEDS; a history that fails is named by its seed. */
const seeds = Number(process.env.WAYS_SEEDS ?? "6");
const firstSeed = Number(process.env.WAYS_FIRST ?? "1");
const wanted = Number(process.env.WAYS_FACTS ?? "60");
const origin = { source: null, userId: null };
const withoutCounts = (result: object) => ({ ...result, entries: 0, adjusting_entries: 0 });

type Raw = Readonly<Record<string, unknown>>;

/** A history of what the product takes, recorded one fact at a time, with the books at its end. */
async function historyOf(seed: number): Promise<{ facts: Raw[]; result: object; refused: Map<string, number> }> {
  const business = businessOf(seed);
  const zone = String(business.time_zone);
  const settings = { name: `Ways ${seed}`, country: "US", currency: "USD", timeZone: zone, taxYearStartMonth: 1 };
  const scope = await createBusiness({ id: newId() }, { ...settings, hasMain: false });
  await inBusiness(scope, async (tx) => {
    await tx.execute(
      sql`update app.businesses set pool = ${business.pool}, grace_days = ${business.grace_days} where business_id = ${scope.businessId}`,
    );
    for (const id of ["fair", "web"]) await addChannel(tx, scope, { id, kind: "hand", name: id, state: "file" });
  });
  const proposer = new Proposer(seed);
  const facts: Raw[] = [business];
  const refused = new Map<string, number>();
  const take = async (raw: Raw): Promise<boolean> => {
    try {
      const parsed = parseFact(raw, zone);
      if (parsed.kind === "business") throw new Error("one business is enough");
      const { fact } = parsed;
      const done = await inBusiness(scope, async (tx) =>
        recordIn(tx, scope, await lockBooks(tx, scope), [{ fact, version: null }], origin, { settles: true }),
      );
      if (done.added === 0 && fact.kind !== "close") return false;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused.set(`${raw.kind} ${error.code}`, (refused.get(`${raw.kind} ${error.code}`) ?? 0) + 1);
      return false;
    }
    facts.push(raw);
    return true;
  };
  for (const location of proposer.locations) await take(location);
  for (let tries = 0; facts.length < wanted && tries < wanted * 6; tries += 1) {
    const raw = proposer.next();
    if (await take(raw)) proposer.kept(raw);
  }
  const result = await resultOf(scope);
  await expectProved(scope.businessId, "one by one");
  await removeBusiness(await systemScope(scope.businessId));
  return { facts, result, refused };
}

async function expectProved(businessId: string, way: string): Promise<void> {
  const proof = await verifyBooks({ businessId });
  expect(
    proof.checks.filter((check) => check.findings.length > 0),
    way,
  ).toEqual([]);
}

const all = Array.from({ length: seeds }, (_, i) => firstSeed + i);

test.each(all)("history %i says the same whichever way it is recorded", { timeout: 180_000 }, async (seed) => {
  const { facts, result } = await historyOf(seed);
  if (process.env.WAYS_SHOW === "yes") console.log(facts.map((fact) => JSON.stringify(fact)).join("\n"));
  const kinds = new Set(facts.map((fact) => fact.kind));
  expect(kinds.size).toBeGreaterThan(6);
  const lines = facts.map((value, i) => ({ line: i + 1, value }));
  const ways = [
    { name: "all at once", lines, chunk: null },
    { name: "in chunks", lines, chunk: 2 + (seed % 9) },
    { name: "shuffled", lines: shuffleFacts(lines, String(seed)), chunk: 1 + (seed % 5) },
    { name: "shuffled, all at once", lines: shuffleFacts(lines, `${seed} again`), chunk: null },
  ];
  for (const way of ways) {
    const done = await replay(way.lines, { chunk: way.chunk, keeps: true, name: "ways" });
    expect(withoutCounts(done.result), way.name).toEqual(withoutCounts(result));
    await expectProved(done.businessId, way.name);
    await removeBusiness(await systemScope(done.businessId));
  }
});
