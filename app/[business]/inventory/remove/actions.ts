"use server";

import { z } from "zod";
import { Refusal } from "@/lib/core/errors";
import { formatMinor } from "@/lib/core/money";
import { recordAdjustment, type TypedLine, takeBackAdjustment } from "@/lib/desk/adjustments";
import type { Scope } from "@/lib/people/access";
import { unseen } from "@/lib/preview";
import { action } from "../../../act";
import { seenField } from "../../../ui/form-state";
import { typedDay } from "../../../ui/typed";
import { todayOf } from "../balances/state";
import { dayOrder } from "../sold/state";

export const takeBack = action(
  z.strictObject({ document: z.string().min(1).max(500) }),
  (scope, { document }, seen) => takeBackAdjustment(scope, { id: document }, seen),
  { done: () => "Taken back." },
);

/** Fields that the form has once for each row (`lines.0.item`), beside those of its own. */
const RowsForm = z.record(z.string().max(60), z.string().max(2_000));

export const save = action(
  RowsForm,
  async (scope, fields, seen) => {
    const way = fields.way === "in" ? "in" : "out";
    const done = await recordAdjustment(
      scope,
      {
        id: fields.document ?? "",
        way,
        location: fields.location ?? "",
        on: dayIn(scope, fields.on ?? ""),
        reason: fields.reason ?? "",
        note: fields.note ?? "",
        lines: linesIn(fields),
      },
      seen,
    );
    return { ...done, way };
  },
  {
    done: ({ id, costMinor, way }, scope) => {
      const money = costMinor === null ? null : `${formatMinor(costMinor, scope.currency)} ${scope.currency}`;
      const [removed, added] =
        money === null ? ["Removed.", "Added."] : [`Removed, at a cost of ${money}.`, `Added, worth ${money}.`];
      return {
        message: way === "out" ? removed : added,
        undo: { label: "Take back", action: takeBack, values: { document: id, [seenField]: unseen } },
      };
    },
  },
);

/** The rows in which anything was typed, in their order. */
function linesIn(fields: z.output<typeof RowsForm>): readonly TypedLine[] {
  const rows = new Set(Object.keys(fields).flatMap((name) => /^lines\.(\d{1,4})\./.exec(name)?.[1] ?? []));
  return [...rows]
    .map(Number)
    .sort((a, b) => a - b)
    .flatMap((row): TypedLine[] => {
      const cell = (column: string) => (fields[`lines.${row}.${column}`] ?? "").trim();
      const line = { row, item: cell("item"), text: cell("itemText"), qty: cell("qty"), worth: cell("worth") };
      return line.item === "" && line.text === "" && line.qty === "" && line.worth === "" ? [] : [line];
    });
}

function dayIn(scope: Scope, text: string): string {
  if (text.trim() === "") throw new Refusal("field_missing", "On which day?", { field: "on" });
  const day = typedDay(text, todayOf(scope), dayOrder(scope));
  if ("wrong" in day) throw new Refusal("bad_date", day.wrong, { field: "on" });
  return day.value;
}
