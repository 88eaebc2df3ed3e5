/**
 * How the ledger is read: windows of at most 31 days, oldest first, each of them whole. Every entry tells the balance after it, so that
 * each must follow from the one before it; a window that does not is asked for again, and a gap that stays is told and nothing of it
 * kept. That is also why the ledger begins with its oldest entry: a window is proved by the one before.
 *
 * Which entries a payout holds is told by no field. Where a payout takes all that there was, it is all entries since the balance was last
 * at nothing; where it leaves the newest of them behind, these add up to what is left. What does not add up to the cent stays without a
 * payout. Entries of an earlier window are given once more, as a later version, when their payout comes.
 */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import type { Page } from "../connector";
import { type Connection, type Entry, ledgerEntries, pageSize, shopById } from "./api";
import { documentsOf } from "./ledger-documents";
import { secondsOf } from "./pull";
import { isPayout } from "./read-ledger";

const longest = 31 * 86_400 - 1;
/** More entries than this are two windows: what is held in memory is bounded, however large the shop. */
const mostEntries = 500;

const Place = z.strictObject({ sequence: z.int(), at: z.int() });
const Cursor = z.strictObject({
  /** The second that the next window begins with. */
  from: z.int(),
  /** The newest entry known; null before the first. */
  last: z.strictObject({ sequence: z.int(), at: z.int(), balance: z.int() }).nullable(),
  /** The entries that wait for a payout: the first of them and their sum. null: it is not known which do. */
  open: z.strictObject({ first: Place.nullable(), sum: z.int() }).nullable(),
  /** Entries to be given again, now that the payout is known that they went with. */
  again: z.strictObject({ from: z.int(), to: z.int(), first: z.int(), until: z.int(), payout: z.int() }).nullable(),
});
type Cursor = z.infer<typeof Cursor>;

/** One window of the ledger. `since` is the instant that the seller begins with; without one it is the day that the shop was opened. */
export async function pullLedger(
  connection: Connection,
  shop: string,
  since: string | null,
  cursor: string | null,
): Promise<Page> {
  const now = Math.floor(connection.clock() / 1000);
  const at: Cursor =
    cursor === null
      ? { from: await beginningOf(connection, shop, since), last: null, open: null, again: null }
      : Cursor.parse(JSON.parse(cursor));
  if (at.again !== null) return giveAgain(connection, shop, at, at.again);
  const { entries, to } = await nextWindow(connection, shop, at, now);
  const { paidOutBy, open, again } = settle(entries, at);
  const newest = entries.at(-1);
  const last =
    newest === undefined
      ? at.last
      : { sequence: newest.sequence_number, at: newest.created_timestamp, balance: newest.balance };
  const documents = await documentsOf(connection, shop, entries, (entry) => paidOutBy.get(entry.entry_id) ?? null);
  const isEnd = to >= now;
  // At the end a later pass begins with the last entry itself: another may come within the same second.
  const state: Cursor = { from: isEnd ? (last?.at ?? at.from) : to, last, open, again };
  const text = JSON.stringify(state);
  return { documents, next: isEnd && again === null ? null : text, watermark: text };
}

async function beginningOf(connection: Connection, shop: string, since: string | null): Promise<number> {
  const opened = (await shopById(connection, shop)).created_timestamp;
  return Math.max(opened, since === null ? 946_684_800 : secondsOf(since));
}

/** The entries that wait in an earlier window, with the payout that they went with. */
async function giveAgain(
  connection: Connection,
  shop: string,
  at: Cursor,
  again: NonNullable<Cursor["again"]>,
): Promise<Page> {
  const { entries, to } = await windowOf(connection, shop, again.from, again.to);
  const theirs = entries.filter(
    (entry) => entry.sequence_number >= again.first && entry.sequence_number <= again.until && !isSent(entry),
  );
  const documents = await documentsOf(connection, shop, theirs, () => again.payout);
  const text = JSON.stringify({ ...at, again: to >= again.to ? null : { ...again, from: to } } satisfies Cursor);
  return { documents, next: text, watermark: text };
}

/** The entries after `at.last`, each following from the one before, up to `to`. */
async function nextWindow(
  connection: Connection,
  shop: string,
  at: Cursor,
  now: number,
): Promise<Readonly<{ entries: readonly Entry[]; to: number }>> {
  let gap = "";
  // What was left out because pages moved is there the second time. What was written late, with an earlier time, is further back.
  for (const back of [0, 0, 86_400, 30 * 86_400]) {
    const from = at.last === null ? at.from : at.from - back;
    const { entries, to } = await windowOf(connection, shop, from, Math.max(now, from));
    const fresh = entries.filter((entry) => at.last === null || entry.sequence_number > at.last.sequence);
    const broken = gapIn(fresh, at.last);
    if (broken === null && (to >= at.from || to >= now)) return { entries: fresh, to: Math.max(to, at.from) };
    gap = broken ?? gap;
  }
  throw new ChannelError("unreadable", `Etsy's ledger has a gap: ${gap || "its windows do not meet"}`);
}

/** Where an entry's balance does not follow from the one before, in words; null where all do. */
export function gapIn(
  entries: readonly Pick<Entry, "sequence_number" | "amount" | "balance">[],
  before: Readonly<{ sequence: number; balance: number }> | null,
): string | null {
  let last = before;
  for (const { sequence_number, amount, balance } of entries) {
    if (last !== null && last.balance + amount !== balance)
      return `entry ${sequence_number} does not follow from entry ${last.sequence}`;
    last = { sequence: sequence_number, balance };
  }
  return null;
}

/** All entries from a second to another, both included, in their order; `to` is earlier than asked where there are too many. */
async function windowOf(
  connection: Connection,
  shop: string,
  from: number,
  until: number,
): Promise<Readonly<{ entries: readonly Entry[]; to: number }>> {
  let to = Math.min(until, from + longest);
  for (;;) {
    const entries = new Map<number, Entry>();
    let count = 0;
    for (let offset = 0; ; offset += pageSize) {
      const page = await ledgerEntries(connection, shop, { from, to, offset });
      count = page.count;
      if (count > mostEntries && to > from + 60) break;
      for (const entry of page.results) entries.set(entry.entry_id, entry);
      if (page.results.length < pageSize) break;
    }
    if (count <= mostEntries || to <= from + 60)
      return { entries: [...entries.values()].sort((a, b) => a.sequence_number - b.sequence_number), to };
    to = from + Math.floor((to - from) / 2);
  }
}

/** A payout that left; one that came back is money like any other, which goes with the next. */
function isSent(entry: Pick<Entry, "ledger_type" | "amount">): boolean {
  return isPayout(entry.ledger_type) && entry.amount < 0;
}

/** Which of the entries were paid out by which payout, and what waits after them. Pure. */
export function settle(
  entries: readonly Pick<
    Entry,
    "entry_id" | "sequence_number" | "amount" | "balance" | "created_timestamp" | "ledger_type"
  >[],
  at: Pick<Cursor, "last" | "open">,
): Readonly<{ paidOutBy: ReadonlyMap<number, number>; open: Cursor["open"]; again: Cursor["again"] }> {
  const paidOutBy = new Map<number, number>();
  let again: Cursor["again"] = null;
  let open = at.open;
  /** Those of `open` that are in this window. */
  let waiting: (typeof entries)[number][] = [];
  const [first] = entries;
  // A ledger that begins at nothing has nothing that waits from before.
  if (at.last === null && first !== undefined && first.balance === first.amount) open = { first: null, sum: 0 };
  for (const entry of entries) {
    if (!isSent(entry)) {
      if (open === null) continue;
      const place = { sequence: entry.sequence_number, at: entry.created_timestamp };
      open = { first: open.first ?? place, sum: open.sum + entry.amount };
      waiting.push(entry);
      continue;
    }
    const left = entry.balance;
    const held = open === null || open.sum + entry.amount !== left ? null : heldOf(waiting, left);
    if (open !== null && held !== null) {
      for (const each of waiting.slice(0, waiting.length - held.length)) paidOutBy.set(each.entry_id, entry.entry_id);
      const earlier = open.first !== null && at.last !== null && open.first.sequence <= at.last.sequence;
      if (earlier && open.first !== null && at.last !== null)
        again = {
          from: open.first.at,
          to: at.last.at,
          first: open.first.sequence,
          until: at.last.sequence,
          payout: entry.entry_id,
        };
    }
    const [oldest] = held ?? [];
    if (held !== null && oldest !== undefined)
      open = { first: { sequence: oldest.sequence_number, at: oldest.created_timestamp }, sum: left };
    else open = held !== null || left === 0 ? { first: null, sum: 0 } : null;
    waiting = [...(held ?? [])];
  }
  return { paidOutBy, open, again };
}

/** The newest of the entries that add up to what a payout left behind: none for nothing, null where none do. */
function heldOf<Each extends Readonly<{ amount: number }>>(
  waiting: readonly Each[],
  left: number,
): readonly Each[] | null {
  if (left === 0) return [];
  let sum = 0;
  for (let start = waiting.length - 1; start >= 0; start -= 1) {
    sum += waiting[start]?.amount ?? 0;
    if (sum === left) return waiting.slice(start);
  }
  return null;
}
