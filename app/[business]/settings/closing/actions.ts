"use server";

import { z } from "zod";
import { openAgain } from "@/lib/books/periods";
import { closeBooks, closeYearForGood } from "@/lib/closing";
import { Refusal } from "@/lib/core/errors";
import { todayOf } from "@/lib/system/clock";
import { action } from "../../../act";
import { dayText } from "../../../ui/days";
import { dayOf } from "../../reports/period";

export const close = action(
  z.strictObject({ through: z.string().min(1), why: z.string().max(400).optional() }),
  (scope, { through, why = "" }) => closeBooks(scope, { through: dayOf(through, scope, todayOf(scope.timeZone)), why }),
  {
    done: ({ closedThrough, firstOpen }) =>
      `Closed through ${dayText(closedThrough)}. What comes late counts on ${dayText(firstOpen)}.`,
    to: (_closed, scope) => `/${scope.slug}/settings/closing`,
  },
);

export const closeForGood = action(
  z.strictObject({
    year: z.string().regex(/^\d{4}$/),
    sure: z.string().trim(),
    why: z.string().max(400).optional(),
  }),
  (scope, { year, sure, why = "" }) => {
    if (sure !== year) throw new Refusal("bad_field", `To be sure, type the year: ${year}`, { field: "sure" });
    return closeYearForGood(scope, { year: Number(year), why });
  },
  {
    done: ({ finalThrough }) => `Closed for good through ${dayText(finalThrough)}.`,
    to: (_closed, scope) => `/${scope.slug}/settings/closing`,
  },
);

export const openBooks = action(
  z.strictObject({ through: z.string().optional(), why: z.string().trim().min(1, "Say why: it is kept.") }),
  (scope, { through = "", why }) =>
    openAgain(scope, through.trim() === "" ? null : dayOf(through, scope, todayOf(scope.timeZone)), why),
  { done: () => "Open again." },
);
