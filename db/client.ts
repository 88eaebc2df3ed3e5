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
    pool = { client, db: drizzle(guarded(client)) };
  }
  return pool.db;
}

type Work = (tx: postgres.TransactionSql) => Promise<unknown>;

/**
 * The same client, whose transactions outlive their connections. When a connection ends in the middle of one (a restart of the server, a
 * cut line), the driver would still write the ROLLBACK or COMMIT, to a socket that is not there, from where nobody can catch it: the
 * process would end (3.4.9; porsager/postgres issue 1154). So a lost transaction asks for nothing more, and is ended by the driver alone,
 * which rejects it when its socket closes.
 */
function guarded(client: postgres.Sql): postgres.Sql {
  const begin = client.begin.bind(client) as (work: Work) => Promise<unknown>;
  const beginGuarded = async (work: Work): Promise<unknown> => {
    let isLost = false;
    try {
      return await begin(async (tx) => {
        const alive = new Proxy(tx, {
          get: (target, key) => {
            if (isLost) throw new Error("the connection of this transaction is lost");
            return Reflect.get(target, key) as unknown;
          },
        });
        try {
          const result = await work(alive);
          return isLost ? await never : result;
        } catch (error) {
          if (isLost || isConnectionLost(error)) await never;
          throw error;
        }
      });
    } catch (error) {
      isLost = true;
      throw error;
    }
  };
  return Object.assign(client, { begin: beginGuarded });
}

/** The driver has rejected the transaction, or will when its socket closes: nobody waits for this. */
const never = new Promise<never>(() => undefined);

/** Does the error say that there is no connection any more? The server ends it after what is fatal; the rest is the socket's or the driver's word. */
export function isConnectionLost(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    const { severity, code, syscall } = at as { severity?: unknown; code?: unknown; syscall?: unknown };
    if (severity === "FATAL" || severity === "PANIC" || syscall !== undefined) return true;
    if (typeof code === "string" && code.startsWith("CONNECTION_")) return true;
  }
  return false;
}

/** Ends the pool; the next use makes a new one. */
export async function closeDatabase(): Promise<void> {
  const ended = pool;
  pool = null;
  await ended?.client.end({ timeout: 5 });
}
