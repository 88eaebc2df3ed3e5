/** What the address of Payouts says, for the page and for its export alike. */
import { parseLocalDate, taxYearOf, taxYearRange } from "@/lib/core/dates";
import { Refusal } from "@/lib/core/errors";
import { lateSince } from "@/lib/needs";
import type { Scope } from "@/lib/people/access";
import { readCursor } from "@/lib/sales/keyset";
import type { PayoutFilter, PayoutPage, PayoutRow } from "@/lib/sales/payout-reads";
import { filterOf, type ListAddress, readAddress, type SearchParams } from "../../ui/address";
import { todayOf } from "../inventory/balances/state";

export type PayoutsState = Readonly<{
  address: ListAddress;
  /** Null: all years, where late deposits are looked for, or days since one. */
  year: number | null;
  thisYear: number;
  /** The first day shown, where not a year but the days since one are. */
  since: string | null;
  filter: PayoutFilter;
  page: PayoutPage;
}>;

const oneOf = <Word extends string>(text: string | null, words: readonly Word[]): Word | null =>
  words.find((word) => word === text) ?? null;

export function payoutsState(scope: Scope, params: SearchParams): PayoutsState {
  const address = readAddress(params, {
    filters: ["year", "since", "channel", "proof", "deposit"],
    sorts: ["on", "amount"],
  });
  const today = todayOf(scope);
  const thisYear = taxYearOf(today, scope.taxYearStartMonth);
  const asked = filterOf(address, "year");
  const chosen = asked !== null && /^(19|20|21)\d\d$/.test(asked) ? Number(asked) : null;
  const deposit = oneOf(filterOf(address, "deposit"), ["found", "missing", "late"] as const);
  const since = chosen === null ? dayOf(filterOf(address, "since")) : null;
  const year = chosen ?? (since !== null || deposit === "late" ? null : thisYear);
  return {
    address,
    year,
    thisYear,
    since,
    filter: {
      ...(year === null
        ? { from: since ?? "1900-01-01", to: "9999-12-31" }
        : taxYearRange(year, scope.taxYearStartMonth)),
      channel: filterOf(address, "channel"),
      proof: oneOf(filterOf(address, "proof"), ["open", "proved", "unlisted"] as const),
      deposit,
      lateSince: lateSince(today),
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

/** The day of an address; null where it names none. */
function dayOf(text: string | null): string | null {
  if (text === null) return null;
  try {
    return parseLocalDate(text);
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

/** The address of a payout; its id may hold slashes. */
export function payoutHref(base: string, id: string): string {
  return `${base}/payouts/${id.split("/").map(encodeURIComponent).join("/")}`;
}

/** What the rows leave over after what was paid: 0 where it is proved, null where no rows are listed. */
export function leftOver({ difference }: PayoutRow): bigint | null {
  return difference === null ? null : -difference;
}

/** Its rows add to what it paid, and none is in another currency than its own. */
export function isProved({ difference, strangers }: PayoutRow): boolean {
  return difference === 0n && strangers === 0;
}

/** The currency that it is proved in: its own. */
export function ownCurrency(payout: PayoutRow, books: string): string {
  return payout.abroad?.currency ?? books;
}

/** Whether it adds up, in words that stand alone (in a file, beside a mark). */
export function proofWords(payout: PayoutRow): string {
  const { amount, difference, cameBackOn } = payout;
  if (amount < 0n) return isProved(payout) ? "Came back, proved" : "Came back";
  if (difference === null) return "No rows listed";
  if (isProved(payout)) return cameBackOn === null ? "Proved" : "Proved, came back";
  return "Does not add up";
}

/** The deposit that it became, in words. */
export function depositWords({ amount, deposit, cameBackOn }: PayoutRow): string {
  if (deposit !== null) return deposit.account;
  if (amount < 0n || cameBackOn !== null) return "None: the bank sent it back";
  return "Not found yet";
}
