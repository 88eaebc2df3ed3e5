/**
 * Pure: which goods a refund is for. eBay says how much money went back and for which lines, not how many pieces; and nothing of where
 * the goods are. Whole pieces are taken to come back where the money is just what whole pieces cost; any other refund is money without
 * goods, as the export files have it too.
 */
import { type PartsBack, partsBack, type ReturnFact, type When } from "../../lib/core/facts";
import { allocate } from "../../lib/core/money";
import type { Account } from "../connector";
import { priceOf } from "./read-order";
import { amountIn, idIn, type Sold, sum, type Transaction } from "./shapes";

type Refund = Readonly<{
  account: Account;
  id: string;
  when: When;
  /** Signed: what the buyer got back is negative. */
  amount: bigint;
  transaction: Transaction;
  order: Sold;
}>;
type Piece = Readonly<{ line: string; qty: bigint; weight: bigint }>;
/** What a refund gives back: pieces, and the tax and shipping of them as far as the money shows them. */
type Back = Readonly<{ pieces: readonly Piece[]; parts: PartsBack; isSellersTax: boolean }>;

/** The return that a refund is; null where no whole pieces come back. */
export function returnOf(refund: Refund): ReturnFact | null {
  const { account, order } = refund;
  const given = -refund.amount;
  if (given <= 0n) return null;
  const { pieces, parts, isSellersTax } = backOf(refund, given);
  if (pieces.length === 0) return null;
  const { tax = 0n, shipping = 0n } = parts;
  const goods = given - shipping - (isSellersTax ? tax : 0n);
  const id = idIn(account, "return", refund.id);
  const weights = pieces.map((piece) => piece.weight);
  const amounts = allocate(goods, weights.some((weight) => weight > 0n) ? weights : pieces.map((piece) => piece.qty));
  // Called off before anything was sent: the goods never left. Otherwise nobody knows where they are, and a person is asked.
  const never = order.cancelStatus?.cancelState === "CANCELED" && order.orderFulfillmentStatus === "NOT_STARTED";
  return {
    kind: "return",
    id,
    date: refund.when.on,
    order: idIn(account, "order", order.orderId),
    ...parts,
    lines: pieces.map((piece, index) => ({
      id: `${id}/line/${piece.line}`,
      line: `${idIn(account, "order", order.orderId)}/line/${piece.line}`,
      qty: piece.qty,
      amount: amounts[index] ?? 0n,
      restock: never,
      writeOff: false,
      location: null,
      placed: never,
    })),
  };
}

function backOf({ account, order, transaction }: Refund, given: bigint): Back {
  const amount = amountIn(account);
  const all = order.lineItems.map((line) => {
    const delivery = amount(line.deliveryCost?.shippingCost) - amount(line.deliveryCost?.discountAmount);
    return {
      line: line.lineItemId,
      qty: BigInt(line.quantity),
      cost: amount(line.discountedLineItemCost ?? line.lineItemCost),
      delivery: delivery > 0n ? delivery : 0n,
    };
  });
  const nothing: Back = { pieces: [], parts: {}, isSellersTax: false };
  if (all.some((line) => line.cost < 0n)) return nothing;
  const whole = (lines: typeof all, shipping = 0n, tax = 0n, isSellersTax = false): Back => ({
    pieces: lines.map(({ line, qty, cost }) => ({ line, qty, weight: cost })),
    parts: partsBack({ tax, shipping }),
    isSellersTax,
  });
  const price = priceOf(order, account);
  const isSellers = price.sellerTax !== 0n;
  // Tax that eBay collected, eBay gives back: it never came to the seller.
  if (given === price.due) return whole(all, price.shipping, isSellers ? price.sellerTax : price.ebayTax, isSellers);
  const named = new Set((transaction.orderLineItems ?? []).flatMap((line) => line.lineItemId ?? []));
  const lines = named.size === 0 && all.length === 1 ? all : all.filter(({ line }) => named.has(line));
  if (lines.length === 0) return nothing;
  const cost = sum(lines.map((line) => line.cost));
  const delivery = sum(lines.map((line) => line.delivery));
  if (cost <= 0n) return nothing;
  if (given === cost) return whole(lines);
  if (given === cost + delivery) return whole(lines, delivery);
  const [only] = lines;
  if (lines.length > 1 || only === undefined || (given * only.qty) % only.cost !== 0n) return nothing;
  const qty = (given * only.qty) / only.cost;
  return qty <= only.qty ? { ...nothing, pieces: [{ line: only.line, qty, weight: given }] } : nothing;
}
