"use client";

import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { classes } from "./classes";

/**
 * A small menu of links or a form: `<details>`, so that it opens without script. Script closes it on Escape, on a press outside, when
 * something in it is followed, and when another menu opens.
 */
export function Menu({
  summary,
  className,
  all,
  children,
}: {
  summary: ReactNode;
  className: string | undefined;
  all?: boolean | undefined;
  children: ReactNode;
}) {
  const host = useRef<HTMLDetailsElement>(null);

  useEffect(() => {
    function outside(event: PointerEvent) {
      if (host.current?.open && !host.current.contains(event.target as Node)) host.current.open = false;
    }
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, []);

  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== "Escape" || !host.current?.open) return;
    event.stopPropagation();
    host.current.open = false;
    host.current.querySelector("summary")?.focus();
  }

  return (
    <details ref={host} className={className} name="menu" onKeyDown={onKeyDown}>
      <summary>{summary}</summary>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/noStaticElementInteractions: a followed link, by key or press, clicks and closes */}
      <div
        className={classes("menu", all && "all")}
        onClick={(event) => {
          if ((event.target as HTMLElement).closest("a") && host.current) host.current.open = false;
        }}
      >
        {children}
      </div>
    </details>
  );
}
