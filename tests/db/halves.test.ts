/** Bank lines, payouts, purchases and transfers name one another: what a superuser tears apart is found by the proof, and named. */
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeDatabase } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import { addByHand, sortAs } from "../../lib/desk/transactions";
import { addMoneyAccount } from "../../lib/money/money-accounts";
import type { Scope } from "../../lib/people/access";
import { testDatabase } from "../support/database";
import { aShop, give, proved } from "../support/trading";

let owner: postgres.Sql;
let scope: Scope;
let other: Scope;
let [deposit, goods, from, to] = ["", "", "", ""];

beforeAll(async () => {
  owner = postgres((await testDatabase()).url, {
    max: 1,
    onnotice: () => undefined,
    connection: { search_path: "app", session_replication_role: "replica" },
  });
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});
beforeEach(async () => {
  [scope, other] = [await aShop("One"), await aShop("Two")];
  const line = (account: string, amount: bigint) =>
    addByHand(scope, { account, on: "2025-03-02", amount, payee: "A payee", memo: "" });
  await give(scope, [{ kind: "payout", id: "y1", channel: "shop", date: "2025-03-01", amount: 700n }]);
  deposit = await line("1000", 700n);
  goods = await line("1000", -300n);
  await sortAs(scope, [{ id: goods, version: null }], { kind: "inventory" });
  const savings = await addMoneyAccount(scope, { name: "Savings", holds: "bank", number: null });
  from = await line("1000", -55n);
  to = await line(savings, 55n);
  await sortAs(scope, [{ id: from, version: null }], { kind: "transfer", account: savings });
  await proved(scope, other);
});

const found = async () => {
  const { checks } = await verifyBooks(scope);
  return checks.find(({ name }) => name === "What has another half is named by it")?.findings.map(({ what }) => what);
};

test("a payout that forgot its deposit, and one with another's", async () => {
  await owner`update payouts set deposit_id = null where business_id = ${scope.businessId}`;
  expect(await found()).toEqual([`transaction ${deposit} is a payout that is not there, or not its own`]);
  await owner`update payouts set deposit_id = ${goods} where business_id = ${scope.businessId}`;
  expect(await found()).toEqual([
    `transaction ${deposit} is a payout that is not there, or not its own`,
    "payout y1 has a deposit that is not there, or not its own",
  ]);
});

test("a payout of another amount than its deposit", async () => {
  await owner`update payouts set amount_minor = 701 where business_id = ${scope.businessId}`;
  expect(await found()).toEqual([`transaction ${deposit} is a payout that is not there, or not its own`]);
});

test("a transfer whose other line is something else", async () => {
  await owner`update transactions set state = 'open', matched_id = null where business_id = ${scope.businessId} and id = ${to}`;
  expect(await found()).toEqual([`transaction ${from} is a transfer whose other line is not there, or not its own`]);
});

test("a purchase that is no bank line any more", async () => {
  await owner`update transactions set state = 'personal' where business_id = ${scope.businessId} and id = ${goods}`;
  expect(await found()).toEqual([`purchase transaction/${goods} is a bank line that is not there, or something else`]);
});
