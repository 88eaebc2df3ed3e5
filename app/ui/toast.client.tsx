"use client";

import { type ReactNode, useEffect, useState, useSyncExternalStore } from "react";

export type ToastNote = Readonly<{ message: string; undo?: ReactNode | undefined }>;
type Shown = ToastNote & { id: number };

let shown: Shown | null = null;
let isHeld = false;
let next = 1;
const listeners = new Set<() => void>();

/** Says what was done, and offers the way back. One at a time; never for errors. */
export function toast(note: ToastNote): void {
  shown = { ...note, id: next++ };
  for (const listener of listeners) listener();
}

/** Takes the toast away, for a way back that was taken. */
export function clearToast(): void {
  shown = null;
  for (const listener of listeners) listener();
}

/** Keeps the toast while what it offers is under way. */
export function holdToast(held: boolean): void {
  isHeld = held;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Where toasts appear: bottom left, 6 s, longer while hovered or focused. Stands once in the frame. */
export function Toaster() {
  const note = useSyncExternalStore(
    subscribe,
    () => shown,
    () => null,
  );
  const [held, setHeld] = useState(false);
  const isBusy = useSyncExternalStore(
    subscribe,
    () => isHeld,
    () => false,
  );

  useEffect(() => {
    if (note === null || held || isBusy) return;
    const timer = setTimeout(clearToast, 6000);
    return () => clearTimeout(timer);
  }, [note, held, isBusy]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only holds the toast while someone is on it
    <div
      className="toasts"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <div role="status">
        {note === null ? null : (
          <div className="toast" key={note.id}>
            <span>{note.message}</span>
            {note.undo}
          </div>
        )}
      </div>
    </div>
  );
}
