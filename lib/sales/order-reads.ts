/** Sales: orders as a list, and one order with everything that belongs to it. Profit is orderProfit of lib/core/orders.ts everywhere. */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { reading } from "../../db/reading";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { ordersNow, salesNow } from "../books/order-sums";
import { markedDays } from "../books/touched-days";
import { Refusal } from "../core/errors";
import type { LocalDate, ShipTo } from "../core/facts";
import { costKey } from "../core/ids";
import { orderProfit } from "../core/orders";
import { require, type Scope } from "../people/access";
import { type Cursor, turned } from "./keyset";
import { type SaidAbroad, saidAbroad } from "./said-reads";
import { like, linesOf, type SoldLine } from "./sold-reads";

export type OrderFilter = Readonly<{
  from: LocalDate;
  to: LocalDate;
  channel?: string | null | undefined;
  /** Only orders with goods that came back and nobody has said where they are. */
  isToPlace?: boolean | undefined;
  /** Order number, or words of what was in it. */
  words?: string | undefined;
}>;
export type OrderSort = "on" | "sales" | "profit";
export type OrderPage = Readonly<{
  sort?: OrderSort | undefined;
  isDown?: boolean | undefined;
  after?: Cursor | null | undefined;
  before?: Cursor | null | undefined;
  limit?: number | undefined;
}>;

/** What an order came to, in minor units. `sales`: lines and shipping less discount. */
export type OrderSums = Readonly<{
  sales: bigint;
  /** Its own fees and the charges that name it. */
  fees: bigint;
  refunds: bigint;
  /** Less what came back. */
  cost: bigint;
  profit: bigint;
}>;
export type OrderRow = OrderSums &
  Readonly<{
    id: string;
    on: LocalDate;
    number: string;
    channel: string;
    /** The first line's name, and how many lines there are. */
    item: string;
    lines: number;
    /** Lines whose cost is not known: the profit reads high until then. */
    needsCost: number;
    toPlace: number;
  }>;

const pageSize = 50;

function wanted(scope: Scope, filter: OrderFilter): SQL {
  const business = scope.businessId;
  const parts: SQL[] = [
    sql`h.business_id = ${business} and not h.is_undone and h.on_date >= ${filter.from}::date and h.on_date <= ${filter.to}::date`,
  ];
  if (filter.channel) parts.push(sql`h.channel_id = ${filter.channel}`);
  if (filter.isToPlace === true)
    parts.push(sql`h.id in (select t.order_id from app.return_lines r join app.returns t on t.business_id = ${business} and t.id = r.return_id and not t.is_undone
      where r.business_id = ${business} and not r.is_placed)`);
  if (filter.words) {
    const words = like(filter.words);
    parts.push(sql`(h.number ilike ${words} or exists (select 1 from app.order_lines w where w.business_id = ${business} and w.order_id = h.id and not w.is_undone
      and (w.name ilike ${words} or w.sku ilike ${words})))`);
  }
  return sql.join(parts, sql` and `);
}

const sales = sql`(h.gross_minor + h.shipping_minor - h.discount_minor)`;

/** Orders with the sums of their lines. */
const summed = (scope: Scope) => sql`app.orders h cross join lateral (
  select count(*)::int as lines, coalesce(sum(l.cost_minor), 0) as cost_minor, coalesce(sum(l.cost_back_minor), 0) as cost_back_minor, (count(*) filter (where l.short_qty > 0))::int as missing,
    (array_agg(l.name order by l.place))[1] as item
  from app.order_lines l where l.business_id = ${scope.businessId} and l.order_id = h.id and not l.is_undone) s`;
const profit = sql`(${sales} - h.fees_minor - h.charges_minor - h.refunded_minor - s.cost_minor + s.cost_back_minor)`;

/** One page of orders. */
export function orderRows(
  scope: Scope,
  filter: OrderFilter,
  page: OrderPage = {},
): Promise<Readonly<{ rows: readonly OrderRow[]; after: Cursor | null; before: Cursor | null }>> {
  require(scope, "read");
  return reading(scope, async (tx) => {
    const sort = page.sort ?? "on";
    const by = sort === "on" ? sql`h.on_date` : sort === "sales" ? sales : profit;
    const found = await turned(page, pageSize, (way) =>
      rowsOf<{ key: string; id: string }>(
        tx,
        sql`select (${by})::text as key, h.id from ${sort === "profit" ? summed(scope) : sql`app.orders h`} where ${wanted(scope, filter)}
            ${way.from(by, sql`h.id`, sort === "on" ? "date" : "numeric")} order by ${by} ${way.direction}, h.id ${way.direction} limit ${way.limit}`,
      ),
    );
    const details = await headsOf(
      tx,
      scope,
      found.rows.map((row) => row.id),
    );
    return { rows: found.rows.flatMap((row) => details.get(row.id) ?? []), after: found.after, before: found.before };
  });
}

async function headsOf(tx: Tx, scope: Scope, ids: readonly string[]): Promise<ReadonlyMap<string, OrderRow>> {
  const business = scope.businessId;
  const rows = await rowsOf<Record<string, string> & { lines: number; missing: number; to_place: number }>(
    tx,
    sql`select h.id, h.on_date::text, h.number, c.name as channel, s.item, s.lines, s.missing, h.gross_minor::text, h.shipping_minor::text, h.discount_minor::text,
          h.fees_minor::text, h.charges_minor::text, h.refunded_minor::text, s.cost_minor::text, s.cost_back_minor::text,
          (select count(*) from app.returns t join app.return_lines r on r.business_id = ${business} and r.return_id = t.id and not r.is_placed
            where t.business_id = ${business} and t.order_id = h.id and not t.is_undone)::int as to_place
        from ${summed(scope)} join app.channels c on c.business_id = ${business} and c.id = h.channel_id
        where h.business_id = ${business} and h.id = any(${list("text", ids)})`,
  );
  return new Map(
    rows.map((row) => [
      row.id ?? "",
      {
        ...sumsOf(row),
        id: row.id ?? "",
        on: row.on_date ?? "",
        number: row.number ?? "",
        channel: row.channel ?? "",
        item: row.item ?? "",
        lines: row.lines,
        needsCost: row.missing,
        toPlace: row.to_place,
      },
    ]),
  );
}

function sumsOf(row: Readonly<Record<string, unknown>>): OrderSums {
  const of = (name: string) => BigInt(String(row[name] ?? "0"));
  const money = {
    gross: of("gross_minor"),
    shipping: of("shipping_minor"),
    discount: of("discount_minor"),
    fees: of("fees_minor"),
    charges: of("charges_minor"),
    refunds: of("refunded_minor"),
    cost: of("cost_minor"),
    costBack: of("cost_back_minor"),
  };
  return {
    sales: money.gross + money.shipping - money.discount,
    fees: money.fees + money.charges,
    refunds: money.refunds,
    cost: money.cost - money.costBack,
    profit: orderProfit(money),
  };
}

export type OrderTotals = OrderSums & Readonly<{ orders: number; needsCost: number; toPlace: number }>;

/** What the filtered orders come to, exactly as of now: whole days from what is kept of them, what is looked for from its own rows. */
export function orderTotals(scope: Scope, filter: OrderFilter): Promise<OrderTotals> {
  require(scope, "read");
  const business = scope.businessId;
  const isOfOrders = Boolean(filter.isToPlace || filter.words);
  return reading(scope, async (tx) => {
    const [row] = await rowsOf<Record<string, unknown>>(
      tx,
      isOfOrders ? totalsOfOrders(scope, filter) : totalsOfDays(scope, filter),
    );
    const [place] = await rowsOf<{ n: number }>(
      tx,
      sql`select count(*)::int as n from app.return_lines r join app.returns t on t.business_id = ${business} and t.id = r.return_id and not t.is_undone
          where r.business_id = ${business} and not r.is_placed`,
    );
    return {
      ...sumsOf(row ?? {}),
      orders: Number(row?.orders ?? 0),
      needsCost: Number(row?.missing ?? 0),
      toPlace: place?.n ?? 0,
    };
  });
}

const totals = (of: (name: string) => string): SQL =>
  sql.raw(
    [
      ...["gross_minor", "shipping_minor", "discount_minor", "fees_minor", "charges_minor", "refunded_minor"],
      ...["cost_minor", "cost_back_minor"],
    ]
      .map((name) => `coalesce(sum(${of(name)}), 0)::text as ${name}`)
      .join(", "),
  );

function totalsOfDays(scope: Scope, filter: OrderFilter): SQL {
  return sql`with marked as materialized (${markedDays(scope, filter.from, filter.to)})
    select coalesce(sum(t.orders), 0)::text as orders, coalesce(sum(t.missing), 0)::text as missing, ${totals((name) => `t.${name}`)}
    from (${ordersNow(scope, sql`select on_date from marked`, filter.from, filter.to)}) t
    ${filter.channel ? sql`where t.channel_id = ${filter.channel}` : sql``}`;
}

function totalsOfOrders(scope: Scope, filter: OrderFilter): SQL {
  const of = (name: string) => `${name.startsWith("cost") ? "s" : "h"}.${name}`;
  return sql`select count(*)::text as orders, (count(*) filter (where s.missing > 0))::text as missing, ${totals(of)}
    from ${summed(scope)} where ${wanted(scope, filter)}`;
}

/** What the orders of a period came to through one channel: lines and shipping less discount, in minor units. */
export type ChannelSales = Readonly<{ id: string; name: string; orders: number; sales: bigint }>;

/** Orders of a period by channel, exactly as of now, most first; channels without one are left out. */
export async function salesByChannel(
  tx: Tx,
  scope: Scope,
  { from, to }: Readonly<{ from: LocalDate; to: LocalDate }>,
): Promise<readonly ChannelSales[]> {
  const rows = await rowsOf<{ id: string; name: string; orders: string; sales: string }>(
    tx,
    sql`with marked as materialized (${markedDays(scope, from, to)}), sums as (
          select t.channel_id, sum(t.orders)::text as orders, sum(t.sales) as sales
          from (${salesNow(scope, sql`select on_date from marked`, from, to)}) t group by 1)
        select c.id, c.name, s.orders, s.sales::text as sales from sums s
        join app.channels c on c.business_id = ${scope.businessId} and c.id = s.channel_id order by s.sales desc, c.id`,
  );
  return rows.map(({ id, name, orders, sales }) => ({ id, name, orders: Number(orders), sales: BigInt(sales) }));
}

export type OrderReturnLine = Readonly<{
  id: string;
  name: string;
  qty: bigint;
  decimals: number;
  amount: bigint;
  fate: "restocked" | "written off" | "kept" | "waiting";
  /** A person said where it is: that can be taken back. */
  isByHand: boolean;
}>;
export type OrderReturn = Readonly<{
  id: string;
  on: LocalDate;
  isByHand: boolean;
  /** What was given back beside its lines. */
  tax: bigint;
  shipping: bigint;
  lines: readonly OrderReturnLine[];
}>;
export type OrderEntry = Readonly<{
  id: string;
  postedOn: LocalDate;
  memo: string;
  isCorrection: boolean;
  postings: readonly Readonly<{
    debit: string;
    debitName: string;
    credit: string;
    creditName: string;
    amount: bigint;
  }>[];
}>;

export type OrderView = Readonly<{
  id: string;
  number: string;
  on: LocalDate;
  at: string | null;
  channel: Readonly<{ id: string; name: string; kind: string }>;
  gross: bigint;
  shipping: bigint;
  discount: bigint;
  tax: bigint;
  taxBy: "seller" | "channel";
  /** What the buyer paid, as it was said in another currency; null where that is the books'. */
  said: SaidAbroad | null;
  /** Where it was delivered to; null where its source does not say it. */
  shipTo: ShipTo | null;
  refunds: bigint;
  cost: bigint;
  costBack: bigint;
  profit: bigint;
  needsCost: number;
  lines: readonly SoldLine[];
  fees: readonly Readonly<{ kind: string; account: string; amount: bigint }>[];
  /** Charges that name it and count as such; `amount` as it costs the seller. What came as a refund is among `refunds`. */
  charges: readonly Readonly<{ id: string; on: LocalDate; type: string; memo: string; amount: bigint }>[];
  returns: readonly OrderReturn[];
  entries: readonly OrderEntry[];
}>;

/** One order. Refuses `not_found` for what is not there, was taken back, or is somebody else's. */
export function orderView(scope: Scope, id: string): Promise<OrderView> {
  require(scope, "read");
  const business = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const [head] = await rowsOf<
      Record<string, string> &
        Record<"at" | "said_minor" | "country" | "region", string | null> & { tax_by: "seller" | "channel" }
    >(
      tx,
      sql`select h.id, h.number, h.on_date::text, h.at::text, h.channel_id, c.name as channel, c.kind, h.gross_minor::text, h.shipping_minor::text, h.discount_minor::text,
            h.tax_minor::text, h.tax_by, h.fees_minor::text, h.charges_minor::text, h.refunded_minor::text, h.said_minor::text,
            h.ship_country as country, h.ship_region as region
          from app.orders h join app.channels c on c.business_id = ${business} and c.id = h.channel_id
          where h.business_id = ${business} and h.id = ${id} and not h.is_undone`,
    );
    if (head === undefined) throw new Refusal("not_found", "There is no such order, or it was taken back.");
    const named = await rowsOf<{ id: string; cost: string; back: string }>(
      tx,
      sql`select id, cost_minor::text as cost, cost_back_minor::text as back from app.order_lines where business_id = ${business} and order_id = ${id} and not is_undone order by place`,
    );
    const found = await linesOf(
      tx,
      scope,
      named.map((line) => line.id),
    );
    const lines = named.flatMap((line) => found.get(line.id) ?? []);
    const fees = await rowsOf<{ kind: string; account: string; amount: string }>(
      tx,
      sql`select f.kind, a.name as account, f.amount_minor::text as amount from app.order_fees f
          join app.accounts a on a.business_id = ${business} and a.code = f.account_code where f.business_id = ${business} and f.order_id = ${id} order by f.place`,
    );
    const charges = await rowsOf<Record<string, string>>(
      tx,
      sql`select id, on_date::text, category, type, memo, (-amount_minor)::text as amount from app.charges
          where business_id = ${business} and order_id = ${id} and not is_undone order by on_date, id`,
    );
    const counted = charges.filter((charge) => !apart.has(charge.category ?? ""));
    const returns = await returnsOf(tx, scope, id);
    const sum = (of: "cost" | "back") => named.reduce((all, line) => all + BigInt(line[of]), 0n);
    const of = (name: string) => BigInt(head[name] ?? "0");
    const money = {
      gross: of("gross_minor"),
      shipping: of("shipping_minor"),
      discount: of("discount_minor"),
      refunds: of("refunded_minor"),
      cost: sum("cost"),
      costBack: sum("back"),
    };
    return {
      ...money,
      id,
      number: head.number ?? "",
      on: head.on_date ?? "",
      at: head.at,
      channel: { id: head.channel_id ?? "", name: head.channel ?? "", kind: head.kind ?? "" },
      tax: of("tax_minor"),
      taxBy: head.tax_by,
      said: await saidAbroad(tx, scope, `order/${id}`, head.said_minor === null ? null : BigInt(head.said_minor)),
      shipTo: head.country === null ? null : { country: head.country, region: head.region ?? "" },
      profit: orderProfit({ ...money, fees: of("fees_minor"), charges: of("charges_minor") }),
      needsCost: lines.filter((line) => line.shortQty > 0n).length,
      lines,
      fees: fees.map((fee) => ({ ...fee, amount: BigInt(fee.amount) })),
      charges: counted.map((charge) => ({
        id: charge.id ?? "",
        on: charge.on_date ?? "",
        type: charge.type ?? "",
        memo: charge.memo ?? "",
        amount: BigInt(charge.amount ?? "0"),
      })),
      returns,
      entries: await entriesOf(tx, scope, [
        ["order", id],
        ...(await costsOf(
          tx,
          scope,
          [...named, ...returns.flatMap((back) => back.lines)].map((line) => line.id),
        )),
        ...charges.map((charge) => ["charge", charge.id ?? ""] as const),
        ...returns.map((back) => ["return", back.id] as const),
        ...(await papersOf(tx, scope, id)),
      ]),
    };
  });
}

/** Invoices and notes of an order: some post their taxes. */
async function papersOf(
  tx: Tx,
  scope: Scope,
  order: string,
): Promise<readonly (readonly [kind: "issued", id: string])[]> {
  const rows = await rowsOf<{ id: string }>(
    tx,
    sql`select id::text as id from app.issued_documents where business_id = ${scope.businessId} and of_parent = ${`order/${order}`} order by id`,
  );
  return rows.map(({ id }) => ["issued", id] as const);
}

/** The documents of lines' costs: one for each line, or for each part of a bundle's. */
async function costsOf(
  tx: Tx,
  scope: Scope,
  lines: readonly string[],
): Promise<readonly (readonly [kind: "cost", id: string])[]> {
  const parts = await rowsOf<{ id: string; leg: number; item_id: string }>(
    tx,
    sql`select id, leg, item_id from app.movements where business_id = ${scope.businessId} and id = any(${list("text", lines)}) and leg > 0`,
  );
  return [...lines, ...parts.map((row) => costKey(row.id, row.leg, row.item_id))].map((id) => ["cost", id] as const);
}

/** Categories of charges that an order's charges do not count (countCharges of lib/sales/record.ts): refunds count as such, the rest is no cost. */
const apart: ReadonlySet<string> = new Set(["refund", "sale", "tax_collected", "tax_remitted"]);

async function returnsOf(tx: Tx, scope: Scope, order: string): Promise<readonly OrderReturn[]> {
  const business = scope.businessId;
  const rows = await rowsOf<
    Record<"return_id" | "on_date" | "tax" | "shipping" | "name" | "qty" | "amount_minor", string> & {
      id: string | null;
      restock: boolean;
      write_off: boolean;
      is_placed: boolean;
      said: boolean;
      decimals: number;
      by_hand: boolean;
    }
  >(
    tx,
    sql`select t.id as return_id, t.on_date::text, t.tax_minor::text as tax, t.shipping_minor::text as shipping, r.id, o.name, r.qty::text, r.amount_minor::text, r.restock, r.write_off, r.is_placed, coalesce(i.decimals, 0) as decimals,
          exists (select 1 from app.facts f where f.business_id = ${business} and f.id = 'placement/' || r.id and f.undone_at is null) as said,
          exists (select 1 from app.facts f where f.business_id = ${business} and f.id = 'return/' || t.id and f.user_id is not null and f.source is null) as by_hand
        from app.returns t left join app.return_lines r on r.business_id = ${business} and r.return_id = t.id
        left join app.order_lines o on o.business_id = ${business} and o.id = r.sale_id
        left join app.items i on i.business_id = ${business} and i.id = o.item_id
        where t.business_id = ${business} and t.order_id = ${order} and not t.is_undone order by t.on_date, t.id, r.place`,
  );
  const found = new Map<string, Omit<OrderReturn, "lines"> & { lines: OrderReturnLine[] }>();
  for (const row of rows) {
    const id = row.return_id;
    const parts = { tax: BigInt(row.tax), shipping: BigInt(row.shipping), lines: [] as OrderReturnLine[] };
    const one = found.get(id) ?? { id, on: row.on_date, isByHand: row.by_hand, ...parts };
    found.set(id, one);
    // A refund of tax or shipping alone has no lines.
    if (row.id === null) continue;
    one.lines.push({
      id: row.id,
      name: row.name,
      qty: BigInt(row.qty),
      decimals: row.decimals,
      amount: BigInt(row.amount_minor),
      fate: row.restock ? "restocked" : row.write_off ? "written off" : row.is_placed ? "kept" : "waiting",
      isByHand: row.said,
    });
  }
  return [...found.values()];
}

async function entriesOf(
  tx: Tx,
  scope: Scope,
  documents: readonly (readonly [kind: string, id: string])[],
): Promise<readonly OrderEntry[]> {
  const business = scope.businessId;
  const rows = await rowsOf<Record<string, string> & { is_correction: boolean }>(
    tx,
    sql`select e.id, e.posted_on::text, e.memo, e.is_correction, p.debit, d.name as debit_name, p.credit, c.name as credit_name, p.amount_minor::text
        from unnest(${list(
          "text",
          documents.map(([kind]) => kind),
        )}, ${list(
          "text",
          documents.map(([, id]) => id),
        )}) as u(kind, id)
        join app.journal_entries e on e.business_id = ${business} and e.document_kind = u.kind and e.document_id = u.id
        join app.postings p on p.business_id = ${business} and p.entry_id = e.id
        join app.accounts d on d.business_id = ${business} and d.code = p.debit
        join app.accounts c on c.business_id = ${business} and c.code = p.credit
        order by e.posted_on, e.id, p.place`,
  );
  const found = new Map<string, Omit<OrderEntry, "postings"> & { postings: OrderEntry["postings"][number][] }>();
  for (const row of rows) {
    const id = row.id ?? "";
    const one = found.get(id) ?? {
      id,
      postedOn: row.posted_on ?? "",
      memo: row.memo ?? "",
      isCorrection: row.is_correction,
      postings: [] as OrderEntry["postings"][number][],
    };
    one.postings.push({
      debit: row.debit ?? "",
      debitName: row.debit_name ?? "",
      credit: row.credit ?? "",
      creditName: row.credit_name ?? "",
      amount: BigInt(row.amount_minor ?? "0"),
    });
    found.set(id, one);
  }
  return [...found.values()];
}
