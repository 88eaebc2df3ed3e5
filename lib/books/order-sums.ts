/** What orders come to by day and channel, as queries: the sums that are kept (order_days), and the same as of now. */
import { type SQL, sql } from "drizzle-orm";
import type { InBusiness } from "../../db/scope";
import type { LocalDate } from "../core/facts";

/** The columns of order_days that are sums, in their order. */
export const orderColumns: readonly string[] = [
  ...["orders", "missing", "gross_minor", "shipping_minor", "discount_minor", "fees_minor", "charges_minor"],
  ...["refunded_minor", "cost_minor", "cost_back_minor"],
];

/** The sums of whole days, as order_days has them. `days` is a query with `on_date`: each is read by index, or (`areMost`) all at once. */
export function orderSums(scope: InBusiness, days: SQL, areMost = false): SQL {
  const business = scope.businessId;
  // What stands behind OFFSET is not joined any other way than for each day.
  const fence = areMost ? sql`` : sql` offset 0`;
  return sql`
    with chosen as (
      select h.* from (${days}) d cross join lateral (
        select o.id, o.on_date, o.channel_id, o.gross_minor, o.shipping_minor, o.discount_minor, o.fees_minor, o.charges_minor, o.refunded_minor
        from app.orders o where o.business_id = ${business} and o.on_date = d.on_date and not o.is_undone${fence}) h
    ), of_lines as (
      select l.on_date, l.channel_id, sum(l.cost) as cost_minor, sum(l.back) as cost_back_minor, count(*) filter (where l.missing) as missing
      from (
        select o.order_id, o.on_date, o.channel_id, sum(o.cost_minor) as cost, sum(o.cost_back_minor) as back, bool_or(o.short_qty > 0) as missing
        from (${days}) d cross join lateral (
          select l.order_id, l.on_date, l.channel_id, l.cost_minor, l.cost_back_minor, l.short_qty from app.order_lines l
          where l.business_id = ${business} and l.on_date = d.on_date and not l.is_undone${fence}) o
        group by 1, 2, 3) l
      group by 1, 2
    ), of_orders as (
      select c.on_date, c.channel_id, count(*) as orders, sum(c.gross_minor) as gross_minor, sum(c.shipping_minor) as shipping_minor,
        sum(c.discount_minor) as discount_minor, sum(c.fees_minor) as fees_minor, sum(c.charges_minor) as charges_minor,
        sum(c.refunded_minor) as refunded_minor
      from chosen c group by 1, 2)
    select o.on_date, o.channel_id, o.orders, coalesce(l.missing, 0) as missing, o.gross_minor, o.shipping_minor, o.discount_minor, o.fees_minor,
      o.charges_minor, o.refunded_minor, coalesce(l.cost_minor, 0) as cost_minor, coalesce(l.cost_back_minor, 0) as cost_back_minor
    from of_orders o left join of_lines l on l.on_date = o.on_date and l.channel_id = o.channel_id`;
}

/** The same of a span, exactly as of now: what is kept of the days that are as they were summed, and the rows of the others. */
export function ordersNow(scope: InBusiness, marked: SQL, from: LocalDate, to: LocalDate): SQL {
  const columns = sql.raw(orderColumns.map((name) => `d.${name}`).join(", "));
  return sql`
    select d.on_date, d.channel_id, ${columns} from app.order_days d
    where d.business_id = ${scope.businessId} and d.on_date >= ${from}::date and d.on_date <= ${to}::date
      and not exists (select 1 from (${marked}) k where k.on_date = d.on_date)
    union all
    select * from (${orderSums(scope, marked)}) r`;
}
