/**
 * The running balance of a bank's table: it proves the amounts and their signs, tells a line that was exported twice from two equal
 * payments (those have different balances), and gives the opening and closing balance that the file does not name.
 */
import type { BankRow, Problem } from "../reading";

/** Rows from the oldest to the newest, and the places (in that order) where the balance does not follow. */
type Chain = Readonly<{ order: readonly BankRow[]; links: number; broken: readonly BankRow[] }>;

/** The best of the orders that banks use: oldest first, newest first, and either with the lines of one day the other way round. */
export function chainOf(rows: readonly BankRow[]): Chain | null {
  if (!rows.some((row) => row.balance !== null)) return null;
  const days: BankRow[][] = [];
  for (const row of rows) {
    const day = days.at(-1);
    if (day && day[0]?.date === row.date) day.push(row);
    else days.push([row]);
  }
  const isNewestFirst = (rows[0]?.date ?? "") > (rows.at(-1)?.date ?? "");
  const orders = [rows, rows.toReversed(), days.toReversed().flat(), days.flatMap((day) => day.toReversed())];
  if (isNewestFirst) orders.unshift(orders[1] ?? rows);
  return orders.map(follow).reduce((best, chain) => (chain.broken.length < best.broken.length ? chain : best));
}

function follow(order: readonly BankRow[]): Chain {
  const broken: BankRow[] = [];
  let links = 0;
  let expected: bigint | null = null;
  for (const row of order) {
    if (expected !== null) expected += row.amount;
    if (row.balance === null) continue;
    if (expected !== null) {
      links += 1;
      if (expected !== row.balance) broken.push(row);
    }
    expected = row.balance;
  }
  return { order, links, broken };
}

/** What stood on the account before the first and after the last line of a chain. */
export function openingAndClosing(chain: Chain): { opening: bigint | null; closing: bigint | null } {
  const first = chain.order.findIndex((row) => row.balance !== null);
  const last = chain.order.findLastIndex((row) => row.balance !== null);
  const before = chain.order.slice(0, first + 1).reduce((sum, row) => sum + row.amount, 0n);
  const after = chain.order.slice(last + 1).reduce((sum, row) => sum + row.amount, 0n);
  const firstBalance = chain.order[first]?.balance ?? null;
  const lastBalance = chain.order[last]?.balance ?? null;
  return {
    opening: firstBalance === null ? null : firstBalance - before,
    closing: lastBalance === null ? null : lastBalance + after,
  };
}

function keyOf(row: BankRow): string {
  return [row.date, row.amount, row.balance ?? "", row.payee, row.memo, row.fitid ?? ""].join("\u0001");
}

/**
 * Rows without those that a second export or a slip of the hand put there again: the same line with the same balance after it, at a
 * place where the balance does not follow from the line before. Equal payments, whose balances differ, stay. Without a balance a block
 * that comes twice is only told.
 */
export function withoutRepeatedBlocks(rows: readonly BankRow[], problems: Problem[]): readonly BankRow[] {
  const seen = new Map<string, number>();
  const repeats = new Map<number, number>();
  const hasBalance = rows.some((row) => row.balance !== null);
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index];
    if (!row) break;
    const earlier = seen.get(keyOf(row));
    if (earlier === undefined) {
      seen.set(keyOf(row), index);
      continue;
    }
    if (hasBalance && (row.balance === null || followsPrevious(rows, index))) continue;
    const length = runLength(rows, earlier, index);
    if (hasBalance) {
      for (let step = 0; step < length; step += 1) repeats.set(index + step, earlier + step);
    } else if (length >= 3 && hasDifferentRows(rows, index, length)) {
      const first = rows[earlier]?.row ?? 0;
      const message = `Rows ${row.row} to ${rows[index + length - 1]?.row ?? row.row} are the same as those from row ${first} on. They may be one export pasted twice; both were kept.`;
      problems.push({ row: null, column: null, code: "already_imported", message });
    }
    // What was compared once as part of a run is not compared again, or a file of equal lines would take hours.
    index += Math.max(length, 1) - 1;
  }
  for (const [again, first] of repeats) {
    const row = rows[again]?.row ?? null;
    const message = `This is row ${rows[first]?.row ?? 0} again, with the same balance after it. It was taken once.`;
    problems.push({ row, column: null, code: "already_imported", message });
  }
  return rows.filter((_, index) => !repeats.has(index));
}

function runLength(rows: readonly BankRow[], from: number, to: number): number {
  let length = 0;
  for (;;) {
    const first = rows[from + length];
    const second = rows[to + length];
    if (!first || !second || from + length >= to || keyOf(first) !== keyOf(second)) return length;
    length += 1;
  }
}

function followsPrevious(rows: readonly BankRow[], index: number): boolean {
  const row = rows[index];
  const previous = rows[index - 1];
  if (!row || !previous || row.balance === null || previous.balance === null) return true;
  return row.balance === previous.balance + row.amount || previous.balance === row.balance + previous.amount;
}

function hasDifferentRows(rows: readonly BankRow[], index: number, length: number): boolean {
  return new Set(rows.slice(index, index + length).map(keyOf)).size > 1;
}
