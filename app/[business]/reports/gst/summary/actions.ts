"use server";

import { z } from "zod";
import { makeSetOff, takeSetOffBack } from "@/lib/desk/gst-set-off";
import { action } from "../../../../act";

const month = z.string().regex(/^[0-9]{4}-[0-9]{2}$/);

export const setOff = action(
  z.strictObject({ month, offer: z.string().max(400) }),
  (scope, input) => makeSetOff(scope, { month: input.month, seen: input.offer }),
  {
    done: () => "Set off, on the last day of the month.",
  },
);

export const takeBack = action(z.strictObject({ month }), takeSetOffBack, {
  done: () => "It is not set off any more.",
});
