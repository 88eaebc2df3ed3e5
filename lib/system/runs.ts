/**
 * Long work and how far it is: a row, so that it survives a reload, a restart and the queue. What a job has done so far is counted in
 * the transaction that does it (`countIn`), so that a killed worker neither loses nor repeats a count.
 */
import { sql } from "drizzle-orm";
import { jsonText } from "../../db/bulk";
import { type InBusiness, inBusiness, rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import { newId } from "./ids";
import type { JobName } from "./jobs";

export type RunState = "waiting" | "running" | "done" | "failed" | "cancelled";

/**
 * One part of a run, as it is shown: `key` tells it from the others. `more` is what else there is to say, by its word: how much of it was
 * new (`fresh`), how many there are in all (`of`), the pages (`pages`), the pace (`perMinute`, `lastAt` …), how far back it is (`reached`,
 * `start`; milliseconds since 1970).
 */
export type Step = Readonly<{
  key: string;
  label: string;
  state: "waiting" | "running" | "done";
  done: number;
  more?: Readonly<Record<string, number>>;
}>;

/** Instants are ISO 8601 text; counts are whole numbers. `total` is null while nobody knows it. */
export type Run = Readonly<{
  id: string;
  job: string;
  about: string;
  label: string;
  state: RunState;
  done: number;
  total: number | null;
  skipped: number;
  steps: readonly Step[];
  note: string | null;
  isCancelled: boolean;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
}>;

const columns = sql`id, job, about, label, state, done::float8 as done, total::float8 as total, skipped::float8 as skipped, steps, note,
  is_cancelled = 1 as "isCancelled",
  to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "createdAt",
  to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "startedAt",
  to_char(ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "endedAt"`;
const open = sql`state in ('waiting', 'running')`;

export type NewRun = Readonly<{ job: JobName; about: string; label: string; total?: number; id?: string }>;

/**
 * Begins a run, in the transaction that asks for its job. Refuses `running_already` while one of the same job about the same thing is
 * open; so that two at once cannot both find none, the caller holds a lock on what it is about.
 */
export async function startRun(tx: Tx, scope: InBusiness, run: NewRun): Promise<string> {
  const [other] = await rowsOf<{ id: string }>(
    tx,
    sql`select id from app.runs where business_id = ${scope.businessId} and job = ${run.job} and about = ${run.about} and ${open} limit 1`,
  );
  if (other !== undefined) throw new Refusal("running_already", "This is running already.", { run: other.id });
  const id = run.id ?? newId();
  await tx.execute(sql`
    insert into app.runs (business_id, id, job, about, label, state, done, total, skipped, steps, note, is_cancelled, created_at)
    values (${scope.businessId}, ${id}, ${run.job}, ${run.about}, ${run.label}, 'waiting', 0, ${run.total ?? null}, 0, '[]'::jsonb, null, 0, now())`);
  return id;
}

/** Marks a run as running. Gives it, or null where it has ended already or was cancelled before it began. */
export function beginRun(scope: InBusiness, run: string): Promise<Run | null> {
  return inBusiness(scope, (tx) => beginRunIn(tx, scope, run));
}

/** The same in the caller's transaction. */
export async function beginRunIn(tx: Tx, scope: InBusiness, run: string): Promise<Run | null> {
  const [begun] = await rowsOf<{ id: string }>(
    tx,
    sql`update app.runs set state = 'running', note = null
        where business_id = ${scope.businessId} and id = ${run} and ${open} returning id`,
  );
  if (begun === undefined) return null;
  // now() may stand in no COALESCE, and no text of an instant in RETURNING, where the row lies on another machine.
  await tx.execute(
    sql`update app.runs set started_at = now() where business_id = ${scope.businessId} and id = ${run} and started_at is null`,
  );
  return oneRun(tx, scope, run);
}

/** What is known now; what is left out stays as it is. Numbers are the run's whole numbers so far, not what came on top. */
export type Progress = Readonly<{
  done?: number;
  total?: number | null;
  skipped?: number;
  note?: string | null;
  steps?: readonly Step[];
}>;

/** Writes progress in the caller's transaction: exactly as true as what it commits. */
export async function progressIn(tx: Tx, scope: InBusiness, run: string, now: Progress): Promise<void> {
  const sets = [sql`state = 'running'`];
  if (now.done !== undefined) sets.push(sql`done = ${now.done}`);
  if (now.total !== undefined) sets.push(sql`total = ${now.total}`);
  if (now.skipped !== undefined) sets.push(sql`skipped = ${now.skipped}`);
  if (now.note !== undefined) sets.push(sql`note = ${now.note}`);
  if (now.steps !== undefined) sets.push(sql`steps = ${jsonText(now.steps)}::jsonb`);
  await tx.execute(
    sql`update app.runs set ${sql.join(sets, sql`, `)} where business_id = ${scope.businessId} and id = ${run} and ${open}`,
  );
}

/** Adds to what is done and skipped, in the transaction that did it. */
export async function countIn(
  tx: Tx,
  scope: InBusiness,
  run: string,
  more: Readonly<{ done: number; skipped: number }>,
): Promise<void> {
  await tx.execute(sql`
    update app.runs set done = done + ${more.done}, skipped = skipped + ${more.skipped}
    where business_id = ${scope.businessId} and id = ${run} and ${open}`);
}

/** Ends a run. A run that has ended stays as it ended. */
export async function finishRun(
  scope: InBusiness,
  run: string,
  end: Readonly<{ state: "done" | "failed" | "cancelled"; note?: string | null } & Progress>,
): Promise<void> {
  await inBusiness(scope, (tx) => finishRunIn(tx, scope, run, end));
}

/** The same in the caller's transaction. */
export async function finishRunIn(
  tx: Tx,
  scope: InBusiness,
  run: string,
  end: Readonly<{ state: "done" | "failed" | "cancelled" } & Progress>,
): Promise<void> {
  const { state, ...rest } = end;
  if (Object.keys(rest).length > 0) await progressIn(tx, scope, run, rest);
  await tx.execute(sql`
    update app.runs set state = ${state}, ended_at = now() where business_id = ${scope.businessId} and id = ${run} and ${open}`);
}

/** Asks a run to stop. One that has not begun is cancelled at once; a running one stops at its next look. Gives the state it is in. */
export function cancelRun(scope: InBusiness, run: string): Promise<RunState> {
  return inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<{ state: RunState }>(
      tx,
      sql`update app.runs set is_cancelled = 1 where business_id = ${scope.businessId} and id = ${run} and ${open} returning state`,
    );
    if (row?.state === "waiting")
      await tx.execute(
        sql`update app.runs set state = 'cancelled', ended_at = now() where business_id = ${scope.businessId} and id = ${run}`,
      );
    return (await oneRun(tx, scope, run)).state;
  });
}

/** Was the run asked to stop, or has it ended? Looked at between pages. */
export function isCancelled(scope: InBusiness, run: string): Promise<boolean> {
  return inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<{ stops: boolean }>(
      tx,
      sql`select is_cancelled = 1 or not (${open}) as stops from app.runs where business_id = ${scope.businessId} and id = ${run}`,
    );
    return row?.stops ?? true;
  });
}

/** One run. Refuses `not_found` for another business's. */
export function runOf(scope: InBusiness, run: string): Promise<Run> {
  return inBusiness(scope, (tx) => oneRun(tx, scope, run));
}

async function oneRun(tx: Tx, scope: InBusiness, run: string): Promise<Run> {
  if (!/^[0-9a-f-]{36}$/.test(run)) throw new Refusal("not_found", "There is no such run.");
  const [row] = await rowsOf<Run>(
    tx,
    sql`select ${columns} from app.runs where business_id = ${scope.businessId} and id = ${run}`,
  );
  if (row === undefined) throw new Refusal("not_found", "There is no such run.");
  return row;
}

/** Runs about a thing (a channel's or an import's id), or all; newest first. `before` is the id of the last one that was seen. */
export function runsAbout(
  scope: InBusiness,
  which: Readonly<{ job?: readonly JobName[]; about?: string; before?: string; limit?: number; isOpen?: boolean }> = {},
): Promise<readonly Run[]> {
  return inBusiness(scope, (tx) => {
    const wanted = [sql`business_id = ${scope.businessId}`];
    if (which.job !== undefined) wanted.push(sql`job in ${which.job}`);
    if (which.about !== undefined) wanted.push(sql`about = ${which.about}`);
    if (which.before !== undefined) wanted.push(sql`id < ${which.before}::uuid`);
    if (which.isOpen === true) wanted.push(open);
    const limit = Math.min(Math.max(which.limit ?? 20, 1), 200);
    return rowsOf<Run>(
      tx,
      sql`select ${columns} from app.runs where ${sql.join(wanted, sql` and `)} order by id desc limit ${limit}`,
    );
  });
}

const pollMs = 500;

/**
 * A run as it changes: at once, at each change, and for the last time when it has ended. The row is polled (no LISTEN: it does not
 * scale out with the database). Stops with the signal.
 */
export async function* runEvents(scope: InBusiness, run: string, signal: AbortSignal): AsyncGenerator<Run> {
  let before = "";
  while (!signal.aborted) {
    const now = await runOf(scope, run);
    const text = jsonText(now);
    if (text !== before) yield now;
    before = text;
    if (now.state !== "waiting" && now.state !== "running") return;
    await pause(pollMs, signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
