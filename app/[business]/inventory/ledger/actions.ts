"use server";

import { z } from "zod";
import { saveItem } from "@/lib/desk/items";
import { unseen } from "@/lib/preview";
import { action } from "../../../act";
import { type FormAction, seenField } from "../../../ui/form-state";

/** Saves an item. What was saved is taken back by saving it again as it was before. */
export const changeItem: FormAction = action(
  z.strictObject({
    item: z.string().min(1),
    name: z.string().min(1, "Give the product a name."),
    sku: z.string().optional(),
    aliases: z.string().optional(),
  }),
  (scope, { item, name, sku = "", aliases = "" }, seen) =>
    saveItem(scope, { item, name, sku, aliases: aliases.split(/\r?\n/) }, seen),
  {
    done: ({ name, matched, before }) => ({
      message:
        matched === 0
          ? `${name} saved.`
          : `${name} saved; ${matched} sold ${matched === 1 ? "line is" : "lines are"} matched by it now.`,
      undo: {
        label: "Take back",
        action: takeItemBack,
        values: { ...before, aliases: before.aliases.join("\n"), [seenField]: unseen },
      },
    }),
  },
);

export const takeItemBack: FormAction = action(
  z.strictObject({ item: z.string().min(1), name: z.string(), sku: z.string(), aliases: z.string() }),
  (scope, { aliases, ...input }, seen) => saveItem(scope, { ...input, aliases: aliases.split("\n") }, seen),
  { done: ({ name }) => `${name} is as it was before.` },
);
