/** What the address of Sold says, for the page and for its export alike. */
import { localDateOf, taxYearOf, taxYearRange } from "@/lib/core/dates";
import { Refusal } from "@/lib/core/errors";
import { type Period, parsePeriod } from "@/lib/core/reports/periods";
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
  /** Null: all years, where work is looked for and no year is chosen, or `period`. */
  year: number | null;
  /** A month, a quarter, or days, as the reports name them, where one is looked at instead of a year. */
  period: Period | null;
  thisYear: number;
  filter: SoldFilter;
  page: SoldPage;
  /** The line whose cost is explained. */
  why: string | null;
}>;

export function soldState(scope: Scope, params: SearchParams): SoldState {
  const address = readAddress(params, {
    filters: ["year", "period", "missing", "unmatched", "channel", "item"],
    sorts,
  });
  const thisYear = taxYearOf(todayOf(scope), scope.taxYearStartMonth);
  const isMissing = filterOf(address, "missing") !== null;
  const isUnmatched = filterOf(address, "unmatched") !== null;
  const asked = filterOf(address, "year");
  const isYear = asked !== null && /^(19|20|21)\d\d$/.test(asked);
  const period = isYear || asked === "all" ? null : periodOf(filterOf(address, "period"), scope.taxYearStartMonth);
  const isWide = period !== null || isMissing || isUnmatched || asked === "all";
  const year = isYear ? Number(asked) : isWide ? null : thisYear;
  const days =
    period ?? (year === null ? { from: "1900-01-01", to: "9999-12-31" } : taxYearRange(year, scope.taxYearStartMonth));
  const why = address.rest.why;
  return {
    address,
    year,
    period,
    thisYear,
    filter: {
      from: days.from,
      to: days.to,
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

/** The period of an address; null where it names none. */
function periodOf(key: string | null, startMonth: number): Period | null {
  if (key === null) return null;
  try {
    return parsePeriod(key, startMonth);
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
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
