/** What the pages of GST are asked for: a period, a registration, and for the stock record a place and words. The last month unless said. */
import { addDays, startOfMonth } from "@/lib/core/dates";
import { monthPeriod } from "@/lib/core/reports/periods";
import { registrationsOf } from "@/lib/desk/gst-reads";
import type { GstAsked } from "@/lib/exports/gst";
import type { Scope } from "@/lib/people/access";
import { todayOf } from "@/lib/system/clock";
import { filterOf, type ListAddress, readAddress, type SearchParams } from "../../../ui/address";
import { orNotFound } from "../not-there";
import { type Chosen, periodOf } from "../period";

export const gstReports = ["gstr1", "hsn", "gstr3b", "purchases", "stock", "record"] as const;
export type GstReport = (typeof gstReports)[number];
export const gstPaths: Readonly<Record<GstReport, string>> = {
  gstr1: "",
  hsn: "/hsn",
  gstr3b: "/summary",
  purchases: "/purchases",
  stock: "/stock",
  record: "/record",
};

export type GstState = Readonly<{
  address: ListAddress;
  chosen: Chosen;
  today: string;
  registrations: readonly string[];
  /** null: the business said no registration yet. */
  seller: string | null;
  location: string | null;
}>;

export async function gstState(scope: Scope, params: SearchParams): Promise<GstState> {
  const registrations = await registrationsOf(scope).catch(orNotFound);
  const today = todayOf(scope.timeZone);
  const address = readAddress(params, { filters: ["period", "from", "to", "gstin", "location", "edit"] });
  const isAsked = ["period", "from", "to"].some((name) => filterOf(address, name) !== null);
  // A return is of a month that is over.
  const chosen = isAsked
    ? periodOf(params, scope, today)
    : { period: monthPeriod(addDays(startOfMonth(today), -1)), problem: null };
  const asked = filterOf(address, "gstin");
  const seller = registrations.find((gstin) => gstin === asked) ?? registrations[0] ?? null;
  return { address, chosen, today, registrations, seller, location: filterOf(address, "location") };
}

/** What a file of a report is asked for; null where there is no registration to make it for, or no file. */
export function askedOf(report: GstReport, { chosen, seller, address, location }: GstState): GstAsked | null {
  const period = { from: chosen.period.from, to: chosen.period.to };
  if (report === "purchases") return null;
  if (report === "stock") return { gst: "stock", period };
  if (report === "record")
    return {
      gst: "record",
      period,
      ...(address.q === "" ? {} : { q: address.q }),
      ...(location === null ? {} : { location }),
    };
  return seller === null ? null : { gst: report, seller, period };
}
