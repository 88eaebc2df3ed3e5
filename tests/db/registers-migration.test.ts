/** Books from before the registers: the migration fills what they read from what is there, and the product goes on from it. */
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "../../db/migrate";
import { closeDatabase } from "../../db/scope";
import type { Fact } from "../../lib/core/facts";
import { testDatabase } from "../support/database";
import { aShop, give, item, order, proved, purchase } from "../support/trading";

let owner: postgres.Sql;
beforeAll(async () => {
  owner = postgres((await testDatabase()).url, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});

const kinds =
  "added_minor sold_qty sold_minor back_qty back_minor moved_in_qty moved_in_minor moved_out_qty moved_out_minor".split(
    " ",
  );

/** The database as it was before 0019. */
async function before(): Promise<void> {
  const dropped = kinds.map((column) => `drop column ${column}`).join(", ");
  await owner.unsafe(`
    drop table app.item_places, app.stock_minimums;
    alter table app.item_months ${dropped};
    alter table app.item_days ${dropped};
    alter table app.businesses drop column mails_low_stock;
    delete from app.migrations where name = '0019_registers.sql'`);
}

test("months and days of what moved before, and what is at each place, are those of the movements", async () => {
  const [scope, other] = [await aShop("Old"), await aShop("Old too")];
  const sales = Array.from({ length: 120 }, (_, n) =>
    order(`o${n}`, `2025-03-${String(2 + (n % 20)).padStart(2, "0")}`, [["Mug", 1n, 1_999n, "MUG"]]),
  );
  const transfer: Fact = {
    kind: "transfer",
    id: "t1",
    date: "2025-03-10",
    arrives: "2025-03-12",
    from: "main",
    to: "barn",
    lines: [{ id: "t1-1", item: "mug", qty: 7n }],
  };
  for (const one of [scope, other])
    await give(one, [
      { kind: "location", id: "barn", name: "Barn" },
      item("mug", "Mug", "MUG"),
      purchase("p1", "2025-03-01", [["mug", 150n, 1_003n]]),
      ...sales,
      transfer,
    ]);
  const sums = () =>
    owner`select * from app.item_days where business_id = ${scope.businessId} order by on_date, location_id`.then(
      (rows) => rows.map((row) => ({ ...row })),
    );
  const kept = await sums();
  expect(kept.length).toBeGreaterThan(20);
  await before();
  const database = await testDatabase();
  expect((await migrate(database.url, database.appPassword)).ran).toEqual(["0019_registers.sql"]);
  expect(await sums()).toEqual(kept);
  await proved(scope, other);
  await give(scope, [order("later", "2025-03-20", [["Mug", 2n, 1_999n, "MUG"]])]);
  await proved(scope, other);
});
