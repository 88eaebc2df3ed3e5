/**
 * Who may still write for a job. A worker that hung (its event loop blocked, its machine asleep) loses its job to another, and may
 * come to itself in the middle of it: what it would write then is refused, because its attempt is no longer the one that counts.
 *
 * The attempt's number in the outbox is the fence. It is looked at after the lock that the write needs anyway is held: whoever took
 * the job over waits for the same lock before it writes, so the two never write at once, and the late one never after the other.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { sql } from "drizzle-orm";
import { asSystem, rowsOf, type Tx } from "../../db/scope";

/** A row of the outbox and the attempt at which its handler runs. */
export type Lease = Readonly<{ id: string; job: string; key: string; attempt: number }>;

/** Another worker has the job now. Nothing is wrong with the job, and nobody is to be told. */
export class LeaseLost extends Error {
  constructor() {
    super("another worker has taken this job up");
    this.name = "LeaseLost";
  }
}

const held = new AsyncLocalStorage<Lease>();

/** Runs a job's work as the holder of its row at this attempt. */
export function underLease<T>(lease: Lease, work: () => Promise<T>): Promise<T> {
  return held.run(lease, work);
}

/**
 * Throws `LeaseLost` where the work around it is a job's that another worker has begun or finished since; does nothing outside of a
 * job. Called in the transaction that writes, when that holds its lock.
 */
export async function checkLease(tx: Tx): Promise<void> {
  const lease = held.getStore();
  if (lease !== undefined && (await isTaken(tx, lease))) throw new LeaseLost();
}

/** Whether another worker has begun or finished the job since. */
export function isTakenOver(lease: Lease): Promise<boolean> {
  return asSystem("a worker asks whether a job is still its own", (tx) => isTaken(tx, lease));
}

/** Where the same was asked for anew while its handler runs, the row has another id: that is another job, and this one goes on. */
async function isTaken(tx: Tx, lease: Lease): Promise<boolean> {
  const [row] = await rowsOf<{ id: string; attempts: number; state: string }>(
    tx,
    sql`select id, attempts, state from app.outbox where job = ${lease.job} and key = ${lease.key}`,
  );
  return row === undefined || (row.id === lease.id && (row.attempts !== lease.attempt || row.state !== "waiting"));
}
