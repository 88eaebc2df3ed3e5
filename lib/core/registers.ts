/**
 * What the stock registers make of an item's figures: how old its lots are, how much of the sales it stands for, for how many days it lasts,
 * how many to buy. All exact; quantities in an item's smallest units, values in minor units.
 */
import { invariant } from "./errors";
import { compareIds } from "./facts";

/** The last day of each age but the oldest: 0–30, 31–90, 91–180, 181–365 days, over a year. */
export const ageBounds = [30n, 90n, 180n, 365n] as const;
export const ages = 5;

/** Which age so many days are, from 0 (the youngest) to 4. What is dated ahead of its day is the youngest. */
export function ageOf(days: bigint): number {
  const at = ageBounds.findIndex((bound) => days <= bound);
  return at === -1 ? ageBounds.length : at;
}

/**
 * How old what is at one place is, where lots are not of a place: what came there last is there still, as first in goes first out. `arrived`
 * is what came in each age but the oldest, the youngest first; what is left over came before.
 */
export function agesOfArrivals(onHand: bigint, arrived: readonly bigint[]): readonly bigint[] {
  invariant(arrived.length === ages - 1, "each age but the oldest has what came in it");
  let left = onHand > 0n ? onHand : 0n;
  const of = arrived.map((came) => {
    const here = came < left ? came : left;
    left -= here > 0n ? here : 0n;
    return here > 0n ? here : 0n;
  });
  return [...of, left];
}

export type AbcClass = "A" | "B" | "C";
/** Shares in percent up to which a value is of A, and of A and B together. */
export type AbcBounds = Readonly<{ a: bigint; b: bigint }>;
export const abcUsual: AbcBounds = { a: 80n, b: 95n };

export type Valued = Readonly<{ id: string; value: bigint }>;
/** `before`: what those of more value come to. */
export type Ranked<Row extends Valued> = Readonly<{ row: Row; class: AbcClass; before: bigint }>;

/**
 * Items by value, the most first (equal ones by id), each with its class: A while those before it come to less than `a` percent of all, B
 * while to less than `b`, C then. So the one that crosses a bound is still of the better class, and what has no value, or less, is of C.
 */
export function abc<Row extends Valued>(rows: readonly Row[], bounds: AbcBounds = abcUsual): readonly Ranked<Row>[] {
  invariant(bounds.a > 0n && bounds.a <= bounds.b && bounds.b <= 100n, "bounds are percents, A's before B's");
  const ranked = [...rows].sort((one, other) =>
    one.value === other.value ? compareIds(one.id, other.id) : one.value > other.value ? -1 : 1,
  );
  const total = ranked.reduce((sum, { value }) => (value > 0n ? sum + value : sum), 0n);
  let before = 0n;
  return ranked.map((row) => {
    const share = before * 100n;
    const own: AbcClass = row.value <= 0n ? "C" : share < bounds.a * total ? "A" : share < bounds.b * total ? "B" : "C";
    const placed = { row, class: own, before };
    if (row.value > 0n) before += row.value;
    return placed;
  });
}

/**
 * For how many whole days what is on hand lasts, if as much is sold a day as in the last `days`; 0 where nothing is left, null where nothing
 * was sold.
 */
export function coverDays(onHand: bigint, sold: bigint, days: bigint): bigint | null {
  invariant(days > 0n, "an average needs a day at least");
  if (sold <= 0n) return null;
  return onHand <= 0n ? 0n : (onHand * days) / sold;
}

/** How many to buy of what is below its minimum, to come up to its target; 0 where it is not below. */
export function toBuy(onHand: bigint, minimum: bigint, target: bigint): bigint {
  return onHand < minimum ? (target > onHand ? target - onHand : 0n) : 0n;
}

/** What so many come to at a price for one, to the nearest minor unit; `one` smallest units make one. */
export function costAt(eachMinor: bigint, qty: bigint, one: bigint): bigint {
  invariant(eachMinor >= 0n && qty >= 0n && one > 0n, "what is bought costs nothing or more");
  return (2n * eachMinor * qty + one) / (2n * one);
}

/** What so many days of cover mean: nothing left, under a week, up to a month, up to three, longer; or nothing is sold of it. */
export const coverBands = ["out", "week", "month", "quarter", "longer", "unsold"] as const;
export type CoverBand = (typeof coverBands)[number];

export function coverBand(onHand: bigint, days: bigint | null): CoverBand {
  if (onHand <= 0n) return "out";
  if (days === null) return "unsold";
  return days < 7n ? "week" : days <= 30n ? "month" : days <= 90n ? "quarter" : "longer";
}
