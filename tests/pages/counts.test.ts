/**
 * A blind count on a phone of 390 px with the network cut in the middle, by two people: what is counted waits on the device, is handed in
 * when the connection is back, once; then the difference is reviewed and approved, and the sheet and the books say the same.
 */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import { countRows, countView } from "../../lib/desk/count-reads";
import type { Scope } from "../../lib/people/access";
import { resultOf } from "../../lib/replay/run";
import { saveBarcodes } from "../../lib/stock/barcodes";
import { aSeller } from "../../scripts/lib/sellers";
import { type App, startApp } from "../support/app";
import { cookieName, sessionFor } from "../support/pages-visits";
import { give, item, purchase } from "../support/trading";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };
let app: App;
let scope: Scope;
let page: Page;
let second: Page;

const signedIn = async (): Promise<Page> => {
  const one = await app.newPage(phone);
  await one.context().addCookies([{ name: cookieName, value: await sessionFor(scope.userId ?? ""), url: app.url }]);
  return one;
};

beforeAll(async () => {
  app = await startApp();
  scope = await aSeller("Blind Counters");
  await give(scope, [
    item("mug", "Stoneware mug", "MUG-1"),
    item("tin", "Tea tin", "TIN-1"),
    { kind: "item", id: "cloth", name: "Linen cloth", sku: "LIN", decimals: 2, aliases: [] },
    purchase("p1", "2025-01-02", [
      ["mug", 12n, 2400n],
      ["tin", 4n, 2000n],
      ["cloth", 1050n, 5250n],
    ]),
  ]);
  await saveBarcodes(scope, { item: "tin", codes: ["4006381333931"] });
  [page, second] = [await signedIn(), await signedIn()];
});
afterAll(closeDatabase);

const find = (of: Page) => of.getByLabel("Product: name, SKU or barcode");
const say = async (of: Page, what: string, qty: string, button = "So many here") => {
  await find(of).fill(what);
  await of.getByLabel("How many").fill(qty);
  await of.getByRole("button", { name: button }).click();
};

/** Presses the button and types into the product's field, before anything that waits goes on. */
const scanned = (code: string) => {
  const button = [...document.querySelectorAll("button")].find((one) => one.textContent === "So many here");
  const field = button?.form?.querySelector("input");
  if (button === undefined || field == null) throw new Error("there is no form to count with");
  button.click();
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(field, code);
  field.dispatchEvent(new Event("input", { bubbles: true }));
};

it("a blind count on a phone, with the network cut in the middle", { timeout: 300_000 }, async () => {
  const counts = `/${scope.slug}/inventory/movements/counts`;
  await page.goto(counts);
  await page.getByText("Nothing was counted yet").waitFor();
  await page.getByRole("link", { name: "New count" }).first().click();
  await page.getByLabel("Everything at the location").check();
  await page.getByLabel("Blind").check();
  await page.getByRole("button", { name: "Plan it" }).click();
  await page.getByRole("button", { name: "Begin counting" }).click();
  await page.getByRole("link", { name: "Count", exact: true }).click();
  await page.getByText("All is handed in.").waitFor();
  const address = page.url();
  // Blind: nowhere does it say what is expected.
  expect(await page.getByText("the books say").count()).toBe(0);
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
  const large = await page.getByRole("button", { name: "So many here" }).boundingBox();
  expect(large?.height ?? 0).toBeGreaterThanOrEqual(48);

  await say(page, "MUG-1", "6");
  await page.getByText("6 × Stoneware mug counted. All is handed in.").waitFor();

  // The connection is cut: counting goes on, and what is counted waits.
  await page.context().setOffline(true);
  await say(page, "mug", "x");
  await page.getByText("is not a quantity").waitFor();
  await say(page, "MUG-1", "5");
  await say(page, "4006381333931", "4");
  await page.getByText("No connection: 2 entries wait on this device").waitFor();

  // What a scanner types while the entry before it is still being kept stays in its field.
  await find(page).fill("LIN");
  await page.getByLabel("How many").fill("0");
  await page.evaluate(scanned, "4006381333931");
  await page.getByText("0 × Linen cloth counted.").waitFor();
  expect(await find(page).inputValue()).toBe("Tea tin");
  await find(page).fill("");

  // A second person counts on, with a connection.
  await second.goto(address);
  await say(second, "LIN", "10.50");
  await second.getByText("All is handed in.").waitFor();
  const [row] = (await countRows(scope)).rows;
  if (row === undefined) throw new Error("there is no count");
  const qty = async (of: string) =>
    (await countView(scope, row.id)).lines.find((line) => line.item === of)?.counted?.qty ?? null;
  // The page of who counted nothing yet says so too.
  await expect
    .poll(async () => [await qty("mug"), await qty("tin"), await qty("cloth")], { timeout: 10_000 })
    .toEqual([6n, null, 1050n]);

  // The tab is closed while it waits; a new one of the same phone hands in what was kept, once.
  const phoneAgain = await page.context().newPage();
  await page.close();
  await phoneAgain.context().setOffline(false);
  page = phoneAgain;
  await page.goto(address);
  await page.getByText("All is handed in.").waitFor();
  await expect.poll(async () => [await qty("mug"), await qty("tin")]).toEqual([11n, 4n]);
  await page.reload();
  await page.getByText("All is handed in.").waitFor();
  expect(await qty("mug")).toBe(11n);

  // One mug is missing: it gets its reason, its value is shown, it is approved.
  await page.getByRole("link", { name: "Done for now" }).click();
  await page.getByRole("button", { name: "All is counted: look at the differences" }).click();
  await page.getByLabel("Reason for Stoneware mug").selectOption({ label: "Damage" });
  await page.getByRole("button", { name: "Save reasons" }).click();
  await page.getByText("Saved.").waitFor();
  expect(await page.getByLabel("Reason for Stoneware mug").inputValue()).toBe("damaged");
  await page.getByRole("button", { name: "Approve" }).click();
  await page.getByText("Missing: 1 × Stoneware mug.").waitFor();
  await page.getByText("Damage \u22122.00 USD").waitFor();
  expect((await resultOf(scope)).on_hand.find((one) => one.item === "mug")?.qty).toBe(12);
  await page.getByRole("button", { name: "Go on", exact: true }).click();
  await page.getByRole("heading", { name: /^Count CS-\d{4}-0001$/ }).waitFor();
  expect((await resultOf(scope)).on_hand.find((one) => one.item === "mug")?.qty).toBe(11);

  const sheet = await page.request.get(`${app.url}/${scope.slug}/documents/pdf?of=count&id=${row.id}`);
  expect([sheet.status(), sheet.headers()["content-type"]]).toEqual([200, "application/pdf"]);

  // A late device: the count is over, so what it has is kept there and not lost.
  await second.context().setOffline(true);
  await say(second, "LIN", "1");
  await second.getByText("1 entry waits on this device").waitFor();
  await second.context().setOffline(false);
  await second.getByText("This count was approved already.").waitFor();
  await second.getByText("What you counted is kept on this device.").waitFor();
  expect(await qty("cloth")).toBe(1050n);

  expect((await verifyBooks(scope)).checks.flatMap((check) => check.findings)).toEqual([]);
});

it("counts without script, one entry a form", { timeout: 120_000 }, async () => {
  const [row] = (await countRows(scope, { state: "counting" })).rows;
  expect(row).toBeUndefined();
  const bare = await app.newPage({ javaScriptEnabled: false, ...phone });
  await bare.context().addCookies([{ name: cookieName, value: await sessionFor(scope.userId ?? ""), url: app.url }]);
  await bare.goto(`/${scope.slug}/inventory/movements/counts/new`);
  await bare.getByRole("button", { name: "Plan it" }).click();
  await bare.getByRole("button", { name: "Begin counting" }).click();
  await bare.getByRole("link", { name: "Count", exact: true }).click();
  await bare.getByLabel("Product: name, SKU or barcode").fill("TIN-1");
  await bare.getByLabel("How many").fill("4");
  await bare.getByRole("button", { name: "Count", exact: true }).click();
  // What stands in <noscript> is no text to the looks by text.
  await bare.locator("[role=status]").filter({ hasText: "Counted." }).waitFor();
  const [open] = (await countRows(scope, { state: "counting" })).rows;
  const { lines } = await countView(scope, open?.id ?? "");
  expect(lines.find((line) => line.item === "tin")?.counted?.qty).toBe(4n);
});

/** The bars of 4006381333931 (EAN-13): dark is 1. The first digit, 4, says which of the next six are turned (LGLLGG). */
function bars(): string {
  const left = "0001101 0011001 0010011 0111101 0100011 0110001 0101111 0111011 0110111 0001011".split(" ");
  const right = left.map((seven) => [...seven].map((bit) => (bit === "0" ? "1" : "0")).join(""));
  const turned = right.map((seven) => [...seven].reverse().join(""));
  const of = (digits: string, sets: string) =>
    [...digits].map((digit, at) => ({ L: left, G: turned, R: right })[sets[at] ?? ""]?.[Number(digit)]).join("");
  return `101${of("006381", "LGLLGG")}01010${of("333931", "RRRRRR")}101`;
}

it("reads a barcode with the camera, also where the browser reads none itself", { timeout: 120_000 }, async () => {
  const [open] = (await countRows(scope, { state: "counting" })).rows;
  const scanning = await signedIn();
  await scanning.addInitScript((dark) => {
    // A camera that sees a picture of a barcode, on a browser that has no reader.
    Reflect.deleteProperty(window, "BarcodeDetector");
    navigator.mediaDevices.getUserMedia = async () => {
      const seen = document.createElement("canvas");
      [seen.width, seen.height] = [640, 480];
      const drawn = seen.getContext("2d");
      setInterval(() => {
        if (drawn === null) return;
        drawn.fillStyle = "#fff";
        drawn.fillRect(0, 0, 640, 480);
        drawn.fillStyle = "#000";
        [...dark].forEach((bit, at) => {
          if (bit === "1") drawn.fillRect(80 + at * 5, 120, 5, 240);
        });
      }, 50);
      return seen.captureStream(20);
    };
  }, bars());
  const answer = await scanning.goto(`/${scope.slug}/inventory/movements/counts/${open?.id}/count`);
  const headers = answer?.headers() ?? {};
  expect(headers["permissions-policy"]).toContain("camera=(self)");
  expect(headers["content-security-policy"]).toContain("'wasm-unsafe-eval'");
  await scanning.getByRole("button", { name: "Scan with the camera" }).click();
  // The code is an item's, which is chosen.
  await expect.poll(() => find(scanning).inputValue(), { timeout: 30_000 }).toBe("Tea tin");
  expect(app.outside).toEqual([]);
  expect(await scanning.getByLabel("What the camera sees").count()).toBe(0);
  await scanning.getByLabel("How many").fill("3");
  await scanning.getByRole("button", { name: "So many here" }).click();
  await scanning.getByText("3 × Tea tin counted. All is handed in.").waitFor();
  // No other page may do either.
  const list = (await scanning.request.get(`/${scope.slug}/inventory/movements/counts`)).headers();
  expect(list["permissions-policy"]).toContain("camera=(),");
  expect(list["content-security-policy"]).not.toContain("wasm");
});
