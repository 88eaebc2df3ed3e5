/** Workers' signs of life: readiness asks for them, and whoever runs the product sees a worker that hangs. */
import { sql } from "drizzle-orm";
import { asSystem } from "../../db/scope";

/** What a worker says of itself. Instants are milliseconds since 1970, null for never. */
export type Beat = Readonly<{
  worker: string;
  lastTakenMs: number | null;
  lastEndedMs: number | null;
  loopLagMs: number;
}>;

/** Writes a sign of life, by the database's clock; forgets workers that have said nothing for a day. */
export async function beat(now: Beat): Promise<void> {
  const at = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  await asSystem("workers belong to no business", async (tx) => {
    await tx.execute(sql`
      insert into app.heartbeats (worker, at, last_taken_at, last_ended_at, loop_lag_ms)
      values (${now.worker}, now(), ${at(now.lastTakenMs)}, ${at(now.lastEndedMs)}, ${Math.round(now.loopLagMs)})
      on conflict (worker) do update set at = excluded.at, last_taken_at = excluded.last_taken_at,
        last_ended_at = excluded.last_ended_at, loop_lag_ms = excluded.loop_lag_ms`);
    await tx.execute(sql`delete from app.heartbeats where at < now() - interval '1 day'`);
  });
}

/** The worker ends in order: nobody waits for it. */
export async function lastBeat(worker: string): Promise<void> {
  await asSystem("workers belong to no business", (tx) =>
    tx.execute(sql`delete from app.heartbeats where worker = ${worker}`),
  );
}
