import type { ReactNode } from "react";
import { can, type Scope } from "@/lib/people/access";
import type { Run } from "@/lib/system/runs";
import { Button } from "../../../ui/button";
import { Moment } from "../../../ui/date";
import { Form } from "../../../ui/form";
import { Progress } from "../../../ui/progress";
import { Alert, Note, Section } from "../../../ui/section";
import { stopTakeBack } from "./actions";

/** How far a job is that takes a file or a sync back, or how it ended without having done so; nothing where there is none. */
export function TakeBackProgress({ scope, run }: { scope: Scope; run: Run | null }) {
  if (run === null || run.state === "done") return null;
  if (run.state === "failed") return <Alert>Nothing was taken back. {run.note}</Alert>;
  if (run.state === "cancelled")
    return (
      <div className="mb-4">
        <Note>{run.note ?? "Stopped. Nothing was taken back."}</Note>
      </div>
    );
  return (
    <Progress
      title={`${run.label} is taken back`}
      what="rows"
      since="you can leave this page; it goes on, all of it or nothing"
      now={{ done: run.done, total: run.total, note: run.note ?? "", state: run.state }}
      live={`/api/runs/${run.id}/events?business=${encodeURIComponent(scope.slug)}`}
      actions={
        can(scope, "write") ? (
          <Form action={stopTakeBack} hidden={{ run: run.id }}>
            <Button kind="link" busy="Stopping">
              Stop
            </Button>
          </Form>
        ) : undefined
      }
    />
  );
}

/**
 * What a large take-back would move is worked out by a job: how far that is, or what it said. `children` ask for it, and are left out while
 * it is under way.
 */
export function PreviewProgress({ scope, run, children }: { scope: Scope; run: Run | null; children: ReactNode }) {
  if (run !== null && isUnderWay(run))
    return (
      <Progress
        title={`What taking ${run.label} back changes is worked out`}
        what="rows"
        since="nothing is taken back yet; you can leave this page"
        now={{ done: run.done, total: run.total, note: run.note ?? "", state: run.state }}
        live={`/api/runs/${run.id}/events?business=${encodeURIComponent(scope.slug)}`}
        actions={
          <Form action={stopTakeBack} hidden={{ run: run.id }}>
            <Button kind="link" busy="Stopping">
              Stop
            </Button>
          </Form>
        }
      />
    );
  return (
    <Section title="What this changes">
      {run === null ? (
        <Note>
          It is too much to work out while a page waits: a job rehearses it, and nothing is taken back by that.
        </Note>
      ) : run.state === "failed" ? (
        <Alert>{run.note}</Alert>
      ) : (
        <p>
          {run.note}{" "}
          <span className="q">
            Worked out <Moment at={run.endedAt ?? run.createdAt} timeZone={scope.timeZone} />.
          </span>
        </p>
      )}
      <div className="mt-2">{children}</div>
    </Section>
  );
}

/** May it be taken back: has a job said what that changes? */
export const isSeen = (run: Run | null): boolean => run?.state === "done";

export const isUnderWay = (run: Run | null): boolean => run?.state === "waiting" || run?.state === "running";
