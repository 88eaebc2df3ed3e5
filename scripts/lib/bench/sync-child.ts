/**
 * One stage of a first sync in a process of its own, whose memory and time are then that of the stage alone: `sync-child.ts STAGE JSON`,
 * says what it took by IPC. The connector is the product's, with a watch around it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { closeDatabase } from "../../../db/scope";
import type { Connector, Page } from "../../../integrations/connector";
import { channels } from "../../../integrations/index";
import { ChannelError } from "../../../lib/core/errors";
import { digestChannel } from "../../../lib/digest";
import { openChannel } from "../../../lib/sales/channels";
import { credentialsNow } from "../../../lib/sales/credentials";
import { pullFeeds } from "../../../lib/sales/pull";
import { keepHeapSmall } from "../../../lib/system/heap";
import { beginRun, runOf } from "../../../lib/system/runs";
import type { Staged, Work } from "./sync";

// As a worker does, whose work this is.
keepHeapSmall();
const [stage = "", text = "{}"] = process.argv.slice(2);
const { scope, channelId, run } = JSON.parse(text) as Work;
const signal = new AbortController().signal;

const began = performance.now();
const since = () => (performance.now() - began) / 1000;
const tenThousand = 10_000;
let [peak, peakAtTenThousand, orders] = [0, 0, 0];
/** When each order was through, counted by hundreds: how fast it was at first and at the end. */
const hundreds: number[] = [];
/** Seconds by what they went to. */
const spent = new Map<string, number>();

function look(): void {
  peak = Math.max(peak, process.memoryUsage.rss() / 1_000_000);
  if (orders <= tenThousand) peakAtTenThousand = peak;
}
function through(count: number): void {
  orders += count;
  while (hundreds.length < Math.floor(orders / 100)) hundreds.push(since());
}
async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const from = performance.now();
  try {
    return await work();
  } finally {
    spent.set(what, (spent.get(what) ?? 0) + (performance.now() - from) / 1000);
  }
}

const real = await channels.shopify.load();
const watched: Connector = {
  ...real,
  pull: async (session, feed, cursor) => {
    const isHistory = cursor?.includes('"bulk"') === true;
    const isFile = cursor?.includes('"step":"read"') === true;
    const what =
      feed !== "orders" ? `asking for ${feed}` : isFile ? "reading the file" : isHistory ? "the operation" : "pages";
    const page = await timed(what, () => real.pull(session, feed, cursor));
    if (feed === "orders") through(page.documents.length);
    return page;
  },
  read: (document, account) => {
    const from = performance.now();
    const facts = real.read(document, account);
    spent.set("reading documents", (spent.get("reading documents") ?? 0) + (performance.now() - from) / 1000);
    if (document.feed === "orders") through(1);
    return facts;
  },
};
Object.assign(channels.shopify, { load: () => Promise.resolve(watched) });

/** What the queue does with work that is told to wait. */
async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ChannelError) || error.failure !== "throttled") throw error;
      await timed("waiting for Shopify", () => sleep(Math.min(error.retryAfterMs ?? 1_000, 1_000)));
    }
  }
}

/** All pages of the orders, thrown away: what asking and answering takes by itself. */
async function askAlone(): Promise<void> {
  const credentials = (await credentialsNow(scope, channelId)) ?? "";
  const account = { channel: channelId, currency: scope.currency, timeZone: scope.timeZone };
  const session = { account, credentials, since: null, signal, renewed: () => Promise.resolve() };
  for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
    const page: Page = await untilDone(() => watched.pull(session, "orders", cursor));
    cursor = page.next;
  }
}

async function pullAll(): Promise<void> {
  const { connector, feeds } = await openChannel(scope, channelId);
  await beginRun(scope, run);
  const pulling = {
    scope,
    channelId,
    connector,
    run,
    since: null,
    signal,
    untilMs: Number.POSITIVE_INFINITY,
    readsAhead: false,
  };
  const wanted = feeds.filter((feed) => feed !== "file");
  await untilDone(async () => pullFeeds(pulling, wanted, (await runOf(scope, run)).steps));
}

async function digestAll(): Promise<void> {
  while ((await digestChannel(scope, { channelId, run, signal })) === "again");
}

const timer = setInterval(look, 100);
const work = { ask: askAlone, pull: pullAll, digest: digestAll }[stage];
if (work === undefined) throw new Error(`there is no stage ${stage}`);
await work();
clearInterval(timer);
look();
const { user, system } = process.cpuUsage();
const said: Staged = {
  seconds: since(),
  peakMb: Math.round(peak),
  peakAtTenThousandMb: Math.round(peakAtTenThousand),
  processorSeconds: (user + system) / 1_000_000,
  spent: Object.fromEntries(spent),
  hundreds,
};
process.send?.(said);
await closeDatabase();
process.disconnect?.();
