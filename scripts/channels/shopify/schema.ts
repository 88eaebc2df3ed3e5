/**
 * The part of Shopify's Admin API (2026-10) that the local shop has, written down for it; tests hold every type, field and argument of it
 * against the schema that Shopify publishes. A query is validated against it and executed over it, so an answer cannot have another shape.
 */
import { buildSchema, type GraphQLSchema } from "graphql";

const scalars = ["DateTime", "Decimal", "BigInt", "UnsignedInt64", "URL"];
const enums = `
enum CurrencyCode { USD EUR GBP JPY CAD }
enum OrderSortKeys { PROCESSED_AT UPDATED_AT CREATED_AT }
enum ProductSortKeys { UPDATED_AT CREATED_AT }
enum PayoutSortKeys { ISSUED_AT }
enum BalanceTransactionSortKeys { PROCESSED_AT }
enum OrderDisplayFinancialStatus { AUTHORIZED EXPIRED PAID PARTIALLY_PAID PARTIALLY_REFUNDED PENDING REFUNDED VOIDED }
enum OrderTransactionKind { AUTHORIZATION CAPTURE CHANGE EMV_AUTHORIZATION REFUND SALE SUGGESTED_REFUND VOID }
enum OrderTransactionStatus { AWAITING_RESPONSE ERROR FAILURE PENDING SUCCESS UNKNOWN }
enum RefundLineItemRestockType { CANCEL LEGACY_RESTOCK NO_RESTOCK RETURN }
enum ShopifyPaymentsPayoutStatus { CANCELED FAILED IN_TRANSIT PAID SCHEDULED }
enum ShopifyPaymentsPayoutTransactionType { DEPOSIT WITHDRAWAL }
enum ShopifyPaymentsBalanceTransactionPayoutStatus { ACTION_REQUIRED CANCELED FAILED IN_TRANSIT PAID PENDING SCHEDULED }
enum ShopifyPaymentsSourceType { ADJUSTMENT ADJUSTMENT_REVERSAL CHARGE DISPUTE REFUND SYSTEM_ADJUSTMENT TRANSFER }
enum ShopifyPaymentsTransactionType {
  ANOMALY_DEBIT CHARGE CHARGEBACK_FEE CHARGEBACK_FEE_REFUND DISPUTE_REVERSAL DISPUTE_WITHDRAWAL REFUND RESERVED_FUNDS
  RESERVED_FUNDS_REVERSAL SHIPPING_LABEL SHOP_CASH_CAMPAIGN_BILLING_DEBIT SHOP_CASH_CREDIT TAX_ADJUSTMENT_CREDIT
  TAX_ADJUSTMENT_DEBIT TRANSFER TRANSFER_FAILURE
}
enum ShopifyPaymentsDisputeReason { FRAUDULENT PRODUCT_NOT_RECEIVED }
enum DisputeStatus { ACCEPTED CHARGE_REFUNDED LOST NEEDS_RESPONSE PREVENTED UNDER_REVIEW WON }
enum DisputeType { CHARGEBACK INQUIRY }
enum CountPrecision { AT_LEAST EXACT }
enum BulkOperationStatus { CANCELED CANCELING COMPLETED CREATED EXPIRED FAILED RUNNING }
enum BulkOperationErrorCode { ACCESS_DENIED INTERNAL_SERVER_ERROR TIMEOUT }
enum BulkOperationUserErrorCode { INVALID LIMIT_REACHED OPERATION_IN_PROGRESS }
enum BulkOperationType { MUTATION QUERY }
enum BulkOperationsSortKeys { COMPLETED_AT CREATED_AT }
`;
const types = `
type PageInfo { hasNextPage: Boolean! endCursor: String }
type MoneyV2 { amount: Decimal! currencyCode: CurrencyCode! }
type MoneyBag { shopMoney: MoneyV2! presentmentMoney: MoneyV2! }
type TaxLine { title: String! channelLiable: Boolean priceSet: MoneyBag! }
type DiscountAllocation { allocatedAmountSet: MoneyBag! }
type CashRoundingAdjustment { paymentSet: MoneyBag! refundSet: MoneyBag! }
type Shop { id: ID! name: String! myshopifyDomain: String! currencyCode: CurrencyCode! ianaTimezone: String! }
type ProductVariant { id: ID! title: String! sku: String }
type ProductVariantConnection { nodes: [ProductVariant!]! pageInfo: PageInfo! }
type Product { id: ID! title: String! updatedAt: DateTime! variants(first: Int, after: String): ProductVariantConnection! }
type ProductConnection { nodes: [Product!]! pageInfo: PageInfo! }
type LineItem {
  id: ID! name: String! title: String! variantTitle: String sku: String quantity: Int! currentQuantity: Int! isGiftCard: Boolean!
  variant: ProductVariant originalTotalSet: MoneyBag! discountAllocations: [DiscountAllocation!]! taxLines: [TaxLine!]!
}
type LineItemEdge { cursor: String! node: LineItem! }
type LineItemConnection { edges: [LineItemEdge!]! nodes: [LineItem!]! pageInfo: PageInfo! }
type ShippingLine { title: String! isRemoved: Boolean! discountedPriceSet: MoneyBag! taxLines: [TaxLine!]! }
type ShippingLineEdge { cursor: String! node: ShippingLine! }
type ShippingLineConnection { edges: [ShippingLineEdge!]! nodes: [ShippingLine!]! pageInfo: PageInfo! }
type OrderTransaction {
  id: ID! kind: OrderTransactionKind! status: OrderTransactionStatus! gateway: String test: Boolean! processedAt: DateTime
  amountSet: MoneyBag!
}
type OrderTransactionConnection { nodes: [OrderTransaction!]! pageInfo: PageInfo! }
type RefundLineItem {
  id: ID quantity: Int! restockType: RefundLineItemRestockType! restocked: Boolean! lineItem: LineItem! subtotalSet: MoneyBag!
  totalTaxSet: MoneyBag!
}
type RefundLineItemConnection { nodes: [RefundLineItem!]! pageInfo: PageInfo! }
type RefundShippingLine { id: ID! subtotalAmountSet: MoneyBag! taxAmountSet: MoneyBag! }
type RefundShippingLineConnection { nodes: [RefundShippingLine!]! pageInfo: PageInfo! }
type Refund {
  id: ID! createdAt: DateTime processedAt: DateTime!
  refundShippingLines(first: Int): RefundShippingLineConnection!
  transactions(first: Int): OrderTransactionConnection!
  refundLineItems(first: Int, after: String): RefundLineItemConnection!
}
type Order {
  id: ID! name: String! test: Boolean! processedAt: DateTime! createdAt: DateTime! updatedAt: DateTime! cancelledAt: DateTime
  displayFinancialStatus: OrderDisplayFinancialStatus taxesIncluded: Boolean! dutiesIncluded: Boolean!
  totalPriceSet: MoneyBag! totalTaxSet: MoneyBag totalTipReceivedSet: MoneyBag! originalTotalDutiesSet: MoneyBag
  originalTotalAdditionalFeesSet: MoneyBag totalCashRoundingAdjustment: CashRoundingAdjustment! taxLines: [TaxLine!]!
  shippingLines(first: Int, includeRemovals: Boolean): ShippingLineConnection!
  transactions(first: Int): [OrderTransaction!]!
  refunds(first: Int): [Refund!]!
  lineItems(first: Int, after: String): LineItemConnection!
}
type OrderEdge { cursor: String! node: Order! }
type OrderConnection { edges: [OrderEdge!]! nodes: [Order!]! pageInfo: PageInfo! }
type Count { count: Int! precision: CountPrecision! }
type BulkOperation {
  id: ID! status: BulkOperationStatus! errorCode: BulkOperationErrorCode type: BulkOperationType! query: String!
  createdAt: DateTime! completedAt: DateTime objectCount: UnsignedInt64! rootObjectCount: UnsignedInt64! fileSize: UnsignedInt64
  url: URL partialDataUrl: URL
}
type BulkOperationConnection { nodes: [BulkOperation!]! pageInfo: PageInfo! }
type BulkOperationUserError { code: BulkOperationUserErrorCode field: [String!] message: String! }
type BulkOperationRunQueryPayload { bulkOperation: BulkOperation userErrors: [BulkOperationUserError!]! }
type ShopifyPaymentsPayout {
  id: ID! issuedAt: DateTime! status: ShopifyPaymentsPayoutStatus! transactionType: ShopifyPaymentsPayoutTransactionType! net: MoneyV2!
}
type ShopifyPaymentsPayoutConnection { nodes: [ShopifyPaymentsPayout!]! pageInfo: PageInfo! }
type ShopifyPaymentsAssociatedOrder { id: ID! name: String! }
type ShopifyPaymentsBalanceTransactionAssociatedPayout { id: ID status: ShopifyPaymentsBalanceTransactionPayoutStatus }
type ShopifyPaymentsBalanceTransaction {
  id: ID! type: ShopifyPaymentsTransactionType! test: Boolean! transactionDate: DateTime! sourceType: ShopifyPaymentsSourceType
  sourceId: BigInt sourceOrderTransactionId: BigInt adjustmentReason: String amount: MoneyV2! fee: MoneyV2! net: MoneyV2!
  associatedOrder: ShopifyPaymentsAssociatedOrder associatedPayout: ShopifyPaymentsBalanceTransactionAssociatedPayout!
}
type ShopifyPaymentsBalanceTransactionConnection { nodes: [ShopifyPaymentsBalanceTransaction!]! pageInfo: PageInfo! }
type ShopifyPaymentsDisputeReasonDetails { reason: ShopifyPaymentsDisputeReason! }
type ShopifyPaymentsDispute {
  id: ID! type: DisputeType! status: DisputeStatus! initiatedAt: DateTime! finalizedOn: DateTime amount: MoneyV2!
  reasonDetails: ShopifyPaymentsDisputeReasonDetails! order: Order
}
type ShopifyPaymentsDisputeConnection { nodes: [ShopifyPaymentsDispute!]! pageInfo: PageInfo! }
type ShopifyPaymentsAccount {
  id: ID! balance: [MoneyV2!]!
  payouts(first: Int, after: String, query: String, sortKey: PayoutSortKeys, reverse: Boolean): ShopifyPaymentsPayoutConnection!
  balanceTransactions(
    first: Int, after: String, query: String, sortKey: BalanceTransactionSortKeys, reverse: Boolean, hideTransfers: Boolean
  ): ShopifyPaymentsBalanceTransactionConnection!
  disputes(first: Int, after: String, query: String): ShopifyPaymentsDisputeConnection!
}
type QueryRoot {
  shop: Shop!
  products(first: Int, after: String, query: String, sortKey: ProductSortKeys, reverse: Boolean): ProductConnection!
  product(id: ID!): Product
  orders(first: Int, after: String, query: String, sortKey: OrderSortKeys, reverse: Boolean): OrderConnection!
  ordersCount(query: String, limit: Int): Count
  order(id: ID!): Order
  refund(id: ID!): Refund
  shopifyPaymentsAccount: ShopifyPaymentsAccount
  bulkOperation(id: ID!): BulkOperation
  bulkOperations(first: Int, after: String, query: String, sortKey: BulkOperationsSortKeys, reverse: Boolean): BulkOperationConnection!
}
type Mutation { bulkOperationRunQuery(query: String!, groupObjects: Boolean! = false): BulkOperationRunQueryPayload }
schema { query: QueryRoot mutation: Mutation }
`;

export const localSchema: GraphQLSchema = buildSchema(
  [...scalars.map((name) => `scalar ${name}`), enums, types].join("\n"),
);
