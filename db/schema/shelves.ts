/** A channel's own shelves: which locations they are, what the channel says that it holds, and what happened there that no order says. */
import { sql } from "drizzle-orm";
import { check, foreignKey, index, primaryKey, text } from "drizzle-orm/pg-core";
import { app, instant, json, key, localDate, ofBusiness, quantity } from "../columns";
import { channels } from "./sales";
import { items, locations } from "./stock";

/** Written by lib/shelves.ts when a channel first speaks of them, changed by a person; a location is one shelf of one channel. */
export const channelShelves = app.table(
  "channel_shelves",
  {
    businessId: ofBusiness(),
    channelId: key("channel_id").notNull(),
    /** sellable, unsellable, removal */
    shelf: text("shelf").notNull(),
    locationId: key("location_id").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.channelId, t.shelf], name: "channel_shelves_pk" }),
    index("channel_shelves_of_location").on(t.businessId, t.locationId),
    foreignKey({
      columns: [t.businessId, t.channelId],
      foreignColumns: [channels.businessId, channels.id],
      name: "channel_shelves_channel",
    }),
    foreignKey({
      columns: [t.businessId, t.locationId],
      foreignColumns: [locations.businessId, locations.id],
      name: "channel_shelves_location",
    }),
    check("channel_shelves_shelf", sql`${t.shelf} in ('sellable', 'unsellable', 'removal')`),
  ],
);

/**
 * What a channel says that it holds of a SKU, as it said it last, in pieces. `itemId` with `times` is what one of the SKU is in the books;
 * null: nothing that is known, or of several parts. `differsSince`: since when its shelves differ from the books.
 */
export const channelStock = app.table(
  "channel_stock",
  {
    businessId: ofBusiness(),
    channelId: key("channel_id").notNull(),
    sku: key("sku").notNull(),
    name: text("name").notNull(),
    sellable: quantity("sellable").notNull(),
    unsellable: quantity("unsellable").notNull(),
    inbound: quantity("inbound").notNull(),
    saidAt: instant("said_at").notNull(),
    itemId: key("item_id"),
    times: quantity("times").notNull(),
    differsSince: localDate("differs_since"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.channelId, t.sku], name: "channel_stock_pk" }),
    index("channel_stock_of_item").on(t.businessId, t.itemId),
    index("channel_stock_differs").on(t.businessId, t.differsSince).where(sql`differs_since is not null`),
    foreignKey({
      columns: [t.businessId, t.channelId],
      foreignColumns: [channels.businessId, channels.id],
      name: "channel_stock_channel",
    }),
    foreignKey({
      columns: [t.businessId, t.itemId],
      foreignColumns: [items.businessId, items.id],
      name: "channel_stock_item",
    }).onDelete("cascade"),
    check("channel_stock_times", sql`${t.times} > 0`),
  ],
);

/** What happened on a channel's shelves, once, by the channel's own name for it, with the facts that it became. */
export const shelfMoves = app.table(
  "shelf_moves",
  {
    businessId: ofBusiness(),
    channelId: key("channel_id").notNull(),
    id: key("id").notNull(),
    onDate: localDate("on_date").notNull(),
    kind: text("kind").notNull(),
    shelf: text("shelf").notNull(),
    sku: text("sku").notNull(),
    qty: quantity("qty").notNull(),
    /** The channel's own words for it. */
    words: text("words").notNull(),
    /** Keys of the facts; empty where the books knew it already, null while it waits, for the reason in `why`. */
    facts: json<readonly string[]>("facts"),
    why: text("why"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.channelId, t.id], name: "shelf_moves_pk" }),
    index("shelf_moves_day").on(t.businessId, t.channelId, t.onDate, t.id),
    index("shelf_moves_waiting").on(t.businessId, t.channelId, t.id).where(sql`facts is null`),
    foreignKey({
      columns: [t.businessId, t.channelId],
      foreignColumns: [channels.businessId, channels.id],
      name: "shelf_moves_channel",
    }),
    check(
      "shelf_moves_kind",
      sql`${t.kind} in ('received', 'sent back', 'moved', 'gone', 'found', 'returned') and (${t.facts} is null) = (${t.why} is not null)`,
    ),
  ],
);
