/** The naive implementation over random histories: what must hold for any set of facts (reliability.md, section 3.2). */
import { describe, expect, it } from "vitest";
import { type Fact, history, refusedHistory, shuffled } from "../histories";
import { naive, Refused } from "./index";
import { Random } from "./random";

const SEEDS = Array.from({ length: 300 }, (_, i) => i + 1);

/** Runs a check over seeds and says which one failed. */
function forSeeds(seeds: readonly number[], check: (seed: number, facts: Fact[]) => void): void {
  for (const seed of seeds) {
    try {
      check(seed, history(seed));
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
}

/** Each fact some times more, later in the file. */
function delivered(facts: readonly Fact[], seed: number): Fact[] {
  const random = new Random(seed);
  const result: Fact[] = [];
  for (const fact of facts) {
    result.push(fact);
    if (random.chance(0.5)) result.push({ ...random.pick(result) });
  }
  return [...result, ...facts];
}

describe("random histories", () => {
  it("does not depend on the order of recording (M1)", { timeout: 120_000 }, () => {
    let moved = 0;
    forSeeds(SEEDS, (seed, facts) => {
      const other = shuffled(facts, seed + 1000);
      expect([...other].sort(byText)).toEqual([...facts].sort(byText));
      if (other.some((fact, i) => fact !== facts[i])) moved += 1;
      expect(naive(other)).toEqual(naive(facts));
    });
    expect(moved).toBeGreaterThan(290);
  });

  it("changes nothing when facts are recorded again (M2)", { timeout: 120_000 }, () => {
    forSeeds(SEEDS, (seed, facts) => {
      expect(naive(delivered(facts, seed))).toEqual(naive(facts));
    });
  });

  it("reads after an undo as if the fact had never been there (M12)", { timeout: 120_000 }, () => {
    const undone = new Set<string>();
    forSeeds(SEEDS, (_, facts) => {
      const keys = facts.map((f) => JSON.stringify(undoOf(f)));
      const last = facts.findLastIndex((f, i) => isUndoable(f) && keys.indexOf(keys[i] ?? "") === i);
      const fact = facts[last];
      if (fact === undefined) return;
      const before = facts.slice(0, last);
      undone.add(fact.kind);
      const after = naive([...before, fact, undoOf(fact)]);
      expect(after).toEqual(naive(before));
      expect(naive([...before, fact, undoOf(fact), fact])).toEqual(after);
    });
    expect([...undone].sort()).toEqual(
      expect.arrayContaining(["adjustment", "match", "order", "pin", "purchase", "return"]),
    );
  });

  it("moves no cost when all dates move (M4), periods are never closed (M14), or something is bought later (M7)", {
    timeout: 120_000,
  }, () => {
    forSeeds(SEEDS.slice(0, 120), (_, facts) => {
      const result = naive(facts);
      expect(naive(facts.filter((f) => f.kind !== "close"))).toEqual(result);

      const item = facts.find((f) => f.kind === "item" && !facts.some((u) => u.kind === "undo" && u.id === f.id));
      const lines = [{ id: "late-1", item: item?.id, qty: 3, amount: 100 }];
      const late = naive([...facts, { kind: "purchase", id: "late", date: "2027-01-01", amount: 100, lines }]);
      expect(late.sales).toEqual(result.sales);

      const zone = facts.find((f) => f.kind === "business")?.time_zone;
      if (zone !== undefined && zone !== "UTC" && zone !== "Asia/Kolkata") return; // others have days of 23 and 25 hours
      const shifted = naive(facts.map((f) => shift(f, 400)));
      expect(shifted.sales).toEqual(result.sales);
      expect(shifted.trial_balance).toEqual(result.trial_balance);
    });
  });

  it("holds every kind of fact and the cases that matter", { timeout: 120_000 }, () => {
    const seen = new Map<string, number>();
    const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
    forSeeds(SEEDS, (_, facts) => {
      const has = new Set<string>(facts.map((f) => f.kind));
      const result = naive(facts);
      const dates = new Map(result.lots.map((l) => [l.lot, l.date]));
      const pinned = new Set(facts.filter((f) => f.kind === "pin").map((f) => `${f.sale} ${f.lot}`));
      for (const fact of facts) {
        if (fact.kind === "order" && typeof fact.at === "string" && fact.at.length > 10)
          has.add("an order with a time");
        if (fact.kind === "transfer" && fact.arrives !== undefined) has.add("a transfer that takes days");
        if (fact.kind === "return" && fact.order === undefined) has.add("a return without order");
      }
      for (const sale of result.sales) {
        has.add(`matched by ${sale.matched_by}`);
        if (sale.uncosted > 0) has.add(sale.cost > 0 ? "a sale costed in part" : "a sale without cost");
        if (sale.allocations.length > 1) has.add("a sale from several lots");
        const order = facts.find((f) => f.kind === "order" && sale.line.startsWith(`${String(f.id)}-`));
        for (const a of sale.allocations)
          if (
            (dates.get(a.lot) ?? "") > String(order?.at) &&
            !pinned.has(`${sale.line} ${a.lot}`) &&
            !a.lot.startsWith("b")
          )
            has.add("a sale within grace");
      }
      for (const lot of result.lots) {
        if (lot.lot.endsWith(".2")) has.add("a return of several lots");
        if (lot.amount > 2 ** 49) has.add("a big amount");
        if (lot.item === null) has.add("a lot of no item");
      }
      if (result.to_detail > 0) has.add("something to detail");
      for (const what of has) count(what);
    });
    const few = [...seen].filter(([, n]) => n < 4);
    expect(few).toEqual([]);
    expect([...seen.keys()].sort()).toEqual([
      "a big amount",
      "a lot of no item",
      "a return of several lots",
      "a return without order",
      "a sale costed in part",
      "a sale from several lots",
      "a sale within grace",
      "a sale without cost",
      "a transfer that takes days",
      "adjustment",
      "an order with a time",
      "backfill",
      "business",
      "close",
      "item",
      "location",
      "match",
      "matched by hand",
      "matched by listing",
      "matched by name",
      "matched by null",
      "matched by sku",
      "opening",
      "order",
      "payout",
      "pin",
      "purchase",
      "purchase_return",
      "return",
      "something to detail",
      "transfer",
      "undo",
    ]);
  });

  it("gives the same history for the same seed and another for another", () => {
    expect(history(7)).toEqual(history(7));
    expect(history(7)).not.toEqual(history(8));
    expect(history(7, 25)).toHaveLength(25);
  });

  it("refuses the wrong fact at the end, and only that", { timeout: 120_000 }, () => {
    const codes = new Set<string>();
    for (const seed of SEEDS) {
      const { facts, line, code } = refusedHistory(seed);
      expect(line).toBe(facts.length);
      expect(() => naive(facts)).toThrow(Refused);
      expect(naive(facts.slice(0, -1)).sales).toBeDefined();
      codes.add(code);
    }
    expect(codes.size).toBeGreaterThanOrEqual(10);
  });
});

function byText(a: Fact, b: Fact): number {
  const [x, y] = [JSON.stringify(a), JSON.stringify(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

function isUndoable(fact: Fact): boolean {
  return !["business", "location", "undo", "close"].includes(fact.kind);
}

function undoOf({ kind, id, sale, lot }: Fact): Fact {
  if (kind === "pin") return { kind: "undo", of: kind, sale, lot };
  if (kind === "match") return { kind: "undo", of: kind, sale };
  return { kind: "undo", of: kind, id };
}

function shift(fact: Fact, days: number): Fact {
  const moved: Record<string, unknown> = {};
  for (const field of ["date", "at", "arrives", "through"]) {
    const value = fact[field];
    if (typeof value !== "string") continue;
    const date = new Date(Date.parse(`${value.slice(0, 10)}T00:00:00Z`) + days * 86_400_000);
    moved[field] = date.toISOString().slice(0, 10) + value.slice(10);
  }
  return { ...fact, ...moved };
}
