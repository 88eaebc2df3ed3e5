/**
 * Two warehouses and a transfer between them, as a person does it: written, sent, received in part, what is missing placed. What the
 * pages say of stock, of open work and of the way there is read off them.
 */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import type { Scope } from "../../lib/people/access";
import { aSeller } from "../../scripts/lib/sellers";
import { type App, startApp } from "../support/app";
import { cookieName, sessionFor } from "../support/pages-visits";
import { give, item, purchase } from "../support/trading";

let app: App;
let scope: Scope;
let page: Page;
beforeAll(async () => {
  app = await startApp();
  scope = await aSeller("Two Sheds");
  await give(scope, [
    item("mug", "Stoneware mug", "MUG-1"),
    { kind: "item", id: "cloth", name: "Linen cloth", sku: "LIN", decimals: 2, aliases: [] },
    purchase("p1", "2025-01-02", [
      ["mug", 12n, 2400n],
      ["cloth", 1050n, 5250n],
    ]),
  ]);
  page = await app.newPage();
  await page.context().addCookies([{ name: cookieName, value: await sessionFor(scope.userId ?? ""), url: app.url }]);
});
afterAll(closeDatabase);

const movements = () => `/${scope.slug}/inventory/movements`;

/** The text of a cell: by the row's words, and the column's head. */
async function cellOf(caption: string, row: string, head: string): Promise<string> {
  const table = page.getByRole("table", { name: caption });
  const heads = await table.getByRole("columnheader").allInnerTexts();
  const at = heads.findIndex((text) => text.trim().startsWith(head));
  expect(at, `${head} among ${heads.join(", ")}`).toBeGreaterThanOrEqual(0);
  const cells = table.getByRole("row").filter({ hasText: row }).locator("th, td");
  return ((await cells.nth(at).textContent()) ?? "").trim();
}

async function whereIs(name: string): Promise<string> {
  await page.goto(`/${scope.slug}/inventory/in-stock`);
  const onHand = await cellOf("Stock register", name, "On hand");
  const heads = await page.getByRole("table", { name: "Stock register" }).getByRole("columnheader").allInnerTexts();
  const places: string[] = [];
  for (const place of ["Main", "Barn", "In transit"]) {
    if (!heads.some((head) => head.trim().startsWith(place))) continue;
    const there = await cellOf("Stock register", name, place);
    if (/\d/.test(there)) places.push(`${place} ${there}`);
  }
  return `${onHand} · ${places.join(", ")}`;
}

it("two warehouses, and a transfer received in part with its shortage placed", { timeout: 300_000 }, async () => {
  // With one place there is nothing to transfer, and the page says what comes first.
  await page.goto(movements());
  await page.getByText("Everything is at one place.").waitFor();
  await page.getByRole("link", { name: "Add a location" }).click();
  await page.getByLabel("Name").fill("Barn");
  await page.getByLabel("Kind").selectOption({ label: "Warehouse" });
  await page.getByLabel("Address").fill("4 Mill Lane");
  await page.getByRole("button", { name: "Save location" }).click();
  await page.getByRole("link", { name: /^Barn/ }).waitFor();

  // Written: each product says how much is there.
  await page.goto(`${movements()}/transfers/new`);
  await page.getByLabel("From").selectOption({ label: "Main" });
  await page.getByLabel("To", { exact: true }).selectOption({ label: "Barn" });
  const cell = (label: string, row: number) => page.getByLabel(`${label}, row ${row}`, { exact: true });
  const choose = async (row: number, words: string, name: string, there: string) => {
    await cell("Product", row).fill(words);
    await page.getByRole("option", { name: new RegExp(`^${name}`) }).click();
    await page.getByRole("cell", { name: `${there} there` }).waitFor();
  };
  await choose(1, "mug", "Stoneware mug", "12");
  await cell("Quantity", 1).fill("5");
  await choose(2, "LIN", "Linen cloth", "10.50");
  await cell("Quantity", 2).fill("2.75");
  await page.getByLabel("Leaves on").fill("5 Feb 2025");
  await page.getByLabel("Note").fill("Van on Wednesday");
  await page.getByRole("button", { name: "Save draft" }).click();
  await page.waitForURL("**/transfers/*");
  await page.getByRole("heading", { name: "Transfer", exact: true }).waitFor();
  expect(await cellOf("Lines of the transfer", "Linen cloth", "Quantity")).toBe("2.75");
  expect(await whereIs("Stoneware mug")).toBe("12 · ");

  // Sent: it has its number and stands between the two.
  await page.goto(movements());
  await page.getByRole("link", { name: "no number yet" }).click();
  await page.getByLabel("Left on").fill("6 Feb 2025");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("heading", { name: "Transfer TR-2025-0001" }).waitFor();
  expect(await whereIs("Stoneware mug")).toBe("12 · Main 7, In transit 5");

  await page.goto(`/${scope.slug}/reports/balance`);
  await page.getByRole("row", { name: /^1200 Inventory with what is in transit, 2 items/ }).waitFor();

  // A part arrives.
  await page.goto(movements());
  await page.getByRole("link", { name: "TR-2025-0001" }).click();
  await page.getByLabel("Stoneware mug").fill("6");
  await page.getByLabel("Linen cloth").fill("0");
  await page.getByLabel("Arrived on").fill("7 Feb 2025");
  await page.getByRole("button", { name: "Receive" }).click();
  await page.getByText("More of Stoneware mug than is on its way").first().waitFor();
  await page.getByLabel("Stoneware mug").fill("2");
  await page.getByRole("button", { name: "Receive" }).click();
  await page.getByText("The rest is still on its way").waitFor();
  expect(await cellOf("Lines of the transfer", "Stoneware mug", "On its way")).toBe("3");

  // The rest, but for one mug: nothing more comes.
  await page.getByLabel("Stoneware mug").fill("2");
  await page.getByLabel("Linen cloth").fill("2.75");
  await page.getByLabel("Arrived on").fill("9 Feb 2025");
  await page.getByLabel("Nothing more comes").check();
  await page.getByRole("button", { name: "Receive" }).click();
  await page.getByRole("heading", { name: "Where is what did not arrive?" }).waitFor();
  expect(await cellOf("Lines of the transfer", "Stoneware mug", "Missing")).toBe("1");

  // It waits under Needs you, which leads to where it is placed.
  await page.goto(`/${scope.slug}`);
  await page.getByText("transfer came short", { exact: true }).waitFor();
  await page.getByText("TR-2025-0001: found, or gone?").waitFor();
  await page.goto(`${movements()}?state=short`);
  await page.getByRole("link", { name: /^Place it/ }).click();
  await page.getByLabel("Damaged").check();
  await page.getByLabel("On", { exact: true }).fill("10 Feb 2025");
  await page.getByRole("button", { name: "Place it" }).click();
  await page.getByText("Nothing is missing any more.").waitFor();
  expect(await cellOf("Steps of the transfer", "Damaged", "Cost")).toBe("2.00");
  await page.goto(`/${scope.slug}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  expect(await page.getByText("transfer came short").count()).toBe(0);
  expect(await whereIs("Stoneware mug")).toBe("11 · Main 7, Barn 4");
  expect(await whereIs("Linen cloth")).toBe("10.50 · Main 7.75, Barn 2.75");

  // What is shown is what is exported.
  await page.goto(movements());
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Export" }).click(),
  ]);
  expect(
    readFileSync(await download.path(), "utf8")
      .replace(/^\ufeff/, "")
      .trim()
      .split(/\r?\n/),
  ).toEqual([
    "Date,Document,Type,State,From,To,First item,Items,Note",
    "2025-02-06,TR-2025-0001,Transfer,Received,Main,Barn,Stoneware mug,2,Van on Wednesday",
  ]);
  const proof = await verifyBooks(scope);
  expect(proof.checks.flatMap((check) => check.findings)).toEqual([]);
  expect(app.outside).toEqual([]);
});
