/** What the address of the list of rates says, for the page and its CSV alike. */
import { Refusal } from "@/lib/core/errors";
import type { RateFilter } from "@/lib/money/rates";
import type { Scope } from "@/lib/people/access";
import { todayOf } from "@/lib/system/clock";
import { filterOf, type ListAddress, readAddress, type SearchParams } from "../../../ui/address";
import { dayOf } from "../../reports/period";

export type RatesState = Readonly<{ address: ListAddress; filter: RateFilter; problem: string | null }>;

/** Reads currency, from, to, and search words, which are a currency or a day; what cannot be read is said and left out. */
export function ratesState(scope: Scope, params: SearchParams): RatesState {
  const address = readAddress(params, { filters: ["currency", "from", "to"] });
  let problem: string | null = null;
  const day = (typed: string | null): string | undefined => {
    if (typed === null) return undefined;
    try {
      return dayOf(typed, scope, todayOf(scope.timeZone));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problem = error.message;
      return undefined;
    }
  };
  const named = filterOf(address, "currency");
  const word = /^[a-z]{3}$/i.test(address.q) ? address.q : null;
  const on = address.q === "" || word !== null ? undefined : day(address.q);
  return {
    address,
    filter: {
      currency: (word ?? named)?.toUpperCase(),
      from: on ?? day(filterOf(address, "from")),
      to: on ?? day(filterOf(address, "to")),
    },
    problem,
  };
}
