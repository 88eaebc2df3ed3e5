/**
 * Pure: an order of Square, which says the same money twice: what was sold (lines, taxes, service charges, tips) and how it was paid
 * (tenders). The order has the goods, and beside it stand charges for what is no sale (tips, gift cards that were sold) and for money
 * that Square does not hold (cash, another terminal, a gift card that was taken in). What is left is what Square charged to cards.
 */
import { z } from "zod";
import type { ChargeFact, Fact, OrderFact } from "../../lib/core/facts";
import type { Account } from "../connector";
import { chargeOf, Id, lineIdOf, Money, minorOf, orderIdOf, Time, whenOf, wrong } from "./shape";

const Line = z.object({
  uid: Id,
  name: z.string().nullish(),
  variation_name: z.string().nullish(),
  quantity: z.string().regex(/^\d{1,12}(\.\d{1,5})?$/),
  catalog_object_id: Id.nullish(),
  item_type: z.string().nullish(),
  total_money: Money,
  total_tax_money: Money.nullish(),
  total_discount_money: Money.nullish(),
  total_service_charge_money: Money.nullish(),
});
const Tender = z.object({
  id: Id,
  type: z.string().min(1),
  amount_money: Money,
  tip_money: Money.nullish(),
  payment_id: Id.nullish(),
});
export const Order = z.object({
  id: Id,
  reference_id: z.string().nullish(),
  created_at: Time,
  line_items: z.array(Line).min(1),
  tenders: z.array(Tender).default([]),
  rounding_adjustment: z.object({ amount_money: Money.nullish() }).nullish(),
  total_money: Money,
  total_tax_money: Money.nullish(),
  total_discount_money: Money.nullish(),
  total_tip_money: Money.nullish(),
  total_service_charge_money: Money.nullish(),
});
export type Order = z.infer<typeof Order>;

/** Tenders that a payout brings. What a later version of Square may add is taken for one of these, so that it stays in view. */
const isHeld = (tender: Order["tenders"][number]): boolean =>
  !["CASH", "THIRD_PARTY_CARD", "OTHER", "NO_SALE", "SQUARE_GIFT_CARD"].includes(tender.type);

/** The order with the charges beside it. Throws ChannelError `unreadable` where it does not add up. */
export function orderFacts(order: Order, account: Account): readonly Fact[] {
  const fact = orderOf(order, account);
  return [fact, ...giftCards(order, account), ...tips(order, account), ...elsewhere(order, account)];
}

function orderOf(order: Order, account: Account): OrderFact {
  const amount = (money: Money | null | undefined) => minorOf(money, account);
  const goods = order.line_items.filter((line) => line.item_type !== "GIFT_CARD");
  const lines = goods.map((line) => {
    const named = [line.name, line.variation_name].filter((text) => text !== null && text !== undefined && text !== "");
    const isWhole = /^[1-9]\d*(\.0+)?$/.test(line.quantity);
    return {
      id: lineIdOf(order.id, line.uid, account),
      sku: null,
      // A weight or a length is no number of pieces: the line is one thing, and its name says how much of it.
      name: `${named.join(", ") || "Custom amount"}${isWhole ? "" : ` × ${line.quantity}`}`,
      listing: line.catalog_object_id ?? null,
      qty: isWhole ? BigInt(line.quantity.split(".")[0] ?? "1") : 1n,
      amount: beforeDiscount(line, account),
      location: null,
    };
  });
  const rounding = amount(order.rounding_adjustment?.amount_money);
  const [tax, service] = [amount(order.total_tax_money), amount(order.total_service_charge_money)];
  const shipping = service + (rounding > 0n ? rounding : 0n);
  const discount = amount(order.total_discount_money) + (rounding < 0n ? -rounding : 0n);
  const total = lines.reduce((sum, line) => sum + line.amount, 0n) + shipping + tax - discount;
  if (total + giftsOf(order, account) + amount(order.total_tip_money) !== amount(order.total_money))
    throw wrong(`order ${order.id} does not add up to its total`);
  if (lines.some((line) => line.amount < 0n) || shipping < 0n || tax < 0n || discount < 0n)
    throw wrong(`order ${order.id} has a negative amount`);
  return {
    kind: "order",
    id: orderIdOf(order.id, account),
    channel: account.channel,
    when: whenOf(order.created_at, account),
    number: order.reference_id || order.id,
    lines,
    shipping,
    tax,
    taxBy: "seller",
    discount,
    fees: [],
  };
}

/** A line before discount and without tax, also where its price includes tax. */
function beforeDiscount(line: Order["line_items"][number], account: Account): bigint {
  const amount = (money: Money | null | undefined) => minorOf(money, account);
  return (
    amount(line.total_money) -
    amount(line.total_tax_money) -
    amount(line.total_service_charge_money) +
    amount(line.total_discount_money)
  );
}

function giftsOf(order: Order, account: Account): bigint {
  return giftCards(order, account).reduce((sum, charge) => sum + charge.amount, 0n);
}

/** A gift card that is sold is money owed to whoever holds it, and no sale yet. */
export function giftCards(order: Order, account: Account): readonly ChargeFact[] {
  return order.line_items
    .filter((line) => line.item_type === "GIFT_CARD")
    .map((line) => ({ line, amount: beforeDiscount(line, account) }))
    .filter(({ amount }) => amount !== 0n)
    .map(({ line, amount }) =>
      chargeOf(
        {
          id: `${order.id}/gift-card/${line.uid}`,
          when: whenOf(order.created_at, account),
          category: "gift_card",
          type: "GIFT_CARD",
          amount,
          order: orderIdOf(order.id, account),
          memo: "Gift card sold",
        },
        account,
      ),
    );
}

/** One for each tender that has a tip, known by the payment; what no tender has is the order's own. */
export function tips(order: Order, account: Account): readonly ChargeFact[] {
  const told = order.tenders.map((tender) => ({
    id: `${tender.payment_id ?? tender.id}/tip`,
    amount: minorOf(tender.tip_money, account),
  }));
  const rest = minorOf(order.total_tip_money, account) - told.reduce((sum, { amount }) => sum + amount, 0n);
  return [...told, { id: `${order.id}/tip`, amount: rest }]
    .filter(({ amount }) => amount !== 0n)
    .map(({ id, amount }) =>
      chargeOf(
        {
          id,
          when: whenOf(order.created_at, account),
          category: "tip",
          type: "TIP",
          amount,
          order: orderIdOf(order.id, account),
          memo: "Tip",
        },
        account,
      ),
    );
}

function elsewhere(order: Order, account: Account): readonly ChargeFact[] {
  return order.tenders
    .filter((tender) => !isHeld(tender) && minorOf(tender.amount_money, account) !== 0n)
    .map((tender) =>
      chargeOf(
        {
          id: `tender/${tender.id}`,
          when: whenOf(order.created_at, account),
          category: tender.type === "SQUARE_GIFT_CARD" ? "gift_card" : "elsewhere",
          type: tender.type,
          amount: -minorOf(tender.amount_money, account),
          order: orderIdOf(order.id, account),
          memo:
            tender.type === "SQUARE_GIFT_CARD" ? "Paid with a gift card" : "Paid by a way that Square does not hold",
        },
        account,
      ),
    );
}

/** Whether a payment is the first of the order's that Square holds: gift cards that were sold are part of that one's money. */
export function isFirstHeld(order: Order, payment: string): boolean {
  return order.tenders.find(isHeld)?.payment_id === payment;
}
