/**
 * The bare database, as the bound that the product is measured against: the very rows that some work wrote, written again into tables of
 * the same columns and indexes, without keys to parents, guards or row-level security.
 */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import postgres from "postgres";

export type Sql = postgres.Sql;

/** A connection as the owner, who sees all businesses. */
export async function asOwner<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = postgres(process.env.DATABASE_URL ?? "", { max: 1, onnotice: () => undefined });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

/** Statistics as autovacuum would have them after a while. */
export const analyze = () => asOwner((sql) => sql.unsafe("analyze"));

/** A moment among transactions: what is written after it is told apart by its `xmin`. */
export async function now(sql: Sql): Promise<string> {
  const [row] = await sql<{ at: string }[]>`select pg_current_xact_id()::text as at`;
  return row?.at ?? "0";
}

/** The rows of a business that were written since a moment and are there now, whether new or changed: a query for each table. */
async function written(
  sql: Sql,
  business: string,
  since: string,
): Promise<readonly Readonly<{ table: string; query: string; rows: number }>[]> {
  const tables = await sql<{ name: string }[]>`
    select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'business_id'
    where c.relnamespace = 'app'::regnamespace and c.relkind = 'r' and c.relname not in ('outbox', 'due', 'directory') order by 1`;
  const found: { table: string; query: string; rows: number }[] = [];
  for (const { name } of tables) {
    // Every benchmark has a cluster of its own, far from the wrap of these numbers.
    const query = `select t.* from app.${name} t where t.business_id = '${business}' and t.xmin::text::bigint > ${since}`;
    const [count] = await sql.unsafe<{ n: number }[]>(`select count(*)::int as n from (${query}) q`);
    if ((count?.n ?? 0) > 0) found.push({ table: name, query, rows: count?.n ?? 0 });
  }
  return found;
}

const fresh = (table: string) =>
  `drop table if exists public.bare_${table}; create table public.bare_${table} (like app.${table} including defaults including indexes)`;

/** COPY of those rows, table by table in one transaction: seconds and rows, all of them and the new ones among them. */
export async function copyOf(
  business: string,
  since: string,
  changed: ReadonlySet<string> = new Set(),
): Promise<{ rows: number; seconds: number; newRows: number; newSeconds: number }> {
  return asOwner(async (sql) => {
    const sum = { rows: 0, seconds: 0, newRows: 0, newSeconds: 0 };
    for (const { table, query, rows } of await written(sql, business, since)) {
      // Held in memory first, so that only the writing is timed.
      const chunks: Buffer[] = [];
      for await (const chunk of await sql.unsafe(`copy (${query}) to stdout`).readable()) chunks.push(chunk as Buffer);
      await sql.unsafe(fresh(table));
      const began = performance.now();
      await pipeline(Readable.from(chunks), await sql.unsafe(`copy public.bare_${table} from stdin`).writable());
      const took = (performance.now() - began) / 1000;
      await sql.unsafe(`drop table public.bare_${table}`);
      sum.rows += rows;
      sum.seconds += took;
      if (changed.has(table)) continue;
      sum.newRows += rows;
      sum.newSeconds += took;
    }
    return sum;
  });
}

type Held = Readonly<{ table: string; columns: readonly Readonly<{ name: string; type: string }>[]; rows: Text[] }>;
type Text = Readonly<Record<string, string | null>>;

/** Those rows as text, by table. */
async function held(sql: Sql, business: string, since: string): Promise<Held[]> {
  const all: Held[] = [];
  for (const { table, query } of await written(sql, business, since)) {
    const columns = await sql<{ name: string; type: string }[]>`
      select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
      where attrelid = ${`app.${table}`}::regclass and attnum > 0 and not attisdropped order by attnum`;
    const picked = columns.map(({ name }) => `q."${name}"::text as "${name}"`).join(", ");
    const rows = await sql.unsafe<Text[]>(`select ${picked} from (${query}) q`);
    await sql.unsafe(fresh(table));
    all.push({ table, columns, rows: [...rows] });
  }
  return all;
}

/** Rows a second of `INSERT … SELECT FROM unnest`, 1,000 a statement and all of a table in one transaction. */
export async function unnestOf(business: string, since: string): Promise<{ rows: number; seconds: number }> {
  return asOwner(async (sql) => {
    let rows = 0;
    let took = 0;
    for (const one of await held(sql, business, since)) {
      const arrays = one.columns.map(({ type }, i) => `$${i + 1}::text[]::${type}[]`).join(", ");
      const parts: (string | null)[][][] = [];
      for (let from = 0; from < one.rows.length; from += 1_000) {
        const part = one.rows.slice(from, from + 1_000);
        parts.push(one.columns.map(({ name }) => part.map((row) => row[name] ?? null)));
      }
      const began = performance.now();
      await sql.begin(async (tx) => {
        for (const part of parts)
          await tx.unsafe(`insert into public.bare_${one.table} select * from unnest(${arrays})`, part, {
            prepare: true,
          });
      });
      took += (performance.now() - began) / 1000;
      rows += one.rows.length;
      await sql.unsafe(`drop table public.bare_${one.table}`);
    }
    return { rows, seconds: took };
  });
}

/** Seconds of one transaction that inserts all those rows, one statement for each table, sent together; the median of `times` tries. */
export async function oneTransactionOf(
  business: string,
  since: string,
  times: number,
): Promise<{ rows: number; seconds: readonly number[] }> {
  return asOwner(async (sql) => {
    const all = await held(sql, business, since);
    const statements = all.map(({ table, columns, rows }) => {
      const values = rows.map((row) => columns.map(({ name }) => row[name] ?? null));
      const width = columns.length;
      const places = values.map(
        (_, r) => `(${columns.map(({ type }, c) => `$${r * width + c + 1}::text::${type}`).join(", ")})`,
      );
      return { text: `insert into public.bare_${table} values ${places.join(", ")}`, params: values.flat() };
    });
    const took: number[] = [];
    for (let n = 0; n < times; n += 1) {
      for (const { table } of all) await sql.unsafe(`truncate public.bare_${table}`);
      const began = performance.now();
      await sql.begin((tx) => statements.map(({ text, params }) => tx.unsafe(text, params, { prepare: true })));
      took.push((performance.now() - began) / 1000);
    }
    for (const { table } of all) await sql.unsafe(`drop table public.bare_${table}`);
    return { rows: all.reduce((sum, { rows }) => sum + rows.length, 0), seconds: took };
  });
}
