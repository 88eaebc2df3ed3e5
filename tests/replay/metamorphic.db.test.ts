/**
 * The relations of reliability.md, section 3.2, on the product itself, over random histories of every kind of fact and PostgreSQL: those of
 * relations.ts and M6, each kind of books proved. M1, M3 and M11 are in differential.db.test.ts and ways.db.test.ts, M2 in tests/services/interleavings.test.ts, M12 in reverse.test.ts, M13 in currencies.test.ts.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeDatabase } from "../../db/scope";
import { systemScope } from "../../lib/people/access";
import { removeBusiness } from "../../lib/people/businesses";
import { replay } from "../../lib/replay/run";
import { proved } from "../support/trading";
import { type Fact, history } from "./histories";
import type { Result } from "./naive/index";
import { Random } from "./naive/random";
import { relations } from "./relations";

/** More with METAMORPHIC_SEEDS: each history is replayed some ten times. */
const seeds = Array.from({ length: Number(process.env.METAMORPHIC_SEEDS ?? "12") }, (_, i) => i + 1);
const known = new Map<number, Readonly<{ facts: Fact[]; result: Result }>>();
const ofSeed = (seed: number) => {
  const one = known.get(seed);
  if (one === undefined) throw new Error(`the books of history ${seed} were not made`);
  return one;
};

/** The product's books, proved, without the counts of entries, which the ways to the same books differ in. */
async function books(facts: readonly Fact[]): Promise<Result> {
  const lines = facts.map((value, i) => ({ line: i + 1, value }));
  const done = await replay(lines, { chunk: null, keeps: true, name: "relations" });
  const scope = await systemScope(done.businessId);
  await proved(scope);
  await removeBusiness(scope);
  const { entries: _, adjusting_entries: __, ...result } = done.result;
  return result as Result;
}

beforeAll(async () => {
  for (const seed of seeds) {
    const facts = history(seed);
    known.set(seed, { facts, result: await books(facts) });
  }
}, 240_000);
afterAll(closeDatabase);

describe("the product's books over random histories", { timeout: 240_000 }, () => {
  test.each(relations)("$name", async ({ holds }) => {
    let found = 0;
    for (const seed of seeds) {
      const { facts, result } = ofSeed(seed);
      try {
        found += await holds(facts, result, new Random(seed + 5000), books);
      } catch (error) {
        throw new Error(`history ${seed}`, { cause: error });
      }
    }
    expect(found).toBeGreaterThan(0);
  });

  test("M6: other businesses' facts, recorded at the same time, change nothing here", async () => {
    const together = await Promise.all(seeds.map((seed) => books(ofSeed(seed).facts)));
    expect(together).toEqual(seeds.map((seed) => ofSeed(seed).result));
  });
});
