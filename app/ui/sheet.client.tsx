"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useRef } from "react";

/** The sheet's box. Script adds what a dialog needs: the rest is inert, the first field has the focus, Escape closes. */
export function SheetFrame({ title, closeHref, children }: { title: string; closeHref: string; children: ReactNode }) {
  const host = useRef<HTMLDivElement>(null);
  const router = useRouter();

  useEffect(() => {
    const box = host.current;
    if (!box) return;
    const before = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    const hushed: HTMLElement[] = [];
    for (let node: HTMLElement = box; node !== document.body && node.parentElement; node = node.parentElement)
      for (const other of node.parentElement.children)
        if (other instanceof HTMLElement && other !== node && !other.inert && keepsQuiet(other)) {
          other.inert = true;
          hushed.push(other);
        }
    const first = box.querySelector<HTMLElement>("[autofocus], .body input:not([type=hidden]), .body select");
    (first ?? box).focus();
    return () => {
      for (const other of hushed) other.inert = false;
      before?.focus();
    };
  }, []);

  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.key === "Escape" && !event.defaultPrevented) router.push(closeHref, { scroll: false });
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [router, closeHref]);

  return (
    <div className="drawer" role="dialog" aria-modal="true" aria-label={title} ref={host} tabIndex={-1}>
      {children}
    </div>
  );
}

/** The veil can be pressed, toasts and Next's announcer are heard. */
function keepsQuiet(element: HTMLElement): boolean {
  return !element.matches(".veil, .toasts, next-route-announcer, script, style, link");
}
