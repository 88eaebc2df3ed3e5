/** Facts as they were recorded, and what waits to be worked out from them. */
import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { app, instant, json, key, localDate, ofBusiness } from "../columns";

/** Every fact, once (lib/record.ts writes; the same key with other content is refused). Read to undo, to prove and to rebuild. */
export const facts = app.table(
  "facts",
  {
    businessId: ofBusiness(),
    /** factKey(): kind and id. */
    id: key("id").notNull(),
    kind: text("kind").notNull(),
    hash: text("hash").notNull(),
    /** The source's version where it has versions; a later one replaces. Null: a fact that never changes. */
    version: key("version"),
    body: json<unknown>("body").notNull(),
    /** What brought it: an import's id, a sync's run, a form's request. Undoing an import undoes its facts. */
    source: key("source"),
    userId: uuid("user_id"),
    recordedAt: instant("recorded_at").notNull(),
    undoneAt: instant("undone_at"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id] }),
    // Undoing an import walks what it brought.
    index("facts_of_source").on(t.businessId, t.source, t.id),
  ],
);

/** Which fact names which: a fact that another names cannot be undone first. */
export const factNames = app.table(
  "fact_names",
  { businessId: ofBusiness(), named: key("named").notNull(), by: key("by").notNull() },
  (t) => [
    primaryKey({ columns: [t.businessId, t.named, t.by] }),
    index("fact_names_by").on(t.businessId, t.by),
    foreignKey({
      columns: [t.businessId, t.named],
      foreignColumns: [facts.businessId, facts.id],
      name: "fact_names_named",
    }),
    foreignKey({
      columns: [t.businessId, t.by],
      foreignColumns: [facts.businessId, facts.id],
      name: "fact_names_by_fact",
    }),
  ],
);

/** Cost groups (items) whose costs must be worked out again, and from which day. Rows only widen until a recost takes them. */
export const dirtyMarks = app.table(
  "dirty_marks",
  {
    businessId: ofBusiness(),
    itemId: key("item_id").notNull(),
    since: localDate("since").notNull(),
    version: integer("version").notNull(),
  },
  (t) => [primaryKey({ columns: [t.businessId, t.itemId] }), check("dirty_marks_version", sql`${t.version} > 0`)],
);

/** Documents whose posted entries must be compared with what the facts now want (undone, edited, moved to another item). */
export const postingMarks = app.table(
  "posting_marks",
  { businessId: ofBusiness(), documentKind: text("document_kind").notNull(), documentId: key("document_id").notNull() },
  (t) => [primaryKey({ columns: [t.businessId, t.documentKind, t.documentId] })],
);
