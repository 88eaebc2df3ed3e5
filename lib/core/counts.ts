/**
 * Counts of stock: what was counted by whom together, what the ledger says of the moment at which it was counted, and what is to be counted
 * next. All exact and in an item's smallest units; nothing here depends on the order in which anything was handed in or recorded.
 *
 * Selling goes on while people count. So a count is held against the ledger of its own instant, and never against that of the day, of the
 * plan, or of the moment at which somebody looks at the differences.
 */
import { daysBetween } from "./dates";
import { invariant } from "./errors";
import { compareIds, type Instant, type LocalDate } from "./facts";
import type { Reason, Way } from "./reasons";
import type { AbcClass } from "./registers";

/**
 * What one device hands in of one item. `add`: so many more were seen (a second shelf, a second person's side of the room). `recount`: so many
 * there are in all; whatever was counted of the item before is given up.
 */
export const countModes = ["add", "recount"] as const;
export type CountMode = (typeof countModes)[number];

/** `id` is made on the device, so that one that is handed in twice is one. */
export type CountEntry = Readonly<{ id: string; qty: bigint; at: Instant; mode: CountMode }>;

/**
 * What was counted of an item. `at` is the instant at which its last part was counted, for which the result stands; `since` the first part's:
 * what moved between the two may have been counted on neither shelf or on both, and is told to who reviews it.
 */
export type Counted = Readonly<{ qty: bigint; at: Instant; since: Instant; parts: number }>;

const inTime = (one: CountEntry, other: CountEntry): number =>
  one.at === other.at ? compareIds(one.id, other.id) : one.at < other.at ? -1 : 1;

/**
 * What the entries of one item come to; null where there are none, which is not the same as none being there. Two people who share a room
 * each see their own shelves, so their entries add; a recount looks at all of it again and replaces what was counted before it, also what is
 * handed in later by a device that was away. Entries of one instant go by their ids, an id given twice counts once.
 */
export function countedOf(entries: readonly CountEntry[]): Counted | null {
  const ordered = [...new Map(entries.map((entry) => [entry.id, entry])).values()].sort(inTime);
  const anew = ordered.findLastIndex(({ mode }) => mode === "recount");
  const standing = ordered.slice(anew === -1 ? 0 : anew);
  const first = standing[0];
  const last = standing.at(-1);
  if (first === undefined || last === undefined) return null;
  return {
    qty: standing.reduce((sum, { qty }) => sum + qty, 0n),
    at: last.at,
    since: first.at,
    parts: standing.length,
  };
}

/**
 * When something was counted by the server's clock. A device's clock may be wrong by hours, and what it counted while it was away is handed in
 * late; but the time between the two is right on any clock. What lies ahead of its own clock was counted just now; nothing was counted before
 * the count began.
 */
export function countedAt(device: Readonly<{ now: Instant; at: Instant }>, received: Instant, begun: Instant): Instant {
  const ago = device.now > device.at ? device.now - device.at : 0n;
  const at = received - ago;
  return at < begun ? begun : at;
}

/**
 * A movement of the item at the place. `at`: its own instant; of what an earlier count put right the instant at which that was counted; null
 * where only the day is known. `recorded`: when it was told to the books. `qty` signed.
 */
export type MovedThere = Readonly<{ on: LocalDate; at: Instant | null; recorded: Instant; qty: bigint }>;
/**
 * The moment of a count: its instant and the local day of that. `takesDay`: a person said that what is dated on that day without a time had
 * happened before, also what was told only afterwards.
 */
export type CountMoment = Readonly<{ on: LocalDate; at: Instant; takesDay: boolean }>;

/**
 * Had this moved when it was counted? By its day, where that is another. On that very day by its time, where it has one: up to and at the
 * instant is before. Where it has none, by when it was recorded: what was told before the count lay on the shelf or was gone from it, and what
 * was told afterwards had not come or gone yet. The other way round, goods that arrive after the count and are entered the same evening would
 * read as missing. Where people write down in the evening what came in the morning, a person says so for the line (`takesDay`), because
 * nothing in the fact can.
 */
export function movedBefore(moved: Omit<MovedThere, "qty">, count: CountMoment): boolean {
  if (moved.on !== count.on) return moved.on < count.on;
  if (moved.at !== null) return moved.at <= count.at;
  return count.takesDay || moved.recorded <= count.at;
}

/** What the ledger says was there at the moment of the count; below zero where more went out than came in. */
export function expectedAt(moves: readonly MovedThere[], count: CountMoment): bigint {
  return moves.reduce((sum, one) => (movedBefore(one, count) ? sum + one.qty : sum), 0n);
}

/** How a line came out: not counted (nothing is said of it), as the ledger says, less of it, more of it. */
export type CountOutcome = "uncounted" | "matched" | "short" | "over";

export function outcomeOf(counted: bigint | null, expected: bigint): CountOutcome {
  if (counted === null) return "uncounted";
  return counted === expected ? "matched" : counted < expected ? "short" : "over";
}

/** The reasons that a difference can have, by what puts it right; the first is what it is where nobody knows more. */
export const differenceReasons: Readonly<Record<Way, readonly Reason[]>> = {
  out: ["count", "damaged", "data_entry"],
  in: ["found", "data_entry"],
};

/** What puts a difference (counted less expected) right: stock goes out, or comes in. */
export const wayOf = (difference: bigint): Way => (difference < 0n ? "out" : "in");

/** A reason as a count's page calls it: what is missing without another reason is a shortage there. */
export const saysDifference = (reason: Reason): string =>
  reason === "count"
    ? "Shortage"
    : reason === "damaged"
      ? "Damage"
      : reason === "data_entry"
        ? "Data-entry error"
        : "Found";

/**
 * What so many are worth at the cost of others of the item (what is on hand, or its last lot), to the nearest minor unit; 0 where nothing is
 * known of it.
 */
export function worthLike(qty: bigint, known: Readonly<{ qty: bigint; minor: bigint }> | null): bigint {
  invariant(qty >= 0n, "what is worth something is a quantity");
  if (known === null || known.qty <= 0n || known.minor <= 0n) return 0n;
  return (2n * known.minor * qty + known.qty) / (2n * known.qty);
}

/** An item that may be counted: when it was counted last (null: never), and its class by value. */
export type ToCount = Readonly<{ id: string; class: AbcClass; lastOn: LocalDate | null }>;
/** After so many days an item of a class is to be counted again. */
export type Rhythm = Readonly<Record<AbcClass, bigint>>;
/** As the field does: what the money is in each month, the rest each quarter and twice a year. */
export const rhythmUsual: Rhythm = { A: 30n, B: 90n, C: 180n };

/**
 * What a rolling plan by class counts today, at most `most`: what was never counted (A first), then what is over its time, the most overdue
 * for its own rhythm first; equal ones by class, then id.
 */
export function dueToCount(
  rows: readonly ToCount[],
  rhythm: Rhythm,
  today: LocalDate,
  most: number,
): readonly string[] {
  invariant(rhythm.A > 0n && rhythm.B > 0n && rhythm.C > 0n, "a rhythm is a number of days");
  const due = rows.flatMap((row) => {
    const days = row.lastOn === null ? null : daysBetween(row.lastOn, today);
    return days === null || days >= rhythm[row.class] ? [{ ...row, days, every: rhythm[row.class] }] : [];
  });
  due.sort((one, other) => {
    if (one.days === null || other.days === null) {
      if (one.days !== other.days) return one.days === null ? -1 : 1;
    } else {
      // Days since by days allowed, compared as fractions.
      const [mine, theirs] = [one.days * other.every, other.days * one.every];
      if (mine !== theirs) return mine > theirs ? -1 : 1;
    }
    return one.class === other.class ? compareIds(one.id, other.id) : one.class < other.class ? -1 : 1;
  });
  return due.slice(0, most).map(({ id }) => id);
}

/** What was not counted for the longest time, at most `most`: never counted first, then by the day; equal ones by id. */
export function longestNotCounted(rows: readonly Omit<ToCount, "class">[], most: number): readonly string[] {
  return [...rows]
    .sort((one, other) => {
      if (one.lastOn === other.lastOn) return compareIds(one.id, other.id);
      if (one.lastOn === null) return -1;
      return other.lastOn === null || one.lastOn > other.lastOn ? 1 : -1;
    })
    .slice(0, most)
    .map(({ id }) => id);
}

/** So many of the latest counts are looked at, and so many of them that found less make a shortage a repeated one. */
export const recentCounts = 3;
export const repeatedFrom = 2;

/** Is it short again and again? `short`: of the latest `recentCounts` counts those that found less. */
export const isRepeated = (short: number): boolean => short >= repeatedFrom;
