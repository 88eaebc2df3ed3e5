/**
 * The door to channels' export files: the readers, in the order in which they are asked, and the pure reading of what they stored.
 */
import { ChannelError } from "../../../lib/core/errors";
import type { Fact } from "../../../lib/core/facts";
import type { Account, RawDocument } from "../../connector";
import { ownCurrency } from "../../reading";
import type { FileReader } from "../reading";
import { interpretAmazonSettlement } from "./amazon-facts";
import { amazonRange, layout as amazonRangeLayout, interpretAmazonRange } from "./amazon-range";
import { layouts as amazonLayouts, amazonSettlement } from "./amazon-settlement";
import { bodyOf, type Interpret } from "./document";
import { interpretEbayTransactions } from "./ebay-facts";
import { ebayOrders, layout as ebayOrdersLayout, interpretEbayOrders } from "./ebay-orders";
import { ebayTransactions, layout as ebayTransactionsLayout } from "./ebay-transactions";
import { etsySoldItems, layouts as etsySoldLayouts, etsySoldOrders, interpretEtsySold } from "./etsy-sold";
import { etsyStatement, layout as etsyStatementLayout, interpretEtsyStatement } from "./etsy-statement";
import { knownChannelFile } from "./known";
import { interpretLedger, type LedgerFile, ledgerReader } from "./ledger";
import { interpretMapped, layout as mappedLayout, mappedSales } from "./mapped";
import { mirakl } from "./mirakl";
import { interpretOrders, type OrdersFile, ordersReader } from "./orders-file";
import { paypalActivity } from "./paypal";
import { depop, mercari, poshmark } from "./resale";
import { interpretShopifyOrders, shopifyOrders, layout as shopifyOrdersLayout } from "./shopify-orders";
import { shopifyPayouts, shopifyTransactions } from "./shopify-payments";
import { squareItems, squareTransactions } from "./square";
import { stripeBalance, stripePayments } from "./stripe";
import { tiktokOrders, tiktokSettlement } from "./tiktok";
import { whatnot } from "./whatnot";
import { wooOrders } from "./woocommerce";

const ledgers: readonly LedgerFile[] = [
  shopifyTransactions,
  shopifyPayouts,
  stripeBalance,
  stripePayments,
  paypalActivity,
  squareTransactions,
  tiktokSettlement,
  whatnot,
  mirakl,
];
const orderFiles: readonly OrdersFile[] = [squareItems, wooOrders, poshmark, mercari, depop, tiktokOrders];

export const channelReaders: readonly FileReader[] = [
  etsyStatement,
  ebayTransactions,
  amazonSettlement,
  amazonRange,
  shopifyOrders,
  etsySoldItems,
  etsySoldOrders,
  ebayOrders,
  ...ledgers.map(ledgerReader),
  ...orderFiles.map(ordersReader),
  knownChannelFile,
  mappedSales,
];

const interpreters = new Map<string, Interpret>([
  [etsyStatementLayout, interpretEtsyStatement],
  [ebayTransactionsLayout, interpretEbayTransactions],
  [ebayOrdersLayout, interpretEbayOrders],
  [shopifyOrdersLayout, interpretShopifyOrders],
  [amazonRangeLayout, interpretAmazonRange],
  [mappedLayout, interpretMapped],
  ...etsySoldLayouts.map((layout): [string, Interpret] => [layout, interpretEtsySold]),
  ...ledgers.map((file): [string, Interpret] => [file.layout, interpretLedger(file)]),
  ...orderFiles.map((file): [string, Interpret] => [file.layout, interpretOrders(file)]),
  ...amazonLayouts.map((layout): [string, Interpret] => [layout, interpretAmazonSettlement]),
]);

/**
 * Pure: the facts of one stored document of feed "file". Throws ChannelError unreadable for a body that no reader made, OtherCurrency
 * for rows in another currency than the account's.
 */
export function readFileDocument(document: RawDocument, account: Account): readonly Fact[] {
  const body = bodyOf(document);
  const interpret = interpreters.get(body.layout);
  if (interpret === undefined) throw new ChannelError("unreadable", `No reader knows the layout “${body.layout}”.`);
  ownCurrency("The file", body.currency, account);
  return interpret(body, document.externalId, account);
}
