import type { ReactNode } from "react";
import { type Period, periodKey } from "@/lib/core/reports/periods";
import { type Need, type NeedKind, provedSince } from "@/lib/needs";
import type { Scope } from "@/lib/people/access";
import { todayOf } from "@/lib/system/clock";
import { dayText } from "../ui/days";
import { moneyText } from "../ui/figures";
import type { Need as Shown } from "../ui/needs-you";
import { jobWords } from "./job-words";

/** Inventory → Sold, on the lines of a period, all or those without a cost. */
export function soldAddress(base: string, { missing, period }: { missing: boolean; period: Period }): string {
  const query = new URLSearchParams();
  if (missing) query.set("missing", "1");
  if (period.kind === "year") query.set("year", String(period.year));
  else query.set("period", periodKey(period));
  const text = query.toString();
  return `${base}/inventory/sold${text === "" ? "" : `?${text}`}`;
}

type Words = Readonly<{ one: string; many: string; verb: string; path: string }>;

const words: Readonly<Record<NeedKind, Words>> = {
  syncs: { one: "channel does not sync", many: "channels do not sync", verb: "Look", path: "/channels" },
  details: {
    one: "purchase to detail",
    many: "purchases to detail",
    verb: "Add details",
    path: "/inventory/balances?todetail=yes",
  },
  costs: { one: "sale needs a cost", many: "sales need a cost", verb: "Add costs", path: "/inventory/sold?missing=1" },
  choices: {
    one: "line matches two items",
    many: "lines match two items",
    verb: "Choose",
    path: "/inventory/sold?unmatched=1",
  },
  matches: {
    one: "sold line is no known item",
    many: "sold lines are no known item",
    verb: "Match",
    path: "/inventory/sold?unmatched=1",
  },
  categories: {
    one: "transaction to categorise",
    many: "transactions to categorise",
    verb: "Categorise",
    path: "/transactions?state=open",
  },
  deposits: {
    one: "payout without its deposit",
    many: "payouts without their deposit",
    verb: "Find them",
    path: "/payouts?deposit=late",
  },
  payouts: {
    one: "payout does not reconcile",
    many: "payouts do not reconcile",
    verb: "Prove",
    path: "/payouts?proof=open",
  },
  waiting: {
    one: "channel pays out later than it usually does",
    many: "channels pay out later than they usually do",
    verb: "Look",
    path: "/channels",
  },
  elsewhere: {
    one: "balance of payments taken elsewhere",
    many: "balances of payments taken elsewhere",
    verb: "Settle it",
    path: "/reports/accounts/1190",
  },
  alike: {
    one: "amount may be told twice",
    many: "amounts may be told twice",
    verb: "Compare",
    path: "/channels/alike",
  },
  placements: {
    one: "refunded item not placed",
    many: "refunded items not placed",
    verb: "Place it",
    path: "/sales?place=1",
  },
  shortages: {
    one: "transfer came short",
    many: "transfers came short",
    verb: "Place it",
    path: "/inventory/movements?state=short",
  },
  counts: {
    one: "count differs otherwise by now",
    many: "counts differ otherwise by now",
    verb: "Look",
    path: "/inventory/movements/counts?state=changed",
  },
  shelves: {
    one: "item at a channel differs from the books",
    many: "items at a channel differ from the books",
    verb: "Look",
    path: "/channels",
  },
  lowStock: {
    one: "item is below its minimum",
    many: "items are below their minimum",
    verb: "Buy again",
    path: "/inventory/in-stock/buy",
  },
  unknown: {
    one: "channel row never seen before",
    many: "channel rows never seen before",
    verb: "Look",
    path: "/channels",
  },
  rates: {
    one: "document waits for an exchange rate",
    many: "documents wait for an exchange rate",
    verb: "Give it",
    path: "/settings/rates",
  },
  jobs: {
    one: "job was given up",
    many: "jobs were given up",
    verb: "Try again",
    path: "/channels#given-up",
  },
  findings: {
    one: "finding in the last proof of the books",
    many: "findings in the last proof of the books",
    verb: "Read",
    path: "/settings/proof",
  },
};

/** Open work in the words of the page: what, the verb, and one line of why it matters. */
/** `until`: what is counted is of that day or earlier, and so are the sold lines that it leads to. */
export function needsShown(needs: readonly Need[], scope: Scope, until?: string): readonly Shown[] {
  const today = todayOf(scope.timeZone);
  return needs.map((need) => {
    const { one, many, verb, path } = words[need.kind];
    const days =
      until !== undefined && path.includes("/inventory/sold") ? `&period=1900-01-01..${encodeURIComponent(until)}` : "";
    return {
      key: need.kind,
      count: need.count,
      isMore: need.isMore,
      what: need.count === 1 ? one : many,
      verb,
      // Proofs are counted from a day on; the list begins on the same one.
      href: `/${scope.slug}${path}${need.kind === "payouts" ? `&since=${provedSince(today)}` : ""}${days}`,
      why: whyOf(need, scope.currency),
    };
  });
}

function whyOf(need: Need, currency: string): ReactNode {
  const amount = need.amount === null ? null : moneyText({ amountMinor: need.amount, currency });
  const since = need.since === null ? null : `since ${dayText(need.since)}`;
  const about = need.about === null ? null : `“${need.about}”${need.count > 1 ? " and others" : ""}`;
  switch (need.kind) {
    case "syncs":
      return need.about === null ? undefined : `${need.about}: sales since its last sync are not in yet`;
    case "details":
      return amount === null ? since : `${amount} paid and not yet in lots`;
    case "costs":
      return `${amount === null ? "" : `${amount} of sales; `}profit reads high until then`;
    case "choices":
      return about === null ? undefined : `${about}: which one was it`;
    case "matches":
      return about === null ? undefined : `${about}: what was it`;
    case "categories":
      return amount === null ? since : `${amount} in all, ${since ?? ""}`;
    case "deposits":
      return amount === null ? since : `${amount} sent more than 7 days ago, not yet found in the bank`;
    case "payouts":
      return amount === null
        ? since
        : `${moneyText({ amountMinor: -(need.amount ?? 0n), currency })} left over between its rows and what was paid, ${since ?? ""}`;
    case "waiting":
      return [about?.replace(/[“”]/g, ""), amount === null ? null : `${amount} waits`, since]
        .filter((part) => part !== null)
        .join(", ");
    case "elsewhere":
      return `${amount ?? ""} ${since ?? ""}: no channel or bank line took it`;
    case "alike":
      return amount === null ? since : `${amount} in all, ${since ?? ""}: booked both times until you say`;
    case "placements":
      return about === null ? "Back on the shelf, or gone?" : `${about}: back on the shelf, or gone?`;
    case "shortages":
      return `${need.about ?? "It"}${need.count > 1 ? " and others" : ""}: found, or gone?`;
    case "counts":
      return `${need.about ?? "It"}${need.count > 1 ? " and others" : ""}: something was recorded that had happened before`;
    case "shelves":
      return about === null ? undefined : `${about}: the channel says that it holds more, or less`;
    case "lowStock":
      return about ?? undefined;
    case "unknown":
      return amount === null ? about : `${about ?? ""}: ${amount} in all`;
    case "rates":
      return [need.about === null ? null : `${need.about}${need.count > 1 ? " and perhaps others" : ""}`, since]
        .filter((part) => part !== null)
        .join(", ");
    case "jobs":
      return `${need.about === null ? "" : `${jobWords(need.about)}: `}what it was to do is not done`;
    case "findings":
      return "Something in the books is not as it must be";
  }
}
