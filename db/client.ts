/**
 * The connection pool, as the role that owns nothing. Private to db: everybody else enters by scope.ts, so that no query runs
 * without a business or a reason.
 */

import { connect, type Socket } from "node:net";
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";

/** Hears the text of each statement that is sent, without its parameters. */
type Listener = (statement: string) => void;
let listener: Listener | null = null;

/** Lets a test hear every statement from now on (docs/scaling.md says what is held against them); null hears none. */
export function onStatement(listen: Listener | null): void {
  listener = listen;
}

/** What goes past drizzle (COPY) says so here, so that nothing is sent unheard. */
export function heard(statement: string): void {
  listener?.(statement);
}

type Pool = Readonly<{ client: postgres.Sql; db: PostgresJsDatabase }>;
let pool: Pool | null = null;
let replicaPool: Pool | null = null;

/** The application role's address: DATABASE_APP_URL, or DATABASE_URL with the role's own name and password. */
export function appUrl(env: NodeJS.ProcessEnv = process.env): string {
  if (env.DATABASE_APP_URL !== undefined && env.DATABASE_APP_URL !== "") return env.DATABASE_APP_URL;
  const owner = env.DATABASE_URL;
  if (owner === undefined || owner === "") throw new Error("DATABASE_URL is not set");
  return signedIn(new URL(owner), env);
}

/** The same address for the application's own role. */
function signedIn(url: URL, env: NodeJS.ProcessEnv): string {
  url.username = "lotbook_app";
  url.password = encodeURIComponent(env.LOTBOOK_APP_PASSWORD ?? "");
  return url.toString();
}

/**
 * A connection that sends what is small at once: COPY ends with a few bytes, which would otherwise wait some forty milliseconds for
 * the server to acknowledge the rows before them.
 */
function socketTo(options: Readonly<{ host: readonly string[]; port: readonly number[]; path?: unknown }>): Socket {
  const [host, port] = [options.host[0] ?? "localhost", options.port[0] ?? 5432];
  const socket = typeof options.path === "string" ? connect(options.path) : connect({ host, port, noDelay: true });
  // The driver names the server by this in TLS.
  return Object.assign(socket, { host, port });
}

function poolAt(url: string, env: NodeJS.ProcessEnv): Pool {
  const options = {
    max: poolSize(env),
    idle_timeout: 60,
    connect_timeout: 10,
    onnotice: () => undefined,
    socket: socketTo,
    connection: {
      search_path: "app",
      application_name: "lotbook",
      TimeZone: "UTC",
      statement_timeout: Number(env.DATABASE_STATEMENT_TIMEOUT_MS ?? "300000"),
      idle_in_transaction_session_timeout: 300_000,
    },
  };
  const client = guarded(postgres(url, options));
  const isPrepared = env.DATABASE_PREPARE !== "0";
  return { client, db: drizzle(isPrepared ? preparing(client) : client, { logger: { logQuery: heard } }) };
}

/** Longer statements are not prepared: they are rows written as values, whose text is another for every number of rows. */
const longestPrepared = 8_000;

/**
 * The same connections, on which each statement with parameters is parsed and planned once and then asked for by name: half of the time
 * that one order takes (docs/performance.md). The database goes on making plans for the values at hand where it takes those to be cheaper; who
 * knows how many rows are worked on says so (`expectRows` in scope.ts).
 */
function preparing<Client extends postgres.Sql>(client: Client): Client {
  type Work = (client: Client) => unknown;
  return new Proxy(client, {
    get(target, name) {
      if (name === "unsafe")
        return (text: string, params?: never[], options?: postgres.UnsafeQueryOptions) =>
          target.unsafe(text, params, { ...options, prepare: text.length <= longestPrepared });
      const value: unknown = Reflect.get(target, name);
      // Both take the work as their last argument, and give it the connection that it is to use.
      if (name === "begin" || name === "savepoint")
        return (...given: unknown[]) => {
          const work = given.at(-1) as Work;
          return (value as (...given: unknown[]) => unknown)(...given.slice(0, -1), (inner: Client) =>
            work(preparing(inner)),
          );
        };
      return value;
    },
  });
}

type Guarded = (tx: postgres.TransactionSql) => Promise<unknown>;

/**
 * The same client, whose transactions outlive their connections. When a connection ends in the middle of one (a restart of the server, a
 * cut line), the driver would still write the ROLLBACK or COMMIT, to a socket that is not there, from where nobody can catch it: the
 * process would end (3.4.9; porsager/postgres issue 1154). So a lost transaction asks for nothing more, and is ended by the driver alone,
 * which rejects it when its socket closes.
 */
function guarded(client: postgres.Sql): postgres.Sql {
  const begin = client.begin.bind(client) as (work: Guarded) => Promise<unknown>;
  const beginGuarded = async (work: Guarded): Promise<unknown> => {
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

/** What the driver and the database say of an error with its causes, outermost first: drizzle wraps what a statement raises. */
export function* causesOf(error: unknown): Generator<Readonly<Record<string, unknown>>> {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1)
    yield at as unknown as Readonly<Record<string, unknown>>;
}

/** What the driver, the system's sockets and the database say of a connection that is not there, or is none any more. */
const gone = /^(CONNECT_|CONNECTION_|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOST|ENET|08...$|57P0)/;

/** Does the error say that there is no connection any more, or none yet? The server ends it after what is fatal. */
export function isConnectionLost(error: unknown): boolean {
  for (const { severity, code } of causesOf(error)) {
    if (severity === "FATAL" || severity === "PANIC") return true;
    if (typeof code === "string" && gone.test(code)) return true;
  }
  return false;
}

/** How many connections a process keeps at most. */
export function poolSize(env: NodeJS.ProcessEnv = process.env): number {
  return Number(env.DATABASE_POOL ?? "10");
}

/** The pool, made at first use, so that tests can say first where the database is. */
export function database(): PostgresJsDatabase {
  pool ??= poolAt(appUrl(process.env), process.env);
  return pool.db;
}

/** The pool of the read replica, null where there is none. */
export function replica(): PostgresJsDatabase | null {
  const { DATABASE_REPLICA_URL: url } = process.env;
  if (url === undefined || url === "") return null;
  replicaPool ??= poolAt(asApplication(url, process.env), process.env);
  return replicaPool.db;
}

/** An address that names no role is the application's own. */
function asApplication(address: string, env: NodeJS.ProcessEnv): string {
  const url = new URL(address);
  return url.username === "" ? signedIn(url, env) : address;
}

/** Ends the pools; the next use makes new ones. */
export async function closePools(): Promise<void> {
  const ended = [pool, replicaPool];
  pool = null;
  replicaPool = null;
  await Promise.all(ended.map((one) => one?.client.end({ timeout: 5 })));
}
