/** Items as pages ask for them: the type-ahead, the register of In Stock, the head of View Item. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import type { Component, ItemFact, LocalDate } from "../core/facts";
import { normalise } from "../core/matching";
import { share } from "../core/money";
import { require, type Scope } from "../people/access";

/** Items as the facts that they are now, to be recorded again with a change; in no order. */
export async function itemFacts(tx: Tx, scope: Scope, ids: readonly string[]): Promise<readonly ItemFact[]> {
  if (ids.length === 0) return [];
  const components = new Map<string, Component[]>();
  for (const row of await rowsOf<{ item_id: string; component_id: string; qty: string }>(
    tx,
    sql`select item_id, component_id, qty::text from app.item_components
        where business_id = ${scope.businessId} and item_id = any(${list("text", [...new Set(ids)])}) order by item_id, place`,
  )) {
    const own = components.get(row.item_id) ?? [];
    own.push({ item: row.component_id, qty: BigInt(row.qty) });
    components.set(row.item_id, own);
  }
  const rows = await rowsOf<{ id: string; name: string; sku: string | null; decimals: number; aliases: string[] }>(
    tx,
    sql`select i.id, i.name, i.sku, i.decimals,
          array(select n.name from app.item_names n where n.business_id = ${scope.businessId} and n.item_id = i.id and n.name_key <> i.name_key order by n.name_key) as aliases
        from app.items i where i.business_id = ${scope.businessId} and not i.is_undone and i.id = any(${list("text", [...new Set(ids)])})`,
  );
  return rows.map((row) => {
    const held = components.get(row.id);
    return { kind: "item", ...row, ...(held === undefined ? {} : { components: held }) };
  });
}

/** One choice of the type-ahead. `id` is an item's, or `seen/…` of a sold line whose product is no item yet. */
export type ItemChoice = Readonly<{
  id: string;
  name: string;
  sku: string | null;
  /** Names of the channels where it was sold lately. */
  soldOn: readonly string[];
  /** What one of it cost when it was last bought, and when. */
  last: Readonly<{ eachMinor: bigint; on: LocalDate }> | null;
  isItem: boolean;
}>;

const choices = 8;

/** Items whose name, SKU or alias holds the words, those that begin with them first; then what channels sold that is no item yet. */
export function searchItems(scope: Scope, q: string): Promise<readonly ItemChoice[]> {
  require(scope, "read");
  const words = normalise(q).slice(0, 200);
  const business = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const items = await rowsOf<Record<string, string | null> & { decimals: number; sold_on: string[] }>(
      tx,
      sql`with found as (
            select n.item_id as id, min(case when n.name_key = ${words} then 0 when starts_with(n.name_key, ${words}) then 1 else 2 end) as rank
            from app.item_names n where n.business_id = ${business} and strpos(n.name_key, ${words}) > 0 group by 1
            union all
            select id, case when starts_with(sku_key, ${words}) then 0 else 2 end from app.items
            where business_id = ${business} and sku_key is not null and strpos(sku_key, ${words}) > 0
          ), best as (select id, min(rank) as rank from found group by id)
          select i.id, i.name, i.sku, i.decimals,
            array(select distinct c.name from (select channel_id from app.order_lines o where o.business_id = ${business} and o.item_id = i.id and not o.is_undone
              order by o.on_date desc, o.id desc limit 50) s join app.channels c on c.business_id = ${business} and c.id = s.channel_id order by c.name) as sold_on,
            l.cost::text, l.qty::text, l.on_date::text
          from best b join app.items i on i.business_id = ${business} and i.id = b.id and not i.is_undone
          left join lateral (select p.on_date, pl.cost_minor as cost, pl.qty from app.purchase_lines pl
            join app.purchases p on p.business_id = ${business} and p.id = pl.purchase_id
            where pl.business_id = ${business} and pl.item_id = i.id and not p.is_undone order by p.on_date desc, p.id desc limit 1) l on true
          order by b.rank, i.name_key, i.id limit ${choices}`,
    );
    const seen = await rowsOf<{ id: string; name: string; sku: string | null; channel: string }>(
      tx,
      sql`select distinct on (s.name_key) s.id, s.name, s.sku, c.name as channel from (
            select id, name, sku, name_key, channel_id from app.order_lines
            where business_id = ${business} and item_id is null and not is_undone and candidates = 0
              and (strpos(name_key, ${words}) > 0 or strpos(coalesce(sku_key, ''), ${words}) > 0)
            order by on_date desc, id desc limit 200) s
          join app.channels c on c.business_id = ${business} and c.id = s.channel_id
          order by s.name_key, s.id limit ${choices}`,
    );
    const known: ItemChoice[] = items.map((row) => {
      const one = 10n ** BigInt(row.decimals);
      const qty = BigInt(row.qty ?? "0");
      const each = qty === 0n ? null : qty >= one ? share(BigInt(row.cost ?? "0"), one, qty) : null;
      return {
        id: row.id ?? "",
        name: row.name ?? "",
        sku: row.sku ?? null,
        soldOn: row.sold_on,
        last: each === null ? null : { eachMinor: each, on: row.on_date ?? "" },
        isItem: true,
      };
    });
    const loose: ItemChoice[] = seen.map((row) => ({
      id: `seen/${row.id}`,
      name: row.name,
      sku: row.sku,
      soldOn: [row.channel],
      last: null,
      isItem: false,
    }));
    return [...known, ...loose].slice(0, choices);
  });
}

export type StockState = "in" | "below" | "short";
export type StockSort = "name" | "sku" | "qty" | "value" | "oldest" | "sold";
export type StockFilter = Readonly<{ q?: string; state?: StockState | undefined; sort?: StockSort; isDown?: boolean }>;

export type StockRow = Readonly<{
  id: string;
  name: string;
  sku: string | null;
  decimals: number;
  qty: bigint;
  valueMinor: bigint;
  /** What was sold or went out without a lot: it needs a cost. */
  short: bigint;
  oldestOn: LocalDate | null;
  lastSoldOn: LocalDate | null;
  /** The cursor of a page that begins after it. */
  key: string;
}>;

export type StockTotals = Readonly<{ items: number; valueMinor: bigint; shortItems: number }>;
export type StockPage = Readonly<{
  rows: readonly StockRow[];
  before: string | null;
  after: string | null;
  totals: StockTotals;
}>;

/** How each order stands in SQL (of the register `f`: a bare name would be the text that is given out); a date that is not there stands first. */
const sorts: Readonly<Record<StockSort, string>> = {
  name: "f.name_key",
  sku: "coalesce(f.sku_key, '')",
  qty: "f.qty",
  value: "f.value",
  oldest: "coalesce(f.oldest, date '0001-01-01')",
  sold: "coalesce(f.sold, date '0001-01-01')",
};
const castOf: Readonly<Record<StockSort, string>> = {
  name: "text",
  sku: "text",
  qty: "numeric",
  value: "numeric",
  oldest: "date",
  sold: "date",
};

/** The stock register, one row an item, from what is kept for each item; keyset pages both ways, totals of all that is filtered. */
export function inStock(
  scope: Scope,
  filter: StockFilter = {},
  page: Readonly<{ after?: string | null; before?: string | null; limit?: number }> = {},
): Promise<StockPage> {
  require(scope, "read");
  const business = scope.businessId;
  const limit = page.limit ?? 60;
  const sort = filter.sort ?? "name";
  const cursor = cursorOf(page.after ?? page.before ?? null);
  const isBack = cursor !== null && (page.after ?? null) === null;
  const isDown = (filter.isDown ?? false) !== isBack;
  const words = normalise(filter.q ?? "");
  const expression = sql.raw(sorts[sort]);
  const beyond =
    cursor === null
      ? sql`true`
      : sql`(${expression}, f.id) ${sql.raw(isDown ? "<" : ">")} (${cursor[0]}::${sql.raw(castOf[sort])}, ${cursor[1]})`;
  const state =
    filter.state === "in"
      ? sql`qty > 0`
      : filter.state === "below"
        ? sql`qty < 0`
        : filter.state === "short"
          ? sql`short > 0`
          : sql`true`;
  const found =
    words === ""
      ? sql`true`
      : sql`(strpos(coalesce(i.sku_key, ''), ${words}) > 0 or exists (select 1 from app.item_names n
          where n.business_id = ${business} and n.item_id = i.id and strpos(n.name_key, ${words}) > 0))`;
  const register = sql`select * from (
      select i.id, i.name, i.sku, i.name_key, i.sku_key, i.decimals, coalesce(s.on_hand_qty, 0) as qty, coalesce(s.value_minor, 0) as value,
        coalesce(s.short_qty, 0) as short, s.oldest_lot_on as oldest, s.last_sold_on as sold
      from app.items i left join app.item_stock s on s.business_id = ${business} and s.item_id = i.id
      where i.business_id = ${business} and not i.is_undone and ${found}) r where ${state}`;
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<Record<string, string | null> & { decimals: number }>(
      tx,
      sql`select id, name, sku, decimals, qty::text, value::text, short::text, oldest::text, sold::text, (${expression})::text as place
          from (${register}) f where ${beyond} order by ${expression} ${sql.raw(isDown ? "desc" : "asc")}, f.id ${sql.raw(isDown ? "desc" : "asc")} limit ${limit + 1}`,
    );
    const [sums] = await rowsOf<{ n: number; value: string; short: number }>(
      tx,
      sql`select count(*)::int as n, coalesce(sum(value), 0)::text as value, count(*) filter (where short > 0)::int as short from (${register}) f`,
    );
    const hasMore = rows.length > limit;
    const shown = rows.slice(0, limit);
    if (isBack) shown.reverse();
    const view = shown.map((row) => ({
      id: row.id ?? "",
      name: row.name ?? "",
      sku: row.sku ?? null,
      decimals: row.decimals,
      qty: BigInt(row.qty ?? "0"),
      valueMinor: BigInt(row.value ?? "0"),
      short: BigInt(row.short ?? "0"),
      oldestOn: row.oldest ?? null,
      lastSoldOn: row.sold ?? null,
      key: JSON.stringify([row.place ?? "", row.id ?? ""]),
    }));
    return {
      rows: view,
      before: isBack ? (hasMore ? (view[0]?.key ?? null) : null) : cursor === null ? null : (view[0]?.key ?? null),
      after: isBack || hasMore ? (view.at(-1)?.key ?? null) : null,
      totals: { items: sums?.n ?? 0, valueMinor: BigInt(sums?.value ?? "0"), shortItems: sums?.short ?? 0 },
    };
  });
}

/** A cursor from the address: whatever is not one begins at the first page. */
function cursorOf(text: string | null): readonly [string, string] | null {
  if (text === null || !/^\["(?:[^"\\]|\\.)*","(?:[^"\\]|\\.)*"\]$/u.test(text)) return null;
  const [place, id] = JSON.parse(text) as readonly [string, string];
  return [place, id];
}

/** Where an item is: the quantity at each location, from its months. */
export function whereIs(
  scope: Scope,
  item: string,
): Promise<readonly Readonly<{ id: string; name: string; qty: bigint }>[]> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<{ id: string; name: string; qty: string }>(
      tx,
      sql`select l.id, l.name, sum(m.in_qty - m.out_qty)::text as qty from app.item_months m
          join app.locations l on l.business_id = ${scope.businessId} and l.id = m.location_id
          where m.business_id = ${scope.businessId} and m.item_id = ${item} group by l.id, l.name, l.place
          having sum(m.in_qty - m.out_qty) <> 0 order by l.place, l.id`,
    );
    return rows.map((row) => ({ ...row, qty: BigInt(row.qty) }));
  });
}

export type ItemView = Readonly<{
  id: string;
  name: string;
  sku: string | null;
  decimals: number;
  aliases: readonly string[];
  qty: bigint;
  valueMinor: bigint;
  short: bigint;
  oldestOn: LocalDate | null;
  lastSoldOn: LocalDate | null;
  /** All movements of it, ever. */
  movements: number;
}>;

/** One item. Refuses `not_found` for what is not there, was taken back, or is somebody else's. */
export function itemView(scope: Scope, id: string): Promise<ItemView> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const [fact] = await itemFacts(tx, scope, [id]);
    if (fact === undefined) throw new Refusal("not_found", "There is no such product, or it was taken back.");
    const [row] = await rowsOf<Record<string, string | null>>(
      tx,
      sql`select on_hand_qty::text as qty, value_minor::text as value, short_qty::text as short, oldest_lot_on::text as oldest, last_sold_on::text as sold
          from app.item_stock where business_id = ${scope.businessId} and item_id = ${id}`,
    );
    const [months] = await rowsOf<{ n: number }>(
      tx,
      sql`select coalesce(sum("rows"), 0)::int as n from app.item_months where business_id = ${scope.businessId} and item_id = ${id}`,
    );
    return {
      id,
      name: fact.name,
      sku: fact.sku,
      decimals: fact.decimals,
      aliases: fact.aliases,
      qty: BigInt(row?.qty ?? "0"),
      valueMinor: BigInt(row?.value ?? "0"),
      short: BigInt(row?.short ?? "0"),
      oldestOn: row?.oldest ?? null,
      lastSoldOn: row?.sold ?? null,
      movements: months?.n ?? 0,
    };
  });
}

/** Does the business count anything in parts (cloth by the metre)? Then quantities are typed freely. */
export function hasParts(scope: Scope): Promise<boolean> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<{ id: string }>(
      tx,
      sql`select id from app.items where business_id = ${scope.businessId} and decimals > 0 and not is_undone limit 1`,
    );
    return rows.length > 0;
  });
}
