/**
 * Where the text of costing.md can be read in more than one way, or where the order of recording might be seen in between:
 * random histories keep out of it, so that a difference between two implementations is a mistake of one of them.
 */
import { Wrong } from "./facts";
import { isBundle, type Live, partsOf, type Sale, salesOf, sourcesOf } from "./live";
import { itemsByName, itemsBySku, listingOf, matchLines } from "./match";

/** Throws `Wrong` for a set of facts that leaves room for doubt. `ever` holds also what was undone. */
export function checkDoubt(live: Live, ever: Live): void {
  if ([...matchLines(live).values()].some((m) => m.remote))
    throw new Wrong("does_not_fit", "a pin is held by its listing alone");

  const sources = sourcesOf(ever);
  const possible = possibleItems(ever);
  // Between them, the facts recorded so far might have matched a line to any of these.
  for (const { sale } of ever.backfills)
    if ([...possible(sale)].some((item) => isBundle(ever, item)))
      throw new Wrong("does_not_fit", "a backfilled line might be a bundle's");
  for (const { sale, lot } of ever.pins) {
    const item = sources.get(lot)?.item ?? "";
    if ([...possible(sale)].filter((i) => partsOf(ever, i).has(item)).length !== 1)
      throw new Wrong("does_not_fit", "a pin's lot fits more than one item that its line might be");
  }
}

/** All items that a line could be matched to by some of the facts: by SKU, name or hand, its own or its listing's. */
export function possibleItems(ever: Live): (line: string) => ReadonlySet<string> {
  const sales = salesOf(ever);
  return (line) => {
    const own = sales.get(line);
    const items = new Set<string>();
    for (const [id, sale] of sales) {
      if (own === undefined || (id !== line && !isSameListing(own, sale))) continue;
      for (const item of itemsBySku(ever, sale.line.sku)) items.add(item);
      for (const item of itemsByName(ever, sale.line.name)) items.add(item);
      for (const match of ever.matches) if (match.sale === id) items.add(match.item);
    }
    return items;
  };
}

function isSameListing(a: Sale, b: Sale): boolean {
  const listing = listingOf(a);
  return listing !== null && listing === listingOf(b);
}
