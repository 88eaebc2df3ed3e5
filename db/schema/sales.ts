/** What was sold, came back, was charged and was paid out, in the channels' documents. */
import { sql } from "drizzle-orm";
import { boolean, check, foreignKey, index, integer, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { app, instant, json, key, localDate, minor, ofBusiness, quantity, shownNumber } from "../columns";
import { accounts } from "./books";

/** A place where the seller sells: connected, kept by files, or by hand. Its account in the books is what it holds for the seller. */
export const channels = app.table(
  "channels",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    /** practice, ebay, etsy, amazon, shopify; `hand` for what is sold elsewhere. */
    kind: text("kind").notNull(),
    name: text("name").notNull(),
    accountCode: key("account_code").notNull(),
    locationId: key("location_id"),
    /** file, connected, reconnect, disconnected */
    state: text("state").notNull(),
    note: text("note"),
    lastSyncedAt: instant("last_synced_at"),
    nextSyncAt: instant("next_sync_at"),
    createdAt: instant("created_at").notNull(),
    /** Whose account at the channel it is, in the channel's own words; null for files and hand. */
    shop: key("shop"),
    /** What a person answered to connect it (a shop's address, a region), for connecting again; nothing secret. */
    answers: json<Readonly<Record<string, string>>>("answers").notNull(),
    /** Nothing that was done before is pulled; null: all that there is. */
    since: instant("since"),
    /** A person lets it rest since then: nothing is pulled until they say so. */
    pausedAt: instant("paused_at"),
    /** Connected for looking only: nothing of it reaches the books until a person says so. */
    isTrial: boolean("is_trial").notNull(),
    /** What it would post, as lib/trial.ts worked it out last. */
    trial: json<unknown>("trial"),
  },
  (t) => [
    index("channels_of_account").on(t.businessId, t.accountCode),
    index("channels_of_location").on(t.businessId, t.locationId),
    primaryKey({ columns: [t.businessId, t.id] }),
    foreignKey({
      columns: [t.businessId, t.accountCode],
      foreignColumns: [accounts.businessId, accounts.code],
      name: "channels_account",
    }),
    check("channels_state", sql`${t.state} in ('file', 'connected', 'reconnect', 'disconnected')`),
  ],
);

/** Credentials, encrypted (lib/system/secrets.ts): ciphertext bound to its row, so that a moved row does not open. `fence` counts renewals. */
export const channelSecrets = app.table(
  "channel_secrets",
  {
    businessId: ofBusiness(),
    channelId: key("channel_id").notNull(),
    keyId: text("key_id").notNull(),
    nonce: text("nonce").notNull(),
    ciphertext: text("ciphertext").notNull(),
    tag: text("tag").notNull(),
    fence: integer("fence").notNull(),
    renewedAt: instant("renewed_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.channelId] }),
    foreignKey({
      columns: [t.businessId, t.channelId],
      foreignColumns: [channels.businessId, channels.id],
      name: "channel_secrets_channel",
    }),
  ],
);

/** Where the pull of each feed stands: the cursor inside a running sync, the watermark from which the next one begins. */
export const channelFeeds = app.table(
  "channel_feeds",
  {
    businessId: ofBusiness(),
    channelId: key("channel_id").notNull(),
    feed: text("feed").notNull(),
    cursor: text("cursor"),
    watermark: text("watermark"),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.channelId, t.feed] }),
    foreignKey({
      columns: [t.businessId, t.channelId],
      foreignColumns: [channels.businessId, channels.id],
      name: "channel_feeds_channel",
    }),
  ],
);

/** What channels and files said, as they said it; stored before it is understood. The partial index is the work that waits. */
export const rawDocuments = app.table(
  "raw_documents",
  {
    businessId: ofBusiness(),
    channelId: key("channel_id").notNull(),
    feed: text("feed").notNull(),
    externalId: key("external_id").notNull(),
    version: key("version").notNull(),
    body: json<unknown>("body").notNull(),
    hash: text("hash").notNull(),
    source: key("source"),
    receivedAt: instant("received_at").notNull(),
    /** waiting, read, older (a later version was there first), unreadable, refused */
    state: text("state").notNull(),
    note: text("note"),
    /** Of one that is refused for want of a rate: of which currency and day. */
    rateCurrency: key("rate_currency"),
    rateOn: localDate("rate_on"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.channelId, t.feed, t.externalId, t.version] }),
    index("raw_documents_unrated")
      .on(t.businessId, t.rateCurrency, t.rateOn)
      .where(sql`state = 'refused' and rate_currency is not null`),
    check("raw_documents_rate", sql`(rate_currency is null) = (rate_on is null)`),
    index("raw_documents_waiting").on(t.businessId, t.channelId, t.feed, t.externalId).where(sql`state = 'waiting'`),
    index("raw_documents_of_source").on(t.businessId, t.source),
    foreignKey({
      columns: [t.businessId, t.channelId],
      foreignColumns: [channels.businessId, channels.id],
      name: "raw_documents_channel",
    }),
    check("raw_documents_state", sql`${t.state} in ('waiting', 'read', 'older', 'unreadable', 'refused')`),
  ],
);

/** An order, one row; money in the books' currency. `feesMinor` counts its own fees, `chargesMinor` the charges that name it. */
export const orders = app.table(
  "orders",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    channelId: key("channel_id").notNull(),
    number: text("number").notNull(),
    onDate: localDate("on_date").notNull(),
    at: instant("at"),
    grossMinor: minor("gross_minor").notNull(),
    shippingMinor: minor("shipping_minor").notNull(),
    taxMinor: minor("tax_minor").notNull(),
    taxBy: text("tax_by").notNull(),
    discountMinor: minor("discount_minor").notNull(),
    feesMinor: minor("fees_minor").notNull(),
    chargesMinor: minor("charges_minor").notNull(),
    /** Without tax; the shipping that was given back is in it, and by itself in `shippingBackMinor`: it is no line's. */
    refundedMinor: minor("refunded_minor").notNull(),
    shippingBackMinor: minor("shipping_back_minor").notNull(),
    recordedAt: instant("recorded_at").notNull(),
    isUndone: boolean("is_undone").notNull(),
    /** What was said in another currency than the books', and in which; null where it is theirs. */
    currency: text("currency"),
    saidMinor: minor("said_minor"),
    /** Where it was delivered to: the country by its two letters, the region as its source says it (empty: not). Null: nobody said. */
    shipCountry: text("ship_country"),
    shipRegion: text("ship_region"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id] }),
    index("orders_day").on(t.businessId, t.onDate, t.id),
    index("orders_of_channel").on(t.businessId, t.channelId, t.onDate, t.id),
    index("orders_number").on(t.businessId, t.number),
    foreignKey({
      columns: [t.businessId, t.channelId],
      foreignColumns: [channels.businessId, channels.id],
      name: "orders_channel",
    }),
    check("orders_tax_by", sql`${t.taxBy} in ('seller', 'channel')`),
    check("orders_said", sql`(${t.currency} is null) = (${t.saidMinor} is null)`),
    check(
      "orders_ship_to",
      sql`(${t.shipCountry} is null) = (${t.shipRegion} is null) and (${t.shipCountry} is null or ${t.shipCountry} ~ '^[A-Z]{2}$')`,
    ),
  ],
);

/** A sold line. What it matched and what it cost are derived (lib/stock/matching.ts, lib/books/costing.ts) and kept here because every page shows them. */
export const orderLines = app.table(
  "order_lines",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    orderId: key("order_id").notNull(),
    place: integer("place").notNull(),
    channelId: key("channel_id").notNull(),
    onDate: localDate("on_date").notNull(),
    at: instant("at"),
    sku: text("sku"),
    skuKey: key("sku_key"),
    name: text("name").notNull(),
    nameKey: key("name_key").notNull(),
    /** The channel's listing with its channel, null where it has none. */
    listingKey: key("listing_key"),
    qty: quantity("qty").notNull(),
    amountMinor: minor("amount_minor").notNull(),
    /** Its part of the order's discount, by largest remainder. */
    discountMinor: minor("discount_minor").notNull(),
    locationId: key("location_id").notNull(),
    itemId: key("item_id"),
    /** listing, sku, name, hand, or null */
    matchedBy: text("matched_by"),
    /** How many items the line could be, where no one fits: 0 unknown, 2 or more ambiguous. */
    candidates: integer("candidates").notNull(),
    /** The cost of what lots covered, before returns. */
    costMinor: minor("cost_minor").notNull(),
    /** What returns brought back of that cost (restocked or written off). */
    costBackMinor: minor("cost_back_minor").notNull(),
    /** What no lot covers and no return cancelled; the line needs a cost while it is above 0. */
    shortQty: quantity("short_qty").notNull(),
    returnedQty: quantity("returned_qty").notNull(),
    isUndone: boolean("is_undone").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id] }),
    index("order_lines_of_order").on(t.businessId, t.orderId, t.place),
    index("order_lines_day").on(t.businessId, t.onDate, t.id),
    index("order_lines_need_cost").on(t.businessId, t.onDate, t.id).where(sql`short_qty > 0 and not is_undone`),
    index("order_lines_unmatched").on(t.businessId, t.onDate, t.id).where(sql`item_id is null and not is_undone`),
    index("order_lines_of_item").on(t.businessId, t.itemId, t.onDate, t.id),
    index("order_lines_by_listing").on(t.businessId, t.listingKey, t.onDate, t.id),
    index("order_lines_by_sku").on(t.businessId, t.skuKey),
    index("order_lines_by_name").on(t.businessId, t.nameKey),
    foreignKey({
      columns: [t.businessId, t.orderId],
      foreignColumns: [orders.businessId, orders.id],
      name: "order_lines_order",
    }),
    check("order_lines_qty", sql`${t.qty} > 0`),
  ],
);

/** An order's own fees, each on its account. */
export const orderFees = app.table(
  "order_fees",
  {
    businessId: ofBusiness(),
    orderId: key("order_id").notNull(),
    place: integer("place").notNull(),
    kind: text("kind").notNull(),
    accountCode: key("account_code").notNull(),
    amountMinor: minor("amount_minor").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.orderId, t.place] }),
    foreignKey({
      columns: [t.businessId, t.orderId],
      foreignColumns: [orders.businessId, orders.id],
      name: "order_fees_order",
    }),
  ],
);

/** Matches that a person made: this line is this item. */
export const matches = app.table(
  "matches",
  {
    businessId: ofBusiness(),
    saleId: key("sale_id").notNull(),
    itemId: key("item_id").notNull(),
    userId: uuid("user_id"),
    recordedAt: instant("recorded_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.saleId] }),
    index("matches_of_item").on(t.businessId, t.itemId),
    foreignKey({
      columns: [t.businessId, t.saleId],
      foreignColumns: [orderLines.businessId, orderLines.id],
      name: "matches_sale",
    }),
  ],
);

/** What each listing is: worked out by lib/stock/matching.ts from its lines, so that a new line asks one row. */
export const listings = app.table(
  "listings",
  {
    businessId: ofBusiness(),
    listingKey: key("listing_key").notNull(),
    itemId: key("item_id").notNull(),
    /** hand: every line, of any date; otherwise the lines after the deciding one. */
    isByHand: boolean("is_by_hand").notNull(),
    /** The deciding line's place. */
    onDate: localDate("on_date").notNull(),
    at: instant("at"),
    lineId: key("line_id").notNull(),
  },
  (t) => [primaryKey({ columns: [t.businessId, t.listingKey] })],
);

/** A sale return. `taxMinor` and `shippingMinor`: what it gives back beside its lines. */
export const returns = app.table(
  "returns",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    onDate: localDate("on_date").notNull(),
    orderId: key("order_id"),
    channelId: key("channel_id").notNull(),
    taxMinor: minor("tax_minor").notNull(),
    shippingMinor: minor("shipping_minor").notNull(),
    recordedAt: instant("recorded_at").notNull(),
    isUndone: boolean("is_undone").notNull(),
    /** What was said in another currency than the books', and in which; null where it is theirs. */
    currency: text("currency"),
    saidMinor: minor("said_minor"),
    /** What it is called where its sale is not in the books: `purchaseNumber`. */
    shownNumber: key("shown_number").generatedAlwaysAs(sql`case when order_id is null then ${shownNumber} end`),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id] }),
    index("returns_shown_number").on(t.businessId, t.shownNumber).where(sql`shown_number is not null`),
    index("returns_of_order").on(t.businessId, t.orderId),
    index("returns_day").on(t.businessId, t.onDate, t.id),
    check("returns_parts", sql`${t.taxMinor} >= 0 and ${t.shippingMinor} >= 0`),
    foreignKey({
      columns: [t.businessId, t.orderId],
      foreignColumns: [orders.businessId, orders.id],
      name: "returns_order",
    }),
    check("returns_said", sql`(${t.currency} is null) = (${t.saidMinor} is null)`),
  ],
);

/** Lines of a return: of a sale line, or (a sale not in the books) of an item at a cost given. */
export const returnLines = app.table(
  "return_lines",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    returnId: key("return_id").notNull(),
    place: integer("place").notNull(),
    saleId: key("sale_id"),
    itemId: key("item_id"),
    qty: quantity("qty").notNull(),
    amountMinor: minor("amount_minor").notNull(),
    costMinor: minor("cost_minor").notNull(),
    restock: boolean("restock").notNull(),
    writeOff: boolean("write_off").notNull(),
    /** false: a person is still to say where the goods went. */
    isPlaced: boolean("is_placed").notNull(),
    locationId: key("location_id"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id] }),
    index("return_lines_of_return").on(t.businessId, t.returnId, t.place),
    index("return_lines_of_sale").on(t.businessId, t.saleId),
    index("return_lines_to_place").on(t.businessId, t.id).where(sql`not is_placed`),
    foreignKey({
      columns: [t.businessId, t.returnId],
      foreignColumns: [returns.businessId, returns.id],
      name: "return_lines_return",
    }),
    foreignKey({
      columns: [t.businessId, t.saleId],
      foreignColumns: [orderLines.businessId, orderLines.id],
      name: "return_lines_sale",
    }),
    check("return_lines_qty", sql`${t.qty} > 0`),
    check("return_lines_one_way", sql`not (${t.restock} and ${t.writeOff})`),
  ],
);

/** What a channel charged or credited apart from orders, returns and payouts. */
export const charges = app.table(
  "charges",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    channelId: key("channel_id").notNull(),
    onDate: localDate("on_date").notNull(),
    category: text("category").notNull(),
    type: text("type").notNull(),
    amountMinor: minor("amount_minor").notNull(),
    /** The order that it names, whether or not that is here yet: no key, an order may arrive later than its fee. */
    orderId: key("order_id"),
    memo: text("memo").notNull(),
    recordedAt: instant("recorded_at").notNull(),
    isUndone: boolean("is_undone").notNull(),
    /** Where a person said what it is (`placed_types`); null: that of its category. */
    accountCode: key("account_code"),
    /** What was said in another currency than the books', and in which; null where it is theirs. */
    currency: text("currency"),
    saidMinor: minor("said_minor"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id] }),
    index("charges_day").on(t.businessId, t.onDate, t.id),
    index("charges_of_order").on(t.businessId, t.orderId),
    index("charges_elsewhere")
      .on(t.businessId, t.amountMinor, t.onDate)
      .where(sql`category = 'elsewhere' and not is_undone`),
    index("charges_other").on(t.businessId, t.channelId, t.type).where(sql`category = 'other' and not is_undone`),
    foreignKey({
      columns: [t.businessId, t.channelId],
      foreignColumns: [channels.businessId, channels.id],
      name: "charges_channel",
    }),
    index("charges_of_account").on(t.businessId, t.accountCode).where(sql`account_code is not null`),
    foreignKey({
      columns: [t.businessId, t.accountCode],
      foreignColumns: [accounts.businessId, accounts.code],
      name: "charges_account",
    }),
    check("charges_said", sql`(${t.currency} is null) = (${t.saidMinor} is null)`),
  ],
);

/**
 * What a person said that rows of a type are which no connector knows: the account for all of them, past and to come. Written and read by
 * lib/desk/placed-types.ts; the index serves the key to the account.
 */
export const placedTypes = app.table(
  "placed_types",
  {
    businessId: ofBusiness(),
    channelId: key("channel_id").notNull(),
    type: key("type").notNull(),
    accountCode: key("account_code").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.channelId, t.type], name: "placed_types_pk" }),
    index("placed_types_of_account").on(t.businessId, t.accountCode),
    foreignKey({
      columns: [t.businessId, t.channelId],
      foreignColumns: [channels.businessId, channels.id],
      name: "placed_types_channel",
    }),
    foreignKey({
      columns: [t.businessId, t.accountCode],
      foreignColumns: [accounts.businessId, accounts.code],
      name: "placed_types_account",
    }),
  ],
);

/** What a channel says that it paid out. The deposit is the bank line that it became. */
export const payouts = app.table(
  "payouts",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    channelId: key("channel_id").notNull(),
    onDate: localDate("on_date").notNull(),
    amountMinor: minor("amount_minor").notNull(),
    depositId: key("deposit_id"),
    recordedAt: instant("recorded_at").notNull(),
    isUndone: boolean("is_undone").notNull(),
    /** What was said in another currency than the books', and in which; null where it is theirs. */
    currency: text("currency"),
    saidMinor: minor("said_minor"),
  },
  (t) => [
    index("payouts_of_channel").on(t.businessId, t.channelId, t.onDate, t.id),
    primaryKey({ columns: [t.businessId, t.id] }),
    index("payouts_day").on(t.businessId, t.onDate, t.id),
    index("payouts_said_in").on(t.businessId, t.id).where(sql`currency is not null`),
    index("payouts_waiting").on(t.businessId, t.onDate, t.id).where(sql`deposit_id is null and not is_undone`),
    foreignKey({
      columns: [t.businessId, t.channelId],
      foreignColumns: [channels.businessId, channels.id],
      name: "payouts_channel",
    }),
    check("payouts_said", sql`(${t.currency} is null) = (${t.saidMinor} is null)`),
  ],
);

/** The channel's own list of what moved its balance: the evidence of a payout. Posts nothing. */
export const balanceRows = app.table(
  "balance_rows",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    channelId: key("channel_id").notNull(),
    onDate: localDate("on_date").notNull(),
    at: instant("at"),
    type: text("type").notNull(),
    amountMinor: minor("amount_minor").notNull(),
    payoutId: key("payout_id"),
    about: key("about"),
    memo: text("memo").notNull(),
    isUndone: boolean("is_undone").notNull(),
    /** What was said in another currency than the books', and in which; null where it is theirs. */
    currency: text("currency"),
    saidMinor: minor("said_minor"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id] }),
    index("balance_rows_of_payout").on(t.businessId, t.payoutId, t.onDate, t.id),
    index("balance_rows_of_channel").on(t.businessId, t.channelId, t.onDate, t.id),
    index("balance_rows_said_about").on(t.businessId, t.about, t.onDate, t.id).where(sql`currency is not null`),
    // What a channel holds back is a sum over all its time, of few rows.
    index("balance_rows_waiting")
      .on(t.businessId, t.channelId, t.onDate)
      .where(sql`payout_id is null and not is_undone and (about is null or about not like 'payout/%')`),
    index("balance_rows_held")
      .on(t.businessId, t.channelId)
      .where(sql`type ~* '^(hold|release)|reserve|payable to amazon'`),
    foreignKey({
      columns: [t.businessId, t.channelId],
      foreignColumns: [channels.businessId, channels.id],
      name: "balance_rows_channel",
    }),
    check("balance_rows_said", sql`(${t.currency} is null) = (${t.saidMinor} is null)`),
  ],
);
