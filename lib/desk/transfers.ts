/**
 * Transfers on their way. What moves is told as facts when it moves: one that sends the goods to the place between, one for each part that
 * arrives from there, and an adjustment for what is lost on the way. All of them name the consignment, so that what arrives is what was
 * sent, in either pool (docs/decisions/0005-movements.md). What is written before that is transfer-drafts.ts.
 */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { inTransit } from "../books/batch";
import { taxYearOf } from "../core/dates";
import { invariant, Refusal } from "../core/errors";
import type { AdjustmentFact, TransferFact } from "../core/facts";
import { parseQuantity } from "../core/quantity";
import { outReasons, type Reason } from "../core/reasons";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { formerOf, linesSaid } from "../people/audit-facts";
import { changeBooks, type Seen } from "../preview";
import { recordIn } from "../record";
import { takeFrom } from "../stock/series";
import { newId } from "../system/ids";
import { undoIn } from "../undo";
import { inUse } from "./locations";
import { reasonAccountsIn } from "./reason-accounts";
import {
  type End,
  inField,
  type Line,
  linesIn,
  pastDay,
  type Row,
  requireEnds,
  type SeenTransfer,
  type State,
  setState,
  type TypedItem,
  transferIn,
} from "./transfer-row";

/** Where what did not arrive is: `found` and `back` are movements, the others go out of the books at cost, to the account of that reason. */
export const shortageFates = ["found", "back", ...outReasons] as const;
export type ShortageFate = (typeof shortageFates)[number];

const origin = (scope: Scope) => ({ source: null, userId: scope.userId, revives: true });

/** A line of a transfer with what is still on its way of it, in smallest units. */
export type OpenLine = Line & Readonly<{ open: bigint }>;

/**
 * Sends a draft on a day: its goods leave and are in transit. It takes its number now, the next of the tax year. Refuses `moves_costs`
 * where that is to be seen first (pool `location`: sales at the source take other lots).
 */
export function sendTransfer(
  scope: Scope,
  input: SeenTransfer & Readonly<{ on: string }>,
  seen: Seen = null,
): Promise<Step & Readonly<{ number: string }>> {
  require(scope, "move");
  const on = pastDay(scope, input.on, "on");
  return changeBooks(scope, seen, async (tx, books) => {
    const row = await transferIn(tx, scope, input, ["draft"]);
    requireEnds(scope, row, ["from"]);
    await inUse(tx, scope, row.from_location_id, "from");
    await inUse(tx, scope, row.to_location_id, "to");
    const year = taxYearOf(on, scope.taxYearStartMonth);
    // Year 0: a number without a year in it, good for any.
    if (row.number_year !== null && row.number_year !== 0 && row.number_year !== year)
      throw new Refusal(
        "does_not_fit",
        `${row.number ?? "It"} is a number of the tax year ${row.number_year}. Send it on a day of that year, or cancel it and write a new one.`,
        { field: "on" },
      );
    const { number, seriesYear } =
      row.number !== null && row.number_year !== null
        ? { number: row.number, seriesYear: row.number_year }
        : await takeFrom(tx, scope, "transfer", year);
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
      after: { number, on, from: row.from_location_id, to: row.to_location_id, lines: linesSaid(lines) },
    });
    await recordIn(tx, scope, books, [{ fact, version: newId() }], origin(scope));
    await tx.execute(
      sql`update app.transfers set state = 'sent', number = ${number}, number_year = ${seriesYear}, on_date = ${on}::date, consignment_id = ${id}, version = version + 1
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
  require(scope, "move");
  return changeBooks(scope, seen, async (tx, books) => {
    const row = await transferIn(tx, scope, input, ["sent"]);
    requireEnds(scope, row, ["to"]);
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
      after: { number: row.number, on, items: linesSaid(items), missing: left, state },
    });
    const step = items.length === 0 ? null : await arrive(tx, scope, books, row, on, row.to_location_id, items);
    await setState(tx, scope, row, state);
    return { id: row.id, step, state, version: row.version + 1 };
  });
}

/** Says that nothing more comes (what is missing is a shortage), or that something may still come. */
export function endTransfer(scope: Scope, input: SeenTransfer & Readonly<{ isAll: boolean }>): Promise<Step> {
  require(scope, "move");
  return inBusiness(scope, async (tx) => {
    const row = await transferIn(tx, scope, input, [input.isAll ? "sent" : "short"]);
    requireEnds(scope, row, ["to"]);
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
 * out of what is in transit, at its cost, to the account that the business has for the reason). Refuses `does_not_fit` for more than is missing.
 */
export function placeShortage(
  scope: Scope,
  input: SeenTransfer & Readonly<{ on: string; fate: ShortageFate; items: readonly TypedItem[] }>,
  seen: Seen = null,
): Promise<Step> {
  require(scope, "move");
  return changeBooks(scope, seen, async (tx, books) => {
    const row = await transferIn(tx, scope, input, ["short"]);
    requireEnds(scope, row, endsOfFate(input.fate));
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
        items: linesSaid(items),
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
  require(scope, "move");
  return changeBooks(scope, seen, async (tx, books) => {
    const row = await transferIn(tx, scope, input, ["sent", "short", "received"]);
    const steps = await stepsOf(tx, scope, row);
    const step = steps.find((one) => one.key === input.step);
    if (step === undefined) throw new Refusal("nothing_to_undo", "This step was taken back already.");
    requireEnds(scope, row, endsOfStep(row, step));
    const isSending = step.id === row.consignment_id;
    if (isSending && steps.length > 1)
      throw new Refusal("in_use", "Some of it arrived or was placed already. Take that back first.");
    const said = await formerOf(tx, scope, books.currency, [step.key]);
    await recordAudit(tx, scope, {
      what: "transfer.undo",
      about: `transfer/${row.id}`,
      before: { number: row.number, step: step.key, ...said.get(step.key) },
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

/** Whose word it is: what is found is at its goal, what came back at its source; what is gone is neither's alone. */
const endsOfFate = (fate: ShortageFate): readonly End[] =>
  fate === "found" ? ["to"] : fate === "back" ? ["from"] : ["from", "to"];

const endsOfStep = (row: Row, step: Readonly<{ id: string; kind: string; to: string | null }>): readonly End[] => {
  if (step.id === row.consignment_id) return ["from"];
  if (step.kind === "adjustment") return ["from", "to"];
  return step.to === row.from_location_id ? ["from"] : ["to"];
};

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

/**
 * What is on its way to a location of these items, of the transfers that were sent by a day: those whose note or number names `hint` first,
 * then the oldest. For who is told by a channel what arrived there. The caller holds the books' lock.
 */
export async function openTowards(
  tx: Tx,
  scope: Scope,
  wanted: Readonly<{ to: string; items: readonly string[]; by: string; hint: string | null }>,
): Promise<readonly Readonly<{ row: Row; open: readonly OpenLine[] }>[]> {
  const { to, items, by, hint } = wanted;
  const rows = await rowsOf<Row>(
    tx,
    sql`select t.id, t.state, t.number, t.number_year, t.from_location_id, t.to_location_id, t.on_date::text, t.consignment_id, t.version
        from app.transfers t where t.business_id = ${scope.businessId} and t.to_location_id = ${to} and t.state = 'sent' and t.on_date <= ${by}::date
          and exists (select 1 from app.transfer_lines l where l.business_id = ${scope.businessId} and l.transfer_id = t.id
            and l.item_id = any(${list("text", items)}))
        order by ${hint === null ? sql`0` : sql`case when strpos(t.note, ${hint}) > 0 or t.number = ${hint} then 0 else 1 end`}, t.on_date, t.id for update`,
  );
  const found: { row: Row; open: readonly OpenLine[] }[] = [];
  for (const row of rows) found.push({ row, open: await openLines(tx, scope, row) });
  return found;
}

/** Receives a part of a transfer as a channel told it; gives the fact's key. The transfer stays sent until all of it is there. */
export async function arriveAsTold(
  tx: Tx,
  scope: Scope,
  books: Parameters<typeof recordIn>[2],
  told: Readonly<{ row: Row; open: readonly OpenLine[]; on: string; items: ReadonlyMap<string, bigint> }>,
  source: string,
): Promise<string> {
  const items = told.open.flatMap((line) => {
    const qty = told.items.get(line.item) ?? 0n;
    return qty === 0n ? [] : [{ ...line, qty }];
  });
  const left = told.open.reduce((sum, line) => sum + line.open, 0n) - items.reduce((sum, { qty }) => sum + qty, 0n);
  const who = { source, userId: null };
  const step = await arrive(tx, scope, books, told.row, told.on, told.row.to_location_id, items, who);
  await setState(tx, scope, told.row, left === 0n ? "received" : "sent");
  return step;
}

/** After what a source (a sync's run) brought was taken back: transfers of which something had arrived by it are on their way again. */
export async function reopenTransfers(tx: Tx, scope: Scope, source: string): Promise<void> {
  const b = scope.businessId;
  await tx.execute(
    sql`update app.transfers t set state = 'sent', version = t.version + 1
        from (select distinct d.consignment_id from app.facts f
          join app.stock_documents d on d.business_id = ${b} and d.kind = 'transfer' and d.consignment_id is not null and d.is_undone
            and 'transfer/' || d.id = f.id
          where f.business_id = ${b} and f.source = ${source} and f.kind = 'transfer' and f.undone_at is not null) c
        where t.business_id = ${b} and t.state = 'received' and t.consignment_id = c.consignment_id`,
  );
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
  who: Parameters<typeof recordIn>[4] = origin(scope),
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
  await recordIn(tx, scope, books, [{ fact, version: newId() }], who);
  return `transfer/${id}`;
}

/** Goods of the consignment are gone. */
async function lose(
  tx: Tx,
  scope: Scope,
  books: Parameters<typeof recordIn>[2],
  row: Row,
  on: string,
  reason: Reason,
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
    account: (await reasonAccountsIn(tx, scope))[reason],
    lines: items.map(({ item, qty }, at) => ({ id: `${id}/${at + 1}`, item, qty: -qty, amount: 0n })),
  };
  await recordIn(tx, scope, books, [{ fact, version: newId() }], origin(scope));
  return `adjustment/${id}`;
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

/** A day that something happened on the way: not before it was sent, not still to come. */
function stepDay(scope: Scope, row: Row, text: string): string {
  const on = pastDay(scope, text, "on");
  if (on < row.on_date)
    throw new Refusal("bad_date", `It was sent on ${row.on_date}: it cannot have arrived before.`, { field: "on" });
  return on;
}
