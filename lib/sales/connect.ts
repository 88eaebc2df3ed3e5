/**
 * Connecting a channel by signing in to it (OAuth 2 code with PKCE). What is kept between sending a person away and their return lies
 * in `connecting`: it is good once, for ten minutes, for the person who began. The state is kept as its hash, so that nobody who reads
 * the table can come back in another's name.
 */
import { sql } from "drizzle-orm";
import { asSystem, type InBusiness, inBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Connector } from "../../integrations/connector";
import { newSignIn } from "../../integrations/index";
import { lockBooks } from "../books/ledger";
import { ChannelError, invariant, Refusal } from "../core/errors";
import { openBusiness, require, type Scope, systemScope } from "../people/access";
import { recordAudit } from "../people/audit";
import { env } from "../system/env";
import { log } from "../system/log";
import { sha256Hex } from "../system/sha256";
import { addChannel } from "./channel-accounts";
import { channelKinds, freeChannelId, kindOf, requestSync } from "./channels";
import { keepCredentials } from "./credentials";

const minutes = 10;

/**
 * Begins: gives the address at the channel to send the person to. `redirectUri` is where the channel sends them back, and must be the
 * same at the end. Refuses `unsupported` for a channel that is not connected by signing in, or that this installation has no keys for.
 */
export async function beginConnect(scope: Scope, kind: string, redirectUri: string): Promise<string> {
  require(scope, "connect");
  const { userId } = scope;
  invariant(userId !== null, "a person connects, not a job");
  const { manifest, load } = kindOf(kind);
  const { oauth } = await load();
  if (oauth === undefined || manifest.connect !== "oauth")
    throw new Refusal("unsupported", `${manifest.name} is not connected by signing in.`);
  const missing = channelKinds().find((one) => one.kind === kind)?.missing ?? [];
  if (missing.length > 0)
    throw new Refusal("unsupported", `${manifest.name} cannot be connected here yet. Missing: ${missing.join("; ")}`);
  const { state, verifier, challenge } = newSignIn();
  await asSystem("a sign-in under way is found by its state alone", async (tx) => {
    await tx.execute(sql`delete from app.connecting where expires_at < now()`);
    await tx.execute(sql`
      insert into app.connecting (state, business_id, user_id, kind, verifier, expires_at)
      values (${sha256Hex(state)}, ${scope.businessId}, ${userId}, ${kind}, ${verifier}, now() + ${minutes} * interval '1 minute')`);
  });
  return oauth.authorizeUrl({ redirectUri, state, challenge });
}

type Waiting = Readonly<{ businessId: string; userId: string; kind: string; verifier: string; isExpired: boolean }>;

/** Takes what was kept for a state: whoever comes second finds nothing. Refuses `connect_failed`. */
async function take(state: string, userId: string): Promise<Waiting> {
  const [row] = await asSystem("a sign-in under way is found by its state alone", (tx) =>
    rowsOf<Waiting>(
      tx,
      sql`delete from app.connecting where state = ${sha256Hex(state)}
          returning business_id as "businessId", user_id as "userId", kind, verifier, expires_at < now() as "isExpired"`,
    ),
  );
  if (row === undefined || row.userId !== userId)
    throw new Refusal("connect_failed", "This sign-in was used already, or was begun by somebody else. Connect again.");
  if (row.isExpired) {
    const { slug } = await systemScope(row.businessId);
    throw new Refusal("connect_failed", `This sign-in took more than ${minutes} minutes. Connect again.`, { slug });
  }
  return row;
}

export type Returned = Readonly<{ state: string; code: string; userId: string; redirectUri: string }>;
/** `run` is its first sync, null where one was running already. */
export type Connected = Readonly<{ channelId: string; slug: string; isNew: boolean; run: string | null }>;

/**
 * Ends: exchanges the code, keeps the credentials, and asks for the first sync. The same shop signed in to again is the same channel.
 * Refuses `connect_failed` for a state that is not this person's or too old, and for what the channel does not accept.
 */
export async function finishConnect(returned: Returned): Promise<Connected> {
  const waiting = await take(returned.state, returned.userId);
  const scope = await openBusiness(returned.userId, (await systemScope(waiting.businessId)).slug);
  require(scope, "connect");
  const { manifest, load } = kindOf(waiting.kind);
  const { credentials, shop } = await exchange(await load(), manifest.name, {
    ...returned,
    verifier: waiting.verifier,
    slug: scope.slug,
  });
  return inBusiness(scope, async (tx) => {
    await lockBooks(tx, scope);
    const known = await sameShop(tx, scope, waiting.kind, shop.id);
    const channelId = known ?? (await freeChannelId(tx, scope, waiting.kind));
    const name = shop.name.trim() === "" ? manifest.name : `${manifest.name}: ${shop.name.trim().slice(0, 80)}`;
    if (known === null) await addChannel(tx, scope, { id: channelId, kind: waiting.kind, name, state: "connected" });
    await tx.execute(sql`
      update app.channels set state = 'connected', note = null, shop = ${shop.id}, next_sync_at = now() + interval '15 minutes'
      where business_id = ${scope.businessId} and id = ${channelId}`);
    await keepCredentials(tx, scope, channelId, credentials);
    await tx.execute(sql`
      insert into app.due (business_id, channel_id, due_at) values (${scope.businessId}, ${channelId}, now() + interval '15 minutes')
      on conflict (business_id, channel_id) do update set due_at = excluded.due_at`);
    await recordAudit(tx, scope, {
      what: "channel.connect",
      about: channelId,
      after: { kind: waiting.kind, shop: shop.id },
    });
    return { channelId, slug: scope.slug, isNew: known === null, run: await firstSync(tx, scope, channelId) };
  });
}

/** The person, or the channel, said no: forgets the sign-in. Gives the business's word to lead back to, null where it was not theirs. */
export async function abandonConnect(state: string, userId: string): Promise<string | null> {
  const [row] = await asSystem("a sign-in under way is found by its state alone", (tx) =>
    rowsOf<{ businessId: string }>(
      tx,
      sql`delete from app.connecting where state = ${sha256Hex(state)} and user_id = ${userId} returning business_id as "businessId"`,
    ),
  );
  return row === undefined ? null : (await systemScope(row.businessId)).slug;
}

/** Where channels of a kind send people back to: the address to give to `beginConnect`, and to register at the channel. */
export function redirectUriOf(kind: string): string {
  return new URL(`/api/channels/${encodeURIComponent(kind)}/return`, env().AUTH_URL ?? "http://localhost:3000").href;
}

/** Of all that shop's sign-ins in these books, the channel; null where it is new. */
async function sameShop(tx: Tx, scope: InBusiness, kind: string, shop: string): Promise<string | null> {
  const [row] = await rowsOf<{ id: string }>(
    tx,
    sql`select id from app.channels where business_id = ${scope.businessId} and kind = ${kind} and shop = ${shop}
        order by created_at, id limit 1 for update`,
  );
  return row?.id ?? null;
}

async function firstSync(tx: Tx, scope: InBusiness, channelId: string): Promise<string | null> {
  const [open] = await rowsOf<{ id: string }>(
    tx,
    sql`select id from app.runs where business_id = ${scope.businessId} and job = 'syncChannel' and about = ${channelId}
          and state in ('waiting', 'running') limit 1`,
  );
  return open === undefined ? requestSync(tx, scope, channelId) : null;
}

async function exchange(
  connector: Connector,
  name: string,
  back: Readonly<{ code: string; redirectUri: string; verifier: string; slug: string }>,
): Promise<Readonly<{ credentials: string; shop: Readonly<{ id: string; name: string }> }>> {
  const { oauth } = connector;
  invariant(oauth !== undefined, "a sign-in was begun at a channel that has one");
  try {
    const { code, redirectUri, verifier } = back;
    const credentials = await oauth.exchange({ code, redirectUri, verifier, signal: AbortSignal.timeout(30_000) });
    return { credentials, shop: oauth.shopOf(credentials) };
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    log().warn({ err: error, channel: name }, "a sign-in at a channel failed");
    throw new Refusal("connect_failed", `${name} did not accept the sign-in. Connect again.`, { slug: back.slug });
  }
}
