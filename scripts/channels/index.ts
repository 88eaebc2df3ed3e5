/** The local servers by kind, each with what a product needs in its environment to find it, and what a person answers to connect it. */
import type { LocalServer } from "./kit";

export type Started = Pick<LocalServer, "url" | "close"> &
  Readonly<{
    environment: Readonly<Record<string, string>>;
    answers: Readonly<Record<string, string>>;
    says: string;
  }>;

/**
 * How much there is: as much as the server makes by itself, a few dozen orders for a test that syncs it again and again, or just so many
 * that some feed has more than one page.
 */
export type Size = "usual" | "small" | "paged";
const ofSize = <T extends object>(size: Size, small: T, paged: T): T | object =>
  size === "usual" ? {} : size === "small" ? small : paged;
/** `isFast`: with limits that a test does not wait for. */
type Start = (port: number, isFast?: boolean, size?: Size) => Promise<Started>;

export const kinds: Readonly<Record<string, Start>> = {
  shopify: async (port, isFast = false, size: Size = "usual") => {
    const { startShopify } = await import("./shopify/index");
    const { url, close, app } = await startShopify({
      port,
      ...(isFast ? { rate: { maximum: 20_000, restore: 10_000 } } : {}),
      ...ofSize(size, { orders: 40 }, { orders: 120 }),
    });
    return {
      url,
      close,
      environment: {
        SHOPIFY_API_URL: url,
        SHOPIFY_CLIENT_ID: app.clientId,
        SHOPIFY_CLIENT_SECRET: app.clientSecret,
      },
      answers: { shop: "example.myshopify.com" },
      says: "",
    };
  },
  ebay: async (port, _isFast = false, size: Size = "usual") => {
    const { startEbay } = await import("./ebay/index");
    const { url, close, control } = await startEbay({
      port,
      ...ofSize(size, { ordersPerYear: 365, days: 40 }, { ordersPerYear: 2_000, days: 42 }),
    });
    return {
      url,
      close,
      environment: {
        EBAY_AUTH_URL: url,
        EBAY_API_URL: url,
        EBAY_APIZ_URL: url,
        EBAY_CLIENT_ID: control.client.id,
        EBAY_CLIENT_SECRET: control.client.secret,
        EBAY_RUNAME: control.client.ruName,
      },
      answers: {},
      says: `It sends people back to http://127.0.0.1:3000/api/channels/ebay/return; curl -X POST ${url}/control/accept -d '{"url":"…"}' says another address.`,
    };
  },
  etsy: async (port, isFast = false, size: Size = "usual") => {
    const { startEtsy, localKey, localSecret, localWebhookSecret } = await import("./etsy/index");
    const { url, close } = await startEtsy({
      port,
      ...(isFast ? { perSecond: 1_000 } : {}),
      ...ofSize(size, { orders: 50, days: 20 }, { orders: 120, days: 25 }),
    });
    return {
      url,
      close,
      environment: {
        ETSY_API_URL: url,
        ETSY_WEB_URL: url,
        ETSY_KEY: localKey,
        ETSY_SECRET: localSecret,
        ETSY_WEBHOOK_SECRET: localWebhookSecret,
        ...(isFast ? { ETSY_CALLS_PER_SECOND: "500" } : {}),
      },
      answers: {},
      says: "",
    };
  },
  amazon: async (port, isFast = false, size: Size = "usual") => {
    const { startAmazon, localClient } = await import("./amazon/index");
    const { url, close } = await startAmazon({
      port,
      isLimited: !isFast,
      ...ofSize(size, { orders: 40 }, { orders: 40, pageSize: 15 }),
    });
    return {
      url,
      close,
      environment: {
        AMAZON_API_URL: url,
        AMAZON_APPLICATION_ID: localClient.applicationId,
        AMAZON_CLIENT_ID: localClient.id,
        AMAZON_CLIENT_SECRET: localClient.secret,
      },
      answers: { marketplace: "us" },
      says: "",
    };
  },
  woocommerce: async (port, _isFast = false, size: Size = "usual") => {
    const { startWoocommerce } = await import("./woocommerce/index");
    const { url, close, control } = await startWoocommerce({ port, ...ofSize(size, { orders: 40 }, { orders: 180 }) });
    const { key, secret, webhookSecret } = control.keys;
    return {
      url,
      close,
      environment: { WOOCOMMERCE_LOOPBACK: "yes" },
      answers: { address: url, key, secret, webhookSecret },
      says: "",
    };
  },
  square: async (port, isFast = false, size: Size = "usual") => {
    const { startSquare, localId, localSecret, localWebhookKey, localWebhookUrl } = await import("./square/index");
    const { url, close } = await startSquare({
      port,
      ...(isFast ? { perSecond: 1_000 } : {}),
      ...ofSize(size, { orders: 50, days: 10 }, { orders: 50, days: 10 }),
    });
    return {
      url,
      close,
      environment: {
        SQUARE_API_URL: url,
        SQUARE_APPLICATION_ID: localId,
        SQUARE_APPLICATION_SECRET: localSecret,
        SQUARE_WEBHOOK_KEY: localWebhookKey,
        SQUARE_WEBHOOK_URL: localWebhookUrl,
        ...(isFast ? { SQUARE_CALLS_PER_SECOND: "500" } : {}),
      },
      answers: {},
      says: "",
    };
  },
  stripe: async (port, _isFast = false, size: Size = "usual") => {
    const { startStripe } = await import("./stripe/index");
    const { url, close, control } = await startStripe({ port, ...ofSize(size, { days: 15 }, { days: 60 }) });
    return { url, close, environment: { STRIPE_API_URL: url }, answers: control.keys, says: "" };
  },
  paypal: async (port, _isFast = false, size: Size = "usual") => {
    const { startPaypal } = await import("./paypal/index");
    const { url, close, control } = await startPaypal({
      port,
      ...ofSize(size, { days: 20 }, { days: 20, mostOnPage: 10 }),
    });
    return { url, close, environment: { PAYPAL_API_URL: url }, answers: control.keys, says: "" };
  },
};
