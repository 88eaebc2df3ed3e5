/** The random orders of `--shuffle` (replay.md): each fact still follows those it names, and what hangs on them. */
import { itemsOf, type KnownFact, key, keyOf, lineIdsOf } from "./facts";
import { Random } from "./random";
import { readFact } from "./read";

/**
 * Facts in a random order in which they are still valid and give the same result.
 *
 * It is a little stricter than replay.md asks, so that every order it gives is allowed whichever way the text is read:
 * facts about one lot, one sale line or one listing keep their order around an undo, and a pin or backfill follows every
 * item, and every match and order of its sale's listing, that was recorded before it.
 */
export function shuffled<F>(facts: readonly F[], seed: number): F[] {
  const random = new Random(seed);
  const before = orderingOf(facts.map(readFact));
  const done = new Set<number>();
  const result: F[] = [];
  while (result.length < facts.length) {
    const ready = facts.flatMap((fact, i) =>
      !done.has(i) && [...(before[i] ?? [])].every((j) => done.has(j)) ? [{ fact, i }] : [],
    );
    const next = random.pick(ready);
    done.add(next.i);
    result.push(next.fact);
  }
  return result;
}

/** For each fact, the places of those that must come before it. */
function orderingOf(facts: readonly KnownFact[]): Set<number>[] {
  const first = new Map<string, number>();
  const owner = new Map<string, number>();
  const listing = new Map<string, string>();
  for (const [i, fact] of facts.entries()) {
    if (first.has(keyOf(fact))) continue;
    first.set(keyOf(fact), i);
    for (const id of madeBy(fact)) owner.set(id, i);
    if (fact.kind === "order")
      for (const l of fact.lines) if (l.listing !== "") listing.set(l.id, JSON.stringify([fact.channel, l.listing]));
  }

  return facts.map((fact, i) => {
    const before = new Set<number>();
    const same = first.get(keyOf(fact));
    if (same !== undefined && same !== i) before.add(same);
    for (const id of namedBy(fact)) {
      const place = owner.get(id);
      if (place !== undefined && place < i) before.add(place);
    }
    for (const [j, other] of facts.slice(0, i).entries())
      if (keepsOrder(other, fact, first, listing, facts)) before.add(j);
    return before;
  });
}

/** Whether of two facts recorded in this order the second must stay after the first, though it does not name it. */
function keepsOrder(
  earlier: KnownFact,
  later: KnownFact,
  first: ReadonlyMap<string, number>,
  listing: ReadonlyMap<string, string>,
  facts: readonly KnownFact[],
): boolean {
  if (earlier.kind === "close" || later.kind === "close") return true;
  if (earlier.kind === "business" || earlier.kind === "location") return true;
  if (later.kind === "business" || later.kind === "location") return true;
  const target = (fact: KnownFact) => (fact.kind === "undo" ? facts[first.get(fact.target) ?? -1] : undefined);
  for (const [undo, other] of [
    [earlier, later],
    [later, earlier],
  ] as const) {
    const undone = target(undo);
    if (undone === undefined) continue;
    const otherUndone = target(other);
    if (touch(undone, otherUndone ?? other)) return true;
    if (changesMatches(undone) && holds(otherUndone ?? other)) return true;
  }
  if (holds(later)) {
    if (earlier.kind === "item") return true;
    const own = listing.get(later.sale);
    const ofListing = (sale: string) => sale === later.sale || (own !== undefined && listing.get(sale) === own);
    if (earlier.kind === "match") return ofListing(earlier.sale);
    if (earlier.kind === "order") return earlier.lines.some((l) => ofListing(l.id));
  }
  return false;
}

function holds(fact: KnownFact): fact is Extract<KnownFact, { kind: "pin" | "backfill" }> {
  return fact.kind === "pin" || fact.kind === "backfill";
}

function changesMatches(fact: KnownFact): boolean {
  return fact.kind === "item" || fact.kind === "order" || fact.kind === "match" || holds(fact);
}

/** Whether two facts make or name one thing: a document, a line, a lot, an item. */
function touch(a: KnownFact, b: KnownFact): boolean {
  const things = new Set([...madeBy(a), ...namedBy(a)]);
  return [...madeBy(b), ...namedBy(b)].some((id) => things.has(id));
}

/** What a fact makes, each thing as a text that no other sort of thing has. */
function madeBy(fact: KnownFact): string[] {
  return [keyOf(fact), ...lineIdsOf(fact).map((id) => `line ${id}`)];
}

function namedBy(fact: KnownFact): string[] {
  const named = itemsOf(fact).map((item) => key("item", item));
  if ("lines" in fact) for (const l of fact.lines) if ("line" in l) named.push(`line ${l.line}`);
  if (fact.kind === "pin" || fact.kind === "backfill" || fact.kind === "match") named.push(`line ${fact.sale}`);
  if (fact.kind === "pin") named.push(`line ${fact.lot}`);
  if (fact.kind === "return" && fact.order !== null) named.push(key("order", fact.order));
  if (fact.kind === "purchase_return") named.push(key("purchase", fact.purchase));
  if (fact.kind === "undo") named.push(fact.target);
  return named;
}
