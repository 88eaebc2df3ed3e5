/**
 * The local eBay's seller: orders, the transactions of the balance and the payouts, as a state that goes on. A year of it follows from a
 * seed; what is done by hand comes on top. Times are milliseconds since 1970, money whole cents.
 */
import { randomOf } from "../../../integrations/practice/server/random";
import { type Fee, feesOf, type Good, goods, type Line, lineOf } from "./goods";

export type Order = {
  readonly id: string;
  readonly placedMs: number;
  modifiedMs: number;
  payment: "PAID" | "PENDING" | "FULLY_REFUNDED" | "PARTIALLY_REFUNDED";
  isCancelled: boolean;
  isShipped: boolean;
  readonly buyer: number;
  readonly taxBy: "ebay" | "seller" | "nobody";
  readonly lines: readonly Line[];
  readonly fees: readonly Fee[];
  readonly refunds: { readonly id: string; readonly atMs: number; readonly cents: number }[];
};
/** `cents` is never negative; `entry` says which way. */
export type Transaction = {
  readonly id: string;
  readonly type: string;
  readonly entry: "CREDIT" | "DEBIT";
  readonly atMs: number;
  readonly cents: number;
  readonly availableMs: number;
  readonly order?: Order;
  readonly feeType?: string;
  readonly fees: readonly Fee[];
  readonly memo?: string;
  payoutId?: string;
};
export type Payout = Readonly<{ id: string; atMs: number; cents: number; count: number }>;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export const signedOf = ({ entry, cents }: Transaction): number => (entry === "CREDIT" ? cents : -cents);
export const grossOf = (order: Order): number =>
  order.lines.reduce((sum, line) => sum + line.cost - line.discount + line.shipping, 0) +
  (order.taxBy === "seller" ? taxOf(order) : 0);
export const taxOf = (order: Order): number => order.lines.reduce((sum, line) => sum + line.tax, 0);
const feeOf = (fees: readonly Fee[]): number => fees.reduce((sum, fee) => sum + fee.cents, 0);

export type Shop = Readonly<{
  orders: readonly Order[];
  transactions: readonly Transaction[];
  payouts: readonly Payout[];
  /** A new order now, of any good or of those that are named by SKU. */
  sell: (wanted?: readonly Readonly<{ sku: string; quantity: number }>[]) => Order;
  /** Sends back all of an order, the latest that can be where none is named; null where there is none. */
  refund: (id?: string) => Order | null;
  /** Pays out all that is there; null where that is nothing. */
  payOut: () => Payout | null;
  /** An order is touched: its time of change is now. */
  touch: (order: Order) => void;
  funds: () => Readonly<{ available: number; processing: number; held: number }>;
}>;

export type ShopOptions = Readonly<{ seed: number; ordersPerYear: number; days: number; clock: () => number }>;

export function openShop({ seed, ordersPerYear, days, clock }: ShopOptions): Shop {
  const orders: Order[] = [];
  const transactions: Transaction[] = [];
  const payouts: Payout[] = [];
  let number = 0;
  const next = (): number => {
    number += 1;
    return number;
  };
  const untilMs = clock();

  function book(
    one: Omit<Transaction, "fees" | "availableMs"> & Partial<Pick<Transaction, "fees" | "availableMs">>,
  ): void {
    if (one.atMs <= clock() && one.cents > 0) transactions.push({ fees: [], availableMs: one.atMs, ...one });
  }

  function place(atMs: number, wanted: readonly (readonly [Good, number])[], isPaid: boolean): Order {
    const count = next();
    const random = randomOf(seed, "order", count);
    const taxBy = random.chance(800) ? "ebay" : random.chance(500) ? "seller" : "nobody";
    const perMille = taxBy === "nobody" ? 0 : random.between(40, 95);
    const lines = wanted.map(([good, quantity], index) =>
      lineOf(random, `${10_000_000_000_000 + count * 10 + index}`, good, quantity, perMille),
    );
    const order: Order = {
      id: `12-${String(count).padStart(5, "0")}-${String((count * 7919) % 100_000).padStart(5, "0")}`,
      placedMs: atMs,
      modifiedMs: atMs + 60_000 > untilMs ? atMs : atMs + 60_000,
      payment: isPaid ? "PAID" : "PENDING",
      isCancelled: !isPaid && random.chance(500),
      isShipped: false,
      buyer: random.below(200),
      taxBy,
      lines,
      fees: isPaid ? feesOf(lines, random.chance(60)) : [],
      refunds: [],
    };
    orders.push(order);
    if (!isPaid) return order;
    book({
      id: order.id,
      type: "SALE",
      entry: "CREDIT",
      atMs,
      availableMs: atMs + 2 * dayMs,
      cents: grossOf(order) - feeOf(order.fees),
      order,
      fees: order.fees,
    });
    return order;
  }

  /** Gives money back for some lines; the part of the variable fee that belongs to it comes back too. */
  function giveBack(order: Order, atMs: number, lines: readonly Line[], cents: number): void {
    if (atMs > clock()) return;
    const share = (line: Line) => {
      const whole = lines.reduce((sum, each) => sum + each.cost, 0);
      return Math.floor((cents * line.cost) / whole);
    };
    const fees = lines.map((line): Fee => {
      const given = order.fees.find((fee) => fee.lineItemId === line.lineItemId && fee.feeType === "FINAL_VALUE_FEE");
      const worth = line.cost - line.discount + line.shipping + line.tax;
      const credit = Math.min(given?.cents ?? 0, Math.floor(((given?.cents ?? 0) * share(line)) / worth));
      return { lineItemId: line.lineItemId, feeType: "FINAL_VALUE_FEE", cents: credit, basis: share(line) };
    });
    const id = `5${String(next()).padStart(10, "0")}`;
    order.refunds.push({ id, atMs, cents });
    const refunded = order.refunds.reduce((sum, refund) => sum + refund.cents, 0);
    order.payment = refunded >= grossOf(order) ? "FULLY_REFUNDED" : "PARTIALLY_REFUNDED";
    order.modifiedMs = Math.max(order.modifiedMs, atMs);
    book({ id, type: "REFUND", entry: "DEBIT", atMs, cents: cents - feeOf(fees), order, fees });
  }

  function live(order: Order): void {
    const random = randomOf(seed, "life", order.id);
    const [first] = order.lines;
    if (first === undefined) return;
    if (random.chance(25)) {
      order.isCancelled = true;
      giveBack(order, order.placedMs + 5 * hourMs, order.lines, grossOf(order));
      return;
    }
    const shippedMs = order.placedMs + random.between(8, 40) * hourMs;
    if (shippedMs > untilMs) return;
    order.isShipped = true;
    order.modifiedMs = shippedMs;
    if (random.chance(400))
      book({
        id: `FEE-${next()}`,
        type: "NON_SALE_CHARGE",
        entry: "DEBIT",
        feeType: "AD_FEE",
        atMs: order.placedMs + hourMs,
        cents: Math.max(1, Math.round(grossOf(order) * 0.03)),
        order,
        memo: "Promoted Listings - General fee",
      });
    if (random.chance(700)) {
      const label = { id: `L${next()}`, type: "SHIPPING_LABEL", cents: random.between(380, 1250), order } as const;
      book({ ...label, entry: "DEBIT", atMs: shippedMs, memo: "USPS Ground Advantage" });
      if (random.chance(30)) book({ ...label, entry: "CREDIT", atMs: shippedMs + 3 * dayMs, memo: "Label voided" });
    }
    const laterMs = order.placedMs + random.between(4, 25) * dayMs;
    const fate = random.below(1000);
    if (fate < 40) giveBack(order, laterMs, order.lines, grossOf(order));
    else if (fate < 65 && first.quantity > 1 && first.discount === 0)
      giveBack(order, laterMs, [first], first.cost / first.quantity);
    else if (fate < 95) giveBack(order, laterMs, [first], 211);
    else if (fate < 110) dispute(order, laterMs);
  }

  /** Money is set aside while a buyer's bank is asked; then it is given free, and taken for good where the seller lost. */
  function dispute(order: Order, atMs: number): void {
    const random = randomOf(seed, "dispute", order.id);
    const hold = { id: `H${next()}`, type: "HOLD", cents: grossOf(order), order, memo: "Payment dispute" } as const;
    book({ ...hold, entry: "DEBIT", atMs });
    const endMs = atMs + 20 * dayMs;
    book({ ...hold, entry: "CREDIT", atMs: endMs });
    if (random.chance(500)) {
      book({ id: `D${next()}`, type: "DISPUTE", entry: "DEBIT", atMs: endMs, cents: grossOf(order), order });
      book({
        id: `FEE-${next()}`,
        type: "NON_SALE_CHARGE",
        entry: "DEBIT",
        feeType: "OTHER_FEES",
        atMs: endMs,
        cents: 2000,
        memo: "Dispute fee",
      });
    }
  }

  function payOutAt(atMs: number, beforeMs: number): Payout | null {
    const due = transactions.filter(
      (one) => one.payoutId === undefined && one.atMs < beforeMs && one.availableMs <= atMs,
    );
    const cents = due.reduce((sum, one) => sum + signedOf(one), 0);
    if (cents <= 0) return null;
    const payout = { id: String(7_000_000_000 + next()), atMs, cents, count: due.length };
    for (const one of due) one.payoutId = payout.id;
    payouts.push(payout);
    return payout;
  }

  /** What happens once in a while and belongs to no order. */
  function housekeeping(midnightMs: number, day: number): void {
    const charge = (
      type: string,
      entry: "CREDIT" | "DEBIT",
      cents: number,
      more: Readonly<{ feeType?: string; memo?: string }>,
    ) =>
      book({
        id: `${type === "NON_SALE_CHARGE" ? "FEE-" : "T"}${next()}`,
        type,
        entry,
        cents,
        atMs: midnightMs + 9 * hourMs,
        ...more,
      });
    if (day % 30 === 3)
      charge("NON_SALE_CHARGE", "DEBIT", 2795, { feeType: "STORE_SUBSCRIPTION_FEE", memo: "Basic Store" });
    if (day % 47 === 11) charge("CREDIT", "CREDIT", 500, { memo: "A courtesy credit" });
    if (day % 61 === 20) {
      // The balance could not bear a label: the bank was asked, and then said no.
      const label = randomOf(seed, "transfer", day).between(600, 3000);
      const transfer = { id: `T${next()}`, type: "TRANSFER", cents: label } as const;
      book({
        ...transfer,
        entry: "CREDIT",
        atMs: midnightMs + 10 * hourMs,
        memo: "Transfer for shipping label purchase",
      });
      book({ ...transfer, entry: "DEBIT", atMs: midnightMs + 58 * hourMs, memo: "Transfer for failed charge" });
    }
    if (day % 90 === 40) charge("SPENDABLE_SWEEP", "DEBIT", 125, { memo: "A type that nobody has seen" });
    if (day % 120 === 45) charge("LOAN_REPAYMENT", "DEBIT", 4000, { memo: "Seller Capital" });
  }

  const beganMs = Math.floor(untilMs / dayMs) * dayMs - days * dayMs;
  for (let day = 0; day <= days; day += 1) {
    const midnightMs = beganMs + day * dayMs;
    const random = randomOf(seed, "day", day);
    const mean = (ordersPerYear * 1000) / 365;
    const count = Math.floor(mean / 1000) + (random.chance(mean % 1000) ? 1 : 0);
    for (let each = 0; each < count; each += 1) {
      const atMs = midnightMs + random.between(0, 86_399) * 1000 + random.below(1000);
      if (atMs > untilMs) continue;
      const wanted = Array.from({ length: random.chance(250) ? random.between(2, 3) : 1 }, () => {
        const quantity = random.chance(150) ? random.between(2, 4) : 1;
        return [random.pick(goods), quantity] as const;
      });
      const order = place(atMs, wanted, !random.chance(20));
      if (order.payment === "PAID") live(order);
    }
    housekeeping(midnightMs, day);
  }
  orders.sort((a, b) => a.placedMs - b.placedMs);
  transactions.sort((a, b) => a.atMs - b.atMs);
  for (let day = 1; day <= days; day += 1) {
    const midnightMs = beganMs + day * dayMs;
    const isTuesday = new Date(midnightMs).getUTCDay() === 2;
    if (isTuesday && midnightMs + 6 * hourMs <= untilMs) payOutAt(midnightMs + 6 * hourMs, midnightMs);
  }

  return {
    orders,
    transactions,
    payouts,
    sell: (wanted = []) => {
      const random = randomOf(seed, "by hand", number);
      const named = wanted.map(({ sku, quantity }) => {
        const good = goods.find((each) => each.sku === sku);
        if (good === undefined) throw new Error(`there is no good ${sku}`);
        return [good, quantity] as const;
      });
      return place(clock(), named.length > 0 ? named : [[random.pick(goods), 1]], true);
    },
    refund: (id) => {
      const order = [...orders]
        .reverse()
        .find((each) => (id === undefined || each.id === id) && each.payment === "PAID" && each.refunds.length === 0);
      if (order === undefined) return null;
      giveBack(order, clock(), order.lines, grossOf(order));
      return order;
    },
    payOut: () => {
      for (const one of transactions) if (one.availableMs > clock()) Object.assign(one, { availableMs: clock() });
      return payOutAt(clock(), clock() + 1);
    },
    touch: (order) => {
      order.modifiedMs = clock();
    },
    funds: () => {
      const open = transactions.filter((one) => one.payoutId === undefined);
      const total = open.reduce((sum, one) => sum + signedOf(one), 0);
      const processing = open.filter((one) => one.availableMs > clock()).reduce((sum, one) => sum + signedOf(one), 0);
      const held = -transactions.filter((one) => one.type === "HOLD").reduce((sum, one) => sum + signedOf(one), 0);
      return { available: total - processing, processing, held };
    },
  };
}
