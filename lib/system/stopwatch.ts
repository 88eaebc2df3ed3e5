/** How long parts of long work took, for commands that print it. Counting costs nothing worth naming, so it is always on. */
const spentMs = new Map<string, number>();

/** Adds the time that `work` takes to a part's. */
export async function timed<T>(part: "posting" | "settling", work: () => Promise<T>): Promise<T> {
  const before = performance.now();
  try {
    return await work();
  } finally {
    spentMs.set(part, (spentMs.get(part) ?? 0) + performance.now() - before);
  }
}

/** Milliseconds spent in a part since the process began. */
export function spentOn(part: "posting" | "settling"): number {
  return spentMs.get(part) ?? 0;
}
