/**
 * A document in another currency than the books'. The problem: what a channel said must stay as it said it, the books are kept in one
 * currency, and an amount once posted must never be worked out again by another rate. The choice: a fact's own amounts are the books',
 * converted once, at the rate of its day, when it is recorded; beside them it keeps what was said, the currency, the rate, its day and
 * its source (`foreign`). Costing, sums and reports read one currency and know nothing of it; the journal has both. What is left over
 * where currencies meet goes to 6900 (docs/decisions/0013-currencies.md). Turned down: amounts in the document's currency that every
 * reader converts (each has to know the rate, and one forgets it).
 */
import { invariant } from "./errors";
import type { BalanceRowFact, ChargeFact, Foreign, OrderFact, PayoutFact, Rate, ReturnFact } from "./facts";
import { decimalsOf } from "./money";

/** How many decimals a rate is kept with. */
export const rateDecimals = 10;
const one = 10n ** BigInt(rateDecimals);

/** The facts whose money a channel says. */
export type SaidFact = OrderFact | ReturnFact | ChargeFact | PayoutFact | BalanceRowFact;

/**
 * An amount of `rate.currency`, in its minor units, as minor units of the books' currency: half away from zero, signs alike.
 * Throws Refusal `unknown_currency`.
 */
export function toBooks(amount: bigint, rate: Pick<Rate, "currency" | "rate">, books: string): bigint {
  invariant(rate.rate > 0n, "a rate is above 0");
  const top = (amount < 0n ? -amount : amount) * rate.rate * 10n ** BigInt(decimalsOf(books));
  const bottom = one * 10n ** BigInt(decimalsOf(rate.currency));
  const size = (2n * top + bottom) / (2n * bottom);
  return amount < 0n ? -size : size;
}

/**
 * The fact with each of its amounts replaced by what `change` makes of it, always in the same order: lines, shipping, tax, discount, fees (of a return: lines, tax, shipping). What a return
 * of goods of no known sale cost was given in the books' currency and is not among them.
 */
export function withAmounts<F extends SaidFact>(fact: F, change: (amount: bigint) => bigint): F;
export function withAmounts(fact: SaidFact, change: (amount: bigint) => bigint): SaidFact {
  const changed = <T extends Readonly<{ amount: bigint }>>(part: T): T => ({ ...part, amount: change(part.amount) });
  switch (fact.kind) {
    case "order": {
      const lines = fact.lines.map(changed);
      const [shipping, tax, discount] = [change(fact.shipping), change(fact.tax), change(fact.discount)];
      return { ...fact, lines, shipping, tax, discount, fees: fact.fees.map(changed) };
    }
    case "return":
      return fact.order === null
        ? { ...fact, lines: fact.lines.map(changed) }
        : {
            ...fact,
            lines: fact.lines.map(changed),
            ...(fact.tax === undefined ? {} : { tax: change(fact.tax) }),
            ...(fact.shipping === undefined ? {} : { shipping: change(fact.shipping) }),
          };
    case "charge":
    case "payout":
    case "balance_row":
      return changed(fact);
  }
}

/** A fact that a channel said in `rate.currency`, as the books keep it. Throws Refusal `unknown_currency`. */
export function inBooks<F extends SaidFact>(said: F, rate: Rate, books: string): F {
  const amounts: bigint[] = [];
  const fact = withAmounts(said, (amount) => {
    amounts.push(amount);
    return toBooks(amount, rate, books);
  });
  const foreign: Foreign = { currency: rate.currency, rate: rate.rate, on: rate.on, source: rate.source, amounts };
  return { ...fact, foreign };
}

/** What the channel said: the fact with the amounts of its own currency. The fact itself where that is the books'. */
export function asSaid<F extends SaidFact>(fact: F): F {
  const { foreign } = fact;
  if (foreign === undefined) return fact;
  let at = 0;
  const said = withAmounts(fact, () => {
    const amount = foreign.amounts[at];
    invariant(amount !== undefined, "a foreign fact keeps one amount for each of its own");
    at += 1;
    return amount;
  });
  invariant(at === foreign.amounts.length, "a foreign fact keeps one amount for each of its own");
  return said;
}

/** What a document comes to as it was said: what the buyer of an order paid, what a return gave back, the amount of any other. */
export function saidTotal(fact: SaidFact): bigint {
  const said = asSaid(fact);
  const sum = (lines: readonly Readonly<{ amount: bigint }>[]) => lines.reduce((all, line) => all + line.amount, 0n);
  switch (said.kind) {
    case "order":
      return sum(said.lines) + said.shipping + said.tax - said.discount;
    case "return":
      return sum(said.lines) + (said.order === null ? 0n : (said.tax ?? 0n) + (said.shipping ?? 0n));
    case "charge":
    case "payout":
    case "balance_row":
      return said.amount;
  }
}
