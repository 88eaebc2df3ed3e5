/**
 * What a sale earned. The problem: the same profit stands on the order's page, in the list of sold lines and in profit and loss, and
 * fees are charged for an order while costs belong to its lines. The choice: one sum for an order and one for a line, written here once,
 * and what is charged for the whole order shared over its lines by their amounts, so that the lines add up to the order.
 */
import { allocate } from "./money";

/** What an order's profit is made of, in minor units. Tax is not among it: it is the state's, whoever remits it. */
export type OrderMoney = Readonly<{
  /** Its lines before discount. */
  gross: bigint;
  shipping: bigint;
  discount: bigint;
  /** Its own fees. */
  fees: bigint;
  /** Charges that name it: labels, advertising; negative where the channel gave something back. */
  charges: bigint;
  refunds: bigint;
  /** What its lines cost, and what returns brought back of that. */
  cost: bigint;
  costBack: bigint;
}>;

/** What the seller keeps of an order: lines + shipping − discount − fees − charges − refunds − cost + cost that came back. */
export function orderProfit(order: OrderMoney): bigint {
  const { gross, shipping, discount, fees, charges, refunds, cost, costBack } = order;
  return gross + shipping - discount - fees - charges - refunds - cost + costBack;
}

/** What a line's profit is made of; `fees` and `refunds` are its shares. Shipping is the order's, not a line's. */
export type LineMoney = Readonly<{
  amount: bigint;
  discount: bigint;
  fees: bigint;
  refunds: bigint;
  cost: bigint;
  costBack: bigint;
}>;

/** A line's part of that: amount − discount − fees − refunds − cost + cost that came back. */
export function lineProfit(line: LineMoney): bigint {
  return line.amount - line.discount - line.fees - line.refunds - line.cost + line.costBack;
}

/**
 * Shares what was charged or refunded for a whole order over its lines, in their order, by amount; by quantity where all are given away.
 * Largest remainder, equal remainders to the earlier line: the parts add to exactly `total`, which may be negative.
 */
export function shareOverLines(
  total: bigint,
  lines: readonly Readonly<{ amount: bigint; qty: bigint }>[],
): readonly bigint[] {
  if (lines.length === 0) return [];
  const isByAmount = lines.some((line) => line.amount > 0n);
  return allocate(
    total,
    lines.map((line) => (isByAmount ? line.amount : line.qty)),
  );
}

/** A purchase with money still to detail, as a sold line might have been bought in it. */
export type LikelyPurchase = Readonly<{
  id: string;
  on: string;
  /** What is left to detail. */
  left: bigint;
  /** Everything that is written on it: supplier, payee, memo. */
  words: string;
}>;

/**
 * The purchase that a sold line was likely bought in, of those dated on or before the sale with something left: the one with the most
 * words in common, then the one whose rest could be its cost (not above its price), then the nearest in time. Only ever a suggestion.
 */
export function likelyPurchase<P extends LikelyPurchase>(
  sale: Readonly<{ on: string; name: string; price: bigint }>,
  purchases: readonly P[],
): P | null {
  const wanted = wordsOf(sale.name);
  let best: { purchase: P; common: number; fits: boolean } | null = null;
  for (const purchase of purchases) {
    if (purchase.on > sale.on || purchase.left <= 0n) continue;
    const common = [...wordsOf(purchase.words)].filter((word) => wanted.has(word)).length;
    // A mixed lot of many times the price is as unlikely as a rest of a few cents.
    const fits = purchase.left <= sale.price * 5n && purchase.left * 20n >= sale.price;
    const isBetter =
      best === null ||
      common > best.common ||
      (common === best.common && ((fits && !best.fits) || (fits === best.fits && purchase.on > best.purchase.on)));
    if (isBetter) best = { purchase, common, fits };
  }
  return best?.purchase ?? null;
}

/** Words of three letters or more; shorter ones say nothing. */
function wordsOf(text: string): ReadonlySet<string> {
  return new Set(
    text
      .normalize("NFKC")
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word.length > 2),
  );
}
