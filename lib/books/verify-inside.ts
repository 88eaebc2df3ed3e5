/**
 * Proves what moves inside the business: value is kept by production and transfers, places keep their own lots, days add up, and what is
 * kept for speed (cost groups) is what the documents say. Sums of the database against each other; nothing of the fold's code.
 */
import { sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Finding } from "../core/checks";
import { componentsOf } from "./groups";
import type { Books } from "./ledger";
import type { JournalSums } from "./verify-chain";

/** What was looked at, and what does not hold. */
export type Looked = Readonly<{ looked: number; findings: readonly Finding[] }>;

const looked = (rows: readonly Readonly<{ n: number }>[], findings: readonly Finding[]): Looked => ({
  looked: rows[0]?.n ?? 0,
  findings,
});

/** Rule 9: what a production makes is worth what went into it and the overhead; nothing else. */
export async function productionValues(tx: Tx, scope: InBusiness, most: number): Promise<Looked> {
  const business = scope.businessId;
  const count = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::int as n from app.stock_documents where business_id = ${business} and kind = 'assembly' and not is_undone`,
  );
  const rows = await rowsOf<{ id: string; expected: string; found: string }>(
    tx,
    sql`select d.id, d.overhead_minor::text as expected, coalesce(m.value, 0)::text as found from app.stock_documents d
        left join (select document_id, sum(value_minor) as value from app.movements where business_id = ${business} and kind = 'assembly' group by document_id) m
          on m.document_id = d.id
        where d.business_id = ${business} and d.kind = 'assembly' and not d.is_undone and coalesce(m.value, 0) <> d.overhead_minor
        order by d.id limit ${most}`,
  );
  return looked(
    count,
    rows.map(({ id, expected, found }) => ({
      what: `what the production ${id} adds to Inventory is its overhead`,
      expected,
      found,
    })),
  );
}

/** Rule 8: what a transfer brings is what it took: all of its quantity, and the very cost. */
export async function transferValues(tx: Tx, scope: InBusiness, books: Books, most: number): Promise<Looked> {
  const business = scope.businessId;
  const lines = sql`
    select id, count(*) filter (where leg = 0) as n, sum(qty) as qty, sum(value_minor) as value, max(-qty) filter (where leg = 0) as moved,
      coalesce(max(short_qty) filter (where leg = 0), 0) as short, coalesce(max(-value_minor) filter (where leg = 0), 0) as cost
    from app.movements where business_id = ${business} and kind = 'transfer' group by id`;
  const brought =
    books.pool === "location"
      ? sql`select line_id, sum(qty) as qty, sum(cost_minor) as cost from app.lots where business_id = ${business} and source = 'transfer' group by line_id`
      : sql`select id as line_id, moved - short as qty, 0::numeric as cost from (${lines}) t`;
  const count = await rowsOf<{ n: number }>(tx, sql`select count(*)::int as n from (${lines}) t`);
  const rows = await rowsOf<{ id: string; expected: string; found: string }>(
    tx,
    sql`select t.id, '0/0/' || (t.moved - t.short)::text || '/' || t.cost::text as expected,
          t.qty::text || '/' || t.value::text || '/' || coalesce(b.qty, 0)::text || '/' || coalesce(b.cost, 0)::text as found
        from (${lines}) t left join (${brought}) b on b.line_id = t.id
        where (t.qty, t.value, t.moved - t.short, t.cost) is distinct from (0, 0, coalesce(b.qty, 0), coalesce(b.cost, 0))
        order by t.id limit ${most}`,
  );
  return looked(
    count,
    rows.map(({ id, expected, found }) => ({
      what: `quantity, value, units in lots and their cost of the transfer ${id} come to what left`,
      expected,
      found,
    })),
  );
}

/**
 * Rule 14 for each location, where it is a pool of its own: nothing is taken from another place's lots, and what is on hand is what lots have
 * left there, less what went out without a lot, and what came in without one (a transfer that was short, a return that cancelled shortage).
 */
export async function locations(tx: Tx, scope: InBusiness, books: Books, most: number): Promise<Looked> {
  const business = scope.businessId;
  if (books.pool === "business") return { looked: 0, findings: [] };
  const elsewhere = await rowsOf<{ id: string; expected: string; found: string }>(
    tx,
    sql`select a.movement_id as id, m.location_id as expected, l.location_id as found from app.allocations a
        join app.movements m on m.business_id = ${business} and m.id = a.movement_id and m.leg = a.leg
        join app.lots l on l.business_id = ${business} and l.id = a.lot_id
        where a.business_id = ${business} and a.kind <> 'back' and l.location_id <> m.location_id order by 1 limit ${most}`,
  );
  const places = sql`
    select m.item_id, m.location_id, sum(m.qty) as on_hand, sum(m.qty - coalesce(case when m.qty > 0 then b.qty else -t.qty end, 0)) as bare
    from app.movements m
    left join (select movement_id, leg, sum(qty) as qty from app.allocations where business_id = ${business} and kind <> 'back' group by movement_id, leg) t
      on t.movement_id = m.id and t.leg = m.leg
    left join (select line_id, item_id, sum(qty) as qty from app.lots where business_id = ${business} group by line_id, item_id) b
      on b.line_id = m.id and b.item_id = m.item_id
    where m.business_id = ${business} and m.kind <> 'write_off' and not (m.kind = 'transfer' and m.leg in (1, 2))
    group by m.item_id, m.location_id`;
  const left = sql`select item_id, location_id, sum(left_qty) as left_qty from app.lots where business_id = ${business} group by item_id, location_id`;
  const months = sql`select item_id, location_id, sum(in_qty - out_qty) as qty from app.item_months where business_id = ${business} group by item_id, location_id`;
  const count = await rowsOf<{ n: number }>(tx, sql`select count(*)::int as n from (${places}) p`);
  const rows = await rowsOf<{ item_id: string; location_id: string; expected: string; found: string }>(
    tx,
    sql`select p.item_id, p.location_id, (coalesce(l.left_qty, 0) + p.bare)::text as expected, p.on_hand::text as found
        from (${places}) p left join (${left}) l on l.item_id = p.item_id and l.location_id = p.location_id
        where coalesce(l.left_qty, 0) + p.bare <> p.on_hand
        union all
        select p.item_id, p.location_id, p.on_hand::text, coalesce(k.qty, 0)::text
        from (${places}) p left join (${months}) k on k.item_id = p.item_id and k.location_id = p.location_id
        where left(p.item_id, 1) <> chr(31) and coalesce(k.qty, 0) <> p.on_hand
        order by 1, 2 limit ${most}`,
  );
  return looked(count, [
    ...elsewhere.map(({ id, expected, found }) => ({ what: `${id} took from lots where it is`, expected, found })),
    ...rows.map(({ item_id, location_id, expected, found }) => ({
      what: `what is on hand of ${item_id} at ${location_id} is what its lots there have left and what moved without a lot`,
      expected,
      found,
    })),
  ]);
}

/** Rule 14, at every date: what the journal adds to Inventory on a day is what movements and purchases still to detail add on it. */
export async function inventoryDays(
  tx: Tx,
  scope: InBusiness,
  { inventory }: JournalSums,
  most: number,
): Promise<Looked> {
  const business = scope.businessId;
  const rows = await rowsOf<{ on: string; amount: string }>(
    tx,
    sql`select on_day::text as on, sum(amount)::text as amount from (
          select on_date as on_day, value_minor as amount from app.movements where business_id = ${business}
          union all
          select on_date, amount_minor - detailed_minor from app.purchases where business_id = ${business} and not is_undone) s group by on_day`,
  );
  const stock = new Map(rows.map(({ on, amount }) => [on, BigInt(amount)]));
  const days = [...new Set([...stock.keys(), ...inventory.keys()])].sort();
  const findings = days.flatMap((on) => {
    const [expected, found] = [stock.get(on) ?? 0n, inventory.get(on) ?? 0n];
    return expected === found
      ? []
      : [{ what: `what Inventory changes by on ${on} is its lots'`, expected: `${expected}`, found: `${found}` }];
  });
  return { looked: days.length, findings: findings.slice(0, most) };
}

/** Cost groups are what the productions join; bundles are never stocked. */
export async function groupRows(tx: Tx, scope: InBusiness, most: number): Promise<Looked> {
  const business = scope.businessId;
  const productions = new Map<string, string[]>();
  for (const row of await rowsOf<{ document_id: string; item_id: string }>(
    tx,
    sql`select l.document_id, l.item_id from app.stock_lines l
        join app.stock_documents d on d.business_id = ${business} and d.kind = l.document_kind and d.id = l.document_id and not d.is_undone
        where l.business_id = ${business} and l.document_kind = 'assembly' order by l.document_id, l.place`,
  )) {
    const own = productions.get(row.document_id);
    if (own === undefined) productions.set(row.document_id, [row.item_id]);
    else own.push(row.item_id);
  }
  const wanted = componentsOf([...productions.values()].filter((items) => new Set(items).size > 1));
  const stored = new Map(
    (
      await rowsOf<{ item_id: string; group_id: string }>(
        tx,
        sql`select item_id, group_id from app.cost_groups where business_id = ${business}`,
      )
    ).map((row) => [row.item_id, row.group_id]),
  );
  const stocked = await rowsOf<{ item_id: string }>(
    tx,
    sql`select distinct c.item_id from app.item_components c
        join app.items i on i.business_id = ${business} and i.id = c.item_id and not i.is_undone
        join app.movements m on m.business_id = ${business} and m.item_id = c.item_id
        where c.business_id = ${business} order by 1 limit ${most}`,
  );
  const findings: Finding[] = [];
  for (const item of new Set([...wanted.keys(), ...stored.keys()])) {
    const [expected, found] = [wanted.get(item) ?? "alone", stored.get(item) ?? "alone"];
    if (expected !== found)
      findings.push({ what: `${item} is costed with what production joins it to`, expected, found });
  }
  for (const { item_id } of stocked)
    findings.push({ what: `${item_id} is a bundle, which is never stocked`, expected: "no movement", found: "some" });
  return { looked: stored.size, findings: findings.slice(0, most) };
}
