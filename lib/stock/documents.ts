/** The other documents that move stock: openings, adjustments and transfers. */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { locations, stockDocuments, stockLines } from "../../db/schema";
import { rowsOf } from "../../db/scope";
import { type Batch, type Incoming, inTransit, locationOf, onTheWay, refuse } from "../books/batch";
import { addMovements, type NewMovement } from "../books/movements";
import { touchPosted } from "../books/touched-days";
import type { AdjustmentFact, OpeningFact, TransferFact } from "../core/facts";
import { checkAccounts, checkItems, checkLineIds } from "./lines";

export type Header = typeof stockDocuments.$inferInsert;
export type Line = typeof stockLines.$inferInsert;

/** A document's row with what every kind of it has. */
export function headerOf(batch: Batch, kind: string, fact: Readonly<{ id: string; date: string }>): Header {
  return {
    businessId: batch.scope.businessId,
    id: fact.id,
    kind,
    onDate: fact.date,
    arrivesOn: null,
    fromLocationId: null,
    toLocationId: null,
    purchaseId: null,
    reason: null,
    recordedAt: batch.recordedAt,
    isUndone: false,
    overheadMinor: 0n,
    accountCode: null,
    note: null,
    consignmentId: null,
    number: null,
  };
}

/** Openings, adjustments and transfers: documents of items at places. */
export async function recordStockDocuments(
  batch: Batch,
  incoming: readonly Incoming<OpeningFact | AdjustmentFact | TransferFact>[],
): Promise<void> {
  if (incoming.length === 0) return;
  const businessId = batch.scope.businessId;
  const lineRefs = incoming.flatMap((one) =>
    one.fact.lines.map((line) => ({
      incoming: one,
      id: line.id,
      item: line.item,
      owner: `${one.fact.kind}/${one.fact.id}`,
    })),
  );
  await checkItems(batch, lineRefs);
  await checkLineIds(batch, lineRefs);
  await checkAccounts(
    batch,
    incoming.flatMap((one) =>
      one.fact.kind === "adjustment" && one.fact.account !== undefined
        ? [{ incoming: one, account: one.fact.account }]
        : [],
    ),
    "What an adjustment moves comes out of Inventory or into it: another account bears it.",
  );
  await checkConsignments(batch, incoming);
  const headers: Header[] = [];
  const lines: Line[] = [];
  const moved: NewMovement[] = [];
  const add = (
    one: Incoming<OpeningFact | AdjustmentFact | TransferFact>,
    place: number,
    line: { id: string; item: string; qty: bigint; amount: bigint },
    location: string | null,
  ) => {
    lines.push({
      businessId,
      id: line.id,
      documentKind: one.fact.kind,
      documentId: one.fact.id,
      place,
      itemId: line.item,
      qty: line.qty,
      amountMinor: line.amount,
      locationId: location,
      purchaseLineId: null,
      share: null,
    });
  };
  for (const one of incoming) {
    const { fact } = one;
    const header = headerOf(batch, fact.kind, fact);
    const common = { document: fact.id, at: null };
    // In pool `business` a transfer moves quantity only: it has no place among what costs are worked out from.
    if (fact.kind === "transfer") {
      if (fact.from === fact.to) refuse(one, "does_not_fit", "A transfer goes from one location to another.");
      if (fact.arrives !== null && fact.arrives < fact.date)
        refuse(one, "bad_date", "A transfer arrives on the day it leaves, or later.");
      const { consignment = null, number = null } = fact;
      const sends = consignment === fact.id;
      const from = consignment !== null && !sends ? onTheWay(batch, one) : locationOf(batch, one, fact.from);
      if (sends) await ensureInTransit(batch);
      const to = sends ? onTheWay(batch, one) : locationOf(batch, one, fact.to);
      const way = { fromLocationId: from, toLocationId: to, consignmentId: consignment, number };
      headers.push({ ...header, arrivesOn: fact.arrives, ...way });
      if (fact.arrives !== null) await ensureInTransit(batch);
      fact.lines.forEach((line, place) => {
        add(one, place, { ...line, amount: 0n }, null);
        const leg = { ...common, id: line.id, group: line.item, kind: "transfer", phase: 1, value: 0n } as const;
        moved.push({ ...leg, leg: 0, location: from, on: fact.date, qty: -line.qty });
        if (fact.arrives !== null) {
          moved.push({ ...leg, leg: 1, location: inTransit, on: fact.date, qty: line.qty });
          moved.push({ ...leg, leg: 2, location: inTransit, on: fact.arrives, qty: -line.qty });
        }
        moved.push({ ...leg, leg: 3, location: to, on: fact.arrives ?? fact.date, qty: line.qty });
      });
      continue;
    }
    const consignment = fact.kind === "adjustment" ? (fact.consignment ?? null) : null;
    headers.push({
      ...header,
      ...(fact.kind === "adjustment"
        ? {
            reason: fact.reason,
            accountCode: fact.account ?? null,
            note: fact.note ?? null,
            consignmentId: consignment,
            number: fact.number ?? null,
          }
        : {}),
    });
    fact.lines.forEach((line, place) => {
      const named = fact.kind === "opening" ? (fact.lines[place]?.location ?? null) : fact.location;
      const location = consignment === null ? locationOf(batch, one, named) : onTheWay(batch, one);
      add(one, place, line, location);
      moved.push({
        ...common,
        id: line.id,
        leg: 0,
        group: line.item,
        location,
        kind: fact.kind,
        on: fact.date,
        phase: line.qty > 0n ? 0 : 2,
        qty: line.qty,
        value: line.qty > 0n ? line.amount : 0n,
      });
    });
  }
  await writeDocuments(batch, headers, lines);
  await addMovements(batch, moved);
}

/** Writes documents; one that was undone and is recorded again comes back with its lines. */
export async function writeDocuments(batch: Batch, headers: readonly Header[], lines: readonly Line[]): Promise<void> {
  await touchPosted(
    batch.tx,
    batch.scope,
    lines.map((line) => line.id),
  );
  await bulkInsert(
    batch.tx,
    stockDocuments,
    headers,
    sql`on conflict (business_id, kind, id) do update set on_date = excluded.on_date, arrives_on = excluded.arrives_on,
        from_location_id = excluded.from_location_id, to_location_id = excluded.to_location_id, purchase_id = excluded.purchase_id,
        reason = excluded.reason, overhead_minor = excluded.overhead_minor, account_code = excluded.account_code, note = excluded.note,
        consignment_id = excluded.consignment_id, number = excluded.number, is_undone = false`,
  );
  await bulkInsert(
    batch.tx,
    stockLines,
    lines,
    sql`on conflict (business_id, id) do update set place = excluded.place, item_id = excluded.item_id, qty = excluded.qty,
        amount_minor = excluded.amount_minor, location_id = excluded.location_id, purchase_line_id = excluded.purchase_line_id,
        share = excluded.share`,
  );
}

/** What is of goods on their way names the transfer that sent them, which stands before it and was not taken back. */
async function checkConsignments(
  batch: Batch,
  incoming: readonly Incoming<OpeningFact | AdjustmentFact | TransferFact>[],
): Promise<void> {
  const named = incoming.flatMap((one) => {
    const { fact } = one;
    const id = fact.kind === "opening" ? undefined : fact.consignment;
    return id === undefined || (fact.kind === "transfer" && id === fact.id) ? [] : [{ one, id }];
  });
  if (named.length === 0) return;
  const sent = new Map(
    (
      await rowsOf<{ id: string; on_date: string }>(
        batch.tx,
        sql`select id, on_date::text from app.stock_documents where business_id = ${batch.scope.businessId} and kind = 'transfer'
              and id = any(${list(
                "text",
                named.map(({ id }) => id),
              )}) and consignment_id = id and not is_undone`,
      )
    ).map((row) => [row.id, row.on_date]),
  );
  for (const { one, id } of named) {
    const on = sent.get(id);
    if (on === undefined)
      refuse(one, "unknown_id", "These goods were never sent, or their sending was taken back.", { id });
    if (one.fact.date < on) refuse(one, "bad_date", "What is on its way arrives on the day it left, or later.");
  }
}

/** The location between leaving and arriving is there from the first transfer that takes days. */
async function ensureInTransit(batch: Batch): Promise<void> {
  if (batch.locations.has(inTransit)) return;
  const place = batch.locations.size + 1_000;
  await bulkInsert(
    batch.tx,
    locations,
    [
      {
        businessId: batch.scope.businessId,
        id: inTransit,
        name: "In transit",
        place,
        isInTransit: true,
        kind: "warehouse",
        address: "",
        taxNumber: "",
        retiredAt: null,
      },
    ],
    sql`on conflict do nothing`,
  );
  batch.locations.set(inTransit, { place, isInTransit: true });
}
