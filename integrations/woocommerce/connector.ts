/** WooCommerce as a channel: the seller's own shop, read with keys that the seller makes there. */
import { z } from "zod";
import { ChannelError, Refusal } from "../../lib/core/errors";
import { decimalsOf } from "../../lib/core/money";
import { type Answers, type Connector, defineConnector, type Page, type RawDocument, type Session } from "../connector";
import { bucketsByConnection, tokenBucket } from "../http";
import { shopAddress } from "./address";
import { type Connection, detailsOf, listPage, siteName, type Thing } from "./api";
import { Credentials } from "./credentials";
import { hookOf } from "./hook";
import { productsOf, read } from "./read";

/** `perSecond`: calls to one shop. WooCommerce itself has no limit; shops share small machines, whose hosts do. */
export type Settings = Readonly<{ allowsLoopback: boolean; perSecond: number }>;

/** From the environment: WOOCOMMERCE_LOOPBACK=yes lets shops on the server's own machine in, for development. */
export function settingsOf(environment: Readonly<Record<string, string | undefined>>): Settings {
  return { allowsLoopback: environment.WOOCOMMERCE_LOOPBACK === "yes", perSecond: 4 };
}

const Moment = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
/**
 * Where a pass is. `since`: changed after that. `seen`: the latest change so far; `begun`: when the pass began, since what changes after
 * that may be behind us already. A watermark is the same at the start of a pass, with `since` put back by the overlap.
 */
const Cursor = z.strictObject({
  since: Moment.nullable(),
  seen: Moment.nullable(),
  begun: Moment.nullable(),
  status: z.enum(["any", "trash"]),
  before: Moment.nullable(),
  page: z.int().min(1),
});
type Cursor = z.infer<typeof Cursor>;

const overlapMs = 24 * 3_600_000;

export function woocommerceConnector(settings: () => Settings, clock: () => number): Connector {
  const buckets = bucketsByConnection(() => tokenBucket({ capacity: 10, perSecond: settings().perSecond }));

  return defineConnector<Credentials>({
    credentials: Credentials,
    read,
    listed: productsOf,
    hook: (request, held) => hookOf(request, held),
    pull: async (session, feed, text) => {
      if (feed !== "orders" && feed !== "products")
        throw new ChannelError("refused", `WooCommerce has no feed “${feed}”`);
      const { account, credentials, signal } = session;
      const from = cursorOf(text, session);
      const at = { ...from, begun: from.begun ?? momentOf(clock()) };
      const connection = { bucket: buckets(account.channel), signal, clock };
      const decimals = decimalsOf(account.currency);
      const { status, before, page } = at;
      const query = { what: feed, status, modifiedAfter: at.since, before, page, decimals };
      const { things, hasMore, left } = await listPage(credentials, connection, query);
      const documents: RawDocument[] = [];
      for (const thing of things) {
        const body = await wholeOf(credentials, connection, feed, thing, decimals);
        if (body !== null)
          documents.push({ feed, externalId: String(thing.id), version: `${thing.date_modified_gmt}Z`, body });
      }
      const listed = pageOf(feed, at, documents, things, hasMore);
      // What lies in the bin comes after the others and is not counted with them.
      const oldest = at.status === "any" ? things.at(-1)?.date_created_gmt : undefined;
      return {
        ...listed,
        ...(left === null ? {} : { left }),
        ...(oldest === undefined ? {} : { reached: new Date(`${oldest}Z`).toISOString() }),
      };
    },
    keys: {
      asks: [
        {
          name: "address",
          label: "Shop address",
          hint: "The address of your shop, as you open it in a browser: https://shop.example",
          isSecret: false,
        },
        {
          name: "key",
          label: "Consumer key",
          hint: "In WordPress: WooCommerce, Settings, Advanced, REST API, Add key, with permission “Read”. It begins with ck_.",
          isSecret: false,
        },
        {
          name: "secret",
          label: "Consumer secret",
          hint: "Shown once beside the key. It begins with cs_.",
          isSecret: true,
        },
        {
          name: "webhookSecret",
          isOptional: true,
          label: "Webhook secret (may stay empty)",
          hint: "Only where you made webhooks under WooCommerce, Settings, Advanced, Webhooks: the secret that you gave them. Without it the shop is looked at every so often.",
          isSecret: true,
        },
      ],
      check: async ({ answers, signal }) => {
        const keys = { ...keysOf(answers), url: shopAddress(answers.address ?? "", settings().allowsLoopback) };
        const connection = { bucket: tokenBucket({ capacity: 5, perSecond: 5 }), signal, clock };
        const webhookSecret = (answers.webhookSecret ?? "").trim();
        return {
          ...keys,
          webhookSecret: webhookSecret === "" ? null : webhookSecret,
          name: await siteName(keys, connection),
        };
      },
      shopOf: ({ url, name }) => ({ id: url, name }),
    },
  });
}

/** The one that the product uses. */
export const woocommerce = woocommerceConnector(
  () => settingsOf(process.env),
  () => Date.now(),
);

function keysOf(answers: Answers): Readonly<{ key: string; secret: string }> {
  const [key = "", secret = ""] = [answers.key?.trim(), answers.secret?.trim()];
  if (!/^ck_[A-Za-z0-9]{20,80}$/.test(key))
    throw new Refusal("bad_field", "The consumer key begins with ck_. Copy it whole.", { field: "key" });
  if (!/^cs_[A-Za-z0-9]{20,80}$/.test(secret))
    throw new Refusal("bad_field", "The consumer secret begins with cs_. Copy it whole.", { field: "secret" });
  return { key, secret };
}

/** An order with its refunds, a product with its variations: one document each. null where it was deleted meanwhile. */
async function wholeOf(
  shop: Credentials,
  connection: Connection,
  feed: "orders" | "products",
  thing: Thing,
  decimals: number,
): Promise<unknown> {
  if (feed === "orders") {
    const { refunds } = thing;
    const has = Array.isArray(refunds) && refunds.length > 0;
    const all = has ? await detailsOf(shop, connection, `orders/${thing.id}/refunds`, decimals) : [];
    return all === null ? null : { order: thing, refunds: all };
  }
  const isVariable = thing.type === "variable";
  const all = isVariable ? await detailsOf(shop, connection, `products/${thing.id}/variations`, decimals) : [];
  return all === null ? null : { product: thing, variations: all };
}

function pageOf(
  feed: "orders" | "products",
  at: Cursor,
  documents: readonly RawDocument[],
  things: readonly Thing[],
  hasMore: boolean,
): Page {
  const seen = things.reduce<string | null>(
    (most, { date_modified_gmt: time }) => (most === null || time > most ? time : most),
    at.seen,
  );
  const next = nextOf(feed, { ...at, seen }, things, hasMore);
  // Pages go from new to old, so only a whole pass says from when the next one may begin.
  const safe = seen !== null && at.begun !== null && at.begun < seen ? at.begun : seen;
  const watermark = next === null ? passFrom(safe === null ? at.since : putBack(safe), safe) : null;
  return {
    documents,
    next: next === null ? null : JSON.stringify(next),
    watermark: watermark === null ? null : JSON.stringify(watermark),
  };
}

function nextOf(feed: "orders" | "products", at: Cursor, things: readonly Thing[], hasMore: boolean): Cursor | null {
  const oldest = things.at(-1)?.date_created_gmt;
  if (hasMore && oldest !== undefined) {
    const before = momentOf(Date.parse(`${oldest}Z`) + 1_000);
    // A page whose orders were all made in one second leads no further back: then it is the next page of the same.
    return before === at.before ? { ...at, page: at.page + 1 } : { ...at, before, page: 1 };
  }
  // What lies in the bin is not among “any”, and comes after it.
  return feed === "orders" && at.status === "any" ? { ...at, status: "trash", before: null, page: 1 } : null;
}

function cursorOf(text: string | null, session: Session<Credentials>): Cursor {
  if (text !== null) return Cursor.parse(JSON.parse(text));
  return passFrom(session.since === null ? null : momentOf(Date.parse(session.since)), null);
}

function passFrom(since: string | null, seen: string | null): Cursor {
  return { since, seen, begun: null, status: "any", before: null, page: 1 };
}

function putBack(moment: string): string {
  return momentOf(Date.parse(`${moment}Z`) - overlapMs);
}

/** As WooCommerce writes times of GMT: whole seconds, no offset. */
function momentOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}
