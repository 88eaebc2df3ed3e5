/**
 * The shop's balance: what was earned and charged, and what was paid out of it. Every Tuesday what has gathered before that day
 * is paid; the rows of a payout add to it exactly, by making. One payout of the year fails and comes back.
 */

import type { Plan, Row, Trade } from "./events";
import { dayMs } from "./goods";

export type Payout = Readonly<{
  id: string;
  amount: number;
  sentMs: number;
  /** When it came back; null while all is well. */
  failedMs: number | null;
  updatedMs: number;
}>;
/** A row as the channel lists it: with the payout that it was paid out in, and when it last changed. */
export type LedgerRow = Row & Readonly<{ payoutId: string | null; updatedMs: number }>;
export type Ledger = Readonly<{
  rows: readonly LedgerRow[];
  payouts: readonly Payout[];
  /** What the shop can be paid, what is held back until later, and both. */
  balance: Readonly<{ available: number; held: number; total: number }>;
}>;

/** The payout, counted from the opening, that the bank sends back; the first after half a year that is paid. */
const failsAfterWeek = 26;

/** Rows with their payouts until `nowMs`. */
export function ledgerOf(plan: Plan, trade: Trade, nowMs: number): Ledger {
  const waiting = [...trade.rows].sort(byTimeAndId);
  const rows: LedgerRow[] = [];
  const payouts: Payout[] = [];
  const unpaid: Row[] = [];
  let hasFailed = false;
  let next = 0;
  for (let sentMs = firstTuesday(plan.openedMs); sentMs <= nowMs; sentMs += 7 * dayMs) {
    const cutOffMs = sentMs - (sentMs % dayMs);
    for (let row = waiting[next]; row !== undefined && row.createdMs < cutOffMs; row = waiting[next]) {
      unpaid.push(row);
      next += 1;
    }
    const amount = unpaid.reduce((sum, row) => sum + row.amount, 0);
    // What is owed to the channel is carried into the next week.
    if (amount <= 0) continue;
    const id = `po_${new Date(sentMs).toISOString().slice(0, 10).replaceAll("-", "")}`;
    const week = Math.floor((sentMs - plan.openedMs) / (7 * dayMs));
    const fails: boolean = !hasFailed && week >= failsAfterWeek;
    hasFailed ||= fails;
    const failedMs = fails && sentMs + 2 * dayMs <= nowMs ? sentMs + 2 * dayMs : null;
    for (const row of unpaid) rows.push({ ...row, payoutId: id, updatedMs: sentMs });
    unpaid.length = 0;
    payouts.push({ id, amount, sentMs, failedMs, updatedMs: failedMs ?? sentMs });
    const own = { orderId: null, refundId: null, aboutPayout: id, payoutId: null };
    rows.push({
      ...own,
      id: `bt_${id}`,
      type: "payout",
      amount: -amount,
      createdMs: sentMs,
      updatedMs: sentMs,
      memo: "Payout",
    });
    if (failedMs === null) continue;
    // The money is the shop's again and goes with the next payout.
    const memo = "Payout returned by the bank";
    const returned: Row = {
      ...own,
      id: `bt_${id}_returned`,
      type: "payout_returned",
      amount,
      createdMs: failedMs,
      memo,
    };
    waiting.splice(lowerBound(waiting, next, returned), 0, returned);
  }
  for (const row of [...unpaid, ...waiting.slice(next)])
    rows.push({ ...row, payoutId: null, updatedMs: row.createdMs });
  const available = rows.reduce((sum, row) => sum + row.amount, 0);
  const held = rows.reduce((sum, row) => (row.type === "hold" || row.type === "release" ? sum - row.amount : sum), 0);
  return { rows, payouts, balance: { available, held, total: available + held } };
}

function byTimeAndId(a: Row, b: Row): number {
  if (a.createdMs !== b.createdMs) return a.createdMs - b.createdMs;
  return a.id < b.id ? -1 : 1;
}

function lowerBound(rows: readonly Row[], from: number, row: Row): number {
  let at = from;
  for (let each = rows[at]; each !== undefined && byTimeAndId(each, row) < 0; each = rows[at]) at += 1;
  return at;
}

function firstTuesday(openedMs: number): number {
  const midnight = openedMs - (openedMs % dayMs);
  const untilTuesday = (9 - new Date(midnight).getUTCDay()) % 7;
  return midnight + (untilTuesday === 0 ? 7 : untilTuesday) * dayMs + 6 * 3_600_000;
}
