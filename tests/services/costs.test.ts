/** Add costs: both ways and many at once, what they say they change, and taken back. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { addCost, addCosts, previewCost, previewTakeBack, takeBackCosts } from "../../lib/desk/costs";
import { readCostTable } from "../../lib/desk/costs-table";
import type { Scope } from "../../lib/people/access";
import { costChoices } from "../../lib/sales/cost-reads";
import { soldLinesById } from "../../lib/sales/sold-reads";
import { whyOf } from "../../lib/sales/why";
import { purchaseDetails } from "../../lib/stock/purchase-reads";
import { testDatabase } from "../support/database";
import { aShop, booksNow, give, item, order, proved, purchase, refused } from "../support/trading";

let scope: Scope;
let other: Scope;

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);
beforeEach(async () => {
  scope = await aShop("One");
  other = await aShop("Two");
});

const skillet = async (of: Scope) =>
  give(of, [
    item("skillet", "Griswold skillet", "GRI-8"),
    purchase("box", "2026-03-01", [], { amount: 31_200n }),
    purchase("late", "2026-03-20", [["skillet", 2n, 9000n]]),
    order("sold", "2026-03-10", [["Griswold skillet", 1n, 14_500n, "GRI-8"]], {
      fees: [{ kind: "final value", amount: 2040n }],
    }),
  ]);
const line = async (of: Scope, id: string) => {
  const [found] = await soldLinesById(of, [id]);
  if (found === undefined) throw new Error(`no line ${id}`);
  return found;
};

describe("from a purchase with something left to detail", () => {
  it("adds the line to its details, pins the sale to it, says before what it changes, and goes back without a trace", async () => {
    await skillet(scope);
    await skillet(other);
    const before = await booksNow(scope);
    const input = { line: "sold-1", how: { way: "part" as const, purchase: "box", amount: 4200n } };
    const changes = await previewCost(scope, input);
    expect(await booksNow(scope)).toEqual(before);
    expect(changes.sales.map(({ line, before: was, after }) => [line, was, after])).toEqual([["sold-1", 0n, 4200n]]);
    expect(changes.inventory.change).toBe(-4200n);
    const saved = await addCost(scope, input);
    expect(saved.cost).toBe(4200n);
    expect(await line(scope, "sold-1")).toMatchObject({ cost: 4200n, shortQty: 0n, profit: 14_500n - 2040n - 4200n });
    expect((await purchaseDetails(scope, "box")).leftMinor).toBe(27_000n);
    await proved(scope, other);
    expect(await line(other, "sold-1")).toMatchObject({ cost: null, shortQty: 1n });
    expect((await previewTakeBack(scope, { source: saved.source })).cost.change).toBe(-4200n);
    await takeBackCosts(scope, { source: saved.source });
    expect(await booksNow(scope)).toEqual(before);
    expect((await purchaseDetails(scope, "box")).lines).toEqual([]);
    expect(await refused(takeBackCosts(scope, { source: saved.source }))).toMatchObject({ code: "nothing_to_undo" });
    await proved(scope);
  });

  it("makes the product on the way for a line that matched nothing", async () => {
    await give(scope, [
      purchase("box", "2026-03-01", [], { amount: 10_000n }),
      order("sold", "2026-03-10", [["Hull vase", 1n, 7800n]]),
    ]);
    const before = await booksNow(scope);
    const how = { way: "part" as const, purchase: "box", amount: 3000n };
    expect(await refused(addCost(scope, { line: "sold-1", how }))).toEqual({
      code: "field_missing",
      field: "itemText",
    });
    const saved = await addCost(scope, { line: "sold-1", how, item: { id: null, name: "Hull vase, magnolia" } });
    const why = await whyOf(scope, "sold-1");
    expect(why?.match).toMatchObject({ by: "hand", name: "Hull vase, magnolia" });
    expect(why?.lots).toMatchObject([{ source: "purchase", taken: 1n, takenMinor: 3000n, supplier: "Seller of box" }]);
    await proved(scope);
    await takeBackCosts(scope, { source: saved.source });
    expect((await whyOf(scope, "sold-1"))?.match.item).toBeNull();
    expect((await booksNow(scope)).trial_balance).toEqual(before.trial_balance);
    await proved(scope, other);
  });

  it("refuses more than is left, and purchases of others", async () => {
    await skillet(scope);
    const part = (purchase: string, amount: bigint) =>
      addCost(scope, { line: "sold-1", how: { way: "part", purchase, amount } });
    expect(await refused(part("box", 31_201n))).toEqual({ code: "over_allocated", field: "part" });
    expect(await refused(part("nowhere", 1n))).toEqual({ code: "unknown_id", field: "from" });
    expect(await refused(part("box", -1n))).toEqual({ code: "out_of_range", field: "part" });
    await skillet(other);
    await addCost(other, { line: "sold-1", how: { way: "part", purchase: "box", amount: 100n } });
    expect((await purchaseDetails(scope, "box")).leftMinor).toBe(31_200n);
    await proved(scope, other);
  });
});

describe("from a lot", () => {
  it("takes units of a later purchase, and offers what is near first", async () => {
    await skillet(scope);
    const choices = await costChoices(scope, "sold-1", "");
    expect(choices?.lots).toMatchObject([{ id: "late-1", free: 2n, left: 2n, units: 1n, cost: 4500n }]);
    expect(choices?.parts).toMatchObject([{ id: "box", left: 31_200n }]);
    expect((await costChoices(scope, "sold-1", "312.00"))?.parts.map((one) => one.id)).toEqual(["box"]);
    expect((await costChoices(scope, "sold-1", "nobody"))?.parts).toEqual([]);
    const saved = await addCost(scope, { line: "sold-1", how: { way: "lot", lot: "late-1" } });
    expect(saved.cost).toBe(4500n);
    const why = await whyOf(scope, "sold-1");
    expect(why?.lots).toMatchObject([
      { qty: 2n, before: 0n, taken: 1n, left: 1n, takenMinor: 4500n, choice: { who: expect.any(String) } },
    ]);
    expect(why?.postings).toMatchObject({
      first: [{ change: 4500n }],
      corrections: [],
      correctionCount: 0,
      next: null,
    });
    expect(await refused(addCost(scope, { line: "sold-1", how: { way: "lot", lot: "late-1" } }))).toMatchObject({
      code: "does_not_fit",
    });
    const key = why?.lots[0]?.choice?.key ?? "";
    await takeBackCosts(scope, { key });
    expect(await line(scope, "sold-1")).toMatchObject({ cost: null, shortQty: 1n });
    expect((await whyOf(scope, "sold-1"))?.postings).toMatchObject({
      first: [{ change: 4500n }],
      corrections: [{ change: -4500n, followed: { what: "sale.cost.undo", about: key } }],
    });
    await proved(scope);
    expect(await refused(takeBackCosts(scope, { key: "purchase/late" }))).toMatchObject({ code: "not_allowed" });
  });

  it("moves what FIFO had given to another sale, and says so before", async () => {
    await give(scope, [
      item("mug", "Mug", "MUG"),
      purchase("first", "2026-03-01", [["mug", 1n, 500n]]),
      purchase("second", "2026-03-02", [["mug", 1n, 900n]]),
      order("a", "2026-03-05", [["Mug", 1n, 2900n, "MUG"]]),
      order("b", "2026-03-06", [["Mug", 1n, 2900n, "MUG"]]),
    ]);
    const input = { line: "b-1", how: { way: "lot" as const, lot: "first-1" } };
    const changes = await previewCost(scope, input);
    expect(changes.sales.map(({ line, before, after }) => [line, before, after]).sort()).toEqual([
      ["a-1", 500n, 900n],
      ["b-1", 900n, 500n],
    ]);
    await addCost(scope, input);
    expect(await line(scope, "a-1")).toMatchObject({ cost: 900n });
    await proved(scope, other);
  });
});

describe("what is not in the inventory", () => {
  it("comes in on its day from the account that paid, for one line or many", async () => {
    await skillet(scope);
    const how = { way: "outside" as const, amount: 5000n, on: "2026-02-20", account: "3000" };
    const saved = await addCost(scope, { line: "sold-1", how });
    expect(await line(scope, "sold-1")).toMatchObject({ cost: 5000n });
    expect((await whyOf(scope, "sold-1"))?.lots).toMatchObject([{ source: "backfill", on: "2026-02-20" }]);
    await takeBackCosts(scope, { source: saved.source });
    expect(await refused(addCost(scope, { line: "sold-1", how: { ...how, on: "2026-03-11" } }))).toEqual({
      code: "bad_date",
      field: "on",
    });
    expect(await refused(addCost(scope, { line: "sold-1", how: { ...how, account: "4000" } }))).toEqual({
      code: "unknown_id",
      field: "account",
    });
    await give(scope, [
      order("more", "2026-03-12", [
        ["Unknown thing", 3n, 900n],
        ["Griswold skillet", 1n, 14_000n, "GRI-8"],
      ]),
    ]);
    const many = await addCosts(scope, {
      account: "3000",
      rows: [
        { line: "sold-1", amount: 4000n, on: null, field: "amount.0" },
        { line: "more-1", amount: 333n, on: "2026-03-01", field: "amount.1" },
      ],
    });
    expect(many).toMatchObject({ cost: 4333n, lines: 2 });
    expect(await line(scope, "more-1")).toMatchObject({ cost: 333n, shortQty: 0n, item: null });
    expect(
      await refused(
        addCosts(scope, { account: "3000", rows: [{ line: "more-1", amount: 1n, on: null, field: "amount.0" }] }),
      ),
    ).toEqual({ code: "does_not_fit", field: "amount.0" });
    await proved(scope);
    await takeBackCosts(scope, { source: many.source });
    expect(await line(scope, "more-1")).toMatchObject({ cost: null });
    await proved(scope, other);
  });

  it("is read from a table: by order, by order and SKU, by SKU for each piece; what fits nothing says so", async () => {
    await give(scope, [
      order("1", "2026-03-01", [["Lamp", 1n, 5000n, "LMP"]]),
      order("2", "2026-03-02", [
        ["Lamp", 2n, 9000n, "LMP"],
        ["Shade", 1n, 900n, "SHD"],
      ]),
      order("3", "2026-03-03", [["Shade", 1n, 900n, "SHD"]]),
    ]);
    const none = () => null;
    const text =
      "Order,SKU,Cost,Date\nN-1,,12.50,2026-02-01\nN-2,SHD,3.00,\n,LMP,4.00,\nN-2,,1.00,\nN-9,,2.00,\nN-3,,x,\nN-3,,1.00,2026-03-04\n";
    const table = await readCostTable(scope, text, none);
    expect(table.costs.map(({ line, amount, on }) => [line, amount, on])).toEqual([
      ["1-1", 1250n, "2026-02-01"],
      ["2-2", 300n, "2026-03-02"],
      ["2-1", 800n, "2026-03-02"],
    ]);
    expect(table.rows.map((row) => row.wrong !== null)).toEqual([false, false, false, true, true, true, true]);
    const bare = await readCostTable(scope, "N-1\t12.50\nN-3\t1.00", none);
    expect(bare.costs.map(({ line, amount }) => [line, amount])).toEqual([
      ["1-1", 1250n],
      ["3-1", 100n],
    ]);
    await addCosts(scope, { account: "3000", rows: table.costs });
    expect(await line(scope, "2-1")).toMatchObject({ cost: 800n });
    expect((await readCostTable(other, text, none)).costs).toEqual([]);
    expect(await refused(readCostTable(scope, "what is this", none))).toMatchObject({ code: "missing_column" });
    await proved(scope, other);
  });

  it("is not for viewers", async () => {
    await skillet(scope);
    const viewer: Scope = { ...scope, role: "viewer" };
    const how = { way: "outside" as const, amount: 1n, on: "2026-03-01", account: "3000" };
    expect(() => addCost(viewer, { line: "sold-1", how })).toThrowError(/may not/);
  });
});
