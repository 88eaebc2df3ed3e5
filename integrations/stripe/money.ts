/**
 * Stripe's whole numbers, as minor units of ours. Both count the smallest unit of a currency; they disagree on what that is for a few:
 * Stripe keeps two decimals for the króna and the Ugandan shilling, which have none, and none for the ariary, which has some. Pure.
 */
import { Refusal } from "../../lib/core/errors";
import { decimalsOf } from "../../lib/core/money";

const none = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split(" ");
const three = "BHD JOD KWD OMR TND".split(" ");

/** @throws Refusal `unknown_currency`, or `too_many_decimals` where Stripe's number has a part that the currency has not */
export function minorOf(amount: number, currency: string): bigint {
  const code = currency.toUpperCase();
  const own = decimalsOf(code);
  const theirs = none.includes(code) ? 0 : three.includes(code) ? 3 : 2;
  const value = BigInt(amount);
  if (own >= theirs) return value * 10n ** BigInt(own - theirs);
  const unit = 10n ** BigInt(theirs - own);
  if (value % unit !== 0n) throw new Refusal("too_many_decimals", `${code} has no part as small as ${amount}.`);
  return value / unit;
}
