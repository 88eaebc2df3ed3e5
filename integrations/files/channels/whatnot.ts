/**
 * Whatnot's earnings report (the weekly orders report and the ledger have the same columns): a row for each transaction of the seller's
 * balance. An order's earnings are the price after the coupon, less commission, processing, their tax and the shipping that the seller
 * pays; what these do not add to stays visible.
 */
import { Refusal } from "../../../lib/core/errors";
import type { ChargeCategory } from "../../../lib/core/facts";
import { amountOf } from "./document";
import { type Beside, type LedgerFile, netOf } from "./ledger";
import { piecesOf } from "./orders-file";
import { cell, decimalMarkOf, hasHeader } from "./table";
import { readMoment } from "./when";

const needed = ["transaction_type", "transaction_amount", "order_id", "ledger_transaction_id"] as const;
const money = [
  "transaction_amount",
  "original_item_price",
  "post_coupon_price",
  "commission_fee",
  "payment_processing_fee",
  "shipping_fee",
];
const taken: readonly (readonly [column: string, category: ChargeCategory])[] = [
  ["commission_fee", "fee"],
  ["tax_on_commission_fee", "fee"],
  ["payment_processing_fee", "processing"],
  ["tax_on_payment_processing_fee", "processing"],
  ["shipping_fee", "label"],
];

function categoryOf(type: string): ChargeCategory {
  if (/refund|cancel|chargeback|dispute/.test(type)) return "refund";
  if (/shipping|label|postage/.test(type)) return "label";
  if (/tip/.test(type)) return "tip";
  if (/promot|boost|advert/.test(type)) return "advertising";
  if (/fee|commission/.test(type)) return "fee";
  if (/reimburs|credit|bonus|incentive/.test(type)) return "reimbursement";
  return "other";
}

export const whatnot: LedgerFile = {
  layout: "whatnot-earnings",
  channel: "whatnot",
  recognise: (text) => (hasHeader(text, needed) ? 1 : 0),
  needed: () => needed,
  how: (table) => ({
    decimalMark: decimalMarkOf(table.lines.flatMap((line) => money.map((name) => cell(line, name)))),
    dateStyle: "mdy",
    known: {},
  }),
  read: (line, how) => {
    const currency = cell(line, "transaction_currency").toUpperCase() || how.currency;
    const of = (name: string) => amountOf(cell(line, name), currency, how.decimalMark);
    const net = of("transaction_amount");
    if (net === null) throw new Refusal("field_missing", "The amount is missing.", { column: "transaction_amount" });
    const type = cell(line, "transaction_type");
    const word = type.toLowerCase();
    const date = [
      "order_placed_at_utc",
      "transaction_completed_at_utc",
      "transaction_created_at_utc",
      "transaction_date",
    ]
      .map((name) => cell(line, name))
      .find((text) => text !== "");
    const base = {
      when: readMoment(date ?? "", how.timeZone, "UTC"),
      type,
      currency,
      order: cell(line, "order_id") || null,
      memo: cell(line, "listing_title") || cell(line, "transaction_message"),
    };
    if (/payout|withdraw|cash_?out/.test(word)) {
      const name = cell(line, "ledger_transaction_id");
      return { ...base, amount: net, beside: [], part: "payout", category: "other", payout: name || null, order: null };
    }
    if (!/order_?earnings|^sale/.test(word) || base.order === null)
      return { ...base, amount: net, beside: [], part: "charge", category: categoryOf(word), payout: null };
    const price = of("post_coupon_price") ?? (of("original_item_price") ?? 0n) - (of("coupon_cost") ?? 0n);
    const parts = taken.map(([key, category]): Beside => {
      const amount = of(key) ?? 0n;
      return { key, type: key, category, amount: amount > 0n ? -amount : amount };
    });
    const rest = net - price - parts.reduce((sum, { amount }) => sum + amount, 0n);
    const beside = [...parts, { key: "rest", type, category: "other" as const, amount: rest }];
    return {
      ...base,
      amount: price,
      beside: beside.filter(({ amount }) => amount !== 0n),
      // A giveaway is goods given for nothing; its costs are charges.
      part: "sale",
      category: "sale",
      payout: null,
      sale: {
        name: cell(line, "listing_title"),
        sku: cell(line, "sku") || null,
        listing: cell(line, "listing_id") || null,
        qty: piecesOf(cell(line, "quantity_sold")) || 1n,
        shipping: 0n,
        tax: 0n,
        taxBy: "channel",
        discount: 0n,
        line: cell(line, "ledger_transaction_id") || "1",
      },
    };
  },
  nameOf: ({ line, entry }) =>
    cell(line, "ledger_transaction_id") || [entry.when.on, entry.type, entry.order, netOf(entry)],
  orderVersion: "1-earnings",
};
