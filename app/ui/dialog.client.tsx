"use client";

import { type MouseEvent, type ReactNode, useId, useRef } from "react";
import { type ButtonKind, buttonClass } from "./button";

/**
 * Asks once more before what cannot be undone from here, or what closes a period. The title is the question, the two buttons are its
 * answers; the confirming one is `confirm`, a Button (kind "filled") of the Form that is passed as children. The browser's own dialog:
 * it traps the focus, Escape keeps. Where the browser knows `command`, it opens without script.
 */
export function AskDialog({
  opens,
  kind = "destructive",
  title,
  note,
  keep,
  children,
}: {
  /** The words of the button that opens it. */
  opens: ReactNode;
  kind?: ButtonKind | undefined;
  title: string;
  note?: ReactNode | undefined;
  /** The answer that changes nothing: "Keep it". */
  keep: string;
  children: ReactNode;
}) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const invoke = (command: string) => ({ command, commandfor: id });

  // Where `command` is known the browser has opened it already by the time that this runs; it is not opened twice.
  const show = () => {
    setTimeout(() => {
      if (dialog.current && !dialog.current.open) dialog.current.showModal();
    });
  };

  return (
    <>
      <button type="button" className={buttonClass({ kind })} onClick={show} {...invoke("show-modal")}>
        {opens}
      </button>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the dialog's own; a press on the veil keeps, too */}
      <dialog
        id={id}
        ref={dialog}
        className="dialog"
        aria-labelledby={`${id}-title`}
        onClick={(event: MouseEvent) => {
          if (event.target === dialog.current) dialog.current?.close();
        }}
      >
        <h2 id={`${id}-title`}>{title}</h2>
        {note ? <p className="note">{note}</p> : null}
        <div className="actions">
          {children}
          <button type="button" className="btn" onClick={() => dialog.current?.close()} {...invoke("close")}>
            {keep}
          </button>
        </div>
      </dialog>
    </>
  );
}
