/**
 * The queue's own tables, for installations without Redis: BullMQ's schema `bullmq` in our database. The library brings its own
 * migrations and they are run with ours, as the owner, so that the application's role may only use what is there. Nothing in it is
 * the truth: it can be emptied at any time and is filled again from `outbox`.
 */
import { PostgresConnection } from "bullmq";
import type postgres from "postgres";

export const queueSchema = "bullmq";

/**
 * Brings the queue's tables up to the library's version and lets the application's role use them. `sql` is the owner's;
 * `isDistributed`: the database is a Citus coordinator.
 */
export async function migrateQueue(databaseUrl: string, sql: postgres.Sql, isDistributed: boolean): Promise<void> {
  const url = new URL(databaseUrl);
  // The queue stays on the coordinator: none of its functions and types is to be made on the nodes too.
  if (isDistributed) url.searchParams.set("options", "-c citus.enable_ddl_propagation=off");
  const connection = new PostgresConnection({
    connectionString: url.href,
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
