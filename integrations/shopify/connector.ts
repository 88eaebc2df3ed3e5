/** Shopify as a channel. */
import { ChannelError } from "../../lib/core/errors";
import { type Connector, defineConnector } from "../connector";
import { tokenKeeper } from "../oauth";
import { ask, tokensFor } from "./api";
import { type CostBucket, costBucket } from "./cost";
import { readHook } from "./hook";
import { cursorOf, pageOf, requestOf } from "./pages";
import { productsOf, read } from "./read";
import { type Settings, settingsOf } from "./settings";
import { Credentials, signIn } from "./sign-in";

/** The connector for an app's settings and a clock. */
export function shopifyConnector(settings: () => Settings, clock: () => number): Connector {
  const keeper = tokenKeeper<Credentials>({
    clock,
    // Not the sync's signal: a refresh that was begun must come to its end, or the connection is lost.
    refresh: async (old) => {
      const grant = { grant_type: "refresh_token", refresh_token: old.refreshToken } as const;
      const { scope: _, ...tokens } = await tokensFor(
        settings(),
        old.shop.id,
        grant,
        clock,
        AbortSignal.timeout(30_000),
      );
      if (tokens.refreshToken === "")
        throw new ChannelError("unreadable", "Shopify renewed a token and gave no refresh token with it");
      return { ...tokens, shop: old.shop };
    },
  });
  const buckets = new Map<string, CostBucket>();
  /** By shop, as Shopify counts: two connections to one shop share its points. */
  function bucketOf(shop: string): CostBucket {
    const known = buckets.get(shop);
    if (known !== undefined) return known;
    const made = costBucket(clock);
    buckets.set(shop, made);
    return made;
  }

  return defineConnector<Credentials>({
    credentials: Credentials,
    read,
    listed: productsOf,
    hook: (request) => readHook(settings(), request),
    oauth: signIn(settings, clock),
    pull: async ({ account: _, credentials, since, signal, renewed }, feed, text) => {
      const { shop } = credentials;
      const isForGood = credentials.refreshToken === "";
      let tokens = isForGood ? credentials : await keeper.current(credentials, renewed);
      const asked = async (query: string, variables: Readonly<Record<string, unknown>>) => {
        const once = () => {
          const connection = {
            shop: shop.id,
            accessToken: tokens.accessToken,
            bucket: bucketOf(shop.id),
            signal,
            clock,
          };
          return ask(settings(), connection, query, variables);
        };
        const first = await once();
        if (first.kind !== "unauthorized") return first;
        if (isForGood) throw new ChannelError("disconnected", "Shopify does not take the shop's token any more");
        tokens = await keeper.after(tokens, renewed);
        const second = await once();
        if (second.kind === "unauthorized")
          throw new ChannelError("disconnected", "Shopify refuses a token that it just gave");
        return second;
      };
      const send = async (query: string, variables: Readonly<Record<string, unknown>>): Promise<unknown> => {
        const answer = await asked(query, variables);
        if (answer.kind === "data") return answer.data;
        throw new ChannelError("refused", "Shopify finds a query for one document too dear");
      };
      let at = cursorOf(feed, text, since, clock());
      for (;;) {
        const { query, variables } = requestOf(feed, at);
        const answer = await asked(query, variables);
        if (answer.kind === "data") return pageOf(feed, at, answer.data, send);
        if (at.size === 1)
          throw new ChannelError("refused", `Shopify finds a single one of its ${feed} too dear to be asked for`);
        at = { ...at, size: Math.max(1, Math.floor(at.size / 2)) };
      }
    },
  });
}

/** The one that the product uses: the app that the environment names. */
export const shopify = shopifyConnector(
  () => settingsOf(process.env),
  () => Date.now(),
);
