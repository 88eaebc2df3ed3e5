/** Instants between the core, which counts microseconds, and the database, which has timestamps of the same precision. */

/** An instant as the database reads it, to the microsecond. */
export function instantText(at: bigint): string {
  const seconds = at / 1_000_000n - (at % 1_000_000n < 0n ? 1n : 0n);
  const micros = at - seconds * 1_000_000n;
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${micros.toString().padStart(6, "0")}Z`;
}
