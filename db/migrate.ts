/**
 * Forward-only migrations: plain SQL files, in the order of their names, each in a transaction of its own with the row that says it
 * ran. A file that has run is never edited: its hash is compared. Runs as the owner's login; the application's role cannot.
 */
import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import postgres from "postgres";
import { distribute, isCitus, prepareCitus } from "./citus";
import { migrateQueue } from "./queue";

const folder = path.join(import.meta.dirname, "migrations");

/** `isDistributed`: it is a Citus coordinator, and its tables are spread over the nodes. */
export type Migrated = Readonly<{ ran: readonly string[]; already: number; isDistributed: boolean }>;

/**
 * Brings a database up to date, and spreads it over the nodes where it is a Citus coordinator. `appPassword` is the one that the
 * application's role signs in with.
 */
export async function migrate(databaseUrl: string, appPassword: string): Promise<Migrated> {
  const sql = postgres(databaseUrl, {
    max: 1,
    onnotice: () => undefined,
    connection: { application_name: "lotbook-migrate", lock_timeout: 10_000 },
  });
  try {
    // Roles belong to the whole server, so two databases may be migrated at once: one lock for both.
    await sql`select pg_advisory_lock(7310452911)`;
    const isDistributed = await isCitus(sql);
    if (isDistributed) await prepareCitus(sql);
    await roles(sql, appPassword);
    await sql`create schema if not exists app authorization app_owner`;
    await sql`create schema if not exists staging authorization app_owner`;
    const [{ has } = { has: false }] = await sql<
      { has: boolean }[]
    >`select to_regclass('app.migrations') is not null as has`;
    const done = new Map(
      has
        ? (await sql<{ name: string; sha256: string }[]>`select name, sha256 from app.migrations`).map((row) => [
            row.name,
            row.sha256,
          ])
        : [],
    );
    const ran: string[] = [];
    for (const name of (await readdir(folder)).filter((file) => file.endsWith(".sql")).sort()) {
      const text = await readFile(path.join(folder, name), "utf8");
      const sha256 = createHash("sha256").update(text).digest("hex");
      const before = done.get(name);
      if (before !== undefined) {
        if (before !== sha256)
          throw new Error(`${name} was edited after it ran here; migrations only go forward: add a new file`);
        continue;
      }
      await sql.begin(async (tx) => {
        // Citus runs each statement on the nodes in the name of who runs it here: there the tables change hands afterwards.
        if (!isDistributed) await tx.unsafe("set local role app_owner");
        await tx.unsafe("set local search_path = app");
        await tx.unsafe(text);
        await tx`insert into app.migrations (name, sha256, ran_at) values (${name}, ${sha256}, now())`;
      });
      ran.push(name);
    }
    if (isDistributed) await distribute(sql, { app: appPassword, owner: randomBytes(24).toString("base64url") });
    await migrateQueue(databaseUrl, sql, isDistributed);
    return { ran, already: done.size, isDistributed };
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function roles(sql: postgres.Sql, appPassword: string): Promise<void> {
  const there = new Set((await sql<{ rolname: string }[]>`select rolname from pg_roles`).map((row) => row.rolname));
  if (!there.has("app_owner")) await sql.unsafe("create role app_owner nologin nosuperuser nobypassrls");
  if (!there.has("lotbook_app")) await sql.unsafe("create role lotbook_app login nosuperuser nobypassrls");
  // A password cannot be a parameter of ALTER ROLE; quote_literal makes it safe to write out.
  const [{ quoted } = { quoted: "''" }] = await sql<
    { quoted: string }[]
  >`select quote_literal(${appPassword}) as quoted`;
  await sql.unsafe(`alter role lotbook_app with login nosuperuser nobypassrls password ${quoted}`);
  // Before PostgreSQL 18 a plan that reads a table where `enable_seqscan` is off costs so much that it is compiled first, which takes longer
  // than any of them. Said of the role, so that it also holds where a coordinator connects to its nodes.
  await sql.unsafe("alter role lotbook_app set jit = off");
  const [{ user } = { user: "" }] = await sql<{ user: string }[]>`select quote_ident(current_user) as "user"`;
  await sql.unsafe(`grant app_owner to ${user}`);
}
