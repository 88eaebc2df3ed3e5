/** Items, what was bought, and what follows from it: lots, movements, allocations. */
import { sql } from "drizzle-orm";
import { boolean, check, foreignKey, index, integer, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { app, instant, key, localDate, minor, ofBusiness, quantity, shownNumber } from "../columns";
import { accounts } from "./books";

/** Things bought, stocked or sold. Written by lib/stock/items.ts. The indexes serve matching by SKU and the search by name. */
export const items = app.table(
  "items",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    name: text("name").notNull(),
    sku: text("sku"),
    /** normalise(sku), null where there is none. */
    skuKey: key("sku_key"),
    nameKey: key("name_key").notNull(),
    decimals: smallint("decimals").notNull(),
    createdAt: instant("created_at").notNull(),
    isUndone: boolean("is_undone").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id] }),
    index("items_by_sku").on(t.businessId, t.skuKey),
    index("items_by_name").on(t.businessId, t.nameKey, t.id),
    check("items_decimals", sql`${t.decimals} between 0 and 9`),
  ],
);

/** Every name that an item answers to: its own and its aliases, normalised. Read by matching. */
export const itemNames = app.table(
  "item_names",
  {
    businessId: ofBusiness(),
    nameKey: key("name_key").notNull(),
    itemId: key("item_id").notNull(),
    name: text("name").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.nameKey, t.itemId] }),
    index("item_names_of_item").on(t.businessId, t.itemId),
    foreignKey({
      columns: [t.businessId, t.itemId],
      foreignColumns: [items.businessId, items.id],
      name: "item_names_item",
    }),
  ],
);

/**
 * What a bundle is made of, by its item; a line of it moves these. Written by lib/stock/items.ts; the index finds the bundles that
 * an item is in.
 */
export const itemComponents = app.table(
  "item_components",
  {
    businessId: ofBusiness(),
    itemId: key("item_id").notNull(),
    place: integer("place").notNull(),
    componentId: key("component_id").notNull(),
    /** In the component's smallest units, for one smallest unit of the bundle. */
    qty: quantity("qty").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.itemId, t.place], name: "item_components_pk" }),
    index("item_components_of_component").on(t.businessId, t.componentId),
    foreignKey({
      columns: [t.businessId, t.itemId],
      foreignColumns: [items.businessId, items.id],
      name: "item_components_item",
    }),
    foreignKey({
      columns: [t.businessId, t.componentId],
      foreignColumns: [items.businessId, items.id],
      name: "item_components_component",
    }),
    check("item_components_qty", sql`${t.qty} > 0`),
  ],
);

/**
 * Items that production joins are folded together (docs/decisions/0003): each with its group, named by its first member. An item that
 * is not here is a group of its own. Derived, kept by lib/books/groups.ts; the index gives a group's members.
 */
export const costGroups = app.table(
  "cost_groups",
  { businessId: ofBusiness(), itemId: key("item_id").notNull(), groupId: key("group_id").notNull() },
  (t) => [
    primaryKey({ columns: [t.businessId, t.itemId], name: "cost_groups_pk" }),
    index("cost_groups_members").on(t.businessId, t.groupId, t.itemId),
    foreignKey({
      columns: [t.businessId, t.itemId],
      foreignColumns: [items.businessId, items.id],
      name: "cost_groups_item",
    }),
  ],
);

/**
 * Where things are. The first one (by `place`) is where things are if nothing else is said. Made as facts (lib/stock/items.ts); what is
 * for people alone is kept by lib/desk/locations.ts.
 */
export const locations = app.table(
  "locations",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    name: text("name").notNull(),
    place: integer("place").notNull(),
    /** The one between leaving and arriving. */
    isInTransit: boolean("is_in_transit").notNull(),
    /** warehouse, shop, godown, channel_sellable, channel_unsellable, channel_removal; says nothing where it is in transit. */
    kind: text("kind").notNull(),
    address: text("address").notNull(),
    /** The tax registration that goods there are under: a GSTIN in India. */
    taxNumber: text("tax_number").notNull(),
    /** No form offers it any more; null: in use. */
    retiredAt: instant("retired_at"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id] }),
    check(
      "locations_kind",
      sql`${t.kind} in ('warehouse', 'shop', 'godown', 'channel_sellable', 'channel_unsellable', 'channel_removal') and (${t.retiredAt} is null or not ${t.isInTransit})`,
    ),
  ],
);

/** A purchase of stock: what the goods cost, the tax that is set off, what was in it. `detailedMinor` is what its lines and extras come to; the rest is still to detail. */
export const purchases = app.table(
  "purchases",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    onDate: localDate("on_date").notNull(),
    /** What the goods cost: what was paid less the tax that is set off. */
    amountMinor: minor("amount_minor").notNull(),
    igstMinor: minor("igst_minor").notNull().default(sql`0`),
    cgstMinor: minor("cgst_minor").notNull().default(sql`0`),
    sgstMinor: minor("sgst_minor").notNull().default(sql`0`),
    detailedMinor: minor("detailed_minor").notNull(),
    accountCode: key("account_code").notNull(),
    supplier: text("supplier").notNull(),
    /** The bank line that it is, where it came from one. */
    transactionId: key("transaction_id"),
    /** Counts the saves of its details, so that two people editing see each other. */
    version: integer("version").notNull(),
    recordedAt: instant("recorded_at").notNull(),
    isUndone: boolean("is_undone").notNull(),
    /** What it is called: `purchaseNumber`. */
    shownNumber: key("shown_number").generatedAlwaysAs(shownNumber),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id] }),
    index("purchases_shown_number").on(t.businessId, t.shownNumber),
    index("purchases_day").on(t.businessId, t.onDate, t.id),
    // Needs you and Add costs ask for purchases with something left.
    index("purchases_to_detail")
      .on(t.businessId, t.onDate, t.id)
      .where(sql`detailed_minor < amount_minor and not is_undone`),
    index("purchases_of_transaction").on(t.businessId, t.transactionId),
    check("purchases_amounts", sql`${t.detailedMinor} between 0 and ${t.amountMinor}`),
    check("purchases_input", sql`${t.igstMinor} >= 0 and ${t.cgstMinor} >= 0 and ${t.sgstMinor} >= 0`),
  ],
);

/** What was in a purchase. `costMinor` is the amount with its part of the extras: the lot's cost. */
export const purchaseLines = app.table(
  "purchase_lines",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    purchaseId: key("purchase_id").notNull(),
    place: integer("place").notNull(),
    itemId: key("item_id").notNull(),
    qty: quantity("qty").notNull(),
    amountMinor: minor("amount_minor").notNull(),
    costMinor: minor("cost_minor").notNull(),
    locationId: key("location_id").notNull(),
    /** The line's, in the purchase's own unit, where one was given to spread extras by. */
    weight: quantity("weight"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id] }),
    index("purchase_lines_of_purchase").on(t.businessId, t.purchaseId, t.place),
    index("purchase_lines_of_item").on(t.businessId, t.itemId),
    foreignKey({
      columns: [t.businessId, t.purchaseId],
      foreignColumns: [purchases.businessId, purchases.id],
      name: "purchase_lines_purchase",
    }),
    foreignKey({
      columns: [t.businessId, t.itemId],
      foreignColumns: [items.businessId, items.id],
      name: "purchase_lines_item",
    }),
    check("purchase_lines_qty", sql`${t.qty} > 0`),
  ],
);

/** Tax, shipping and other extra cost of a purchase, spread over its lines by value, quantity or weight. */
export const purchaseExtras = app.table(
  "purchase_extras",
  {
    businessId: ofBusiness(),
    purchaseId: key("purchase_id").notNull(),
    place: integer("place").notNull(),
    label: text("label").notNull(),
    amountMinor: minor("amount_minor").notNull(),
    spreadBy: text("spread_by").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.purchaseId, t.place] }),
    foreignKey({
      columns: [t.businessId, t.purchaseId],
      foreignColumns: [purchases.businessId, purchases.id],
      name: "purchase_extras_purchase",
    }),
    check("purchase_extras_spread_by", sql`${t.spreadBy} in ('value', 'quantity', 'weight')`),
  ],
);

/** The other documents that move stock: openings, adjustments, transfers, purchase returns, production (at `fromLocationId`). */
export const stockDocuments = app.table(
  "stock_documents",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    kind: text("kind").notNull(),
    onDate: localDate("on_date").notNull(),
    arrivesOn: localDate("arrives_on"),
    fromLocationId: key("from_location_id"),
    toLocationId: key("to_location_id"),
    purchaseId: key("purchase_id"),
    reason: text("reason"),
    recordedAt: instant("recorded_at").notNull(),
    isUndone: boolean("is_undone").notNull(),
    /** What a production adds to its inputs' cost; 0 elsewhere. */
    overheadMinor: minor("overhead_minor").notNull(),
    /** The account that a production's overhead is taken from, or that an adjustment names; null: an adjustment's is 5100. */
    accountCode: key("account_code"),
    /** What a person noted beside an adjustment. */
    note: text("note"),
    /** Of goods on their way: the transfer that sent them, which names itself. */
    consignmentId: key("consignment_id"),
    /** The number that people know it by; null where only its source has one. */
    number: text("number"),
    /** What it is called: its number, or `purchaseNumber`. */
    shownNumber: key("shown_number").generatedAlwaysAs(sql`coalesce(number, ${shownNumber})`),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.kind, t.id] }),
    index("stock_documents_shown_number").on(t.businessId, t.shownNumber),
    index("stock_documents_day").on(t.businessId, t.onDate, t.id),
    index("stock_documents_of_consignment").on(t.businessId, t.consignmentId).where(sql`consignment_id is not null`),
    // The balance sheet asks for what was between leaving and arriving on a day.
    index("stock_documents_on_the_way")
      .on(t.businessId, t.onDate)
      .where(sql`arrives_on is not null or consignment_id is not null`),
    index("stock_documents_of_purchase").on(t.businessId, t.purchaseId),
    foreignKey({
      columns: [t.businessId, t.purchaseId],
      foreignColumns: [purchases.businessId, purchases.id],
      name: "stock_documents_purchase",
    }),
    check(
      "stock_documents_kind",
      sql`${t.kind} in ('opening', 'adjustment', 'transfer', 'purchase_return', 'assembly')`,
    ),
  ],
);

/**
 * Lines of those. `qty` is signed for adjustments and for production (what goes in is negative), positive otherwise; a purchase
 * return's names the purchase line it goes back from, an output of production has its share of the cost.
 */
export const stockLines = app.table(
  "stock_lines",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    documentKind: text("document_kind").notNull(),
    documentId: key("document_id").notNull(),
    place: integer("place").notNull(),
    itemId: key("item_id").notNull(),
    qty: quantity("qty").notNull(),
    amountMinor: minor("amount_minor").notNull(),
    locationId: key("location_id"),
    purchaseLineId: key("purchase_line_id"),
    share: quantity("share"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id] }),
    index("stock_lines_of_document").on(t.businessId, t.documentKind, t.documentId, t.place),
    index("stock_lines_of_purchase_line").on(t.businessId, t.purchaseLineId),
    index("stock_lines_of_item").on(t.businessId, t.itemId),
    foreignKey({
      columns: [t.businessId, t.documentKind, t.documentId],
      foreignColumns: [stockDocuments.businessId, stockDocuments.kind, stockDocuments.id],
      name: "stock_lines_document",
    }),
    foreignKey({
      columns: [t.businessId, t.itemId],
      foreignColumns: [items.businessId, items.id],
      name: "stock_lines_item",
    }),
    foreignKey({
      columns: [t.businessId, t.purchaseLineId],
      foreignColumns: [purchaseLines.businessId, purchaseLines.id],
      name: "stock_lines_purchase_line",
    }),
  ],
);

/**
 * A signed change of an item's quantity at one location, made by one document line (`id`; a transfer makes several, `leg` 0 to 3; a
 * sold or returned bundle one for each component, `leg` 1, 2, …).
 * Derived from documents and matches by lib/record.ts; costs by lib/books/costing.ts. The item's index is the order of rule 1. No
 * key to items: they are never deleted, the one writer checks them set-wise, verify looks for orphans, and a sale line that matched
 * nothing but was backfilled or returned is a cost group of its own (unmatchedGroup in lib/core/ids.ts).
 */
export const movements = app.table(
  "movements",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    leg: smallint("leg").notNull(),
    itemId: key("item_id").notNull(),
    locationId: key("location_id").notNull(),
    /** purchase, opening, adjustment, backfill, sale, sale_return, write_off (moves cost only), loose_return, purchase_return, transfer, assembly */
    kind: text("kind").notNull(),
    documentId: key("document_id").notNull(),
    onDate: localDate("on_date").notNull(),
    phase: smallint("phase").notNull(),
    /** Without time comes first: null is stored as -infinity's stand-in by the index's `nulls first`. */
    at: instant("at"),
    /** Signed. */
    qty: quantity("qty").notNull(),
    /** Signed change of inventory's value; 0 where it moves quantity only or has no cost yet. */
    valueMinor: minor("value_minor").notNull(),
    /** The part of an outward movement that no lot covers, less what returns cancelled. */
    shortQty: quantity("short_qty").notNull(),
    /** Was anything ever posted for its cost? Until then there is nothing to compare with. */
    isPosted: boolean("is_posted").notNull(),
    recordedAt: instant("recorded_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id, t.leg] }),
    index("movements_short").on(t.businessId, t.itemId).where(sql`short_qty > 0`),
    index("movements_in_order").on(t.businessId, t.itemId, t.onDate, t.phase, sql`${t.at} nulls first`, t.id, t.leg),
    index("movements_of_document").on(t.businessId, t.kind, t.documentId),
    // The ledger's pages of one kind or of one place. What most rows are, writes nothing to these.
    index("movements_but_sales")
      .on(t.businessId, t.itemId, t.kind, t.onDate, t.phase, sql`${t.at} nulls first`, t.id, t.leg)
      .where(sql`kind <> 'sale'`),
    index("movements_elsewhere")
      .on(t.businessId, t.itemId, t.locationId, t.onDate, t.phase, sql`${t.at} nulls first`, t.id, t.leg)
      .where(sql`location_id <> 'main'`),
    check("movements_qty", sql`(${t.qty} = 0) = (${t.kind} = 'write_off')`),
    check("movements_short", sql`${t.shortQty} >= 0`),
  ],
);

/** A quantity of one item acquired together. Derived. The partial index finds the lots that FIFO may still draw on. */
export const lots = app.table(
  "lots",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    itemId: key("item_id").notNull(),
    /** purchase, opening, found, backfill, loose-return, return, transfer, made */
    source: text("source").notNull(),
    /** The line that made it: the movement's id. */
    lineId: key("line_id").notNull(),
    number: integer("number").notNull(),
    locationId: key("location_id").notNull(),
    /** Its movement's place in the order of rule 1: the day on which it arrives, … */
    onDate: localDate("on_date").notNull(),
    phase: smallint("phase").notNull(),
    at: instant("at"),
    /** … the document's id for what moves inside (phase 1), the line's otherwise, and the part of the document (Place.rank). */
    placeId: key("place_id").notNull(),
    rank: smallint("rank").notNull(),
    /** The day by which FIFO goes, which a transfer leaves as it was. */
    acquiredOn: localDate("acquired_on").notNull(),
    /** The day on which it was taken from other lots: before `onDate` while a transfer is under way. */
    madeOn: localDate("made_on").notNull(),
    qty: quantity("qty").notNull(),
    costMinor: minor("cost_minor").notNull(),
    /** What pins, backfills and purchase returns of any date take from it. */
    reservedQty: quantity("reserved_qty").notNull(),
    leftQty: quantity("left_qty").notNull(),
    leftMinor: minor("left_minor").notNull(),
    /** The day on which the last of it was taken; null while something is left. */
    usedUpOn: localDate("used_up_on"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id] }),
    index("lots_open").on(t.businessId, t.itemId, t.onDate).where(sql`left_qty > 0`),
    index("lots_of_item").on(t.businessId, t.itemId, t.onDate),
    index("lots_used_up").on(t.businessId, t.itemId, t.usedUpOn).where(sql`left_qty = 0`),
    index("lots_of_line").on(t.businessId, t.lineId),
    check("lots_qty", sql`${t.qty} > 0 and ${t.reservedQty} >= 0`),
    check(
      "lots_left",
      sql`(${t.leftQty} = 0) = (${t.usedUpOn} is not null) and ${t.leftQty} >= 0 and ${t.leftQty} <= ${t.qty} and ${t.leftMinor} >= 0 and (${t.leftQty} > 0 or ${t.leftMinor} = 0)`,
    ),
  ],
);

/**
 * What an outward movement took from a lot (kind `fifo` or `reserved`), and what a return gave back of it (kind `back`: negative
 * quantity and cost, `movementId` the return line, `saleId` the sale line). Derived.
 */
export const allocations = app.table(
  "allocations",
  {
    businessId: ofBusiness(),
    movementId: key("movement_id").notNull(),
    /** The movement's: 1, 2, … for the components of a bundle. */
    leg: smallint("leg").notNull(),
    lotId: key("lot_id").notNull(),
    kind: text("kind").notNull(),
    /** The movement's item and place, so that a late fact finds what to take back from its day on. */
    itemId: key("item_id").notNull(),
    onDate: localDate("on_date").notNull(),
    qty: quantity("qty").notNull(),
    costMinor: minor("cost_minor").notNull(),
    /** For `back`: the sale line that it came back from, and the lot that it made (null: written off). */
    saleId: key("sale_id"),
    madeLotId: key("made_lot_id"),
    place: integer("place").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.movementId, t.leg, t.kind, t.place], name: "allocations_pk" }),
    index("allocations_in_order").on(t.businessId, t.itemId, t.onDate),
    index("allocations_of_lot").on(t.businessId, t.lotId, t.onDate),
    index("allocations_of_sale").on(t.businessId, t.saleId).where(sql`sale_id is not null`),
    check("allocations_kind", sql`${t.kind} in ('fifo', 'reserved', 'back')`),
    check("allocations_signs", sql`(${t.kind} = 'back') = (${t.qty} < 0) and ${t.qty} <> 0`),
  ],
);

/** What each item's quantity and value changed by at each location in each month; kept with movements, can be rebuilt. Read by stock registers and ledgers. */
export const itemMonths = app.table(
  "item_months",
  {
    businessId: ofBusiness(),
    itemId: key("item_id").notNull(),
    month: localDate("month").notNull(),
    locationId: key("location_id").notNull(),
    inQty: quantity("in_qty").notNull(),
    outQty: quantity("out_qty").notNull(),
    valueMinor: minor("value_minor").notNull(),
    rows: integer("rows").notNull(),
    /** When the first of the rows was recorded. */
    firstRecordedAt: instant("first_recorded_at").notNull(),
    /** What came in but by a return or from another place, its value; what went out but sold or to another place is the rest. */
    addedMinor: minor("added_minor").notNull(),
    /** Sold, and come back of sales: both positive, at cost. */
    soldQty: quantity("sold_qty").notNull(),
    soldMinor: minor("sold_minor").notNull(),
    backQty: quantity("back_qty").notNull(),
    backMinor: minor("back_minor").notNull(),
    /** From and to other places; positive. */
    movedInQty: quantity("moved_in_qty").notNull(),
    movedInMinor: minor("moved_in_minor").notNull(),
    movedOutQty: quantity("moved_out_qty").notNull(),
    movedOutMinor: minor("moved_out_minor").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.itemId, t.month, t.locationId] }),
    // What is in transit, for the balance sheet and Movements: a few rows among all.
    index("item_months_on_the_way").on(t.businessId, t.month, t.itemId).where(sql`location_id = 'in-transit'`),
    foreignKey({
      columns: [t.businessId, t.itemId],
      foreignColumns: [items.businessId, items.id],
      name: "item_months_item",
    }),
  ],
);

/**
 * The same by day, for months in which an item moved `busyMonth` times or more (lib/books/costing-summaries.ts), so that the ledger
 * adds up a few days and not thousands of rows.
 */
export const itemDays = app.table(
  "item_days",
  {
    businessId: ofBusiness(),
    itemId: key("item_id").notNull(),
    onDate: localDate("on_date").notNull(),
    locationId: key("location_id").notNull(),
    inQty: quantity("in_qty").notNull(),
    outQty: quantity("out_qty").notNull(),
    valueMinor: minor("value_minor").notNull(),
    rows: integer("rows").notNull(),
    /** By what moved, as in the months. */
    addedMinor: minor("added_minor").notNull(),
    soldQty: quantity("sold_qty").notNull(),
    soldMinor: minor("sold_minor").notNull(),
    backQty: quantity("back_qty").notNull(),
    backMinor: minor("back_minor").notNull(),
    movedInQty: quantity("moved_in_qty").notNull(),
    movedInMinor: minor("moved_in_minor").notNull(),
    movedOutQty: quantity("moved_out_qty").notNull(),
    movedOutMinor: minor("moved_out_minor").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.itemId, t.onDate, t.locationId], name: "item_days_pk" }),
    foreignKey({
      columns: [t.businessId, t.itemId],
      foreignColumns: [items.businessId, items.id],
      name: "item_days_item",
    }).onDelete("cascade"),
  ],
);

/** Each item as In Stock shows it now: kept with movements, can be rebuilt. */
export const itemStock = app.table(
  "item_stock",
  {
    businessId: ofBusiness(),
    itemId: key("item_id").notNull(),
    onHandQty: quantity("on_hand_qty").notNull(),
    valueMinor: minor("value_minor").notNull(),
    shortQty: quantity("short_qty").notNull(),
    oldestLotOn: localDate("oldest_lot_on"),
    lastSoldOn: localDate("last_sold_on"),
    /** When the first of its movements was recorded; null where there is none. */
    firstRecordedAt: instant("first_recorded_at"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.itemId] }),
    foreignKey({
      columns: [t.businessId, t.itemId],
      foreignColumns: [items.businessId, items.id],
      name: "item_stock_item",
    }),
  ],
);

/** Pins: units of a sale line that a person took from a chosen lot. */
export const pins = app.table(
  "pins",
  {
    businessId: ofBusiness(),
    saleId: key("sale_id").notNull(),
    lotId: key("lot_id").notNull(),
    qty: quantity("qty").notNull(),
    userId: uuid("user_id"),
    recordedAt: instant("recorded_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.saleId, t.lotId] }),
    index("pins_of_lot").on(t.businessId, t.lotId),
    check("pins_qty", sql`${t.qty} > 0`),
  ],
);

/** Costs that a person gave for units that are not in the books: each makes a lot and pins it to its sale line. */
export const backfills = app.table(
  "backfills",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    saleId: key("sale_id").notNull(),
    onDate: localDate("on_date").notNull(),
    amountMinor: minor("amount_minor").notNull(),
    qty: quantity("qty").notNull(),
    accountCode: key("account_code").notNull(),
    userId: uuid("user_id"),
    recordedAt: instant("recorded_at").notNull(),
    isUndone: boolean("is_undone").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id] }),
    index("backfills_of_sale").on(t.businessId, t.saleId),
    check("backfills_qty", sql`${t.qty} > 0`),
  ],
);

/**
 * The accounts that a business chose for reasons, where they are not those of lib/core/reasons.ts. Written and read by
 * lib/desk/reason-accounts.ts; the index serves the key to the account.
 */
export const reasonAccounts = app.table(
  "reason_accounts",
  {
    businessId: ofBusiness(),
    reason: key("reason").notNull(),
    accountCode: key("account_code").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.reason], name: "reason_accounts_pk" }),
    index("reason_accounts_of_account").on(t.businessId, t.accountCode),
    foreignKey({
      columns: [t.businessId, t.accountCode],
      foreignColumns: [accounts.businessId, accounts.code],
      name: "reason_accounts_account",
    }),
    check(
      "reason_accounts_reason",
      sql`${t.reason} in ('lost', 'stolen', 'destroyed', 'damaged', 'written_off', 'gift', 'sample', 'own_use',
    'scrap', 'wastage', 'count', 'data_entry', 'found')`,
    ),
  ],
);
