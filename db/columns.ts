/**
 * The kinds of column that every table is built from, so that money is bigint everywhere, days are days, and every tenant table
 * begins with its business. See docs/decisions/0001 for why fact-born rows keep the source's own id as their key.
 */
import { sql } from "drizzle-orm";
import { bigint, customType, date, jsonb, pgSchema, timestamp, uuid } from "drizzle-orm/pg-core";

export const app = pgSchema("app");

/** Text compared by code point, as rule 1 of costing.md compares ids; the database's locale never decides an order. */
const codePoints = customType<{ data: string; driverData: string }>({ dataType: () => 'text COLLATE "C"' });

/** The first column of every tenant table, and the first of its primary key, of each unique key and of each foreign key. */
export const ofBusiness = () => uuid("business_id").notNull();
/** A key: the id that the source gave, or a UUIDv7 as text that the app made. */
export const key = (name: string) => codePoints(name);
export const minor = (name: string) => bigint(name, { mode: "bigint" });
export const quantity = (name: string) => bigint(name, { mode: "bigint" });
export const localDate = (name: string) => date(name, { mode: "string" });
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "string" });
/** bigint amounts stand in JSON as strings of minor units. */
export const json = <T>(name: string) => jsonb(name).$type<T>();
/** A SHA-256, written as the database writes bytes: `\\x` and 64 hexadecimal digits. */
const hash32 = customType<{ data: string; driverData: string }>({ dataType: () => "bytea" });
export const sha256 = (name: string) => hash32(name);

/** What a document is called by its id alone, as `purchaseNumber` (lib/stock/purchase-reads.ts) says it; `id` is the column. */
export const shownNumber = sql.raw(`case when id ~ '(^|/)[0-9a-f]{8}-[0-9a-f-]{27}$' then 'P-' || right(id, 6)
  when length(substring(id from '[^/]*$')) <= 24 then substring(id from '[^/]*$') else '…' || right(id, 20) end`);
