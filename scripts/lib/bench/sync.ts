/**
 * The first sync of a large shop, from the local Shopify to the books: asking alone, pulling into the database, and reading, matching,
 * costing and posting; each stage beside the bare COPY of the rows that it wrote, with what the process held at most.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf } from "../../../db/scope";
import { channels } from "../../../integrations/index";
import { digestChannel } from "../../../lib/digest";
import type { Scope } from "../../../lib/people/access";
import { openChannel } from "../../../lib/sales/channels";
import { beginConnect, finishConnect, redirectUriOf } from "../../../lib/sales/connect";
import { credentialsNow } from "../../../lib/sales/credentials";
import { pullFeeds } from "../../../lib/sales/pull";
import { keepHeapSmall } from "../../../lib/system/heap";
import { beginRun } from "../../../lib/system/runs";
import { aSeller } from "../sellers";
import { asOwner, copyOf, now } from "./bare";
import { type Row, round } from "./figures";

const root = path.resolve(import.meta.dirname, "../../..");

async function shop(orders: number): Promise<Readonly<{ url: string; stop: () => Promise<void> }>> {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", path.join(root, "scripts/lib/bench/shopify-child.ts"), String(orders)],
    { cwd: root, stdio: ["ignore", "pipe", "inherit"] },
  );
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const { url, clientId, clientSecret } = JSON.parse(line) as { url: string; clientId: string; clientSecret: string };
  Object.assign(process.env, {
    SHOPIFY_API_URL: url,
    SHOPIFY_CLIENT_ID: clientId,
    SHOPIFY_CLIENT_SECRET: clientSecret,
  });
  return {
    url,
    stop: async () => {
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

/** Signs in as a person would, by the page's own form. */
async function connect(scope: Scope): Promise<Readonly<{ channelId: string; run: string }>> {
  const redirectUri = redirectUriOf("shopify");
  const wish = { answers: { shop: "example.myshopify.com" }, since: null, into: null, isTrial: false };
  const address = await beginConnect(scope, "shopify", redirectUri, wish);
  const fields = new URLSearchParams(new URL(address).searchParams);
  fields.set("decision", "allow");
  const answer = await fetch(address, { method: "POST", body: fields, redirect: "manual" });
  const back = new URL(answer.headers.get("location") ?? "about:blank").searchParams;
  const { channelId, run } = await finishConnect({
    state: back.get("state") ?? "",
    code: back.get("code") ?? "",
    userId: scope.userId ?? "",
    redirectUri,
    returned: Object.fromEntries(back),
  });
  return { channelId, run: run ?? "" };
}

/** Runs `work` and says how long it took and what the process held at most meanwhile, in MB. */
async function watched(work: () => Promise<unknown>): Promise<Readonly<{ seconds: number; peak: number }>> {
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, process.memoryUsage.rss() / 1_000_000);
  };
  const timer = setInterval(look, 100);
  const began = performance.now();
  try {
    await work();
  } finally {
    clearInterval(timer);
    look();
  }
  return { seconds: (performance.now() - began) / 1000, peak };
}

/** A row for each stage. */
export async function benchSync(orders: number): Promise<readonly Row[]> {
  keepHeapSmall();
  // A throwaway database has a throwaway key.
  process.env.LOTBOOK_SECRET_KEY ??= randomBytes(32).toString("base64");
  const server = await shop(orders);
  try {
    const scope = await aSeller("A large shop");
    const { channelId, run } = await connect(scope);
    const signal = new AbortController().signal;
    const { connector, feeds } = await openChannel(scope, channelId);
    const asked = await watched(() => askAlone(scope, channelId, signal));
    const rows: Row[] = [{ stage: "asking alone", orders, ...figures(orders, asked) }];
    await beginRun(scope, run);
    const stages = [
      [
        "pulled into the database",
        () =>
          pullFeeds(
            { scope, channelId, connector, run, since: null, signal, untilMs: Number.POSITIVE_INFINITY },
            feeds.filter((feed) => feed !== "file"),
            [],
          ),
      ],
      [
        "read, matched, costed, posted",
        async () => {
          while ((await digestChannel(scope, { channelId, run, signal })) === "again");
        },
      ],
    ] as const;
    for (const [stage, work] of stages) {
      const since = await asOwner(now);
      const done = await watched(work);
      const bare = await copyOf(scope.businessId, since);
      rows.push({
        stage,
        orders,
        ...figures(orders, done),
        rows: bare.rows,
        "COPY s": round(bare.seconds),
        "stage ÷ COPY": round(done.seconds / bare.seconds),
      });
    }
    const [booked] = await inBusiness(scope, (tx) =>
      rowsOf<{ n: number }>(tx, sql`select count(*)::int as n from app.orders where business_id = ${scope.businessId}`),
    );
    return rows.map((row) => ({ ...row, "orders booked": booked?.n ?? 0 }));
  } finally {
    await server.stop();
  }
}

const figures = (orders: number, { seconds, peak }: Readonly<{ seconds: number; peak: number }>) => ({
  seconds: round(seconds),
  "orders/s": Math.round(orders / seconds),
  "peak MB": Math.round(peak),
});

/** All pages of the orders, thrown away: what asking and answering takes by itself. */
async function askAlone(scope: Scope, channelId: string, signal: AbortSignal): Promise<void> {
  const connector = await channels.shopify.load();
  const credentials = (await credentialsNow(scope, channelId)) ?? "";
  const account = { channel: channelId, currency: scope.currency, timeZone: scope.timeZone };
  let cursor: string | null = null;
  do {
    const page = await connector.pull(
      { account, credentials, since: null, signal, renewed: () => Promise.resolve() },
      "orders",
      cursor,
    );
    cursor = page.next;
  } while (cursor !== null);
}
