import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CostingResult, comparePlaces, costOf, type Outward, type Place, type Step } from "../../lib/core/costing";
import { addDays } from "../../lib/core/dates";
import { InvariantBroken } from "../../lib/core/errors";
import { lotOfSeveral } from "../../lib/core/ids";
import { share } from "../../lib/core/money";
import { anyHistory, bought, cameBack, daysOf, FIRST_DAY, placeOf, sold, stateBefore, wholeFold } from "./histories";

const grace = fc.constantFrom(0, 0, 1, 3);
// Mutation testing asks for fewer of each (tests/support/mutants-setup.ts): there, each test runs a thousand times.
const { numRuns: fewer } = fc.readConfigureGlobal();
const runs = { numRuns: fewer ?? 400 };

function sum(values: readonly bigint[]): bigint {
  return values.reduce((all, value) => all + value, 0n);
}

function costsOf(result: CostingResult): Record<string, bigint> {
  return Object.fromEntries(result.outs.map((out) => [out.id, out.cost]));
}

function shiftedBy(days: number, steps: readonly Step[]): Step[] {
  const shifted = (place: Place) => ({ ...place, on: addDays(place.on, days) });
  return steps.map((step) =>
    step.kind === "move"
      ? { ...step, place: shifted(step.place), arrives: shifted(step.arrives) }
      : { ...step, place: shifted(step.place) },
  );
}

/** Each movement that takes from lots, by its id: a sale, a loss, a transfer's line, a production's input. */
function takersOf(steps: readonly Step[]) {
  return steps.flatMap((step) => {
    if (step.kind === "make")
      return step.inputs.map((input) => ({ ...input, place: step.place, location: step.location }));
    return step.kind === "out" || step.kind === "move" ? [step] : [];
  });
}
const quantitiesOf = (steps: readonly Step[]) => new Map(takersOf(steps).map((step) => [step.id, step.qty]));
const itemsOf = (steps: readonly Step[]) => new Map(takersOf(steps).map((step) => [step.id, step.item]));
const placesOf = (steps: readonly Step[]) => new Map(takersOf(steps).map((step) => [step.id, step.place]));
const locationsOf = (steps: readonly Step[]) => new Map(takersOf(steps).map((step) => [step.id, step.location]));

/** What the movements of an item add to: a transfer to nothing, a production to what it makes less what it uses. */
function onHandOf(steps: readonly Step[], item: string): bigint {
  const ofItem = (lines: readonly { item: string; qty: bigint }[]) =>
    sum(lines.filter((line) => line.item === item).map((line) => line.qty));
  return sum(
    steps.map((step) => {
      if (step.kind === "make") return ofItem(step.outputs) - ofItem(step.inputs);
      if (step.kind === "move" || step.item !== item) return 0n;
      return step.kind === "in" ? step.qty : step.kind === "out" ? -step.qty : step.restock ? step.qty : 0n;
    }),
  );
}

/** Steps in an order that only the seed decides. */
function shuffled<T>(values: readonly T[], seed: readonly number[]): T[] {
  return values
    .map((value, index) => ({ value, key: seed[index % seed.length] ?? 0, index }))
    .sort((a, b) => a.key - b.key || b.index - a.index)
    .map(({ value }) => value);
}

describe("the order of rule 1", () => {
  test("is date, phase, time (none first), id by code point, number", () => {
    const places = [
      placeOf(0, 2, "z"),
      placeOf(1, 0, "z"),
      placeOf(1, 2, "b"),
      placeOf(1, 2, "b", 5n),
      placeOf(1, 2, "a", 9n),
      placeOf(1, 2, "\uff41", 9n),
      placeOf(1, 2, "\u{1f600}", 9n),
      placeOf(1, 3, "a"),
      { ...placeOf(1, 3, "a"), number: 1 },
    ];
    expect([...places].reverse().sort(comparePlaces)).toEqual(places);
  });
});

describe("sharing a lot (rule 3)", () => {
  test("a used-up lot has given exactly its cost, and what is left is always the cost less the count's share", () => {
    fc.assert(
      fc.property(anyHistory, grace, ({ pool, steps }, graceDays) => {
        const result = costOf(wholeFold(steps, graceDays, pool));
        const given = new Map<string, { qty: bigint; cost: bigint }>();
        for (const { lot, qty, cost } of result.outs.flatMap((out) => out.allocations)) {
          const before = given.get(lot) ?? { qty: 0n, cost: 0n };
          given.set(lot, { qty: before.qty + qty, cost: before.cost + cost });
        }
        for (const lot of result.lots) {
          const { qty, cost } = given.get(lot.id) ?? { qty: 0n, cost: 0n };
          expect(lot.left).toBe(lot.qty - qty);
          expect(lot.value).toBe(lot.cost - cost);
          expect(cost).toBe(share(lot.cost, qty, lot.qty));
        }
      }),
      runs,
    );
  });

  test("a pin is counted before what FIFO took, and the cents move to other sales", () => {
    const lot = bought(0, "p1", 3n, 1000n);
    const sales = [sold(1, "s1", 1n), sold(2, "s2", 1n), sold(3, "s3", 1n)];
    expect(costsOf(costOf(wholeFold([lot, ...sales])))).toEqual({ s1: 333n, s2: 334n, s3: 333n });
    const pinned = sold(3, "s3", 1n, [{ lot: "p1", qty: 1n }]);
    expect(costsOf(costOf(wholeFold([lot, sales[0] ?? lot, pinned])))).toEqual({ s1: 334n, s3: 333n });
  });
});

describe("which lot (rule 2)", () => {
  test("a lot that comes later is never taken, whatever is short", () => {
    const result = costOf(wholeFold([sold(1, "s1", 1n), bought(4, "p1", 1n, 500n)]));
    expect(result.outs[0]).toMatchObject({ cost: 0n, shortage: 1n, allocations: [] });
    expect(result.lots[0]).toMatchObject({ left: 1n, value: 500n });
  });

  test("within the grace period purchases and finds may be taken early, older first, openings and returns never", () => {
    const steps = [
      sold(0, "s1", 4n),
      bought(1, "o1", 9n, 900n, "opening"),
      bought(3, "p3", 1n, 300n),
      bought(2, "f2", 1n, 200n, "found"),
      bought(4, "p4", 9n, 900n),
    ];
    const [row] = costOf(wholeFold(steps, 3)).outs;
    expect(row?.allocations.map(({ lot }) => lot)).toEqual(["f2", "p3"]);
    expect(row?.shortage).toBe(2n);
  });

  test("what was there goes before what grace would lend", () => {
    const steps = [
      bought(0, "o1", 1n, 100n, "opening"),
      sold(1, "s1", 2n),
      bought(2, "p2", 5n, 1000n),
      sold(3, "s3", 4n),
    ];
    const result = costOf(wholeFold(steps, 1));
    expect(result.outs.map((out) => out.allocations.map(({ lot, qty }) => `${qty} ${lot}`))).toEqual([
      ["1 o1", "1 p2"],
      ["4 p2"],
    ]);
    expect(result.lots.map(({ left }) => left)).toEqual([0n, 0n]);
  });

  test("what is returned on a day can be sold from the next day on", () => {
    const steps = [
      bought(0, "p1", 1n, 100n),
      sold(1, "s1", 1n),
      cameBack(2, "r1", "s1", 1n),
      sold(2, "s2", 1n),
      sold(3, "s3", 1n),
    ];
    const result = costOf(wholeFold(steps));
    expect(result.outs.map(({ id, shortage, cost }) => [id, shortage, cost])).toEqual([
      ["s1", 0n, 100n],
      ["s2", 1n, 0n],
      ["s3", 0n, 100n],
    ]);
  });
});

describe("returns (rule 6)", () => {
  test("cancel shortage first and bring back the last taken, pins counting as taken first", () => {
    const steps = [
      bought(0, "p1", 1n, 100n),
      bought(0, "p2", 1n, 200n),
      bought(5, "late", 1n, 900n),
      sold(1, "s1", 4n, [{ lot: "late", qty: 1n }]),
      cameBack(6, "r1", "s1", 2n),
      cameBack(7, "r2", "s1", 2n),
    ];
    const { outs, backs, lots } = costOf(wholeFold(steps));
    expect(outs[0]).toMatchObject({ cost: 1200n, shortage: 1n, cancelled: 1n });
    expect(backs[0]).toMatchObject({
      cancelled: 1n,
      cost: 200n,
      parts: [{ from: "p2", lot: "r1", qty: 1n, cost: 200n }],
    });
    expect(backs[1]?.parts.map(({ from, lot, cost }) => [from, lot, cost])).toEqual([
      ["p1", lotOfSeveral("r2", 1), 100n],
      ["late", lotOfSeveral("r2", 2), 900n],
    ]);
    expect(lots.map(({ id, left, value }) => [id, left, value])).toEqual([
      ["p1", 0n, 0n],
      ["p2", 0n, 0n],
      ["late", 0n, 0n],
      ["r1", 1n, 200n],
      [lotOfSeveral("r2", 1), 1n, 100n],
      [lotOfSeveral("r2", 2), 1n, 900n],
    ]);
  });

  test("of several pins, the one of the younger lot counts as taken later, in whatever order they were made", () => {
    const lots = [bought(0, "p1", 1n, 100n), bought(1, "p2", 1n, 200n)];
    const pins = ["p2", "p1"].map((lot) => ({ lot, qty: 1n }));
    const { outs, backs } = costOf(wholeFold([...lots, sold(2, "s1", 2n, pins), cameBack(3, "r1", "s1", 1n)]));
    expect(outs[0]?.allocations.map(({ lot, reserved }) => [lot, reserved])).toEqual([
      ["p1", true],
      ["p2", true],
    ]);
    expect(backs[0]?.parts).toEqual([{ from: "p2", allocation: 1, lot: "r1", qty: 1n, cost: 200n }]);
  });

  test("a pin and what FIFO took of one lot are two allocations, and each comes back as a lot of its own", () => {
    const lots = [bought(0, "p1", 3n, 1000n)];
    const { outs, backs } = costOf(
      wholeFold([...lots, sold(1, "s1", 2n, [{ lot: "p1", qty: 1n }]), cameBack(2, "r1", "s1", 2n)]),
    );
    expect(outs[0]?.allocations.map(({ cost, reserved }) => [cost, reserved])).toEqual([
      [333n, true],
      [334n, false],
    ]);
    expect(backs[0]?.parts.map(({ lot, cost }) => [lot, cost])).toEqual([
      [lotOfSeveral("r1", 1), 334n],
      [lotOfSeveral("r1", 2), 333n],
    ]);
  });

  test("an allocation that comes back piece by piece comes back to the cent", () => {
    const steps = [
      bought(0, "p1", 3n, 1000n),
      sold(1, "s1", 3n),
      ...[2, 3, 4].map((day) => cameBack(day, `r${day}`, "s1", 1n)),
    ];
    expect(costOf(wholeFold(steps)).backs.map(({ cost }) => cost)).toEqual([333n, 334n, 333n]);
  });

  test("written off takes the cost but no shortage, lost takes nothing and is not counted", () => {
    const steps = [
      bought(0, "p1", 1n, 100n),
      bought(0, "p2", 1n, 200n),
      sold(1, "s1", 3n),
      cameBack(2, "r1", "s1", 1n, "lost"),
      cameBack(3, "r2", "s1", 1n, "write-off"),
      cameBack(4, "r3", "s1", 1n),
    ];
    const { backs, lots } = costOf(wholeFold(steps));
    expect(backs.map(({ cancelled, cost, parts }) => [cancelled, cost, parts.map(({ lot }) => lot)])).toEqual([
      [0n, 0n, []],
      [0n, 200n, [null]],
      [1n, 0n, []],
    ]);
    expect(lots).toHaveLength(2);
  });
});

describe("what cannot be is a bug, not a number", () => {
  test.each<[string, () => Step[]]>([
    ["a pin beyond its lot", () => [bought(0, "p1", 1n, 100n), sold(1, "s1", 2n, [{ lot: "p1", qty: 2n }])]],
    ["pins beyond their sale", () => [bought(0, "p1", 5n, 100n), sold(1, "s1", 2n, [{ lot: "p1", qty: 3n }])]],
    ["a pin to a lot that is not there", () => [sold(1, "s1", 2n, [{ lot: "p1", qty: 1n }])]],
    ["a return of no sale", () => [cameBack(1, "r1", "s1", 1n)]],
    ["a lot of nothing", () => [bought(0, "p1", 0n, 100n)]],
    [
      "a purchase return that its lots do not cover",
      () => [bought(0, "p1", 5n, 100n), { ...sold(1, "s1", 2n, [{ lot: "p1", qty: 1n }]), source: "purchase-return" }],
    ],
  ])("%s", (_, steps) => {
    expect(() => costOf(wholeFold(steps()))).toThrow(InvariantBroken);
  });
});

describe("always", () => {
  test("the order in which steps are handed in does not matter (rule 11, M1)", () => {
    fc.assert(
      fc.property(
        anyHistory,
        grace,
        fc.array(fc.nat(), { minLength: 70, maxLength: 70 }),
        ({ pool, steps }, graceDays, seed) => {
          expect(costOf(wholeFold(shuffled(steps, seed), graceDays, pool))).toEqual(
            costOf(wholeFold(steps, graceDays, pool)),
          );
        },
      ),
      runs,
    );
  });

  test("quantity and cost are conserved: what came in is sold, lost, written off or on hand (rule 14)", () => {
    fc.assert(
      fc.property(anyHistory, grace, ({ pool, steps }, graceDays) => {
        const { outs, backs, lots } = costOf(wholeFold(steps, graceDays, pool));
        const ins = steps.filter((step) => step.kind === "in");
        const overhead = steps.flatMap((step) => (step.kind === "make" ? [step.overhead] : []));
        const wanted = quantitiesOf(steps);
        // Each movement's quantity is explained.
        for (const out of outs) {
          expect(sum(out.allocations.map(({ qty }) => qty)) + out.shortage).toBe(wanted.get(out.id));
          expect(sum(out.allocations.map(({ cost }) => cost))).toBe(out.cost);
          expect(out.cancelled >= 0n && out.cancelled <= out.shortage).toBe(true);
          expect(out.allocations.every(({ qty, cost }) => qty > 0n && cost >= 0n)).toBe(true);
        }
        for (const lot of lots)
          expect(lot.left >= 0n && lot.value >= 0n && (lot.left > 0n || lot.value === 0n)).toBe(true);
        // Value: in and overhead = out − restocked + on hand. (What was written off stays out, what moves inside stays in.)
        const restocked = backs.filter((back) => back.parts.some(({ lot }) => lot !== null));
        const value = sum(lots.map((lot) => lot.value));
        const leaving = new Set(steps.flatMap((step) => (step.kind === "out" ? [step.id] : [])));
        const gone = outs.filter((out) => leaving.has(out.id));
        expect(
          sum(ins.map(({ cost }) => cost)) +
            sum(overhead) -
            sum(gone.map(({ cost }) => cost)) +
            sum(restocked.map(({ cost }) => cost)),
        ).toBe(value);
        // Quantity, item by item: on hand = lots' rest − shortage that nothing cancelled; what a transfer is short of stays on hand.
        const stays = new Set(steps.flatMap((step) => (step.kind === "move" ? [step.id] : [])));
        const itemOf = itemsOf(steps);
        for (const item of ["a", "b", "c"]) {
          const left = sum(lots.filter((lot) => lot.item === item).map((lot) => lot.left));
          const short = outs.filter((out) => itemOf.get(out.id) === item && !stays.has(out.id));
          expect(left - sum(short.map((out) => out.shortage - out.cancelled))).toBe(onHandOf(steps, item));
        }
      }),
      runs,
    );
  });

  test("returns bring back at most what the sale took, each allocation to the cent (rule 6)", () => {
    fc.assert(
      fc.property(anyHistory, grace, ({ pool, steps }, graceDays) => {
        const { outs, backs } = costOf(wholeFold(steps, graceDays, pool));
        for (const out of outs) {
          const parts = backs.filter((back) => back.sale === out.id).flatMap((back) => back.parts);
          for (const [index, allocation] of out.allocations.entries()) {
            const own = parts.filter((part) => part.allocation === index);
            const qty = sum(own.map((part) => part.qty));
            expect(qty <= allocation.qty).toBe(true);
            expect(sum(own.map((part) => part.cost))).toBe(share(allocation.cost, qty, allocation.qty));
            expect(own.every((part) => part.from === allocation.lot)).toBe(true);
          }
        }
        for (const [index, step] of steps.entries()) {
          if (step.kind !== "back") continue;
          const back = backs.find(({ id }) => id === step.id);
          const qty = (back?.cancelled ?? 0n) + sum((back?.parts ?? []).map((part) => part.qty));
          if (step.restock) expect(qty, `step ${index}`).toBe(step.qty);
          else expect(qty <= (step.writeOff ? step.qty : 0n)).toBe(true);
        }
      }),
      runs,
    );
  });

  test("no lot is taken before it is there, but by a pin, a purchase return, or within grace (rule 2)", () => {
    fc.assert(
      fc.property(anyHistory, grace, ({ pool, steps }, graceDays) => {
        const { outs, lots } = costOf(wholeFold(steps, graceDays, pool));
        const lotBy = new Map(lots.map((lot) => [lot.id, lot]));
        const places = placesOf(steps);
        for (const out of outs) {
          const place = places.get(out.id);
          for (const { lot: id, reserved } of out.allocations) {
            const lot = lotBy.get(id);
            if (reserved || lot === undefined || place === undefined) continue;
            const early = comparePlaces(lot.place, place) > 0;
            if (pool === "location") expect(lot.location).toBe(locationsOf(steps).get(out.id));
            if (early) expect(["purchase", "found"]).toContain(lot.source);
            expect(!early || lot.place.on <= addDays(place.on, graceDays)).toBe(true);
          }
        }
      }),
      runs,
    );
  });

  test("all dates moved by a number of days: the same costs (M4)", () => {
    fc.assert(
      fc.property(anyHistory, grace, fc.integer({ min: -800, max: 800 }), ({ pool, steps }, graceDays, days) => {
        const [before, after] = [
          costOf(wholeFold(steps, graceDays, pool)),
          costOf(wholeFold(shiftedBy(days, steps), graceDays, pool)),
        ];
        expect(after.outs).toEqual(before.outs);
        expect(after.backs).toEqual(before.backs);
        expect(after.lots.map(({ left, value }) => [left, value])).toEqual(
          before.lots.map(({ left, value }) => [left, value]),
        );
      }),
      runs,
    );
  });

  test("a purchase later than everything (and than grace reaches) changes nothing before it (M7)", () => {
    fc.assert(
      fc.property(anyHistory, grace, ({ pool, steps }, graceDays) => {
        const before = costOf(wholeFold(steps, graceDays, pool));
        const after = costOf(
          wholeFold([...steps, bought(40, "late", 5n, 777n, "purchase", { item: "a" })], graceDays, pool),
        );
        expect(after.outs).toEqual(before.outs);
        expect(after.backs).toEqual(before.backs);
        expect(after.lots.filter(({ id }) => id !== "late")).toEqual(before.lots);
      }),
      runs,
    );
  });

  test("one sale of n costs what n sales of 1 at its place cost (M8)", () => {
    fc.assert(
      fc.property(anyHistory, grace, fc.nat(), ({ pool, steps }, graceDays, pick) => {
        const whole = steps.filter(
          (step): step is Outward =>
            step.kind === "out" && step.source !== "purchase-return" && step.reservations.length === 0,
        );
        const chosen = whole[pick % (whole.length || 1)];
        fc.pre(chosen !== undefined);
        const kept = steps.filter((step) => step !== chosen && !(step.kind === "back" && step.sale === chosen.id));
        const units = Array.from({ length: Number(chosen.qty) }, (_, index) => ({
          ...chosen,
          qty: 1n,
          id: `${chosen.id}${String.fromCharCode(97 + index)}`,
          place: { ...chosen.place, id: `${chosen.id}${String.fromCharCode(97 + index)}` },
        }));
        const [one, many] = [
          costOf(wholeFold([...kept, chosen], graceDays, pool)),
          costOf(wholeFold([...kept, ...units], graceDays, pool)),
        ];
        expect(sum(many.outs.map(({ cost }) => cost))).toBe(sum(one.outs.map(({ cost }) => cost)));
        expect(many.lots).toEqual(one.lots);
      }),
      runs,
    );
  });

  test("a sale and its full return to stock leave quantity and value as they were (M10)", () => {
    fc.assert(
      fc.property(anyHistory, grace, fc.integer({ min: 1, max: 30 }), ({ pool, steps }, graceDays, qty) => {
        const before = costOf(wholeFold(steps, graceDays, pool));
        const where = { item: "a", location: "main" };
        const extra = [
          sold(40, "extra", BigInt(qty), [], where),
          cameBack(41, "extra-back", "extra", BigInt(qty), "restock", where),
        ];
        const after = costOf(wholeFold([...steps, ...extra], graceDays, pool));
        const total = (result: CostingResult) => ({
          left: sum(result.lots.map(({ left }) => left)),
          value: sum(result.lots.map(({ value }) => value)),
        });
        expect(total(after)).toEqual(total(before));
        const row = after.outs.find(({ id }) => id === "extra");
        const back = after.backs.find(({ id }) => id === "extra-back");
        expect(back?.cost).toBe(row?.cost);
        expect(row?.cancelled).toBe(row?.shortage);
      }),
      runs,
    );
  });

  test("undoing facts leaves what never recording them gives: nothing is remembered between folds (rule 13)", () => {
    fc.assert(
      fc.property(anyHistory, anyHistory, grace, ({ pool, steps }, others, graceDays) => {
        const before = costOf(wholeFold(steps, graceDays, pool));
        costOf(wholeFold([...others.steps], graceDays, others.pool));
        const input = wholeFold(steps, graceDays, pool);
        const copy = structuredClone(input);
        expect(costOf(input)).toEqual(before);
        expect(input).toEqual(copy);
      }),
      { numRuns: fewer ?? 100 },
    );
  });

  test("a fold from any day, begun with the state before it, is the tail of the whole fold (M11)", () => {
    fc.assert(
      fc.property(anyHistory, grace, fc.nat({ max: 14 }), ({ pool, steps }, graceDays, from) => {
        const day = addDays(FIRST_DAY, from);
        const input = wholeFold(steps, graceDays, pool);
        const whole = costOf(input);
        const rest = stateBefore(day, input, whole);
        const tail = costOf(rest);
        const days = daysOf(steps);
        const isTail = (row: { id: string }) => (days.get(row.id) ?? "") >= day;
        // Shortage of earlier sales that the tail cancels is told by its returns, so only the tail's own rows are compared.
        expect(tail.outs).toEqual(whole.outs.filter(isTail));
        expect(tail.backs).toEqual(whole.backs.filter(isTail));
        expect(tail.makes).toEqual(whole.makes.filter(isTail));
        const folded = new Set(tail.lots.map(({ id }) => id));
        expect(tail.lots).toEqual(whole.lots.filter(({ id }) => folded.has(id)));
        const untouched = whole.lots.filter(({ id }) => !folded.has(id));
        expect(untouched.every((lot) => lot.place.on < day && lot.left === 0n)).toBe(true);
      }),
      { numRuns: fewer ?? 1500 },
    );
  });
});
