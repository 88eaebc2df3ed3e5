/** Takes the effects of facts away: their movements, their place in sums, their matches. What they posted is offset by the caller. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { rowsOf } from "../../db/scope";
import type { Batch } from "../books/batch";
import { regroupItems } from "../books/groups";
import type { DocumentKey } from "../books/ledger";
import { markDirty } from "../books/marks";
import { removeMovements } from "../books/movements";
import { touchOrders, touchPosted } from "../books/touched-days";
import { unreachable } from "../core/errors";
import type { UndoableKind } from "../core/facts";
import { markLots } from "../stock/lines";
import { rematch, rematchItems } from "../stock/rematching";
import { clearReturns, countCharges, place } from "./record";

/** A fact to be undone: its id within its kind (a pin's is `sale␟lot`), and its place in what the caller was given. */
export type Undone = Readonly<{ id: string; index: number }>;

/**
 * Undoes facts of one kind together, since a thousand in one statement cost little more than one. Gives the documents for which
 * nothing is wanted any more.
 */
export async function undoKind(
  batch: Batch,
  kind: UndoableKind,
  facts: readonly Undone[],
): Promise<readonly DocumentKey[]> {
  const { tx, scope } = batch;
  const business = scope.businessId;
  const all = facts.map((one) => one.id);
  const ids = list("text", all);
  const documents = all.map((id) => ({ kind, id }));
  const byId = new Map(facts.map((one) => [one.id, one]));
  const cause = (line: string) => byId.get(line) ?? facts[0] ?? { index: 0 };
  switch (kind) {
    case "item":
      await tx.execute(sql`update app.items set is_undone = true where business_id = ${business} and id = any(${ids})`);
      await rematchItems(batch, all, cause);
      return [];
    case "purchase": {
      await tx.execute(
        sql`update app.purchases set is_undone = true where business_id = ${business} and id = any(${ids})`,
      );
      await removeMovements(
        batch,
        await idsOf(
          batch,
          sql`select id from app.purchase_lines where business_id = ${business} and purchase_id = any(${ids})`,
        ),
      );
      return documents;
    }
    case "opening":
    case "adjustment":
    case "transfer":
    case "assembly":
    case "purchase_return": {
      await tx.execute(
        sql`update app.stock_documents set is_undone = true where business_id = ${business} and kind = ${kind} and id = any(${ids})`,
      );
      const lines = await rowsOf<{ id: string; item_id: string; purchase_line_id: string | null }>(
        tx,
        sql`select id, item_id, purchase_line_id from app.stock_lines where business_id = ${business} and document_kind = ${kind} and document_id = any(${ids})`,
      );
      await removeMovements(
        batch,
        lines.map((row) => row.id),
      );
      await markLots(
        batch,
        lines.flatMap((row) => (row.purchase_line_id === null ? [] : [row.purchase_line_id])),
      );
      if (kind === "assembly")
        await regroupItems(
          tx,
          scope,
          lines.map((row) => row.item_id),
        );
      return documents;
    }
    case "order": {
      const lines = await rowsOf<{ id: string; listing_key: string | null }>(
        tx,
        sql`select id, listing_key from app.order_lines where business_id = ${business} and order_id = any(${ids}) and not is_undone`,
      );
      await touchOrders(tx, scope, ids);
      await touchPosted(
        tx,
        scope,
        lines.map((row) => row.id),
      );
      await tx.execute(
        sql`update app.orders set is_undone = true where business_id = ${business} and id = any(${ids})`,
      );
      await tx.execute(
        sql`update app.order_lines set is_undone = true, item_id = null, matched_by = null, short_qty = 0, cost_minor = 0, cost_back_minor = 0
            where business_id = ${business} and order_id = any(${ids})`,
      );
      await removeMovements(
        batch,
        lines.map((row) => row.id),
      );
      // An order's line may have decided what its listing is.
      await rematch(
        batch,
        { lines: [], listings: lines.flatMap((row) => (row.listing_key === null ? [] : [row.listing_key])) },
        cause,
      );
      return documents;
    }
    case "return": {
      await clearReturns(batch, all);
      const rows = await rowsOf<{ order_id: string | null }>(
        tx,
        sql`update app.returns set is_undone = true where business_id = ${business} and id = any(${ids}) returning order_id`,
      );
      await countCharges(batch, ordersOf(rows));
      return documents;
    }
    case "placement":
      for (const id of all) await unplace(batch, id);
      return [];
    case "charge": {
      const rows = await rowsOf<{ order_id: string | null }>(
        tx,
        sql`update app.charges set is_undone = true where business_id = ${business} and id = any(${ids}) returning order_id`,
      );
      await countCharges(batch, ordersOf(rows));
      return documents;
    }
    case "payout":
      await tx.execute(
        sql`update app.payouts set is_undone = true where business_id = ${business} and id = any(${ids})`,
      );
      return documents;
    case "balance_row":
      await tx.execute(
        sql`update app.balance_rows set is_undone = true where business_id = ${business} and id = any(${ids})`,
      );
      return [];
    case "pin": {
      const pins = all.map((id) => id.split("\u001f")).map(([sale = "", lot = ""]) => ({ sale, lot }));
      const sales = pins.map((pin) => pin.sale);
      const lots = pins.map((pin) => pin.lot);
      await tx.execute(
        sql`delete from app.pins p using unnest(${list("text", sales)}, ${list("text", lots)}) as u(sale, lot)
            where p.business_id = ${business} and p.sale_id = u.sale and p.lot_id = u.lot`,
      );
      await markSales(batch, sales);
      await markLots(batch, lots);
      await rematch(batch, { lines: sales, listings: [] }, (line) => facts[sales.indexOf(line)] ?? cause(line));
      return [];
    }
    case "backfill": {
      const rows = await rowsOf<{ sale_id: string }>(
        tx,
        sql`update app.backfills set is_undone = true where business_id = ${business} and id = any(${ids}) returning sale_id`,
      );
      await markSales(
        batch,
        rows.map((row) => row.sale_id),
      );
      await removeMovements(batch, all);
      return documents;
    }
    case "match": {
      await tx.execute(sql`delete from app.matches where business_id = ${business} and sale_id = any(${ids})`);
      await rematch(batch, { lines: all, listings: [] }, cause);
      return [];
    }
    default:
      return unreachable(kind);
  }
}

const ordersOf = (rows: readonly Readonly<{ order_id: string | null }>[]): readonly string[] =>
  rows.flatMap((row) => (row.order_id === null ? [] : [row.order_id]));

/** A returned line waits to be placed again. */
async function unplace(batch: Batch, id: string): Promise<void> {
  const business = batch.scope.businessId;
  const [row] = await rowsOf<{
    return_id: string;
    sale_id: string;
    qty: string;
    location_id: string;
    on_date: string;
  }>(
    batch.tx,
    sql`select l.return_id, l.sale_id, l.qty::text, l.location_id, r.on_date::text from app.return_lines l
        join app.returns r on r.business_id = ${business} and r.id = l.return_id where l.business_id = ${business} and l.id = ${id}`,
  );
  if (row === undefined) return;
  const nowhere = { restock: false, writeOff: false };
  const qty = BigInt(row.qty);
  await place(batch, id, row.return_id, row.sale_id, qty, row.on_date, row.location_id, nowhere, false);
}

async function idsOf(batch: Batch, query: ReturnType<typeof sql>): Promise<string[]> {
  return (await rowsOf<{ id: string }>(batch.tx, query)).map((row) => row.id);
}

/** Marks sold lines' groups from their days: what was chosen for them is gone. */
async function markSales(batch: Batch, sales: readonly string[]): Promise<void> {
  const rows = await rowsOf<{ item_id: string; on_date: string }>(
    batch.tx,
    sql`select item_id, on_date::text from app.movements where business_id = ${batch.scope.businessId} and id = any(${list("text", sales)})`,
  );
  await markDirty(
    batch.tx,
    batch.scope,
    rows.map((row) => ({ group: row.item_id, since: row.on_date })),
  );
}
