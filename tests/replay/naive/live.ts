/** The facts that are not undone, sorted by kind, and the sales and lots that they make. */
import type {
  AdjustmentFact,
  BackfillFact,
  MatchFact,
  OpeningFact,
  OrderFact,
  OrderLine,
  PinFact,
  PurchaseFact,
  PurchaseReturnFact,
  ReturnFact,
  StrayReturnFact,
  TransferFact,
} from "./facts";
import { when } from "./read";

/** The facts that count (not undone), by kind. */
export interface Live {
  zone: string;
  grace: number;
  /** The first is where things are if nothing else is said. */
  locations: string[];
  items: { id: string; name: string; sku: string; aliases: string[] }[];
  openings: OpeningFact[];
  purchases: PurchaseFact[];
  orders: OrderFact[];
  returns: ReturnFact[];
  strayReturns: StrayReturnFact[];
  purchaseReturns: PurchaseReturnFact[];
  transfers: TransferFact[];
  adjustments: AdjustmentFact[];
  payouts: { channel: string; amount: number }[];
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

/** A lot that a pin may name: of a purchase, an opening or an adjustment in. */
export interface Source {
  id: string;
  item: string;
  qty: number;
}

export function salesOf(live: Live): Map<string, Sale> {
  const sales = new Map<string, Sale>();
  for (const order of live.orders)
    for (const line of order.lines) sales.set(line.id, { line, order, ...when(order.at, live.zone) });
  return sales;
}

export function sourcesOf(live: Live): Map<string, Source> {
  const sources = new Map<string, Source>();
  for (const fact of [...live.openings, ...live.purchases, ...live.adjustments])
    for (const { id, item, qty } of fact.lines) if (qty > 0) sources.set(id, { id, item, qty });
  return sources;
}

/** The quantity that a backfill stands for: its own, or the whole line's. */
export function backfilled(fact: BackfillFact, sale: Sale): number {
  return fact.qty ?? sale.line.qty;
}
