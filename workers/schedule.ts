/** What happens by the clock, as data: each task looks at the database for what is due, so that many workers do nothing twice. */
import { setTimeout as sleep } from "node:timers/promises";
import { requestDueProofs } from "../lib/books/daily-proof";
import { forgetOldCalls } from "../lib/sales/hooks";
import { requestDueSyncs } from "../lib/sales/schedule";
import { log } from "../lib/system/log";
import type { WorkerSettings } from "../lib/system/worker-settings";

type Task = Readonly<{ name: string; everyMs: number; run: (settings: WorkerSettings) => Promise<void> }>;

export const schedule: readonly Task[] = [
  { name: "synchronise channels that are due", everyMs: 5_000, run: ({ syncEveryMs }) => requestDueSyncs(syncEveryMs) },
  { name: "prove books that are due", everyMs: 300_000, run: requestDueProofs },
  { name: "forget calls of channels that are long over", everyMs: 3_600_000, run: forgetOldCalls },
];

/** Runs the schedule until it is stopped. A task that fails is tried at its next time. */
export function startSchedule(settings: WorkerSettings): Readonly<{ stop: () => Promise<void> }> {
  const stopping = new AbortController();
  const running = schedule.map(async (task) => {
    while (!stopping.signal.aborted) {
      try {
        await task.run(settings);
      } catch (error) {
        log().warn({ err: error, task: task.name }, "a task of the schedule failed");
      }
      const waitMs = Math.min(task.everyMs, settings.syncEveryMs);
      await sleep(waitMs, undefined, { signal: stopping.signal }).catch((error: unknown) => {
        if (!stopping.signal.aborted) throw error;
      });
    }
  });
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
}
