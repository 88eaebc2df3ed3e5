/** What eBay's documents look like, as far as we read them, and how money and time in them are understood. */
import { z } from "zod";
import { instantOf, localDateOf } from "../../lib/core/dates";
import { ChannelError, Refusal } from "../../lib/core/errors";
import type { When } from "../../lib/core/facts";
import { parseMinor } from "../../lib/core/money";
import type { Account, RawDocument } from "../connector";
import { ownCurrency } from "../reading";

const Id = z.string().min(1).max(200);
const Time = z.iso.datetime({ offset: true });
/** eBay writes "12.0" and "-1.5"; whole minor units come of it in `amountIn`. */
const Amount = z.object({
  value: z.string().regex(/^-?\d{1,15}(\.\d{1,6})?$/),
  currency: z.string().regex(/^[A-Z]{3}$/),
  /** What it was before eBay converted it, and at which rate; `value` is what came of it. */
  convertedFromCurrency: z.string().optional(),
  convertedFromValue: z.string().optional(),
  exchangeRate: z.string().optional(),
});
type Amount = z.infer<typeof Amount>;

const Tax = z.object({ amount: Amount.optional() });
const Line = z.object({
  lineItemId: Id,
  quantity: z.int().min(1).max(1_000_000),
  lineItemCost: Amount,
  discountedLineItemCost: Amount.optional(),
  deliveryCost: z.object({ shippingCost: Amount.optional(), discountAmount: Amount.optional() }).optional(),
  taxes: z.array(Tax).optional(),
  ebayCollectAndRemitTaxes: z.array(Tax).optional(),
  ebayCollectedCharges: z
    .object({ ebayShipping: Amount.optional(), charges: z.array(z.object({ amount: Amount.optional() })).optional() })
    .optional(),
});
const PricingSummary = z.object({
  priceSubtotal: Amount,
  priceDiscount: Amount.optional(),
  adjustment: Amount.optional(),
  deliveryCost: Amount.optional(),
  deliveryDiscount: Amount.optional(),
  fee: Amount.optional(),
  tax: Amount.optional(),
  total: Amount,
});

/** What a refund needs of its order. */
export const Sold = z.object({
  orderId: Id,
  orderFulfillmentStatus: z.string().optional(),
  cancelStatus: z.object({ cancelState: z.string().optional() }).optional(),
  pricingSummary: PricingSummary,
  lineItems: z.array(Line).min(1),
});
export type Sold = z.infer<typeof Sold>;

const Address = z.object({ countryCode: z.string().optional(), stateOrProvince: z.string().optional() });
/** Where a package goes. No order is refused for its address: one of another shape says nothing. */
const Instructions = z
  .array(
    z.object({
      /** The buyer's own, where eBay sends it on (international shipping, authentication): `shipTo` is then a hub of eBay's. */
      finalDestinationAddress: Address.nullish(),
      shippingStep: z.object({ shipTo: z.object({ contactAddress: Address.nullish() }).nullish() }).nullish(),
    }),
  )
  .nullish()
  .catch(null);

export const Order = Sold.extend({
  creationDate: Time,
  orderPaymentStatus: z.string(),
  fulfillmentStartInstructions: Instructions,
  lineItems: z
    .array(
      Line.extend({
        title: z.string().optional(),
        sku: z.string().nullish(),
        legacyItemId: Id.optional(),
        legacyVariationId: Id.nullish(),
        variationAspects: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
      }),
    )
    .min(1),
});
export type Order = z.infer<typeof Order>;

const Fee = z.object({ feeType: z.string().min(1).optional(), amount: Amount });
export const Transaction = z.object({
  transactionId: Id,
  transactionType: z.string().min(1).max(100),
  transactionDate: Time,
  amount: Amount,
  bookingEntry: z.enum(["CREDIT", "DEBIT"]),
  orderId: Id.optional(),
  payoutId: Id.optional(),
  feeType: z.string().min(1).max(100).optional(),
  transactionMemo: z.string().nullish(),
  references: z
    .array(z.object({ referenceId: z.string().optional(), referenceType: z.string().optional() }))
    .optional(),
  totalFeeAmount: Amount.optional(),
  orderLineItems: z.array(z.object({ lineItemId: Id.optional(), marketplaceFees: z.array(Fee).optional() })).optional(),
});
export type Transaction = z.infer<typeof Transaction>;
export const BalanceBody = z.object({ transaction: Transaction, order: Sold.nullable() });

export const Payout = z.object({
  payoutId: Id,
  payoutDate: Time,
  payoutStatus: z.string().min(1),
  amount: Amount,
  lastAttemptedPayoutDate: Time.optional(),
  payoutMemo: z.string().nullish(),
});
export type Payout = z.infer<typeof Payout>;

/** Reads amounts in the account's currency. Throws OtherCurrency for any other. */
export function amountIn(account: Account): (amount: Amount | undefined) => bigint {
  return (amount) => {
    if (amount === undefined) return 0n;
    ownCurrency("eBay", amount.currency, account);
    try {
      return parseMinor(amount.value, amount.currency, { allowTrailingZeros: true });
    } catch (error) {
      if (error instanceof Refusal) throw wrong(error.message);
      throw error;
    }
  };
}

/** The day in the account's time zone, with the instant. */
export function whenOf(time: string, account: Account): When {
  try {
    const at = instantOf(time);
    return { on: localDateOf(at, account.timeZone), at };
  } catch (error) {
    if (error instanceof Refusal) throw wrong(error.message);
    throw error;
  }
}

export function shaped<T>(shape: z.ZodType<T>, document: RawDocument): T {
  const parsed = shape.safeParse(document.body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw wrong(
    `${document.feed} ${document.externalId}: ${issue?.path.join(".") || "the document"} is not as described`,
  );
}

export function wrong(what: string): ChannelError {
  return new ChannelError("unreadable", `eBay: ${what}`);
}

export function idIn(account: Account, ...parts: readonly string[]): string {
  return [account.channel, ...parts].join("/");
}

export function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

/** What is empty is not there. */
export function textOf(text: string | null | undefined): string | null {
  return text === null || text === undefined || text.trim() === "" ? null : text;
}
