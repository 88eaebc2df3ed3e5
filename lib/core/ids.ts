/**
 * Ids are the source's own text, compared by code point (compareIds in facts.ts), or UUIDs of ours. What is here gives a name to what
 * has none: a sale line that matched no item can still be backfilled or returned, and then has lots and costs of its own.
 */

/** U+001F separates, and no source writes it in an id: so a group made here is never an item's id. */
const UNMATCHED = "\u001f";

/** The cost group of a sale line that matched nothing: a group of its own, which stands where an item's id would stand. */
export function unmatchedGroup(saleLine: string): string {
  return `${UNMATCHED}${saleLine}`;
}

/** The sale line of such a group; null where the group is an item's id. */
export function lineOfUnmatchedGroup(group: string): string | null {
  return group.startsWith(UNMATCHED) ? group.slice(UNMATCHED.length) : null;
}
