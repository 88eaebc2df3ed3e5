/** Where the documents are that files stand beside. */
import { detailsHref } from "../inventory/balances/state";
import { transferHref } from "../inventory/movements/state";
import { adjustmentHref } from "../inventory/remove/state";

/** The page of a document by its key; null for what is none. */
export function backHref(base: string, of: string): string | null {
  const id = of.slice(of.indexOf("/") + 1);
  if (of.startsWith("purchase/")) return detailsHref(base, id);
  if (of.startsWith("adjustment/")) return adjustmentHref(base, id);
  return of.startsWith("transfer/") ? transferHref(base, id) : null;
}

export const fileHref = (base: string, id: string): string => `${base}/attachments/${id}`;
