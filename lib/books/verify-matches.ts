/**
 * Proves which product each sold line is of: the rule (lib/core/matching.ts) over all products, choices of people and lines, one listing
 * after the other, from the texts as they came; beside it what is kept of each listing for lines to come.
 */
import { sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import { partsOfBundle } from "../core/bundles";
import type { Finding } from "../core/checks";
import type { Component } from "../core/facts";
import { decideListing, type KnownItems, type LineToMatch, matchLine, noDecision, normalise } from "../core/matching";
import type { Walked } from "./verify-chain";

const rowsAtOnce = 10_000;

type Row = {
  id: string;
  listing_key: string | null;
  sku: string | null;
  sku_key: string | null;
  name: string;
  name_key: string;
  on_date: string;
  at: string | null;
  qty: string;
  item_id: string | null;
  matched_by: string | null;
  candidates: number;
};

/** What was looked at, lines and listings, and what does not hold; at most `most`. */
export async function wrongMatches(tx: Tx, scope: InBusiness, most: number): Promise<Walked> {
  const known = await knownItems(tx, scope);
  const [hands, pins] = [await handsOf(tx, scope), await pinsOf(tx, scope)];
  const kept = await keptListings(tx, scope);
  const findings: Finding[] = [];
  let looked = 0;
  const say = (what: string, expected: string, found: string) => {
    if (expected !== found && findings.length < most) findings.push({ what, expected, found });
  };
  const prove = (rows: readonly Row[]) => {
    looked += rows.length;
    const lines = rows.map(
      (row): LineToMatch => ({
        id: row.id,
        listing: row.listing_key,
        sku: row.sku === null ? "" : normalise(row.sku),
        name: normalise(row.name),
        on: row.on_date,
        at: row.at === null ? null : BigInt(row.at),
        hand: hands.get(row.id) ?? null,
        qty: BigInt(row.qty),
        pinned: pins.get(row.id) ?? [],
      }),
    );
    const listing = rows[0]?.listing_key ?? null;
    const decision = listing === null ? noDecision : decideListing(lines, known);
    for (const [i, line] of lines.entries()) {
      const row = rows[i];
      const match = matchLine(line, known, decision);
      const expected = said(match.item, match.by, match.candidates.length);
      const found = row === undefined ? "nothing" : said(row.item_id, row.matched_by, row.candidates);
      say(`what the sold line ${line.id} is`, expected, found);
      if (row === undefined) continue;
      say(`the key of the SKU of the sold line ${line.id}`, line.sku, row.sku_key ?? "");
      say(`the key of the name of the sold line ${line.id}`, line.name, row.name_key);
    }
    if (listing === null) return;
    const expected =
      decision.kind === "none"
        ? "nothing"
        : decision.kind === "hand"
          ? `${decision.items.join(", ")} by hand`
          : `${decision.item} by ${decision.line.id} of ${placed(decision.line.on, decision.line.at)}`;
    const found = kept.get(listing) ?? "nothing";
    kept.delete(listing);
    say(listingNamed(listing), expected, found);
  };
  // Lines without a listing stand alone; those with one come listing by listing, whose last one of a page may go on in the next.
  for await (const rows of pages(tx, scope, false)) prove(rows);
  let own: Row[] = [];
  for await (const rows of pages(tx, scope, true))
    for (const row of rows) {
      if (own.length > 0 && own[0]?.listing_key !== row.listing_key) {
        prove(own);
        own = [];
      }
      own.push(row);
    }
  if (own.length > 0) prove(own);
  for (const [listing, found] of kept)
    if (findings.length < most) findings.push({ what: listingNamed(listing), expected: "nothing", found });
  return { looked, findings };
}

const said = (item: string | null, by: string | null, candidates: number) =>
  item === null
    ? `nothing, of ${candidates} that it could be`
    : `${item} by ${by}${candidates === 0 ? "" : `, of ${candidates}`}`;

/** A line's place among those of its listing. */
const placed = (on: string, at: bigint | null) => `${on}${at === null ? "" : ` ${at}`}`;

/** A listing's key is its channel and its own id, parted by a sign that nobody can read. */
const listingNamed = (key: string) => `what decides the listing ${key.replace("\u001f", " ")}`;

async function* pages(tx: Tx, scope: InBusiness, isListed: boolean): AsyncGenerator<readonly Row[]> {
  const business = scope.businessId;
  for (let last: Row | undefined, isFirst = true; isFirst || last !== undefined; isFirst = false) {
    const from = isListed
      ? sql`listing_key is not null${
          last === undefined
            ? sql``
            : sql` and (listing_key, on_date, id) > (${last.listing_key}, ${last.on_date}::date, ${last.id})`
        } order by listing_key, on_date, id`
      : sql`listing_key is null${last === undefined ? sql`` : sql` and id > ${last.id}`} order by id`;
    const rows: Row[] = await rowsOf<Row>(
      tx,
      sql`select id, listing_key, sku, sku_key, name, name_key, on_date::text, (extract(epoch from "at") * 1000000)::bigint::text as at, qty::text, item_id, matched_by,
            candidates from app.order_lines where business_id = ${business} and not is_undone and ${from} limit ${rowsAtOnce}`,
    );
    if (rows.length > 0) yield rows;
    last = rows.length < rowsAtOnce ? undefined : rows.at(-1);
  }
}

async function knownItems(tx: Tx, scope: InBusiness): Promise<KnownItems> {
  const business = scope.businessId;
  const [bySku, byName] = [new Map<string, string[]>(), new Map<string, string[]>()];
  const add = (map: Map<string, string[]>, text: string, item: string) => {
    const key = normalise(text);
    const own = map.get(key);
    if (own === undefined) map.set(key, [item]);
    else if (!own.includes(item)) own.push(item);
  };
  for (const row of await rowsOf<{ id: string; sku: string }>(
    tx,
    sql`select id, sku from app.items where business_id = ${business} and sku is not null and not is_undone`,
  ))
    add(bySku, row.sku, row.id);
  for (const row of await rowsOf<{ id: string; name: string }>(
    tx,
    sql`select n.item_id as id, n.name from app.item_names n
        join app.items i on i.business_id = ${business} and i.id = n.item_id and not i.is_undone where n.business_id = ${business}`,
  ))
    add(byName, row.name, row.id);
  const direct = new Map<string, Component[]>();
  for (const row of await rowsOf<{ item_id: string; component_id: string; qty: string }>(
    tx,
    sql`select item_id, component_id, qty::text from app.item_components where business_id = ${business} order by item_id, place`,
  ))
    gathered(direct, row.item_id, { item: row.component_id, qty: BigInt(row.qty) });
  const parts = new Map([...direct.keys()].map((item) => [item, partsOfBundle(item, direct) ?? []] as const));
  return { bySku, byName, parts };
}

function gathered<T>(map: Map<string, T[]>, key: string, value: T): void {
  const own = map.get(key);
  if (own === undefined) map.set(key, [value]);
  else own.push(value);
}

async function handsOf(tx: Tx, scope: InBusiness): Promise<ReadonlyMap<string, string>> {
  const rows = await rowsOf<{ sale_id: string; item_id: string }>(
    tx,
    sql`select sale_id, item_id from app.matches where business_id = ${scope.businessId}`,
  );
  return new Map(rows.map((row) => [row.sale_id, row.item_id]));
}

/** What is pinned of each line: of which items the lots are. */
async function pinsOf(tx: Tx, scope: InBusiness): Promise<ReadonlyMap<string, readonly Component[]>> {
  const pins = new Map<string, Component[]>();
  for (const row of await rowsOf<{ sale_id: string; item_id: string; qty: string }>(
    tx,
    sql`select p.sale_id, m.item_id, p.qty::text from app.pins p
        join app.movements m on m.business_id = ${scope.businessId} and m.id = p.lot_id and m.leg = 0 where p.business_id = ${scope.businessId}`,
  ))
    gathered(pins, row.sale_id, { item: row.item_id, qty: BigInt(row.qty) });
  return pins;
}

/** What is kept of each listing, as it is told here. */
async function keptListings(tx: Tx, scope: InBusiness): Promise<Map<string, string>> {
  const rows = await rowsOf<{ key: string; items: string; by: string; on: string; at: string | null; hand: boolean }>(
    tx,
    sql`select listing_key as key, replace(item_id, chr(31), ', ') as items, line_id as by, on_date::text as on,
          (extract(epoch from "at") * 1000000)::bigint::text as at, is_by_hand as hand
        from app.listings where business_id = ${scope.businessId}`,
  );
  return new Map(
    rows.map(({ key, items, by, on, at, hand }) => [
      key,
      // By hand no line decides, and there is none of any day.
      hand
        ? `${items} by hand${by === "" && on === "0001-01-01" && at === null ? "" : ` and ${by} of ${on}`}`
        : `${items} by ${by} of ${placed(on, at === null ? null : BigInt(at))}`,
    ]),
  );
}
