/** Pure: what a document of eBay says, in our words: orders, payouts and the rows of the balance. See the three files beside this. */
import { type Fact, factKey, type PayoutFact } from "../../lib/core/facts";
import type { Account, RawDocument } from "../connector";
import { balanceFacts } from "./read-balance";
import { orderOf } from "./read-order";
import { amountIn, BalanceBody, idIn, Order, Payout, shaped, whenOf, wrong } from "./shapes";

/** Throws ChannelError `unreadable` for what has another shape, does not add up or is in another currency. */
export function read(document: RawDocument, account: Account): readonly Fact[] {
  switch (document.feed) {
    case "orders":
      return [orderOf(shaped(Order, document), account)];
    case "payouts":
      return payoutFacts(shaped(Payout, document), account);
    case "balance": {
      const { transaction, order } = shaped(BalanceBody, document);
      return balanceFacts(transaction, order, account);
    }
    default:
      throw wrong(`there are no documents of ${document.feed}`);
  }
}

/**
 * A payout, and its own row of the balance. One that failed and is tried again, or that a bank turned back and is tried again, is still
 * on its way; one that failed for good came back, and that is a payout the other way.
 */
function payoutFacts(payout: Payout, account: Account): readonly Fact[] {
  const amount = amountIn(account)(payout.amount);
  if (amount === 0n) return [];
  const sent = whenOf(payout.payoutDate, account);
  const id = idIn(account, "payout", payout.payoutId);
  const memo = payout.payoutMemo?.trim() ?? "";
  const legs = [{ id, row: `payout/${payout.payoutId}`, when: sent, amount }];
  if (payout.payoutStatus === "TERMINAL_FAILED") {
    const failed = whenOf(payout.lastAttemptedPayoutDate ?? payout.payoutDate, account);
    legs.push({ id: `${id}/returned`, row: `payout/${payout.payoutId}/returned`, when: failed, amount: -amount });
  }
  return legs.flatMap((leg): readonly Fact[] => {
    const { channel } = account;
    const fact: PayoutFact = { kind: "payout", id: leg.id, channel, date: leg.when.on, amount: leg.amount };
    const row = { kind: "balance_row", id: idIn(account, "row", leg.row), channel, when: leg.when } as const;
    return [fact, { ...row, type: "PAYOUT", amount: -leg.amount, payout: null, about: factKey(fact), memo }];
  });
}
