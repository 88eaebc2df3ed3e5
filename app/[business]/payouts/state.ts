/** What the address of Payouts says, for the page and for its export alike. */
import { taxYearOf, taxYearRange } from "@/lib/core/dates";
import type { Scope } from "@/lib/people/access";
import { readCursor } from "@/lib/sales/keyset";
import type { PayoutFilter, PayoutPage, PayoutRow } from "@/lib/sales/payout-reads";
import { filterOf, type ListAddress, readAddress, type SearchParams } from "../../ui/address";
import { todayOf } from "../inventory/balances/state";

export type PayoutsState = Readonly<{
  address: ListAddress;
  year: number;
  thisYear: number;
  filter: PayoutFilter;
  page: PayoutPage;
}>;

const oneOf = <Word extends string>(text: string | null, words: readonly Word[]): Word | null =>
  words.find((word) => word === text) ?? null;

export function payoutsState(scope: Scope, params: SearchParams): PayoutsState {
  const address = readAddress(params, { filters: ["year", "channel", "proof", "deposit"], sorts: ["on", "amount"] });
  const thisYear = taxYearOf(todayOf(scope), scope.taxYearStartMonth);
  const asked = filterOf(address, "year");
  const year = asked !== null && /^(19|20|21)\d\d$/.test(asked) ? Number(asked) : thisYear;
  return {
    address,
    year,
    thisYear,
    filter: {
      ...taxYearRange(year, scope.taxYearStartMonth),
      channel: filterOf(address, "channel"),
      proof: oneOf(filterOf(address, "proof"), ["open", "proved", "unlisted"] as const),
      deposit: oneOf(filterOf(address, "deposit"), ["found", "missing"] as const),
      words: address.q,
    },
    page: {
      sort: oneOf(address.sort?.key ?? null, ["on", "amount"] as const) ?? "on",
      isDown: address.sort?.down ?? true,
      after: readCursor(address.after),
      before: readCursor(address.before),
    },
  };
}

/** The address of a payout; its id may hold slashes. */
export function payoutHref(base: string, id: string): string {
  return `${base}/payouts/${id.split("/").map(encodeURIComponent).join("/")}`;
}

/** What the rows leave over after what was paid: 0 where it is proved, null where no rows are listed. */
export function leftOver({ difference }: PayoutRow): bigint | null {
  return difference === null ? null : -difference;
}

/** Whether it adds up, in words that stand alone (in a file, beside a mark). */
export function proofWords({ amount, difference, cameBackOn }: PayoutRow): string {
  if (amount < 0n) return difference === 0n ? "Came back, proved" : "Came back";
  if (difference === null) return "No rows listed";
  if (difference === 0n) return cameBackOn === null ? "Proved" : "Proved, came back";
  return "Does not add up";
}

/** The deposit that it became, in words. */
export function depositWords({ amount, deposit, cameBackOn }: PayoutRow): string {
  if (deposit !== null) return deposit.account;
  if (amount < 0n || cameBackOn !== null) return "None: the bank sent it back";
  return "Not found yet";
}
