"use server";

import { z } from "zod";
import { dropPurchaseTax, type SavedPurchaseTax, savePurchaseTax, takeBackPurchaseTax } from "@/lib/desk/gst-purchases";
import { unseen } from "@/lib/preview";
import { action } from "../../../../act";
import { seenField } from "../../../../ui/form-state";
import { Former } from "../../../inventory/details/former";

const text = z.string().max(400);
const yesNo = z.enum(["yes", "no"]).transform((said) => said === "yes");

export const savePurchase = action(
  z.strictObject({
    purchase: z.string().min(1).max(2_000),
    number: text,
    supplier: text,
    nature: text,
    kind: z.enum(["usual", "import", "reverse"]),
    isBlocked: yesNo,
    taxable: text,
    igst: text,
    cgst: text,
    sgst: text,
    cess: text,
    within: text.optional(),
  }),
  (scope, { kind, within = "", ...input }, seen) =>
    savePurchaseTax(
      scope,
      { ...input, isImport: kind === "import", isReverseCharge: kind === "reverse" },
      within,
      seen,
    ),
  { done: (saved) => ({ message: "Saved.", undo: wayBack(saved) }) },
);

export const dropTax = action(z.strictObject({ purchase: z.string().min(1).max(2_000) }), dropPurchaseTax, {
  done: (saved) => ({ message: "Nothing of it is set off any more.", undo: wayBack(saved) }),
});

const wayBack = (saved: SavedPurchaseTax) => ({
  label: "Take back",
  action: takeTaxBack,
  values: {
    purchase: saved.purchase,
    version: String(saved.version),
    before: JSON.stringify(saved.before),
    [seenField]: unseen,
  },
});

const Before = z.strictObject({
  tax: z
    .strictObject({
      purchase: z.string().min(1).max(2_000),
      number: text,
      supplier: text,
      nature: text,
      isImport: z.boolean(),
      isReverseCharge: z.boolean(),
      isBlocked: z.boolean(),
      taxable: text,
      igst: text,
      cgst: text,
      sgst: text,
      cess: text,
    })
    .nullable(),
  details: Former.nullable(),
}) satisfies z.ZodType<SavedPurchaseTax["before"]>;

export const takeTaxBack = action(
  z.strictObject({
    purchase: z.string().min(1).max(2_000),
    version: z.string().regex(/^\d{1,9}$/),
    before: z
      .string()
      .transform((typed, context): unknown => {
        try {
          return JSON.parse(typed);
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error;
          context.issues.push({
            code: "custom",
            message: "This cannot be taken back. Load the page again.",
            input: typed,
          });
          return z.NEVER;
        }
      })
      .pipe(Before),
  }),
  (scope, input, seen) => takeBackPurchaseTax(scope, { ...input, version: Number(input.version) }, seen),
  { done: () => "The tax is as it was before." },
);
