/** What the ledger's rows are called: their documents, parties and places, and which of them were recorded late. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { saysReason } from "../core/reasons";
import { inPlaces, isLimited, placesOf, require, type Scope } from "../people/access";
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
    /** When the first movement of the item was recorded, in seconds since 1970. */
    first_s: number | null;
  }>;

export type RowNames = Readonly<{
  location: string;
  /** Of its order, for what has one. */
  order: string | null;
  number: string | null;
  party: string | null;
  /** The transfer that it is a part of, for what was sent or received by one. */
  transfer: string | null;
}>;

/** The names of rows, by `pointKey`: only what its rows need is asked for, each by its own key. */
export async function namesOfRows(
  tx: Tx,
  b: string,
  rows: readonly MovedRow[],
): Promise<ReadonlyMap<string, RowNames>> {
  const byKind = new Map<MovementKind, Set<string>>();
  for (const { kind, document } of rows) {
    const own = byKind.get(kind);
    if (own === undefined) byKind.set(kind, new Set([document]));
    else own.add(document);
  }
  const documents = (...kinds: readonly MovementKind[]) =>
    list(
      "text",
      kinds.flatMap((kind) => [...(byKind.get(kind) ?? [])]),
    );
  const has = (...kinds: readonly MovementKind[]) => kinds.some((kind) => byKind.has(kind));
  type Named = { kind: string; id: string } & Readonly<{
    order: string | null;
    number: string | null;
    party: string | null;
    from: string | null;
    transfer: string | null;
  }>;
  // In one statement of what there is to be named: a page is as fast as it asks seldom.
  const parts = [
    sql`select 'place' as kind, id, null::text as "order", null::text as number, name as party, null::text as "from", null::text as transfer
        from app.locations where business_id = ${b}`,
    ...(!has("sale")
      ? []
      : [
          sql`select 'sale', h.id, h.id, h.number, c.name, null, null from app.orders h
              left join app.channels c on c.business_id = ${b} and c.id = h.channel_id
              where h.business_id = ${b} and h.id = any(${documents("sale")})`,
        ]),
    ...(!has("sale_return", "loose_return")
      ? []
      : [
          sql`select case when r.order_id is null then 'loose_return' else 'sale_return' end, r.id, h.id, h.number, c.name, null, null
              from app.returns r left join app.orders h on h.business_id = ${b} and h.id = r.order_id
              left join app.channels c on c.business_id = ${b} and c.id = coalesce(h.channel_id, r.channel_id)
              where r.business_id = ${b} and r.id = any(${documents("sale_return", "loose_return")})`,
        ]),
    ...(!has("backfill")
      ? []
      : [
          sql`select 'backfill', f.id, h.id, h.number, c.name, null, null from app.backfills f
              join app.order_lines l on l.business_id = ${b} and l.id = f.sale_id
              join app.orders h on h.business_id = ${b} and h.id = l.order_id
              left join app.channels c on c.business_id = ${b} and c.id = h.channel_id
              where f.business_id = ${b} and f.id = any(${documents("backfill")})`,
        ]),
    ...(!has("purchase")
      ? []
      : [
          sql`select 'purchase', p.id, null, null, p.supplier, null, null from app.purchases p
              where p.business_id = ${b} and p.id = any(${documents("purchase")})`,
        ]),
    ...(!has("adjustment")
      ? []
      : [
          sql`select d.kind, d.id, null, d.number, d.reason, null, split_part(d.consignment_id, '/', 1) from app.stock_documents d
              where d.business_id = ${b} and d.kind = 'adjustment' and d.id = any(${documents("adjustment")})`,
        ]),
    ...(!has("purchase_return")
      ? []
      : [
          sql`select d.kind, d.id, null, d.number, p.supplier, null, null from app.stock_documents d
              left join app.purchases p on p.business_id = ${b} and p.id = d.purchase_id
              where d.business_id = ${b} and d.kind = 'purchase_return' and d.id = any(${documents("purchase_return")})`,
        ]),
    ...(!has("transfer")
      ? []
      : [
          // What a transfer sends and receives goes by "in transit"; a person asks for the places it goes between. A part's id begins with its transfer's.
          sql`select 'transfer', d.id, null, coalesce(x.number, d.number), t.name, f.name, x.id
              from app.stock_documents d
              left join app.transfers x on x.business_id = ${b} and x.id = split_part(d.consignment_id, '/', 1)
              join app.locations f on f.business_id = ${b} and f.id = coalesce(x.from_location_id, d.from_location_id)
              join app.locations t on t.business_id = ${b} and t.id = coalesce(x.to_location_id, d.to_location_id)
              where d.business_id = ${b} and d.kind = 'transfer' and d.id = any(${documents("transfer")})`,
        ]),
    ...(!has("assembly")
      ? []
      : [
          sql`select 'assembly', d.id, null, d.number, case when exists (select 1 from app.movements u
                  where u.business_id = ${b} and u.kind = 'assembly' and u.document_id = d.id and u.short_qty > 0)
                then 'made, cost not complete' else 'made' end, null, null
              from app.stock_documents d where d.business_id = ${b} and d.kind = 'assembly' and d.id = any(${documents("assembly")})`,
        ]),
  ];
  const named = await rowsOf<Named>(tx, sql.join(parts, sql` union all `));
  const placeNames = new Map(named.flatMap(({ kind, id, party }) => (kind === "place" ? [[id, party ?? ""]] : [])));
  const byDocument = new Map(named.map((one) => [`${one.kind} ${one.id}`, one]));
  return new Map(
    rows.map((row): readonly [string, RowNames] => {
      const found = byDocument.get(`${row.kind} ${row.document}`);
      const location = placeNames.get(row.location) ?? "";
      const isOut = row.qty.startsWith("-");
      if (row.kind === "transfer") {
        const party = found === undefined ? null : isOut ? `to ${found.party}` : `from ${found.from}`;
        const { number = null, transfer = null } = found ?? {};
        return [pointKey(row), { location, order: null, number, party, transfer }];
      }
      if (row.kind === "assembly") {
        const party = isOut ? "used" : (found?.party ?? "made");
        return [pointKey(row), { location, order: null, number: found?.number ?? null, party, transfer: null }];
      }
      const { order = null, number = null, party = null, transfer = null } = found ?? {};
      const said = row.kind === "adjustment" && party !== null ? saysReason(party) : party;
      return [pointKey(row), { location, order, number, party: said, transfer }];
    }),
  );
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

/**
 * Rows that were recorded more than a day after their own, and more than a day after one of the ten movements that follow it: what follows was
 * costed without them at first.
 */
export async function lateRows(
  tx: Tx,
  b: string,
  item: string,
  rows: readonly MovedRow[],
): Promise<ReadonlyMap<string, Late>> {
  // What was recorded with the item's first, as a history brought in at once, is after nothing that follows it.
  const behind = rows.filter(
    ({ on, recorded_s: at, first_s: first }) =>
      at >= Date.parse(`${on}T00:00:00Z`) / 1000 + 2 * daySeconds && (first === null || first < at - daySeconds),
  );
  if (behind.length === 0) return new Map();
  const days = [...new Set(behind.map((row) => row.on))];
  const next = await rowsOf<{ day: string; least: number | null }>(
    tx,
    sql`select d.day::text, x.least from unnest(${list("date", days)}) as d(day) cross join lateral (
          select extract(epoch from min(n.recorded_at))::float8 as least from (
            select m.recorded_at from app.movements m where m.business_id = ${b} and m.item_id = ${item} and m.kind <> 'write_off' and m.on_date > d.day
            order by m.on_date, m.phase, m.at nulls first, m.id, m.leg limit 10) n) x`,
  );
  const least = new Map(next.map((row) => [row.day, row.least]));
  const late = behind.filter((row) => {
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

/** With whom an item has moved: its suppliers and the business's channels, by name; none for who is limited to some locations. */
export async function ledgerParties(
  scope: Scope,
  item: string,
): Promise<readonly (Party & Readonly<{ name: string }>)[]> {
  require(scope, "stock");
  if (isLimited(scope)) return [];
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
  require(scope, "stock");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<{ reason: string }>(
      tx,
      sql`select distinct coalesce(d.reason, '') as reason from app.movements m
          join app.stock_documents d on d.business_id = ${b} and d.kind = 'adjustment' and d.id = m.document_id
          where m.business_id = ${b} and m.item_id = ${item} and m.kind = 'adjustment'
            and ${inPlaces("m.location_id", placesOf(scope))} order by 1 limit ${mostChoices}`,
    );
    return rows.map((row) => row.reason);
  });
}
