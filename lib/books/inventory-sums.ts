/** What changed Inventory, as queries: the rows of its list that are kept by day, made of the journal's postings and the documents' names. */
import { type SQL, sql } from "drizzle-orm";
import type { InBusiness } from "../../db/scope";
import type { LocalDate } from "../core/facts";
import { accounts } from "../core/posting";

export const inventory = sql.raw(`'${accounts.inventory}'`);
const costs = sql.raw(`('${accounts.costOfGoodsSold}', '${accounts.shrinkage}')`);

/**
 * Which postings: those of the few days of a query with `on_date`, by index alone; of a span, however many there are; or of all days but
 * those of a query.
 */
export type InventoryDays =
  | Readonly<{ days: SQL }>
  | Readonly<{ from: LocalDate; to: LocalDate }>
  | Readonly<{ except: SQL }>;

/** The postings of one side of Inventory, with the sign of what they do to it. */
function side(scope: InBusiness, days: InventoryDays, account: "debit" | "credit"): SQL {
  const [own, other] = [sql.raw(`p.${account}`), sql.raw(account === "debit" ? "p.credit" : "p.debit")];
  const sign = sql.raw(account === "debit" ? "" : "-");
  const columns = sql`p.posted_on, p.entry_id, ${sign}p.amount_minor as amount, case when ${other} in ${costs} then 0 else ${sign}p.amount_minor end as beside`;
  const from = sql`from app.postings p where p.business_id = ${scope.businessId} and ${own} = ${inventory}`;
  if ("days" in days)
    return sql`select m.* from (${days.days}) d cross join lateral (select ${columns} ${from} and p.posted_on = d.on_date offset 0) m`;
  if ("except" in days) return sql`select ${columns} ${from} and p.posted_on not in (${days.except})`;
  return sql`select ${columns} ${from} and p.posted_on >= ${days.from}::date and p.posted_on <= ${days.to}::date`;
}

/**
 * A row of a table that may be there, found by its key. Of few days each is looked up by itself (what stands behind OFFSET is not joined any
 * other way): the planner would rather read whole tables, which grow with history. The key must be a plain column: under row-level security
 * the index does not serve one that is worked out from columns of outer joins, so those are worked out a step before, in a CTE.
 */
function maybe(scope: InBusiness, isFew: boolean, alias: string, table: string, columns: string, condition: SQL): SQL {
  const [name, from] = [sql.raw(alias), sql.raw(`app.${table}`)];
  const holds = sql`${name}.business_id = ${scope.businessId} and ${condition}`;
  if (!isFew) return sql`left join ${from} ${name} on ${holds}`;
  const picked = sql.raw(
    columns
      .split(" ")
      .map((column) => `${alias}.${column}`)
      .join(", "),
  );
  return sql`left join lateral (select ${picked} from ${from} ${name} where ${holds} offset 0) ${name} on true`;
}

/** The sold lines that returns and backfills name: few among all, so that whoever joins many rows with them holds only these. */
function namedSales(scope: InBusiness): SQL {
  const b = scope.businessId;
  return sql`select l.* from app.order_lines l where l.business_id = ${b} and l.id in (
    select r.sale_id from app.return_lines r where r.business_id = ${b} union all select f.sale_id from app.backfills f where f.business_id = ${b})`;
}

/**
 * Rows as inventory_days has them. `isOne`: each sale by itself instead of a day's together; `isBeside`: only what is no cost of sales and no
 * shrinkage, so that a busy day's sales are not named for nothing; `holding`: words that supplier, item, number, memo or document hold, in
 * lower case.
 */
export function inventoryRows(
  scope: InBusiness,
  days: InventoryDays,
  how: Readonly<{ isOne?: boolean; isBeside?: boolean; holding?: string }> = {},
): SQL {
  const isFew = "days" in days;
  const join = (alias: string, table: string, columns: string, condition: SQL) =>
    maybe(scope, isFew, alias, table, columns, condition);
  const line = "id order_id channel_id qty item_id name";
  const words = how.holding ?? "";
  const holds = (column: string) => sql`strpos(lower(coalesce(${sql.raw(column)}, '')), ${words}) > 0`;
  const found =
    words === "" ? sql`true` : sql.join(["supplier", "item_name", "number", "memo", "owner"].map(holds), sql` or `);
  return sql`
    with moved as (${side(scope, days, "debit")} union all ${side(scope, days, "credit")}
    ), documents as (
      select m.posted_on as on_date, e.document_kind as kind, e.document_id as doc, sum(m.amount) as amount, sum(m.beside) as beside, max(e.memo) as memo
      from moved m ${join("e", "journal_entries", "document_kind document_id memo", sql`e.id = m.entry_id`)}
      group by 1, 2, 3 having ${how.isBeside === true ? sql`` : sql`sum(m.amount) <> 0 or `}sum(m.beside) <> 0
    ), owned as materialized (
      select d.*, w.what, r.return_id, s.document_id, o.id as sold_id, o.order_id, o.channel_id, o.name, coalesce(r.sale_id, f.sale_id) as sale_id,
        coalesce(o.qty, r.qty, abs(s.qty)) as qty, coalesce(o.item_id, s.item_id) as item_id
      from documents d
      ${join("o", "order_lines", line, sql`d.kind = 'cost' and o.id = split_part(d.doc, chr(31), 1)`)}
      ${join("r", "return_lines", "id return_id sale_id qty", sql`d.kind = 'cost' and r.id = split_part(d.doc, chr(31), 1)`)}
      ${join("s", "stock_lines", "id document_kind document_id item_id qty", sql`d.kind = 'cost' and s.id = d.doc`)}
      ${join("f", "backfills", "sale_id", sql`d.kind = 'backfill' and f.id = d.doc`)}
      cross join lateral (select case when o.id is not null then 'sale' when r.id is not null then 'return'
        when s.document_kind = 'purchase_return' then 'supplier' when s.id is not null then 'adjustment'
        when d.kind in ('purchase', 'opening', 'adjustment', 'backfill', 'return') then d.kind else 'other' end as what) w
    ), sold as materialized (
      select d.*, coalesce(d.sold_id, ro.id) as line_id, coalesce(d.order_id, ro.order_id) as of_order, coalesce(d.item_id, ro.item_id) as of_item,
        coalesce(d.channel_id, ro.channel_id) as of_channel, coalesce(d.name, ro.name) as line_name
      from owned d ${isFew ? join("ro", "order_lines", line, sql`ro.id = d.sale_id`) : sql`left join (${namedSales(scope)}) ro on ro.id = d.sale_id`}
    ), named as (
      select d.on_date, d.amount, d.beside, d.memo, d.what,
        case d.what when 'sale' then ${how.isOne === true ? sql`d.doc` : sql`''`} when 'return' then coalesce(d.return_id, d.doc)
          else coalesce(d.document_id, d.doc) end as owner,
        case d.what when 'return' then 3 when 'sale' then 2 when 'supplier' then 2 when 'adjustment' then 1 else 0 end as rank,
        d.of_order as order_id, d.line_id, ${words === "" ? sql`null` : sql`h.number`} as number, d.of_channel as channel_id, p.supplier, d.qty, d.of_item as item_id, coalesce(i.name, d.line_name) as item_name, i.decimals
      from sold d
      ${words === "" ? sql`` : join("h", "orders", "number", sql`h.id = d.of_order`)}
      ${join("p", "purchases", "supplier", sql`d.kind = 'purchase' and p.id = d.doc`)}
      ${join("i", "items", "name decimals", sql`i.id = d.of_item`)}
    )
    select on_date, rank, what, owner, sum(amount) as amount_minor, sum(beside) as beside_minor, count(*) filter (where amount <> 0) as documents,
      case when bool_and(coalesce(decimals, 0) = 0) then sum(qty) filter (where amount <> 0) end as units,
      count(distinct coalesce(item_id, item_name)) filter (where amount <> 0) as items, max(item_id) as item_id, max(line_id) as line_id,
      max(order_id) as order_id, coalesce(jsonb_agg(distinct channel_id) filter (where channel_id is not null), '[]') as channels, max(memo) as memo
    from named where ${found} group by 1, 2, 3, 4 having sum(amount) <> 0 or sum(beside) <> 0`;
}

const columns = sql.raw(
  [
    ...["on_date", "rank", "what", "owner", "amount_minor", "beside_minor", "documents", "units"],
    ...["items", "item_id", "line_id", "order_id", "channels", "memo"],
  ]
    .map((name) => `k.${name}`)
    .join(", "),
);

/** The rows of a span, exactly as of now: what is kept of the days that are as they were summed, and the postings of the others. */
export function inventoryNow(
  scope: InBusiness,
  marked: SQL,
  span: Readonly<{ from: LocalDate; to: LocalDate }>,
  how: Readonly<{ isBeside?: boolean }> = {},
): SQL {
  const only = how.isBeside === true ? sql`k.beside_minor <> 0` : sql`true`;
  return sql`
    select ${columns} from app.inventory_days k
    where k.business_id = ${scope.businessId} and k.on_date >= ${span.from}::date and k.on_date <= ${span.to}::date and ${only}
      and not exists (select 1 from (${marked}) t where t.on_date = k.on_date)
    union all
    select ${columns} from (${inventoryRows(scope, { days: marked }, how)}) k where ${only}`;
}
