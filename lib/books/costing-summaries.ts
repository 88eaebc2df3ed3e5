/** What In Stock and the ledger show of items, kept with their movements and rebuilt from the first day that a fold touched: sums by month, and by day in busy months. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import type { InBusiness, Tx } from "../../db/scope";
import { startOfMonth } from "../core/dates";
import type { LocalDate } from "../core/facts";
import { lineOfUnmatchedGroup } from "../core/ids";
import { fewItems, itemsFrom } from "./costing-rows";
import { kindColumns, kindSums } from "./kind-sums";

/** From so many movements of an item in a month on, its sums are kept by day too: two a day, so that days are half as many as rows or fewer. */
export const busyMonth = 60;

const columnsBy = (span: "month" | "on_date") =>
  sql.raw(
    `business_id, item_id, ${span}, location_id, in_qty, out_qty, value_minor, "rows", ${kindColumns.join(", ")}`,
  );
const sumsBy = (day: string) =>
  sql.raw(`m.business_id, m.item_id, ${day}, m.location_id,
  coalesce(sum(m.qty) filter (where m.qty > 0), 0), coalesce(-sum(m.qty) filter (where m.qty < 0), 0), sum(m.value_minor), count(*), ${kindSums}`);
const columns = sql`${columnsBy("month")}, first_recorded_at`;
const sums = sql`${sumsBy("date_trunc('month', m.on_date::timestamp)::date")}, min(m.recorded_at)`;
const dayColumns = columnsBy("on_date");
const daySums = sumsBy("m.on_date");
/**
 * Movements `m` of the busy months `b`, said as bounds of their days, so that an index goes to each month: by a month worked out of each day the
 * planner reads the items' whole histories, and a sale in a busy month takes longer the older the business is.
 */
const inBusyMonth = sql.raw("m.on_date >= b.month and m.on_date < (b.month + interval '1 month')::date");

/** One item's sums from a month on. The statements are sent together and done in this order. */
async function rebuildMonths(tx: Tx, scope: InBusiness, item: string, month: LocalDate): Promise<void> {
  const business = scope.businessId;
  await Promise.all([
    tx.execute(
      sql`delete from app.item_months where business_id = ${business} and item_id = ${item} and month >= ${month}::date`,
    ),
    tx.execute(
      sql`insert into app.item_months (${columns}) select ${sums} from app.movements m
          where m.business_id = ${business} and m.item_id = ${item} and m.on_date >= ${month}::date and m.kind <> 'write_off' group by 1, 2, 3, 4`,
    ),
    tx.execute(
      sql`delete from app.item_days where business_id = ${business} and item_id = ${item} and on_date >= ${month}::date`,
    ),
    tx.execute(
      sql`insert into app.item_days (${dayColumns}) select ${daySums}
          from (select month from app.item_months where business_id = ${business} and item_id = ${item} and month >= ${month}::date
            group by month having sum("rows") >= ${busyMonth}) b
          join app.movements m on m.business_id = ${business} and m.item_id = ${item} and m.on_date >= ${month}::date and ${inBusyMonth}
          where m.kind <> 'write_off' group by 1, 2, 3, 4`,
    ),
  ]);
}

/** What is on hand of the items at each place, from their months. A row that stays as it was is not written. */
async function rebuildPlaces(tx: Tx, scope: InBusiness, items: readonly string[]): Promise<void> {
  const b = scope.businessId;
  const of = list("text", items);
  // Two statements, sent together: Citus sends an INSERT … SELECT to its node without the names of what another part of it changes.
  await Promise.all([
    tx.execute(
      sql`delete from app.item_places p where p.business_id = ${b} and p.item_id = any(${of}) and not exists (
            select 1 from app.item_months i where i.business_id = ${b} and i.item_id = p.item_id and i.location_id = p.location_id)`,
    ),
    tx.execute(
      sql`insert into app.item_places (business_id, item_id, location_id, qty, value_minor)
        select i.business_id, i.item_id, i.location_id, sum(i.in_qty - i.out_qty), sum(i.value_minor) from app.item_months i
        where i.business_id = ${b} and i.item_id = any(${of}) group by 1, 2, 3
        on conflict (business_id, item_id, location_id) do update set qty = excluded.qty, value_minor = excluded.value_minor
          where (item_places.qty, item_places.value_minor) is distinct from (excluded.qty, excluded.value_minor)`,
    ),
  ]);
}

/** What In Stock shows of the items now. */
async function rebuildStock(tx: Tx, scope: InBusiness, items: readonly string[]): Promise<void> {
  const business = scope.businessId;
  // What a transfer is short of is still on hand, and short where it is sold or used: it is not counted twice.
  await tx.execute(
    sql`insert into app.item_stock (business_id, item_id, on_hand_qty, value_minor, short_qty, oldest_lot_on, last_sold_on, first_recorded_at)
        select g.business_id, g.id,
          coalesce((select sum(i.in_qty - i.out_qty) from app.item_months i where i.business_id = ${business} and i.item_id = g.id), 0),
          coalesce((select sum(l.left_minor) from app.lots l where l.business_id = ${business} and l.item_id = g.id and l.left_qty > 0), 0),
          coalesce((select sum(m.short_qty) from app.movements m where m.business_id = ${business} and m.item_id = g.id and m.short_qty > 0 and m.kind <> 'transfer'), 0),
          (select min(l.acquired_on) from app.lots l where l.business_id = ${business} and l.item_id = g.id and l.left_qty > 0),
          (select max(m.on_date) from app.movements m where m.business_id = ${business} and m.item_id = g.id and m.kind = 'sale'),
          (select min(i.first_recorded_at) from app.item_months i where i.business_id = ${business} and i.item_id = g.id)
        from app.items g where g.business_id = ${business} and g.id = any(${list("text", items)})
        on conflict (business_id, item_id) do update set on_hand_qty = excluded.on_hand_qty, value_minor = excluded.value_minor,
          short_qty = excluded.short_qty, oldest_lot_on = excluded.oldest_lot_on, last_sold_on = excluded.last_sold_on,
          first_recorded_at = excluded.first_recorded_at`,
  );
}

/** Rebuilds the items' monthly sums from the first day's month on, and what In Stock shows of them. */
export async function summarise(tx: Tx, scope: InBusiness, days: ReadonlyMap<string, LocalDate>): Promise<void> {
  const months = new Map(
    [...days].filter(([item]) => lineOfUnmatchedGroup(item) === null).map(([item, day]) => [item, startOfMonth(day)]),
  );
  if (months.size === 0) return;
  const business = scope.businessId;
  const items = [...months.keys()];
  // Of few items each is asked for by itself, by a plan that fits any item; of more, one join is planned for all of them.
  if (months.size <= fewItems) {
    // What is on hand follows from the months, which are made by then: all is sent together, and done in this order.
    await Promise.all([
      ...[...months].map(([item, month]) => rebuildMonths(tx, scope, item, month)),
      rebuildPlaces(tx, scope, items),
      rebuildStock(tx, scope, items),
    ]);
  } else {
    await tx.execute(
      sql`delete from app.item_months i using ${itemsFrom(months)} where i.business_id = ${business} and i.item_id = g.item and i.month >= g.since`,
    );
    await tx.execute(
      sql`insert into app.item_months (${columns}) select ${sums}
          from ${itemsFrom(months)} join app.movements m on m.business_id = ${business} and m.item_id = g.item and m.on_date >= g.since
          where m.kind <> 'write_off' group by 1, 2, 3, 4`,
    );
    await tx.execute(
      sql`delete from app.item_days i using ${itemsFrom(months)} where i.business_id = ${business} and i.item_id = g.item and i.on_date >= g.since`,
    );
    await tx.execute(
      sql`insert into app.item_days (${dayColumns}) select ${daySums}
          from ${itemsFrom(months)} join app.movements m on m.business_id = ${business} and m.item_id = g.item and m.on_date >= g.since
          join (select i.item_id, i.month from ${itemsFrom(months)}
            join app.item_months i on i.business_id = ${business} and i.item_id = g.item and i.month >= g.since
            group by i.item_id, i.month having sum(i."rows") >= ${busyMonth}) b on b.item_id = m.item_id and ${inBusyMonth}
          where m.kind <> 'write_off' group by 1, 2, 3, 4`,
    );
    await Promise.all([rebuildPlaces(tx, scope, items), rebuildStock(tx, scope, items)]);
  }
}
