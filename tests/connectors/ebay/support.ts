/** A local eBay with a seller who has signed in, for tests. */
import type { Account, Connector } from "../../../integrations/connector";
import { ebayConnector } from "../../../integrations/ebay/connector";
import { type Settings, settingsOf } from "../../../integrations/ebay/settings";
import { type Ebay, type EbayOptions, startEbay } from "../../../scripts/channels/ebay/index";

export const account: Account = { channel: "ebay", currency: "USD", timeZone: "America/Los_Angeles" };
export const token = "a-verification-token-of-thirty-two-characters-or-more";

/** A clock that stood at a known instant when it was made and goes on from there. */
export function clockFrom(instant: string): () => number {
  const [at, startedAt] = [Date.parse(instant), Date.now()];
  return () => at + Date.now() - startedAt;
}

export type Connected = Readonly<{
  server: Ebay;
  connector: Connector;
  credentials: string;
  clock: () => number;
  /** The same connector as another process has it. */
  another: (more?: Partial<Settings>, clock?: () => number) => Connector;
}>;

export async function connected(options: EbayOptions & Readonly<{ pageSize?: number }> = {}): Promise<Connected> {
  const clock = options.clock ?? clockFrom("2026-03-31T20:00:00Z");
  const server = await startEbay({ ...options, clock });
  const another = (more: Partial<Settings> = {}, its = clock) => {
    const settings = { ...settingsFor(server), pageSize: options.pageSize ?? 50, ...more };
    return ebayConnector(() => settings, its);
  };
  const connector = another();
  return { server, connector, clock, another, credentials: await signIn(connector) };
}

export function settingsFor(server: Ebay): Settings {
  const { client } = server.control;
  return settingsOf({
    EBAY_API_URL: server.url,
    EBAY_CLIENT_ID: client.id,
    EBAY_CLIENT_SECRET: client.secret,
    EBAY_RUNAME: client.ruName,
    EBAY_VERIFICATION_TOKEN: token,
  });
}

/** Goes where the product would send the person, presses a button, and gives the address that the browser is sent back to. */
export async function decide(connector: Connector, decision: "allow" | "deny", state = "a-state"): Promise<URL> {
  if (connector.oauth === undefined) throw new Error("the channel has no sign-in");
  const redirectUri = "http://127.0.0.1:3000/api/channels/ebay/return";
  const url = connector.oauth.authorizeUrl({ redirectUri, state, challenge: "unused", answers: {} });
  const page = await (await fetch(url)).text();
  const fields = new URLSearchParams({ decision });
  for (const [, name, value] of page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g))
    if (name !== undefined && value !== undefined) fields.set(name, value.replaceAll("&amp;", "&"));
  const answer = await fetch(new URL("/oauth2/authorize", url), { method: "POST", body: fields, redirect: "manual" });
  return new URL(answer.headers.get("location") ?? "about:blank");
}

export async function signIn(connector: Connector): Promise<string> {
  const back = await decide(connector, "allow");
  const code = back.searchParams.get("code");
  if (connector.oauth === undefined || code === null) throw new Error(`no code came back: ${back.href}`);
  return connector.oauth.exchange({
    code,
    redirectUri: "http://127.0.0.1:3000/api/channels/ebay/return",
    verifier: "unused",
    answers: {},
    returned: Object.fromEntries(back.searchParams),
    signal: AbortSignal.timeout(10_000),
  });
}
