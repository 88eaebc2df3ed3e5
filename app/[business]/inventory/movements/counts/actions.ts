"use server";

import { z } from "zod";
import { Refusal } from "@/lib/core/errors";
import { approveCount, type ReviewedLine, saveReview, takeBackCount } from "@/lib/desk/count-approval";
import { handIn } from "@/lib/desk/count-entries";
import { cancelCount, endCounting, saveCount, startCount } from "@/lib/desk/count-plans";
import { action } from "../../../../act";
import { countHref } from "./state";

const count = z.string().min(1).max(200);
const version = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);
const text = z.string().max(2_000).default("");
const checked = z
  .string()
  .optional()
  .transform((value) => value !== undefined);

export const save = action(
  z.strictObject({
    count: count.optional(),
    version: version.optional(),
    location: z.string().max(200),
    plan: z.string().max(20).default(""),
    words: text,
    items: z.string().max(500_000).default(""),
    most: z.string().max(20).default(""),
    empty: checked,
    blind: checked,
    note: text,
  }),
  async (scope, input) => {
    const id = await saveCount(scope, {
      id: input.count ?? null,
      version: input.version ?? null,
      location: input.location,
      plan: input.plan,
      words: input.words,
      items: input.items.split("\n"),
      most: input.most,
      hasEmpty: input.empty,
      isBlind: input.blind,
      note: input.note,
    });
    return countHref(`/${scope.slug}`, id);
  },
  { to: (href) => href },
);

const seenCount = z.strictObject({ count, version });

export const start = action(
  seenCount,
  (scope, input) => startCount(scope, { id: input.count, version: input.version }),
  { done: () => "Counting has begun. Others can count the same plan." },
);

export const cancel = action(
  seenCount,
  (scope, input) => cancelCount(scope, { id: input.count, version: input.version }),
  { done: () => "The count is cancelled." },
);

export const end = action(
  z.strictObject({ count, version, all: z.enum(["yes", "no"]) }),
  (scope, input) => endCounting(scope, { id: input.count, version: input.version, isAll: input.all === "yes" }),
  {
    done: ({ state }) => (state === "review" ? "Counted. Look at the differences." : "Counting goes on."),
    to: ({ id }, scope) => countHref(`/${scope.slug}`, id),
  },
);

/** One entry as a form sends it without script: the server makes its moment, the page made its id. */
export const enter = action(
  z.strictObject({
    count,
    entry: z.string().max(64),
    item: z.string().max(2_000).default(""),
    text,
    qty: z.string().max(60),
    mode: z.enum(["add", "recount"]).default("add"),
  }),
  async (scope, { count: id, entry, item, text: typed, qty, mode }) => {
    const now = String(Date.now());
    const { outcomes } = await handIn(scope, {
      count: id,
      now,
      entries: [{ id: entry, item, text: typed, qty, mode, at: now }],
    });
    const [outcome] = outcomes;
    if (outcome !== undefined && !outcome.taken)
      throw new Refusal(outcome.code, outcome.says, { field: outcome.code === "bad_quantity" ? "qty" : "text" });
    return outcomes.length;
  },
  { done: () => "Counted." },
);

/** Fields that a form has once for each line (`reason.3`), beside those of its own. */
const RowsForm = z.record(z.string().max(60), z.string().max(2_000));

/** The review's form: saves what is said of differences, or approves with it; the button `how` says which. */
export const review = action(
  RowsForm,
  async (scope, fields, seen) => {
    const lines = Object.keys(fields)
      .flatMap((name) => /^item\.(\d{1,4})$/.exec(name)?.[1] ?? [])
      .map(
        (place): ReviewedLine => ({
          place: Number(place),
          item: fields[`item.${place}`] ?? "",
          reason: fields[`reason.${place}`] ?? "",
          worth: fields[`worth.${place}`] ?? "",
          takesDay: fields[`day.${place}`] !== undefined,
        }),
      );
    const count = {
      id: fields.count ?? "",
      version: /^\d{1,9}$/.test(fields.version ?? "") ? Number(fields.version) : 0,
      lines,
    };
    if (fields.how === "save") {
      await saveReview(scope, count);
      return "Saved.";
    }
    return `${(await approveCount(scope, count, seen)).number} is approved.`;
  },
  { done: (says) => says },
);

export const takeBack = action(
  seenCount,
  (scope, input, seen) => takeBackCount(scope, { id: input.count, version: input.version }, seen),
  { done: () => "Taken back. It is under review again, with its number." },
);
