/**
 * Taking back a whole sync or file: a small one while the form waits, a large one by a job that shows how far it is. Either way it is one
 * transaction, so that all of it goes or nothing: a job that is stopped, refused or killed leaves the books as they were.
 */
import { inBusiness } from "../../db/scope";
import { lockBooks } from "../books/ledger";
import { type Undoing, undoSync } from "../digest";
import { require, type Scope } from "../people/access";
import { syncContents } from "../sales/channel-reads";
import { channelOf } from "../sales/channels";
import { newId } from "../system/ids";
import type { Payload } from "../system/jobs";
import { request } from "../system/outbox";
import {
  beginRun,
  finishRun,
  finishRunIn,
  isCancelled,
  progressIn,
  type Run,
  runsAbout,
  startRun,
} from "../system/runs";
import { sizeOfImport, undoImport } from "./import-undo";

/** More facts or rows than this are taken back by a job, and are not rehearsed for a page: each thousand takes about two seconds. */
export const takenBackAtOnce = 500;

/** `run`: the job that takes it back, null where it is done. */
export type TakenBack = Readonly<{ gone: number; run: string | null }>;

/** Takes back what a sync of this channel brought. Refuses `nothing_to_undo`, `in_use`, and `running_already` while it is under way. */
export async function takeBackSync(
  scope: Scope,
  input: Readonly<{ channel: string; run: string }>,
): Promise<TakenBack> {
  require(scope, "write");
  const channel = await channelOf(scope, input.channel);
  const { facts } = await syncContents(scope, input.channel, input.run);
  if (facts <= takenBackAtOnce) return { gone: await undoSync(scope, input.run), run: null };
  return byJob(scope, { of: "sync", id: input.run, label: channel.name, total: facts });
}

/** Takes an import back. Refuses as `takeBackSync`. */
export async function takeBackImport(scope: Scope, id: string): Promise<TakenBack> {
  require(scope, "write");
  const { kind, name, count } = await inBusiness(scope, (tx) => sizeOfImport(tx, scope, id));
  if (count <= takenBackAtOnce) return { gone: await undoImport(scope, id), run: null };
  // How many facts a channel's documents are is known only when they are read.
  return byJob(scope, { of: "import", id, label: name, total: kind === "bank" ? count : null });
}

async function byJob(
  scope: Scope,
  what: Readonly<{ of: "sync" | "import"; id: string; label: string; total: number | null }>,
): Promise<TakenBack> {
  const run = newId();
  await inBusiness(scope, async (tx) => {
    // Two who ask at once: the second finds the run of the first.
    await lockBooks(tx, scope);
    await startRun(tx, scope, {
      job: "takeBack",
      about: what.id,
      label: what.label,
      id: run,
      ...(what.total === null ? {} : { total: what.total }),
    });
    const { businessId: business, userId: user } = scope;
    await request(tx, "takeBack", { business, of: what.of, id: what.id, user, run });
  });
  return { gone: 0, run };
}

/** The last time that this sync or file was taken back by a job; null where it never was. */
export async function takingBack(scope: Scope, id: string): Promise<Run | null> {
  require(scope, "read");
  return (await runsAbout(scope, { job: ["takeBack"], about: id, limit: 1 }))[0] ?? null;
}

/** Thrown between two parts of a take-back that somebody stopped: it rolls all of it back. */
class Stopped extends Error {}

/** The job. Its run ends in the transaction that takes back, so that a killed worker neither repeats it nor takes it for refused. */
export async function runTakeBack(
  scope: Scope,
  work: Omit<Payload<"takeBack">, "business">,
  signal: AbortSignal,
): Promise<void> {
  if ((await beginRun(scope, work.run)) === null) return;
  // In the audit trail stands who asked for it.
  const who: Scope = { ...scope, userId: work.user };
  const undoing: Undoing = {
    watch: async (done) => {
      signal.throwIfAborted();
      if (await isCancelled(scope, work.run)) throw new Stopped("stopped by a person");
      // In a transaction of its own: what is not committed yet would be seen by nobody.
      await inBusiness(scope, (tx) => progressIn(tx, scope, work.run, { done }));
    },
    ended: (tx, gone) => finishRunIn(tx, scope, work.run, { state: "done", done: gone, total: gone, note: null }),
  };
  try {
    await (work.of === "sync" ? undoSync(who, work.id, undoing) : undoImport(who, work.id, undoing));
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    const note = "Stopped. Nothing was taken back.";
    await finishRun(scope, work.run, { state: "cancelled", done: 0, note });
  }
}

/** A take-back that was given up: nothing of it happened, and its run says why. */
export function takeBackStopped(scope: Scope, run: string, why: string): Promise<void> {
  return finishRun(scope, run, { state: "failed", done: 0, note: why });
}
