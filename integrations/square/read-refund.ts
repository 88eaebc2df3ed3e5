/**
 * Pure: a refund of Square. The money is in the refund, the goods in an order of its own which has only returns. What comes back is a
 * return with its tax; tips and money without goods are charges `refund` beside it.
 */
import { z } from "zod";
import { type ChargeFact, type Fact, partsBack, type ReturnFact } from "../../lib/core/facts";
import type { Account } from "../connector";
import { chargeOf, Id, lineIdOf, Money, minorOf, orderIdOf, Time, whenOf } from "./shape";

const ReturnLine = z.object({
  uid: Id,
  source_line_item_uid: Id.nullish(),
  quantity: z.string().regex(/^\d{1,12}(\.\d{1,5})?$/),
  item_type: z.string().nullish(),
  total_money: Money,
  total_tax_money: Money.nullish(),
});
export const RefundDocument = z.object({
  refund: z.object({
    id: Id,
    status: z.string().nullish(),
    destination_type: z.string().nullish(),
    amount_money: Money,
    reason: z.string().nullish(),
    created_at: Time,
  }),
  /** The order that has the returns; null where Square has none. */
  order: z
    .object({
      returns: z
        .array(z.object({ source_order_id: Id.nullish(), return_line_items: z.array(ReturnLine).nullish() }))
        .default([]),
    })
    .nullable(),
});
export type RefundDocument = z.infer<typeof RefundDocument>;

export type RefundParts = Readonly<{
  returned: ReturnFact | null;
  rest: ChargeFact | null;
  elsewhere: ChargeFact | null;
}>;

/** The facts of a refund that went through; none of one that waits or failed. */
export function refundFacts(document: RefundDocument, account: Account): readonly Fact[] {
  const { returned, rest, elsewhere } = refundParts(document, account);
  return [returned, rest, elsewhere].filter((fact) => fact !== null);
}

/** The tax that a return gives back. */
export const taxBackOf = (fact: ReturnFact): bigint => (fact.order === null ? 0n : (fact.tax ?? 0n));

/** What a refund gives back: goods with their tax, money beside them, and what did not come from Square's balance. */
export function refundParts({ refund, order }: RefundDocument, account: Account): RefundParts {
  if (refund.status !== "COMPLETED") return { returned: null, rest: null, elsewhere: null };
  const total = minorOf(refund.amount_money, account);
  const when = whenOf(refund.created_at, account);
  const id = `${account.channel}/refund/${refund.id}`;
  const [back] = order?.returns ?? [];
  const source = back?.source_order_id ?? null;
  const lines = (back?.return_line_items ?? []).flatMap((line) => {
    // An amount of money that is given back has no line that it came from, and a gift card no goods.
    const sold = line.source_line_item_uid;
    if (source === null || sold === null || sold === undefined || line.item_type === "GIFT_CARD") return [];
    const isWhole = /^[1-9]\d*(\.0+)?$/.test(line.quantity);
    return [
      {
        id: `${id}/line/${line.uid}`,
        line: lineIdOf(source, sold, account),
        qty: isWhole ? BigInt(line.quantity.split(".")[0] ?? "1") : 1n,
        amount: minorOf(line.total_money, account) - minorOf(line.total_tax_money, account),
        tax: minorOf(line.total_tax_money, account),
        restock: false,
        writeOff: false,
        location: null,
        placed: false,
      },
    ];
  });
  const goods = lines.reduce((sum, line) => sum + line.amount, 0n);
  // More goods than money is an exchange or a return for less: how much of it is which goods nobody says.
  const isReturn = source !== null && lines.length > 0 && goods <= total;
  const taxes = lines.reduce((sum, line) => sum + line.tax, 0n);
  const tax = taxes > 0n && goods + taxes <= total ? taxes : 0n;
  const rest = isReturn ? total - goods - tax : total;
  const of = source === null ? null : orderIdOf(source, account);
  const charge = (part: string, category: ChargeFact["category"], amount: bigint): ChargeFact | null =>
    amount === 0n
      ? null
      : chargeOf(
          {
            id: `refund/${refund.id}/${part}`,
            when,
            category,
            type: "REFUND",
            amount,
            order: of,
            memo: refund.reason || "Refund",
          },
          account,
        );
  const isElsewhere = refund.destination_type === "CASH" || refund.destination_type === "EXTERNAL";
  return {
    returned: isReturn
      ? {
          kind: "return",
          id,
          date: when.on,
          order: orderIdOf(source, account),
          ...partsBack({ tax, shipping: 0n }),
          lines: lines.map(({ tax: _tax, ...line }) => line),
        }
      : null,
    rest: charge("rest", "refund", -rest),
    elsewhere: isElsewhere ? charge("elsewhere", "elsewhere", total) : null,
  };
}
