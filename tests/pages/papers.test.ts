/** Invoices and receipts in a browser: issued on the order's page, kept as PDF, for many at once; a photo beside a purchase; numbers chosen. */
import { readFile } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { attachmentsOf } from "../../lib/desk/attachments";
import { issuedRows } from "../../lib/desk/issued-reads";
import type { Scope } from "../../lib/people/access";
import { type App, startApp } from "../support/app";
import { fromPdf } from "../support/files";
import { openMailbox } from "../support/mailbox";
import { cookieName, sessionFor } from "../support/pages-visits";
import { aShop, give, item, order, proved, purchase } from "../support/trading";

let app: App;
let mail: Awaited<ReturnType<typeof openMailbox>>;
beforeAll(async () => {
  mail = await openMailbox();
  app = await startApp({ environment: { SMTP_URL: mail.url } });
});
afterAll(closeDatabase);

const year = new Date().getUTCFullYear();
const day = `${year}-01-05`;

async function aSellerOf(name: string, options: BrowserContextOptions = {}): Promise<{ scope: Scope; page: Page }> {
  const scope = await aShop(name);
  await give(scope, [
    item("pot", "Copper pot", "POT-1"),
    purchase("p1", day, [["pot", 5n, 5000n]]),
    order("o1", day, [["Copper pot", 2n, 6_000n, "POT-1"]], { shipping: 500n, tax: 440n }),
    order("o2", day, [["Copper pot", 1n, 3_000n, "POT-1"]]),
    order("o3", day, [["Copper pot", 1n, 3_000n, "POT-1"]]),
    {
      kind: "return",
      id: "r1",
      date: day,
      order: "o1",
      lines: [
        {
          id: "r1-1",
          line: "o1-1",
          qty: 1n,
          amount: 3_000n,
          restock: true,
          writeOff: false,
          location: null,
          placed: true,
        },
      ],
    },
  ]);
  const page = await app.newPage(options);
  await page.context().addCookies([{ name: cookieName, value: await sessionFor(scope.userId ?? ""), url: app.url }]);
  return { scope, page };
}

const faults = async (page: Page) =>
  (await new AxeBuilder({ page }).setLegacyMode().analyze()).violations.map(
    ({ id, nodes }) => `${id}: ${nodes[0]?.html}`,
  );
const textOf = async (page: Page) => ((await page.locator("main").textContent()) ?? "").replace(/\s+/g, " ");

it("an invoice is issued, kept, mailed, followed by its credit note; the next ones are marked in the list", async () => {
  const { scope, page } = await aSellerOf("Papers");
  await page.goto(`/${scope.slug}/settings/documents?edit=invoice`);
  await page.getByLabel("Begins with").fill("cu");
  await page.getByLabel("Next number").fill("12");
  await page.getByRole("button", { name: "Save" }).last().click();
  await page.getByText(`CU-${year}-0012`).first().waitFor();
  expect(await faults(page)).toEqual([]);
  await page.goto(`/${scope.slug}/sales/o1`);
  await page.getByText("Issue an invoice").click();
  await page.getByLabel("Made out to").fill("Ada Long");
  await page.getByLabel("Their address").fill("1 Mill Lane\nLeeds");
  await page.getByRole("button", { name: "Issue invoice" }).click();
  await page.waitForURL("**/documents/*");
  expect(await textOf(page)).toContain(`Invoice CU-${year}-0012`);
  expect(await faults(page)).toEqual([]);
  const [kept] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "PDF" }).click()]);
  expect(kept.suggestedFilename()).toBe(`Invoice-CU-${year}-0012.pdf`);
  const pdf = (await fromPdf(await readFile((await kept.path()) ?? ""))).flat(2);
  for (const said of ["Ada Long", "Leeds", "Copper pot", "69.40", "Page 1 of 1"]) expect(pdf).toContain(said);
  await page.getByText("Send by mail").click();
  await page.getByRole("textbox", { name: "To", exact: true }).fill("ada@example.com");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  expect(await mail.newest("ada@example.com")).toContain(`Invoice-CU-${year}-0012.pdf`);
  await page.getByRole("link", { name: "Open its order" }).click();
  await page.getByRole("button", { name: /Issue the credit note/ }).click();
  await page.waitForURL("**/documents/*");
  await page.getByText(`Credit note CN-${year}-0001`).first().waitFor();
  await page.goto(`/${scope.slug}/sales`);
  for (const number of ["N-o2", "N-o3"]) await page.getByLabel(`Order ${number}`).check();
  await page.getByRole("button", { name: "Issue invoices" }).click();
  await page.getByText("2 invoices issued.").first().waitFor();
  const { rows } = await issuedRows(scope, { kind: "invoice" }, null);
  expect(rows.map(({ number }) => number)).toEqual([`CU-${year}-0014`, `CU-${year}-0013`, `CU-${year}-0012`]);
  await page.goto(`/${scope.slug}/documents`);
  expect(await textOf(page)).toContain(`CN-${year}-0001`);
  expect(await faults(page)).toEqual([]);
  await proved(scope);
});

it("a photo stands beside its purchase, on a phone too, and nothing else is taken for one; without script", async () => {
  const { scope, page } = await aSellerOf("Photos", {
    viewport: { width: 390, height: 844 },
    javaScriptEnabled: false,
  });
  const there = `/${scope.slug}/inventory/details/p1`;
  const png = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
    "base64",
  );
  const send = async (name: string, buffer: Buffer) => {
    await page.goto(there);
    const input = page.locator("input[type=file]");
    if (!(await input.isVisible())) await page.getByText("Add a photo of the receipt").click();
    await input.setInputFiles({ name, mimeType: "image/png", buffer });
    await page.getByRole("button", { name: "Add file" }).click();
    await page.waitForURL((url) => url.hash === "#files");
  };
  await send("page.png", Buffer.from("<html><script>alert(1)</script></html>"));
  expect(await page.getByRole("alert").first().textContent()).toContain("Only pictures");
  await send("receipt.png", png);
  const picture = page.getByRole("img", { name: "receipt.png" });
  await picture.waitFor();
  const [file] = await attachmentsOf(scope, "purchase/p1");
  const answer = await page.request.get(`/${scope.slug}/attachments/${file?.id}`);
  const headers = answer.headers();
  expect([answer.status(), headers["content-type"], headers["x-content-type-options"]]).toEqual([
    200,
    "image/png",
    "nosniff",
  ]);
  expect(headers["content-security-policy"]).toContain("sandbox");
  expect(headers["content-disposition"]).toMatch(/^inline; filename="receipt.png"/);
  expect(await answer.body()).toEqual(png);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await page.getByRole("button", { name: /Remove/ }).click();
  await expect.poll(async () => (await attachmentsOf(scope, "purchase/p1")).length).toBe(0);
  expect((await page.request.get(`/${scope.slug}/attachments/${file?.id}`)).status()).toBe(404);
});
