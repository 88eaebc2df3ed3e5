/**
 * The queue's own tables, for installations without Redis: BullMQ's schema `bullmq` in our database. The library brings its own
 * migrations and they are run with ours, as the owner, so that the application's role may only use what is there. Nothing in it is
 * the truth: it can be emptied at any time and is filled again from `outbox`.
 */
import { PostgresConnection } from "bullmq";
import type postgres from "postgres";

export const queueSchema = "bullmq";

/** Brings the queue's tables up to the library's version and lets the application's role use them. `sql` is the owner's. */
export async function migrateQueue(databaseUrl: string, sql: postgres.Sql): Promise<void> {
  const connection = new PostgresConnection({
    connectionString: databaseUrl,
    schema: queueSchema,
    migrate: true,
    max: 1,
  });
  try {
    await connection.waitUntilReady();
  } finally {
    await connection.close();
  }
  await sql.unsafe(`
    grant usage on schema ${queueSchema} to lotbook_app;
    grant select, insert, update, delete on all tables in schema ${queueSchema} to lotbook_app;
    grant usage, select, update on all sequences in schema ${queueSchema} to lotbook_app;
    revoke insert, update, delete on ${queueSchema}.migration from lotbook_app`);
}
