import postgres from "postgres";
import { testDatabase } from "../support/database";
import { faultsSuite } from "./faults-suite";

const tables = ["job", "dedup", "dedup_next", "event"] as const;

async function asOwner<T>(work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres((await testDatabase()).url, { max: 1, onnotice: () => undefined });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

faultsSuite({
  name: "PostgreSQL",
  env: () => ({}),
  size: () =>
    asOwner(async (sql) => {
      const [row] = await sql<{ n: number }[]>`
        select count(*)::int as n from bullmq.job where state in ('waiting', 'active', 'delayed')`;
      return row?.n ?? 0;
    }),
  snapshot: () =>
    asOwner(async (sql) => {
      for (const table of tables) await sql.unsafe(`create table public.kept_${table} as table bullmq.${table}`);
      return () =>
        asOwner(async (again) => {
          await again`truncate bullmq.job, bullmq.dedup, bullmq.dedup_next, bullmq.event cascade`;
          for (const table of tables)
            await again.unsafe(
              `insert into bullmq.${table} overriding system value select * from public.kept_${table}`,
            );
        });
    }),
});
