/** Books from before there was a chain: the migration numbers and chains what is there, and the product goes on from it. */
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "../../db/migrate";
import { closeDatabase } from "../../db/scope";
import { closeThrough } from "../../lib/books/periods";
import type { Scope } from "../../lib/people/access";
import { testDatabase } from "../support/database";
import { aShop, give, item, order, proved, purchase } from "../support/trading";

let owner: postgres.Sql;
beforeAll(async () => {
  owner = postgres((await testDatabase()).url, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});

async function trades(scope: Scope): Promise<void> {
  await give(scope, [
    item("mug", "Mug", "MUG"),
    purchase("p1", "2025-03-01", [["mug", 50n, 1_003n]], { supplier: "O'Neill \\ Sons, Łódź 🏺" }),
  ]);
  for (const n of [1, 2, 3])
    await give(scope, [
      order(`o${n}`, `2025-03-0${n + 1}`, [["Mug", 1n, 1_999n, "MUG"]], { fees: [{ kind: "selling", amount: 199n }] }),
    ]);
}

/** The database as it was before 0010: its columns, tables and guards gone, and the row that says it ran. */
async function before(): Promise<void> {
  await owner.unsafe(`
    drop table app.closings, app.journal_blocks, app.journal_heads;
    alter table app.journal_entries drop column entry_no, drop column digest;
    drop index app.journal_entries_late, app.journal_entries_brought;
    alter table app.proofs drop column entry_no, drop column block_no, drop column chain;
    drop trigger final_years on app.businesses;
    alter table app.businesses drop column final_through;
    drop function app.only_forward(), app.refuse_reopening();
    delete from app.migrations where name = '0010_chain.sql'`);
}

test("what was posted before is numbered in its order, chained, proved, and gone on from", async () => {
  const [scope, other, empty] = [await aShop("Old"), await aShop("Old too"), await aShop("Empty")];
  for (const one of [scope, other]) await trades(one);
  const order_ = () =>
    owner<{ id: string }[]>`select id from app.journal_entries where business_id = ${scope.businessId} order by id`;
  const ids = (await order_()).map(({ id }) => id);
  await before();
  const database = await testDatabase();
  const { ran } = await migrate(database.url, database.appPassword);
  expect(ran).toEqual(["0010_chain.sql"]);
  const rows = await owner<{ id: string; no: number }[]>`
    select id, entry_no::int as no from app.journal_entries where business_id = ${scope.businessId} order by entry_no`;
  expect(rows.map(({ id }) => id)).toEqual(ids);
  expect(rows.map(({ no }) => no)).toEqual(ids.map((_, i) => i + 1));
  await proved(scope, other, empty);
  await give(scope, [purchase("p2", "2025-04-01", [["mug", 1n, 5n]])]);
  await give(empty, [item("mug", "Mug", "MUG"), purchase("p2", "2025-04-01", [["mug", 1n, 5n]])]);
  await closeThrough(other, "2025-03-31", { today: "2026-01-01" });
  await proved(scope, other, empty);
  // The guards are back: nobody changes what was numbered.
  for (const table of ["journal_entries", "postings", "journal_blocks"])
    await expect(owner.unsafe(`delete from app.${table}`)).rejects.toMatchObject({ code: "23001" });
});
