/**
 * Exports of channels that are known for what they are and have no reader: said in words, with the export that can be read instead.
 * Without this they would be taken for tables of a bank, and their rows for money that moved.
 */
import { Refusal } from "../../../lib/core/errors";
import type { FileReader } from "../reading";
import { hasHeader } from "./table";

const known: readonly Readonly<{ what: string; instead: string; columns: readonly string[] }>[] = [
  {
    what: "Amazon's report of all orders",
    instead: "Amazon's settlement report (flat file)",
    columns: ["amazon-order-id", "purchase-date", "item-price"],
  },
  {
    what: "Amazon's report of reimbursements",
    instead: "Amazon's settlement report (flat file)",
    columns: ["reimbursement-id", "amount-total"],
  },
  {
    what: "Amazon's report of returns",
    instead: "Amazon's settlement report (flat file)",
    columns: ["return-date", "order-id", "asin"],
  },
  {
    what: "Amazon's VAT report",
    instead: "Amazon's settlement report (flat file)",
    columns: ["unique_account_identifier", "transaction_type"],
  },
  {
    what: "Amazon's list of transactions (as the payments page shows it)",
    instead: "Amazon's settlement report (flat file) or its date range report",
    columns: ["transaction type", "order id", "total product charges", "amazon fees"],
  },
  {
    what: "eBay's report of order earnings",
    instead: "eBay's transaction report",
    columns: ["order creation date", "order number", "order earnings"],
  },
  {
    what: "Etsy's list of deposits",
    instead: "Etsy's monthly statement, which has them too",
    columns: ["date", "amount", "currency", "status", "bank account ending digits"],
  },
  {
    what: "Etsy's list of payments",
    instead: "Etsy's monthly statement and its Sold Order Items",
    columns: ["payment id", "buyer username", "order id", "gross amount", "net amount"],
  },
  {
    what: "Stripe's list of payouts",
    instead: "Stripe's balance history (or itemised payout reconciliation), which has them too",
    columns: ["arrival date (utc)", "amount", "method", "destination"],
  },
  {
    what: "WooCommerce's table of orders (from its analytics)",
    instead: "an export of orders that an export plug-in writes, with their items and totals",
    columns: ["date", "order #", "n. revenue", "items sold"],
  },
  {
    what: "Shopify's export of products",
    instead: "Shopify's orders export",
    columns: ["handle", "title", "variant sku"],
  },
];

function nameOf(text: string): (typeof known)[number] | undefined {
  return known.find(({ columns }) => hasHeader(text, columns));
}

export const knownChannelFile: FileReader = {
  recognise: (text) => (nameOf(text) === undefined ? 0 : 0.95),
  read: (text) => {
    const found = nameOf(text);
    const [what, instead] =
      found === undefined ? ["an export of a channel", "another export"] : [found.what, found.instead];
    throw new Refusal("unsupported", `This is ${what}, which cannot be read yet. Bring in ${instead}.`);
  },
};
