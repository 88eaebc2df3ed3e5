/** eBay's lists: HTTP only. What they say is stored as it is and understood in read.ts. */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import type { Feed, RawDocument } from "../connector";
import { type Answer, type Bucket, jsonOf, request } from "../http";
import type { Seen, Walk } from "./cursor";
import type { Settings, SigningKey } from "./settings";
import { signatureHeaders } from "./signature";

export type Connection = Readonly<{
  accessToken: string;
  key: SigningKey;
  bucket: Bucket;
  signal: AbortSignal;
  clock: () => number;
  /** Orders that were sold before are none of ours (ISO 8601); null: all are. */
  since: string | null;
}>;
export type Got =
  | Readonly<{ kind: "page"; documents: readonly RawDocument[]; seen: Seen }>
  | Readonly<{ kind: "unauthorized" }>
  /** What was asked for ends later than eBay's clock, which says `nowMs`. */
  | Readonly<{ kind: "ahead"; nowMs: number }>;
type Unanswered = Exclude<Got, Readonly<{ kind: "page" }>>;

const Id = z.string().min(1).max(200);
const Time = z.iso.datetime({ offset: true });
const Total = z.int().min(0);
const Payments = z.object({
  paymentSummary: z.object({ payments: z.array(z.object({ paymentDate: Time.optional() })) }),
});
const Orders = z.object({
  total: Total,
  orders: z.array(z.looseObject({ orderId: Id, creationDate: Time, lastModifiedDate: Time })),
});
const Payouts = z.object({
  total: Total,
  payouts: z.array(z.looseObject({ payoutId: Id, payoutDate: Time, payoutStatus: z.string() })).optional(),
});
const Transactions = z.object({
  total: Total,
  transactions: z
    .array(
      z.looseObject({
        transactionId: Id,
        transactionDate: Time,
        transactionType: Id,
        transactionStatus: z.string().optional(),
        bookingEntry: z.string().optional(),
        feeType: z.string().optional(),
        orderId: Id.optional(),
      }),
    )
    .optional(),
});
type Transaction = NonNullable<z.infer<typeof Transactions>["transactions"]>[number];

/** One page of a feed. */
export function getPage(settings: Settings, connection: Connection, feed: Feed, walk: Walk): Promise<Got> {
  switch (feed) {
    case "orders":
      return ordersPage(settings, connection, walk);
    case "payouts":
      return payoutsPage(settings, connection, walk);
    case "balance":
      return transactionsPage(settings, connection, walk);
    default:
      throw new ChannelError("refused", `eBay has no feed “${feed}”`);
  }
}

async function ordersPage(settings: Settings, connection: Connection, walk: Walk): Promise<Got> {
  const by = walk.isFirst ? "creationdate" : "lastmodifieddate";
  const query = { ...listQuery(settings, walk, by), fieldGroups: "TAX_BREAKDOWN" };
  const answer = await ask(connection, `${settings.urls.api}/sell/fulfillment/v1/order`, query, "unsigned");
  if ("kind" in answer) return answer;
  const { total, orders } = shaped(Orders, answer, "orders");
  const documents = orders
    .filter((order) => isOurs(order, connection.since))
    .map(
      (body): RawDocument => ({ feed: "orders", externalId: body.orderId, version: utc(body.lastModifiedDate), body }),
    );
  const times = orders.map((order) => utc(order.lastModifiedDate));
  return { kind: "page", documents, seen: { limit: settings.pageSize, got: orders.length, total, times, open: [] } };
}

/** Sold on or after the day that the seller begins with: paid, or made where nobody has paid yet. */
function isOurs(order: Readonly<{ creationDate: string }>, since: string | null): boolean {
  if (since === null) return true;
  const payments = Payments.safeParse(order);
  const paid = payments.success ? payments.data.paymentSummary.payments.flatMap((one) => one.paymentDate ?? []) : [];
  const sold = [...paid.map(utc), utc(order.creationDate)];
  return sold.some((time) => time >= utc(since));
}

/** A payout's later states come after its earlier ones, whatever the times on it. */
const payoutRanks = ["INITIATED", "SUCCEEDED", "RETRYABLE_FAILED", "REVERSED", "TERMINAL_FAILED"];

async function payoutsPage(settings: Settings, connection: Connection, walk: Walk): Promise<Got> {
  const url = `${settings.urls.apiz}/sell/finances/v1/payout`;
  const answer = await ask(connection, url, listQuery(settings, walk, "payoutDate"), "signed");
  if ("kind" in answer) return answer;
  const { total, payouts = [] } = listed(Payouts, answer, "payouts");
  const documents = payouts.map((body): RawDocument => {
    const version = `${utc(body.payoutDate)}/${payoutRanks.indexOf(body.payoutStatus) + 1}`;
    return { feed: "payouts", externalId: body.payoutId, version, body };
  });
  const times = payouts.map((payout) => utc(payout.payoutDate));
  return { kind: "page", documents, seen: { limit: settings.pageSize, got: payouts.length, total, times, open: [] } };
}

/** Nothing happens any more to what is paid out, done or given up. */
const settled = new Set(["PAYOUT", "COMPLETED", "FAILED"]);
/** So long a refund waits for the order that it is of; then it is taken as money without goods. */
const waitsMs = 7 * 86_400_000;

async function transactionsPage(settings: Settings, connection: Connection, walk: Walk): Promise<Got> {
  const url = `${settings.urls.apiz}/sell/finances/v1/transaction`;
  const answer = await ask(connection, url, listQuery(settings, walk, "transactionDate"), "signed");
  if ("kind" in answer) return answer;
  const { total, transactions = [] } = listed(Transactions, answer, "transactions");
  const refunded = transactions.flatMap((one) => (isRefundOfOrder(one) ? [one.orderId] : []));
  const orders = await refundedOrders(settings, connection, [...new Set(refunded)]);
  if ("kind" in orders) return orders;
  const open: string[] = [];
  const documents = transactions.flatMap((transaction): readonly RawDocument[] => {
    const at = utc(transaction.transactionDate);
    if (!settled.has(transaction.transactionStatus ?? "")) open.push(at);
    if (!isRefundOfOrder(transaction)) return [documentOf(transaction, null)];
    const order = orders.get(transaction.orderId) ?? null;
    const isReadable = orders.has(transaction.orderId);
    // An order can be unreadable for a while. Its refund is not given before it, or it would be one thing now and another later.
    if (!isReadable && connection.clock() - Date.parse(at) < waitsMs) {
      open.push(at);
      return [];
    }
    return [documentOf(transaction, order)];
  });
  const times = transactions.map((transaction) => utc(transaction.transactionDate));
  const seen = { limit: settings.pageSize, got: transactions.length, total, times, open };
  return { kind: "page", documents, seen };
}

function isRefundOfOrder(transaction: Transaction): transaction is Transaction & Readonly<{ orderId: string }> {
  return transaction.transactionType === "REFUND" && transaction.orderId !== undefined;
}

/**
 * A transaction has no number that is its alone: eBay's ids are known together with the type, and a charge and its way back share one.
 * A row that was paid out follows the same row while it waited.
 */
function documentOf(transaction: Transaction, order: unknown): RawDocument {
  const { transactionType, transactionId, bookingEntry = "", feeType } = transaction;
  const name = [transactionType, transactionId, bookingEntry, ...(feeType === undefined ? [] : [feeType])];
  const rank = settled.has(transaction.transactionStatus ?? "") ? 2 : 1;
  const version = `${utc(transaction.transactionDate)}/${rank}`;
  return { feed: "balance", externalId: name.join("/"), version, body: { transaction, order } };
}

const mostOrders = 50;
const Sold = z.looseObject({
  orderId: Id,
  creationDate: Time,
  lineItems: z.array(z.looseObject({})),
});

/**
 * The orders that refunds are of, with what says which goods came back and nothing of the buyer; null for one that was sold before the
 * seller's day, whose goods the books do not know.
 */
async function refundedOrders(
  settings: Settings,
  connection: Connection,
  ids: readonly string[],
): Promise<ReadonlyMap<string, unknown> | Unanswered> {
  const found = new Map<string, unknown>();
  for (let from = 0; from < ids.length; from += mostOrders) {
    const query = { orderIds: ids.slice(from, from + mostOrders).join(","), fieldGroups: "TAX_BREAKDOWN" };
    const answer = await ask(connection, `${settings.urls.api}/sell/fulfillment/v1/order`, query, "unsigned");
    if ("kind" in answer) return answer;
    const { orders } = shaped(z.object({ orders: z.array(Sold) }), answer, "orders");
    for (const order of orders) {
      if (!isOurs(order, connection.since)) {
        found.set(order.orderId, null);
        continue;
      }
      found.set(order.orderId, {
        ...picked(order, ["orderId", "orderFulfillmentStatus", "cancelStatus", "pricingSummary"]),
        lineItems: order.lineItems.map((line) =>
          picked(line, [
            "lineItemId",
            "quantity",
            "lineItemCost",
            "discountedLineItemCost",
            "deliveryCost",
            "taxes",
            "ebayCollectAndRemitTaxes",
            "ebayCollectedCharges",
          ]),
        ),
      });
    }
  }
  return found;
}

function picked(from: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.flatMap((name) => (Object.hasOwn(from, name) ? [[name, from[name]]] : [])));
}

function listQuery(settings: Settings, walk: Walk, by: string): Record<string, string> {
  return {
    filter: `${by}:[${walk.from}..${walk.to}]`,
    limit: String(settings.pageSize),
    offset: String(walk.offset),
  };
}

/** For a limit that comes without a time to wait: eBay counts by the day, and in short spells beside. */
const patienceMs = 300_000;

const Errors = z.object({ errors: z.array(z.object({ errorId: z.int() })) });
/** "Start and end dates can't be in the future", and what Finances says of a date that it cannot take. */
const datesRefused = [30850, 135008];

/** Asks; without an answer where eBay does not take the token or the time. */
async function ask(
  connection: Connection,
  address: string,
  query: Readonly<Record<string, string>>,
  how: "signed" | "unsigned",
): Promise<Answer | Unanswered> {
  const { accessToken, bucket, signal, clock, key } = connection;
  const url = new URL(address);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  await bucket.take(signal);
  const signature =
    how === "signed"
      ? signatureHeaders(key, { method: "GET", url: url.href, createdAtSeconds: Math.floor(clock() / 1000) })
      : {};
  try {
    const answer = await request(url.href, {
      signal,
      headers: { authorization: `Bearer ${accessToken}`, ...signature },
      accept: [400, 401],
      clock,
    });
    if (answer.status === 401) return { kind: "unauthorized" };
    return answer.status === 400 ? refusedAt(answer, clock()) : answer;
  } catch (error) {
    if (error instanceof ChannelError && error.failure === "throttled" && error.retryAfterMs === null)
      throw new ChannelError("throttled", error.message, patienceMs);
    throw error;
  }
}

/** A 400: our clock is ahead, or the request is wrong. eBay's clock is what its answer is dated with. */
function refusedAt(answer: Answer, nowMs: number): Unanswered {
  const errors = Errors.safeParse(jsonOf(answer));
  const ids = errors.success ? errors.data.errors.map(({ errorId }) => errorId) : [];
  const theirs = Date.parse(answer.headers.get("date") ?? "");
  if (ids.some((id) => datesRefused.includes(id)) && theirs < nowMs) return { kind: "ahead", nowMs: theirs };
  throw new ChannelError("refused", `eBay refuses a request of ours (${ids.join(", ") || "no reason given"})`);
}

/** Finances answers 204 without a body where a list is empty. */
function listed<T extends Readonly<{ total: number }>>(shape: z.ZodType<T>, answer: Answer, what: string): T {
  return answer.status === 204 ? shape.parse({ total: 0 }) : shaped(shape, answer, what);
}

function shaped<T>(shape: z.ZodType<T>, answer: Answer, what: string): T {
  const parsed = shape.safeParse(jsonOf(answer));
  if (!parsed.success) throw new ChannelError("unreadable", `eBay's page of ${what} has another shape`);
  return parsed.data;
}

/** One form for all times, so that they can be compared as text. */
function utc(time: string): string {
  return new Date(time).toISOString();
}
