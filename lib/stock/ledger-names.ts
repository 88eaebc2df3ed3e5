/** What the ledger's rows are called: their documents, parties and places, and which of them were recorded late. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { require, type Scope } from "../people/access";
import { namesOf } from "../people/users";
import { pointKey } from "./ledger-balances";
import type { Cursor, MovementKind, Party } from "./ledger-filter";

/** A movement as a page reads it; amounts and quantities as text. */
export type MovedRow = Cursor &
  Readonly<{
    kind: MovementKind;
    document: string;
    location: string;
    qty: string;
    value: string;
    short: string;
    /** The instant at which it was recorded, as text and in seconds since 1970. */
    recorded: string;
    recorded_s: number;
  }>;

export type RowNames = Readonly<{
  location: string;
  /** Of its order, for what has one. */
  order: string | null;
  number: string | null;
  party: string | null;
}>;

/** The names of rows, by `pointKey`. */
export async function namesOfRows(
  tx: Tx,
  b: string,
  rows: readonly MovedRow[],
): Promise<ReadonlyMap<string, RowNames>> {
  const u = sql`unnest(${list(
    "text",
    rows.map((row) => row.id),
  )}, ${list(
    "smallint",
    rows.map((row) => row.leg),
  )}, ${list(
    "text",
    rows.map((row) => row.kind),
  )}, ${list(
    "text",
    rows.map((row) => row.document),
  )}, ${list(
    "text",
    rows.map((row) => row.location),
  )}, ${list(
    "bigint",
    rows.map((row) => row.qty),
  )}) as m(id, leg, kind, document_id, location_id, qty)`;
  const found = await rowsOf<{ id: string; leg: number } & RowNames>(
    tx,
    sql`select m.id, m.leg, l.name as location, h.id as "order", h.number, coalesce(p.supplier, rp.supplier, c.name, rc.name, d.reason,
          case when m.kind = 'transfer' then case when m.qty < 0 then 'to ' || tl.name else 'from ' || fl.name end
            when m.kind = 'assembly' then case when m.qty < 0 then 'used' when x.is_open then 'made, cost not complete' else 'made' end end) as party
        from ${u}
        join app.locations l on l.business_id = ${b} and l.id = m.location_id
        left join app.purchases p on p.business_id = ${b} and m.kind = 'purchase' and p.id = m.document_id
        left join app.returns r on r.business_id = ${b} and m.kind in ('sale_return', 'loose_return') and r.id = m.document_id
        left join app.backfills f on f.business_id = ${b} and m.kind = 'backfill' and f.id = m.document_id
        left join app.order_lines fo on fo.business_id = ${b} and fo.id = f.sale_id
        left join app.orders h on h.business_id = ${b} and h.id = case m.kind when 'sale' then m.document_id when 'sale_return' then r.order_id when 'backfill' then fo.order_id end
        left join app.channels c on c.business_id = ${b} and c.id = h.channel_id
        left join app.channels rc on rc.business_id = ${b} and rc.id = r.channel_id
        left join app.stock_documents d on d.business_id = ${b} and m.kind in ('adjustment', 'transfer', 'assembly', 'purchase_return') and d.kind = m.kind and d.id = m.document_id
        left join lateral (select exists (select 1 from app.movements u where u.business_id = ${b} and u.kind = 'assembly'
            and u.document_id = m.document_id and u.short_qty > 0) as is_open where m.kind = 'assembly' and m.qty > 0) x on true
        left join app.purchases rp on rp.business_id = ${b} and rp.id = d.purchase_id
        left join app.locations fl on fl.business_id = ${b} and fl.id = d.from_location_id
        left join app.locations tl on tl.business_id = ${b} and tl.id = d.to_location_id`,
  );
  return new Map(found.map((row) => [pointKey(row), row]));
}

/** When a row was recorded (an instant as text), and by whom; null: not by a person, but by a channel or a file. */
export type Late = Readonly<{ at: string; by: string | null }>;

const daySeconds = 86_400;
const factKinds: Readonly<Record<MovementKind, string>> = {
  purchase: "purchase",
  opening: "opening",
  backfill: "backfill",
  loose_return: "return",
  transfer: "transfer",
  assembly: "assembly",
  sale: "order",
  purchase_return: "purchase_return",
  adjustment: "adjustment",
  sale_return: "return",
};

/** Rows that were recorded more than a day after one of the twenty movements that follow their day: what follows was costed without them at first. */
export async function lateRows(
  tx: Tx,
  b: string,
  item: string,
  rows: readonly MovedRow[],
): Promise<ReadonlyMap<string, Late>> {
  const days = [...new Set(rows.map((row) => row.on))];
  const next = await rowsOf<{ day: string; least: number | null }>(
    tx,
    sql`select d.day::text, x.least from unnest(${list("date", days)}) as d(day) cross join lateral (
          select extract(epoch from min(n.recorded_at))::float8 as least from (
            select m.recorded_at from app.movements m where m.business_id = ${b} and m.item_id = ${item} and m.on_date > d.day
            order by m.on_date, m.phase, m.at nulls first, m.id, m.leg limit 20) n) x`,
  );
  const least = new Map(next.map((row) => [row.day, row.least]));
  const late = rows.filter((row) => {
    const followed = least.get(row.on) ?? null;
    return followed !== null && followed < row.recorded_s - daySeconds;
  });
  if (late.length === 0) return new Map();
  const keyOf = (row: MovedRow) => `${factKinds[row.kind]}/${row.document}`;
  const told = await rowsOf<{ id: string; user_id: string | null }>(
    tx,
    sql`select id, user_id from app.facts where business_id = ${b} and id = any(${list("text", [...new Set(late.map(keyOf))])})`,
  );
  const names = await namesOf(
    tx,
    told.map((fact) => fact.user_id),
  );
  const by = new Map(
    told.map((fact) => [fact.id, fact.user_id === null ? null : (names.get(fact.user_id) ?? "a person who is gone")]),
  );
  return new Map(late.map((row) => [pointKey(row), { at: row.recorded, by: by.get(keyOf(row)) ?? null }]));
}

const mostChoices = 60;

/** With whom an item has moved: its suppliers and the business's channels, by name. */
export function ledgerParties(scope: Scope, item: string): Promise<readonly (Party & Readonly<{ name: string }>)[]> {
  require(scope, "read");
  const b = scope.businessId;
  return inBusiness(scope, (tx) =>
    rowsOf<{ kind: Party["kind"]; id: string; name: string }>(
      tx,
      sql`(select 'channel' as kind, id, name from app.channels where business_id = ${b} order by name, id limit ${mostChoices})
          union all
          (select distinct 'supplier', p.supplier, p.supplier from app.movements m
            join app.purchases p on p.business_id = ${b} and p.id = m.document_id and p.supplier <> ''
            where m.business_id = ${b} and m.item_id = ${item} and m.kind = 'purchase' order by 2 limit ${mostChoices})`,
    ),
  );
}

/** The reasons of an item's adjustments, by the alphabet; "" where one has none. */
export function ledgerReasons(scope: Scope, item: string): Promise<readonly string[]> {
  require(scope, "read");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<{ reason: string }>(
      tx,
      sql`select distinct coalesce(d.reason, '') as reason from app.movements m
          join app.stock_documents d on d.business_id = ${b} and d.kind = 'adjustment' and d.id = m.document_id
          where m.business_id = ${b} and m.item_id = ${item} and m.kind = 'adjustment' order by 1 limit ${mostChoices}`,
    );
    return rows.map((row) => row.reason);
  });
}
