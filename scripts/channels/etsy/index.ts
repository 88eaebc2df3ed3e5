/**
 * A server that behaves as Etsy's Open API v3 does, for tests and development: sign-in, listings, receipts, payments and the ledger of a
 * made-up shop, with Etsy's limits, errors and signed calls. On 127.0.0.1 only.
 */
import { createHmac, randomUUID } from "node:crypto";
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
  type SignedEvent,
  serve,
} from "../kit";
import { type Shop, shopOf } from "./shop";
import { type SignIn, signInOf } from "./sign-in";

export type EtsyOptions = Readonly<{
  /** 0 takes any free port. */
  port: number;
  seed?: number;
  /** About how many orders, over `days` days. */
  orders?: number;
  days?: number;
  key?: string;
  secret?: string;
  webhookSecret?: string;
  /** Calls a second and a day that the app may make. */
  perSecond?: number;
  perDay?: number;
  clock?: () => number;
}>;
export type Call = Readonly<{ method: string; path: string; query: URLSearchParams; status: number; body: string }>;
export type EtsyControl = Readonly<{
  shop: Shop;
  faults: (settings: FaultSettings) => void;
  expire: () => void;
  revoke: () => void;
  refreshes: () => number;
  /** Makes a sale and gives the call that tells of it, signed now. */
  changed: () => SignedEvent;
  deliver: (to: string, how?: Delivery) => Promise<readonly number[]>;
  /** What was asked of the API and answered, the last two thousand calls. */
  calls: () => readonly Call[];
}>;
export type Etsy = Readonly<{ url: string; close: () => Promise<void>; control: EtsyControl }>;

/** What the local server and the connector take when nothing else is said; they guard nothing. */
export const localKey = "local-etsy-keystring";
export const localSecret = "local-etsy-secret";
export const localWebhookSecret = `whsec_${Buffer.from("a secret of the local Etsy server").toString("base64")}`;

const Number1 = z.coerce.number().int();
const Deliver = z.object({ to: z.url(), how: z.enum(["once", "twice", "reversed", "lost"]).default("once") });
const Which = z.object({ receipt: z.int().optional() });
const window = 31 * 86_400;

export async function startEtsy(options: EtsyOptions): Promise<Etsy> {
  const clock = options.clock ?? Date.now;
  const now = () => Math.floor(clock() / 1000);
  const { key = localKey, secret = localSecret, perSecond = 10, perDay = 10_000 } = options;
  const shop = shopOf({ seed: options.seed ?? 7, orders: options.orders ?? 250, days: options.days ?? 75, now });
  const signIn = signInOf({ key, secret, user: shop.user, shop: shop.name, clock });
  const faults = faultBox();
  const events = eventBox();
  const limits = limitsOf(perSecond, perDay, clock);
  const calls: Call[] = [];
  let lastOfPage: unknown = null;

  /** An event keeps its id however often it is sent; the time that is signed is that of the sending. */
  function eventOf(type: string, receipt: number): () => SignedEvent {
    const id = `msg_${randomUUID()}`;
    const body = JSON.stringify({
      event_type: type,
      resource_url: `https://openapi.etsy.com/v3/application/shops/${shop.id}/receipts/${receipt}`,
      shop_id: shop.id,
    });
    return () => signed(id, body, options.webhookSecret ?? localWebhookSecret, now());
  }
  function sell() {
    const receipt = shop.sell();
    events.add(eventOf("order.paid", receipt.receipt_id));
    return receipt;
  }
  function refund(input: unknown) {
    const receipt = shop.refund(Which.parse(input).receipt);
    if (receipt !== null) events.add(eventOf("order.canceled", receipt.receipt_id));
    return receipt;
  }

  function api(request: LocalRequest): Answer {
    const { url, headers } = request;
    if (headers["x-api-key"] !== `${key}:${secret}`)
      return json(403, { error: "Shared secret or API key is not known" });
    const allowed = signIn.check(headers.authorization);
    if (allowed !== "good")
      return json(401, { error: allowed === "expired" ? "invalid_token: access token is expired" : "invalid_token" });
    if (request.method !== "GET") return json(404, { error: "Resource not found" });
    const path = url.pathname.slice("/v3/application".length);
    if (path === "/users/me") return json(200, { user_id: shop.user, shop_id: shop.id });
    const [, id = "", rest = ""] = /^\/shops\/(\d+)(\/.*)?$/.exec(path) ?? [];
    if (id !== String(shop.id)) return json(404, { error: "Resource not found" });
    return inShop(rest, url.searchParams);
  }

  function inShop(path: string, query: URLSearchParams): Answer {
    if (path === "")
      return json(200, {
        shop_id: shop.id,
        user_id: shop.user,
        shop_name: shop.name,
        create_date: shop.opened,
        created_timestamp: shop.opened,
        title: null,
        currency_code: "USD",
        is_vacation: false,
        url: `https://www.etsy.com/shop/${shop.name}`,
      });
    if (path === "/listings") {
      const state = query.get("state") ?? "active";
      return paged(
        shop.listings().filter((listing) => listing.state === state),
        query,
      );
    }
    if (path === "/receipts") return receipts(query);
    if (path === "/payments") {
      const ids = (query.get("payment_ids") ?? "").split(",").map(Number);
      const found = shop.payments().filter((payment) => ids.includes(payment.payment_id));
      return json(200, { count: found.length, results: found });
    }
    if (path === "/payment-account/ledger-entries") return entries(query);
    const [, kind, id] = /^\/(receipts|transactions)\/(\d+)$/.exec(path) ?? [];
    const found =
      kind === "receipts"
        ? shop.receipts().find((receipt) => receipt.receipt_id === Number(id))
        : shop
            .receipts()
            .flatMap((receipt) => receipt.transactions)
            .find((sale) => sale.transaction_id === Number(id));
    return kind === undefined || found === undefined ? json(404, { error: "Resource not found" }) : json(200, found);
  }

  function receipts(query: URLSearchParams): Answer {
    const by = query.get("sort_on") === "updated" ? "updated_timestamp" : "created_timestamp";
    const between = (name: string, value: number) =>
      value >= Number(query.get(`min_${name}`) ?? 0) &&
      value <= Number(query.get(`max_${name}`) ?? Number.MAX_SAFE_INTEGER);
    let found = shop
      .receipts()
      .filter((each) => between("created", each.created_timestamp) && between("last_modified", each.updated_timestamp))
      .sort((a, b) => b[by] - a[by] || b.receipt_id - a.receipt_id);
    if (query.get("sort_order") === "asc") found = found.reverse();
    // What was just sold is not there yet for who asks too soon.
    if (found.length > 0 && faults.strikes("hide")) found = found.slice(1);
    return paged(found, query);
  }

  function entries(query: URLSearchParams): Answer {
    const [from, to] = [query.get("min_created"), query.get("max_created")].map(
      (text) => Number1.safeParse(text ?? "x").data,
    );
    if (from === undefined || to === undefined) return json(400, { error: "min_created and max_created are required" });
    if (to - from > window) return json(400, { error: "The range of min_created and max_created is at most 31 days" });
    return paged(
      shop
        .entries()
        .filter((each) => each.created_timestamp >= from && each.created_timestamp <= to)
        .toReversed(),
      query,
    );
  }

  function paged(all: readonly unknown[], query: URLSearchParams): Answer {
    const limit = Number1.min(1)
      .max(100)
      .safeParse(query.get("limit") ?? "25");
    const offset = Number1.min(0).safeParse(query.get("offset") ?? "0");
    if (!limit.success) return json(400, { error: "limit must be between 1 and 100" });
    if (!offset.success) return json(400, { error: "offset must be 0 or more" });
    let results = all.slice(offset.data, offset.data + limit.data);
    const isFirst = offset.data === 0 && !query.has("max_created") && !query.has("max_last_modified");
    if (!isFirst && lastOfPage !== null && results.length > 0 && faults.strikes("repeat"))
      results = [lastOfPage, ...results].slice(0, limit.data);
    lastOfPage = results.at(-1) ?? null;
    const answer = json(200, { count: all.length, results });
    if (offset.data + limit.data < all.length && faults.strikes("shift")) {
      const [oldest] = shop.receipts();
      if (oldest !== undefined) shop.touch(oldest.receipt_id);
      shop.sell();
    }
    return answer;
  }

  async function answer(request: LocalRequest): Promise<Answer> {
    const aboutSigningIn = signIn.answer(request);
    if (aboutSigningIn !== null) return aboutSigningIn;
    if (!request.url.pathname.startsWith("/v3/application/")) return json(404, { error: "Resource not found" });
    const limit = limits.take();
    const given = await faulty(
      faults,
      {
        throttled: (seconds) => tooMany(limits.headers(), String(seconds)),
        failed: () => json(500, { error: "The server encountered an internal error" }),
      },
      () => (limit === null ? api(request) : tooMany(limits.headers(), limit)),
    );
    const answered = { ...given, headers: { ...limits.headers(), ...given.headers } };
    const path = request.url.pathname;
    calls.push({
      method: request.method,
      path,
      query: request.url.searchParams,
      status: given.status,
      body: given.body,
    });
    if (calls.length > 2_000) calls.shift();
    return answered;
  }

  const server = await serve({
    name: "Etsy",
    port: options.port,
    answer,
    commands: {
      faults: (input) => {
        faults.set(Faults.parse(input));
        return faults.settings();
      },
      expire: signIn.expire,
      revoke: signIn.revoke,
      sell,
      refund,
      payout: shop.payout,
      deliver: (input) => {
        const { to, how } = Deliver.parse(input);
        return events.deliver(to, how);
      },
    },
  });
  return { ...server, control: controlOf(shop, signIn) };

  function controlOf(of: Shop, who: SignIn): EtsyControl {
    return {
      shop: of,
      faults: faults.set,
      expire: who.expire,
      revoke: who.revoke,
      refreshes: who.refreshes,
      changed: () => eventOf("order.paid", shop.sell().receipt_id)(),
      deliver: events.deliver,
      calls: () => calls,
    };
  }
}

function tooMany(headers: Readonly<Record<string, string>>, retryAfter: string): Answer {
  return json(429, { error: "You have exceeded your rate limit" }, { ...headers, "retry-after": retryAfter });
}

/** Standard Webhooks: what is signed is `id.timestamp.body`, with the bytes that the secret is the base64 of. */
function signed(id: string, body: string, secret: string, at: number): SignedEvent {
  const signature = createHmac("sha256", Buffer.from(secret.replace(/^whsec_/, ""), "base64"))
    .update(`${id}.${at}.${body}`)
    .digest("base64");
  return {
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(at),
      "webhook-signature": `v1,${signature}`,
    },
    body,
  };
}

/** Calls of this second and this day; `take` gives what to wait where one is used up. */
function limitsOf(perSecond: number, perDay: number, clock: () => number) {
  let second = { at: 0, used: 0 };
  let day = { at: 0, used: 0 };
  return {
    take: (): string | null => {
      const at = Math.floor(clock() / 1000);
      if (second.at !== at) second = { at, used: 0 };
      if (day.at !== Math.floor(at / 86_400)) day = { at: Math.floor(at / 86_400), used: 0 };
      if (day.used >= perDay) return String(86_400 - (at % 86_400));
      if (second.used >= perSecond) return "1";
      second.used += 1;
      day.used += 1;
      return null;
    },
    headers: (): Readonly<Record<string, string>> => ({
      "x-limit-per-second": String(perSecond),
      "x-remaining-this-second": String(perSecond - second.used),
      "x-limit-per-day": String(perDay),
      "x-remaining-today": String(perDay - day.used),
    }),
  };
}
