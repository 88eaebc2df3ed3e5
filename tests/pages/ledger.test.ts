/** The item ledger in a browser: filtered four ways, each held in the address, and taken away in three formats; a long one by a worker. */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeDatabase, inBusiness } from "../../db/scope";
import { addDays } from "../../lib/core/dates";
import type { Fact } from "../../lib/core/facts";
import type { Scope } from "../../lib/people/access";
import { addChannel } from "../../lib/sales/channel-accounts";
import { ledgerPage } from "../../lib/stock/item-ledger";
import type { LedgerFilter } from "../../lib/stock/ledger-filter";
import { anItem, aPurchase, aSale, recordAll } from "../../scripts/lib/bench/histories";
import { aSeller } from "../../scripts/lib/sellers";
import { type App, startApp } from "../support/app";
import { fromCsv, fromPdf, fromXlsx } from "../support/files";
import { cookieName, sessionFor } from "../support/pages-visits";

const long = 5_200;
let app: App;
let scope: Scope;

function* history(): Generator<Fact> {
  yield { kind: "location", id: "barn", name: "Barn" };
  yield anItem("mug");
  yield anItem("bulk");
  yield { ...aPurchase("p-0", "mug", "2026-01-01", 90n, 9_000n), supplier: "Mill" } as Fact;
  for (let n = 0; n < 40; n += 1) {
    const date = addDays("2026-01-02", n);
    yield aSale(`s-${n}`, "mug", date);
    if (n % 8 === 0)
      yield {
        kind: "adjustment",
        id: `a-${n}`,
        date,
        location: null,
        reason: n % 16 === 0 ? "damaged" : "lost",
        lines: [{ id: `a-${n}/1`, item: "mug", qty: -1n, amount: 0n }],
      };
    if (n % 10 === 5)
      yield {
        kind: "transfer",
        id: `t-${n}`,
        date,
        arrives: null,
        from: "main",
        to: "barn",
        lines: [{ id: `t-${n}/1`, item: "mug", qty: 2n }],
      };
  }
  yield aPurchase("p-bulk", "bulk", "2026-01-01", BigInt(long), 1_000_003n);
  for (let n = 0; n < long; n += 1) yield aSale(`b-${n}`, "bulk", addDays("2026-01-02", n % 60));
}

beforeAll(async () => {
  app = await startApp();
  scope = await aSeller("Alder Street");
  await inBusiness(scope, (tx) => addChannel(tx, scope, { id: "shop", kind: "hand", name: "Shop", state: "file" }));
  await recordAll(scope, history());
});
afterAll(closeDatabase);

async function opened(path: string): Promise<Page> {
  const page = await app.newPage();
  await page.context().addCookies([{ name: cookieName, value: await sessionFor(scope.userId ?? ""), url: app.url }]);
  await page.goto(`/${scope.slug}${path}`);
  return page;
}

/** The numbers of the documents in the table, without opening and closing. */
const numbersOf = async (page: Page): Promise<readonly string[]> =>
  (await page.getByRole("table").last().locator("tbody td:nth-child(3)").allTextContents())
    .map((text) => text.trim())
    .filter((text) => text !== "");

async function expected(filter: Partial<LedgerFilter>): Promise<readonly string[]> {
  const page = await ledgerPage(scope, { item: "mug", ...filter }, { fromStart: true, limit: 1_000 });
  return page.rows.map((row) => row.number);
}

async function taken(page: Page, name: string): Promise<Readonly<{ name: string; bytes: Buffer }>> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page
      .getByRole("link", { name: new RegExp(`^${name}`) })
      .first()
      .click(),
  ]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

async function choose(page: Page, chip: string, choice: string): Promise<void> {
  const menu = page
    .locator("details.chip-menu")
    .filter({ has: page.locator("summary", { hasText: new RegExp(`^${chip} `) }) });
  await menu.locator("summary").click();
  await menu.getByRole("link", { name: choice, exact: true }).click();
  await page.waitForURL((url) => url.search !== "" && !url.search.includes("before"));
}

it("is filtered freely, and taken away as it is filtered", async () => {
  const from = "2026-01-01";
  const page = await opened("/inventory/ledger/mug?from=2026-01-01");
  await choose(page, "Reason", "Damaged");
  await page.waitForURL(/reason=damaged/);
  await expect.poll(() => numbersOf(page)).toEqual(await expected({ from, reason: "damaged" }));
  await page.goto(`/${scope.slug}/inventory/ledger/mug?from=${from}`);
  await choose(page, "Type", "Transfer");
  await page.waitForURL(/type=transfer/);
  await expect.poll(() => numbersOf(page)).toEqual(await expected({ from, kinds: ["transfer"] }));
  await choose(page, "Location", "Barn");
  await page.waitForURL(/location=barn/);
  const barn = { from, kinds: ["transfer"], location: "barn" } as const;
  await expect.poll(() => numbersOf(page)).toEqual(await expected(barn));
  expect((await numbersOf(page)).length).toBe(4);
  // Read again, the address says the same.
  await page.reload();
  expect(await numbersOf(page)).toEqual(await expected(barn));
  for (const [name, read] of [
    ["CSV", async (bytes: Buffer) => fromCsv(bytes).rows.map((row) => row[2] ?? "")],
    ["Excel", async (bytes: Buffer) => (await fromXlsx(bytes)).rows.map((row) => row[2] ?? "")],
  ] as const) {
    const file = await taken(page, name);
    expect(file.name).toMatch(/-ledger-MUG\.(csv|xlsx)$/);
    expect((await read(file.bytes)).filter((number) => number !== "")).toEqual(await expected(barn));
  }
  const pdf = await fromPdf((await taken(page, "PDF")).bytes);
  const lines = pdf.flat().map((line) => line.join("|"));
  expect(lines.filter((line) => line.includes("|Transfer|")).map((line) => line.split("|")[2])).toEqual(
    await expected(barn),
  );
  expect(lines.some((line) => line.includes("location Barn"))).toBe(true);
  // A document by its number, whatever its day.
  await page.goto(`/${scope.slug}/inventory/ledger/mug`);
  await page.locator("summary", { hasText: /^Document / }).click();
  await page.getByRole("textbox", { name: "Number" }).fill("s-7");
  await page.getByRole("button", { name: "Show this document" }).click();
  await page.waitForURL(/number=s-7/);
  expect(await numbersOf(page)).toEqual(["s-7"]);
  expect(app.outside).toEqual([]);
});

it("is made by a worker where it is long, survives a reload, and can be taken when it is ready", async () => {
  const page = await opened("/inventory/ledger/bulk");
  await page.getByRole("button", { name: /^CSV/ }).click();
  await page.getByText("It is made in the background").waitFor();
  await page.reload();
  const link = page.getByRole("link", { name: /-ledger-BULK\.csv$/ });
  await expect
    .poll(
      async () => {
        await page.reload();
        return link.count();
      },
      { timeout: 90_000, interval: 1_000 },
    )
    .toBe(1);
  const file = await taken(page, `${scope.slug}-ledger-BULK`);
  const { rows } = fromCsv(file.bytes);
  expect(rows).toHaveLength(long + 3);
  expect([rows[0]?.[1], rows.at(-1)?.[1], rows.at(-1)?.[9]]).toEqual(["Opening", "Closing", "0"]);
});
