/** Etsy as a channel: OAuth with PKCE, listings, receipts and the payment account's ledger. */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import { type Connector, defineConnector } from "../connector";
import { type Bucket, tokenBucket } from "../http";
import { authorizeUrl, exchangeCode, refreshTokens, type TokenAnswer, tokenKeeper } from "../oauth";
import { type Connection, me, type Settings, settingsOf, shopById } from "./api";
import { hookOf } from "./hook";
import { pullLedger } from "./ledger";
import { pullListings, pullReceipts } from "./pull";
import { productsOf, read } from "./read";

const Credentials = z.strictObject({
  accessToken: z.string().min(1),
  refreshToken: z.string().min(1),
  issuedAtMs: z.number(),
  expiresAtMs: z.number(),
  shop: z.strictObject({ id: z.string(), name: z.string() }),
});
type Credentials = z.infer<typeof Credentials>;

/** Reading only: receipts and the ledger, the shop, its listings also where they are not for sale now. */
const scope = "transactions_r shops_r billing_r listings_r";

/** The connector for settings and a clock. */
export function etsyConnector(settings: () => Settings, clock: () => number): Connector {
  const endpoint = () => ({
    url: `${settings().api}/v3/public/oauth/token`,
    clientId: settings().key,
    clientSecret: settings().secret,
    clock,
  });
  const keeper = tokenKeeper<Credentials>({
    clock,
    // Not the sync's signal: Etsy gives a new refresh token each time, and one that is lost cannot be had again.
    refresh: async (old) => {
      const answer = await refreshTokens(endpoint(), old.refreshToken, AbortSignal.timeout(30_000));
      return { ...tokensOf(answer, old.refreshToken), shop: old.shop };
    },
  });
  // Etsy counts the calls of the app, whichever shop they are for: one bucket for all.
  let shared: Bucket | null = null;
  const bucket = (): Bucket => {
    const { perSecond } = settings();
    shared ??= tokenBucket({ capacity: perSecond, perSecond });
    return shared;
  };

  return defineConnector<Credentials>({
    credentials: Credentials,
    read,
    listed: productsOf,
    hook: (request) => Promise.resolve().then(() => hookOf(request, settings().webhookSecret, clock)),
    pull: async (session, feed, cursor) => {
      const { credentials, signal, renewed, since } = session;
      let tokens = await keeper.current(credentials, renewed);
      const connection: Connection = {
        settings: settings(),
        bucket: bucket(),
        signal,
        clock,
        withToken: async (ask) => {
          const got = await ask(tokens.accessToken);
          if (got !== "unauthorized") return got;
          tokens = await keeper.after(tokens, renewed);
          const again = await ask(tokens.accessToken);
          if (again === "unauthorized")
            throw new ChannelError("disconnected", "Etsy refuses a token that it just gave");
          return again;
        },
      };
      const shop = credentials.shop.id;
      switch (feed) {
        case "products":
          return pullListings(connection, shop, cursor);
        case "orders":
          return pullReceipts(connection, shop, since, cursor);
        case "balance":
          return pullLedger(connection, shop, since, cursor);
        default:
          throw new ChannelError("refused", `Etsy has no feed “${feed}”`);
      }
    },
    oauth: {
      authorizeUrl: (request) =>
        authorizeUrl(`${settings().web}/oauth/connect`, { clientId: settings().key, scope }, request),
      exchange: async (request) => {
        const tokens = tokensOf(await exchangeCode(endpoint(), request), null);
        const connection: Connection = {
          settings: settings(),
          bucket: bucket(),
          signal: request.signal,
          clock,
          withToken: async (ask) => {
            const got = await ask(tokens.accessToken);
            if (got === "unauthorized")
              throw new ChannelError("disconnected", "Etsy refuses a token that it just gave");
            return got;
          },
        };
        const { shop_id } = await me(connection);
        const { shop_name } = await shopById(connection, String(shop_id));
        return { ...tokens, shop: { id: String(shop_id), name: shop_name } };
      },
      shopOf: ({ shop }) => shop,
    },
  });
}

/** The one that the product uses. */
export const etsy = etsyConnector(
  () => settingsOf(process.env),
  () => Date.now(),
);

function tokensOf(answer: TokenAnswer, before: string | null): Omit<Credentials, "shop"> {
  const refreshToken = answer.refreshToken ?? before;
  if (refreshToken === null) throw new ChannelError("unreadable", "Etsy gave no refresh token");
  const { accessToken, issuedAtMs, expiresAtMs } = answer;
  return { accessToken, refreshToken, issuedAtMs, expiresAtMs };
}
