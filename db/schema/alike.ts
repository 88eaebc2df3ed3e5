/** Two facts that look like the same money, told by two ways: what a person is asked, and what they said (lib/desk/alike.ts). */
import { sql } from "drizzle-orm";
import { check, foreignKey, index, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { app, instant, json, key, localDate, minor, ofBusiness } from "../columns";
import { facts } from "./facts";

/** `one` is the key of what is taken back where they are the same, `other` of what stays. Open, until a person says which it is. */
export const alikePairs = app.table(
  "alike_pairs",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    /** twice: one document by a file and by the API. payment: a wallet's sale that is the payment of a shop's order. */
    kind: text("kind").notNull(),
    one: key("one").notNull(),
    other: key("other").notNull(),
    oneChannel: key("one_channel").notNull(),
    otherChannel: key("other_channel").notNull(),
    amountMinor: minor("amount_minor").notNull(),
    oneOn: localDate("one_on").notNull(),
    otherOn: localDate("other_on").notNull(),
    state: text("state").notNull(),
    /** The keys of what saying "the same" took back, and of what it recorded in their place. */
    undone: json<readonly string[]>("undone").notNull(),
    made: json<readonly string[]>("made").notNull(),
    /** Facts that came later for what was taken back, as their channel told them: kept for taking the word back. */
    held: json<readonly unknown[]>("held").notNull(),
    foundAt: instant("found_at").notNull(),
    decidedAt: instant("decided_at"),
    userId: uuid("user_id"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id], name: "alike_pairs_pk" }),
    unique("alike_pairs_once").on(t.businessId, t.one, t.other),
    index("alike_pairs_of_other").on(t.businessId, t.other),
    index("alike_pairs_open").on(t.businessId, t.oneOn, t.id).where(sql`state = 'open'`),
    index("alike_pairs_decided").on(t.businessId, t.decidedAt, t.id).where(sql`state <> 'open'`),
    foreignKey({
      columns: [t.businessId, t.one],
      foreignColumns: [facts.businessId, facts.id],
      name: "alike_pairs_one",
    }),
    foreignKey({
      columns: [t.businessId, t.other],
      foreignColumns: [facts.businessId, facts.id],
      name: "alike_pairs_other",
    }),
    check("alike_pairs_kind", sql`${t.kind} in ('twice', 'payment')`),
    check("alike_pairs_state", sql`${t.state} in ('open', 'same', 'different')`),
  ],
);
