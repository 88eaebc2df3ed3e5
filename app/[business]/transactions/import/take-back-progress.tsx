import { can, type Scope } from "@/lib/people/access";
import type { Run } from "@/lib/system/runs";
import { Button } from "../../../ui/button";
import { Form } from "../../../ui/form";
import { Progress } from "../../../ui/progress";
import { Alert, Note } from "../../../ui/section";
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

export const isUnderWay = (run: Run | null): boolean => run?.state === "waiting" || run?.state === "running";
