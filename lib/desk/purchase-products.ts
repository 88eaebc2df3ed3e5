/** Which item each typed row of a purchase is, and what is new about it. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import type { ItemFact } from "../core/facts";
import { normalise } from "../core/matching";
import type { Scope } from "../people/access";
import { itemFacts } from "../stock/item-reads";
import { keyOrNull } from "../stock/items";
import { newId } from "../system/ids";

/** One row as typed. `line`: the id of the saved line it is; `item`: the chosen item, or `seen/…` for a sold line's product. */
export type TypedLine = Readonly<{
  /** Its place in the form, for errors: `lines.3.qty`. */
  row: number;
  line: string | null;
  item: string | null;
  name: string;
  sku: string;
  qty: string;
  /** Minor units for one, and in all; one of them is enough. */
  each: bigint | null;
  all: bigint | null;
  location: string | null;
}>;

/** The form's field of a row, for errors. */
export const at = (row: number, column: string) => ({ field: `lines.${row}.${column}` });
const longestText = 500;

/** A rule's refusal, with the field that it is about. */
export function inField<T>(where: Readonly<{ field: string }>, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(error.code, error.message, { ...error.detail, ...where });
    throw error;
  }
}

/** A typed text with single spaces; not too long. */
export function text(typed: string, where: Readonly<{ field: string }>): string {
  const said = typed.normalize("NFC").replace(/\s+/gu, " ").trim();
  if ([...said].length > longestText)
    throw new Refusal("text_too_long", `At most ${longestText} characters fit here.`, where);
  return said;
}

type Product = Readonly<{ id: string; decimals: number }>;

/**
 * The item of each row: the chosen one; else the only one with its SKU, else the only one of its name; else a new one, made with the SKU
 * that was typed (two rows of one new name are one product). A SKU typed for an item that has none becomes its SKU.
 */
export async function productsOf(
  tx: Tx,
  scope: Scope,
  lines: readonly TypedLine[],
): Promise<Readonly<{ of: (line: TypedLine) => Product; facts: () => readonly ItemFact[] }>> {
  const business = scope.businessId;
  const chosen = lines.flatMap((line) => (line.item === null || line.item.startsWith("seen/") ? [] : [line.item]));
  const seen = lines.flatMap((line) => (line.item?.startsWith("seen/") ? [line.item.slice(5)] : []));
  const sold = new Map(
    (
      await rowsOf<{ id: string; name: string; sku: string | null }>(
        tx,
        sql`select id, name, sku from app.order_lines where business_id = ${business} and id = any(${list("text", seen)})`,
      )
    ).map((row) => [row.id, row]),
  );
  const asked = lines.map((line) => {
    const known = line.item?.startsWith("seen/") ? sold.get(line.item.slice(5)) : undefined;
    const name = text(line.name === "" ? (known?.name ?? "") : line.name, at(line.row, "product"));
    const sku = text(line.sku === "" ? (known?.sku ?? "") : line.sku, at(line.row, "sku"));
    return { line, name, sku, nameKey: normalise(name), skuKey: keyOrNull(sku) };
  });
  const byKey = await rowsOf<{ id: string; sku: string | null; name: string }>(
    tx,
    sql`select 'sku' as name, sku_key as sku, id from app.items where business_id = ${business} and not is_undone
          and sku_key = any(${list("text", [...new Set(asked.flatMap((one) => one.skuKey ?? []))])})
        union all
        select 'name', n.name_key, n.item_id from app.item_names n join app.items i on i.business_id = ${business} and i.id = n.item_id and not i.is_undone
          where n.business_id = ${business} and n.name_key = any(${list("text", [...new Set(asked.map((one) => one.nameKey))])})`,
  );
  const having = (kind: "sku" | "name", key: string | null) =>
    key === null ? [] : byKey.filter((row) => row.name === kind && row.sku === key).map((row) => row.id);
  const items = new Map(
    (await itemFacts(tx, scope, [...chosen, ...byKey.map((row) => row.id)])).map((one) => [one.id, one]),
  );
  const changed = new Map<string, ItemFact>();
  const fresh = new Map<string, ItemFact>();
  const found = new Map<TypedLine, Product>();
  for (const { line, name, sku, nameKey, skuKey } of asked) {
    const picked = line.item === null ? undefined : items.get(line.item);
    // Without script the hidden id stays when another name is typed: the name counts.
    const isPicked =
      picked !== undefined &&
      (name === "" || [picked.name, ...picked.aliases].some((one) => normalise(one) === nameKey));
    if (name === "" && !isPicked)
      throw new Refusal("field_missing", "Which product is it? Type its name.", at(line.row, "product"));
    let item = isPicked ? picked : undefined;
    for (const ids of [having("sku", skuKey), having("name", nameKey)]) {
      if (item !== undefined) break;
      if (ids.length > 1)
        throw new Refusal(
          "does_not_fit",
          `${ids.length} products fit “${name}”. Choose one from the list.`,
          at(line.row, "product"),
        );
      if (ids[0] !== undefined) item = items.get(ids[0]);
    }
    item = changed.get(item?.id ?? "") ?? item ?? fresh.get(nameKey);
    if (item === undefined) {
      item = {
        kind: "item",
        id: newId(),
        name,
        sku: sku === "" ? null : sku,
        decimals: decimalsTyped(line.qty),
        aliases: [],
      };
      fresh.set(nameKey, item);
    } else if (sku !== "" && keyOrNull(item.sku) !== skuKey) {
      if (item.sku !== null)
        throw new Refusal(
          "does_not_fit",
          `The SKU of ${item.name} is ${item.sku}. Change it under View Item, or leave this empty.`,
          at(line.row, "sku"),
        );
      item = { ...item, sku };
      (fresh.has(nameKey) && fresh.get(nameKey)?.id === item.id ? fresh : changed).set(
        fresh.get(nameKey)?.id === item.id ? nameKey : item.id,
        item,
      );
    }
    found.set(line, { id: item.id, decimals: item.decimals });
  }
  return {
    of: (line) => found.get(line) ?? { id: "", decimals: 0 },
    facts: () => [...fresh.values(), ...changed.values()],
  };
}

/** A new product is counted as its first quantity was written: `2.50` of cloth has two decimals. */
function decimalsTyped(qty: string): number {
  const part = /\.(\d{1,4})$/.exec(qty.trim());
  return part?.[1]?.length ?? 0;
}
