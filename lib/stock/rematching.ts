/**
 * Matches worked out again: whatever can change an older answer (a match by hand, a pin, another item of that name, an earlier line) has
 * the lines that it touches answered anew, with all lines of their listings, and moves what changed to its new item.
 */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { rowsOf } from "../../db/scope";
import { type Batch, refuse } from "../books/batch";
import { addMovements, regroup, removeMovements } from "../books/movements";
import { touchDays, touchPosted } from "../books/touched-days";
import type { Component } from "../core/facts";
import { unmatchedGroup } from "../core/ids";
import {
  decideListing,
  fitsPins,
  type KnownItems,
  type LineToMatch,
  matchLine,
  mayBePinned,
  noDecision,
} from "../core/matching";
import { legsOf, type Parts, partsOf, withTheirBundles } from "./bundles";
import { asStored, knownItems, type LineMatch, storeDecisions, toMatch } from "./matching";
import { remakeSales, saleMovements } from "./sale-movements";

/** The fact that makes a line be matched again, which is refused where the line's pins or backfills cannot follow. */
export type Cause = (line: string) => Readonly<{ index: number }>;

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

/**
 * Works lines out again, with all lines of their listings, and moves what changed to its new item. `pinnedNow`: lines of which something was
 * pinned just now, with the place of the pin among the facts of this recording; a candidate must fit them.
 * @throws Refusal `does_not_fit` where a line could no longer be what its pins or its backfill say
 */
export async function rematch(
  batch: Batch,
  touched: Readonly<{ lines: readonly string[]; listings: readonly string[] }>,
  cause: Cause,
  pinnedNow: ReadonlyMap<string, number> = new Map(),
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
  for (const row of rows) batch.rematched.add(row.id);
  const pinned = await pinsOf(batch, rows, cause);
  const lines = new Map(
    rows.map((row) => [
      row.id,
      toMatch(
        {
          id: row.id,
          on: row.on_date,
          at: row.at === null ? null : BigInt(row.at),
          qty: BigInt(row.qty),
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
    rows.flatMap((row) => [row.hand, row.item_id].filter((item) => item !== null)),
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
    const decision = (row.listing_key === null ? undefined : decisions.get(row.listing_key)) ?? noDecision;
    const match = asStored(matchLine(line, known, decision));
    refuseUnfitPins(line, match, known, cause);
    if (match.item !== row.item_id || match.by !== row.matched_by || match.candidates !== row.candidates)
      changed.push({ row, match });
  }
  for (const [id, index] of pinnedNow) refuseStrangePin(batch, { id, index }, rows, lines, known, cause);
  await writeMatches(batch, changed, known.parts, cause);
}

/**
 * Refuses a pin of a lot that its line could not be of by the facts before it (rule 4). Those that were recorded with it but come after
 * it do not count: it would be refused where they are recorded one by one.
 */
function refuseStrangePin(
  batch: Batch,
  pinned: Readonly<{ id: string; index: number }>,
  rows: readonly LineRow[],
  lines: ReadonlyMap<string, LineToMatch>,
  known: KnownItems,
  cause: Cause,
): void {
  const isBefore = (key: string) => (batch.order.get(key) ?? -1) < pinned.index;
  const before = (line: LineToMatch): LineToMatch =>
    line.hand === null || isBefore(`match/${line.id}`) ? line : { ...line, hand: null };
  const itemsBefore = (of: ReadonlyMap<string, readonly string[]>, keys: readonly string[]) =>
    new Map(keys.map((key) => [key, (of.get(key) ?? []).filter((item) => isBefore(`item/${item}`))]));
  const couldBe = (line: LineToMatch, listing: readonly LineToMatch[]) => {
    const all = [line, ...listing];
    const then = {
      bySku: itemsBefore(known.bySku, [...new Set(all.map(({ sku }) => sku))]),
      byName: itemsBefore(known.byName, [...new Set(all.map(({ name }) => name))]),
      parts: known.parts,
    };
    return mayBePinned(line, then, listing.length === 0 ? noDecision : decideListing(listing, then), listing);
  };
  const own = lines.get(pinned.id);
  if (own === undefined) return;
  const line = before(own);
  if (couldBe(line, [])) return;
  // What a listing says is worked out only where the line itself does not say it.
  const listing = rows.flatMap((row) => {
    const other = lines.get(row.id);
    return line.listing === null ||
      row.listing_key !== line.listing ||
      other === undefined ||
      !isBefore(`order/${row.order_id}`)
      ? []
      : [before(other)];
  });
  if (couldBe(line, listing)) return;
  refuse(
    cause(line.id),
    "does_not_fit",
    "This lot is of another item than the sale, by its listing, SKU and name. Say first which item was sold.",
    { sale: line.id },
  );
}

/**
 * What is pinned of each line: the items of the lots, with how much of them. A new version of an order may have moved the line to where or
 * when its lots are not to be had.
 */
async function pinsOf(
  batch: Batch,
  lines: readonly LineRow[],
  cause: Cause,
): Promise<ReadonlyMap<string, readonly Component[]>> {
  const business = batch.scope.businessId;
  const pinned = new Map<string, Component[]>();
  const pins = await rowsOf<{ sale_id: string; lot_id: string; qty: string }>(
    batch.tx,
    sql`select sale_id, lot_id, qty::text from app.pins where business_id = ${business} and sale_id = any(${list(
      "text",
      lines.map((line) => line.id),
    )})`,
  );
  if (pins.length === 0) return pinned;
  const lots = new Map(
    (
      await rowsOf<PinnedLot>(
        batch.tx,
        sql`select id, item_id, location_id, kind, on_date::text from app.movements where business_id = ${business} and leg = 0
              and id = any(${list("text", [...new Set(pins.map((pin) => pin.lot_id))])})`,
      )
    ).map((row) => [row.id, row]),
  );
  const sales = new Map(lines.map((line) => [line.id, line]));
  for (const pin of pins) {
    const [lot, sale] = [lots.get(pin.lot_id), sales.get(pin.sale_id)];
    if (lot === undefined || sale === undefined) continue;
    const wrong = wrongLot(batch, lot, { on: sale.on_date, location: sale.location_id });
    if (wrong !== null) refuse(cause(sale.id), "does_not_fit", wrong, { sale: sale.id, id: lot.id });
    const own = pinned.get(pin.sale_id) ?? [];
    own.push({ item: lot.item_id, qty: BigInt(pin.qty) });
    pinned.set(pin.sale_id, own);
  }
  return pinned;
}

export type PinnedLot = { id: string; item_id: string; location_id: string; kind: string; on_date: string };

/** Why a sale there and then may not be pinned to a lot (rule 4), in a sentence; null where it may. */
export function wrongLot(
  batch: Batch,
  lot: PinnedLot,
  sale: Readonly<{ on: string; location: string }>,
): string | null {
  if (lot.kind === "assembly" && lot.on_date > sale.on)
    return `This lot was made on ${lot.on_date}, after the sale: it cannot have been sold then.`;
  if (batch.books.pool === "location" && lot.location_id !== sale.location)
    return "This lot is at another location than the sale, and costs stay with their location.";
  return null;
}

function refuseUnfitPins(line: LineToMatch, match: LineMatch, known: KnownItems, cause: Cause): void {
  if (line.pinned.length === 0 || (match.item !== null && fitsPins(match.item, line, known))) return;
  refuse(
    cause(line.id),
    "does_not_fit",
    "A sale's cost is chosen from lots that the sale then would not be of, or from more of them than it sold. Take that choice back first.",
    { sale: line.id },
  );
}

/** Writes changed answers, and moves the lines' movements (with those of their returns and backfills) to their new cost group. */
async function writeMatches(
  batch: Batch,
  changed: readonly Readonly<{ row: LineRow; match: LineMatch }>[],
  parts: Parts,
  cause: Cause,
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
  await touchDays(
    batch.tx,
    batch.scope,
    moved.map((one) => one.row.on_date),
  );
  await touchPosted(
    batch.tx,
    batch.scope,
    moved.map((one) => one.row.id),
  );
  const isBundle = (item: string | null) => item !== null && parts.has(item);
  const ofBundles = moved.filter((one) => isBundle(one.match.item) || isBundle(one.row.item_id));
  await refuseBackfilled(
    batch,
    ofBundles.filter((one) => isBundle(one.match.item)).map((one) => one.row.id),
    cause,
  );
  await remakeSales(
    batch,
    ofBundles.map((one) => one.row.id),
  );
  await clearCosts(
    batch,
    ofBundles.filter((one) => one.match.item === null).map((one) => one.row.id),
  );
  await moveLines(
    batch,
    moved.filter((one) => !ofBundles.includes(one)),
  );
}

/** A backfill's lot has its line's item, and nothing is stocked as a bundle. */
async function refuseBackfilled(batch: Batch, lines: readonly string[], cause: Cause): Promise<void> {
  if (lines.length === 0) return;
  const [row] = await rowsOf<{ sale_id: string }>(
    batch.tx,
    sql`select sale_id from app.backfills where business_id = ${batch.scope.businessId} and sale_id = any(${list("text", lines)}) and not is_undone limit 1`,
  );
  if (row !== undefined)
    refuse(
      cause(row.sale_id),
      "does_not_fit",
      "A sale for which a cost was given would become a bundle's. Take that cost back first.",
      { sale: row.sale_id },
    );
}

/** A line that nothing refers to any more has no cost, and all of it is open. */
async function clearCosts(batch: Batch, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const business = batch.scope.businessId;
  await batch.tx.execute(
    sql`update app.order_lines set cost_minor = 0, cost_back_minor = 0, short_qty = qty where business_id = ${business} and id = any(${list("text", lines)})`,
  );
}

/** Lines of stocked items: their movements stay what they are and change their cost group. */
async function moveLines(batch: Batch, moved: readonly Readonly<{ row: LineRow; match: LineMatch }>[]): Promise<void> {
  if (moved.length === 0) return;
  const business = batch.scope.businessId;
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
  const added: Readonly<{ row: LineRow; item: string | null }>[] = [];
  const removed: string[] = [];
  const regrouped: { id: string; group: string }[] = [];
  for (const { row, match } of moved) {
    const own = idsOf.get(row.id) ?? [];
    const isAlone = own.length === 0 || (own.length === 1 && own[0] === row.id);
    if (match.item === null && isAlone) removed.push(row.id);
    else {
      if (!own.includes(row.id)) added.push({ row, item: match.item });
      for (const id of own) regrouped.push({ id, group: match.item ?? unmatchedGroup(row.id) });
    }
  }
  await removeMovements(batch, removed);
  await clearCosts(batch, removed);
  await regroup(batch, regrouped);
  await addMovements(
    batch,
    added.flatMap(({ row, item }) =>
      saleMovements(
        {
          id: row.id,
          order: row.order_id,
          location: row.location_id,
          on: row.on_date,
          at: row.at === null ? null : BigInt(row.at),
          qty: BigInt(row.qty),
        },
        legsOf({ id: row.id, item }, new Map()),
      ),
    ),
  );
}

/**
 * Works out again every line that these items' SKUs and names touch, and every line that is matched to them or to a bundle of them.
 * `remade`: items whose lines move other things than before, even where they stay what they are.
 */
export async function rematchItems(
  batch: Batch,
  itemIds: readonly string[],
  cause: Cause,
  formerKeys: readonly string[] = [],
  remade: readonly string[] = [],
): Promise<void> {
  const business = batch.scope.businessId;
  const ids = list("text", await withTheirBundles(batch, itemIds));
  const former = list("text", formerKeys);
  const before = remade.length === 0 ? [] : await linesOf(batch, remade);
  const bundles = await partsOf(batch, remade);
  await refuseBackfilled(
    batch,
    before.filter((line) => bundles.has(line.item_id)).map((line) => line.id),
    cause,
  );
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
  await rematch(batch, { lines: rows.map((row) => row.id), listings: [] }, cause);
  // Lines that came to be one of them just now were moved already; to move them once more changes nothing.
  await remakeSales(
    batch,
    before.map((line) => line.id),
  );
}

function linesOf(batch: Batch, items: readonly string[]): Promise<{ id: string; item_id: string }[]> {
  return rowsOf<{ id: string; item_id: string }>(
    batch.tx,
    sql`select id, item_id from app.order_lines where business_id = ${batch.scope.businessId} and not is_undone and item_id = any(${list("text", items)})`,
  );
}
