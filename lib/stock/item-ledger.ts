/**
 * The item ledger: every movement of an item with what was on hand after it. No running balance is stored: a page adds the months
 * before (item_months) and the rows of its own months, so that no page reads the item's whole history.
 */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { reading } from "../../db/reading";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { addDays, startOfMonth } from "../core/dates";
import type { LocalDate } from "../core/facts";
import { require, type Scope } from "../people/access";
import { purchaseNumber } from "./purchase-reads";

export const movementKinds = [
  "purchase",
  "opening",
  "backfill",
  "loose_return",
  "transfer",
  "assembly",
  "sale",
  "purchase_return",
  "adjustment",
  "sale_return",
] as const;
export type MovementKind = (typeof movementKinds)[number];

export type LedgerFilter = Readonly<{
  item: string;
  from?: LocalDate | undefined;
  to?: LocalDate | undefined;
  kinds?: readonly MovementKind[] | undefined;
  location?: string | undefined;
  party?: Party | undefined;
}>;

/** With whom something moved: a supplier by its name, or a channel by its id. */
export type Party = Readonly<{ kind: "supplier" | "channel"; id: string }>;

export type LedgerRow = Readonly<{
  /** The cursor of a page that begins after it. */
  key: string;
  on: LocalDate;
  kind: MovementKind;
  document: string;
  number: string;
  order: string | null;
  party: string;
  location: string;
  /** Smallest units; signed. */
  qty: bigint;
  valueMinor: bigint;
  /** What of it no lot covers: it has no cost yet (a transfer's stays on hand, and is short where it is sold). */
  short: bigint;
  /** On hand and its worth after this row; of the location, where one is chosen (its worth is then not known). */
  runningQty: bigint;
  runningMinor: bigint | null;
  /**
   * The instant (ISO) at which it was recorded, where that was more than a day after one of the twenty movements that follow it: it
   * was told late, and what follows was costed without it at first.
   */
  lateAt: string | null;
}>;

/** Quantities in and out and the change of value over what is filtered; opening and closing of the same. */
export type LedgerSpan = Readonly<{
  opening: Readonly<{ qty: bigint; valueMinor: bigint | null }>;
  inQty: bigint;
  outQty: bigint;
  valueMinor: bigint;
  closing: Readonly<{ qty: bigint; valueMinor: bigint | null }>;
  rows: number;
}>;

export type LedgerPage = Readonly<{
  rows: readonly LedgerRow[];
  /** Cursors of the pages before and after this one; null where it is the first or the last. */
  earlier: string | null;
  later: string | null;
  /** Before the first row shown. */
  before: Readonly<{ qty: bigint; valueMinor: bigint | null }> | null;
}>;

type Cursor = Readonly<{ on: string; phase: number; at: string | null; id: string; leg: number }>;
const inOrder = sql.raw("m.on_date, m.phase, m.at nulls first, m.id, m.leg");
const backwards = sql.raw("m.on_date desc, m.phase desc, m.at desc nulls last, m.id desc, m.leg desc");

/** A page of movements in the order of rule 1: after a cursor, before one, or, without one, the latest. */
export function ledgerPage(
  scope: Scope,
  filter: LedgerFilter,
  page: Readonly<{ after?: string | null; before?: string | null; limit?: number; fromStart?: boolean }> = {},
): Promise<LedgerPage> {
  require(scope, "read");
  const limit = page.limit ?? 60;
  const after = cursorOf(page.after ?? null);
  const before = after === null ? cursorOf(page.before ?? null) : null;
  const isBack = after === null && page.fromStart !== true;
  return reading(scope, async (tx) => {
    const found = await rowsFrom(tx, scope, filter, after ?? before, isBack, limit + 1);
    const hasMore = found.length > limit;
    const shown = found.slice(0, limit);
    if (isBack) shown.reverse();
    const first = shown[0];
    const last = shown.at(-1);
    return {
      rows: shown,
      earlier: first === undefined ? null : isBack ? (hasMore ? first.key : null) : after === null ? null : first.key,
      later: last === undefined ? null : isBack ? (before === null ? null : last.key) : hasMore ? last.key : null,
      before:
        first === undefined
          ? null
          : {
              qty: first.runningQty - first.qty,
              valueMinor: first.runningMinor === null ? null : first.runningMinor - first.valueMinor,
            },
    };
  });
}

type Row = Record<string, string | null> & { leg: number; phase: number; is_late: boolean };

async function rowsFrom(
  tx: Tx,
  scope: Scope,
  filter: LedgerFilter,
  cursor: Cursor | null,
  isBack: boolean,
  limit: number,
): Promise<LedgerRow[]> {
  const b = scope.businessId;
  const place = filter.location === undefined ? sql`true` : sql`m.location_id = ${filter.location}`;
  const monthPlace = filter.location === undefined ? sql`true` : sql`im.location_id = ${filter.location}`;
  const moved = sql`m.business_id = ${b} and m.item_id = ${filter.item} and m.kind <> 'write_off' and ${place}`;
  const rows = await rowsOf<Row>(
    tx,
    sql`with page as materialized (
          select m.* from app.movements m where ${moved} and ${rangeOf(filter, b)} and ${beyond(cursor, isBack)}
          order by ${isBack ? backwards : inOrder} limit ${limit}
        ), months as (
          select date_trunc('month', on_date::timestamp)::date as month, max(on_date) as last from page group by 1
        ), flow as (
          select m.id, m.leg, o.month, sum(m.qty) over w as qty, sum(m.value_minor) over w as value
          from months o join app.movements m on ${moved} and m.on_date >= o.month and m.on_date <= o.last
          window w as (partition by o.month order by ${inOrder})
        ), base as (
          select o.month, coalesce(sum(im.in_qty - im.out_qty), 0) as qty, coalesce(sum(im.value_minor), 0) as value
          from months o left join app.item_months im on im.business_id = ${b} and im.item_id = ${filter.item} and im.month < o.month and ${monthPlace}
          group by o.month
        )
        select m.id, m.leg, m.phase, m.at::text, m.on_date::text as on, m.kind, m.document_id as document, m.qty::text, m.value_minor::text as value,
          m.short_qty::text as short, m.recorded_at::text as recorded, l.name as location, (base.qty + flow.qty)::text as running_qty,
          (base.value + flow.value)::text as running_value, h.id as "order", h.number, coalesce(p.supplier, rp.supplier, c.name, rc.name, d.reason,
            case when m.kind = 'transfer' then case when m.qty < 0 then 'to ' || tl.name else 'from ' || fl.name end
              when m.kind = 'assembly' then case when m.qty < 0 then 'used' when x.is_open then 'made, cost not complete' else 'made' end end) as party,
          coalesce((select min(n.recorded_at) < m.recorded_at - interval '1 day' from (
            select recorded_at from app.movements x where x.business_id = ${b} and x.item_id = ${filter.item} and x.on_date > m.on_date
            order by x.on_date, x.phase, x.at nulls first, x.id, x.leg limit 20) n), false) as is_late
        from page m
        join flow on flow.id = m.id and flow.leg = m.leg
        join base on base.month = flow.month
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
        left join app.locations tl on tl.business_id = ${b} and tl.id = d.to_location_id
        order by ${isBack ? backwards : inOrder}`,
  );
  return rows.map((row) => ({
    key: JSON.stringify([row.on, row.phase, row.at ?? null, row.id, row.leg]),
    on: row.on ?? "",
    kind: row.kind as MovementKind,
    document: row.document ?? "",
    number: row.number ?? purchaseNumber(row.document ?? ""),
    order: row.order ?? null,
    party: row.party ?? "",
    location: row.location ?? "",
    qty: BigInt(row.qty ?? "0"),
    valueMinor: BigInt(row.value ?? "0"),
    short: row.kind === "transfer" ? 0n : BigInt(row.short ?? "0"),
    runningQty: BigInt(row.running_qty ?? "0"),
    runningMinor: filter.location === undefined ? BigInt(row.running_value ?? "0") : null,
    lateAt: row.is_late ? (row.recorded ?? null) : null,
  }));
}

function rangeOf(filter: LedgerFilter, business: string): SQL {
  const parts = [
    filter.from === undefined ? sql`true` : sql`m.on_date >= ${filter.from}::date`,
    filter.to === undefined ? sql`true` : sql`m.on_date <= ${filter.to}::date`,
    filter.kinds === undefined || filter.kinds.length === 0
      ? sql`true`
      : sql`m.kind = any(${list("text", filter.kinds)})`,
    filter.party === undefined ? sql`true` : withParty(filter.party, business),
  ];
  return sql.join(parts, sql` and `);
}

/** Movements of a supplier's purchases and what went back to it; or of a channel's sales, what came back, and costs by hand for them. */
function withParty({ kind, id }: Party, b: string): SQL {
  if (kind === "supplier")
    return sql`((m.kind = 'purchase' and exists (select 1 from app.purchases x
          where x.business_id = ${b} and x.id = m.document_id and x.supplier = ${id}))
        or (m.kind = 'purchase_return' and exists (select 1 from app.stock_documents y
          join app.purchases x on x.business_id = ${b} and x.id = y.purchase_id and x.supplier = ${id}
          where y.business_id = ${b} and y.kind = m.kind and y.id = m.document_id)))`;
  return sql`((m.kind = 'sale' and exists (select 1 from app.orders x
        where x.business_id = ${b} and x.id = m.document_id and x.channel_id = ${id}))
      or (m.kind in ('sale_return', 'loose_return') and exists (select 1 from app.returns y
        left join app.orders x on x.business_id = ${b} and x.id = y.order_id
        where y.business_id = ${b} and y.id = m.document_id and coalesce(x.channel_id, y.channel_id) = ${id}))
      or (m.kind = 'backfill' and exists (select 1 from app.backfills z
        join app.order_lines y on y.business_id = ${b} and y.id = z.sale_id
        join app.orders x on x.business_id = ${b} and x.id = y.order_id and x.channel_id = ${id}
        where z.business_id = ${b} and z.id = m.document_id)))`;
}

const mostParties = 60;

/** With whom an item has moved: its suppliers and the business's channels, by name. */
export function ledgerParties(scope: Scope, item: string): Promise<readonly (Party & Readonly<{ name: string }>)[]> {
  require(scope, "read");
  const b = scope.businessId;
  return inBusiness(scope, (tx) =>
    rowsOf<{ kind: Party["kind"]; id: string; name: string }>(
      tx,
      sql`(select 'channel' as kind, id, name from app.channels where business_id = ${b} order by name, id limit ${mostParties})
          union all
          (select distinct 'supplier', p.supplier, p.supplier from app.movements m
            join app.purchases p on p.business_id = ${b} and p.id = m.document_id and p.supplier <> ''
            where m.business_id = ${b} and m.item_id = ${item} and m.kind = 'purchase' order by 2 limit ${mostParties})`,
    ),
  );
}

/** What lies beyond the cursor; its day bounds the index, the rest is compared as rule 1 orders it (no time stands first). */
function beyond(cursor: Cursor | null, isBack: boolean): SQL {
  if (cursor === null) return sql`true`;
  const side = sql.raw(isBack ? "<" : ">");
  const at = sql`coalesce(${cursor.at}::timestamptz, '-infinity'::timestamptz)`;
  return sql`m.on_date ${side}= ${cursor.on}::date and (m.on_date, m.phase, coalesce(m.at, '-infinity'::timestamptz), m.id, m.leg)
    ${side} (${cursor.on}::date, ${cursor.phase}::smallint, ${at}, ${cursor.id}, ${cursor.leg}::smallint)`;
}

/** A cursor from the address: whatever is not one begins at the latest page. */
function cursorOf(text: string | null): Cursor | null {
  if (text === null) return null;
  const read = /^\["(\d{4}-\d{2}-\d{2})",([0-3]),(null|"[0-9 :.+-]{10,40}"),("(?:[^"\\]|\\.)*"),(\d{1,4})\]$/u.exec(
    text,
  );
  if (read === null) return null;
  const [on, phase, at, id, leg] = JSON.parse(text) as readonly [string, number, string | null, string, number];
  return { on, phase, at, id, leg };
}

/** The sums over what is filtered: from months and the rows of two months; with kinds or a party chosen, from the rows of the days chosen. */
export function ledgerSpan(scope: Scope, filter: LedgerFilter): Promise<LedgerSpan> {
  require(scope, "read");
  const isPart = (filter.kinds !== undefined && filter.kinds.length > 0) || filter.party !== undefined;
  return reading(scope, async (tx) => {
    const start = await sumsBefore(tx, scope, filter, filter.from ?? null, true);
    const end = await sumsBefore(tx, scope, filter, filter.to === undefined ? null : addDays(filter.to, 1), false);
    const worth = (value: bigint) => (filter.location === undefined ? value : null);
    const opening = { qty: start.inQty - start.outQty, valueMinor: worth(start.value) };
    const closing = { qty: end.inQty - end.outQty, valueMinor: worth(end.value) };
    if (!isPart)
      return {
        opening,
        closing,
        inQty: end.inQty - start.inQty,
        outQty: end.outQty - start.outQty,
        valueMinor: end.value - start.value,
        rows: end.rows - start.rows,
      };
    const place = filter.location === undefined ? sql`true` : sql`m.location_id = ${filter.location}`;
    const sums = sumsOf(
      await rowsOf<SumsRow>(
        tx,
        sql`select ${movementSums} from app.movements m where m.business_id = ${scope.businessId} and m.item_id = ${filter.item}
            and m.kind <> 'write_off' and ${place} and ${rangeOf(filter, scope.businessId)}`,
      ),
    );
    return { opening, closing, inQty: sums.inQty, outQty: sums.outQty, valueMinor: sums.value, rows: sums.rows };
  });
}

type SumsRow = { in_qty: string; out_qty: string; value: string; n: number };
type Sums = Readonly<{ inQty: bigint; outQty: bigint; value: bigint; rows: number }>;
const movementSums = sql.raw(
  "coalesce(sum(m.qty) filter (where m.qty > 0), 0)::text as in_qty, coalesce(-sum(m.qty) filter (where m.qty < 0), 0)::text as out_qty, coalesce(sum(m.value_minor), 0)::text as value, count(*)::int as n",
);

function sumsOf(rows: readonly SumsRow[]): Sums {
  const sum = { inQty: 0n, outQty: 0n, value: 0n, rows: 0 };
  for (const row of rows) {
    sum.inQty += BigInt(row.in_qty);
    sum.outQty += BigInt(row.out_qty);
    sum.value += BigInt(row.value);
    sum.rows += row.n;
  }
  return sum;
}

/** All that moved before a day; without one, nothing (`isStart`) or everything. */
async function sumsBefore(
  tx: Tx,
  scope: Scope,
  filter: LedgerFilter,
  day: LocalDate | null,
  isStart: boolean,
): Promise<Sums> {
  if (day === null && isStart) return sumsOf([]);
  const b = scope.businessId;
  const until = day === null ? sql`true` : sql`im.month < ${startOfMonth(day)}::date`;
  const place = (of: string) =>
    filter.location === undefined ? sql`true` : sql`${sql.raw(of)}.location_id = ${filter.location}`;
  const rows = await rowsOf<SumsRow>(
    tx,
    sql`select coalesce(sum(im.in_qty), 0)::text as in_qty, coalesce(sum(im.out_qty), 0)::text as out_qty, coalesce(sum(im.value_minor), 0)::text as value,
          coalesce(sum(im."rows"), 0)::int as n
        from app.item_months im where im.business_id = ${b} and im.item_id = ${filter.item} and ${until} and ${place("im")}
        union all
        select ${movementSums} from app.movements m where ${day === null ? sql`false` : sql`m.on_date >= ${startOfMonth(day)}::date and m.on_date < ${day}::date`}
          and m.business_id = ${b} and m.item_id = ${filter.item} and m.kind <> 'write_off' and ${place("m")}`,
  );
  return sumsOf(rows);
}

export type StockDocument = Readonly<{
  kind: string;
  id: string;
  number: string;
  on: LocalDate;
  arrivesOn: LocalDate | null;
  note: string;
  from: string | null;
  to: string | null;
  lines: readonly Readonly<{
    id: string;
    item: string;
    name: string;
    decimals: number;
    qty: bigint;
    amountMinor: bigint;
    location: string;
  }>[];
}>;

/** An opening, adjustment, transfer, production or purchase return with its lines; null where there is none. */
export function stockDocument(scope: Scope, kind: string, id: string): Promise<StockDocument | null> {
  require(scope, "read");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const [head] = await rowsOf<Record<string, string | null>>(
      tx,
      sql`select d.on_date::text, d.arrives_on::text, d.reason, f.name as from_name, t.name as to_name, p.supplier from app.stock_documents d
          left join app.locations f on f.business_id = ${b} and f.id = d.from_location_id
          left join app.locations t on t.business_id = ${b} and t.id = d.to_location_id
          left join app.purchases p on p.business_id = ${b} and p.id = d.purchase_id
          where d.business_id = ${b} and d.kind = ${kind} and d.id = ${id} and not d.is_undone`,
    );
    if (head === undefined) return null;
    const lines = await rowsOf<Record<string, string | null> & { decimals: number }>(
      tx,
      sql`select s.id, s.item_id, i.name, i.decimals, s.qty::text, s.amount_minor::text, l.name as location from app.stock_lines s
          join app.items i on i.business_id = ${b} and i.id = s.item_id
          left join app.locations l on l.business_id = ${b} and l.id = s.location_id
          where s.business_id = ${b} and s.document_kind = ${kind} and s.document_id = ${id} order by s.place, s.id limit 500`,
    );
    return {
      kind,
      id,
      number: purchaseNumber(id),
      on: head.on_date ?? "",
      arrivesOn: head.arrives_on ?? null,
      note: head.reason ?? head.supplier ?? "",
      from: head.from_name ?? null,
      to: head.to_name ?? null,
      lines: lines.map((row) => ({
        id: row.id ?? "",
        item: row.item_id ?? "",
        name: row.name ?? "",
        decimals: row.decimals,
        qty: BigInt(row.qty ?? "0"),
        amountMinor: BigInt(row.amount_minor ?? "0"),
        location: row.location ?? "",
      })),
    };
  });
}
