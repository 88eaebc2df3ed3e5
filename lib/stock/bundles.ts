/** What lines of bundles move: the parts of each bundle, from the items' own lists (lib/core/bundles.ts), and the movements of a sold line. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { rowsOf } from "../../db/scope";
import type { Batch } from "../books/batch";
import { partsOfBundle } from "../core/bundles";
import type { Component } from "../core/facts";
import { unmatchedGroup } from "../core/ids";

/** What one of each bundle is made of in the end; stocked items are not in it. */
export type Parts = ReadonlyMap<string, readonly Component[]>;

/** The parts of those of these items that are bundles. Bundles in bundles are read level by level: they are few. */
export async function partsOf(batch: Batch, items: Iterable<string>): Promise<Parts> {
  const parts = new Map<string, readonly Component[]>();
  if (!batch.bundles.any) return parts;
  const wanted = new Set(items);
  const direct = new Map<string, Component[]>();
  const asked = new Set<string>();
  for (let level = [...wanted]; level.length > 0; ) {
    for (const item of level) asked.add(item);
    const next = new Set<string>();
    for (const row of await rowsOf<{ item_id: string; component_id: string; qty: string }>(
      batch.tx,
      sql`select item_id, component_id, qty::text from app.item_components
          where business_id = ${batch.scope.businessId} and item_id = any(${list("text", level)}) order by item_id, place`,
    )) {
      const own = direct.get(row.item_id) ?? [];
      own.push({ item: row.component_id, qty: BigInt(row.qty) });
      direct.set(row.item_id, own);
      if (!asked.has(row.component_id)) next.add(row.component_id);
    }
    level = [...next];
  }
  for (const item of wanted) {
    const made = partsOfBundle(item, direct);
    if (made !== null) parts.set(item, made);
  }
  return parts;
}

/** These items and every bundle that holds one of them, at any depth: what else changes when they do. */
export async function withTheirBundles(batch: Batch, items: readonly string[]): Promise<readonly string[]> {
  const found = new Set(items);
  if (!batch.bundles.any) return [...found];
  for (let level = [...items]; level.length > 0; ) {
    const rows = await rowsOf<{ item_id: string }>(
      batch.tx,
      sql`select distinct item_id from app.item_components where business_id = ${batch.scope.businessId} and component_id = any(${list("text", level)})`,
    );
    level = rows.map((row) => row.item_id).filter((item) => !found.has(item));
    for (const item of level) found.add(item);
  }
  return [...found];
}

/** One of the movements that a sold line makes: whose, as which leg, and how many of it for one of the line's. */
export type Leg = Readonly<{ leg: number; group: string; times: bigint }>;

/** The movements of a sold line: its item's, or one for each part of its bundle; what matched nothing is a cost group of its own. */
export function legsOf(line: Readonly<{ id: string; item: string | null }>, parts: Parts): readonly Leg[] {
  const held = line.item === null ? undefined : parts.get(line.item);
  if (held === undefined) return [{ leg: 0, group: line.item ?? unmatchedGroup(line.id), times: 1n }];
  return held.map(({ item, qty }, index) => ({ leg: index + 1, group: item, times: qty }));
}
