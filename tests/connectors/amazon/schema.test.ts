import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { manifest } from "../../../integrations/amazon/manifest";
import { pullAll } from "../conformance";
import { hasModels, type Models, models } from "./schema";
import { account, type Connected, connected } from "./support";

const folder = fileURLToPath(new URL("../../../integrations/amazon/fixtures", import.meta.url));
const fixtures = readdirSync(folder).map((name) => ({
  name,
  text: readFileSync(`${folder}/${name}`, "utf8"),
}));

type Seen = Readonly<{ method: string; sent: unknown; url: URL; status: number; body: unknown; limit: string | null }>;

describe.skipIf(!hasModels)("Amazon's published models (fixtures)", () => {
  let here: Connected;
  let published: Models;
  const seen: Seen[] = [];

  beforeAll(async () => {
    published = models();
    here = await connected({ orders: 60, pageSize: 20 });
    const real = globalThis.fetch;
    const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const answer = await real(input, init);
      const url = new URL(String(input));
      if (url.origin === here.server.url && !url.pathname.startsWith("/auth/"))
        seen.push({
          method: init?.method ?? "GET",
          sent: typeof init?.body === "string" ? JSON.parse(init.body) : null,
          url,
          status: answer.status,
          body: await answer.clone().json(),
          limit: answer.headers.get("x-amzn-ratelimit-limit"),
        });
      return answer;
    });
    const session = {
      account,
      credentials: here.credentials,
      since: null,
      signal: new AbortController().signal,
      renewed: async () => undefined,
    };
    for (const feed of manifest.feeds) {
      const { watermark } = await pullAll(here.connector, session, feed);
      await pullAll(here.connector, session, feed, watermark);
    }
    // What Amazon says of a limit, a token and a wrong call has a shape too.
    here.server.control.faults({ throttle: 1, retryAfterSeconds: 1 });
    await here.connector.pull(session, "orders", null).catch(() => undefined);
    here.server.control.expire();
    await here.connector.pull(session, "stock", null);
    await fetch(`${here.server.url}/reports/2021-06-30/reports?nextToken=nonsense`, {
      headers: { "x-amz-access-token": JSON.parse(here.credentials).accessToken },
    });
    const withPlaces = new URLSearchParams({ lastUpdatedAfter: "2026-01-01T00:00:00Z", includedData: "TAX,RECIPIENT" });
    await fetch(`${here.server.url}/orders/2026-01-01/orders?${withPlaces}`, {
      headers: { "x-amz-access-token": JSON.parse(here.credentials).accessToken },
    });
    await fetch(`${here.server.url}/finances/2024-06-19/balances`, { headers: { "x-amz-access-token": "nobody" } });
    spy.mockRestore();
  }, 60_000);
  afterAll(() => here?.server.close());

  it("know every call of ours, each of its parameters and their values", () => {
    const paths = new Set(seen.map(({ method, url }) => `${method} ${url.pathname.replace(/(amzn1.*|\d+)$/, "")}`));
    expect(paths.size).toBe(8);
    for (const { method, url } of seen) expect(published.call(method, url), url.href).toEqual([]);
    const asked = seen.filter(({ method }) => method === "POST");
    expect(asked.length).toBeGreaterThan(1);
    for (const { sent } of asked)
      expect(published.definition("reports_2021-06-30.json", "CreateReportSpecification", sent)).toEqual([]);
  });

  it("describe every answer of the local server, with nothing beside", () => {
    expect([...new Set(seen.map(({ status }) => status))].sort()).toEqual([200, 202, 403, 429]);
    for (const { method, url, status, body } of seen)
      expect(published.answer(method, url, status, body), url.href).toEqual([]);
    expect(seen.every(({ limit }) => limit !== null)).toBe(true);
  });

  it("find a misspelt field, a misspelt parameter and a value that there is not", () => {
    const orders = seen.find(({ url, status }) => url.pathname.endsWith("/orders") && status === 200);
    if (orders === undefined) throw new Error("no orders were asked for");
    const planted = JSON.parse(JSON.stringify(orders.body).replace('"lastUpdatedTime"', '"lastUpdateTime"'));
    expect(published.answer("GET", orders.url, 200, planted).join("\n")).toMatch(/lastUpdat/);
    const deep = JSON.parse(JSON.stringify(orders.body).replaceAll('"sellerSku"', '"sellerSKU"'));
    expect(published.answer("GET", orders.url, 200, deep).join("\n")).toContain("sellerSKU");
    const url = new URL(orders.url);
    url.searchParams.set("lastUpdateAfter", "2026-01-01T00:00:00Z");
    url.searchParams.set("includedData", "PROCEED");
    expect(published.call("GET", url)).toEqual([
      "includedData may not be PROCEED",
      "lastUpdateAfter is no parameter of searchOrders",
    ]);
  });

  it("describe our own example documents", () => {
    let checked = 0;
    for (const { name, text } of fixtures) {
      const of = name.startsWith("order")
        ? (["orders_2026-01-01.json", "Order"] as const)
        : name.startsWith("transaction")
          ? (["finances_2024-06-19.json", "Transaction"] as const)
          : name.startsWith("stock")
            ? (["fbaInventory.json", "InventorySummary"] as const)
            : null;
      if (of === null) continue;
      expect(published.definition(of[0], of[1], JSON.parse(text)), name).toEqual([]);
      checked += 1;
    }
    expect(checked).toBeGreaterThan(6);
  });
});
