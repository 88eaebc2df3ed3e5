/** Stripe's objects as its API writes them, of what the local account knows. */
import type { Charge, Payout, Source, Transaction } from "./life";

type Fields = Record<string, unknown>;

export function transactionJson(one: Transaction, currency: string, expands: boolean): Fields {
  return {
    id: one.id,
    object: "balance_transaction",
    amount: one.amount,
    available_on: one.created + 2 * 86_400,
    created: one.created,
    currency,
    description: one.description,
    exchange_rate: null,
    fee: one.fee,
    fee_details:
      one.fee === 0
        ? []
        : [{ amount: one.fee, application: null, currency, description: "Stripe processing fees", type: "stripe_fee" }],
    net: one.amount - one.fee,
    reporting_category: one.category,
    source: expands ? sourceJson(one.source, currency) : sourceId(one.source),
    status: "available",
    type: one.type,
  };
}

function sourceId(source: Source): string | null {
  switch (source.kind) {
    case "charge":
      return source.charge.id;
    case "payout":
      return source.payout.id;
    case "none":
      return null;
    default:
      return source.id;
  }
}

function sourceJson(source: Source, currency: string): Fields | null {
  switch (source.kind) {
    case "charge":
      return chargeJson(source.charge, currency);
    case "payout":
      return payoutJson(source.payout, currency);
    case "none":
      return null;
    case "refund":
      return {
        id: source.id,
        object: "refund",
        amount: source.amount,
        balance_transaction: null,
        charge: source.charge.id,
        created: source.created,
        currency,
        metadata: {},
        payment_intent: null,
        reason: null,
        receipt_number: null,
        status: "succeeded",
      };
    case "dispute":
      return {
        id: source.id,
        object: "dispute",
        amount: source.amount,
        balance_transactions: [],
        charge: source.charge.id,
        created: source.created,
        currency,
        is_charge_refundable: false,
        livemode: false,
        metadata: {},
        payment_intent: null,
        reason: "general",
        status: "needs_response",
      };
  }
}

export function chargeJson(charge: Charge, currency: string): Fields {
  return {
    id: charge.id,
    object: "charge",
    amount: charge.amount,
    amount_captured: charge.amount,
    amount_refunded: charge.refunded,
    balance_transaction: null,
    captured: true,
    created: charge.created,
    currency,
    customer: null,
    description: charge.description,
    disputed: false,
    livemode: false,
    metadata: charge.metadata,
    paid: true,
    payment_intent: null,
    receipt_email: null,
    receipt_number: null,
    refunded: charge.refunded === charge.amount,
    status: "succeeded",
  };
}

export function payoutJson(payout: Payout, currency: string): Fields {
  return {
    id: payout.id,
    object: "payout",
    amount: payout.amount,
    arrival_date: payout.created + 86_400,
    automatic: payout.automatic,
    balance_transaction: payout.rows.at(-1) ?? null,
    created: payout.created,
    currency,
    description: "STRIPE PAYOUT",
    failure_balance_transaction: null,
    failure_code: payout.failed ? "account_closed" : null,
    livemode: false,
    metadata: {},
    method: "standard",
    reconciliation_status: payout.automatic ? "completed" : "not_applicable",
    source_type: "card",
    status: payout.failed ? "failed" : "paid",
    type: "bank_account",
  };
}
