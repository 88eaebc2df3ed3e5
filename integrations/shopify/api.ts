/** Shopify's Admin API: HTTP only. What it says is stored as it is and understood in read.ts. */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import { jsonOf, request } from "../http";
import type { CostBucket } from "./cost";
import { adminOf, apiVersion, type Settings } from "./settings";

const Status = z.object({
  maximumAvailable: z.number().positive(),
  currentlyAvailable: z.number(),
  restoreRate: z.number().positive(),
});
const Graph = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(z.object({ message: z.string(), extensions: z.object({ code: z.string().optional() }).optional() }))
    .optional(),
  extensions: z.object({ cost: z.object({ requestedQueryCost: z.number(), throttleStatus: Status }) }).optional(),
});

export type Answered =
  | Readonly<{ kind: "data"; data: unknown }>
  | Readonly<{ kind: "unauthorized" }>
  /** It could cost more than one query may: ask for less at once. */
  | Readonly<{ kind: "too dear" }>;

export type Connection = Readonly<{
  shop: string;
  accessToken: string;
  bucket: CostBucket;
  signal: AbortSignal;
  clock: () => number;
}>;

/**
 * Sends one query. Throws ChannelError: `throttled` with the time after which its points are there, `refused` where a permission is
 * missing or the query is wrong, `unavailable` for Shopify's own errors, and what integrations/http.ts throws.
 */
export async function ask(
  settings: Settings,
  connection: Connection,
  query: string,
  variables: Readonly<Record<string, unknown>>,
): Promise<Answered> {
  const { bucket, signal, clock } = connection;
  await bucket.take(query, signal);
  const answer = await request(`${adminOf(settings, connection.shop)}/api/${apiVersion}/graphql.json`, {
    method: "POST",
    signal,
    headers: { "content-type": "application/json", "x-shopify-access-token": connection.accessToken },
    body: JSON.stringify({ query, variables }),
    accept: [401, 402, 404, 423],
    clock,
  });
  if (answer.status === 401) return { kind: "unauthorized" };
  if (answer.status === 402 || answer.status === 423)
    throw new ChannelError("refused", "Shopify says that the shop is closed or its plan was not paid");
  if (answer.status === 404) throw new ChannelError("disconnected", "Shopify says that there is no such shop any more");
  const graph = Graph.safeParse(jsonOf(answer));
  if (!graph.success) throw new ChannelError("unreadable", "Shopify's answer has another shape");
  const { data, errors = [], extensions } = graph.data;
  if (extensions !== undefined) {
    const { requestedQueryCost, throttleStatus } = extensions.cost;
    bucket.said(query, requestedQueryCost, throttleStatus);
  }
  const [first] = errors;
  if (first === undefined) return { kind: "data", data };
  const codes = errors.map((error) => error.extensions?.code ?? "");
  if (codes.includes("MAX_COST_EXCEEDED")) return { kind: "too dear" };
  if (codes.includes("THROTTLED") || /^throttled$/i.test(first.message))
    throw new ChannelError("throttled", "Shopify is asked too much at once", waitOf(extensions?.cost));
  if (codes.includes("ACCESS_DENIED"))
    throw new ChannelError("refused", `Shopify does not let our app read this: ${first.message.slice(0, 200)}`);
  if (codes.includes("SHOP_INACTIVE")) throw new ChannelError("refused", "Shopify says that the shop is closed");
  if (codes.includes("INTERNAL_SERVER_ERROR") || /internal error/i.test(first.message))
    throw new ChannelError("unavailable", "Shopify says that something went wrong there");
  throw new ChannelError("refused", `Shopify refused a query: ${first.message.slice(0, 200)}`);
}

/** Until the bucket holds what the query could cost; a second where that is not said. */
function waitOf(cost: Readonly<{ requestedQueryCost: number; throttleStatus: z.infer<typeof Status> }> | undefined) {
  if (cost === undefined) return 1_000;
  const { currentlyAvailable, restoreRate } = cost.throttleStatus;
  return Math.max(1_000, Math.ceil(((cost.requestedQueryCost - currentlyAvailable) / restoreRate) * 1000));
}

const Granted = z.object({
  access_token: z.string().min(1),
  scope: z.string(),
  expires_in: z.number().int().positive().optional(),
  refresh_token: z.string().min(1).optional(),
});
const Denied = z.object({ error: z.string() });

/** Times are milliseconds since 1970. `refreshToken` is "" for a token that does not end (an app that a merchant made for one shop). */
export type Tokens = Readonly<{
  accessToken: string;
  refreshToken: string;
  issuedAtMs: number;
  expiresAtMs: number;
  scope: string;
}>;

/** As far ahead as a time stamp goes. */
const never = 8_640_000_000_000_000;
/** What Shopify calls a sign-in that is over: used up, taken back, or the app is gone from the shop. */
const over = new Set(["invalid_grant", "invalid_token", "app_not_installed", "shop_not_found"]);

/** A code, or a refresh token, for tokens that end after an hour. Throws ChannelError `disconnected` where Shopify does not know it any more. */
export async function tokensFor(
  settings: Settings,
  shop: string,
  grant: Readonly<{ code: string }> | Readonly<{ grant_type: "refresh_token"; refresh_token: string }>,
  clock: () => number,
  signal: AbortSignal,
): Promise<Tokens> {
  // Counted from before the call: Shopify began to count somewhere after that.
  const issuedAtMs = clock();
  const answer = await request(`${adminOf(settings, shop)}/oauth/access_token`, {
    method: "POST",
    signal,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_id: settings.clientId,
      client_secret: settings.clientSecret,
      ...grant,
      ...("code" in grant ? { expiring: "1" } : {}),
    }),
    timeoutMs: 20_000,
    maxBytes: 100_000,
    accept: [400, 401, 403],
    clock,
  });
  const raw = jsonOf(answer);
  if (answer.status >= 400) {
    const denied = Denied.safeParse(raw);
    const word = denied.success ? denied.data.error.slice(0, 100) : "an error without a name";
    throw new ChannelError(over.has(word) ? "disconnected" : "refused", `Shopify said ${word}`);
  }
  const granted = Granted.safeParse(raw);
  if (!granted.success) throw new ChannelError("unreadable", "Shopify's token answer has another shape");
  const { access_token: accessToken, scope, expires_in: seconds, refresh_token: refreshToken } = granted.data;
  return {
    accessToken,
    refreshToken: refreshToken ?? "",
    issuedAtMs,
    expiresAtMs: seconds === undefined ? never : issuedAtMs + seconds * 1000,
    scope,
  };
}
