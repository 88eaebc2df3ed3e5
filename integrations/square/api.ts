/** Square's API: HTTP only. What it says is stored as it is and understood in read.ts. */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import { type Answer, type Bucket, jsonOf, request, retryAfterOf } from "../http";

export type Settings = Readonly<{
  url: string;
  applicationId: string;
  applicationSecret: string;
  /** The signature key of the webhook subscription, and the address that it was made for; null where there is none. */
  webhookKey: string | null;
  webhookUrl: string | null;
  perSecond: number;
}>;

/**
 * From the environment: SQUARE_APPLICATION_ID, SQUARE_APPLICATION_SECRET, SQUARE_WEBHOOK_KEY, SQUARE_WEBHOOK_URL,
 * SQUARE_CALLS_PER_SECOND (8 where it says no whole number) and SQUARE_API_URL for a server that stands in.
 */
export function settingsOf(environment: Readonly<Record<string, string | undefined>>): Settings {
  const of = (name: string) => environment[name]?.trim() || null;
  const rate = of("SQUARE_CALLS_PER_SECOND") ?? "";
  return {
    url: (of("SQUARE_API_URL") ?? "https://connect.squareup.com").replace(/\/+$/, ""),
    applicationId: of("SQUARE_APPLICATION_ID") ?? "",
    applicationSecret: of("SQUARE_APPLICATION_SECRET") ?? "",
    webhookKey: of("SQUARE_WEBHOOK_KEY"),
    webhookUrl: of("SQUARE_WEBHOOK_URL"),
    perSecond: /^[1-9]\d{0,3}$/.test(rate) ? Number(rate) : 8,
  };
}

/** The version of the API whose description this connector is checked against. */
const apiVersion = "2025-08-20";

export type Connection = Readonly<{
  settings: Settings;
  bucket: Bucket;
  signal: AbortSignal;
  clock: () => number;
  /** A call with the tokens that are good now; when Square refuses them, once more with new ones. */
  withToken: <Result>(ask: (accessToken: string) => Promise<Result | "unauthorized">) => Promise<Result>;
}>;
export type Parameters = Readonly<Record<string, string | number | null>>;
/** Square keeps a cursor for some minutes only. */
export type Paged<Shape> = Shape | "cursor expired";

const Errors = z.object({ errors: z.array(z.object({ code: z.string() })) });

type Ask = Readonly<{ path: string; parameters?: Parameters; body?: unknown }>;

async function ask<Shape>(connection: Connection, what: Ask, shape: z.ZodType<Shape>): Promise<Paged<Shape>> {
  const { settings, bucket, signal, clock } = connection;
  const url = new URL(`${settings.url}/v2/${what.path}`);
  for (const [name, value] of Object.entries(what.parameters ?? {}))
    if (value !== null) url.searchParams.set(name, String(value));
  const got = await connection.withToken(async (accessToken) => {
    await bucket.take(signal);
    const answer = await request(url.href, {
      signal,
      headers: {
        authorization: `Bearer ${accessToken}`,
        "square-version": apiVersion,
        ...(what.body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(what.body === undefined ? {} : { method: "POST", body: JSON.stringify(what.body) }),
      accept: [400, 401, 429],
      clock,
    });
    return answer.status === 401 ? ("unauthorized" as const) : answer;
  });
  if (got.status === 429)
    throw new ChannelError(
      "throttled",
      "Square's limit of calls is reached",
      retryAfterOf(got.headers, clock) ?? 2_000,
    );
  if (got.status === 400) return refusal(got, what.path);
  const parsed = shape.safeParse(jsonOf(got));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ChannelError(
      "unreadable",
      `Square's answer to ${what.path} is not as described: ${issue?.path.join(".")}`,
    );
  }
  return parsed.data;
}

function refusal(answer: Answer, path: string): "cursor expired" {
  const errors = Errors.safeParse(jsonOf(answer));
  const codes = errors.success ? errors.data.errors.map(({ code }) => code) : [];
  if (codes.includes("INVALID_CURSOR")) return "cursor expired";
  throw new ChannelError("refused", `Square refused ${path}: ${codes.join(", ") || "it does not say why"}`);
}

/** For calls that have no cursor. */
function sure<Shape>(got: Paged<Shape>): Shape {
  if (got === "cursor expired") throw new ChannelError("refused", "Square finds a cursor too old that we did not send");
  return got;
}

const Id = z.string().min(1).max(192);
const Time = z.iso.datetime({ offset: true });
const next = { cursor: z.string().optional() };
const Catalog = z.object({
  objects: z.array(z.looseObject({ id: Id, updated_at: Time.optional(), version: z.int().optional() })).default([]),
  ...next,
});
const Order = z.looseObject({
  id: Id,
  created_at: Time,
  updated_at: Time,
  version: z.int().optional(),
  line_items: z.array(z.looseObject({})).nullish(),
  tenders: z.array(z.looseObject({})).optional(),
});
const Orders = z.object({ orders: z.array(Order).default([]), ...next });
const Refund = z.looseObject({ id: Id, order_id: Id.nullish(), created_at: Time, updated_at: Time });
const Refunds = z.object({ refunds: z.array(Refund).default([]), ...next });
const Payout = z.looseObject({ id: Id, created_at: Time, updated_at: Time });
const Payouts = z.object({ payouts: z.array(Payout).default([]), ...next });
const Entry = z.looseObject({
  id: Id,
  payout_id: Id,
  type: z.string().nullish(),
  type_charge_details: z.object({ payment_id: Id.nullish() }).nullish(),
  type_refund_details: z.object({ refund_id: Id.nullish() }).nullish(),
});
export type Entry = z.infer<typeof Entry>;
const Entries = z.object({ payout_entries: z.array(Entry).default([]), ...next });
const Payment = z.looseObject({ id: Id, order_id: Id.nullish() });
const Locations = z.object({ locations: z.array(z.object({ id: Id })).default([]) });
const Merchant = z.object({ merchant: z.object({ id: Id, business_name: z.string().nullish() }) });

export async function locationsOf(connection: Connection): Promise<readonly string[]> {
  return sure(await ask(connection, { path: "locations" }, Locations)).locations.map(({ id }) => id);
}

export async function merchantById(
  connection: Connection,
  id: string,
): Promise<Readonly<{ id: string; name: string }>> {
  const { merchant } = sure(await ask(connection, { path: `merchants/${id}` }, Merchant));
  return { id: merchant.id, name: merchant.business_name ?? merchant.id };
}

/** What there is to sell; Square sorts it by nothing. */
export const catalog = (connection: Connection, cursor: string | null) =>
  ask(connection, { path: "catalog/list", parameters: { types: "ITEM", cursor } }, Catalog);

/** Orders of at most ten places, by a time between two others, both included. */
export const searchOrders = (
  connection: Connection,
  search: Readonly<{
    places: readonly string[];
    by: "created_at" | "updated_at";
    from: string | null;
    cursor: string | null;
  }>,
) =>
  ask(
    connection,
    {
      path: "orders/search",
      body: {
        location_ids: search.places,
        limit: 100,
        ...(search.cursor === null ? {} : { cursor: search.cursor }),
        query: {
          ...(search.from === null ? {} : { filter: { date_time_filter: { [search.by]: { start_at: search.from } } } }),
          sort:
            search.by === "created_at"
              ? { sort_field: "CREATED_AT", sort_order: "DESC" }
              : { sort_field: "UPDATED_AT", sort_order: "ASC" },
        },
      },
    },
    Orders,
  );

export async function ordersById(
  connection: Connection,
  ids: readonly string[],
): Promise<ReadonlyMap<string, z.infer<typeof Order>>> {
  const found = new Map<string, z.infer<typeof Order>>();
  for (let start = 0; start < ids.length; start += 100) {
    const body = { order_ids: ids.slice(start, start + 100) };
    for (const order of sure(await ask(connection, { path: "orders/batch-retrieve", body }, Orders)).orders)
      found.set(order.id, order);
  }
  return found;
}

/** Refunds of all places, by change. */
export const refunds = (connection: Connection, from: string | null, cursor: string | null) =>
  ask(
    connection,
    {
      path: "refunds",
      parameters: {
        // What is left out begins a year ago, which is not all.
        begin_time: beginning,
        ...(from === null ? {} : { updated_at_begin_time: from }),
        sort_field: "UPDATED_AT",
        sort_order: "ASC",
        limit: 100,
        cursor,
      },
    },
    Refunds,
  );

/** Payouts of one place, by when they were made, oldest first. */
export const payouts = (
  connection: Connection,
  place: string,
  page: Readonly<{ from: string | null; cursor: string | null; limit: number }>,
) =>
  ask(
    connection,
    {
      path: "payouts",
      parameters: {
        location_id: place,
        begin_time: page.from ?? beginning,
        sort_order: "ASC",
        limit: page.limit,
        cursor: page.cursor,
      },
    },
    Payouts,
  );

export const payoutEntries = (connection: Connection, payout: string, cursor: string | null) =>
  ask(
    connection,
    { path: `payouts/${payout}/payout-entries`, parameters: { sort_order: "ASC", limit: 100, cursor } },
    Entries,
  );

export const paymentById = async (connection: Connection, id: string) =>
  sure(await ask(connection, { path: `payments/${id}` }, z.object({ payment: Payment }))).payment;

export const refundById = async (connection: Connection, id: string) =>
  sure(await ask(connection, { path: `refunds/${id}` }, z.object({ refund: Refund }))).refund;

/** Before Square. */
const beginning = "2009-01-01T00:00:00Z";
