/**
 * Bundles: what is sold as one and stocked as its parts (costing.md rule 9). The problem: a bundle may hold bundles, and its sale must
 * move exactly the things on the shelves. The choice: a bundle is nothing but the list of its parts, worked out anew from the items' own
 * lists; nothing of it is ever stocked or costed. Turned down: stocking bundles (a kit that is really packed is a production).
 */
import { invariant, Refusal } from "./errors";
import type { Component } from "./facts";
import { MAX_MINOR, smaller } from "./money";

/**
 * What one smallest unit of `item` is made of in the end: stocked items, each once, in the order in which the lists first name them.
 * `direct` has the components of each bundle and nothing of stocked items. Null where `item` is not a bundle.
 * @throws Refusal `out_of_range` where a quantity is beyond what can be stored, `does_not_fit` where a bundle holds itself
 */
export function partsOfBundle(
  item: string,
  direct: ReadonlyMap<string, readonly Component[]>,
): readonly Component[] | null {
  const known = new Map<string, ReadonlyMap<string, bigint>>();
  // What was begun; what is known by then was ended, too.
  const begun = new Set<string>();
  const explode = (bundle: string, components: readonly Component[]): ReadonlyMap<string, bigint> => {
    const done = known.get(bundle);
    if (done !== undefined) return done;
    if (begun.has(bundle)) throw new Refusal("does_not_fit", "A bundle cannot hold itself.", { id: bundle });
    begun.add(bundle);
    const parts = new Map<string, bigint>();
    for (const { item: component, qty } of components) {
      invariant(qty > 0n, "a component is some of something");
      const inside = direct.get(component);
      const held = inside === undefined ? new Map([[component, 1n]]) : explode(component, inside);
      for (const [part, each] of held) parts.set(part, storable((parts.get(part) ?? 0n) + each * qty, bundle));
    }
    known.set(bundle, parts);
    return parts;
  };
  const components = direct.get(item);
  return components === undefined ? null : [...explode(item, components)].map(([part, qty]) => ({ item: part, qty }));
}

/** A quantity as it can be kept. @throws Refusal `out_of_range` */
export function storable(qty: bigint, bundle: string): bigint {
  if (qty <= MAX_MINOR) return qty;
  throw new Refusal("out_of_range", "The bundle comes to more of a component than can be counted.", { id: bundle });
}

/**
 * How many of a bundle what is on hand at one place is enough for: as many as the scarcest of its parts allows, never below 0.
 * `parts` is what one smallest unit of it is made of in the end.
 */
export function bundlesIn(parts: readonly Component[], onHand: (item: string) => bigint): bigint {
  let most: bigint | null = null;
  for (const { item, qty } of parts) {
    invariant(qty > 0n, "a part is some of something");
    const there = onHand(item);
    const enough = there > 0n ? there / qty : 0n;
    most = most === null ? enough : smaller(most, enough);
  }
  return most ?? 0n;
}

/** Words by which channels say that a listing is several of a thing: "Pack of 3", "3-pack", "Set of 12", "4 pcs", "x6". */
const packs: readonly RegExp[] = [
  /\b(?:pack|set|lot|bundle|box|case|bag) of (\d{1,4})\b/iu,
  /\b(\d{1,4})[\s-]?(?:pack|pk|pcs|pieces|count|ct)\b/iu,
  /(?:^|[\s(])[x×](\d{1,2})(?=$|[\s)])/iu,
  /(?:^|[\s(])(\d{1,2})[x×](?=$|[\s)])/iu,
];

/** How many of a thing a listing's name says that it is; null where it says nothing, or one. A suggestion, never taken by itself. */
export function packSaid(name: string): bigint | null {
  for (const said of packs) {
    const found = said.exec(name)?.[1];
    if (found !== undefined && BigInt(found) > 1n) return BigInt(found);
  }
  return null;
}
