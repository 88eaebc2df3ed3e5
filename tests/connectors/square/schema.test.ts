/**
 * Every call of the connector and every answer of the local server against Square's published description of its API. It lies outside
 * the project: FIXTURES_DIR, by default ../shared/fixtures; without it these tests are skipped and say so.
 */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pullAll, sessionOf } from "../conformance";
import { type Api, apiOf } from "../open-api-check";
import { account, type Connected, connected } from "./support";

const file = resolve(process.env.FIXTURES_DIR ?? "../shared/fixtures", "square/api/api.json.gz");
const isAbsent = !existsSync(file);
if (isAbsent) console.warn(`skipped: no description of Square's API at ${file} (set FIXTURES_DIR)`);

describe.skipIf(isAbsent)("Square's published API", () => {
  let api: Api;
  let made: Connected;
  const session = () => sessionOf({ account, credentials: made.credentials });
  beforeAll(async () => {
    api = apiOf(JSON.parse(gunzipSync(readFileSync(file)).toString("utf8")));
    made = await connected({ orders: 130, seed: 6, days: 20 });
    for (const feed of ["products", "orders", "refunds", "payouts", "balance"] as const) {
      const first = await pullAll(made.connector, session(), feed);
      made.server.control.shop.refund();
      made.server.control.shop.payout();
      await pullAll(made.connector, session(), feed, first.watermark);
    }
  }, 120_000);
  afterAll(() => made.server.close());

  const calls = () => made.server.control.calls();
  const bodyOf = (sent: string): unknown => (sent === "" ? undefined : JSON.parse(sent));

  it("describes every call that the connector makes", () => {
    const problems = calls().flatMap(({ method, path, query, sent }) => api.request(method, path, query, bodyOf(sent)));
    expect([...new Set(problems)]).toEqual([]);
    const kinds = new Set(calls().map(({ path }) => path.replace(/\/(PAY|po_|MLOCAL)[^/]*/, "/ID")));
    expect([...kinds].sort()).toEqual([
      "/v2/catalog/list",
      "/v2/locations",
      "/v2/merchants/ID",
      "/v2/orders/batch-retrieve",
      "/v2/orders/search",
      "/v2/payments/ID",
      "/v2/payouts",
      "/v2/payouts/ID/payout-entries",
      "/v2/refunds",
      "/v2/refunds/ID",
    ]);
  });

  it("describes every answer of the local server", () => {
    expect(calls().length).toBeGreaterThan(100);
    const problems = calls().flatMap(({ method, path, status, body }) =>
      api.answer(method, path, status, JSON.parse(body)),
    );
    expect([...new Set(problems)]).toEqual([]);
  });

  it("describes the calls for tokens", () => {
    const asked = {
      client_id: "application",
      client_secret: "secret",
      grant_type: "refresh_token",
      refresh_token: "token",
    };
    expect(api.request("POST", "/oauth2/token", new URLSearchParams(), asked)).toEqual([]);
    expect(api.request("POST", "/oauth2/token", new URLSearchParams(), { ...asked, secrets: "d" }).length).toBe(1);
  });

  it("describes the local server's errors, in the shape that every answer has", async () => {
    const before = calls().length;
    made.server.control.faults({ fail: 1 });
    await expect(made.connector.pull(session(), "payouts", null)).rejects.toThrow("500");
    made.server.control.revoke();
    await expect(made.connector.pull(session(), "payouts", null)).rejects.toThrow();
    const failed = calls()
      .slice(before)
      .filter(({ status }) => status >= 400);
    expect(failed.map(({ status }) => status)).toEqual([500, 401]);
    // Errors are a field of the answer to 200; other statuses are not described.
    for (const { method, path, body } of failed) expect(api.answer(method, path, 200, JSON.parse(body))).toEqual([]);
  });

  it("finds a misspelt field, a wrong kind, an unknown parameter and a value that is not one of those known", () => {
    const search = calls().find(({ path }) => path === "/v2/orders/search");
    const payouts = calls().find(({ path }) => path === "/v2/payouts");
    if (search === undefined || payouts === undefined) throw new Error("nothing was asked");
    const answer = (body: string) => api.answer("POST", search.path, 200, JSON.parse(body));
    expect(answer(search.body)).toEqual([]);
    expect(answer(search.body.replaceAll("total_tip_money", "total_tips_money")).length).toBeGreaterThan(0);
    expect(answer(search.body.replaceAll('"quantity":"1"', '"quantity":1')).length).toBeGreaterThan(0);
    expect(answer(search.body.replaceAll('"COMPLETED"', '"DONE"')).length).toBeGreaterThan(0);
    const sent = (body: string) => api.request("POST", search.path, search.query, JSON.parse(body));
    expect(sent(search.sent)).toEqual([]);
    expect(sent(search.sent.replaceAll("location_ids", "locations")).length).toBeGreaterThan(0);
    const query = new URLSearchParams(payouts.query);
    query.set("updated_at_begin_time", "2026-01-01T00:00:00Z");
    expect(api.request("GET", payouts.path, query)).toEqual(["/v2/payouts has no parameter updated_at_begin_time"]);
  });
});
