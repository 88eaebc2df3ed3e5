/** Taking an accepted file back: its rows or facts leave the books, and the same file brought in again comes in again. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { settle } from "../books/costing";
import { type Books, lockBooks } from "../books/ledger";
import { invariant, Refusal } from "../core/errors";
import { digestWithin, type Undoing } from "../digest";
import { importIn, moveImport } from "../money/imports";
import { transactionsOf } from "../money/transactions";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { type Changes, rehearse } from "../preview";
import { beginRunIn, startRun } from "../system/runs";
import type { UndoWatch } from "../undo";
import { reader, type StoredDocument, storedOf, undoLive } from "./imports";
import { takeOut } from "./transactions";

/** A bank's rows are taken out so many at a time, within the one transaction. */
const rowsABatch = 1_000;
/** What taking an import back would change; refuses as taking it back would. */
export async function previewUndoImport(scope: Scope, id: string, watch?: UndoWatch): Promise<Changes> {
  require(scope, "read");
  return rehearse(scope, (tx, books) => takeOutOfBooks(tx, scope, books, id, watch));
}

/** Takes an import out of the books. Gives how many rows or facts went. */
export function undoImport(scope: Scope, id: string, undoing: Undoing = {}): Promise<number> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    const { name, count } = await sizeOfImport(tx, scope, id);
    // After the row that names its facts: what costs are corrected for is that the file was taken back.
    const gone = await takeOutOfBooks(tx, scope, books, id, undoing.watch, () =>
      recordAudit(tx, scope, { what: "import.undo", about: id, before: { file: name, rows: count } }),
    );
    await moveImport(tx, scope, id, { state: "undone" });
    await undoing.ended?.(tx, gone);
    return gone;
  });
}

/**
 * The import's own facts go, and what earlier files had said of the same documents is read again: both in the caller's transaction, so that
 * the books never stand without what an earlier file said, and a preview says what is left when both are done.
 */
async function takeOutOfBooks(
  tx: Tx,
  scope: Scope,
  books: Books,
  id: string,
  watch?: UndoWatch,
  tell?: () => Promise<void>,
): Promise<number> {
  const { gone, channel } = await undoWithin(tx, scope, books, id, watch);
  await tell?.();
  if (channel !== null) {
    const run = await startRun(tx, scope, { job: "digestChannel", about: channel, label: "Files" });
    await beginRunIn(tx, scope, run);
    const work = { channelId: channel, run, signal: new AbortController().signal, revives: true };
    await digestWithin(tx, scope, work, () => watch?.(gone) ?? Promise.resolve());
  }
  await settle(tx, scope, books);
  return gone;
}

/** How much of a file is in the books: its rows, or the documents of a channel's file. Refuses `nothing_to_undo` where it is not. */
export async function sizeOfImport(
  tx: Tx,
  scope: Scope,
  id: string,
): Promise<Readonly<{ kind: "bank" | "channel"; name: string; count: number }>> {
  const one = await acceptedIn(tx, scope, id);
  const [row] = await rowsOf<{ n: number }>(
    tx,
    one.kind === "bank"
      ? sql`select count(*)::int as n from app.transactions where business_id = ${scope.businessId} and import_id = ${id} and not is_undone`
      : sql`select count(*)::int as n from app.raw_documents where business_id = ${scope.businessId} and channel_id = ${one.channelId} and source = ${id}`,
  );
  return { kind: one.kind, name: one.fileName, count: row?.n ?? 0 };
}

async function acceptedIn(tx: Tx, scope: Scope, id: string) {
  const one = await importIn(tx, scope, id, true);
  if (one.state !== "accepted")
    throw new Refusal("nothing_to_undo", "There is nothing of this file in the books to take back.");
  return one;
}

/** `channel`: documents of it wait to be read again. */
async function undoWithin(
  tx: Tx,
  scope: Scope,
  books: Books,
  id: string,
  watch?: UndoWatch,
): Promise<Readonly<{ gone: number; channel: string | null }>> {
  const one = await acceptedIn(tx, scope, id);
  if (one.kind === "bank") return { gone: await undoBank(tx, scope, books, id, watch), channel: null };
  invariant(one.channelId !== null, "a channel's file that was accepted has its channel");
  const channel = one.channelId;
  const ids = await rowsOf<{ id: string }>(
    tx,
    sql`select distinct external_id as id from app.raw_documents where business_id = ${scope.businessId} and channel_id = ${channel} and source = ${id}`,
  );
  const known = await storedOf(
    tx,
    scope,
    channel,
    ids.map((row) => row.id),
  );
  const keysOf = await reader(tx, scope, channel);
  const keys: string[] = [];
  const again: StoredDocument[] = [];
  for (const versions of known.values()) {
    const last = versions.filter((each) => each.state === "read").at(-1);
    if (last?.source !== id) continue;
    keys.push(...keysOf(last));
    const before = versions.filter((each) => each.source !== id).at(-1);
    if (before !== undefined) again.push(before);
  }
  const gone = await undoLive(tx, scope, books, id, keys, watch);
  await tx.execute(
    sql`delete from app.raw_documents where business_id = ${scope.businessId} and channel_id = ${channel} and source = ${id}`,
  );
  await tx.execute(sql`
    update app.raw_documents d set state = 'waiting', note = null from unnest(${list(
      "text",
      again.map((each) => each.externalId),
    )}, ${list(
      "text",
      again.map((each) => each.version),
    )}) as u(external_id, version)
    where d.business_id = ${scope.businessId} and d.channel_id = ${channel} and d.feed = 'file' and d.external_id = u.external_id and d.version = u.version`);
  return { gone, channel: again.length > 0 ? channel : null };
}

async function undoBank(tx: Tx, scope: Scope, books: Books, id: string, watch?: UndoWatch): Promise<number> {
  const rows = await rowsOf<{ id: string }>(
    tx,
    sql`select id from app.transactions where business_id = ${scope.businessId} and import_id = ${id} and not is_undone order by id`,
  );
  const ids = rows.map((row) => row.id);
  for (let from = 0; from < ids.length; from += rowsABatch) {
    const part = ids.slice(from, from + rowsABatch);
    await takeOut(tx, scope, books, await transactionsOf(tx, scope, part));
    await watch?.(from + part.length);
  }
  return ids.length;
}
