/**
 * The move to Citus: with a Citus coordinator behind DATABASE_URL, `npm run migrate` spreads the tenants' tables over its nodes by
 * `business_id`, beside each other, parents before their children (docs/scaling.md). Each statement looks first whether it is done,
 * and each is a transaction of its own: a migration that was killed goes on where it stopped.
 */
import type postgres from "postgres";
import { invariant } from "../lib/core/errors";
import { askCitus, isTenantTable, localTables, referenceTables, stagingTable } from "./placement";

/** A key from one table to another, by their names in schema `app`. */
export type Reference = Readonly<{ from: string; to: string }>;

/** The table by which all others are placed: a business's own row. */
const anchor = "businesses";

/** What sessions that make tables need: Citus calls every trigger by row unsafe; ours look at their own business only. */
const unsafeTriggers = "citus.enable_unsafe_triggers = on";

/** The tenants' tables, those that others refer to first; by name where nothing else decides, so that the order is always the same. */
export function parentsFirst(tables: readonly string[], references: readonly Reference[]): readonly string[] {
  const left = new Set([...tables].sort());
  const ordered: string[] = [];
  while (left.size > 0) {
    const next =
      ordered.length === 0 && left.has(anchor)
        ? anchor
        : [...left].find((name) => references.every(({ from, to }) => from !== name || to === name || !left.has(to)));
    invariant(next !== undefined, `keys go round in a circle among ${[...left].join(", ")}`);
    left.delete(next);
    ordered.push(next);
  }
  return ordered;
}

/**
 * What makes a migrated database a distributed one, in order. Pure: scripts/citus/distribute.sql is this, written out, and a test
 * compares it with the catalogue. `names` are all tables of schema `app`, `references` the keys between them.
 */
export function distribution(names: readonly string[], references: readonly Reference[]): readonly string[] {
  const tenants = parentsFirst(names.filter(isTenantTable), references);
  const isNotYet = (name: string) =>
    `where not exists (select 1 from pg_dist_partition where logicalrelid = '${name}'::regclass)`;
  const spread = (name: string) => {
    const beside = name === `app.${anchor}` ? "none" : `app.${anchor}`;
    return `select create_distributed_table('${name}', 'business_id', colocate_with => '${beside}') ${isNotYet(name)}`;
  };
  return [
    ...names
      .filter((name) => Object.hasOwn(referenceTables, name))
      .sort()
      .map((name) => `select create_reference_table('app.${name}') ${isNotYet(`app.${name}`)}`),
    ...tenants.map((name) => spread(`app.${name}`)),
    spread(stagingTable),
  ];
}

/** The same as a file to be read and run by hand, with the reasons of what stays. */
export function distributionFile(names: readonly string[], references: readonly Reference[]): string {
  const stays = Object.entries(localTables).map(([name, reason]) => `--   ${name}: ${reason}`);
  return [
    "-- Spreads the tables over the nodes of a Citus cluster by business. Written by scripts/distribute.ts; `npm run migrate` does the same",
    "-- by itself, after it has taken away the triggers by statement, which Citus refuses.",
    "--",
    "-- These stay on the coordinator, with the queue's own (schema bullmq):",
    ...stays,
    `set ${unsafeTriggers};`,
    ...distribution(names, references).map((statement) => `${statement};`),
    "",
  ].join("\n");
}

/** Is the database a Citus coordinator? */
export async function isCitus(sql: postgres.Sql): Promise<boolean> {
  const [row] = await sql.unsafe<{ is: boolean }[]>(askCitus);
  return row?.is ?? false;
}

/** The tables of schema `app` and the keys between them. */
export async function tablesOf(
  sql: postgres.Sql,
): Promise<Readonly<{ names: readonly string[]; references: readonly Reference[] }>> {
  const tables = await sql<{ name: string }[]>`
    select c.relname as name from pg_class c where c.relnamespace = 'app'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    order by c.relname collate "C"`;
  const references = await sql<Reference[]>`
    select distinct f.relname as "from", t.relname as "to" from pg_constraint k
    join pg_class f on f.oid = k.conrelid join pg_class t on t.oid = k.confrelid
    where k.contype = 'f' and f.relnamespace = 'app'::regnamespace`;
  return { names: tables.map((row) => row.name), references };
}

/** Before the migrations: the session that makes tables, and every worker, which makes them too, allow triggers by row. */
export async function prepareCitus(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`set ${unsafeTriggers}`);
  const onWorkers = (command: string) => sql<{ success: boolean; result: string }[]>`
    select success, result from run_command_on_workers(${command})`;
  if ((await onWorkers("show citus.enable_unsafe_triggers")).every(({ result }) => result === "on")) return;
  for (const command of [`alter system set ${unsafeTriggers}`, "select pg_reload_conf()"]) {
    const refused = (await onWorkers(command)).find(({ success }) => !success);
    if (refused !== undefined)
      throw new Error(
        `A worker does not allow triggers: set ${unsafeTriggers} on each worker by hand. ${refused.result}`,
      );
  }
}

/**
 * After the migrations. The application's sessions say the business on every node (`SET LOCAL` is passed on, set_config is not) and
 * have one time zone everywhere; the owner may sign in, because Citus moves shards and runs the owner's functions in its name; both
 * find their way between nodes that ask for a password. Then the tables are spread.
 */
export async function distribute(
  sql: postgres.Sql,
  passwords: Readonly<{ app: string; owner: string }>,
): Promise<void> {
  await sql.unsafe("alter role lotbook_app set citus.propagate_set_commands = 'local'");
  await sql.unsafe("alter role lotbook_app set timezone = 'UTC'");
  await sql.unsafe("alter role app_owner set citus.propagate_set_commands = 'local'");
  await signIn(sql, "app_owner", passwords.owner);
  if (passwords.app !== "") await wayBetweenNodes(sql, "lotbook_app", passwords.app);
  await ownAll(sql);
  const { names, references } = await tablesOf(sql);
  await dropGuards(sql, names);
  for (const statement of distribution(names, references)) await sql.unsafe(statement);
}

async function signIn(sql: postgres.Sql, role: "app_owner", password: string): Promise<void> {
  const [{ quoted } = { quoted: "''" }] = await sql<{ quoted: string }[]>`select quote_literal(${password}) as quoted`;
  await sql.unsafe(`alter role ${role} with login nosuperuser nobypassrls password ${quoted}`);
  await wayBetweenNodes(sql, role, password);
}

/** Nodes sign in at each other as whoever asks. Where they ask for a password, Citus looks here; only a superuser may say it. */
async function wayBetweenNodes(sql: postgres.Sql, role: string, password: string): Promise<void> {
  const [can] = await sql<{ can: boolean }[]>`
    select to_regclass('pg_catalog.pg_dist_authinfo') is not null
      and (select rolsuper from pg_roles where rolname = current_user) as can`;
  if (can?.can !== true) return;
  const info = `password='${password.replace(/[\\']/g, "\\$&")}'`;
  await sql.begin(async (tx) => {
    await tx`delete from pg_catalog.pg_dist_authinfo where nodeid = 0 and rolename = ${role}`;
    await tx`insert into pg_catalog.pg_dist_authinfo (nodeid, rolename, authinfo) values (0, ${role}, ${info})`;
  });
}

/**
 * On Citus the migrations run as the login itself, because each of their statements goes to the nodes in the name of who runs it.
 * What they made belongs to the owner afterwards, as everywhere.
 */
async function ownAll(sql: postgres.Sql): Promise<void> {
  const things = await sql<{ statement: string }[]>`
    select format('alter table %I.%I owner to app_owner', n.nspname, c.relname) as statement
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('app', 'staging') and c.relkind in ('r', 'p') and c.relowner <> 'app_owner'::regrole
    union all
    select format('alter function %s owner to app_owner', p.oid::regprocedure)
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname in ('app', 'staging') and p.proowner <> 'app_owner'::regrole
    order by 1`;
  for (const { statement } of things) await sql.unsafe(statement);
}

/**
 * Citus refuses triggers by statement: the guards against truncate go, and that no truncate is granted stays. The guards of the audit
 * trail are asked at commit, and Citus only warns when a node refuses to commit, so what they refused would be lost without a word: they
 * go too, with the note that they look for; that services write the audit row in the same transaction stays.
 */
async function dropGuards(sql: postgres.Sql, names: readonly string[]): Promise<void> {
  const triggers = await sql<{ name: string; table: string }[]>`
    select g.tgname as name, c.relname as table from pg_trigger g join pg_class c on c.oid = g.tgrelid
    where c.relnamespace = 'app'::regnamespace and not g.tgisinternal
      and ((g.tgtype & 1) = 0 or g.tgdeferrable or g.tgfoid = 'app.note_audit'::regproc) order by 1, 2`;
  for (const { name, table } of triggers) {
    if (names.includes(table) && isTenantTable(table)) await sql.unsafe(`drop trigger ${name} on app.${table}`);
  }
}
