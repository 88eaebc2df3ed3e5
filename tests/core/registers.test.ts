import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { abc, ageBounds, ageOf, ages, costAt, coverBand, coverDays, toBuy } from "../../lib/core/registers";

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

describe("what it costs", () => {
  it("is the price of one times how many, to the nearest minor unit, halves up", () => {
    expect(costAt(200n, 14n, 1n)).toBe(2_800n);
    expect(costAt(333n, 150n, 100n)).toBe(500n);
    expect(costAt(1n, 50n, 100n)).toBe(1n);
    expect(costAt(1n, 49n, 100n)).toBe(0n);
    expect(() => costAt(-1n, 1n, 1n)).toThrow();
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
