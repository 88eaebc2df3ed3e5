/** A huge business beside 1,000 small ones: what a small one waits for alone, and while eight workers have all the huge one's work to do. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { asSystem, type InBusiness, inBusiness, rowsOf } from "../../../db/scope";
import { lockBooks } from "../../../lib/books/ledger";
import type { Fact } from "../../../lib/core/facts";
import { record, recordIn } from "../../../lib/record";
import { replay } from "../../../lib/replay/run";
import { newId } from "../../../lib/system/ids";
import { request } from "../../../lib/system/outbox";
import { median, quantile, type Row, round } from "./figures";
import { aBusiness, anItem, aPurchase, aSale, origin } from "./histories";

const workers = 8;
const smallOnes = 1_000;
/** The small ones' latency beside the huge one, divided by what it is alone, may not be more (performance.md). */
const gate = 1.5;
/** Alone and beside take turns, so that a machine that grows slower or quicker meanwhile shows in both. */
const turns = 3;
const phaseMs = 8_000;
const root = path.resolve(import.meta.dirname, "../../..");

/** Milliseconds of each sale that was recorded, and of each job from the asking to its end. */
type Waits = Readonly<{ sales: number[]; jobs: number[] }>;

/**
 * `history` is the huge one's. Gives a row for a sale and one for a job of a small business, with the ratio and whether it
 * holds the gate.
 */
export async function benchFair(history: { line: number; value: unknown }[], lines: number): Promise<Row[]> {
  const huge: InBusiness = {
    businessId: (await replay(history, { chunk: null, keeps: true, name: "huge" })).businessId,
  };
  const small = await manySmall();
  const running = await startWorkers();
  try {
    await phase(small, 3_000, "warm", { sales: [], jobs: [] });
    const alone: Waits = { sales: [], jobs: [] };
    const beside: Waits = { sales: [], jobs: [] };
    let jobs = 0;
    for (let turn = 0; turn < turns; turn += 1) {
      await phase(small, phaseMs, `alone-${turn}`, alone);
      const over = new AbortController();
      const hogging = hog(huge, over.signal, turn);
      await phase(small, phaseMs, `beside-${turn}`, beside);
      over.abort();
      jobs += await hogging;
      await rest(huge);
    }
    return (["sales", "jobs"] as const).map((of): Row => {
      const [one, other] = [figures(alone[of]), figures(beside[of])];
      return {
        "of a small one": of === "sales" ? "a sale recorded" : "a job done",
        "huge one's lines": lines,
        "small ones": small.length,
        "ms alone (p50)": one.p50,
        "ms beside (p50)": other.p50,
        "ms alone (p95)": one.p95,
        "ms beside (p95)": other.p95,
        "beside ÷ alone (p50)": ratio(other.p50, one.p50),
        "beside ÷ alone (p95)": ratio(other.p95, one.p95),
        "gate (p50)": gate,
        holds: ratio(other.p50, one.p50) <= gate ? "yes" : "NO",
        "huge one's jobs meanwhile": jobs,
      };
    });
  } finally {
    await Promise.all(running.map(stop));
  }
}

const ratio = (a: number, b: number) => round(a / b);

const figures = (values: readonly number[]) => ({
  p50: round(median(values), 1),
  p95: round(quantile(values, 0.95), 1),
});

const sale = (id: string) => aSale(id, "mug", "2025-06-01");
const versioned = (facts: readonly Fact[]) => facts.map((fact) => ({ fact, version: null }));

async function manySmall(): Promise<readonly InBusiness[]> {
  const made: InBusiness[] = [];
  while (made.length < smallOnes) {
    const some = await Promise.all(
      [1, 2, 3, 4].map(async () => {
        const scope = await aBusiness();
        const stock = aPurchase("stock", "mug", "2025-01-02", 100n);
        await record(scope, versioned([anItem("mug"), stock, sale("first")]), origin);
        return scope;
      }),
    );
    made.push(...some);
  }
  return made;
}

/** One person after the other records a sale, while now and then one asks for a job and waits for its end. */
async function phase(small: readonly InBusiness[], ms: number, name: string, { sales, jobs }: Waits): Promise<void> {
  const end = performance.now() + ms;
  const selling = async () => {
    for (let n = 0; performance.now() < end; n += 1) {
      const scope = small[(n * 7) % small.length];
      if (scope === undefined) return;
      const began = performance.now();
      await record(scope, versioned([sale(`${name}-${n}`)]), origin);
      sales.push(performance.now() - began);
      await sleep(10);
    }
  };
  const asking = async () => {
    for (let n = 0; performance.now() < end; n += 1) {
      const scope = small[(n * 11 + 3) % small.length];
      if (scope === undefined) return;
      const began = performance.now();
      await inBusiness(scope, (tx) => request(tx, "recost", { business: scope.businessId }));
      while ((await waiting(scope)) > 0) await sleep(10);
      jobs.push(performance.now() - began);
    }
  };
  await Promise.all([selling(), asking()]);
}

/** Until the huge one's jobs that are under way have ended: those that wait are taken away. */
async function rest(huge: InBusiness): Promise<void> {
  for (;;) {
    const left = await asSystem("a benchmark waits for the jobs that are under way", async (tx) => {
      await rowsOf(tx, sql`delete from app.outbox where business_id = ${huge.businessId} and relayed_at is null`);
      return rowsOf(tx, sql`select id from app.outbox where business_id = ${huge.businessId} and state = 'waiting'`);
    });
    if (left.length === 0) return;
    await sleep(100);
  }
}

async function waiting(scope: InBusiness): Promise<number> {
  const rows = await asSystem("a benchmark waits for a job", (tx) =>
    rowsOf<{ id: string }>(
      tx,
      sql`select id from app.outbox where business_id = ${scope.businessId} and job = 'recost'`,
    ),
  );
  return rows.length;
}

/** Has the huge one ask for all that it can, again and again: late purchases costed by a job, proofs, and hundreds of jobs that wait. Gives how many jobs of its were done. */
async function hog(scope: InBusiness, signal: AbortSignal, time: number): Promise<number> {
  let done = 0;
  for (let turn = 0; !signal.aborted; turn += 1) {
    const late = Array.from({ length: 50 }, (_, n) =>
      aPurchase(`late-${time}-${turn}-${n}`, `i${n % 10}`, "2024-12-31", 100n),
    );
    await inBusiness(scope, async (tx) => {
      await recordIn(tx, scope, await lockBooks(tx, scope), versioned(late), origin, { settles: false });
      await request(tx, "recost", { business: scope.businessId });
      await request(tx, "verifyBooks", { business: scope.businessId });
      for (let n = 0; n < 300; n += 1)
        await request(tx, "digestChannel", { business: scope.businessId, channel: `none-${n}`, run: newId() });
    });
    let left = 302;
    while (left > 0 && !signal.aborted) {
      await sleep(100);
      const now = await waiting(scope);
      done += Math.max(0, left - now);
      left = now;
    }
  }
  return done;
}

async function startWorkers(): Promise<readonly ChildProcess[]> {
  // Each with few connections: eight of them and this process are to fit into one server's.
  const secret = process.env.LOTBOOK_SECRET_KEY || Buffer.alloc(32, 7).toString("base64");
  const env = { ...process.env, DATABASE_POOL: "4", LOG_LEVEL: "error", LOTBOOK_SECRET_KEY: secret };
  return Promise.all(
    Array.from({ length: workers }, async () => {
      const args = ["--import", "tsx", "workers/main.ts"];
      const child = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "pipe", "inherit"] });
      await new Promise<void>((ready, failed) => {
        child.stdout.on("data", (bytes: Buffer) => {
          if (bytes.toString().includes("The worker is ready")) ready();
        });
        child.once("exit", (code) => failed(new Error(`a worker ended with ${code} before it was ready`)));
      });
      return child;
    }),
  );
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
}
