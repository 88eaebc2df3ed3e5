/** Short words for facts and results, so that a test reads like the rule that it is about. */
import type { Fact } from "../histories";
import { naive, Refused, type Result } from "./index";

export const WIDGET: Fact = { kind: "item", id: "w", name: "Widget", sku: "W" };

/** One lot, `ID-1`. */
export function buy(id: string, date: string, qty: number, amount: number, more: object = {}): Fact {
  return { kind: "purchase", id, date, amount, lines: [{ id: `${id}-1`, item: "w", qty, amount, ...more }] };
}

/** One line, `ID-1`, sold for nothing, so that only costs are posted. */
export function sell(id: string, at: string, qty = 1, more: object = {}): Fact {
  return {
    kind: "order",
    id,
    channel: "ebay",
    at,
    lines: [{ id: `${id}-1`, sku: "W", name: "", qty, amount: 0, ...more }],
  };
}

export function giveBack(id: string, date: string, order: string, qty: number, more: object = { restock: true }): Fact {
  return { kind: "return", id, date, order, lines: [{ id: `${id}-1`, line: `${order}-1`, qty, amount: 0, ...more }] };
}

export function sendBack(id: string, date: string, purchase: string, qty: number, amount: number): Fact {
  return {
    kind: "purchase_return",
    id,
    date,
    purchase,
    lines: [{ id: `${id}-1`, line: `${purchase}-1`, qty, amount }],
  };
}

export function pin(sale: string, lot: string, qty: number): Fact {
  return { kind: "pin", sale: `${sale}-1`, lot: `${lot}-1`, qty };
}

/** What sale lines cost, as `cost` or, with a shortage, `cost+shortage?`. */
export function costs(result: Result): Record<string, string> {
  return Object.fromEntries(
    result.sales.map((s) => [s.line, s.uncosted === 0 ? `${s.cost}` : `${s.cost}+${s.uncosted}?`]),
  );
}

/** What lots have left, as `left of qty: value of amount`. */
export function lots(result: Result): Record<string, string> {
  return Object.fromEntries(result.lots.map((l) => [l.lot, `${l.left} of ${l.qty}: ${l.value} of ${l.amount}`]));
}

export function balances(result: Result): Record<string, number> {
  return Object.fromEntries(result.trial_balance.map((b) => [b.code, b.amount]));
}

export function matches(result: Result): Record<string, string> {
  return Object.fromEntries(result.sales.map((s) => [s.line, `${s.item} ${s.matched_by}`]));
}

export function refusal(facts: readonly Fact[]): string {
  try {
    naive(facts);
  } catch (error) {
    if (error instanceof Refused) return `${error.line} ${error.code}`;
    throw error;
  }
  return "accepted";
}
