"use server";

import { z } from "zod";
import { Refusal } from "@/lib/core/errors";
import type { Part } from "@/lib/core/transactions";
import { addByHand, editByHand, makeRule, removeByHand, sortAs, takeRuleBack } from "@/lib/desk/transactions";
import { addMoneyAccount, hideMoneyAccount, renameMoneyAccount } from "@/lib/money/money-accounts";
import { moveRule, removeRule, switchRule } from "@/lib/money/rules";
import type { Scope } from "@/lib/people/access";
import { action } from "../../act";
import { typedDay, typedMoney } from "../../ui/typed";
import { dateOrder, today } from "./state";
import { readAs, readSeen } from "./words";

const One = z.string().min(1).max(400);
const Many = z.union([One, z.array(One)]).transform((value) => (typeof value === "string" ? [value] : value));
const Chosen = z.strictObject({
  t: Many.optional(),
  as: z.string().min(1, "Say what it is.").max(400),
  was: z.string().max(400).optional(),
  label: z.string().max(200).optional(),
});

const sortOnes = async (scope: Scope, { t, as, was, label }: z.output<typeof Chosen>) => {
  if (t === undefined) throw new Refusal("field_missing", "Choose at least one transaction first.", { field: "t" });
  const seen = t.map(readSeen);
  const count = await sortAs(scope, seen, readAs(as));
  return { count, ids: seen.map((one) => one.id), was: was ?? "open", isOpen: as === "open", label: label ?? "" };
};

/** What was done is taken back by saying what it was before; many at once go back to open. (A new line between ids would come back as two letters.) */
export const takeBack = action(
  z.strictObject({ ids: z.string().max(200_000), as: z.string().max(400) }),
  (scope, { ids, as }) =>
    sortAs(
      scope,
      ids.split(" ").map((id) => ({ id, version: null })),
      readAs(as),
    ),
  { done: () => "Taken back." },
);

export const sort = action(Chosen, sortOnes, {
  done: ({ count, ids, was, isOpen }) => ({
    message: isOpen
      ? `${count === 1 ? "It is" : `${count} transactions are`} open again.`
      : count === 1
        ? "Filed."
        : `${count} transactions filed.`,
    undo: { label: "Take back", action: takeBack, values: { ids: ids.join(" "), as: was } },
  }),
});

const Split = z.looseObject({ t: One });

/** The parts of a split come as part.0.as, part.0.amount, part.0.memo and so on; empty ones are left out. */
export const split = action(
  Split,
  async (scope, input) => {
    const seen = readSeen(input.t);
    const parts: Part[] = [];
    const isOut = input.sign === "out";
    for (let i = 0; i < 20; i += 1) {
      const [as, typed, memo] = [input[`part.${i}.as`], input[`part.${i}.amount`], input[`part.${i}.memo`]].map(
        (value) => (typeof value === "string" ? value.trim() : ""),
      );
      if (!typed && !as) continue;
      const amount = typedMoney(typed ?? "", scope.currency);
      if ("wrong" in amount) throw new Refusal("bad_number", amount.wrong, { field: `part.${i}.amount` });
      const what = readAs(as ?? "");
      if (what.kind !== "category" && what.kind !== "inventory")
        throw new Refusal("does_not_fit", "A part is a category or Inventory.", { field: `part.${i}.as` });
      parts.push({
        category: what.kind === "inventory" ? "1200" : what.code,
        amount: isOut ? -amount.value : amount.value,
        memo: memo ?? "",
      });
    }
    await sortAs(scope, [seen], { kind: "split", parts });
    return { id: seen.id, was: typeof input.was === "string" ? input.was : "" };
  },
  {
    // The parts that a split had before are not kept: only what it was in one piece can be had back.
    done: ({ id, was }) =>
      was === ""
        ? "Split."
        : { message: "Split.", undo: { label: "Take back", action: takeBack, values: { ids: id, as: was } } },
  },
);

const ByHand = z.strictObject({
  t: One.optional(),
  account: z.string().min(1, "Choose the account."),
  on: z.string().min(1, "When was it?"),
  direction: z.enum(["in", "out"], "Say whether it came in or went out."),
  amount: z.string().min(1, "How much was it?"),
  payee: z.string().max(400).optional(),
  memo: z.string().max(2_000).optional(),
});

function readByHand(scope: Scope, input: z.output<typeof ByHand>) {
  const on = typedDay(input.on, today(scope), dateOrder(scope));
  if ("wrong" in on) throw new Refusal("bad_date", on.wrong, { field: "on" });
  const amount = typedMoney(input.amount, scope.currency);
  if ("wrong" in amount) throw new Refusal("bad_number", amount.wrong, { field: "amount" });
  if (amount.value <= 0n)
    throw new Refusal("bad_number", "Type the amount without a sign; say above whether it came in.", {
      field: "amount",
    });
  return {
    account: input.account,
    on: on.value,
    amount: input.direction === "in" ? amount.value : -amount.value,
    payee: input.payee ?? "",
    memo: input.memo ?? "",
  };
}

export const record = action(
  ByHand,
  async (scope, input) => {
    await addByHand(scope, readByHand(scope, input));
    return `/${scope.slug}/transactions?account=${encodeURIComponent(input.account)}`;
  },
  { to: (path) => path },
);

export const edit = action(
  ByHand,
  (scope, input) => editByHand(scope, readSeen(input.t ?? ""), readByHand(scope, input)),
  {
    done: () => "Saved.",
  },
);

export const remove = action(
  z.strictObject({ t: One }),
  async (scope, { t }) => {
    await removeByHand(scope, readSeen(t));
    return `/${scope.slug}/transactions`;
  },
  { to: (path) => path },
);

const ofRule = z.strictObject({ rule: z.uuid() });

export const takeBackRule = action(ofRule, (scope, { rule }) => takeRuleBack(scope, rule), {
  done: (count) => (count === 0 ? "Taken back." : `Taken back, ${count} with it.`),
});

const Rule = z.strictObject({
  words: z.string().max(400),
  as: z.string().min(1, "Say what these are."),
  direction: z.enum(["in", "out", ""]).optional(),
  account: z.string().max(40).optional(),
});

export const addRule = action(
  Rule,
  (scope, { words, as, direction, account }) => {
    const what = readAs(as);
    if (what.kind !== "category" && what.kind !== "inventory" && what.kind !== "personal" && what.kind !== "hidden")
      throw new Refusal("does_not_fit", "A rule says a category, Inventory, not for the business, or hide.", {
        field: "as",
      });
    return makeRule(scope, {
      words,
      direction: direction === "in" || direction === "out" ? direction : null,
      account: account === undefined || account === "" ? null : account,
      state: what.kind === "category" ? "categorised" : what.kind,
      category: what.kind === "category" ? what.code : null,
    });
  },
  {
    done: ({ id, sorted }) => ({
      message: sorted === 0 ? "The rule stands." : `The rule stands; ${sorted} filed by it.`,
      undo: { label: "Take back", action: takeBackRule, values: { rule: id } },
    }),
  },
);
export const ruleOff = action(ofRule, (scope, { rule }) => switchRule(scope, rule, true), {
  done: () => "Switched off.",
});
export const ruleOn = action(ofRule, (scope, { rule }) => switchRule(scope, rule, false), {
  done: () => "Switched on.",
});
export const ruleUp = action(ofRule, (scope, { rule }) => moveRule(scope, rule, "up"), { done: () => "Moved up." });
export const ruleDown = action(ofRule, (scope, { rule }) => moveRule(scope, rule, "down"), {
  done: () => "Moved down.",
});
export const ruleGone = action(ofRule, (scope, { rule }) => removeRule(scope, rule), {
  done: () => "The rule is gone; what it filed stays.",
});

const Account = z.strictObject({
  code: z.string().max(20).optional(),
  name: z.string().max(200),
  holds: z.enum(["bank", "card", "cash"]).optional(),
  number: z.string().max(60).optional(),
});

export const addAccount = action(
  Account,
  (scope, { name, holds, number }) => addMoneyAccount(scope, { name, holds: holds ?? "bank", number: number ?? null }),
  { done: () => "The account is there." },
);
export const renameAccount = action(
  Account,
  (scope, { code, name, number }) => renameMoneyAccount(scope, { code: code ?? "", name, number: number ?? null }),
  { done: () => "Saved." },
);

export const hideAccount = action(
  z.strictObject({ code: z.string().max(20), hides: z.enum(["yes", "no"]) }),
  async (scope, { code, hides }) => {
    await hideMoneyAccount(scope, { code, isHidden: hides === "yes" });
    return hides;
  },
  { done: (hides) => (hides === "yes" ? "Hidden. Its lines stay." : "It is there again.") },
);

/** What an account held before its first statement, so that the books say what the bank says. */
export const setOpening = action(
  z.strictObject({ account: z.string().max(20), on: z.string().max(20), amount: z.string().regex(/^-?\d{1,18}$/) }),
  async (scope, { account, on, amount }) => {
    const id = await addByHand(scope, { account, on, amount: BigInt(amount), payee: "Opening balance", memo: "" });
    await sortAs(scope, [{ id, version: null }], { kind: "category", code: "3090" });
  },
  { done: () => "The opening balance is recorded." },
);
