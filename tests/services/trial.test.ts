/** A channel that is connected for looking only: all of it is shown, nothing of it is booked until a person says so. */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import type { Practice } from "../../integrations/practice/server/index";
import { digestChannel, syncChannel } from "../../lib/digest";
import { bookTrial } from "../../lib/looking";
import type { Scope } from "../../lib/people/access";
import { channelOf, syncNow } from "../../lib/sales/channels";
import { beginConnect, finishConnect, redirectUriOf } from "../../lib/sales/connect";
import { noWish } from "../../lib/sales/connected";
import { runOf } from "../../lib/system/runs";
import { aMarket, aSeller, pressAllow } from "../../scripts/lib/sellers";
import { booksNow, proved, refused } from "../support/trading";

let market: Practice;
beforeAll(async () => {
  market = await aMarket({ orders: 60, seed: 3 });
});
afterAll(async () => {
  await market.close();
  await closeDatabase();
});

const signal = new AbortController().signal;

/** Connected for looking only, and synchronised once. */
async function aLooker(): Promise<Scope> {
  const scope = await aSeller();
  const redirectUri = redirectUriOf("practice");
  const back = await pressAllow(await beginConnect(scope, "practice", redirectUri, { ...noWish, isTrial: true }));
  const { run } = await finishConnect({ ...back, userId: scope.userId ?? "", redirectUri });
  await syncChannel(scope, { channelId: "practice", run: run ?? "", signal });
  return scope;
}

const countOf = (scope: Scope, table: "orders" | "facts" | "journal_entries" | "audit_trail") =>
  inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<{ n: number }>(
      tx,
      sql`select count(*)::int as n from ${sql.raw(`app.${table}`)} where business_id = ${scope.businessId}`,
    );
    return row?.n ?? 0;
  });

describe("looking only", () => {
  it("shows what would be posted and books nothing, however often it is synchronised", async () => {
    const scope = await aLooker();
    const { trial, isTrial } = await channelOf(scope, "practice");
    expect(isTrial).toBe(true);
    expect(trial).toMatchObject({ aside: 0, matched: 0 });
    expect(trial?.orders).toBeGreaterThan(20);
    expect(trial?.payouts).toBeGreaterThan(0);
    expect(trial?.looked).toBe(trial?.documents);
    const sum = (trial?.accounts ?? []).reduce((total, { amount }) => total + BigInt(amount), 0n);
    expect(sum).toBe(0n);
    expect(trial?.accounts.map(({ code }) => code)).toEqual(expect.arrayContaining(["1150", "1180", "4000", "6000"]));
    expect([
      await countOf(scope, "orders"),
      await countOf(scope, "facts"),
      await countOf(scope, "journal_entries"),
    ]).toEqual([0, 0, 0]);
    await syncChannel(scope, { channelId: "practice", run: await syncNow(scope, "practice"), signal });
    expect((await channelOf(scope, "practice")).trial).toEqual(trial);
    expect(await countOf(scope, "facts")).toBe(0);
    await proved(scope);
  });

  it("ends in the very books that a plain connection makes, when a person says so, once", async () => {
    const scope = await aLooker();
    const { trial } = await channelOf(scope, "practice");
    const run = await bookTrial(scope, "practice");
    await refused(bookTrial(scope, "practice"));
    while ((await digestChannel(scope, { channelId: "practice", run, signal })) === "again");
    expect((await runOf(scope, run)).state).toBe("done");
    expect(await countOf(scope, "orders")).toBe(trial?.orders);
    const books = await booksNow(scope);
    const booked = books.trial_balance.filter(({ amount }) => amount !== 0);
    expect(booked.map(({ code, amount }) => [code, String(amount)])).toEqual(
      trial?.accounts.map(({ code, amount }) => [code, amount]),
    );
    expect(await channelOf(scope, "practice")).toMatchObject({ isTrial: false, trial: null });
    await proved(scope);
  });
});
