/** The payment account's ledger: entries in their order, each with the balance after it. */

export type Item = Readonly<{ transaction: number | null; amount: number }>;
export type Entry = Readonly<{
  entry_id: number;
  ledger_id: number;
  sequence_number: number;
  amount: number;
  currency: string;
  description: string;
  balance: number;
  create_date: number;
  created_timestamp: number;
  ledger_type: string;
  reference_type: string;
  reference_id: string | null;
  payment_adjustments: readonly unknown[];
}>;
type Post = (
  type: string,
  referenceType: string,
  reference: number,
  amount: number,
  refund?: Readonly<{ payment: number; items: readonly Item[] }>,
) => Entry;

export type Ledger = Readonly<{
  /** Posts at a second, or at the last entry's where that is later: a ledger never goes back. */
  at: (seconds: number) => Post;
  balance: () => number;
  /** What the newest sale put in, and all after it: what a payout that does not wait for it leaves behind. 0 where that is no gain. */
  newestGain: () => number;
  entries: () => readonly Entry[];
  /** From now on an entry is missing, which no real ledger should do. */
  lose: (sequence: number) => void;
}>;

export function ledgerOf(id: number): Ledger {
  const entries: Entry[] = [];
  const balance = () => entries.at(-1)?.balance ?? 0;
  return {
    at: (seconds) => (type, referenceType, reference, amount, refund) => {
      const number = entries.length + 1;
      const at = Math.max(seconds, entries.at(-1)?.created_timestamp ?? 0);
      const entry: Entry = {
        entry_id: 9_000_000_000 + number,
        ledger_id: id,
        sequence_number: number,
        amount,
        currency: "USD",
        description: type,
        balance: balance() + amount,
        create_date: at,
        created_timestamp: at,
        ledger_type: type,
        reference_type: referenceType,
        reference_id: String(reference),
        payment_adjustments: refund === undefined ? [] : [adjustmentOf(reference, refund, -amount, at)],
      };
      entries.push(entry);
      return entry;
    },
    balance,
    newestGain: () => {
      const start = entries.findLastIndex((entry) => entry.ledger_type === "PAYMENT_GROSS");
      const held = entries.slice(Math.max(0, start)).reduce((sum, entry) => sum + entry.amount, 0);
      return Math.max(0, held);
    },
    entries: () => entries,
    lose: (sequence) => {
      const at = entries.findIndex((entry) => entry.sequence_number === sequence);
      if (at >= 0) entries.splice(at, 1);
    },
  };
}

function adjustmentOf(
  id: number,
  refund: Readonly<{ payment: number; items: readonly Item[] }>,
  total: number,
  at: number,
) {
  const stamps = { created_timestamp: at, updated_timestamp: at };
  return {
    payment_adjustment_id: id,
    payment_id: refund.payment,
    status: "OK",
    is_success: true,
    user_id: 1,
    reason_code: "RETURN",
    total_adjustment_amount: total,
    shop_total_adjustment_amount: total,
    buyer_total_adjustment_amount: total,
    total_fee_adjustment_amount: 0,
    create_timestamp: at,
    update_timestamp: at,
    ...stamps,
    payment_adjustment_items: refund.items.map((item, index) => ({
      payment_adjustment_id: id,
      payment_adjustment_item_id: id * 10 + index,
      adjustment_type: item.transaction === null ? "OTHER" : "TRANSACTION",
      amount: item.amount,
      shop_amount: item.amount,
      transaction_id: item.transaction,
      bill_payment_id: null,
      ...stamps,
    })),
  };
}
