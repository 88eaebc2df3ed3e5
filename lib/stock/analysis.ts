/**
 * What stock is made of: how old its lots are, which items the sales stand on, for how long it lasts. Each is worked out of one row an item,
 * of now; the rules are in lib/core/registers.ts. Nothing here reads history: open lots, kept sums, and a period's months.
 */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { reading } from "../../db/reading";
import type { Tx } from "../../db/scope";
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
  agesOfArrivals,
  type CoverBand,
  coverBand,
  coverDays,
} from "../core/registers";
import type { Days } from "../core/reports/periods";
import { inPlaces, require, type Scope } from "../people/access";
import { todayOf } from "../system/clock";
import type { RankedAt, RankedPage, Standing } from "./ranked";
import {
  type Asked,
  arrivals,
  type Item,
  isWhole,
  itemsWith,
  lookedAt,
  onHandOf,
  pageOf,
  type RawItem,
  soldOf,
  sum,
} from "./register-items";
import { holdsWords } from "./register-sql";

// Ageing

export const ageingSorts = ["name", "total", "age0", "age1", "age2", "age3", "age4"] as const;
export type AgeingSort = (typeof ageingSorts)[number];
export type Aged = Readonly<{ qty: bigint; minor: bigint }>;
/** `ages` from the youngest to the oldest (ageBounds); `short`: what went out without a lot, which no lot can be the age of. */
export type AgeingRow = Item & Readonly<{ ages: readonly Aged[]; total: Aged; short: bigint }>;
export type Ageing = RankedPage<AgeingRow> &
  Readonly<{
    items: number;
    isWhole: boolean;
    /** Is the worth of what is looked at known? Otherwise every `minor` is 0. */
    isWorthKnown: boolean;
    ages: readonly Aged[];
    total: Aged;
    today: LocalDate;
  }>;
export type AgeingFilter = Asked<AgeingSort>;

/**
 * What is left in lots by the days since they were acquired. A transfer leaves a lot's day as it was. Where lots are not of a place, what is
 * at one place is aged by the days on which it came there, in quantity alone.
 */
export function stockAgeing(scope: Scope, filter: AgeingFilter = {}, page: RankedAt = {}): Promise<Ageing> {
  require(scope, "read");
  const today = filter.today ?? todayOf(scope.timeZone);
  return reading({ ...scope, rows: "many" }, async (tx) => {
    const { places, isWorthKnown } = await lookedAt(tx, scope, filter.location);
    const rows = isWorthKnown
      ? await agedLots(tx, scope, filter.q ?? "", places, today)
      : await agedArrivals(tx, scope, filter.q ?? "", places, today);
    const by = (row: AgeingRow): Standing => {
      const sort = filter.sort ?? "name";
      if (sort === "name") return normalise(row.name);
      const of = sort === "total" ? row.total : row.ages[Number(sort.slice(3))];
      return (isWorthKnown ? of?.minor : of?.qty) ?? 0n;
    };
    const totals = Array.from({ length: ages }, (_, age) => together(rows.flatMap((row) => row.ages[age] ?? [])));
    return {
      ...pageOf(rows, filter, by, page),
      items: rows.length,
      isWhole: isWhole(rows),
      isWorthKnown,
      ages: totals,
      total: together(totals),
      today,
    };
  });
}

/** What is left in the lots of these places. What is short is told of the whole item: of one place nobody knows it. */
async function agedLots(
  tx: Tx,
  scope: Scope,
  q: string,
  places: readonly string[] | null,
  today: LocalDate,
): Promise<readonly AgeingRow[]> {
  const b = scope.businessId;
  // Days of one age are told as its oldest, and all beyond as one: the rule itself says which age that is.
  const days = list("date", [
    addDays(today, -ageBounds[3] - 1n),
    ...ageBounds.toReversed().map((bound) => addDays(today, -bound)),
  ]);
  const raw = await itemsWith<RawItem & { short: string; lots: readonly (readonly [LocalDate, string, string])[] }>(
    tx,
    scope,
    q,
    sql`${places === null ? sql`coalesce(k.short_qty, 0)` : sql`0`}::text as short, l.lots`,
    sql`join (select item_id, jsonb_agg(jsonb_build_array(acquired_on::text, qty::text, value::text)) as lots from (
            select item_id, (${days})[greatest(1, width_bucket(acquired_on, ${days}))] as acquired_on, sum(left_qty) as qty, sum(left_minor) as value
            from app.lots where business_id = ${b} and left_qty > 0 and ${inPlaces("location_id", places)} group by 1, 2) d group by item_id) l on l.item_id = i.id
          left join app.item_stock k on k.business_id = ${b} and k.item_id = i.id`,
  );
  return raw.map(({ lots, short, ...item }): AgeingRow => {
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
}

/** What is at these places by the days on which it came there: kept sums of the last year, and no history. */
async function agedArrivals(
  tx: Tx,
  scope: Scope,
  q: string,
  places: readonly string[] | null,
  today: LocalDate,
): Promise<readonly AgeingRow[]> {
  const b = scope.businessId;
  const raw = await itemsWith<RawItem & { qty: string; came: readonly string[] }>(
    tx,
    scope,
    q,
    sql`h.qty::text as qty, a.came`,
    sql`${onHandOf(b, places)} ${arrivals(b, places, today)}`,
  );
  return raw.flatMap(({ qty, came, ...item }): readonly AgeingRow[] => {
    const onHand = BigInt(qty ?? "0");
    if (onHand <= 0n) return [];
    const parts = agesOfArrivals(onHand, came.map(BigInt)).map((units) => ({ qty: units, minor: 0n }));
    return [{ ...item, ages: parts, total: together(parts), short: 0n }];
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
/** Of one place where its worth is not known, `onHandMinor` is 0 and `isWorthKnown` false; what was sold there has its cost in any case. */
export type AbcGroup = Readonly<{ class: AbcClass; items: number; value: bigint; onHandMinor: bigint }>;
export type AbcList = RankedPage<AbcRow> &
  Readonly<{ items: number; total: bigint; groups: readonly AbcGroup[]; bounds: AbcBounds; isWorthKnown: boolean }>;
export type AbcFilter = Asked<AbcSort> &
  Readonly<{ period: Days; bounds?: AbcBounds | undefined; class?: AbcClass | undefined }>;

/**
 * Items by the cost of what was sold of them in a period, in three classes. Words and class choose rows; the classes are of all items, at the
 * place chosen by what was sold from there.
 */
export function abcList(scope: Scope, filter: AbcFilter, page: RankedAt = {}): Promise<AbcList> {
  require(scope, "read");
  const b = scope.businessId;
  const bounds = filter.bounds ?? abcUsual;
  return reading({ ...scope, rows: "many" }, async (tx) => {
    const { places, isWorthKnown } = await lookedAt(tx, scope, filter.location);
    type Raw = RawItem & { sold: string; cost: string; qty: string; worth: string; fits: boolean };
    const raw = await itemsWith<Raw>(
      tx,
      scope,
      "",
      sql`s.qty::text as sold, s.value::text as cost, coalesce(h.qty, 0)::text as qty, coalesce(h.value, 0)::text as worth,
        ${holdsWords(b, normalise(filter.q ?? ""))} as fits`,
      sql`${onHandOf(b, places)} ${soldOf(b, filter.period, places)}`,
    );
    const known = raw.map(({ cost, sold, qty, worth, ...item }) => ({
      ...item,
      value: BigInt(cost),
      sold: BigInt(sold),
      onHand: BigInt(qty),
      onHandMinor: isWorthKnown ? BigInt(worth) : 0n,
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
      isWorthKnown,
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
  Readonly<{
    items: number;
    minor: bigint;
    groups: readonly CoverGroup[];
    period: Days;
    /** Is the worth of what is looked at known? Otherwise every `minor` is 0. */
    isWorthKnown: boolean;
  }>;
export type CoverFilter = Asked<CoverSort> & Readonly<{ days?: CoverSpan | undefined; band?: CoverBand | undefined }>;

/** For how many days what is on hand lasts at the pace of the last 30 or 90 days. What was neither sold then nor is there is left out. */
export function coverList(scope: Scope, filter: CoverFilter = {}, page: RankedAt = {}): Promise<Cover> {
  require(scope, "read");
  const b = scope.businessId;
  const days = filter.days ?? 30;
  const today = filter.today ?? todayOf(scope.timeZone);
  const period = { from: addDays(today, 1 - days), to: today };
  return reading({ ...scope, rows: "many" }, async (tx) => {
    const { places, isWorthKnown } = await lookedAt(tx, scope, filter.location);
    const raw = await itemsWith<RawItem & { qty: string; worth: string; sold: string }>(
      tx,
      scope,
      filter.q ?? "",
      sql`coalesce(h.qty, 0)::text as qty, coalesce(h.value, 0)::text as worth, s.qty::text as sold`,
      sql`${onHandOf(b, places)} ${soldOf(b, period, places, ["qty"])}`,
    );
    const all = raw.flatMap(({ worth, qty: hand, sold: went, ...item }): readonly CoverRow[] => {
      const [qty, sold] = [BigInt(hand), BigInt(went)];
      if (qty === 0n && sold <= 0n) return [];
      const cover = coverDays(qty, sold, BigInt(days));
      return [{ ...item, qty, minor: isWorthKnown ? BigInt(worth) : 0n, sold, cover, band: coverBand(qty, cover) }];
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
      isWorthKnown,
    };
  });
}
