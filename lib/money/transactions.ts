/**
 * The lines of bank, card and cash accounts: written, sorted, undone, and posted. What each posts is core/transactions.ts; the journal
 * gets the difference to what was posted before. Whoever calls these holds the books' lock.
 */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { transactionSplits } from "../../db/schema";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import { type Books, post } from "../books/ledger";
import { paidAbroad } from "../books/payout-exchange";
import type { LocalDate } from "../core/facts";
import { type PaidAbroad, type Part, type TransactionState, transactionPostings } from "../core/transactions";

/** A transaction as it is stored. `version` counts its changes. */
export type Transaction = Readonly<{
  id: string;
  account: string;
  on: LocalDate;
  amount: bigint;
  payee: string;
  memo: string;
  state: TransactionState;
  category: string | null;
  matched: string | null;
  rule: string | null;
  importId: string | null;
  version: number;
  isUndone: boolean;
  parts: readonly Part[];
  /** The payout in another currency that it is the deposit of. */
  paid?: PaidAbroad;
}>;

/** What a transaction is to be. */
export type Sorting = Readonly<{
  state: TransactionState;
  category: string | null;
  matched: string | null;
  rule: string | null;
  parts: readonly Part[];
}>;
export const unsorted: Sorting = { state: "open", category: null, matched: null, rule: null, parts: [] };

/** Transactions by their ids, those that are there, in the ids' order of code points. */
export async function transactionsOf(tx: Tx, scope: InBusiness, ids: readonly string[]): Promise<Transaction[]> {
  const wanted = list("text", [...new Set(ids)]);
  const rows = await rowsOf<{
    id: string;
    account_code: string;
    on_date: string;
    amount: string;
    payee: string;
    memo: string;
    state: TransactionState;
    category_code: string | null;
    matched_id: string | null;
    rule_id: string | null;
    import_id: string | null;
    version: number;
    is_undone: boolean;
  }>(
    tx,
    sql`select id, account_code, on_date::text, amount_minor::text as amount, payee, memo, state, category_code, matched_id, rule_id,
          import_id, version, is_undone
        from app.transactions where business_id = ${scope.businessId} and id = any(${wanted}) order by id`,
  );
  const parts = await rowsOf<{ transaction_id: string; category_code: string; amount: string; memo: string }>(
    tx,
    sql`select transaction_id, category_code, amount_minor::text as amount, memo from app.transaction_splits
        where business_id = ${scope.businessId} and transaction_id = any(${wanted}) order by transaction_id, place`,
  );
  const partsOf = new Map<string, (typeof parts)[number][]>();
  for (const part of parts) partsOf.set(part.transaction_id, [...(partsOf.get(part.transaction_id) ?? []), part]);
  const paid = await paidAbroad(
    tx,
    scope,
    rows.flatMap((row) => (row.state === "payout" && row.matched_id !== null ? [row.matched_id] : [])),
  );
  return rows.map((row) => ({
    id: row.id,
    account: row.account_code,
    on: row.on_date,
    amount: BigInt(row.amount),
    payee: row.payee,
    memo: row.memo,
    state: row.state,
    category: row.category_code,
    matched: row.matched_id,
    rule: row.rule_id,
    importId: row.import_id,
    version: row.version,
    isUndone: row.is_undone,
    parts: (partsOf.get(row.id) ?? []).map((part) => ({
      category: part.category_code,
      amount: BigInt(part.amount),
      memo: part.memo,
    })),
    ...(row.state === "payout" ? paid.get(row.matched_id ?? "") : undefined),
  }));
}

/** Says what transactions are: writes it and posts the difference. Purchases, twins and payouts are the caller's affair. */
export async function sortTransactions(
  tx: Tx,
  scope: InBusiness,
  books: Books,
  changes: readonly Readonly<{ id: string; to: Sorting }>[],
): Promise<void> {
  if (changes.length === 0) return;
  const ids = changes.map((one) => one.id);
  const business = scope.businessId;
  await tx.execute(sql`
    update app.transactions t set state = u.state, category_code = u.category, matched_id = u.matched, rule_id = u.rule, version = t.version + 1
    from unnest(${list("text", ids)}, ${list(
      "text",
      changes.map((one) => one.to.state),
    )}, ${list(
      "text",
      changes.map((one) => one.to.category),
    )}, ${list(
      "text",
      changes.map((one) => one.to.matched),
    )}, ${list(
      "uuid",
      changes.map((one) => one.to.rule),
    )}) as u(id, state, category, matched, rule)
    where t.business_id = ${business} and t.id = u.id`);
  await tx.execute(
    sql`delete from app.transaction_splits where business_id = ${business} and transaction_id = any(${list("text", ids)})`,
  );
  await bulkInsert(
    tx,
    transactionSplits,
    changes.flatMap(({ id, to }) =>
      to.parts.map((part, place) => ({
        businessId: business,
        transactionId: id,
        place,
        categoryCode: part.category,
        amountMinor: part.amount,
        memo: part.memo,
      })),
    ),
  );
  await postTransactions(tx, scope, books, await transactionsOf(tx, scope, ids), new Set());
}

/** Posts what transactions want and have not posted yet; `fresh` are those for which nothing was ever posted. */
export async function postTransactions(
  tx: Tx,
  scope: InBusiness,
  books: Books,
  transactions: readonly Transaction[],
  fresh: ReadonlySet<string>,
): Promise<void> {
  await post(
    tx,
    scope,
    books,
    transactions.map((transaction) => ({
      document: { kind: "transaction", id: transaction.id },
      postings: transactionPostings(transaction),
      isFresh: fresh.has(transaction.id),
    })),
  );
}

/** Takes transactions out of the books, as if they had never been; they may come in again. */
export async function removeTransactions(
  tx: Tx,
  scope: InBusiness,
  books: Books,
  ids: readonly string[],
): Promise<void> {
  await tx.execute(
    sql`update app.transactions set is_undone = true, version = version + 1 where business_id = ${scope.businessId} and id = any(${list("text", ids)})`,
  );
  await postTransactions(tx, scope, books, await transactionsOf(tx, scope, ids), new Set());
}

/**
 * The other line of a transfer: on the other account, the same amount the other way, at most a week apart, not sorted yet or waiting for
 * this one. Null where there is none or more than one.
 */
export async function twinOf(
  tx: Tx,
  scope: InBusiness,
  of: Pick<Transaction, "id" | "account" | "on" | "amount">,
  other: string,
): Promise<string | null> {
  const rows = await rowsOf<{ id: string }>(
    tx,
    sql`select id from app.transactions where business_id = ${scope.businessId} and amount_minor = ${-of.amount}::bigint
          and on_date between ${of.on}::date - 7 and ${of.on}::date + 7 and account_code = ${other} and id <> ${of.id} and not is_undone
          and (state = 'open' or (state = 'transfer' and matched_id is null and category_code = ${of.account}))
        order by id limit 2`,
  );
  return rows.length === 1 ? (rows[0]?.id ?? null) : null;
}
