/**
 * Proves counts against the documents that approving them made: what differed is put right by exactly that, once, and nothing else is put
 * right in a count's name; what is kept of an item's counts is what its lines say. Sums of the database against each other.
 */
import { sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Finding } from "../core/checks";
import { recentCounts } from "../core/counts";

/** What was looked at, and what does not hold; at most `most`. */
export async function countsApproved(
  tx: Tx,
  scope: InBusiness,
  most: number,
): Promise<Readonly<{ looked: number; findings: readonly Finding[] }>> {
  const b = scope.businessId;
  const [count] = await rowsOf<{ n: number }>(
    tx,
    sql`select ((select count(*) from app.counts where business_id = ${b})
          + (select count(*) from app.count_lines where business_id = ${b} and counted_qty is not null))::int as n`,
  );
  const findings = await rowsOf<{ what: string; expected: string; found: string }>(
    tx,
    sql`with wanted as (
          select l.count_id, l.item_id, l.counted_qty - l.expected_qty as qty, c.location_id, c.number from app.count_lines l
          join app.counts c on c.business_id = ${b} and c.id = l.count_id and c.state = 'approved'
          where l.business_id = ${b} and l.counted_qty <> l.expected_qty),
        told as (
          select d.count_id, s.item_id, s.qty, s.location_id, k.number, count(*) over (partition by d.count_id, s.item_id) as n from app.count_documents d
          join app.stock_documents k on k.business_id = ${b} and k.kind = 'adjustment' and k.id = d.document_id and not k.is_undone
          join app.stock_lines s on s.business_id = ${b} and s.document_kind = k.kind and s.document_id = k.id
          where d.business_id = ${b}),
        found as (
          select l.item_id, c.location_id, l.counted_at, l.counted_qty - l.expected_qty as qty,
            row_number() over (partition by l.item_id, c.location_id order by l.counted_at desc, l.count_id desc) as nth
          from app.count_lines l join app.counts c on c.business_id = ${b} and c.id = l.count_id and c.state = 'approved'
          where l.business_id = ${b} and l.counted_qty is not null),
        sums as (
          select item_id, location_id, concat_ws(' ', count(*), count(*) filter (where qty < 0), count(*) filter (where qty > 0),
            count(*) filter (where qty < 0 and nth <= ${recentCounts}), sum(qty), extract(epoch from max(counted_at))) as says from found group by 1, 2),
        kept as (
          select item_id, location_id, concat_ws(' ', counts, shortages, surpluses, recent_short, net_qty, extract(epoch from last_at)) as says
          from app.count_sums where business_id = ${b})
        select 'the count ' || w.count_id || ' put right what it found of ' || w.item_id as what,
          w.qty || ' at ' || w.location_id || ' as ' || w.number as expected,
          coalesce(t.qty || ' at ' || t.location_id || ' as ' || coalesce(t.number, 'none') || ', ' || t.n || ' times', 'nothing') as found
        from wanted w left join told t on t.count_id = w.count_id and t.item_id = w.item_id
        where t.qty is null or t.qty <> w.qty or t.n <> 1 or t.location_id is distinct from w.location_id or t.number is distinct from w.number
        union all
        select 'what the count ' || t.count_id || ' put right of ' || t.item_id || ' is what it found', 'nothing', t.qty::text
        from told t left join wanted w on w.count_id = t.count_id and w.item_id = t.item_id where w.item_id is null
        union all
        select 'the count ' || l.count_id || ' has a proof only while it is approved', 'approved', c.state from app.count_lines l
        join app.counts c on c.business_id = ${b} and c.id = l.count_id
        where l.business_id = ${b} and l.counted_qty is not null and c.state <> 'approved'
        union all
        select 'the proof of ' || l.item_id || ' in the count ' || l.count_id || ' rests on what was handed in', 'an entry', 'none' from app.count_lines l
        where l.business_id = ${b} and l.counted_qty is not null and not exists (select 1 from app.count_entries e
          where e.business_id = ${b} and e.count_id = l.count_id and e.item_id = l.item_id)
        union all
        select 'what counts found of ' || coalesce(s.item_id, k.item_id) || ' at ' || coalesce(s.location_id, k.location_id) || ' is kept',
          coalesce(s.says, 'none'), coalesce(k.says, 'none')
        from sums s full join kept k on k.item_id = s.item_id and k.location_id = s.location_id where s.says is distinct from k.says
        order by 1 limit ${most}`,
  );
  return { looked: count?.n ?? 0, findings };
}
