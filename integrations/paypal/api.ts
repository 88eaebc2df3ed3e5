/** PayPal's REST API: HTTP only. What it says is stored as it is and understood in read.ts. */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import { type Answer, type Bucket, jsonOf, request } from "../http";
import { Time } from "./shapes";

/** `perSecond`: calls to one account. PayPal publishes no limit for reports, and throttles who asks much. */
export type Settings = Readonly<{ url: string; perSecond: number }>;

/** From the environment: PAYPAL_API_URL, for the sandbox or a server that stands in for PayPal. */
export function settingsOf(environment: Readonly<Record<string, string | undefined>>): Settings {
  const url = environment.PAYPAL_API_URL?.trim() || "https://api-m.paypal.com";
  return { url: url.replace(/\/+$/, ""), perSecond: 4 };
}

export type Connection = Readonly<{
  settings: Settings;
  accessToken: string;
  bucket: Bucket;
  signal: AbortSignal;
  clock: () => number;
}>;
export type Token = Readonly<{ accessToken: string; issuedAtMs: number; expiresAtMs: number }>;

/** A token for the seller's own app. `disconnected` where PayPal does not take its id and secret. */
export async function tokenFor(
  settings: Settings,
  app: Readonly<{ clientId: string; secret: string }>,
  clock: () => number,
  signal: AbortSignal,
): Promise<Token> {
  const issuedAtMs = clock();
  const answer = await request(`${settings.url}/v1/oauth2/token`, {
    method: "POST",
    signal,
    clock,
    timeoutMs: 20_000,
    maxBytes: 100_000,
    body: "grant_type=client_credentials",
    headers: {
      authorization: `Basic ${Buffer.from(`${app.clientId}:${app.secret}`).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
    },
  });
  const said = z.object({ access_token: z.string().min(1), expires_in: z.int().positive() }).safeParse(jsonOf(answer));
  if (!said.success) throw new ChannelError("unreadable", "PayPal's token has another shape");
  return { accessToken: said.data.access_token, issuedAtMs, expiresAtMs: issuedAtMs + said.data.expires_in * 1000 };
}

/** What is needed to keep a transaction; the rest of it is read later, so that one that is odd does not stand in the way of all. */
const Raw = z.looseObject({
  transaction_info: z.looseObject({
    transaction_id: z.string().min(1).max(64),
    transaction_event_code: z.string().min(1).max(10),
    transaction_initiation_date: Time,
    transaction_updated_date: Time,
    paypal_reference_id: z.string().nullish(),
    paypal_reference_id_type: z.string().nullish(),
  }),
});
const Listing = z.object({
  transaction_details: z.array(Raw).nullish(),
  total_pages: z.int().min(0).nullish(),
  total_items: z.int().min(0).nullish(),
});
export type RawDetail = z.infer<typeof Raw>;
export type Listed =
  | Readonly<{ kind: "page"; details: readonly RawDetail[]; hasMore: boolean }>
  | Readonly<{ kind: "too many" }>
  | Readonly<{ kind: "unauthorized" }>;

const pageSize = 500;

/** One page of the transactions of a window of at most 31 days that moved the balance; of one transaction's id where it is named. */
export async function searchPage(
  connection: Connection,
  query: Readonly<{ start: number; end: number; page: number; id?: string }>,
): Promise<Listed> {
  const params = new URLSearchParams({
    start_date: momentOf(query.start),
    end_date: momentOf(query.end),
    // Names and addresses of buyers are not asked for.
    fields: "transaction_info,cart_info",
    balance_affecting_records_only: "Y",
    page_size: String(pageSize),
    page: String(query.page),
  });
  if (query.id !== undefined) params.set("transaction_id", query.id);
  const answer = await get(connection, `/v1/reporting/transactions?${params}`, [400, 401]);
  if (answer.status === 401) return { kind: "unauthorized" };
  if (answer.status === 400) {
    const error = z.object({ name: z.string() }).safeParse(jsonOf(answer));
    if (error.data?.name === "RESULTSET_TOO_LARGE") return { kind: "too many" };
    throw new ChannelError("refused", `PayPal refused to list transactions: ${error.data?.name ?? "no reason given"}`);
  }
  const listing = Listing.safeParse(jsonOf(answer));
  if (!listing.success) throw new ChannelError("unreadable", "PayPal's list of transactions has another shape");
  const details = listing.data.transaction_details ?? [];
  return { kind: "page", details, hasMore: details.length > 0 && query.page < (listing.data.total_pages ?? 1) };
}

/** Whose account the app is for; null where the token was not taken. */
export async function accountOf(connection: Connection): Promise<string | null> {
  const answer = await get(connection, "/v1/reporting/balances", [401]);
  if (answer.status === 401) return null;
  const said = z.object({ account_id: z.string().regex(/^[A-Za-z0-9]{5,40}$/) }).safeParse(jsonOf(answer));
  if (!said.success) throw new ChannelError("unreadable", "PayPal did not say whose account it is");
  return said.data.account_id;
}

async function get(connection: Connection, path: string, accept: readonly number[]): Promise<Answer> {
  const { settings, accessToken, bucket, signal, clock } = connection;
  await bucket.take(signal);
  const answer = await request(`${settings.url}${path}`, {
    signal,
    clock,
    accept: [...accept, 403],
    timeoutMs: 60_000,
    headers: { authorization: `Bearer ${accessToken}` },
  });
  if (answer.status === 403)
    throw new ChannelError(
      "disconnected",
      "PayPal does not let this app read transactions: tick “Transaction search” among its features, which can take some hours",
    );
  return answer;
}

function momentOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
