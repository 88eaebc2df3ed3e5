/**
 * The relations of reliability.md, section 3.2, over random histories of every kind of fact, on the naive implementation (on the product: metamorphic.db.test.ts):
 * what must hold for any set of facts, so that the second implementation is itself known to be right where no one worked
 * its figures out by hand. M12 (undo) is in naive/histories.test.ts; M13 is about currencies and concerns no cost.
 */
import { describe, expect, it } from "vitest";
import { type Fact, history, shuffled } from "./histories";
import { Book, naive, type Result, resultOf } from "./naive/index";
import { Random } from "./naive/random";
import { buy, sell, WIDGET } from "./naive/words";
import { relations } from "./relations";

const SEEDS = Array.from({ length: 150 }, (_, i) => i + 1);
const HISTORIES = new Map<number, { facts: Fact[]; result: Result }>();

/** Runs a check over seeds and says which one failed; histories and their books are made once. */
async function forSeeds(
  check: (facts: readonly Fact[], result: Result, random: Random) => void | Promise<void>,
  seeds: readonly number[] = SEEDS,
): Promise<void> {
  for (const seed of seeds) {
    const made = HISTORIES.get(seed) ?? history(seed);
    const known = "facts" in made ? made : { facts: made, result: naive(made) };
    HISTORIES.set(seed, known);
    try {
      await check(known.facts, known.result, new Random(seed + 5000));
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
}

const balance = (result: Result, code: string) => result.trial_balance.find((b) => b.code === code)?.amount ?? 0;

describe("relations over random histories", { timeout: 120_000 }, () => {
  it.each(relations)("$name", async ({ holds, least }) => {
    let found = 0;
    const books = async (facts: readonly Fact[]) => naive(facts);
    await forSeeds(async (facts, result, random) => {
      found += await holds(facts, result, random, books);
    });
    expect(found).toBeGreaterThanOrEqual(least);
  });

  it("M1: the order of recording does not matter", async () => {
    let moved = 0;
    await forSeeds((facts, result, random) => {
      for (let i = 0; i < 2; i++) {
        const other = shuffled(facts, random.whole(1, 1e9));
        expect([...other].sort(byText)).toEqual([...facts].sort(byText));
        if (other.some((fact, place) => fact !== facts[place])) moved += 1;
        expect(naive(other)).toEqual(result);
      }
    });
    expect(moved).toBeGreaterThan(230);
  });

  it("M2: a fact recorded again changes nothing", async () => {
    await forSeeds((facts, result, random) => {
      const again: Fact[] = [];
      for (const fact of facts) {
        again.push(fact);
        if (random.chance(0.5)) again.push({ ...random.pick(again) });
      }
      expect(naive([...again, ...facts])).toEqual(result);
    });
  });

  it("M3 and M11: asked after every few facts or once at the end, the books are the same", async () => {
    await forSeeds((facts, result, random) => {
      const book = new Book();
      for (const [i, fact] of facts.entries()) {
        book.add(fact);
        if (random.chance(0.1)) expect(resultOf(book)).toEqual(naive(facts.slice(0, i + 1)));
      }
      expect(resultOf(book)).toEqual(result);
    });
  });

  it("M6: another business's facts, recorded in between, change nothing here", async () => {
    await forSeeds(
      (facts, result, random) => {
        const [here, there] = [new Book(), new Book()];
        const others = [...(HISTORIES.get(random.whole(1, 50))?.facts ?? [])];
        for (const fact of facts) {
          const other = others.shift();
          if (other !== undefined) there.add(other);
          here.add(fact);
        }
        expect(resultOf(here)).toEqual(result);
      },
      SEEDS.slice(0, 60),
    );
  });

  it("M9: two lots of one cost a piece that is no whole number of cents, as one: within a cent", async () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = new Random(seed);
      const [qty, amount, more] = [random.whole(2, 7), random.whole(1, 50), random.whole(1, 3)];
      const orders = Array.from({ length: random.whole(1, 6) }, (_, i) =>
        sell(`o${i}`, `2025-03-0${random.whole(2, 9)}`, random.whole(1, 3)),
      );
      const two = [buy("p1", "2025-03-01", qty, amount), buy("p2", "2025-03-01", qty * more, amount * more)];
      const one = buy("p1", "2025-03-01", qty * (1 + more), amount * (1 + more));
      const sold = (facts: Fact[]) => balance(naive([WIDGET, ...facts, ...orders]), "5000");
      expect(Math.abs(sold(two) - sold([one])), `seed ${seed}`).toBeLessThanOrEqual(1);
    }
  });
});

function byText(a: Fact, b: Fact): number {
  const [x, y] = [JSON.stringify(a), JSON.stringify(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}
