/**
 * Where a pull of one feed is. eBay gives lists by time and by offset, at most so many days at once; so a pass goes through windows,
 * the newest first, each from its first page to its last. A window's ends never move once they are set: what comes or changes later
 * is outside of it and is left to the next pass.
 */
import { z } from "zod";

const Time = z.iso.datetime();
const Walk = z.strictObject({
  kind: z.literal("walk"),
  /** When the pass began. It may take days: what changed meanwhile is the next one's. */
  began: Time,
  /** How far back the pass goes. */
  floor: Time,
  from: Time,
  to: Time,
  offset: z.int().min(0),
  /** How many the window held when its last page was read; null before its first. */
  total: z.int().min(0).nullable(),
  /** Orders: by creation in the first pass, by change in all others. */
  isFirst: z.boolean(),
  /** The latest time that was seen, and the earliest of what is not settled. */
  seen: Time.nullable(),
  open: Time.nullable(),
});
/** Between passes: the latest time that was seen, and the earliest of what was not settled then. */
const Mark = z.strictObject({ kind: z.literal("mark"), seen: Time, open: Time.nullable() });
const Cursor = z.discriminatedUnion("kind", [Walk, Mark]);
export type Walk = Readonly<z.infer<typeof Walk>>;

const dayMs = 86_400_000;
/** eBay takes 90 days at once for payouts and transactions. */
const windowMs = 89 * dayMs;
/** Orders of more than two years ago are not given, and money without its order says little. */
const mostMs = 729 * dayMs;

/** How long ago something may be and still change: asked for again in each pass. `leadMs`: how long before its day it may begin. */
export type Overlap = Readonly<{ seenMs: number; openMs: number; leadMs: number }>;

/** Where to go on: from a cursor, from a mark that an earlier pass left, or from the beginning, which `since` says. */
export function walkOf(text: string | null, since: string | null, nowMs: number, overlap: Overlap): Walk {
  if (text === null)
    return begun(since === null ? 0 : Date.parse(since) - overlap.leadMs, nowMs, {
      isFirst: true,
      seen: null,
      open: null,
    });
  const cursor = Cursor.parse(JSON.parse(text));
  if (cursor.kind === "walk") return stillGiven(cursor, nowMs);
  const seenMs = Date.parse(cursor.seen);
  // What stays unsettled for ever must not make every pass as long as the first.
  const openMs = cursor.open === null ? seenMs : Math.max(Date.parse(cursor.open), seenMs - overlap.openMs);
  const floorMs = Math.min(seenMs - overlap.seenMs, openMs);
  return begun(floorMs, nowMs, { isFirst: false, seen: cursor.seen, open: null });
}

/** A walk that stood still: what it had before it may be older by now than eBay gives. */
function stillGiven(walk: Walk, nowMs: number): Walk {
  const oldest = iso(nowMs - mostMs);
  const later = (time: string) => (time < oldest ? oldest : time);
  return { ...walk, floor: later(walk.floor), from: later(walk.from), to: later(walk.to) };
}

function begun(floorMs: number, nowMs: number, rest: Pick<Walk, "isFirst" | "seen" | "open">): Walk {
  const floor = Math.min(Math.max(floorMs, nowMs - mostMs), nowMs);
  return {
    kind: "walk",
    began: iso(nowMs),
    floor: iso(floor),
    from: iso(Math.max(floor, nowMs - windowMs)),
    to: iso(nowMs),
    offset: 0,
    total: null,
    ...rest,
  };
}

/** The same walk with its newest window ending at an earlier time. */
export function endingAt(walk: Walk, ms: number): Walk {
  const end = Math.min(Date.parse(walk.to), ms);
  const earlier = (time: string) => iso(Math.min(Date.parse(time), end));
  return { ...walk, began: earlier(walk.began), floor: earlier(walk.floor), from: earlier(walk.from), to: iso(end) };
}

/** What a page told, as far as the walk is concerned: its size as asked for, the window's total, the times on it. */
export type Seen = Readonly<{
  limit: number;
  got: number;
  total: number;
  times: readonly string[];
  open: readonly string[];
}>;

/** After a page: the cursor for what follows, or null with the mark for the next pass. */
export function after(walk: Walk, page: Seen): Readonly<{ next: string | null; watermark: string | null }> {
  const seen = extreme([walk.seen, ...page.times], (a, b) => a > b);
  const open = extreme([walk.open, ...page.open], (a, b) => a < b);
  // What left the window since the page before may have stood before it, and then all that follows moved up by as much: what now
  // stands just before this page was not on any.
  const left = walk.total === null ? 0 : Math.max(0, walk.total - page.total);
  if (left > 0 && walk.offset > 0)
    return {
      next: write({ ...walk, offset: Math.max(0, walk.offset - left), total: page.total, seen, open }),
      watermark: null,
    };
  const reached = walk.offset + Math.min(page.got, page.limit);
  if (reached < page.total && page.got > 0)
    return { next: write({ ...walk, offset: reached, total: page.total, seen, open }), watermark: null };
  if (walk.from > walk.floor) {
    // Windows meet at their ends, so that what happened in that very millisecond is in one of them at least.
    const from = iso(Math.max(Date.parse(walk.floor), Date.parse(walk.from) - windowMs));
    return { next: write({ ...walk, from, to: walk.from, offset: 0, total: null, seen, open }), watermark: null };
  }
  const known = seen === null || seen > walk.began ? walk.began : seen;
  const mark = { kind: "mark", seen: known, open } satisfies z.infer<typeof Mark>;
  return { next: null, watermark: JSON.stringify(mark) };
}

/** What a first pass tells of itself: how many are left in its last window, before that how far back it is. */
export function toldBy(walk: Walk, page: Seen): Readonly<{ left?: number; reached?: string }> {
  if (!walk.isFirst) return {};
  const left = Math.max(0, page.total - walk.offset - page.got);
  return walk.from <= walk.floor ? { left } : { reached: walk.to };
}

function extreme(times: readonly (string | null)[], isMore: (a: string, b: string) => boolean): string | null {
  return times.reduce((most, time) => (time !== null && (most === null || isMore(time, most)) ? time : most), null);
}

const iso = (ms: number): string => new Date(ms).toISOString();
const write = (walk: Walk): string => JSON.stringify(walk);
