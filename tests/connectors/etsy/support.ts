/** The local Etsy with a seller who has signed in, for tests. */
import type { Account, Connector } from "../../../integrations/connector";
import { settingsOf } from "../../../integrations/etsy/api";
import { etsyConnector } from "../../../integrations/etsy/connector";
import { newSignIn } from "../../../integrations/oauth";
import {
  type Etsy,
  type EtsyOptions,
  localKey,
  localSecret,
  localWebhookSecret,
  startEtsy,
} from "../../../scripts/channels/etsy/index";

export const account: Account = { channel: "etsy", currency: "USD", timeZone: "America/New_York" };
const redirectUri = "http://127.0.0.1:3000/api/channels/etsy/return";
const startedAt = Date.parse("2026-03-31T20:00:00Z");

/** The time of the shop and the connector: it begins on a known day and goes on as time does. */
export function clockOf(): () => number {
  const real = Date.now();
  return () => startedAt + (Date.now() - real);
}

export type Connected = Readonly<{ server: Etsy; connector: Connector; credentials: string; clock: () => number }>;

export async function connected(options: Partial<EtsyOptions> = {}): Promise<Connected> {
  const clock = options.clock ?? clockOf();
  const server = await startEtsy({ port: 0, clock, perSecond: 1_000, ...options });
  const connector = connectorOf(server.url, clock);
  return { server, connector, credentials: await signIn(connector), clock };
}

export function connectorOf(url: string, clock: () => number): Connector {
  const environment = {
    ETSY_API_URL: url,
    ETSY_KEY: localKey,
    ETSY_SECRET: localSecret,
    ETSY_WEBHOOK_SECRET: localWebhookSecret,
    ETSY_CALLS_PER_SECOND: "1000",
  };
  return etsyConnector(() => settingsOf(environment), clock);
}

/** Goes where the product would send the person, presses a button, and gives the address that the browser is sent back to. */
export async function decide(
  connector: Connector,
  decision: "allow" | "deny",
): Promise<Readonly<{ back: URL; verifier: string; state: string }>> {
  if (connector.oauth === undefined) throw new Error("the channel has no sign-in");
  const { state, verifier, challenge } = newSignIn();
  const url = connector.oauth.authorizeUrl({ redirectUri, state, challenge, answers: {} });
  const page = await (await fetch(url)).text();
  const fields = new URLSearchParams({ decision });
  for (const [, name, value] of page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g))
    if (name !== undefined && value !== undefined) fields.set(name, value.replaceAll("&amp;", "&"));
  const answer = await fetch(new URL("/oauth/connect", url), { method: "POST", body: fields, redirect: "manual" });
  return { back: new URL(answer.headers.get("location") ?? "about:blank"), verifier, state };
}

export async function signIn(connector: Connector): Promise<string> {
  const { back, verifier } = await decide(connector, "allow");
  const code = back.searchParams.get("code");
  if (connector.oauth === undefined || code === null) throw new Error(`no code came back: ${back.href}`);
  const signal = AbortSignal.timeout(10_000);
  return connector.oauth.exchange({ code, redirectUri, verifier, answers: {}, returned: {}, signal });
}
