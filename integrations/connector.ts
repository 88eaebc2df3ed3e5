/**
 * What a channel must be. A connector turns a channel's documents into facts and knows nothing else: no database, no queue, no
 * screen. `pull` stores, `read` understands; they are separate so that a mapping bug is mended by reading again.
 */
import type { z } from "zod";
import type { Fact, LocalDate } from "../lib/core/facts";

/** A kind of document that a channel gives: its orders, its products, its balance transactions. */
export type Feed = "orders" | "products" | "balance" | "payouts" | "refunds" | "disputes" | "stock" | "file";

/** What a channel said, as it said it. `externalId` with `feed` names it in the channel; a later `version` (compared as text) replaces an earlier one. */
export type RawDocument = Readonly<{ feed: Feed; externalId: string; version: string; body: unknown }>;
/**
 * `next` is the cursor to ask with for what follows, null at the end; `watermark` is what a later sync may begin from. `left` is how many
 * documents of this pass follow the page, as far as the channel says; `reached` how far back the pass is (ISO 8601, UTC), where it goes
 * from the newest to the oldest. Both are for showing only, and may be left out.
 */
export type Page = Readonly<{
  documents: readonly RawDocument[];
  next: string | null;
  watermark: string | null;
  left?: number;
  reached?: string;
}>;

/** What a connector may know of the account that it reads for. `channel` is the id that facts carry and ids are prefixed with. */
export type Account = Readonly<{
  channel: string;
  currency: string;
  timeZone: string;
  /** The locations that are the channel's own shelves, where it has any. */
  shelves?: Readonly<Record<Shelf, string>>;
}>;

/** A channel's own shelves: what it can sell, what it cannot, and what is on its way out of its warehouses. */
export const shelves = ["sellable", "unsellable", "removal"] as const;
export type Shelf = (typeof shelves)[number];

/**
 * Something that happened on a channel's shelves and that no order says, in the channel's own words. `id` names it for good: said again, it
 * is the same. `sku` is the seller's name for the goods; `qty` counts pieces and is more than 0. `received`: goods that the seller sent
 * arrived. `sent back`: what was received was counted wrongly. `moved`: from shelf to shelf. `returned`: a buyer's goods came back; their
 * ids are `something/ORDER/SKU/…`, so that all of an order's are found. A movement's id is its document's.
 *
 * `gone` with `inAll`: the channel tells a number that grows, and `qty` is how many are gone so far by that removal order. Ids are
 * `something/ORDER/…/QTY`: what was taken under ids that differ in their last part alone is taken off, and the rest waits until the goods
 * have come to the shelf.
 */
export type ShelfMove = Readonly<{ id: string; on: LocalDate; sku: string; qty: bigint; words: string }> &
  Readonly<
    | { kind: "received" | "sent back"; shelf: Shelf; shipment: string | null }
    | { kind: "moved"; from: Shelf; to: Shelf; reference: string | null }
    | { kind: "gone"; shelf: Shelf; reason: string; inAll?: string }
    | { kind: "found"; shelf: Shelf; reason: string }
    | { kind: "returned"; shelf: Shelf; order: string }
  >;
/** What a channel says that it holds of one SKU, in pieces; `inbound` is on its way to it. `at`: since when (ISO 8601). */
export type ShelfCount = Readonly<{
  sku: string;
  name: string;
  sellable: bigint;
  unsellable: bigint;
  inbound: bigint;
  at: string;
}>;

/** For channels with shelves of their own. All pure; what is no document of that kind gives nothing. */
export type Shelving = Readonly<{
  /** What new shelves are called, after the channel's name. */
  names: Readonly<Record<Shelf, string>>;
  /** Whether a document needs the shelves to be there. */
  isOfShelves: (document: RawDocument) => boolean;
  /** Throws ChannelError "unreadable" as `read` does. */
  moves: (document: RawDocument) => readonly ShelfMove[];
  count: (document: RawDocument) => ShelfCount | null;
}>;

/** A connected account, as `pull` sees it. `fetch` obeys limits, time-outs and Retry-After (integrations/http.ts). */
export type Session<Credentials> = Readonly<{
  account: Account;
  credentials: Credentials;
  /** The instant (ISO 8601, UTC) that the seller begins with: nothing that was done before need be pulled. null: all that there is. */
  since: string | null;
  signal: AbortSignal;
  /** Called with new credentials when the channel rotated them; resolves when they are stored. */
  renewed: (credentials: Credentials) => Promise<void>;
}>;

/** One thing that a channel lists for sale, as its orders will name it. Offered when a person says what they bought; never an item by itself. */
export type Listed = Readonly<{ listing: string; sku: string | null; name: string }>;

export type Definition<Credentials> = Readonly<{
  credentials: z.ZodType<Credentials>;
  /** I/O: one page of documents after `cursor`. Asked again with one cursor, it gives at least the same documents. */
  pull: (session: Session<Credentials>, feed: Feed, cursor: string | null) => Promise<Page>;
  /** Pure: what one document says, in our words. Unknown fields are ignored, wrong ones refused (ChannelError "unreadable"). */
  read: (document: RawDocument, account: Account) => readonly Fact[];
  /** Pure: what a document of the feed "products" lists; nothing for documents of other feeds. */
  listed?: (document: RawDocument) => readonly Listed[];
  shelving?: Shelving;
  /**
   * What a call from the channel says, once it is proved to come from it: throws ChannelError "refused" for one that is not. The call is
   * a hint and no more: what changed is pulled, so that calls that come twice, late, in another order or never do no harm. `held` gives
   * the credentials of the connections to a shop, for channels that sign with what only a connection knows.
   */
  hook?: (request: HookRequest, held: (shop: string) => Promise<readonly Credentials[]>) => Promise<Hook>;
  /** The OAuth dance, for channels that are connected by signing in. */
  oauth?: OAuth<Credentials>;
  /** For channels that are connected by keys which the seller makes there. */
  keys?: Keys<Credentials>;
}>;

/** Something that a person types, or chooses, to connect. `name` is what the answer is called by. */
export type Ask = Readonly<{
  name: string;
  label: string;
  /** Where to find it, in plain words. */
  hint: string;
  isSecret: boolean;
  /** It may be left empty. */
  isOptional?: boolean;
  choices?: readonly Readonly<{ value: string; label: string }>[];
}>;
export type Answers = Readonly<Record<string, string>>;

/** `settings` come from the environment (keys, addresses); `state` and `verifier` are made and kept by the caller. */
export type OAuth<Credentials> = Readonly<{
  /** What must be known before the person can be sent away (a shop's address, a region). Left out: nothing. */
  asks?: readonly Ask[];
  /** Where to send the person. Refuses `bad_field` for an answer that cannot be. */
  authorizeUrl: (
    request: Readonly<{ redirectUri: string; state: string; challenge: string; answers: Answers }>,
  ) => string;
  /** I/O: the code that came back, for credentials. `returned` is all that the channel sent back with the person. */
  exchange: (
    request: Readonly<{
      code: string;
      redirectUri: string;
      verifier: string;
      answers: Answers;
      returned: Answers;
      signal: AbortSignal;
    }>,
  ) => Promise<Credentials>;
  /** Pure: whose account the credentials are for. The same shop, signed in to again, must give the same `id`. */
  shopOf: (credentials: Credentials) => Readonly<{ id: string; name: string }>;
}>;

/** Keys that a seller makes at the channel and types here. */
export type Keys<Credentials> = Readonly<{
  asks: readonly Ask[];
  /** I/O: tries them. Refuses `bad_field` for what cannot be a key; throws ChannelError "disconnected" for what the channel does not take. */
  check: (request: Readonly<{ answers: Answers; signal: AbortSignal }>) => Promise<Credentials>;
  /** Pure: whose account the keys are for. The same account with other keys must give the same `id`. */
  shopOf: (credentials: Credentials) => Readonly<{ id: string; name: string }>;
}>;

/** A call that came from outside, as it came. `url` is the whole address that it was sent to. */
export type HookRequest = Readonly<{ method: string; url: string; headers: Headers; body: Uint8Array }>;
/**
 * What a call says. `shop` is the id that `shopOf` gives; `event` is the channel's own id of the event, by which a second delivery is
 * known. "changed": these feeds have something new. "disconnected": the seller let go of us there. "privacy": a buyer's or a whole
 * shop's data is asked for or must be erased. "answer": the channel only wants to hear this back (a challenge). "nothing": true, but of
 * no interest.
 */
export type Hook =
  | Readonly<{ kind: "changed"; shop: string; event: string; feeds: readonly Feed[] }>
  | Readonly<{ kind: "disconnected"; shop: string; event: string }>
  | Readonly<{
      kind: "privacy";
      shop: string;
      event: string;
      what: "asked" | "erase_buyer" | "erase_shop";
      body: unknown;
    }>
  | Readonly<{ kind: "answer"; status: number; contentType: string; body: string }>
  | Readonly<{ kind: "nothing" }>;

/** A channel as the rest of the product sees it: its credentials are its own affair (JSON text, encrypted at rest). */
export type Connector = Readonly<{
  pull: (session: Session<string>, feed: Feed, cursor: string | null) => Promise<Page>;
  read: (document: RawDocument, account: Account) => readonly Fact[];
  listed?: (document: RawDocument) => readonly Listed[];
  shelving?: Shelving;
  hook?: (request: HookRequest, held: (shop: string) => Promise<readonly string[]>) => Promise<Hook>;
  oauth?: OAuth<string>;
  keys?: Keys<string>;
}>;

export type Manifest = Readonly<{
  name: string;
  /** In the order in which they are pulled and read. */
  feeds: readonly Feed[];
  connect: "oauth" | "keys" | "file";
  /** Within so many days it usually pays out what it holds; null: it holds nothing, or pays when it is asked to. */
  paysEvery: number | null;
  /** The environment variables without which it cannot be connected, in plain words each. */
  needs: readonly Readonly<{ variable: string; what: string }>[];
}>;
export type Channel = Readonly<{ manifest: Manifest; load: () => Promise<Connector> }>;

/** Seals a definition: stored credentials are parsed on the way in, so `pull` only ever sees good ones. */
export function defineConnector<Credentials>(definition: Definition<Credentials>): Connector {
  const parse = (text: string): Credentials => definition.credentials.parse(JSON.parse(text));
  const { oauth, keys, listed, shelving, hook } = definition;
  return {
    pull: (session, feed, cursor) =>
      definition.pull(
        {
          account: session.account,
          credentials: parse(session.credentials),
          since: session.since,
          signal: session.signal,
          renewed: (credentials) => session.renewed(JSON.stringify(credentials)),
        },
        feed,
        cursor,
      ),
    read: definition.read,
    ...(listed === undefined ? {} : { listed }),
    ...(shelving === undefined ? {} : { shelving }),
    ...(hook === undefined
      ? {}
      : { hook: (request, held) => hook(request, async (shop) => (await held(shop)).map(parse)) }),
    ...(oauth === undefined
      ? {}
      : {
          oauth: {
            ...(oauth.asks === undefined ? {} : { asks: oauth.asks }),
            authorizeUrl: oauth.authorizeUrl,
            exchange: async (request) => JSON.stringify(await oauth.exchange(request)),
            shopOf: (credentials) => oauth.shopOf(parse(credentials)),
          },
        }),
    ...(keys === undefined
      ? {}
      : {
          keys: {
            asks: keys.asks,
            check: async (request) => JSON.stringify(await keys.check(request)),
            shopOf: (credentials) => keys.shopOf(parse(credentials)),
          },
        }),
  };
}
