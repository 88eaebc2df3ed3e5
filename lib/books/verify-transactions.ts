/** Proves what bank, card and cash accounts' lines have posted: a part of verify.ts. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Finding } from "../core/checks";
import type { Posting } from "../core/journal";
import { type TransactionState, transactionPostings } from "../core/transactions";
import { posted } from "./ledger";
import { paidAbroad } from "./payout-exchange";

const most = 20;
const rowsAtOnce = 2_000;

/** Every line of a bank, card or cash account, its posting worked out again and compared with the journal by account. */
export async function transactionRows(
  tx: Tx,
  scope: InBusiness,
): Promise<Readonly<{ looked: number; findings: readonly Finding[] }>> {
  const findings: Finding[] = [];
  let looked = 0;
  let after = "";
  for (;;) {
    const rows = await rowsOf<Record<string, string | null> & { state: TransactionState; undone: boolean }>(
      tx,
      sql`select id, account_code as account, on_date::text as "on", amount_minor::text as amount, payee, state, category_code as category,
            matched_id as matched, is_undone as undone from app.transactions where business_id = ${scope.businessId} and id > ${after} order by id limit ${rowsAtOnce}`,
    );
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.id ?? "";
    looked += rows.length;
    const ids = rows.map((row) => row.id ?? "");
    const parts = await rowsOf<{ transaction_id: string; category: string; amount: string; memo: string }>(
      tx,
      sql`select transaction_id, category_code as category, amount_minor::text as amount, memo from app.transaction_splits
          where business_id = ${scope.businessId} and transaction_id = any(${list("text", ids)}) order by transaction_id, place`,
    );
    const paid = await paidAbroad(
      tx,
      scope,
      rows.flatMap((row) => (row.state === "payout" && row.matched != null ? [row.matched] : [])),
    );
    const journal = await posted(
      tx,
      scope,
      ids.map((id) => ({ kind: "transaction", id })),
    );
    for (const row of rows) {
      const sums = new Map<string, bigint>();
      const count = (code: string, amount: bigint) => sums.set(code, (sums.get(code) ?? 0n) + amount);
      const wanted = transactionPostings({
        account: row.account ?? "",
        on: row.on ?? "",
        amount: BigInt(row.amount ?? 0),
        payee: row.payee ?? "",
        state: row.state,
        category: row.category ?? null,
        matched: row.matched ?? null,
        parts: parts
          .filter((part) => part.transaction_id === row.id)
          .map((part) => ({ category: part.category, amount: BigInt(part.amount), memo: part.memo })),
        isUndone: row.undone,
        ...(row.state === "payout" ? paid.get(row.matched ?? "") : undefined),
      });
      const countPosting = ({ effectiveOn, debit, credit, amount, foreign }: Posting, sign: 1n | -1n) => {
        count(`${effectiveOn} ${debit}`, sign * amount);
        count(`${effectiveOn} ${credit}`, -sign * amount);
        if (foreign === undefined) return;
        count(`${effectiveOn} ${debit} in ${foreign.currency}`, sign * foreign.amount);
        count(`${effectiveOn} ${credit} in ${foreign.currency}`, -sign * foreign.amount);
      };
      for (const posting of wanted) countPosting(posting, 1n);
      for (const posting of journal.get(`transaction/${row.id}`) ?? []) countPosting(posting, -1n);
      for (const [account, difference] of sums) {
        if (difference !== 0n && findings.length < most)
          findings.push({
            what: `transaction ${row.id} has posted what it wants on ${account}`,
            expected: "0 left over",
            found: `${difference} left over`,
          });
      }
    }
  }
  return { looked, findings };
}

/** Each account by what its lines say, the purchases that are lines of it, and transfers whose other line is not here yet. */
export async function bankBalances(
  tx: Tx,
  scope: InBusiness,
): Promise<Readonly<{ looked: number; findings: readonly Finding[] }>> {
  const business = scope.businessId;
  const rows = await rowsOf<{ code: string; said: string; posted: string }>(
    tx,
    sql`with documents as (
          select p.debit, p.credit, p.amount_minor as amount from app.journal_entries e
          join app.postings p on p.business_id = ${business} and p.entry_id = e.id
          where e.business_id = ${business} and (e.document_kind = 'transaction' or (e.document_kind = 'purchase' and exists (
            select 1 from app.purchases u where u.business_id = ${business} and u.id = e.document_id and u.transaction_id is not null)))
        ), moved as (
          select code, sum(amount) as amount from (select debit as code, amount from documents union all select credit, -amount from documents) m group by code
        ), lines as (
          select code, sum(amount) as amount from (
            select account_code as code, amount_minor as amount from app.transactions where business_id = ${business} and not is_undone
            union all
            select category_code, -amount_minor from app.transactions
            where business_id = ${business} and not is_undone and state = 'transfer' and matched_id is null) l group by code
        )
        select a.code, coalesce(l.amount, 0)::text as said, coalesce(m.amount, 0)::text as posted from app.accounts a
        left join lines l on l.code = a.code left join moved m on m.code = a.code
        where a.business_id = ${business} and a.holds in ('bank', 'card', 'cash') order by a.code`,
  );
  return {
    looked: rows.length,
    findings: rows
      .filter((row) => row.said !== row.posted)
      .map((row) => ({ what: `the lines of account ${row.code}`, expected: row.said, found: row.posted })),
  };
}

/**
 * What names its other half is named by it: a bank line its payout or the other line of its transfer, a payout its deposit, a purchase
 * the line that it is. Otherwise money stays on its way for ever, and no other sum would say so.
 */
export async function halves(
  tx: Tx,
  scope: InBusiness,
): Promise<Readonly<{ looked: number; findings: readonly Finding[] }>> {
  const business = scope.businessId;
  const [count] = await rowsOf<{ n: number }>(
    tx,
    sql`select (select count(*) from app.transactions where business_id = ${business} and not is_undone and matched_id is not null)::int
          + (select count(*) from app.payouts where business_id = ${business} and not is_undone and deposit_id is not null)::int
          + (select count(*) from app.purchases where business_id = ${business} and not is_undone and transaction_id is not null)::int as n`,
  );
  const rows = await rowsOf<{ what: string }>(
    tx,
    sql`select 'transaction ' || t.id || ' is a payout that is not there, or not its own' as what from app.transactions t
        where t.business_id = ${business} and not t.is_undone and t.state = 'payout' and not exists (
          select 1 from app.payouts p where p.business_id = ${business} and p.id = t.matched_id and not p.is_undone and p.deposit_id = t.id
            and (p.currency is not null or p.amount_minor = t.amount_minor))
        union all
        select 'payout ' || p.id || ' has a deposit that is not there, or not its own' from app.payouts p
        where p.business_id = ${business} and not p.is_undone and p.deposit_id is not null and not exists (
          select 1 from app.transactions t where t.business_id = ${business} and t.id = p.deposit_id and not t.is_undone and t.state = 'payout'
            and t.matched_id = p.id)
        union all
        select 'transaction ' || t.id || ' is a transfer whose other line is not there, or not its own' from app.transactions t
        where t.business_id = ${business} and not t.is_undone and t.state = 'transfer' and t.matched_id is not null and not exists (
          select 1 from app.transactions o where o.business_id = ${business} and o.id = t.matched_id and not o.is_undone and o.state = 'transfer'
            and o.matched_id = t.id and o.amount_minor = -t.amount_minor and o.account_code = t.category_code)
        union all
        select 'purchase ' || u.id || ' is a bank line that is not there, or something else' from app.purchases u
        where u.business_id = ${business} and not u.is_undone and u.transaction_id is not null and not exists (
          select 1 from app.transactions t where t.business_id = ${business} and t.id = u.transaction_id and not t.is_undone
            and t.state in ('inventory', 'split'))
        limit ${most}`,
  );
  return {
    looked: count?.n ?? 0,
    findings: rows.map(({ what }) => ({ what, expected: "its other half", found: "none" })),
  };
}
