/** Facts of selling into documents, lines and movements: orders, returns, charges, payouts, and the channel's own list of its balance. */
import { sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import { bulkInsert, inOrder, list, writtenColumns } from "../../db/bulk";
import { balanceRows, charges, orderFees, orderLines, orders, payouts, returnLines, returns } from "../../db/schema";
import { rowsOf } from "../../db/scope";
import { type Batch, channelOf, type Incoming, locationOf, refuse } from "../books/batch";
import { instantText } from "../books/instants";
import { addMovements, type NewMovement, regroup, removeMovements } from "../books/movements";
import { touchDays, touchOrders, touchPosted } from "../books/touched-days";
import { type SaidFact, saidTotal } from "../core/exchange";
import type { BalanceRowFact, ChargeFact, OrderFact, PayoutFact, PlacementFact, ReturnFact } from "../core/facts";
import { unmatchedGroup } from "../core/ids";
import { normalise } from "../core/matching";
import { allocate } from "../core/money";
import { feeAccount } from "../core/posting";
import { type Leg, legsOf, partsOf } from "../stock/bundles";
import { keyOrNull } from "../stock/items";
import { checkItems, checkLineIds } from "../stock/lines";
import { type LineMatch, matchIncoming } from "../stock/matching";
import { rematch } from "../stock/rematching";
import { type LineBack, remakeSales, returnMovements, saleMovements } from "../stock/sale-movements";

/** What a document said in another currency; nothing of one in the books' own. */
const saidIn = (fact: SaidFact) =>
  fact.foreign === undefined
    ? { currency: null, saidMinor: null }
    : { currency: fact.foreign.currency, saidMinor: saidTotal(fact) };

type OrderLineRow = typeof orderLines.$inferInsert;

/** `on conflict … do update` of every column but the key. */
function replaceAll(table: PgTable, keys: readonly string[]) {
  const sets = writtenColumns(table)
    .filter(({ name }) => !keys.includes(name))
    .map(({ name }) => `"${name}" = excluded."${name}"`);
  return sql.raw(`on conflict (${keys.join(", ")}) do update set ${sets.join(", ")}`);
}
const byId = ["business_id", "id"];

/** Orders with their lines, matched to items; each matched line moves its item out. */
export async function recordOrders(batch: Batch, incoming: readonly Incoming<OrderFact>[]): Promise<void> {
  if (incoming.length === 0) return;
  const businessId = batch.scope.businessId;
  await checkLineIds(
    batch,
    incoming.flatMap((one) =>
      one.fact.lines.map((line) => ({ incoming: one, id: line.id, owner: `order/${one.fact.id}` })),
    ),
  );
  const formerly = await clearReplaced(
    batch,
    incoming.filter((one) => one.isNewVersion),
  );
  const headers: (typeof orders.$inferInsert)[] = [];
  const fees: (typeof orderFees.$inferInsert)[] = [];
  const lines: OrderLineRow[] = [];
  for (const one of incoming) {
    const { fact } = one;
    const channel = channelOf(batch, one, fact.channel);
    const gross = fact.lines.reduce((sum, line) => sum + line.amount, 0n);
    const at = fact.when.at === null ? null : instantText(fact.when.at);
    headers.push({
      businessId,
      id: fact.id,
      channelId: channel.id,
      number: fact.number,
      onDate: fact.when.on,
      at,
      grossMinor: gross,
      shippingMinor: fact.shipping,
      taxMinor: fact.tax,
      taxBy: fact.taxBy,
      discountMinor: fact.discount,
      feesMinor: fact.fees.reduce((sum, fee) => sum + fee.amount, 0n),
      chargesMinor: 0n,
      refundedMinor: 0n,
      shippingBackMinor: 0n,
      recordedAt: batch.recordedAt,
      isUndone: false,
      ...saidIn(fact),
      shipCountry: fact.shipTo?.country ?? null,
      shipRegion: fact.shipTo?.region ?? null,
    });
    fact.fees.forEach((fee, place) => {
      fees.push({
        businessId,
        orderId: fact.id,
        place,
        kind: fee.kind,
        accountCode: feeAccount(fee.kind),
        amountMinor: fee.amount,
      });
    });
    const discounts =
      gross > 0n
        ? allocate(
            fact.discount < gross ? fact.discount : gross,
            fact.lines.map((line) => line.amount),
          )
        : [];
    fact.lines.forEach((line, place) => {
      lines.push({
        businessId,
        id: line.id,
        orderId: fact.id,
        place,
        channelId: channel.id,
        onDate: fact.when.on,
        at,
        sku: line.sku,
        skuKey: keyOrNull(line.sku),
        name: line.name,
        nameKey: normalise(line.name),
        listingKey: line.listing === null || line.listing === "" ? null : `${channel.id}\u001f${line.listing}`,
        qty: line.qty,
        amountMinor: line.amount,
        discountMinor: discounts[place] ?? 0n,
        // A line that was here stays where it was sold from: another default of its channel is for what comes after.
        locationId: locationOf(batch, one, line.location ?? formerly.get(line.id)?.location_id ?? channel.locationId),
        itemId: null,
        matchedBy: null,
        candidates: 0,
        costMinor: 0n,
        costBackMinor: 0n,
        shortQty: line.qty,
        returnedQty: 0n,
        isUndone: false,
      });
    });
  }
  const instants = new Map(
    incoming.flatMap((one) => one.fact.lines.map((line) => [line.id, one.fact.when.at] as const)),
  );
  const matched = await matchIncoming(
    batch,
    lines.map((line) => ({
      id: line.id,
      on: line.onDate,
      at: instants.get(line.id) ?? null,
      qty: line.qty,
      listingKey: line.listingKey ?? null,
      skuKey: line.skuKey ?? null,
      nameKey: line.nameKey,
    })),
  );
  for (const line of lines) {
    const match: LineMatch | undefined = matched.matches.get(line.id);
    line.itemId = match?.item ?? null;
    line.matchedBy = match?.by ?? null;
    line.candidates = match?.candidates ?? 0;
    // What it is short of is known when it is folded: most lines of items are short of nothing, and then no index of them changes.
    if (line.itemId !== null) line.shortQty = 0n;
  }
  await inOrder(Math.max(headers.length, fees.length, lines.length), [
    () => bulkInsert(batch.tx, orders, headers, replaceAll(orders, byId)),
    () => bulkInsert(batch.tx, orderFees, fees),
    () => bulkInsert(batch.tx, orderLines, lines, replaceAll(orderLines, byId)),
    () =>
      touchDays(
        batch.tx,
        batch.scope,
        headers.map((header) => header.onDate),
      ),
    // What came back of new ones is known by now; of those that are replaced only when their returns are restored.
    () =>
      count(
        batch,
        incoming.flatMap((one) => (one.isNewVersion ? [] : [one.fact.id])),
      ),
  ]);
  const fresh = new Set(incoming.flatMap((one) => (one.isNewVersion ? [] : one.fact.lines.map((line) => line.id))));
  const parts = await partsOf(
    batch,
    lines.flatMap((line) => (line.itemId == null ? [] : [line.itemId])),
  );
  const moved = lines.flatMap((line) =>
    line.itemId == null
      ? []
      : saleMovements(
          {
            id: line.id,
            order: line.orderId,
            location: line.locationId,
            on: line.onDate,
            at: instants.get(line.id) ?? null,
            qty: line.qty,
          },
          legsOf({ id: line.id, item: line.itemId }, parts),
        ),
  );
  await addMovements(
    batch,
    moved.filter((one) => fresh.has(one.id)),
    true,
  );
  await addMovements(
    batch,
    moved.filter((one) => !fresh.has(one.id)),
  );
  const replaced = incoming.filter((one) => one.isNewVersion);
  await restoreReplaced(batch, replaced);
  const causes = new Map(incoming.flatMap((one) => one.fact.lines.map((line) => [line.id, one] as const)));
  const changed = changedLines(formerly, lines, instants, fresh);
  await rematch(
    batch,
    { listings: [...matched.undecided, ...changed.listings], lines: changed.lines },
    // A line of an earlier order that cannot follow is held by whatever of this recording decides its listing now.
    (line) => causes.get(line) ?? incoming[0] ?? { index: 0 },
  );
  await count(
    batch,
    replaced.map((one) => one.fact.id),
  );
}

/** A line as it was before its order's new version. */
type FormerLine = Readonly<{
  location_id: string;
  on_date: string;
  at: string | null;
  listing_key: string | null;
  sku_key: string | null;
  name_key: string;
  /** A person matched it or pinned its cost. */
  is_held: boolean;
}>;

/**
 * The lines of new versions that are to be matched again, and the listings that lost one. A version that says the same of a line's
 * listing, SKU, name and time decides no listing otherwise, and what it is of itself `matchIncoming` has said: to ask all lines of a listing
 * at each edit of an order would grow with what was sold.
 */
function changedLines(
  formerly: ReadonlyMap<string, FormerLine>,
  lines: readonly OrderLineRow[],
  instants: ReadonlyMap<string, bigint | null>,
  fresh: ReadonlySet<string>,
): Readonly<{ lines: readonly string[]; listings: readonly string[] }> {
  const isSame = (was: FormerLine, now: OrderLineRow) =>
    !was.is_held &&
    was.on_date === now.onDate &&
    was.at === (instants.get(now.id)?.toString() ?? null) &&
    was.listing_key === (now.listingKey ?? null) &&
    was.sku_key === (now.skuKey ?? null) &&
    was.name_key === now.nameKey;
  const same = new Set<string>();
  for (const line of lines) {
    const was = formerly.get(line.id);
    if (was !== undefined && isSame(was, line)) same.add(line.id);
  }
  return {
    lines: lines.flatMap((line) => (fresh.has(line.id) || same.has(line.id) ? [] : [line.id])),
    listings: [...formerly].flatMap(([id, was]) => (same.has(id) || was.listing_key === null ? [] : [was.listing_key])),
  };
}

/** Takes away what a new version of an order replaces, and gives its lines as they were. A line that something refers to may change but not vanish. */
async function clearReplaced(
  batch: Batch,
  replaced: readonly Incoming<OrderFact>[],
): Promise<ReadonlyMap<string, FormerLine>> {
  if (replaced.length === 0) return new Map();
  const business = batch.scope.businessId;
  const ids = list(
    "text",
    replaced.map((one) => one.fact.id),
  );
  const before = await rowsOf<
    FormerLine & {
      id: string;
      order_id: string;
      uses: number;
      returned: string;
      returned_on: string | null;
      backfilled: string;
      pinned: string;
    }
  >(
    batch.tx,
    sql`select o.id, o.order_id, o.location_id, o.on_date::text, (extract(epoch from o."at") * 1000000)::bigint::text as at, o.listing_key,
          o.sku_key, o.name_key, o.returned_qty::text as returned,
          exists (select from app.matches m where m.business_id = ${business} and m.sale_id = o.id)
            or exists (select from app.pins p where p.business_id = ${business} and p.sale_id = o.id) as is_held,
          (select min(r.on_date)::text from app.returns r
            where r.business_id = ${business} and r.order_id = o.order_id and not r.is_undone) as returned_on,
          (select coalesce(sum(b.qty), 0)::text from app.backfills b
            where b.business_id = ${business} and b.sale_id = o.id and not b.is_undone) as backfilled,
          (select coalesce(sum(p.qty), 0)::text from app.pins p where p.business_id = ${business} and p.sale_id = o.id) as pinned,
          (select count(*) from app.pins p where p.business_id = ${business} and p.sale_id = o.id)::int
          + (select count(*) from app.backfills b where b.business_id = ${business} and b.sale_id = o.id and not b.is_undone)::int as uses
        from app.order_lines o where o.business_id = ${business} and o.order_id = any(${ids}) and not o.is_undone`,
  );
  const kept = new Map(replaced.flatMap((one) => one.fact.lines.map((line) => [line.id, line] as const)));
  for (const row of before) {
    const now = kept.get(row.id);
    const incoming = replaced.find((one) => one.fact.id === row.order_id);
    if (
      incoming !== undefined &&
      ((now === undefined && (row.uses > 0 || row.returned !== "0")) ||
        (now !== undefined && now.qty < BigInt(row.returned)))
    ) {
      refuse(
        incoming,
        "in_use",
        "The new version of this order drops units that came back or whose cost a person chose.",
        { line: row.id },
      );
    }
    // Pins and backfills come to at most the line's quantity (rule 4); where there are only pins, matching sees to it (a bundle has parts).
    const backfilled = BigInt(row.backfilled);
    if (incoming !== undefined && now !== undefined && backfilled > 0n && now.qty < backfilled + BigInt(row.pinned))
      refuse(incoming, "in_use", "The new version of this order drops units whose cost a person gave.", {
        line: row.id,
      });
    // A return is dated on or after its sale, whichever of the two was told last (rule 6).
    if (incoming !== undefined && row.returned_on !== null && incoming.fact.when.on > row.returned_on)
      refuse(
        incoming,
        "in_use",
        `Units of this order came back on ${row.returned_on}; its new version is dated after that day.`,
        { line: row.id },
      );
  }
  await touchOrders(batch.tx, batch.scope, ids);
  await touchPosted(batch.tx, batch.scope, [...kept.keys(), ...before.map((row) => row.id)]);
  await removeMovements(
    batch,
    before.map((row) => row.id),
  );
  await batch.tx.execute(
    sql`update app.order_lines set is_undone = true, item_id = null, short_qty = 0, cost_minor = 0, cost_back_minor = 0 where business_id = ${business} and order_id = any(${ids})`,
  );
  await batch.tx.execute(sql`delete from app.order_fees where business_id = ${business} and order_id = any(${ids})`);
  return new Map(before.map((row) => [row.id, row]));
}

/** What came back of the lines of a replaced order is counted again; a line with returns or backfills but no item stays a group of its own. */
async function restoreReplaced(batch: Batch, replaced: readonly Incoming<OrderFact>[]): Promise<void> {
  if (replaced.length === 0) return;
  const business = batch.scope.businessId;
  const ids = list(
    "text",
    replaced.map((one) => one.fact.id),
  );
  await batch.tx.execute(
    sql`update app.order_lines o set returned_qty = r.qty from (
          select l.sale_id, sum(l.qty) as qty from app.return_lines l join app.returns h on h.business_id = ${business} and h.id = l.return_id and not h.is_undone
          where l.business_id = ${business} and h.order_id = any(${ids}) group by l.sale_id
        ) r where o.business_id = ${business} and o.id = r.sale_id`,
  );
  // Lines with returns or backfills move whether they matched or not, and what came back of them moves as they do.
  const referred = await rowsOf<{ sale_id: string }>(
    batch.tx,
    sql`select distinct l.sale_id from app.return_lines l
          join app.returns h on h.business_id = ${business} and h.id = l.return_id and h.order_id = any(${ids}) and not h.is_undone
        where l.business_id = ${business} and l.sale_id is not null
        union
        select b.sale_id from app.backfills b join app.order_lines o on o.business_id = ${business} and o.id = b.sale_id
        where b.business_id = ${business} and o.order_id = any(${ids}) and not b.is_undone`,
  );
  await remakeSales(
    batch,
    referred.map((row) => row.sale_id),
  );
  await regroupBackfills(
    batch,
    referred.map((row) => row.sale_id),
  );
}

/** The lots of backfills are of what their lines are now. */
async function regroupBackfills(batch: Batch, sales: readonly string[]): Promise<void> {
  const business = batch.scope.businessId;
  const rows = await rowsOf<{ id: string; sale_id: string; item_id: string | null }>(
    batch.tx,
    sql`select b.id, b.sale_id, o.item_id from app.backfills b
        join app.order_lines o on o.business_id = ${business} and o.id = b.sale_id
        where b.business_id = ${business} and b.sale_id = any(${list("text", sales)}) and not b.is_undone`,
  );
  await regroup(
    batch,
    rows.map((row) => ({ id: row.id, group: row.item_id ?? unmatchedGroup(row.sale_id) })),
  );
}

/**
 * Keeps on each order what charges and refunds name it for, so that its page adds up without reading them all. The orders' days are marked
 * whether or not an order's sum is another: what came back may have moved from one of its lines to the other.
 */
export async function countCharges(batch: Batch, orderIds: readonly string[]): Promise<void> {
  if (orderIds.length === 0) return;
  await touchOrders(batch.tx, batch.scope, list("text", [...new Set(orderIds)]));
  await count(batch, orderIds);
}

async function count(batch: Batch, orderIds: readonly string[]): Promise<void> {
  if (orderIds.length === 0) return;
  const business = batch.scope.businessId;
  const ids = list("text", [...new Set(orderIds)]);
  await batch.tx.execute(
    sql`update app.orders o set charges_minor = coalesce(c.charges, 0), shipping_back_minor = coalesce(s.shipping, 0),
          refunded_minor = coalesce(c.refunds, 0) + coalesce(r.refunds, 0) + coalesce(s.shipping, 0)
        from unnest(${ids}) as u(id)
        left join lateral (
          select -sum(amount_minor) filter (where category not in ('refund', 'sale', 'tax_collected', 'tax_remitted')) as charges,
                 -sum(amount_minor) filter (where category = 'refund') as refunds
          from app.charges where business_id = ${business} and order_id = u.id and not is_undone) c on true
        left join lateral (
          select sum(l.amount_minor) as refunds from app.returns h
          join app.return_lines l on l.business_id = ${business} and l.return_id = h.id
          where h.business_id = ${business} and h.order_id = u.id and not h.is_undone) r on true
        left join lateral (
          select sum(h.shipping_minor) as shipping from app.returns h
          where h.business_id = ${business} and h.order_id = u.id and not h.is_undone) s on true
        where o.business_id = ${business} and o.id = u.id
          and (o.charges_minor, o.shipping_back_minor, o.refunded_minor) is distinct from (coalesce(c.charges, 0), coalesce(s.shipping, 0),
            coalesce(c.refunds, 0) + coalesce(r.refunds, 0) + coalesce(s.shipping, 0))`,
  );
}

type SaleRow = {
  id: string;
  order_id: string;
  item_id: string | null;
  on_date: string;
  at: string | null;
  qty: string;
  returned_qty: string;
  location_id: string;
  is_undone: boolean;
};

/** The sold lines of these ids, as returns, pins and backfills need them. */
export async function salesOf(batch: Batch, ids: readonly string[]): Promise<Map<string, SaleRow>> {
  const rows = await rowsOf<SaleRow>(
    batch.tx,
    sql`select id, order_id, item_id, on_date::text, (extract(epoch from "at") * 1000000)::bigint::text as at, qty::text, returned_qty::text, location_id, is_undone
        from app.order_lines where business_id = ${batch.scope.businessId} and id = any(${list("text", [...new Set(ids)])})`,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/**
 * What each sold line moves. One that matched nothing, and moves nothing until something refers to it, is given a cost group of its own
 * and its movement.
 */
export async function legsOfSales(
  batch: Batch,
  sales: readonly SaleRow[],
): Promise<ReadonlyMap<string, readonly Leg[]>> {
  const parts = await partsOf(
    batch,
    sales.flatMap((sale) => (sale.item_id === null ? [] : [sale.item_id])),
  );
  const legs = new Map(sales.map((sale) => [sale.id, legsOf({ id: sale.id, item: sale.item_id }, parts)]));
  const unmatched = new Map(sales.flatMap((sale) => (sale.item_id === null ? [[sale.id, sale] as const] : [])));
  if (unmatched.size === 0) return legs;
  for (const row of await rowsOf<{ id: string }>(
    batch.tx,
    sql`select id from app.movements where business_id = ${batch.scope.businessId} and leg = 0 and id = any(${list("text", [...unmatched.keys()])})`,
  )) {
    unmatched.delete(row.id);
  }
  await addMovements(
    batch,
    [...unmatched.values()].flatMap((sale) =>
      saleMovements(
        {
          id: sale.id,
          order: sale.order_id,
          location: sale.location_id,
          on: sale.on_date,
          at: sale.at === null ? null : BigInt(sale.at),
          qty: BigInt(sale.qty),
        },
        legs.get(sale.id) ?? [],
      ),
    ),
  );
  return legs;
}

/** Sale returns, of known sale lines or of items whose sale is not in the books. */
export async function recordReturns(batch: Batch, incoming: readonly Incoming<ReturnFact>[]): Promise<void> {
  if (incoming.length === 0) return;
  const businessId = batch.scope.businessId;
  await checkLineIds(
    batch,
    incoming.flatMap((one) =>
      one.fact.lines.map((line) => ({ incoming: one, id: line.id, owner: `return/${one.fact.id}` })),
    ),
  );
  const again = incoming.filter((one) => one.isNewVersion);
  if (again.length > 0)
    await clearReturns(
      batch,
      again.map((one) => one.fact.id),
    );
  await checkItems(
    batch,
    incoming.flatMap((one) =>
      one.fact.order === null ? one.fact.lines.map((line) => ({ incoming: one, item: line.item })) : [],
    ),
  );
  const sales = await salesOf(
    batch,
    incoming.flatMap((one) => (one.fact.order === null ? [] : one.fact.lines.map((line) => line.line))),
  );
  const known = new Map(
    (
      await rowsOf<{ id: string; channel_id: string; on_date: string }>(
        batch.tx,
        sql`select id, channel_id, on_date::text from app.orders where business_id = ${businessId} and not is_undone
              and id = any(${list(
                "text",
                incoming.flatMap((one) => (one.fact.order === null ? [] : [one.fact.order])),
              )})`,
      )
    ).map((row) => [row.id, row]),
  );
  const returned = new Map<string, bigint>();
  const headers: (typeof returns.$inferInsert)[] = [];
  const lines: (typeof returnLines.$inferInsert)[] = [];
  const moved: NewMovement[] = [];
  const backs: { sale: SaleRow; line: LineBack }[] = [];
  for (const one of incoming) {
    const { fact } = one;
    const { recordedAt } = batch;
    const common = { businessId, id: fact.id, onDate: fact.date, recordedAt, isUndone: false, ...saidIn(fact) };
    if (fact.order === null) {
      const channelId = channelOf(batch, one, fact.channel).id;
      headers.push({ ...common, orderId: null, channelId, taxMinor: 0n, shippingMinor: 0n });
      fact.lines.forEach((line, place) => {
        const location = locationOf(batch, one, line.location);
        lines.push({
          businessId,
          id: line.id,
          returnId: fact.id,
          place,
          saleId: null,
          itemId: line.item,
          qty: line.qty,
          amountMinor: line.amount,
          costMinor: line.cost,
          restock: true,
          writeOff: false,
          isPlaced: true,
          locationId: location,
        });
        moved.push({
          id: line.id,
          leg: 0,
          group: line.item,
          location,
          kind: "loose_return",
          document: fact.id,
          on: fact.date,
          phase: 3,
          at: null,
          qty: line.qty,
          value: line.cost,
        });
      });
      continue;
    }
    const order = known.get(fact.order);
    const later = batch.order.get(`order/${fact.order}`);
    if (order === undefined || (later !== undefined && later > one.index))
      refuse(one, "unknown_id", `There is no order ${fact.order}.`, { id: fact.order });
    const { tax = 0n, shipping = 0n } = fact;
    if (tax < 0n || shipping < 0n)
      refuse(one, "out_of_range", "What a refund gives back of tax and shipping is not below 0.", { id: fact.id });
    headers.push({
      ...common,
      orderId: fact.order,
      channelId: order.channel_id,
      taxMinor: tax,
      shippingMinor: shipping,
    });
    fact.lines.forEach((line, place) => {
      const sale = sales.get(line.line);
      if (sale === undefined || sale.is_undone || sale.order_id !== fact.order) {
        refuse(one, "unknown_id", `The order ${fact.order} has no line ${line.line}.`, { id: line.line });
      }
      if (fact.date < sale.on_date)
        refuse(one, "bad_date", "A return is dated on the day of its sale, or later.", { line: line.id });
      if (line.restock && line.writeOff)
        refuse(one, "does_not_fit", "What is back on the shelf is not written off.", { line: line.id });
      const total = (returned.get(sale.id) ?? BigInt(sale.returned_qty)) + line.qty;
      if (total > BigInt(sale.qty)) {
        const left = BigInt(sale.qty) - total + line.qty;
        refuse(one, "does_not_fit", `${left} of this line are left to come back; the return says ${line.qty}.`, {
          line: line.id,
          left: String(left),
        });
      }
      returned.set(sale.id, total);
      const location = line.location === null ? sale.location_id : locationOf(batch, one, line.location);
      lines.push({
        businessId,
        id: line.id,
        returnId: fact.id,
        place,
        saleId: sale.id,
        itemId: null,
        qty: line.qty,
        amountMinor: line.amount,
        costMinor: 0n,
        restock: line.restock,
        writeOff: line.writeOff,
        isPlaced: line.placed,
        locationId: location,
      });
      const { id, qty, restock, writeOff } = line;
      if (restock || writeOff)
        backs.push({ sale, line: { id, document: fact.id, on: fact.date, location, qty, restock, writeOff } });
    });
  }
  await bulkInsert(batch.tx, returns, headers, replaceAll(returns, byId));
  await bulkInsert(batch.tx, returnLines, lines, replaceAll(returnLines, byId));
  if (returned.size > 0) {
    await batch.tx.execute(
      sql`update app.order_lines o set returned_qty = u.qty from unnest(${list("text", [...returned.keys()])}, ${list("bigint", [...returned.values()])}) as u(id, qty)
          where o.business_id = ${businessId} and o.id = u.id`,
    );
  }
  const legs = await legsOfSales(batch, [...new Map(backs.map(({ sale }) => [sale.id, sale])).values()]);
  await addMovements(batch, [
    ...moved,
    ...backs.flatMap(({ sale, line }) => returnMovements(line, legs.get(sale.id) ?? [])),
  ]);
  await countCharges(
    batch,
    headers.flatMap((header) => (header.orderId == null ? [] : [header.orderId])),
  );
}

/** Takes returns' movements away and gives their quantities back to the lines that they were of. */
export async function clearReturns(batch: Batch, ids: readonly string[]): Promise<void> {
  const business = batch.scope.businessId;
  const rows = await rowsOf<{ id: string; sale_id: string | null; qty: string }>(
    batch.tx,
    sql`select id, sale_id, qty::text from app.return_lines where business_id = ${business} and return_id = any(${list("text", ids)})`,
  );
  await touchPosted(
    batch.tx,
    batch.scope,
    rows.map((row) => row.id),
  );
  await removeMovements(
    batch,
    rows.map((row) => row.id),
  );
  await batch.tx.execute(
    sql`update app.order_lines o set returned_qty = o.returned_qty - u.qty from (
          select sale_id, sum(qty) as qty from app.return_lines where business_id = ${business} and return_id = any(${list("text", ids)}) and sale_id is not null group by sale_id
        ) u where o.business_id = ${business} and o.id = u.sale_id`,
  );
}

/** Where a person says that returned goods went. */
export async function recordPlacements(batch: Batch, incoming: readonly Incoming<PlacementFact>[]): Promise<void> {
  for (const one of incoming) {
    const { fact } = one;
    const business = batch.scope.businessId;
    const [row] = await rowsOf<{
      id: string;
      return_id: string;
      sale_id: string | null;
      qty: string;
      location_id: string;
      on_date: string;
    }>(
      batch.tx,
      sql`select l.id, l.return_id, l.sale_id, l.qty::text, l.location_id, r.on_date::text from app.return_lines l
          join app.returns r on r.business_id = ${business} and r.id = l.return_id and not r.is_undone
          where l.business_id = ${business} and l.id = ${fact.line}`,
    );
    if (row === undefined || row.sale_id === null)
      refuse(one, "unknown_id", "There is no such returned line.", { id: fact.line });
    if (fact.restock && fact.writeOff) refuse(one, "does_not_fit", "What is back on the shelf is not written off.");
    await place(
      batch,
      row.id,
      row.return_id,
      row.sale_id,
      BigInt(row.qty),
      row.on_date,
      fact.location === null ? row.location_id : locationOf(batch, one, fact.location),
      fact,
      true,
    );
  }
}

/** Sets a returned line's fate; undoing it makes the line wait again. */
export async function place(
  batch: Batch,
  line: string,
  returnId: string,
  saleId: string,
  qty: bigint,
  on: string,
  location: string,
  fate: Readonly<{ restock: boolean; writeOff: boolean }>,
  isPlaced: boolean,
): Promise<void> {
  await removeMovements(batch, [line]);
  await batch.tx.execute(
    sql`update app.return_lines set restock = ${fate.restock}, write_off = ${fate.writeOff}, is_placed = ${isPlaced}, location_id = ${location}
        where business_id = ${batch.scope.businessId} and id = ${line}`,
  );
  if (!fate.restock && !fate.writeOff) return;
  const sales = await salesOf(batch, [saleId]);
  const legs = await legsOfSales(batch, [...sales.values()]);
  await addMovements(
    batch,
    returnMovements(
      { id: line, document: returnId, on, location, qty, restock: fate.restock, writeOff: fate.writeOff },
      legs.get(saleId) ?? [],
    ),
  );
}

/** Charges and credits of a channel apart from orders. */
export async function recordCharges(batch: Batch, incoming: readonly Incoming<ChargeFact>[]): Promise<void> {
  await bulkInsert(
    batch.tx,
    charges,
    incoming.map((one) => ({
      businessId: batch.scope.businessId,
      id: one.fact.id,
      channelId: channelOf(batch, one, one.fact.channel).id,
      onDate: one.fact.date,
      category: one.fact.category,
      type: one.fact.type,
      amountMinor: one.fact.amount,
      orderId: one.fact.order,
      memo: one.fact.memo,
      accountCode: one.fact.account ?? null,
      recordedAt: batch.recordedAt,
      isUndone: false,
      ...saidIn(one.fact),
    })),
    replaceAll(charges, byId),
  );
  await countCharges(
    batch,
    incoming.flatMap((one) => (one.fact.order === null ? [] : [one.fact.order])),
  );
}

/** Payouts, as the channel tells them. */
export async function recordPayouts(batch: Batch, incoming: readonly Incoming<PayoutFact>[]): Promise<void> {
  await bulkInsert(
    batch.tx,
    payouts,
    incoming.map((one) => ({
      businessId: batch.scope.businessId,
      id: one.fact.id,
      channelId: channelOf(batch, one, one.fact.channel).id,
      onDate: one.fact.date,
      amountMinor: one.fact.amount,
      depositId: null,
      recordedAt: batch.recordedAt,
      isUndone: false,
      ...saidIn(one.fact),
    })),
    sql`on conflict (business_id, id) do update set on_date = excluded.on_date, amount_minor = excluded.amount_minor, currency = excluded.currency,
          said_minor = excluded.said_minor, is_undone = false`,
  );
}

/** The rows of a channel's balance: evidence, no postings. */
export async function recordBalanceRows(batch: Batch, incoming: readonly Incoming<BalanceRowFact>[]): Promise<void> {
  await bulkInsert(
    batch.tx,
    balanceRows,
    incoming.map((one) => ({
      businessId: batch.scope.businessId,
      id: one.fact.id,
      channelId: channelOf(batch, one, one.fact.channel).id,
      onDate: one.fact.when.on,
      at: one.fact.when.at === null ? null : instantText(one.fact.when.at),
      type: one.fact.type,
      amountMinor: one.fact.amount,
      payoutId: one.fact.payout,
      about: one.fact.about,
      memo: one.fact.memo,
      isUndone: false,
      ...saidIn(one.fact),
    })),
    replaceAll(balanceRows, byId),
  );
}
