/**
 * Whether a payment that Stripe or PayPal took belongs to an order of a shop, by what the shop wrote on it. Such a payment is money for a
 * sale that the shop's own channel tells: `elsewhere`, against which the shop's own `elsewhere` comes to nothing. A payment by a link, an
 * invoice or a reader names no order and is a sale of its own. The same rule as for payments that come by API.
 */

/** Names that shops and their plug-ins give to the field, without case, blanks and marks. */
const names =
  /^(wc|woocommerce|shopify|shop|store|website|sale|merchant)?(order)(id|number|no|nr|ref|reference|name|order)?$/;

/** The order that one of an export's own columns of metadata names: "order_id (metadata)". */
export function orderInMetadata(cells: Readonly<Record<string, string>>): string | null {
  for (const [name, text] of Object.entries(cells)) {
    const field = /^(.*?)\s*\(metadata\)$/.exec(name)?.[1];
    if (field !== undefined && names.test(field.replace(/[^a-z]/g, "")) && text !== "") return text.slice(0, 100);
  }
  return null;
}

/** The order that a text ends with: "Candles & Co - Order 5120", "REFUND FOR CHARGE (Order #1041)". */
export function orderAtEnd(text: string): string | null {
  const plain = text.trim().replace(/\)$/, "");
  return /(?:^|[\s(–—:-])order\s+(?:no\.?\s*|number\s+)?#?([A-Za-z]{0,6}-?\d[\w-]{0,40})$/i.exec(plain)?.[1] ?? null;
}

/** The order that a shop names in PayPal's fields: the invoice's number, unless PayPal gave it itself, or the custom text. */
export function orderOfPayment(invoice: string, custom: string): string | null {
  const named = orderAtEnd(custom) ?? /"order_?(?:id|number|key)"\s*:\s*"?([^",}]+)/i.exec(custom)?.[1] ?? null;
  if (named !== null) return named;
  return invoice === "" || /^INV\d*-/i.test(invoice) ? null : invoice.replace(/^WC-(?=\d)/, "");
}
