"use client";

import { type KeyboardEvent, type PointerEvent, type ReactNode, useState } from "react";

/** The tooltip over a chart: the band under the pointer, moved by arrow keys. It says the row of the table for that band. */
export function ChartBox({
  bands,
  label,
  left,
  right,
  wide,
  children,
}: {
  bands: readonly Readonly<{ label: string; says: readonly (readonly [string, string])[] }>[];
  label: string;
  left: number;
  right: number;
  wide: number;
  children: ReactNode;
}) {
  const [at, setAt] = useState<number | null>(null);
  const band = at === null ? undefined : bands[at];

  function onPointerMove(event: PointerEvent<HTMLElement>) {
    const drawn = event.currentTarget.querySelector("svg")?.getBoundingClientRect();
    if (!drawn || drawn.width === 0) return;
    const x = ((event.clientX - drawn.left) / drawn.width) * wide;
    const place = Math.floor(((x - left) / (wide - left - right)) * bands.length);
    setAt(place >= 0 && place < bands.length ? place : null);
  }

  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") setAt(null);
    if (step === undefined || bands.length === 0) return;
    event.preventDefault();
    setAt((before) => (before === null ? bands.length - 1 : Math.min(bands.length - 1, Math.max(0, before + step))));
  }

  const share = at === null ? 0 : (left + ((wide - left - right) / bands.length) * (at + 0.5)) / wide;
  return (
    // biome-ignore lint/a11y/useSemanticElements: no element is a chart that arrow keys walk over
    <div
      className="chart-box hide-s"
      role="group"
      aria-label={`${label}. Arrow keys read the figures`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys walk over the bands
      tabIndex={0}
      onPointerMove={onPointerMove}
      onPointerLeave={() => setAt(null)}
      onKeyDown={onKeyDown}
      onBlur={() => setAt(null)}
    >
      {children}
      <div aria-live="polite">
        {band ? (
          <div
            className="chart-tip"
            style={share > 0.6 ? { right: `${(1 - share) * 100 + 4}%` } : { left: `${share * 100 + 4}%` }}
          >
            <b>{band.label}</b>
            <dl>
              {band.says.map(([name, figure]) => (
                <div key={name} style={{ display: "contents" }}>
                  <dt className="q">{name}</dt>
                  <dd>{figure}</dd>
                </div>
              ))}
            </dl>
          </div>
        ) : null}
      </div>
    </div>
  );
}
