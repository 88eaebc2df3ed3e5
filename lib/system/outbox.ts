/**
 * Jobs asked for, in the transaction that makes them needed. The row is the truth and the queue only carries it out: the relay hands
 * rows over, a handler that has finished deletes its row, and whatever the queue loses is handed over again. So a queue may be
 * emptied at any moment, and nothing runs before the transaction that asked for it is committed.
 *
 * `id` names one request. A request for a (job, key) that waits already is that one; after it was handed over, what came since would
 * be missed, so the row gets a new id and is due again, and the handler of the old id finds nothing to delete.
 *
 * The rows are in a local table, without a business's protection: only ids are in them, and each handler opens the business itself.
 */
import { type SQL, sql } from "drizzle-orm";
import { jsonText, list } from "../../db/bulk";
import { asSystem, type InBusiness, rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import { newId } from "./ids";
import { type JobName, jobs, type Payload, share } from "./jobs";

/** A row on its way to the queue. */
export type Handed = Readonly<{ id: string; job: string; business: string }>;
/** A row whose handler begins. `attempt` counts from 1. */
export type Begun = Readonly<{ id: string; job: string; key: string; payload: unknown; attempt: number }>;

/** Asks for a job, once the transaction is committed; not before `delayMs` have passed. */
export async function request<Name extends JobName>(
  tx: Tx,
  name: Name,
  payload: Payload<Name>,
  delayMs = 0,
): Promise<void> {
  const definition = jobs[name];
  const checked = definition.payload.parse(payload) as Payload<Name> & { business: string };
  const key = (definition.key as (payload: Payload<Name>) => string)(checked);
  await tx.execute(sql`
    insert into app.outbox (id, business_id, job, payload, key, requested_at, not_before, relayed_at, attempts, last_error, state)
    values (${newId()}, ${checked.business}, ${name}, ${jsonText(checked)}::jsonb, ${key}, now(),
      now() + ${delayMs} * interval '1 millisecond', null, 0, null, 'waiting')
    on conflict (job, key) do update
      set id = excluded.id, payload = excluded.payload, requested_at = excluded.requested_at, not_before = excluded.not_before,
        relayed_at = null, attempts = 0, last_error = null, state = 'waiting'
      where outbox.relayed_at is not null or outbox.state = 'dead' or excluded.not_before < outbox.not_before`);
}

/** Each job's queue and how many of one business may be under way in it. A name that is no job's has a queue of its own. */
const known = (() => {
  const names = Object.keys(jobs) as JobName[];
  const queues = names.map((name) => jobs[name].queue);
  return sql`unnest(${list("text", names)}, ${list("text", queues)}, ${list(
    "integer",
    queues.map((queue) => share[queue]),
  )}) as q(job, queue, share)`;
})();

/**
 * Takes rows that are due and marks them handed over. What is not handed over after all is given back by `putBack`, or swept.
 *
 * Fair among businesses: of each queue, first the first of every business, then the second of every one, and of none more than its
 * share, with what is under way. What is over the share waits here, where it is in nobody's way.
 */
export function takeDue(limit: number): Promise<readonly Handed[]> {
  return asSystem("the relay hands over the jobs of all businesses", (tx) =>
    rowsOf<Handed>(
      tx,
      sql`update app.outbox set relayed_at = now() where id in (
            select o.id from app.outbox o where o.state = 'waiting' and o.relayed_at is null and o.id = any(array(
              select d.id from (
                select w.id, w.not_before, coalesce(q.share, 1) as share, coalesce(f.n, 0)
                  + row_number() over (partition by w.business_id, q.queue order by w.not_before, w.id) as nth
                from app.outbox w
                left join ${known} on q.job = w.job
                left join (
                  select r.business_id, q.queue, count(*) as n from app.outbox r join ${known} on q.job = r.job
                  where r.state = 'waiting' and r.relayed_at is not null group by r.business_id, q.queue) f
                  on f.business_id = w.business_id and f.queue = q.queue
                where w.state = 'waiting' and w.relayed_at is null and w.not_before <= now()) d
              where d.nth <= d.share order by d.nth, d.not_before, d.id limit ${limit}))
            for update skip locked)
          returning id, job, business_id as business`,
    ),
  );
}

/**
 * Rows handed over at least `olderMs` ago and not finished: the queue may have lost them. They are to be handed over once more; a
 * queue that has them still takes each for the one that it has.
 */
export function takeOverdue(olderMs: number, limit: number): Promise<readonly Handed[]> {
  return asSystem("the relay hands over again what a queue may have lost", (tx) =>
    rowsOf<Handed>(
      tx,
      sql`update app.outbox set relayed_at = now() where id in (
            select id from app.outbox where state = 'waiting' and relayed_at < now() - ${olderMs} * interval '1 millisecond'
            order by relayed_at, id limit ${limit} for update skip locked)
          returning id, job, business_id as business`,
    ),
  );
}

/** Rows that the queue did not take are due again. */
export async function putBack(ids: readonly string[]): Promise<void> {
  await asSystem("the queue is not there", (tx) =>
    tx.execute(sql`update app.outbox set relayed_at = null where state = 'waiting' and id = any(${list("uuid", ids)})`),
  );
}

/** A handler begins: counts the attempt, also when it ends the process. Null where there is nothing to do any more. */
export async function begin(id: string): Promise<Begun | null> {
  const [row] = await asSystem("a job's business is known from its row", (tx) =>
    rowsOf<Begun>(
      tx,
      sql`update app.outbox set attempts = attempts + 1
          where id = ${id} and state = 'waiting' and relayed_at is not null
          returning id, job, key, payload, attempts as attempt`,
    ),
  );
  return row ?? null;
}

/** Of a row that another worker has begun since, the late one says nothing more: `attempt` is its own (lease.ts). */
const at = (attempt: number | null) => (attempt === null ? sql`` : sql` and attempts = ${attempt}`);

/** Done: the row goes, unless the same was asked for again meanwhile. */
export async function finish(id: string, attempt: number | null = null): Promise<void> {
  await asSystem("a finished job", (tx) => tx.execute(sql`delete from app.outbox where id = ${id}${at(attempt)}`));
}

/** Not done: due again after `delayMs`. `counts` false: this was no failure of the job (it was asked to wait, or to stop). */
export async function postpone(
  id: string,
  how: Readonly<{ delayMs: number; counts: boolean; error: string | null }>,
  attempt: number | null = null,
): Promise<void> {
  await asSystem("a job that is to run again", (tx) =>
    tx.execute(sql`
      update app.outbox set relayed_at = null, not_before = now() + ${Math.round(how.delayMs)} * interval '1 millisecond',
        last_error = ${how.error}, attempts = case when ${how.counts} then attempts else greatest(attempts - 1, 0) end
      where id = ${id} and state = 'waiting'${at(attempt)}`),
  );
}

/** Done in part, and not in vain: the next part is due, and counts its failures from the beginning. */
export async function goOn(id: string, attempt: number | null = null): Promise<void> {
  await asSystem("a long job gives way to others", (tx) =>
    tx.execute(
      sql`update app.outbox set relayed_at = null, not_before = now(), attempts = 0 where id = ${id} and state = 'waiting'${at(attempt)}`,
    ),
  );
}

/** Given up: kept with its reason until a person says retry or skip, or the same is asked for again. */
export async function bury(id: string, reason: string, attempt: number | null = null): Promise<void> {
  await asSystem("a job that is given up", (tx) =>
    tx.execute(
      sql`update app.outbox set state = 'dead', last_error = ${reason} where id = ${id} and state = 'waiting'${at(attempt)}`,
    ),
  );
}

export type DeadJob = Readonly<{
  id: string;
  job: string;
  key: string;
  requestedAt: string;
  attempts: number;
  reason: string;
}>;

/** The business's jobs that were given up, oldest first. */
export function deadJobs(scope: InBusiness): Promise<readonly DeadJob[]> {
  return asSystem("the outbox is one table for all businesses", (tx) =>
    rowsOf<DeadJob>(
      tx,
      sql`select id, job, key, requested_at::text as "requestedAt", attempts, coalesce(last_error, '') as reason
          from app.outbox where business_id = ${scope.businessId} and state = 'dead' order by requested_at, id limit 200`,
    ),
  );
}

/** Tries a given-up job once more, from its first attempt; gives its name. Refuses `not_found` where it is not among the business's own. */
export function retryDead(tx: Tx, scope: InBusiness, id: string): Promise<string> {
  return onDead(
    tx,
    id,
    sql`update app.outbox set state = 'waiting', relayed_at = null, not_before = now(), attempts = 0, last_error = null
        where id = ${id} and business_id = ${scope.businessId} and state = 'dead' returning job`,
  );
}

/** Forgets a given-up job, and gives its name: what it was to do is not done. Refuses as `retryDead` does. */
export function skipDead(tx: Tx, scope: InBusiness, id: string): Promise<string> {
  return onDead(
    tx,
    id,
    sql`delete from app.outbox where id = ${id} and business_id = ${scope.businessId} and state = 'dead' returning job`,
  );
}

async function onDead(tx: Tx, id: string, change: SQL): Promise<string> {
  const [row] = /^[0-9a-f-]{36}$/.test(id) ? await rowsOf<{ job: string }>(tx, change) : [];
  if (row === undefined) throw new Refusal("not_found", "There is no such failed job any more.");
  return row.job;
}

/** How many rows wait to be handed over or finished, and since when the oldest has been due (milliseconds). */
export async function backlog(): Promise<Readonly<{ waiting: number; oldestMs: number }>> {
  const [row] = await asSystem("a worker looks whether work stands still", (tx) =>
    rowsOf<{ waiting: number; oldest: number }>(
      tx,
      sql`select count(*)::int as waiting, coalesce(extract(epoch from now() - min(not_before)) * 1000, 0)::int as oldest
          from app.outbox where state = 'waiting' and not_before <= now()`,
    ),
  );
  return { waiting: row?.waiting ?? 0, oldestMs: row?.oldest ?? 0 };
}
