/** The journal, its accounts, and what is summed from it. lib/books/ledger.ts is the only writer of all of these. */
import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  primaryKey,
  smallint,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { app, instant, key, localDate, minor, ofBusiness } from "../columns";

/** The chart of accounts. Never deleted; the code is what postings name. */
export const accounts = app.table(
  "accounts",
  {
    businessId: ofBusiness(),
    code: key("code").notNull(),
    name: text("name").notNull(),
    type: text("type").notNull(),
    /** What it is for screens: `bank`, `card`, `cash`, `channel`, or null for an account of the chart. */
    holds: text("holds"),
    currency: text("currency").notNull(),
    /** Line of the tax form, where it has one. */
    taxLine: text("tax_line"),
    /** The number that a bank's files call it by, last letters only. */
    bankNumber: text("bank_number"),
    isArchived: boolean("is_archived").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.code] }),
    check(
      "accounts_type",
      sql`${t.type} in ('asset', 'liability', 'equity', 'income', 'contra_income', 'cost_of_sales', 'expense')`,
    ),
  ],
);

/**
 * An entry: a document's posting for one purpose and effective day. Only ever added. `nth` counts the entries that the document
 * and purpose had before, taken under the business's lock, so that one fact posted twice at once clashes here.
 */
export const journalEntries = app.table(
  "journal_entries",
  {
    businessId: ofBusiness(),
    id: uuid("id").notNull(),
    documentKind: text("document_kind").notNull(),
    documentId: key("document_id").notNull(),
    purpose: text("purpose").notNull(),
    nth: integer("nth").notNull(),
    /** The day of the fact that it is about. */
    effectiveOn: localDate("effective_on").notNull(),
    /** The accounting day in which it counts: the same, or the first open day where that is closed. */
    postedOn: localDate("posted_on").notNull(),
    recordedAt: instant("recorded_at").notNull(),
    memo: text("memo").notNull(),
    isCorrection: boolean("is_correction").notNull(),
    /** How many postings it was made with. */
    postings: smallint("postings").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id] }),
    unique("journal_entries_posting_key").on(t.businessId, t.documentKind, t.documentId, t.purpose, t.nth),
    // Postings refer to id and count together, so that none can be added later.
    unique("journal_entries_whole").on(t.businessId, t.id, t.postings),
    // Reports and the journal's page walk it by day.
    index("journal_entries_day").on(t.businessId, t.postedOn, t.id),
    check("journal_entries_has_postings", sql`${t.postings} > 0`),
    check("journal_entries_not_backdated", sql`${t.postedOn} >= ${t.effectiveOn}`),
  ],
);

/** One debit, one credit, one positive amount: an entry balances by its very form. The two indexes serve an account's page. */
export const postings = app.table(
  "postings",
  {
    businessId: ofBusiness(),
    entryId: uuid("entry_id").notNull(),
    place: smallint("place").notNull(),
    of: smallint("of").notNull(),
    debit: key("debit").notNull(),
    credit: key("credit").notNull(),
    amountMinor: minor("amount_minor").notNull(),
    postedOn: localDate("posted_on").notNull(),
    channelId: key("channel_id"),
    itemId: key("item_id"),
    locationId: key("location_id"),
    lineId: key("line_id"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.entryId, t.of, t.place], name: "postings_pk" }),
    foreignKey({
      columns: [t.businessId, t.entryId, t.of],
      foreignColumns: [journalEntries.businessId, journalEntries.id, journalEntries.postings],
      name: "postings_entry",
    }),
    foreignKey({
      columns: [t.businessId, t.debit],
      foreignColumns: [accounts.businessId, accounts.code],
      name: "postings_debit",
    }),
    foreignKey({
      columns: [t.businessId, t.credit],
      foreignColumns: [accounts.businessId, accounts.code],
      name: "postings_credit",
    }),
    index("postings_of_debit").on(t.businessId, t.debit, t.postedOn, t.entryId),
    index("postings_of_credit").on(t.businessId, t.credit, t.postedOn, t.entryId),
    check("postings_two_accounts", sql`${t.debit} <> ${t.credit}`),
    check("postings_positive", sql`${t.amountMinor} > 0`),
    check("postings_place", sql`${t.place} between 1 and ${t.of}`),
  ],
);

/** Each account's debits and credits by accounting month, kept in the posting transaction; can be rebuilt from postings. Read by every report. */
export const accountMonths = app.table(
  "account_months",
  {
    businessId: ofBusiness(),
    code: key("code").notNull(),
    /** The first day of the month. */
    month: localDate("month").notNull(),
    debitMinor: minor("debit_minor").notNull(),
    creditMinor: minor("credit_minor").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.code, t.month] }),
    foreignKey({
      columns: [t.businessId, t.code],
      foreignColumns: [accounts.businessId, accounts.code],
      name: "account_months_account",
    }),
  ],
);
