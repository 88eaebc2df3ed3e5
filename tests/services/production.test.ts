/** Make and Unmake: what is told before, what it costs over any number of levels and in both pools, races, closed days, and the way back. */
import postgres from "postgres";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness } from "../../db/scope";
import { recipesWritten } from "../../lib/books/verify-recipes";
import { closeBooks } from "../../lib/closing";
import { changeCosting } from "../../lib/desk/costing-settings";
import { movementRows } from "../../lib/desk/movements";
import { recordProduction, takeBackProduction } from "../../lib/desk/production";
import { productionView } from "../../lib/desk/production-reads";
import { recipeCost } from "../../lib/desk/recipe-costs";
import { recipeView } from "../../lib/desk/recipe-reads";
import { saveRecipe } from "../../lib/desk/recipes";
import type { Scope } from "../../lib/people/access";
import { unseen } from "../../lib/preview";
import { whyOf } from "../../lib/sales/why";
import { stockAt } from "../../lib/stock/location-reads";
import { accountsNow, asked } from "../support/adjusting";
import { testDatabase } from "../support/database";
import { aWorkshop, production, recipe } from "../support/making";
import { booksNow, give, order, proved, purchase, refused } from "../support/trading";

let scope: Scope;
let other: Scope;

afterAll(closeDatabase);
beforeEach(async () => {
  [scope, other] = [await aWorkshop("One"), await aWorkshop("Two")];
});

const there = async (item: string, location = "main") => (await stockAt(scope, location, [item]))[0]?.qty;

describe("what is made", () => {
  it("is told before, costs what its lots cost with work and overhead, and has a number and a page", async () => {
    const before = await booksNow(scope);
    const one = production({ overhead: "6.00", note: " First pour " });
    const { says, seen, error } = await asked(recordProduction(scope, one, ""));
    // 0.8 kg of 5 for 50.00, 4 of 20 wicks for 4.00, 4 of 12 jars for 18.00, and 6.00.
    expect(says).toContain(
      "Made at Main: 4 × Candle at 20.80 USD, 5.20 each. It takes 0.800 × Wax, 4 × Wick, 4 × Jar, 14.80 USD and 6.00 USD of work and overhead from Wages (6200).",
    );
    expect(error.changes?.inventory.change).toBe(600n);
    expect(await booksNow(scope)).toEqual(before);
    const done = await recordProduction(scope, one, seen);
    expect(done).toMatchObject({ number: "PR-2026-0001", costMinor: 2_080n, short: 0, isNew: true });
    expect(await there("candle")).toBe(4n);
    const view = await productionView(scope, done.id);
    expect(view).toMatchObject({
      number: "PR-2026-0001",
      way: "make",
      location: { id: "main", name: "Main" },
      note: "First pour",
      overheadMinor: 600n,
      account: { code: "6200", name: "Wages" },
      recipe: null,
      isUndone: false,
      isComplete: true,
      inputMinor: 1_480n,
    });
    expect(view.who).not.toBeNull();
    expect(view.inputs.map((line) => [line.item, line.qty, line.costMinor])).toEqual([
      ["wax", 800n, 800n],
      ["wick", 4n, 80n],
      ["jar", 4n, 600n],
    ]);
    expect(view.outputs).toMatchObject([{ item: "candle", qty: 4n, costMinor: 2_080n, left: 4n }]);
    const after = await accountsNow(scope);
    expect([after["1200"], after["6200"]]).toEqual([7_200 + 600, -600]);
    expect((await movementRows(scope, { kind: "assembly" })).rows).toMatchObject([
      { kind: "assembly", id: done.id, number: "PR-2026-0001", item: "Candle", items: 4, state: "done" },
    ]);
    await proved(scope, other);
  });

  it("remembers the version of its recipe, whatever the recipe becomes, and costs what was estimated", async () => {
    const { id } = await saveRecipe(scope, recipe({ labour: "1.50", overhead: "0.10", overheadPer: "unit" }));
    const { recipe: version } = await recipeView(scope, id);
    const { estimate } = await recipeCost(scope, version);
    const made = await recordProduction(scope, production({ recipe: { id, version: 1 }, overhead: "1.90" }));
    expect(made.costMinor).toBe(estimate.costMinor);
    await saveRecipe(scope, recipe({ id, version: 1, ins: [["wax", "0.9"]] }));
    expect((await productionView(scope, made.id)).recipe).toEqual({ id, name: "Candle", version: 1, latest: 2 });
    const view = await recipeView(scope, id);
    expect(view.versions.map((one) => [one.version, one.made])).toEqual([
      [2, 0],
      [1, 1],
    ]);
    expect(view.productions).toMatchObject([{ id: made.id, number: "PR-2026-0001", version: 1, qty: 4n }]);
    expect(await refused(recordProduction(scope, production({ recipe: { id, version: 3 } })))).toMatchObject({
      code: "unknown_id",
    });
    await proved(scope);
  });

  it("costs a sale down to the lots of its inputs, over three levels, also when a purchase comes late", async () => {
    // Boxes of wicks dipped in wax, candles of those, hampers of candles.
    await recordProduction(
      scope,
      production({
        on: "2026-03-03",
        ins: [
          ["wick", "6"],
          ["wax", "0.6"],
        ],
        outs: [["box", "6"]],
      }),
    );
    await recordProduction(
      scope,
      production({
        on: "2026-03-04",
        ins: [
          ["box", "4"],
          ["jar", "4"],
        ],
        outs: [["candle", "4"]],
        overhead: "4.00",
      }),
    );
    const outs = [{ row: 0, item: "", text: "Hamper", qty: "2", waste: "", share: "" }];
    await recordProduction(scope, { ...production({ on: "2026-03-05", ins: [["candle", "4"]] }), outs });
    await give(scope, [order("o1", "2026-03-20", [["Hamper", 1n, 5_000n]])]);
    // Each dipped wick 0.20 + 1.00; a candle 1.20 + 1.50 + 1.00; a hamper two of them.
    const why = await whyOf(scope, "o1-1");
    expect([why?.line.cost, why?.isCut]).toEqual([740n, false]);
    const [hamper] = why?.lots ?? [];
    const candles = why?.opened.get(hamper?.lot ?? "")?.parts[0];
    expect([candles?.name, candles?.costMinor]).toEqual(["Candle", 1_480n]);
    const below = why?.opened.get(candles?.lot?.id ?? "")?.parts.map((part) => part.name);
    expect(below).toEqual(["Gift box", "Jar"]);
    const dipped = why?.opened.get(candles?.lot?.id ?? "")?.parts[0]?.lot?.id ?? "";
    expect(why?.opened.get(dipped)?.parts.map((part) => [part.name, part.lot?.source])).toEqual([
      ["Wick", "purchase"],
      ["Wax", "purchase"],
    ]);
    await proved(scope);
    // Dearer wax that was bought before: the oldest goes first, so every level above moves.
    await give(scope, [purchase("p0", "2026-02-01", [["wax", 300n, 900n]])]);
    expect((await whyOf(scope, "o1-1"))?.line.cost).toBe(940n);
    await proved(scope, other);
  });

  it("may take more than is there: that is told, the cost is not complete, and a purchase completes it and what was sold of it", async () => {
    const one = production({ ins: [["jar", "15"]], outs: [["candle", "3"]], on: "2026-03-20" });
    const { says, seen } = await asked(recordProduction(scope, one, ""));
    expect(says).toContain("More than is there: Main then has −3 × Jar.");
    expect(says).toContain("Cost not complete: no lot covers 3 × Jar yet.");
    const done = await recordProduction(scope, one, seen);
    expect([done.short, done.costMinor]).toEqual([1, 1_800n]);
    expect(await productionView(scope, done.id)).toMatchObject({ isComplete: false, inputMinor: 1_800n });
    await give(scope, [order("o1", "2026-03-21", [["Candle", 1n, 3_000n, "CAN-1"]])]);
    expect((await whyOf(scope, "o1-1"))?.line.cost).toBe(600n);
    await proved(scope);
    await give(scope, [purchase("p2", "2026-03-15", [["jar", 5n, 1_500n]])]);
    expect(await productionView(scope, done.id)).toMatchObject({ isComplete: true, inputMinor: 2_700n });
    expect((await whyOf(scope, "o1-1"))?.line.cost).toBe(900n);
    await proved(scope, other);
  });

  it("sent twice at once is one document with one number; changed after it was saved it is refused", async () => {
    const one = production();
    const { seen } = await asked(recordProduction(scope, one, ""));
    const twice = await Promise.all([recordProduction(scope, one, seen), recordProduction(scope, one, seen)]);
    expect(twice.map(({ number }) => number)).toEqual(["PR-2026-0001", "PR-2026-0001"]);
    expect(twice.map(({ isNew }) => isNew).sort()).toEqual([false, true]);
    expect(await there("candle")).toBe(4n);
    expect(await refused(recordProduction(scope, { ...one, note: "x" }))).toMatchObject({ code: "stale" });
    expect((await recordProduction(scope, production())).number).toBe("PR-2026-0002");
    expect((await recordProduction(other, production({ on: "2025-12-31" }))).number).toBe("PR-2025-0001");
    await proved(scope, other);
  });

  it("of the last of an input by two people at once: both saw it there, one makes, the other is asked again", async () => {
    const [a, b] = [production({ ins: [["jar", "12"]] }), production({ ins: [["jar", "12"]] })];
    const [first, second] = [await asked(recordProduction(scope, a, "")), await asked(recordProduction(scope, b, ""))];
    const done = await Promise.allSettled([
      recordProduction(scope, a, first.seen),
      recordProduction(scope, b, second.seen),
    ]);
    expect(done.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const lost = done[0]?.status === "rejected" ? a : b;
    const again = await asked(recordProduction(scope, lost, ""));
    expect(again.says).toContain("More than is there: Main then has −12 × Jar.");
    // What was seen before does not accept it; what is seen now does, and no number is left out.
    const { number } = await recordProduction(scope, lost, again.seen);
    expect([number, await there("jar"), await there("candle")]).toEqual(["PR-2026-0002", -12n, 8n]);
    await proved(scope);
  });

  it.each([
    ["a day to come", { on: "2999-01-01" }, "future_date", "on"],
    ["no place", { location: "nowhere" }, "unknown_id", "location"],
    ["Inventory as the account", { account: "1200" }, "unknown_id", "account"],
    ["an amount that is none", { overhead: "much" }, "bad_number", "overhead"],
    ["a bundle", { ins: [["set", "1"]] }, "does_not_fit", "in.0.item"],
    ["what goes in as what comes out", { outs: [["jar", "1"]] }, "does_not_fit", "out.0.item"],
    ["a form of no document", { id: "x" }, "bad_field", undefined],
  ] as const)("is refused with %s", async (_what, over, code, field) => {
    const before = await booksNow(scope);
    expect(await refused(recordProduction(scope, production(over)))).toEqual({ code, field });
    expect(await booksNow(scope)).toEqual(before);
    expect((await recordProduction(scope, production())).number).toBe("PR-2026-0001");
  });

  it("is not for viewers, and another business's is not there", async () => {
    await expect(recordProduction({ ...scope, role: "viewer" }, production())).rejects.toMatchObject({
      code: "not_allowed",
    });
    const { id } = await recordProduction(scope, production());
    await expect(productionView(other, id)).rejects.toMatchObject({ code: "not_found" });
    expect(await refused(takeBackProduction(other, { id }))).toMatchObject({ code: "nothing_to_undo" });
    const { id: theirs } = await saveRecipe(other, recipe());
    expect(await refused(recordProduction(scope, production({ recipe: { id: theirs, version: 1 } })))).toMatchObject({
      code: "unknown_id",
    });
  });
});

describe("what is taken apart", () => {
  it("shares its cost out, to the cent, with what is left over", async () => {
    await recordProduction(scope, production({ overhead: "0.01" }));
    const done = await recordProduction(
      scope,
      production({
        way: "unmake",
        on: "2026-03-11",
        ins: [["candle", "1"]],
        outs: [
          ["jar", "1", "60"],
          ["wick", "1", "15"],
          ["wax", "0.15", "25"],
        ],
      }),
    );
    const view = await productionView(scope, done.id);
    // A candle cost 14.81 / 4 = 3.70.
    expect([view.way, view.inputMinor]).toEqual(["unmake", 370n]);
    expect(view.outputs.map((line) => [line.item, line.share, line.costMinor])).toEqual([
      ["jar", 6_000n, 222n],
      ["wick", 1_500n, 56n],
      ["wax", 2_500n, 92n],
    ]);
    await proved(scope, other);
  });

  it("goes by a recipe that takes apart, or backwards through one that makes; not the other way round", async () => {
    const makes = await saveRecipe(scope, recipe());
    const takes = await saveRecipe(
      scope,
      recipe({
        way: "unmake",
        ins: [["candle", "1"]],
        outs: [
          ["jar", "1", "1"],
          ["wick", "1", "1"],
        ],
      }),
    );
    await recordProduction(scope, production());
    const apart = production({
      way: "unmake",
      on: "2026-03-11",
      ins: [["candle", "1"]],
      outs: [
        ["jar", "1", "1"],
        ["wick", "1", "1"],
      ],
    });
    for (const id of [makes.id, takes.id])
      await recordProduction(scope, { ...apart, id: crypto.randomUUID(), recipe: { id, version: 1 } });
    expect(await refused(recordProduction(scope, production({ recipe: { id: takes.id, version: 1 } })))).toMatchObject({
      code: "does_not_fit",
    });
    await proved(scope);
  });
});

describe("taken back", () => {
  it("the books are as before; its number stays with it, and the next one is the next", async () => {
    await give(scope, [order("o1", "2026-03-20", [["Candle", 2n, 6_000n, "CAN-1"]])]);
    const before = await booksNow(scope);
    const { id } = await recordProduction(scope, production({ overhead: "2.00" }));
    expect((await whyOf(scope, "o1-1"))?.line.cost).toBe(840n);
    const { says, seen, error } = await asked(takeBackProduction(scope, { id }, ""));
    expect(says).toContain("as if this had never been recorded");
    expect(error.changes?.sales.map((sale) => [sale.before, sale.after])).toEqual([[840n, 0n]]);
    await takeBackProduction(scope, { id }, seen);
    expect(await booksNow(scope)).toEqual(before);
    expect(await refused(takeBackProduction(scope, { id }))).toMatchObject({ code: "nothing_to_undo" });
    const view = await productionView(scope, id);
    expect(view).toMatchObject({ isUndone: true, number: "PR-2026-0001", inputMinor: 0n });
    expect(view.outputs.map((line) => [line.qty, line.costMinor, line.lot])).toEqual([[4n, 0n, null]]);
    // The form that made it is not sent a second time.
    expect(await refused(recordProduction(scope, { ...production(), id }))).toMatchObject({ code: "stale" });
    expect((await recordProduction(scope, production())).number).toBe("PR-2026-0002");
    const listed = (await movementRows(scope, { kind: "assembly" })).rows.map((row) => [row.number, row.state]);
    expect(new Map(listed as [string, string][])).toEqual(
      new Map([
        ["PR-2026-0001", "undone"],
        ["PR-2026-0002", "done"],
      ]),
    );
    await proved(scope, other);
  });

  it("is refused while a sale's cost was chosen from what it made", async () => {
    const { id } = await recordProduction(scope, production());
    await give(scope, [
      order("o1", "2026-03-20", [["Candle", 1n, 3_000n, "CAN-1"]]),
      { kind: "pin", sale: "o1-1", lot: `${id}/out/1`, qty: 1n },
    ]);
    expect(await refused(takeBackProduction(scope, { id }, unseen))).toMatchObject({ code: "in_use" });
    await proved(scope);
  });
});

it("in a closed period it is posted on the first open day, and so is its taking back", async () => {
  await closeBooks(scope, { through: "2026-03-31", why: "done" });
  const one = production({ overhead: "3.00" });
  const { says, seen } = await asked(recordProduction(scope, one, ""));
  expect(says).toContain("closed period");
  const { id } = await recordProduction(scope, one, seen);
  expect((await accountsNow(scope))["6200"]).toBe(-300);
  await takeBackProduction(scope, { id });
  expect((await accountsNow(scope))["6200"] ?? 0).toBe(0);
  await proved(scope);
});

describe("where each place keeps its own lots", () => {
  it("it takes from its own place only, and what it makes is there", async () => {
    await changeCosting(scope, { pool: "location", graceDays: 0 });
    await give(scope, [
      {
        kind: "transfer",
        id: "t1",
        date: "2026-03-02",
        arrives: null,
        from: "main",
        to: "shed",
        lines: [{ id: "t1-1", item: "jar", qty: 2n }],
      },
    ]);
    const at = production({ location: "shed", ins: [["jar", "3"]], outs: [["candle", "1"]] });
    const { says, seen } = await asked(recordProduction(scope, at, ""));
    expect(says).toContain("More than is there: Shed then has −1 × Jar.");
    const { id, costMinor } = await recordProduction(scope, at, seen);
    expect([costMinor, await there("candle", "shed"), await there("candle")]).toEqual([300n, 1n, 0n]);
    await give(scope, [
      {
        kind: "transfer",
        id: "t2",
        date: "2026-03-03",
        arrives: null,
        from: "main",
        to: "shed",
        lines: [{ id: "t2-1", item: "jar", qty: 1n }],
      },
    ]);
    expect(await productionView(scope, id)).toMatchObject({ isComplete: true, inputMinor: 450n });
    await proved(scope, other);
  });
});

describe("the proof of recipes and productions", () => {
  const found = async () =>
    inBusiness(scope, async (tx) => (await recipesWritten(tx, scope, 20)).findings.map(({ what }) => what));
  const tear = async (statement: string) => {
    const owner = postgres((await testDatabase()).url, {
      max: 1,
      onnotice: () => undefined,
      connection: { search_path: "app", session_replication_role: "replica" },
    });
    try {
      await owner.unsafe(statement);
    } finally {
      await owner.end();
    }
  };

  it("names each that stands otherwise than it was written, and nothing else", async () => {
    const { id } = await saveRecipe(scope, recipe());
    await saveRecipe(scope, recipe({ id, version: 1, ins: [["wax", "0.9"]] }));
    const made = await recordProduction(scope, production({ recipe: { id, version: 2 } }));
    expect(await found()).toEqual([]);
    const own = `business_id = '${scope.businessId}'`;
    await tear(`update recipes set version = 3 where ${own}`);
    expect(await found()).toEqual([`the latest version of the recipe ${id} is its last, and none is missing`]);
    await tear(`update recipes set version = 2, item_id = 'box' where ${own}`);
    expect(await found()).toEqual([1, 2].map((version) => `version ${version} of the recipe ${id} is whole`));
    await tear(
      `update recipes set item_id = 'candle' where ${own}; delete from recipe_lines where ${own} and version = 1 and side = 'in'`,
    );
    expect(await found()).toEqual([`version 1 of the recipe ${id} is whole`]);
    await tear(`delete from recipe_lines where ${own} and version = 1`);
    await tear(`update stock_documents set number = null where ${own} and id = '${made.id}'`);
    expect(await found()).toContain(`the production ${made.id} has its document`);
  });
});
