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
import { instantText } from "../books/costing";
import { addMovements, regroup, removeMovements } from "../books/movements";
import type { Instant, LocalDate } from "../core/facts";
import { unmatchedGroup } from "../core/ids";
import {
  compareLines,
  decideListing,
  type KnownItems,
  type LineToMatch,
  type ListingDecision,
  type Match,
  matchLine,
} from "../core/matching";

export type NewLine = Readonly<{
  id: string;
  on: LocalDate;
  at: Instant | null;
  listingKey: string | null;
  skuKey: string | null;
  nameKey: string;
}>;
/** A line's answer as it is stored: `candidates` counts the items that it could be, where no one fits. */
export type LineMatch = Readonly<{ item: string | null; by: string | null; candidates: number }>;

const separator = "\u001f";
const asStored = (match: Match): LineMatch => ({ item: match.item, by: match.by, candidates: match.candidates.length });

/** The items that normalised SKUs and names belong to now. */
async function knownItems(batch: Batch, skus: Iterable<string>, names: Iterable<string>): Promise<KnownItems> {
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
  if (skuKeys.length > 0) {
    for (const row of await rowsOf<{ key: string; id: string }>(
      batch.tx,
      sql`select sku_key as key, id from app.items where business_id = ${business} and sku_key = any(${list("text", skuKeys)}) and not is_undone order by id`,
    )) {
      add(bySku, row.key, row.id);
    }
  }
  if (nameKeys.length > 0) {
    for (const row of await rowsOf<{ key: string; id: string }>(
      batch.tx,
      sql`select n.name_key as key, n.item_id as id from app.item_names n
          join app.items i on i.business_id = ${business} and i.id = n.item_id and not i.is_undone
          where n.business_id = ${business} and n.name_key = any(${list("text", nameKeys)}) order by n.item_id`,
    )) {
      add(byName, row.key, row.id);
    }
  }
  return { bySku, byName };
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
      if (row.is_by_hand) return [row.listing_key, { kind: "hand", items: row.item_id.split(separator) }] as const;
      const line: LineToMatch = {
        id: row.line_id,
        listing: row.listing_key,
        sku: "",
        name: "",
        on: row.on_date,
        at: row.at === null ? null : BigInt(row.at),
        hand: null,
        pinned: [],
      };
      return [row.listing_key, { kind: "first", item: row.item_id, line }] as const;
    }),
  );
}

async function storeDecisions(batch: Batch, decisions: ReadonlyMap<string, ListingDecision>): Promise<void> {
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

function toMatch(line: NewLine, hand: string | null = null, pinned: readonly string[] = []): LineToMatch {
  return {
    id: line.id,
    listing: line.listingKey,
    sku: line.skuKey ?? "",
    name: line.nameKey,
    on: line.on,
    at: line.at,
    hand,
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
  const unknown = keys.filter((key) => !decisions.has(key));
  const withLines = new Set(
    unknown.length === 0
      ? []
      : (
          await rowsOf<{ listing_key: string }>(
            batch.tx,
            sql`select distinct listing_key from app.order_lines where business_id = ${batch.scope.businessId} and listing_key = any(${list("text", unknown)}) and not is_undone`,
          )
        ).map((row) => row.listing_key),
  );
  const known = await knownItems(
    batch,
    lines.flatMap((line) => (line.skuKey === null ? [] : [line.skuKey])),
    lines.flatMap((line) => (line.nameKey === "" ? [] : [line.nameKey])),
  );
  const undecided = new Set<string>(withLines);
  const fresh = new Map<string, LineToMatch[]>();
  const made = new Map<string, ListingDecision>();
  for (const line of lines) {
    const key = line.listingKey;
    if (key === null) matches.set(line.id, asStored(matchLine(toMatch(line), known, { kind: "none" })));
    else if (!withLines.has(key) && !decisions.has(key)) fresh.set(key, [...(fresh.get(key) ?? []), toMatch(line)]);
    else {
      const decision = decisions.get(key);
      // A line before the one that decides may itself decide: all lines of the listing are looked at, after this one is written.
      if (decision === undefined || (decision.kind === "first" && compareLines(decision.line, toMatch(line)) > 0))
        undecided.add(key);
      else matches.set(line.id, asStored(matchLine(toMatch(line), known, decision)));
    }
  }
  for (const [key, own] of fresh) {
    const decision = decideListing(own, known);
    if (decision.kind !== "none") made.set(key, decision);
    for (const line of own) matches.set(line.id, asStored(matchLine(line, known, decision)));
  }
  await storeDecisions(batch, made);
  return { matches, undecided: [...undecided] };
}

type LineRow = {
  id: string;
  order_id: string;
  on_date: string;
  at: string | null;
  listing_key: string | null;
  sku_key: string | null;
  name_key: string;
  item_id: string | null;
  matched_by: string | null;
  candidates: number;
  qty: string;
  location_id: string;
  hand: string | null;
};

/** Works lines out again, with all lines of their listings, and moves what changed to its new item. */
export async function rematch(
  batch: Batch,
  touched: Readonly<{ lines: readonly string[]; listings: readonly string[] }>,
): Promise<void> {
  if (touched.lines.length === 0 && touched.listings.length === 0) return;
  const business = batch.scope.businessId;
  const named = list("text", [...new Set(touched.lines)]);
  const rows = await rowsOf<LineRow>(
    batch.tx,
    sql`with named as (
          select id, listing_key from app.order_lines where business_id = ${business} and id = any(${named}) and not is_undone
        ), wanted as (
          select id from named
          union
          select o.id from app.order_lines o where o.business_id = ${business} and not o.is_undone
            and o.listing_key in (select listing_key from named where listing_key is not null union select unnest(${list("text", touched.listings)}))
        )
        select o.id, o.order_id, o.on_date::text, (extract(epoch from o."at") * 1000000)::bigint::text as at, o.listing_key, o.sku_key, o.name_key,
          o.item_id, o.matched_by, o.candidates, o.qty::text, o.location_id, m.item_id as hand
        from wanted w join app.order_lines o on o.business_id = ${business} and o.id = w.id
        left join app.matches m on m.business_id = ${business} and m.sale_id = o.id`,
  );
  const pinned = new Map<string, string[]>();
  for (const row of await rowsOf<{ sale_id: string; item_id: string }>(
    batch.tx,
    sql`select p.sale_id, m.item_id from app.pins p
        join app.movements m on m.business_id = ${business} and m.id = p.lot_id and m.leg = 0
        where p.business_id = ${business} and p.sale_id = any(${list(
          "text",
          rows.map((row) => row.id),
        )})`,
  )) {
    pinned.set(row.sale_id, [...(pinned.get(row.sale_id) ?? []), row.item_id]);
  }
  const lines = new Map(
    rows.map((row) => [
      row.id,
      toMatch(
        {
          id: row.id,
          on: row.on_date,
          at: row.at === null ? null : BigInt(row.at),
          listingKey: row.listing_key,
          skuKey: row.sku_key,
          nameKey: row.name_key,
        },
        row.hand,
        pinned.get(row.id) ?? [],
      ),
    ]),
  );
  const known = await knownItems(
    batch,
    rows.flatMap((row) => (row.sku_key === null ? [] : [row.sku_key])),
    rows.flatMap((row) => (row.name_key === "" ? [] : [row.name_key])),
  );
  const byListing = new Map<string, LineToMatch[]>(touched.listings.map((key) => [key, []]));
  for (const line of lines.values()) {
    if (line.listing === null) continue;
    const own = byListing.get(line.listing);
    if (own === undefined) byListing.set(line.listing, [line]);
    else own.push(line);
  }
  const decisions = new Map([...byListing].map(([key, own]) => [key, decideListing(own, known)]));
  await storeDecisions(batch, decisions);
  const changed: { row: LineRow; match: LineMatch }[] = [];
  for (const row of rows) {
    const line = lines.get(row.id);
    if (line === undefined) continue;
    const decision = (row.listing_key === null ? undefined : decisions.get(row.listing_key)) ?? {
      kind: "none" as const,
    };
    const match = asStored(matchLine(line, known, decision));
    if (match.item !== row.item_id || match.by !== row.matched_by || match.candidates !== row.candidates)
      changed.push({ row, match });
  }
  await writeMatches(batch, changed);
}

/** Writes changed answers, and moves the lines' movements (with those of their returns and backfills) to their new cost group. */
async function writeMatches(
  batch: Batch,
  changed: readonly Readonly<{ row: LineRow; match: LineMatch }>[],
): Promise<void> {
  if (changed.length === 0) return;
  const business = batch.scope.businessId;
  await batch.tx.execute(
    sql`update app.order_lines o set item_id = u.item, matched_by = u.matched_by, candidates = u.candidates
        from unnest(${list(
          "text",
          changed.map((one) => one.row.id),
        )}, ${list(
          "text",
          changed.map((one) => one.match.item),
        )}, ${list(
          "text",
          changed.map((one) => one.match.by),
        )}, ${list(
          "integer",
          changed.map((one) => one.match.candidates),
        )}) as u(id, item, matched_by, candidates)
        where o.business_id = ${business} and o.id = u.id`,
  );
  const moved = changed.filter((one) => one.match.item !== one.row.item_id);
  if (moved.length === 0) return;
  const ids = list(
    "text",
    moved.map((one) => one.row.id),
  );
  const related = await rowsOf<{ sale_id: string; id: string }>(
    batch.tx,
    sql`select id as sale_id, id from app.movements where business_id = ${business} and leg = 0 and id = any(${ids})
        union all
        select l.sale_id, l.id from app.return_lines l join app.movements m on m.business_id = ${business} and m.id = l.id and m.leg = 0
        where l.business_id = ${business} and l.sale_id = any(${ids})
        union all
        select b.sale_id, b.id from app.backfills b where b.business_id = ${business} and b.sale_id = any(${ids}) and not b.is_undone`,
  );
  const idsOf = new Map<string, string[]>();
  for (const row of related) idsOf.set(row.sale_id, [...(idsOf.get(row.sale_id) ?? []), row.id]);
  const added: LineRow[] = [];
  const removed: string[] = [];
  const regrouped: { id: string; group: string }[] = [];
  for (const { row, match } of moved) {
    const own = idsOf.get(row.id) ?? [];
    const isAlone = own.length === 0 || (own.length === 1 && own[0] === row.id);
    if (match.item === null && isAlone) removed.push(row.id);
    else {
      const group = match.item ?? unmatchedGroup(row.id);
      if (!own.includes(row.id)) added.push({ ...row, item_id: group });
      for (const id of own) regrouped.push({ id, group });
    }
  }
  await removeMovements(batch, removed);
  if (removed.length > 0) {
    await batch.tx.execute(
      sql`update app.order_lines set cost_minor = 0, cost_back_minor = 0, short_qty = qty where business_id = ${business} and id = any(${list("text", removed)})`,
    );
  }
  await regroup(batch, regrouped);
  await addMovements(
    batch,
    added.map((row) => ({
      id: row.id,
      leg: 0,
      group: row.item_id ?? unmatchedGroup(row.id),
      location: row.location_id,
      kind: "sale",
      document: row.order_id,
      on: row.on_date,
      phase: 2,
      at: row.at === null ? null : BigInt(row.at),
      qty: -BigInt(row.qty),
      value: 0n,
    })),
  );
}

/** Works out again every line that these items' SKUs and names touch, and every line that is matched to them. */
export async function rematchItems(
  batch: Batch,
  itemIds: readonly string[],
  formerKeys: readonly string[] = [],
): Promise<void> {
  const business = batch.scope.businessId;
  const ids = list("text", itemIds);
  const former = list("text", formerKeys);
  const rows = await rowsOf<{ id: string }>(
    batch.tx,
    sql`select o.id from app.order_lines o where o.business_id = ${business} and not o.is_undone and o.item_id = any(${ids})
        union
        select o.id from app.order_lines o where o.business_id = ${business} and not o.is_undone
          and o.sku_key in (select sku_key from app.items where business_id = ${business} and id = any(${ids}) union select unnest(${former}))
        union
        select o.id from app.order_lines o where o.business_id = ${business} and not o.is_undone
          and o.name_key in (select name_key from app.item_names where business_id = ${business} and item_id = any(${ids}) union select unnest(${former}))`,
  );
  await rematch(batch, { lines: rows.map((row) => row.id), listings: [] });
}
