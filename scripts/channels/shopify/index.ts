/**
 * A Shopify on this computer, for tests and development: one shop under whatever address it is asked for
 * (`URL/example.myshopify.com/admin/…`), with Shopify's sign-in, GraphQL Admin API, limits and webhooks.
 */
import { createHmac, randomUUID } from "node:crypto";
import { z } from "zod";
import {
  eventBox,
  type FaultSettings,
  Faults,
  faultBox,
  faulty,
  html,
  json,
  type LocalServer,
  type SignedEvent,
  serve,
} from "../kit";
import { type Bulk, type BulkFaultSettings, BulkFaults, bulkOf } from "./bulk";
import { type Graph, graphOf, type Rate } from "./graph";
import { openShop, type Shop } from "./shop";
import { type App, signInOf } from "./sign-in";
import type { Order } from "./state";
import { gid, viewOf } from "./view";

export const version = "2026-10";
const dayMs = 86_400_000;

export type ShopifyOptions = Readonly<{
  /** 0 takes any free port. */
  port: number;
  seed?: number;
  /** How many orders it has at first. */
  orders?: number;
  /** The day at which the shop's clock stands still ("2026-03-31"). Left out, the shop goes with the clock. */
  today?: string;
  /** Of the app that signs in; from SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET, else a pair that guards nothing. */
  app?: App;
  clock?: () => number;
  /** The points that the bucket holds, and those that come back each second. */
  rate?: Rate;
}>;

export type ShopifyControl = Readonly<{
  shop: Shop;
  faults: (settings: FaultSettings) => void;
  /** What goes wrong with bulk operations. */
  bulkFaults: (settings: BulkFaultSettings) => void;
  expire: () => void;
  revoke: () => void;
  sell: (way?: Parameters<Shop["sell"]>[0]) => Order;
  refund: (number: number | null, restock?: "RETURN" | "NO_RESTOCK" | "CANCEL") => void;
  /** A webhook as Shopify would send it now. */
  event: (topic: string, body: unknown, secret?: string) => SignedEvent;
  stats: () => Readonly<{ calls: number; refreshes: number; exchanges: number }>;
  bulkStats: Bulk["stats"];
}>;
export type LocalShopify = LocalServer & Readonly<{ control: ShopifyControl; app: App }>;

const Sell = z.strictObject({ way: z.enum(["card", "gift card", "paypal", "cash", "unpaid"]).optional() });
const Refunding = z.strictObject({
  order: z.int().nullish(),
  restock: z.enum(["RETURN", "NO_RESTOCK", "CANCEL"]).optional(),
});
const Paying = z.strictObject({ fails: z.boolean().optional() });
const Deliver = z.strictObject({ to: z.url(), how: z.enum(["once", "twice", "reversed", "lost"]).optional() });

/** Starts the server; rejects where the port is taken. */
export async function startShopify(options: ShopifyOptions): Promise<LocalShopify> {
  const clock = options.clock ?? Date.now;
  const app = options.app ?? {
    clientId: process.env.SHOPIFY_CLIENT_ID?.trim() || "lotbook-practice",
    clientSecret: process.env.SHOPIFY_CLIENT_SECRET?.trim() || "practice-needs-no-secret",
  };
  const standsAtMs = options.today === undefined ? null : Date.parse(`${options.today}T20:00:00Z`);
  let passedMs = 0;
  const now = () => (standsAtMs === null ? clock() : standsAtMs + passedMs);
  /** Each thing that happens in a shop that stands still is a second after the one before. */
  const tick = () => {
    passedMs += 1_000;
  };
  const todayMs = now();
  const shop = openShop({ seed: options.seed ?? 7, orders: options.orders ?? 120, todayMs, now });
  const [faults, events] = [faultBox(), eventBox()];
  const signIn = signInOf(app, clock);
  let domain = "example.myshopify.com";
  let calls = 0;

  const event = (topic: string, body: unknown, secret = app.clientSecret): SignedEvent => {
    const text = JSON.stringify(body);
    return {
      body: text,
      headers: {
        "content-type": "application/json",
        "x-shopify-topic": topic,
        "x-shopify-shop-domain": domain,
        "x-shopify-api-version": version,
        "x-shopify-webhook-id": randomUUID(),
        "x-shopify-event-id": randomUUID(),
        "x-shopify-triggered-at": new Date(clock()).toISOString(),
        "x-shopify-hmac-sha256": createHmac("sha256", secret).update(text).digest("base64"),
      },
    };
  };
  /** Signed once: Shopify sends an event again as it was. */
  const tell = (topic: string, body: unknown): void => {
    const made = event(topic, body);
    events.add(() => made);
  };
  const spoken = (order: Order) => ({
    id: order.id,
    admin_graphql_api_id: gid("Order", order.id),
    name: `#${order.number}`,
    order_number: order.number,
    updated_at: new Date(order.updatedMs).toISOString(),
    currency: "USD",
  });

  const sell: ShopifyControl["sell"] = (way) => {
    tick();
    const order = shop.sell(way);
    if (faults.strikes("hide")) shop.hide(order);
    tell("orders/create", spoken(order));
    return order;
  };
  const refund: ShopifyControl["refund"] = (number, restock = "RETURN") => {
    tick();
    const made = shop.refund(number, restock);
    if (made === null) return;
    if (faults.strikes("hide")) shop.hide(made.order);
    tell("refunds/create", {
      id: made.refund.id,
      order_id: made.order.id,
      admin_graphql_api_id: gid("Refund", made.refund.id),
    });
    tell("orders/updated", spoken(made.order));
  };
  let turn = 0;
  /** Something new stands at one end, or something old goes to the other. */
  const moved = (): void => {
    turn += 1;
    const [oldest] = shop.orders;
    tick();
    if (turn % 2 === 1 || oldest === undefined) shop.sell();
    else shop.touch(oldest);
  };
  let url = "";
  const bulk = bulkOf(viewOf(shop, faults, domain, now, moved), clock, () => url);
  const graphs = new Map<string, Graph>();
  const graphFor = (name: string): Graph => {
    const known = graphs.get(name);
    if (known !== undefined) return known;
    const rate = options.rate ?? { maximum: 2_000, restore: 100 };
    const made = graphOf({ ...viewOf(shop, faults, name, now, moved).root, ...bulk.root }, rate, clock);
    graphs.set(name, made);
    return made;
  };

  const server = await serve({
    name: "Shopify",
    port: options.port,
    commands: {
      faults: (input) => {
        faults.set(Faults.parse(input));
        return faults.settings();
      },
      bulk: (input) => bulk.faults(BulkFaults.parse(input) as BulkFaultSettings),
      expire: () => signIn.expire(),
      revoke: () => signIn.revoke(),
      sell: (input) => ({ order: `#${sell(Sell.parse(input).way).number}` }),
      refund: (input) => {
        const { order, restock } = Refunding.parse(input);
        refund(order ?? null, restock);
        return { waiting: events.waiting() };
      },
      dispute: () => {
        tick();
        const order = [...shop.orders].reverse().find((each) => each.status === "PAID" && !each.isTest);
        if (order === undefined) return null;
        shop.dispute(order);
        tell("disputes/create", {
          id: shop.disputes.at(-1)?.id,
          order_id: order.id,
          type: "chargeback",
          currency: "USD",
        });
        return { order: `#${order.number}` };
      },
      payout: (input) => {
        passedMs += dayMs;
        const made = shop.payOut(Paying.parse(input).fails === true);
        return made === null ? null : { payout: made.id, cents: made.cents, status: made.status };
      },
      privacy: () => {
        const of = { shop_id: 548_380_009, shop_domain: domain };
        tell("customers/data_request", { ...of, customer: { id: 1 }, orders_requested: [], data_request: { id: 9 } });
        tell("customers/redact", { ...of, customer: { id: 1 }, orders_to_redact: [] });
        tell("shop/redact", of);
      },
      uninstall: () => {
        signIn.revoke();
        tell("app/uninstalled", { id: 548_380_009, name: shop.name, myshopify_domain: domain });
      },
      deliver: async (input) => {
        const { to, how } = Deliver.parse(input);
        return { statuses: await events.deliver(to, how) };
      },
    },
    answer: async (request) => {
      const file = await bulk.read(request);
      if (file !== null) return file;
      const [, name = "", path = ""] =
        /^\/([a-z0-9][a-z0-9-]*\.myshopify\.com)(\/.*)$/.exec(request.url.pathname) ?? [];
      if (name === "")
        return html(
          200,
          `<!doctype html><title>Shopify</title><p>${shop.name}: set SHOPIFY_API_URL to this address and connect example.myshopify.com.</p>`,
        );
      domain = name;
      if (path.startsWith("/admin/oauth/")) return signIn.answer(name, path, request);
      if (path !== `/admin/api/${version}/graphql.json` || request.method !== "POST")
        return json(404, { errors: "Not Found" });
      calls += 1;
      const token = request.headers["x-shopify-access-token"];
      if (typeof token !== "string" || !signIn.isGood(token))
        return json(401, { errors: "[API] Invalid API key or access token (unrecognized login or wrong password)" });
      const graph = graphFor(name);
      return faulty(
        faults,
        { throttled: graph.throttled, failed: () => json(500, { errors: "Internal Server Error" }) },
        () => graph.answer(request.body.toString("utf8")),
      );
    },
  });
  url = server.url;
  return {
    ...server,
    app,
    close: async () => {
      await bulk.close();
      await server.close();
    },
    control: {
      shop,
      faults: faults.set,
      bulkFaults: bulk.faults,
      bulkStats: bulk.stats,
      expire: signIn.expire,
      revoke: signIn.revoke,
      sell,
      refund,
      event,
      stats: () => ({ calls, ...signIn.stats }),
    },
  };
}
