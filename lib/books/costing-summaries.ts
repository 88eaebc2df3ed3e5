/** What In Stock and the ledger show of items, kept with their movements and rebuilt from the first day that a fold touched. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import type { InBusiness, Tx } from "../../db/scope";
import { startOfMonth } from "../core/dates";
import type { LocalDate } from "../core/facts";
import { lineOfUnmatchedGroup } from "../core/ids";
import { itemsFrom } from "./costing-rows";

/** Rebuilds the items' monthly sums from the first day's month on, and what In Stock shows of them. */
export async function summarise(tx: Tx, scope: InBusiness, days: ReadonlyMap<string, LocalDate>): Promise<void> {
  const months = new Map(
    [...days].filter(([item]) => lineOfUnmatchedGroup(item) === null).map(([item, day]) => [item, startOfMonth(day)]),
  );
  if (months.size === 0) return;
  const business = scope.businessId;
  await tx.execute(
    sql`delete from app.item_months i using ${itemsFrom(months)} where i.business_id = ${business} and i.item_id = g.item and i.month >= g.since`,
  );
  const columns = sql.raw(`business_id, item_id, month, location_id, in_qty, out_qty, value_minor, "rows"`);
  await tx.execute(
    sql`insert into app.item_months (${columns})
        select m.business_id, m.item_id, date_trunc('month', m.on_date::timestamp)::date, m.location_id,
          coalesce(sum(m.qty) filter (where m.qty > 0), 0), coalesce(-sum(m.qty) filter (where m.qty < 0), 0), sum(m.value_minor), count(*)
        from ${itemsFrom(months)} join app.movements m on m.business_id = ${business} and m.item_id = g.item and m.on_date >= g.since
        where m.kind <> 'write_off'
        group by 1, 2, 3, 4`,
  );
  // What a transfer is short of is still on hand, and short where it is sold or used: it is not counted twice.
  await tx.execute(
    sql`insert into app.item_stock (business_id, item_id, on_hand_qty, value_minor, short_qty, oldest_lot_on, last_sold_on)
        select g.business_id, g.id,
          coalesce((select sum(i.in_qty - i.out_qty) from app.item_months i where i.business_id = ${business} and i.item_id = g.id), 0),
          coalesce((select sum(l.left_minor) from app.lots l where l.business_id = ${business} and l.item_id = g.id and l.left_qty > 0), 0),
          coalesce((select sum(m.short_qty) from app.movements m where m.business_id = ${business} and m.item_id = g.id and m.short_qty > 0 and m.kind <> 'transfer'), 0),
          (select min(l.acquired_on) from app.lots l where l.business_id = ${business} and l.item_id = g.id and l.left_qty > 0),
          (select max(m.on_date) from app.movements m where m.business_id = ${business} and m.item_id = g.id and m.kind = 'sale')
        from app.items g where g.business_id = ${business} and g.id = any(${list("text", [...months.keys()])})
        on conflict (business_id, item_id) do update set on_hand_qty = excluded.on_hand_qty, value_minor = excluded.value_minor,
          short_qty = excluded.short_qty, oldest_lot_on = excluded.oldest_lot_on, last_sold_on = excluded.last_sold_on`,
  );
}
