/** Sales off the channels, and returns, by hand: each an order or return fact like any channel's, editable and to be taken back. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { localDateOf, parseLocalDate } from "../core/dates";
import { Refusal } from "../core/errors";
import type { OrderFact, OrderLine, ReturnFact } from "../core/facts";
import { abroad, stateName } from "../core/gst";
import { parseQuantity } from "../core/quantity";
import { reviveFact } from "../core/revive";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { formerOf, toldOf } from "../people/audit-facts";
import { changeBooks, type Seen } from "../preview";
import { recordIn, type VersionedFact } from "../record";
import { addChannel } from "../sales/channel-accounts";
import { newId } from "../system/ids";
import { undoIn } from "../undo";
import { type ItemChoice, itemFor } from "./matching";

/** A line as typed; `id` of a saved line that it is. `amount`: the line in all, in minor units. */
export type TypedOrderLine = Readonly<{
  /** Its place in the form, for errors: `lines.3.qty`. */
  row: number;
  id: string | null;
  item: ItemChoice;
  qty: string;
  amount: bigint;
}>;
export type OrderByHand = Readonly<{
  /** The order that is changed; null: a new one. */
  id: string | null;
  /** The channel of kind `hand`; null: the only one, made at first use. */
  channel: string | null;
  number: string;
  on: string;
  lines: readonly TypedOrderLine[];
  shipping: bigint;
  discount: bigint;
  tax: bigint;
  fees: bigint;
  /** The code of the state of India that it was delivered to, empty where nobody says it; left out: as it was. */
  state?: string | undefined;
}>;

const mostLines = 200;
const origin = (scope: Scope) => ({ source: null, userId: scope.userId, revives: true });

/** Records a sale by hand, or a new version of one. Gives the order's id and number. Refuses `moves_costs` where that is to be seen first. */
export async function saveOrder(
  scope: Scope,
  input: OrderByHand,
  seen: Seen = null,
): Promise<Readonly<{ id: string; number: string }>> {
  require(scope, "write");
  const on = pastDay(scope, input.on, "on");
  for (const [field, amount] of Object.entries({
    shipping: input.shipping,
    discount: input.discount,
    tax: input.tax,
    fees: input.fees,
  }))
    if (amount < 0n) throw new Refusal("out_of_range", "This is not below 0.", { field });
  if (input.lines.length === 0)
    throw new Refusal("field_missing", "What was sold? Give at least one line.", { field: "lines.0.item" });
  if (input.lines.length > mostLines)
    throw new Refusal("too_many_rows", `A sale by hand has at most ${mostLines} lines.`);
  return changeBooks(scope, seen, async (tx, books) => {
    const former = input.id === null ? null : await orderFact(tx, scope, input.id);
    const channel = former?.channel ?? (await handChannel(tx, scope, input.channel));
    const id = former?.id ?? `${channel}/order/${newId()}`;
    const number = input.number.trim() || former?.number || (await nextNumber(tx, scope, channel));
    const facts: VersionedFact[] = [];
    const add = (fact: VersionedFact["fact"]) => facts.push({ fact, version: newId() });
    const lines: OrderLine[] = [];
    const matches: VersionedFact["fact"][] = [];
    const kept = new Set(former?.lines.map((line) => line.id) ?? []);
    for (const line of input.lines) {
      const at = (column: string) => ({ field: `lines.${line.row}.${column}` });
      const item = await inField(at("item"), () => itemFor(tx, scope, { name: line.item.name, sku: null }, line.item));
      // A product that two lines make is made once.
      const made = facts.find(
        ({ fact }) => fact.kind === "item" && item.facts.length > 0 && fact.name === item.name,
      )?.fact;
      const itemId = made?.kind === "item" ? made.id : item.item;
      if (made === undefined) for (const fact of item.facts) add(fact);
      const [known] = await rowsOf<{ sku: string | null; decimals: number }>(
        tx,
        sql`select sku, decimals from app.items where business_id = ${scope.businessId} and id = ${itemId}`,
      );
      const qty = await inField(at("qty"), async () => parseQuantity(line.qty, known?.decimals ?? 0));
      if (qty <= 0n) throw new Refusal("bad_quantity", "How many were sold?", at("qty"));
      if (line.amount < 0n) throw new Refusal("out_of_range", "A price is not below 0.", at("amount"));
      const lineId = line.id !== null && kept.has(line.id) ? line.id : `${id}/line/${newId()}`;
      lines.push({
        id: lineId,
        sku: known?.sku ?? null,
        name: item.name,
        listing: null,
        qty,
        amount: line.amount,
        location: null,
      });
      matches.push({ kind: "match", sale: lineId, item: itemId });
    }
    const gross = lines.reduce((sum, line) => sum + line.amount, 0n);
    if (input.discount > gross)
      throw new Refusal("does_not_fit", "The discount is more than the sale.", { field: "discount" });
    const order: OrderFact = {
      kind: "order",
      id,
      channel,
      when: { on, at: null },
      number,
      lines,
      shipping: input.shipping,
      tax: input.tax,
      taxBy: "seller",
      discount: input.discount,
      fees: input.fees === 0n ? [] : [{ kind: "other", amount: input.fees }],
      ...deliveredTo(input.state, former),
    };
    const dropped = [...kept].filter((line) => !lines.some((one) => one.id === line)).map((line) => `match/${line}`);
    await recordAudit(tx, scope, {
      what: former === null ? "order.record" : "order.change",
      about: `order/${id}`,
      before: former === null ? undefined : (await toldOf(tx, scope, books.currency, [former]))[0],
      after: (await toldOf(tx, scope, books.currency, [order], [...facts.map((one) => one.fact), ...matches]))[0],
    });
    await undoIn(tx, scope, books, await recorded(tx, scope, dropped), origin(scope));
    add(order);
    for (const fact of matches) add(fact);
    await recordIn(tx, scope, books, facts, origin(scope));
    return { id, number };
  });
}

/** Where a sale by hand was delivered to, as its form says it. Refuses `bad_field` for what is no state of India. */
function deliveredTo(state: string | undefined, former: OrderFact | null): Pick<OrderFact, "shipTo"> {
  if (state === undefined) return former?.shipTo === undefined ? {} : { shipTo: former.shipTo };
  if (state === "") return {};
  const name = stateName(state);
  if (name === null || state === abroad)
    throw new Refusal("bad_field", "Choose the state that it was delivered to, or none.", { field: "state" });
  return { shipTo: { country: "IN", region: name } };
}

/** Takes a sale by hand back, with the items chosen for its lines. Refused (`in_use`) while a cost or return was given for it. */
export function takeBackOrder(scope: Scope, id: string, seen: Seen = null): Promise<void> {
  require(scope, "write");
  return changeBooks(scope, seen, async (tx, books) => {
    const order = await orderFact(tx, scope, id);
    const keys = await recorded(
      tx,
      scope,
      order.lines.map((line) => `match/${line.id}`),
    );
    await recordAudit(tx, scope, {
      what: "order.undo",
      about: `order/${id}`,
      before: (await toldOf(tx, scope, books.currency, [order]))[0],
    });
    await undoIn(tx, scope, books, [...keys, `order/${id}`], origin(scope));
    await recordIn(tx, scope, books, [], origin(scope));
  });
}

export type Fate = "restock" | "write off" | "keep" | "unknown";
export type ReturnByHand = Readonly<{
  order: string;
  line: string;
  on: string;
  qty: string;
  amount: bigint;
  fate: Fate;
}>;

/** Records that units of a line came back or were refunded. Gives the return's key, to take it back. */
export async function recordReturn(scope: Scope, input: ReturnByHand, seen: Seen = null): Promise<string> {
  require(scope, "write");
  const date = pastDay(scope, input.on, "on");
  if (input.amount < 0n) throw new Refusal("out_of_range", "A refund is not below 0.", { field: "amount" });
  return changeBooks(scope, seen, async (tx, books) => {
    const [line] = await rowsOf<{ decimals: number; on: string }>(
      tx,
      sql`select coalesce(i.decimals, 0) as decimals, o.on_date::text as on from app.order_lines o
          left join app.items i on i.business_id = ${scope.businessId} and i.id = o.item_id
          where o.business_id = ${scope.businessId} and o.order_id = ${input.order} and o.id = ${input.line} and not o.is_undone`,
    );
    if (line === undefined) throw new Refusal("unknown_id", "Choose the line that came back.", { field: "line" });
    if (date < line.on)
      throw new Refusal("bad_date", "It came back on the day it was sold, or later.", { field: "on" });
    const qty = await inField({ field: "qty" }, async () => parseQuantity(input.qty, line.decimals));
    if (qty <= 0n) throw new Refusal("bad_quantity", "How many came back?", { field: "qty" });
    const id = `${input.order}/return/${newId()}`;
    const fact: ReturnFact = {
      kind: "return",
      id,
      date,
      order: input.order,
      lines: [
        {
          id: `${id}/1`,
          line: input.line,
          qty,
          amount: input.amount,
          restock: input.fate === "restock",
          writeOff: input.fate === "write off",
          location: null,
          placed: input.fate !== "unknown",
        },
      ],
    };
    await recordAudit(tx, scope, {
      what: "return.record",
      about: `order/${input.order}`,
      after: (await toldOf(tx, scope, books.currency, [fact]))[0],
    });
    await inField({ field: "qty" }, () => recordIn(tx, scope, books, [{ fact, version: newId() }], origin(scope)));
    return `return/${id}`;
  });
}

/** Takes a return that was recorded by hand back, with what was said of where its goods are. */
export function takeBackReturn(scope: Scope, id: string, seen: Seen = null): Promise<void> {
  require(scope, "write");
  return changeBooks(scope, seen, async (tx, books) => {
    const business = scope.businessId;
    const [fact] = await rowsOf<{ id: string }>(
      tx,
      sql`select id from app.facts where business_id = ${business} and id = ${`return/${id}`} and undone_at is null and user_id is not null and source is null`,
    );
    if (fact === undefined)
      throw new Refusal("nothing_to_undo", "Only a return that was recorded by hand can be taken back here.");
    const lines = await rowsOf<{ id: string }>(
      tx,
      sql`select id from app.return_lines where business_id = ${business} and return_id = ${id}`,
    );
    const placed = await recorded(
      tx,
      scope,
      lines.map((line) => `placement/${line.id}`),
    );
    const before = (await formerOf(tx, scope, books.currency, [fact.id])).get(fact.id);
    await recordAudit(tx, scope, { what: "return.undo", about: fact.id, before });
    await undoIn(tx, scope, books, [...placed, fact.id], origin(scope));
    await recordIn(tx, scope, books, [], origin(scope));
  });
}

/** The places of sales by hand. */
export function handChannels(scope: Scope): Promise<readonly Readonly<{ id: string; name: string }>[]> {
  require(scope, "read");
  return inBusiness(scope, (tx) =>
    rowsOf<{ id: string; name: string }>(
      tx,
      sql`select id, name from app.channels where business_id = ${scope.businessId} and kind = 'hand' order by name, id`,
    ),
  );
}

/** A sale by hand as its form shows it. Refuses `not_found` for orders of other channels: those change where they come from. */
export function orderToEdit(
  scope: Scope,
  id: string,
): Promise<
  Readonly<{ fact: OrderFact; items: ReadonlyMap<string, Readonly<{ id: string; name: string; decimals: number }>> }>
> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    const fact = await orderFact(tx, scope, id);
    const rows = await rowsOf<{ line: string; id: string; name: string; decimals: number }>(
      tx,
      sql`select o.id as line, i.id, i.name, i.decimals from app.order_lines o join app.items i on i.business_id = ${scope.businessId} and i.id = o.item_id
          where o.business_id = ${scope.businessId} and o.order_id = ${id} and not o.is_undone`,
    );
    return { fact, items: new Map(rows.map((row) => [row.line, row])) };
  });
}

async function orderFact(tx: Tx, scope: Scope, id: string): Promise<OrderFact> {
  const [row] = await rowsOf<{ body: unknown }>(
    tx,
    sql`select f.body from app.facts f join app.orders o on o.business_id = ${scope.businessId} and o.id = ${id} and not o.is_undone
        join app.channels c on c.business_id = ${scope.businessId} and c.id = o.channel_id and c.kind = 'hand'
        where f.business_id = ${scope.businessId} and f.id = ${`order/${id}`} and f.undone_at is null`,
  );
  const fact = row === undefined ? null : reviveFact(row.body);
  if (fact?.kind !== "order") throw new Refusal("not_found", "There is no such sale by hand, or it was taken back.");
  return fact;
}

async function handChannel(tx: Tx, scope: Scope, wanted: string | null): Promise<string> {
  const rows = await rowsOf<{ id: string }>(
    tx,
    sql`select id from app.channels where business_id = ${scope.businessId} and kind = 'hand' order by created_at, id`,
  );
  const chosen = wanted === null ? rows[0] : rows.find((row) => row.id === wanted);
  if (chosen !== undefined) return chosen.id;
  if (wanted !== null)
    throw new Refusal("unknown_id", "There is no such place of sales by hand.", { field: "channel" });
  await addChannel(tx, scope, { id: "hand", kind: "hand", name: "By hand", state: "file" });
  return "hand";
}

/** The number after the greatest of the channel's latest sales. */
async function nextNumber(tx: Tx, scope: Scope, channel: string): Promise<string> {
  const [row] = await rowsOf<{ next: string }>(
    tx,
    sql`select (coalesce(max(substring(number from '^S-([0-9]{1,9})$')::bigint), 0) + 1)::text as next
        from (select number from app.orders where business_id = ${scope.businessId} and channel_id = ${channel} and not is_undone
          order by on_date desc, id desc limit 500) latest`,
  );
  return `S-${row?.next ?? "1"}`;
}

/** Those of the keys whose facts are recorded and not taken back. */
async function recorded(tx: Tx, scope: Scope, keys: readonly string[]): Promise<readonly string[]> {
  const rows = await rowsOf<{ id: string }>(
    tx,
    sql`select id from app.facts where business_id = ${scope.businessId} and id = any(${list("text", keys)}) and undone_at is null`,
  );
  return rows.map((row) => row.id);
}

function pastDay(scope: Scope, text: string, field: string): string {
  const day = (() => {
    try {
      return parseLocalDate(text);
    } catch (error) {
      if (error instanceof Refusal) throw new Refusal(error.code, error.message, { ...error.detail, field });
      throw error;
    }
  })();
  if (day > localDateOf(BigInt(Date.now()) * 1000n, scope.timeZone))
    throw new Refusal("future_date", "This day is still to come.", { field });
  return day;
}

async function inField<T>(where: Readonly<{ field: string }>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(error.code, error.message, { ...error.detail, ...where });
    throw error;
  }
}
