/**
 * The move to Citus, on a plain PostgreSQL: what is distributed and in which order is compared with the catalogue, and the whole
 * `migrate` runs against a stand-in that records what it is asked and refuses what Citus refuses. That the real one takes it, only a
 * real cluster can show (docs/scaling.md says how to try).
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { sql as text } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { distribution, distributionFile, parentsFirst, tablesOf } from "../../db/citus";
import { startThrowaway } from "../../db/embedded";
import { migrate } from "../../db/migrate";
import { isTenantTable, localTables, stagingTable } from "../../db/placement";
import { reading } from "../../db/reading";
import { asSystem, closeDatabase, expectRows, rowsOf, type Tx } from "../../db/scope";
import { newId } from "../../lib/system/ids";
import { testDatabase } from "../support/database";

let sql: postgres.Sql;
beforeAll(async () => {
  sql = postgres((await testDatabase()).url, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await Promise.all([sql.end(), closeDatabase()]);
});

/** Citus's name in the catalogue of extensions, which is what the product looks for. */
const asCitus = `
  set allow_system_table_mods = on;
  insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
    values (999999, 'citus', 10, 'pg_catalog'::regnamespace, false, '13.2-1')`;

describe("a coordinator's plans", () => {
  const modeOf = async (tx: Tx) => (await rowsOf<{ plan_cache_mode: string }>(tx, text`show plan_cache_mode`))[0];
  const modes = async () => ({
    writing: await asSystem("a test asks how it is planned", async (tx) => {
      await expectRows(tx, false);
      return modeOf(tx);
    }),
    reading: await reading({ businessId: newId(), rows: "few" }, (tx) => modeOf(tx)),
  });
  const both = (mode: string) => ({ writing: { plan_cache_mode: mode }, reading: { plan_cache_mode: mode } });

  test("are never ones for any values: it cannot tell then which node a statement goes to", async () => {
    expect(await modes()).toEqual(both("force_generic_plan"));
    await closeDatabase();
    await sql.unsafe(asCitus);
    try {
      expect(await modes()).toEqual(both("auto"));
    } finally {
      await sql.unsafe("delete from pg_extension where oid = 999999");
      await closeDatabase();
    }
  });
});

const tableIn = (statement: string) => /_table\('([a-z_.]+)'/.exec(statement)?.[1] ?? statement;

describe("the distribution", () => {
  test("names every table of a business once, and none of the others", async () => {
    const { names, references } = await tablesOf(sql);
    const spread = distribution(names, references).map(tableIn);
    expect([...spread].sort()).toEqual(
      [...names.filter(isTenantTable).map((name) => `app.${name}`), stagingTable].sort(),
    );
    expect(names.length).toBeGreaterThan(40);
    for (const local of Object.keys(localTables)) expect(spread).not.toContain(`app.${local}`);
  });

  test("comes to parents before their children, and begins with the business's own row", async () => {
    const { names, references } = await tablesOf(sql);
    const order = distribution(names, references).map(tableIn);
    expect(order[0]).toBe("app.businesses");
    expect(references.length).toBeGreaterThan(30);
    const late = references.filter(
      ({ from, to }) => isTenantTable(from) && order.indexOf(`app.${to}`) > order.indexOf(`app.${from}`),
    );
    expect(late).toEqual([]);
  });

  test("does not depend on the order in which tables are found, and refuses a circle", () => {
    const references = [
      { from: "a", to: "b" },
      { from: "b", to: "c" },
      { from: "b", to: "b" },
    ];
    expect(parentsFirst(["a", "b", "c"], references)).toEqual(["c", "b", "a"]);
    expect(parentsFirst(["c", "b", "a"], references)).toEqual(["c", "b", "a"]);
    expect(() => parentsFirst(["a", "b"], [...references, { from: "b", to: "a" }])).toThrow("circle");
  });

  test("is what scripts/citus/distribute.sql says (npx tsx scripts/distribute.ts writes it anew)", async () => {
    const { names, references } = await tablesOf(sql);
    const file = path.join(import.meta.dirname, "../../scripts/citus/distribute.sql");
    expect(readFileSync(file, "utf8")).toBe(distributionFile(names, references));
  });
});

/** Looks like a Citus coordinator to `migrate`: the extension's name, its list of tables, and functions that refuse what Citus refuses. */
const standIn = `${asCitus};
  create table public.pg_dist_partition (nth serial, logicalrelid regclass unique, colocated text);
  create table public.dies_at (at text);
  create table public.asked (nth serial, command text);
  create function public.run_command_on_workers(command text) returns table (nodename text, nodeport int, success boolean, result text)
    language plpgsql as $$ begin
      insert into public.asked (command) values (command);
      return query select 'worker', 5432, true, case when command not like 'show%' then 'done'
        when exists (select 1 from public.asked a where a.command like 'alter system%') then 'on' else 'off' end; end $$;
  create function public.create_distributed_table(name regclass, by text, colocate_with text) returns void language plpgsql as $$
    declare bad text; begin
      if exists (select 1 from public.pg_dist_partition where logicalrelid = name) then raise 'table % is already distributed', name; end if;
      if colocate_with <> 'none' and not exists (select 1 from public.pg_dist_partition where logicalrelid = colocate_with::regclass) then
        raise '% is not distributed', colocate_with; end if;
      select tgname into bad from pg_trigger where tgrelid = name and not tgisinternal and ((tgtype & 1) = 0 or tgdeferrable) limit 1;
      if bad is not null then raise 'trigger % is by statement or deferred', bad; end if;
      if current_setting('citus.enable_unsafe_triggers', true) is distinct from 'on'
        and exists (select 1 from pg_trigger where tgrelid = name and not tgisinternal) then raise 'triggers are not supported'; end if;
      select confrelid::regclass::text into bad from pg_constraint where contype = 'f' and conrelid = name and confrelid <> name
        and confrelid not in (select logicalrelid from public.pg_dist_partition) limit 1;
      if bad is not null then raise '% refers to %, which is not distributed', name, bad; end if;
      if (select relowner from pg_class where oid = name) <> 'app_owner'::regrole then raise '% is not the owner''s', name; end if;
      if exists (select 1 from public.dies_at where at = name::text) then raise 'the connection is lost'; end if;
      insert into public.pg_dist_partition (logicalrelid, colocated) values (name, colocate_with);
    end $$;`;

describe("migrate, at a coordinator", () => {
  // A server of its own: roles belong to the whole of one, and what happens to them here is not for the other test files.
  let cluster: Awaited<ReturnType<typeof startThrowaway>>;
  let made = 0;
  beforeAll(async () => {
    cluster = await startThrowaway();
  });
  afterAll(() => cluster.stop());
  const coordinator = async () => {
    made += 1;
    const server = postgres(cluster.url("postgres"), { max: 1, onnotice: () => undefined });
    await server.unsafe(`create database coordinator_${made}`);
    await server.end();
    const url = cluster.url(`coordinator_${made}`);
    const admin = postgres(url, { max: 1, onnotice: () => undefined });
    await admin.unsafe(standIn);
    return { url, appPassword: "between-nodes", admin };
  };

  test("spreads everything, says so, and does nothing the second time", async () => {
    const { url, appPassword, admin } = await coordinator();
    try {
      expect(await migrate(url, appPassword)).toMatchObject({ isDistributed: true });
      const spread = await admin<{ name: string; colocated: string }[]>`
        select logicalrelid::text as name, colocated from public.pg_dist_partition order by nth`;
      const { names, references } = await tablesOf(admin);
      expect(spread.map((row) => row.name)).toEqual(distribution(names, references).map(tableIn));
      expect(new Set(spread.slice(1).map((row) => row.colocated))).toEqual(new Set(["app.businesses"]));
      expect((await migrate(url, appPassword)).ran).toEqual([]);
      const asked = await admin<{ command: string }[]>`select command from public.asked order by nth`;
      expect(asked.map((row) => row.command)).toEqual([
        "show citus.enable_unsafe_triggers",
        "alter system set citus.enable_unsafe_triggers = on",
        "select pg_reload_conf()",
        "show citus.enable_unsafe_triggers",
      ]);
    } finally {
      await admin.end();
    }
  });

  test("goes on where it was stopped", async () => {
    const { url, appPassword, admin } = await coordinator();
    try {
      await admin.unsafe("insert into public.dies_at values ('app.lots')");
      await expect(migrate(url, appPassword)).rejects.toThrow("the connection is lost");
      const [before] = await admin<{ n: number }[]>`select count(*)::int as n from public.pg_dist_partition`;
      expect(before?.n).toBeGreaterThan(5);
      await admin.unsafe("delete from public.dies_at");
      await migrate(url, appPassword);
      const { names } = await tablesOf(admin);
      const [after] = await admin<{ n: number }[]>`select count(*)::int as n from public.pg_dist_partition`;
      expect(after?.n).toBe(names.filter(isTenantTable).length + 1);
    } finally {
      await admin.end();
    }
  });

  test("leaves everything the owner's, guards by row alone, and the sessions' settings on the roles", async () => {
    const { url, appPassword, admin } = await coordinator();
    try {
      await migrate(url, appPassword);
      const strangers = await admin`
        select c.relname from pg_class c where c.relnamespace in ('app'::regnamespace, 'staging'::regnamespace)
          and c.relkind = 'r' and c.relowner <> 'app_owner'::regrole
        union all select p.proname from pg_proc p where p.pronamespace = 'app'::regnamespace and p.proowner <> 'app_owner'::regrole`;
      expect(strangers).toEqual([]);
      const triggers = await admin<{ name: string }[]>`
        select distinct tgname as name from pg_trigger g join pg_class c on c.oid = g.tgrelid
        where c.relnamespace = 'app'::regnamespace and not tgisinternal and (tgtype & 1) = 0`;
      expect(triggers).toEqual([]);
      const [role] = await admin<{ settings: string[] }[]>`
        select setconfig as settings from pg_db_role_setting s join pg_roles r on r.oid = s.setrole where r.rolname = 'lotbook_app'`;
      expect(role?.settings).toEqual(["jit=off", "citus.propagate_set_commands=local", "TimeZone=UTC"]);
    } finally {
      // Roles belong to the whole server: the other test files' application has its own again.
      await admin.unsafe(
        "alter role lotbook_app reset all; alter role lotbook_app set jit = off; alter role app_owner reset all; alter role app_owner nologin",
      );
      await admin.end();
    }
  });
});
