/** Payouts found again as deposits: by amount and day, one to one; where two fit, a person chooses (core/payouts.ts). */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Books } from "../books/ledger";
import { type Found, findDeposits, type Transfer } from "../core/payouts";
import { sortTransactions, unsorted } from "./transactions";

/** Which open deposits each waiting payout could be. Only pairs of equal amounts are read. */
export async function depositsToJoin(tx: Tx, scope: InBusiness, currency: string): Promise<readonly Found[]> {
  const business = scope.businessId;
  const rows = await rowsOf<{ payout: string; paid_on: string; deposit: string; on: string; amount: string }>(
    tx,
    sql`select p.id as payout, p.on_date::text as paid_on, t.id as deposit, t.on_date::text as "on", p.amount_minor::text as amount
        from app.payouts p join app.transactions t on t.business_id = ${business} and t.amount_minor = p.amount_minor
          and t.on_date between p.on_date and p.on_date + 7 and t.state = 'open' and not t.is_undone
        where p.business_id = ${business} and p.deposit_id is null and not p.is_undone and p.amount_minor <> 0`,
  );
  const payouts = new Map<string, Transfer>();
  const deposits = new Map<string, Transfer>();
  for (const row of rows) {
    const amount = BigInt(row.amount);
    payouts.set(row.payout, { id: row.payout, on: row.paid_on, amount, currency });
    deposits.set(row.deposit, { id: row.deposit, on: row.on, amount, currency });
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
): Promise<Readonly<{ id: string; amount: bigint; on: string }> | null> {
  const [row] = await rowsOf<{ id: string; amount: string; on: string }>(
    tx,
    sql`select id, amount_minor::text as amount, on_date::text as "on" from app.payouts
        where business_id = ${scope.businessId} and id = ${id} and deposit_id is null and not is_undone`,
  );
  return row === undefined ? null : { ...row, amount: BigInt(row.amount) };
}

/** Waiting payouts that a transaction may be: equal in amount, up to a week before it. */
export function payoutsFor(
  tx: Tx,
  scope: InBusiness,
  transactions: readonly string[],
): Promise<readonly Readonly<{ transaction: string; payout: string; on: string; channel: string }>[]> {
  const business = scope.businessId;
  return rowsOf(
    tx,
    sql`select t.id as transaction, p.id as payout, p.on_date::text as "on", c.name as channel from app.transactions t
        join app.payouts p on p.business_id = ${business} and p.amount_minor = t.amount_minor and p.deposit_id is null and not p.is_undone
          and t.on_date between p.on_date and p.on_date + 7
        join app.channels c on c.business_id = ${business} and c.id = p.channel_id
        where t.business_id = ${business} and t.id = any(${list("text", transactions)}) and t.state = 'open' and not t.is_undone
        order by t.id, p.on_date desc, p.id`,
  );
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
  now: readonly Readonly<{ id: string; amount: bigint }>[],
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
    )}) as u(id, amount) on u.id = p.id
        where p.business_id = ${business} and p.deposit_id is not null and p.amount_minor <> u.amount`,
  );
  await letDepositsGo(
    tx,
    scope,
    books,
    rows.map((row) => row.id),
  );
}
