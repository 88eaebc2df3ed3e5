"use client";

import { useRef } from "react";
import { Warn } from "../../../ui/section";
import type { DetailsProps } from "./rows";

/** What works on all rows: split the rest, paste from a spreadsheet. */
export function RowTools({
  left,
  money,
  isPasting,
  setPasting,
  split,
  paste,
}: {
  left: bigint;
  money: (minor: bigint) => string;
  isPasting: boolean;
  setPasting: (is: boolean) => void;
  split: (by: "row" | "unit" | "value") => void;
  paste: (text: string) => void;
}) {
  const area = useRef<HTMLTextAreaElement>(null);
  return (
    <div className="mt-4">
      <div className="flex gap-2 items-center flex-wrap">
        {left > 0n ? (
          <details className="chip-menu" name="menu">
            <summary>Split the rest…</summary>
            <div className="menu">
              {(["row", "unit", "value"] as const).map((by) => (
                <button
                  key={by}
                  type="button"
                  onClick={(event) => {
                    split(by);
                    const menu = event.currentTarget.closest("details");
                    if (menu) menu.open = false;
                  }}
                >
                  {by === "row"
                    ? "Equally, row by row"
                    : by === "unit"
                      ? "Equally, unit by unit"
                      : "By value, on top of what rows cost"}
                </button>
              ))}
            </div>
          </details>
        ) : null}
        <button type="button" className="btn" aria-expanded={isPasting} onClick={() => setPasting(!isPasting)}>
          Paste rows
        </button>
        {left > 0n ? <span className="q s">{money(left)} is left to split.</span> : null}
      </div>
      {isPasting ? (
        <div className="mt-2">
          <label className="lbl" htmlFor="pasted-rows">
            Rows of a spreadsheet: product, SKU, quantity, each, in all
          </label>
          <textarea id="pasted-rows" className="in" rows={5} ref={area} />
          <button type="button" className="btn mt-2" onClick={() => paste(area.current?.value ?? "")}>
            Add these rows
          </button>
        </div>
      ) : null}
    </div>
  );
}

/** Somebody saved while this was typed: both are seen, one is chosen. Nothing is lost by looking. */
export function Overtaken({
  details,
  money,
  theirs,
  mine,
}: {
  details: DetailsProps;
  money: (minor: bigint) => string;
  theirs: () => void;
  mine: () => void;
}) {
  const rows = details.lines.map((line) => `${line.qty} ${line.name} for ${line.all}`).join("; ");
  return (
    <Warn>
      Another save came between. It has: {rows === "" ? "no rows" : rows}
      {details.extras.length === 0 ? "" : `; extra costs ${details.extras.map((one) => one.amount).join(", ")}`} of{" "}
      {money(details.amountMinor)}. Yours are below.{" "}
      <button type="button" className="btn link" onClick={theirs}>
        Take theirs
      </button>{" "}
      <button type="button" className="btn link" onClick={mine}>
        Keep mine
      </button>
    </Warn>
  );
}
