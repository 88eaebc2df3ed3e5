/** WooCommerce's REST API v3: HTTP only. What it says is stored as it is and understood in read.ts. */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import { type Answer, type Bucket, jsonOf, request } from "../http";
import { plainText } from "./text";

export type Shop = Readonly<{ url: string; key: string; secret: string }>;
export type Connection = Readonly<{ bucket: Bucket; signal: AbortSignal; clock: () => number }>;

/** Shops run on small machines: a page of fifty orders comes in seconds even there. */
const pageSize = 50;

const Thing = z.looseObject({
  id: z.int().positive(),
  date_created_gmt: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/),
  date_modified_gmt: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/),
});
export type Thing = z.infer<typeof Thing>;
const Listing = z.array(Thing);
const Details = z.array(z.looseObject({ id: z.int().positive() }));

export type Query = Readonly<{
  what: "orders" | "products";
  status: "any" | "trash";
  /** GMT, without an offset, as WooCommerce has it: changed after, made before. */
  modifiedAfter: string | null;
  before: string | null;
  page: number;
  decimals: number;
}>;

/**
 * One page, what was made last first. Paging goes by the time that something was made, which never changes: what is edited meanwhile keeps
 * its place, and what is new stands before all that is still to come.
 */
export async function listPage(
  shop: Shop,
  connection: Connection,
  query: Query,
): Promise<Readonly<{ things: readonly Thing[]; hasMore: boolean; left: number | null }>> {
  const url = new URL(`${shop.url}/wp-json/wc/v3/${query.what}`);
  const { searchParams } = url;
  searchParams.set("per_page", String(pageSize));
  searchParams.set("page", String(query.page));
  searchParams.set("orderby", "date");
  searchParams.set("order", "desc");
  searchParams.set("status", query.status);
  searchParams.set("dates_are_gmt", "true");
  if (query.what === "orders") searchParams.set("dp", String(query.decimals));
  if (query.modifiedAfter !== null) searchParams.set("modified_after", query.modifiedAfter);
  if (query.before !== null) searchParams.set("before", query.before);
  const answer = await call(shop, connection, url);
  const things = Listing.safeParse(jsonOf(answer));
  if (!things.success) throw new ChannelError("unreadable", `WooCommerce's page of ${query.what} has another shape`);
  const pages = Number(answer.headers.get("x-wp-totalpages") ?? Number.NaN);
  const hasMore = Number.isNaN(pages) ? things.data.length === pageSize : query.page < pages;
  const total = Number(answer.headers.get("x-wp-total") ?? Number.NaN);
  return {
    things: things.data,
    hasMore: hasMore && things.data.length > 0,
    // Counted from where the page's time begins.
    left: Number.isSafeInteger(total) ? Math.max(0, total - (query.page - 1) * pageSize - things.data.length) : null,
  };
}

/** All that belongs to one order or product; null where that is not there any more. */
export async function detailsOf(
  shop: Shop,
  connection: Connection,
  path: string,
  decimals: number,
): Promise<readonly unknown[] | null> {
  const all: unknown[] = [];
  for (let page = 1; page <= 100; page += 1) {
    const url = new URL(`${shop.url}/wp-json/wc/v3/${path}`);
    url.searchParams.set("per_page", "100");
    url.searchParams.set("page", String(page));
    if (path.startsWith("orders/")) url.searchParams.set("dp", String(decimals));
    const answer = await call(shop, connection, url, [404]);
    if (answer.status === 404) return null;
    const details = Details.safeParse(jsonOf(answer));
    if (!details.success) throw new ChannelError("unreadable", `WooCommerce's ${path} has another shape`);
    all.push(...details.data);
    if (page >= Number(answer.headers.get("x-wp-totalpages") ?? 1)) return all;
  }
  throw new ChannelError("unreadable", `WooCommerce's ${path} does not end`);
}

/** The site's own name, which is public; tries the keys first. */
export async function siteName(shop: Shop, connection: Connection): Promise<string> {
  const orders = new URL(`${shop.url}/wp-json/wc/v3/orders?per_page=1`);
  const tried = await call(shop, connection, orders, [404]);
  if (tried.status === 404)
    throw new ChannelError(
      "refused",
      "there is no WooCommerce at this address, or its permalinks are set to “plain”: choose any other under Settings, Permalinks",
    );
  jsonOf(tried);
  const index = await call(shop, connection, new URL(`${shop.url}/wp-json/?_fields=name,url`), []);
  const said = z.object({ name: z.string() }).safeParse(jsonOf(index));
  const name = said.success ? plainText(said.data.name) : "";
  return name === "" ? new URL(shop.url).host : name.slice(0, 200);
}

async function call(shop: Shop, connection: Connection, url: URL, accept: readonly number[] = []): Promise<Answer> {
  await connection.bucket.take(connection.signal);
  return request(url.href, {
    signal: connection.signal,
    clock: connection.clock,
    timeoutMs: 60_000,
    accept,
    // A shop on this machine passed shopAddress, which lets such in only where the installation says so.
    publicOnly: url.protocol === "https:",
    headers: { authorization: `Basic ${Buffer.from(`${shop.key}:${shop.secret}`).toString("base64")}` },
  });
}
