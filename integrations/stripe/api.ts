/** Stripe's API: HTTP only. What it says is stored as it is and understood in read.ts. */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import { type Bucket, jsonOf, request } from "../http";
import { Charge, OfCharge, Transaction } from "./shapes";

export type Settings = Readonly<{ url: string }>;

/** From the environment: STRIPE_API_URL, for a server that stands in for Stripe. */
export function settingsOf(environment: Readonly<Record<string, string | undefined>>): Settings {
  return { url: (environment.STRIPE_API_URL?.trim() || "https://api.stripe.com").replace(/\/+$/, "") };
}

export type Connection = Readonly<{
  settings: Settings;
  key: string;
  bucket: Bucket;
  signal: AbortSignal;
  clock: () => number;
}>;

/** Objects keep the shape of this version, whatever the account's own is. */
const version = "2024-06-20";
const pageSize = 100;

const ListOf = <T extends z.ZodType>(item: T) =>
  z.object({ object: z.literal("list"), data: z.array(item), has_more: z.boolean() });
const Transactions = ListOf(z.looseObject(Transaction.shape));
export type RawTransaction = z.infer<typeof Transactions>["data"][number];
const Payout = z.looseObject({ id: z.string().min(1), created: z.int(), automatic: z.boolean() });
const Payouts = ListOf(Payout);
const Ids = ListOf(z.looseObject({ id: z.string().min(1) }));

type Range = Readonly<{ since: number | null; until?: number; after: string | null }>;

/** Transactions of the balance with their sources, newest first; of one automatic payout where it is named. */
export async function transactions(
  connection: Connection,
  range: Range & Readonly<{ payout?: string }>,
): Promise<Readonly<{ data: readonly RawTransaction[]; hasMore: boolean }>> {
  const query = queryOf(range);
  query.append("expand[]", "data.source");
  if (range.payout !== undefined) query.set("payout", range.payout);
  const list = await get(connection, `/v1/balance_transactions?${query}`, Transactions);
  return { data: list.data, hasMore: list.has_more };
}

/** The ids of the transactions of an automatic payout. */
export async function idsInPayout(connection: Connection, payout: string): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for (let after: string | null = null; ; ) {
    const query = queryOf({ since: null, after });
    query.set("payout", payout);
    const list: z.infer<typeof Ids> = await get(connection, `/v1/balance_transactions?${query}`, Ids);
    for (const { id } of list.data) ids.add(id);
    after = list.data.at(-1)?.id ?? null;
    if (!list.has_more || after === null) return ids;
  }
}

/** Payouts, newest first, one page. */
export async function payouts(
  connection: Connection,
  range: Range,
  limit = pageSize,
): Promise<Readonly<{ data: readonly z.infer<typeof Payout>[]; hasMore: boolean }>> {
  const query = queryOf(range);
  query.set("limit", String(limit));
  const list = await get(connection, `/v1/payouts?${query}`, Payouts);
  return { data: list.data, hasMore: list.has_more };
}

/** The charge that a refund or dispute goes back to; null for any other source. */
export async function chargeBehind(connection: Connection, source: unknown): Promise<unknown> {
  const of = OfCharge.safeParse(source);
  if (!of.success || of.data.charge === null) return null;
  return get(connection, `/v1/charges/${encodeURIComponent(of.data.charge)}`, z.looseObject(Charge.shape));
}

const AccountOf = z.object({
  id: z.string().regex(/^acct_\w+$/),
  business_profile: z.object({ name: z.string().nullish() }).nullish(),
  settings: z.object({ dashboard: z.object({ display_name: z.string().nullish() }).nullish() }).nullish(),
});

/** Whose account a key is for, and that it may read what is needed. */
export async function accountOf(connection: Connection): Promise<Readonly<{ id: string; name: string }>> {
  const account = await get(connection, "/v1/account", AccountOf);
  await payouts(connection, { since: null, after: null }, 1);
  await get(connection, "/v1/balance_transactions?limit=1", Ids);
  const name = account.settings?.dashboard?.display_name || account.business_profile?.name || account.id;
  return { id: account.id, name };
}

function queryOf({ since, until, after }: Range): URLSearchParams {
  const query = new URLSearchParams({ limit: String(pageSize) });
  if (since !== null) query.set("created[gte]", String(since));
  if (until !== undefined) query.set("created[lte]", String(until));
  if (after !== null) query.set("starting_after", after);
  return query;
}

async function get<T>(connection: Connection, path: string, shape: z.ZodType<T>): Promise<T> {
  const { settings, key, bucket, signal, clock } = connection;
  await bucket.take(signal);
  const answer = await request(`${settings.url}${path}`, {
    signal,
    clock,
    accept: [403],
    headers: { authorization: `Bearer ${key}`, "stripe-version": version },
  });
  const what = path.replace(/\?.*/, "");
  if (answer.status === 403)
    throw new ChannelError("disconnected", `the restricted key may not read Stripe's ${what}: give it that permission`);
  const parsed = shape.safeParse(jsonOf(answer));
  if (parsed.success) return parsed.data;
  throw new ChannelError("unreadable", `Stripe's ${what} has another shape`);
}
