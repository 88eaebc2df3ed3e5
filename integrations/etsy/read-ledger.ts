/**
 * Pure: an entry of the payment account's ledger. Every entry moves the shop's balance by its amount; each is exactly one of these:
 *
 * - money of an order (the buyer's payment, and the tax and fees of the buyer that Etsy takes out to remit): the receipt posts;
 * - a refund: the goods that come back are a return, what was given back beside them a charge;
 * - a payout, or one that came back;
 * - a charge of its own: fees, advertising, labels, credits. A type never seen is a charge `other`, so that payouts still add up.
 *
 * The kinds are treated as the monthly statement is (integrations/files/channels/etsy-statement.ts).
 */
import { z } from "zod";
import { type ChargeCategory, type Fact, factKey, partsBack, type ReturnFact } from "../../lib/core/facts";
import { allocate } from "../../lib/core/money";
import type { Account } from "../connector";
import { checkCurrency, Id, lineIdOf, Money, minorOf, orderIdOf, Quantity, Seconds, whenOf } from "./shape";

const AdjustmentItem = z.object({ shop_amount: z.int(), transaction_id: Id.nullable() });
/** An entry as Etsy gives it, with what it only points at: see `documentOf` in ledger.ts. */
export const LedgerDocument = z.object({
  entry: z.object({
    entry_id: Id,
    amount: z.int(),
    currency: z.string(),
    description: z.string(),
    created_timestamp: Seconds,
    ledger_type: z.string().min(1),
    payment_adjustments: z
      .array(
        z.object({
          shop_total_adjustment_amount: z.int().nullable(),
          payment_adjustment_items: z.array(AdjustmentItem),
        }),
      )
      .optional(),
  }),
  /** The receipt that it belongs to, where that is known. */
  receipt_id: Id.nullable(),
  payment: z.object({ amount_gross: Money, amount_net: Money }).nullable(),
  /** Of a refund: what the receipt sold. */
  sold: z
    .object({
      subtotal: Money,
      /** What the order has as shipping: the carriage and the wrap. Left out where the receipt does not say it. */
      shipping: z.array(Money).optional(),
      lines: z.array(z.object({ transaction_id: Id, quantity: Quantity, price: Money })),
    })
    .nullable(),
  /** The entry of the payout that this one was paid out in, as far as that adds up. */
  paid_out_by: Id.nullable(),
});
export type LedgerDocument = z.infer<typeof LedgerDocument>;

/** Charges by the ledger's type, in small letters. A type with `_refund` behind it is the same fee, given back. */
const categories: readonly (readonly [pattern: RegExp, category: ChargeCategory])[] = [
  [/^(sales_tax|buyer_fee)$/, "tax_remitted"],
  // What is given back of the buyer's tax and fees lessens the refund.
  [/^(sales_tax|buyer_fee)_refund$/, "refund"],
  [/^payment(_gross)?$/, "sale"],
  // Tax on Etsy's own fees is part of their cost.
  [/^(vat|gst|hst|pst|qst)_/, "fee"],
  [/(^|_)processing_fee(_|$)/, "processing"],
  [/^refund(_|$)/, "refund"],
  [/^(prolist|offsite_ads_fee|etsy_ads)(_|$)/, "advertising"],
  [/^shipping_labels?(_|$)/, "label"],
  [/^(shipping_)?transaction(_|$)/, "fee"],
  [/^(listing|renew|auto_renew)(_|$)/, "fee"],
  [/^(gift_wrap_fees|regulatory_operating_fee|subscription|seller_driven_traffic_credit)(_|$)/, "fee"],
  // Etsy charges the seller's card for what is owed, or is paid by hand.
  [/^(recoup|recoupment|billing_payment|bill_payment)(_|$)/, "bank"],
];
const isOfOrder = (type: string) => /^(payment|payment_gross|sales_tax|buyer_fee)$/.test(type);

/** What an entry is a charge of; `other` for what nobody has seen. */
export function categoryOf(ledgerType: string): ChargeCategory {
  const type = ledgerType.toLowerCase();
  return categories.find(([pattern]) => pattern.test(type))?.[1] ?? "other";
}

/** Whether an entry is money on its way to the seller's bank, or back from there. */
export function isPayout(ledgerType: string): boolean {
  return /^disburse|^returned_disburse|^adyenbalance_reversal$/.test(ledgerType.toLowerCase());
}

/** The facts of one entry; none where it moves nothing. Throws ChannelError `unreadable`. */
export function ledgerFacts(document: LedgerDocument, account: Account): readonly Fact[] {
  const { entry, receipt_id } = document;
  checkCurrency(entry.currency, account);
  const amount = BigInt(entry.amount);
  if (amount === 0n) return [];
  const type = entry.ledger_type.toLowerCase();
  const order = receipt_id === null ? null : orderIdOf(receipt_id, account);
  const to = writerOf(document, account, order);
  if (isPayout(type)) {
    const id = `${account.channel}/payout/${entry.entry_id}`;
    const payout: Fact = { kind: "payout", id, channel: account.channel, date: to.when.on, amount: -amount };
    return [payout, to.row("", amount, factKey(payout))];
  }
  if (order !== null && isOfOrder(type)) {
    const held = heldBack(document, account);
    // Early ledgers have a payment without what its processing cost: one entry that says both.
    return held === 0n
      ? [to.row("", amount, `order/${order}`)]
      : [to.row("", amount + held, `order/${order}`), ...to.charge("fees", -held, "processing")];
  }
  if (/^refund(_gross)?$/.test(type) && amount < 0n) {
    const returned = returnOf(document, account);
    if (returned !== null) {
      const given = returned.lines.reduce((sum, line) => sum + line.amount, shippingOf(returned));
      const rest = amount + given;
      return [
        returned,
        to.row("", -given, factKey(returned)),
        ...(rest === 0n ? [] : to.charge("adjustment", rest, "refund")),
      ];
    }
  }
  return to.charge("", amount, categoryOf(type));
}

/** Writes rows and charges of one entry. An entry that is money of two things is listed as two rows, which together are the entry. */
function writerOf(document: LedgerDocument, account: Account, order: string | null) {
  const { entry, paid_out_by } = document;
  const when = whenOf(entry.created_timestamp, account);
  const idOf = (kind: string, part: string) =>
    [account.channel, kind, String(entry.entry_id), ...(part === "" ? [] : [part])].join("/");
  const common = { channel: account.channel, type: entry.ledger_type, memo: entry.description };
  const row = (part: string, amount: bigint, about: string): Fact => ({
    kind: "balance_row",
    id: idOf("row", part),
    ...common,
    when,
    amount,
    payout: paid_out_by === null ? null : `${account.channel}/payout/${paid_out_by}`,
    about,
  });
  const charge = (part: string, amount: bigint, category: ChargeCategory): readonly Fact[] => {
    const fact: Fact = {
      kind: "charge",
      id: idOf("charge", part),
      ...common,
      date: when.on,
      category,
      amount,
      order,
    };
    return [fact, row(part, amount, factKey(fact))];
  };
  return { when, row, charge };
}

/** What a payment's entry lacks of what the buyer paid: the processing fee, where the entry is net of it. */
function heldBack({ entry, payment }: LedgerDocument, account: Account): bigint {
  if (payment === null || entry.ledger_type.toLowerCase() !== "payment") return 0n;
  const [gross, net] = [minorOf(payment.amount_gross, account), minorOf(payment.amount_net, account)];
  return BigInt(entry.amount) === net ? gross - net : 0n;
}

/**
 * What comes back by a refund: everything, where all that was paid is given back, and else each line that is given back whole. Etsy
 * never says how many pieces come back, nor where they went; money that is not all of a line is given without goods.
 */
function returnOf(document: LedgerDocument, account: Account): ReturnFact | null {
  const { entry, receipt_id, payment, sold } = document;
  const adjustments = entry.payment_adjustments ?? [];
  if (receipt_id === null || sold === null) return null;
  const total = -BigInt(entry.amount);
  const worth = sold.lines.map((line) => minorOf(line.price, account) * BigInt(line.quantity));
  const subtotal = minorOf(sold.subtotal, account);
  if (worth.every((amount) => amount === 0n) || worth.some((amount) => amount < 0n) || subtotal < 0n) return null;
  // What the buyer paid for each line, once the receipt's discount is spread over them.
  const paid = allocate(subtotal, worth);
  const isWhole = payment !== null && minorOf(payment.amount_gross, account) === total;
  const given = new Map<number, bigint>();
  const told = adjustments.reduce((sum, each) => sum + BigInt(each.shop_total_adjustment_amount ?? 0), 0n);
  // Adjustments that speak of another amount than the entry's are no guide to what it gave back.
  for (const item of told === total ? adjustments.flatMap((each) => each.payment_adjustment_items) : [])
    if (item.transaction_id !== null)
      given.set(item.transaction_id, (given.get(item.transaction_id) ?? 0n) + BigInt(item.shop_amount));
  const id = `${account.channel}/refund/${entry.entry_id}`;
  const lines = sold.lines.flatMap((line, index) => {
    const whole = paid[index] ?? 0n;
    const back = isWhole ? whole : (given.get(line.transaction_id) ?? 0n);
    if (!isWhole && (back === 0n || (back !== whole && back !== worth[index]))) return [];
    return [
      {
        id: `${id}/line/${line.transaction_id}`,
        line: lineIdOf(receipt_id, line.transaction_id, account),
        qty: BigInt(line.quantity),
        amount: back,
        restock: false,
        writeOff: false,
        location: null,
        placed: false,
      },
    ];
  });
  const goods = lines.reduce((sum, line) => sum + line.amount, 0n);
  if (lines.length === 0 || goods === 0n || goods > total) return null;
  const date = whenOf(entry.created_timestamp, account).on;
  // The tax is a charge beside it: what Etsy gives back of that is an entry of its own, which does not say of which refund.
  const carriage = isWhole ? (sold.shipping ?? []).reduce((sum, money) => sum + minorOf(money, account), 0n) : 0n;
  const shipping = carriage > 0n && goods + carriage <= total ? carriage : 0n;
  return {
    kind: "return",
    id,
    date,
    order: orderIdOf(receipt_id, account),
    ...partsBack({ tax: 0n, shipping }),
    lines,
  };
}

const shippingOf = (fact: ReturnFact): bigint => (fact.order === null ? 0n : (fact.shipping ?? 0n));
