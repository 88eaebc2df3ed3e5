/** Processes that do things at once (racer.ts), and what came of it. */
import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";
import type { Scope } from "../../lib/people/access";
import type { Asked, FromRacer, ToRacer } from "./racer";

/** `status` 409 and the rest: what a Refusal said. */
export type End = Exclude<FromRacer, string | Readonly<{ no: number; failed: string }>>;

export type Racer = Readonly<{
  ask: (scope: Scope, asked: Asked) => Promise<End>;
  /** Until it has said that it holds one of two locks. */
  holdsOne: Promise<void>;
  goOn: () => void;
  /** Kills it as a machine does that loses its power; what was asked of it is never answered. */
  kill: () => Promise<void>;
}>;

const running = new Set<ChildProcess>();

/** Starts so many, each a Node process with a pool of its own on this test file's database. */
export function startRacers(n: number): Promise<Racer[]> {
  return Promise.all(Array.from({ length: n }, () => startRacer()));
}

async function startRacer(): Promise<Racer> {
  const child = fork(path.join(import.meta.dirname, "racer.ts"), {
    execArgv: ["--import", "tsx"],
    serialization: "advanced",
    env: { ...process.env, DATABASE_POOL: "8", DATABASE_SHARE: "8", LOG_LEVEL: "warn" },
  });
  running.add(child);
  const waiting = new Map<number, Readonly<{ tell: (end: End) => void; fail: (error: Error) => void }>>();
  let isReady: () => void = () => undefined;
  let holds: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const holdsOne = new Promise<void>((resolve) => {
    holds = resolve;
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  void gone.then(() => {
    running.delete(child);
    for (const one of waiting.values()) one.fail(new Error("the process that was asked is gone"));
  });
  child.on("message", (message: FromRacer) => {
    if (message === "ready") isReady();
    else if (message === "holds one") holds();
    else {
      const one = waiting.get(message.no);
      waiting.delete(message.no);
      if ("failed" in message) one?.fail(new Error(message.failed));
      else one?.tell(message);
    }
  });
  let asks = 0;
  const send = (message: ToRacer) => void child.send(message);
  await Promise.race([
    ready,
    gone.then(() => {
      throw new Error("a process that was to race did not start");
    }),
  ]);
  return {
    ask: (scope, asked) =>
      new Promise((tell, fail) => {
        asks += 1;
        waiting.set(asks, { tell, fail });
        send({ no: asks, scope, asked });
      }),
    holdsOne,
    goOn: () => send("go on"),
    kill: async () => {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** Ends all that still run. */
export async function endRacers(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.send("end");
      await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 5_000))]);
      child.kill("SIGKILL");
    }),
  );
}

/** How many ended well, and how many were refused with which code. */
export function countsOf(ends: readonly End[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const end of ends) {
    const name = "code" in end ? end.code : "done";
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
