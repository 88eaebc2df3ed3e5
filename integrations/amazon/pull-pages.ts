/** Pulling what Amazon gives page by page by its time of change: a pass of pages, and orders. */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import type { Account, Page, RawDocument } from "../connector";
import type { Call, Got } from "./api";
import type { Marketplace } from "./marketplaces";

/** What a pull works with. `call` has the tokens; it gives an answer or "bad input". */
export type Ask = Readonly<{
  account: Account;
  marketplace: Marketplace;
  since: string | null;
  signal: AbortSignal;
  nowMs: () => number;
  /** Whether an id is that of a marketplace that we know. */
  isMarketplace: (id: string) => boolean;
  call: (what: Call) => Promise<Exclude<Got, { kind: "unauthorized" }>>;
}>;

export const dayMs = 24 * 3_600_000;
/** What changed shortly before what was seen last may have become readable only after it. */
const overlapMs = dayMs;
/** Orders are asked for so far back where the seller names no beginning: Amazon keeps them for two years. */
const furthestMs = 730 * dayMs;

export const iso = (ms: number): string => new Date(ms).toISOString();
export const later = (a: string | null, b: string | null): string | null =>
  a === null || (b !== null && b > a) ? b : a;

/** Where a pass is: `from` is what it began with, `token` Amazon's place within it, `seen` the latest change so far. */
export const PassCursor = z.strictObject({
  from: z.iso.datetime().nullable(),
  token: z.string().nullable(),
  seen: z.iso.datetime().nullable(),
});
export type PassCursor = z.infer<typeof PassCursor>;

/** The body of an answer in its shape. Throws ChannelError `unreadable`, or `refused` where Amazon took the call for wrong. */
export function answered<T>(shape: z.ZodType<T>, got: Exclude<Got, { kind: "unauthorized" }>, what: string): T {
  if (got.kind === "bad input")
    throw new ChannelError("refused", `Amazon does not take our call for ${what} (${got.said})`);
  const parsed = shape.safeParse(got.body);
  if (!parsed.success) throw new ChannelError("unreadable", `Amazon's answer for ${what} has another shape`);
  return parsed.data;
}

export type Paged = Readonly<{ documents: readonly RawDocument[]; token: string | null }>;

/** One page of a pass. A page token that ended (they live a day, or half a minute) begins the pass again. */
export async function onePage(at: PassCursor, page: (at: PassCursor) => Promise<Paged | null>): Promise<Page> {
  const begun = { ...at, token: null };
  const got = (await page(at)) ?? (at.token === null ? null : await page(begun));
  if (got === null) throw new ChannelError("refused", "Amazon finds the first page of a pass too old");
  const seen = got.documents.reduce<string | null>((most, { version }) => later(most, version), at.seen);
  // Amazon promises no order of its pages, so only the end of a pass is safe to go on from.
  const from = seen === null ? at.from : iso(Date.parse(seen) - overlapMs);
  return {
    documents: got.documents,
    next: got.token === null ? null : JSON.stringify({ ...at, token: got.token, seen } satisfies PassCursor),
    watermark: got.token === null ? JSON.stringify({ from, token: null, seen } satisfies PassCursor) : null,
  };
}

/** Of who gets it, only where: names and streets that come along are left out before anything is stored. */
const Recipient = z
  .object({
    deliveryAddress: z.object({ countryCode: z.string().nullish(), stateOrRegion: z.string().nullish() }).nullish(),
  })
  .nullish()
  .catch(null);
const Orders = z.object({
  orders: z.array(
    z.looseObject({
      orderId: z.string().min(1).max(200),
      lastUpdatedTime: z.iso.datetime({ offset: true }),
      recipient: Recipient,
    }),
  ),
  pagination: z.object({ nextToken: z.string().min(1).nullish() }).nullish(),
});

const included = "PROCEEDS,PROMOTION,CANCELLATION,FULFILLMENT,TAX";

/**
 * Asks for orders with where they went to, in India alone: the tax follows from it there. State and country take no role of ours more than
 * orders do; should Amazon think otherwise, the orders come without them.
 */
async function withPlaces(marketplace: Marketplace, said: (data: string) => ReturnType<Ask["call"]>) {
  if (marketplace.code !== "in") return said(included);
  try {
    const got = await said(`${included},RECIPIENT`);
    if (got.kind !== "bad input") return got;
  } catch (error) {
    if (!(error instanceof ChannelError) || error.failure !== "disconnected") throw error;
  }
  return said(included);
}

/** Orders that changed, with what they came to. Buyers' names and streets are not kept. */
export function pullOrders(ask: Ask, cursor: string | null): Promise<Page> {
  const first: PassCursor = { from: ask.since ?? iso(ask.nowMs() - furthestMs), token: null, seen: null };
  return onePage(cursor === null ? first : PassCursor.parse(JSON.parse(cursor)), async (at) => {
    const got = await withPlaces(ask.marketplace, (includedData) =>
      ask.call({
        operation: "searchOrders",
        path: "/orders/2026-01-01/orders",
        query: {
          lastUpdatedAfter: at.from ?? iso(ask.nowMs() - furthestMs),
          marketplaceIds: ask.marketplace.id,
          includedData,
          maxResultsPerPage: "100",
          ...(at.token === null ? {} : { paginationToken: at.token }),
        },
      }),
    );
    if (got.kind === "bad input" && at.token !== null) return null;
    const { orders, pagination } = answered(Orders, got, "orders");
    const documents = orders.map(
      (body): RawDocument => ({
        feed: "orders",
        externalId: body.orderId,
        version: new Date(body.lastUpdatedTime).toISOString(),
        body,
      }),
    );
    return { documents, token: pagination?.nextToken ?? null };
  });
}
