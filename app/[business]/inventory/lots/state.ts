/** Lots in the words of the pages, and where each is shown: its id may hold anything, so it stands in the query. */

export function lotHref(base: string, lot: string): string {
  return `${base}/inventory/lots?lot=${encodeURIComponent(lot)}`;
}

const sources: Readonly<Record<string, string>> = {
  purchase: "bought",
  opening: "opening stock of",
  found: "found on",
  backfill: "paid on",
  return: "came back on",
  "loose-return": "came back on",
  transfer: "bought",
  made: "made on",
};

/** How a lot came in, before its day: "bought". */
export const cameIn = (source: string): string => sources[source] ?? "of";

const takers: Readonly<Record<string, string>> = {
  sale: "Sale",
  assembly: "Went into a production",
  transfer: "Moved to another place",
  adjustment: "Count or adjustment",
  purchase_return: "Back to the supplier",
};

/** What took from a lot. */
export const tookIt = (kind: string): string => takers[kind] ?? kind.replaceAll("_", " ");
