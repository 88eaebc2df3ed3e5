/**
 * Which item each order line is, worked out from the whole set of facts ("Matching an order line to an item" in costing.md).
 */

import { Wrong } from "./facts";
import { type Live, partsOf, type Sale, salesOf, sourcesOf } from "./live";
import { beforeMoment, compareText } from "./order";

export interface Match {
  item: string | null;
  by: "listing" | "sku" | "name" | "hand" | null;
  /** True where only the pin's hold gives the item and no candidate of listing, SKU or name does (see `held`). */
  remote: boolean;
}

const NORMAL = new Map<string, string>();

/** A text as it is compared: Unicode NFKC, upper then lower case, NFKC again, white space to one space, trimmed. */
export function normal(text: string): string {
  const known = NORMAL.get(text);
  if (known !== undefined) return known;
  const result = text.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC").replace(/\s+/gu, " ").trim();
  NORMAL.set(text, result);
  return result;
}

/** The match of every order line, by line id. Throws `Wrong` where a pin's lots are not of its line's item. */
export function matchLines(live: Live): Map<string, Match> {
  const all = salesOf(live);
  const sales = [...all.values()].sort((a, b) => beforeMoment(a, b) || compareText(a.line.id, b.line.id));
  const hand = new Map(live.matches.map((m) => [m.sale, m.item]));
  const pinned = pinnedItems(live);

  // What the lines of a listing say by hand, and what its earliest line that matched by SKU or name says.
  const hands = new Map<string, Set<string>>();
  for (const m of live.matches) {
    const sale = all.get(m.sale);
    const listing = sale === undefined ? null : listingOf(sale);
    if (listing !== null) hands.set(listing, (hands.get(listing) ?? new Set<string>()).add(m.item));
  }
  const deciders = new Map<string, string>();
  const earlier = new Map<string, Set<string>>();

  const matches = new Map<string, Match>();
  for (const sale of sales) {
    const listing = listingOf(sale);
    const decider = listing === null ? undefined : deciders.get(listing);
    const ofListing =
      (listing === null ? undefined : hands.get(listing)) ?? new Set(decider === undefined ? [] : [decider]);
    const ofSku = itemsBySku(live, sale.line.sku);
    const ofName = itemsByName(live, sale.line.name);
    const tiers = [
      { by: "listing", items: ofListing },
      { by: "sku", items: ofSku },
      { by: "name", items: ofName },
    ] as const;

    let match: Match = { item: null, by: null, remote: false };
    const byHand = hand.get(sale.line.id);
    if (byHand !== undefined) match = { item: byHand, by: "hand", remote: false };
    else {
      const tier = tiers.find((t) => t.items.size === 1);
      const [only] = tier === undefined ? [] : tier.items;
      if (tier !== undefined && only !== undefined) match = { item: only, by: tier.by, remote: false };
    }
    const lots = pinned.get(sale.line.id);
    if (lots !== undefined)
      match = held(live, sale, match, lots, tiers, listing === null ? undefined : earlier.get(listing));
    matches.set(sale.line.id, match);

    if (listing !== null) {
      if (match.item !== null && (match.by === "sku" || match.by === "name") && !deciders.has(listing))
        deciders.set(listing, match.item);
      const seen = earlier.get(listing) ?? new Set<string>();
      for (const item of [...ofSku, ...ofName]) seen.add(item);
      earlier.set(listing, seen);
    }
  }
  return matches;
}

/**
 * A pin holds its line's match: where the match would not fit the lots, the candidate that does is taken. An item fits its
 * own lots, a bundle those of what it is made of.
 */
function held(
  live: Live,
  sale: Sale,
  match: Match,
  lots: ReadonlySet<string>,
  tiers: readonly { by: "listing" | "sku" | "name"; items: ReadonlySet<string> }[],
  earlier: ReadonlySet<string> | undefined,
): Match {
  const fits = (item: string) => {
    const parts = partsOf(live, item);
    return [...lots].every((lot) => parts.has(lot));
  };
  if (match.item !== null && fits(match.item)) return match;
  if (match.by !== "hand") {
    for (const { by, items } of tiers) {
      const [item, other] = [...items].filter(fits);
      if (item !== undefined && other === undefined) return { item, by, remote: false };
    }
    // The listing's earlier lines may have lost their own match since (a second item with their SKU): the pin still holds.
    const [item, other] = [...(earlier ?? [])].filter(fits);
    if (item !== undefined && other === undefined) return { item, by: "listing", remote: true };
  }
  throw new Wrong("does_not_fit", `${sale.line.id} is not of the lots of ${[...lots].join(", ")} that it is pinned to`);
}

function pinnedItems(live: Live): Map<string, Set<string>> {
  const sources = sourcesOf(live);
  const items = new Map<string, Set<string>>();
  for (const pin of live.pins) {
    const source = sources.get(pin.lot);
    if (source === undefined) throw new Error(`no lot ${pin.lot}`);
    items.set(pin.sale, (items.get(pin.sale) ?? new Set<string>()).add(source.item));
  }
  return items;
}

export function listingOf(sale: Sale): string | null {
  return sale.line.listing === "" ? null : JSON.stringify([sale.order.channel, sale.line.listing]);
}

export function itemsBySku(live: Live, sku: string): ReadonlySet<string> {
  return itemsWhere(live, sku, (item) => [item.sku]);
}

export function itemsByName(live: Live, name: string): ReadonlySet<string> {
  return itemsWhere(live, name, (item) => [item.name, ...item.aliases]);
}

function itemsWhere(
  live: Live,
  text: string,
  of: (item: Live["items"][number]) => readonly string[],
): ReadonlySet<string> {
  const wanted = normal(text);
  if (wanted === "") return new Set();
  return new Set(live.items.filter((item) => of(item).some((t) => normal(t) === wanted)).map((item) => item.id));
}
