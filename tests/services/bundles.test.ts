/** Bundles, packs and kits as a seller uses them: what they are made of, what they could be sold and cost, and that each comes back. */
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { closeBooks } from "../../lib/closing";
import { bundleRows, bundlesAbout, bundleTotals, bundleView } from "../../lib/desk/bundle-reads";
import { saveBundle, undoBundle } from "../../lib/desk/bundles";
import { changeCosting } from "../../lib/desk/costing-settings";
import { chooseItem, previewMatch } from "../../lib/desk/matching";
import { recordReturn, takeBackReturn } from "../../lib/desk/orders";
import { recordProduction } from "../../lib/desk/production";
import type { Scope } from "../../lib/people/access";
import { unseen } from "../../lib/preview";
import { whyOf } from "../../lib/sales/why";
import { stockAt } from "../../lib/stock/location-reads";
import { undoSource } from "../../lib/undo";
import { accountsNow, asked } from "../support/adjusting";
import { aWorkshop, production } from "../support/making";
import { booksNow, give, order, proved, purchase, refused } from "../support/trading";

let scope: Scope;
let other: Scope;

afterAll(closeDatabase);
beforeEach(async () => {
  [scope, other] = [await aWorkshop("One"), await aWorkshop("Two")];
});

const rows = (of: readonly (readonly [item: string, qty: string])[]) =>
  of.map(([item, qty], row) => ({ row, item, text: "", qty }));
const bundle = (name: string, parts: readonly (readonly [item: string, qty: string])[], item = "") => ({
  item,
  name,
  sku: "",
  parts: rows(parts),
});
const there = async (item: string) => (await stockAt(scope, "main", [item]))[0]?.qty;
const cost = async (line: string) => (await whyOf(scope, line))?.line.cost;

describe("a bundle", () => {
  it("is made of products and bundles, could be sold as often as its scarcest part allows, and costs what they would", async () => {
    const starter = await saveBundle(
      scope,
      bundle("Starter kit", [
        ["jar", "2"],
        ["wick", "5"],
        ["wax", "0.5"],
      ]),
    );
    const view = await bundleView(scope, starter.item);
    // 12 jars, 20 wicks and 5 kg: 4 times the wicks. 2 × 1.50, 5 × 0.20, 5.00.
    expect(view).toMatchObject({
      name: "Starter kit",
      places: [{ name: "Main", qty: 4n }],
      costMinor: 900n,
      isComplete: true,
    });
    const big = await saveBundle(
      scope,
      bundle("Big kit", [
        [starter.item, "2"],
        ["jar", "1"],
      ]),
    );
    const nested = await bundleView(scope, big.item);
    expect(nested.parts.map((part) => [part.name, part.qty, part.parts.length])).toEqual([
      ["Starter kit", 2n, 3],
      ["Jar", 1n, 0],
    ]);
    expect([nested.costMinor, nested.places[0]?.qty]).toEqual([1_950n, 2n]);
    expect((await bundlesAbout(scope, "jar")).map((one) => one.name)).toEqual(["Big kit", "Set", "Starter kit"]);
    expect((await bundleRows(scope)).rows.map((one) => one.name)).toEqual(["Big kit", "Set", "Starter kit"]);
    const first = await bundleRows(scope, "", { limit: 2 });
    expect((await bundleRows(scope, "", { limit: 2, after: first.after })).rows.map((one) => one.name)).toEqual([
      "Starter kit",
    ]);
    expect([await bundleTotals(scope, "kit"), await bundleTotals(other, "kit")]).toEqual([
      { bundles: 2, isEmpty: false },
      { bundles: 0, isEmpty: false },
    ]);
    await give(scope, [order("o1", "2026-03-20", [["Big kit", 2n, 9_000n]])]);
    expect([await cost("o1-1"), await there("jar"), await there("wick"), await there("wax")]).toEqual([
      3_900n,
      2n,
      0n,
      3_000n,
    ]);
    expect(await bundleView(scope, big.item)).toMatchObject({ places: [], isComplete: false });
    await expect(bundleView(other, big.item)).rejects.toMatchObject({ code: "not_found" });
    await proved(scope, other);
  });

  it("says first how many were sold before its parts change, since they hold for all its sales; and is taken back", async () => {
    const { item } = await saveBundle(scope, bundle("Kit", [["jar", "1"]]));
    await give(scope, [order("o1", "2026-03-20", [["Kit", 2n, 4_000n]])]);
    const before = await booksNow(scope);
    const change = bundle(
      "Kit",
      [
        ["jar", "1"],
        ["wick", "3"],
      ],
      item,
    );
    const { says, seen, error } = await asked(saveBundle(scope, change, ""));
    expect(says).toContain("1 sold line of Kit, of any date, then moves what you say here.");
    expect(error.changes?.sales.map((sale) => [sale.before, sale.after])).toEqual([[300n, 420n]]);
    expect(await booksNow(scope)).toEqual(before);
    const saved = await saveBundle(scope, change, seen);
    expect([await cost("o1-1"), await there("wick"), saved.sold]).toEqual([420n, 14n, 1]);
    await proved(scope);
    // Saved again as it is there is nothing to ask, and nothing changes.
    const now = await booksNow(scope);
    await saveBundle(scope, change, "");
    expect(await booksNow(scope)).toEqual(now);
    await undoBundle(scope, { item, before: saved.before }, unseen);
    expect(await booksNow(scope)).toEqual(before);
    await proved(scope, other);
  });

  it("in a closed period the change is posted on the first open day, as every correction", async () => {
    const { item } = await saveBundle(scope, bundle("Kit", [["jar", "1"]]));
    await give(scope, [order("o1", "2026-03-20", [["Kit", 2n, 4_000n]])]);
    await closeBooks(scope, { through: "2026-03-31", why: "done" });
    const { says, seen } = await asked(saveBundle(scope, bundle("Kit", [["jar", "2"]], item), ""));
    expect(says).toContain("closed period");
    await saveBundle(scope, bundle("Kit", [["jar", "2"]], item), seen);
    expect((await accountsNow(scope))["5000"]).toBe(600);
    await proved(scope);
  });

  it("may be what a product becomes that was never stocked, which is taken back too; a new one goes as it came", async () => {
    const before = await booksNow(scope);
    const became = await saveBundle(scope, bundle("", [["jar", "1"]], "box"));
    expect(became.before).toBe("none");
    await undoBundle(scope, { item: "box", before: became.before });
    const made = await saveBundle(scope, { ...bundle("Fresh", [["jar", "1"]]), sku: "FRESH" });
    expect((await bundleView(scope, made.item)).sku).toBe("FRESH");
    await undoBundle(scope, { item: made.item, before: made.before });
    expect(await booksNow(scope)).toEqual(before);
    expect(await refused(undoBundle(scope, { item: made.item, before: "new" }))).toMatchObject({
      code: "nothing_to_undo",
    });
    await proved(scope);
  });

  it.each([
    ["nothing in it", bundle("Kit", []), "field_missing", "in.0.item"],
    ["an unknown product", bundle("Kit", [["ghost", "1"]]), "unknown_id", "in.0.item"],
    [
      "a product twice",
      bundle("Kit", [
        ["jar", "1"],
        ["jar", "1"],
      ]),
      "does_not_fit",
      "in.1.item",
    ],
    ["a part of a piece", bundle("Kit", [["jar", "0.5"]]), "bad_quantity", "in.0.qty"],
    ["itself in it", bundle("", [["set", "1"]], "set"), "does_not_fit", "in.0.item"],
    ["what was stocked", bundle("", [["wick", "1"]], "jar"), "in_use", "itemText"],
    ["what is counted in parts", bundle("", [["wick", "1"]], "wax"), "does_not_fit", "itemText"],
    ["no name", bundle("", [["wick", "1"]]), "field_missing", "itemText"],
    ["the SKU of another", { ...bundle("Kit", [["jar", "1"]]), sku: "wax" }, "does_not_fit", "sku"],
  ] as const)("is refused with %s", async (_what, input, code, field) => {
    const before = await booksNow(scope);
    const said = await refused((async () => saveBundle(scope, input))());
    expect(said).toEqual({ code, field });
    expect(await booksNow(scope)).toEqual(before);
  });

  it("that would hold itself through another is refused", async () => {
    const { item } = await saveBundle(scope, bundle("Outer", [["set", "1"]]));
    expect(await refused(saveBundle(scope, bundle("", [[item, "1"]], "set")))).toMatchObject({ code: "does_not_fit" });
    await proved(scope);
  });
});

describe("a pack", () => {
  const pack = (over: object = {}) => ({
    lines: ["o1-1"],
    item: { id: "jar", name: "" },
    alsoSame: true,
    pack: "3",
    ...over,
  });
  beforeEach(async () => {
    await give(scope, [
      order("o1", "2026-03-20", [["Jars, pack of 3", 2n, 3_000n, "JAR-3"]]),
      order("o2", "2026-03-21", [["Jars, pack of 3", 1n, 1_500n, "JAR-3"]]),
    ]);
  });

  it("is a bundle of so many of one product, made where a listing is matched; the next listing of it finds it", async () => {
    const before = await booksNow(scope);
    expect((await previewMatch(scope, pack())).cost.change).toBe(1_350n);
    const first = await chooseItem(scope, pack());
    expect([first.name, first.lines]).toEqual(["Jar, pack of 3", 2]);
    expect([await cost("o1-1"), await cost("o2-1"), await there("jar")]).toEqual([900n, 450n, 3n]);
    expect(await bundleView(scope, first.item)).toMatchObject({ sku: "JAR-3", parts: [{ item: "jar", qty: 3n }] });
    await proved(scope);
    await undoSource(scope, first.source, { source: null, userId: scope.userId });
    expect(await booksNow(scope)).toEqual(before);
    const done = await chooseItem(scope, pack());
    await give(scope, [order("o3", "2026-03-22", [["Three of our jars", 1n, 1_400n]])]);
    expect((await chooseItem(scope, pack({ lines: ["o3-1"] }))).item).toBe(done.item);
    expect(await there("jar")).toBe(0n);
    await proved(scope, other);
  });

  it("of a product counted in parts is so many whole units of it, and of a bundle so many bundles", async () => {
    expect((await chooseItem(scope, pack({ item: { id: "wax", name: "" } }))).name).toBe("Wax, pack of 3");
    expect(await there("wax")).toBe(5_000n - 9_000n);
    await give(scope, [order("o4", "2026-03-22", [["Two sets", 1n, 1_400n]])]);
    await chooseItem(scope, pack({ lines: ["o4-1"], item: { id: "set", name: "" }, pack: "2" }));
    expect(await there("jar")).toBe(8n);
    await proved(scope);
  });

  it.each([
    ["words", "three", "bad_quantity"],
    ["none", "0", "bad_quantity"],
    ["more than a pack has", "10001", "out_of_range"],
  ])("is refused with %s", async (_what, pieces, code) => {
    expect(await refused(chooseItem(scope, pack({ pack: pieces })))).toEqual({ code, field: "pack" });
  });

  it("of one is the product itself", async () => {
    expect((await chooseItem(scope, pack({ pack: " 1 " }))).item).toBe("jar");
    expect(await there("jar")).toBe(9n);
  });
});

describe.each(["business", "location"] as const)("what comes back, pool %s", (pool) => {
  const back = (line: string, qty: string, fate: "restock" | "write off" | "keep" | "unknown") => ({
    order: line.slice(0, 2),
    line,
    on: "2026-03-25",
    qty,
    amount: 500n,
    fate,
  });
  beforeEach(async () => {
    if (pool === "location") await changeCosting(scope, { pool, graceDays: 0 });
    await saveBundle(
      scope,
      bundle("Kit", [
        ["jar", "2"],
        ["wick", "1"],
      ]),
    );
    await recordProduction(scope, production({ on: "2026-03-05" }));
    await give(scope, [
      order("o1", "2026-03-20", [["Kit", 3n, 9_000n]]),
      order("o2", "2026-03-20", [["Three jars", 1n, 2_000n]]),
      order("o3", "2026-03-20", [["Candle", 2n, 6_000n, "CAN-1"]]),
    ]);
    await chooseItem(scope, { lines: ["o2-1"], item: { id: "jar", name: "" }, alsoSame: false, pack: "2" });
  });

  it("of a bundle is whole: each part is back on its shelf at its cost, or gone", async () => {
    // 3 kits: 6 jars, 3 wicks; before them 4 of each went into candles.
    expect([await cost("o1-1"), await there("jar"), await there("wick")]).toEqual([960n, 0n, 13n]);
    const key = await recordReturn(scope, back("o1-1", "1", "restock"));
    expect([await there("jar"), await there("wick"), (await accountsNow(scope))["5000"]]).toEqual([
      2n,
      14n,
      640 + 300 + 740,
    ]);
    await proved(scope);
    await recordReturn(scope, back("o1-1", "1", "write off"));
    expect([await there("jar"), (await accountsNow(scope))["5100"]]).toEqual([2n, 320]);
    await recordReturn(scope, back("o1-1", "1", "keep"));
    expect(await refused(recordReturn(scope, back("o1-1", "1", "restock")))).toMatchObject({ field: "qty" });
    await proved(scope);
    await takeBackReturn(scope, key.replace("return/", ""));
    expect(await there("jar")).toBe(0n);
    await proved(scope, other);
  });

  it("of a pack is so many of its product; of a kit that was made it is the kit", async () => {
    await recordReturn(scope, back("o2-1", "1", "restock"));
    expect([await there("jar"), await cost("o2-1")]).toEqual([2n, 0n]);
    const key = await recordReturn(scope, back("o3-1", "1", "restock"));
    // 0.8 kg of wax, 4 wicks, 4 jars: 14.80 for 4.
    expect([await there("candle"), await there("wax"), await cost("o3-1")]).toEqual([3n, 4_200n, 370n]);
    // What came back is made of what it was made of, also when a late purchase makes that dearer.
    await give(scope, [purchase("p0", "2026-02-01", [["wick", 4n, 400n]])]);
    expect(await cost("o3-1")).toBe(450n);
    await takeBackReturn(scope, key.replace("return/", ""));
    expect(await there("candle")).toBe(2n);
    await proved(scope, other);
  });
});
