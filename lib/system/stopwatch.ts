/** How long parts of long work took, for commands that print it. Counting costs nothing worth naming, so it is always on. */
type Part = "posting" | "costing";
const spentMs: Record<Part, number> = { posting: 0, costing: 0 };

/** Adds the time that `work` takes to a part's; what it spends on posting inside costing counts as posting alone. */
export async function timed<T>(part: Part, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const posted = spentMs.posting;
  try {
    return await work();
  } finally {
    const all = performance.now() - began;
    spentMs[part] += part === "costing" ? all - (spentMs.posting - posted) : all;
  }
}

/** Milliseconds spent in a part since the process began. */
export function spentOn(part: Part): number {
  return spentMs[part];
}
