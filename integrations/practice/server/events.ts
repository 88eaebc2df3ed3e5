/** What can happen in the practice shop, as plain records; trade.ts says what does. Amounts are cents. */
import type { Product, Variant } from "./goods";

export type Line = Readonly<{
  id: string;
  variant: Variant;
  sku: string | null;
  quantity: number;
  unitPrice: number;
  total: number;
}>;
export type Order = Readonly<{
  id: string;
  number: string;
  placedMs: number;
  updatedMs: number;
  status: "paid" | "shipped" | "cancelled";
  lines: readonly Line[];
  shipping: number;
  discount: number;
  tax: number;
  region: string;
  fees: readonly Readonly<{ type: "selling_fee" | "processing_fee"; amount: number }>[];
}>;
export type RefundLine = Readonly<{
  id: string;
  orderLineId: string;
  quantity: number;
  amount: number;
  goods: "restocked" | "not_restocked" | "unknown";
}>;
export type Refund = Readonly<{
  id: string;
  orderId: string;
  createdMs: number;
  /** Goods that come back, with what the buyer gets for them (before tax). */
  lines: readonly RefundLine[];
  /** Given back without goods: a gesture, or the postage. */
  adjustment: number;
  tax: number;
  reason: string;
}>;
export type RowType =
  | "sale"
  | "sale_adjustment"
  | "marketplace_tax"
  | "selling_fee"
  | "processing_fee"
  | "shipping_label"
  | "cancellation"
  | "cancellation_tax"
  | "cancellation_fees"
  | "refund"
  | "refund_adjustment"
  | "refund_tax"
  | "fee_credit"
  | "hold"
  | "release"
  | "advertising"
  | "subscription"
  | "lost_parcel_reimbursement"
  | "loyalty_pool_share"
  | "payout"
  | "payout_returned";
/** One row of the shop's balance, in cents, signed from the seller's side. */
export type Row = Readonly<{
  id: string;
  type: RowType;
  amount: number;
  createdMs: number;
  orderId: string | null;
  refundId: string | null;
  /** The payout that a `payout` or `payout_returned` row is. */
  aboutPayout: string | null;
  memo: string;
}>;

/** What somebody did through the control port. Kept, so that a server that starts again remembers. */
export type Command =
  | Readonly<{ kind: "order"; atMs: number; lines: readonly Readonly<{ variantId: string; quantity: number }>[] }>
  | Readonly<{ kind: "edit"; atMs: number; orderId: string }>
  | Readonly<{ kind: "refund"; atMs: number; orderId: string }>;

export type Plan = Readonly<{ seed: number; openedMs: number; ordersAYear: number }>;
export type Trade = Readonly<{
  products: readonly Product[];
  orders: readonly Order[];
  refunds: readonly Refund[];
  /** Without payouts; those follow in ledger.ts. */
  rows: readonly Row[];
}>;
