/** From a row to its document and on to what that came from: Balances and the ledger to adjustments, an order to its channel's own words. */
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeDatabase } from "../../db/scope";
import { recordAdjustment } from "../../lib/desk/adjustments";
import { movementRows } from "../../lib/desk/movements";
import type { Scope } from "../../lib/people/access";
import { rawOfOrder } from "../../lib/sales/raw-reads";
import { inventoryChanges } from "../../lib/stock/inventory-reads";
import { ledgerPage } from "../../lib/stock/item-ledger";
import { aShelf, input } from "../support/adjusting";
import { testDatabase } from "../support/database";
import { give, order, proved, refused } from "../support/trading";

let owner: postgres.Sql;
let scope: Scope;
let other: Scope;
beforeAll(async () => {
  owner = postgres((await testDatabase()).url, {
    max: 1,
    onnotice: () => undefined,
    connection: { search_path: "app" },
  });
  [scope, other] = [await aShelf("One"), await aShelf("Two")];
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});

test("an adjustment is known by its number on Balances, in the ledger and among movements, and Balances leads to it", async () => {
  const { id, number } = await recordAdjustment(scope, input());
  const { rows } = await inventoryChanges(scope, { period: { from: "2026-01-01", to: "2026-12-31" } });
  expect(rows.map((row) => [row.kind, row.document, row.number, row.isAdjustment])).toEqual([
    ["adjustment", id, number, true],
    ["purchase", "p1", "p1", false],
  ]);
  const ledger = await ledgerPage(scope, { item: "mug" });
  expect(ledger.rows.map((row) => row.number)).toContain(number);
  const named = await ledgerPage(scope, { item: "mug", document: number ?? "" });
  expect(named.rows.map((row) => row.document)).toEqual([id]);
  expect((await ledgerPage(scope, { item: "mug", document: "ADJ-2026-0002" })).rows).toEqual([]);
  expect((await movementRows(scope)).rows.map((row) => [row.id, row.number])).toEqual([[id, number]]);
  await proved(scope, other);
});

test("an order leads to what its channel said of it, the latest first, and to nobody else's", async () => {
  for (const of of [scope, other]) await give(of, [order("shop/order/77", "2026-03-04", [["Mug", 1n, 500n]])]);
  const say = (of: Scope, feed: string, id: string, version: string) =>
    owner`insert into raw_documents (business_id, channel_id, feed, external_id, version, body, hash, source, received_at, state, note)
      values (${of.businessId}, 'shop', ${feed}, ${id}, ${version}, ${owner.json({ says: `${id} ${version}` })}, 'h', null,
        ${`2026-03-0${version}T00:00:00Z`}, 'read', null)`;
  await say(scope, "orders", "77", "5");
  await say(scope, "file", "order/77", "6");
  await say(scope, "orders", "78", "6");
  await say(scope, "balance", "77", "6");
  await say(other, "orders", "77", "7");
  const which = { id: "shop/order/77", number: "N-77", channel: "shop" };
  expect((await rawOfOrder(scope, which)).map(({ feed, id, version }) => [feed, id, version])).toEqual([
    ["file", "order/77", "6"],
    ["orders", "77", "5"],
  ]);
  expect((await rawOfOrder(scope, which))[1]?.text).toBe('{\n  "says": "77 5"\n}');
  expect(await rawOfOrder(scope, { ...which, channel: "elsewhere" })).toEqual([]);
  expect((await refused(rawOfOrder({ ...scope, role: "viewer" }, which))).code).toBe("not_allowed");
});
