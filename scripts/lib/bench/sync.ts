/**
 * The first sync of a large shop, from the local Shopify to the books: asking alone, pulling into the database, and reading, matching,
 * costing and posting of what is known and in stock; each stage in a process of its own, with what it held at most, where its time went, and the bare COPY of the rows
 * that it wrote.
 */
import { fork, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf } from "../../../db/scope";
import type { RawDocument } from "../../../integrations/connector";
import { channels } from "../../../integrations/index";
import { addDays } from "../../../lib/core/dates";
import type { Scope } from "../../../lib/people/access";
import { beginConnect, finishConnect, redirectUriOf } from "../../../lib/sales/connect";
import { aSeller } from "../sellers";
import { asOwner, copyOf, now } from "./bare";
import { type Row, round } from "./figures";
import { anItem, aPurchase, recordAll } from "./histories";

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

/** What a stage works on. */
export type Work = Readonly<{ scope: Scope; channelId: string; run: string }>;
/** What a stage's process says of itself. `hundreds` are the seconds after which each hundredth order was through. */
export type Staged = Readonly<{
  seconds: number;
  peakMb: number;
  peakAtTenThousandMb: number;
  processorSeconds: number;
  spent: Readonly<Record<string, number>>;
  hundreds: readonly number[];
}>;

const stages = {
  ask: "asking alone",
  pull: "pulled into the database",
  digest: "read, matched, costed, posted",
} as const;

async function staged(stage: keyof typeof stages, work: Work): Promise<Staged> {
  const child = fork(path.join(import.meta.dirname, "sync-child.ts"), [stage, JSON.stringify(work)]);
  const [message] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => {
      throw new Error(`the process that does “${stages[stage]}” ended with ${code}`);
    }),
  ])) as [Staged];
  await once(child, "exit");
  return message;
}

/** Milliseconds that the server's processes were at work for this database so far. */
const atWork = () =>
  asOwner(async (sql) => {
    // Each process says so when it has been idle for a moment, and at its end.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const [row] = await sql<
      { ms: number }[]
    >`select active_time as ms from pg_stat_database where datname = current_database()`;
    return row?.ms ?? 0;
  });

const lotsOfEach = 20;

/** What the shop lists, known as products and bought in lots before it opened, more of each than it sold. */
async function stocked(scope: Scope, channelId: string, orders: number): Promise<void> {
  const documents = await inBusiness(scope, (tx) =>
    rowsOf<RawDocument>(
      tx,
      sql`select feed, external_id as "externalId", version, body from app.raw_documents
          where business_id = ${scope.businessId} and channel_id = ${channelId} and feed = 'products'`,
    ),
  );
  const connector = await channels.shopify.load();
  const listed = documents.flatMap((document) => connector.listed?.(document) ?? []);
  const today = new Date().toISOString().slice(0, 10);
  // Five lines of three pieces at the most, and no order has only the largest.
  const qty = BigInt(Math.ceil((orders * 8) / (listed.length * lotsOfEach)) + 1);
  await recordAll(scope, [
    ...listed.map(({ listing, sku, name }) => ({ ...anItem(listing), name, sku })),
    ...listed.flatMap(({ listing }) =>
      Array.from({ length: lotsOfEach }, (_, n) =>
        aPurchase(`lot-${listing}-${n}`, listing, addDays(today, -200 + n * 5), qty),
      ),
    ),
  ]);
}

/** A row for each stage. */
export async function benchSync(orders: number): Promise<readonly Row[]> {
  // A throwaway database has a throwaway key.
  process.env.LOTBOOK_SECRET_KEY ??= randomBytes(32).toString("base64");
  const server = await shop(orders);
  try {
    const scope = await aSeller("A large shop");
    const work = { scope, ...(await connect(scope)) };
    const rows: Row[] = [];
    for (const stage of ["ask", "pull", "digest"] as const) {
      const since = await asOwner(now);
      const before = await atWork();
      const done = await staged(stage, work);
      const server = ((await atWork()) - before) / 1000;
      rows.push({
        stage: stages[stage],
        orders,
        ...figures(orders, done),
        "database s": round(server),
        ...wentTo(done),
      });
      if (stage === "ask") continue;
      const bare = await copyOf(scope.businessId, since);
      rows.push({
        stage: `bare COPY of what was ${stage === "pull" ? "pulled" : "posted"}`,
        orders,
        seconds: round(bare.seconds),
        "orders/s": Math.round(orders / bare.seconds),
        rows: bare.rows,
        "stage ÷ COPY": round(done.seconds / bare.seconds),
      });
      if (stage === "pull") await stocked(scope, work.channelId, orders);
    }
    const [booked] = await inBusiness(scope, (tx) =>
      rowsOf<{ n: number }>(tx, sql`select count(*)::int as n from app.orders where business_id = ${scope.businessId}`),
    );
    return [...rows, { stage: "in the books", orders: booked?.n ?? 0 }];
  } finally {
    await server.stop();
  }
}

function figures(orders: number, done: Staged): Row {
  const { hundreds, seconds } = done;
  const fifth = Math.floor(hundreds.length / 5);
  /** Orders a second between two hundreds. */
  const pace = (from: number, to: number) => {
    const took = (hundreds[to] ?? 0) - (hundreds[from] ?? 0);
    return took <= 0 ? 0 : Math.round(((to - from) * 100) / took);
  };
  return {
    seconds: round(seconds),
    "orders/s": Math.round(orders / seconds),
    // Of the orders alone. What grows with the history shows between these two.
    ...(fifth < 1
      ? {}
      : { "first fifth/s": pace(0, fifth), "last fifth/s": pace(hundreds.length - 1 - fifth, hundreds.length - 1) }),
    "peak MB": done.peakMb,
    ...(orders > 10_000 ? { "peak MB at 10,000": done.peakAtTenThousandMb } : {}),
    "process s": round(done.processorSeconds),
  };
}

/** Seconds by what they went to, the longest first; the rest is the stage's own. */
function wentTo({ spent, seconds }: Staged): Row {
  const known = Object.entries(spent).sort(([, a], [, b]) => b - a);
  const rest = known.reduce((left, [, took]) => left - took, seconds);
  return Object.fromEntries([...known, ["the rest", rest] as const].map(([what, took]) => [`${what} s`, round(took)]));
}
