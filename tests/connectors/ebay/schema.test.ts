import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pullAll, sessionOf } from "../conformance";
import { callProblems, hasSchemas, problemsOf } from "./schema";
import { account, type Connected, connected } from "./support";

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../integrations/ebay/fixtures/${name}.json`, import.meta.url), "utf8"));

if (!hasSchemas) console.warn("skipped: eBay's published descriptions are not there (set FIXTURES_DIR)");

describe.skipIf(!hasSchemas)("what is said to eBay and by its local server", () => {
  let shop: Connected;
  const calls: { method: string; url: string; status: number; body: unknown }[] = [];
  const real = globalThis.fetch;

  beforeAll(async () => {
    globalThis.fetch = async (input, init) => {
      const answer = await real(input, init);
      const text = await answer.clone().text();
      const isJson = (answer.headers.get("content-type") ?? "").includes("json");
      const { status } = answer;
      calls.push({ method: init?.method ?? "GET", url: String(input), status, body: isJson ? JSON.parse(text) : null });
      return answer;
    };
    shop = await connected({ ordersPerYear: 400, pageSize: 200 });
    const session = sessionOf({ account, credentials: shop.credentials });
    for (const feed of ["orders", "payouts", "balance"] as const) {
      const { watermark } = await pullAll(shop.connector, session, feed);
      await pullAll(shop.connector, session, feed, watermark);
    }
    const event = shop.server.control.changed();
    await shop.connector.hook?.(
      {
        method: "POST",
        url: "http://127.0.0.1:3000/hook",
        headers: new Headers({ ...event.headers }),
        body: new TextEncoder().encode(event.body),
      },
      () => Promise.resolve([]),
    );
  });
  afterAll(async () => {
    globalThis.fetch = real;
    await shop.server.close();
  });

  const of = (part: string) => calls.filter(({ url }) => new URL(url).pathname.startsWith(part));

  it("asks only for paths and parameters that eBay describes", () => {
    const described = [...of("/sell/"), ...of("/commerce/")];
    expect(new Set(described.map(({ url }) => new URL(url).pathname)).size).toBeGreaterThanOrEqual(5);
    expect(described.flatMap(({ method, url }) => callProblems(method, url))).toEqual([]);
  });

  it("is answered as eBay describes it, by every call", () => {
    const shapes = [
      ["/sell/fulfillment/v1/order", "fulfillment", "OrderSearchPagedCollection"],
      ["/sell/finances/v1/payout", "finances", "Payouts"],
      ["/sell/finances/v1/transaction", "finances", "Transactions"],
      ["/commerce/identity/v1/user/", "identity", "UserResponse"],
      ["/commerce/notification/v1/public_key/", "notification", "PublicKey"],
    ] as const;
    for (const [path, api, schema] of shapes) {
      const answers = of(path).filter(({ status }) => status === 200);
      expect(answers.length, path).toBeGreaterThan(0);
      for (const { body } of answers) expect(problemsOf(api, schema, body)).toEqual([]);
    }
  });

  it("says what is held and what is free as eBay describes it", async () => {
    const { accessToken, key } = JSON.parse(shop.credentials) as {
      accessToken: string;
      key: { jwe: string; privateKey: string };
    };
    const { signatureHeaders } = await import("../../../integrations/ebay/signature");
    const url = `${shop.server.url}/sell/finances/v1/seller_funds_summary`;
    const signed = signatureHeaders(key, { method: "GET", url, createdAtSeconds: Math.floor(shop.clock() / 1000) });
    const answer = await real(url, { headers: { authorization: `Bearer ${accessToken}`, ...signed } });
    expect(answer.status).toBe(200);
    expect(problemsOf("finances", "SellerFundsSummaryResponse", await answer.json())).toEqual([]);
  });

  it("has fixtures in the published shapes", () => {
    for (const name of ["order", "order-tax-by-seller", "order-unpaid"])
      expect(problemsOf("fulfillment", "Order", fixture(name)), name).toEqual([]);
    for (const name of ["sale", "refund", "label", "ad-fee", "transfer", "hold"])
      expect(problemsOf("finances", "Transaction", fixture(name)), name).toEqual([]);
    for (const name of ["payout", "payout-failed"])
      expect(problemsOf("finances", "Payout", fixture(name)), name).toEqual([]);
  });

  it("would see a field, a parameter and a path that are misspelt, and a value of another kind", () => {
    const order = fixture("order") as Record<string, unknown>;
    expect(problemsOf("fulfillment", "Order", { ...order, pricingSumary: {} })).toHaveLength(1);
    expect(problemsOf("fulfillment", "Order", { ...order, orderId: 7 })).toHaveLength(1);
    const [line] = order.lineItems as Record<string, unknown>[];
    expect(problemsOf("fulfillment", "Order", { ...order, lineItems: [{ ...line, titel: "x" }] })).toHaveLength(1);
    expect(callProblems("GET", "https://apiz.ebay.com/sell/finances/v1/transaction?filters=x")).toHaveLength(1);
    expect(callProblems("GET", "https://apiz.ebay.com/sell/finances/v1/transactions")).toHaveLength(1);
    expect(callProblems("POST", "https://apiz.ebay.com/sell/finances/v1/transaction")).toHaveLength(1);
  });
});
