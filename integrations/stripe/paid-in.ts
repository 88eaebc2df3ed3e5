/**
 * Which payout a transaction was paid out in. Stripe does not say it of the transaction: it lists the transactions of an automatic payout.
 * So for a page of transactions the payouts of that time are asked for theirs, each once; what a payout lists does not change, and is
 * remembered for as long as there is room.
 */
import { type Connection, idsInPayout, payouts, type RawTransaction } from "./api";

export type PaidIn = (
  connection: Connection,
  transactions: readonly RawTransaction[],
) => Promise<(transaction: string) => string | null>;

/** Accounts are paid out monthly at the latest; a negative balance can wait longer. */
const longestWait = 100 * 86_400;
/** A payout that is younger may still be added to. */
const settledAfter = 2 * 86_400;
const mostKept = 400;

export function paidIn(): PaidIn {
  const kept = new Map<string, ReadonlySet<string>>();
  return async (connection, transactions) => {
    if (transactions.length === 0) return () => null;
    const times = transactions.map(({ created }) => created);
    const [oldest, newest] = [Math.min(...times), Math.max(...times)];
    const found: { id: string; ids: ReadonlySet<string> }[] = [];
    for (let after: string | null = null; ; ) {
      const range = { since: oldest, until: newest + longestWait, after };
      const page: Awaited<ReturnType<typeof payouts>> = await payouts(connection, range);
      for (const payout of page.data) {
        if (!payout.automatic) continue;
        const ids = kept.get(payout.id) ?? (await idsInPayout(connection, payout.id));
        found.push({ id: payout.id, ids });
        if (connection.clock() / 1000 - payout.created > settledAfter) kept.set(payout.id, ids);
      }
      after = page.data.at(-1)?.id ?? null;
      if (!page.hasMore || after === null) break;
    }
    for (const id of kept.keys()) {
      if (kept.size <= mostKept) break;
      kept.delete(id);
    }
    return (transaction) => found.find(({ ids }) => ids.has(transaction))?.id ?? null;
  };
}
