/**
 * Taking back a whole sync or file: a small one while the form waits, a large one by a job that shows how far it is. Either way it is one
 * transaction, so that all of it goes or nothing: a job that is stopped, refused or killed leaves the books as they were.
 */
import { inBusiness } from "../../db/scope";
import { settle } from "../books/costing";
import { lockBooks } from "../books/ledger";
import { type Undoing, undoSync } from "../digest";
import { require, type Scope } from "../people/access";
import { type Changes, rehearse, summary } from "../preview";
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
import { type UndoWatch, undoSourceIn } from "../undo";
import { previewUndoImport, sizeOfImport, undoImport } from "./import-undo";

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
    watch: watching(scope, work.run, signal),
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

function watching(scope: Scope, run: string, signal: AbortSignal): UndoWatch {
  return async (done) => {
    signal.throwIfAborted();
    if (await isCancelled(scope, run)) throw new Stopped("stopped by a person");
    // In a transaction of its own: what is not committed yet would be seen by nobody.
    await inBusiness(scope, (tx) => progressIn(tx, scope, run, { done }));
  };
}

/** A take-back that was given up: nothing of it happened, and its run says why. */
export function takeBackStopped(scope: Scope, run: string, why: string): Promise<void> {
  return finishRun(scope, run, { state: "failed", done: 0, note: why });
}

/** What is to be taken back: a sync of a channel, or a file. */
export type ToTakeBack = Readonly<{ of: "sync" | "import"; id: string; channel?: string | undefined }>;

/** Asks a job to say what taking a large sync or file back would move. Gives its run. Refuses as `takeBackSync`. */
export async function askPreview(scope: Scope, { of, id, channel = "" }: ToTakeBack): Promise<string> {
  require(scope, "write");
  const { label, total } =
    of === "sync"
      ? { label: (await channelOf(scope, channel)).name, total: (await syncContents(scope, channel, id)).facts }
      : await inBusiness(scope, async (tx) => {
          const { kind, name, count } = await sizeOfImport(tx, scope, id);
          return { label: name, total: kind === "bank" ? count : null };
        });
  const run = newId();
  await inBusiness(scope, async (tx) => {
    await lockBooks(tx, scope);
    await startRun(tx, scope, {
      job: "previewTakeBack",
      about: id,
      label,
      id: run,
      ...(total === null ? {} : { total }),
    });
    await request(tx, "previewTakeBack", { business: scope.businessId, of, id, run });
  });
  return run;
}

/** The last time that a job said what taking it back would move; null where none did. */
export async function previewOf(scope: Scope, id: string): Promise<Run | null> {
  require(scope, "read");
  return (await runsAbout(scope, { job: ["previewTakeBack"], about: id, limit: 1 }))[0] ?? null;
}

/** Years of months are named one by one in a job's note. */
const monthsNamed = 60;

/** The job: takes it back, says what that moved, and rolls it back. Stopped or killed, it has changed nothing either. */
export async function runPreview(
  scope: Scope,
  work: Omit<Payload<"previewTakeBack">, "business">,
  signal: AbortSignal,
): Promise<void> {
  const begun = await beginRun(scope, work.run);
  if (begun === null) return;
  const watch = watching(scope, work.run, signal);
  try {
    const changes = await (work.of === "import"
      ? previewUndoImport(scope, work.id, watch)
      : previewUndoSync(scope, work.id, watch));
    const note = summary(scope, changes, monthsNamed);
    await finishRun(scope, work.run, { state: "done", note });
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    await finishRun(scope, work.run, { state: "cancelled", note: "Stopped before it was worked out." });
  }
}

function previewUndoSync(scope: Scope, run: string, watch: UndoWatch): Promise<Changes> {
  return rehearse(scope, async (tx, books) => {
    await undoSourceIn(tx, scope, books, run, { source: null, userId: null }, watch);
    await settle(tx, scope, books);
  });
}

/** What would move could not be said, and why: most often because taking it back is refused. */
export function previewStopped(scope: Scope, run: string, why: string): Promise<void> {
  return finishRun(scope, run, { state: "failed", note: why });
}
