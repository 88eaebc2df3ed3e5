/**
 * Proves what is kept of stock against its rows: what is on hand, what lots have left, what sales took, what their costs posted. Each
 * query gives only what does not fit, so that a million rows need no more memory than a thousand. A part of verify.ts.
 */
import { sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import { checkInventory, checkLots, checkPosted, checkQuantities, checkSales, type Finding } from "../core/checks";
import type { JournalSums, Walked } from "./verify-chain";
import { bookedTaxes, returnedTaxes } from "./verify-gst";

const most = 20;

/** Quantity on hand is the sum of movements, of the ledger's months, and what lots have left less what is short. */
export async function wrongQuantities(tx: Tx, scope: InBusiness): Promise<Walked> {
  const rows = await rowsOf<{ item: string; moved: string; hand: string; months: string; left: string; short: string }>(
    tx,
    sql`select i.id as item, coalesce(m.qty, 0)::text as moved, coalesce(s.on_hand_qty, 0)::text as hand, coalesce(l.qty, 0)::text as left,
          coalesce(m.short, 0)::text as short, coalesce(im.qty, 0)::text as months
        from app.items i
        left join (select item_id, sum(qty) as qty, sum(short_qty) filter (where kind <> 'transfer') as short from app.movements where business_id = ${scope.businessId} group by item_id) m on m.item_id = i.id
        left join (select item_id, sum(left_qty) as qty from app.lots where business_id = ${scope.businessId} group by item_id) l on l.item_id = i.id
        left join (select item_id, sum(in_qty - out_qty) as qty from app.item_months where business_id = ${scope.businessId} group by item_id) im on im.item_id = i.id
        left join app.item_stock s on s.business_id = ${scope.businessId} and s.item_id = i.id
        where i.business_id = ${scope.businessId} and (coalesce(m.qty, 0) <> coalesce(s.on_hand_qty, 0)
          or coalesce(im.qty, 0) <> coalesce(s.on_hand_qty, 0) or coalesce(l.qty, 0) - coalesce(m.short, 0) <> coalesce(s.on_hand_qty, 0))
        limit ${most}`,
  );
  const wrong = rows.map((row) => ({
    item: row.item,
    moved: BigInt(row.moved),
    // What In Stock shows and what the ledger's months say must both be it.
    onHand: row.hand === row.moved ? BigInt(row.months) : BigInt(row.hand),
    lotsLeft: BigInt(row.left),
    short: BigInt(row.short),
  }));
  return { looked: await countOf(tx, scope, "items"), findings: checkQuantities(wrong) };
}

/** Every lot has left what was not taken from it. */
export async function wrongLots(tx: Tx, scope: InBusiness): Promise<Walked> {
  const rows = await rowsOf<Record<string, string | null>>(
    tx,
    sql`select l.id, l.qty::text, l.cost_minor::text as cost, l.left_qty::text as left, l.left_minor::text as value,
          coalesce(a.qty, 0)::text as taken_qty, coalesce(a.cost, 0)::text as taken_cost, a.last::text as taken_on, l.used_up_on::text as used_up_on
        from app.lots l
        left join (select lot_id, sum(qty) as qty, sum(cost_minor) as cost, max(on_date) as last from app.allocations
                   where business_id = ${scope.businessId} and kind <> 'back' group by lot_id) a on a.lot_id = l.id
        where l.business_id = ${scope.businessId} and (l.qty - coalesce(a.qty, 0) <> l.left_qty or l.cost_minor - coalesce(a.cost, 0) <> l.left_minor
          or l.left_qty < 0 or l.left_minor < 0 or (l.left_qty = 0 and l.left_minor <> 0)
          or (case when l.left_qty = 0 then a.last end) is distinct from l.used_up_on)
        limit ${most}`,
  );
  const wrong = rows.map((row) => ({
    lot: row.id ?? "",
    qty: BigInt(row.qty ?? 0),
    cost: BigInt(row.cost ?? 0),
    takenQty: BigInt(row.taken_qty ?? 0),
    takenCost: BigInt(row.taken_cost ?? 0),
    left: BigInt(row.left ?? 0),
    value: BigInt(row.value ?? 0),
    lastTakenOn: row.taken_on ?? null,
    usedUpOn: row.used_up_on ?? null,
  }));
  return { looked: await countOf(tx, scope, "lots"), findings: checkLots(wrong) };
}

/** What a sale took, is short of and had cancelled adds to its quantity. A bundle's line is as many units as its parts, each in its own. */
export async function wrongSales(tx: Tx, scope: InBusiness): Promise<Walked> {
  const rows = await rowsOf<Record<string, string>>(
    tx,
    sql`with back as (
          select movement_id, leg, -sum(qty) as qty from app.allocations where business_id = ${scope.businessId} and kind = 'back' group by movement_id, leg
        ), cancelled as (
          select r.sale_id, sum(m.qty - coalesce(b.qty, 0)) as qty from app.return_lines r
          join app.movements m on m.business_id = ${scope.businessId} and m.id = r.id and m.kind = 'sale_return'
          left join back b on b.movement_id = r.id and b.leg = m.leg
          where r.business_id = ${scope.businessId} group by r.sale_id
        ), moved as (
          select id, -sum(qty) as qty from app.movements where business_id = ${scope.businessId} and kind = 'sale' group by id
        ), taken as (
          select movement_id, sum(qty) as qty, sum(cost_minor) as cost from app.allocations where business_id = ${scope.businessId} and kind <> 'back' group by movement_id
        ), came as (
          select sale_id, -sum(cost_minor) as cost from app.allocations where business_id = ${scope.businessId} and kind = 'back' group by sale_id
        )
        select o.id, coalesce(m.qty, o.qty)::text as qty, o.short_qty::text as short, o.cost_back_minor::text as back, coalesce(k.cost, 0)::text as came_back, o.cost_minor::text as cost, coalesce(t.qty, 0)::text as allocated,
          coalesce(t.cost, 0)::text as allocated_cost, coalesce(c.qty, 0)::text as cancelled
        from app.order_lines o left join taken t on t.movement_id = o.id left join cancelled c on c.sale_id = o.id
          left join moved m on m.id = o.id left join came k on k.sale_id = o.id
        where o.business_id = ${scope.businessId} and not o.is_undone
          and (coalesce(m.qty, o.qty) <> coalesce(t.qty, 0) + o.short_qty + coalesce(c.qty, 0)
            or o.short_qty < 0 or o.cost_minor <> coalesce(t.cost, 0) or o.cost_back_minor <> coalesce(k.cost, 0))
        limit ${most}`,
  );
  const wrong = rows.map((row) => ({
    line: row.id ?? "",
    qty: BigInt(row.qty ?? 0),
    allocated: BigInt(row.allocated ?? 0),
    short: BigInt(row.short ?? 0),
    cancelled: BigInt(row.cancelled ?? 0),
    cost: BigInt(row.cost ?? 0),
    allocatedCost: BigInt(row.allocated_cost ?? 0),
  }));
  const backs = rows.flatMap(({ id, back, came_back: expected }) =>
    back === expected
      ? []
      : [{ what: `what came back of the cost of ${id}`, expected: expected ?? "", found: back ?? "" }],
  );
  return { looked: await countOf(tx, scope, "order_lines"), findings: [...checkSales(wrong), ...backs] };
}

/**
 * What each cost document moved between Inventory and each other account, against the value of its movement and the account that bears it:
 * cost of goods sold for what was sold and came back, an adjustment's own, what the supplier paid into and the variance for what went back.
 * A document whose movement is gone wants nothing.
 */
export async function wrongCosts(tx: Tx, scope: InBusiness): Promise<Walked> {
  const [count] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::int as n from app.movements where business_id = ${scope.businessId} and kind in ('sale', 'sale_return', 'purchase_return', 'adjustment')`,
  );
  const rows = await rowsOf<{ id: string; code: string; wanted: string; posted: string }>(
    tx,
    sql`with back as (${returnedTaxes(scope, bookedTaxes(scope))}
        ), ledger as (
          select e.document_id as id, case when p.debit = '1200' then p.credit else p.debit end as code,
            sum(case when p.debit = '1200' then -p.amount_minor else p.amount_minor end) as amount
          from app.journal_entries e join app.postings p on p.business_id = ${scope.businessId} and p.entry_id = e.id
          where e.business_id = ${scope.businessId} and e.document_kind = 'cost' and (p.debit = '1200' or p.credit = '1200') group by 1, 2
        ), stock as (
          select case when leg > 0 then id || chr(31) || item_id else id end as id, '5000' as code, -value_minor as amount from app.movements
          where business_id = ${scope.businessId} and kind in ('sale', 'sale_return')
          union all
          select m.id, coalesce(d.account_code, '5100'), -m.value_minor from app.movements m
          join app.stock_documents d on d.business_id = ${scope.businessId} and d.kind = 'adjustment' and d.id = m.document_id
          where m.business_id = ${scope.businessId} and m.kind = 'adjustment' and m.qty < 0
          union all
          select m.id, u.code, u.amount from app.movements m
          join back s on s.id = m.id
          join app.purchases b on b.business_id = ${scope.businessId} and b.id = s.purchase_id
          cross join lateral (values (b.account_code, least(s.amount - s.igst - s.cgst - s.sgst, -m.value_minor)),
            ('5110', -m.value_minor - least(s.amount - s.igst - s.cgst - s.sgst, -m.value_minor))) as u(code, amount)
          where m.business_id = ${scope.businessId} and m.kind = 'purchase_return'
        )
        select id, code, sum(wanted)::text as wanted, sum(posted)::text as posted from (
          select id, code, amount as wanted, 0 as posted from stock union all select id, code, 0, amount from ledger) c
        group by id, code having sum(wanted) <> sum(posted) limit ${most}`,
  );
  return {
    looked: count?.n ?? 0,
    findings: checkPosted(
      rows.map((row) => ({
        document: `the cost of ${row.id}`,
        account: row.code,
        wanted: BigInt(row.wanted),
        posted: BigInt(row.posted),
      })),
    ),
  };
}

/** The Inventory account is what is in lots and what is still to detail. */
export async function wrongInventory(
  tx: Tx,
  scope: InBusiness,
  { inventory }: JournalSums,
): Promise<readonly Finding[]> {
  const [row] = await rowsOf<{ lots: string; detail: string }>(
    tx,
    sql`select (select coalesce(sum(left_minor), 0)::text from app.lots where business_id = ${scope.businessId}) as lots,
          (select coalesce(sum(amount_minor - detailed_minor), 0)::text from app.purchases where business_id = ${scope.businessId} and not is_undone) as detail`,
  );
  const account = [...inventory.values()].reduce((sum, amount) => sum + amount, 0n);
  return checkInventory(account, BigInt(row?.lots ?? 0), BigInt(row?.detail ?? 0));
}

/** Rows that name an item, a location, a lot or a movement that is not there. */
export async function orphans(tx: Tx, scope: InBusiness): Promise<readonly Finding[]> {
  const rows = await rowsOf<{ what: string }>(
    tx,
    sql`select 'movement ' || m.id || ' is of the item ' || m.item_id || ', that is not there' as what from app.movements m
          where m.business_id = ${scope.businessId} and left(m.item_id, 1) <> chr(31)
            and not exists (select 1 from app.items i where i.business_id = ${scope.businessId} and i.id = m.item_id)
        union all
        select 'movement ' || m.id || ' is at the location ' || m.location_id || ', that is not there' from app.movements m
          where m.business_id = ${scope.businessId}
            and not exists (select 1 from app.locations l where l.business_id = ${scope.businessId} and l.id = m.location_id)
        union all
        select 'allocation of ' || a.movement_id || ' is from a lot that is not there' from app.allocations a
          where a.business_id = ${scope.businessId} and not exists (select 1 from app.lots l where l.business_id = ${scope.businessId} and l.id = a.lot_id)
        union all
        select 'allocation of ' || a.movement_id || ' has no movement' from app.allocations a
          where a.business_id = ${scope.businessId} and not exists (select 1 from app.movements m where m.business_id = ${scope.businessId} and m.id = a.movement_id and m.leg = a.leg)
        limit ${most}`,
  );
  return rows.map((row) => ({ what: row.what, expected: "none", found: "one" }));
}

/** How many rows there are to look at, where only those that do not fit are read. */
async function countOf(tx: Tx, scope: InBusiness, table: "items" | "lots" | "order_lines"): Promise<number> {
  const [row] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::int as n from app.${sql.raw(table)} where business_id = ${scope.businessId}`,
  );
  return row?.n ?? 0;
}
