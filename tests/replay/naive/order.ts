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

/** Where a movement stands. */
export interface Place {
  date: string;
  phase: 0 | 1 | 2 | 3;
  time: bigint | null;
  /** The line's id; of what moves inside the business (phase 1), the document's. */
  id: string;
  /** Inside the business only: which document, where two have one id, whether it leaves or arrives, and the line's id. */
  inside: { document: "production" | "transfer"; side: "leaves" | "arrives"; line: string } | null;
  /** Tells apart the lots that one line made. */
  part: number;
}

/** The place of a line of what comes from outside, leaves or comes back. */
export function placeOf(date: string, phase: 0 | 2 | 3, id: string, time: bigint | null = null): Place {
  return { date, phase, time, id, inside: null, part: 0 };
}

/** The place of a line of a document that moves things inside the business. */
export function placeInside(
  document: "production" | "transfer",
  id: string,
  date: string,
  side: "leaves" | "arrives",
  line: string,
): Place {
  return { date, phase: 1, time: null, id, inside: { document, side, line }, part: 0 };
}

export function comparePlace(a: Place, b: Place): number {
  if (a.date !== b.date) return a.date < b.date ? -1 : 1;
  if (a.phase !== b.phase) return a.phase - b.phase;
  return beforeMoment(a, b) || compareText(a.id, b.id) || compareInside(a, b) || a.part - b.part;
}

/** Within one id: production before a transfer, what leaves before what arrives, then the lines. */
function compareInside(a: Place, b: Place): number {
  if (a.inside === null || b.inside === null) return 0;
  if (a.inside.document !== b.inside.document) return a.inside.document === "production" ? -1 : 1;
  if (a.inside.side !== b.inside.side) return a.inside.side === "leaves" ? -1 : 1;
  return compareText(a.inside.line, b.inside.line);
}

/** Whole days from one date to another. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000;
}
