/** Is the database there? Asked before each page is made, so that a person is told what is going on rather than shown a fault. */
import { isDatabaseAway, ping } from "../../db/scope";

/** An answer holds so long: a busy web asks once a second, and a page waits a millisecond for it at most now and then. */
const holdsMs = 1_000;
let seenAt = Number.NEGATIVE_INFINITY;

/** Whether the database answers, as of a second ago at most; false where it cannot be reached. Any other error is thrown. */
export async function isDatabaseThere(): Promise<boolean> {
  if (performance.now() - seenAt < holdsMs) return true;
  try {
    await ping();
  } catch (error) {
    if (isDatabaseAway(error)) return false;
    throw error;
  }
  seenAt = performance.now();
  return true;
}
