/**
 * Pure: a receipt of Etsy, which is an order. Its ids are those of the yearly export of sold order items
 * (integrations/files/channels/etsy-sold.ts): the receipt's and the transactions', so that both meet.
 *
 * What the buyer paid beyond goods, shipping and gift wrap is tax and fees (Colorado's delivery fee stands in no field) that Etsy
 * collects and remits; the ledger takes them out again. Fees of Etsy are the ledger's alone.
 */
import { z } from "zod";
import { type ChargeFact, type Fact, type OrderFact, shippedTo } from "../../lib/core/facts";
import type { Account } from "../connector";
import { Id, lineIdOf, Money, minorOf, orderIdOf, plain, Quantity, Seconds, textOf, whenOf, wrong } from "./shape";

export const Receipt = z.object({
  receipt_id: Id,
  created_timestamp: Seconds,
  payment_method: z.string(),
  grandtotal: Money,
  total_price: Money,
  total_shipping_cost: Money,
  total_tax_cost: Money,
  discount_amt: Money,
  gift_wrap_price: Money,
  /** Where the buyer has it sent; nothing of an address is worth refusing a receipt. */
  state: z.string().nullish().catch(null),
  country_iso: z.string().nullish().catch(null),
  transactions: z
    .array(
      z.object({
        transaction_id: Id,
        title: z.string().nullable(),
        quantity: Quantity,
        listing_id: z.int().min(0).nullable(),
        sku: z.string().nullable(),
        price: Money,
        variations: z.array(z.object({ formatted_name: z.string(), formatted_value: z.string() })),
      }),
    )
    .min(1),
});
type Receipt = z.infer<typeof Receipt>;

/** Ways of paying that do not go through Etsy Payments: the seller is paid by the buyer, and Etsy's balance never sees it. */
const elsewhere: readonly string[] = ["check", "mo", "bt", "other"];

/** The order, and the charge that takes out of the channel what was paid elsewhere. Throws ChannelError `unreadable`. */
export function receiptFacts(receipt: Receipt, account: Account): readonly Fact[] {
  const order = orderOf(receipt, account);
  if (!elsewhere.includes(receipt.payment_method)) return [order];
  const goods = order.lines.reduce((sum, line) => sum + line.amount, 0n);
  const paid = goods + order.shipping - order.discount;
  if (paid === 0n) return [order];
  const charge: ChargeFact = {
    kind: "charge",
    id: `${account.channel}/charge/receipt-${receipt.receipt_id}`,
    channel: account.channel,
    date: order.when.on,
    category: "elsewhere",
    type: receipt.payment_method,
    amount: -paid,
    order: order.id,
    memo: `Paid to the seller, not through Etsy (${receipt.payment_method})`,
  };
  return [order, charge];
}

function orderOf(receipt: Receipt, account: Account): OrderFact {
  const amount = (money: Money) => minorOf(money, account);
  const id = orderIdOf(receipt.receipt_id, account);
  const lines = receipt.transactions.map((transaction) => ({
    id: lineIdOf(receipt.receipt_id, transaction.transaction_id, account),
    sku: textOf(transaction.sku),
    name: nameOf(transaction.title, transaction.variations),
    listing: transaction.listing_id === null || transaction.listing_id === 0 ? null : String(transaction.listing_id),
    qty: BigInt(transaction.quantity),
    amount: amount(transaction.price) * BigInt(transaction.quantity),
    location: null,
  }));
  const goods = lines.reduce((sum, line) => sum + line.amount, 0n);
  const shipping = amount(receipt.total_shipping_cost) + amount(receipt.gift_wrap_price);
  const discount = amount(receipt.discount_amt);
  const paid = amount(receipt.grandtotal);
  const told = amount(receipt.total_tax_cost);
  if (goods !== amount(receipt.total_price))
    throw wrong(`receipt ${receipt.receipt_id}: its transactions do not add up to its total price`);
  if (lines.some((line) => line.amount < 0n) || shipping < 0n || discount < 0n || paid < 0n || told < 0n)
    throw wrong(`receipt ${receipt.receipt_id} has a negative amount`);
  const beyond = paid - (goods + shipping - discount);
  // A coupon of Etsy's own, or tax that the prices include, shows only in that the buyer paid less than the parts say.
  const tax = beyond > told ? beyond : told;
  return {
    kind: "order",
    id,
    channel: account.channel,
    when: whenOf(receipt.created_timestamp, account),
    number: String(receipt.receipt_id),
    lines,
    shipping,
    tax,
    taxBy: "channel",
    discount: discount + tax - beyond,
    fees: [],
    ...shippedTo(receipt.country_iso, receipt.state),
  };
}

/** As the export of sold items has it: "Sticker flakes · Size:Small,Colour:Red". */
function nameOf(title: string | null, variations: Receipt["transactions"][number]["variations"]): string {
  const chosen = variations.map(({ formatted_name, formatted_value }) => `${formatted_name}:${formatted_value}`);
  return [plain(title ?? ""), plain(chosen.join(","))].filter((text) => text !== "").join(" · ");
}
