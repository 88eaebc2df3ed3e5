import { describe, expect, test } from "vitest";
import { Refusal } from "../../lib/core/errors";
import {
  type BankTransaction,
  checkParts,
  ownersDraws,
  purchasesOf,
  type TransactionState,
  transactionPostings,
  wordsOf,
} from "../../lib/core/transactions";

const transaction = (
  state: TransactionState,
  amount: bigint,
  change: Partial<BankTransaction> = {},
): BankTransaction => ({
  account: "1000",
  on: "2025-03-04",
  amount,
  payee: "USPS",
  state,
  category: null,
  matched: null,
  parts: [],
  isUndone: false,
  ...change,
});
const part = (category: string, amount: bigint) => ({ category, amount, memo: "" });
/** The pairs and amounts that it posts. */
const pairs = (...of: Parameters<typeof transaction>) =>
  transactionPostings(transaction(...of)).map(({ debit, credit, amount }) => [debit, credit, amount]);

describe("a line of the bank posts", () => {
  test("one row, under its payee", () => {
    expect(transactionPostings(transaction("categorised", -250n, { category: "6030" }))).toEqual([
      {
        purpose: "bank",
        effectiveOn: "2025-03-04",
        memo: "USPS",
        debit: "6030",
        credit: "1000",
        amount: 250n,
        channel: null,
        item: null,
        location: null,
        line: null,
      },
    ]);
  });

  test("to what is uncategorised, hidden or not, until somebody says what it is", () => {
    for (const state of ["open", "hidden"] as const) {
      expect(pairs(state, 5n)).toEqual([["1000", "9990", 5n]]);
      expect(pairs(state, -5n)).toEqual([["9991", "1000", 5n]]);
      expect(pairs(state, 0n)).toEqual([]);
    }
  });

  test("by what it is: categorised, personal, a payout", () => {
    expect(pairs("categorised", 5n, { category: "4100" })).toEqual([["1000", "4100", 5n]]);
    expect([pairs("personal", 5n), pairs("personal", -5n)]).toEqual([
      [["1000", "3000", 5n]],
      [[ownersDraws, "1000", 5n]],
    ]);
    expect(ownersDraws).toBe("3010");
    expect(pairs("payout", 5n)).toEqual([["1000", "1180", 5n]]);
  });

  test("of a transfer, once: by the line that went out, or by one that has no twin", () => {
    expect(pairs("transfer", -5n, { category: "1010", matched: "t2" })).toEqual([["1010", "1000", 5n]]);
    expect(pairs("transfer", 5n, { category: "1010", matched: "t2" })).toEqual([]);
    expect(pairs("transfer", 5n, { category: "1010" })).toEqual([["1000", "1010", 5n]]);
    expect(pairs("transfer", -5n, { category: "1010" })).toEqual([["1010", "1000", 5n]]);
  });

  test("part by part, but for what a purchase posts itself", () => {
    const parts = [part("6030", -5n), part("1200", -90n), part("6040", -7n), part("6100", 2n)];
    expect(pairs("split", -100n, { parts })).toEqual([
      ["6030", "1000", 5n],
      ["6040", "1000", 7n],
      ["1000", "6100", 2n],
    ]);
    expect(pairs("inventory", -100n)).toEqual([]);
  });

  test("nothing once it is undone", () => {
    expect(pairs("open", 5n, { isUndone: true })).toEqual([]);
  });
});

test("a line is one purchase, or as many as it has parts of Inventory, named by their places", () => {
  const parts = [part("1200", -90n), part("6030", -5n), part("1200", -7n)];
  expect(purchasesOf("t1", { amount: -102n, state: "inventory", parts })).toEqual([
    { id: "transaction/t1", amount: 102n },
  ]);
  expect(purchasesOf("t1", { amount: -102n, state: "split", parts })).toEqual([
    { id: "transaction/t1/1", amount: 90n },
    { id: "transaction/t1/3", amount: 7n },
  ]);
  expect(purchasesOf("t1", { amount: -102n, state: "open", parts })).toEqual([]);
});

describe("parts", () => {
  function refused(amount: bigint, ...parts: Parameters<typeof checkParts>[1]): unknown {
    try {
      checkParts(amount, parts);
    } catch (error) {
      if (error instanceof Refusal) return [error.code, error.message, error.detail];
      throw error;
    }
    return null;
  }

  test("are at least two, each of something, and add to the whole", () => {
    expect(refused(-5n, part("6030", -3n), part("6040", -2n))).toBeNull();
    expect(refused(-5n, part("6030", -6n), part("6040", 1n))).toBeNull();
    expect(refused(-5n, part("6030", -5n))).toEqual([
      "field_missing",
      "A split has at least two parts.",
      { field: "parts" },
    ]);
    expect(refused(-5n, part("6030", -5n), part("6040", 0n))).toEqual([
      "bad_number",
      "Each part has an amount other than 0.",
      { field: "parts" },
    ]);
    expect(refused(-5n, part("6030", -5n), part("6040", -2n))).toEqual([
      "does_not_fit",
      "The parts do not add to the transaction's amount.",
      { field: "parts", over: "-2" },
    ]);
  });

  test("that are purchases are money that went out", () => {
    expect(refused(-5n, part("1200", -3n), part("1200", -2n))).toBeNull();
    expect(refused(5n, part("4100", 3n), part("4100", 2n))).toBeNull();
    expect(refused(5n, part("4100", 6n), part("1200", -1n))).toBeNull();
    expect(refused(5n, part("4100", 3n), part("1200", 2n))).toEqual([
      "does_not_fit",
      "Money that came in cannot be a purchase.",
      { field: "parts" },
    ]);
  });
});

test("a payee's words are the first three without digits and of two letters or more", () => {
  expect(wordsOf("POS PURCHASE 4471 USPS PO 0612")).toBe("pos purchase usps");
  expect(wordsOf("A B&W X1 -- & Ünï  co")).toBe("b&w ünï co");
  expect(wordsOf("4471 0612")).toBe("");
});
