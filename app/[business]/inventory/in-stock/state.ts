/** What the address of In Stock says, for the page and its export. */
import type { StockFilter, StockSort, StockState } from "@/lib/stock/item-reads";
import { filterOf, type ListAddress, readAddress, type SearchParams } from "../../../ui/address";

export const stockStates: Readonly<Record<StockState, string>> = {
  in: "in stock",
  below: "below zero",
  short: "needs cost",
};
const sorts: readonly StockSort[] = ["name", "sku", "qty", "value", "oldest", "sold"];

export type StockAddress = Readonly<{ address: ListAddress; filter: StockFilter; open: string | null }>;

export function stockState(params: SearchParams): StockAddress {
  const address = readAddress(params, { filters: ["state"], sorts });
  const state = filterOf(address, "state");
  const open = address.rest.where;
  return {
    address,
    open: typeof open === "string" ? open : null,
    filter: {
      q: address.q,
      state: state !== null && state in stockStates ? (state as StockState) : undefined,
      sort: (address.sort?.key ?? "name") as StockSort,
      isDown: address.sort?.down ?? false,
    },
  };
}
