/**
 * What people hand in of a count, from any number of devices, at once or after hours without a connection. Each entry has an id that its
 * device made, so handing it in again changes nothing; each is taken or refused by itself, so that one that cannot be read holds no other up.
 */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { countEntries, countLines } from "../../db/schema";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { instantText } from "../books/instants";
import { type CountMode, countedAt, countModes } from "../core/counts";
import { type ErrorCode, Refusal } from "../core/errors";
import { parseQuantity } from "../core/quantity";
import { knownAt, require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { itemsCalled } from "./count-names";
import { type CountRow, type CountState, countIn, instantIn, mostCounted, mostQty, nowInstant } from "./count-row";

/**
 * An entry as its device wrote it down. `item` is the id that was chosen, or empty where only a barcode, SKU or name was scanned or typed
 * (`text`). `at` and the hand-in's `now` are milliseconds of the device's own clock.
 */
export type HandedEntry = Readonly<{
  id: string;
  item: string;
  text: string;
  qty: string;
  mode: string;
  at: string;
}>;
export type HandIn = Readonly<{ count: string; now: string; entries: readonly HandedEntry[] }>;
/** `taken`: it is here, now or since before; else why not, which its device keeps and shows. */
export type HandedOutcome =
  | Readonly<{ id: string; taken: true; item: string }>
  | Readonly<{ id: string; taken: false; code: ErrorCode; says: string }>;
export type HandedIn = Readonly<{
  outcomes: readonly HandedOutcome[];
  added: number;
  state: CountState;
  version: number;
}>;

/** So many at once; a device that has more hands them in by and by. */
export const mostHanded = 500;

type Known = Readonly<{ name: string; decimals: number; isBundle: boolean }>;
type Taken = Readonly<{ id: string; item: string; qty: bigint; mode: CountMode; at: bigint }>;

/**
 * Takes what was counted. Refuses `not_ready` for a count that has not begun or is over: nothing is lost then, what was handed in stays where
 * it is. `received` is for tests.
 */
export async function handIn(scope: Scope, input: HandIn, received = nowInstant()): Promise<HandedIn> {
  require(scope, "move");
  if (input.entries.length > mostHanded)
    throw new Refusal("too_many_rows", `At most ${mostHanded} at once: hand the rest in afterwards.`);
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const row = await countIn(tx, scope, { id: input.count, version: null }, anyState);
    if (row.state !== "counting" && row.state !== "review") throw new Refusal("not_ready", notNow[row.state]);
    const before = new Map(
      (
        await rowsOf<{ id: string; item: string }>(
          tx,
          sql`select id, item_id as item from app.count_entries where business_id = ${b} and count_id = ${row.id}
              and id = any(${list(
                "text",
                input.entries.map(({ id }) => id),
              )})`,
        )
      ).map(({ id, item }) => [id, item]),
    );
    const fresh = input.entries.filter(({ id }) => !before.has(id));
    const named = await itemsCalled(
      tx,
      scope,
      fresh.flatMap(({ item, text }) => (item === "" ? [text] : [])),
    );
    const known = await itemsKnown(tx, scope, [...fresh.map(({ item }) => item), ...named.values()]);
    const begun = instantIn(row.started);
    const clock = clockOf(input.now);
    const taken = new Map<string, Taken>();
    const outcomes = input.entries.map((entry): HandedOutcome => {
      const already = before.get(entry.id) ?? taken.get(entry.id)?.item;
      if (already !== undefined) return { id: entry.id, taken: true, item: already };
      try {
        const one = read(entry, named, known, { clock, received, begun });
        taken.set(one.id, one);
        return { id: entry.id, taken: true, item: one.item };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return { id: entry.id, taken: false, code: error.code, says: error.message };
      }
    });
    if (taken.size === 0) return { outcomes, added: 0, state: row.state, version: row.version };
    await recordAudit(tx, scope, {
      what: "count.hand-in",
      about: `count/${row.id}`,
      after: { entries: taken.size, items: new Set([...taken.values()].map(({ item }) => item)).size },
    });
    await write(tx, scope, row, [...taken.values()], received);
    return { outcomes, added: taken.size, state: row.state, version: row.version + 1 };
  });
}

const anyState = ["draft", "counting", "review", "approved", "cancelled"] as const;
const notNow: Readonly<Record<"draft" | "approved" | "cancelled", string>> = {
  draft: "This count has not begun yet.",
  approved: "This count was approved already. Take the approval back to hand in more.",
  cancelled: "This count was cancelled.",
};

function clockOf(text: string): bigint {
  if (!/^\d{1,15}$/.test(text)) throw new Refusal("bad_field", "The device's clock cannot be read.", { field: "now" });
  return BigInt(text) * 1000n;
}

function read(
  entry: HandedEntry,
  named: ReadonlyMap<string, string>,
  known: ReadonlyMap<string, Known>,
  time: Readonly<{ clock: bigint; received: bigint; begun: bigint }>,
): Taken {
  if (!/^[0-9A-Za-z-]{8,64}$/.test(entry.id)) throw new Refusal("bad_field", "This was not written by our page.");
  const mode = countModes.find((one) => one === entry.mode);
  if (mode === undefined) throw new Refusal("bad_field", "Is it more, or all of it counted again?");
  const item = entry.item === "" ? (named.get(entry.text) ?? "") : entry.item;
  const found = known.get(item);
  if (found === undefined)
    throw new Refusal(
      "unknown_id",
      entry.item === "" && entry.text.trim() !== ""
        ? `“${entry.text.trim().slice(0, 40)}” is no product of yours, or more than one.`
        : "Choose one of your products.",
    );
  if (found.isBundle) throw new Refusal("does_not_fit", `${found.name} is a bundle: count what it is made of.`);
  const qty = parseQuantity(entry.qty, found.decimals, { from: "zero" });
  if (qty > mostQty) throw new Refusal("out_of_range", "This is more than can be counted.");
  if (!/^\d{1,15}$/.test(entry.at)) throw new Refusal("bad_field", "It does not say when it was counted.");
  const at = countedAt({ now: time.clock, at: BigInt(entry.at) * 1000n }, time.received, time.begun);
  return { id: entry.id, item, qty, mode, at };
}

async function itemsKnown(tx: Tx, scope: Scope, ids: readonly string[]): Promise<ReadonlyMap<string, Known>> {
  const b = scope.businessId;
  const rows = await rowsOf<{ id: string; name: string; decimals: number; is_bundle: boolean }>(
    tx,
    sql`select i.id, i.name, i.decimals, exists (select 1 from app.item_components c where c.business_id = ${b} and c.item_id = i.id) as is_bundle
        from app.items i where i.business_id = ${b} and not i.is_undone and ${knownAt(scope, "i.id")} and i.id = any(${list("text", [...new Set(ids)])})`,
  );
  return new Map(rows.map(({ id, name, decimals, is_bundle }) => [id, { name, decimals, isBundle: is_bundle }]));
}

/** Adds entries under the count's lock; what was found and not planned gets a line of its own at the end. */
async function write(tx: Tx, scope: Scope, row: CountRow, taken: readonly Taken[], received: bigint): Promise<void> {
  const b = scope.businessId;
  const items = [...new Set(taken.map(({ item }) => item))];
  const [last] = await rowsOf<{ n: number; place: number; here: string[] }>(
    tx,
    sql`select count(*)::int as n, coalesce(max(place), -1) as place,
          array(select l.item_id from app.count_lines l where l.business_id = ${b} and l.count_id = ${row.id} and l.item_id = any(${list("text", items)})) as here
        from app.count_lines where business_id = ${b} and count_id = ${row.id}`,
  );
  const here = new Set(last?.here ?? []);
  const extra = items.filter((item) => !here.has(item));
  if ((last?.n ?? 0) + extra.length > mostCounted)
    throw new Refusal("too_many_rows", `A count has at most ${mostCounted} products. Plan another one for the rest.`);
  await bulkInsert(
    tx,
    countLines,
    extra.map((itemId, i) => ({
      businessId: b,
      countId: row.id,
      itemId,
      place: (last?.place ?? -1) + 1 + i,
      isExtra: true,
      takesDay: false,
      reason: null,
      worthMinor: null,
      countedQty: null,
      countedAt: null,
      expectedQty: null,
      countedOn: null,
      lateQty: 0n,
    })),
  );
  await bulkInsert(
    tx,
    countEntries,
    taken.map(({ id, item, qty, mode, at }) => ({
      businessId: b,
      countId: row.id,
      id,
      itemId: item,
      qty,
      mode,
      countedAt: instantText(at),
      handedAt: instantText(received),
      userId: scope.userId,
    })),
  );
  await tx.execute(sql`update app.counts set version = version + 1 where business_id = ${b} and id = ${row.id}`);
}
