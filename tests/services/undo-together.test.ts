/** Charges and rows that a recording takes back go together: the same books as one after the other, in one go. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeDatabase, inBusiness } from "../../db/scope";
import { lockBooks } from "../../lib/books/ledger";
import { type Fact, factKey, type UndoableFact } from "../../lib/core/facts";
import type { Scope } from "../../lib/people/access";
import { recordIn } from "../../lib/record";
import { testDatabase } from "../support/database";
import { aShop, booksNow, proved, refused } from "../support/trading";

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);

const origin = { source: null, userId: null };

/** As Amazon's finances are once they are settled: each document's facts, and that they are taken back, rows first. */
function settled(documents: number): readonly Fact[] {
  return Array.from({ length: documents }, (_, n): readonly Fact[] => {
    const facts: readonly UndoableFact[] = ["sale", "fee"].flatMap((part, at): readonly UndoableFact[] => {
      const id = `shop/charge/${n}/${part}`;
      const amount = BigInt((at === 0 ? 1 : -1) * (n + 1));
      const common = { channel: "shop", type: part, amount, memo: "" };
      const [date, category] = ["2026-02-03", at === 0 ? "sale" : "fee"] as const;
      const when = { on: date, at: null };
      return [
        { kind: "charge", id, date, category, order: null, ...common },
        { kind: "balance_row", id: `row/${n}/${part}`, when, payout: null, about: `charge/${id}`, ...common },
      ];
    });
    const back = [...facts].reverse().map((fact): Fact => ({ kind: "undo", of: fact.kind, key: factKey(fact) }));
    return [...facts, ...back];
  }).flat();
}

/** Each taking back by itself, and what is recorded between two of them at once. */
function apart(facts: readonly Fact[]): readonly (readonly Fact[])[] {
  const groups: Fact[][] = [];
  for (const fact of facts) {
    const last = groups.at(-1);
    if (last === undefined || fact.kind === "undo" || last[0]?.kind === "undo") groups.push([fact]);
    else last.push(fact);
  }
  return groups;
}

const given = (scope: Scope, groups: readonly (readonly Fact[])[]) =>
  inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    const counts = { added: 0, already: 0 };
    for (const group of groups) {
      const facts = group.map((fact) => ({ fact, version: "1" }));
      const done = await recordIn(tx, scope, books, facts, origin);
      counts.added += done.added;
      counts.already += done.already;
    }
    return counts;
  });

it("gives the books that one after the other gives, also where some is told again or taken back twice", async () => {
  const [alone, together] = [await aShop("One by one"), await aShop("Together")];
  const [first, ...rest] = settled(Number(process.env.UNDO_DOCUMENTS ?? "12"));
  if (first === undefined) throw new Error("nothing to record");
  const kept: Fact = { ...(settled(1)[0] as Fact & { id: string }), id: "shop/charge/kept" } as Fact;
  const undone = rest.find(({ kind }) => kind === "undo");
  if (undone === undefined) throw new Error("nothing is taken back");
  const facts = [first, ...rest, kept, undone, undone];
  const clock = async (work: Promise<unknown>) => {
    const from = performance.now();
    return { done: await work, ms: Math.round(performance.now() - from) };
  };
  const [one, all] = [await clock(given(alone, apart(facts))), await clock(given(together, [facts]))];
  if (process.env.UNDO_DOCUMENTS !== undefined)
    process.stdout.write(`${facts.length} facts: one by one ${one.ms} ms, together ${all.ms} ms\n`);
  expect(all.done).toEqual(one.done);
  expect(await booksNow(together)).toEqual(await booksNow(alone));
  await proved(alone, together);
});

it("refuses what is not there, with its place", async () => {
  const scope = await aShop("Wrong");
  const wrong: Fact = { kind: "undo", of: "charge", key: "charge/nobody" };
  expect(await refused(given(scope, [[...settled(1), wrong]]))).toMatchObject({ code: "unknown_id" });
});
