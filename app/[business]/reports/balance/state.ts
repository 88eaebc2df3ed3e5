/** The day of the balance sheet: what the address asks for, or today. */
import { addDays, endOfMonth, startOfMonth, taxYearOf, taxYearRange } from "@/lib/core/dates";
import { Refusal } from "@/lib/core/errors";
import type { Scope } from "@/lib/people/access";
import { filterOf, type ListAddress, readAddress, type SearchParams } from "../../../ui/address";
import { dayOf } from "../period";

export type BalanceState = Readonly<{ address: ListAddress; on: string; problem: string | null }>;

export function balanceState(scope: Scope, params: SearchParams, today: string): BalanceState {
  const address = readAddress(params, { filters: ["on"] });
  const asked = filterOf(address, "on");
  try {
    return { address, on: asked === null ? today : dayOf(asked, scope, today), problem: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { address, on: today, problem: error.message };
  }
}

/** The days that one is likely to want. */
export function usualDays(scope: Scope, today: string): readonly Readonly<{ label: string; on: string }>[] {
  const year = taxYearOf(today, scope.taxYearStartMonth);
  return [
    { label: "Today", on: today },
    { label: "End of last month", on: addDays(startOfMonth(today), -1) },
    { label: "End of this month", on: endOfMonth(today) },
    { label: "End of last tax year", on: taxYearRange(year - 1, scope.taxYearStartMonth).to },
  ];
}
