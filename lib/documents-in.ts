/** One stored document on its way into the books: its facts, or why it is set aside. Shared by what books (digest.ts) and what only looks. */
import type { Account, Connector, RawDocument } from "../integrations/connector";
import { ChannelError, Refusal } from "./core/errors";
import { type PlacedTypes, placedAs } from "./desk/placed-types";
import type { VersionedFact } from "./record";

export type SetAside = Readonly<{ state: "refused" | "unreadable"; note: string }>;

/** Rolls a batch back: this document is wrong, the others are done without it. */
export class WrongDocument extends Error {
  readonly key: string;
  readonly aside: SetAside;
  constructor(key: string, aside: SetAside) {
    super(aside.note);
    this.name = "WrongDocument";
    this.key = key;
    this.aside = aside;
  }
}

export type Stored = RawDocument & Readonly<{ key: string }>;

/** The document's facts, added to the batch's; or why it is set aside. */
export function readInto(
  connector: Connector,
  document: Stored,
  known: Readonly<{ account: Account; placed: PlacedTypes }>,
  facts: VersionedFact[],
  owners: Stored[],
): SetAside | null {
  try {
    for (const fact of connector.read(document, known.account)) {
      facts.push({ fact: placedAs(fact, known.placed), version: document.version });
      owners.push(document);
    }
    return null;
  } catch (error) {
    if (error instanceof ChannelError && error.failure === "unreadable")
      return { state: "unreadable", note: error.message };
    throw error;
  }
}

/** What a refusal of a batch means: the document whose fact was wrong; anything else as it is. */
export function wrongDocument(error: unknown, owners: readonly Stored[]): unknown {
  if (!(error instanceof Refusal) || error.detail.index === undefined) return error;
  const owner = owners[Number(error.detail.index)];
  return owner === undefined ? error : new WrongDocument(owner.key, { state: "refused", note: error.message });
}
