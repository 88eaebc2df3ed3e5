/**
 * Connecting a channel by signing in to it (OAuth 2 code with PKCE), or by keys that the seller made there. What is kept between sending a
 * person away and their return lies in `connecting`: it is good once, for ten minutes, for the person who began. The state is kept as its
 * hash, so that nobody who reads the table can come back in another's name.
 */
import { sql } from "drizzle-orm";
import { jsonText } from "../../db/bulk";
import { asSystem, inBusiness, rowsOf } from "../../db/scope";
import type { Answers, Ask, Connector } from "../../integrations/connector";
import { newSignIn } from "../../integrations/index";
import { ChannelError, invariant, Refusal } from "../core/errors";
import { openBusiness, require, type Scope, systemScope } from "../people/access";
import { env } from "../system/env";
import { log } from "../system/log";
import { sha256Hex } from "../system/sha256";
import { kindOf } from "./channels";
import { answersTo, type Connected, keepConnection, noWish, refuseMissing, sinceOf, type Wish } from "./connected";

const minutes = 10;

/**
 * Begins: gives the address at the channel to send the person to. `redirectUri` is where the channel sends them back, and must be the
 * same at the end. Refuses `unsupported` for a channel that is not connected by signing in, or that this installation has no keys for.
 */
export async function beginConnect(
  scope: Scope,
  kind: string,
  redirectUri: string,
  wish: Wish = noWish,
): Promise<string> {
  require(scope, "connect");
  const { userId } = scope;
  invariant(userId !== null, "a person connects, not a job");
  const { manifest, load } = kindOf(kind);
  const { oauth } = await load();
  if (oauth === undefined || manifest.connect !== "oauth")
    throw new Refusal("unsupported", `${manifest.name} is not connected by signing in.`);
  refuseMissing(kind);
  const answers = answersTo(oauth.asks ?? [], wish.answers);
  const since = sinceOf(scope, wish.since);
  const { state, verifier, challenge } = newSignIn();
  const address = oauth.authorizeUrl({ redirectUri, state, challenge, answers });
  await asSystem("a sign-in under way is found by its state alone", async (tx) => {
    await tx.execute(sql`delete from app.connecting where expires_at < now()`);
    await tx.execute(sql`
      insert into app.connecting (state, business_id, user_id, kind, verifier, expires_at, answers, since, channel_id, is_trial)
      values (${sha256Hex(state)}, ${scope.businessId}, ${userId}, ${kind}, ${verifier}, now() + ${minutes} * interval '1 minute',
        ${jsonText(answers)}::jsonb, ${since}::timestamptz, ${wish.into}, ${wish.isTrial})`);
  });
  return address;
}

type Waiting = Readonly<{
  businessId: string;
  userId: string;
  kind: string;
  verifier: string;
  isExpired: boolean;
  answers: Answers;
  since: string | null;
  into: string | null;
  isTrial: boolean;
}>;

/** Takes what was kept for a state: whoever comes second finds nothing. Refuses `connect_failed`. */
async function take(state: string, userId: string): Promise<Waiting> {
  const [row] = await asSystem("a sign-in under way is found by its state alone", (tx) =>
    rowsOf<Waiting>(
      tx,
      sql`delete from app.connecting where state = ${sha256Hex(state)}
          returning business_id as "businessId", user_id as "userId", kind, verifier, expires_at < now() as "isExpired", answers,
            to_char(since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as since, channel_id as "into", is_trial as "isTrial"`,
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

/** `returned`: all that the channel sent back with the person. */
export type Returned = Readonly<{
  state: string;
  code: string;
  userId: string;
  redirectUri: string;
  returned?: Answers;
}>;

/**
 * Ends: exchanges the code, keeps the credentials, and asks for the first sync. The same shop signed in to again is the same channel.
 * Refuses `connect_failed` for a state that is not this person's or too old, and for what the channel does not accept.
 */
export async function finishConnect(back: Returned): Promise<Connected> {
  const waiting = await take(back.state, back.userId);
  const scope = await openBusiness(back.userId, (await systemScope(waiting.businessId)).slug);
  require(scope, "connect");
  const { manifest, load } = kindOf(waiting.kind);
  const { oauth } = await load();
  invariant(oauth !== undefined, "a sign-in was begun at a channel that has one");
  const { code, redirectUri } = back;
  const { answers, verifier, since, into, kind, isTrial } = waiting;
  const { credentials, shop } = await accepted(manifest.name, scope.slug, async (signal) => {
    const credentials = await oauth.exchange({
      code,
      redirectUri,
      verifier,
      answers,
      returned: back.returned ?? {},
      signal,
    });
    return { credentials, shop: oauth.shopOf(credentials) };
  });
  return keepConnection(scope, {
    kind,
    credentials,
    shop,
    answers: open(oauth.asks ?? [], answers),
    since,
    into,
    isTrial,
  });
}

/** Signs in again to the shop of a channel, with what was answered before. Gives the address to send the person to. */
export async function connectAgain(
  scope: Scope,
  channelId: string,
  redirectUri: (kind: string) => string,
): Promise<string> {
  const [row] = await inBusiness(scope, (tx) =>
    rowsOf<{ kind: string; answers: Answers }>(
      tx,
      sql`select kind, answers from app.channels where business_id = ${scope.businessId} and id = ${channelId}`,
    ),
  );
  if (row === undefined) throw new Refusal("not_found", "There is no such channel.");
  return beginConnect(scope, row.kind, redirectUri(row.kind), { ...noWish, answers: row.answers });
}

/** Connects by keys: they are tried at the channel first. Refuses as `beginConnect` does, and `connect_failed` for what it does not take. */
export async function connectByKeys(scope: Scope, kind: string, wish: Wish): Promise<Connected> {
  require(scope, "connect");
  const { manifest, load } = kindOf(kind);
  const { keys } = await load();
  if (keys === undefined || manifest.connect !== "keys")
    throw new Refusal("unsupported", `${manifest.name} is not connected by keys.`);
  refuseMissing(kind);
  const answers = answersTo(keys.asks, wish.answers);
  const since = sinceOf(scope, wish.since);
  const { credentials, shop } = await accepted(manifest.name, scope.slug, async (signal) => {
    const credentials = await keys.check({ answers, signal });
    return { credentials, shop: keys.shopOf(credentials) };
  });
  const { into, isTrial } = wish;
  return keepConnection(scope, { kind, credentials, shop, answers: open(keys.asks, answers), since, into, isTrial });
}

/** What may be kept beside the channel and shown again. */
function open(asks: readonly Ask[], answers: Answers): Answers {
  const secret = new Set(asks.filter(({ isSecret }) => isSecret).map(({ name }) => name));
  return Object.fromEntries(Object.entries(answers).filter(([name]) => !secret.has(name)));
}

type Accepted = Readonly<{ credentials: string; shop: ReturnType<NonNullable<Connector["keys"]>["shopOf"]> }>;

async function accepted(
  name: string,
  slug: string,
  work: (signal: AbortSignal) => Promise<Accepted>,
): Promise<Accepted> {
  try {
    return await work(AbortSignal.timeout(30_000));
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    log().warn({ err: error, channel: name }, "a channel was not connected");
    const why =
      error.failure === "throttled" || error.failure === "unavailable"
        ? `${name} does not answer just now. Try again in a few minutes.`
        : `${name} did not accept the sign-in. Connect again.`;
    throw new Refusal("connect_failed", why, { slug });
  }
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
