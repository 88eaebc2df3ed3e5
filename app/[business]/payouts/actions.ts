"use server";

import { z } from "zod";
import { pairDeposit, unpairDeposit } from "@/lib/desk/payouts";
import { joinDeposits } from "@/lib/desk/transactions";
import { action } from "../../act";

const id = z.string().min(1).max(500);

export const pairAll = action(z.strictObject({}), (scope) => joinDeposits(scope), {
  done: (count) =>
    count === 1 ? "1 payout is paired with its deposit." : `${count} payouts are paired with their deposits.`,
});

export const unpair = action(z.strictObject({ payout: id }), unpairDeposit, {
  done: () => "Taken apart. The bank line is open again.",
});

export const pair = action(
  z.strictObject({ payout: id, deposit: id }),
  async (scope, input) => {
    await pairDeposit(scope, input);
    return input.payout;
  },
  {
    done: (payout) => ({
      message: "Paired with its deposit.",
      undo: { label: "Take back", action: unpair, values: { payout } },
    }),
  },
);
