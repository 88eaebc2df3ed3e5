/** Many rows at once, by way of staging: all of them arrive, whoever else is at it. */
import postgres from "postgres";
import { afterAll, expect, it } from "vitest";
import { bulkInsert } from "../../db/bulk";
import { dirtyMarks } from "../../db/schema";
import { closeDatabase, inBusiness } from "../../db/scope";
import { testDatabase } from "../support/database";
import { aShop, give, item, order, proved } from "../support/trading";

afterAll(closeDatabase);

it("of several businesses in one process at the same moment, none loses a row to another", async () => {
  const shops = await Promise.all(["Alder", "Birch", "Cedar", "Dogwood"].map((name) => aShop(name)));
  const sales = Array.from({ length: 450 }, (_, n) => order(`o${n}`, "2025-01-03", [["Mug", 1n, 500n, "MUG"]]));
  const recorded = await Promise.all(shops.map((scope) => give(scope, [item("mug", "Mug", "MUG"), ...sales])));
  expect(recorded.map(({ added }) => added)).toEqual(shops.map(() => 451));
  await proved(...shops);
});

it("rows of an open transaction are counted, where the server looked at their table and saw none", async () => {
  const shop = await aShop("Elm");
  const owner = postgres((await testDatabase()).url, { max: 1, onnotice: () => undefined });
  const known = async () =>
    (
      await owner`select reltuples::int as rows, relpages as pages from pg_class where oid = 'app.dirty_marks'::regclass`
    )[0];
  const marks = (from: number, n: number) =>
    Array.from({ length: n }, (_, i) => ({
      businessId: shop.businessId,
      itemId: `item-${String(from + i).padStart(6, "0")}`,
      since: "2025-01-01",
      version: 1,
    }));
  class Undone extends Error {}
  const work = inBusiness(shop, async (tx) => {
    await bulkInsert(tx, dirtyMarks, marks(0, 10_000));
    await owner`analyze app.dirty_marks`;
    expect(await known()).toMatchObject({ rows: 0, pages: expect.any(Number) });
    await bulkInsert(tx, dirtyMarks, marks(10_000, 300));
    expect((await known())?.rows).toBeGreaterThan(9_000);
    // Nor does anybody look at it too early again while this goes on.
    await owner`analyze (skip_locked) app.dirty_marks`;
    expect((await known())?.rows).toBeGreaterThan(9_000);
    throw new Undone();
  });
  await expect(work).rejects.toThrow(Undone);
  await owner.end();
  await proved(shop);
});
