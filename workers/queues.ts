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
import { Cluster } from "ioredis";
import { newId } from "../lib/system/ids";
import { share } from "../lib/system/jobs";
import { log } from "../lib/system/log";
import type { Handed } from "../lib/system/outbox";
import type { WorkerSettings } from "../lib/system/worker-settings";

/** How many jobs of each queue one worker does at once. `channels` waits for others' servers, `books` and `files` use our own database. */
export const concurrency = { channels: 6, books: 3, files: 2 } as const;
export type QueueName = keyof typeof concurrency;
const names = Object.keys(concurrency) as readonly QueueName[];
/** The queues that grow with the number of businesses: in Redis they may be kept in parts, by business. */
const hot: ReadonlySet<QueueName> = new Set(["channels", "books"]);

/** A queue's parts as BullMQ knows them: the queue itself where there is one. */
function partsOf(place: WorkerSettings["queue"], name: QueueName): readonly string[] {
  // The queue in PostgreSQL is one table, however many names it has.
  if (place.kind === "postgres" || place.parts === 1 || !hot.has(name)) return [name];
  return Array.from({ length: place.parts }, (_, part) => `${name}-${part}`);
}

/** The part of a business: the same in every process, as long as the number of parts is (FNV-1a over its id). */
export function partOf(business: string, parts: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < business.length; i += 1) hash = Math.imul(hash ^ business.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % parts;
}

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
  const made = new Map<string, AnyQueue>();
  const writers = linesTo(queue, { maxRetriesPerRequest: 1, enableOfflineQueue: false });
  for (const name of names)
    for (const part of partsOf(queue, name)) made.set(part, watched(queueOf(queue, part, writers), "queue", part));
  let workers: readonly AnyWorker[] = [];
  let readers: Lines | null = null;
  return {
    kind: queue.kind,
    add: async (name, rows) => {
      const parts = partsOf(queue, name);
      const byPart = new Map<string, Job[]>();
      for (const { id, job, business } of rows) {
        const part = parts[partOf(business, parts.length)] ?? name;
        const jobs = byPart.get(part) ?? [];
        jobs.push({ name: job, data: { row: id }, opts: { jobId: newId(), deduplication: { id } } });
        byPart.set(part, jobs);
      }
      const adding = [...byPart].map(([part, jobs]) => made.get(part)?.addBulk(jobs));
      await within(addMs, Promise.all(adding), "the queue does not answer");
    },
    start: async (work) => {
      const process = (job: Readonly<{ data: Data }>) => work(job.data.row);
      const lines = linesTo(queue, { maxRetriesPerRequest: null });
      readers = lines;
      workers = names.flatMap((name) => {
        const parts = partsOf(queue, name);
        // In a part too, the share of one business leaves a place for another's.
        const atOnce = Math.max(share[name] + 1, Math.floor(concurrency[name] / parts.length));
        return parts.map((part) =>
          watched(workerOf(queue, part, process, { ...options, concurrency: atOnce }, lines), "worker", part),
        );
      });
      await Promise.all(workers.map((worker) => worker.waitUntilReady()));
    },
    stop: async () => {
      const stopping = workers;
      workers = [];
      await Promise.all(stopping.map((worker) => worker.close()));
      readers?.close();
      readers = null;
    },
    close: async () => {
      // One that was never reached cannot be taken leave of.
      await Promise.race([
        Promise.all([...made.values()].map((one) => one.close())),
        sleep(closeMs, undefined, { ref: false }),
      ]);
      writers.close();
    },
  };
}

/** How queues reach a Redis: each by a connection of its own, or all by one client of the cluster, which BullMQ leaves open. */
type Lines = Readonly<{ connection: { url: string; [option: string]: unknown } | Cluster; close: () => void }>;

function linesTo(
  place: WorkerSettings["queue"],
  options: Readonly<{ maxRetriesPerRequest: number | null; enableOfflineQueue?: boolean }>,
): Lines {
  if (place.kind !== "redis" || !place.isCluster)
    return { connection: { url: place.url, ...options }, close: () => undefined };
  const url = new URL(place.url);
  const cluster = new Cluster([{ host: url.hostname, port: Number(url.port || "6379") }], {
    // Until it knows the nodes, what is asked waits: a cluster's client has no other way.
    redisOptions: {
      maxRetriesPerRequest: options.maxRetriesPerRequest,
      ...(url.username === "" ? {} : { username: decodeURIComponent(url.username) }),
      ...(url.password === "" ? {} : { password: decodeURIComponent(url.password) }),
      ...(url.protocol === "rediss:" ? { tls: {} } : {}),
    },
  });
  watched(cluster, "cluster", "redis");
  return { connection: cluster, close: () => cluster.disconnect() };
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
/** One prefix for each queue and part: in a Redis cluster all keys of one lie on one node, and each may lie on another. */
export const prefixOf = (part: string) => `{lotbook-${part}}`;

function queueOf(place: Place, name: string, { connection }: Lines): AnyQueue {
  if (place.kind === "postgres")
    return new onPostgres.Queue<Data>(name, { connection: { connectionString: place.url, schema: "bullmq", max: 1 } });
  return new Queue<Data>(name, { connection, prefix: prefixOf(name) });
}

function workerOf(
  place: Place,
  name: string,
  process: (job: Readonly<{ data: Data }>) => Promise<void>,
  options: Options,
  { connection }: Lines,
): AnyWorker {
  if (place.kind === "postgres")
    return new onPostgres.Worker<Data>(name, process, {
      ...options,
      connection: { connectionString: place.url, schema: "bullmq", max: 3 },
    });
  return new Worker<Data>(name, process, {
    ...options,
    connection,
    prefix: prefixOf(name),
  });
}

/** A queue that is not there says so many times a second: once in ten seconds is enough to know. */
function watched<T extends Watchable>(one: T, what: string, name: string): T {
  let saidAt = 0;
  const say = (error: Error) => {
    if (Date.now() - saidAt < 10_000) return;
    saidAt = Date.now();
    log().warn({ err: error, queue: name }, `the ${what} has trouble`);
  };
  one.on("error", say);
  return one;
}
