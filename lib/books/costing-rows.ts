/** The rows that costing reads and writes, and how movements and items are named among them. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import type { InBusiness } from "../../db/scope";
import type { EarlierSale, OpenLot } from "../core/costing";
import type { LocalDate } from "../core/facts";
import { costKey } from "../core/ids";

export type MovementRow = {
  id: string;
  leg: number;
  item_id: string;
  location_id: string;
  kind: string;
  document_id: string;
  on_date: string;
  phase: number;
  at: string | null;
  qty: string;
  value_minor: string;
  short_qty: string;
  is_posted: boolean;
};
export type LotRow = {
  id: string;
  item_id: string;
  source: OpenLot["source"];
  line_id: string;
  number: number;
  location_id: string;
  on_date: string;
  phase: number;
  at: string | null;
  place_id: string;
  rank: number;
  acquired_on: string;
  made_on: string;
  qty: string;
  cost_minor: string;
  reserved_qty: string;
  left_qty: string;
  left_minor: string;
  used_up_on: string | null;
};
export type AllocationRow = {
  movement_id: string;
  leg: number;
  lot_id: string;
  kind: "fifo" | "reserved" | "back";
  item_id: string;
  on_date: string;
  qty: string;
  cost_minor: string;
  sale_id: string | null;
  made_lot_id: string | null;
  place: number;
};

/**
 * A location as a fold sees it: goods on their way are with those that left with them and with no others, so each consignment (the document
 * that sent it) is a shelf of its own between leaving and arriving.
 */
export const shelfAt = (location: string, consignment: string | null): string =>
  consignment === null ? location : `${location}\u001f${consignment}`;

/** The location that a shelf of a fold is at. */
export function locationOfShelf(shelf: string): string {
  const at = shelf.indexOf("\u001f");
  return at < 0 ? shelf : shelf.slice(0, at);
}

/** A cost group's first day: it is folded from there. Keyed by the group's name. */
export type Since = ReadonlyMap<string, LocalDate>;
/** The groups to fold with their items; an item that is alone is named by itself. */
export type Groups = Readonly<{ since: Since; groupOf: ReadonlyMap<string, string> }>;

/** A sale before its group's first day. `costBack`: what returns before that day brought back of its cost. */
export type Earlier = EarlierSale & Readonly<{ line: string; leg: number; group: string; costBack: bigint }>;

export const allocationColumns = sql.raw(
  "a.movement_id, a.leg, a.lot_id, a.kind, a.item_id, a.on_date::text, a.qty::text, a.cost_minor::text, a.sale_id, a.made_lot_id, a.place",
);

/** The first day of each item: its group's. */
export function daysOf(groups: Groups): Map<string, LocalDate> {
  return new Map([...groups.groupOf].map(([item, group]) => [item, groups.since.get(group) ?? ""]));
}

/** For more items than this, planning for the values at hand costs less than a plan that does not fit them. */
export const fewItems = 8;

/** `g(item, since)`: items and their first days, to join with. */
export const itemsFrom = (days: ReadonlyMap<string, LocalDate>) =>
  sql`unnest(${list("text", [...days.keys()])}, ${list("date", [...days.values()])}) as g(item, since)`;

/**
 * The rows of a table from each item's first day on, as `alias`, with `g(item, since)`. `offset 0` keeps the subquery whole: each item's rows
 * are then found by index, however few of all rows they are; a plan that was made for any items would rather read the whole table. The order
 * is that of the index, and names it: where a table was looked at while all its rows were still of an open transaction the server takes it
 * for empty, every index of the business then costs the same, and another one reads all rows of the business for each item.
 */
export function rowsSince(
  scope: InBusiness,
  table: "allocations" | "lots" | "movements",
  alias: string,
  days: ReadonlyMap<string, LocalDate>,
) {
  return sql`${itemsFrom(days)} cross join lateral (
    select r.* from app.${sql.raw(table)} r where r.business_id = ${scope.businessId} and r.item_id = g.item and r.on_date >= g.since
    order by r.on_date offset 0) ${sql.raw(alias)}`;
}

/** The name of a movement in a fold, and of its cost in the journal. A transfer's line is one movement, whatever its legs. */
export function stepKey(row: Pick<MovementRow, "id" | "leg" | "item_id" | "kind">): string {
  return row.kind === "transfer" ? row.id : costKey(row.id, row.leg, row.item_id);
}
