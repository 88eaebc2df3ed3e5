"use server";

import { z } from "zod";
import { fetchNow } from "@/lib/money/rate-fetches";
import { acceptRateFile, chooseRateLayout, undoRateFile } from "@/lib/money/rate-files";
import { removeRate, saveRate } from "@/lib/money/rates";
import type { Scope } from "@/lib/people/access";
import { todayOf } from "@/lib/system/clock";
import { action } from "../../../act";
import type { FormAction } from "../../../ui/form-state";
import { dayOf } from "../../reports/period";

const Rate = z.strictObject({
  currency: z.string().trim().min(3, "Give the currency's code, such as EUR.").max(3, "Three letters, such as EUR."),
  on: z.string().trim().min(1, "Give the day."),
  rate: z.string().trim().min(1, "Give the rate.").max(40),
  direction: z.enum(["worth", "buys"], { error: "Choose which way round it is." }),
});

const said = (scope: Scope, text: string) => dayOf(text, scope, todayOf(scope.timeZone));

/** Types a rate or changes one; saving what it was before, or removing it, takes it back. */
export const typeRate: FormAction = action(
  Rate,
  (scope, typed) => saveRate(scope, { ...typed, on: said(scope, typed.on) }),
  {
    done: ({ currency, on, before }) => ({
      message: `Saved. What waited for a rate of ${currency} is being read; what is posted stays as it is.`,
      undo:
        before === null
          ? { label: "Take back", action: dropRate, values: { currency, on } }
          : { label: "Take back", action: typeRate, values: { currency, on, rate: before.rate, direction: "worth" } },
    }),
  },
);

export const dropRate: FormAction = action(
  z.strictObject({ currency: z.string().max(3), on: z.string().max(10) }),
  removeRate,
  {
    done: (before) => ({
      message: "Removed. What is posted stays as it is.",
      undo: {
        label: "Take back",
        action: typeRate,
        values: { currency: before.currency, on: before.on, rate: before.rate, direction: "worth" },
      },
    }),
  },
);

export const fetchRatesNow = action(z.strictObject({}), (scope) => fetchNow(scope), {
  done: () => "Asked for. They stand here in a moment.",
});

export const chooseLayout = action(
  z.strictObject({
    id: z.uuid(),
    direction: z.enum(["worth", "buys"], { error: "Choose which way round the rates are." }),
    decimalMark: z.enum(["", ".", ","]),
    dateStyle: z.enum(["", "ymd", "dmy", "mdy"]),
  }),
  (scope, { id, direction, decimalMark, dateStyle }) =>
    chooseRateLayout(scope, id, {
      direction,
      decimalMark: decimalMark === "" ? null : decimalMark,
      dateStyle: dateStyle === "" ? null : dateStyle,
    }),
  { done: () => "Read again." },
);

export const takeFile = action(
  z.strictObject({
    id: z.uuid(),
    currencies: z
      .union([z.string().max(3), z.array(z.string().max(3)).max(200)])
      .optional()
      .transform((given) => (given === undefined ? [] : typeof given === "string" ? [given] : given)),
    from: z.string().trim().max(40),
    replaces: z.string().optional(),
  }),
  (scope, { id, currencies, from, replaces }) =>
    acceptRateFile(scope, {
      id,
      currencies,
      from: from === "" ? null : said(scope, from),
      replaces: replaces !== undefined,
    }),
  { to: (_done, scope) => `/${scope.slug}/settings/rates` },
);

export const takeFileBack = action(z.strictObject({ id: z.uuid() }), undoRateFile, {
  done: ({ removed, restored }) =>
    `Taken back: ${removed} removed, ${restored} as they were before. What is posted stays as it is.`,
});
