"use server";

import { z } from "zod";
import { Refusal } from "@/lib/core/errors";
import { recordProduction, takeBackProduction } from "@/lib/desk/production";
import type { Scope } from "@/lib/people/access";
import { action } from "../../../act";
import type { FormAction } from "../../../ui/form-state";
import { typedDay } from "../../../ui/typed";
import { todayOf } from "../balances/state";
import { partsIn } from "../recipes/read-parts";
import { productionHref } from "../recipes/state";
import { dayOrder } from "../sold/state";

/** Fields that the form has once for each row (`in.0.item`), beside those of its own. */
const RowsForm = z.record(z.string().max(60), z.string().max(2_000));

export const save: FormAction = action(
  RowsForm,
  (scope, fields, seen) =>
    recordProduction(
      scope,
      {
        id: fields.document ?? "",
        way: fields.way === "unmake" ? "unmake" : "make",
        recipe:
          fields.recipe === undefined || !/^\d{1,9}$/.test(fields.version ?? "")
            ? null
            : { id: fields.recipe, version: Number(fields.version) },
        location: fields.location ?? "",
        on: dayIn(scope, fields.on ?? ""),
        overhead: fields.overhead ?? "",
        account: fields.account ?? "",
        note: fields.note ?? "",
        ins: partsIn(fields, "in"),
        outs: partsIn(fields, "out"),
      },
      seen,
    ),
  { to: ({ id }, scope) => productionHref(`/${scope.slug}`, id) },
);

export const takeBack: FormAction = action(
  z.strictObject({ document: z.string().min(1).max(500) }),
  (scope, { document }, seen) => takeBackProduction(scope, { id: document }, seen),
  { done: () => "Taken back." },
);

function dayIn(scope: Scope, text: string): string {
  if (text.trim() === "") throw new Refusal("field_missing", "On which day?", { field: "on" });
  const day = typedDay(text, todayOf(scope), dayOrder(scope));
  if ("wrong" in day) throw new Refusal("bad_date", day.wrong, { field: "on" });
  return day.value;
}
