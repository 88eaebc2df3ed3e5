/** What changed Inventory, as queries: the rows of its list that are kept by day, made of the journal's postings and the documents' names. */
import { type SQL, sql } from "drizzle-orm";
import type { InBusiness } from "../../db/scope";
import type { LocalDate } from "../core/facts";
import { accounts } from "../core/posting";

export const inventory = sql.raw(`'${accounts.inventory}'`);
const costs = sql.raw(`('${accounts.costOfGoodsSold}', '${accounts.shrinkage}')`);

/** Which postings: those of the days of a query with `on_date`, or of a span. */
export type InventoryDays = Readonly<{ days: SQL }> | Readonly<{ from: LocalDate; to: LocalDate }>;

/** The postings of one side of Inventory, with the sign of what they do to it. */
function side(scope: InBusiness, days: InventoryDays, account: "debit" | "credit"): SQL {
  const [own, other] = [sql.raw(`p.${account}`), sql.raw(account === "debit" ? "p.credit" : "p.debit")];
  const sign = sql.raw(account === "debit" ? "" : "-");
  const columns = sql`p.posted_on, p.entry_id, ${sign}p.amount_minor as amount, case when ${other} in ${costs} then 0 else ${sign}p.amount_minor end as beside`;
  const from = sql`from app.postings p where p.business_id = ${scope.businessId} and ${own} = ${inventory}`;
  if ("days" in days)
    return sql`select m.* from (${days.days}) d cross join lateral (select ${columns} ${from} and p.posted_on = d.on_date offset 0) m`;
  return sql`select ${columns} ${from} and p.posted_on >= ${days.from}::date and p.posted_on <= ${days.to}::date`;
}

/**
 * Rows as inventory_days has them. `isOne`: each sale by itself instead of a day's together; `holding`: words that supplier, item,
 * number, memo or document hold, in lower case.
 */
export function inventoryRows(
  scope: InBusiness,
  days: InventoryDays,
  how: Readonly<{ isOne?: boolean; holding?: string }> = {},
): SQL {
  const b = scope.businessId;
  const words = how.holding ?? "";
  const holds = (column: string) => sql`strpos(lower(coalesce(${sql.raw(column)}, '')), ${words}) > 0`;
  const found =
    words === "" ? sql`true` : sql.join(["supplier", "item_name", "number", "memo", "owner"].map(holds), sql` or `);
  return sql`
    with moved as (${side(scope, days, "debit")} union all ${side(scope, days, "credit")}
    ), documents as (
      select m.posted_on as on_date, e.document_kind as kind, e.document_id as doc, sum(m.amount) as amount, sum(m.beside) as beside, max(e.memo) as memo
      from moved m join app.journal_entries e on e.business_id = ${b} and e.id = m.entry_id
      group by 1, 2, 3 having sum(m.amount) <> 0 or sum(m.beside) <> 0
    ), named as (
      select d.on_date, d.amount, d.beside, d.memo, w.what,
        case w.what when 'sale' then ${how.isOne === true ? sql`d.doc` : sql`''`} when 'return' then coalesce(r.return_id, d.doc)
          else coalesce(s.document_id, d.doc) end as owner,
        case w.what when 'return' then 3 when 'sale' then 2 when 'supplier' then 2 when 'adjustment' then 1 else 0 end as rank,
        coalesce(o.order_id, ro.order_id) as order_id, coalesce(o.id, ro.id) as line_id, h.number, h.channel_id, p.supplier,
        coalesce(o.qty, r.qty, abs(s.qty)) as qty, coalesce(o.item_id, ro.item_id, s.item_id) as item_id,
        coalesce(i.name, o.name, ro.name) as item_name, i.decimals
      from documents d
      left join app.order_lines o on o.business_id = ${b} and d.kind = 'cost' and o.id = split_part(d.doc, chr(31), 1)
      left join app.return_lines r on r.business_id = ${b} and d.kind = 'cost' and r.id = split_part(d.doc, chr(31), 1)
      left join app.stock_lines s on s.business_id = ${b} and d.kind = 'cost' and s.id = d.doc
      left join app.backfills f on f.business_id = ${b} and d.kind = 'backfill' and f.id = d.doc
      left join app.order_lines ro on ro.business_id = ${b} and ro.id = coalesce(r.sale_id, f.sale_id)
      left join app.orders h on h.business_id = ${b} and h.id = coalesce(o.order_id, ro.order_id)
      left join app.purchases p on p.business_id = ${b} and d.kind = 'purchase' and p.id = d.doc
      left join app.items i on i.business_id = ${b} and i.id = coalesce(o.item_id, ro.item_id, s.item_id)
      cross join lateral (select case when o.id is not null then 'sale' when r.id is not null then 'return'
        when s.document_kind = 'purchase_return' then 'supplier' when s.id is not null then 'adjustment'
        when d.kind in ('purchase', 'opening', 'adjustment', 'backfill', 'return') then d.kind else 'other' end as what) w
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

/**
 * The rows of a span, exactly as of now: what is kept of the days that are as they were summed, and the postings of the others.
 * `only`: a condition on kept rows `k`.
 */
export function inventoryNow(
  scope: InBusiness,
  marked: SQL,
  span: Readonly<{ from: LocalDate; to: LocalDate }>,
  only: SQL = sql`true`,
): SQL {
  return sql`
    select ${columns} from app.inventory_days k
    where k.business_id = ${scope.businessId} and k.on_date >= ${span.from}::date and k.on_date <= ${span.to}::date and ${only}
      and not exists (select 1 from (${marked}) t where t.on_date = k.on_date)
    union all
    select ${columns} from (${inventoryRows(scope, { days: marked })}) k where ${only}`;
}
