"use client";

import { useEffect, useState } from "react";
import { Changes } from "../../../ui/changes";
import { dayText } from "../../../ui/days";
import type { PreviewAnswer } from "./preview-answer";

export type Preview =
  | Readonly<{ state: "none" }>
  | Readonly<{ state: "counting" }>
  | Readonly<{ state: "ready"; answer: PreviewAnswer }>;

/** Asks what a save would change, a little after the last key. A form that cannot be saved yet changes nothing. */
export function usePreview({
  slug,
  content,
  isDirty,
  seen,
}: {
  slug: string;
  content: string;
  isDirty: boolean;
  seen: number;
}): Preview {
  const [preview, setPreview] = useState<Preview>({ state: "none" });
  // biome-ignore lint/correctness/useExhaustiveDependencies: `content` is what was typed; the form itself is read when it is sent
  useEffect(() => {
    if (!isDirty) {
      setPreview({ state: "none" });
      return;
    }
    const stop = new AbortController();
    const timer = setTimeout(() => {
      const form = document.querySelector<HTMLFormElement>(".drawer form:has([name=version])");
      if (form === null) return;
      setPreview({ state: "counting" });
      const body = new URLSearchParams();
      for (const [name, value] of new FormData(form))
        if (typeof value === "string" && !name.startsWith("$")) body.append(name, value);
      fetch(`/${slug}/inventory/details/preview`, { method: "POST", body, signal: stop.signal })
        .then(async (response) => {
          // What is refused here is refused again by the save, which says it at its field.
          if (!response.ok) setPreview({ state: "none" });
          else setPreview({ state: "ready", answer: (await response.json()) as PreviewAnswer });
        })
        .catch((failure: unknown) => {
          if (stop.signal.aborted) return;
          console.error(failure);
          setPreview({ state: "none" });
        });
    }, 600);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [content, isDirty, seen, slug]);
  return preview;
}

export function WhatChanges({ preview, slug }: { preview: Preview; slug: string }) {
  if (preview.state === "none") return null;
  if (preview.state === "counting") return <Changes changes={[]} counting="Counting what this changes…" />;
  const { answer } = preview;
  if (answer.saleCount === 0 && !answer.mustBeSeen) return null;
  const sales = answer.saleCount === 1 ? "1 sale" : `${answer.saleCount} sales`;
  return (
    <Changes
      note={`${sales} ${answer.mustBeSeen ? "move, posted costs among them" : "get a cost"}${answer.closed > 0 ? `; ${answer.closed} entries fall into a closed period and are posted on the first open day` : ""}`}
      changes={[
        { label: "Cost of Goods Sold", ...answer.cost },
        { label: "Current Balance", ...answer.inventory },
      ]}
      more={
        <>
          {answer.sales.map((sale, at) => (
            <span key={sale.line}>
              {at > 0 ? "; " : ""}
              <a
                href={`/${slug}/sales/${sale.order.split("/").map(encodeURIComponent).join("/")}`}
                target="_blank"
                rel="noreferrer"
              >
                {sale.number}
              </a>{" "}
              {sale.name}, {dayText(sale.on)}: {sale.change} to {sale.after}
            </span>
          ))}
          {answer.saleCount > answer.sales.length ? `, and ${answer.saleCount - answer.sales.length} more` : ""}.
          {answer.periods.map((line) => (
            <p key={line}>{line}</p>
          ))}
        </>
      }
    />
  );
}
