/** Remove stock and Add stock found in a browser: told first, done, taken back; with script and without; wide and on a phone. */
import { AxeBuilder } from "@axe-core/playwright";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import type { Scope } from "../../lib/people/access";
import { itemView } from "../../lib/stock/item-reads";
import { type App, startApp } from "../support/app";
import { cookieName, sessionFor } from "../support/pages-visits";
import { aShop, give, item, proved, purchase } from "../support/trading";

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(closeDatabase);

async function aSellerOf(name: string, options: BrowserContextOptions = {}): Promise<{ scope: Scope; page: Page }> {
  const scope = await aShop(name);
  await give(scope, [
    { kind: "location", id: "shed", name: "Garden shed" },
    item("pot", "Copper pot", "POT-1"),
    { kind: "item", id: "cloth", name: "Linen cloth", sku: "LIN", decimals: 2, aliases: [] },
    purchase("p1", "2026-01-05", [
      ["pot", 5n, 5000n],
      ["cloth", 1000n, 8000n],
    ]),
  ]);
  const page = await app.newPage(options);
  await page.context().addCookies([{ name: cookieName, value: await sessionFor(scope.userId ?? ""), url: app.url }]);
  return { scope, page };
}

const onHand = async (scope: Scope, id: string) => (await itemView(scope, id)).qty;
const faults = async (page: Page) =>
  (await new AxeBuilder({ page }).setLegacyMode().analyze()).violations.map(
    ({ id, nodes }) => `${id}: ${nodes[0]?.html}`,
  );

it("is found in the ledger, says what is there and what it costs, is done once, and goes back by the toast", async () => {
  const { scope, page } = await aSellerOf("Scripted");
  await page.goto(`/${scope.slug}/inventory/ledger/pot`);
  await page.getByRole("link", { name: "Remove stock" }).click();
  await page.waitForURL("**/inventory/remove?item=pot");
  await page.getByRole("cell", { name: "5", exact: true }).waitFor();
  await page.locator("[name='lines.0.qty']").fill("2");
  const second = page.locator("[name='lines.1.itemText']");
  await second.fill("lin");
  await page.getByRole("option", { name: /Linen cloth/ }).click();
  await page.locator("[name='lines.1.qty']").fill("1.5");
  await page.getByLabel("Why").selectOption("own_use");
  await page.getByLabel("Note").fill("For the summer kitchen");
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  const asked = page.getByRole("alert").filter({ hasText: "Copper pot" });
  await asked.waitFor();
  const says = ((await asked.textContent()) ?? "").replace(/\s+/g, " ");
  expect(says).toContain("2 × Copper pot, 1.50 × Linen cloth out of Main, own use: 32.00 USD to Owner's draws (3010).");
  expect(says).toContain("What this changes");
  expect(await onHand(scope, "pot")).toBe(5n);
  expect(await page.locator("[name='lines.1.qty']").inputValue()).toBe("1.5");
  await asked.getByRole("button", { name: "Go on" }).click();
  await page.getByText("Removed, at a cost of 32.00 USD.").first().waitFor();
  expect([await onHand(scope, "pot"), await onHand(scope, "cloth")]).toEqual([3n, 850n]);
  // The form is a new one.
  await expect.poll(() => page.locator("[name='lines.0.qty']").inputValue()).toBe("");
  await page.getByRole("link", { name: "Copper pot and 1 more" }).click();
  await page.waitForURL("**/documents/adjustment/**");
  const text = ((await page.locator("main").textContent()) ?? "").replace(/\s+/g, " ");
  for (const part of ["Stock removed", "Own use", "For the summer kitchen", "Owner's draws (3010)", "−32.00"])
    expect(text).toContain(part);
  await page.locator("main").getByRole("button", { name: "Take back" }).click();
  await page.getByRole("alert").filter({ hasText: "never been recorded" }).waitFor();
  await page.getByRole("button", { name: "Go on" }).click();
  await expect.poll(() => onHand(scope, "pot"), { timeout: 15_000 }).toBe(5n);
  await page.getByText("Taken back", { exact: true }).first().waitFor();
  await proved(scope);
});

it("adds what was found, at a worth; the toast takes it back", async () => {
  const { scope, page } = await aSellerOf("Finder");
  await page.goto(`/${scope.slug}/inventory/remove?way=in&item=pot`);
  await page.getByLabel("Into").selectOption("shed");
  await page.locator("[name='lines.0.qty']").fill("2");
  await page.locator("[name='lines.0.worth']").fill("7");
  await page.getByLabel("Why").selectOption("found");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText("Added, worth 7.00 USD.").first().waitFor();
  expect(await onHand(scope, "pot")).toBe(7n);
  await page.getByRole("button", { name: "Take back" }).click();
  await expect.poll(() => onHand(scope, "pot"), { timeout: 15_000 }).toBe(5n);
  await proved(scope);
});

it("works without script, tells more than is there, and says what is wrong at its field", async () => {
  const { scope, page } = await aSellerOf("Plain", { javaScriptEnabled: false });
  await page.goto(`/${scope.slug}/inventory/remove`);
  await page.locator("[name='lines.0.itemText']").fill("pot-1");
  await page.locator("[name='lines.0.qty']").fill("9");
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("alert").filter({ hasText: "Choose why" }).waitFor();
  expect(await page.locator("[name='lines.0.qty']").inputValue()).toBe("9");
  await page.getByLabel("Why").selectOption("stolen");
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  const asked = page.getByRole("alert").filter({ hasText: "More than is there: Main then has −4 × Copper pot." });
  await asked.waitFor();
  expect(await asked.textContent()).toContain("No cost yet for 4 × Copper pot");
  await page.getByRole("button", { name: "Go on" }).click();
  await expect.poll(() => onHand(scope, "pot"), { timeout: 15_000 }).toBe(-4n);
  await proved(scope);
});

it("is axe clean and scrolls nowhere sideways, wide and narrow, light and dark; viewers have no such page", async () => {
  const { scope, page } = await aSellerOf("Seen");
  await page.goto(`/${scope.slug}/inventory/remove?item=pot`);
  for (const colorScheme of ["light", "dark"] as const)
    for (const width of [1280, 390]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      for (const path of ["inventory/remove?item=pot", "inventory/remove?way=in", "settings"]) {
        await page.goto(`/${scope.slug}/${path}`);
        expect([path, width, await faults(page)]).toEqual([path, width, []]);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect([path, width, wide <= 0]).toEqual([path, width, true]);
      }
    }
});
