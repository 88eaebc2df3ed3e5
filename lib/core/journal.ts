/**
 * The journal only grows. The problem: facts change (an order is edited, a cost moves, a match is undone) and entries do not. The
 * choice: what should be posted for a document (*wanted*) follows from the facts at any time, what is posted for it is the sum of its
 * entries, and one entry is added for the difference. The same few lines serve a first posting, a correction, a cancelled document
 * (it wants nothing) and a late fact in a closed period. Turned down: reversing and posting anew (twice the rows, and a journal that
 * nobody can read), and editing entries (no audit would stand).
 */
import { nextDay } from "./dates";
import { invariant } from "./errors";
import type { LocalDate } from "./facts";

/** What a posting moves in its document's own currency, where that is not the books': minor units of it, > 0. */
type ForeignAmount = Readonly<{ currency: string; amount: bigint }>;

/** One account debited, one credited, a positive amount in minor units: so an entry balances by its very form. */
export type Posting = Readonly<{
  /** Which part of its document it is: "order", "tax", "fees", "cost". Entries are made for each apart. */
  purpose: string;
  /** The day of the fact that it is about. */
  effectiveOn: LocalDate;
  memo: string;
  debit: string;
  credit: string;
  /** > 0 */
  amount: bigint;
  channel: string | null;
  item: string | null;
  location: string | null;
  line: string | null;
  foreign?: ForeignAmount;
}>;

export type EntryPosting = Readonly<
  Pick<Posting, "debit" | "credit" | "amount" | "channel" | "item" | "location" | "line" | "foreign">
>;

/** What is added to the journal at once. */
export type Entry = Readonly<{
  document: Readonly<{ kind: string; id: string }>;
  purpose: string;
  effectiveOn: LocalDate;
  /** The accounting day in which it counts: `effectiveOn`, or the first open day where that is closed. */
  postedOn: LocalDate;
  memo: string;
  /** Something was posted for this document and purpose before. */
  isCorrection: boolean;
  postings: readonly EntryPosting[];
}>;

type Dimensions = Readonly<Pick<Posting, "debit" | "credit" | "channel" | "item" | "location" | "line">>;
/**
 * What is wanted less what is posted of one pair of accounts and one set of dimensions, in the books' currency and in each other one;
 * below 0, the pair is turned round.
 */
type Difference = { readonly of: Dimensions; amount: bigint; foreign: Map<string, bigint> | null };
type Group = {
  readonly purpose: string;
  readonly effectiveOn: LocalDate;
  memo: string;
  readonly differences: Map<string, Difference>;
};

const SEPARATOR = "\u001f";

/**
 * The entries that bring what is posted for a document to what it wants: one for each purpose and effective day that differ, none where
 * nothing does. Compared by effective day, pair of accounts (a pair and its reverse cancel) and dimensions, in each currency; memos are
 * not compared. `closedThrough` is the last closed day; an entry for a closed day is posted on the day after it, with a memo that says
 * why. `name` is what people know the document by.
 */
export function missing(
  document: Entry["document"],
  wanted: readonly Posting[],
  posted: readonly Posting[],
  closedThrough: LocalDate | null,
  reason = "recorded after its period was closed",
  name = `${document.kind} ${document.id}`,
): readonly Entry[] {
  const groups = new Map<string, Group>();
  for (const posting of wanted) add(groups, posting, posting.amount, posting.foreign, 1n);
  for (const posting of posted) add(groups, posting, posting.amount, posting.foreign, -1n);
  const before = new Set(posted.map((posting) => posting.purpose));

  const entries: Entry[] = [];
  for (const { purpose, effectiveOn, memo, differences } of groups.values()) {
    const postings = [...differences.values()].flatMap(postingsFor);
    if (postings.length === 0) continue;
    const isClosed = closedThrough !== null && effectiveOn <= closedThrough;
    entries.push({
      document,
      purpose,
      effectiveOn,
      postedOn: isClosed ? nextDay(closedThrough) : effectiveOn,
      memo: isClosed
        ? `${memo === "" ? "" : `${memo}. `}For ${name} of ${effectiveOn}: ${reason}`
        : memo === ""
          ? `Correction of ${name}`
          : memo,
      isCorrection: before.has(purpose),
      postings,
    });
  }
  return entries;
}

/**
 * One list of postings of two: what a document moves in the books' currency, and what the same document moves as it said it. They are
 * paired by purpose, day, accounts and dimensions, so that an amount that comes to 0 in one of the two is not lost in the other.
 */
export function inBoth(books: readonly Posting[], said: readonly Posting[], currency: string): readonly Posting[] {
  const groups = new Map<string, Group>();
  for (const posting of books) add(groups, posting, posting.amount, undefined, 1n);
  for (const posting of said) add(groups, posting, 0n, { currency, amount: posting.amount }, 1n);
  return [...groups.values()].flatMap(({ purpose, effectiveOn, memo, differences }) =>
    [...differences.values()].flatMap(postingsFor).map((posting) => ({ purpose, effectiveOn, memo, ...posting })),
  );
}

/** Adds a posting to its group; each pair of accounts is counted in one direction. */
function add(
  groups: Map<string, Group>,
  posting: Posting,
  size: bigint,
  foreign: ForeignAmount | undefined,
  sign: 1n | -1n,
): void {
  const { purpose, effectiveOn, memo, debit, credit, channel, item, location, line } = posting;
  invariant(debit !== credit && posting.amount >= 0n, "a posting moves a positive amount between two accounts");
  const groupKey = `${purpose}${SEPARATOR}${effectiveOn}`;
  let group = groups.get(groupKey);
  if (group === undefined) {
    group = { purpose, effectiveOn, memo, differences: new Map() };
    groups.set(groupKey, group);
  }
  if (group.memo === "") group.memo = memo;
  const isTurned = debit > credit;
  const pair = isTurned ? `${credit}${SEPARATOR}${debit}` : `${debit}${SEPARATOR}${credit}`;
  const key = [pair, keyPart(channel), keyPart(item), keyPart(location), keyPart(line)].join(SEPARATOR);
  const way = isTurned ? -sign : sign;
  let difference = group.differences.get(key);
  if (difference === undefined) {
    const [low, high] = isTurned ? [credit, debit] : [debit, credit];
    difference = { of: { debit: low, credit: high, channel, item, location, line }, amount: 0n, foreign: null };
    group.differences.set(key, difference);
  }
  difference.amount += way * size;
  if (foreign === undefined) return;
  difference.foreign ??= new Map();
  difference.foreign.set(foreign.currency, (difference.foreign.get(foreign.currency) ?? 0n) + way * foreign.amount);
}

/** An empty text is not the same as nothing. */
function keyPart(value: string | null): string {
  return value === null ? "" : `=${value}`;
}

/**
 * The postings of a difference: none for nothing, one where the currencies go the same way. Where they do not (a cent of the one comes to
 * nothing in the other; a document that is said in another currency now), each other currency is carried by the least amount that a
 * posting can have, 1, and what the carriers bring too much goes back without one.
 */
function postingsFor({ of, amount, foreign }: Difference): readonly EntryPosting[] {
  const others = foreign === null ? [] : [...foreign].filter(([, sum]) => sum !== 0n);
  const [first] = others;
  if (first === undefined) return amount === 0n ? [] : [moved(of, amount)];
  if (others.length === 1 && amount !== 0n && amount > 0n === first[1] > 0n)
    return [{ ...moved(of, amount), foreign: { currency: first[0], amount: sizeOf(first[1]) } }];
  let rest = amount;
  const carriers = others.map(([currency, sum]) => {
    const unit = sum > 0n ? 1n : -1n;
    rest -= unit;
    return { ...moved(of, unit), foreign: { currency, amount: sizeOf(sum) } };
  });
  return rest === 0n ? carriers : [...carriers, moved(of, rest)];
}

function moved(of: Dimensions, amount: bigint): EntryPosting {
  return amount > 0n ? { ...of, amount } : { ...of, debit: of.credit, credit: of.debit, amount: -amount };
}

const sizeOf = (amount: bigint): bigint => (amount < 0n ? -amount : amount);
