/**
 * Every page of a business, with a year of trade in it and with nothing: axe finds nothing, and nothing scrolls sideways, wide and on a
 * phone, light and dark. The pages are found by their own links, so that a new one is looked at by being there.
 */
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import type { Scope } from "../../lib/people/access";
import { aSeller, connect, syncDone } from "../../scripts/lib/sellers";
import { type App, startApp } from "../support/app";
import { anIndianBusiness, anIndianShop, issueAll } from "../support/india";
import { routeOf, routesOf } from "../support/pages-routes";
import { aBusySeller } from "../support/pages-sellers";
import { addressesIn, cookieName, sessionFor, visitorOf } from "../support/pages-visits";

const routes = routesOf();
const pages = routes.filter(({ pattern, kind }) => kind === "page" && pattern.startsWith("/[business]"));

/** Words of a query that open something else on the page: a sheet, an explanation, a selection. Filters and pages do not. */
const opening = ["new", "open", "why", "line", "sync", "edit", "missing", "todetail", "unmatched"];

let app: App;
beforeAll(async () => {
  app = await startApp({ environment: { PRACTICE_ORDERS: "40" } });
  process.env.PRACTICE_URL = app.practiceUrl;
});
afterAll(closeDatabase);

/** One address of each page, and of each thing that a word of a query opens there. */
async function pagesOf(scope: Scope): Promise<readonly string[]> {
  const visit = visitorOf(app.url, await sessionFor(scope.userId ?? ""));
  const waiting = [`/${scope.slug}`];
  const done = new Set<string>();
  const found: string[] = [];
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    const url = new URL(path, app.url);
    const route = routeOf(routes, url.pathname)?.route;
    if (route === undefined || !pages.includes(route)) continue;
    const words = [...url.searchParams.keys()].filter((word) => opening.includes(word));
    const keys = [route.pattern, ...words.map((word) => `${route.pattern}?${word}`)].filter((key) => !done.has(key));
    if (keys.length === 0) continue;
    const { status, body } = await visit(path);
    // What only leads on, and what needs more in its address, is no page to look at.
    if (status !== 200) continue;
    for (const key of keys) done.add(key);
    found.push(path);
    waiting.push(...addressesIn(body, scope.slug));
  }
  return found;
}

const patternOf = (path: string) => routeOf(routes, new URL(path, app.url).pathname)?.route.pattern ?? "";

/** The pages that only a seller in India has, or that say more there. */
const ofIndia = async (scope: Scope) =>
  (await pagesOf(scope)).filter((path) => /\/gst\b|\/reports$|\/sales\/|\/documents\//.test(patternOf(path)));

async function signedIn(scope: Scope): Promise<Page> {
  // Colours that are on their way from one theme to the other are nobody's.
  const page = await app.newPage({ reducedMotion: "reduce" });
  await page.context().addCookies([{ name: cookieName, value: await sessionFor(scope.userId ?? ""), url: app.url }]);
  return page;
}

/** Axe in the page itself: without frames of others to look into, it needs no second page for each run, and is twice as fast. */
const axeOf = (page: Page) => new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });

/** All that is wrong with a page: its width at both widths in both themes, and what axe finds wide and light and on a phone in the dark. */
async function faultsOf(page: Page, path: string): Promise<readonly string[]> {
  const faults: string[] = [];
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: "light" });
  const answer = await page.goto(path);
  if (answer?.status() !== 200) return [`${path} answers ${answer?.status()}`];
  for (const [width, colorScheme, withAxe] of [
    [1280, "light", true],
    [1280, "dark", false],
    [390, "light", false],
    [390, "dark", true],
  ] as const) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    const at = `${path} at ${width} ${colorScheme}`;
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (wider > 0) faults.push(`${at} is ${wider} px too wide`);
    if (!withAxe) continue;
    const { violations } = await axeOf(page).analyze();
    for (const { id, nodes } of violations)
      faults.push(`${at}: ${id}, ${nodes.length} times: ${nodes[0]?.html.slice(0, 200)}`);
  }
  return faults;
}

/** Looks at all of them, in two browser profiles side by side. */
async function look(scope: Scope, paths: readonly string[]): Promise<void> {
  const errors: string[] = [];
  const faults: string[] = [];
  const rest = paths.values();
  const line = async () => {
    const page = await signedIn(scope);
    let at = "";
    page.on("pageerror", (error) => errors.push(`${at}: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(`${at}: ${message.text()}`);
    });
    for (const path of rest) {
      at = path;
      faults.push(...(await faultsOf(page, path)));
    }
    await page.context().close();
  };
  await Promise.all([line(), line()]);
  expect(faults).toEqual([]);
  expect(errors).toEqual([]);
  expect(app.outside).toEqual([]);
}

describe("each page is axe clean and fits its width, light and dark", () => {
  it("with a year of trade", { timeout: 1_800_000 }, async () => {
    const scope = await aBusySeller();
    await syncDone(scope, (await connect(scope)).run ?? "");
    const paths = await pagesOf(scope);
    const seen = new Set([...paths, ...(await ofIndia(await anIndianShop()))].map(patternOf));
    // Of each page but those that only lead to another one there is something to look at.
    const unseen = pages.map(({ pattern }) => pattern).filter((pattern) => !seen.has(pattern));
    expect(unseen).toEqual(["/[business]/inventory"]);
    await look(scope, paths);
  });

  it("with nothing in it yet", { timeout: 1_200_000 }, async () => {
    const scope = await aSeller("Empty Shelf");
    const paths = await pagesOf(scope);
    expect(paths.length).toBeGreaterThan(15);
    await look(scope, paths);
  });

  it("in India, with trade and without", { timeout: 1_200_000 }, async () => {
    const shop = await anIndianShop();
    await issueAll(shop);
    for (const scope of [shop, await anIndianBusiness()]) {
      const paths = await ofIndia(scope);
      expect(paths.length).toBeGreaterThan(6);
      await look(scope, paths);
    }
  });
});
