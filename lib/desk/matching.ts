/** Choose item: what a sold line is, said by a person; for one line, for many, and for the others with the same SKU or name. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Books } from "../books/ledger";
import { Refusal } from "../core/errors";
import { factKey, type ItemFact } from "../core/facts";
import { normalise } from "../core/matching";
import { parseQuantity } from "../core/quantity";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { formerOf, namedFacts } from "../people/audit-facts";
import { type Changes, changeBooks, rehearse, type Seen } from "../preview";
import { recordIn, type VersionedFact } from "../record";
import { keyOrNull } from "../stock/items";
import { newId } from "../system/ids";

/** A known item by its id, or a new one by its name. An id with a name that is not the item's (no script) means the name. */
export type ItemChoice = Readonly<{ id: string | null; name: string }>;

export type MatchInput = Readonly<{
  lines: readonly string[];
  item: ItemChoice;
  /** So many of the item are in one of what was sold (a multipack), as typed; left out or 1: the line is the item. */
  pack?: string | undefined;
  /** Also the other unmatched lines with the same SKU, or (where a line has none) the same name. */
  alsoSame: boolean;
}>;
export type Matched = Readonly<{ source: string; item: string; name: string; lines: number }>;

const longestName = 500;
const mostLines = 5_000;

/**
 * Matches lines to an item. Refuses where a pin holds a line to lots of another item, and `moves_costs` where what it moves is to be seen
 * first.
 */
export function chooseItem(scope: Scope, input: MatchInput, seen: Seen = null): Promise<Matched> {
  require(scope, "write");
  return changeBooks(scope, seen, (tx, books) => applyMatch(tx, scope, books, input, `match/${newId()}`));
}

/** What matching them would change. */
export function previewMatch(scope: Scope, input: MatchInput): Promise<Changes> {
  require(scope, "write");
  return rehearse(scope, async (tx, books) => {
    await applyMatch(tx, scope, books, input, "match/preview");
  });
}

async function applyMatch(tx: Tx, scope: Scope, books: Books, input: MatchInput, source: string): Promise<Matched> {
  const business = scope.businessId;
  const lines = await rowsOf<{ id: string; name: string; sku: string | null }>(
    tx,
    sql`select id, name, sku from app.order_lines where business_id = ${business} and id = any(${list("text", input.lines)}) and not is_undone order by id`,
  );
  const first = lines[0];
  if (first === undefined) throw new Refusal("not_found", "These sales are not there any more.");
  const { item, name, facts } = await packFor(tx, scope, first, input);
  const others = input.alsoSame ? await sameLines(tx, scope, input.lines) : [];
  const wanted = [...new Set([...lines.map((line) => line.id), ...others])];
  if (wanted.length > mostLines) throw new Refusal("too_many_rows", `At most ${mostLines} lines at once.`);
  const matches: readonly VersionedFact[] = wanted.map((sale) => ({
    fact: { kind: "match", sale, item },
    version: newId(),
  }));
  const made = facts.map((fact) => ({ fact, version: newId() }));
  const former = await formerOf(
    tx,
    scope,
    books.currency,
    matches.map((one) => factKey(one.fact)),
  );
  await recordAudit(tx, scope, {
    what: "sale.match",
    about: `order_line/${first.id}`,
    before: former.size === 0 ? undefined : Object.fromEntries(former),
    after: {
      lines: wanted.length,
      ...(await namedFacts(
        tx,
        scope,
        books.currency,
        matches.map((one) => one.fact),
        facts,
      )),
    },
  });
  await recordIn(tx, scope, books, [...made, ...matches], { source, userId: scope.userId, revives: true });
  return { source, item, name, lines: wanted.length };
}

/**
 * The item that a choice means, or, where a line is a pack of several of it, the bundle of so many: one that is there already, or a new one
 * with the line's SKU, if nobody has that.
 */
async function packFor(
  tx: Tx,
  scope: Scope,
  line: Readonly<{ name: string; sku: string | null }>,
  input: Pick<MatchInput, "item" | "pack">,
): Promise<Readonly<{ item: string; name: string; facts: readonly ItemFact[] }>> {
  const pieces = packOf(input.pack);
  if (pieces === 1n) return itemFor(tx, scope, line, input.item);
  const business = scope.businessId;
  // The line's SKU is that of the pack, so a new item gets none.
  const base = await itemFor(tx, scope, { ...line, sku: null }, input.item);
  const [known] = await rowsOf<{ decimals: number }>(
    tx,
    sql`select decimals from app.items where business_id = ${business} and id = ${base.item}`,
  );
  const qty = pieces * 10n ** BigInt(known?.decimals ?? 0);
  const [same] = await rowsOf<{ id: string; name: string }>(
    tx,
    sql`select i.id, i.name from app.item_components c join app.items i on i.business_id = ${business} and i.id = c.item_id and not i.is_undone
        where c.business_id = ${business} and c.component_id = ${base.item} and c.qty = ${qty}::bigint
          and not exists (select 1 from app.item_components o where o.business_id = ${business} and o.item_id = c.item_id and o.place <> c.place)
        order by i.id limit 1`,
  );
  if (same !== undefined) return { item: same.id, name: same.name, facts: base.facts };
  const name = `${base.name}, pack of ${pieces}`;
  const pack = await itemFor(tx, scope, line, { id: null, name });
  const [made] = pack.facts;
  if (made === undefined)
    throw new Refusal("does_not_fit", `There is a product “${name}” already. Choose it as the product, one in each.`, {
      field: "pack",
    });
  return { item: made.id, name, facts: [...base.facts, { ...made, components: [{ item: base.item, qty }] }] };
}

const mostInPack = 10_000n;

function packOf(text: string | undefined): bigint {
  if (text === undefined || text.trim() === "") return 1n;
  try {
    const pieces = parseQuantity(text, 0);
    if (pieces > mostInPack) throw new Refusal("out_of_range", "A pack has at most 10,000 in it.");
    return pieces;
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(error.code, error.message, { field: "pack" });
    throw error;
  }
}

/** The unmatched lines with the SKU of one of these, or with its name where it has no SKU; the lines themselves left out. */
async function sameLines(tx: Tx, scope: Scope, lines: readonly string[]): Promise<readonly string[]> {
  const business = scope.businessId;
  const named = list("text", lines);
  const rows = await rowsOf<{ id: string }>(
    tx,
    sql`with these as (select sku_key, name_key from app.order_lines where business_id = ${business} and id = any(${named}))
        select o.id from app.order_lines o where o.business_id = ${business} and o.item_id is null and not o.is_undone and not (o.id = any(${named}))
          and (o.sku_key in (select sku_key from these where sku_key is not null)
            or o.name_key in (select name_key from these where sku_key is null and name_key <> ''))
        order by o.id limit ${mostLines}`,
  );
  return rows.map((row) => row.id);
}

export type ToMatch = Readonly<{
  lines: readonly Readonly<{
    id: string;
    order: string;
    number: string;
    on: string;
    channel: string;
    name: string;
    sku: string | null;
    amount: bigint;
    item: string | null;
    candidates: number;
  }>[];
  /** How many other unmatched lines have the same SKU (or name). */
  others: number;
  /** Items that share its SKU or one of its names: what it could be. */
  candidates: readonly Readonly<{ id: string; name: string; sku: string | null; by: string }>[];
}>;

/** The lines of the form, the items each could be, and how many others are like them. */
export function toMatch(scope: Scope, lines: readonly string[]): Promise<ToMatch> {
  require(scope, "read");
  const business = scope.businessId;
  const named = list("text", lines);
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<Record<string, string> & { sku: string | null; item: string | null; candidates: number }>(
      tx,
      sql`select o.id, o.order_id as "order", h.number, o.on_date::text as on, c.name as channel, o.name, o.sku, o.amount_minor::text as amount, i.name as item, o.candidates
          from app.order_lines o join app.orders h on h.business_id = ${business} and h.id = o.order_id
          join app.channels c on c.business_id = ${business} and c.id = o.channel_id
          left join app.items i on i.business_id = ${business} and i.id = o.item_id
          where o.business_id = ${business} and o.id = any(${named}) and not o.is_undone order by o.on_date desc, o.id`,
    );
    const candidates = await rowsOf<{ id: string; name: string; sku: string | null; by: string }>(
      tx,
      sql`with these as (select sku_key, name_key, listing_key from app.order_lines where business_id = ${business} and id = any(${named}))
          select i.id, i.name, i.sku, string_agg(distinct f.by, ' and ') as by from (
            select id as item_id, 'SKU' as by from app.items where business_id = ${business} and sku_key in (select sku_key from these where sku_key is not null)
            union all
            select item_id, 'name' from app.item_names where business_id = ${business} and name_key in (select name_key from these where name_key <> '')
            union all
            select m.item_id, 'listing' from app.matches m join app.order_lines o on o.business_id = ${business} and o.id = m.sale_id
              where m.business_id = ${business} and o.listing_key in (select listing_key from these where listing_key is not null)
          ) f join app.items i on i.business_id = ${business} and i.id = f.item_id and not i.is_undone
          group by i.id, i.name, i.sku order by i.name, i.id limit 20`,
    );
    return {
      lines: rows.map((row) => ({
        id: row.id ?? "",
        order: row.order ?? "",
        number: row.number ?? "",
        on: row.on ?? "",
        channel: row.channel ?? "",
        name: row.name ?? "",
        sku: row.sku,
        amount: BigInt(row.amount ?? "0"),
        item: row.item,
        candidates: row.candidates,
      })),
      others: (await sameLines(tx, scope, lines)).length,
      candidates,
    };
  });
}

/** The item that a choice means, with the fact that makes it where it is new (then with the line's SKU, if nobody has that). */
export async function itemFor(
  tx: Tx,
  scope: Scope,
  line: Readonly<{ name: string; sku: string | null }>,
  choice: ItemChoice,
): Promise<Readonly<{ item: string; name: string; facts: readonly ItemFact[] }>> {
  const business = scope.businessId;
  const typed = choice.name.normalize("NFC").replace(/\s+/gu, " ").trim();
  if ([...typed].length > longestName)
    throw new Refusal("text_too_long", `At most ${longestName} characters fit here.`, { field: "itemText" });
  const key = normalise(typed);
  if (choice.id !== null && choice.id !== "" && !choice.id.startsWith("seen/")) {
    const [known] = await rowsOf<{ id: string; name: string; keys: string[] }>(
      tx,
      sql`select i.id, i.name, array(select name_key from app.item_names where business_id = ${business} and item_id = i.id) as keys
          from app.items i where i.business_id = ${business} and i.id = ${choice.id} and not i.is_undone`,
    );
    if (known === undefined)
      throw new Refusal("unknown_id", "This product is not there any more. Choose another.", { field: "itemText" });
    if (key === "" || known.keys.includes(key)) return { item: known.id, name: known.name, facts: [] };
  }
  const name = typed === "" && choice.id?.startsWith("seen/") === true ? line.name : typed;
  if (name === "")
    throw new Refusal("field_missing", "Which product is it? Choose it or type its name.", { field: "itemText" });
  const same = await rowsOf<{ id: string; name: string }>(
    tx,
    sql`select i.id, i.name from app.item_names n join app.items i on i.business_id = ${business} and i.id = n.item_id and not i.is_undone
        where n.business_id = ${business} and n.name_key = ${normalise(name)} order by i.id limit 2`,
  );
  if (same.length > 1)
    throw new Refusal("does_not_fit", `Two products are called “${name}”. Choose one from the list.`, {
      field: "itemText",
    });
  if (same[0] !== undefined) return { item: same[0].id, name: same[0].name, facts: [] };
  const skuKey = keyOrNull(line.sku);
  const [taken] = await rowsOf<{ id: string }>(
    tx,
    sql`select id from app.items where business_id = ${business} and sku_key = ${skuKey ?? ""} and not is_undone limit 1`,
  );
  const sku = skuKey === null || taken !== undefined ? null : line.sku;
  const id = newId();
  return { item: id, name, facts: [{ kind: "item", id, name, sku, decimals: 0, aliases: [] }] };
}
