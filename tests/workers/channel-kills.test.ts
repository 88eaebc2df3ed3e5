/**
 * A worker that is killed while it syncs one of the eight channels, calls of the channel that come twice, turned round or never, and calls
 * to it that fail: the books are those of a sync that nobody disturbed. In the suite each place is one channel's or two, and each channel
 * has one of the two queues; `KILLS=all` kills at every place of every channel on both.
 */
import { sql } from "drizzle-orm";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { asSystem, closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import type { Fact } from "../../lib/core/facts";
import type { Scope } from "../../lib/people/access";
import { record } from "../../lib/record";
import { syncNow } from "../../lib/sales/channels";
import { pauseChannel } from "../../lib/sales/connected";
import { runOf } from "../../lib/system/runs";
import { aSeller } from "../../scripts/lib/sellers";
import { booksOf } from "../support/books";
import { testRedis } from "../support/database";
import { connectTo, type Live, live, receiver, syncToEnd } from "../support/live";
import { proved } from "../support/trading";
import { nothingLeft } from "./outbox";
import { killAll, killedAt, startWorker } from "./process";
import { everyPlace } from "./queue-suite";

afterAll(closeDatabase);

const isAll = process.env.KILLS === "all";
const queues = [
  { queue: "PostgreSQL", env: () => ({}) },
  { queue: "Redis", env: () => ({ REDIS_URL: testRedis() }) },
] as const;
const kinds = [
  { kind: "shopify", calls: true },
  { kind: "ebay", calls: true },
  { kind: "etsy", calls: true },
  { kind: "amazon", calls: false },
  { kind: "woocommerce", calls: true },
  { kind: "square", calls: true },
  { kind: "stripe", calls: true },
  { kind: "paypal", calls: true },
] as const;
const places: readonly string[] = everyPlace.flat();

const runs = kinds.flatMap((one, i) =>
  queues
    .filter((_, q) => isAll || q === i % 2)
    .map((on) => ({ ...one, ...on, groups: isAll ? everyPlace : [[2 * i, 2 * i + 1].map((n) => placeAt(n))] })),
);

const faults = { throttle: 1, retryAfterSeconds: 1, fail: 1, cut: 1, slow: 1, slowMs: 300, repeat: 2 };

function placeAt(n: number): string {
  return places[n % places.length] ?? expect.unreachable();
}

/** Syncs in this very process, without queue and worker. */
async function syncHere(scope: Scope, channelId: string, run: string): Promise<void> {
  await asSystem("this one needs no worker", (tx) =>
    tx.execute(sql`delete from app.outbox where business_id = ${scope.businessId}`),
  );
  await syncToEnd(scope, channelId, run);
}

/** What the shop sells, as a seller finds who connects it. */
async function soldAt(server: Live): Promise<readonly string[]> {
  const scope = await aSeller();
  const { channelId, run } = await connectTo(scope, server);
  await syncHere(scope, channelId, run ?? "");
  const rows = await inBusiness(scope, (tx) =>
    rowsOf<{ sku: string }>(
      tx,
      sql`select distinct sku from app.order_lines where business_id = ${scope.businessId} and sku <> '' order by sku limit 12`,
    ),
  );
  await pauseChannel(scope, channelId);
  return rows.map(({ sku }) => sku);
}

/** A seller who has bought some of each, so that sales have costs and some run short. */
async function withStock(skus: readonly string[]): Promise<Scope> {
  const scope = await aSeller();
  const lines = skus.map((_, i) => ({
    id: `bought/${i}`,
    item: `item/${i}`,
    qty: BigInt(3 + i),
    amount: BigInt(1_000 * (i + 7) + 1),
    location: null,
  }));
  const facts: Fact[] = skus.map((sku, i) => ({
    kind: "item",
    id: `item/${i}`,
    name: `Thing ${i}`,
    sku,
    decimals: 0,
    aliases: [],
  }));
  const amount = lines.reduce((sum, line) => sum + line.amount, 0n);
  if (lines.length > 0)
    facts.push({
      kind: "purchase",
      id: "bought",
      date: "2023-01-02",
      amount,
      lines,
      extras: [],
      account: "1000",
      supplier: null,
    });
  await record(
    scope,
    facts.map((fact) => ({ fact, version: null })),
    { source: null, userId: null },
  );
  return scope;
}

/** Ends a worker at each of these places of one sync, then lets one finish. */
async function disturbed(
  scope: Scope,
  run: string,
  failpoints: readonly string[],
  env: Readonly<Record<string, string>>,
) {
  for (const failpoint of failpoints) await killedAt(failpoint, env);
  const last = startWorker(env);
  await last.ready;
  await nothingLeft(scope);
  expect(await last.stop()).toEqual({ code: 0, signal: null });
  const done = await runOf(scope, run);
  expect([done.state, done.done, done.skipped]).toEqual(["done", done.total, 0]);
}

describe.each(runs)("$kind, with its jobs in $queue", ({ kind, calls, env, groups }) => {
  let server: Live | undefined;
  afterEach(async () => {
    killAll();
    await server?.close();
  });

  it("has the books of an undisturbed sync when its worker is killed, and its calls come twice, reversed or never", async () => {
    const shop = await live(kind, "paged");
    server = shop;
    const skus = await soldAt(shop);
    const calm = await withStock(skus);
    const first = await connectTo(calm, shop);
    await syncHere(calm, first.channelId, first.run ?? "");
    const wanted = await booksOf(calm.businessId);
    expect((wanted.counts as Record<string, number>).orders).toBeGreaterThan(20);

    let seller: Scope | null = null;
    for (const group of groups) {
      // A worker does what is due for anybody: who was looked at takes no part any more.
      if (seller !== null) await pauseChannel(seller, first.channelId);
      seller = await withStock(skus);
      const { run } = await connectTo(seller, shop);
      await disturbed(seller, run ?? "", group, env());
      expect(await booksOf(seller.businessId)).toEqual(wanted);
    }
    if (seller === null) expect.unreachable();

    // What comes later: more sales, of which the channel tells twice, the wrong way round, or not at all.
    const hooks = await receiver();
    try {
      const deliver = (how: string) =>
        calls ? shop.command("deliver", { to: `${hooks.url}/${kind}`, how }) : Promise.resolve();
      await shop.command("sell");
      await shop.command("refund");
      await deliver("twice");
      await shop.command("sell");
      await deliver("lost");
      await shop.command("payout");
      await shop.command("sell");
      await deliver("reversed");
    } finally {
      await hooks.close();
    }
    await syncHere(calm, first.channelId, await syncNow(calm, first.channelId));
    await pauseChannel(calm, first.channelId);
    const then = await booksOf(calm.businessId);
    expect(then.counts).not.toEqual(wanted.counts);
    // And the channel has a bad day: it asks to wait, fails, is slow, breaks off, says things twice.
    await shop.command("faults", faults);
    await disturbed(seller, await syncNow(seller, first.channelId), ["pull.stored", "digest.recorded"], env());
    expect(await booksOf(seller.businessId)).toEqual(then);
    await proved(calm, seller);
  }, 600_000);
});
