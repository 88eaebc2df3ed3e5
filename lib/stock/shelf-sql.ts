/** What a channel says is on its shelves, held against the books: the one question of the channel's page, of Needs you and of a sync. */
import { type SQL, sql } from "drizzle-orm";

/**
 * Rows `(channel_id, item_id, shelf, location_id, said, booked, since)` of business `b`: where a channel says other than the books. What a
 * buyer sent back and waits for its refund is at the channel, and not expected of the books yet, so it is taken off what is said.
 */
export function differing(b: string): SQL {
  return sql`select q.channel_id, q.item_id, q.shelf, q.location_id, q.said, coalesce(p.qty, 0) as booked, q.since
    from (select s.channel_id, s.item_id, h.shelf, h.location_id, min(s.differs_since) as since,
        sum((case when h.shelf = 'sellable' then s.sellable else s.unsellable end - coalesce(w.qty, 0)) * s.times) as said
      from app.channel_stock s
      join app.channel_shelves h on h.business_id = ${b} and h.channel_id = s.channel_id and h.shelf in ('sellable', 'unsellable')
      left join (select channel_id, shelf, sku, sum(qty) as qty from app.shelf_moves
        where business_id = ${b} and facts is null and kind = 'returned' group by 1, 2, 3) w
        on w.channel_id = s.channel_id and w.shelf = h.shelf and w.sku = s.sku
      where s.business_id = ${b} and s.item_id is not null group by 1, 2, 3, 4) q
    left join app.item_places p on p.business_id = ${b} and p.item_id = q.item_id and p.location_id = q.location_id
    where q.said <> coalesce(p.qty, 0)`;
}
