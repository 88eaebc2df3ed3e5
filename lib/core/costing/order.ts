/**
 * The one order of rule 1. Everything that costing does follows from the facts' dates and ids, never from when they were recorded, so
 * this comparison is the only place where "before" is decided. Turned down: the order of recording (two computers would disagree),
 * and row numbers (an import that is undone and made again would cost differently).
 */
import { compareIds, type Instant, type LocalDate } from "../facts";
import type { Phase, Place } from "./types";

/** Rule 1: accounting date, phase, time (none first), id by code point, rank and line in a document of phase 1, number. Below 0 where `a` comes first. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.on !== b.on) return a.on < b.on ? -1 : 1;
  if (a.phase !== b.phase) return a.phase - b.phase;
  if (a.at !== b.at) {
    if (a.at === null) return -1;
    if (b.at === null) return 1;
    return a.at < b.at ? -1 : 1;
  }
  if (a.id !== b.id) return compareIds(a.id, b.id);
  if (a.rank !== b.rank) return a.rank - b.rank;
  return a.line === b.line ? a.number - b.number : compareIds(a.line, b.line);
}

/**
 * Rule 2: the oldest acquisition date first, then the order of the movements that brought the lots. Across the business a lot is
 * acquired on the day of its own movement, so both are its place; a transfer between pools brings lots that are older than itself.
 */
export function compareLots(
  a: Readonly<{ acquiredOn: LocalDate; place: Place }>,
  b: Readonly<{ acquiredOn: LocalDate; place: Place }>,
): number {
  if (a.acquiredOn !== b.acquiredOn) return a.acquiredOn < b.acquiredOn ? -1 : 1;
  return comparePlaces(a.place, b.place);
}

/** The place of a line that comes from outside, leaves or comes back: phases 0, 2 and 3. */
export function lineAt(on: LocalDate, phase: Phase, at: Instant | null, line: string): Place {
  return { on, phase, at, id: line, rank: 0, line: "", number: 0 };
}

/** The place of a production, all of whose inputs leave before its first output arrives. */
export function productionAt(on: LocalDate, document: string): Place {
  return { on, phase: 1, at: null, id: document, rank: 0, line: "", number: 0 };
}

/** The place at which a transfer's line leaves, or that at which it arrives. Of a production and a transfer of one id, the production is first. */
export function transferAt(on: LocalDate, document: string, line: string, way: "leaves" | "arrives"): Place {
  return { on, phase: 1, at: null, id: document, rank: way === "leaves" ? 1 : 2, line, number: 0 };
}
