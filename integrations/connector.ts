/**
 * What a channel must be. A connector turns a channel's documents into facts and knows nothing else: no database, no queue, no
 * screen. `pull` stores, `read` understands; they are separate so that a mapping bug is mended by reading again.
 */
import type { z } from "zod";
import type { Fact } from "../lib/core/facts";

/** A kind of document that a channel gives: its orders, its products, its balance transactions. */
export type Feed = "orders" | "products" | "balance" | "payouts" | "refunds" | "file";

/** What a channel said, as it said it. `externalId` with `feed` names it in the channel; a later `version` (compared as text) replaces an earlier one. */
export type RawDocument = Readonly<{ feed: Feed; externalId: string; version: string; body: unknown }>;
/** `next` is the cursor to ask with for what follows, null at the end; `watermark` is what a later sync may begin from. */
export type Page = Readonly<{ documents: readonly RawDocument[]; next: string | null; watermark: string | null }>;

/** What a connector may know of the account that it reads for. `channel` is the id that facts carry and ids are prefixed with. */
export type Account = Readonly<{ channel: string; currency: string; timeZone: string }>;

/** A connected account, as `pull` sees it. `fetch` obeys limits, time-outs and Retry-After (integrations/http.ts). */
export type Session<Credentials> = Readonly<{
  account: Account;
  credentials: Credentials;
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
  /** Pure: proves that a webhook came from the channel. */
  verify?: (request: Readonly<{ headers: Headers; body: Uint8Array }>, secret: string) => RawDocument;
  /** The OAuth dance, for channels that are connected by signing in. */
  oauth?: OAuth<Credentials>;
}>;

/** `settings` come from the environment (keys, addresses); `state` and `verifier` are made and kept by the caller. */
export type OAuth<Credentials> = Readonly<{
  /** Where to send the person. */
  authorizeUrl: (request: Readonly<{ redirectUri: string; state: string; challenge: string }>) => string;
  /** I/O: the code that came back, for credentials. */
  exchange: (
    request: Readonly<{ code: string; redirectUri: string; verifier: string; signal: AbortSignal }>,
  ) => Promise<Credentials>;
  /** Pure: whose account the credentials are for. The same shop, signed in to again, must give the same `id`. */
  shopOf: (credentials: Credentials) => Readonly<{ id: string; name: string }>;
}>;

/** A channel as the rest of the product sees it: its credentials are its own affair (JSON text, encrypted at rest). */
export type Connector = Readonly<{
  pull: (session: Session<string>, feed: Feed, cursor: string | null) => Promise<Page>;
  read: (document: RawDocument, account: Account) => readonly Fact[];
  listed?: (document: RawDocument) => readonly Listed[];
  verify?: (request: Readonly<{ headers: Headers; body: Uint8Array }>, secret: string) => RawDocument;
  oauth?: OAuth<string>;
}>;

export type Manifest = Readonly<{
  name: string;
  /** In the order in which they are pulled and read. */
  feeds: readonly Feed[];
  connect: "oauth" | "file";
  /** The environment variables without which it cannot be connected, in plain words each. */
  needs: readonly Readonly<{ variable: string; what: string }>[];
}>;
export type Channel = Readonly<{ manifest: Manifest; load: () => Promise<Connector> }>;

/** Seals a definition: stored credentials are parsed on the way in, so `pull` only ever sees good ones. */
export function defineConnector<Credentials>(definition: Definition<Credentials>): Connector {
  const parse = (text: string): Credentials => definition.credentials.parse(JSON.parse(text));
  const { oauth, listed, verify } = definition;
  return {
    pull: (session, feed, cursor) =>
      definition.pull(
        {
          account: session.account,
          credentials: parse(session.credentials),
          signal: session.signal,
          renewed: (credentials) => session.renewed(JSON.stringify(credentials)),
        },
        feed,
        cursor,
      ),
    read: definition.read,
    ...(listed === undefined ? {} : { listed }),
    ...(verify === undefined ? {} : { verify }),
    ...(oauth === undefined
      ? {}
      : {
          oauth: {
            authorizeUrl: oauth.authorizeUrl,
            exchange: async (request) => JSON.stringify(await oauth.exchange(request)),
            shopOf: (credentials) => oauth.shopOf(parse(credentials)),
          },
        }),
  };
}
