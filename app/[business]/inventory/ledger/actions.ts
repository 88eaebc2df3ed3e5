"use server";

import { z } from "zod";
import { saveItem } from "@/lib/desk/items";
import { action } from "../../../act";

export const changeItem = action(
  z.strictObject({
    item: z.string().min(1),
    name: z.string().min(1, "Give the product a name."),
    sku: z.string().optional(),
    aliases: z.string().optional(),
    accept: z.string().optional(),
  }),
  (scope, input) =>
    saveItem(scope, {
      item: input.item,
      name: input.name,
      sku: input.sku ?? "",
      aliases: (input.aliases ?? "").split(/\r?\n/),
      isAccepted: input.accept === "on",
    }),
  {
    done: ({ name, matched }) =>
      matched === 0
        ? `${name} saved.`
        : `${name} saved; ${matched} sold ${matched === 1 ? "line is" : "lines are"} matched by it now.`,
  },
);
