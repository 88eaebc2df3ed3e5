/**
 * The faults of docs/testing.md that concern a queue, on worker processes that are killed and stopped: run for PostgreSQL and for Redis by
 * the two files beside this one. What `queue-suite.ts` shows already is not shown again.
 */
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { asSystem, closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import type { Practice } from "../../integrations/practice/server/index";
import { lockBooks } from "../../lib/books/ledger";
import { givenUp, retryGivenUp } from "../../lib/desk/given-up";
import { needsOf } from "../../lib/needs";
import type { Scope } from "../../lib/people/access";
import { recordIn } from "../../lib/record";
import { request } from "../../lib/system/outbox";
import { readiness } from "../../lib/system/ready";
import { runOf } from "../../lib/system/runs";
import { workerSettings } from "../../lib/system/worker-settings";
import { aMarket, connect } from "../../scripts/lib/sellers";
import { openQueues } from "../../workers/queues";
import { relayOnce } from "../../workers/relay";
import { booksOf } from "../support/books";
import { aShop, item, order, proved, purchase } from "../support/trading";
import { nothingLeft, outboxOf } from "./outbox";
import { fast, killAll, startWorker, until } from "./process";
import { sellerWithStock, undisturbed } from "./synced";

export type FaultyPlace = Readonly<{
  name: string;
  env: () => Readonly<Record<string, string>>;
  /** How many jobs wait or are under way, as the queue itself has it. */
  size: () => Promise<number>;
  /** Keeps all that is in the queue now; what it gives puts that back, over whatever came since. */
  snapshot: () => Promise<() => Promise<void>>;
}>;

export const proofsOf = (scope: Scope) =>
  inBusiness(scope, (tx) => rowsOf(tx, sql`select id from app.proofs where business_id = ${scope.businessId}`));
export const askForProof = (scope: Scope) =>
  inBusiness(scope, (tx) => request(tx, "verifyBooks", { business: scope.businessId }));

/** A shop with a sale whose cost is asked for as a job. */
async function notYetCosted(name: string): Promise<Scope> {
  const scope = await aShop(name);
  const facts = [
    item("mug", "Mug", "MUG"),
    purchase("p", "2025-01-02", [["mug", 3n, 1_000n]]),
    order("o", "2025-01-03", [["Mug", 2n, 3_000n, "MUG"]]),
  ];
  await inBusiness(scope, async (tx) => {
    const versioned = facts.map((fact) => ({ fact, version: null }));
    const origin = { source: null, userId: null };
    await recordIn(tx, scope, await lockBooks(tx, scope), versioned, origin, { settles: false });
    await request(tx, "recost", { business: scope.businessId });
  });
  return scope;
}

export function faultsSuite(place: FaultyPlace): void {
  let market: Practice;
  let wanted: Readonly<Record<string, unknown>>;
  beforeAll(async () => {
    market = await aMarket({ orders: 60 });
    wanted = await booksOf((await undisturbed(market)).businessId);
  });
  afterAll(async () => {
    await market.close();
    await closeDatabase();
  });

  describe(`with jobs in ${place.name}`, () => {
    afterEach(killAll);

    it("F1: a job that ends its worker again and again is given up, a person sees it, retries it, and it is done", async () => {
      const scope = await aShop("Alder Street");
      const other = await aShop("Birch Lane");
      await askForProof(scope);
      for (let time = 1; time <= 2; time += 1) {
        const worker = startWorker(place.env(), "run.begun=kill");
        expect((await worker.ended).signal).toBe("SIGKILL");
      }
      const worker = startWorker(place.env());
      await until(
        "a person is told",
        () => needsOf(scope),
        (needs) => needs.some(({ kind, count }) => kind === "jobs" && count === 1),
      );
      expect((await needsOf(other)).some(({ kind }) => kind === "jobs")).toBe(false);
      const [job] = await givenUp(scope);
      expect(job).toMatchObject({ job: "verifyBooks", reason: "The job ended its worker 2 times." });
      await retryGivenUp(scope, { id: job?.id ?? "" });
      await nothingLeft(scope);
      expect(await proofsOf(scope)).toHaveLength(1);
      expect((await needsOf(scope)).some(({ kind }) => kind === "jobs")).toBe(false);
      await worker.stop();
      await proved(scope, other);
    }, 90_000);

    it("F2: killed after its work was committed and before the job was done, it runs again and adds nothing", async () => {
      const scope = await notYetCosted("Cedar Lane");
      const before = await booksOf(scope.businessId);
      const killed = startWorker(place.env(), "run.ended=kill");
      expect((await killed.ended).signal).toBe("SIGKILL");
      const once = await booksOf(scope.businessId);
      expect(once.postings).not.toEqual(before.postings);
      expect(await outboxOf(scope)).toMatchObject([{ state: "waiting", attempts: 1 }]);
      const worker = startWorker(place.env());
      await nothingLeft(scope);
      await worker.stop();
      expect(await booksOf(scope.businessId)).toEqual(once);
      await proved(scope);
    }, 60_000);

    it("F3: killed after the commit that asks for a job and around its relay, the job is done all the same, and once", async () => {
      const scope = await aShop("Dogwood Court");
      await askForProof(scope);
      for (const failpoint of ["relay.taken=kill", "relay.handed=kill"]) {
        const killed = startWorker(place.env(), failpoint);
        expect([failpoint, (await killed.ended).signal]).toEqual([failpoint, "SIGKILL"]);
      }
      expect(await proofsOf(scope)).toHaveLength(0);
      const worker = startWorker(place.env());
      await nothingLeft(scope);
      await until("the queue is empty", place.size, (size) => size === 0);
      await worker.stop();
      expect(await proofsOf(scope)).toHaveLength(1);
      await proved(scope);
    }, 60_000);

    it("F4: asked to stop, a worker gives all back at once and ends with 0; none of it waits for a lock to run out", async () => {
      const sellers = await Promise.all([1, 2, 3].map(() => sellerWithStock(market)));
      market.control.faults({ slow: 200, slowMs: 300 });
      // Those that were killed before left theirs.
      await asSystem("no worker is there", (tx) => tx.execute(sql`delete from app.heartbeats`));
      const worker = startWorker(place.env());
      await worker.ready;
      const runs: string[] = [];
      for (const scope of sellers) runs.push((await connect(scope)).run ?? "");
      const states = () => Promise.all(sellers.map((scope, i) => runOf(scope, runs[i] ?? "")));
      await until("all run", states, (seen) =>
        seen.every(({ state, steps }) => state === "running" && steps.length > 0),
      );
      expect(await readiness()).toMatchObject({ status: "ready" });
      const began = Date.now();
      expect(await worker.stop("SIGTERM")).toEqual({ code: 0, signal: null });
      expect(Date.now() - began).toBeLessThan(8_000);
      // It took its heartbeat with it: nobody believes for a minute that it is still there.
      expect(await readiness()).toMatchObject({ status: "degraded", queue: "no worker" });
      for (const scope of sellers)
        expect(await outboxOf(scope)).toMatchObject([{ state: "waiting", attempts: 0, relayed: false }]);
      expect(await place.size()).toBe(0);
      market.control.faults({ slow: 0 });
      // A stalled job would wait for its lock to run out, and then for a second look.
      const lockMs = 30_000;
      const next = startWorker({ ...place.env(), QUEUE_LOCK_MS: String(lockMs), QUEUE_SWEEP_MS: "600000" });
      await next.ready;
      const again = Date.now();
      for (const scope of sellers) await nothingLeft(scope);
      expect(Date.now() - again).toBeLessThan(lockMs);
      await next.stop();
      await proved(...sellers);
      for (const scope of sellers) expect(await booksOf(scope.businessId)).toEqual(wanted);
    }, 90_000);

    it("F8: where the queue is put back as it was long ago, its old jobs run again and change nothing", async () => {
      const scope = await sellerWithStock(market);
      const { run } = await connect(scope);
      await askForProof(scope);
      const queues = openQueues(workerSettings({ ...process.env, ...fast, ...place.env() }));
      while ((await relayOnce(queues)) > 0);
      await queues.close();
      expect(await place.size()).toBe(2);
      const putBack = await place.snapshot();
      const worker = startWorker(place.env());
      await nothingLeft(scope);
      await until("the queue is empty", place.size, (size) => size === 0);
      await worker.stop();
      const [proofs, before] = [await proofsOf(scope), await runOf(scope, run ?? "")];
      await putBack();
      expect(await place.size()).toBe(2);
      const later = startWorker(place.env());
      await until("the old jobs have run", place.size, (size) => size === 0);
      await later.stop();
      expect(await booksOf(scope.businessId)).toEqual(wanted);
      expect(await proofsOf(scope)).toEqual(proofs);
      expect(await runOf(scope, run ?? "")).toEqual(before);
      await proved(scope);
    }, 90_000);

    it("F9: a worker that stands still in a sync loses it to another; what it writes late is refused, and it works on", async () => {
      const scope = await sellerWithStock(market);
      let run = "";
      await standsStill(scope, "pull.fetched=stop@2", async () => {
        run = (await connect(scope)).run ?? "";
      });
      expect(await booksOf(scope.businessId)).toEqual(wanted);
      const { state, done, total, steps } = await runOf(scope, run);
      expect([state, done]).toEqual(["done", total]);
      expect(steps.map((step) => [step.state, step.done === step.more?.fresh])).toEqual(
        steps.map(() => ["done", true]),
      );
    }, 90_000);

    it("F9: a worker that stands still before it works out costs finds them worked out, is refused, and works on", async () => {
      const scope = await notYetCosted("Elm Row");
      await standsStill(scope, "run.begun=stop", async () => undefined);
    }, 90_000);

    /** One worker is stopped at a place; another takes its job up and ends; the first goes on. Whatever it writes then is refused. */
    async function standsStill(scope: Scope, failpoint: string, ask: () => Promise<void>): Promise<void> {
      const wedged = startWorker(place.env(), failpoint);
      await wedged.ready;
      await ask();
      await until(
        "the first has begun",
        () => outboxOf(scope),
        ([row]) => row?.attempts === 1,
      );
      const other = startWorker(place.env());
      await nothingLeft(scope);
      expect(await other.stop()).toEqual({ code: 0, signal: null });
      const books = await booksOf(scope.businessId);
      expect(wedged.said()).not.toContain("taken up by another worker");
      wedged.goOn();
      for (const words of ["taken up by another worker", "the worker stood still"])
        await until(
          words,
          async () => wedged.said(),
          (said) => said.includes(words),
        );
      expect(await booksOf(scope.businessId)).toEqual(books);
      // There is no other worker now.
      await askForProof(scope);
      await nothingLeft(scope);
      expect(await wedged.stop()).toEqual({ code: 0, signal: null });
      await proved(scope);
    }
  });
}
