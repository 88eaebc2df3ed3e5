"use server";

import { z } from "zod";
import { retireRecipe, saveRecipe } from "@/lib/desk/recipes";
import { action } from "../../../act";
import type { FormAction } from "../../../ui/form-state";
import { partsIn } from "./read-parts";
import { recipeHref } from "./state";

/** Fields that the form has once for each row (`in.0.item`), beside those of its own. */
const RowsForm = z.record(z.string().max(60), z.string().max(2_000));

export const save: FormAction = action(
  RowsForm,
  (scope, fields, seen) =>
    saveRecipe(
      scope,
      {
        id: fields.recipe ?? null,
        version: /^\d{1,9}$/.test(fields.version ?? "") ? Number(fields.version) : null,
        way: fields.way === "unmake" ? "unmake" : "make",
        name: fields.name ?? "",
        ins: partsIn(fields, "in"),
        outs: partsIn(fields, "out"),
        labour: fields.labour ?? "",
        labourPer: fields.labourPer ?? "",
        overhead: fields.overhead ?? "",
        overheadPer: fields.overheadPer ?? "",
        account: fields.account ?? "",
        note: fields.note ?? "",
      },
      seen,
    ),
  { to: ({ id }, scope) => recipeHref(`/${scope.slug}`, id) },
);

export const retire: FormAction = action(
  z.strictObject({ recipe: z.string().min(1).max(200), retired: z.enum(["yes", "no"]) }),
  async (scope, { recipe, retired }) => {
    const isRetired = retired === "yes";
    return { ...(await retireRecipe(scope, { id: recipe, isRetired })), isRetired };
  },
  {
    done: ({ id, name, isRetired }) => ({
      message: isRetired ? `${name} is retired.` : `${name} is in use again.`,
      undo: {
        label: "Take back",
        action: retire,
        values: { recipe: id, retired: isRetired ? "no" : "yes" },
      },
    }),
  },
);
