"use server";

import { z } from "zod";
import { Refusal } from "@/lib/core/errors";
import { recordPurchase } from "@/lib/desk/purchases";
import { action } from "../../../act";
import { typedDay, typedMoney } from "../../../ui/typed";
import { detailsHref, todayOf } from "./state";

export const recordByHand = action(
  z.strictObject({
    on: z.string().min(1, "When was it bought?"),
    amount: z.string().min(1, "What was paid in all?"),
    supplier: z.string().max(500).optional(),
    account: z.string().min(1, "Choose the account that paid."),
  }),
  async (scope, input) => {
    const day = typedDay(input.on, todayOf(scope), scope.country === "US" ? "month first" : "day first");
    if ("wrong" in day) throw new Refusal("bad_date", day.wrong, { field: "on" });
    const amount = typedMoney(input.amount, scope.currency);
    if ("wrong" in amount) throw new Refusal("bad_number", amount.wrong, { field: "amount" });
    const id = await recordPurchase(scope, {
      on: day.value,
      amount: amount.value,
      supplier: input.supplier ?? "",
      account: input.account,
    });
    return detailsHref(`/${scope.slug}`, id);
  },
  { to: (href) => href },
);
