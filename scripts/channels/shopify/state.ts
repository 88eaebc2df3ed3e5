/** What the local shop is made of. Amounts are whole cents; times are milliseconds since 1970. */

export type Product = { id: number; title: string; updatedMs: number; variants: Variant[] };
export type Variant = Readonly<{ id: number; title: string; sku: string | null; cents: number }>;

export type Line = {
  readonly id: number;
  readonly product: string;
  readonly variant: Variant | null;
  readonly isGiftCard: boolean;
  readonly quantity: number;
  currentQuantity: number;
  /** Before discount, all of the quantity. */
  readonly cents: number;
  readonly discount: number;
  readonly tax: number;
};
export type Transaction = Readonly<{
  id: number;
  kind: "AUTHORIZATION" | "SALE" | "CAPTURE" | "REFUND" | "VOID" | "CHANGE";
  status: "SUCCESS" | "PENDING" | "FAILURE";
  gateway: string;
  atMs: number;
  cents: number;
}>;
export type Refund = Readonly<{
  id: number;
  atMs: number;
  shippingTax: number;
  transactions: readonly Transaction[];
  lines: readonly Readonly<{ id: number; line: Line; quantity: number; restock: string; cents: number; tax: number }>[];
}>;
export type Order = {
  readonly id: number;
  readonly number: number;
  readonly isTest: boolean;
  readonly placedMs: number;
  updatedMs: number;
  cancelledMs: number | null;
  status: string;
  readonly lines: Line[];
  readonly shipping: number;
  readonly shippingTax: number;
  readonly tip: number;
  /** The sales channel owes the tax, not the seller. */
  readonly isLiable: boolean;
  readonly transactions: Transaction[];
  readonly refunds: Refund[];
  /** How many more pages it is left out of: an event spoke of it before it could be read. */
  hiddenFor: number;
};
export type Row = {
  readonly id: number;
  readonly type: string;
  readonly atMs: number;
  readonly cents: number;
  readonly fee: number;
  readonly order: Order | null;
  readonly sourceType: string | null;
  readonly sourceId: number | null;
  readonly transaction: number | null;
  payout: Payout | null;
};
export type Payout = { readonly id: number; readonly atMs: number; readonly cents: number; status: string };
export type Dispute = {
  readonly id: number;
  readonly order: Order;
  readonly atMs: number;
  readonly cents: number;
  status: string;
  finalizedMs: number | null;
};

/** Each kind of thing counts by itself, from a number of its own, as Shopify's ids look. */
export function counter(from: number): () => number {
  let last = from;
  return () => {
    last += 1;
    return last;
  };
}

export const taxOf = (order: Order): number => order.lines.reduce((sum, line) => sum + line.tax, order.shippingTax);
export const totalOf = (order: Order): number =>
  order.lines.reduce((sum, line) => sum + line.cents - line.discount, order.shipping + order.tip) + taxOf(order);
