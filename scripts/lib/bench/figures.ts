/** What benchmarks give, and how they count. */

/** One line of figures, in the order in which they are printed. */
export type Row = Readonly<Record<string, string | number>>;
/** Measures with at most so many sale lines. */
export type Bench = (most: number) => Promise<readonly Row[]>;

export const round = (value: number, digits = 2): number => Math.round(value * 10 ** digits) / 10 ** digits;

/** The middle of the values: the lower of the two where their number is even. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that this part of the values does not exceed. */
export function quantile(values: readonly number[], part: number): number {
  return [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(values.length * part) - 1)] ?? 0;
}

/** Seconds that `work` takes. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** A measured ratio beside the gate and the goal of docs/performance.md: lower is better, or higher where `isMore`. */
export function against(measured: number, gate: number, goal: number, isMore = false): Row {
  const isMet = isMore ? measured >= gate : measured <= gate;
  return { measured: round(measured, 4), gate, goal, met: isMet ? "yes" : "NO" };
}
