/**
 * What the model knows: which documents there are and what of them is quantity, money and names. It is no second product: it knows no
 * lots that are left, no order of movements and no costs; only what went in and out, what was taken back, and who names whom.
 */
import type { LocalDate } from "../../../lib/core/facts";

export type Args = Readonly<{ at: number; of: number; day: number; qty: number; amount: number; way: number }>;
export type Fate = "restock" | "write off" | "keep" | "unknown";

/** Units of an item at a place: what a document moves in the end, whenever its legs are. */
export type Move = Readonly<{ item: string; location: string; qty: bigint }>;

/** What may be pinned or go back to a supplier. */
export type Lot = { id: string; item: string; qty: bigint; amount: bigint; location: string };
export type Purchase = {
  id: string;
  amount: bigint;
  /** The bank line that it is; null: recorded by hand. */
  line: string | null;
  lots: Lot[];
  extras: bigint[];
};
/** An opening, adjustment, transfer, production or purchase return. `key` is its fact's. */
export type Document = Readonly<{
  key: string;
  on: LocalDate;
  /** The key of the fact that it names; null: none. */
  names: string | null;
  moves: readonly Move[];
  lots: readonly Lot[];
  /** Money that came into Inventory from outside, less what went out of it to suppliers. */
  costIn: bigint;
  bank: bigint;
  /** The lot that it takes units of, whatever else was chosen of it (a purchase return). */
  reserves: Readonly<{ lot: string; qty: bigint }> | null;
}>;

export type SoldLine = Readonly<{ id: string; sku: string | null; name: string; qty: bigint; amount: bigint }>;
/** One version of an order as the channel tells it. */
export type OrderSaid = Readonly<{
  version: number;
  on: LocalDate;
  lines: readonly SoldLine[];
  shipping: bigint;
  fee: bigint;
  isCancelled: boolean;
}>;
export type Order = {
  /** The channel's own id; of a sale by hand, the fact's. */
  id: string;
  isByHand: boolean;
  said: OrderSaid[];
  /** The version that counts; null while none was accepted. */
  now: OrderSaid | null;
  /** Taken back: no later version brings it again. */
  isGone: boolean;
};
export type Return = {
  /** The fact's id. */
  id: string;
  /** The channel's own id; null: recorded by hand. */
  refund: string | null;
  lineId: string;
  order: string;
  sale: string;
  on: LocalDate;
  qty: bigint;
  amount: bigint;
  fate: Fate;
  /** Where a person said that it is. */
  placed: Fate | null;
  /** Parked until the books take it. */
  state: "parked" | "live" | "gone";
};
/** What a person chose for a sold line: an item, units of a lot, or a cost from outside. */
export type Chosen = Readonly<{
  key: string;
  kind: "match" | "pin" | "backfill";
  sale: string;
  item: string | null;
  lot: string | null;
  qty: bigint;
  amount: bigint;
}>;
/** A payout, and the one the other way where it came back: two facts, each with its own end. */
export type Payout = {
  id: string;
  on: LocalDate;
  amount: bigint;
  /** Of the channel's document. */
  version: number;
  isGone: boolean;
  returned: boolean;
  isReturnGone: boolean;
};
export type BankLine = {
  id: string;
  on: LocalDate;
  amount: bigint;
  /** The import that brought it; null: by hand. */
  file: string | null;
  payee: string;
  /** The payout fact's id that it is; null: something else. */
  payout: string | null;
};
/** A count of stock; those before it in the model were counted before it. */
export type Count = {
  id: string;
  location: string;
  counted: ReadonlyMap<string, bigint>;
  number: string | null;
  isApproved: boolean;
  /** What its adjustments put right, by item; one adjustment for each reason. */
  putRight: ReadonlyMap<string, Readonly<{ qty: bigint; reason: string }>>;
};
export type BankFile = { rows: readonly Readonly<{ on: LocalDate; amount: bigint; payee: string }>[]; text: string };

/** How the next delivery of the channel's documents fares. */
export type Delivery = "whole" | "queue lost" | "died at its beginning" | "died after its work";

export class Model {
  readonly purchases = new Map<string, Purchase>();
  readonly documents = new Map<string, Document>();
  readonly counts = new Map<string, Count>();
  readonly orders = new Map<string, Order>();
  readonly returns = new Map<string, Return>();
  readonly chosen = new Map<string, Chosen>();
  readonly payouts = new Map<string, Payout>();
  readonly lines = new Map<string, BankLine>();
  readonly files: BankFile[] = [];
  /** Accepted imports that are in the books, and the file that each brought. */
  readonly imports = new Map<string, BankFile>();
  closedThrough: LocalDate | null = null;
  delivery: Delivery = "whole";
  /** The command said that it changes nothing: no entry may be added. */
  isUnchanged = false;
  /** The command joined a payout with its deposit by the way, or let it go: that posts. */
  hasJoined = false;
  private count = 0;

  /** A name that was not used yet. */
  next(prefix: string): string {
    this.count += 1;
    return `${prefix}${this.count}`;
  }

  liveOrders(): readonly Order[] {
    return [...this.orders.values()].filter((order) => order.now !== null && !order.isGone);
  }
  /** Sold lines that are in the books, with the orders that they are of. */
  soldLines(): readonly Readonly<{ order: Order; said: OrderSaid; line: SoldLine }>[] {
    return this.liveOrders().flatMap((order) => {
      const said = order.now;
      return said === null || said.isCancelled ? [] : said.lines.map((line) => ({ order, said, line }));
    });
  }
  liveReturns(): readonly Return[] {
    return [...this.returns.values()].filter((one) => one.state === "live");
  }
  /** Payout facts that are in the books, those the other way with a negative amount. */
  livePayouts(): readonly Readonly<{ key: string; amount: bigint }>[] {
    return [...this.payouts.values()].flatMap((one) => [
      ...(one.isGone ? [] : [{ key: payoutFact(one.id), amount: one.amount }]),
      ...(one.returned && !one.isReturnGone ? [{ key: returnedFact(one.id), amount: -one.amount }] : []),
    ]);
  }
  /** Orders that the channel tells of. */
  told(): readonly Order[] {
    return [...this.orders.values()].filter((order) => !order.isByHand);
  }
  lots(): readonly Readonly<{ lot: Lot; owner: string; on: LocalDate | null }>[] {
    return [
      ...[...this.purchases.values()].flatMap((one) =>
        one.lots.map((lot) => ({ lot, owner: `purchase/${one.id}`, on: null })),
      ),
      ...[...this.documents.values()].flatMap((one) =>
        one.lots.map((lot) => ({ lot, owner: one.key, on: one.key.startsWith("assembly/") ? one.on : null })),
      ),
    ];
  }
  /** Units of a lot that pins and purchase returns hold. */
  reserved(lot: string): bigint {
    const pinned = [...this.chosen.values()].filter((one) => one.lot === lot);
    const back = [...this.documents.values()].flatMap((one) => (one.reserves?.lot === lot ? [one.reserves] : []));
    return [...pinned, ...back].reduce((sum, one) => sum + one.qty, 0n);
  }
  chosenFor(sale: string): readonly Chosen[] {
    return [...this.chosen.values()].filter((one) => one.sale === sale);
  }
  /** Units of a sold line for which a person chose the cost. */
  covered(sale: string): bigint {
    return this.chosenFor(sale).reduce((sum, one) => sum + one.qty, 0n);
  }
  returned(sale: string): bigint {
    return this.liveReturns().reduce((sum, one) => (one.sale === sale ? sum + one.qty : sum), 0n);
  }
  /**
   * What a sold line is: what a person chose, or the only item of its SKU or name. Pinned units hold it to the first of these that they
   * fit (costing.md, rule 4).
   */
  itemOf(line: SoldLine): string | null {
    const chosen = this.chosenFor(line.id);
    const hand = chosen.find((one) => one.kind === "match")?.item;
    const candidates = [hand, itemBySku[line.sku ?? ""], itemByName[line.name]].filter((item) => item != null);
    const pinned = new Map<string, bigint>();
    for (const { lot, qty } of chosen.filter((one) => one.kind === "pin")) {
      const item = this.lots().find((one) => one.lot.id === lot)?.lot.item ?? "";
      pinned.set(item, (pinned.get(item) ?? 0n) + qty);
    }
    const fits = (item: string) =>
      [...pinned].every(([part, qty]) =>
        (partsOfItem[item] ?? []).some(([of, times]) => of === part && qty <= times * line.qty),
      );
    return candidates.find(fits) ?? candidates[0] ?? null;
  }
  /** The facts that name a fact: while there is one, it cannot be taken back. */
  namers(key: string): readonly string[] {
    const lots = new Set(this.lots().flatMap((one) => (one.owner === key ? [one.lot.id] : [])));
    const sales = new Set(
      this.soldLines().flatMap((one) => (`order/${factOf(one.order)}` === key ? [one.line.id] : [])),
    );
    return [
      ...[...this.chosen.values()]
        .filter((one) => sales.has(one.sale) || (one.lot !== null && lots.has(one.lot)))
        .map((one) => one.key),
      ...[...this.documents.values()].filter((one) => one.names === key).map((one) => one.key),
      ...this.liveReturns()
        .filter((one) => `order/${one.order}` === key)
        .map((one) => `return/${one.id}`),
      ...this.liveReturns()
        .filter((one) => one.placed !== null && `return/${one.id}` === key)
        .map((one) => `placement/${one.lineId}`),
    ];
  }
  toDetail(purchase: Purchase): bigint {
    if (purchase.lots.length === 0) return purchase.amount;
    const parts = [...purchase.lots.map((lot) => lot.amount), ...purchase.extras];
    return parts.reduce((left, part) => left - part, purchase.amount);
  }
  purchasesOf(line: string): readonly Purchase[] {
    return [...this.purchases.values()].filter((one) => one.line === line);
  }
}

const itemBySku: Readonly<Record<string, string>> = { A: "a", B: "b", K: "k" };
const itemByName: Readonly<Record<string, string>> = { "Item c": "c" };
/** What one unit of an item moves: itself, or what a bundle is made of. */
export const partsOfItem: Readonly<Record<string, readonly (readonly [string, bigint])[]>> = {
  a: [["a", 1n]],
  b: [["b", 1n]],
  c: [["c", 1n]],
  k: [
    ["a", 2n],
    ["b", 1n],
  ],
};
export const channel = "market";
export const orderFact = (id: string) => `${channel}/order/${id}`;
/** The id of an order's fact. */
export const factOf = (order: Order) => (order.isByHand ? order.id : orderFact(order.id));
export const refundFact = (id: string) => `${channel}/refund/${id}`;
export const payoutFact = (id: string) => `${channel}/payout/${id}`;
export const returnedFact = (id: string) => `${payoutFact(id)}/returned`;

/** What must be in the books, as far as sums of what came in and went out can say it. */
export type Expected = Readonly<{
  onHand: Readonly<Record<string, bigint>>;
  toDetail: bigint;
  /** Inventory, cost of goods sold, shrinkage and purchase variance together. */
  costIn: bigint;
  channel: bigint;
  transit: bigint;
  bank: bigint;
  facts: Readonly<Record<string, number>>;
  sales: readonly string[];
}>;

export function expectedOf(m: Model): Expected {
  const onHand: Record<string, bigint> = {};
  const move = (item: string, location: string, qty: bigint) => {
    const key = `${item}@${location}`;
    onHand[key] = (onHand[key] ?? 0n) + qty;
  };
  const facts: Record<string, number> = {};
  const fact = (kind: string) => {
    facts[kind] = (facts[kind] ?? 0) + 1;
  };
  let [toDetail, costIn, atChannel, transit, bank] = [0n, 0n, 0n, 0n, 0n];
  for (const one of m.purchases.values()) {
    fact("purchase");
    costIn += one.amount;
    toDetail += m.toDetail(one);
    if (one.line === null) bank -= one.amount;
    for (const lot of one.lots) move(lot.item, lot.location, lot.qty);
  }
  for (const one of m.documents.values()) {
    fact(one.key.slice(0, one.key.indexOf("/")));
    costIn += one.costIn;
    bank += one.bank;
    for (const { item, location, qty } of one.moves) move(item, location, qty);
  }
  for (const one of m.counts.values()) {
    for (const _ of new Set([...one.putRight.values()].map(({ reason }) => reason))) fact("adjustment");
    for (const [item, { qty }] of one.putRight) move(item, one.location, qty);
  }
  for (const { now } of m.liveOrders()) {
    fact("order");
    if (now === null || now.isCancelled) continue;
    atChannel += now.lines.reduce((sum, line) => sum + line.amount, now.shipping - now.fee);
    for (const line of now.lines)
      for (const [item, times] of partsOfItem[m.itemOf(line) ?? ""] ?? []) move(item, "main", -times * line.qty);
  }
  const lineById = new Map(m.soldLines().map(({ line }) => [line.id, line]));
  for (const one of m.liveReturns()) {
    fact("return");
    if (one.placed !== null) fact("placement");
    atChannel -= one.amount;
    const line = lineById.get(one.sale);
    if ((one.placed ?? one.fate) !== "restock" || line === undefined) continue;
    for (const [item, times] of partsOfItem[m.itemOf(line) ?? ""] ?? []) move(item, "main", times * one.qty);
  }
  for (const one of m.chosen.values()) {
    fact(one.kind);
    if (one.kind !== "backfill") continue;
    costIn += one.amount;
    // What is not in the books was bought for this sale: it comes in when it is told.
    const line = lineById.get(one.sale);
    for (const [item] of partsOfItem[line === undefined ? "" : (m.itemOf(line) ?? "")] ?? [])
      move(item, "main", one.qty);
  }
  for (const { amount } of m.livePayouts()) {
    fact("payout");
    atChannel -= amount;
    transit += amount;
  }
  for (const one of m.lines.values()) {
    bank += one.amount;
    if (one.payout !== null) transit -= one.amount;
  }
  return {
    onHand: Object.fromEntries(Object.entries(onHand).filter(([, qty]) => qty !== 0n)),
    toDetail,
    costIn,
    channel: atChannel,
    transit,
    bank,
    facts,
    sales: m
      .soldLines()
      .map(({ line }) => `${line.id} ${m.itemOf(line)} ${line.qty}`)
      .sort(),
  };
}
