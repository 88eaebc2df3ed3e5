/** A transfer as its page shows it: what was sent, what came of it, what is still on its way, and who did what when. */
import { sql } from "drizzle-orm";
import { reading } from "../../db/reading";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { inTransit } from "../books/batch";
import { startOfMonth } from "../core/dates";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { inPlaces, isLimited, mayAt, placesOf, require, type Scope } from "../people/access";
import { namesOf } from "../people/users";
import { onHandAt } from "../stock/location-reads";

export const transferStates = ["draft", "sent", "short", "received", "cancelled"] as const;
export type TransferState = (typeof transferStates)[number];

/** One product of a transfer, in smallest units: `qty` sent = `arrived` + `back` + `gone` + `open`. */
export type TransferLine = Readonly<{
  item: string;
  name: string;
  sku: string | null;
  decimals: number;
  qty: bigint;
  arrived: bigint;
  back: bigint;
  gone: bigint;
  open: bigint;
  /** What is at the source now; null where that is none of one's locations. */
  there: bigint | null;
}>;

/** Something that happened: `reason` is lost, stolen, … where goods went out of the books, null where they moved. */
export type TransferStep = Readonly<{
  /** Its fact's key, by which it is taken back. */
  key: string;
  kind: "sent" | "arrived" | "back" | "gone";
  reason: string | null;
  on: LocalDate;
  at: string;
  who: string | null;
  items: readonly Readonly<{ item: string; name: string; decimals: number; qty: bigint }>[];
  /** What went out of the books cost, in minor units; null where nothing did, and for who is limited to some locations. */
  costMinor: bigint | null;
}>;

export type TransferView = Readonly<{
  id: string;
  state: TransferState;
  number: string | null;
  on: LocalDate;
  note: string;
  version: number;
  from: Readonly<{ id: string; name: string }>;
  to: Readonly<{ id: string; name: string }>;
  created: Readonly<{ at: string; who: string | null }>;
  lines: readonly TransferLine[];
  steps: readonly TransferStep[];
}>;

type StepRow = Readonly<{
  key: string;
  id: string;
  kind: string;
  reason: string | null;
  to: string | null;
  on: string;
  at: string;
  user_id: string | null;
  cost: string | null;
}>;
type MovedRow = Readonly<{ key: string; item: string; name: string; decimals: number; qty: string }>;

/**
 * Refuses `not_found` for what is not there or is somebody else's; and, for who is limited to some locations, where no end of it is theirs,
 * or where it is a draft of goods that are not.
 */
export function transferView(scope: Scope, id: string): Promise<TransferView> {
  require(scope, "stock");
  const business = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const [head] = await rowsOf<
      Record<"id" | "state" | "on" | "note" | "from_id" | "from_name" | "to_id" | "to_name" | "at", string> & {
        number: string | null;
        consignment_id: string | null;
        created_by: string | null;
        version: number;
      }
    >(
      tx,
      sql`select t.id, t.state, t.number, t.on_date::text as on, t.note, t.version, t.consignment_id, t.created_by, t.created_at::text as at,
            f.id as from_id, f.name as from_name, o.id as to_id, o.name as to_name
          from app.transfers t
          join app.locations f on f.business_id = ${business} and f.id = t.from_location_id
          join app.locations o on o.business_id = ${business} and o.id = t.to_location_id
          where t.business_id = ${business} and t.id = ${id}`,
    );
    const isMoving = head !== undefined && head.state !== "draft" && head.state !== "cancelled";
    if (head === undefined || !(mayAt(scope, head.from_id) || (isMoving && mayAt(scope, head.to_id))))
      throw new Refusal("not_found", "There is no such transfer.");
    const { steps, moved } = await stepsOf(tx, scope, head.consignment_id);
    const names = await namesOf(tx, [head.created_by, ...steps.map((row) => row.user_id)]);
    const who = (user: string | null) => (user === null ? null : (names.get(user) ?? null));
    const kindOf = (row: StepRow) => stepKind(row, head);
    const lines = await linesOf(tx, scope, head.id);
    const there = mayAt(scope, head.from_id)
      ? await onHandAt(
          tx,
          scope,
          head.from_id,
          lines.map((line) => line.item),
        )
      : null;
    const sumOf = (kind: TransferStep["kind"], item: string) => {
      const keys = new Set(steps.filter((row) => kindOf(row) === kind).map((row) => row.key));
      return moved.reduce((sum, row) => (row.item === item && keys.has(row.key) ? sum + BigInt(row.qty) : sum), 0n);
    };
    return {
      id: head.id,
      state: transferStates.find((state) => state === head.state) ?? "draft",
      number: head.number,
      on: head.on,
      note: head.note,
      version: head.version,
      from: { id: head.from_id, name: head.from_name },
      to: { id: head.to_id, name: head.to_name },
      created: { at: head.at, who: who(head.created_by) },
      lines: lines.map((line) => {
        const [arrived, back, gone] = [sumOf("arrived", line.item), sumOf("back", line.item), sumOf("gone", line.item)];
        const open = head.consignment_id === null ? 0n : line.qty - arrived - back - gone;
        return { ...line, arrived, back, gone, open, there: there === null ? null : (there.get(line.item) ?? 0n) };
      }),
      steps: steps.map((row) => ({
        key: row.key,
        kind: kindOf(row),
        reason: row.reason,
        on: row.on,
        at: row.at,
        who: who(row.user_id),
        items: moved.filter((one) => one.key === row.key).map((one) => ({ ...one, qty: BigInt(one.qty) })),
        costMinor: row.kind === "adjustment" && !isLimited(scope) ? BigInt(row.cost ?? "0") : null,
      })),
    };
  });
}

function stepKind(
  row: StepRow,
  head: Readonly<{ consignment_id: string | null; from_id: string }>,
): TransferStep["kind"] {
  if (row.kind === "adjustment") return "gone";
  if (row.id === head.consignment_id) return "sent";
  return row.to === head.from_id ? "back" : "arrived";
}

async function linesOf(tx: Tx, scope: Scope, id: string) {
  const rows = await rowsOf<
    Readonly<{ item: string; name: string; sku: string | null; decimals: number; qty: string }>
  >(
    tx,
    sql`select l.item_id as item, i.name, i.sku, i.decimals, l.qty::text from app.transfer_lines l
        join app.items i on i.business_id = ${scope.businessId} and i.id = l.item_id
        where l.business_id = ${scope.businessId} and l.transfer_id = ${id} order by l.place`,
  );
  return rows.map((line) => ({ ...line, qty: BigInt(line.qty) }));
}

/** All that stands of a consignment, in the order in which it was told, and what each moved. */
async function stepsOf(
  tx: Tx,
  scope: Scope,
  consignment: string | null,
): Promise<Readonly<{ steps: readonly StepRow[]; moved: readonly MovedRow[] }>> {
  if (consignment === null) return { steps: [], moved: [] };
  const business = scope.businessId;
  const steps = await rowsOf<StepRow>(
    tx,
    sql`select d.kind || '/' || d.id as key, d.id, d.kind, d.reason, d.to_location_id as to, d.on_date::text as on, d.recorded_at::text as at, f.user_id,
          (select (-sum(m.value_minor))::text from app.movements m where m.business_id = ${business} and m.kind = 'adjustment' and m.document_id = d.id) as cost
        from app.stock_documents d join app.facts f on f.business_id = ${business} and f.id = d.kind || '/' || d.id
        where d.business_id = ${business} and d.consignment_id = ${consignment} and not d.is_undone order by d.id`,
  );
  const moved = await rowsOf<MovedRow>(
    tx,
    sql`select d.kind || '/' || d.id as key, s.item_id as item, i.name, i.decimals, abs(s.qty)::text as qty from app.stock_documents d
        join app.stock_lines s on s.business_id = ${business} and s.document_kind = d.kind and s.document_id = d.id
        join app.items i on i.business_id = ${business} and i.id = s.item_id
        where d.business_id = ${business} and d.consignment_id = ${consignment} and not d.is_undone order by d.id, s.place`,
  );
  return { steps, moved };
}

/**
 * What stands between leaving and arriving now: how many items are there, and what they are worth where places keep their own lots (across
 * the business cost follows the item and no place has a part of it: null).
 */
export type OnItsWay = Readonly<{
  transfers: number;
  short: number;
  /** null for who is limited to some locations, who is told of transfers with an end there alone. */
  items: number | null;
  valueMinor: bigint | null;
}>;

/** The place between as the text of a query: its own index is asked for by these very words. */
const between = sql.raw(`'${inTransit}'`);

export function onItsWay(scope: Scope): Promise<OnItsWay> {
  require(scope, "stock");
  const business = scope.businessId;
  return inBusiness(scope, async (tx) => {
    if (isLimited(scope)) {
      const own = placesOf(scope);
      const [row] = await rowsOf<{ transfers: number; short: number }>(
        tx,
        sql`select count(*)::int as transfers, (count(*) filter (where state = 'short'))::int as short from app.transfers
            where business_id = ${business} and state in ('sent', 'short')
              and (${inPlaces("from_location_id", own)} or ${inPlaces("to_location_id", own)})`,
      );
      return { transfers: row?.transfers ?? 0, short: row?.short ?? 0, items: null, valueMinor: null };
    }
    const [row] = await rowsOf<{ pool: string; transfers: number; short: number; items: number; value: string }>(
      tx,
      sql`select b.pool, w.items, w.value,
            (select count(*)::int from app.transfers where business_id = ${business} and state in ('sent', 'short')) as transfers,
            (select count(*)::int from app.transfers where business_id = ${business} and state = 'short') as short
          from app.businesses b,
            (select (count(*) filter (where qty <> 0))::int as items, coalesce(sum(value), 0)::text as value from (
              select sum(in_qty - out_qty) as qty, sum(value_minor) as value from app.item_months
              where business_id = ${business} and location_id = ${between} group by item_id) i) w
          where b.business_id = ${business}`,
    );
    return {
      transfers: row?.transfers ?? 0,
      short: row?.short ?? 0,
      items: row?.items ?? 0,
      valueMinor: row?.pool === "location" ? BigInt(row.value) : null,
    };
  });
}

/**
 * What was in transit at the end of a day, for the balance sheet: how many items, and their part of Inventory where places keep their own
 * lots (null across the business). The months before, and the rows of the day's own month, which lead back to documents of transfers.
 */
export function inTransitOn(
  scope: Scope,
  on: LocalDate,
): Promise<Readonly<{ items: number; valueMinor: bigint | null }>> {
  require(scope, "read");
  const business = scope.businessId;
  const month = startOfMonth(on);
  return reading(scope, async (tx) => {
    const [row] = await rowsOf<{ pool: string; items: number; value: string }>(
      tx,
      sql`select b.pool, w.items, w.value from app.businesses b,
            (select (count(*) filter (where qty <> 0))::int as items, coalesce(sum(value), 0)::text as value from (
              select item_id, sum(qty) as qty, sum(value) as value from (
                select item_id, in_qty - out_qty as qty, value_minor as value from app.item_months
                where business_id = ${business} and location_id = ${between} and month < ${month}::date
                union all
                select m.item_id, m.qty, m.value_minor from app.stock_documents d
                join app.movements m on m.business_id = ${business} and m.kind = d.kind and m.document_id = d.id
                  and m.location_id = ${between} and m.on_date between ${month}::date and ${on}::date
                where d.business_id = ${business} and d.on_date <= ${on}::date and coalesce(d.arrives_on, d.on_date) >= ${month}::date
                  and (d.arrives_on is not null or d.consignment_id is not null) and not d.is_undone) r
              group by item_id) i) w
          where b.business_id = ${business}`,
    );
    return { items: row?.items ?? 0, valueMinor: row?.pool === "location" ? BigInt(row.value) : null };
  });
}
