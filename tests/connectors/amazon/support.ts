/** A local Amazon with a seller who has signed in, for tests. */
import { afterEach } from "vitest";
import { amazonConnector } from "../../../integrations/amazon/connector";
import type { Account, Connector } from "../../../integrations/connector";
import { newSignIn } from "../../../integrations/oauth";
import { type AmazonOptions, type LocalAmazon, localClient, startAmazon } from "../../../scripts/channels/amazon";

export const account: Account = { channel: "amazon", currency: "USD", timeZone: "America/Los_Angeles" };
const redirectUri = "http://127.0.0.1:3000/api/channels/amazon/return";
/** A Sunday afternoon, some days after a settlement. */
export const now = Date.parse("2026-06-14T15:30:00.000Z");

export type Connected = Readonly<{ server: LocalAmazon; connector: Connector; credentials: string }>;

export function connectorOf(url: string, clock: () => number = () => now): Connector {
  const { applicationId, id, secret } = localClient;
  const settings = { url, applicationId, clientId: id, clientSecret: secret, isDraft: false };
  return amazonConnector(() => settings, clock);
}

/** The seller is sent to Seller Central, presses a button, and comes back with what Amazon adds to the address. */
export async function decide(connector: Connector, decision: "allow" | "deny"): Promise<URL> {
  const { oauth } = connector;
  if (oauth === undefined) throw new Error("the channel has no sign-in");
  const { state, challenge } = newSignIn();
  const url = new URL(oauth.authorizeUrl({ redirectUri, state, challenge, answers: { marketplace: "us" } }));
  const page = await (await fetch(url)).text();
  const fields = new URLSearchParams({ decision });
  for (const [, name, value] of page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g))
    if (name !== undefined && value !== undefined) fields.set(name, value.replaceAll("&amp;", "&"));
  const answer = await fetch(new URL("/apps/authorize/consent", url), {
    method: "POST",
    body: fields,
    redirect: "manual",
  });
  return new URL(answer.headers.get("location") ?? "about:blank");
}

export async function signIn(connector: Connector): Promise<string> {
  const back = await decide(connector, "allow");
  const returned = Object.fromEntries(back.searchParams);
  const code = returned.spapi_oauth_code;
  if (connector.oauth === undefined || code === undefined) throw new Error(`no code came back: ${back.href}`);
  const signal = AbortSignal.timeout(10_000);
  const answers = { marketplace: "us" };
  return connector.oauth.exchange({ code, redirectUri, verifier: "unused", answers, returned, signal });
}

export async function connected(options: Partial<AmazonOptions> = {}): Promise<Connected> {
  const clock = options.clock ?? (() => now);
  const server = await startAmazon({ port: 0, clock, isLimited: false, ...options });
  const connector = connectorOf(server.url, clock);
  return { server, connector, credentials: await signIn(connector) };
}

let open: Connected[] = [];
afterEach(async () => {
  await Promise.all(open.map(({ server }) => server.close()));
  open = [];
});

/** The same, until the test has ended. */
export async function start(...options: Parameters<typeof connected>): Promise<Connected> {
  const made = await connected(...options);
  open.push(made);
  return made;
}
