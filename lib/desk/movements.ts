/**
 * Inventory → Movements: the documents that move stock inside the business, newest first. Transfers as people write them; adjustments,
 * productions and transfers that came as facts (from a file of facts) stand beside them as what they are: done. What an approved count put
 * right is one row, the count.
 */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { reading } from "../../db/reading";
import { rowsOf, type Tx } from "../../db/scope";
import type { LocalDate } from "../core/facts";
import { saysReason } from "../core/reasons";
import { inPlaces, isLimited, placesOf, require, type Scope } from "../people/access";
import { type Cursor, turned } from "../sales/keyset";
import { like } from "../sales/sold-reads";
import { type TransferState, transferStates } from "./transfer-reads";

export const documentKinds = ["transfer", "adjustment", "assembly", "count"] as const;
export type DocumentKind = (typeof documentKinds)[number];
/** `done`: what came as a fact has no other state; `undone`: it was taken back, and stays for its number. */
export type DocumentState = TransferState | "done" | "undone";
export const documentStates: readonly DocumentState[] = [...transferStates, "done", "undone"];

export type MovementFilter = Readonly<{
  from?: LocalDate | undefined;
  to?: LocalDate | undefined;
  kind?: DocumentKind | undefined;
  state?: DocumentState | undefined;
  /** From it or to it. */
  location?: string | undefined;
  /** Words of the number, the note or reason, or the products. */
  words?: string | undefined;
}>;
export type MovementPage = Readonly<{
  after?: Cursor | null | undefined;
  before?: Cursor | null | undefined;
  limit?: number | undefined;
}>;

export type MovementDocument = Readonly<{
  kind: DocumentKind;
  id: string;
  state: DocumentState;
  /** Null: it has none yet. */
  number: string | null;
  on: LocalDate;
  from: string | null;
  to: string | null;
  note: string;
  /** The first product, and how many different ones there are. */
  item: string;
  items: number;
}>;

const pageSize = 50;

/** Where the documents are, and how each says what a row shows of it. `d` is the document in both. */
type Source = Readonly<{
  table: SQL;
  own: SQL;
  kind: SQL;
  state: SQL;
  note: SQL;
  /** Where it is from, and whether it is at one of these locations, or has an end there. */
  from: SQL;
  touches: (places: readonly string[]) => SQL;
  /** Its lines as `(place, item_id)`. */
  lines: SQL;
}>;

const sourcesOf = (b: string): readonly Source[] => [
  {
    table: sql`app.transfers d`,
    own: sql`d.business_id = ${b}`,
    kind: sql`'transfer'`,
    state: sql`d.state`,
    note: sql`d.note`,
    from: sql`d.from_location_id`,
    touches: (places) => sql`(${inPlaces("d.from_location_id", places)} or ${inPlaces("d.to_location_id", places)})`,
    lines: sql`(select l.place, l.item_id from app.transfer_lines l where l.business_id = ${b} and l.transfer_id = d.id)`,
  },
  {
    table: sql`app.stock_documents d`,
    own: sql`d.business_id = ${b} and d.kind in ('transfer', 'adjustment', 'assembly') and d.consignment_id is null
      and (not d.is_undone or (d.kind = 'assembly' and d.number is not null))
      and (d.kind <> 'adjustment' or not exists (select 1 from app.count_documents c where c.business_id = ${b} and c.document_id = d.id))`,
    kind: sql`d.kind`,
    state: sql`case when d.is_undone then 'undone' else 'done' end`,
    note: sql`coalesce(d.reason, case when d.kind = 'assembly' then d.note end, '')`,
    from: sql`coalesce(d.from_location_id, (select s.location_id from app.stock_lines s
      where s.business_id = ${b} and s.document_kind = d.kind and s.document_id = d.id order by s.place limit 1))`,
    touches: (places) => sql`(${inPlaces("d.from_location_id", places)} or ${inPlaces("d.to_location_id", places)}
      or exists (select 1 from app.stock_lines s where s.business_id = ${b} and s.document_kind = d.kind and s.document_id = d.id and ${inPlaces("s.location_id", places)}))`,
    // Of a production, what came out is named first.
    lines: sql`(select case when s.document_kind = 'assembly' and s.qty < 0 then s.place + 1000000 else s.place end as place, s.item_id from app.stock_lines s where s.business_id = ${b} and s.document_kind = d.kind and s.document_id = d.id)`,
  },
  {
    // On the last day that it put right, of which there is one adjustment: what was counted on two days is two of one count.
    table: sql`(select c.business_id, c.id, c.number, c.note, c.location_id as from_location_id, null::text as to_location_id, s.on_date
      from app.stock_documents s
      join app.count_documents x on x.business_id = ${b} and x.document_id = s.id
      join app.counts c on c.business_id = ${b} and c.id = x.count_id and c.state = 'approved'
      where s.business_id = ${b} and s.kind = 'adjustment' and not s.is_undone
        and not exists (select 1 from app.count_documents y
          join app.stock_documents t on t.business_id = ${b} and t.kind = 'adjustment' and t.id = y.document_id and not t.is_undone
          where y.business_id = ${b} and y.count_id = x.count_id and (t.on_date, t.id) > (s.on_date, s.id))) d`,
    own: sql`d.business_id = ${b}`,
    kind: sql`'count'`,
    state: sql`'done'`,
    note: sql`d.note`,
    from: sql`d.from_location_id`,
    touches: (places) => inPlaces("d.from_location_id", places),
    lines: sql`(select s.place, s.item_id from app.count_documents x
      join app.stock_lines s on s.business_id = ${b} and s.document_kind = 'adjustment' and s.document_id = x.document_id
      join app.stock_documents t on t.business_id = ${b} and t.kind = 'adjustment' and t.id = x.document_id and not t.is_undone
      where x.business_id = ${b} and x.count_id = d.id)`,
  },
];

function wanted(scope: Scope, source: Source, filter: MovementFilter): SQL {
  const b = scope.businessId;
  const parts: SQL[] = [source.own];
  if (filter.from !== undefined) parts.push(sql`d.on_date >= ${filter.from}::date`);
  if (filter.to !== undefined) parts.push(sql`d.on_date <= ${filter.to}::date`);
  if (filter.kind !== undefined) parts.push(sql`${source.kind} = ${filter.kind}`);
  if (filter.state !== undefined) parts.push(sql`${source.state} = ${filter.state}`);
  // Of transfers that go to another one of theirs, one end is chosen.
  const places = placesOf(scope, filter.location);
  if (places !== null) parts.push(source.touches(places));
  parts.push(seenBy(scope, source));
  if (filter.words !== undefined && filter.words !== "") {
    const words = like(filter.words);
    parts.push(sql`(d.number ilike ${words} or d.id ilike ${words} or ${source.note} ilike ${words} or exists (select 1 from ${source.lines} l
      join app.items i on i.business_id = ${b} and i.id = l.item_id where i.name ilike ${words} or i.sku ilike ${words}))`);
  }
  return sql.join(parts, sql` and `);
}

/**
 * What the one who asks may open at all. Who is limited to some locations sees no production (its page is of costs) and, of a draft of a
 * transfer, none but of their own goods: it says what is at its source.
 */
const seenBy = (scope: Scope, source: Source): SQL =>
  isLimited(scope)
    ? sql`${source.kind} <> 'assembly' and (${source.kind} <> 'transfer' or ${source.state} not in ('draft', 'cancelled') or ${inPlaces("d.from_location_id", placesOf(scope))})`
    : sql`true`;

/** Ids are unique in their kind only. */
const keyOf = (source: Source): SQL => sql`(${source.kind} || '/' || d.id) collate "C"`;

/** One page of documents, newest first: the nearest rows of each source, found by its days, and of those the nearest. */
export function movementRows(
  scope: Scope,
  filter: MovementFilter = {},
  page: MovementPage = {},
): Promise<Readonly<{ rows: readonly MovementDocument[]; after: Cursor | null; before: Cursor | null }>> {
  require(scope, "stock");
  const sources = sourcesOf(scope.businessId);
  return reading(scope, async (tx) => {
    const found = await turned(page, pageSize, (way) =>
      rowsOf<{ key: string; id: string }>(
        tx,
        sql`select f.on_date::text as key, f.id from (${sql.join(
          sources.map(
            (
              source,
            ) => sql`(select d.on_date, ${keyOf(source)} as id from ${source.table} where ${wanted(scope, source, filter)}
              ${way.from(sql`d.on_date`, keyOf(source), "date")} order by d.on_date ${way.direction}, 2 ${way.direction} limit ${way.limit})`,
          ),
          sql` union all `,
        )}) f order by f.on_date ${way.direction}, f.id ${way.direction} limit ${way.limit}`,
      ),
    );
    const details = await detailsOf(
      tx,
      scope,
      found.rows.map((row) => row.id),
    );
    return { ...found, rows: found.rows.flatMap(({ id }) => details.get(id) ?? []) };
  });
}

/** Documents by their keys. */
async function detailsOf(
  tx: Tx,
  scope: Scope,
  keys: readonly string[],
): Promise<ReadonlyMap<string, MovementDocument>> {
  if (keys.length === 0) return new Map();
  const b = scope.businessId;
  const ids = list(
    "text",
    keys.map((key) => key.slice(key.indexOf("/") + 1)),
  );
  const rows = await rowsOf<Record<string, string | null> & { items: number }>(
    tx,
    sql`select p.kind || '/' || p.id as key, p.*, p.on_date::text as on, f.name as from_name, o.name as to_name from (${sql.join(
      sourcesOf(b).map(
        (
          source,
        ) => sql`select ${source.kind} as kind, d.id, ${source.state} as state, d.number, d.on_date, ${source.note} as note, ${source.from} as from_id,
            d.to_location_id as to_id, n.items, n.item from ${source.table}
          left join lateral (select count(distinct l.item_id)::int as items, (array_agg(i.name order by l.place, i.name))[1] as item from ${source.lines} l
            join app.items i on i.business_id = ${b} and i.id = l.item_id) n on true
          where ${source.own} and d.id = any(${ids})`,
      ),
      sql` union all `,
    )}) p
      left join app.locations f on f.business_id = ${b} and f.id = p.from_id
      left join app.locations o on o.business_id = ${b} and o.id = p.to_id`,
  );
  return new Map(rows.map((row) => [row.key ?? "", documentOf(row)]));
}

function documentOf(row: Record<string, string | null> & { items: number }): MovementDocument {
  return {
    kind: documentKinds.find((kind) => kind === row.kind) ?? "transfer",
    id: row.id ?? "",
    state: documentStates.find((state) => state === row.state) ?? "done",
    number: row.number ?? null,
    on: row.on ?? "",
    from: row.from_name ?? null,
    to: row.to_name ?? null,
    note: row.kind === "assembly" || row.kind === "count" ? (row.note ?? "") : saysReason(row.note ?? ""),
    item: row.item ?? "",
    items: row.items,
  };
}

/** How many documents fit, and whether there is any at all. */
export function movementTotals(
  scope: Scope,
  filter: MovementFilter = {},
): Promise<Readonly<{ documents: number; isEmpty: boolean }>> {
  require(scope, "stock");
  const sources = sourcesOf(scope.businessId);
  return reading(scope, async (tx) => {
    const fitting = sources.map(
      (source) => sql`(select count(*) from ${source.table} where ${wanted(scope, source, filter)})`,
    );
    const any = sources.map((source) => sql`exists (select 1 from ${source.table} where ${wanted(scope, source, {})})`);
    const [row] = await rowsOf<{ n: number; any: boolean }>(
      tx,
      sql`select (${sql.join(fitting, sql` + `)})::int as n, (${sql.join(any, sql` or `)}) as any`,
    );
    return { documents: row?.n ?? 0, isEmpty: row?.any !== true };
  });
}
