"use client";

import { useRouter } from "next/navigation";
import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { countText, moneyText } from "./figures";

type Picked = Readonly<{ count: number; sum: bigint | null }>;
const none: Picked = { count: 0, sum: null };

/**
 * What script adds to a table: arrow keys between rows, Enter opens the row's document, right and left open and close, `x` presses
 * the row's tag, space selects, shift selects a run, and the bar says what is selected. The table in it stays the server's; only
 * attributes are touched.
 */
export function TableKeys({
  bar,
  actions,
  currency,
  scrolls,
  label,
  children,
}: {
  bar: ReactNode;
  actions: ReactNode;
  currency: string | undefined;
  scrolls: boolean;
  label: string;
  children: ReactNode;
}) {
  const router = useRouter();
  const host = useRef<HTMLDivElement>(null);
  const last = useRef<HTMLInputElement | null>(null);
  const [picked, setPicked] = useState<Picked>(none);

  // After every change of the rows: one of them can be reached with Tab, and the header's box says how many are selected.
  useEffect(() => {
    const rows = rowsOf(host.current);
    for (const row of rows) row.tabIndex = -1;
    const focused = rows.find((row) => row.contains(document.activeElement));
    const first = focused ?? rows[0];
    if (first) first.tabIndex = 0;
    const now = read(host.current);
    setPicked((before) => (before.count === now.count && before.sum === now.sum ? before : now));
  });

  const tell = () => setPicked(read(host.current));

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    const target = event.target as HTMLElement;
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    if (target.matches("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
    const row = target.closest<HTMLTableRowElement>("tr[data-row]");
    if (!row) return;
    const rows = rowsOf(host.current);
    const at = rows.indexOf(row);
    const onRow = target === row;
    const go = (to: HTMLTableRowElement | undefined) => {
      if (!to) return;
      event.preventDefault();
      for (const one of rows) one.tabIndex = -1;
      to.tabIndex = 0;
      to.focus();
    };
    const press = (selector: string) => {
      const found = row.querySelector<HTMLElement>(selector);
      if (!found) return;
      event.preventDefault();
      found.click();
    };
    switch (event.key) {
      case "ArrowDown":
        return go(rows[at + 1]);
      case "ArrowUp":
        return go(rows[at - 1]);
      case "Home":
        return go(rows[0]);
      case "End":
        return go(rows[rows.length - 1]);
      case "ArrowRight":
        return press("[aria-expanded=false]");
      case "ArrowLeft":
        return press("[aria-expanded=true]");
      case "x":
        return press("[data-tag]");
      case " ":
        if (onRow) press("input[type=checkbox]");
        return;
      case "Enter":
        if (onRow && row.dataset.href) {
          event.preventDefault();
          router.push(row.dataset.href);
        }
        return;
    }
  }

  function onClick(event: MouseEvent<HTMLDivElement>) {
    const box = event.target as HTMLElement;
    if (!(box instanceof HTMLInputElement) || box.type !== "checkbox" || !host.current?.contains(box)) return;
    if (box.dataset.all !== undefined) {
      for (const one of boxesOf(host.current)) one.checked = box.checked;
    } else if (event.shiftKey && last.current) {
      const boxes = boxesOf(host.current);
      const [from, to] = [boxes.indexOf(last.current), boxes.indexOf(box)].sort((a, b) => a - b);
      if (from !== undefined && to !== undefined && from >= 0)
        for (const one of boxes.slice(from, to + 1)) one.checked = box.checked;
    }
    if (box.dataset.all === undefined) last.current = box;
    tell();
  }

  function clear() {
    for (const one of boxesOf(host.current)) one.checked = false;
    tell();
  }

  const sum = picked.sum !== null && currency ? moneyText({ amountMinor: picked.sum, currency }) : null;
  return (
    <>
      {bar || actions ? (
        <div className="bars">
          <div className={picked.count > 0 ? "away" : undefined}>{bar}</div>
          {actions && picked.count > 0 ? (
            <div className="bar picked">
              <b role="status">
                {countText(picked.count)} selected{sum === null ? "" : `, ${sum}`}
              </b>
              {actions}
              <button type="button" className="btn link" onClick={clear}>
                Select none
              </button>
            </div>
          ) : null}
        </div>
      ) : null}
      {actions ? (
        <noscript>
          <div className="bar">{actions}</div>
        </noscript>
      ) : null}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys and clicks of the rows and boxes within are only listened to here */}
      <div
        ref={host}
        className={scrolls ? "tw scroll" : "tw"}
        onKeyDown={onKeyDown}
        onClick={onClick}
        {...(scrolls ? { role: "region", "aria-label": label, tabIndex: 0 } : {})}
      >
        {children}
      </div>
    </>
  );
}

function rowsOf(host: HTMLElement | null): HTMLTableRowElement[] {
  return [...(host?.querySelectorAll<HTMLTableRowElement>("tr[data-row]") ?? [])];
}

function boxesOf(host: HTMLElement | null): HTMLInputElement[] {
  return [...(host?.querySelectorAll<HTMLInputElement>("tr[data-row] > .box > input") ?? [])];
}

/** Counts and adds what is ticked, and sets the header's box to all, none or mixed. */
function read(host: HTMLElement | null): Picked {
  const boxes = boxesOf(host);
  const ticked = boxes.filter((one) => one.checked);
  const all = host?.querySelector<HTMLInputElement>("input[data-all]");
  if (all) {
    all.checked = ticked.length > 0 && ticked.length === boxes.length;
    all.indeterminate = ticked.length > 0 && ticked.length < boxes.length;
  }
  let sum: bigint | null = null;
  for (const one of ticked) if (one.dataset.minor !== undefined) sum = (sum ?? 0n) + BigInt(one.dataset.minor);
  return { count: ticked.length, sum };
}
