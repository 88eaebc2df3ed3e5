/** What the product needs to work: jobs asked for, long work's progress, workers' signs of life. */
import { sql } from "drizzle-orm";
import {
  bigint,
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
import { app, instant, json, key, ofBusiness } from "../columns";

const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => "bytea" });

/** Local: jobs asked for in the transaction that makes them needed, until the relay has handed them to the queue. Holds ids only. */
export const outbox = app.table(
  "outbox",
  {
    id: uuid("id").primaryKey(),
    businessId: uuid("business_id").notNull(),
    job: text("job").notNull(),
    payload: json<unknown>("payload").notNull(),
    key: text("key").notNull(),
    requestedAt: instant("requested_at").notNull(),
    /** Not to be handed over before. */
    notBefore: instant("not_before").notNull(),
    /** When it was handed over; a sweep hands over again what no handler has finished. */
    relayedAt: instant("relayed_at"),
    attempts: integer("attempts").notNull(),
    lastError: text("last_error"),
    /** waiting, dead */
    state: text("state").notNull(),
  },
  (t) => [
    unique("outbox_once").on(t.job, t.key),
    index("outbox_waiting").on(t.notBefore, t.id),
    check("outbox_state", sql`${t.state} in ('waiting', 'dead')`),
  ],
);

/** Long work and how far it is: shown live, survives a reload and the queue. */
export const runs = app.table(
  "runs",
  {
    businessId: ofBusiness(),
    id: uuid("id").notNull(),
    job: text("job").notNull(),
    /** What it is about: a channel's or an import's id. */
    about: text("about").notNull(),
    label: text("label").notNull(),
    /** waiting, running, done, failed, cancelled */
    state: text("state").notNull(),
    done: bigint("done", { mode: "bigint" }).notNull(),
    /** null while nobody knows. */
    total: bigint("total", { mode: "bigint" }),
    skipped: bigint("skipped", { mode: "bigint" }).notNull(),
    steps: json<unknown>("steps").notNull(),
    note: text("note"),
    isCancelled: integer("is_cancelled").notNull(),
    createdAt: instant("created_at").notNull(),
    startedAt: instant("started_at"),
    endedAt: instant("ended_at"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id] }),
    index("runs_about").on(t.businessId, t.job, t.about, t.id),
    index("runs_open").on(t.businessId, t.id).where(sql`state in ('waiting', 'running')`),
    check("runs_state", sql`${t.state} in ('waiting', 'running', 'done', 'failed', 'cancelled')`),
  ],
);

/** Files that a worker makes of a list (lib/exports): what was asked for, by whom. `size` and `expiresAt` are null until it is whole. */
export const exported = app.table(
  "exports",
  {
    businessId: ofBusiness(),
    runId: uuid("run_id").notNull(),
    userId: uuid("user_id").notNull(),
    /** Which list: a name of lib/exports/reports.ts. */
    report: text("report").notNull(),
    /** csv, xlsx, pdf */
    format: text("format").notNull(),
    /** The list's own filter, as its page's address says it. */
    asked: json<unknown>("asked").notNull(),
    fileName: text("file_name").notNull(),
    size: bigint("size", { mode: "bigint" }),
    expiresAt: instant("expires_at"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.runId], name: "exports_pk" }),
    foreignKey({
      columns: [t.businessId, t.runId],
      foreignColumns: [runs.businessId, runs.id],
      name: "exports_run",
    }).onDelete("cascade"),
    check("exports_format", sql`${t.format} in ('csv', 'xlsx', 'pdf')`),
    check("exports_whole", sql`(${t.size} is null) = (${t.expiresAt} is null)`),
  ],
);

/** Their bytes, in the order in which they were made. */
export const exportParts = app.table(
  "export_parts",
  {
    businessId: ofBusiness(),
    runId: uuid("run_id").notNull(),
    part: integer("part").notNull(),
    bytes: bytes("bytes").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.runId, t.part], name: "export_parts_pk" }),
    foreignKey({
      columns: [t.businessId, t.runId],
      foreignColumns: [exported.businessId, exported.runId],
      name: "export_parts_export",
    }).onDelete("cascade"),
  ],
);

/** Local: OAuth dances under way, each good once; bound to the session that began it. */
export const connecting = app.table("connecting", {
  state: text("state").primaryKey(),
  businessId: uuid("business_id").notNull(),
  userId: uuid("user_id").notNull(),
  kind: text("kind").notNull(),
  verifier: text("verifier").notNull(),
  expiresAt: instant("expires_at").notNull(),
  answers: json<Readonly<Record<string, string>>>("answers").notNull(),
  since: instant("since"),
  /** The channel that it goes on with; null: one of its own. */
  channelId: key("channel_id"),
  isTrial: boolean("is_trial").notNull(),
});

/** Local: whose connection a call from a channel is about, before a business is known. */
export const connectedShops = app.table(
  "connected_shops",
  {
    kind: text("kind").notNull(),
    shop: key("shop").notNull(),
    businessId: uuid("business_id").notNull(),
    channelId: key("channel_id").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.kind, t.shop, t.businessId, t.channelId], name: "connected_shops_pk" }),
    index("connected_shops_of_business").on(t.businessId, t.channelId),
  ],
);

/** Local: calls that channels made and proved, by their own ids of the events: a second delivery is known, and what became of each is said. */
export const hookInbox = app.table(
  "hook_inbox",
  {
    kind: text("kind").notNull(),
    event: key("event").notNull(),
    shop: key("shop").notNull(),
    what: text("what").notNull(),
    feeds: json<readonly string[]>("feeds").notNull(),
    body: json<unknown>("body"),
    /** taken, ignored (with the reason), waiting (a person must act) */
    state: text("state").notNull(),
    note: text("note"),
    receivedAt: instant("received_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.kind, t.event], name: "hook_inbox_pk" }),
    index("hook_inbox_received").on(t.receivedAt),
    index("hook_inbox_waiting").on(t.kind, t.shop, t.receivedAt).where(sql`state = 'waiting'`),
    check("hook_inbox_state", sql`${t.state} in ('taken', 'ignored', 'waiting')`),
  ],
);

/** Local: when each connected channel is due, so that the schedule finds them without opening every business. */
export const due = app.table(
  "due",
  {
    businessId: uuid("business_id").notNull(),
    channelId: text("channel_id").notNull(),
    dueAt: instant("due_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.businessId, t.channelId] }), index("due_at").on(t.dueAt)],
);

/** Local: workers' signs of life. */
export const heartbeats = app.table("heartbeats", {
  worker: text("worker").primaryKey(),
  at: instant("at").notNull(),
  lastTakenAt: instant("last_taken_at"),
  lastEndedAt: instant("last_ended_at"),
  loopLagMs: integer("loop_lag_ms").notNull(),
});

/** Local: migrations that ran. */
export const migrations = app.table("migrations", {
  name: text("name").primaryKey(),
  sha256: text("sha256").notNull(),
  ranAt: instant("ran_at").notNull(),
});
