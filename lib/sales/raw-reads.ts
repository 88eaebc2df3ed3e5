/** The documents of a channel, as the channel said them, that an order was read from. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { inBusiness, rowsOf } from "../../db/scope";
import { require, type Scope } from "../people/access";

/** `text` is the document as it came, as JSON in lines; `version` is the channel's. */
export type RawSaid = Readonly<{ feed: string; id: string; version: string; at: string; text: string }>;

/** The feeds that orders come in, from channels that are connected and from their files. */
const orderFeeds = ["orders", "file"];
const mostVersions = 10;
const longestText = 20_000;

/**
 * What the channel said of an order, the latest version first; nothing for one that was recorded by hand. It may hold what the buyer told the
 * channel, so it is for who may change the books.
 */
export async function rawOfOrder(
  scope: Scope,
  order: Readonly<{ id: string; number: string; channel: string }>,
): Promise<readonly RawSaid[]> {
  require(scope, "write");
  const tail = order.id.slice(order.id.lastIndexOf("/") + 1);
  const names = [...new Set([tail, order.number].flatMap((name) => [name, `order/${name}`]))];
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<{ feed: string; id: string; version: string; at: string; body: unknown }>(
      tx,
      sql`select feed, external_id as id, version, received_at::text as at, body from app.raw_documents
          where business_id = ${scope.businessId} and channel_id = ${order.channel} and feed = any(${list("text", orderFeeds)})
            and external_id = any(${list("text", names)}) order by received_at desc, version desc limit ${mostVersions}`,
    );
    return rows.map(({ body, ...row }) => {
      const text = JSON.stringify(body, null, 2);
      return { ...row, text: text.length > longestText ? `${text.slice(0, longestText)}\n…` : text };
    });
  });
}
