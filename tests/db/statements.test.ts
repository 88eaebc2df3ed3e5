/**
 * Every statement that the product sends goes to the one node where its business lies. All test files with a database hold what they
 * send against that rule when they end (tests/support/statement-check.ts); here the rule itself is tried, with a violation of each
 * kind, and a story is told in which each part of the product has its say.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asSystem, closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import type { Practice } from "../../integrations/practice/server/index";
import { closeThrough } from "../../lib/books/periods";
import { verifyBooks } from "../../lib/books/verify";
import { type Scope, systemScope } from "../../lib/people/access";
import { removeBusiness } from "../../lib/people/businesses";
import { replay } from "../../lib/replay/run";
import { requestDueSyncs } from "../../lib/sales/schedule";
import { takeDue } from "../../lib/system/outbox";
import { runOf } from "../../lib/system/runs";
import { undoSource } from "../../lib/undo";
import { aMarket, aSeller, connect } from "../../scripts/lib/sellers";
import { makeRunner } from "../../workers/run";
import { history } from "../replay/histories";
import { testDatabase } from "../support/database";
import { catalogueOf, deliberate, statementsSoFar } from "../support/statement-check";
import { type Catalogue, loadParser, refusalsOf } from "../support/statements";

let catalogue: Catalogue;
beforeAll(async () => {
  await loadParser();
  const admin = postgres((await testDatabase()).url, { max: 1, onnotice: () => undefined });
  catalogue = await catalogueOf(admin);
  await admin.end();
});
afterAll(closeDatabase);

describe("what a node can be sent", () => {
  test.each([
    ["a table with its business", "select id from app.items where business_id = $1 and name = $2"],
    ["a constant, with a cast", "select id from app.items i where i.business_id = 'a'::uuid"],
    [
      "two tables, each with its business",
      "select 1 from app.lots l, app.items i where l.business_id = $1 and i.business_id = $1",
    ],
    [
      "two tables of one business",
      "select 1 from app.lots l join app.items i on i.business_id = l.business_id and i.id = l.item_id where l.business_id = $1",
    ],
    [
      "a join by the name of the column",
      "select 1 from app.lots l left join app.items i using (business_id) where l.business_id = $1",
    ],
    [
      "a subselect with its own",
      "select (select count(*) from app.lots l where l.business_id = $1) from app.items i where i.business_id = $1",
    ],
    [
      "rows with their business",
      "insert into app.pins (business_id, sale_id) values ($1, $2), ($3, $4) on conflict do nothing returning sale_id",
    ],
    [
      "many rows, from where they wait",
      "insert into app.pins (business_id, sale_id) select s.business_id, s.c1 from staging.rows s where s.business_id = $1 and s.batch = $2 order by s.place",
    ],
    [
      "a change that is given its moment",
      "update app.runs set ended_at = now(), note = coalesce(note, $3) where business_id = $1 and id = $2",
    ],
    [
      "a change by a list",
      "update app.lots l set left_qty = u.q from unnest($2::text[], $3::bigint[]) u (id, q) where l.business_id = $1 and l.id = u.id",
    ],
    [
      "the coordinator's own tables",
      "update app.outbox set relayed_at = now() where id in (select id from app.outbox limit 1 for update skip locked) returning id",
    ],
    ["a lock of one row", "select 1 from app.businesses where business_id = $1 for update"],
    ["what says the business", "SET LOCAL app.business_id = 'a'"],
  ])("%s", (_name, statement) => {
    expect(refusalsOf(statement, catalogue)).toEqual([]);
  });

  test.each([
    ["no business", "select id from app.items where name = $1", "items has no business_id"],
    [
      "a business that is one of many",
      "select id from app.items where business_id = any($1)",
      "items has no business_id",
    ],
    [
      "a business that may be another",
      "select id from app.items where business_id = $1 or name = $2",
      "items has no business_id",
    ],
    [
      "a business of a list",
      "select 1 from app.items i, unnest($1::uuid[]) u (b) where i.business_id = u.b",
      "items (i) has no",
    ],
    [
      "a joined table without",
      "select 1 from app.items i join app.lots l on l.item_id = i.id where i.business_id = $1",
      "lots (l) has no",
    ],
    [
      "a subselect that leans on what is around it",
      "select 1 from app.items i where i.business_id = $1 and exists (select 1 from app.lots l where l.business_id = i.business_id)",
      "lots (l) has no",
    ],
    [
      "two that lean on each other",
      "select 1 from app.items i join app.lots l on l.business_id = i.business_id",
      "items (i) has no",
    ],
    [
      "a part of a union without",
      "select id from app.items where business_id = $1 union select id from app.lots",
      "lots has no",
    ],
    [
      "a WITH without",
      "with l as (select * from app.lots) select 1 from l join app.items i on i.business_id = $1",
      "lots has no",
    ],
    ["a change without", "update app.items set name = $1 where id = $2", "items has no"],
    [
      "a table that a change reads",
      "update app.items i set name = l.source from app.lots l where i.business_id = $1 and l.item_id = i.id",
      "lots (l) has no",
    ],
    [
      "what a delete reads",
      "delete from app.items i using app.lots l where i.business_id = $1 and l.item_id = i.id",
      "lots (l) has no",
    ],
    [
      "rows of a list",
      "insert into app.pins (business_id, sale_id) select $1, u.s from unnest($2::text[]) u (s)",
      "takes business_id from a tenant's table",
    ],
    ["rows of an unnamed business", "insert into app.pins (sale_id) values ($1)", "names business_id"],
    [
      "rows of whatever business it is",
      "insert into app.pins (business_id, sale_id) values (current_setting('app.business_id')::uuid, $1)",
      "parameter or a constant",
    ],
    [
      "a value that is asked for",
      "insert into app.pins (business_id, sale_id) values ($1, (select id from app.lots where business_id = $1))",
      "VALUES has no subselect",
    ],
    [
      "some of a business's rows",
      "insert into app.pins (business_id, sale_id) select business_id, id from app.lots where business_id = $1 limit 5",
      "limitCount",
    ],
    [
      "rows put in beside others taken out",
      "with gone as (delete from app.pins where business_id = $1 and sale_id = $2) insert into app.pins (business_id, sale_id) select business_id, id from app.lots where business_id = $1",
      "an insert has no WITH",
    ],
    ["a change of business", "update app.items set business_id = $1 where business_id = $2", "never changed"],
    [
      "people beside a business's rows",
      "select u.name from app.members m join app.users u on u.id = m.user_id where m.business_id = $1",
      "on the coordinator",
    ],
    [
      "a lock that others step over",
      "select 1 from app.runs where business_id = $1 for update skip locked",
      "SKIP LOCKED",
    ],
    [
      "a moment that depends",
      "update app.runs set started_at = coalesce(started_at, now()) where business_id = $1",
      "COALESCE or CASE",
    ],
    ["chance in a change", "update app.items set name = random()::text where business_id = $1", "volatile"],
    [
      "a setting in a change",
      "update app.items set name = to_char(created_at, 'YYYY') where business_id = $1",
      "is given a column",
    ],
    [
      "text of a day in RETURNING",
      "delete from app.lots where business_id = $1 returning on_date::text",
      "in RETURNING",
    ],
    [
      "a moment in ON CONFLICT",
      "insert into app.runs (business_id, id) values ($1, $2) on conflict (business_id, id) do update set ended_at = now()",
      "in ON CONFLICT",
    ],
    ["a lock that only one node knows", "select pg_advisory_xact_lock(1)", "across nodes"],
    ["a setting that is not passed on", "select set_config('app.business_id', $1, true)", "across nodes"],
    ["COPY under row-level security", "copy app.items (business_id) from stdin", "stage it"],
    ["a table of nobody", "select 1 from app.nothing", "no table of the catalogue"],
    [
      "a cursor over all businesses",
      "declare c cursor for select id from app.orders",
      "orders has no business_id = … of its own",
    ],
    [
      "a cursor with a parameter",
      "declare c cursor for select id from app.orders where business_id = $1",
      "a cursor has no parameters",
    ],
    ["making a table", "create temporary table t (id int)", "is not sent by the product"],
  ])("is not %s", (_name, statement, why) => {
    expect(refusalsOf(statement, catalogue).join("; ")).toContain(why);
  });

  test("is read by PostgreSQL 15's own parser, which knows nothing newer", () => {
    expect(() => refusalsOf("select json_table('[]', '$[*]' columns (a int)) from app.items", catalogue)).toThrow();
  });
});

test("no file of the product is let off", () => {
  const root = path.join(import.meta.dirname, "../..");
  const files = ["app", "db", "integrations", "lib", "workers"].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      .map((entry) => path.join(entry.parentPath, entry.name)),
  );
  expect(files.length).toBeGreaterThan(150);
  expect(files.filter((file) => readFileSync(file, "utf8").includes(deliberate))).toEqual([]);
});

describe("a story of every part", () => {
  let market: Practice;
  let scope: Scope;
  beforeAll(async () => {
    market = await aMarket({ orders: 120 });
    scope = await aSeller();
  });
  afterAll(() => market.close());

  /** Runs what was asked for, as a worker does, until nothing is due. */
  const work = async () => {
    const runner = makeRunner(new AbortController().signal);
    for (let round = 0; round < 200; round += 1) {
      const rows = await takeDue(100);
      if (rows.length === 0) return;
      for (const row of rows) await runner.run(row.id);
    }
    throw new Error("the work does not end");
  };

  test("histories of all kinds of facts, recorded in bulk, proved, and thrown away", async () => {
    // Many of one kind without an undo or a close among them, so that they go by COPY.
    const many = Array.from({ length: 300 }, (_, n) => ({ kind: "item", id: `many-${n}`, name: `One of many ${n}` }));
    const lines = [...history(1, 420), ...many].map((value, i) => ({ line: i + 1, value }));
    const done = await replay(lines, { chunk: null, keeps: true, name: "statements" });
    expect((await verifyBooks({ businessId: done.businessId })).findings).toBe(0);
    await removeBusiness(await systemScope(done.businessId));
    expect(statementsSoFar().some((statement) => statement.startsWith("copy staging.rows"))).toBe(true);
  }, 120_000);

  test("a channel: connected, pulled, read, undone, pulled again by the clock, proved, closed", async () => {
    const { run } = await connect(scope);
    await work();
    expect(await runOf(scope, run ?? "")).toMatchObject({ state: "done" });
    await undoSource(scope, run ?? "", { source: null, userId: null });
    await asSystem("the channel is due", (tx) => tx.execute(sql`update app.due set due_at = now()`));
    await requestDueSyncs(60_000);
    await work();
    expect((await verifyBooks(scope)).findings).toBe(0);
    await closeThrough(scope, "2025-12-31");
    const [row] = await inBusiness(scope, (tx) =>
      rowsOf<{ n: number }>(tx, sql`select count(*)::int as n from app.orders where business_id = ${scope.businessId}`),
    );
    expect(row?.n).toBeGreaterThan(90);
  }, 120_000);

  test("was heard", () => {
    const heard = statementsSoFar();
    expect(heard.length).toBeGreaterThan(150);
    for (const kind of [
      /^\s*select/i,
      /^\s*insert into app\./i,
      /^\s*update app\./i,
      /^\s*delete from app\./i,
      /for update/i,
    ])
      expect(heard.filter((statement) => kind.test(statement)).length, String(kind)).toBeGreaterThan(3);
    for (const table of ["outbox", "runs", "facts", "postings", "lots", "order_lines", "raw_documents", "audit_trail"])
      expect(
        heard.some((statement) => statement.includes(`app.${table}`)),
        table,
      ).toBe(true);
  });
});
