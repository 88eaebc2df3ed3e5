/**
 * What is asked for, in which order. Orders, refunds and payouts are followed by time, with an overlap: Square says that what is new may
 * take seconds to appear, and orders of a till without a connection up to three days. A cursor that became too old begins its pass again.
 */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import type { Feed, Page, RawDocument } from "../connector";
import {
  type Connection,
  catalog,
  type Entry,
  locationsOf,
  ordersById,
  type Paged,
  paymentById,
  payoutEntries,
  payouts,
  refundById,
  refunds,
  searchOrders,
} from "./api";

const day = 86_400_000;
/** Payouts and refunds change their state for some days after they were made. */
const overlaps: Readonly<Partial<Record<Feed, number>>> = {
  orders: 3 * day,
  refunds: 3 * day,
  payouts: 14 * day,
  balance: 3 * day,
};

/** `places`: groups of places that are asked for one after the other; `from` and `seen` are times; `page` is Square's own cursor. */
const Cursor = z.strictObject({
  by: z.enum(["created_at", "updated_at"]),
  from: z.string().nullable(),
  seen: z.string().nullable(),
  began: z.string().nullable(),
  places: z.array(z.array(z.string())).nullable(),
  page: z.string().nullable(),
  /** Of the balance: the payout whose entries are read, the page after it, and the cursor within its entries. */
  payout: z.strictObject({ id: z.string(), at: z.string(), after: z.string().nullable() }).nullable(),
  entries: z.string().nullable(),
});
type Cursor = z.infer<typeof Cursor>;
type Got = Readonly<{
  documents: readonly RawDocument[];
  page: string | null;
  times: readonly string[];
  payout?: Cursor["payout"];
  entries?: string | null;
}>;

function passOf(from: string | null, by: Cursor["by"] = "created_at", seen: string | null = null): Cursor {
  return { by, from, seen, began: null, places: null, page: null, payout: null, entries: null };
}

/** One page of a feed; `since` is the instant that the seller begins with. */
export async function pullFeed(
  connection: Connection,
  feed: Feed,
  since: string | null,
  cursor: string | null,
): Promise<Page> {
  if (feed === "products") return pullCatalog(connection, cursor);
  const begun = cursor === null ? passOf(since) : Cursor.parse(JSON.parse(cursor));
  const at: Cursor = {
    ...begun,
    began: begun.began ?? new Date(connection.clock()).toISOString(),
    places: begun.places ?? placesFor(feed, await locationsOf(connection)),
  };
  const got = await pageOf(connection, feed, at);
  if (got === "cursor expired") {
    if (at.page === null && at.entries === null)
      throw new ChannelError("refused", "Square finds a cursor too old that we did not send");
    return { documents: [], next: JSON.stringify(passOf(at.from, at.by)), watermark: null };
  }
  const began = at.began ?? "";
  const seen = [at.seen, ...got.times]
    .map((time) => (time === null ? null : instant(time)))
    .reduce<string | null>((most, time) => (time !== null && (most === null || time > most) ? time : most), null);
  const following: Cursor = { ...at, seen, page: got.page, payout: got.payout ?? null, entries: got.entries ?? null };
  const isPlaceDone = following.page === null && following.payout === null;
  const rest = isPlaceDone ? (at.places ?? []).slice(1) : (at.places ?? []);
  if (rest.length > 0)
    return { documents: got.documents, next: JSON.stringify({ ...following, places: rest }), watermark: null };
  const latest = seen === null ? null : seen < began ? seen : began;
  const watermark =
    latest === null
      ? passOf(at.from, at.by)
      : passOf(new Date(Date.parse(latest) - (overlaps[feed] ?? day)).toISOString(), "updated_at", latest);
  return { documents: got.documents, next: null, watermark: JSON.stringify(watermark) };
}

/** Orders are asked for at ten places at once, payouts at one, refunds at all. */
function placesFor(feed: Feed, all: readonly string[]): string[][] {
  if (feed === "refunds") return [["all"]];
  const size = feed === "orders" ? 10 : 1;
  const groups: string[][] = [];
  for (let start = 0; start < all.length; start += size) groups.push(all.slice(start, start + size));
  return groups;
}

async function pageOf(connection: Connection, feed: Feed, at: Cursor): Promise<Paged<Got>> {
  const [places = []] = at.places ?? [];
  const [place = ""] = places;
  if (places.length === 0) return { documents: [], page: null, times: [] };
  switch (feed) {
    case "orders": {
      const got = await searchOrders(connection, { places, by: at.by, from: at.from, cursor: at.page });
      if (got === "cursor expired") return got;
      // A draft, a ticket that nobody paid yet, and an order that has only returns are no sale.
      const sold = got.orders.filter((each) => (each.line_items ?? []).length > 0 && (each.tenders ?? []).length > 0);
      return {
        documents: sold.map((body) => documentOf(feed, body.id, versionOf(body.updated_at, body.version), body)),
        page: got.cursor ?? null,
        times: got.orders.map((each) => each.updated_at),
      };
    }
    case "refunds": {
      const got = await refunds(connection, at.from, at.page);
      if (got === "cursor expired") return got;
      const orders = await ordersById(connection, idsOf(got.refunds.map((each) => each.order_id)));
      return {
        documents: got.refunds.map((refund) =>
          documentOf(feed, refund.id, versionOf(refund.updated_at), {
            refund,
            order: orders.get(refund.order_id ?? "") ?? null,
          }),
        ),
        page: got.cursor ?? null,
        times: got.refunds.map((each) => each.updated_at),
      };
    }
    case "payouts": {
      const got = await payouts(connection, place, { from: at.from, cursor: at.page, limit: 100 });
      if (got === "cursor expired") return got;
      return {
        documents: got.payouts.map((body) => documentOf(feed, body.id, versionOf(body.updated_at), body)),
        page: got.cursor ?? null,
        times: got.payouts.map((each) => each.created_at),
      };
    }
    case "balance":
      return entriesPage(connection, place, at);
    default:
      throw new ChannelError("refused", `Square has no feed “${feed}”`);
  }
}

/** Entries belong to payouts: one payout after the other, a page of its entries at a time. */
async function entriesPage(connection: Connection, place: string, at: Cursor): Promise<Paged<Got>> {
  let payout = at.payout;
  if (payout === null) {
    const got = await payouts(connection, place, { from: at.from, cursor: at.page, limit: 1 });
    if (got === "cursor expired") return got;
    const [first] = got.payouts;
    if (first === undefined) return { documents: [], page: null, times: [] };
    payout = { id: first.id, at: first.created_at, after: got.cursor ?? null };
  }
  const got = await payoutEntries(connection, payout.id, at.entries);
  if (got === "cursor expired") return got;
  const documents = await entryDocuments(connection, got.payout_entries, payout.at);
  return got.cursor === undefined
    ? { documents, page: payout.after, times: [payout.at] }
    : { documents, page: at.page, times: [], payout, entries: got.cursor };
}

/** What is stored of an entry: the entry, with the order that was paid or the refund that was made, which it only points at. */
async function entryDocuments(
  connection: Connection,
  entries: readonly Entry[],
  paidOutAt: string,
): Promise<readonly RawDocument[]> {
  const orderOfPayment = new Map<string, string>();
  const madeRefunds = new Map<string, Awaited<ReturnType<typeof refundById>>>();
  for (const entry of entries) {
    const payment = entry.type === "CHARGE" ? entry.type_charge_details?.payment_id : null;
    if (payment !== null && payment !== undefined) {
      const { order_id } = await paymentById(connection, payment);
      if (order_id !== null && order_id !== undefined) orderOfPayment.set(payment, order_id);
    }
    const refund = entry.type === "REFUND" ? entry.type_refund_details?.refund_id : null;
    if (refund !== null && refund !== undefined) madeRefunds.set(refund, await refundById(connection, refund));
  }
  const refundOrders = [...madeRefunds.values()].map((refund) => refund.order_id);
  const orders = await ordersById(connection, idsOf([...orderOfPayment.values(), ...refundOrders]));
  return entries.map((entry) => {
    const payment = entry.type_charge_details?.payment_id ?? "";
    const order = orders.get(orderOfPayment.get(payment) ?? "");
    const refund = madeRefunds.get(entry.type_refund_details?.refund_id ?? "");
    return documentOf("balance", entry.id, "1", {
      entry,
      paid_out_at: paidOutAt,
      charge: order === undefined ? null : { payment_id: payment, order },
      refund: refund === undefined ? null : { refund, order: orders.get(refund.order_id ?? "") ?? null },
    });
  });
}

async function pullCatalog(connection: Connection, cursor: string | null): Promise<Page> {
  const at = cursor === null ? null : z.strictObject({ page: z.string().nullable() }).parse(JSON.parse(cursor)).page;
  const begin = JSON.stringify({ page: null });
  const got = await catalog(connection, at);
  if (got === "cursor expired") {
    if (at === null) throw new ChannelError("refused", "Square finds a cursor too old that we did not send");
    return { documents: [], next: begin, watermark: null };
  }
  return {
    documents: got.objects.map((body) =>
      documentOf("products", body.id, versionOf(body.updated_at ?? "1970-01-01T00:00:00Z", body.version), body),
    ),
    next: got.cursor === undefined ? null : JSON.stringify({ page: got.cursor }),
    // The catalogue is sorted by nothing: each sync reads all of it.
    watermark: begin,
  };
}

function documentOf(feed: Feed, externalId: string, version: string, body: unknown): RawDocument {
  return { feed, externalId, version, body };
}

/** One form, so that versions can be compared as text. */
function versionOf(time: string, version = 0): string {
  return `${instant(time)}-${String(version).padStart(16, "0")}`;
}

const instant = (time: string): string => new Date(time).toISOString();

function idsOf(ids: readonly (string | null | undefined)[]): readonly string[] {
  return [...new Set(ids.filter((id) => id !== null && id !== undefined))];
}
