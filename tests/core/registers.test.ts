import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  abc,
  ageBounds,
  ageOf,
  ages,
  agesOfArrivals,
  costAt,
  coverBand,
  coverDays,
  toBuy,
} from "../../lib/core/registers";

describe("ages", () => {
  it.each([
    [-5n, 0],
    [0n, 0],
    [30n, 0],
    [31n, 1],
    [90n, 1],
    [91n, 2],
    [180n, 2],
    [181n, 3],
    [365n, 3],
    [366n, 4],
    [100_000n, 4],
  ])("%d days are age %d", (days, age) => expect(ageOf(days)).toBe(age));

  it("never falls as days go by, and has one more age than bounds", () => {
    expect(ages).toBe(ageBounds.length + 1);
    fc.assert(
      fc.property(fc.bigInt(-10n, 5_000n), fc.bigInt(0n, 400n), (days, more) => {
        expect(ageOf(days + more)).toBeGreaterThanOrEqual(ageOf(days));
        expect(ageOf(days)).toBeLessThan(ages);
      }),
    );
  });
});

describe("ages where lots are of no place", () => {
  it("are those of what came last, as what came first went first", () => {
    expect(agesOfArrivals(10n, [4n, 3n, 2n, 0n])).toEqual([4n, 3n, 2n, 0n, 1n]);
    expect(agesOfArrivals(5n, [4n, 3n, 2n, 9n])).toEqual([4n, 1n, 0n, 0n, 0n]);
    expect(agesOfArrivals(4n, [4n, 3n, 0n, 0n])).toEqual([4n, 0n, 0n, 0n, 0n]);
    expect(agesOfArrivals(6n, [0n, 0n, 0n, 0n])).toEqual([0n, 0n, 0n, 0n, 6n]);
  });

  it("hold what more went than came in an age to be older, and nothing where nothing is left", () => {
    expect(agesOfArrivals(5n, [-2n, 3n, 0n, 0n])).toEqual([0n, 3n, 0n, 0n, 2n]);
    expect(agesOfArrivals(0n, [4n, 3n, 2n, 1n])).toEqual([0n, 0n, 0n, 0n, 0n]);
    expect(agesOfArrivals(-3n, [4n, 3n, 2n, 1n])).toEqual([0n, 0n, 0n, 0n, 0n]);
    for (const arrived of [[], [1n, 1n, 1n], [1n, 1n, 1n, 1n, 1n]])
      expect(() => agesOfArrivals(1n, arrived)).toThrow("each age but the oldest");
  });

  it("add up to what is on hand, each at most what came in it", () => {
    const came = fc.array(fc.bigInt(-5n, 20n), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.bigInt(-5n, 60n), came, (onHand, arrived) => {
        const found = agesOfArrivals(onHand, arrived);
        expect(found.reduce((sum, qty) => sum + qty, 0n)).toBe(onHand > 0n ? onHand : 0n);
        for (const [i, most] of arrived.entries()) {
          const here = found[i] ?? -1n;
          expect(here >= 0n && here <= (most > 0n ? most : 0n)).toBe(true);
        }
      }),
    );
  });
});

describe("ABC", () => {
  const classes = (values: readonly bigint[]) =>
    abc(values.map((value, i) => ({ id: `i${i}`, value })))
      .map((one) => one.class)
      .join("");

  it("gives A up to 80 %, B up to 95 %, and the one that crosses to the better class", () => {
    expect(classes([50n, 30n, 10n, 5n, 5n])).toBe("AABBC");
    expect(classes([79n, 2n, 14n, 5n])).toBe("AABC");
    expect(classes([100n])).toBe("A");
    expect(classes([0n, -5n])).toBe("CC");
    expect(classes([])).toBe("");
  });

  it("calls what has no value, or less, C, also before anything came", () => {
    expect(classes([5n, 0n])).toBe("AC");
    expect(classes([100n, 0n, -100n])).toBe("ACC");
    expect(
      abc([
        { id: "b", value: 3n },
        { id: "a", value: 3n },
        { id: "c", value: -1n },
      ]),
    ).toEqual([
      { row: { id: "a", value: 3n }, class: "A", before: 0n },
      { row: { id: "b", value: 3n }, class: "A", before: 3n },
      { row: { id: "c", value: -1n }, class: "C", before: 6n },
    ]);
  });

  it.each([
    [0n, 50n],
    [-1n, 50n],
    [60n, 50n],
    [60n, 101n],
  ])("refuses the bounds %s and %s", (a, b) => {
    expect(() => abc([], { a, b })).toThrow("A's before B's");
  });

  it("takes bounds that are one, and all of it", () => {
    expect(abc([{ id: "a", value: 1n }], { a: 50n, b: 50n })[0]?.class).toBe("A");
    expect(abc([{ id: "a", value: 1n }], { a: 1n, b: 100n })[0]?.class).toBe("A");
  });

  it("ranks every row once, by value then id; classes only fall; what is before adds up", () => {
    const rows = fc
      .array(fc.bigInt(-50n, 1_000n), { maxLength: 40 })
      .map((values) => values.map((value, i) => ({ id: `i${String(i).padStart(2, "0")}`, value })));
    fc.assert(
      fc.property(rows, fc.bigInt(1n, 100n), fc.bigInt(0n, 99n), (given, a, more) => {
        const bounds = { a, b: a + more > 100n ? 100n : a + more };
        const ranked = abc(given, bounds);
        expect(ranked.map(({ row }) => row.id).sort()).toEqual(given.map(({ id }) => id));
        const total = given.reduce((sum, { value }) => (value > 0n ? sum + value : sum), 0n);
        let before = 0n;
        for (const [i, one] of ranked.entries()) {
          const next = ranked[i + 1];
          if (next !== undefined) {
            expect(one.row.value >= next.row.value).toBe(true);
            expect(one.class <= next.class).toBe(true);
          }
          expect(one.before).toBe(before);
          if (one.row.value > 0n) before += one.row.value;
          // Whoever is of A begins below the bound; whoever is of C begins at or above the other.
          if (one.class === "A") expect(one.before * 100n < bounds.a * total).toBe(true);
          if (one.class === "C" && one.row.value > 0n) expect(one.before * 100n >= bounds.b * total).toBe(true);
        }
        expect(before).toBe(total);
      }),
    );
  });
});

describe("cover", () => {
  it("is what is on hand by what is sold a day, in whole days", () => {
    expect(coverDays(10n, 30n, 30n)).toBe(10n);
    expect(coverDays(10n, 31n, 30n)).toBe(9n);
    expect(coverDays(0n, 5n, 90n)).toBe(0n);
    expect(coverDays(-3n, 5n, 90n)).toBe(0n);
    expect(coverDays(7n, 0n, 30n)).toBe(null);
    expect(() => coverDays(1n, 1n, 0n)).toThrow();
  });

  it("lasts so many days and not one more", () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 10_000n), fc.bigInt(1n, 10_000n), fc.bigInt(1n, 366n), (onHand, sold, days) => {
        const cover = coverDays(onHand, sold, days) ?? -1n;
        expect(cover * sold <= onHand * days).toBe(true);
        expect((cover + 1n) * sold > onHand * days).toBe(true);
      }),
    );
  });
});

describe("what to buy", () => {
  it("comes up to the target from below the minimum, and is nothing otherwise", () => {
    fc.assert(
      fc.property(fc.bigInt(-50n, 50n), fc.bigInt(1n, 50n), fc.bigInt(0n, 50n), (onHand, minimum, more) => {
        const bought = toBuy(onHand, minimum, minimum + more);
        if (onHand < minimum) expect(onHand + bought).toBe(minimum + more);
        else expect(bought).toBe(0n);
      }),
    );
  });
});

it("what is at its minimum is not bought, nor what has a target that is reached", () => {
  expect(toBuy(5n, 5n, 9n)).toBe(0n);
  expect(toBuy(4n, 5n, 9n)).toBe(5n);
  expect(toBuy(4n, 5n, 4n)).toBe(0n);
  expect(toBuy(4n, 5n, 2n)).toBe(0n);
});

describe("what it costs", () => {
  it("is the price of one times how many, to the nearest minor unit, halves up", () => {
    expect(costAt(200n, 14n, 1n)).toBe(2_800n);
    expect(costAt(333n, 150n, 100n)).toBe(500n);
    expect(costAt(1n, 50n, 100n)).toBe(1n);
    expect(costAt(1n, 49n, 100n)).toBe(0n);
    expect([costAt(0n, 3n, 1n), costAt(3n, 0n, 1n)]).toEqual([0n, 0n]);
    for (const [each, qty, one] of [
      [-1n, 1n, 1n],
      [1n, -1n, 1n],
      [1n, 1n, 0n],
      [1n, 1n, -1n],
    ] as const)
      expect(() => costAt(each, qty, one)).toThrow("nothing or more");
  });
});

describe("what cover means", () => {
  it.each([
    [0n, 5n, "out"],
    [-1n, null, "out"],
    [4n, null, "unsold"],
    [4n, 6n, "week"],
    [4n, 7n, "month"],
    [4n, 30n, "month"],
    [4n, 31n, "quarter"],
    [4n, 90n, "quarter"],
    [4n, 91n, "longer"],
  ] as const)("%s on hand for %s days is %s", (onHand, days, band) => expect(coverBand(onHand, days)).toBe(band));
});
