/** Where orders to suppliers stand, and the words of how they stand. */
import type { OrderFilter, OrderStanding } from "@/lib/desk/purchase-order-reads";
import { orderStates } from "@/lib/desk/purchase-orders";
import { filterOf, type ListAddress, readAddress, type SearchParams } from "../../../ui/address";
import type { StateKind } from "../../../ui/state";

export const ordersHref = (base: string): string => `${base}/inventory/orders`;
export const orderHref = (base: string, id: string): string => `${ordersHref(base)}/${encodeURIComponent(id)}`;

export const standingNames: Readonly<Record<OrderStanding, string>> = {
  draft: "Draft",
  ordered: "On order",
  part: "Received in part",
  received: "Received",
  closed: "Ended",
  cancelled: "Cancelled",
};
export const standingKinds: Readonly<Record<OrderStanding, StateKind>> = {
  draft: "waiting",
  ordered: "work",
  part: "work",
  received: "done",
  closed: "done",
  cancelled: "waiting",
};

/** What the list can be narrowed to, in the words of its filter. */
export const filterNames = {
  open: "On order",
  late: "Late",
  draft: "Drafts",
  ordered: "Ordered, whatever came",
  closed: "Ended",
  cancelled: "Cancelled",
} as const;
export type FilterName = keyof typeof filterNames;
const filters: readonly FilterName[] = ["open", "late", ...orderStates];

/** What the address of the list says, for the page and its export. */
export function ordersFilter(params: SearchParams): Readonly<{ address: ListAddress; filter: OrderFilter }> {
  const address = readAddress(params, { filters: ["state", "location"] });
  return {
    address,
    filter: {
      state: filters.find((one) => one === filterOf(address, "state")),
      location: filterOf(address, "location") ?? undefined,
      words: address.q === "" ? undefined : address.q,
    },
  };
}
