/**
 * Sums by day that pages read instead of rows, and the marks that say of which days they are not to be believed
 * (lib/books/summarise-days.ts). All of it can be made anew from the other tables at any time.
 */
import { sql } from "drizzle-orm";
import { bigint, index, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { app, json, key, localDate, minor, ofBusiness, quantity } from "../columns";

const count = (name: string) => bigint(name, { mode: "bigint" });

/** Days of which something changed since their sums were made. Only ever added by who changes, only ever taken by who sums: nobody waits. */
export const touchedDays = app.table(
  "touched_days",
  { businessId: ofBusiness(), onDate: localDate("on_date").notNull(), id: uuid("id").notNull() },
  (t) => [primaryKey({ columns: [t.businessId, t.onDate, t.id], name: "touched_days_pk" })],
);

/** What was sold on a day through a channel. `known…` are the lines that need no cost any more. */
export const soldDays = app.table(
  "sold_days",
  {
    businessId: ofBusiness(),
    onDate: localDate("on_date").notNull(),
    channelId: key("channel_id").notNull(),
    lines: count("lines").notNull(),
    qty: quantity("qty").notNull(),
    priceMinor: minor("price_minor").notNull(),
    feesMinor: minor("fees_minor").notNull(),
    refundsMinor: minor("refunds_minor").notNull(),
    costMinor: minor("cost_minor").notNull(),
    /** Lines that are no item's. */
    unmatched: count("unmatched").notNull(),
    knownLines: count("known_lines").notNull(),
    knownQty: quantity("known_qty").notNull(),
    knownPriceMinor: minor("known_price_minor").notNull(),
    knownFeesMinor: minor("known_fees_minor").notNull(),
    knownRefundsMinor: minor("known_refunds_minor").notNull(),
    knownCostMinor: minor("known_cost_minor").notNull(),
    knownUnmatched: count("known_unmatched").notNull(),
  },
  (t) => [primaryKey({ columns: [t.businessId, t.onDate, t.channelId], name: "sold_days_pk" })],
);

/** The orders of a day through a channel. `missing`: how many of them have a line that needs a cost. */
export const orderDays = app.table(
  "order_days",
  {
    businessId: ofBusiness(),
    onDate: localDate("on_date").notNull(),
    channelId: key("channel_id").notNull(),
    orders: count("orders").notNull(),
    missing: count("missing").notNull(),
    grossMinor: minor("gross_minor").notNull(),
    shippingMinor: minor("shipping_minor").notNull(),
    discountMinor: minor("discount_minor").notNull(),
    feesMinor: minor("fees_minor").notNull(),
    chargesMinor: minor("charges_minor").notNull(),
    refundedMinor: minor("refunded_minor").notNull(),
    costMinor: minor("cost_minor").notNull(),
    costBackMinor: minor("cost_back_minor").notNull(),
  },
  (t) => [primaryKey({ columns: [t.businessId, t.onDate, t.channelId], name: "order_days_pk" })],
);

/** A row of the list of what changed Inventory: a document's effect on a day, or that of all sales of the day (`owner` empty). */
export const inventoryDays = app.table(
  "inventory_days",
  {
    businessId: ofBusiness(),
    /** The accounting day. */
    onDate: localDate("on_date").notNull(),
    /** Its place within the day. */
    rank: smallint("rank").notNull(),
    what: key("what").notNull(),
    owner: key("owner").notNull(),
    amountMinor: minor("amount_minor").notNull(),
    /** The part of it that is not against the costs of sales or shrinkage. */
    besideMinor: minor("beside_minor").notNull(),
    documents: count("documents").notNull(),
    /** null where something of it is not counted in pieces. */
    units: quantity("units"),
    items: count("items").notNull(),
    /** Of several, the last; where one is no item's, `lineId` is the sold line that names it. */
    itemId: key("item_id"),
    lineId: key("line_id"),
    orderId: key("order_id"),
    channels: json<readonly string[]>("channels").notNull(),
    memo: text("memo").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.onDate, t.rank, t.owner, t.what], name: "inventory_days_pk" }),
    index("inventory_days_beside").on(t.businessId, t.onDate).where(sql`beside_minor <> 0`),
  ],
);

/** What an account was debited and credited on an accounting day; none where it was nothing. */
export const accountDays = app.table(
  "account_days",
  {
    businessId: ofBusiness(),
    onDate: localDate("on_date").notNull(),
    code: key("code").notNull(),
    debitMinor: minor("debit_minor").notNull(),
    creditMinor: minor("credit_minor").notNull(),
  },
  (t) => [primaryKey({ columns: [t.businessId, t.onDate, t.code], name: "account_days_pk" })],
);
