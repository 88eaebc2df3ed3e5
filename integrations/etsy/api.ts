/** Etsy's Open API v3: HTTP only. What it says is stored as it is and understood in read.ts. */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import { type Answer, type Bucket, jsonOf, request, retryAfterOf } from "../http";

export type Settings = Readonly<{
  /** Where the API is. */
  api: string;
  /** Where a person signs in. */
  web: string;
  key: string;
  secret: string;
  /** What calls from Etsy are signed with; null where none are set up. */
  webhookSecret: string | null;
  /** Calls a second that the app may make for all its shops together. */
  perSecond: number;
}>;

/**
 * From the environment: ETSY_KEY, ETSY_SECRET, ETSY_WEBHOOK_SECRET, ETSY_CALLS_PER_SECOND (8 where it says no whole number: Etsy gives a
 * new app ten); ETSY_API_URL and ETSY_WEB_URL for a server that stands in.
 */
export function settingsOf(environment: Readonly<Record<string, string | undefined>>): Settings {
  const of = (name: string) => environment[name]?.trim() || null;
  const api = of("ETSY_API_URL");
  const web = of("ETSY_WEB_URL") ?? api ?? "https://www.etsy.com";
  return {
    api: (api ?? "https://openapi.etsy.com").replace(/\/+$/, ""),
    web: web.replace(/\/+$/, ""),
    key: of("ETSY_KEY") ?? "",
    secret: of("ETSY_SECRET") ?? "",
    webhookSecret: of("ETSY_WEBHOOK_SECRET"),
    perSecond: /^[1-9]\d{0,3}$/.test(of("ETSY_CALLS_PER_SECOND") ?? "") ? Number(of("ETSY_CALLS_PER_SECOND")) : 8,
  };
}

/** The most that Etsy gives at once. */
export const pageSize = 100;

export type Connection = Readonly<{
  settings: Settings;
  bucket: Bucket;
  signal: AbortSignal;
  clock: () => number;
  /** A call with the tokens that are good now; when Etsy refuses them, once more with new ones. */
  withToken: <Result>(ask: (accessToken: string) => Promise<Result | "unauthorized">) => Promise<Result>;
}>;

export type Parameters = Readonly<Record<string, string | number | boolean | null>>;

/** One call. Parameters that are null are left out. `missing` is what is given for a 404; without it a 404 is `refused`. */
export async function call<Shape>(
  connection: Connection,
  path: string,
  parameters: Parameters,
  shape: z.ZodType<Shape>,
): Promise<Shape>;
export async function call<Shape>(
  connection: Connection,
  path: string,
  parameters: Parameters,
  shape: z.ZodType<Shape>,
  missing: null,
): Promise<Shape | null>;
export async function call<Shape>(
  connection: Connection,
  path: string,
  parameters: Parameters,
  shape: z.ZodType<Shape>,
  missing?: null,
): Promise<Shape | null> {
  const { settings, bucket, signal, clock } = connection;
  const url = new URL(`${settings.api}/v3/application${path}`);
  for (const [name, value] of Object.entries(parameters)) if (value !== null) url.searchParams.set(name, String(value));
  const got = await connection.withToken(async (accessToken) => {
    await bucket.take(signal);
    const answer = await request(url.href, {
      signal,
      headers: { authorization: `Bearer ${accessToken}`, "x-api-key": `${settings.key}:${settings.secret}` },
      accept: missing === null ? [401, 404, 429] : [401, 429],
      clock,
    });
    if (answer.status === 429) throw throttled(answer, clock);
    return answer.status === 401 ? ("unauthorized" as const) : answer;
  });
  if (got.status === 404) return null;
  const parsed = shape.safeParse(jsonOf(got));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ChannelError(
      "unreadable",
      `Etsy's answer to ${path} is not as described: ${issue?.path.join(".") ?? ""}`,
    );
  }
  return parsed.data;
}

/** A limit is for the second or for the day; the headers say which. Without Retry-After the day's is asked again an hour later. */
function throttled(answer: Answer, clock: () => number): ChannelError {
  const isDay = answer.headers.get("x-remaining-today")?.trim() === "0";
  const wait = retryAfterOf(answer.headers, clock) ?? (isDay ? 3_600_000 : 1_000);
  return new ChannelError("throttled", `Etsy's limit of calls ${isDay ? "a day" : "a second"} is reached`, wait);
}

const Id = z.int().min(1);
const Seconds = z.int().min(946_684_800).max(32_503_680_000);
const listOf = <Each>(each: z.ZodType<Each>) => z.object({ count: z.int().min(0), results: z.array(each) });

const Self = z.object({ user_id: Id, shop_id: Id });
const Shop = z.object({ shop_id: Id, shop_name: z.string(), currency_code: z.string(), created_timestamp: z.int() });
const Listings = listOf(z.looseObject({ listing_id: Id, updated_timestamp: Seconds }));
const Receipts = listOf(
  z.looseObject({
    receipt_id: Id,
    created_timestamp: Seconds,
    updated_timestamp: Seconds,
    transactions: z.array(z.looseObject({ transaction_id: Id })),
  }),
);
const Receipt = z.looseObject({ receipt_id: Id });
const Transaction = z.looseObject({ transaction_id: Id, receipt_id: Id });
const Payment = z.looseObject({ payment_id: Id, receipt_id: Id });
export type Payment = z.infer<typeof Payment>;
const Entry = z.looseObject({
  entry_id: Id,
  sequence_number: z.int(),
  amount: z.int(),
  balance: z.int(),
  created_timestamp: Seconds,
  ledger_type: z.string(),
  reference_type: z.string(),
  // Described as text and seen as a number (etsy/open-api issue 295).
  reference_id: z.union([z.string(), z.int()]).nullable(),
  payment_adjustments: z.array(z.looseObject({ payment_id: Id })).optional(),
});
export type Entry = z.infer<typeof Entry>;

/** Whose token it is. */
export const me = (connection: Connection) => call(connection, "/users/me", {}, Self);
export const shopById = (connection: Connection, shop: string) => call(connection, `/shops/${shop}`, {}, Shop);

/** One page of the shop's listings in one state. */
export const listings = (connection: Connection, shop: string, parameters: Parameters) =>
  call(connection, `/shops/${shop}/listings`, { limit: pageSize, ...parameters }, Listings);

/** One page of paid receipts. */
export const receipts = (connection: Connection, shop: string, parameters: Parameters) =>
  call(connection, `/shops/${shop}/receipts`, { limit: pageSize, was_paid: true, ...parameters }, Receipts);

export const receiptById = (connection: Connection, shop: string, receipt: number) =>
  call(connection, `/shops/${shop}/receipts/${receipt}`, {}, Receipt, null);

export const transactionById = (connection: Connection, shop: string, transaction: string) =>
  call(connection, `/shops/${shop}/transactions/${transaction}`, {}, Transaction, null);

/** Payments by their ids, at most a page's worth. */
export async function payments(
  connection: Connection,
  shop: string,
  ids: readonly string[],
): Promise<readonly Payment[]> {
  if (ids.length === 0) return [];
  return (await call(connection, `/shops/${shop}/payments`, { payment_ids: ids.join(",") }, listOf(Payment))).results;
}

/** One page of the ledger between two seconds, both included and at most 31 days apart. */
export const ledgerEntries = (
  connection: Connection,
  shop: string,
  between: Readonly<{ from: number; to: number; offset: number }>,
) =>
  call(
    connection,
    `/shops/${shop}/payment-account/ledger-entries`,
    { min_created: between.from, max_created: between.to, limit: pageSize, offset: between.offset },
    listOf(Entry),
  );
