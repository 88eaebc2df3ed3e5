/** What approved counts found, by item and place: kept from their lines whenever one is approved or taken back. */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { countSums } from "../../db/schema";
import { rowsOf, type Tx } from "../../db/scope";
import { recentCounts } from "../core/counts";
import type { Scope } from "../people/access";

/** Works the sums of these items at a place out again. Called in the transaction that changes a count's lines. */
export async function sumCounts(tx: Tx, scope: Scope, location: string, items: readonly string[]): Promise<void> {
  const b = scope.businessId;
  if (items.length === 0) return;
  const ids = list("text", items);
  const rows = await rowsOf<{
    item: string;
    counts: number;
    shortages: number;
    surpluses: number;
    recent: number;
    net: string;
    last: string;
  }>(
    tx,
    sql`select r.item_id as item, count(*)::int as counts, (count(*) filter (where r.found < 0))::int as shortages,
          (count(*) filter (where r.found > 0))::int as surpluses, (count(*) filter (where r.found < 0 and r.nth <= ${recentCounts}))::int as recent,
          sum(r.found)::text as net, max(r.counted_at)::text as last
        from (select l.item_id, l.counted_at, l.counted_qty - l.expected_qty as found,
            row_number() over (partition by l.item_id order by l.counted_at desc, l.count_id desc) as nth
          from app.count_lines l join app.counts c on c.business_id = ${b} and c.id = l.count_id and c.state = 'approved' and c.location_id = ${location}
          where l.business_id = ${b} and l.item_id = any(${ids}) and l.counted_qty is not null) r
        group by r.item_id order by r.item_id`,
  );
  await tx.execute(
    sql`delete from app.count_sums where business_id = ${b} and location_id = ${location} and item_id = any(${ids})`,
  );
  await bulkInsert(
    tx,
    countSums,
    rows.map((row) => ({
      businessId: b,
      itemId: row.item,
      locationId: location,
      counts: row.counts,
      shortages: row.shortages,
      surpluses: row.surpluses,
      recentShort: row.recent,
      netQty: BigInt(row.net),
      lastAt: row.last,
    })),
  );
}
