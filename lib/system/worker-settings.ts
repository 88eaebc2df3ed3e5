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
  /** How often each connected channel is synchronised. */
  SYNC_EVERY_MS: ms("SYNC_EVERY_MS", 900_000, 1_000, 86_400_000),
  /** How long a worker may be silent before its job is given to another. */
  QUEUE_LOCK_MS: ms("QUEUE_LOCK_MS", 15_000, 500, 600_000),
  /** After how long a job that was handed over and is not finished is handed over again. */
  QUEUE_SWEEP_MS: ms("QUEUE_SWEEP_MS", 20_000, 200, 600_000),
});

export type WorkerSettings = Readonly<{
  /** Where jobs wait: Redis, or the `bullmq` schema of the database. */
  queue: Readonly<{ kind: "redis"; url: string }> | Readonly<{ kind: "postgres"; url: string }>;
  syncEveryMs: number;
  lockMs: number;
  sweepMs: number;
}>;

/** Reads the environment. Throws one line that says what is wrong, without values, which may be secret. */
export function workerSettings(source: NodeJS.ProcessEnv): WorkerSettings {
  const read = Settings.safeParse(source);
  if (!read.success) throw new Error(read.error.issues.map((issue) => issue.message).join("; "));
  const { REDIS_URL, SYNC_EVERY_MS, QUEUE_LOCK_MS, QUEUE_SWEEP_MS } = read.data;
  return {
    queue: REDIS_URL === null ? { kind: "postgres", url: appUrl(source) } : { kind: "redis", url: REDIS_URL },
    syncEveryMs: SYNC_EVERY_MS,
    lockMs: QUEUE_LOCK_MS,
    sweepMs: QUEUE_SWEEP_MS,
  };
}
