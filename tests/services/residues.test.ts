/** Money that should have moved by now: under Needs you with its amount and day, and gone when it has moved. */
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeDatabase } from "../../db/scope";
import type { Fact } from "../../lib/core/facts";
import { type NeedKind, needsOf } from "../../lib/needs";
import type { Scope } from "../../lib/people/access";
import { testDatabase } from "../support/database";
import { aShop, give, proved } from "../support/trading";

let owner: postgres.Sql;
let scope: Scope;
let other: Scope;

beforeAll(async () => {
  owner = postgres((await testDatabase()).url, {
    max: 1,
    onnotice: () => undefined,
    connection: { session_replication_role: "replica" },
  });
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});
beforeEach(async () => {
  [scope, other] = [await aShop("One"), await aShop("Two")];
  for (const of of [scope, other]) await connected(of);
});

const connected = (of: Scope, state = "connected") =>
  owner`update app.channels set state = ${state} where business_id = ${of.businessId} and id = 'shop'`;
const charge = (id: string, date: string, amount: bigint, category: "fee" | "elsewhere" = "fee"): Fact => ({
  kind: "charge",
  id,
  channel: "shop",
  date,
  category,
  type: "Row",
  amount,
  order: null,
  memo: "",
});
const row = (id: string, on: string, amount: bigint, payout: string | null, type = "Row"): Fact => ({
  kind: "balance_row",
  id: `row-${id}`,
  channel: "shop",
  when: { on, at: null },
  type,
  amount,
  payout,
  about: `charge/${id}`,
  memo: "",
});
const both = (id: string, on: string, amount: bigint, payout: string | null) => [
  charge(id, on, amount),
  row(id, on, amount, payout),
];
const payout = (id: string, date: string, amount: bigint): Fact => ({
  kind: "payout",
  id,
  channel: "shop",
  date,
  amount,
});
const need = async (kind: NeedKind, today: string, until?: string) =>
  (await needsOf(scope, { today, until })).find((one) => one.kind === kind) ?? null;

test("rows that wait longer than the channel usually takes to pay, and never less than its manifest says", async () => {
  await give(scope, both("a", "2026-03-01", 500n, null));
  // Etsy pays within a week; there was no payout yet.
  expect(await need("waiting", "2026-03-08")).toBeNull();
  expect(await need("waiting", "2026-03-09")).toMatchObject({
    count: 1,
    amount: 500n,
    about: "Etsy",
    since: "2026-03-01",
  });
  expect(await need("waiting", "2026-03-09", "2026-02-28")).toBeNull();
  // It pays every two weeks: the same rows are in time.
  await give(scope, [
    payout("p1", "2026-02-01", 100n),
    payout("p2", "2026-02-15", 100n),
    row("old", "2026-02-14", 100n, "p2"),
  ]);
  expect(await need("waiting", "2026-03-15")).toBeNull();
  await give(scope, both("b", "2026-03-02", -20n, null));
  expect(await need("waiting", "2026-03-17")).toMatchObject({ amount: 480n, since: "2026-03-01" });
  // What is set aside does not wait, nor does what comes to nothing.
  await give(scope, [row("held", "2026-03-01", -900n, null, "Hold")]);
  expect(await need("waiting", "2026-03-17")).toMatchObject({ amount: 480n });
  await give(scope, both("c", "2026-03-01", -480n, null));
  expect(await need("waiting", "2026-03-17")).toBeNull();
  expect((await needsOf(other, { today: "2026-03-17" })).map(({ kind }) => kind)).toEqual([]);
  await proved(scope);
});

test("rows go when they are paid out; a channel that lists none in its payouts, rests or is read from files says nothing", async () => {
  await give(scope, both("a", "2026-03-01", 500n, null));
  await give(scope, [payout("p1", "2026-03-10", 500n), row("a", "2026-03-01", 500n, "p1")]);
  expect(await need("waiting", "2026-04-09")).toBeNull();
  await give(scope, both("b", "2026-03-11", 70n, null));
  expect(await need("waiting", "2026-04-09")).toMatchObject({ amount: 70n, since: "2026-03-11" });
  await connected(scope, "file");
  expect(await need("waiting", "2026-04-09")).toBeNull();
  await connected(scope);
  await owner`update app.channels set paused_at = now() where business_id = ${scope.businessId} and id = 'shop'`;
  expect(await need("waiting", "2026-04-09")).toBeNull();
  await owner`update app.channels set paused_at = null where business_id = ${scope.businessId} and id = 'shop'`;
  await give(scope, [row("a", "2026-03-01", 500n, null)]);
  expect(await need("waiting", "2026-04-09")).toBeNull();
});

test("payments taken elsewhere that nobody took, from the day that the account last was empty", async () => {
  await give(scope, [charge("x1", "2026-01-05", -300n, "elsewhere"), charge("x2", "2026-01-06", 300n, "elsewhere")]);
  await give(scope, [charge("y", "2026-03-20", -5_940n, "elsewhere")]);
  expect(await need("elsewhere", "2026-03-26")).toBeNull();
  expect(await need("elsewhere", "2026-03-27")).toMatchObject({ count: 1, amount: 5_940n, since: "2026-03-20" });
  expect(await need("elsewhere", "2026-04-30")).toMatchObject({ amount: 5_940n });
  expect(await need("elsewhere", "2026-04-30", "2026-03-19")).toBeNull();
  // A part was taken since; later, all of it.
  await give(scope, [charge("z", "2026-04-29", 940n, "elsewhere")]);
  expect(await need("elsewhere", "2026-04-30")).toMatchObject({ amount: 5_000n });
  await give(scope, [charge("w", "2026-04-30", 5_000n, "elsewhere")]);
  expect(await need("elsewhere", "2026-04-30")).toBeNull();
  await proved(scope);
});
