/** What counts found of an item at a place, over time: what is short again and again stands out. */
import { sql } from "drizzle-orm";
import { reading } from "../../db/reading";
import { rowsOf } from "../../db/scope";
import { type CountOutcome, outcomeOf } from "../core/counts";
import { localDateOf } from "../core/dates";
import type { LocalDate } from "../core/facts";
import { inPlaces, placesOf, require, type Scope } from "../people/access";
import { type Cursor, turned } from "../sales/keyset";
import type { CountPageAt } from "./count-reads";
import { instantIn, utc } from "./count-row";

const pageSize = 40;

/** An item's counts at a place: how often it was short, of the latest three too, and what all counts found in sum. */
export type HistoryRow = Readonly<{
  item: string;
  name: string;
  sku: string | null;
  decimals: number;
  location: Readonly<{ id: string; name: string }>;
  counts: number;
  shortages: number;
  surpluses: number;
  recentShort: number;
  net: bigint;
  lastOn: LocalDate;
}>;

/** What approved counts found by item and place: what was short in most of the latest counts first. */
export function countHistory(
  scope: Scope,
  filter: Readonly<{ location?: string | undefined }> = {},
  page: CountPageAt = {},
): Promise<Readonly<{ rows: readonly HistoryRow[]; after: Cursor | null; before: Cursor | null }>> {
  require(scope, "stock");
  const b = scope.businessId;
  return reading(scope, async (tx) => {
    // Shortages of the latest counts weigh more than any number of old ones; both as one key, so that pages have one.
    const key = sql`(k.recent_short::bigint * 10000000000 + k.shortages)`;
    const id = sql`(k.item_id || chr(31) || k.location_id)`;
    const found = await turned(page, pageSize, (way) =>
      rowsOf<
        Record<"key" | "id" | "item" | "name" | "location_id" | "location" | "net" | "last", string> & {
          sku: string | null;
          decimals: number;
          counts: number;
          shortages: number;
          surpluses: number;
          recent: number;
        }
      >(
        tx,
        sql`select ${key}::text as key, ${id} as id, k.item_id as item, i.name, i.sku, i.decimals, k.location_id, l.name as location, k.counts,
              k.shortages, k.surpluses, k.recent_short as recent, k.net_qty::text as net, ${utc("k.last_at")} as last
            from app.count_sums k
            join app.items i on i.business_id = ${b} and i.id = k.item_id
            join app.locations l on l.business_id = ${b} and l.id = k.location_id
            where k.business_id = ${b} and ${inPlaces("k.location_id", placesOf(scope, filter.location))}
              ${way.from(key, id, "bigint")} order by ${key} ${way.direction}, ${id} ${way.direction} limit ${way.limit}`,
      ),
    );
    return {
      ...found,
      rows: found.rows.map((row) => ({
        item: row.item,
        name: row.name,
        sku: row.sku,
        decimals: row.decimals,
        location: { id: row.location_id, name: row.location },
        counts: row.counts,
        shortages: row.shortages,
        surpluses: row.surpluses,
        recentShort: row.recent,
        net: BigInt(row.net),
        lastOn: localDateOf(instantIn(row.last), scope.timeZone),
      })),
    };
  });
}

/** One approved count of an item at a place. */
export type CountedOnce = Readonly<{
  count: string;
  number: string | null;
  on: LocalDate;
  counted: bigint;
  expected: bigint;
  outcome: CountOutcome;
  reason: string | null;
}>;
const latestShown = 100;

/** The latest approved counts of an item at a place, the newest first. */
export function countsOfItem(scope: Scope, item: string, location: string): Promise<readonly CountedOnce[]> {
  require(scope, "stock");
  const b = scope.businessId;
  return reading(scope, async (tx) => {
    const rows = await rowsOf<{
      count: string;
      number: string | null;
      at: string;
      counted: string;
      expected: string;
      reason: string | null;
    }>(
      tx,
      sql`select l.count_id as count, c.number, ${utc("l.counted_at")} as at, l.counted_qty::text as counted, l.expected_qty::text as expected,
            case when l.counted_qty <> l.expected_qty then l.reason end as reason
          from app.count_lines l join app.counts c on c.business_id = ${b} and c.id = l.count_id and c.state = 'approved' and ${inPlaces("c.location_id", placesOf(scope, location))}
          where l.business_id = ${b} and l.item_id = ${item} and l.counted_qty is not null
          order by l.counted_at desc, l.count_id desc limit ${latestShown}`,
    );
    return rows.map((row) => ({
      count: row.count,
      number: row.number,
      on: localDateOf(instantIn(row.at), scope.timeZone),
      counted: BigInt(row.counted),
      expected: BigInt(row.expected),
      outcome: outcomeOf(BigInt(row.counted), BigInt(row.expected)),
      reason: row.reason,
    }));
  });
}
