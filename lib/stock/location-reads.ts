/** Locations as pages ask for them: the list with what is at each, the choices of a form, who begins where. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import { inPlaces, knownAt, mayAt, placesOf, require, type Scope } from "../people/access";

/** What a location is to people. */
export const locationKinds = [
  "warehouse",
  "shop",
  "godown",
  "channel_sellable",
  "channel_unsellable",
  "channel_removal",
] as const;
export type LocationKind = (typeof locationKinds)[number];

export type LocationRow = Readonly<{
  id: string;
  name: string;
  /** Null for the one between leaving and arriving. */
  kind: LocationKind | null;
  address: string;
  taxNumber: string;
  isRetired: boolean;
  /** Where things are if nothing else is said. */
  isFirst: boolean;
  /** How many items are there in a quantity other than 0. */
  items: number;
  /** Names of the channels whose sales take from it. */
  channels: readonly string[];
}>;

/** All locations: those in use in their order, then those that are retired. */
export function locationRows(scope: Scope): Promise<readonly LocationRow[]> {
  require(scope, "read");
  const business = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<{
      id: string;
      name: string;
      kind: string;
      address: string;
      tax_number: string;
      is_in_transit: boolean;
      retired: boolean;
      items: number;
      channels: string[];
    }>(
      tx,
      sql`select l.id, l.name, l.kind, l.address, l.tax_number, l.is_in_transit, l.retired_at is not null as retired, coalesce(h.items, 0)::int as items,
            array(select c.name from app.channels c where c.business_id = ${business} and c.location_id = l.id order by c.name) as channels
          from app.locations l
          left join (select location_id, count(*) as items from (
              select location_id, item_id from app.item_months where business_id = ${business}
              group by location_id, item_id having sum(in_qty - out_qty) <> 0) s group by location_id) h on h.location_id = l.id
          where l.business_id = ${business} order by l.retired_at is not null, l.is_in_transit, l.place, l.id`,
    );
    const first = rows.find((row) => !row.retired && !row.is_in_transit)?.id;
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      kind: row.is_in_transit ? null : (locationKinds.find((kind) => kind === row.kind) ?? "warehouse"),
      address: row.address,
      taxNumber: row.tax_number,
      isRetired: row.retired,
      isFirst: row.id === first,
      items: row.items,
      channels: row.channels,
    }));
  });
}

export type LocationChoice = Readonly<{ id: string; name: string }>;

/** The locations that a form may offer: in use, and none that only transfers put things at; those of the one who asks. */
export function locationChoices(scope: Scope): Promise<readonly LocationChoice[]> {
  require(scope, "stock");
  return inBusiness(scope, (tx) => choicesIn(tx, scope));
}

/** Where a transfer can go: to any location in use, also for who is limited to some. Their names are all that is told of the others. */
export function locationGoals(scope: Scope): Promise<readonly LocationChoice[]> {
  require(scope, "stock");
  return inBusiness(scope, (tx) => choicesAmong(tx, scope, null));
}

export function choicesIn(tx: Tx, scope: Scope): Promise<readonly LocationChoice[]> {
  return choicesAmong(tx, scope, placesOf(scope));
}

function choicesAmong(tx: Tx, scope: Scope, places: readonly string[] | null): Promise<readonly LocationChoice[]> {
  return rowsOf<LocationChoice>(
    tx,
    sql`select id, name from app.locations where business_id = ${scope.businessId} and not is_in_transit and retired_at is null
          and ${inPlaces("id", places)} order by place, id`,
  );
}

/** Where each channel's sales take from, and where each person's own documents begin; null: the first location. */
export type Defaults = Readonly<{
  channels: readonly Readonly<{ id: string; name: string; location: string | null }>[];
  members: readonly Readonly<{ userId: string; location: string | null }>[];
}>;

export function locationDefaults(scope: Scope): Promise<Defaults> {
  require(scope, "read");
  const business = scope.businessId;
  return inBusiness(scope, async (tx) => ({
    channels: await rowsOf<{ id: string; name: string; location: string | null }>(
      tx,
      sql`select id, name, location_id as location from app.channels where business_id = ${business} order by name, id`,
    ),
    members: (
      await rowsOf<{ user_id: string; location_id: string | null }>(
        tx,
        sql`select user_id, location_id from app.members where business_id = ${business}`,
      )
    ).map((row) => ({ userId: row.user_id, location: row.location_id })),
  }));
}

/** Where a person's own documents begin: their default, or null. */
export async function ownLocation(scope: Scope): Promise<string | null> {
  require(scope, "stock");
  return inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<{ location_id: string | null }>(
      tx,
      sql`select location_id from app.members where business_id = ${scope.businessId} and user_id = ${scope.userId}`,
    );
    return row?.location_id ?? null;
  });
}

/** How much of items is at a location now, in smallest units; what is not there is left out. */
export async function onHandAt(
  tx: Tx,
  scope: Scope,
  location: string,
  items: readonly string[],
): Promise<ReadonlyMap<string, bigint>> {
  if (items.length === 0) return new Map();
  const rows = await rowsOf<{ item_id: string; qty: string }>(
    tx,
    sql`select item_id, sum(in_qty - out_qty)::text as qty from app.item_months
        where business_id = ${scope.businessId} and location_id = ${location} and item_id = any(${list("text", [...new Set(items)])})
        group by item_id having sum(in_qty - out_qty) <> 0`,
  );
  return new Map(rows.map((row) => [row.item_id, BigInt(row.qty)]));
}

/** The same for a page: items as `{ id, decimals, qty }`. */
export function stockAt(
  scope: Scope,
  location: string,
  items: readonly string[],
): Promise<readonly Readonly<{ id: string; decimals: number; qty: bigint }>[]> {
  require(scope, "stock");
  if (!mayAt(scope, location)) throw new Refusal("not_found", "There is no such location.");
  return inBusiness(scope, async (tx) => {
    const there = await onHandAt(tx, scope, location, items);
    const known = await rowsOf<{ id: string; decimals: number }>(
      tx,
      sql`select id, decimals from app.items where business_id = ${scope.businessId} and not is_undone and id = any(${list("text", [...new Set(items)])}) and ${knownAt(scope, "items.id")}`,
    );
    return known.map(({ id, decimals }) => ({ id, decimals, qty: there.get(id) ?? 0n }));
  });
}

/** Locations as they stand on paper, by id: name, address with its lines, registration. */
export function placesOnPaper(
  scope: Scope,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Readonly<{ name: string; address: string; taxNumber: string }>>> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<{ id: string; name: string; address: string; tax: string }>(
      tx,
      sql`select id, name, address, tax_number as tax from app.locations
          where business_id = ${scope.businessId} and id = any(${list("text", ids)})`,
    );
    return new Map(rows.map(({ id, name, address, tax }) => [id, { name, address, taxNumber: tax }]));
  });
}
