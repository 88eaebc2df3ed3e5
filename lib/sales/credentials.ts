/**
 * A channel's credentials, sealed in the database. Whoever pulls reads them anew for each page, and a renewal is stored only over the
 * one that it was made from (`fence`): so a worker that was slow or late never puts a spent token over a good one.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { type InBusiness, inBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Connector, Feed, Page } from "../../integrations/connector";
import { ChannelError } from "../core/errors";
import type { Scope } from "../people/access";
import { failpoint } from "../system/failpoints";
import { log } from "../system/log";
import { open, type Place, type Sealed, seal } from "../system/secrets";

const placeOf = (scope: InBusiness, channelId: string): Place => ({
  businessId: scope.businessId,
  owner: channelId,
  field: "credentials",
});

/** Stores credentials that a person has just given, over whatever was there. */
export async function keepCredentials(tx: Tx, scope: InBusiness, channelId: string, clear: string): Promise<void> {
  const sealed = seal(placeOf(scope, channelId), clear);
  await tx.execute(sql`
    insert into app.channel_secrets (business_id, channel_id, key_id, nonce, ciphertext, tag, fence, renewed_at)
    values (${scope.businessId}, ${channelId}, ${sealed.keyId}, ${sealed.nonce}, ${sealed.ciphertext}, ${sealed.tag}, 1, now())
    on conflict (business_id, channel_id) do update set key_id = excluded.key_id, nonce = excluded.nonce,
      ciphertext = excluded.ciphertext, tag = excluded.tag, fence = channel_secrets.fence + 1, renewed_at = excluded.renewed_at`);
}

type Held = Readonly<{ clear: string; fence: number }>;

/** A connection's credentials as they are now, in clear; null where it has none any more. */
export async function credentialsNow(scope: InBusiness, channelId: string): Promise<string | null> {
  return (await stored(scope, channelId))?.clear ?? null;
}

async function load(scope: InBusiness, channelId: string): Promise<Held> {
  const held = await stored(scope, channelId);
  if (held === null) throw new ChannelError("disconnected", "This channel is not connected.");
  return held;
}

async function stored(scope: InBusiness, channelId: string): Promise<Held | null> {
  const [row] = await inBusiness(scope, (tx) =>
    rowsOf<Sealed & { fence: number }>(
      tx,
      sql`select key_id as "keyId", nonce, ciphertext, tag, fence from app.channel_secrets
          where business_id = ${scope.businessId} and channel_id = ${channelId}`,
    ),
  );
  return row === undefined ? null : { clear: open(placeOf(scope, channelId), row), fence: row.fence };
}

/** Stores a renewal, unless somebody stored another since `fence`. */
async function renew(scope: InBusiness, channelId: string, fence: number, clear: string): Promise<void> {
  await failpoint("renew.given");
  const sealed = seal(placeOf(scope, channelId), clear);
  const rows = await inBusiness(scope, (tx) =>
    rowsOf<{ fence: number }>(
      tx,
      sql`update app.channel_secrets set key_id = ${sealed.keyId}, nonce = ${sealed.nonce}, ciphertext = ${sealed.ciphertext},
            tag = ${sealed.tag}, fence = fence + 1, renewed_at = now()
          where business_id = ${scope.businessId} and channel_id = ${channelId} and fence = ${fence} returning fence`,
    ),
  );
  // Another worker's renewal, or a person who signed in meanwhile: theirs is the later word.
  if (rows.length === 0) log().info({ businessId: scope.businessId, channelId }, "a renewal came after another one");
  await failpoint("renew.stored");
}

/** How long another worker may take to store what it was given, before the channel is believed to have let go of us. */
const looksAgain = 4;
const looksEveryMs = 250;

/**
 * One page, with the credentials as they are now. A channel that refuses them may have given new ones to another worker a moment ago:
 * that is looked for before `disconnected` is believed.
 */
export async function pullPage(
  scope: Scope,
  channelId: string,
  connector: Connector,
  ask: Readonly<{ feed: Feed; cursor: string | null; since: string | null; signal: AbortSignal }>,
): Promise<Page> {
  const account = { channel: channelId, currency: scope.currency, timeZone: scope.timeZone };
  let held = await load(scope, channelId);
  for (let again = false; ; again = true) {
    let { fence } = held;
    try {
      return await connector.pull(
        {
          account,
          credentials: held.clear,
          since: ask.since,
          signal: ask.signal,
          renewed: async (credentials) => {
            await renew(scope, channelId, fence, credentials);
            fence += 1;
          },
        },
        ask.feed,
        ask.cursor,
      );
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      // A whole page that makes no sense is a channel that is being mended: an error page where there should be data.
      if (error.failure === "unreadable") throw new ChannelError("unavailable", error.message);
      if (error.failure !== "disconnected" || again) throw error;
      const newer = await newerThan(scope, channelId, fence);
      if (newer === null) throw error;
      held = newer;
    }
  }
}

async function newerThan(scope: InBusiness, channelId: string, fence: number): Promise<Held | null> {
  for (let look = 0; look < looksAgain; look += 1) {
    const held = await load(scope, channelId);
    if (held.fence !== fence) return held;
    await sleep(looksEveryMs);
  }
  return null;
}
