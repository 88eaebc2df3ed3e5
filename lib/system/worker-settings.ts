/** What the environment says to a worker, read and checked once. Each variable is explained in .env.example. */
import { z } from "zod";
import { appUrl } from "../../db/scope";

const ms = (variable: string, usual: number, least: number, most: number) =>
  z
    .string()
    .optional()
    .transform((text) => (text === undefined || text === "" ? String(usual) : text))
    .refine(
      (text) => /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most,
      `${variable} must be a whole number of milliseconds from ${least} to ${most}`,
    )
    .transform(Number);

const Settings = z.object({
  REDIS_URL: z
    .string()
    .optional()
    .transform((text) => (text === undefined || text === "" ? null : text))
    .refine(
      (text) => text === null || ["redis:", "rediss:"].includes(URL.parse(text)?.protocol ?? ""),
      "REDIS_URL must be a URL such as redis://host:6379",
    ),
  /** The Redis of REDIS_URL is one node of a cluster. */
  REDIS_CLUSTER: z
    .string()
    .optional()
    .refine((text) => text === undefined || ["", "0", "1"].includes(text), "REDIS_CLUSTER must be 1, or 0 or empty")
    .transform((text) => text === "1"),
  /** In how many parts, by business, the queues `channels` and `books` are kept in Redis: each may lie on another node. */
  QUEUE_PARTS: z
    .string()
    .optional()
    .transform((text) => (text === undefined || text === "" ? "1" : text))
    .refine(
      (text) => /^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= 64,
      "QUEUE_PARTS must be a whole number from 1 to 64",
    )
    .transform(Number),
  /** How often each connected channel is synchronised. */
  SYNC_EVERY_MS: ms("SYNC_EVERY_MS", 900_000, 1_000, 86_400_000),
  /** How long a worker may be silent before its job is given to another. */
  QUEUE_LOCK_MS: ms("QUEUE_LOCK_MS", 15_000, 500, 600_000),
  /** After how long a job that was handed over and is not finished is handed over again. */
  QUEUE_SWEEP_MS: ms("QUEUE_SWEEP_MS", 20_000, 200, 600_000),
  /** How far a worker stands behind other processes where processors are short: 0 not at all, 19 last. */
  WORKER_NICENESS: z
    .string()
    .optional()
    .transform((text) => (text === undefined || text === "" ? "10" : text))
    .refine((text) => /^1?\d$/.test(text), "WORKER_NICENESS must be a whole number from 0 to 19")
    .transform(Number),
});

export type WorkerSettings = Readonly<{
  /** Where jobs wait: Redis, or the `bullmq` schema of the database. */
  queue:
    | Readonly<{ kind: "redis"; url: string; isCluster: boolean; parts: number }>
    | Readonly<{ kind: "postgres"; url: string }>;
  syncEveryMs: number;
  lockMs: number;
  sweepMs: number;
  niceness: number;
}>;

/** Reads the environment. Throws one line that says what is wrong, without values, which may be secret. */
export function workerSettings(source: NodeJS.ProcessEnv): WorkerSettings {
  const read = Settings.safeParse(source);
  if (!read.success) throw new Error(read.error.issues.map((issue) => issue.message).join("; "));
  const { REDIS_URL, REDIS_CLUSTER, QUEUE_PARTS, SYNC_EVERY_MS, QUEUE_LOCK_MS, QUEUE_SWEEP_MS, WORKER_NICENESS } =
    read.data;
  return {
    queue:
      REDIS_URL === null
        ? { kind: "postgres", url: appUrl(source) }
        : { kind: "redis", url: REDIS_URL, isCluster: REDIS_CLUSTER, parts: QUEUE_PARTS },
    syncEveryMs: SYNC_EVERY_MS,
    lockMs: QUEUE_LOCK_MS,
    sweepMs: QUEUE_SWEEP_MS,
    niceness: WORKER_NICENESS,
  };
}
