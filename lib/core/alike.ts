/**
 * The same money told twice where no id is common. The problem: a row of a statement and the same row by the API have names of their own,
 * and a wallet's payment that names no order is a sale to the wallet and an order to the shop. Amount and days are evidence, not proof.
 * The choice: what could be one is paired, one to one, the nearest days first, and a person says whether it is; both stay booked, in view,
 * until then. Where several alike could be several (ten fees of 0.20 in a week), which of them is which changes nothing in the books, so
 * they are paired in order. Turned down: to take either back without a word, and to leave out what fits more than one.
 */
import { daysBetween } from "./dates";
import {
  type ChargeFact,
  compareIds,
  type Fact,
  factKey,
  type LocalDate,
  type OrderFact,
  type ReturnFact,
} from "./facts";

/** Money as it was told: `amount` is what it does to its channel's balance, `what` that which two tellings of it have in common. */
export type Telling = Readonly<{ key: string; channel: string; on: LocalDate; amount: bigint; what: string }>;
export type Alike = Readonly<{ one: Telling; other: Telling }>;

/** Two tellings of one thing are at most so many days apart. */
export const daysApart = 3n;

/**
 * Pairs `ones` with `others`, each at most once, the nearest days first and the earlier before the later. `fits` says what could be one
 * thing; days are looked at here, unless `days` is null.
 */
export function pairAlike(
  ones: readonly Telling[],
  others: readonly Telling[],
  fits: (one: Telling, other: Telling) => boolean,
  days: bigint | null = daysApart,
): readonly Alike[] {
  const byAmount = new Map<bigint, Telling[]>();
  for (const other of others) {
    const same = byAmount.get(other.amount);
    if (same === undefined) byAmount.set(other.amount, [other]);
    else same.push(other);
  }
  const found = ones.flatMap((one) =>
    (byAmount.get(one.amount) ?? []).flatMap((other) => {
      const between = daysBetween(one.on, other.on);
      const apart = between < 0n ? -between : between;
      return one.key !== other.key && (days === null || apart <= days) && fits(one, other)
        ? [{ one, other, apart }]
        : [];
    }),
  );
  found.sort((a, b) =>
    a.apart === b.apart
      ? compareIds(a.one.on, b.one.on) || compareIds(a.one.key, b.one.key) || compareIds(a.other.key, b.other.key)
      : a.apart < b.apart
        ? -1
        : 1,
  );
  const taken = new Set<string>();
  return found.flatMap(({ one, other }) => {
    if (taken.has(one.key) || taken.has(other.key)) return [];
    taken.add(one.key).add(other.key);
    return [{ one, other }];
  });
}

/**
 * Sales of wallets that may be payments of shops' orders. `taken` are payments that a wallet told as such: each is the money of one of the
 * orders, which waits for no other; `areTwo` are those that a person said are two things. Amounts are the buyers', positive; `what` of an order is the shop's word for who took its money.
 */
export function paymentsAlike(
  sales: readonly Telling[],
  orders: readonly Telling[],
  taken: readonly Telling[],
  known: Readonly<{ kindOf: (channel: string) => string; areTwo: (one: Telling, other: Telling) => boolean }>,
): readonly Alike[] {
  const may = (wallet: Telling, order: Telling) =>
    wallet.channel !== order.channel && mayTake(known.kindOf(wallet.channel), order.what);
  const paid = new Set(pairAlike(taken, orders, may).map(({ other }) => other.key));
  return pairAlike(
    sales,
    orders.filter(({ key }) => !paid.has(key)),
    (wallet, order) => may(wallet, order) && !known.areTwo(wallet, order),
  );
}

/** Whether a wallet of a kind may have taken what a shop says was paid by `gateway`; a word that names nobody may be anybody's. */
function mayTake(kind: string, gateway: string): boolean {
  const word = gateway.toLowerCase();
  if (/paypal|ppcp|ppec/.test(word)) return kind === "paypal";
  if (/stripe/.test(word)) return kind === "stripe";
  return !/cash|cod|bacs|cheque|check|bank|gift|manual|amazon|klarna|not paid/.test(word);
}

/** What an order moves its channel's balance by, without its fees. */
export function paidOf(order: OrderFact): bigint {
  const goods = order.lines.reduce((sum, line) => sum + line.amount, 0n);
  return goods + order.shipping - order.discount + (order.taxBy === "seller" ? order.tax : 0n);
}

/** What a refund of an order moves its channel's balance by: negative. */
export function givenOf(fact: ReturnFact, taxBy: OrderFact["taxBy"]): bigint {
  const goods = fact.lines.reduce((sum, line) => sum + line.amount, 0n);
  if (fact.order === null) return -goods;
  return -goods - (fact.shipping ?? 0n) - (taxBy === "seller" ? (fact.tax ?? 0n) : 0n);
}

/** The end of ids of what is recorded in the place of a wallet's sale. */
const asPaid = "/payment";

/**
 * A wallet's facts as what they are once its sale is known to be a shop's payment: the sale and its refunds are money `elsewhere`, which
 * comes to nothing against the shop's own; rows are about those. null for a fact that stays as it is (its fees).
 */
export function asPayment(fact: Fact, sale: OrderFact, memo: string): Fact | null {
  const charge = (id: string, date: LocalDate, amount: bigint): ChargeFact | null =>
    amount === 0n
      ? null
      : {
          kind: "charge",
          id: `${id}${asPaid}`,
          channel: sale.channel,
          date,
          category: "elsewhere",
          type: "payment of an order",
          amount,
          order: null,
          memo,
        };
  switch (fact.kind) {
    case "order":
      return fact.id === sale.id ? charge(fact.id, fact.when.on, paidOf(fact)) : null;
    case "return":
      return fact.order === sale.id ? charge(fact.id, fact.date, givenOf(fact, sale.taxBy)) : null;
    case "charge":
      return fact.order === sale.id && fact.category === "refund" ? charge(fact.id, fact.date, fact.amount) : null;
    default:
      return null;
  }
}

/** A row of a balance about what stands in another's place now. */
export function aboutNow(row: Extract<Fact, { kind: "balance_row" }>, about: Fact): Fact {
  return { ...row, id: `${row.id}${asPaid}`, about: factKey(about) };
}
