/** Pure: what all documents of Etsy are made of: ids, money, seconds, and the refusal of what has another shape. */
import { z } from "zod";
import { type ChannelError, Refusal } from "../../lib/core/errors";
import type { When } from "../../lib/core/facts";
import { decimalsOf } from "../../lib/core/money";
import type { Account, RawDocument } from "../connector";
import { ownCurrency, shaped as shapedBody, unreadable, whenAt } from "../reading";

export const Id = z.int().min(1);
export const Seconds = z.int().min(946_684_800).max(32_503_680_000);
export const Quantity = z.int().min(1).max(1_000_000);
/** `amount` counts parts of which `divisor` make one unit of the currency. */
export const Money = z.object({
  amount: z.int(),
  divisor: z.int().min(1).max(1_000_000),
  currency_code: z.string().regex(/^[A-Z]{3}$/),
});
export type Money = z.infer<typeof Money>;

export const wrong = (what: string): ChannelError => unreadable("Etsy", what);

/** The document's body as `shape` has it. Throws ChannelError `unreadable`. */
export const shaped = <T>(shape: z.ZodType<T>, document: RawDocument): T => shapedBody("Etsy", shape, document);

/** Throws OtherCurrency where a currency is not the account's. */
export function checkCurrency(currency: string, account: Account): void {
  ownCurrency("Etsy", currency, account);
}

/** Minor units of the account's currency. Throws ChannelError `unreadable` for another currency and for parts of a minor unit. */
export function minorOf(money: Money, account: Account): bigint {
  checkCurrency(money.currency_code, account);
  const scaled = BigInt(money.amount) * 10n ** BigInt(decimals(account.currency));
  const divisor = BigInt(money.divisor);
  if (scaled % divisor !== 0n)
    throw wrong(`${money.amount}/${money.divisor} ${money.currency_code} is no whole amount of money`);
  return scaled / divisor;
}

function decimals(currency: string): number {
  try {
    return decimalsOf(currency);
  } catch (error) {
    if (error instanceof Refusal) throw wrong(error.message);
    throw error;
  }
}

export function whenOf(seconds: number, account: Account): When {
  return whenAt(new Date(seconds * 1000).toISOString(), account);
}

/** Text as a person reads it: Etsy's titles carry HTML's escapes ("The Smokers&#39; Peak"). */
export function plain(text: string): string {
  return text
    .replace(/&#0?39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&")
    .trim();
}

/** What is empty is not there. */
export function textOf(text: string | null): string | null {
  return text === null || text.trim() === "" ? null : text.trim();
}

export const orderIdOf = (receipt: number, account: Account): string => `${account.channel}/order/${receipt}`;
export const lineIdOf = (receipt: number, transaction: number, account: Account): string =>
  `${orderIdOf(receipt, account)}/line/${transaction}`;
