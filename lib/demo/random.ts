/** Numbers by chance that are the same on every machine (xorshift64*), so that the demo's figures can be told in the README. */
export class Random {
  #state: bigint;
  constructor(seed: bigint) {
    this.#state = seed === 0n ? 1n : seed;
  }
  #next(): bigint {
    let x = this.#state;
    x ^= x >> 12n;
    x ^= (x << 25n) & 0xffff_ffff_ffff_ffffn;
    x ^= x >> 27n;
    this.#state = x;
    return (x * 0x2545_f491_4f6c_dd1dn) & 0xffff_ffff_ffff_ffffn;
  }
  /** A whole number between both ends, ends included. */
  between(low: number, high: number): number {
    return low + Number((this.#next() >> 11n) % BigInt(high - low + 1));
  }
  /** An index, each as likely as its weight. */
  weighted(weights: readonly number[]): number {
    let draw = this.between(
      1,
      weights.reduce((sum, weight) => sum + weight, 0),
    );
    for (const [i, weight] of weights.entries()) {
      draw -= weight;
      if (draw <= 0) return i;
    }
    return 0;
  }
}

/** A version below any that a person's later change gets (those are UUIDv7s of today). */
export function newVersion(place: number): string {
  return `0000-${String(place).padStart(8, "0")}`;
}
