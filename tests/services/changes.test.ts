/**
 * Every change that moves posted costs says first which sales, months, tax years and amounts it moves, does what it said once that was
 * seen, and goes back without a trace (docs/costing.md, "What a change moves").
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from "vitest";
import { closeDatabase, inBusiness } from "../../db/scope";
import { lockBooks } from "../../lib/books/ledger";
import { closeThrough, openAgain } from "../../lib/books/periods";
import { previewClose } from "../../lib/closing";
import type { Fact } from "../../lib/core/facts";
import { formatMinor } from "../../lib/core/money";
import { type CostingSettings, changeCosting, costingSettings } from "../../lib/desk/costing-settings";
import { addCost, takeBackCosts } from "../../lib/desk/costs";
import { saveItem } from "../../lib/desk/items";
import { chooseItem } from "../../lib/desk/matching";
import { recordReturn, saveOrder, takeBackOrder, takeBackReturn } from "../../lib/desk/orders";
import { placeReturn, takeBackPlacement } from "../../lib/desk/placements";
import { takeBackDetails, takeBackPurchase } from "../../lib/desk/purchases";
import type { Scope } from "../../lib/people/access";
import { MovesCosts, type Seen, unseen } from "../../lib/preview";
import { record, recordIn } from "../../lib/record";
import type { Figure } from "../../lib/replay/run";
import { newId } from "../../lib/system/ids";
import { testDatabase } from "../support/database";
import { aShop, booksNow, give, item, order, proved, purchase, refused } from "../support/trading";

let scope: Scope;
let other: Scope;

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);

const at = (id: string, on: string, name: string, sku: string, location: string) => {
  const made = order(id, on, [[name, 1n, 2900n, sku]]);
  return { ...made, lines: made.lines.map((line) => ({ ...line, location })) };
};
const boughtAt = (id: string, on: string, what: string, amount: bigint, location: string) => {
  const made = purchase(id, on, [[what, 1n, amount]]);
  return { ...made, lines: made.lines.map((line) => ({ ...line, location })) };
};
const stock: readonly Fact[] = [
  { kind: "location", id: "shop", name: "Shop" },
  item("mug", "Mug", "MUG"),
  item("cup", "Cup", "CUP"),
  item("pot", "Pot", "POT"),
  item("pan", "Pan", "PAN"),
  purchase("p0", "2025-12-01", [["mug", 2n, 1000n]]),
  purchase("p1", "2026-01-05", [["mug", 4n, 3600n]]),
  order("a", "2025-12-10", [["Mug", 1n, 2900n, "MUG"]]),
  order("b", "2026-01-10", [["Mug", 1n, 2900n, "MUG"]]),
  order("c", "2026-02-01", [["Mug", 1n, 2900n, "MUG"]]),
  // Sold before it was bought, and sold again after.
  order("e", "2026-03-01", [["Pot", 1n, 2900n, "POT"]]),
  purchase("late", "2026-03-05", [["pot", 1n, 700n]]),
  order("f", "2026-03-06", [["Pot", 1n, 2900n, "POT"]]),
  // The oldest is elsewhere than the sale, until it is carried there.
  boughtAt("old", "2026-01-01", "pan", 100n, "main"),
  boughtAt("near", "2026-01-02", "pan", 300n, "shop"),
  boughtAt("carried", "2026-01-03", "pan", 50n, "main"),
  {
    kind: "transfer",
    id: "t",
    date: "2026-01-08",
    arrives: "2026-01-10",
    from: "main",
    to: "shop",
    lines: [{ id: "t-1", item: "pan", qty: 1n }],
  },
  at("g", "2026-01-07", "Pan", "PAN", "shop"),
];

beforeEach(async () => {
  scope = await aShop("One");
  other = await aShop("Two");
  for (const of of [scope, other]) await give(of, stock);
});

const costs = async (of: Scope) => new Map((await booksNow(of)).sales.map((sale) => [sale.line, sale.cost]));
const again = (facts: readonly Fact[]) =>
  record(
    scope,
    facts.map((fact) => ({ fact, version: newId() })),
    { source: null, userId: scope.userId, revives: true },
  );
const sale = { id: null, channel: null, number: "", shipping: 0n, discount: 0n, tax: 0n, fees: 0n };
const mugs = (on: string) =>
  saveOrder(scope, {
    ...sale,
    on,
    lines: [{ row: 0, id: null, item: { id: "mug", name: "Mug" }, qty: "1", amount: 2900n }],
  });
const cameBack = (fate: "restock" | "unknown", seen: Seen = null) =>
  recordReturn(scope, { order: "a", line: "a-1", on: "2026-01-02", qty: "1", amount: 2900n, fate }, seen);
const set = (over: Partial<CostingSettings>) => async (seen: Seen) => {
  const { before } = await changeCosting(scope, { pool: "business", graceDays: 0, ...over }, seen);
  return async () => {
    await changeCosting(scope, before, unseen);
  };
};

/** What it begins with; the change, which gives its way back; and the costs of sales that it moves, from and to. */
type Case = Readonly<{
  name: string;
  begin?: () => Promise<string>;
  change: (seen: Seen, begun: string) => Promise<() => Promise<unknown>>;
  moves: Readonly<Record<string, readonly [before: number, after: number]>>;
  months: readonly string[];
}>;

const cases: readonly Case[] = [
  {
    name: "a pin taken back",
    begin: async () => (await addCost(scope, { line: "a-1", how: { way: "lot", lot: "p1-1" } })).source,
    change: async (seen, source) => {
      await takeBackCosts(scope, { source }, seen);
      return () => addCost(scope, { line: "a-1", how: { way: "lot", lot: "p1-1" } });
    },
    moves: { "a-1": [900, 500], "c-1": [500, 900] },
    months: ["2025-12", "2026-02"],
  },
  {
    name: "a match taken back",
    begin: async () => {
      await give(scope, [order("d", "2026-01-20", [["Beaker", 1n, 2900n]])]);
      await chooseItem(scope, { lines: ["d-1"], item: { id: "mug", name: "Mug" }, alsoSame: false });
      return "";
    },
    change: async (seen) => {
      await takeBackCosts(scope, { key: "match/d-1" }, seen);
      return () => chooseItem(scope, { lines: ["d-1"], item: { id: "mug", name: "Mug" }, alsoSame: false });
    },
    moves: { "d-1": [900, 0] },
    months: ["2026-01"],
  },
  {
    name: "a purchase's details put back",
    change: async (seen) => {
      const details = (amount: string) => ({
        lines: [{ id: "p0-1", item: "mug", qty: "2", amount, location: "main", weight: null }],
        extras: [],
      });
      const done = await takeBackDetails(scope, { purchase: "p0", version: 1, before: details("800") }, seen);
      return () => takeBackDetails(scope, { purchase: "p0", version: done.version, before: details("1000") }, unseen);
    },
    moves: { "a-1": [500, 400], "b-1": [500, 400] },
    months: ["2025-12", "2026-01"],
  },
  {
    name: "a purchase taken back",
    change: async (seen) => {
      await takeBackPurchase(scope, { purchase: "p0" }, seen);
      return () => again([purchase("p0", "2025-12-01", [["mug", 2n, 1000n]])]);
    },
    moves: { "a-1": [500, 0], "b-1": [500, 900] },
    months: ["2025-12", "2026-01"],
  },
  {
    name: "a sale by hand among older ones",
    change: async (seen) => {
      const saved = await saveOrder(
        scope,
        {
          ...sale,
          on: "2026-01-08",
          lines: [{ row: 0, id: null, item: { id: "mug", name: "Mug" }, qty: "1", amount: 2900n }],
        },
        seen,
      );
      return () => takeBackOrder(scope, saved.id, unseen);
    },
    moves: { "b-1": [500, 900] },
    months: ["2026-01"],
  },
  {
    name: "a sale by hand taken back",
    begin: async () => (await mugs("2026-01-08")).id,
    change: async (seen, id) => {
      await takeBackOrder(scope, id, seen);
      return () => mugs("2026-01-08");
    },
    moves: { "b-1": [900, 500] },
    months: ["2026-01"],
  },
  {
    name: "a return by hand",
    change: async (seen) => {
      const key = await cameBack("restock", seen);
      return () => takeBackReturn(scope, key.slice("return/".length), unseen);
    },
    moves: { "c-1": [900, 500] },
    months: ["2026-01", "2026-02"],
  },
  {
    name: "a return taken back",
    begin: () => cameBack("restock"),
    change: async (seen, key) => {
      await takeBackReturn(scope, key.slice("return/".length), seen);
      return () => cameBack("restock");
    },
    moves: { "c-1": [500, 900] },
    months: ["2026-01", "2026-02"],
  },
  {
    name: "a return placed on the shelf",
    begin: async () => `${(await cameBack("unknown")).slice("return/".length)}/1`,
    change: async (seen, line) => {
      await placeReturn(scope, { line, place: "restock" }, seen);
      return () => takeBackPlacement(scope, line, unseen);
    },
    moves: { "c-1": [900, 500] },
    months: ["2026-01", "2026-02"],
  },
  {
    name: "a placement taken back",
    begin: async () => {
      const line = `${(await cameBack("unknown")).slice("return/".length)}/1`;
      return placeReturn(scope, { line, place: "restock" });
    },
    change: async (seen, line) => {
      await takeBackPlacement(scope, line, seen);
      return () => placeReturn(scope, { line, place: "restock" });
    },
    moves: { "c-1": [500, 900] },
    months: ["2026-01", "2026-02"],
  },
  {
    name: "another product with the same SKU and name",
    change: async (seen) => {
      const saved = await saveItem(scope, { item: "cup", name: "Cup", sku: "MUG", aliases: ["Mug"] }, seen);
      return () => saveItem(scope, saved.before, unseen);
    },
    moves: { "a-1": [500, 0], "b-1": [500, 0], "c-1": [900, 0] },
    months: ["2025-12", "2026-01", "2026-02"],
  },
  { name: "days of grace", change: set({ graceDays: 10 }), moves: { "f-1": [700, 0] }, months: ["2026-03"] },
  {
    name: "each place a pool of its own",
    change: set({ pool: "location" }),
    moves: { "g-1": [100, 300] },
    months: ["2026-01"],
  },
];

describe.each(cases)("$name", ({ begin, change, moves, months }) => {
  it("is shown before it is done, is what was shown, and goes back", async () => {
    const begun = (await begin?.()) ?? "";
    const before = await booksNow(scope);
    const costsBefore = await costs(scope);
    const asked = await change("", begun).then(
      () => null,
      (error: unknown) => error,
    );
    if (!(asked instanceof MovesCosts) || asked.changes === null) throw asked ?? new Error("it was done unseen");
    expect(await booksNow(scope)).toEqual(before);
    const { changes } = asked;
    const shown = changes.sales.filter((one) => one.before !== 0n);
    expect(Object.fromEntries(shown.map((one) => [one.line, [Number(one.before), Number(one.after)]]))).toMatchObject(
      moves,
    );
    expect(changes.months.map((one) => one.month)).toEqual(months);
    for (const { month, change } of changes.months)
      expect(asked.message).toContain(`${month} by ${formatMinor(change, "USD")}`);
    for (const { year } of changes.years) expect(asked.message).toMatch(new RegExp(`tax year .*${year} by `));
    const sum = (of: readonly Readonly<{ change: bigint }>[]) => of.reduce((all, one) => all + one.change, 0n);
    expect([sum(changes.months), sum(changes.years)]).toEqual([changes.cost.change, changes.cost.change]);
    expect(changes.years.map((one) => `${one.year}`)).toEqual([...new Set(months.map((month) => month.slice(0, 4)))]);
    // What was seen of something else is not what was seen of this.
    expect(await refused(change("1/0/1/1/0", begun))).toMatchObject({ code: "moves_costs" });

    const back = await change(asked.detail.seen ?? "", begun);
    const after = await costs(scope);
    for (const [line, [from, to]] of Object.entries(moves)) {
      expect([line, costsBefore.get(line)]).toEqual([line, from]);
      expect([line, after.get(line) ?? 0]).toEqual([line, to]);
    }
    // And no other sale that had a cost.
    for (const [line, cost] of costsBefore)
      if (moves[line] === undefined && cost !== 0 && after.has(line))
        expect([line, after.get(line)]).toEqual([line, cost]);
    await proved(scope, other);
    await back();
    // A sale by hand that is made again has another id.
    const others = (all: ReadonlyMap<string, Figure>) => [...all].filter(([line]) => !line.startsWith("hand/")).sort();
    expect(others(await costs(scope))).toEqual(others(costsBefore));
    expect((await booksNow(scope)).trial_balance).toEqual(before.trial_balance);
    await proved(scope, other);
  });
});

test("what moves no posted cost is not asked", async () => {
  const saved = await saveOrder(
    scope,
    {
      ...sale,
      on: "2026-04-01",
      lines: [{ row: 0, id: null, item: { id: "mug", name: "Mug" }, qty: "1", amount: 1n }],
    },
    "",
  );
  const own = [...(await costs(scope))].filter(([line]) => line.startsWith(saved.id));
  expect(own.map(([, cost]) => cost)).toEqual([900]);
  await changeCosting(scope, await costingSettings(scope), "");
});

describe("pool and grace", () => {
  it("are the owner's, within what they can be, and not of another business", async () => {
    expect(() => changeCosting({ ...scope, role: "bookkeeper" }, { pool: "business", graceDays: 1 })).toThrowError(
      /may not/,
    );
    for (const graceDays of [-1, 367, 1.5])
      expect(() => changeCosting(scope, { pool: "business", graceDays })).toThrowError(/0 to 366/);
    await changeCosting(scope, { pool: "location", graceDays: 10 });
    expect(await costingSettings(scope)).toEqual({ pool: "location", graceDays: 10 });
    expect(await costingSettings(other)).toEqual({ pool: "business", graceDays: 0 });
    await proved(scope, other);
  });

  it("refuse places as pools while a cost is chosen from another place's lot", async () => {
    const { source } = await addCost(scope, { line: "g-1", how: { way: "lot", lot: "carried-1" } });
    expect(await refused(changeCosting(scope, { pool: "location", graceDays: 0 }))).toEqual({
      code: "does_not_fit",
      field: "pool",
    });
    await takeBackCosts(scope, { source });
    await changeCosting(scope, { pool: "location", graceDays: 0 });
    await proved(scope);
  });

  it("is not another pool across a closed period, until its days are open again", async () => {
    await closeThrough(scope, "2026-03-31", { today: "2026-11-01" });
    const before = await booksNow(scope);
    for (const seen of [null, "", unseen])
      expect(await refused(changeCosting(scope, { pool: "location", graceDays: 0 }, seen))).toEqual({
        code: "books_closed",
        field: "pool",
      });
    expect(await booksNow(scope)).toEqual(before);
    await openAgain(scope, null, "another pool");
    await changeCosting(scope, { pool: "location", graceDays: 0 });
    // What is closed before anything moved is in nobody's way.
    await closeThrough(scope, "2025-01-31", { today: "2026-11-01" });
    await changeCosting(scope, { pool: "business", graceDays: 0 });
    await proved(scope, other);
  });

  it("of grace leaves what was filed as it was: what it moves in a closed year counts on the first open day", async () => {
    await changeCosting(scope, { pool: "location", graceDays: 0 });
    await closeThrough(scope, "2026-03-31", { today: "2026-11-01" });
    const asked = await changeCosting(scope, { pool: "location", graceDays: 10 }, "").catch((error: unknown) => error);
    if (!(asked instanceof MovesCosts) || asked.changes === null) throw asked;
    expect(asked.changes.closed).toBe(2);
    expect(asked.changes.sales.map((one) => [one.line, one.isClosed]).sort()).toEqual([
      ["e-1", true],
      ["f-1", true],
    ]);
    expect(asked.changes.years).toEqual([{ year: 2026, change: 0n }]);
    // The two sales of March change by what the other does: nothing that was filed differs.
    expect(asked.changes.months).toEqual([{ month: "2026-04", change: 0n, sales: 2 }]);
    expect(asked.changes.late).toEqual({ months: [], years: [] });
    await changeCosting(scope, { pool: "location", graceDays: 10 }, asked.detail.seen);
    await proved(scope);
  });
});

test("a close shows the costs that it works out first, and writes nothing while it shows them", async () => {
  expect(await previewClose(scope, "2026-03-31")).toBeNull();
  const facts = [purchase("before", "2025-11-01", [["mug", 1n, 100n]])];
  await inBusiness(scope, async (tx) =>
    recordIn(
      tx,
      scope,
      await lockBooks(tx, scope),
      facts.map((fact) => ({ fact, version: newId() })),
      { source: null, userId: null },
      { settles: false },
    ),
  );
  const changes = await previewClose(scope, "2026-03-31");
  expect(changes?.sales.map((one) => [one.line, one.before, one.after])).toEqual([
    ["a-1", 500n, 100n],
    ["c-1", 900n, 500n],
  ]);
  expect(changes?.years).toEqual([
    { year: 2025, change: -400n },
    { year: 2026, change: -400n },
  ]);
  expect((await costs(scope)).get("a-1")).toBe(500);
  await closeThrough(scope, "2026-03-31", { today: "2026-11-01" });
  expect((await costs(scope)).get("a-1")).toBe(100);
  await proved(scope, other);
});

test("closing and opening move no posted cost", async () => {
  const before = await costs(scope);
  await closeThrough(scope, "2026-01-31", { today: "2026-11-01" });
  await openAgain(scope, null, "to look");
  expect(await costs(scope)).toEqual(before);
  await proved(scope, other);
});
