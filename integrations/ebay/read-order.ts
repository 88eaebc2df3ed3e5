/**
 * Pure: an order as Fulfillment tells it. It says what was sold and what the buyer paid; what it cost to sell it is told by the SALE of
 * the balance (read-balance.ts), fee by fee, so the order itself carries no fees.
 */
import { type OrderFact, type OrderLine, shippedTo } from "../../lib/core/facts";
import { allocate } from "../../lib/core/money";
import type { Account } from "../connector";
import { amountIn, idIn, type Order, type Sold, sum, textOf, whenOf, wrong } from "./shapes";

/** An order that is not paid stays known by its number and wants nothing in the books: no lines, no amounts. */
const unpaid = new Set(["PENDING", "FAILED"]);

export function orderOf(order: Order, account: Account): OrderFact {
  const id = idIn(account, "order", order.orderId);
  const price = priceOf(order, account);
  const common = {
    kind: "order",
    id,
    channel: account.channel,
    when: whenOf(order.creationDate, account),
    number: order.orderId,
    // eBay remits its tax and takes it from nothing that is the seller's; where the seller collects as well, that is what counts here.
    taxBy: price.sellerTax === 0n ? "channel" : "seller",
    fees: [],
    ...deliveredTo(order),
  } as const;
  if (unpaid.has(order.orderPaymentStatus)) return { ...common, lines: [], shipping: 0n, tax: 0n, discount: 0n };
  const lines = order.lineItems.map((line, index): OrderLine => {
    const aspects = (line.variationAspects ?? []).map(({ value }) => value).join(", ");
    const title = textOf(line.title) ?? `eBay item ${line.legacyItemId ?? line.lineItemId}`;
    return {
      id: `${id}/line/${line.lineItemId}`,
      sku: textOf(line.sku),
      name: aspects === "" ? title : `${title}, ${aspects}`,
      listing: listingOf(line),
      qty: BigInt(line.quantity),
      amount: price.lines[index] ?? 0n,
      location: null,
    };
  });
  const tax = price.sellerTax === 0n ? price.ebayTax : price.sellerTax;
  return { ...common, lines, shipping: price.shipping, tax, discount: price.discount };
}

/** Where its packages go; nothing where they go to several places, or where the buyer fetches it or gets it by wire. */
function deliveredTo({ fulfillmentStartInstructions: instructions }: Order): Pick<OrderFact, "shipTo"> {
  const [first, ...others] = (instructions ?? []).map(({ finalDestinationAddress: final, shippingStep }) => {
    const address = final ?? shippingStep?.shipTo?.contactAddress;
    return shippedTo(address?.countryCode, address?.stateOrProvince);
  });
  const isOne = others.every(
    ({ shipTo }) => shipTo?.country === first?.shipTo?.country && shipTo?.region === first?.shipTo?.region,
  );
  return isOne ? (first ?? {}) : {};
}

/** A listing, and the variation of it where it has several. The export files know only the listing. */
function listingOf(line: Order["lineItems"][number]): string | null {
  const variation = textOf(line.legacyVariationId);
  if (line.legacyItemId === undefined) return null;
  return variation === null || variation === "0" ? line.legacyItemId : `${line.legacyItemId}/${variation}`;
}

type Price = Readonly<{
  /** Of each line, before discounts. */
  lines: readonly bigint[];
  shipping: bigint;
  discount: bigint;
  sellerTax: bigint;
  ebayTax: bigint;
  /** What comes to the seller of it, before fees. */
  due: bigint;
}>;

/** What an order is made up of. Throws `unreadable` where the parts do not add up to the total that eBay gives. */
export function priceOf(order: Sold, account: Account): Price {
  const amount = amountIn(account);
  const { pricingSummary: summary, lineItems } = order;
  const costs = lineItems.map((line) => amount(line.lineItemCost));
  const subtotal = amount(summary.priceSubtotal);
  if (sum(costs) !== subtotal) throw wrong(`the lines of order ${order.orderId} do not add up to their sum`);
  const adjustment = amount(summary.adjustment);
  // Discounts are said as negative amounts; what is said as a positive one means the same.
  const less = (said: bigint) => (said < 0n ? -said : said);
  const discount = less(amount(summary.priceDiscount)) + (adjustment < 0n ? -adjustment : 0n);
  const shipping = amount(summary.deliveryCost) - less(amount(summary.deliveryDiscount));
  const goods = subtotal + (adjustment > 0n ? adjustment : 0n);
  const net = goods - discount + shipping;
  const ebayTax = sum(
    lineItems.flatMap((line) => (line.ebayCollectAndRemitTaxes ?? []).map((tax) => amount(tax.amount))),
  );
  const lineTaxes = sum(lineItems.flatMap((line) => (line.taxes ?? []).map((tax) => amount(tax.amount))));
  const stated = amount(summary.tax) + amount(summary.fee);
  const sellerTax = sellerTaxOf(order, { net, ebayTax, lineTaxes, stated }, account);
  if (shipping < 0n || sellerTax < 0n || ebayTax < 0n || discount < 0n || costs.some((cost) => cost < 0n))
    throw wrong(`order ${order.orderId} has a negative amount`);
  // What was agreed on after the sale belongs to the goods, each by what it cost.
  const weights = costs.some((cost) => cost > 0n) ? costs : lineItems.map((line) => BigInt(line.quantity));
  const more = adjustment > 0n ? allocate(adjustment, weights) : costs.map(() => 0n);
  const lines = costs.map((cost, index) => cost + (more[index] ?? 0n));
  return { lines, shipping, discount, sellerTax, ebayTax, due: net + sellerTax };
}

/**
 * The tax that is the seller's to pay. eBay's own stands within the order's tax and total, or beside them; which it is, is seen from the
 * total. So are other charges that eBay takes from the buyer for itself.
 */
function sellerTaxOf(
  order: Sold,
  parts: Readonly<{ net: bigint; ebayTax: bigint; lineTaxes: bigint; stated: bigint }>,
  account: Account,
): bigint {
  const amount = amountIn(account);
  const { net, ebayTax, lineTaxes, stated } = parts;
  const total = amount(order.pricingSummary.total);
  const toEbay = sum(
    order.lineItems.flatMap(({ ebayCollectedCharges: charges }) => [
      amount(charges?.ebayShipping),
      ...(charges?.charges ?? []).map((charge) => amount(charge.amount)),
    ]),
  );
  for (const beside of [0n, toEbay]) {
    // Within: the lines' taxes name it, and so does the order's.
    if (total === net + stated + beside)
      return ebayTax > 0n && stated >= ebayTax && (lineTaxes >= ebayTax || lineTaxes === 0n)
        ? stated - ebayTax
        : stated;
    // Beside: the tax is the seller's alone, and eBay's was added to the total or left out of it.
    if (total === net + stated + ebayTax + beside) return stated;
    if (total === net + beside && stated === ebayTax) return 0n;
  }
  throw wrong(`order ${order.orderId} does not add up to its total`);
}
