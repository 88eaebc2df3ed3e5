/**
 * Taking facts out of the books again, as if they had never been recorded: one by its key, or all that an import or a sync brought.
 * Facts of a kind are undone together, those that name others first; costs and entries follow in the same transaction.
 */
import { sql } from "drizzle-orm";
import { list } from "../db/bulk";
import { type InBusiness, inBusiness, rowsOf, type Tx } from "../db/scope";
import { type Batch, type Origin, openBatch, refuse } from "./books/batch";
import { type Settled, settle } from "./books/costing";
import { type Books, lockBooks, post } from "./books/ledger";
import { nothingTouched, payoutsTouched, touchRowsOf } from "./books/payout-exchange";
import { dayOf, type UndoFact } from "./core/facts";
import { letDepositsGo } from "./money/deposits";
import { payoutWants } from "./money/payout-wants";
import { recordAudit } from "./people/audit";
import { formerOf, moreThan } from "./people/audit-facts";
import { undoKind } from "./sales/undo";

/** Undoes facts by their keys, those that name others first. Gives how many there were to undo. */
export function undoFacts(
  scope: InBusiness,
  keys: readonly string[],
  origin: Origin,
): Promise<Readonly<{ undone: number; settled: Settled }>> {
  return inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    if (origin.userId !== null) await auditUndo(tx, scope, books, origin, keys);
    const undone = await undoIn(tx, scope, books, keys, origin);
    return { undone, settled: await settle(tx, scope, books) };
  });
}

/** Undoes all that one import or sync brought; refused where something outside it depends on a part of it. */
export function undoSource(
  scope: InBusiness,
  source: string,
  origin: Origin,
): Promise<Readonly<{ undone: number; settled: Settled }>> {
  return inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    const undone = await undoSourceIn(tx, scope, books, source, origin);
    return { undone, settled: await settle(tx, scope, books) };
  });
}

/** The same inside a transaction that holds the books' lock; costs are left to the caller's `settle`. */
export async function undoSourceIn(
  tx: Tx,
  scope: InBusiness,
  books: Books,
  source: string,
  origin: Origin,
  watch?: UndoWatch,
): Promise<number> {
  const rows = await rowsOf<{ id: string }>(
    tx,
    sql`select id from app.facts where business_id = ${scope.businessId} and source = ${source} and undone_at is null`,
  );
  const keys = rows.map((row) => row.id);
  if (origin.userId !== null && keys.length > 0) await auditUndo(tx, scope, books, { ...origin, source }, keys);
  return undoIn(tx, scope, books, keys, origin, watch);
}

/** What names comes before what is named, so that nothing is in use when its turn comes. */
const undoOrder: readonly string[] = [
  "placement",
  "pin",
  "backfill",
  "match",
  "purchase_return",
  "return",
  "balance_row",
  "charge",
  "payout",
  "order",
  "adjustment",
  "transfer",
  "assembly",
  "opening",
  "purchase",
  "item",
];

/** Told between the kinds of a long undo: how many facts are undone so far. What it throws rolls all of it back. */
export type UndoWatch = (undone: number) => Promise<void>;

/** Undoes facts by their keys in the caller's transaction, those that name others first. Gives how many there were to undo. */
export async function undoIn(
  tx: Tx,
  scope: InBusiness,
  books: Books,
  keys: readonly string[],
  origin: Origin,
  watch?: UndoWatch,
): Promise<number> {
  const kindOf = (key: string) => key.slice(0, key.indexOf("/"));
  const ordered = [...keys].sort((a, b) => undoOrder.indexOf(kindOf(a)) - undoOrder.indexOf(kindOf(b)));
  if (origin.userId === null && ordered.length > 0) await auditUndo(tx, scope, books, origin, ordered);
  return undoAll(
    tx,
    scope,
    books,
    ordered.map((key, index) => {
      const of = kindOf(key) as UndoFact["of"];
      if (!undoOrder.includes(of)) refuse({ index }, "unsupported", `A ${of} cannot be undone.`);
      return { key, of, index };
    }),
    origin,
    watch,
  );
}

/**
 * What is undone as facts: by no person, or by a person as a whole (a sync, an import). Says what the first of them said: documents before
 * what names them, which is how people look for them.
 */
export async function auditUndo(
  tx: Tx,
  scope: InBusiness,
  books: Books,
  origin: Origin,
  keys: readonly string[],
): Promise<void> {
  const about = origin.source ?? (keys.length === 1 ? (keys[0] ?? "") : "facts");
  const rank = (key: string) => undoOrder.indexOf(key.slice(0, key.indexOf("/")));
  const named = [...keys].sort((a, b) => rank(b) - rank(a) || (a < b ? -1 : a > b ? 1 : 0));
  const said = await formerOf(tx, scope, books.currency, named);
  await recordAudit(
    tx,
    { businessId: scope.businessId, userId: origin.userId },
    {
      what: "facts.undo",
      about,
      before: { facts: keys.length, ...Object.fromEntries(said), ...moreThan(keys.length) },
    },
  );
}

/** A fact to be undone: its key, its kind, and its place in what the caller was given. */
export type ToUndo = Readonly<{ key: string; of: UndoFact["of"]; index: number }>;

/** So many facts of a kind are undone between two looks at `watch`. */
const undoneAtOnce = 1_000;

/**
 * Undoes facts as if they had never been recorded, in the order given, those of one kind together. What was undone stays so; again
 * changes nothing. Refuses `unknown_id`, and `in_use` where a fact that stays names one of them.
 */
export async function undoAll(
  tx: Tx,
  scope: InBusiness,
  books: Books,
  wanted: readonly ToUndo[],
  origin: Origin,
  watch?: UndoWatch,
): Promise<number> {
  if (wanted.length === 0) return 0;
  const business = scope.businessId;
  const keys = list(
    "text",
    wanted.map((one) => one.key),
  );
  const known = new Map(
    (
      await rowsOf<{ id: string; undone: boolean }>(
        tx,
        sql`select id, undone_at is not null as undone from app.facts where business_id = ${business} and id = any(${keys})`,
      )
    ).map((row) => [row.id, row.undone]),
  );
  const live = new Map<string, ToUndo>();
  for (const one of wanted) {
    const isUndone = known.get(one.key);
    if (isUndone === undefined) refuse(one, "unknown_id", "There is nothing of that id to undo.", { id: one.key });
    if (!isUndone && !live.has(one.key)) live.set(one.key, one);
  }
  for (const { named, by } of await rowsOf<{ named: string; by: string }>(
    tx,
    sql`select named, by from app.fact_names where business_id = ${business} and named = any(${keys}) and not by = any(${keys})
        order by named, by`,
  )) {
    const one = live.get(named);
    if (one === undefined) continue;
    const user = by.replace("/", " ").replace("\u001f", " ");
    refuse(one, "in_use", `It is used by ${user}. Take that back first.`, { by });
  }
  const batch = await openBatch(tx, scope, books, origin);
  let undone = 0;
  const facts = [...live.values()];
  for (let from = 0; from < facts.length; ) {
    const of = facts[from]?.of;
    let to = from;
    while (to < facts.length && to - from < undoneAtOnce && facts[to]?.of === of) to += 1;
    const part = facts.slice(from, to);
    if (of !== undefined) await undoPart(batch, of, part);
    undone += part.length;
    from = to;
    await watch?.(undone);
  }
  return undone;
}

/** Facts of one kind, none of which a fact that stays names: their marks, their effects, and the offset of what they posted. */
async function undoPart(batch: Batch, of: UndoFact["of"], part: readonly ToUndo[]): Promise<void> {
  const { tx, scope, books } = batch;
  const keys = list(
    "text",
    part.map((one) => one.key),
  );
  await tx.execute(
    sql`update app.facts set undone_at = ${batch.recordedAt}::timestamptz where business_id = ${scope.businessId} and id = any(${keys})`,
  );
  await tx.execute(sql`delete from app.fact_names where business_id = ${scope.businessId} and by = any(${keys})`);
  const facts = part.map(({ key, index }) => ({ id: key.slice(of.length + 1), index }));
  const touched = nothingTouched();
  const ids = facts.map(({ id }) => id);
  if (of === "balance_row") await touchRowsOf(tx, scope, ids, touched);
  if (of === "order" || of === "return" || of === "charge") for (const { key } of part) touched.documents.add(key);
  const documents = await undoKind(batch, of, facts);
  if (of === "payout") await letDepositsGo(tx, scope, books, ids);
  const context = {
    currency: books.currency,
    channelAccount: (channel: string) => batch.channels.get(channel)?.accountCode ?? "",
    channelOf: () => "",
    // Only payouts are wanted here, which have no tax.
    taxByOf: () => "seller" as const,
    on: dayOf,
  };
  await post(tx, scope, books, [
    ...documents.map((document) => ({ document, postings: [], isFresh: false })),
    // What these bore on of payouts in another currency is left over otherwise now.
    ...(await payoutWants(tx, scope, context, await payoutsTouched(tx, scope, touched))),
  ]);
}
