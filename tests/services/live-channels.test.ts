/**
 * Every channel with an API, from signing in at its local server to books that agree with it to the cent: the first sync, calls from
 * outside that come twice, reversed or never, a permission that is taken back and given again.
 */
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { asSystem, closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import type { Answers } from "../../integrations/connector";
import { ChannelError } from "../../lib/core/errors";
import { syncChannel } from "../../lib/digest";
import type { Scope } from "../../lib/people/access";
import { channelBalances } from "../../lib/sales/channel-reads";
import { channelOf, parkedDocuments, syncNow } from "../../lib/sales/channels";
import { payoutTotals } from "../../lib/sales/payout-reads";
import { syncStopped } from "../../lib/sales/sync-states";
import { runOf } from "../../lib/system/runs";
import { aSeller } from "../../scripts/lib/sellers";
import { connectTo, type Live, live, receiver } from "../support/live";
import { proved } from "../support/trading";

afterAll(closeDatabase);

type Place = Readonly<{ kind: string; answers: Answers; calls: boolean }>;
const places: readonly Place[] = [
  { kind: "shopify", answers: { shop: "example.myshopify.com" }, calls: true },
  { kind: "ebay", answers: {}, calls: true },
];

const signal = new AbortController().signal;
/** Runs the sync as its job would, to its end. */
async function synced(scope: Scope, channelId: string, known?: string | null): Promise<string> {
  const run = known ?? (await syncNow(scope, channelId));
  while ((await syncChannel(scope, { channelId, run, signal })) === "again");
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
async function agrees(scope: Scope, channelId: string): Promise<void> {
  const [balance] = await channelBalances(scope);
  expect(await parkedDocuments(scope, channelId)).toEqual([]);
  expect(balance?.says, "the channel lists what it holds").not.toBeNull();
  expect(balance?.books).toBe(balance?.says);
  const totals = await payoutTotals(scope, { from: "2000-01-01", to: "2100-01-01", channel: channelId, proof: "open" });
  expect(totals.count, "payouts that do not add up").toBe(0);
  await proved(scope);
}

describe.each(places)("$kind", ({ kind, answers, calls }) => {
  let server: Live;
  let scope: Scope;
  beforeEach(async () => {
    server = await live(kind);
    scope = await aSeller();
    await asSystem("a test begins with no calls", (tx) => tx.execute(sql`delete from app.hook_inbox`));
  });
  afterEach(() => server.close());

  it("comes in whole, agrees to the cent, and a second sync adds nothing", async () => {
    const { channelId, run } = await connectTo(scope, kind, answers);
    expect(channelId).toBe(kind);
    await synced(scope, channelId, run);
    const orders = await orderCount(scope);
    expect(orders).toBeGreaterThan(20);
    await agrees(scope, channelId);
    const again = await synced(scope, channelId);
    const { steps } = await runOf(scope, again);
    expect(steps.reduce((sum, step) => sum + (step.more?.fresh ?? 0), 0)).toBe(0);
    expect(await orderCount(scope)).toBe(orders);
  });

  it.runIf(calls)("is pulled at once when it calls; calls twice, reversed or lost leave the same books", async () => {
    const hooks = await receiver();
    try {
      const { channelId, run } = await connectTo(scope, kind, answers);
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
      await synced(scope, channelId);
      expect(await orderCount(scope)).toBe(before + 1);
      await agrees(scope, channelId);
      // The next one is never told: polling finds it. The one after comes the wrong way round.
      await server.command("sell");
      await server.command("deliver", { to, how: "lost" });
      await server.command("payout");
      await server.command("sell");
      await server.command("deliver", { to, how: "reversed" });
      await synced(scope, channelId);
      expect(await orderCount(scope)).toBe(before + 3);
      await agrees(scope, channelId);
      expect((await inbox(kind)).length).toBeGreaterThan(events.length);
    } finally {
      await hooks.close();
    }
  });

  it("stops cleanly when the permission is taken back, keeps its books, and goes on when it is given again", async () => {
    const { channelId, run } = await connectTo(scope, kind, answers);
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
    const again = await connectTo(scope, kind, answers);
    expect(again).toMatchObject({ channelId, isNew: false });
    await synced(scope, channelId, again.run);
    expect(await orderCount(scope)).toBe(orders + 1);
    await agrees(scope, channelId);
  });
});
