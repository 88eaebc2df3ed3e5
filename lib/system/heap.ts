/** How a long-lived process holds its memory. */
import { setFlagsFromString } from "node:v8";

/**
 * For a worker, whose jobs each hold much for a while and nothing after: V8 would let garbage grow to several times what is in use before it
 * looks, and what it once took it hardly gives back. Let to grow by a quarter, costing a million sales takes a third less memory and as
 * long (docs/performance.md). It is no limit: what is in use may grow as ever.
 */
export function keepHeapSmall(): void {
  setFlagsFromString("--heap-growing-percent=25");
}
