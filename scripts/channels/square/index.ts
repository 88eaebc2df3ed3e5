/**
 * A server that behaves as Square's API does, for tests and development: sign-in, catalogue, orders, payments, refunds, payouts and their
 * entries of a made-up café, with cursors that end, limits, errors and signed calls. On 127.0.0.1 only.
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
import { type Doc, type Shop, shopOf } from "./shop";
import { errorsOf, signInOf } from "./sign-in";

export type SquareOptions = Readonly<{
  /** 0 takes any free port. */
  port: number;
  seed?: number;
  orders?: number;
  days?: number;
  /** Whether people also pay by what Square does not hold, and buy gift cards. */
  counter?: boolean;
  id?: string;
  secret?: string;
  webhookKey?: string;
  /** The address that calls are signed for and sent to. */
  webhookUrl?: string;
  /** Calls a second. */
  perSecond?: number;
  clock?: () => number;
}>;
export type Call = Readonly<{
  method: string;
  path: string;
  query: URLSearchParams;
  sent: string;
  status: number;
  body: string;
}>;
export type SquareControl = Readonly<{
  shop: Shop;
  faults: (settings: FaultSettings) => void;
  expire: () => void;
  revoke: () => void;
  refreshes: () => number;
  /** The cursors that were given out are too old now. */
  forget: () => void;
  /** Makes a sale and gives the call that tells of it, signed now. */
  changed: () => SignedEvent;
  deliver: (to: string, how?: Delivery) => Promise<readonly number[]>;
  calls: () => readonly Call[];
}>;
export type Square = Readonly<{ url: string; close: () => Promise<void>; control: SquareControl }>;

/** What the local server and the connector take when nothing else is said; they guard nothing. */
export const localId = "local-square-application";
export const localSecret = "local-square-secret";
export const localWebhookKey = "local-square-signature-key";
export const localWebhookUrl = "http://127.0.0.1:3000/api/hooks/square";

const Deliver = z.object({ to: z.url(), how: z.enum(["once", "twice", "reversed", "lost"]).default("once") });
const Which = z.object({ order: z.string().optional() });
const Search = z.object({
  location_ids: z.array(z.string()).min(1).max(10),
  cursor: z.string().optional(),
  limit: z.int().min(1).max(1000).default(500),
  query: z.object({
    filter: z
      .object({
        date_time_filter: z
          .object({
            created_at: z.object({ start_at: z.string() }),
            updated_at: z.object({ start_at: z.string() }),
          })
          .partial(),
      })
      .optional(),
    sort: z.object({ sort_field: z.enum(["CREATED_AT", "UPDATED_AT"]), sort_order: z.enum(["ASC", "DESC"]) }),
  }),
});
type Sorting = Readonly<{ by: string; order: "ASC" | "DESC" }>;

export async function startSquare(options: SquareOptions): Promise<Square> {
  const clock = options.clock ?? Date.now;
  const now = () => Math.floor(clock() / 1000);
  const { id = localId, secret = localSecret, perSecond = 10, seed = 7 } = options;
  const shop = shopOf({
    seed,
    orders: options.orders ?? 250,
    days: options.days ?? 40,
    counter: options.counter ?? true,
    now,
  });
  const signIn = signInOf({ id, secret, merchant: shop.merchant, shop: shop.name, clock });
  const faults = faultBox();
  const events = eventBox();
  const calls: Call[] = [];
  let second = { at: 0, used: 0 };
  let age = 1;

  /** An event keeps its id however often it is sent. */
  function eventOf(type: string, data: Doc): () => SignedEvent {
    const body = JSON.stringify({
      merchant_id: shop.merchant,
      location_id: shop.place,
      type,
      event_id: randomUUID(),
      created_at: new Date(clock()).toISOString(),
      data: { type: type.split(".")[0], id: data.id, object: {} },
    });
    const signature = createHmac("sha256", options.webhookKey ?? localWebhookKey)
      .update(`${options.webhookUrl ?? localWebhookUrl}${body}`)
      .digest("base64");
    const headers = { "content-type": "application/json", "x-square-hmacsha256-signature": signature };
    return () => ({ headers, body });
  }
  function told(type: string, data: Doc | null): Doc | null {
    if (data !== null) events.add(eventOf(type, data));
    return data;
  }

  function api(request: LocalRequest): Answer {
    const allowed = signIn.check(request.headers.authorization);
    if (allowed !== "good")
      return errorsOf(
        401,
        "AUTHENTICATION_ERROR",
        allowed === "expired" ? "ACCESS_TOKEN_EXPIRED" : "UNAUTHORIZED",
        "This request could not be authorized.",
      );
    const path = request.url.pathname.slice("/v2/".length);
    if (request.method === "POST") {
      const body: unknown = JSON.parse(request.body.toString("utf8"));
      if (path === "orders/search") return search(body);
      if (path === "orders/batch-retrieve") {
        const { order_ids } = z.object({ order_ids: z.array(z.string()).min(1).max(100) }).parse(body);
        return json(200, { orders: shop.orders().filter((order) => order_ids.includes(order.id)) });
      }
      return notFound();
    }
    return read(path, request.url.searchParams);
  }

  function read(path: string, query: URLSearchParams): Answer {
    const page = { cursor: query.get("cursor"), limit: Number(query.get("limit") ?? "100") };
    if (path === "locations")
      return json(200, {
        locations: [
          {
            id: shop.place,
            name: shop.name,
            status: "ACTIVE",
            currency: "USD",
            country: "US",
            merchant_id: shop.merchant,
          },
        ],
      });
    if (path === "catalog/list")
      return paged("objects", shop.catalog, { ...page, limit: 4 }, { by: "id", order: "ASC" });
    if (path === "refunds") {
      const from = query.get("updated_at_begin_time") ?? "";
      const found = shop.refunds().filter((refund) => refund.updated_at >= from);
      return paged("refunds", found, page, { by: "updated_at", order: "ASC" });
    }
    if (path === "payouts") {
      const from = query.get("begin_time") ?? "";
      const found = shop
        .payouts()
        .filter((payout) => payout.location_id === query.get("location_id") && payout.created_at >= from);
      return paged("payouts", found, page, { by: "created_at", order: "ASC" });
    }
    const [, kind = "", id = "", rest = ""] = /^(merchants|payments|refunds|payouts)\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    if (kind === "merchants" && id === shop.merchant)
      return json(200, {
        merchant: { id: shop.merchant, business_name: shop.name, country: "US", currency: "USD", status: "ACTIVE" },
      });
    if (kind === "payouts" && rest === "/payout-entries") {
      const found = shop.entries().filter((entry) => entry.payout_id === id);
      return paged("payout_entries", found, page, { by: "id", order: "ASC" });
    }
    const one = (kind === "payments" ? shop.payments() : shop.refunds()).find((each) => each.id === id);
    return one === undefined || rest !== "" ? notFound() : json(200, { [kind.slice(0, -1)]: one });
  }

  function search(body: unknown): Answer {
    const asked = Search.safeParse(body);
    if (!asked.success) return errorsOf(400, "INVALID_REQUEST_ERROR", "BAD_REQUEST", "The search is not as described");
    const { query, limit, cursor = null, location_ids } = asked.data;
    const within = query.filter?.date_time_filter ?? {};
    const by = query.sort.sort_field === "CREATED_AT" ? "created_at" : "updated_at";
    const other = by === "created_at" ? within.updated_at : within.created_at;
    if (other !== undefined)
      return errorsOf(400, "INVALID_REQUEST_ERROR", "BAD_REQUEST", "The sort field is not the one that is filtered by");
    const from = within[by]?.start_at ?? "";
    let found = shop.orders().filter((order) => location_ids.includes(String(order.location_id)) && order[by] >= from);
    // What was just sold is not there yet for who asks too soon.
    if (found.length > 0 && faults.strikes("hide")) found = found.slice(0, -1);
    return paged("orders", found, { cursor, limit }, { by, order: query.sort.sort_order });
  }

  /** Cursors remember where they were by what was last given, so that nothing that moves is lost. */
  function paged(
    name: string,
    all: readonly Doc[],
    page: Readonly<{ cursor: string | null; limit: number }>,
    sorting: Sorting,
  ): Answer {
    const keyOf = (each: Doc) => `${String(each[sorting.by])} ${each.id}`;
    const sign = sorting.order === "ASC" ? 1 : -1;
    const sorted = [...all].sort((a, b) => (keyOf(a) < keyOf(b) ? -sign : sign));
    let start = 0;
    if (page.cursor !== null) {
      const text = Buffer.from(page.cursor, "base64url").toString("utf8");
      const [made, key] = [text.slice(0, text.indexOf(" ")), text.slice(text.indexOf(" ") + 1)];
      if (made !== String(age))
        return errorsOf(400, "INVALID_REQUEST_ERROR", "INVALID_CURSOR", "The cursor is too old");
      const after = sorted.findIndex((each) => (sign === 1 ? keyOf(each) > key : keyOf(each) < key));
      start = after < 0 ? sorted.length : after;
      if (start > 0 && faults.strikes("repeat")) start -= 1;
    }
    const given = sorted.slice(start, start + page.limit);
    const last = given.at(-1);
    const isLast = start + page.limit >= sorted.length || last === undefined;
    const cursor = last === undefined ? "" : Buffer.from(`${age} ${keyOf(last)}`).toString("base64url");
    const answer = json(200, { [name]: given, ...(isLast ? {} : { cursor }) });
    if (!isLast && faults.strikes("shift")) {
      shop.touch("ORDER000001");
      shop.sell();
    }
    return answer;
  }

  async function answer(request: LocalRequest): Promise<Answer> {
    const { url, method, body } = request;
    const aboutSigningIn = signIn.answer(request);
    if (aboutSigningIn !== null) return aboutSigningIn;
    if (!url.pathname.startsWith("/v2/")) return notFound();
    if (second.at !== now()) second = { at: now(), used: 0 };
    second.used += 1;
    const isOver = second.used > perSecond;
    const given = await faulty(
      faults,
      {
        throttled: (seconds) => tooMany(String(seconds)),
        failed: () => errorsOf(500, "API_ERROR", "INTERNAL_SERVER_ERROR", "An internal error has occurred"),
      },
      () => (isOver ? tooMany("1") : api(request)),
    );
    const sent = body.toString("utf8");
    calls.push({ method, path: url.pathname, query: url.searchParams, sent, status: given.status, body: given.body });
    if (calls.length > 3_000) calls.shift();
    return given;
  }

  const server = await serve({
    name: "Square",
    port: options.port,
    answer,
    commands: {
      faults: (input) => {
        faults.set(Faults.parse(input));
        return faults.settings();
      },
      expire: signIn.expire,
      revoke: signIn.revoke,
      forget: () => {
        age += 1;
      },
      sell: () => told("order.created", shop.sell()),
      refund: (input) => told("refund.updated", shop.refund(Which.parse(input).order)),
      payout: () => told("payout.sent", shop.payout()),
      deliver: (input) => {
        const { to, how } = Deliver.parse(input);
        return events.deliver(to, how);
      },
    },
  });
  return {
    ...server,
    control: {
      shop,
      faults: faults.set,
      expire: signIn.expire,
      revoke: signIn.revoke,
      refreshes: signIn.refreshes,
      forget: () => {
        age += 1;
      },
      changed: () => eventOf("order.created", shop.sell())(),
      deliver: events.deliver,
      calls: () => calls,
    },
  };
}

function notFound(): Answer {
  return errorsOf(404, "INVALID_REQUEST_ERROR", "NOT_FOUND", "Resource not found.");
}

function tooMany(retryAfter: string): Answer {
  const answer = errorsOf(429, "RATE_LIMIT_ERROR", "RATE_LIMITED", "Too many requests. Please try again later.");
  return { ...answer, headers: { ...answer.headers, "retry-after": retryAfter } };
}
