/** Calls from Shopify: which feeds to pull, and the four that every app must hear (a buyer's data, a shop's data, uninstalled). */
import { ChannelError } from "../../lib/core/errors";
import type { Feed, Hook, HookRequest } from "../connector";
import { provedWebhook } from "./proof";
import { isShopAddress, type Settings } from "./settings";

/** By the topic's first part; what is in none of these is of no interest. Payments are rows of the balance too. */
const feedsOf: Readonly<Record<string, readonly Feed[]>> = {
  orders: ["orders"],
  refunds: ["orders", "balance"],
  order_transactions: ["orders", "balance"],
  tender_transactions: ["orders", "balance"],
  returns: ["orders"],
  products: ["products"],
  disputes: ["disputes", "balance"],
};
const privacy = {
  "customers/data_request": "asked",
  "customers/redact": "erase_buyer",
  "shop/redact": "erase_shop",
} as const;

/** What a webhook says. Throws ChannelError `refused` where Shopify did not sign it. */
export async function readHook(settings: Settings, request: HookRequest): Promise<Hook> {
  const { topic: written, domain, webhookId: event, body } = await provedWebhook(settings, request);
  // The library gives topics as GraphQL names them, the header has them as Shopify's pages do.
  const topic = (request.headers.get("x-shopify-topic") ?? written).toLowerCase();
  if (!isShopAddress(domain)) throw new ChannelError("refused", "a webhook of Shopify's names no shop");
  const shop = domain;
  if (topic === "app/uninstalled") return { kind: "disconnected", shop, event };
  if (topic === "customers/data_request" || topic === "customers/redact" || topic === "shop/redact")
    return { kind: "privacy", shop, event, what: privacy[topic], body: parsed(body) };
  const [first = ""] = topic.split("/");
  const feeds = Object.hasOwn(feedsOf, first) ? feedsOf[first] : undefined;
  return feeds === undefined ? { kind: "nothing" } : { kind: "changed", shop, event, feeds };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) throw new ChannelError("unreadable", "a webhook of Shopify's is no JSON");
    throw error;
  }
}
