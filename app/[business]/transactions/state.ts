/** The list's address, and what the forms of these pages share. */
import { endOfMonth, localDateOf } from "@/lib/core/dates";
import type { TransactionState } from "@/lib/core/transactions";
import type { TransactionFilter } from "@/lib/money/transaction-reads";
import type { Scope } from "@/lib/people/access";
import { filterOf, type ListAddress, readAddress, type SearchParams } from "../../ui/address";
import { typedMoney } from "../../ui/typed";

export const today = (scope: Scope): string => localDateOf(BigInt(Date.now()) * 1000n, scope.timeZone);
export const dateOrder = (scope: Scope): "month first" | "day first" =>
  scope.country === "US" ? "month first" : "day first";

export const stateNames: Readonly<Record<TransactionState, string>> = {
  open: "To categorise",
  categorised: "Categorised",
  inventory: "Inventory",
  transfer: "Transfers",
  payout: "Payouts",
  personal: "Not for the business",
  hidden: "Hidden",
  split: "Split",
};

export type ListState = Readonly<{
  address: ListAddress;
  filter: TransactionFilter;
  year: number | null;
  month: string | null;
}>;

/** The address as a filter. Open work and searches are looked for in all years; else one year is shown. */
export function listState(
  scope: Scope,
  params: SearchParams,
  years: Readonly<{ first: number; last: number }> | null,
): ListState {
  const address = readAddress(params, {
    filters: ["account", "state", "month", "year", "amount", "category", "way", "import"],
  });
  const state = filterOf(address, "state");
  const known = state !== null && Object.hasOwn(stateNames, state) ? (state as TransactionState) : undefined;
  const month = /^\d{4}-(0[1-9]|1[0-2])$/.exec(filterOf(address, "month") ?? "")?.[0] ?? null;
  const importId = /^[0-9a-f-]{36}$/.exec(filterOf(address, "import") ?? "")?.[0];
  const typed = filterOf(address, "amount");
  const amount = typed === null ? null : typedMoney(typed, scope.currency);
  const chosen = /^\d{4}$/.exec(filterOf(address, "year") ?? "")?.[0];
  const isWide = known === "open" || address.q !== "" || importId !== undefined || amount !== null;
  const year =
    month !== null || (isWide && chosen === undefined)
      ? null
      : Number(chosen ?? years?.last ?? today(scope).slice(0, 4));
  const way = filterOf(address, "way");
  return {
    address,
    year,
    month,
    filter: {
      q: address.q,
      account: filterOf(address, "account") ?? undefined,
      state: known,
      category: filterOf(address, "category") ?? undefined,
      direction: way === "in" || way === "out" ? way : undefined,
      amount: amount !== null && "value" in amount ? (amount.value < 0n ? -amount.value : amount.value) : undefined,
      from: month !== null ? `${month}-01` : year === null ? undefined : `${year}-01-01`,
      to: month !== null ? endOfMonth(`${month}-01`) : year === null ? undefined : `${year}-12-31`,
      importId,
    },
  };
}
