/** Profit and loss: balances of a period in, a tree of figures out, each with the accounts that it comes from. */
import type { AccountType } from "../chart";
import { unreachable } from "../errors";

/** An account with what it was debited less what it was credited, in minor units. */
export type AccountBalance = Readonly<{ code: string; name: string; type: AccountType; amount: bigint }>;

/** A figure as it is read: income and assets positive as credits and debits make them; `accounts` are its sources. */
export type Figure = Readonly<{
  label: string;
  amount: bigint;
  accounts: readonly string[];
  children: readonly Figure[];
}>;

export type Profit = Readonly<{
  income: Figure;
  costOfGoodsSold: Figure;
  grossProfit: Figure;
  expenses: Figure;
  netProfit: Figure;
}>;

/** One figure for each account, turned so that what belongs on its side is positive, under a heading that adds them. */
export function section(label: string, balances: readonly AccountBalance[], sign: 1n | -1n): Figure {
  const children = balances
    .filter(({ amount }) => amount !== 0n)
    .sort((a, b) => (a.code < b.code ? -1 : 1))
    .map(({ code, name, amount }) => ({ label: name, amount: sign * amount, accounts: [code], children: [] }));
  const amount = children.reduce((sum, child) => sum + child.amount, 0n);
  return { label, amount, accounts: children.flatMap((child) => child.accounts), children };
}

/** Where an account stands in the two reports. */
export function sideOf(type: AccountType): "asset" | "liability" | "equity" | "income" | "cost" | "expense" {
  switch (type) {
    case "income":
    case "contra_income":
      return "income";
    case "cost_of_sales":
      return "cost";
    case "asset":
    case "liability":
    case "equity":
    case "expense":
      return type;
    default:
      return unreachable(type);
  }
}

/**
 * How an account counts on its own page: `sign` turns debits less credits into the figure that reports show (what it has, owes, earned or
 * cost is positive, what lowers income negative); `isOfYear`: it starts each tax year at 0.
 */
export function standingOf(type: AccountType): Readonly<{ sign: 1n | -1n; isOfYear: boolean }> {
  const side = sideOf(type);
  return {
    sign: side === "asset" || side === "cost" || side === "expense" ? 1n : -1n,
    isOfYear: side === "income" || side === "cost" || side === "expense",
  };
}

/**
 * Profit and loss of a period, from what its accounts were debited and credited in it. Discounts and refunds lower income. Accounts of
 * the balance sheet are passed over; accounts at 0 are left out.
 */
export function profit(balances: readonly AccountBalance[]): Profit {
  const of = (side: ReturnType<typeof sideOf>) => balances.filter(({ type }) => sideOf(type) === side);
  const income = section("Income", of("income"), -1n);
  const costOfGoodsSold = section("Cost of goods sold", of("cost"), 1n);
  const expenses = section("Expenses", of("expense"), 1n);
  const gross = income.amount - costOfGoodsSold.amount;
  const grossAccounts = [...income.accounts, ...costOfGoodsSold.accounts];
  return {
    income,
    costOfGoodsSold,
    grossProfit: { label: "Gross profit", amount: gross, accounts: grossAccounts, children: [] },
    expenses,
    netProfit: {
      label: "Net profit",
      amount: gross - expenses.amount,
      accounts: [...grossAccounts, ...expenses.accounts],
      children: [],
    },
  };
}
