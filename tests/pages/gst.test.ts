/** GST as a seller in India goes through it: an invoice to another state, the return and its files, a sale without an invoice, and the stock record. */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import type { Scope } from "../../lib/people/access";
import { type App, startApp } from "../support/app";
import { anIndianShop, gstin, theirs } from "../support/india";
import { rowsAs } from "../support/pages-sellers";
import { cookieName, sessionFor } from "../support/pages-visits";
import { give, order, proved } from "../support/trading";

let app: App;
let scope: Scope;
let page: Page;
beforeAll(async () => {
  app = await startApp();
  scope = await anIndianShop();
  page = await app.newPage();
  await page.context().addCookies([{ name: cookieName, value: await sessionFor(scope.userId ?? ""), url: app.url }]);
});
afterAll(closeDatabase);

const rowOf = (caption: string, words: string) =>
  page.getByRole("table", { name: caption }).getByRole("row").filter({ hasText: words });

/** The sum of a figure in a table of the portal's file, in rupees. */
function totalOf(file: unknown, table: string, key: string): number {
  const rows: unknown = (file as Readonly<Record<string, unknown>>)[table];
  if (!Array.isArray(rows)) throw new Error(`the file has no ${table}`);
  return rows.reduce((sum: number, row: Readonly<Record<string, unknown>>) => sum + Number(row[key] ?? 0), 0);
}

it("from an invoice to another state to the portal's file, and what has no invoice yet", {
  timeout: 300_000,
}, async () => {
  const gst = `/${scope.slug}/reports/gst`;
  await page.goto(`/${scope.slug}/sales/o1`);
  await page.getByText("Issue an invoice").click();
  await page.getByLabel("Place of supply").selectOption("29");
  await page.getByLabel("Dated").fill("2026-04-03");
  await page.getByRole("button", { name: "Issue invoice" }).click();
  await page.getByText("29 Karnataka").waitFor();

  await page.goto(`${gst}?period=2026-04`);
  await page.getByRole("heading", { name: "GSTR-1" }).waitFor();
  await rowOf("Sales to buyers without a registration", "29 Karnataka").waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "JSON for the portal" }).click(),
  ]);
  const file: unknown = JSON.parse(readFileSync(await download.path(), "utf8"));
  expect(file).toMatchObject({
    gstin,
    fp: "042026",
    b2cs: [{ sply_ty: "INTER", rt: 18, pos: "29", txval: 200, iamt: 36 }],
  });

  // What the file says is what the accounts have, tax by tax.
  await page.getByText("Each output tax stands on its own account as the documents have it.").waitFor();
  for (const [code, key] of [
    ["2221", "camt"],
    ["2222", "samt"],
    ["2223", "iamt"],
  ] as const) {
    const [row] = await rowsAs<{ amount: string }>(
      (sql) => sql`select coalesce(sum(credit_minor - debit_minor), 0)::text as amount from account_months
        where business_id = ${scope.businessId} and code = ${code} and month = '2026-04-01'`,
    );
    expect([code, Math.round(totalOf(file, "b2cs", key) * 100)]).toEqual([code, Number(row?.amount)]);
  }
  await page.goto(`/${scope.slug}/reports/accounts/2223?period=2026-04`);
  await page.getByRole("link", { name: "INV-2026-0001", exact: true }).click();
  await page.getByRole("heading", { name: "Invoice INV-2026-0001" }).waitFor();
  await page.getByText("HSN 6912, 18 %").waitFor();
  await page.goto(`${gst}?period=2026-04`);

  const tabs = page.getByRole("navigation", { name: "Reports of GST" });
  for (const tab of ["HSN summary", "GSTR-3B", "Taxes of purchases", "Stock against invoices", "Stock record"]) {
    await tabs.getByRole("link", { name: tab }).click();
    await page.getByRole("heading", { name: tab, exact: true, level: 1 }).waitFor();
  }
  await page.goto(`${gst}/stock?period=2026-04`);
  await page.getByText("Sold, and no invoice was issued").first().waitFor();
  await page.goto(`${gst}/record?period=2026-04`);
  expect(await rowOf("Stock record", "Mug").count()).toBe(1);

  await page.goto(`/${scope.slug}/settings/gst`);
  await page.getByRole("link", { name: "Mug", exact: true }).click();
  await page.getByLabel("HSN or SAC code").fill("691");
  await page.getByRole("button", { name: "Save" }).last().click();
  await page.getByRole("alert").getByText("has 2, 4, 6 or 8 digits").waitFor();
  await proved(scope);
});

it("a purchase's tax is set off after a look at what that moves, and a return without an order gets its credit note", {
  timeout: 300_000,
}, async () => {
  const gst = `/${scope.slug}/reports/gst`;
  await page.goto(`${gst}/purchases?period=2026-04`);
  await page.getByRole("link", { name: "Seller of p2" }).first().click();
  await page.getByLabel("Their invoice number").fill("S-9");
  await page.getByLabel("Their GSTIN").fill(theirs);
  await page.getByLabel("Taxable value").fill("423.73");
  await page.getByLabel("IGST").fill("76.27");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  // Its details hold the tax: the form asks where.
  await page.getByRole("alert").getByText("The details hold 76.27 of this tax.").waitFor();
  await page.getByLabel("Its details hold the tax").selectOption("rows");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  // A book is sold: what it cost moves, which is shown before it is done.
  await page.getByText("This moves the posted cost of 1 sale").waitFor();
  await page.getByText("100.00 becomes 84.75").waitFor();
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText("Saved.", { exact: true }).waitFor();
  await page.goto(`${gst}/summary?period=2026-04`);
  await page.getByText("is what purchases put on the accounts of input tax in this period").waitFor();
  expect(((await rowOf("Input tax in the accounts", "IGST").textContent()) ?? "").match(/76\.27/g)).toHaveLength(2);
  // The tax of the one invoice is set off against it, and put back.
  await page.getByRole("button", { name: "Set it off" }).click();
  await page.getByText("posted on the last day of the month").waitFor();
  await proved(scope);
  await page.getByRole("button", { name: "Take it back" }).click();
  await page.getByRole("button", { name: "Set it off" }).waitFor();
  await page.goto(`/${scope.slug}/inventory/details/p2`);
  await page.getByRole("link", { name: "76.27 of tax" }).waitFor();

  await give(scope, [
    {
      kind: "return",
      id: "w1",
      date: "2026-04-22",
      order: null,
      channel: "shop",
      lines: [{ id: "w1-1", item: "mug", qty: 1n, amount: 11_800n, cost: 5_000n, location: null }],
    },
  ]);
  await page.goto(`/${scope.slug}/documents`);
  await page.getByRole("table", { name: "Returns without a credit note" }).getByRole("link", { name: "w1" }).click();
  await page.getByLabel("Made out to").fill("Grace");
  await page.getByLabel("Dated").fill("2026-04-23");
  await page.getByLabel("Place of supply").selectOption("29");
  await page.getByRole("button", { name: "Issue the credit note" }).click();
  await page.getByText("29 Karnataka").waitFor();
  await page.getByText("are kept through 31 Dec 2033, as the law asks").waitFor();
  await page.getByRole("link", { name: "Open its return" }).click();
  await page.getByRole("link", { name: /^Credit note / }).waitFor();
  await proved(scope);
});

it("where an order went to: shown, proposed on its invoice, and an export that somebody has to name", {
  timeout: 300_000,
}, async () => {
  const sold = { tax: 1_800n, taxBy: "seller" } as const;
  const mug = [["Mug", 1n, 10_000n, "MUG"]] as const;
  await give(scope, [
    order("to1", "2026-04-12", mug, { ...sold, shipTo: { country: "IN", region: "IN-KA" } }),
    order("to2", "2026-04-12", mug, { ...sold, shipTo: { country: "US", region: "CA" } }),
  ]);
  await page.goto(`/${scope.slug}/sales/to1`);
  await page.getByText("Delivered to Karnataka, India").waitFor();
  await page.getByText("Issue an invoice").click();
  expect(await page.getByLabel("Place of supply").inputValue()).toBe("29");
  await page.getByRole("button", { name: "Issue invoice" }).click();
  await page.getByText("29 Karnataka").waitFor();

  await page.goto(`/${scope.slug}/sales/to2`);
  await page.getByText("Delivered to CA, United States").waitFor();
  await page.getByText("Issue an invoice").click();
  await page.getByRole("button", { name: "Issue invoice" }).click();
  await page.getByText("This order was delivered out of India: choose which kind of export it is.").first().waitFor();

  await page.goto(`/${scope.slug}/sales/new`);
  await page.getByLabel("Delivered to").selectOption({ label: "Tamil Nadu" });
  await proved(scope);
});
