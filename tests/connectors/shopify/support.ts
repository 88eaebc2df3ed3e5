/** A local Shopify with a seller who has signed in, for tests. */
import type { Account, Connector } from "../../../integrations/connector";
import { newSignIn } from "../../../integrations/oauth";
import { shopifyConnector } from "../../../integrations/shopify/connector";
import { type LocalShopify, type ShopifyOptions, startShopify } from "../../../scripts/channels/shopify/index";

export const account: Account = { channel: "shopify", currency: "USD", timeZone: "America/New_York" };
export const redirectUri = "http://127.0.0.1:3000/api/channels/shopify/return";
export const shop = "example.myshopify.com";
export const app = { clientId: "test-app", clientSecret: "a secret that only tests know" };

export type Connected = Readonly<{ server: LocalShopify; connector: Connector; credentials: string }>;

/** With more points than a test can use up, unless it says otherwise. */
export async function connected(options: Partial<ShopifyOptions> = {}): Promise<Connected> {
  const server = await startShopify({
    port: 0,
    today: "2026-03-31",
    app,
    rate: { maximum: 100_000, restore: 50_000 },
    ...options,
  });
  const connector = connectorOf(server.url, options.clock);
  return { server, connector, credentials: await signIn(connector) };
}

export function connectorOf(
  url: string,
  clock: () => number = Date.now,
  oldClientSecret: string | null = null,
  bulkAfter?: number,
): Connector {
  return shopifyConnector(() => ({ ...app, oldClientSecret, apiUrl: url }), clock, bulkAfter);
}

export function oauthOf(connector: Connector): NonNullable<Connector["oauth"]> {
  if (connector.oauth === undefined) throw new Error("the channel has no sign-in");
  return connector.oauth;
}

/** Goes where the product would send the person, presses a button, and gives what the browser is sent back with. */
export async function decide(
  connector: Connector,
  decision: "allow" | "deny",
): Promise<Readonly<Record<string, string>>> {
  const { state, challenge } = newSignIn();
  const url = oauthOf(connector).authorizeUrl({ redirectUri, state, challenge, answers: { shop } });
  const page = await (await fetch(url)).text();
  const fields = new URLSearchParams({ decision });
  for (const [, name, value] of page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g))
    if (name !== undefined && value !== undefined) fields.set(name, value.replaceAll("&amp;", "&"));
  const answer = await fetch(url.split("?")[0] ?? "", { method: "POST", body: fields, redirect: "manual" });
  const back = new URL(answer.headers.get("location") ?? "about:blank");
  if (back.searchParams.get("state") !== state) throw new Error(`another state came back: ${back.href}`);
  return Object.fromEntries(back.searchParams);
}

export async function signIn(connector: Connector): Promise<string> {
  const returned = await decide(connector, "allow");
  return exchange(connector, returned);
}

export function exchange(connector: Connector, returned: Readonly<Record<string, string>>): Promise<string> {
  const signal = AbortSignal.timeout(10_000);
  const { code = "" } = returned;
  return oauthOf(connector).exchange({ code, redirectUri, verifier: "", answers: { shop }, returned, signal });
}
