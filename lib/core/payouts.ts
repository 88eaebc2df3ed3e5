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

/** An amount in the books' currency, and as it was said: in which currency, null where that is the books'. */
export type InBoth = Readonly<{ amount: bigint; said: bigint; currency: string | null }>;

/**
 * What a payout in another currency leaves in the channel's account: the sum of its rows in the books' currency less what it took out.
 * null where its rows do not prove it: there are none, one is in another currency, or they do not add to what it paid.
 */
export function exchangeLeft(payout: InBoth, rows: readonly InBoth[]): bigint | null {
  if (payout.currency === null || rows.length === 0) return null;
  let [said, amount] = [0n, 0n];
  for (const row of rows) {
    if (row.currency !== payout.currency) return null;
    said += row.said;
    amount += row.amount;
  }
  return said === payout.said ? amount - payout.amount : null;
}

/**
 * The rows that are money of one document, in their order, as they count in the books: each as it was recorded, and the last of them, once
 * they add to what the document said, with what is left of the document's own amount. A document's parts are converted each by itself and
 * its rows by themselves; without this the cents between the two would stay in the channel's account for ever.
 */
export function rowsInBooks<R extends InBoth>(document: InBoth, rows: readonly R[]): readonly R[] {
  const last = rows.at(-1);
  if (last === undefined || document.currency === null) return rows;
  let [said, amount] = [0n, 0n];
  for (const row of rows) {
    if (row.currency !== document.currency) return rows;
    said += row.said;
    amount += row.amount;
  }
  if (said !== document.said) return rows;
  return [...rows.slice(0, -1), { ...last, amount: last.amount + document.amount - amount }];
}

/**
 * How long a channel's money may wait for a payout before a person should look: as long as its payouts usually are apart (the middle of
 * the gaps between the last of them, so that one holiday changes nothing), and never less than what the channel itself says. `payouts` are
 * their days, in any order. null for a channel that pays when it is asked to: nothing waits there.
 */
export function payoutRhythm(payouts: readonly LocalDate[], paysEvery: number | null): bigint | null {
  if (paysEvery === null) return null;
  const days = [...new Set(payouts)].sort();
  const gaps = days.slice(1).map((day, at) => daysBetween(days[at] ?? day, day));
  gaps.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const middle = gaps[(gaps.length - (gaps.length % 2)) / 2] ?? 0n;
  const least = BigInt(paysEvery);
  return middle > least ? middle : least;
}

/** What is left of a balance that stood on an earlier day: nothing where it went the other way since, and no more than there is now. */
export function leftSince(then: bigint, now: bigint): bigint {
  if (then === 0n || now === 0n || then < 0n !== now < 0n) return 0n;
  const isLess = now < 0n ? now > then : now < then;
  return isLess ? now : then;
}

/**
 * `inBooks`: of a payout in another currency than its deposit's, about what it comes to in that; it is offered to deposits near it, for
 * a person to choose, and never taken alone.
 */
export type Transfer = Readonly<{ id: string; on: LocalDate; amount: bigint; currency: string; inBooks?: bigint }>;
export type Found = Readonly<{
  payout: string;
  /** The one deposit that it can be; null where none or several fit. */
  deposit: string | null;
  /** Every deposit that fits: amount and currency equal, or near to what it comes to, 0 to 7 days after the payout. */
  candidates: readonly string[];
}>;

const DAYS_ON_THE_WAY = 7n;
/** The bank's rate is not ours: one part in so many, either way. */
const NEAR = 20n;

/** A deposit that a payout of about this amount may have become: the same way, and within 5 %. */
export function isNear(deposit: bigint, inBooks: bigint): boolean {
  const size = (amount: bigint) => (amount < 0n ? -amount : amount);
  return deposit > 0n === inBooks > 0n && size(deposit - inBooks) * NEAR <= size(inBooks);
}

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
    const { inBooks } = payout;
    const same =
      inBooks === undefined
        ? (byAmount.get(`${payout.currency} ${payout.amount}`) ?? [])
        : deposits.filter(({ amount }) => isNear(amount, inBooks));
    const fits = same.filter(({ on }) => {
      const days = daysBetween(payout.on, on);
      return days >= 0n && days <= DAYS_ON_THE_WAY;
    });
    return {
      payout: payout.id,
      isNearOnly: inBooks !== undefined,
      candidates: fits.map(({ id }) => id).sort(compareIds),
    };
  });
  const wanted = new Map<string, number>();
  for (const id of fitting.flatMap(({ candidates }) => candidates)) wanted.set(id, (wanted.get(id) ?? 0) + 1);
  return fitting.map(({ payout, isNearOnly, candidates }) => {
    const [only = null] = candidates;
    const isAlone = !isNearOnly && candidates.length === 1 && only !== null && wanted.get(only) === 1;
    return { payout, deposit: isAlone ? only : null, candidates };
  });
}
