/** The shop as GraphQL sees it: plain objects whose connections are functions, for graphql's own executor. */
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

/** Cut into pages by place; for lists within one document, which are short. */
const cut =
  <T, V>(list: readonly T[], show: (item: T) => V) =>
  ({ first, after }: Arguments) => {
    const from = typeof after === "string" ? Number(Buffer.from(after, "base64url").toString()) : 0;
    const to = from + (first ?? 50);
    const endCursor = Buffer.from(String(Math.min(to, list.length))).toString("base64url");
    return { nodes: list.slice(from, to).map(show), pageInfo: { hasNextPage: to < list.length, endCursor } };
  };

export type View = Readonly<{ root: Readonly<Record<string, unknown>> }>;

/** `moved` is called after a page that is not the last, for the fault that changes pages while they are read. */
export function viewOf(shop: Shop, faults: FaultBox, domain: string, now: () => number, moved: () => void): View {
  /** A keyset page: what moves about never makes a page miss what stayed where it was. */
  function page<T, V>(list: readonly Keyed<T>[], show: (item: T) => V, given: Arguments, sorts = true) {
    const since = /:>='([^']+)'/.exec(given.query ?? "")?.[1];
    const from = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
    const way = given.reverse === true ? -1 : 1;
    const compare = (a: Readonly<{ id: number; at: number }>, b: Readonly<{ id: number; at: number }>) =>
      way * (sorts ? a.at - b.at || a.id - b.id : a.id - b.id);
    const all = list.filter(({ at }) => at >= from && at <= now()).sort(compare);
    const [at, id] =
      typeof given.after === "string" ? JSON.parse(Buffer.from(given.after, "base64url").toString()) : [];
    const begin = at === undefined ? 0 : all.findIndex((each) => compare(each, { at, id }) > 0);
    const rest = begin < 0 ? [] : all.slice(begin);
    const before = begin > 0 && faults.strikes("repeat") ? all.slice(begin - 1, begin) : [];
    const size = given.first ?? 50;
    const nodes = [...before, ...rest.slice(0, size)];
    const end = nodes.at(-1);
    const hasNextPage = rest.length > size;
    if (hasNextPage && faults.strikes("shift")) moved();
    const endCursor = end === undefined ? null : Buffer.from(JSON.stringify([end.at, end.id])).toString("base64url");
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
  const readable = () => shop.orders.filter((each) => each.hiddenFor === 0);

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
        shop.products.map((item) => ({ item, id: item.id, at: item.updatedMs })),
        product,
        given,
      ),
    product: ({ id }: Arguments) => shop.products.filter((each) => each.id === idIn(id)).map(product)[0] ?? null,
    orders: (given: Arguments) => {
      const by = given.sortKey === "UPDATED_AT" ? "updatedMs" : "placedMs";
      const shown = page(
        readable().map((item) => ({ item, id: item.id, at: item[by] })),
        order,
        given,
      );
      for (const each of shop.orders) each.hiddenFor = Math.max(0, each.hiddenFor - 1);
      return shown;
    },
    order: ({ id }: Arguments) =>
      readable()
        .filter((each) => each.id === idIn(id))
        .map(order)[0] ?? null,
    refund: ({ id }: Arguments) =>
      readable()
        .flatMap((each) => each.refunds.filter((one) => one.id === idIn(id)).map(refund(each)))
        .at(0) ?? null,
    shopifyPaymentsAccount: {
      id: gid("ShopifyPaymentsAccount", 1),
      balance: () => [money(shop.balance())],
      payouts: (given: Arguments) =>
        page(
          shop.payouts.map((item) => ({ item, id: item.id, at: item.atMs })),
          payout,
          given,
        ),
      balanceTransactions: (given: Arguments) => {
        const list = shop.rows.filter((item) => given.hideTransfers !== true || item.type !== "TRANSFER");
        return page(
          list.map((item) => ({ item, id: item.id, at: item.atMs })),
          row,
          given,
        );
      },
      disputes: (given: Arguments) =>
        page(
          shop.disputes.map((item) => ({ item, id: item.id, at: item.atMs })),
          dispute,
          given,
          false,
        ),
    },
  };
  return { root };
}
