/**
 * Marks of days whose kept sums (sold_days, order_days, inventory_days, account_days) are not to be believed any more. The problem: a page needs the sums of a year,
 * and a sale must not wait for whoever works them out. The choice: who changes what they show adds a mark of the day in the same
 * transaction, a row of its own that nobody else writes; a job takes marks and makes the sums anew; whoever reads takes a marked day from
 * its rows (summarise-days.ts). Turned down: to keep the sums in the transaction itself, which would work out a day's share of fees again for
 * each order of it, and one row a day to be marked, on which a sale and the job would wait for each other.
 */
import { type SQL, sql } from "drizzle-orm";
import { bulkInsert, inOrder, list } from "../../db/bulk";
import { touchedDays } from "../../db/schema";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { LocalDate } from "../core/facts";
import { newId } from "../system/ids";
import { request } from "../system/outbox";

/** So long the job lets marks gather, in milliseconds: a busy shop's sales of a minute are one day to sum, not a hundred. */
const gatherMs = (): number => Number(process.env.SUMMARISE_AFTER_MS || "5000");

/** What a transaction (or a part of it that may be taken back alone) has marked already. */
const marked = new WeakMap<Tx, Set<LocalDate>>();

/**
 * Marks days, each once in a transaction, and asks for the job. Call it in the transaction that changes a sold line, its order's fees, charges or
 * refunds, or that posts, with the days of the lines and the accounting days of the postings.
 */
export async function touchDays(tx: Tx, scope: InBusiness, days: Iterable<LocalDate>): Promise<void> {
  const known = marked.get(tx) ?? new Set();
  const isFirst = known.size === 0;
  const rows: (typeof touchedDays.$inferInsert)[] = [];
  for (const onDate of days) {
    if (known.has(onDate)) continue;
    known.add(onDate);
    rows.push({ businessId: scope.businessId, onDate, id: newId() });
  }
  if (rows.length === 0) return;
  marked.set(tx, known);
  await inOrder(rows.length, [
    () => bulkInsert(tx, touchedDays, rows),
    async () => (isFirst ? request(tx, "summariseDays", { business: scope.businessId }, gatherMs()) : undefined),
  ]);
}

/** Marks the days of orders (`ids`: a list of texts), as they are now: call it before and after what may move them to another. */
export async function touchOrders(tx: Tx, scope: InBusiness, ids: SQL): Promise<void> {
  const rows = await rowsOf<{ day: string }>(
    tx,
    sql`select distinct on_date::text as day from app.orders
        where business_id = ${scope.businessId} and id = any(${ids})`,
  );
  await touchDays(
    tx,
    scope,
    rows.map((row) => row.day),
  );
}

/**
 * Marks the accounting days on which costs of these lines (sold lines, with all that names them, or lines of returns and stock documents) are
 * posted: what a day's row says of quantities and items is the lines' own, which may change while nothing is posted.
 */
export async function touchPosted(tx: Tx, scope: InBusiness, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const business = scope.businessId;
  const ids = list("text", [...new Set(lines)]);
  // A line's own document, or those of its parts: its id, U+001F and the item.
  const rows = await rowsOf<{ day: string }>(
    tx,
    sql`with lines as (
          select u.id from unnest(${ids}) as u(id)
          union
          select l.id from app.return_lines l where l.business_id = ${business} and l.sale_id = any(${ids}))
        select e.posted_on::text as day from lines l join app.journal_entries e on e.business_id = ${business} and e.document_kind = 'cost'
          and e.document_id >= l.id and e.document_id < l.id || ' '
        union
        select e.posted_on::text from app.backfills b join app.journal_entries e on e.business_id = ${business} and e.document_kind = 'backfill'
          and e.document_id = b.id
        where b.business_id = ${business} and b.sale_id = any(${ids})`,
  );
  await touchDays(
    tx,
    scope,
    rows.map((row) => row.day),
  );
}

/** The marked days of a span, each once: a query with `on_date`. */
export function markedDays(scope: InBusiness, from: LocalDate, to: LocalDate): SQL {
  return sql`select distinct on_date from app.touched_days
    where business_id = ${scope.businessId} and on_date >= ${from}::date and on_date <= ${to}::date`;
}
