/** A worker as a process of its own, on this test file's database, that can be killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const running = new Set<ChildProcess>();
afterAll(killAll);

/** Ends whatever a test that failed has left running, so that it does not do the next one's work. */
export function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

export type Ended = Readonly<{ code: number | null; signal: NodeJS.Signals | null }>;
export type WorkerProcess = Readonly<{
  ready: Promise<void>;
  ended: Promise<Ended>;
  said: () => string;
  stop: (signal?: "SIGTERM" | "SIGKILL") => Promise<Ended>;
  /** Lets one go on that a failpoint stopped. */
  goOn: () => void;
}>;

/** Short times, so that a test sees in seconds what takes a minute in production; and a lock that is so short is kept beside other tests. */
export const fast = { QUEUE_LOCK_MS: "1200", QUEUE_SWEEP_MS: "1500", WORKER_NICENESS: "0" } as const;

/** Starts one. `failpoints` is for LOTBOOK_FAILPOINTS. */
export function startWorker(env: Readonly<Record<string, string>> = {}, failpoints = ""): WorkerProcess {
  const { REDIS_URL: _, ...own } = process.env;
  const child = spawn(process.execPath, ["--import", "tsx", "workers/main.ts"], {
    cwd: root,
    env: { ...own, ...fast, LOG_LEVEL: "warn", LOTBOOK_FAILPOINTS: failpoints, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  let said = "";
  child.stdout.on("data", (bytes) => (said += bytes));
  child.stderr.on("data", (bytes) => (said += bytes));
  const ended = once(child, "exit").then(([code, signal]): Ended => {
    running.delete(child);
    return { code, signal };
  });
  const ready = (async () => {
    while (!said.includes("The worker is ready")) {
      if (child.exitCode !== null || child.signalCode !== null) {
        // One that is to die early may do so before it was ready.
        if (failpoints !== "") return;
        throw new Error(`the worker ended:\n${said}`);
      }
      await sleep(20);
    }
  })();
  return {
    ready,
    ended,
    said: () => said,
    stop: async (signal = "SIGTERM") => {
      child.kill(signal);
      return ended;
    },
    goOn: () => void child.kill("SIGCONT"),
  };
}

/** Waits for something to become true; fails with what it was last. */
export async function until<T>(
  what: string,
  look: () => Promise<T>,
  isSo: (seen: T) => boolean,
  ms = 45_000,
): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (Date.now() > end)
      throw new Error(`${what} did not come true within ${ms} ms; last seen: ${JSON.stringify(seen)}`);
    await sleep(100);
  }
}

/** Starts a worker and waits until it is dead where it is to die: a place of the code, with `@2` at the second time it comes there. */
export async function killedAt(failpoint: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const [place, nth = "1"] = failpoint.split("@");
  const worker = startWorker(env, `${place}=kill@${nth}`);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void worker.stop("SIGKILL");
  }, 60_000);
  const { signal } = await worker.ended;
  clearTimeout(timer);
  if (signal !== "SIGKILL" || isLate) throw new Error(`no worker died at ${failpoint}:\n${worker.said()}`);
}
