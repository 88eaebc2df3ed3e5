"use server";

import { z } from "zod";
import { Refusal } from "@/lib/core/errors";
import { cancelTransfer, saveTransfer } from "@/lib/desk/transfer-drafts";
import type { TypedItem } from "@/lib/desk/transfer-row";
import {
  endTransfer,
  placeShortage,
  receiveTransfer,
  sendTransfer,
  shortageFates,
  undoTransferStep,
} from "@/lib/desk/transfers";
import type { Scope } from "@/lib/people/access";
import { unseen } from "@/lib/preview";
import { action } from "../../../../act";
import { seenField } from "../../../../ui/form-state";
import { typedDay } from "../../../../ui/typed";
import { todayOf } from "../../balances/state";
import { orderOf, transferHref } from "../state";

function dayIn(scope: Scope, text: string): string {
  const day = typedDay(text, todayOf(scope), orderOf(scope));
  if ("wrong" in day) throw new Refusal("bad_date", day.wrong, { field: "on" });
  return day.value;
}

/** Fields that a form has once for each row (`lines.0.item`, `qty.0`), beside those of its own. */
const RowsForm = z.record(z.string().max(60), z.string().max(2_000));
type Fields = z.output<typeof RowsForm>;

const versionOf = (fields: Fields): number => (/^\d{1,9}$/.test(fields.version ?? "") ? Number(fields.version) : 0);

export const saveDraft = action(
  RowsForm,
  async (scope, fields) => {
    const rows = new Set(Object.keys(fields).flatMap((name) => /^lines\.(\d{1,3})\./.exec(name)?.[1] ?? []));
    const lines = [...rows]
      .map(Number)
      .sort((a, b) => a - b)
      .flatMap((row): TypedItem[] => {
        const cell = (column: string) => (fields[`lines.${row}.${column}`] ?? "").trim();
        if (cell("item") === "" && cell("itemText") === "" && cell("qty") === "") return [];
        return [{ row, item: cell("item"), name: cell("itemText"), qty: cell("qty") }];
      });
    if ((fields.on ?? "").trim() === "") throw new Refusal("field_missing", "When is it to leave?", { field: "on" });
    const id = await saveTransfer(scope, {
      id: fields.transfer ?? null,
      version: versionOf(fields),
      from: fields.from ?? "",
      to: fields.to ?? "",
      on: dayIn(scope, fields.on ?? ""),
      note: fields.note ?? "",
      lines,
    });
    return transferHref(`/${scope.slug}`, id);
  },
  { to: (href) => href },
);

const transfer = z.string().min(1).max(200);
const version = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);

export const undoStep = action(
  z.strictObject({ transfer, version, step: z.string().min(1).max(2_000) }),
  (scope, input, seen) =>
    undoTransferStep(scope, { id: input.transfer, version: input.version, step: input.step }, seen),
  { done: ({ state }) => (state === "draft" ? "Taken back. It is a draft again." : "Taken back.") },
);

/** The way back from a step, as the toast offers it. */
const back = (result: Readonly<{ id: string; version: number; step: string | null }>) =>
  result.step === null
    ? undefined
    : {
        label: "Take back",
        action: undoStep,
        values: {
          transfer: result.id,
          version: String(result.version),
          step: result.step,
          [seenField]: unseen,
        },
      };

export const send = action(
  z.strictObject({ transfer, version, on: z.string().min(1, "When did it leave?") }),
  (scope, input, seen) =>
    sendTransfer(scope, { id: input.transfer, version: input.version, on: dayIn(scope, input.on) }, seen),
  { done: (result) => ({ message: `${result.number} is on its way.`, undo: back(result) }) },
);

export const cancel = action(
  z.strictObject({ transfer, version }),
  (scope, input) => cancelTransfer(scope, { id: input.transfer, version: input.version }),
  { done: () => "The draft is cancelled." },
);

/** The rows of a form over a transfer's lines: which item each is, and how much of it. */
function itemsOf(fields: Fields): readonly TypedItem[] {
  return Object.keys(fields)
    .flatMap((name) => /^item\.(\d{1,3})$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
    .map((row) => ({ row, item: fields[`item.${row}`] ?? "", qty: fields[`qty.${row}`] ?? "" }));
}

function stepOf(scope: Scope, fields: Fields) {
  if ((fields.on ?? "").trim() === "") throw new Refusal("field_missing", "When was it?", { field: "on" });
  const seen = { id: fields.transfer ?? "", version: versionOf(fields) };
  return { ...seen, on: dayIn(scope, fields.on ?? ""), items: itemsOf(fields) };
}

export const receive = action(
  RowsForm,
  (scope, fields, seen) => receiveTransfer(scope, { ...stepOf(scope, fields), isAll: (fields.all ?? "") !== "" }, seen),
  {
    done: (result) => ({
      message:
        result.state === "received"
          ? "All of it is here."
          : result.state === "short"
            ? "Received. What is missing waits to be placed."
            : "Received. The rest is still on its way.",
      undo: back(result),
    }),
  },
);

export const placeMissing = action(
  RowsForm,
  async (scope, fields, seen) => {
    const fate = shortageFates.find((one) => one === fields.fate);
    if (fate === undefined) throw new Refusal("field_missing", "Say where it is.", { field: "fate" });
    return placeShortage(scope, { ...stepOf(scope, fields), fate }, seen);
  },
  {
    done: (result) => ({
      message: result.state === "received" ? "Placed. Nothing is missing any more." : "Placed. Some is still missing.",
      undo: back(result),
    }),
  },
);

export const end = action(
  z.strictObject({ transfer, version, all: z.enum(["yes", "no"]) }),
  (scope, input) => endTransfer(scope, { id: input.transfer, version: input.version, isAll: input.all === "yes" }),
  {
    done: ({ state }) =>
      state === "short" ? "What is missing waits to be placed." : "It is on its way again: more can be received.",
  },
);
