"use server";

import { z } from "zod";
import { closeThrough, openAgain } from "@/lib/books/periods";
import { todayOf } from "@/lib/system/clock";
import { action } from "../../../act";
import { dayText } from "../../../ui/days";
import { dayOf } from "../../reports/period";

export const closeBooks = action(
  z.strictObject({ through: z.string().min(1) }),
  (scope, { through }) => closeThrough(scope, dayOf(through, scope, todayOf(scope.timeZone))),
  {
    done: ({ closedThrough, firstOpen }) =>
      `Closed through ${dayText(closedThrough)}. What comes late counts on ${dayText(firstOpen)}.`,
    to: (_closed, scope) => `/${scope.slug}/settings/closing`,
  },
);

export const openBooks = action(
  z.strictObject({ through: z.string().optional(), why: z.string().trim().min(1, "Say why: it is kept.") }),
  (scope, { through = "", why }) =>
    openAgain(scope, through.trim() === "" ? null : dayOf(through, scope, todayOf(scope.timeZone)), why),
  { done: () => "Open again." },
);
