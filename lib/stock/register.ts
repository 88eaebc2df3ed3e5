/**
 * The stock register: what is on hand of every item, now or at the end of any day, at all places or at one. Keyset pages both ways, and
 * totals of all that is filtered.
 */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { reading } from "../../db/reading";
import { rowsOf, type Tx } from "../../db/scope";
import { addDays } from "../core/dates";
import type { LocalDate } from "../core/facts";
import { normalise } from "../core/matching";
import { inPlaces, isLimited, knownAt, placesOf, require, type Scope } from "../people/access";
import { todayOf } from "../system/clock";
import { onOrderRows } from "./on-order";
import { arrivedIn, holdsWords, onHandRows } from "./register-sql";

export const stockStates = ["in", "out", "below", "short", "low", "dead"] as const;
export type StockState = (typeof stockStates)[number];
export type StockSort = "name" | "sku" | "qty" | "value" | "oldest" | "sold";
/**
 * `on`: at the end of this day instead of now. `location`: what is there alone. `deadDays`: after so many days without a sale what was there
 * all that time is dead. Shortages and minimums are known of now only, so `short` and `low` say nothing of another day.
 */
export type StockFilter = Readonly<{
  q?: string | undefined;
  state?: StockState | undefined;
  location?: string | undefined;
  on?: LocalDate | undefined;
  deadDays?: number | undefined;
  sort?: StockSort | undefined;
  isDown?: boolean | undefined;
}>;

/** Without another number, what was not sold for so many days is dead. */
export const usualDeadDays = 180;

export type StockPlace = Readonly<{ location: string; qty: bigint }>;
export type StockRow = Readonly<{
  id: string;
  name: string;
  sku: string | null;
  decimals: number;
  qty: bigint;
  /** null at one place where cost does not stay with the place (pool `business`), and for who is limited to some locations. */
  valueMinor: bigint | null;
  /** What was sold or went out without a lot: it needs a cost. Of now, at all places; 0 otherwise. */
  short: bigint;
  oldestOn: LocalDate | null;
  lastSoldOn: LocalDate | null;
  /** The least that the places chosen shall have, together; null where nobody said. */
  minimum: bigint | null;
  /** Some place has less than it shall have. */
  isLow: boolean;
  /** Ordered from suppliers and not here yet, to the places chosen; 0 of another day. */
  onOrder: bigint;
  /** Where it is; places with nothing are left out. */
  places: readonly StockPlace[];
  /** The cursor of a page that begins after it. */
  key: string;
}>;

export type StockTotals = Readonly<{
  items: number;
  valueMinor: bigint | null;
  shortItems: number;
  lowItems: number;
  /** In whole pieces, and by place; null where something filtered is counted in parts. */
  qty: bigint | null;
  places: readonly StockPlace[];
}>;
export type StockPage = Readonly<{
  rows: readonly StockRow[];
  before: string | null;
  after: string | null;
  totals: StockTotals;
}>;

/** How each order stands in SQL (of the register `f`: a bare name would be the text that is given out); a date that is not there stands first. */
const sorts: Readonly<Record<StockSort, string>> = {
  name: "f.name_key",
  sku: "coalesce(f.sku_key, '')",
  qty: "f.qty",
  value: "f.value",
  oldest: "coalesce(f.oldest, date '0001-01-01')",
  sold: "coalesce(f.sold, date '0001-01-01')",
};
const castOf: Readonly<Record<StockSort, string>> = {
  name: "text",
  sku: "text",
  qty: "numeric",
  value: "numeric",
  oldest: "date",
  sold: "date",
};

type Asked = Readonly<{
  business: string;
  filter: StockFilter;
  /** The places that are looked at; null: all. */
  places: readonly string[] | null;
  /** Of the items, those that the one who asks may know of (`i`). */
  known: SQL;
  /** Does cost stay with the place? */
  isByPlace: boolean;
  /** Is the worth of what is filtered told? */
  isWorthTold: boolean;
  today: LocalDate;
}>;

/**
 * The oldest lot of item `i` that held something at the end of the day. Lots only ever shrink, so one that was open then is open still, or
 * was used up since.
 */
function oldestThen({ business, filter: { on }, places }: Asked, item: string): SQL {
  const of = sql.raw(item);
  const place = inPlaces("l.location_id", places);
  if (on === undefined)
    return sql`(select min(l.acquired_on) from app.lots l where l.business_id = ${business} and l.item_id = ${of} and l.left_qty > 0 and ${place})`;
  return sql`(select min(x.acquired_on) from (
      select l.acquired_on from app.lots l where l.business_id = ${business} and l.item_id = ${of} and l.left_qty > 0
        and l.made_on <= ${on}::date and ${place}
      union all
      select l.acquired_on from app.lots l where l.business_id = ${business} and l.item_id = ${of} and l.left_qty = 0
        and l.used_up_on > ${on}::date and l.made_on <= ${on}::date and ${place}) x)`;
}

/** The last day up to then on which item `i` was sold. */
function soldThen({ business, filter: { on }, places }: Asked, item: string): SQL {
  const place = inPlaces("m.location_id", places);
  const until = on === undefined ? sql`true` : sql`m.on_date <= ${on}::date`;
  return sql`(select m.on_date from app.movements m where m.business_id = ${business} and m.item_id = ${sql.raw(item)} and ${until}
      and m.kind = 'sale' and ${place} order by m.on_date desc limit 1)`;
}

/** Every item that fits the words, with its figures: `id … qty value short oldest sold minimum is_low`. Dates are left to the page where no filter or order asks for them. */
function register(asked: Asked): SQL {
  const { business, filter, places } = asked;
  const { on } = filter;
  const isNow = on === undefined && places === null;
  const needsDates = filter.state === "dead" || filter.sort === "oldest" || filter.sort === "sold";
  const dates = isNow
    ? sql`s.oldest_lot_on as oldest, s.last_sold_on as sold`
    : needsDates
      ? sql`${knowsOldest(asked) ? oldestThen(asked, "i.id") : sql`null::date`} as oldest, ${soldThen(asked, "i.id")} as sold`
      : sql`null::date as oldest, null::date as sold`;
  const hand = isNow
    ? sql`left join app.item_stock s on s.business_id = ${business} and s.item_id = i.id`
    : sql`left join app.item_stock s on s.business_id = ${business} and s.item_id = i.id
        left join lateral (select coalesce(sum(c.qty), 0) as qty, coalesce(sum(c.value_minor), 0) as value
          from (${onHandRows(business, on ?? null)}) c where ${inPlaces("c.location_id", places)}) h on true`;
  // Lots that are of no place tell nothing of one: there is as much from before as is more than came there since.
  const fresh =
    filter.state !== "dead" || knowsOldest(asked)
      ? sql`0`
      : arrivedIn(business, { from: cutOf(asked), to: on ?? asked.today }, places);
  const figures = isNow
    ? sql`coalesce(s.on_hand_qty, 0) as qty, coalesce(s.value_minor, 0) as value, coalesce(s.short_qty, 0) as short`
    : sql`h.qty, h.value, 0::bigint as short`;
  const least =
    on === undefined
      ? sql`left join (select k.item_id, sum(k.min_qty) as minimum, bool_or(coalesce(p.qty, 0) < k.min_qty) as is_low from app.stock_minimums k
          left join app.item_places p on p.business_id = ${business} and p.item_id = k.item_id and p.location_id = k.location_id
          where k.business_id = ${business} and ${inPlaces("k.location_id", places)} group by k.item_id) k on k.item_id = i.id`
      : sql`left join (select null::text as item_id, null::numeric as minimum, null::boolean as is_low) k on false`;
  return sql`select * from (
      select i.id, i.name, i.sku, i.name_key, i.sku_key, i.decimals, ${figures}, ${dates}, ${fresh} as fresh, k.minimum, coalesce(k.is_low, false) as is_low
      from app.items i ${hand} ${least}
      where i.business_id = ${business} and not i.is_undone and ${asked.known} and ${holdsWords(business, normalise(filter.q ?? ""))}) r where ${inState(asked)}`;
}

/** Lots have a place of their own only where cost stays with it. */
const knowsOldest = ({ places, isByPlace }: Asked): boolean => places === null || isByPlace;

/** What was last sold before this day, and was there before it, is dead. */
const cutOf = ({ filter, today }: Asked): LocalDate => addDays(filter.on ?? today, -(filter.deadDays ?? usualDeadDays));

function inState(asked: Asked): SQL {
  const { filter } = asked;
  const cut = cutOf(asked);
  switch (filter.state) {
    case "in":
      return sql`qty > 0`;
    case "out":
      return sql`qty <= 0`;
    case "below":
      return sql`qty < 0`;
    case "short":
      return sql`short > 0`;
    case "low":
      return sql`is_low`;
    case "dead":
      return sql`qty > 0 and (sold is null or sold < ${cut}::date) and ${knowsOldest(asked) ? sql`coalesce(oldest < ${cut}::date, false)` : sql`qty > fresh`}`;
    case undefined:
      return sql`true`;
  }
}

type At = Readonly<{ after?: string | null; before?: string | null; limit?: number }>;

/** A page of the register, and the totals of all that is filtered. */
export function inStock(scope: Scope, filter: StockFilter = {}, page: At = {}): Promise<StockPage> {
  require(scope, "stock");
  return reading({ ...scope, rows: "many" }, async (tx) => {
    const places = placesOf(scope, filter.location);
    const isByPlace = await keepsCostAtPlaces(tx, scope);
    const asked: Asked = {
      business: scope.businessId,
      // An order by what is not told would tell it.
      filter: isLimited(scope) && filter.sort === "value" ? { ...filter, sort: "name" } : filter,
      places,
      known: knownAt(scope, "i.id"),
      isByPlace,
      isWorthTold: !isLimited(scope) && (places === null || isByPlace),
      today: todayOf(scope.timeZone),
    };
    return { ...(await pageOf(tx, asked, page)), totals: await totalsOf(tx, asked) };
  });
}

/** Does cost stay with the place (pool `location`)? Only then a place has a worth of its own. */
export async function keepsCostAtPlaces(tx: Tx, scope: Scope): Promise<boolean> {
  const [row] = await rowsOf<{ pool: string }>(
    tx,
    sql`select pool from app.businesses where business_id = ${scope.businessId}`,
  );
  return row?.pool === "location";
}

type Raw = Record<string, string | null> & { decimals: number; is_low: boolean };

async function pageOf(tx: Tx, asked: Asked, page: At): Promise<Omit<StockPage, "totals">> {
  const { filter } = asked;
  const limit = page.limit ?? 60;
  const sort = filter.sort ?? "name";
  const cursor = cursorOf(page.after ?? page.before ?? null);
  const isBack = cursor !== null && (page.after ?? null) === null;
  const way = sql.raw((filter.isDown ?? false) !== isBack ? "desc" : "asc");
  const expression = sql.raw(sorts[sort]);
  const beyond =
    cursor === null
      ? sql`true`
      : sql`(${expression}, f.id) ${sql.raw((filter.isDown ?? false) !== isBack ? "<" : ">")} (${cursor[0]}::${sql.raw(castOf[sort])}, ${cursor[1]})`;
  const rows = await rowsOf<Raw>(
    tx,
    sql`select id, name, sku, decimals, qty::text, value::text, short::text, oldest::text, sold::text, minimum::text, is_low, (${expression})::text as place
        from (${register(asked)}) f where ${beyond} order by ${expression} ${way}, f.id ${way} limit ${limit + 1}`,
  );
  const hasMore = rows.length > limit;
  const shown = rows.slice(0, limit);
  if (isBack) shown.reverse();
  const view = await withDetails(tx, asked, shown);
  return {
    rows: view,
    before: isBack ? (hasMore ? (view[0]?.key ?? null) : null) : cursor === null ? null : (view[0]?.key ?? null),
    after: isBack || hasMore ? (view.at(-1)?.key ?? null) : null,
  };
}

/** The rows of a page with where each is and, at another day or one place, their dates. */
async function withDetails(tx: Tx, asked: Asked, rows: readonly Raw[]): Promise<readonly StockRow[]> {
  const { business, filter } = asked;
  const ids = list(
    "text",
    rows.map((row) => row.id),
  );
  const isNow = filter.on === undefined && asked.places === null;
  const [found, dated, ordered] = await Promise.all([
    rowsOf<{ id: string; location: string; qty: string }>(
      tx,
      sql`select i.id, c.location_id as location, sum(c.qty)::text as qty from unnest(${ids}) as i(id)
          cross join lateral (${onHandRows(business, filter.on ?? null)}) c where ${inPlaces("c.location_id", asked.places)}
          group by i.id, c.location_id having sum(c.qty) <> 0 order by i.id, c.location_id`,
    ),
    isNow
      ? []
      : rowsOf<{ id: string; oldest: string | null; sold: string | null }>(
          tx,
          sql`select i.id, ${knowsOldest(asked) ? oldestThen(asked, "i.id") : sql`null::date`}::text as oldest, ${soldThen(asked, "i.id")}::text as sold
              from unnest(${ids}) as i(id)`,
        ),
    filter.on !== undefined
      ? []
      : rowsOf<{ id: string; qty: string }>(
          tx,
          sql`select c.item_id as id, sum(c.qty)::text as qty from (${onOrderRows(business)}) c
              where c.item_id = any(${ids}) and ${inPlaces("c.location_id", asked.places)} group by 1`,
        ),
  ]);
  const coming = new Map(ordered.map(({ id, qty }) => [id, BigInt(qty)]));
  const places = new Map<string, StockPlace[]>();
  for (const { id, location, qty } of found)
    places.set(id, [...(places.get(id) ?? []), { location, qty: BigInt(qty) }]);
  const dates = new Map(dated.map((row) => [row.id, row]));
  return rows.map((row) => {
    const id = row.id ?? "";
    const then = isNow ? row : dates.get(id);
    return {
      id,
      name: row.name ?? "",
      sku: row.sku ?? null,
      decimals: row.decimals,
      qty: BigInt(row.qty ?? "0"),
      valueMinor: asked.isWorthTold ? BigInt(row.value ?? "0") : null,
      short: BigInt(row.short ?? "0"),
      oldestOn: then?.oldest ?? null,
      lastSoldOn: then?.sold ?? null,
      minimum: row.minimum === null || row.minimum === undefined ? null : BigInt(row.minimum),
      isLow: row.is_low,
      onOrder: coming.get(id) ?? 0n,
      places: places.get(id) ?? [],
      key: JSON.stringify([row.place ?? "", id]),
    };
  });
}

/**
 * What all that is filtered comes to. Of another day, where no state is asked for, the sums by place give the whole, and the items are only
 * counted: reaching that day is what costs, and it is done once.
 */
async function totalsOf(tx: Tx, asked: Asked): Promise<StockTotals> {
  const { business, filter } = asked;
  const isPlain = filter.on !== undefined && filter.state === undefined;
  const fits = isPlain
    ? sql`select i.id, i.decimals, 0 as short, false as is_low from app.items i
        where i.business_id = ${business} and not i.is_undone and ${asked.known} and ${holdsWords(business, normalise(filter.q ?? ""))}`
    : register(asked);
  const [[sums], places] = await Promise.all([
    rowsOf<{ n: number; short: number; low: number; whole: boolean }>(
      tx,
      sql`select count(*)::int as n, count(*) filter (where short > 0)::int as short, count(*) filter (where is_low)::int as low,
            coalesce(bool_and(decimals = 0), true) as whole from (${fits}) f`,
    ),
    rowsOf<{ location: string; qty: string; value: string }>(
      tx,
      sql`select c.location_id as location, sum(c.qty)::text as qty, sum(c.value_minor)::text as value from (${fits}) i
          cross join lateral (${onHandRows(business, filter.on ?? null)}) c where ${inPlaces("c.location_id", asked.places)}
          group by c.location_id order by c.location_id`,
    ),
  ]);
  const isWhole = sums?.whole ?? true;
  const there = places.map((row) => ({ location: row.location, qty: BigInt(row.qty) }));
  return {
    items: sums?.n ?? 0,
    valueMinor: asked.isWorthTold ? places.reduce((sum, { value }) => sum + BigInt(value), 0n) : null,
    shortItems: sums?.short ?? 0,
    lowItems: sums?.low ?? 0,
    qty: isWhole ? there.reduce((sum, { qty }) => sum + qty, 0n) : null,
    places: isWhole ? there.filter(({ qty }) => qty !== 0n) : [],
  };
}

/** A cursor from the address: whatever is not one begins at the first page. */
function cursorOf(text: string | null): readonly [string, string] | null {
  if (text === null || !/^\["(?:[^"\\]|\\.)*","(?:[^"\\]|\\.)*"\]$/u.test(text)) return null;
  const [place, id] = JSON.parse(text) as readonly [string, string];
  return [place, id];
}
