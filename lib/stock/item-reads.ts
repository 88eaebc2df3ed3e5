/** Items as pages ask for them: the type-ahead, the head of View Item. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import type { Component, ItemFact, LocalDate } from "../core/facts";
import { normalise } from "../core/matching";
import { share } from "../core/money";
import { inPlaces, isLimited, knownAt, placesOf, require, type Scope } from "../people/access";
import { barcodeOf } from "./barcodes";

/** Items as the facts that they are now, to be recorded again with a change; in no order. */
export async function itemFacts(tx: Tx, scope: Scope, ids: readonly string[]): Promise<readonly ItemFact[]> {
  if (ids.length === 0) return [];
  const components = new Map<string, Component[]>();
  for (const row of await rowsOf<{ item_id: string; component_id: string; qty: string }>(
    tx,
    sql`select item_id, component_id, qty::text from app.item_components
        where business_id = ${scope.businessId} and item_id = any(${list("text", [...new Set(ids)])}) order by item_id, place`,
  )) {
    const own = components.get(row.item_id) ?? [];
    own.push({ item: row.component_id, qty: BigInt(row.qty) });
    components.set(row.item_id, own);
  }
  const rows = await rowsOf<{ id: string; name: string; sku: string | null; decimals: number; aliases: string[] }>(
    tx,
    sql`select i.id, i.name, i.sku, i.decimals,
          array(select n.name from app.item_names n where n.business_id = ${scope.businessId} and n.item_id = i.id and n.name_key <> i.name_key order by n.name_key) as aliases
        from app.items i where i.business_id = ${scope.businessId} and not i.is_undone and i.id = any(${list("text", [...new Set(ids)])})`,
  );
  return rows.map((row) => {
    const held = components.get(row.id);
    return { kind: "item", ...row, ...(held === undefined ? {} : { components: held }) };
  });
}

/** One choice of the type-ahead. `id` is an item's, or `seen/…` of a sold line whose product is no item yet. */
export type ItemChoice = Readonly<{
  id: string;
  name: string;
  sku: string | null;
  /** Names of the channels where it was sold lately. */
  soldOn: readonly string[];
  /** What one of it cost when it was last bought, and when. */
  last: Readonly<{ eachMinor: bigint; on: LocalDate }> | null;
  isItem: boolean;
}>;

const choices = 8;

/**
 * Items whose name, SKU or alias holds the words, those that begin with them first; then what channels sold that is no item yet. Who is
 * limited to some locations finds what is or was there, by name and SKU alone.
 */
export function searchItems(scope: Scope, q: string): Promise<readonly ItemChoice[]> {
  require(scope, "stock");
  const words = normalise(q).slice(0, 200);
  const business = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const items = await rowsOf<Record<string, string | null> & { decimals: number; sold_on: string[] }>(
      tx,
      sql`with found as (
            select n.item_id as id, min(case when n.name_key = ${words} then 0 when starts_with(n.name_key, ${words}) then 1 else 2 end) as rank
            from app.item_names n where n.business_id = ${business} and strpos(n.name_key, ${words}) > 0 group by 1
            union all
            select id, case when starts_with(sku_key, ${words}) then 0 else 2 end from app.items
            where business_id = ${business} and sku_key is not null and strpos(sku_key, ${words}) > 0
            union all
            select item_id, 0 from app.item_barcodes where business_id = ${business} and code = ${barcodeOf(q) ?? ""}
          ), best as (select id, min(rank) as rank from found group by id)
          select i.id, i.name, i.sku, i.decimals,
            array(select distinct c.name from (select channel_id from app.order_lines o where o.business_id = ${business} and o.item_id = i.id and not o.is_undone
              order by o.on_date desc, o.id desc limit 50) s join app.channels c on c.business_id = ${business} and c.id = s.channel_id order by c.name) as sold_on,
            l.cost::text, l.qty::text, l.on_date::text
          from best b join app.items i on i.business_id = ${business} and i.id = b.id and not i.is_undone and ${knownAt(scope, "i.id")}
          left join lateral (select p.on_date, pl.cost_minor as cost, pl.qty from app.purchase_lines pl
            join app.purchases p on p.business_id = ${business} and p.id = pl.purchase_id
            where pl.business_id = ${business} and pl.item_id = i.id and not p.is_undone order by p.on_date desc, p.id desc limit 1) l on true
          order by b.rank, i.name_key, i.id limit ${choices}`,
    );
    if (isLimited(scope))
      return items.map(({ id, name, sku }) => ({
        id: id ?? "",
        name: name ?? "",
        sku: sku ?? null,
        soldOn: [],
        last: null,
        isItem: true,
      }));
    const seen = await rowsOf<{ id: string; name: string; sku: string | null; channel: string }>(
      tx,
      sql`select distinct on (s.name_key) s.id, s.name, s.sku, c.name as channel from (
            select id, name, sku, name_key, channel_id from app.order_lines
            where business_id = ${business} and item_id is null and not is_undone and candidates = 0
              and (strpos(name_key, ${words}) > 0 or strpos(coalesce(sku_key, ''), ${words}) > 0)
            order by on_date desc, id desc limit 200) s
          join app.channels c on c.business_id = ${business} and c.id = s.channel_id
          order by s.name_key, s.id limit ${choices}`,
    );
    const known: ItemChoice[] = items.map((row) => {
      const one = 10n ** BigInt(row.decimals);
      const qty = BigInt(row.qty ?? "0");
      const each = qty === 0n ? null : qty >= one ? share(BigInt(row.cost ?? "0"), one, qty) : null;
      return {
        id: row.id ?? "",
        name: row.name ?? "",
        sku: row.sku ?? null,
        soldOn: row.sold_on,
        last: each === null ? null : { eachMinor: each, on: row.on_date ?? "" },
        isItem: true,
      };
    });
    const loose: ItemChoice[] = seen.map((row) => ({
      id: `seen/${row.id}`,
      name: row.name,
      sku: row.sku,
      soldOn: [row.channel],
      last: null,
      isItem: false,
    }));
    return [...known, ...loose].slice(0, choices);
  });
}

/** Where an item is: the quantity at each location that the one who asks sees. */
export function whereIs(
  scope: Scope,
  item: string,
): Promise<readonly Readonly<{ id: string; name: string; qty: bigint }>[]> {
  require(scope, "stock");
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<{ id: string; name: string; qty: string }>(
      tx,
      sql`select l.id, l.name, p.qty::text from app.item_places p
          join app.locations l on l.business_id = ${scope.businessId} and l.id = p.location_id
          where p.business_id = ${scope.businessId} and p.item_id = ${item} and p.qty <> 0
            and ${inPlaces("p.location_id", placesOf(scope))} order by l.place, l.id`,
    );
    return rows.map((row) => ({ ...row, qty: BigInt(row.qty) }));
  });
}

export type ItemView = Readonly<{
  id: string;
  name: string;
  sku: string | null;
  decimals: number;
  aliases: readonly string[];
  qty: bigint;
  valueMinor: bigint;
  short: bigint;
  oldestOn: LocalDate | null;
  lastSoldOn: LocalDate | null;
  /** All movements of it, ever. */
  movements: number;
}>;

/**
 * One item. Refuses `not_found` for what is not there, was taken back, or is somebody else's. Who is limited to some locations is told what
 * is there, without its worth, dates and costs, and finds nothing that never was there.
 */
export function itemView(scope: Scope, id: string): Promise<ItemView> {
  require(scope, "stock");
  return inBusiness(scope, async (tx) => {
    const [fact] = await itemFacts(tx, scope, [id]);
    if (fact === undefined) throw new Refusal("not_found", "There is no such product, or it was taken back.");
    if (isLimited(scope))
      return {
        ...(await hereOf(tx, scope, id)),
        id,
        name: fact.name,
        sku: fact.sku,
        decimals: fact.decimals,
        aliases: fact.aliases,
      };
    const [row] = await rowsOf<Record<string, string | null>>(
      tx,
      sql`select on_hand_qty::text as qty, value_minor::text as value, short_qty::text as short, oldest_lot_on::text as oldest, last_sold_on::text as sold
          from app.item_stock where business_id = ${scope.businessId} and item_id = ${id}`,
    );
    const [months] = await rowsOf<{ n: number }>(
      tx,
      sql`select coalesce(sum("rows"), 0)::int as n from app.item_months where business_id = ${scope.businessId} and item_id = ${id}`,
    );
    return {
      id,
      name: fact.name,
      sku: fact.sku,
      decimals: fact.decimals,
      aliases: fact.aliases,
      qty: BigInt(row?.qty ?? "0"),
      valueMinor: BigInt(row?.value ?? "0"),
      short: BigInt(row?.short ?? "0"),
      oldestOn: row?.oldest ?? null,
      lastSoldOn: row?.sold ?? null,
      movements: months?.n ?? 0,
    };
  });
}

type Here = Omit<ItemView, "id" | "name" | "sku" | "decimals" | "aliases">;

/** What of an item is at the locations that a person is limited to. */
async function hereOf(tx: Tx, scope: Scope, id: string): Promise<Here> {
  const own = inPlaces("p.location_id", placesOf(scope));
  const [row] = await rowsOf<{ places: number; qty: string; rows: number }>(
    tx,
    sql`select count(*)::int as places, coalesce(sum(p.qty), 0)::text as qty,
          (select coalesce(sum(p."rows"), 0)::int from app.item_months p where p.business_id = ${scope.businessId} and p.item_id = ${id} and ${own}) as rows
        from app.item_places p where p.business_id = ${scope.businessId} and p.item_id = ${id} and ${own}`,
  );
  if (row === undefined || row.places === 0)
    throw new Refusal("not_found", "There is no such product, or it was taken back.");
  return { qty: BigInt(row.qty), valueMinor: 0n, short: 0n, oldestOn: null, lastSoldOn: null, movements: row.rows };
}

/** Does the business count anything in parts (cloth by the metre)? Then quantities are typed freely. */
export function hasParts(scope: Scope): Promise<boolean> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<{ id: string }>(
      tx,
      sql`select id from app.items where business_id = ${scope.businessId} and decimals > 0 and not is_undone limit 1`,
    );
    return rows.length > 0;
  });
}
