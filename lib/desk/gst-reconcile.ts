/**
 * Stock against invoices for a period: what the item ledger has of sold and returned lines, and what issued documents have of the same
 * lines. Both are read by their days, and then by the lines that either names, so that a cause in another period is found and named.
 */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { reading } from "../../db/reading";
import { rowsOf, type Tx } from "../../db/scope";
import type { LocalDate } from "../core/facts";
import { byHsn, type HsnReconciled, type Moved, type Reconciled, type Reported, reconcile } from "../core/gst";
import type { Days } from "../core/reports/periods";
import { require, type Scope } from "../people/access";
import { todayOf } from "../system/clock";
import { requireGst } from "./gst-settings";

/** `id` empty: sold lines that are no product yet, which have no stock. */
export type NamedItem = Readonly<{ id: string; name: string; sku: string | null; decimals: number }>;
export type StockAgainstInvoices = Readonly<{
  rows: readonly (Reconciled & Readonly<{ named: NamedItem }>)[];
  codes: readonly HsnReconciled[];
}>;

/** The period's items: those with a difference first, then by name. */
export async function stockAgainstInvoices(scope: Scope, period: Days): Promise<StockAgainstInvoices> {
  require(scope, "read");
  requireGst(scope);
  return reading(scope, async (tx) => {
    const movedNow = await movedIn(tx, scope, period);
    const reportedNow = await reportedOn(tx, scope, period);
    const lines = [...new Set([...movedNow, ...reportedNow].map(({ line }) => line))];
    const moved = await movedOf(tx, scope, lines);
    const reported = await explode(tx, scope, await reportedOf(tx, scope, lines));
    const items = await itemsOf(
      tx,
      scope,
      [...moved, ...reported].map(({ item }) => item),
    );
    const decimalsOf = (id: string) => items.get(id)?.decimals ?? 0;
    const rows = reconcile(period, moved, reported, (id) => items.get(id)?.hsn ?? "").map((row) => ({
      ...row,
      named: items.get(row.item) ?? { id: row.item, name: "Not a product yet", sku: null, decimals: 0 },
    }));
    const rank = (row: Reconciled) => (row.explained.length > 0 ? 0 : 1);
    return {
      rows: [...rows].sort((a, b) => rank(a) - rank(b) || (a.named.name < b.named.name ? -1 : 1)),
      codes: byHsn(rows, decimalsOf),
    };
  });
}

type MovedRow = { side: "out" | "back"; line: string; item: string; on: string; qty: string; number: string };
const movedOfRow = (row: MovedRow): Moved => ({ ...row, qty: BigInt(row.qty) });

/** The lines that moved in a period: sold ones by their order's day, returned ones by their return's. */
async function movedIn(tx: Tx, scope: Scope, { from, to }: Days): Promise<readonly Readonly<{ line: string }>[]> {
  const b = scope.businessId;
  return rowsOf<{ line: string }>(
    tx,
    sql`select l.id as line from app.order_lines l where l.business_id = ${b} and l.on_date between ${from}::date and ${to}::date and not l.is_undone
        union all
        select r.id from app.returns h join app.return_lines r on r.business_id = ${b} and r.return_id = h.id
        where h.business_id = ${b} and h.on_date between ${from}::date and ${to}::date and not h.is_undone`,
  );
}

/** What lines moved, on any day: each item of a line in one row. */
async function movedOf(tx: Tx, scope: Scope, lines: readonly string[]): Promise<readonly Moved[]> {
  const b = scope.businessId;
  const rows = await rowsOf<MovedRow>(
    tx,
    sql`select case when m.kind = 'sale' then 'out' else 'back' end as side, m.id as line, m.item_id as item, m.on_date::text as on,
          abs(sum(m.qty))::text as qty, min(coalesce(h.number, m.document_id)) as number
        from app.movements m
        left join app.order_lines l on l.business_id = ${b} and l.id = m.id
        left join app.return_lines r on r.business_id = ${b} and r.id = m.id
        left join app.order_lines s on s.business_id = ${b} and s.id = r.sale_id
        left join app.orders h on h.business_id = ${b} and h.id = coalesce(l.order_id, s.order_id)
        where m.business_id = ${b} and m.id = any(${list("text", lines)}) and m.kind in ('sale', 'sale_return', 'loose_return')
        group by 1, 2, 3, 4 having sum(m.qty) <> 0`,
  );
  return rows.map(movedOfRow);
}

type ReportedRow = Record<"line" | "item" | "hsn" | "on" | "qty" | "id" | "number" | "kind", string> &
  Readonly<{ is_cancelled: boolean }>;

/** The lines that documents of a period report. */
async function reportedOn(tx: Tx, scope: Scope, { from, to }: Days): Promise<readonly Readonly<{ line: string }>[]> {
  const b = scope.businessId;
  return rowsOf<{ line: string }>(
    tx,
    sql`select l.source as line from app.issued_taxes t join app.issued_tax_lines l on l.business_id = ${b} and l.document_id = t.document_id
        where t.business_id = ${b} and t.on_date between ${from}::date and ${to}::date and l.source is not null`,
  );
}

/** What documents of any day report of lines. */
async function reportedOf(tx: Tx, scope: Scope, lines: readonly string[]): Promise<readonly Reported[]> {
  const b = scope.businessId;
  const rows = await rowsOf<ReportedRow>(
    tx,
    sql`select l.source as line, coalesce(l.item_id, '') as item, l.hsn, t.on_date::text as on, l.qty::text as qty, d.id::text as id, d.number,
          d.kind, c.document_id is not null as is_cancelled
        from app.issued_tax_lines l
        join app.issued_taxes t on t.business_id = ${b} and t.document_id = l.document_id
        join app.issued_documents d on d.business_id = ${b} and d.id = l.document_id
        left join app.issued_cancellations c on c.business_id = ${b} and c.document_id = l.document_id
        where l.business_id = ${b} and l.source = any(${list("text", lines)}) order by t.on_date, d.number, l.place`,
  );
  return rows.map(({ kind, is_cancelled, ...row }) => ({
    ...row,
    side: kind === "credit_note" ? "back" : "out",
    qty: BigInt(row.qty),
    isCancelled: is_cancelled,
  }));
}

/** A bundle's line in its parts, as they are now: those are what its sales move (costing.md rule 11). */
async function explode(tx: Tx, scope: Scope, reported: readonly Reported[]): Promise<readonly Reported[]> {
  const b = scope.businessId;
  const parts = await rowsOf<{ item: string; component: string; qty: string }>(
    tx,
    sql`select item_id as item, component_id as component, qty::text as qty from app.item_components
        where business_id = ${b} and item_id = any(${list("text", [...new Set(reported.map(({ item }) => item))])}) order by item_id, place`,
  );
  const of = new Map<string, { component: string; qty: bigint }[]>();
  for (const { item, component, qty } of parts)
    of.set(item, [...(of.get(item) ?? []), { component, qty: BigInt(qty) }]);
  return reported.flatMap((one): readonly Reported[] => {
    const inner = of.get(one.item);
    if (inner === undefined) return [one];
    return inner.map(({ component, qty }) => ({ ...one, item: component, qty: one.qty * qty }));
  });
}

/** Names of items, with the code that each has today. */
async function itemsOf(
  tx: Tx,
  scope: Scope,
  ids: readonly string[],
): Promise<ReadonlyMap<string, NamedItem & Readonly<{ hsn: string }>>> {
  const b = scope.businessId;
  const today: LocalDate = todayOf(scope.timeZone);
  const rows = await rowsOf<{ id: string; name: string; sku: string | null; decimals: number; hsn: string }>(
    tx,
    sql`select i.id, i.name, i.sku, i.decimals, coalesce((select t.hsn from app.item_taxes t where t.business_id = ${b} and t.item_id = i.id
          and t.from_date <= ${today}::date order by t.from_date desc limit 1), '') as hsn
        from app.items i where i.business_id = ${b} and i.id = any(${list("text", [...new Set(ids)])})`,
  );
  return new Map(rows.map((row) => [row.id, row]));
}
