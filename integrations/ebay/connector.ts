/** eBay as a channel: Fulfillment for orders, Finances for money, Identity for whose account it is. See README.md. */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import { type Connector, defineConnector, type Feed } from "../connector";
import { bucketsByConnection, tokenBucket } from "../http";
import { tokenKeeper } from "../oauth";
import { type Got, getPage } from "./api";
import { after, endingAt, type Overlap, toldBy, walkOf } from "./cursor";
import { hookOf } from "./hook";
import { read } from "./read";
import { type Settings, settingsOf } from "./settings";
import { exchangeCode, type Grant, makeSigningKey, refreshGrant, scopes, userOf } from "./tokens";

const Credentials = z.strictObject({
  accessToken: z.string().min(1),
  refreshToken: z.string().min(1),
  issuedAtMs: z.number(),
  expiresAtMs: z.number(),
  shop: z.strictObject({ id: z.string(), name: z.string() }),
  /** Made for this connection; null where the environment gives one for all. */
  key: z.strictObject({ jwe: z.string().min(1), privateKey: z.string().min(1), expiresAtMs: z.number() }).nullable(),
});
type Credentials = z.infer<typeof Credentials>;

const dayMs = 86_400_000;
/**
 * What may still change, by feed. eBay holds money back for 90 days at most, and settles disputes within as many. An order is sold when
 * it is paid, which can be weeks after it was made.
 */
const overlaps: Partial<Record<Feed, Overlap>> = {
  orders: { seenMs: dayMs, openMs: 0, leadMs: 30 * dayMs },
  payouts: { seenMs: 30 * dayMs, openMs: 0, leadMs: 0 },
  balance: { seenMs: 3 * dayMs, openMs: 120 * dayMs, leadMs: 0 },
};
/** A key is made anew when it has so long to live. */
const keyRenewalMs = 30 * dayMs;
const rememberedTokens = 500;

/** The connector for a server and a clock. */
export function ebayConnector(settings: () => Settings, clock: () => number): Connector {
  const ask = (signal: AbortSignal) => ({ settings: settings(), clock, signal });

  async function keyFor(held: Credentials["key"], signal: AbortSignal): Promise<Credentials["key"]> {
    if (settings().signingKey !== null) return null;
    return held !== null && clock() < held.expiresAtMs - keyRenewalMs ? held : makeSigningKey(ask(signal));
  }

  const keeper = tokenKeeper<Credentials>({
    clock,
    // Not the sync's signal: a refresh that was begun must come to its end.
    refresh: async (old) => {
      const signal = AbortSignal.timeout(30_000);
      const grant = await refreshGrant(ask(signal), old.refreshToken);
      return { ...tokensOf(grant, old.refreshToken), shop: old.shop, key: await keyFor(old.key, signal) };
    },
  });
  /**
   * By refresh token, which stays the same: the latest credentials that were stored. The keeper follows rotations, and here there are
   * none, so who still holds what was replaced finds what followed here.
   */
  const latest = new Map<string, Credentials>();
  const freshest = (held: Credentials): Credentials => {
    const known = latest.get(held.refreshToken);
    return known !== undefined && known.issuedAtMs >= held.issuedAtMs ? known : held;
  };
  const remembering = (store: (renewed: Credentials) => Promise<void>) => async (renewed: Credentials) => {
    await store(renewed);
    latest.delete(renewed.refreshToken);
    latest.set(renewed.refreshToken, renewed);
    for (const old of latest.keys()) {
      if (latest.size <= rememberedTokens) break;
      latest.delete(old);
    }
  };

  // eBay counts calls by the day (100,000 of Fulfillment, fewer of Finances) and blocks short bursts: far below either.
  const buckets = bucketsByConnection(() => tokenBucket({ capacity: 50, perSecond: 10 }));
  // Anybody can send us calls with keys that they made up; each asks eBay for one.
  const hookBucket = tokenBucket({ capacity: 10, perSecond: 1 });

  return defineConnector<Credentials>({
    credentials: Credentials,
    read,
    hook: hookOf({ settings, clock, bucket: hookBucket }),
    pull: async (session, feed, text) => {
      const overlap = overlaps[feed];
      if (overlap === undefined) throw new ChannelError("refused", `eBay has no feed “${feed}”`);
      const { account, signal } = session;
      const store = remembering(session.renewed);
      let tokens = await keeper.current(freshest(session.credentials), store);
      let walk = walkOf(text, session.since, clock(), overlap);
      const page = async (held: Credentials): Promise<Got> => {
        const key = settings().signingKey ?? held.key;
        // The environment gave one once, and does not any more: one is made with the next token.
        if (key === null) return { kind: "unauthorized" };
        const { since } = session;
        const bucket = buckets(account.channel);
        const connection = { accessToken: held.accessToken, key, bucket, signal, clock, since };
        return getPage(settings(), connection, feed, walk);
      };
      let got = await page(tokens);
      if (got.kind === "unauthorized") {
        const newer = freshest(tokens);
        tokens = newer.accessToken === tokens.accessToken ? await keeper.after(tokens, store) : newer;
        got = await page(tokens);
      }
      if (got.kind === "ahead") {
        // Our clock goes before eBay's, which takes no time to come.
        walk = endingAt(walk, got.nowMs);
        got = await page(tokens);
      }
      if (got.kind === "ahead")
        throw new ChannelError("refused", "eBay finds a time in the future that it gave itself");
      if (got.kind === "unauthorized") throw new ChannelError("disconnected", "eBay refuses a token that it just gave");
      return { documents: got.documents, ...after(walk, got.seen), ...toldBy(walk, got.seen) };
    },
    oauth: {
      // eBay has no PKCE: the code is worth nothing without the client's secret.
      authorizeUrl: ({ state }) => {
        const { urls, clientId, ruName } = settings();
        const url = new URL(`${urls.auth}/oauth2/authorize`);
        url.searchParams.set("client_id", clientId);
        url.searchParams.set("redirect_uri", ruName);
        url.searchParams.set("response_type", "code");
        url.searchParams.set("scope", scopes.join(" "));
        url.searchParams.set("state", state);
        return url.href;
      },
      exchange: async ({ code, signal }) => {
        const grant = await exchangeCode(ask(signal), code);
        const shop = await userOf(ask(signal), grant.accessToken);
        return { ...tokensOf(grant, null), shop, key: await keyFor(null, signal) };
      },
      shopOf: ({ shop }) => shop,
    },
  });
}

/** The one that the product uses: what the environment names. */
export const ebay = ebayConnector(
  () => settingsOf(process.env),
  () => Date.now(),
);

function tokensOf(grant: Grant, before: string | null): Omit<Credentials, "shop" | "key"> {
  const refreshToken = grant.refreshToken ?? before;
  if (refreshToken === null) throw new ChannelError("unreadable", "eBay gave no refresh token");
  const { accessToken, issuedAtMs, expiresAtMs } = grant;
  return { accessToken, refreshToken, issuedAtMs, expiresAtMs };
}
