/**
 * Pure: rows of the Shopify Payments balance, and payouts. Shopify has about a hundred types of rows and adds to them; one that is not
 * known here is a charge "other" and stays visible. A row's fee stands within it: it becomes a charge and a row of its own, so that
 * gross and fee are told apart and together are what Shopify calls net.
 */
import type { BalanceRowFact, ChargeCategory, ChargeFact, Fact, PayoutFact, When } from "../../lib/core/facts";
import { factKey } from "../../lib/core/facts";
import type { Account } from "../connector";
import { amountIn, type BalanceTransaction, orderId, type Payout, payoutId, tailOf, wasSent, whenOf } from "./shapes";

/** Money that an order's own document speaks of, with what it is where the row names no order. */
const ofOrders: Readonly<Record<string, ChargeCategory>> = {
  CHARGE: "sale",
  REFUND: "refund",
  REFUND_FAILURE: "refund",
  SHOP_CASH_CREDIT: "sale",
  SHOP_CASH_REFUND_DEBIT: "refund",
  // "marketplace sales tax": what Shopify keeps back and remits where it is the one who owes it.
  TAX_ADJUSTMENT_DEBIT: "tax_remitted",
  TAX_ADJUSTMENT_CREDIT: "tax_remitted",
};
/** Set aside and given free: it stays the seller's and posts nothing. */
const reserves = new Set(["RESERVED_FUNDS", "RESERVED_FUNDS_REVERSAL", "RESERVED_FUNDS_WITHDRAWAL"]);
/** Rows that are all there is of something. A type's reversal and refund are of the same kind, with the other sign. */
const charges: Readonly<Record<string, ChargeCategory>> = {
  ACH_BANK_FAILURE_DEBIT_FEE: "fee",
  APPLICATION_FEE: "fee",
  BILLING_DEBIT: "fee",
  CHARGEBACK_FEE: "fee",
  CHARGEBACK_PROTECTION_DEBIT: "fee",
  MARKETPLACE_FEE_CREDIT: "fee",
  REFERRAL_FEE: "fee",
  REFERRAL_FEE_TAX: "fee",
  VAT_REFUND_CREDIT: "fee",
  STRIPE_FEE: "processing",
  SHOP_CASH_BILLING_DEBIT: "advertising",
  SHOP_CASH_CAMPAIGN_BILLING_CREDIT: "advertising",
  SHOP_CASH_CAMPAIGN_BILLING_DEBIT: "advertising",
  SHIPPING_LABEL: "label",
  SHIPPING_LABEL_ADJUSTMENT: "label",
  SHIPPING_LABEL_ADJUSTMENT_BASE: "label",
  SHIPPING_LABEL_ADJUSTMENT_SURCHARGE: "label",
  SHIPPING_OTHER_CARRIER_CHARGE_ADJUSTMENT: "label",
  SHIPPING_RETURN_TO_ORIGIN_ADJUSTMENT: "label",
  CHARGEBACK_HOLD: "refund",
  CHARGEBACK_HOLD_RELEASE: "refund",
  DISPUTE_REVERSAL: "refund",
  DISPUTE_WITHDRAWAL: "refund",
  RISK_REVERSAL: "refund",
  RISK_WITHDRAWAL: "refund",
  CUSTOMS_DUTY: "tax_remitted",
  CUSTOMS_DUTY_ADJUSTMENT: "tax_remitted",
  IMPORT_TAX: "tax_remitted",
  IMPORT_TAX_ADJUSTMENT: "tax_remitted",
  ADVANCE: "loan",
  ADVANCE_FUNDING: "loan",
  LENDING_CAPITAL: "loan",
  LENDING_CAPITAL_REMITTANCE: "loan",
  LENDING_CREDIT: "loan",
  LENDING_CREDIT_REMITTANCE: "loan",
  LENDING_DEBIT: "loan",
  ADS_PUBLISHER_CREDIT: "reimbursement",
  CHANNEL_PROMOTION_CREDIT: "reimbursement",
  CHARGEBACK_PROTECTION_CREDIT: "reimbursement",
  MERCHANT_GOODWILL_CREDIT: "reimbursement",
  PROMOTION_CREDIT: "reimbursement",
  SELLER_PROTECTION_CREDIT: "reimbursement",
  BALANCE_TRANSFER_INBOUND: "bank",
  BALANCE_TRANSFER_OUTBOUND: "bank",
};

function within<T>(table: Readonly<Record<string, T>>, type: string): T | undefined {
  for (const name of [type, type.replace(/_REVERSAL$/, ""), type.replace(/(_REFUND)?(_REVERSAL)?$/, "")])
    if (Object.hasOwn(table, name)) return table[name];
  return undefined;
}

type Row = Readonly<{
  account: Account;
  tail: string;
  when: When;
  type: string;
  order: string | null;
  payout: string | null;
  memo: string;
}>;

function evidence(row: Row, key: string, amount: bigint, about: string | null, type = row.type): readonly Fact[] {
  if (amount === 0n) return [];
  const fact: BalanceRowFact = {
    kind: "balance_row",
    id: `${row.account.channel}/row/${key}`,
    channel: row.account.channel,
    when: row.when,
    type,
    amount,
    payout: row.payout,
    about,
    memo: row.memo,
  };
  return [fact];
}

function charged(row: Row, key: string, amount: bigint, category: ChargeCategory, type = row.type): readonly Fact[] {
  if (amount === 0n) return [];
  const fact: ChargeFact = {
    kind: "charge",
    id: `${row.account.channel}/charge/${key}`,
    channel: row.account.channel,
    date: row.when.on,
    category,
    type,
    amount,
    order: row.order,
    memo: row.memo,
  };
  return [fact, ...evidence(row, key, amount, factKey(fact), type)];
}

/** A row of the balance: evidence, a charge, or both. */
export function rowFacts(entry: BalanceTransaction, account: Account): readonly Fact[] {
  if (entry.test) return [];
  const amount = amountIn(account);
  const [gross, net] = [amount(entry.amount), amount(entry.net)];
  amount(entry.fee);
  const { type, associatedOrder, associatedPayout } = entry;
  const isPaid = associatedPayout.id !== null && wasSent(associatedPayout.status);
  const paidIn = isPaid && associatedPayout.id !== null ? payoutId(account, tailOf(associatedPayout.id)) : null;
  const order = associatedOrder === null ? null : orderId(account, associatedOrder.name);
  const row: Row = {
    account,
    tail: tailOf(entry.id),
    when: whenOf(entry.transactionDate, account),
    type,
    order,
    payout: paidIn,
    memo: [associatedOrder === null ? "" : `Order ${associatedOrder.name}`, entry.adjustmentReason ?? ""]
      .filter((text) => text !== "")
      .join(": "),
  };
  // The fee is what makes net of gross, whatever sign it is written with.
  const fee = net - gross;
  const fees = charged(row, `${row.tail}/fee`, fee, "processing", `${type} fee`);
  if (type === "TRANSFER")
    // The payout's own row: not one of those that it is made of. Before it is sent it says nothing.
    return paidIn === null ? [] : evidence({ ...row, payout: null }, row.tail, net, `payout/${paidIn}`);
  if (type === "TRANSFER_FAILURE" || type === "TRANSFER_REFUND") return [...returned(entry, row, gross), ...fees];
  if (type === "TRANSFER_CANCEL") return [];
  if (reserves.has(type))
    return [...evidence(row, row.tail, gross, paidIn === null ? null : `payout/${paidIn}`), ...fees];
  const place = within(ofOrders, type);
  if (place !== undefined && order !== null) return [...evidence(row, row.tail, gross, `order/${order}`), ...fees];
  return [...charged(row, row.tail, gross, place ?? within(charges, type) ?? "other"), ...fees];
}

/** A payout that the bank sent back: a payout the other way, on the day it came. It goes with the next one. */
function returned(entry: BalanceTransaction, row: Row, amount: bigint): readonly Fact[] {
  if (amount === 0n) return [];
  const of = entry.sourceId === null ? `row-${row.tail}` : String(entry.sourceId);
  const back: PayoutFact = {
    kind: "payout",
    id: `${payoutId(row.account, of)}/returned`,
    channel: row.account.channel,
    date: row.when.on,
    amount: -amount,
  };
  return [back, ...evidence(row, row.tail, amount, factKey(back))];
}

/** A payout, once it is on its way. One that takes money from the seller's bank is negative. */
export function payoutFacts(payout: Payout, account: Account): readonly Fact[] {
  const net = amountIn(account)(payout.net);
  const { on } = whenOf(payout.issuedAt, account);
  if (!wasSent(payout.status)) return [];
  const size = net < 0n ? -net : net;
  const fact: PayoutFact = {
    kind: "payout",
    id: payoutId(account, tailOf(payout.id)),
    channel: account.channel,
    // Midnight in Greenwich is a day and no time: it is the same day wherever the seller lives.
    date: /T00:00:00(\.0+)?(Z|[+-]00:00)$/.test(payout.issuedAt) ? payout.issuedAt.slice(0, 10) : on,
    amount: payout.transactionType === "WITHDRAWAL" ? -size : net,
  };
  return [fact];
}
