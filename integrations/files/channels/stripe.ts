/**
 * Stripe's exports. Balance history and the itemised reports (balance change, payout reconciliation) list balance transactions: gross,
 * fee and net in the currency of settlement. The payments export lists charges in the currency that the buyer paid, with what they were
 * converted to, and knows no payouts.
 *
 * A charge is an order by its own id (`ch_…`), which all of them name, so they meet. The payments export tells a charge's refunds in the
 * charge's own row; a balance transaction of the charge takes the place of that row, and tells the refunds in rows of their own.
 */
import { Refusal } from "../../../lib/core/errors";
import type { ChargeCategory } from "../../../lib/core/facts";
import { orderAmong, orderAtEnd } from "../../shop-order";
import type { Problem } from "../reading";
import { amountOf } from "./document";
import { type Beside, type Entry, type Found, type LedgerFile, netOf, type Proof } from "./ledger";
import { cell, columnName, decimalMarkOf, type HeadedTable, hasHeader, type Line, type Rename } from "./table";
import { readMoment } from "./when";

/** The dashboard's export and the reports call the same columns differently. */
const aliases: Readonly<Record<string, string>> = {
  id: "balance_transaction_id",
  type: "reporting_category",
  source: "source_id",
  amount: "gross",
  "created (utc)": "created_utc",
  created: "created_utc",
  "available on (utc)": "available_on_utc",
  transfer: "automatic_payout_id",
  "transfer date (utc)": "automatic_payout_effective_at_utc",
  "automatic payout id": "automatic_payout_id",
  "balance transaction id": "balance_transaction_id",
  "reporting category": "reporting_category",
  "source id": "source_id",
  "customer facing amount": "customer_facing_amount",
  "customer facing currency": "customer_facing_currency",
  payout_id: "automatic_payout_id",
  effective_at_utc: "automatic_payout_effective_at_utc",
  effective_at: "automatic_payout_effective_at_utc",
  trace_id: "trace",
};
const rename: Rename = (name) => aliases[name] ?? name;
const balanceColumns = ["balance_transaction_id", "gross", "fee", "net", "currency", "reporting_category"] as const;

function moneyOf(line: Line, name: string, currency: string, mark: "." | ","): bigint {
  return amountOf(cell(line, name), currency, mark) ?? 0n;
}

/** Times without an offset are in UTC where the column says so, else in the account's own zone. */
function createdOf(line: Line, timeZone: string) {
  const [name, zone] =
    cell(line, "created_utc") !== ""
      ? ["created_utc", "UTC"]
      : // The list of payouts has the day on which each was made and no other.
        cell(line, "automatic_payout_effective_at_utc") !== ""
        ? ["automatic_payout_effective_at_utc", "UTC"]
        : ["created_at", timeZone];
  // Midnight is how the reports write the day of a payout.
  return readMoment(cell(line, name ?? "").replace(/ 00:00(:00)?$/, ""), timeZone, zone);
}

/** Stripe's reporting categories, and the older types of a balance transaction. */
function kindOf(type: string): { part: Entry["part"]; category: ChargeCategory } {
  const name = type.toLowerCase().replaceAll(" ", "_");
  if (/^(charge|payment)$/.test(name)) return { part: "sale", category: "sale" };
  if (
    /^(payout|payout_reversal|payout_failure|payout_cancel|payout_minimum_balance_hold|payout_minimum_balance_release|transfer_to_bank)$/.test(
      name,
    )
  )
    return /hold|release/.test(name) ? { part: "held", category: "other" } : { part: "payout", category: "other" };
  if (/refund|dispute|chargeback|partial_capture_reversal/.test(name) && !/fee/.test(name))
    return { part: "charge", category: "refund" };
  if (/reserve|hold|^risk_/.test(name)) return { part: "held", category: "other" };
  if (/financing|capital|anticipation|advance/.test(name)) return { part: "charge", category: "loan" };
  if (/^(fee|stripe_fee|stripe_fx_fee|network_cost|tax_fee|tax)$/.test(name))
    return { part: "charge", category: "processing" };
  if (/platform_earning|application_fee/.test(name)) return { part: "charge", category: "fee" };
  if (/^(topup|topup_reversal)$/.test(name)) return { part: "charge", category: "bank" };
  if (/currency_conversion/.test(name)) return { part: "charge", category: "exchange" };
  return { part: "charge", category: "other" };
}

function shopOrderOf(line: Line): string | null {
  // An export's own columns of metadata: "order_id (metadata)".
  const metadata = Object.entries(line.cells).flatMap(([name, text]): [string, string][] => {
    const field = /^(.*?)\s*\(metadata\)$/.exec(name)?.[1];
    return field === undefined ? [] : [[field, text]];
  });
  return orderAmong(Object.fromEntries(metadata)) ?? orderAtEnd(cell(line, "description"));
}

function feeOf(fee: bigint, type: string): readonly Beside[] {
  return fee === 0n ? [] : [{ key: "fee", type: `${type} fee`, category: "processing", amount: -fee }];
}

export const stripeBalance: LedgerFile = {
  layout: "stripe-balance",
  channel: "stripe",
  recognise: (text) => {
    // "Amount, Fee, Net, Currency, Type, id" are words that others use too: Stripe's own ids decide.
    if (!hasHeader(text, balanceColumns, rename)) return 0;
    return hasHeader(text, ["balance_transaction_id", "reporting_category"]) ||
      /(^|[",;\t])txn_\w/m.test(text.slice(0, 20_000))
      ? 1
      : 0;
  },
  needed: () => balanceColumns,
  rename,
  how: (table) => ({
    decimalMark: decimalMarkOf(table.lines.flatMap((line) => ["gross", "fee", "net"].map((name) => cell(line, name)))),
    dateStyle: "mdy",
    known: {},
  }),
  read: (line, how) => {
    const currency = cell(line, "currency").toUpperCase() || how.currency;
    const gross = amountOf(cell(line, "gross"), currency, how.decimalMark);
    if (gross === null) throw new Refusal("field_missing", "The amount is missing.", { column: "gross" });
    const type = cell(line, "reporting_category");
    const source = cell(line, "source_id");
    const kind = kindOf(type);
    // A shop's order behind a charge, and behind the money that goes back of it; a dispute stays what it is.
    const isMoneyOfOrder = kind.part === "sale" || /refund/i.test(type);
    const shopOrder = isMoneyOfOrder ? shopOrderOf(line) : null;
    const isOfShop = kind.part === "sale" && shopOrder !== null;
    const part = isOfShop ? "charge" : kind.part;
    const category = shopOrder === null ? kind.category : "elsewhere";
    const payout = cell(line, "automatic_payout_id") || (part === "payout" ? source : "");
    return {
      when: createdOf(line, how.timeZone),
      type,
      currency,
      amount: gross,
      beside: feeOf(moneyOf(line, "fee", currency, how.decimalMark), type),
      part,
      category,
      order: part === "sale" ? source || cell(line, "balance_transaction_id") : cell(line, "charge_id") || null,
      isOfShop,
      // A payout that came back is one of its own, so that the two are told apart.
      payout: payout === "" ? null : part === "payout" && gross > 0n ? `${payout}/returned` : payout,
      memo: cell(line, "description"),
      version: payout === "" ? "1-waiting" : "2-paid",
    };
  },
  // A charge is named by itself, as the payments export does; whatever can come twice of one source by its transaction.
  nameOf: ({ line, entry }) =>
    (entry.part === "sale" || entry.isOfShop === true) && cell(line, "source_id") !== ""
      ? cell(line, "source_id")
      : cell(line, "balance_transaction_id"),
  orderVersion: "2-balance",
  proof: (found, table) => proofOf(found, table, "net"),
};

/** Gross less fee is net in every row, and every payout that the file has is the sum of its rows. */
function proofOf(found: readonly Found[], table: HeadedTable, column: string): Proof {
  const mark = decimalMarkOf(table.lines.flatMap((line) => ["gross", "fee", "net"].map((name) => cell(line, name))));
  const problems: Problem[] = [];
  for (const { line, entry } of found) {
    const net = amountOf(cell(line, column), entry.currency, mark);
    if (net === null || net === netOf(entry)) continue;
    const message = `Row ${line.row}: the gross less the fee is not the net.`;
    problems.push({ row: line.row, column, code: "does_not_reconcile", message });
  }
  const isNetted = problems.length === 0;
  const payouts = found.filter(({ entry }) => entry.part === "payout" && entry.amount < 0n && entry.payout !== null);
  const wrong = payouts.flatMap(({ line, entry }): Problem[] => {
    const rows = found.filter(({ entry: one }) => one.part !== "payout" && one.payout === entry.payout);
    // A payout made by hand names no rows.
    if (rows.length === 0) return [];
    const sum = rows.reduce((all, { entry: one }) => all + netOf(one), 0n);
    return sum === -netOf(entry)
      ? []
      : [
          {
            row: line.row,
            column,
            code: "does_not_reconcile",
            message: `Payout ${entry.payout} is not the sum of its rows. Some may be in another report.`,
          },
        ];
  });
  return { agrees: isNetted && wrong.length === 0, problems: [...problems, ...wrong] };
}

const paymentColumns = ["amount", "currency", "fee", "status"] as const;
const isPayments = (text: string) =>
  hasHeader(text, [...paymentColumns, "converted amount", "converted currency"]) ||
  hasHeader(text, [...paymentColumns, "amount refunded", "created (utc)"]) ||
  hasHeader(text, [...paymentColumns, "amount refunded", "created date (utc)"]);
const paymentNames: Rename = (name) => (name === "created (utc)" ? "created date (utc)" : columnName(name));

export const stripePayments: LedgerFile = {
  layout: "stripe-payments",
  channel: "stripe",
  recognise: (text) => (isPayments(text) ? 1 : 0),
  needed: () => [...paymentColumns, "created date (utc)"],
  rename: paymentNames,
  how: (table) => ({
    decimalMark: decimalMarkOf(
      table.lines.flatMap((line) => ["amount", "converted amount", "fee"].map((name) => cell(line, name))),
    ),
    dateStyle: "mdy",
    known: {},
  }),
  read: (line, how) => {
    const paidIn = cell(line, "currency").toUpperCase();
    const currency = (cell(line, "converted currency") || paidIn || how.currency).toUpperCase();
    const isConverted = cell(line, "converted amount") !== "";
    const amount = amountOf(cell(line, isConverted ? "converted amount" : "amount"), currency, how.decimalMark);
    if (amount === null) throw new Refusal("field_missing", "The amount is missing.", { column: "amount" });
    const back = moneyOf(
      line,
      isConverted ? "converted amount refunded" : "amount refunded",
      currency,
      how.decimalMark,
    );
    const status = cell(line, "status");
    // Failed, uncaptured and unfinished payments never were money; a paid one stays so after its refund.
    const isMoney =
      /^(paid|succeeded|refunded|partially refunded|partial refund|disputed|won|lost|needs response|under review)/i.test(
        status,
      ) && !/^false$/i.test(cell(line, "captured"));
    const source = cell(line, "id");
    const isOfShop = isMoney && shopOrderOf(line) !== null;
    return {
      when: readMoment(cell(line, "created date (utc)"), how.timeZone, "UTC"),
      type: status,
      currency,
      amount: isMoney ? amount : 0n,
      beside: isMoney
        ? [
            ...feeOf(moneyOf(line, "fee", currency, how.decimalMark), "charge"),
            ...(back === 0n
              ? []
              : [
                  {
                    key: "refunds",
                    type: "refund",
                    category: isOfShop ? ("elsewhere" as const) : ("refund" as const),
                    amount: -back,
                  },
                ]),
          ]
        : [],
      part: !isMoney ? "nothing" : isOfShop ? "charge" : "sale",
      category: isOfShop ? "elsewhere" : "sale",
      order: isOfShop ? null : source || null,
      isOfShop,
      payout: null,
      memo: cell(line, "description") || cell(line, "invoice number"),
      version: "0-payment",
      ...(isMoney
        ? {
            sale: {
              name: cell(line, "description"),
              sku: null,
              listing: null,
              qty: 1n,
              shipping: 0n,
              tax: 0n,
              taxBy: "seller",
              discount: 0n,
              line: "1",
            },
          }
        : {}),
    };
  },
  nameOf: ({ line }) =>
    cell(line, "id") || [
      "payment",
      ...["created date (utc)", "amount", "currency", "converted amount", "fee", "customer id"].map((name) =>
        cell(line, name),
      ),
    ],
  orderVersion: "1-payments",
};
