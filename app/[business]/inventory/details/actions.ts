"use server";

import { z } from "zod";
import { saveDetails, takeBackDetails, takeBackPurchase } from "@/lib/desk/purchases";
import { unseen } from "@/lib/preview";
import { action } from "../../../act";
import { moneyText } from "../../../ui/figures";
import { seenField } from "../../../ui/form-state";
import { Former } from "./former";
import { readDetails } from "./read-details";

/** The form has as many fields as there are rows, so the schema is of texts by name; `readDetails` says what each is. */
const DetailsForm = z.record(z.string().max(80), z.string().max(2_000));

export const save = action(
  DetailsForm,
  (scope, fields, seen) =>
    saveDetails(scope, {
      purchase: fields.purchase ?? "",
      version: Number(fields.version ?? "0"),
      accepted: seen === "" ? (fields.accepted ?? "") : seen,
      ...readDetails(fields, scope.currency),
    }),
  {
    done: (saved, scope) => {
      const left = moneyText({ amountMinor: saved.leftMinor, currency: scope.currency });
      const rows = saved.lines === 1 ? "1 row" : `${saved.lines} rows`;
      return {
        message: saved.leftMinor === 0n ? `${rows} saved, nothing left.` : `${rows} saved, ${left} left.`,
        undo: {
          label: "Take back",
          action: takeBack,
          values: {
            purchase: saved.purchase,
            version: String(saved.version),
            before: JSON.stringify(saved.before),
            [seenField]: unseen,
          },
        },
      };
    },
  },
);

export const takeBack = action(
  z.strictObject({
    purchase: z.string(),
    version: z.string().regex(/^\d{1,9}$/),
    before: z
      .string()
      .transform((text, context): unknown => {
        try {
          return JSON.parse(text);
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error;
          context.issues.push({
            code: "custom",
            message: "This cannot be taken back. Load the page again.",
            input: text,
          });
          return z.NEVER;
        }
      })
      .pipe(Former),
  }),
  (scope, input, seen) => takeBackDetails(scope, { ...input, version: Number(input.version) }, seen),
  { done: () => "The details are as they were before." },
);

export const dropPurchase = action(
  z.strictObject({ purchase: z.string() }),
  async (scope, input, seen) => {
    await takeBackPurchase(scope, input, seen);
    return `/${scope.slug}/inventory/balances`;
  },
  { to: (href) => href },
);
