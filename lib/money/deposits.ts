/** Payouts found again as deposits: by amount and day, one to one; where two fit, a person chooses (core/payouts.ts). */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Books } from "../books/ledger";
import { saidTotal } from "../core/exchange";
import type { PayoutFact } from "../core/facts";
import { type Found, findDeposits, type Transfer } from "../core/payouts";
import type { PaidAbroad } from "../core/transactions";
import { sortTransactions, unsorted } from "./transactions";

type Said = Readonly<{ said: string | null; currency: string | null }>;

/**
 * The amounts of deposits that a payout `p` of another currency may have become: within 5 % of what it comes to in the books' (`isNear`).
 * Divided towards 0, as the rule's comparison of whole units comes to.
 */
export const near = (amount: SQL): SQL =>
  sql`between ${amount} - abs(${amount}) / 20 and ${amount} + abs(${amount}) / 20`;

/** Which open deposits each waiting payout could be. Only pairs of equal amounts are read, and of near ones where the currencies differ. */
export async function depositsToJoin(tx: Tx, scope: InBusiness, currency: string): Promise<readonly Found[]> {
  const business = scope.businessId;
  const pairs = (amounts: SQL) =>
    sql`select p.id as payout, p.on_date::text as paid_on, t.id as deposit, t.on_date::text as "on", p.amount_minor::text as paid,
          t.amount_minor::text as amount, p.said_minor::text as said, p.currency
        from app.payouts p join app.transactions t on t.business_id = ${business} and ${amounts}
          and t.on_date between p.on_date and p.on_date + 7 and t.state = 'open' and not t.is_undone
        where p.business_id = ${business} and p.deposit_id is null and not p.is_undone and p.amount_minor <> 0`;
  const rows = await rowsOf<Record<"payout" | "paid_on" | "deposit" | "on" | "paid" | "amount", string> & Said>(
    tx,
    sql`${pairs(sql`t.amount_minor = p.amount_minor`)} and p.currency is null
        union all ${pairs(sql`t.amount_minor ${near(sql`p.amount_minor`)}`)} and p.currency is not null`,
  );
  const payouts = new Map<string, Transfer>();
  const deposits = new Map<string, Transfer>();
  for (const row of rows) {
    const paid = BigInt(row.paid);
    const { currency: other, said } = row;
    payouts.set(
      row.payout,
      other === null || said === null
        ? { id: row.payout, on: row.paid_on, amount: paid, currency }
        : { id: row.payout, on: row.paid_on, amount: BigInt(said), currency: other, inBooks: paid },
    );
    deposits.set(row.deposit, { id: row.deposit, on: row.on, amount: BigInt(row.amount), currency });
  }
  return findDeposits([...payouts.values()], [...deposits.values()]);
}

/** Writes down which deposit a payout became; null frees it. */
export async function linkPayouts(
  tx: Tx,
  scope: InBusiness,
  links: readonly Readonly<{ payout: string; deposit: string | null }>[],
): Promise<void> {
  if (links.length === 0) return;
  await tx.execute(sql`
    update app.payouts p set deposit_id = u.deposit from unnest(${list(
      "text",
      links.map((one) => one.payout),
    )}, ${list(
      "text",
      links.map((one) => one.deposit),
    )}) as u(id, deposit) where p.business_id = ${scope.businessId} and p.id = u.id`);
}

/** A payout that still waits for its deposit; null where it is gone or has one. */
export async function waitingPayout(
  tx: Tx,
  scope: InBusiness,
  id: string,
): Promise<Readonly<{ id: string; amount: bigint; on: string; currency: string | null }> | null> {
  const [row] = await rowsOf<{ id: string; amount: string; on: string; currency: string | null }>(
    tx,
    sql`select id, amount_minor::text as amount, on_date::text as "on", currency from app.payouts
        where business_id = ${scope.businessId} and id = ${id} and deposit_id is null and not is_undone`,
  );
  return row === undefined ? null : { ...row, amount: BigInt(row.amount) };
}

/** A payout that a transaction may be; `abroad` where it was said in another currency and only comes near to it. */
export type PossiblePayout = Readonly<{
  transaction: string;
  payout: string;
  on: string;
  channel: string;
  abroad: PaidAbroad | null;
}>;

/** Waiting payouts that a transaction may be: equal in amount (near to it in another currency), up to a week before it. */
export async function payoutsFor(
  tx: Tx,
  scope: InBusiness,
  transactions: readonly string[],
): Promise<readonly PossiblePayout[]> {
  const business = scope.businessId;
  const rows = await rowsOf<Omit<PossiblePayout, "abroad"> & Said & Readonly<{ paid: string }>>(
    tx,
    sql`select t.id as transaction, p.id as payout, p.on_date::text as "on", c.name as channel, p.amount_minor::text as paid,
          p.said_minor::text as said, p.currency
        from app.transactions t
        join app.payouts p on p.business_id = ${business} and (case when p.currency is null then t.amount_minor = p.amount_minor
            else t.amount_minor ${near(sql`p.amount_minor`)} end) and p.deposit_id is null and not p.is_undone
          and t.on_date between p.on_date and p.on_date + 7
        join app.channels c on c.business_id = ${business} and c.id = p.channel_id
        where t.business_id = ${business} and t.id = any(${list("text", transactions)}) and t.state = 'open' and not t.is_undone
        order by t.id, p.on_date desc, p.id`,
  );
  return rows.map(({ paid, said, currency, ...row }) => ({
    ...row,
    abroad: said === null || currency === null ? null : { amount: BigInt(paid), said: BigInt(said), currency },
  }));
}

/**
 * Payouts that leave the books let their deposits go: those bank lines are open again. The caller holds the books' lock.
 */
export async function letDepositsGo(
  tx: Tx,
  scope: InBusiness,
  books: Books,
  payouts: readonly string[],
): Promise<void> {
  if (payouts.length === 0) return;
  const business = scope.businessId;
  const ids = list("text", payouts);
  const rows = await rowsOf<{ id: string }>(
    tx,
    sql`select t.id from app.payouts p join app.transactions t on t.business_id = ${business} and t.id = p.deposit_id and t.matched_id = p.id
          and t.state = 'payout' and not t.is_undone
        where p.business_id = ${business} and p.id = any(${ids}) order by t.id`,
  );
  await tx.execute(
    sql`update app.payouts set deposit_id = null where business_id = ${business} and id = any(${ids}) and deposit_id is not null`,
  );
  await sortTransactions(
    tx,
    scope,
    books,
    rows.map(({ id }) => ({ id, to: unsorted })),
  );
}

/** So do payouts that come to another amount: their deposits were others'. Called before the new amounts are written. */
export async function letOtherDepositsGo(
  tx: Tx,
  scope: InBusiness,
  books: Books,
  now: readonly PayoutFact[],
): Promise<void> {
  if (now.length === 0) return;
  const business = scope.businessId;
  const rows = await rowsOf<{ id: string }>(
    tx,
    sql`select p.id from app.payouts p join unnest(${list(
      "text",
      now.map((one) => one.id),
    )}, ${list(
      "bigint",
      now.map((one) => one.amount),
    )}, ${list(
      "bigint",
      now.map((one) => (one.foreign === undefined ? null : saidTotal(one))),
    )}, ${list(
      "text",
      now.map((one) => one.foreign?.currency ?? null),
    )}) as u(id, amount, said, currency) on u.id = p.id
        where p.business_id = ${business} and p.deposit_id is not null
          and (p.amount_minor, p.said_minor, p.currency) is distinct from (u.amount, u.said, u.currency)`,
  );
  await letDepositsGo(
    tx,
    scope,
    books,
    rows.map((row) => row.id),
  );
}
