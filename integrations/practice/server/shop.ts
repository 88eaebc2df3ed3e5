/**
 * The practice shop at a moment: its feeds as the API serves them. The past is worked out (trade.ts, ledger.ts); what somebody
 * did through the control port is kept here, with a time after everything before it, so that a sync finds it as new.
 */

import type { Command, Order, Plan, Refund, Trade } from "./events";
import { changedMs, dayMs, type Product, skuAt } from "./goods";
import { type Ledger, ledgerOf } from "./ledger";
import { madeOrderId, tradeUntil } from "./trade";

export const feeds = ["products", "orders", "refunds", "balance_transactions", "payouts"] as const;
export type FeedName = (typeof feeds)[number];
/** One thing of a feed: its place in the feed is (updatedAt, id). */
export type Entry = Readonly<{ id: string; updatedAt: string; body: Readonly<Record<string, unknown>> }>;

export const currency = "USD";
const money = (amount: number) => ({ amount: String(amount), currency });
const instant = (ms: number): string => new Date(ms).toISOString();

export type Shop = Readonly<{
  id: string;
  name: string;
  nowMs: () => number;
  feed: (name: FeedName) => readonly Entry[];
  balance: () => Ledger["balance"];
  order: (id: string) => Entry | null;
  /** Makes an order now; lines name a variant by id or SKU. Without lines, it is an order of one thing. Null where a line names nothing. */
  makeOrder: (lines: readonly Readonly<{ variant: string; quantity: number }>[]) => Entry | null;
  /** Changes an order now (the buyer takes the faster postage); without an id, the latest one. Null where there is none to change. */
  editOrder: (id: string | null) => Entry | null;
  /** Refunds an order now, all of it, its goods back on the shelf; without an id, the latest that was not. Null where there is none to refund. */
  refundOrder: (id: string | null) => Entry | null;
  /** Moves the clock of a shop that stands still. */
  advance: (days: number) => void;
  commands: () => readonly Command[];
}>;

export type ShopOptions = Readonly<{
  plan: Plan;
  /** The moment at which the shop stands still; null: it goes with the clock. */
  standsAtMs: number | null;
  clock: () => number;
  commands: readonly Command[];
  /** Called after each command, to keep it. */
  changed: () => void;
}>;

/** How long what was worked out is good for while the shop goes with the clock. */
const freshMs = 60_000;

export function openShop(options: ShopOptions): Shop {
  const { plan } = options;
  const commands: Command[] = [...options.commands];
  let standsAtMs = options.standsAtMs;
  let view: View | null = null;

  const nowMs = (): number => {
    const latest = commands[commands.length - 1]?.atMs ?? 0;
    return Math.max(standsAtMs ?? options.clock(), latest);
  };
  const look = (): View => {
    const now = nowMs();
    if (view === null || now < view.atMs || now - view.atMs > freshMs) view = viewOf(plan, now, commands);
    return view;
  };
  const keep = (command: Command): void => {
    commands.push(command);
    view = null;
    options.changed();
  };
  // A whole second on, and after whatever was done before: no two changes share a place in a feed.
  const next = (): number => (Math.floor(nowMs() / 1000) + 1) * 1000;

  return {
    id: `shop_${plan.seed}`,
    name: "Alder Street Goods",
    nowMs,
    feed: (name) => look().feeds[name],
    balance: () => look().ledger.balance,
    order: (id) => look().feeds.orders.find((entry) => entry.id === id) ?? null,
    makeOrder: (wanted) => {
      const now = nowMs();
      const variants = look()
        .trade.products.filter((product) => product.listedMs <= now)
        .flatMap((product) => product.variants);
      const asked =
        wanted.length > 0 ? wanted : [{ variant: variants[commands.length % variants.length]?.id ?? "", quantity: 1 }];
      const lines: { variantId: string; quantity: number }[] = [];
      for (const { variant: name, quantity } of asked) {
        const found = variants.find((variant) => variant.id === name || skuAt(variant, now) === name);
        if (found === undefined) return null;
        lines.push({ variantId: found.id, quantity });
      }
      keep({ kind: "order", atMs: next(), lines });
      const id = madeOrderId(commands.filter((command) => command.kind === "order").length);
      return look().feeds.orders.find((entry) => entry.id === id) ?? null;
    },
    editOrder: (id) => {
      const open = look().feeds.orders.filter((entry) => entry.body.status !== "cancelled");
      const chosen = id === null ? open[open.length - 1] : open.find((entry) => entry.id === id);
      if (chosen === undefined) return null;
      keep({ kind: "edit", atMs: next(), orderId: chosen.id });
      return look().feeds.orders.find((entry) => entry.id === chosen.id) ?? null;
    },
    refundOrder: (id) => {
      const refunded = new Set(look().trade.refunds.map((refund) => refund.orderId));
      const open = look().feeds.orders.filter((entry) => entry.body.status !== "cancelled" && !refunded.has(entry.id));
      const chosen = id === null ? open[open.length - 1] : open.find((entry) => entry.id === id);
      if (chosen === undefined) return null;
      keep({ kind: "refund", atMs: next(), orderId: chosen.id });
      return look().feeds.refunds.find((entry) => entry.body.order_id === chosen.id) ?? null;
    },
    advance: (days) => {
      if (standsAtMs !== null) standsAtMs = nowMs() + days * dayMs;
      view = null;
    },
    commands: () => commands,
  };
}

type View = Readonly<{
  atMs: number;
  trade: Trade;
  ledger: Ledger;
  feeds: Readonly<Record<FeedName, readonly Entry[]>>;
}>;

function viewOf(plan: Plan, atMs: number, commands: readonly Command[]): View {
  const trade = tradeUntil(plan, atMs, commands);
  const ledger = ledgerOf(plan, trade, atMs);
  const rows = ledger.rows.map((row): Entry => {
    const body = {
      id: row.id,
      type: row.type,
      amount: money(row.amount),
      created_at: instant(row.createdMs),
      updated_at: instant(row.updatedMs),
      order_id: row.orderId,
      refund_id: row.refundId,
      about_payout_id: row.aboutPayout,
      payout_id: row.payoutId,
      description: row.memo,
    };
    return { id: row.id, updatedAt: instant(row.updatedMs), body };
  });
  const payouts = ledger.payouts.map((payout): Entry => {
    const body = {
      id: payout.id,
      amount: money(payout.amount),
      status: payout.failedMs === null ? "paid" : "failed",
      sent_at: instant(payout.sentMs),
      failed_at: payout.failedMs === null ? null : instant(payout.failedMs),
      updated_at: instant(payout.updatedMs),
    };
    return { id: payout.id, updatedAt: instant(payout.updatedMs), body };
  });
  const products = trade.products.filter((product) => product.listedMs <= atMs);
  return {
    atMs,
    trade,
    ledger,
    feeds: {
      products: sorted(products.map((product) => productEntry(product, atMs))),
      orders: sorted(trade.orders.map(orderEntry)),
      refunds: sorted(trade.refunds.map(refundEntry)),
      balance_transactions: sorted(rows),
      payouts: sorted(payouts),
    },
  };
}

function sorted(entries: Entry[]): readonly Entry[] {
  return entries.sort((a, b) => (comesBefore(a, b) ? -1 : 1));
}

/** The order of every feed: what changed longest ago first, then by id. */
export function comesBefore(
  a: Readonly<{ updatedAt: string; id: string }>,
  b: Readonly<{ updatedAt: string; id: string }>,
): boolean {
  return a.updatedAt === b.updatedAt ? a.id < b.id : a.updatedAt < b.updatedAt;
}

function productEntry(product: Product, atMs: number): Entry {
  const updatedAt = instant(changedMs(product, atMs));
  const body = {
    id: product.id,
    title: product.title,
    status: product.endedMs !== null && product.endedMs <= atMs ? "ended" : "active",
    created_at: instant(product.listedMs),
    updated_at: updatedAt,
    variants: product.variants.map((variant) => ({
      id: variant.id,
      title: variant.title,
      sku: skuAt(variant, atMs),
      price: money(variant.price),
    })),
  };
  return { id: product.id, updatedAt, body };
}

function orderEntry(order: Order): Entry {
  const subtotal = order.lines.reduce((sum, line) => sum + line.total, 0);
  const body = {
    id: order.id,
    number: order.number,
    status: order.status,
    currency,
    placed_at: instant(order.placedMs),
    updated_at: instant(order.updatedMs),
    lines: order.lines.map((line) => ({
      id: line.id,
      product_id: line.variant.productId,
      variant_id: line.variant.id,
      sku: line.sku,
      title: line.variant.productTitle,
      variant_title: line.variant.title,
      quantity: line.quantity,
      unit_price: money(line.unitPrice),
      total: money(line.total),
    })),
    subtotal: money(subtotal),
    discount: money(order.discount),
    shipping: money(order.shipping),
    tax: { ...money(order.tax), collected_by: "marketplace" },
    total: money(subtotal - order.discount + order.shipping + order.tax),
    fees: order.fees.map((fee) => ({ type: fee.type, ...money(fee.amount) })),
    ship_to: { region: order.region, country: "US" },
  };
  return { id: order.id, updatedAt: instant(order.updatedMs), body };
}

function refundEntry(refund: Refund): Entry {
  const back = refund.lines.reduce((sum, line) => sum + line.amount, 0);
  const body = {
    id: refund.id,
    order_id: refund.orderId,
    created_at: instant(refund.createdMs),
    updated_at: instant(refund.createdMs),
    reason: refund.reason,
    lines: refund.lines.map((line) => ({
      id: line.id,
      order_line_id: line.orderLineId,
      quantity: line.quantity,
      amount: money(line.amount),
      goods: line.goods,
    })),
    adjustment: money(refund.adjustment),
    tax: money(refund.tax),
    total: money(back + refund.adjustment + refund.tax),
  };
  return { id: refund.id, updatedAt: instant(refund.createdMs), body };
}
