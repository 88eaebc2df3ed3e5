/** A practice server with a seller who has signed in, for tests. */
import type { Account, Connector } from "../../integrations/connector";
import { newSignIn } from "../../integrations/oauth";
import { settingsOf } from "../../integrations/practice/api";
import { practiceConnector } from "../../integrations/practice/connector";
import { type Practice, type PracticeOptions, startPractice } from "../../integrations/practice/server/index";

export const account: Account = { channel: "practice", currency: "USD", timeZone: "America/New_York" };
export const redirectUri = "http://127.0.0.1:3000/api/channels/practice/return";

export type Connected = Readonly<{ server: Practice; connector: Connector; credentials: string }>;

export async function connected(options: Partial<PracticeOptions> = {}): Promise<Connected> {
  const server = await startPractice({ port: 0, today: "2026-03-31", ...options });
  const connector = connectorOf(server.url, options.clock);
  return { server, connector, credentials: await signIn(connector) };
}

export function connectorOf(url: string, clock: () => number = Date.now): Connector {
  return practiceConnector(() => settingsOf({ ...process.env, PRACTICE_URL: url }), clock);
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
  const answer = await fetch(new URL("/oauth/authorize", url), { method: "POST", body: fields, redirect: "manual" });
  return { back: new URL(answer.headers.get("location") ?? "about:blank"), verifier, state };
}

export async function signIn(connector: Connector): Promise<string> {
  const { back, verifier } = await decide(connector, "allow");
  const code = back.searchParams.get("code");
  if (connector.oauth === undefined || code === null) throw new Error(`no code came back: ${back.href}`);
  const signal = AbortSignal.timeout(10_000);
  return connector.oauth.exchange({ code, redirectUri, verifier, answers: {}, returned: {}, signal });
}
