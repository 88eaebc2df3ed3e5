/**
 * Several workers in one business, in the orders that fast-check's scheduler thinks of (reliability.md section 3.1): each hands in facts of
 * its own and, now and then, one that another hands in too; what one has begun is still at work when the next begins. Facts are a set
 * (M1, M2, M3), so each such run ends as the same facts do one after another next door, and both are proved. A run that fails prints the
 * facts, the order in which they were let go, and the seed.
 */
import fc from "fast-check";
import type postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeDatabase } from "../../db/scope";
import { addDays } from "../../lib/core/dates";
import { type Fact, factKey, type OrderFact, type UndoableFact } from "../../lib/core/facts";
import { openRaces, recordAlone, twoShops } from "../support/races";
import { booksNow, give, order, proved, purchase } from "../support/trading";

const runs = Number(process.env.INTERLEAVINGS ?? "6");
const workers = 3;
let owner: postgres.Sql;

beforeAll(async () => {
  owner = await openRaces();
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});

/** What a worker is told to do next: with what it did before, or something new. */
type Told = Readonly<{ what: "buy" | "sell" | "return" | "undo" | "again"; day: number; qty: number; amount: number }>;
const told: fc.Arbitrary<Told> = fc.record({
  what: fc.constantFrom("buy", "sell", "sell", "return", "undo", "again"),
  day: fc.nat({ max: 40 }),
  qty: fc.integer({ min: 1, max: 4 }),
  amount: fc.nat({ max: 2_000 }),
});

/** The facts of a worker, each after those that it names. */
function factsOf(worker: number, list: readonly Told[]): readonly Fact[] {
  const facts: Fact[] = [];
  const returned = new Set<string>();
  const undone = new Set<string>();
  const isFree = (fact: Fact) => !undone.has(factKey(fact));
  list.forEach(({ what, day, qty, amount }, n) => {
    const on = addDays("2025-02-01", day);
    const id = `w${worker}-${n}`;
    const sold = facts.find((one): one is OrderFact => one.kind === "order" && isFree(one) && !returned.has(one.id));
    if (what === "buy") facts.push(purchase(id, on, [["mug", BigInt(qty), BigInt(amount)]]));
    else if (what === "return" && sold !== undefined) {
      const line = sold.lines[0];
      if (line === undefined) throw new Error("an order has a line");
      returned.add(sold.id);
      const back = { id: `${id}-1`, line: line.id, qty: 1n, amount: 100n, restock: day % 2 === 0, writeOff: false };
      const lines = [{ ...back, location: null, placed: true }];
      facts.push({ kind: "return", id, date: addDays(sold.when.on ?? on, 3), order: sold.id, lines });
    } else if (what === "undo") {
      // Of an order that something names nothing is taken back.
      const of = facts.findLast(
        (one): one is UndoableFact =>
          (one.kind === "order" || one.kind === "purchase") && isFree(one) && !returned.has(one.id),
      );
      if (of === undefined) return;
      undone.add(factKey(of));
      facts.push({ kind: "undo", of: of.kind, key: factKey(of) });
    } else if (what === "again") {
      // Handed in a second time: by whoever has it already, or by two at once.
      facts.push(...facts.slice(-1));
    } else facts.push(order(id, on, [["Mug", BigInt(qty), BigInt(amount), "MUG"]]));
  });
  return facts;
}

test("in any order of workers, the same facts end in the same books", { timeout: 60_000 * (1 + runs) }, async () => {
  let overtaken = 0;
  const lists = fc.array(fc.array(told, { minLength: 4, maxLength: 7 }), { minLength: workers, maxLength: workers });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), lists, async (scheduler, each) => {
      const [shop, alone] = await twoShops();
      const own = each.map((list, worker) => factsOf(worker, list));
      // What two workers both hand in, as two syncs of one channel would: the end of a list is the next one's, too.
      const all = own.map((facts, worker) => [
        ...facts,
        ...(own[(worker + 1) % workers] ?? []).filter((fact) => fact.kind === "purchase").slice(0, 1),
      ]);
      const begun: number[] = [];
      const work = async (facts: readonly Fact[], worker: number) => {
        for (const fact of facts) {
          await scheduler.schedule(Promise.resolve(), `worker ${worker}: ${factKey(fact)}`);
          begun.push(worker);
          await recordAlone(shop, [fact]);
        }
      };
      await scheduler.waitFor(Promise.all(all.map(work)));
      overtaken += begun.filter((worker, i) => i > 0 && begun[i - 1] !== worker).length;
      for (const fact of all.flat()) await give(alone, [fact]);
      expect(await booksNow(shop)).toEqual(await booksNow(alone));
      await proved(shop, alone);
    }),
    { numRuns: runs, seed: Number(process.env.INTERLEAVINGS_SEED ?? "7"), endOnFailure: true },
  );
  // Workers did change places, or nothing was tried.
  expect(overtaken).toBeGreaterThan(runs * workers);
});
