/**
 * Amazon's published limits, one bucket for each operation and seller. Some operations are given back once in three minutes: no worker
 * sleeps that long. A short wait is waited for; a long one is said as `throttled`, and the queue comes back when it is over.
 */
import { ChannelError } from "../../lib/core/errors";
import { type Sleep, sleepFor } from "../http";

/** As the models of October 2026 have them: calls a second that come back, and how many may be made at once. */
const published = {
  searchOrders: { perSecond: 0.0056, burst: 20 },
  listTransactions: { perSecond: 0.5, burst: 10 },
  getReports: { perSecond: 0.0222, burst: 10 },
  createReport: { perSecond: 0.0167, burst: 15 },
  getReport: { perSecond: 2, burst: 15 },
  getReportDocument: { perSecond: 0.0167, burst: 15 },
  getInventorySummaries: { perSecond: 2, burst: 2 },
} as const satisfies Record<string, Readonly<{ perSecond: number; burst: number }>>;
export type Operation = keyof typeof published;

/** Longer waits are the queue's affair. */
const mostWaitMs = 5_000;
/** Amazon counts with a clock of its own; so much slower we go. */
const careful = 0.95;

export type Pacer = Readonly<{
  /** Resolves when the call may be made. Throws ChannelError `throttled` with the wait, where that is long. */
  take: (operation: Operation, signal: AbortSignal) => Promise<void>;
  /** What an answer said in x-amzn-RateLimit-Limit: this seller's own rate. */
  heard: (operation: Operation, limit: string | null) => void;
  /** How long one call takes to come back, in milliseconds: what to wait where Amazon refuses a call and says no more. */
  spacing: (operation: Operation) => number;
}>;

type Bucket = { left: number; at: number; perSecond: number };

/** One pacer for each seller, made when first asked for. `clock` in milliseconds. */
export function pacers(clock: () => number, sleep: Sleep = sleepFor): (seller: string) => Pacer {
  const known = new Map<string, Pacer>();
  return (seller) => {
    const one = known.get(seller) ?? pacer(clock, sleep);
    known.set(seller, one);
    return one;
  };
}

function pacer(clock: () => number, sleep: Sleep): Pacer {
  const buckets = new Map<Operation, Bucket>();
  const bucketOf = (operation: Operation): Bucket => {
    const { burst, perSecond } = published[operation];
    const bucket = buckets.get(operation) ?? { left: burst, at: clock(), perSecond: perSecond * careful };
    buckets.set(operation, bucket);
    const now = clock();
    bucket.left = Math.min(burst, bucket.left + (Math.max(0, now - bucket.at) / 1000) * bucket.perSecond);
    bucket.at = now;
    return bucket;
  };
  return {
    take: async (operation, signal) => {
      signal.throwIfAborted();
      const bucket = bucketOf(operation);
      const waitMs = Math.ceil(((1 - bucket.left) / bucket.perSecond) * 1000);
      if (waitMs > mostWaitMs)
        throw new ChannelError("throttled", `Amazon's limit for ${operation} is used up for now`, waitMs);
      bucket.left -= 1;
      if (waitMs > 0) await sleep(waitMs, signal);
    },
    heard: (operation, limit) => {
      const perSecond = Number(limit ?? "");
      if (perSecond > 0) bucketOf(operation).perSecond = perSecond * careful;
    },
    spacing: (operation) => Math.ceil(1000 / bucketOf(operation).perSecond),
  };
}
