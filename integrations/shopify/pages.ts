/**
 * Where a sync is and what the next page is asked with. The first pass of a feed goes from the newest back, so that a screen is useful
 * at once; every later one goes forward through what changed, beginning a day before what was seen last. Rows of the balance, payouts
 * and disputes change without saying when, so a later pass begins where something was still open.
 */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import type { Feed, Page, RawDocument } from "../connector";
import { BulkPlace, type BulkRead } from "./bulk";
import { queries } from "./queries";
import { balanceVersion, disputeVersion, payoutVersion, tailOf } from "./shapes";
import { type Send, wholeOrder, wholeProduct } from "./whole";

const Time = z.iso.datetime();
export const Cursor = z.strictObject({
  pass: z.enum(["first", "changes"]),
  /** Nothing older is asked for. */
  since: Time.nullable(),
  /** Shopify's cursor within the pass. */
  after: z.string().nullable(),
  /** The latest change seen so far. */
  seen: Time.nullable(),
  /** The oldest thing seen in this pass that is not finished. */
  open: Time.nullable(),
  /** By our clock: what changed after this was not seen by a pass that goes back in time. */
  startedAt: Time,
  /** How many are asked for at once; less where a query turned out too dear. */
  size: z.int().min(1).max(250),
  /** How many of the pass follow, where that is known. */
  left: z.int().min(0).optional(),
  /** The orders of the page before a bulk operation, which are in its file again. */
  had: z.array(z.string()).max(250).optional(),
  /** Where the history is that comes by a bulk operation; left out where it comes by pages. */
  bulk: BulkPlace.optional(),
});
export type Cursor = z.infer<typeof Cursor>;

const dayMs = 86_400_000;

type Source = Readonly<{
  query: string;
  /** What the filter is called that begins a pass, first and later. */
  since: Readonly<{ first: string; changes: string }>;
  sort: Readonly<{ first: string; changes: string }> | null;
  size: number;
  connection: (data: unknown) => unknown;
  /** The instant by which the first pass goes back. */
  happenedAt: (node: Readonly<Record<string, unknown>>) => unknown;
  /** The instant by which later passes go. */
  changedAt: (node: Readonly<Record<string, unknown>>) => unknown;
  /** How far before what was seen last a later pass begins, in milliseconds. */
  overlap: number;
  /** For how long something that is not finished is looked at again, in milliseconds; 0 where all says when it changes. */
  openFor: number;
  isOpen: (node: Readonly<Record<string, unknown>>) => boolean;
  whole: (node: unknown, send: Send, isFull?: boolean) => Promise<unknown>;
  version: (node: Readonly<Record<string, unknown>>) => string | null;
}>;

const asItIs = (node: unknown): Promise<unknown> => Promise.resolve(node);
const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;
/** A shop without Shopify Payments has no such account; that is null, and no page at all. */
const ofPayments = (name: string) => (data: unknown) => {
  const account = fieldOf(data, "shopifyPaymentsAccount");
  return account === null ? null : fieldOf(account, name);
};

const sources: Partial<Record<Feed, Source>> = {
  products: {
    query: queries.products,
    since: { first: "updated_at", changes: "updated_at" },
    sort: { first: "UPDATED_AT", changes: "UPDATED_AT" },
    size: 40,
    connection: (data) => fieldOf(data, "products"),
    happenedAt: () => null,
    changedAt: (node) => node.updatedAt,
    overlap: dayMs,
    openFor: 0,
    isOpen: () => false,
    whole: wholeProduct,
    version: () => null,
  },
  orders: {
    query: queries.orders,
    since: { first: "processed_at", changes: "updated_at" },
    sort: { first: "PROCESSED_AT", changes: "UPDATED_AT" },
    size: 10,
    connection: (data) => fieldOf(data, "orders"),
    happenedAt: (node) => node.processedAt,
    changedAt: (node) => node.updatedAt,
    overlap: dayMs,
    openFor: 0,
    isOpen: () => false,
    whole: wholeOrder,
    version: () => null,
  },
  payouts: {
    query: queries.payouts,
    since: { first: "issued_at", changes: "issued_at" },
    sort: { first: "ISSUED_AT", changes: "ISSUED_AT" },
    size: 100,
    connection: ofPayments("payouts"),
    happenedAt: (node) => node.issuedAt,
    changedAt: (node) => node.issuedAt,
    // A bank may send a payout back days after it was paid, so none is believed to be finished sooner.
    overlap: 14 * dayMs,
    openFor: 14 * dayMs,
    isOpen: () => false,
    whole: asItIs,
    version: (node) => payoutVersion(node.status),
  },
  balance: {
    query: queries.balance,
    since: { first: "processed_at", changes: "processed_at" },
    sort: { first: "PROCESSED_AT", changes: "PROCESSED_AT" },
    size: 100,
    connection: ofPayments("balanceTransactions"),
    happenedAt: (node) => node.transactionDate,
    changedAt: (node) => node.transactionDate,
    overlap: dayMs,
    openFor: 60 * dayMs,
    isOpen: (node) => !/^(PAID|FAILED)$/.test(String(fieldOf(node.associatedPayout, "status"))),
    whole: asItIs,
    version: (node) => balanceVersion(fieldOf(node.associatedPayout, "status")),
  },
  disputes: {
    query: queries.disputes,
    since: { first: "initiated_at", changes: "initiated_at" },
    sort: null,
    size: 50,
    connection: ofPayments("disputes"),
    happenedAt: (node) => node.initiatedAt,
    changedAt: (node) => node.initiatedAt,
    overlap: dayMs,
    openFor: 180 * dayMs,
    isOpen: (node) => node.finalizedOn === null,
    whole: asItIs,
    version: (node) => disputeVersion(node.status),
  },
};

function sourceOf(feed: Feed): Source {
  const source = sources[feed];
  if (source === undefined) throw new ChannelError("refused", `Shopify has no feed “${feed}”`);
  return source;
}

/** Where to begin: a cursor or watermark of ours, or the first pass from the day that the seller chose. */
export function cursorOf(feed: Feed, text: string | null, since: string | null, now: number): Cursor {
  const startedAt = new Date(now).toISOString();
  if (text !== null) {
    const cursor = Cursor.parse(JSON.parse(text));
    return cursor.after === null && cursor.bulk === undefined ? { ...cursor, startedAt } : cursor;
  }
  // What was listed before the books begin is still sold: products are all wanted.
  const from = since === null || feed === "products" ? null : new Date(Date.parse(since)).toISOString();
  return { pass: "first", since: from, after: null, seen: null, open: null, startedAt, size: sourceOf(feed).size };
}

/** What leaves out of a feed what a pass does not go through; null: nothing. */
export function filterOf(feed: Feed, at: Cursor): string | null {
  return at.since === null ? null : `${sourceOf(feed).since[at.pass]}:>='${at.since}'`;
}

/** The query and variables of a page. */
export function requestOf(feed: Feed, at: Cursor): Readonly<{ query: string; variables: Record<string, unknown> }> {
  const source = sourceOf(feed);
  return {
    query: source.query,
    variables: {
      first: at.size,
      after: at.after,
      filter: filterOf(feed, at),
      ...(source.sort === null
        ? {}
        : { sortKey: source.sort[at.pass], reverse: at.pass === "first" && feed !== "products" }),
    },
  };
}

const Listing = z.object({
  nodes: z.array(z.looseObject({ id: z.string().min(1).max(200) })),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().min(1).nullish() }),
});
const Changed = z.iso.datetime({ offset: true });

/** A page's data as documents, with the cursor that follows. `send` asks for what the page had no room for. */
export async function pageOf(feed: Feed, at: Cursor, data: unknown, send: Send): Promise<Page> {
  const source = sourceOf(feed);
  const connection = source.connection(data);
  if (connection === null) return { documents: [], next: null, watermark: null };
  const listing = Listing.safeParse(connection);
  if (!listing.success) throw new ChannelError("unreadable", `Shopify's page of ${feed} has another shape`);
  const { documents, ...counted } = await documentsOf(feed, at, listing.data.nodes, send);
  const now = leftAfter(counted, documents.length);
  const { hasNextPage, endCursor } = listing.data.pageInfo;
  if (hasNextPage && typeof endCursor !== "string")
    throw new ChannelError("unreadable", `Shopify says that there are more ${feed} and not where`);
  const goesForward = at.pass === "changes" || feed === "products";
  const last = Changed.safeParse(source.happenedAt(listing.data.nodes.at(-1) ?? {}));
  return {
    documents,
    ...(now.left === undefined ? {} : { left: now.left }),
    ...(last.success && at.pass === "first" ? { reached: new Date(last.data).toISOString() } : {}),
    next: hasNextPage && typeof endCursor === "string" ? JSON.stringify({ ...now, after: endCursor }) : null,
    // A pass that goes back has seen nothing for sure before its end; one that goes forward has all up to where it is.
    watermark: hasNextPage && !(goesForward && source.openFor === 0) ? null : watermarkOf(source, now),
  };
}

/** How many documents' further parts are asked for side by side. */
const atOnce = 6;

type Nodes = z.infer<typeof Listing>["nodes"];

/** Documents of what a page lists, and the cursor with what was seen among them. `isFull`: nothing is left to be asked for but refunds. */
async function documentsOf(
  feed: Feed,
  at: Cursor,
  nodes: Nodes,
  send: Send,
  isFull = false,
): Promise<Cursor & Readonly<{ documents: readonly RawDocument[] }>> {
  const source = sourceOf(feed);
  const documents: RawDocument[] = [];
  let { seen, open } = at;
  for (let from = 0; from < nodes.length; from += atOnce) {
    const part = nodes.slice(from, from + atOnce);
    const bodies = await Promise.all(part.map((node) => source.whole(node, send, isFull)));
    for (const [index, node] of part.entries()) {
      const told = Changed.safeParse(source.changedAt(node));
      if (!told.success) throw new ChannelError("unreadable", `Shopify's ${feed} ${node.id} says no time`);
      // One form, so that times can be compared as text.
      const changed = new Date(told.data).toISOString();
      const body = bodies[index];
      documents.push({ feed, externalId: tailOf(node.id), version: source.version(node) ?? changed, body });
      if (seen === null || changed > seen) seen = changed;
      if (source.isOpen(node) && (open === null || changed < open)) open = changed;
    }
  }
  return { ...at, seen, open, documents };
}

/** What a bulk operation gave, as a page. Where it does not go on, plain pages do, after those that came before it. */
export async function bulkPageOf(feed: Feed, at: Cursor, { nodes, next, left }: BulkRead, send: Send): Promise<Page> {
  const listed = Listing.shape.nodes.safeParse(nodes);
  if (!listed.success) throw new ChannelError("unreadable", `Shopify's file of ${feed} has another shape`);
  const had = new Set(at.had);
  const fresh = listed.data.filter(({ id }) => !had.has(id));
  const { documents, bulk: _, ...now } = await documentsOf(feed, at, fresh, send, true);
  if (next === null) return { documents, next: null, watermark: watermarkOf(sourceOf(feed), now) };
  const known = left ?? at.left;
  const told = known === undefined ? {} : { left: known };
  // Plain pages do not count on from what a file gave: they begin after the page that was before it.
  const { left: __, had: ___, ...plain } = now;
  const cursor: Cursor = next === "pages" ? plain : { ...now, ...told, bulk: next };
  return { documents, next: JSON.stringify(cursor), watermark: null, ...(next === "pages" ? {} : told) };
}

/** A count that was taken once, so much further on. */
function leftAfter(at: Cursor, came: number): Cursor {
  return at.left === undefined ? at : { ...at, left: Math.max(0, at.left - came) };
}

function watermarkOf(source: Source, at: Cursor): string | null {
  if (at.seen === null) return null;
  // What changed while a pass went back in time may have been read before it did.
  const seen = at.pass === "first" && at.startedAt < at.seen ? at.startedAt : at.seen;
  const from = Date.parse(seen) - source.overlap;
  const oldest = Date.parse(at.seen) - source.openFor;
  const open = at.open === null ? from : Math.max(Date.parse(at.open), oldest);
  const since = new Date(Math.min(from, open)).toISOString();
  const begin: Cursor = {
    pass: "changes",
    since,
    after: null,
    seen,
    open: null,
    // Said anew when the pass begins, so that the watermark itself depends on nothing but what was seen.
    startedAt: seen,
    size: source.size,
  };
  return JSON.stringify(begin);
}
