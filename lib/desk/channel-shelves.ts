/** A channel's shelves for people: which locations they are, where the channel says other than the books, what waits and what happened. */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf } from "../../db/scope";
import { type Shelf, shelves } from "../../integrations/connector";
import { lockBooks } from "../books/ledger";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { differing } from "../stock/shelf-sql";
import { inUse } from "./locations";

/** `said` and `booked` in the product's smallest units. */
export type ShelfDifference = Readonly<{
  item: string;
  name: string;
  decimals: number;
  shelf: Shelf;
  location: string;
  said: bigint;
  booked: bigint;
  since: LocalDate | null;
}>;
/** `why`: what it waits for; null: it is in the books. `qty` in pieces. */
export type ShelfStep = Readonly<{
  id: string;
  on: LocalDate;
  sku: string;
  qty: bigint;
  words: string;
  why: string | null;
  /** The location that it came to, or left. */
  place: string;
}>;
export type ShelfView = Readonly<{
  shelves: readonly Readonly<{ shelf: Shelf; location: string; name: string }>[];
  differences: readonly ShelfDifference[];
  waiting: readonly ShelfStep[];
  /** The latest. */
  steps: readonly ShelfStep[];
  /** SKUs that the channel holds and that are no product here. */
  unknown: readonly string[];
}>;

const mostShown = 50;
const mostSteps = 20;

/** What is told of a channel's shelves; null where it has none. */
export function shelfView(scope: Scope, channel: string): Promise<ShelfView | null> {
  require(scope, "read");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const places = await rowsOf<{ shelf: string; location: string; name: string }>(
      tx,
      sql`select s.shelf, s.location_id as location, l.name from app.channel_shelves s
          join app.locations l on l.business_id = ${b} and l.id = s.location_id
          where s.business_id = ${b} and s.channel_id = ${channel}`,
    );
    if (places.length === 0) return null;
    const differences = await rowsOf<Record<string, string> & { decimals: number; since: string | null }>(
      tx,
      sql`select d.item_id as item, i.name, i.decimals, d.shelf, d.location_id as location, d.said::text, d.booked::text, d.since::text
          from (${differing(b)}) d join app.items i on i.business_id = ${b} and i.id = d.item_id
          where d.channel_id = ${channel} order by i.name_key, d.item_id, d.shelf limit ${mostShown}`,
    );
    const steps = (isWaiting: boolean, most: number) =>
      rowsOf<Record<string, string> & { why: string | null }>(
        tx,
        sql`select m.id, m.on_date::text as on, m.sku, m.qty::text, m.words, m.why, coalesce(l.name, '') as place from app.shelf_moves m
            left join app.channel_shelves s on s.business_id = ${b} and s.channel_id = m.channel_id and s.shelf = m.shelf
            left join app.locations l on l.business_id = ${b} and l.id = s.location_id
            where m.business_id = ${b} and m.channel_id = ${channel} and ${isWaiting ? sql`m.facts is null` : sql`m.facts is not null`}
            order by m.on_date desc, m.id desc limit ${most}`,
      );
    const [waiting, done] = [await steps(true, mostShown), await steps(false, mostSteps)];
    const unknown = await rowsOf<{ sku: string }>(
      tx,
      sql`select sku from app.channel_stock where business_id = ${b} and channel_id = ${channel} and item_id is null
            and sellable + unsellable + inbound > 0 order by sku limit ${mostShown}`,
    );
    return {
      shelves: shelves.flatMap((shelf) => {
        const own = places.find((place) => place.shelf === shelf);
        return own === undefined ? [] : [{ shelf, location: own.location, name: own.name }];
      }),
      differences: differences.map((row) => ({
        item: row.item ?? "",
        name: row.name ?? "",
        decimals: row.decimals,
        shelf: shelfOf(row.shelf),
        location: row.location ?? "",
        said: BigInt(row.said ?? "0"),
        booked: BigInt(row.booked ?? "0"),
        since: row.since,
      })),
      waiting: waiting.map(stepOf),
      steps: done.map(stepOf),
      unknown: unknown.map(({ sku }) => sku),
    };
  });
}

/** Channels whose shelves differ from the books, with how many products do. */
export function shelvesThatDiffer(scope: Scope): Promise<readonly Readonly<{ channel: string; items: number }>[]> {
  require(scope, "read");
  return inBusiness(scope, (tx) =>
    rowsOf<{ channel: string; items: number }>(
      tx,
      sql`select d.channel_id as channel, count(distinct d.item_id)::int as items from (${differing(scope.businessId)}) d group by 1 order by 1`,
    ),
  );
}

const shelfOf = (text: string | undefined): Shelf => shelves.find((shelf) => shelf === text) ?? "sellable";

const stepOf = (row: Record<string, string> & { why: string | null }): ShelfStep => ({
  id: row.id ?? "",
  on: row.on ?? "",
  sku: row.sku ?? "",
  qty: BigInt(row.qty ?? "0"),
  words: row.words ?? "",
  why: row.why,
  place: row.place ?? "",
});

/**
 * Another location for a shelf, from now on: what happened stays where it happened. Gives what it was. Refuses `in_use` for a location that
 * is another shelf already.
 */
export function setShelf(
  scope: Scope,
  input: Readonly<{ channel: string; shelf: string; location: string }>,
): Promise<Readonly<{ before: string }>> {
  require(scope, "write");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    await lockBooks(tx, scope);
    const [row] = await rowsOf<{ location: string }>(
      tx,
      sql`select location_id as location from app.channel_shelves where business_id = ${b} and channel_id = ${input.channel} and shelf = ${input.shelf} for update`,
    );
    if (row === undefined) throw new Refusal("not_found", "This channel has no such shelf.");
    const to = await inUse(tx, scope, input.location, "location");
    const [other] = await rowsOf<{ shelf: string }>(
      tx,
      sql`select shelf from app.channel_shelves where business_id = ${b} and location_id = ${to.id} and not (channel_id = ${input.channel} and shelf = ${input.shelf}) limit 1`,
    );
    if (other !== undefined)
      throw new Refusal("in_use", `${to.name} is another shelf of a channel already.`, { field: "location" });
    await recordAudit(tx, scope, {
      what: "location.of-shelf",
      about: `channel/${input.channel}`,
      before: { shelf: input.shelf, location: row.location },
      after: { shelf: input.shelf, location: to.id },
    });
    await tx.execute(
      sql`update app.channel_shelves set location_id = ${to.id} where business_id = ${b} and channel_id = ${input.channel} and shelf = ${input.shelf}`,
    );
    return { before: row.location };
  });
}
