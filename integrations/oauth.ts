/**
 * The OAuth 2 dance as all channels dance it: authorization code with PKCE (RFC 7636, S256 only), and refresh tokens that may be
 * rotated at each use (RFC 6749 §6).
 *
 * The hard part is the refresh. A rotated refresh token can be used once: two refreshes at once, or one whose answer is thrown
 * away, and the seller has to sign in again. So a refresh is shared by all who need it, it is not tied to the signal of whoever
 * happened to ask first, what came back is stored before anybody uses it, and who still holds the old token is handed the new.
 */
import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { ChannelError } from "../lib/core/errors";
import { jsonOf, request } from "./http";

/** What is made when a person is sent to sign in, and kept until they come back. */
export type SignIn = Readonly<{ state: string; verifier: string; challenge: string }>;

/** A new state and PKCE pair: 256 bits each, base64url. */
export function newSignIn(): SignIn {
  const verifier = randomBytes(32).toString("base64url");
  return { state: randomBytes(32).toString("base64url"), verifier, challenge: challengeOf(verifier) };
}

/** S256: base64url(sha-256(verifier)). */
export function challengeOf(verifier: string): string {
  return createHash("sha256").update(verifier, "ascii").digest("base64url");
}

export type AuthorizeRequest = Readonly<{ redirectUri: string; state: string; challenge: string }>;

/** Where to send the person. */
export function authorizeUrl(
  endpoint: string,
  client: Readonly<{ clientId: string; scope: string }>,
  request: AuthorizeRequest,
): string {
  const url = new URL(endpoint);
  url.searchParams.set("response_type", "code");
  url.searchParams.set("client_id", client.clientId);
  url.searchParams.set("redirect_uri", request.redirectUri);
  url.searchParams.set("scope", client.scope);
  url.searchParams.set("state", request.state);
  url.searchParams.set("code_challenge", request.challenge);
  url.searchParams.set("code_challenge_method", "S256");
  return url.href;
}

export type TokenEndpoint = Readonly<{ url: string; clientId: string; clientSecret: string; clock: () => number }>;

/** Times are milliseconds since 1970. `raw` is the whole answer, for what a channel adds of its own. */
export type TokenAnswer = Readonly<{
  accessToken: string;
  refreshToken: string | null;
  issuedAtMs: number;
  expiresAtMs: number;
  raw: unknown;
}>;

/** The code that came back, for tokens. */
export function exchangeCode(
  endpoint: TokenEndpoint,
  request: Readonly<{ code: string; redirectUri: string; verifier: string; signal: AbortSignal }>,
): Promise<TokenAnswer> {
  const { code, redirectUri, verifier, signal } = request;
  return ask(
    endpoint,
    { grant_type: "authorization_code", code, redirect_uri: redirectUri, code_verifier: verifier },
    signal,
  );
}

/** A refresh token, for new tokens. `disconnected` where the channel does not know it any more. */
export function refreshTokens(
  endpoint: TokenEndpoint,
  refreshToken: string,
  signal: AbortSignal,
): Promise<TokenAnswer> {
  return ask(endpoint, { grant_type: "refresh_token", refresh_token: refreshToken }, signal);
}

const Granted = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
  expires_in: z.number().int().positive(),
});
const Denied = z.object({ error: z.string() });

async function ask(endpoint: TokenEndpoint, form: Record<string, string>, signal: AbortSignal): Promise<TokenAnswer> {
  // Counted from before the call: the channel began to count somewhere after that.
  const issuedAtMs = endpoint.clock();
  const answer = await request(endpoint.url, {
    method: "POST",
    signal,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      ...form,
      client_id: endpoint.clientId,
      client_secret: endpoint.clientSecret,
    }).toString(),
    timeoutMs: 20_000,
    maxBytes: 100_000,
    accept: [400, 401],
    clock: endpoint.clock,
  });
  const raw = jsonOf(answer);
  if (answer.status >= 400) {
    const denied = Denied.safeParse(raw);
    const word = denied.success ? denied.data.error : "an error without a name";
    // RFC 6749 §5.2: the grant is gone; anything else is our own request that is wrong.
    throw new ChannelError(word === "invalid_grant" ? "disconnected" : "refused", `the channel said ${word}`);
  }
  const granted = Granted.safeParse(raw);
  if (!granted.success) throw new ChannelError("unreadable", "the channel's token answer has another shape");
  return {
    accessToken: granted.data.access_token,
    refreshToken: granted.data.refresh_token ?? null,
    issuedAtMs,
    expiresAtMs: issuedAtMs + granted.data.expires_in * 1000,
    raw,
  };
}

export type Tokens = Readonly<{ accessToken: string; refreshToken: string; issuedAtMs: number; expiresAtMs: number }>;

export type TokenKeeper<T extends Tokens> = Readonly<{
  /** Tokens that are good as far as the clock knows: the ones given, or the ones that followed them. */
  current: (tokens: T, store: (renewed: T) => Promise<void>) => Promise<T>;
  /** Tokens after `refused`, which the channel did not take: those that followed them already, else new ones. */
  after: (refused: T, store: (renewed: T) => Promise<void>) => Promise<T>;
}>;

/** How many rotations are remembered, for sessions that still hold what was replaced. */
const remembered = 500;

/**
 * Keeps the tokens of a channel's connections fresh: at 80 % of their life, or when the channel refuses them. However many ask
 * at once, a refresh token is used once.
 */
export function tokenKeeper<T extends Tokens>(
  options: Readonly<{ clock: () => number; refresh: (tokens: T) => Promise<T> }>,
): TokenKeeper<T> {
  /** By the access token that was replaced, which is another each time: what followed, once it is stored. */
  const flights = new Map<string, Promise<T>>();
  /** Given by the channel but not stored yet: the next try only stores, since the old token is spent. */
  const unsaved = new Map<string, T>();

  async function rotate(tokens: T, store: (renewed: T) => Promise<void>): Promise<T> {
    const key = tokens.accessToken;
    const renewed = unsaved.get(key) ?? (await options.refresh(tokens));
    unsaved.set(key, renewed);
    await store(renewed);
    unsaved.delete(key);
    return renewed;
  }

  function renew(tokens: T, store: (renewed: T) => Promise<void>): Promise<T> {
    const key = tokens.accessToken;
    const flying = flights.get(key);
    if (flying !== undefined) return flying;
    const flight = rotate(tokens, store).catch((error: unknown) => {
      flights.delete(key);
      throw error;
    });
    flights.set(key, flight);
    for (const old of flights.keys()) {
      if (flights.size <= remembered) break;
      flights.delete(old);
    }
    return flight;
  }

  async function latest(tokens: T): Promise<T> {
    let at = tokens;
    for (;;) {
      const next = flights.get(at.accessToken);
      if (next === undefined) return at;
      at = await next;
    }
  }

  return {
    current: async (tokens, store) => {
      const held = await latest(tokens);
      const renewAtMs = held.issuedAtMs + Math.floor((held.expiresAtMs - held.issuedAtMs) * 0.8);
      return options.clock() < renewAtMs ? held : renew(held, store);
    },
    after: async (refused, store) => {
      const held = await latest(refused);
      return held.accessToken === refused.accessToken ? renew(held, store) : held;
    },
  };
}
