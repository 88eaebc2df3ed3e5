/**
 * What is asked for, in which order, of listings and receipts. Receipts come newest first. Their pages go by time and not by offset: a
 * receipt that arrives or changes while pages are read moves none past us, and what stands on two pages is one document.
 */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import type { Page, RawDocument } from "../connector";
import { type Connection, listings, pageSize, receipts } from "./api";

/** What changed shortly before what was seen last may have become readable only after it. */
const overlap = 24 * 3_600;

/** States of a listing that may have been sold; a draft was not. */
const states = ["active", "sold_out", "inactive", "expired"] as const;
const ListingsCursor = z.strictObject({
  state: z
    .int()
    .min(0)
    .max(states.length - 1),
  offset: z.int().min(0),
});
const firstListings: z.infer<typeof ListingsCursor> = { state: 0, offset: 0 };

/** One page of listings. Etsy sorts none of them by change, so that every sync reads all: a page holds a hundred. */
export async function pullListings(connection: Connection, shop: string, cursor: string | null): Promise<Page> {
  const at = cursor === null ? firstListings : ListingsCursor.parse(JSON.parse(cursor));
  const page = await listings(connection, shop, { state: states[at.state] ?? null, offset: at.offset });
  const documents = page.results.map(
    (body): RawDocument => ({
      feed: "products",
      externalId: String(body.listing_id),
      version: versionOf(body.updated_timestamp),
      body,
    }),
  );
  const isLast = page.results.length < pageSize;
  const following = isLast ? { state: at.state + 1, offset: 0 } : { state: at.state, offset: at.offset + pageSize };
  return {
    documents,
    next: following.state < states.length ? JSON.stringify(following) : null,
    watermark: JSON.stringify(firstListings),
  };
}

/**
 * `by`: a first pass goes by creation from `from`, a later one by change. `before`: the second that the next page ends with, both
 * included; `skip`: how many of that second are known, where a page holds nothing else. `seen`: the latest change seen, no later than
 * the pass `began`.
 */
const ReceiptsCursor = z.strictObject({
  by: z.enum(["created", "updated"]),
  from: z.int().nullable(),
  before: z.int().nullable(),
  skip: z.int().min(0),
  seen: z.int().nullable(),
  began: z.int().nullable(),
});
type ReceiptsCursor = z.infer<typeof ReceiptsCursor>;

/** One page of paid receipts; `since` is the instant that the seller begins with. */
export async function pullReceipts(
  connection: Connection,
  shop: string,
  since: string | null,
  cursor: string | null,
): Promise<Page> {
  const now = Math.floor(connection.clock() / 1000);
  const begun: ReceiptsCursor =
    cursor === null
      ? passOf("created", since === null ? null : secondsOf(since))
      : ReceiptsCursor.parse(JSON.parse(cursor));
  const at = { ...begun, began: begun.began ?? now };
  const within =
    at.by === "created"
      ? { min_created: at.from, max_created: at.before }
      : { min_last_modified: at.from, max_last_modified: at.before };
  const page = await receipts(connection, shop, { sort_on: at.by, sort_order: "desc", ...within, offset: at.skip });
  const documents = page.results.map(
    (body): RawDocument => ({
      feed: "orders",
      externalId: String(body.receipt_id),
      version: versionOf(body.updated_timestamp),
      body,
    }),
  );
  const changes = page.results.map((each) => Math.min(each.updated_timestamp, at.began));
  const seen = [...changes, ...(at.seen === null ? [] : [at.seen])].reduce<number | null>(
    (most, time) => (most === null || time > most ? time : most),
    null,
  );
  const last = page.results.at(-1);
  // Etsy counts from where the page's time begins.
  const left = { left: Math.max(0, page.count - at.skip - page.results.length) };
  if (last === undefined || page.results.length < pageSize)
    return {
      documents,
      ...left,
      next: null,
      watermark: JSON.stringify(seen === null ? passOf("created", at.from) : passOf("updated", seen - overlap, seen)),
    };
  const oldest = at.by === "created" ? last.created_timestamp : last.updated_timestamp;
  if (at.before !== null && oldest > at.before)
    throw new ChannelError("unreadable", "Etsy gives receipts that are newer than what was asked for");
  const skip = oldest === at.before ? at.skip + pageSize : 0;
  // Newest first: what remains is older, so that only the whole pass is something to go on from.
  const reached = at.by === "created" ? { reached: new Date(oldest * 1000).toISOString() } : {};
  return {
    documents,
    next: JSON.stringify({ ...at, before: oldest, skip, seen }),
    watermark: null,
    ...left,
    ...reached,
  };
}

function passOf(by: ReceiptsCursor["by"], from: number | null, seen: number | null = null): ReceiptsCursor {
  return { by, from, before: null, skip: 0, seen, began: null };
}

export function secondsOf(instant: string): number {
  return Math.max(946_684_800, Math.floor(Date.parse(instant) / 1000));
}

/** Versions are compared as text. */
function versionOf(seconds: number): string {
  return String(seconds).padStart(12, "0");
}
