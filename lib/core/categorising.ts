/**
 * A seller's rules over bank transactions: "what contains these words is Postage". Rules are asked by priority and the first that fits
 * is taken, so a list can be read from top to bottom. Turned down: patterns (people write them wrong) and scores (nobody can say
 * why).
 */
import { compareIds } from "./facts";
import { normalise } from "./matching";

export type Rule = Readonly<{
  id: string;
  /** Lower is asked first; rules with one priority by id. */
  priority: number;
  /** All of them are in the payee or the memo, whatever their case. */
  words: readonly string[];
  /** Of the amount without its sign, both ends included; null: no limit. */
  atLeast: bigint | null;
  atMost: bigint | null;
  /** Money in, money out, or either. */
  direction: "in" | "out" | "either";
  /** The bank account, card or wallet that it is for; null: any. */
  account: string | null;
  /** The account that such a transaction is categorised to. */
  category: string;
}>;

export type TransactionToCategorise = Readonly<{
  account: string;
  /** Positive is money in. */
  amount: bigint;
  payee: string;
  memo: string;
}>;

/** Whether a rule says anything at all: one without words or limits would take every transaction. */
export function saysSomething(rule: Rule): boolean {
  return rule.words.some((word) => normalise(word) !== "") || rule.atLeast !== null || rule.atMost !== null;
}

export function fits(transaction: TransactionToCategorise, rule: Rule): boolean {
  const { account, amount } = transaction;
  if (rule.account !== null && rule.account !== account) return false;
  if (rule.direction === "in" ? amount <= 0n : rule.direction === "out" ? amount >= 0n : false) return false;
  const size = amount < 0n ? -amount : amount;
  if ((rule.atLeast !== null && size < rule.atLeast) || (rule.atMost !== null && size > rule.atMost)) return false;
  // Payee and memo are apart, so that no word is found across the two.
  const texts = [normalise(transaction.payee), normalise(transaction.memo)];
  return saysSomething(rule) && rule.words.every((word) => texts.some((text) => text.includes(normalise(word))));
}

/** The first rule by priority that fits a transaction, or null. */
export function ruleFor(transaction: TransactionToCategorise, rules: readonly Rule[]): Rule | null {
  let first: Rule | null = null;
  for (const rule of rules) {
    const isEarlier =
      first === null ||
      rule.priority < first.priority ||
      (rule.priority === first.priority && compareIds(rule.id, first.id) < 0);
    if (isEarlier && fits(transaction, rule)) first = rule;
  }
  return first;
}
