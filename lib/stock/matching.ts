/**
 * Which item each sold line is of: the rule (lib/core/matching.ts) over the rows that it needs. New lines ask one row of their
 * listing; whatever can change an older answer (a match by hand, a pin, another item of that name, an earlier line) has the lines that
 * it touches worked out again, with all lines of their listings.
 */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { listings } from "../../db/schema";
import { rowsOf } from "../../db/scope";
import type { Batch } from "../books/batch";
import { instantText } from "../books/instants";
import type { Instant, LocalDate } from "../core/facts";
import {
  compareLines,
  decideListing,
  type KnownItems,
  type LineToMatch,
  type ListingDecision,
  type Match,
  matchLine,
  noDecision,
} from "../core/matching";
import { partsOf } from "./bundles";

export type NewLine = Readonly<{
  id: string;
  on: LocalDate;
  at: Instant | null;
  qty: bigint;
  listingKey: string | null;
  skuKey: string | null;
  nameKey: string;
}>;
/** A line's answer as it is stored: `candidates` counts the items that it could be, where no one fits. */
export type LineMatch = Readonly<{ item: string | null; by: string | null; candidates: number }>;

const separator = "\u001f";
export const asStored = (match: Match): LineMatch => ({
  item: match.item,
  by: match.by,
  candidates: match.candidates.length,
});

/** The items that normalised SKUs and names belong to now, and the parts of those (and of `others`) that are bundles. */
export async function knownItems(
  batch: Batch,
  skus: Iterable<string>,
  names: Iterable<string>,
  others: readonly string[] = [],
): Promise<KnownItems> {
  const business = batch.scope.businessId;
  const bySku = new Map<string, string[]>();
  const byName = new Map<string, string[]>();
  const add = (map: Map<string, string[]>, key: string, item: string) => {
    const known = map.get(key);
    if (known === undefined) map.set(key, [item]);
    else known.push(item);
  };
  const skuKeys = [...new Set(skus)];
  const nameKeys = [...new Set(names)];
  type Found = { key: string; id: string };
  const none: Found[] = [];
  // Sent together: neither waits for the other's answer.
  const [ofSkus, ofNames] = await Promise.all([
    skuKeys.length === 0
      ? none
      : rowsOf<Found>(
          batch.tx,
          sql`select sku_key as key, id from app.items where business_id = ${business} and sku_key = any(${list("text", skuKeys)}) and not is_undone order by id`,
        ),
    nameKeys.length === 0
      ? none
      : rowsOf<Found>(
          batch.tx,
          sql`select n.name_key as key, n.item_id as id from app.item_names n
              join app.items i on i.business_id = ${business} and i.id = n.item_id and not i.is_undone
              where n.business_id = ${business} and n.name_key = any(${list("text", nameKeys)}) order by n.item_id`,
        ),
  ]);
  for (const row of ofSkus) add(bySku, row.key, row.id);
  for (const row of ofNames) add(byName, row.key, row.id);
  // Only a pin asks whether a candidate is a bundle: lines that are new have none, and their movements ask for themselves.
  const parts = await partsOf(batch, [...[...bySku.values(), ...byName.values()].flat(), ...others]);
  return { bySku, byName, parts };
}

type ListingRow = {
  listing_key: string;
  item_id: string;
  is_by_hand: boolean;
  on_date: string;
  at: string | null;
  line_id: string;
};

/** What the stored rows of listings decided. */
async function storedDecisions(batch: Batch, keys: readonly string[]): Promise<Map<string, ListingDecision>> {
  if (keys.length === 0) return new Map();
  const rows = await rowsOf<ListingRow>(
    batch.tx,
    sql`select listing_key, item_id, is_by_hand, on_date::text, (extract(epoch from "at") * 1000000)::bigint::text as at, line_id
        from app.listings where business_id = ${batch.scope.businessId} and listing_key = any(${list("text", keys)})`,
  );
  return new Map(
    rows.map((row): readonly [string, ListingDecision] => {
      if (row.is_by_hand)
        return [row.listing_key, { kind: "hand", items: row.item_id.split(separator), others: [] }] as const;
      const line: LineToMatch = {
        id: row.line_id,
        listing: row.listing_key,
        sku: "",
        name: "",
        on: row.on_date,
        at: row.at === null ? null : BigInt(row.at),
        hand: null,
        qty: 0n,
        pinned: [],
      };
      return [row.listing_key, { kind: "first", item: row.item_id, line, others: [] }] as const;
    }),
  );
}

/** Keeps what listings decided. */
export async function storeDecisions(batch: Batch, decisions: ReadonlyMap<string, ListingDecision>): Promise<void> {
  const gone: string[] = [];
  const rows: (typeof listings.$inferInsert)[] = [];
  for (const [listingKey, decision] of decisions) {
    if (decision.kind === "none") gone.push(listingKey);
    else {
      const common = { businessId: batch.scope.businessId, listingKey };
      rows.push(
        decision.kind === "hand"
          ? {
              ...common,
              itemId: decision.items.join(separator),
              isByHand: true,
              onDate: "0001-01-01",
              at: null,
              lineId: "",
            }
          : {
              ...common,
              itemId: decision.item,
              isByHand: false,
              onDate: decision.line.on,
              at: decision.line.at === null ? null : instantText(decision.line.at),
              lineId: decision.line.id,
            },
      );
    }
  }
  if (gone.length > 0) {
    await batch.tx.execute(
      sql`delete from app.listings where business_id = ${batch.scope.businessId} and listing_key = any(${list("text", gone)})`,
    );
  }
  await bulkInsert(
    batch.tx,
    listings,
    rows,
    sql`on conflict (business_id, listing_key) do update set item_id = excluded.item_id, is_by_hand = excluded.is_by_hand, on_date = excluded.on_date,
        "at" = excluded."at", line_id = excluded.line_id`,
  );
}

/** A line as the rule asks for it. */
export function toMatch(line: NewLine, hand: string | null = null, pinned: LineToMatch["pinned"] = []): LineToMatch {
  return {
    id: line.id,
    listing: line.listingKey,
    sku: line.skuKey ?? "",
    name: line.nameKey,
    on: line.on,
    at: line.at,
    hand,
    qty: line.qty,
    pinned,
  };
}

/**
 * Matches lines that are about to be written, where that needs no other line to be looked at. `undecided` are the listings whose
 * lines must be worked out together once they are written (`rematch`).
 */
export async function matchIncoming(
  batch: Batch,
  lines: readonly NewLine[],
): Promise<Readonly<{ matches: ReadonlyMap<string, LineMatch>; undecided: readonly string[] }>> {
  const matches = new Map<string, LineMatch>();
  if (lines.length === 0) return { matches, undecided: [] };
  const keys = [...new Set(lines.flatMap((line) => (line.listingKey === null ? [] : [line.listingKey])))];
  const decisions = await storedDecisions(batch, keys);
  const known = await knownItems(
    batch,
    lines.flatMap((line) => (line.skuKey === null ? [] : [line.skuKey])),
    lines.flatMap((line) => (line.nameKey === "" ? [] : [line.nameKey])),
  );
  const undecided = new Set<string>();
  const open = new Map<string, LineToMatch[]>();
  for (const line of lines) {
    const key = line.listingKey;
    const decision = key === null ? noDecision : decisions.get(key);
    if (key !== null && decision === undefined) open.set(key, [...(open.get(key) ?? []), toMatch(line)]);
    // A line before the one that decides may itself decide: all lines of the listing are looked at, after this one is written.
    else if (key !== null && decision?.kind === "first" && compareLines(decision.line, toMatch(line)) > 0)
      undecided.add(key);
    else matches.set(line.id, asStored(matchLine(toMatch(line), known, decision ?? noDecision)));
  }
  // What is pinned of a listing's lines may fit what this one is by itself, where it fits nothing that the listing says.
  const strange = lines.flatMap((line) => {
    const decision = line.listingKey === null ? undefined : decisions.get(line.listingKey);
    if (line.listingKey === null || decision === undefined || decision.kind === "none") return [];
    const { item } = matchLine(toMatch(line), known, noDecision);
    const said = decision.kind === "hand" ? decision.items : [decision.item];
    return item === null || said.includes(item) ? [] : [line.listingKey];
  });
  for (const key of await withPins(batch, strange)) undecided.add(key);
  // Where nothing is decided, no earlier line matches by itself: new ones that do not either leave it so, however many there are.
  const made = new Map([...open].map(([key, own]) => [key, decideListing(own, known)]));
  const decided = ([, { kind }]: readonly [string, ListingDecision]) => kind !== "none";
  for (const key of await withLines(
    batch,
    [...made].filter(decided).map(([key]) => key),
  )) {
    undecided.add(key);
    made.delete(key);
  }
  for (const [key, decision] of made)
    for (const line of open.get(key) ?? []) matches.set(line.id, asStored(matchLine(line, known, decision)));
  await storeDecisions(batch, new Map([...made].filter(decided)));
  return { matches, undecided: [...undecided] };
}

/** Those of the listings of which a line is pinned. */
async function withPins(batch: Batch, listings: readonly string[]): Promise<readonly string[]> {
  if (listings.length === 0) return [];
  const business = batch.scope.businessId;
  const rows = await rowsOf<{ key: string }>(
    batch.tx,
    sql`select distinct o.listing_key as key from app.pins p
        join app.order_lines o on o.business_id = ${business} and o.id = p.sale_id and not o.is_undone
        where p.business_id = ${business} and o.listing_key = any(${list("text", [...new Set(listings)])})`,
  );
  return rows.map((row) => row.key);
}

/** Those of the listings that have lines. */
async function withLines(batch: Batch, listings: readonly string[]): Promise<ReadonlySet<string>> {
  if (listings.length === 0) return new Set();
  const business = batch.scope.businessId;
  const rows = await rowsOf<{ key: string }>(
    batch.tx,
    sql`select u.key from unnest(${list("text", listings)}) as u(key) where exists (
          select from app.order_lines o where o.business_id = ${business} and o.listing_key = u.key and not o.is_undone)`,
  );
  return new Set(rows.map((row) => row.key));
}
