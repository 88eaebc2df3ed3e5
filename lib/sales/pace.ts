/**
 * How fast something is done, measured where it is done and kept with its progress, so that a page that is read anew knows it. Counted
 * from a mark that lies half a minute to a minute back: long enough to be steady, short enough to tell what is true now.
 */

/** What a step keeps of it, by word: instants in milliseconds since 1970. `perMinute` is the pace, left out until it can be told. */
export type Marks = Readonly<Record<string, number>>;

const windowMs = 30_000;
const leastMs = 2_000;
/** Who rested so long was paused or away: what was before tells nothing of what comes. */
const restMs = 300_000;

/** The marks after something was done: `done` in all, at `atMs`; `before` are those that were kept last. */
export function paced(before: Marks, atMs: number, done: number): Marks {
  const { paceAt, paceDone = 0, nextAt = atMs, nextDone = done, lastAt = atMs } = before;
  // `perMinute` is told anew below; the rest of what a step keeps is not ours.
  const { perMinute: _, ...kept } = before;
  if (paceAt === undefined || atMs - lastAt > restMs || done < paceDone)
    return { ...kept, paceAt: atMs, paceDone: done, nextAt: atMs, nextDone: done, lastAt: atMs };
  const moves = atMs - nextAt >= windowMs;
  const from = moves ? { paceAt: nextAt, paceDone: nextDone } : { paceAt, paceDone };
  const next = moves ? { nextAt: atMs, nextDone: done } : { nextAt, nextDone };
  const ms = atMs - from.paceAt;
  const perMinute = ms < leastMs ? null : Math.round(((done - from.paceDone) * 60_000) / ms);
  return { ...kept, ...from, ...next, lastAt: atMs, ...(perMinute === null || perMinute <= 0 ? {} : { perMinute }) };
}
