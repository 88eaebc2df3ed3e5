/**
 * From stored documents into the books: what a channel said is understood by its connector (pure) and recorded as facts, some hundred
 * documents in one transaction with the marks that say they were read. So a worker that dies repeats at most one batch, and a batch
 * that was committed is not seen again.
 *
 * One document that is wrong must not hold up the others. What a connector cannot read is kept with a note. What the books refuse (a
 * refund before its order) is parked with the reason, and tried again after the next pull that brought something new.
 */
import { sql } from "drizzle-orm";
import { list } from "../db/bulk";
import { inBusiness, rowsOf, type Tx } from "../db/scope";
import type { Account, Connector, Feed, Shelving } from "../integrations/connector";
import { settle } from "./books/costing";
import { lockBooks } from "./books/ledger";
import { Refusal } from "./core/errors";
import { asDecided, findAlike } from "./desk/alike-find";
import { placedTypesIn } from "./desk/placed-types";
import { joinDepositsIn } from "./desk/transactions";
import { reopenTransfers } from "./desk/transfers";
import { readAll, type SetAside, type Stored, WrongDocument, wrongDocument } from "./documents-in";
import { lookAt } from "./looking";
import { wakeRated } from "./money/rates";
import { require, type Scope } from "./people/access";
import { recordAudit } from "./people/audit";
import { recordIn } from "./record";
import { openChannel, openChannelIn } from "./sales/channels";
import { paced } from "./sales/pace";
import { pullFeeds, wasRead } from "./sales/pull";
import { markDifferences, retryShelves, shelvesFor, takeShelves } from "./shelves";
import { failpoint } from "./system/failpoints";
import { beginRun, countIn, finishRunIn, isCancelled, progressIn, type Run, runOf, type Step } from "./system/runs";
import { type UndoWatch, undoSourceIn } from "./undo";

const mostAtOnce = 500;
/** A long sync gives way to others' jobs after so long, and goes on behind them. */
const turnMs = 240_000;

/** `revives`: a person brings it in on purpose (a file), so what was undone before comes back. */
export type Work = Readonly<{ channelId: string; run: string; signal: AbortSignal; revives?: boolean }>;

/** Where a step is done: in a transaction of its own, or in a part of the caller's that can be rolled back alone. */
type Within = <T>(step: (tx: Tx) => Promise<T>) => Promise<T>;
type Reading = Work & Readonly<{ within: Within; isStopped: () => Promise<boolean> }>;

/** Each step is kept as soon as it is done; somebody may stop the run between two. */
function byItself(scope: Scope, work: Work): Reading {
  return {
    ...work,
    within: (step) => inBusiness(scope, step),
    isStopped: () => isCancelled(scope, work.run),
  };
}

/** Pulls a channel to its end and reads what it brought. "again": its turn is over before it is; it is to be called again. */
export async function syncChannel(scope: Scope, work: Work): Promise<"done" | "again"> {
  const begun = await beginRun(scope, work.run);
  if (begun === null) return "done";
  const { connector, feeds, since, isTrial } = await openChannel(scope, work.channelId);
  const untilMs = Date.now() + turnMs;
  // Files come by hand; there is nobody to pull them from.
  const pulledFeeds = feeds.filter((feed) => feed !== "file");
  const pulling = { ...work, scope, connector, since, untilMs, readsAhead: !isTrial };
  const planned = { connector, feeds, untilMs, isSync: true };
  let { steps } = begun;
  for (;;) {
    const pulled = await pullFeeds(pulling, pulledFeeds, steps);
    if (pulled.kind === "cancelled") return cancelled(scope, work);
    if (pulled.kind === "later") return "again";
    if (isTrial) return lookAt(scope, work, connector, feeds);
    const plan = { ...planned, steps: pulled.steps, triesRefused: pulled.fresh > 0 };
    if (pulled.kind === "all") return digest(scope, byItself(scope, work), plan);
    const read = await readAhead(scope, byItself(scope, work), plan);
    if (read === "cancelled") return cancelled(scope, work);
    if (read === "later") return "again";
    steps = read;
  }
}

/** Reads what waits of a channel's documents: files that were accepted, or what is to be read again. */
export async function digestChannel(scope: Scope, work: Work): Promise<"done" | "again"> {
  const begun = await beginRun(scope, work.run);
  if (begun === null) return "done";
  const { connector, feeds, isTrial } = await openChannel(scope, work.channelId);
  if (isTrial) return lookAt(scope, work, connector, feeds);
  const untilMs = Date.now() + turnMs;
  const plan = { connector, feeds, steps: begun.steps, triesRefused: true, untilMs, isSync: false };
  return digest(scope, byItself(scope, work), plan);
}

/**
 * The same in the caller's transaction, which holds the books' lock, with a run that it has begun: all of what waits is read, however long
 * that takes, and stands or falls with what made it wait. A channel that is only looked at is left waiting: nothing of it is in the books.
 * `watch` is asked between two batches, and stops all of it by throwing.
 */
export async function digestWithin(
  tx: Tx,
  scope: Scope,
  work: Work,
  watch: () => Promise<void> = async () => undefined,
): Promise<void> {
  const { connector, feeds, isTrial } = await openChannelIn(tx, scope, work.channelId);
  if (isTrial) return finishRunIn(tx, scope, work.run, { state: "done" });
  const plan = { connector, feeds, steps: [], triesRefused: true, untilMs: Number.POSITIVE_INFINITY, isSync: false };
  const isStopped = async () => {
    await watch();
    return false;
  };
  await digest(scope, { ...work, within: (step) => tx.transaction(step), isStopped }, plan);
}

type Plan = Readonly<{
  connector: Connector;
  feeds: readonly Feed[];
  /** What the run has done before. */
  steps: readonly Step[];
  triesRefused: boolean;
  untilMs: number;
  isSync: boolean;
}>;

/** Reads what came first while there is more to come: the steps from which the pull goes on. What the books refuse waits for the end. */
async function readAhead(scope: Scope, work: Reading, plan: Plan): Promise<readonly Step[] | "cancelled" | "later"> {
  const pace = pacing(plan.steps, await count(scope, work, false));
  const read = await readFeeds(scope, work, plan, new Map(), pace);
  if (typeof read === "string") return read;
  const steps = wasRead(read.steps);
  await work.within((tx) => progressIn(tx, scope, work.run, { steps }));
  return steps;
}

/** How many documents the run has read. Says how many there are to be read, once all are here: before, nobody knows. */
async function count(scope: Scope, { channelId, run, within }: Reading, areAllHere: boolean): Promise<number> {
  const done = await within(async (tx) => {
    const [row] = await rowsOf<{ waiting: number; done: number }>(
      tx,
      sql`select (select count(*)::int from app.raw_documents where business_id = ${scope.businessId} and channel_id = ${channelId}
            and state = 'waiting') as waiting, (select done::float8 from app.runs where business_id = ${scope.businessId} and id = ${run}) as done`,
    );
    const read = row?.done ?? 0;
    await progressIn(
      tx,
      scope,
      run,
      areAllHere
        ? { total: (row?.waiting ?? 0) + read, note: null }
        : { note: "The newest of it goes into the books first" },
    );
    return read;
  });
  await failpoint("digest.counted");
  return done;
}

async function digest(scope: Scope, work: Reading, plan: Plan): Promise<"done" | "again"> {
  const { channelId, run } = work;
  if (plan.triesRefused) await work.within((tx) => wakeRefused(tx, scope, channelId));
  let pace = pacing(plan.steps, await count(scope, work, true));
  const aside = new Map<string, SetAside>();
  for (;;) {
    const read = await readFeeds(scope, work, plan, aside, pace);
    if (read === "cancelled") return cancelled(scope, work);
    if (read === "later") return "again";
    pace = read;
    if (plan.connector.shelving !== undefined) await retryWaiting(scope, work, plan.connector.shelving);
    // Payouts that came in are looked for among the deposits that are here.
    await work.within(async (tx) => joinDepositsIn(tx, scope, await lockBooks(tx, scope)));
    await failpoint("digest.done");
    const isOver = await work.within(async (tx) => {
      // Who brings a rate asks for no second reading while this one is open: both look under the channel's lock.
      await tx.execute(
        sql`select 1 from app.channels where business_id = ${scope.businessId} and id = ${channelId} for update`,
      );
      if ((await wakeRated(tx, scope, channelId)) > 0) return false;
      const parked = await parkedCount(tx, scope, channelId);
      const { steps } = after(pace, 0, "done");
      await finishRunIn(tx, scope, run, { state: "done", skipped: parked, note: null, steps });
      if (plan.isSync)
        await tx.execute(sql`
          update app.channels set last_synced_at = now() where business_id = ${scope.businessId} and id = ${channelId}`);
      await failpoint("digest.finishing");
      return true;
    });
    if (isOver) break;
  }
  await failpoint("digest.finished");
  return "done";
}

/** Reads all that waits, feed by feed, each to its end: how far it is then, or why it stopped before. */
async function readFeeds(
  scope: Scope,
  work: Reading,
  plan: Plan,
  aside: Map<string, SetAside>,
  begun: Paced,
): Promise<Paced | "cancelled" | "later"> {
  let pace = begun;
  for (const feed of plan.feeds) {
    let size = mostAtOnce;
    // What was read stays in the index of what waits until it is cleaned: a batch begins where the one before ended, not there.
    let from: string | null = null;
    for (;;) {
      work.signal.throwIfAborted();
      if (await work.isStopped()) return "cancelled";
      if (Date.now() > plan.untilMs) return "later";
      try {
        const read = await readBatch(scope, work, { connector: plan.connector, feed, size, from, aside, pace });
        await failpoint("digest.committed");
        if (read === null && from === null) break;
        // At the end once more from the beginning: something may have come meanwhile.
        from = read?.last ?? null;
        pace = read?.pace ?? pace;
        size = Math.min(mostAtOnce, size * 2);
      } catch (error) {
        const wrong = error instanceof WrongDocument ? error : null;
        if (wrong === null) throw error;
        aside.set(wrong.key, wrong.aside);
        // Each refusal costs its batch once more: where there is one there may be many, so the next is smaller.
        size = Math.max(8, Math.floor(size / 2));
      }
    }
  }
  return pace;
}

/** What happened on the channel's shelves and waited: for a product, for a refund. Some hundred in one transaction, as documents are read. */
async function retryWaiting(scope: Scope, { channelId, run, within }: Reading, shelving: Shelving): Promise<void> {
  const left = new Set<string>();
  for (let from: string | null = ""; from !== null; ) {
    const at: string = from;
    try {
      from = await within(async (tx) => {
        const books = await lockBooks(tx, scope);
        const next = await retryShelves(tx, scope, books, { channelId, run, shelving }, at, left);
        await recordIn(tx, scope, books, [], { source: run, userId: null }, { settles: true, waits: false });
        await markDifferences(tx, scope, channelId);
        return next;
      });
    } catch (error) {
      if (!(error instanceof WrongDocument)) throw error;
      left.add(error.key);
    }
  }
}

/** How far the run is, with the books' own step, which counts nothing (the run does) and keeps the pace. */
type Paced = Readonly<{ steps: readonly Step[]; done: number }>;

const booksStep: Step = { key: "books", label: "Into the books", state: "running", done: 0, more: { fresh: 0 } };

function pacing(steps: readonly Step[], done: number): Paced {
  const known = steps.find((step) => step.key === booksStep.key) ?? booksStep;
  const others = steps.filter((step) => step.key !== booksStep.key);
  const begun = { ...known, more: paced(known.more ?? {}, Date.now(), done) };
  return { steps: [...others, begun], done };
}

/** The same steps after some more documents, the books' last. */
function after({ steps, done }: Paced, read: number, state: Step["state"] = "running"): Paced {
  const now = done + read;
  const move = (step: Step): Step =>
    step.key === booksStep.key ? { ...step, state, more: paced(step.more ?? {}, Date.now(), now) } : step;
  return { steps: steps.map(move), done: now };
}

async function cancelled(scope: Scope, work: Work): Promise<"done"> {
  await inBusiness(scope, (tx) =>
    finishRunIn(tx, scope, work.run, { state: "cancelled", note: "Stopped. What was read stays." }),
  );
  return "done";
}

/** What the books refused is tried again: what it waited for may be here now. */
async function wakeRefused(tx: Tx, scope: Scope, channelId: string): Promise<void> {
  await tx.execute(sql`
    update app.raw_documents set state = 'waiting', note = null, rate_currency = null, rate_on = null
    where business_id = ${scope.businessId} and channel_id = ${channelId} and state = 'refused'`);
}

async function parkedCount(tx: Tx, scope: Scope, channelId: string): Promise<number> {
  const [row] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::int as n from app.raw_documents where business_id = ${scope.businessId} and channel_id = ${channelId}
          and state in ('refused', 'unreadable')`,
  );
  return row?.n ?? 0;
}

/**
 * Reads up to `size` waiting documents of a feed into the books, in one transaction, from one of a name on. Gives how far that is and the
 * name of the last; null where none waited.
 */
async function readBatch(
  scope: Scope,
  work: Reading,
  batch: Readonly<{
    connector: Connector;
    feed: Feed;
    size: number;
    from: string | null;
    aside: Map<string, SetAside>;
    pace: Paced;
  }>,
): Promise<Readonly<{ pace: Paced; last: string | null }> | null> {
  const { connector, feed, size, from, aside } = batch;
  const { channelId, run } = work;
  const { shelving } = connector;
  return work.within(async (tx) => {
    // The books' lock first, so that two workers on one channel read one after the other and the second finds nothing left.
    const books = await lockBooks(tx, scope);
    const documents = await rowsOf<Stored>(
      tx,
      sql`select feed, external_id as "externalId", version, body, external_id || chr(31) || version as key from app.raw_documents
          where business_id = ${scope.businessId} and channel_id = ${channelId} and feed = ${feed} and state = 'waiting'
            ${from === null ? sql`` : sql`and external_id >= ${from}`}
          order by external_id, version limit ${size}`,
    );
    if (documents.length === 0) return null;
    const placed = await placedTypesIn(tx, scope, channelId);
    const shelves =
      shelving === undefined ? null : await shelvesFor(tx, scope, books, { channelId, shelving }, documents);
    const account: Account = {
      channel: channelId,
      currency: scope.currency,
      timeZone: scope.timeZone,
      ...(shelves === null ? {} : { shelves }),
    };
    const { facts, owners, marks } = await readAll(tx, scope, connector, documents, { account, placed }, aside);
    // A person may have said what some of it is: told already, or the payment of another channel's order.
    const told = await asDecided(tx, scope, { facts, owners });
    try {
      const origin = { source: run, userId: null, revives: work.revives === true };
      const isStock = feed === "stock" && shelving !== undefined && shelves !== null;
      await recordIn(tx, scope, books, told.facts, origin, { settles: !isStock, waits: false });
      if (isStock) {
        const rest = documents.filter(({ key }) => !marks.has(key));
        await takeShelves(tx, scope, books, { channelId, run, shelving }, shelves, rest);
        await recordIn(tx, scope, books, [], origin, { settles: true, waits: false });
        await markDifferences(tx, scope, channelId);
      }
    } catch (error) {
      throw wrongDocument(error, told.owners);
    }
    const all = told.facts.map((one) => one.fact);
    await findAlike(tx, scope, all, { channelId, run, isFile: feed === "file" });
    await mark(tx, scope, channelId, feed, documents, marks);
    const done = documents.length - marks.size;
    await countIn(tx, scope, run, { done, skipped: marks.size });
    const pace = after(batch.pace, done);
    await progressIn(tx, scope, run, { steps: pace.steps });
    await failpoint("digest.recorded");
    return { pace, last: documents.at(-1)?.externalId ?? null };
  });
}

async function mark(
  tx: Tx,
  scope: Scope,
  channelId: string,
  feed: Feed,
  documents: readonly Stored[],
  marks: ReadonlyMap<string, SetAside>,
): Promise<void> {
  const states = documents.map((document) => marks.get(document.key)?.state ?? "read");
  const notes = documents.map((document) => marks.get(document.key)?.note ?? null);
  const waits = documents.map((document) => marks.get(document.key)?.waits);
  await tx.execute(sql`
    update app.raw_documents d set state = u.state, note = u.note, rate_currency = u.rate_currency, rate_on = u.rate_on
    from unnest(${list(
      "text",
      documents.map((one) => one.externalId),
    )}, ${list(
      "text",
      documents.map((one) => one.version),
    )},
      ${list("text", states)}, ${list("text", notes)}, ${list(
        "text",
        waits.map((one) => one?.currency ?? null),
      )}, ${list(
        "date",
        waits.map((one) => one?.on ?? null),
      )}) as u(external_id, version, state, note, rate_currency, rate_on)
    where d.business_id = ${scope.businessId} and d.channel_id = ${channelId} and d.feed = ${feed}
      and d.external_id = u.external_id and d.version = u.version`);
}

/** What a long undo tells while it goes on, and what is to stand or fall with it. */
export type Undoing = Readonly<{ watch?: UndoWatch; ended?: (tx: Tx, gone: number) => Promise<void> }>;

/** Takes back what one sync brought into the books; the documents stay, and another sync does not bring it back. Gives how many facts. */
export async function undoSync(scope: Scope, run: string, undoing: Undoing = {}): Promise<number> {
  require(scope, "write");
  const what = await syncOver(scope, run);
  return inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    const origin = { source: null, userId: scope.userId };
    const undone = await undoSourceIn(tx, scope, books, run, origin, undoing.watch);
    if (undone === 0) throw new Refusal("nothing_to_undo", "This sync brought nothing that is still in the books.");
    await recordAudit(tx, scope, { what: "channel.undo-sync", about: what.about, before: { run, facts: undone } });
    await reopenTransfers(tx, scope, run);
    await settle(tx, scope, books);
    await undoing.ended?.(tx, undone);
    return undone;
  });
}

/** A sync that has ended. Refuses `not_found` for a run that is none, `running_already` while it runs. */
export async function syncOver(scope: Scope, run: string): Promise<Run> {
  const what = await runOf(scope, run);
  if (what.job !== "syncChannel" && what.job !== "digestChannel")
    throw new Refusal("not_found", "There is no such sync.");
  if (what.state === "waiting" || what.state === "running")
    throw new Refusal("running_already", "Stop the sync first, then undo it.");
  return what;
}
