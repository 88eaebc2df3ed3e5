/**
 * Orders to suppliers, from draft to received. An order is a row of the desk: nothing moves and nothing is posted until something of it was
 * received, which is a purchase with its details like any other. What is still to come follows from those purchases alone, so that one
 * that is taken back is on order again.
 */
import { sql } from "drizzle-orm";
import { bulkInsert } from "../../db/bulk";
import { purchaseOrderLines, purchaseOrderReceipts } from "../../db/schema";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { taxYearOf } from "../core/dates";
import { Refusal } from "../core/errors";
import type { PurchaseFact } from "../core/facts";
import { MAX_MINOR, parseMinor } from "../core/money";
import { parseQuantity } from "../core/quantity";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { linesNamed, toldOf } from "../people/audit-facts";
import { changeBooks, type Seen } from "../preview";
import { recordIn } from "../record";
import { orderLines } from "../stock/on-order";
import { takeFrom } from "../stock/series";
import { newId } from "../system/ids";
import { inUse } from "./locations";
import { linesTyped } from "./transfer-drafts";
import { dayOf, inField, mostLines, pastDay, type TypedItem } from "./transfer-row";

export const orderStates = ["draft", "ordered", "closed", "cancelled"] as const;
export type OrderState = (typeof orderStates)[number];

/** A row as typed: `amount` is what it costs in all, empty where nobody knows yet. */
export type TypedOrderLine = TypedItem & Readonly<{ amount: string }>;
export type OrderInput = Readonly<{
  /** The draft that is changed, and how it was when its form was made; null: a new one. */
  id: string | null;
  version: number | null;
  supplier: string;
  location: string;
  /** Empty: not known. */
  expectedOn: string;
  note: string;
  lines: readonly TypedOrderLine[];
}>;
/** Which order, as a person saw it. */
export type SeenOrder = Readonly<{ id: string; version: number }>;
/** How it stands after a step, for the way back. */
export type OrderStep = Readonly<{ id: string; number: string | null; state: OrderState; version: number }>;

type Row = Readonly<{
  id: string;
  state: OrderState;
  number: string | null;
  number_year: number | null;
  supplier: string;
  location_id: string;
  version: number;
}>;

const longest = { supplier: 200, note: 500 } as const;

/** What a draft says until now, for the trail. */
async function draftSaid(tx: Tx, scope: Scope, id: string) {
  const b = scope.businessId;
  const [row] = await rowsOf<Readonly<{ supplier: string; location: string; expected: string | null; note: string }>>(
    tx,
    sql`select supplier, location_id as location, expected_on::text as expected, note from app.purchase_orders where business_id = ${b} and id = ${id}`,
  );
  const lines = await rowsOf<Readonly<{ item: string; qty: string; amount: string | null }>>(
    tx,
    sql`select item_id as item, qty::text, amount_minor::text as amount from app.purchase_order_lines
        where business_id = ${b} and order_id = ${id} order by place`,
  );
  const said = lines.map(({ item, qty, amount }) => ({
    item,
    qty: BigInt(qty),
    amount: amount === null ? null : BigInt(amount),
  }));
  return { ...row, lines: await linesNamed(tx, scope, said) };
}

/** Writes a draft, or changes one; gives its id. Refuses `stale` where somebody else changed it meanwhile. */
export async function saveOrder(scope: Scope, input: OrderInput): Promise<string> {
  require(scope, "write");
  const supplier = textOf(input.supplier, "supplier");
  const note = textOf(input.note, "note");
  const expected = input.expectedOn.trim() === "" ? null : dayOf(input.expectedOn, "expectedOn");
  if (input.lines.length === 0)
    throw new Refusal("field_missing", "What is ordered? Give at least one product.", { field: "lines.0.item" });
  if (input.lines.length > mostLines) throw new Refusal("too_many_rows", `An order has at most ${mostLines} products.`);
  return inBusiness(scope, async (tx) => {
    const before =
      input.id === null ? null : await orderIn(tx, scope, { id: input.id, version: input.version ?? 0 }, ["draft"]);
    await inUse(tx, scope, input.location, "location");
    const lines = await linesTyped(tx, scope, input.lines, {
      unknown: "Choose one of your products. A new one is made when its first purchase is detailed.",
      bundle: "This is a bundle: it is only sold. Order what it is made of.",
    });
    const amounts = input.lines.map(({ row, amount }) => amountOf(scope, amount, `lines.${row}.amount`));
    const id = before?.id ?? newId();
    const was = before === null ? undefined : await draftSaid(tx, scope, before.id);
    await recordAudit(tx, scope, {
      what: "purchase.order-draft",
      about: `purchase_order/${id}`,
      before: was,
      after: {
        supplier,
        location: input.location,
        expected,
        note,
        lines: await linesNamed(
          tx,
          scope,
          lines.map((line, at) => ({ ...line, amount: amounts[at] ?? null })),
        ),
      },
    });
    if (before === null)
      await tx.execute(
        sql`insert into app.purchase_orders (business_id, id, state, supplier, location_id, on_date, expected_on, note, version, created_at, created_by)
            values (${scope.businessId}, ${id}, 'draft', ${supplier}, ${input.location}, (now() at time zone ${scope.timeZone})::date, ${expected}::date, ${note}, 1, now(), ${scope.userId}::uuid)`,
      );
    else {
      await tx.execute(
        sql`update app.purchase_orders set supplier = ${supplier}, location_id = ${input.location}, expected_on = ${expected}::date, note = ${note}, version = version + 1
            where business_id = ${scope.businessId} and id = ${id}`,
      );
      await tx.execute(
        sql`delete from app.purchase_order_lines where business_id = ${scope.businessId} and order_id = ${id}`,
      );
    }
    await bulkInsert(
      tx,
      purchaseOrderLines,
      lines.map(({ item, qty }, place) => ({
        businessId: scope.businessId,
        orderId: id,
        place,
        itemId: item,
        qty,
        amountMinor: amounts[place] ?? null,
      })),
    );
    return id;
  });
}

/** Orders a draft on a day: it takes its number, the next of the tax year, and what it names is on order. */
export function placeOrder(scope: Scope, input: SeenOrder & Readonly<{ on: string }>): Promise<OrderStep> {
  require(scope, "write");
  const on = pastDay(scope, input.on, "on");
  return inBusiness(scope, async (tx) => {
    const row = await orderIn(tx, scope, input, ["draft"]);
    await inUse(tx, scope, row.location_id, "location");
    const { number, seriesYear } =
      row.number !== null && row.number_year !== null
        ? { number: row.number, seriesYear: row.number_year }
        : await takeFrom(tx, scope, "purchase_order", taxYearOf(on, scope.taxYearStartMonth));
    await recordAudit(tx, scope, {
      what: "purchase.order-place",
      about: `purchase_order/${row.id}`,
      after: { number, on, supplier: row.supplier },
    });
    await tx.execute(
      sql`update app.purchase_orders set state = 'ordered', number = ${number}, number_year = ${seriesYear}, on_date = ${on}::date, version = version + 1
          where business_id = ${scope.businessId} and id = ${row.id}`,
    );
    return { id: row.id, number, state: "ordered", version: row.version + 1 };
  });
}

/**
 * Ends an order: a draft, or one of which nothing was received, is cancelled and keeps its number; of the others nothing more is expected.
 */
export function endOrder(scope: Scope, seen: SeenOrder): Promise<OrderStep> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    const row = await orderIn(tx, scope, seen, ["draft", "ordered"]);
    const received = (await linesOf(tx, scope, row.id)).some((line) => line.received > 0n);
    return turn(tx, scope, row, received ? "closed" : "cancelled");
  });
}

/** Takes a step back: what was cancelled or ended stands again; what was ordered is a draft again, where nothing of it was received. */
export function takeBackOrder(scope: Scope, seen: SeenOrder): Promise<OrderStep> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    const row = await orderIn(tx, scope, seen, ["ordered", "closed", "cancelled"]);
    if (row.state !== "ordered") return turn(tx, scope, row, row.number === null ? "draft" : "ordered");
    if ((await linesOf(tx, scope, row.id)).some((line) => line.received > 0n))
      throw new Refusal("in_use", "Some of it was received already. Take that purchase back first.");
    return turn(tx, scope, row, "draft");
  });
}

async function turn(tx: Tx, scope: Scope, row: Row, state: OrderState): Promise<OrderStep> {
  await recordAudit(tx, scope, {
    what: "purchase.order-turn",
    about: `purchase_order/${row.id}`,
    before: { number: row.number, state: row.state },
    after: { state },
  });
  await tx.execute(
    sql`update app.purchase_orders set state = ${state}, version = version + 1 where business_id = ${scope.businessId} and id = ${row.id}`,
  );
  return { id: row.id, number: row.number, state, version: row.version + 1 };
}

export type OrderReceipt = SeenOrder &
  Readonly<{
    on: string;
    account: string;
    /** What was paid in all; empty: what the lines come to. What is more than the lines waits for its details. */
    paid: string;
    items: readonly Readonly<{ row: number; item: string; qty: string; amount: string }>[];
  }>;

/**
 * Receives what came, all or a part, any number of times: a purchase with its details, at the order's location. Gives the purchase. Refuses
 * `does_not_fit` for more than is on order, and `moves_costs` where that is to be seen first.
 */
export function receiveOrder(
  scope: Scope,
  input: OrderReceipt,
  seen: Seen = null,
): Promise<OrderStep & Readonly<{ purchase: string }>> {
  require(scope, "write");
  const on = pastDay(scope, input.on, "on");
  return changeBooks(scope, seen, async (tx, books) => {
    const row = await orderIn(tx, scope, input, ["ordered"]);
    await inUse(tx, scope, row.location_id, "location");
    await refuseAccount(tx, scope, input.account);
    const lines = await linesOf(tx, scope, row.id);
    const taken = input.items.flatMap(({ row: at, item, qty, amount }) => {
      const line = lines.find((one) => one.item === item);
      if (line === undefined)
        throw new Refusal("unknown_id", "This product is not of this order.", { field: `qty.${at}` });
      if (qty.trim() === "") return [];
      const came = inField(`qty.${at}`, () => parseQuantity(qty.trim(), line.decimals, { from: "zero" }));
      if (came === 0n) return [];
      if (came > line.ordered - line.received)
        throw new Refusal(
          "does_not_fit",
          `More of ${line.name} than is on order. Order the rest first, or record it as a purchase.`,
          {
            field: `qty.${at}`,
          },
        );
      const cost = amountOf(scope, amount, `amount.${at}`);
      if (cost === null)
        throw new Refusal("field_missing", `What did ${line.name} cost in all?`, { field: `amount.${at}` });
      return [{ item, qty: came, amount: cost }];
    });
    if (taken.length === 0)
      throw new Refusal("field_missing", "How much came? Give the quantity of at least one product.", {
        field: `qty.${input.items[0]?.row ?? 0}`,
      });
    const sum = taken.reduce((total, { amount }) => total + amount, 0n);
    const paid = amountOf(scope, input.paid, "paid") ?? sum;
    if (paid < sum)
      throw new Refusal("over_allocated", "The lines come to more than was paid in all.", { field: "paid" });
    const purchase = newId();
    const fact: PurchaseFact = {
      kind: "purchase",
      id: purchase,
      date: on,
      amount: paid,
      lines: taken.map((line, at) => ({ id: `${purchase}/${at + 1}`, ...line, location: row.location_id })),
      extras: [],
      account: input.account,
      supplier: row.supplier === "" ? null : row.supplier,
    };
    await recordAudit(tx, scope, {
      what: "purchase.order-receive",
      about: `purchase_order/${row.id}`,
      after: { number: row.number, purchase, ...(await toldOf(tx, scope, books.currency, [fact]))[0] },
    });
    await recordIn(tx, scope, books, [{ fact, version: newId() }], {
      source: null,
      userId: scope.userId,
      revives: true,
    });
    await bulkInsert(
      tx,
      purchaseOrderReceipts,
      taken.map(({ item, qty }) => ({
        businessId: scope.businessId,
        orderId: row.id,
        purchaseId: purchase,
        itemId: item,
        qty,
      })),
    );
    await tx.execute(
      sql`update app.purchase_orders set version = version + 1 where business_id = ${scope.businessId} and id = ${row.id}`,
    );
    return { id: row.id, number: row.number, state: row.state, version: row.version + 1, purchase };
  });
}

/** The order, locked, if it is as it was seen and in one of these states. */
async function orderIn(tx: Tx, scope: Scope, seen: SeenOrder, states: readonly OrderState[]): Promise<Row> {
  const [row] = await rowsOf<Row>(
    tx,
    sql`select id, state, number, number_year, supplier, location_id, version from app.purchase_orders
        where business_id = ${scope.businessId} and id = ${seen.id} for update`,
  );
  if (row === undefined) throw new Refusal("not_found", "There is no such order.");
  if (row.version !== seen.version || !states.includes(row.state))
    throw new Refusal("stale", "Somebody has changed this order meanwhile. Load the page again to see how it stands.");
  return row;
}

type Line = Readonly<{ item: string; name: string; decimals: number; ordered: bigint; received: bigint }>;

async function linesOf(tx: Tx, scope: Scope, id: string): Promise<readonly Line[]> {
  const rows = await rowsOf<{ item: string; name: string; decimals: number; ordered: string; received: string }>(
    tx,
    sql`select x.item_id as item, i.name, i.decimals, x.ordered::text, x.received::text
        from (${orderLines(scope.businessId, sql`o.id = ${id}`)}) x
        join app.items i on i.business_id = ${scope.businessId} and i.id = x.item_id order by x.place`,
  );
  return rows.map((row) => ({ ...row, ordered: BigInt(row.ordered), received: BigInt(row.received) }));
}

async function refuseAccount(tx: Tx, scope: Scope, code: string): Promise<void> {
  const [account] = await rowsOf<{ code: string }>(
    tx,
    sql`select code from app.accounts where business_id = ${scope.businessId} and code = ${code} and not is_archived
          and (holds in ('bank', 'card', 'cash') or code = '3000')`,
  );
  if (account === undefined) throw new Refusal("unknown_id", "Choose the account that paid.", { field: "account" });
}

/** An amount of a form, null where it is empty. */
function amountOf(scope: Scope, text: string, field: string): bigint | null {
  if (text.trim() === "") return null;
  const amount = inField(field, () => parseMinor(text.trim(), scope.currency));
  if (amount < 0n || amount > MAX_MINOR) throw new Refusal("out_of_range", "An amount is 0 or more.", { field });
  return amount;
}

function textOf(typed: string, field: keyof typeof longest): string {
  const text = typed.normalize("NFC").replace(/\s+/gu, " ").trim();
  if ([...text].length > longest[field])
    throw new Refusal("text_too_long", `At most ${longest[field]} characters fit here.`, { field });
  return text;
}
