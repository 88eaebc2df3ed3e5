/** What a sold line and its returns move: their item, or each part of their bundle. A line that comes to be another item moves anew. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { rowsOf } from "../../db/scope";
import type { Batch } from "../books/batch";
import { addMovements, type NewMovement, removeMovements } from "../books/movements";
import { storable } from "../core/bundles";
import type { Instant, LocalDate } from "../core/facts";
import { type Leg, legsOf, partsOf } from "./bundles";

export type LineSold = Readonly<{
  id: string;
  order: string;
  location: string;
  on: LocalDate;
  at: Instant | null;
  qty: bigint;
}>;

/** A sold line's movements out. */
export function saleMovements(line: LineSold, legs: readonly Leg[]): NewMovement[] {
  const { id, order, location, on, at, qty } = line;
  return legs.map(({ leg, group, times }) => ({
    id,
    leg,
    group,
    location,
    kind: "sale",
    document: order,
    on,
    phase: 2,
    at,
    qty: -storable(qty * times, id),
    value: 0n,
  }));
}

export type LineBack = Readonly<{
  id: string;
  document: string;
  on: LocalDate;
  location: string;
  qty: bigint;
  restock: boolean;
  writeOff: boolean;
}>;

/** The movements of a returned line: units and cost (restocked), cost alone (written off), or none. A bundle comes back whole. */
export function returnMovements(line: LineBack, legs: readonly Leg[]): NewMovement[] {
  if (!line.restock && !line.writeOff) return [];
  const { id, document, on, location, qty, restock } = line;
  return legs.map(({ leg, group, times }) => ({
    id,
    leg,
    group,
    location,
    kind: restock ? "sale_return" : "write_off",
    document,
    on,
    phase: 3,
    at: null,
    qty: restock ? qty * times : 0n,
    value: 0n,
  }));
}

/**
 * Takes away what these sold lines and their returns move, and makes it anew from what they are now: for lines that were a bundle or
 * have become one. A line that is nothing moves only where something refers to it.
 */
export async function remakeSales(batch: Batch, sales: readonly string[]): Promise<void> {
  if (sales.length === 0) return;
  const business = batch.scope.businessId;
  const ids = list("text", sales);
  const lines = await rowsOf<{
    id: string;
    order_id: string;
    item_id: string | null;
    location_id: string;
    on_date: string;
    at: string | null;
    qty: string;
    has_backfill: boolean;
  }>(
    batch.tx,
    sql`select o.id, o.order_id, o.item_id, o.location_id, o.on_date::text, (extract(epoch from o."at") * 1000000)::bigint::text as at, o.qty::text,
          exists (select 1 from app.backfills b where b.business_id = ${business} and b.sale_id = o.id and not b.is_undone) as has_backfill
        from app.order_lines o where o.business_id = ${business} and o.id = any(${ids}) and not o.is_undone`,
  );
  const backs = await rowsOf<{
    id: string;
    return_id: string;
    sale_id: string;
    on_date: string;
    location_id: string;
    qty: string;
    restock: boolean;
    write_off: boolean;
  }>(
    batch.tx,
    sql`select l.id, l.return_id, l.sale_id, h.on_date::text, l.location_id, l.qty::text, l.restock, l.write_off from app.return_lines l
        join app.returns h on h.business_id = ${business} and h.id = l.return_id and not h.is_undone
        where l.business_id = ${business} and l.sale_id = any(${ids})`,
  );
  await removeMovements(batch, [...sales, ...backs.map((row) => row.id)]);
  const parts = await partsOf(
    batch,
    lines.flatMap((line) => (line.item_id === null ? [] : [line.item_id])),
  );
  const legs = new Map(lines.map((line) => [line.id, legsOf({ id: line.id, item: line.item_id }, parts)]));
  const returned = backs.flatMap((row) =>
    returnMovements(
      {
        id: row.id,
        document: row.return_id,
        on: row.on_date,
        location: row.location_id,
        qty: BigInt(row.qty),
        restock: row.restock,
        writeOff: row.write_off,
      },
      legs.get(row.sale_id) ?? [],
    ),
  );
  const referred = new Set(backs.map((row) => row.sale_id));
  const sold = lines.filter((line) => line.item_id !== null || line.has_backfill || referred.has(line.id));
  await addMovements(batch, [
    ...sold.flatMap((line) =>
      saleMovements(
        {
          id: line.id,
          order: line.order_id,
          location: line.location_id,
          on: line.on_date,
          at: line.at === null ? null : BigInt(line.at),
          qty: BigInt(line.qty),
        },
        legs.get(line.id) ?? [],
      ),
    ),
    ...returned,
  ]);
}
