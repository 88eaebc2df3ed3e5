/**
 * Pure: what a transaction of a PayPal account says, in our words. A payment for a shop's order is money for what was sold there
 * (`elsewhere`, against the shop's own); one that names no order is a sale here. Holds move nothing, withdrawals are payouts, what the
 * seller's bank or card puts in is `bank`. Fees are negative where they cost.
 */
import {
  type Fact,
  factKey,
  type OrderFact,
  type OrderLine,
  type PayoutFact,
  partsBack,
  type ReturnFact,
  type When,
} from "../../lib/core/facts";
import { allocate, parseMinor } from "../../lib/core/money";
import type { Account, RawDocument } from "../connector";
import { chargedRow, ownCurrency, reading, rowIn, shaped, unreadable, whenAt } from "../reading";
import { kindOf } from "./codes";
import { Body, type Detail, isDone, isSale, type Money, referenceOf, shopOrderOf } from "./shapes";

const name = "PayPal";

/** What one stored document says. Throws ChannelError `unreadable` for what has another shape or is in another currency. */
export function read(document: RawDocument, account: Account): readonly Fact[] {
  const { feed } = document;
  if (feed !== "orders" && feed !== "balance") throw unreadable(name, `there is no ${feed}`);
  return reading(name, document, () => {
    const { transaction, original } = shaped(name, Body, document);
    if ((feed === "orders") !== isSale(transaction))
      throw unreadable(name, `${document.externalId} is in the wrong feed`);
    // What waits or was denied moved nothing.
    return isDone(transaction) ? factsOf(transaction, original, account) : [];
  });
}

type Entry = Readonly<{
  account: Account;
  detail: Detail;
  id: string;
  type: string;
  when: When;
  amount: bigint;
  fee: bigint;
  memo: string;
}>;

function entryOf(detail: Detail, account: Account): Entry {
  const { transaction_info: info } = detail;
  const { transaction_amount: amount, fee_amount: fee } = info;
  ownCurrency(name, amount.currency_code, account);
  return {
    account,
    detail,
    id: info.transaction_id,
    type: info.transaction_event_code,
    when: whenAt(info.transaction_initiation_date, account),
    amount: minor(amount, account),
    fee: fee == null ? 0n : minor(fee, account),
    memo: info.transaction_subject?.trim() || (detail.cart_info?.item_details?.[0]?.item_name?.trim() ?? ""),
  };
}

function factsOf(detail: Detail, original: Detail | null, account: Account): readonly Fact[] {
  const entry = entryOf(detail, account);
  const kind = kindOf(entry.type);
  const reference = referenceOf(detail);
  const shopOrder = shopOrderOf(original ?? detail);
  const order = reference === null || shopOrder !== null ? null : orderId(reference, account);
  switch (kind.part) {
    case "payment":
      if (isSale(detail)) return sold(entry);
      return entry.amount > 0n && shopOrder !== null
        ? charged(entry, "elsewhere", null, shopMemo(shopOrder, entry))
        : // What the seller pays is a purchase or an expense, which only they can name.
          charged(entry, "other", null, entry.memo);
    case "refund":
      if (shopOrder !== null) return charged(entry, "elsewhere", null, shopMemo(shopOrder, entry));
      return returned(entry, original) ?? charged(entry, "refund", order, entry.memo);
    case "dispute":
      return charged(entry, "refund", order, shopOrder === null ? entry.memo : shopMemo(shopOrder, entry));
    case "held":
      // The books' pages know what is set aside by these words.
      return row(
        { ...entry, type: `${entry.amount < 0n ? "hold" : "release"} ${entry.type}` },
        aboutOf(reference, shopOrder, account),
      );
    case "payout":
      return sent(entry, `payout/${entry.id}`);
    case "payout back":
      return sent(entry, `payout/${reference ?? entry.id}/returned`);
    case "conversion":
      // One row leaves in a currency and one comes in another, each against 6900 at its own rate: what stays there is what it cost.
      return charged(entry, "exchange", null, entry.memo);
    case "charge":
      return charged(entry, kind.category, order, entry.memo);
  }
}

/** A payment of PayPal's own: its cart where that comes to the payment, else one line. */
function sold(entry: Entry): readonly Fact[] {
  const fact = orderOf(entry);
  return [fact, ...row(entry, factKey(fact)), ...feeFacts(entry, fact.id)];
}

function orderOf({ account, detail, id: payment, when, amount, memo }: Entry): OrderFact {
  const { transaction_info: info } = detail;
  const id = orderId(payment, account);
  const part = (money: Money | null | undefined) => {
    const value = money == null || money.currency_code !== account.currency ? 0n : minor(money, account);
    return value > 0n ? value : 0n;
  };
  const parts = [part(info.shipping_amount), part(info.sales_tax_amount)] as const;
  // Parts that are more than the whole are another payment's.
  const [shipping, tax] = parts[0] + parts[1] <= amount ? parts : [0n, 0n];
  const rest = amount - shipping - tax;
  const items = (detail.cart_info?.item_details ?? []).map((item, at): OrderLine => {
    const quantity = /^[1-9]\d{0,6}$/.exec(item.item_quantity?.replace(/\.0+$/, "") ?? "")?.[0];
    return {
      id: `${id}/line/${at + 1}`,
      sku: item.item_code?.trim() || null,
      name: item.item_name?.trim() || memo || "Payment",
      listing: null,
      qty: BigInt(quantity ?? "1"),
      amount: part(item.item_amount),
      location: null,
    };
  });
  const [first] = items;
  const isWhole = items.length > 0 && items.reduce((sum, line) => sum + line.amount, 0n) === rest;
  const one: OrderLine = {
    id: `${id}/line/1`,
    sku: items.length === 1 ? (first?.sku ?? null) : null,
    name: items.length === 1 ? (first?.name ?? "Payment") : memo || "Payment",
    listing: null,
    qty: items.length === 1 ? (first?.qty ?? 1n) : 1n,
    amount: rest,
    location: null,
  };
  return {
    kind: "order",
    id,
    channel: account.channel,
    when,
    number: payment,
    lines: isWhole ? items : [one],
    shipping,
    tax,
    taxBy: "seller",
    discount: 0n,
    fees: [],
  };
}

/** All of a sale given back: a return that a person places. null where it is a part, or the sale is not known. */
function returned(entry: Entry, original: Detail | null): readonly Fact[] | null {
  const { account, amount, when } = entry;
  if (original === null || !isSale(original)) return null;
  if (original.transaction_info.transaction_amount.currency_code !== account.currency) return null;
  const payment = entryOf(original, account);
  if (payment.amount !== -amount) return null;
  const order = orderOf(payment);
  const id = `${account.channel}/refund/${entry.id}`;
  const weights = order.lines.map((line) => line.amount);
  const amounts = allocate(
    -amount - order.tax - order.shipping,
    weights.some((weight) => weight > 0n) ? weights : order.lines.map(() => 1n),
  );
  const fact: ReturnFact = {
    kind: "return",
    id,
    date: when.on,
    order: order.id,
    ...partsBack(order),
    lines: order.lines.map((line, at) => ({
      id: `${id}/line/${at + 1}`,
      line: line.id,
      qty: line.qty,
      amount: amounts[at] ?? 0n,
      restock: false,
      writeOff: false,
      location: null,
      placed: false,
    })),
  };
  return [fact, ...row(entry, factKey(fact)), ...feeFacts(entry, order.id)];
}

/** A withdrawal to the bank, or one that came back: a payout the other way. */
function sent(entry: Entry, own: string): readonly Fact[] {
  const { account, amount, when } = entry;
  if (amount === 0n) return feeFacts(entry, null);
  const fact: PayoutFact = {
    kind: "payout",
    id: `${account.channel}/${own}`,
    channel: account.channel,
    date: when.on,
    amount: -amount,
  };
  return [fact, ...row({ ...entry, id: own }, factKey(fact)), ...feeFacts({ ...entry, id: own }, null)];
}

function charged(
  entry: Entry,
  category: Parameters<typeof chargedRow>[1]["category"],
  order: string | null,
  memo: string,
): readonly Fact[] {
  const { account, id, type, amount, when } = entry;
  return [
    ...chargedRow(account, { id, date: when.on, category, type, amount, order, memo }, when, null),
    ...feeFacts(entry, order),
  ];
}

function feeFacts({ account, id, type, fee, when, memo }: Entry, order: string | null): readonly Fact[] {
  const charge = { id: `${id}/fee`, date: when.on, category: "processing" as const, type: `${type} fee` };
  return chargedRow(account, { ...charge, amount: fee, order, memo }, when, null);
}

/** PayPal does not say which rows a withdrawal pays out, so no row names one. */
function row({ account, id, when, type, amount, memo }: Entry, about: string | null): readonly Fact[] {
  return rowIn(account, { id, when, type, amount, payout: null, memo }, about);
}

function aboutOf(reference: string | null, shopOrder: string | null, account: Account): string | null {
  if (reference === null) return null;
  return shopOrder === null ? `order/${orderId(reference, account)}` : `charge/${account.channel}/charge/${reference}`;
}

function shopMemo(shopOrder: string, { memo, id }: Entry): string {
  return memo === "" || memo.includes(shopOrder) ? `Order ${shopOrder} (${id})` : `Order ${shopOrder}: ${memo}`;
}

const orderId = (payment: string, account: Account): string => `${account.channel}/order/${payment}`;

function minor(money: Money, account: Account): bigint {
  ownCurrency(name, money.currency_code, account);
  return parseMinor(money.value, account.currency, { allowTrailingZeros: true });
}
