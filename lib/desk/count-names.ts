/** Items by what a person scanned or typed while planning or counting. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { rowsOf, type Tx } from "../../db/scope";
import { normalise } from "../core/matching";
import { knownAt, type Scope } from "../people/access";
import { itemsOfCodes } from "../stock/barcodes";

/** Items by their texts: a barcode, else a SKU or name that is one item's alone. What answers to nothing, or to several, is left out. */
export async function itemsCalled(
  tx: Tx,
  scope: Scope,
  given: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const b = scope.businessId;
  const texts = [...new Set(given.filter((text) => text.trim() !== ""))];
  if (texts.length === 0) return new Map();
  const coded = await itemsOfCodes(tx, scope, texts);
  const own = knownAt(scope, "i.id");
  const rest = texts.filter((text) => !coded.has(text));
  const keys = list("text", rest.map(normalise));
  const rows = await rowsOf<{ key: string; id: string }>(
    tx,
    sql`select key, min(id) as id from (
          select i.sku_key as key, i.id from app.items i
          where i.business_id = ${b} and not i.is_undone and ${own} and i.sku_key = any(${keys})
          union
          select n.name_key, n.item_id from app.item_names n join app.items i on i.business_id = ${b} and i.id = n.item_id
          where n.business_id = ${b} and not i.is_undone and ${own} and n.name_key = any(${keys})) found
        where key <> '' group by key having count(*) = 1`,
  );
  const byKey = new Map(rows.map(({ key, id }) => [key, id]));
  return new Map([
    ...coded,
    ...rest.flatMap((text) => {
      const id = byKey.get(normalise(text));
      return id === undefined ? [] : [[text, id] as const];
    }),
  ]);
}
