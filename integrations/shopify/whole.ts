/** What a page of Shopify's had no room for: an order's further lines, its refunds, a product's further variants. */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import { queries, refundsInPage, transactionsInPage } from "./queries";

/** Sends a query and gives its data. */
export type Send = (query: string, variables: Readonly<Record<string, unknown>>) => Promise<unknown>;

const Node = z.looseObject({ id: z.string().min(1) });
const Connection = z.object({
  nodes: z.array(z.unknown()),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
});
type Connection = z.infer<typeof Connection>;

const Order = z.looseObject({
  id: z.string().min(1),
  lineItems: Connection,
  shippingLines: Connection,
  transactions: z.array(z.unknown()),
  refunds: z.array(Node),
});
const Product = z.looseObject({ id: z.string().min(1), variants: Connection });
const Refund = z.looseObject({ id: z.string().min(1), refundLineItems: Connection });
const Lines = z.object({ order: z.object({ lineItems: Connection }) });
const Variants = z.object({ product: z.object({ variants: Connection }) });
const ShippingLines = z.object({ order: z.object({ shippingLines: Connection }) });
const Transactions = z.object({ order: z.object({ transactions: z.array(z.unknown()) }) });
const RefundsOf = z.object({ order: z.object({ refunds: z.array(Node) }) });
const OneRefund = z.object({ refund: Refund });

/** A thousand pages of anything are a loop, not an order. */
const mostPages = 1_000;

function shaped<T>(shape: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ChannelError("unreadable", `Shopify's ${what} has another shape`);
}

async function restOf(first: Connection, next: (after: string) => Promise<Connection>): Promise<readonly unknown[]> {
  const nodes = [...first.nodes];
  let at = first.pageInfo;
  for (let page = 0; at.hasNextPage; page += 1) {
    if (page > mostPages || typeof at.endCursor !== "string")
      throw new ChannelError("unreadable", "Shopify's pages of one document do not end");
    const more = await next(at.endCursor);
    nodes.push(...more.nodes);
    at = more.pageInfo;
  }
  return nodes;
}

/**
 * An order with all of its lines, shipping, payments and refunds. `isFull`: it came with all of its payments and with the names of all of
 * its refunds, however many.
 */
export async function wholeOrder(node: unknown, send: Send, isFull = false): Promise<unknown> {
  const order = shaped(Order, node, "order");
  const { id } = order;
  const lineItems = await restOf(
    order.lineItems,
    async (after) => shaped(Lines, await send(queries.lines, { id, after }), "order").order.lineItems,
  );
  const shippingLines = order.shippingLines.pageInfo.hasNextPage
    ? shaped(ShippingLines, await send(queries.shippingLines, { id }), "order").order.shippingLines.nodes
    : order.shippingLines.nodes;
  const transactions =
    !isFull && order.transactions.length >= transactionsInPage
      ? shaped(Transactions, await send(queries.transactions, { id }), "order").order.transactions
      : order.transactions;
  const named =
    !isFull && order.refunds.length >= refundsInPage
      ? shaped(RefundsOf, await send(queries.refundsOf, { id }), "order").order.refunds
      : order.refunds;
  const refunds: unknown[] = [];
  for (const refund of named) refunds.push(await wholeRefund(refund.id, send));
  return { ...order, lineItems, shippingLines, transactions, refunds };
}

async function wholeRefund(id: string, send: Send): Promise<unknown> {
  const page = async (after: string | null) =>
    shaped(OneRefund, await send(queries.refund, { id, after }), "refund").refund;
  const refund = await page(null);
  const refundLineItems = await restOf(refund.refundLineItems, async (after) => (await page(after)).refundLineItems);
  return { ...refund, refundLineItems };
}

/** A product with all of its variants. */
export async function wholeProduct(node: unknown, send: Send): Promise<unknown> {
  const product = shaped(Product, node, "product");
  const { id } = product;
  const variants = await restOf(
    product.variants,
    async (after) => shaped(Variants, await send(queries.variants, { id, after }), "product").product.variants,
  );
  return { ...product, variants };
}
