/** What the pages of channels show and do, against the practice market; each sync runs as its job would, in this process. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { broughtText, countedOf, progressOf, stepsOf } from "../../app/[business]/channels/sync-words";
import { closeDatabase } from "../../db/scope";
import type { Practice } from "../../integrations/practice/server/index";
import { verifyBooks } from "../../lib/books/verify";
import { changesOfUndo, stopSync } from "../../lib/desk/channels";
import { askPreview, previewOf, runPreview, takeBackSync } from "../../lib/desk/take-back";
import { syncChannel } from "../../lib/digest";
import type { Scope } from "../../lib/people/access";
import { auditRows } from "../../lib/people/audit";
import { channelBalances, otherRows, otherTypes, syncContents, syncHistory } from "../../lib/sales/channel-reads";
import { syncNow } from "../../lib/sales/channels";
import { practiceState, setPracticeFault } from "../../lib/sales/practice-faults";
import { type Run, runOf } from "../../lib/system/runs";
import { aMarket, aSeller, connect } from "../../scripts/lib/sellers";
import { testDatabase } from "../support/database";

const signal = new AbortController().signal;
const channel = "practice";
let market: Practice;
let seller: Scope;
let other: Scope;
let first: string;

async function sync(scope: Scope): Promise<Run> {
  const run = await syncNow(scope, channel);
  await syncChannel(scope, { channelId: channel, run, signal });
  return runOf(scope, run);
}

beforeAll(async () => {
  await testDatabase();
  market = await aMarket({ orders: 80, seed: 5 });
  [seller, other] = [await aSeller("Alder Street"), await aSeller("Birch Lane")];
  const made = await connect(seller);
  first = made.run ?? "";
  await syncChannel(seller, { channelId: channel, run: first, signal });
});
afterAll(async () => {
  await market.close();
  await closeDatabase();
});

describe("what a channel holds", () => {
  it("is in the books what the channel itself reports, with what it holds back", async () => {
    const [balance] = await channelBalances(seller);
    const { total, held } = market.control.shop.balance();
    expect(balance).toMatchObject({ channel, books: BigInt(total), says: BigInt(total), held: BigInt(held) });
    expect(balance?.unmatched).toBeGreaterThan(0);
  });

  it("lists types never seen before with their sums, which the rows add to", async () => {
    const [balance] = await channelBalances(seller);
    const types = await otherTypes(seller, channel);
    expect(types.length).toBeGreaterThan(0);
    expect(types.reduce((sum, one) => sum + one.amountMinor, 0n)).toBe(balance?.otherMinor);
    expect(types.reduce((sum, one) => sum + one.count, 0)).toBe(balance?.otherCount);
    for (const { type, count, amountMinor } of types) {
      const rows = await otherRows(seller, channel, type);
      expect(rows).toHaveLength(count);
      expect(rows.reduce((sum, row) => sum + row.amountMinor, 0n)).toBe(amountMinor);
    }
  });
});

describe("syncs", () => {
  it("stand in the history with what they brought; the first is too large to rehearse", async () => {
    const { rows, older } = await syncHistory(seller, { channel });
    expect(older).toBeNull();
    expect(rows).toMatchObject([{ channel, isInBooks: true, isTakenBack: false, run: { id: first, state: "done" } }]);
    expect(rows[0]?.fresh).toBe(rows[0]?.read);
    const contents = await syncContents(seller, channel, first);
    expect(contents.kinds.map(({ kind }) => kind).sort()).toEqual([
      "balance_row",
      "charge",
      "order",
      "payout",
      "return",
    ]);
    expect(await changesOfUndo(seller, { channel, run: first })).toBeNull();
  });

  it("too large for a page are rehearsed by a job, which moves nothing", async () => {
    const before = await channelBalances(seller);
    const { facts } = await syncContents(seller, channel, first);
    const run = await askPreview(seller, { of: "sync", id: first, channel });
    await runPreview(seller, { of: "sync", id: first, run }, signal);
    const said = await previewOf(seller, first);
    expect(said).toMatchObject({ id: run, state: "done", done: facts, total: facts });
    expect(said?.note).toMatch(/posted cost/);
    expect(await previewOf(other, first)).toBeNull();
    expect(await channelBalances(seller)).toEqual(before);
    expect((await verifyBooks(seller)).findings).toBe(0);
  });

  it("can be taken back, and the books then read as before", async () => {
    const before = await channelBalances(seller);
    market.control.shop.makeOrder([]);
    market.control.shop.makeOrder([]);
    const run = await sync(seller);
    expect(broughtText(run)).toMatch(/^2 orders, \d+ balance rows$/);
    expect(await channelBalances(seller)).not.toEqual(before);
    // Rehearsing changes nothing.
    const moved = await changesOfUndo(seller, { channel, run: run.id });
    expect(moved).toMatchObject({ inventory: { change: 0n }, closed: 0, held: { after: before[0]?.books } });
    expect(moved?.sold.change).toBeLessThan(0n);
    expect((await syncContents(seller, channel, run.id)).kinds[0]?.count).toBeGreaterThan(2);

    const { facts } = await syncContents(seller, channel, run.id);
    expect(await takeBackSync(seller, { channel, run: run.id })).toEqual({ gone: facts, run: null });
    expect(await channelBalances(seller)).toEqual(before);
    expect((await syncHistory(seller, { channel })).rows[0]).toMatchObject({ isInBooks: false, isTakenBack: true });
    await expect(takeBackSync(seller, { channel, run: run.id })).rejects.toMatchObject({ code: "nothing_to_undo" });
    expect((await verifyBooks(seller)).findings).toBe(0);
  });

  it("are stopped by who may connect, which is written down", async () => {
    const run = await syncNow(seller, channel);
    await expect(stopSync({ ...seller, role: "helper" }, { run })).rejects.toMatchObject({ code: "not_allowed" });
    await expect(stopSync(other, { run })).rejects.toMatchObject({ code: "not_found" });
    await stopSync(seller, { run });
    expect((await runOf(seller, run)).state).toBe("cancelled");
    const { rows } = await auditRows(seller, { about: channel, what: "channel.stop-sync" });
    expect(rows).toHaveLength(1);
  });

  it("are paged by the last one that was seen", async () => {
    const all = (await syncHistory(seller)).rows.map((row) => row.run.id);
    const rest = await syncHistory(seller, { before: all[0] ?? null });
    expect(rest.rows.map((row) => row.run.id)).toEqual(all.slice(1));
    expect((await syncHistory(seller, { before: "no cursor" })).rows).toHaveLength(all.length);
  });
});

describe("words of a sync", () => {
  const run: Run = {
    id: first,
    job: "syncChannel",
    about: channel,
    label: "Practice",
    state: "running",
    done: 0,
    total: null,
    skipped: 0,
    steps: [
      { key: "products", label: "Products", state: "done", done: 300, more: { fresh: 300, pages: 8 } },
      { key: "orders", label: "Orders", state: "running", done: 200, more: { fresh: 12 } },
      { key: "payouts", label: "Payouts", state: "waiting", done: 0, more: { fresh: 0 } },
    ],
    note: "Fetching orders",
    isCancelled: false,
    createdAt: "2026-03-31T10:00:00.000Z",
    startedAt: "2026-03-31T10:00:00.000Z",
    endedAt: null,
  };

  it("count what is fetched, then what goes into the books", () => {
    expect(countedOf(run)).toBe("documents fetched");
    expect(progressOf(run, "UTC")).toEqual({ done: 500, total: null, note: "Fetching orders.", state: "running" });
    expect(stepsOf(run).map(({ kind, count, note }) => [kind, count, note])).toEqual([
      ["done", 300, "all new, 8 pages"],
      ["work", 200, "12 new or changed"],
      ["waiting", null, "waits"],
      ["waiting", null, "the newest as soon as they are here"],
    ]);
    const books = { key: "books", label: "Into the books", state: "running", done: 0, more: { perMinute: 7 } } as const;
    const ahead = { ...run, done: 250, steps: [...run.steps, books] };
    expect(countedOf(ahead)).toBe("documents fetched");
    expect(progressOf(ahead, "UTC")).toEqual(progressOf(run, "UTC"));
    expect(stepsOf(ahead)).toHaveLength(4);
    expect(stepsOf(ahead).at(-1)).toMatchObject({
      kind: "work",
      count: 250,
      note: "the newest are there; older ones follow",
    });
    const reading = { ...run, total: 312, done: 100, skipped: 2, note: null };
    expect(progressOf(reading, "UTC")).toEqual({ done: 100, total: 312, note: null, state: "running" });
    expect(stepsOf(reading).at(-1)).toMatchObject({ kind: "work", count: 100, note: "2 set aside, with the reason" });
    expect(broughtText({ ...run, steps: [] })).toBe("nothing yet");
    expect(broughtText({ ...run, steps: [], state: "done" })).toBe("nothing new");
  });

  const at = Date.parse("2026-03-31T21:00:00.000Z");
  const orders = (more: Readonly<Record<string, number>>, done = 200): Run => ({
    ...run,
    steps: run.steps.map((step) => (step.key === "orders" ? { ...step, done, more: { ...step.more, ...more } } : step)),
  });

  it("tell the pace, what remains and when that ends, where the channel says how many there are", () => {
    const counted = orders({ of: 1_000, perMinute: 40, lastAt: at });
    expect(countedOf(counted)).toBe("orders fetched");
    expect(progressOf(counted, "America/New_York")).toEqual({
      done: 200,
      total: 1_000,
      note: "Fetching orders. 40 a minute. About 20 minutes remain, until about 17:20.",
      state: "running",
    });
    // Tomorrow is said.
    expect(progressOf(orders({ of: 20_200, perMinute: 40, lastAt: at }), "UTC").note).toBe(
      "Fetching orders. 40 a minute. About 500 minutes remain, until about 05:20 on 1 Apr 2026.",
    );
    expect(progressOf(orders({ of: 210, perMinute: 40, lastAt: at }), "UTC").note).toMatch(
      /Less than a minute remains/,
    );
    // More came than was said: no bar beyond its end, and nothing remains.
    expect(progressOf(orders({ of: 190, perMinute: 40, lastAt: at }), "UTC")).toMatchObject({ done: 200, total: 200 });
  });

  it("tell how far back it is where the channel does not", () => {
    const reached = Date.parse("2025-05-12T12:00:00Z");
    const start = Date.parse("2025-01-01T12:00:00Z");
    expect(progressOf(orders({ reached, start, perMinute: 40, lastAt: at }), "UTC")).toMatchObject({
      total: null,
      note: "Fetching orders. 40 a minute. Back to 12 May 2025, on the way to 1 Jan 2025.",
    });
    expect(progressOf(orders({ reached }), "UTC").note).toBe("Fetching orders. Back to 12 May 2025.");
  });

  it("tell the books' own pace, which is no feed", () => {
    const books = {
      key: "books",
      label: "Into the books",
      state: "running",
      done: 0,
      more: { fresh: 0, perMinute: 60, lastAt: at },
    } as const;
    const reading: Run = { ...run, total: 400, done: 100, note: null, steps: [...run.steps, books] };
    expect(progressOf(reading, "UTC").note).toBe("60 a minute. About 5 minutes remain, until about 21:05.");
    expect(stepsOf(reading)).toHaveLength(4);
  });
});

describe("faults of the practice market", () => {
  it("are switched on and off, and a sync gets over them", async () => {
    expect(await setPracticeFault(seller, { channel, fault: "throttle" })).toMatchObject({ throttle: 5, fail: 0 });
    expect(await practiceState(seller, channel)).toMatchObject({ throttle: 5 });
    expect(await setPracticeFault(seller, { channel, fault: "off" })).toMatchObject({ throttle: 0, change: 0 });
    await setPracticeFault(seller, { channel, fault: "expire" });
    const refreshes = market.control.stats().refreshes;
    expect((await sync(seller)).state).toBe("done");
    expect(market.control.stats().refreshes).toBe(refreshes + 1);
    expect((await verifyBooks(seller)).findings).toBe(0);
  });

  it("are for practice channels of one's own, by who may connect; a market that is gone is told", async () => {
    await expect(practiceState(other, channel)).rejects.toMatchObject({ code: "not_found" });
    await expect(setPracticeFault(other, { channel, fault: "fail" })).rejects.toMatchObject({ code: "not_found" });
    await expect(setPracticeFault({ ...seller, role: "helper" }, { channel, fault: "fail" })).rejects.toMatchObject({
      code: "not_allowed",
    });
    const url = process.env.PRACTICE_URL;
    process.env.PRACTICE_URL = "http://127.0.0.1:9";
    try {
      expect(await practiceState(seller, channel)).toBeNull();
      await expect(setPracticeFault(seller, { channel, fault: "fail" })).rejects.toMatchObject({ code: "unsupported" });
    } finally {
      process.env.PRACTICE_URL = url;
    }
  });
});

describe("another business", () => {
  it("sees and touches nothing of it", async () => {
    expect(await channelBalances(other)).toEqual([]);
    expect(await otherTypes(other, channel)).toEqual([]);
    expect(await otherRows(other, channel, "loyalty_pool_share")).toEqual([]);
    expect((await syncHistory(other, { channel })).rows).toEqual([]);
    for (const work of [
      () => syncContents(other, channel, first),
      () => changesOfUndo(other, { channel, run: first }),
      () => takeBackSync(other, { channel, run: first }),
    ])
      await expect(work()).rejects.toMatchObject({ code: "not_found" });
    expect((await verifyBooks(other)).findings).toBe(0);
  });
});
