/** A team as people build it: one invites, the other makes an account by the link, joins, sees what is theirs, and is taken out again. */
import { AxeBuilder } from "@axe-core/playwright";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { saveLocation } from "../../lib/desk/locations";
import { invite } from "../../lib/desk/team";
import type { Scope } from "../../lib/people/access";
import { createPerson } from "../../lib/people/users";
import { type App, startApp } from "../support/app";
import { looksWell } from "../support/looks";
import { type Mailbox, openMailbox } from "../support/mailbox";
import { aMember } from "../support/members";
import { cookieName, sessionFor } from "../support/pages-visits";
import { aShop, give, item, proved, purchase } from "../support/trading";

let app: App;
let mailbox: Mailbox;
beforeAll(async () => {
  mailbox = await openMailbox();
  app = await startApp({ environment: { SMTP_URL: mailbox.url } });
  process.env.AUTH_URL = app.url;
});
afterAll(closeDatabase);

const password = "three plain words";

async function signedIn(userId: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await app.newPage(options);
  await page.context().addCookies([{ name: cookieName, value: await sessionFor(userId), url: app.url }]);
  return page;
}

/** A shop with a loft, where there are mugs, and its owner's browser. */
async function aShopOf(name: string, options: BrowserContextOptions = {}): Promise<{ scope: Scope; page: Page }> {
  const scope = await aShop(name);
  const loft = await saveLocation(scope, { id: null, name: "The loft", kind: "warehouse", address: "", taxNumber: "" });
  await give(scope, [
    item("mug", "Stoneware mug", "MUG-1"),
    item("vase", "Secret vase", "VASE-1"),
    purchase("p1", "2026-01-02", [
      ["mug", 9n, 1800n],
      ["vase", 3n, 9900n],
    ]),
    {
      kind: "transfer",
      id: "t1",
      date: "2026-01-05",
      arrives: null,
      from: "main",
      to: loft,
      lines: [{ id: "t1-1", item: "mug", qty: 4n }],
    },
  ]);
  return { scope, page: await signedIn(scope.userId ?? "", options) };
}

const linkOf = async (email: string): Promise<string> =>
  (await mailbox.newest(email)).match(/http:\/\/localhost:\d+\/invite\/\S+/)?.[0] ?? "";

const team = (scope: Scope) => `/${scope.slug}/settings/team`;

const faults = async (page: Page) =>
  (await new AxeBuilder({ page }).setLegacyMode().analyze()).violations.map(
    ({ id, nodes }) => `${id}: ${nodes[0]?.html}`,
  );

it("somebody is invited, makes an account by the link, joins, sees their location alone, and is taken out", async () => {
  const { scope, page } = await aShopOf("Alder Goods");
  await page.goto(team(scope));
  await page.getByText("You are its only owner").waitFor();
  await page.getByLabel("E-mail").fill("Packer@Example.com");
  await page.getByRole("combobox", { name: "Role" }).selectOption("helper");
  await page
    .getByRole("group", { name: /Only at these locations/ })
    .getByLabel("The loft")
    .check();
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  await page.getByText("The link is on its way to packer@example.com.").first().waitFor();
  const shown = await page.getByLabel(/The link for packer@example.com/).inputValue();
  expect(shown).toBe(await linkOf("packer@example.com"));
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copy", exact: true }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(shown);
  await page
    .getByRole("row", { name: /packer@example.com/ })
    .getByText("The loft")
    .waitFor();
  // It is told this once.
  await page.reload();
  await page.getByRole("row", { name: /packer@example.com/ }).waitFor();
  expect(await page.content()).not.toContain(shown.split("/").at(-1));

  const other = await app.newPage();
  await other.goto(shown);
  await other.getByRole("heading", { name: "Join Alder Goods" }).waitFor();
  expect(await other.locator("main").textContent()).toContain("packer@example.com is invited into its books as helper");
  expect(await other.locator("meta[name=robots]").getAttribute("content")).toBe("noindex, nofollow");
  await other.getByRole("link", { name: "Make an account" }).click();
  await other.getByLabel("Your name").fill("Pat Packer");
  await other.getByLabel("E-mail").fill("packer@example.com");
  await other.getByLabel("Password").fill(password);
  await other.getByRole("button", { name: "Make the account" }).click();
  await other.waitForURL("**/invite/**");
  await other.getByRole("button", { name: "Join" }).click();
  await other.waitForURL(`**/${scope.slug}/inventory/in-stock`);
  await other.getByText("Stoneware mug").first().waitFor();
  expect(await other.content()).not.toContain("Secret vase");
  expect((await other.request.get(`/${scope.slug}/sales`)).status()).toBe(404);
  expect((await other.request.get(team(scope))).status()).toBe(404);
  // The link is used up.
  await other.goto(shown);
  await other.getByRole("heading", { name: "This invitation is not open" }).waitFor();
  await other.goto(`/${scope.slug}/inventory/in-stock`);

  await page.goto(team(scope));
  await page.getByRole("button", { name: "Take out Pat Packer" }).click();
  await page.locator("dialog[open]").getByRole("button", { name: "Take out" }).click();
  await page.getByText("Taken out.").first().waitFor();
  await expect.poll(() => page.getByText("Pat Packer").count(), { timeout: 15_000 }).toBe(0);
  // The next click in the window that was open all the time.
  await other.getByRole("link", { name: "Movements" }).first().click();
  await other.getByText("Stoneware mug").first().waitFor({ state: "detached" });
  expect((await other.goto(`/${scope.slug}/inventory/in-stock`))?.status()).toBe(404);
  expect(app.said()).not.toContain(shown.split("/").at(-1));
  await proved(scope);
});

describe("an invitation's link", () => {
  it("says so to who is signed in as another, and leads back after the sign-out", async () => {
    const { scope } = await aShopOf("Birch Goods");
    const email = "clerk@example.com";
    await createPerson({ email, name: "Clerk", passwordHash: null, isVerified: false });
    const { link } = await invite(scope, { email, role: "viewer", locations: [] }, false);
    const wrong = await signedIn(await aMember(scope, "helper"));
    await wrong.goto(link);
    await wrong.getByText(`this invitation is for ${email}`).waitFor();
    expect(await wrong.getByRole("button", { name: "Join" }).count()).toBe(0);
    await wrong.getByRole("button", { name: "Sign out" }).click();
    await wrong.waitForURL("**/sign-in?next=%2Finvite%2F**");
    // Every way in leads back here.
    for (const name of ["Make an account", "Send a link to sign in without the password"])
      expect(await wrong.getByRole("link", { name }).getAttribute("href")).toContain("next=%2Finvite%2F");
    // Nothing of it was used up.
    await wrong.goto(link);
    await wrong.getByRole("link", { name: "Sign in" }).waitFor();
  });

  it("works without script, from the invitation to the end of the team", async () => {
    const options = { javaScriptEnabled: false };
    const { scope, page } = await aShopOf("Cedar Goods", options);
    await page.goto(team(scope));
    await page.getByLabel("E-mail").fill("plain@example.com");
    await page.getByRole("combobox", { name: "Role" }).selectOption("bookkeeper");
    await page.getByRole("button", { name: "Invite", exact: true }).click();
    const link = await page.getByLabel(/The link for plain@example.com/).inputValue();
    const { id } = await createPerson({
      email: "plain@example.com",
      name: "Plain",
      passwordHash: null,
      isVerified: false,
    });
    const other = await signedIn(id, options);
    await other.goto(link);
    await other.getByRole("button", { name: "Join" }).click();
    await other.waitForURL(`**/${scope.slug}`);
    await page.goto(team(scope));
    await page.getByRole("combobox", { name: "Plain" }).selectOption("viewer");
    await page.getByRole("button", { name: "Save the role of Plain" }).click();
    await other.goto(team(scope));
    expect(await other.getByRole("button", { name: "Invite", exact: true }).count()).toBe(0);
    await other.getByRole("row", { name: /Plain.*viewer/ }).waitFor();
    await other.getByRole("button", { name: "Leave", exact: true }).click();
    await other.locator("dialog[open]").getByRole("button", { name: "Leave it" }).click();
    await other.waitForURL("**/start");
    expect((await other.goto(`/${scope.slug}`))?.status()).toBe(404);
  });

  it("that is no link of ours says nothing else than one that is used up, and gives the policy of referrers", async () => {
    const page = await app.newPage();
    const answer = await page.goto("/invite/no-such-business/no-such-token");
    expect(answer?.headers()["referrer-policy"]).toBe("same-origin");
    await page.getByRole("heading", { name: "This invitation is not open" }).waitFor();
  });
});

it("is axe clean and nothing is too wide, light and dark, wide and on a phone", async () => {
  const { scope, page } = await aShopOf("Dogwood Goods");
  const { link } = await invite(scope, { email: "wide@example.com", role: "helper", locations: ["main"] }, false);
  for (const role of ["owner", "viewer"] as const) await aMember(scope, role);
  const outside = await app.newPage();
  for (const [at, path] of [
    [page, team(scope)],
    [page, link],
    [outside, link],
    [outside, `${link}x`],
  ] as const) {
    await at.goto(path);
    await looksWell(at, path, faults);
  }
  expect(app.outside).toEqual([]);
});
