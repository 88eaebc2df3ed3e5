/** Orders to suppliers: nothing is in the books before something came, what is on order follows from purchases, and each step has a way back. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { paperOf } from "../../lib/desk/notes";
import { orderRows, orderView } from "../../lib/desk/purchase-order-reads";
import {
  endOrder,
  type OrderInput,
  placeOrder,
  receiveOrder,
  saveOrder,
  takeBackOrder,
} from "../../lib/desk/purchase-orders";
import { takeBackPurchase } from "../../lib/desk/purchases";
import type { Scope } from "../../lib/people/access";
import { resultOf } from "../../lib/replay/run";
import { buyAgain, saveMinimums } from "../../lib/stock/minimums";
import { inStock } from "../../lib/stock/register";
import { testDatabase } from "../support/database";
import { aShop, booksNow, give, item, proved, purchase, refused } from "../support/trading";

let scope: Scope;
let other: Scope;

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);
beforeEach(async () => {
  scope = await aShop("One");
  other = await aShop("Two");
  await give(scope, [
    item("mug", "Mug", "MUG"),
    { kind: "item", id: "cloth", name: "Cloth", sku: "CL", decimals: 2, aliases: [] },
    purchase("p1", "2026-01-02", [["mug", 4n, 400n]]),
  ]);
});

const draft = (over: Partial<OrderInput> = {}): OrderInput => ({
  id: null,
  version: null,
  supplier: "Quarry Lane",
  location: "main",
  expectedOn: "2026-03-01",
  note: "",
  lines: [
    { row: 0, item: "mug", qty: "10", amount: "12.00" },
    { row: 1, item: "cloth", qty: "2.5", amount: "" },
  ],
  ...over,
});
const now = async (id: string) => {
  const { version } = await orderView(scope, id);
  return { id, version };
};
const ordered = async (over: Partial<OrderInput> = {}) => {
  const id = await saveOrder(scope, draft(over));
  await placeOrder(scope, { ...(await now(id)), on: "2026-02-01" });
  return id;
};
const came = async (id: string, items: readonly Readonly<{ item: string; qty: string; amount: string }>[], paid = "") =>
  receiveOrder(scope, {
    ...(await now(id)),
    on: "2026-02-20",
    account: "1000",
    paid,
    items: items.map((one, row) => ({ row, ...one })),
  });
const onOrder = async () =>
  Object.fromEntries((await inStock(scope)).rows.map((row) => [row.id, [row.qty, row.onOrder]]));

describe("an order to a supplier", () => {
  it("is on order when it is placed, becomes purchases as it comes, and posts nothing before", async () => {
    const before = await booksNow(scope);
    const id = await saveOrder(scope, draft());
    expect(await orderView(scope, id)).toMatchObject({ standing: "draft", number: null });
    expect(await onOrder()).toEqual({ mug: [4n, 0n], cloth: [0n, 0n] });
    const placed = await placeOrder(scope, { ...(await now(id)), on: "2026-02-01" });
    expect(placed.number).toBe("PO-2026-0001");
    expect(await onOrder()).toEqual({ mug: [4n, 10n], cloth: [0n, 250n] });
    expect(await booksNow(scope)).toEqual(before);

    const { purchase: made } = await came(id, [{ item: "mug", qty: "6", amount: "7.20" }]);
    expect(await orderView(scope, id)).toMatchObject({ standing: "part", purchases: [{ amountMinor: 720n }] });
    expect(await onOrder()).toEqual({ mug: [10n, 4n], cloth: [0n, 250n] });
    await proved(scope);
    // Its details are put right later: one fewer came than was said.
    await give(scope, [purchase(made, "2026-02-20", [["mug", 5n, 720n]])]);
    expect(await onOrder()).toEqual({ mug: [9n, 5n], cloth: [0n, 250n] });
    await give(scope, [purchase(made, "2026-02-20", [["mug", 6n, 720n]])]);
    expect(await onOrder()).toEqual({ mug: [10n, 4n], cloth: [0n, 250n] });

    // Shipping and tax are more than the lines: they wait for their details.
    const rest = await came(
      id,
      [
        { item: "mug", qty: "4", amount: "4.80" },
        { item: "cloth", qty: "2.5", amount: "20" },
      ],
      "30.00",
    );
    expect(await orderView(scope, id)).toMatchObject({ standing: "received", isLate: false });
    expect(await onOrder()).toEqual({ mug: [14n, 0n], cloth: [250n, 0n] });
    const { on_hand } = await resultOf(scope);
    expect(on_hand.length).toBe(2);
    await proved(scope);

    // A purchase that is taken back is on order again.
    await takeBackPurchase(scope, { purchase: rest.purchase });
    expect(await onOrder()).toEqual({ mug: [10n, 4n], cloth: [0n, 250n] });
    await takeBackPurchase(scope, { purchase: made });
    expect(await orderView(scope, id)).toMatchObject({ standing: "ordered", purchases: [] });
    expect((await booksNow(scope)).on_hand).toEqual(before.on_hand);
    await proved(scope);
  });

  it("is refused where it cannot be meant, at its field", async () => {
    const wrong = (over: Partial<OrderInput>) => refused(saveOrder(scope, draft(over)));
    expect(await wrong({ lines: [] })).toMatchObject({ field: "lines.0.item" });
    expect(await wrong({ lines: [{ row: 3, item: "nothing", qty: "1", amount: "" }] })).toMatchObject({
      code: "unknown_id",
      field: "lines.3.item",
    });
    expect(await wrong({ lines: [{ row: 0, item: "mug", qty: "1.5", amount: "" }] })).toMatchObject({
      field: "lines.0.qty",
    });
    expect(await wrong({ lines: [{ row: 0, item: "mug", qty: "1", amount: "-3" }] })).toMatchObject({
      field: "lines.0.amount",
    });
    expect(await wrong({ location: "nowhere" })).toMatchObject({ field: "location" });
    const id = await ordered();
    const take = (qty: string, amount: string, paid = "") => refused(came(id, [{ item: "mug", qty, amount }], paid));
    expect(await take("11", "5")).toMatchObject({ code: "does_not_fit", field: "qty.0" });
    expect(await take("1", "")).toMatchObject({ code: "field_missing", field: "amount.0" });
    expect(await take("", "")).toMatchObject({ code: "field_missing", field: "qty.0" });
    expect(await take("1", "5", "4")).toMatchObject({ code: "over_allocated", field: "paid" });
    expect(
      await refused(
        receiveOrder(scope, {
          ...(await now(id)),
          on: "2026-02-20",
          account: "4000",
          paid: "",
          items: [{ row: 0, item: "mug", qty: "1", amount: "1" }],
        }),
      ),
    ).toMatchObject({ field: "account" });
    const seen = await now(id);
    await came(id, [{ item: "mug", qty: "1", amount: "1" }]);
    expect(await refused(endOrder(scope, seen))).toMatchObject({ code: "stale" });
    expect(await refused(takeBackOrder(scope, await now(id)))).toMatchObject({ code: "in_use" });
    expect(await refused(orderView(other, id))).toMatchObject({ code: "not_found" });
    await proved(scope);
  });

  it("is cancelled, ended and put on order again; its number stays and none is missing", async () => {
    const id = await ordered();
    expect(await endOrder(scope, await now(id))).toMatchObject({ state: "cancelled", number: "PO-2026-0001" });
    expect(await onOrder()).toMatchObject({ mug: [4n, 0n] });
    expect(await takeBackOrder(scope, await now(id))).toMatchObject({ state: "ordered" });
    expect(await takeBackOrder(scope, await now(id))).toMatchObject({ state: "draft" });
    expect(await placeOrder(scope, { ...(await now(id)), on: "2026-02-02" })).toMatchObject({ number: "PO-2026-0001" });
    await came(id, [{ item: "mug", qty: "1", amount: "1" }]);
    expect(await endOrder(scope, await now(id))).toMatchObject({ state: "closed" });
    expect(await onOrder()).toMatchObject({ mug: [5n, 0n] });
    expect(await takeBackOrder(scope, await now(id))).toMatchObject({ state: "ordered" });
    expect(await onOrder()).toMatchObject({ mug: [5n, 9n] });
    await ordered({ supplier: "Other" });
    const { rows } = await orderRows(scope);
    expect(rows.map(({ number, standing }) => [number, standing])).toEqual([
      ["PO-2026-0001", "part"],
      ["PO-2026-0002", "ordered"],
    ]);
    expect(rows.every(({ isLate }) => isLate)).toBe(true);
    expect((await orderRows(scope, { words: "other" })).rows.map(({ number }) => number)).toEqual(["PO-2026-0002"]);
    expect((await orderRows(scope, { state: "late", words: "cl" })).rows).toHaveLength(2);
    expect((await orderRows(scope, { state: "draft" })).rows).toEqual([]);
    await proved(scope);
  });

  it("is taken off what is to buy again, and stands on paper", async () => {
    await saveMinimums(scope, { location: "main", items: [{ item: "mug", minimum: "10", target: "20" }] });
    expect((await buyAgain(scope)).rows).toMatchObject([{ item: "mug", qty: 4n, buy: 16n, onOrder: 0n }]);
    const id = await ordered();
    expect((await buyAgain(scope)).rows).toMatchObject([{ item: "mug", buy: 6n, onOrder: 10n }]);
    const paper = await paperOf(scope, "purchase_order", id);
    expect(paper).toMatchObject({ title: "Purchase order", number: "PO-2026-0001", mark: null });
    expect(paper.lines).toHaveLength(2);
    // The cloth's cost is not known: there is no total.
    expect(paper.sums).toEqual([]);
  });
});
