/** The facts that are not undone, sorted by kind, and the sales, bundles and pinnable lots that they make. */
import type {
  AdjustmentFact,
  AssemblyFact,
  BackfillFact,
  ItemFact,
  MatchFact,
  OpeningFact,
  OrderFact,
  OrderLine,
  PayoutFact,
  PinFact,
  PurchaseFact,
  PurchaseReturnFact,
  ReturnFact,
  StrayReturnFact,
  TransferFact,
} from "./facts";
import { when } from "./time";

/** The facts that count (not undone), by kind. */
export interface Live {
  zone: string;
  pool: "business" | "location";
  grace: number;
  /** The first is where things are if nothing else is said. */
  locations: string[];
  items: ItemFact[];
  openings: OpeningFact[];
  purchases: PurchaseFact[];
  orders: OrderFact[];
  returns: ReturnFact[];
  strayReturns: StrayReturnFact[];
  purchaseReturns: PurchaseReturnFact[];
  transfers: TransferFact[];
  adjustments: AdjustmentFact[];
  assemblies: AssemblyFact[];
  payouts: PayoutFact[];
  pins: PinFact[];
  backfills: BackfillFact[];
  matches: MatchFact[];
}

/** An order line with its order's channel and moment. */
export interface Sale {
  line: OrderLine;
  order: OrderFact;
  date: string;
  time: bigint | null;
}

/** A lot that a pin may name: of a purchase, an opening, an adjustment in or production. */
export interface Source {
  id: string;
  item: string;
  qty: number;
  location: string;
  /** Production only: a pin's sale must be dated on or after it. */
  madeOn: string | null;
}

/** Where a thing is, if nothing else is said. */
export function locationOf(live: Live, location: string | null): string {
  return location ?? live.locations[0] ?? "main";
}

export function salesOf(live: Live): Map<string, Sale> {
  const sales = new Map<string, Sale>();
  for (const order of live.orders)
    for (const line of order.lines) sales.set(line.id, { line, order, ...when(order.at, live.zone) });
  return sales;
}

export function sourcesOf(live: Live): Map<string, Source> {
  const sources = new Map<string, Source>();
  for (const fact of [...live.openings, ...live.purchases])
    for (const { id, item, qty, location } of fact.lines)
      sources.set(id, { id, item, qty, location: locationOf(live, location), madeOn: null });
  for (const fact of live.adjustments)
    for (const { id, item, qty } of fact.lines)
      if (qty > 0) sources.set(id, { id, item, qty, location: locationOf(live, fact.location), madeOn: null });
  for (const fact of live.assemblies)
    for (const { id, item, qty } of fact.outputs)
      sources.set(id, { id, item, qty, location: locationOf(live, fact.location), madeOn: fact.date });
  return sources;
}

/** The quantity that a backfill stands for: its own, or the whole line's. */
export function backfilled(fact: BackfillFact, sale: Sale): number {
  return fact.qty ?? sale.line.qty;
}

export function isBundle(live: Live, item: string): boolean {
  return live.items.some((i) => i.id === item && i.components.length > 0);
}

/**
 * What moves when one of an item is sold: itself, or what a bundle is made of in the end, in the order listed; what is
 * listed more than once, also inside of bundles, adds up in its first place.
 */
export function partsOf(live: Live, item: string): Map<string, bigint> {
  const bundle = live.items.find((i) => i.id === item && i.components.length > 0);
  if (bundle === undefined) return new Map([[item, 1n]]);
  const parts = new Map<string, bigint>();
  for (const component of bundle.components)
    for (const [part, qty] of partsOf(live, component.item))
      parts.set(part, (parts.get(part) ?? 0n) + qty * BigInt(component.qty));
  return parts;
}
