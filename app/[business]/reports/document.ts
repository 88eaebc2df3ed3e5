/** Documents of the journal in the words of the pages, each with the page that shows it. */
import type { DocumentRef } from "@/lib/books/journal-reads";
import { documentHref } from "../documents/state";

/** An id in a path may hold slashes: each part is written by itself. */
function pathOf(id: string): string {
  return id.split("/").map(encodeURIComponent).join("/");
}

/** What a document is called, and where it is shown; null where it has no page of its own. */
export function documentShown(base: string, document: DocumentRef): Readonly<{ label: string; href: string | null }> {
  const { kind, id, order } = document;
  const toOrder = order === null ? null : `${base}/sales/${pathOf(order.id)}`;
  switch (kind) {
    case "order":
      return { label: order === null ? "Order" : `Order ${order.number}`, href: toOrder };
    case "cost":
      return { label: order === null ? "Cost" : `Order ${order.number}`, href: toOrder };
    case "return":
      return { label: order === null ? "Return" : `Refund of ${order.number}`, href: toOrder };
    case "charge":
      return { label: order === null ? "Channel charge" : `Charge on ${order.number}`, href: toOrder };
    case "payout":
      return { label: "Payout", href: `${base}/payouts/${pathOf(id)}` };
    case "purchase":
      return {
        label: document.supplier ? `Purchase, ${document.supplier}` : "Purchase",
        href: `${base}/inventory/details/${pathOf(id)}`,
      };
    case "transaction":
      return { label: "Bank transaction", href: `${base}/transactions/${encodeURIComponent(id)}` };
    case "issued":
      return { label: document.number ?? "Invoice", href: documentHref(base, id) };
    case "gst_set_off":
      return { label: `GST of ${id} set off`, href: `${base}/reports/gst/summary?period=${encodeURIComponent(id)}` };
    case "opening":
      return { label: "Opening stock", href: null };
    case "adjustment":
      return { label: "Adjustment", href: null };
    case "backfill":
      return { label: "Cost given by hand", href: null };
    default:
      return { label: kind.replaceAll("_", " "), href: null };
  }
}

/** What an entry says, with the order by the number that people know it by. */
export function memoShown(memo: string, { order }: DocumentRef): string {
  if (memo === "") return "Posting";
  return order === null ? memo : memo.replace(order.id, order.number);
}
