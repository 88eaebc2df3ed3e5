/** Takes the effects of one fact away: its movements, its place in sums, its matches. What it posted is offset by the caller. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { rowsOf } from "../../db/scope";
import type { Batch } from "../books/batch";
import { regroupItems } from "../books/groups";
import type { DocumentKey } from "../books/ledger";
import { markDirty } from "../books/marks";
import { removeMovements } from "../books/movements";
import { unreachable } from "../core/errors";
import type { UndoableKind } from "../core/facts";
import { markLots } from "../stock/lines";
import { rematch, rematchItems } from "../stock/rematching";
import { clearReturns, countCharges, place } from "./record";

/** Undoes the fact of this kind and id (a pin's is `sale␟lot`). Gives the documents for which nothing is wanted any more. */
export async function undoFact(
  batch: Batch,
  kind: UndoableKind,
  id: string,
  index: number,
): Promise<readonly DocumentKey[]> {
  const { tx, scope } = batch;
  const business = scope.businessId;
  const cause = () => ({ index });
  switch (kind) {
    case "item":
      await tx.execute(sql`update app.items set is_undone = true where business_id = ${business} and id = ${id}`);
      await rematchItems(batch, [id], cause);
      return [];
    case "purchase": {
      await tx.execute(sql`update app.purchases set is_undone = true where business_id = ${business} and id = ${id}`);
      await removeMovements(
        batch,
        await idsOf(
          batch,
          sql`select id from app.purchase_lines where business_id = ${business} and purchase_id = ${id}`,
        ),
      );
      return [{ kind, id }];
    }
    case "opening":
    case "adjustment":
    case "transfer":
    case "assembly":
    case "purchase_return": {
      await tx.execute(
        sql`update app.stock_documents set is_undone = true where business_id = ${business} and kind = ${kind} and id = ${id}`,
      );
      const lines = await rowsOf<{ id: string; item_id: string; purchase_line_id: string | null }>(
        tx,
        sql`select id, item_id, purchase_line_id from app.stock_lines where business_id = ${business} and document_kind = ${kind} and document_id = ${id}`,
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
      return [{ kind, id }];
    }
    case "order": {
      const lines = await rowsOf<{ id: string; listing_key: string | null }>(
        tx,
        sql`select id, listing_key from app.order_lines where business_id = ${business} and order_id = ${id} and not is_undone`,
      );
      await tx.execute(sql`update app.orders set is_undone = true where business_id = ${business} and id = ${id}`);
      await tx.execute(
        sql`update app.order_lines set is_undone = true, item_id = null, matched_by = null, short_qty = 0, cost_minor = 0, cost_back_minor = 0 where business_id = ${business} and order_id = ${id}`,
      );
      await removeMovements(
        batch,
        lines.map((row) => row.id),
      );
      // The order's line may have decided what its listing is.
      await rematch(
        batch,
        { lines: [], listings: lines.flatMap((row) => (row.listing_key === null ? [] : [row.listing_key])) },
        cause,
      );
      return [{ kind, id }];
    }
    case "return": {
      const [row] = await rowsOf<{ order_id: string | null }>(
        tx,
        sql`select order_id from app.returns where business_id = ${business} and id = ${id}`,
      );
      await clearReturns(batch, [id]);
      await tx.execute(sql`update app.returns set is_undone = true where business_id = ${business} and id = ${id}`);
      if (row?.order_id != null) await countCharges(batch, [row.order_id]);
      return [{ kind, id }];
    }
    case "placement": {
      const [row] = await rowsOf<{
        return_id: string;
        sale_id: string;
        qty: string;
        location_id: string;
        on_date: string;
      }>(
        tx,
        sql`select l.return_id, l.sale_id, l.qty::text, l.location_id, r.on_date::text from app.return_lines l
            join app.returns r on r.business_id = ${business} and r.id = l.return_id where l.business_id = ${business} and l.id = ${id}`,
      );
      if (row !== undefined)
        await place(
          batch,
          id,
          row.return_id,
          row.sale_id,
          BigInt(row.qty),
          row.on_date,
          row.location_id,
          { restock: false, writeOff: false },
          false,
        );
      return [];
    }
    case "charge": {
      const [row] = await rowsOf<{ order_id: string | null }>(
        tx,
        sql`update app.charges set is_undone = true where business_id = ${business} and id = ${id} returning order_id`,
      );
      if (row?.order_id != null) await countCharges(batch, [row.order_id]);
      return [{ kind, id }];
    }
    case "payout":
      await tx.execute(sql`update app.payouts set is_undone = true where business_id = ${business} and id = ${id}`);
      return [{ kind, id }];
    case "balance_row":
      await tx.execute(
        sql`update app.balance_rows set is_undone = true where business_id = ${business} and id = ${id}`,
      );
      return [];
    case "pin": {
      const [sale = "", lot = ""] = id.split("\u001f");
      await tx.execute(
        sql`delete from app.pins where business_id = ${business} and sale_id = ${sale} and lot_id = ${lot}`,
      );
      await markSale(batch, sale);
      await markLots(batch, [lot]);
      await rematch(batch, { lines: [sale], listings: [] }, cause);
      return [];
    }
    case "backfill": {
      const [row] = await rowsOf<{ sale_id: string }>(
        tx,
        sql`update app.backfills set is_undone = true where business_id = ${business} and id = ${id} returning sale_id`,
      );
      if (row !== undefined) await markSale(batch, row.sale_id);
      await removeMovements(batch, [id]);
      return [{ kind, id }];
    }
    case "match": {
      await tx.execute(sql`delete from app.matches where business_id = ${business} and sale_id = ${id}`);
      await rematch(batch, { lines: [id], listings: [] }, cause);
      return [];
    }
    default:
      return unreachable(kind);
  }
}

async function idsOf(batch: Batch, query: ReturnType<typeof sql>): Promise<string[]> {
  return (await rowsOf<{ id: string }>(batch.tx, query)).map((row) => row.id);
}

/** Marks a sold line's group from its day: what was chosen for it is gone. */
async function markSale(batch: Batch, sale: string): Promise<void> {
  const rows = await rowsOf<{ item_id: string; on_date: string }>(
    batch.tx,
    sql`select item_id, on_date::text from app.movements where business_id = ${batch.scope.businessId} and id = any(${list("text", [sale])})`,
  );
  await markDirty(
    batch.tx,
    batch.scope,
    rows.map((row) => ({ group: row.item_id, since: row.on_date })),
  );
}
