/**
 * Pure: what a transaction of a Stripe balance says, in our words. The balance is the one truth: charges, refunds, disputes and payouts
 * come as the sources of its transactions, in the currency of settlement, and nothing is booked from them that it does not say.
 *
 * A charge for a shop's order is money for what was sold there: `elsewhere`, against which the shop's own `elsewhere` comes to nothing. A
 * charge that names no order is a sale here, of one line, for a person to say what it was.
 */
import { type Fact, factKey, type OrderFact, type PayoutFact, type ReturnFact, type When } from "../../lib/core/facts";
import type { Account, RawDocument } from "../connector";
import { chargedRow, ownCurrency, reading, rowIn, shaped, unreadable, whenAt } from "../reading";
import { categoryOf, isHeld } from "./categories";
import { minorOf } from "./money";
import { Body, type Charge, chargeOf, isSale, noted, OfCharge, shopOrderOf, type Transaction } from "./shapes";

const name = "Stripe";

/** What one stored document says. Throws ChannelError `unreadable` for what has another shape, does not add up or is in another currency. */
export function read(document: RawDocument, account: Account): readonly Fact[] {
  const { feed } = document;
  if (feed !== "orders" && feed !== "balance") throw unreadable(name, `there is no ${feed}`);
  return reading(name, document, () => {
    const body = shaped(name, Body, document);
    if ((feed === "orders") !== isSale(body.transaction))
      throw unreadable(name, `${document.externalId} is in the wrong feed`);
    return factsOf(body, account);
  });
}

type Entry = Readonly<{
  account: Account;
  transaction: Transaction;
  when: When;
  amount: bigint;
  fee: bigint;
  payout: string | null;
  memo: string;
}>;

function factsOf(body: Body, account: Account): readonly Fact[] {
  const { transaction } = body;
  ownCurrency(name, transaction.currency, account);
  const [amount, fee, net] = [transaction.amount, transaction.fee, transaction.net].map((value) =>
    minorOf(value, transaction.currency),
  ) as [bigint, bigint, bigint];
  if (amount - fee !== net) throw unreadable(name, `${transaction.id}: the amount less the fee is not the net`);
  const entry: Entry = {
    account,
    transaction,
    when: whenAt(new Date(transaction.created * 1000).toISOString(), account),
    amount,
    fee,
    payout: body.payout === null ? null : payoutId(body.payout, account),
    memo: settledMemo(transaction.description ?? "", transaction, body.charge),
  };
  const category = transaction.reporting_category;
  const charge = chargeOf(transaction);
  if (category === "charge" && charge !== null) return paid(entry, charge);
  if (/^(refund|refund_failure|charge_failure|partial_capture_reversal)$/.test(category))
    return givenBack(entry, body.charge ?? charge);
  if (/^dispute(_reversal)?$/.test(category)) return disputed(entry, body.charge ?? charge);
  if (/^payout(_reversal)?$/.test(category) && !isHeld(transaction)) return sent(entry);
  if (isHeld(transaction)) return [...held(entry), ...feeFacts(entry, transaction.id, null)];
  return charged(entry, transaction.id, { category: categoryOf(transaction), order: null, memo: entry.memo });
}

/** A charge: a sale of Stripe's own, or money for a shop's order. Either is known by the charge, whose rows an export names too. */
function paid(entry: Entry, charge: Charge): readonly Fact[] {
  const { account, amount, transaction } = entry;
  const shopOrder = shopOrderOf(charge);
  if (shopOrder !== null)
    return charged(entry, charge.id, { category: "elsewhere", order: null, memo: memoOf(shopOrder, charge) });
  if (!isSale(transaction)) return charged(entry, charge.id, { category: "sale", order: null, memo: entry.memo });
  const order = orderId(charge.id, account);
  const fact: OrderFact = {
    kind: "order",
    id: order,
    channel: account.channel,
    when: entry.when,
    number: charge.id,
    lines: [
      {
        id: `${order}/line/1`,
        sku: noted(charge, "sku"),
        name: charge.description?.trim() || "Payment",
        listing: null,
        qty: 1n,
        amount,
        location: null,
      },
    ],
    shipping: 0n,
    tax: 0n,
    taxBy: "seller",
    discount: 0n,
    fees: [],
  };
  return [fact, ...row(entry, charge.id, factKey(fact)), ...feeFacts(entry, charge.id, order)];
}

/** Money that goes back to a buyer, or comes again where that failed. */
function givenBack(entry: Entry, charge: Charge | null): readonly Fact[] {
  const { account, amount, transaction } = entry;
  const shopOrder = charge === null ? null : shopOrderOf(charge);
  if (charge !== null && shopOrder !== null)
    return charged(entry, transaction.id, { category: "elsewhere", order: null, memo: memoOf(shopOrder, charge) });
  const order = charge === null ? null : orderId(charge.id, account);
  const refund = OfCharge.safeParse(transaction.source);
  const isWhole =
    transaction.reporting_category === "refund" &&
    charge !== null &&
    refund.data?.amount === charge.amount &&
    amount < 0n;
  if (!isWhole || order === null || refund.data === undefined)
    return charged(entry, transaction.id, { category: "refund", order, memo: entry.memo });
  // All of it given back: what was sold may have come back, which Stripe cannot know. A person says where it is.
  const id = `${account.channel}/refund/${refund.data.id}`;
  const line = {
    id: `${id}/line/1`,
    line: `${order}/line/1`,
    qty: 1n,
    amount: -amount,
    restock: false,
    writeOff: false,
    location: null,
    placed: false,
  };
  const fact: ReturnFact = { kind: "return", id, date: entry.when.on, order, lines: [line] };
  return [fact, ...row(entry, transaction.id, factKey(fact)), ...feeFacts(entry, transaction.id, order)];
}

/** A dispute takes the money, and gives it again when it is won. The shop knows nothing of it, so it is a refund here in any case. */
function disputed(entry: Entry, charge: Charge | null): readonly Fact[] {
  const shopOrder = charge === null ? null : shopOrderOf(charge);
  const isOwn = charge !== null && shopOrder === null;
  return charged(entry, entry.transaction.id, {
    category: "refund",
    order: isOwn ? orderId(charge.id, entry.account) : null,
    memo: charge !== null && shopOrder !== null ? memoOf(shopOrder, charge) : entry.memo,
  });
}

/** A payout, or one that came back: a payout the other way. It is known by the payout, as in an export. */
function sent(entry: Entry): readonly Fact[] {
  const { account, amount, transaction } = entry;
  const { source } = transaction;
  const payout = source === null || typeof source === "string" ? (source ?? transaction.id) : source.id;
  const own = amount > 0n ? `payout/${payout}/returned` : `payout/${payout}`;
  const fact: PayoutFact = {
    kind: "payout",
    id: `${account.channel}/${own}`,
    channel: account.channel,
    date: entry.when.on,
    amount: -amount,
  };
  // That it came back is money that a later payout pays out again.
  const inLater = amount > 0n ? entry : { ...entry, payout: null };
  return [...(amount === 0n ? [] : [fact]), ...row(inLater, own, factKey(fact)), ...feeFacts(inLater, own, null)];
}

/** Set aside, or let go again: a row by a word by which the books' pages know it. */
function held({ account, transaction, when, amount, payout, memo }: Entry): readonly Fact[] {
  const { id, reporting_category: category, type: own } = transaction;
  const type = /reserve/.test(category) ? category : `${amount < 0n ? "hold" : "release"} ${own}`;
  return rowIn(account, { id, when, type, amount, payout, memo }, null);
}

type What = Readonly<{ category: Parameters<typeof chargedRow>[1]["category"]; order: string | null; memo: string }>;
function charged(entry: Entry, id: string, what: What): readonly Fact[] {
  const { account, amount, when, transaction, payout } = entry;
  const type = transaction.reporting_category;
  return [
    ...chargedRow(account, { id, date: when.on, type, amount, ...what }, when, payout),
    ...feeFacts(entry, id, what.order),
  ];
}

/** The fee of a transaction, taxes on it included; a positive one is a cost. */
function feeFacts(entry: Entry, of: string, order: string | null): readonly Fact[] {
  const { account, fee, when, transaction, payout, memo } = entry;
  const type = `${transaction.reporting_category} fee`;
  const charge = { id: `${of}/fee`, date: when.on, category: "processing" as const, type, amount: -fee, order, memo };
  return chargedRow(account, charge, when, payout);
}

function row(entry: Entry, id: string, about: string | null): readonly Fact[] {
  const { account, when, amount, payout, memo, transaction } = entry;
  return rowIn(account, { id, when, type: transaction.reporting_category, amount, payout, memo }, about);
}

function memoOf(shopOrder: string, charge: Charge): string {
  const what = charge.description?.trim() ?? "";
  return what === "" || what.includes(shopOrder) ? `Order ${shopOrder} (${charge.id})` : `Order ${shopOrder}: ${what}`;
}

/** A charge in another currency than it was settled in: what is settled is booked, and the memo says what was charged. */
function settledMemo(said: string, transaction: Transaction, known: Charge | null): string {
  const charge = known ?? chargeOf(transaction);
  if (charge?.currency == null || transaction.exchange_rate == null || charge.currency === transaction.currency)
    return said;
  const from = `charged in ${charge.currency.toUpperCase()}, settled at ${transaction.exchange_rate}`;
  return said === "" ? from : `${said} (${from})`;
}

const orderId = (charge: string, account: Account): string => `${account.channel}/order/${charge}`;
const payoutId = (payout: string, account: Account): string => `${account.channel}/payout/${payout}`;
