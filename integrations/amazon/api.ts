/** Amazon's Selling Partner API and Login with Amazon: HTTP only. What it says is stored as it is and understood in read.ts. */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import { jsonOf, request, retryAfterOf } from "../http";
import type { Operation, Pacer } from "./limits";
import type { Marketplace, Region } from "./marketplaces";

/** `url`: a stand-in for all of Amazon's addresses (AMAZON_API_URL); null is the real ones. */
export type Settings = Readonly<{
  url: string | null;
  applicationId: string;
  clientId: string;
  clientSecret: string;
  /** The application is a draft at Amazon: consent is asked for in its beta. */
  isDraft: boolean;
}>;

/** From the environment: AMAZON_APPLICATION_ID, AMAZON_CLIENT_ID, AMAZON_CLIENT_SECRET; AMAZON_APPLICATION_DRAFT=1 and AMAZON_API_URL where set. */
export function settingsOf(environment: Readonly<Record<string, string | undefined>>): Settings {
  const of = (name: string) => environment[name]?.trim() ?? "";
  return {
    url: of("AMAZON_API_URL").replace(/\/+$/, "") || null,
    applicationId: of("AMAZON_APPLICATION_ID"),
    clientId: of("AMAZON_CLIENT_ID"),
    clientSecret: of("AMAZON_CLIENT_SECRET"),
    isDraft: of("AMAZON_APPLICATION_DRAFT") === "1",
  };
}

const regions: Readonly<Record<Region, string>> = {
  na: "https://sellingpartnerapi-na.amazon.com",
  eu: "https://sellingpartnerapi-eu.amazon.com",
  fe: "https://sellingpartnerapi-fe.amazon.com",
};

/** Where tokens are given. */
export const tokenUrl = (settings: Settings): string => `${settings.url ?? "https://api.amazon.com"}/auth/o2/token`;

/** Where the seller is asked: Seller Central of the marketplace. */
export function consentUrl(
  settings: Settings,
  marketplace: Marketplace,
  sent: Readonly<{ state: string; redirectUri: string }>,
): string {
  const url = new URL(`${settings.url ?? marketplace.consent}/apps/authorize/consent`);
  url.searchParams.set("application_id", settings.applicationId);
  url.searchParams.set("state", sent.state);
  url.searchParams.set("redirect_uri", sent.redirectUri);
  if (settings.isDraft) url.searchParams.set("version", "beta");
  return url.href;
}

const Granted = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expires_in: z.number().int().positive(),
});
const Denied = z.object({ error: z.string() });
export type Granted = Readonly<{
  accessToken: string;
  refreshToken: string;
  issuedAtMs: number;
  expiresAtMs: number;
}>;

/** The code that came back with the seller, for tokens. Login with Amazon is asked without PKCE here: Seller Central takes no challenge. */
export async function exchange(
  settings: Settings,
  sent: Readonly<{ code: string; redirectUri: string; signal: AbortSignal; clock: () => number }>,
): Promise<Granted> {
  const issuedAtMs = sent.clock();
  const answer = await request(tokenUrl(settings), {
    method: "POST",
    signal: sent.signal,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code: sent.code,
      redirect_uri: sent.redirectUri,
      client_id: settings.clientId,
      client_secret: settings.clientSecret,
    }).toString(),
    timeoutMs: 20_000,
    maxBytes: 100_000,
    accept: [400, 401],
    clock: sent.clock,
  });
  if (answer.status >= 400) {
    const denied = Denied.safeParse(jsonOf(answer));
    const word = denied.success ? denied.data.error : "an error without a name";
    throw new ChannelError(word === "invalid_grant" ? "disconnected" : "refused", `Amazon said ${word}`);
  }
  const granted = Granted.safeParse(jsonOf(answer));
  if (!granted.success) throw new ChannelError("unreadable", "Amazon's token answer has another shape");
  const { access_token, refresh_token, expires_in } = granted.data;
  return {
    accessToken: access_token,
    refreshToken: refresh_token,
    issuedAtMs,
    expiresAtMs: issuedAtMs + expires_in * 1000,
  };
}

const Errors = z.object({ errors: z.array(z.object({ code: z.string(), message: z.string().nullish() })).min(1) });

/** With a body it is a POST. */
export type Call = Readonly<{
  operation: Operation;
  path: string;
  query: Readonly<Record<string, string>>;
  body?: Readonly<Record<string, unknown>>;
}>;
export type Got =
  | Readonly<{ kind: "answer"; body: unknown }>
  /** 401 or 403: a token that ended looks like a permission that is not there. `said` is Amazon's reason. */
  | Readonly<{ kind: "unauthorized"; said: string }>
  /** 400: a page token that ended, where one was sent. */
  | Readonly<{ kind: "bad input"; said: string }>;

/** One call. Throws ChannelError `throttled` with the wait, and what `request` throws. */
export async function call(
  settings: Settings,
  connection: Readonly<{
    region: Region;
    accessToken: string;
    pacer: Pacer;
    signal: AbortSignal;
    clock: () => number;
  }>,
  { operation, path, query, body }: Call,
): Promise<Got> {
  const { pacer, signal, clock } = connection;
  const url = new URL(`${settings.url ?? regions[connection.region]}${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  await pacer.take(operation, signal);
  const answer = await request(url.href, {
    signal,
    headers: {
      "x-amz-access-token": connection.accessToken,
      "user-agent": "Lotbook (Language=TypeScript)",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { method: "POST" as const, body: JSON.stringify(body) }),
    accept: [400, 401, 403, 429],
    maxBytes: 50_000_000,
    clock,
  });
  const said = () => {
    const errors = Errors.safeParse(jsonOf(answer));
    const [first] = errors.success ? errors.data.errors : [];
    return first === undefined ? `error ${answer.status}` : `${first.code}: ${first.message ?? ""}`;
  };
  pacer.heard(operation, answer.headers.get("x-amzn-ratelimit-limit"));
  if (answer.status === 429) {
    // Amazon says how many calls a second there are, seldom when to come back.
    const waitMs = retryAfterOf(answer.headers, clock) ?? 0;
    throw new ChannelError(
      "throttled",
      `Amazon's limit for ${operation} is used up`,
      Math.max(waitMs, pacer.spacing(operation)),
    );
  }
  if (answer.status === 401 || answer.status === 403) return { kind: "unauthorized", said: said() };
  if (answer.status === 400) return { kind: "bad input", said: said() };
  return { kind: "answer", body: jsonOf(answer) };
}

/** A report's text, from the address that Amazon signed for some minutes. It carries no token; a report packed by GZIP comes unpacked. */
export async function download(url: string, signal: AbortSignal): Promise<string> {
  const answer = await request(url, {
    signal,
    headers: { accept: "*/*" },
    accept: [403, 404],
    maxBytes: 200_000_000,
    timeoutMs: 120_000,
  });
  // The address lives five minutes; what is asked for later is asked for anew, from the beginning.
  if (answer.status >= 400) throw new ChannelError("unavailable", "the address of Amazon's report has ended");
  return answer.text;
}
