/**
 * Pure: what a document of Shopify's says, in our words. Three documents speak of the same money, and each is believed for its part:
 *
 * - the order says what was sold, given back, tipped, and by which ways it was paid; what came by another way than Shopify Payments
 *   (PayPal, cash, a gift card) is taken out again, so that an order does to the channel's balance what Shopify Payments got for it;
 * - a row of the balance is the evidence of that, or a charge of its own where no order speaks of it; the fee within it is always one;
 * - a payout says what went to the bank.
 *
 * Disputes post nothing: what is withdrawn and given back are rows of the balance.
 */
import { ChannelError, Refusal } from "../../lib/core/errors";
import type { Fact } from "../../lib/core/facts";
import type { Account, Listed, RawDocument } from "../connector";
import { payoutFacts, rowFacts } from "./read-balance";
import { orderFacts } from "./read-order";
import { BalanceTransaction, Dispute, Order, Payout, Product, shaped, tailOf, textOf } from "./shapes";

/** What one stored document says. Throws ChannelError `unreadable` for another shape, another currency or what cannot be. */
export function read(document: RawDocument, account: Account): readonly Fact[] {
  try {
    return factsOf(document, account);
  } catch (error) {
    // A number or a time that our own rules refuse is, here, the channel's.
    if (error instanceof Refusal)
      throw new ChannelError("unreadable", `Shopify: ${document.feed} ${document.externalId}: ${error.message}`);
    throw error;
  }
}

function factsOf(document: RawDocument, account: Account): readonly Fact[] {
  switch (document.feed) {
    case "orders":
      return orderFacts(shaped(Order, document), account);
    case "balance":
      return rowFacts(shaped(BalanceTransaction, document), account);
    case "payouts":
      return payoutFacts(shaped(Payout, document), account);
    case "products":
      // A listing is no item yet: what was never bought or sold has no place in the books. See `productsOf`.
      shaped(Product, document);
      return [];
    case "disputes":
      shaped(Dispute, document);
      return [];
    case "refunds":
    case "stock":
    case "file":
      throw new ChannelError("unreadable", `Shopify gives no ${document.feed} of their own`);
  }
}

/** What a document of the feed "products" lists, one for each variant, named as order lines name it. */
export function productsOf(document: RawDocument): readonly Listed[] {
  if (document.feed !== "products") return [];
  const product = shaped(Product, document);
  return product.variants.map(({ id, sku, title }) => ({
    listing: tailOf(id),
    sku: textOf(sku),
    // The only variant of a product without options is called so.
    name: title === "Default Title" ? product.title : `${product.title} - ${title}`,
  }));
}
