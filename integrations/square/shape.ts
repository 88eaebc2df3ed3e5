/** Pure: what all documents of Square are made of: ids, money, times, and the refusal of what has another shape. */
import { z } from "zod";
import type { ChannelError } from "../../lib/core/errors";
import type { ChargeCategory, ChargeFact, When } from "../../lib/core/facts";
import type { Account, RawDocument } from "../connector";
import { ownCurrency, shaped as shapedBody, unreadable, whenAt } from "../reading";

export const Id = z.string().min(1).max(192);
export const Time = z.iso.datetime({ offset: true });
/** Whole minor units. What Square leaves out is nothing. */
export const Money = z.object({ amount: z.int(), currency: z.string().regex(/^[A-Z]{3}$/) });
export type Money = z.infer<typeof Money>;

export const wrong = (what: string): ChannelError => unreadable("Square", what);

/** The document's body as `shape` has it. Throws ChannelError `unreadable`. */
export const shaped = <T>(shape: z.ZodType<T>, document: RawDocument): T => shapedBody("Square", shape, document);

/** Minor units of the account's currency; 0 for what is not there. Throws ChannelError `unreadable` for another currency. */
export function minorOf(money: Money | null | undefined, account: Account): bigint {
  if (money === null || money === undefined) return 0n;
  ownCurrency("Square", money.currency, account);
  return BigInt(money.amount);
}

export const whenOf = whenAt;

export const orderIdOf = (order: string, account: Account): string => `${account.channel}/order/${order}`;
export const lineIdOf = (order: string, line: string, account: Account): string =>
  `${orderIdOf(order, account)}/line/${line}`;

type ChargeOf = Readonly<{
  id: string;
  when: When;
  category: ChargeCategory;
  type: string;
  amount: bigint;
  order: string | null;
  memo: string;
}>;
export function chargeOf(charge: ChargeOf, account: Account): ChargeFact {
  const { id, when, category, type, amount, order, memo } = charge;
  const { channel } = account;
  return { kind: "charge", id: `${channel}/charge/${id}`, channel, date: when.on, category, type, amount, order, memo };
}
