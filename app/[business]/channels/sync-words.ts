/** How a sync is said in words: what it counts, how far each step is, what came in. Pure: the server and the browser say the same. */
import type { Run } from "@/lib/system/runs";
import { countText } from "../../ui/figures";
import type { ProgressNow, ProgressStep } from "../../ui/progress";
import type { StateKind } from "../../ui/state";

/** What a page knows of a run, and each of its events says again. */
export type SyncRun = Pick<Run, "id" | "job" | "label" | "state" | "done" | "total" | "skipped" | "steps" | "note">;

const isFetching = (run: SyncRun) => run.total === null;

/** What is counted now: documents that are fetched, then documents that go into the books. */
export function countedOf(run: SyncRun): string {
  return isFetching(run) ? "documents fetched" : "documents in the books";
}

/** The line of counts. While documents are fetched nobody knows how many there are. */
export function progressOf(run: SyncRun, pace: string | null): ProgressNow {
  const fetched = run.steps.reduce((sum, step) => sum + step.done, 0);
  const note = [run.note === null ? null : `${run.note}.`, pace].filter((one) => one !== null).join(" ");
  return {
    done: isFetching(run) ? fetched : run.done,
    total: run.total,
    note: note === "" ? (run.state === "waiting" ? "Waiting for a worker." : null) : note,
    state: run.state,
  };
}

const kinds: Readonly<Record<"waiting" | "running" | "done", StateKind>> = {
  waiting: "waiting",
  running: "work",
  done: "done",
};

/** Each feed, then the books. */
export function stepsOf(run: SyncRun): readonly ProgressStep[] {
  const feeds = run.steps.map(
    (step): ProgressStep => ({
      label: step.label,
      kind: kinds[step.state],
      count: step.state === "waiting" ? null : step.done,
      note: step.state === "waiting" ? "waits" : freshText(step.more?.fresh ?? 0, step.done),
    }),
  );
  const books: ProgressStep = {
    label: "Into the books",
    kind: isFetching(run) ? "waiting" : run.state === "done" ? "done" : "work",
    count: isFetching(run) ? null : run.done,
    note: isFetching(run)
      ? "waits for all of it; nothing you see now changes before"
      : run.skipped > 0
        ? `${countText(run.skipped)} set aside, with the reason`
        : "matched, costed and posted as they come",
  };
  return [...feeds, books];
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
  return parts.length === 0 ? "nothing new" : parts.join(", ");
}

export const runStates: Readonly<Record<Run["state"], Readonly<{ kind: StateKind; says: string }>>> = {
  waiting: { kind: "waiting", says: "Waiting" },
  running: { kind: "work", says: "Running" },
  done: { kind: "done", says: "Done" },
  failed: { kind: "wrong", says: "Stopped" },
  cancelled: { kind: "waiting", says: "Cancelled" },
};
