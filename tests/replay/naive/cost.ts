/**
 * The costing of costing.md, rules 1 to 8, for pool `business`: every lot and every movement is worked out from nothing.
 */
import { backfilled, type Live, type Sale, salesOf } from "./live";
import { type Match, matchLines } from "./match";
import { comparePlace, daysBetween, type Place } from "./order";

/** A quantity of one item that came together, at one total cost. */
export interface Lot {
  id: string;
  /** Null for what a line that matched nothing brings: nothing else can draw on it. */
  item: string | null;
  place: Place;
  qty: bigint;
  amount: bigint;
  /** Sold before bought (rule 2) reaches only lots of purchases and adjustments in. */
  grace: boolean;
  /** What pins, backfills and purchase returns keep for themselves. */
  reserved: bigint;
  /** What was taken by FIFO so far, after what is reserved. */
  taken: bigint;
  /** The cost given up so far. */
  given: bigint;
}

/** Part of an outward movement, taken from one lot. */
export interface Allocation {
  lot: Lot;
  qty: bigint;
  cost: bigint;
  /** How much of `qty` returns have taken back. */
  back: bigint;
}

export interface Outward {
  place: Place;
  item: string | null;
  qty: bigint;
  /** First those of pins, in the order of their lots, then those of FIFO. */
  allocations: Allocation[];
  shortage: bigint;
  /** How much of the shortage returns have cancelled. */
  cancelled: bigint;
}

export interface CostedSale extends Outward {
  sale: Sale;
  match: Match;
}

export interface Costs {
  lots: Lot[];
  sales: Map<string, CostedSale>;
  /** Purchase return lines and adjustments out, by line id. */
  others: Map<string, Outward>;
  /** The cost that a return line brought back to stock or moved to shrinkage. */
  returned: Map<string, bigint>;
}

/** round(cost · part / whole), halves away from zero; nothing here is negative. */
export function share(cost: bigint, part: bigint, whole: bigint): bigint {
  return (2n * cost * part + whole) / (2n * whole);
}

/** The landed cost of a purchase's lines (rule 10), in their order. */
export function landed(lines: readonly { qty: number; amount: number }[], extra: number): bigint[] {
  const byValue = lines.some((l) => l.amount !== 0);
  const weights = lines.map((l) => BigInt(byValue ? l.amount : l.qty));
  const total = weights.reduce((a, b) => a + b, 0n);
  if (total === 0n) return [];
  const shares = weights.map((w) => (BigInt(extra) * w) / total);
  let rest = BigInt(extra) - shares.reduce((a, b) => a + b, 0n);
  const byRemainder = weights
    .map((w, i) => ({ i, remainder: (BigInt(extra) * w) % total }))
    .sort((a, b) => (a.remainder === b.remainder ? a.i - b.i : a.remainder > b.remainder ? -1 : 1));
  for (const { i } of byRemainder) {
    if (rest === 0n) break;
    shares[i] = (shares[i] ?? 0n) + 1n;
    rest -= 1n;
  }
  return lines.map((l, i) => BigInt(l.amount) + (shares[i] ?? 0n));
}

export function costOf(live: Live): Costs {
  const sales = salesOf(live);
  const matches = matchLines(live);
  const lots = new Map<string, Lot>();
  const bring = (id: string, item: string | null, place: Place, qty: bigint, amount: bigint, grace: boolean) => {
    const lot: Lot = { id, item, place, qty, amount, grace, reserved: 0n, taken: 0n, given: 0n };
    lots.set(id, lot);
    return lot;
  };
  const at = (date: string, phase: Place["phase"], id: string): Place => ({ date, phase, time: null, id, part: 0 });

  // 1. What comes from outside at a cost that the facts give.
  for (const fact of live.openings)
    for (const l of fact.lines) bring(l.id, l.item, at(fact.date, 0, l.id), BigInt(l.qty), BigInt(l.amount), false);
  for (const fact of live.purchases) {
    const costs = landed(fact.lines, fact.extra);
    for (const [i, l] of fact.lines.entries())
      bring(l.id, l.item, at(fact.date, 0, l.id), BigInt(l.qty), costs[i] ?? 0n, true);
  }
  for (const fact of live.adjustments)
    for (const l of fact.lines)
      if (l.qty > 0) bring(l.id, l.item, at(fact.date, 0, l.id), BigInt(l.qty), BigInt(l.amount), true);
  for (const fact of live.backfills) {
    const sale = need(sales, fact.sale);
    const item = need(matches, fact.sale).item;
    bring(fact.id, item, at(fact.date, 0, fact.id), BigInt(backfilled(fact, sale)), BigInt(fact.amount), false);
  }
  for (const fact of live.strayReturns)
    for (const l of fact.lines) bring(l.id, l.item, at(fact.date, 3, l.id), BigInt(l.qty), BigInt(l.cost), false);

  // 2. What goes out.
  const costed = new Map<string, CostedSale>();
  for (const [id, sale] of sales) {
    const place: Place = { date: sale.date, phase: 2, time: sale.time, id, part: 0 };
    const match = need(matches, id);
    costed.set(id, { sale, match, ...outward(place, match.item, BigInt(sale.line.qty)) });
  }
  const others = new Map<string, Outward>();
  for (const fact of live.purchaseReturns)
    for (const l of fact.lines)
      others.set(l.id, outward(at(fact.date, 2, l.id), need(lots, l.line).item, BigInt(l.qty)));
  for (const fact of live.adjustments)
    for (const l of fact.lines)
      if (l.qty < 0) others.set(l.id, outward(at(fact.date, 2, l.id), l.item, BigInt(-l.qty)));

  // 3. What is taken by choice: pins, backfills and purchase returns, first in each lot's count (rule 3).
  const chosen: { out: Outward; lot: Lot; qty: bigint }[] = [];
  for (const pin of live.pins)
    chosen.push({ out: need(costed, pin.sale), lot: need(lots, pin.lot), qty: BigInt(pin.qty) });
  for (const fact of live.backfills) {
    const lot = need(lots, fact.id);
    chosen.push({ out: need(costed, fact.sale), lot, qty: lot.qty });
  }
  for (const fact of live.purchaseReturns)
    for (const l of fact.lines) chosen.push({ out: need(others, l.id), lot: need(lots, l.line), qty: BigInt(l.qty) });
  chosen.sort((a, b) => comparePlace(a.out.place, b.out.place) || comparePlace(a.lot.place, b.lot.place));
  for (const { out, lot, qty } of chosen) {
    out.allocations.push(take(lot, lot.reserved, qty));
    lot.reserved += qty;
  }

  // 4. Everything that leaves or is brought back, in the order of rule 1.
  const returned = new Map<string, bigint>();
  const steps: { place: Place; run: () => void }[] = [];
  for (const out of [...costed.values(), ...others.values()])
    steps.push({ place: out.place, run: () => takeByFifo(out, [...lots.values()], live.grace) });
  for (const fact of live.returns)
    for (const line of fact.lines) {
      if (!line.restock && !line.write_off) continue;
      const place = at(fact.date, 3, line.id);
      const run = () => {
        const sale = need(costed, line.line);
        const parts = takeBack(sale, BigInt(line.qty), line.restock);
        returned.set(
          line.id,
          parts.reduce((sum, p) => sum + p.cost, 0n),
        );
        if (!line.restock) return;
        for (const [i, { qty, cost }] of parts.entries()) {
          const id = parts.length === 1 ? line.id : `${line.id}.${i + 1}`;
          bring(id, sale.item, { ...place, part: i }, qty, cost, false);
        }
      };
      steps.push({ place, run });
    }
  steps.sort((a, b) => comparePlace(a.place, b.place));
  for (const step of steps) step.run();

  return { lots: [...lots.values()], sales: costed, others, returned };
}

function outward(place: Place, item: string | null, qty: bigint): Outward {
  return { place, item, qty, allocations: [], shortage: 0n, cancelled: 0n };
}

/** Takes `qty` from a lot of which `from` is taken already (rule 3). */
function take(lot: Lot, from: bigint, qty: bigint): Allocation {
  if (qty <= 0n || from + qty > lot.qty) throw new Error(`${lot.id} has no ${qty} after ${from}`);
  const cost = share(lot.amount, from + qty, lot.qty) - share(lot.amount, from, lot.qty);
  lot.given += cost;
  return { lot, qty, cost, back: 0n };
}

/** Rule 2, for what no pin or backfill covers; rule 5 for what is left then. */
function takeByFifo(out: Outward, lots: readonly Lot[], grace: number): void {
  let wanted = out.allocations.reduce((rest, a) => rest - a.qty, out.qty);
  const open = lots
    .filter((lot) => lot.item !== null && lot.item === out.item)
    .filter((lot) => comparePlace(lot.place, out.place) < 0 || isWithinGrace(lot, out, grace))
    .sort((a, b) => comparePlace(a.place, b.place));
  for (const lot of open) {
    const left = lot.qty - lot.reserved - lot.taken;
    const qty = least(left, wanted);
    if (qty === 0n) continue;
    out.allocations.push(take(lot, lot.reserved + lot.taken, qty));
    lot.taken += qty;
    wanted -= qty;
  }
  out.shortage = wanted;
}

function isWithinGrace(lot: Lot, out: Outward, grace: number): boolean {
  const days = daysBetween(out.place.date, lot.place.date);
  return lot.grace && days >= 0 && days <= grace;
}

/** Rule 6: cancels shortage if restocked, then gives back what was taken last; the parts in the order given back. */
function takeBack(sale: Outward, qty: bigint, restock: boolean): { qty: bigint; cost: bigint }[] {
  let wanted = qty;
  if (restock) {
    const short = sale.shortage - sale.cancelled;
    const cancel = least(short, wanted);
    sale.cancelled += cancel;
    wanted -= cancel;
  }
  const parts: { qty: bigint; cost: bigint }[] = [];
  for (const a of [...sale.allocations].reverse()) {
    const left = a.qty - a.back;
    const part = least(left, wanted);
    if (part === 0n) continue;
    parts.push({ qty: part, cost: share(a.cost, a.back + part, a.qty) - share(a.cost, a.back, a.qty) });
    a.back += part;
    wanted -= part;
  }
  return parts;
}

function least(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

export function need<V>(map: ReadonlyMap<string, V>, id: string): V {
  const value = map.get(id);
  if (value === undefined) throw new Error(`${id} is not there`);
  return value;
}
