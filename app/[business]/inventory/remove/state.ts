/** Where stock is removed and added, and where an adjustment stands as a document. */
import type { Way } from "@/lib/core/reasons";

/** The form, with an item in its first row where one is meant. */
export function removeHref(base: string, { item, way = "out" }: { item?: string; way?: Way } = {}): string {
  const words = new URLSearchParams({ ...(way === "in" ? { way } : {}), ...(item === undefined ? {} : { item }) });
  return `${base}/inventory/remove${words.size === 0 ? "" : `?${words}`}`;
}

/** The document's page; its id may hold slashes. */
export function adjustmentHref(base: string, id: string): string {
  return `${base}/inventory/movements/documents/adjustment/${id.split("/").map(encodeURIComponent).join("/")}`;
}
