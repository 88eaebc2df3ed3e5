"use client";

import {
  createContext,
  type ReactNode,
  type RefObject,
  useActionState,
  useContext,
  useEffect,
  useId,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { Button, buttonClass } from "./button";
import { Changes } from "./changes";
import { type Asked, type Copy, type FormAction, type FormState, seenField, type Undo, untouched } from "./form-state";
import { TextLink } from "./link";
import { clearToast, holdToast, toast } from "./toast.client";

const Sent = createContext<FormState>(untouched);

/** What the form around a field was answered: its own error and what was typed. */
export function useSent(name: string): { error: string | null; typed: string | undefined; sent: FormState } {
  const sent = useContext(Sent);
  const error = sent.error?.field === name ? sent.error.message : null;
  return { error, typed: sent.values?.[name], sent };
}

/**
 * A form over an action `(state, FormData) => Promise<FormState>`. Works without script (the answer is then a new page), keeps what
 * was typed, says an error above the fields and at its field, shows what a change moves before it is made, and says a done with its
 * Take back as a toast.
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
  const form = useRef<HTMLFormElement>(null);
  const sent = useRef<FormData | null>(null);
  const [state, send] = useActionState(useSaid(action, quiet === true, sent), untouched);
  const summary = useRef<HTMLDivElement>(null);
  const { error, done, asks } = state;

  useEffect(() => {
    if (!error) return;
    if (form.current && sent.current) keepTyped(form.current, sent.current);
    summary.current?.focus();
  }, [error]);

  return (
    <Sent value={state}>
      <form action={send} id={id} className={className} noValidate ref={form}>
        {Object.entries(hidden ?? {}).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        {error ? (
          <div className="alert mb-4" role="alert" tabIndex={-1} ref={summary}>
            {error.message}
            {asks ? (
              <div className="mt-3">
                {asks.shows === null ? null : <WhatItMoves of={asks.shows} />}
                <input type="hidden" name={seenField} value={asks.seen} />
                <div className="mt-3">
                  <Button busy="Going on">Go on</Button>
                </div>
              </div>
            ) : null}
          </div>
        ) : null}
        {done && !quiet ? (
          <noscript>
            <p className="toast mb-4" role="status">
              {done.message}
            </p>
          </noscript>
        ) : null}
        {done?.copy ? <ToCopy {...done.copy} /> : null}
        {children}
      </form>
    </Sent>
  );
}

/** A text to be taken along: a press on it chooses all of it, one on the button copies it. */
function ToCopy({ label, text }: Copy) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [says, setSays] = useState("Copy");
  const copy = async () => {
    field.current?.select();
    // At an address without TLS a browser lends the old way alone; where it lends none, the text is chosen for the keys.
    const isCopied = window.isSecureContext
      ? await navigator.clipboard.writeText(text).then(
          () => true,
          () => false,
        )
      : document.execCommand("copy");
    setSays(isCopied ? "Copied" : "Selected: press Ctrl+C");
  };
  return (
    <div className="fld mb-4">
      <label className="lbl" htmlFor={id}>
        {label}
      </label>
      <div className="flex gap-2">
        <input
          id={id}
          ref={field}
          className="in min-w-0 flex-1"
          readOnly
          value={text}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button type="button" className={buttonClass({ kind: "plain" })} aria-live="polite" onClick={() => void copy()}>
          {says}
        </button>
      </div>
    </div>
  );
}

/** What a change moves, before it is made. */
export function WhatItMoves({ of: { figures, sales, lines } }: { of: Asked }) {
  return (
    <Changes
      changes={figures}
      more={
        <>
          <ul>
            {sales.map(({ says, number, href }) => (
              <li key={`${href} ${says}`}>
                {says} <TextLink href={href}>{number}</TextLink>
              </li>
            ))}
          </ul>
          {lines.map((line) => (
            <p key={line}>{line}</p>
          ))}
        </>
      }
    />
  );
}

const never = () => () => undefined;

/**
 * The action, and what it has done said as soon as it has answered: the page that comes with the answer may hold this form no longer,
 * and an effect of the form would then never run. Before script runs it is the server's own action, which needs no script.
 */
function useSaid(action: FormAction, isQuiet: boolean, sent: RefObject<FormData | null>): FormAction {
  const isLive = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  if (!isLive) return action;
  return async (before, data) => {
    sent.current = data;
    const state = await action(before, data);
    // A redirect answers with nothing.
    if (state?.done && !isQuiet) {
      const { message, undo } = state.done;
      toast({ message, undo: undo ? <TakeBack undo={undo} /> : undefined });
    }
    return state;
  };
}

/** Kinds of fields that are left as the page has them. */
const ours = ["hidden", "password", "file", "submit", "button"];

/**
 * React empties a form once its action has answered. Fields of ours put back what was typed; so does this for every other control,
 * boxes and choices of one name among them. Hidden fields are the page's own, a password is asked for again, and a browser gives no file
 * back.
 */
function keepTyped(form: HTMLFormElement, sent: FormData): void {
  const taken = new Map<string, number>();
  for (const control of form.elements) {
    if (control.matches(":disabled")) continue;
    if (control instanceof HTMLInputElement && ["checkbox", "radio"].includes(control.type)) {
      control.checked = sent.getAll(control.name).includes(control.value);
      continue;
    }
    if (control instanceof HTMLInputElement && ours.includes(control.type)) continue;
    if (
      control instanceof HTMLInputElement ||
      control instanceof HTMLSelectElement ||
      control instanceof HTMLTextAreaElement
    ) {
      const at = taken.get(control.name) ?? 0;
      taken.set(control.name, at + 1);
      const typed = sent.getAll(control.name)[at];
      if (typeof typed === "string" && control.value !== typed) control.value = typed;
    }
  }
}

/** The way back, as a form of its own within a toast, which stays until it is answered. */
function TakeBack({ undo }: { undo: Undo }) {
  const takeBack: FormAction = async (before, data) => {
    holdToast(true);
    try {
      const answer = await undo.action(before, data);
      if (answer?.done) toast({ message: answer.done.message });
      else if (!answer?.error) clearToast();
      return answer;
    } finally {
      holdToast(false);
    }
  };
  const [state, send, pending] = useActionState(takeBack, untouched);
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
