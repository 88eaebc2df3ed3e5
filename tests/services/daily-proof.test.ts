/** The clock's proof of books: what is due is asked for once, and only where there is something new to prove, or the last proof is old. */
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeDatabase } from "../../db/scope";
import { requestDueProofs } from "../../lib/books/daily-proof";
import { verifyBooks } from "../../lib/books/verify";
import { testDatabase } from "../support/database";
import { aShop, give, item, purchase } from "../support/trading";

let owner: postgres.Sql;
beforeAll(async () => {
  owner = postgres((await testDatabase()).url, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});

test("books are proved once a day where something was posted since, and once a week in any case", async () => {
  const [busy, empty] = [await aShop("Busy"), await aShop("Empty")];
  await give(busy, [item("mug", "Mug", "MUG"), purchase("p1", "2025-03-01", [["mug", 3n, 1_000n]])]);
  const asked = async () => {
    const rows = await owner<
      { id: string }[]
    >`delete from app.outbox where job = 'verifyBooks' returning business_id as id`;
    return rows.map(({ id }) => id);
  };
  const dueNow = () => owner`update app.directory set prove_at = now() - interval '1 minute'`;

  // A business is new: it is a day until its first.
  await requestDueProofs();
  expect(await asked()).toEqual([]);

  // Two workers look at once, and one asks.
  await dueNow();
  await Promise.all([requestDueProofs(), requestDueProofs()]);
  expect(await asked()).toEqual([busy.businessId]);
  await requestDueProofs();
  expect(await asked()).toEqual([]);
  const [next] = await owner<{ hours: number }[]>`
    select round(extract(epoch from prove_at - now()) / 3600)::int as hours from app.directory where business_id = ${empty.businessId}`;
  expect(next?.hours).toBe(24);

  // Nothing was posted since it was proved.
  await verifyBooks(busy);
  await dueNow();
  await requestDueProofs();
  expect(await asked()).toEqual([]);
  await give(busy, [purchase("p2", "2025-03-02", [["mug", 3n, 1_000n]])]);
  await dueNow();
  await requestDueProofs();
  expect(await asked()).toEqual([busy.businessId]);

  await verifyBooks(busy);
  await owner`update app.proofs set "at" = "at" - interval '8 days' where business_id = ${busy.businessId}`;
  await dueNow();
  await requestDueProofs();
  expect(await asked()).toEqual([busy.businessId]);
});
