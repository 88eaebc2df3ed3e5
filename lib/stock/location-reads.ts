/** Locations as pages ask for them: the choices of a form, and what is at a place. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { require, type Scope } from "../people/access";

export type LocationChoice = Readonly<{ id: string; name: string }>;

/** The locations that a form may offer: none that only transfers put things at. */
export function locationChoices(scope: Scope): Promise<readonly LocationChoice[]> {
  require(scope, "read");
  return inBusiness(scope, (tx) => choicesIn(tx, scope));
}

export function choicesIn(tx: Tx, scope: Scope): Promise<readonly LocationChoice[]> {
  return rowsOf<LocationChoice>(
    tx,
    sql`select id, name from app.locations where business_id = ${scope.businessId} and not is_in_transit order by place, id`,
  );
}

/** How much of items is at a location now, in smallest units; what is not there is left out. */
export async function onHandAt(
  tx: Tx,
  scope: Scope,
  location: string,
  items: readonly string[],
): Promise<ReadonlyMap<string, bigint>> {
  if (items.length === 0) return new Map();
  const rows = await rowsOf<{ item_id: string; qty: string }>(
    tx,
    sql`select item_id, sum(in_qty - out_qty)::text as qty from app.item_months
        where business_id = ${scope.businessId} and location_id = ${location} and item_id = any(${list("text", [...new Set(items)])})
        group by item_id having sum(in_qty - out_qty) <> 0`,
  );
  return new Map(rows.map((row) => [row.item_id, BigInt(row.qty)]));
}

/** The same for a page: items as `{ id, decimals, qty }`. */
export function stockAt(
  scope: Scope,
  location: string,
  items: readonly string[],
): Promise<readonly Readonly<{ id: string; decimals: number; qty: bigint }>[]> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const there = await onHandAt(tx, scope, location, items);
    const known = await rowsOf<{ id: string; decimals: number }>(
      tx,
      sql`select id, decimals from app.items where business_id = ${scope.businessId} and not is_undone and id = any(${list("text", [...new Set(items)])})`,
    );
    return known.map(({ id, decimals }) => ({ id, decimals, qty: there.get(id) ?? 0n }));
  });
}
