import postgres from "postgres";
import { testDatabase } from "../support/database";
import { everyPlace, queueSuite } from "./queue-suite";

queueSuite({
  name: "PostgreSQL",
  env: () => ({}),
  places: everyPlace,
  empty: async () => {
    const sql = postgres((await testDatabase()).url, { max: 1, onnotice: () => undefined });
    await sql`truncate bullmq.job, bullmq.dedup, bullmq.dedup_next, bullmq.event cascade`;
    await sql.end();
  },
});
