/** What the environment says of our app at Shopify, and where a shop is. */
import { ApiVersion } from "@shopify/shopify-api";
import { Refusal } from "../../lib/core/errors";

export type Settings = Readonly<{
  clientId: string;
  clientSecret: string;
  /** While a secret is being changed Shopify signs with either for up to an hour; both are believed. */
  oldClientSecret: string | null;
  /** Stands in for every shop's own host: `URL/example.myshopify.com/admin/…`. null: the shops themselves. */
  apiUrl: string | null;
}>;

/** From SHOPIFY_CLIENT_ID, SHOPIFY_CLIENT_SECRET, SHOPIFY_OLD_CLIENT_SECRET and SHOPIFY_API_URL. */
export function settingsOf(environment: Readonly<Record<string, string | undefined>>): Settings {
  const of = (name: string) => environment[name]?.trim() || null;
  return {
    clientId: of("SHOPIFY_CLIENT_ID") ?? "",
    clientSecret: of("SHOPIFY_CLIENT_SECRET") ?? "",
    oldClientSecret: of("SHOPIFY_OLD_CLIENT_SECRET"),
    apiUrl: of("SHOPIFY_API_URL")?.replace(/\/+$/, "") ?? null,
  };
}

/** The version that every query was checked against. Shopify keeps one for a year. */
export const apiVersion = ApiVersion.October26;

/** What we ask for, all of it reading. `read_all_orders` is for orders older than 60 days. */
export const scopes = [
  "read_products",
  "read_orders",
  "read_all_orders",
  "read_shopify_payments_accounts",
  "read_shopify_payments_payouts",
  "read_shopify_payments_disputes",
] as const;

/** Whether a text is a shop's own address, as Shopify writes it. */
export function isShopAddress(text: string): boolean {
  return text.length <= 100 && /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/.test(text);
}

/**
 * A shop's own address, `example.myshopify.com`, and nothing else: what is typed here becomes the host that secrets are sent to.
 * @throws Refusal `bad_field`
 */
export function shopAddress(text: string): string {
  const shop = text.trim().toLowerCase();
  if (isShopAddress(shop)) return shop;
  throw new Refusal(
    "bad_field",
    "A shop's address looks like example.myshopify.com, without https:// and without anything after it. Shopify shows yours under Settings, Domains.",
    { field: "shop" },
  );
}

/** Where a shop's admin answers, without a slash at the end. */
export function adminOf(settings: Settings, shop: string): string {
  return settings.apiUrl === null ? `https://${shop}/admin` : `${settings.apiUrl}/${shop}/admin`;
}
