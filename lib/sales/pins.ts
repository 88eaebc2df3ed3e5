/** What a person says of a sold line: which item it is (match), which lot it came from (pin), what it cost (backfill). */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { backfills, matches, pins } from "../../db/schema";
import { rowsOf } from "../../db/scope";
import { type Batch, type Incoming, refuse } from "../books/batch";
import { markDirty } from "../books/marks";
import { addMovements } from "../books/movements";
import type { BackfillFact, MatchFact, PinFact } from "../core/facts";
import { unmatchedGroup } from "../core/ids";
import { rematch } from "../stock/matching";
import { checkItems, checkLineIds, markLots, reservedOf } from "../stock/record";
import { groupsOf, salesOf } from "./record";

/** Matches by hand. A match that would take a pinned line away from its lots is refused. */
export async function recordMatches(batch: Batch, incoming: readonly Incoming<MatchFact>[]): Promise<void> {
  if (incoming.length === 0) return;
  await checkItems(
    batch,
    incoming.map((one) => ({ incoming: one, item: one.fact.item })),
  );
  const sales = await salesOf(
    batch,
    incoming.map((one) => one.fact.sale),
  );
  for (const one of incoming) {
    const sale = sales.get(one.fact.sale);
    const later = sale === undefined ? undefined : batch.order.get(`order/${sale.order_id}`);
    if (sale === undefined || sale.is_undone || (later !== undefined && later > one.index)) {
      refuse(one, "unknown_id", `There is no sold line ${one.fact.sale}.`, { id: one.fact.sale });
    }
  }
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
  await rematch(batch, { lines: incoming.map((one) => one.fact.sale), listings: [] });
  await checkPinned(
    batch,
    incoming.map((one) => ({ incoming: one, sale: one.fact.sale })),
  );
}

/** After matches moved: every pinned line must still be of its lots' item. */
export async function checkPinned(
  batch: Batch,
  touched: readonly Readonly<{ incoming: Readonly<{ index: number }>; sale: string }>[],
): Promise<void> {
  const [wrong] = await rowsOf<{ sale_id: string }>(
    batch.tx,
    sql`select p.sale_id from app.pins p
        join app.order_lines o on o.business_id = ${batch.scope.businessId} and o.id = p.sale_id
        join app.movements m on m.business_id = ${batch.scope.businessId} and m.id = p.lot_id and m.leg = 0
        where p.business_id = ${batch.scope.businessId} and m.item_id is distinct from o.item_id
          and (p.sale_id = any(${list(
            "text",
            touched.map((one) => one.sale),
          )})
            or o.listing_key in (select listing_key from app.order_lines where business_id = ${batch.scope.businessId} and id = any(${list(
              "text",
              touched.map((one) => one.sale),
            )})))
        limit 1`,
  );
  const first = touched[0];
  if (wrong !== undefined && first !== undefined) {
    const at = touched.find((one) => one.sale === wrong.sale_id) ?? first;
    refuse(
      at.incoming,
      "does_not_fit",
      "This sale's cost was chosen from lots of another item. Take that choice back first.",
      { sale: wrong.sale_id },
    );
  }
}

type LotRow = { id: string; item_id: string; on_date: string; qty: string; fact: string };

/** Pins, each of units that are left for pins in a lot of the line's item. */
export async function recordPins(batch: Batch, incoming: readonly Incoming<PinFact>[]): Promise<void> {
  if (incoming.length === 0) return;
  const business = batch.scope.businessId;
  const sales = await salesOf(
    batch,
    incoming.map((one) => one.fact.sale),
  );
  const lotIds = list("text", [...new Set(incoming.map((one) => one.fact.lot))]);
  const lots = new Map(
    (
      await rowsOf<LotRow>(
        batch.tx,
        sql`select m.id, m.item_id, m.on_date::text, m.qty::text, m.kind || '/' || m.document_id as fact from app.movements m
            where m.business_id = ${business} and m.id = any(${lotIds}) and m.leg = 0 and m.qty > 0 and m.kind in ('purchase', 'opening', 'adjustment')`,
      )
    ).map((row) => [row.id, row]),
  );
  const reserved = new Map(await reservedOf(batch, sql`select unnest(${lotIds})`));
  const covered = new Map(
    await coveredOf(
      batch,
      incoming.map((one) => one.fact.sale),
    ),
  );
  for (const one of incoming) {
    const { fact } = one;
    const sale = sales.get(fact.sale);
    const soldLater = sale === undefined ? undefined : batch.order.get(`order/${sale.order_id}`);
    if (sale === undefined || sale.is_undone || (soldLater !== undefined && soldLater > one.index)) {
      refuse(one, "unknown_id", `There is no sold line ${fact.sale}.`, { id: fact.sale });
    }
    const lot = lots.get(fact.lot);
    const boughtLater = lot === undefined ? undefined : batch.order.get(lot.fact);
    if (lot === undefined || (boughtLater !== undefined && boughtLater > one.index)) {
      refuse(one, "unknown_id", `There is no lot ${fact.lot} of a purchase, an opening or an adjustment in.`, {
        id: fact.lot,
      });
    }
    const taken = reserved.get(fact.lot) ?? 0n;
    if (taken + fact.qty > BigInt(lot.qty)) {
      const left = BigInt(lot.qty) - taken;
      refuse(one, "does_not_fit", `${left} of this lot are left to choose; ${fact.qty} were asked for.`, {
        left: String(left),
      });
    }
    reserved.set(fact.lot, taken + fact.qty);
    const all = (covered.get(fact.sale) ?? 0n) + fact.qty;
    if (all > BigInt(sale.qty)) {
      const left = BigInt(sale.qty) - all + fact.qty;
      refuse(one, "does_not_fit", `${left} of this sale are left to choose a cost for; ${fact.qty} were asked for.`, {
        left: String(left),
      });
    }
    covered.set(fact.sale, all);
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
  await rematch(batch, { lines: incoming.map((one) => one.fact.sale), listings: [] });
  await checkPinned(
    batch,
    incoming.map((one) => ({ incoming: one, sale: one.fact.sale })),
  );
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

/** What pins and backfills cover of sold lines already. */
async function coveredOf(batch: Batch, sales: readonly string[]): Promise<ReadonlyMap<string, bigint>> {
  const business = batch.scope.businessId;
  const ids = list("text", [...new Set(sales)]);
  const rows = await rowsOf<{ sale_id: string; qty: string }>(
    batch.tx,
    sql`select sale_id, sum(qty)::text as qty from (
          select sale_id, qty from app.pins where business_id = ${business} and sale_id = any(${ids})
          union all select sale_id, qty from app.backfills where business_id = ${business} and sale_id = any(${ids}) and not is_undone) c
        group by sale_id`,
  );
  return new Map(rows.map((row) => [row.sale_id, BigInt(row.qty)]));
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
  const covered = new Map(
    await coveredOf(
      batch,
      incoming.map((one) => one.fact.sale),
    ),
  );
  const rows: (typeof backfills.$inferInsert)[] = [];
  for (const one of incoming) {
    const { fact } = one;
    const sale = sales.get(fact.sale);
    const later = sale === undefined ? undefined : batch.order.get(`order/${sale.order_id}`);
    if (sale === undefined || sale.is_undone || (later !== undefined && later > one.index)) {
      refuse(one, "unknown_id", `There is no sold line ${fact.sale}.`, { id: fact.sale });
    }
    const qty = fact.qty ?? BigInt(sale.qty);
    const all = (covered.get(fact.sale) ?? 0n) + qty;
    if (all > BigInt(sale.qty)) {
      const left = BigInt(sale.qty) - all + qty;
      refuse(one, "does_not_fit", `${left} of this sale are left to give a cost for; ${qty} were given.`, {
        left: String(left),
      });
    }
    covered.set(fact.sale, all);
    rows.push({
      businessId,
      id: fact.id,
      saleId: fact.sale,
      onDate: fact.date,
      amountMinor: fact.amount,
      qty,
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
  const groups = await groupsOf(batch, [...sales.values()]);
  await addMovements(
    batch,
    rows.map((row) => ({
      id: row.id,
      leg: 0,
      group: groups.get(row.saleId) ?? unmatchedGroup(row.saleId),
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
      return {
        group: groups.get(row.saleId) ?? unmatchedGroup(row.saleId),
        since: sold < row.onDate ? sold : row.onDate,
      };
    }),
  );
}
