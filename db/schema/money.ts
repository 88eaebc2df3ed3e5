/** Bank and card accounts' lines, the files that brought them, and the rules that sort them. */
import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  customType,
  foreignKey,
  index,
  integer,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { app, instant, json, key, localDate, minor, ofBusiness } from "../columns";
import { accounts } from "./books";

const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => "bytea" });

/** A file that a person brought: kept as it came, previewed, accepted or not, undone or not. `kind` bank or channel. */
export const imports = app.table(
  "imports",
  {
    businessId: ofBusiness(),
    id: uuid("id").notNull(),
    kind: text("kind").notNull(),
    layout: text("layout").notNull(),
    fileName: text("file_name").notNull(),
    sha256: text("sha256").notNull(),
    bytes: bytes("bytes").notNull(),
    /** preview, accepting, accepted, undone, discarded */
    state: text("state").notNull(),
    channelId: key("channel_id"),
    accountCode: key("account_code"),
    /** How it was read: the chosen columns of a bank's CSV. */
    choices: json<unknown>("choices"),
    /** The reading's figures, as import.md has them. */
    result: json<unknown>("result").notNull(),
    userId: uuid("user_id"),
    createdAt: instant("created_at").notNull(),
    acceptedAt: instant("accepted_at"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id] }),
    check("imports_state", sql`${t.state} in ('preview', 'accepting', 'accepted', 'undone', 'discarded')`),
  ],
);

/** A statement: one account's part of a file, with what the bank says the balance was. */
export const statements = app.table(
  "statements",
  {
    businessId: ofBusiness(),
    id: uuid("id").notNull(),
    importId: uuid("import_id").notNull(),
    accountCode: key("account_code").notNull(),
    fromOn: localDate("from_on"),
    throughOn: localDate("through_on"),
    openingMinor: minor("opening_minor"),
    closingMinor: minor("closing_minor"),
    rows: integer("rows").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id] }),
    index("statements_of_import").on(t.businessId, t.importId),
    index("statements_of_account").on(t.businessId, t.accountCode, t.throughOn),
    foreignKey({
      columns: [t.businessId, t.importId],
      foreignColumns: [imports.businessId, imports.id],
      name: "statements_import",
    }),
    foreignKey({
      columns: [t.businessId, t.accountCode],
      foreignColumns: [accounts.businessId, accounts.code],
      name: "statements_account",
    }),
  ],
);

/**
 * A line of a bank, card or cash account. `dedupeKey` (account, bank's id, date, amount, words) with `occurrence` tells the same
 * line again from a twin. What it is lies in `state`: open, categorised, inventory, transfer, payout, personal, hidden, split.
 */
export const transactions = app.table(
  "transactions",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    accountCode: key("account_code").notNull(),
    onDate: localDate("on_date").notNull(),
    amountMinor: minor("amount_minor").notNull(),
    payee: text("payee").notNull(),
    memo: text("memo").notNull(),
    dedupeKey: key("dedupe_key").notNull(),
    occurrence: integer("occurrence").notNull(),
    importId: uuid("import_id"),
    /** Its place in the file, so that lines of a day keep the bank's order. */
    place: integer("place").notNull(),
    state: text("state").notNull(),
    /** The account on the other side, for categorised and transfers. */
    categoryCode: key("category_code"),
    /** The purchase, payout or other transaction that it is. */
    matchedId: key("matched_id"),
    ruleId: uuid("rule_id"),
    version: integer("version").notNull(),
    recordedAt: instant("recorded_at").notNull(),
    isUndone: boolean("is_undone").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id] }),
    unique("transactions_once").on(t.businessId, t.accountCode, t.dedupeKey, t.occurrence),
    index("transactions_day").on(t.businessId, t.onDate, t.id),
    index("transactions_of_account").on(t.businessId, t.accountCode, t.onDate, t.id),
    index("transactions_open").on(t.businessId, t.onDate, t.id).where(sql`state = 'open' and not is_undone`),
    index("transactions_of_import").on(t.businessId, t.importId),
    index("transactions_amount").on(t.businessId, t.amountMinor, t.onDate),
    foreignKey({
      columns: [t.businessId, t.accountCode],
      foreignColumns: [accounts.businessId, accounts.code],
      name: "transactions_account",
    }),
    check(
      "transactions_state",
      sql`${t.state} in ('open', 'categorised', 'inventory', 'transfer', 'payout', 'personal', 'hidden', 'split')`,
    ),
  ],
);

/** The parts of a transaction that is several things. */
export const transactionSplits = app.table(
  "transaction_splits",
  {
    businessId: ofBusiness(),
    transactionId: key("transaction_id").notNull(),
    place: integer("place").notNull(),
    categoryCode: key("category_code").notNull(),
    amountMinor: minor("amount_minor").notNull(),
    memo: text("memo").notNull(),
  },
  (t) => [
    index("transaction_splits_of_category").on(t.businessId, t.categoryCode),
    primaryKey({ columns: [t.businessId, t.transactionId, t.place] }),
    foreignKey({
      columns: [t.businessId, t.transactionId],
      foreignColumns: [transactions.businessId, transactions.id],
      name: "transaction_splits_transaction",
    }),
    foreignKey({
      columns: [t.businessId, t.categoryCode],
      foreignColumns: [accounts.businessId, accounts.code],
      name: "transaction_splits_category",
    }),
  ],
);

/** "All like this": which transactions get which category by themselves. */
export const rules = app.table(
  "rules",
  {
    businessId: ofBusiness(),
    id: uuid("id").notNull(),
    place: integer("place").notNull(),
    /** Normalised words that payee and memo must hold. */
    words: text("words").notNull(),
    /** in, out, or null for both. */
    direction: text("direction"),
    accountCode: key("account_code"),
    /** categorised, inventory, personal, hidden */
    state: text("state").notNull(),
    categoryCode: key("category_code"),
    createdAt: instant("created_at").notNull(),
    isOff: boolean("is_off").notNull(),
  },
  (t) => [primaryKey({ columns: [t.businessId, t.id] }), index("rules_in_order").on(t.businessId, t.place)],
);

/** How a bank's CSV files are read, chosen once. */
export const bankLayouts = app.table(
  "bank_layouts",
  {
    businessId: ofBusiness(),
    fingerprint: key("fingerprint").notNull(),
    layout: json<unknown>("layout").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.businessId, t.fingerprint] })],
);
