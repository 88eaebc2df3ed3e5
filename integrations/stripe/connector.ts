/** Stripe as a channel: the seller's own account, read with a restricted key that the seller makes there. */
import { z } from "zod";
import { ChannelError, Refusal } from "../../lib/core/errors";
import { type Connector, defineConnector, type Feed, type Page, type RawDocument } from "../connector";
import { bucketsByConnection, tokenBucket } from "../http";
import {
  accountOf,
  type Connection,
  chargeBehind,
  payouts,
  type RawTransaction,
  type Settings,
  settingsOf,
  transactions,
} from "./api";
import { hookOf } from "./hook";
import { type PaidIn, paidIn } from "./paid-in";
import { read } from "./read";
import { isSale } from "./shapes";

const Credentials = z.strictObject({
  key: z.string().min(1),
  /** The signing secret of the seller's webhook endpoint; null where there is none. */
  webhookSecret: z.string().min(1).nullable(),
  account: z.strictObject({ id: z.string(), name: z.string() }),
});
type Credentials = z.infer<typeof Credentials>;

const Seconds = z.int().min(0).nullable();
/**
 * Where a pass is. First "payouts": the transactions of each payout that is new, so that what waited is known to be paid out; then
 * "transactions": all that were made since. `payout` is the one whose transactions are being read, `payoutsAfter` the last one before it.
 */
const Cursor = z.strictObject({
  step: z.enum(["payouts", "transactions"]),
  since: Seconds,
  seen: Seconds,
  payoutsAfter: z.string().nullable(),
  payout: z.string().nullable(),
  after: z.string().nullable(),
});
type Cursor = z.infer<typeof Cursor>;

/** A payout's list is complete only a while after it was made. */
const overlapSeconds = 3 * 86_400;

export function stripeConnector(settings: () => Settings, clock: () => number): Connector {
  // A quarter of what Stripe allows an account, whose shop also uses it.
  const buckets = bucketsByConnection(() => tokenBucket({ capacity: 25, perSecond: 25 }));
  const paid = paidIn();

  return defineConnector<Credentials>({
    credentials: Credentials,
    read,
    hook: (request, held) =>
      hookOf(request, async (shop) => (await held(shop)).flatMap(({ webhookSecret }) => webhookSecret ?? []), clock()),
    pull: async (session, feed, text) => {
      if (feed !== "orders" && feed !== "balance") throw new ChannelError("refused", `Stripe has no feed “${feed}”`);
      const { account, credentials, signal } = session;
      const connection = {
        settings: settings(),
        key: credentials.key,
        bucket: buckets(account.channel),
        signal,
        clock,
      };
      const since = session.since === null ? null : Math.floor(Date.parse(session.since) / 1000);
      const at = text === null ? passFrom(since, null, "transactions") : Cursor.parse(JSON.parse(text));
      return at.step === "payouts" ? payoutPage(connection, feed, at) : transactionPage(connection, feed, at, paid);
    },
    keys: {
      asks: [
        {
          name: "key",
          label: "Restricted key",
          hint: "In Stripe's dashboard: Developers, API keys, Create restricted key, with “Read” for Balance, Charges and Refunds, Disputes, Payouts and the account's basic data. It begins with rk_.",
          isSecret: true,
        },
        {
          name: "webhookSecret",
          isOptional: true,
          label: "Webhook signing secret (may stay empty)",
          hint: "Only where you added a webhook endpoint under Developers, Webhooks: its signing secret, which begins with whsec_. Without it Stripe is looked at every so often.",
          isSecret: true,
        },
      ],
      check: async ({ answers, signal }) => {
        const key = keyOf(answers.key ?? "");
        const secret = (answers.webhookSecret ?? "").trim();
        if (secret !== "" && !/^whsec_\S{8,200}$/.test(secret))
          throw new Refusal("bad_field", "The webhook's signing secret begins with whsec_.", {
            field: "webhookSecret",
          });
        const connection = {
          settings: settings(),
          key,
          bucket: tokenBucket({ capacity: 5, perSecond: 5 }),
          signal,
          clock,
        };
        return { key, webhookSecret: secret === "" ? null : secret, account: await accountOf(connection) };
      },
      shopOf: ({ account }) => account,
    },
  });
}

/** The one that the product uses. */
export const stripe = stripeConnector(
  () => settingsOf(process.env),
  () => Date.now(),
);

function keyOf(typed: string): string {
  const key = typed.trim();
  if (/^sk_/.test(key))
    throw new Refusal(
      "bad_field",
      "This is a secret key, which can move money. Make a restricted key that can only read.",
      {
        field: "key",
      },
    );
  if (!/^rk_(live|test)_[A-Za-z0-9]{8,250}$/.test(key))
    throw new Refusal("bad_field", "The restricted key begins with rk_live_. Copy it whole.", { field: "key" });
  return key;
}

/** Transactions of the next new payout. */
async function payoutPage(connection: Connection, feed: Feed, at: Cursor): Promise<Page> {
  const all: Cursor = { ...at, step: "transactions", payoutsAfter: null, payout: null, after: null };
  let { payout, payoutsAfter } = at;
  if (payout === null) {
    const found = await payouts(connection, { since: at.since, after: payoutsAfter }, 1);
    const [next] = found.data;
    if (next === undefined) return { documents: [], next: JSON.stringify(all), watermark: null };
    payoutsAfter = next.id;
    // Stripe lists the transactions of automatic payouts only.
    if (!next.automatic) return { documents: [], next: JSON.stringify({ ...at, payoutsAfter }), watermark: null };
    payout = next.id;
  }
  const { data, hasMore } = await transactions(connection, { since: null, after: at.after, payout });
  const documents = await documentsOf(connection, feed, data, () => payout);
  const last = data.at(-1)?.id;
  const next: Cursor =
    hasMore && last !== undefined
      ? { ...at, payoutsAfter, payout, after: last }
      : { ...at, payoutsAfter, payout: null, after: null };
  return { documents, next: JSON.stringify(next), watermark: null };
}

async function transactionPage(connection: Connection, feed: Feed, at: Cursor, paid: PaidIn): Promise<Page> {
  const { data, hasMore } = await transactions(connection, { since: at.since, after: at.after });
  const payoutOf = await paid(connection, data);
  const documents = await documentsOf(connection, feed, data, ({ id }) => payoutOf(id));
  const seen = data.reduce<number | null>((most, { created }) => Math.max(most ?? 0, created), at.seen);
  const last = data.at(-1);
  if (hasMore && last !== undefined) {
    const reached = new Date(last.created * 1000).toISOString();
    return {
      documents,
      next: JSON.stringify({ ...at, seen, after: last.id } satisfies Cursor),
      watermark: null,
      reached,
    };
  }
  // Pages go from new to old, so only a whole pass says from when the next one may begin.
  const from = seen === null ? at.since : Math.max(0, seen - overlapSeconds);
  return { documents, next: null, watermark: JSON.stringify(passFrom(from, seen, "payouts")) };
}

async function documentsOf(
  connection: Connection,
  feed: Feed,
  data: readonly RawTransaction[],
  payoutOf: (transaction: RawTransaction) => string | null,
): Promise<readonly RawDocument[]> {
  const documents: RawDocument[] = [];
  for (const transaction of data) {
    if (isSale(transaction) !== (feed === "orders")) continue;
    const isPayout = /^payout(_failure|_cancel)?$/.test(transaction.type);
    // A payout's own transaction is in the list of its payout, and no part of what was paid out.
    const found = payoutOf(transaction);
    const source = transaction.source;
    const own = source === null || typeof source === "string" ? source : source.id;
    const payout = isPayout && found === own ? null : found;
    const charge = feed === "orders" ? null : await chargeBehind(connection, source);
    // Above the versions that readers of exports give, which know less.
    const version = payout === null ? "3-waiting" : "4-paid";
    documents.push({ feed, externalId: transaction.id, version, body: { transaction, payout, charge } });
  }
  return documents;
}

function passFrom(since: number | null, seen: number | null, step: Cursor["step"]): Cursor {
  return { step, since, seen, payoutsAfter: null, payout: null, after: null };
}
