/** What sold lines come to, as queries: each line's part of its order's fees and refunds, and the sums by day and channel that are kept. */
import { type SQL, sql } from "drizzle-orm";
import type { InBusiness } from "../../db/scope";
import type { LocalDate } from "../core/facts";

/**
 * Each line of the orders of `chosen` (a query with `order_id`) with its part of the order's fees and of refunds that name no line: by
 * amount, largest remainder, equal remainders to the earlier line (shareOverLines of lib/core/orders.ts, as a query; a test compares them).
 * Gives `id`, `order_id`, `fees` and `refunds`.
 */
export function shares(scope: InBusiness, chosen: SQL): SQL {
  const business = scope.businessId;
  const part = (of: string) =>
    sql.raw(`sign(${of}) * (${of}_part + case when row_number() over (partition by order_id order by ${of}_rest desc, place)
    <= abs(${of}) - sum(${of}_part) over (partition by order_id) then 1 else 0 end)`);
  return sql`
    select id, order_id, ${part("fee")} as fees, own + ${part("loose")} as refunds from (
      select id, order_id, place, own, fee, loose, div(abs(fee) * weight, whole) as fee_part, mod(abs(fee) * weight, whole) as fee_rest,
        div(abs(loose) * weight, whole) as loose_part, mod(abs(loose) * weight, whole) as loose_rest
      from (
        select id, order_id, place, own, fee, refunded - sum(own) over (partition by order_id) as loose,
          case when sum(amount) over (partition by order_id) > 0 then amount else qty end as weight,
          case when sum(amount) over (partition by order_id) > 0 then sum(amount) over (partition by order_id) else sum(qty) over (partition by order_id) end as whole
        from (
          select l.id, l.order_id, l.place, l.amount_minor::numeric as amount, l.qty::numeric as qty, coalesce(b.own, 0) as own,
            (h.fees_minor + h.charges_minor)::numeric as fee, (h.refunded_minor - h.shipping_back_minor)::numeric as refunded
          from (${chosen}) c
          join app.orders h on h.business_id = ${business} and h.id = c.order_id
          join app.order_lines l on l.business_id = ${business} and l.order_id = c.order_id and not l.is_undone
          left join lateral (
            select sum(r.amount_minor) as own from app.return_lines r join app.returns t on t.business_id = ${business} and t.id = r.return_id and not t.is_undone
            where l.returned_qty > 0 and r.business_id = ${business} and r.sale_id = l.id) b on true
        ) line
      ) weighed
    ) parted`;
}

const summed = [
  ...["lines", "qty", "price_minor", "fees_minor", "refunds_minor", "cost_minor", "unmatched"],
  ...["known_lines", "known_qty", "known_price_minor", "known_fees_minor", "known_refunds_minor"],
  ...["known_cost_minor", "known_unmatched"],
];
/** The columns of sold_days that are sums, in their order. */
export const soldColumns: readonly string[] = summed;

/**
 * The sums of whole days by day and channel, as sold_days has them. `days` is a query with `on_date`: each of its days is read by the
 * lines' index, or (`areMost`) all lines are gone through once. An order's lines are all of its own day and channel, so only where some of them
 * have their cost and some have not must its fees be shared out.
 */
export function soldSums(scope: InBusiness, days: SQL, areMost = false): SQL {
  const business = scope.businessId;
  // What stands behind OFFSET is not joined any other way than for each day.
  const fence = areMost ? sql`` : sql` offset 0`;
  // An order is of its lines' day, so those of few days are read with them rather than gone to one by one.
  const heads = areMost
    ? sql`app.orders`
    : sql`(select y.* from (${days}) d cross join lateral (
        select o.business_id, o.id, o.fees_minor, o.charges_minor, o.refunded_minor, o.shipping_back_minor from app.orders o
        where o.business_id = ${business} and o.on_date = d.on_date offset 0) y)`;
  return sql`
    with by_order as (
      select o.order_id, o.on_date, o.channel_id, count(*) as lines, sum(o.qty) as qty, sum(o.price) as price, sum(o.cost) as cost,
        count(*) filter (where o.item_id is null) as unmatched, count(*) filter (where o.known) as known_lines,
        coalesce(sum(o.qty) filter (where o.known), 0) as known_qty, coalesce(sum(o.price) filter (where o.known), 0) as known_price,
        coalesce(sum(o.cost) filter (where o.known), 0) as known_cost, count(*) filter (where o.known and o.item_id is null) as known_unmatched
      from (${days}) d cross join lateral (
        select l.order_id, l.on_date, l.channel_id, l.qty, l.amount_minor - l.discount_minor as price, l.cost_minor - l.cost_back_minor as cost,
          l.short_qty = 0 as known, l.item_id
        from app.order_lines l where l.business_id = ${business} and l.on_date = d.on_date and not l.is_undone${fence}) o
      group by 1, 2, 3
    ), mixed as (
      select s.order_id, sum(s.fees) as fees, sum(s.refunds) as refunds
      from (${shares(scope, sql`select order_id from by_order where known_lines > 0 and known_lines < lines`)}) s
      join app.order_lines l on l.business_id = ${business} and l.id = s.id and l.short_qty = 0 group by 1
    ), paid as (
      select b.*, h.fees_minor + h.charges_minor as fees, h.refunded_minor - h.shipping_back_minor as refunds
      from by_order b join ${heads} h on h.business_id = ${business} and h.id = b.order_id
    )
    select p.on_date, p.channel_id, sum(p.lines) as lines, sum(p.qty) as qty, sum(p.price) as price_minor, sum(p.fees) as fees_minor,
      sum(p.refunds) as refunds_minor, sum(p.cost) as cost_minor, sum(p.unmatched) as unmatched, sum(p.known_lines) as known_lines,
      sum(p.known_qty) as known_qty, sum(p.known_price) as known_price_minor,
      sum(case when p.known_lines = p.lines then p.fees else coalesce(m.fees, 0) end) as known_fees_minor,
      sum(case when p.known_lines = p.lines then p.refunds else coalesce(m.refunds, 0) end) as known_refunds_minor,
      sum(p.known_cost) as known_cost_minor, sum(p.known_unmatched) as known_unmatched
    from paid p left join mixed m on m.order_id = p.order_id group by 1, 2`;
}

/** The same of a span, exactly as of now: what is kept of the days that are as they were summed, and the rows of the others. */
export function soldNow(scope: InBusiness, marked: SQL, from: LocalDate, to: LocalDate): SQL {
  const columns = sql.raw(summed.map((name) => `d.${name}`).join(", "));
  return sql`
    select d.on_date, d.channel_id, ${columns} from app.sold_days d
    where d.business_id = ${scope.businessId} and d.on_date >= ${from}::date and d.on_date <= ${to}::date
      and not exists (select 1 from (${marked}) k where k.on_date = d.on_date)
    union all
    select * from (${soldSums(scope, marked)}) r`;
}

/** `lines, amount` of a span, as of now: sold lines that need a cost, and what buyers paid for them, in minor units. */
export function missingNow(scope: InBusiness, marked: SQL, from: LocalDate, to: LocalDate): SQL {
  return sql`
    select d.lines - d.known_lines as lines, d.price_minor - d.known_price_minor as amount from app.sold_days d
    where d.business_id = ${scope.businessId} and d.on_date >= ${from}::date and d.on_date <= ${to}::date
      and not exists (select 1 from (${marked}) k where k.on_date = d.on_date)
    union all
    select 1, l.amount from (${marked}) k cross join lateral (
      select o.amount_minor - o.discount_minor as amount from app.order_lines o
      where o.business_id = ${scope.businessId} and o.on_date = k.on_date and o.short_qty > 0 and not o.is_undone offset 0) l`;
}
