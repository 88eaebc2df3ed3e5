/** Orders, refunds and products as WooCommerce's REST API v3 writes them. */
import { type Fields, gateways, type Order, type Refund, type Shop, totalOf } from "./shop";

/** The site's clock is five hours behind GMT, and its plain times say nothing of that. */
const siteOffsetMs = -5 * 3_600_000;
export const gmt = (at: number): string => new Date(at).toISOString().slice(0, 19);
const local = (at: number): string => gmt(at + siteOffsetMs);
const money = (amount: bigint): string => {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(3, "0");
  return `${amount < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, one) => all + one, 0n);
const nobody = {
  first_name: "Ada",
  last_name: "Sample",
  company: "",
  address_1: "1 Example Street",
  address_2: "",
  city: "Springfield",
  state: "IL",
  postcode: "627",
  country: "US",
};

export function orderJson(order: Order, currency: string, site: string): Fields {
  const tax = sum(order.lines.map((line) => line.tax));
  const paid = order.paid;
  const completed = order.status === "completed" ? order.modified : null;
  const meta =
    order.gateway === "stripe" && paid !== null
      ? [{ id: order.id * 10, key: "_stripe_fee", value: money((totalOf(order) * 29n) / 1_000n + 30n) }]
      : [];
  return {
    id: order.id,
    parent_id: 0,
    number: String(order.id),
    order_key: `wc_order_${order.id}`,
    created_via: "checkout",
    version: "3.0.0",
    status: order.status,
    currency,
    date_created: local(order.created),
    date_created_gmt: gmt(order.created),
    date_modified: local(order.modified),
    date_modified_gmt: gmt(order.modified),
    discount_total: money(sum(order.lines.map((line) => line.subtotal - line.total))),
    discount_tax: "0.00",
    shipping_total: money(order.shipping),
    shipping_tax: "0.00",
    cart_tax: money(tax),
    total: money(totalOf(order)),
    total_tax: money(tax),
    prices_include_tax: false,
    customer_id: 0,
    customer_ip_address: "",
    customer_user_agent: "",
    customer_note: "",
    billing: { ...nobody, email: "ada@example.com", phone: "" },
    shipping: nobody,
    payment_method: order.gateway,
    payment_method_title: gateways[order.gateway] ?? order.gateway,
    transaction_id: order.gateway === "stripe" && paid !== null ? `ch_local${order.id}` : "",
    date_paid: paid === null ? null : local(paid),
    date_paid_gmt: paid === null ? null : gmt(paid),
    date_completed: completed === null ? null : local(completed),
    date_completed_gmt: completed === null ? null : gmt(completed),
    cart_hash: "",
    meta_data: meta,
    line_items: order.lines.map((line) => ({
      id: line.id,
      name: line.name,
      product_id: line.product,
      variation_id: line.variation,
      quantity: line.quantity,
      tax_class: "",
      subtotal: money(line.subtotal),
      subtotal_tax: money(line.tax),
      total: money(line.total),
      total_tax: money(line.tax),
      taxes: [{ id: 75, total: money(line.tax), subtotal: money(line.tax) }],
      meta_data: [],
      sku: line.sku,
      price: Number(line.total) / line.quantity / 100,
    })),
    tax_lines: [],
    shipping_lines: [],
    fee_lines:
      order.fee === 0n
        ? []
        : [
            {
              id: order.id * 10 + 1,
              name: "Gift wrapping",
              tax_class: "",
              tax_status: "none",
              total: money(order.fee),
              total_tax: "0.00",
              taxes: [],
              meta_data: [],
            },
          ],
    coupon_lines: [],
    refunds: order.refunds.map((refund) => ({ id: refund.id, refund: refund.reason, total: money(-refund.amount) })),
    _links: {
      self: [{ href: `${site}/wp-json/wc/v3/orders/${order.id}` }],
      collection: [{ href: `${site}/wp-json/wc/v3/orders` }],
    },
  };
}

export function refundJson(order: Order, refund: Refund, site: string): Fields {
  return {
    id: refund.id,
    date_created: local(refund.created),
    date_created_gmt: gmt(refund.created),
    amount: money(refund.amount),
    reason: refund.reason,
    refunded_by: 1,
    refunded_payment: true,
    meta_data: [],
    line_items: refund.lines.map((line) => {
      const sold = order.lines.find((one) => one.id === line.of);
      return {
        id: line.id,
        name: line.name,
        product_id: sold?.product ?? 0,
        variation_id: sold?.variation ?? 0,
        quantity: -line.quantity,
        tax_class: "",
        subtotal: money(-line.total),
        subtotal_tax: money(-line.tax),
        total: money(-line.total),
        total_tax: money(-line.tax),
        taxes: [],
        meta_data: [{ id: line.id * 10, key: "_refunded_item_id", value: String(line.of) }],
        sku: sold?.sku ?? "",
        price: -(sold === undefined ? 0 : Number(sold.total) / sold.quantity / 100),
      };
    }),
    _links: {
      self: [{ href: `${site}/wp-json/wc/v3/orders/${order.id}/refunds/${refund.id}` }],
      collection: [{ href: `${site}/wp-json/wc/v3/orders/${order.id}/refunds` }],
      up: [{ href: `${site}/wp-json/wc/v3/orders/${order.id}` }],
    },
  };
}

type Product = Shop["products"][number];
const made = Date.parse("2024-01-01T12:00:00Z");

/** The fields that a listing is known by, as the API has them; a real answer has some forty more. */
export function productJson(product: Product): Fields {
  return {
    id: product.id,
    name: product.name,
    slug: product.sku.toLowerCase(),
    date_created: local(made + product.id * 60_000),
    date_created_gmt: gmt(made + product.id * 60_000),
    date_modified: local(made + product.id * 60_000),
    date_modified_gmt: gmt(made + product.id * 60_000),
    type: product.variations.length === 0 ? "simple" : "variable",
    status: "publish",
    sku: product.sku,
    price: money(product.price),
    variations: product.variations.map((variation) => variation.id),
  };
}

export function variationJson(product: Product, variation: Product["variations"][number]): Fields {
  return {
    id: variation.id,
    date_created: local(made),
    date_created_gmt: gmt(made),
    date_modified: local(made),
    date_modified_gmt: gmt(made),
    sku: variation.sku,
    price: money(product.price),
    status: "publish",
    attributes: [{ id: 6, name: "Size", option: variation.option }],
  };
}
