/**
 * Shopify Payments, as its two exports tell of it: the transactions (16 to 19 columns over the years, often without a payout id) and the
 * payouts. A transaction's Net is what it moves the balance by, its Amount less its Fee.
 *
 * Without an id a payout is known by its date, which two payouts of one day share. Where the transactions name their payouts, they also
 * put a silent document in the place of the payout by date, so that the other export does not tell of it once more.
 */
import { Refusal } from "../../../lib/core/errors";
import type { ChargeCategory } from "../../../lib/core/facts";
import type { Problem } from "../reading";
import { amountOf } from "./document";
import { type Entry, type LedgerFile, type NamedPayout, netOf, silent } from "./ledger";
import { cell, decimalMarkOf, hasHeader, type Line } from "./table";
import { readWhen } from "./when";

const needed = ["type", "order", "amount", "fee", "net", "payout date"] as const;

/** Its name in the books: Shopify's own id where the file has it, else its date. */
function payoutOf(line: Line): string | null {
  return cell(line, "payout id") || cell(line, "payout date") || null;
}

/** Rows that wait have a date, the one on which they are expected, and no payout yet. */
function isPaid(line: Line): boolean {
  const status = cell(line, "payout status").toLowerCase();
  return status === "" || status === "paid" || status === "in_transit" || status === "in transit";
}

const word = (text: string) => text.toLowerCase().replaceAll("_", " ").trim();

/** The documented values of a balance transaction's type, by what they are; what none of these is stays "other". */
function partOf(type: string): { part: Entry["part"]; category: ChargeCategory } {
  const name = word(type);
  // The buyer paid with Shop Cash, which Shopify pays for: money of the order like the card's.
  if (/^(charge|shop cash credit|shop pay installments?)$/.test(name)) return { part: "sale", category: "sale" };
  if (/^payout/.test(name)) return { part: "payout", category: "other" };
  if (/reserve/.test(name)) return { part: "held", category: "other" };
  if (/loan|capital|advance|lending/.test(name)) return { part: "charge", category: "loan" };
  if (/refund|chargeback|dispute/.test(name))
    return { part: "charge", category: /fee/.test(name) ? "processing" : "refund" };
  if (/^marketplace (sales )?tax|tax (withh|remit)/.test(name)) return { part: "charge", category: "tax_remitted" };
  if (/campaign|advertis|marketing|\bads?\b/.test(name)) return { part: "charge", category: "advertising" };
  if (/label|shipping/.test(name)) return { part: "charge", category: "label" };
  if (/tip/.test(name)) return { part: "charge", category: "tip" };
  if (/fee|billing|subscription|commission/.test(name)) return { part: "charge", category: "fee" };
  return { part: "charge", category: "other" };
}

export const shopifyTransactions: LedgerFile = {
  layout: "shopify-payment-transactions",
  channel: "shopify",
  recognise: (text) =>
    hasHeader(text, needed) ? 1 : hasHeader(text, ["type", "order", "amount", "payout status"]) ? 0.9 : 0,
  needed: () => needed,
  how: (table) => ({
    decimalMark: decimalMarkOf(table.lines.flatMap((line) => ["amount", "fee", "net"].map((name) => cell(line, name)))),
    dateStyle: "mdy",
    known: {},
  }),
  read: (line, how) => {
    const currency = (cell(line, "currency") || how.currency).toUpperCase();
    const amount = amountOf(cell(line, "amount"), currency, how.decimalMark);
    const fee = amountOf(cell(line, "fee"), currency, how.decimalMark) ?? 0n;
    if (amount === null) throw new Refusal("field_missing", "The amount is missing.", { column: "amount" });
    const type = cell(line, "type");
    const order = cell(line, "order").replace(/^#/, "") || null;
    const { part, category } = partOf(type);
    const isIn = isPaid(line);
    return {
      when: readWhen(cell(line, "transaction date") || cell(line, "payout date"), how.timeZone),
      type,
      currency,
      amount,
      beside: fee === 0n ? [] : [{ key: "fee", type: `${type} fee`, category: "processing", amount: -fee }],
      part: part === "sale" && order === null ? "charge" : part,
      category,
      order,
      payout: isIn ? payoutOf(line) : null,
      memo: [order === null ? "" : `Order #${order}`, cell(line, "payment method name")].filter(Boolean).join(", "),
      version: isIn && payoutOf(line) !== null ? "2-paid" : "1-waiting",
    };
  },
  nameOf: ({ line }) =>
    ["transaction date", "type", "order", "amount", "fee", "net", "checkout"].map((name) =>
      // A day without a transaction's own time is at least told apart by its payout.
      name === "transaction date" ? cell(line, name) || cell(line, "payout date") : cell(line, name),
    ),
  orderVersion: "0-money",
  payouts: (found) => {
    const payouts = new Map<string, NamedPayout>();
    for (const { line, entry } of found) {
      if (entry.payout === null || entry.part === "payout") continue;
      payouts.set(entry.payout, {
        id: entry.payout,
        date: readWhen(cell(line, "payout date"), "UTC").on,
        stated: null,
      });
    }
    return [...payouts.values()];
  },
  proof: (found, table) => {
    if (!table.columns.includes("net")) return { agrees: null, problems: [] };
    const mark = decimalMarkOf(table.lines.map((line) => cell(line, "net")));
    const wrong = found.filter(({ line, entry }) => {
      const net = amountOf(cell(line, "net"), entry.currency, mark);
      return net !== null && net !== netOf(entry);
    });
    const problems = wrong.map(
      ({ line }): Problem => ({
        row: line.row,
        column: "net",
        code: "does_not_reconcile",
        message: `Row ${line.row}: the amount less the fee is not the net.`,
      }),
    );
    return { agrees: wrong.length === 0, problems };
  },
  more: (found) => {
    const dates = new Map<string, Set<string>>();
    for (const { line, entry } of found) {
      const id = cell(line, "payout id");
      if (id === "" || entry.payout === null) continue;
      const date = cell(line, "payout date");
      dates.set(date, (dates.get(date) ?? new Set()).add(id));
    }
    return [...dates].flatMap(([date, ids]) =>
      [...ids].map((_, index) =>
        silent(
          "shopify-payment-transactions",
          `payout/${date}${index === 0 ? "" : `/${index + 1}`}`,
          found[0]?.entry.currency ?? "",
        ),
      ),
    );
  },
};

const summed = [
  "charges",
  "refunds",
  "adjustments",
  "marketplace sales tax",
  "advances",
  "reserved funds",
  "fees",
  "retried amount",
];

export const shopifyPayouts: LedgerFile = {
  layout: "shopify-payouts",
  channel: "shopify",
  recognise: (text) => (hasHeader(text, ["payout date", "charges", "refunds", "total"]) ? 1 : 0),
  needed: () => ["payout date", "charges", "refunds", "total"],
  how: (table) => ({
    decimalMark: decimalMarkOf(table.lines.flatMap((line) => [...summed, "total"].map((name) => cell(line, name)))),
    dateStyle: "mdy",
    known: placesOf(table.lines),
  }),
  read: (line, how) => {
    const currency = (cell(line, "currency") || how.currency).toUpperCase();
    const amount = amountOf(cell(line, "total"), currency, how.decimalMark);
    if (amount === null) throw new Refusal("field_missing", "The total is missing.", { column: "total" });
    const status = cell(line, "status").toLowerCase();
    const isSent = ["", "paid", "in_transit", "in transit"].includes(status);
    return {
      when: readWhen(cell(line, "payout date"), how.timeZone),
      type: status === "" ? "payout" : `payout ${status}`,
      currency,
      amount: isSent ? -amount : 0n,
      beside: [],
      part: isSent ? "payout" : "nothing",
      category: "other",
      order: null,
      payout: cell(line, "payout id") || how.known[String(line.row)] || cell(line, "payout date"),
      memo: cell(line, "bank reference"),
      version: isSent ? "3-stated" : "0-waiting",
    };
  },
  nameOf: ({ entry }) => ["payout", entry.payout, netOf(entry)],
  orderVersion: "0",
  proof: (found, table) => {
    const parts = summed.filter((name) => table.columns.includes(name));
    const mark = decimalMarkOf(table.lines.flatMap((line) => [...summed, "total"].map((name) => cell(line, name))));
    const wrong = found.filter(({ line, entry }) => {
      const sum = parts.reduce((all, name) => all + (amountOf(cell(line, name), entry.currency, mark) ?? 0n), 0n);
      const fees = amountOf(cell(line, "fees"), entry.currency, mark) ?? 0n;
      const stated = amountOf(cell(line, "total"), entry.currency, mark) ?? 0n;
      // Fees stand as a cost with a minus in one export and without in another.
      return sum !== stated && sum - 2n * fees !== stated;
    });
    const problems = wrong.map(
      ({ line }): Problem => ({
        row: line.row,
        column: "total",
        code: "does_not_reconcile",
        message: `Row ${line.row}: the payout's parts do not add to its total.`,
      }),
    );
    return { agrees: wrong.length === 0, problems };
  },
};

/** A second payout of one day is told apart by its place, in the order of their amounts, which every export of them has. */
function placesOf(lines: readonly Line[]): Record<string, string> {
  const days = new Map<string, Line[]>();
  for (const line of lines) {
    const date = cell(line, "payout date");
    days.set(date, [...(days.get(date) ?? []), line]);
  }
  const places: Record<string, string> = {};
  for (const [date, some] of days) {
    const sorted = [...some].sort((a, b) => (cell(a, "total") < cell(b, "total") ? -1 : 1));
    for (const [index, line] of sorted.entries()) if (index > 0) places[String(line.row)] = `${date}/${index + 1}`;
  }
  return places;
}
