"use server";

import { z } from "zod";
import { seriesKinds } from "@/lib/core/numbering";
import { saveLetterhead } from "@/lib/desk/letterhead";
import { changeSeries } from "@/lib/desk/series-settings";
import { action } from "../../../act";

export const saveHead = action(
  z.strictObject({
    legalName: z.string().max(1_000),
    address: z.string().max(2_000),
    taxNumber: z.string().max(200),
    foot: z.string().max(2_000),
  }),
  saveLetterhead,
  { done: () => "Saved. It holds for what is issued from now on." },
);

const wholeNumber = (says: string) =>
  z
    .string()
    .trim()
    .regex(/^\d{1,8}$/, says)
    .transform(Number);

export const saveSeries = action(
  z.strictObject({
    kind: z.enum(seriesKinds),
    prefix: z.string().max(200),
    digits: wholeNumber("How many digits? 3 to 8."),
    hasYear: z.enum(["yes", "no"], { error: "Choose one of the two." }).transform((said) => said === "yes"),
    next: wholeNumber("A whole number."),
  }),
  changeSeries,
  { done: () => "Saved.", to: (_result, scope) => `/${scope.slug}/settings/documents` },
);
