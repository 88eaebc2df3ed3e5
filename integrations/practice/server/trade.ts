/**
 * What happens in the practice shop: orders, and what becomes of each (a label, a cancellation, a refund weeks later, a hold).
 * Every order is worked out from the seed, its day and its place in that day, with all that will ever happen to it; what is
 * later than the moment asked about has not happened yet. So the shop can be asked at any time, started again on another day
 * and still says the same of the past.
 */
import type { Command, Order, Plan, Refund, Row, RowType, Trade } from "./events";
import { dayMs, goodsOf, type Product } from "./goods";
import { type Chosen, type Happened, lifeOf } from "./life";
import { type Random, randomOf } from "./random";

const hourMs = 3_600_000;

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
