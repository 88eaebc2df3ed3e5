/**
 * A worker: takes jobs, relays the outbox, keeps the schedule, and gives a sign of life every few seconds. As many may run as one
 * likes. SIGTERM: takes no more, gives back what is under way at its next safe place, ends with 0.
 */
import { hostname, setPriority } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { runPracticeMarket } from "../lib/sales/practice";
import { keepHeapSmall } from "../lib/system/heap";
import { beat, lastBeat } from "../lib/system/heartbeats";
import { newId } from "../lib/system/ids";
import { log } from "../lib/system/log";
import { backlog } from "../lib/system/outbox";
import { checkSecretKey } from "../lib/system/secrets";
import { type WorkerSettings, workerSettings } from "../lib/system/worker-settings";
import { openQueues, type Queues } from "./queues";
import { startRelay } from "./relay";
import { makeRunner, type Runner } from "./run";
import { startSchedule } from "./schedule";

const longestBeatMs = 5_000;
/** A queue worker can hang after it lost its locks and still look healthy: work that stands still for this long restarts it. */
const standstillMs = 120_000;
const graceMs = 10_000;

async function main(): Promise<void> {
  keepHeapSmall();
  const settings = workerSettings(process.env);
  // What somebody waits for on a page goes first.
  setPriority(settings.niceness);
  checkSecretKey();
  const stopping = new AbortController();
  const practice = await runPracticeMarket(process.env);
  const queues = openQueues(settings);
  const runner = makeRunner(stopping.signal);
  await queues.start(runner.run);
  const relay = startRelay(queues, settings.sweepMs);
  const schedule = startSchedule(settings);
  const life = startLife(runner, queues, settings, stopping.signal);

  const end = async (signal: string) => {
    if (stopping.signal.aborted) return;
    log().info({ signal }, "the worker is stopping");
    stopping.abort(new Error("the worker is stopping"));
    const orderly = (async () => {
      await Promise.all([schedule.stop(), relay.stop(), queues.stop()]);
      await queues.close();
      await life;
      await practice?.close();
      return true;
    })();
    // What does not end in time is taken up by another worker, as after a crash.
    if (!(await Promise.race([orderly, sleep(graceMs, false)]))) log().warn(runner.now(), "jobs were left to others");
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void end(signal));
  console.log(`The worker is ready: jobs wait in ${where(settings)}.`);
}

function where({ queue }: WorkerSettings): string {
  return queue.kind === "redis" ? "Redis" : "PostgreSQL";
}

/**
 * Signs of life, and a new start of the queue's workers where work stands still, or where this process itself stood still for longer
 * than its jobs' locks last: others have those jobs now. Resolves when the worker is stopping.
 */
async function startLife(
  runner: Runner,
  queues: Queues,
  { lockMs }: WorkerSettings,
  signal: AbortSignal,
): Promise<void> {
  const worker = `${hostname()}/${process.pid}/${newId().slice(-6)}`;
  const lag = monitorEventLoopDelay({ resolution: 20 });
  lag.enable();
  const beatMs = Math.min(longestBeatMs, lockMs);
  let restartedMs = Date.now();
  let sleptMs = 0;
  while (!signal.aborted) {
    const { active, lastTakenMs, lastEndedMs } = runner.now();
    try {
      // The histogram may not have seen yet what has just passed; that this loop itself came late tells as well.
      const loopLagMs = Math.max(lag.max / 1e6, sleptMs - beatMs);
      lag.reset();
      await beat({ worker, lastTakenMs, lastEndedMs, loopLagMs });
      const movedMs = Math.max(restartedMs, lastTakenMs ?? 0, lastEndedMs ?? 0);
      const isIdle = active === 0 && Date.now() - movedMs > standstillMs;
      if (loopLagMs > lockMs || (isIdle && (await backlog()).oldestMs > standstillMs)) {
        log().error({ loopLagMs, active }, "the worker stood still: the queue's workers are started anew");
        restartedMs = Date.now();
        await queues.stop();
        if (!signal.aborted) await queues.start(runner.run);
      }
    } catch (error) {
      log().warn({ err: error }, "no sign of life could be given");
    }
    const asleep = performance.now();
    await sleep(beatMs, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    sleptMs = performance.now() - asleep;
  }
  await lastBeat(worker);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  log().fatal({ err: error }, "the worker could not start");
  process.exit(1);
});
