/** Credit notes of returns whose sale is not in the books: in India with their own supply and rates, elsewhere as they are. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import type { Fact } from "../../lib/core/facts";
import { portalFile } from "../../lib/core/gst/portal";
import { gstr1View } from "../../lib/desk/gst-reads";
import { stockAgainstInvoices } from "../../lib/desk/gst-reconcile";
import { saveItemTax } from "../../lib/desk/gst-settings";
import { issuedOf, issuedView, standingOf } from "../../lib/desk/issued-reads";
import { cancelIssued, issueCreditNote } from "../../lib/desk/issuing";
import { issueLooseNote, type LooseNoteInput, returnsToNote } from "../../lib/desk/issuing-loose";
import type { Scope } from "../../lib/people/access";
import { looseReturn } from "../../lib/stock/item-ledger";
import { stockRecords } from "../../lib/stock/stock-record";
import { testDatabase } from "../support/database";
import { anIndianShop, april, gstin, issueAll, theirs } from "../support/india";
import { aShop, give, item, proved, refused } from "../support/trading";

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);

const back = (id: string, lines: readonly (readonly [item: string, qty: bigint, amount: bigint])[]): Fact => ({
  kind: "return",
  id,
  date: "2026-04-22",
  order: null,
  channel: "shop",
  lines: lines.map(([of, qty, amount], i) => ({
    id: `${id}-${i + 1}`,
    item: of,
    qty,
    amount,
    cost: 4_000n,
    location: null,
  })),
});
const nobody = { name: "", address: "", taxNumber: "" };
const none = { number: "", on: "", value: "" };

describe("in India", () => {
  let scope: Scope;
  beforeEach(async () => {
    scope = await anIndianShop();
    await give(scope, [
      back("w1", [
        ["mug", 1n, 11_800n],
        ["book", 1n, 5_000n],
      ]),
    ]);
  });
  const note = (more: Partial<LooseNoteInput> = {}) =>
    issueLooseNote(scope, { return: "w1", on: "2026-04-23", to: nobody, ...more });

  it("it has the rates of the products, takes away from B2CS, and is what the accounts have", async () => {
    expect(await returnsToNote(scope)).toEqual([
      { id: "w1", number: "w1", on: "2026-04-22", channel: "Etsy", amountMinor: 16_800n },
    ]);
    const issued = await note();
    expect(await returnsToNote(scope)).toEqual([]);
    const { body, parent } = await issuedView(scope, issued.id);
    expect(parent).toBe("return/w1");
    expect(body.sums).toEqual([
      ["Taxable value", "15000"],
      ["CGST", "900"],
      ["SGST", "900"],
      ["Credited", "16800"],
    ]);
    expect(body.about).toEqual([
      ["Returned", "2026-04-22"],
      ["Sold on", "Etsy"],
      ["Place of supply", "27 Maharashtra"],
    ]);
    const { gstr1, beside, issued: given, turnovers } = await gstr1View(scope, gstin, april);
    expect(gstr1.b2cs.map(({ pos, rate, amounts }) => [pos, rate, amounts.taxable, amounts.cgst])).toEqual([
      ["27", 1_800n, -10_000n, -900n],
    ]);
    expect(gstr1.nil).toMatchObject([{ kind: "INTRAB2C", exempt: -5_000n }]);
    expect(beside.taxes).toEqual([
      { part: "igst", books: 0n, documents: 0n },
      { part: "cgst", books: -900n, documents: -900n },
      { part: "sgst", books: -900n, documents: -900n },
    ]);
    expect(JSON.parse(portalFile(gstr1, given, turnovers))).toMatchObject({ b2cs: [{ txval: -100 }] });
    await proved(scope);
    // It stands, so no second one is issued; cancelled, another may be.
    expect((await refused(note())).code).toBe("in_use");
    await cancelIssued(scope, { id: issued.id, why: "Wrong state" });
    expect((await returnsToNote(scope)).map(({ id }) => id)).toEqual(["w1"]);
    await note({ supply: { pos: "29", supply: "regular" } });
    expect((await issuedOf(scope, "return/w1")).map(({ why }) => why)).toEqual(["Wrong state", null]);
    const again = await gstr1View(scope, gstin, april);
    expect(again.gstr1.b2cs.map(({ pos, amounts }) => [pos, amounts.igst])).toEqual([["29", -1_800n]]);
    await proved(scope);
  });

  it("it is in CDNR with the buyer's registration, in CDNUR when the invoice was large or an export", async () => {
    const one = await note({ to: { ...nobody, name: "Ada", taxNumber: theirs } });
    expect((await gstr1View(scope, gstin, april)).gstr1.cdnr.map(({ document }) => document.id)).toEqual([one.id]);
    await cancelIssued(scope, { id: one.id, why: "Not registered" });
    const of = { number: "OLD/77", on: "2026-03-30", value: "1,00,000.01" };
    const two = await note({ supply: { pos: "29", supply: "regular" }, of });
    const large = (await gstr1View(scope, gstin, april)).gstr1;
    expect(large.cdnur.map(({ document }) => [document.id, document.of])).toEqual([
      [two.id, { number: "OLD/77", on: "2026-03-30", value: 10_000_001n }],
    ]);
    expect(large.b2cs).toEqual([]);
    expect((await issuedView(scope, two.id)).body.about.slice(0, 2)).toEqual([
      ["Of invoice", "OLD/77"],
      ["Invoice of", "2026-03-30"],
    ]);
    await cancelIssued(scope, { id: two.id, why: "An export" });
    const three = await note({ supply: { pos: "", supply: "export_without" } });
    const exported = (await gstr1View(scope, gstin, april)).gstr1;
    expect(exported.cdnur.map(({ document }) => [document.id, document.lines.map(({ igst }) => igst)])).toEqual([
      [three.id, [0n, 0n]],
    ]);
    await proved(scope);
  });

  it("it is at the rates of the day of the invoice that is told", async () => {
    const mug = { item: "mug", hsn: "6912", uqc: "NOS", nature: "taxable" };
    await saveItemTax(scope, { ...mug, rate: "5", from: "2026-03-01" });
    const { id } = await note({ of: { number: "OLD/1", on: "2026-03-15", value: "500" } });
    expect((await issuedView(scope, id)).body.sums[1]).toEqual(["CGST", "281"]);
    await proved(scope);
  });

  it("it refuses what does not fit, at its field", async () => {
    const to = { ...nobody, address: "4 Brigade Road" };
    expect(await refused(note({ to }))).toEqual({ code: "field_missing", field: "pos" });
    expect(await refused(note({ of: { ...none, number: "OLD/1" } }))).toEqual({ code: "field_missing", field: "ofOn" });
    expect(await refused(note({ of: { number: "OLD/1", on: "2026-03-15", value: "0" } }))).toEqual({
      code: "out_of_range",
      field: "ofValue",
    });
    expect(await refused(note({ of: { number: "OLD/1", on: "2026-04-23", value: "5" } }))).toEqual({
      code: "bad_date",
      field: "ofOn",
    });
    expect(await refused(note({ on: "2026-04-21" }))).toEqual({ code: "bad_date", field: "on" });
    expect((await refused(note({ return: "r1" }))).code).toBe("not_found");
    expect((await refused(note({ return: "none" }))).code).toBe("not_found");
    // A return of an order names its invoice, as before.
    expect((await refused(issueCreditNote(scope, { return: "w1", on: null }))).code).toBe("not_found");
    expect(await looseReturn(scope, "r1")).toBeNull();
    await proved(scope);
  });

  it("stock against invoices finds it, and the stock record has what came back", async () => {
    await issueAll(scope);
    const before = await stockAgainstInvoices(scope, april);
    expect(before.rows.flatMap(({ explained }) => explained.map(({ cause }) => cause))).toEqual([
      "not_issued",
      "not_issued",
    ]);
    await note();
    const { rows } = await stockAgainstInvoices(scope, april);
    expect(rows.flatMap(({ explained }) => explained)).toEqual([]);
    const records = (await stockRecords(scope, { period: april })).rows;
    expect(records.find(({ id }) => id === "mug")).toMatchObject({ returned: 2n });
    expect(records.find(({ id }) => id === "book")).toMatchObject({ returned: 1n });
    await proved(scope);
  });
});

describe("elsewhere", () => {
  it("it is a note without taxes, of the return itself", async () => {
    const scope = await aShop("Elsewhere");
    await give(scope, [item("mug", "Mug", "MUG"), back("w1", [["mug", 2n, 3_000n]])]);
    const issued = await issueLooseNote(scope, {
      return: "w1",
      on: "2026-04-23",
      to: { ...nobody, name: "Ada" },
      of: { number: "17", on: "2026-04-01", value: "30" },
    });
    const { body, party, kind } = await issuedView(scope, issued.id);
    expect([kind, party.name, body.sums, body.lines.map(({ name, qty }) => [name, qty])]).toEqual([
      "credit_note",
      "Ada",
      [["Credited", "3000"]],
      [["Mug", "2"]],
    ]);
    expect((await standingOf(scope, ["return/w1"])).get("return/w1")?.number).toBe(issued.number);
    expect(await looseReturn(scope, "w1")).toMatchObject({ note: "Etsy", lines: [{ qty: 2n, amountMinor: 3_000n }] });
    await proved(scope);
  });
});
