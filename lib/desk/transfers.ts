/**
 * Transfers from draft to received. A draft is a row of the desk; what moves is told as facts when it moves: one that sends the goods to
 * the place between, one for each part that arrives from there, and an adjustment for what is lost on the way. All of them name the
 * consignment, so that what arrives is what was sent, in either pool (docs/decisions/0005-movements.md).
 */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { transferLines } from "../../db/schema";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { inTransit } from "../books/batch";
import { parseLocalDate, taxYearOf } from "../core/dates";
import { invariant, Refusal } from "../core/errors";
import type { AdjustmentFact, TransferFact } from "../core/facts";
import { normalise } from "../core/matching";
import { parseQuantity } from "../core/quantity";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { changeBooks, type Seen } from "../preview";
import { recordIn } from "../record";
import { takeNumber } from "../stock/series";
import { todayOf } from "../system/clock";
import { newId } from "../system/ids";
import { undoIn } from "../undo";
import { inUse } from "./locations";

/**
 * A row as typed: `row` is its place in the form, for errors (`lines.3.qty`). `name` is what was typed where no product was chosen, as
 * without script: a SKU or a name that is one product's alone.
 */
export type TypedItem = Readonly<{ row: number; item: string; name?: string; qty: string }>;
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

/** Which transfer, as a person saw it. */
export type SeenTransfer = Readonly<{ id: string; version: number }>;

/** Where what did not arrive is: `found` and `back` are movements, the others go out of the books at cost, to shrinkage. */
export const shortageFates = ["found", "back", "lost", "stolen", "damaged", "destroyed"] as const;
export type ShortageFate = (typeof shortageFates)[number];

const mostLines = 200;
const longestNote = 500;
const origin = (scope: Scope) => ({ source: null, userId: scope.userId, revives: true });

type State = "draft" | "sent" | "short" | "received" | "cancelled";
type Row = Readonly<{
  id: string;
  state: State;
  number: string | null;
  number_year: number | null;
  from_location_id: string;
  to_location_id: string;
  on_date: string;
  consignment_id: string | null;
  version: number;
}>;
type Line = Readonly<{ item: string; name: string; decimals: number; qty: bigint }>;
/** A line of a transfer with what is still on its way of it, in smallest units. */
type OpenLine = Line & Readonly<{ open: bigint }>;

/** Writes a draft, or changes one; gives its id. Refuses `stale` where somebody else changed it meanwhile. Nothing moves yet. */
export async function saveTransfer(scope: Scope, input: TransferInput): Promise<string> {
  require(scope, "write");
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
    await inUse(tx, scope, input.from, "from");
    await inUse(tx, scope, input.to, "to");
    if (input.from === input.to)
      throw new Refusal("does_not_fit", "A transfer goes from one location to another.", { field: "to" });
    const lines = await linesTyped(tx, scope, input.lines);
    const id = before?.id ?? newId();
    await recordAudit(tx, scope, {
      what: "transfer.draft",
      about: `transfer/${id}`,
      before: before === null ? undefined : { from: before.from_location_id, to: before.to_location_id },
      after: { from: input.from, to: input.to, on, lines: lines.length },
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
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    const row = await transferIn(tx, scope, seen, ["draft"]);
    await recordAudit(tx, scope, {
      what: "transfer.cancel",
      about: `transfer/${row.id}`,
      before: { number: row.number, on: row.on_date },
    });
    await setState(tx, scope, row, "cancelled");
    return row.id;
  });
}

/**
 * Sends a draft on a day: its goods leave and are in transit. It takes its number now, the next of the tax year. Refuses `moves_costs`
 * where that is to be seen first (pool `location`: sales at the source take other lots).
 */
export function sendTransfer(
  scope: Scope,
  input: SeenTransfer & Readonly<{ on: string }>,
  seen: Seen = null,
): Promise<Step & Readonly<{ number: string }>> {
  require(scope, "write");
  const on = pastDay(scope, input.on, "on");
  return changeBooks(scope, seen, async (tx, books) => {
    const row = await transferIn(tx, scope, input, ["draft"]);
    await inUse(tx, scope, row.from_location_id, "from");
    await inUse(tx, scope, row.to_location_id, "to");
    const year = taxYearOf(on, scope.taxYearStartMonth);
    if (row.number_year !== null && row.number_year !== year)
      throw new Refusal(
        "does_not_fit",
        `${row.number ?? "It"} is a number of the tax year ${row.number_year}. Send it on a day of that year, or cancel it and write a new one.`,
        { field: "on" },
      );
    const number = row.number ?? (await takeNumber(tx, scope, "transfer", year));
    const lines = await linesIn(tx, scope, row);
    const id = `${row.id}/${newId()}`;
    const fact: TransferFact = {
      kind: "transfer",
      id,
      date: on,
      arrives: null,
      from: row.from_location_id,
      to: inTransit,
      consignment: id,
      number,
      lines: lines.map(({ item, qty }, at) => ({ id: `${id}/${at + 1}`, item, qty })),
    };
    await recordAudit(tx, scope, {
      what: "transfer.send",
      about: `transfer/${row.id}`,
      after: { number, on, from: row.from_location_id, to: row.to_location_id, lines: lines.length },
    });
    await recordIn(tx, scope, books, [{ fact, version: newId() }], origin(scope));
    await tx.execute(
      sql`update app.transfers set state = 'sent', number = ${number}, number_year = ${year}, on_date = ${on}::date, consignment_id = ${id}, version = version + 1
          where business_id = ${scope.businessId} and id = ${row.id}`,
    );
    return { id: row.id, step: `transfer/${id}`, state: "sent", version: row.version + 1, number };
  });
}

/** What came of a step of a transfer: its key, to take it back, how the transfer stands, and its version by now. */
export type Step = Readonly<{ id: string; step: string | null; state: State; version: number }>;

/**
 * Receives what arrived on a day, all or a part, any number of times. `isAll`: nothing more comes, so what is missing is a shortage that
 * a person places. Refuses `does_not_fit` for more than is on its way.
 */
export function receiveTransfer(
  scope: Scope,
  input: SeenTransfer & Readonly<{ on: string; items: readonly TypedItem[]; isAll: boolean }>,
  seen: Seen = null,
): Promise<Step> {
  require(scope, "write");
  return changeBooks(scope, seen, async (tx, books) => {
    const row = await transferIn(tx, scope, input, ["sent"]);
    const on = stepDay(scope, row, input.on);
    const open = await openLines(tx, scope, row);
    const items = takenOf(open, input.items);
    const left = open.reduce((sum, line) => sum + line.open, 0n) - items.reduce((sum, one) => sum + one.qty, 0n);
    if (items.length === 0 && !input.isAll)
      throw new Refusal("field_missing", "How much arrived? Give the quantity of at least one product.", {
        field: `qty.${input.items[0]?.row ?? 0}`,
      });
    const state = left === 0n ? "received" : input.isAll ? "short" : "sent";
    await recordAudit(tx, scope, {
      what: "transfer.receive",
      about: `transfer/${row.id}`,
      after: { number: row.number, on, items: items.map(({ name, qty }) => ({ name, qty })), missing: left, state },
    });
    const step = items.length === 0 ? null : await arrive(tx, scope, books, row, on, row.to_location_id, items);
    await setState(tx, scope, row, state);
    return { id: row.id, step, state, version: row.version + 1 };
  });
}

/** Says that nothing more comes (what is missing is a shortage), or that something may still come. */
export function endTransfer(scope: Scope, input: SeenTransfer & Readonly<{ isAll: boolean }>): Promise<Step> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    const row = await transferIn(tx, scope, input, [input.isAll ? "sent" : "short"]);
    const state = input.isAll ? "short" : "sent";
    await recordAudit(tx, scope, {
      what: "transfer.end",
      about: `transfer/${row.id}`,
      before: { state: row.state },
      after: { state },
    });
    await setState(tx, scope, row, state);
    return { id: row.id, step: null, state, version: row.version + 1 };
  });
}

/**
 * Says where what did not arrive is, all of it or a part: found after all (it arrives), back where it came from, or gone (an adjustment
 * out of what is in transit, at its cost, to shrinkage). Refuses `does_not_fit` for more than is missing.
 */
export function placeShortage(
  scope: Scope,
  input: SeenTransfer & Readonly<{ on: string; fate: ShortageFate; items: readonly TypedItem[] }>,
  seen: Seen = null,
): Promise<Step> {
  require(scope, "write");
  return changeBooks(scope, seen, async (tx, books) => {
    const row = await transferIn(tx, scope, input, ["short"]);
    const on = stepDay(scope, row, input.on);
    const open = await openLines(tx, scope, row);
    const items = takenOf(open, input.items);
    if (items.length === 0)
      throw new Refusal("field_missing", "How much of it? Give the quantity of at least one product.", {
        field: `qty.${input.items[0]?.row ?? 0}`,
      });
    const left = open.reduce((sum, line) => sum + line.open, 0n) - items.reduce((sum, one) => sum + one.qty, 0n);
    const state = left === 0n ? "received" : "short";
    await recordAudit(tx, scope, {
      what: "transfer.place",
      about: `transfer/${row.id}`,
      after: {
        number: row.number,
        on,
        fate: input.fate,
        items: items.map(({ name, qty }) => ({ name, qty })),
        missing: left,
      },
    });
    const step =
      input.fate === "found"
        ? await arrive(tx, scope, books, row, on, row.to_location_id, items)
        : input.fate === "back"
          ? await arrive(tx, scope, books, row, on, row.from_location_id, items)
          : await lose(tx, scope, books, row, on, input.fate, items);
    await setState(tx, scope, row, state);
    return { id: row.id, step, state, version: row.version + 1 };
  });
}

/**
 * Takes a step back: a receipt, where a shortage was placed, or (once nothing of it stands) the sending, which makes it a draft again.
 * `step` is the key of its fact. Refuses `in_use` for a sending of which something arrived, and `moves_costs` as recording does.
 */
export function undoTransferStep(
  scope: Scope,
  input: SeenTransfer & Readonly<{ step: string }>,
  seen: Seen = null,
): Promise<Step> {
  require(scope, "write");
  return changeBooks(scope, seen, async (tx, books) => {
    const row = await transferIn(tx, scope, input, ["sent", "short", "received"]);
    const steps = await stepsOf(tx, scope, row);
    const step = steps.find((one) => one.key === input.step);
    if (step === undefined) throw new Refusal("nothing_to_undo", "This step was taken back already.");
    const isSending = step.id === row.consignment_id;
    if (isSending && steps.length > 1)
      throw new Refusal("in_use", "Some of it arrived or was placed already. Take that back first.");
    await recordAudit(tx, scope, {
      what: "transfer.undo",
      about: `transfer/${row.id}`,
      before: { number: row.number, step: step.key, on: step.on },
    });
    await undoIn(tx, scope, books, [step.key], origin(scope));
    await recordIn(tx, scope, books, [], origin(scope));
    // Where a shortage was placed there is one again; what was received is on its way again.
    const isPlaced = step.kind === "adjustment" || step.to === row.from_location_id;
    const state = isSending ? "draft" : isPlaced || row.state === "short" ? "short" : "sent";
    await tx.execute(
      sql`update app.transfers set state = ${state}, consignment_id = ${isSending ? null : row.consignment_id}, version = version + 1
          where business_id = ${scope.businessId} and id = ${row.id}`,
    );
    return { id: row.id, step: null, state, version: row.version + 1 };
  });
}

/** The transfer, locked, if it is as it was seen and in one of these states. */
async function transferIn(tx: Tx, scope: Scope, seen: SeenTransfer, states: readonly State[]): Promise<Row> {
  const [row] = await rowsOf<Row>(
    tx,
    sql`select id, state, number, number_year, from_location_id, to_location_id, on_date::text, consignment_id, version
        from app.transfers where business_id = ${scope.businessId} and id = ${seen.id} for update`,
  );
  if (row === undefined) throw new Refusal("not_found", "There is no such transfer.");
  if (row.version !== seen.version || !states.includes(row.state))
    throw new Refusal(
      "stale",
      "Somebody has changed this transfer meanwhile. Load the page again to see how it stands.",
    );
  return row;
}

async function setState(tx: Tx, scope: Scope, row: Row, state: State): Promise<void> {
  await tx.execute(
    sql`update app.transfers set state = ${state}, version = version + 1 where business_id = ${scope.businessId} and id = ${row.id}`,
  );
}

/** The lines of a form, each product once, in its own smallest units. */
async function linesTyped(
  tx: Tx,
  scope: Scope,
  lines: readonly TypedItem[],
): Promise<readonly Readonly<{ item: string; qty: bigint }>[]> {
  const typed = await namedItems(tx, scope, lines);
  const items = new Map(
    (
      await rowsOf<{ id: string; decimals: number; is_bundle: boolean }>(
        tx,
        sql`select i.id, i.decimals, exists (select 1 from app.item_components c where c.business_id = ${scope.businessId} and c.item_id = i.id) as is_bundle
            from app.items i where i.business_id = ${scope.businessId} and not i.is_undone and i.id = any(${list(
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
    if (known === undefined)
      throw new Refusal("unknown_id", "Choose one of your products: what was never bought is not moved.", { field });
    if (known.is_bundle)
      throw new Refusal("does_not_fit", "This is a bundle: it is only sold. Move what it is made of.", { field });
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
    return { item, qty: quantityOf(qty, known.decimals, `lines.${row}.qty`) };
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

/** What of the goods on their way a form names; fields left empty or at 0 name nothing. */
function takenOf(open: readonly OpenLine[], typed: readonly TypedItem[]): readonly (Line & { qty: bigint })[] {
  return typed.flatMap(({ row, item, qty }) => {
    const field = `qty.${row}`;
    const text = qty.trim();
    const line = open.find((one) => one.item === item);
    if (line === undefined) throw new Refusal("unknown_id", "This product is not of this transfer.", { field });
    if (text === "") return [];
    const taken = inField(field, () => parseQuantity(text, line.decimals, { from: "zero" }));
    if (taken === 0n) return [];
    if (taken > line.open)
      throw new Refusal("does_not_fit", `More of ${line.name} than is on its way: something is counted twice.`, {
        field,
      });
    return [{ ...line, qty: taken }];
  });
}

/** Goods of the consignment arrive at a location. */
async function arrive(
  tx: Tx,
  scope: Scope,
  books: Parameters<typeof recordIn>[2],
  row: Row,
  on: string,
  to: string,
  items: readonly Line[],
): Promise<string> {
  invariant(row.consignment_id !== null, "what arrives was sent");
  const id = `${row.consignment_id}/${newId()}`;
  const fact: TransferFact = {
    kind: "transfer",
    id,
    date: on,
    arrives: null,
    from: inTransit,
    to,
    consignment: row.consignment_id,
    ...(row.number === null ? {} : { number: row.number }),
    lines: items.map(({ item, qty }, at) => ({ id: `${id}/${at + 1}`, item, qty })),
  };
  await recordIn(tx, scope, books, [{ fact, version: newId() }], origin(scope));
  return `transfer/${id}`;
}

/** Goods of the consignment are gone. */
async function lose(
  tx: Tx,
  scope: Scope,
  books: Parameters<typeof recordIn>[2],
  row: Row,
  on: string,
  reason: string,
  items: readonly Line[],
): Promise<string> {
  invariant(row.consignment_id !== null, "what is lost on its way was sent");
  const id = `${row.consignment_id}/${newId()}`;
  const fact: AdjustmentFact = {
    kind: "adjustment",
    id,
    date: on,
    location: inTransit,
    consignment: row.consignment_id,
    ...(row.number === null ? {} : { number: row.number }),
    reason,
    lines: items.map(({ item, qty }, at) => ({ id: `${id}/${at + 1}`, item, qty: -qty, amount: 0n })),
  };
  await recordIn(tx, scope, books, [{ fact, version: newId() }], origin(scope));
  return `adjustment/${id}`;
}

async function linesIn(tx: Tx, scope: Scope, row: Row): Promise<readonly Line[]> {
  const rows = await rowsOf<{ item: string; name: string; decimals: number; qty: string }>(
    tx,
    sql`select l.item_id as item, i.name, i.decimals, l.qty::text from app.transfer_lines l
        join app.items i on i.business_id = ${scope.businessId} and i.id = l.item_id
        where l.business_id = ${scope.businessId} and l.transfer_id = ${row.id} order by l.place`,
  );
  return rows.map((line) => ({ ...line, qty: BigInt(line.qty) }));
}

/** The lines with what is still on its way: what was sent less all that arrived, went back or was lost. */
async function openLines(tx: Tx, scope: Scope, row: Row): Promise<readonly OpenLine[]> {
  const lines = await linesIn(tx, scope, row);
  const gone = new Map(
    (
      await rowsOf<{ item_id: string; qty: string }>(
        tx,
        sql`select s.item_id, sum(abs(s.qty))::text as qty from app.stock_documents d
            join app.stock_lines s on s.business_id = ${scope.businessId} and s.document_kind = d.kind and s.document_id = d.id
            where d.business_id = ${scope.businessId} and d.consignment_id = ${row.consignment_id} and d.id <> ${row.consignment_id} and not d.is_undone
            group by s.item_id`,
      )
    ).map((one) => [one.item_id, BigInt(one.qty)]),
  );
  return lines.map((line) => ({ ...line, open: line.qty - (gone.get(line.item) ?? 0n) }));
}

/** All that stands of a transfer: its sending first. */
async function stepsOf(
  tx: Tx,
  scope: Scope,
  row: Row,
): Promise<readonly Readonly<{ key: string; id: string; kind: string; on: string; to: string | null }>[]> {
  return rowsOf<{ key: string; id: string; kind: string; on: string; to: string | null }>(
    tx,
    sql`select kind || '/' || id as key, id, kind, on_date::text as on, to_location_id as to from app.stock_documents
        where business_id = ${scope.businessId} and consignment_id = ${row.consignment_id} and not is_undone order by id`,
  );
}

function quantityOf(text: string, decimals: number, field: string): bigint {
  return inField(field, () => parseQuantity(text, decimals));
}

/** A day that something happened on the way: not before it was sent, not still to come. */
function stepDay(scope: Scope, row: Row, text: string): string {
  const on = pastDay(scope, text, "on");
  if (on < row.on_date)
    throw new Refusal("bad_date", `It was sent on ${row.on_date}: it cannot have arrived before.`, { field: "on" });
  return on;
}

function dayOf(text: string, field: string): string {
  return inField(field, () => parseLocalDate(text));
}

function pastDay(scope: Scope, text: string, field: string): string {
  const day = dayOf(text, field);
  if (day > todayOf(scope.timeZone)) throw new Refusal("future_date", "This day is still to come.", { field });
  return day;
}

function inField<T>(field: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(error.code, error.message, { ...error.detail, field });
    throw error;
  }
}
