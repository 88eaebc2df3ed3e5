/**
 * From a channel into `raw_documents`: page by page, each stored with the cursor that follows it in one transaction, so that a pull
 * that was cut off goes on where it was. Nothing is understood here; lib/digest.ts reads what waits.
 *
 * A feed's watermark moves when the whole feed was pulled, and connectors begin a little before it: a document that changed while we
 * looked away is seen again rather than missed. The same document again adds nothing, and an older version never replaces a newer.
 */
import { sql } from "drizzle-orm";
import { bulkInsert, jsonText, list } from "../../db/bulk";
import { rawDocuments } from "../../db/schema";
import { type InBusiness, inBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Connector, Feed, Page, RawDocument } from "../../integrations/connector";
import type { Scope } from "../people/access";
import { failpoint } from "../system/failpoints";
import { checkLease } from "../system/lease";
import { isCancelled, progressIn, type Step } from "../system/runs";
import { sha256Hex } from "../system/sha256";
import { pullPage } from "./credentials";
import { paced } from "./pace";

export const feedNames: Readonly<Record<Feed, string>> = {
  orders: "Orders",
  products: "Products",
  balance: "Balance",
  payouts: "Payouts",
  refunds: "Refunds",
  disputes: "Disputes",
  stock: "Stock at the channel",
  file: "Files",
};

/** How storing went: documents that were new, or new versions. */
export type Stored = Readonly<{ fresh: number }>;

/**
 * Stores documents as they came, in the caller's transaction; `source` is what brought them (a run's or an import's id). A body that
 * changed while its version did not is kept as a version that follows.
 */
export async function storeDocuments(
  tx: Tx,
  scope: InBusiness,
  channelId: string,
  documents: readonly RawDocument[],
  source: string,
): Promise<Stored> {
  if (documents.length === 0) return { fresh: 0 };
  const known = await versionsOf(tx, scope, channelId, documents);
  const rows = new Map<string, typeof rawDocuments.$inferInsert>();
  const receivedAt = new Date().toISOString();
  for (const { feed, externalId, version: said, body } of documents) {
    const hash = sha256Hex(jsonText(body)).slice(0, 32);
    const name = nameOf(feed, externalId);
    const versions = known.get(name) ?? new Map<string, string>();
    const isOther = versions.has(said) && versions.get(said) !== hash;
    const version = isOther ? `${said}#${hash.slice(0, 8)}` : said;
    if (versions.has(version)) continue;
    const isOlder = [...versions.keys()].some((other) => other > version);
    versions.set(version, hash);
    known.set(name, versions);
    rows.set(`${name}\u001f${version}`, {
      businessId: scope.businessId,
      channelId,
      feed,
      externalId,
      version,
      body,
      hash,
      source,
      receivedAt,
      state: isOlder ? "older" : "waiting",
      note: null,
      rateCurrency: null,
      rateOn: null,
    });
  }
  await bulkInsert(tx, rawDocuments, [...rows.values()], sql`on conflict do nothing`);
  await setAsideOlder(tx, scope, channelId, [...rows.values()]);
  return { fresh: rows.size };
}

const nameOf = (feed: string, externalId: string) => `${feed}\u001f${externalId}`;

/** The versions that are here of each document, with their bodies' hashes. */
async function versionsOf(
  tx: Tx,
  scope: InBusiness,
  channelId: string,
  documents: readonly RawDocument[],
): Promise<Map<string, Map<string, string>>> {
  const known = new Map<string, Map<string, string>>();
  for (const feed of new Set(documents.map((document) => document.feed))) {
    const ids = documents.filter((document) => document.feed === feed).map((document) => document.externalId);
    const rows = await rowsOf<{ external_id: string; version: string; hash: string }>(
      tx,
      sql`select external_id, version, hash from app.raw_documents where business_id = ${scope.businessId}
            and channel_id = ${channelId} and feed = ${feed} and external_id = any(${list("text", ids)})`,
    );
    for (const row of rows) {
      const name = nameOf(feed, row.external_id);
      const versions = known.get(name) ?? new Map<string, string>();
      versions.set(row.version, row.hash);
      known.set(name, versions);
    }
  }
  return known;
}

/** What was not read yet and has a later version now need not be read any more. */
async function setAsideOlder(
  tx: Tx,
  scope: InBusiness,
  channelId: string,
  rows: readonly Readonly<{ feed: string; externalId: string }>[],
): Promise<void> {
  for (const feed of new Set(rows.map((row) => row.feed))) {
    const ids = rows.filter((row) => row.feed === feed).map((row) => row.externalId);
    await tx.execute(sql`
      update app.raw_documents d set state = 'older', note = null, rate_currency = null, rate_on = null
      where d.business_id = ${scope.businessId} and d.channel_id = ${channelId} and d.feed = ${feed}
        and d.external_id = any(${list("text", ids)}) and d.state in ('waiting', 'refused', 'unreadable')
        and exists (select 1 from app.raw_documents n where n.business_id = ${scope.businessId} and n.channel_id = d.channel_id
          and n.feed = d.feed and n.external_id = d.external_id and n.version > d.version)`);
  }
}

/** What a pull is done for: whose run it is, and how far that run was when it was taken up. */
export type Pulling = Readonly<{
  scope: Scope;
  channelId: string;
  connector: Connector;
  run: string;
  /** The instant (ISO 8601, UTC) that the seller begins with, null: all that there is. */
  since: string | null;
  signal: AbortSignal;
  /** After this (milliseconds since 1970) it gives way to others. */
  untilMs: number;
  /** Does what came first go into the books while the rest is still to come? */
  readsAhead: boolean;
}>;
/** "some": of one feed with more to come there is enough to be read into the books before (`wasRead` says that it was). */
export type Pulled = Readonly<{ kind: "all" | "some" | "cancelled" | "later"; steps: readonly Step[]; fresh: number }>;

/**
 * Is there so much of a feed with more to come that it is read before? Its first page, which is the newest, and then whenever there is four
 * times as much: what is earlier and comes later may change costs, so that reading at each page would work out the whole history as often.
 */
function isEnough({ state, more }: Step): boolean {
  const fresh = more?.fresh ?? 0;
  return state === "running" && fresh > 0 && fresh >= 4 * (more?.read ?? 0);
}

/** The same steps once all that there was is read into the books. */
export function wasRead(steps: readonly Step[]): readonly Step[] {
  return steps.map((step) =>
    isEnough(step) ? { ...step, more: { ...step.more, read: step.more?.fresh ?? 0 } } : step,
  );
}

/** Pulls all feeds to their ends, from where the run's steps say that it was; steps of others stay as they are. */
export async function pullFeeds(pulling: Pulling, feeds: readonly Feed[], before: readonly Step[]): Promise<Pulled> {
  let steps: readonly Step[] = [
    ...feeds.map(
      (feed): Step =>
        before.find((step) => step.key === feed) ?? {
          key: feed,
          label: feedNames[feed],
          state: "waiting",
          done: 0,
          more: { fresh: 0 },
        },
    ),
    ...before.filter(({ key }) => !feeds.some((feed) => feed === key)),
  ];
  const fresh = () => steps.reduce((sum, step) => sum + (step.more?.fresh ?? 0), 0);
  for (const feed of feeds) {
    for (;;) {
      const step = steps.find((one) => one.key === feed);
      if (step === undefined || step.state === "done") break;
      if (pulling.readsAhead && isEnough(step)) return { kind: "some", steps, fresh: fresh() };
      pulling.signal.throwIfAborted();
      if (await isCancelled(pulling.scope, pulling.run)) return { kind: "cancelled", steps, fresh: fresh() };
      if (Date.now() > pulling.untilMs) return { kind: "later", steps, fresh: fresh() };
      steps = await pullOnePage(pulling, feed, steps);
    }
  }
  return { kind: "all", steps, fresh: fresh() };
}

type At = Readonly<{ cursor: string | null; watermark: string | null }>;

async function pullOnePage(pulling: Pulling, feed: Feed, steps: readonly Step[]): Promise<readonly Step[]> {
  const { scope, channelId, connector, run, signal } = pulling;
  const at = await inBusiness(scope, (tx) => feedAt(tx, scope, channelId, feed));
  const { since } = pulling;
  const page = await pullPage(scope, channelId, connector, { feed, cursor: at.cursor ?? at.watermark, since, signal });
  await failpoint("pull.fetched");
  const after = await inBusiness(scope, async (tx) => {
    const now = await feedAt(tx, scope, channelId, feed, true);
    await checkLease(tx);
    const { fresh } = await storeDocuments(tx, scope, channelId, page.documents, run);
    // Another worker went on from here meanwhile: its cursor is further. What the page said is stored all the same.
    if (now.cursor === at.cursor && now.watermark === at.watermark) await moveTo(tx, scope, channelId, feed, at, page);
    const next = steps.map(
      (step): Step =>
        step.key === feed
          ? {
              ...step,
              state: page.next === null ? "done" : "running",
              done: step.done + page.documents.length,
              more: moreOf(step, page, fresh, since),
            }
          : step,
    );
    await progressIn(tx, scope, run, { steps: next, note: `Fetching ${feedNames[feed].toLowerCase()}` });
    await failpoint("pull.storing");
    return next;
  });
  await failpoint("pull.stored");
  return after;
}

/**
 * What else there is to say of a feed that a page came of: what was new, the pages so far, how many documents there are and how far back
 * it is, where the channel says, and the pace (lib/sales/pace.ts). Instants in milliseconds since 1970.
 */
function moreOf(step: Step, page: Page, fresh: number, since: string | null): Readonly<Record<string, number>> {
  const before = step.more ?? {};
  const done = step.done + page.documents.length;
  return {
    ...paced(before, Date.now(), done),
    fresh: (before.fresh ?? 0) + fresh,
    pages: (before.pages ?? 0) + (page.documents.length > 0 ? 1 : 0),
    ...(page.left === undefined ? {} : { of: done + page.left }),
    ...(page.reached === undefined ? {} : { reached: Date.parse(page.reached) }),
    ...(page.reached === undefined || since === null ? {} : { start: Date.parse(since) }),
  };
}

async function feedAt(tx: Tx, scope: InBusiness, channelId: string, feed: Feed, locks = false): Promise<At> {
  await tx.execute(sql`
    insert into app.channel_feeds (business_id, channel_id, feed, cursor, watermark, updated_at)
    values (${scope.businessId}, ${channelId}, ${feed}, null, null, now()) on conflict do nothing`);
  const [row] = await rowsOf<{ cursor: string | null; watermark: string | null }>(
    tx,
    sql`select cursor, watermark from app.channel_feeds
        where business_id = ${scope.businessId} and channel_id = ${channelId} and feed = ${feed} ${locks ? sql`for update` : sql``}`,
  );
  return row ?? { cursor: null, watermark: null };
}

async function moveTo(tx: Tx, scope: InBusiness, channelId: string, feed: Feed, at: At, page: Page): Promise<void> {
  const watermark = page.next === null ? (page.watermark ?? at.watermark) : at.watermark;
  await tx.execute(sql`
    update app.channel_feeds set cursor = ${page.next}, watermark = ${watermark}, updated_at = now()
    where business_id = ${scope.businessId} and channel_id = ${channelId} and feed = ${feed}`);
}
