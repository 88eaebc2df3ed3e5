/** The journal, its accounts, and what is summed from it. lib/books/ledger.ts is the only writer of all of these. */
import { sql } from "drizzle-orm";
import {
  bigint,
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
import { app, instant, json, key, localDate, minor, ofBusiness, sha256 } from "../columns";

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
    /** Its number in the business, without gaps. */
    entryNo: bigint("entry_no", { mode: "bigint" }).notNull(),
    /** Of all of the above and its postings (lib/books/chain.ts). */
    digest: sha256("digest").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id] }),
    unique("journal_entries_posting_key").on(t.businessId, t.documentKind, t.documentId, t.purpose, t.nth),
    // Postings refer to id and count together, so that none can be added later.
    unique("journal_entries_whole").on(t.businessId, t.id, t.postings),
    // Reports and the journal's page walk it by day.
    index("journal_entries_day").on(t.businessId, t.postedOn, t.id),
    // The chain is walked by it; a number is taken once.
    unique("journal_entries_number").on(t.businessId, t.entryNo),
    // What counts on another day than its own, by either day: what was filed against what is known now (lib/books/late.ts).
    index("journal_entries_late").on(t.businessId, t.effectiveOn, t.id).where(sql`${t.postedOn} <> ${t.effectiveOn}`),
    index("journal_entries_brought").on(t.businessId, t.postedOn, t.id).where(sql`${t.postedOn} <> ${t.effectiveOn}`),
    check("journal_entries_numbered", sql`${t.entryNo} > 0`),
    check("journal_entries_has_postings", sql`${t.postings} > 0`),
    check("journal_entries_not_backdated", sql`${t.postedOn} >= ${t.effectiveOn}`),
  ],
);

/**
 * One debit, one credit, one positive amount: an entry balances by its very form. The two indexes serve an account's page. That its
 * accounts exist is held by `accountMonths`, which the same transaction writes for each of them; accounts are never deleted.
 */
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
    /** What it moves in its document's own currency, where that is not the books': both, or neither. */
    currency: text("currency"),
    foreignMinor: minor("foreign_minor"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.entryId, t.of, t.place], name: "postings_pk" }),
    foreignKey({
      columns: [t.businessId, t.entryId, t.of],
      foreignColumns: [journalEntries.businessId, journalEntries.id, journalEntries.postings],
      name: "postings_entry",
    }),
    index("postings_of_debit").on(t.businessId, t.debit, t.postedOn, t.entryId),
    index("postings_of_credit").on(t.businessId, t.credit, t.postedOn, t.entryId),
    index("postings_abroad").on(t.businessId, t.currency, t.postedOn).where(sql`${t.currency} is not null`),
    check("postings_two_accounts", sql`${t.debit} <> ${t.credit}`),
    check("postings_positive", sql`${t.amountMinor} > 0`),
    check("postings_place", sql`${t.place} between 1 and ${t.of}`),
    check(
      "postings_foreign",
      sql`(${t.currency} is null) = (${t.foreignMinor} is null) and (${t.currency} is null or (${t.currency} ~ '^[A-Z]{3}$' and ${t.foreignMinor} > 0))`,
    ),
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

/** The same of what postings move in other currencies, by currency: minor units of it. Kept and proved as `accountMonths` is. */
export const accountCurrencyMonths = app.table(
  "account_currency_months",
  {
    businessId: ofBusiness(),
    code: key("code").notNull(),
    currency: text("currency").notNull(),
    month: localDate("month").notNull(),
    debitMinor: minor("debit_minor").notNull(),
    creditMinor: minor("credit_minor").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.code, t.currency, t.month], name: "account_currency_months_pk" }),
    foreignKey({
      columns: [t.businessId, t.code],
      foreignColumns: [accounts.businessId, accounts.code],
      name: "account_currency_months_account",
    }),
  ],
);

/** An append to the journal: the entries from `firstNo` to `lastNo`, chained to the block before. Only ever added; walked by verify. */
export const journalBlocks = app.table(
  "journal_blocks",
  {
    businessId: ofBusiness(),
    blockNo: bigint("block_no", { mode: "bigint" }).notNull(),
    firstNo: bigint("first_no", { mode: "bigint" }).notNull(),
    lastNo: bigint("last_no", { mode: "bigint" }).notNull(),
    hash: sha256("hash").notNull(),
    recordedAt: instant("recorded_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.blockNo], name: "journal_blocks_pk" }),
    check("journal_blocks_numbers", sql`${t.blockNo} > 0 and ${t.firstNo} > 0 and ${t.firstNo} <= ${t.lastNo}`),
    check("journal_blocks_hash", sql`octet_length(${t.hash}) = 32`),
  ],
);

/** Where a business's chain ends: says so even where the last entries and their block are gone. Moves forward only. */
export const journalHeads = app.table(
  "journal_heads",
  {
    businessId: ofBusiness(),
    entryNo: bigint("entry_no", { mode: "bigint" }).notNull(),
    blockNo: bigint("block_no", { mode: "bigint" }).notNull(),
    hash: sha256("hash").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId], name: "journal_heads_pk" }),
    check("journal_heads_hash", sql`octet_length(${t.hash}) = 32`),
  ],
);

/** A sum of the seal: month (YYYY-MM), account, debits and credits in minor units as text. */
export type SealedSum = readonly [month: string, code: string, debit: string, credit: string];
/** A balance of the seal: account, debits less credits since the books began. */
export type SealedBalance = readonly [code: string, amount: string];

/**
 * Closings and openings of the books, each with the seal of what is closed after it (lib/books/seals.ts): `kind` "close" and "year" of
 * the days from `fromOn` (null: the beginning) to `through`, "open" of what stays closed (`through` null: nothing). Only ever added.
 */
export const closings = app.table(
  "closings",
  {
    businessId: ofBusiness(),
    /** From 1 on, taken under the business's lock: the order in which they were, whatever clocks said. */
    closingNo: integer("closing_no").notNull(),
    kind: text("kind").notNull(),
    through: localDate("through"),
    fromOn: localDate("from_on"),
    at: instant("at").notNull(),
    userId: uuid("user_id"),
    why: text("why"),
    entries: bigint("entries", { mode: "bigint" }).notNull(),
    postings: bigint("postings", { mode: "bigint" }).notNull(),
    sums: json<readonly SealedSum[]>("sums").notNull(),
    balances: json<readonly SealedBalance[]>("balances").notNull(),
    /** The head of the chain at that moment. */
    entryNo: bigint("entry_no", { mode: "bigint" }).notNull(),
    blockNo: bigint("block_no", { mode: "bigint" }).notNull(),
    chain: sha256("chain").notNull(),
    /** SHA-256 of the seal's text. */
    seal: sha256("seal").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.closingNo], name: "closings_pk" }),
    check("closings_numbered", sql`${t.closingNo} > 0`),
    check("closings_kind", sql`${t.kind} in ('close', 'open', 'year')`),
    check("closings_seal", sql`octet_length(${t.seal}) = 32 and octet_length(${t.chain}) = 32`),
  ],
);
