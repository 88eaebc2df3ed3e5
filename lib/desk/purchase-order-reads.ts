/** Orders to suppliers as their pages show them: the list, and one of them with what was received. */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { reading } from "../../db/reading";
import { inBusiness, rowsOf } from "../../db/scope";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { require, type Scope } from "../people/access";
import { namesOf } from "../people/users";
import { type Cursor, turned } from "../sales/keyset";
import { like } from "../sales/sold-reads";
import { orderLines } from "../stock/on-order";
import { purchaseNumber } from "../stock/purchase-reads";
import { todayOf } from "../system/clock";
import { type OrderState, orderStates } from "./purchase-orders";

/** How an order stands: `part` and `received` follow from the purchases that were made of it, `late` from its expected day. */
export const orderStandings = ["draft", "ordered", "part", "received", "closed", "cancelled"] as const;
export type OrderStanding = (typeof orderStandings)[number];

export type OrderFilter = Readonly<{
  /** `open`: on order, in part or whole. */
  state?: OrderState | "open" | "late" | undefined;
  location?: string | undefined;
  /** Words of the number, the supplier, the note, or the products. */
  words?: string | undefined;
}>;
export type OrderRow = Readonly<{
  id: string;
  number: string | null;
  standing: OrderStanding;
  supplier: string;
  location: string;
  on: LocalDate;
  expectedOn: LocalDate | null;
  /** It was expected before today, and not all of it is here. */
  isLate: boolean;
  /** The first product, and how many there are. */
  item: string;
  items: number;
  /** What the lines are to cost, as far as it is known. */
  amountMinor: bigint;
}>;
export type OrderPage = Readonly<{
  rows: readonly OrderRow[];
  after: Cursor | null;
  before: Cursor | null;
  isEmpty: boolean;
}>;

const pageSize = 50;

const summed = (
  b: string,
): SQL => sql`left join lateral (select count(*)::int as items, coalesce(bool_or(x.received > 0), false) as begun,
    coalesce(bool_and(x.received >= x.ordered), false) as done from (${orderLines(b, sql`o.id = d.id`)}) x) s on true`;

function wanted(scope: Scope, { state, location, words }: OrderFilter): SQL {
  const b = scope.businessId;
  const parts: SQL[] = [sql`d.business_id = ${b}`];
  if (state === "open" || state === "late") parts.push(sql`d.state = 'ordered' and not s.done`);
  else if (state !== undefined) parts.push(sql`d.state = ${state}`);
  if (state === "late") parts.push(sql`d.expected_on < ${todayOf(scope.timeZone)}::date`);
  if (location !== undefined) parts.push(sql`d.location_id = ${location}`);
  if (words !== undefined && words !== "") {
    const text = like(words);
    parts.push(sql`(d.number ilike ${text} or d.supplier ilike ${text} or d.note ilike ${text} or exists (select 1 from app.purchase_order_lines l
      join app.items i on i.business_id = ${b} and i.id = l.item_id
      where l.business_id = ${b} and l.order_id = d.id and (i.name ilike ${text} or i.sku ilike ${text})))`);
  }
  return sql.join(parts, sql` and `);
}

/** One page of orders, the latest first. */
export function orderRows(
  scope: Scope,
  filter: OrderFilter = {},
  page: Readonly<{ after?: Cursor | null; before?: Cursor | null; limit?: number }> = {},
): Promise<OrderPage> {
  require(scope, "read");
  const b = scope.businessId;
  return reading(scope, async (tx) => {
    const found = await turned(page, pageSize, (way) =>
      rowsOf<{ key: string; id: string }>(
        tx,
        sql`select d.on_date::text as key, d.id from app.purchase_orders d ${summed(b)} where ${wanted(scope, filter)}
            ${way.from(sql`d.on_date`, sql`d.id`, "date")} order by d.on_date ${way.direction}, d.id ${way.direction} limit ${way.limit}`,
      ),
    );
    const ids = found.rows.map(({ id }) => id);
    const details = await rowsOf<Record<string, string | null> & { items: number; begun: boolean; done: boolean }>(
      tx,
      sql`select d.id, d.number, d.state, d.supplier, l.name as location, d.on_date::text as on, d.expected_on::text as expected, s.items, s.begun, s.done,
            f.item, f.amount::text as amount
          from app.purchase_orders d ${summed(b)}
          join app.locations l on l.business_id = ${b} and l.id = d.location_id
          left join lateral (select (array_agg(i.name order by p.place))[1] as item, coalesce(sum(p.amount_minor), 0) as amount from app.purchase_order_lines p
            join app.items i on i.business_id = ${b} and i.id = p.item_id where p.business_id = ${b} and p.order_id = d.id) f on true
          where d.business_id = ${b} and d.id = any(${list("text", ids)})`,
    );
    const [any] = await rowsOf<{ any: boolean }>(
      tx,
      sql`select exists (select 1 from app.purchase_orders where business_id = ${b}) as any`,
    );
    const today = todayOf(scope.timeZone);
    const known = new Map(
      details.map((row): readonly [string, OrderRow] => {
        const standing = standingOf(row.state ?? "", row);
        const expectedOn = row.expected ?? null;
        return [
          row.id ?? "",
          {
            id: row.id ?? "",
            number: row.number ?? null,
            standing,
            supplier: row.supplier ?? "",
            location: row.location ?? "",
            on: row.on ?? "",
            expectedOn,
            isLate: expectedOn !== null && expectedOn < today && (standing === "ordered" || standing === "part"),
            item: row.item ?? "",
            items: row.items,
            amountMinor: BigInt(row.amount ?? "0"),
          },
        ];
      }),
    );
    return { ...found, rows: found.rows.flatMap(({ id }) => known.get(id) ?? []), isEmpty: any?.any !== true };
  });
}

function standingOf(state: string, of: Readonly<{ begun: boolean; done: boolean }>): OrderStanding {
  const own = orderStates.find((one) => one === state) ?? "draft";
  if (own !== "ordered") return own;
  return of.done ? "received" : of.begun ? "part" : "ordered";
}

export type OrderLine = Readonly<{
  item: string;
  name: string;
  sku: string | null;
  decimals: number;
  ordered: bigint;
  received: bigint;
  /** What the line is to cost in all; null: nobody said. */
  amountMinor: bigint | null;
}>;
export type OrderView = Readonly<{
  id: string;
  state: OrderState;
  standing: OrderStanding;
  number: string | null;
  supplier: string;
  location: Readonly<{ id: string; name: string }>;
  on: LocalDate;
  expectedOn: LocalDate | null;
  isLate: boolean;
  note: string;
  version: number;
  created: Readonly<{ at: string; who: string | null }>;
  lines: readonly OrderLine[];
  /** The purchases that were made of it and stand. */
  purchases: readonly Readonly<{ id: string; number: string; on: LocalDate; amountMinor: bigint; lines: number }>[];
}>;

/** One order. Refuses `not_found` for what is not there or is somebody else's. */
export function orderView(scope: Scope, id: string): Promise<OrderView> {
  require(scope, "read");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const [head] = await rowsOf<Record<string, string | null> & { version: number }>(
      tx,
      sql`select d.id, d.state, d.number, d.supplier, d.location_id as place, l.name as location, d.on_date::text as on, d.expected_on::text as expected,
            d.note, d.version, d.created_at::text as at, d.created_by as who
          from app.purchase_orders d join app.locations l on l.business_id = ${b} and l.id = d.location_id
          where d.business_id = ${b} and d.id = ${id}`,
    );
    if (head === undefined) throw new Refusal("not_found", "There is no such order.");
    const rows = await rowsOf<Record<string, string | null> & { decimals: number }>(
      tx,
      sql`select x.item_id as item, i.name, i.sku, i.decimals, x.ordered::text, x.received::text, p.amount_minor::text as amount
          from (${orderLines(b, sql`o.id = ${id}`)}) x
          join app.items i on i.business_id = ${b} and i.id = x.item_id
          join app.purchase_order_lines p on p.business_id = ${b} and p.order_id = x.order_id and p.place = x.place order by x.place`,
    );
    const purchases = await rowsOf<{ id: string; on: string; amount: string; lines: number }>(
      tx,
      sql`select p.id, p.on_date::text as on, p.amount_minor::text as amount, count(*)::int as lines
          from app.purchase_order_receipts r join app.purchases p on p.business_id = ${b} and p.id = r.purchase_id and not p.is_undone
          where r.business_id = ${b} and r.order_id = ${id} group by p.id, p.on_date, p.amount_minor order by p.on_date, p.id`,
    );
    const who =
      head.who === null || head.who === undefined ? null : ((await namesOf(tx, [head.who])).get(head.who) ?? null);
    const lines = rows.map((row) => ({
      item: row.item ?? "",
      name: row.name ?? "",
      sku: row.sku ?? null,
      decimals: row.decimals,
      ordered: BigInt(row.ordered ?? "0"),
      received: BigInt(row.received ?? "0"),
      amountMinor: row.amount === null || row.amount === undefined ? null : BigInt(row.amount),
    }));
    const standing = standingOf(head.state ?? "", {
      begun: lines.some(({ received }) => received > 0n),
      done: lines.every(({ ordered, received }) => received >= ordered),
    });
    const expectedOn = head.expected ?? null;
    return {
      id,
      state: orderStates.find((one) => one === head.state) ?? "draft",
      standing,
      number: head.number ?? null,
      supplier: head.supplier ?? "",
      location: { id: head.place ?? "", name: head.location ?? "" },
      on: head.on ?? "",
      expectedOn,
      isLate:
        expectedOn !== null && expectedOn < todayOf(scope.timeZone) && (standing === "ordered" || standing === "part"),
      note: head.note ?? "",
      version: head.version,
      created: { at: head.at ?? "", who },
      lines,
      purchases: purchases.map((row) => ({
        id: row.id,
        number: purchaseNumber(row.id),
        on: row.on,
        amountMinor: BigInt(row.amount),
        lines: row.lines,
      })),
    };
  });
}
