/**
 * A second implementation of Lotbook's costing and books, for tests only: written from the design alone, simple and slow.
 * It shares no code with the product, so that where the two agree, they agree for a reason.
 */
import { Book } from "./book";
import { type Allocation, type Costs, costOf, need, type Outward } from "./cost";
import { type Live, locationOf, salesOf } from "./live";
import { compareText } from "./order";
import { toDetail, trialBalance } from "./post";

export { Book } from "./book";
export { type Code, Refused } from "./facts";

export interface SaleRow {
  line: string;
  item: string | null;
  matched_by: "listing" | "sku" | "name" | "hand" | null;
  qty: number;
  cost: number;
  uncosted: number;
  allocations: { lot: string; qty: number; cost: number }[];
}
export interface LotRow {
  lot: string;
  item: string | null;
  date: string;
  qty: number;
  amount: number;
  left: number;
  value: number;
  /** Where it is: in pool `location` only. */
  location?: string;
}
/** The result of replay.md without `entries` and `adjusting_entries`, which comparisons leave out. */
export interface Result {
  sales: SaleRow[];
  lots: LotRow[];
  on_hand: { item: string; location: string; qty: number }[];
  trial_balance: { code: string; name: string; amount: number }[];
  to_detail: number;
}

/** The books of a file of facts, one parsed JSON object a line. Throws `Refused` for a fact that is wrong. */
export function naive(lines: readonly unknown[]): Result {
  const book = new Book();
  for (const line of lines) book.add(line);
  return resultOf(book);
}

/** The books of the facts recorded so far. */
export function resultOf(book: Book): Result {
  const live = book.live();
  const costs = costOf(live);
  const hand = onHand(live, costs);
  const balances = trialBalance(live, costs);
  checkBooks(live, costs, hand, balances);
  return {
    sales: sortedBy(
      [...costs.sales].map(([id, sale]) => ({
        line: id,
        item: sale.match.item,
        matched_by: sale.match.by,
        qty: sale.sale.line.qty,
        cost: plain(sum(sale.parts.flatMap((part) => part.allocations.map((a) => a.cost)))),
        uncosted: plain(sum(sale.parts.map((part) => part.shortage - part.cancelled))),
        allocations: rowForEachLot(sale.parts.flatMap((part) => part.allocations)),
      })),
      (row) => row.line,
    ),
    lots: sortedBy(
      costs.lots.map((lot) => ({
        lot: lot.id,
        item: lot.item,
        date: lot.acquired,
        qty: plain(lot.qty),
        amount: plain(lot.amount),
        left: plain(lot.qty - lot.reserved - lot.taken),
        value: plain(lot.amount - lot.given),
        ...(live.pool === "location" ? { location: lot.location } : {}),
      })),
      (row) => row.lot,
    ),
    on_hand: [...hand]
      .filter(([, { qty }]) => qty !== 0n)
      .map(([, { item, location, qty }]) => ({ item, location, qty: plain(qty) }))
      .sort((a, b) => compareText(a.item, b.item) || compareText(a.location, b.location)),
    trial_balance: balances.map(({ code, name, amount }) => ({ code, name, amount: plain(amount) })),
    to_detail: plain(toDetail(live)),
  };
}

function rowForEachLot(allocations: readonly Allocation[]): SaleRow["allocations"] {
  const rows = new Map<string, { qty: bigint; cost: bigint }>();
  for (const { lot, qty, cost } of allocations) {
    const row = rows.get(lot.id) ?? { qty: 0n, cost: 0n };
    rows.set(lot.id, { qty: row.qty + qty, cost: row.cost + cost });
  }
  return sortedBy(
    [...rows].map(([lot, { qty, cost }]) => ({ lot, qty: plain(qty), cost: plain(cost) })),
    (row) => row.lot,
  );
}

type OnHand = Map<string, { item: string; location: string; qty: bigint }>;

/** Quantity on hand: the sum of an item's movements at each location. */
function onHand(live: Live, costs: Costs): OnHand {
  const hand: OnHand = new Map();
  const move = (item: string | null, location: string | null, qty: bigint) => {
    if (item === null) return;
    const at = locationOf(live, location);
    const id = JSON.stringify([item, at]);
    const row = hand.get(id) ?? { item, location: at, qty: 0n };
    row.qty += qty;
    hand.set(id, row);
  };
  const sales = salesOf(live);
  const purchaseLines = new Map(live.purchases.flatMap((p) => p.lines).map((l) => [l.id, l]));
  for (const fact of [...live.openings, ...live.purchases])
    for (const l of fact.lines) move(l.item, l.location, BigInt(l.qty));
  for (const { sale, parts } of costs.sales.values())
    for (const part of parts) move(part.item, sale.line.location, -part.qty);
  for (const fact of live.backfills) {
    const sale = need(sales, fact.sale);
    const qty = BigInt(fact.qty ?? sale.line.qty);
    for (const part of need(costs.sales, fact.sale).parts) move(part.item, sale.line.location, qty);
  }
  for (const fact of live.returns)
    for (const l of fact.lines) {
      if (!l.restock) continue;
      const { sale, parts } = need(costs.sales, l.line);
      for (const part of parts)
        move(part.item, l.location ?? sale.line.location, (part.qty * BigInt(l.qty)) / BigInt(sale.line.qty));
    }
  for (const fact of live.strayReturns) for (const l of fact.lines) move(l.item, l.location, BigInt(l.qty));
  for (const fact of live.purchaseReturns)
    for (const l of fact.lines) {
      const line = need(purchaseLines, l.line);
      move(line.item, line.location, -BigInt(l.qty));
    }
  for (const fact of live.transfers)
    for (const l of fact.lines) {
      // With `arrives` the goods pass through in-transit; over all dates that comes to nothing.
      move(l.item, fact.from, -BigInt(l.qty));
      move(l.item, fact.to, BigInt(l.qty));
    }
  for (const fact of live.adjustments) for (const l of fact.lines) move(l.item, fact.location, BigInt(l.qty));
  for (const fact of live.assemblies) {
    for (const l of fact.inputs) move(l.item, fact.location, -BigInt(l.qty));
    for (const l of fact.outputs) move(l.item, fact.location, BigInt(l.qty));
  }
  return hand;
}

/** Rule 14: what is always true. A failure here is a mistake in this file, never in the facts. */
function checkBooks(
  live: Live,
  costs: Costs,
  hand: OnHand,
  balances: readonly { code: string; amount: bigint }[],
): void {
  const outs = [
    ...[...costs.sales.values()].flatMap((sale) => sale.parts),
    ...costs.others.values(),
    ...costs.moved.values(),
  ];
  for (const out of outs)
    if (sum(out.allocations.map((a) => a.qty)) + out.shortage !== out.qty || out.cancelled > out.shortage)
      throw new Error(`${out.place.id}: allocations and shortage do not come to the quantity`);
  for (const lot of costs.lots) {
    const left = lot.qty - lot.reserved - lot.taken;
    if (left < 0n || (left === 0n && lot.given !== lot.amount)) throw new Error(`${lot.id} does not come out`);
  }
  for (const { id } of live.items) checkItem(id, live, costs, outs, hand);
  if (sum(balances.map((b) => b.amount)) !== 0n) throw new Error("the trial balance is not zero");
  const inventory = balances.find((b) => b.code === "1200")?.amount ?? 0n;
  if (inventory !== sum(costs.lots.map((l) => l.amount - l.given)) + toDetail(live))
    throw new Error("Inventory is not what lots have left and what is to be detailed");
}

/**
 * On hand is what lots have left less what is short; in pool `location` at each place, where quantity can also have come
 * without a lot: a transfer's shortage, and what a return brought back of a shortage that it cancelled.
 */
function checkItem(item: string, live: Live, costs: Costs, outs: readonly Outward[], hand: OnHand): void {
  const come: { location: string; qty: bigint }[] = [];
  for (const fact of live.transfers)
    for (const l of fact.lines)
      if (l.item === item) come.push({ location: fact.to, qty: costs.moved.get(l.id)?.shortage ?? 0n });
  for (const fact of live.returns)
    for (const l of fact.lines) {
      const location = locationOf(live, l.location ?? need(costs.sales, l.line).sale.line.location);
      come.push({ location, qty: costs.cancelled.get(l.id)?.get(item) ?? 0n });
    }
  const places = live.pool === "business" ? [null] : live.locations;
  for (const place of places) {
    const here = <T extends { location: string }>(all: readonly T[]) =>
      all.filter((one) => place === null || one.location === place);
    const left = sum(here(costs.lots.filter((l) => l.item === item)).map((l) => l.qty - l.reserved - l.taken));
    const short = sum(here(outs.filter((o) => o.item === item)).map((o) => o.shortage));
    const onHandOf = sum(here([...hand.values()].filter((h) => h.item === item)).map((h) => h.qty));
    if (onHandOf !== left - short + sum(here(come).map((c) => c.qty)))
      throw new Error(`${item} at ${place ?? "all places"}: on hand is not what lots have left less shortages`);
  }
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => a + b, 0n);
}

function sortedBy<T>(rows: T[], id: (row: T) => string): T[] {
  return rows.sort((a, b) => compareText(id(a), id(b)));
}

/** A plain number, exact or not at all. */
function plain(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is no exact number`);
  return number;
}
