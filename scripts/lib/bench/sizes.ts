/** What an order costs in rows and bytes, table by table, by way of a file and of a channel: what docs/scaling.md reckons with. */
import postgres from "postgres";
import { replay } from "../../../lib/replay/run";
import { takeDue } from "../../../lib/system/outbox";
import { makeRunner } from "../../../workers/run";
import { aMarket, aSeller, connect } from "../sellers";
import type { Row } from "./figures";

type Size = Readonly<{ name: string; rows: number; table: number; indexes: number }>;

/** All tables of schema `app`: their rows, and in bytes what is in them (with what is kept out of line) and their indexes. */
async function sizesOf(sql: postgres.Sql): Promise<readonly Size[]> {
  const found = await sql<{ name: string; table: number; indexes: number }[]>`
    select c.relname as name, pg_table_size(c.oid)::float8 as table, pg_indexes_size(c.oid)::float8 as indexes
    from pg_class c where c.relnamespace = 'app'::regnamespace and c.relkind = 'r' order by 1`;
  const sizes: Size[] = [];
  for (const one of found) {
    const [count] = await sql.unsafe<{ n: number }[]>(`select count(*)::int as n from app.${one.name}`);
    sizes.push({ ...one, rows: count?.n ?? 0 });
  }
  return sizes;
}

/**
 * A history of `lines` orders of one line each is replayed, then the practice market's orders are synchronised; for each table that
 * grew, its rows and bytes an order, and the sum.
 */
export async function benchSizes(lines: number, history: { line: number; value: unknown }[]): Promise<Row[]> {
  const sql = postgres(process.env.DATABASE_URL ?? "", { max: 1, onnotice: () => undefined });
  try {
    const rows: Row[] = [];
    const measured = async (by: string, work: () => Promise<number>) => {
      const before = await sizesOf(sql);
      const began = performance.now();
      const orders = await work();
      const ms = performance.now() - began;
      rows.push(...grown(by, orders, before, await sizesOf(sql), ms));
    };
    await measured("file", async () => {
      await replay(history, { chunk: null, keeps: true, name: "sizes" });
      return lines;
    });
    await measured("channel", () => synchronised(Math.min(lines, 2_000)));
    return rows;
  } finally {
    await sql.end();
  }
}

/** Connects a business to a practice market with so many orders and does what its first sync asks for. Gives how many came. */
async function synchronised(orders: number): Promise<number> {
  process.env.LOTBOOK_SECRET_KEY ||= Buffer.alloc(32, 7).toString("base64");
  process.env.AUTH_URL ||= "http://127.0.0.1:3000";
  const market = await aMarket({ orders });
  try {
    await connect(await aSeller());
    const runner = makeRunner(new AbortController().signal);
    for (let due = await takeDue(100); due.length > 0; due = await takeDue(100))
      for (const row of due) await runner.run(row.id);
    return orders;
  } finally {
    await market.close();
  }
}

function grown(
  by: string,
  orders: number,
  before: readonly Size[],
  after: readonly Size[],
  ms: number,
): readonly Row[] {
  const was = new Map(before.map((size) => [size.name, size]));
  const all = { rows: 0, table: 0, indexes: 0 };
  const rows: Row[] = [];
  const line = (table: string, of: Omit<Size, "name">): Row => ({
    by,
    table,
    "rows an order": Math.round((of.rows * 100) / orders) / 100,
    "bytes an order": Math.round((of.table + of.indexes) / orders),
    "of which indexes": Math.round(of.indexes / orders),
  });
  for (const { name, ...now } of after) {
    const then = was.get(name);
    const more = {
      rows: now.rows - (then?.rows ?? 0),
      table: now.table - (then?.table ?? 0),
      indexes: now.indexes - (then?.indexes ?? 0),
    };
    if (more.rows < orders / 1_000) continue;
    all.rows += more.rows;
    all.table += more.table;
    all.indexes += more.indexes;
    rows.push(line(name, more));
  }
  return [...rows, { ...line("all", all), "µs an order": Math.round((ms * 1_000) / orders) }];
}
