/**
 * The only doors to the database. `inBusiness` opens a transaction that sees one business; `asSystem` one that sees none, for the
 * few local tables (people, directory, outbox). A transaction is never held over a network call: pull first, then write.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate } from "node:timers/promises";
import { type SQL, sql } from "drizzle-orm";
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import { invariant, Refusal } from "../lib/core/errors";
import { appUrl, causesOf, closePools, database, isConnectionLost, onStatement, poolSize } from "./client";
import { askCitus } from "./placement";
import { type Turnstile, turnstile } from "./share";

export type Tx = Parameters<Parameters<PostgresJsDatabase["transaction"]>[0]>[0];

/** The least that the door must know; lib/people/access.ts gives the whole Scope. */
export type InBusiness = Readonly<{ businessId: string }>;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const tries = 5;

/** The database's own code of an error, whether raised by a statement (drizzle wraps it) or at commit (bare). */
export function sqlState(error: unknown): string | null {
  for (const { code } of causesOf(error)) if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code)) return code;
  return null;
}

/**
 * Could the database not be reached, or was the connection cut? Whether a commit that was under way then was kept, nobody knows. One that
 * does not let us in, or has no such database, is there: that does not pass by itself.
 */
export function isDatabaseAway(error: unknown): boolean {
  return isConnectionLost(error) && !/^(28|3D)/.test(sqlState(error) ?? "");
}

/** The name of the constraint that refused, null where none did. */
export function constraintOf(error: unknown): string | null {
  for (const { constraint_name: name } of causesOf(error)) if (typeof name === "string") return name;
  return null;
}

/**
 * Deadlocks and serialisation failures are not the work's fault: the whole transaction is tried again, with jitter. So is one whose
 * connection was lost before it began, as after a restart of the server: it has done nothing. One that was lost later is the caller's
 * affair, since it may have been committed.
 */
async function again<T>(work: (begun: () => void) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    let hasBegun = false;
    try {
      return await work(() => {
        hasBegun = true;
      });
    } catch (error) {
      const state = sqlState(error);
      const isFree = state === "40P01" || state === "40001" || (!hasBegun && isConnectionLost(error));
      if (!isFree || attempt === tries) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 50 * 2 ** attempt));
    }
  }
}

/** Which business a piece of work has a connection of already: what it opens further is of that share. */
const inside = new AsyncLocalStorage<string>();
let share: Turnstile | null = null;

/** Half of the pool, if nothing else is said, so that two that are busy leave the others what they need to wait for them. */
function shares(): Turnstile {
  share ??= turnstile(
    Number(process.env.DATABASE_SHARE || String(Math.max(1, Math.floor(poolSize() / 2)))),
    Number(process.env.DATABASE_WAIT_MS || "10000"),
    () =>
      new Refusal("too_busy", "These books are very busy just now, and nothing was changed. Try again in a moment.", {
        retryAfterSeconds: "5",
      }),
  );
  return share;
}

/** Runs `work` when the business has a connection left of its share. Refuses `too_busy` after DATABASE_WAIT_MS. */
export async function withShare<T>(businessId: string, work: () => Promise<T>): Promise<T> {
  return inside.getStore() === businessId ? work() : withFurtherShare(businessId, work);
}

/** The same for work that has a connection and wants another: it counts as one more. */
export async function withFurtherShare<T>(businessId: string, work: () => Promise<T>): Promise<T> {
  const leave = await shares().enter(businessId);
  try {
    return await inside.run(businessId, work);
  } finally {
    leave();
  }
}

/** Makes a transaction that business's: `SET LOCAL`, which ends with the transaction, names it (a checked uuid). */
export async function nameBusiness(tx: Tx, scope: InBusiness): Promise<void> {
  await tx.execute(naming(scope, []));
}

/** `more`: what else is to be set for the transaction, in the same words to the server. */
function naming({ businessId }: InBusiness, more: readonly string[]): SQL {
  invariant(uuid.test(businessId), "a business is named by its uuid");
  return sql.raw([...more, `SET LOCAL app.business_id = '${businessId}'`].join("; "));
}

/**
 * Runs `work` in a transaction that is named: its first statement is sent together with these words, behind them, without waiting for
 * their answer, since a connection does what it is sent in turn.
 */
export async function underName<T>(
  tx: Tx,
  scope: InBusiness,
  more: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const words = naming(scope, more);
  const [own, done] = await Promise.allSettled([
    tx.execute(words),
    // By then the driver has the words, and has not sent them yet.
    setImmediate().then(work),
  ]);
  // Where it could not be named, what was asked after it failed for that.
  if (own.status === "rejected") throw own.reason;
  if (done.status === "rejected") throw done.reason;
  return done.value;
}

/**
 * Runs `work` in one transaction that sees the rows of one business only. Whatever `work` throws rolls all of it back. Refuses
 * `too_busy` where the business has its whole share of connections and none of them becomes free in time.
 */
export function inBusiness<T>(scope: InBusiness, work: (tx: Tx) => Promise<T>): Promise<T> {
  return withShare(scope.businessId, () =>
    again((begun) =>
      database().transaction((tx) => {
        begun();
        return underName(tx, scope, [], () => work(tx));
      }),
    ),
  );
}

/**
 * Says that the rest of a transaction records and costs few rows, or many. On few, statements run by the plans that were made for any
 * values: the database takes planning to be cheaper than it is. On many, it decides by itself. (Never `force_custom_plan`: that plans the
 * check of a foreign key anew for every row.) Either way rows are found by index: parts are small beside a table, and a plan for any day
 * takes a third of an item's rows to come after it, of which it would rather read the whole table.
 */
export async function expectRows(tx: Tx, many: boolean): Promise<void> {
  await tx.execute(sql.raw(await expecting(tx, many)));
}

/**
 * The same as words to the server, for who says them with others. A Citus coordinator decides by itself in any case: which node a statement
 * goes to follows from its business, so it has no plan for any values but of the simplest, and fails where it is told to use one.
 */
export async function expecting(tx: Tx, many: boolean): Promise<string> {
  const isFree = many || (await isCitus(tx));
  return `SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = ${isFree ? "auto" : "force_generic_plan"}`;
}

let citus: boolean | null = null;

/** Is the database a Citus coordinator? Asked once. */
export async function isCitus(tx: Tx): Promise<boolean> {
  if (citus === null) {
    const [row] = await rowsOf<{ is: boolean }>(tx, sql.raw(askCitus));
    citus = row?.is === true;
  }
  return citus;
}

/** Runs `work` in a transaction without a business: any tenant table raises. `reason` says why, for whoever reads the code. */
export function asSystem<T>(reason: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  invariant(reason !== "", "say why no business is needed");
  return again((begun) =>
    database().transaction((tx) => {
      begun();
      return work(tx);
    }),
  );
}

/** Is the database there and does it answer? For readiness only. */
export async function ping(): Promise<void> {
  await database().execute(sql`select 1`);
}

/** Ends all connections; the next use makes new ones, by what the environment says then. */
export async function closeDatabase(): Promise<void> {
  share = null;
  citus = null;
  await closePools();
}

export { appUrl, onStatement };

/** Rows of a raw query: bigint and numeric columns come as text, days and instants as text. */
export async function rowsOf<T extends Record<string, unknown>>(tx: Tx, query: SQL): Promise<T[]> {
  return (await tx.execute(query)) as unknown as T[];
}
