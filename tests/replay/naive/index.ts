/**
 * A second implementation of Lotbook's costing and books, for tests only: written from the design alone, simple and slow.
 * It shares no code with the product, so that where the two agree, they agree for a reason.
 */
import { Book } from "./book";
import { type Allocation, type Costs, costOf, need } from "./cost";
import { type Live, salesOf } from "./live";
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
        qty: plain(sale.qty),
        cost: plain(sale.allocations.reduce((sum, a) => sum + a.cost, 0n)),
        uncosted: plain(sale.shortage - sale.cancelled),
        allocations: rowForEachLot(sale.allocations),
      })),
      (row) => row.line,
    ),
    lots: sortedBy(
      costs.lots.map((lot) => ({
        lot: lot.id,
        item: lot.item,
        date: lot.place.date,
        qty: plain(lot.qty),
        amount: plain(lot.amount),
        left: plain(lot.qty - lot.reserved - lot.taken),
        value: plain(lot.amount - lot.given),
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
  const first = live.locations[0] ?? "main";
  const move = (item: string | null, location: string | null, qty: bigint) => {
    if (item === null) return;
    const at = location ?? first;
    const id = JSON.stringify([item, at]);
    const row = hand.get(id) ?? { item, location: at, qty: 0n };
    row.qty += qty;
    hand.set(id, row);
  };
  const sales = salesOf(live);
  const purchaseLines = new Map(live.purchases.flatMap((p) => p.lines).map((l) => [l.id, l]));
  for (const fact of [...live.openings, ...live.purchases])
    for (const l of fact.lines) move(l.item, l.location, BigInt(l.qty));
  for (const { sale, match, qty } of costs.sales.values()) move(match.item, sale.line.location, -qty);
  for (const fact of live.backfills) {
    const lot = costs.lots.find((l) => l.id === fact.id);
    move(need(costs.sales, fact.sale).item, need(sales, fact.sale).line.location, lot?.qty ?? 0n);
  }
  for (const fact of live.returns)
    for (const l of fact.lines) {
      const sale = need(costs.sales, l.line);
      if (l.restock) move(sale.item, l.location ?? sale.sale.line.location, BigInt(l.qty));
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
  return hand;
}

/** Rule 14: what is always true. A failure here is a mistake in this file, never in the facts. */
function checkBooks(
  live: Live,
  costs: Costs,
  hand: OnHand,
  balances: readonly { code: string; amount: bigint }[],
): void {
  const sum = (values: Iterable<bigint>) => [...values].reduce((a, b) => a + b, 0n);
  const outs = [...costs.sales.values(), ...costs.others.values()];
  for (const out of outs)
    if (sum(out.allocations.map((a) => a.qty)) + out.shortage !== out.qty || out.cancelled > out.shortage)
      throw new Error(`${out.place.id}: allocations and shortage do not come to the quantity`);
  for (const lot of costs.lots) {
    const left = lot.qty - lot.reserved - lot.taken;
    if (left < 0n || (left === 0n && lot.given !== lot.amount)) throw new Error(`${lot.id} does not come out`);
  }
  for (const { id } of live.items) {
    const lots = sum(costs.lots.filter((l) => l.item === id).map((l) => l.qty - l.reserved - l.taken));
    const short = sum(outs.filter((o) => o.item === id).map((o) => o.shortage - o.cancelled));
    const onHandOf = sum([...hand.values()].filter((h) => h.item === id).map((h) => h.qty));
    if (onHandOf !== lots - short) throw new Error(`${id}: on hand is not what lots have left less shortages`);
  }
  if (sum(balances.map((b) => b.amount)) !== 0n) throw new Error("the trial balance is not zero");
  const inventory = balances.find((b) => b.code === "1200")?.amount ?? 0n;
  if (inventory !== sum(costs.lots.map((l) => l.amount - l.given)) + toDetail(live))
    throw new Error("Inventory is not what lots have left and what is to be detailed");
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
