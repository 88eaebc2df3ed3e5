/** The local servers by kind, each with what a product needs in its environment to find it. */
import type { LocalServer } from "./kit";

export type Started = LocalServer & Readonly<{ environment: Readonly<Record<string, string>>; says: string }>;

export const kinds: Readonly<Record<string, (port: number) => Promise<Started>>> = {
  shopify: async (port) => {
    const { startShopify } = await import("./shopify/index");
    const { url, close, app } = await startShopify({ port });
    return {
      url,
      close,
      environment: {
        SHOPIFY_API_URL: url,
        SHOPIFY_CLIENT_ID: app.clientId,
        SHOPIFY_CLIENT_SECRET: app.clientSecret,
      },
      says: "The shop may be called anything: practice.myshopify.com.",
    };
  },
  ebay: async (port) => {
    const { startEbay } = await import("./ebay/index");
    const { url, close, control } = await startEbay({ port });
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
      says: "It sends people back to http://127.0.0.1:3000; curl -X POST …/control/accept -d '{\"url\": …}' says another address.",
    };
  },
};
