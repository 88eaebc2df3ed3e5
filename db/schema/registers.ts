/** What the stock registers read: what is on hand by place, and how much of it there shall be at least. */
import { sql } from "drizzle-orm";
import { check, foreignKey, index, primaryKey } from "drizzle-orm/pg-core";
import { app, instant, key, minor, ofBusiness, quantity } from "../columns";
import { items, locations } from "./stock";

/** What is on hand now at each place, and its worth; kept with item_months (lib/books/costing-summaries.ts), can be rebuilt. */
export const itemPlaces = app.table(
  "item_places",
  {
    businessId: ofBusiness(),
    itemId: key("item_id").notNull(),
    locationId: key("location_id").notNull(),
    qty: quantity("qty").notNull(),
    valueMinor: minor("value_minor").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.itemId, t.locationId], name: "item_places_pk" }),
    foreignKey({
      columns: [t.businessId, t.itemId],
      foreignColumns: [items.businessId, items.id],
      name: "item_places_item",
    }).onDelete("cascade"),
  ],
);

/**
 * How much of an item a place shall have at least, and up to how much is bought when it has less. Kept by lib/desk/minimums.ts; the index
 * serves the key to the place.
 */
export const stockMinimums = app.table(
  "stock_minimums",
  {
    businessId: ofBusiness(),
    itemId: key("item_id").notNull(),
    locationId: key("location_id").notNull(),
    minQty: quantity("min_qty").notNull(),
    targetQty: quantity("target_qty").notNull(),
    /** When its people were told that it fell below; null: it did not, or they are not told yet. */
    toldAt: instant("told_at"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.itemId, t.locationId], name: "stock_minimums_pk" }),
    index("stock_minimums_of_location").on(t.businessId, t.locationId),
    foreignKey({
      columns: [t.businessId, t.itemId],
      foreignColumns: [items.businessId, items.id],
      name: "stock_minimums_item",
    }),
    foreignKey({
      columns: [t.businessId, t.locationId],
      foreignColumns: [locations.businessId, locations.id],
      name: "stock_minimums_location",
    }),
    check("stock_minimums_qty", sql`${t.minQty} > 0 and ${t.targetQty} >= ${t.minQty}`),
  ],
);
