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
