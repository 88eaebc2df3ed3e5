/** What the address of profit and loss says, for the page and its CSV alike. */
import { type Days, monthsOf, type Period, periodBefore } from "@/lib/core/reports/periods";
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

/** The places of the months that have a column: all, or the last three until today. */
export function shownMonths(
  months: readonly Readonly<{ days: Days }>[],
  columns: ProfitState["columns"],
  today: string,
): readonly number[] {
  const places = months.map((_, at) => at);
  if (columns === "none") return [];
  if (columns === "all") return places;
  const until = months.filter(({ days }) => days.from <= today).length;
  const end = until < 3 ? Math.min(3, places.length) : until;
  return places.slice(Math.max(0, end - 3), end);
}
