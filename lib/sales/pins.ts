/** What a person says of a sold line: which item it is (match), which lot it came from (pin), what it cost (backfill). */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { backfills, matches, pins } from "../../db/schema";
import { rowsOf } from "../../db/scope";
import { type Batch, type Incoming, refuse } from "../books/batch";
import { markDirty } from "../books/marks";
import { addMovements } from "../books/movements";
import { touchPosted } from "../books/touched-days";
import type { BackfillFact, Fact, MatchFact, PinFact } from "../core/facts";
import { unmatchedGroup } from "../core/ids";
import { partsOf } from "../stock/bundles";
import { checkItems, checkLineIds, markLots, reservedOf } from "../stock/lines";
import { type Cause, type PinnedLot, rematch, wrongLot } from "../stock/rematching";
import { legsOfSales, salesOf } from "./record";

type Sale = Awaited<ReturnType<typeof salesOf>> extends Map<string, infer Row> ? Row : never;

/** The sold line that a fact names; refused where it is not there, or stands later in the same recording. */
function soldLine(batch: Batch, one: Incoming, sales: ReadonlyMap<string, Sale>, id: string): Sale {
  const sale = sales.get(id);
  const later = sale === undefined ? undefined : batch.order.get(`order/${sale.order_id}`);
  if (sale === undefined || sale.is_undone || (later !== undefined && later > one.index))
    refuse(one, "unknown_id", `There is no sold line ${id}.`, { id });
  return sale;
}

/** Which of the facts a line is matched again for: its own, or the first where it is another line of a listing. */
function causeOf<F extends Fact & { sale: string }>(incoming: readonly Incoming<F>[]): Cause {
  const first = incoming[0] ?? { index: 0 };
  const own = new Map(incoming.map((one) => [one.fact.sale, one]));
  return (line) => own.get(line) ?? first;
}

/** The place of each line's first pin among the facts that are recorded together. */
function firstOf(incoming: readonly Incoming<PinFact>[]): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const { fact, index } of incoming) if (!first.has(fact.sale)) first.set(fact.sale, index);
  return first;
}

/** Matches by hand. A match that would take a pinned line away from its lots is refused. */
export async function recordMatches(batch: Batch, incoming: readonly Incoming<MatchFact>[]): Promise<void> {
  if (incoming.length === 0) return;
  await checkItems(
    batch,
    incoming.map((one) => ({ incoming: one, item: one.fact.item })),
    "any",
  );
  const named = incoming.map((one) => one.fact.sale);
  const sales = await salesOf(batch, named);
  for (const one of incoming) soldLine(batch, one, sales, one.fact.sale);
  await bulkInsert(
    batch.tx,
    matches,
    incoming.map((one) => ({
      businessId: batch.scope.businessId,
      saleId: one.fact.sale,
      itemId: one.fact.item,
      userId: batch.origin.userId,
      recordedAt: batch.recordedAt,
    })),
    sql`on conflict (business_id, sale_id) do update set item_id = excluded.item_id, user_id = excluded.user_id, recorded_at = excluded.recorded_at`,
  );
  await rematch(batch, { lines: named, listings: [] }, causeOf(incoming));
}

type LotRow = PinnedLot & { qty: string; fact: string };

/** What a pin may name: what came from outside, and what was made. Never what costs depend on the sale itself (rule 4). */
const pinnable: ReadonlySet<string> = new Set(["purchase", "opening", "adjustment", "assembly"]);

/** Pins, each of units that are left for pins in a lot of the line's item (of a part of it, for a bundle's line) and in its pool. */
export async function recordPins(batch: Batch, incoming: readonly Incoming<PinFact>[]): Promise<void> {
  if (incoming.length === 0) return;
  const business = batch.scope.businessId;
  const named = incoming.map((one) => one.fact.sale);
  const sales = await salesOf(batch, named);
  const lotIds = list("text", [...new Set(incoming.map((one) => one.fact.lot))]);
  const lots = new Map(
    (
      await rowsOf<LotRow>(
        batch.tx,
        sql`select m.id, m.item_id, m.location_id, m.on_date::text, m.qty::text, m.kind, m.kind || '/' || m.document_id as fact from app.movements m
            where m.business_id = ${business} and m.id = any(${lotIds}) and m.leg = 0`,
      )
    ).map((row) => [row.id, row]),
  );
  const reserved = new Map(await reservedOf(batch, sql`select unnest(${lotIds})`));
  for (const one of incoming) {
    const { fact } = one;
    const sale = soldLine(batch, one, sales, fact.sale);
    const lot = pinnedLot(batch, one, lots, sale);
    const taken = reserved.get(fact.lot) ?? 0n;
    if (taken + fact.qty > BigInt(lot.qty)) {
      const left = BigInt(lot.qty) - taken;
      refuse(one, "does_not_fit", `${left} of this lot are left to choose; ${fact.qty} were asked for.`, {
        left: String(left),
      });
    }
    reserved.set(fact.lot, taken + fact.qty);
  }
  await bulkInsert(
    batch.tx,
    pins,
    incoming.map((one) => ({
      businessId: business,
      saleId: one.fact.sale,
      lotId: one.fact.lot,
      qty: one.fact.qty,
      userId: batch.origin.userId,
      recordedAt: batch.recordedAt,
    })),
  );
  // A pin can decide between candidates, so its line is matched again before the two items are compared.
  await rematch(batch, { lines: named, listings: [] }, causeOf(incoming), firstOf(incoming));
  await checkCovered(batch, incoming);
  await markDirty(
    batch.tx,
    batch.scope,
    incoming.flatMap((one) => {
      const sale = sales.get(one.fact.sale);
      const lot = lots.get(one.fact.lot);
      return sale === undefined || lot === undefined
        ? []
        : [{ group: lot.item_id, since: sale.on_date < lot.on_date ? sale.on_date : lot.on_date }];
    }),
  );
  await markLots(
    batch,
    incoming.map((one) => one.fact.lot),
  );
}

/** The lot that a pin names, if the sale may be pinned to it. */
function pinnedLot(batch: Batch, one: Incoming<PinFact>, lots: ReadonlyMap<string, LotRow>, sale: Sale): LotRow {
  const { fact } = one;
  const lot = lots.get(fact.lot);
  const madeLater = lot === undefined ? undefined : batch.order.get(lot.fact);
  if (lot === undefined || (madeLater !== undefined && madeLater > one.index))
    refuse(one, "unknown_id", `There is no lot ${fact.lot}.`, { id: fact.lot });
  if (!pinnable.has(lot.kind) || BigInt(lot.qty) <= 0n)
    refuse(
      one,
      "does_not_fit",
      `A cost is chosen from a lot that was bought, opened with, found or made; ${fact.lot} is none of these.`,
      { id: fact.lot },
    );
  const wrong = wrongLot(batch, lot, { on: sale.on_date, location: sale.location_id });
  if (wrong !== null) refuse(one, "does_not_fit", wrong, { id: fact.lot });
  return lot;
}

/** Refuses more pins and backfills than a line has units of what they are of. That the lots are of the line's item, `rematch` sees to. */
async function checkCovered(batch: Batch, incoming: readonly Incoming<PinFact | BackfillFact>[]): Promise<void> {
  const named = incoming.map((one) => one.fact.sale);
  const sales = await salesOf(batch, named);
  const parts = await partsOf(
    batch,
    [...sales.values()].flatMap((sale) => (sale.item_id === null ? [] : [sale.item_id])),
  );
  const covered = await coveredOf(batch, named);
  for (const one of incoming) {
    const sale = sales.get(one.fact.sale);
    if (sale === undefined) continue;
    const held = sale.item_id === null ? undefined : parts.get(sale.item_id);
    for (const [item, qty] of covered.get(sale.id) ?? []) {
      const times = held === undefined ? 1n : (held.find((part) => part.item === item)?.qty ?? 0n);
      const over = qty - BigInt(sale.qty) * times;
      if (over <= 0n) continue;
      const asked = one.fact.qty ?? BigInt(sale.qty);
      const left = asked > over ? asked - over : 0n;
      refuse(one, "does_not_fit", `${left} of this sale are left to choose a cost for; ${asked} were asked for.`, {
        left: String(left),
      });
    }
  }
}

/** What pins and backfills cover of sold lines already, by line and item of the lots. */
async function coveredOf(
  batch: Batch,
  sales: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, bigint>>> {
  const business = batch.scope.businessId;
  const ids = list("text", [...new Set(sales)]);
  const rows = await rowsOf<{ sale_id: string; item_id: string; qty: string }>(
    batch.tx,
    sql`select sale_id, item_id, sum(qty)::text as qty from (
          select p.sale_id, m.item_id, p.qty from app.pins p
          join app.movements m on m.business_id = ${business} and m.id = p.lot_id and m.leg = 0
          where p.business_id = ${business} and p.sale_id = any(${ids})
          union all
          select b.sale_id, coalesce(o.item_id, chr(31) || o.id), b.qty from app.backfills b
          join app.order_lines o on o.business_id = ${business} and o.id = b.sale_id
          where b.business_id = ${business} and b.sale_id = any(${ids}) and not b.is_undone) c
        group by sale_id, item_id`,
  );
  const covered = new Map<string, Map<string, bigint>>();
  for (const row of rows) {
    const own = covered.get(row.sale_id) ?? new Map<string, bigint>();
    own.set(row.item_id, BigInt(row.qty));
    covered.set(row.sale_id, own);
  }
  return covered;
}

/** Backfills: a lot at the sale's place with the cost given, and its pin. */
export async function recordBackfills(batch: Batch, incoming: readonly Incoming<BackfillFact>[]): Promise<void> {
  if (incoming.length === 0) return;
  const businessId = batch.scope.businessId;
  await checkLineIds(
    batch,
    incoming.map((one) => ({ incoming: one, id: one.fact.id, owner: `backfill/${one.fact.id}` })),
  );
  const sales = await salesOf(
    batch,
    incoming.map((one) => one.fact.sale),
  );
  const parts = await partsOf(
    batch,
    [...sales.values()].flatMap((sale) => (sale.item_id === null ? [] : [sale.item_id])),
  );
  const rows: (typeof backfills.$inferInsert)[] = [];
  for (const one of incoming) {
    const { fact } = one;
    const sale = soldLine(batch, one, sales, fact.sale);
    if (sale.item_id !== null && parts.has(sale.item_id))
      refuse(one, "does_not_fit", "This sale is of a bundle: what it is made of has costs, the bundle has none.", {
        sale: fact.sale,
      });
    rows.push({
      businessId,
      id: fact.id,
      saleId: fact.sale,
      onDate: fact.date,
      amountMinor: fact.amount,
      qty: fact.qty ?? BigInt(sale.qty),
      accountCode: fact.account,
      userId: batch.origin.userId,
      recordedAt: batch.recordedAt,
      isUndone: false,
    });
  }
  await bulkInsert(
    batch.tx,
    backfills,
    rows,
    sql`on conflict (business_id, id) do update set sale_id = excluded.sale_id, on_date = excluded.on_date, amount_minor = excluded.amount_minor,
        qty = excluded.qty, account_code = excluded.account_code, user_id = excluded.user_id, recorded_at = excluded.recorded_at, is_undone = false`,
  );
  // One that was undone comes back with what it says now.
  await touchPosted(
    batch.tx,
    batch.scope,
    rows.map((row) => row.saleId),
  );
  await checkCovered(batch, incoming);
  const legs = await legsOfSales(batch, [...sales.values()]);
  const groupOf = (sale: string) => legs.get(sale)?.[0]?.group ?? unmatchedGroup(sale);
  await addMovements(
    batch,
    rows.map((row) => ({
      id: row.id,
      leg: 0,
      group: groupOf(row.saleId),
      location: sales.get(row.saleId)?.location_id ?? "",
      kind: "backfill",
      document: row.id,
      on: row.onDate,
      phase: 0,
      at: null,
      qty: row.qty,
      value: row.amountMinor,
    })),
  );
  await markDirty(
    batch.tx,
    batch.scope,
    rows.map((row) => {
      const sold = sales.get(row.saleId)?.on_date ?? row.onDate;
      return { group: groupOf(row.saleId), since: sold < row.onDate ? sold : row.onDate };
    }),
  );
}
