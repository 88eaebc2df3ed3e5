/** What is nobody's fault and passes: the database restarts, or two transactions were in each other's way too often. */
import { setTimeout as sleep } from "node:timers/promises";
import { isDatabaseAway, sqlState } from "../../db/scope";
import { Refusal } from "../core/errors";

/** When to come again, in seconds: for `Retry-After`. */
export const retryAfterSeconds = "5";

/**
 * For whoever answers a request: such an error as a refusal (503, with `retryAfterSeconds`), anything else as it is. Where the
 * connection was cut at the very end, nobody knows whether the work was kept; so it is not said that nothing was changed.
 */
export function passing(error: unknown): unknown {
  if (isDatabaseAway(error))
    return new Refusal(
      "database_away",
      "The database cannot be reached just now. Try again in a moment: what was saved already is not done twice.",
      { retryAfterSeconds },
    );
  const state = sqlState(error);
  if (state === "40P01" || state === "40001")
    return new Refusal(
      "too_busy",
      "These books are very busy just now, and nothing was changed. Try again in a moment.",
      {
        retryAfterSeconds,
      },
    );
  return error;
}

const pauseMs = 500;

/** For a worker: does `work` as soon as the database is there, for at most `ms`; after that, throws what the last try threw. */
export async function whenBack<T>(work: () => Promise<T>, ms: number, signal: AbortSignal): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isDatabaseAway(error) || signal.aborted || Date.now() > end) throw error;
    }
    await sleep(pauseMs);
  }
}

export { isDatabaseAway };
