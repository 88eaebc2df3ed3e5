/** What the address of Sold says, for the page and for its export alike. */
import { localDateOf, taxYearOf, taxYearRange } from "@/lib/core/dates";
import type { Scope } from "@/lib/people/access";
import { readCursor } from "@/lib/sales/keyset";
import type { SoldFilter, SoldPage, SoldSort } from "@/lib/sales/sold-reads";
import { filterOf, type ListAddress, readAddress, type SearchParams } from "../../../ui/address";

const sorts: readonly SoldSort[] = ["on", "item", "price", "cost", "profit"];

/** Today, where the business is. */
export function todayOf(scope: Scope): string {
  return localDateOf(BigInt(Date.now()) * 1000n, scope.timeZone);
}

export type SoldState = Readonly<{
  address: ListAddress;
  /** Null: all years, where work is looked for and no year is chosen. */
  year: number | null;
  thisYear: number;
  filter: SoldFilter;
  page: SoldPage;
  /** The line whose cost is explained. */
  why: string | null;
}>;

export function soldState(scope: Scope, params: SearchParams): SoldState {
  const address = readAddress(params, { filters: ["year", "missing", "unmatched", "channel", "item"], sorts });
  const thisYear = taxYearOf(todayOf(scope), scope.taxYearStartMonth);
  const isMissing = filterOf(address, "missing") !== null;
  const isUnmatched = filterOf(address, "unmatched") !== null;
  const asked = filterOf(address, "year");
  const isYear = asked !== null && /^(19|20|21)\d\d$/.test(asked);
  const year = isYear ? Number(asked) : isMissing || isUnmatched || asked === "all" ? null : thisYear;
  const period = year === null ? { from: "1900-01-01", to: "9999-12-31" } : taxYearRange(year, scope.taxYearStartMonth);
  const why = address.rest.why;
  return {
    address,
    year,
    thisYear,
    filter: {
      ...period,
      isMissing,
      isUnmatched,
      channel: filterOf(address, "channel"),
      item: filterOf(address, "item"),
      words: address.q,
    },
    page: {
      sort: (address.sort?.key as SoldSort | undefined) ?? "on",
      isDown: address.sort?.down ?? true,
      after: readCursor(address.after),
      before: readCursor(address.before),
    },
    why: typeof why === "string" ? why : null,
  };
}

/** The address of Add costs for these lines. */
export function costsHref(base: string, lines: readonly string[], more: Readonly<Record<string, string>> = {}): string {
  return `${base}/inventory/sold/costs?${queryOf(lines, more)}`;
}

export function matchHref(base: string, lines: readonly string[], more: Readonly<Record<string, string>> = {}): string {
  return `${base}/inventory/sold/match?${queryOf(lines, more)}`;
}

function queryOf(lines: readonly string[], more: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(lines.map((line) => ["line", line]));
  for (const [name, value] of Object.entries(more)) query.set(name, value);
  return query.toString();
}

/** All values of a parameter that may stand more than once. */
export function allOf(value: string | string[] | undefined): readonly string[] {
  return (Array.isArray(value) ? value : value === undefined ? [] : [value]).filter((one) => one !== "");
}

export function oneOf(value: string | string[] | undefined): string {
  return allOf(value)[0] ?? "";
}

export const dayOrder = (scope: Scope) => (scope.country === "US" ? ("month first" as const) : ("day first" as const));
