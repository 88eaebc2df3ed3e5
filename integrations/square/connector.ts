/** Square as a channel: OAuth by code, the catalogue, orders, refunds, payouts and their entries. */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import { type Connector, defineConnector } from "../connector";
import { type Bucket, tokenBucket } from "../http";
import { tokenKeeper } from "../oauth";
import { type Connection, merchantById, type Settings, settingsOf } from "./api";
import { hookOf } from "./hook";
import { type Grant, signInUrl, tokens } from "./oauth";
import { pullFeed } from "./pull";
import { productsOf, read } from "./read";

const Credentials = z.strictObject({
  accessToken: z.string().min(1),
  /**
   * What these tokens are known by to the keeper, which knows them by a refresh token that is used once. Square's stays the same for good,
   * so that it would take each refresh for the first: the access token names them instead.
   */
  refreshToken: z.string().min(1),
  /** Square's refresh token. */
  grant: z.string().min(1),
  issuedAtMs: z.number(),
  expiresAtMs: z.number(),
  shop: z.strictObject({ id: z.string(), name: z.string() }),
});
type Credentials = z.infer<typeof Credentials>;

/** The connector for settings and a clock. */
export function squareConnector(settings: () => Settings, clock: () => number): Connector {
  const keeper = tokenKeeper<Credentials>({
    clock,
    // Not the sync's signal: a refresh that was begun must come to its end.
    refresh: async (old) => {
      const grant = { grant_type: "refresh_token", refresh_token: old.grant } as const;
      return { ...tokensOf(await tokens(settings(), grant, clock, AbortSignal.timeout(30_000))), shop: old.shop };
    },
  });
  let shared: Bucket | null = null;
  const bucket = (): Bucket => {
    const { perSecond } = settings();
    shared ??= tokenBucket({ capacity: perSecond, perSecond });
    return shared;
  };
  const common = (signal: AbortSignal) => ({ settings: settings(), bucket: bucket(), signal, clock });

  return defineConnector<Credentials>({
    credentials: Credentials,
    read,
    listed: productsOf,
    hook: (request) => Promise.resolve().then(() => hookOf(request, settings())),
    pull: async (session, feed, cursor) => {
      const { credentials, renewed, since } = session;
      let held = await keeper.current(credentials, renewed);
      const connection: Connection = {
        ...common(session.signal),
        withToken: async (ask) => {
          const got = await ask(held.accessToken);
          if (got !== "unauthorized") return got;
          held = await keeper.after(held, renewed);
          const again = await ask(held.accessToken);
          if (again === "unauthorized")
            throw new ChannelError("disconnected", "Square refuses a token that it just gave");
          return again;
        },
      };
      return pullFeed(connection, feed, since, cursor);
    },
    oauth: {
      authorizeUrl: (request) => signInUrl(settings(), request),
      exchange: async ({ code, redirectUri, signal }) => {
        const grant = { grant_type: "authorization_code", code, redirect_uri: redirectUri } as const;
        const given = await tokens(settings(), grant, clock, signal);
        const connection: Connection = {
          ...common(signal),
          withToken: async (ask) => {
            const got = await ask(given.accessToken);
            if (got === "unauthorized")
              throw new ChannelError("disconnected", "Square refuses a token that it just gave");
            return got;
          },
        };
        return { ...tokensOf(given), shop: await merchantById(connection, given.merchant) };
      },
      shopOf: ({ shop }) => shop,
    },
  });
}

/** The one that the product uses. */
export const square = squareConnector(
  () => settingsOf(process.env),
  () => Date.now(),
);

function tokensOf({ accessToken, refreshToken, issuedAtMs, expiresAtMs }: Grant): Omit<Credentials, "shop"> {
  return { accessToken, refreshToken: accessToken, grant: refreshToken, issuedAtMs, expiresAtMs };
}
