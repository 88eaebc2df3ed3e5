/** Ageing, ABC, cover and dead stock at one place, in both pools: they add up to In Stock at that place, and all places to the whole. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { addDays } from "../../lib/core/dates";
import type { Fact } from "../../lib/core/facts";
import { agesOfArrivals } from "../../lib/core/registers";
import { changeCosting } from "../../lib/desk/costing-settings";
import { fileAtOnce } from "../../lib/exports/made";
import type { Scope } from "../../lib/people/access";
import { abcList, coverList, stockAgeing } from "../../lib/stock/analysis";
import { deadStock } from "../../lib/stock/dead-stock";
import { inStock } from "../../lib/stock/register";
import { todayOf } from "../../lib/system/clock";
import { testDatabase } from "../support/database";
import { fromCsv, fromXlsx } from "../support/files";
import { aShop, give, item, order, proved, purchase } from "../support/trading";

let scope: Scope;
let today: string;
const ago = (days: number) => addDays(today, -days);
const places = ["main", "barn", "in-transit"] as const;

const moved = (id: string, on: string, qty: bigint, arrives: string | null = null): Fact => ({
  kind: "transfer",
  id,
  date: on,
  arrives,
  from: "main",
  to: "barn",
  lines: [{ id: `${id}-1`, item: "mug", qty }],
});

beforeAll(async () => {
  await testDatabase();
  scope = await aShop("Places");
  today = todayOf(scope.timeZone);
  const there = order("o2", ago(10), [["Mug", 1n, 900n, "MUG"]]);
  await give(scope, [
    { kind: "location", id: "barn", name: "Barn" },
    item("mug", "Mug", "MUG"),
    item("cup", "Cup", "CUP"),
    purchase("p1", ago(400), [["mug", 10n, 1_000n]]),
    moved("t1", ago(200), 4n),
    purchase("p2", ago(100), [
      ["mug", 10n, 2_000n],
      ["cup", 3n, 300n],
    ]),
    order("o1", ago(95), [["Mug", 12n, 9_000n, "MUG"]]),
    moved("t2", ago(20), 2n),
    { ...there, lines: there.lines.map((line) => ({ ...line, location: "barn" })) },
  ]);
});
afterAll(async () => {
  await proved(scope);
  await closeDatabase();
});

const ages = async (location: string) =>
  Object.fromEntries(
    (await stockAgeing(scope, { location })).rows.map((row) => [
      row.id,
      row.ages.map(({ qty, minor }) => [qty, minor]),
    ]),
  );

describe.each(["business", "location"] as const)("in pool %s", (pool) => {
  beforeAll(() => changeCosting(scope, { pool, graceDays: 0 }, null));

  it("each adds up to In Stock at that place", async () => {
    for (const location of places) {
      const { totals } = await inStock(scope, { location });
      const ageing = await stockAgeing(scope, { location });
      expect(ageing.total.qty, location).toBe(totals.qty);
      expect(ageing.isWorthKnown).toBe(pool === "location");
      expect(ageing.isWorthKnown ? ageing.total.minor : null).toBe(totals.valueMinor);
      const cover = await coverList(scope, { location });
      expect(cover.rows.reduce((sum, { qty }) => sum + qty, 0n)).toBe(totals.qty);
      expect(cover.isWorthKnown ? cover.minor : null).toBe(totals.valueMinor);
      const period = { from: ago(364), to: today };
      const classes = await abcList(scope, { location, period });
      expect(classes.rows.reduce((sum, { onHand }) => sum + onHand, 0n)).toBe(totals.qty);
      const dead = await deadStock(scope, { location });
      expect(dead.isWorthKnown ? dead.stockMinor : null).toBe(totals.valueMinor);
    }
    const sold = await Promise.all(
      places.map((location) => abcList(scope, { location, period: { from: ago(364), to: today } })),
    );
    const whole = await abcList(scope, { period: { from: ago(364), to: today } });
    expect(sold.reduce((sum, { total }) => sum + total, 0n)).toBe(whole.total);
    expect(sold[1]?.rows.find(({ id }) => id === "mug")).toMatchObject({
      sold: 1n,
      value: pool === "business" ? 200n : 100n,
    });
  });

  it("is as old as its lots where they are of a place, otherwise as what came there last", async () => {
    const none = [0n, 0n];
    expect(await ages("barn")).toEqual({
      mug: pool === "business" ? [[2n, 0n], none, none, [3n, 0n], none] : [none, none, [2n, 400n], none, [3n, 300n]],
    });
    expect(await ages("main")).toEqual({
      mug: [none, none, [2n, pool === "business" ? 0n : 400n], none, none],
      cup: [none, none, [3n, pool === "business" ? 0n : 300n], none, none],
    });
    expect(await ages("in-transit")).toEqual({});
    expect(await ages("nowhere")).toEqual({});
  });

  it("is dead where it lies, by what was sold from there, as In Stock says", async () => {
    const at = async (location: string, days: number) => {
      const found = (await deadStock(scope, { location, days })).rows.map(({ id }) => id).sort();
      const shown = (await inStock(scope, { location, state: "dead", deadDays: days })).rows.map(({ id }) => id).sort();
      expect(found).toEqual(shown);
      return found;
    };
    expect(await at("barn", 5)).toEqual(["mug"]);
    expect(await at("barn", 15)).toEqual([]);
    expect(await at("main", 60)).toEqual(["cup", "mug"]);
    expect(await at("main", 98)).toEqual(["cup"]);
    expect(await at("main", 150)).toEqual([]);
    // Of all places a mug was sold ten days ago.
    expect((await deadStock(scope, { days: 60 })).rows.map(({ id }) => id)).toEqual(["cup"]);
    const { groups } = await deadStock(scope, { location: "main", days: 60 });
    expect(groups.map(({ items }) => items)).toEqual([0, 0, 2, 0, 0]);
  });

  it("is taken away with its place, its figures those of the page", async () => {
    const period = { from: ago(364), to: today };
    for (const asked of [
      { register: "ageing" },
      { register: "abc", period, a: 80, b: 95 },
      { register: "cover", days: 30 },
      { register: "dead", days: 5 },
    ]) {
      const file = async (format: "csv" | "xlsx" | "pdf") =>
        (await fileAtOnce(scope, { report: "register", format, asked: { ...asked, location: "barn" } })).bytes;
      const csv = fromCsv(await file("csv"));
      const mug = csv.rows.find((row) => row.includes("Mug")) ?? [];
      expect(mug, asked.register).toContain("5");
      expect(mug.includes("7.00"), asked.register).toBe(pool === "location");
      const rows = (await fromXlsx(await file("xlsx"))).rows;
      expect(rows.filter((row) => row.includes("Mug")).length, asked.register).toBe(1);
      // Classes are of all items, also of those that were never there.
      expect(rows.flat().includes("Cup"), asked.register).toBe(asked.register === "abc");
      expect(
        Buffer.from(await file("pdf"))
          .subarray(0, 5)
          .toString(),
      ).toBe("%PDF-");
    }
  });
});

describe("ages of arrivals", () => {
  it("take what came last first, and put the rest into the oldest", () => {
    expect(agesOfArrivals(5n, [2n, 0n, 0n, 4n])).toEqual([2n, 0n, 0n, 3n, 0n]);
    expect(agesOfArrivals(9n, [2n, 1n, 0n, 4n])).toEqual([2n, 1n, 0n, 4n, 2n]);
    expect(agesOfArrivals(1n, [2n, 1n, 0n, 4n])).toEqual([1n, 0n, 0n, 0n, 0n]);
    expect(agesOfArrivals(0n, [2n, 1n, 0n, 4n])).toEqual([0n, 0n, 0n, 0n, 0n]);
    expect(agesOfArrivals(-3n, [2n, 1n, 0n, 4n])).toEqual([0n, 0n, 0n, 0n, 0n]);
  });
});
