/**
 * The local Square seller: a small café with one place. Orders with tax, discounts, tips and service charges; cards, and at the counter
 * also cash, gift cards and another terminal; refunds as orders of their own; a payout each day. The same seed, size and time always make
 * the same shop; what is done by hand comes after.
 */
import { type Random, randomOf } from "../../../integrations/practice/server/random";

export type Doc = Readonly<Record<string, unknown>> & { readonly id: string };
export type Timed = Doc & { readonly created_at: string; updated_at: string };
export type Entry = Doc & { readonly payout_id: string };
type Money = Readonly<{ amount: number; currency: "USD" }>;
type Waiting = Readonly<{
  type: string;
  gross: number;
  fee: number;
  at: number;
  details: Readonly<Record<string, unknown>>;
}>;

export type Shop = Readonly<{
  merchant: string;
  name: string;
  place: string;
  catalog: readonly Doc[];
  orders: () => readonly Timed[];
  payments: () => readonly Timed[];
  refunds: () => readonly Timed[];
  payouts: () => readonly Timed[];
  entries: () => readonly Entry[];
  sell: () => Timed;
  /** The first line of an order comes back; null where there is none. */
  refund: (order?: string) => Timed | null;
  /** What waits is paid out; null where nothing does. */
  payout: () => Timed | null;
  touch: (order: string) => void;
}>;

const day = 86_400;
const menu = [
  ["Flat white", 450, ["Small", "Large"]],
  ["Filter coffee", 350, ["Regular"]],
  ["Croissant", 425, ["Plain", "Almond"]],
  ["Beans, 250 g", 1_600, ["House", "Decaf"]],
  ["Enamel cup", 1_850, ["White"]],
  ["Granola bar", 295, ["Regular"]],
] as const;
export const usd = (amount: number): Money => ({ amount, currency: "USD" });

type Sold = Readonly<{ order: Timed; lines: readonly Line[]; payment: string; isHeld: boolean }>;
type Line = Readonly<{ uid: string; name: string; quantity: number; total: number; tax: number; variation: string }>;

/** `now` is in seconds. `counter`: whether people also pay by what Square does not hold, and buy gift cards. */
export function shopOf(
  options: Readonly<{ seed: number; orders: number; days: number; counter: boolean; now: () => number }>,
): Shop {
  const { seed, days, counter, now } = options;
  const end = now();
  const opened = end - days * day;
  const merchant = `MLOCAL${seed}`;
  const place = `LLOCAL${seed}`;
  const orders: Timed[] = [];
  const payments: Timed[] = [];
  const refunds: Timed[] = [];
  const payouts: Timed[] = [];
  const entries: Entry[] = [];
  const sales: Sold[] = [];
  const returned = new Set<string>();
  let waiting: Waiting[] = [];

  const catalog = menu.map(
    ([name, price, variations], index): Doc => ({
      type: "ITEM",
      id: `ITEM${index + 1}`,
      updated_at: iso(opened),
      version: 1,
      is_deleted: false,
      present_at_all_locations: true,
      item_data: {
        name,
        variations: variations.map((variation, at) => ({
          type: "ITEM_VARIATION",
          id: `VAR${index + 1}${at + 1}`,
          updated_at: iso(opened),
          version: 1,
          item_variation_data: {
            item_id: `ITEM${index + 1}`,
            name: variation,
            sku: `${name.slice(0, 3).toUpperCase()}-${at + 1}`,
            pricing_type: "FIXED_PRICING",
            price_money: usd(price + at * 75),
          },
        })),
      },
    }),
  );

  function sellAt(at: number, random: Random): Sold {
    const number = sales.length + 1;
    const id = `ORDER${String(number).padStart(6, "0")}`;
    const isDiscounted = random.chance(150);
    const made = Array.from({ length: random.between(1, 3) }, (_, index) => {
      const chosen = random.below(menu.length);
      const [name, price, variations] = menu[chosen] ?? menu[0];
      const which = random.below(variations.length);
      const quantity = random.chance(150) ? 2 : 1;
      const gross = (price + which * 75) * quantity;
      const discount = isDiscounted ? Math.round(gross / 10) : 0;
      const tax = Math.round((gross - discount) * 0.08);
      const line = {
        uid: `line${index + 1}`,
        name,
        quantity: String(quantity),
        catalog_object_id: `VAR${chosen + 1}${which + 1}`,
        variation_name: variations[which] ?? "Regular",
        item_type: "ITEM",
        base_price_money: usd(price + which * 75),
        variation_total_price_money: usd(gross),
        gross_sales_money: usd(gross),
        total_tax_money: usd(tax),
        total_discount_money: usd(discount),
        total_money: usd(gross - discount + tax),
        total_service_charge_money: usd(0),
      };
      return { line, gross, discount, tax, quantity };
    });
    const gift = counter && random.chance(60) ? 2_500 : 0;
    const sum = (pick: (each: (typeof made)[number]) => number) => made.reduce((total, each) => total + pick(each), 0);
    const [tax, discount] = [sum((each) => each.tax), sum((each) => each.discount)];
    const service = random.chance(80) ? 200 : 0;
    const tip = random.chance(300) ? random.between(1, 6) * 50 : 0;
    const total = sum((each) => each.gross) - discount + tax + service + tip + gift;
    const type = counter
      ? random.pick(["CARD", "CARD", "CARD", "WALLET", "CASH", "OTHER", "SQUARE_GIFT_CARD"])
      : "CARD";
    const payment = `PAY${String(number).padStart(6, "0")}`;
    const giftLine = {
      uid: "gift",
      name: "Gift card",
      quantity: "1",
      item_type: "GIFT_CARD",
      base_price_money: usd(gift),
      gross_sales_money: usd(gift),
      total_tax_money: usd(0),
      total_discount_money: usd(0),
      total_money: usd(gift),
      total_service_charge_money: usd(0),
    };
    const order: Timed = {
      id,
      location_id: place,
      line_items: [...made.map(({ line }) => line), ...(gift > 0 ? [giftLine] : [])],
      state: "COMPLETED",
      version: 1,
      created_at: iso(at),
      updated_at: iso(at + 5),
      closed_at: iso(at + 5),
      total_money: usd(total),
      total_tax_money: usd(tax),
      total_discount_money: usd(discount),
      total_tip_money: usd(tip),
      total_service_charge_money: usd(service),
      ...(service > 0
        ? {
            service_charges: [
              {
                uid: "service",
                name: "Table service",
                amount_money: usd(service),
                total_money: usd(service),
                applied_money: usd(service),
                calculation_phase: "SUBTOTAL_PHASE",
              },
            ],
          }
        : {}),
      tenders: [
        {
          id: payment,
          location_id: place,
          transaction_id: id,
          created_at: iso(at + 3),
          amount_money: usd(total),
          tip_money: usd(tip),
          type,
          payment_id: payment,
        },
      ],
    };
    orders.push(order);
    payments.push({
      id: payment,
      created_at: iso(at + 3),
      updated_at: iso(at + 5),
      amount_money: usd(total - tip),
      tip_money: usd(tip),
      total_money: usd(total),
      status: "COMPLETED",
      source_type: type === "CASH" ? "CASH" : type === "WALLET" ? "WALLET" : type === "CARD" ? "CARD" : "EXTERNAL",
      location_id: place,
      order_id: id,
      receipt_number: payment.slice(-4),
    });
    const isHeld = type === "CARD" || type === "WALLET";
    const fee = Math.round(total * 0.026) + 10;
    if (isHeld)
      waiting.push({
        type: "CHARGE",
        gross: total,
        fee,
        at: at + 5,
        details: { type_charge_details: { payment_id: payment } },
      });
    const sold: Sold = {
      order,
      payment,
      isHeld,
      lines: made.map(({ line, quantity }) => ({
        uid: line.uid,
        name: line.name,
        variation: line.catalog_object_id,
        quantity,
        total: line.total_money.amount,
        tax: line.total_tax_money.amount,
      })),
    };
    sales.push(sold);
    return sold;
  }

  function refundAt(at: number, sold: Sold): Timed | null {
    const [line] = sold.lines;
    if (line === undefined || returned.has(sold.order.id)) return null;
    returned.add(sold.order.id);
    const number = refunds.length + 1;
    const back = `RETURN${String(number).padStart(6, "0")}`;
    orders.push({
      id: back,
      location_id: place,
      state: "COMPLETED",
      version: 1,
      created_at: iso(at),
      updated_at: iso(at + 2),
      closed_at: iso(at + 2),
      total_money: usd(0),
      returns: [
        {
          uid: `return${number}`,
          source_order_id: sold.order.id,
          return_line_items: [
            {
              uid: `back${number}`,
              source_line_item_uid: line.uid,
              name: line.name,
              quantity: String(line.quantity),
              catalog_object_id: line.variation,
              item_type: "ITEM",
              total_tax_money: usd(line.tax),
              total_money: usd(line.total),
            },
          ],
        },
      ],
    });
    const refund: Timed = {
      id: `${sold.payment}_${number}`,
      status: "COMPLETED",
      location_id: place,
      destination_type: sold.isHeld ? "CARD" : "CASH",
      amount_money: usd(line.total),
      payment_id: sold.payment,
      order_id: back,
      reason: "Returned goods",
      created_at: iso(at),
      updated_at: iso(at + 4),
    };
    refunds.push(refund);
    Object.assign(sold.order, { updated_at: iso(at + 4), version: 2 });
    const fee = -Math.round(line.total * 0.026);
    if (sold.isHeld)
      waiting.push({
        type: "REFUND",
        gross: -line.total,
        fee,
        at: at + 4,
        details: { type_refund_details: { payment_id: sold.payment, refund_id: refund.id } },
      });
    return refund;
  }

  const own = (type: string, gross: number, at: number, fee = 0): void => {
    waiting.push({ type, gross, fee, at, details: {} });
  };

  function payoutAt(at: number, isFailed = false): Timed | null {
    const amount = waiting.reduce((sum, each) => sum + each.gross - each.fee, 0);
    if (amount <= 0) return null;
    const id = `po_${String(payouts.length + 1).padStart(5, "0")}`;
    const payout: Timed = {
      id,
      status: isFailed ? "FAILED" : "PAID",
      location_id: place,
      created_at: iso(at),
      updated_at: iso(at + 60),
      amount_money: usd(amount),
      destination: { type: "BANK_ACCOUNT", id: "bact:local" },
      version: 1,
      type: "BATCH",
      payout_fee: [],
      arrival_date: iso(at + day).slice(0, 10),
      end_to_end_id: `L${payouts.length + 1}`,
    };
    payouts.push(payout);
    for (const each of waiting)
      entries.push({
        id: `poe_${String(entries.length + 1).padStart(6, "0")}`,
        payout_id: id,
        effective_at: iso(each.at),
        type: each.type,
        gross_amount_money: usd(each.gross),
        fee_amount_money: usd(each.fee),
        net_amount_money: usd(each.gross - each.fee),
        ...each.details,
      });
    waiting = [];
    if (isFailed) own("RETURNED_PAYOUT", amount, at + 2 * day);
    return payout;
  }

  trade();

  /** What happened before the server was started; the last two days nobody came, so that all is paid out. */
  function trade(): void {
    const events: { at: number; run: (at: number) => void }[] = [];
    const open = (days - 3) * day;
    for (let number = 0; number < options.orders; number += 1) {
      const random = randomOf("square", seed, "order", number);
      const at = opened + 3_600 + Math.floor((number * open) / options.orders);
      const made: Sold[] = [];
      events.push({ at, run: (when) => void made.push(sellAt(when, random)) });
      if (number % 13 === 4)
        events.push({
          at: Math.min(at + 20 * 3_600, opened + open - 600),
          run: (when) => {
            for (const sold of made) refundAt(when, sold);
          },
        });
    }
    const odd: readonly (readonly [onDay: number, type: string, gross: number, fee?: number])[] = [
      [3, "SUBSCRIPTION_FEE", -2_900],
      [5, "HOLD_ADJUSTMENT", -500],
      [6, "TAX_ON_FEE", -12],
      [8, "RELEASE_ADJUSTMENT", 500],
      [9, "SQUARE_CAPITAL_PAYMENT", -400],
      [10, "ADJUSTMENT", 75],
      [11, "DISPUTE", -825, 0],
    ];
    for (const [onDay, type, gross, fee] of odd)
      events.push({ at: opened + onDay * day, run: (when) => own(type, gross, when, fee) });
    for (let number = 1; number < days; number += 1)
      events.push({ at: opened + number * day + 8 * 3_600, run: (when) => void payoutAt(when, number === 12) });
    events.sort((a, b) => a.at - b.at);
    for (const event of events) if (event.at < end) event.run(event.at);
    payoutAt(end - 600);
  }

  return {
    merchant,
    name: "Corner Café",
    place,
    catalog,
    orders: () => orders,
    payments: () => payments,
    refunds: () => refunds,
    payouts: () => payouts,
    entries: () => entries,
    sell: () => sellAt(now() - 10, randomOf("square", seed, "by hand", sales.length)).order,
    refund: (id) => {
      const sold =
        id === undefined
          ? sales.findLast(({ order }) => !returned.has(order.id))
          : sales.find(({ order }) => order.id === id);
      return sold === undefined ? null : refundAt(now() - 5, sold);
    },
    payout: () => payoutAt(now()),
    touch: (id) => {
      const order = orders.find((each) => each.id === id);
      if (order !== undefined) Object.assign(order, { updated_at: iso(now()) });
    },
  };
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();
