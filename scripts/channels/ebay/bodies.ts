/** The shop's state in the shapes that eBay publishes: orders of Fulfillment, transactions and payouts of Finances. */
import type { Fee, Line } from "./goods";
import { grossOf, type Order, type Payout, type Transaction, taxOf } from "./shop";

export const seller = { userId: "lotbook-seller-1", username: "lens.and.strap" } as const;

type Money = Readonly<{ value: string; currency: string }>;
export function money(cents: number): Money {
  const digits = String(Math.abs(cents)).padStart(3, "0");
  const text = `${digits.slice(0, -2)}.${digits.slice(-2)}`.replace(/0$/, "");
  return { value: cents < 0 ? `-${text}` : text, currency: "USD" };
}
const iso = (ms: number): string => new Date(ms).toISOString();
const sumOf = (lines: readonly Line[], of: (line: Line) => number) => lines.reduce((sum, line) => sum + of(line), 0);

/** `isTaxed`: fieldGroups=TAX_BREAKDOWN was asked for, and eBay's tax stands in taxes and totals. */
export function orderBody(order: Order, isTaxed: boolean): unknown {
  const isPaid = order.payment !== "PENDING";
  const goods = sumOf(order.lines, (line) => line.cost);
  const discount = sumOf(order.lines, (line) => line.discount);
  const delivery = sumOf(order.lines, (line) => line.shipping);
  const ebayTax = order.taxBy === "ebay" ? taxOf(order) : 0;
  const shownTax = order.taxBy === "seller" ? taxOf(order) : isTaxed ? ebayTax : 0;
  const total = goods - discount + delivery + shownTax;
  const buyer = `buyer_${String(order.buyer).padStart(3, "0")}`;
  const cancelState = order.isCancelled ? "CANCELED" : "NONE_REQUESTED";
  return {
    orderId: order.id,
    creationDate: iso(order.placedMs),
    lastModifiedDate: iso(order.modifiedMs),
    orderFulfillmentStatus: order.isShipped ? "FULFILLED" : "NOT_STARTED",
    orderPaymentStatus: order.payment,
    sellerId: seller.username,
    buyer: { username: buyer },
    pricingSummary: {
      priceSubtotal: money(goods),
      ...(discount === 0 ? {} : { priceDiscount: money(-discount) }),
      deliveryCost: money(delivery),
      ...(shownTax === 0 ? {} : { tax: money(shownTax) }),
      total: money(total),
    },
    cancelStatus: { cancelState, cancelRequests: [] },
    paymentSummary: {
      totalDueSeller: money(goods - discount + delivery + (order.taxBy === "seller" ? taxOf(order) : 0)),
      payments: [
        {
          paymentMethod: "EBAY",
          amount: money(total),
          paymentStatus: isPaid ? "PAID" : "PENDING",
          ...(isPaid ? { paymentDate: iso(order.placedMs) } : {}),
        },
      ],
      refunds: order.refunds.map((refund) => ({
        refundId: refund.id,
        refundDate: iso(refund.atMs),
        amount: money(refund.cents),
        refundStatus: "REFUNDED",
      })),
    },
    fulfillmentHrefs: [],
    fulfillmentStartInstructions: [
      {
        fulfillmentInstructionsType: "SHIP_TO",
        ebaySupportedFulfillment: false,
        shippingStep: {
          shippingCarrierCode: "USPS",
          shippingServiceCode: "USPSParcel",
          shipTo: {
            fullName: "Ada Example",
            contactAddress: {
              addressLine1: "1 Sample Street",
              city: "Testville",
              stateOrProvince: "CA",
              postalCode: "90000",
              countryCode: "US",
            },
          },
        },
      },
    ],
    lineItems: order.lines.map((line) => lineBody(line, order, isTaxed)),
    ...(ebayTax === 0 ? {} : { ebayCollectAndRemitTax: true }),
    ...(isPaid
      ? {
          totalFeeBasisAmount: money(goods - discount + delivery + taxOf(order)),
          totalMarketplaceFee: money(order.fees.reduce((sum, fee) => sum + fee.cents, 0)),
        }
      : {}),
  };
}

function lineBody(line: Line, order: Order, isTaxed: boolean): unknown {
  const { good } = line;
  const isEbays = order.taxBy === "ebay" && line.tax > 0;
  const tax = { amount: money(line.tax), ...(isTaxed ? { taxType: "STATE_SALES_TAX" } : {}) };
  const shown = order.taxBy === "seller" || isTaxed ? line.tax : 0;
  return {
    lineItemId: line.lineItemId,
    legacyItemId: good.itemId,
    ...(good.variationId === null
      ? {}
      : { legacyVariationId: good.variationId, variationAspects: [{ name: "Length", value: "110 cm" }] }),
    sku: good.sku,
    title: good.title,
    soldFormat: "FIXED_PRICE",
    listingMarketplaceId: "EBAY_US",
    purchaseMarketplaceId: "EBAY_US",
    quantity: line.quantity,
    lineItemFulfillmentStatus: order.isShipped ? "FULFILLED" : "NOT_STARTED",
    lineItemCost: money(line.cost),
    ...(line.discount === 0 ? {} : { discountedLineItemCost: money(line.cost - line.discount) }),
    deliveryCost: { shippingCost: money(line.shipping) },
    appliedPromotions:
      line.discount === 0
        ? []
        : [{ discountAmount: money(line.discount), promotionId: "5000000001", description: "5% off" }],
    taxes: shown === 0 ? [] : [tax],
    ...(isEbays
      ? { ebayCollectAndRemitTaxes: [{ taxType: "STATE_SALES_TAX", amount: money(line.tax), collectionMethod: "NET" }] }
      : {}),
    properties: { buyerProtection: true, soldViaAdCampaign: false },
    refunds: [],
    total: money(line.cost - line.discount + line.shipping + shown),
  };
}

export function transactionBody(one: Transaction, nowMs: number): unknown {
  const lines = [...new Set(one.fees.map((fee) => fee.lineItemId))];
  const feesOf = (lineItemId: string): readonly Fee[] => one.fees.filter((fee) => fee.lineItemId === lineItemId);
  const feeSum = one.fees.reduce((sum, fee) => sum + fee.cents, 0);
  const status =
    one.type === "TRANSFER" && one.payoutId === undefined
      ? "COMPLETED"
      : one.payoutId !== undefined
        ? "PAYOUT"
        : one.availableMs > nowMs
          ? "FUNDS_PROCESSING"
          : "FUNDS_AVAILABLE_FOR_PAYOUT";
  const isOfOrder = one.type === "SALE" || one.type === "REFUND";
  return {
    transactionId: one.id,
    transactionType: one.type,
    transactionStatus: status,
    transactionDate: iso(one.atMs),
    amount: money(one.cents),
    bookingEntry: one.entry,
    ...(one.order === undefined
      ? {}
      : { orderId: one.order.id, buyer: { username: `buyer_${String(one.order.buyer).padStart(3, "0")}` } }),
    ...(one.payoutId === undefined ? {} : { payoutId: one.payoutId }),
    ...(one.feeType === undefined ? {} : { feeType: one.feeType }),
    ...(one.memo === undefined ? {} : { transactionMemo: one.memo }),
    ...(one.order !== undefined && one.type === "NON_SALE_CHARGE"
      ? { references: [{ referenceId: one.order.lines[0]?.good.itemId ?? "", referenceType: "ITEM_ID" }] }
      : {}),
    paymentsEntity: "eBay Commerce Inc.",
    ...(isOfOrder && one.order !== undefined
      ? {
          salesRecordReference: "0",
          totalFeeBasisAmount: money(
            one.type === "SALE" ? grossOf(one.order) + ebayTaxOf(one.order) : one.cents + feeSum,
          ),
          totalFeeAmount: money(feeSum),
          orderLineItems: lines.map((lineItemId) => ({
            lineItemId,
            feeBasisAmount: money(feesOf(lineItemId)[0]?.basis ?? 0),
            marketplaceFees: feesOf(lineItemId).map(({ feeType, cents }) => ({ feeType, amount: money(cents) })),
          })),
        }
      : {}),
  };
}

const ebayTaxOf = (order: Order): number => (order.taxBy === "ebay" ? taxOf(order) : 0);

export function payoutBody(payout: Payout, nowMs: number): unknown {
  const isSent = nowMs - payout.atMs > 86_400_000;
  return {
    payoutId: payout.id,
    payoutStatus: isSent ? "SUCCEEDED" : "INITIATED",
    payoutStatusDescription: isSent ? "Funds sent" : "Preparing to send",
    amount: money(payout.cents),
    payoutDate: iso(payout.atMs),
    payoutMemo: "Usually arrive in 1-3 business days.",
    payoutInstrument: { instrumentType: "BANK", nickname: "Example National Bank", accountLastFourDigits: "0000" },
    transactionCount: payout.count,
  };
}
