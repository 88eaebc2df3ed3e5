/** Businesses and the people in them. */
import { sql } from "drizzle-orm";
import { bigint, boolean, check, index, integer, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { app, instant, json, key, localDate, ofBusiness, sha256 } from "../columns";

/** Local: people span businesses. Written by sign-up and settings, read at sign-in. The password is kept apart, so that no session can show it. */
export const users = app.table("users", {
  id: uuid("id").primaryKey(),
  name: text("name"),
  email: text("email").notNull().unique(),
  emailVerified: instant("email_verified"),
  image: text("image"),
  createdAt: instant("created_at").notNull(),
});

/** Local: argon2id hashes. Read by sign-in alone. */
export const userPasswords = app.table("user_passwords", {
  userId: uuid("user_id")
    .primaryKey()
    .references(() => users.id, { onDelete: "cascade" }),
  hash: text("hash").notNull(),
  changedAt: instant("changed_at").notNull(),
});

/**
 * Local: next-auth's sessions. `session_token` is the sha-256 of the cookie's random token, so that a copy of this table signs nobody
 * in. The index lets a person list and end theirs.
 */
export const sessions = app.table(
  "sessions",
  {
    sessionToken: text("session_token").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    expires: instant("expires").notNull(),
    createdAt: instant("created_at").notNull(),
    seenAt: instant("seen_at").notNull(),
    /** What the browser calls itself, shortened. */
    agent: text("agent").notNull(),
  },
  (t) => [index("sessions_of_user").on(t.userId)],
);

/** Local: sign-in through another provider, as next-auth's adapter has it. */
export const authAccounts = app.table(
  "auth_accounts",
  {
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    type: text("type").notNull(),
    provider: text("provider").notNull(),
    providerAccountId: text("provider_account_id").notNull(),
  },
  (t) => [primaryKey({ columns: [t.provider, t.providerAccountId] }), index("auth_accounts_of_user").on(t.userId)],
);

/** Local: magic links, each good once. */
export const verificationTokens = app.table(
  "verification_tokens",
  { identifier: text("identifier").notNull(), token: text("token").notNull(), expires: instant("expires").notNull() },
  (t) => [primaryKey({ columns: [t.identifier, t.token] })],
);

/** Local: wrong sign-ins by e-mail and address, to slow guessing. */
export const signInFailures = app.table("sign_in_failures", {
  who: text("who").primaryKey(),
  count: integer("count").notNull(),
  since: instant("since").notNull(),
});

/** Local: which businesses there are and the word that stands for each in addresses. Read to find a business before its rows can be. */
export const directory = app.table(
  "directory",
  {
    businessId: uuid("business_id").primaryKey(),
    slug: text("slug").notNull().unique(),
    createdAt: instant("created_at").notNull(),
    /** When its books are proved next by the clock. */
    proveAt: instant("prove_at").notNull(),
  },
  (t) => [index("directory_prove_at").on(t.proveAt)],
);

/** Local: which businesses a person may look for; `members` in the business itself decides what they may do there. */
export const userBusinesses = app.table(
  "user_businesses",
  { userId: uuid("user_id").notNull(), businessId: uuid("business_id").notNull() },
  (t) => [primaryKey({ columns: [t.userId, t.businessId] })],
);

/** A business and its settings; also the row that every writer of its books locks, so that facts, costs and a close never cross. */
export const businesses = app.table(
  "businesses",
  {
    businessId: uuid("business_id").primaryKey(),
    slug: text("slug").notNull(),
    name: text("name").notNull(),
    country: text("country").notNull(),
    currency: text("currency").notNull(),
    timeZone: text("time_zone").notNull(),
    taxYearStartMonth: integer("tax_year_start_month").notNull(),
    pool: text("pool").notNull(),
    graceDays: integer("grace_days").notNull(),
    /** The books are closed through this day; null while nothing is closed. */
    closedThrough: localDate("closed_through"),
    /** Tax years until this day are closed for good: it only goes forward (app.refuse_reopening). */
    finalThrough: localDate("final_through"),
    isDemo: boolean("is_demo").notNull(),
    createdAt: instant("created_at").notNull(),
    /** Are people told by mail when something falls below its minimum? */
    mailsLowStock: boolean("mails_low_stock").notNull().default(true),
  },
  (t) => [
    check("businesses_pool", sql`${t.pool} in ('business', 'location')`),
    check("businesses_grace", sql`${t.graceDays} between 0 and 366`),
    check("businesses_month", sql`${t.taxYearStartMonth} between 1 and 12`),
    check(
      "businesses_final",
      sql`${t.finalThrough} is null or (${t.closedThrough} is not null and ${t.closedThrough} >= ${t.finalThrough})`,
    ),
  ],
);

/** Who may do what in a business. Read at each request. */
export const members = app.table(
  "members",
  {
    businessId: ofBusiness(),
    userId: uuid("user_id").notNull(),
    role: text("role").notNull(),
    createdAt: instant("created_at").notNull(),
    /** Where their own documents begin; null: where things are if nothing else is said. The key is in the migration: stock knows people, not the other way. */
    locationId: key("location_id"),
    /** The locations whose stock they may see and move; null: all, and the rest of the books. */
    limitedTo: text("limited_to").array(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.userId] }),
    index("members_of_location").on(t.businessId, t.locationId),
    check("members_role", sql`${t.role} in ('owner', 'bookkeeper', 'helper', 'viewer')`),
    check(
      "members_limited",
      sql`${t.limitedTo} is null or (cardinality(${t.limitedTo}) > 0 and ${t.role} in ('helper', 'viewer'))`,
    ),
  ],
);

/**
 * Who was asked into the team and has not come yet. Written by lib/desk/team.ts, read by Settings and by who opens the link. `token_hash` is
 * the sha-256 of the link's random token, so that a copy of this table lets nobody in. One for each e-mail: inviting again replaces it.
 */
export const invites = app.table(
  "invites",
  {
    businessId: ofBusiness(),
    id: uuid("id").notNull(),
    email: text("email").notNull(),
    role: text("role").notNull(),
    /** What the member will be limited to, as in `members`. */
    limitedTo: text("limited_to").array(),
    tokenHash: text("token_hash").notNull(),
    invitedBy: uuid("invited_by").notNull(),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id], name: "invites_pk" }),
    unique("invites_email").on(t.businessId, t.email),
    // Finds the one whose link was opened.
    unique("invites_token").on(t.businessId, t.tokenHash),
    check("invites_role", sql`${t.role} in ('owner', 'bookkeeper', 'helper', 'viewer')`),
    check(
      "invites_limited",
      sql`${t.limitedTo} is null or (cardinality(${t.limitedTo}) > 0 and ${t.role} in ('helper', 'viewer'))`,
    ),
  ],
);

/** Who changed what, when and why; written in the transaction of the change, never altered. Read by Settings and exports, newest first. */
export const auditTrail = app.table(
  "audit_trail",
  {
    businessId: ofBusiness(),
    id: uuid("id").notNull(),
    at: instant("at").notNull(),
    /** null: the product itself (a sync, a job). */
    userId: uuid("user_id"),
    what: text("what").notNull(),
    about: key("about").notNull(),
    before: json<unknown>("before"),
    after: json<unknown>("after"),
    why: text("why"),
    /** Which transaction wrote it, as the database's trigger says: what the guards of changes ask for. Older rows have none. */
    tx: bigint("tx", { mode: "bigint" }),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id] }),
    // The page's filters, each newest first.
    index("audit_trail_about").on(t.businessId, t.about, t.id),
    index("audit_trail_who").on(t.businessId, t.userId, t.id),
    index("audit_trail_what").on(t.businessId, t.what, t.id),
  ],
);

/** What `verify` last said of a business's books. */
export const proofs = app.table(
  "proofs",
  {
    businessId: ofBusiness(),
    id: uuid("id").notNull(),
    at: instant("at").notNull(),
    tookMs: integer("took_ms").notNull(),
    checks: json<unknown>("checks").notNull(),
    findings: integer("findings").notNull(),
    /** Where the journal's chain ended then; null in proofs from before there was one. */
    entryNo: bigint("entry_no", { mode: "bigint" }),
    blockNo: bigint("block_no", { mode: "bigint" }),
    chain: sha256("chain"),
  },
  (t) => [primaryKey({ columns: [t.businessId, t.id] }), unique("proofs_at").on(t.businessId, t.at, t.id)],
);
