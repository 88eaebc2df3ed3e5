/**
 * The one way into the books: facts in, and everything that follows from them, in one transaction. Forms, imports, syncs and replay
 * all come here, so the same fact posts the same whichever way it came.
 *
 * Facts of a kind are written together, since a thousand rows in one statement cost little more than one; a fact may name only what
 * stands before it. An undo or a close is a point in time between two such groups.
 */
import { sql } from "drizzle-orm";
import { bulkInsert, inOrder, list } from "../db/bulk";
import { facts as factsTable } from "../db/schema";
import { expectRows, type InBusiness, inBusiness, rowsOf, type Tx } from "../db/scope";
import { type Batch, hashOf, type Incoming, type Origin, openBatch } from "./books/batch";
import { type Settled, settle, waiting } from "./books/costing";
import { type Books, lockBooks, post, type Wanted } from "./books/ledger";
import { nothingTouched, payoutsTouched, type Touched, touchRow, touchRowsOf } from "./books/payout-exchange";
import { closeIn } from "./books/periods";
import { Refusal } from "./core/errors";
import { type CloseFact, dayOf, type Fact, type FactKind, factKey, type UndoableKind } from "./core/facts";
import { postingsOf } from "./core/posting";
import { reviveFact } from "./core/revive";
import { writeNames } from "./fact-names";
import { type Run, recordJudged } from "./judged";
import { letOtherDepositsGo } from "./money/deposits";
import { payoutWants } from "./money/payout-wants";
import { recordAudit } from "./people/audit";
import { formerOf, namedFacts, type Said } from "./people/audit-facts";
import { recordBackfills, recordMatches, recordPins } from "./sales/pins";
import {
  recordBalanceRows,
  recordCharges,
  recordOrders,
  recordPayouts,
  recordPlacements,
  recordReturns,
} from "./sales/record";
import { recordStockDocuments } from "./stock/documents";
import { recordItems, recordLocations } from "./stock/items";
import { recordAssemblies } from "./stock/production";
import { recordPurchaseReturns } from "./stock/purchase-returns";
import { recordPurchases } from "./stock/purchases";
import { rematchItems } from "./stock/rematching";
import { request } from "./system/outbox";
import { auditUndo, type ToUndo, undoAll } from "./undo";

/** A fact with its source's version, where the source has versions: a later one (compared by code point) replaces an earlier one. */
export type VersionedFact = Readonly<{ fact: Fact; version: string | null }>;

/** How many facts were new, known already (or undone for good), and replaced by a new version. */
export type Recorded = Readonly<{ added: number; already: number; replaced: number; settled: Settled }>;

/** From more facts than this on, planning for the values at hand costs less than a plan that does not fit them. */
const fewFacts = 50;

/** A fold of more movements than this is asked for as a job instead of keeping a form waiting. */
const foldAtOnce = 50_000;

/**
 * Records facts in one transaction: known ones are skipped, wrong ones refused (Refusal with `detail.index`, the fact's place), and
 * nothing stays of a recording that is refused. Costs and entries follow in the same transaction, or in a job where the fold is long.
 */
export function record(scope: InBusiness, facts: readonly VersionedFact[], origin: Origin): Promise<Recorded> {
  return inBusiness(scope, async (tx) =>
    recordIn(tx, scope, await lockBooks(tx, scope), facts, origin, { settles: true, audits: true }),
  );
}

/**
 * The same inside a transaction that holds the books' lock. `settles` false leaves the folding to a later call of `settle`. The caller
 * writes the audit row of what a person does, which says more; of what no person does, or with `audits`, it is written here.
 */
export async function recordIn(
  tx: Tx,
  scope: InBusiness,
  books: Books,
  facts: readonly VersionedFact[],
  origin: Origin,
  options: Readonly<{ settles: boolean; waits?: boolean; audits?: boolean }> = { settles: true },
): Promise<Recorded> {
  const isAudited = origin.userId === null || options.audits === true;
  // What a single fact wants to have posted is posted with its cost: one block of the chain, and half as many statements of the journal.
  const later: Wanted[] | null = options.settles && facts.length === 1 ? [] : null;
  let counts = { added: 0, already: 0, replaced: 0 };
  let now = books;
  let part: Told[] = [];
  let takenBack = new Map<string, ToUndo>();
  const undo = async (wanted: readonly ToUndo[]) => {
    if (wanted.length === 0) return;
    if (isAudited)
      await auditUndo(
        tx,
        scope,
        now,
        origin,
        wanted.map((one) => one.key),
      );
    const undone = await undoAll(tx, scope, now, wanted, origin);
    counts = { ...counts, added: counts.added + undone, already: counts.already + wanted.length - undone };
  };
  const flush = async () => {
    if (part.length > 0) {
      const [known, told] = [now, part];
      part = [];
      const done = await recordJudged(
        tx,
        scope,
        told.map((one) => one.fact),
        (inner, first, end) => recordRun(inner, scope, known, told.slice(first, end), origin, isAudited, later),
      );
      counts = {
        added: counts.added + done.added,
        already: counts.already + done.already,
        replaced: counts.replaced + done.replaced,
      };
    }
    const wanted = [...takenBack.values()].sort((a, b) => (a.of === b.of ? 0 : a.of === "balance_row" ? -1 : 1));
    takenBack = new Map();
    await undo(wanted);
  };
  for (const [index, { fact, version }] of facts.entries()) {
    if (fact.kind === "undo" && isApart(fact.of)) {
      if (takenBack.has(fact.key)) counts = { ...counts, already: counts.already + 1 };
      else takenBack.set(fact.key, { key: fact.key, of: fact.of, index });
    } else if (fact.kind === "undo") {
      await flush();
      await undo([{ key: fact.key, of: fact.of, index }]);
    } else if (fact.kind === "close") {
      await flush();
      // What was recorded before a close is posted before it.
      await settle(tx, scope, now);
      now = await close(tx, scope, now, fact, index, origin);
    } else {
      // Told again after it was taken back: that is another thing than the other way round.
      if (takenBack.size > 0 && takenBack.has(factKey(fact))) await flush();
      part.push({ fact, version, index });
    }
  }
  await flush();
  let settled: Settled = { groups: 0, steps: 0, entries: 0, corrections: 0 };
  if (options.settles) {
    if (options.waits === false && (await waiting(tx, scope)) > foldAtOnce) {
      await post(tx, scope, now, later ?? []);
      await request(tx, "recost", { business: scope.businessId });
    } else settled = await settle(tx, scope, now, later ?? []);
  }
  return { ...counts, settled };
}

/** A fact with its place in what the caller was given. */
type Told = VersionedFact & Readonly<{ index: number }>;

/**
 * Charges and rows of a balance name no fact and are named by none, and nothing is refused for their sake. So they may be taken back
 * together, after what else is recorded: a settlement that says thousands of them anew takes thousands back.
 */
const isApart = (kind: UndoableKind): boolean => kind === "charge" || kind === "balance_row";

/** The order in which kinds are written: what is named before what names it. */
const phases: readonly (readonly FactKind[])[] = [
  ["location"],
  ["item"],
  ["purchase"],
  ["opening", "adjustment", "transfer", "assembly"],
  ["order"],
  ["purchase_return"],
  ["return"],
  ["placement"],
  ["match"],
  ["pin"],
  ["backfill"],
  ["charge", "payout", "balance_row"],
];

/** Records facts without undo and close among them. */
async function recordRun(
  tx: Tx,
  scope: InBusiness,
  books: Books,
  facts: readonly Told[],
  origin: Origin,
  isAudited: boolean,
  later: Wanted[] | null,
): ReturnType<Run> {
  const order = new Map<string, number>();
  // Sent together: none waits for another's answer.
  const [{ incoming, already, rows }, batch] = await Promise.all([
    sift(tx, scope, facts, origin),
    openBatch(tx, scope, books, origin, order),
    expectRows(tx, facts.length > fewFacts),
  ]);
  for (const one of incoming) order.set(factKey(one.fact), one.index);
  // Read before it is written over: nothing else keeps it. Nothing is asked where nothing is replaced.
  const replaced = incoming.filter((one) => one.isNewVersion);
  const said = isAudited && replaced.length > 0 ? await replacedBy(tx, scope, books, replaced) : nothingReplaced;
  await inOrder(rows.length, [
    async () => (isAudited && rows.length > 0 ? auditRecording(tx, scope, origin, incoming, said) : undefined),
    () =>
      bulkInsert(
        tx,
        factsTable,
        rows.map((row) => ({ ...row, recordedAt: batch.recordedAt })),
        sql`on conflict (business_id, id) do update set hash = excluded.hash, version = excluded.version, body = excluded.body, source = excluded.source,
            user_id = excluded.user_id, recorded_at = excluded.recorded_at, undone_at = null`,
      ),
  ]);
  const touched = await touchedBy(batch, incoming);
  for (const kinds of phases) {
    const now = incoming.filter((one) => kinds.includes(one.fact.kind));
    if (now.length > 0) await writeKind(batch, now);
  }
  await writeNames(batch, incoming);
  const wanted = await wantedOf(batch, incoming, touched);
  if (later === null) await post(tx, scope, books, wanted);
  else later.push(...wanted);
  return {
    added: incoming.length - replaced.length,
    already,
    replaced: replaced.length,
    rematched: batch.rematched,
  };
}

/**
 * The audit row of what is recorded as facts: by a sync, an import's job, a file of facts. It comes first: the database asks for one at commit, and asks nothing of rows that come after it.
 */
async function auditRecording(
  tx: Tx,
  scope: InBusiness,
  origin: Origin,
  incoming: readonly Incoming[],
  said: Replaced,
): Promise<void> {
  const added: Record<string, number> = {};
  let replaced = 0;
  for (const { fact, isNewVersion } of incoming) {
    if (isNewVersion) replaced += 1;
    else added[fact.kind] = (added[fact.kind] ?? 0) + 1;
  }
  await recordAudit(
    tx,
    { businessId: scope.businessId, userId: origin.userId },
    {
      what: "facts.record",
      about: origin.source ?? "facts",
      ...(replaced > 0 ? { before: said.before } : {}),
      after: { ...added, ...(replaced > 0 ? { replaced } : {}), ...said.after },
    },
  );
}

/** What the first of the replaced facts said and say now, each under its key; how many more there are. */
type Replaced = Readonly<{ before: Readonly<Record<string, Said>>; after: Readonly<Record<string, Said | number>> }>;
const nothingReplaced: Replaced = { before: {}, after: {} };

async function replacedBy(tx: Tx, scope: InBusiness, books: Books, replaced: readonly Incoming[]): Promise<Replaced> {
  const now = replaced.map((one) => one.fact);
  const before = await formerOf(tx, scope, books.currency, now.map(factKey));
  return { before: Object.fromEntries(before), after: await namedFacts(tx, scope, books.currency, now) };
}

function only<K extends FactKind>(
  incoming: readonly Incoming[],
  ...kinds: readonly K[]
): Incoming<Extract<Fact, { kind: K }>>[] {
  return incoming.filter((one): one is Incoming<Extract<Fact, { kind: K }>> =>
    (kinds as readonly string[]).includes(one.fact.kind),
  );
}

async function writeKind(batch: Batch, now: readonly Incoming[]): Promise<void> {
  await recordLocations(batch, only(now, "location"));
  const items = only(now, "item");
  if (items.length > 0) {
    const { former, remade } = await recordItems(batch, items);
    await rematchItems(
      batch,
      items.map((one) => one.fact.id),
      () => items[0] ?? { index: 0 },
      former,
      remade,
    );
  }
  await recordPurchases(batch, only(now, "purchase"));
  await recordStockDocuments(batch, only(now, "opening", "adjustment", "transfer"));
  await recordAssemblies(batch, only(now, "assembly"));
  await recordOrders(batch, only(now, "order"));
  await recordPurchaseReturns(batch, only(now, "purchase_return"));
  await recordReturns(batch, only(now, "return"));
  await recordPlacements(batch, only(now, "placement"));
  await recordMatches(batch, only(now, "match"));
  await recordPins(batch, only(now, "pin"));
  await recordBackfills(batch, only(now, "backfill"));
  const charges = only(now, "charge");
  if (charges.length > 0) await recordCharges(batch, charges);
  const payouts = only(now, "payout");
  const paidAgain = payouts.flatMap(({ fact, isNewVersion }) => (isNewVersion ? [fact] : []));
  await letOtherDepositsGo(batch.tx, batch.scope, batch.books, paidAgain);
  await recordPayouts(batch, payouts);
  await recordBalanceRows(batch, only(now, "balance_row"));
}

type FactRow = Omit<typeof factsTable.$inferInsert, "recordedAt">;

/** Sets aside what is known already and refuses what differs from it; what remains is new, or a new version. */
async function sift(
  tx: Tx,
  scope: InBusiness,
  facts: readonly Told[],
  origin: Origin,
): Promise<Readonly<{ incoming: Incoming[]; already: number; rows: FactRow[] }>> {
  const keys = [...new Set(facts.map((one) => factKey(one.fact)))];
  const known = new Map<string, { hash: string; version: string | null; isUndone: boolean; at: number | null }>();
  for (const row of await rowsOf<{ id: string; hash: string; version: string | null; undone: boolean }>(
    tx,
    sql`select id, hash, version, undone_at is not null as undone from app.facts where business_id = ${scope.businessId} and id = any(${list("text", keys)})`,
  )) {
    known.set(row.id, { hash: row.hash, version: row.version, isUndone: row.undone, at: null });
  }
  const incoming: Incoming[] = [];
  const rows: FactRow[] = [];
  let already = 0;
  facts.forEach(({ fact, version, index }) => {
    const key = factKey(fact);
    const hash = hashOf(fact);
    const before = known.get(key);
    if (before !== undefined) {
      const isRevived = before.isUndone && origin.revives === true;
      const isOlder = before.version !== null && version !== null && version <= before.version;
      const isNewVersion = before.version !== null && version !== null && version > before.version;
      if (!isRevived && (before.hash === hash || isOlder || (before.isUndone && isNewVersion))) {
        already += 1;
        return;
      }
      if (!isNewVersion && !isRevived) {
        throw new Refusal(
          "fact_changed",
          `This ${fact.kind.replaceAll("_", " ")} is here already, with other content.`,
          { index: String(index), id: key },
        );
      }
      if (before.at !== null) {
        // Two versions in one recording: only the later one is written.
        incoming[before.at] = { fact, index, isNewVersion: incoming[before.at]?.isNewVersion ?? false };
        rows[before.at] = rowOf(scope, fact, key, hash, version, origin);
        known.set(key, { ...before, hash, version });
        already += 1;
        return;
      }
    }
    known.set(key, { hash, version, isUndone: false, at: incoming.length });
    incoming.push({ fact, index, isNewVersion: before !== undefined });
    rows.push(rowOf(scope, fact, key, hash, version, origin));
  });
  return { incoming, already, rows };
}

function rowOf(
  scope: InBusiness,
  fact: Fact,
  id: string,
  hash: string,
  version: string | null,
  origin: Origin,
): FactRow {
  return {
    businessId: scope.businessId,
    id,
    kind: fact.kind,
    hash,
    version,
    body: fact,
    source: origin.source,
    userId: origin.userId,
    undoneAt: null,
  };
}

/**
 * What the facts bear on of payouts in another currency: with what they say now, and with what those that they replace said. Of documents,
 * only what is or was in another currency can.
 */
async function touchedBy(batch: Batch, incoming: readonly Incoming[]): Promise<Touched> {
  const touched = nothingTouched();
  const replaced: string[] = [];
  for (const { fact, isNewVersion } of incoming) {
    if (fact.kind === "balance_row") {
      touchRow(touched, { ...fact, isAbroad: fact.foreign !== undefined });
      if (isNewVersion) replaced.push(fact.id);
    } else if (fact.kind === "payout") {
      if (fact.foreign !== undefined) touched.payouts.add(fact.id);
    } else if (fact.kind === "order" || fact.kind === "return" || fact.kind === "charge") {
      if (isNewVersion || fact.foreign !== undefined) touched.documents.add(factKey(fact));
    }
  }
  await touchRowsOf(batch.tx, batch.scope, replaced, touched);
  return touched;
}

/**
 * What the documents of new facts want to have posted; of a new version the difference to what its earlier one posted will be. Payouts in
 * another currency with what they leave over, also those that only a row or a document of this recording bears on.
 */
async function wantedOf(batch: Batch, incoming: readonly Incoming[], touched: Touched): Promise<Wanted[]> {
  const told = [...incoming, ...(await returnsAgain(batch, incoming))];
  const orderIds = told.flatMap(({ fact }) => (fact.kind === "return" && fact.order !== null ? [fact.order] : []));
  const orders = new Map(
    orderIds.length === 0
      ? []
      : (
          await rowsOf<{ id: string; channel_id: string; tax_by: "seller" | "channel" }>(
            batch.tx,
            sql`select id, channel_id, tax_by from app.orders where business_id = ${batch.scope.businessId} and id = any(${list("text", [...new Set(orderIds)])})`,
          )
        ).map((row) => [row.id, row]),
  );
  const context = {
    currency: batch.books.currency,
    channelAccount: (channel: string) => batch.channels.get(channel)?.accountCode ?? "",
    channelOf: (order: string) => orders.get(order)?.channel_id ?? "",
    taxByOf: (order: string) => orders.get(order)?.tax_by ?? "seller",
    on: dayOf,
  };
  const abroad = new Set(await payoutsTouched(batch.tx, batch.scope, touched));
  const fresh = new Set<string>();
  const wanted: Wanted[] = [];
  for (const { fact, isNewVersion } of told) {
    if (!("id" in fact)) continue;
    if (fact.kind === "payout" && abroad.has(fact.id)) {
      if (!isNewVersion) fresh.add(fact.id);
      continue;
    }
    const postings = postingsOf(fact, context);
    if (postings.length > 0 || isNewVersion)
      wanted.push({ document: { kind: fact.kind, id: fact.id }, postings, isFresh: !isNewVersion });
  }
  wanted.push(...(await payoutWants(batch.tx, batch.scope, context, [...abroad], fresh)));
  return wanted;
}

/**
 * Refunds of orders that come in another version: a refund posts to its order's channel and, for the tax, to the account of who remits
 * it, so what it wants may be another now. Where it is not, nothing more is posted.
 */
async function returnsAgain(
  batch: Batch,
  incoming: readonly Incoming[],
): Promise<readonly Readonly<{ fact: Fact; isNewVersion: true }>[]> {
  const replaced = incoming.flatMap(({ fact, isNewVersion }) =>
    fact.kind === "order" && isNewVersion ? [fact.id] : [],
  );
  if (replaced.length === 0) return [];
  const business = batch.scope.businessId;
  const told = new Set(incoming.map(({ fact }) => factKey(fact)));
  const rows = await rowsOf<{ id: string; body: unknown }>(
    batch.tx,
    sql`select f.id, f.body from app.returns r join app.facts f on f.business_id = ${business} and f.id = 'return/' || r.id
        where r.business_id = ${business} and r.order_id = any(${list("text", replaced)}) and not r.is_undone`,
  );
  return rows.flatMap(({ id, body }) =>
    told.has(id) ? [] : [{ fact: reviveFact(body), isNewVersion: true as const }],
  );
}

/** Closes the books through a day. An earlier day than the books are closed through already changes nothing. */
async function close(
  tx: Tx,
  scope: InBusiness,
  books: Books,
  fact: CloseFact,
  index: number,
  origin: Origin,
): Promise<Books> {
  if (books.closedThrough !== null && books.closedThrough >= fact.through) return books;
  if (fact.through >= "9999-12-31")
    throw new Refusal("bad_date", "The books cannot be closed that far ahead.", { index: String(index) });
  await closeIn(tx, scope, books, { through: fact.through, userId: origin.userId, why: null });
  return { ...books, closedThrough: fact.through };
}
