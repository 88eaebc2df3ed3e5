/**
 * Calls that channels make. A call is a hint: once it is proved to come from the channel it is written down by the channel's own id of the
 * event, and the connections that it is about are due at once, both in one transaction before it is answered. What changed is then pulled
 * as ever, so that a call that comes twice, late, in another order or never does no harm (reliability.md section 8).
 */
import { sql } from "drizzle-orm";
import { jsonText } from "../../db/bulk";
import { asSystem, inBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Hook, HookRequest } from "../../integrations/connector";
import { ChannelError, Refusal } from "../core/errors";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { env } from "../system/env";
import { log } from "../system/log";
import { isKind, kindOf, needsReconnect } from "./channels";
import { credentialsNow } from "./credentials";

export type HookAnswer = Readonly<{ status: number; contentType: string; body: string }>;

const fine: HookAnswer = { status: 200, contentType: "text/plain", body: "ok" };
const reason = "a channel's call comes before a business is known";

type Place = Readonly<{ businessId: string; channelId: string }>;

function placesOf(tx: Tx, kind: string, shop: string): Promise<Place[]> {
  return rowsOf<Place>(
    tx,
    sql`select business_id as "businessId", channel_id as "channelId" from app.connected_shops
        where kind = ${kind} and shop = ${shop} order by business_id, channel_id limit 100`,
  );
}

/** Takes a call. Refuses `not_found` for a kind that takes none, `bad_signature` for one that does not come from the channel. */
export async function takeHook(kind: string, call: HookRequest): Promise<HookAnswer> {
  const connector = isKind(kind) ? await kindOf(kind).load() : null;
  if (connector?.hook === undefined) throw new Refusal("not_found", "Nothing is called here.");
  let said: Hook;
  try {
    said = await connector.hook(call, (shop) => heldFor(kind, shop));
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    log().warn({ err: error, channel: kind }, "a call that does not come from the channel was refused");
    if (error.failure === "unavailable" || error.failure === "throttled")
      throw new Refusal("too_busy", "The call cannot be proved just now. Send it again.", { retryAfterSeconds: "30" });
    throw new Refusal("bad_signature", "This call does not prove that it comes from the channel.");
  }
  if (said.kind === "answer") return { status: said.status, contentType: said.contentType, body: said.body };
  if (said.kind === "nothing") return fine;
  const places = await keep(kind, said);
  if (said.kind === "disconnected")
    for (const place of places)
      await needsReconnect(
        place,
        place.channelId,
        "The permission was taken back at the channel. Connect it again; everything in the books stays.",
      );
  return fine;
}

/** The credentials of all connections to a shop, for channels that sign with what only a connection knows. */
async function heldFor(kind: string, shop: string): Promise<readonly string[]> {
  const places = await asSystem(reason, (tx) => placesOf(tx, kind, shop));
  const held: string[] = [];
  for (const place of places) {
    const clear = await credentialsNow(place, place.channelId);
    if (clear !== null) held.push(clear);
  }
  return held;
}

type Event = Exclude<Hook, Readonly<{ kind: "answer" }> | Readonly<{ kind: "nothing" }>>;

/** Writes an event down, once, and makes its connections due. Gives the connections where it was new. */
function keep(kind: string, event: Event): Promise<readonly Place[]> {
  return asSystem(reason, async (tx) => {
    const places = await placesOf(tx, kind, event.shop);
    const isKnown = places.length > 0;
    const feeds = event.kind === "changed" ? event.feeds : [];
    const state = !isKnown ? "ignored" : event.kind === "privacy" ? "waiting" : "taken";
    const note = isKnown ? null : "No connection to this shop is here.";
    const what = event.kind === "privacy" ? event.what : event.kind;
    const body = event.kind === "privacy" && isKnown ? jsonText(event.body) : null;
    const fresh = await rowsOf<{ event: string }>(
      tx,
      sql`insert into app.hook_inbox (kind, event, shop, what, feeds, body, state, note, received_at)
          values (${kind}, ${event.event.slice(0, 500)}, ${event.shop.slice(0, 500)}, ${what}, ${jsonText(feeds)}::jsonb,
            ${body}::jsonb, ${state}, ${note}, now()) on conflict do nothing returning event`,
    );
    if (fresh.length === 0) return [];
    if (event.kind === "changed")
      for (const { businessId, channelId } of places)
        await tx.execute(sql`
          update app.due set due_at = now() where business_id = ${businessId} and channel_id = ${channelId} and due_at > now()`);
    return places;
  });
}

/**
 * Where the channel's own calls are to be sent, for a person to put in there; null where its kind makes none. Keys do not say whose a call
 * is, so the address of such a channel does.
 */
export async function hookAddressOf(scope: Scope, channelId: string): Promise<string | null> {
  const found = await shopOf(scope, channelId);
  if (found === null || !isKind(found.kind)) return null;
  const { manifest, load } = kindOf(found.kind);
  if ((await load()).hook === undefined) return null;
  const address = new URL(`/api/hooks/${found.kind}`, env().AUTH_URL ?? "http://localhost:3000");
  if (manifest.connect === "keys") address.searchParams.set("shop", found.shop);
  return address.href;
}

/** What a channel asked for in a buyer's name or the seller's, that a person must answer. Instants are ISO 8601 text. */
export type PrivacyRequest = Readonly<{
  event: string;
  what: "asked" | "erase_buyer" | "erase_shop";
  body: unknown;
  receivedAt: string;
}>;

/** The requests that wait at a channel, oldest first; at most 100. */
export async function privacyRequests(scope: Scope, channelId: string): Promise<readonly PrivacyRequest[]> {
  const shop = await shopOf(scope, channelId);
  if (shop === null) return [];
  return asSystem(reason, (tx) =>
    rowsOf<PrivacyRequest>(
      tx,
      sql`select event, what, body, to_char(received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "receivedAt"
          from app.hook_inbox where kind = ${shop.kind} and shop = ${shop.shop} and state = 'waiting' order by received_at, event limit 100`,
    ),
  );
}

/** A person did what was asked: the request ends, and its body is forgotten. Refuses `stale` where somebody did it already. */
export async function endPrivacyRequest(scope: Scope, channelId: string, event: string): Promise<void> {
  require(scope, "connect");
  const shop = await shopOf(scope, channelId);
  const ended =
    shop === null
      ? []
      : await asSystem(reason, (tx) =>
          rowsOf<{ event: string }>(
            tx,
            sql`update app.hook_inbox set state = 'taken', body = null where kind = ${shop.kind} and shop = ${shop.shop}
                  and event = ${event} and state = 'waiting' returning event`,
          ),
        );
  if (ended.length === 0) throw new Refusal("stale", "This request is over already.");
  await inBusiness(scope, (tx) =>
    recordAudit(tx, scope, { what: "channel.privacy", about: channelId, after: { event } }),
  );
}

async function shopOf(scope: Scope, channelId: string): Promise<Readonly<{ kind: string; shop: string }> | null> {
  const [row] = await inBusiness(scope, (tx) =>
    rowsOf<{ kind: string; shop: string | null }>(
      tx,
      sql`select kind, shop from app.channels where business_id = ${scope.businessId} and id = ${channelId}`,
    ),
  );
  return row === undefined || row.shop === null ? null : { kind: row.kind, shop: row.shop };
}

/** Events are known again for ninety days: no channel sends one for longer. What waits for a person stays. */
export async function forgetOldCalls(): Promise<void> {
  await asSystem(reason, (tx) =>
    tx.execute(sql`delete from app.hook_inbox where received_at < now() - interval '90 days' and state <> 'waiting'`),
  );
}
