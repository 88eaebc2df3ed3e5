/** Practice Market's API: HTTP only. What it says is stored as it is and understood in read.ts. */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import type { Feed, RawDocument } from "../connector";
import { type Bucket, jsonOf, request } from "../http";
import { clientOf, defaultPort, settingOf } from "./client";

export type Settings = Readonly<{ url: string; clientId: string; clientSecret: string }>;

/** From the environment: PRACTICE_URL (or PRACTICE_PORT, where the product starts the server itself), PRACTICE_CLIENT_ID and _SECRET. */
export function settingsOf(environment: Readonly<Record<string, string | undefined>>): Settings {
  const url =
    settingOf(environment, "PRACTICE_URL") ??
    `http://127.0.0.1:${settingOf(environment, "PRACTICE_PORT") ?? String(defaultPort)}`;
  const client = clientOf(environment);
  return { url: url.replace(/\/+$/, ""), clientId: client.id, clientSecret: client.secret };
}

/** The largest page that the market gives. */
const pageSize = 100;

const paths: Partial<Record<Feed, string>> = {
  products: "products",
  orders: "orders",
  refunds: "refunds",
  balance: "balance_transactions",
  payouts: "payouts",
};

const Listing = z.object({
  data: z.array(z.looseObject({ id: z.string().min(1).max(200), updated_at: z.iso.datetime({ offset: true }) })),
  next_cursor: z.string().min(1).nullable(),
});

export type Query = Readonly<{ feed: Feed; since: string | null; page: string | null }>;
export type Got =
  | Readonly<{ kind: "page"; documents: readonly RawDocument[]; next: string | null; latest: string | null }>
  | Readonly<{ kind: "unauthorized" }>
  | Readonly<{ kind: "cursor expired" }>;

/** One page, what changed longest ago first. `latest` is the last change on it (ISO 8601, UTC, milliseconds). */
export async function getPage(
  settings: Settings,
  connection: Readonly<{ accessToken: string; bucket: Bucket; signal: AbortSignal; clock: () => number }>,
  query: Query,
): Promise<Got> {
  const path = paths[query.feed];
  if (path === undefined) throw new ChannelError("refused", `Practice Market has no feed “${query.feed}”`);
  const url = new URL(`${settings.url}/v1/${path}`);
  url.searchParams.set("limit", String(pageSize));
  if (query.since !== null) url.searchParams.set("updated_after", query.since);
  if (query.page !== null) url.searchParams.set("cursor", query.page);
  await connection.bucket.take(connection.signal);
  const answer = await request(url.href, {
    signal: connection.signal,
    headers: { authorization: `Bearer ${connection.accessToken}` },
    accept: [401, 410],
    clock: connection.clock,
  });
  if (answer.status === 401) return { kind: "unauthorized" };
  if (answer.status === 410) return { kind: "cursor expired" };
  const listing = Listing.safeParse(jsonOf(answer));
  if (!listing.success) throw new ChannelError("unreadable", `Practice Market's page of ${path} has another shape`);
  const documents = listing.data.data.map(
    (body): RawDocument => ({
      feed: query.feed,
      externalId: body.id,
      // One form, so that versions can be compared as text.
      version: new Date(body.updated_at).toISOString(),
      body,
    }),
  );
  const latest = documents.reduce<string | null>(
    (most, { version }) => (most === null || version > most ? version : most),
    null,
  );
  return { kind: "page", documents, next: listing.data.next_cursor, latest };
}
