import { AxeBuilder } from "@axe-core/playwright";
import type { BrowserContextOptions, Page } from "playwright-core";
import postgres from "postgres";
import { beforeAll, describe, expect, it } from "vitest";
import { type App, startApp } from "../support/app";
import { testDatabase } from "../support/database";
import { looksWell } from "../support/looks";
import { type Mailbox, openMailbox } from "../support/mailbox";

let app: App;
let mailbox: Mailbox;

beforeAll(async () => {
  mailbox = await openMailbox();
  app = await startApp({ environment: { SMTP_URL: mailbox.url } });
});

const password = "three plain words";
let count = 0;

/** A person with an account, signed in and asked for their business. */
async function signedUp(options: BrowserContextOptions = {}): Promise<{ page: Page; email: string }> {
  count += 1;
  const email = `way${count}@example.com`;
  const page = await app.newPage(options);
  await page.goto("/sign-up");
  await page.fill("[name=name]", "Dana Alder");
  await page.fill("[name=email]", email);
  await page.fill("[name=password]", password);
  await page.click("text=Make the account");
  await page.waitForURL("**/start");
  return { page, email };
}

/** The same with a business; gives its address. */
async function withBusiness(name: string, options: BrowserContextOptions = {}) {
  const { page, email } = await signedUp(options);
  await page.fill("[name=name]", name);
  await page.click("text=Begin the books");
  await page.waitForURL((url) => !url.pathname.startsWith("/start"));
  return { page, email, base: new URL(page.url()).pathname };
}

const faults = async (page: Page) =>
  (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);

describe("the way in", () => {
  it("leads from nothing to a business of one's own, and out again", async () => {
    const { page, email, base } = await withBusiness("Cedar Lane");
    expect(base).toBe("/cedar-lane");
    await page.goto(`${base}/settings`);
    expect(await page.inputValue("[name=name]")).toBe("Cedar Lane");
    await page.click(".side >> text=Sign out");
    await page.waitForURL("**/sign-in");
    await page.goto(`${base}/settings/team`);
    expect(page.url()).toContain("/sign-in?next=%2Fcedar-lane%2Fsettings%2Fteam");
    await page.fill("[name=email]", email);
    await page.fill("[name=password]", password);
    await page.click("button:has-text('Sign in')");
    await page.waitForURL(`**${base}/settings/team`);
  });

  it("works without script", async () => {
    const { page, base } = await withBusiness("Plain Paper", { javaScriptEnabled: false });
    await page.goto(`${base}/settings`);
    await page.fill("[name=name] >> nth=0", "Plain Paper Goods");
    await page.click("button:has-text('Save')");
    await page.goto(`${base}/settings`);
    expect(await page.inputValue("[name=name] >> nth=0")).toBe("Plain Paper Goods");
  });

  it("keeps what was typed, but the password, and says what is wrong at its field", async () => {
    const page = await app.newPage();
    await page.goto("/sign-up");
    await page.fill("[name=name]", "Dana");
    await page.fill("[name=email]", "kept@example.com");
    await page.fill("[name=password]", "password1");
    await page.click("text=Make the account");
    await page.waitForSelector(".alert");
    expect(await page.getAttribute("[name=password]", "aria-invalid")).toBe("true");
    expect(await page.inputValue("[name=email]")).toBe("kept@example.com");
    expect(await page.inputValue("[name=password]")).toBe("");
  });

  it("to the demo is one press, and its end one and a yes; a second press opens no second one", async () => {
    const { page } = await signedUp();
    await page.click("text=Open the demo");
    await page.waitForURL((url) => !url.pathname.startsWith("/start"), { timeout: 120_000 });
    const base = new URL(page.url()).pathname;
    await page.goto("/start");
    expect(await page.locator("text=Open the demo").count()).toBe(0);
    await page.goto(`${base}/settings`);
    await page.click("aside button:has-text('Throw the demo away')");
    await page.click("dialog[open] button:has-text('Throw it away')");
    await page.waitForURL("**/start");
    expect((await page.goto(`${base}/settings`))?.status()).toBe(404);
  });

  it("back out of a business asks for its name and the password", async () => {
    const { page, base } = await withBusiness("Thrown Away");
    const answers = async (name: string, secret: string) => {
      await page.goto(`${base}/settings`);
      await page.fill("form:has-text('To be sure') [name=name]", name);
      await page.fill("[name=password]", secret);
      await page.click("button:has-text('Throw away for good')");
    };
    await answers("Thrown", password);
    await page.waitForSelector(".alert:has-text('type its name')");
    await answers("Thrown Away", "not the password");
    await page.waitForSelector(".alert:has-text('not your password')");
    await answers("Thrown Away", password);
    await page.waitForURL("**/start");
  });

  it("is axe clean, light and dark, wide and narrow", async () => {
    const { page, base } = await withBusiness("Clean Sheet");
    const outside = await app.newPage();
    const visits: [Page, string][] = [
      ...["/", "/sign-in", "/sign-up", "/sign-in/mail", "/sign-in/sent"].map((path): [Page, string] => [outside, path]),
      ...["/settings", "/settings/team", "/settings/security", "/settings/audit"].map((path): [Page, string] => [
        page,
        `${base}${path}`,
      ]),
      [page, "/start"],
    ];
    for (const [at, path] of visits) {
      await at.goto(path);
      await looksWell(at, path, faults);
    }
    expect(app.outside).toEqual([]);
  });
});

describe("a mailed link", () => {
  it("lets in who reads the mail, once, and ends what was made with their address before", async () => {
    const { page: before, email } = await signedUp();
    const page = await app.newPage();
    await page.goto("/sign-in/mail");
    await page.fill("[name=email]", email);
    await page.click("text=Send the link");
    await page.waitForURL("**/sign-in/sent");
    const link = (await mailbox.newest(email)).match(/http:\/\/localhost:\d+\/sign-in\/link\S+/)?.[0] ?? "";
    // As a mail scanner does: that uses nothing up.
    expect((await page.request.get(link)).status()).toBe(200);
    await page.goto(link);
    await page.click("text=Go to your books");
    await page.waitForURL("**/start");
    await before.goto("/start");
    expect(before.url()).toContain("/sign-in");
    const again = await app.newPage();
    await again.goto(link);
    await again.click("text=Go to your books");
    await again.waitForURL("**/sign-in?error=Verification");
    expect(await again.textContent(".alert")).toContain("used already");
  });
});

describe("what is given away", () => {
  it("by the session is who it is, and nothing else", async () => {
    const { page, email } = await signedUp();
    const response = await page.request.get("/api/auth/session");
    const shown = await response.json();
    expect(Object.keys(shown).sort()).toEqual(["expires", "user"]);
    expect(Object.keys(shown.user).sort()).toEqual(["email", "id", "name"]);
    expect(shown.user.email).toBe(email);
    const cookie = (await page.context().cookies()).find(({ name }) => name === "authjs.session-token");
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
    const text = JSON.stringify(shown);
    expect(text).not.toContain(cookie?.value ?? "no cookie");
    expect(text).not.toMatch(/argon2|hash|password/i);
  });

  it("by a business of others is what is given by none at all", async () => {
    const { base } = await withBusiness("Closed Door");
    const { page } = await withBusiness("Other House");
    for (const path of ["", "/settings", "/settings/team", "/settings/audit", "/inventory/balances"]) {
      const [theirs, none] = [
        await page.request.get(`${base}${path}`),
        await page.request.get(`/no-such-business${path}`),
      ];
      expect([theirs.status(), none.status()], path).toEqual([404, 404]);
      expect(await theirs.text()).not.toContain("Closed Door");
    }
  });

  it("by headers is what the policy says, on every kind of answer", async () => {
    const { page, base } = await withBusiness("Headers");
    for (const path of ["/", "/sign-in", `${base}/settings`, "/no-such-business", "/api/health", "/api/auth/session"]) {
      const headers = (await page.request.get(path, { maxRedirects: 0 })).headers();
      const policy = headers["content-security-policy"] ?? "";
      expect(policy, path).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic';/);
      expect(policy, path).toContain("frame-ancestors 'none'");
      expect(headers, path).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
      });
      expect(headers["access-control-allow-origin"], path).toBeUndefined();
      expect(headers["x-powered-by"], path).toBeUndefined();
      if (path.includes("settings")) expect(headers["cache-control"]).toContain("no-store");
    }
  });

  it("by search engines is shut but for the front and the signing in", async () => {
    const page = await app.newPage();
    const said = await page.request.get("/robots.txt", { maxRedirects: 0 });
    expect([said.status(), await said.text()]).toEqual([200, expect.stringMatching(/^Disallow: \/$/m)]);
  });

  it("by the log is no password and no session", async () => {
    const { page } = await signedUp();
    const cookie = (await page.context().cookies()).find(({ name }) => name === "authjs.session-token");
    expect(app.said()).toContain("signed in");
    expect(app.said()).not.toContain(password);
    expect(app.said()).not.toContain(cookie?.value ?? "");
  });
});

describe("another site", () => {
  it("cannot send a form with this person's cookie", async () => {
    const { page, base } = await withBusiness("Own Hand");
    await page.goto(`${base}/settings`);
    const sent = page.waitForRequest((request) => request.method() === "POST" && request.url().includes("/settings"));
    await page.fill("[name=name] >> nth=0", "Own Hand Goods");
    await page.click("button:has-text('Save')");
    const request = await sent;
    await page.waitForSelector(".toast");
    const again = (origin: Record<string, string>) => {
      const { origin: _, host: __, "content-length": ___, ...headers } = request.headers();
      const data = (request.postDataBuffer() ?? Buffer.alloc(0)).toString().replace("Own Hand Goods", "Stolen");
      return page.request.post(request.url(), { headers: { ...headers, ...origin }, data: Buffer.from(data) });
    };
    await again({ origin: "https://evil.example", "sec-fetch-site": "cross-site" });
    await again({ origin: app.url, "sec-fetch-site": "cross-site" });
    await again({ origin: "null" });
    await again({});
    await page.goto(`${base}/settings`);
    expect(await page.inputValue("[name=name] >> nth=0")).toBe("Own Hand Goods");
    // The same request from our own page does change it: what failed above was the origin.
    await again({ origin: app.url });
    await page.goto(`${base}/settings`);
    expect(await page.inputValue("[name=name] >> nth=0")).toBe("Stolen");
  });

  it("cannot sign anybody in without the token of our own form", async () => {
    const { email } = await signedUp();
    const page = await app.newPage();
    await page.request.post("/api/auth/callback/credentials", {
      form: { email, password, csrfToken: "made-up" },
      headers: { origin: "https://evil.example" },
    });
    expect((await page.context().cookies()).some(({ name }) => name === "authjs.session-token")).toBe(false);
  });
});

describe("leaving", () => {
  it("ends the session for good: the old cookie is worth nothing, here and at its twin", async () => {
    const { page, base } = await withBusiness("Last Out");
    const cookies = await page.context().cookies();
    await page.goto(`${base}/settings`);
    await page.click(".side >> text=Sign out");
    await page.waitForURL("**/sign-in");
    const twin = await app.newPage();
    await twin.context().addCookies(cookies);
    await twin.goto(`${base}/settings`);
    expect(twin.url()).toContain("/sign-in");
  });

  it("from the list of sessions ends another browser at its next page", async () => {
    const { page, email, base } = await withBusiness("Two Desks");
    const other = await app.newPage();
    await other.goto("/sign-in");
    await other.fill("[name=email]", email);
    await other.fill("[name=password]", password);
    await other.click("button:has-text('Sign in')");
    await other.waitForURL(`**${base}`);
    await page.goto(`${base}/settings/security`);
    await page.click("button:has-text('End the session')");
    await page.waitForSelector("button:has-text('End the session')", { state: "detached" });
    await other.goto(`${base}/settings`);
    expect(other.url()).toContain("/sign-in");
  });
});

it("a person taken out of the team sees nothing more at the next page", async () => {
  const { page, base } = await withBusiness("Taken Out");
  // Behind the product's back, where nothing asks for an audit row.
  const admin = postgres((await testDatabase()).url, {
    max: 1,
    onnotice: () => undefined,
    connection: { session_replication_role: "replica" },
  });
  await admin`delete from app.members where business_id = (select business_id from app.directory where slug = ${base.slice(1)})`;
  await admin.end();
  expect((await page.goto(`${base}/settings`))?.status()).toBe(404);
});
