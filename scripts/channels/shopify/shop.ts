/** A shop with a season of trade behind it, always the same for a seed, and more to come on command. */
import { type Random, randomOf } from "../../../integrations/practice/server/random";
import {
  counter,
  type Dispute,
  type Line,
  type Order,
  type Payout,
  type Product,
  type Refund,
  type Row,
  type Transaction,
  taxOf,
  totalOf,
} from "./state";

const dayMs = 86_400_000;
const taxPerMille = 80;
const nouns = [
  "Mug",
  "Print",
  "Tote",
  "Candle",
  "Scarf",
  "Notebook",
  "Bowl",
  "Lamp",
  "Cushion",
  "Vase",
  "Poster",
  "Apron",
];
const kinds = ["Fern", "Harbour", "Ochre", "Linen", "Dusk", "Moss"];

export type Restock = "RETURN" | "NO_RESTOCK" | "CANCEL";
export type ShopOptions = Readonly<{ seed: number; orders: number; todayMs: number; now: () => number }>;
export type Shop = ReturnType<typeof openShop>;

type Way =
  | "card"
  | "gift card"
  | "paypal"
  | "cash"
  | "unpaid"
  | "shop cash"
  | "marketplace"
  | "voided"
  | "removed"
  | "test";

export function openShop({ seed, orders: count, todayMs, now }: ShopOptions) {
  const ids = { order: counter(5_100_000_000), line: counter(13_000_000_000), transaction: counter(6_400_000_000) };
  const more = { refund: counter(880_000_000), refundLine: counter(450_000_000), row: counter(2_200_000_000) };
  const last = { payout: counter(95_000_000), dispute: counter(7_700_000), number: counter(1_000) };
  const [orders, rows, payouts, disputes]: [Order[], Row[], Payout[], Dispute[]] = [[], [], [], []];
  const [orderById, refundById] = [
    new Map<number, Order>(),
    new Map<number, Readonly<{ order: Order; refund: Refund }>>(),
  ];
  const hidden = new Set<Order>();
  /** One more with each thing that happens, so that what was sorted is sorted again. */
  let version = 0;
  const openedMs = todayMs - 80 * dayMs;
  const products = productsOf(seed, openedMs);

  function row(
    type: string,
    atMs: number,
    cents: number,
    of: Partial<Pick<Row, "fee" | "order" | "sourceType" | "sourceId" | "transaction">> = {},
  ): Row {
    const made: Row = {
      id: more.row(),
      type,
      atMs,
      cents,
      fee: of.fee ?? 0,
      order: of.order ?? null,
      sourceType: of.sourceType ?? null,
      sourceId: of.sourceId ?? null,
      transaction: of.transaction ?? null,
      payout: null,
    };
    rows.push(made);
    return made;
  }

  function pay(order: Order, gateway: string, cents: number, atMs: number): void {
    const made: Transaction = { id: ids.transaction(), kind: "SALE", status: "SUCCESS", gateway, atMs, cents };
    order.transactions.push(made);
    const of = { order, transaction: made.id, sourceId: made.id, sourceType: "CHARGE" };
    if (gateway === "shopify_payments") row("CHARGE", atMs, cents, { ...of, fee: Math.round(cents * 0.029) + 30 });
    if (gateway === "shop_cash") row("SHOP_CASH_CREDIT", atMs, cents, { ...of, fee: Math.round(cents * 0.025) });
  }

  function lineOf(random: Random, isTaxed: boolean): Line {
    const product = random.pick(products);
    const variant = random.pick(product.variants);
    const quantity = random.chance(800) ? 1 : random.between(2, 3);
    const cents = variant.cents * quantity;
    const discount = random.chance(200) ? Math.round(cents / 10) : 0;
    const tax = isTaxed ? Math.round(((cents - discount) * taxPerMille) / 1000) : 0;
    const of = { id: ids.line(), product: product.title, variant, isGiftCard: false };
    return { ...of, quantity, currentQuantity: quantity, cents, discount, tax };
  }

  const beside = (product: string, cents: number, isGiftCard: boolean): Line => {
    const of = { id: ids.line(), product, variant: null, isGiftCard, quantity: 1, currentQuantity: 1 };
    return { ...of, cents, discount: 0, tax: 0 };
  };

  /** An order as it is placed and paid. */
  function place(random: Random, atMs: number, way: Way): Order {
    const isTaxed = random.chance(700);
    const lines = Array.from({ length: random.chance(120) ? 5 : random.between(1, 2) }, () => lineOf(random, isTaxed));
    const tip = random.chance(80) ? 300 : 0;
    if (random.chance(70)) lines.push(beside("Gift Card", 2_500, true));
    if (tip > 0) lines.push(beside("Tip", tip, false));
    const number = last.number();
    const order: Order = {
      id: ids.order(),
      number,
      isTest: way === "test",
      placedMs: atMs,
      updatedMs: atMs,
      cancelledMs: null,
      status: "PAID",
      lines,
      shipping: random.chance(600) ? 500 : 0,
      shippingTax: 0,
      tip: 0,
      isLiable: way === "marketplace",
      transactions: [],
      refunds: [],
      hiddenFor: 0,
    };
    orders.push(order);
    orderById.set(order.id, order);
    version += 1;
    const total = totalOf(order);
    if (way === "card" || way === "marketplace" || way === "test") {
      if (way !== "test") pay(order, "shopify_payments", total, atMs);
      else
        order.transactions.push({
          id: ids.transaction(),
          kind: "SALE",
          status: "SUCCESS",
          gateway: "bogus",
          atMs,
          cents: total,
        });
    } else if (way === "gift card" || way === "shop cash") {
      const part = Math.min(1_000, total - 100);
      pay(order, way === "gift card" ? "gift_card" : "shop_cash", part, atMs);
      pay(order, "shopify_payments", total - part, atMs + 1_000);
    } else if (way === "paypal" || way === "cash") pay(order, way, total, atMs);
    else order.status = "PENDING";
    if (way === "marketplace") row("TAX_ADJUSTMENT_DEBIT", atMs + 60_000, -taxOf(order), { order });
    if (way === "voided") {
      order.cancelledMs = atMs + 3_600_000;
      order.updatedMs = order.cancelledMs;
      order.status = "VOIDED";
    }
    return order;
  }

  /** Gives lines back, or shipping alone where there are none; the money goes the way that it came. */
  function giveBack(
    order: Order,
    atMs: number,
    what: Readonly<{
      lines: readonly Line[];
      quantity: number;
      restock: Restock;
      shipping?: boolean;
      to?: string;
      isFree?: boolean;
    }>,
  ): Refund {
    const lines = what.lines.map((line) => {
      const quantity = Math.min(what.quantity, line.currentQuantity);
      line.currentQuantity -= quantity;
      const part = (cents: number) => Math.round((cents * quantity) / line.quantity);
      const of = { id: more.refundLine(), line, quantity, restock: what.restock };
      return { ...of, cents: part(line.cents - line.discount), tax: part(line.tax) };
    });
    const goods = lines.reduce((sum, line) => sum + line.cents + line.tax, 0);
    const cents = goods + (what.shipping === true ? order.shipping : 0);
    const gateway = what.to ?? order.transactions.find((each) => each.kind === "SALE")?.gateway ?? "manual";
    const money: Transaction = { id: ids.transaction(), kind: "REFUND", status: "SUCCESS", gateway, atMs, cents };
    const transactions = what.isFree === true || cents === 0 ? [] : [money];
    order.transactions.push(...transactions);
    const refund: Refund = { id: more.refund(), atMs, shippingTax: 0, transactions, lines };
    order.refunds.push(refund);
    refundById.set(refund.id, { order, refund });
    version += 1;
    order.updatedMs = Math.max(order.updatedMs, atMs);
    if (what.isFree !== true)
      order.status = order.lines.every((line) => line.currentQuantity === 0) ? "REFUNDED" : "PARTIALLY_REFUNDED";
    if (gateway === "shopify_payments" && transactions.length > 0) {
      row("REFUND", atMs, -cents, { order, transaction: money.id, sourceId: refund.id, sourceType: "REFUND" });
      const tax = lines.reduce((sum, line) => sum + line.tax, 0);
      if (order.isLiable && tax > 0) row("TAX_ADJUSTMENT_CREDIT", atMs + 60_000, tax, { order });
    }
    return refund;
  }

  /** Pays out what is at least `restMs` old; nothing where that is no money. */
  function payOut(atMs: number, restMs: number, fails = false): Payout | null {
    const due = rows.filter((each) => each.payout === null && each.type !== "TRANSFER" && each.atMs + restMs <= atMs);
    const cents = due.reduce((sum, each) => sum + each.cents - each.fee, 0);
    if (cents <= 0) return null;
    const payout: Payout = { id: last.payout(), atMs, cents, status: fails ? "FAILED" : "PAID" };
    payouts.push(payout);
    version += 1;
    for (const each of due) each.payout = payout;
    row("TRANSFER", atMs, -cents, { sourceType: "TRANSFER", sourceId: payout.id }).payout = payout;
    if (fails) row("TRANSFER_FAILURE", atMs + dayMs, cents, { sourceType: "TRANSFER", sourceId: payout.id });
    return payout;
  }

  function live(): void {
    const ways: readonly Way[] = [
      "gift card",
      "paypal",
      "cash",
      "unpaid",
      "shop cash",
      "marketplace",
      "voided",
      "removed",
      "test",
    ];
    const span = todayMs - openedMs - 2 * dayMs;
    for (let index = 0; index < count; index += 1) {
      const random = randomOf(seed, "order", index);
      // Each way comes early and again, so that a small shop has them all.
      const way = index % 3 === 1 ? (ways[Math.floor(index / 3) % ways.length] ?? "card") : "card";
      const atMs = openedMs + Math.floor((span * index) / count) + random.below(3_600_000);
      const order = place(random, atMs, way);
      const goods = order.lines.filter((line) => line.variant !== null);
      const later = Math.min(atMs + random.between(1, 9) * dayMs, todayMs - 3_600_000);
      const fate = randomOf(seed, "fate", index);
      if (way === "removed")
        giveBack(order, later, { lines: goods.slice(0, 1), quantity: 99, restock: "CANCEL", isFree: true });
      else if (way === "marketplace" || (way === "card" && fate.chance(150)))
        giveBack(order, later, { lines: goods, quantity: 99, restock: "RETURN", shipping: true });
      else if ((way === "card" || way === "paypal") && fate.chance(200))
        giveBack(order, later, { lines: goods.slice(0, 1), quantity: 1, restock: fate.pick(["RETURN", "NO_RESTOCK"]) });
      else if (way === "gift card")
        giveBack(order, later, { lines: goods.slice(0, 1), quantity: 1, restock: "RETURN", to: "gift_card" });
      else if (way === "card" && order.shipping > 0 && fate.chance(120))
        giveBack(order, later, { lines: [], quantity: 0, restock: "NO_RESTOCK", shipping: true });
      else if (way === "card" && fate.chance(60)) dispute(order, later, fate.chance(500));
      if (fate.chance(250)) row("SHIPPING_LABEL", atMs + 7_200_000, -495, { order });
    }
    row("SHOP_CASH_CAMPAIGN_BILLING_DEBIT", openedMs + 20 * dayMs, -270);
    row("ANOMALY_DEBIT", openedMs + 25 * dayMs, -123);
    row("RESERVED_FUNDS", openedMs + 30 * dayMs, -700);
    row("RESERVED_FUNDS_REVERSAL", openedMs + 40 * dayMs, 400);
    for (let day = openedMs + 3 * dayMs; day < todayMs - dayMs; day += dayMs)
      payOut(day, 2 * dayMs, payouts.length === 3);
    rows.sort((a, b) => a.atMs - b.atMs || a.id - b.id);
    for (const payout of payouts)
      if (payout.atMs > todayMs - 3 * dayMs && payout.status === "PAID") payout.status = "IN_TRANSIT";
  }

  function dispute(order: Order, atMs: number, isWon: boolean): void {
    const cents = order.transactions[0]?.cents ?? 0;
    const made: Dispute = { id: last.dispute(), order, atMs, cents, status: "UNDER_REVIEW", finalizedMs: null };
    disputes.push(made);
    version += 1;
    const of = { order, sourceType: "DISPUTE", sourceId: made.id };
    row("DISPUTE_WITHDRAWAL", atMs, -cents, of);
    row("CHARGEBACK_FEE", atMs, -1_500, of);
    if (!isWon || atMs + 6 * dayMs > todayMs) return;
    made.status = "WON";
    made.finalizedMs = atMs + 5 * dayMs;
    row("DISPUTE_REVERSAL", atMs + 5 * dayMs, cents, of);
    row("CHARGEBACK_FEE_REFUND", atMs + 5 * dayMs, 1_500, of);
  }

  live();
  const balance = () => rows.filter((each) => each.atMs <= now()).reduce((sum, each) => sum + each.cents - each.fee, 0);
  return {
    name: "Fern & Harbour",
    products,
    orders: orders as readonly Order[],
    rows: rows as readonly Row[],
    payouts: payouts as readonly Payout[],
    disputes: disputes as readonly Dispute[],
    balance,
    /** What an event speaks of and cannot be read yet: it is left out of the next page. */
    hide: (order: Order): void => {
      order.hiddenFor = 1;
      hidden.add(order);
    },
    hidden: hidden as ReadonlySet<Order>,
    pageShown: (): void => {
      for (const order of hidden) {
        order.hiddenFor -= 1;
        if (order.hiddenFor <= 0) hidden.delete(order);
      }
    },
    version: () => version,
    orderOf: (id: number) => orderById.get(id),
    refundOf: (id: number) => refundById.get(id),
    /** A new order, paid by card unless said. */
    sell: (way: Way = "card"): Order => place(randomOf(seed, "sold", orders.length), now(), way),
    /** Something about an order changes that is no money. */
    touch: (order: Order): void => {
      order.updatedMs = now();
      version += 1;
    },
    /** All goods of an order, and its shipping; the newest one that was paid by card and not yet refunded, unless said. */
    refund: (number: number | null, restock: Restock): Readonly<{ order: Order; refund: Refund }> | null => {
      const order = [...orders]
        .reverse()
        .find((each) => (number === null ? each.status === "PAID" && !each.isTest : each.number === number));
      if (order === undefined) return null;
      const lines = order.lines.filter((line) => line.variant !== null);
      return { order, refund: giveBack(order, now(), { lines, quantity: 99, restock, shipping: true }) };
    },
    dispute: (order: Order): void => dispute(order, now(), false),
    payOut: (fails: boolean): Payout | null => payOut(now(), 0, fails),
  };
}

function productsOf(seed: number, openedMs: number): Product[] {
  const [product, variant] = [counter(8_000_000_000), counter(44_000_000_000)];
  return nouns.map((noun, index) => {
    const random = randomOf(seed, "product", index);
    const cents = random.between(9, 60) * 100;
    const many = index === 1 ? 14 : index % 3 === 0 ? 1 : kinds.length;
    const variants = Array.from({ length: many }, (_, at) => ({
      id: variant(),
      title: many === 1 ? "Default Title" : `${kinds[at % kinds.length]}${at >= kinds.length ? ` ${at}` : ""}`,
      sku: random.chance(900) ? `${noun.toUpperCase()}-${at + 1}` : null,
      cents: cents + at * 100,
    }));
    return { id: product(), title: noun, updatedMs: openedMs + index * 60_000, variants };
  });
}
