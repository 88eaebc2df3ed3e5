"use client";

import type { MouseEvent, ReactNode } from "react";
import { useFormStatus } from "react-dom";
import { classes } from "./classes";

/**
 * The button of a form. While its form is being answered it keeps its width, shows a spinner and its -ing word, and cannot be pressed
 * again. It stays focusable (aria-disabled, not disabled), so that the focus is not lost under the person.
 */
export function BusyButton({
  className,
  children,
  busy,
  name,
  value,
  form,
  formAction,
  always,
}: {
  className: string | undefined;
  children: ReactNode;
  busy: ReactNode;
  name?: string | undefined;
  value?: string | undefined;
  form?: string | undefined;
  formAction?: string | ((data: FormData) => void | Promise<void>) | undefined;
  /** Shows the busy face without a form: for work that was begun elsewhere. */
  always?: boolean | undefined;
}) {
  const status = useFormStatus();
  const pressed = name === undefined || status.data?.get(name) === (value ?? "");
  const isBusy = always === true || (status.pending && pressed);
  return (
    <button
      type="submit"
      className={classes(className)}
      name={name}
      value={value}
      form={form}
      formAction={formAction}
      aria-busy={isBusy || undefined}
      aria-disabled={status.pending && !isBusy ? true : undefined}
      onClick={(event: MouseEvent) => {
        if (status.pending || always) event.preventDefault();
      }}
    >
      <span className="face">
        <span className={isBusy ? undefined : "seen"} aria-hidden={isBusy || undefined}>
          {children}
        </span>
        <span className={isBusy ? "seen" : undefined} aria-hidden={!isBusy || undefined}>
          <span className="spin" aria-hidden="true" />
          {busy}
        </span>
      </span>
    </button>
  );
}
