"use client";

import { useRouter } from "next/navigation";
import { useEffect, useRef } from "react";
import { useSent } from "../../../../ui/form.client";

/** After a save: on to the next line where the button named `next` was pressed, else back to the list. The toast stays. */
export function GoOn({ to, next }: { to: string; next: string | null }) {
  const { sent } = useSent("line");
  const host = useRef<HTMLSpanElement>(null);
  const wantsNext = useRef(false);
  const went = useRef(false);
  const router = useRouter();

  useEffect(() => {
    const form = host.current?.closest("form");
    if (!form) return;
    const note = (event: SubmitEvent) => {
      wantsNext.current = event.submitter?.getAttribute("name") === "next";
    };
    form.addEventListener("submit", note, { capture: true });
    return () => form.removeEventListener("submit", note, { capture: true });
  }, []);

  useEffect(() => {
    if (!sent.done || went.current) return;
    went.current = true;
    router.push(wantsNext.current && next !== null ? next : to);
  }, [sent.done, next, to, router]);

  return <span ref={host} hidden />;
}
