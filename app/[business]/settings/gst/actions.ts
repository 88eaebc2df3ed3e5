"use server";

import { z } from "zod";
import { Refusal } from "@/lib/core/errors";
import { saveGstSettings, saveItemTax, saveOperator } from "@/lib/desk/gst-settings";
import type { Scope } from "@/lib/people/access";
import { todayOf } from "@/lib/system/clock";
import { action } from "../../../act";
import { typedDay } from "../../../ui/typed";

const text = z.string().max(400);
const yesNo = z.enum(["yes", "no"]).transform((said) => said === "yes");

function dayIn(scope: Scope, typed: string): string {
  const day = typedDay(typed, todayOf(scope.timeZone), "day first");
  if ("wrong" in day) throw new Refusal("bad_date", day.wrong, { field: "from" });
  return day.value;
}

export const saveSettings = action(z.strictObject({ isWithin: yesNo, turnover: text }), saveGstSettings, {
  done: () => "Saved. It holds for what is issued from now on.",
});

export const saveItem = action(
  z.strictObject({ item: z.string().min(1).max(2_000), from: text, hsn: text, uqc: text, nature: text, rate: text }),
  (scope, input) => saveItemTax(scope, { ...input, from: dayIn(scope, input.from) }),
  { done: () => "Saved.", to: (_result, scope) => `/${scope.slug}/settings/gst` },
);

export const saveChannel = action(
  z.strictObject({ channel: z.string().min(1).max(2_000), taxNumber: text, pays: yesNo }),
  saveOperator,
  { done: () => "Saved. It holds for what is issued from now on." },
);
