/** A check of the proof that cannot be done because of what the rows say: that is a finding as well, and no reason to stop. */
import { isDatabaseAway, sqlState, type Tx } from "../../db/scope";

/**
 * What `work` gives, or in words why the rows do not let it. It runs in a part of the transaction of its own, so that what the database refuses
 * to compute leaves the rest usable. What says nothing about the rows is thrown on: a database that is away, full or stopping, a deadlock.
 */
export async function orBroken<T>(
  tx: Tx,
  work: (inner: Tx) => Promise<T>,
): Promise<Readonly<{ value: T }> | Readonly<{ broken: string }>> {
  try {
    return { value: await tx.transaction(work) };
  } catch (error) {
    const state = sqlState(error);
    // Values that cannot be computed with, more rows than one, and what our own functions raise; all other states are of the server or of us.
    if (isDatabaseAway(error) || (state !== null && !/^(21|22|P0)/.test(state))) throw error;
    return { broken: state === null && error instanceof Error ? error.message : deepest(error) };
  }
}

/** What the database itself said: the statement that drizzle puts around it would fill a page. */
function deepest(error: unknown): string {
  let at = error;
  while (at instanceof Error && at.cause !== undefined) at = at.cause;
  return at instanceof Error ? at.message : String(at);
}
