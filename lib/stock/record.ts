/** Facts of stock into documents, lines and movements: items, locations, openings, purchases, adjustments, transfers, purchase returns. */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import {
  itemNames,
  items,
  locations,
  purchaseExtras,
  purchaseLines,
  purchases,
  stockDocuments,
  stockLines,
} from "../../db/schema";
import { rowsOf } from "../../db/scope";
import { type Batch, type Incoming, inTransit, locationOf, refuse } from "../books/batch";
import { markDirty } from "../books/marks";
import { addMovements, dirtySince, type NewMovement, removeMovements } from "../books/movements";
import type {
  AdjustmentFact,
  ItemFact,
  LocationFact,
  OpeningFact,
  PurchaseFact,
  PurchaseReturnFact,
  TransferFact,
} from "../core/facts";
import { normalise } from "../core/matching";
import { spread } from "../core/purchases";

/** Adds locations, each after those that are there. */
export async function recordLocations(batch: Batch, incoming: readonly Incoming<LocationFact>[]): Promise<void> {
  const added = incoming.map(({ fact }, i) => {
    const place = batch.locations.size + i;
    return {
      businessId: batch.scope.businessId,
      id: fact.id,
      name: fact.name,
      place,
      isInTransit: fact.id === inTransit,
    };
  });
  await bulkInsert(
    batch.tx,
    locations,
    added,
    sql`on conflict (business_id, id) do update set name = excluded.name, place = excluded.place`,
  );
  for (const row of added) batch.locations.set(row.id, { place: row.place, isInTransit: row.isInTransit });
}

/** Adds items with every name that they answer to. Gives the SKUs and names that replaced ones answered to before. */
export async function recordItems(batch: Batch, incoming: readonly Incoming<ItemFact>[]): Promise<readonly string[]> {
  const businessId = batch.scope.businessId;
  const replaced = list(
    "text",
    incoming.filter((one) => one.isNewVersion).map((one) => one.fact.id),
  );
  const former = await rowsOf<{ key: string }>(
    batch.tx,
    sql`select sku_key as key from app.items where business_id = ${businessId} and id = any(${replaced}) and sku_key is not null
        union select name_key from app.item_names where business_id = ${businessId} and item_id = any(${replaced})`,
  );
  await batch.tx.execute(
    sql`delete from app.item_names where business_id = ${businessId} and item_id = any(${replaced})`,
  );
  await bulkInsert(
    batch.tx,
    items,
    incoming.map(({ fact }) => ({
      businessId,
      id: fact.id,
      name: fact.name,
      sku: fact.sku,
      skuKey: keyOrNull(fact.sku),
      nameKey: normalise(fact.name),
      decimals: fact.decimals,
      createdAt: batch.recordedAt,
      isUndone: false,
    })),
    sql`on conflict (business_id, id) do update set name = excluded.name, sku = excluded.sku, sku_key = excluded.sku_key, name_key = excluded.name_key,
        is_undone = false`,
  );
  const names = new Map<string, typeof itemNames.$inferInsert>();
  for (const { fact } of incoming) {
    for (const name of [fact.name, ...fact.aliases]) {
      const nameKey = normalise(name);
      if (nameKey !== "") names.set(`${nameKey}\u001f${fact.id}`, { businessId, nameKey, itemId: fact.id, name });
    }
  }
  await bulkInsert(batch.tx, itemNames, [...names.values()], sql`on conflict do nothing`);
  return former.map((row) => row.key);
}

/** The normalised text, null where nothing is left of it: what is empty matches nothing. */
export function keyOrNull(text: string | null): string | null {
  const key = text === null ? "" : normalise(text);
  return key === "" ? null : key;
}

/** Refuses what names an item that is not there (or was undone, or stands later in the same recording). */
export async function checkItems(
  batch: Batch,
  named: readonly Readonly<{ incoming: Incoming; item: string }>[],
): Promise<void> {
  const known = new Set(
    (
      await rowsOf<{ id: string }>(
        batch.tx,
        sql`select id from app.items where business_id = ${batch.scope.businessId} and not is_undone and id = any(${list("text", [...new Set(named.map((one) => one.item))])})`,
      )
    ).map((row) => row.id),
  );
  for (const { incoming, item } of named) {
    const recordedAt = batch.order.get(`item/${item}`);
    if (!known.has(item) || (recordedAt !== undefined && recordedAt > incoming.index)) {
      refuse(incoming, "unknown_id", `There is no item ${item}.`, { id: item });
    }
  }
}

/** Refuses line ids that another document's line has. */
export async function checkLineIds(
  batch: Batch,
  lines: readonly Readonly<{ incoming: Incoming; id: string; owner: string }>[],
): Promise<void> {
  const seen = new Map<string, string>();
  for (const { incoming, id, owner } of lines) {
    if (seen.has(id)) refuse(incoming, "duplicate_id", `There are two lines ${id}.`, { id });
    seen.set(id, owner);
  }
  const ids = list("text", [...seen.keys()]);
  const business = batch.scope.businessId;
  for (const row of await rowsOf<{ id: string; owner: string }>(
    batch.tx,
    sql`select id, 'purchase/' || purchase_id as owner from app.purchase_lines where business_id = ${business} and id = any(${ids})
        union all select id, document_kind || '/' || document_id from app.stock_lines where business_id = ${business} and id = any(${ids})
        union all select id, 'order/' || order_id from app.order_lines where business_id = ${business} and id = any(${ids})
        union all select id, 'return/' || return_id from app.return_lines where business_id = ${business} and id = any(${ids})
        union all select id, 'backfill/' || id from app.backfills where business_id = ${business} and id = any(${ids})`,
  )) {
    const line = lines.find((one) => one.id === row.id);
    if (line !== undefined && line.owner !== row.owner)
      refuse(line.incoming, "duplicate_id", `There is a line ${row.id} already.`, { id: row.id });
  }
}

/** Purchases, with their lots' costs: each line's amount and its part of the extras, spread by value (rule 10). */
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
    if (listed + extra > fact.amount) {
      refuse(
        one,
        "over_allocated",
        `The lines and extras come to more than the purchase: ${listed + extra - fact.amount} minor units too much.`,
        {
          over: String(listed + extra - fact.amount),
        },
      );
    }
    const spreads = spread(fact.lines, extra);
    // Without lines there is nothing to spread over, so the extra stays to be detailed too (rule 10).
    const detailed = fact.lines.length === 0 ? 0n : listed + extra;
    headers.push({
      businessId,
      id: fact.id,
      onDate: fact.date,
      amountMinor: fact.amount,
      detailedMinor: detailed,
      accountCode: fact.account,
      supplier: fact.supplier ?? "",
      transactionId: null,
      version: 1,
      recordedAt: batch.recordedAt,
      isUndone: false,
    });
    fact.extras.forEach((part, place) => {
      extras.push({ businessId, purchaseId: fact.id, place, label: part.label, amountMinor: part.amount });
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
    sql`on conflict (business_id, id) do update set on_date = excluded.on_date, amount_minor = excluded.amount_minor, detailed_minor = excluded.detailed_minor,
        account_code = excluded.account_code, supplier = excluded.supplier, version = purchases.version + 1, is_undone = false`,
  );
  await bulkInsert(
    batch.tx,
    purchaseLines,
    lines,
    sql`on conflict (business_id, id) do update set place = excluded.place, item_id = excluded.item_id, qty = excluded.qty, amount_minor = excluded.amount_minor,
        cost_minor = excluded.cost_minor, location_id = excluded.location_id`,
  );
  await bulkInsert(batch.tx, purchaseExtras, extras);
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
  const before = await rowsOf<{ id: string; purchase_id: string; item_id: string }>(
    batch.tx,
    sql`select id, purchase_id, item_id from app.purchase_lines where business_id = ${business} and purchase_id = any(${ids})`,
  );
  for (const row of before) {
    const taken = reserved.get(row.id) ?? 0n;
    if (taken === 0n) continue;
    const now = kept.get(row.id);
    const incoming = replaced.find((one) => one.fact.id === row.purchase_id);
    if (incoming !== undefined && (now === undefined || now.line.item !== row.item_id || now.line.qty < taken)) {
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
  const dropped = before.filter((row) => !kept.has(row.id)).map((row) => row.id);
  await batch.tx.execute(
    sql`delete from app.purchase_lines where business_id = ${business} and id = any(${list("text", dropped)})`,
  );
  await batch.tx.execute(
    sql`delete from app.purchase_extras where business_id = ${business} and purchase_id = any(${ids})`,
  );
}

/** What pins and purchase returns take from lots, by lot. `lots` is a query of their ids. */
export async function reservedOf(batch: Batch, lots: ReturnType<typeof sql>): Promise<ReadonlyMap<string, bigint>> {
  const business = batch.scope.businessId;
  const rows = await rowsOf<{ id: string; qty: string }>(
    batch.tx,
    sql`select id, sum(qty)::text as qty from (
          select lot_id as id, qty from app.pins where business_id = ${business} and lot_id in (${lots})
          union all
          select s.purchase_line_id, s.qty from app.stock_lines s
          join app.stock_documents d on d.business_id = ${business} and d.kind = s.document_kind and d.id = s.document_id and not d.is_undone
          where s.business_id = ${business} and s.document_kind = 'purchase_return' and s.purchase_line_id in (${lots})
        ) r group by id`,
  );
  return new Map(rows.map((row) => [row.id, BigInt(row.qty)]));
}

type Header = typeof stockDocuments.$inferInsert;
type Line = typeof stockLines.$inferInsert;

function headerOf(batch: Batch, kind: string, fact: Readonly<{ id: string; date: string }>): Header {
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
    });
  };
  for (const one of incoming) {
    const { fact } = one;
    const header = headerOf(batch, fact.kind, fact);
    const common = { document: fact.id, at: null };
    if (fact.kind === "transfer") {
      if (fact.from === fact.to) refuse(one, "does_not_fit", "A transfer goes from one location to another.");
      if (fact.arrives !== null && fact.arrives < fact.date)
        refuse(one, "bad_date", "A transfer arrives on the day it leaves, or later.");
      const from = locationOf(batch, one, fact.from);
      const to = locationOf(batch, one, fact.to);
      headers.push({ ...header, arrivesOn: fact.arrives, fromLocationId: from, toLocationId: to });
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
    headers.push({ ...header, reason: fact.kind === "adjustment" ? fact.reason : null });
    fact.lines.forEach((line, place) => {
      const location = locationOf(
        batch,
        one,
        fact.kind === "opening" ? (fact.lines[place]?.location ?? null) : fact.location,
      );
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
async function writeDocuments(batch: Batch, headers: readonly Header[], lines: readonly Line[]): Promise<void> {
  await bulkInsert(
    batch.tx,
    stockDocuments,
    headers,
    sql`on conflict (business_id, kind, id) do update set on_date = excluded.on_date, arrives_on = excluded.arrives_on,
        from_location_id = excluded.from_location_id, to_location_id = excluded.to_location_id, purchase_id = excluded.purchase_id,
        reason = excluded.reason, is_undone = false`,
  );
  await bulkInsert(
    batch.tx,
    stockLines,
    lines,
    sql`on conflict (business_id, id) do update set place = excluded.place, item_id = excluded.item_id, qty = excluded.qty,
        amount_minor = excluded.amount_minor, location_id = excluded.location_id, purchase_line_id = excluded.purchase_line_id`,
  );
}

/** The location between leaving and arriving is there from the first transfer that takes days. */
async function ensureInTransit(batch: Batch): Promise<void> {
  if (batch.locations.has(inTransit)) return;
  const place = batch.locations.size + 1_000;
  await bulkInsert(
    batch.tx,
    locations,
    [{ businessId: batch.scope.businessId, id: inTransit, name: "In transit", place, isInTransit: true }],
    sql`on conflict do nothing`,
  );
  batch.locations.set(inTransit, { place, isInTransit: true });
}

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

/** Marks the groups of lots from the lots' own days: what is reserved of them changed. */
export async function markLots(batch: Batch, lotIds: readonly string[]): Promise<void> {
  const rows = await rowsOf<{ item_id: string; on_date: string }>(
    batch.tx,
    sql`select item_id, on_date::text from app.movements where business_id = ${batch.scope.businessId} and leg = 0 and id = any(${list("text", lotIds)})`,
  );
  await markDirty(
    batch.tx,
    batch.scope,
    rows.map((row) => ({ group: row.item_id, since: dirtySince(batch, "purchase", row.on_date) })),
  );
}
