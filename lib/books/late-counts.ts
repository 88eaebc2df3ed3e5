/**
 * What came to be known after a count was approved: the sum of all movements that came or went since and had happened before the count's
 * moment, kept on its line. Where it is not nothing, the difference that somebody signed for is another by now, and Needs you says so
 * without working any count out again. The rule is `movedBefore` (lib/core/counts.ts), as in lib/desk/count-ledger.ts.
 */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import type { InBusiness, Tx } from "../../db/scope";
import type { LocalDate } from "../core/facts";

/** A movement as it came, or with its quantity the other way round as it went. Instants as texts of the database. */
export type MovedLate = Readonly<{
  item: string;
  location: string;
  document: string;
  on: LocalDate;
  at: string | null;
  recorded: string;
  qty: bigint;
}>;

/** Tells approved counts of it, in the transaction that changes the movements. */
export async function tellCounts(tx: Tx, scope: InBusiness, moved: readonly MovedLate[]): Promise<void> {
  const told = moved.filter(({ qty }) => qty !== 0n);
  if (told.length === 0) return;
  const b = scope.businessId;
  const texts = (of: (one: MovedLate) => string | null) => list("text", told.map(of));
  const times = (of: (one: MovedLate) => string | null) => list("timestamptz", told.map(of));
  const quantities = list(
    "bigint",
    told.map(({ qty }) => qty),
  );
  await tx.execute(
    sql`update app.count_lines l set late_qty = l.late_qty + s.qty
        from (select k.count_id, k.item_id, sum(u.qty)::bigint as qty
          from unnest(${texts((one) => one.item)}, ${texts((one) => one.location)}, ${texts((one) => one.document)},
            ${list(
              "date",
              told.map(({ on }) => on),
            )}, ${times((one) => one.at)}, ${times((one) => one.recorded)}, ${quantities}) as u(item, location, document, on_date, at, recorded, qty)
          join app.count_lines k on k.business_id = ${b} and k.item_id = u.item and k.counted_on >= u.on_date
          join app.counts c on c.business_id = ${b} and c.id = k.count_id and c.location_id = u.location
          left join app.count_documents d on d.business_id = ${b} and d.document_id = u.document
          left join app.count_lines o on o.business_id = ${b} and o.count_id = d.count_id and o.item_id = u.item
          where d.count_id is distinct from k.count_id and (u.on_date < k.counted_on or case when coalesce(u.at, o.counted_at) is null
            then k.takes_day or u.recorded <= k.counted_at else coalesce(u.at, o.counted_at) <= k.counted_at end)
          group by 1, 2) s
        where l.business_id = ${b} and l.count_id = s.count_id and l.item_id = s.item_id and s.qty <> 0`,
  );
}
