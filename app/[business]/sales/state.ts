/** What the address of Sales says, for the page and for its export alike. */
import { localDateOf, taxYearOf, taxYearRange } from "@/lib/core/dates";
import type { Scope } from "@/lib/people/access";
import { readCursor } from "@/lib/sales/keyset";
import type { OrderFilter, OrderPage, OrderSort } from "@/lib/sales/order-reads";
import { filterOf, type ListAddress, readAddress, type SearchParams } from "../../ui/address";

const sorts: readonly OrderSort[] = ["on", "sales", "profit"];

export type SalesState = Readonly<{
  address: ListAddress;
  /** Null: all years. */
  year: number | null;
  thisYear: number;
  filter: OrderFilter;
  page: OrderPage;
}>;

export function todayOf(scope: Scope): string {
  return localDateOf(BigInt(Date.now()) * 1000n, scope.timeZone);
}

export function salesState(scope: Scope, params: SearchParams): SalesState {
  const address = readAddress(params, { filters: ["year", "channel", "place"], sorts });
  const thisYear = taxYearOf(todayOf(scope), scope.taxYearStartMonth);
  const isToPlace = filterOf(address, "place") !== null;
  const asked = filterOf(address, "year");
  const isYear = asked !== null && /^(19|20|21)\d\d$/.test(asked);
  const year = isYear ? Number(asked) : isToPlace || asked === "all" ? null : thisYear;
  const period = year === null ? { from: "1900-01-01", to: "9999-12-31" } : taxYearRange(year, scope.taxYearStartMonth);
  return {
    address,
    year,
    thisYear,
    filter: { ...period, channel: filterOf(address, "channel"), isToPlace, words: address.q },
    page: {
      sort: (address.sort?.key as OrderSort | undefined) ?? "on",
      isDown: address.sort?.down ?? true,
      after: readCursor(address.after),
      before: readCursor(address.before),
    },
  };
}
