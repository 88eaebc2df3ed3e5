/**
 * Named places where a test can make a process die, throw or hang, to prove that the books come out the same. In production nothing
 * is named and a failpoint is one look at an empty map.
 *
 * LOTBOOK_FAILPOINTS is a list such as `pull.stored=kill@2,digest.committed=throw`: at the second time that the process comes to
 * `pull.stored` it kills itself as SIGKILL would (nothing is cleaned up), at the first time at `digest.committed` it throws; `@*` is
 * each time. `hang` waits for ten minutes; `stop` stops the whole process until it is sent SIGCONT, as an event loop that is blocked or
 * a machine that sleeps would: no timer, no heartbeat, and its connections stay open.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { invariant } from "../core/errors";

type Way = "kill" | "throw" | "hang" | "stop";
/** `nth` null: each time. */
type Plan = Readonly<{ way: Way; nth: number | null }>;

/** What a failpoint throws: a fault like any other, with its place. */
export class FailpointReached extends Error {
  constructor(name: string) {
    super(`failpoint ${name}`);
    this.name = "FailpointReached";
  }
}

/** Reads a plan; throws for one that says nothing sensible, so that a mistyped test does not pass by doing nothing. */
export function readFailpoints(text: string): ReadonlyMap<string, Plan> {
  const plans = new Map<string, Plan>();
  for (const part of text.split(",")) {
    if (part.trim() === "") continue;
    const [, name, way, nth] =
      /^\s*([a-z]+(?:\.[a-zA-Z]+)*)=(kill|throw|hang|stop)(?:@([1-9]\d{0,5}|\*))?\s*$/.exec(part) ?? [];
    invariant(name !== undefined && way !== undefined, `a failpoint looks like pull.stored=kill@2, not ${part}`);
    plans.set(name, { way: way as Way, nth: nth === "*" ? null : Number(nth ?? "1") });
  }
  return plans;
}

let known: ReadonlyMap<string, Plan> | undefined;
const reached = new Map<string, number>();

/** Does nothing, unless the environment names this place and this is the time it means. */
export async function failpoint(name: string): Promise<void> {
  known ??= readFailpoints(process.env.LOTBOOK_FAILPOINTS ?? "");
  const plan = known.get(name);
  if (plan === undefined) return;
  const time = (reached.get(name) ?? 0) + 1;
  reached.set(name, time);
  if (plan.nth !== null && time !== plan.nth) return;
  switch (plan.way) {
    case "kill":
      process.kill(process.pid, "SIGKILL");
      // The signal may be delivered a moment later; nothing may happen in between.
      await sleep(60_000);
      break;
    case "hang":
      await sleep(600_000);
      break;
    case "stop":
      process.kill(process.pid, "SIGSTOP");
      // Delivered a moment later, as above.
      await sleep(100);
      break;
    case "throw":
      throw new FailpointReached(name);
  }
}
