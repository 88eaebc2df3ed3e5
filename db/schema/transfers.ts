/** Transfers as people write and follow them, and the numbers of documents. The facts of what moved are told when something moves. */
import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { app, instant, key, localDate, ofBusiness, quantity } from "../columns";
import { items, locations } from "./stock";

/** The next number of each kind of document and tax year. Written by lib/stock/series.ts under the books' lock, never given back. */
export const series = app.table(
  "series",
  {
    businessId: ofBusiness(),
    kind: key("kind").notNull(),
    taxYear: integer("tax_year").notNull(),
    next: integer("next").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.kind, t.taxYear], name: "series_pk" }),
    check("series_next", sql`${t.next} > 0`),
  ],
);

/**
 * A transfer from draft to received. Written by lib/desk/transfers.ts, read by Inventory → Movements (by day) and by Needs you (those
 * that came short); the indexes by place find what would hold a location back from being retired.
 */
export const transfers = app.table(
  "transfers",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    /** draft, sent (all or a part is on its way), short (nothing more comes, and something is missing), received, cancelled */
    state: text("state").notNull(),
    /** Taken when it is first sent, and kept; `numberYear` is the tax year of its series. */
    number: text("number"),
    numberYear: integer("number_year"),
    fromLocationId: key("from_location_id").notNull(),
    toLocationId: key("to_location_id").notNull(),
    /** The day it is planned for; once it is sent, the day it left. */
    onDate: localDate("on_date").notNull(),
    note: text("note").notNull(),
    /** The fact that sent it; null while nothing is sent. */
    consignmentId: key("consignment_id"),
    /** Counts its changes, so that two people see each other. */
    version: integer("version").notNull(),
    createdAt: instant("created_at").notNull(),
    createdBy: uuid("created_by"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id], name: "transfers_pk" }),
    unique("transfers_number").on(t.businessId, t.number),
    index("transfers_day").on(t.businessId, t.onDate, t.id),
    index("transfers_short").on(t.businessId, t.onDate).where(sql`state = 'short'`),
    index("transfers_leaving").on(t.businessId, t.fromLocationId),
    index("transfers_coming").on(t.businessId, t.toLocationId),
    foreignKey({
      columns: [t.businessId, t.fromLocationId],
      foreignColumns: [locations.businessId, locations.id],
      name: "transfers_from",
    }),
    foreignKey({
      columns: [t.businessId, t.toLocationId],
      foreignColumns: [locations.businessId, locations.id],
      name: "transfers_to",
    }),
    check("transfers_state", sql`${t.state} in ('draft', 'sent', 'short', 'received', 'cancelled')`),
    check("transfers_ways", sql`${t.fromLocationId} <> ${t.toLocationId}`),
    check(
      "transfers_sent",
      sql`(${t.state} in ('sent', 'short', 'received')) = (${t.consignmentId} is not null) and (${t.consignmentId} is null or ${t.number} is not null) and (${t.number} is null) = (${t.numberYear} is null)`,
    ),
  ],
);

/** What a transfer is of, each item once. Written with it; the index by item is for the key to items. */
export const transferLines = app.table(
  "transfer_lines",
  {
    businessId: ofBusiness(),
    transferId: key("transfer_id").notNull(),
    place: integer("place").notNull(),
    itemId: key("item_id").notNull(),
    qty: quantity("qty").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.transferId, t.place], name: "transfer_lines_pk" }),
    unique("transfer_lines_once").on(t.businessId, t.transferId, t.itemId),
    index("transfer_lines_of_item").on(t.businessId, t.itemId),
    foreignKey({
      columns: [t.businessId, t.transferId],
      foreignColumns: [transfers.businessId, transfers.id],
      name: "transfer_lines_transfer",
    }),
    foreignKey({
      columns: [t.businessId, t.itemId],
      foreignColumns: [items.businessId, items.id],
      name: "transfer_lines_item",
    }),
    check("transfer_lines_qty", sql`${t.qty} > 0`),
  ],
);
