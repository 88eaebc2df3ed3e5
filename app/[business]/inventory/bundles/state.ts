/** Where bundles stand, and what is in one, in words. An item's id may hold anything, so it stands in the query. */
import { formatQuantity } from "@/lib/core/quantity";
import type { BundlePart } from "@/lib/desk/bundle-reads";

export const bundleHref = (base: string, item: string): string =>
  `${base}/inventory/bundles/edit?item=${encodeURIComponent(item)}`;

export const newBundleHref = (base: string, like: string): string =>
  `${base}/inventory/bundles/new?like=${encodeURIComponent(like)}`;

/** "2 × Starter kit (2 × Jar, 5 × Wick), 1 × Jar". */
export function partsText(parts: readonly BundlePart[]): string {
  return parts
    .map(({ name, qty, decimals, parts: inside }) => {
      const within = inside.length === 0 ? "" : ` (${partsText(inside)})`;
      return `${formatQuantity(qty, decimals)} × ${name}${within}`;
    })
    .join(", ");
}
