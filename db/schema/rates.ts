/** Rates of exchange, the files that brought them, and the currencies that a business has met (docs/decisions/0013-currencies.md). */
import { sql } from "drizzle-orm";
import { bigint, check, customType, foreignKey, index, integer, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { app, instant, json, key, localDate, ofBusiness } from "../columns";

const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => "bytea" });
/** A whole number of 10^-10 of the books' currency for one unit. */
const rate = (name: string) => bigint(name, { mode: "bigint" });

/** A file of rates that a person brought. Written by lib/money/rate-files.ts; the index finds those that can be taken back. */
export const rateFiles = app.table(
  "rate_files",
  {
    businessId: ofBusiness(),
    id: uuid("id").notNull(),
    fileName: text("file_name").notNull(),
    bytes: bytes("bytes").notNull(),
    /** preview, accepted, undone, discarded */
    state: text("state").notNull(),
    choices: json<unknown>("choices").notNull(),
    result: json<unknown>("result"),
    userId: uuid("user_id"),
    createdAt: instant("created_at").notNull(),
    acceptedAt: instant("accepted_at"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id], name: "rate_files_pk" }),
    index("rate_files_accepted").on(t.businessId, t.acceptedAt.desc()).where(sql`state = 'accepted'`),
    check("rate_files_state", sql`${t.state} in ('preview', 'accepted', 'undone', 'discarded')`),
  ],
);

/** What a unit of a currency is worth in the books' on a day, and by whose word. `former…`: what a file put this in the place of. */
export const exchangeRates = app.table(
  "exchange_rates",
  {
    businessId: ofBusiness(),
    currency: key("currency").notNull(),
    onDate: localDate("on_date").notNull(),
    rate: rate("rate").notNull(),
    source: text("source").notNull(),
    fileId: uuid("file_id"),
    formerRate: rate("former_rate"),
    formerSource: text("former_source"),
    userId: uuid("user_id"),
    recordedAt: instant("recorded_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.currency, t.onDate], name: "exchange_rates_pk" }),
    index("exchange_rates_by_day").on(t.businessId, t.onDate, t.currency),
    index("exchange_rates_of_file").on(t.businessId, t.fileId).where(sql`file_id is not null`),
    foreignKey({
      columns: [t.businessId, t.fileId],
      foreignColumns: [rateFiles.businessId, rateFiles.id],
      name: "exchange_rates_file",
    }),
    check("exchange_rates_rate", sql`rate > 0 and (former_rate is null or former_rate > 0)`),
    check("exchange_rates_former", sql`(former_rate is null) = (former_source is null)`),
    check("exchange_rates_currency", sql`currency ~ '^[A-Z]{3}$'`),
  ],
);

/** The currencies that documents or people named, other than the books': those whose rates a provider is asked for. */
export const metCurrencies = app.table(
  "met_currencies",
  { businessId: ofBusiness(), currency: key("currency").notNull(), metAt: instant("met_at").notNull() },
  (t) => [primaryKey({ columns: [t.businessId, t.currency], name: "met_currencies_pk" })],
);

/** How fetching from the provider stands: one row for a business. */
export const rateFetches = app.table(
  "rate_fetches",
  {
    businessId: ofBusiness(),
    triedAt: instant("tried_at"),
    fetchedAt: instant("fetched_at"),
    nextAt: instant("next_at"),
    failures: integer("failures").notNull(),
    error: text("error"),
  },
  (t) => [primaryKey({ columns: [t.businessId], name: "rate_fetches_pk" })],
);
