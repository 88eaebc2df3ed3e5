/**
 * Whether a payment belongs to an order of a shop, by what the shop wrote on it. Whoever takes money for a shop (Stripe, PayPal) is told
 * the order's number or id, in a field of the seller's own; a payment by a link, an invoice or a reader is told none. Such a payment is
 * money for a sale that the shop's own channel tells: `elsewhere`, against which the shop's own `elsewhere` comes to nothing. One rule for
 * payments by API and by file. Pure.
 */

/** Names that shops and their plug-ins give to the field, without case, blanks and marks. */
const names =
  /^(wc|woocommerce|shopify|shop|store|website|sale|merchant)?order(id|number|no|nr|ref|reference|name|order|key)?$/;

/** The order that a field names, as the shop wrote it; null where none does. */
export function orderAmong(fields: Readonly<Record<string, unknown>>): string | null {
  for (const [name, value] of Object.entries(fields)) {
    if (!names.test(name.toLowerCase().replace(/[^a-z]/g, ""))) continue;
    const text = typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "";
    if (text !== "") return text.slice(0, 100);
  }
  return null;
}

/** The order that a text ends with: "Candles & Co - Order 5120", "REFUND FOR CHARGE (Order #1041)". */
export function orderAtEnd(text: string | null): string | null {
  const plain = (text ?? "").trim().replace(/\)$/, "");
  return /(?:^|[\s(–—:-])order\s+(?:no\.?\s*|number\s+)?#?([A-Za-z]{0,6}-?\d[\w-]{0,40})$/i.exec(plain)?.[1] ?? null;
}

/**
 * The order that a shop names in PayPal's fields: the custom text, or the invoice's number, which shops fill and PayPal's own pages do
 * not; but PayPal numbers the invoices itself that a seller writes there (INV2-…), and those are sales there.
 */
export function orderOfPayment(invoice: string, custom: string): string | null {
  const fields = custom.startsWith("{") ? objectOf(custom) : null;
  const named = fields === null ? orderAtEnd(custom) : orderAmong(fields);
  if (named !== null) return named;
  return invoice === "" || /^INV\d*-/i.test(invoice) ? null : invoice.replace(/^WC-(?=\d)/, "");
}

function objectOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
