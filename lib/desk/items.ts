/** Items from forms: renamed, given a SKU or other names. Says first what that would do to sales that were matched by them. */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { lockBooks } from "../books/ledger";
import { Refusal } from "../core/errors";
import type { ItemFact } from "../core/facts";
import { normalise } from "../core/matching";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { type Changes, fingerprint, movesCosts, mustBeSeen, rehearse, type Seen, unseen } from "../preview";
import { recordIn } from "../record";
import { itemFacts } from "../stock/item-reads";
import { newId } from "../system/ids";

export type ItemInput = Readonly<{
  item: string;
  name: string;
  sku: string;
  aliases: readonly string[];
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

/** What was saved, and how it was before: saving that again takes it back. */
export type SavedItem = Readonly<{ name: string; matched: number; before: ItemInput }>;

/** Saves an item's name, SKU and other names. Refuses `moves_costs`, until seen, what takes sales from their product or moves posted costs. */
export async function saveItem(scope: Scope, input: ItemInput, seen: Seen = null): Promise<SavedItem> {
  require(scope, "write");
  const effect = await previewItem(scope, input);
  const lost =
    effect.unmatched === 0
      ? ""
      : `${effect.unmatched} sold lines would no longer be matched: another product has this SKU or name. `;
  const asks = seen !== null && seen !== unseen && seen !== fingerprint(effect.changes, lost);
  if (asks && (lost !== "" || mustBeSeen(effect.changes))) throw movesCosts(scope, effect.changes, lost, lost);
  return inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    const before = await factOf(tx, scope, input.item);
    const fact = wanted(before, input);
    const said = ({ name, sku, aliases }: ItemFact) => ({ name, sku, aliases });
    await recordAudit(tx, scope, {
      what: "item.change",
      about: `item/${fact.id}`,
      before: said(before),
      after: said(fact),
    });
    await recordIn(tx, scope, books, [{ fact, version: newId() }], {
      source: null,
      userId: scope.userId,
      revives: true,
    });
    const former = { item: before.id, name: before.name, sku: before.sku ?? "", aliases: before.aliases };
    return { name: fact.name, matched: effect.matched, before: former };
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
