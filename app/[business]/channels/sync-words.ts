/** How a sync is said in words: what it counts, how far each step is, what came in. Pure: the server and the browser say the same. */
import type { Run, Step } from "@/lib/system/runs";
import { momentText } from "../../ui/days";
import { countText } from "../../ui/figures";
import type { ProgressNow, ProgressStep } from "../../ui/progress";
import type { StateKind } from "../../ui/state";

/** What a page knows of a run, and each of its events says again. */
export type SyncRun = Pick<Run, "id" | "job" | "label" | "state" | "done" | "total" | "skipped" | "steps" | "note">;

const isFetching = (run: SyncRun) => run.total === null;

/** The feed that is being fetched. */
const fetchedNow = (run: SyncRun) => run.steps.find(({ key, state }) => key !== "books" && state === "running");

/** The feed that is being fetched, where the channel says how many documents it comes to. */
function counted(run: SyncRun): Readonly<{ step: Step; of: number }> | null {
  const step = isFetching(run) ? fetchedNow(run) : undefined;
  const of = step?.more?.of;
  return step === undefined || of === undefined ? null : { step, of: Math.max(of, step.done) };
}

/** What is counted now: documents that are fetched (orders, where they are counted), then documents that go into the books. */
export function countedOf(run: SyncRun): string {
  const now = counted(run);
  if (now !== null) return `${now.step.label.toLowerCase()} fetched`;
  return isFetching(run) ? "documents fetched" : "documents in the books";
}

/** The line of counts, with the pace that was measured where the work is done and the end that follows from it. */
export function progressOf(run: SyncRun, timeZone: string): ProgressNow {
  const fetched = run.steps.reduce((sum, step) => sum + step.done, 0);
  const now = counted(run);
  const at = now ?? (isFetching(run) ? null : { step: run.steps.find(({ key }) => key === "books"), of: run.total });
  const done = now?.step.done ?? (isFetching(run) ? fetched : run.done);
  const total = at?.of ?? null;
  const step = at?.step ?? fetchedNow(run);
  const note = [
    run.note === null ? null : `${run.note}.`,
    run.state === "running" ? paceText(step?.more ?? {}, total === null ? null : total - done, timeZone) : null,
    run.state === "running" && total === null ? reachedText(step?.more ?? {}, timeZone) : null,
  ].filter((one) => one !== null);
  return {
    done,
    total,
    note: note.length === 0 ? (run.state === "waiting" ? "Waiting for a worker." : null) : note.join(" "),
    state: run.state,
  };
}

/** `3,100 a minute. About 12 minutes remain, until about 14:35.` */
function paceText(more: Readonly<Record<string, number>>, left: number | null, timeZone: string): string | null {
  const { perMinute, lastAt } = more;
  if (perMinute === undefined) return null;
  const says = `${countText(perMinute)} a minute.`;
  if (left === null || left <= 0) return says;
  const minutes = Math.ceil(left / perMinute);
  if (minutes <= 1) return `${says} Less than a minute remains.`;
  const end = lastAt === undefined ? "" : `, until about ${endText(lastAt, minutes * 60_000, timeZone)}`;
  return `${says} About ${countText(minutes)} minutes remain${end}.`;
}

/** The hour, and the day where it is another one. */
function endText(from: number, ms: number, timeZone: string): string {
  const [begun, ends] = [momentText(new Date(from), timeZone), momentText(new Date(from + ms), timeZone)];
  const [day, hour] = [ends.slice(0, -6), ends.slice(-5)];
  return begun.startsWith(day) ? hour : `${hour} on ${day}`;
}

/** `Back to 12 May 2025, of 1 Jan 2025.` */
function reachedText({ reached, start }: Readonly<Record<string, number>>, timeZone: string): string | null {
  if (reached === undefined) return null;
  const day = (ms: number) => momentText(new Date(ms), timeZone).slice(0, -6);
  return `Back to ${day(reached)}${start === undefined ? "" : `, on the way to ${day(start)}`}.`;
}

const kinds: Readonly<Record<"waiting" | "running" | "done", StateKind>> = {
  waiting: "waiting",
  running: "work",
  done: "done",
};

/** Each feed, then the books. */
export function stepsOf(run: SyncRun): readonly ProgressStep[] {
  const feeds = run.steps
    .filter(({ key }) => key !== "books")
    .map(
      (step): ProgressStep => ({
        label: step.label,
        kind: kinds[step.state],
        count: step.state === "waiting" ? null : step.done,
        note: step.state === "waiting" ? "waits" : freshText(step.more?.fresh ?? 0, step.done) + pagesText(step),
      }),
    );
  const books: ProgressStep = {
    label: "Into the books",
    kind: run.state === "done" ? "done" : isFetching(run) && run.done === 0 ? "waiting" : "work",
    count: isFetching(run) && run.done === 0 ? null : run.done,
    note: isFetching(run)
      ? run.done === 0
        ? "the newest as soon as they are here"
        : "the newest are there; older ones follow"
      : run.skipped > 0
        ? `${countText(run.skipped)} set aside, with the reason`
        : "matched, costed and posted as they come",
  };
  return [...feeds, books];
}

function pagesText({ more }: Step): string {
  const pages = more?.pages ?? 0;
  return pages === 0 ? "" : `, ${countText(pages)} ${pages === 1 ? "page" : "pages"}`;
}

function freshText(fresh: number, read: number): string {
  if (read === 0) return "nothing changed";
  if (fresh === read) return "all new";
  return fresh === 0 ? "all seen before" : `${countText(fresh)} new or changed`;
}

const one: Readonly<Record<string, readonly [string, string]>> = {
  orders: ["order", "orders"],
  products: ["product", "products"],
  refunds: ["refund", "refunds"],
  payouts: ["payout", "payouts"],
  balance: ["balance row", "balance rows"],
  file: ["document of a file", "documents of files"],
};

/** What a sync brought: "3 orders, 1 payout". */
export function broughtText(run: SyncRun): string {
  const parts = run.steps.flatMap((step) => {
    const fresh = step.more?.fresh ?? 0;
    const [singular, plural] = one[step.key] ?? [step.label, step.label];
    return fresh === 0 ? [] : [`${countText(fresh)} ${fresh === 1 ? singular : plural}`];
  });
  if (run.job === "digestChannel")
    return `${countText(run.done)} ${run.done === 1 ? "document" : "documents"} read from what was here`;
  const isOver = run.state !== "waiting" && run.state !== "running";
  return parts.length === 0 ? (isOver ? "nothing new" : "nothing yet") : parts.join(", ");
}

export const runStates: Readonly<Record<Run["state"], Readonly<{ kind: StateKind; says: string }>>> = {
  waiting: { kind: "waiting", says: "Waiting" },
  running: { kind: "work", says: "Running" },
  done: { kind: "done", says: "Done" },
  failed: { kind: "wrong", says: "Stopped" },
  cancelled: { kind: "waiting", says: "Cancelled" },
};
