"use server";

import { z } from "zod";
import { Refusal } from "@/lib/core/errors";
import { invoiceMany } from "@/lib/desk/issue-many";
import {
  cancelIssued,
  issueCreditNote,
  issueDebitNote,
  issueInvoice,
  issueInvoices,
  wordsOfMany,
} from "@/lib/desk/issuing";
import { issueLooseNote } from "@/lib/desk/issuing-loose";
import { paperKinds } from "@/lib/desk/notes";
import { eraseParty } from "@/lib/desk/paper-erasing";
import { sendPaper } from "@/lib/desk/sending";
import type { Scope } from "@/lib/people/access";
import { cancelRun } from "@/lib/system/runs";
import { action } from "../../act";
import { typedDay } from "../../ui/typed";
import { todayOf } from "../inventory/balances/state";
import { salesState } from "../sales/state";
import { documentHref, documentsHref } from "./state";

const id = z.string().min(1).max(2_000);
const text = z.string().max(4_000);

function dayIn(scope: Scope, typed: string, field = "on"): string {
  if (typed.trim() === "") throw new Refusal("field_missing", "Of which day?", { field });
  const day = typedDay(typed, todayOf(scope), scope.country === "US" ? "month first" : "day first");
  if ("wrong" in day) throw new Refusal("bad_date", day.wrong, { field });
  return day.value;
}

const there = (issued: Readonly<{ id: string }>, scope: Scope): string => documentHref(`/${scope.slug}`, issued.id);

export const issueOne = action(
  z.strictObject({
    order: id,
    on: text,
    name: text,
    address: text,
    taxNumber: text,
    pos: text.optional(),
    supply: text.optional(),
  }),
  (scope, { order, on, pos = "", supply = "regular", ...to }) =>
    issueInvoice(scope, { order, on: dayIn(scope, on), to, supply: { pos, supply } }),
  { to: there },
);

export const creditNote = action(
  z.strictObject({ return: id }),
  (scope, input) => issueCreditNote(scope, { return: input.return, on: null }),
  { to: there },
);

export const looseNote = action(
  z.strictObject({
    return: id,
    on: text,
    name: text,
    address: text,
    taxNumber: text,
    pos: text.optional(),
    supply: text.optional(),
    ofNumber: text,
    ofOn: text,
    ofValue: text,
  }),
  (scope, { on, pos = "", supply = "regular", ofNumber, ofOn, ofValue, return: back, ...to }) =>
    issueLooseNote(scope, {
      return: back,
      on: dayIn(scope, on),
      to,
      supply: { pos, supply },
      of: { number: ofNumber, on: ofOn.trim() === "" ? "" : dayIn(scope, ofOn, "ofOn"), value: ofValue },
    }),
  { to: there },
);

export const debitNote = action(
  z.strictObject({ document: id }),
  (scope, { document }) => issueDebitNote(scope, { document, on: null, to: { name: "", address: "", taxNumber: "" } }),
  { to: there },
);

export const cancelOne = action(
  z.strictObject({ document: id, why: text }),
  (scope, { document, why }) => cancelIssued(scope, { id: document, why }),
  { done: () => "Cancelled. It keeps its number." },
);

export const eraseOne = action(z.strictObject({ document: id }), (scope, { document }) => eraseParty(scope, document), {
  done: () => "Erased. The document stays, without a name and an address.",
});

/** The orders that were marked in the list of sales. */
export const issueMarked = action(
  z.strictObject({ order: z.union([id, z.array(id)]).optional() }),
  async (scope, { order = [] }) => {
    const orders = typeof order === "string" ? [order] : order;
    if (orders.length === 0) throw new Refusal("field_missing", "Mark at least one order first.");
    return { ...(await issueInvoices(scope, orders)), asked: orders.length };
  },
  {
    done: ({ asked, ...many }) => {
      const { issued, abroad } = many;
      const had = asked - issued - abroad;
      const count =
        had === 0
          ? `${issued} ${issued === 1 ? "invoice" : "invoices"} issued.`
          : `${issued} issued; ${had} had one already.`;
      return [count, wordsOfMany(many)].join(" ").trim();
    },
  },
);

/** All orders that the list of sales is filtered to: a worker issues them. `asked` is the list's own query. */
export const issueFiltered = action(
  z.strictObject({ asked: text }),
  async (scope, { asked }) => {
    const { filter } = salesState(scope, Object.fromEntries(new URLSearchParams(asked)));
    if (filter.isToPlace === true || (filter.words ?? "") !== "")
      throw new Refusal("unsupported", "Mark the orders that were searched for, or take the search off.");
    await invoiceMany(scope, { from: filter.from, to: filter.to, channel: filter.channel ?? null });
  },
  { to: (_result, scope) => documentsHref(`/${scope.slug}`) },
);

export const stopIssuing = action(z.strictObject({ run: z.string().max(100) }), (scope, { run }) =>
  cancelRun(scope, run),
);

export const send = action(
  z.strictObject({ of: z.enum(paperKinds), document: id, to: text, message: text }),
  (scope, { of, document, to, message }) => sendPaper(scope, { of, id: document, to, message }),
  { done: ({ sent }) => (sent === 1 ? "Sent." : `Sent to ${sent} addresses.`) },
);
