/** The shop as GraphQL sees it: plain objects whose connections are functions, for graphql's own executor. */
import { z } from "zod";
import type { FaultBox } from "../kit";
import type { Shop } from "./shop";
import { type Line, type Order, type Payout, type Refund, type Row, type Transaction, taxOf, totalOf } from "./state";

type Arguments = Readonly<{
  first?: number | null;
  after?: string | null;
  query?: string | null;
  sortKey?: string | null;
  reverse?: boolean | null;
  hideTransfers?: boolean | null;
  id?: string;
}>;
type Keyed<T> = Readonly<{ item: T; id: number; at: number }>;

const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
export const gid = (type: string, id: number): string => `gid://shopify/${type}/${id}`;
const idIn = (text: string | undefined): number => Number(text?.slice(text.lastIndexOf("/") + 1));
const money = (cents: number) => ({ amount: (cents / 100).toFixed(2).replace(/0$/, ""), currencyCode: "USD" });
const bag = (cents: number) => ({ shopMoney: money(cents), presentmentMoney: money(cents) });

/** What a bulk operation reads with: all of a list, whatever `first` says. */
export const inBulk = { isBulk: true } as const;

/** Cut into pages by place; for lists within one document, which are short. */
const cut =
  <T, V>(list: readonly T[], show: (item: T) => V) =>
  ({ first, after }: Arguments, context?: Readonly<{ isBulk: boolean }>) => {
    const from = typeof after === "string" ? Number(Buffer.from(after, "base64url").toString()) : 0;
    const to = context?.isBulk === true ? list.length : from + (first ?? 50);
    const endCursor = Buffer.from(String(Math.min(to, list.length))).toString("base64url");
    const nodes = list.slice(from, to).map(show);
    return {
      nodes,
      edges: () => nodes.map((node) => ({ cursor: endCursor, node })),
      pageInfo: { hasNextPage: to < list.length, endCursor },
    };
  };

const keyed = <N extends string, T extends Readonly<{ id: number } & Record<N, number>>>(items: readonly T[], by: N) =>
  items.map((item): Keyed<T> => ({ item, id: item.id, at: item[by] }));
const Key = z.object({ at: z.number(), id: z.number() });
const textOf = (cursor: string): string => Buffer.from(cursor, "base64url").toString();
const compare = (a: Readonly<{ id: number; at: number }>, b: Readonly<{ id: number; at: number }>): number =>
  a.at - b.at || a.id - b.id;
/** How many of an ascending list come before a key. */
function before(list: readonly Keyed<unknown>[], key: Readonly<{ id: number; at: number }>): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = list[middle];
    if (item !== undefined && compare(item, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

export type View = Readonly<{
  root: Readonly<Record<string, unknown>>;
  /** Orders as a bulk operation goes through them, newest first, and how one of them is shown. */
  orders: (query: string | null) => readonly Order[];
  order: (order: Order) => Readonly<Record<string, unknown>>;
}>;

const sinceIn = (query: string | null | undefined): string | undefined => /:>='([^']+)'/.exec(query ?? "")?.[1];

/** `moved` is called after a page that is not the last, for the fault that changes pages while they are read. */
export function viewOf(shop: Shop, faults: FaultBox, domain: string, now: () => number, moved: () => void): View {
  /** Sorted once for each state of the shop: a shop of a hundred thousand orders is paged ten thousand times. */
  const lists = new Map<string, Readonly<{ version: number; list: readonly Keyed<unknown>[] }>>();
  function sorted<T>(name: string, make: () => readonly Keyed<T>[]): readonly Keyed<T>[] {
    const known = lists.get(name);
    const version = shop.version();
    // The name says what is in it.
    if (known?.version === version) return known.list as readonly Keyed<T>[];
    const list = [...make()].sort(compare);
    lists.set(name, { version, list });
    return list;
  }

  /** A keyset page: what moves about never makes a page miss what stayed where it was. `list` is in ascending order. */
  function page<T, V>(list: readonly Keyed<T>[], show: (item: T) => V, given: Arguments) {
    const since = sinceIn(given.query);
    const isBack = given.reverse === true;
    const low = since === undefined ? 0 : before(list, { at: Date.parse(since), id: 0 });
    const high = before(list, { at: now(), id: Number.POSITIVE_INFINITY });
    const last = typeof given.after === "string" ? Key.parse(JSON.parse(textOf(given.after))) : null;
    const size = given.first ?? 50;
    // The places that this page takes, in the direction in which it goes.
    const start = last === null ? (isBack ? high : low) : before(list, isBack ? last : { ...last, id: last.id + 1 });
    const places = Array.from({ length: size + 1 }, (_, step) => (isBack ? start - 1 - step : start + step)).filter(
      (place) => place >= low && place < high,
    );
    const again = last !== null && faults.strikes("repeat") ? [isBack ? start : start - 1] : [];
    const nodes = [...again, ...places.slice(0, size)].flatMap((place) => list[place] ?? []);
    const end = nodes.at(-1);
    const hasNextPage = places.length > size;
    if (hasNextPage && faults.strikes("shift")) moved();
    const endCursor =
      end === undefined ? null : Buffer.from(JSON.stringify({ at: end.at, id: end.id })).toString("base64url");
    return { nodes: nodes.map(({ item }) => show(item)), pageInfo: { hasNextPage, endCursor } };
  }

  const variant = ({ id, title, sku }: Readonly<{ id: number; title: string; sku: string | null }>) => ({
    id: gid("ProductVariant", id),
    title,
    sku,
  });
  const taxes = (cents: number, isLiable: boolean) =>
    cents === 0 ? [] : [{ title: "State tax", channelLiable: isLiable, priceSet: bag(cents) }];
  const line = (order: Order) => (each: Line) => ({
    id: gid("LineItem", each.id),
    name:
      each.variant === null || each.variant.title === "Default Title"
        ? each.product
        : `${each.product} - ${each.variant.title}`,
    title: each.product,
    variantTitle: each.variant?.title ?? null,
    sku: each.variant?.sku ?? null,
    quantity: each.quantity,
    currentQuantity: each.currentQuantity,
    isGiftCard: each.isGiftCard,
    variant: each.variant === null ? null : variant(each.variant),
    originalTotalSet: bag(each.cents),
    discountAllocations: each.discount === 0 ? [] : [{ allocatedAmountSet: bag(each.discount) }],
    taxLines: taxes(each.tax, order.isLiable),
  });
  const transaction = (order: Order) => (each: Transaction) => ({
    id: gid("OrderTransaction", each.id),
    kind: each.kind,
    status: each.status,
    gateway: each.gateway,
    test: order.isTest,
    processedAt: iso(each.atMs),
    amountSet: bag(each.cents),
  });
  const refund = (order: Order) => (each: Refund) => ({
    id: gid("Refund", each.id),
    createdAt: iso(each.atMs),
    processedAt: iso(each.atMs),
    refundShippingLines: cut([], (shown) => shown),
    transactions: cut(each.transactions, transaction(order)),
    refundLineItems: cut(each.lines, (part) => ({
      id: gid("RefundLineItem", part.id),
      quantity: part.quantity,
      restockType: part.restock,
      restocked: part.restock !== "NO_RESTOCK",
      lineItem: line(order)(part.line),
      subtotalSet: bag(part.cents),
      totalTaxSet: bag(part.tax),
    })),
  });
  const order = (each: Order) => {
    const tips = each.lines.filter((part) => part.variant === null && !part.isGiftCard);
    return {
      id: gid("Order", each.id),
      name: `#${each.number}`,
      test: each.isTest,
      processedAt: iso(each.placedMs),
      createdAt: iso(each.placedMs),
      updatedAt: iso(each.updatedMs),
      cancelledAt: each.cancelledMs === null ? null : iso(each.cancelledMs),
      displayFinancialStatus: each.status,
      taxesIncluded: false,
      dutiesIncluded: false,
      totalPriceSet: bag(totalOf(each)),
      totalTaxSet: bag(taxOf(each)),
      totalTipReceivedSet: bag(tips.reduce((sum, part) => sum + part.cents, 0)),
      originalTotalDutiesSet: null,
      originalTotalAdditionalFeesSet: null,
      totalCashRoundingAdjustment: { paymentSet: bag(0), refundSet: bag(0) },
      taxLines: taxes(taxOf(each), each.isLiable),
      shippingLines: cut(each.shipping === 0 ? [] : [each.shipping], (cents) => ({
        title: "Standard",
        isRemoved: false,
        discountedPriceSet: bag(cents),
        taxLines: taxes(each.shippingTax, each.isLiable),
      })),
      transactions: ({ first }: Arguments) => each.transactions.slice(0, first ?? undefined).map(transaction(each)),
      refunds: ({ first }: Arguments) => each.refunds.slice(0, first ?? undefined).map(refund(each)),
      lineItems: cut(each.lines, line(each)),
    };
  };
  const product = (each: Shop["products"][number]) => ({
    id: gid("Product", each.id),
    title: each.title,
    updatedAt: iso(each.updatedMs),
    variants: cut(each.variants, variant),
  });
  const payout = (each: Payout) => ({
    id: gid("ShopifyPaymentsPayout", each.id),
    issuedAt: iso(each.atMs),
    status: each.status,
    transactionType: each.cents < 0 ? "WITHDRAWAL" : "DEPOSIT",
    net: money(each.cents),
  });
  const row = (each: Row) => ({
    id: gid("ShopifyPaymentsBalanceTransaction", each.id),
    type: each.type,
    test: false,
    transactionDate: iso(each.atMs),
    sourceType: each.sourceType,
    sourceId: each.sourceId === null ? null : String(each.sourceId),
    sourceOrderTransactionId: each.transaction === null ? null : String(each.transaction),
    adjustmentReason: null,
    amount: money(each.cents),
    fee: money(each.fee),
    net: money(each.cents - each.fee),
    associatedOrder: each.order === null ? null : { id: gid("Order", each.order.id), name: `#${each.order.number}` },
    associatedPayout:
      each.payout === null
        ? { id: null, status: "PENDING" }
        : { id: gid("ShopifyPaymentsPayout", each.payout.id), status: each.payout.status },
  });
  const dispute = (each: Shop["disputes"][number]) => ({
    id: gid("ShopifyPaymentsDispute", each.id),
    type: "CHARGEBACK",
    status: each.status,
    initiatedAt: iso(each.atMs),
    finalizedOn: each.finalizedMs === null ? null : iso(each.finalizedMs),
    amount: money(each.cents),
    reasonDetails: { reason: "FRAUDULENT" },
    order: order(each.order),
  });
  const isReadable = (each: Order | undefined): each is Order => each !== undefined && each.hiddenFor === 0;
  const byId = (id: string | undefined) => [shop.orderOf(idIn(id))].filter(isReadable);

  const ordersSince = (query: string | null | undefined): readonly Order[] => {
    const list = sorted("orders by placedMs", () => keyed(shop.orders, "placedMs"));
    const since = sinceIn(query);
    const low = since === undefined ? 0 : before(list, { at: Date.parse(since), id: 0 });
    const high = before(list, { at: now(), id: Number.POSITIVE_INFINITY });
    return list
      .slice(low, high)
      .map(({ item }) => item)
      .filter(isReadable)
      .reverse();
  };

  const root = {
    shop: {
      id: gid("Shop", 548_380_009),
      name: shop.name,
      myshopifyDomain: domain,
      currencyCode: "USD",
      ianaTimezone: "America/New_York",
    },
    products: (given: Arguments) =>
      page(
        sorted("products", () => keyed(shop.products, "updatedMs")),
        product,
        given,
      ),
    product: ({ id }: Arguments) => shop.products.filter((each) => each.id === idIn(id)).map(product)[0] ?? null,
    orders: (given: Arguments) => {
      const by = given.sortKey === "UPDATED_AT" ? "updatedMs" : "placedMs";
      const list = sorted(`orders by ${by}`, () => keyed(shop.orders, by));
      const shown = page(shop.hidden.size === 0 ? list : list.filter(({ item }) => isReadable(item)), order, given);
      shop.pageShown();
      return shown;
    },
    ordersCount: ({ query, limit }: Arguments & Readonly<{ limit?: number | null }>) => {
      const all = ordersSince(query).length;
      // Shopify stops counting at ten thousand unless it is told otherwise.
      const most = limit === undefined ? 10_000 : (limit ?? Number.POSITIVE_INFINITY);
      return { count: Math.min(all, most), precision: all > most ? "AT_LEAST" : "EXACT" };
    },
    order: ({ id }: Arguments) => byId(id).map(order)[0] ?? null,
    refund: ({ id }: Arguments) => {
      const found = shop.refundOf(idIn(id));
      return found === undefined || !isReadable(found.order) ? null : refund(found.order)(found.refund);
    },
    shopifyPaymentsAccount: {
      id: gid("ShopifyPaymentsAccount", 1),
      balance: () => [money(shop.balance())],
      payouts: (given: Arguments) =>
        page(
          sorted("payouts", () => keyed(shop.payouts, "atMs")),
          payout,
          given,
        ),
      balanceTransactions: (given: Arguments) => {
        const isAll = given.hideTransfers !== true;
        const list = () =>
          keyed(
            shop.rows.filter((item) => isAll || item.type !== "TRANSFER"),
            "atMs",
          );
        return page(sorted(isAll ? "rows" : "rows without transfers", list), row, given);
      },
      disputes: (given: Arguments) =>
        page(
          sorted("disputes", () => keyed(shop.disputes, "atMs")),
          dispute,
          given,
        ),
    },
  };
  return { root, orders: ordersSince, order };
}
