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
}>;

export type EntryPosting = Readonly<
  Pick<Posting, "debit" | "credit" | "amount" | "channel" | "item" | "location" | "line">
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
/** What is wanted less what is posted of one pair of accounts and one set of dimensions; below 0, the pair is turned round. */
type Difference = { readonly of: Dimensions; amount: bigint };
type Group = {
  readonly purpose: string;
  readonly effectiveOn: LocalDate;
  memo: string;
  readonly differences: Map<string, Difference>;
};

const SEPARATOR = "\u001f";

/**
 * The entries that bring what is posted for a document to what it wants: one for each purpose and effective day that differ, none where
 * nothing does. Compared by effective day, pair of accounts (a pair and its reverse cancel) and dimensions; memos are not compared.
 * `closedThrough` is the last closed day; an entry for a closed day is posted on the day after it, with a memo that says why. `name` is
 * what people know the document by.
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
  for (const posting of wanted) add(groups, posting, 1n);
  for (const posting of posted) add(groups, posting, -1n);
  const before = new Set(posted.map((posting) => posting.purpose));

  const entries: Entry[] = [];
  for (const { purpose, effectiveOn, memo, differences } of groups.values()) {
    const postings = [...differences.values()].filter(({ amount }) => amount !== 0n).map(postingOf);
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

/** Adds a posting to its group; each pair of accounts is counted in one direction. */
function add(groups: Map<string, Group>, posting: Posting, sign: 1n | -1n): void {
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
  const amount = isTurned ? -sign * posting.amount : sign * posting.amount;
  const known = group.differences.get(key);
  if (known !== undefined) known.amount += amount;
  else {
    const [low, high] = isTurned ? [credit, debit] : [debit, credit];
    group.differences.set(key, { of: { debit: low, credit: high, channel, item, location, line }, amount });
  }
}

/** An empty text is not the same as nothing. */
function keyPart(value: string | null): string {
  return value === null ? "" : `=${value}`;
}

function postingOf({ of, amount }: Difference): EntryPosting {
  return amount > 0n ? { ...of, amount } : { ...of, debit: of.credit, credit: of.debit, amount: -amount };
}
