/**
 * A local eBay, for tests and development: `startEbay` gives a server on 127.0.0.1 that signs a seller in, lists their orders,
 * transactions and payouts, checks the signatures that Finances wants, signs events, and misbehaves when told to.
 */
import { z } from "zod";
import {
  type Answer,
  type Delivery,
  eventBox,
  type FaultSettings,
  Faults,
  faultBox,
  faulty,
  json,
  type LocalRequest,
  type LocalServer,
  type SignedEvent,
  serve,
} from "../kit";
import { failure, listsOf } from "./api";
import { seller } from "./bodies";
import { type Client, grantsOf } from "./grants";
import { openShop, type Shop } from "./shop";
import { eventSigner, signatureProblem } from "./signing";

export type EbayOptions = Readonly<{
  /** 0 takes any free port. */
  port?: number;
  seed?: number;
  ordersPerYear?: number;
  /** How far back the shop goes. */
  days?: number;
  /** Milliseconds since 1970; the computer's clock where nothing is said. */
  clock?: () => number;
  client?: Partial<Client>;
  /** Where a person goes back to: what the RuName stands for. */
  acceptUrl?: string;
  /** Calls in any ten seconds; more are turned away. */
  callsPerTenSeconds?: number;
}>;

type EbayControl = Readonly<{
  faults: (settings: FaultSettings) => void;
  expire: () => void;
  revoke: () => void;
  refreshes: () => number;
  shop: Shop;
  /** An event about the latest order, signed. */
  changed: () => SignedEvent;
  /** Somebody's account was closed: the seller's own, or one of a buyer. */
  closed: (userId?: string) => SignedEvent;
  /** The seller took the permission back. */
  letGo: () => SignedEvent;
  deliver: (to: string, how?: Delivery) => Promise<readonly number[]>;
  client: Client;
  seller: Readonly<{ userId: string; username: string }>;
}>;
export type Ebay = LocalServer & Readonly<{ control: EbayControl }>;

const Sell = z.object({
  count: z.int().min(1).max(1_000).optional(),
  lines: z.array(z.object({ sku: z.string(), quantity: z.int().min(1) })).optional(),
});
const Refund = z.object({ order: z.string().optional() });
const Deliver = z.object({ to: z.url(), how: z.enum(["once", "twice", "reversed", "lost"]).optional() });
const Closed = z.object({ userId: z.string().optional() });
const Accept = z.object({ url: z.url() });

/** Starts it. Rejects where the port is taken. */
export async function startEbay(options: EbayOptions = {}): Promise<Ebay> {
  const { port = 0, seed = 7, ordersPerYear = 900, days = 365, clock = Date.now } = options;
  const client: Client = {
    id: "lotbook-local",
    secret: "ebay-local-secret",
    ruName: "Lotbook-Lotbook-local",
    ...options.client,
  };
  let acceptUrl = options.acceptUrl ?? "http://127.0.0.1:3000/api/channels/ebay/return";
  const shop = openShop({ seed, ordersPerYear, days, clock });
  const faults = faultBox();
  const grants = grantsOf(client, clock);
  const lists = listsOf(shop, faults, clock);
  const signer = eventSigner();
  const events = eventBox();
  const most = options.callsPerTenSeconds ?? 500;
  let calls: number[] = [];

  const eventOf = (topic: string, data: Readonly<Record<string, unknown>>) => signer.sign(topic, data, clock());
  const changed = (topic = "ORDER_CONFIRMATION") =>
    eventOf(topic, { seller, order: { orderId: shop.orders[shop.orders.length - 1]?.id ?? "" } });
  const closed = (userId = "buyer-7") =>
    eventOf("MARKETPLACE_ACCOUNT_DELETION", { username: "somebody", userId, eiasToken: "nY+sHZ2PrBmdj6wVnY" });
  const letGo = () => eventOf("AUTHORIZATION_REVOCATION", { ...seller, eiasToken: "nY+sHZ2PrBmdj6wVnY" });

  const tooMany = (retryAfterSeconds: number): Answer =>
    failure(429, 2001, "Too many requests. The request limit has been reached for the resource.", {
      "retry-after": String(retryAfterSeconds),
    });

  function answerApi(request: LocalRequest): Answer {
    const bearer = grants.bearer(request);
    if (bearer === null) return failure(401, 1001, "Invalid access token");
    const path = request.url.pathname;
    const kid = /^\/commerce\/notification\/v1\/public_key\/([^/]+)$/.exec(path)?.[1];
    if (kid !== undefined)
      return kid === signer.kid
        ? json(200, { key: signer.publicKey, algorithm: "ECDSA", digest: "SHA1" })
        : failure(404, 195_016, "The public key was not found.");
    if (path === "/developer/key_management/v1/signing_key" && request.method === "POST")
      return bearer === "application" ? grants.makeKey(request) : failure(403, 1100, "Access denied");
    if (bearer !== "seller") return failure(403, 1100, "Access denied");
    if (path.startsWith("/sell/finances/")) {
      const problem = signatureProblem(request, grants, clock);
      if (problem !== null) return failure(403, 215_002, `Signature validation failed: ${problem}`);
    }
    return lists(request);
  }

  async function answer(request: LocalRequest): Promise<Answer> {
    const path = request.url.pathname;
    if (path === "/oauth2/authorize") return grants.authorize(request, acceptUrl);
    if (path === "/identity/v1/oauth2/token" && request.method === "POST") return grants.token(request);
    const isList = path.startsWith("/sell/");
    if (!isList) return answerApi(request);
    calls = [...calls.filter((at) => at > clock() - 10_000), clock()];
    if (calls.length > most) return tooMany(10);
    const failed = () => failure(500, 30500, "System error");
    return faulty(faults, { throttled: tooMany, failed }, () => answerApi(request));
  }

  const commands: Readonly<Record<string, (input: unknown) => unknown>> = {
    faults: (input) => {
      faults.set(Faults.parse(input));
      return faults.settings();
    },
    expire: () => grants.expire(),
    revoke: () => {
      grants.revoke();
      events.add(letGo());
    },
    sell: (input) => {
      const { count = 1, lines } = Sell.parse(input);
      const made = Array.from({ length: count }, () => shop.sell(lines).id);
      events.add(changed());
      return { orders: made };
    },
    refund: (input) => {
      const order = shop.refund(Refund.parse(input).order);
      if (order !== null) events.add(changed("ORDER_REFUND"));
      return { order: order?.id ?? null };
    },
    payout: () => {
      const payout = shop.payOut();
      if (payout !== null) events.add(changed("PAYOUT_SENT"));
      return payout;
    },
    close_account: (input) => events.add(closed(Closed.parse(input).userId)),
    accept: (input) => {
      acceptUrl = Accept.parse(input).url;
      return { acceptUrl };
    },
    deliver: (input) => {
      const { to, how } = Deliver.parse(input);
      return events.deliver(to, how);
    },
    funds: () => shop.funds(),
  };
  const server = await serve({ name: "eBay", port, answer, commands });
  const control: EbayControl = {
    faults: faults.set,
    expire: grants.expire,
    revoke: grants.revoke,
    refreshes: grants.refreshes,
    shop,
    changed: () => changed()(),
    closed: (userId) => closed(userId)(),
    letGo: () => letGo()(),
    deliver: events.deliver,
    client,
    seller,
  };
  return { ...server, control };
}
