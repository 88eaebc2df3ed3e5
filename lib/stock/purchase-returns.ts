/** What goes back to suppliers. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { rowsOf } from "../../db/scope";
import { type Batch, type Incoming, refuse } from "../books/batch";
import { addMovements, type NewMovement } from "../books/movements";
import type { PurchaseReturnFact } from "../core/facts";
import { type Header, headerOf, type Line, writeDocuments } from "./documents";
import { checkLineIds, markLots, reservedOf } from "./lines";

/** Purchase returns: they reserve like a pin, from the lots of the lines that they name. */
export async function recordPurchaseReturns(
  batch: Batch,
  incoming: readonly Incoming<PurchaseReturnFact>[],
): Promise<void> {
  if (incoming.length === 0) return;
  const businessId = batch.scope.businessId;
  await checkLineIds(
    batch,
    incoming.flatMap((one) =>
      one.fact.lines.map((line) => ({ incoming: one, id: line.id, owner: `purchase_return/${one.fact.id}` })),
    ),
  );
  const named = list("text", [...new Set(incoming.flatMap((one) => one.fact.lines.map((line) => line.line)))]);
  const known = new Map(
    (
      await rowsOf<{
        id: string;
        purchase_id: string;
        item_id: string;
        qty: string;
        location_id: string;
        on_date: string;
        is_undone: boolean;
      }>(
        batch.tx,
        sql`select l.id, l.purchase_id, l.item_id, l.qty::text, l.location_id, p.on_date::text, p.is_undone from app.purchase_lines l
            join app.purchases p on p.business_id = ${businessId} and p.id = l.purchase_id
            where l.business_id = ${businessId} and l.id = any(${named})`,
      )
    ).map((row) => [row.id, row]),
  );
  const there = new Set(
    (
      await rowsOf<{ id: string }>(
        batch.tx,
        sql`select id from app.purchases where business_id = ${businessId} and not is_undone and id = any(${list(
          "text",
          incoming.map((one) => one.fact.purchase),
        )})`,
      )
    ).map((row) => row.id),
  );
  const reserved = new Map(await reservedOf(batch, sql`select unnest(${named})`));
  const headers: Header[] = [];
  const lines: Line[] = [];
  const moved: NewMovement[] = [];
  for (const one of incoming) {
    const { fact } = one;
    const later = batch.order.get(`purchase/${fact.purchase}`);
    if (!there.has(fact.purchase) || (later !== undefined && later > one.index)) {
      refuse(one, "unknown_id", `There is no purchase ${fact.purchase}.`, { id: fact.purchase });
    }
    headers.push({ ...headerOf(batch, "purchase_return", fact), purchaseId: fact.purchase });
    fact.lines.forEach((line, place) => {
      const bought = known.get(line.line);
      if (bought === undefined || bought.is_undone || bought.purchase_id !== fact.purchase) {
        refuse(one, "unknown_id", `The purchase ${fact.purchase} has no line ${line.line}.`, { id: line.line });
      }
      const taken = (reserved.get(line.line) ?? 0n) + line.qty;
      if (taken > BigInt(bought.qty)) {
        const left = BigInt(bought.qty) - (reserved.get(line.line) ?? 0n);
        refuse(one, "does_not_fit", `${left} of this line are left to go back; the return says ${line.qty}.`, {
          line: line.line,
          left: String(left),
        });
      }
      reserved.set(line.line, taken);
      lines.push({
        businessId,
        id: line.id,
        documentKind: "purchase_return",
        documentId: fact.id,
        place,
        itemId: bought.item_id,
        qty: line.qty,
        amountMinor: line.amount,
        locationId: bought.location_id,
        purchaseLineId: line.line,
        share: null,
      });
      // Reserving counts first in its lot, so everything taken from that lot is counted again from the lot's own day.
      moved.push({
        id: line.id,
        leg: 0,
        group: bought.item_id,
        location: bought.location_id,
        kind: "purchase_return",
        document: fact.id,
        on: fact.date,
        phase: 2,
        at: null,
        qty: -line.qty,
        value: 0n,
      });
    });
  }
  await writeDocuments(batch, headers, lines);
  await addMovements(batch, moved);
  await markLots(
    batch,
    lines.map((line) => line.purchaseLineId ?? ""),
  );
}
