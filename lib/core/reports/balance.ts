/** The balance sheet: all balances up to a day in, a tree of figures with their sources out. */
import { type AccountBalance, type Figure, profit, section, sideOf } from "./profit";

export type BalanceSheet = Readonly<{
  assets: Figure;
  liabilities: Figure;
  equity: Figure;
  /** Assets less liabilities and equity: 0, or the trial balance is not. Shown, never hidden. */
  difference: bigint;
}>;

/**
 * What the business has and owes on a day, from all that its accounts were debited and credited until then. Profit of earlier years is
 * not closed away by entries: it is worked out, so `earlier` are the same balances up to the end of the last tax year.
 */
export function balanceSheet(balances: readonly AccountBalance[], earlier: readonly AccountBalance[]): BalanceSheet {
  const of = (side: "asset" | "liability" | "equity") => balances.filter(({ type }) => sideOf(type) === side);
  const assets = section("Assets", of("asset"), 1n);
  const liabilities = section("Liabilities", of("liability"), -1n);
  const own = section("Equity", of("equity"), -1n);
  const all = profit(balances).netProfit;
  const before = profit(earlier).netProfit;
  const retained: Figure = { ...before, label: "Profit of earlier years" };
  const current: Figure = { ...all, label: "Profit of this year", amount: all.amount - before.amount };
  const kept = [retained, current].filter(({ amount }) => amount !== 0n);
  const equity: Figure = {
    label: own.label,
    amount: own.amount + all.amount,
    accounts: [...own.accounts, ...all.accounts],
    children: [...own.children, ...kept],
  };
  return { assets, liabilities, equity, difference: assets.amount - liabilities.amount - equity.amount };
}
