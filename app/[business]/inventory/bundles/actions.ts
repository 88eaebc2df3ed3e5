"use server";

import { z } from "zod";
import { Refusal } from "@/lib/core/errors";
import { type Before, saveBundle, undoBundle } from "@/lib/desk/bundles";
import { unseen } from "@/lib/preview";
import { action } from "../../../act";
import { type FormAction, seenField } from "../../../ui/form-state";
import { partsIn } from "../recipes/read-parts";

/** Fields that the form has once for each row (`in.0.item`), beside those of its own. */
const RowsForm = z.record(z.string().max(60), z.string().max(2_000));

export const save: FormAction = action(
  RowsForm,
  (scope, fields, seen) =>
    saveBundle(
      scope,
      {
        item: fields.bundle ?? fields.item ?? "",
        name: fields.bundle === undefined ? (fields.itemText ?? "") : "",
        sku: fields.sku ?? "",
        parts: partsIn(fields, "in"),
      },
      seen,
    ),
  {
    done: ({ item, name, before }) => ({
      message: `${name} is saved.`,
      undo: { label: "Take back", action: takeBack, values: { item, before: written(before), [seenField]: unseen } },
    }),
  },
);

export const takeBack: FormAction = action(
  z.strictObject({ item: z.string().min(1).max(500), before: z.string().max(60_000) }),
  (scope, { item, before }, seen) => undoBundle(scope, { item, before: readBefore(before) }, seen),
  { done: ({ name }) => `${name} is as it was before.` },
);

/** How a bundle was, as a form can send it. */
function written(before: Before): string {
  return typeof before === "string" ? before : JSON.stringify(before.map(({ item, qty }) => [item, qty.toString()]));
}

const Parts = z.array(z.tuple([z.string().min(1), z.string().regex(/^[1-9]\d{0,18}$/)])).min(1);

function readBefore(text: string): Before {
  if (text === "new" || text === "none") return text;
  const read = Parts.safeParse(text.startsWith("[") ? JSON.parse(text) : null);
  if (!read.success) throw new Refusal("bad_field", "This form cannot be read. Load the page again.");
  return read.data.map(([item, qty]) => ({ item, qty: BigInt(qty) }));
}
