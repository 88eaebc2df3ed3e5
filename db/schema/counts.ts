/** Counts of stock as people plan, count and approve them, what they found, and the barcodes by which things are found. */
import { sql } from "drizzle-orm";
import { boolean, check, foreignKey, index, integer, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { app, instant, key, localDate, minor, ofBusiness, quantity } from "../columns";
import { items, locations } from "./stock";

/** A count of one place, from draft to approved. Written by lib/desk/counts*.ts, listed by the moment at which it was planned. */
export const counts = app.table(
  "counts",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    /** draft, counting, review (nothing more is expected, differences get their reasons), approved, cancelled */
    state: text("state").notNull(),
    /** Taken when it is first approved, and kept; `numberYear` is the tax year of its series. */
    number: text("number"),
    numberYear: integer("number_year"),
    locationId: key("location_id").notNull(),
    /** all, items (chosen by hand), words (of name or SKU), abc (what is due by class), oldest (longest not counted) */
    plan: text("plan").notNull(),
    words: text("words").notNull(),
    /** A rolling plan takes so many items at most. */
    most: integer("most").notNull(),
    /** Also what should not be there at all. */
    hasEmpty: boolean("has_empty").notNull(),
    /** Who counts does not see what is expected. */
    isBlind: boolean("is_blind").notNull(),
    note: text("note").notNull(),
    /** Counts its changes, so that two people see each other. */
    version: integer("version").notNull(),
    createdAt: instant("created_at").notNull(),
    createdBy: uuid("created_by"),
    startedAt: instant("started_at"),
    approvedAt: instant("approved_at"),
    approvedBy: uuid("approved_by"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id], name: "counts_pk" }),
    unique("counts_number").on(t.businessId, t.number),
    index("counts_made").on(t.businessId, t.createdAt, t.id),
    index("counts_of_location").on(t.businessId, t.locationId),
    foreignKey({
      columns: [t.businessId, t.locationId],
      foreignColumns: [locations.businessId, locations.id],
      name: "counts_location",
    }),
    check("counts_state", sql`${t.state} in ('draft', 'counting', 'review', 'approved', 'cancelled')`),
    check("counts_plan", sql`${t.plan} in ('all', 'items', 'words', 'abc', 'oldest') and ${t.most} > 0`),
    check(
      "counts_begun",
      sql`(${t.state} not in ('counting', 'review', 'approved') or ${t.startedAt} is not null) and (${t.state} = 'approved') = (${t.approvedAt} is not null) and (${t.approvedAt} is null or ${t.number} is not null) and (${t.number} is null) = (${t.numberYear} is null)`,
    ),
  ],
);

/**
 * What a count counts, each item once. `countedQty`, `countedAt` and `expectedQty` are written when it is approved: the proof of what matched
 * and what did not. The index by item gives an item's history.
 */
export const countLines = app.table(
  "count_lines",
  {
    businessId: ofBusiness(),
    countId: key("count_id").notNull(),
    itemId: key("item_id").notNull(),
    place: integer("place").notNull(),
    /** Found on the shelf, and not in the plan. */
    isExtra: boolean("is_extra").notNull(),
    /** A person said that what is dated on that day without a time had happened before. */
    takesDay: boolean("takes_day").notNull(),
    reason: key("reason"),
    /** What came to light is worth in all, where a person said so. */
    worthMinor: minor("worth_minor"),
    countedQty: quantity("counted_qty"),
    countedAt: instant("counted_at"),
    expectedQty: quantity("expected_qty"),
    /** The local day of `countedAt`. */
    countedOn: localDate("counted_on"),
    /** What has come to be known of before `countedAt` since it was approved (lib/books/late-counts.ts). */
    lateQty: quantity("late_qty").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.countId, t.itemId], name: "count_lines_pk" }),
    unique("count_lines_place").on(t.businessId, t.countId, t.place),
    index("count_lines_of_item").on(t.businessId, t.itemId),
    index("count_lines_approved").on(t.businessId, t.itemId, t.countedOn).where(sql`counted_on is not null`),
    index("count_lines_late").on(t.businessId, t.countId).where(sql`late_qty <> 0`),
    foreignKey({
      columns: [t.businessId, t.countId],
      foreignColumns: [counts.businessId, counts.id],
      name: "count_lines_count",
    }),
    foreignKey({
      columns: [t.businessId, t.itemId],
      foreignColumns: [items.businessId, items.id],
      name: "count_lines_item",
    }),
    check("count_lines_reason", sql`${t.reason} in ('count', 'damaged', 'data_entry', 'found')`),
    check(
      "count_lines_counted",
      sql`(${t.countedQty} is null) = (${t.countedAt} is null) and (${t.countedQty} is null) = (${t.expectedQty} is null) and (${t.countedQty} is null) = (${t.countedOn} is null) and (${t.countedQty} is not null or ${t.lateQty} = 0) and coalesce(${t.countedQty}, 0) >= 0 and coalesce(${t.worthMinor}, 0) >= 0`,
    ),
  ],
);

/** What people hand in, only ever added to. The id is made on the device, so that what is handed in twice is here once. */
export const countEntries = app.table(
  "count_entries",
  {
    businessId: ofBusiness(),
    countId: key("count_id").notNull(),
    id: key("id").notNull(),
    itemId: key("item_id").notNull(),
    qty: quantity("qty").notNull(),
    /** add, recount (lib/core/counts.ts) */
    mode: text("mode").notNull(),
    /** By the server's clock, whatever the device's says. */
    countedAt: instant("counted_at").notNull(),
    handedAt: instant("handed_at").notNull(),
    userId: uuid("user_id"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.countId, t.id], name: "count_entries_pk" }),
    index("count_entries_of_line").on(t.businessId, t.countId, t.itemId),
    foreignKey({
      columns: [t.businessId, t.countId, t.itemId],
      foreignColumns: [countLines.businessId, countLines.countId, countLines.itemId],
      name: "count_entries_line",
    }),
    check("count_entries_qty", sql`${t.qty} >= 0 and ${t.mode} in ('add', 'recount')`),
  ],
);

/** The adjustments that a count was approved with, one for each day and reason; those of an approval that was taken back stay here. */
export const countDocuments = app.table(
  "count_documents",
  {
    businessId: ofBusiness(),
    documentId: key("document_id").notNull(),
    countId: key("count_id").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.documentId], name: "count_documents_pk" }),
    index("count_documents_of_count").on(t.businessId, t.countId),
    foreignKey({
      columns: [t.businessId, t.countId],
      foreignColumns: [counts.businessId, counts.id],
      name: "count_documents_count",
    }),
  ],
);

/** What approved counts found, by item and place. Derived, kept by lib/desk/count-sums.ts; the first index ranks what is short again and again. */
export const countSums = app.table(
  "count_sums",
  {
    businessId: ofBusiness(),
    itemId: key("item_id").notNull(),
    locationId: key("location_id").notNull(),
    counts: integer("counts").notNull(),
    shortages: integer("shortages").notNull(),
    surpluses: integer("surpluses").notNull(),
    /** Of the latest three, those that found less. */
    recentShort: integer("recent_short").notNull(),
    netQty: quantity("net_qty").notNull(),
    lastAt: instant("last_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.itemId, t.locationId], name: "count_sums_pk" }),
    index("count_sums_short").on(t.businessId, t.recentShort, t.shortages, t.itemId, t.locationId),
    index("count_sums_of_location").on(t.businessId, t.locationId),
    foreignKey({
      columns: [t.businessId, t.itemId],
      foreignColumns: [items.businessId, items.id],
      name: "count_sums_item",
    }),
    foreignKey({
      columns: [t.businessId, t.locationId],
      foreignColumns: [locations.businessId, locations.id],
      name: "count_sums_location",
    }),
    check(
      "count_sums_counts",
      sql`${t.counts} > 0 and ${t.shortages} >= 0 and ${t.surpluses} >= 0 and ${t.shortages} + ${t.surpluses} <= ${t.counts} and ${t.recentShort} between 0 and 3`,
    ),
  ],
);

/** Codes that are printed on things: one item's alone, any number for an item. Written by lib/stock/barcodes.ts. */
export const itemBarcodes = app.table(
  "item_barcodes",
  { businessId: ofBusiness(), code: key("code").notNull(), itemId: key("item_id").notNull() },
  (t) => [
    primaryKey({ columns: [t.businessId, t.code], name: "item_barcodes_pk" }),
    index("item_barcodes_of_item").on(t.businessId, t.itemId),
    foreignKey({
      columns: [t.businessId, t.itemId],
      foreignColumns: [items.businessId, items.id],
      name: "item_barcodes_item",
    }),
  ],
);
