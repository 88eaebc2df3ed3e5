/** Amazon as a channel: signing in, tokens, and which feed is pulled how. */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import { type Connector, defineConnector, type Feed, type Page, type Session } from "../connector";
import { refreshTokens, tokenKeeper } from "../oauth";
import { type Call, call, consentUrl, exchange, type Granted, type Settings, settingsOf, tokenUrl } from "./api";
import { pacers } from "./limits";
import { marketplaceOf, marketplaces } from "./marketplaces";
import { pullBalance } from "./pull-balance";
import { type Ask, pullOrders } from "./pull-pages";
import { pullSettlements } from "./pull-settlements";
import { pullStock } from "./pull-stock";
import { read } from "./read";
import { shelving } from "./read-stock";

const Credentials = z.strictObject({
  accessToken: z.string().min(1),
  refreshToken: z.string().min(1),
  issuedAtMs: z.number(),
  expiresAtMs: z.number(),
  sellerId: z.string().min(1),
  /** The code of a marketplace (marketplaces.ts). */
  marketplace: z.string().min(1),
});
type Credentials = z.infer<typeof Credentials>;

/** How many renewals are remembered, for sessions that still hold what was renewed. */
const mostFollowed = 500;

const pulls: Partial<Record<Feed, (ask: Ask, cursor: string | null) => Promise<Page>>> = {
  orders: pullOrders,
  payouts: pullSettlements,
  balance: pullBalance,
  stock: pullStock,
};

/** The connector for settings and a clock in milliseconds. */
export function amazonConnector(settings: () => Settings, clock: () => number): Connector {
  const keeper = tokenKeeper<Credentials>({
    clock,
    // Not the sync's signal: a refresh that was begun comes to its end. Amazon gives the same refresh token again.
    refresh: async (old) => {
      const { clientId, clientSecret } = settings();
      const endpoint = { url: tokenUrl(settings()), clientId, clientSecret, clock };
      const given = await refreshTokens(endpoint, old.refreshToken, AbortSignal.timeout(30_000));
      const { accessToken, issuedAtMs, expiresAtMs } = given;
      return { ...old, accessToken, issuedAtMs, expiresAtMs, refreshToken: given.refreshToken ?? old.refreshToken };
    },
  });
  /**
   * By an access token that was renewed: what followed. Amazon's refresh token stays the same, so the keeper cannot know by it that who
   * comes with an older access token has been served already.
   */
  const followed = new Map<string, Credentials>();
  const newest = (held: Credentials): Credentials => {
    let at = held;
    for (let next = followed.get(at.accessToken); next !== undefined; next = followed.get(at.accessToken)) at = next;
    return at;
  };
  const storing = (before: Credentials, renewed: Session<Credentials>["renewed"]) => async (next: Credentials) => {
    await renewed(next);
    followed.set(before.accessToken, next);
    for (const old of followed.keys()) {
      if (followed.size <= mostFollowed) break;
      followed.delete(old);
    }
  };

  // Amazon counts by application, seller and region, whatever the marketplace.
  const pacerOf = pacers(clock);

  function askOf(session: Session<Credentials>): Ask {
    const { account, credentials, signal, renewed, since } = session;
    const marketplace = marketplaceOf(credentials.marketplace);
    const pacer = pacerOf(`${credentials.sellerId}/${marketplace.region}`);
    let tokens: Credentials | null = null;
    return {
      account,
      marketplace,
      since,
      signal,
      nowMs: clock,
      isMarketplace: (id) => marketplaces.some((one) => one.id === id),
      call: async (what: Call) => {
        const held = newest(tokens ?? credentials);
        tokens = await keeper.current(held, storing(held, renewed));
        const once = (accessToken: string) =>
          call(settings(), { region: marketplace.region, accessToken, pacer, signal, clock }, what);
        let got = await once(tokens.accessToken);
        // A 403 is what Amazon says of a token that ended; only if a new one fares no better are we not let in.
        if (got.kind === "unauthorized") {
          const later = newest(tokens);
          tokens = later === tokens ? await keeper.after(tokens, storing(tokens, renewed)) : later;
          got = await once(tokens.accessToken);
        }
        if (got.kind === "unauthorized")
          throw new ChannelError("disconnected", `Amazon does not let us read ${what.operation} (${got.said})`);
        return got;
      },
    };
  }

  return defineConnector<Credentials>({
    credentials: Credentials,
    read,
    shelving,
    pull: async (session, feed, cursor) => {
      const pull = pulls[feed];
      if (pull === undefined) throw new ChannelError("refused", `Amazon has no feed “${feed}”`);
      return pull(askOf(session), cursor);
    },
    oauth: {
      asks: [
        {
          name: "marketplace",
          label: "Marketplace",
          hint: "Where you sell. A marketplace pays out in its own currency: connect each of yours by itself.",
          isSecret: false,
          choices: marketplaces.map(({ code, name }) => ({ value: code, label: name })),
        },
      ],
      authorizeUrl: ({ redirectUri, state, answers }) =>
        consentUrl(settings(), marketplaceOf(answers.marketplace), { state, redirectUri }),
      exchange: async ({ code, redirectUri, answers, returned, signal }) => {
        const marketplace = marketplaceOf(answers.marketplace);
        const sellerId = returned.selling_partner_id ?? "";
        if (sellerId === "") throw new ChannelError("unreadable", "Amazon did not say whose account it is");
        const granted: Granted = await exchange(settings(), { code, redirectUri, signal, clock });
        return { ...granted, sellerId, marketplace: marketplace.code };
      },
      // One seller sells on several marketplaces, each with its own currency and payouts.
      shopOf: ({ sellerId, marketplace }) => ({
        id: `${sellerId}:${marketplaceOf(marketplace).id}`,
        name: `Amazon ${marketplaceOf(marketplace).code.toUpperCase()} · ${sellerId}`,
      }),
    },
  });
}

/** The one that the product uses: Amazon, or what AMAZON_API_URL names. */
export const amazon = amazonConnector(
  () => settingsOf(process.env),
  () => Date.now(),
);
