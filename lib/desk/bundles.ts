/**
 * Bundles: products that are only sold, and of which each sale moves what they are made of (costing.md rule 9). What a bundle is made of is
 * a part of its item, which has no date: a change is a correction that holds for all its sales, also those before. So it is told first how
 * many were sold; who packs it otherwise from now on makes a new product for that.
 */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import type { Component, ItemFact } from "../core/facts";
import { normalise } from "../core/matching";
import { parseQuantity } from "../core/quantity";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { linesNamed } from "../people/audit-facts";
import { changeBooks, type Seen } from "../preview";
import { recordIn } from "../record";
import { itemFacts } from "../stock/item-reads";
import { newId } from "../system/ids";
import { undoIn } from "../undo";
import { itemFor } from "./matching";
import { itemsNamed } from "./recipe-lines";
import { inField } from "./transfer-row";

/** A row as typed: `row` is its place in the form, for errors (`in.3.qty`). */
export type TypedComponent = Readonly<{ row: number; item: string; text: string; qty: string }>;
export type BundleInput = Readonly<{
  /** The product that it is: one that is there, or empty and a name for a new one. */
  item: string;
  name: string;
  /** Of a new product. */
  sku: string;
  parts: readonly TypedComponent[];
}>;

/** What was saved, and how it was before, to be taken back: `new` was no product, `none` no bundle. */
export type Before = "new" | "none" | readonly Component[];
export type SavedBundle = Readonly<{ item: string; name: string; sold: number; before: Before }>;

const mostParts = 100;
const longestSku = 200;
const origin = (scope: Scope) => ({ source: null, userId: scope.userId, revives: true });

/**
 * Makes a product a bundle, or says anew what it is made of. Refuses what does not fit at its field, `in_use` for what was stocked, and
 * `moves_costs` until it was seen how many of it were sold and what that changes.
 */
export function saveBundle(scope: Scope, input: BundleInput, seen: Seen = null): Promise<SavedBundle> {
  require(scope, "write");
  if (input.parts.length === 0)
    throw new Refusal("field_missing", "What is in it? Give at least one product.", { field: "in.0.item" });
  if (input.parts.length > mostParts)
    throw new Refusal("too_many_rows", `At most ${mostParts} products are in a bundle.`, {
      field: `in.${mostParts}.item`,
    });
  return changeBooks(
    scope,
    seen,
    async (tx, books) => {
      const { fact, before } = await bundleOf(tx, scope, input);
      const components = await componentsTyped(tx, scope, fact.id, input.parts);
      const sold = await soldOf(tx, scope, fact.id);
      const saved = { item: fact.id, name: fact.name, sold, before };
      if (before !== "new" && before !== "none" && sameParts(before, components)) return { ...saved, isSame: true };
      await recordAudit(tx, scope, {
        what: "bundle.save",
        about: `item/${fact.id}`,
        before: typeof before === "string" ? undefined : { parts: await linesNamed(tx, scope, before) },
        after: { name: fact.name, parts: await linesNamed(tx, scope, components), sold },
      });
      await inBundle(() =>
        recordIn(tx, scope, books, [{ fact: { ...fact, components }, version: newId() }], origin(scope)),
      );
      return { ...saved, isSame: false };
    },
    ({ sold, name, isSame }) =>
      isSame || sold === 0
        ? ""
        : `${sold} sold ${sold === 1 ? "line" : "lines"} of ${name}, of any date, then ${sold === 1 ? "moves" : "move"} what you say here.`,
  );
}

/** Takes a saved bundle back: its parts are what they were, it is no bundle again, or there is no such product. */
export function undoBundle(
  scope: Scope,
  input: Readonly<{ item: string; before: Before }>,
  seen: Seen = null,
): Promise<Readonly<{ name: string }>> {
  require(scope, "write");
  return changeBooks(scope, seen, async (tx, books) => {
    const [fact] = await itemFacts(tx, scope, [input.item]);
    if (fact === undefined) throw new Refusal("nothing_to_undo", "This was taken back already.");
    await recordAudit(tx, scope, {
      what: "bundle.undo",
      about: `item/${fact.id}`,
      before: { name: fact.name, parts: await linesNamed(tx, scope, fact.components ?? []) },
      after: typeof input.before === "string" ? undefined : { parts: await linesNamed(tx, scope, input.before) },
    });
    if (input.before === "new") {
      await undoIn(tx, scope, books, [`item/${fact.id}`], origin(scope));
      await recordIn(tx, scope, books, [], origin(scope));
      return { name: fact.name };
    }
    const { components: _now, ...plain } = fact;
    const former = input.before === "none" ? plain : { ...plain, components: input.before };
    await inBundle(() => recordIn(tx, scope, books, [{ fact: former, version: newId() }], origin(scope)));
    return { name: fact.name };
  });
}

/** The product that is the bundle, without its parts, and what it was. */
async function bundleOf(
  tx: Tx,
  scope: Scope,
  input: BundleInput,
): Promise<Readonly<{ fact: ItemFact; before: Before }>> {
  const sku = input.sku.normalize("NFC").trim();
  if ([...sku].length > longestSku)
    throw new Refusal("text_too_long", `At most ${longestSku} characters fit here.`, { field: "sku" });
  const choice = { id: input.item === "" ? null : input.item, name: input.name };
  const chosen = await inBundle(
    () => itemFor(tx, scope, { name: input.name, sku: sku === "" ? null : sku }, choice),
    "itemText",
  );
  const [made] = chosen.facts;
  if (made !== undefined) {
    if (sku !== "" && made.sku === null)
      throw new Refusal("does_not_fit", "Another product has this SKU.", { field: "sku" });
    return { fact: made, before: "new" };
  }
  const [known] = await itemFacts(tx, scope, [chosen.item]);
  if (known === undefined)
    throw new Refusal("unknown_id", "This product is not there any more. Choose another.", { field: "itemText" });
  if (known.decimals > 0)
    throw new Refusal("does_not_fit", "What is counted in parts cannot be a bundle. Make a new product for it.", {
      field: "itemText",
    });
  const { components, ...fact } = known;
  return { fact, before: components ?? "none" };
}

async function componentsTyped(
  tx: Tx,
  scope: Scope,
  bundle: string,
  typed: readonly TypedComponent[],
): Promise<readonly Component[]> {
  const named = await itemsNamed(tx, scope, typed);
  const chosen = (one: TypedComponent) => one.item || (named.get(normalise(one.text)) ?? "");
  const known = new Map(
    (
      await rowsOf<{ id: string; decimals: number }>(
        tx,
        sql`select id, decimals from app.items where business_id = ${scope.businessId} and not is_undone and id = any(${list("text", typed.map(chosen))})`,
      )
    ).map((row) => [row.id, row.decimals]),
  );
  const seen = new Set<string>();
  return typed.map((one) => {
    const field = `in.${one.row}.item`;
    const item = chosen(one);
    const decimals = known.get(item);
    if (decimals === undefined) throw new Refusal("unknown_id", "Choose one of your products.", { field });
    if (item === bundle) throw new Refusal("does_not_fit", "A bundle cannot hold itself.", { field });
    if (seen.has(item))
      throw new Refusal("does_not_fit", "This product stands here already: put the quantities together.", { field });
    seen.add(item);
    return { item, qty: inField(`in.${one.row}.qty`, () => parseQuantity(one.qty, decimals)) };
  });
}

/** How many sold lines are of it, by themselves or in another bundle. */
async function soldOf(tx: Tx, scope: Scope, item: string): Promise<number> {
  const [row] = await rowsOf<{ n: number }>(
    tx,
    sql`with recursive holds as (
          select ${item}::text collate "C" as id
          union
          select c.item_id from holds h join app.item_components c on c.business_id = ${scope.businessId} and c.component_id = h.id)
        select count(*)::int as n from app.order_lines o
        where o.business_id = ${scope.businessId} and not o.is_undone and o.item_id in (select id from holds)`,
  );
  return row?.n ?? 0;
}

const sameParts = (a: readonly Component[], b: readonly Component[]): boolean =>
  a.length === b.length && a.every((one, at) => one.item === b[at]?.item && one.qty === b[at]?.qty);

/** What is refused of the bundle itself stands at its name. */
async function inBundle<T>(work: () => Promise<T>, field = "itemText"): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(error.code, error.message, { ...error.detail, field });
    throw error;
  }
}
