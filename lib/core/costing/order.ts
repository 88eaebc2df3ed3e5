/**
 * The one order of rule 1. Everything that costing does follows from the facts' dates and ids, never from when they were recorded, so
 * this comparison is the only place where "before" is decided. Turned down: the order of recording (two computers would disagree),
 * and row numbers (an import that is undone and made again would cost differently).
 */
import { compareIds } from "../facts";
import type { Place } from "./types";

/** Rule 1: accounting date, phase, time (none first), id by code point, number. Below 0 where `a` comes first. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.on !== b.on) return a.on < b.on ? -1 : 1;
  if (a.phase !== b.phase) return a.phase - b.phase;
  if (a.at !== b.at) {
    if (a.at === null) return -1;
    if (b.at === null) return 1;
    return a.at < b.at ? -1 : 1;
  }
  return a.id === b.id ? a.number - b.number : compareIds(a.id, b.id);
}

/**
 * Rule 2: the oldest acquisition date first, then the order of the movements that brought the lots. Across the business a lot is
 * acquired on the day of its own movement, so both are its place.
 */
export function compareLots(a: Readonly<{ place: Place }>, b: Readonly<{ place: Place }>): number {
  return comparePlaces(a.place, b.place);
}
