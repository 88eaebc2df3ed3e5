/**
 * The costing of costing.md, rules 1 to 10, for both pools: every lot and every movement is worked out from nothing, in one
 * pass over what moves in the order of rule 1.
 */
import { backfilled, type Live, locationOf, partsOf, type Sale, salesOf } from "./live";
import { type Match, matchLines } from "./match";
import { comparePlace, compareText, daysBetween, type Place, placeInside, placeOf } from "./order";

/** A quantity of one item that came together, at one total cost. */
export interface Lot {
  id: string;
  /** Null for what a line that matched nothing brings: nothing else can draw on it. */
  item: string | null;
  location: string;
  /** The acquisition date; in pool `location` a lot keeps it when it is moved. */
  acquired: string;
  /** The movement that brought it to where it is. */
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
  location: string;
  qty: bigint;
  /** First those of pins, in the order of their lots, then those of FIFO. */
  allocations: Allocation[];
  shortage: bigint;
  /** How much of the shortage returns have cancelled. */
  cancelled: bigint;
}

export interface CostedSale {
  sale: Sale;
  match: Match;
  /** One for each component of a bundle, in the bundle's order; else just one. */
  parts: Outward[];
}

export interface Costs {
  lots: Lot[];
  sales: Map<string, CostedSale>;
  /** Purchase returns, adjustments out and what production uses, by line id. */
  others: Map<string, Outward>;
  /** What transfers took, by line id; in pool `business` they take nothing. */
  moved: Map<string, Outward>;
  /** The cost that a return line brought back to stock or moved to shrinkage. */
  returned: Map<string, bigint>;
  /** The shortage that a return line cancelled, by item. */
  cancelled: Map<string, Map<string | null, bigint>>;
}

/** round(cost · part / whole), halves away from zero; nothing here is negative. */
export function share(cost: bigint, part: bigint, whole: bigint): bigint {
  return (2n * cost * part + whole) / (2n * whole);
}

/** An amount in parts that add to it, by weights that are not all 0: largest remainder, equal remainders to the earlier. */
export function spread(amount: bigint, weights: readonly bigint[]): bigint[] {
  const total = weights.reduce((a, b) => a + b, 0n);
  const parts = weights.map((w) => (amount * w) / total);
  let rest = parts.reduce((left, part) => left - part, amount);
  const byRemainder = weights
    .map((w, i) => ({ i, remainder: (amount * w) % total }))
    .sort((a, b) => (a.remainder === b.remainder ? a.i - b.i : a.remainder > b.remainder ? -1 : 1));
  for (const { i } of byRemainder) {
    if (rest === 0n) break;
    parts[i] = (parts[i] ?? 0n) + 1n;
    rest -= 1n;
  }
  return parts;
}

/** The landed cost of a purchase's lines (rule 10), in their order. */
export function landed(lines: readonly { qty: number; amount: number }[], extra: number): bigint[] {
  if (lines.length === 0) return [];
  const byValue = lines.some((l) => l.amount !== 0);
  const extras = spread(
    BigInt(extra),
    lines.map((l) => BigInt(byValue ? l.amount : l.qty)),
  );
  return lines.map((l, i) => BigInt(l.amount) + (extras[i] ?? 0n));
}

export function costOf(live: Live): Costs {
  const sales = salesOf(live);
  const matches = matchLines(live);
  const lots: Lot[] = [];
  const costed = new Map<string, CostedSale>();
  const others = new Map<string, Outward>();
  const moved = new Map<string, Outward>();
  const returned = new Map<string, bigint>();
  const cancelled = new Map<string, Map<string | null, bigint>>();
  const steps: { place: Place; run: () => void }[] = [];

  // What is taken by choice (pins, backfills, purchase returns), by lot. It comes first in each lot's count (rule 3).
  const chosen = new Map<string, { out: Outward; qty: bigint }[]>();
  const choose = (lot: string, out: Outward, qty: number) =>
    chosen.set(lot, [...(chosen.get(lot) ?? []), { out, qty: BigInt(qty) }]);

  const bring = (of: Omit<Lot, "reserved" | "taken" | "given">) => {
    const lot: Lot = { ...of, reserved: 0n, taken: 0n, given: 0n };
    lots.push(lot);
    for (const { out, qty } of [...(chosen.get(lot.id) ?? [])].sort((a, b) => comparePlace(a.out.place, b.out.place))) {
      out.allocations.push(take(lot, lot.reserved, qty));
      lot.reserved += qty;
    }
  };
  const goesOut = (out: Outward) =>
    steps.push({ place: out.place, run: () => takeByFifo(out, lots, live.pool, live.grace) });

  // 1. What leaves: sales, adjustments out, purchase returns; each on its own.
  for (const [id, sale] of sales) {
    const match = need(matches, id);
    const place = placeOf(sale.date, 2, id, sale.time);
    const location = locationOf(live, sale.line.location);
    const each = match.item === null ? new Map([[null, 1n]]) : partsOf(live, match.item);
    const parts = [...each].map(([item, qty]) => outward(place, item, location, qty * BigInt(sale.line.qty)));
    costed.set(id, { sale, match, parts });
    for (const part of parts) goesOut(part);
  }
  for (const fact of live.adjustments)
    for (const l of fact.lines) {
      if (l.qty > 0) continue;
      const out = outward(placeOf(fact.date, 2, l.id), l.item, locationOf(live, fact.location), BigInt(-l.qty));
      others.set(l.id, out);
      goesOut(out);
    }
  const bought = new Map(live.purchases.flatMap((p) => p.lines).map((l) => [l.id, l]));
  for (const fact of live.purchaseReturns)
    for (const l of fact.lines) {
      const { item, location } = need(bought, l.line);
      const out = outward(placeOf(fact.date, 2, l.id), item, locationOf(live, location), BigInt(l.qty));
      others.set(l.id, out);
      choose(l.line, out, l.qty);
      goesOut(out);
    }

  // 2. What persons chose for sales.
  const pinnable = new Map(live.assemblies.flatMap((a) => a.outputs).map((l) => [l.id, l.item]));
  for (const fact of [...live.openings, ...live.purchases, ...live.adjustments])
    for (const l of fact.lines) pinnable.set(l.id, l.item);
  for (const pin of live.pins) {
    const part = need(costed, pin.sale).parts.find((p) => p.item === need(pinnable, pin.lot));
    if (part === undefined) throw new Error(`${pin.sale} does not move the item of ${pin.lot}`);
    choose(pin.lot, part, pin.qty);
  }
  for (const fact of live.backfills) {
    const { sale, parts } = need(costed, fact.sale);
    const [part, other] = parts;
    if (part === undefined || other !== undefined) throw new Error(`${fact.sale} is a bundle and cannot be backfilled`);
    choose(fact.id, part, backfilled(fact, sale));
  }

  // 3. What comes from outside, at a cost that the facts give: all there from the beginning, for rule 2 goes by place.
  const comes = (
    fact: { date: string },
    l: { id: string; item: string | null; qty: number; location: string | null },
    amount: bigint | number,
    grace: boolean,
    phase: 0 | 3 = 0,
  ) =>
    bring({
      id: l.id,
      item: l.item,
      location: locationOf(live, l.location),
      acquired: fact.date,
      place: placeOf(fact.date, phase, l.id),
      qty: BigInt(l.qty),
      amount: BigInt(amount),
      grace,
    });
  for (const fact of live.openings) for (const l of fact.lines) comes(fact, l, l.amount, false);
  for (const fact of live.purchases) {
    const amounts = landed(fact.lines, fact.extra);
    for (const [i, l] of fact.lines.entries()) comes(fact, l, amounts[i] ?? 0n, true);
  }
  for (const fact of live.adjustments)
    for (const l of fact.lines) if (l.qty > 0) comes(fact, { ...l, location: fact.location }, l.amount, true);
  for (const fact of live.backfills) {
    const sale = need(sales, fact.sale);
    const { item } = need(matches, fact.sale);
    const qty = backfilled(fact, sale);
    comes(fact, { id: fact.id, item, qty, location: sale.line.location }, fact.amount, false);
  }
  for (const fact of live.strayReturns) for (const l of fact.lines) comes(fact, l, l.cost, false, 3);

  // 4. What moves inside the business: whole documents, their lines by line id.
  for (const fact of live.transfers) {
    if (live.pool === "business") continue; // Quantity only (rule 8).
    const place = (side: "leaves" | "arrives", line: string) =>
      placeInside("transfer", fact.id, side === "leaves" ? fact.date : (fact.arrives ?? fact.date), side, line);
    for (const l of fact.lines) {
      const out = outward(place("leaves", l.id), l.item, fact.from, BigInt(l.qty));
      moved.set(l.id, out);
      goesOut(out);
      const arrive = () => {
        for (const [i, { lot, qty, cost }] of out.allocations.entries())
          bring({
            id: nameOf(l.id, i, out.allocations.length),
            item: l.item,
            location: fact.to,
            acquired: lot.acquired,
            place: { ...place("arrives", l.id), part: i },
            qty,
            amount: cost,
            grace: false,
          });
      };
      steps.push({ place: place("arrives", l.id), run: arrive });
    }
  }
  for (const fact of live.assemblies) {
    const location = locationOf(live, fact.location);
    const inputs = fact.inputs.map((l) => {
      const place = placeInside("production", fact.id, fact.date, "leaves", l.id);
      const out = outward(place, l.item, location, BigInt(l.qty));
      others.set(l.id, out);
      goesOut(out);
      return out;
    });
    const arrive = () => {
      // An input that is short adds nothing (rule 9): only what its allocations cost.
      const cost = inputs.reduce((sum, out) => sum + costIn(out), BigInt(fact.overhead));
      const amounts = spread(
        cost,
        fact.outputs.map((l) => BigInt(l.share)),
      );
      for (const [i, l] of fact.outputs.entries())
        bring({
          id: l.id,
          item: l.item,
          location,
          acquired: fact.date,
          place: placeInside("production", fact.id, fact.date, "arrives", l.id),
          qty: BigInt(l.qty),
          amount: amounts[i] ?? 0n,
          grace: false,
        });
    };
    steps.push({ place: placeInside("production", fact.id, fact.date, "arrives", ""), run: arrive });
  }

  // 5. What comes back from sales.
  for (const fact of live.returns)
    for (const line of fact.lines) {
      if (!line.restock && !line.write_off) continue;
      const place = placeOf(fact.date, 3, line.id);
      const run = () => {
        const { sale, parts } = need(costed, line.line);
        // A bundle comes back whole: as much of each component as so many bundles hold.
        const back = parts.flatMap((part) => {
          const qty = (part.qty * BigInt(line.qty)) / BigInt(sale.line.qty);
          const { cancel, taken } = takeBack(part, qty, line.restock);
          cancelled.set(line.id, (cancelled.get(line.id) ?? new Map<string | null, bigint>()).set(part.item, cancel));
          return taken.map((t) => ({ ...t, item: part.item }));
        });
        returned.set(
          line.id,
          back.reduce((sum, b) => sum + b.cost, 0n),
        );
        if (!line.restock) return;
        for (const [i, { item, qty, cost }] of back.entries())
          bring({
            id: nameOf(line.id, i, back.length),
            item,
            location: locationOf(live, line.location ?? sale.line.location),
            acquired: fact.date,
            place: { ...place, part: i },
            qty,
            amount: cost,
            grace: false,
          });
      };
      steps.push({ place, run });
    }

  steps.sort((a, b) => comparePlace(a.place, b.place));
  for (const step of steps) step.run();
  return { lots, sales: costed, others, moved, returned, cancelled };
}

function outward(place: Place, item: string | null, location: string, qty: bigint): Outward {
  return { place, item, location, qty, allocations: [], shortage: 0n, cancelled: 0n };
}

/** A lot's name: its line's, and where the line made several, with .1, .2, … */
function nameOf(line: string, i: number, of: number): string {
  return of === 1 ? line : `${line}.${i + 1}`;
}

/** Takes `qty` from a lot of which `from` is taken already (rule 3). */
function take(lot: Lot, from: bigint, qty: bigint): Allocation {
  if (qty <= 0n || from + qty > lot.qty) throw new Error(`${lot.id} has no ${qty} after ${from}`);
  const cost = share(lot.amount, from + qty, lot.qty) - share(lot.amount, from, lot.qty);
  lot.given += cost;
  return { lot, qty, cost, back: 0n };
}

/** Rule 2, for what no pin or backfill covers; rule 5 for what is left then. */
function takeByFifo(out: Outward, lots: readonly Lot[], pool: Live["pool"], grace: number): void {
  out.allocations.sort((a, b) => comparePlace(a.lot.place, b.lot.place));
  let wanted = out.allocations.reduce((rest, a) => rest - a.qty, out.qty);
  const open = lots
    .filter((lot) => lot.item !== null && lot.item === out.item)
    .filter((lot) => pool === "business" || lot.location === out.location)
    .filter((lot) => comparePlace(lot.place, out.place) < 0 || isWithinGrace(lot, out, grace))
    .sort((a, b) => compareText(a.acquired, b.acquired) || comparePlace(a.place, b.place));
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
function takeBack(out: Outward, qty: bigint, restock: boolean) {
  let wanted = qty;
  const cancel = restock ? least(out.shortage - out.cancelled, wanted) : 0n;
  out.cancelled += cancel;
  wanted -= cancel;
  const taken: { qty: bigint; cost: bigint }[] = [];
  for (const a of [...out.allocations].reverse()) {
    const left = a.qty - a.back;
    const part = least(left, wanted);
    if (part === 0n) continue;
    taken.push({ qty: part, cost: share(a.cost, a.back + part, a.qty) - share(a.cost, a.back, a.qty) });
    a.back += part;
    wanted -= part;
  }
  return { cancel, taken };
}

/** What an outward movement costs so far. */
export function costIn(out: Outward): bigint {
  return out.allocations.reduce((sum, a) => sum + a.cost, 0n);
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
