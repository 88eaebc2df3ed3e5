/**
 * Which item an order line is of: costing.md, "Matching an order line to an item".
 *
 * The problem: listings are renamed, SKUs are reused, lines come before their items are known, and the answer must not depend on the
 * order of recording. The choice: a match is worked out from the whole set of facts (items, hand matches, pins, the lines of one
 * listing), asked in a fixed order: listing, SKU, name; only exactly one item is an answer. Turned down: near names (a guess that
 * books money), and remembering the first answer (two imports in another order would differ).
 *
 * A listing here is one channel's listing: the caller makes its key of both. Lines without a listing stand alone.
 */
import { type Component, compareIds, type Instant, type LocalDate } from "./facts";

/**
 * A text as SKUs and names are compared: NFKC, upper then lower case, NFKC again, runs of white space to one space, trimmed.
 * What is empty after that matches nothing.
 */
export function normalise(text: string): string {
  const folded = text.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
  return folded.replace(/\p{White_Space}+/gu, " ").replace(/^ | $/g, "");
}

export type LineToMatch = Readonly<{
  id: string;
  /** The channel's product or variant, unique among channels; null where the source has none. */
  listing: string | null;
  /** Normalised; "" where there is none. */
  sku: string;
  name: string;
  /** Of its order: the earliest line of a listing decides. */
  on: LocalDate;
  at: Instant | null;
  /** The item that a person chose for this very line. */
  hand: string | null;
  qty: bigint;
  /** What is pinned of it: the items of the lots, with how much of them (a backfill is no pin). */
  pinned: readonly Component[];
}>;

/** The items that a normalised SKU or name belongs to: names and aliases alike, each item once. */
export type KnownItems = Readonly<{
  bySku: ReadonlyMap<string, readonly string[]>;
  byName: ReadonlyMap<string, readonly string[]>;
  /** What one of each bundle is made of in the end (bundles.ts); an item that is not here is stocked itself. */
  parts: ReadonlyMap<string, readonly Component[]>;
}>;

export type MatchedBy = "listing" | "sku" | "name" | "hand";
export type Match = Readonly<{
  line: string;
  item: string | null;
  by: MatchedBy | null;
  /** All that could be meant, in the order asked, for a line without a match; empty where there is one. */
  candidates: readonly string[];
}>;

/**
 * What is known of a listing: the items chosen by hand, or else the line that decides for those after it. `others`: what its later
 * lines matched by themselves, the earliest first; only a pin asks for them.
 */
export type ListingDecision = Readonly<
  | { kind: "none" }
  | { kind: "hand"; items: readonly string[]; others: readonly string[] }
  | { kind: "first"; item: string; line: LineToMatch; others: readonly string[] }
>;

/** Nothing is known of the listing, or there is none. */
export const noDecision: ListingDecision = { kind: "none" };

/** Matches lines: all lines of each listing that is among them, and lines without one. In the order given. */
export function matchLines(lines: readonly LineToMatch[], known: KnownItems): readonly Match[] {
  const listings = new Map<string, LineToMatch[]>();
  for (const line of lines) {
    if (line.listing === null) continue;
    const own = listings.get(line.listing);
    if (own === undefined) listings.set(line.listing, [line]);
    else own.push(line);
  }
  const decisions = new Map([...listings].map(([listing, own]) => [listing, decideListing(own, known)]));
  return lines.map((line) =>
    matchLine(line, known, (line.listing === null ? undefined : decisions.get(line.listing)) ?? noDecision),
  );
}

/**
 * What a listing says, from all its lines: a match by hand on any of them; without one, the earliest (time, id) that matches by SKU or
 * name.
 */
export function decideListing(lines: readonly LineToMatch[], known: KnownItems): ListingDecision {
  const hands = inOrder(lines.flatMap((line) => (line.hand === null ? [] : [line.hand])));
  // The earliest line of each item that a line matched by SKU or name.
  const firsts = new Map<string, LineToMatch>();
  for (const line of lines) {
    const { item, by } = matchLine(line, known, noDecision);
    if (item === null || (by !== "sku" && by !== "name")) continue;
    const before = firsts.get(item);
    if (before === undefined || compareLines(line, before) < 0) firsts.set(item, line);
  }
  const [first, ...later] = [...firsts].sort(([, a], [, b]) => compareLines(a, b));
  const others = later.map(([item]) => item);
  if (hands.length > 0) return { kind: "hand", items: hands, others: first === undefined ? [] : [first[0], ...others] };
  return first === undefined ? noDecision : { kind: "first", item: first[0], line: first[1], others };
}

/**
 * One line's match, given what its listing says. For a new line of a listing whose decision is kept, this is all there is to do, unless
 * the line comes before the one that decides or is matched by hand; then the listing is decided again.
 */
export function matchLine(line: LineToMatch, known: KnownItems, decision: ListingDecision): Match {
  const asked = askedOf(line, known, decision);
  const found = asked.find(([, items]) => items.length === 1);
  const item = found?.[1][0];
  if (line.pinned.length > 0 && (item === undefined || !fitsPins(item, line, known))) {
    const held = candidateOfPins(line, asked, known, decision) ?? heldAlone(line, known);
    if (held !== null) return held;
  }
  if (found !== undefined && item !== undefined) return { line: line.id, item, by: found[0], candidates: [] };
  return {
    line: line.id,
    item: null,
    by: null,
    candidates: [...new Set(asked.flatMap(([, items]) => inOrder(items)))],
  };
}

/** Does a line that is `item` hold what is pinned of it: are the lots of that item (of a bundle, of its parts), and not too much of them? */
export function fitsPins(
  item: string,
  line: Pick<LineToMatch, "qty" | "pinned">,
  known: Pick<KnownItems, "parts">,
): boolean {
  const parts = known.parts.get(item) ?? [{ item, qty: 1n }];
  const pinned = new Map<string, bigint>();
  for (const pin of line.pinned) pinned.set(pin.item, (pinned.get(pin.item) ?? 0n) + pin.qty);
  return [...pinned].every(([of, qty]) => parts.some((part) => part.item === of && part.qty * line.qty >= qty));
}

/** What may say which item a line is, in the order asked. */
function askedOf(line: LineToMatch, known: KnownItems, decision: ListingDecision): Asked {
  return [
    ["hand", line.hand === null ? [] : [line.hand]],
    ["listing", itemsOfListing(line, decision)],
    ["sku", (line.sku === "" ? undefined : known.bySku.get(line.sku)) ?? []],
    ["name", (line.name === "" ? undefined : known.byName.get(line.name)) ?? []],
  ];
}
type Asked = readonly (readonly [by: MatchedBy, items: readonly string[]])[];

/**
 * Rule 4, for a pin that is new: does a candidate fit what is pinned of the line, by hand, listing, SKU or name, or what an earlier line of
 * its listing could be? (One that another item of its SKU or name has taken the match from said before what this one was.) A pin that
 * stands is held even where none is left, as `matchLine` does. `listing`: all lines of the line's listing; empty where it has none.
 */
export function mayBePinned(
  line: LineToMatch,
  known: KnownItems,
  decision: ListingDecision,
  listing: readonly LineToMatch[],
): boolean {
  const earlier = listing.filter((other) => compareLines(other, line) < 0);
  const candidates = [
    ...askedOf(line, known, decision),
    ...earlier.flatMap((other) => askedOf(other, known, noDecision)),
  ];
  return line.pinned.length === 0 || candidates.some(([, items]) => items.some((item) => fitsPins(item, line, known)));
}

/**
 * Rule 4: a pin holds its line's match. Where the ordinary answer would not fit the pinned lots, the candidate that does is taken: the
 * line's own, or what another line of its listing is.
 */
function candidateOfPins(line: LineToMatch, asked: Asked, known: KnownItems, decision: ListingDecision): Match | null {
  for (const [by, items] of asked) {
    const fitting = inOrder(items).find((candidate) => fitsPins(candidate, line, known));
    if (fitting !== undefined) return { line: line.id, item: fitting, by, candidates: [] };
  }
  const other = decision.kind === "none" ? undefined : decision.others.find((item) => fitsPins(item, line, known));
  return other === undefined ? null : { line: line.id, item: other, by: "listing", candidates: [] };
}

/**
 * An item's SKU and names stay candidates for ever, so where none fits any more the match came by the listing: of a hand that has changed its
 * mind since, or a line that is gone. It is held all the same, as the lots' own item.
 */
function heldAlone(line: LineToMatch, known: KnownItems): Match | null {
  // Where the lots are of several items, no one of these fits all the pins.
  const only = line.pinned[0]?.item;
  return line.listing === null || only === undefined || !fitsPins(only, line, known)
    ? null
    : { line: line.id, item: only, by: "listing", candidates: [] };
}

/** What a listing offers to a line: hand matches to all its lines, the first line's answer to those after it. */
function itemsOfListing(line: LineToMatch, decision: ListingDecision): readonly string[] {
  switch (decision.kind) {
    case "none":
      return [];
    case "hand":
      return decision.items;
    case "first":
      return compareLines(decision.line, line) < 0 ? [decision.item] : [];
  }
}

/** The order of a listing's lines: time (a day without time before its times), then id. */
export function compareLines(
  a: Pick<LineToMatch, "on" | "at" | "id">,
  b: Pick<LineToMatch, "on" | "at" | "id">,
): number {
  if (a.on !== b.on) return a.on < b.on ? -1 : 1;
  if (a.at !== b.at) {
    if (a.at === null) return -1;
    if (b.at === null) return 1;
    return a.at < b.at ? -1 : 1;
  }
  return compareIds(a.id, b.id);
}

/** Each item once, by id: nothing may follow from the order in which the caller's rows came. */
function inOrder(items: readonly string[]): readonly string[] {
  return items.length < 2 ? items : [...new Set(items)].sort(compareIds);
}
