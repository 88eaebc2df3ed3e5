/**
 * Proving payouts (accounting.md, "Reconciling a channel"): the rows that a channel says are in a payout add to what it paid, and the
 * payout is found again as a deposit in the bank. A match by amount and date is evidence, not proof, so only what can be one thing alone
 * is taken; where two fit, a person chooses. Turned down: taking the nearest date (two equal weekly payouts would swap unseen).
 */
import { daysBetween } from "./dates";
import { compareIds, type LocalDate } from "./facts";

export type PaidRow = Readonly<{ id: string; type: string; amount: bigint; about: string | null }>;
export type Proof = Readonly<{
  paid: bigint;
  rows: bigint;
  /** What was paid less what the rows say; 0 where the payout is proved. */
  difference: bigint;
  /** The rows' sums by the channel's own word, largest first. */
  types: readonly Readonly<{ type: string; count: number; amount: bigint }>[];
  /** Rows that no document explains: the first to look at where something differs. */
  unexplained: readonly PaidRow[];
}>;

/** Compares a payout with the rows that the channel lists in it. */
export function proof(payout: Readonly<{ amount: bigint }>, rows: readonly PaidRow[]): Proof {
  const types = new Map<string, { type: string; count: number; amount: bigint }>();
  let sum = 0n;
  for (const row of rows) {
    sum += row.amount;
    const known = types.get(row.type) ?? { type: row.type, count: 0, amount: 0n };
    types.set(row.type, { type: row.type, count: known.count + 1, amount: known.amount + row.amount });
  }
  const size = (amount: bigint) => (amount < 0n ? -amount : amount);
  return {
    paid: payout.amount,
    rows: sum,
    difference: payout.amount - sum,
    types: [...types.values()].sort((a, b) => {
      const [x, y] = [size(a.amount), size(b.amount)];
      return x === y ? compareIds(a.type, b.type) : x > y ? -1 : 1;
    }),
    unexplained: rows.filter((row) => row.about === null),
  };
}

export type Transfer = Readonly<{ id: string; on: LocalDate; amount: bigint; currency: string }>;
export type Found = Readonly<{
  payout: string;
  /** The one deposit that it can be; null where none or several fit. */
  deposit: string | null;
  /** Every deposit that fits: amount and currency equal, 0 to 7 days after the payout. */
  candidates: readonly string[];
}>;

const DAYS_ON_THE_WAY = 7n;

/**
 * Which deposit each payout became, one to one: taken where a payout fits one deposit alone and that deposit fits it alone. Payouts and
 * deposits that a person has joined already are left out by the caller.
 */
export function findDeposits(payouts: readonly Transfer[], deposits: readonly Transfer[]): readonly Found[] {
  const byAmount = new Map<string, Transfer[]>();
  for (const deposit of deposits) {
    const key = `${deposit.currency} ${deposit.amount}`;
    const same = byAmount.get(key);
    if (same === undefined) byAmount.set(key, [deposit]);
    else same.push(deposit);
  }
  const fitting = payouts.map((payout) => {
    const same = byAmount.get(`${payout.currency} ${payout.amount}`) ?? [];
    const fits = same.filter(({ on }) => {
      const days = daysBetween(payout.on, on);
      return days >= 0n && days <= DAYS_ON_THE_WAY;
    });
    return { payout: payout.id, candidates: fits.map(({ id }) => id).sort(compareIds) };
  });
  const wanted = new Map<string, number>();
  for (const id of fitting.flatMap(({ candidates }) => candidates)) wanted.set(id, (wanted.get(id) ?? 0) + 1);
  return fitting.map(({ payout, candidates }) => {
    const [only = null] = candidates;
    const isAlone = candidates.length === 1 && only !== null && wanted.get(only) === 1;
    return { payout, deposit: isAlone ? only : null, candidates };
  });
}
