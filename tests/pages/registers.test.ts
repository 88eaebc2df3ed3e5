/** The stock registers, as a person goes through them: a day of the past, the summary against the accounts, minimums and what to buy again. */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { addDays } from "../../lib/core/dates";
import type { Scope } from "../../lib/people/access";
import { todayOf } from "../../lib/system/clock";
import { type App, startApp } from "../support/app";
import { cookieName, sessionFor } from "../support/pages-visits";
import { aShop, give, item, order, proved, purchase } from "../support/trading";

let app: App;
let scope: Scope;
let page: Page;
let ago: (days: number) => string;
beforeAll(async () => {
  app = await startApp();
  scope = await aShop("Registers");
  ago = (days) => addDays(todayOf(scope.timeZone), -days);
  await give(scope, [
    item("mug", "Stoneware mug", "MUG-1"),
    item("jar", "Pickle jar", "JAR-1"),
    purchase("p1", ago(400), [
      ["mug", 12n, 2_400n],
      ["jar", 4n, 800n],
    ]),
    order("o1", ago(20), [["Stoneware mug", 5n, 9_000n, "MUG-1"]]),
  ]);
  page = await app.newPage();
  await page.context().addCookies([{ name: cookieName, value: await sessionFor(scope.userId ?? ""), url: app.url }]);
});
afterAll(closeDatabase);

const rowOf = (caption: string, words: string) =>
  page.getByRole("table", { name: caption }).getByRole("row").filter({ hasText: words });

const cellsOf = async (caption: string, words: string) =>
  (await rowOf(caption, words).locator("th, td").allTextContents()).map((text) => text.trim());

it("from the stock of a day to what to buy again", { timeout: 300_000 }, async () => {
  const stock = `/${scope.slug}/inventory/in-stock`;
  await page.goto(stock);
  expect(await cellsOf("Stock register", "Stoneware mug")).toEqual(expect.arrayContaining(["7", "14.00"]));
  // Before the sale, by the address; the row opens the ledger up to that day.
  await page.goto(`${stock}?on=${ago(21)}`);
  const then = rowOf("Stock register at the end of", "Stoneware mug");
  expect(await cellsOf("Stock register at the end of", "Stoneware mug")).toEqual(
    expect.arrayContaining(["12", "24.00"]),
  );
  expect(await then.getByRole("link", { name: "Stoneware mug", exact: true }).getAttribute("href")).toContain(
    `to=${ago(21)}`,
  );
  await page.goto(`${stock}?on=nonsense`);
  await page.getByText("is not a day").waitFor();

  await page.goto(`${stock}/summary?period=${ago(30)}..${ago(0)}`);
  await page.getByText("Cost of goods sold, sold less refunds").waitFor();
  expect(await page.getByText("the same as here, to the cent.").count()).toBe(3);

  // By its tabs, each with its chart as a table.
  for (const [tab, chart] of [
    ["Ageing", "Value in lots by age"],
    ["ABC", "Value sold by class"],
    ["Days of cover", "Items by days of cover"],
    ["Dead stock", "Value by how long nothing was sold"],
  ] as const) {
    await page.getByRole("navigation", { name: "Stock registers" }).getByRole("link", { name: tab }).click();
    await page.getByRole("heading", { name: tab, exact: true }).waitFor();
    const table = page.getByRole("table", { name: chart });
    if (!(await table.isVisible())) await page.getByText("The figures as a table").click();
    await table.waitFor();
  }
  expect(await rowOf("In stock and not sold for 180 days", "Pickle jar").count()).toBe(1);
  expect(await rowOf("In stock and not sold for 180 days", "Stoneware mug").count()).toBe(0);

  // Nothing is wanted yet; the page says what comes first.
  await page.getByRole("navigation", { name: "Stock registers" }).getByRole("link", { name: "Buy again" }).click();
  await page.getByText("No minimums yet").waitFor();
  await page.getByRole("link", { name: "Set minimums" }).first().click();
  await page.getByLabel("At least, Stoneware mug").fill("ten");
  await page.getByRole("button", { name: "Save minimums" }).click();
  // The answer has come, with what was typed, before it is mended.
  await page.locator('input[aria-label="At least, Stoneware mug"][aria-invalid="true"]').waitFor();
  await page.getByLabel("At least, Stoneware mug").fill("10");
  await page.getByLabel("Buy up to, Stoneware mug").fill("24");
  await page.getByRole("button", { name: "Save minimums" }).click();
  await page.getByText("One minimum saved.").waitFor();
  await page.goto(`${stock}/buy`);
  expect(await cellsOf("What to buy again", "Stoneware mug")).toEqual(expect.arrayContaining(["17", "34.00"]));
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: /^CSV/ }).click()]);
  expect(readFileSync(await file.path(), "utf8")).toContain("Stoneware mug,MUG-1,Main,7,,,10,17,34.00");
  await page.goto(stock);
  await rowOf("Stock register", "Stoneware mug")
    .getByRole("link", { name: /low stock/ })
    .waitFor();
  await page.goto(`/${scope.slug}`);
  await page.getByText("item is below its minimum", { exact: true }).waitFor();
  await proved(scope);
});
