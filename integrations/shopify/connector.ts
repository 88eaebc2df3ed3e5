/** Shopify as a channel. */
import { ChannelError } from "../../lib/core/errors";
import { type Connector, defineConnector, type Page } from "../connector";
import { sleepFor } from "../http";
import { tokenKeeper } from "../oauth";
import { ask, tokensFor } from "./api";
import { bulkFrom, countOrders, readBulk } from "./bulk";
import { type CostBucket, costBucket } from "./cost";
import { readHook } from "./hook";
import { bulkPageOf, Cursor, cursorOf, filterOf, pageOf, requestOf } from "./pages";
import { productsOf, read } from "./read";
import { type Settings, settingsOf } from "./settings";
import { Credentials, signIn } from "./sign-in";
import type { Send } from "./whole";

/** The connector for an app's settings and a clock. From `bulkAfter` orders on the history comes by a bulk operation. */
export function shopifyConnector(settings: () => Settings, clock: () => number, bulkAfter = bulkFrom): Connector {
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
        const once = ({ accessToken }: Credentials) => {
          const connection = { shop: shop.id, accessToken, bucket: bucketOf(shop.id), signal, clock };
          return ask(settings(), connection, query, variables);
        };
        // Calls go side by side: what is renewed is the token that this one was refused with, not what another has put in its place.
        const used = tokens;
        const first = await once(used);
        if (first.kind !== "unauthorized") return first;
        if (isForGood) throw new ChannelError("disconnected", "Shopify does not take the shop's token any more");
        tokens = await keeper.after(used, renewed);
        const second = await once(tokens);
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
      if (at.bulk !== undefined) {
        // A shop's own host is never ours; where a local server stands in for it, so it does for where its files lie.
        const reading = { signal, publicOnly: settings().apiUrl === null };
        const bulk = { filter: filterOf(feed, at), startedAt: at.startedAt, send, reading, clock, sleep: sleepFor };
        return bulkPageOf(feed, at, await readBulk(at.bulk, bulk), send);
      }
      for (;;) {
        const { query, variables } = requestOf(feed, at);
        const answer = await asked(query, variables);
        if (answer.kind === "data") {
          const page = await pageOf(feed, at, answer.data, send);
          const isFirst = feed === "orders" && at.pass === "first" && at.after === null;
          return isFirst ? counted(page, filterOf(feed, at), send, bulkAfter) : page;
        }
        if (at.size === 1)
          throw new ChannelError("refused", `Shopify finds a single one of its ${feed} too dear to be asked for`);
        at = { ...at, size: Math.max(1, Math.floor(at.size / 2)) };
      }
    },
  });
}

/** The first page of the first pass, with how many orders there are: where they are many, what follows comes by a bulk operation. */
async function counted(page: Page, filter: string | null, send: Send, bulkAfter: number): Promise<Page> {
  if (page.next === null) return { ...page, left: 0 };
  const all = await countOrders(filter, send);
  if (all === null) return page;
  const left = Math.max(0, all - page.documents.length);
  const next = Cursor.parse(JSON.parse(page.next));
  const bulk = { step: "ask", tries: 0, not: null } as const;
  const had = page.documents.map(({ externalId }) => `gid://shopify/Order/${externalId}`);
  const cursor: Cursor = all < bulkAfter ? { ...next, left } : { ...next, left, had, bulk };
  return { ...page, left, next: JSON.stringify(cursor) };
}

/** The one that the product uses: the app that the environment names. */
export const shopify = shopifyConnector(
  () => settingsOf(process.env),
  () => Date.now(),
);
