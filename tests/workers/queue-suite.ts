/** What must hold whichever of its two places the queue has: run for PostgreSQL and for Redis by the two files beside this one. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness } from "../../db/scope";
import type { Practice } from "../../integrations/practice/server/index";
import { verifyBooks } from "../../lib/books/verify";
import { retryGivenUp } from "../../lib/desk/given-up";
import type { Scope } from "../../lib/people/access";
import { share } from "../../lib/system/jobs";
import { deadJobs, finish, request } from "../../lib/system/outbox";
import { runOf } from "../../lib/system/runs";
import { workerSettings } from "../../lib/system/worker-settings";
import { aMarket, aSeller, connect } from "../../scripts/lib/sellers";
import { openQueues, type Queues } from "../../workers/queues";
import { type Relay, startRelay } from "../../workers/relay";
import { booksOf } from "../support/books";
import { nothingLeft, outboxOf } from "./outbox";
import { fast, killedAt, startWorker, until } from "./process";
import { sellerWithStock, undisturbed } from "./synced";

export type Place = Readonly<{
  name: string;
  /** What the environment of a worker says. */
  env: () => Readonly<Record<string, string>>;
  /** Loses everything that waits or is under way in the queue. */
  empty: () => Promise<void>;
  /** Where workers are killed. */
  places: readonly (readonly string[])[];
}>;

/** Where a sync can die, in the order in which it comes there; `@` counts how often one worker has come there. A group is one sync. */
export const everyPlace = [
  ["relay.taken", "relay.handed", "run.begun", "pull.fetched", "pull.storing@2", "pull.stored@2", "pull.fetched@3"],
  [
    "digest.counted",
    "digest.recorded",
    "digest.committed",
    "digest.done",
    "digest.finishing",
    "digest.finished",
    "run.ended",
  ],
] as const;

export function queueSuite(place: Place): void {
  let market: Practice;
  beforeAll(async () => {
    // What workers of an earlier file left under way, killed as they were, would be taken here for a job of this file.
    await place.empty();
    market = await aMarket({ orders: 60 });
  });
  afterAll(async () => {
    await market.close();
    await closeDatabase();
  });

  const ask = (scope: Scope) => inBusiness(scope, (tx) => request(tx, "recost", { business: scope.businessId }));

  describe(`jobs in ${place.name}`, () => {
    let queues: Queues | undefined;
    let relay: Relay | undefined;
    const open = () => openQueues(workerSettings({ ...process.env, ...fast, ...place.env() }));
    afterEach(async () => {
      await relay?.stop();
      await queues?.stop();
      await queues?.close();
      queues = undefined;
      relay = undefined;
    });

    it("are handed over after the transaction that asks for them, and not where it was rolled back", async () => {
      const scope = await aSeller();
      const rows: string[] = [];
      queues = open();
      await queues.start(async (row) => {
        rows.push(row);
        await finish(row);
      });
      await expect(
        inBusiness(scope, async (tx) => {
          await request(tx, "recost", { business: scope.businessId });
          throw new Error("rolled back");
        }),
      ).rejects.toThrow("rolled back");
      const other = await aSeller();
      await ask(other);
      const [waiting] = await outboxOf(other);
      relay = startRelay(queues, 60_000);
      await until(
        "it was handed over",
        async () => rows,
        (seen) => seen.length > 0,
      );
      expect(rows).toEqual([waiting?.id]);
      expect(await outboxOf(scope)).toEqual([]);
    });

    it("are one while they wait; what is asked for while one runs is another", async () => {
      const scope = await aSeller();
      await ask(scope);
      await ask(scope);
      expect(await outboxOf(scope)).toHaveLength(1);
      const rows: string[] = [];
      queues = open();
      // Asked for again while it runs: what it does is for the first request only.
      await queues.start(async (row) => {
        rows.push(row);
        if (rows.length === 1) await ask(scope);
        await finish(row);
      });
      relay = startRelay(queues, 60_000);
      await until(
        "it was handed over again",
        async () => rows,
        (seen) => seen.length === 2,
      );
      expect(new Set(rows).size).toBe(2);
    });

    it("of one business fill no more than its share of the queue, and another's is done meanwhile", async () => {
      const [hog, small] = [await aSeller(), await aSeller()];
      const about = (scope: Scope, channel: string) =>
        inBusiness(scope, (tx) =>
          request(tx, "syncChannel", { business: scope.businessId, channel, run: scope.businessId }),
        );
      for (let n = 0; n < 10; n += 1) await about(hog, `c${n}`);
      const ofHog = new Set((await outboxOf(hog)).map((row) => row.id));
      let release: () => void = () => expect.fail("nothing is held yet");
      const held = new Promise<void>((done) => {
        release = done;
      });
      const taken: string[] = [];
      queues = open();
      await queues.start(async (row) => {
        if (ofHog.has(row)) {
          taken.push(row);
          await held;
        }
        await finish(row);
      });
      relay = startRelay(queues, 60_000);
      await until(
        "the share is full",
        async () => taken.length,
        (size) => size === share.channels,
      );
      await about(small, "c");
      await until(
        "the other's is done",
        () => outboxOf(small),
        (rows) => rows.length === 0,
      );
      const meanwhile = taken.length;
      release();
      expect(meanwhile).toBe(share.channels);
      await until(
        "all are done",
        () => outboxOf(hog),
        (rows) => rows.length === 0,
      );
    });

    it("come again when the queue lost them, and only then", async () => {
      const scope = await aSeller();
      queues = open();
      // Nobody takes jobs yet: the queue has it, and is emptied.
      relay = startRelay(queues, 60_000);
      await ask(scope);
      await until(
        "it is in the queue",
        () => outboxOf(scope),
        (rows) => rows[0]?.relayed === true,
      );
      await relay.stop();
      await place.empty();
      const [row] = await outboxOf(scope);
      const taken: string[] = [];
      let release: () => void = () => expect.fail("nothing is held yet");
      const held = new Promise<void>((done) => {
        release = done;
      });
      await queues.start(async (id) => {
        taken.push(id);
        if (id === row?.id) await held;
      });
      const times = () => taken.filter((id) => id === row?.id).length;
      relay = startRelay(queues, 400);
      await until(
        "it was handed over again",
        async () => times(),
        (seen) => seen === 1,
      );
      // It is under way and looks overdue at each sweep; the queue knows that it has it.
      await new Promise((done) => setTimeout(done, 1_500));
      expect(times()).toBe(1);
      await finish(row?.id ?? "");
      release();
    });
  });

  describe(`a sync, with its jobs in ${place.name}`, () => {
    it("leaves the same books when the worker is killed at any place", async () => {
      const wanted = await booksOf((await undisturbed(market)).businessId);
      expect((wanted.counts as Record<string, number>).orders).toBeGreaterThan(50);
      expect(wanted.lots).not.toEqual([]);

      for (const group of place.places) {
        const scope = await sellerWithStock(market);
        const { run } = await connect(scope);
        for (const failpoint of group) {
          await killedAt(failpoint, place.env());
        }
        const last = startWorker(place.env());
        await last.ready;
        await nothingLeft(scope);
        expect(await last.stop()).toEqual({ code: 0, signal: null });
        expect(await booksOf(scope.businessId)).toEqual(wanted);
        const done = await runOf(scope, run ?? "");
        expect([done.state, done.done, done.skipped]).toEqual(["done", done.total, 0]);
        expect(done.steps.map((step) => [step.state, step.done === step.more?.fresh])).toEqual(
          done.steps.map(() => ["done", true]),
        );
        expect((await verifyBooks(scope)).findings).toBe(0);
      }
    }, 240_000);

    it("goes on where the queue was emptied while it ran, and leaves the same books", async () => {
      const wanted = await booksOf((await undisturbed(market)).businessId);
      const scope = await sellerWithStock(market);
      // Slow enough to be in the middle.
      market.control.faults({ slow: 8, slowMs: 400 });
      const worker = startWorker(place.env());
      await worker.ready;
      const { run } = await connect(scope);
      await until(
        "it runs",
        () => runOf(scope, run ?? ""),
        (seen) => seen.state === "running",
      );
      await place.empty();
      const end = await until(
        "it ended",
        () => runOf(scope, run ?? ""),
        (seen) => seen.endedAt !== null,
      );
      expect(end.state).toBe("done");
      await nothingLeft(scope);
      expect(await worker.stop()).toEqual({ code: 0, signal: null });
      expect(await booksOf(scope.businessId)).toEqual(wanted);
    }, 90_000);

    it("is given back by a worker that is asked to stop, which ends with 0, and taken up by the next", async () => {
      const scope = await aSeller();
      market.control.faults({ slow: 50, slowMs: 300 });
      const worker = startWorker(place.env());
      await worker.ready;
      const { run } = await connect(scope);
      await until(
        "it runs",
        () => runOf(scope, run ?? ""),
        (seen) => seen.state === "running" && seen.steps.length > 0,
      );
      const stopped = Date.now();
      expect(await worker.stop()).toEqual({ code: 0, signal: null });
      expect(Date.now() - stopped).toBeLessThan(8_000);
      const [row] = await outboxOf(scope);
      expect(row).toMatchObject({ state: "waiting", attempts: 0, relayed: false });
      market.control.faults({ slow: 0 });
      const next = startWorker(place.env());
      await next.ready;
      await until(
        "it is done",
        () => runOf(scope, run ?? ""),
        (seen) => seen.state === "done",
      );
      await next.stop();
    }, 90_000);
  });

  it("a job that ends its worker each time is given up with its reason, and can be tried again", async () => {
    const scope = await aSeller();
    await inBusiness(scope, (tx) => request(tx, "verifyBooks", { business: scope.businessId }));
    for (let time = 1; time <= 2; time += 1) {
      const worker = startWorker(place.env(), "run.begun=kill");
      expect((await worker.ended).signal).toBe("SIGKILL");
    }
    const worker = startWorker(place.env());
    await worker.ready;
    const [dead] = await until(
      "it is dead",
      () => deadJobs(scope),
      (jobs) => jobs.length === 1,
    );
    expect(dead?.reason).toBe("The job ended its worker 2 times.");
    await retryGivenUp(scope, { id: dead?.id ?? "" });
    await nothingLeft(scope);
    await worker.stop();
  }, 90_000);
}
