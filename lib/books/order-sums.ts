/** What orders come to by day and channel, as queries: the sums that are kept (order_days), and the same as of now. */
import { type SQL, sql } from "drizzle-orm";
import type { InBusiness } from "../../db/scope";
import type { LocalDate } from "../core/facts";

/** The columns of order_days that are sums, in their order. */
export const orderColumns: readonly string[] = [
  ...["orders", "missing", "gross_minor", "shipping_minor", "discount_minor", "fees_minor", "charges_minor"],
  ...["refunded_minor", "cost_minor", "cost_back_minor"],
];

/** What stands behind OFFSET is not joined any other way than for each day. */
const fenceOf = (areMost: boolean): SQL => (areMost ? sql`` : sql` offset 0`);

/** What orders of whole days say of themselves: the columns of order_days that need no line. `days` and `areMost` as in `orderSums`. */
function headSums(scope: InBusiness, days: SQL, areMost = false): SQL {
  return sql`
    select c.on_date, c.channel_id, count(*) as orders, sum(c.gross_minor) as gross_minor, sum(c.shipping_minor) as shipping_minor,
      sum(c.discount_minor) as discount_minor, sum(c.fees_minor) as fees_minor, sum(c.charges_minor) as charges_minor,
      sum(c.refunded_minor) as refunded_minor
    from (${days}) d cross join lateral (
      select o.on_date, o.channel_id, o.gross_minor, o.shipping_minor, o.discount_minor, o.fees_minor, o.charges_minor, o.refunded_minor
      from app.orders o where o.business_id = ${scope.businessId} and o.on_date = d.on_date and not o.is_undone${fenceOf(areMost)}) c
    group by 1, 2`;
}

/** The sums of whole days, as order_days has them. `days` is a query with `on_date`: each is read by index, or (`areMost`) all at once. */
export function orderSums(scope: InBusiness, days: SQL, areMost = false): SQL {
  return sql`
    with of_lines as (
      select l.on_date, l.channel_id, sum(l.cost) as cost_minor, sum(l.back) as cost_back_minor, count(*) filter (where l.missing) as missing
      from (
        select o.order_id, o.on_date, o.channel_id, sum(o.cost_minor) as cost, sum(o.cost_back_minor) as back, bool_or(o.short_qty > 0) as missing
        from (${days}) d cross join lateral (
          select l.order_id, l.on_date, l.channel_id, l.cost_minor, l.cost_back_minor, l.short_qty from app.order_lines l
          where l.business_id = ${scope.businessId} and l.on_date = d.on_date and not l.is_undone${fenceOf(areMost)}) o
        group by 1, 2, 3) l
      group by 1, 2
    ), of_orders as (${headSums(scope, days, areMost)})
    select o.on_date, o.channel_id, o.orders, coalesce(l.missing, 0) as missing, o.gross_minor, o.shipping_minor, o.discount_minor, o.fees_minor,
      o.charges_minor, o.refunded_minor, coalesce(l.cost_minor, 0) as cost_minor, coalesce(l.cost_back_minor, 0) as cost_back_minor
    from of_orders o left join of_lines l on l.on_date = o.on_date and l.channel_id = o.channel_id`;
}

/** The rows of order_days of a span but for its marked days. */
function keptDays(scope: InBusiness, marked: SQL, from: LocalDate, to: LocalDate, columns: readonly string[]): SQL {
  return sql`select d.on_date, d.channel_id, ${sql.raw(columns.map((name) => `d.${name}`).join(", "))} from app.order_days d
    where d.business_id = ${scope.businessId} and d.on_date >= ${from}::date and d.on_date <= ${to}::date
      and not exists (select 1 from (${marked}) k where k.on_date = d.on_date)`;
}

/** The same of a span, exactly as of now: what is kept of the days that are as they were summed, and the rows of the others. */
export function ordersNow(scope: InBusiness, marked: SQL, from: LocalDate, to: LocalDate): SQL {
  return sql`${keptDays(scope, marked, from, to, orderColumns)} union all select * from (${orderSums(scope, marked)}) r`;
}

/** `on_date, channel_id, orders, sales` of a span, as of now: lines and shipping less discount, in minor units. */
export function salesNow(scope: InBusiness, marked: SQL, from: LocalDate, to: LocalDate): SQL {
  const sums = ["orders", "gross_minor", "shipping_minor", "discount_minor"];
  const names = sql.raw(["on_date", "channel_id", ...sums].map((name) => `r.${name}`).join(", "));
  return sql`select t.on_date, t.channel_id, t.orders, t.gross_minor + t.shipping_minor - t.discount_minor as sales
    from (${keptDays(scope, marked, from, to, sums)} union all select ${names} from (${headSums(scope, marked)}) r) t`;
}
