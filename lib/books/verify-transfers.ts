/**
 * Proves transfers as people write them against the documents that their facts made: each stands as what arrived of it says, nothing
 * is taken on that was not sent. Sums of the database against each other.
 */
import { sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Finding } from "../core/checks";

/** What was looked at, and what does not hold; at most `most` of each kind. */
export async function transferStates(
  tx: Tx,
  scope: InBusiness,
  most: number,
): Promise<Readonly<{ looked: number; findings: readonly Finding[] }>> {
  const business = scope.businessId;
  const [count] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::int as n from app.transfers where business_id = ${business}`,
  );
  // Of each consignment and item: what was sent, and what arrived, went back or was lost since.
  const moved = sql`
    select d.consignment_id, s.item_id, coalesce(sum(s.qty) filter (where d.id = d.consignment_id), 0) as sent,
      coalesce(sum(abs(s.qty)) filter (where d.id <> d.consignment_id), 0) as taken
    from app.stock_documents d
    join app.stock_lines s on s.business_id = ${business} and s.document_kind = d.kind and s.document_id = d.id
    where d.business_id = ${business} and d.consignment_id is not null and not d.is_undone group by 1, 2`;
  const rows = await rowsOf<{ what: string; expected: string; found: string }>(
    tx,
    sql`select 'what is taken on of ' || m.item_id || ' in the consignment ' || m.consignment_id || ' is at most what was sent' as what,
          m.sent::text as expected, m.taken::text as found
        from (${moved}) m where m.taken > m.sent
        union all
        select 'the transfer ' || t.id || ' stands as what arrived of it says',
          case when t.state not in ('sent', 'short', 'received') then t.state when o.open = 0 then 'received' else 'sent or short' end, t.state
        from app.transfers t
        left join (select consignment_id, sum(sent - taken) as open from (${moved}) m group by 1) o on o.consignment_id = t.consignment_id
        where t.business_id = ${business} and t.state in ('sent', 'short', 'received') and (coalesce(o.open, -1) = 0) <> (t.state = 'received')
        union all
        select 'the transfer ' || t.id || ' sent what is written', string_agg(l.item_id || ' ' || l.qty, ', ' order by l.item_id), 'something else'
        from app.transfers t
        join app.transfer_lines l on l.business_id = ${business} and l.transfer_id = t.id
        left join (${moved}) m on m.consignment_id = t.consignment_id and m.item_id = l.item_id and m.sent = l.qty
        where t.business_id = ${business} and t.consignment_id is not null group by t.id having count(m.item_id) <> count(*)
        union all
        select 'the consignment ' || d.id || ' is of a transfer', 'a transfer', 'none'
        from app.stock_documents d where d.business_id = ${business} and d.consignment_id = d.id and not d.is_undone
          and not exists (select 1 from app.transfers t where t.business_id = ${business} and t.consignment_id = d.id)
        order by 1 limit ${most}`,
  );
  return { looked: count?.n ?? 0, findings: rows };
}
