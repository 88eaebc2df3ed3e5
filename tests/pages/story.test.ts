/**
 * The seller's story in one go, on a clean start: from signing up to books that are proved. All figures are read off the pages, as a
 * person would, and compared to the cent.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import { type App, startApp } from "../support/app";
import { figureOf, minorOf, termOf } from "../support/pages-figures";
import { ofx, rowsAs } from "../support/pages-sellers";

let app: App;
beforeAll(async () => {
  app = await startApp({ environment: { PRACTICE_ORDERS: "60" } });
});
afterAll(closeDatabase);

const year = new Date().getFullYear();
const base = "/fern-fable";

/** What the market sells, as its own control port answers an order that is made there. */
type Made = Readonly<{
  lines: readonly Readonly<{ variant_id: string; sku: string | null; title: string; variant_title: string | null }>[];
}>;
async function sell(order: object): Promise<readonly Made[]> {
  return ((await control("/orders", order)) as { data: readonly Made[] }).data;
}
async function control(path: string, input: object): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${app.practiceUrl}/control${path}`, {
    method: "POST",
    headers,
    body: JSON.stringify(input),
  });
  expect(answer.ok).toBe(true);
  return answer.json();
}

type Balances = Readonly<{ cost: bigint; balance: bigint }>;
async function balances(page: Page): Promise<Balances> {
  await page.goto(`${base}/inventory/balances`);
  return { cost: await termOf(page, "Cost of Goods Sold"), balance: await termOf(page, "Current Balance") };
}

async function signUp(page: Page): Promise<void> {
  await page.goto("/");
  await page.goto("/sign-up");
  await page.getByLabel("Your name").fill("Fern Hollis");
  await page.getByLabel("E-mail").fill("fern@example.com");
  await page.getByLabel("Password").fill("three plain words");
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.waitForURL("**/start");
  await page.getByLabel("Name", { exact: true }).fill("Fern & Fable");
  await page.getByLabel("Country").selectOption("US");
  await page.getByLabel("Currency of the books").selectOption("USD");
  await page.getByLabel("Time zone").selectOption("UTC");
  await page.getByRole("button", { name: "Begin the books" }).click();
  await page.waitForURL(`**${base}`);
}

/** Brings a bank's file in as a person does, from choosing it to the list of its lines. */
async function bringIn(page: Page, file: { name: string; text: string | Buffer }, lines: number): Promise<void> {
  await page.goto(`${base}/transactions`);
  await page.getByRole("link", { name: "Import a statement" }).first().click();
  await page
    .getByLabel("The file")
    .setInputFiles({ name: file.name, mimeType: "application/x-ofx", buffer: Buffer.from(file.text) });
  await page.getByRole("button", { name: "Preview the file" }).click();
  await page.waitForURL("**/transactions/import/*");
  await page.getByRole("button", { name: `Bring in ${lines} new` }).click();
  await page.getByText(`${lines} came in, 0 were here already.`).waitFor();
}

/** What a mark at a row is called: its words, and what the row is about. */
const tagged = (words: string, about: string) => new RegExp(`^${words}\\W+${about}`);

async function categorise(page: Page, payee: string, as: string): Promise<void> {
  await page.goto(`${base}/transactions`);
  await page.getByRole("link", { name: tagged("Categorise", payee) }).click();
  await page.getByLabel(`What ${payee} is`).selectOption({ label: as });
  await page.getByRole("link", { name: tagged(as, `change what ${payee} is`) }).waitFor();
}

/** A row of Add Details, typed as a person does: one that is not known yet is a new product. */
async function detail(
  page: Page,
  row: number,
  line: { name: string; sku: string; qty: string; each: string },
): Promise<void> {
  const cell = (label: string) => page.getByLabel(`${label}, row ${row}`, { exact: true });
  await cell("Product").fill(line.name);
  await page.getByRole("option", { name: "New product" }).click();
  await cell("SKU").fill(line.sku);
  await cell("Quantity").fill(line.qty);
  await cell("Each").fill(line.each);
  await cell("Each").press("Tab");
}

/** Opens Add costs at a sold line of this product that has none. */
async function addCostsTo(page: Page, name: string): Promise<void> {
  await page.goto(`${base}/inventory/sold?missing=1`);
  await page
    .getByRole("link", { name: tagged("Add costs", name) })
    .first()
    .click();
  await page.getByRole("heading", { name: "Add costs" }).waitFor();
}

async function saveCost(page: Page, amount: string): Promise<void> {
  await page.getByRole("button", { name: `Save cost of ${amount}` }).click();
  await page.waitForURL("**/inventory/sold?missing=1");
}

it("from signing up to proved books", { timeout: 300_000 }, async () => {
  const page = await app.newPage();
  await signUp(page);

  // The market has a shop already; these orders are of products that the bank's purchases will be.
  const made = await sell({ count: 12 });
  const product = (title: string) => {
    const line = made.flatMap(({ lines }) => lines).find((one) => one.title === title && one.sku !== null);
    if (line?.sku == null) throw new Error(`the market has sold no ${title}`);
    return { name: `${line.title}, ${line.variant_title}`, sku: line.sku, variant: line.variant_id };
  };
  const [board, belt] = [product("Olive-wood board"), product("Leather belt")];
  await sell({ lines: [{ variant: board.variant, quantity: 2 }] });
  for (let i = 0; i < 2; i += 1) await sell({ lines: [{ variant: belt.variant, quantity: 1 }] });

  const statement = ofx(
    "4410098812",
    [
      { on: `${year}0101`, amount: "-520.00", id: `${year}0001`, name: "OLIVE GROVE WORKSHOP" },
      { on: `${year}0101`, amount: "-300.00", id: `${year}0002`, name: "COOPER HILL ESTATE SALE" },
      { on: `${year}0101`, amount: "-64.10", id: `${year}0003`, name: "GREEN MARKET GROCER" },
      { on: `${year}0101`, amount: "2000.00", id: `${year}0004`, name: "OWN SAVINGS" },
    ],
    { on: `${year}0101`, amount: "1115.90" },
  );
  await bringIn(page, { name: "checking.ofx", text: statement }, 4);
  await categorise(page, "OLIVE GROVE WORKSHOP", "Inventory");
  await categorise(page, "COOPER HILL ESTATE SALE", "Inventory");
  await categorise(page, "GREEN MARKET GROCER", "Supplies");
  await categorise(page, "OWN SAVINGS", "Owner's contributions");

  // Both purchases stand under Balances, undetailed.
  expect(await balances(page)).toEqual({ cost: 0n, balance: 82_000n });
  expect(await page.getByRole("link", { name: /^Add Details/ }).count()).toBe(2);

  // Details in part, saved, and found again after a reload.
  await page.getByRole("link", { name: tagged("Add Details", "OLIVE GROVE WORKSHOP") }).click();
  await page.getByRole("heading", { name: "Add Details" }).waitFor();
  await detail(page, 1, { ...board, qty: "40", each: "10.00" });
  expect(await termOf(page, "Still to detail")).toBe(12_000n);
  await page.getByRole("button", { name: "Save, 120.00 left" }).click();
  await page.getByText("1 row saved, 120.00 left.").waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Add Details" }).waitFor();
  expect(await page.getByLabel("Product, row 1", { exact: true }).inputValue()).toBe(board.name);
  expect(await termOf(page, "Still to detail")).toBe(12_000n);
  expect(await balances(page)).toEqual({ cost: 0n, balance: 82_000n });
  await page.getByRole("cell", { name: /OLIVE GROVE WORKSHOP.* 120\.00 left/ }).waitFor();

  // And finished: a second product, and postage spread over both.
  await page.getByRole("link", { name: tagged("Add Details", "OLIVE GROVE WORKSHOP") }).click();
  await detail(page, 2, { ...belt, qty: "1", each: "110.00" });
  await page.getByLabel("Extra cost, row 1").fill("Shipping");
  await page.getByLabel("Amount of extra cost 1").fill("10.00");
  await page.getByLabel("Amount of extra cost 1").press("Tab");
  await page.getByRole("button", { name: "Save, nothing left" }).click();
  await page.getByText("2 rows saved, nothing left.").waitFor();
  const before = await balances(page);
  expect(before).toEqual({ cost: 0n, balance: 82_000n });
  expect(await page.getByRole("link", { name: /^Add Details/ }).count()).toBe(1);

  // The market is connected by its own sign-in, and its first sync is watched to its end. It begins slowly, so that there is time to.
  await control("", { faults: { slow: 2, slowMs: 1_500 } });
  await page.goto(`${base}/channels`);
  await page.getByRole("button", { name: "Practice channel" }).click();
  await page.getByRole("heading", { name: "Allow Lotbook to read Practice Market?" }).waitFor();
  expect(new URL(page.url()).origin).toBe(app.practiceUrl);
  await page.getByRole("button", { name: "Allow" }).click();
  await page.waitForURL(`**${base}/channels?connected=practice`);
  await page.getByText("Its first sync is under way.").waitFor();
  const progress = page.locator("section", { has: page.getByRole("heading", { name: /, first sync$/ }) });
  await progress.getByRole("cell", { name: "Into the books" }).waitFor();
  await progress.getByText(/^[1-9]\d* documents fetched/).waitFor();
  await page.getByRole("cell", { name: /Up to date/ }).waitFor({ timeout: 120_000 });

  // What was sold of the detailed products has its cost; Inventory fell by what Cost of Goods Sold rose.
  const after = await balances(page);
  expect(after.cost).toBeGreaterThan(0n);
  expect(before.balance - after.balance).toBe(after.cost - before.cost);
  const costs = page.locator("tr", { hasText: /Cost of (sale|\d+ sales)/ }).locator("td", { hasText: /^\u2212\d/ });
  expect(await costs.count()).toBeGreaterThan(0);

  // Two belts were sold beyond the one that was bought. The first one's cost is found in a purchase that is still to detail.
  await addCostsTo(page, "Leather belt");
  await page.getByRole("radio", { name: /^Choose COOPER HILL ESTATE SALE/ }).check();
  await page.getByLabel("Part of the 300.00 it cost").fill("30.00");
  await page.getByLabel("Part of the 300.00 it cost").press("Tab");
  await saveCost(page, "30.00");
  const found = await balances(page);
  expect(found).toEqual({ cost: after.cost + 3_000n, balance: after.balance - 3_000n });
  await page.getByRole("cell", { name: /COOPER HILL ESTATE SALE.* 270\.00 left/ }).waitFor();

  // The other one was never in the inventory: it comes in and goes out.
  await addCostsTo(page, "Leather belt");
  await page.getByRole("radio", { name: "It is not in my inventory" }).check();
  await page.getByLabel("What you paid in all").fill("12.34");
  await page.getByLabel("What you paid in all").press("Tab");
  await saveCost(page, "12.34");
  expect(await balances(page)).toEqual({ cost: found.cost + 1_234n, balance: found.balance });

  // The item's ledger closes at what In Stock has.
  await page.goto(`${base}/inventory/in-stock?q=${encodeURIComponent(board.sku)}`);
  const stock = page.getByRole("table");
  const [onHand, value] = [await figureOf(stock, board.sku, "On hand"), await figureOf(stock, board.sku, "Value")];
  await page.getByRole("link", { name: /^View Item/ }).click();
  await page.getByRole("heading", { name: board.name }).waitFor();
  const ledger = page.getByRole("table").last();
  expect(await ledger.locator("tbody tr").count()).toBeGreaterThan(3);
  expect(await figureOf(ledger, "Closing", "On hand")).toBe(onHand);
  expect(await figureOf(ledger, "Closing", "Worth")).toBe(value);
  expect(minorOf(value)).toBeGreaterThan(0n);

  // Profit and loss says what the orders earned, less what belongs to no order: the market's own charges, and the grocer's 64.10.
  await page.goto(`${base}/sales?year=all`);
  const earned = await termOf(page, "Profit on orders");
  await page.goto(`${base}/reports/profit?from=2000-01-01&to=${year}-12-31&months=none`);
  const net = minorOf(await figureOf(page.getByRole("table").last(), "Profit", `1 Jan 2000 to 31 Dec ${year}`));
  const [others] = await rowsAs<{ amount: string }>(
    (
      sql,
    ) => sql`select coalesce(sum(amount_minor), 0)::text as amount from charges c join directory d using (business_id)
      where d.slug = ${base.slice(1)} and c.order_id is null and not c.is_undone and c.category in ('fee', 'processing', 'advertising', 'label', 'refund', 'sale', 'reimbursement', 'other')`,
  );
  expect(net).toBe(earned + BigInt(others?.amount ?? "0") - 6_410n);
  await page.goto(`${base}/reports/profit?period=${year}&months=none`);
  const cost = await figureOf(page.getByRole("table").last(), "Cost of goods sold", `${year} to date`);
  expect(minorOf(cost)).toBe((await balances(page)).cost);

  // And the books are proved, by the page and by the command's own means.
  const [business] = await rowsAs<{ id: string }>(
    (sql) => sql`select business_id as id from directory where slug = ${base.slice(1)}`,
  );
  const proof = await verifyBooks({ businessId: business?.id ?? "" });
  expect(proof.checks.filter(({ findings }) => findings.length > 0)).toEqual([]);
  expect(proof.checks.length).toBeGreaterThan(8);
  expect(app.outside).toEqual([]);
});

const fixture = join(process.env.FIXTURES_DIR ?? "../shared/fixtures", "bank/ofx/jseutter_checking.ofx");

it.skipIf(!existsSync(fixture))("a bank's own file comes in with the balance that it says of itself", async () => {
  const page = await app.newPage();
  await page.goto("/sign-up");
  await page.getByLabel("Your name").fill("Moss Hollis");
  await page.getByLabel("E-mail").fill("moss@example.com");
  await page.getByLabel("Password").fill("three plain words");
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.waitForURL("**/start");
  await page.getByLabel("Name", { exact: true }).fill("Moss");
  await page.getByRole("button", { name: "Begin the books" }).click();
  await page.waitForURL("**/moss");
  await page.goto("/moss/transactions/import");
  await page
    .getByLabel("The file")
    .setInputFiles({ name: "checking.ofx", mimeType: "application/x-ofx", buffer: readFileSync(fixture) });
  await page.getByRole("button", { name: "Preview the file" }).click();
  await page.getByRole("button", { name: "Bring in 3 new" }).click();
  await page.getByText("3 came in, 0 were here already.").waitFor();
  await page.goto("/moss/transactions?year=all");
  expect(await page.locator("tfoot").textContent()).toContain("3 transactions");
  expect(await page.locator("tbody tr").count()).toBe(3);
});
