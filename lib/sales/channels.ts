/** Channels: what there is, what can be connected, what is synchronised and when. Signing in is in connect.ts, pulling in pull.ts. */
import { sql } from "drizzle-orm";
import { type InBusiness, inBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Channel, Connector, Feed } from "../../integrations/connector";
import { type ChannelKind, channels as kinds } from "../../integrations/index";
import { lockBooks } from "../books/ledger";
import { Refusal } from "../core/errors";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { request } from "../system/outbox";
import { cancelRun, type Run, runsAbout, startRun } from "../system/runs";
import { addChannel } from "./channel-accounts";

export type ChannelState = "file" | "connected" | "reconnect" | "disconnected";

/** A channel as a page shows it. Instants are ISO 8601 text. `parked` and `unreadable` count documents that are not in the books. */
export type ChannelRow = Readonly<{
  id: string;
  kind: string;
  /** What the channel calls itself, such as "Practice Market". */
  kindName: string;
  /** How it is connected; a kind that is no more, or by hand: "file". */
  connect: "oauth" | "keys" | "file";
  name: string;
  accountCode: string;
  state: ChannelState;
  /** Why it needs a person, in one sentence. */
  note: string | null;
  lastSyncedAt: string | null;
  nextSyncAt: string | null;
  /** A person lets it rest since then. */
  pausedAt: string | null;
  /** What is pulled begins with it; null: all that there is. */
  since: string | null;
  /** Connected for looking only, with what it would post, once that is worked out. */
  isTrial: boolean;
  trial: Trial | null;
  waiting: number;
  parked: number;
  unreadable: number;
  openRun: Run | null;
  lastRun: Run | null;
}>;

/**
 * What a channel that is connected for looking only would bring into the books. Amounts are texts of whole minor units, positive where the
 * account is debited. `looked` of the `documents` were looked at; `aside` of those would be set aside.
 */
export type Trial = Readonly<{
  documents: number;
  looked: number;
  aside: number;
  orders: number;
  lines: number;
  matched: number;
  payouts: number;
  from: string | null;
  through: string | null;
  accounts: readonly Readonly<{ code: string; name: string; amount: string }>[];
}>;

/** A kind of channel that can be added. `missing` says in plain words what this installation lacks for it. */
export type Kind = Readonly<{
  kind: string;
  name: string;
  connect: "oauth" | "keys" | "file";
  /** Can it (also) be kept by uploading its files? */
  takesFiles: boolean;
  missing: readonly string[];
}>;

/** All kinds, in the order in which they are offered. */
export function channelKinds(environment: NodeJS.ProcessEnv = process.env): readonly Kind[] {
  return Object.entries(kinds).map(([kind, { manifest }]) => ({
    kind,
    name: manifest.name,
    connect: manifest.connect,
    takesFiles: takesFiles(manifest),
    missing: manifest.needs
      .filter(({ variable }) => !isGiven(environment, variable))
      .map(({ variable, what }) => `${variable}: ${what}`),
  }));
}

/** Can a channel of this kind be kept by uploading its files? */
const takesFiles = ({ feeds }: Channel["manifest"]): boolean => feeds.includes("file");

/** A practice market that a worker of ours runs is found by its port. */
function isGiven(environment: NodeJS.ProcessEnv, variable: string): boolean {
  return Boolean(environment[variable]) || (variable === "PRACTICE_URL" && Boolean(environment.PRACTICE_PORT));
}

export function isKind(kind: string): kind is ChannelKind {
  return Object.hasOwn(kinds, kind);
}

/** The kind of a channel; refuses `unknown_kind`. */
export function kindOf(kind: string): Channel {
  if (!isKind(kind)) throw new Refusal("unknown_kind", "There is no such kind of channel.");
  return kinds[kind];
}

/** The business's channels with how they stand, oldest first. */
export async function listChannels(scope: Scope): Promise<readonly ChannelRow[]> {
  const [rows, counts] = await inBusiness(scope, async (tx) => [
    await rowsOf<
      Omit<ChannelRow, "kindName" | "connect" | "waiting" | "parked" | "unreadable" | "openRun" | "lastRun">
    >(tx, sql`select ${columns} from app.channels where business_id = ${scope.businessId} order by created_at, id`),
    await rowsOf<{ channel_id: string; state: string; n: number }>(
      tx,
      sql`select channel_id, state, count(*)::int as n from app.raw_documents
          where business_id = ${scope.businessId} and state in ('waiting', 'refused', 'unreadable') group by channel_id, state`,
    ),
  ]);
  const count = (id: string, state: string) =>
    counts.find((one) => one.channel_id === id && one.state === state)?.n ?? 0;
  return Promise.all(
    rows.map(async (row) => {
      const [lastRun = null] = await runsAbout(scope, {
        job: ["syncChannel", "digestChannel"],
        about: row.id,
        limit: 1,
      });
      const isOpen = lastRun !== null && (lastRun.state === "waiting" || lastRun.state === "running");
      return {
        ...row,
        kindName: isKind(row.kind) ? kindOf(row.kind).manifest.name : row.kind,
        connect: isKind(row.kind) ? kindOf(row.kind).manifest.connect : "file",
        waiting: count(row.id, "waiting"),
        parked: count(row.id, "refused"),
        unreadable: count(row.id, "unreadable"),
        openRun: isOpen ? lastRun : null,
        lastRun,
      };
    }),
  );
}

const utc = (column: string) => sql.raw(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);
const columns = sql`id, kind, name, account_code as "accountCode", state, note,
  ${utc("last_synced_at")} as "lastSyncedAt", ${utc("next_sync_at")} as "nextSyncAt", ${utc("paused_at")} as "pausedAt",
  ${utc("since")} as since, is_trial as "isTrial", trial`;

/** One channel. Refuses `not_found`. */
export async function channelOf(scope: Scope, channelId: string): Promise<ChannelRow> {
  const found = (await listChannels(scope)).find((channel) => channel.id === channelId);
  if (found === undefined) throw notThere();
  return found;
}

const notThere = () => new Refusal("not_found", "There is no such channel.");

/** A channel's syncs, newest first. `before` is the id of the last one that was seen. */
export function syncsOf(scope: Scope, channelId: string, before?: string): Promise<readonly Run[]> {
  return runsAbout(scope, {
    job: ["syncChannel", "digestChannel"],
    about: channelId,
    ...(before === undefined ? {} : { before }),
  });
}

/** A document that is not in the books, and why. */
export type ParkedDocument = Readonly<{
  feed: string;
  externalId: string;
  version: string;
  state: "refused" | "unreadable";
  note: string;
  receivedAt: string;
}>;

/** Documents that wait for something (an order that is not here yet) or cannot be read. At most 200. */
export function parkedDocuments(scope: Scope, channelId: string): Promise<readonly ParkedDocument[]> {
  return inBusiness(scope, (tx) =>
    rowsOf<ParkedDocument>(
      tx,
      sql`select feed, external_id as "externalId", version, state, coalesce(note, '') as note, ${utc("received_at")} as "receivedAt"
          from app.raw_documents where business_id = ${scope.businessId} and channel_id = ${channelId}
            and state in ('refused', 'unreadable') order by received_at desc, feed, external_id limit 200`,
    ),
  );
}

/** An id for a new channel: its kind, or the first free practice-2, practice-3, … The caller holds the books' lock. */
export async function freeChannelId(tx: Tx, scope: InBusiness, kind: string): Promise<string> {
  const rows = await rowsOf<{ id: string }>(
    tx,
    sql`select id from app.channels where business_id = ${scope.businessId} and (id = ${kind} or id like ${`${kind}-%`})`,
  );
  const taken = new Set(rows.map((row) => row.id));
  for (let nth = 1; ; nth += 1) {
    const id = nth === 1 ? kind : `${kind}-${nth}`;
    if (!taken.has(id)) return id;
  }
}

/** Adds a channel that is kept by uploading its files (or by hand: kind `hand`). Gives its id. */
export async function addFileChannel(scope: Scope, kind: string, name: string): Promise<string> {
  require(scope, "connect");
  const said = name.normalize("NFC").replace(/\s+/gu, " ").trim();
  if ([...said].length > 120)
    throw new Refusal("text_too_long", "A name has at most 120 characters.", { field: "name" });
  const known = kind === "hand" ? "By hand" : kindOf(kind).manifest.name;
  if (kind !== "hand" && !takesFiles(kindOf(kind).manifest))
    throw new Refusal("unsupported", `${known} is connected by signing in, not by files.`, { field: "kind" });
  return inBusiness(scope, async (tx) => {
    await lockBooks(tx, scope);
    const id = await freeChannelId(tx, scope, kind);
    await addChannel(tx, scope, { id, kind, name: said === "" ? known : said, state: "file" });
    return id;
  });
}

type Opened = Readonly<{
  connector: Connector;
  feeds: readonly Feed[];
  state: ChannelState;
  since: string | null;
  isTrial: boolean;
}>;

/** What a sync works with. Refuses `not_found`, and ChannelError-free: whether it is connected is the credentials' affair. */
export function openChannel(scope: InBusiness, channelId: string): Promise<Opened> {
  return inBusiness(scope, (tx) => openChannelIn(tx, scope, channelId));
}

/** The same in the caller's transaction. */
export async function openChannelIn(tx: Tx, scope: InBusiness, channelId: string): Promise<Opened> {
  const [row] = await rowsOf<{ kind: string; state: ChannelState; since: string | null; isTrial: boolean }>(
    tx,
    sql`select kind, state, is_trial as "isTrial", ${utc("since")} as since from app.channels where business_id = ${scope.businessId} and id = ${channelId}`,
  );
  if (row === undefined) throw notThere();
  const { manifest, load } = kindOf(row.kind);
  return { connector: await load(), feeds: manifest.feeds, state: row.state, since: row.since, isTrial: row.isTrial };
}

/**
 * Synchronises at once. Gives the run's id; refuses `running_already` while one is open, `connect_failed` where nobody is signed in, `stale`
 * for a channel that a person lets rest.
 */
export function syncNow(scope: Scope, channelId: string): Promise<string> {
  require(scope, "connect");
  return inBusiness(scope, (tx) => requestSync(tx, scope, channelId));
}

/** The same in the caller's transaction. */
export async function requestSync(tx: Tx, scope: InBusiness, channelId: string): Promise<string> {
  const channel = await lockChannel(tx, scope, channelId);
  if (channel.state === "file") throw new Refusal("unsupported", "This channel is kept by its files: upload one.");
  if (channel.state !== "connected") throw new Refusal("connect_failed", `Connect ${channel.name} again first.`);
  if (channel.isPaused) throw new Refusal("stale", `${channel.name} rests. Press Go on first.`);
  const run = await startRun(tx, scope, { job: "syncChannel", about: channelId, label: channel.name });
  await request(tx, "syncChannel", { business: scope.businessId, channel: channelId, run });
  return run;
}

/** Reads again what was parked or could not be read (a mapping was mended). Gives the run's id. */
export function readAgain(scope: Scope, channelId: string): Promise<string> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    const channel = await lockChannel(tx, scope, channelId);
    await tx.execute(sql`
      update app.raw_documents set state = 'waiting', note = null, rate_currency = null, rate_on = null where business_id = ${scope.businessId}
        and channel_id = ${channelId} and state in ('refused', 'unreadable')`);
    const run = await startRun(tx, scope, { job: "digestChannel", about: channelId, label: channel.name });
    await request(tx, "digestChannel", { business: scope.businessId, channel: channelId, run });
    return run;
  });
}

/**
 * Reads what a channel parked again, in the caller's transaction, because something that it waited for is here now. While such a reading
 * is open already nothing more is asked: it looks once more before it ends (lib/digest.ts).
 */
export async function readParkedIn(tx: Tx, scope: InBusiness, channelId: string): Promise<void> {
  const channel = await lockChannel(tx, scope, channelId);
  try {
    const run = await startRun(tx, scope, { job: "digestChannel", about: channelId, label: channel.name });
    await request(tx, "digestChannel", { business: scope.businessId, channel: channelId, run });
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== "running_already") throw error;
  }
}

/** Locks a channel's row until the transaction ends: one starts a run for it, or changes its state, at a time. */
export async function lockChannel(
  tx: Tx,
  scope: InBusiness,
  channelId: string,
): Promise<Readonly<{ name: string; kind: string; state: ChannelState; isPaused: boolean }>> {
  const [row] = await rowsOf<{ name: string; kind: string; state: ChannelState; isPaused: boolean }>(
    tx,
    sql`select name, kind, state, paused_at is not null as "isPaused" from app.channels where business_id = ${scope.businessId} and id = ${channelId} for update`,
  );
  if (row === undefined) throw notThere();
  return row;
}

/** The channel does not let us in any more: its jobs stop, its books stay, and a person is asked to sign in again. */
export async function needsReconnect(scope: InBusiness, channelId: string, why: string): Promise<void> {
  await inBusiness(scope, async (tx) => {
    await tx.execute(sql`
      update app.channels set state = 'reconnect', note = ${why}, next_sync_at = null
      where business_id = ${scope.businessId} and id = ${channelId} and state = 'connected'`);
    await tx.execute(sql`delete from app.due where business_id = ${scope.businessId} and channel_id = ${channelId}`);
  });
}

/** Ends the connection: the credentials are destroyed, running syncs stop, everything in the books stays. */
export async function disconnectChannel(scope: Scope, channelId: string): Promise<void> {
  require(scope, "connect");
  const open = await inBusiness(scope, async (tx) => {
    const channel = await lockChannel(tx, scope, channelId);
    if (channel.state === "file")
      throw new Refusal("unsupported", "This channel is kept by its files: there is nothing to disconnect.");
    await tx.execute(sql`
      update app.channels set state = 'disconnected', note = null, next_sync_at = null
      where business_id = ${scope.businessId} and id = ${channelId}`);
    await tx.execute(
      sql`delete from app.channel_secrets where business_id = ${scope.businessId} and channel_id = ${channelId}`,
    );
    await tx.execute(sql`delete from app.due where business_id = ${scope.businessId} and channel_id = ${channelId}`);
    await tx.execute(
      sql`delete from app.connected_shops where business_id = ${scope.businessId} and channel_id = ${channelId}`,
    );
    if (channel.state !== "disconnected")
      await recordAudit(tx, scope, { what: "channel.disconnect", about: channelId, before: { state: channel.state } });
    return rowsOf<{ id: string }>(
      tx,
      sql`select id from app.runs where business_id = ${scope.businessId} and job = 'syncChannel' and about = ${channelId}
            and state in ('waiting', 'running')`,
    );
  });
  for (const run of open) await cancelRun(scope, run.id);
}
