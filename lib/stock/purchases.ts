/** Purchases: documents whose lines are lots, with their part of the extras. */
import { type SQL, sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { purchaseExtras, purchaseLines, purchases } from "../../db/schema";
import { rowsOf } from "../../db/scope";
import { type Batch, type Incoming, locationOf, refuse } from "../books/batch";
import { markPosting } from "../books/marks";
import { addMovements, type NewMovement, removeMovements } from "../books/movements";
import type { PurchaseFact } from "../core/facts";
import { costKey } from "../core/ids";
import { goodsOf, noInput, spreadAll } from "../core/purchases";
import { checkItems, checkLineIds, reservedOf } from "./lines";

/** Purchases, with their lots' costs: each line's amount and its part of the extras (rule 10). */
export async function recordPurchases(batch: Batch, incoming: readonly Incoming<PurchaseFact>[]): Promise<void> {
  if (incoming.length === 0) return;
  const businessId = batch.scope.businessId;
  await checkItems(
    batch,
    incoming.flatMap((one) => one.fact.lines.map((line) => ({ incoming: one, item: line.item }))),
  );
  await checkLineIds(
    batch,
    incoming.flatMap((one) =>
      one.fact.lines.map((line) => ({ incoming: one, id: line.id, owner: `purchase/${one.fact.id}` })),
    ),
  );
  await replacePurchases(
    batch,
    incoming.filter((one) => one.isNewVersion),
  );
  const headers: (typeof purchases.$inferInsert)[] = [];
  const lines: (typeof purchaseLines.$inferInsert)[] = [];
  const extras: (typeof purchaseExtras.$inferInsert)[] = [];
  const moved: NewMovement[] = [];
  for (const one of incoming) {
    const { fact } = one;
    const extra = fact.extras.reduce((sum, part) => sum + part.amount, 0n);
    const listed = fact.lines.reduce((sum, line) => sum + line.amount, 0n);
    const goods = goodsOf(fact);
    if (listed + extra > goods) {
      refuse(
        one,
        "over_allocated",
        `The lines and extras come to more than the purchase: ${listed + extra - goods} minor units too much.`,
        {
          over: String(listed + extra - goods),
        },
      );
    }
    const spreads = spreadAll(fact.lines, fact.extras);
    // Without lines there is nothing to spread over, so the extra stays to be detailed too (rule 10).
    const detailed = fact.lines.length === 0 ? 0n : listed + extra;
    headers.push({
      businessId,
      id: fact.id,
      onDate: fact.date,
      amountMinor: goods,
      igstMinor: fact.input?.igst ?? noInput.igst,
      cgstMinor: fact.input?.cgst ?? noInput.cgst,
      sgstMinor: fact.input?.sgst ?? noInput.sgst,
      detailedMinor: detailed,
      accountCode: fact.account,
      supplier: fact.supplier ?? "",
      transactionId: null,
      version: 1,
      recordedAt: batch.recordedAt,
      isUndone: false,
    });
    fact.extras.forEach((part, place) => {
      extras.push({
        businessId,
        purchaseId: fact.id,
        place,
        label: part.label,
        amountMinor: part.amount,
        spreadBy: part.by ?? "value",
      });
    });
    fact.lines.forEach((line, place) => {
      const costMinor = line.amount + (spreads[place] ?? 0n);
      const locationId = locationOf(batch, one, line.location);
      lines.push({
        businessId,
        id: line.id,
        purchaseId: fact.id,
        place,
        itemId: line.item,
        qty: line.qty,
        amountMinor: line.amount,
        costMinor,
        locationId,
        weight: line.weight ?? null,
      });
      moved.push({
        id: line.id,
        leg: 0,
        group: line.item,
        location: locationId,
        kind: "purchase",
        document: fact.id,
        on: fact.date,
        phase: 0,
        at: null,
        qty: line.qty,
        value: costMinor,
      });
    });
  }
  await bulkInsert(
    batch.tx,
    purchases,
    headers,
    sql`on conflict (business_id, id) do update set on_date = excluded.on_date, amount_minor = excluded.amount_minor, igst_minor = excluded.igst_minor,
        cgst_minor = excluded.cgst_minor, sgst_minor = excluded.sgst_minor, detailed_minor = excluded.detailed_minor, account_code = excluded.account_code, supplier = excluded.supplier, version = purchases.version + 1, is_undone = false`,
  );
  await bulkInsert(
    batch.tx,
    purchaseLines,
    lines,
    sql`on conflict (business_id, id) do update set place = excluded.place, item_id = excluded.item_id, qty = excluded.qty, amount_minor = excluded.amount_minor,
        cost_minor = excluded.cost_minor, location_id = excluded.location_id, weight = excluded.weight`,
  );
  await bulkInsert(batch.tx, purchaseExtras, extras);
  await unbookTaxes(
    batch,
    incoming.filter((one) => one.isNewVersion).map((one) => one.fact.id),
  );
  await addMovements(batch, moved);
}

/** Takes away what a new version of a purchase replaces, unless something reserved would no longer fit. */
async function replacePurchases(batch: Batch, replaced: readonly Incoming<PurchaseFact>[]): Promise<void> {
  if (replaced.length === 0) return;
  const business = batch.scope.businessId;
  const ids = list(
    "text",
    replaced.map((one) => one.fact.id),
  );
  const kept = new Map(replaced.flatMap((one) => one.fact.lines.map((line) => [line.id, { one, line }] as const)));
  const reserved = await reservedOf(
    batch,
    sql`select id from app.purchase_lines where business_id = ${business} and purchase_id = any(${ids})`,
  );
  const before = await rowsOf<{ id: string; purchase_id: string; item_id: string; location_id: string }>(
    batch.tx,
    sql`select id, purchase_id, item_id, location_id from app.purchase_lines where business_id = ${business} and purchase_id = any(${ids})`,
  );
  for (const row of before) {
    const taken = reserved.get(row.id) ?? 0n;
    if (taken === 0n) continue;
    const now = kept.get(row.id);
    const incoming = replaced.find((one) => one.fact.id === row.purchase_id);
    const isElsewhere =
      batch.books.pool === "location" &&
      now !== undefined &&
      locationOf(batch, now.one, now.line.location) !== row.location_id;
    if (
      incoming !== undefined &&
      (now === undefined || now.line.item !== row.item_id || now.line.qty < taken || isElsewhere)
    ) {
      refuse(
        incoming,
        "in_use",
        "Units of this line are chosen for a sale or went back to the supplier. Take that back first.",
        { line: row.id },
      );
    }
  }
  await removeMovements(
    batch,
    before.map((row) => row.id),
  );
  await markReturns(batch, ids);
  const dropped = before.filter((row) => !kept.has(row.id)).map((row) => row.id);
  await batch.tx.execute(
    sql`delete from app.purchase_lines where business_id = ${business} and id = any(${list("text", dropped)})`,
  );
  await batch.tx.execute(
    sql`delete from app.purchase_extras where business_id = ${business} and purchase_id = any(${ids})`,
  );
}

/** A version that does not say the tax that the supplier's invoice has (a source's own, which knows of none) leaves it to be said again. */
async function unbookTaxes(batch: Batch, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const business = batch.scope.businessId;
  await batch.tx.execute(
    sql`update app.purchase_taxes t set is_booked = false from app.purchases p
        where t.business_id = ${business} and p.business_id = ${business} and p.id = t.purchase_id and t.purchase_id = any(${list("text", ids)})
          and t.is_booked and t.nature = 'taxable' and not (t.is_blocked or t.is_import or t.is_reverse_charge)
          and (p.igst_minor, p.cgst_minor, p.sgst_minor) <> (t.igst_minor, t.cgst_minor, t.sgst_minor)`,
  );
}

/** What went back of these purchases is compared with the journal again: the account and the tax that it goes back to are theirs. */
async function markReturns(batch: Batch, purchaseIds: SQL): Promise<void> {
  const business = batch.scope.businessId;
  const rows = await rowsOf<{ id: string; leg: number; item_id: string }>(
    batch.tx,
    sql`select m.id, m.leg, m.item_id from app.purchase_lines l
        join app.stock_lines s on s.business_id = ${business} and s.document_kind = 'purchase_return' and s.purchase_line_id = l.id
        join app.movements m on m.business_id = ${business} and m.id = s.id and m.is_posted
        where l.business_id = ${business} and l.purchase_id = any(${purchaseIds})`,
  );
  await markPosting(
    batch.tx,
    batch.scope,
    rows.map((row) => ({ kind: "cost", id: costKey(row.id, row.leg, row.item_id) })),
  );
}
