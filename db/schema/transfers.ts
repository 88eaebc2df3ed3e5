/** Transfers as people write and follow them, and the numbers of documents. The facts of what moved are told when something moves. */
import { sql } from "drizzle-orm";
import { boolean, check, foreignKey, index, integer, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { app, instant, key, localDate, ofBusiness, quantity } from "../columns";
import { items, locations } from "./stock";

/** The next number of each kind of document and tax year. Written by lib/stock/series.ts under its own row's lock, never given back. */
export const series = app.table(
  "series",
  {
    businessId: ofBusiness(),
    kind: key("kind").notNull(),
    /** 0: its numbers have no year in them, and it goes on for ever. */
    taxYear: integer("tax_year").notNull(),
    next: integer("next").notNull(),
    /** Its first number, and the form of all of them, which stay what they were when it began. */
    first: integer("first").notNull(),
    prefix: text("prefix").notNull(),
    digits: integer("digits").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.kind, t.taxYear], name: "series_pk" }),
    check("series_next", sql`${t.first} > 0 and ${t.next} >= ${t.first}`),
  ],
);

/** What a business chose for series that are still to begin. A kind without a row has the usual form (lib/core/numbering.ts). */
export const seriesForms = app.table(
  "series_forms",
  {
    businessId: ofBusiness(),
    kind: key("kind").notNull(),
    prefix: text("prefix").notNull(),
    digits: integer("digits").notNull(),
    hasYear: boolean("has_year").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.kind], name: "series_forms_pk" }),
    check("series_forms_digits", sql`${t.digits} between 3 and 8`),
  ],
);

/** Every number that was given, once in its business whatever its kind. Written with the series, only ever added to. */
export const seriesNumbers = app.table(
  "series_numbers",
  {
    businessId: ofBusiness(),
    kind: key("kind").notNull(),
    taxYear: integer("tax_year").notNull(),
    nth: integer("nth").notNull(),
    number: key("number").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.kind, t.taxYear, t.nth], name: "series_numbers_pk" }),
    unique("series_numbers_once").on(t.businessId, t.number),
    foreignKey({
      columns: [t.businessId, t.kind, t.taxYear],
      foreignColumns: [series.businessId, series.kind, series.taxYear],
      name: "series_numbers_series",
    }),
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
