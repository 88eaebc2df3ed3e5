/** Rows of what goes in and what comes out, as recipes and productions have them typed: their products, quantities, waste and shares. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import type { ItemFact } from "../core/facts";
import { normalise } from "../core/matching";
import { MAX_MINOR } from "../core/money";
import { parseQuantity } from "../core/quantity";
import type { Scope } from "../people/access";
import { itemFor } from "./matching";
import { inField } from "./transfer-row";

export type Side = "in" | "out";

/**
 * A row as typed: `row` is its place in its grid, for errors (`in.3.qty`). `item` is the id that was chosen, or empty where a SKU or a name
 * was only typed (`text`); what comes out may be a new product. `waste`: `5%` of what goes in, or a quantity; `share`: of the cost.
 */
export type TypedPart = Readonly<{
  row: number;
  item: string;
  text: string;
  qty: string;
  waste: string;
  share: string;
}>;

/** A row as read, in smallest units; `wasteRate` in hundredths of a percent, `share` in hundredths of whatever was typed. */
export type Part = Readonly<{
  side: Side;
  item: string;
  name: string;
  decimals: number;
  qty: bigint;
  wasteQty: bigint;
  wasteRate: bigint;
  share: bigint;
}>;

/** `made`: products that are new, to be recorded with what names them. */
export type Parts = Readonly<{ ins: readonly Part[]; outs: readonly Part[]; made: readonly ItemFact[] }>;

/** So many products go in, and so many come out, at most. */
export const mostParts = 100;
/** What a file of facts may say too: beyond it no program counts exactly. */
const mostQty = 9_007_199_254_740_991n;
const mostRate = 100_000n;

/** Reads both grids. Refuses at its field what does not fit, a bundle, and a product that stands there twice. */
export async function partsTyped(
  tx: Tx,
  scope: Scope,
  typed: Readonly<{ ins: readonly TypedPart[]; outs: readonly TypedPart[] }>,
): Promise<Parts> {
  for (const [side, rows] of [
    ["in", typed.ins],
    ["out", typed.outs],
  ] as const) {
    if (rows.length === 0)
      throw new Refusal(
        "field_missing",
        side === "in" ? "What goes in? Give at least one product." : "What comes out?",
        {
          field: `${side}.0.item`,
        },
      );
    if (rows.length > mostParts)
      throw new Refusal("too_many_rows", `At most ${mostParts} products fit here.`, {
        field: `${side}.${mostParts}.item`,
      });
  }
  const made: ItemFact[] = [];
  const named = await itemsNamed(tx, scope, [...typed.ins, ...typed.outs]);
  const chosen = (one: TypedPart) => one.item || (named.get(normalise(one.text)) ?? "");
  const known = await itemsKnown(tx, scope, [...typed.ins, ...typed.outs].map(chosen));
  const seen = new Map<string, string>();
  const read = async (side: Side, one: TypedPart): Promise<Part> => {
    const field = (column: string) => `${side}.${one.row}.${column}`;
    let item = known.get(chosen(one));
    if (item === undefined && side === "out" && one.item === "" && one.text.trim() !== "") {
      const found = await inFieldOf(field("item"), () =>
        itemFor(tx, scope, { name: one.text, sku: null }, { id: null, name: one.text }),
      );
      made.push(...found.facts);
      item = { id: found.item, name: found.name, decimals: 0, isBundle: false };
    }
    if (item === undefined) throw new Refusal("unknown_id", "Choose one of your products.", { field: field("item") });
    if (item.isBundle)
      throw new Refusal("does_not_fit", "This is a bundle: it is only sold. Name what it is made of.", {
        field: field("item"),
      });
    const earlier = seen.get(item.id);
    if (earlier !== undefined)
      throw new Refusal(
        "does_not_fit",
        earlier === side
          ? "This product stands here already: put the quantities together."
          : "Nothing is made of itself: this product goes in already.",
        { field: field("item") },
      );
    seen.set(item.id, side);
    const { decimals } = item;
    const qty = inField(field("qty"), () => countable(parseQuantity(one.qty, decimals)));
    const waste = side === "in" ? inField(field("waste"), () => wasteOf(one.waste, decimals)) : noWaste;
    const share = side === "out" ? inField(field("share"), () => shareOf(one.share)) : 0n;
    return { side, item: item.id, name: item.name, decimals, qty, ...waste, share };
  };
  const ins: Part[] = [];
  for (const one of typed.ins) ins.push(await read("in", one));
  const outs: Part[] = [];
  for (const one of typed.outs) outs.push(await read("out", one));
  return { ins, outs: sharesOf(outs, typed.outs), made };
}

const noWaste = { wasteQty: 0n, wasteRate: 0n };

function countable(qty: bigint): bigint {
  if (qty <= mostQty) return qty;
  throw new Refusal("out_of_range", "This is more than can be counted.");
}

/** `5%`, `2.5 %`, a quantity, or nothing. */
function wasteOf(text: string, decimals: number): Readonly<{ wasteQty: bigint; wasteRate: bigint }> {
  const typed = text.trim();
  if (typed === "") return noWaste;
  if (!typed.endsWith("%"))
    return { wasteQty: countable(parseQuantity(typed, decimals, { from: "zero" })), wasteRate: 0n };
  const rate = hundredths(typed.slice(0, -1), "percentage");
  if (rate > mostRate) throw new Refusal("out_of_range", "Waste is at most 1,000 %.");
  return { wasteQty: 0n, wasteRate: rate };
}

/** A share of the cost, in hundredths of what was typed; empty is 0. */
function shareOf(text: string): bigint {
  const typed = text.trim().replace(/%$/, "");
  if (typed === "") return 0n;
  const share = hundredths(typed, "share");
  if (share > MAX_MINOR / BigInt(mostParts)) throw new Refusal("out_of_range", "This is more than can be kept.");
  return share;
}

function hundredths(text: string, what: string): bigint {
  try {
    return parseQuantity(text, 2, { from: "zero" });
  } catch (error) {
    if (error instanceof Refusal)
      throw new Refusal("bad_number", `Write the ${what} as a number with at most two decimals, such as 60 or 12.5.`);
    throw error;
  }
}

/** What comes out alone has all of the cost; of several, a person says how it is shared. */
function sharesOf(outs: readonly Part[], typed: readonly TypedPart[]): readonly Part[] {
  if (outs.some((one) => one.share > 0n)) return outs;
  if (outs.length === 1) return outs.map((one) => ({ ...one, share: 1n }));
  throw new Refusal("field_missing", "How is the cost shared? Give a share of it, such as 60 and 40.", {
    field: `out.${typed[0]?.row ?? 0}.share`,
  });
}

type Known = Readonly<{ id: string; name: string; decimals: number; isBundle: boolean }>;

async function itemsKnown(tx: Tx, scope: Scope, ids: readonly string[]): Promise<ReadonlyMap<string, Known>> {
  const rows = await rowsOf<{ id: string; name: string; decimals: number; is_bundle: boolean }>(
    tx,
    sql`select i.id, i.name, i.decimals, exists (select 1 from app.item_components c where c.business_id = ${scope.businessId} and c.item_id = i.id) as is_bundle
        from app.items i where i.business_id = ${scope.businessId} and not i.is_undone and i.id = any(${list("text", [...new Set(ids)])})`,
  );
  return new Map(rows.map((row) => [row.id, { ...row, isBundle: row.is_bundle }]));
}

/** Items by the SKU or the name that rows without a chosen one say, where exactly one answers to it. */
export async function itemsNamed(
  tx: Tx,
  scope: Scope,
  rows: readonly Readonly<{ item: string; text: string }>[],
): Promise<ReadonlyMap<string, string>> {
  const keys = [...new Set(rows.flatMap(({ item, text }) => (item === "" ? [normalise(text)] : [])))].filter(
    (key) => key !== "",
  );
  if (keys.length === 0) return new Map();
  const found = await rowsOf<{ key: string; id: string }>(
    tx,
    sql`select key, min(id) as id from (
          select i.sku_key as key, i.id from app.items i
          where i.business_id = ${scope.businessId} and not i.is_undone and i.sku_key = any(${list("text", keys)})
          union
          select n.name_key, n.item_id from app.item_names n join app.items i on i.business_id = ${scope.businessId} and i.id = n.item_id
          where n.business_id = ${scope.businessId} and not i.is_undone and n.name_key = any(${list("text", keys)})) found
        group by key having count(*) = 1`,
  );
  return new Map(found.map((row) => [row.key, row.id]));
}

async function inFieldOf<T>(field: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(error.code, error.message, { ...error.detail, field });
    throw error;
  }
}

export type AccountChoice = Readonly<{ code: string; name: string }>;

/**
 * The accounts that work and overhead may be taken from: costs, what is owed, the owner's, a bank or a till. Not Inventory, into which
 * they go, and no channel's balance.
 */
export function extraAccountsIn(tx: Tx, scope: Scope): Promise<readonly AccountChoice[]> {
  return rowsOf<AccountChoice>(
    tx,
    sql`select code, name from app.accounts where business_id = ${scope.businessId} and not is_archived and holds is distinct from 'channel'
          and (type in ('expense', 'cost_of_sales', 'equity', 'liability') or holds in ('bank', 'card', 'cash')) order by code`,
  );
}

/** A note as typed, without space around it. */
export function noteOf(text: string, longest = 500): string {
  const note = text.normalize("NFC").trim();
  if (note.includes("\u0000")) throw new Refusal("bad_character", "This has a NUL character.", { field: "note" });
  if ([...note].length > longest)
    throw new Refusal("text_too_long", `At most ${longest} characters fit here.`, { field: "note" });
  return note;
}
