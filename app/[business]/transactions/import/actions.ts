"use server";

import { z } from "zod";
import { Refusal } from "@/lib/core/errors";
import { acceptImport } from "@/lib/desk/imports";
import { askPreview, takeBackImport } from "@/lib/desk/take-back";
import { chooseFor, discardImport, importOf } from "@/lib/money/imports";
import type { AccountChoice, Holds } from "@/lib/money/money-accounts";
import type { Scope } from "@/lib/people/access";
import { cancelRun } from "@/lib/system/runs";
import { action } from "../../../act";

const placeOf = (scope: Scope, kind: "bank" | "channel") =>
  `/${scope.slug}/${kind === "bank" ? "transactions" : "channels"}/import`;

export const accept = action(
  z.strictObject({ id: z.uuid(), takesAnyway: z.string().optional() }),
  (scope, { id, takesAnyway }) => acceptImport(scope, id, { takesAnyway: takesAnyway !== undefined }),
  {
    done: ({ state, result }) =>
      state === "accepting" ? "It is coming in." : `${result.new} new, ${result.already} already here.`,
  },
);

export const discard = action(
  z.strictObject({ id: z.uuid() }),
  async (scope, { id }) => {
    const { kind } = await importOf(scope, id);
    await discardImport(scope, id);
    return placeOf(scope, kind);
  },
  { to: (path) => path },
);

export const undo = action(
  z.strictObject({ id: z.uuid() }),
  async (scope, { id }) => {
    const { kind } = await importOf(scope, id);
    const { run } = await takeBackImport(scope, id);
    // A large one is taken back by a job: this page then shows how far it is.
    return `${placeOf(scope, kind)}/${id}${run === null ? "" : "/take-back"}`;
  },
  { to: (path) => path },
);

/** What taking a large file back would change: a job works it out, and the page shows how far it is. */
export const previewUndo = action(
  z.strictObject({ id: z.uuid() }),
  (scope, { id }) => askPreview(scope, { of: "import", id }),
  { done: () => "It is being worked out." },
);

export const stop = action(z.strictObject({ run: z.uuid() }), (scope, { run }) => cancelRun(scope, run), {
  done: () => "It stops after the rows that it is at.",
});

export const stopTakeBack = action(z.strictObject({ run: z.uuid() }), (scope, { run }) => cancelRun(scope, run), {
  done: () => "It stops; nothing is taken back.",
});

const column = z
  .string()
  .regex(/^\d{0,3}$/, "Choose a column.")
  .transform((text) => (text === "" ? null : Number(text)));

const Layout = z.strictObject({
  id: z.uuid(),
  date: column,
  dateStyle: z.enum(["ymd", "dmy", "mdy"]),
  amount: column,
  credit: column,
  debit: column,
  payee: column,
  memo: column,
  balance: column,
  decimalMark: z.enum([".", ","]),
  isNegated: z.string().optional(),
});

/** How the file's columns are to be read. Kept for that bank once the file is accepted. */
export const chooseLayout = action(
  Layout,
  async (scope, { id, isNegated, ...columns }) => {
    const { layout } = (await importOf(scope, id)).choices;
    if (layout === null) throw new Refusal("unsupported", "This kind of file has no columns to choose.");
    if (columns.date === null) throw new Refusal("missing_column", "Choose the column of the date.", { field: "date" });
    if (columns.amount === null && columns.credit === null && columns.debit === null)
      throw new Refusal("missing_column", "Choose the column of the amount.", { field: "amount" });
    await chooseFor(scope, id, {
      layout: { ...layout, ...columns, date: columns.date, isNegated: isNegated !== undefined, doubts: [] },
    });
  },
  { done: () => "Read again with these columns." },
);

const named = z
  .string()
  .max(200)
  .transform((text) => (text === "" ? null : text));

const Sales = z.strictObject({
  id: z.uuid(),
  ...{ order: named, date: named, item: named, sku: named, quantity: named, amount: named },
  ...{ shipping: named, tax: named, fee: named, payout: named },
  amountIs: z.enum(["line", "each"]),
  taxBy: z.enum(["seller", "channel"]),
  dateStyle: z.enum(["mdy", "dmy"]),
  decimalMark: z.enum([".", ","]),
});

/** What the columns of a channel's list of sales are. Kept for files with the same columns once this one is accepted. */
export const chooseSales = action(
  Sales,
  async (scope, { id, amountIs, taxBy, dateStyle, decimalMark, ...columns }) => {
    const { sales } = (await importOf(scope, id)).choices;
    if (sales == null) throw new Refusal("unsupported", "This kind of file has no columns to choose.");
    for (const field of ["date", "amount"] as const)
      if (columns[field] === null) throw new Refusal("missing_column", `Choose the column of the ${field}.`, { field });
    if (Object.values(columns).some((name) => name !== null && !sales.headers.includes(name)))
      throw new Refusal("missing_column", "Choose one of the file’s columns.", { field: "date" });
    await chooseFor(scope, id, {
      sales: { ...sales, columns, amountIs, taxBy, dateStyle, decimalMark, isChosen: true },
    });
  },
  { done: () => "Read again with these columns." },
);

/** Into which account each part of the file goes: account.0, name.0, holds.0, and so on. */
export const chooseAccounts = action(
  z.looseObject({ id: z.uuid() }),
  async (scope, input) => {
    const one = await importOf(scope, input.id);
    const text = (name: string) => (typeof input[name] === "string" ? (input[name] as string).trim() : "");
    const accounts = one.choices.accounts.map((before, i): AccountChoice => {
      const code = text(`account.${i}`);
      if (code === "") return before;
      if (code !== "new") return { code };
      const holds = text(`holds.${i}`);
      const name = text(`name.${i}`);
      if (name === "") throw new Refusal("field_missing", "Give the new account a name.", { field: `name.${i}` });
      const number = "isNew" in before ? before.number : null;
      return { isNew: true, name, holds: (["bank", "card", "cash"].includes(holds) ? holds : "bank") as Holds, number };
    });
    await chooseFor(scope, input.id, { accounts });
  },
  { done: () => "Counted again for this account." },
);

export const chooseChannel = action(
  z.strictObject({ id: z.uuid(), channel: z.string().max(200) }),
  async (scope, { id, channel }) => {
    await chooseFor(scope, id, { channel: channel === "" ? null : channel });
  },
  { done: () => "Counted again for this channel." },
);

export const takeDoubtful = action(
  z.strictObject({ id: z.uuid(), takes: z.enum(["yes", "no"]) }),
  async (scope, { id, takes }) => {
    await chooseFor(scope, id, { takesDoubtful: takes === "yes" });
  },
  { done: () => "Noted." },
);
