/** Transfers as they are written: a draft is a row of the desk, of which replay knows nothing. */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { transferLines } from "../../db/schema";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import { normalise } from "../core/matching";
import { parseQuantity } from "../core/quantity";
import { knownAt, mayAt, require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { linesNamed, linesSaid } from "../people/audit-facts";
import { newId } from "../system/ids";
import { inUse } from "./locations";
import {
  dayOf,
  inField,
  linesIn,
  mostLines,
  requireEnds,
  type SeenTransfer,
  setState,
  type TypedItem,
  transferIn,
} from "./transfer-row";

export type TransferInput = Readonly<{
  /** The draft that is changed, and how it was when its form was made; null: a new one. */
  id: string | null;
  version: number | null;
  from: string;
  to: string;
  on: string;
  note: string;
  lines: readonly TypedItem[];
}>;

const longestNote = 500;

/** Writes a draft, or changes one; gives its id. Refuses `stale` where somebody else changed it meanwhile. Nothing moves yet. */
export async function saveTransfer(scope: Scope, input: TransferInput): Promise<string> {
  require(scope, "move");
  const on = dayOf(input.on, "on");
  const note = input.note.normalize("NFC").trim();
  if ([...note].length > longestNote)
    throw new Refusal("text_too_long", `At most ${longestNote} characters fit here.`, { field: "note" });
  if (input.lines.length === 0)
    throw new Refusal("field_missing", "What is to be moved? Give at least one product.", { field: "lines.0.item" });
  if (input.lines.length > mostLines)
    throw new Refusal("too_many_rows", `A transfer has at most ${mostLines} products.`);
  return inBusiness(scope, async (tx) => {
    const before =
      input.id === null ? null : await transferIn(tx, scope, { id: input.id, version: input.version ?? 0 }, ["draft"]);
    if (before !== null) requireEnds(scope, before, ["from"]);
    if (!mayAt(scope, input.from))
      throw new Refusal("unknown_id", "Choose one of your locations: you send from these.", { field: "from" });
    await inUse(tx, scope, input.from, "from");
    await inUse(tx, scope, input.to, "to");
    if (input.from === input.to)
      throw new Refusal("does_not_fit", "A transfer goes from one location to another.", { field: "to" });
    const lines = await linesTyped(tx, scope, input.lines, {
      unknown: "Choose one of your products: what was never bought is not moved.",
      bundle: "This is a bundle: it is only sold. Move what it is made of.",
    });
    const id = before?.id ?? newId();
    const was =
      before === null
        ? undefined
        : {
            from: before.from_location_id,
            to: before.to_location_id,
            on: before.on_date,
            note: before.note,
            lines: linesSaid(await linesIn(tx, scope, before)),
          };
    await recordAudit(tx, scope, {
      what: "transfer.draft",
      about: `transfer/${id}`,
      before: was,
      after: { from: input.from, to: input.to, on, note, lines: await linesNamed(tx, scope, lines) },
    });
    if (before === null)
      await tx.execute(
        sql`insert into app.transfers (business_id, id, state, from_location_id, to_location_id, on_date, note, version, created_at, created_by)
            values (${scope.businessId}, ${id}, 'draft', ${input.from}, ${input.to}, ${on}::date, ${note}, 1, now(), ${scope.userId}::uuid)`,
      );
    else {
      await tx.execute(
        sql`update app.transfers set from_location_id = ${input.from}, to_location_id = ${input.to}, on_date = ${on}::date, note = ${note}, version = version + 1
            where business_id = ${scope.businessId} and id = ${id}`,
      );
      await tx.execute(
        sql`delete from app.transfer_lines where business_id = ${scope.businessId} and transfer_id = ${id}`,
      );
    }
    await bulkInsert(
      tx,
      transferLines,
      lines.map(({ item, qty }, place) => ({
        businessId: scope.businessId,
        transferId: id,
        place,
        itemId: item,
        qty,
      })),
    );
    return id;
  });
}

/** Cancels a draft. It stays where it was, with its number if it has one: a number is never given twice. */
export function cancelTransfer(scope: Scope, seen: SeenTransfer): Promise<string> {
  require(scope, "move");
  return inBusiness(scope, async (tx) => {
    const row = await transferIn(tx, scope, seen, ["draft"]);
    requireEnds(scope, row, ["from"]);
    await recordAudit(tx, scope, {
      what: "transfer.cancel",
      about: `transfer/${row.id}`,
      before: { number: row.number, on: row.on_date, lines: linesSaid(await linesIn(tx, scope, row)) },
    });
    await setState(tx, scope, row, "cancelled");
    return row.id;
  });
}

/** The lines of a form, each product once, in its own smallest units. `says`: what is refused in the words of that form. */
export async function linesTyped(
  tx: Tx,
  scope: Scope,
  lines: readonly TypedItem[],
  says: Readonly<{ unknown: string; bundle: string }>,
): Promise<readonly Readonly<{ item: string; qty: bigint }>[]> {
  const typed = await namedItems(tx, scope, lines);
  const items = new Map(
    (
      await rowsOf<{ id: string; decimals: number; is_bundle: boolean }>(
        tx,
        sql`select i.id, i.decimals, exists (select 1 from app.item_components c where c.business_id = ${scope.businessId} and c.item_id = i.id) as is_bundle
            from app.items i where i.business_id = ${scope.businessId} and not i.is_undone and ${knownAt(scope, "i.id")} and i.id = any(${list(
              "text",
              typed.map((line) => line.item),
            )})`,
      )
    ).map((row) => [row.id, row]),
  );
  const seen = new Map<string, number>();
  return typed.map(({ row, item, qty }) => {
    const field = `lines.${row}.item`;
    const known = items.get(item);
    if (known === undefined) throw new Refusal("unknown_id", says.unknown, { field });
    if (known.is_bundle) throw new Refusal("does_not_fit", says.bundle, { field });
    const earlier = seen.get(item);
    if (earlier !== undefined)
      throw new Refusal(
        "does_not_fit",
        `This product stands in row ${earlier + 1} already: put the quantities together there.`,
        {
          field,
        },
      );
    seen.set(item, row);
    return { item, qty: inField(`lines.${row}.qty`, () => parseQuantity(qty, known.decimals)) };
  });
}

/** The rows with their products: those that were only typed are found by SKU or name, where that is one product's alone. */
async function namedItems(tx: Tx, scope: Scope, lines: readonly TypedItem[]): Promise<readonly TypedItem[]> {
  const words = lines.flatMap(({ item, name }) => (item === "" && name !== undefined ? [normalise(name)] : []));
  if (words.length === 0) return lines;
  const rows = await rowsOf<{ key: string; item: string }>(
    tx,
    sql`select k.key, min(k.id) as item from (
          select sku_key as key, id from app.items where business_id = ${scope.businessId} and not is_undone and sku_key = any(${list("text", words)})
          union
          select n.name_key, n.item_id from app.item_names n
          join app.items i on i.business_id = ${scope.businessId} and i.id = n.item_id and not i.is_undone
          where n.business_id = ${scope.businessId} and n.name_key = any(${list("text", words)})) k
        group by k.key having count(distinct k.id) = 1`,
  );
  const found = new Map(rows.map((row) => [row.key, row.item]));
  return lines.map((line) =>
    line.item === "" ? { ...line, item: found.get(normalise(line.name ?? "")) ?? "" } : line,
  );
}
