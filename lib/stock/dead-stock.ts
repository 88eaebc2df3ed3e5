/** Dead stock: what lies there and nobody buys, at all places or at one. One row an item; no history is read. */
import { sql } from "drizzle-orm";
import { reading } from "../../db/reading";
import type { Tx } from "../../db/scope";
import { addDays, daysBetween } from "../core/dates";
import type { LocalDate } from "../core/facts";
import { normalise } from "../core/matching";
import { ageOf, ages, agesOfArrivals } from "../core/registers";
import { inPlaces, require, type Scope } from "../people/access";
import { todayOf } from "../system/clock";
import type { RankedAt, RankedPage, Standing } from "./ranked";
import { usualDeadDays } from "./register";
import {
  type Asked,
  arrivals,
  type Item,
  itemsWith,
  lookedAt,
  onHandOf,
  pageOf,
  type RawItem,
  sum,
} from "./register-items";
import { arrivedIn } from "./register-sql";

export const deadSorts = ["name", "qty", "value", "sold", "oldest"] as const;
export type DeadSort = (typeof deadSorts)[number];
export type DeadRow = Item &
  Readonly<{ qty: bigint; minor: bigint; lastSoldOn: LocalDate | null; oldestOn: LocalDate | null }>;
/** What lies idle, by how long nothing was sold of it (the ages of ageing); what was never sold counts from its oldest lot. */
export type IdleGroup = Readonly<{ age: number; items: number; minor: bigint }>;
export type Dead = RankedPage<DeadRow> &
  Readonly<{
    items: number;
    minor: bigint;
    stockMinor: bigint;
    groups: readonly IdleGroup[];
    days: number;
    today: LocalDate;
    /** Is the worth of what is looked at known? Otherwise every `minor` is 0. */
    isWorthKnown: boolean;
  }>;
export type DeadFilter = Asked<DeadSort> & Readonly<{ days?: number | undefined }>;

/**
 * What is in stock, was there for longer than so many days, and was not sold in any of them. At one place: what was not sold from there. Where
 * lots are not of a place, what was there for longer is what is more than came there in these days, and no oldest lot is told.
 */
export function deadStock(scope: Scope, filter: DeadFilter = {}, page: RankedAt = {}): Promise<Dead> {
  require(scope, "read");
  const days = filter.days ?? usualDeadDays;
  const today = filter.today ?? todayOf(scope.timeZone);
  const cut = addDays(today, -days);
  return reading({ ...scope, rows: "many" }, async (tx) => {
    const { places, isByPlace, isWorthKnown } = await lookedAt(tx, scope, filter.location);
    const all =
      places === null
        ? await idleItems(tx, scope, filter.q ?? "", cut, today)
        : await idleAt(tx, scope, filter.q ?? "", { places, isByPlace, cut, today });
    const rows = all.filter(({ row, isOld }) => isOld && (row.lastSoldOn === null || row.lastSoldOn < cut));
    const by = (row: DeadRow): Standing => {
      if (filter.sort === "sold") return row.lastSoldOn;
      if (filter.sort === "oldest") return row.oldestOn;
      if (filter.sort === "name") return normalise(row.name);
      return filter.sort === "qty" || !isWorthKnown ? row.qty : row.minor;
    };
    const groups = Array.from({ length: ages }, (_, age) => {
      const of = all.filter(({ idle }) => idle === age);
      return { age, items: of.length, minor: sum(of, ({ row }) => row.minor) };
    });
    const found = rows.map(({ row }) => row);
    return {
      ...pageOf(found, { ...filter, isDown: filter.sort === undefined ? true : (filter.isDown ?? false) }, by, page),
      items: found.length,
      minor: sum(found, ({ minor }) => minor),
      stockMinor: sum(all, ({ row }) => row.minor),
      groups,
      days,
      today,
      isWorthKnown,
    };
  });
}

/** Something in stock: was any of it there before the cut, and for how long was nothing sold of it (an age)? */
type Idle = Readonly<{ row: DeadRow; isOld: boolean; idle: number }>;

type RawIdle = RawItem & { qty: string; worth: string; sold: string | null; oldest: string | null };

function idleOf({ qty, worth, sold, oldest, ...item }: RawIdle, cut: LocalDate, today: LocalDate): Idle {
  const row = { ...item, qty: BigInt(qty), minor: BigInt(worth), lastSoldOn: sold, oldestOn: oldest };
  const since = idleSince(row);
  return { row, isOld: oldest !== null && oldest < cut, idle: ageOf(since === null ? 0n : daysBetween(since, today)) };
}

/** All that is in stock at all places. */
async function idleItems(tx: Tx, scope: Scope, q: string, cut: LocalDate, today: LocalDate): Promise<readonly Idle[]> {
  const raw = await itemsWith<RawIdle>(
    tx,
    scope,
    q,
    sql`h.on_hand_qty::text as qty, h.value_minor::text as worth, h.last_sold_on::text as sold, h.oldest_lot_on::text as oldest`,
    sql`join app.item_stock h on h.business_id = ${scope.businessId} and h.item_id = i.id and h.on_hand_qty > 0`,
  );
  return raw.map((row) => idleOf(row, cut, today));
}

type At = Readonly<{ places: readonly string[]; isByPlace: boolean; cut: LocalDate; today: LocalDate }>;

/** What is in stock at some places, by what was sold from there: as old as its lots there, or as what came there. */
async function idleAt(
  tx: Tx,
  scope: Scope,
  q: string,
  { places, isByPlace, cut, today }: At,
): Promise<readonly Idle[]> {
  const b = scope.businessId;
  const sold = sql`(select m.on_date from app.movements m where m.business_id = ${b} and m.item_id = i.id and m.kind = 'sale'
    and ${inPlaces("m.location_id", places)} order by m.on_date desc limit 1)::text as sold`;
  if (isByPlace) {
    const lots = sql`(select min(l.acquired_on) from app.lots l where l.business_id = ${b} and l.item_id = i.id and l.left_qty > 0
      and ${inPlaces("l.location_id", places)})::text as oldest`;
    const raw = await itemsWith<RawIdle & { qty: string | null }>(
      tx,
      scope,
      q,
      sql`h.qty::text as qty, h.value::text as worth, ${sold}, ${lots}`,
      onHandOf(b, places),
    );
    return raw.filter(({ qty }) => BigInt(qty ?? "0") > 0n).map((row) => idleOf(row, cut, today));
  }
  const raw = await itemsWith<
    RawItem & { qty: string | null; sold: string | null; came: readonly string[]; fresh: string }
  >(
    tx,
    scope,
    q,
    sql`h.qty::text as qty, ${sold}, a.came, ${arrivedIn(b, { from: cut, to: today }, places)}::text as fresh`,
    sql`${onHandOf(b, places)} ${arrivals(b, places, today)}`,
  );
  return raw.flatMap(({ qty, sold: last, came, fresh, ...item }): readonly Idle[] => {
    const onHand = BigInt(qty ?? "0");
    if (onHand <= 0n) return [];
    const row = { ...item, qty: onHand, minor: 0n, lastSoldOn: last, oldestOn: null };
    const oldest = agesOfArrivals(onHand, came.map(BigInt)).findLastIndex((units) => units > 0n);
    const unsold = last === null ? oldest : Math.min(oldest, ageOf(daysBetween(last, today)));
    return [{ row, isOld: onHand > BigInt(fresh), idle: unsold }];
  });
}

/** Since when nothing of it was sold: the later of its last sale and its oldest lot, so that what just came in is not idle for years. */
const idleSince = ({ lastSoldOn, oldestOn }: DeadRow): LocalDate | null =>
  lastSoldOn === null || (oldestOn !== null && oldestOn > lastSoldOn) ? oldestOn : lastSoldOn;
