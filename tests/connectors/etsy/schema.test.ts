/**
 * Every call of the connector and every answer of the local server against Etsy's published description of its API. It lies outside the
 * project: FIXTURES_DIR, by default ../shared/fixtures; without it these tests are skipped and say so.
 */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { pullAll, sessionOf } from "../conformance";
import { type Api, apiOf } from "../open-api-check";
import { account, type Connected, connected } from "./support";

const file = resolve(
  process.env.FIXTURES_DIR ?? "../shared/fixtures",
  "etsy/api/etsy_open_api_v3_2024-08.openapi.yaml",
);
const isAbsent = !existsSync(file);
if (isAbsent) console.warn(`skipped: no description of Etsy's API at ${file} (set FIXTURES_DIR)`);

describe.skipIf(isAbsent)("Etsy's published API", () => {
  let api: Api;
  let made: Connected;
  beforeAll(async () => {
    api = apiOf(parse(readFileSync(file, "utf8"), { maxAliasCount: -1 }));
    made = await connected({ orders: 130, seed: 6, days: 40 });
    for (const feed of ["products", "orders", "balance"] as const) {
      const first = await pullAll(made.connector, sessionOf({ account, credentials: made.credentials }), feed);
      made.server.control.shop.refund();
      await pullAll(made.connector, sessionOf({ account, credentials: made.credentials }), feed, first.watermark);
    }
  }, 60_000);
  afterAll(() => made.server.close());

  const calls = () => made.server.control.calls();

  it("describes every call that the connector makes", () => {
    const problems = calls().flatMap(({ method, path, query }) => api.request(method, path, query));
    expect([...new Set(problems)]).toEqual([]);
    const kinds = new Set(calls().map(({ path }) => path.replace(/\/\d+/g, "/N")));
    expect([...kinds].sort()).toEqual([
      "/v3/application/shops/N",
      "/v3/application/shops/N/listings",
      "/v3/application/shops/N/payment-account/ledger-entries",
      "/v3/application/shops/N/payments",
      "/v3/application/shops/N/receipts",
      "/v3/application/shops/N/receipts/N",
      "/v3/application/shops/N/transactions/N",
      "/v3/application/users/me",
    ]);
  });

  it("describes every answer of the local server", () => {
    expect(calls().length).toBeGreaterThan(20);
    const problems = calls().flatMap(({ method, path, status, body }) =>
      api.answer(method, path, status, JSON.parse(body)),
    );
    expect([...new Set(problems)]).toEqual([]);
  });

  it("describes the local server's errors", async () => {
    const { control } = made.server;
    const before = calls().length;
    const session = sessionOf({ account, credentials: made.credentials });
    control.faults({ fail: 1 });
    await expect(made.connector.pull(session, "products", null)).rejects.toThrow("500");
    control.revoke();
    await expect(made.connector.pull(session, "orders", null)).rejects.toThrow();
    const failed = calls()
      .slice(before)
      .filter(({ status }) => status >= 400);
    expect(failed.map(({ status }) => status)).toEqual([500, 401]);
    for (const { method, path, status, body } of failed)
      expect(api.answer(method, path, status, JSON.parse(body))).toEqual([]);
  });

  it("finds a misspelt field, a wrong kind, an unknown parameter and a value out of bounds", () => {
    const ledger = calls().find(({ path }) => path.endsWith("/ledger-entries"));
    const receipts = calls().find(({ path }) => path.endsWith("/receipts"));
    if (ledger === undefined || receipts === undefined) throw new Error("nothing was asked");
    const answer = (body: string) => api.answer("GET", receipts.path, 200, JSON.parse(body));
    expect(answer(receipts.body)).toEqual([]);
    expect(answer(receipts.body.replaceAll("grandtotal", "grand_total")).length).toBeGreaterThan(0);
    expect(answer(receipts.body.replaceAll('"is_paid":true', '"is_paid":"yes"')).length).toBeGreaterThan(0);
    expect(answer(receipts.body.replaceAll('"status":"paid"', '"status":"shipped"')).length).toBeGreaterThan(0);
    const query = new URLSearchParams(ledger.query);
    expect(api.request("GET", ledger.path, query)).toEqual([]);
    query.set("limit", "101");
    query.set("max_creatd", "1");
    query.delete("max_created");
    expect(api.request("GET", ledger.path, query).length).toBe(3);
    expect(api.request("GET", "/v3/application/ledger", query)).toEqual([
      "GET /v3/application/ledger is not described",
    ]);
  });
});
