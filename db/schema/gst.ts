/** GST: what items are for the tax, what was charged on documents as issued, what was paid on purchases (docs/decisions/0011-gst.md). */
import { sql } from "drizzle-orm";
import { boolean, check, foreignKey, index, integer, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { app, key, localDate, minor, ofBusiness, quantity } from "../columns";
import { issuedDocuments } from "./papers";

/** What a business in India says of itself. Written by Settings → GST. */
export const gstSettings = app.table(
  "gst_settings",
  {
    businessId: ofBusiness(),
    isWithin: boolean("is_within").notNull(),
    turnoverMinor: minor("turnover_minor").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId], name: "gst_settings_pk" }),
    check("gst_settings_turnover", sql`${t.turnoverMinor} >= 0`),
  ],
);

/** An item's code, unit and rate from a day on, until the next row. Rates are hundredths of a percent. */
export const itemTaxes = app.table(
  "item_taxes",
  {
    businessId: ofBusiness(),
    itemId: key("item_id").notNull(),
    fromDate: localDate("from_date").notNull(),
    hsn: key("hsn").notNull(),
    uqc: key("uqc").notNull(),
    nature: text("nature").notNull(),
    rate: integer("rate").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.itemId, t.fromDate], name: "item_taxes_pk" }),
    check("item_taxes_nature", sql`${t.nature} in ('taxable', 'nil', 'exempt', 'non_gst')`),
    check("item_taxes_rate", sql`${t.rate} between 0 and 10000 and (${t.rate} = 0 or ${t.nature} = 'taxable')`),
    check("item_taxes_hsn", sql`${t.hsn} ~ '^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{8})?$'`),
  ],
);

/** The operator that a channel's sales go through, and whether it pays the tax itself. */
export const channelOperators = app.table(
  "channel_operators",
  {
    businessId: ofBusiness(),
    channelId: key("channel_id").notNull(),
    taxNumber: text("tax_number").notNull(),
    pays: boolean("pays").notNull(),
  },
  (t) => [primaryKey({ columns: [t.businessId, t.channelId], name: "channel_operators_pk" })],
);

/** The taxes of an invoice or a credit note as it was issued, never changed after. Written by lib/desk/gst-issuing.ts. */
export const issuedTaxes = app.table(
  "issued_taxes",
  {
    businessId: ofBusiness(),
    documentId: uuid("document_id").notNull(),
    onDate: localDate("on_date").notNull(),
    seller: text("seller").notNull(),
    pos: text("pos").notNull(),
    supply: text("supply").notNull(),
    operator: text("operator"),
    operatorPays: boolean("operator_pays").notNull(),
    ofDocumentId: uuid("of_document_id"),
    portCode: text("port_code"),
    portBill: text("port_bill"),
    portOn: localDate("port_on"),
    /** The invoice that a note is of, as it was told: of a sale that is not in the books. */
    toldNumber: key("told_number"),
    toldOn: localDate("told_on"),
    toldMinor: minor("told_minor"),
    restMinor: minor("rest_minor").notNull(),
    /** The account that the sale put its taxes on; null: another pays them. */
    heldOn: key("held_on"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.documentId], name: "issued_taxes_pk" }),
    foreignKey({
      columns: [t.businessId, t.documentId],
      foreignColumns: [issuedDocuments.businessId, issuedDocuments.id],
      name: "issued_taxes_document",
    }),
    foreignKey({
      columns: [t.businessId, t.ofDocumentId],
      foreignColumns: [issuedDocuments.businessId, issuedDocuments.id],
      name: "issued_taxes_of",
    }),
    index("issued_taxes_by_day").on(t.businessId, t.onDate, t.documentId),
    index("issued_taxes_of_document").on(t.businessId, t.ofDocumentId).where(sql`of_document_id IS NOT NULL`),
    check(
      "issued_taxes_supply",
      sql`${t.supply} in ('regular', 'sez_with', 'sez_without', 'deemed', 'export_with', 'export_without')`,
    ),
    check(
      "issued_taxes_told",
      sql`(${t.toldNumber} is null) = (${t.toldOn} is null) and (${t.toldNumber} is null) = (${t.toldMinor} is null)
  and (${t.toldNumber} is null or ${t.ofDocumentId} is null)`,
    ),
    check(
      "issued_taxes_port",
      sql`(${t.portCode} is null) = (${t.portBill} is null) and (${t.portCode} is null) = (${t.portOn} is null)`,
    ),
  ],
);

export const issuedTaxLines = app.table(
  "issued_tax_lines",
  {
    businessId: ofBusiness(),
    documentId: uuid("document_id").notNull(),
    place: integer("place").notNull(),
    /** The sold or returned line that it is of. */
    source: key("source"),
    itemId: key("item_id"),
    description: text("description").notNull(),
    hsn: key("hsn").notNull(),
    uqc: key("uqc").notNull(),
    qty: quantity("qty").notNull(),
    decimals: smallint("decimals").notNull(),
    nature: text("nature").notNull(),
    rate: integer("rate").notNull(),
    taxableMinor: minor("taxable_minor").notNull(),
    igstMinor: minor("igst_minor").notNull(),
    cgstMinor: minor("cgst_minor").notNull(),
    sgstMinor: minor("sgst_minor").notNull(),
    cessMinor: minor("cess_minor").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.documentId, t.place], name: "issued_tax_lines_pk" }),
    foreignKey({
      columns: [t.businessId, t.documentId],
      foreignColumns: [issuedTaxes.businessId, issuedTaxes.documentId],
      name: "issued_tax_lines_document",
    }),
    index("issued_tax_lines_of_source").on(t.businessId, t.source).where(sql`source IS NOT NULL`),
    check("issued_tax_lines_nature", sql`${t.nature} in ('taxable', 'nil', 'exempt', 'non_gst')`),
    check(
      "issued_tax_lines_amounts",
      sql`${t.taxableMinor} >= 0 and ${t.igstMinor} >= 0 and ${t.cgstMinor} = ${t.sgstMinor} and ${t.cgstMinor} >= 0
    and ${t.cessMinor} >= 0 and (${t.igstMinor} = 0 or ${t.cgstMinor} = 0)`,
    ),
  ],
);

/** The tax of a purchase, as it stands on the supplier's invoice. Written by lib/desk/gst-purchases.ts. */
export const purchaseTaxes = app.table(
  "purchase_taxes",
  {
    businessId: ofBusiness(),
    purchaseId: key("purchase_id").notNull(),
    number: text("number").notNull(),
    buyer: text("buyer").notNull(),
    /** Empty: the supplier has no registration. */
    supplier: text("supplier").notNull(),
    pos: text("pos").notNull(),
    nature: text("nature").notNull(),
    isImport: boolean("is_import").notNull(),
    isReverseCharge: boolean("is_reverse_charge").notNull(),
    isBlocked: boolean("is_blocked").notNull(),
    /** The purchase's fact says what of it is set off; false: it was said before facts could. */
    isBooked: boolean("is_booked").notNull().default(false),
    taxableMinor: minor("taxable_minor").notNull(),
    igstMinor: minor("igst_minor").notNull(),
    cgstMinor: minor("cgst_minor").notNull(),
    sgstMinor: minor("sgst_minor").notNull(),
    cessMinor: minor("cess_minor").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.purchaseId], name: "purchase_taxes_pk" }),
    check("purchase_taxes_nature", sql`${t.nature} in ('taxable', 'nil', 'non_gst')`),
    check(
      "purchase_taxes_amounts",
      sql`${t.taxableMinor} >= 0 and ${t.igstMinor} >= 0 and ${t.cgstMinor} >= 0 and ${t.sgstMinor} >= 0 and ${t.cessMinor} >= 0`,
    ),
  ],
);

/** What input tax was set against what output tax at the end of a month. Written by lib/desk/gst-set-off.ts. */
export const gstSetOffs = app.table(
  "gst_set_offs",
  {
    businessId: ofBusiness(),
    /** The month's first day. */
    month: localDate("month").notNull(),
    credit: key("credit").notNull(),
    owed: key("owed").notNull(),
    amountMinor: minor("amount_minor").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.month, t.credit, t.owed], name: "gst_set_offs_pk" }),
    check("gst_set_offs_month", sql`extract(day from ${t.month}) = 1`),
    check("gst_set_offs_amount", sql`${t.amountMinor} > 0`),
    check(
      "gst_set_offs_pair",
      sql`${t.credit} in ('igst', 'cgst', 'sgst') and ${t.owed} in ('igst', 'cgst', 'sgst')
    and (${t.credit} = ${t.owed} or ${t.credit} = 'igst' or ${t.owed} = 'igst')`,
    ),
  ],
);
