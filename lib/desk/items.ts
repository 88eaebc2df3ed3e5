/** Items from forms: renamed, given a SKU or other names. Says first what that would do to sales that were matched by them. */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { lockBooks } from "../books/ledger";
import { Refusal } from "../core/errors";
import type { ItemFact } from "../core/facts";
import { normalise } from "../core/matching";
import { formatMinor } from "../core/money";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { type Changes, rehearse } from "../preview";
import { recordIn } from "../record";
import { itemFacts } from "../stock/item-reads";
import { newId } from "../system/ids";

export type ItemInput = Readonly<{
  item: string;
  name: string;
  sku: string;
  aliases: readonly string[];
  /** The person has read what it does and goes on. */
  isAccepted: boolean;
}>;

const longest = 500;

function text(typed: string, field: string): string {
  const said = typed.normalize("NFC").replace(/\s+/gu, " ").trim();
  if ([...said].length > longest)
    throw new Refusal("text_too_long", `At most ${longest} characters fit here.`, { field });
  return said;
}

function wanted(before: ItemFact, input: ItemInput): ItemFact {
  const name = text(input.name, "name");
  if (normalise(name) === "") throw new Refusal("field_missing", "Give the product a name.", { field: "name" });
  const sku = text(input.sku, "sku");
  const aliases = new Map<string, string>();
  for (const alias of input.aliases) {
    const said = text(alias, "aliases");
    if (normalise(said) !== "" && normalise(said) !== normalise(name)) aliases.set(normalise(said), said);
  }
  return { ...before, name, sku: sku === "" ? null : sku, aliases: [...aliases.values()] };
}

export type ItemEffect = Readonly<{ changes: Changes; unmatched: number; matched: number }>;

/** What saving would do: costs that move, and how many sold lines lose or find their product. */
export async function previewItem(scope: Scope, input: ItemInput): Promise<ItemEffect> {
  require(scope, "write");
  let effect = { unmatched: 0, matched: 0 };
  const changes = await rehearse(scope, async (tx, books) => {
    const before = await factOf(tx, scope, input.item);
    const open = await unmatchedLines(tx, scope);
    const fact = wanted(before, input);
    await recordIn(tx, scope, books, [{ fact, version: newId() }], {
      source: null,
      userId: scope.userId,
      revives: true,
    });
    const after = await unmatchedLines(tx, scope);
    effect = {
      unmatched: [...after].filter((line) => !open.has(line)).length,
      matched: [...open].filter((line) => !after.has(line)).length,
    };
  });
  return { changes, ...effect };
}

/** Saves an item's name, SKU and other names. Refuses, once, what takes sales from their product or moves posted costs. */
export async function saveItem(scope: Scope, input: ItemInput): Promise<Readonly<{ name: string; matched: number }>> {
  require(scope, "write");
  const effect = await previewItem(scope, input);
  const moved = effect.changes.sales.filter((sale) => sale.before !== 0n).length;
  if (!input.isAccepted && (effect.unmatched > 0 || moved > 0)) {
    const lost =
      effect.unmatched === 0
        ? ""
        : `${effect.unmatched} sold lines would no longer be matched: another product has this SKU or name. `;
    const cost =
      moved === 0
        ? ""
        : `The cost of ${effect.changes.saleCount} sales moves by ${formatMinor(effect.changes.cost.change, scope.currency)}. `;
    throw new Refusal("does_not_fit", `${lost}${cost}Tick “Go on all the same” to save it.`, { field: "accept" });
  }
  return inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    const before = await factOf(tx, scope, input.item);
    const fact = wanted(before, input);
    await recordIn(tx, scope, books, [{ fact, version: newId() }], {
      source: null,
      userId: scope.userId,
      revives: true,
    });
    const said = ({ name, sku, aliases }: ItemFact) => ({ name, sku, aliases });
    await recordAudit(tx, scope, {
      what: "item.change",
      about: `item/${fact.id}`,
      before: said(before),
      after: said(fact),
    });
    return { name: fact.name, matched: effect.matched };
  });
}

async function factOf(tx: Tx, scope: Scope, id: string): Promise<ItemFact> {
  const [fact] = await itemFacts(tx, scope, [id]);
  if (fact === undefined) throw new Refusal("not_found", "There is no such product, or it was taken back.");
  return fact;
}

async function unmatchedLines(tx: Tx, scope: Scope): Promise<ReadonlySet<string>> {
  const rows = await rowsOf<{ id: string }>(
    tx,
    sql`select id from app.order_lines where business_id = ${scope.businessId} and item_id is null and not is_undone`,
  );
  return new Set(rows.map((row) => row.id));
}
