/** Movements as documents make and unmake them. Every change marks its cost group dirty from its day on, and is told to approved counts. */
import { sql } from "drizzle-orm";
import { bulkInsert, inOrder, list } from "../../db/bulk";
import { movements } from "../../db/schema";
import { rowsOf } from "../../db/scope";
import { addDays } from "../core/dates";
import type { Instant, LocalDate } from "../core/facts";
import { costKey } from "../core/ids";
import type { Batch } from "./batch";
import { instantText } from "./instants";
import { tellCounts } from "./late-counts";
import { markDirty, markPosting } from "./marks";

export type MovementKind =
  | "purchase"
  | "opening"
  | "adjustment"
  | "backfill"
  | "sale"
  | "sale_return"
  | "write_off"
  | "loose_return"
  | "purchase_return"
  | "transfer"
  | "assembly";

/** What moves inside the business: nothing is posted for its cost (accounting.md), which stays in Inventory. */
const inside: readonly MovementKind[] = ["transfer", "assembly"];

/** A movement on its way in. `qty` signed; `value` for what comes from outside, 0 for what the fold will cost. */
export type NewMovement = Readonly<{
  id: string;
  leg: number;
  group: string;
  location: string;
  kind: MovementKind;
  document: string;
  on: LocalDate;
  phase: 0 | 1 | 2 | 3;
  at: Instant | null;
  qty: bigint;
  value: bigint;
}>;

/** From when on a movement at `on` can change costs: grace lets earlier sales take from what comes in. */
export function dirtySince(batch: Batch, kind: MovementKind, on: LocalDate): LocalDate {
  return (kind === "purchase" || kind === "adjustment") && batch.books.graceDays > 0
    ? addDays(on, -batch.books.graceDays)
    : on;
}

/**
 * Adds movements and marks their groups. What goes out is short until the fold finds its lots. `areNew`: their lines were never here
 * before, so the journal need not be asked whether anything was posted for them.
 */
export async function addMovements(batch: Batch, added: readonly NewMovement[], areNew = false): Promise<void> {
  const bearCost = added.filter((one) => !inside.includes(one.kind) && (one.qty <= 0n || one.kind === "sale_return"));
  const postedBefore = new Set(
    areNew || bearCost.length === 0
      ? []
      : (
          await rowsOf<{ id: string }>(
            batch.tx,
            sql`select distinct document_id as id from app.journal_entries where business_id = ${batch.scope.businessId} and document_kind = 'cost'
                  and document_id = any(${list(
                    "text",
                    bearCost.map((one) => costKey(one.id, one.leg, one.group)),
                  )})`,
          )
        ).map((row) => row.id),
  );
  const rows = added.map((one) => ({
    businessId: batch.scope.businessId,
    id: one.id,
    leg: one.leg,
    itemId: one.group,
    locationId: one.location,
    kind: one.kind,
    documentId: one.document,
    onDate: one.on,
    phase: one.phase,
    at: one.at === null ? null : instantText(one.at),
    qty: one.qty,
    valueMinor: one.value,
    // What it is short of is known when it is folded.
    shortQty: 0n,
    isPosted: !inside.includes(one.kind) && postedBefore.has(costKey(one.id, one.leg, one.group)),
    recordedAt: batch.recordedAt,
  }));
  const came = added.map(({ group, location, document, on, at, qty }) => ({
    item: group,
    location,
    document,
    on,
    at: at === null ? null : instantText(at),
    recorded: batch.recordedAt,
    qty,
  }));
  const marks = added.map((one) => ({ group: one.group, since: dirtySince(batch, one.kind, one.on) }));
  await inOrder(rows.length, [
    () => bulkInsert(batch.tx, movements, rows),
    () => tellCounts(batch.tx, batch.scope, came),
    () => markDirty(batch.tx, batch.scope, marks),
  ]);
}

/** What is read of movements that stood where they change. */
type Stood = Readonly<{
  kind: MovementKind;
  on_date: string;
  is_posted: boolean;
  location: string;
  document: string;
  at: string | null;
  recorded: string;
  qty: string;
}>;
const stood = sql.raw(
  "kind, on_date, is_posted, location_id as location, document_id as document, at, recorded_at as recorded, qty",
);
/** A movement as approved counts are told that it went. */
const wentFrom = ({ location, document, on_date, at, recorded, qty }: Stood) => ({
  location,
  document,
  on: on_date,
  at,
  recorded,
  qty: -BigInt(qty),
});

/** Takes movements away by their line ids: their groups are marked, and what was posted for their cost will be offset. */
export async function removeMovements(batch: Batch, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const gone = await rowsOf<Stood & { id: string; leg: number; item_id: string }>(
    batch.tx,
    sql`delete from app.movements where business_id = ${batch.scope.businessId} and id = any(${list("text", ids)})
        returning id, leg, item_id, ${stood}`,
  );
  await tellCounts(
    batch.tx,
    batch.scope,
    gone.map((row) => ({ ...wentFrom(row), item: row.item_id })),
  );
  await markPosting(
    batch.tx,
    batch.scope,
    gone.filter((row) => row.is_posted).map((row) => ({ kind: "cost", id: costKey(row.id, row.leg, row.item_id) })),
  );
  await markDirty(
    batch.tx,
    batch.scope,
    gone.map((row) => ({ group: row.item_id, since: dirtySince(batch, row.kind, row.on_date) })),
  );
  await markSalesOf(
    batch,
    gone.filter((row) => row.kind === "sale_return" || row.kind === "write_off").map((row) => row.id),
  );
}

/** A return that is gone gives its sale its shortage and its cost back: the sale is folded again, from its own day. */
async function markSalesOf(batch: Batch, returnLines: readonly string[]): Promise<void> {
  if (returnLines.length === 0) return;
  const business = batch.scope.businessId;
  const rows = await rowsOf<{ item_id: string; on_date: string }>(
    batch.tx,
    sql`select m.item_id, m.on_date::text from app.return_lines r
        join app.movements m on m.business_id = ${business} and m.id = r.sale_id
        where r.business_id = ${business} and r.id = any(${list("text", returnLines)})`,
  );
  await markDirty(
    batch.tx,
    batch.scope,
    rows.map((row) => ({ group: row.item_id, since: row.on_date })),
  );
}

/** Moves the movements of lines to another item: a sold line that now is another one. Costs of both are worked out again. */
export async function regroup(batch: Batch, moved: readonly Readonly<{ id: string; group: string }>[]): Promise<void> {
  if (moved.length === 0) return;
  const u = sql`unnest(${list(
    "text",
    moved.map((one) => one.id),
  )}, ${list(
    "text",
    moved.map((one) => one.group),
  )}) as u(id, item)`;
  const rows = await rowsOf<Stood & { id: string; before: string; item: string }>(
    batch.tx,
    sql`select m.id, m.item_id as before, u.item, ${stood} from ${u}
        join app.movements m on m.business_id = ${batch.scope.businessId} and m.id = u.id and m.leg = 0 and m.item_id <> u.item`,
  );
  await batch.tx.execute(
    sql`update app.movements m set item_id = u.item from ${u} where m.business_id = ${batch.scope.businessId} and m.id = u.id and m.item_id <> u.item`,
  );
  await tellCounts(
    batch.tx,
    batch.scope,
    rows.flatMap((row) => {
      const went = wentFrom(row);
      return [
        { ...went, item: row.before },
        { ...went, item: row.item, qty: -went.qty },
      ];
    }),
  );
  await markPosting(
    batch.tx,
    batch.scope,
    rows.filter((row) => row.is_posted).map((row) => ({ kind: "cost", id: row.id })),
  );
  await markDirty(
    batch.tx,
    batch.scope,
    rows.flatMap((row) => {
      const since = dirtySince(batch, row.kind, row.on_date);
      return [
        { group: row.before, since },
        { group: row.item, since },
      ];
    }),
  );
}
