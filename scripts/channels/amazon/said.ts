/** The shop in the words of Amazon's models: orders, transactions, balances, stock. */

import { decimal } from "./decimal";
import { centsOf, type Group, type Order, type Part, type Posted, type Product, type Sold } from "./shop";

export type Place = Readonly<{ currency: string; marketplaceId: string; sellerId: string }>;

const iso = (ms: number): string => new Date(ms).toISOString();

/** Places that orders go to, by turns; of the person nothing is said to whoever has no role for it, as Amazon does. */
const places = [
  { city: "Pune", stateOrRegion: "MAHARASHTRA", countryCode: "IN" },
  { city: "Mysuru", stateOrRegion: "KARNATAKA", countryCode: "IN" },
  { city: "Portland", stateOrRegion: "OR", countryCode: "US" },
];
const placeOf = (order: Order) => places[Number(order.id.replace(/\D/g, "").slice(-6)) % places.length];

/** `included`: the sets of data that were asked for. */
export function saidOrder(
  order: Order,
  { currency, marketplaceId }: Place,
  included: readonly string[],
): Record<string, unknown> {
  const money = (cents: number) => ({ amount: decimal(cents), currencyCode: currency });
  const subtotals = (of: readonly Sold[]) => {
    const sum = (pick: (item: Sold) => number) => of.reduce((total, item) => total + pick(item), 0);
    return [
      { type: "ITEM", subtotal: money(sum((item) => item.goods)) },
      { type: "SHIPPING", subtotal: money(sum((item) => item.shipping)) },
      { type: "TAX", subtotal: money(sum((item) => item.tax)) },
      { type: "DISCOUNT", subtotal: money(-sum((item) => item.discount)) },
    ];
  };
  const paidFor = ({ goods, shipping, tax, discount }: Sold) => goods + shipping + tax - discount;
  const isShipped = order.status === "SHIPPED";
  return {
    orderId: order.id,
    createdTime: iso(order.createdMs),
    lastUpdatedTime: iso(order.updatedMs),
    salesChannel: { channelName: "AMAZON", marketplaceId, marketplaceName: "Amazon.com" },
    ...(order.status === "CANCELLED"
      ? {}
      : {
          proceeds: {
            grandTotal: money(order.items.reduce((sum, item) => sum + paidFor(item), 0)),
            breakdowns: subtotals(order.items),
          },
        }),
    fulfillment: { fulfillmentStatus: order.status, fulfilledBy: "AMAZON" },
    ...(included.includes("RECIPIENT") ? { recipient: { deliveryAddress: placeOf(order) } } : {}),
    orderItems: order.items.map((item) => ({
      orderItemId: item.id,
      quantityOrdered: order.status === "CANCELLED" ? 0 : item.qty,
      product: {
        asin: item.product.asin,
        title: item.product.title,
        sellerSku: item.product.sku,
        price: { unitPrice: money(item.product.cents) },
      },
      proceeds: { proceedsTotal: money(paidFor(item)), breakdowns: subtotals([item]) },
      fulfillment: { quantityFulfilled: isShipped ? item.qty : 0, quantityUnfulfilled: isShipped ? 0 : item.qty },
      tax: { taxCollections: [{ model: "MARKETPLACE_FACILITATOR", responsibleParty: "Amazon Services, Inc." }] },
    })),
  };
}

/** Amazon's finances have words of their own for what the settlement calls Principal and ItemFees. */
const tops: Readonly<Record<Group, string>> = {
  price: "ProductCharges",
  shipping: "Shipping",
  tax: "Tax",
  promotion: "PromotionalRebates",
  withheld: "TaxWithheld",
  fee: "AmazonFees",
  other: "",
};
const inside: Partial<Record<Group, string>> = {
  price: "OurPricePrincipal",
  shipping: "ShippingPrincipal",
  tax: "OurPriceTax",
};

export function saidTransaction(
  posted: Posted,
  { currency, marketplaceId, sellerId }: Place,
  settlement: string | null,
) {
  const amount = (cents: number) => ({ currencyAmount: cents / 100, currencyCode: currency });
  const breakdowns = (parts: readonly Part[]) =>
    [...new Set(parts.map(({ group }) => group))].map((group) => {
      const own = parts.filter((part) => part.group === group);
      const sum = own.reduce((total, { cents }) => total + cents, 0);
      return {
        breakdownType: tops[group] || posted.type,
        breakdownAmount: amount(sum),
        breakdowns: own.map(({ name, cents }) => ({
          breakdownType: inside[group] ?? name,
          breakdownAmount: amount(cents),
          breakdowns: [],
        })),
      };
    });
  const goods = posted.items.filter(({ item }) => item !== null);
  const all = posted.items.flatMap(({ parts }) => parts);
  const related = (name: string, value: string) => ({ relatedIdentifierName: name, relatedIdentifierValue: value });
  return {
    sellingPartnerMetadata: { sellingPartnerId: sellerId, accountType: "Standard Orders", marketplaceId },
    relatedIdentifiers: [
      ...(posted.order === null ? [] : [related("ORDER_ID", posted.order)]),
      ...(settlement === null ? [] : [related("SETTLEMENT_ID", settlement)]),
    ],
    transactionType: posted.type,
    transactionId: posted.id,
    transactionStatus: posted.isDeferred ? "DEFERRED" : "RELEASED",
    description: posted.description,
    postedDate: iso(posted.postedMs),
    totalAmount: amount(centsOf(posted)),
    marketplaceDetails: { marketplaceId, marketplaceName: "Amazon.com" },
    items: goods.map(({ item, qty, parts }) => ({
      description: item?.product.title ?? "",
      relatedIdentifiers: [
        { itemRelatedIdentifierName: "ORDER_ADJUSTMENT_ITEM_ID", itemRelatedIdentifierValue: item?.id ?? "" },
      ],
      totalAmount: amount(parts.reduce((sum, { cents }) => sum + cents, 0)),
      breakdowns: breakdowns(parts),
      contexts: [
        {
          contextType: "ProductContext",
          asin: item?.product.asin ?? "",
          sku: item?.product.sku ?? "",
          quantityShipped: qty,
          fulfillmentNetwork: "AFN",
        },
      ],
    })),
    // Sales and expenses gather what the items say; what has no items is broken down here alone.
    breakdowns: [
      { breakdownType: "Sales", is: (cents: number) => cents >= 0 },
      { breakdownType: "Expenses", is: (cents: number) => cents < 0 },
    ].flatMap(({ breakdownType, is }) => {
      const own = breakdowns(all).filter((one) => is(one.breakdownAmount.currencyAmount));
      const cents = own.reduce((sum, one) => sum + Math.round(one.breakdownAmount.currencyAmount * 100), 0);
      return own.length === 0 ? [] : [{ breakdownType, breakdownAmount: amount(cents), breakdowns: own }];
    }),
    contexts: posted.isDeferred ? [{ contextType: "DeferredContext", deferralReason: "B2B" }] : [],
  };
}

export function saidStock(
  product: Product,
  { sellable, unsellable, changedMs }: Readonly<{ sellable: number; unsellable: number; changedMs: number }>,
) {
  return {
    asin: product.asin,
    fnSku: `X${product.asin.slice(2)}`,
    sellerSku: product.sku,
    condition: "NewItem",
    inventoryDetails: {
      fulfillableQuantity: sellable,
      inboundWorkingQuantity: 0,
      inboundShippedQuantity: 0,
      inboundReceivingQuantity: 0,
      reservedQuantity: {
        totalReservedQuantity: 0,
        pendingCustomerOrderQuantity: 0,
        pendingTransshipmentQuantity: 0,
        fcProcessingQuantity: 0,
      },
      unfulfillableQuantity: { totalUnfulfillableQuantity: unsellable },
    },
    lastUpdatedTime: iso(changedMs),
    productName: product.title,
    totalQuantity: sellable + unsellable,
    stores: [],
  };
}
