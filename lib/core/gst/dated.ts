/**
 * What the law changes from time to time: each row says from when until when it holds and where it is from, so that a document of 2023
 * is judged by the law of 2023 whenever it is looked at. Nothing here is a constant; a new notification is a new row.
 */
import { invariant } from "../errors";
import type { LocalDate } from "../facts";

/** `to` null: still in force. `source` is the notification, as people look it up. */
export type Dated<T> = Readonly<{ from: LocalDate; to: LocalDate | null; value: T; source: string }>;

/** GST began on this day: no document before it has any. */
export const gstBegan: LocalDate = "2017-07-01";

/**
 * Above this invoice value (paise) a supply to an unregistered buyer of another state is told invoice by invoice (B2CL), at or below it in
 * one sum (B2CS): rule 59(4) of the CGST Rules.
 */
export const b2clThresholds: readonly Dated<bigint>[] = [
  {
    from: "2017-07-01",
    to: "2024-07-31",
    value: 25_000_000n,
    source: "CGST Rules 2017, rule 59(4), as notified by 10/2017-Central Tax",
  },
  {
    from: "2024-08-01",
    to: null,
    value: 10_000_000n,
    source: "Notification 12/2024-Central Tax of 10 July 2024, in force from 1 August 2024",
  },
];

/** Tax that operators collect on the net value of supplies made through them (section 52): hundredths of a percent of it, all parts together. */
export const tcsRates: readonly Dated<bigint>[] = [
  {
    from: "2018-10-01",
    to: "2024-07-09",
    value: 100n,
    source: "Notifications 52/2018-Central Tax and 02/2018-Integrated Tax",
  },
  {
    from: "2024-07-10",
    to: null,
    value: 50n,
    source: "Notifications 15/2024-Central Tax and 01/2024-Integrated Tax",
  },
];

/** Turnover of the year before, as the law divides it: up to 1.5 crore, up to 5 crore, above. */
export const turnovers = ["up_to_15m", "up_to_50m", "above_50m"] as const;
export type Turnover = (typeof turnovers)[number];

/** Digits of an HSN code that a document to a registered buyer must show; `toOthers`: to one without a registration. */
export type HsnDigits = Readonly<Record<Turnover, Readonly<{ toRegistered: number; toOthers: number }>>>;

export const hsnDigits: readonly Dated<HsnDigits>[] = [
  {
    from: "2017-07-01",
    to: "2021-03-31",
    value: {
      up_to_15m: { toRegistered: 0, toOthers: 0 },
      up_to_50m: { toRegistered: 2, toOthers: 2 },
      above_50m: { toRegistered: 4, toOthers: 4 },
    },
    source: "Notification 12/2017-Central Tax",
  },
  {
    from: "2021-04-01",
    to: null,
    value: {
      up_to_15m: { toRegistered: 4, toOthers: 0 },
      up_to_50m: { toRegistered: 4, toOthers: 0 },
      above_50m: { toRegistered: 6, toOthers: 6 },
    },
    source: "Notification 78/2020-Central Tax",
  },
];

/**
 * The rates that a form offers, in hundredths of a percent. The seller chooses the rate of an item: which goods have which rate is in no
 * table of ours, and a rate that is not offered (a notification younger than this program) may be typed.
 */
export const offeredRates: readonly Dated<readonly bigint[]>[] = [
  {
    from: "2017-07-01",
    to: "2025-09-21",
    value: [0n, 10n, 25n, 150n, 300n, 500n, 600n, 1200n, 1800n, 2800n],
    source:
      "Notification 1/2017-Central Tax (Rate) as amended until 21 September 2025; 0.1 %: 41/2017-Integrated Tax (Rate)",
  },
  {
    from: "2025-09-22",
    to: null,
    value: [0n, 10n, 25n, 150n, 300n, 500n, 1200n, 1800n, 2800n, 4000n],
    source: "Notification 9/2025-Central Tax (Rate), in force from 22 September 2025",
  },
];

/** Since which period table 12 (HSN) is told apart for registered and other buyers. */
export const hsnSplit: readonly Dated<boolean>[] = [
  { from: "2017-07-01", to: "2025-04-30", value: false, source: "Form GSTR-1, table 12" },
  { from: "2025-05-01", to: null, value: true, source: "Portal advisory of 1 May 2025: table 12, phase III" },
];

/** The row that holds on a day; null before the first. */
export function inForce<T>(table: readonly Dated<T>[], on: LocalDate): Dated<T> | null {
  return table.find(({ from, to }) => from <= on && (to === null || on <= to)) ?? null;
}

/** What the law says on a day on which there is GST. */
export function lawOn<T>(table: readonly Dated<T>[], on: LocalDate): T {
  const row = inForce(table, on);
  invariant(row !== null, "the law says something on every day of GST");
  return row.value;
}
