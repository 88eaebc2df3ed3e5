/**
 * Pure: an entry of a payout, with gross, fee and net. What a payment or a refund was is said by their own documents: the entry lists
 * their money part by part, and is itself the charge for the fee. Anything else is a charge of its net.
 */
import { z } from "zod";
import { type ChargeCategory, type ChargeFact, type Fact, factKey } from "../../lib/core/facts";
import type { Account } from "../connector";
import { giftCards, isFirstHeld, Order, tips } from "./read-order";
import { RefundDocument, refundParts, taxBackOf } from "./read-refund";
import { chargeOf, Id, Money, minorOf, orderIdOf, Time, whenOf, wrong } from "./shape";

/** An entry as Square gives it, with the order or the refund that it is money of: see pull.ts. */
export const EntryDocument = z.object({
  entry: z.object({
    id: Id,
    payout_id: Id,
    effective_at: Time.nullish(),
    type: z.string().min(1),
    gross_amount_money: Money,
    fee_amount_money: Money.nullish(),
    net_amount_money: Money,
  }),
  /** When the payout was made: for entries that do not say when they were. */
  paid_out_at: Time,
  charge: z.object({ payment_id: Id, order: Order }).nullable(),
  refund: RefundDocument.nullable(),
});
export type EntryDocument = z.infer<typeof EntryDocument>;

const categories: readonly (readonly [pattern: RegExp, category: ChargeCategory])[] = [
  [/^(FEE|FREE_PROCESSING|TAX_ON_FEE)$|PROCESSING_FEE/, "processing"],
  [
    /^(APP_FEE|THIRD_PARTY_FEE|SUBSCRIPTION_FEE|PAID_SERVICE_FEE|DEPOSIT_FEE|LOCAL_OFFERS_FEE)|GIFT_CARD_LOAD_FEE/,
    "fee",
  ],
  [/^LOCAL_OFFERS_CASHBACK$/, "advertising"],
  [/^(SQUARE_CAPITAL|PERCENTAGE_PROCESSING)/, "loan"],
  [/^GIFT_CARD_POOL_TRANSFER/, "gift_card"],
  // A chargeback takes what the buyer paid, and gives it back where it is won.
  [/^(DISPUTE|OPEN_DISPUTE|CHARGE|REFUND)$/, "refund"],
  [
    /^(AUTOMATIC_SAVINGS|MONEY_TRANSFER|BALANCE_FOLDERS_TRANSFER|CREDIT_CARD_REPAYMENT|SQUARE_PAYROLL_TRANSFER|AUTOMATIC_BITCOIN)/,
    "bank",
  ],
];
/** Entries that only set money aside, or give it free again. */
export const holds: readonly string[] = ["HOLD_ADJUSTMENT", "RELEASE_ADJUSTMENT", "RESERVE_HOLD", "RESERVE_RELEASE"];

/** What an entry is a charge of; `other` for what nobody has seen. */
export function categoryOf(type: string): ChargeCategory {
  return categories.find(([pattern]) => pattern.test(type))?.[1] ?? "other";
}

/** The facts of one entry. Throws ChannelError `unreadable`. */
export function entryFacts(document: EntryDocument, account: Account): readonly Fact[] {
  const { entry, charge, refund } = document;
  const gross = minorOf(entry.gross_amount_money, account);
  const fee = minorOf(entry.fee_amount_money, account);
  const net = minorOf(entry.net_amount_money, account);
  if (gross - fee !== net) throw wrong(`entry ${entry.id} does not add up: ${gross} less ${fee} is not ${net}`);
  const { when, row, own } = writerOf(document, account);
  if (holds.includes(entry.type)) return row("", net, `payout/${account.channel}/payout/${entry.payout_id}`);
  if (entry.type === "RETURNED_PAYOUT" && net !== 0n) {
    // A payout that the bank sent back, named by the entry that says so: it does not say which one it was.
    const id = `${account.channel}/payout/returned/${entry.id}`;
    const back: Fact = { kind: "payout", id, channel: account.channel, date: when.on, amount: -net };
    return [back, ...row("", net, factKey(back))];
  }
  if (entry.type === "CHARGE" && charge !== null) {
    const order = orderIdOf(charge.order.id, account);
    const tip = tips(charge.order, account).filter(({ id }) => id.endsWith(`/${charge.payment_id}/tip`));
    const gifts = isFirstHeld(charge.order, charge.payment_id) ? giftCards(charge.order, account) : [];
    const beside = [...tip, ...gifts];
    const sold = beside.reduce((rest, { amount }) => rest - amount, gross);
    return [
      ...row("", sold, `order/${order}`),
      ...beside.flatMap((each, index) => row(`beside-${index + 1}`, each.amount, factKey(each))),
      ...own("fee", -fee, "processing", order),
    ];
  }
  if (entry.type === "REFUND" && refund !== null) {
    const { returned, rest } = refundParts(refund, account);
    const goods =
      returned === null ? 0n : -returned.lines.reduce((sum, line) => sum + line.amount, taxBackOf(returned));
    const beside = rest?.amount ?? 0n;
    // The money of a refund that says another amount is its own, in view.
    if (goods + beside === gross && gross !== 0n)
      return [
        ...(returned === null ? [] : row("", goods, factKey(returned))),
        ...(rest === null ? [] : row("rest", beside, factKey(rest))),
        ...own("fee", -fee, "processing", rest?.order ?? returned?.order ?? null),
      ];
  }
  return own("", net, categoryOf(entry.type), null);
}

/** Writes rows and charges of one entry. Parts of an entry are rows of their own, which together are the entry. */
function writerOf({ entry, paid_out_at }: EntryDocument, account: Account) {
  const when = whenOf(entry.effective_at ?? paid_out_at, account);
  const idOf = (part: string) => [entry.id, ...(part === "" ? [] : [part])].join("/");
  const row = (part: string, amount: bigint, about: string): readonly Fact[] =>
    amount === 0n
      ? []
      : [
          {
            kind: "balance_row",
            id: `${account.channel}/row/${idOf(part)}`,
            channel: account.channel,
            when,
            type: entry.type,
            amount,
            payout: `${account.channel}/payout/${entry.payout_id}`,
            about,
            memo: entry.type,
          },
        ];
  const own = (part: string, amount: bigint, category: ChargeCategory, order: string | null): readonly Fact[] => {
    if (amount === 0n) return [];
    const memo = part === "fee" ? "Processing fee" : entry.type;
    const fact: ChargeFact = chargeOf(
      { id: idOf(part), when, category, type: entry.type, amount, order, memo },
      account,
    );
    return [fact, ...row(part, amount, factKey(fact))];
  };
  return { when, row, own };
}
