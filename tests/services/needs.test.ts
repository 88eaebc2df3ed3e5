/** Needs you: every kind counted where it is, gone when it is done, and never another business's. */
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeDatabase, inBusiness } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import type { Fact } from "../../lib/core/facts";
import { lateSince, mostCounted, type Need, type NeedKind, needsOf, openCounts } from "../../lib/needs";
import type { Scope } from "../../lib/people/access";
import { record } from "../../lib/record";
import { addChannel } from "../../lib/sales/channel-accounts";
import { payoutsPage } from "../../lib/sales/payout-reads";
import { newId } from "../../lib/system/ids";
import { aSeller } from "../../scripts/lib/sellers";
import { testDatabase } from "../support/database";

const today = "2026-11-21";
let owner: postgres.Sql;
let scope: Scope;
let other: Scope;

const item = (id: string, name: string, sku: string | null): Fact => ({
  kind: "item",
  id,
  name,
  sku,
  decimals: 0,
  aliases: [],
});
const purchase = (id: string, on: string, amount: bigint, detailed: bigint): Fact => ({
  kind: "purchase",
  id,
  date: on,
  amount,
  lines: detailed === 0n ? [] : [{ id: `${id}-1`, item: "mug", qty: 2n, amount: detailed, location: null }],
  extras: [],
  account: "1000",
  supplier: `Supplier of ${id}`,
});
const order = (id: string, on: string, sku: string, amount: bigint, qty = 1n): Fact => ({
  kind: "order",
  id,
  channel: "stall",
  when: { on, at: null },
  number: id.toUpperCase(),
  lines: [{ id: `${id}-1`, sku, name: `Sold as ${sku}`, listing: null, qty, amount, location: null }],
  shipping: 0n,
  tax: 0n,
  taxBy: "seller",
  discount: 0n,
  fees: [],
});

const add = (to: Scope, facts: readonly Fact[]) =>
  record(
    to,
    facts.map((fact) => ({ fact, version: newId() })),
    { source: null, userId: null, revives: true },
  );

beforeAll(async () => {
  // Rows are put there behind the product's back, where nothing asks for an audit row.
  owner = postgres((await testDatabase()).url, {
    max: 2,
    onnotice: () => undefined,
    connection: { session_replication_role: "replica" },
  });
  [scope, other] = [await aSeller(), await aSeller("The other")];
  for (const one of [scope, other])
    await inBusiness(one, (tx) => addChannel(tx, one, { id: "stall", kind: "hand", name: "Stall", state: "file" }));
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});

const of = (needs: readonly Need[], kind: NeedKind) => needs.find((need) => need.kind === kind);

describe("an empty business", () => {
  test("needs nothing", async () => {
    expect(await needsOf(scope, { today })).toEqual([]);
    expect(await openCounts(scope, { today })).toEqual({
      transactions: 0,
      balances: 0,
      sold: 0,
      movements: 0,
      channels: 0,
      payouts: 0,
    });
  });
});

describe("what waits", () => {
  beforeAll(async () => {
    await add(scope, [
      item("mug", "Mug", "MUG"),
      item("bowl", "Bowl", "BOWL"),
      item("bowl-2", "Bowl, second", "BOWL"),
      purchase("p1", "2026-10-01", 1_000n, 600n),
      purchase("p2", "2026-11-02", 300n, 0n),
      purchase("p3", "2026-11-03", 500n, 500n),
      order("o1", "2026-11-04", "MUG", 900n),
      // Six mugs sold and four bought: two have no cost.
      order("o2", "2026-11-05", "MUG", 4_000n, 5n),
      order("o3", "2026-11-06", "NOBODY", 700n),
      order("o4", "2026-11-07", "BOWL", 800n),
      {
        kind: "charge",
        id: "c1",
        channel: "stall",
        date: "2026-11-08",
        category: "other",
        type: "surprise",
        amount: -50n,
        order: null,
        memo: "",
      },
      { kind: "payout", id: "early", channel: "stall", date: "2026-11-10", amount: 100n },
      { kind: "payout", id: "late", channel: "stall", date: "2026-11-20", amount: 200n },
      {
        kind: "balance_row",
        id: "b1",
        channel: "stall",
        when: { on: "2026-11-20", at: null },
        type: "sale",
        amount: 190n,
        payout: "late",
        about: null,
        memo: "",
      },
      {
        kind: "balance_row",
        id: "b2",
        channel: "stall",
        when: { on: "2026-11-10", at: null },
        type: "sale",
        amount: 100n,
        payout: "early",
        about: null,
        memo: "",
      },
      {
        kind: "return",
        id: "r1",
        date: "2026-11-12",
        order: "o1",
        lines: [
          {
            id: "r1-1",
            line: "o1-1",
            qty: 1n,
            amount: 900n,
            restock: false,
            writeOff: false,
            location: null,
            placed: false,
          },
        ],
      },
    ]);
  });

  test("is listed in order, with how many and what hangs on it", async () => {
    const needs = await needsOf(scope, { today });
    expect(needs.map(({ kind, count, amount }) => [kind, count, amount])).toEqual([
      ["details", 2, 700n],
      ["costs", 3, 5_500n],
      ["choices", 1, 800n],
      ["matches", 1, 700n],
      ["deposits", 1, 100n],
      ["payouts", 1, 10n],
      ["placements", 1, 900n],
      ["unknown", 1, -50n],
    ]);
    expect(of(needs, "details")).toMatchObject({ about: "Supplier of p1", since: "2026-10-01", isMore: false });
    expect(of(needs, "unknown")?.about).toBe("surprise");
  });

  test("is counted beside the places where it is done", async () => {
    expect(await openCounts(scope, { today })).toEqual({
      transactions: 0,
      balances: 2,
      sold: 3,
      movements: 0,
      channels: 1,
      payouts: 2,
    });
  });

  test("until a day is only what is of that day or earlier", async () => {
    expect((await needsOf(scope, { today, until: "2026-10-31" })).map(({ kind, count }) => [kind, count])).toEqual([
      ["details", 1],
    ]);
    expect(of(await needsOf(scope, { today, until: "2026-11-05" }), "costs")?.count).toBe(1);
  });

  test("is not seen by another business", async () => {
    expect(await needsOf(other, { today })).toEqual([]);
  });

  test("goes when it is done", async () => {
    await add(scope, [purchase("p1", "2026-10-01", 1_000n, 1_000n), purchase("p2", "2026-11-02", 300n, 300n)]);
    await add(scope, [
      { kind: "match", sale: "o4-1", item: "bowl" },
      { kind: "placement", line: "r1-1", restock: true, writeOff: false, location: null },
    ]);
    const kinds = (await needsOf(scope, { today })).map(({ kind, count }) => [kind, count]);
    expect(kinds).toEqual([
      ["costs", 2],
      ["matches", 1],
      ["deposits", 1],
      ["payouts", 1],
      ["unknown", 1],
    ]);
  });

  test("a payout that the bank sent back waits for no deposit, nor does its return", async () => {
    expect(of(await needsOf(scope, { today }), "deposits")?.count).toBe(1);
    await add(scope, [
      { kind: "payout", id: "early/returned", channel: "stall", date: "2026-11-12", amount: -100n },
      { kind: "payout", id: "lost", channel: "stall", date: "2026-11-12", amount: 70n },
    ]);
    const needs = await needsOf(scope, { today });
    expect(of(needs, "deposits")).toMatchObject({ count: 1, amount: 70n, since: "2026-11-12" });
    const late = { from: "1900-01-01", to: "9999-12-31", deposit: "late", lateSince: lateSince(today) } as const;
    expect((await payoutsPage(scope, late)).rows.map(({ id }) => id)).toEqual(["lost"]);
  });

  test("a channel that must be connected again, and one whose last sync failed, need a person", async () => {
    const b = scope.businessId;
    await owner`update app.channels set state = 'reconnect' where business_id = ${b} and id = 'stall'`;
    expect(of(await needsOf(scope, { today }), "syncs")).toMatchObject({ count: 1, about: "Stall" });
    await owner`update app.channels set state = 'connected' where business_id = ${b} and id = 'stall'`;
    expect(of(await needsOf(scope, { today }), "syncs")).toBeUndefined();
    const run = (state: string) => owner`
      insert into app.runs (business_id, id, job, about, label, state, done, skipped, steps, is_cancelled, created_at)
      values (${b}, ${newId()}, 'syncChannel', 'stall', 'Sync', ${state}, 0, 0, '[]', 0, now())`;
    await run("failed");
    expect(of(await needsOf(scope, { today }), "syncs")?.count).toBe(1);
    await run("done");
    expect(of(await needsOf(scope, { today }), "syncs")).toBeUndefined();
  });

  test("open transactions wait, and findings of the last proof", async () => {
    const b = scope.businessId;
    await owner`insert into app.transactions (business_id, id, account_code, on_date, amount_minor, payee, memo, dedupe_key, occurrence, place, state, version, recorded_at, is_undone)
      select ${b}, 't' || n, '1000', '2026-11-01', -100, 'Post office', '', 'k' || n, 1, n, 'open', 1, now(), false from generate_series(1, 3) n`;
    expect(of(await needsOf(scope, { today }), "categories")).toMatchObject({
      count: 3,
      amount: -300n,
      about: "Post office",
    });
    expect((await openCounts(scope, { today })).transactions).toBe(3);
    await owner`update app.transactions set state = 'hidden' where business_id = ${b} and id = 't1'`;
    expect(of(await needsOf(scope, { today }), "categories")?.count).toBe(2);
    await owner`delete from app.transactions where business_id = ${b}`;
    await owner`insert into app.proofs (business_id, id, at, took_ms, checks, findings) values (${b}, ${newId()}, now(), 1, '[]', 2)`;
    expect(of(await needsOf(scope, { today }), "findings")?.count).toBe(2);
    expect((await verifyBooks(scope)).findings).toBe(0);
    expect(of(await needsOf(scope, { today }), "findings")).toBeUndefined();
  });
});

test("counting stops at a thousand, and says that there are more", async () => {
  const b = other.businessId;
  await owner`insert into app.purchases (business_id, id, on_date, amount_minor, detailed_minor, account_code, supplier, version, recorded_at, is_undone)
    select ${b}, 'many' || n, '2026-11-01', 100, 0, '1000', 'S', 1, now(), false from generate_series(1, 1500) n`;
  expect(of(await needsOf(other, { today }), "details")).toMatchObject({
    count: mostCounted,
    isMore: true,
    amount: null,
  });
  expect((await openCounts(other, { today })).balances).toBe(mostCounted);
  await owner`delete from app.purchases where business_id = ${b}`;
  expect((await verifyBooks(other)).findings).toBe(0);
});
