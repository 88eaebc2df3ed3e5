/** What a connected client may read: five feeds by cursor, one order, the balance. Limits and faults come first. */
import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import { type Answer, html, json, refused } from "./answers";
import type { Stats } from "./control";
import type { FaultBox } from "./faults";
import type { Grants } from "./grants";
import { maintenancePage } from "./pages";
import { comesBefore, currency, type Entry, type FeedName, feeds, type Shop } from "./shop";

const largestPage = 100;
/** After which place to go on; `again` gives that place once more. Clients take it as it is. */
const Cursor = z.object({ feed: z.enum(feeds), updatedAt: z.string(), id: z.string(), again: z.boolean() });
type Cursor = z.infer<typeof Cursor>;

export function apiOf(
  parts: Readonly<{
    grants: Grants;
    shop: Shop;
    faults: FaultBox;
    stats: { -readonly [name in keyof Stats]: Stats[name] };
    clock: () => number;
    rate: Readonly<{ capacity: number; perSecond: number }>;
  }>,
): (method: string, url: URL, headers: IncomingHttpHeaders) => Answer {
  const { grants, shop, faults, stats, clock, rate } = parts;
  const buckets = new Map<string, { tokens: number; atMs: number }>();

  function left(grant: string): number {
    const now = clock();
    const bucket = buckets.get(grant) ?? { tokens: rate.capacity, atMs: now };
    const tokens = Math.min(rate.capacity, bucket.tokens + ((now - bucket.atMs) * rate.perSecond) / 1000) - 1;
    buckets.set(grant, { tokens: Math.max(tokens, -1), atMs: now });
    return Math.floor(tokens);
  }

  /** The order that was refunded last, while it cannot be read. */
  function hidden(): string | null {
    if (faults.settings().hideOrder <= 0 || !faults.strikes("hideOrder")) return null;
    const refunds = shop.feed("refunds");
    return String(refunds[refunds.length - 1]?.body.order_id);
  }

  function page(name: FeedName, query: URLSearchParams): Answer {
    const limit = query.get("limit") ?? "25";
    if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > largestPage)
      return refused(400, "bad_limit", `limit goes from 1 to ${largestPage}.`);
    const after = query.get("updated_after");
    if (after !== null && Number.isNaN(Date.parse(after)))
      return refused(400, "bad_time", "updated_after is no ISO 8601 time.");
    const text = query.get("cursor");
    const cursor = text === null ? null : cursorOf(text);
    if (text !== null && cursor?.feed !== name)
      return refused(400, "bad_cursor", "This cursor is not one of this feed.");
    if (cursor !== null && faults.strikes("expireCursor"))
      return refused(410, "cursor_expired", "This cursor is too old. Begin again.");

    const unreadable = name === "orders" ? hidden() : null;
    const since = after === null ? "" : new Date(after).toISOString();
    const entries = shop
      .feed(name)
      .filter((entry) => entry.id !== unreadable && entry.updatedAt >= since && isAfter(entry, cursor));
    const given = entries.slice(0, Number(limit));
    const last = given[given.length - 1];
    const following = entries[given.length];
    const hasMore = following !== undefined;
    const next: Cursor | null =
      last === undefined || !hasMore
        ? null
        : { feed: name, updatedAt: last.updatedAt, id: last.id, again: faults.strikes("repeat") };
    const answer = json(200, {
      data: given.map((entry) => entry.body),
      has_more: hasMore,
      next_cursor: next === null ? null : Buffer.from(JSON.stringify(next)).toString("base64url"),
    });
    if (name === "orders") disturb(given[0], following);
    return answer;
  }

  /** After the answer is made, so that what it said is not what is. */
  function disturb(first: Entry | undefined, following: Entry | undefined): void {
    if (following !== undefined && faults.strikes("shift")) {
      shop.editOrder(following.id);
      shop.makeOrder([]);
    }
    if (first !== undefined && faults.strikes("edit")) shop.editOrder(first.id);
  }

  function content(url: URL): Answer {
    const [, , name, id] = url.pathname.split("/");
    if (name === "shop" && id === undefined)
      return json(200, { id: shop.id, name: shop.name, currency, time_zone: "America/New_York" });
    if (name === "balance" && id === undefined) {
      const { available, held, total } = shop.balance();
      const money = (amount: number) => ({ amount: String(amount), currency });
      return json(200, {
        available: money(available),
        held: money(held),
        total: money(total),
        as_of: new Date(shop.nowMs()).toISOString(),
      });
    }
    const feed = feeds.find((each) => each === name);
    if (feed !== undefined && id === undefined) return page(feed, url.searchParams);
    if (feed === "orders" && id !== undefined) {
      const order = id === hidden() ? null : shop.order(id);
      if (order !== null) return json(200, order.body);
    }
    return refused(404, "not_found", "There is no such thing.");
  }

  return (method, url, headers) => {
    stats.calls += 1;
    if (method !== "GET") return refused(405, "read_only", "This market can only be read.");
    const bearer = /^Bearer (\S+)$/.exec(headers.authorization ?? "")?.[1] ?? "";
    const grant = grants.check(bearer);
    if (grant === "expired" || grant === "unknown")
      return refused(401, grant === "expired" ? "token_expired" : "token_unknown", "Sign in again.", {
        "www-authenticate": "Bearer",
      });
    const remaining = left(grant.grant);
    const limits = {
      "x-ratelimit-limit": String(rate.capacity),
      "x-ratelimit-remaining": String(Math.max(0, remaining)),
      "x-ratelimit-reset": String(Math.ceil((rate.capacity - Math.max(0, remaining)) / rate.perSecond)),
    };
    if (faults.strikes("throttle"))
      return refused(429, "too_many_requests", "Slow down.", {
        ...limits,
        "retry-after": String(faults.settings().retryAfterSeconds),
      });
    if (remaining < 0) return refused(429, "too_many_requests", "Slow down.", { ...limits, "retry-after": "1" });
    if (faults.strikes("fail")) return refused(500, "internal", "Something went wrong.");
    if (faults.strikes("html")) return html(200, maintenancePage);
    const answer = content(url);
    const slowly = faults.strikes("slow") ? { delayMs: faults.settings().slowMs } : {};
    const cut = faults.strikes("cut") ? { isCut: true } : {};
    return { status: answer.status, body: answer.body, headers: { ...answer.headers, ...limits }, ...slowly, ...cut };
  };
}

function isAfter(entry: Entry, cursor: Cursor | null): boolean {
  if (cursor === null) return true;
  return comesBefore(cursor, entry) || (cursor.again && entry.id === cursor.id && entry.updatedAt === cursor.updatedAt);
}

function cursorOf(text: string): Cursor | null {
  try {
    return Cursor.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
  } catch (error) {
    // Somebody else's text: the caller answers "bad_cursor".
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}
