/** GST of a business in India: taxes as issued, the returns from them, stock against invoices, and the stock record. */
import type postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from "vitest";
import { closeDatabase } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import { amountsOf, counted } from "../../lib/core/gst/document";
import { totalOf } from "../../lib/core/gst/gstr1";
import { portalFile } from "../../lib/core/gst/portal";
import { taxSum } from "../../lib/core/gst/tax";
import { recordAdjustment } from "../../lib/desk/adjustments";
import { itemsWithTaxes } from "../../lib/desk/gst-items";
import { purchasesToTax } from "../../lib/desk/gst-purchase-reads";
import { savePurchaseTax } from "../../lib/desk/gst-purchases";
import { gstr1View, gstr3bView, registrationsOf } from "../../lib/desk/gst-reads";
import { stockAgainstInvoices } from "../../lib/desk/gst-reconcile";
import {
  gstSettingsOf,
  itemTaxesOf,
  operatorsOf,
  saveGstSettings,
  saveItemTax,
  saveOperator,
} from "../../lib/desk/gst-settings";
import { issuedView } from "../../lib/desk/issued-reads";
import { cancelIssued, issueCreditNote, issueInvoice } from "../../lib/desk/issuing";
import { saveLetterhead } from "../../lib/desk/letterhead";
import { fileAtOnce } from "../../lib/exports/made";
import type { Scope } from "../../lib/people/access";
import { stockRecords } from "../../lib/stock/stock-record";
import { input } from "../support/adjusting";
import { anIndianShop, april, gstin, issueAll, theirs } from "../support/india";
import { openRaces, outcomes, times } from "../support/races";
import { aShop, give, order, proved, refused } from "../support/trading";

const nobody = { name: "", address: "", taxNumber: "" };

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

describe("what a business says", () => {
  it("is kept, and refused at its field", async () => {
    expect(await gstSettingsOf(scope)).toEqual({ gstin, isWithin: false, turnoverMinor: 120_000_000n });
    expect(await registrationsOf(scope)).toEqual([gstin]);
    const one = { item: "mug", from: "2026-04-01", hsn: "6912", uqc: "NOS", nature: "taxable", rate: "18" };
    expect(await refused(saveItemTax(scope, { ...one, hsn: "691" }))).toEqual({ code: "bad_field", field: "hsn" });
    expect(await refused(saveItemTax(scope, { ...one, uqc: "XYZ" }))).toEqual({ code: "bad_field", field: "uqc" });
    expect((await refused(saveItemTax(scope, { ...one, rate: "180" }))).code).toBe("bad_number");
    expect((await refused(saveItemTax(scope, { ...one, from: "2017-06-30" }))).code).toBe("bad_date");
    expect((await refused(saveItemTax(scope, { ...one, item: "none" }))).code).toBe("not_found");
    await saveItemTax(scope, { ...one, from: "2026-05-01", rate: "5" });
    expect((await itemTaxesOf(scope, "mug")).map(({ from, rate }) => [from, rate])).toEqual([
      ["2026-05-01", 500n],
      ["2026-04-01", 1_800n],
    ]);
    expect((await itemsWithTaxes(scope, "mug")).items).toBe(1);
    await saveOperator(scope, { channel: "shop", taxNumber: theirs, pays: false });
    expect(await operatorsOf(scope)).toEqual([{ channel: "shop", name: "Etsy", gstin: theirs, pays: false }]);
    await saveOperator(scope, { channel: "shop", taxNumber: "", pays: false });
    expect((await operatorsOf(scope))[0]?.gstin).toBe("");
    await proved(scope);
  });

  it("is nothing for a business elsewhere", async () => {
    const other = await aShop("Elsewhere");
    expect((await refused(gstSettingsOf(other))).code).toBe("not_found");
    expect((await refused(registrationsOf(other))).code).toBe("not_found");
    expect(
      (await refused(fileAtOnce(other, { report: "gst", format: "csv", asked: { gst: "stock", period: april } }))).code,
    ).toBe("not_found");
  });
});

describe("an invoice", () => {
  it("has its taxes by where it goes to, on the paper and in the tables, and nobody changes them", async () => {
    const { first, second, note } = await issueAll(scope);
    expect((await issuedView(scope, first.id)).body.sums).toEqual([
      ["Taxable value", "20000"],
      ["IGST", "3600"],
      ["Total", "23600"],
    ]);
    expect((await issuedView(scope, second.id)).body.sums).toEqual([
      ["Taxable value", "25000"],
      ["CGST", "900"],
      ["SGST", "900"],
      ["Total", "26800"],
    ]);
    expect((await issuedView(scope, note.id)).body.sums).toEqual([
      ["Taxable value", "10000"],
      ["IGST", "1800"],
      ["Credited", "11800"],
    ]);
    const may = await owner<{ may: string }[]>`
      select string_agg(privilege_type, ' ' order by privilege_type) as may from information_schema.role_table_grants
      where grantee = 'lotbook_app' and table_name in ('issued_taxes', 'issued_tax_lines') group by table_name`;
    expect(may.map((row) => row.may)).toEqual(["INSERT SELECT", "INSERT SELECT"]);
    await proved(scope);
  });

  it("keeps the rate of its day", async () => {
    const { first } = await issueAll(scope);
    await saveItemTax(scope, {
      item: "mug",
      from: "2026-04-01",
      hsn: "6912",
      uqc: "NOS",
      nature: "taxable",
      rate: "5",
    });
    const { gstr1 } = await gstr1View(scope, gstin, april);
    expect(gstr1.b2b.map(({ document, rates }) => [document.id, rates.map(({ rate }) => rate)])).toEqual([
      [first.id, [1_800n]],
    ]);
  });

  it("of an export or an SEZ says so, and is refused where it does not fit", async () => {
    const asked = (pos: string, supply: string, taxNumber = "") =>
      issueInvoice(scope, { order: "o1", on: "2026-04-03", to: { ...nobody, taxNumber }, supply: { pos, supply } });
    expect(await refused(asked("99", "regular"))).toEqual({ code: "bad_field", field: "pos" });
    expect(await refused(asked("29", "gift"))).toEqual({ code: "bad_field", field: "supply" });
    expect(await refused(asked("29", "sez_with"))).toEqual({ code: "field_missing", field: "taxNumber" });
    const to = { ...nobody, address: "4 Brigade Road\nBengaluru" };
    expect(await refused(issueInvoice(scope, { order: "o1", on: "2026-04-03", to }))).toEqual({
      code: "field_missing",
      field: "pos",
    });
    await asked("", "export_with");
    const { gstr1 } = await gstr1View(scope, gstin, april);
    expect(gstr1.exp.map(({ document }) => document.pos)).toEqual(["96"]);
  });
});

test("GSTR-1 comes to what the accounts have, in its tables and in the portal's file", async () => {
  await issueAll(scope);
  const { gstr1, issued, turnovers, problems, beside } = await gstr1View(scope, gstin, april);
  expect(gstr1.b2b).toHaveLength(1);
  expect(gstr1.cdnr).toHaveLength(1);
  expect(gstr1.b2cs.map(({ pos, rate, amounts }) => [pos, rate, amounts.taxable])).toEqual([["27", 1_800n, 10_000n]]);
  expect(gstr1.nil).toMatchObject([{ kind: "INTRAB2C", exempt: 15_000n }]);
  expect(problems).toEqual({ withoutHsn: [], offRate: [], untaxed: 0 });
  // Orders 23,600 + 26,800 less the refund of 11,800, as posted and as issued.
  expect(beside).toEqual({
    books: 38_600n,
    documents: 38_600n,
    taxes: [
      { part: "igst", books: 1_800n, documents: 1_800n },
      { part: "cgst", books: 900n, documents: 900n },
      { part: "sgst", books: 900n, documents: 900n },
    ],
  });
  const total = totalOf(gstr1);
  expect(total.taxable + taxSum(total) + 15_000n).toBe(beside.books);
  expect(turnovers).toEqual({ before: 120_000_000n, current: 45_000n });
  expect(issued.map(({ kind, ranges }) => [kind, ranges.map(({ total: n }) => n)])).toEqual([
    ["invoice", [2n]],
    ["credit_note", [1n]],
  ]);
  const file = JSON.parse(portalFile(gstr1, issued, turnovers)) as Record<string, unknown>;
  expect(file).toMatchObject({ gstin, fp: "042026", b2b: [{ ctin: theirs, inv: [{ val: 236, pos: "29" }] }] });
  for (const gst of ["gstr1", "hsn", "gstr3b"] as const) {
    const made = await fileAtOnce(scope, {
      report: "gst",
      format: "csv",
      asked: { gst, seller: gstin, period: april },
    });
    expect(new TextDecoder().decode(made.bytes)).toContain("Taxable value");
  }
});

test("a document from before the registration is counted as missing", async () => {
  await saveLetterhead(scope, { legalName: "Chai Cups LLP", address: "Pune", taxNumber: "", foot: "" });
  await issueInvoice(scope, { order: "o1", on: "2026-04-03", to: nobody });
  await saveLetterhead(scope, { legalName: "Chai Cups LLP", address: "Pune", taxNumber: gstin, foot: "" });
  expect((await gstr1View(scope, gstin, april)).problems.untaxed).toBe(1);
});

test("GSTR-3B has each figure with its documents, purchases and what went back to suppliers among them", async () => {
  await issueAll(scope);
  const tax = {
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
  };
  expect(await refused(savePurchaseTax(scope, { ...tax, igst: "76.28" }))).toEqual({
    code: "out_of_range",
    field: "taxable",
  });
  expect(await refused(savePurchaseTax(scope, { ...tax, cgst: "1" }))).toEqual({ code: "bad_number", field: "sgst" });
  await savePurchaseTax(scope, tax, "rows");
  await give(scope, [
    {
      kind: "purchase_return",
      id: "pr1",
      date: "2026-04-25",
      purchase: "p2",
      lines: [{ id: "pr1-1", line: "p2-1", qty: 1n, amount: 10_000n }],
    },
  ]);
  expect((await purchasesToTax(scope, april)).map(({ id, tax: said }) => [id, said?.number])).toEqual([["p2", "S-9"]]);
  const { gstr3b, outward } = await gstr3bView(scope, gstin, april);
  const { cells } = gstr3b;
  expect(cells["3.1a"].amounts).toEqual(outward);
  expect(cells["3.1c"].amounts.taxable).toBe(15_000n);
  expect(cells["4A5"].sources.map(({ document, amounts }) => [document, amounts.igst])).toEqual([
    ["purchase/p2", 7_627n],
    ["purchase_return/pr1", -1_525n],
  ]);
  expect(cells["4C"].amounts.igst).toBe(6_102n);
  await proved(scope);
});

test("stock against invoices names the sale without one, the cancelled one and the return in another month", async () => {
  const { rows: none } = await stockAgainstInvoices(scope, april);
  expect(none.flatMap(({ explained }) => explained.map(({ cause }) => cause))).toEqual([
    "not_issued",
    "not_issued",
    "not_issued",
    "not_issued",
  ]);
  const { second } = await issueAll(scope);
  const all = await stockAgainstInvoices(scope, april);
  expect(all.rows.flatMap(({ explained }) => explained)).toEqual([]);
  expect(all.codes.map(({ hsn, out, back }) => [hsn, out.moved, out.reported, back.moved, back.reported])).toEqual([
    ["4901", 1n, 1n, 0n, 0n],
    ["6912", 3n, 3n, 1n, 1n],
  ]);
  await cancelIssued(scope, { id: second.id, why: "Wrong buyer" });
  const cancelled = await stockAgainstInvoices(scope, april);
  expect(cancelled.rows.flatMap(({ explained }) => explained.map(({ cause, order: of }) => [cause, of]))).toEqual([
    ["cancelled", "N-o2"],
    ["cancelled", "N-o2"],
  ]);
  await issueInvoice(scope, { order: "o2", on: "2026-05-02", to: nobody });
  const later = await stockAgainstInvoices(scope, april);
  expect(later.rows.flatMap(({ explained }) => explained.map(({ cause }) => cause))).toEqual([
    "issued_other_period",
    "issued_other_period",
  ]);
});

test("the stock record adds up to what is on hand, with what was lost and given away", async () => {
  await recordAdjustment(scope, input({ on: "2026-04-10", reason: "lost", lines: [["mug", "1"]] }));
  await recordAdjustment(scope, input({ on: "2026-04-11", reason: "gift", lines: [["mug", "2"]] }));
  const { rows } = await stockRecords(scope, { period: april });
  const mug = rows.find(({ id }) => id === "mug");
  expect(mug).toMatchObject({ opening: 20n, receipt: 0n, supply: 3n, returned: 1n, lost: 1n, gift: 2n, balance: 15n });
  expect(rows.find(({ id }) => id === "book")).toMatchObject({ opening: 0n, receipt: 5n, supply: 1n, balance: 4n });
  await proved(scope);
});

test("what one document counts in the return is what its lines say", async () => {
  await issueAll(scope);
  const { gstr1 } = await gstr1View(scope, gstin, april);
  const [note] = gstr1.cdnr;
  expect(note === undefined ? null : counted("credit_note", amountsOf(note.document.lines)).igst).toBe(-1_800n);
});

describe("the taxes of invoices and notes in the accounts", () => {
  /** What stands on the accounts of tax, on sales and on refunds: credits less debits. */
  const standing = async () =>
    Object.fromEntries(
      (
        await owner<{ code: string; amount: string }[]>`
          select code, sum(credit_minor - debit_minor)::text as amount from account_months where business_id = ${scope.businessId}
            and code in ('2200', '2210', '2221', '2222', '2223', '4000', '4090') group by code having sum(credit_minor - debit_minor) <> 0`
      ).map(({ code, amount }) => [code, BigInt(amount)]),
    );

  it("go to their own when a paper is issued, come to GSTR-1 and 3B, and go back when it is cancelled", async () => {
    expect(await standing()).toEqual({ "2200": 5_400n, "4000": 45_000n, "4090": -11_800n });
    const { second, note } = await issueAll(scope);
    expect(await standing()).toEqual({ "2221": 900n, "2222": 900n, "2223": 1_800n, "4000": 45_000n, "4090": -10_000n });
    const { gstr3b } = await gstr3bView(scope, gstin, april);
    expect(gstr3b.cells["3.1a"].amounts).toMatchObject({ igst: 1_800n, cgst: 900n, sgst: 900n });
    await proved(scope);
    await cancelIssued(scope, { id: second.id, why: "Wrong buyer" });
    await cancelIssued(scope, { id: note.id, why: "Wrong day" });
    expect(await standing()).toEqual({ "2200": 1_800n, "2223": 3_600n, "4000": 45_000n, "4090": -11_800n });
    const { beside } = await gstr1View(scope, gstin, april);
    expect(beside.taxes.map(({ books, documents }) => [books, documents])).toEqual([
      [3_600n, 3_600n],
      [0n, 0n],
      [0n, 0n],
    ]);
    const memos = await owner<{ memo: string }[]>`select memo from journal_entries
      where business_id = ${scope.businessId} and document_kind = 'issued' and is_correction order by entry_no`;
    expect(memos.map(({ memo }) => memo)).toEqual([`Correction of ${second.number}`, `Correction of ${note.number}`]);
    await proved(scope);
  });

  it("of a refund that says its tax are taken from where it gave it back, and once", async () => {
    const lines = [{ id: "r2-1", line: "o2-1", qty: 1n, amount: 10_000n, restock: true, writeOff: false }];
    const placed = lines.map((one) => ({ ...one, location: null, placed: true }));
    await give(scope, [{ kind: "return", id: "r2", date: "2026-04-21", order: "o2", tax: 1_800n, lines: placed }]);
    expect(await standing()).toEqual({ "2200": 3_600n, "4000": 45_000n, "4090": -21_800n });
    await issueAll(scope);
    await issueCreditNote(scope, { return: "r2", on: "2026-04-21" });
    // The order's tax came to 2221 and 2222 and goes back from there; 2200 is as empty as before, and 4090 has the goods alone.
    expect(await standing()).toEqual({ "2223": 1_800n, "4000": 45_000n, "4090": -20_000n });
    await proved(scope);
  });

  it("come out of prices that hold them", async () => {
    await saveGstSettings(scope, { isWithin: true, turnover: "" });
    await give(scope, [order("o3", "2026-04-06", [["Mug", 1n, 11_800n, "MUG"]])]);
    await issueInvoice(scope, { order: "o3", on: "2026-04-06", to: nobody });
    expect(await standing()).toMatchObject({ "2221": 900n, "2222": 900n, "4000": 55_000n });
    await proved(scope);
  });

  it("are not posted where the operator pays them", async () => {
    await saveOperator(scope, { channel: "shop", taxNumber: theirs, pays: true });
    await issueAll(scope);
    expect(await standing()).toEqual({ "2200": 5_400n, "4000": 45_000n, "4090": -11_800n });
    await proved(scope);
  });

  it("count on the first open day when the paper's own is closed, and stay with the paper when its order changes", async () => {
    await give(scope, [{ kind: "close", through: "2026-04-30" }]);
    const first = await issueInvoice(scope, { order: "o1", on: "2026-04-03", to: nobody });
    const posted = await owner<
      { posted: string; memo: string }[]
    >`select posted_on::text as posted, memo from journal_entries
      where business_id = ${scope.businessId} and document_kind = 'issued' and document_id = ${first.id}`;
    expect(posted.map((row) => ({ ...row }))).toEqual([
      {
        posted: "2026-05-01",
        memo: `GST of ${first.number}. For ${first.number} of 2026-04-03: recorded after its period was closed`,
      },
    ]);
    await give(scope, [order("o1", "2026-04-03", [["Mug", 2n, 30_000n, "MUG"]], { tax: 5_400n, taxBy: "seller" })]);
    expect(await standing()).toMatchObject({ "2200": 3_600n, "2221": 1_800n, "2222": 1_800n });
    await proved(scope);
  });

  it("are posted once when a paper is issued, its order changed and another paper cancelled at once", async () => {
    const second = await issueInvoice(scope, { order: "o2", on: "2026-04-04", to: nobody });
    const again = order("o1", "2026-04-03", [["Mug", 2n, 20_000n, "MUG"]], { tax: 3_600n, taxBy: "seller" });
    const ended = await outcomes([
      ...times(4, () => issueInvoice(scope, { order: "o1", on: "2026-04-03", to: nobody })),
      ...times(3, (i) => give(scope, [{ ...again, discount: BigInt(i + 1) * 100n }])),
      ...times(3, () => cancelIssued(scope, { id: second.id, why: "Wrong buyer" })),
    ]);
    expect(ended).toEqual({ done: 5, in_use: 3, stale: 2 });
    const posted = await standing();
    expect([posted["2221"], posted["2222"], posted["2223"]]).toEqual([1_800n, 1_800n, undefined]);
    await proved(scope);
  });

  it("are named by the proof where a line or what is posted is another", async () => {
    const { first, second } = await issueAll(scope);
    const found = async () =>
      (await verifyBooks(scope)).checks
        .filter(({ name }) => /invoice and note|invoice's or note's/.test(name))
        .map(({ looked, findings }) => [looked, findings]);
    expect(await found()).toEqual([
      [3, []],
      [3, []],
    ]);
    await owner.begin(async (wrong) => {
      await wrong`set local session_replication_role = replica`;
      await wrong`update issued_tax_lines set igst_minor = igst_minor - 1 where business_id = ${scope.businessId} and document_id = ${first.id}`;
      await wrong`update issued_taxes set rest_minor = 1 where business_id = ${scope.businessId} and document_id = ${second.id}`;
    });
    const on = "of 2026-04-03";
    expect(await found()).toEqual([
      [
        3,
        [
          { what: `the lines of ${first.number} and what is not divided`, expected: "23600", found: "23599" },
          { what: `the lines of ${second.number} and what is not divided`, expected: "26800", found: "26801" },
        ],
      ],
      [
        3,
        [
          { what: `the taxes of ${first.number} on 2200 ${on}`, expected: "3599", found: "3600" },
          { what: `the taxes of ${first.number} on 2223 ${on}`, expected: "-3599", found: "-3600" },
        ],
      ],
    ]);
  });
});
