/**
 * Inventory → Movements: the documents that move stock inside the business, newest first. Transfers as people write them; adjustments,
 * productions and transfers that came as facts (from a file of facts) stand beside them as what they are: done.
 */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { reading } from "../../db/reading";
import { rowsOf } from "../../db/scope";
import type { LocalDate } from "../core/facts";
import { require, type Scope } from "../people/access";
import { type Cursor, turned } from "../sales/keyset";
import { like } from "../sales/sold-reads";
import { type TransferState, transferStates } from "./transfer-reads";

export const documentKinds = ["transfer", "adjustment", "assembly"] as const;
export type DocumentKind = (typeof documentKinds)[number];
/** `done`: what came as a fact has no other state. */
export type DocumentState = TransferState | "done";
export const documentStates: readonly DocumentState[] = [...transferStates, "done"];

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

/** Every document as `(kind, id, state, number, on_date, from_id, to_id, note)`. */
const documents = (b: string): SQL => sql`(
  select 'transfer' as kind, t.id, t.state, t.number, t.on_date, t.from_location_id as from_id, t.to_location_id as to_id, t.note
  from app.transfers t where t.business_id = ${b}
  union all
  select d.kind, d.id, 'done', d.number, d.on_date, coalesce(d.from_location_id, s.location_id), d.to_location_id, coalesce(d.reason, '')
  from app.stock_documents d
  left join lateral (select location_id from app.stock_lines s where s.business_id = ${b} and s.document_kind = d.kind and s.document_id = d.id order by s.place limit 1) s on true
  where d.business_id = ${b} and d.kind in ('transfer', 'adjustment', 'assembly') and d.consignment_id is null and not d.is_undone)`;

/** The lines of document `d`, by their items. */
const itemsOf = (b: string): SQL => sql`(
  select l.place, l.item_id from app.transfer_lines l where l.business_id = ${b} and d.state <> 'done' and l.transfer_id = d.id
  union all
  select s.place, s.item_id from app.stock_lines s where s.business_id = ${b} and d.state = 'done' and s.document_kind = d.kind and s.document_id = d.id)`;

function wanted(scope: Scope, filter: MovementFilter): SQL {
  const b = scope.businessId;
  const parts: SQL[] = [sql`true`];
  if (filter.from !== undefined) parts.push(sql`d.on_date >= ${filter.from}::date`);
  if (filter.to !== undefined) parts.push(sql`d.on_date <= ${filter.to}::date`);
  if (filter.kind !== undefined) parts.push(sql`d.kind = ${filter.kind}`);
  if (filter.state !== undefined) parts.push(sql`d.state = ${filter.state}`);
  if (filter.location !== undefined) parts.push(sql`(d.from_id = ${filter.location} or d.to_id = ${filter.location})`);
  if (filter.words !== undefined && filter.words !== "") {
    const words = like(filter.words);
    parts.push(sql`(d.number ilike ${words} or d.id ilike ${words} or d.note ilike ${words} or exists (select 1 from ${itemsOf(b)} l
      join app.items i on i.business_id = ${b} and i.id = l.item_id where i.name ilike ${words} or i.sku ilike ${words}))`);
  }
  return sql.join(parts, sql` and `);
}

const keyOf = sql`(d.kind || '/' || d.id) collate "C"`;

/** One page of documents, newest first. */
export function movementRows(
  scope: Scope,
  filter: MovementFilter = {},
  page: MovementPage = {},
): Promise<Readonly<{ rows: readonly MovementDocument[]; after: Cursor | null; before: Cursor | null }>> {
  require(scope, "read");
  const b = scope.businessId;
  return reading(scope, async (tx) => {
    const found = await turned(page, pageSize, (way) =>
      rowsOf<{ key: string; id: string }>(
        tx,
        sql`select d.on_date::text as key, ${keyOf} as id from ${documents(b)} d where ${wanted(scope, filter)}
            ${way.from(sql`d.on_date`, keyOf, "date")} order by d.on_date ${way.direction}, ${keyOf} ${way.direction} limit ${way.limit}`,
      ),
    );
    const rows = await rowsOf<Record<string, string | null> & { items: number }>(
      tx,
      sql`select d.kind || '/' || d.id as key, d.kind, d.id, d.state, d.number, d.on_date::text as on, d.note, f.name as from_name, o.name as to_name,
            coalesce(n.items, 0)::int as items, n.item
          from ${documents(b)} d
          left join app.locations f on f.business_id = ${b} and f.id = d.from_id
          left join app.locations o on o.business_id = ${b} and o.id = d.to_id
          left join lateral (select count(distinct l.item_id) as items, (array_agg(i.name order by l.place, i.name))[1] as item from ${itemsOf(b)} l
            join app.items i on i.business_id = ${b} and i.id = l.item_id) n on true
          where d.kind || '/' || d.id = any(${list(
            "text",
            found.rows.map((row) => row.id),
          )})`,
    );
    const byKey = new Map(rows.map((row) => [row.key, row]));
    return {
      after: found.after,
      before: found.before,
      rows: found.rows.flatMap(({ id }) => {
        const row = byKey.get(id);
        return row === undefined ? [] : [documentOf(row)];
      }),
    };
  });
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
    note: row.note ?? "",
    item: row.item ?? "",
    items: row.items,
  };
}

/** How many documents fit, and whether there is any at all. */
export function movementTotals(
  scope: Scope,
  filter: MovementFilter = {},
): Promise<Readonly<{ documents: number; isEmpty: boolean }>> {
  require(scope, "read");
  return reading(scope, async (tx) => {
    const [row] = await rowsOf<{ n: number; any: boolean }>(
      tx,
      sql`select (select count(*)::int from ${documents(scope.businessId)} d where ${wanted(scope, filter)}) as n,
            exists (select 1 from ${documents(scope.businessId)} d) as any`,
    );
    return { documents: row?.n ?? 0, isEmpty: row?.any !== true };
  });
}
