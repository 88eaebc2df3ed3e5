/**
 * How much of an item a place shall have at least, and what is to be bought again because it has less. On hand at a place is what item_places
 * has; what is on its way between two places is at neither.
 */
import { type SQL, sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { reading } from "../../db/reading";
import { stockMinimums } from "../../db/schema";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { addDays } from "../core/dates";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { normalise } from "../core/matching";
import { share } from "../core/money";
import { formatQuantity, parseQuantity } from "../core/quantity";
import { costAt, coverDays, toBuy } from "../core/registers";
import { knownAt, mayAt, require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { todayOf } from "../system/clock";
import { request } from "../system/outbox";
import { onOrderRows } from "./on-order";
import { inOrderOf, type RankedAt, type RankedPage, rankedPage, type Standing } from "./ranked";
import { holdsWords, spanRows } from "./register-sql";

/** What was typed for one item: empty where it shall have none. Without a target, up to the minimum is bought. */
export type TypedMinimum = Readonly<{ item: string; minimum: string; target: string }>;
export type MinimumRow = Readonly<{
  id: string;
  name: string;
  sku: string | null;
  decimals: number;
  /** On hand at the place. */
  qty: bigint;
  minimum: bigint | null;
  target: bigint | null;
}>;

type Wanted = Readonly<{ item: string; minimum: bigint; target: bigint }>;

/** The items of one place with their minimums, by name: a page after an item's name and id. */
export function minimumsAt(
  scope: Scope,
  filter: Readonly<{ location: string; q?: string | undefined }>,
  page: RankedAt = {},
): Promise<RankedPage<MinimumRow> & Readonly<{ items: number }>> {
  require(scope, "stock");
  if (!mayAt(scope, filter.location)) throw new Refusal("not_found", "There is no such location.");
  const b = scope.businessId;
  return reading({ ...scope, rows: "many" }, async (tx) => {
    const rows = await rowsOf<{
      id: string;
      name: string;
      sku: string | null;
      decimals: number;
      qty: string;
      minimum: string | null;
      target: string | null;
    }>(
      tx,
      sql`select i.id, i.name, i.sku, i.decimals, coalesce(p.qty, 0)::text as qty, k.min_qty::text as minimum, k.target_qty::text as target
          from app.items i
          left join app.item_places p on p.business_id = ${b} and p.item_id = i.id and p.location_id = ${filter.location}
          left join app.stock_minimums k on k.business_id = ${b} and k.item_id = i.id and k.location_id = ${filter.location}
          where i.business_id = ${b} and not i.is_undone and ${knownAt(scope, "i.id")} and ${holdsWords(b, normalise(filter.q ?? ""))}
            and not exists (select 1 from app.item_components c where c.business_id = ${b} and c.item_id = i.id)`,
    );
    const all = rows.map(
      (row): MinimumRow => ({
        ...row,
        qty: BigInt(row.qty),
        minimum: row.minimum === null ? null : BigInt(row.minimum),
        target: row.target === null ? null : BigInt(row.target),
      }),
    );
    const by = (row: MinimumRow): Standing => normalise(row.name);
    return { ...rankedPage(inOrderOf(all, by, false), by, false, page), items: all.length };
  });
}

/**
 * Sets the minimums of one place for the items given; others stay. Gives what they were, which said again takes it back. What has less at
 * once is marked as told: whoever sets it sees it. Refuses `unknown_id` for a place or an item that is not there, `bad_number` at a row's
 * field (`minimum-0`, `target-0`).
 */
export async function saveMinimums(
  scope: Scope,
  input: Readonly<{ location: string; items: readonly TypedMinimum[] }>,
): Promise<Readonly<{ changed: number; before: readonly TypedMinimum[] }>> {
  require(scope, "move");
  const { location, items } = input;
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const [place] = await rowsOf<{ id: string }>(
      tx,
      sql`select id from app.locations where business_id = ${b} and id = ${location} and not is_in_transit and retired_at is null for update`,
    );
    if (place === undefined || !mayAt(scope, location))
      throw new Refusal("unknown_id", "Choose a location that is in use.", { field: "location" });
    const ids = list(
      "text",
      items.map(({ item }) => item),
    );
    const known = new Map(
      (
        await rowsOf<{ id: string; decimals: number; minimum: string | null; target: string | null }>(
          tx,
          sql`select i.id, i.decimals, k.min_qty::text as minimum, k.target_qty::text as target from app.items i
              left join app.stock_minimums k on k.business_id = ${b} and k.item_id = i.id and k.location_id = ${location}
              where i.business_id = ${b} and i.id = any(${ids}) and not i.is_undone and ${knownAt(scope, "i.id")}`,
        )
      ).map((row) => [row.id, row]),
    );
    const before: TypedMinimum[] = [];
    const set: Wanted[] = [];
    const gone: string[] = [];
    for (const [row, typed] of items.entries()) {
      const item = known.get(typed.item);
      if (item === undefined)
        throw new Refusal("unknown_id", "This product is not there any more.", { field: `minimum-${row}` });
      const wanted = wantedOf(typed, item.decimals, row);
      const was = { minimum: item.minimum, target: item.target };
      if (
        String(wanted?.minimum ?? null) === String(was.minimum) &&
        String(wanted?.target ?? null) === String(was.target)
      )
        continue;
      const text = (units: string | null) => (units === null ? "" : formatQuantity(BigInt(units), item.decimals));
      before.push({ item: typed.item, minimum: text(was.minimum), target: text(was.target) });
      if (wanted === null) gone.push(typed.item);
      else set.push(wanted);
    }
    if (before.length > 0) await write(tx, scope, location, set, gone, before);
    return { changed: before.length, before };
  });
}

function wantedOf(typed: TypedMinimum, decimals: number, row: number): Wanted | null {
  const read = (text: string, field: string): bigint => {
    try {
      return parseQuantity(text, decimals);
    } catch (error) {
      if (error instanceof Refusal) throw new Refusal(error.code, error.message, { field: `${field}-${row}` });
      throw error;
    }
  };
  if (typed.minimum.trim() === "") {
    if (typed.target.trim() === "") return null;
    throw new Refusal("bad_number", "Say from which minimum on it is bought up to that.", { field: `minimum-${row}` });
  }
  const minimum = read(typed.minimum, "minimum");
  if (minimum < 0n) throw new Refusal("bad_number", "A minimum is 0 or more.", { field: `minimum-${row}` });
  if (minimum === 0n) return null;
  const target = typed.target.trim() === "" ? minimum : read(typed.target, "target");
  if (target < minimum)
    throw new Refusal("bad_number", "What is bought goes up to the minimum at least.", { field: `target-${row}` });
  return { item: typed.item, minimum, target };
}

async function write(
  tx: Tx,
  scope: Scope,
  location: string,
  set: readonly Wanted[],
  gone: readonly string[],
  before: readonly TypedMinimum[],
): Promise<void> {
  const { businessId } = scope;
  const after = [
    ...set.map(({ item, minimum, target }) => ({ item, minimum: String(minimum), target: String(target) })),
    ...gone.map((item) => ({ item, minimum: "", target: "" })),
  ];
  await recordAudit(tx, scope, { what: "minimum.change", about: location, before, after });
  if (gone.length > 0)
    await tx.execute(
      sql`delete from app.stock_minimums where business_id = ${businessId} and location_id = ${location} and item_id = any(${list("text", gone)})`,
    );
  if (set.length === 0) return;
  await bulkInsert(
    tx,
    stockMinimums,
    set.map(({ item, minimum, target }) => ({
      businessId,
      itemId: item,
      locationId: location,
      minQty: minimum,
      targetQty: target,
      toldAt: null,
    })),
    sql`on conflict (business_id, item_id, location_id) do update set min_qty = excluded.min_qty, target_qty = excluded.target_qty, told_at = null`,
  );
  await tx.execute(
    sql`update app.stock_minimums k set told_at = now() where k.business_id = ${businessId} and k.location_id = ${location}
          and k.item_id = any(${list(
            "text",
            set.map(({ item }) => item),
          )}) and ${isBelow(businessId)}`,
  );
  await request(tx, "tellLowStock", { business: businessId }, lookEveryMs);
}

/** So often it is looked whether something fell below its minimum. */
export const lookEveryMs = 3_600_000;

/** Has the place of a minimum `k` less than it shall have? */
export const isBelow = (business: string): SQL => sql`coalesce((select p.qty from app.item_places p
  where p.business_id = ${business} and p.item_id = k.item_id and p.location_id = k.location_id), 0) < k.min_qty`;

export const buySorts = ["name", "place", "qty", "buy", "cover"] as const;
export type BuySort = (typeof buySorts)[number];
/** `id` is the item's with its place's. */
export type BuyRow = Readonly<{
  id: string;
  item: string;
  name: string;
  sku: string | null;
  decimals: number;
  location: string;
  locationName: string;
  qty: bigint;
  minimum: bigint;
  target: bigint;
  buy: bigint;
  /** Ordered from suppliers to this place and not here yet; taken off what is to buy. */
  onOrder: bigint;
  /** Of the item, between any two places. */
  inTransit: bigint;
  /** Whole days that it lasts at the pace of the last 30 days; null where nothing was sold. */
  cover: bigint | null;
  last: Readonly<{ supplier: string; on: LocalDate; eachMinor: bigint | null }> | null;
}>;
export type BuyFilter = Readonly<{
  q?: string | undefined;
  location?: string | undefined;
  sort?: BuySort | undefined;
  isDown?: boolean | undefined;
  today?: LocalDate | undefined;
}>;
export type BuyList = RankedPage<BuyRow> & Readonly<{ items: number; minimums: number; costMinor: bigint }>;

const coverSpan = 30;

/** What is below its minimum: how many to buy to come up to the target, where it was bought last and at what, for how long it lasts. */
export function buyAgain(scope: Scope, filter: BuyFilter = {}, page: RankedAt = {}): Promise<BuyList> {
  require(scope, "read");
  const b = scope.businessId;
  const today = filter.today ?? todayOf(scope.timeZone);
  const period = { from: addDays(today, 1 - coverSpan), to: today };
  const at = filter.location === undefined ? sql`true` : sql`k.location_id = ${filter.location}`;
  return reading({ ...scope, rows: "many" }, async (tx) => {
    const [[count], found] = await Promise.all([
      rowsOf<{ n: number }>(
        tx,
        sql`select count(*)::int as n from app.stock_minimums k where k.business_id = ${b} and ${at}`,
      ),
      rowsOf<Record<string, string | null> & { decimals: number }>(
        tx,
        sql`select i.id as item, i.name, i.sku, i.decimals, k.location_id as location, l.name as location_name, k.min_qty::text as minimum,
              k.target_qty::text as target, coalesce(p.qty, 0)::text as qty, coalesce(t.qty, 0)::text as in_transit, coalesce(n.qty, 0)::text as on_order, s.qty::text as sold,
              x.supplier, x.on_date::text as on_date, x.cost::text as cost, x.qty::text as bought
            from app.stock_minimums k
            join app.items i on i.business_id = ${b} and i.id = k.item_id and not i.is_undone
            join app.locations l on l.business_id = ${b} and l.id = k.location_id
            left join app.item_places p on p.business_id = ${b} and p.item_id = k.item_id and p.location_id = k.location_id
            left join app.item_places t on t.business_id = ${b} and t.item_id = k.item_id and t.location_id = 'in-transit'
            left join (${onOrderRows(b)}) n on n.item_id = k.item_id and n.location_id = k.location_id
            cross join lateral (select coalesce(sum(r.sold_qty - r.back_qty), 0) as qty from (${spanRows(b, period, ["sold_qty", "back_qty"])}) r where r.location_id = k.location_id) s
            left join lateral (select u.supplier, u.on_date, pl.cost_minor as cost, pl.qty from app.purchase_lines pl
              join app.purchases u on u.business_id = ${b} and u.id = pl.purchase_id and not u.is_undone
              where pl.business_id = ${b} and pl.item_id = i.id order by u.on_date desc, u.id desc limit 1) x on true
            where k.business_id = ${b} and ${at} and coalesce(p.qty, 0) < k.min_qty and ${holdsWords(b, normalise(filter.q ?? ""))}`,
      ),
    ]);
    const rows = found.map(buyRow);
    const by = (row: BuyRow): Standing => {
      if (filter.sort === "cover") return row.cover;
      if (filter.sort === "place") return normalise(row.locationName);
      return filter.sort === "qty" ? row.qty : filter.sort === "buy" ? row.buy : normalise(row.name);
    };
    const isDown = filter.isDown ?? false;
    return {
      ...rankedPage(inOrderOf(rows, by, isDown), by, isDown, page),
      items: rows.length,
      minimums: count?.n ?? 0,
      costMinor: rows.reduce((sum, row) => sum + (costOf(row) ?? 0n), 0n),
    };
  });
}

/** What buying so many comes to at the last price; null where it was never bought. */
export function costOf({ buy, last, decimals }: BuyRow): bigint | null {
  return last?.eachMinor === null || last === null ? null : costAt(last.eachMinor, buy, 10n ** BigInt(decimals));
}

/** What is to buy when so much is on its way already: nothing more where that is enough. */
const lessOrdered = (buy: bigint, onOrder: bigint): bigint => (onOrder >= buy ? 0n : buy - onOrder);

function buyRow(row: Record<string, string | null> & { decimals: number }): BuyRow {
  const of = (name: string) => BigInt(row[name] ?? "0");
  const [qty, minimum, target, one] = [of("qty"), of("minimum"), of("target"), 10n ** BigInt(row.decimals)];
  return {
    id: `${row.item}\u001f${row.location}`,
    item: row.item ?? "",
    name: row.name ?? "",
    sku: row.sku ?? null,
    decimals: row.decimals,
    location: row.location ?? "",
    locationName: row.location_name ?? "",
    qty,
    minimum,
    target,
    buy: lessOrdered(toBuy(qty, minimum, target), of("on_order")),
    onOrder: of("on_order"),
    inTransit: of("in_transit"),
    cover: coverDays(qty, of("sold"), BigInt(coverSpan)),
    last:
      row.on_date === null || row.on_date === undefined
        ? null
        : {
            supplier: row.supplier ?? "",
            on: row.on_date,
            eachMinor: of("bought") >= one ? share(of("cost"), one, of("bought")) : null,
          },
  };
}
