/**
 * What becomes of one order: a label, a cancellation, a refund weeks later, a hold. All of it is decided when the order is placed;
 * what is later than the moment asked about has not happened yet.
 */
import type { Line, Order, Refund, RefundLine, Row, RowType } from "./events";
import { dayMs, skuAt, type Variant } from "./goods";
import type { Random } from "./random";

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

export type Chosen = Readonly<{ variant: Variant; quantity: number }>;
export type Beginning = Readonly<{
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
export type Happened = Readonly<{ order: Order; refunds: readonly Refund[]; rows: readonly Row[] }>;

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

/** The order, what was given back for it, and its rows, until `nowMs`. */
export function lifeOf(random: Random, beginning: Beginning): Happened {
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
