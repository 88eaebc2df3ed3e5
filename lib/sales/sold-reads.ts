/**
 * Inventory → Sold: every sold line of a year, with its part of the order's fees, what it cost and what it earned. The sums of whole days
 * are kept (lib/books/sold-sums.ts); lines that are looked for are summed from their own rows, by index. Nothing here grows with the years
 * before.
 */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { reading } from "../../db/reading";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { shares, soldColumns, soldNow } from "../books/sold-sums";
import { markedDays } from "../books/touched-days";
import type { LocalDate } from "../core/facts";
import { likelyPurchase, lineProfit } from "../core/orders";
import { require, type Scope } from "../people/access";
import { purchaseNumber } from "../stock/purchase-reads";
import { type Cursor, turned } from "./keyset";

/** Which lines: of these days, and whatever else is asked for. */
export type SoldFilter = Readonly<{
  from: LocalDate;
  to: LocalDate;
  /** Only lines whose cost is missing, in whole or in part. */
  isMissing?: boolean | undefined;
  isUnmatched?: boolean | undefined;
  channel?: string | null | undefined;
  item?: string | null | undefined;
  /** Order number, SKU, or the name of line or item. */
  words?: string | undefined;
}>;

export type SoldSort = "on" | "item" | "price" | "cost" | "profit";
export type SoldPage = Readonly<{
  sort?: SoldSort | undefined;
  /** The greatest first; the newest. */
  isDown?: boolean | undefined;
  after?: Cursor | null | undefined;
  before?: Cursor | null | undefined;
  limit?: number | undefined;
}>;

/** A sold line as the list shows it; amounts in minor units, quantities in the item's smallest units. */
export type SoldLine = Readonly<{
  id: string;
  order: string;
  number: string;
  on: LocalDate;
  channel: string;
  item: string | null;
  /** The item's name, or what the channel called it. */
  name: string;
  sku: string | null;
  decimals: number;
  qty: bigint;
  returnedQty: bigint;
  shortQty: bigint;
  /** How many items it could be, where it is none: 0 unknown, 2 or more ambiguous. */
  candidates: number;
  /** What the buyer paid for it: amount less discount. */
  price: bigint;
  /** Its part of the order's fees and charges. */
  fees: bigint;
  refunds: bigint;
  /** What it cost, less what came back; null while nothing is known of it. */
  cost: bigint | null;
  /** Null while units still need a cost. */
  profit: bigint | null;
}>;

/** Sums over all lines that the filter lets through. `known…` are those that need no cost any more. */
export type SoldTotals = Readonly<{
  lines: number;
  qty: bigint;
  price: bigint;
  fees: bigint;
  refunds: bigint;
  cost: bigint;
  knownLines: number;
  knownPrice: bigint;
  knownRefunds: bigint;
  knownCost: bigint;
  /** Of the lines with a known cost. */
  profit: bigint;
  unmatched: number;
}>;

const pageSize = 50;

/** `%` and `_` of a search are themselves. */
export function like(words: string): string {
  return `%${words.replace(/[\\%_]/g, "\\$&")}%`;
}

function wanted(scope: Scope, filter: SoldFilter): SQL {
  const parts: SQL[] = [
    sql`o.business_id = ${scope.businessId} and not o.is_undone and o.on_date >= ${filter.from}::date and o.on_date <= ${filter.to}::date`,
  ];
  if (filter.isMissing === true) parts.push(sql`o.short_qty > 0`);
  if (filter.isUnmatched === true) parts.push(sql`o.item_id is null`);
  if (filter.channel) parts.push(sql`o.channel_id = ${filter.channel}`);
  if (filter.item) parts.push(sql`o.item_id = ${filter.item}`);
  if (filter.words) {
    const words = like(filter.words);
    parts.push(
      sql`(h.number ilike ${words} or o.name ilike ${words} or o.sku ilike ${words} or i.name ilike ${words})`,
    );
  }
  return sql.join(parts, sql` and `);
}

const tables = (scope: Scope) => sql`app.order_lines o
  join app.orders h on h.business_id = ${scope.businessId} and h.id = o.order_id
  left join app.items i on i.business_id = ${scope.businessId} and i.id = o.item_id`;

const keys: Readonly<Record<Exclude<SoldSort, "profit">, Readonly<{ by: SQL; type: string }>>> = {
  on: { by: sql`o.on_date`, type: "date" },
  item: { by: sql`lower(coalesce(i.name, o.name)) collate "C"`, type: "text" },
  price: { by: sql`(o.amount_minor - o.discount_minor)`, type: "bigint" },
  // What has no cost yet stands below everything that has one.
  cost: { by: sql`case when o.short_qty > 0 then -1 else o.cost_minor - o.cost_back_minor end`, type: "bigint" },
};

/** One page of sold lines, and where the next and the former one begin. */
export function soldLines(
  scope: Scope,
  filter: SoldFilter,
  page: SoldPage = {},
): Promise<Readonly<{ rows: readonly SoldLine[]; after: Cursor | null; before: Cursor | null }>> {
  require(scope, "read");
  return reading(scope, async (tx) => {
    const found = await turned(page, pageSize, async (way) => {
      const sort = page.sort ?? "on";
      if (sort !== "profit") {
        const { by, type } = keys[sort];
        return rowsOf<{ key: string; id: string }>(
          tx,
          sql`select (${by})::text as key, o.id from ${tables(scope)} where ${wanted(scope, filter)}
              ${way.from(by, sql`o.id`, type)} order by ${by} ${way.direction}, o.id ${way.direction} limit ${way.limit}`,
        );
      }
      // A profit needs every line's share of fees, so the whole of what is filtered is worked out: a year at most.
      return rowsOf<{ key: string; id: string }>(
        tx,
        sql`with chosen as (select o.id, o.order_id, o.short_qty, o.amount_minor - o.discount_minor - o.cost_minor + o.cost_back_minor as rest
              from ${tables(scope)} where ${wanted(scope, filter)}),
            shared as (${shares(scope, sql`select distinct order_id from chosen`)}),
            earned as (select o.id, case when o.short_qty > 0 then -4611686018427387904 else o.rest - s.fees - s.refunds end as profit
              from chosen o join shared s on s.id = o.id)
            select profit::text as key, id from earned where true ${way.from(sql`profit`, sql`id`, "numeric")}
            order by profit ${way.direction}, id ${way.direction} limit ${way.limit}`,
      );
    });
    const details = await linesOf(
      tx,
      scope,
      found.rows.map((row) => row.id),
    );
    return { rows: found.rows.flatMap((row) => details.get(row.id) ?? []), after: found.after, before: found.before };
  });
}

/** Sold lines by their ids, in that order; those that are gone are left out. */
export function soldLinesById(scope: Scope, ids: readonly string[]): Promise<readonly SoldLine[]> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const found = await linesOf(tx, scope, ids);
    return ids.flatMap((id) => found.get(id) ?? []);
  });
}

type LineRow = Record<string, string> & {
  item_id: string | null;
  sku: string | null;
  decimals: number;
  candidates: number;
};

/** Sold lines by their ids, as the list shows them. */
export async function linesOf(tx: Tx, scope: Scope, ids: readonly string[]): Promise<ReadonlyMap<string, SoldLine>> {
  if (ids.length === 0) return new Map();
  const named = list("text", [...new Set(ids)]);
  const business = scope.businessId;
  const rows = await rowsOf<LineRow>(
    tx,
    sql`with chosen as (select id, order_id from app.order_lines where business_id = ${business} and id = any(${named}) and not is_undone),
          shared as (${shares(scope, sql`select distinct order_id from chosen`)})
        select o.id, o.order_id, h.number, o.on_date::text, c.name as channel, o.item_id, coalesce(i.name, o.name) as name, coalesce(o.sku, i.sku) as sku,
          coalesce(i.decimals, 0) as decimals, o.qty::text, o.returned_qty::text, o.short_qty::text, o.candidates, o.amount_minor::text, o.discount_minor::text,
          o.cost_minor::text, o.cost_back_minor::text, s.fees::text, s.refunds::text
        from chosen k join app.order_lines o on o.business_id = ${business} and o.id = k.id
        join shared s on s.id = o.id
        join app.orders h on h.business_id = ${business} and h.id = o.order_id
        join app.channels c on c.business_id = ${business} and c.id = o.channel_id
        left join app.items i on i.business_id = ${business} and i.id = o.item_id`,
  );
  return new Map(rows.map((row) => [row.id ?? "", lineOf(row)]));
}

function lineOf(row: LineRow): SoldLine {
  const amount = (name: string) => BigInt(row[name] ?? "0");
  const money = {
    amount: amount("amount_minor"),
    discount: amount("discount_minor"),
    fees: amount("fees"),
    refunds: amount("refunds"),
    cost: amount("cost_minor"),
    costBack: amount("cost_back_minor"),
  };
  const shortQty = amount("short_qty");
  const cost = money.cost - money.costBack;
  return {
    id: row.id ?? "",
    order: row.order_id ?? "",
    number: row.number ?? "",
    on: row.on_date ?? "",
    channel: row.channel ?? "",
    item: row.item_id,
    name: row.name ?? "",
    sku: row.sku,
    decimals: row.decimals,
    qty: amount("qty"),
    returnedQty: amount("returned_qty"),
    shortQty,
    candidates: row.candidates,
    price: money.amount - money.discount,
    fees: money.fees,
    refunds: money.refunds,
    cost: shortQty > 0n && money.cost === 0n ? null : cost,
    profit: shortQty > 0n ? null : lineProfit(money),
  };
}

/** What the filtered lines come to, exactly as of now: in one statement, so of one moment. */
export function soldTotals(scope: Scope, filter: SoldFilter): Promise<SoldTotals> {
  require(scope, "read");
  const isOfLines = Boolean(filter.isUnmatched || filter.item || filter.words);
  return reading(scope, async (tx) => {
    const [row] = await rowsOf<Record<string, string>>(
      tx,
      isOfLines ? totalsOfLines(scope, filter) : totalsOfDays(scope, filter),
    );
    const whole = (name: string) => BigInt(row?.[name] ?? "0");
    const isMissing = filter.isMissing === true;
    // What has its cost is left out where only what has none is asked for.
    const of = (name: string) => whole(name) - (isMissing ? whole(`known_${name}`) : 0n);
    const known = (name: string) => (isMissing ? 0n : whole(`known_${name}`));
    return {
      lines: Number(of("lines")),
      qty: of("qty"),
      price: of("price_minor"),
      fees: of("fees_minor"),
      refunds: of("refunds_minor"),
      cost: of("cost_minor"),
      knownLines: Number(known("lines")),
      knownPrice: known("price_minor"),
      knownRefunds: known("refunds_minor"),
      knownCost: known("cost_minor"),
      profit: known("price_minor") - known("fees_minor") - known("refunds_minor") - known("cost_minor"),
      unmatched: Number(of("unmatched")),
    };
  });
}

/** Whole days, of one channel or all: from what is kept of them. */
function totalsOfDays(scope: Scope, filter: SoldFilter): SQL {
  const sums = sql.raw(soldColumns.map((name) => `coalesce(sum(t.${name}), 0)::text as ${name}`).join(", "));
  return sql`with marked as materialized (${markedDays(scope, filter.from, filter.to)})
    select ${sums} from (${soldNow(scope, sql`select on_date from marked`, filter.from, filter.to)}) t
    ${filter.channel ? sql`where t.channel_id = ${filter.channel}` : sql``}`;
}

/** Lines that are chosen by what they are: from themselves, as many as there are of them in the period. */
function totalsOfLines(scope: Scope, filter: SoldFilter): SQL {
  const both = (name: string, of: string) =>
    sql.raw(
      `coalesce(sum(${of}), 0)::text as ${name}, coalesce(sum(${of}) filter (where o.known), 0)::text as known_${name}`,
    );
  return sql`with chosen as (
        select o.id, o.order_id, o.qty, o.amount_minor - o.discount_minor as price, o.cost_minor - o.cost_back_minor as cost, o.short_qty = 0 as known,
          case when o.item_id is null then 1 else 0 end as unmatched
        from ${tables(scope)} where ${wanted(scope, filter)}),
      shared as (${shares(scope, sql`select distinct order_id from chosen`)})
      select ${sql.join(
        [
          both("lines", "1"),
          both("qty", "o.qty"),
          both("price_minor", "o.price"),
          both("fees_minor", "s.fees"),
          both("refunds_minor", "s.refunds"),
          both("cost_minor", "o.cost"),
          both("unmatched", "o.unmatched"),
        ],
        sql`, `,
      )}
      from chosen o join shared s on s.id = o.id`;
}

export type SoldChoices = Readonly<{
  channels: readonly Readonly<{ id: string; name: string }>[];
  /** The days of the first and the last sale; null before the first. */
  first: LocalDate | null;
  last: LocalDate | null;
  /** The name of the item that is filtered by. */
  item: string | null;
}>;

/** What the filters offer. */
export function soldChoices(scope: Scope, item: string | null): Promise<SoldChoices> {
  require(scope, "read");
  const business = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const channels = await rowsOf<{ id: string; name: string }>(
      tx,
      sql`select id, name from app.channels where business_id = ${business} order by name, id`,
    );
    const [days] = await rowsOf<{ first: string | null; last: string | null }>(
      tx,
      sql`select (select min(on_date) from app.order_lines where business_id = ${business})::text as first,
            (select max(on_date) from app.order_lines where business_id = ${business})::text as last`,
    );
    const [named] = await rowsOf<{ name: string }>(
      tx,
      sql`select name from app.items where business_id = ${business} and id = ${item ?? ""}`,
    );
    return { channels, first: days?.first ?? null, last: days?.last ?? null, item: named?.name ?? null };
  });
}

/** The sold lines that need a cost or an item, as one walks them: the newest first. Gives the next one after a line, and the count. */
export function nextMissing(
  scope: Scope,
  line: string,
): Promise<Readonly<{ next: string | null; place: number; count: number }>> {
  require(scope, "read");
  const business = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<{ next: string | null; before: number; count: number }>(
      tx,
      sql`with this as (select on_date, id from app.order_lines where business_id = ${business} and id = ${line})
          select (select o.id from app.order_lines o, this where o.business_id = ${business} and o.short_qty > 0 and not o.is_undone
              and (o.on_date, o.id) < (this.on_date, this.id) order by o.on_date desc, o.id desc limit 1) as next,
            (select count(*) from app.order_lines o, this where o.business_id = ${business} and o.short_qty > 0 and not o.is_undone
              and (o.on_date, o.id) > (this.on_date, this.id))::int as before,
            (select count(*) from app.order_lines o where o.business_id = ${business} and o.short_qty > 0 and not o.is_undone)::int as count`,
    );
    return { next: row?.next ?? null, place: (row?.before ?? 0) + 1, count: row?.count ?? 0 };
  });
}

export type Likely = Readonly<{ purchase: string; says: string; left: bigint }>;

/** For lines without a cost: the purchase each was likely bought in (lib/core/orders.ts). One query for the whole page. */
export function likelyPurchases(scope: Scope, lines: readonly SoldLine[]): Promise<ReadonlyMap<string, Likely>> {
  require(scope, "read");
  const missing = lines.filter((line) => line.shortQty > 0n);
  const latest = missing.reduce((day, line) => (line.on > day ? line.on : day), "");
  if (missing.length === 0) return Promise.resolve(new Map());
  const business = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<Record<string, string>>(
      tx,
      sql`select p.id, p.on_date::text, p.supplier, (p.amount_minor - p.detailed_minor)::text as remains,
            p.supplier || ' ' || coalesce(t.payee, '') || ' ' || coalesce(t.memo, '') as words
          from app.purchases p left join app.transactions t on t.business_id = ${business} and t.id = p.transaction_id
          where p.business_id = ${business} and p.detailed_minor < p.amount_minor and not p.is_undone and p.on_date <= ${latest}::date
          order by p.on_date desc, p.id desc limit 300`,
    );
    const purchases = rows.map((row) => ({
      id: row.id ?? "",
      on: row.on_date ?? "",
      left: BigInt(row.remains ?? "0"),
      words: row.words ?? "",
      says: row.supplier === "" || row.supplier === undefined ? purchaseNumber(row.id ?? "") : row.supplier,
    }));
    return new Map(
      missing.flatMap((line) => {
        const found = likelyPurchase({ on: line.on, name: line.name, price: line.price }, purchases);
        return found === null ? [] : [[line.id, { purchase: found.id, says: found.says, left: found.left }] as const];
      }),
    );
  });
}
