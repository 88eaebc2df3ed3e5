import type postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeDatabase, inBusiness } from "../../db/scope";
import { recost } from "../../lib/books/recost";
import type { Refusal } from "../../lib/core/errors";
import type { Fact } from "../../lib/core/facts";
import { undoImport } from "../../lib/desk/import-undo";
import { acceptImport, runImport } from "../../lib/desk/imports";
import { recordPurchase, saveDetails, takeBackPurchase } from "../../lib/desk/purchases";
import { digestChannel, undoSync } from "../../lib/digest";
import { importOf, takeFile } from "../../lib/money/imports";
import type { Scope } from "../../lib/people/access";
import { unseen } from "../../lib/preview";
import { resultOf } from "../../lib/replay/run";
import { addChannel } from "../../lib/sales/channel-accounts";
import { storeDocuments } from "../../lib/sales/pull";
import { purchaseDetails } from "../../lib/stock/purchase-reads";
import { startRun } from "../../lib/system/runs";
import { undoFacts } from "../../lib/undo";
import { aSeller } from "../../scripts/lib/sellers";
import {
  balanceOf,
  bankFile,
  bankLines,
  behindOneAnother,
  entriesOf,
  openRaces,
  outcomes,
  recordAlone,
  times,
  twoShops,
} from "../support/races";
import { give, item, order, proved } from "../support/trading";

const never = new AbortController().signal;
let owner: postgres.Sql;
let scope: Scope;
let other: Scope;

beforeAll(async () => {
  owner = await openRaces();
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});
beforeEach(async () => {
  [scope, other] = await twoShops();
});
const postedFor = (kind: string, id: string) => entriesOf(owner, scope, kind, id);
const balance = (code: string) => balanceOf(scope, code);
const atOnce = (waiters: number, start: () => Promise<unknown>[]) => behindOneAnother(owner, scope, waiters, start);
const origin = () => ({ source: null, userId: scope.userId });

describe("taken back twice at once", () => {
  test.each([2, 20])("a fact by %i: offset once", async (workers) => {
    await give(scope, [order("o1", "2025-02-01", [["Mug", 3n, 6_000n, "MUG"]])]);
    const before = [await postedFor("order", "o1"), await postedFor("cost", "o1-1")];
    const work = await atOnce(workers, () => times(workers, () => undoFacts(scope, ["order/o1"], origin())));
    const undone = (await Promise.all(work)) as { undone: number }[];
    expect(undone.reduce((sum, one) => sum + one.undone, 0)).toBe(1);
    expect([await postedFor("order", "o1"), await postedFor("cost", "o1-1")]).toEqual(before.map((n) => n * 2));
    expect(await balance("1200")).toBe(1_003n);
    expect((await resultOf(scope)).trial_balance).toEqual((await resultOf(other)).trial_balance);
    await proved(scope, other);
  });

  test("a purchase, and its details saved at the same moment: whichever is first, nothing is half", async () => {
    const id = await recordPurchase(scope, { on: "2025-03-01", supplier: "Redwood", amount: 900n, account: "1000" });
    const { version } = await purchaseDetails(scope, id);
    const line = { row: 0, line: null, item: "mug", name: "Mug", sku: "", qty: "3", each: null, location: null };
    const input = { purchase: id, version, accepted: unseen, extras: [], lines: [{ ...line, all: 900n }] };
    const ends = await Promise.allSettled([
      takeBackPurchase(scope, { purchase: id }),
      takeBackPurchase(scope, { purchase: id }),
      saveDetails(scope, input),
    ]);
    expect(ends.slice(0, 2).filter((end) => end.status === "fulfilled")).toHaveLength(1);
    for (const end of ends) if (end.status === "rejected") expect(end.reason).toMatchObject({ code: "not_found" });
    expect(await balance("1200")).toBe(1_003n);
    expect((await resultOf(scope)).on_hand.map((row) => row.qty)).toEqual([10]);
    await proved(scope, other);
  });

  test("what two workers brought of one channel's documents comes once, and goes once", async () => {
    const shop = await aMarketShop();
    const run = await deliver(shop, 40);
    const digest = () => digestChannel(shop, { channelId: "market", run, signal: never });
    expect(await Promise.all([digest(), digest()])).toEqual(["done", "done"]);
    const [row] = await owner<{ orders: number; entries: number; read: number }[]>`select
      (select count(*)::int from orders where business_id = ${shop.businessId}) as orders,
      (select count(*)::int from journal_entries where business_id = ${shop.businessId}) as entries,
      (select count(*)::int from raw_documents where business_id = ${shop.businessId} and state = 'read') as read`;
    expect(row).toEqual({ orders: 40, entries: 40, read: 40 });
    const work = [undoSync(shop, run), undoSync(shop, run)];
    const ends = await Promise.allSettled(work);
    expect(ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []))).toEqual([40]);
    expect(ends.flatMap((end) => (end.status === "rejected" ? [(end.reason as Refusal).code] : []))).toEqual([
      "nothing_to_undo",
    ]);
    expect((await resultOf(shop)).trial_balance).toEqual([]);
    expect((await resultOf(shop)).entries).toBe(80);
    await proved(shop, other);
  });
});

/** A shop with the practice market as its channel; its documents are brought by hand. */
async function aMarketShop(): Promise<Scope> {
  const shop = await aSeller("Market");
  await inBusiness(shop, async (tx) => {
    await addChannel(tx, shop, { id: "market", kind: "practice", name: "Market", state: "connected" });
  });
  return shop;
}
const money = (amount: number) => ({ amount: String(amount), currency: "USD" });
function deliver(shop: Scope, orders: number): Promise<string> {
  const documents = Array.from({ length: orders }, (_, i) => ({
    feed: "orders" as const,
    externalId: `o${i}`,
    version: "1",
    body: {
      id: `o${i}`,
      number: `N${i}`,
      status: "paid",
      placed_at: "2025-02-01T17:00:00Z",
      lines: [
        {
          id: "1",
          variant_id: null,
          sku: null,
          title: "Mug",
          variant_title: null,
          quantity: 1,
          total: money(500),
        },
      ],
      discount: money(0),
      shipping: money(0),
      tax: { ...money(0), collected_by: "marketplace" },
      total: money(500),
      fees: [],
    },
  }));
  return inBusiness(shop, async (tx) => {
    const run = await startRun(tx, shop, { job: "digestChannel", about: "market", label: "Market" });
    await storeDocuments(tx, shop, "market", documents, run);
    return run;
  });
}

describe("costs", () => {
  test.each([2, 8])("of one group, worked out by %i workers at once, are posted once", async (workers) => {
    await give(scope, [item("set", "Set", "SET")]);
    const sold = Array.from({ length: 12 }, (_, i) => order(`s${i}`, "2025-02-01", [["Mug", 1n, 500n, "MUG"]]));
    const made: Fact = {
      kind: "assembly",
      id: "m1",
      date: "2025-01-20",
      location: null,
      inputs: [{ id: "m1-in", item: "mug", qty: 2n }],
      outputs: [{ id: "m1-out", item: "set", qty: 1n, share: 1n }],
      overhead: 0n,
      account: "9991",
    };
    const facts = [...sold, made, order("s99", "2025-02-02", [["Set", 1n, 900n, "SET"]])];
    await recordAlone(scope, facts, false);
    expect(await balance("5000")).toBe(0n);
    const work = await atOnce(workers, () => times(workers, () => recost(scope)));
    const settled = (await Promise.all(work)) as { groups: number; entries: number; corrections: number }[];
    const sum = (of: (one: (typeof settled)[number]) => number) => settled.reduce((all, one) => all + of(one), 0);
    // Eight of the twelve find a mug, the set takes two: nine costs, each posted once, by one of the workers.
    expect([sum((one) => one.groups), sum((one) => one.entries), sum((one) => one.corrections)]).toEqual([1, 9, 0]);
    expect(settled.filter((one) => one.groups > 0)).toHaveLength(1);
    expect([await balance("5000"), await balance("1200")]).toEqual([1_003n, 0n]);
    await proved(scope, other);
  });
});

const linesNow = () => bankLines(owner, scope);

describe("imports at once", () => {
  test("one file accepted by five people: one brings it in, the others are told", async () => {
    const { id } = await takeFile(scope, { name: "bank.csv", bytes: bankFile(30) });
    const work = await atOnce(5, () => times(5, () => acceptImport(scope, id, { takesLayout: true })));
    expect(await outcomes(work)).toEqual({ done: 1, already_imported: 4 });
    expect((await linesNow()).n).toBe(30);
    const back = await atOnce(3, () => times(3, () => undoImport(scope, id)));
    expect(await outcomes(back)).toEqual({ done: 1, nothing_to_undo: 2 });
    expect(await linesNow()).toEqual({ n: 0, sum: 0n });
    expect(await balance("1000")).toBe(-1_003n);
    await proved(scope, other);
  });

  test("the same file brought by four people at once: its lines come once, and the rest say 0 new", async () => {
    const taken = await Promise.all(times(4, (i) => takeFile(scope, { name: `bank ${i}.csv`, bytes: bankFile(30) })));
    const ends = await Promise.all(taken.map(({ id }) => acceptImport(scope, id, { takesLayout: true })));
    expect(ends.map(({ result }) => result.new).sort()).toEqual([0, 0, 0, 30]);
    expect(ends.map(({ result }) => result.already).sort()).toEqual([0, 30, 30, 30].sort());
    const now = await linesNow();
    expect(now.n).toBe(30);
    expect(await balance("1000")).toBe(now.sum - 1_003n);
    await proved(scope, other);
  });

  test("one killed half way, while the same file comes in by another: every line once", async () => {
    const rows = 2_400;
    const first = await takeFile(scope, { name: "first.csv", bytes: bankFile(rows) });
    const begun = await acceptImport(scope, first.id, { takesLayout: true });
    expect(begun.state).toBe("accepting");
    const work = { id: first.id, run: begun.run ?? "" };
    const stop = new AbortController();
    const killed = runImport(scope, { ...work, signal: stop.signal });
    const watch = setInterval(() => {
      void linesNow().then(({ n }) => (n > 0 ? stop.abort(new Error("killed")) : undefined));
    }, 5);
    await expect(killed).rejects.toThrow("killed");
    clearInterval(watch);
    const half = (await linesNow()).n;
    expect(half).toBeGreaterThan(0);
    expect(half).toBeLessThan(rows);
    const second = await takeFile(scope, { name: "second.csv", bytes: bankFile(rows) });
    await Promise.all([
      runImport(scope, { ...work, signal: never }),
      acceptImport(scope, second.id, { takesLayout: true, atOnce: true }),
    ]);
    const ends = await Promise.all([first.id, second.id].map((id) => importOf(scope, id)));
    expect(ends.map(({ state }) => state)).toEqual(["accepted", "accepted"]);
    expect(ends.reduce((sum, { result }) => sum + (result.new ?? 0), 0)).toBe(rows);
    const now = await linesNow();
    expect(now.n).toBe(rows);
    expect(await balance("1000")).toBe(now.sum - 1_003n);
    await proved(scope, other);
  });
});
