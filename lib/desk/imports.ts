/**
 * Accepting a previewed file, and taking it back. A bank's rows become transactions: a small file in one transaction, a large one batch by
 * batch in a job. A channel's rows become documents of a channel, which are then read as any channel's are (lib/digest.ts).
 *
 * What was cut off is taken up where it was: a row or a document that is here is not brought again, so any number of tries ends the same.
 */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { statements } from "../../db/schema";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import type { RawDocument } from "../../integrations/connector";
import { type Books, lockBooks } from "../books/ledger";
import { ChannelError, invariant, Refusal } from "../core/errors";
import { factKey } from "../core/facts";
import { digestChannel } from "../digest";
import { saidIn } from "../documents-in";
import { freshDocuments } from "../money/channel-files";
import { type ImportResult, printed } from "../money/import-result";
import {
  type BankReading,
  type ChannelReading,
  type Choices,
  foreignCurrency,
  type Import,
  importIn,
  importOf,
  moveImport,
  readingOf,
  type Stored,
  sortReading,
  takeFile,
} from "../money/imports";
import { rememberLayout, rememberSales } from "../money/kept-layouts";
import type { AccountChoice } from "../money/money-accounts";
import { addMoneyAccountIn } from "../money/money-accounts";
import { addRows, inTimeOrder, numberEnd, type SortedRow } from "../money/statements";
import { postTransactions, transactionsOf } from "../money/transactions";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { addChannel } from "../sales/channel-accounts";
import { freeChannelId, kindOf } from "../sales/channels";
import { storeDocuments } from "../sales/pull";
import { failpoint } from "../system/failpoints";
import { newId } from "../system/ids";
import { request } from "../system/outbox";
import { beginRun, countIn, finishRunIn, isCancelled, startRun } from "../system/runs";
import { auditUndo, type UndoWatch, undoIn } from "../undo";
import { sortByThemselves } from "./transactions";

/** Files of more rows (documents) than this are brought in by a job, which shows how far it is. */
const rowsAtOnce = 2_000;
const documentsAtOnce = 600;
const rowsABatch = 1_000;
/** A file that is accepted at once is looked at again after this long, in case the process died half way. */
const safetyMs = 120_000;

export type Accept = Readonly<{
  /** A person's word for a file that does not agree with itself. */
  takesAnyway?: boolean;
  /** The columns, dates and decimal marks are as suggested, though the file leaves them open. */
  takesLayout?: boolean;
  /** Never by a job: for commands, where no worker may run. */
  atOnce?: boolean;
}>;

/** `accepting`: a job brings it in; `run` shows how far it is. */
export type Accepted = Readonly<{ state: "accepted" | "accepting"; run: string | null; result: Stored }>;

/** Brings a previewed file into the books. Refuses what the file says wrongly of itself, without a person's word. */
export async function acceptImport(scope: Scope, id: string, how: Accept = {}): Promise<Accepted> {
  require(scope, "write");
  const run = await inBusiness(scope, (tx) => begin(tx, scope, id, how));
  if (run?.isHere === true) await runImport(scope, { id, run: run.run, signal: new AbortController().signal });
  const { state, result } = await importOf(scope, id);
  return { state: state === "accepting" ? "accepting" : "accepted", run: run?.run ?? null, result };
}

/**
 * A file from beginning to end, as a command takes it: what is suggested is taken, but no file that does not agree with itself. Gives the
 * figures; `accepted: false` where it was not taken in.
 */
export async function importFile(
  scope: Scope,
  file: Readonly<{ name: string; bytes: Uint8Array }>,
  isPreview: boolean,
): Promise<ImportResult> {
  const { id } = await takeFile(scope, file);
  const { result } = await importOf(scope, id);
  const isTaken = !isPreview && result.accepted !== false;
  return printed(isTaken ? (await acceptImport(scope, id, { takesLayout: true, atOnce: true })).result : result);
}

type Begun = Readonly<{ run: string; isHere: boolean }>;

/** The first step, in one transaction: all of a small bank file; else what a run then goes on with. Null: it is done already. */
async function begin(tx: Tx, scope: Scope, id: string, how: Accept): Promise<Begun | null> {
  const books = await lockBooks(tx, scope);
  const one = await importIn(tx, scope, id, true);
  await checkState(tx, scope, one);
  await recordAudit(tx, scope, { what: "import.begin", about: id, after: { file: one.fileName } });
  const reading = await readingOf(tx, scope, one);
  const foreign = foreignCurrency(reading, scope.currency);
  if (foreign !== null)
    throw new Refusal(
      "unknown_currency",
      `This file is in ${foreign}; the books are kept in ${scope.currency}. It cannot be booked yet.`,
    );
  if (reading.agrees === false && how.takesAnyway !== true)
    throw new Refusal(
      "does_not_reconcile",
      "The file does not agree with what it says of itself. Tick that you take it anyway.",
      {
        field: "takesAnyway",
      },
    );
  return reading.type === "bank"
    ? beginBank(tx, scope, books, one, reading, how)
    : beginChannel(tx, scope, books, one, reading, how);
}

async function checkState(tx: Tx, scope: Scope, one: Import): Promise<void> {
  if (one.state === "accepted")
    throw new Refusal("already_imported", `${one.fileName} is here already: 0 new.`, { import: one.id });
  if (one.state === "accepting") {
    const [run] = await rowsOf<{ id: string }>(
      tx,
      sql`select id from app.runs where business_id = ${scope.businessId} and job = 'acceptImport' and about = ${one.id} order by id desc limit 1`,
    );
    throw new Refusal(
      "running_already",
      "This file is being brought in already.",
      run === undefined ? {} : { run: run.id },
    );
  }
  if (one.state !== "preview") throw new Refusal("stale", "This file was taken back. Bring it in once more.");
}

async function beginBank(
  tx: Tx,
  scope: Scope,
  books: Books,
  one: Import,
  reading: BankReading,
  how: Accept,
): Promise<Begun | null> {
  const doubt = reading.layout?.doubts[0];
  if (doubt !== undefined && how.takesLayout !== true)
    throw new Refusal(
      doubt === "date style" ? "ambiguous_date" : doubt === "decimal mark" ? "ambiguous_number" : "missing_column",
      `Say first how the file is to be read: its ${doubt} can be read in two ways.`,
      { field: doubt === "date style" ? "dateStyle" : "decimalMark" },
    );
  const codes: string[] = [];
  for (const [i, account] of reading.accounts.entries())
    codes.push(await accountFor(tx, scope, one.choices.accounts[i], account.account));
  const choices: Choices = { ...one.choices, accounts: codes.map((code) => ({ code })) };
  if (reading.layout !== null && codes[0] !== undefined) await rememberLayout(tx, scope, reading.layout, codes[0]);
  await tx.execute(sql`delete from app.statements where business_id = ${scope.businessId} and import_id = ${one.id}`);
  await bulkInsert(
    tx,
    statements,
    reading.accounts.map((account, i) => {
      const days = account.rows.map((row) => row.date).sort();
      return {
        businessId: scope.businessId,
        id: newId(),
        importId: one.id,
        accountCode: codes[i] ?? "",
        fromOn: days[0] ?? null,
        throughOn: account.closingOn ?? days.at(-1) ?? null,
        openingMinor: account.stated.opening,
        closingMinor: account.stated.closing,
        rows: account.rows.length,
      };
    }),
  );
  const now: Import = { ...one, choices };
  if (reading.read > rowsAtOnce && how.atOnce !== true) {
    await moveImport(tx, scope, one.id, { state: "accepting", choices });
    const run = await startRun(tx, scope, {
      job: "acceptImport",
      about: one.id,
      label: one.fileName,
      total: reading.read,
    });
    await request(tx, "acceptImport", { business: scope.businessId, import: one.id, run });
    return { run, isHere: false };
  }
  await moveImport(tx, scope, one.id, { state: "accepting", choices });
  for (const { account, rows } of await rowsToBring(tx, scope, reading, now))
    for (let from = 0; from < rows.length; from += rowsABatch)
      await bring(tx, scope, books, account, rows.slice(from, from + rowsABatch), one.id);
  await finishBank(tx, scope, now, reading);
  return null;
}

/** The account that a part of the file goes to, made where it is new; it is known by the file's number from now on. */
async function accountFor(
  tx: Tx,
  scope: Scope,
  choice: AccountChoice | undefined,
  number: string | null,
): Promise<string> {
  invariant(choice !== undefined, "each account of a file has a choice");
  if (!("code" in choice)) return addMoneyAccountIn(tx, scope, choice);
  const rows = await rowsOf<{ currency: string }>(
    tx,
    sql`update app.accounts set bank_number = coalesce(bank_number, ${numberEnd(number)}) where business_id = ${scope.businessId} and code = ${choice.code}
          and holds in ('bank', 'card', 'cash') and not is_archived returning currency`,
  );
  if (rows.length === 0) throw new Refusal("unknown_id", "Choose one of the accounts.", { field: "account" });
  return choice.code;
}

type ToBring = Readonly<{ account: string; rows: readonly SortedRow[] }>;

/** What of the file is not here yet, by account, in the order in which it happened. */
async function rowsToBring(tx: Tx, scope: Scope, reading: BankReading, one: Import): Promise<readonly ToBring[]> {
  const sorted = await sortReading(tx, scope, reading, one.choices, one.id);
  return sorted.map((rows, i) => {
    const choice = one.choices.accounts[i];
    invariant(choice !== undefined && "code" in choice, "accounts are chosen before rows are brought");
    const wanted = rows.filter(
      (row) => row.status === "new" || (row.status === "doubtful" && one.choices.takesDoubtful),
    );
    return { account: choice.code, rows: inTimeOrder(wanted) };
  });
}

async function bring(
  tx: Tx,
  scope: Scope,
  books: Books,
  account: string,
  rows: readonly SortedRow[],
  importId: string,
): Promise<void> {
  await recordAudit(tx, scope, { what: "import.rows", about: importId, after: { account, rows: rows.length } });
  const { ids, fresh } = await addRows(tx, scope, account, rows, importId);
  await postTransactions(tx, scope, books, await transactionsOf(tx, scope, ids), fresh);
  await sortByThemselves(tx, scope, books, ids);
}

async function finishBank(tx: Tx, scope: Scope, one: Import, reading: BankReading): Promise<void> {
  const [row] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::int as n from app.transactions where business_id = ${scope.businessId} and import_id = ${one.id} and not is_undone`,
  );
  const isNew = row?.n ?? 0;
  const sorted = await sortReading(tx, scope, reading, one.choices, one.id);
  const doubtful = sorted.reduce((sum, rows) => sum + rows.filter((each) => each.status === "doubtful").length, 0);
  await finish(tx, scope, one, { new: isNew, doubtful, already: one.result.read - isNew - doubtful });
}

async function finish(
  tx: Tx,
  scope: Scope,
  one: Import,
  counts: Readonly<{ new: number; already: number; doubtful: number }>,
): Promise<void> {
  const { accepted: _told, ...rest } = one.result;
  await moveImport(tx, scope, one.id, { state: "accepted", choices: one.choices, result: { ...rest, ...counts } });
  await recordAudit(tx, scope, { what: "import.accept", about: one.id, after: { file: one.fileName, ...counts } });
}

async function beginChannel(
  tx: Tx,
  scope: Scope,
  books: Books,
  one: Import,
  reading: ChannelReading,
  how: Accept,
): Promise<Begun> {
  const channel = one.choices.channel ?? (await newChannel(tx, scope, reading.channel));
  if (reading.sales !== undefined) await rememberSales(tx, scope, reading.sales);
  const fresh = await freshDocuments(tx, scope, channel, reading);
  const documents = reading.documents.filter((document) => fresh.has(document.externalId));
  await dropReplaced(tx, scope, books, channel, one.id, documents);
  for (let from = 0; from < documents.length; from += 5_000)
    await storeDocuments(tx, scope, channel, documents.slice(from, from + 5_000), one.id);
  const { result } = one;
  await moveImport(tx, scope, one.id, { state: "accepting", choices: { ...one.choices, channel }, channel, result });
  const run = await startRun(tx, scope, { job: "acceptImport", about: one.id, label: one.fileName });
  const isHere = how.atOnce === true || documents.length <= documentsAtOnce;
  if (how.atOnce !== true)
    await request(tx, "acceptImport", { business: scope.businessId, import: one.id, run }, isHere ? safetyMs : 0);
  return { run, isHere };
}

async function newChannel(tx: Tx, scope: Scope, kind: string): Promise<string> {
  require(scope, "connect");
  const id = await freeChannelId(tx, scope, kind);
  await addChannel(tx, scope, { id, kind, name: kindOf(kind).manifest.name, state: "file" });
  return id;
}

export type StoredDocument = RawDocument & Readonly<{ source: string | null; state: string }>;

/** The stored documents of these ids, the greatest version last. */
export async function storedOf(
  tx: Tx,
  scope: Scope,
  channel: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly StoredDocument[]>> {
  const found = new Map<string, StoredDocument[]>();
  for (let from = 0; from < ids.length; from += 5_000) {
    const rows = await rowsOf<StoredDocument>(
      tx,
      sql`select feed, external_id as "externalId", version, body, source, state from app.raw_documents where business_id = ${scope.businessId}
            and channel_id = ${channel} and feed = 'file' and external_id = any(${list("text", ids.slice(from, from + 5_000))}) order by external_id, version`,
    );
    for (const row of rows) found.set(row.externalId, [...(found.get(row.externalId) ?? []), row]);
  }
  return found;
}

/**
 * A later version of a document may say less than the earlier one did (a tax row that stood alone is part of its order now): what it
 * does not say any more goes. The facts that it still says are replaced when it is read.
 */
async function dropReplaced(
  tx: Tx,
  scope: Scope,
  books: Books,
  channel: string,
  source: string,
  documents: readonly RawDocument[],
): Promise<void> {
  const known = await storedOf(
    tx,
    scope,
    channel,
    documents.map((document) => document.externalId),
  );
  if (known.size === 0) return;
  const keysOf = await reader(tx, scope, channel);
  const saidNow = new Set(documents.flatMap((document) => keysOf(document)));
  const gone = documents.flatMap((document) => {
    const before = known
      .get(document.externalId)
      ?.filter((one) => one.state === "read")
      .at(-1);
    if (before === undefined || before.version > document.version) return [];
    return keysOf(before).filter((key) => !saidNow.has(key));
  });
  await undoLive(tx, scope, books, source, gone);
}

/** What a channel's stored document says, as the keys of its facts. */
export async function reader(
  tx: Tx,
  scope: Scope,
  channel: string,
): Promise<(document: RawDocument) => readonly string[]> {
  const [row] = await rowsOf<{ kind: string }>(
    tx,
    sql`select kind from app.channels where business_id = ${scope.businessId} and id = ${channel}`,
  );
  const connector = await kindOf(row?.kind ?? "").load();
  const account = { channel, currency: scope.currency, timeZone: scope.timeZone };
  return (document) => {
    try {
      return saidIn(connector, document, account).facts.map(factKey);
    } catch (error) {
      // What cannot be read says nothing, and is set aside where it is read into the books.
      if (error instanceof ChannelError && error.failure === "unreadable") return [];
      throw error;
    }
  };
}

/** Undoes those of these facts that are in the books, and says so in the audit trail. `source`: the file that they came or go with. */
export async function undoLive(
  tx: Tx,
  scope: Scope,
  books: Books,
  source: string,
  keys: readonly string[],
  watch?: UndoWatch,
): Promise<number> {
  if (keys.length === 0) return 0;
  const rows = await rowsOf<{ id: string }>(
    tx,
    sql`select id from app.facts where business_id = ${scope.businessId} and undone_at is null and id = any(${list("text", [...new Set(keys)])})`,
  );
  const live = rows.map((row) => row.id);
  if (live.length > 0) await auditUndo(tx, scope, books, { source, userId: scope.userId }, live);
  return undoIn(tx, scope, books, live, { source: null, userId: scope.userId }, watch);
}

/** Goes on with a file whose acceptance was begun, from wherever it is. "again": it gives way to others. */
export async function runImport(
  scope: Scope,
  work: Readonly<{ id: string; run: string; signal: AbortSignal }>,
): Promise<"done" | "again"> {
  const one = await importOf(scope, work.id);
  if (one.state !== "accepting") return "done";
  if (one.kind === "bank") return runBank(scope, one, work);
  invariant(one.channelId !== null, "a channel's file has its channel once it is accepted");
  const { run, signal } = work;
  if ((await digestChannel(scope, { channelId: one.channelId, run, signal, revives: true })) === "again")
    return "again";
  await failpoint("import.digested");
  await inBusiness(scope, async (tx) => {
    await lockBooks(tx, scope);
    const now = await importIn(tx, scope, work.id, true);
    if (now.state === "accepting") await finish(tx, scope, now, now.result);
  });
  return "done";
}

async function runBank(
  scope: Scope,
  one: Import,
  work: Readonly<{ id: string; run: string; signal: AbortSignal }>,
): Promise<"done" | "again"> {
  const begun = await beginRun(scope, work.run);
  // A run that was given up is not the file's end: what is missing is brought all the same when somebody asks again.
  if (begun === null && one.state !== "accepting") return "done";
  const reading = await inBusiness(scope, (tx) => readingOf(tx, scope, one));
  if (reading.type !== "bank") return "done";
  const plan = await inBusiness(scope, (tx) => rowsToBring(tx, scope, reading, one));
  let isStopped = false;
  for (const { account, rows } of plan) {
    for (let from = 0; from < rows.length && !isStopped; from += rowsABatch) {
      work.signal.throwIfAborted();
      isStopped = begun !== null && (await isCancelled(scope, work.run));
      if (isStopped) break;
      const batch = rows.slice(from, from + rowsABatch);
      await inBusiness(scope, async (tx) => {
        const books = await lockBooks(tx, scope);
        await bring(tx, scope, books, account, batch, one.id);
        await countIn(tx, scope, work.run, { done: batch.length, skipped: 0 });
      });
      await failpoint("import.batch");
    }
  }
  await inBusiness(scope, async (tx) => {
    await lockBooks(tx, scope);
    const now = await importIn(tx, scope, one.id, true);
    if (now.state === "accepting") await finishBank(tx, scope, now, reading);
    await finishRunIn(tx, scope, work.run, {
      state: isStopped ? "cancelled" : "done",
      note: isStopped ? "Stopped. What came in so far stays; it can be taken back." : null,
    });
  });
  return "done";
}

/** A file whose job was given up: it can be accepted again, which goes on where it was. */
export function importStopped(scope: Scope, id: string): Promise<void> {
  return inBusiness(scope, async (tx) => {
    const one = await importIn(tx, scope, id, true);
    if (one.state !== "accepting") return;
    await moveImport(tx, scope, id, { state: "preview" });
    await recordAudit(tx, scope, { what: "import.stop", about: id, before: { file: one.fileName } });
  });
}
