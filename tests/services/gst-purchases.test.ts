/** The tax of purchases in the accounts: said, corrected, taken back and out, with what went back to suppliers. */
import type postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, it, test } from "vitest";
import { closeDatabase } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import { addCost } from "../../lib/desk/costs";
import { purchasesToTax } from "../../lib/desk/gst-purchase-reads";
import {
  dropPurchaseTax,
  savePurchaseTax,
  type TypedPurchaseTax,
  takeBackPurchaseTax,
} from "../../lib/desk/gst-purchases";
import { gstr1View, gstr3bView } from "../../lib/desk/gst-reads";
import { saveOperator } from "../../lib/desk/gst-settings";
import { placedTypes, placeType } from "../../lib/desk/placed-types";
import { recordPurchase, saveDetails } from "../../lib/desk/purchases";
import { type As, addByHand, sortAs } from "../../lib/desk/transactions";
import type { Scope } from "../../lib/people/access";
import { MovesCosts } from "../../lib/preview";
import { purchaseDetails } from "../../lib/stock/purchase-reads";
import { anIndianShop, april, gstin, issueAll, theirs } from "../support/india";
import { openRaces } from "../support/races";
import { give, item, order, proved, purchase, refused } from "../support/trading";

let owner: postgres.Sql;
let scope: Scope;
beforeAll(async () => {
  owner = await openRaces();
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});
beforeEach(async () => {
  scope = await anIndianShop();
});

/** The invoice of a purchase from another state: 423.73 and 76.27 of IGST, 500.00 in all. */
const tax = (more: Partial<TypedPurchaseTax> = {}): TypedPurchaseTax => ({
  purchase: "p2",
  number: "S-9",
  supplier: theirs,
  nature: "taxable",
  isImport: false,
  isReverseCharge: false,
  isBlocked: false,
  taxable: "423.73",
  igst: "76.27",
  cgst: "",
  sgst: "",
  cess: "",
  ...more,
});
const goesBack = (id: string, date: string, lines: readonly (readonly [line: string, qty: bigint, amount: bigint])[]) =>
  give(scope, [
    {
      kind: "purchase_return",
      id,
      date,
      purchase: lines[0]?.[0].slice(0, 2) ?? "",
      lines: lines.map(([line, qty, amount], i) => ({ id: `${id}-${i}`, line, qty, amount })),
    },
  ]);

/** What stands on the accounts of stock and of input tax, and on what was bought with: debits less credits. */
const standing = async () =>
  Object.fromEntries(
    (
      await owner<{ code: string; amount: string }[]>`
        select code, sum(debit_minor - credit_minor)::text as amount from account_months where business_id = ${scope.businessId}
          and code in ('1200', '1221', '1222', '1223', '5000', '5110') group by code having sum(debit_minor - credit_minor) <> 0`
    ).map(({ code, amount }) => [code, BigInt(amount)]),
  );
const lines = async (id: string) => (await purchaseDetails(scope, id)).lines.map(({ costMinor }) => costMinor);
const besideOf = async () =>
  (await gstr3bView(scope, gstin, april)).beside.taxes.map(({ books, documents }) => [books, documents]);

test("the tax of a purchase leaves the cost of its goods, after a look at what that moves, and comes back", async () => {
  const before = await standing();
  expect(before).toEqual({ "1200": 150_000n - 3n * 5_000n + 5_000n - 10_000n, "5000": 20_000n });
  // Its details hold the tax, and nobody said where.
  const held = await savePurchaseTax(scope, tax()).catch((error: unknown) => error);
  expect(held).toMatchObject({
    code: "over_allocated",
    message: "The details hold 76.27 of this tax. Say where, or lower the row of Book first.",
    detail: { field: "within", line: "p2-1" },
  });
  // One of the books is sold: what it cost moves, and is shown first.
  const asked = await savePurchaseTax(scope, tax(), "rows", "").catch((error: unknown) => error);
  expect(asked).toBeInstanceOf(MovesCosts);
  expect(await standing()).toEqual(before);
  const { changes, detail } = asked as MovesCosts;
  expect(changes?.sales.map(({ before: was, after }) => [was, after])).toEqual([[10_000n, 8_475n]]);
  const saved = await savePurchaseTax(scope, tax(), "rows", detail.seen ?? "");
  expect(await lines("p2")).toEqual([42_373n]);
  expect(await standing()).toEqual({ "1200": 123_898n, "1223": 7_627n, "5000": 18_475n });
  expect(await purchaseDetails(scope, "p2")).toMatchObject({ amountMinor: 42_373n, inputMinor: 7_627n, leftMinor: 0n });
  expect(await besideOf()).toEqual([
    [7_627n, 7_627n],
    [0n, 0n],
    [0n, 0n],
  ]);
  await proved(scope);

  await takeBackPurchaseTax(scope, saved);
  expect(await lines("p2")).toEqual([50_000n]);
  expect(await standing()).toEqual(before);
  expect((await purchasesToTax(scope, april)).map(({ tax: said }) => said)).toEqual([null]);
  expect(await refused(takeBackPurchaseTax(scope, saved))).toMatchObject({ code: "stale" });
  await proved(scope);
});

it("is corrected, taken out of an extra cost, and taken out again, when what was paid for it is still to detail", async () => {
  const id = await recordPurchase(scope, { on: "2026-04-05", supplier: "Mill", amount: 11_800n, account: "1000" });
  const own = tax({ purchase: id, taxable: "100", igst: "", cgst: "9", sgst: "9" });
  await savePurchaseTax(scope, own);
  expect(await standing()).toMatchObject({ "1221": 900n, "1222": 900n });
  expect(await purchaseDetails(scope, id)).toMatchObject({ amountMinor: 10_000n, leftMinor: 10_000n });
  const { version } = await purchaseDetails(scope, id);
  const line = { row: 0, line: null, item: "mug", name: "Mug", sku: "MUG", qty: "2", each: null, location: null };
  const details = {
    purchase: id,
    version,
    accepted: "unseen",
    lines: [{ ...line, all: 10_000n }],
    extras: [{ row: 0, label: "GST", amount: 1_800n }],
  };
  // What is set off is no cost any more, so there is no room for it.
  expect((await refused(saveDetails(scope, details))).code).toBe("over_allocated");
  await dropPurchaseTax(scope, { purchase: id });
  expect(await standing()).not.toMatchObject({ "1221": 900n });
  await saveDetails(scope, { ...details, version: (await purchaseDetails(scope, id)).version });
  expect(await lines(id)).toEqual([11_800n]);
  expect((await refused(savePurchaseTax(scope, own, "extra 1"))).code).toBe("over_allocated");
  const saved = await savePurchaseTax(scope, own, "extra 0");
  expect(await purchaseDetails(scope, id)).toMatchObject({ extras: [], leftMinor: 0n, inputMinor: 1_800n });
  await savePurchaseTax(scope, { ...own, cgst: "4.50", sgst: "4.50" });
  expect(await standing()).toMatchObject({ "1221": 450n, "1222": 450n });
  // Nothing of it may be set off: all of it is cost, of which the details say a part.
  await savePurchaseTax(scope, { ...own, isBlocked: true });
  expect(await purchaseDetails(scope, id)).toMatchObject({ amountMinor: 11_800n, leftMinor: 1_800n, inputMinor: 0n });
  const { cells } = (await gstr3bView(scope, gstin, april)).gstr3b;
  expect([cells["4A5"], cells["4B1"], cells["4C"]].map(({ amounts }) => amounts.cgst)).toEqual([900n, 900n, 0n]);
  expect(saved.before.details?.extras).toEqual([{ label: "GST", amount: "1800", by: "value" }]);
  await proved(scope);
});

it("says nothing of what is paid to the state: imports and reverse charge", async () => {
  const before = await standing();
  await savePurchaseTax(scope, tax({ isImport: true, taxable: "500" }));
  expect(await standing()).toEqual(before);
  await savePurchaseTax(scope, tax({ isReverseCharge: true, taxable: "500" }));
  expect(await standing()).toEqual(before);
  expect(await besideOf()).toEqual([
    [0n, 0n],
    [0n, 0n],
    [0n, 0n],
  ]);
  await proved(scope);
});

test("what goes back takes its part of the tax back, whichever is said first", async () => {
  await give(scope, [
    {
      kind: "purchase",
      id: "p3",
      date: "2026-04-06",
      amount: 11_801n,
      account: "1000",
      supplier: "Mill",
      lines: [
        { id: "p3-1", item: "mug", qty: 3n, amount: 5_000n, location: null },
        { id: "p3-2", item: "book", qty: 3n, amount: 5_001n, location: null },
      ],
      extras: [],
    },
  ]);
  await goesBack("p3r", "2026-04-10", [
    ["p3-1", 1n, 1_967n],
    ["p3-2", 1n, 1_967n],
  ]);
  await proved(scope);
  const without = await standing();
  await savePurchaseTax(scope, tax({ purchase: "p3", taxable: "100.01", igst: "", cgst: "9", sgst: "9" }));
  // 3,934 of 11,801 came back: 300 of each 900, rounded once; 150 for each of its two lines.
  expect(await standing()).toMatchObject({ "1221": 600n, "1222": 600n });
  expect((await standing())["1200"]).toBe(without["1200"] === undefined ? undefined : without["1200"] - 1_800n);
  expect(await besideOf()).toEqual([
    [0n, 0n],
    [600n, 600n],
    [600n, 600n],
  ]);
  await proved(scope);
  // A second return of the same purchase, and one that gives back more than was paid.
  await goesBack("p3s", "2026-04-11", [["p3-1", 1n, 20_000n]]);
  expect(await standing()).toMatchObject({ "1221": -300n, "1222": -300n });
  expect(await besideOf()).toEqual([
    [0n, 0n],
    [-300n, -300n],
    [-300n, -300n],
  ]);
  await proved(scope);
  await give(scope, [{ kind: "undo", of: "purchase_return", key: "purchase_return/p3s" }]);
  await savePurchaseTax(scope, tax({ purchase: "p3", taxable: "100.01", igst: "18" }));
  expect(await standing()).toMatchObject({ "1223": 1_200n });
  await dropPurchaseTax(scope, { purchase: "p3" });
  expect(await standing()).toEqual(without);
  await proved(scope);
});

it("counts on the first open day when the purchase's own is closed, which 3B says", async () => {
  await give(scope, [{ kind: "close", through: "2026-04-30" }]);
  await savePurchaseTax(scope, tax(), "rows", "unseen");
  expect(await besideOf()).toEqual([
    [0n, 7_627n],
    [0n, 0n],
    [0n, 0n],
  ]);
  const may = await gstr3bView(scope, gstin, { from: "2026-05-01", to: "2026-05-31" });
  expect(may.beside.taxes[0]).toEqual({ part: "igst", books: 7_627n, documents: 0n });
  await proved(scope);
});

test("a cost that is added from a part of a purchase leaves its tax where it is, and fits what is not tax", async () => {
  await give(scope, [item("tray", "Tray", "TRAY"), order("o4", "2026-04-06", [["Tray", 1n, 20_000n, "TRAY"]])]);
  const id = await recordPurchase(scope, { on: "2026-04-05", supplier: "Mill", amount: 11_800n, account: "1000" });
  await savePurchaseTax(scope, tax({ purchase: id, taxable: "100", igst: "18" }));
  const part = (amount: bigint) => addCost(scope, { line: "o4-1", how: { way: "part", purchase: id, amount } });
  expect((await refused(part(10_001n))).code).toBe("over_allocated");
  await part(9_000n);
  expect(await purchaseDetails(scope, id)).toMatchObject({ leftMinor: 1_000n, inputMinor: 1_800n });
  await proved(scope);
});

test("what was said before the accounts had it is counted, proved as not booked, and booked when it is saved again", async () => {
  await savePurchaseTax(scope, tax(), "rows", "unseen");
  await dropPurchaseTax(scope, { purchase: "p2" }, "unseen");
  await owner.begin(async (before) => {
    await before`set local session_replication_role = replica`;
    await before`insert into purchase_taxes (business_id, purchase_id, number, buyer, supplier, pos, nature, is_import, is_reverse_charge, is_blocked,
      is_booked, taxable_minor, igst_minor, cgst_minor, sgst_minor, cess_minor)
    values (${scope.businessId}, 'p2', 'S-9', ${gstin}, ${theirs}, '27', 'taxable', false, false, false, false, 42373, 7627, 0, 0, 0)`;
  });
  expect((await gstr3bView(scope, gstin, april)).beside).toMatchObject({ unbooked: 1 });
  expect(await besideOf()).toEqual([
    [0n, 7_627n],
    [0n, 0n],
    [0n, 0n],
  ]);
  await proved(scope);
  await savePurchaseTax(scope, tax());
  expect((await gstr3bView(scope, gstin, april)).beside).toMatchObject({ unbooked: 0 });
  expect(await besideOf()).toEqual([
    [7_627n, 7_627n],
    [0n, 0n],
    [0n, 0n],
  ]);
  await proved(scope);
});

it("is named by the proof where the invoice and the accounts part", async () => {
  await savePurchaseTax(scope, tax(), "rows", "unseen");
  await goesBack("p2r", "2026-04-25", [["p2-1", 1n, 10_000n]]);
  const found = async () =>
    (await verifyBooks(scope)).checks
      .filter(({ name }) => name.startsWith("What purchases put on input tax"))
      .flatMap(({ looked, findings }) => [looked, findings]);
  expect(await found()).toEqual([1, []]);
  await owner.begin(async (wrong) => {
    await wrong`set local session_replication_role = replica`;
    await wrong`update purchase_taxes set igst_minor = 7637 where business_id = ${scope.businessId}`;
  });
  expect(await found()).toEqual([
    1,
    [
      { what: "the input tax of cost p2r-0 on 1223 of 2026-04-25", expected: "-1527", found: "-1525" },
      { what: "the input tax of purchase p2 on 1223 of 2026-04-02", expected: "7637", found: "7627" },
    ],
  ]);
});

test("a bank line whose tax is set off is no other thing until the tax is taken out", async () => {
  const line = await addByHand(scope, { account: "1000", on: "2026-04-05", amount: -11_800n, payee: "Mill", memo: "" });
  const say = (as: As) => sortAs(scope, [{ id: line, version: null }], as);
  await say({ kind: "inventory" });
  const id = `transaction/${line}`;
  await savePurchaseTax(scope, tax({ purchase: id, taxable: "100", igst: "18" }));
  // The same again changes nothing: what was paid is still what the line says.
  await say({ kind: "inventory" });
  expect(await standing()).toMatchObject({ "1223": 1_800n });
  await proved(scope);
  expect((await refused(say({ kind: "category", code: "6160" }))).code).toBe("in_use");
  await dropPurchaseTax(scope, { purchase: id });
  await say({ kind: "category", code: "6160" });
  expect((await standing())["1223"]).toBeUndefined();
  await proved(scope);
});

test("what a marketplace collected is an asset, out of what it pays, once its rows are placed there", async () => {
  const charge = {
    kind: "charge",
    channel: "shop",
    category: "other",
    type: "TCS-IGST",
    order: null,
    memo: "",
  } as const;
  await saveOperator(scope, { channel: "shop", taxNumber: theirs, pays: false });
  await issueAll(scope);
  await give(scope, [{ ...charge, id: "tcs1", date: "2026-04-30", amount: -175n }]);
  expect((await gstr1View(scope, gstin, april)).tcsInBooks).toBe(0n);
  const { choices } = await placedTypes(scope, "shop");
  expect(choices.find(({ code }) => code === "1224")?.name).toBe("TCS collected by marketplaces");
  await placeType(scope, { channel: "shop", type: "TCS-IGST", code: "1224" });
  const { gstr1, tcsInBooks } = await gstr1View(scope, gstin, april);
  // Half a percent of 45,000 less 10,000 that came back.
  expect([tcsInBooks, gstr1.operators.map(({ tcs }) => tcs)]).toEqual([175n, [175n]]);
  await proved(scope);
});

test("a source's own new version, which knows of no tax, leaves it to be said again", async () => {
  await savePurchaseTax(scope, tax(), "rows", "unseen");
  await give(scope, [purchase("p2", "2026-04-02", [["book", 5n, 50_000n]])]);
  expect(await standing()).not.toHaveProperty("1223");
  expect((await purchasesToTax(scope, april)).map(({ tax: said }) => said?.isBooked)).toEqual([false]);
  expect((await gstr3bView(scope, gstin, april)).beside.unbooked).toBe(1);
  await proved(scope);
});
