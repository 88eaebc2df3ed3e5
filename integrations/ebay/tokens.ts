/**
 * eBay's tokens: those of a seller (a code or a refresh token for an access token of two hours; the refresh token lives 18 months and
 * stays the same), that of the application itself, and the key that signs. eBay wants the client in an Authorization header and the
 * RuName in the place of an address, which is why integrations/oauth.ts does not ask for them; its keeper keeps them all the same.
 */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import { jsonOf, request } from "../http";
import type { Settings } from "./settings";

/** What a seller is asked to allow. All of it only reads, but for Finances, which has no scope that only reads. */
export const scopes = [
  "https://api.ebay.com/oauth/api_scope/sell.fulfillment.readonly",
  "https://api.ebay.com/oauth/api_scope/sell.finances",
  "https://api.ebay.com/oauth/api_scope/commerce.identity.readonly",
];
const applicationScope = "https://api.ebay.com/oauth/api_scope";

const Granted = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().int().positive(),
  refresh_token: z.string().min(1).optional(),
});
const Denied = z.object({ error: z.string() });

/** Times are milliseconds since 1970. `refreshToken` is null where eBay gave none: the one before still holds. */
export type Grant = Readonly<{
  accessToken: string;
  refreshToken: string | null;
  issuedAtMs: number;
  expiresAtMs: number;
}>;
type Ask = Readonly<{ settings: Settings; clock: () => number; signal: AbortSignal }>;

/** The code that came back with a person, for tokens. */
export function exchangeCode(ask: Ask, code: string): Promise<Grant> {
  return grantFor(ask, { grant_type: "authorization_code", code, redirect_uri: ask.settings.ruName });
}

/** A refresh token, for a new access token. `disconnected` where eBay does not know it any more. */
export function refreshGrant(ask: Ask, refreshToken: string): Promise<Grant> {
  return grantFor(ask, { grant_type: "refresh_token", refresh_token: refreshToken, scope: scopes.join(" ") });
}

/** A token of the application's own, for what belongs to no seller: keys. */
export function applicationGrant(ask: Ask): Promise<Grant> {
  return grantFor(ask, { grant_type: "client_credentials", scope: applicationScope });
}

async function grantFor({ settings, clock, signal }: Ask, form: Record<string, string>): Promise<Grant> {
  const issuedAtMs = clock();
  const client = Buffer.from(`${settings.clientId}:${settings.clientSecret}`).toString("base64");
  const answer = await request(`${settings.urls.api}/identity/v1/oauth2/token`, {
    method: "POST",
    signal,
    headers: { "content-type": "application/x-www-form-urlencoded", authorization: `Basic ${client}` },
    body: new URLSearchParams(form).toString(),
    timeoutMs: 20_000,
    maxBytes: 100_000,
    accept: [400, 401],
    clock,
  });
  const raw = jsonOf(answer);
  if (answer.status >= 400) {
    const denied = Denied.safeParse(raw);
    const word = denied.success ? denied.data.error : "an error without a name";
    throw new ChannelError(word === "invalid_grant" ? "disconnected" : "refused", `eBay said ${word}`);
  }
  const granted = Granted.safeParse(raw);
  if (!granted.success) throw new ChannelError("unreadable", "eBay's token answer has another shape");
  const { access_token: accessToken, refresh_token: refreshToken = null, expires_in: seconds } = granted.data;
  return { accessToken, refreshToken, issuedAtMs, expiresAtMs: issuedAtMs + seconds * 1000 };
}

const User = z.object({ userId: z.string().min(1).max(200), username: z.string().min(1) });

/** Whose account a token is for: eBay's id of the user, which never changes, and the name, which may. */
export async function userOf(ask: Ask, accessToken: string): Promise<Readonly<{ id: string; name: string }>> {
  const answer = await request(`${ask.settings.urls.apiz}/commerce/identity/v1/user/`, {
    signal: ask.signal,
    headers: { authorization: `Bearer ${accessToken}` },
    maxBytes: 1_000_000,
    clock: ask.clock,
  });
  const user = User.safeParse(jsonOf(answer));
  if (!user.success) throw new ChannelError("unreadable", "eBay did not say whose account it is");
  return { id: user.data.userId, name: user.data.username };
}

const MadeKey = z.object({ jwe: z.string().min(1), privateKey: z.string().min(1), expirationTime: z.number().int() });
/** A signing key as eBay's Key Management API makes it. `expiresAtMs`: about three years on. */
type MadeKey = Readonly<{ jwe: string; privateKey: string; expiresAtMs: number }>;

/** Makes a key to sign with. eBay tells the private half this once and never again. */
export async function makeSigningKey(ask: Ask): Promise<MadeKey> {
  const { accessToken } = await applicationGrant(ask);
  const answer = await request(`${ask.settings.urls.apiz}/developer/key_management/v1/signing_key`, {
    method: "POST",
    signal: ask.signal,
    headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
    body: JSON.stringify({ signingKeyCipher: "ED25519" }),
    maxBytes: 100_000,
    clock: ask.clock,
  });
  const made = MadeKey.safeParse(jsonOf(answer));
  if (!made.success) throw new ChannelError("unreadable", "eBay's answer about a signing key has another shape");
  const { jwe, privateKey, expirationTime } = made.data;
  return { jwe, privateKey, expiresAtMs: expirationTime * 1000 };
}
