/**
 * A WooCommerce shop on this machine: Basic keys, pages with X-WP-Total, webhooks signed with a secret, and its quirks: site time beside
 * GMT, money as text, refunds apart with negative lines, orders in the bin that “any” does not list.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
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
  serve,
} from "../kit";
import { gmt, orderJson, productJson, refundJson, variationJson } from "./documents";
import { makeShop, type Order, totalOf } from "./shop";

export type WoocommerceOptions = Readonly<{
  port: number;
  /** The shop's last order is of this day; a day of the past, so that what happens now comes after it. */
  today?: string;
  orders?: number;
  seed?: number;
  currency?: string;
  clock?: () => number;
}>;

export type Woocommerce = Readonly<{
  url: string;
  close: () => Promise<void>;
  control: Readonly<{
    keys: Readonly<{ key: string; secret: string; webhookSecret: string }>;
    faults: (settings: FaultSettings) => void;
    revoke: () => void;
    sell: () => number;
    refund: (order?: number) => number | null;
    trash: (order?: number) => number | null;
    /** The orders' ids, those in the bin among them. */
    orders: () => readonly number[];
    totalOf: (order: number) => bigint;
    /** Sends what waits, or gives it signed, as `deliver` would send it. */
    deliver: (to: string, how?: Delivery) => Promise<readonly number[]>;
    event: () => Readonly<{ headers: Readonly<Record<string, string>>; body: string }>;
  }>;
}>;

/** Keys that were revoked are followed by new ones, as a seller would make them. */
const keysOf = (made: number) => ({
  key: `ck_${String(made).padStart(8, "0")}89abcdef0123456789abcdef01234567`,
  secret: `cs_${String(made).padStart(8, "0")}89abcdef0123456789abcdef01234567`,
  webhookSecret: "local webhook secret",
});
const refused = (status: number, code: string, message: string): Answer =>
  json(status, { code, message, data: { status } });
const known = ["page", "per_page", "orderby", "order", "status", "dates_are_gmt", "dp", "modified_after", "before"];

export async function startWoocommerce(options: WoocommerceOptions): Promise<Woocommerce> {
  const { currency = "USD", clock = Date.now, seed = 1, orders = 120 } = options;
  const shop = makeShop(seed, orders, Date.parse(`${options.today ?? "2026-03-31"}T18:00:00Z`));
  const faults = faultBox();
  const events = eventBox();
  let keys = keysOf(1);
  let keysMade = 1;
  let deliveries = 0;
  let lastOf: { query: string; last: unknown } | null = null;
  let url = "";

  const signed = (topic: string, body: unknown) => () => {
    const text = JSON.stringify(body);
    deliveries += 1;
    return {
      body: text,
      headers: {
        "content-type": "application/json",
        "x-wc-webhook-source": `${url}/`,
        "x-wc-webhook-topic": topic,
        "x-wc-webhook-resource": topic.split(".")[0] ?? "",
        "x-wc-webhook-event": topic.split(".")[1] ?? "",
        "x-wc-webhook-signature": createHmac("sha256", keys.webhookSecret).update(text).digest("base64"),
        "x-wc-webhook-id": "7",
        "x-wc-webhook-delivery-id": `d${deliveries}`,
      },
    };
  };
  const changed = (order: Order, topic = "order.updated") =>
    events.add(signed(topic, topic === "order.deleted" ? { id: order.id } : orderJson(order, currency, url)));

  function list(request: LocalRequest, all: readonly Record<string, unknown>[], pages: boolean): Answer {
    const query = request.url.searchParams;
    for (const name of query.keys())
      if (!known.includes(name)) return refused(400, "rest_invalid_param", `Invalid parameter(s): ${name}`);
    const size = Number(query.get("per_page") ?? "10");
    const page = Number(query.get("page") ?? "1");
    if (size < 1 || size > 100) return refused(400, "rest_invalid_param", "Invalid parameter(s): per_page");
    const [after, before] = [query.get("modified_after"), query.get("before")];
    if ((after !== null || before !== null) && query.get("dates_are_gmt") !== "true")
      return refused(400, "local", "times are meant as GMT here, and do not say so");
    const found = all
      .filter((one) => after === null || String(one.date_modified_gmt) > after)
      .filter((one) => before === null || String(one.date_created_gmt) < before)
      .sort(
        (a, b) => String(b.date_created_gmt).localeCompare(String(a.date_created_gmt)) || Number(b.id) - Number(a.id),
      );
    const given = pages ? found.slice((page - 1) * size, page * size) : found;
    const count = Math.ceil(found.length / size);
    if (lastOf !== null && faults.strikes("repeat") && !given.includes(lastOf.last as never))
      given.unshift(lastOf.last as Record<string, unknown>);
    lastOf = { query: request.url.pathname, last: given.at(-1) };
    if (page < count && faults.strikes("shift")) {
      // What is on a later page is edited, and a new order comes before all.
      const later = shop.orders().find((order) => order.status !== "trash");
      if (later !== undefined) shop.touch(later, clock());
      shop.sell(clock());
    }
    return json(200, given, { "x-wp-total": String(found.length), "x-wp-totalpages": String(count) });
  }

  function api(request: LocalRequest): Answer {
    const { pathname, searchParams } = request.url;
    if (request.method !== "GET")
      return refused(404, "rest_no_route", "No route was found matching the URL and request method.");
    if (pathname === "/wp-json/" || pathname === "/wp-json") return json(200, { name: "Local Woo &amp; Co", url });
    if (!isSigned(request, keys))
      return refused(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.");
    const [what, id, part] = pathname.replace(/^\/wp-json\/wc\/v3\//, "").split("/");
    if (what === "orders" && id === undefined) {
      const isBin = searchParams.get("status") === "trash";
      let found = shop.orders().filter((order) => (order.status === "trash") === isBin);
      // What a call speaks of is not there yet for who asks too soon.
      if (!isBin && found.length > 0 && faults.strikes("hide")) {
        const newest = found.reduce((last, order) => (order.id > last.id ? order : last));
        found = found.filter((order) => order !== newest);
      }
      return list(
        request,
        found.map((order) => orderJson(order, currency, url)),
        true,
      );
    }
    if (what === "orders" && part === "refunds") {
      const order = shop.order(Number(id));
      if (order === undefined) return refused(404, "woocommerce_rest_invalid_order_id", "Invalid order ID.");
      return json(
        200,
        order.refunds.map((refund) => refundJson(order, refund, url)),
        { "x-wp-totalpages": "1" },
      );
    }
    if (what === "products" && id === undefined) return list(request, shop.products.map(productJson), true);
    if (what === "products" && part === "variations") {
      const product = shop.products.find((one) => one.id === Number(id));
      if (product === undefined) return refused(404, "woocommerce_rest_product_invalid_id", "Invalid ID.");
      return json(
        200,
        product.variations.map((one) => variationJson(product, one)),
        { "x-wp-totalpages": "1" },
      );
    }
    return refused(404, "rest_no_route", "No route was found matching the URL and request method.");
  }

  const control: Woocommerce["control"] = {
    get keys() {
      return keys;
    },
    faults: faults.set,
    revoke: () => {
      keysMade += 1;
      keys = keysOf(keysMade);
    },
    sell: () => {
      const order = shop.sell(clock());
      changed(order, "order.created");
      return order.id;
    },
    refund: (wanted) => {
      const refund = shop.refund(clock(), wanted);
      const order = shop.orders().find((one) => one.refunds.some(({ id }) => id === refund?.id));
      if (order !== undefined) changed(order);
      return refund?.id ?? null;
    },
    trash: (wanted) => {
      const order = shop.trash(clock(), wanted);
      if (order !== null) changed(order, "order.deleted");
      return order?.id ?? null;
    },
    orders: () => shop.orders().map((order) => order.id),
    totalOf: (id) => {
      const order = shop.order(id);
      return order === undefined ? 0n : totalOf(order);
    },
    deliver: events.deliver,
    event: () => signed("order.updated", { id: 1, date_modified_gmt: gmt(clock()) })(),
  };
  const One = z.strictObject({ order: z.int() }).partial();
  const To = z.strictObject({ to: z.string(), how: z.enum(["once", "twice", "reversed", "lost"]).optional() });
  const never = (what: string) => () => ({ note: what });
  const server = await serve({
    name: "WooCommerce",
    port: options.port,
    answer: (request) =>
      faulty(
        faults,
        {
          throttled: (seconds) => ({
            ...refused(429, "too_many_requests", "Too many requests."),
            headers: { "content-type": "application/json", "retry-after": String(seconds) },
          }),
          failed: () => refused(500, "internal_server_error", "There has been a critical error on this website."),
        },
        () => api(request),
      ),
    commands: {
      keys: () => ({ address: url, ...keys }),
      faults: (input) => {
        faults.set(Faults.parse(input));
        return faults.settings();
      },
      expire: never("WooCommerce's keys do not expire; revoke them."),
      revoke: () => control.revoke(),
      sell: () => ({ order: control.sell() }),
      refund: (input) => ({ refund: control.refund(One.parse(input).order) }),
      trash: (input) => ({ order: control.trash(One.parse(input).order) }),
      payout: never("A WooCommerce shop holds no money and pays nothing out."),
      deliver: async (input) => {
        const { to, how } = To.parse(input);
        return { statuses: await control.deliver(to, how) };
      },
    },
  });
  url = server.url;
  return { ...server, control };
}

function isSigned(request: LocalRequest, keys: Readonly<{ key: string; secret: string }>): boolean {
  const given = Buffer.from(request.headers.authorization ?? "");
  const right = Buffer.from(`Basic ${Buffer.from(`${keys.key}:${keys.secret}`).toString("base64")}`);
  return given.byteLength === right.byteLength && timingSafeEqual(given, right);
}
