/** Channels from signing in to the books, against the practice market; each sync runs as its job would, in this process. */
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import type { Practice } from "../../integrations/practice/server/index";
import { verifyBooks } from "../../lib/books/verify";
import { ChannelError, Refusal } from "../../lib/core/errors";
import { digestChannel, syncChannel, undoSync } from "../../lib/digest";
import type { Scope } from "../../lib/people/access";
import {
  addFileChannel,
  channelKinds,
  channelOf,
  disconnectChannel,
  listChannels,
  parkedDocuments,
  readAgain,
  syncNow,
  syncsOf,
} from "../../lib/sales/channels";
import { abandonConnect, beginConnect, connectAgain, finishConnect, redirectUriOf } from "../../lib/sales/connect";
import { noWish, pauseChannel, resumeChannel } from "../../lib/sales/connected";
import { pullPage } from "../../lib/sales/credentials";
import { storeDocuments } from "../../lib/sales/pull";
import { requestDueSyncs } from "../../lib/sales/schedule";
import { cancelRun, runEvents, runOf } from "../../lib/system/runs";
import { aMarket, aPerson, aSeller, connect, pressAllow } from "../../scripts/lib/sellers";
import { handlers } from "../../workers/registry";
import { booksOf } from "../support/books";
import { testDatabase } from "../support/database";

let market: Practice;
beforeAll(async () => {
  market = await aMarket({ orders: 60, seed: 3 });
});
afterAll(async () => {
  await market.close();
  await closeDatabase();
});

const signal = new AbortController().signal;
const redirectUri = redirectUriOf("practice");
const run = (scope: Scope, channelId: string, id: string) => syncChannel(scope, { channelId, run: id, signal });
async function sync(scope: Scope, channelId: string) {
  const id = await syncNow(scope, channelId);
  await run(scope, channelId, id);
  return runOf(scope, id);
}
/** Connected and synchronised once. */
async function seller() {
  const scope = await aSeller();
  const { channelId, run: first } = await connect(scope);
  await run(scope, channelId, first ?? "");
  return { scope, channelId, first: first ?? "" };
}
const numberOf = async (scope: Scope, table: string) =>
  ((await booksOf(scope.businessId)).counts as Record<string, number>)[table];
const codeOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Refusal);
  return (error as Refusal).code;
};

describe("connecting", () => {
  it("makes a channel with an account of its own, due at once, its credentials nowhere in clear", async () => {
    const scope = await aSeller();
    const made = await connect(scope);
    const [channel] = await listChannels(scope);
    expect(channel).toMatchObject({
      id: "practice",
      kindName: "Practice Market",
      accountCode: "1150",
      state: "connected",
    });
    expect(channel?.openRun?.id).toBe(made.run);
    const admin = postgres((await testDatabase()).url, { max: 1, connection: { search_path: "app" } });
    const [secret] = await admin`select * from channel_secrets where business_id = ${scope.businessId}`;
    const [job] =
      await admin`select payload from outbox where business_id = ${scope.businessId} and job = 'syncChannel'`;
    await admin.end();
    expect(JSON.stringify(secret)).not.toMatch(/pma_|pmr_|accessToken/);
    expect(Object.keys(job?.payload as object).sort()).toEqual(["business", "channel", "run"]);
  });

  it("is good once, for the person who began, for ten minutes", async () => {
    const scope = await aSeller();
    const userId = scope.userId ?? "";
    const back = await pressAllow(await beginConnect(scope, "practice", redirectUri));
    expect(await codeOf(finishConnect({ ...back, userId: await aPerson(), redirectUri }))).toBe("connect_failed");
    // Whoever tried has spent it, for the right person too.
    expect(await codeOf(finishConnect({ ...back, userId, redirectUri }))).toBe("connect_failed");

    const late = await pressAllow(await beginConnect(scope, "practice", redirectUri));
    await asSystem("eleven minutes pass", (tx) =>
      tx.execute(
        sql`update app.connecting set expires_at = expires_at - interval '11 minutes' where user_id = ${userId}`,
      ),
    );
    expect(await codeOf(finishConnect({ ...late, userId, redirectUri }))).toBe("connect_failed");

    const twice = await pressAllow(await beginConnect(scope, "practice", redirectUri));
    const ends = await Promise.allSettled([1, 2].map(() => finishConnect({ ...twice, userId, redirectUri })));
    expect(ends.map((end) => end.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await listChannels(scope)).toHaveLength(1);
  });

  it("keeps the day that it began with when it is signed in to again; an earlier one pulls all anew", async () => {
    const scope = await aSeller();
    const userId = scope.userId ?? "";
    const from = async (since: string | null) => {
      const back = await pressAllow(await beginConnect(scope, "practice", redirectUri, { ...noWish, since }));
      const { run: id } = await finishConnect({ ...back, userId, redirectUri });
      if (id !== null) await run(scope, "practice", id);
      return (await channelOf(scope, "practice")).since;
    };
    const feeds = () =>
      inBusiness(scope, async (tx) => {
        const [row] = await rowsOf<{ n: number }>(
          tx,
          sql`select count(*)::int as n from app.channel_feeds where business_id = ${scope.businessId} and watermark is not null`,
        );
        return row?.n ?? 0;
      });
    // New York's midnight, as UTC has it.
    expect(await from("2026-03-10")).toBe("2026-03-10T04:00:00.000Z");
    const orders = await numberOf(scope, "orders");
    const again = await pressAllow(await connectAgain(scope, "practice", redirectUriOf));
    await finishConnect({ ...again, userId, redirectUri });
    expect((await channelOf(scope, "practice")).since).toBe("2026-03-10T04:00:00.000Z");
    expect(await feeds()).toBeGreaterThan(0);
    const open = (await channelOf(scope, "practice")).openRun;
    if (open !== null) await run(scope, "practice", open.id);
    const earlier = await pressAllow(
      await beginConnect(scope, "practice", redirectUri, { ...noWish, since: "2026-01-05" }),
    );
    await finishConnect({ ...earlier, userId, redirectUri });
    expect((await channelOf(scope, "practice")).since).toBe("2026-01-05T05:00:00.000Z");
    expect(await feeds()).toBe(0);
    const last = (await channelOf(scope, "practice")).openRun;
    await run(scope, "practice", last?.id ?? "");
    expect(await numberOf(scope, "orders")).toBe(orders);
    expect(await codeOf(beginConnect(scope, "practice", redirectUri, { ...noWish, since: "2999-01-01" }))).toBe(
      "future_date",
    );
  });

  it("rests when it is told to, and goes on where it was", async () => {
    const { scope, channelId } = await seller();
    await pauseChannel(scope, channelId);
    expect(await channelOf(scope, channelId)).toMatchObject({ state: "connected", nextSyncAt: null });
    expect((await channelOf(scope, channelId)).pausedAt).not.toBeNull();
    expect(await codeOf(pauseChannel(scope, channelId))).toBe("stale");
    await requestDueSyncs(0);
    expect((await channelOf(scope, channelId)).openRun).toBeNull();
    const id = await resumeChannel(scope, channelId);
    expect((await channelOf(scope, channelId)).pausedAt).toBeNull();
    await run(scope, channelId, id ?? "");
    expect((await runOf(scope, id ?? "")).state).toBe("done");
    expect(await codeOf(resumeChannel(scope, channelId))).toBe("stale");
  });

  it("a code that the market does not know is told, and leads back to the business", async () => {
    const scope = await aSeller();
    const { state } = await pressAllow(await beginConnect(scope, "practice", redirectUri));
    await expect(
      finishConnect({ state, code: "pmc_wrong", userId: scope.userId ?? "", redirectUri }),
    ).rejects.toMatchObject({ code: "connect_failed", detail: { slug: scope.slug } });
    const again = await pressAllow(await beginConnect(scope, "practice", redirectUri));
    expect(await abandonConnect(again.state, await aPerson())).toBeNull();
    expect(await abandonConnect(again.state, scope.userId ?? "")).toBe(scope.slug);
    expect(await listChannels(scope)).toEqual([]);
  });

  it("the same shop signed in to again is the same channel, also after it was disconnected", async () => {
    const { scope, channelId } = await seller();
    const orders = await numberOf(scope, "orders");
    await disconnectChannel(scope, channelId);
    expect((await channelOf(scope, channelId)).state).toBe("disconnected");
    expect(await codeOf(syncNow(scope, channelId))).toBe("connect_failed");
    const again = await connect(scope);
    expect([again.channelId, again.isNew]).toEqual([channelId, false]);
    await run(scope, channelId, again.run ?? "");
    expect(await listChannels(scope)).toHaveLength(1);
    expect(await numberOf(scope, "orders")).toBe(orders);
  });

  it("only those who may do it, and says what this installation lacks", async () => {
    const scope = await aSeller();
    expect(
      await codeOf(beginConnect({ ...scope, role: "helper" }, "practice", redirectUri).catch((e) => Promise.reject(e))),
    ).toBe("not_allowed");
    expect(channelKinds({ NODE_ENV: "test" }).find(({ kind }) => kind === "practice")?.missing).toHaveLength(1);
    expect(
      channelKinds({ NODE_ENV: "test", PRACTICE_PORT: "4010" }).find(({ kind }) => kind === "practice")?.missing,
    ).toEqual([]);
    expect(await codeOf(addFileChannel(scope, "nobody", ""))).toBe("unknown_kind");
    expect([await addFileChannel(scope, "etsy", ""), await addFileChannel(scope, "etsy", " Second  shop ")]).toEqual([
      "etsy",
      "etsy-2",
    ]);
    expect((await listChannels(scope)).map(({ name, accountCode, state }) => [name, accountCode, state])).toEqual([
      ["Etsy", "1150", "file"],
      ["Second shop", "1151", "file"],
    ]);
    expect(await codeOf(syncNow(scope, "etsy"))).toBe("unsupported");
  });
});

describe("a sync", () => {
  it("brings what the market has, agrees with it to the cent, and a second one adds nothing", async () => {
    const { scope, channelId, first } = await seller();
    const done = await runOf(scope, first);
    expect(done).toMatchObject({ state: "done", skipped: 0 });
    expect(done.done).toBe(done.total);
    const books = await booksOf(scope.businessId);
    expect((books.counts as Record<string, number>).orders).toBe(market.control.shop.feed("orders").length);
    // What the market owes the seller is what the channel's account holds.
    const held = (books.trial as { code: string; debit: string; credit: string }[]).find(({ code }) => code === "1150");
    expect(Number(held?.debit) - Number(held?.credit)).toBe(market.control.shop.balance().total);
    expect((await verifyBooks(scope)).findings).toBe(0);

    const again = await sync(scope, channelId);
    expect(again).toMatchObject({ state: "done", done: 0, total: 0 });
    expect(again.steps.every((step) => step.more?.fresh === 0)).toBe(true);
    const { feeds: _, ...after } = await booksOf(scope.businessId);
    const { feeds: __, ...before } = books;
    expect(after).toEqual(before);
    expect((await syncsOf(scope, channelId)).map(({ id }) => id)).toEqual([again.id, first]);
  });

  it("is one at a time, can be stopped between pages, and goes on from there", async () => {
    const { scope, channelId } = await seller();
    const id = await syncNow(scope, channelId);
    expect(await codeOf(syncNow(scope, channelId))).toBe("running_already");
    expect(await cancelRun(scope, id)).toBe("cancelled");
    await run(scope, channelId, id);
    expect((await runOf(scope, id)).state).toBe("cancelled");

    const other = await aSeller();
    const { run: first, channelId: theirs } = await connect(other);
    const seen: string[] = [];
    const watching = (async () => {
      for await (const event of runEvents(other, first ?? "", signal)) seen.push(event.state);
    })();
    market.control.faults({ slow: 6, slowMs: 300 });
    const running = run(other, theirs, first ?? "");
    await new Promise((done) => setTimeout(done, 700));
    expect(await cancelRun(other, first ?? "")).toBe("running");
    await running;
    market.control.faults({ slow: 0 });
    await watching;
    expect([seen.includes("running"), seen.at(-1)]).toEqual([true, "cancelled"]);
    expect(await sync(other, theirs)).toMatchObject({ state: "done" });
    expect(await numberOf(other, "orders")).toBe(market.control.shop.feed("orders").length);
  });

  it("sees nothing of another business, and is not seen by it", async () => {
    const { scope, first } = await seller();
    const other = await aSeller();
    expect(await listChannels(other)).toEqual([]);
    expect(await codeOf(runOf(other, first))).toBe("not_found");
    expect(await codeOf(syncNow(other, "practice"))).toBe("not_found");
    expect(await codeOf(undoSync(other, first))).toBe("not_found");
    expect(await codeOf(disconnectChannel(other, "practice"))).toBe("not_found");
    expect((await channelOf(scope, "practice")).state).toBe("connected");
  });

  it("takes a changed order for what it is now, and never an older version for a newer", async () => {
    const { scope, channelId } = await seller();
    const orders = await numberOf(scope, "orders");
    // One that units came back of: they stay with what they are of.
    const refunded = market.control.shop.feed("refunds").at(-1)?.body.order_id as string;
    expect(market.control.shop.editOrder(refunded)).not.toBeNull();
    const again = await sync(scope, channelId);
    expect(again.steps.find((step) => step.key === "orders")?.more?.fresh).toBe(1);
    expect(await numberOf(scope, "orders")).toBe(orders);
    expect((await verifyBooks(scope)).findings).toBe(0);
    const document = { feed: "orders", externalId: "o1", body: { id: "o1" } } as const;
    const store = (version: string, body: unknown = document.body) =>
      inBusiness(scope, (tx) => storeDocuments(tx, scope, channelId, [{ ...document, version, body }], "test"));
    const states = () =>
      inBusiness(scope, (tx) =>
        rowsOf(
          tx,
          sql`select version, state from app.raw_documents where business_id = ${scope.businessId}
          and external_id = 'o1' order by version`,
        ),
      );
    expect(await store("2")).toEqual({ fresh: 1 });
    expect(await store("2")).toEqual({ fresh: 0 });
    expect(await store("1")).toEqual({ fresh: 1 });
    expect(await states()).toEqual([
      { version: "1", state: "older" },
      { version: "2", state: "waiting" },
    ]);
    // The body changed and the channel kept its version: kept, as what follows.
    expect(await store("2", { id: "o1", other: true })).toEqual({ fresh: 1 });
    expect((await states()).map(({ state }) => state)).toEqual(["older", "older", "waiting"]);
  });

  it("parks a refund whose order is not here yet, lands the others, and takes it up when the order came", async () => {
    const own = await aMarket({ orders: 60, seed: 11 });
    try {
      const scope = await aSeller();
      const { channelId, run: first } = await connect(scope);
      expect(own.control.shop.refundOrder(null)).not.toBeNull();
      own.control.faults({ hideOrder: 50 });
      await run(scope, channelId, first ?? "");
      const parked = await parkedDocuments(scope, channelId);
      expect(parked.map(({ feed, state }) => [feed, state])).toEqual([["refunds", "refused"]]);
      expect((await runOf(scope, first ?? "")).skipped).toBe(1);
      expect(await numberOf(scope, "orders")).toBe(own.control.shop.feed("orders").length - 1);
      own.control.faults({ hideOrder: 0 });
      expect(await sync(scope, channelId)).toMatchObject({ state: "done", skipped: 0 });
      expect(await parkedDocuments(scope, channelId)).toEqual([]);
      expect((await verifyBooks(scope)).findings).toBe(0);
    } finally {
      await own.close();
      process.env.PRACTICE_URL = market.url;
    }
  });

  it("keeps what it cannot read with a note, lands the others, and reads it again when it is told to", async () => {
    const { scope, channelId } = await seller();
    await inBusiness(scope, (tx) =>
      storeDocuments(
        tx,
        scope,
        channelId,
        [{ feed: "orders", externalId: "odd", version: "1", body: { id: "odd" } }],
        "test",
      ),
    );
    market.control.shop.makeOrder([]);
    expect(await sync(scope, channelId)).toMatchObject({ state: "done", skipped: 1 });
    expect(await parkedDocuments(scope, channelId)).toMatchObject([{ externalId: "odd", state: "unreadable" }]);
    const id = await readAgain(scope, channelId);
    await digestChannel(scope, { channelId, run: id, signal });
    expect(await runOf(scope, id)).toMatchObject({ state: "done", total: 1, skipped: 1 });
  });

  it("obeys a market that is busy, broken or makes no sense, and tells who watches", async () => {
    const { scope, channelId } = await seller();
    const failure = async (faults: Parameters<Practice["control"]["faults"]>[0]) => {
      market.control.faults(faults);
      const id = await syncNow(scope, channelId);
      const error = await run(scope, channelId, id).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(ChannelError);
      const handler = await handlers.syncChannel();
      const payload = { business: scope.businessId, channel: channelId, run: id };
      await handler.waits?.(payload, { scope }, "busy", 42_000);
      expect((await runOf(scope, id)).note).toBe("Goes on in 42 seconds: busy");
      expect(await run(scope, channelId, id)).toBe("done");
      return [(error as ChannelError).failure, (error as ChannelError).retryAfterMs];
    };
    expect(await failure({ throttle: 1, retryAfterSeconds: 7 })).toEqual(["throttled", 7_000]);
    expect(await failure({ fail: 1 })).toEqual(["unavailable", null]);
    expect(await failure({ html: 1 })).toEqual(["unavailable", null]);
    expect(await failure({ cut: 1 })).toEqual(["unavailable", null]);
  });

  it("can be undone: the books are as before it, and another sync does not bring it back", async () => {
    const { scope, channelId, first } = await seller();
    const undone = await undoSync(scope, first);
    expect(undone).toBeGreaterThan(60);
    const { trial, lots } = await booksOf(scope.businessId);
    expect((trial as { debit: string; credit: string }[]).every(({ debit, credit }) => debit === credit)).toBe(true);
    expect(lots).toEqual([]);
    expect(await codeOf(undoSync(scope, first))).toBe("nothing_to_undo");
    await sync(scope, channelId);
    expect((await booksOf(scope.businessId)).trial).toEqual(trial);
    expect((await verifyBooks(scope)).findings).toBe(0);
  });

  it("comes by the clock, once a round, and not for what is disconnected", async () => {
    const { scope, channelId } = await seller();
    const isDue = () =>
      asSystem("time passes", (tx) =>
        tx.execute(sql`update app.due set due_at = now() where business_id = ${scope.businessId}`),
      );
    const open = async () => (await channelOf(scope, channelId)).openRun;
    await requestDueSyncs(60_000);
    expect(await open()).toBeNull();
    await isDue();
    await Promise.all([requestDueSyncs(60_000), requestDueSyncs(60_000), requestDueSyncs(60_000)]);
    const id = (await open())?.id ?? "";
    await isDue();
    await requestDueSyncs(60_000);
    expect((await open())?.id).toBe(id);
    await run(scope, channelId, id);
    await disconnectChannel(scope, channelId);
    await requestDueSyncs(60_000);
    expect(await open()).toBeNull();
  });
});

describe("credentials", () => {
  const pages = (scope: Scope, channelId: string, connector: Awaited<ReturnType<typeof fresh>>, many: number) =>
    Promise.all(
      Array.from({ length: many }, () =>
        pullPage(scope, channelId, connector, { feed: "payouts", cursor: null, since: null, signal }),
      ),
    );
  /** A connector that remembers nothing, as in another process. */
  const fresh = async () => {
    const { practiceConnector } = await import("../../integrations/practice/connector");
    const { settingsOf } = await import("../../integrations/practice/api");
    return practiceConnector(() => settingsOf(process.env), Date.now);
  };

  it("are renewed once in a burst, and stored", async () => {
    const { scope, channelId } = await seller();
    const connector = await fresh();
    market.control.expireTokens();
    const before = market.control.stats().refreshes;
    await pages(scope, channelId, connector, 20);
    expect(market.control.stats().refreshes - before).toBe(1);
    await pages(scope, channelId, await fresh(), 2);
    expect(market.control.stats().refreshes - before).toBe(1);
  });

  it("that another worker renewed a moment ago are found before the channel is given up", async () => {
    const { scope, channelId } = await seller();
    market.control.expireTokens();
    const connectors = await Promise.all(Array.from({ length: 4 }, fresh));
    await Promise.all(connectors.map((connector) => pages(scope, channelId, connector, 2)));
    expect((await sync(scope, channelId)).state).toBe("done");
  });

  it("that the person took back stop the channel: it says so, its books stay, and signing in again mends it", async () => {
    const own = await aMarket({ orders: 60, seed: 12 });
    try {
      const scope = await aSeller();
      const { channelId, run: first } = await connect(scope);
      await run(scope, channelId, first ?? "");
      const orders = await numberOf(scope, "orders");
      own.control.revokeAll();
      const id = await syncNow(scope, channelId);
      await expect(run(scope, channelId, id)).rejects.toMatchObject({ failure: "disconnected" });
      const handler = await handlers.syncChannel();
      const payload = { business: scope.businessId, channel: channelId, run: id };
      await handler.stopped?.(payload, { scope }, { message: "no", isDisconnected: true });
      const channel = await channelOf(scope, channelId);
      expect([channel.state, channel.nextSyncAt, channel.openRun]).toEqual(["reconnect", null, null]);
      expect(channel.note).toMatch(/Connect it again/);
      expect(await numberOf(scope, "orders")).toBe(orders);
      const again = await connect(scope);
      await run(scope, channelId, again.run ?? "");
      expect((await channelOf(scope, channelId)).state).toBe("connected");
    } finally {
      await own.close();
      process.env.PRACTICE_URL = market.url;
    }
  });

  it("that were altered or moved to another business's row do not open, and nothing crashes", async () => {
    const [a, b] = [await seller(), await seller()];
    const admin = postgres((await testDatabase()).url, { max: 1, connection: { search_path: "app" } });
    await admin`update channel_secrets t set key_id = s.key_id, nonce = s.nonce, ciphertext = s.ciphertext, tag = s.tag
      from channel_secrets s where t.business_id = ${a.scope.businessId} and s.business_id = ${b.scope.businessId}`;
    await admin.end();
    const id = await syncNow(a.scope, a.channelId);
    expect(await codeOf(run(a.scope, a.channelId, id))).toBe("connect_failed");
    expect((await sync(b.scope, b.channelId)).state).toBe("done");
  });
});
