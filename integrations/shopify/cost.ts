/**
 * Staying below Shopify's limit. A shop has a bucket of points that fills again by so many a second, both by its plan; every answer
 * says how full it is, and what the query could have cost. So nothing about plans is known here: what was said last is believed, what
 * was sent since is taken off, and a query waits until its points are there.
 */
import { type Sleep, sleepFor } from "../http";

export type ThrottleStatus = Readonly<{ maximumAvailable: number; currentlyAvailable: number; restoreRate: number }>;

export type CostBucket = Readonly<{
  /** Waits until a query of this name may be sent; stops waiting with the signal's reason. */
  take: (query: string, signal: AbortSignal) => Promise<void>;
  /** What an answer said of the bucket and of the query's price. */
  said: (query: string, requested: number, status: ThrottleStatus) => void;
}>;

export function costBucket(clock: () => number, sleep: Sleep = sleepFor): CostBucket {
  const prices = new Map<string, number>();
  /** What a query costs that was not sent yet is not known: as much as the dearest so far. */
  let dearest = 0;
  let status: ThrottleStatus | null = null;
  let at = 0;
  const available = (now: number): number =>
    status === null
      ? Number.POSITIVE_INFINITY
      : Math.min(status.maximumAvailable, status.currentlyAvailable + ((now - at) / 1000) * status.restoreRate);
  return {
    take: async (query, signal) => {
      signal.throwIfAborted();
      if (status === null) return;
      const now = clock();
      const price = Math.min(prices.get(query) ?? dearest, status.maximumAvailable);
      const left = available(now) - price;
      // Taken before it is waited for, so that calls side by side wait one after the other.
      status = { ...status, currentlyAvailable: left };
      at = now;
      // A little more than the sum says: both clocks count in their own steps.
      if (left < 0) await sleep(Math.ceil((-left / status.restoreRate) * 1000) + 20, signal);
    },
    said: (query, requested, told) => {
      prices.set(query, requested);
      dearest = Math.max(dearest, requested);
      status = told;
      at = clock();
    },
  };
}
