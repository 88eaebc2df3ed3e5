"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useState } from "react";
import { Progress } from "../../ui/progress";
import { countedOf, progressOf, type SyncRun, stepsOf } from "./sync-words";

const ended = new Set(["done", "failed", "cancelled"]);

/**
 * A sync under way, with all its steps, counted on by the run's events; the page is read again when it has ended. Its pace comes with the
 * run, measured where the work is done, so a page that is read anew knows it at once.
 */
export function SyncProgress({
  run,
  live,
  title,
  timeZone,
  since,
  actions,
}: {
  run: SyncRun;
  live: string;
  title: string;
  timeZone: string;
  since?: ReactNode | undefined;
  actions?: ReactNode | undefined;
}) {
  const router = useRouter();
  const [heard, setHeard] = useState<SyncRun | null>(null);

  useEffect(() => {
    const source = new EventSource(live);
    source.onmessage = (event: MessageEvent<string>) => {
      const next = JSON.parse(event.data) as SyncRun;
      setHeard(next);
      if (ended.has(next.state)) {
        source.close();
        router.refresh();
      }
    };
    return () => source.close();
  }, [live, router]);

  const at = heard ?? run;
  return (
    <Progress
      title={title}
      since={since}
      what={countedOf(at)}
      now={progressOf(at, timeZone)}
      steps={stepsOf(at)}
      actions={actions}
    />
  );
}
