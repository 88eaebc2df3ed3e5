/** Facts of items and places: what things are called, what bundles are made of, where things are. */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { itemComponents, itemNames, items, locations } from "../../db/schema";
import { rowsOf } from "../../db/scope";
import { type Batch, type Incoming, inTransit, refuse } from "../books/batch";
import { Refusal } from "../core/errors";
import type { ItemFact, LocationFact } from "../core/facts";
import { normalise } from "../core/matching";
import { partsOf, withTheirBundles } from "./bundles";
import { checkItems } from "./lines";

/** Adds locations, each after those that are there. */
export async function recordLocations(batch: Batch, incoming: readonly Incoming<LocationFact>[]): Promise<void> {
  const added = incoming.map(({ fact }, i) => {
    const place = batch.locations.size + i;
    return {
      businessId: batch.scope.businessId,
      id: fact.id,
      name: fact.name,
      place,
      isInTransit: fact.id === inTransit,
      kind: "warehouse",
      address: "",
      taxNumber: "",
      retiredAt: null,
    };
  });
  await bulkInsert(
    batch.tx,
    locations,
    added,
    // One that is renamed stays where it is in their order: which is the first is not decided by a name.
    sql`on conflict (business_id, id) do update set name = excluded.name`,
  );
  for (const { id, place, isInTransit: isBetween } of added)
    if (!batch.locations.has(id)) batch.locations.set(id, { place, isInTransit: isBetween });
}

/** `former`: the SKUs and names that replaced items answered to before; `remade`: items whose lines may now move other things. */
export type RecordedItems = Readonly<{ former: readonly string[]; remade: readonly string[] }>;

/** Adds items with every name that they answer to, and what bundles are made of. */
export async function recordItems(batch: Batch, incoming: readonly Incoming<ItemFact>[]): Promise<RecordedItems> {
  const businessId = batch.scope.businessId;
  const replaced = list(
    "text",
    incoming.filter((one) => one.isNewVersion).map((one) => one.fact.id),
  );
  const former = await rowsOf<{ key: string }>(
    batch.tx,
    sql`select sku_key as key from app.items where business_id = ${businessId} and id = any(${replaced}) and sku_key is not null
        union select name_key from app.item_names where business_id = ${businessId} and item_id = any(${replaced})`,
  );
  await batch.tx.execute(
    sql`delete from app.item_names where business_id = ${businessId} and item_id = any(${replaced})`,
  );
  await bulkInsert(
    batch.tx,
    items,
    incoming.map(({ fact }) => ({
      businessId,
      id: fact.id,
      name: fact.name,
      sku: fact.sku,
      skuKey: keyOrNull(fact.sku),
      nameKey: normalise(fact.name),
      decimals: fact.decimals,
      createdAt: batch.recordedAt,
      isUndone: false,
    })),
    sql`on conflict (business_id, id) do update set name = excluded.name, sku = excluded.sku, sku_key = excluded.sku_key, name_key = excluded.name_key,
        is_undone = false`,
  );
  const names = new Map<string, typeof itemNames.$inferInsert>();
  for (const { fact } of incoming) {
    for (const name of [fact.name, ...fact.aliases]) {
      const nameKey = normalise(name);
      if (nameKey !== "") names.set(`${nameKey}\u001f${fact.id}`, { businessId, nameKey, itemId: fact.id, name });
    }
  }
  await bulkInsert(batch.tx, itemNames, [...names.values()], sql`on conflict do nothing`);
  const remade = await recordComponents(batch, incoming);
  return { former: former.map((row) => row.key), remade };
}

/**
 * Writes what bundles are made of. Refuses components that are not there, a bundle that would hold itself, and one that things were
 * already stocked as. Gives the items whose parts may have changed: replaced bundles, and the bundles that they are in.
 */
async function recordComponents(batch: Batch, incoming: readonly Incoming<ItemFact>[]): Promise<readonly string[]> {
  const { businessId } = batch.scope;
  const bundles = incoming.filter((one) => one.fact.components !== undefined && one.fact.components.length > 0);
  const replaced = incoming.filter((one) => one.isNewVersion).map((one) => one.fact.id);
  if (bundles.length === 0 && (replaced.length === 0 || !batch.bundles.any)) return [];
  const wasBundle = await rowsOf<{ item_id: string }>(
    batch.tx,
    sql`delete from app.item_components where business_id = ${businessId} and item_id = any(${list("text", replaced)}) returning item_id`,
  );
  await checkItems(
    batch,
    bundles.flatMap((one) => (one.fact.components ?? []).map(({ item }) => ({ incoming: one, item }))),
    "any",
  );
  await bulkInsert(
    batch.tx,
    itemComponents,
    bundles.flatMap(({ fact }) =>
      (fact.components ?? []).map(({ item, qty }, place) => ({
        businessId,
        itemId: fact.id,
        place,
        componentId: item,
        qty,
      })),
    ),
  );
  batch.bundles.any ||= bundles.length > 0;
  await refuseStocked(batch, bundles);
  const changed = [...new Set([...wasBundle.map((row) => row.item_id), ...bundles.map((one) => one.fact.id)])];
  const all = await withTheirBundles(batch, changed);
  try {
    await partsOf(batch, all);
  } catch (error) {
    const at = bundles.find((one) => error instanceof Refusal && one.fact.id === error.detail.id) ?? bundles[0];
    if (error instanceof Refusal && at !== undefined) refuse(at, error.code, error.message, error.detail);
    throw error;
  }
  return all.filter((item) => replaced.includes(item) || !changed.includes(item));
}

/** What was bought, counted, moved, made or brought back as an item stays one: it cannot become a bundle. */
async function refuseStocked(batch: Batch, bundles: readonly Incoming<ItemFact>[]): Promise<void> {
  const old = bundles.filter((one) => one.isNewVersion);
  if (old.length === 0) return;
  const business = batch.scope.businessId;
  const ids = list(
    "text",
    old.map((one) => one.fact.id),
  );
  const [row] = await rowsOf<{ id: string }>(
    batch.tx,
    sql`select item_id as id from app.purchase_lines where business_id = ${business} and item_id = any(${ids})
        union all select item_id from app.stock_lines where business_id = ${business} and item_id = any(${ids})
        union all select item_id from app.return_lines where business_id = ${business} and item_id = any(${ids}) limit 1`,
  );
  const one = old.find(({ fact }) => fact.id === row?.id);
  if (one !== undefined)
    refuse(one, "in_use", "Some of it was stocked, so it cannot become a bundle. Make a new product for the bundle.", {
      id: one.fact.id,
    });
}

/** The normalised text, null where nothing is left of it: what is empty matches nothing. */
export function keyOrNull(text: string | null): string | null {
  const key = text === null ? "" : normalise(text);
  return key === "" ? null : key;
}
