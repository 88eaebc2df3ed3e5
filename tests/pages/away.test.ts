/** F10 for people: while the database is away a page says so, with 503 and when to come again, and is back when it is. */
import { connect, createServer, type Server, type Socket } from "node:net";
import { AxeBuilder } from "@axe-core/playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { type App, startApp } from "../support/app";
import { testDatabase } from "../support/database";
import { cookieName, sessionFor } from "../support/pages-visits";
import { aShop } from "../support/trading";

/** Stands between the web and its database, and can be gone. */
class Door {
  private readonly held = new Set<Socket>();
  private server: Server | null = null;
  constructor(
    private readonly to: number,
    public at = 0,
  ) {}
  async open(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(this.to, "127.0.0.1");
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.held.add(one);
        one.once("close", () => other.destroy()).on("error", () => other.destroy());
        one.pipe(other);
      }
    });
    await new Promise<void>((resolve) => server.listen(this.at, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("a door has a port");
    this.at = address.port;
    this.server = server;
  }
  async shut(): Promise<void> {
    const { server } = this;
    this.server = null;
    for (const one of this.held) one.destroy();
    this.held.clear();
    if (server !== null) await new Promise((resolve) => server.close(resolve));
  }
}

let app: App;
let door: Door;
beforeAll(async () => {
  const url = new URL((await testDatabase()).url);
  door = new Door(Number(url.port));
  await door.open();
  url.port = String(door.at);
  app = await startApp({ environment: { DATABASE_URL: url.href } });
});
afterAll(async () => {
  await door.shut();
  await closeDatabase();
});

it("says that the books cannot be reached, and is back when they can", async () => {
  const shop = await aShop("Harbour Goods");
  const page = await app.newPage({ viewport: { width: 390, height: 800 } });
  await page.context().addCookies([{ name: cookieName, value: await sessionFor(shop.userId ?? ""), url: app.url }]);
  const home = `/${shop.slug}`;
  expect((await page.goto(home))?.status()).toBe(200);
  await door.shut();
  // An answer of a second ago may still hold: a page that was begun within it is the fault's.
  await expect.poll(async () => (await page.goto(home))?.status(), { timeout: 15_000 }).toBe(503);
  expect(await page.locator("h1").textContent()).toBe("Your books cannot be reached just now");
  expect((await new AxeBuilder({ page }).setLegacyMode().analyze()).violations).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  const asked = await page.request.fetch(home, { method: "HEAD" });
  expect([asked.status(), asked.headers()["retry-after"], asked.headers()["cache-control"]]).toEqual([
    503,
    "5",
    "no-store",
  ]);
  expect(asked.headers()["x-content-type-options"]).toBe("nosniff");
  // Who has no session is told the same where a page needs the database to be made.
  expect((await page.request.get("/sign-in")).status()).toBe(503);
  await door.open();
  await page.getByRole("link", { name: "Try again" }).click();
  await page.getByRole("navigation").first().waitFor({ timeout: 30_000 });
  expect(new URL(page.url()).pathname).toBe(home);
}, 90_000);
