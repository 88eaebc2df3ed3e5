/**
 * Pure: an order's document as facts. What the document's facts do to the channel's balance together is what Shopify Payments got for
 * the order less what it gave back, so that rows of the balance and books agree: tips, gift cards sold and duties are charges beside the
 * order, and whatever was paid by another way, or not yet, is a charge that takes it out again.
 */
import type { Fact, OrderFact } from "../../lib/core/facts";
import { allocate, share } from "../../lib/core/money";
import type { Account } from "../connector";
import { isDone, type Making, tenderOf } from "./payments";
import { type Kind, refundFacts } from "./read-refunds";
import {
  amountIn,
  type Line,
  type Order,
  orderId,
  sum,
  type Transaction,
  tailOf,
  textOf,
  whenOf,
  wrong,
} from "./shapes";

export function orderFacts(order: Order, account: Account): readonly Fact[] {
  const id = orderId(account, order.name);
  const when = whenOf(order.processedAt, account);
  const common = { kind: "order", id, channel: account.channel, when, number: order.name, fees: [] } as const;
  const payments = order.transactions.filter(
    (each) => isDone(each) && ["SALE", "CAPTURE", "CHANGE"].includes(each.kind),
  );
  // Known by its number, and nothing in the books: a test, and what was given up before it was money.
  if (
    order.test ||
    ["VOIDED", "EXPIRED"].includes(order.displayFinancialStatus ?? "") ||
    (order.cancelledAt !== null && payments.length === 0)
  )
    return [{ ...common, lines: [], shipping: 0n, tax: 0n, taxBy: "seller", discount: 0n }];

  const parts = partsOf(order, account);
  const { goods, tax, taxOfOthers } = parts;
  const fact: OrderFact = {
    ...common,
    lines: goods.flatMap(({ line, key, qty, amount }) =>
      qty === 0n
        ? []
        : [
            {
              id: `${id}/line/${key}`,
              sku: textOf(line.sku),
              name: line.name,
              listing: line.variant === null ? null : tailOf(line.variant.id),
              qty,
              amount,
              location: null,
            },
          ],
    ),
    shipping: parts.shipping,
    tax: parts.isRemitted ? tax : tax - taxOfOthers,
    taxBy: parts.isRemitted ? "channel" : "seller",
    discount: parts.discount,
  };
  const making: Making = {
    account,
    order: id,
    number: order.name,
    when,
    charge: (key, category, type, amount, date = when.on) =>
      amount === 0n
        ? []
        : [
            {
              kind: "charge",
              id: `${account.channel}/charge/${key}`,
              channel: account.channel,
              // A payment that was taken before the order was written down belongs to it all the same.
              date: date < when.on ? when.on : date,
              category,
              type,
              amount,
              order: id,
              memo: `Order ${order.name}`,
            },
          ],
  };
  const of = (key: string) => `order/${order.name.replace(/^#/, "")}/${key}`;
  // A part of the tax that the channel remits beside one that the seller does: in and out again, and both to be seen.
  const mixed = parts.isRemitted ? 0n : taxOfOthers;
  const beside = [
    ...making.charge(of("tip"), "tip", "Tip", parts.tips),
    ...making.charge(of("gift-card"), "gift_card", "Gift card sold", parts.giftCards),
    ...making.charge(of("duties"), "tax_collected", "Duties", parts.duties),
    ...making.charge(of("additional-fees"), "sale", "Additional fees", parts.additionalFees),
    ...making.charge(of("channel-tax"), "tax_collected", "Tax remitted by the channel", mixed),
    ...making.charge(of("channel-tax-remitted"), "tax_remitted", "Tax remitted by the channel", -mixed),
    ...making.charge(of("rest"), "other", "Order", parts.rest),
  ];
  return [fact, ...beside, ...paidBy(order, making, parts.value, taxOfOthers, payments, parts)];
}

/** What was paid by ways that are not the balance, what is still owed, and the refunds. */
function paidBy(
  order: Order,
  making: Making,
  value: bigint,
  taxOfOthers: bigint,
  payments: readonly Transaction[],
  parts: Parts,
): readonly Fact[] {
  const amount = amountIn(making.account);
  const paid = payments.map((payment) => {
    const tender = tenderOf(payment);
    const size = payment.kind === "CHANGE" ? -amount(payment.amountSet) : amount(payment.amountSet);
    return { payment, tender, size };
  });
  let owed = value - sum(paid.map(({ size }) => size));
  // Cash is rounded to the coins that there are: it is still all that the buyer owed.
  const rounding = amount(order.totalCashRoundingAdjustment.paymentSet);
  const rounded = owed === rounding || owed === -rounding ? owed : 0n;
  owed -= rounded;
  // Another channel that took the money also kept the tax that it remits; Shopify's own part is a row of the balance.
  let kept = paid.some(({ tender }) => tender === "held") ? 0n : taxOfOthers;
  let cash = rounded;
  const away = paid.flatMap(({ payment, tender, size }) => {
    if (tender === "held") return [];
    const less = tender === "elsewhere" && size > 0n ? (kept < size ? kept : size) : 0n;
    kept -= less;
    const more = tender === "elsewhere" ? cash : 0n;
    cash -= more;
    const date = payment.processedAt === null ? making.when.on : whenOf(payment.processedAt, making.account).on;
    const type = payment.gateway ?? "unknown";
    return making.charge(`transaction/${tailOf(payment.id)}`, tender, type, -(size - less + more), date);
  });
  const refunds = refundFacts(order, making, {
    kinds: parts.kinds,
    isRemitted: parts.isRemitted,
    isMixed: !parts.isRemitted && taxOfOthers !== 0n,
    owed,
  });
  const rest = owed - refunds.owedLess;
  const key = `order/${order.name.replace(/^#/, "")}`;
  return [
    ...away,
    ...refunds.facts,
    // Due, and no channel's money: it is taken out until it is paid, and then by whom is known.
    ...(rest > 0n ? making.charge(`${key}/unpaid`, "elsewhere", "Not paid yet", -rest) : []),
    ...(rest < 0n ? making.charge(`${key}/overpaid`, "other", "Paid too much", -rest) : []),
  ];
}

type Sold = Readonly<{ line: Line; key: number; qty: bigint; amount: bigint; discount: bigint }>;
type Parts = Readonly<{
  goods: readonly Sold[];
  kinds: ReadonlyMap<string, Kind>;
  shipping: bigint;
  discount: bigint;
  tips: bigint;
  giftCards: bigint;
  duties: bigint;
  additionalFees: bigint;
  /** All of it, and that part which the channel owes and not the seller. */
  tax: bigint;
  taxOfOthers: bigint;
  /** Whether the channel owes all of the tax. */
  isRemitted: boolean;
  /** What the parts leave of the total. */
  rest: bigint;
  /** All of the above together: what the buyer has to pay, before anything is given back. */
  value: bigint;
}>;

function partsOf(order: Order, account: Account): Parts {
  const amount = amountIn(account);
  const tipsTold = amount(order.totalTipReceivedSet);
  const looksLikeTip = (line: Line) => line.variant === null && /^(tip|gratuity)$/i.test(line.title.trim());
  const tipLines = order.lineItems.filter(looksLikeTip);
  // Shopify lists tips among the lines, by name alone; they are tips where they come to what it says was tipped.
  const areTips = tipsTold !== 0n && sum(tipLines.map((line) => amount(line.originalTotalSet))) === tipsTold;
  const kindOf = (line: Line): Kind =>
    line.isGiftCard ? "gift card" : areTips && looksLikeTip(line) ? "tip" : "goods";

  const back = new Map<string, number>();
  for (const refund of order.refunds)
    for (const each of refund.refundLineItems)
      back.set(each.lineItem.id, (back.get(each.lineItem.id) ?? 0) + each.quantity);
  const kinds = new Map<string, Kind>();
  const sold = order.lineItems.map((line) => {
    kinds.set(line.id, kindOf(line));
    // What an edit took out of the order, and no refund speaks of, was never sold.
    const gone = Math.max(0, line.quantity - line.currentQuantity - (back.get(line.id) ?? 0));
    const [qty, all] = [BigInt(line.quantity - gone), BigInt(line.quantity)];
    const of = (total: bigint) => (all === 0n ? 0n : share(total, qty, all));
    return {
      line,
      kind: kindOf(line),
      qty,
      amount: of(amount(line.originalTotalSet)),
      discount: of(sum(line.discountAllocations.map((each) => amount(each.allocatedAmountSet)))),
      tax: of(sum(line.taxLines.map((each) => amount(each.priceSet)))),
    };
  });
  const shippingGross = sum(order.shippingLines.map((each) => amount(each.discountedPriceSet)));
  const shippingTax = sum(order.shippingLines.flatMap((each) => each.taxLines.map((tax) => amount(tax.priceSet))));
  const tax = order.totalTaxSet === null ? 0n : amount(order.totalTaxSet);
  const all = sold.filter(({ kind }) => kind === "goods");
  if (shippingGross < 0n || tax < 0n || sold.some((each) => each.amount < 0n || each.discount < 0n))
    throw wrong(`order ${order.name} has a negative amount`);

  const within = !order.taxesIncluded ? [] : taxesWithin(tax, all, shippingGross, shippingTax);
  const goods = all.map(({ line, qty, amount: gross, discount }, index) => ({
    line,
    key: index + 1,
    qty,
    amount: gross - (within[index] ?? 0n),
    discount,
  }));
  const shipping = shippingGross - (within[all.length] ?? 0n);
  const discount = sum(goods.map((each) => each.discount));
  const giftCards = sum(sold.filter(({ kind }) => kind === "gift card").map((each) => each.amount - each.discount));
  const duties =
    order.dutiesIncluded || order.originalTotalDutiesSet === null ? 0n : amount(order.originalTotalDutiesSet);
  const additionalFees =
    order.originalTotalAdditionalFeesSet === null ? 0n : amount(order.originalTotalAdditionalFeesSet);
  const known =
    sum(goods.map((each) => each.amount)) - discount + shipping + tax + tipsTold + giftCards + duties + additionalFees;
  const total = amount(order.totalPriceSet);
  const unpaidBack = sum(
    order.refunds
      .filter((refund) => !refund.transactions.nodes.some(isDone))
      .flatMap((refund) => refund.refundLineItems)
      .map((each) => amount(each.subtotalSet) + (order.taxesIncluded ? 0n : amount(each.totalTaxSet))),
  );
  // A total may leave out what was taken out of the order again without money; that is told by its refund.
  const rest = total - known === -unpaidBack ? 0n : total - known;
  const liable = order.taxLines.filter((line) => line.channelLiable === true);
  const isRemitted = liable.length > 0 && liable.length === order.taxLines.length;
  const taxOfOthers = isRemitted ? tax : sum(liable.map((line) => amount(line.priceSet)));
  return {
    goods,
    kinds,
    shipping,
    discount,
    tips: tipsTold,
    giftCards,
    duties,
    additionalFees,
    tax,
    taxOfOthers,
    isRemitted,
    rest,
    value: known + rest,
  };
}

/** Tax that is within the prices, by line, shipping's last: as Shopify says it, or shared out where that does not come to the whole. */
function taxesWithin(
  tax: bigint,
  lines: readonly Readonly<{ amount: bigint; tax: bigint }>[],
  shipping: bigint,
  shippingTax: bigint,
): readonly bigint[] {
  const told = [...lines.map((line) => line.tax), shippingTax];
  if (sum(told) === tax && told.every((part) => part >= 0n)) return told;
  const values = [...lines.map((line) => line.amount), shipping];
  return sum(values) > 0n ? allocate(tax, values) : values.map(() => 0n);
}
