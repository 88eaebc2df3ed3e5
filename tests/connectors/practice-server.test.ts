/** Practice Market itself: the same shop each time, with the oddities of real ones, and nobody else at its control port. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Practice, type PracticeOptions, startPractice } from "../../integrations/practice/server/index";
import { type FeedName, feeds } from "../../integrations/practice/server/shop";
import { connectorOf, signIn } from "./practice-support";

const open: Practice[] = [];
async function start(options: Partial<PracticeOptions> = {}): Promise<Practice> {
  const server = await startPractice({ port: 0, today: "2026-03-31", ...options });
  open.push(server);
  return server;
}
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});
type Body = Readonly<Record<string, unknown>>;
const all = (server: Practice, feed: FeedName): readonly Body[] =>
  server.control.shop.feed(feed).map((entry) => entry.body);

describe("a shop", () => {
  it("is the same for the same seed, and another for another", async () => {
    const [first, second, other] = [await start({ seed: 11 }), await start({ seed: 11 }), await start({ seed: 12 })];
    for (const feed of feeds) {
      expect(all(second, feed)).toEqual(all(first, feed));
      expect(all(other, feed)).not.toEqual(all(first, feed));
    }
  });

  it("has about as many orders as were asked for, in one year that ends today", async () => {
    for (const orders of [50, 400, 1_500]) {
      const placed = all(await start({ orders }), "orders")
        .map((order) => String(order.placed_at))
        .sort();
      expect(placed.length).toBeGreaterThan(orders * 0.9);
      expect(placed.length).toBeLessThan(orders * 1.1);
      expect((placed[0] ?? "") >= "2025-04-01").toBe(true);
      expect((placed.at(-1) ?? "9") <= "2026-03-31T20:00:00.000Z").toBe(true);
    }
  });

  it("lists 300 products: some without SKU, some renamed, two of one name, one SKU used again", async () => {
    const opened = await start({ seed: 7 });
    const products = all(opened, "products") as readonly {
      id: string;
      title: string;
      status: string;
      variants: { sku: string | null }[];
    }[];
    expect(products).toHaveLength(300);
    expect(products.some((product) => product.variants.length > 1)).toBe(true);
    expect(
      products.filter((product) => product.variants.every((variant) => variant.sku === null)).length,
    ).toBeGreaterThan(20);
    expect(new Set(products.map((product) => product.title)).size).toBe(299);
    const reused = products.filter((product) => product.variants.some((variant) => variant.sku === "TWL-204"));
    expect(reused.map((product) => product.status).sort()).toEqual(["active", "ended"]);
    const soldAs = new Map<string, Set<string | null>>();
    for (const order of all(opened, "orders") as readonly { lines: { variant_id: string; sku: string | null }[] }[])
      for (const line of order.lines)
        soldAs.set(line.variant_id, (soldAs.get(line.variant_id) ?? new Set()).add(line.sku));
    expect([...soldAs.values()].filter((skus) => skus.size > 1).length).toBeGreaterThanOrEqual(4);
  });

  it("has every oddity, however small it is", async () => {
    for (const orders of [50, 1_500]) {
      const server = await start({ orders });
      const types = new Set(all(server, "balance_transactions").map((row) => row.type));
      for (const type of [
        "cancellation",
        "refund",
        "refund_adjustment",
        "hold",
        "release",
        "advertising",
        "subscription",
        "payout_returned",
        "loyalty_pool_share",
      ])
        expect(types, `${orders}: ${type}`).toContain(type);
      const goods = (all(server, "refunds") as readonly { lines: { goods: string }[] }[]).flatMap((refund) =>
        refund.lines.map((line) => line.goods),
      );
      expect(new Set(goods)).toEqual(new Set(["restocked", "not_restocked", "unknown"]));
      const same = new Map<string, number>();
      for (const { id: _id, ...rest } of all(server, "balance_transactions"))
        same.set(JSON.stringify(rest), (same.get(JSON.stringify(rest)) ?? 0) + 1);
      expect([...same.values()].filter((count) => count > 1).length).toBeGreaterThan(0);
      expect(all(server, "payouts").filter((payout) => payout.status === "failed")).toHaveLength(1);
    }
  });

  it("sells a piece that there is one of once", async () => {
    const sold = new Map<string, number>();
    for (const order of all(await start(), "orders") as readonly {
      lines: { product_id: string; title: string; quantity: number }[];
    }[])
      for (const line of order.lines)
        if (/Griswold|Kodak|Olivetti/.test(line.title))
          sold.set(line.product_id, (sold.get(line.product_id) ?? 0) + line.quantity);
    expect(sold.size).toBeGreaterThan(5);
    expect([...sold.values()].every((count) => count === 1)).toBe(true);
  });
});

describe("a server that is started again", () => {
  it("on a later day says the same of the past, and knows who signed in", async () => {
    const folder = mkdtempSync(join(tmpdir(), "practice-"));
    try {
      const stateFile = join(folder, "deep", "practice.json");
      let now = Date.parse("2026-03-31T12:00:00Z");
      const options = { port: 0, orders: 300, stateFile, clock: () => now };
      const first = await startPractice(options);
      const connector = connectorOf(first.url, () => now);
      const credentials = await signIn(connector);
      const made = first.control.shop.makeOrder([]);
      const before = new Map(all(first, "orders").map((order) => [order.id, order]));
      await first.close();
      expect(readFileSync(stateFile, "utf8")).not.toContain(
        (JSON.parse(credentials) as { refreshToken: string }).refreshToken,
      );

      now += 9 * 86_400_000;
      const second = await startPractice({ ...options, orders: 50, seed: 99 });
      open.push(second);
      const after = new Map(all(second, "orders").map((order) => [order.id, order]));
      expect(after.size).toBeGreaterThan(before.size);
      for (const [id, order] of before)
        expect(after.get(id)).toMatchObject({ placed_at: order.placed_at, lines: order.lines, total: order.total });
      expect(after.get(made?.id ?? "")).toBeDefined();
      const again = connectorOf(second.url, () => now);
      const session = {
        account: { channel: "p", currency: "USD", timeZone: "UTC" },
        credentials,
        since: null,
        signal: AbortSignal.timeout(5_000),
        renewed: () => Promise.resolve(),
      };
      expect((await again.pull(session, "payouts", null)).documents.length).toBeGreaterThan(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("refuses a file of somebody else's", async () => {
    const file = new URL("../../package.json", import.meta.url).pathname;
    await expect(startPractice({ port: 0, stateFile: file })).rejects.toThrow();
  });

  it("rejects where its port is taken", async () => {
    const { url } = await start({ orders: 50 });
    await expect(startPractice({ port: Number(new URL(url).port) })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});

describe("the control port", () => {
  const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });

  it("makes orders of what is asked for", async () => {
    const { url, control } = await start({ orders: 50 });
    const answer = await post(`${url}/control/orders`, { lines: [{ variant: "var_1009_1", quantity: 3 }] });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({
      data: [{ lines: [{ title: "Cast-iron trivet", quantity: 3, total: { amount: "8400" } }] }],
    });
    expect((await post(`${url}/control/orders`, { count: 4 })).status).toBe(201);
    expect(control.shop.feed("orders").filter((entry) => entry.id.startsWith("ord_9"))).toHaveLength(5);
    expect((await post(`${url}/control/orders`, { lines: [{ variant: "nothing", quantity: 1 }] })).status).toBe(422);
  });

  it("says what it did not understand", async () => {
    const { url } = await start({ orders: 50 });
    expect((await post(`${url}/control`, { faults: { throtle: 1 } })).status).toBe(422);
    expect(
      (await fetch(`${url}/control`, { method: "POST", headers: { "content-type": "application/json" }, body: "{" }))
        .status,
    ).toBe(400);
    expect(await (await post(`${url}/control`, { faults: { fail: 2 } })).json()).toMatchObject({
      faults: { fail: 2, throttle: 0 },
    });
  });

  it("is not for pages: no form, no other origin, no other host name", async () => {
    const { url } = await start({ orders: 50 });
    const form = await fetch(`${url}/control/orders`, { method: "POST", body: new URLSearchParams({ count: "1" }) });
    expect(form.status).toBe(415);
    expect((await post(`${url}/control/orders`, {}, { origin: "https://evil.example" })).status).toBe(403);
    const { port } = new URL(url);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const call = request(
        { host: "127.0.0.1", port, path: "/control", headers: { host: "evil.example" } },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        },
      );
      call.once("error", reject);
      call.end();
    });
    expect(status).toBe(403);
  });
});

describe("the API", () => {
  it("refuses what is not described: no token, other methods, large pages, strange cursors", async () => {
    const { url } = await start({ orders: 50 });
    const { accessToken } = JSON.parse(await signIn(connectorOf(url))) as { accessToken: string };
    const headers = { authorization: `Bearer ${accessToken}` };
    expect((await fetch(`${url}/v1/orders`)).status).toBe(401);
    expect((await fetch(`${url}/v1/orders`, { method: "DELETE", headers })).status).toBe(405);
    for (const query of ["limit=101", "limit=0", "limit=x", "cursor=x", "updated_after=yesterday"])
      expect((await fetch(`${url}/v1/orders?${query}`, { headers })).status, query).toBe(400);
    expect((await fetch(`${url}/v1/customers`, { headers })).status).toBe(404);
    expect(await (await fetch(`${url}/v1/orders/ord_20001`, { headers })).json()).toMatchObject({ number: "PM-20001" });
  });
});
