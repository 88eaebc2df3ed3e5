/**
 * All that is asked of Shopify, in GraphQL (Admin API 2026-10). Nothing of a buyer is asked for: no name, no address, no e-mail. A
 * query may cost 1,000 points at most, by what it could give; so a page takes few lines of each order and which refunds there are,
 * and what an order has beyond that is asked for by itself.
 */

const amounts = `shopMoney { amount currencyCode }`;
const money = `fragment Money on MoneyBag { ${amounts} }`;
const ofLine = `
  id name title variantTitle sku quantity currentQuantity isGiftCard
  variant { id }
  originalTotalSet { ...Money }
  discountAllocations { allocatedAmountSet { ...Money } }
  taxLines { priceSet { ...Money } }`;
const line = `
fragment Line on LineItem {${ofLine}
}`;
const ofShippingLine = `
  title isRemoved
  discountedPriceSet { ...Money }
  taxLines { priceSet { ...Money } }`;
const shippingLine = `
fragment Shipping on ShippingLine {${ofShippingLine}
}`;
const ofTransaction = `
  id kind status gateway test processedAt
  amountSet { ...Money }`;
const transaction = `
fragment Transaction on OrderTransaction {${ofTransaction}
}`;
/** What an order says of itself, without what hangs on it. */
const ofOrder = `
      id name test processedAt updatedAt cancelledAt displayFinancialStatus taxesIncluded dutiesIncluded
      totalPriceSet { ...Money }
      totalTaxSet { ...Money }
      totalTipReceivedSet { ...Money }
      originalTotalDutiesSet { ...Money }
      originalTotalAdditionalFeesSet { ...Money }
      totalCashRoundingAdjustment { paymentSet { ...Money } }
      taxLines { title channelLiable priceSet { ...Money } }`;
const variant = `fragment Variant on ProductVariant { id title sku }`;

/** How many of each are asked for with the order itself. Where as many come, there may be more. */
export const transactionsInPage = 4;
export const refundsInPage = 3;

export const queries = {
  shop: `query LotbookShop { shop { name myshopifyDomain currencyCode } }`,

  products: `${variant}
query LotbookProducts($first: Int!, $after: String, $filter: String, $sortKey: ProductSortKeys!, $reverse: Boolean!) {
  products(first: $first, after: $after, query: $filter, sortKey: $sortKey, reverse: $reverse) {
    nodes { id title updatedAt variants(first: 10) { nodes { ...Variant } pageInfo { hasNextPage endCursor } } }
    pageInfo { hasNextPage endCursor }
  }
}`,
  variants: `${variant}
query LotbookVariants($id: ID!, $after: String) {
  product(id: $id) { variants(first: 100, after: $after) { nodes { ...Variant } pageInfo { hasNextPage endCursor } } }
}`,

  ordersCount: `query LotbookOrdersCount($filter: String) { ordersCount(query: $filter, limit: null) { count precision } }`,
  orders: `${money}${line}${shippingLine}${transaction}
query LotbookOrders($first: Int!, $after: String, $filter: String, $sortKey: OrderSortKeys!, $reverse: Boolean!) {
  orders(first: $first, after: $after, query: $filter, sortKey: $sortKey, reverse: $reverse) {
    nodes {${ofOrder}
      shippingLines(first: 1, includeRemovals: false) { nodes { ...Shipping } pageInfo { hasNextPage } }
      transactions(first: ${transactionsInPage}) { ...Transaction }
      refunds(first: ${refundsInPage}) { id }
      lineItems(first: 3) { nodes { ...Line } pageInfo { hasNextPage endCursor } }
    }
    pageInfo { hasNextPage endCursor }
  }
}`,
  lines: `${money}${line}
query LotbookLines($id: ID!, $after: String) {
  order(id: $id) { lineItems(first: 20, after: $after) { nodes { ...Line } pageInfo { hasNextPage endCursor } } }
}`,
  transactions: `${money}${transaction}
query LotbookTransactions($id: ID!) { order(id: $id) { transactions(first: 200) { ...Transaction } } }`,
  shippingLines: `${money}${shippingLine}
query LotbookShippingLines($id: ID!) {
  order(id: $id) { shippingLines(first: 50, includeRemovals: false) { nodes { ...Shipping } pageInfo { hasNextPage } } }
}`,
  refundsOf: `query LotbookRefundsOf($id: ID!) { order(id: $id) { refunds(first: 250) { id } } }`,
  refund: `${money}${transaction}
query LotbookRefund($id: ID!, $after: String) {
  refund(id: $id) {
    id createdAt processedAt
    refundShippingLines(first: 10) { nodes { subtotalAmountSet { ...Money } taxAmountSet { ...Money } } }
    transactions(first: 20) { nodes { ...Transaction } }
    refundLineItems(first: 10, after: $after) {
      nodes {
        id quantity restockType restocked
        lineItem { id }
        subtotalSet { ...Money }
        totalTaxSet { ...Money }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}`,

  runBulk: `
mutation LotbookRunBulk($query: String!) {
  bulkOperationRunQuery(query: $query, groupObjects: true) {
    bulkOperation { id status }
    userErrors { code field message }
  }
}`,
  bulk: `
query LotbookBulk($id: ID!) {
  bulkOperation(id: $id) { id status errorCode objectCount rootObjectCount fileSize url }
}`,
  recentBulks: `
query LotbookRecentBulks {
  bulkOperations(first: 10, sortKey: CREATED_AT, reverse: true, query: "operation_type:query") {
    nodes { id status createdAt query }
  }
}`,

  payouts: `
query LotbookPayouts($first: Int!, $after: String, $filter: String, $sortKey: PayoutSortKeys!, $reverse: Boolean!) {
  shopifyPaymentsAccount {
    payouts(first: $first, after: $after, query: $filter, sortKey: $sortKey, reverse: $reverse) {
      nodes { id issuedAt status transactionType net { amount currencyCode } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`,
  balance: `
query LotbookBalance($first: Int!, $after: String, $filter: String, $sortKey: BalanceTransactionSortKeys!, $reverse: Boolean!) {
  shopifyPaymentsAccount {
    balanceTransactions(first: $first, after: $after, query: $filter, sortKey: $sortKey, reverse: $reverse, hideTransfers: false) {
      nodes {
        id type test transactionDate sourceType sourceId sourceOrderTransactionId adjustmentReason
        amount { amount currencyCode }
        fee { amount currencyCode }
        net { amount currencyCode }
        associatedOrder { id name }
        associatedPayout { id status }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}`,
  disputes: `
query LotbookDisputes($first: Int!, $after: String, $filter: String) {
  shopifyPaymentsAccount {
    disputes(first: $first, after: $after, query: $filter) {
      nodes {
        id type status initiatedAt finalizedOn
        amount { amount currencyCode }
        reasonDetails { reason }
        order { id name }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}`,
} as const;

/**
 * The query of a bulk operation for all orders that a filter leaves. Fragments are written out and connections asked for by `edges`, as
 * bulk operations want it. Of refunds only which there are: their lines are a connection within a list, which no bulk operation gives.
 * The order of the file is left to Shopify: it is read to its end before anything of it is understood.
 */
export function bulkOrders(filter: string | null): string {
  const given = filter === null ? "" : `(query: ${JSON.stringify(filter)})`;
  const query = `{
  orders${given} {
    edges { node {${ofOrder}
      transactions(first: 200) {${ofTransaction} }
      refunds(first: 250) { id }
      shippingLines(includeRemovals: false) { edges { node { __typename${ofShippingLine} } } }
      lineItems { edges { node { __typename${ofLine} } } }
    } }
  }
}`;
  return query.replaceAll("...Money", amounts);
}
