/** What the address of profit and loss says, for the page and its CSV alike. */
import { type Days, monthsOf, type Period, periodBefore } from "@/lib/core/reports/periods";
import type { Profit } from "@/lib/core/reports/profit";
import type { Scope } from "@/lib/people/access";
import { filterOf, type ListAddress, readAddress, type SearchParams } from "../../../ui/address";
import { type Chosen, periodOf } from "../period";

export type ProfitState = Readonly<{
  address: ListAddress;
  chosen: Chosen;
  /** Which months have a column. */
  columns: "none" | "last" | "all";
  before: Period | null;
}>;

/** More months than this do not fit beside each other. */
const mostColumns = 13;

export function profitState(scope: Scope, params: SearchParams, today: string): ProfitState {
  const address = readAddress(params, { filters: ["period", "from", "to", "months", "compare"] });
  const chosen = periodOf(params, scope, today);
  const asked = filterOf(address, "months");
  const count = monthsOf(chosen.period).length;
  const columns = count < 2 || asked === "none" ? "none" : asked === "all" && count <= mostColumns ? "all" : "last";
  const before =
    filterOf(address, "compare") === "before" ? periodBefore(chosen.period, scope.taxYearStartMonth) : null;
  return { address, chosen, columns, before };
}

type Month = Readonly<{ days: Days; profit: Profit }>;

/** Months that have begun, and later ones that something is posted in already: the columns must add to the whole. */
export function begunMonths(months: readonly Month[], today: string): readonly Month[] {
  return months.filter(
    ({ days, profit }) =>
      days.from <= today ||
      [profit.income, profit.costOfGoodsSold, profit.expenses].some((part) => part.children.length > 0),
  );
}

/** The places of the months that have a column: all that have begun, or the last three of them. */
export function shownMonths(
  months: readonly Month[],
  columns: ProfitState["columns"],
  today: string,
): readonly number[] {
  if (columns === "none") return [];
  const places = begunMonths(months, today).map((month) => months.indexOf(month));
  return columns === "all" ? places : places.slice(-3);
}
