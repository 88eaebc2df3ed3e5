/**
 * What stock is made of: how old its lots are, which items the sales stand on, for how long it lasts, what nobody buys. Each is worked out of
 * one row an item, of now; the rules are in lib/core/registers.ts. Nothing here reads history: open lots, kept sums, and a period's months.
 */
import { type SQL, sql } from "drizzle-orm";
import { reading } from "../../db/reading";
import { expectRows, rowsOf, type Tx } from "../../db/scope";
import { addDays, daysBetween } from "../core/dates";
import type { LocalDate } from "../core/facts";
import { normalise } from "../core/matching";
import {
  type AbcBounds,
  type AbcClass,
  abc,
  abcUsual,
  ageBounds,
  ageOf,
  ages,
  type CoverBand,
  coverBand,
  coverDays,
} from "../core/registers";
import type { Days } from "../core/reports/periods";
import { require, type Scope } from "../people/access";
import { todayOf } from "../system/clock";
import { inOrderOf, type RankedAt, type RankedPage, rankedPage, type Standing } from "./ranked";
import { usualDeadDays } from "./register";
import { holdsWords, spanRows } from "./register-sql";

type Item = Readonly<{ id: string; name: string; sku: string | null; decimals: number }>;
type RawItem = { id: string; name: string; sku: string | null; decimals: number };

/** Words to find, and the order of the list; `today` is for tests. */
type Asked<Sort> = Readonly<{
  q?: string | undefined;
  sort?: Sort | undefined;
  isDown?: boolean | undefined;
  today?: LocalDate | undefined;
}>;

/** Every item that fits, with more columns of `with`. */
function itemsWith<Row extends RawItem>(tx: Tx, scope: Scope, q: string, columns: SQL, joined: SQL): Promise<Row[]> {
  const b = scope.businessId;
  return rowsOf<Row>(
    tx,
    sql`select i.id, i.name, i.sku, i.decimals, ${columns} from app.items i ${joined}
        where i.business_id = ${b} and not i.is_undone and ${holdsWords(b, normalise(q))} order by i.name_key, i.id`,
  );
}

/** What is on hand of item `i` as `h(qty, value)`: at one place where that is said. */
const onHandOf = (b: string, location: string | undefined): SQL =>
  location === undefined
    ? sql`left join (select item_id, on_hand_qty as qty, value_minor as value from app.item_stock where business_id = ${b}) h on h.item_id = i.id`
    : sql`left join (select item_id, qty, value_minor as value from app.item_places where business_id = ${b} and location_id = ${location}) h on h.item_id = i.id`;

const soldOf = (b: string, period: Days, location: string | undefined): SQL => sql`cross join lateral (
    select coalesce(sum(p.sold_qty - p.back_qty), 0) as qty, coalesce(sum(p.sold_minor - p.back_minor), 0) as value from (${spanRows(b, period)}) p
    where ${location === undefined ? sql`true` : sql`p.location_id = ${location}`}) s`;

/** The page of rows in the order that is asked for. */
function pageOf<Row extends Item, Sort extends string>(
  rows: readonly Row[],
  filter: Asked<Sort>,
  by: (row: Row) => Standing,
  page: RankedAt,
): RankedPage<Row> {
  const isDown = filter.isDown ?? false;
  return rankedPage(inOrderOf(rows, by, isDown), by, isDown, page);
}

const isWhole = (rows: readonly Item[]): boolean => rows.every(({ decimals }) => decimals === 0);
const sum = <Row>(rows: readonly Row[], of: (row: Row) => bigint): bigint =>
  rows.reduce((total, row) => total + of(row), 0n);

// Ageing

export const ageingSorts = ["name", "total", "age0", "age1", "age2", "age3", "age4"] as const;
export type AgeingSort = (typeof ageingSorts)[number];
export type Aged = Readonly<{ qty: bigint; minor: bigint }>;
/** `ages` from the youngest to the oldest (ageBounds); `short`: what went out without a lot, which no lot can be the age of. */
export type AgeingRow = Item & Readonly<{ ages: readonly Aged[]; total: Aged; short: bigint }>;
export type Ageing = RankedPage<AgeingRow> &
  Readonly<{ items: number; isWhole: boolean; ages: readonly Aged[]; total: Aged; today: LocalDate }>;
export type AgeingFilter = Asked<AgeingSort>;

/** What is left in lots by the days since they were acquired. A transfer leaves a lot's day as it was. */
export function stockAgeing(scope: Scope, filter: AgeingFilter = {}, page: RankedAt = {}): Promise<Ageing> {
  require(scope, "read");
  const b = scope.businessId;
  const today = filter.today ?? todayOf(scope.timeZone);
  return reading(scope, async (tx) => {
    await expectRows(tx, true);
    // Lots of one day are of one age: the rule itself says which.
    const raw = await itemsWith<RawItem & { short: string; lots: readonly (readonly [LocalDate, string, string])[] }>(
      tx,
      scope,
      filter.q ?? "",
      sql`coalesce(k.short_qty, 0)::text as short, l.lots`,
      sql`join (select item_id, jsonb_agg(jsonb_build_array(acquired_on::text, qty::text, value::text)) as lots from (
            select item_id, greatest(acquired_on, ${addDays(today, -ageBounds[3] - 1n)}::date) as acquired_on, sum(left_qty) as qty, sum(left_minor) as value
            from app.lots where business_id = ${b} and left_qty > 0 group by 1, 2) d group by item_id) l on l.item_id = i.id
          left join app.item_stock k on k.business_id = ${b} and k.item_id = i.id`,
    );
    const rows = raw.map(({ lots, short, ...item }): AgeingRow => {
      const qty = Array.from({ length: ages }, () => 0n);
      const minor = Array.from({ length: ages }, () => 0n);
      for (const [on, units, value] of lots) {
        const age = ageOf(daysBetween(on, today));
        qty[age] = (qty[age] ?? 0n) + BigInt(units);
        minor[age] = (minor[age] ?? 0n) + BigInt(value);
      }
      const parts = qty.map((units, age) => ({ qty: units, minor: minor[age] ?? 0n }));
      return { ...item, ages: parts, total: together(parts), short: BigInt(short) };
    });
    const by = (row: AgeingRow): Standing => {
      const sort = filter.sort ?? "name";
      if (sort === "name") return normalise(row.name);
      return sort === "total" ? row.total.minor : (row.ages[Number(sort.slice(3))]?.minor ?? 0n);
    };
    const totals = Array.from({ length: ages }, (_, age) => together(rows.flatMap((row) => row.ages[age] ?? [])));
    return {
      ...pageOf(rows, filter, by, page),
      items: rows.length,
      isWhole: isWhole(rows),
      ages: totals,
      total: together(totals),
      today,
    };
  });
}

const together = (parts: readonly Aged[]): Aged => ({
  qty: sum(parts, ({ qty }) => qty),
  minor: sum(parts, ({ minor }) => minor),
});

// ABC

export const abcSorts = ["name", "value", "sold"] as const;
export type AbcSort = (typeof abcSorts)[number];
/** `value`: what was sold less what came back, at cost; `before`: what the items of more value come to. */
export type AbcRow = Item &
  Readonly<{ class: AbcClass; value: bigint; sold: bigint; before: bigint; onHand: bigint; onHandMinor: bigint }>;
export type AbcGroup = Readonly<{ class: AbcClass; items: number; value: bigint; onHandMinor: bigint }>;
export type AbcList = RankedPage<AbcRow> &
  Readonly<{ items: number; total: bigint; groups: readonly AbcGroup[]; bounds: AbcBounds }>;
export type AbcFilter = Asked<AbcSort> &
  Readonly<{ period: Days; bounds?: AbcBounds | undefined; class?: AbcClass | undefined }>;

/** Items by the cost of what was sold of them in a period, in three classes. Words and class choose rows; the classes are of all items. */
export function abcList(scope: Scope, filter: AbcFilter, page: RankedAt = {}): Promise<AbcList> {
  require(scope, "read");
  const b = scope.businessId;
  const bounds = filter.bounds ?? abcUsual;
  return reading(scope, async (tx) => {
    await expectRows(tx, true);
    type Raw = RawItem & { sold: string; cost: string; qty: string; worth: string; fits: boolean };
    const raw = await itemsWith<Raw>(
      tx,
      scope,
      "",
      sql`s.qty::text as sold, s.value::text as cost, coalesce(h.qty, 0)::text as qty, coalesce(h.value, 0)::text as worth,
        ${holdsWords(b, normalise(filter.q ?? ""))} as fits`,
      sql`${onHandOf(b, undefined)} ${soldOf(b, filter.period, undefined)}`,
    );
    const known = raw.map(({ cost, sold, qty, worth, ...item }) => ({
      ...item,
      value: BigInt(cost),
      sold: BigInt(sold),
      onHand: BigInt(qty),
      onHandMinor: BigInt(worth),
    }));
    const ranked = abc(known, bounds).map(({ row: { fits, ...row }, class: own, before }) => ({
      row: { ...row, class: own, before },
      fits,
    }));
    const shown = ranked.filter(({ row, fits }) => fits && (filter.class === undefined || row.class === filter.class));
    const rows: readonly AbcRow[] = shown.map(({ row }) => row);
    const by = (row: AbcRow): Standing =>
      filter.sort === "name" ? normalise(row.name) : filter.sort === "sold" ? row.sold : row.value;
    const groups = (["A", "B", "C"] as const).map((own) => {
      const of = ranked.filter(({ row }) => row.class === own).map(({ row }) => row);
      const onHandMinor = sum(of, (row) => row.onHandMinor);
      return { class: own, items: of.length, value: sum(of, ({ value }) => value), onHandMinor };
    });
    return {
      ...pageOf(rows, { ...filter, isDown: filter.sort === undefined ? true : (filter.isDown ?? false) }, by, page),
      items: rows.length,
      total: sum(ranked, ({ row }) => row.value),
      groups,
      bounds,
    };
  });
}

// Days of cover

export const coverSpans = [30, 90] as const;
export type CoverSpan = (typeof coverSpans)[number];
export const coverSorts = ["name", "qty", "sold", "cover"] as const;
export type CoverSort = (typeof coverSorts)[number];
/** `sold`: less what came back, in the days looked at; `cover`: whole days that it lasts, null where nothing was sold. */
export type CoverRow = Item &
  Readonly<{ qty: bigint; minor: bigint; sold: bigint; cover: bigint | null; band: CoverBand }>;
export type CoverGroup = Readonly<{ band: CoverBand; items: number; minor: bigint }>;
export type Cover = RankedPage<CoverRow> &
  Readonly<{ items: number; minor: bigint; groups: readonly CoverGroup[]; period: Days }>;
export type CoverFilter = Asked<CoverSort> &
  Readonly<{ days?: CoverSpan | undefined; location?: string | undefined; band?: CoverBand | undefined }>;

/** For how many days what is on hand lasts at the pace of the last 30 or 90 days. What was neither sold then nor is there is left out. */
export function coverList(scope: Scope, filter: CoverFilter = {}, page: RankedAt = {}): Promise<Cover> {
  require(scope, "read");
  const b = scope.businessId;
  const days = filter.days ?? 30;
  const today = filter.today ?? todayOf(scope.timeZone);
  const period = { from: addDays(today, 1 - days), to: today };
  return reading(scope, async (tx) => {
    await expectRows(tx, true);
    const raw = await itemsWith<RawItem & { qty: string; worth: string; sold: string }>(
      tx,
      scope,
      filter.q ?? "",
      sql`coalesce(h.qty, 0)::text as qty, coalesce(h.value, 0)::text as worth, s.qty::text as sold`,
      sql`${onHandOf(b, filter.location)} ${soldOf(b, period, filter.location)}`,
    );
    const all = raw.flatMap(({ worth, qty: hand, sold: went, ...item }): readonly CoverRow[] => {
      const [qty, sold] = [BigInt(hand), BigInt(went)];
      if (qty === 0n && sold <= 0n) return [];
      const cover = coverDays(qty, sold, BigInt(days));
      return [{ ...item, qty, minor: BigInt(worth), sold, cover, band: coverBand(qty, cover) }];
    });
    const rows = all.filter(({ band }) => filter.band === undefined || band === filter.band);
    const by = (row: CoverRow): Standing => {
      if (filter.sort === "cover") return row.cover;
      return filter.sort === "qty" ? row.qty : filter.sort === "sold" ? row.sold : normalise(row.name);
    };
    const bands = new Map<CoverBand, { items: number; minor: bigint }>();
    for (const { band, minor } of all) {
      const group = bands.get(band) ?? { items: 0, minor: 0n };
      bands.set(band, { items: group.items + 1, minor: group.minor + minor });
    }
    return {
      ...pageOf(rows, filter, by, page),
      items: rows.length,
      minor: sum(rows, ({ minor }) => minor),
      groups: [...bands].map(([band, group]) => ({ band, ...group })),
      period,
    };
  });
}

// Dead stock

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
  }>;
export type DeadFilter = Asked<DeadSort> & Readonly<{ days?: number | undefined }>;

/** What is in stock, was there for longer than so many days, and was not sold in any of them. */
export function deadStock(scope: Scope, filter: DeadFilter = {}, page: RankedAt = {}): Promise<Dead> {
  require(scope, "read");
  const b = scope.businessId;
  const days = filter.days ?? usualDeadDays;
  const today = filter.today ?? todayOf(scope.timeZone);
  const cut = addDays(today, -days);
  return reading(scope, async (tx) => {
    await expectRows(tx, true);
    const raw = await itemsWith<RawItem & { qty: string; worth: string; sold: string | null; oldest: string | null }>(
      tx,
      scope,
      filter.q ?? "",
      sql`h.on_hand_qty::text as qty, h.value_minor::text as worth, h.last_sold_on::text as sold, h.oldest_lot_on::text as oldest`,
      sql`join app.item_stock h on h.business_id = ${b} and h.item_id = i.id and h.on_hand_qty > 0`,
    );
    const all = raw.map(
      ({ qty, worth, sold, oldest, ...item }): DeadRow => ({
        ...item,
        qty: BigInt(qty),
        minor: BigInt(worth),
        lastSoldOn: sold,
        oldestOn: oldest,
      }),
    );
    const rows = all.filter(
      ({ lastSoldOn, oldestOn }) => (lastSoldOn === null || lastSoldOn < cut) && oldestOn !== null && oldestOn < cut,
    );
    const by = (row: DeadRow): Standing => {
      if (filter.sort === "sold") return row.lastSoldOn;
      if (filter.sort === "oldest") return row.oldestOn;
      return filter.sort === "name" ? normalise(row.name) : filter.sort === "qty" ? row.qty : row.minor;
    };
    const groups = Array.from({ length: ages }, (_, age) => {
      const of = all.filter((row) => ageOf(daysBetween(idleSince(row) ?? today, today)) === age);
      return { age, items: of.length, minor: sum(of, ({ minor }) => minor) };
    });
    return {
      ...pageOf(rows, { ...filter, isDown: filter.sort === undefined ? true : (filter.isDown ?? false) }, by, page),
      items: rows.length,
      minor: sum(rows, ({ minor }) => minor),
      stockMinor: sum(all, ({ minor }) => minor),
      groups,
      days,
      today,
    };
  });
}

/** Since when nothing of it was sold: the later of its last sale and its oldest lot, so that what just came in is not idle for years. */
const idleSince = ({ lastSoldOn, oldestOn }: DeadRow): LocalDate | null =>
  lastSoldOn === null || (oldestOn !== null && oldestOn > lastSoldOn) ? oldestOn : lastSoldOn;
