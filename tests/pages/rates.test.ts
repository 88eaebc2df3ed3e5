/** Exchange rates as a seller goes through them: from Needs you to the rate that is missing, a file and its undo, a typed rate and its way back. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { acceptImport } from "../../lib/desk/imports";
import { takeFile } from "../../lib/money/imports";
import { missingRates } from "../../lib/money/rates";
import type { Scope } from "../../lib/people/access";
import { aSeller } from "../../scripts/lib/sellers";
import { type App, startApp } from "../support/app";
import { rowsAs } from "../support/pages-sellers";
import { cookieName, sessionFor } from "../support/pages-visits";
import { proved } from "../support/trading";

let app: App;
let scope: Scope;
let page: Page;
beforeAll(async () => {
  app = await startApp();
  scope = await aSeller();
  page = await app.newPage();
  await page.context().addCookies([{ name: cookieName, value: await sessionFor(scope.userId ?? ""), url: app.url }]);
});
afterAll(closeDatabase);

const head = "Date,Type,Title,Info,Currency,Amount,Fees & Taxes,Net,Tax Details";
const sale = (day: string, order: string, amount: string) =>
  `"${day}",Sale,"Payment for Order #${order}",,EUR,€${amount},--,€${amount},--`;
const rowOf = (caption: string, words: string) =>
  page.getByRole("table", { name: caption }).getByRole("row").filter({ hasText: words });
const charged = () =>
  rowsAs<{ body: Readonly<{ foreign?: Readonly<{ currency: string; rate: string; on: string; source: string }> }> }>(
    (sql) => sql`select body from facts where business_id = ${scope.businessId} and kind = 'order' order by id`,
  );

it("what waits is found, given its rate, and read; a file is looked at, taken and taken back", {
  timeout: 300_000,
}, async () => {
  const text = [head, sale("January 5, 2026", "5001", "20.00"), sale("January 20, 2026", "5002", "30.00")].join("\n");
  const { id } = await takeFile(scope, { name: "etsy-euros.csv", bytes: new TextEncoder().encode(`${text}\n`) });
  await acceptImport(scope, id, { atOnce: true });
  expect((await missingRates(scope)).map(({ currency, from, through }) => [currency, from, through])).toEqual([
    ["EUR", "2026-01-05", "2026-01-05"],
    ["EUR", "2026-01-20", "2026-01-20"],
  ]);
  expect(await charged()).toEqual([]);

  await page.goto(`/${scope.slug}`);
  await page.getByText("documents wait for an exchange rate").first().waitFor();
  await page.locator(`a[href="/${scope.slug}/settings/rates"]`).first().click();
  await page.getByRole("heading", { name: "Rates that are missing" }).waitFor();
  await page.getByLabel("Rate of EUR on 5 Jan").first().fill("1,0834");
  await rowOf("Currencies and days without a rate", "5 Jan").getByRole("button", { name: /Save/ }).click();
  await rowOf("Rates, the latest day first", "1.0834").waitFor();
  await expect.poll(async () => (await charged()).length, { timeout: 60_000 }).toBe(1);
  expect((await charged())[0]?.body.foreign).toMatchObject({
    currency: "EUR",
    rate: "10834000000",
    on: "2026-01-05",
    source: "typed",
  });

  // A rate for the other, from a file: looked at first, for the currencies that are chosen.
  await page.goto(`/${scope.slug}/settings/rates`);
  const csv = "Date,USD,GBP,\n2026-01-20,1.0900,0.8500,\n2026-01-05,1.0700,0.8400,\n";
  await page
    .getByLabel("The file")
    .setInputFiles({ name: "eurofxref-hist.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  await page.getByRole("button", { name: "Preview the file" }).click();
  await page.getByRole("heading", { name: "eurofxref-hist.csv" }).waitFor();
  expect(await page.getByLabel("EUR, which you use").isChecked()).toBe(true);
  expect(await page.getByLabel("GBP", { exact: true }).isChecked()).toBe(false);
  await rowOf("Rates that differ", "1.0834").waitFor();
  await page.getByRole("button", { name: "Take the chosen currencies" }).click();
  await rowOf("Rates, the latest day first", "1.0900").waitFor();
  expect(await rowOf("Rates, the latest day first", "1.0834").count()).toBe(1);
  await expect.poll(async () => (await charged()).length, { timeout: 60_000 }).toBe(2);
  expect(await missingRates(scope)).toEqual([]);

  // Taken back, the rate goes and what was booked at it stays.
  await rowOf("Files whose rates were taken", "eurofxref-hist.csv")
    .getByRole("button", { name: /Take back/ })
    .click();
  await page
    .getByText(/1 removed, 0 as they were before/)
    .first()
    .waitFor();
  await expect.poll(() => rowOf("Rates, the latest day first", "1.0900").count()).toBe(0);
  expect((await charged()).length).toBe(2);

  // A typed rate, what is wrong with one, and the way back.
  const type = async (currency: string, day: string, rate: string) => {
    await page.getByLabel("Currency", { exact: true }).fill(currency);
    await page.getByLabel("Day", { exact: true }).fill(day);
    await page.getByLabel("Rate", { exact: true }).fill(rate);
    await page.getByRole("button", { name: "Save the rate" }).click();
  };
  await page.goto(`/${scope.slug}/settings/rates`);
  await type("BTC", "2026-01-06", "1");
  await page
    .getByText(/is not a currency that we know/)
    .first()
    .waitFor();
  await type("gbp", "2026-01-06", "1.27");
  await rowOf("Rates, the latest day first", "GBP").waitFor();
  await page.getByRole("button", { name: "Take back" }).first().click();
  await expect.poll(() => rowOf("Rates, the latest day first", "GBP").count()).toBe(0);

  const answer = await page.request.get(`${app.url}/${scope.slug}/settings/rates/export?currency=EUR`);
  expect(await answer.text()).toContain("2026-01-05,EUR,1.0834,typed");
  await proved(scope);
});
