/**
 * Whether a payment belongs to an order of a shop, by what the shop wrote on it. Whoever takes money for a shop (Stripe, PayPal) is told
 * the order's number or id, in a field of the seller's own; a payment by a link, an invoice or a reader is told none. Pure.
 */

/** Names that shops and their plug-ins give to the field, without case, blanks and marks. */
const names = new Set(
  "order,orderid,ordernumber,orderno,ordernr,orderref,orderreference,ordername,wcorderid,wcordernumber,woocommerceorderid,shopifyorderid,shopifyorderorder,shopifyordername,shoporder,shoporderid,shopordernumber,storeorderid,merchantorderid,merchantorderreference,websiteorderid,saleorder".split(
    ",",
  ),
);

/** The order that a field names, as the shop wrote it; null where none does. */
export function orderAmong(fields: Readonly<Record<string, unknown>>): string | null {
  for (const [name, value] of Object.entries(fields)) {
    if (!names.has(name.toLowerCase().replace(/[^a-z]/g, ""))) continue;
    const text = typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "";
    if (text !== "") return text.slice(0, 100);
  }
  return null;
}

/** The order that a text ends with: "Candles & Co - Order 5120", "Order #1041". */
export function orderAtEnd(text: string | null): string | null {
  return (
    /(?:^|[\s–—:-])order\s+(?:no\.?\s*|number\s+)?#?([A-Za-z]{0,6}-?\d[\w-]{0,40})$/i.exec(text?.trim() ?? "")?.[1] ??
    null
  );
}
