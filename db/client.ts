/**
 * The connection pool, as the role that owns nothing. Private to db: everybody else enters by scope.ts, so that no query runs
 * without a business or a reason.
 */
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";

let pool: { client: postgres.Sql; db: PostgresJsDatabase } | null = null;

/** The application role's address: DATABASE_APP_URL, or DATABASE_URL with the role's own name and password. */
export function appUrl(env: NodeJS.ProcessEnv = process.env): string {
  if (env.DATABASE_APP_URL !== undefined && env.DATABASE_APP_URL !== "") return env.DATABASE_APP_URL;
  const owner = env.DATABASE_URL;
  if (owner === undefined || owner === "") throw new Error("DATABASE_URL is not set");
  const url = new URL(owner);
  url.username = "lotbook_app";
  url.password = encodeURIComponent(env.LOTBOOK_APP_PASSWORD ?? "");
  return url.toString();
}

/** The pool, made at first use, so that tests can say first where the database is. */
export function database(): PostgresJsDatabase {
  if (pool === null) {
    const env = process.env;
    const client = postgres(appUrl(env), {
      max: Number(env.DATABASE_POOL ?? "10"),
      idle_timeout: 60,
      connect_timeout: 10,
      onnotice: () => undefined,
      connection: {
        search_path: "app",
        application_name: "lotbook",
        TimeZone: "UTC",
        statement_timeout: Number(env.DATABASE_STATEMENT_TIMEOUT_MS ?? "300000"),
        idle_in_transaction_session_timeout: 300_000,
      },
    });
    pool = { client, db: drizzle(client) };
  }
  return pool.db;
}

/** Ends the pool; the next use makes a new one. */
export async function closeDatabase(): Promise<void> {
  const ended = pool;
  pool = null;
  await ended?.client.end({ timeout: 5 });
}
