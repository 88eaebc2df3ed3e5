/** Recipes scaled to any quantity: exact, rounded once, what goes in upwards and what comes out downwards. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { comesOutFor, enoughFor, extraFor, usedFor, wasteFor } from "../../lib/core/recipes";

const plain = (qty: bigint) => ({ qty, wasteQty: 0n, wasteRate: 0n });

describe("what goes in", () => {
  it("grows with what is made, and a part of a piece takes the piece", () => {
    expect(usedFor(plain(1n), { made: 12n, batch: 12n })).toBe(1n);
    expect(usedFor(plain(1n), { made: 30n, batch: 12n })).toBe(3n);
    expect(usedFor(plain(250n), { made: 7n, batch: 2n })).toBe(875n);
    expect(usedFor(plain(5n), { made: 0n, batch: 2n })).toBe(0n);
  });

  it("has its waste on top: a percentage of it, or so much for a batch", () => {
    const tenPercent = { qty: 10_000n, wasteQty: 0n, wasteRate: 1_000n };
    expect(usedFor(tenPercent, { made: 1n, batch: 1n })).toBe(11_000n);
    expect(wasteFor(tenPercent, { made: 1n, batch: 1n })).toBe(1_000n);
    const perBatch = { qty: 10n, wasteQty: 3n, wasteRate: 0n };
    expect([usedFor(perBatch, { made: 6n, batch: 4n }), wasteFor(perBatch, { made: 6n, batch: 4n })]).toEqual([
      20n,
      5n,
    ]);
    // 1 % of 3 pieces is a part of a piece: one is used up.
    expect(usedFor({ qty: 3n, wasteQty: 0n, wasteRate: 100n }, { made: 1n, batch: 1n })).toBe(4n);
  });
});

it("what comes out beside it is whole: a part of a piece did not come out", () => {
  expect(comesOutFor(5n, { made: 3n, batch: 2n })).toBe(7n);
  expect(comesOutFor(1n, { made: 3n, batch: 4n })).toBe(0n);
});

it("work and overhead grow with it and are rounded once", () => {
  // 1.00 a batch of 3 and 0.01 a metre (100 smallest units), for 50 smallest units.
  const extras = [
    { amount: 100n, per: "batch" },
    { amount: 1n, per: "unit" },
  ] as const;
  expect(extraFor(extras, { made: 300n, batch: 300n }, 100n)).toBe(103n);
  expect(extraFor(extras, { made: 50n, batch: 300n }, 100n)).toBe(17n);
  expect(extraFor([{ amount: 1n, per: "batch" }], { made: 1n, batch: 2n }, 1n)).toBe(1n);
  expect(extraFor([{ amount: 1n, per: "batch" }], { made: 1n, batch: 3n }, 1n)).toBe(0n);
  expect(extraFor([], { made: 5n, batch: 1n }, 1n)).toBe(0n);
  // The half of a cent, of a batch of four in hundredths of a piece.
  expect(extraFor([{ amount: 1n, per: "batch" }], { made: 2n, batch: 4n }, 100n)).toBe(1n);
});

it("less than nothing is not made, nor a part of no batch; nothing is", () => {
  const one = plain(1n);
  for (const times of [
    { made: -1n, batch: 1n },
    { made: 1n, batch: 0n },
    { made: 1n, batch: -1n },
  ]) {
    expect(() => usedFor(one, times)).toThrow("makes some of something");
    expect(() => comesOutFor(1n, times)).toThrow("makes some of something");
    expect(() => extraFor([], times, 1n)).toThrow("makes some of something");
  }
  for (const unit of [0n, -1n])
    expect(() => extraFor([], { made: 1n, batch: 1n }, unit)).toThrow("makes some of something");
  const none = { made: 0n, batch: 1n };
  expect([usedFor(one, none), comesOutFor(1n, none), extraFor([], none, 1n)]).toEqual([0n, 0n, 0n]);
});

const used = fc.record({
  qty: fc.bigInt({ min: 1n, max: 10n ** 9n }),
  wasteQty: fc.bigInt({ min: 0n, max: 10n ** 6n }),
  wasteRate: fc.bigInt({ min: 0n, max: 100_000n }),
});
const some = fc.bigInt({ min: 1n, max: 10n ** 9n });

describe("for any recipe", () => {
  it("what is used is the least whole number that is not less than the exact fraction", () => {
    fc.assert(
      fc.property(used, some, some, (input, made, batch) => {
        const exact = (input.qty * (10_000n + input.wasteRate) + input.wasteQty * 10_000n) * made;
        const all = usedFor(input, { made, batch });
        expect(all * 10_000n * batch >= exact && (all - 1n) * 10_000n * batch < exact).toBe(true);
        expect(wasteFor(input, { made, batch }) >= 0n).toBe(true);
      }),
    );
  });

  it("batches made at once use no more than made one by one, and less by under a unit for each", () => {
    fc.assert(
      fc.property(used, some, fc.bigInt({ min: 1n, max: 50n }), (input, batch, times) => {
        const atOnce = usedFor(input, { made: batch * times, batch });
        const each = usedFor(input, { made: batch, batch }) * times;
        expect(atOnce <= each && each - atOnce < times).toBe(true);
      }),
    );
  });

  it("what is enough is enough, and one more is not", () => {
    const rows = fc.array(fc.record({ input: used, onHand: fc.bigInt({ min: -5n, max: 10n ** 12n }) }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(rows, some, (inputs, batch) => {
        const most = enoughFor(inputs, batch);
        if (most === null) throw new Error("it uses something");
        const fits = (made: bigint) =>
          inputs.every(({ input, onHand }) => usedFor(input, { made, batch }) <= (onHand > 0n ? onHand : 0n));
        expect([fits(most), fits(most + 1n)]).toEqual([true, false]);
      }),
    );
    expect(enoughFor([], 1n)).toBeNull();
  });

  it("never more comes out than its part", () => {
    fc.assert(
      fc.property(some, some, some, (qty, made, batch) => {
        const out = comesOutFor(qty, { made, batch });
        expect(out * batch <= qty * made && (out + 1n) * batch > qty * made).toBe(true);
      }),
    );
  });
});
