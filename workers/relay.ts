/**
 * From the outbox to the queue. Rows are taken in one transaction and handed over after it: who dies in between leaves rows that
 * look handed over, and the sweep hands them over again, as it does after a queue was emptied.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { failpoint } from "../lib/system/failpoints";
import { type JobName, jobs } from "../lib/system/jobs";
import { log } from "../lib/system/log";
import { bury, type Handed, putBack, takeDue, takeOverdue } from "../lib/system/outbox";
import type { QueueName, Queues } from "./queues";

const atOnce = 200;
const idleMs = 250;
/** Of the queue's or the database's trouble. */
const troubleMs = 1_000;

export type Relay = Readonly<{ stop: () => Promise<void> }>;

/** Relays until it is stopped. */
export function startRelay(queues: Queues, sweepMs: number): Relay {
  const stopping = new AbortController();
  const running = run(queues, sweepMs, stopping.signal);
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

async function run(queues: Queues, sweepMs: number, signal: AbortSignal): Promise<void> {
  let sweptAt = 0;
  let saidAt = 0;
  while (!signal.aborted) {
    let waitMs = idleMs;
    try {
      if ((await relayOnce(queues)) === atOnce) waitMs = 0;
      if (Date.now() - sweptAt >= Math.min(sweepMs, 5_000)) {
        sweptAt = Date.now();
        await hand(queues, await takeOverdue(sweepMs, atOnce));
      }
    } catch (error) {
      waitMs = troubleMs;
      if (Date.now() - saidAt > 10_000) {
        saidAt = Date.now();
        log().warn({ err: error }, "jobs cannot be handed over and wait in the outbox");
      }
    }
    await sleep(waitMs, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}

/** Hands over what is due. Gives how many rows that were. */
export async function relayOnce(queues: Queues): Promise<number> {
  const due = await takeDue(atOnce);
  await hand(queues, due);
  return due.length;
}

async function hand(queues: Queues, rows: readonly Handed[]): Promise<void> {
  if (rows.length === 0) return;
  await failpoint("relay.taken");
  const byQueue = new Map<QueueName, Handed[]>();
  for (const row of rows) {
    if (!Object.hasOwn(jobs, row.job)) {
      await bury(row.id, `There is no job of the name ${row.job}.`);
      continue;
    }
    const { queue } = jobs[row.job as JobName];
    byQueue.set(queue, [...(byQueue.get(queue) ?? []), row]);
  }
  const left = new Set([...byQueue.values()].flat().map((row) => row.id));
  try {
    for (const [queue, some] of byQueue) {
      await queues.add(queue, some);
      for (const row of some) left.delete(row.id);
    }
    await failpoint("relay.handed");
  } finally {
    if (left.size > 0) await putBack([...left]);
  }
}
