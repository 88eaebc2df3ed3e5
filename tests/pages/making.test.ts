/** A recipe that is written, made and sold, in a browser: told first, done, opened down to what was bought, taken back; without script; narrow. */
import { AxeBuilder } from "@axe-core/playwright";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { recordProduction } from "../../lib/desk/production";
import { saveRecipe } from "../../lib/desk/recipes";
import type { Scope } from "../../lib/people/access";
import { unseen } from "../../lib/preview";
import { type App, startApp } from "../support/app";
import { aWorkshop, production, recipe } from "../support/making";
import { cookieName, sessionFor } from "../support/pages-visits";
import { give, order, proved } from "../support/trading";

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(closeDatabase);

async function aMaker(name: string, options: BrowserContextOptions = {}): Promise<{ scope: Scope; page: Page }> {
  const scope = await aWorkshop(name);
  const page = await app.newPage(options);
  await page.context().addCookies([{ name: cookieName, value: await sessionFor(scope.userId ?? ""), url: app.url }]);
  return { scope, page };
}

const textOf = async (page: Page) => ((await page.locator("main").textContent()) ?? "").replace(/\s+/g, " ");
const goOn = (page: Page) => page.getByRole("button", { name: "Go on" }).click();

it("a recipe is written, made, sold at what went in, opened to its lots, and taken back", {
  timeout: 300_000,
}, async () => {
  const { scope, page } = await aMaker("Candle Maker");
  await page.goto(`/${scope.slug}/inventory/movements`);
  await page.getByRole("link", { name: "Recipes" }).click();
  await page.getByRole("link", { name: "Write the first recipe" }).click();
  await page.waitForURL("**/inventory/recipes/new");
  const choose = async (field: string, text: string, option: string | RegExp) => {
    await page.locator(`[name='${field}.itemText']`).fill(text);
    await page.getByRole("option", { name: option }).first().click();
  };
  await choose("in.0", "wax", /Wax/);
  await page.locator("[name='in.0.qty']").fill("0.8");
  await page.locator("[name='in.0.waste']").fill("25%");
  await page.locator("[name='in.0.waste']").press("Enter");
  await choose("in.1", "jar", /Jar/);
  await page.locator("[name='in.1.qty']").fill("4");
  await choose("out.0", "Beeswax candle", /New product/);
  await page.locator("[name='out.0.qty']").fill("4");
  await page.getByLabel("Work optional").fill("6");
  await page.getByRole("button", { name: "Save recipe" }).click();
  await page.waitForURL(/\/inventory\/recipes\/[0-9a-f-]{36}$/);
  // A kilogram of wax at 10.00 with its waste, four jars at 1.50, and 6.00 of work.
  const recipePage = await textOf(page);
  for (const part of [
    "Beeswax candle",
    "version 1",
    "22.00",
    "an estimate",
    "Waste beyond what goes in: 25% of Wax",
    "12",
  ])
    expect(recipePage).toContain(part);

  await page.getByRole("link", { name: "Make", exact: true }).click();
  await page.waitForURL("**/inventory/make?recipe=*");
  await page.getByLabel("How many").fill("8");
  await page.getByRole("button", { name: "Fill in the lines" }).click();
  await page.waitForURL("**many=8**");
  expect(await page.locator("[name='in.0.qty']").inputValue()).toBe("2.000");
  expect(await page.locator("[name='in.1.qty']").inputValue()).toBe("8");
  expect(await page.locator("[name='out.0.qty']").inputValue()).toBe("8");
  expect(await page.locator("[name='overhead']").inputValue()).toBe("12.00");
  await page
    .getByText("12 there now")
    .or(page.getByRole("cell", { name: "12", exact: true }))
    .first()
    .waitFor();
  await page.getByLabel("On", { exact: true }).fill("10 Mar 2026");
  await page.getByRole("button", { name: "Make", exact: true }).click();
  const asked = page.getByRole("alert").filter({ hasText: "Made at Main" });
  await asked.waitFor();
  expect((await asked.textContent())?.replace(/\s+/g, " ")).toContain("8 × Beeswax candle at 44.00 USD, 5.50 each.");
  await goOn(page);
  await page.waitForURL("**/documents/assembly/**");
  const made = await textOf(page);
  for (const part of ["Made: PR-2026-0001", "44.00", "Wages (6200)", "version 1", "Jar", "Seller of p1"])
    expect(made).toContain(part);
  const document = page.url();

  await give(scope, [order("o1", "2026-03-20", [["Beeswax candle", 2n, 4_000n]])]);
  await page.goto(`/${scope.slug}/inventory/sold?year=2026&why=o1-1`);
  const why = await textOf(page);
  for (const part of ["11.00", "Made on", "Wax", "Jar", "Seller of p1"]) expect(why).toContain(part);
  // The ledger's row opens the document; Movements shows it by its kind.
  await page.goto(`/${scope.slug}/inventory/ledger/jar`);
  await page.getByRole("link", { name: "PR-2026-0001" }).click();
  await page.waitForURL("**/documents/assembly/**");
  await page.goto(`/${scope.slug}/inventory/movements?kind=assembly`);
  await page.getByRole("link", { name: "PR-2026-0001" }).first().click();
  await page.waitForURL("**/documents/assembly/**");

  await page.getByRole("link", { name: "Make again" }).click();
  await page.waitForURL("**/inventory/make?again=**");
  expect(await page.locator("[name='in.0.qty']").inputValue()).toBe("2.000");
  await page.goto(document);
  await page.locator("main").getByRole("button", { name: "Take back" }).click();
  const moved = page.getByRole("alert").filter({ hasText: "never been recorded" });
  await moved.waitFor();
  expect(await moved.textContent()).toContain("N-o1");
  await goOn(page);
  await page.getByText("Taken back", { exact: true }).first().waitFor();
  await proved(scope);
});

it("is changed into the next version, and what was made stays with its own", { timeout: 120_000 }, async () => {
  const { scope, page } = await aMaker("Changer");
  const { id } = await saveRecipe(scope, recipe());
  await recordProduction(scope, production({ recipe: { id, version: 1 } }), unseen);
  await page.goto(`/${scope.slug}/inventory/recipes/${id}`);
  await page.getByRole("link", { name: "Change" }).click();
  await page.waitForURL("**/edit");
  await page.locator("[name='in.0.qty']").fill("0.9");
  await page.getByRole("button", { name: "Save as the next version" }).click();
  await page.waitForURL(/\/inventory\/recipes\/[0-9a-f-]{36}$/);
  expect(await textOf(page)).toContain("version 2");
  await page.getByRole("link", { name: "PR-2026-0001" }).click();
  await page.waitForURL("**/documents/assembly/**");
  expect(await textOf(page)).toContain("Candle, version 1 (the latest is 2)");
  await page.getByRole("link", { name: "Candle, version 1" }).click();
  await page.getByText("This is version 1 of 2.").waitFor();
  await page.getByRole("link", { name: "See the latest" }).click();
  await page.getByRole("button", { name: "Retire" }).click();
  await page.getByText("Candle is retired.").first().waitFor();
});

it("is taken apart without script, backwards through its recipe; what is wrong is said at its field", {
  timeout: 120_000,
}, async () => {
  const { scope, page } = await aMaker("Plain", { javaScriptEnabled: false });
  const { id } = await saveRecipe(scope, recipe());
  await recordProduction(scope, production({ recipe: { id, version: 1 } }), unseen);
  await page.goto(`/${scope.slug}/inventory/recipes/${id}`);
  await page.getByRole("link", { name: "Unmake" }).click();
  await page.getByLabel("How many").fill("x");
  await page.getByRole("button", { name: "Fill in the lines" }).click();
  await page.getByText("is not a quantity").waitFor();
  await page.getByLabel("How many").fill("2");
  await page.getByRole("button", { name: "Fill in the lines" }).click();
  expect(await page.locator("[name='in.0.qty']").inputValue()).toBe("2");
  expect(await page.locator("[name='out.1.qty']").inputValue()).toBe("2");
  await page.locator("[name='on']").fill("soon");
  await page.getByRole("button", { name: "Unmake", exact: true }).click();
  await page.getByRole("alert").first().waitFor();
  await page.locator("[name='on']").fill("2026-03-12");
  await page.getByRole("button", { name: "Unmake", exact: true }).click();
  await page.getByRole("alert").filter({ hasText: "Taken apart at Main" }).waitFor();
  await goOn(page);
  await page.waitForURL("**/documents/assembly/**");
  expect(await textOf(page)).toContain("Taken apart: PR-2026-0002");
  await proved(scope);
});

it("a bundle is made, sold, changed after it was told what was sold, and taken back; a listing is a pack", {
  timeout: 180_000,
}, async () => {
  const { scope, page } = await aMaker("Bundler");
  await page.goto(`/${scope.slug}/inventory/recipes`);
  await page.getByRole("link", { name: "Bundles" }).click();
  await page.getByRole("link", { name: "New bundle" }).click();
  await page.waitForURL("**/bundles/new");
  await page.locator("[name='itemText']").fill("Starter kit");
  await page.getByRole("option", { name: /New product/ }).click();
  await page.locator("[name='in.0.itemText']").fill("jar");
  await page.getByRole("option", { name: /Jar/ }).first().click();
  await page.locator("[name='in.0.qty']").fill("2");
  await page.getByRole("button", { name: "Save bundle" }).click();
  await page.getByText("Starter kit is saved.").first().waitFor();
  await give(scope, [
    order("o1", "2026-03-20", [
      ["Starter kit", 2n, 6_000n],
      ["Wicks, pack of 5", 1n, 500n],
    ]),
  ]);
  await page.goto(`/${scope.slug}/inventory/bundles`);
  const list = await textOf(page);
  for (const part of ["Starter kit", "2 × Jar", "3.00", "Set"]) expect(list).toContain(part);
  await page.getByRole("link", { name: "Starter kit" }).click();
  await page.waitForURL("**/bundles/edit?item=**");
  await page.locator("[name='in.0.qty']").fill("1");
  await page.getByRole("button", { name: "Save bundle" }).click();
  const asked = page.getByRole("alert").filter({ hasText: "1 sold line of Starter kit" });
  await asked.waitFor();
  await goOn(page);
  await page.getByText("Starter kit is saved.").first().waitFor();
  await page.getByRole("button", { name: "Take back" }).click();
  await page.getByText("Starter kit is as it was before.").first().waitFor();
  await page.goto(`/${scope.slug}/inventory/sold/match?line=o1-2`);
  await page.getByText("The name says a pack of 5.").waitFor();
  await page.locator("[name='itemText']").fill("wick");
  await page.getByRole("option", { name: /Wick/ }).first().click();
  await page.getByLabel("How many of it are in one").fill("5");
  await page.getByRole("button", { name: "Save the choice" }).click();
  await page.getByText("The line is Wick, pack of 5.").first().waitFor();
  await proved(scope);
});

it("is axe clean and scrolls nowhere sideways, wide and narrow, light and dark", { timeout: 300_000 }, async () => {
  const { scope, page } = await aMaker("Seen");
  const { id } = await saveRecipe(scope, recipe({ labour: "6.00" }));
  const box = await saveRecipe(
    scope,
    recipe({
      ins: [
        ["candle", "2", "5%"],
        ["jar", "1"],
      ],
      outs: [
        ["box", "1", "90"],
        ["wick", "2", "10"],
      ],
    }),
  );
  await give(scope, [order("o9", "2026-03-20", [["Jars, pack of 3", 1n, 1_500n]])]);
  const short = await recordProduction(scope, production({ ins: [["jar", "15"]] }), unseen);
  // Every page is looked at by pages.test.ts, as it stands without an address of its own; these say more in theirs.
  const paths = [
    "inventory/recipes/new?way=unmake",
    `inventory/recipes/${box.id}`,
    `inventory/make?recipe=${id}&many=40`,
    `inventory/make?recipe=${id}&way=unmake`,
    `inventory/movements/documents/assembly/${short.id}`,
    "inventory/bundles",
    "inventory/ledger/jar",
    "inventory/sold/match?line=o9-1",
  ];
  for (const [width, colorScheme] of [
    [1280, "light"],
    [390, "dark"],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    for (const path of paths) {
      await page.goto(`/${scope.slug}/${path}`);
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
      const faults = violations.map(({ id: rule, nodes }) => `${rule}: ${nodes[0]?.html}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect([path, width, faults, wide <= 0]).toEqual([path, width, [], true]);
    }
  }
});
