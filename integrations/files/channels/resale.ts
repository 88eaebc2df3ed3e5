/**
 * Sales reports of the resale marketplaces Poshmark, Mercari and Depop: a row for each item sold, with what was kept and what the seller
 * earned. Shipping that the buyer pays to the marketplace for its own label is none of the seller's money, nor is the buyer's tax or fee.
 */

import { Refusal } from "../../../lib/core/errors";
import { allocate } from "../../../lib/core/money";
import { amountOf } from "./document";
import type { How } from "./ledger";
import { type OrdersFile, piecesOf, saying } from "./orders-file";
import { cell, decimalMarkOf, type HeadedTable, hasHeader, type Line } from "./table";
import { dateStyleOf, readDay } from "./when";
import { zonedWhen } from "./zones";

const nothing: Line = { row: 0, cells: {} };
const abs = (amount: bigint) => (amount < 0n ? -amount : amount);

/** Reports without a column for it say their currency by its sign. */
function currencyOf(text: string, own: string): string {
  if (text.includes("£")) return "GBP";
  if (text.includes("€")) return "EUR";
  if (text.includes("A$")) return "AUD";
  if (text.includes("C$")) return "CAD";
  // A bare "$" is the books' own dollar where they are kept in one.
  if (text.includes("$") && !["USD", "CAD", "AUD", "NZD"].includes(own)) return "USD";
  return own;
}
const howOf = (money: readonly string[], date: string) => (table: HeadedTable) => ({
  decimalMark: decimalMarkOf(table.lines.flatMap((line) => money.map((name) => cell(line, name)))),
  dateStyle: dateStyleOf(table.lines.map((line) => cell(line, date))),
  known: {},
});
function reader(lines: readonly Line[], currency: string, how: How) {
  return (name: string) => amountOf(saying(lines, name), currency, how.decimalMark) ?? 0n;
}
const feesOf = (fees: Readonly<Record<string, bigint>>) =>
  Object.entries(fees)
    .filter(([, amount]) => amount > 0n)
    .map(([kind, amount]) => ({ kind, amount }));

const poshmarkColumns = ["order date", "order id", "listing title", "order price", "your earnings"] as const;

/** A bundle is several rows with its money on the first alone. What is kept beside the named fees is Poshmark's own. */
export const poshmark: OrdersFile = {
  layout: "poshmark-sales",
  channel: "poshmark",
  recognise: (text) => (hasHeader(text, poshmarkColumns) ? 1 : 0),
  needed: poshmarkColumns,
  isLedger: true,
  countsTotals: false,
  how: howOf(["order price", "your earnings", "seller shipping discount"], "order date"),
  account: ({ preamble }) => /@(\S+)/.exec(preamble.flat().join(" "))?.[1]?.replace(/[,"]+$/, "") ?? null,
  orderOf: (line) => cell(line, "order id"),
  read: (lines, how) => {
    const [first = nothing] = lines;
    const currency = currencyOf(saying(lines, "order price"), how.currency);
    const of = reader(lines, currency, how);
    const [price, earned] = [of("order price"), of("your earnings")];
    const named = {
      "seller shipping discount": abs(of("seller shipping discount")),
      "upgraded shipping label fee": abs(of("upgraded shipping label fee")),
      "packaging fee": abs(of("packaging fee")),
    };
    const kept = price - earned - Object.values(named).reduce((sum, amount) => sum + amount, 0n);
    const parts = allocate(
      price,
      lines.map(() => 1n),
    );
    const earnedMore = kept < 0n ? -kept : 0n;
    return {
      when: { on: readDay(cell(first, "order date"), how.dateStyle), at: null },
      type: "Sale",
      currency,
      lines: lines.map((line, index) => ({
        key: String(index + 1),
        sku: cell(line, "sku") || null,
        name: cell(line, "listing title"),
        listing: null,
        qty: 1n,
        amount: parts[index] ?? 0n,
      })),
      shipping: 0n,
      tax: of("sales tax (paid by buyer)"),
      taxBy: "channel",
      discount: 0n,
      fees: feesOf({ ...named, "poshmark fee": kept }),
      beside: earnedMore === 0n ? [] : [{ key: "credit", type: "credit", category: "other", amount: earnedMore }],
      refund: null,
      isSold: true,
      stated: null,
      comesTo: earned,
      version: `1-${String(lines.length).padStart(3, "0")}`,
    };
  },
};

const mercariColumns = [
  "item id",
  "sold date",
  "item title",
  "order status",
  "item price",
  "mercari selling fee",
] as const;
const mercariFees = [
  "seller shipping fee",
  "mercari selling fee",
  "payment processing fee",
  "shipping adjustment fee",
  "penalty fee",
];

/** A cancelled sale still shows the fees that it would have cost; only a penalty is real. */
export const mercari: OrdersFile = {
  layout: "mercari-sales",
  channel: "mercari",
  recognise: (text) => (hasHeader(text, mercariColumns) ? 1 : 0),
  needed: mercariColumns,
  isLedger: true,
  countsTotals: false,
  how: howOf(["item price", "net seller proceeds", ...mercariFees], "sold date"),
  orderOf: (line) => cell(line, "item id"),
  read: (lines, how) => {
    const [first = nothing] = lines;
    const currency = currencyOf(cell(first, "item price"), how.currency);
    const of = reader(lines, currency, how);
    const status = cell(first, "order status");
    const isSold = !/cancel/i.test(status);
    const fees = feesOf(Object.fromEntries(mercariFees.map((name) => [name, abs(of(name))])));
    const penalty = abs(of("penalty fee"));
    const price = of("item price");
    const taken = fees.reduce((sum, { amount }) => sum + amount, 0n);
    const proceeds = amountOf(cell(first, "net seller proceeds"), currency, how.decimalMark);
    return {
      when: { on: readDay(cell(first, "sold date"), how.dateStyle), at: null },
      type: status || "Sale",
      currency,
      lines: [
        {
          key: "1",
          sku: cell(first, "sku") || null,
          name: cell(first, "item title"),
          listing: cell(first, "item id"),
          qty: 1n,
          amount: price,
        },
      ],
      shipping: 0n,
      tax: of("sales tax charged to buyer"),
      taxBy: "channel",
      discount: 0n,
      fees,
      beside:
        isSold || penalty === 0n ? [] : [{ key: "penalty", type: "penalty fee", category: "fee", amount: -penalty }],
      refund: null,
      isSold,
      stated: proceeds === null || !isSold ? null : { amount: proceeds, of: "net seller proceeds" },
      comesTo: isSold ? price - taken : -penalty,
      version: isSold ? (/complete/i.test(status) ? "2-completed" : "1-open") : "3-cancelled",
    };
  },
};

const depopColumns = ["date of sale", "description", "item price", "total", "depop fee"] as const;
const depopMoney = [
  "item price",
  "buyer shipping cost",
  "total",
  "usps cost",
  "depop fee",
  "depop payments fee",
  "boosting fee",
];

/**
 * Depop gives its sales no id: they are known by when, who and what. A refund stands in the sale's own row. A bundle may have a row for
 * each of its items, of which the first alone has what was paid and kept.
 */
export const depop: OrdersFile = {
  layout: "depop-sales",
  channel: "depop",
  recognise: (text) =>
    hasHeader(text, depopColumns) || hasHeader(text, ["date of sale", "item price", "depop payments fee"]) ? 1 : 0,
  needed: ["date of sale", "item price", "total"],
  isLedger: true,
  countsTotals: false,
  how: howOf(depopMoney, "date of sale"),
  orderOf: (line, idOf) =>
    /^y/i.test(cell(line, "bundle"))
      ? [
          "bundle",
          ...["date of sale", "time of sale", "buyer"].map((name) => cell(line, name).replace(/\W+/g, "-")),
        ].join("/")
      : idOf(
          ...["date of sale", "time of sale", "buyer", "description", "size", "item price"].map((name) =>
            cell(line, name),
          ),
        ),
  read: (lines, how) => {
    const [first = nothing] = lines;
    const currency = currencyOf(saying(lines, "total"), how.currency);
    const amountIn = (line: Line, name: string) => amountOf(cell(line, name), currency, how.decimalMark) ?? 0n;
    const of = (name: string) => lines.reduce((sum, line) => sum + amountIn(line, name), 0n);
    const [price, shipping, refund] = [
      of("item price"),
      of("buyer shipping cost"),
      abs(of("refunded to buyer amount")),
    ];
    if (saying(lines, "total") === "") throw new Refusal("field_missing", "The total is missing.", { column: "total" });
    const total = of("total");
    const pieces = piecesOf(cell(first, "bundle - amount of items"));
    const besides = [
      { key: "label", type: "USPS cost", category: "label" as const, amount: -abs(of("usps cost")) },
      { key: "boost", type: "Boosting fee", category: "advertising" as const, amount: -abs(of("boosting fee")) },
      { key: "fees-back", type: "Fees refunded", category: "fee" as const, amount: abs(of("fees refunded to seller")) },
      { key: "rest", type: "Total", category: "other" as const, amount: total - price - shipping },
    ];
    return {
      when: zonedWhen(
        readDay(cell(first, "date of sale"), how.dateStyle),
        cell(first, "time of sale"),
        how.timeZone,
        how.timeZone,
      ),
      type: refund === 0n ? "Sale" : "Sale refunded",
      currency,
      lines: lines.map((line, index) => ({
        key: String(index + 1),
        sku: cell(line, "sku") || null,
        name: cell(line, "description").replace(/\s+/g, " ").slice(0, 200) || "Depop item",
        listing: null,
        // A bundle in one row is one listing of several pieces; which they are nobody says.
        qty: lines.length === 1 && pieces > 0n && /^y/i.test(cell(line, "bundle")) ? pieces : 1n,
        amount: amountIn(line, "item price"),
      })),
      shipping,
      tax: of("us sales tax"),
      taxBy: "channel",
      discount: 0n,
      fees: feesOf({ "depop fee": abs(of("depop fee")), "depop payments fee": abs(of("depop payments fee")) }),
      beside: besides.filter(({ amount }) => amount !== 0n),
      refund:
        refund === 0n
          ? null
          : { amount: refund, on: readDay(cell(first, "date of sale"), how.dateStyle), isWhole: refund >= total },
      isSold: true,
      stated: { amount: total, of: "total" },
      comesTo: price + shipping,
      version: `1-${String(refund).padStart(15, "0")}`,
    };
  },
};
