/**
 * Pure: what a document of a WooCommerce shop says, in our words. The shop sells and holds no money: what a buyer paid lies with the
 * gateway that took it (Stripe, PayPal, a bank, a till). So each order's money is told twice: once as the order, once as a charge
 * "elsewhere" of the same amount, with the gateway as its type; refunds likewise. What the shop holds is therefore nothing, and what the
 * gateway holds comes from the gateway's own channel. Its fees do too: what a plug-in notes of them in the order's metadata is left alone.
 */
import type { z } from "zod";
import {
  type Fact,
  factKey,
  type OrderFact,
  partsBack,
  type ReturnFact,
  type ReturnLine,
  shippedTo,
} from "../../lib/core/facts";
import { decimalsOf, parseMinor } from "../../lib/core/money";
import type { Account, Listed, RawDocument } from "../connector";
import { chargedRow, ownCurrency, reading, rowIn, shaped, unreadable, whenAt } from "../reading";
import { type Order, OrderDocument, ProductDocument, type Refund, refundedLine } from "./shapes";
import { plainText, textOf } from "./text";

const name = "WooCommerce";

/** What one stored document says. Throws ChannelError `unreadable` for what has another shape or is in another currency. */
export function read(document: RawDocument, account: Account): readonly Fact[] {
  switch (document.feed) {
    case "orders":
      return reading(name, document, () => orderFacts(shaped(name, OrderDocument, document), account));
    case "products":
      // A listing is no item yet. See `productsOf`.
      shaped(name, ProductDocument, document);
      return [];
    default:
      throw unreadable(name, `there is no ${document.feed}`);
  }
}

/** What a document of the feed "products" lists: the product, or each of its variations, named as order lines name them. */
export function productsOf(document: RawDocument): readonly Listed[] {
  if (document.feed !== "products") return [];
  const { product, variations } = shaped(name, ProductDocument, document);
  const title = plainText(product.name);
  if (variations.length === 0) return [{ listing: String(product.id), sku: textOf(product.sku), name: title }];
  return variations.map((variation) => ({
    listing: String(variation.id),
    sku: textOf(variation.sku) ?? textOf(product.sku),
    name: [title, ...variation.attributes.map(({ option }) => plainText(option))].join(", "),
  }));
}

/** Statuses that alone say that nothing was sold, or not yet. Others, a plug-in's own among them, say that it was. */
const unsold = ["pending", "on-hold", "failed", "cancelled", "trash", "checkout-draft", "auto-draft", "draft"];
/** Of these, the ones in which money that was paid once is not taken for a sale any more. */
const takenBack = ["cancelled", "trash"];

/**
 * Whether an order is in the books. Paid is what has a time of payment, or a status that only a paid order has. An order that was paid
 * and later cancelled or thrown away wants nothing, unless it was refunded: then both, the money that came and that went, are told.
 */
function isSold(order: Order): boolean {
  if (order.refunds.length > 0 && order.date_paid_gmt !== null) return true;
  if (!unsold.includes(order.status)) return true;
  return order.date_paid_gmt !== null && !takenBack.includes(order.status);
}

function orderFacts({ order, refunds }: z.infer<typeof OrderDocument>, account: Account): readonly Fact[] {
  ownCurrency(name, order.currency, account);
  // Asked for with the decimals of the books' currency: one with more of them comes rounded by the shop, which nobody may book.
  if ((order.total.split(".")[1] ?? "").length < decimalsOf(account.currency))
    throw unreadable(name, `order ${order.id} comes with fewer decimals than ${account.currency} has`);
  const sold = orderOf(order, account);
  const id = sold.fact.id;
  const paidOn = whenAt(`${order.date_paid_gmt ?? order.date_created_gmt}Z`, account);
  const gateway = textOf(order.payment_method) ?? "manual";
  const title = plainText(order.payment_method_title);
  const paidBy = [title, textOf(order.transaction_id)].filter((part) => part !== null && part !== "").join(", ");
  const payment = {
    id: `order/${order.id}/payment`,
    date: paidOn.on,
    category: "elsewhere" as const,
    type: gateway,
    order: id,
    memo: `Order ${order.number}${paidBy === "" ? "" : `: ${paidBy}`}`,
  };
  if (!isSold(order)) {
    // An order fact without lines takes back the order, but a charge cannot become nothing: a second one takes back the first.
    const wasSold = order.date_paid_gmt !== null && sold.total !== 0n;
    const pair = wasSold
      ? [
          ...chargedRow(account, { ...payment, amount: -sold.total }, paidOn, null),
          ...chargedRow(account, { ...payment, id: `${payment.id}/undone`, amount: sold.total }, paidOn, null),
        ]
      : [];
    return [{ ...sold.fact, lines: [], shipping: 0n, tax: 0n, discount: 0n, fees: [] }, ...pair];
  }
  const { when } = sold.fact;
  const row = { id: `order/${order.id}`, when, type: "order", amount: sold.effect, payout: null, memo: "" };
  return [
    sold.fact,
    ...rowIn(account, row, sold.fact),
    ...sold.extra.flatMap((charge) => chargedRow(account, { ...charge, date: when.on, order: id }, when, null)),
    ...chargedRow(account, { ...payment, amount: -sold.total }, paidOn, null),
    ...refunds.flatMap((refund) => refundFacts(refund, { order, fact: sold.fact, gateway, title }, account)),
  ];
}

type Extra = Readonly<{ id: string; category: "sale" | "other"; type: string; amount: bigint; memo: string }>;
type Sold = Readonly<{ fact: OrderFact; total: bigint; effect: bigint; extra: readonly Extra[] }>;

function orderOf(order: Order, account: Account): Sold {
  const amount = amountIn(account);
  const id = `${account.channel}/order/${order.id}`;
  const total = amount(order.total);
  const items = order.line_items.map((item) => {
    const [before, after] = [amount(item.subtotal), amount(item.total)];
    // A price that was raised by hand has a total above its subtotal, and no discount.
    return { item, amount: before > after ? before : after, discount: before > after ? before - after : 0n };
  });
  const [shipping, tax] = [amount(order.shipping_total), amount(order.total_tax)];
  const extras = order.fee_lines.map((fee) => ({ fee, amount: amount(fee.total) }));
  const taken = extras.reduce((sum, extra) => (extra.amount < 0n ? sum - extra.amount : sum), 0n);
  const given = extras.reduce((sum, extra) => (extra.amount > 0n ? sum + extra.amount : sum), 0n);
  const goods = items.reduce((sum, line) => sum + line.amount, 0n);
  const discount = items.reduce((sum, line) => sum + line.discount, taken);
  const rest = total - (goods + shipping + tax + given - discount);
  // Prices with tax in them leave parts of a cent at each line, which the shop rounds once for the whole order.
  const isRounding = (rest < 0n ? -rest : rest) <= BigInt(items.length + extras.length + 1);
  const largest = items.findIndex((line) => items.every((other) => other.amount <= line.amount));
  const lands = isRounding && largest >= 0 ? rest : 0n;
  const lines = items.flatMap(({ item, amount: value }, at) =>
    item.quantity === 0 && value === 0n
      ? []
      : [
          {
            id: `${id}/line/${item.id}`,
            sku: textOf(item.sku),
            name: plainText(item.name),
            listing: listingOf(item),
            qty: BigInt(item.quantity === 0 ? 1 : item.quantity),
            amount: at === largest ? value + lands : value,
            location: null,
          },
        ],
  );
  const fact: OrderFact = {
    kind: "order",
    id,
    channel: account.channel,
    when: whenAt(`${order.date_created_gmt}Z`, account),
    number: order.number,
    lines,
    shipping,
    tax,
    taxBy: "seller",
    discount,
    fees: [],
    ...deliveredTo(order),
  };
  const extra: Extra[] = extras
    .filter((each) => each.amount > 0n)
    .map(({ fee, amount: value }) => ({
      id: `order/${order.id}/fee/${fee.id}`,
      category: "sale",
      type: "fee_line",
      amount: value,
      memo: `Order ${order.number}: ${plainText(fee.name) || "a fee"}`,
    }));
  // What a plug-in takes off a total without a line of its own (gift cards, points, deposits) stays visible.
  if (rest !== lands)
    extra.push({
      id: `order/${order.id}/rest`,
      category: "other",
      type: "order_difference",
      amount: rest - lands,
      memo: `Order ${order.number}: its lines come to another sum than its total`,
    });
  return { fact, total, effect: total - extra.reduce((sum, each) => sum + each.amount, 0n), extra };
}

/** The shop's own way, and that of its newer checkout, of letting buyers fetch what they bought. */
const fetched: readonly string[] = ["local_pickup", "pickup_location"];

/** The address that it was sent to, or the buyer's where the shop asked for no other; of what the buyer fetched, none. */
function deliveredTo({ shipping, billing, shipping_lines: ways }: Order): Pick<OrderFact, "shipTo"> {
  if ((ways ?? []).some(({ method_id: way }) => fetched.includes(way))) return {};
  const address = (shipping?.country ?? "") === "" ? billing : shipping;
  return shippedTo(address?.country, address?.state);
}

type Whole = Readonly<{ order: Order; fact: OrderFact; gateway: string; title: string }>;

function refundFacts(refund: Refund, whole: Whole, account: Account): readonly Fact[] {
  const amount = amountIn(account);
  const { order, fact, gateway, title } = whole;
  const when = whenAt(`${refund.date_created_gmt}Z`, account);
  const key = `refund/${refund.id}`;
  const id = `${account.channel}/${key}`;
  const total = amount(refund.amount);
  // What the shop says of shipping that was given back is not in its published answers: that stays a charge.
  const isDivided = refund.line_items.every((item) => amount(item.total_tax) <= 0n);
  let tax = 0n;
  const lines = refund.line_items.flatMap((item): readonly ReturnLine[] => {
    const line = `${fact.id}/line/${refundedLine(item) ?? ""}`;
    // Money back for a line without pieces, or for a line that is not there any more, says nothing of goods.
    if (item.quantity >= 0 || !fact.lines.some((sold) => sold.id === line)) return [];
    if (isDivided) tax -= amount(item.total_tax);
    return [
      {
        id: `${id}/line/${item.id}`,
        line,
        qty: BigInt(-item.quantity),
        amount: -amount(item.total) - (isDivided ? 0n : amount(item.total_tax)),
        restock: false,
        writeOff: false,
        location: null,
        // The shop puts pieces back into its own stock without saying so in the refund.
        placed: false,
      },
    ];
  });
  const goods = lines.reduce((sum, line) => sum + line.amount, tax);
  const returned: readonly ReturnFact[] =
    lines.length === 0
      ? []
      : [{ kind: "return", id, date: when.on, order: fact.id, ...partsBack({ tax, shipping: 0n }), lines }];
  const reason = plainText(refund.reason);
  const about = `Order ${order.number}${reason === "" ? "" : `: ${reason}`}`;
  const money = {
    id: `${key}/money`,
    date: when.on,
    category: "refund" as const,
    type: "refund",
    order: fact.id,
    memo: about,
  };
  const back = {
    ...money,
    id: `${key}/payment`,
    category: "elsewhere" as const,
    type: gateway,
    memo: `Refund of order ${order.number}${title === "" ? "" : `: ${title}`}`,
  };
  const row = { id: key, when, type: "refund", amount: -goods, payout: null, memo: about };
  return [
    ...returned,
    ...returned.flatMap((one) => rowIn(account, row, factKey(one))),
    ...chargedRow(account, { ...money, amount: goods - total }, when, null),
    ...chargedRow(account, { ...back, amount: total }, when, null),
  ];
}

function listingOf(item: Readonly<{ product_id: number; variation_id: number }>): string | null {
  const id = item.variation_id === 0 ? item.product_id : item.variation_id;
  return id === 0 ? null : String(id);
}

/** Amounts come as text with a point, in as many decimals as the currency has; trailing zeros say nothing. */
function amountIn(account: Account): (text: string) => bigint {
  return (text) => parseMinor(text, account.currency, { allowTrailingZeros: true });
}
