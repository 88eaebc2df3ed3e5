/**
 * What one movement on a channel's shelves becomes: a transfer, an adjustment, the placement of a return; or the reason why it waits. What
 * comes and goes is of products, so a SKU is one of them first, a bundle its parts.
 */
import { sql } from "drizzle-orm";
import { list } from "../db/bulk";
import { rowsOf, type Tx } from "../db/scope";
import type { Shelf, ShelfMove, Shelving } from "../integrations/connector";
import { type Batch, openBatch } from "./books/batch";
import type { Books } from "./books/ledger";
import { invariant } from "./core/errors";
import type { AdjustmentFact, Component, TransferFact } from "./core/facts";
import { normalise } from "./core/matching";
import { reasonOf } from "./core/reasons";
import { costsLike, worthOf } from "./desk/count-ledger";
import { reasonAccountsIn } from "./desk/reason-accounts";
import { arriveAsTold, openTowards } from "./desk/transfers";
import type { Scope } from "./people/access";
import { recordIn } from "./record";
import { type GoneSoFar, idsOfOrder, isThere, seriesOf } from "./shelf-gone";
import { partsOf } from "./stock/bundles";
import { sha256Hex } from "./system/sha256";

export type Shelved = Readonly<Record<Shelf, string>>;
/** Whose shelves, and what brought the documents. */
export type Told = Readonly<{ channelId: string; run: string; shelving: Shelving }>;

type Item = Readonly<{ item: string; parts: readonly Component[] }>;
export type Work = Readonly<{
  tx: Tx;
  scope: Scope;
  books: Books;
  told: Told;
  shelved: Shelved;
  /** Where the seller's own goods are that it sends to the channel. */
  home: string;
  items: ReadonlyMap<string, Item>;
}>;

/** What a movement became: the keys of its facts; or why it waits. `qty`: of how many pieces, where that is not all that it says. */
type Outcome = Readonly<{ recorded: readonly string[]; qty?: bigint }> | Readonly<{ why: string; qty?: bigint }>;

/** What movements of these SKUs are worked with. */
export async function workOf(
  tx: Tx,
  scope: Scope,
  books: Books,
  told: Told,
  shelved: Shelved,
  skus: readonly string[],
): Promise<Work> {
  const batch = await openBatch(tx, scope, books, { source: told.run, userId: null });
  const items = await itemsOf(batch, told.channelId, skus);
  return { tx, scope, books, told, shelved, items, home: await homeOf(tx, scope, told.channelId) };
}

/** What can be compared with a location: a product, or so many of one. A bundle of several cannot. */
export function single(known: Item | undefined): Readonly<{ item: string | null; times: bigint }> {
  const [part, ...others] = known?.parts ?? [];
  return part === undefined || others.length > 0 ? { item: null, times: 1n } : { item: part.item, times: part.qty };
}

/** Which product each SKU is: the one that has it, or the one that the channel's sales of it are. */
async function itemsOf(batch: Batch, channelId: string, skus: readonly string[]): Promise<ReadonlyMap<string, Item>> {
  const keys = new Map([...new Set(skus)].map((sku) => [normalise(sku), sku]));
  keys.delete("");
  const business = batch.scope.businessId;
  const found = new Map<string, readonly string[]>();
  if (keys.size === 0) return new Map();
  const wanted = list("text", [...keys.keys()]);
  for (const { key, ids } of await rowsOf<{ key: string; ids: string[] }>(
    batch.tx,
    sql`select sku_key as key, array_agg(distinct item_id) as ids from app.order_lines where business_id = ${business} and channel_id = ${channelId}
          and sku_key = any(${wanted}) and item_id is not null and not is_undone group by 1`,
  ))
    found.set(key, ids);
  for (const { key, ids } of await rowsOf<{ key: string; ids: string[] }>(
    batch.tx,
    sql`select sku_key as key, array_agg(id) as ids from app.items where business_id = ${business} and sku_key = any(${wanted}) and not is_undone group by 1`,
  ))
    found.set(key, ids);
  const parts = await partsOf(batch, [...found.values()].flat());
  return new Map(
    [...found].flatMap(([key, [item, ...others]]): [string, Item][] => {
      const sku = keys.get(key);
      if (item === undefined || others.length > 0 || sku === undefined) return [];
      return [[sku, { item, parts: parts.get(item) ?? [{ item, qty: 1n }] }]];
    }),
  );
}

async function homeOf(tx: Tx, scope: Scope, channelId: string): Promise<string> {
  const [row] = await rowsOf<{ id: string }>(
    tx,
    sql`select l.id from app.locations l
        left join app.channels c on c.business_id = ${scope.businessId} and c.id = ${channelId} and c.location_id = l.id
        where l.business_id = ${scope.businessId} and not l.is_in_transit and l.retired_at is null and l.kind not like 'channel%'
        order by c.id is null, l.place, l.id limit 1`,
  );
  invariant(row !== undefined, "a business has a location of its own");
  return row.id;
}

const waits = (why: string): Outcome => ({ why });

/**
 * Does one movement, in the caller's transaction, which holds the books' lock. `before`: what was taken of numbers that grow; what this one
 * takes is added to it. Throws Refusal for what the books do not take.
 */
export async function taken(work: Work, move: ShelfMove, before: GoneSoFar): Promise<Outcome> {
  if (move.kind === "returned") return placed(work, move);
  const known = work.items.get(move.sku);
  if (known === undefined)
    return waits(
      `No product has the SKU ${move.sku} yet, or several have: ${move.words}. It is taken with the next sync after that.`,
    );
  const linesOf = (pieces: bigint) => known.parts.map(({ item, qty }) => ({ item, qty: qty * pieces }));
  const lines = linesOf(move.qty);
  switch (move.kind) {
    case "received":
      return arrived(work, move, lines);
    case "sent back":
      return moved(work, move, lines, work.shelved[move.shelf], work.home, move.shipment);
    case "moved":
      return moved(work, move, lines, work.shelved[move.from], work.shelved[move.to], move.reference);
    case "gone":
      return move.inAll === undefined
        ? changed(work, move, lines)
        : grown(work, { ...move, inAll: move.inAll }, linesOf, before);
    case "found":
      return changed(work, move, lines);
  }
}

type Lines = readonly Readonly<{ item: string; qty: bigint }>[];

/** What arrives is of what the seller sent there, the oldest first; what nobody said was sent came from the seller's own place. */
async function arrived(
  work: Work,
  move: Extract<ShelfMove, { kind: "received" | "sent back" }>,
  lines: Lines,
): Promise<Outcome> {
  const { tx, scope, books, told, shelved } = work;
  const to = shelved[move.shelf];
  const left = new Map(lines.map(({ item, qty }) => [item, qty]));
  const recorded: string[] = [];
  const sent = await openTowards(tx, scope, { to, items: [...left.keys()], by: move.on, hint: move.shipment });
  for (const { row, open } of sent) {
    const items = new Map<string, bigint>();
    for (const line of open) {
      const wanted = left.get(line.item) ?? 0n;
      const qty = wanted < line.open ? wanted : line.open;
      if (qty > 0n) items.set(line.item, qty);
      left.set(line.item, wanted - qty);
    }
    if (items.size === 0) continue;
    recorded.push(await arriveAsTold(tx, scope, books, { row, open, on: move.on, items }, told.run));
  }
  const rest = [...left].flatMap(([item, qty]) => (qty > 0n ? [{ item, qty }] : []));
  if (rest.length === 0) return { recorded };
  const direct = await moved(work, move, rest, work.home, to, move.shipment);
  return "why" in direct ? direct : { recorded: [...recorded, ...direct.recorded] };
}

async function moved(
  work: Work,
  move: ShelfMove,
  lines: Lines,
  from: string,
  to: string,
  number: string | null,
): Promise<Outcome> {
  if (from === to) return { recorded: [] };
  const id = idOf(work, move);
  const fact: TransferFact = {
    kind: "transfer",
    id,
    date: move.on,
    arrives: null,
    from,
    to,
    ...(number === null ? {} : { number }),
    lines: lines.map((line, at) => ({ id: `${id}/${at + 1}`, ...line })),
  };
  return told(work, fact);
}

async function changed(
  work: Work,
  move: Extract<ShelfMove, { kind: "gone" | "found" }>,
  lines: Lines,
): Promise<Outcome> {
  const { tx, scope, shelved } = work;
  const location = shelved[move.shelf];
  const id = idOf(work, move);
  const reason = reasonOf(move.reason);
  const costs = await costsLike(
    tx,
    scope,
    location,
    lines.map(({ item }) => item),
  );
  const accounts = await reasonAccountsIn(tx, scope);
  const fact: AdjustmentFact = {
    kind: "adjustment",
    id,
    date: move.on,
    location,
    reason: move.reason,
    ...(reason === null ? {} : { account: accounts[reason] }),
    note: move.words,
    lines: lines.map(({ item, qty }, at) =>
      move.kind === "gone"
        ? { id: `${id}/${at + 1}`, item, qty: -qty, amount: 0n }
        : { id: `${id}/${at + 1}`, item, qty, amount: worthOf(qty, null, costs.get(item)) },
    ),
  };
  return told(work, fact);
}

/** Of a number that grew, what is new. It leaves on the day that the channel says, or on the later one from which the shelf has it. */
async function grown(
  work: Work,
  move: Extract<ShelfMove, { kind: "gone" }> & Readonly<{ inAll: string }>,
  linesOf: (pieces: bigint) => Lines,
  before: GoneSoFar,
): Promise<Outcome> {
  const { tx, scope, told, shelved } = work;
  const series = seriesOf(move.id);
  const qty = move.qty - (before.get(series) ?? 0n);
  // A number that was said before, or less: of an older report, or put right. What is gone stays gone until a person says otherwise.
  if (qty <= 0n) return { recorded: [], qty: 0n };
  const lines = linesOf(qty);
  const where = { channelId: told.channelId, location: shelved[move.shelf] };
  const on = await isThere(tx, scope, where, { ...move, lines });
  if (on === null)
    return {
      qty,
      why: `${move.words}. The books do not have ${qty} of ${move.sku} on this shelf yet; they leave it with the sync after they have come.`,
    };
  const outcome = await changed(work, { ...move, on, qty }, lines);
  before.set(series, move.qty);
  return { ...outcome, qty };
}

/** A fact's id, whose last part is what people see of a document without a number. The channel's own name for it is in `shelf_moves`. */
function idOf({ told }: Work, move: ShelfMove): string {
  const { id, kind } = move;
  const of =
    kind === "gone" && move.inAll !== undefined ? idsOfOrder(told.channelId, move.inAll) : `${told.channelId}/stock/`;
  return `${of}${kind.replace(" ", "-")}-${sha256Hex(id).slice(0, 12)}`;
}

async function told({ tx, scope, books, told: { run } }: Work, fact: TransferFact | AdjustmentFact): Promise<Outcome> {
  await recordIn(tx, scope, books, [{ fact, version: "1" }], { source: run, userId: null }, { settles: false });
  return { recorded: [`${fact.kind}/${fact.id}`] };
}

/** A buyer's goods are back: what of that order waits to be placed is on this shelf, if all of a line came back to one shelf. */
async function placed(work: Work, move: Extract<ShelfMove, { kind: "returned" }>): Promise<Outcome> {
  const { tx, scope, books, told, shelved } = work;
  const b = scope.businessId;
  const waiting = await rowsOf<{ line: string; qty: string; is_placed: boolean }>(
    tx,
    sql`select r.id as line, r.qty::text, r.is_placed from app.orders o
        join app.returns t on t.business_id = ${b} and t.order_id = o.id and not t.is_undone
        join app.return_lines r on r.business_id = ${b} and r.return_id = t.id
        join app.order_lines s on s.business_id = ${b} and s.id = r.sale_id and s.sku_key = ${normalise(move.sku)}
        where o.business_id = ${b} and o.channel_id = ${told.channelId} and o.number = ${move.order} and not o.is_undone order by r.id`,
  );
  if (waiting.length === 0)
    return waits(
      `${move.sku} of order ${move.order} is back (${move.words}), but its refund is not in the books. It is placed when that comes.`,
    );
  const open = waiting.filter(({ is_placed }) => !is_placed);
  if (open.length === 0) return { recorded: [] };
  const all = await rowsOf<{ id: string; body: unknown; version: string }>(
    tx,
    sql`select external_id as id, version, body from app.raw_documents where business_id = ${b} and channel_id = ${told.channelId} and feed = 'stock'
          and external_id >= ${prefixOf(move)} and external_id < ${`${prefixOf(move)}\u{10ffff}`} and state <> 'older'`,
  );
  const back = all
    .flatMap(({ id, body, version }) => told.shelving.moves({ feed: "stock", externalId: id, version, body }))
    .filter((one): one is typeof move => one.kind === "returned" && one.order === move.order && one.sku === move.sku);
  const sum = (of: readonly Readonly<{ qty: bigint }>[]) => of.reduce((total, { qty }) => total + qty, 0n);
  const isOneShelf = back.every(({ shelf }) => shelf === move.shelf);
  const isAll = isOneShelf && sum(back) >= sum(waiting.map(({ qty }) => ({ qty: BigInt(qty) })));
  const [exact] = open.filter(({ qty }) => BigInt(qty) === move.qty);
  const lines = isAll ? open : exact === undefined ? [] : [exact];
  if (lines.length === 0)
    return waits(
      `Of order ${move.order}, ${move.qty} of ${move.sku} came back (${move.words}): not all that was refunded, or not to one shelf. Say where it is on the order's page.`,
    );
  const facts = lines.map(({ line }) => ({
    kind: "placement" as const,
    line,
    restock: true,
    writeOff: false,
    location: shelved[move.shelf],
  }));
  await recordIn(
    tx,
    scope,
    books,
    facts.map((fact) => ({ fact, version: "1" })),
    { source: told.run, userId: null },
    { settles: false },
  );
  return { recorded: facts.map(({ line }) => `placement/${line}`) };
}

/** What all returns of an order and SKU begin with. */
const prefixOf = ({ id }: ShelfMove): string => id.split("/").slice(0, 3).join("/").concat("/");
