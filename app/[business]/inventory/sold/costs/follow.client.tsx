"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useRef, useTransition } from "react";
import { acceptedField, seenField } from "../../../../ui/form-state";

/** What is no part of the question: Next's own fields, and what was seen of the answer. */
const isOurs = (name: string) => !name.startsWith("$ACTION") && name !== acceptedField && name !== seenField;

/**
 * Follows the form that it stands in: what is chosen and typed goes into the address, and the server answers with what this changes. Without
 * script the form's own button does the same. After a save it goes on: to `nextHref` where the button named `next` was pressed.
 */
export function Follow({ path, children }: { path: string; children: ReactNode }) {
  const host = useRef<HTMLDivElement>(null);
  const router = useRouter();
  const [isCounting, begin] = useTransition();

  useEffect(() => {
    const form = host.current?.closest("form");
    if (!form) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const asked = () => {
      const query = new URLSearchParams();
      for (const [name, value] of new FormData(form))
        if (typeof value === "string" && value !== "" && isOurs(name)) query.append(name, value);
      return query.toString();
    };
    let last = asked();
    const follow = () => {
      const text = asked();
      if (text === last) return;
      last = text;
      begin(() => router.replace(`${path}?${text}`, { scroll: false }));
    };
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(follow, 350);
    };
    form.addEventListener("change", later);
    form.addEventListener("focusout", later);
    return () => {
      clearTimeout(timer);
      form.removeEventListener("change", later);
      form.removeEventListener("focusout", later);
    };
  }, [path, router]);

  return (
    <div ref={host} aria-busy={isCounting} className="mt-4">
      {children}
      <p className="vh" role="status">
        {isCounting ? "Working out what this changes…" : ""}
      </p>
    </div>
  );
}
