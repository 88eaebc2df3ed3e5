/** What is on order: what orders to suppliers name, less what purchases have brought of them. */
import { type SQL, sql } from "drizzle-orm";

/**
 * Rows `(order_id, place, item_id, location_id, expected_on, ordered, received)` of the lines of orders that stand, of business `b`. A purchase
 * that was taken back brings nothing, and one whose details say less by now no more than they say. `which` narrows the orders `o`.
 */
export function orderLines(b: string, which: SQL): SQL {
  return sql`select o.id as order_id, l.place, l.item_id, o.location_id, o.expected_on, l.qty as ordered, coalesce(r.qty, 0) as received
    from app.purchase_orders o
    join app.purchase_order_lines l on l.business_id = ${b} and l.order_id = o.id
    left join lateral (select sum(least(c.qty, coalesce(p.qty, 0))) as qty from app.purchase_order_receipts c
      join lateral (select sum(pl.qty) as qty from app.purchases u
        join app.purchase_lines pl on pl.business_id = ${b} and pl.purchase_id = u.id and pl.item_id = c.item_id
        where u.business_id = ${b} and u.id = c.purchase_id and not u.is_undone) p on true
      where c.business_id = ${b} and c.order_id = l.order_id and c.item_id = l.item_id) r on true
    where o.business_id = ${b} and ${which}`;
}

/** Rows `(item_id, location_id, qty, expected_on)`: what is still to come of each item to each place, and when the next of it. */
export function onOrderRows(b: string): SQL {
  return sql`select x.item_id, x.location_id, sum(x.ordered - x.received) as qty, min(x.expected_on) as expected_on
    from (${orderLines(b, sql`o.state = 'ordered'`)}) x where x.ordered > x.received group by 1, 2`;
}
