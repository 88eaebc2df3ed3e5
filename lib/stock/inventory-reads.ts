/**
 * What Inventory → Balances shows: account 1200 written out as a sum, and the list of what changed it. All of it is read from the
 * journal, so that it cannot say anything else than the books; documents only give the names.
 *
 * The rows of the list are kept by day (lib/books/inventory-sums.ts). The plain list walks the account's days, newest first, and reads no
 * more days than a page can hold; a filtered list reads one year, and the year's postings only where single sales or words are asked for.
 */
import { type SQL, sql } from "drizzle-orm";
import { reading } from "../../db/reading";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { accountDaysNow } from "../books/account-days";
import { type InventoryDays, inventory, inventoryNow, inventoryRows } from "../books/inventory-sums";
import { markedDays } from "../books/touched-days";
import { addDays, startOfMonth } from "../core/dates";
import type { LocalDate } from "../core/facts";
import { compareIds } from "../core/facts";
import { require, type Scope } from "../people/access";
import { purchaseNumber } from "./purchase-reads";

/** The first and last day of what is shown: a tax year. */
export type Period = Readonly<{ from: LocalDate; to: LocalDate }>;

/** Account 1200 over a period, in minor units: opening + purchases − cost + other = balance. */
export type InventoryTape = Readonly<{
  opening: bigint;
  purchases: bigint;
  purchaseCount: number;
  /** Cost of goods sold with shrinkage: sold − back + shrinkage. */
  cost: bigint;
  sold: bigint;
  /** What returns and corrections took back of it. */
  back: bigint;
  shrinkage: bigint;
  /** Openings, costs given by hand, goods back to suppliers. */
  other: bigint;
  balance: bigint;
  /** As of now: what the lots hold, what no lot holds yet, and how many purchases that is. */
  inLots: bigint;
  toDetail: bigint;
  toDetailCount: number;
  /** The terms add to the balance of account 1200 in the books. */
  isProved: boolean;
}>;

/** The sum above the list. Months' sums, the kept rows of a year that are no costs of sales, and the open purchases. */
export function inventoryTape(scope: Scope, period: Period): Promise<InventoryTape> {
  require(scope, "read");
  const business = scope.businessId;
  return reading(scope, async (tx) => {
    const months = await rowsOf<{ code: string; before: string; debit: string; credit: string }>(
      tx,
      sql`select code, coalesce(sum(debit_minor - credit_minor) filter (where month < ${period.from}::date), 0)::text as before,
            coalesce(sum(debit_minor) filter (where month >= ${period.from}::date), 0)::text as debit,
            coalesce(sum(credit_minor) filter (where month >= ${period.from}::date), 0)::text as credit
          from app.account_months where business_id = ${business} and code in ('1200', '5000', '5100') and month <= ${period.to}::date group by code`,
    );
    const of = (code: string, part: "before" | "debit" | "credit") =>
      BigInt(months.find((row) => row.code === code)?.[part] ?? "0");
    const others = await rowsOf<{ kind: string; amount: string; n: number }>(
      tx,
      sql`with marked as materialized (${markedDays(scope, period.from, period.to)})
          select kind, sum(amount)::text as amount, count(*) filter (where amount <> 0)::int as n from (
            select case when what = 'purchase' then 'purchase' else 'other' end as kind, what, owner, sum(beside_minor) as amount
            from (${inventoryNow(scope, sql`select on_date from marked`, period, { isBeside: true })}) r
            group by 1, 2, 3) d group by kind`,
    );
    const [now] = await rowsOf<{ lots: string; loose: string; left: string; n: number }>(
      tx,
      sql`select (select coalesce(sum(value_minor), 0)::text from app.item_stock where business_id = ${business}) as lots,
            (select coalesce(sum(left_minor), 0)::text from app.lots
              where business_id = ${business} and left_qty > 0 and item_id >= ${"\u001f"} and item_id < ${" "}) as loose,
            p.left, p.n
          from (select coalesce(sum(amount_minor - detailed_minor), 0)::text as left, count(*)::int as n from app.purchases
                where business_id = ${business} and detailed_minor < amount_minor and not is_undone) p`,
    );
    const opening = of("1200", "before");
    const purchases = others.find((row) => row.kind === "purchase");
    const bought = BigInt(purchases?.amount ?? "0");
    const other = others.reduce((sum, row) => (row.kind === "purchase" ? sum : sum + BigInt(row.amount)), 0n);
    const sold = of("5000", "debit");
    const back = of("5000", "credit");
    const shrinkage = of("5100", "debit") - of("5100", "credit");
    const cost = sold - back + shrinkage;
    const balance = opening + bought + other - cost;
    return {
      opening,
      purchases: bought,
      purchaseCount: purchases?.n ?? 0,
      cost,
      sold,
      back,
      shrinkage,
      other,
      balance,
      inLots: BigInt(now?.lots ?? "0") + BigInt(now?.loose ?? "0"),
      toDetail: BigInt(now?.left ?? "0"),
      toDetailCount: now?.n ?? 0,
      isProved: balance === opening + of("1200", "debit") - of("1200", "credit"),
    };
  });
}

/** The first month in which anything touched Inventory; null before that. */
export function firstInventoryMonth(scope: Scope): Promise<LocalDate | null> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<{ month: string | null }>(
      tx,
      sql`select min(month)::text as month from app.account_months where business_id = ${scope.businessId} and code = ${inventory}`,
    );
    return row?.month ?? null;
  });
}

export type ChangeKind = "purchase" | "sale" | "return" | "adjustment" | "opening" | "backfill" | "supplier" | "other";

/** One row of the list: a document's effect on Inventory on one day, or the costs of all sales of a day (`document` null). */
export type InventoryChange = Readonly<{
  /** Its place in the list, and the cursor of a page that begins after it. */
  key: string;
  on: LocalDate;
  kind: ChangeKind;
  document: string | null;
  number: string;
  /** Supplier or channels. */
  party: string;
  amountMinor: bigint;
  /** Account 1200 after it; null in a filtered list, whose rows do not follow each other. */
  balanceMinor: bigint | null;
  /** How many documents are in the row, and of how many units and items they are; units null where items are not counted in pieces. */
  count: number;
  units: bigint | null;
  items: number;
  /** Where there is one item only. */
  item: Readonly<{ id: string | null; name: string }> | null;
  order: string | null;
  /** It is an adjustment, which has a page by its `document`. */
  isAdjustment: boolean;
  /** Of a purchase: what no lot holds yet. */
  leftMinor: bigint;
  lots: number;
}>;

export type ChangesFilter = Readonly<{
  period: Period;
  kind?: ChangeKind | undefined;
  /** Purchases with something left to detail, of any year. */
  toDetail?: boolean | undefined;
  /** Words in supplier, item, document number or memo. */
  q?: string | undefined;
  /** The costs of a day's sales as one row. */
  folded?: boolean | undefined;
}>;

/** `after`: the page that follows this key (older); `before`: the page that ends before it (newer). */
export type KeyPage = Readonly<{ after?: string | null; before?: string | null; limit?: number }>;
export type ChangesPage = Readonly<{
  rows: readonly InventoryChange[];
  newer: string | null;
  older: string | null;
}>;

const mostRows = 500;
const separator = "~";
const keyPattern = /^\d{4}-\d{2}-\d{2}~\d~/;

/** What changed Inventory, newest first by posted day; on a day what came back, what left, what came in. */
export function inventoryChanges(scope: Scope, filter: ChangesFilter, page: KeyPage = {}): Promise<ChangesPage> {
  require(scope, "read");
  const limit = page.limit === undefined || page.limit < 1 ? 60 : page.limit > mostRows ? mostRows : page.limit;
  const cursor = [page.after, page.before].find(
    (one): one is string => typeof one === "string" && keyPattern.test(one),
  );
  const isBack = cursor !== undefined && cursor === page.before;
  return reading(scope, async (tx) => {
    if (filter.toDetail === true) return purchasesToDetail(tx, scope, filter.q ?? "", cursor ?? null, isBack, limit);
    const isPlain = filter.kind === undefined && (filter.q ?? "") === "";
    const day = cursor?.slice(0, 10);
    const span = isPlain ? await walk(tx, scope, filter.period, day ?? null, isBack, limit + 2) : filter.period;
    if (span === null) return { rows: [], newer: null, older: null };
    const end = isPlain ? await balanceAfter(tx, scope, span.to) : null;
    const rows = await read(tx, scope, filter, span, end, cursor ?? null, isBack, limit + 1);
    return pageOf(rows, limit, cursor ?? null, isBack);
  });
}

/** Cuts the one row too many off, which only says that there are more. */
function pageOf(found: readonly InventoryChange[], limit: number, cursor: string | null, isBack: boolean): ChangesPage {
  const rows = isBack ? found.slice(0, limit).reverse() : found.slice(0, limit);
  const hasMore = found.length > limit;
  const first = rows[0]?.key ?? null;
  const last = rows.at(-1)?.key ?? null;
  return {
    rows,
    newer: isBack ? (hasMore ? first : null) : cursor === null ? null : first,
    older: isBack ? last : hasMore ? last : null,
  };
}

/** The span of the `days` days of the account that lie next to a day: each is found by one step through the two indexes. */
async function walk(
  tx: Tx,
  scope: Scope,
  period: Period,
  day: LocalDate | null,
  isBack: boolean,
  days: number,
): Promise<Period | null> {
  const next = (than: SQL, side: "debit" | "credit") => {
    const account = sql.raw(`p.${side}`);
    const step = isBack ? sql`p.posted_on > ${than}` : sql`p.posted_on < ${than}`;
    const order = isBack ? sql`order by p.posted_on` : sql`order by p.posted_on desc`;
    return sql`(select p.posted_on from app.postings p where p.business_id = ${scope.businessId} and ${account} = ${inventory} and ${step}
        and p.posted_on between ${period.from}::date and ${period.to}::date ${order} limit 1)`;
  };
  const nearest = (than: SQL) =>
    isBack
      ? sql`least(${next(than, "debit")}, ${next(than, "credit")})`
      : sql`greatest(${next(than, "debit")}, ${next(than, "credit")})`;
  // The cursor's own day counts, since rows of it may lie beyond the cursor.
  const start = isBack ? addDays(day ?? period.from, -1) : addDays(day ?? period.to, 1);
  const [row] = await rowsOf<{ first: string | null; last: string | null }>(
    tx,
    sql`with recursive days(on_day, n) as (
          select ${nearest(sql`${start}::date`)}, 1
          union all
          select ${nearest(sql`d.on_day`)}, d.n + 1 from days d where d.on_day is not null and d.n < ${days}
        ) select min(on_day)::text as first, max(on_day)::text as last from days`,
  );
  return row === undefined || row.first === null || row.last === null ? null : { from: row.first, to: row.last };
}

/** Account 1200 at the end of a day: the months before, and the days of its own. */
async function balanceAfter(tx: Tx, scope: Scope, day: LocalDate): Promise<bigint> {
  const from = startOfMonth(day);
  const [row] = await rowsOf<{ amount: string }>(
    tx,
    sql`select ((select coalesce(sum(debit_minor - credit_minor), 0) from app.account_months
            where business_id = ${scope.businessId} and code = ${inventory} and month < ${from}::date)
          + (select coalesce(sum(k.debit_minor - k.credit_minor), 0) from (${accountDaysNow(scope, { from, to: day })}) k
              where k.code = ${inventory}))::text as amount`,
  );
  return BigInt(row?.amount ?? "0");
}

type Row = Record<
  "on" | "rank" | "what" | "owner" | "number" | "party" | "amount" | "item" | "name" | "order" | "left" | "memo",
  string | null
> & { after: string | null; n: number; units: string | null; items: number; lots: number; adjusts: boolean };

/** The rows of a span of days, each document once a day, named. `end`: the account at the span's end, for the running balance. */
async function read(
  tx: Tx,
  scope: Scope,
  filter: ChangesFilter,
  span: Period,
  end: bigint | null,
  cursor: string | null,
  isBack: boolean,
  limit: number,
): Promise<readonly InventoryChange[]> {
  const b = scope.businessId;
  const words = (filter.q ?? "").toLowerCase();
  const isOne = filter.folded === false || words !== "";
  const [day = "", rank = "", owner = ""] = cursor === null ? [] : split(cursor);
  const beyond =
    cursor === null
      ? sql`true`
      : isBack
        ? sql`(on_date, rank, owner) > (${day}::date, ${rank}::int, ${owner})`
        : sql`(on_date, rank, owner) < (${day}::date, ${rank}::int, ${owner})`;
  const order = isBack ? sql`on_date, rank, owner` : sql`on_date desc, rank desc, owner desc`;
  const wanted = filter.kind === undefined ? sql`true` : sql`k.what = ${filter.kind}`;
  // One by one, and where words are looked for, rows are made of the journal; folded ones are kept.
  const changes = isOne
    ? sql`select k.* from (${inventoryRows(scope, oneDay(span), { isOne, holding: words })}) k where ${wanted}`
    : sql`select k.* from (${inventoryNow(scope, sql`select on_date from marked`, span)}) k where ${wanted}`;
  const rows = await rowsOf<Row>(
    tx,
    sql`with marked as materialized (${markedDays(scope, span.from, span.to)}), running as (
          select *, coalesce(sum(amount_minor) over (order by on_date desc, rank desc, owner desc rows between unbounded preceding and 1 preceding), 0) as newer
          from (${changes}) c where amount_minor <> 0
        ), page as (select * from running where ${beyond} order by ${order} limit ${limit})
        select k.on_date::text as on, k.rank::text, k.what, k.owner, coalesce(h.number, a.number) as number, a.id is not null as adjusts, coalesce(p.supplier, (
            select string_agg(distinct c.name, ', ') from app.channels c
            where c.business_id = ${b} and c.id in (select jsonb_array_elements_text(k.channels)))) as party,
          k.amount_minor::text as amount, k.item_id as item, coalesce(i.name, l.name) as name, k.order_id as "order", k.memo,
          (p.amount_minor - p.detailed_minor)::text as "left", k.documents::int as n, k.units::text, k.items::int,
          (${end === null ? sql`null::numeric` : sql`${end.toString()}::numeric`} - k.newer)::text as after,
          case when k.what = 'purchase' then (select count(*)::int from app.purchase_lines d where d.business_id = ${b} and d.purchase_id = k.owner) else 0 end as lots
        from page k
        left join lateral (select o.number from app.orders o where o.business_id = ${b} and o.id = k.order_id offset 0) h on true
        left join lateral (select o.name from app.order_lines o where o.business_id = ${b} and o.id = k.line_id offset 0) l on true
        left join lateral (select o.name from app.items o where o.business_id = ${b} and o.id = k.item_id offset 0) i on true
        left join lateral (select o.id, o.number from app.stock_documents o
          where o.business_id = ${b} and k.what = 'adjustment' and o.kind = 'adjustment' and o.id = k.owner offset 0) a on true
        left join lateral (select o.supplier, o.amount_minor, o.detailed_minor from app.purchases o
          where o.business_id = ${b} and k.what = 'purchase' and o.id = k.owner offset 0) p on true
        order by ${isBack ? sql`k.on_date, k.rank, k.owner` : sql`k.on_date desc, k.rank desc, k.owner desc`}`,
  );
  return rows.map(changeOf);
}

/** A span of one day is that day. */
function oneDay(span: Period): InventoryDays {
  return span.from === span.to ? { days: sql`select ${span.from}::date as on_date` } : span;
}

function split(cursor: string): [string, string, string] {
  const at = cursor.indexOf(separator, 11);
  return [cursor.slice(0, 10), cursor.slice(11, at), cursor.slice(at + 1)];
}

function changeOf(row: Row): InventoryChange {
  const kind = row.what as ChangeKind;
  const owner = row.owner ?? "";
  const isFolded = kind === "sale" && owner === "" && row.n > 1;
  return {
    key: [row.on, row.rank, owner].join(separator),
    on: row.on ?? "",
    kind,
    document: isFolded ? null : owner,
    number: isFolded ? "" : (row.number ?? purchaseNumber(owner)),
    party: row.party ?? (kind === "other" ? (row.memo ?? "") : ""),
    amountMinor: BigInt(row.amount ?? "0"),
    balanceMinor: row.after === null ? null : BigInt(row.after),
    count: row.n,
    units: row.units === null ? null : BigInt(row.units),
    items: row.items,
    item: row.items === 1 && row.name !== null ? { id: row.item, name: row.name } : null,
    order: isFolded ? null : row.order,
    isAdjustment: row.adjusts,
    leftMinor: BigInt(row.left ?? "0"),
    lots: row.lots,
  };
}

/** The costs of one day's sales, one by one, dearest first; at most 200 (a day's sales page has them all). */
export function salesOfDay(scope: Scope, on: LocalDate): Promise<readonly InventoryChange[]> {
  require(scope, "read");
  return reading(scope, async (tx) => {
    const filter = { period: { from: on, to: on }, kind: "sale", folded: false } as const;
    const rows = await read(tx, scope, filter, filter.period, null, null, false, 200);
    return [...rows].sort((a, c) => {
      if (a.amountMinor !== c.amountMinor) return a.amountMinor < c.amountMinor ? -1 : 1;
      return compareIds(a.key, c.key);
    });
  });
}

/** Purchases with something left, newest first, from the index that holds only these. */
async function purchasesToDetail(
  tx: Tx,
  scope: Scope,
  q: string,
  cursor: string | null,
  isBack: boolean,
  limit: number,
): Promise<ChangesPage> {
  const [day = "", , owner = ""] = cursor === null ? [] : split(cursor);
  const beyond =
    cursor === null
      ? sql`true`
      : isBack
        ? sql`(p.on_date, p.id) > (${day}::date, ${owner})`
        : sql`(p.on_date, p.id) < (${day}::date, ${owner})`;
  const words = q.toLowerCase();
  const rows = await rowsOf<Row>(
    tx,
    sql`select p.on_date::text as on, '0' as rank, 'purchase' as what, p.id as owner, null as number, false as adjusts, p.supplier as party, p.amount_minor::text as amount,
          null as item, null as name, null as "order", null as memo, (p.amount_minor - p.detailed_minor)::text as "left", 1 as n, null as units, 0 as items,
          null as after, (select count(*)::int from app.purchase_lines l where l.business_id = ${scope.businessId} and l.purchase_id = p.id) as lots
        from app.purchases p where p.business_id = ${scope.businessId} and p.detailed_minor < p.amount_minor and not p.is_undone and ${beyond}
          and (${words === "" ? sql`true` : sql`strpos(lower(p.supplier || ' ' || p.id), ${words}) > 0`})
        order by ${isBack ? sql`p.on_date, p.id` : sql`p.on_date desc, p.id desc`} limit ${limit + 1}`,
  );
  return pageOf(rows.map(changeOf), limit, cursor, isBack);
}
