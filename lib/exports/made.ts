/**
 * Files of lists: short ones at once, long ones by a worker as a run with progress, kept for a week in parts of the database, beside the rows
 * that they are of, and taken away by a job. Who asked for a file may take it, and an owner.
 */
import { sql } from "drizzle-orm";
import { exported, exportParts } from "../../db/schema";
import { inBusiness, rowsOf } from "../../db/scope";
import { Refusal } from "../core/errors";
import { isLimited, openBusiness, require, type Scope } from "../people/access";
import { newId } from "../system/ids";
import { request } from "../system/outbox";
import {
  beginRun,
  cancelRun,
  finishRunIn,
  isCancelled,
  progressIn,
  type Run,
  runsAbout,
  startRun,
} from "../system/runs";
import { isReport, type List, type ReportName, reports } from "./reports";
import { contentTypes, type Format, fileNameOf, fileOf, type Line } from "./sheet";

/** Up to so many rows a file is made while the browser waits. */
export const mostAtOnce = 5_000;
/** For so many days a file that a worker made is kept. */
export const keptDays = 7;
const keptMs = keptDays * 86_400_000;
const partBytes = 512 * 1024;
/** The books may change while a list is read: so often it is begun anew before it is given as it is. */
const tries = 3;

type Asked = Readonly<{ report: ReportName; format: Format; asked: unknown }>;
type FileAtOnce = Readonly<{ name: string; type: string; bytes: Uint8Array<ArrayBuffer> }>;

/** A file of a short list, whole. Refuses `too_long_at_once` for a long one. */
export async function fileAtOnce(scope: Scope, { report, format, asked }: Asked): Promise<FileAtOnce> {
  require(scope, "stock");
  for (let attempt = 1; ; attempt += 1) {
    const list = await reports[report].list(scope, asked);
    if (list.rows > mostAtOnce)
      throw new Refusal(
        "too_long_at_once",
        `The list has ${list.rows} rows; more than ${mostAtOnce} are made in the background. Ask for it on the list's page.`,
        { rows: String(list.rows) },
      );
    const parts: Uint8Array[] = [];
    for await (const part of fileOf(format, list.sheet)) parts.push(part);
    if (attempt < tries && !(await list.isStill())) continue;
    return {
      name: fileNameOf(list.stem, format),
      type: contentTypes[format],
      bytes: new Uint8Array(Buffer.concat(parts)),
    };
  }
}

/**
 * Asks a worker for a file; `about` is what its page is of. Gives the run. Refuses `running_already` while one about the same is being made,
 * and whatever the list refuses.
 */
export async function askForFile(scope: Scope, wanted: Asked & Readonly<{ about: string }>): Promise<string> {
  require(scope, "stock");
  const userId = scope.userId;
  if (userId === null) throw new Refusal("not_signed_in", "Only a person asks for a file.");
  const list = await reports[wanted.report].list(scope, wanted.asked);
  const run = newId();
  const fileName = fileNameOf(list.stem, wanted.format);
  await inBusiness(scope, async (tx) => {
    // One person's two presses come one after the other.
    await tx.execute(
      sql`select user_id from app.members where business_id = ${scope.businessId} and user_id = ${userId} for update`,
    );
    await startRun(tx, scope, { job: "exportList", about: wanted.about, label: fileName, total: list.rows, id: run });
    await tx.insert(exported).values({
      businessId: scope.businessId,
      runId: run,
      userId,
      report: wanted.report,
      format: wanted.format,
      asked: wanted.asked,
      fileName,
      size: null,
      expiresAt: null,
    });
    await request(tx, "exportList", { business: scope.businessId, run });
    // Whatever becomes of it; a file that is made says the day of its own.
    await request(tx, "removeExport", { business: scope.businessId, run }, 2 * keptMs);
  });
  return run;
}

type Row = { userId: string; report: string; format: Format; asked: unknown; fileName: string };

/** Makes the file of a run, from the beginning. Stops between parts where it was cancelled; throws the signal's reason where that ends it. */
export async function makeFile(business: Scope, run: string, signal: AbortSignal): Promise<void> {
  if ((await beginRun(business, run)) === null) return;
  const row = await inBusiness(business, async (tx) => {
    const [found] = await rowsOf<Row>(
      tx,
      sql`select user_id as "userId", report, format, asked, file_name as "fileName" from app.exports
          where business_id = ${business.businessId} and run_id = ${run}`,
    );
    return found;
  });
  if (row === undefined || !isReport(row.report))
    throw new Refusal("not_found", "What was asked for is not there any more.");
  // As the person who asked for it, with what they may see now.
  const scope = await openBusiness(row.userId, business.slug);
  require(scope, "stock");
  for (let attempt = 1; ; attempt += 1) {
    const list = await reports[row.report].list(scope, row.asked);
    const size = await writeParts(business, run, row.format, list, signal);
    if (size === null) return fileStopped(business, run, "cancelled", "Stopped. No file was kept.");
    const isStill = await list.isStill();
    if (!isStill && attempt < tries) continue;
    return keep(business, run, { size, rows: list.rows, isStill });
  }
}

/** Writes the file's parts in place of any that are there; null where the run was cancelled meanwhile. */
async function writeParts(
  scope: Scope,
  run: string,
  format: Format,
  list: List,
  signal: AbortSignal,
): Promise<number | null> {
  const businessId = scope.businessId;
  await inBusiness(scope, async (tx) => {
    await tx.execute(sql`delete from app.export_parts where business_id = ${businessId} and run_id = ${run}`);
    await progressIn(tx, scope, run, { done: 0, total: list.rows });
  });
  const counted = { rows: 0, stops: false };
  let saved = performance.now();
  const looked = async function* (): AsyncGenerator<Line> {
    for await (const line of list.sheet.lines) {
      yield line;
      if (line.kind === "row") counted.rows += 1;
      if (performance.now() - saved < 1_000) continue;
      saved = performance.now();
      signal.throwIfAborted();
      await inBusiness(scope, (tx) => progressIn(tx, scope, run, { done: counted.rows }));
      counted.stops = await isCancelled(scope, run);
      if (counted.stops) return;
    }
  };
  let [part, size, held]: [number, number, Uint8Array[]] = [0, 0, []];
  const write = async () => {
    const bytes = Buffer.concat(held);
    held = [];
    if (bytes.length === 0) return;
    await inBusiness(scope, (tx) => tx.insert(exportParts).values({ businessId, runId: run, part, bytes }));
    part += 1;
    size += bytes.length;
  };
  let waiting = 0;
  for await (const bytes of fileOf(format, { ...list.sheet, lines: looked() })) {
    held.push(bytes);
    waiting += bytes.length;
    if (waiting < partBytes) continue;
    waiting = 0;
    await write();
  }
  signal.throwIfAborted();
  if (counted.stops || (await isCancelled(scope, run))) return null;
  await write();
  return size;
}

/** Asks a file that is being made to stop. Refuses `not_found` for what this person may not take. */
export async function stopFileOf(scope: Scope, run: string): Promise<void> {
  require(scope, "stock");
  const rows = await inBusiness(scope, (tx) =>
    rowsOf<{ user: string }>(
      tx,
      sql`select user_id as "user" from app.exports where business_id = ${scope.businessId} and run_id = ${run}`,
    ),
  );
  if (!rows.some((row) => mayTake(scope, row.user))) throw new Refusal("not_found", "There is no such file under way.");
  await cancelRun(scope, run);
}

/** Ends a run whose file is not made: what there is of it goes. */
export async function fileStopped(
  scope: Scope,
  run: string,
  state: "cancelled" | "failed",
  note: string,
): Promise<void> {
  await inBusiness(scope, async (tx) => {
    await tx.execute(sql`delete from app.export_parts where business_id = ${scope.businessId} and run_id = ${run}`);
    await finishRunIn(tx, scope, run, { state, note });
  });
}

async function keep(
  scope: Scope,
  run: string,
  file: Readonly<{ size: number; rows: number; isStill: boolean }>,
): Promise<void> {
  await inBusiness(scope, async (tx) => {
    await tx.execute(
      sql`update app.exports set size = ${file.size}, expires_at = now() + ${keptMs} * interval '1 millisecond'
          where business_id = ${scope.businessId} and run_id = ${run}`,
    );
    const note = file.isStill ? null : "The books changed while it was made.";
    await finishRunIn(tx, scope, run, { state: "done", done: file.rows, total: file.rows, note });
    await request(tx, "removeExport", { business: scope.businessId, run }, keptMs);
  });
}

/** Takes a file away, made or half made. The run stays and says that there was one. */
export async function removeFile(scope: Scope, run: string): Promise<void> {
  await inBusiness(scope, (tx) =>
    tx.execute(sql`delete from app.exports where business_id = ${scope.businessId} and run_id = ${run}`),
  );
}

/** A file that was asked for: its run, and what there is to take. */
export type MadeFile = Readonly<{
  run: Run;
  format: Format;
  /** Bytes; null until it is whole. */
  size: number | null;
  expiresAt: string | null;
  isOwn: boolean;
}>;

const shown = 5;

/** The files last asked for about a thing that this person may take, newest first. */
export async function filesAbout(scope: Scope, about: string): Promise<readonly MadeFile[]> {
  require(scope, "stock");
  const runs = await runsAbout(scope, { job: ["exportList"], about, limit: 20 });
  if (runs.length === 0) return [];
  const rows = await inBusiness(scope, (tx) =>
    rowsOf<{ run: string; user: string; format: Format; size: number | null; expires: string | null }>(
      tx,
      sql`select run_id as run, user_id as "user", format, size::float8 as size,
            to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as expires from app.exports
          where business_id = ${scope.businessId} and run_id in ${runs.map((run) => run.id)}`,
    ),
  );
  const byRun = new Map(rows.map((row) => [row.run, row]));
  return runs
    .flatMap((run): readonly MadeFile[] => {
      const row = byRun.get(run.id);
      if (row === undefined || !mayTake(scope, row.user)) return [];
      return [{ run, format: row.format, size: row.size, expiresAt: row.expires, isOwn: row.user === scope.userId }];
    })
    .slice(0, shown);
}

const mayTake = (scope: Scope, user: string): boolean => scope.role === "owner" || user === scope.userId;

/**
 * Refuses `not_found` for a run that the one who asks may not follow: who is limited to some locations sees no other than the making of their
 * own files.
 */
export async function refuseOthersRun(scope: Scope, run: string): Promise<void> {
  if (!isLimited(scope)) return;
  const rows = !/^[0-9a-f-]{36}$/.test(run)
    ? []
    : await inBusiness(scope, (tx) =>
        rowsOf<{ user: string }>(
          tx,
          sql`select user_id as "user" from app.exports where business_id = ${scope.businessId} and run_id = ${run}`,
        ),
      );
  if (!rows.some((row) => mayTake(scope, row.user))) throw new Refusal("not_found", "There is no such run.");
}

/** A file's bytes, part by part. Refuses `not_found` for what is not there, not whole, gone, or another person's. */
export async function takeFile(
  scope: Scope,
  run: string,
): Promise<Readonly<{ name: string; type: string; size: number; parts: AsyncGenerator<Uint8Array> }>> {
  require(scope, "stock");
  const [row] = !/^[0-9a-f-]{36}$/.test(run)
    ? []
    : await inBusiness(scope, (tx) =>
        rowsOf<{ user: string; format: Format; name: string; size: number }>(
          tx,
          sql`select user_id as "user", format, file_name as name, size::float8 as size from app.exports
              where business_id = ${scope.businessId} and run_id = ${run} and size is not null and expires_at > now()`,
        ),
      );
  if (row === undefined || !mayTake(scope, row.user))
    throw new Refusal("not_found", "There is no such file, or its time is over. Make it again.");
  return { name: row.name, type: contentTypes[row.format], size: row.size, parts: partsOf(scope, run) };
}

async function* partsOf(scope: Scope, run: string): AsyncGenerator<Uint8Array> {
  for (let part = 0; ; part += 1) {
    const [row] = await inBusiness(scope, (tx) =>
      rowsOf<{ bytes: Uint8Array }>(
        tx,
        sql`select bytes from app.export_parts where business_id = ${scope.businessId} and run_id = ${run} and part = ${part}`,
      ),
    );
    if (row === undefined) return;
    yield row.bytes;
  }
}
