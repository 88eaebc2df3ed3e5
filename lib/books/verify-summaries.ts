/** Proves the sums that pages read instead of adding up rows: of items by month, day and place, of what is in stock, of orders, of days. A part of verify.ts. */
import { type SQL, sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Finding } from "../core/checks";
import { busyMonth } from "./costing-summaries";
import { inventoryRows } from "./inventory-sums";
import { orderColumns, orderSums } from "./order-sums";
import { soldColumns, soldSums } from "./sold-sums";
import type { Walked } from "./verify-chain";

const most = 20;

/** Each gives rows of `what`, `expected` and `found`, only where the two differ. */
function queries(scope: InBusiness): readonly SQL[] {
  const b = scope.businessId;
  const marked = sql`select on_date from app.touched_days where business_id = ${b}`;
  return [
    // The ledger's and the registers' months: what moved in and out of each place by kind, and what it was worth.
    sql`with moved as (
          select item_id, date_trunc('month', on_date::timestamp)::date as month, location_id, ${movedSums}, min(recorded_at) as first_recorded_at from app.movements m
          where business_id = ${b} and kind <> 'write_off' and left(item_id, 1) <> chr(31) group by 1, 2, 3)
        select 'what moved of ' || coalesce(m.item_id, i.item_id) || ' at ' || coalesce(m.location_id, i.location_id) || ' in '
            || to_char(coalesce(m.month, i.month), 'YYYY-MM') as what, ${listed("m", monthColumns)} as expected, ${listed("i", monthColumns)} as found
        from moved m full join (select * from app.item_months where business_id = ${b}) i
          on i.item_id = m.item_id and i.month = m.month and i.location_id = m.location_id
        where ${listed("m", monthColumns)} is distinct from ${listed("i", monthColumns)}`,
    // The ledger's days, of busy months: the same, a day of each place.
    sql`with busy as (
          select item_id, month from app.item_months where business_id = ${b} group by 1, 2 having sum("rows") >= ${busyMonth}
        ), moved as (
          select m.item_id, m.on_date, m.location_id, ${movedSums}
          from busy join app.movements m on m.business_id = ${b} and m.item_id = busy.item_id and m.on_date >= busy.month
            and m.on_date < (busy.month + interval '1 month')::date
          where m.kind <> 'write_off' group by 1, 2, 3)
        select 'what moved of ' || coalesce(m.item_id, i.item_id) || ' at ' || coalesce(m.location_id, i.location_id) || ' on '
            || coalesce(m.on_date, i.on_date)::text as what, ${listed("m", movedColumns)} as expected, ${listed("i", movedColumns)} as found
        from moved m full join (select * from app.item_days where business_id = ${b}) i
          on i.item_id = m.item_id and i.on_date = m.on_date and i.location_id = m.location_id
        where ${listed("m", movedColumns)} is distinct from ${listed("i", movedColumns)}`,
    // What is on hand at each place: the sum of its months, which were held against the movements above.
    sql`with months as (
          select item_id, location_id, sum(in_qty - out_qty) as qty, sum(value_minor) as value_minor from app.item_months
          where business_id = ${b} group by 1, 2)
        select 'what is at ' || coalesce(m.location_id, p.location_id) || ' of ' || coalesce(m.item_id, p.item_id) as what,
          ${listed("m", placeColumns)} as expected, ${listed("p", placeColumns)} as found
        from months m full join (select * from app.item_places where business_id = ${b}) p on p.item_id = m.item_id and p.location_id = m.location_id
        where ${listed("m", placeColumns)} is distinct from ${listed("p", placeColumns)}`,
    // In Stock: what the open lots of an item are worth and how old they are, what it is short of, when it was last sold and first recorded.
    sql`with held as (
          select item_id, sum(left_minor) as value, min(acquired_on) as oldest from app.lots where business_id = ${b} and left_qty > 0 group by item_id
        ), missing as (
          select item_id, sum(short_qty) as qty from app.movements where business_id = ${b} and short_qty > 0 and kind <> 'transfer' group by item_id
        ), sold as (
          select item_id, max(on_date) as last from app.movements where business_id = ${b} and kind = 'sale' group by item_id
        ), begun as (
          select item_id, min(first_recorded_at) as at from app.item_months where business_id = ${b} group by item_id)
        select 'value and shortage of ' || s.item_id || ' in stock, its oldest lot, when it was last sold and since when it is recorded' as what,
          concat_ws(', ', coalesce(h.value, 0), coalesce(m.qty, 0), coalesce(h.oldest::text, '-'), coalesce(d.last::text, '-'), g.at) as expected,
          concat_ws(', ', s.value_minor, s.short_qty, coalesce(s.oldest_lot_on::text, '-'), coalesce(s.last_sold_on::text, '-'), s.first_recorded_at) as found
        from app.item_stock s left join sold d on d.item_id = s.item_id left join held h on h.item_id = s.item_id left join missing m on m.item_id = s.item_id
          left join begun g on g.item_id = s.item_id
        where s.business_id = ${b} and (s.value_minor <> coalesce(h.value, 0) or s.short_qty <> coalesce(m.qty, 0)
          or s.first_recorded_at is distinct from g.at or s.oldest_lot_on is distinct from h.oldest or s.last_sold_on is distinct from d.last)`,
    // A sold line: what came back of it.
    sql`with back as (
          select l.sale_id, sum(l.qty) as qty from app.return_lines l
          join app.returns r on r.business_id = ${b} and r.id = l.return_id and not r.is_undone
          where l.business_id = ${b} and l.sale_id is not null group by l.sale_id)
        select 'what came back of the sold line ' || o.id as what, coalesce(r.qty, 0)::text as expected, o.returned_qty::text as found
        from app.order_lines o left join back r on r.sale_id = o.id
        where o.business_id = ${b} and not o.is_undone and o.returned_qty <> coalesce(r.qty, 0)`,
    // An order: what charges cost it and what was refunded.
    sql`with charged as (
          select order_id, -sum(amount_minor) filter (where category not in ('refund', 'sale', 'tax_collected', 'tax_remitted')) as charges,
            -sum(amount_minor) filter (where category = 'refund') as refunds
          from app.charges where business_id = ${b} and order_id is not null and not is_undone group by order_id
        ), returned as (
          select h.order_id, sum(l.amount_minor) as refunds from app.returns h
          join app.return_lines l on l.business_id = ${b} and l.return_id = h.id
          where h.business_id = ${b} and h.order_id is not null and not h.is_undone group by h.order_id
        ), brought as (
          select order_id, sum(shipping_minor) as shipping from app.returns
          where business_id = ${b} and order_id is not null and not is_undone group by order_id)
        select 'charges and refunds of order ' || o.id as what,
          concat_ws(', ', coalesce(c.charges, 0), coalesce(c.refunds, 0) + coalesce(r.refunds, 0) + coalesce(s.shipping, 0), coalesce(s.shipping, 0)) as expected,
          concat_ws(', ', o.charges_minor, o.refunded_minor, o.shipping_back_minor) as found
        from app.orders o left join charged c on c.order_id = o.id left join returned r on r.order_id = o.id left join brought s on s.order_id = o.id
        where o.business_id = ${b} and not o.is_undone
          and (o.charges_minor <> coalesce(c.charges, 0) or o.shipping_back_minor <> coalesce(s.shipping, 0)
            or o.refunded_minor <> coalesce(c.refunds, 0) + coalesce(r.refunds, 0) + coalesce(s.shipping, 0))`,
    // A day's sales through a channel, where the day is not marked: a day that has neither sums nor a mark is found as well.
    sql`with lines as (${soldSums(scope, sql`select on_date from app.order_lines where business_id = ${b} and not is_undone except ${marked}`, true)}
        ), kept as (select * from app.sold_days where business_id = ${b} and on_date not in (${marked}))
        select 'what was sold through ' || coalesce(l.channel_id, k.channel_id) || ' on ' || to_char(coalesce(l.on_date, k.on_date), 'YYYY-MM-DD') as what,
          ${listed("l", soldColumns)} as expected, ${listed("k", soldColumns)} as found
        from lines l full join kept k on k.on_date = l.on_date and k.channel_id = l.channel_id
        where ${listed("l", soldColumns)} is distinct from ${listed("k", soldColumns)}`,
    // A day's orders through a channel, the same way.
    sql`with orders as (${orderSums(scope, sql`select on_date from app.orders where business_id = ${b} and not is_undone except ${marked}`, true)}
        ), kept as (select * from app.order_days where business_id = ${b} and on_date not in (${marked}))
        select 'what was ordered through ' || coalesce(o.channel_id, k.channel_id) || ' on ' || to_char(coalesce(o.on_date, k.on_date), 'YYYY-MM-DD') as what,
          ${listed("o", orderColumns)} as expected, ${listed("k", orderColumns)} as found
        from orders o full join kept k on k.on_date = o.on_date and k.channel_id = o.channel_id
        where ${listed("o", orderColumns)} is distinct from ${listed("k", orderColumns)}`,
    // What changed Inventory on a day, document by document, where the day is not marked.
    sql`with journal as (${inventoryRows(scope, { except: marked })}
        ), kept as (select * from app.inventory_days where business_id = ${b} and on_date not in (${marked}))
        select 'what changed Inventory on ' || to_char(coalesce(j.on_date, k.on_date), 'YYYY-MM-DD') || ', '
            || rtrim(coalesce(j.what, k.what) || ' ' || coalesce(j.owner, k.owner)) as what,
          ${listed("j", inventoryColumns)} as expected, ${listed("k", inventoryColumns)} as found
        from journal j full join kept k on k.on_date = j.on_date and k.rank = j.rank and k.owner = j.owner and k.what = j.what
        where ${listed("j", inventoryColumns)} is distinct from ${listed("k", inventoryColumns)}`,
  ];
}

/**
 * What movements `m` of a month or a day add to, of each column that is kept of them (kind-sums.ts), in other words than those that
 * keep them: what is sold, came back and went between places, and what came in otherwise.
 */
const movedParts = {
  in_qty: "case when m.qty > 0 then m.qty else 0 end",
  out_qty: "case when m.qty < 0 then -m.qty else 0 end",
  value_minor: "m.value_minor",
  rows: "1",
  added_minor:
    "case when m.qty <= 0 or m.kind like '%return' and m.kind <> 'purchase_return' or m.kind = 'transfer' then 0 else m.value_minor end",
  sold_qty: "case m.kind when 'sale' then -m.qty else 0 end",
  sold_minor: "case m.kind when 'sale' then -m.value_minor else 0 end",
  back_qty: "case m.kind when 'sale_return' then m.qty when 'loose_return' then m.qty else 0 end",
  back_minor: "case m.kind when 'sale_return' then m.value_minor when 'loose_return' then m.value_minor else 0 end",
  moved_in_qty: "case when m.kind = 'transfer' and m.qty > 0 then m.qty else 0 end",
  moved_in_minor: "case when m.kind = 'transfer' and m.qty > 0 then m.value_minor else 0 end",
  moved_out_qty: "case when m.kind = 'transfer' and m.qty < 0 then -m.qty else 0 end",
  moved_out_minor: "case when m.kind = 'transfer' and m.qty < 0 then -m.value_minor else 0 end",
};
const movedColumns = Object.keys(movedParts).map((name) => `"${name}"`);
const movedSums = sql.raw(
  Object.entries(movedParts)
    .map(([name, part]) => `sum(${part}) as "${name}"`)
    .join(", "),
);
/** Of a month also when the first of it was recorded. */
const monthColumns = [...movedColumns, "first_recorded_at"];
const placeColumns = ["qty", "value_minor"];
const inventoryColumns = [
  ...[
    "amount_minor",
    "beside_minor",
    "documents",
    "units",
    "items",
    "item_id",
    "line_id",
    "order_id",
    "channels",
    "memo",
  ],
];

/** The columns of a row in a finding's words: whole numbers and ids, one after the other. */
function listed(row: string, columns: readonly string[]): SQL {
  return sql.raw(`concat_ws(', ', ${columns.map((name) => `coalesce(${row}.${name}::text, '-')`).join(", ")})`);
}

/** Every kept sum that is not what its rows add to. */
export async function brokenSummaries(tx: Tx, scope: InBusiness): Promise<Walked> {
  const b = scope.businessId;
  const findings: Finding[] = [];
  for (const query of queries(scope)) {
    const room = most - findings.length;
    if (room > 0) findings.push(...(await rowsOf<Finding>(tx, sql`${query} limit ${room}`)));
  }
  const [count] = await rowsOf<{ n: number }>(
    tx,
    sql`select ((select count(*) from app.item_months where business_id = ${b}) + (select count(*) from app.item_days where business_id = ${b})
          + (select count(*) from app.item_stock where business_id = ${b})
          + (select count(*) from app.item_places where business_id = ${b})
          + (select count(*) from app.order_lines where business_id = ${b}) + (select count(*) from app.orders where business_id = ${b})
          + (select count(*) from app.sold_days where business_id = ${b})
          + (select count(*) from app.order_days where business_id = ${b}) + (select count(*) from app.inventory_days where business_id = ${b}))::int as n`,
  );
  return { looked: count?.n ?? 0, findings };
}
