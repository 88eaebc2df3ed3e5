"use client";

import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { countText } from "./figures";
import type { ProgressNow } from "./progress";

const ended = new Set(["done", "failed", "cancelled"]);

/** The bar and its line of counts; listens while the work runs, and reads the page again when it has ended. */
export function LiveProgress({
  title,
  what,
  now,
  live,
}: {
  title: string;
  what: string;
  now: ProgressNow;
  live: string | undefined;
}) {
  const router = useRouter();
  const [heard, setHeard] = useState<ProgressNow | null>(null);

  useEffect(() => {
    if (live === undefined) return;
    const source = new EventSource(live);
    source.onmessage = (event: MessageEvent<string>) => {
      const next = JSON.parse(event.data) as ProgressNow;
      setHeard(next);
      if (ended.has(next.state)) {
        source.close();
        router.refresh();
      }
    };
    return () => source.close();
  }, [live, router]);

  const at = live === undefined ? now : (heard ?? now);
  const percent = at.total === null || at.total === 0 ? null : Math.min(100, Math.floor((at.done * 100) / at.total));
  return (
    <>
      {percent === null ? null : (
        <div
          className="prog"
          role="progressbar"
          aria-label={title}
          aria-valuenow={percent}
          aria-valuemin={0}
          aria-valuemax={100}
        >
          <i style={{ width: `${percent}%` }} />
        </div>
      )}
      <p className="text-13 mt-2">
        <b>
          {countText(at.done)}
          {at.total === null || at.state === "done" ? "" : ` of about ${countText(at.total)}`} {what}.
        </b>{" "}
        <span className="q">{at.note}</span>
      </p>
    </>
  );
}
