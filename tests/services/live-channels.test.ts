/**
 * Every channel with an API, from signing in at its local server to books that agree with it to the cent: the first sync, calls from
 * outside that come twice, reversed or never, a permission that is taken back and given again.
 */
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { asSystem, closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { ChannelError } from "../../lib/core/errors";
import { syncChannel } from "../../lib/digest";
import type { Scope } from "../../lib/people/access";
import { channelBalances } from "../../lib/sales/channel-reads";
import { channelOf, parkedDocuments, syncNow } from "../../lib/sales/channels";
import { pauseChannel, resumeChannel } from "../../lib/sales/connected";
import { payoutTotals } from "../../lib/sales/payout-reads";
import { syncStopped } from "../../lib/sales/sync-states";
import { cancelRun, runOf } from "../../lib/system/runs";
import { startShopify } from "../../scripts/channels/shopify/index";
import { aSeller } from "../../scripts/lib/sellers";
import { connectTo, type Live, live, receiver, syncToEnd } from "../support/live";
import { proved } from "../support/trading";

afterAll(closeDatabase);

/**
 * `calls`: it calls back; `holds`: it holds money for the seller and lists what it holds, where `listsLate` only once it was paid out.
 */
const places: readonly Readonly<{ kind: string; calls: boolean; holds: boolean; listsLate?: boolean }>[] = [
  { kind: "shopify", calls: true, holds: true },
  { kind: "ebay", calls: true, holds: true },
  { kind: "etsy", calls: true, holds: true },
  { kind: "amazon", calls: false, holds: true },
  { kind: "woocommerce", calls: true, holds: false },
  { kind: "square", calls: true, holds: true, listsLate: true },
  { kind: "stripe", calls: true, holds: true },
  { kind: "paypal", calls: true, holds: true },
];

const signal = new AbortController().signal;
/** Runs the sync as its job would, to its end. */
async function synced(scope: Scope, channelId: string, known?: string | null): Promise<string> {
  const run = known ?? (await syncNow(scope, channelId));
  await syncToEnd(scope, channelId, run);
  expect((await runOf(scope, run)).state).toBe("done");
  return run;
}

const orderCount = (scope: Scope) =>
  inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<{ n: number }>(
      tx,
      sql`select count(*)::int as n from app.orders where business_id = ${scope.businessId} and not is_undone`,
    );
    return row?.n ?? 0;
  });
const inbox = (kind: string) =>
  asSystem("a test looks at calls", (tx) =>
    rowsOf<{ state: string; what: string }>(
      tx,
      sql`select state, what from app.hook_inbox where kind = ${kind} order by received_at`,
    ),
  );
const isDue = (scope: Scope) =>
  asSystem("a test looks at what is due", async (tx) => {
    const rows = await rowsOf<{ due: boolean }>(
      tx,
      sql`select due_at <= now() as due from app.due where business_id = ${scope.businessId}`,
    );
    return rows[0]?.due ?? null;
  });

/** The books say what the channel says, each payout adds up, nothing is set aside, and the proof finds nothing. */
async function agrees(scope: Scope, channelId: string, holds: boolean): Promise<void> {
  const [balance] = await channelBalances(scope);
  expect(await parkedDocuments(scope, channelId)).toEqual([]);
  // A shop of the seller's own holds nothing: all that was paid lies elsewhere.
  expect(balance?.books).toBe(holds ? balance?.says : 0n);
  const totals = await payoutTotals(scope, { from: "2000-01-01", to: "2100-01-01", channel: channelId, proof: "open" });
  expect(totals.count, "payouts that do not add up").toBe(0);
  await proved(scope);
}

describe.each(places)("$kind", ({ kind, calls, holds, listsLate = false }) => {
  let server: Live;
  let scope: Scope;
  /** Pulls what came since, and compares. */
  const settled = async (channelId: string) => {
    if (listsLate) await server.command("payout");
    await synced(scope, channelId);
    await agrees(scope, channelId, holds);
  };
  beforeEach(async () => {
    server = await live(kind);
    scope = await aSeller();
    await asSystem("a test begins with no calls", (tx) => tx.execute(sql`delete from app.hook_inbox`));
  });
  afterEach(() => server.close());

  it("comes in whole, agrees to the cent, and a second sync adds nothing", async () => {
    const { channelId, run } = await connectTo(scope, server);
    expect(channelId).toBe(kind);
    await synced(scope, channelId, run);
    const orders = await orderCount(scope);
    expect(orders).toBeGreaterThan(20);
    await agrees(scope, channelId, holds);
    const again = await synced(scope, channelId);
    const { steps } = await runOf(scope, again);
    expect(steps.reduce((sum, step) => sum + (step.more?.fresh ?? 0), 0)).toBe(0);
    expect(await orderCount(scope)).toBe(orders);
  });

  if (calls)
    it("is pulled at once when it calls; calls twice, reversed or lost leave the same books", async () => {
      const hooks = await receiver();
      try {
        const { channelId, run } = await connectTo(scope, server);
        await synced(scope, channelId, run);
        const before = await orderCount(scope);
        expect(await isDue(scope)).toBe(false);
        await server.command("sell");
        await server.command("refund");
        const to = `${hooks.url}/${kind}`;
        await server.command("deliver", { to, how: "twice" });
        const events = await inbox(kind);
        expect(events.length).toBeGreaterThan(0);
        expect(events.every(({ state }) => state === "taken")).toBe(true);
        expect(await isDue(scope)).toBe(true);
        await settled(channelId);
        expect(await orderCount(scope)).toBe(before + 1);
        // The next one is never told: polling finds it. The one after comes the wrong way round.
        await server.command("sell");
        await server.command("deliver", { to, how: "lost" });
        await server.command("payout");
        await server.command("sell");
        await server.command("deliver", { to, how: "reversed" });
        await settled(channelId);
        expect(await orderCount(scope)).toBe(before + 3);
        expect((await inbox(kind)).length).toBeGreaterThan(events.length);
      } finally {
        await hooks.close();
      }
    });

  it("stops cleanly when the permission is taken back, keeps its books, and goes on when it is given again", async () => {
    const { channelId, run } = await connectTo(scope, server);
    await synced(scope, channelId, run);
    const orders = await orderCount(scope);
    await server.command("revoke");
    const stopped = await syncNow(scope, channelId);
    const error = await syncChannel(scope, { channelId, run: stopped, signal }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ChannelError);
    expect((error as ChannelError).failure).toBe("disconnected");
    await syncStopped(scope, { channelId, run: stopped }, { message: "It was taken back.", isDisconnected: true });
    expect(await channelOf(scope, channelId)).toMatchObject({ state: "reconnect" });
    expect(await orderCount(scope)).toBe(orders);
    await server.command("sell");
    const again = await connectTo(scope, server);
    expect(again).toMatchObject({ channelId, isNew: false });
    await synced(scope, channelId, again.run);
    expect(await orderCount(scope)).toBe(orders + 1);
    await settled(channelId);
  });
});

describe("a large shop at Shopify, whose history comes by a bulk operation", () => {
  let server: Awaited<ReturnType<typeof startShopify>>;
  let scope: Scope;
  beforeEach(async () => {
    server = await startShopify({ port: 0, orders: 320, rate: { maximum: 20_000, restore: 10_000 } });
    Object.assign(process.env, {
      SHOPIFY_API_URL: server.url,
      SHOPIFY_CLIENT_ID: server.app.clientId,
      SHOPIFY_CLIENT_SECRET: server.app.clientSecret,
    });
    scope = await aSeller();
  });
  afterEach(() => server.close());
  const connectHere = () =>
    connectTo(scope, {
      kind: "shopify",
      url: server.url,
      size: "usual",
      answers: { shop: "example.myshopify.com" },
      environment: {},
      command: () => Promise.resolve(null),
      close: server.close,
    });
  const read = () =>
    inBusiness(scope, async (tx) => {
      const [row] = await rowsOf<{ all: number; read: number }>(
        tx,
        sql`select count(*)::int as all, count(*) filter (where state = 'read')::int as read from app.raw_documents
            where business_id = ${scope.businessId} and feed = 'orders'`,
      );
      return row;
    });

  it("comes in whole though its worker is stopped again and again, and tells how far it is", async () => {
    const { channelId, run } = await connectHere();
    let stops = 0;
    for (let afterMs = 60; ; afterMs *= 1.4) {
      const stop = new AbortController();
      const timer = setTimeout(() => stop.abort(new Error("the worker was stopped")), afterMs);
      try {
        if ((await syncChannel(scope, { channelId, run: run ?? "", signal: stop.signal })) === "done") break;
      } catch (error) {
        if (!stop.signal.aborted && !(error instanceof ChannelError && error.failure === "throttled")) throw error;
        stops += 1;
      } finally {
        clearTimeout(timer);
      }
    }
    expect(stops).toBeGreaterThan(1);
    expect(server.control.bulkStats().operations).toBe(1);
    expect(await read()).toEqual({ all: 320, read: 320 });
    await agrees(scope, channelId, true);
    const orders = (await runOf(scope, run ?? "")).steps.find((step) => step.key === "orders");
    expect(orders).toMatchObject({ state: "done", done: 320, more: { of: 320, fresh: 320 } });
    expect(orders?.more?.pages ?? 0).toBeGreaterThan(1);
    // What a later sync finds by pages is what the file said: nothing of it is new.
    server.control.shop.touch(server.control.shop.orders[7] ?? expect.unreachable());
    const again = await runOf(scope, await synced(scope, channelId));
    expect(again.steps.find((step) => step.key === "orders")?.more?.fresh).toBe(1);
  });

  it("comes to the same where the operation is cancelled there, and rests while a person pauses or cancels here", async () => {
    server.control.bulkFaults({ cancel: 1 });
    const { channelId, run } = await connectHere();
    const first = run ?? "";
    // As far as the first pages; then a person cancels. What was fetched stays, and the next sync goes on there.
    const stop = new AbortController();
    const stepping = syncChannel(scope, { channelId, run: first, signal: stop.signal }).catch(
      (error: unknown) => error,
    );
    for (;;) {
      const { steps } = await runOf(scope, first);
      if ((steps.find((step) => step.key === "orders")?.done ?? 0) > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await cancelRun(scope, first);
    expect(await stepping).toBe("done");
    expect((await runOf(scope, first)).state).toBe("cancelled");
    const kept = (await read())?.all ?? 0;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(320);
    await pauseChannel(scope, channelId);
    await expect(syncNow(scope, channelId)).rejects.toMatchObject({ code: "stale" });
    await resumeChannel(scope, channelId);
    const open = (await channelOf(scope, channelId)).openRun;
    await synced(scope, channelId, open?.id ?? null);
    expect(await read()).toEqual({ all: 320, read: 320 });
    await agrees(scope, channelId, true);
  });
});
