"use client";

import { createContext, type ReactNode, useActionState, useContext, useEffect, useRef } from "react";
import { type FormAction, type FormState, type Undo, untouched } from "./form-state";
import { clearToast, toast } from "./toast.client";

const Sent = createContext<FormState>(untouched);

/** What the form around a field was answered: its own error and what was typed. */
export function useSent(name: string): { error: string | null; typed: string | undefined; sent: FormState } {
  const sent = useContext(Sent);
  const error = sent.error?.field === name ? sent.error.message : null;
  return { error, typed: sent.values?.[name], sent };
}

/**
 * A form over an action `(state, FormData) => Promise<FormState>`. Works without script (the answer is then a new page), keeps what
 * was typed, says an error above the fields and at its field, and a done with its Take back as a toast.
 */
export function Form({
  action,
  id,
  className,
  quiet,
  hidden,
  children,
}: {
  action: FormAction;
  id?: string | undefined;
  className?: string | undefined;
  /** No toast: the page itself shows what was done. */
  quiet?: boolean | undefined;
  /** Hidden fields, by name. */
  hidden?: Readonly<Record<string, string>> | undefined;
  children: ReactNode;
}) {
  const [state, send] = useActionState(action, untouched);
  const summary = useRef<HTMLDivElement>(null);
  const { error, done } = state;

  useEffect(() => {
    if (error) summary.current?.focus();
  }, [error]);

  useEffect(() => {
    if (done && !quiet) toast({ message: done.message, undo: done.undo ? <TakeBack undo={done.undo} /> : undefined });
  }, [done, quiet]);

  return (
    <Sent value={state}>
      <form action={send} id={id} className={className} noValidate>
        {Object.entries(hidden ?? {}).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        {error ? (
          <div className="alert mb-4" role="alert" tabIndex={-1} ref={summary}>
            {error.message}
          </div>
        ) : null}
        {done && !quiet ? (
          <noscript>
            <p className="toast mb-4" role="status">
              {done.message}
            </p>
          </noscript>
        ) : null}
        {children}
      </form>
    </Sent>
  );
}

/** The way back, as a form of its own within a toast. */
function TakeBack({ undo }: { undo: Undo }) {
  const [state, send, pending] = useActionState(undo.action, untouched);
  useEffect(() => {
    if (state.done) toast({ message: state.done.message });
    else if (state === untouched) return;
    else if (!state.error) clearToast();
  }, [state]);
  return (
    <form action={send}>
      {Object.entries(undo.values).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <button type="submit" aria-busy={pending || undefined}>
        {state.error ? `${state.error.message} ${undo.label}` : undo.label}
      </button>
    </form>
  );
}
