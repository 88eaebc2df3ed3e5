/** Codes that are printed on things: each is one item's alone, an item has any number of them. They only find things; no sale matches by one. */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { itemBarcodes } from "../../db/schema";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";

const longestCode = 80;
const mostCodes = 50;

/** A code as it is kept: what scanners put around it is taken off; null for what is none. */
export function barcodeOf(text: string): string | null {
  const code = text.normalize("NFKC").replace(/\s+/g, "");
  return code === "" || [...code].length > longestCode || /[\p{Cc}\p{Cf}]/u.test(code) ? null : code;
}

/** The items that codes are of, by the codes as they were given; what is no item's is left out. */
export async function itemsOfCodes(
  tx: Tx,
  scope: Scope,
  texts: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const codes = new Map(
    texts.flatMap((text) => {
      const code = barcodeOf(text);
      return code === null ? [] : [[text, code] as const];
    }),
  );
  if (codes.size === 0) return new Map();
  const rows = await rowsOf<{ code: string; item: string }>(
    tx,
    sql`select c.code, c.item_id as item from app.item_barcodes c
        join app.items i on i.business_id = ${scope.businessId} and i.id = c.item_id and not i.is_undone
        where c.business_id = ${scope.businessId} and c.code = any(${list("text", [...new Set(codes.values())])})`,
  );
  const known = new Map(rows.map(({ code, item }) => [code, item]));
  return new Map(
    [...codes].flatMap(([text, code]) => {
      const item = known.get(code);
      return item === undefined ? [] : [[text, item] as const];
    }),
  );
}

/** The codes of items, in their order. */
export async function codesOf(
  tx: Tx,
  scope: Scope,
  items: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (items.length === 0) return new Map();
  const rows = await rowsOf<{ item: string; codes: string[] }>(
    tx,
    sql`select item_id as item, array_agg(code order by code) as codes from app.item_barcodes
        where business_id = ${scope.businessId} and item_id = any(${list("text", items)}) group by item_id`,
  );
  return new Map(rows.map(({ item, codes }) => [item, codes]));
}

/** The codes of one item, for its page. */
export function barcodesOf(scope: Scope, item: string): Promise<readonly string[]> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => (await codesOf(tx, scope, [item])).get(item) ?? []);
}

/** Says which codes an item has: those that are left out are taken away. Refuses `in_use` for one that is another item's. */
export async function saveBarcodes(
  scope: Scope,
  input: Readonly<{ item: string; codes: readonly string[] }>,
): Promise<readonly string[]> {
  require(scope, "write");
  const codes = [
    ...new Set(
      input.codes.flatMap((text) => {
        if (text.trim() === "") return [];
        const code = barcodeOf(text);
        if (code === null)
          throw new Refusal("bad_field", `“${text.trim().slice(0, 40)}” is no barcode.`, { field: "codes" });
        return [code];
      }),
    ),
  ].sort();
  if (codes.length > mostCodes)
    throw new Refusal("too_many_rows", `A product has at most ${mostCodes} barcodes.`, { field: "codes" });
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const [known] = await rowsOf<{ id: string }>(
      tx,
      sql`select id from app.items where business_id = ${b} and id = ${input.item} and not is_undone for update`,
    );
    if (known === undefined) throw new Refusal("not_found", "There is no such product.");
    const before = (await codesOf(tx, scope, [input.item])).get(input.item) ?? [];
    if (before.join(" ") === codes.join(" ")) return codes;
    const [other] = await rowsOf<{ code: string; name: string }>(
      tx,
      sql`select c.code, i.name from app.item_barcodes c join app.items i on i.business_id = ${b} and i.id = c.item_id
          where c.business_id = ${b} and c.item_id <> ${input.item} and c.code = any(${list("text", codes)}) order by c.code limit 1`,
    );
    if (other !== undefined)
      throw new Refusal("in_use", `${other.code} is the barcode of ${other.name}.`, { field: "codes" });
    await recordAudit(tx, scope, {
      what: "item.barcodes",
      about: `item/${input.item}`,
      before: { codes: before },
      after: { codes },
    });
    await tx.execute(sql`delete from app.item_barcodes where business_id = ${b} and item_id = ${input.item}`);
    // Two people who give two items the same code at once: the later one finds it taken, whatever it saw.
    await bulkInsert(
      tx,
      itemBarcodes,
      codes.map((code) => ({ businessId: b, code, itemId: input.item })),
      sql`on conflict (business_id, code) do nothing`,
    );
    const written = (await codesOf(tx, scope, [input.item])).get(input.item) ?? [];
    if (written.length !== codes.length)
      throw new Refusal("in_use", "One of these barcodes was given to another product just now.", { field: "codes" });
    return codes;
  });
}
