"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { countText } from "../../ui/figures";
import { Progress } from "../../ui/progress";
import { countedOf, progressOf, type SyncRun, stepsOf } from "./sync-words";

const leastSeconds = 2;

/**
 * A sync under way, with all its steps, counted on by the run's events; the page is read again when it has ended. The pace is measured
 * here, from the first count that was heard: what the run did before is not known by its minute.
 */
export function SyncProgress({
  run,
  live,
  title,
  since,
  actions,
}: {
  run: SyncRun;
  live: string;
  title: string;
  since?: ReactNode | undefined;
  actions?: ReactNode | undefined;
}) {
  const router = useRouter();
  const [heard, setHeard] = useState<SyncRun | null>(null);
  const [pace, setPace] = useState<string | null>(null);
  const began = useRef<{ total: number | null; done: number; atMs: number } | null>(null);

  useEffect(() => {
    const source = new EventSource(live);
    source.onmessage = (event: MessageEvent<string>) => {
      const next = JSON.parse(event.data) as SyncRun;
      const { done, total, state } = progressOf(next, null);
      const now = Date.now();
      // Fetching and reading have paces of their own.
      if (began.current === null || (began.current.total === null) !== (total === null)) {
        began.current = { total, done, atMs: now };
      }
      const seconds = (now - began.current.atMs) / 1000;
      setPace(paceText(done - began.current.done, seconds, total === null ? null : total - done));
      setHeard(next);
      if (state === "done" || state === "failed" || state === "cancelled") {
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
      now={progressOf(at, pace)}
      steps={stepsOf(at)}
      actions={actions}
    />
  );
}

function paceText(done: number, seconds: number, left: number | null): string | null {
  if (done <= 0 || seconds < leastSeconds) return null;
  const aMinute = Math.round((done * 60) / seconds);
  if (aMinute === 0) return null;
  const says = `${countText(aMinute)} a minute.`;
  if (left === null || left <= 0) return says;
  const minutes = Math.ceil(left / aMinute);
  return `${says} ${minutes <= 1 ? "Less than a minute remains." : `About ${countText(minutes)} minutes remain.`}`;
}
