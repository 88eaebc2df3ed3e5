import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CountEntry,
  type CountMoment,
  countedAt,
  countedOf,
  differenceReasons,
  dueToCount,
  expectedAt,
  isRepeated,
  longestNotCounted,
  type MovedThere,
  movedBefore,
  outcomeOf,
  rhythmUsual,
  saysDifference,
  type ToCount,
  wayOf,
  worthLike,
} from "../../lib/core/counts";
import { addDays } from "../../lib/core/dates";
import { reasonsOf } from "../../lib/core/reasons";

const entry = (id: string, qty: bigint, at: bigint, mode: "add" | "recount" = "add"): CountEntry => ({
  id,
  qty,
  at,
  mode,
});

describe("what was counted", () => {
  it("is nothing where nobody counted, which is not a count of none", () => {
    expect(countedOf([])).toBeNull();
    expect(countedOf([entry("a", 0n, 5n)])).toEqual({ qty: 0n, at: 5n, since: 5n, parts: 1 });
  });

  it("adds what two people saw on their own shelves, and stands for the last of it", () => {
    expect(countedOf([entry("b", 7n, 30n), entry("a", 5n, 10n)])).toEqual({ qty: 12n, at: 30n, since: 10n, parts: 2 });
  });

  it("gives up what was counted before a recount, also where that is handed in later", () => {
    const recount = entry("r", 9n, 20n, "recount");
    expect(countedOf([recount, entry("a", 5n, 10n)])).toEqual({ qty: 9n, at: 20n, since: 20n, parts: 1 });
    expect(countedOf([entry("z", 1n, 25n), entry("a", 5n, 10n), recount])).toMatchObject({ qty: 10n, at: 25n });
  });

  const entries = fc.array(
    fc.record({
      id: fc.string({ minLength: 1, maxLength: 2 }),
      qty: fc.bigInt(0n, 50n),
      at: fc.bigInt(0n, 6n),
      mode: fc.constantFrom<"add" | "recount">("add", "add", "add", "recount"),
    }),
    { maxLength: 12 },
  );

  it("is the same in whatever order and however often it is handed in", () => {
    fc.assert(
      fc.property(entries, fc.infiniteStream(fc.nat()), (given, order) => {
        const once = [...new Map(given.map((one) => [one.id, one])).values()];
        const keyed = [...once, ...once].map((one) => ({ one, key: order.next().value ?? 0 }));
        const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ one }) => one);
        expect(countedOf(shuffled)).toEqual(countedOf(once));
      }),
    );
  });

  it("is what its parts add up to, of which none is older than the last recount", () => {
    fc.assert(
      fc.property(entries, (given) => {
        const once = [...new Map(given.map((one) => [one.id, one])).values()];
        const found = countedOf(once);
        if (once.length === 0) {
          expect(found).toBeNull();
          return;
        }
        const anew = once.filter(({ mode }) => mode === "recount");
        const from = anew.reduce((latest, { at }) => (at > latest ? at : latest), -1n);
        const after = once.filter(({ at }) => at > from).reduce((sum, { qty }) => sum + qty, 0n);
        expect(found !== null && found.qty >= after && found.since >= from && found.at >= found.since).toBe(true);
        if (anew.length === 0) expect(found?.qty).toBe(once.reduce((sum, { qty }) => sum + qty, 0n));
      }),
    );
  });
});

describe("when it was counted", () => {
  it("goes by the time that passed on the device, whatever its clock says", () => {
    expect(countedAt({ now: 1_000n, at: 400n }, 5_000n, 0n)).toBe(4_400n);
    expect(countedAt({ now: 9_000_000n, at: 8_999_400n }, 5_000n, 0n)).toBe(4_400n);
  });

  it("is never ahead, and never before the count began", () => {
    expect(countedAt({ now: 1_000n, at: 2_000n }, 5_000n, 0n)).toBe(5_000n);
    expect(countedAt({ now: 10_000n, at: 0n }, 5_000n, 3_000n)).toBe(3_000n);
  });
});

describe("what the ledger says of that moment", () => {
  const count: CountMoment = { on: "2026-03-10", at: 100n, takesDay: false };
  const moved = (on: string, at: bigint | null, recorded: bigint): Omit<MovedThere, "qty"> => ({ on, at, recorded });

  it.each([
    ["a day before, recorded long after", moved("2026-03-09", null, 900n), true],
    ["a day before, with a time", moved("2026-03-09", 999n, 900n), true],
    ["a day later, recorded before", moved("2026-03-11", null, 1n), false],
    ["on the day, at that instant", moved("2026-03-10", 100n, 900n), true],
    ["on the day, a moment later", moved("2026-03-10", 101n, 1n), false],
    ["on the day without a time, told before", moved("2026-03-10", null, 100n), true],
    ["on the day without a time, told after", moved("2026-03-10", null, 101n), false],
  ])("%s", (_, one, before) => expect(movedBefore(one, count)).toBe(before));

  it("takes the rest of the day where a person says so, but nothing that has a later time", () => {
    const takes = { ...count, takesDay: true };
    expect(movedBefore(moved("2026-03-10", null, 101n), takes)).toBe(true);
    expect(movedBefore(moved("2026-03-10", 101n, 101n), takes)).toBe(false);
    expect(movedBefore(moved("2026-03-11", null, 1n), takes)).toBe(false);
  });

  const moves = fc.array(
    fc.record({
      on: fc.integer({ min: -3, max: 3 }).map((days) => addDays("2026-03-10", days)),
      at: fc.option(fc.bigInt(80n, 120n), { nil: null }),
      recorded: fc.bigInt(0n, 200n),
      qty: fc.bigInt(-9n, 9n).filter((qty) => qty !== 0n),
    }),
    { maxLength: 15 },
  );

  it("changes by a late fact of an earlier day, and so does the difference; the counted result does not", () => {
    fc.assert(
      fc.property(moves, fc.bigInt(0n, 40n), fc.bigInt(-9n, 9n), (there, counted, late) => {
        const known = expectedAt(there, count);
        const after = expectedAt([...there, { on: "2026-03-01", at: null, recorded: 10_000n, qty: late }], count);
        expect(after).toBe(known + late);
        expect(counted - after).toBe(counted - known - late);
      }),
    );
  });

  it("does not change by what moves afterwards, and together with that it is all that moved", () => {
    fc.assert(
      fc.property(moves, (there) => {
        const later = there.filter((one) => !movedBefore(one, count));
        const all = there.reduce((sum, { qty }) => sum + qty, 0n);
        expect(expectedAt(there, count)).toBe(all - later.reduce((sum, { qty }) => sum + qty, 0n));
        expect(
          expectedAt(
            there.filter((one) => movedBefore(one, count)),
            count,
          ),
        ).toBe(expectedAt(there, count));
      }),
    );
  });
});

describe("a shelf on which selling goes on", () => {
  // Days of a thousand ticks. What happens is told when it happens, or later with its time, or on a later day with its day alone.
  const day = (at: bigint) => addDays("2026-03-01", at / 1_000n);
  const happened = fc.record({
    at: fc.bigInt(0n, 4_999n),
    qty: fc.bigInt(-5n, 5n).filter((qty) => qty !== 0n),
    told: fc.constantFrom<"at once" | "with its time" | "days later">("at once", "with its time", "days later"),
  });

  it("is short by exactly what was stolen, whenever it is counted and whenever what moved is told", () => {
    fc.assert(
      fc.property(
        fc.array(happened, { maxLength: 25 }),
        fc.bigInt(0n, 4_999n),
        fc.bigInt(-20n, 20n),
        (moves, at, gone) => {
          const count: CountMoment = { on: day(at), at, takesDay: false };
          const shelf = moves.filter((one) => one.at <= at).reduce((sum, { qty }) => sum + qty, 1_000n) - gone;
          const ledger = moves
            // What is told days later without a time is known by its day alone: of the count's own day nothing can say on which side it was.
            .filter((one) => one.told !== "days later" || day(one.at) !== count.on)
            .map(({ at: then, qty, told }): MovedThere => {
              const on = day(then);
              if (told === "at once") return { on, at: null, recorded: then, qty };
              return { on, at: told === "with its time" ? then : null, recorded: then + 9_000n, qty };
            });
          const unsaid = moves.filter((one) => one.told === "days later" && day(one.at) === count.on && one.at <= at);
          const seen = shelf - unsaid.reduce((sum, { qty }) => sum + qty, 0n);
          expect(seen - expectedAt([{ on: "2026-02-01", at: null, recorded: 0n, qty: 1_000n }, ...ledger], count)).toBe(
            -gone,
          );
        },
      ),
    );
  });
});

describe("a difference", () => {
  it("says how a line came out", () => {
    expect(outcomeOf(null, 0n)).toBe("uncounted");
    expect(outcomeOf(3n, 3n)).toBe("matched");
    expect(outcomeOf(0n, 3n)).toBe("short");
    expect(outcomeOf(0n, -3n)).toBe("over");
  });

  it("has reasons that go its way, in a count's own words", () => {
    expect([wayOf(-1n), wayOf(1n)]).toEqual(["out", "in"]);
    for (const way of ["out", "in"] as const)
      for (const reason of differenceReasons[way]) expect(reasonsOf(way)).toContain(reason);
    expect([...new Set([...differenceReasons.out, ...differenceReasons.in])].map(saysDifference)).toEqual([
      "Shortage",
      "Damage",
      "Data-entry error",
      "Found",
    ]);
  });

  it("is worth what others of the item cost, to the nearest cent", () => {
    expect(worthLike(2n, { qty: 3n, minor: 1000n })).toBe(667n);
    expect(worthLike(1n, { qty: 2n, minor: 1n })).toBe(1n);
    expect(worthLike(3n, { qty: 3n, minor: 1000n })).toBe(1000n);
    for (const none of [null, { qty: 0n, minor: 5n }, { qty: -1n, minor: 5n }, { qty: 1n, minor: -5n }])
      expect(worthLike(4n, none)).toBe(0n);
    expect(worthLike(0n, { qty: 3n, minor: 1000n })).toBe(0n);
    expect(() => worthLike(-1n, { qty: 3n, minor: 1000n })).toThrow("is a quantity");
  });
});

describe("rolling plans", () => {
  const today = "2026-06-30";
  const ago = (days: number) => addDays(today, -days);
  const row = (id: string, of: "A" | "B" | "C", lastOn: string | null): ToCount => ({ id, class: of, lastOn });

  it("takes what was never counted first, then what is most over its own rhythm, and nothing that is not due", () => {
    const rows = [
      row("c-late", "C", ago(181)),
      row("a-due", "A", ago(30)),
      row("a-not", "A", ago(29)),
      row("b-double", "B", ago(180)),
      row("c-never", "C", null),
      row("a-never", "A", null),
    ];
    const due = dueToCount(rows, rhythmUsual, today, 10);
    expect(due).toEqual(["a-never", "c-never", "b-double", "c-late", "a-due"]);
    expect(dueToCount(rows, rhythmUsual, today, 2)).toEqual(due.slice(0, 2));
  });

  it("of equals takes the better class, then the name; so it does among those never counted", () => {
    const rows = [row("c", "A", null), row("b", "B", null), row("a", "A", null)];
    expect(dueToCount(rows, rhythmUsual, today, 9)).toEqual(["a", "c", "b"]);
    const late = [row("z", "B", ago(180)), row("y", "A", ago(60)), row("x", "B", ago(180)), row("w", "C", ago(360))];
    expect(dueToCount(late, rhythmUsual, today, 9)).toEqual(["y", "x", "z", "w"]);
  });

  it("has a rhythm of a day at least for each class", () => {
    for (const of of ["A", "B", "C"] as const) {
      for (const days of [0n, -1n])
        expect(() => dueToCount([], { ...rhythmUsual, [of]: days }, today, 1)).toThrow("number of days");
      expect(dueToCount([row("a", of, ago(1))], { ...rhythmUsual, [of]: 1n }, today, 1)).toEqual(["a"]);
    }
  });

  it("takes what was not counted for the longest time", () => {
    const rows = [
      row("b", "A", "2026-01-02"),
      row("z", "A", null),
      row("a", "A", "2026-01-02"),
      row("c", "A", "2025-12-31"),
    ];
    expect(longestNotCounted(rows, 9)).toEqual(["z", "c", "a", "b"]);
    expect(longestNotCounted(rows, 1)).toEqual(["z"]);
  });

  it("gives the same whatever the order of the rows, each item once", () => {
    const any = fc.uniqueArray(
      fc.record({
        id: fc.string({ minLength: 1, maxLength: 3 }),
        class: fc.constantFrom<"A" | "B" | "C">("A", "B", "C"),
        lastOn: fc.option(
          fc.integer({ min: 0, max: 400 }).map((days) => ago(days)),
          { nil: null },
        ),
      }),
      { selector: ({ id }) => id, maxLength: 12 },
    );
    fc.assert(
      fc.property(any, fc.nat(12), (rows, most) => {
        const back = [...rows].reverse();
        const due = dueToCount(rows, rhythmUsual, today, most);
        expect(dueToCount(back, rhythmUsual, today, most)).toEqual(due);
        expect(longestNotCounted(back, most)).toEqual(longestNotCounted(rows, most));
        expect(new Set(due).size).toBe(due.length);
        const never = rows.filter(({ lastOn }) => lastOn === null).map(({ id }) => id);
        const shown = due.length < never.length ? due.length : never.length;
        for (const id of due.slice(0, shown)) expect(never).toContain(id);
      }),
    );
  });

  it("calls a shortage a repeated one from the second of the latest three on", () => {
    expect([0, 1, 2, 3].map(isRepeated)).toEqual([false, false, true, true]);
  });
});
