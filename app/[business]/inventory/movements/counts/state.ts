/** Where counts stand, and the words of their states and plans. */
import type { CountFilter } from "@/lib/desk/count-reads";
import { type CountPlan, type CountState, countStates } from "@/lib/desk/count-row";
import { filterOf, type ListAddress, readAddress, type SearchParams } from "../../../../ui/address";
import type { StateKind } from "../../../../ui/state";

export const countsHref = (base: string): string => `${base}/inventory/movements/counts`;
export const countHref = (base: string, id: string): string => `${countsHref(base)}/${encodeURIComponent(id)}`;
export const countingHref = (base: string, id: string): string => `${countHref(base, id)}/count`;
export const historyHref = (base: string): string => `${countsHref(base)}/history`;

export const countStateNames: Readonly<Record<CountState, string>> = {
  draft: "Planned",
  counting: "Counting",
  review: "To review",
  approved: "Approved",
  cancelled: "Cancelled",
};

export const countStateKinds: Readonly<Record<CountState, StateKind>> = {
  draft: "waiting",
  counting: "work",
  review: "work",
  approved: "done",
  cancelled: "waiting",
};

export const planNames: Readonly<Record<CountPlan, string>> = {
  all: "Everything at the location",
  words: "What names or SKUs hold certain words",
  items: "Products that I choose",
  abc: "What is due by class: A each 30 days, B each 90, C each 180",
  oldest: "What was not counted for the longest time",
};

/** What the address of the list says, for the page and its export. */
export function countFilter(params: SearchParams): Readonly<{ address: ListAddress; filter: CountFilter }> {
  const address = readAddress(params, { filters: ["state", "location"] });
  return {
    address,
    filter: {
      state: countStates.find((state) => state === filterOf(address, "state")),
      isChanged: filterOf(address, "state") === "changed",
      location: filterOf(address, "location") ?? undefined,
    },
  };
}
