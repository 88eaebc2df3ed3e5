"use server";

import { z } from "zod";
import { takeBackCosts } from "@/lib/desk/costs";
import { action } from "../../../act";

/** Takes back all that one save brought, or one choice of a cost or an item. */
export const takeBack = action(
  z.strictObject({ source: z.string().max(200).optional(), key: z.string().max(2_000).optional() }),
  (scope, what, seen) => takeBackCosts(scope, what, seen),
  { done: () => "Taken back. The books read as if it had not been said." },
);
