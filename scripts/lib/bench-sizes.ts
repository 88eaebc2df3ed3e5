/** What an order costs in rows and bytes, table by table: what docs/scaling.md reckons with. */
import postgres from "postgres";
import { replay } from "../../lib/replay/run";

type Row = Readonly<Record<string, string | number>>;
type Size = Readonly<{ name: string; table: number; indexes: number }>;

/** Sizes of all tables of schema `app`, in bytes: what is in them, with what is kept out of line, and their indexes. */
const sizes = (sql: postgres.Sql) => sql<Size[]>`
  select c.relname as name, pg_table_size(c.oid)::float8 as table, pg_indexes_size(c.oid)::float8 as indexes
  from pg_class c where c.relnamespace = 'app'::regnamespace and c.relkind = 'r' order by 1`;

/**
 * Replays a history of `lines` orders with one line each into an empty database and gives, for each table that grew, its rows and bytes
 * an order, and the sum.
 */
export async function benchSizes(lines: number, history: { line: number; value: unknown }[]): Promise<Row[]> {
  const sql = postgres(process.env.DATABASE_URL ?? "", { max: 1, onnotice: () => undefined });
  try {
    const before = new Map((await sizes(sql)).map((size) => [size.name, size]));
    const done = await replay(history, { chunk: null, keeps: true, name: "sizes" });
    const rows: Row[] = [];
    const sum = { rows: 0, table: 0, indexes: 0 };
    for (const { name, table, indexes } of await sizes(sql)) {
      const was = before.get(name);
      const grown = { table: table - (was?.table ?? 0), indexes: indexes - (was?.indexes ?? 0) };
      const [count] = await sql.unsafe<{ n: number }[]>(`select count(*)::int as n from app.${name}`);
      const n = count?.n ?? 0;
      if (n < lines / 1_000) continue;
      sum.rows += n;
      sum.table += grown.table;
      sum.indexes += grown.indexes;
      rows.push(line(name, { rows: n, ...grown }, lines));
    }
    rows.push({
      ...line("all", sum, lines),
      "µs an order": Math.round((done.timings.seconds.all * 1e6) / lines),
    });
    return rows;
  } finally {
    await sql.end();
  }
}

function line(table: string, of: Readonly<{ rows: number; table: number; indexes: number }>, orders: number): Row {
  return {
    table,
    "rows an order": Math.round((of.rows * 100) / orders) / 100,
    "bytes an order": Math.round((of.table + of.indexes) / orders),
    "of which indexes": Math.round(of.indexes / orders),
  };
}
