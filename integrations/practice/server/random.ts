/**
 * Chance that is always the same: numbers that follow from a seed and a name. Each order, product and day draws from a source of
 * its own, so that what happens to one never depends on how many others there are or when the server was started.
 */
export type Random = Readonly<{
  /** A whole number from 0 to n − 1. */
  below: (n: number) => number;
  /** A whole number from low to high, both included. */
  between: (low: number, high: number) => number;
  /** True so many times in a thousand. */
  chance: (perMille: number) => boolean;
  pick: <T>(list: readonly T[]) => T;
}>;

/** FNV-1a over the name, then mulberry32. */
export function randomOf(...name: readonly (string | number)[]): Random {
  let state = 0x811c9dc5;
  for (const char of name.join("/")) {
    state ^= char.codePointAt(0) ?? 0;
    state = Math.imul(state, 0x01000193);
  }
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  const below = (n: number): number => next() % n;
  return {
    below,
    between: (low, high) => low + below(high - low + 1),
    chance: (perMille) => below(1000) < perMille,
    pick: (list) => {
      const chosen = list[below(list.length)];
      if (chosen === undefined) throw new Error("nothing to pick from");
      return chosen;
    },
  };
}
