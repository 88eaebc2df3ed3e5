/**
 * WooCommerce's orders, as export plug-ins write them: a row for each item with the order's own fields on the first row or on all, or a
 * row for each order. The shop holds no money: what a buyer paid lies with the gateway, so each sale stands beside a charge "elsewhere" of
 * the same amount, as the shop read by its API tells it. Orders that were never paid give nothing.
 */
import { Refusal } from "../../../lib/core/errors";
import type { OrderFact } from "../../../lib/core/facts";
import { amountOf } from "./document";
import { type OrdersFile, piecesOf, type SoldLine, saying } from "./orders-file";
import { deliveredTo } from "./ship-to";
import { cell, decimalMarkOf, hasHeader, type Line, type Rename } from "./table";
import { dateStyleOf, readMoment } from "./when";

/** One name for each column of the plug-ins that are in use (WebToffee, Order/Customer CSV Export, Advanced Order Export, WP All Export). */
const aliases: Readonly<Record<string, string>> = {
  "order number": "order_number",
  order_id: "order_id",
  "order id": "order_id",
  "order date": "order_date",
  "order status": "status",
  order_status: "status",
  "paid date": "paid_date",
  "order total amount": "order_total",
  "order total": "order_total",
  total: "order_total",
  "order shipping amount": "shipping_total",
  "order shipping": "shipping_total",
  order_shipping: "shipping_total",
  "order total tax amount": "tax_total",
  "order total tax": "tax_total",
  order_tax: "tax_total",
  "cart discount amount": "discount_total",
  "order discount": "discount_total",
  cart_discount: "discount_total",
  "order refund amount": "refunded_total",
  order_refund: "refunded_total",
  refund_total: "refunded_total",
  "order currency": "order_currency",
  currency: "order_currency",
  "payment method": "payment_method",
  "payment method title": "payment_method_title",
  "item name": "product_name",
  item_name: "product_name",
  "product name": "product_name",
  item_sku: "sku",
  quantity: "quantity",
  "quantity (- refund)": "quantity",
  item_quantity: "quantity",
  "item quantity": "quantity",
  "order line subtotal": "item_subtotal",
  "order line total": "item_total",
  "item total": "item_total",
  line_total: "item_total",
  "item cost": "item_price",
  item_price: "item_price",
  "order subtotal amount": "order_subtotal",
  "order subtotal": "order_subtotal",
  "shipping state": "shipping_state",
  "state code (shipping)": "shipping_state",
  "shipping country": "shipping_country",
  "country code (shipping)": "shipping_country",
  "billing state": "billing_state",
  "state code (billing)": "billing_state",
  "billing country": "billing_country",
  "country code (billing)": "billing_country",
  "shipping method": "shipping_method",
  "shipping method title": "shipping_method",
};
/** One plug-in packs each item into a cell of its own: "name:Mug|product_id:12|sku:M-1|quantity:2|total:20.00". */
function unpacked(line: Line): readonly Line[] {
  const packed = Object.keys(line.cells).filter((name) => /^line_item_\d+$/.test(name));
  return packed.map((name) => {
    const parts = new Map(
      cell(line, name)
        .split("|")
        .map((part) => [part.slice(0, part.indexOf(":")), part.slice(part.indexOf(":") + 1).trim()] as const),
    );
    const said = {
      product_name: "name",
      sku: "sku",
      quantity: "quantity",
      item_total: "total",
      product_id: "product_id",
    };
    const cells = Object.entries(said).flatMap(([column, key]) => {
      const text = parts.get(key) ?? "";
      return text === "" ? [] : [[column, text] as const];
    });
    return { row: line.row, cells: Object.fromEntries(cells) };
  });
}
const rename: Rename = (name) => aliases[name] ?? name;
const needed = ["order_number", "order_date", "status", "order_total"] as const;
const money = [
  "order_total",
  "shipping_total",
  "tax_total",
  "discount_total",
  "refunded_total",
  "item_total",
  "item_price",
];
/** Statuses in which nothing was paid. A plug-in's own says that it was. */
const unpaid = /^(wc-)?(pending( payment)?|on[- ]hold|failed|cancelled|canceled|trash|(checkout-|auto-)?draft)$/i;

/** The address that it was sent to, or the buyer's where there is no other; of what the buyer fetched, none. */
function sentTo(lines: readonly Line[]): Pick<OrderFact, "shipTo"> {
  if (/^(local[ _]pickup|pickup_location)/i.test(saying(lines, "shipping_method"))) return {};
  const of = saying(lines, "shipping_country") === "" ? "billing" : "shipping";
  return deliveredTo(saying(lines, `${of}_country`), saying(lines, `${of}_state`));
}

export const wooOrders: OrdersFile = {
  layout: "woocommerce-orders",
  channel: "woocommerce",
  recognise: (text) =>
    hasHeader(text, [...needed, "product_name"], rename)
      ? 0.97
      : hasHeader(text, [...needed, "payment_method"], rename) ||
          hasHeader(text, [...needed, "payment_method_title"], rename) ||
          hasHeader(text, [...needed, "line_item_1"], rename)
        ? 0.95
        : 0,
  needed,
  rename,
  isLedger: true,
  countsTotals: true,
  how: (table) => ({
    decimalMark: decimalMarkOf(table.lines.flatMap((line) => money.map((name) => cell(line, name)))),
    dateStyle: dateStyleOf(table.lines.map((line) => cell(line, "order_date").split(" ")[0] ?? "")),
    known: {},
  }),
  // The order's own id is what the API names it by; its number is another only where a plug-in counts orders anew.
  orderOf: (line) => (cell(line, "order_id") || cell(line, "order_number")).replace(/^#/, ""),
  read: (lines, how) => {
    const currency = (saying(lines, "order_currency") || how.currency).toUpperCase();
    const of = (text: string) => amountOf(text, currency, how.decimalMark) ?? 0n;
    const head = (name: string) => of(saying(lines, name));
    const total = amountOf(saying(lines, "order_total"), currency, how.decimalMark);
    if (total === null) throw new Refusal("field_missing", "The order's total is missing.", { column: "order_total" });
    const [shipping, tax, discount] = [head("shipping_total"), head("tax_total"), head("discount_total")];
    const named = lines.filter((line) => cell(line, "product_name") !== "" || cell(line, "sku") !== "");
    const items = named.length > 0 ? named : lines.flatMap(unpacked);
    const value = (line: Line) => {
      const written = cell(line, "item_total") || cell(line, "item_subtotal");
      return written === "" ? of(cell(line, "item_price")) * piecesOf(cell(line, "quantity")) : of(written);
    };
    const goods = total - shipping - tax;
    const values = items.map(value);
    const sum = values.reduce((all, amount) => all + amount, 0n);
    // Lines stand with their discount already taken, or without: whichever adds to the total.
    const taken = sum - discount === goods && sum !== goods ? discount : 0n;
    const hasValues = items.some((line) =>
      ["item_total", "item_subtotal", "item_price"].some((name) => cell(line, name) !== ""),
    );
    const rest = hasValues ? goods - (sum - taken) : 0n;
    const sold: SoldLine[] = hasValues
      ? items.map((line, index) => ({
          key: String(index + 1),
          sku: cell(line, "sku") || null,
          name: cell(line, "product_name") || cell(line, "sku"),
          listing: cell(line, "product_id") || cell(line, "item_id") || null,
          qty: piecesOf(cell(line, "quantity")),
          amount: values[index] ?? 0n,
        }))
      : [
          {
            key: "1",
            sku: items.length === 1 ? cell(items[0] ?? { row: 0, cells: {} }, "sku") || null : null,
            name: items.map((line) => cell(line, "product_name")).join(" + ") || "Order",
            listing: null,
            qty: items.length === 1 ? piecesOf(cell(items[0] ?? { row: 0, cells: {} }, "quantity")) : 1n,
            amount: goods,
          },
        ];
    const status = saying(lines, "status");
    const isSold = !unpaid.test(status) && sold.some(({ qty }) => qty > 0n);
    const when = readMoment(saying(lines, "order_date"), how.timeZone, how.timeZone, how.dateStyle);
    const refunded = head("refunded_total");
    const back = refunded < 0n ? -refunded : /^(wc-)?refunded$/i.test(status) && refunded === 0n ? total : refunded;
    const gateway = saying(lines, "payment_method_title", "payment_method") || "manual";
    const beside = [
      { key: "rest", type: "order_difference", category: "other" as const, amount: isSold ? rest : 0n },
      { key: "payment", type: gateway, category: "elsewhere" as const, amount: isSold ? back - total : 0n },
    ];
    return {
      when,
      type: status,
      currency,
      lines: sold.filter(({ qty }) => qty > 0n),
      shipping,
      tax,
      taxBy: "seller",
      discount: taken,
      fees: [],
      beside: beside.filter(({ amount }) => amount !== 0n),
      refund: isSold && back !== 0n ? { amount: back, on: when.on, isWhole: back === total && rest === 0n } : null,
      isSold,
      stated: hasValues ? { amount: total, of: "order_total" } : null,
      comesTo: hasValues ? sum - taken + shipping + tax : total,
      ...sentTo(lines),
      version: `${isSold ? 2 : 1}-${String(back).padStart(15, "0")}-${/^(wc-)?completed$/i.test(status) ? 1 : 0}`,
    };
  },
};
