/** Practice Market as a channel: the pattern that other channels follow. */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import { type Connector, defineConnector, type Page } from "../connector";
import { bucketsByConnection, tokenBucket } from "../http";
import { authorizeUrl, exchangeCode, refreshTokens, type TokenAnswer, tokenKeeper } from "../oauth";
import { type Got, getPage, type Settings, settingsOf } from "./api";
import { productsOf, read } from "./read";

const Credentials = z.strictObject({
  accessToken: z.string().min(1),
  refreshToken: z.string().min(1),
  issuedAtMs: z.number(),
  expiresAtMs: z.number(),
  shop: z.strictObject({ id: z.string(), name: z.string() }),
});
type Credentials = z.infer<typeof Credentials>;

/**
 * Where a sync is: `since` is what the pass began from, `page` the market's cursor within it, `seen` the latest change seen so
 * far. A watermark is the same with `page` null and `since` put back by the overlap.
 */
const Cursor = z.strictObject({
  since: z.iso.datetime().nullable(),
  page: z.string().nullable(),
  seen: z.iso.datetime().nullable(),
});
type Cursor = z.infer<typeof Cursor>;

/** What changed shortly before what was seen last may have become readable only after it. */
const overlapMs = 24 * 3_600_000;

/** The connector for a server and a clock. */
export function practiceConnector(settings: () => Settings, clock: () => number): Connector {
  const endpoint = () => ({
    url: `${settings().url}/oauth/token`,
    clientId: settings().clientId,
    clientSecret: settings().clientSecret,
    clock,
  });
  const keeper = tokenKeeper<Credentials>({
    clock,
    // Not the sync's signal: a refresh that was begun must come to its end, or the connection is lost.
    refresh: async (old) => {
      const answer = await refreshTokens(endpoint(), old.refreshToken, AbortSignal.timeout(30_000));
      return { ...tokensOf(answer, old.refreshToken), shop: old.shop };
    },
  });
  // Half of what the market allows, so that a sync does not run into its limit by itself.
  const buckets = bucketsByConnection(() => tokenBucket({ capacity: 30, perSecond: 15 }));

  return defineConnector<Credentials>({
    credentials: Credentials,
    read,
    listed: productsOf,
    pull: async (session, feed, text) => {
      const { account, credentials, signal, renewed } = session;
      let tokens = await keeper.current(credentials, renewed);
      const ask = async (at: Cursor): Promise<Got> => {
        const query = { feed, since: at.since, page: at.page };
        const connection = { bucket: buckets(account.channel), signal, clock };
        const got = await getPage(settings(), { ...connection, accessToken: tokens.accessToken }, query);
        if (got.kind !== "unauthorized") return got;
        tokens = await keeper.after(tokens, renewed);
        return getPage(settings(), { ...connection, accessToken: tokens.accessToken }, query);
      };
      let at = cursorOf(text);
      let got = await ask(at);
      if (got.kind === "cursor expired") {
        at = passFrom(at.seen);
        got = await ask(at);
      }
      if (got.kind === "unauthorized")
        throw new ChannelError("disconnected", "Practice Market refuses a token that it just gave");
      if (got.kind === "cursor expired")
        throw new ChannelError("refused", "Practice Market finds a cursor too old that we did not send");
      return pageOf(at, got);
    },
    oauth: {
      authorizeUrl: (request) =>
        authorizeUrl(`${settings().url}/oauth/authorize`, { clientId: settings().clientId, scope: "read" }, request),
      exchange: async (request) => {
        const answer = await exchangeCode(endpoint(), request);
        const shop = z.object({ shop: z.object({ id: z.string(), name: z.string() }) }).safeParse(answer.raw);
        if (!shop.success) throw new ChannelError("unreadable", "Practice Market did not say whose shop it is");
        return { ...tokensOf(answer, null), shop: shop.data.shop };
      },
      shopOf: ({ shop }) => shop,
    },
  });
}

/** The one that the product uses: the server that the environment names. */
export const practice = practiceConnector(
  () => settingsOf(process.env),
  () => Date.now(),
);

function pageOf(at: Cursor, got: Extract<Got, { kind: "page" }>): Page {
  const seen = [at.seen, got.latest].reduce(
    (most, time) => (most === null || (time !== null && time > most) ? time : most),
    null,
  );
  return {
    documents: got.documents,
    next: got.next === null ? null : JSON.stringify({ ...at, page: got.next, seen } satisfies Cursor),
    // Pages go by time of change, so what was seen is safe to begin from even when the pass is left in the middle.
    watermark: seen === null ? null : JSON.stringify(passFrom(seen)),
  };
}

function passFrom(seen: string | null): Cursor {
  return { since: seen === null ? null : new Date(Date.parse(seen) - overlapMs).toISOString(), page: null, seen };
}

function cursorOf(text: string | null): Cursor {
  return text === null ? passFrom(null) : Cursor.parse(JSON.parse(text));
}

function tokensOf(answer: TokenAnswer, before: string | null): Omit<Credentials, "shop"> {
  const refreshToken = answer.refreshToken ?? before;
  if (refreshToken === null) throw new ChannelError("unreadable", "Practice Market gave no refresh token");
  const { accessToken, issuedAtMs, expiresAtMs } = answer;
  return { accessToken, refreshToken, issuedAtMs, expiresAtMs };
}
