/**
 * Add costs: what a sold line cost, said by a person. Three ways: units of a lot (a pin), a part of a purchase that is not detailed
 * (the purchase again with one line more, and its pin), or what is not in the books (a backfill). Each may be taken back.
 */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { rowsOf, type Tx } from "../../db/scope";
import type { Books } from "../books/ledger";
import { localDateOf, parseLocalDate } from "../core/dates";
import { Refusal } from "../core/errors";
import { factKey, type PurchaseFact } from "../core/facts";
import { formatMinor, smaller } from "../core/money";
import { goodsOf } from "../core/purchases";
import { reviveFact } from "../core/revive";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { formerOf, moreThan, namedFacts } from "../people/audit-facts";
import { type Changes, changeBooks, rehearse, type Seen } from "../preview";
import { recordIn, type VersionedFact } from "../record";
import { newId } from "../system/ids";
import { undoIn } from "../undo";
import { type ItemChoice, itemFor } from "./matching";

/** Which way: `amount` in minor units, for all units of the line that need a cost. */
export type CostWay = Readonly<
  | { way: "lot"; lot: string }
  | { way: "part"; purchase: string; amount: bigint }
  | { way: "outside"; amount: bigint; on: string; account: string }
>;
export type CostInput = Readonly<{
  line: string;
  how: CostWay;
  /** For a line that matched nothing: what it is. Without one, only a cost from outside can be given. */
  item?: ItemChoice | null | undefined;
}>;
export type SavedCosts = Readonly<{
  /** What takes all of it back. */
  source: string;
  /** What the lines cost now, in minor units. */
  cost: bigint;
  lines: number;
}>;

type Sale = Readonly<{
  id: string;
  on: string;
  item: string | null;
  name: string;
  sku: string | null;
  qty: bigint;
  /** Units that a choice may cover: those without a cost, or all that no choice covers yet. */
  open: bigint;
}>;

/**
 * Records one line's cost. Refuses `does_not_fit`, `over_allocated`, `field_missing`, `bad_date` with the field, and `moves_costs` where it
 * moves what is posted already, or posts into a closed period, and that is to be seen first.
 */
export function addCost(scope: Scope, input: CostInput, seen: Seen = null): Promise<SavedCosts> {
  require(scope, "write");
  return changeBooks(scope, seen, async (tx, books) => {
    const source = `costs/${newId()}`;
    await applyCost(tx, scope, books, input, source);
    return { source, cost: await costOfLines(tx, scope, [input.line]), lines: 1 };
  });
}

/** What adding this cost would change. Refuses as adding it would. */
export function previewCost(scope: Scope, input: CostInput): Promise<Changes> {
  require(scope, "write");
  return rehearse(scope, (tx, books) => applyCost(tx, scope, books, input, "costs/preview"));
}

async function applyCost(tx: Tx, scope: Scope, books: Books, input: CostInput, source: string): Promise<void> {
  const sale = (await salesToCost(tx, scope, [input.line])).get(input.line);
  if (sale === undefined) throw new Refusal("not_found", "This sale is not there any more.");
  if (sale.open === 0n)
    throw new Refusal("does_not_fit", "What this sale cost is chosen already. Take that back under Why first.");
  const facts: VersionedFact[] = [];
  const add = (fact: VersionedFact["fact"]) => facts.push({ fact, version: newId() });
  let item = sale.item;
  if (item === null && input.item) {
    const found = await itemFor(tx, scope, sale, input.item);
    item = found.item;
    for (const fact of found.facts) add(fact);
    add({ kind: "match", sale: sale.id, item });
  }
  await recordAudit(tx, scope, {
    what: "sale.cost",
    about: `order_line/${sale.id}`,
    after: { ...input.how, item: sale.item === null ? item : undefined },
  });
  const origin = { source, userId: scope.userId, revives: true };
  switch (input.how.way) {
    case "outside":
      add({ ...(await outside(tx, scope, sale, input.how)), qty: sale.open });
      break;
    case "lot":
      add(await pinOf(tx, scope, books, sale, item, input.how.lot));
      break;
    case "part": {
      if (item === null)
        throw new Refusal("field_missing", "Which product is it? Choose it or type its name.", { field: "itemText" });
      const { purchase, from } = await purchaseFact(tx, scope, input.how.purchase);
      const line = {
        id: `${purchase.id}${madeFor(sale.id)}${newId()}`,
        item,
        qty: sale.open,
        amount: input.how.amount,
        location: null,
      };
      refuseTooMuch(scope, purchase, line.amount);
      // The item must be there before the purchase names it, and the purchase keeps the source that brought it.
      await recordIn(tx, scope, books, facts.splice(0), origin, { settles: false });
      await recordIn(
        tx,
        scope,
        books,
        [{ fact: { ...purchase, lines: [...purchase.lines, line] }, version: newId() }],
        { ...origin, source: from },
        { settles: false },
      );
      add({ kind: "pin", sale: sale.id, lot: line.id, qty: sale.open });
      break;
    }
    default:
      input.how satisfies never;
  }
  await recordIn(tx, scope, books, facts, origin);
}

/** The part of a line's id that says which sale it was made for: taking the sale's cost back takes the line away too. */
function madeFor(sale: string): string {
  return `/for/${sale}/`;
}

async function pinOf(
  tx: Tx,
  scope: Scope,
  books: Books,
  sale: Sale,
  item: string | null,
  lot: string,
): Promise<Extract<VersionedFact["fact"], { kind: "pin" }>> {
  const [row] = await rowsOf<{ item_id: string; free: string; own: string }>(
    tx,
    sql`select item_id, (qty - reserved_qty)::text as free,
          coalesce((select sum(qty) from app.pins where business_id = ${scope.businessId} and sale_id = ${sale.id} and lot_id = ${lot}), 0)::text as own
        from app.lots where business_id = ${scope.businessId} and line_id = ${lot} and source in ('purchase', 'opening', 'found', 'made')`,
  );
  if (row === undefined)
    throw new Refusal("unknown_id", "This lot is not there any more. Choose another.", { field: "from" });
  if (item !== null && row.item_id !== item)
    throw new Refusal("does_not_fit", "This lot is of another item than the sale.", { field: "from" });
  const qty = smaller(sale.open, BigInt(row.free));
  if (qty <= 0n)
    throw new Refusal("does_not_fit", "Every unit of this lot is chosen for another sale, or went back.", {
      field: "from",
    });
  const own = BigInt(row.own);
  const pin = { kind: "pin" as const, sale: sale.id, lot, qty: qty + own };
  // One pin a sale and lot: units more of the same lot replace it.
  if (own > 0n) await undoIn(tx, scope, books, [factKey(pin)], { source: null, userId: scope.userId });
  return pin;
}

async function outside(
  tx: Tx,
  scope: Scope,
  sale: Sale,
  how: Readonly<{ amount: bigint; on: string; account: string }>,
): Promise<Extract<VersionedFact["fact"], { kind: "backfill" }>> {
  if (how.amount < 0n) throw new Refusal("out_of_range", "A cost is not below 0.", { field: "amount" });
  const date = dayOf(scope, how.on, "on");
  if (date > sale.on)
    throw new Refusal("bad_date", "It was bought on the day it was sold, or before.", { field: "on" });
  const [account] = await rowsOf<{ code: string }>(
    tx,
    sql`select code from app.accounts where business_id = ${scope.businessId} and code = ${how.account} and not is_archived
          and (holds in ('bank', 'card', 'cash') or code = '3000')`,
  );
  if (account === undefined) throw new Refusal("unknown_id", "Choose the account that paid.", { field: "account" });
  return { kind: "backfill", id: newId(), sale: sale.id, date, amount: how.amount, qty: null, account: account.code };
}

function dayOf(scope: Scope, text: string, field: string): string {
  try {
    const day = parseLocalDate(text);
    if (day > localDateOf(BigInt(Date.now()) * 1000n, scope.timeZone))
      throw new Refusal("future_date", "A purchase is not dated after today.");
    return day;
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(error.code, error.message, { ...error.detail, field });
    throw error;
  }
}

/** The purchase as it was last recorded, and what brought it. */
async function purchaseFact(
  tx: Tx,
  scope: Scope,
  id: string,
): Promise<Readonly<{ purchase: PurchaseFact; from: string | null }>> {
  const [row] = await rowsOf<{ body: unknown; source: string | null }>(
    tx,
    sql`select body, source from app.facts where business_id = ${scope.businessId} and id = ${`purchase/${id}`} and undone_at is null`,
  );
  const fact = row === undefined ? undefined : reviveFact(row.body);
  if (row === undefined || fact?.kind !== "purchase")
    throw new Refusal("unknown_id", "This purchase is not there any more. Choose another.", { field: "from" });
  return { purchase: fact, from: row.source };
}

function refuseTooMuch(scope: Scope, purchase: PurchaseFact, amount: bigint): void {
  if (amount < 0n) throw new Refusal("out_of_range", "A cost is not below 0.", { field: "part" });
  const said = [...purchase.lines, ...purchase.extras].reduce((sum, part) => sum + part.amount, 0n);
  const left = goodsOf(purchase) - said;
  if (amount <= left) return;
  const money = (minor: bigint) => formatMinor(minor, scope.currency);
  throw new Refusal("over_allocated", `This purchase has ${money(left)} left. ${money(amount)} does not fit.`, {
    field: "part",
    left: String(left),
  });
}

async function salesToCost(tx: Tx, scope: Scope, ids: readonly string[]): Promise<ReadonlyMap<string, Sale>> {
  const business = scope.businessId;
  const rows = await rowsOf<Record<string, string> & { item_id: string | null; sku: string | null }>(
    tx,
    sql`select o.id, o.on_date::text, o.item_id, o.name, o.sku, o.qty::text, o.short_qty::text,
          (coalesce((select sum(qty) from app.pins where business_id = ${business} and sale_id = o.id), 0)
            + coalesce((select sum(qty) from app.backfills where business_id = ${business} and sale_id = o.id and not is_undone), 0))::text as covered
        from app.order_lines o where o.business_id = ${business} and o.id = any(${list("text", ids)}) and not o.is_undone`,
  );
  return new Map(
    rows.map((row) => {
      const qty = BigInt(row.qty ?? "0");
      const short = BigInt(row.short_qty ?? "0");
      const uncovered = qty - BigInt(row.covered ?? "0");
      return [
        row.id ?? "",
        {
          id: row.id ?? "",
          on: row.on_date ?? "",
          item: row.item_id,
          name: row.name ?? "",
          sku: row.sku,
          qty,
          open: short > 0n ? smaller(short, uncovered) : uncovered,
        },
      ] as const;
    }),
  );
}

async function costOfLines(tx: Tx, scope: Scope, lines: readonly string[]): Promise<bigint> {
  const [row] = await rowsOf<{ cost: string }>(
    tx,
    sql`select coalesce(sum(cost_minor), 0)::text as cost from app.order_lines where business_id = ${scope.businessId} and id = any(${list("text", lines)})`,
  );
  return BigInt(row?.cost ?? "0");
}

/** One row of many: what the line's units without a cost were paid with. `field` is where it was typed. */
export type CostRow = Readonly<{ line: string; amount: bigint; on: string | null; field: string }>;
export type ManyCosts = Readonly<{ rows: readonly CostRow[]; account: string }>;

/** Records costs of many lines that are not in the books, each with its amount and day (none: the day of its sale). Refuses as `addCost`. */
export function addCosts(scope: Scope, input: ManyCosts, seen: Seen = null): Promise<SavedCosts> {
  require(scope, "write");
  return changeBooks(scope, seen, async (tx, books) => {
    const source = `costs/${newId()}`;
    await applyCosts(tx, scope, books, input, source);
    const lines = input.rows.map((row) => row.line);
    return { source, cost: await costOfLines(tx, scope, lines), lines: lines.length };
  });
}

/** What adding these costs would change. */
export function previewCosts(scope: Scope, input: ManyCosts): Promise<Changes> {
  require(scope, "write");
  return rehearse(scope, (tx, books) => applyCosts(tx, scope, books, input, "costs/preview"));
}

const mostRows = 2_000;

async function applyCosts(tx: Tx, scope: Scope, books: Books, input: ManyCosts, source: string): Promise<void> {
  if (input.rows.length === 0) throw new Refusal("field_missing", "No amount is given yet.");
  if (input.rows.length > mostRows) throw new Refusal("too_many_rows", `At most ${mostRows} costs at once.`);
  const sales = await salesToCost(
    tx,
    scope,
    input.rows.map((row) => row.line),
  );
  const seen = new Set<string>();
  const facts: VersionedFact[] = [];
  for (const row of input.rows) {
    const where = { field: row.field };
    const sale = sales.get(row.line);
    if (sale === undefined) throw new Refusal("unknown_id", "This sale is not there any more.", where);
    if (seen.has(row.line)) throw new Refusal("duplicate_id", "This sale stands here twice.", where);
    seen.add(row.line);
    if (sale.open === 0n) throw new Refusal("does_not_fit", "What this sale cost is chosen already.", where);
    const how = { amount: row.amount, on: row.on ?? sale.on, account: input.account };
    try {
      facts.push({ fact: { ...(await outside(tx, scope, sale, how)), qty: sale.open }, version: newId() });
    } catch (error) {
      if (error instanceof Refusal) throw new Refusal(error.code, error.message, { ...error.detail, ...where });
      throw error;
    }
  }
  await recordAudit(tx, scope, {
    what: "sale.costs",
    about: source,
    after: {
      lines: facts.length,
      amount: formatMinor(
        input.rows.reduce((sum, row) => sum + row.amount, 0n),
        books.currency,
      ),
      ...(await namedFacts(
        tx,
        scope,
        books.currency,
        facts.map((one) => one.fact),
      )),
    },
  });
  await recordIn(tx, scope, books, facts, { source, userId: scope.userId, revives: true });
}

/** What is taken back: all that one save brought (`source`), or one pin, backfill or match by its key. */
export type TakeBack = Readonly<{ source?: string | undefined; key?: string | undefined }>;

/**
 * Takes costs or matches back; the books then read as if they had not been given. Gives how many facts there were. Refuses
 * `nothing_to_undo`, and `moves_costs` where what it moves is to be seen first.
 */
export function takeBackCosts(scope: Scope, what: TakeBack, seen: Seen = null): Promise<number> {
  require(scope, "write");
  return changeBooks(scope, seen, async (tx, books) => {
    const undone = await takeBackIn(tx, scope, books, what);
    if (undone === 0) throw new Refusal("nothing_to_undo", "It was taken back already.");
    return undone;
  });
}

/** What taking this back would change. */
export function previewTakeBack(scope: Scope, what: TakeBack): Promise<Changes> {
  require(scope, "write");
  return rehearse(scope, async (tx, books) => {
    await takeBackIn(tx, scope, books, what);
  });
}

async function takeBackIn(tx: Tx, scope: Scope, books: Books, what: TakeBack): Promise<number> {
  const business = scope.businessId;
  const isOurs = what.source?.startsWith("costs/") === true || what.source?.startsWith("match/") === true;
  if (what.source !== undefined ? !isOurs : !/^(pin|backfill|match)\//.test(what.key ?? ""))
    throw new Refusal("not_allowed", "Only a cost or an item that was chosen can be taken back here.");
  const found = await rowsOf<{ id: string; source: string | null }>(
    tx,
    what.source !== undefined
      ? sql`select id, source from app.facts where business_id = ${business} and source = ${what.source} and undone_at is null`
      : sql`select id, source from app.facts where business_id = ${business} and id = ${what.key ?? ""} and undone_at is null`,
  );
  const keys = found.map((row) => row.id);
  // An item made on the way stays where something else names it by now.
  const items = keys.filter((key) => key.startsWith("item/"));
  const origin = { source: null, userId: scope.userId, revives: true };
  const first = keys.filter((key) => !key.startsWith("item/"));
  if (keys.length > 0)
    await recordAudit(tx, scope, {
      what: "sale.cost.undo",
      about: what.source ?? what.key ?? "",
      before: {
        facts: keys.length,
        ...Object.fromEntries(await formerOf(tx, scope, books.currency, [...first, ...items])),
        ...moreThan(keys.length),
      },
    });
  const undone = await undoIn(tx, scope, books, first, origin);
  await dropMadeLines(tx, scope, books, first);
  let made = 0;
  for (const key of items) {
    const [named] = await rowsOf<{ by: string }>(
      tx,
      sql`select by from app.fact_names where business_id = ${business} and named = ${key} limit 1`,
    );
    if (named === undefined) made += await undoIn(tx, scope, books, [key], origin);
  }
  await recordIn(tx, scope, books, [], origin);
  return undone + made;
}

/** A purchase's line that was made for the sale whose pin goes, and that nothing else was chosen from, goes with it. */
async function dropMadeLines(tx: Tx, scope: Scope, books: Books, keys: readonly string[]): Promise<void> {
  const business = scope.businessId;
  const lots = keys.flatMap((key) => {
    const [sale = "", lot = ""] = key.startsWith("pin/") ? key.slice("pin/".length).split("\u001f") : [];
    return lot.includes(madeFor(sale)) && sale !== "" ? [lot] : [];
  });
  const rows = await rowsOf<{ id: string; purchase_id: string }>(
    tx,
    sql`select l.id, l.purchase_id from app.purchase_lines l where l.business_id = ${business} and l.id = any(${list("text", lots)})
          and not exists (select 1 from app.pins p where p.business_id = ${business} and p.lot_id = l.id)
          and not exists (select 1 from app.stock_lines s join app.stock_documents d on d.business_id = ${business} and d.kind = s.document_kind and d.id = s.document_id and not d.is_undone
            where s.business_id = ${business} and s.purchase_line_id = l.id)`,
  );
  for (const id of new Set(rows.map((row) => row.purchase_id))) {
    const gone = new Set(rows.filter((row) => row.purchase_id === id).map((row) => row.id));
    const { purchase, from } = await purchaseFact(tx, scope, id);
    const fact = { ...purchase, lines: purchase.lines.filter((line) => !gone.has(line.id)) };
    await recordIn(
      tx,
      scope,
      books,
      [{ fact, version: newId() }],
      { source: from, userId: scope.userId, revives: true },
      { settles: false },
    );
  }
}
