/**
 * A database for each test file: a clone of the migrated template, on the real PostgreSQL of this run.
 *
 * In the projects `db` and `browser` it is there before a file is imported (database-setup.ts), and the environment
 * says so to db/client.ts; a test asks `testDatabase()` only for its URL or for the superuser's connection.
 */
import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";
import { isAlive } from "../../db/embedded";

/** Where a test's database is. `url` is the superuser's: what it sees is not held back by row-level security. */
export type TestDatabase = Readonly<{ name: string; url: string; appPassword: string }>;

let own: Promise<TestDatabase> | undefined;

/** This test file's database: cloned at the first call, the same one at each further call. */
export function testDatabase(): Promise<TestDatabase> {
  own ??= anotherDatabase().then((database) => {
    process.env.DATABASE_URL = database.url;
    process.env.LOTBOOK_APP_PASSWORD = database.appPassword;
    process.env.LOTBOOK_SECRET_KEY ??= randomBytes(32).toString("base64");
    process.env.AUTH_SECRET ??= randomBytes(32).toString("base64url");
    process.env.AUTH_URL ??= "http://127.0.0.1:3000";
    return database;
  });
  return own;
}

/** One more migrated database, which the environment does not point to. */
export function anotherDatabase(): Promise<TestDatabase> {
  return create((name) => `create database ${name} template ${inject("templateDatabase")} strategy wal_log`);
}

/** A database without a table, for tests of the migrations themselves. */
export function emptyDatabase(): Promise<TestDatabase> {
  return create((name) => `create database ${name} template template0`);
}

/**
 * The URL of a Redis of this run, in a database of it that no file running at the same time has: two files' workers would take each
 * other's jobs. What an earlier file left in it is there. Refuses where none is installed: a test that needs one may not be passed over.
 */
export function testRedis(): string {
  const url = inject("redisUrl");
  if (url === null) throw new Error("No Redis server is installed: apt-get install redis-server");
  const database = new URL(url);
  database.pathname = `/${process.env.VITEST_POOL_ID ?? "0"}`;
  return database.href;
}

async function create(statement: (name: string) => string): Promise<TestDatabase> {
  const server = inject("postgresUrl");
  const admin = postgres(server, { max: 1, onnotice: () => undefined });
  try {
    await sweep(admin);
    const name = `t_${process.pid}_${randomBytes(4).toString("hex")}`;
    await admin.unsafe(statement(name));
    const url = new URL(server);
    url.pathname = `/${name}`;
    return { name, url: url.href, appPassword: inject("appPassword") };
  } finally {
    await admin.end();
  }
}

/**
 * Drops the databases of test files that have ended. Dropped by a later file and not by their own: there, pools that
 * a test leaves open would lose their connections and report it as an error of a test that has passed.
 */
async function sweep(admin: postgres.Sql): Promise<void> {
  const found = await admin<{ datname: string }[]>`select datname from pg_database where datname ~ '^t_[0-9]+_'`;
  for (const { datname } of found) {
    if (!isAlive(Number(datname.split("_")[1]))) await admin.unsafe(`drop database if exists ${datname} with (force)`);
  }
}
