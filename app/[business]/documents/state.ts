/** Where invoices and notes stand, and what they are of. */
import type { PaperKind } from "@/lib/desk/notes";
import { detailsHref, orderHref } from "../inventory/balances/state";
import { returnHref } from "../inventory/movements/state";

export const documentsHref = (base: string): string => `${base}/documents`;
export const documentHref = (base: string, id: string): string => `${base}/documents/${id}`;

/** The PDF of a document; `print`: to be seen and printed rather than kept. */
export function pdfHref(base: string, of: PaperKind, id: string, print = false): string {
  return `${base}/documents/pdf?${new URLSearchParams({ of, id, ...(print ? { print: "1" } : {}) })}`;
}

/** The order, purchase or return that a document belongs to, by its key. */
export function parentHref(base: string, parent: string): string {
  const id = parent.slice(parent.indexOf("/") + 1);
  if (parent.startsWith("return/")) return returnHref(base, id);
  return parent.startsWith("order/") ? orderHref(base, id) : detailsHref(base, id);
}
