/** The shapes of Shopify's documents as far as they are read, and how their amounts, times and ids are said in our words. */
import { z } from "zod";
import { instantOf, localDateOf } from "../../lib/core/dates";
import { ChannelError } from "../../lib/core/errors";
import type { When } from "../../lib/core/facts";
import { parseMinor } from "../../lib/core/money";
import type { Account, RawDocument } from "../connector";
import { ownCurrency } from "../reading";

const Id = z.string().min(1).max(200);
const Time = z.iso.datetime({ offset: true });
const Quantity = z.int().min(0).max(1_000_000);
const Money = z.object({
  amount: z.string().regex(/^-?\d{1,15}(\.\d{1,8})?$/),
  currencyCode: z.string().regex(/^[A-Z]{3}$/),
});
export type Money = z.infer<typeof Money>;
const Bag = z.object({ shopMoney: Money });
export type Bag = z.infer<typeof Bag>;
const Taxes = z.array(z.object({ priceSet: Bag }));

const Line = z.object({
  id: Id,
  name: z.string(),
  title: z.string(),
  sku: z.string().nullable(),
  quantity: Quantity,
  currentQuantity: Quantity,
  isGiftCard: z.boolean(),
  variant: z.object({ id: Id }).nullable(),
  originalTotalSet: Bag,
  discountAllocations: z.array(z.object({ allocatedAmountSet: Bag })),
  taxLines: Taxes,
});
export type Line = z.infer<typeof Line>;
const Transaction = z.object({
  id: Id,
  kind: z.string(),
  status: z.string(),
  gateway: z.string().nullable(),
  test: z.boolean(),
  processedAt: Time.nullable(),
  amountSet: Bag,
});
export type Transaction = z.infer<typeof Transaction>;
const Refund = z.object({
  id: Id,
  createdAt: Time.nullable(),
  processedAt: Time,
  refundShippingLines: z.object({ nodes: z.array(z.object({ subtotalAmountSet: Bag.optional(), taxAmountSet: Bag })) }),
  transactions: z.object({ nodes: z.array(Transaction) }),
  refundLineItems: z.array(
    z.object({
      id: Id.nullable(),
      quantity: Quantity,
      restockType: z.string(),
      restocked: z.boolean(),
      lineItem: z.object({ id: Id }),
      subtotalSet: Bag,
      totalTaxSet: Bag,
    }),
  ),
});
export type Refund = z.infer<typeof Refund>;
export const Order = z.object({
  id: Id,
  name: z.string().min(1),
  test: z.boolean(),
  processedAt: Time,
  cancelledAt: Time.nullable(),
  displayFinancialStatus: z.string().nullable(),
  taxesIncluded: z.boolean(),
  dutiesIncluded: z.boolean(),
  totalPriceSet: Bag,
  totalTaxSet: Bag.nullable(),
  totalTipReceivedSet: Bag,
  originalTotalDutiesSet: Bag.nullable(),
  originalTotalAdditionalFeesSet: Bag.nullable(),
  totalCashRoundingAdjustment: z.object({ paymentSet: Bag }),
  taxLines: z.array(z.object({ channelLiable: z.boolean().nullable(), priceSet: Bag })),
  shippingLines: z.array(z.object({ discountedPriceSet: Bag, taxLines: Taxes })),
  transactions: z.array(Transaction),
  refunds: z.array(Refund),
  lineItems: z.array(Line),
});
export type Order = z.infer<typeof Order>;

export const BalanceTransaction = z.object({
  id: Id,
  type: z.string().min(1),
  test: z.boolean(),
  transactionDate: Time,
  sourceId: z.union([z.string(), z.int()]).nullable(),
  adjustmentReason: z.string().nullable(),
  amount: Money,
  fee: Money,
  net: Money,
  associatedOrder: z.object({ id: Id, name: z.string().min(1) }).nullable(),
  associatedPayout: z.object({ id: Id.nullable(), status: z.string().nullable() }),
});
export type BalanceTransaction = z.infer<typeof BalanceTransaction>;
export const Payout = z.object({
  id: Id,
  issuedAt: Time,
  status: z.string(),
  transactionType: z.string(),
  net: Money,
});
export type Payout = z.infer<typeof Payout>;
export const Dispute = z.object({ id: Id, type: z.string(), status: z.string(), initiatedAt: Time, amount: Money });
export const Product = z.object({
  id: Id,
  title: z.string(),
  variants: z.array(z.object({ id: Id, title: z.string(), sku: z.string().nullable() })),
});

/** The states in which money has left for the bank. Before that a payout is a plan, and one that was cancelled never was. */
const sent = ["IN_TRANSIT", "PAID", "FAILED"];
export const wasSent = (status: unknown): boolean => sent.includes(String(status));

/** Documents that change without saying when grow older by their state: what they mean for the books changes with it and with nothing else. */
export const payoutVersion = (status: unknown): string =>
  String(["SCHEDULED", ...sent, "CANCELED"].indexOf(String(status)) + 1);
export const balanceVersion = (status: unknown): string => String(sent.indexOf(String(status)) + 1);
export const disputeVersion = (status: unknown): string =>
  String(
    ["NEEDS_RESPONSE", "UNDER_REVIEW", "PREVENTED", "ACCEPTED", "CHARGE_REFUNDED", "LOST", "WON"].indexOf(
      String(status),
    ) + 1,
  );

/** The document's body. Throws ChannelError `unreadable` for one of another shape. */
export function shaped<T>(shape: z.ZodType<T>, document: RawDocument): T {
  const parsed = shape.safeParse(document.body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") || "the document";
  throw wrong(`${document.feed} ${document.externalId}: ${where} is not as described`);
}

export function wrong(what: string): ChannelError {
  return new ChannelError("unreadable", `Shopify: ${what}`);
}

/** Amounts in minor units of the account's currency. Throws OtherCurrency for one in another. */
export function amountIn(account: Account): (money: Money | Bag) => bigint {
  return (given) => {
    const { amount, currencyCode } = "shopMoney" in given ? given.shopMoney : given;
    ownCurrency("Shopify", currencyCode, account);
    return parseMinor(amount, currencyCode, { allowTrailingZeros: true });
  };
}

export function whenOf(time: string, account: Account): When {
  const at = instantOf(time);
  return { on: localDateOf(at, account.timeZone), at };
}

/** `shopify/order/1001`: an order goes by its name without #, as in Shopify's own export, so that file and API name the same. */
export function orderId(account: Account, name: string): string {
  return `${account.channel}/order/${name.replace(/^#/, "")}`;
}

export function payoutId(account: Account, id: string): string {
  return `${account.channel}/payout/${id}`;
}

export function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

/** What is empty is not there. */
export function textOf(text: string | null): string | null {
  return text === null || text.trim() === "" ? null : text;
}

/** The number at the end of a global id: gid://shopify/Order/450789469. */
export function tailOf(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1).replace(/\?.*$/, "");
}
