/**
 * Pure: what a document of Practice Market says, in our words. The market says the same money twice, in orders and refunds and
 * again as rows of its balance; so each row type belongs to exactly one of three kinds:
 *
 * - rows about a document (a sale, its tax and fees, a refund, a payout): the document posts, the row is only evidence;
 * - rows that are all there is of something (a label, advertising): the row is a charge of its own;
 * - rows that move nothing (a hold and its release): the money stays in the channel's balance.
 *
 * A type that is none of these is a charge "other" and stays visible.
 */
import { z } from "zod";
import { instantOf, localDateOf } from "../../lib/core/dates";
import { ChannelError } from "../../lib/core/errors";
import type {
  BalanceRowFact,
  ChargeCategory,
  ChargeFact,
  Fact,
  OrderFact,
  PayoutFact,
  ReturnFact,
  When,
} from "../../lib/core/facts";
import { factKey, partsBack } from "../../lib/core/facts";
import type { Account, Listed, RawDocument } from "../connector";
import { ownCurrency } from "../reading";

const Id = z.string().min(1).max(200);
const Time = z.iso.datetime({ offset: true });
const Money = z.object({ amount: z.string().regex(/^-?\d{1,18}$/), currency: z.string().regex(/^[A-Z]{3}$/) });
type Money = z.infer<typeof Money>;

const Order = z.object({
  id: Id,
  number: z.string().min(1),
  status: z.string(),
  placed_at: Time,
  lines: z.array(
    z.object({
      id: Id,
      variant_id: Id.nullable(),
      sku: z.string().nullable(),
      title: z.string(),
      variant_title: z.string().nullable(),
      quantity: z.int().min(1).max(1_000_000),
      total: Money,
    }),
  ),
  discount: Money,
  shipping: Money,
  tax: Money.extend({ collected_by: z.enum(["marketplace", "seller"]) }),
  total: Money,
  fees: z.array(Money.extend({ type: z.string().min(1) })),
});
const Refund = z.object({
  id: Id,
  order_id: Id,
  created_at: Time,
  reason: z.string(),
  lines: z.array(
    z.object({ id: Id, order_line_id: Id, quantity: z.int().min(1).max(1_000_000), amount: Money, goods: z.string() }),
  ),
  adjustment: Money,
  tax: Money,
  total: Money,
});
const Row = z.object({
  id: Id,
  type: z.string().min(1),
  amount: Money,
  created_at: Time,
  order_id: Id.nullable(),
  refund_id: Id.nullable(),
  about_payout_id: Id.nullable(),
  payout_id: Id.nullable(),
  description: z.string(),
});
type Row = z.infer<typeof Row>;
const Payout = z.object({ id: Id, amount: Money, sent_at: Time, failed_at: Time.nullable() });
const Product = z.object({
  id: Id,
  title: z.string(),
  variants: z.array(z.object({ id: Id, title: z.string().nullable(), sku: z.string().nullable() })),
});

/** What one stored document says. Throws ChannelError `unreadable` for what has another shape, does not add up or is in another currency. */
export function read(document: RawDocument, account: Account): readonly Fact[] {
  switch (document.feed) {
    case "orders":
      return [orderOf(shaped(Order, document), account)];
    case "refunds":
      return refundOf(shaped(Refund, document), account);
    case "balance":
      return rowOf(shaped(Row, document), account);
    case "payouts":
      return payoutOf(shaped(Payout, document), account);
    case "products":
      // A listing is no item yet: what was never bought or sold has no place in the books. See `productsOf`.
      shaped(Product, document);
      return [];
    case "disputes":
    case "stock":
    case "file":
      throw new ChannelError("unreadable", `Practice Market gives no ${document.feed}`);
  }
}

/** What a document of the feed "products" lists, one for each variant, named as order lines name it. */
export function productsOf(document: RawDocument): readonly Listed[] {
  if (document.feed !== "products") return [];
  const product = shaped(Product, document);
  return product.variants.map((variant) => ({
    listing: variant.id,
    sku: textOf(variant.sku),
    name: nameOf(product.title, variant.title),
  }));
}

function orderOf(order: z.infer<typeof Order>, account: Account): OrderFact {
  const amount = amountIn(account);
  const id = `${account.channel}/order/${order.id}`;
  const lines = order.lines.map((line) => ({
    id: `${id}/line/${line.id}`,
    sku: textOf(line.sku),
    name: nameOf(line.title, line.variant_title),
    listing: line.variant_id,
    qty: BigInt(line.quantity),
    amount: amount(line.total),
    location: null,
  }));
  const goods = lines.reduce((sum, line) => sum + line.amount, 0n);
  const [shipping, tax, discount] = [amount(order.shipping), amount(order.tax), amount(order.discount)];
  if (goods + shipping + tax - discount !== amount(order.total)) throw wrong(`order ${order.id} does not add up`);
  if (lines.some((line) => line.amount < 0n) || shipping < 0n || tax < 0n || discount < 0n)
    throw wrong(`order ${order.id} has a negative amount`);
  const fees = order.fees.map((fee) => ({ kind: fee.type.replace(/_fee$/, ""), amount: amount(fee) }));
  const common = {
    kind: "order",
    id,
    channel: account.channel,
    when: whenOf(order.placed_at, account),
    number: order.number,
    taxBy: order.tax.collected_by === "marketplace" ? "channel" : "seller",
  } as const;
  // A cancelled order stays known by its number and wants nothing in the books: no lines, no amounts.
  return order.status === "cancelled"
    ? { ...common, lines: [], shipping: 0n, tax: 0n, discount: 0n, fees: [] }
    : { ...common, lines, shipping, tax, discount, fees };
}

function refundOf(refund: z.infer<typeof Refund>, account: Account): readonly Fact[] {
  const amount = amountIn(account);
  const order = `${account.channel}/order/${refund.order_id}`;
  const date = whenOf(refund.created_at, account).on;
  const adjustment = amount(refund.adjustment);
  const goods = refund.lines.reduce((sum, line) => sum + amount(line.amount), 0n);
  if (goods + adjustment + amount(refund.tax) !== amount(refund.total))
    throw wrong(`refund ${refund.id} does not add up`);
  const id = refundId(refund.id, account);
  const facts: Fact[] = [];
  if (refund.lines.length > 0) {
    const returned: ReturnFact = {
      kind: "return",
      id,
      date,
      order,
      ...partsBack({ tax: amount(refund.tax), shipping: 0n }),
      lines: refund.lines.map((line) => ({
        id: `${id}/line/${line.id}`,
        line: `${order}/line/${line.order_line_id}`,
        qty: BigInt(line.quantity),
        amount: amount(line.amount),
        restock: line.goods === "restocked",
        writeOff: false,
        location: null,
        // Any other word, "unknown" among them: a person says where the goods went.
        placed: line.goods === "restocked" || line.goods === "not_restocked",
      })),
    };
    facts.push(returned);
  }
  if (adjustment !== 0n) {
    const charge: ChargeFact = {
      kind: "charge",
      id: adjustmentId(refund.id, account),
      channel: account.channel,
      date,
      category: "refund",
      type: "refund_adjustment",
      amount: -adjustment,
      order,
      memo: refund.reason,
    };
    facts.push(charge);
  }
  return facts;
}

type Place = "order" | "return" | "adjustment" | "payout" | "payout returned";
/** Rows that some document already posts: whose money each is. */
const evidence: Readonly<Record<string, Place>> = {
  sale: "order",
  sale_adjustment: "order",
  marketplace_tax: "order",
  selling_fee: "order",
  processing_fee: "order",
  cancellation: "order",
  cancellation_tax: "order",
  cancellation_fees: "order",
  hold: "order",
  release: "order",
  refund: "return",
  refund_tax: "return",
  refund_adjustment: "adjustment",
  payout: "payout",
  payout_returned: "payout returned",
};
/** Rows that are all there is of something. */
const charges: Readonly<Record<string, ChargeCategory>> = {
  shipping_label: "label",
  advertising: "advertising",
  subscription: "fee",
  fee_credit: "fee",
  lost_parcel_reimbursement: "reimbursement",
};

function rowOf(row: Row, account: Account): readonly Fact[] {
  const when = whenOf(row.created_at, account);
  const amount = amountIn(account)(row.amount);
  const place = Object.hasOwn(evidence, row.type) ? evidence[row.type] : undefined;
  const charge: ChargeFact | null =
    place !== undefined || amount === 0n
      ? null
      : {
          kind: "charge",
          id: `${account.channel}/charge/${row.id}`,
          channel: account.channel,
          date: when.on,
          category: (Object.hasOwn(charges, row.type) ? charges[row.type] : undefined) ?? "other",
          type: row.type,
          amount,
          order: row.order_id === null ? null : `${account.channel}/order/${row.order_id}`,
          memo: row.description,
        };
  const listed: BalanceRowFact = {
    kind: "balance_row",
    id: `${account.channel}/row/${row.id}`,
    channel: account.channel,
    when,
    type: row.type,
    amount,
    payout: row.payout_id === null ? null : payoutId(row.payout_id, account),
    about: place === undefined ? (charge === null ? null : factKey(charge)) : keyOf(place, row, account),
    memo: row.description,
  };
  return charge === null ? [listed] : [charge, listed];
}

/** The key of the document whose money a row is. Says what factKey would say of that fact. */
function keyOf(place: Place, row: Row, account: Account): string {
  const named = (id: string | null): string => {
    if (id === null) throw wrong(`row ${row.id} of type ${row.type} does not say whose it is`);
    return id;
  };
  switch (place) {
    case "order":
      return `order/${account.channel}/order/${named(row.order_id)}`;
    case "return":
      return `return/${refundId(named(row.refund_id), account)}`;
    case "adjustment":
      return `charge/${adjustmentId(named(row.refund_id), account)}`;
    case "payout":
      return `payout/${payoutId(named(row.about_payout_id), account)}`;
    case "payout returned":
      return `payout/${returnedId(named(row.about_payout_id), account)}`;
  }
}

function payoutOf(payout: z.infer<typeof Payout>, account: Account): readonly PayoutFact[] {
  const amount = amountIn(account)(payout.amount);
  const common = { kind: "payout", channel: account.channel } as const;
  const sent: PayoutFact = {
    ...common,
    id: payoutId(payout.id, account),
    date: whenOf(payout.sent_at, account).on,
    amount,
  };
  if (payout.failed_at === null) return [sent];
  // It came back: a payout the other way, on the day it did.
  const date = whenOf(payout.failed_at, account).on;
  return [sent, { ...common, id: returnedId(payout.id, account), date, amount: -amount }];
}

const refundId = (id: string, account: Account): string => `${account.channel}/refund/${id}`;
const adjustmentId = (id: string, account: Account): string => `${refundId(id, account)}/adjustment`;
const payoutId = (id: string, account: Account): string => `${account.channel}/payout/${id}`;
const returnedId = (id: string, account: Account): string => `${payoutId(id, account)}/returned`;

function whenOf(time: string, account: Account): When {
  const at = instantOf(time);
  return { on: localDateOf(at, account.timeZone), at };
}

function nameOf(title: string, variant: string | null): string {
  return textOf(variant) === null ? title : `${title}, ${variant}`;
}

/** What is empty is not there. */
function textOf(text: string | null): string | null {
  return text === null || text.trim() === "" ? null : text;
}

function amountIn(account: Account): (money: Money) => bigint {
  return (money) => {
    ownCurrency("Practice Market", money.currency, account);
    return BigInt(money.amount);
  };
}

function shaped<T>(shape: z.ZodType<T>, document: RawDocument): T {
  const parsed = shape.safeParse(document.body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw wrong(
    `${document.feed} ${document.externalId}: ${issue?.path.join(".") || "the document"} is not as described`,
  );
}

function wrong(what: string): ChannelError {
  return new ChannelError("unreadable", `Practice Market: ${what}`);
}
