/** What a change was stands in the trail: lines before and after, what a sync or an import wrote over, what was undone; in words. */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changesOf, changeText } from "../../app/[business]/settings/audit/state";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import type { Fact } from "../../lib/core/facts";
import { type OrderByHand, recordReturn, saveOrder, takeBackOrder, takeBackReturn } from "../../lib/desk/orders";
import { saveDetails, takeBackPurchase } from "../../lib/desk/purchases";
import { saveTransfer } from "../../lib/desk/transfer-drafts";
import { addRuleIn, removeRule, switchRule } from "../../lib/money/rules";
import type { Scope } from "../../lib/people/access";
import { auditRows } from "../../lib/people/audit";
import { record } from "../../lib/record";
import { undoSource } from "../../lib/undo";
import { testDatabase } from "../support/database";
import { aShop, booksNow, give, item, order, proved, purchase } from "../support/trading";

let scope: Scope;

beforeAll(async () => {
  await testDatabase();
  scope = await aShop("Trail");
  await give(scope, [
    item("mug", "Mug", "MUG"),
    item("cup", "Cup", "CUP"),
    { kind: "item", id: "silk", name: "Silk", sku: "SILK", decimals: 2, aliases: [] },
    purchase("p0", "2025-12-01", [
      ["mug", 9n, 111_111n],
      ["cup", 9n, 222_222n],
      ["silk", 1_000n, 5_000n],
    ]),
  ]);
});
afterAll(async () => {
  await proved(scope);
  await closeDatabase();
});

const lastOf = async (what: string) => {
  const [row] = (await auditRows(scope, { what }, { limit: 1 })).rows;
  if (row === undefined) throw new Error(`no ${what} in the trail`);
  return row;
};

const byHand = { channel: null, number: "", shipping: 0n, discount: 0n, tax: 0n, fees: 0n };
const aLine = (id: string, name: string, qty: string, amount: bigint): OrderByHand["lines"][number] => ({
  row: 0,
  id: null,
  item: { id, name },
  qty,
  amount,
});

describe("a sale by hand", () => {
  it("has its lines in the trail when it is recorded, changed and taken back", async () => {
    const { id } = await saveOrder(scope, {
      ...byHand,
      id: null,
      on: "2025-12-20",
      lines: [aLine("mug", "Mug", "1", 2_900n)],
    });
    expect((await lastOf("order.record")).after).toMatchObject({ lines: ["1 × Mug, 29.00"] });
    const line = (await booksNow(scope)).sales[0]?.line ?? "";
    await saveOrder(scope, {
      ...byHand,
      id,
      on: "2025-12-20",
      shipping: 500n,
      lines: [{ ...aLine("cup", "Cup", "2", 2_900n), id: line }],
    });
    const changed = await lastOf("order.change");
    expect(changed.before).toMatchObject({ on: "2025-12-20", amount: "29.00", lines: ["1 × Mug, 29.00"] });
    expect(changed.after).toMatchObject({ amount: "29.00", shipping: "5.00", lines: ["2 × Cup, 29.00"] });
    const key = await recordReturn(scope, {
      order: id,
      line,
      on: "2025-12-21",
      qty: "1",
      amount: 1_450n,
      fate: "restock",
    });
    const back = { refunded: "14.50", lines: ["1 × Cup, 14.50, back in stock"] };
    expect((await lastOf("return.record")).after).toMatchObject(back);
    await takeBackReturn(scope, key.slice("return/".length));
    expect((await lastOf("return.undo")).before).toMatchObject(back);
    await takeBackOrder(scope, id);
    expect((await lastOf("order.undo")).before).toMatchObject({ lines: ["2 × Cup, 29.00"] });
  });

  it("says cloth by the metre as people write it, and of many lines the first fifty", async () => {
    const lines = Array.from({ length: 60 }, (_, row) => ({
      ...aLine("silk", "Silk", "1.25", 100n + BigInt(row)),
      row,
    }));
    await saveOrder(scope, { ...byHand, id: null, on: "2025-12-22", lines });
    const { after } = await lastOf("order.record");
    const told = (after as { lines: string[] }).lines;
    expect(told.length).toBe(51);
    expect(told[0]).toBe("1.25 × Silk, 1.00");
    expect(told.at(-1)).toBe("and 10 more");
  });
});

describe("details of a purchase", () => {
  it("have their lines and extras in the trail, before and after", async () => {
    await give(scope, [
      purchase(
        "p1",
        "2025-12-02",
        [
          ["mug", 2n, 1_100n],
          ["cup", 2n, 2_200n],
        ],
        { amount: 3_800n, extras: [{ label: "Freight", amount: 500n, by: "quantity" }] },
      ),
    ]);
    const version = async () => {
      const [row] = await inBusiness(scope, (tx) =>
        rowsOf<{ version: number }>(
          tx,
          sql`select version from app.purchases where business_id = ${scope.businessId} and id = 'p1'`,
        ),
      );
      return row?.version ?? 0;
    };
    const typed = (row: number, line: string, id: string, name: string, all: bigint) => ({
      row,
      line,
      item: id,
      name,
      sku: "",
      qty: "2",
      each: null,
      all,
      location: "main",
    });
    await saveDetails(scope, {
      purchase: "p1",
      version: await version(),
      accepted: "",
      lines: [typed(0, "p1-1", "mug", "Mug", 2_200n), typed(1, "p1-2", "cup", "Cup", 1_100n)],
      extras: [{ row: 0, label: "Freight", amount: 400n }],
    });
    const { before, after } = await lastOf("purchase.detail");
    expect(before).toEqual({
      lines: ["2 × Mug, 11.00, at main", "2 × Cup, 22.00, at main"],
      extras: ["Freight, 5.00, by quantity"],
    });
    expect(after).toEqual({
      lines: ["2 × Mug, 22.00, at main", "2 × Cup, 11.00, at main"],
      extras: ["Freight, 4.00, by quantity"],
      left: "1.00",
    });
    await takeBackPurchase(scope, { purchase: "p1" });
    expect((await lastOf("purchase.take_back")).before).toMatchObject({
      on: "2025-12-02",
      amount: "38.00",
      lines: ["2 × Mug, 22.00, at main", "2 × Cup, 11.00, at main"],
    });
  });
});

describe("what is no fact yet", () => {
  it("has its lines too: a transfer that is written and changed; a rule says what it was", async () => {
    await give(scope, [{ kind: "location", id: "store", name: "Store" }]);
    const draft = { from: "main", to: "store", on: "2025-12-20", note: "" };
    const id = await saveTransfer(scope, {
      ...draft,
      id: null,
      version: null,
      lines: [{ row: 0, item: "mug", qty: "2" }],
    });
    await saveTransfer(scope, { ...draft, id, version: 1, lines: [{ row: 0, item: "silk", qty: "1.5" }] });
    expect(await lastOf("transfer.draft")).toMatchObject({
      before: { from: "main", to: "store", on: "2025-12-20", lines: ["2 × Mug"] },
      after: { lines: ["1.50 × Silk"] },
    });
    const wanted = { words: "freight", direction: null, account: null, state: "hidden", category: null } as const;
    const rule = await inBusiness(scope, (tx) => addRuleIn(tx, scope, wanted));
    await switchRule(scope, rule, true);
    expect(await lastOf("rule.switch")).toMatchObject({ before: { isOff: false }, after: { isOff: true } });
    await removeRule(scope, rule);
    expect((await lastOf("rule.remove")).before).toMatchObject({ words: "freight", state: "hidden" });
  });
});

describe("what a sync or an import brings", () => {
  const sync = (run: string, version: string, facts: readonly Fact[]) =>
    record(
      scope,
      facts.map((fact) => ({ fact, version })),
      { source: run, userId: null },
    );

  it("names what a new version wrote over, and what it said", async () => {
    await sync("run1", "1", [order("s1", "2025-12-21", [["Mug", 1n, 7_777n, "MUG"]])]);
    expect((await lastOf("facts.record")).before).toBeNull();
    await sync("run2", "2", [
      order("s1", "2025-12-22", [["Mug", 2n, 8_888n, "MUG"]]),
      order("s2", "2025-12-22", [["Cup", 1n, 1_000n, "CUP"]]),
    ]);
    const row = await lastOf("facts.record");
    expect(row.before).toMatchObject({
      "order/s1": { on: "2025-12-21", number: "N-s1", amount: "77.77", lines: ["1 × Mug, 77.77"] },
    });
    expect(row.after).toMatchObject({
      order: 1,
      replaced: 1,
      "order/s1": { on: "2025-12-22", amount: "88.88", lines: ["2 × Mug, 88.88"] },
    });
    expect(Object.keys(row.after as object)).not.toContain("order/s2");
  });

  it("names the first fifty, and how many more", async () => {
    const some = (amount: bigint) =>
      Array.from({ length: 60 }, (_, n) =>
        order(`many${String(n).padStart(2, "0")}`, "2025-12-23", [["Mug", 1n, amount, "NONE"]]),
      );
    await sync("run3", "1", some(100n));
    await sync("run4", "2", some(200n));
    const { before, after } = await lastOf("facts.record");
    expect(Object.keys(before as object).length).toBe(50);
    expect(after).toMatchObject({ replaced: 60, more: 10, "order/many49": { amount: "2.00" } });
    expect(before).toMatchObject({ "order/many00": { amount: "1.00", lines: ["1 × Mug, 1.00"] } });
  });

  it("is named when it is undone: the documents, what they said, and how many more", async () => {
    await undoSource(scope, "run4", { source: null, userId: scope.userId });
    const { before } = await lastOf("facts.undo");
    expect(before).toMatchObject({ facts: 60, more: 10, "order/many00": { amount: "2.00" } });
    expect(Object.keys(before as object).length).toBe(52);
    await sync("run5", "1", [{ kind: "undo", of: "order", key: "order/s2" }]);
    expect(await lastOf("facts.undo")).toMatchObject({
      about: "run5",
      before: { facts: 1, "order/s2": { on: "2025-12-22", amount: "10.00", lines: ["1 × Cup, 10.00"] } },
    });
  });

  it("never names a buyer: memos of balances, and where it went to beside country and state, stay out", async () => {
    const row = (memo: string, amount: bigint): Fact => ({
      kind: "charge",
      id: "c1",
      channel: "shop",
      date: "2025-12-24",
      category: "fee",
      type: "Ad",
      amount,
      order: null,
      memo,
    });
    await sync("run6", "1", [row("Paid by Jane Doe", -100n)]);
    await sync("run7", "2", [row("Paid by Jane Doe", -150n)]);
    const { before, after } = await lastOf("facts.record");
    expect(before).toMatchObject({ "charge/c1": { amount: "−1.00", type: "Ad" } });
    expect(JSON.stringify([before, after])).not.toContain("Jane");
  });
});

describe("the page and its file", () => {
  it("say in words what differs, of a list only what is not in both", () => {
    const lines = ["2 × Mug, 11.00", "2 × Cup, 22.00", "1 × Silk, 5.00"];
    expect(
      changesOf(
        {
          before: { on: "2025-12-21", lines, isHidden: false },
          after: { on: "2025-12-21", lines: ["2 × Mug, 12.00", ...lines.slice(1)], isHidden: true },
        },
        "USD",
      ),
    ).toEqual([
      { name: "lines", from: "2 × Mug, 11.00", to: "2 × Mug, 12.00" },
      { name: "is hidden", from: "no", to: "yes" },
    ]);
    // Where only the order differs all of it is said.
    expect(changesOf({ before: { lines: ["a", "b"] }, after: { lines: ["b", "a"] } }, "USD")).toEqual([
      { name: "lines", from: "a; b", to: "b; a" },
    ]);
    // Rows of before kept amounts in minor units, and counts.
    expect(changesOf({ before: { lines: 1 }, after: { lines: 1, amount: "2900", sku: "A" } }, "USD")).toEqual([
      { name: "amount", from: null, to: "29.00" },
      { name: "SKU", from: null, to: "A" },
    ]);
    expect(changesOf({ before: null, after: "x" }, "USD")).toEqual([{ name: "", from: null, to: "x" }]);
  });

  it("name each document that a sync wrote over or that was undone, with what differs in it", () => {
    const replaced = {
      before: { "balance_row/7": { on: "2025-12-21", amount: "1.00", about: null } },
      after: { replaced: 1, "balance_row/7": { on: "2025-12-21", amount: "2.00", about: "order/1" } },
    };
    expect(changeText(replaced, "USD")).toBe(
      "balance row 7, amount: 1.00 → 2.00\nbalance row 7, about: order/1\nreplaced: 1",
    );
    expect(
      changeText(
        { before: { facts: 1, "order/2": { on: "2025-12-22", lines: ["1 × Cup, 9.00"] } }, after: null },
        "USD",
      ),
    ).toBe("facts: 1 → nothing\norder 2: day 2025-12-22, lines 1 × Cup, 9.00 → nothing");
  });
});
