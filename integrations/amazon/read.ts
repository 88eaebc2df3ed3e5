/**
 * Pure: what a document of Amazon says, in our words. One sale is told by one kind of document and its money by another:
 *
 * - the order tells the sale, once it is shipped: its lines, what the buyer paid, who keeps the tax;
 * - the settlement is the proof: the payout, the rows that it is of, and fees, refunds and all else as charges and returns;
 * - finances tell the same as the settlement early, in the rows and charges of a transaction, and take it back when it is settled;
 * - stock at Amazon: what Amazon says it holds, and what happened to it (read-stock.ts).
 */
import { z } from "zod";
import { instantOf, localDateOf } from "../../lib/core/dates";
import { ChannelError, Refusal } from "../../lib/core/errors";
import { type Fact, type OrderFact, type OrderLine, shippedTo } from "../../lib/core/facts";
import { allocate, parseMinor } from "../../lib/core/money";
import { bodyOf, interpretAmazonSettlement } from "../amazon-settlements";
import type { Account, RawDocument } from "../connector";
import { otherCurrency } from "../reading";
import { ownPrefix, silentPart } from "./names";
import { transactionFacts } from "./read-finances";
import { isByAmazon, shelving } from "./read-stock";

const Money = z.object({ amount: z.string().min(1), currencyCode: z.string().min(1) });
type Money = z.infer<typeof Money>;
const Subtotals = z.array(z.object({ type: z.string().min(1), subtotal: Money }));
const Count = z.int().min(0).max(1_000_000);
const Order = z.object({
  orderId: z.string().min(1).max(200),
  createdTime: z.iso.datetime({ offset: true }),
  salesChannel: z.object({ channelName: z.string().min(1) }),
  fulfillment: z.object({ fulfillmentStatus: z.string().min(1), fulfilledBy: z.string().nullish() }),
  proceeds: z.object({ grandTotal: Money.nullish(), breakdowns: Subtotals.nullish() }).nullish(),
  /** No order is refused for its address: one of another shape says nothing. */
  recipient: z
    .object({
      deliveryAddress: z.object({ countryCode: z.string().nullish(), stateOrRegion: z.string().nullish() }).nullish(),
    })
    .nullish()
    .catch(null),
  orderItems: z.array(
    z.object({
      orderItemId: z.string().min(1).max(200),
      quantityOrdered: Count,
      product: z.object({
        asin: z.string().nullish(),
        title: z.string().nullish(),
        sellerSku: z.string().nullish(),
      }),
      proceeds: z.object({ breakdowns: Subtotals.nullish() }).nullish(),
      fulfillment: z.object({ quantityFulfilled: Count.nullish() }).nullish(),
      tax: z.object({ taxCollections: z.array(z.object({ model: z.string().nullish() })).nullish() }).nullish(),
    }),
  ),
});
type Order = z.infer<typeof Order>;
type Item = Order["orderItems"][number];

/** What one stored document says. Throws ChannelError `unreadable` for what has another shape, does not add up or is in another currency. */
export function read(document: RawDocument, account: Account): readonly Fact[] {
  try {
    switch (document.feed) {
      case "orders":
        return [orderOf(shaped(Order, document), account)];
      case "payouts":
        return settlementFacts(document, account);
      case "balance":
        return transactionFacts(document, account);
      case "stock":
        // What it says of shelves becomes movements where the goods are known (`shelving`); here it is only seen that it says it.
        shelving.moves(document);
        shelving.count(document);
        return [];
      case "file":
        // Other documents of files are the file reader's, which the product asks for them.
        if (shaped(z.object({ part: z.string() }), document).part === silentPart) return [];
        throw wrong("a document of a file is not read here");
      default:
        throw wrong(`there is no feed ${document.feed}`);
    }
  } catch (error) {
    // A number or a date that is none, in what Amazon said, is Amazon's and no person's to mend.
    if (error instanceof Refusal || error instanceof SyntaxError)
      throw wrong(`${document.feed} ${document.externalId}: ${error.message}`);
    throw error;
  }
}

function settlementFacts(document: RawDocument, account: Account): readonly Fact[] {
  const why = z.object({ unreadable: z.string() }).safeParse(document.body);
  if (why.success) throw wrong(`settlement report ${document.externalId}: ${why.data.unreadable}`);
  const body = bodyOf({ ...document, body: withoutUnknown(document.body) });
  if ((body.known.settlement ?? "") === "")
    throw wrong(`${document.externalId} does not say which settlement it is of`);
  if (body.currency !== account.currency) throw otherCurrency("Amazon", body.currency, account);
  const id = document.externalId;
  return interpretAmazonSettlement(body, id.startsWith(ownPrefix) ? id.slice(ownPrefix.length) : id, account);
}

/**
 * A settlement's rows are texts by the names of their columns. Something else under a name that nobody knows is left out, as unknown fields
 * are everywhere.
 */
function withoutUnknown(body: unknown): unknown {
  const parsed = z
    .looseObject({
      known: z.record(z.string(), z.unknown()),
      rows: z.array(z.looseObject({ cells: z.record(z.string(), z.unknown()) })),
    })
    .safeParse(body);
  if (!parsed.success) return body;
  const texts = (fields: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(fields).filter(([, value]) => typeof value !== "object" || value === null || Array.isArray(value)),
    );
  const { known, rows } = parsed.data;
  return { ...parsed.data, known: texts(known), rows: rows.map((row) => ({ ...row, cells: texts(row.cells) })) };
}

/** How much of an item has left, of how much was ordered: what is not shipped is not paid for yet. */
function shippedOf(order: Order, item: Item): bigint {
  // Amazon only sends it, for a sale of another channel, which tells it itself.
  if (order.salesChannel.channelName.toUpperCase() === "NON_AMAZON") return 0n;
  switch (order.fulfillment.fulfillmentStatus) {
    case "SHIPPED":
      return BigInt(item.quantityOrdered);
    case "PARTIALLY_SHIPPED":
      return BigInt(item.fulfillment?.quantityFulfilled ?? 0);
    default:
      return 0n;
  }
}

const carriage: readonly string[] = ["SHIPPING", "GIFT_WRAP", "COD_FEE", "OTHER"];

function orderOf(order: Order, account: Account): OrderFact {
  const id = `${account.channel}/order/${order.orderId}`;
  const at = instantOf(order.createdTime);
  const sums = { shipping: 0n, tax: 0n, discount: 0n };
  const lines: OrderLine[] = [];
  for (const item of order.orderItems) {
    const [qty, ordered] = [shippedOf(order, item), BigInt(item.quantityOrdered)];
    if (qty > ordered) throw wrong(`order ${order.orderId} shipped more than was ordered`);
    if (qty === 0n) continue;
    // A part of an item's money, by pieces; the parts of all its shipments add to the whole.
    const part = (amount: bigint) => allocate(amount, [qty, ordered - qty])[0] ?? 0n;
    const of = (...types: readonly string[]) => part(sumOf(item.proceeds?.breakdowns, types, account));
    const [goods, shipping, tax] = [of("ITEM"), of(...carriage), of("TAX")];
    const given = of("DISCOUNT");
    sums.shipping += shipping;
    sums.tax += tax;
    // Told with or without its minus; what the buyer pays is less either way.
    sums.discount += given < 0n ? -given : given;
    const sku = item.product.sellerSku?.trim() || null;
    lines.push({
      id: `${id}/line/${item.orderItemId}`,
      sku,
      name: item.product.title?.trim() || sku || `Amazon item ${item.orderItemId}`,
      listing: item.product.asin?.trim() || null,
      qty,
      amount: goods,
      location: isByAmazon(order.fulfillment.fulfilledBy) ? (account.shelves?.sellable ?? null) : null,
    });
  }
  const total = lines.reduce((sum, { amount }) => sum + amount, 0n) + sums.shipping + sums.tax - sums.discount;
  if (lines.some(({ amount }) => amount < 0n) || sums.shipping < 0n || sums.tax < 0n)
    throw wrong(`order ${order.orderId} has a negative amount`);
  const grand = order.proceeds?.grandTotal;
  if (grand != null && order.fulfillment.fulfillmentStatus === "SHIPPED" && lines.length > 0) {
    // What is given to the driver is charged apart and comes with the finances.
    const tip = sumOf(order.proceeds?.breakdowns, ["DELIVERY_TIP"], account);
    const said = minor(grand, account);
    if (total !== said && total !== said - tip) throw wrong(`order ${order.orderId} does not add up`);
  }
  const keeps = (item: Item) =>
    (item.tax?.taxCollections ?? []).some(({ model }) => (model ?? "").toUpperCase() === "MARKETPLACE_FACILITATOR");
  const address = order.recipient?.deliveryAddress;
  const isSellers = sums.tax !== 0n && !order.orderItems.some(keeps);
  return {
    kind: "order",
    id,
    channel: account.channel,
    when: { on: localDateOf(at, account.timeZone), at },
    number: order.orderId,
    lines,
    ...sums,
    taxBy: isSellers ? "seller" : "channel",
    fees: [],
    ...shippedTo(address?.countryCode, address?.stateOrRegion),
  };
}

function sumOf(
  breakdowns: z.infer<typeof Subtotals> | null | undefined,
  types: readonly string[],
  account: Account,
): bigint {
  return (breakdowns ?? [])
    .filter(({ type }) => types.includes(type))
    .reduce((sum, { subtotal }) => sum + minor(subtotal, account), 0n);
}

function minor(money: Money, account: Account): bigint {
  if (money.currencyCode !== account.currency) throw otherCurrency("Amazon", money.currencyCode, account);
  return parseMinor(money.amount, account.currency, { allowTrailingZeros: true });
}

function shaped<T>(shape: z.ZodType<T>, document: RawDocument): T {
  const parsed = shape.safeParse(document.body);
  if (parsed.success) return parsed.data;
  const place = parsed.error.issues[0]?.path.join(".") || "the document";
  throw wrong(`${document.feed} ${document.externalId}: ${place} is not as described`);
}

function wrong(what: string): ChannelError {
  return new ChannelError("unreadable", `Amazon: ${what}`);
}
