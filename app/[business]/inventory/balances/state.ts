/** What the address of Balances says, for the page and for its export alike. */
import { localDateOf, taxYearOf, taxYearRange } from "@/lib/core/dates";
import type { Scope } from "@/lib/people/access";
import type { ChangeKind, ChangesFilter } from "@/lib/stock/inventory-reads";
import { filterOf, type ListAddress, readAddress, type SearchParams } from "../../../ui/address";

export const kindNames: Readonly<Record<ChangeKind, string>> = {
  purchase: "Purchase",
  sale: "Cost of sale",
  return: "Return",
  adjustment: "Adjustment",
  opening: "Opening stock",
  backfill: "Cost by hand",
  supplier: "Back to supplier",
  other: "Other",
};

/** Today, where the business is. */
export function todayOf(scope: Scope): string {
  return localDateOf(BigInt(Date.now()) * 1000n, scope.timeZone);
}

export type BalancesState = Readonly<{
  address: ListAddress;
  year: number;
  thisYear: number;
  /** The day whose sales are unfolded. */
  open: string | null;
  isNew: boolean;
  filter: ChangesFilter;
}>;

export function balancesState(scope: Scope, params: SearchParams): BalancesState {
  const address = readAddress(params, { filters: ["year", "what", "todetail", "each"] });
  const thisYear = taxYearOf(todayOf(scope), scope.taxYearStartMonth);
  const asked = filterOf(address, "year");
  const year = asked !== null && /^(19|20|21)\d\d$/.test(asked) ? Number(asked) : thisYear;
  const what = filterOf(address, "what");
  const open = address.rest.open;
  return {
    address,
    year,
    thisYear,
    open: typeof open === "string" && /^\d{4}-\d{2}-\d{2}$/.test(open) ? open : null,
    isNew: address.rest.new === "purchase",
    filter: {
      period: taxYearRange(year, scope.taxYearStartMonth),
      kind: what !== null && what in kindNames ? (what as ChangeKind) : undefined,
      toDetail: filterOf(address, "todetail") === "yes",
      q: address.q,
      folded: filterOf(address, "each") !== "yes",
    },
  };
}

/** The address of a purchase's details; its id may hold slashes, and the place of the list behind it stays. */
export function detailsHref(base: string, purchase: string): string {
  return `${base}/inventory/details/${purchase.split("/").map(encodeURIComponent).join("/")}`;
}

export function ledgerHref(base: string, item: string): string {
  return `${base}/inventory/ledger/${item.split("/").map(encodeURIComponent).join("/")}`;
}

export function orderHref(base: string, order: string): string {
  return `${base}/sales/${order.split("/").map(encodeURIComponent).join("/")}`;
}

/** An id from the segments of an address, however much of it the router has decoded already. */
export function idOf(segments: readonly string[]): string {
  return segments
    .map((segment) => {
      try {
        return decodeURIComponent(segment);
      } catch (error) {
        // A percent sign that encodes nothing belongs to the id itself.
        if (error instanceof URIError) return segment;
        throw error;
      }
    })
    .join("/");
}
