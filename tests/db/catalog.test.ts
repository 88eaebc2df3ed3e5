/** The database's own rules: that they hold for every table, and that each of them can be seen to fail. */
import { getTableColumns, getTableName, is } from "drizzle-orm";
import { PgTable } from "drizzle-orm/pg-core";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { localTables, referenceTables } from "../../db/placement";
import * as schema from "../../db/schema";
import { testDatabase } from "../support/database";
import { catalog, planted } from "./queries";

let sql: postgres.Sql;
beforeAll(async () => {
  sql = postgres((await testDatabase()).url, { max: 1, onnotice: () => undefined });
});
afterAll(() => sql.end());

describe.each(Object.keys(catalog))("%s", (name) => {
  const query = catalog[name] ?? "";
  test("holds", async () => {
    expect((await sql.unsafe(query)).map((row) => row.found)).toEqual([]);
  });
  test("can be seen to fail", async () => {
    await sql.unsafe("begin");
    try {
      await sql.unsafe(planted[name] ?? "");
      expect((await sql.unsafe(query)).length).toBeGreaterThan(0);
    } finally {
      await sql.unsafe("rollback");
    }
  });
});

const exported: readonly unknown[] = Object.values(schema);
const tables = exported.filter((value): value is PgTable => is(value, PgTable));

test("the schema in code and the migrations say the same of every column", async () => {
  const inCode = tables
    .flatMap((table) =>
      Object.values(getTableColumns(table)).map((column) => {
        const type = column.getSQLType().replace(/ COLLATE "C"$/, " C");
        return `${getTableName(table)}.${column.name} ${type} ${column.notNull || column.primary ? "not null" : "null"}`;
      }),
    )
    .sort();
  const inDatabase = (
    await sql<{ line: string }[]>`
      select c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
        || case when l.collname = 'C' then ' C' else '' end || case when a.attnotnull then ' not null' else ' null' end as line
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_collation l on l.oid = a.attcollation
      where n.nspname = 'app' and c.relkind = 'r'`
  )
    .map((row) => row.line)
    .sort();
  expect(inCode).toEqual(inDatabase);
});

test("a local or reference table is one that the schema has", () => {
  const names = new Set<string>(tables.map((table) => getTableName(table)));
  expect(Object.keys({ ...localTables, ...referenceTables }).filter((name) => !names.has(name))).toEqual([]);
});
