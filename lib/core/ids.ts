/**
 * Ids are the source's own text, compared by code point (compareIds in facts.ts), or UUIDs of ours. What is here gives a name to what
 * has none: a sale line that matched no item can still be backfilled or returned, and then has lots and costs of its own.
 */

/** U+001F separates, and no source writes it in an id: so a name made here is never a source's own. */
const SEPARATOR = "\u001f";
const UNMATCHED = SEPARATOR;

/** The cost group of a sale line that matched nothing: a group of its own, which stands where an item's id would stand. */
export function unmatchedGroup(saleLine: string): string {
  return `${UNMATCHED}${saleLine}`;
}

/** The sale line of such a group; null where the group is an item's id. */
export function lineOfUnmatchedGroup(group: string): string | null {
  return group.startsWith(UNMATCHED) ? group.slice(UNMATCHED.length) : null;
}

/**
 * The name of a movement's cost: its line's id; for a component of a bundle, which is one of several movements of the line, with the
 * component's item.
 */
export function costKey(line: string, leg: number, item: string): string {
  return leg === 0 ? line : `${line}${SEPARATOR}${item}`;
}

/** The id of the `number`th of several lots that one movement made. (As people see it, `line.1`: another line's own id may be that.) */
export function lotOfSeveral(movement: string, number: number): string {
  return `${movement}${SEPARATOR}${number}`;
}
