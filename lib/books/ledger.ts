/**
 * The only writer of the journal. Whoever posts holds the business's row (`lockBooks`), which a close takes too: so what is posted
 * for a document is read, compared and added to by one transaction at a time, and no day is closed in between.
 */
import { sql } from "drizzle-orm";
import { bulkInsert, inOrder, list } from "../../db/bulk";
import { accountCurrencyMonths, accountMonths, journalEntries, postings } from "../../db/schema";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Pool } from "../core/costing";
import { startOfMonth } from "../core/dates";
import { invariant, Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { type Entry, missing, type Posting } from "../core/journal";
import { newId } from "../system/ids";
import { checkLease } from "../system/lease";
import { timed } from "../system/stopwatch";
import { beginBlock, digestNext, endBlock } from "./chain";
import { touchDays } from "./touched-days";

/** What a writer of the books must know of them. */
export type Books = Readonly<{
  closedThrough: LocalDate | null;
  pool: Pool;
  graceDays: number;
  currency: string;
  timeZone: string;
}>;

/**
 * Takes the business's row until the transaction ends: one writer of its books at a time. Who only reads holds nobody up (`holds` false).
 * A job that another worker has taken over meanwhile is refused here (`LeaseLost`), before it writes.
 */
export async function lockBooks(tx: Tx, scope: InBusiness, holds = true): Promise<Books> {
  const [row] = await rowsOf<{
    closed_through: string | null;
    pool: Pool;
    grace_days: number;
    currency: string;
    time_zone: string;
  }>(
    tx,
    sql`select closed_through::text, pool, grace_days, currency, time_zone from app.businesses where business_id = ${scope.businessId}${holds ? sql` for update` : sql``}`,
  );
  if (row === undefined) throw new Refusal("not_found", "There is no such business.");
  if (holds) await checkLease(tx);
  return {
    closedThrough: row.closed_through,
    pool: row.pool,
    graceDays: row.grace_days,
    currency: row.currency,
    timeZone: row.time_zone,
  };
}

/** A document as the journal names it: what kind, and which. */
export type DocumentKey = Readonly<{ kind: string; id: string }>;
const keyOf = (document: DocumentKey): string => `${document.kind}/${document.id}`;
const idsAQuery = 5_000;

/** What is posted for documents, summed by purpose, effective day, accounts, dimensions and currency; keyed by `kind/id`. */
export async function posted(
  tx: Tx,
  scope: InBusiness,
  documents: readonly DocumentKey[],
): Promise<ReadonlyMap<string, readonly Posting[]>> {
  const found = new Map<string, Posting[]>();
  for (const [kind, ids] of byKind(documents)) {
    for (let from = 0; from < ids.length; from += idsAQuery) {
      const rows = await rowsOf<Record<string, string | null>>(
        tx,
        sql`select e.document_id, e.purpose, e.effective_on::text, p.debit, p.credit, sum(p.amount_minor)::text as amount,
              p.channel_id, p.item_id, p.location_id, p.line_id, p.currency, sum(p.foreign_minor)::text as said
            from app.journal_entries e
            join app.postings p on p.business_id = e.business_id and p.entry_id = e.id
            where e.business_id = ${scope.businessId} and p.business_id = ${scope.businessId}
              and e.document_kind = ${kind} and e.document_id = any(${list("text", ids.slice(from, from + idsAQuery))})
            group by e.document_id, e.purpose, e.effective_on, p.debit, p.credit, p.channel_id, p.item_id, p.location_id, p.line_id, p.currency`,
      );
      for (const row of rows) {
        const key = `${kind}/${row.document_id}`;
        const postingsOf = found.get(key) ?? [];
        postingsOf.push({
          purpose: row.purpose ?? "",
          effectiveOn: row.effective_on ?? "",
          memo: "",
          debit: row.debit ?? "",
          credit: row.credit ?? "",
          amount: BigInt(row.amount ?? "0"),
          channel: row.channel_id ?? null,
          item: row.item_id ?? null,
          location: row.location_id ?? null,
          line: row.line_id ?? null,
          ...(row.currency == null ? {} : { foreign: { currency: row.currency, amount: BigInt(row.said ?? "0") } }),
        });
        found.set(key, postingsOf);
      }
    }
  }
  return found;
}

/** What a document wants to have posted. `isFresh`: nothing was ever posted for it, so nothing needs to be read. */
export type Wanted = Readonly<{
  document: DocumentKey;
  postings: readonly Posting[];
  isFresh: boolean;
  reason?: string;
  /** What people know it by; its kind and id where it has no name. */
  name?: string;
}>;

/**
 * Posts, for each document, the difference between what it wants and what is posted for it: nothing where they agree. The caller
 * holds the books' lock. Gives how many entries were added, and how many of them correct earlier ones.
 */
export function post(
  tx: Tx,
  scope: InBusiness,
  books: Books,
  wanted: readonly Wanted[],
): Promise<Readonly<{ entries: number; corrections: number }>> {
  return timed("posting", async () => {
    const before = await posted(
      tx,
      scope,
      wanted.filter((one) => !one.isFresh).map((one) => one.document),
    );
    const entries: Entry[] = [];
    for (const one of wanted) {
      entries.push(
        ...missing(
          one.document,
          one.postings,
          before.get(keyOf(one.document)) ?? [],
          books.closedThrough,
          one.reason,
          one.name,
        ),
      );
    }
    await append(tx, scope, books, entries);
    return { entries: entries.length, corrections: entries.filter((entry) => entry.isCorrection).length };
  });
}

/** What an account's postings of a month come to in one currency. */
type MonthSum = Readonly<{ code: string; currency: string; month: string; debit: bigint; credit: bigint }>;

/** Adds entries with their postings as one block of the chain, and to the months' sums. */
async function append(tx: Tx, scope: InBusiness, books: Books, entries: readonly Entry[]): Promise<void> {
  if (entries.length === 0) return;
  const counts = await entriesBefore(tx, scope, entries);
  const recordedAt = new Date().toISOString();
  const block = await beginBlock(tx, scope, entries.length, recordedAt);
  const headers: (typeof journalEntries.$inferInsert)[] = [];
  const lines: (typeof postings.$inferInsert)[] = [];
  const months = new Map<string, Omit<MonthSum, "currency">>();
  const currencies = new Map<string, MonthSum>();
  const days = new Set<LocalDate>();
  const add = (code: string, month: string, debit: bigint, credit: bigint) => {
    const key = `${code} ${month}`;
    const sum = months.get(key) ?? { code, month, debit: 0n, credit: 0n };
    months.set(key, { code, month, debit: sum.debit + debit, credit: sum.credit + credit });
  };
  const addForeign = (code: string, currency: string, month: string, debit: bigint, credit: bigint) => {
    invariant(currency !== books.currency, "what is said in the books' currency is no other currency's");
    const key = `${code} ${currency} ${month}`;
    const sum = currencies.get(key) ?? { code, currency, month, debit: 0n, credit: 0n };
    currencies.set(key, { ...sum, debit: sum.debit + debit, credit: sum.credit + credit });
  };
  for (const entry of entries) {
    const id = newId();
    const countKey = `${keyOf(entry.document)} ${entry.purpose}`;
    const nth = counts.get(countKey) ?? 0;
    counts.set(countKey, nth + 1);
    const header = {
      businessId: scope.businessId,
      entryNo: block.firstNo + BigInt(headers.length),
      id,
      documentKind: entry.document.kind,
      documentId: entry.document.id,
      purpose: entry.purpose,
      nth,
      effectiveOn: entry.effectiveOn,
      postedOn: entry.postedOn,
      recordedAt,
      memo: entry.memo,
      isCorrection: nth > 0,
      postings: entry.postings.length,
    };
    const month = startOfMonth(entry.postedOn);
    days.add(entry.postedOn);
    const own = entry.postings.map((posting, index) => {
      add(posting.debit, month, posting.amount, 0n);
      add(posting.credit, month, 0n, posting.amount);
      if (posting.foreign !== undefined) {
        addForeign(posting.debit, posting.foreign.currency, month, posting.foreign.amount, 0n);
        addForeign(posting.credit, posting.foreign.currency, month, 0n, posting.foreign.amount);
      }
      return {
        businessId: scope.businessId,
        entryId: id,
        place: index + 1,
        of: entry.postings.length,
        debit: posting.debit,
        credit: posting.credit,
        amountMinor: posting.amount,
        postedOn: entry.postedOn,
        channelId: posting.channel,
        itemId: posting.item,
        locationId: posting.location,
        lineId: posting.line,
        currency: posting.foreign?.currency ?? null,
        foreignMinor: posting.foreign?.amount ?? null,
      };
    });
    headers.push({ ...header, digest: digestNext(block, header, own) });
    for (const line of own) lines.push(line);
  }
  const sumOf = <S extends Readonly<{ debit: bigint; credit: bigint }>>({ debit, credit, ...of }: S) => ({
    businessId: scope.businessId,
    ...of,
    debitMinor: debit,
    creditMinor: credit,
  });
  await inOrder(lines.length, [
    () => bulkInsert(tx, journalEntries, headers),
    () => bulkInsert(tx, postings, lines),
    () =>
      bulkInsert(
        tx,
        accountMonths,
        [...months.values()].map(sumOf),
        sql`on conflict (business_id, code, month) do update
            set debit_minor = account_months.debit_minor + excluded.debit_minor, credit_minor = account_months.credit_minor + excluded.credit_minor`,
      ),
    () =>
      bulkInsert(
        tx,
        accountCurrencyMonths,
        [...currencies.values()].map(sumOf),
        sql`on conflict (business_id, code, currency, month) do update
            set debit_minor = account_currency_months.debit_minor + excluded.debit_minor, credit_minor = account_currency_months.credit_minor + excluded.credit_minor`,
      ),
    () => endBlock(tx, scope, block, recordedAt),
    () => touchDays(tx, scope, days),
  ]);
}

/** How many entries each (document, purpose) has: the count in the posting key. Only corrections and their like have any. */
async function entriesBefore(tx: Tx, scope: InBusiness, entries: readonly Entry[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const [kind, ids] of byKind(entries.filter((entry) => entry.isCorrection).map((entry) => entry.document))) {
    for (let from = 0; from < ids.length; from += idsAQuery) {
      const rows = await rowsOf<{ document_id: string; purpose: string; n: number }>(
        tx,
        sql`select document_id, purpose, count(*)::int as n from app.journal_entries
            where business_id = ${scope.businessId} and document_kind = ${kind}
              and document_id = any(${list("text", ids.slice(from, from + idsAQuery))})
            group by document_id, purpose`,
      );
      for (const row of rows) counts.set(`${kind}/${row.document_id} ${row.purpose}`, row.n);
    }
  }
  return counts;
}

function byKind(documents: readonly DocumentKey[]): Map<string, string[]> {
  const ids = new Map<string, Set<string>>();
  for (const { kind, id } of documents) {
    const set = ids.get(kind);
    if (set === undefined) ids.set(kind, new Set([id]));
    else set.add(id);
  }
  return new Map([...ids].map(([kind, set]) => [kind, [...set]]));
}
