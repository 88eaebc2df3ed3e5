/**
 * What a channel tells of its own shelves, brought into the books: its shelves are locations, what happens on them are transfers and
 * adjustments, what buyers sent back is placed, and what it says that it holds is held against the books. Each movement is taken once, by
 * the channel's own name for it (`shelf_moves`). What cannot be done yet, as with a SKU that is no product, waits with the reason and is
 * tried again with each sync.
 */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../db/bulk";
import { channelShelves, channelStock, shelfMoves } from "../db/schema";
import { rowsOf, type Tx } from "../db/scope";
import { type RawDocument, type Shelf, type ShelfMove, shelves } from "../integrations/connector";
import type { Books } from "./books/ledger";
import { Refusal } from "./core/errors";
import type { Fact } from "./core/facts";
import { normalise } from "./core/matching";
import { type Stored, WrongDocument } from "./documents-in";
import type { Scope } from "./people/access";
import { recordIn } from "./record";
import { goneSoFar } from "./shelf-gone";
import { type Shelved, single, type Told, taken, type Work, workOf } from "./shelf-moves";
import { differing } from "./stock/shelf-sql";
import { todayOf } from "./system/clock";
import { newId } from "./system/ids";

const kindOfShelf = {
  sellable: "channel_sellable",
  unsellable: "channel_unsellable",
  removal: "channel_removal",
} as const satisfies Record<Shelf, string>;

/** The channel's shelves, made where a document is of them and there are none yet; null where there are none and none are asked for. */
export async function shelvesFor(
  tx: Tx,
  scope: Scope,
  books: Books,
  { channelId, shelving }: Pick<Told, "channelId" | "shelving">,
  documents: readonly RawDocument[],
): Promise<Shelved | null> {
  const known = await shelvesIn(tx, scope, channelId);
  if (known !== null || !documents.some((document) => shelving.isOfShelves(document))) return known;
  const locations = await rowsOf<{ id: string; name: string; kind: string; taken: boolean }>(
    tx,
    sql`select l.id, l.name, l.kind, exists (select 1 from app.channel_shelves s where s.business_id = ${scope.businessId} and s.location_id = l.id) as taken
        from app.locations l where l.business_id = ${scope.businessId} and l.retired_at is null`,
  );
  const [channel] = await rowsOf<{ name: string }>(
    tx,
    sql`select name from app.channels where business_id = ${scope.businessId} and id = ${channelId}`,
  );
  const names = new Set(locations.map(({ name }) => normalise(name)));
  const facts: Fact[] = [];
  const made: Record<Shelf, string> = { sellable: "", unsellable: "", removal: "" };
  for (const shelf of shelves) {
    // A location that a person made for it already, if it can be no other.
    const [own, ...others] = locations.filter(({ kind, taken }) => kind === kindOfShelf[shelf] && !taken);
    if (own !== undefined && others.length === 0) {
      made[shelf] = own.id;
      continue;
    }
    const plain = shelving.names[shelf];
    const name = names.has(normalise(plain)) ? `${plain} (${channel?.name ?? channelId})`.slice(0, 80) : plain;
    made[shelf] = newId();
    facts.push({ kind: "location", id: made[shelf], name });
  }
  const origin = { source: `${channelId}/shelves`, userId: null };
  await recordIn(
    tx,
    scope,
    books,
    facts.map((fact) => ({ fact, version: newId() })),
    origin,
    { settles: false, audits: true },
  );
  for (const shelf of shelves)
    await tx.execute(
      sql`update app.locations set kind = ${kindOfShelf[shelf]} where business_id = ${scope.businessId} and id = ${made[shelf]}
            and kind <> ${kindOfShelf[shelf]}`,
    );
  await bulkInsert(
    tx,
    channelShelves,
    shelves.map((shelf) => ({ businessId: scope.businessId, channelId, shelf, locationId: made[shelf] })),
  );
  return made;
}

/** The locations that are a channel's shelves; null where it has none. */
async function shelvesIn(tx: Tx, scope: Scope, channelId: string): Promise<Shelved | null> {
  const rows = await rowsOf<{ shelf: string; location: string }>(
    tx,
    sql`select shelf, location_id as location from app.channel_shelves where business_id = ${scope.businessId} and channel_id = ${channelId}`,
  );
  const of = (shelf: Shelf) => rows.find((row) => row.shelf === shelf)?.location;
  const [sellable, unsellable, removal] = [of("sellable"), of("unsellable"), of("removal")];
  return sellable === undefined || unsellable === undefined || removal === undefined
    ? null
    : { sellable, unsellable, removal };
}

/**
 * Takes the documents of a batch: movements into the books, counts beside them. Throws WrongDocument for a document that the books refuse,
 * so that the batch is done again without it.
 */
export async function takeShelves(
  tx: Tx,
  scope: Scope,
  books: Books,
  told: Told,
  shelved: Shelved,
  documents: readonly Stored[],
): Promise<void> {
  const { channelId, shelving } = told;
  const moves = documents.flatMap((document) => shelving.moves(document).map((move) => ({ move, key: document.key })));
  const known = await knownMoves(
    tx,
    scope,
    channelId,
    moves.map(({ move }) => move.id),
  );
  const counts = documents.flatMap((document) => shelving.count(document) ?? []);
  const fresh = moves.filter(({ move }) => !known.has(move.id));
  const skus = [...fresh.map(({ move }) => move.sku), ...counts.map(({ sku }) => sku)];
  const work = await workOf(tx, scope, books, told, shelved, skus);
  await takeMoves(work, fresh);
  await bulkInsert(
    tx,
    channelStock,
    counts.map((count) => {
      const { item, times } = single(work.items.get(count.sku));
      const { sku, name, sellable, unsellable, inbound, at } = count;
      const own = { sku, name, sellable, unsellable, inbound, saidAt: at, itemId: item, times, differsSince: null };
      return { businessId: scope.businessId, channelId, ...own };
    }),
    sql`on conflict (business_id, channel_id, sku) do update set name = excluded.name, sellable = excluded.sellable, unsellable = excluded.unsellable,
          inbound = excluded.inbound, said_at = excluded.said_at, item_id = excluded.item_id, times = excluded.times`,
  );
}

const mostAtOnce = 500;

/**
 * Tries again what waits: its product may be known by now, its refund be there. Gives the id behind which the next call goes on, null at
 * the end. `left` are the movements that the books refuse.
 */
export async function retryShelves(
  tx: Tx,
  scope: Scope,
  books: Books,
  told: Told,
  from: string,
  left: ReadonlySet<string>,
): Promise<string | null> {
  const b = scope.businessId;
  const shelved = await shelvesIn(tx, scope, told.channelId);
  if (shelved === null) return null;
  const rows = await rowsOf<RawDocument>(
    tx,
    sql`select distinct on (d.external_id) d.feed, d.external_id as "externalId", d.version, d.body from app.shelf_moves m
        join app.raw_documents d on d.business_id = ${b} and d.channel_id = ${told.channelId} and d.feed = 'stock' and d.external_id = m.id
        where m.business_id = ${b} and m.channel_id = ${told.channelId} and m.facts is null and m.id > ${from}
        order by d.external_id, d.version desc limit ${mostAtOnce}`,
  );
  const moves = rows.flatMap((document) =>
    told.shelving.moves(document).flatMap((move) => (left.has(move.id) ? [] : [{ move, key: move.id }])),
  );
  const stock = await rowsOf<{ sku: string }>(
    tx,
    sql`select sku from app.channel_stock where business_id = ${b} and channel_id = ${told.channelId} and item_id is null`,
  );
  const skus = [...moves.map(({ move }) => move.sku), ...stock.map(({ sku }) => sku)];
  const work = await workOf(tx, scope, books, told, shelved, skus);
  await takeMoves(work, moves);
  const found = stock.flatMap(({ sku }) => {
    const { item, times } = single(work.items.get(sku));
    return item === null ? [] : [{ sku, item, times }];
  });
  if (found.length > 0)
    await tx.execute(
      sql`update app.channel_stock s set item_id = u.item, times = u.times
          from unnest(${list(
            "text",
            found.map(({ sku }) => sku),
          )}, ${list(
            "text",
            found.map(({ item }) => item),
          )}, ${list(
            "bigint",
            found.map(({ times }) => times),
          )}) as u(sku, item, times)
          where s.business_id = ${b} and s.channel_id = ${told.channelId} and s.sku = u.sku`,
    );
  return rows.length < mostAtOnce ? null : (rows.at(-1)?.externalId ?? null);
}

/** Movements into the books, or among those that wait. `key` names what is left out where the books refuse one. */
async function takeMoves(work: Work, moves: readonly Readonly<{ move: ShelfMove; key: string }>[]): Promise<void> {
  const { tx, scope, told } = work;
  const rows: (typeof shelfMoves.$inferInsert)[] = [];
  const before = await goneSoFar(
    tx,
    scope,
    told.channelId,
    moves.flatMap(({ move }) => (move.kind === "gone" && move.inAll !== undefined ? [move.id] : [])),
  );
  for (const { move, key } of moves) {
    const outcome = await taken(work, move, before).catch((error: unknown) => {
      if (error instanceof Refusal) throw new WrongDocument(key, { state: "refused", note: error.message });
      throw error;
    });
    const { on, kind, sku, words, id } = move;
    const qty = outcome.qty ?? move.qty;
    // Where it comes to, or leaves: what waits is not expected on that shelf yet.
    const shelf = move.kind === "moved" ? move.to : move.shelf;
    const became = "why" in outcome ? { facts: null, why: outcome.why } : { facts: [...outcome.recorded], why: null };
    rows.push({
      businessId: scope.businessId,
      channelId: told.channelId,
      id,
      onDate: on,
      kind,
      shelf,
      sku,
      qty,
      words,
      ...became,
    });
  }
  await bulkInsert(
    tx,
    shelfMoves,
    rows,
    sql`on conflict (business_id, channel_id, id) do update set facts = excluded.facts, why = excluded.why, qty = excluded.qty`,
  );
}

async function knownMoves(
  tx: Tx,
  scope: Scope,
  channelId: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await rowsOf<{ id: string }>(
    tx,
    sql`select id from app.shelf_moves where business_id = ${scope.businessId} and channel_id = ${channelId} and id = any(${list("text", ids)})`,
  );
  return new Set(rows.map(({ id }) => id));
}

/** Since when each SKU's shelves differ from the books: written where that changed. */
export async function markDifferences(tx: Tx, scope: Scope, channelId: string): Promise<void> {
  const b = scope.businessId;
  await tx.execute(sql`
    update app.channel_stock s set differs_since = case when d.item_id is null then null else ${todayOf(scope.timeZone)}::date end
    from app.channel_stock o left join (select distinct item_id from (${differing(b)}) x where x.channel_id = ${channelId}) d on d.item_id = o.item_id
    where s.business_id = ${b} and s.channel_id = ${channelId} and o.business_id = ${b} and o.channel_id = ${channelId} and o.sku = s.sku
      and (s.differs_since is null) <> (d.item_id is null)`);
}
