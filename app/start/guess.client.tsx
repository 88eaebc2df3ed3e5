"use client";

import { useEffect, useRef } from "react";

/** The browser knows its time zone better than its language does: it is chosen, unless something was typed already. */
export function GuessTimeZone({ name, unless }: { name: string; unless: string }) {
  const here = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const field = here.current?.closest("form")?.elements.namedItem(name);
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!(field instanceof HTMLSelectElement) || field.value !== unless) return;
    if ([...field.options].some((option) => option.value === zone)) field.value = zone;
  }, [name, unless]);
  return <span ref={here} hidden />;
}
