/**
 * Signing in to Square by the code flow. The answer says when the token ends and not how long it lives, and the call is JSON, so that
 * integrations/oauth.ts does not fit it. The refresh token of this flow stays the same; what an answer gives is stored all the same.
 */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import { jsonOf, request } from "../http";
import type { Tokens } from "../oauth";
import type { Settings } from "./api";

/** Reading only. */
const scope = "MERCHANT_PROFILE_READ ORDERS_READ PAYMENTS_READ ITEMS_READ PAYOUTS_READ";

export function signInUrl(settings: Settings, asked: Readonly<{ redirectUri: string; state: string }>): string {
  const url = new URL(`${settings.url}/oauth2/authorize`);
  url.searchParams.set("client_id", settings.applicationId);
  url.searchParams.set("scope", scope);
  // The person must sign in and choose: whoever is signed in at Square in this browser may be somebody else.
  url.searchParams.set("session", "false");
  url.searchParams.set("state", asked.state);
  url.searchParams.set("redirect_uri", asked.redirectUri);
  return url.href;
}

const Granted = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expires_at: z.iso.datetime({ offset: true }),
  merchant_id: z.string().min(1),
});
export type Grant = Tokens & Readonly<{ merchant: string }>;

/** A code or a refresh token, for tokens. `disconnected` where Square does not take it any more. */
export async function tokens(
  settings: Settings,
  grant: Readonly<
    | { grant_type: "authorization_code"; code: string; redirect_uri: string }
    | { grant_type: "refresh_token"; refresh_token: string }
  >,
  clock: () => number,
  signal: AbortSignal,
): Promise<Grant> {
  const issuedAtMs = clock();
  const answer = await request(`${settings.url}/oauth2/token`, {
    method: "POST",
    signal,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_id: settings.applicationId,
      client_secret: settings.applicationSecret,
      ...grant,
    }),
    timeoutMs: 20_000,
    maxBytes: 100_000,
    accept: [400, 401],
    clock,
  });
  if (answer.status >= 400)
    throw new ChannelError("disconnected", "Square does not take this sign-in (any more); it must be made again");
  const parsed = Granted.safeParse(jsonOf(answer));
  if (!parsed.success) throw new ChannelError("unreadable", "Square's token answer has another shape");
  const { access_token, refresh_token, expires_at, merchant_id } = parsed.data;
  return {
    accessToken: access_token,
    refreshToken: refresh_token,
    issuedAtMs,
    expiresAtMs: Date.parse(expires_at),
    merchant: merchant_id,
  };
}
