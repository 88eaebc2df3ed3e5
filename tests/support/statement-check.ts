/** Hears every statement that a test file's own process sends, and holds each distinct one against the rules when the file has ended. */
import postgres from "postgres";
import { afterAll, beforeAll, expect } from "vitest";
import { localTables } from "../../db/placement";
import { onStatement } from "../../db/scope";
import { testDatabase } from "./database";
import { type Catalogue, loadParser, refusalsOf } from "./statements";

const heard = new Set<string>();

/** The distinct statements that this file has sent so far. */
export const statementsSoFar = (): readonly string[] => [...heard];

/** What a test itself looks at or breaks over all businesses says so in its text; no file of the product may. */
export const deliberate = "/* over all businesses, on purpose */";

/** Reads the catalogue of a migrated database: its tables with their columns' types, its functions. */
export async function catalogueOf(sql: postgres.Sql): Promise<Catalogue> {
  const tenant = new Map<string, Map<string, string>>();
  for (const { name, column, type } of await sql<{ name: string; column: string; type: string }[]>`
      select case when n.nspname = 'app' then c.relname else n.nspname || '.' || c.relname end as name, a.attname as column,
        format_type(a.atttypid, null) as type
      from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
      where n.nspname in ('app', 'staging') and c.relkind = 'r' and not a.attisdropped`) {
    if (Object.hasOwn(localTables, name)) continue;
    tenant.set(name, (tenant.get(name) ?? new Map<string, string>()).set(column, type));
  }
  const volatility = new Map(
    (
      await sql<{ name: string; volatility: "i" | "s" | "v" }[]>`
        select proname as name, case when bool_or(provolatile = 'v') then 'v' when bool_or(provolatile = 's') then 's' else 'i' end as volatility
        from pg_proc group by proname`
    ).map((row) => [row.name, row.volatility]),
  );
  return { tenant, local: new Set(Object.keys(localTables)), volatility };
}

/** From the file's first import to its end. */
export function checkStatements(): void {
  onStatement((statement) => heard.add(statement));
  beforeAll(loadParser);
  afterAll(async () => {
    if (heard.size === 0) return;
    const sql = postgres((await testDatabase()).url, { max: 1, onnotice: () => undefined });
    try {
      const catalogue = await catalogueOf(sql);
      const wrong = [...heard]
        .filter((statement) => !statement.includes(deliberate))
        .flatMap((statement) => {
          const why = refusalsOf(statement, catalogue);
          return why.length === 0 ? [] : [`${why.join("; ")}\n    ${statement.replace(/\s+/g, " ").slice(0, 1_500)}`];
        });
      expect(wrong, "statements that Citus would refuse or send to every node (tests/support/statements.ts)").toEqual(
        [],
      );
    } finally {
      await sql.end();
    }
  });
}
