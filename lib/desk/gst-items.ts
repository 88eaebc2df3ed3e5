/** Products with what they are for the tax today: the list in which codes and rates are given. */
import { sql } from "drizzle-orm";
import { reading } from "../../db/reading";
import { rowsOf } from "../../db/scope";
import type { ItemTax } from "../core/gst";
import { normalise } from "../core/matching";
import { require, type Scope } from "../people/access";
import { inOrderOf, type RankedAt, type RankedPage, rankedPage, type Standing } from "../stock/ranked";
import { holdsWords } from "../stock/register-sql";
import { todayOf } from "../system/clock";
import { itemTaxesOn, requireGst } from "./gst-settings";

/** `tax` null: nobody said anything of it, so its invoices have no code and no rate. */
export type TaxedItem = Readonly<{ id: string; name: string; sku: string | null; tax: ItemTax | null }>;

/** A page of them: those without a code first, then by name. */
export function itemsWithTaxes(
  scope: Scope,
  q: string,
  page: RankedAt = {},
): Promise<RankedPage<TaxedItem> & Readonly<{ items: number; open: number }>> {
  require(scope, "read");
  requireGst(scope);
  const b = scope.businessId;
  return reading({ ...scope, rows: "many" }, async (tx) => {
    const rows = await rowsOf<{ id: string; name: string; sku: string | null }>(
      tx,
      sql`select i.id, i.name, i.sku from app.items i where i.business_id = ${b} and not i.is_undone and ${holdsWords(b, normalise(q))}
          order by i.name_key, i.id`,
    );
    const taxes = await itemTaxesOn(
      tx,
      scope,
      rows.map(({ id }) => id),
      todayOf(scope.timeZone),
    );
    const all = rows.map((row): TaxedItem => ({ ...row, tax: taxes.get(row.id) ?? null }));
    const isOpen = ({ tax }: TaxedItem) => tax === null || tax.hsn === "";
    const by = (row: TaxedItem): Standing => `${isOpen(row) ? 0 : 1}${normalise(row.name)}`;
    return {
      ...rankedPage(inOrderOf(all, by, false), by, false, page),
      items: all.length,
      open: all.filter(isOpen).length,
    };
  });
}
