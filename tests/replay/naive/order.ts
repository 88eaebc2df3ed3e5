/** Rule 1 of costing.md: the one order in which movements are taken. */

/** By code point, not by UTF-16 unit. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const x = left[i]?.codePointAt(0) ?? 0;
    const y = right[i]?.codePointAt(0) ?? 0;
    if (x !== y) return x < y ? -1 : 1;
  }
  return left.length - right.length;
}

/** By date, then what has no known time, then by instant. */
export function beforeMoment(
  a: { date: string; time: bigint | null },
  b: { date: string; time: bigint | null },
): number {
  if (a.date !== b.date) return a.date < b.date ? -1 : 1;
  if (a.time === null || b.time === null) return (a.time === null ? 0 : 1) - (b.time === null ? 0 : 1);
  return a.time < b.time ? -1 : a.time > b.time ? 1 : 0;
}

/** Where a movement stands: `part` tells apart the lots that one line made. */
export interface Place {
  date: string;
  phase: 0 | 1 | 2 | 3;
  time: bigint | null;
  id: string;
  part: number;
}

export function comparePlace(a: Place, b: Place): number {
  if (a.date !== b.date) return a.date < b.date ? -1 : 1;
  if (a.phase !== b.phase) return a.phase - b.phase;
  return beforeMoment(a, b) || compareText(a.id, b.id) || a.part - b.part;
}

/** Whole days from one date to another. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000;
}
