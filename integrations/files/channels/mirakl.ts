/**
 * The transaction log that marketplaces built with Mirakl give their sellers (Decathlon and many others), in French and English: a row for
 * each amount, a running balance, and a payment that closes it. Goods and shipping of an order stand in rows of their own.
 */
import { Refusal } from "../../../lib/core/errors";
import type { ChargeCategory } from "../../../lib/core/facts";
import type { Problem } from "../reading";
import { amountOf } from "./document";
import { type Entry, type LedgerFile, netOf } from "./ledger";
import { piecesOf } from "./orders-file";
import { cell, decimalMarkOf, hasHeader, type Line, type Rename } from "./table";
import { readMoment } from "./when";

const aliases: Readonly<Record<string, string>> = {
  "date de création": "date created",
  "numéro de commande": "order number",
  "numéro de transaction": "transaction number",
  quantité: "quantity",
  "sku offre": "offer sku",
  montant: "amount",
  débit: "debit",
  crédit: "credit",
  solde: "balance",
  devise: "currency",
  "date du cycle de paiement": "payment cycle date",
  "billing cycle date": "payment cycle date",
  "id de la ligne de commande": "order line id",
  "id du remboursement": "refund id",
};
const rename: Rename = (name) => aliases[name] ?? name;
const needed = ["date created", "order number", "type", "amount", "debit", "credit", "balance"] as const;
const dayOf = (text: string) => readMoment(text.replace(" - ", " "), "UTC", "", "dmy").on;

function kindOf(type: string): { part: Entry["part"]; category: ChargeCategory; isShipping: boolean } {
  const word = type.toLowerCase();
  const isShipping = /frais de port|shipping|livraison/.test(word);
  if (/^(paiement|payment)$/.test(word)) return { part: "payout", category: "other", isShipping: false };
  if (/commission/.test(word)) return { part: "charge", category: "fee", isShipping: false };
  if (/rembours|refund/.test(word)) return { part: "charge", category: "refund", isShipping };
  if (/montant de (la )?commande|order amount/.test(word) || isShipping)
    return { part: "sale", category: "sale", isShipping };
  if (/abonnement|subscription|fee|frais|pénalit|penalt/.test(word))
    return { part: "charge", category: "fee", isShipping: false };
  return { part: "charge", category: "other", isShipping: false };
}

export const mirakl: LedgerFile = {
  layout: "mirakl-transactions",
  channel: "other",
  recognise: (text) => (hasHeader(text, needed, rename) ? 0.95 : 0),
  needed: () => needed,
  rename,
  how: (table) => ({
    decimalMark: decimalMarkOf(table.lines.flatMap((line) => ["amount", "balance"].map((name) => cell(line, name)))),
    dateStyle: "dmy",
    known: {},
  }),
  read: (line, how) => {
    const currency = cell(line, "currency").toUpperCase() || how.currency;
    const amount = amountOf(cell(line, "amount"), currency, how.decimalMark);
    if (amount === null) throw new Refusal("field_missing", "The amount is missing.", { column: "amount" });
    const type = cell(line, "type");
    const order = cell(line, "order number");
    const { part, category, isShipping } = kindOf(type);
    const cycle = cell(line, "payment cycle date");
    const isSale = part === "sale" && order !== "" && amount > 0n;
    const created = cell(line, "date created");
    const name = cell(line, "description").replace(/^(montant de (la )?commande|order amount) (pour|for) /i, "");
    return {
      when: readMoment(created.replace(" - ", " "), how.timeZone, how.timeZone, "dmy"),
      type,
      currency,
      amount,
      beside: [],
      part: isSale ? "sale" : part === "sale" ? "charge" : part,
      category,
      order: order || null,
      payout: cycle === "" ? (part === "payout" ? dayOf(created) : null) : dayOf(cycle),
      memo: cell(line, "description"),
      version: cycle === "" ? "1-waiting" : "2-paid",
      ...(isSale
        ? {
            sale: {
              name: isShipping ? "" : name,
              sku: cell(line, "offer sku") || null,
              listing: null,
              qty: isShipping ? 0n : piecesOf(cell(line, "quantity")),
              shipping: isShipping ? amount : 0n,
              tax: 0n,
              taxBy: "channel" as const,
              discount: 0n,
              line: cell(line, "order line id") || cell(line, "offer sku") || "item",
            },
          }
        : {}),
    };
  },
  nameOf: ({ line, entry }) => [
    cell(line, "transaction number"),
    cell(line, "date created"),
    entry.order,
    cell(line, "order line id"),
    cell(line, "refund id"),
    entry.type,
    netOf(entry),
  ],
  orderVersion: "1-money",
  proof: (found, table) => {
    const mark = decimalMarkOf(table.lines.flatMap((line) => ["amount", "balance"].map((name) => cell(line, name))));
    const balanceOf = (line: Line, currency: string) => amountOf(cell(line, "balance"), currency, mark);
    const problems: Problem[] = [];
    for (const [index, { line, entry }] of found.entries()) {
      const before = found[index - 1];
      const [was, is] = [
        before === undefined ? null : balanceOf(before.line, before.entry.currency),
        balanceOf(line, entry.currency),
      ];
      if (was === null || is === null || was + netOf(entry) === is) continue;
      const message = `Row ${line.row}: the balance does not follow from the row before.`;
      problems.push({ row: line.row, column: "balance", code: "does_not_reconcile", message });
    }
    const [first, last] = [found[0], found.at(-1)];
    const start = first === undefined ? null : balanceOf(first.line, first.entry.currency);
    const stated = {
      opening: first === undefined || start === null ? null : start - netOf(first.entry),
      closing: last === undefined ? null : balanceOf(last.line, last.entry.currency),
      total: null,
    };
    return problems.length === 0
      ? { agrees: found.length > 1 ? true : null, problems, stated }
      : { agrees: false, problems };
  },
};
