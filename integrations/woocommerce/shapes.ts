/** The parts of WooCommerce's documents that are read. Everything else is let pass. */
import { z } from "zod";

const Id = z.int().min(1).max(1_000_000_000_000_000);
/** GMT, without an offset. */
const Moment = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
const Money = z.string().regex(/^-?\d{1,18}(\.\d{1,18})?$/);
const Meta = z.array(z.object({ key: z.string(), value: z.unknown() }));
const Text = z.string().max(10_000);

const Line = z.object({
  id: Id,
  name: Text,
  product_id: z.int().min(0),
  variation_id: z.int().min(0),
  quantity: z.int().min(0).max(1_000_000),
  subtotal: Money,
  total: Money,
  sku: Text.nullish().transform((sku) => sku ?? null),
});
/** No order is refused for its address: one of another shape says nothing. */
const Address = z.object({ country: Text, state: Text }).nullish().catch(null);
export const Order = z.object({
  id: Id,
  number: z.string().min(1).max(200),
  status: z.string().min(1),
  currency: z.string().regex(/^[A-Z]{3}$/),
  date_created_gmt: Moment,
  date_paid_gmt: Moment.nullable(),
  total: Money,
  total_tax: Money,
  shipping_total: Money,
  payment_method: Text,
  payment_method_title: Text,
  transaction_id: Text,
  line_items: z.array(Line),
  fee_lines: z.array(z.object({ id: Id, name: Text.nullish().transform((fee) => fee ?? ""), total: Money })),
  refunds: z.array(z.object({ id: Id })),
  billing: Address,
  shipping: Address,
  shipping_lines: z
    .array(z.object({ method_id: Text }))
    .nullish()
    .catch(null),
});
export type Order = z.infer<typeof Order>;

const RefundLine = z.object({
  id: Id,
  quantity: z.int().min(-1_000_000).max(1_000_000),
  total: Money,
  total_tax: Money,
  meta_data: Meta,
});
const Refund = z.object({
  id: Id,
  date_created_gmt: Moment,
  amount: Money,
  reason: Text,
  line_items: z.array(RefundLine),
});
export type Refund = z.infer<typeof Refund>;

export const OrderDocument = z.object({ order: Order, refunds: z.array(Refund) });
export const ProductDocument = z.object({
  product: z.object({ id: Id, name: Text, sku: Text }),
  variations: z.array(z.object({ id: Id, sku: Text, attributes: z.array(z.object({ option: Text })) })),
});

/** The order's line that a line of a refund gives money back for, as the shop notes it. */
export function refundedLine(line: z.infer<typeof RefundLine>): string | null {
  const value = line.meta_data.find(({ key }) => key === "_refunded_item_id")?.value;
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}
