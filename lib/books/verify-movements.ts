/**
 * Proves that what moved is what the documents' lines say: each line moves its item, at its place, on its day, as much as it says, and
 * nothing else moves. Beside it, what lines repeat of their documents. Sums and joins of the database; nothing of what wrote the rows.
 */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import { partsOfBundle } from "../core/bundles";
import type { Finding } from "../core/checks";
import type { Component } from "../core/facts";
import type { Walked } from "./verify-chain";

/** What was looked at, and what does not hold; at most `most` of each kind. */
export async function wrongMovements(tx: Tx, scope: InBusiness, most: number): Promise<Walked> {
  const b = scope.businessId;
  const wanted = wantedMovements(scope, await bundleParts(tx, scope));
  const [count] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::int as n from app.movements where business_id = ${b}`,
  );
  // A sold line that matched nothing moves only where something refers to it, which the fold asks for by itself.
  const rows = await rowsOf<Finding>(
    tx,
    sql`select 'the movement ' || coalesce(m.id, w.id) || case when coalesce(m.leg, w.leg) = 0 then '' else ' (' || coalesce(m.leg, w.leg) || ')' end
          || ' of ' || replace(coalesce(m.item_id, w.item_id), chr(31), '') || ' is what its line says' as what,
          case when w.id is null then 'none' else concat_ws(', ', w.kind, w.document_id, replace(w.item_id, chr(31), ''), coalesce(w.location_id, m.location_id),
            w.on_date, w.phase, w.at, w.qty, w.value) end as expected,
          case when m.id is null then 'none' else concat_ws(', ', m.kind, m.document_id, replace(m.item_id, chr(31), ''), m.location_id,
            m.on_date, m.phase, m.at, m.qty, case when w.value is not null then m.value_minor end) end as found
        from (${wanted}) w
        full join (select * from app.movements where business_id = ${b}) m on m.id = w.id and m.leg = w.leg
        where (m.id is null and w.is_needed) or w.id is null
          or (m.id is not null and (m.kind, m.document_id, m.item_id, m.location_id, m.on_date, m.phase, m.at, m.qty, m.value_minor)
            is distinct from (w.kind, w.document_id, w.item_id, coalesce(w.location_id, m.location_id), w.on_date, w.phase, w.at, w.qty, coalesce(w.value, m.value_minor)))
        limit ${most}`,
  );
  return { looked: count?.n ?? 0, findings: [...rows, ...(await wrongLines(tx, scope, most))] };
}

/** What one of each bundle is made of in the end, as a table of rows: the place of a part is the leg of its movement. */
async function bundleParts(tx: Tx, scope: InBusiness): Promise<SQL> {
  const direct = new Map<string, Component[]>();
  for (const row of await rowsOf<{ item_id: string; component_id: string; qty: string }>(
    tx,
    sql`select item_id, component_id, qty::text from app.item_components where business_id = ${scope.businessId} order by item_id, place`,
  )) {
    const own = direct.get(row.item_id);
    const part = { item: row.component_id, qty: BigInt(row.qty) };
    if (own === undefined) direct.set(row.item_id, [part]);
    else own.push(part);
  }
  const rows = [...direct.keys()].flatMap((bundle) =>
    (partsOfBundle(bundle, direct) ?? []).map(({ item, qty }, i) => ({ bundle, leg: BigInt(i + 1), item, qty })),
  );
  const of = <T>(pick: (row: (typeof rows)[number]) => T) => rows.map(pick);
  return sql`unnest(${list(
    "text",
    of((row) => row.bundle),
  )}, ${list(
    "bigint",
    of((row) => row.leg),
  )}, ${list(
    "text",
    of((row) => row.item),
  )}, ${list(
    "bigint",
    of((row) => row.qty),
  )}) as p(bundle, leg, part, each)`;
}

/**
 * What each line moves. `location_id` null: where nothing but the movement says it; `value`: what comes from outside, at what its line says,
 * null where a fold works it out.
 */
function wantedMovements(scope: InBusiness, parts: SQL): SQL {
  const b = scope.businessId;
  const sold = sql`
    select o.id, o.order_id, o.location_id, o.on_date, o."at", o.qty, o.item_id is not null as is_matched, coalesce(p.leg, 0) as leg,
      coalesce(p.part, o.item_id, chr(31) || o.id) as item_id, coalesce(p.each, 1) as each
    from app.order_lines o left join ${parts} on p.bundle = o.item_id where o.business_id = ${b} and not o.is_undone`;
  return sql`
    select s.id, s.leg, 'sale' as kind, s.order_id as document_id, s.item_id, s.location_id, s.on_date, 2 as phase, s."at" as at, -(s.qty * s.each) as qty,
      null::bigint as value, s.is_matched as is_needed
    from (${sold}) s
    union all
    select l.id, s.leg, case when l.restock then 'sale_return' else 'write_off' end, r.id, s.item_id, l.location_id, r.on_date, 3, null,
      case when l.restock then l.qty * s.each else 0 end, null, true
    from app.return_lines l
    join app.returns r on r.business_id = ${b} and r.id = l.return_id and not r.is_undone
    join (${sold}) s on s.id = l.sale_id
    where l.business_id = ${b} and (l.restock or l.write_off)
    union all
    select l.id, 0, 'loose_return', r.id, l.item_id, l.location_id, r.on_date, 3, null, l.qty, l.cost_minor, true
    from app.return_lines l join app.returns r on r.business_id = ${b} and r.id = l.return_id and not r.is_undone
    where l.business_id = ${b} and l.sale_id is null
    union all
    select l.id, 0, 'purchase', p.id, l.item_id, l.location_id, p.on_date, 0, null, l.qty, l.cost_minor, true
    from app.purchase_lines l join app.purchases p on p.business_id = ${b} and p.id = l.purchase_id and not p.is_undone
    where l.business_id = ${b}
    union all
    select s.id, 0, d.kind, d.id, s.item_id, s.location_id, d.on_date,
      case d.kind when 'assembly' then 1 when 'purchase_return' then 2 else case when s.qty > 0 then 0 else 2 end end, null,
      case d.kind when 'purchase_return' then -s.qty else s.qty end,
      case when d.kind in ('opening', 'adjustment') and s.qty > 0 then s.amount_minor end, true
    from app.stock_lines s
    join app.stock_documents d on d.business_id = ${b} and d.kind = s.document_kind and d.id = s.document_id and not d.is_undone
    where s.business_id = ${b} and s.document_kind <> 'transfer'
    union all
    select s.id, v.leg, 'transfer', d.id, s.item_id, v.location_id, v.on_date, 1, null, v.qty, null, true
    from app.stock_lines s
    join app.stock_documents d on d.business_id = ${b} and d.kind = s.document_kind and d.id = s.document_id and not d.is_undone
    cross join lateral (values (0, d.from_location_id, d.on_date, -s.qty), (1, 'in-transit', d.on_date, s.qty), (2, 'in-transit', d.arrives_on, -s.qty),
      (3, d.to_location_id, coalesce(d.arrives_on, d.on_date), s.qty)) as v(leg, location_id, on_date, qty)
    where s.business_id = ${b} and s.document_kind = 'transfer' and (v.leg in (0, 3) or d.arrives_on is not null)
    union all
    select f.id, 0, 'backfill', f.id, coalesce(o.item_id, chr(31) || o.id), null, f.on_date, 0, null, f.qty, f.amount_minor, true
    from app.backfills f join app.order_lines o on o.business_id = ${b} and o.id = f.sale_id
    where f.business_id = ${b} and not f.is_undone`;
}

/** What lines repeat of their documents, and places that are not there. */
async function wrongLines(tx: Tx, scope: InBusiness, most: number): Promise<readonly Finding[]> {
  const b = scope.businessId;
  return rowsOf<Finding>(
    tx,
    sql`select 'the sold line ' || l.id || ' is of its order''s channel, day and moment' as what,
          coalesce(concat_ws(', ', o.channel_id, o.on_date, o."at"), 'none') as expected, concat_ws(', ', l.channel_id, l.on_date, l."at") as found
        from app.order_lines l left join app.orders o on o.business_id = ${b} and o.id = l.order_id
        where l.business_id = ${b} and not l.is_undone and (l.channel_id, l.on_date, l."at") is distinct from (o.channel_id, o.on_date, o."at")
        union all
        select 'the line ' || s.id || ' that went back is of the item of the line that was bought', coalesce(l.item_id, 'none'), s.item_id
        from app.stock_lines s
        join app.stock_documents d on d.business_id = ${b} and d.kind = s.document_kind and d.id = s.document_id and not d.is_undone
        left join app.purchase_lines l on l.business_id = ${b} and l.id = s.purchase_line_id
        where s.business_id = ${b} and s.document_kind = 'purchase_return' and s.item_id is distinct from l.item_id
        union all
        select 'the sold line ' || l.id || ' is from a place that is there', 'a location', l.location_id from app.order_lines l
        left join app.locations p on p.business_id = ${b} and p.id = l.location_id where l.business_id = ${b} and p.id is null
        union all
        select 'the returned line ' || l.id || ' is from a place that is there', 'a location', l.location_id from app.return_lines l
        left join app.locations p on p.business_id = ${b} and p.id = l.location_id where l.business_id = ${b} and p.id is null
        union all
        select 'the movement ' || m.id || ' is posted for, as is written at it', 'posted', 'not posted' from app.movements m
        join app.journal_entries e on e.business_id = ${b} and e.document_kind = 'cost'
          and e.document_id = case when m.leg = 0 then m.id else m.id || chr(31) || m.item_id end
        where m.business_id = ${b} and not m.is_posted and m.kind in ('sale', 'sale_return', 'write_off', 'purchase_return', 'adjustment')
        limit ${most}`,
  );
}
