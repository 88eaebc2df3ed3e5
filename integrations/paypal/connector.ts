/** PayPal as a channel: the seller's own account, read with the id and secret of an app that the seller makes there. */
import { z } from "zod";
import { ChannelError, Refusal } from "../../lib/core/errors";
import { type Answers, type Connector, defineConnector, type Feed, type Page, type RawDocument } from "../connector";
import { bucketsByConnection, tokenBucket } from "../http";
import { tokenKeeper } from "../oauth";
import {
  accountOf,
  type Connection,
  type Listed,
  type RawDetail,
  type Settings,
  searchPage,
  settingsOf,
  type Token,
  tokenFor,
} from "./api";
import { needsOriginal } from "./codes";
import { hookOf, keyStore } from "./hook";
import { read } from "./read";
import { looksLikeSale, referenceOf } from "./shapes";

const Credentials = z.strictObject({
  clientId: z.string().min(1),
  secret: z.string().min(1),
  /** The id of the seller's webhook; null where there is none. */
  webhookId: z.string().min(1).nullable(),
  account: z.string().min(1),
  accessToken: z.string().min(1),
  /** There is no refresh token; what was given last stands for it, so that who holds an old one is handed the new. */
  refreshToken: z.string().min(1),
  issuedAtMs: z.number(),
  expiresAtMs: z.number(),
});
type Credentials = z.infer<typeof Credentials>;

const Ms = z.int().min(0);
/** Where a pass is: from now back to `since` (milliseconds), in windows; `start` and `end` are the window's, `page` within it. */
const Cursor = z.strictObject({
  since: Ms,
  seen: Ms.nullable(),
  start: Ms.nullable(),
  end: Ms.nullable(),
  page: z.int().min(1),
});
type Cursor = z.infer<typeof Cursor>;

const day = 86_400_000;
/** PayPal takes 31 at most. */
const windowMs = 30 * day;
const historyMs = 3 * 365 * day;
/** There is no list of what changed: eChecks clear, and reports run hours late. */
const overlapMs = 10 * day;
/** Refunds can be given for 180 days. */
const refundWindows = 7;

export function paypalConnector(settings: () => Settings, clock: () => number): Connector {
  const buckets = bucketsByConnection(() => tokenBucket({ capacity: 10, perSecond: settings().perSecond }));
  const keys = keyStore(() => settings().url);
  const keeper = tokenKeeper<Credentials>({
    clock,
    refresh: async (old) => ({
      ...old,
      ...heldAs(await tokenFor(settings(), old, clock, AbortSignal.timeout(30_000))),
    }),
  });

  return defineConnector<Credentials>({
    credentials: Credentials,
    read,
    hook: (call, held) =>
      hookOf(call, async (shop) => (await held(shop)).flatMap(({ webhookId }) => webhookId ?? []), keys),
    pull: async (session, feed, text) => {
      if (feed !== "orders" && feed !== "balance") throw new ChannelError("refused", `PayPal has no feed “${feed}”`);
      const { account, credentials, signal, renewed } = session;
      let tokens = await keeper.current(credentials, renewed);
      const bucket = buckets(account.channel);
      const search: Search = async (query) => {
        const connection = (): Connection => ({
          settings: settings(),
          accessToken: tokens.accessToken,
          bucket,
          signal,
          clock,
        });
        let listed = await searchPage(connection(), query);
        if (listed.kind !== "unauthorized") return listed;
        tokens = await keeper.after(tokens, renewed);
        listed = await searchPage(connection(), query);
        if (listed.kind === "unauthorized")
          throw new ChannelError("disconnected", "PayPal refuses a token that it just gave");
        return listed;
      };
      // Up to the end of this second: what was paid in it is asked for too.
      const now = Math.ceil(clock() / 1000) * 1000;
      const from = session.since === null ? now - historyMs : Math.max(Date.parse(session.since), now - historyMs);
      return pageOf(search, feed, text === null ? passFrom(from, null) : Cursor.parse(JSON.parse(text)), now);
    },
    keys: {
      asks: [
        {
          name: "clientId",
          label: "Client ID",
          hint: "At developer.paypal.com, signed in with your business account: Apps & Credentials, Live, Create App, with the feature “Transaction search”.",
          isSecret: false,
        },
        { name: "secret", label: "Secret", hint: "On the same page, below the client ID.", isSecret: true },
        {
          name: "webhookId",
          isOptional: true,
          label: "Webhook ID (may stay empty)",
          hint: "Only where you added a webhook to the app: its ID on the same page. Without it PayPal is looked at every so often.",
          isSecret: false,
        },
      ],
      check: async ({ answers, signal }) => {
        const app = appOf(answers);
        const token = await tokenFor(settings(), app, clock, signal);
        const bucket = tokenBucket({ capacity: 5, perSecond: 5 });
        const connection = { settings: settings(), accessToken: token.accessToken, bucket, signal, clock };
        const account = await accountOf(connection);
        if (account === null) throw new ChannelError("disconnected", "PayPal refuses a token that it just gave");
        return { ...app, account, ...heldAs(token) };
      },
      shopOf: ({ account }) => ({ id: account, name: `PayPal ${account}` }),
    },
  });
}

/** The one that the product uses. */
export const paypal = paypalConnector(
  () => settingsOf(process.env),
  () => Date.now(),
);

type Search = (query: Parameters<typeof searchPage>[1]) => Promise<Exclude<Listed, Readonly<{ kind: "unauthorized" }>>>;

function heldAs(token: Token): Token & Readonly<{ refreshToken: string }> {
  return { ...token, refreshToken: token.accessToken };
}

function appOf(answers: Answers): Readonly<{ clientId: string; secret: string; webhookId: string | null }> {
  const of = (name: string) => answers[name]?.trim() ?? "";
  for (const [name, what] of [
    ["clientId", "client ID"],
    ["secret", "secret"],
  ] as const)
    if (!/^[\w-]{20,200}$/.test(of(name)))
      throw new Refusal("bad_field", `This is not a whole ${what} of a PayPal app. Copy it again.`, { field: name });
  const webhookId = of("webhookId");
  if (!/^[A-Za-z0-9]{0,50}$/.test(webhookId))
    throw new Refusal("bad_field", "A webhook's ID is letters and digits only.", { field: "webhookId" });
  return { clientId: of("clientId"), secret: of("secret"), webhookId: webhookId === "" ? null : webhookId };
}

async function pageOf(search: Search, feed: Feed, at: Cursor, now: number): Promise<Page> {
  const end = at.end ?? now;
  const start = at.start ?? Math.max(at.since, end - windowMs);
  const listed = await search({ start, end, page: at.page });
  if (listed.kind === "too many") {
    // More than PayPal counts in one answer: half the window, the later half first.
    const middle = start + Math.floor((end - start) / 2000) * 1000;
    if (middle <= start) throw new ChannelError("unreadable", "PayPal counts too many transactions in one second");
    return { documents: [], next: JSON.stringify({ ...at, start: middle, end, page: 1 }), watermark: null };
  }
  const documents: RawDocument[] = [];
  for (const transaction of listed.details) {
    if (looksLikeSale(transaction) !== (feed === "orders")) continue;
    const { transaction_info: info } = transaction;
    documents.push({
      feed,
      externalId: `${info.transaction_id}/${info.transaction_event_code}`,
      version: new Date(info.transaction_updated_date).toISOString(),
      body: { transaction, original: await originalOf(search, transaction, listed.details) },
    });
  }
  const seen = listed.details.reduce<number | null>(
    (most, { transaction_info: info }) => Math.max(most ?? 0, Date.parse(info.transaction_initiation_date)),
    at.seen,
  );
  const next: Cursor | null = listed.hasMore
    ? { ...at, seen, start, end, page: at.page + 1 }
    : start > at.since
      ? { ...at, seen, start: null, end: start, page: 1 }
      : null;
  // A window goes from its beginning to its end: only when it is through, all that is newer than it begins is here.
  const reached = { reached: new Date(listed.hasMore ? end : start).toISOString() };
  if (next !== null) return { documents, next: JSON.stringify(next), watermark: null, ...reached };
  // Windows go from new to old, so only a whole pass says from when the next one may begin.
  const from = seen === null ? at.since : Math.max(0, seen - overlapMs);
  return { documents, next: null, watermark: JSON.stringify(passFrom(from, seen)) };
}

/** The payment that a refund or a conversion goes back to: on the same page, or looked for backwards for as long as there are refunds. */
async function originalOf(
  search: Search,
  transaction: RawDetail,
  page: readonly RawDetail[],
): Promise<RawDetail | null> {
  const reference = referenceOf(transaction);
  if (reference === null || !needsOriginal(transaction.transaction_info.transaction_event_code)) return null;
  const isIt = ({ transaction_info: info }: RawDetail) =>
    info.transaction_id === reference && info.transaction_event_code.startsWith("T00");
  const near = page.find(isIt);
  if (near !== undefined) return near;
  let end = Math.ceil(Date.parse(transaction.transaction_info.transaction_initiation_date) / 1000) * 1000 + 1000;
  for (let window = 0; window < refundWindows; window += 1) {
    const listed = await search({ start: end - windowMs, end, page: 1, id: reference });
    const found = listed.kind === "page" ? listed.details.find(isIt) : undefined;
    if (found !== undefined) return found;
    end -= windowMs;
  }
  return null;
}

function passFrom(since: number, seen: number | null): Cursor {
  return { since: Math.floor(since / 1000) * 1000, seen, start: null, end: null, page: 1 };
}
