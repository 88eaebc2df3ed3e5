/** What the registers of one row an item have in common: the items that fit, what is on hand and sold of them, at all places or at one, and their pages. */
import { type SQL, sql } from "drizzle-orm";
import { rowsOf, type Tx } from "../../db/scope";
import { addDays } from "../core/dates";
import type { LocalDate } from "../core/facts";
import { normalise } from "../core/matching";
import { ageBounds } from "../core/registers";
import type { Days } from "../core/reports/periods";
import { inPlaces, placesOf, type Scope } from "../people/access";
import { inOrderOf, type RankedAt, type RankedPage, rankedPage, type Standing } from "./ranked";
import { keepsCostAtPlaces } from "./register";
import { arrivedIn, holdsWords, soldIn } from "./register-sql";

export type Item = Readonly<{ id: string; name: string; sku: string | null; decimals: number }>;
export type RawItem = { id: string; name: string; sku: string | null; decimals: number };

/** Words to find, one place instead of all, and the order of the list; `today` is for tests. */
export type Asked<Sort> = Readonly<{
  q?: string | undefined;
  location?: string | undefined;
  sort?: Sort | undefined;
  isDown?: boolean | undefined;
  today?: LocalDate | undefined;
}>;

/** Every item that fits, with more columns of `with`. */
export function itemsWith<Row extends RawItem>(
  tx: Tx,
  scope: Scope,
  q: string,
  columns: SQL,
  joined: SQL,
): Promise<Row[]> {
  const b = scope.businessId;
  return rowsOf<Row>(
    tx,
    sql`select i.id, i.name, i.sku, i.decimals, ${columns} from app.items i ${joined}
        where i.business_id = ${b} and not i.is_undone and ${holdsWords(b, normalise(q))} order by i.name_key, i.id`,
  );
}

/** The places that are looked at (null: all), and whether what is there has a worth: of one place only where cost stays with it. */
export async function lookedAt(tx: Tx, scope: Scope, location: string | undefined) {
  const places = placesOf(scope, location);
  const isByPlace = places !== null && (await keepsCostAtPlaces(tx, scope));
  return { places, isByPlace, isWorthKnown: places === null || isByPlace };
}

/** What is on hand of item `i` as `h(qty, value)`: at some places where that is said. */
export const onHandOf = (b: string, places: readonly string[] | null): SQL =>
  places === null
    ? sql`left join (select item_id, on_hand_qty as qty, value_minor as value from app.item_stock where business_id = ${b}) h on h.item_id = i.id`
    : sql`left join (select p.item_id, sum(p.qty) as qty, sum(p.value_minor) as value from app.item_places p
        where p.business_id = ${b} and ${inPlaces("p.location_id", places)} group by p.item_id) h on h.item_id = i.id`;

/** What was sold of item `i` in a period, less what came back, as `s(qty, value)`, or of these only what is asked for. */
export const soldOf = (...of: Parameters<typeof soldIn>): SQL => sql`cross join lateral (${soldIn(...of)}) s`;

/** The page of rows in the order that is asked for. */
export function pageOf<Row extends Item, Sort extends string>(
  rows: readonly Row[],
  filter: Asked<Sort>,
  by: (row: Row) => Standing,
  page: RankedAt,
): RankedPage<Row> {
  const isDown = filter.isDown ?? false;
  return rankedPage(inOrderOf(rows, by, isDown), by, isDown, page);
}

export const isWhole = (rows: readonly Item[]): boolean => rows.every(({ decimals }) => decimals === 0);
export const sum = <Row>(rows: readonly Row[], of: (row: Row) => bigint): bigint =>
  rows.reduce((total, row) => total + of(row), 0n);

/** The days of each age but the oldest, the youngest first. */
const daysOfAges = (today: LocalDate): readonly Days[] =>
  ageBounds.map((bound, age) => ({
    from: addDays(today, -bound),
    to: age === 0 ? today : addDays(today, -(ageBounds[age - 1] ?? 0n) - 1n),
  }));

/** What came to these places in each age but the oldest, of item `i`: `a.came`, the youngest first. */
export const arrivals = (b: string, places: readonly string[] | null, today: LocalDate): SQL =>
  sql`cross join lateral (select array[${sql.join(
    daysOfAges(today).map((days) => arrivedIn(b, days, places)),
    sql`, `,
  )}]::text[] as came) a`;
