/** Proves what the stock registers read: sums by what moved, of months and of days, and what is on hand at each place. A part of verify.ts. */
import { type SQL, sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Finding } from "../core/checks";
import type { Walked } from "./verify-chain";

const most = 20;

/** Worked out again in other words than those of kind-sums.ts: each movement is one class, and each class is summed. */
const classOf =
  sql.raw(`case m.kind when 'sale' then 'sold' when 'sale_return' then 'back' when 'loose_return' then 'back'
  when 'transfer' then case when m.qty > 0 then 'came' else 'went' end else case when m.qty > 0 then 'added' else 'taken' end end`);
const moved = sql.raw(`sum(case when class = 'added' then value else 0 end) as a,
  sum(case when class = 'sold' then -qty else 0 end) as b, sum(case when class = 'sold' then -value else 0 end) as c,
  sum(case when class = 'back' then qty else 0 end) as d, sum(case when class = 'back' then value else 0 end) as e,
  sum(case when class = 'came' then qty else 0 end) as f, sum(case when class = 'came' then value else 0 end) as g,
  sum(case when class = 'went' then -qty else 0 end) as h, sum(case when class = 'went' then -value else 0 end) as i`);
const kept =
  sql.raw(`concat_ws(', ', k.added_minor, k.sold_qty, k.sold_minor, k.back_qty, k.back_minor, k.moved_in_qty, k.moved_in_minor,
  k.moved_out_qty, k.moved_out_minor)`);
const wanted = sql.raw("concat_ws(', ', w.a, w.b, w.c, w.d, w.e, w.f, w.g, w.h, w.i)");

function queries({ businessId: b }: InBusiness): readonly SQL[] {
  return [
    sql`with w as (
          select item_id, month, location_id, ${moved} from (
            select m.item_id, date_trunc('month', m.on_date::timestamp)::date as month, m.location_id, m.qty, m.value_minor as value, ${classOf} as class
            from app.movements m where m.business_id = ${b} and m.kind <> 'write_off' and left(m.item_id, 1) <> chr(31)) c
          group by 1, 2, 3)
        select 'what moved of ' || k.item_id || ' at ' || k.location_id || ' in ' || to_char(k.month, 'YYYY-MM') as what, ${wanted} as expected, ${kept} as found
        from app.item_months k left join w on w.item_id = k.item_id and w.month = k.month and w.location_id = k.location_id
        where k.business_id = ${b} and ${wanted} is distinct from ${kept}`,
    // Which days are kept at all is proved with the ledger's (verify-summaries.ts).
    sql`with w as (
          select item_id, on_date, location_id, ${moved} from (
            select m.item_id, m.on_date, m.location_id, m.qty, m.value_minor as value, ${classOf} as class
            from app.movements m where m.business_id = ${b} and m.kind <> 'write_off' and left(m.item_id, 1) <> chr(31)) c
          group by 1, 2, 3)
        select 'what moved of ' || k.item_id || ' at ' || k.location_id || ' on ' || k.on_date::text as what, ${wanted} as expected, ${kept} as found
        from app.item_days k left join w on w.item_id = k.item_id and w.on_date = k.on_date and w.location_id = k.location_id
        where k.business_id = ${b} and ${wanted} is distinct from ${kept}`,
    sql`with w as (
          select item_id, location_id, sum(qty) as qty, sum(value_minor) as value from app.movements
          where business_id = ${b} and kind <> 'write_off' and left(item_id, 1) <> chr(31) group by 1, 2)
        select 'what is at ' || coalesce(w.location_id, k.location_id) || ' of ' || coalesce(w.item_id, k.item_id) as what,
          concat_ws(', ', w.qty, w.value) as expected, concat_ws(', ', k.qty, k.value_minor) as found
        from w full join (select * from app.item_places where business_id = ${b}) k on k.item_id = w.item_id and k.location_id = w.location_id
        where (w.qty, w.value) is distinct from (k.qty, k.value_minor)`,
  ];
}

/** Every kept sum of the registers that is not what its movements add to. */
export async function brokenRegisters(tx: Tx, scope: InBusiness): Promise<Walked> {
  const findings: Finding[] = [];
  for (const query of queries(scope)) {
    const room = most - findings.length;
    if (room > 0) findings.push(...(await rowsOf<Finding>(tx, sql`${query} limit ${room}`)));
  }
  const [count] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::int as n from app.item_places where business_id = ${scope.businessId}`,
  );
  return { looked: count?.n ?? 0, findings };
}
