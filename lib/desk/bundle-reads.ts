/** Bundles as pages ask for them: what each is made of, how many could be sold now, and what one would cost now. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { lockBooks } from "../books/ledger";
import { bundlesIn, partsOfBundle } from "../core/bundles";
import { costOf, lineAt, type OpenLot, type Pool } from "../core/costing";
import { Refusal } from "../core/errors";
import type { Component } from "../core/facts";
import { require, type Scope } from "../people/access";
import { type Cursor, turned } from "../sales/keyset";
import { like } from "../sales/sold-reads";
import { openLotsNow } from "./recipe-costs";

/** A component as its bundle names it; `parts` where it is a bundle itself. */
export type BundlePart = Readonly<{
  item: string;
  name: string;
  sku: string | null;
  decimals: number;
  qty: bigint;
  parts: readonly BundlePart[];
}>;

/**
 * `places`: how many could be sold now at each place where it is not 0, in whole. `costMinor`: what one would cost now, an estimate from the
 * oldest lots that are left; `isComplete` false: no lot covers some of it.
 */
export type Bundle = Readonly<{
  item: string;
  name: string;
  sku: string | null;
  parts: readonly BundlePart[];
  places: readonly Readonly<{ id: string; name: string; qty: bigint }>[];
  costMinor: bigint;
  isComplete: boolean;
}>;

const pageSize = 30;
const afterAll = "9999-12-30";
const mostLevels = 50;

/** One page of bundles by their names. */
export function bundleRows(
  scope: Scope,
  words = "",
  page: Readonly<{ after?: Cursor | null; before?: Cursor | null; limit?: number }> = {},
): Promise<Readonly<{ rows: readonly Bundle[]; after: Cursor | null; before: Cursor | null }>> {
  require(scope, "read");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const found = await turned({ ...page, isDown: false }, pageSize, (way) =>
      rowsOf<{ key: string; id: string }>(
        tx,
        sql`select i.name_key as key, i.id from app.items i
            where ${bundlesOf(b, words)} ${way.from(sql`i.name_key`, sql`i.id`, "text")}
            order by i.name_key ${way.direction}, i.id ${way.direction} limit ${way.limit}`,
      ),
    );
    const known = await bundlesByIds(
      tx,
      scope,
      found.rows.map((row) => row.id),
    );
    return { ...found, rows: found.rows.flatMap(({ id }) => known.get(id) ?? []) };
  });
}

const bundlesOf = (b: string, words: string) => {
  const found = words === "" ? sql`` : sql`and (i.name ilike ${like(words)} or i.sku ilike ${like(words)})`;
  return sql`i.business_id = ${b} and not i.is_undone and i.id in (select c.item_id from app.item_components c where c.business_id = ${b}) ${found}`;
};

/** How many fit, and whether there is any at all. */
export function bundleTotals(scope: Scope, words = ""): Promise<Readonly<{ bundles: number; isEmpty: boolean }>> {
  require(scope, "read");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<{ n: number; any: boolean }>(
      tx,
      sql`select (select count(*)::int from app.items i where ${bundlesOf(b, words)}) as n,
            exists (select 1 from app.item_components where business_id = ${b}) as any`,
    );
    return { bundles: row?.n ?? 0, isEmpty: row?.any !== true };
  });
}

/** One bundle. Refuses `not_found` for what is none. */
export function bundleView(scope: Scope, item: string): Promise<Bundle> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const found = (await bundlesByIds(tx, scope, [item])).get(item);
    if (found === undefined) throw new Refusal("not_found", "There is no such bundle.");
    return found;
  });
}

/** The bundles that hold this item in their own lists, and the item itself where it is one (`isItself`). */
export function bundlesAbout(
  scope: Scope,
  item: string,
): Promise<readonly Readonly<{ id: string; name: string; isItself: boolean }>[]> {
  require(scope, "read");
  return inBusiness(scope, (tx) =>
    rowsOf<{ id: string; name: string; isItself: boolean }>(
      tx,
      sql`select distinct i.id, i.name, i.id = ${item} as "isItself" from app.item_components c join app.items i on i.business_id = ${scope.businessId} and i.id = c.item_id and not i.is_undone
          where c.business_id = ${scope.businessId} and (c.component_id = ${item} or c.item_id = ${item}) order by i.name, i.id limit 20`,
    ),
  );
}

type Named = Readonly<{ id: string; name: string; sku: string | null; decimals: number }>;

async function bundlesByIds(tx: Tx, scope: Scope, ids: readonly string[]): Promise<ReadonlyMap<string, Bundle>> {
  if (ids.length === 0) return new Map();
  const { direct, items } = await componentsBelow(tx, scope, ids);
  const inTheEnd = new Map(
    ids.flatMap((id) => {
      const parts = partsOfBundle(id, direct);
      return parts === null ? [] : [[id, parts] as const];
    }),
  );
  const wanted = [...new Set([...inTheEnd.values()].flatMap((parts) => parts.map((part) => part.item)))];
  const { pool } = await lockBooks(tx, scope, false);
  const places = await rowsOf<{ id: string; name: string }>(
    tx,
    sql`select id, name from app.locations where business_id = ${scope.businessId} and not is_in_transit and retired_at is null order by place, id`,
  );
  const stock = await rowsOf<{ item: string; location: string; qty: string }>(
    tx,
    sql`select item_id as item, location_id as location, sum(in_qty - out_qty)::text as qty from app.item_months
        where business_id = ${scope.businessId} and item_id = any(${list("text", wanted)}) group by 1, 2`,
  );
  const there = new Map(stock.map((row) => [`${row.location} ${row.item}`, BigInt(row.qty)]));
  const first = places[0]?.id ?? "";
  const lots = await openLotsNow(tx, scope, pool, first, wanted);
  const tree = (bundle: string): readonly BundlePart[] =>
    (direct.get(bundle) ?? []).flatMap(({ item, qty }) => {
      const known = items.get(item);
      const { id: _id, ...named } = known ?? { id: item, name: "", sku: null, decimals: 0 };
      return [{ item, ...named, qty, parts: tree(item) }];
    });
  return new Map(
    [...inTheEnd].map(([id, parts]) => {
      const known = items.get(id);
      const counts = places.map((place) => ({
        ...place,
        qty: bundlesIn(parts, (item) => there.get(`${place.id} ${item}`) ?? 0n),
      }));
      return [
        id,
        {
          item: id,
          name: known?.name ?? "",
          sku: known?.sku ?? null,
          parts: tree(id),
          places: counts.filter((place) => place.qty > 0n),
          ...costNow(parts, lots, pool, first),
        },
      ];
    }),
  );
}

/** What one would cost, by the fold that costs its sale: its parts leave the lots that are there now, the oldest first. */
function costNow(
  parts: readonly Component[],
  lots: readonly OpenLot[],
  pool: Pool,
  location: string,
): Readonly<{ costMinor: bigint; isComplete: boolean }> {
  const own = new Set(parts.map((part) => part.item));
  const { outs } = costOf({
    pool,
    graceDays: 0,
    openLots: lots.filter((lot) => own.has(lot.item)),
    earlierSales: [],
    steps: parts.map(({ item, qty }) => ({
      kind: "out",
      source: "sale",
      id: item,
      item,
      place: lineAt(afterAll, 2, null, item),
      location,
      qty,
      reservations: [],
    })),
  });
  return {
    costMinor: outs.reduce((sum, out) => sum + out.cost, 0n),
    isComplete: outs.every((out) => out.shortage === 0n),
  };
}

/** What these bundles name, what the bundles among that name, and so on: lists as they are, and the names of all of it. */
async function componentsBelow(
  tx: Tx,
  scope: Scope,
  ids: readonly string[],
): Promise<Readonly<{ direct: ReadonlyMap<string, readonly Component[]>; items: ReadonlyMap<string, Named> }>> {
  const direct = new Map<string, Component[]>();
  const asked = new Set<string>();
  let level = [...ids];
  for (let depth = 0; depth < mostLevels && level.length > 0; depth += 1) {
    for (const item of level) asked.add(item);
    const rows = await rowsOf<{ item_id: string; component_id: string; qty: string }>(
      tx,
      sql`select item_id, component_id, qty::text from app.item_components
          where business_id = ${scope.businessId} and item_id = any(${list("text", level)}) order by item_id, place`,
    );
    const next = new Set<string>();
    for (const row of rows) {
      const own = direct.get(row.item_id) ?? [];
      own.push({ item: row.component_id, qty: BigInt(row.qty) });
      direct.set(row.item_id, own);
      if (!asked.has(row.component_id)) next.add(row.component_id);
    }
    level = [...next];
  }
  const items = await rowsOf<Named>(
    tx,
    sql`select id, name, sku, decimals from app.items where business_id = ${scope.businessId} and id = any(${list("text", [...asked])})`,
  );
  return { direct, items: new Map(items.map((row) => [row.id, row])) };
}
