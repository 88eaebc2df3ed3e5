/** A form whose change moves posted costs shows what it moves, goes on when that was seen, and goes back: with script and without. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { costingSettings } from "../../lib/desk/costing-settings";
import { soldLines } from "../../lib/sales/sold-reads";
import { type App, startApp } from "../support/app";
import { cookieName, sessionFor } from "../support/pages-visits";
import { aShop, give, item, order, purchase } from "../support/trading";

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(closeDatabase);

it.each([true, false])("pool and grace, script: %s", async (javaScriptEnabled) => {
  const scope = await aShop(javaScriptEnabled ? "Scripted" : "Plain");
  await give(scope, [
    item("pot", "Pot", "POT"),
    order("e", "2026-03-01", [["Pot", 1n, 2900n, "POT"]]),
    purchase("late", "2026-03-05", [["pot", 1n, 700n]]),
    order("f", "2026-03-06", [["Pot", 1n, 2900n, "POT"]]),
  ]);
  const page = await app.newPage({ javaScriptEnabled });
  await page.context().addCookies([{ name: cookieName, value: await sessionFor(scope.userId ?? ""), url: app.url }]);
  await page.goto(`/${scope.slug}/settings`);
  const form = page.locator("form").filter({ hasText: "Sold before bought" });
  await form.getByLabel("Sold before bought, days").fill("10");
  await form.getByRole("button", { name: "Save" }).click();
  const asked = page.getByRole("alert").filter({ hasText: "posted cost" });
  await asked.waitFor();
  const text = ((await asked.textContent()) ?? "").replace(/\s+/g, " ");
  expect(text).toContain("2 sales");
  expect(text).toContain("What this changes");
  expect(text).toMatch(/By month: Mar 2026/);
  expect(text).toMatch(/By tax year: 2026/);
  expect(await costingSettings(scope)).toMatchObject({ graceDays: 0 });
  await asked.getByRole("button", { name: "Go on" }).click();
  await expect.poll(() => costingSettings(scope), { timeout: 15_000 }).toEqual({ pool: "business", graceDays: 10 });
  if (!javaScriptEnabled) return;
  await page.getByRole("button", { name: "Take back" }).click();
  await expect.poll(() => costingSettings(scope)).toEqual({ pool: "business", graceDays: 0 });
});

it.each([true, false])("costs from a table, script: %s", async (javaScriptEnabled) => {
  const scope = await aShop(javaScriptEnabled ? "Table" : "Plain table");
  await give(scope, [item("pot", "Pot", "POT"), order("o7", "2026-03-01", [["Pot", 2n, 2900n, "POT"]])]);
  const page = await app.newPage({ javaScriptEnabled });
  await page.context().addCookies([{ name: cookieName, value: await sessionFor(scope.userId ?? ""), url: app.url }]);
  await page.goto(`/${scope.slug}/inventory/sold/costs/table`);
  await page.getByLabel("Rows: order number or SKU").fill("Order\tCost\nN-o7\t18.50\nnone\t1.00");
  await page.getByRole("button", { name: "Show what this changes" }).click();
  const read = page.getByRole("table", { name: "Rows of the table" });
  await read.waitFor();
  expect(await read.getByRole("row").count()).toBe(3);
  expect(await read.textContent()).toContain("18.50");
  expect(await page.locator("main").textContent()).toContain("1 cost, 1 row left out");
  await page.getByRole("button", { name: "Save 1 cost" }).click();
  await page.getByText("1 cost saved, 18.50 in all.").first().waitFor();
  const [line] = (await soldLines(scope, { from: "2026-01-01", to: "2026-12-31" })).rows;
  expect([line?.cost, line?.shortQty]).toEqual([1850n, 0n]);
});
