"use server";

import { z } from "zod";
import { Refusal } from "@/lib/core/errors";
import {
  endOrder,
  placeOrder,
  receiveOrder,
  saveOrder,
  type TypedOrderLine,
  takeBackOrder,
} from "@/lib/desk/purchase-orders";
import { takeBackPurchase } from "@/lib/desk/purchases";
import type { Scope } from "@/lib/people/access";
import { unseen } from "@/lib/preview";
import { action } from "../../../act";
import { seenField } from "../../../ui/form-state";
import { typedDay } from "../../../ui/typed";
import { todayOf } from "../balances/state";
import { orderOf } from "../movements/state";
import { orderHref } from "./state";

function dayIn(scope: Scope, text: string, field: string): string {
  const day = typedDay(text, todayOf(scope), orderOf(scope));
  if ("wrong" in day) throw new Refusal("bad_date", day.wrong, { field });
  return day.value;
}

/** Fields that a form has once for each row (`lines.0.item`, `qty.0`), beside those of its own. */
const RowsForm = z.record(z.string().max(60), z.string().max(2_000));
type Fields = z.output<typeof RowsForm>;

const versionOf = (fields: Fields): number => (/^\d{1,9}$/.test(fields.version ?? "") ? Number(fields.version) : 0);
const rowsNamed = (fields: Fields, name: RegExp): readonly number[] =>
  [...new Set(Object.keys(fields).flatMap((field) => name.exec(field)?.[1] ?? []))].map(Number).sort((a, b) => a - b);

export const saveDraft = action(
  RowsForm,
  async (scope, fields) => {
    const lines = rowsNamed(fields, /^lines\.(\d{1,3})\./).flatMap((row): TypedOrderLine[] => {
      const cell = (column: string) => (fields[`lines.${row}.${column}`] ?? "").trim();
      if (cell("item") === "" && cell("itemText") === "" && cell("qty") === "") return [];
      return [{ row, item: cell("item"), name: cell("itemText"), qty: cell("qty"), amount: cell("amount") }];
    });
    const expected = (fields.expectedOn ?? "").trim();
    const id = await saveOrder(scope, {
      id: fields.order ?? null,
      version: versionOf(fields),
      supplier: fields.supplier ?? "",
      location: fields.location ?? "",
      expectedOn: expected === "" ? "" : dayIn(scope, expected, "expectedOn"),
      note: fields.note ?? "",
      lines,
    });
    return orderHref(`/${scope.slug}`, id);
  },
  { to: (href) => href },
);

const order = z.string().min(1).max(200);
const version = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);
const OneOrder = z.strictObject({ order, version });

export const takeBack = action(
  OneOrder,
  (scope, input) => takeBackOrder(scope, { id: input.order, version: input.version }),
  { done: ({ state }) => (state === "draft" ? "It is a draft again." : "It is on order again.") },
);

const back = (result: Readonly<{ id: string; version: number }>) => ({
  label: "Take back",
  action: takeBack,
  values: { order: result.id, version: String(result.version) },
});

export const place = action(
  z.strictObject({ order, version, on: z.string().min(1, "When did you order it?") }),
  (scope, input) => placeOrder(scope, { id: input.order, version: input.version, on: dayIn(scope, input.on, "on") }),
  { done: (result) => ({ message: `${result.number} is on order.`, undo: back(result) }) },
);

export const end = action(OneOrder, (scope, input) => endOrder(scope, { id: input.order, version: input.version }), {
  done: (result) => ({
    message: result.state === "cancelled" ? "Cancelled." : "Nothing more is expected of it.",
    undo: back(result),
  }),
});

export const takeBackReceipt = action(
  z.strictObject({ purchase: z.string().min(1).max(500) }),
  (scope, input, seen) => takeBackPurchase(scope, input, seen),
  { done: () => "Taken back: it is on order again." },
);

export const receive = action(
  RowsForm,
  (scope, fields, seen) => {
    if ((fields.on ?? "").trim() === "") throw new Refusal("field_missing", "When did it come?", { field: "on" });
    return receiveOrder(
      scope,
      {
        id: fields.order ?? "",
        version: versionOf(fields),
        on: dayIn(scope, fields.on ?? "", "on"),
        account: fields.account ?? "",
        paid: fields.paid ?? "",
        items: rowsNamed(fields, /^item\.(\d{1,3})$/).map((row) => ({
          row,
          item: fields[`item.${row}`] ?? "",
          qty: fields[`qty.${row}`] ?? "",
          amount: fields[`amount.${row}`] ?? "",
        })),
      },
      seen,
    );
  },
  {
    done: (result) => ({
      message: "Received: it is a purchase now.",
      undo: {
        label: "Take back",
        action: takeBackReceipt,
        values: { purchase: result.purchase, [seenField]: unseen },
      },
    }),
  },
);
