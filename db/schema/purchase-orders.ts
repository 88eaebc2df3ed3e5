/** What a business has ordered from its suppliers and has not received yet. Rows of the desk: nothing moves before there is a purchase. */
import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { app, instant, key, localDate, minor, ofBusiness, quantity } from "../columns";
import { items, locations } from "./stock";

/**
 * A purchase order. Written by lib/desk/purchase-orders.ts. What was received of it is what the purchases say that were made of it
 * (`purchaseOrderReceipts`): one that is taken back is on order again by itself.
 */
export const purchaseOrders = app.table(
  "purchase_orders",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    /** draft, ordered, closed (nothing more is expected of it), cancelled */
    state: text("state").notNull(),
    /** Taken when it is ordered, and kept; `numberYear` is the tax year of its series. */
    number: text("number"),
    numberYear: integer("number_year"),
    supplier: text("supplier").notNull(),
    locationId: key("location_id").notNull(),
    /** The day of the order; of a draft, the day it was written. */
    onDate: localDate("on_date").notNull(),
    expectedOn: localDate("expected_on"),
    note: text("note").notNull(),
    /** Counts its changes, so that two people see each other. */
    version: integer("version").notNull(),
    createdAt: instant("created_at").notNull(),
    createdBy: uuid("created_by"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id], name: "purchase_orders_pk" }),
    unique("purchase_orders_number").on(t.businessId, t.number),
    index("purchase_orders_day").on(t.businessId, t.onDate, t.id),
    index("purchase_orders_open").on(t.businessId, t.id).where(sql`state = 'ordered'`),
    index("purchase_orders_of_location").on(t.businessId, t.locationId),
    foreignKey({
      columns: [t.businessId, t.locationId],
      foreignColumns: [locations.businessId, locations.id],
      name: "purchase_orders_location",
    }),
    check("purchase_orders_state", sql`${t.state} in ('draft', 'ordered', 'closed', 'cancelled')`),
    check(
      "purchase_orders_numbered",
      sql`(${t.state} not in ('ordered', 'closed') or ${t.number} is not null) and (${t.number} is null) = (${t.numberYear} is null)`,
    ),
  ],
);

/** What is ordered, each item once. `amountMinor`: what the line is to cost in all, null where nobody said. */
export const purchaseOrderLines = app.table(
  "purchase_order_lines",
  {
    businessId: ofBusiness(),
    orderId: key("order_id").notNull(),
    place: integer("place").notNull(),
    itemId: key("item_id").notNull(),
    qty: quantity("qty").notNull(),
    amountMinor: minor("amount_minor"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.orderId, t.place], name: "purchase_order_lines_pk" }),
    unique("purchase_order_lines_once").on(t.businessId, t.orderId, t.itemId),
    index("purchase_order_lines_of_item").on(t.businessId, t.itemId),
    foreignKey({
      columns: [t.businessId, t.orderId],
      foreignColumns: [purchaseOrders.businessId, purchaseOrders.id],
      name: "purchase_order_lines_order",
    }),
    foreignKey({
      columns: [t.businessId, t.itemId],
      foreignColumns: [items.businessId, items.id],
      name: "purchase_order_lines_item",
    }),
    check("purchase_order_lines_qty", sql`${t.qty} > 0 and coalesce(${t.amountMinor}, 0) >= 0`),
  ],
);

/** What a purchase brought of an order, by item; it counts while the purchase stands. Only ever added to. */
export const purchaseOrderReceipts = app.table(
  "purchase_order_receipts",
  {
    businessId: ofBusiness(),
    orderId: key("order_id").notNull(),
    purchaseId: key("purchase_id").notNull(),
    itemId: key("item_id").notNull(),
    qty: quantity("qty").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.orderId, t.itemId, t.purchaseId], name: "purchase_order_receipts_pk" }),
    index("purchase_order_receipts_of_purchase").on(t.businessId, t.purchaseId),
    foreignKey({
      columns: [t.businessId, t.orderId, t.itemId],
      foreignColumns: [purchaseOrderLines.businessId, purchaseOrderLines.orderId, purchaseOrderLines.itemId],
      name: "purchase_order_receipts_line",
    }),
    check("purchase_order_receipts_qty", sql`${t.qty} > 0`),
  ],
);
