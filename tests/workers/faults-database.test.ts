/** PostgreSQL restarts under load, and connections are cut in the middle of a transaction and at its very end: on a server of this file's own. */
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { answer } from "../../app/answer";
import { freePort, isAlive } from "../../db/embedded";
import { migrate } from "../../db/migrate";
import { closeDatabase } from "../../db/scope";
import type { Fact } from "../../lib/core/facts";
import type { Scope } from "../../lib/people/access";
import { record } from "../../lib/record";
import { readiness } from "../../lib/system/ready";
import { type Cluster, startPostgres } from "../../scripts/lib/postgres.mjs";
import { startCutProxy } from "../support/cut-proxy";
import { testRedis } from "../support/database";
import { aShop, booksNow, give, item, order, proved, purchase } from "../support/trading";
import { askForProof, proofsOf } from "./faults-suite";
import { nothingLeft } from "./outbox";
import { killAll, startWorker } from "./process";

const folder = mkdtempSync(join(tmpdir(), "lotbook-faults-"));
chmodSync(folder, 0o711);
const password = randomBytes(18).toString("base64url");
let port: number;
let cluster: Cluster;
/** Past row-level security and past the proxy. */
let owner: postgres.Sql;

const start = () =>
  startPostgres({
    root: process.cwd(),
    directory: join(folder, "data"),
    password,
    logFile: join(folder, "postgres.log"),
    // What is committed is in the log when it is said to be, or an immediate stop would rightly lose it.
    settings: { port: String(port), fsync: "off", synchronous_commit: "on", max_connections: "100" },
  });

beforeAll(async () => {
  port = await freePort();
  cluster = await start();
  process.env.LOTBOOK_APP_PASSWORD = randomBytes(18).toString("base64url");
  process.env.DATABASE_URL = cluster.url("postgres");
  await migrate(process.env.DATABASE_URL, process.env.LOTBOOK_APP_PASSWORD);
  owner = postgres(process.env.DATABASE_URL, { max: 2, onnotice: () => undefined });
});
afterEach(killAll);
afterAll(async () => {
  await closeDatabase();
  await owner.end();
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Ends the server as `pg_ctl stop -m fast` or `-m immediate` does, and starts it again after a moment. */
async function restart(how: "fast" | "immediate", awayMs: number): Promise<void> {
  process.kill(cluster.pid, how === "fast" ? "SIGINT" : "SIGQUIT");
  while (isAlive(cluster.pid)) await sleep(20);
  await sleep(awayMs);
  cluster = await start();
}

type Answer = Readonly<{ status: number; retryAfter: string | null; code: string }>;

/** What a request for this would be answered. */
async function requested(work: () => Promise<unknown>): Promise<Answer> {
  try {
    await work();
    return { status: 200, retryAfter: null, code: "" };
  } catch (error) {
    const response = answer(error);
    const { code } = (await response.json()) as { code: string };
    return { status: response.status, retryAfter: response.headers.get("retry-after"), code };
  }
}

const stock: readonly Fact[] = [item("mug", "Mug", "MUG"), purchase("p", "2025-01-02", [["mug", 500n, 123_457n]])];
const sale = (name: string): Fact => order(name, "2025-02-03", [["Mug", 1n, 1_999n, "MUG"]]);
const sell = (scope: Scope, name: string) =>
  record(scope, [{ fact: sale(name), version: null }], { source: null, userId: null });

/** Entries of the journal that an order has, and its lines, as the owner sees them. */
async function countsOf(scope: Scope): Promise<Readonly<{ orders: number; facts: number; doubled: number }>> {
  const b = scope.businessId;
  const [row] = await owner<{ orders: number; facts: number; doubled: number }[]>`
    select (select count(*)::int from app.orders where business_id = ${b}) as orders,
      (select count(*)::int from app.facts where business_id = ${b} and kind = 'order') as facts,
      (select count(*)::int from (select 1 from app.order_lines where business_id = ${b} group by order_id having count(*) > 1) d) as doubled`;
  if (row === undefined) throw new Error("nothing was counted");
  return row;
}

it.each([
  ["fast", "PostgreSQL"],
  ["immediate", "PostgreSQL"],
  ["fast", "Redis"],
  ["immediate", "Redis"],
] as const)(
  "F10: PostgreSQL is restarted (%s) under load, jobs in %s: requests get 503 and when to come again, the same again succeeds, and it is there once",
  async (how, queue) => {
    const shops = [await aShop("Alder Street"), await aShop("Birch Lane")];
    for (const scope of shops) await give(scope, stock);
    const worker = startWorker(queue === "Redis" ? { REDIS_URL: testRedis() } : {});
    await worker.ready;
    const each = 8;
    const answers: Answer[] = [];
    let done = 0;
    /** One browser: sends a sale until it is told that it is there, then the next. */
    const browser = async (scope: Scope, name: string) => {
      for (let n = 0; n < each; n += 1) {
        for (let tries = 0; ; tries += 1) {
          const got = await requested(() => sell(scope, `${name}-${n}`));
          answers.push(got);
          if (got.status === 200) break;
          if (tries > 200) throw new Error(`it does not come back: ${JSON.stringify(got)}`);
          await sleep(50);
        }
        done += 1;
        if (n % 4 === 0) await requested(() => askForProof(scope));
      }
    };
    const all = Promise.all(shops.flatMap((scope) => ["a", "b", "c", "d"].map((name) => browser(scope, name))));
    while (done < 8) await sleep(5);
    const restarting = restart(how, 500);
    let sawDown = false;
    while (!sawDown && done < 8 * each) sawDown = (await readiness()).status === "down";
    await restarting;
    await all;
    expect(sawDown).toBe(true);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 503]));
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(refused.map(({ code, retryAfter }) => `${code} ${retryAfter}`))).toEqual(
      new Set(["database_away 5"]),
    );
    for (const scope of shops) {
      await askForProof(scope);
      await nothingLeft(scope);
      expect((await proofsOf(scope)).length).toBeGreaterThan(0);
      expect(await countsOf(scope)).toEqual({ orders: 4 * each, facts: 4 * each, doubled: 0 });
    }
    expect(await worker.stop()).toEqual({ code: 0, signal: null });
    const calm = await aShop("Cedar Lane");
    await give(calm, [
      ...stock,
      ...["a", "b", "c", "d"].flatMap((name) => Array.from({ length: each }, (_, n) => sale(`${name}-${n}`))),
    ]);
    for (const scope of shops) expect(await booksNow(scope)).toEqual(await booksNow(calm));
    await proved(calm, ...shops);
  },
  90_000,
);

it("F11: the connection is cut at place after place of a recording, and where its commit is answered: the same again gives one entry", async () => {
  const direct = process.env.DATABASE_URL ?? "";
  const proxy = await startCutProxy(port);
  await closeDatabase();
  const through = new URL(direct);
  through.port = String(proxy.port);
  process.env.DATABASE_URL = through.href;
  try {
    const scope = await aShop("Dogwood Court");
    await give(scope, stock);
    await sell(scope, "before");
    let places = 0;
    /** Sells one with the connection cut there, and once more; gives whether it was cut at all. */
    const cutAt = async (place: number | "commit", name: string): Promise<boolean> => {
      proxy.cutAt(place);
      const first = await requested(() => sell(scope, name));
      const { isCut, wasCommit } = proxy.cut();
      proxy.cutAt(null);
      if (!isCut) return false;
      places += 1;
      if (place === 1) {
        // Cut before the transaction began: it has done nothing yet, and is tried again by itself.
        expect(first.status).toBe(200);
        return true;
      }
      expect(first).toEqual({ status: 503, retryAfter: "5", code: "database_away" });
      const [there] = await owner<{ n: number }[]>`
        select count(*)::int as n from app.orders where business_id = ${scope.businessId} and id = ${name}`;
      expect(there?.n).toBe(wasCommit ? 1 : 0);
      if (place === "commit") expect(wasCommit).toBe(true);
      // Whoever asked does not know; the same key again does no harm.
      const again = await record(scope, [{ fact: sale(name), version: null }], { source: null, userId: null });
      expect([again.added, again.already]).toEqual(wasCommit ? [0, 1] : [1, 0]);
      return true;
    };
    for (let nth = 1; await cutAt(nth, `cut-${nth}`); nth += 3);
    expect(places).toBeGreaterThan(8);
    expect(await cutAt("commit", "cut-commit")).toBe(true);
    expect(await countsOf(scope)).toEqual({ orders: places + 2, facts: places + 2, doubled: 0 });
    await proved(scope);
  } finally {
    await closeDatabase();
    process.env.DATABASE_URL = direct;
    await proxy.close();
  }
}, 60_000);

it("F11: a backend that is terminated while its transaction waits leaves nothing; the same again gives one entry", async () => {
  const scope = await aShop("Elm Row");
  await give(scope, stock);
  const answered = await owner.begin(async (tx) => {
    await tx`select 1 from app.businesses where business_id = ${scope.businessId} for update`;
    let isOver = false;
    const first = requested(() => sell(scope, "cut")).finally(() => {
      isOver = true;
    });
    for (let ended = 0; ended === 0 && !isOver; await sleep(10)) {
      // Not by the transaction that holds the lock: it would see the same list of backends again and again.
      const rows = await owner`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'lotbook' and wait_event_type = 'Lock' and query like '%businesses%for update%'`;
      ended = rows.length;
    }
    return first;
  });
  expect(answered).toEqual({ status: 503, retryAfter: "5", code: "database_away" });
  expect(await countsOf(scope)).toMatchObject({ orders: 0, facts: 0 });
  expect(await requested(() => sell(scope, "cut"))).toMatchObject({ status: 200 });
  expect(await countsOf(scope)).toMatchObject({ orders: 1, facts: 1 });
  await proved(scope);
}, 60_000);
