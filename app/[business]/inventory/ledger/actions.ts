"use server";

import { z } from "zod";
import { saveItem } from "@/lib/desk/items";
import { askForFile, keptDays, stopFileOf } from "@/lib/exports/made";
import { formats } from "@/lib/exports/sheet";
import { unseen } from "@/lib/preview";
import { saveBarcodes } from "@/lib/stock/barcodes";
import { action } from "../../../act";
import { type FormAction, seenField } from "../../../ui/form-state";
import { aboutLedger, ledgerState } from "./state";

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

/** Says which barcodes an item has: one a line, those that are left out are taken away. */
export const changeBarcodes: FormAction = action(
  z.strictObject({ item: z.string().min(1), codes: z.string().max(10_000).default("") }),
  (scope, { item, codes }) => saveBarcodes(scope, { item, codes: codes.split(/\r?\n/) }),
  { done: (codes) => (codes.length === 0 ? "It has no barcodes now." : "Barcodes saved.") },
);

/** Asks a worker for a file of what is filtered; `asked` is the address of the export. */
export const makeLedgerFile: FormAction = action(
  z.strictObject({ asked: z.string().max(4_000) }),
  (scope, { asked }) => {
    const query = Object.fromEntries(new URLSearchParams(asked));
    const { filter } = ledgerState(scope, query.item ?? "", query);
    const format = z.enum(formats).parse(query.format);
    return askForFile(scope, { report: "ledger", format, asked: filter, about: aboutLedger(filter.item) });
  },
  {
    done: () => `It is made in the background, stands under Files when it is ready, and is kept for ${keptDays} days.`,
  },
);

export const stopFile: FormAction = action(
  z.strictObject({ run: z.uuid() }),
  (scope, { run }) => stopFileOf(scope, run),
  { done: () => "It stops; no file is kept." },
);
