/**
 * The local Etsy shop: what was sold, paid, given back and paid out. The ledger is kept as Etsy keeps it: each entry tells the balance
 * after it. The same seed, size and time always make the same shop; what is done by hand comes after.
 */
import { type Random, randomOf } from "../../../integrations/practice/server/random";
import { type Good, goods, listingOf, money } from "./goods";
import { type Entry, type Item, ledgerOf } from "./ledger";

export type Line = Readonly<{ good: Good; sku: string | null; choice: string | null; qty: number }>;
type Money = ReturnType<typeof money>;
export type Transaction = Readonly<Record<string, unknown>> & {
  readonly transaction_id: number;
  readonly quantity: number;
  readonly price: Money;
};
export type Receipt = Readonly<Record<string, unknown>> & {
  readonly receipt_id: number;
  readonly created_timestamp: number;
  updated_timestamp: number;
  readonly transactions: readonly Transaction[];
  readonly grandtotal: Money;
};
type Payment = Readonly<{ payment_id: number; receipt_id: number; amount_gross: Money }> & Record<string, unknown>;

export type Shop = Readonly<{
  id: number;
  user: number;
  name: string;
  opened: number;
  listings: () => readonly ReturnType<typeof listingOf>[];
  /** In the order in which they were made. */
  receipts: () => readonly Receipt[];
  payments: () => readonly Payment[];
  entries: () => readonly Entry[];
  /** From now on an entry of the ledger is missing. */
  lose: (sequence: number) => void;
  sell: (lines?: readonly Line[]) => Receipt;
  /** The whole receipt is cancelled and given back, with its fees; null where there is none that was not. */
  refund: (receipt?: number) => Receipt | null;
  /** Everything that is there is paid out; null where nothing is. */
  payout: () => Entry | null;
  /** A receipt is changed, as by a message or a tracking number. */
  touch: (receipt: number) => void;
}>;

const day = 86_400;
const places = [
  { state: "CA", country: "US", taxPerMille: 80, buyerFee: 0 },
  { state: "NY", country: "US", taxPerMille: 88, buyerFee: 0 },
  { state: "CO", country: "US", taxPerMille: 79, buyerFee: 28 },
  { state: "OR", country: "US", taxPerMille: 0, buyerFee: 0 },
  { state: "", country: "DE", taxPerMille: 0, buyerFee: 0 },
] as const;

/** `now` is in seconds; a shop has traded for `days` before it, with about `orders` orders. */
export function shopOf(options: Readonly<{ seed: number; orders: number; days: number; now: () => number }>): Shop {
  const { seed, orders, days, now } = options;
  const shop = { id: 20_000_000 + seed, user: 900_000_000 + seed };
  const end = now();
  const opened = end - days * day;
  const receipts: Receipt[] = [];
  const payments: Payment[] = [];
  const refunded = new Set<number>();
  const paidBy = new Map<number, { payment: Payment; tax: number; buyerFee: number; fee: number }>();
  const ledger = ledgerOf(7_000_000 + seed);

  function sellAt(at: number, random: Random, chosen?: readonly Line[]): Receipt {
    const number = receipts.length + 1;
    const receipt = 3_300_000_000 + number;
    const place = random.pick(places);
    const lines = chosen ?? Array.from({ length: random.between(1, 3) }, () => lineOf(random));
    const total = lines.reduce((sum, line) => sum + line.good.price * line.qty, 0);
    const discount = random.chance(150) ? Math.round(total / 10) : 0;
    const shipping = random.pick([0, 450, 690]);
    const wrap = random.chance(60) ? 300 : 0;
    const tax = Math.round(((total - discount + shipping) * place.taxPerMille) / 1000);
    const paid = total - discount + shipping + wrap + tax + place.buyerFee;
    const stamps = { create_timestamp: at, created_timestamp: at, update_timestamp: at, updated_timestamp: at };
    const transactions = lines.map((line, index) => ({
      transaction_id: 4_100_000_000 + number * 10 + index,
      title: line.good.title,
      description: "Made by hand in small numbers.",
      seller_user_id: shop.user,
      buyer_user_id: 500_000_000 + number,
      create_timestamp: at,
      created_timestamp: at,
      paid_timestamp: at,
      shipped_timestamp: null,
      quantity: line.qty,
      listing_image_id: null,
      receipt_id: receipt,
      is_digital: false,
      file_data: "",
      listing_id: line.good.listing,
      transaction_type: "listing",
      product_id: null,
      sku: line.sku,
      price: money(line.good.price),
      shipping_cost: money(index === 0 ? shipping : 0),
      variations:
        line.choice === null
          ? []
          : [
              {
                property_id: 100,
                value_id: null,
                formatted_name: line.good.choice ?? "",
                formatted_value: line.choice,
              },
            ],
      product_data: [],
      buyer_coupon: 0,
      shop_coupon: 0,
    }));
    const made: Receipt = {
      receipt_id: receipt,
      receipt_type: 0,
      seller_user_id: shop.user,
      seller_email: null,
      buyer_user_id: 500_000_000 + number,
      buyer_email: null,
      name: `Buyer ${number}`,
      first_line: `${number} Example Street`,
      second_line: null,
      city: "Testville",
      state: place.state,
      zip: "00000",
      status: "paid",
      formatted_address: `Buyer ${number}\n${number} Example Street\nTestville`,
      country_iso: place.country,
      payment_method: "cc",
      payment_email: null,
      message_from_seller: null,
      message_from_buyer: null,
      message_from_payment: null,
      is_paid: true,
      is_shipped: false,
      ...stamps,
      is_gift: wrap > 0,
      gift_message: "",
      gift_sender: "",
      grandtotal: money(paid),
      subtotal: money(total - discount),
      total_price: money(total),
      total_shipping_cost: money(shipping),
      total_tax_cost: money(tax),
      total_vat_cost: money(0),
      discount_amt: money(discount),
      gift_wrap_price: money(wrap),
      shipments: [],
      transactions,
      refunds: [],
    };
    receipts.push(made);
    const fee = Math.round(paid * 0.03) + 25;
    const payment: Payment = {
      payment_id: 800_000_000 + number,
      buyer_user_id: 500_000_000 + number,
      shop_id: shop.id,
      receipt_id: receipt,
      amount_gross: money(paid),
      amount_fees: money(fee),
      amount_net: money(paid - fee),
      posted_gross: money(paid),
      posted_fees: money(fee),
      posted_net: money(paid - fee),
      adjusted_gross: null,
      adjusted_fees: null,
      adjusted_net: null,
      currency: "USD",
      shop_currency: "USD",
      buyer_currency: "USD",
      status: "settled",
      shipped_timestamp: null,
      ...stamps,
      payment_adjustments: [],
    };
    payments.push(payment);
    paidBy.set(receipt, { payment, tax, buyerFee: place.buyerFee, fee });
    const post = ledger.at(Math.min(at + 40, now()));
    post("PAYMENT_GROSS", "shop_payment", payment.payment_id, paid);
    if (tax > 0) post("sales_tax", "receipt", receipt, -tax);
    if (place.buyerFee > 0) post("buyer_fee", "receipt", receipt, -place.buyerFee);
    post("PAYMENT_PROCESSING_FEE", "shop_payment", payment.payment_id, -fee);
    for (const sale of transactions) {
      post("transaction", "transaction", sale.transaction_id, -percent(sale.price.amount * sale.quantity, 65));
      post("renew_sold_auto", "listing", sale.listing_id, -20);
      if (sale.quantity > 1) post("transaction_quantity", "listing", sale.listing_id, -20 * (sale.quantity - 1));
    }
    if (shipping > 0)
      post("shipping_transaction", "transaction", transactions[0]?.transaction_id ?? 0, -percent(shipping, 65));
    if (random.chance(70)) post("offsite_ads_fee", "receipt", receipt, -percent(total, 150));
    if (random.chance(40)) post("SELLER_DRIVEN_TRAFFIC_CREDIT", "receipt", receipt, percent(total, 40));
    if (random.chance(40)) post("vat_seller_services", "etsy", 0, -11);
    return made;
  }

  /** `line` alone is given back, or everything with its shipping, tax and fees; `amount` is money without goods. */
  function refundAt(at: number, receipt: Receipt, what: Readonly<{ line: number } | { amount: number } | "all">): void {
    const paid = paidBy.get(receipt.receipt_id);
    if (paid === undefined) throw new Error("a receipt without a payment");
    refunded.add(receipt.receipt_id);
    const isAll = what === "all";
    const chosen = isAll
      ? receipt.transactions
      : "line" in what
        ? receipt.transactions.slice(what.line, what.line + 1)
        : [];
    const items: Item[] = chosen.map((sale) => ({
      transaction: sale.transaction_id,
      amount: sale.price.amount * sale.quantity,
    }));
    if (what !== "all" && "amount" in what) items.push({ transaction: null, amount: what.amount });
    const total = isAll ? receipt.grandtotal.amount : items.reduce((sum, item) => sum + item.amount, 0);
    Object.assign(receipt, {
      status: isAll ? "fully refunded" : "partially refunded",
      updated_timestamp: at,
      update_timestamp: at,
      refunds: [
        { amount: money(total), created_timestamp: at, reason: "Return", note_from_issuer: null, status: "success" },
      ],
    });
    const post = ledger.at(Math.min(at + 20, now()));
    post("REFUND_GROSS", "payment_adjustment", 600_000_000 + receipt.receipt_id - 3_300_000_000, -total, {
      payment: paid.payment.payment_id,
      items: isAll ? [] : items,
    });
    if (!isAll) return;
    if (paid.tax > 0) post("sales_tax_refund", "receipt", receipt.receipt_id, paid.tax);
    if (paid.buyerFee > 0) post("buyer_fee_refund", "receipt", receipt.receipt_id, paid.buyerFee);
    post("REFUND_PROCESSING_FEE", "shop_payment", paid.payment.payment_id, paid.fee - 25);
    for (const sale of receipt.transactions)
      post("transaction_refund", "transaction", sale.transaction_id, percent(sale.price.amount * sale.quantity, 65));
  }

  function payoutAt(at: number, holdBack: boolean): Entry | null {
    const held = holdBack ? ledger.newestGain() : 0;
    const amount = ledger.balance() - held;
    return amount > 0 ? ledger.at(at)("DISBURSE2", "disbursement", 400_000_000 + at, -amount) : null;
  }

  trade();

  /** What happened before the server was started, in the order in which it did. */
  function trade(): void {
    const events: { at: number; run: (at: number) => void }[] = [];
    for (let number = 0; number < orders; number += 1) {
      const random = randomOf("etsy", seed, "order", number);
      const at = opened + 3_600 + Math.floor((number * (days * day - 7_200)) / orders);
      let made: Receipt | null = null;
      events.push({
        at,
        run: (when) => {
          made = sellAt(when, random);
        },
      });
      if (random.chance(500))
        events.push({
          at: at + day,
          run: (when) =>
            void ledger.at(when)("shipping_labels", "shipping_label", number + 1, -random.between(400, 1_200)),
        });
      const what = number % 17 === 5 ? ("all" as const) : number % 17 === 9 ? { line: 0 } : { amount: 150 };
      if ([5, 9, 13].includes(number % 17))
        events.push({ at: at + 6 * day + 60, run: (when) => void (made !== null && refundAt(when, made, what)) });
    }
    let payouts = 0;
    for (let number = 0; number < days; number += 1) {
      const at = opened + number * day + 7 * 3_600;
      events.push({ at, run: (when) => void ledger.at(when)("prolist", "prolist", number + 1, -250) });
      if (number === 20)
        events.push({ at: at + 9, run: (when) => void ledger.at(when)("maker_fund_share", "etsy", 0, -137) });
      if (number === 33)
        events.push({
          at: at + 9,
          run: (when) => void ledger.at(when)("shipping_label_usps_adjustment_credit", "shipping_label", 2, 102),
        });
      if (number % 7 !== 6) continue;
      // One payout leaves the newest sale for the next; one comes back from the bank.
      events.push({
        at: at + 3 * 3_600,
        run: (when) => {
          payouts += 1;
          const sent = payoutAt(when, payouts % 4 === 3);
          if (payouts === 2 && sent !== null)
            ledger.at(when + 30)("ADYENBALANCE_REVERSAL", "disbursement", Number(sent.reference_id), -sent.amount);
        },
      });
    }
    events.sort((a, b) => a.at - b.at);
    for (const event of events) if (event.at < end) event.run(event.at);
  }

  return {
    ...shop,
    name: "AlderAndOakMakes",
    opened,
    listings: () => goods.map((item) => listingOf(item, shop, opened)),
    receipts: () => receipts,
    payments: () => payments,
    entries: ledger.entries,
    lose: ledger.lose,
    sell: (lines) => sellAt(now(), randomOf("etsy", seed, "by hand", receipts.length), lines),
    refund: (id) => {
      const receipt =
        id === undefined
          ? receipts.findLast((each) => !refunded.has(each.receipt_id))
          : receipts.find((each) => each.receipt_id === id && !refunded.has(id));
      if (receipt === undefined) return null;
      refundAt(now(), receipt, "all");
      return receipt;
    },
    payout: () => payoutAt(now(), false),
    touch: (id) => {
      const receipt = receipts.find((each) => each.receipt_id === id);
      if (receipt !== undefined) Object.assign(receipt, { updated_timestamp: now(), update_timestamp: now() });
    },
  };
}

function lineOf(random: Random): Line {
  const good = random.pick(goods.filter((item) => item.state === "active"));
  const place = good.skus.length === 0 ? 0 : random.below(good.skus.length);
  const sku = good.skus[place] ?? null;
  return {
    good,
    sku,
    choice: good.choice === null ? null : (sku ?? "").split("-").slice(1).join(" "),
    qty: random.chance(150) ? 2 : 1,
  };
}

const percent = (amount: number, perMille: number): number => Math.max(1, Math.round((amount * perMille) / 1000));
