/**
 * Runs one job, and is the only place that knows what a failure means: whether the job is tried again, when, and when it is given up.
 * A handler throws what happened; a service says so in words; here it becomes a row that waits, a row that is dead, or no row.
 */
import { ChannelError, Refusal } from "../lib/core/errors";
import { type Scope, systemScope } from "../lib/people/access";
import { isDatabaseAway, whenBack } from "../lib/system/away";
import { failpoint } from "../lib/system/failpoints";
import { type JobName, jobs, type Payload } from "../lib/system/jobs";
import { isTakenOver, LeaseLost, underLease } from "../lib/system/lease";
import { log } from "../lib/system/log";
import { type Begun, begin, bury, finish, goOn, postpone } from "../lib/system/outbox";
import { type Handler, handlers } from "./registry";

/** What a failure means. `counts`: it is one of the job's attempts; being asked to wait is not. */
export type Meaning =
  | Readonly<{ kind: "wait"; afterMs: number; counts: boolean; message: string }>
  | Readonly<{ kind: "stop"; message: string; isDisconnected: boolean; isFault: boolean }>;

const baseMs = 1_000;
const longestMs = 900_000;
/** A database that restarts is back in seconds: for so long a job waits to say how it ended. Later, the sweep finds it. */
const backMs = 60_000;

/** A random part of a span that doubles with each attempt, up to a quarter of an hour: many that failed together do not return together. */
export function backoffMs(attempt: number, random: () => number): number {
  return Math.round((0.2 + 0.8 * random()) * Math.min(longestMs, baseMs * 2 ** Math.min(attempt, 20)));
}

/** Pure: what an error at this attempt means. `isStopping`: the worker ends, and the job's time was not up. */
export function meaningOf(
  error: unknown,
  job: Readonly<{ attempt: number; attempts: number; isStopping: boolean }>,
  random: () => number,
): Meaning {
  const stop = (message: string, more: Readonly<{ isDisconnected?: boolean; isFault?: boolean }> = {}): Meaning => ({
    kind: "stop",
    message,
    isDisconnected: more.isDisconnected ?? false,
    isFault: more.isFault ?? false,
  });
  if (job.isStopping) return { kind: "wait", afterMs: 0, counts: false, message: "The worker was stopped." };
  // The business's connections are all in use: nothing is wrong with the job.
  if (error instanceof Refusal && error.code === "too_busy")
    return { kind: "wait", afterMs: backoffMs(job.attempt, random), counts: false, message: error.message };
  if (isDatabaseAway(error))
    return {
      kind: "wait",
      afterMs: backoffMs(job.attempt, random),
      counts: false,
      message: "The database could not be reached.",
    };
  // A sign-in that cannot be used any more is all that this code is refused for in a job.
  if (error instanceof Refusal) return stop(error.message, { isDisconnected: error.code === "connect_failed" });
  if (error instanceof ChannelError) {
    switch (error.failure) {
      case "disconnected":
        return stop(error.message, { isDisconnected: true });
      case "refused":
      case "unreadable":
        return stop(error.message);
      case "throttled": {
        const afterMs = Math.min(error.retryAfterMs ?? backoffMs(job.attempt, random), longestMs);
        return { kind: "wait", afterMs, counts: false, message: error.message };
      }
      case "unavailable":
        break;
    }
  }
  const isFault = !(error instanceof ChannelError) && !isTimeout(error);
  const message = isFault ? "This is our fault, and it is written down." : error instanceof Error ? error.message : "";
  if (job.attempt >= job.attempts) return stop(message, { isFault });
  const asked = error instanceof ChannelError ? error.retryAfterMs : null;
  return { kind: "wait", afterMs: asked ?? backoffMs(job.attempt, random), counts: true, message };
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === "TimeoutError";
}

export type Runner = Readonly<{
  /** Runs the job of an outbox row. Rejects only where the outbox itself cannot be reached. */
  run: (row: string) => Promise<void>;
  /** Jobs under way, and when one last began and ended (milliseconds since 1970, null for never). */
  now: () => Readonly<{ active: number; lastTakenMs: number | null; lastEndedMs: number | null }>;
}>;

/** `stopping` is the worker's: jobs under way give themselves back at their next safe place. */
export function makeRunner(stopping: AbortSignal): Runner {
  let active = 0;
  let lastTakenMs: number | null = null;
  let lastEndedMs: number | null = null;
  return {
    now: () => ({ active, lastTakenMs, lastEndedMs }),
    run: async (row) => {
      active += 1;
      lastTakenMs = Date.now();
      try {
        const begun = await begin(row);
        if (begun === null) return;
        if (Object.hasOwn(jobs, begun.job))
          await underLease(begun, () => runJob(begun.job as JobName, begun, stopping));
        else await bury(begun.id, `There is no job of the name ${begun.job}.`);
      } finally {
        active -= 1;
        lastEndedMs = Date.now();
      }
    },
  };
}

async function runJob<Name extends JobName>(name: Name, row: Begun, stopping: AbortSignal): Promise<void> {
  const definition = jobs[name];
  const parsed = definition.payload.safeParse(row.payload);
  if (!parsed.success) {
    log().error({ job: name, row: row.id, issues: parsed.error.issues }, "a job's payload has another shape");
    return bury(row.id, "The job was asked for in words that this version does not understand.");
  }
  const payload = parsed.data as Payload<Name>;
  const fields = { job: name, row: row.id, businessId: payload.business, attempt: row.attempt };
  const scope = await scopeOrNone(payload.business);
  const handler = (await handlers[name]()) as Handler<Name>;
  if (scope === null) {
    // The business was thrown away: nobody waits for this. What throws is swept, and tried again.
    await handler.gone?.(payload);
    return finish(row.id);
  }
  if (row.attempt > definition.attempts) {
    const message = `The job ended its worker ${definition.attempts} times.`;
    log().error(fields, message);
    await handler.stopped?.(payload, { scope }, { message, isDisconnected: false });
    return bury(row.id, message, row.attempt);
  }
  const deadline = AbortSignal.timeout(definition.timeoutMs);
  try {
    await failpoint("run.begun");
    const result = await handler.run(payload, {
      scope,
      attempt: row.attempt,
      signal: AbortSignal.any([stopping, deadline]),
    });
    await failpoint("run.ended");
    if (result === "done") await finish(row.id, row.attempt);
    else await goOn(row.id, row.attempt);
  } catch (error) {
    const isStopping = stopping.aborted && !deadline.aborted;
    const meaning = meaningOf(error, { attempt: row.attempt, attempts: definition.attempts, isStopping }, Math.random);
    // Whatever ended the work: where the job is another worker's now, this one has nothing more to say of it.
    const told = async () => {
      if (error instanceof LeaseLost || (await isTakenOver(row))) return false;
      await act(name, meaning, { handler, payload, scope, row });
      return true;
    };
    if (!(await whenBack(told, backMs, stopping)))
      return log().warn(fields, "a job was taken up by another worker, and is left to it");
    const level = meaning.kind === "stop" && meaning.isFault ? "error" : isStopping ? "info" : "warn";
    log()[level](
      { ...fields, meaning, err: error },
      meaning.kind === "stop" ? "a job was given up" : "a job has to wait",
    );
  }
}

async function act<Name extends JobName>(
  name: Name,
  meaning: Meaning,
  job: Readonly<{ handler: Handler<Name>; payload: Payload<Name>; scope: Scope; row: Begun }>,
): Promise<void> {
  const { handler, payload, scope, row } = job;
  if (meaning.kind === "wait") {
    const { afterMs: delayMs, counts, message } = meaning;
    await postpone(row.id, { delayMs, counts, error: message }, row.attempt);
    if (meaning.afterMs > 0) await handler.waits?.(payload, { scope }, meaning.message, meaning.afterMs);
    return;
  }
  log().debug({ job: name, row: row.id }, "telling whoever waits");
  await handler.stopped?.(payload, { scope }, { message: meaning.message, isDisconnected: meaning.isDisconnected });
  await bury(row.id, meaning.message, row.attempt);
}

async function scopeOrNone(business: string): Promise<Scope | null> {
  try {
    return await systemScope(business);
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") return null;
    throw error;
  }
}
