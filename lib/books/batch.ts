/** What one recording of facts works with: the transaction, the business's books, what is known of its places, and who says so. */
import { sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import { type Detail, type ErrorCode, Refusal } from "../core/errors";
import type { Fact } from "../core/facts";
import { sha256Hex } from "../system/sha256";
import type { Books } from "./ledger";

/** Who recorded: a person, and what brought it (an import, a sync's run, a form). */
export type Origin = Readonly<{
  source: string | null;
  userId: string | null;
  /** A person does it again on purpose (a form, an accepted file): what was undone before comes back. Otherwise it stays undone. */
  revives?: boolean;
}>;

/** A fact on its way in. `index` is its place in what was handed in; `isNewVersion`: one with this key was here and is replaced. */
export type Incoming<F extends Fact = Fact> = Readonly<{ fact: F; index: number; isNewVersion: boolean }>;

export type KnownChannel = Readonly<{ id: string; accountCode: string; locationId: string | null }>;

export type Batch = Readonly<{
  tx: Tx;
  scope: InBusiness;
  books: Books;
  origin: Origin;
  recordedAt: string;
  /** In their order; the first is where things are if nothing else is said. */
  locations: Map<string, Readonly<{ place: number; isInTransit: boolean }>>;
  channels: Map<string, KnownChannel>;
  /** Is any item a bundle? Where none is, no sold line needs to be asked for components. */
  bundles: { any: boolean };
  /** Sold lines whose match was worked out again, for who asks what they might have been in between. */
  rematched: Set<string>;
  /** The index at which each fact of this recording stands, so that nothing names what comes later. */
  order: ReadonlyMap<string, number>;
}>;

/** Opens a batch: reads the business's locations and channels, which are few. */
export async function openBatch(
  tx: Tx,
  scope: InBusiness,
  books: Books,
  origin: Origin,
  order: Batch["order"] = new Map(),
): Promise<Batch> {
  const locations = new Map<string, { place: number; isInTransit: boolean }>();
  const bundles = { any: false };
  // Sent together: neither waits for the other's answer.
  const [places, known] = await Promise.all([
    rowsOf<{ id: string; place: number; is_in_transit: boolean; has_bundles: boolean }>(
      tx,
      sql`select id, place, is_in_transit, exists (select 1 from app.item_components where business_id = ${scope.businessId}) as has_bundles
          from app.locations where business_id = ${scope.businessId} order by place, id`,
    ),
    rowsOf<{ id: string; account_code: string; location_id: string | null }>(
      tx,
      sql`select id, account_code, location_id from app.channels where business_id = ${scope.businessId}`,
    ),
  ]);
  for (const row of places) {
    locations.set(row.id, { place: row.place, isInTransit: row.is_in_transit });
    bundles.any = row.has_bundles;
  }
  const channels = new Map<string, KnownChannel>();
  for (const row of known) {
    channels.set(row.id, { id: row.id, accountCode: row.account_code, locationId: row.location_id });
  }
  const recordedAt = new Date().toISOString();
  return { tx, scope, books, origin, recordedAt, locations, channels, bundles, rematched: new Set(), order };
}

/** Refuses a fact: nothing of the recording stays. `index` tells the caller which of the facts it was. */
export function refuse(
  incoming: Readonly<{ index: number }>,
  code: ErrorCode,
  message: string,
  detail: Detail = {},
): never {
  throw new Refusal(code, message, { ...detail, index: String(incoming.index) });
}

/** The location that a line names, or the first one; refused where there is none of that id. In transit is where only transfers put things. */
export function locationOf(batch: Batch, incoming: Incoming, named: string | null): string {
  if (named === null) return defaultLocation(batch);
  const known = batch.locations.get(named);
  if (known === undefined || known.isInTransit)
    refuse(incoming, "unknown_id", `There is no location ${named}.`, { id: named });
  return named;
}

/** The location between leaving and arriving. Only what is of a consignment may name it. */
export function onTheWay(batch: Batch, incoming: Incoming): string {
  if (!batch.locations.has(inTransit))
    refuse(incoming, "unknown_id", `There is no location ${inTransit}.`, { id: inTransit });
  return inTransit;
}

/** Where things are if nothing else is said. */
export function defaultLocation(batch: Batch): string {
  let first: { id: string; place: number } | null = null;
  for (const [id, { place, isInTransit }] of batch.locations) {
    if (!isInTransit && (first === null || place < first.place)) first = { id, place };
  }
  if (first === null) throw new Refusal("unknown_id", "The business has no location yet.");
  return first.id;
}

/** The id of the location between leaving and arriving. */
export const inTransit = "in-transit";

/** The channel of a fact; refused where it is not known. */
export function channelOf(batch: Batch, incoming: Incoming, id: string): KnownChannel {
  const channel = batch.channels.get(id);
  if (channel === undefined) refuse(incoming, "unknown_id", `There is no channel ${id}.`, { id });
  return channel;
}

/** The content of a fact, as 128 bits of SHA-256 over its JSON with sorted keys: two equal facts have equal hashes. Stored bodies have the same. */
export function hashOf(fact: unknown): string {
  return sha256Hex(sortedJson(fact)).slice(0, 32);
}

/** JSON with the keys of objects in the order of their code units; bigint as strings of digits, as `jsonText` has it. */
export function sortedJson(value: unknown): string {
  if (typeof value === "bigint") return `"${value}"`;
  if (Array.isArray(value))
    return `[${value.map((part) => (part === undefined ? "null" : sortedJson(part))).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const fields = value as Readonly<Record<string, unknown>>;
  let text = "";
  for (const { name, quoted } of inOrder(Object.keys(fields))) {
    const field = fields[name];
    if (field !== undefined) text += `${text === "" ? "" : ","}${quoted}${sortedJson(field)}`;
  }
  return `{${text}}`;
}

type Name = Readonly<{ name: string; quoted: string }>;

/** Facts have few sets of fields, and a proof of a million of them asks for each again: what is sorted and quoted once is kept. */
const orders = new Map<string, Readonly<{ count: number; sorted: readonly Name[] }>>();
const mostOrders = 1_000;

function inOrder(names: readonly string[]): readonly Name[] {
  // Two lists of one text have another count, unless a name holds the mark between them: such a list is sorted each time.
  const key = names.join("\n");
  const known = orders.get(key);
  if (known !== undefined && known.count === names.length) return known.sorted;
  const sorted = [...names].sort().map((name) => ({ name, quoted: `${JSON.stringify(name)}:` }));
  if (names.some((name) => name.includes("\n"))) return sorted;
  if (orders.size >= mostOrders) orders.clear();
  orders.set(key, { count: names.length, sorted });
  return sorted;
}
