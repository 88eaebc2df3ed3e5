/** Shopify's own ways: signing in, webhooks, points, pages that go back in time, and what a page has no room for. */
import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Connector, Feed, HookRequest } from "../../../integrations/connector";
import { costBucket } from "../../../integrations/shopify/cost";
import { ChannelError, Refusal } from "../../../lib/core/errors";
import type { SignedEvent } from "../../../scripts/channels/kit";
import type { LocalShopify } from "../../../scripts/channels/shopify/index";
import { latestOf, pullAll, sessionOf } from "../conformance";
import { account, app, connected, connectorOf, decide, exchange, oauthOf, redirectUri, shop, signIn } from "./support";

let server: LocalShopify;
let connector: Connector;
let credentials: string;
const session = (since: string | null = null) => ({ ...sessionOf({ account, credentials }), since });
const pull = (feed: Feed, cursor: string | null = null) => connector.pull(session(), feed, cursor);

beforeEach(async () => {
  ({ server, connector, credentials } = await connected({ orders: 45, seed: 5 }));
});
afterEach(() => server.close());

async function failureOf(work: Promise<unknown>): Promise<ChannelError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ChannelError);
  return error as ChannelError;
}

async function restart(options: Parameters<typeof connected>[0]): Promise<void> {
  await server.close();
  ({ server, connector, credentials } = await connected({ orders: 45, seed: 5, ...options }));
}

const command = async (name: string, input: unknown = {}): Promise<unknown> =>
  (await fetch(`${server.url}/control/${name}`, { method: "POST", body: JSON.stringify(input) })).json();

describe("signing in", () => {
  it("takes a shop's own address and nothing that only looks like one", () => {
    const to = (address: string) =>
      oauthOf(connector).authorizeUrl({ redirectUri, state: "s", challenge: "c", answers: { shop: address } });
    expect(to(" Example.MyShopify.com ")).toContain("/example.myshopify.com/admin/oauth/authorize?");
    for (const bad of [
      "",
      "example",
      "https://example.myshopify.com",
      "example.myshopify.com/admin",
      "example.myshopify.com.evil.com",
      "evil.com/x.myshopify.com",
      "evil.com?x.myshopify.com",
      "evil.com#.myshopify.com",
      "a@example.myshopify.com",
      "example.myshopify.com:8080",
      "-x.myshopify.com",
      "exämple.myshopify.com",
      "example.myshopify.com\nevil.com",
      ".myshopify.com",
      `${"a".repeat(100)}.myshopify.com`,
    ])
      expect(() => to(bad), bad).toThrow(Refusal);
    expect(() => oauthOf(connector).authorizeUrl({ redirectUri, state: "s", challenge: "c", answers: {} })).toThrow(
      Refusal,
    );
  });

  it("asks the shop itself for reading alone, and without a stand-in goes to the shop", async () => {
    const { shopifyConnector } = await import("../../../integrations/shopify/connector");
    const real = shopifyConnector(() => ({ ...app, oldClientSecret: null, apiUrl: null }), Date.now);
    const url = new URL(oauthOf(real).authorizeUrl({ redirectUri, state: "s", challenge: "c", answers: { shop } }));
    expect(url.origin + url.pathname).toBe("https://example.myshopify.com/admin/oauth/authorize");
    expect(url.searchParams.get("client_id")).toBe(app.clientId);
    expect(url.searchParams.get("redirect_uri")).toBe(redirectUri);
    const scopes = url.searchParams.get("scope")?.split(",") ?? [];
    expect(scopes.length).toBeGreaterThan(3);
    for (const scope of scopes) expect(scope).toMatch(/^read_/);
    expect(oauthOf(real).asks?.map(({ name }) => name)).toEqual(["shop"]);
  });

  it("gives the same shop each time, by its address", async () => {
    expect(oauthOf(connector).shopOf(credentials)).toEqual({ id: shop, name: "Fern & Harbour" });
    expect(oauthOf(connector).shopOf(await signIn(connector))).toEqual({ id: shop, name: "Fern & Harbour" });
  });

  it("believes only what Shopify signed, for this shop, a moment ago", async () => {
    const returned = await decide(connector, "allow");
    const { hmac = "", ...unsigned } = returned;
    const signed = (fields: Readonly<Record<string, string>>, secret = app.clientSecret) => {
      const text = new URLSearchParams(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))).toString();
      return { ...fields, hmac: createHmac("sha256", secret).update(text.replaceAll("+", "%20")).digest("hex") };
    };
    expect(signed(unsigned).hmac).toBe(hmac);
    const old = String(Math.floor(Date.now() / 1000) - 600);
    for (const bad of [
      unsigned,
      { ...returned, hmac: "" },
      { ...returned, hmac: hmac.replace(/^./, (digit) => (digit === "0" ? "1" : "0")) },
      { ...returned, state: "another" },
      { ...returned, extra: "field" },
      signed(unsigned, "another secret"),
      signed({ ...unsigned, timestamp: old }),
      signed({ ...unsigned, timestamp: "soon" }),
      signed({ ...unsigned, shop: "another.myshopify.com" }),
    ])
      expect((await failureOf(exchange(connector, bad))).failure).toBe("refused");
    expect(server.control.stats().exchanges).toBe(1);
    expect(await exchange(connector, returned)).toContain("shpat_");
    // A code is good once.
    expect((await failureOf(exchange(connector, returned))).failure).toBe("refused");
  });

  it("comes back with the person's no", async () => {
    expect(await decide(connector, "deny")).toMatchObject({ error: "access_denied", shop });
  });

  it("outlives an answer that was lost: the refresh token before is good until the new one is used", async () => {
    server.control.expire();
    // This process renews and is gone before it could store what it was given.
    const { refreshToken } = z.object({ refreshToken: z.string() }).parse(JSON.parse(credentials));
    const lost = await fetch(`${server.url}/${shop}/admin/oauth/access_token`, {
      method: "POST",
      body: JSON.stringify({
        client_id: app.clientId,
        client_secret: app.clientSecret,
        grant_type: "refresh_token",
        refresh_token: refreshToken,
      }),
    });
    expect(lost.status).toBe(200);
    expect((await pull("payouts")).documents.length).toBeGreaterThan(0);
    expect(server.control.stats().refreshes).toBe(2);
    // Now the new one was used, and the old one is over.
    server.control.expire();
    expect((await failureOf(connectorOf(server.url).pull(session(), "payouts", null))).failure).toBe("disconnected");
  });

  it("keeps a token that does not end, and says when the shop takes it back", async () => {
    const tokens = { ...(JSON.parse(credentials) as object), refreshToken: "", expiresAtMs: 8_640_000_000_000_000 };
    credentials = JSON.stringify(tokens);
    expect((await pull("payouts")).documents.length).toBeGreaterThan(0);
    server.control.expire();
    expect((await failureOf(pull("payouts"))).failure).toBe("disconnected");
    expect(server.control.stats().refreshes).toBe(0);
  });
});

describe("webhooks", () => {
  const requestOf = ({ headers, body }: SignedEvent): HookRequest => ({
    method: "POST",
    url: "http://127.0.0.1:3000/api/hooks/shopify",
    headers: new Headers(headers),
    body: new TextEncoder().encode(body),
  });
  const hear = (event: SignedEvent, by: Connector = connector) => {
    if (by.hook === undefined) throw new Error("the channel hears nothing");
    return by.hook(requestOf(event), () => Promise.resolve([]));
  };
  const event = (topic: string, body: unknown = { id: 1 }, secret?: string) =>
    server.control.event(topic, body, secret);

  it.each([
    ["orders/create", ["orders"]],
    ["orders/edited", ["orders"]],
    ["refunds/create", ["orders", "balance"]],
    ["order_transactions/create", ["orders", "balance"]],
    ["products/update", ["products"]],
    ["disputes/update", ["disputes", "balance"]],
  ])("of %s say what to pull", async (topic, feeds) => {
    const told = event(topic);
    expect(await hear(told)).toEqual({ kind: "changed", shop, event: told.headers["x-shopify-webhook-id"], feeds });
  });

  it("that nobody needs are heard and do nothing", async () => {
    for (const topic of ["carts/update", "app/scopes_update", "constructor/create"])
      expect(await hear(event(topic))).toEqual({ kind: "nothing" });
  });

  it("of the compulsory topics are told for what they are", async () => {
    const body = { shop_domain: shop, customer: { id: 9 } };
    expect(await hear(event("app/uninstalled"))).toMatchObject({ kind: "disconnected", shop });
    for (const [topic, what] of [
      ["customers/data_request", "asked"],
      ["customers/redact", "erase_buyer"],
      ["shop/redact", "erase_shop"],
    ] as const)
      expect(await hear(event(topic, body))).toMatchObject({ kind: "privacy", shop, what, body });
  });

  it("are refused when they are forged, altered, or signed for no shop", async () => {
    const good = event("orders/create");
    for (const bad of [
      event("orders/create", { id: 1 }, "another secret"),
      { ...good, body: good.body.replace("1", "2") },
      { ...good, headers: { ...good.headers, "x-shopify-hmac-sha256": "" } },
      { ...good, headers: { ...good.headers, "x-shopify-hmac-sha256": "%%%" } },
      {
        ...good,
        headers: Object.fromEntries(Object.entries(good.headers).filter(([name]) => !name.endsWith("sha256"))),
      },
      {
        ...good,
        headers: Object.fromEntries(Object.entries(good.headers).filter(([name]) => !name.endsWith("webhook-id"))),
      },
      { ...good, headers: { ...good.headers, "x-shopify-shop-domain": "evil.com" } },
      { ...good, body: "" },
    ])
      expect((await failureOf(hear(bad))).failure).toBe("refused");
  });

  it("are believed with the old secret too while it is being changed", async () => {
    const old = event("orders/create", { id: 1 }, "the old secret");
    expect((await failureOf(hear(old))).failure).toBe("refused");
    const changing = connectorOf(server.url, Date.now, "the old secret");
    expect(await hear(old, changing)).toMatchObject({ kind: "changed" });
    expect(await hear(event("orders/create"), changing)).toMatchObject({ kind: "changed" });
  });

  it("are not believed where no secret is set", async () => {
    const { shopifyConnector } = await import("../../../integrations/shopify/connector");
    const bare = shopifyConnector(
      () => ({ clientId: "", clientSecret: "", oldClientSecret: null, apiUrl: null }),
      Date.now,
    );
    expect((await failureOf(hear(event("orders/create", { id: 1 }, ""), bare))).failure).toBe("refused");
  });
});

describe("Shopify's points", () => {
  it("are read from each answer, so that a sync never runs into the limit by itself", async () => {
    await restart({ rate: { maximum: 1_000, restore: 2_000 } });
    for (const feed of ["orders", "balance"] as const) await pullAll(connector, session(), feed);
    expect(server.control.stats().calls).toBeGreaterThan(20);
  });

  it("are waited for by who has too few, as long as Shopify's numbers say", async () => {
    const waits: number[] = [];
    let now = 0;
    const bucket = costBucket(
      () => now,
      async (ms) => void waits.push(ms),
    );
    const { signal } = new AbortController();
    await bucket.take("q", signal);
    bucket.said("q", 400, { maximumAvailable: 2_000, currentlyAvailable: 500, restoreRate: 100 });
    await bucket.take("q", signal);
    // 100 are left, and a second brings 100 more: 200 are missing, then 600.
    now = 1_000;
    await bucket.take("q", signal);
    await bucket.take("q", signal);
    expect(waits).toEqual([2_020, 6_020]);
    // One that was never sent is taken for as dear as the dearest.
    await bucket.take("another", signal);
    expect(waits.at(-1)).toBe(10_020);
    await expect(bucket.take("q", AbortSignal.abort(new Error("stopped")))).rejects.toThrow("stopped");
  });

  it("are few for one query: a page that is too dear is asked for in halves", async () => {
    const { next } = await pull("orders");
    const dear = JSON.stringify({ ...(JSON.parse(next ?? "") as object), after: null, size: 250 });
    const page = await pull("orders", dear);
    expect(page.documents.length).toBeGreaterThan(3);
    expect(page.documents.length).toBeLessThan(20);
    expect(JSON.parse(page.next ?? "{}")).toMatchObject({ size: page.documents.length });
    expect((await pull("orders")).documents).toHaveLength(10);
  });

  it("used up are told with the wait", async () => {
    await restart({ rate: { maximum: 200, restore: 10 } });
    const error = await failureOf(pull("orders"));
    expect(error.failure).toBe("throttled");
    expect(error.retryAfterMs ?? 0).toBeGreaterThan(10_000);
  });
});

describe("a first sync", () => {
  const placed = (documents: readonly { body: unknown }[]) =>
    documents.map(({ body }) => z.object({ processedAt: z.string() }).parse(body).processedAt);

  it("goes from the newest order back to the day that the seller chose", async () => {
    const times = placed((await pullAll(connector, session(), "orders")).documents);
    expect(times).toEqual([...times].sort().reverse());
    expect(times).toHaveLength(45);
    const since = "2026-03-01T00:00:00.000Z";
    const later = placed((await pullAll(connector, session(since), "orders")).documents);
    expect(later).toEqual(times.filter((time) => time >= "2026-03-01"));
    expect(later.length).toBeGreaterThan(3);
    expect(later.length).toBeLessThan(45);
  });

  it("holds orders with all of their lines and refunds, and products with all of their variants", async () => {
    const Order = z.object({ name: z.string(), lineItems: z.array(z.unknown()), refunds: z.array(z.unknown()) });
    const { documents } = await pullAll(connector, session(), "orders");
    for (const { body } of documents) {
      const order = Order.parse(body);
      const known = server.control.shop.orders.find(({ number }) => `#${number}` === order.name);
      expect([order.lineItems.length, order.refunds.length]).toEqual([known?.lines.length, known?.refunds.length]);
    }
    expect(Math.max(...documents.map(({ body }) => Order.parse(body).lineItems.length))).toBeGreaterThan(3);
    const products = await pullAll(connector, session(), "products");
    const variants = products.documents.flatMap((document) => connector.listed?.(document) ?? []);
    expect(variants.length).toBe(
      server.control.shop.products.reduce((sum, product) => sum + product.variants.length, 0),
    );
    expect(Math.max(...server.control.shop.products.map((product) => product.variants.length))).toBeGreaterThan(10);
  });

  it("is followed by one from its beginning: what changed while it went back was read before it did", async () => {
    const began = connectorOf(server.url, () => Date.parse("2026-03-20T12:00:00Z"));
    const { watermark } = await pullAll(began, session(), "orders");
    expect(JSON.parse(watermark ?? "{}")).toMatchObject({ pass: "changes", since: "2026-03-19T12:00:00.000Z" });
  });

  it("of a shop without Shopify Payments has no balance, and says so by giving nothing", async () => {
    const { pageOf, cursorOf } = await import("../../../integrations/shopify/pages");
    const at = cursorOf("balance", null, null, 0);
    const none = await pageOf("balance", at, { shopifyPaymentsAccount: null }, () =>
      Promise.reject(new Error("asked")),
    );
    expect(none).toEqual({ documents: [], next: null, watermark: null });
  });
});

describe("a later sync", () => {
  it("hears of an old order that was refunded, and of rows that were paid out since", async () => {
    const orders = await pullAll(connector, session(), "orders");
    const balance = await pullAll(connector, session(), "balance");
    const [oldest] = server.control.shop.orders;
    for (let sold = 0; sold < 4; sold += 1) server.control.sell();
    expect(await command("refund", { order: oldest?.number, restock: "NO_RESTOCK" })).toMatchObject({ waiting: 6 });
    expect(await command("payout")).toMatchObject({ status: "PAID" });
    const changed = await pullAll(connector, session(), "orders", orders.watermark);
    expect(changed.documents.map(({ externalId }) => externalId)).toContain(String(oldest?.id));
    expect(changed.documents.length).toBeLessThan(10);
    const rows = await pullAll(connector, session(), "balance", balance.watermark);
    const all = latestOf([...balance.documents, ...rows.documents]).flatMap((each) => connector.read(each, account));
    const waiting = all.filter(
      (fact) => fact.kind === "balance_row" && fact.payout === null && fact.type !== "TRANSFER",
    );
    expect(waiting).toEqual([]);
    expect(rows.documents.length).toBeLessThan(balance.documents.length);
  });

  it("finds what could not be read when its event came", async () => {
    const before = await pullAll(connector, session(), "orders");
    server.control.faults({ hide: 1 });
    const order = server.control.sell();
    const later = server.control.sell();
    const during = await pullAll(connector, session(), "orders", before.watermark);
    const seen = during.documents.map(({ externalId }) => externalId);
    expect(seen).not.toContain(String(order.id));
    // Something later was seen meanwhile; only the overlap finds the one before it.
    expect(seen).toContain(String(later.id));
    const after = await pullAll(connector, session(), "orders", during.watermark);
    expect(after.documents.map(({ externalId }) => externalId)).toContain(String(order.id));
  });

  it("reads a shop's trade by command: sold by PayPal, disputed, paid out and sent back", async () => {
    expect(await command("sell", { way: "paypal" })).toMatchObject({ order: expect.stringMatching(/^#\d+$/) });
    expect(await command("dispute")).toMatchObject({ order: expect.stringMatching(/^#\d+$/) });
    await command("payout", { fails: true });
    await command("payout");
    const payouts = await pullAll(connector, session(), "payouts");
    const balance = await pullAll(connector, session(), "balance");
    const facts = [...payouts.documents, ...balance.documents].flatMap((each) => connector.read(each, account));
    const back = facts.filter((fact) => fact.kind === "payout" && fact.id.endsWith("/returned"));
    expect(back.length).toBeGreaterThan(0);
    const disputes = await pullAll(connector, session(), "disputes");
    expect(disputes.documents.length).toBe(server.control.shop.disputes.length);
    await command("privacy");
    await command("uninstall");
    expect((await failureOf(pull("orders"))).failure).toBe("disconnected");
  });
});
