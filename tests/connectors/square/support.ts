/** The local Square with a seller who has signed in, for tests. */
import type { Account, Connector } from "../../../integrations/connector";
import { newSignIn } from "../../../integrations/oauth";
import { settingsOf } from "../../../integrations/square/api";
import { squareConnector } from "../../../integrations/square/connector";
import {
  localId,
  localSecret,
  localWebhookKey,
  localWebhookUrl,
  type Square,
  type SquareOptions,
  startSquare,
} from "../../../scripts/channels/square/index";

export const account: Account = { channel: "square", currency: "USD", timeZone: "America/Chicago" };
const redirectUri = "http://127.0.0.1:3000/api/channels/square/return";
const startedAt = Date.parse("2026-03-31T20:00:00Z");

export type Connected = Readonly<{ server: Square; connector: Connector; credentials: string; clock: () => number }>;

/** The time of the shop and the connector begins on a known day and goes on as time does. */
export async function connected(options: Partial<SquareOptions> = {}): Promise<Connected> {
  const real = Date.now();
  const clock = options.clock ?? (() => startedAt + (Date.now() - real));
  const server = await startSquare({ port: 0, clock, perSecond: 5_000, ...options });
  const connector = connectorOf(server.url, clock);
  return { server, connector, credentials: await signIn(connector), clock };
}

export function connectorOf(url: string, clock: () => number): Connector {
  const environment = {
    SQUARE_API_URL: url,
    SQUARE_APPLICATION_ID: localId,
    SQUARE_APPLICATION_SECRET: localSecret,
    SQUARE_WEBHOOK_KEY: localWebhookKey,
    SQUARE_WEBHOOK_URL: localWebhookUrl,
    SQUARE_CALLS_PER_SECOND: "5000",
  };
  return squareConnector(() => settingsOf(environment), clock);
}

/** Goes where the product would send the person, presses a button, and gives the address that the browser is sent back to. */
export async function decide(connector: Connector, decision: "allow" | "deny"): Promise<URL> {
  if (connector.oauth === undefined) throw new Error("the channel has no sign-in");
  const { state, challenge } = newSignIn();
  const url = connector.oauth.authorizeUrl({ redirectUri, state, challenge, answers: {} });
  const page = await (await fetch(url)).text();
  const fields = new URLSearchParams({ decision });
  for (const [, name, value] of page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g))
    if (name !== undefined && value !== undefined) fields.set(name, value.replaceAll("&amp;", "&"));
  const answer = await fetch(new URL("/oauth2/authorize", url), { method: "POST", body: fields, redirect: "manual" });
  const back = new URL(answer.headers.get("location") ?? "about:blank");
  if (back.searchParams.get("state") !== state) throw new Error("the state did not come back");
  return back;
}

export async function signIn(connector: Connector): Promise<string> {
  const back = await decide(connector, "allow");
  const code = back.searchParams.get("code");
  if (connector.oauth === undefined || code === null) throw new Error(`no code came back: ${back.href}`);
  const signal = AbortSignal.timeout(10_000);
  return connector.oauth.exchange({ code, redirectUri, verifier: "", answers: {}, returned: {}, signal });
}
