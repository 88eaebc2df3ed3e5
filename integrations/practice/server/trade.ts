/**
 * What happens in the practice shop: orders, and what becomes of each (a label, a cancellation, a refund weeks later, a hold).
 * Every order is worked out from the seed, its day and its place in that day, with all that will ever happen to it; what is
 * later than the moment asked about has not happened yet. So the shop can be asked at any time, started again on another day
 * and still says the same of the past.
 */
import { dayMs, goodsOf, type Product, skuAt, type Variant } from "./goods";
import { type Random, randomOf } from "./random";

export type Line = Readonly<{
  id: string;
  variant: Variant;
  sku: string | null;
  quantity: number;
  unitPrice: number;
  total: number;
}>;
export type Order = Readonly<{
  id: string;
  number: string;
  placedMs: number;
  updatedMs: number;
  status: "paid" | "shipped" | "cancelled";
  lines: readonly Line[];
  shipping: number;
  discount: number;
  tax: number;
  region: string;
  fees: readonly Readonly<{ type: "selling_fee" | "processing_fee"; amount: number }>[];
}>;
export type RefundLine = Readonly<{
  id: string;
  orderLineId: string;
  quantity: number;
  amount: number;
  goods: "restocked" | "not_restocked" | "unknown";
}>;
export type Refund = Readonly<{
  id: string;
  orderId: string;
  createdMs: number;
  /** Goods that come back, with what the buyer gets for them (before tax). */
  lines: readonly RefundLine[];
  /** Given back without goods: a gesture, or the postage. */
  adjustment: number;
  tax: number;
  reason: string;
}>;
export type RowType =
  | "sale"
  | "sale_adjustment"
  | "marketplace_tax"
  | "selling_fee"
  | "processing_fee"
  | "shipping_label"
  | "cancellation"
  | "cancellation_tax"
  | "cancellation_fees"
  | "refund"
  | "refund_adjustment"
  | "refund_tax"
  | "fee_credit"
  | "hold"
  | "release"
  | "advertising"
  | "subscription"
  | "lost_parcel_reimbursement"
  | "loyalty_pool_share"
  | "payout"
  | "payout_returned";
/** One row of the shop's balance, in cents, signed from the seller's side. */
export type Row = Readonly<{
  id: string;
  type: RowType;
  amount: number;
  createdMs: number;
  orderId: string | null;
  refundId: string | null;
  /** The payout that a `payout` or `payout_returned` row is. */
  aboutPayout: string | null;
  memo: string;
}>;

/** What somebody did through the control port. Kept, so that a server that starts again remembers. */
export type Command =
  | Readonly<{ kind: "order"; atMs: number; lines: readonly Readonly<{ variantId: string; quantity: number }>[] }>
  | Readonly<{ kind: "edit"; atMs: number; orderId: string }>
  | Readonly<{ kind: "refund"; atMs: number; orderId: string }>;

export type Plan = Readonly<{ seed: number; openedMs: number; ordersAYear: number }>;
export type Trade = Readonly<{
  products: readonly Product[];
  orders: readonly Order[];
  refunds: readonly Refund[];
  /** Without payouts; those follow in ledger.ts. */
  rows: readonly Row[];
}>;

const hourMs = 3_600_000;
/** Sales tax of the buyers' states in hundredths of a percent; some have none. */
const taxOf: Readonly<Record<string, number>> = {
  CA: 850,
  NY: 888,
  TX: 825,
  WA: 940,
  OR: 0,
  NH: 0,
  IL: 1025,
  PA: 600,
  OH: 723,
  GA: 740,
  MT: 0,
  VT: 636,
};
const regions = Object.keys(taxOf);
/** What an edit through the control port adds to an order: the buyer takes the faster postage. */
const editAdds = 100;

/** All that has happened until `nowMs`. */
export function tradeUntil(plan: Plan, nowMs: number, commands: readonly Command[]): Trade {
  const products = goodsOf(plan.seed, plan.openedMs);
  const singlesByDay = new Map<number, Product[]>();
  for (const product of products) {
    const day = product.isSingle ? soldOn(plan, product) : null;
    if (day !== null) singlesByDay.set(day, [...(singlesByDay.get(day) ?? []), product]);
  }
  const variants = new Map(products.flatMap((product) => product.variants.map((variant) => [variant.id, variant])));
  const edits = new Map<string, number[]>();
  const sentBack = new Map<string, number>();
  for (const command of commands) {
    if (command.kind === "edit") edits.set(command.orderId, [...(edits.get(command.orderId) ?? []), command.atMs]);
    if (command.kind === "refund") sentBack.set(command.orderId, command.atMs);
  }
  const byHand = (id: string) => ({ edits: edits.get(id) ?? [], sentBackMs: sentBack.get(id) ?? null });
  const orders: Order[] = [];
  const refunds: Refund[] = [];
  const rows: Row[] = [];
  const keep = (happened: Happened) => {
    orders.push(happened.order);
    refunds.push(...happened.refunds);
    rows.push(...happened.rows);
  };
  const waiting: Product[] = [];
  let count = 0;
  let expected = 0;
  for (let day = 0; plan.openedMs + day * dayMs <= nowMs; day += 1) {
    const dayStartMs = plan.openedMs + day * dayMs;
    rows.push(...rowsOfDay(plan, day, dayStartMs, nowMs));
    waiting.push(...(singlesByDay.get(day) ?? []));
    const craft = products.filter((product) => !product.isSingle && isOnSale(product, dayStartMs));
    expected += expectedOn(plan, dayStartMs);
    const jitter = randomOf(plan.seed, "orders of day", day).between(-1500, 1500) / 1000;
    const orderCount = Math.max(0, Math.floor(expected + jitter) - count);
    for (let place = 0; place < orderCount; place += 1) {
      count += 1;
      const random = randomOf(plan.seed, "order", day, place);
      // Through the whole day of UTC, so that some fall on another local day.
      const placedMs = dayStartMs + Math.floor((dayMs * place + random.below(dayMs)) / orderCount);
      const single = waiting.shift();
      const chosen = chooseLines(random, craft, single);
      if (placedMs > nowMs) continue;
      const base = { id: `ord_${20000 + count}`, number: `PM-${20000 + count}`, placedMs, nowMs };
      keep(lifeOf(random, { ...base, ordinal: count, chosen, ...byHand(base.id) }));
    }
  }
  let made = 0;
  for (const command of commands) {
    if (command.kind !== "order") continue;
    made += 1;
    const chosen = command.lines.flatMap(({ variantId, quantity }) => {
      const variant = variants.get(variantId);
      return variant === undefined ? [] : [{ variant, quantity }];
    });
    const id = madeOrderId(made);
    const base = { id, number: `PM-${id.slice(4)}`, placedMs: command.atMs, nowMs, ordinal: null };
    keep(lifeOf(randomOf(plan.seed, "made", made), { ...base, chosen, ...byHand(id) }));
  }
  return { products, orders, refunds, rows };
}

/** The id of the how-manieth order made by hand, 1 the first; beyond those that the shop gets by itself. */
export function madeOrderId(ordinal: number): string {
  return `ord_${900_000 + ordinal}`;
}

/** How many orders a day brings: more towards Christmas, fewer in summer. The year comes to about what was asked for. */
function expectedOn(plan: Plan, dayStartMs: number): number {
  const weights = [90, 85, 95, 90, 95, 80, 75, 80, 95, 105, 145, 165];
  return (plan.ordersAYear * (weights[new Date(dayStartMs).getUTCMonth()] ?? 100)) / (365 * 100);
}

function isOnSale(product: Product, atMs: number): boolean {
  return product.listedMs <= atMs && (product.endedMs === null || product.endedMs > atMs);
}

/** The day on which a single piece finds its buyer; null for those that stay on the shelf. A small shop sells fewer of them. */
function soldOn(plan: Plan, product: Product): number | null {
  const random = randomOf(plan.seed, "buyer of", product.id);
  if (!random.chance(Math.min(850, plan.ordersAYear))) return null;
  const from = Math.max(0, Math.ceil((product.listedMs - plan.openedMs) / dayMs));
  return from + 1 + random.below(Math.max(1, 364 - from));
}

type Chosen = Readonly<{ variant: Variant; quantity: number }>;

function chooseLines(random: Random, craft: readonly Product[], single: Product | undefined): readonly Chosen[] {
  const lines: Chosen[] = [];
  const [piece] = single?.variants ?? [];
  if (piece !== undefined) lines.push({ variant: piece, quantity: 1 });
  const wanted = random.chance(720) ? 1 : random.chance(700) ? 2 : 3;
  while (lines.length < wanted) {
    const product = random.pick(craft);
    const variant = random.pick(product.variants);
    if (lines.some((line) => line.variant.id === variant.id)) continue;
    lines.push({
      variant,
      quantity: variant.price < 2000 ? random.pick([1, 1, 2, 2, 3, 4]) : random.pick([1, 1, 1, 1, 2]),
    });
  }
  return lines;
}

type Beginning = Readonly<{
  id: string;
  number: string;
  placedMs: number;
  nowMs: number;
  chosen: readonly Chosen[];
  edits: readonly number[];
  /** When it was sent back by hand, null where not. */
  sentBackMs: number | null;
  /** The how-manieth order of the shop; null for one made by hand, to which nothing else happens. */
  ordinal: number | null;
}>;
type Happened = Readonly<{ order: Order; refunds: readonly Refund[]; rows: readonly Row[] }>;

/** What must be there in every shop, however small: these orders are what chance might leave out. */
const fates: Readonly<Record<number, Fate>> = {
  7: "cancelled",
  11: "returned",
  13: "returned, nobody knows where",
  17: "held",
  19: "returned broken",
  23: "gesture",
  29: "two labels",
  31: "returned late",
  37: "returned in part",
  41: "postage back",
};
type Fate =
  | "cancelled"
  | "returned"
  | "returned late"
  | "returned in part"
  | "returned broken"
  | "returned, nobody knows where"
  | "gesture"
  | "postage back"
  | "held"
  | "two labels"
  | "plain";

function fateOf(random: Random, ordinal: number | null): Fate {
  if (ordinal === null) return "plain";
  const certain = fates[ordinal];
  if (certain !== undefined) return certain;
  const dice = random.below(1000);
  const table: readonly (readonly [upTo: number, fate: Fate])[] = [
    [25, "cancelled"],
    [45, "returned"],
    [55, "returned late"],
    [65, "returned in part"],
    [72, "returned broken"],
    [80, "returned, nobody knows where"],
    [92, "gesture"],
    [98, "postage back"],
    [113, "held"],
    [128, "two labels"],
  ];
  return table.find(([upTo]) => dice < upTo)?.[1] ?? "plain";
}

function lifeOf(random: Random, beginning: Beginning): Happened {
  const { id, placedMs, nowMs, ordinal } = beginning;
  const lines = beginning.chosen.map(
    ({ variant, quantity }, index): Line => ({
      id: `${id}_${index + 1}`,
      variant,
      sku: skuAt(variant, placedMs),
      quantity,
      unitPrice: variant.price,
      total: variant.price * quantity,
    }),
  );
  const goods = lines.reduce((sum, line) => sum + line.total, 0);
  const discount = random.chance(120) ? (random.chance(500) ? Math.floor(goods / 10) : Math.min(500, goods)) : 0;
  const paidPostage = goods > 7500 && random.chance(500) ? 0 : random.pick([495, 595, 695, 795, 1295]);
  const region = random.pick(regions);
  const taxable = goods - discount + paidPostage;
  const tax = Math.round((taxable * (taxOf[region] ?? 0)) / 10_000);
  const sellingFee = Math.round((taxable * 65) / 1000);
  const processingFee = Math.round(((taxable + tax) * 29) / 1000) + 30;
  const fate = fateOf(random, ordinal);

  const rows: Row[] = [];
  const add = (
    type: RowType,
    amount: number,
    createdMs: number,
    memo: string,
    more?: { name?: string; refundId?: string },
  ) => {
    if (createdMs > nowMs || amount === 0) return;
    const name = more?.name ?? type;
    rows.push({
      id: `bt_${id.slice(4)}_${name}`,
      type,
      amount,
      createdMs,
      orderId: id,
      refundId: more?.refundId ?? null,
      aboutPayout: null,
      memo,
    });
  };
  add("sale", taxable + tax, placedMs, `Order ${beginning.number}`);
  add("marketplace_tax", -tax, placedMs, `Sales tax ${region}, remitted for you`);
  add("selling_fee", -sellingFee, placedMs, "Selling fee 6.5%");
  add("processing_fee", -processingFee, placedMs, "Processing fee 2.9% + 0.30");

  const cancelledMs = fate === "cancelled" ? placedMs + random.between(1, 20) * hourMs : null;
  const isCancelled = cancelledMs !== null && cancelledMs <= nowMs;
  if (cancelledMs !== null) {
    add("cancellation", -(taxable + tax), cancelledMs, `Order ${beginning.number} cancelled`);
    add("cancellation_tax", tax, cancelledMs, "Sales tax of the cancelled order");
    add("cancellation_fees", sellingFee + processingFee, cancelledMs, "Fees of the cancelled order");
  }
  const shippedMs = ordinal === null || cancelledMs !== null ? null : placedMs + random.between(10, 60) * hourMs;
  if (shippedMs !== null) {
    const postage = random.pick([412, 482, 618, 739, 806, 1149, 1490]);
    // Two parcels of one weight: two rows that are alike in all but their id, and both real.
    if (fate === "two labels") {
      add("shipping_label", -postage, shippedMs, "Label, 1 lb 4 oz", { name: "label_1" });
      add("shipping_label", -postage, shippedMs, "Label, 1 lb 4 oz", { name: "label_2" });
    } else if (random.chance(700)) add("shipping_label", -postage, shippedMs, "Label", { name: "label_1" });
    if (random.chance(3)) add("lost_parcel_reimbursement", taxable, shippedMs + 20 * dayMs, "Lost by the carrier");
  }
  if (fate === "held") {
    const held = taxable - sellingFee - processingFee;
    add("hold", -held, placedMs + hourMs, "Held until delivery is confirmed");
    add("release", held, placedMs + hourMs + random.between(7, 14) * dayMs, "Released");
  }
  const refunds = refundsOf(random, fate, beginning.sentBackMs, {
    id,
    placedMs,
    nowMs,
    lines,
    goods,
    discount,
    postage: paidPostage,
    tax,
    taxable,
  });
  for (const refund of refunds) {
    const back = refund.lines.reduce((sum, line) => sum + line.amount, 0);
    const of = (name: string) => ({ name: `${name}_${refund.id.slice(-1)}`, refundId: refund.id });
    add("refund", -(back + refund.tax), refund.createdMs, `Refund: ${refund.reason}`, of("refund"));
    add("refund_tax", refund.tax, refund.createdMs, "Sales tax of the refund", of("refund_tax"));
    add("refund_adjustment", -refund.adjustment, refund.createdMs, `Refund: ${refund.reason}`, of("adjustment"));
    add("fee_credit", Math.round((back * 65) / 1000), refund.createdMs, "Selling fee credited", of("fee_credit"));
  }
  const edits = isCancelled ? [] : beginning.edits.filter((atMs) => atMs <= nowMs);
  edits.forEach((atMs, index) => {
    add("sale_adjustment", editAdds, atMs, "Buyer chose faster postage", { name: `edit_${index + 1}` });
  });
  const changes = [placedMs, cancelledMs, shippedMs, ...refunds.map((refund) => refund.createdMs), ...edits];
  const order: Order = {
    id,
    number: beginning.number,
    placedMs,
    updatedMs: changes.reduce<number>(
      (latest, at) => (at !== null && at <= nowMs && at > latest ? at : latest),
      placedMs,
    ),
    status: isCancelled ? "cancelled" : shippedMs !== null && shippedMs <= nowMs ? "shipped" : "paid",
    lines,
    shipping: paidPostage + editAdds * edits.length,
    discount,
    tax,
    region,
    fees: [
      { type: "selling_fee", amount: sellingFee },
      { type: "processing_fee", amount: processingFee },
    ],
  };
  return { order, refunds, rows };
}

type Paid = Readonly<{
  id: string;
  placedMs: number;
  nowMs: number;
  lines: readonly Line[];
  goods: number;
  discount: number;
  postage: number;
  tax: number;
  taxable: number;
}>;

function refundsOf(random: Random, fate: Fate, sentBackMs: number | null, paid: Paid): readonly Refund[] {
  const later = (low: number, high: number) => paid.placedMs + random.between(low, high) * dayMs + random.below(dayMs);
  const adjustment = (createdMs: number, amount: number, reason: string): readonly Refund[] =>
    createdMs > paid.nowMs || amount === 0
      ? []
      : [
          {
            id: `rf_${paid.id.slice(4)}_1`,
            orderId: paid.id,
            createdMs,
            lines: [],
            adjustment: amount,
            tax: 0,
            reason,
          },
        ];
  const returned = (
    createdMs: number,
    goods: RefundLine["goods"],
    isPart: boolean,
    reason: string,
  ): readonly Refund[] => {
    if (createdMs > paid.nowMs) return [];
    const id = `rf_${paid.id.slice(4)}_1`;
    const lines = (isPart ? paid.lines.slice(0, 1) : paid.lines).map((line, index): RefundLine => {
      const quantity = isPart ? Math.ceil(line.quantity / 2) : line.quantity;
      // What was paid for it: its share of the discount comes off, rounded so that no more goes back than came in.
      const share = Math.ceil((paid.discount * line.total) / paid.goods);
      const amount = Math.max(0, Math.floor(((line.total - share) * quantity) / line.quantity));
      return { id: `${id}_${index + 1}`, orderLineId: line.id, quantity, amount, goods };
    });
    const back = lines.reduce((sum, line) => sum + line.amount, 0);
    return [
      {
        id,
        orderId: paid.id,
        createdMs,
        lines,
        adjustment: 0,
        tax: Math.floor((paid.tax * back) / paid.taxable),
        reason,
      },
    ];
  };
  const ofFate = (): readonly Refund[] => byFate(fate, { later, adjustment, returned, paid });
  if (sentBackMs === null) return ofFate();
  // By hand and by fate: whichever was first is all there is, so that no more goes back than came in.
  const before = ofFate().filter((refund) => refund.createdMs <= sentBackMs);
  return before.length > 0 ? before : returned(sentBackMs, "restocked", false, "sent back");
}

type Ways = Readonly<{
  /** A moment so many days after the sale. */
  later: (low: number, high: number) => number;
  adjustment: (createdMs: number, amount: number, reason: string) => readonly Refund[];
  returned: (createdMs: number, goods: RefundLine["goods"], isPart: boolean, reason: string) => readonly Refund[];
  paid: Paid;
}>;

function byFate(fate: Fate, { later, adjustment, returned, paid }: Ways): readonly Refund[] {
  switch (fate) {
    case "returned":
      return returned(later(8, 16), "restocked", false, "sent back");
    case "returned late":
      return returned(later(28, 60), "restocked", false, "sent back late");
    case "returned in part":
      return returned(later(6, 20), "restocked", true, "part sent back");
    case "returned broken":
      return returned(later(5, 12), "not_restocked", false, "arrived broken");
    case "returned, nobody knows where":
      return returned(later(7, 25), "unknown", true, "return opened by the buyer");
    case "gesture":
      return adjustment(later(4, 30), Math.floor(paid.goods / 10), "small flaw, part refunded");
    case "postage back":
      return adjustment(later(4, 14), paid.postage, "postage refunded");
    case "cancelled":
    case "held":
    case "two labels":
    case "plain":
      return [];
  }
}

/** What the channel charges and pays by the calendar, whatever is sold. */
function rowsOfDay(plan: Plan, day: number, dayStartMs: number, nowMs: number): readonly Row[] {
  const rows: Row[] = [];
  const add = (type: RowType, amount: number, hour: number, memo: string, name: string) => {
    const createdMs = dayStartMs + hour * hourMs;
    if (createdMs > nowMs) return;
    const stamp = new Date(dayStartMs).toISOString().slice(0, 10).replaceAll("-", "");
    rows.push({
      id: `bt_${stamp}_${name}`,
      type,
      amount,
      createdMs,
      orderId: null,
      refundId: null,
      aboutPayout: null,
      memo,
    });
  };
  const random = randomOf(plan.seed, "day", day);
  // A small shop advertises less.
  if (random.chance(Math.min(600, plan.ordersAYear))) {
    const spent = random.between(80, 260);
    const memo = `Promoted listings, ${new Date(dayStartMs).toISOString().slice(0, 10)}`;
    add("advertising", -spent, 23, memo, "ads_1");
    // Two campaigns that cost the same on the same day: twins, and both real.
    if (day % 30 === 12) add("advertising", -spent, 23, memo, "ads_2");
  } else if (day % 30 === 12) {
    add("advertising", -150, 23, "Promoted listings", "ads_1");
    add("advertising", -150, 23, "Promoted listings", "ads_2");
  }
  if (day % 30 === 5) add("subscription", -1500, 9, "Shop subscription", "subscription");
  // A row type that no connector was written for.
  if (day % 150 === 100) add("loyalty_pool_share", day % 300 === 100 ? 735 : -420, 12, "Loyalty pool", "loyalty");
  return rows;
}
