/**
 * What a line of a bank, card or cash account posts. Every line posts, also before anybody has said what it is: so an account's balance
 * in the books is the bank's from the moment a statement is brought in, and what is still to sort stands on Uncategorised, in view.
 * Turned down: posting only what is sorted (the balance would be wrong until the last line is done).
 */
import { Refusal, unreachable } from "./errors";
import type { LocalDate } from "./facts";
import { inBoth, type Posting } from "./journal";
import { normalise } from "./matching";
import { accounts } from "./posting";

export type TransactionState =
  | "open"
  | "categorised"
  | "inventory"
  | "transfer"
  | "payout"
  | "personal"
  | "hidden"
  | "split";

/** A part of a split transaction; signed as the transaction is, and all parts add to it. */
export type Part = Readonly<{ category: string; amount: bigint; memo: string }>;

export type BankTransaction = Readonly<{
  account: string;
  on: LocalDate;
  /** Positive came into the account. */
  amount: bigint;
  payee: string;
  state: TransactionState;
  /** The account on the other side, for categorised and transfer. */
  category: string | null;
  /** The other line of a transfer, or the payout. */
  matched: string | null;
  parts: readonly Part[];
  /** The payout in another currency that it is the deposit of. */
  paid?: PaidAbroad;
  isUndone: boolean;
}>;

/** A payout in another currency: what it took out of the channel in the books' currency, and what it paid; signed alike. */
export type PaidAbroad = Readonly<{ amount: bigint; said: bigint; currency: string }>;

export const ownersDraws = "3010";

/**
 * What a transaction wants to have posted, all under the purpose `bank`. One that is a purchase wants nothing: the purchase itself posts
 * Inventory against the account. Of a transfer's two lines the one that went out posts for both; a line without its twin posts alone.
 */
export function transactionPostings(transaction: BankTransaction): readonly Posting[] {
  const { account, amount, state, category, matched, parts } = transaction;
  if (transaction.isUndone) return [];
  switch (state) {
    // Hidden is out of the list, not out of the books: the bank's balance holds it.
    case "open":
    case "hidden":
      return move(transaction, amount > 0n ? accounts.uncategorisedIncome : accounts.uncategorisedExpense, amount);
    case "categorised":
      return move(transaction, category ?? account, amount);
    case "transfer":
      return matched !== null && amount > 0n ? [] : move(transaction, category ?? account, amount);
    case "payout":
      return transaction.paid === undefined
        ? move(transaction, accounts.payoutsInTransit, amount)
        : exchanged(transaction, transaction.paid);
    case "personal":
      return move(transaction, amount > 0n ? accounts.ownersContributions : ownersDraws, amount);
    case "split":
      return parts
        .filter((part) => part.category !== accounts.inventory)
        .flatMap((part) => move(transaction, part.category, part.amount));
    case "inventory":
      return [];
    default:
      return unreachable(state);
  }
}

/**
 * The deposit of a payout in another currency: what was on its way goes to 6900 in its own currency, and comes from there as what the bank
 * credited. What is left on 6900 is what the bank's rate made of it.
 */
function exchanged(transaction: BankTransaction, paid: PaidAbroad): readonly Posting[] {
  const given = between(transaction, accounts.exchange, accounts.payoutsInTransit, paid.amount);
  const said = between(transaction, accounts.exchange, accounts.payoutsInTransit, paid.said);
  return [...inBoth(given, said, paid.currency), ...move(transaction, accounts.exchange, transaction.amount)];
}

function move(transaction: BankTransaction, other: string, amount: bigint): readonly Posting[] {
  return between(transaction, transaction.account, other, amount);
}

function between({ on, payee }: BankTransaction, to: string, from: string, amount: bigint): readonly Posting[] {
  if (amount === 0n) return [];
  const pair = amount > 0n ? { debit: to, credit: from, amount } : { debit: from, credit: to, amount: -amount };
  const dimensions = { channel: null, item: null, location: null, line: null };
  return [{ purpose: "bank", effectiveOn: on, memo: payee, ...dimensions, ...pair }];
}

/** The purchases that a transaction is, with their amounts: one where all of it is Inventory, one for each such part of a split. */
export function purchasesOf(
  id: string,
  { amount, state, parts }: Pick<BankTransaction, "amount" | "state" | "parts">,
): readonly Readonly<{ id: string; amount: bigint }>[] {
  if (state === "inventory") return [{ id: `transaction/${id}`, amount: -amount }];
  if (state !== "split") return [];
  return parts.flatMap((part, place) =>
    part.category === accounts.inventory ? [{ id: `transaction/${id}/${place + 1}`, amount: -part.amount }] : [],
  );
}

/** Refuses parts that do not add to the whole, or say nothing. @throws Refusal `does_not_fit`, `field_missing` */
export function checkParts(amount: bigint, parts: readonly Part[]): void {
  if (parts.length < 2) throw new Refusal("field_missing", "A split has at least two parts.", { field: "parts" });
  if (parts.some((part) => part.amount === 0n))
    throw new Refusal("bad_number", "Each part has an amount other than 0.", { field: "parts" });
  if (parts.some((part) => part.category === accounts.inventory && part.amount > 0n))
    throw new Refusal("does_not_fit", "Money that came in cannot be a purchase.", { field: "parts" });
  const over = parts.reduce((sum, part) => sum + part.amount, 0n) - amount;
  if (over !== 0n) {
    throw new Refusal("does_not_fit", "The parts do not add to the transaction's amount.", {
      field: "parts",
      over: over.toString(),
    });
  }
}

/**
 * The words of a payee by which its like are found: without numbers, dates and branch codes, at most three. What is left of
 * `POS PURCHASE 4471 USPS PO 0612` is `pos purchase usps`.
 */
export function wordsOf(payee: string): string {
  const words = normalise(payee)
    .split(" ")
    .filter((word) => /\p{L}/u.test(word) && !/\d/.test(word) && word.length > 1);
  return words.slice(0, 3).join(" ");
}
