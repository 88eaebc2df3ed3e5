/**
 * The stock register at any date against a naive sum over movements, and the movement summary against the same, in random histories of
 * purchases, sales, returns, adjustments and transfers, in both pools; after each history the books are proved.
 */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { addDays } from "../../lib/core/dates";
import type { Fact } from "../../lib/core/facts";
import { changeCosting } from "../../lib/desk/costing-settings";
import type { Scope } from "../../lib/people/access";
import { inStock } from "../../lib/stock/register";
import { movementSummary } from "../../lib/stock/summary";
import { testDatabase } from "../support/database";
import { aShop, give, item, order, proved, purchase } from "../support/trading";

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);

/** mulberry32: whole numbers below `n`. */
function chance(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

const first = "2024-11-20";
const span = 150;
const items = ["mug", "cup", "jar"] as const;
const places = ["main", "east", "west"] as const;

/** Facts of so many steps over five months; the mug moves so often in one of them that its days are kept. */
function history(seed: number, steps: number): readonly Fact[] {
  const any = chance(seed);
  const pick = <T>(of: readonly T[]): T => {
    const one = of[any(of.length)];
    if (one === undefined) throw new Error("nothing to choose from");
    return one;
  };
  const facts: Fact[] = [
    { kind: "location", id: "east", name: "East" },
    { kind: "location", id: "west", name: "West" },
    item("mug", "Mug", "MUG"),
    item("cup", "Cup", "CUP"),
    item("jar", "Jar", "JAR"),
  ];
  const sold: Readonly<{ line: string; on: string; qty: bigint }>[] = [];
  for (let n = 0; n < steps; n += 1) {
    const isBusy = n % 2 === 0;
    const [what, place] = [isBusy ? "mug" : pick(items), pick(places)];
    const on = isBusy ? addDays("2025-01-01", any(31)) : addDays(first, any(span));
    const qty = BigInt(1 + any(6));
    const kind = any(10);
    if (kind < 3) {
      const made = purchase(`p${n}`, on, [[what, qty, BigInt(7 + any(400))]]);
      facts.push({ ...made, lines: made.lines.map((line) => ({ ...line, location: place })) });
    } else if (kind < 7) {
      const made = order(`o${n}`, on, [[what, qty, 900n, what.toUpperCase()]]);
      facts.push({ ...made, lines: made.lines.map((line) => ({ ...line, location: place })) });
      sold.push({ line: `o${n}-1`, on, qty });
    } else if (kind < 8 && sold.length > 0) {
      const back = sold.splice(any(sold.length), 1)[0];
      if (back === undefined) continue;
      facts.push({
        kind: "return",
        id: `r${n}`,
        order: back.line.slice(0, -2),
        date: addDays(back.on, any(20)),
        lines: [
          {
            id: `r${n}-1`,
            line: back.line,
            qty: back.qty,
            amount: 900n,
            ...pick([
              { restock: true, writeOff: false },
              { restock: true, writeOff: false },
              { restock: false, writeOff: true },
              { restock: false, writeOff: false },
            ]),
            location: any(2) === 0 ? null : place,
            placed: true,
          },
        ],
      });
    } else if (kind < 9) {
      facts.push({
        kind: "adjustment",
        id: `a${n}`,
        date: on,
        location: place,
        reason: "count",
        lines: [any(2) === 0 ? { qty, amount: 150n } : { qty: -qty, amount: 0n }].map((line) => ({
          id: `a${n}-1`,
          item: what,
          ...line,
        })),
      });
    } else {
      facts.push({
        kind: "transfer",
        id: `t${n}`,
        date: on,
        arrives: addDays(on, any(12)),
        from: place,
        to: pick(places.filter((one) => one !== place)),
        lines: [{ id: `t${n}-1`, item: what, qty }],
      });
    }
  }
  return facts;
}

type Moved = { item: string; location: string; on: string; kind: string; qty: string; value: string };

/** Every movement there is, as bare rows: all else is added up here. */
const movedOf = (scope: Scope): Promise<readonly Moved[]> =>
  inBusiness(scope, (tx) =>
    rowsOf<Moved>(
      tx,
      sql`select item_id as item, location_id as location, on_date::text as on, kind, qty::text, value_minor::text as value from app.movements
          where business_id = ${scope.businessId} and kind <> 'write_off'`,
    ),
  );

const sumOf = (rows: readonly Moved[], of: (row: Moved) => boolean, column: "qty" | "value"): bigint =>
  rows.reduce((sum, row) => (of(row) ? sum + BigInt(row[column]) : sum), 0n);

async function sameAsMoved(scope: Scope, moved: readonly Moved[], isByPlace: boolean): Promise<void> {
  const days = [
    "2024-11-01",
    "2024-11-30",
    "2024-12-17",
    "2025-01-01",
    "2025-01-14",
    "2025-01-31",
    "2025-03-03",
    "2025-06-01",
  ];
  for (const on of [...days, undefined])
    for (const location of [undefined, ...places, "in-transit"]) {
      const { rows, totals } = await inStock(scope, { on, location });
      const fits = (row: Moved) =>
        (on === undefined || row.on <= on) && (location === undefined || row.location === location);
      expect(rows.map(({ id }) => id).sort()).toEqual([...items].sort());
      for (const row of rows) {
        const own = (one: Moved) => one.item === row.id && fits(one);
        expect([on, location, row.id, row.qty]).toEqual([on, location, row.id, sumOf(moved, own, "qty")]);
        const isKnown = location === undefined || isByPlace;
        expect(row.valueMinor).toBe(isKnown ? sumOf(moved, own, "value") : null);
        expect(row.places.reduce((sum, { qty }) => sum + qty, 0n)).toBe(row.qty);
        const sales = moved.filter((one) => own(one) && one.kind === "sale").map((one) => one.on);
        expect(row.lastSoldOn).toBe(sales.sort().at(-1) ?? null);
      }
      expect(totals.qty).toBe(sumOf(moved, fits, "qty"));
      expect(totals.places.reduce((sum, { qty }) => sum + qty, 0n)).toBe(totals.qty);
    }
}

async function summaryAsMoved(scope: Scope, moved: readonly Moved[], isByPlace: boolean): Promise<void> {
  const periods = [
    { from: "2025-01-01", to: "2025-01-31" },
    { from: "2024-12-05", to: "2025-02-20" },
    { from: "2025-01-09", to: "2025-01-09" },
    { from: "2024-01-01", to: "2026-12-31" },
  ];
  for (const period of periods)
    for (const location of [undefined, ...places, "in-transit"]) {
      const { rows, totals, proof, isWorthKnown } = await movementSummary(scope, { period, location, isWhole: true });
      expect(isWorthKnown).toBe(location === undefined || isByPlace);
      for (const row of rows) {
        const own = moved.filter((one) => one.item === row.id && (location === undefined || one.location === location));
        const sum = (fits: (one: Moved) => boolean, sign: 1n | -1n) => ({
          qty: sign * sumOf(own, fits, "qty"),
          minor: sign * sumOf(own, fits, "value"),
        });
        const within = (one: Moved) => one.on >= period.from && one.on <= period.to;
        const isBack = (one: Moved) => one.kind === "sale_return" || one.kind === "loose_return";
        const isPlain = (one: Moved) => !isBack(one) && one.kind !== "sale" && one.kind !== "transfer";
        const { beginning, added, deducted, sold, back, movedIn, movedOut, ending } = row;
        expect({ beginning, added, deducted, sold, back, movedIn, movedOut, ending }).toEqual({
          beginning: sum((one) => one.on < period.from, 1n),
          added: sum((one) => within(one) && isPlain(one) && BigInt(one.qty) > 0n, 1n),
          deducted: sum((one) => within(one) && isPlain(one) && BigInt(one.qty) < 0n, -1n),
          sold: sum((one) => within(one) && one.kind === "sale", -1n),
          back: sum((one) => within(one) && isBack(one), 1n),
          movedIn: sum((one) => within(one) && one.kind === "transfer" && BigInt(one.qty) > 0n, 1n),
          movedOut: sum((one) => within(one) && one.kind === "transfer" && BigInt(one.qty) < 0n, -1n),
          ending: sum((one) => one.on <= period.to, 1n),
        });
        for (const of of ["qty", "minor"] as const)
          expect(beginning[of] + added[of] - deducted[of] - sold[of] + back[of] + movedIn[of] - movedOut[of]).toBe(
            ending[of],
          );
      }
      expect(totals.ending.minor).toBe(rows.reduce((sum, row) => sum + row.ending.minor, 0n));
      // Nothing is closed and everything is an item: the accounts say the same to the cent.
      if (location === undefined)
        expect([proof?.beginning.other, proof?.ending.other, proof?.cost.other]).toEqual([0n, 0n, 0n]);
      else expect(proof).toBeNull();
    }
}

describe.each(["business", "location"] as const)("pool %s", (pool) => {
  it.each([3, 4, 5])("history %i", { timeout: 120_000 }, async (seed) => {
    const scope = await aShop("Register");
    await changeCosting(scope, { pool, graceDays: 0 });
    const facts = history(seed * 11 + (pool === "location" ? 1 : 0), 320);
    // In pieces and not in order: late facts rebuild what was summed.
    const [begun, rest] = [facts.slice(0, 100), facts.slice(100)];
    await give(scope, begun);
    await give(
      scope,
      rest.slice(100).filter(({ kind }) => kind !== "return"),
    );
    await give(
      scope,
      rest.slice(0, 100).filter(({ kind }) => kind !== "return"),
    );
    await give(
      scope,
      rest.filter(({ kind }) => kind === "return"),
    );
    const moved = await movedOf(scope);
    expect(moved.some((row) => row.location === "in-transit")).toBe(true);
    await sameAsMoved(scope, moved, pool === "location");
    await summaryAsMoved(scope, moved, pool === "location");
    await proved(scope);
  });
});
