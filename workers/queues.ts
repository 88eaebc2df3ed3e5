/**
 * BullMQ, wrapped so that nothing else knows which of its two backends runs: its own tables in PostgreSQL, or Redis.
 *
 * The queue holds the id of an outbox row and nothing else, one try each: how often a job is tried and how long it waits is written in
 * the outbox (run.ts), so that neither is lost with the queue. `deduplication` makes a row that is handed over twice one job; each
 * hand-over has a job id of its own, because a finished job would otherwise swallow its successor without a word, and because the
 * PostgreSQL backend makes ids from sequences that the application's role may not create.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { createPostgresBackend, Queue, Worker, withBackend } from "bullmq";
import { newId } from "../lib/system/ids";
import { log } from "../lib/system/log";
import type { Handed } from "../lib/system/outbox";
import type { WorkerSettings } from "../lib/system/worker-settings";

/** How many jobs of each queue one worker does at once. `channels` waits for others' servers, `books` and `files` use our own database. */
export const concurrency = { channels: 6, books: 3, files: 2 } as const;
export type QueueName = keyof typeof concurrency;
const names = Object.keys(concurrency) as readonly QueueName[];

type Data = Readonly<{ row: string }>;
/** What the wrapper needs of BullMQ's classes, which differ by backend only in their types. */
type Watchable = Readonly<{ on: (event: "error", say: (error: Error) => void) => unknown }>;
type Job = Readonly<{
  name: string;
  data: Data;
  opts: Readonly<{ jobId: string; deduplication: Readonly<{ id: string }> }>;
}>;
type AnyQueue = Watchable & Readonly<{ addBulk: (jobs: Job[]) => Promise<unknown>; close: () => Promise<void> }>;
type AnyWorker = Watchable & Readonly<{ waitUntilReady: () => Promise<unknown>; close: () => Promise<void> }>;

export type Queues = Readonly<{
  kind: "redis" | "postgres";
  /** Hands rows over; rejects, with none or some of them taken, where the queue is not there. */
  add: (queue: QueueName, rows: readonly Handed[]) => Promise<void>;
  /** Takes jobs until `stop`. */
  start: (work: (row: string) => Promise<void>) => Promise<void>;
  /** Takes no more jobs and resolves when those under way have ended. */
  stop: () => Promise<void>;
  close: () => Promise<void>;
}>;

export function openQueues(settings: WorkerSettings): Queues {
  const { queue, lockMs } = settings;
  /** A second stall may be a deploy; a job that ends its worker each time is stopped by the outbox's own count. */
  const options = {
    lockDuration: lockMs,
    stalledInterval: Math.max(250, Math.floor(lockMs / 3)),
    maxStalledCount: 3,
    removeOnComplete: { count: 0 },
    removeOnFail: { age: 86_400, count: 1_000 },
  };
  const made = new Map<QueueName, AnyQueue>();
  for (const name of names) {
    const one = watched(queueOf(queue, name), "queue", name);
    made.set(name, one);
  }
  let workers: readonly AnyWorker[] = [];
  return {
    kind: queue.kind,
    add: async (name, rows) => {
      const jobs = rows.map(({ id, job }) => ({
        name: job,
        data: { row: id },
        opts: { jobId: newId(), deduplication: { id } },
      }));
      await within(addMs, made.get(name)?.addBulk(jobs), "the queue does not answer");
    },
    start: async (work) => {
      const process = (job: Readonly<{ data: Data }>) => work(job.data.row);
      workers = names.map((name) =>
        watched(workerOf(queue, name, process, { ...options, concurrency: concurrency[name] }), "worker", name),
      );
      await Promise.all(workers.map((worker) => worker.waitUntilReady()));
    },
    stop: async () => {
      const stopping = workers;
      workers = [];
      await Promise.all(stopping.map((worker) => worker.close()));
    },
    close: async () => {
      // One that was never reached cannot be taken leave of.
      await Promise.race([
        Promise.all([...made.values()].map((one) => one.close())),
        sleep(closeMs, undefined, { ref: false }),
      ]);
    },
  };
}

/** BullMQ waits for a Redis that is down as long as it is down. What it takes after all, when that is back, it finds to be done. */
const addMs = 3_000;
const closeMs = 2_000;

async function within<T>(ms: number, work: Promise<T> | undefined, message: string): Promise<void> {
  const late = new AbortController();
  const timer = sleep(ms, undefined, { signal: late.signal, ref: false }).then(
    () => Promise.reject(new Error(message)),
    (error: unknown) => {
      if (!late.signal.aborted) throw error;
    },
  );
  try {
    await Promise.race([work, timer]);
  } finally {
    late.abort();
  }
}

type Place = WorkerSettings["queue"];
type Options = Readonly<{
  concurrency: number;
  lockDuration: number;
  stalledInterval: number;
  maxStalledCount: number;
}>;
const onPostgres = withBackend(createPostgresBackend);
/** One prefix for each queue: in a Redis cluster each may lie on another node. */
const prefixOf = (name: QueueName) => `{lotbook-${name}}`;

function queueOf(place: Place, name: QueueName): AnyQueue {
  if (place.kind === "postgres")
    return new onPostgres.Queue<Data>(name, { connection: { connectionString: place.url, schema: "bullmq", max: 1 } });
  // The relay would rather hear at once that nobody is there: the row waits in the outbox.
  const connection = { url: place.url, maxRetriesPerRequest: 1, enableOfflineQueue: false };
  return new Queue<Data>(name, { connection, prefix: prefixOf(name) });
}

function workerOf(
  place: Place,
  name: QueueName,
  process: (job: Readonly<{ data: Data }>) => Promise<void>,
  options: Options,
): AnyWorker {
  if (place.kind === "postgres")
    return new onPostgres.Worker<Data>(name, process, {
      ...options,
      connection: { connectionString: place.url, schema: "bullmq", max: 3 },
    });
  return new Worker<Data>(name, process, {
    ...options,
    connection: { url: place.url, maxRetriesPerRequest: null },
    prefix: prefixOf(name),
  });
}

/** A queue that is not there says so many times a second: once in ten seconds is enough to know. */
function watched<T extends Watchable>(one: T, what: string, name: QueueName): T {
  let saidAt = 0;
  const say = (error: Error) => {
    if (Date.now() - saidAt < 10_000) return;
    saidAt = Date.now();
    log().warn({ err: error, queue: name }, `the ${what} has trouble`);
  };
  one.on("error", say);
  return one;
}
