/** Recipes: versions that are never changed, what is refused, what they would cost now over any number of levels, and the list. */

import { sql } from "drizzle-orm";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { changeCosting } from "../../lib/desk/costing-settings";
import { recordProduction } from "../../lib/desk/production";
import { productionStart, type StartInput, type StartLine } from "../../lib/desk/production-start";
import { recipeCost } from "../../lib/desk/recipe-costs";
import { recipeRows, recipesOfItem, recipeTotals, recipeView } from "../../lib/desk/recipe-reads";
import { retireRecipe, saveRecipe } from "../../lib/desk/recipes";
import type { Scope } from "../../lib/people/access";
import { auditRows } from "../../lib/people/audit";
import { aWorkshop, production, recipe } from "../support/making";
import { booksNow, give, proved, purchase, refused } from "../support/trading";

let scope: Scope;
let other: Scope;

afterAll(closeDatabase);
beforeEach(async () => {
  [scope, other] = [await aWorkshop("One"), await aWorkshop("Two")];
});

describe("a recipe", () => {
  it("is of its product, has what goes in with decimals and waste, work and overhead, and moves nothing", async () => {
    const before = await booksNow(scope);
    const saved = await saveRecipe(
      scope,
      recipe({
        ins: [
          ["wax", "0.8", "5%"],
          ["wick", "4", "1"],
          ["jar", "4"],
        ],
        labour: "6.00",
        overhead: "0.25",
        overheadPer: "unit",
        note: "  Pour at 62 degrees ",
      }),
    );
    expect(saved).toMatchObject({ name: "Candle", version: 1 });
    const { recipe: view, versions, isRetired } = await recipeView(scope, saved.id);
    expect(view).toMatchObject({
      way: "make",
      item: "candle",
      batch: 4n,
      labour: { amount: 600n, per: "batch" },
      overhead: { amount: 25n, per: "unit" },
      account: { code: "6200", name: "Wages" },
      note: "Pour at 62 degrees",
    });
    expect(
      view.lines.map((line) => [line.side, line.item, line.qty, line.wasteQty, line.wasteRate, line.share]),
    ).toEqual([
      ["in", "wax", 800n, 0n, 500n, 0n],
      ["in", "wick", 4n, 1n, 0n, 0n],
      ["in", "jar", 4n, 0n, 0n, 0n],
      ["out", "candle", 4n, 0n, 0n, 1n],
    ]);
    expect([versions.length, versions[0]?.made, isRetired]).toEqual([1, 0, false]);
    expect(versions[0]?.who).not.toBeNull();
    expect(await booksNow(scope)).toEqual(before);
    await proved(scope, other);
  });

  it("gets a next version by an edit, and what was written before stays as it was", async () => {
    const { id } = await saveRecipe(scope, recipe());
    const edit = {
      id,
      version: 1,
      ins: [
        ["wax", "0.9"],
        ["wick", "4"],
        ["jar", "4"],
      ] as const,
    };
    expect(await saveRecipe(scope, recipe(edit))).toMatchObject({ id, version: 2, isSame: false });
    // Who still sees the first version is told; who changes nothing makes no version, and who only renames neither.
    expect(await refused(saveRecipe(scope, recipe(edit)))).toMatchObject({ code: "stale" });
    expect(await saveRecipe(scope, recipe({ ...edit, version: 2 }))).toMatchObject({ version: 2, isSame: true });
    expect(await saveRecipe(scope, recipe({ ...edit, version: 2, name: "Tall candle" }))).toMatchObject({ version: 2 });
    const wax = async (version: number | null) =>
      (await recipeView(scope, id, version)).recipe.lines.find((line) => line.item === "wax")?.qty;
    expect([await wax(null), await wax(1), await wax(2)]).toEqual([900n, 800n, 900n]);
    expect((await recipeView(scope, id, 1)).recipe.name).toBe("Tall candle");
    await expect(recipeView(scope, id, 3)).rejects.toMatchObject({ code: "not_found" });
    const words = (await auditRows(scope, {}, { limit: 20 })).rows.map((row) => row.what);
    expect(words.filter((what) => what.startsWith("recipe."))).toEqual([
      "recipe.change",
      "recipe.change",
      "recipe.add",
    ]);
  });

  it("two edits at once make one version; the other is told", async () => {
    const { id } = await saveRecipe(scope, recipe());
    const done = await Promise.allSettled(
      ["0.85", "0.95"].map((qty) => saveRecipe(scope, recipe({ id, version: 1, ins: [["wax", qty]] }))),
    );
    expect(done.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect((await recipeView(scope, id)).versions.map(({ version }) => version)).toEqual([2, 1]);
  });

  it("cannot be changed or deleted in the database itself", async () => {
    await saveRecipe(scope, recipe());
    for (const change of [
      sql`update app.recipe_versions set labour_minor = 1 where business_id = ${scope.businessId}`,
      sql`update app.recipe_lines set qty = 1 where business_id = ${scope.businessId}`,
      sql`delete from app.recipe_lines where business_id = ${scope.businessId}`,
      sql`delete from app.recipe_versions where business_id = ${scope.businessId}`,
      sql`delete from app.recipes where business_id = ${scope.businessId}`,
    ])
      await expect(inBusiness(scope, (tx) => rowsOf(tx, change))).rejects.toMatchObject({ cause: { code: "42501" } });
  });

  it("may make a product that is new, and may be named by SKU or name", async () => {
    const one = recipe();
    const outs = [{ row: 0, item: "", text: "Tea light", qty: "10", waste: "", share: "" }];
    const ins = [{ row: 0, item: "", text: " wax ", qty: "0.1", waste: "", share: "" }];
    const { id, name } = await saveRecipe(scope, { ...one, outs, ins });
    expect(name).toBe("Tea light");
    const { recipe: view } = await recipeView(scope, id);
    expect(view.lines.map((line) => line.name)).toEqual(["Wax", "Tea light"]);
    expect(await recipesOfItem(scope, view.item)).toMatchObject([{ id, way: "make" }]);
    await proved(scope);
  });

  it("that takes apart is of what goes in, with shares of the cost", async () => {
    const { id } = await saveRecipe(
      scope,
      recipe({
        way: "unmake",
        ins: [["box", "1"]],
        outs: [
          ["jar", "2", "60"],
          ["wick", "4", "12.5"],
        ],
      }),
    );
    const { recipe: view } = await recipeView(scope, id);
    expect([view.item, view.batch, view.name]).toEqual(["box", 1n, "Take apart Gift box"]);
    expect(view.lines.map((line) => line.share)).toEqual([0n, 6000n, 1250n]);
  });

  it.each([
    ["nothing that goes in", { ins: [] }, "field_missing", "in.0.item"],
    ["nothing that comes out", { outs: [] }, "field_missing", "out.0.item"],
    ["an unknown product", { ins: [["ghost", "1"]] }, "unknown_id", "in.0.item"],
    ["a bundle", { ins: [["set", "1"]] }, "does_not_fit", "in.0.item"],
    [
      "a product twice",
      {
        ins: [
          ["jar", "1"],
          ["jar", "2"],
        ],
      },
      "does_not_fit",
      "in.1.item",
    ],
    ["a product of itself", { outs: [["jar", "1"]] }, "does_not_fit", "out.0.item"],
    ["a part of a piece", { ins: [["jar", "1.5"]] }, "bad_quantity", "in.0.qty"],
    ["a waste that is none", { ins: [["jar", "1", "much"]] }, "bad_quantity", "in.0.waste"],
    ["a waste beyond reason", { ins: [["jar", "1", "2000%"]] }, "out_of_range", "in.0.waste"],
    ["a share that is none", { outs: [["candle", "1", "half"]] }, "bad_number", "out.0.share"],
    [
      "several without shares",
      {
        outs: [
          ["candle", "1"],
          ["box", "1"],
        ],
      },
      "field_missing",
      "out.0.share",
    ],
    ["an amount below 0", { labour: "-1" }, "out_of_range", "labour"],
    ["Inventory as the account", { account: "1200" }, "unknown_id", "account"],
    ["a channel's balance as the account", { account: "1150" }, "unknown_id", "account"],
    ["a word for how it is counted", { labourPer: "week" }, "bad_field", "labourPer"],
  ] as const)("is refused with %s", async (_what, over, code, field) => {
    const before = await booksNow(scope);
    expect(await refused(saveRecipe(scope, recipe(over)))).toEqual({ code, field });
    expect(await booksNow(scope)).toEqual(before);
    expect((await recipeTotals(scope)).isEmpty).toBe(true);
  });

  it("stays with its product, and is retired and taken back into use", async () => {
    const { id } = await saveRecipe(scope, recipe());
    expect(await refused(saveRecipe(scope, recipe({ id, version: 1, outs: [["box", "1"]] })))).toMatchObject({
      code: "does_not_fit",
      field: "out.0.item",
    });
    await retireRecipe(scope, { id, isRetired: true });
    expect(await refused(retireRecipe(scope, { id, isRetired: true }))).toMatchObject({ code: "stale" });
    expect([(await recipeRows(scope)).rows, (await recipesOfItem(scope, "candle")).length]).toEqual([[], 0]);
    expect((await recipeRows(scope, { isRetired: true })).rows).toMatchObject([{ id, isRetired: true }]);
    await retireRecipe(scope, { id, isRetired: false });
    expect((await recipeRows(scope)).rows).toMatchObject([{ id, name: "Candle", ins: 3, outs: 1, batch: 4n }]);
  });

  it("is another business's nowhere, and a viewer's to see only", async () => {
    const { id } = await saveRecipe(scope, recipe());
    await expect(recipeView(other, id)).rejects.toMatchObject({ code: "not_found" });
    expect(await refused(saveRecipe(other, recipe({ id, version: 1 })))).toMatchObject({ code: "not_found" });
    expect(await refused(retireRecipe(other, { id, isRetired: true }))).toMatchObject({ code: "not_found" });
    const viewer: Scope = { ...scope, role: "viewer" };
    expect((await recipeView(viewer, id)).recipe.item).toBe("candle");
    expect(() => saveRecipe(viewer, recipe())).toThrow(/not cover|may not|change the books/);
  });
});

describe("the list", () => {
  it("goes by name, a page at a time both ways, and is found by words of its products", async () => {
    for (const name of ["Delta", "alpha", "Charlie", "Bravo", "Echo"]) await saveRecipe(scope, recipe({ name }));
    await saveRecipe(other, recipe({ name: "Theirs" }));
    const names: string[] = [];
    let after: Parameters<typeof recipeRows>[2] = { limit: 2 };
    for (;;) {
      const page = await recipeRows(scope, {}, after);
      names.push(...page.rows.map((row) => row.name));
      if (page.after === null) break;
      after = { limit: 2, after: page.after };
    }
    expect(names).toHaveLength(5);
    expect(new Set(names)).toEqual(new Set(["Delta", "alpha", "Charlie", "Bravo", "Echo"]));
    const last = await recipeRows(scope, {}, after);
    const back = await recipeRows(scope, {}, { limit: 2, before: last.before });
    expect(back.rows.map((row) => row.name)).toEqual(names.slice(2, 4));
    const found = async (words: string) => (await recipeRows(scope, { words })).rows.length;
    expect([await found("brav"), await found("wick"), await found("100%")]).toEqual([1, 5, 0]);
    expect(await recipeTotals(scope, { words: "brav" })).toEqual({ recipes: 1, isEmpty: false });
    expect((await recipeRows(scope, { way: "unmake" })).rows).toEqual([]);
  });
});

describe("what it would cost now", () => {
  it("is taken from the oldest lots that are left, with waste, work and overhead; nothing is written", async () => {
    await give(scope, [purchase("p2", "2026-03-05", [["wick", 10n, 1_000n]])]);
    const before = await booksNow(scope);
    const { id } = await saveRecipe(
      scope,
      recipe({
        ins: [
          ["wax", "0.8", "25%"],
          ["wick", "4"],
          ["jar", "4"],
        ],
        labour: "6.00",
        overhead: "0.25",
        overheadPer: "unit",
      }),
    );
    const { recipe: version } = await recipeView(scope, id);
    const { estimate, enough } = await recipeCost(scope, version);
    // 1.000 kg at 10.00, 4 wicks at 0.20, 4 jars at 1.50, 6.00 and 4 × 0.25.
    expect(estimate).toMatchObject({
      costMinor: 1_000n + 80n + 600n + 700n,
      extraMinor: 700n,
      isComplete: true,
      made: 4n,
    });
    expect(estimate.parts.map((part) => [part.item, part.qty, part.waste, part.costMinor])).toEqual([
      ["wax", 1_000n, 200n, 1_000n],
      ["wick", 4n, 0n, 80n],
      ["jar", 4n, 0n, 600n],
    ]);
    expect(enough).toBe(12n);
    // 24 of them: 20 wicks of the first purchase and 4 of the second; only 12 jars are there.
    const more = (await recipeCost(scope, version, { made: 24n })).estimate;
    expect(more.parts.map((part) => [part.item, part.costMinor, part.short])).toEqual([
      ["wax", 5_000n, 1_000n],
      ["wick", 800n, 0n],
      ["jar", 1_800n, 12n],
    ]);
    expect(more.isComplete).toBe(false);
    expect(await booksNow(scope)).toEqual(before);
  });

  it("goes down through the recipes of what is short, level by level, and no further than what is made of itself", async () => {
    await saveRecipe(scope, recipe());
    const { id } = await saveRecipe(
      scope,
      recipe({
        ins: [
          ["candle", "2"],
          ["jar", "1"],
        ],
        outs: [["box", "1"]],
        labour: "1.00",
      }),
    );
    const { recipe: version } = await recipeView(scope, id);
    const { estimate } = await recipeCost(scope, version);
    // Two candles are made first: 0.4 kg, 2 wicks, 2 jars; then the box takes a jar.
    expect(estimate.parts.map((part) => [part.item, part.costMinor, part.making?.made ?? null])).toEqual([
      ["candle", 400n + 40n + 300n, 2n],
      ["jar", 150n, null],
    ]);
    expect([estimate.costMinor, estimate.isComplete]).toEqual([990n, true]);
    // Wax made of gift boxes: a circle, which ends where it would begin again.
    await saveRecipe(scope, recipe({ ins: [["box", "1"]], outs: [["wax", "0.1"]] }));
    const { estimate: many } = await recipeCost(scope, version, { made: 20n });
    expect(many.isComplete).toBe(false);
    const deep = many.parts[0]?.making?.parts.find((part) => part.item === "wax")?.making;
    expect(deep?.parts.map((part) => [part.item, part.making])).toEqual([["box", null]]);
  });

  it("takes only what is at its place where each place keeps its own lots", async () => {
    await changeCosting(scope, { pool: "location", graceDays: 0 });
    const { id } = await saveRecipe(scope, recipe());
    const { recipe: version } = await recipeView(scope, id);
    expect((await recipeCost(scope, version)).estimate.isComplete).toBe(true);
    const { estimate, enough } = await recipeCost(scope, version, { location: "shed" });
    expect([estimate.isComplete, estimate.costMinor, enough]).toEqual([false, 0n, 0n]);
  });
});

describe("what a production's form begins with", () => {
  const start = (over: Partial<StartInput>) =>
    productionStart(scope, { way: "make", many: "", location: "main", ...over });
  const lines = (of: readonly StartLine[]) => of.map((line) => [line.item, line.qty, line.share]);

  it("is the recipe for so many: inputs with their waste and work with them, what comes out beside it rounded down", async () => {
    const { id } = await saveRecipe(
      scope,
      recipe({
        ins: [
          ["wax", "0.8", "5%"],
          ["wick", "4"],
          ["jar", "4"],
        ],
        outs: [
          ["candle", "4", "95"],
          ["box", "1", "5"],
        ],
        labour: "6.00",
        overhead: "0.25",
        overheadPer: "unit",
      }),
    );
    const six = await start({ recipe: id, many: "6" });
    expect(lines(six.ins)).toEqual([
      ["wax", 1_260n, 0n],
      ["wick", 6n, 0n],
      ["jar", 6n, 0n],
    ]);
    expect(lines(six.outs)).toEqual([
      ["candle", 6n, 9_500n],
      ["box", 1n, 500n],
    ]);
    expect([six.overheadMinor, six.account, six.enough, six.wrong]).toEqual([900n + 150n, "6200", 12n, null]);
    // Of three a part of a box would come out: none does.
    expect(lines((await start({ recipe: id, many: "3" })).outs)).toEqual([["candle", 3n, 9_500n]]);
    const wrong = await start({ recipe: id, many: "1.5" });
    expect([wrong.made, wrong.wrong]).toEqual([4n, expect.stringContaining("whole units")]);
    await expect(start({ recipe: "none" })).rejects.toMatchObject({ code: "not_found" });
  });

  it("is the recipe backwards: without waste and work, shared by what each part would cost now", async () => {
    const { id } = await saveRecipe(
      scope,
      recipe({
        ins: [
          ["wax", "0.8", "5%"],
          ["wick", "4"],
          ["jar", "4"],
        ],
        labour: "6.00",
      }),
    );
    const apart = await start({ recipe: id, way: "unmake", many: "2" });
    expect(lines(apart.ins)).toEqual([["candle", 2n, 0n]]);
    // 0.42 kg for 4.20, 2 wicks for 0.40, 2 jars for 3.00: of 7.60.
    expect(lines(apart.outs)).toEqual([
      ["wax", 400n, 5_526n],
      ["wick", 2n, 526n],
      ["jar", 2n, 3_948n],
    ]);
    expect([apart.overheadMinor, apart.estimate]).toEqual([0n, null]);
  });

  it("is what was made before, as it was changed then", async () => {
    const { id } = await saveRecipe(scope, recipe());
    const made = await recordProduction(
      scope,
      production({ recipe: { id, version: 1 }, ins: [["wax", "0.7"]], overhead: "1.00", note: "x" }),
    );
    const again = await start({ again: made.id });
    expect([lines(again.ins), lines(again.outs), again.overheadMinor, again.note, again.recipe?.version]).toEqual([
      [["wax", 700n, 0n]],
      [["candle", 4n, 0n]],
      100n,
      "x",
      1,
    ]);
    expect(await start({})).toMatchObject({ ins: [], outs: [], recipe: null });
  });
});
