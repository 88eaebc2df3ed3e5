/** Books from before the registers: the migration fills what they read from what is there, and the product goes on from it. */
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "../../db/migrate";
import { closeDatabase } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
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

/** Makes the database what it was before a migration, and runs that again. */
async function again(name: string, before: string): Promise<void> {
  await owner.unsafe(`${before}; delete from app.migrations where name = '${name}'`);
  const database = await testDatabase();
  expect((await migrate(database.url, database.appPassword)).ran).toEqual([name]);
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
  const dropped = kinds.map((column) => `drop column ${column}`).join(", ");
  await again(
    "0019_registers.sql",
    `drop table app.item_places, app.stock_minimums;
    alter table app.item_months ${dropped};
    alter table app.item_days ${dropped};
    alter table app.businesses drop column mails_low_stock`,
  );
  expect(await sums()).toEqual(kept);
  await proved(scope, other);
  await give(scope, [order("later", "2025-03-20", [["Mug", 2n, 1_999n, "MUG"]])]);
  await proved(scope, other);
});

test("months of sixty movements get their days, where a hundred had them", async () => {
  const scope = await aShop("Busier");
  const sales = (month: string, n: number) =>
    Array.from({ length: n }, (_, k) =>
      order(`${month}-${k}`, `2025-${month}-${String(2 + (k % 20)).padStart(2, "0")}`, [["Bowl", 1n, 1_999n, "BOWL"]]),
    );
  await give(scope, [
    item("bowl", "Bowl", "BOWL"),
    purchase("p1", "2025-03-01", [["bowl", 400n, 4_003n]]),
    ...sales("04", 59),
    ...sales("05", 60),
    ...sales("06", 100),
  ]);
  const days = () =>
    owner`select * from app.item_days where business_id = ${scope.businessId} order by on_date, location_id`.then(
      (rows) => rows.map((row) => ({ ...row })),
    );
  const kept = await days();
  expect(new Set(kept.map(({ on_date }) => new Date(on_date).getUTCMonth() + 1))).toEqual(new Set([5, 6]));
  await again(
    "0038_busy_months.sql",
    `delete from app.item_days where business_id = '${scope.businessId}' and on_date < '2025-06-01'`,
  );
  expect(await days()).toEqual(kept);
  await proved(scope);
});

test("a lot is used up since the day on which the last of it was taken, and what says otherwise is named", async () => {
  const scope = await aShop("Used up");
  await give(scope, [
    item("cup", "Cup", "CUP"),
    purchase("p1", "2025-03-01", [["cup", 2n, 1_003n]]),
    purchase("p2", "2025-03-02", [["cup", 3n, 1_500n]]),
    order("o1", "2025-03-04", [["Cup", 1n, 1_999n, "CUP"]]),
    order("o2", "2025-03-09", [["Cup", 2n, 1_999n, "CUP"]]),
  ]);
  const days = () =>
    owner`select id, used_up_on::text as day from app.lots where business_id = ${scope.businessId} order by id`.then(
      (rows) => rows.map((row) => [row.id, row.day]),
    );
  const kept = [
    ["p1-1", "2025-03-09"],
    ["p2-1", null],
  ];
  expect(await days()).toEqual(kept);
  await again(
    "0036_used_up.sql",
    `alter table app.lots drop constraint lots_left, drop column used_up_on;
    alter table app.lots add constraint lots_left check (left_qty >= 0)`,
  );
  expect(await days()).toEqual(kept);
  await proved(scope);
  // A late sale takes the last of it on another day, and its end gives it back.
  await give(scope, [order("late", "2025-03-06", [["Cup", 1n, 1_999n, "CUP"]])]);
  expect(await days()).toEqual([
    ["p1-1", "2025-03-06"],
    ["p2-1", null],
  ]);
  await give(scope, [{ kind: "undo", of: "order", key: "order/late" }]);
  expect(await days()).toEqual(kept);
  await proved(scope);
  await owner`update app.lots set used_up_on = '2025-03-08' where business_id = ${scope.businessId} and id = 'p1-1'`;
  const proof = await verifyBooks(scope);
  expect(proof.checks.flatMap(({ findings }) => findings.map(({ what }) => what))).toContain(
    "lot p1-1 is used up since the last of it was taken",
  );
  await owner`update app.lots set used_up_on = '2025-03-09' where business_id = ${scope.businessId} and id = 'p1-1'`;
});
