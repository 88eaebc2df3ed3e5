"use server";

import { z } from "zod";
import { Refusal } from "@/lib/core/errors";
import { recordReturn, saveOrder, type TypedOrderLine, takeBackOrder, takeBackReturn } from "@/lib/desk/orders";
import { placeReturn, takeBackPlacement } from "@/lib/desk/placements";
import type { Scope } from "@/lib/people/access";
import { unseen } from "@/lib/preview";
import { action } from "../../act";
import { seenField } from "../../ui/form-state";
import { typedDay, typedMoney } from "../../ui/typed";
import { orderHref } from "../inventory/balances/state";
import { todayOf } from "./state";

function moneyOf(scope: Scope, text: string | undefined, field: string): bigint {
  if (text === undefined || text.trim() === "") return 0n;
  const read = typedMoney(text, scope.currency);
  if ("wrong" in read) throw new Refusal("bad_number", read.wrong, { field });
  return read.value;
}

function dayIn(scope: Scope, text: string, field: string): string {
  const day = typedDay(text, todayOf(scope), scope.country === "US" ? "month first" : "day first");
  if ("wrong" in day) throw new Refusal("bad_date", day.wrong, { field });
  return day.value;
}

/** The form of a sale: fields of its own, and `lines.0.item`, `lines.0.itemText`, `lines.0.qty`, `lines.0.amount`, `lines.0.id`. */
const SaleForm = z.record(z.string().max(60), z.string().max(2_000));

export const saveSale = action(
  SaleForm,
  async (scope, fields, seen) => {
    const rows = new Set(Object.keys(fields).flatMap((name) => /^lines\.(\d{1,3})\./.exec(name)?.[1] ?? []));
    const lines = [...rows]
      .map(Number)
      .sort((a, b) => a - b)
      .flatMap((row): TypedOrderLine[] => {
        const cell = (column: string) => (fields[`lines.${row}.${column}`] ?? "").trim();
        if (cell("item") === "" && cell("itemText") === "" && cell("qty") === "" && cell("amount") === "") return [];
        if (cell("amount") === "")
          throw new Refusal("field_missing", "What was it sold for in all?", { field: `lines.${row}.amount` });
        return [
          {
            row,
            id: cell("id") === "" ? null : cell("id"),
            item: { id: cell("item") === "" ? null : cell("item"), name: cell("itemText") },
            qty: cell("qty") === "" ? "1" : cell("qty"),
            amount: moneyOf(scope, cell("amount"), `lines.${row}.amount`),
          },
        ];
      });
    if ((fields.on ?? "") === "") throw new Refusal("field_missing", "When was it sold?", { field: "on" });
    const form = {
      id: fields.order ?? null,
      channel: fields.channel === undefined || fields.channel === "" ? null : fields.channel,
      number: fields.number ?? "",
      on: dayIn(scope, fields.on ?? "", "on"),
      lines,
      shipping: moneyOf(scope, fields.shipping, "shipping"),
      discount: moneyOf(scope, fields.discount, "discount"),
      tax: moneyOf(scope, fields.tax, "tax"),
      fees: moneyOf(scope, fields.fees, "fees"),
      state: fields.state,
    };
    const saved = await saveOrder(scope, form, seen);
    return orderHref(`/${scope.slug}`, saved.id);
  },
  { to: (href) => href },
);

const id = z.string().min(1).max(2_000);

export const takeBackSale = action(
  z.strictObject({ order: id }),
  (scope, { order }, seen) => takeBackOrder(scope, order, seen),
  {
    to: (_result, scope) => `/${scope.slug}/sales`,
  },
);

export const undoReturn = action(
  z.strictObject({ return: id }),
  (scope, input, seen) => takeBackReturn(scope, input.return, seen),
  {
    done: () => "The return is taken back.",
  },
);

export const saveReturn = action(
  z.strictObject({
    order: id,
    line: z.string({ error: "Which line came back?" }).min(1),
    qty: z.string().min(1, "How many came back?"),
    amount: z.string().optional(),
    on: z.string().min(1, "When did it come back?"),
    fate: z.enum(["restock", "write off", "keep", "unknown"], { error: "Say where it is." }),
  }),
  async (scope, input, seen) => {
    const amount = moneyOf(scope, input.amount, "amount");
    const key = await recordReturn(scope, { ...input, amount, on: dayIn(scope, input.on, "on") }, seen);
    return key.slice("return/".length);
  },
  {
    done: (recorded) => ({
      message: "The return is recorded.",
      undo: { label: "Take back", action: undoReturn, values: { return: recorded, [seenField]: unseen } },
    }),
  },
);

export const undoPlace = action(
  z.strictObject({ line: id }),
  (scope, { line }, seen) => takeBackPlacement(scope, line, seen),
  {
    done: () => "Taken back. It waits to be placed.",
  },
);

export const place = action(
  z.strictObject({ line: id, place: z.enum(["restock", "write off", "keep"]) }),
  async (scope, input, seen) => ({ line: await placeReturn(scope, input, seen), place: input.place }),
  {
    done: ({ line, place: where }) => ({
      message:
        where === "restock"
          ? "It is back on the shelf."
          : where === "write off"
            ? "It is written off."
            : "The buyer keeps it.",
      undo: { label: "Take back", action: undoPlace, values: { line, [seenField]: unseen } },
    }),
  },
);
